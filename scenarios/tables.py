"""The tables of a comparison (结果表格): the same blocks for terminal, Markdown and report."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from scenarios.catalogue import group_name, indicator_name, say, unit_name
from scenarios.comparison import HEADLINE
from simulate.groups import DIMENSIONS
from simulate.indicators import INDICATORS, SHARE
from simulate.law import load_law

if TYPE_CHECKING:
    from scenarios.comparison import Comparison

MOVERS = ("new_joiners", "down_shifters")  # what a mean alone would hide
_WEAK = ("estimated", "unconfirmed")
_NOTHING = "–"
_MOST_DECIMALS = 4
_BIG = 1000.0  # from here on decimals only hide the number


class Block(NamedTuple):
    """One table: title, headings, rows of text; the first columns are words, the others numbers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_words: int = 1


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
        return amount(row[key], row["unit"])

    def difference(self, row: dict) -> str:
        if row["difference"] is None:
            return _NOTHING
        return with_error(row["difference"], row["difference_se"], row["unit"])

    def difference_in_band(self, row: dict) -> str:
        told = self.difference(row)
        if not self.has_band or row["difference_low"] is None:
            return told
        return f"{told}  [{self.band(row, 'difference_low', 'difference_high', True)}]"

    def band(self, row: dict, low: str, high: str, signed: bool) -> str:
        if row[low] is None or row[high] is None:
            return _NOTHING
        return " … ".join(amount(row[key], row["unit"], signed, signed) for key in (low, high))


def amount(
    number: float | None, unit: str, signed: bool = False, points: bool = False, error: float | None = None
) -> str:
    """Return a number as readers write it (数字格式): shares in per cent, money without decimals.

    With its standard error the decimals are those in which that has two digits.

    >>> amount(0.2345, "share"), amount(0.012, "share", signed=True, points=True), amount(12345.6, "yuan")
    ('23.4 %', '+1.20', '12,346')
    >>> amount(0.0123456, "share", points=True, error=0.00021)
    '1.235'
    """
    if number is None:
        return _NOTHING
    sign = "+" if signed and number != 0 else ""
    scale = 100 if unit == SHARE else 1
    supported = min(max(1 - math.floor(math.log10(scale * error)), 0), _MOST_DECIMALS) if error else None
    if unit == SHARE:
        if not points:
            return f"{100 * number:{sign}z.1f} %"
        return f"{100 * number:{sign}z.{2 if supported is None else supported}f}"
    decimals = 0 if abs(number) >= _BIG else 1
    decimals = decimals if supported is None else supported
    return f"{number:{sign}z,.{decimals}f}"


def with_error(number: float | None, error: float | None, unit: str) -> str:
    """Return a difference and its standard error, in the digits that it supports (差异及标准误).

    >>> with_error(0.00113, 0.00039, "share"), with_error(12.34, 25.0, "yuan")
    ('+0.113 ± 0.039', '+12 ± 25')
    """
    told = amount(number, unit, signed=True, points=True, error=error)
    return told if error is None else f"{told} ± {amount(error, unit, points=True, error=error)}"


def headline_group(groups: list[tuple]) -> tuple:
    """Return the group of the first table (首表人群): the fully exposed if they are told apart, else all."""
    full = (("exposure", DIMENSIONS["exposure"].values[0].name),)
    return full if full in groups else ()


def blocks(comparison: Comparison, lang: str = "en") -> list[Block]:
    """Return all tables of a comparison (结果表格), the headline first."""
    cells = _Cells(comparison, lang)
    lead = headline_group(cells.groups)
    first = HEADLINE if HEADLINE in cells.indicators else cells.indicators[0]
    from scenarios.further_tables import further_blocks

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
        error = amount(row["standard_error"], row["unit"], points=True)
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
    for name, warning in inputs["warnings"].items():
        found.append(say("note_warning", lang, scenario=name, warning=warning[lang]))
    found.append(run_line(comparison, lang))
    return found


def run_line(comparison: Comparison, lang: str = "en") -> str:
    """Return the line that binds a table to its run (运行编号)."""
    keys = ("persons", "seed", "version")
    return say("run_line", lang, run_id=comparison.run_id, **{key: comparison.inputs[key] for key in keys})


def weak_parameters(law) -> dict[str, dict[str, int]]:
    """Return how many values of each parameter are estimated or unconfirmed (薄弱参数), those with any."""
    found = {}
    for parameter in law.parameters.values():
        flags = [value.flag for value in parameter.all_values()]
        counts = {flag: flags.count(flag) for flag in _WEAK}
        if any(counts.values()):
            found[parameter.name] = {**counts, "all": len(flags)}
    return found


def terminal(comparison: Comparison, lang: str = "en") -> list:
    """Return the tables and notes as rich renderables (终端表格)."""
    from rich.text import Text

    found: list = []
    for block in blocks(comparison, lang):
        found.append(rich_table(block))
    return found + [Text(note) for note in notes(comparison, lang)]


def rich_table(block: Block):
    """Return a block as a rich table under its title (终端表格)."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, word in enumerate(block.header):
        table.add_column(word, justify="left" if i < block.n_words else "right", overflow="fold")
    for row in block.rows:
        table.add_row(*(Text(cell) for cell in row))
    return Group(Text(block.title, style="bold"), table) if block.title else table


def markdown(comparison: Comparison, lang: str = "en") -> str:
    """Return the tables and notes as Markdown (Markdown)."""
    parts = [markdown_table(block) for block in blocks(comparison, lang)]
    return "\n".join(parts) + "\n" + "\n".join(f"- {note}" for note in notes(comparison, lang)) + "\n"


def markdown_table(block: Block) -> str:
    """Return a block as a Markdown table under its title (Markdown表格)."""
    rule = ["---" if i < block.n_words else "---:" for i in range(len(block.header))]
    lines = [block.header, rule, *block.rows]
    table = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
    return f"### {block.title}\n\n{table}\n"
