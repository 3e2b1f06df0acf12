"""The tables of a comparison (结果表格) and the notes under them: for terminal, Markdown, report."""

from __future__ import annotations

from typing import Any

from scenarios.catalogue import group_name, indicator_name, say, unit_name
from scenarios.further_tables import further_blocks
from scenarios.options import HEADLINE
from scenarios.result import Comparison
from scenarios.tables import (
    NOTHING,
    Block,
    amount,
    headline_group,
    markdown_table,
    rich_table,
    weak_parameters,
    with_error,
)
from scenarios.variants import depends
from simulate.groups import DIMENSIONS
from simulate.indicators import INDICATORS
from simulate.law import load_law

MOVERS = ("new_joiners", "down_shifters")  # what a mean alone would hide


class _Cells:
    """Looks up and writes the numbers of a comparison."""

    def __init__(self, comparison: Comparison, lang: str):
        self.lang = lang
        self.scenarios = list(comparison.inputs["scenarios"])
        self.rows = comparison.rows()
        self.by_place = {
            (row["indicator"], row["scenario"], tuple(row["group"].items())): row for row in self.rows
        }
        self.groups = list(dict.fromkeys(tuple(row["group"].items()) for row in self.rows))
        self.indicators = list(dict.fromkeys(row["indicator"] for row in self.rows))
        self.persons = {tuple(row["group"].items()): row["persons"] for row in self.rows}
        self.has_band = "low" in self.rows[0]

    def row(self, indicator: str, scenario: str, group: tuple) -> dict[str, Any]:
        return self.by_place[indicator, scenario, group]

    def value(self, row: dict, key: str = "value") -> str:
        return amount(row[key], row["unit"], error=row["standard_error"])

    def difference(self, row: dict) -> str:
        if row["difference"] is None:
            return NOTHING
        return with_error(row["difference"], row["difference_se"], row["unit"])

    def difference_in_band(self, row: dict) -> str:
        told = self.difference(row)
        if not self.has_band or row["difference_low"] is None:
            return told
        return f"{told}  [{self.band(row, 'difference_low', 'difference_high', True)}]"

    def band(self, row: dict, low: str, high: str, signed: bool) -> str:
        if row[low] is None or row[high] is None:
            return NOTHING
        error = row["difference_se" if signed else "standard_error"]
        return " … ".join(amount(row[key], row["unit"], signed, signed, error) for key in (low, high))


def blocks(comparison: Comparison, lang: str = "en") -> list[Block]:
    """Return all tables of a comparison (结果表格), the headline first."""
    cells = _Cells(comparison, lang)
    lead = headline_group(cells.groups)
    first = HEADLINE if HEADLINE in cells.indicators else cells.indicators[0]
    found = [_headline(cells, first, lead), *further_blocks(comparison, first, dict(lead), lang)]
    for names in dict.fromkeys(tuple(name for name, _ in group) for group in cells.groups if group):
        found.append(_by_group(cells, first, names))
    if len(cells.indicators) > 1:
        found.append(_all_indicators(cells, lead))
    return found


def _headline(cells: _Cells, indicator: str, group: tuple) -> Block:
    lang = cells.lang
    header = [say("scenario", lang), say("value", lang), say("standard_error", lang)]
    compares = len(cells.scenarios) > 1
    if compares:
        header.append(say("difference", lang))
    if cells.has_band:
        header.append(say("value_low_high", lang))
        if compares:
            header.append(say("difference_low_high", lang))
    movers = [name for name in MOVERS if compares and name in cells.indicators]
    header += [indicator_name(name, lang) for name in movers]
    rows = []
    for name in cells.scenarios:
        row = cells.row(indicator, name, group)
        error = amount(row["standard_error"], row["unit"], points=True, error=row["standard_error"])
        line = [name, cells.value(row), f"± {error}"]
        is_baseline = name == cells.scenarios[0]
        if compares:
            line.append("" if is_baseline else cells.difference(row))
        if cells.has_band:
            line.append(cells.band(row, "low", "high", False))
            if compares:
                line.append("" if is_baseline else cells.band(row, "difference_low", "difference_high", True))
        line += ["" if is_baseline else cells.value(cells.row(mover, name, group)) for mover in movers]
        rows.append(tuple(line))
    title = say(
        "headline_title", lang, indicator=indicator_name(indicator, lang), group=group_name(dict(group), lang)
    )
    return Block(title, tuple(header), tuple(rows))


