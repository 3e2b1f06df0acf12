"""The form of every table (表格): one block for terminal, Markdown, report; numbers as written."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from simulate.groups import DIMENSIONS, UnknownNameError
from simulate.indicators import SHARE

_WEAK = ("estimated", "unconfirmed")
NOTHING = "–"
_MOST_DECIMALS = 4
_BIG = 1000.0  # from here on decimals only hide the number


class Block(NamedTuple):
    """One table: title, headings, rows of text; the first columns are words, the others numbers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_words: int = 1


def parse_keys(text: str, known: Sequence[str], kind: str) -> tuple[str, ...]:
    """Return the keys that a text names, parted by commas (所选表格); `all` for every one.

    Raises
    ------
    UnknownNameError
        A key that is not known, as the name of a `kind`.
    """
    wanted = [key.strip() for key in text.split(",")]
    for key in wanted:
        if key not in (*known, "all"):
            raise UnknownNameError(kind, key, (*known, "all"))
    return tuple(known) if "all" in wanted else tuple(dict.fromkeys(wanted))


def amount(
    number: float | None, unit: str, signed: bool = False, points: bool = False, error: float | None = None
) -> str:
    """Return a number as readers write it (数字格式): shares in per cent, money without decimals.

    With its standard error it ends where that has two digits, tens and hundreds included.

    >>> amount(0.2345, "share"), amount(0.012, "share", signed=True, points=True), amount(12345.6, "yuan")
    ('23.4 %', '+1.20', '12,346')
    >>> amount(0.0123456, "share", points=True, error=0.00021), amount(0.2345, "share", error=0.031)
    ('1.235', '23.4 %')
    >>> amount(438326.0, "yuan", error=15226.0), amount(0.2345, "share", error=0.00056)
    ('438,000', '23.450 %')
    """
    if number is None:
        return NOTHING
    sign = "+" if signed and number != 0 else ""
    scale = 100 if unit == SHARE else 1
    told = scale * number
    if error:
        decimals = min(1 - math.floor(math.log10(scale * error)), _MOST_DECIMALS)
        told = round(told, decimals)
    elif unit == SHARE:
        decimals = 2 if points else 1
    else:
        decimals = 0 if abs(number) >= _BIG else 1
    return f"{told:{sign}z,.{max(decimals, 0)}f}" + (" %" if unit == SHARE and not points else "")


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


def weak_parameters(law) -> dict[str, dict[str, int]]:
    """Return how many values of each parameter are estimated or unconfirmed (薄弱参数), those with any."""
    found = {}
    for parameter in law.parameters.values():
        flags = [value.flag for value in parameter.all_values()]
        counts = {flag: flags.count(flag) for flag in _WEAK}
        if any(counts.values()):
            found[parameter.name] = {**counts, "all": len(flags)}
    return found


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


def markdown_table(block: Block) -> str:
    """Return a block as a Markdown table under its title (Markdown表格)."""
    rule = ["---" if i < block.n_words else "---:" for i in range(len(block.header))]
    lines = [block.header, rule, *block.rows]
    table = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
    return f"### {block.title}\n\n{table}\n"


def csv_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as CSV (CSV表格): None and what a row lacks are empty cells, lists and mappings JSON.

    >>> csv_table(("a", "b"), [{"a": 1, "b": [2]}, {"a": None}])
    'a,b\\n1,[2]\\n,'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().removesuffix("\n")


def _cell(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else value
