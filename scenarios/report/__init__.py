"""A comparison as one HTML page to open, print and send (报告): answer, charts, tables, foundations."""

from __future__ import annotations

import os
import tempfile
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.result import StoreError
from simulate.strict_yaml import Fault

if TYPE_CHECKING:
    from scenarios.report.charts import Chart
    from scenarios.result import Comparison
    from scenarios.scenario import Scenario
    from scenarios.tables import Block

SECTIONS = (
    "gains",
    "levels",
    "pays",
    "missing-months",
    "frames",
    "sensitivity",
    "doubt",
    "groups",
    "assumptions",
    "weak",
    "method",
    "scenarios",
)
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
    """Return the report as HTML that needs no other file and no network, in both languages (报告内容).

    `lang` is the language it opens in; a switch shows the other.
    """
    import vl_convert

    from scenarios.catalogue import LANGUAGES

    bodies = {code: _body(comparison, code) for code in LANGUAGES}
    return render_page(
        "report.html.j2",
        lang,
        bodies=[(code, text) for code, (text, _) in bodies.items()],
        specifications=[(code, charts) for code, (_, charts) in bodies.items()],
        bundle=vl_convert.javascript_bundle(),
        run_id=comparison.run_id,
        version=comparison.inputs["version"],
    )


def _body(comparison: Comparison, lang: str) -> tuple[str, list[Chart]]:
    """Everything of the report in one language, and the charts in it."""
    from scenarios.comparison_tables import blocks, run_line
    from scenarios.report.charts import headline_chart, missing_chart, tornado_charts, winners_charts
    from scenarios.standard_tables import answer, standard_tables

    headline, winners = headline_chart(comparison, lang), winners_charts(comparison, lang)
    missing, tornadoes = missing_chart(comparison, lang), tornado_charts(comparison, lang)
    left_out = {"gains": not winners, "sensitivity": not tornadoes}
    base, *reforms = comparison.scenarios
    text = render_page(
        "report_body.html.j2",
        lang,
        answers=[(scenario, answer(comparison, scenario.name, lang)) for scenario in reforms or [base]],
        headline=headline,
        winners=winners,
        missing=missing,
        tornadoes=tornadoes,
        blocks=blocks(comparison, lang),
        tables=standard_tables(comparison, lang),
        sections=[key for key in SECTIONS if not left_out.get(key)],
        notes=_notes(comparison, lang),
        assumptions=_assumptions(comparison, lang),
        weak=_weak(lang),
        scenarios=[(scenario, _changes(scenario, lang)) for scenario in comparison.scenarios],
        texts=comparison.texts,
        run_line=run_line(comparison, lang),
    )
    return text, [headline, *winners, *([missing] if missing else []), *tornadoes]


def _notes(comparison: Comparison, lang: str) -> list[str]:
    from scenarios.catalogue import say
    from scenarios.comparison_tables import notes
    from simulate.law import load_law

    found = notes(comparison, lang)
    if comparison.inputs["law_checksum"] != load_law().checksum:
        found.append(say("report_law_changed", lang))
    return found


def _assumptions(comparison: Comparison, lang: str) -> list[Block]:
    """What had to be assumed: of people's behaviour, with range and reason, and of the economy."""
    from calibration.fitted_set import entries_under
    from calibration.paths import economy_values
    from scenarios.catalogue import say
    from scenarios.listing import plain
    from scenarios.tables import Block

    named = "name_zh" if lang == "zh" else "title"
    words = ("title", "unit", "low", "value", "high", "report_reason")
    rows = tuple(
        (e[named], e["unit"], *(plain(e[level]) for level in ("low", "central", "high")), e["reason"])
        for e in entries_under(comparison.inputs["fitted"]).values()
    )
    behaviour = Block(say("report_of_behaviour", lang), tuple(say(word, lang) for word in words), rows, 6)
    economy = comparison.inputs["economy"]
    lines = tuple(
        (e[named], e["unit"], plain(e.get("value", e.get("path"))), str(e.get("reason", e.get("source", ""))))
        for e in economy_values(economy).values()
    )
    words = ("title", "unit", "value", "report_reason")
    title = say("report_of_economy", lang, economy=economy)
    return [behaviour, Block(title, tuple(say(word, lang) for word in words), lines, 4)]


def _weak(lang: str) -> Block:
    from scenarios.catalogue import say
    from scenarios.tables import Block, weak_parameters
    from simulate.law import load_law

    law = load_law()
    weak = weak_parameters(law)
    flags = ("estimated", "unconfirmed")
    rows = tuple(
        (
            law.parameters[name].name_zh if lang == "zh" else law.parameters[name].title,
            name,
            *(str(counts[flag]) for flag in (*flags, "all")),
        )
        for name, counts in weak.items()
    )
    header = (say("parameter", lang), say("name", lang), *(say(f"flag_{flag}", lang) for flag in flags))
    title = say("note_weak", lang, weak=len(weak), all=len(law.parameters))
    return Block(title, (*header, say("values", lang)), rows, 2)


def _changes(scenario: Scenario, lang: str) -> Block:
    from scenarios.catalogue import say
    from scenarios.listing import difference_rows
    from scenarios.tables import Block

    words = ("parameter", "date", "place", "who", "old", "new")
    title = say("changes_title", lang, scenario=scenario.name, baseline=scenario.baseline)
    return Block(title, tuple(say(word, lang) for word in words), tuple(difference_rows(scenario, lang)), 6)


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