def _by_group(cells: _Cells, indicator: str, names: tuple[str, ...]) -> Block:
    lang = cells.lang
    base, *others = cells.scenarios
    rows = []
    for group in cells.groups:
        if tuple(name for name, _ in group) != names:
            continue
        found = [cells.row(indicator, name, group) for name in cells.scenarios]
        numbers = [cells.value(found[0]), *(cells.difference_in_band(row) for row in found[1:])]
        rows.append((group_name(dict(group), lang), f"{cells.persons[group]:,}", *numbers))
    words = [DIMENSIONS[name].name_zh if lang == "zh" else name.replace("_", " ") for name in names]
    title = say(
        "groups_title",
        lang,
        indicator=indicator_name(indicator, lang),
        dimensions=(" x " if lang == "en" else "、").join(words),
    )
    return Block(title, (say("group", lang), say("persons", lang), base, *others), tuple(rows))


def _all_indicators(cells: _Cells, group: tuple) -> Block:
    lang = cells.lang
    rows = []
    for indicator in cells.indicators:
        found = [cells.row(indicator, name, group) for name in cells.scenarios]
        mark = "" if INDICATORS[indicator].paired else " *"
        numbers = [cells.value(found[0]), *(cells.difference(row) for row in found[1:])]
        rows.append((indicator_name(indicator, lang) + mark, unit_name(indicator, lang), *numbers))
    key = "all_title" if len(cells.scenarios) > 1 else "values_title"
    title = say(key, lang, group=group_name(dict(group), lang))
    return Block(title, (say("indicator", lang), say("unit", lang), *cells.scenarios), tuple(rows), 2)


def notes(comparison: Comparison, lang: str = "en") -> list[str]:
    """Return what a reader of the tables must know (说明): kinds of error, weak values, warnings, run id."""
    inputs = comparison.inputs
    found = [say("note_error", lang), say("note_points", lang)]
    if inputs["band"]:
        found.append(say("note_band", lang))
    found += [say("note_ranking", lang)] if len(inputs["scenarios"]) > 2 and comparison.ranking() else []
    if "attribute" in inputs:
        found.append(say("note_attribution", lang))
    if "parameter_draws" in inputs:
        found.append(say("note_parts", lang, draws=inputs["parameter_draws"]))
    if "target_se" in inputs:
        found.append(say("note_target", lang, target=inputs["target_se"]))
    if ["exposure"] not in inputs["by"]:
        found.append(say("note_all_cohorts", lang))
    if any(not INDICATORS[name].paired for name in inputs["indicators"]):
        found.append(say("note_unpaired", lang))
    law = load_law()
    weak = weak_parameters(law)
    found.append(say("note_weak", lang, weak=len(weak), all=len(law.parameters)))
    options = {key: inputs[key] for key in ("behaviour", "economy", "fitted")}
    found.append(say("note_variant", lang, **options))
    if "every_variant" in inputs:
        found += [say("note_every_variant", lang), *_told_by_variants(comparison, lang)]
    for name, warning in inputs["warnings"].items():
        found.append(say("note_warning", lang, scenario=name, warning=warning[lang]))
    found.append(run_line(comparison, lang))
    return found


def _told_by_variants(comparison: Comparison, lang: str) -> list[str]:
    """Which differences of the headline table hang on the variant of behaviour."""
    first = comparison.inputs["indicators"]
    indicator = HEADLINE if HEADLINE in first else first[0]
    lead = headline_group(list(dict.fromkeys(tuple(row["group"].items()) for row in comparison.rows())))
    found = []
    for row in comparison.rows():
        if row["indicator"] == indicator and row["group"] == dict(lead) and depends(row):
            sign = row["difference_variant_low"] * row["difference_variant_high"] < 0
            key = "note_sign_of_variant" if sign else "note_size_of_variant"
            found.append(say(key, lang, scenario=row["scenario"], indicator=indicator_name(indicator, lang)))
    return found


def run_line(comparison: Comparison, lang: str = "en") -> str:
    """Return the line that binds a table to its run (运行编号)."""
    keys = ("persons", "seed", "version")
    return say("run_line", lang, run_id=comparison.run_id, **{key: comparison.inputs[key] for key in keys})


def terminal(comparison: Comparison, lang: str = "en") -> list:
    """Return the tables and notes as rich renderables (终端表格)."""
    from rich.text import Text

    found: list = []
    for block in blocks(comparison, lang):
        found.append(rich_table(block))
    return found + [Text(note) for note in notes(comparison, lang)]


def markdown(comparison: Comparison, lang: str = "en") -> str:
    """Return the tables and notes as Markdown (Markdown)."""
    parts = [markdown_table(block) for block in blocks(comparison, lang)]
    return "\n".join(parts) + "\n" + "\n".join(f"- {note}" for note in notes(comparison, lang)) + "\n"
