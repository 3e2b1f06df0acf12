"""A comparison as one HTML page to open, print and send (报告): tables, one chart, scenarios, run id."""

from __future__ import annotations

import os
import re
import tempfile
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.store import StoreError
from simulate.strict_yaml import Fault

if TYPE_CHECKING:
    from scenarios.comparison import Comparison

_OURS = '<meta name="generator" content="flexpension'


def check_report(path: str | Path, force: bool = False) -> Path:
    """Return the path if a report may be written there (检查报告位置). StoreError otherwise.

    A report of ours is replaced, since it can be made again; any other file only with `force`.
    """
    target = Path(path)
    if target.is_dir():
        raise StoreError(str(target), [Fault("", "is a folder. Name a file such as report.html")])
    if target.exists() and not force:
        with target.open("rb") as stream:
            head = stream.read(2_000).decode("utf-8", "replace")
        if _OURS not in head:
            raise StoreError(
                str(target), [Fault("", "exists and is no report. Name another file, or --force")]
            )
    parent = target.absolute().parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise StoreError(str(target), [Fault("", f"{parent} is no folder that can be written")])
    return target


def write_report(comparison: Comparison, path: str | Path, lang: str = "en", force: bool = False) -> Path:
    """Write the report of a comparison and return its path (写报告)."""
    return write_page(render(comparison, lang), path, force)


def write_page(text: str, path: str | Path, force: bool = False) -> Path:
    """Write a page of ours, whole or not at all, and return its path (写网页)."""
    target = check_report(path, force)
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.absolute().parent)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.chmod(beside, 0o644)
        os.replace(beside, target)
    except OSError as error:
        raise StoreError(str(target), [Fault("", f"cannot be written ({error.strerror})")]) from None
    return target


def render(comparison: Comparison, lang: str = "en") -> str:
    """Return the report as HTML that needs no other file and no network (报告内容)."""
    from scenarios.listing import difference_rows
    from scenarios.tables import blocks, notes

    scenarios = [(scenario, difference_rows(scenario, lang)) for scenario in comparison.scenarios]
    return render_page(
        "report.html.j2",
        lang,
        blocks=blocks(comparison, lang),
        notes=notes(comparison, lang),
        run_id=comparison.run_id,
        version=comparison.inputs["version"],
        scenarios=scenarios,
        chart=chart(comparison, lang),
    )


def render_page(template: str, lang: str = "en", **content) -> str:
    """Return a template of this folder filled in one language (填充模板)."""
    from importlib import metadata

    from jinja2 import Environment, StrictUndefined

    from scenarios.catalogue import say

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = (resources.files("scenarios") / "report" / template).read_text("utf-8")
    return environment.from_string(text).render(
        lang=lang,
        say=lambda key, **values: say(key, lang, **values),
        other=lambda key, **values: say(key, "zh" if lang == "en" else "en", **values),
        **{"version": metadata.version("flexpension")} | content,
    )


def chart(comparison: Comparison, lang: str = "en") -> str:
    """Return the headline by group and scenario with 95 % intervals, as SVG (图)."""
    import altair
    import vl_convert

    from scenarios.catalogue import group_name, indicator_name, say
    from scenarios.comparison import HEADLINE
    from scenarios.tables import headline_group

    rows = comparison.rows()
    names = [row["indicator"] for row in rows]
    indicator = HEADLINE if HEADLINE in names else names[0]
    groups = list(dict.fromkeys(tuple(row["group"].items()) for row in rows))
    lead = headline_group(groups)
    wanted = [group for group in groups if group[: len(lead)] == lead and len(group) <= len(lead) + 1]
    factor = 100 if rows[0]["unit"] == "share" else 1
    points = [
        {
            "group": group_name(dict(group[len(lead) :]), lang) if group != lead else say("everyone", lang),
            "scenario": row["scenario"],
            "value": factor * row["value"],
            "low": factor * row["ci95"][0],
            "high": factor * row["ci95"][1],
        }
        for group in wanted
        for row in rows
        if row["indicator"] == indicator and tuple(row["group"].items()) == group and None not in row["ci95"]
    ]
    order = list(dict.fromkeys(point["group"] for point in points))
    base = altair.Chart(altair.Data(values=points)).encode(
        y=altair.Y("group:N", sort=order, title=None),
        yOffset=altair.YOffset("scenario:N", sort=comparison.inputs["scenarios"]),
        color=altair.Color("scenario:N", sort=comparison.inputs["scenarios"], title=say("scenario", lang)),
    )
    dots = base.mark_point(filled=True, size=45).encode(
        x=altair.X("value:Q", title=f"{indicator_name(indicator, lang)} [%]" if factor == 100 else None)
    )
    bars = base.mark_rule().encode(x="low:Q", x2="high:Q")
    size = 14 * max(1, len(comparison.inputs["scenarios"])) + 10
    drawing = (bars + dots).properties(
        width=620,
        height=altair.Step(size, **{"for": "position"}),
        title=f"{indicator_name(indicator, lang)}, {group_name(dict(lead), lang)}",
    )
    svg = vl_convert.vegalite_to_svg(drawing.to_json(validate=False))
    return re.sub(r"<\?xml.*?\?>", "", svg)
