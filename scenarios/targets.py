"""Targets of the calibration beside the model (校准检验): as tables, as JSON, as one page with charts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from calibration import weights
from scenarios.calibration_tables import price_block, spread_block, totals_block
from scenarios.catalogue import say
from scenarios.report.charts import Chart
from scenarios.tables import Block

_GOOD, _BAD = "#1b7f5c", "#b3411e"


def tables(found: Mapping[str, Any], lang: str = "en") -> list[Block]:
    """Return the check as tables: what holds by role, every target (检验表)."""
    rows, targets = found["rows"], _targets()
    roles = []
    for role in ("fit", "check", "context"):
        judged = [row for row in rows if row["role"] == role]
        kept = sum(row["holds"] is True for row in judged)
        known = sum(row["holds"] is not None for row in judged)
        roles.append((role, str(len(judged)), str(kept), f"{kept / known:.0%}" if known else "–"))
    words = ("targets_target", "role", "value", "targets_error", "targets_model", "targets_model_error")
    words = (*words, "targets_gap", "targets_errors", "targets_holds", "targets_note")
    lines = tuple(
        (
            targets[row["target"]].title,
            row["role"],
            _number(row["value"]),
            *(_number(row[key]) for key in ("standard_error", "model", "model_se", "gap")),
            _number(row["gap_in_standard_errors"], ".1f"),
            {True: "✓", False: "✗", None: "–"}[row["holds"]],
            _note(targets[row["target"]], row["holds"], lang),
        )
        for row in rows
    )
    header = ("role", "targets_number", "targets_hold", "targets_share")
    blocks = [
        Block(
            say("targets_title", lang, fitted=found["fitted"]),
            tuple(say(w, lang) for w in header),
            tuple(roles),
        ),
        Block("", tuple(say(word, lang) for word in words), lines, 2),
    ]
    return blocks


def beside(fitted: str, persons: int, threads: int, lang: str = "en") -> list[Block]:
    """Return what else a check tells (其他检验): the response to price, totals and spread of the weights."""
    from calibration.check import price_response, totals

    response = price_response(fitted, threads=threads)
    blocks = [price_block(response, lang)]
    if weights.report(fitted):
        reached, spread = totals(fitted, persons, threads)
        rows = [(row.name, row.is_met, row.official, row.equal, row.weighted) for row in reached]
        blocks += [totals_block(rows, lang), spread_block(spread, lang)]
    return blocks


def _note(target: Any, holds: bool | None, lang: str) -> str:
    """Why a target is missed and what was tried; of others what is to be said of them."""
    if holds is not False:
        return target.note
    if not target.tried:
        return target.reason
    return " ".join((target.reason, say("targets_tried", lang), target.tried))


def _targets() -> dict[str, Any]:
    from calibration.targets import load_targets

    return {target.id: target for target in load_targets()}


def _number(value: float | None, how: str = ".4f") -> str:
    return "–" if value is None else format(value, how)


def to_json(found: Mapping[str, Any]) -> str:
    """Return the check as JSON (检验JSON): schema_version, fitted, rows."""
    return json.dumps(found, ensure_ascii=False, indent=2)


def charts(found: Mapping[str, Any], lang: str = "en") -> list[Chart]:
    """Return one chart a block of targets (分组图): model as points, targets within two errors as bars."""
    import altair as alt

    targets, by_block = _targets(), {}
    for row in found["rows"]:
        target = targets[row["target"]]
        if row["model"] is not None and "scheme_by_province" not in row["target"]:
            error = 2 * (row["standard_error"] or 0.0)
            by_block.setdefault(target.block, []).append(
                {
                    "target": target.title,
                    "value": row["value"],
                    "low": row["value"] - error,
                    "high": row["value"] + error,
                    "model": row["model"],
                    "holds": {True: "✓", False: "✗", None: "–"}[row["holds"]],
                }
            )
    found_charts = []
    for block, points in by_block.items():
        base = alt.Chart(alt.Data(values=points)).encode(
            y=alt.Y("target:N", sort=None, title=None, axis=alt.Axis(labelLimit=420))
        )
        bars = base.mark_bar(height=7, opacity=0.35, color="#777").encode(
            x=alt.X("low:Q", title=say("targets_axis", lang)), x2="high:Q"
        )
        ticks = base.mark_tick(color="#444", thickness=2).encode(x="value:Q")
        dots = base.mark_point(filled=True, size=60, opacity=1).encode(
            x="model:Q",
            color=alt.Color(
                "holds:N",
                title=None,
                scale=alt.Scale(domain=["✓", "✗", "–"], range=[_GOOD, _BAD, "#999"]),
            ),
            shape=alt.Shape("holds:N", title=None),
        )
        chart = (bars + ticks + dots).properties(height={"step": 17})
        word = say(f"targets_block_{block}", lang)
        found_charts.append(Chart(block, word, say("targets_chart", lang, block=word), chart.to_dict()))
    return found_charts


def page(found: Mapping[str, Any], beside: list[Block], lang: str = "en") -> str:
    """Return the check as one HTML page that needs no other file (检验网页)."""
    from scenarios.report import render_page

    return render_page(
        "targets.html.j2",
        lang,
        title=say("targets_title", lang, fitted=found["fitted"]),
        intro=say("targets_intro", lang),
        charts=charts(found, lang),
        blocks=[*tables(found, lang), *beside],
    )
