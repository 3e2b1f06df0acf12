"""Tables whose cells are numbers (数值表): `block` writes them as text, a workbook and JSON keep the numbers.

A number has its unit and standard error; :class:`Numbers` looks the numbers of a comparison up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from scenarios.catalogue import group_name
from scenarios.options import HEADLINE, LEAD
from scenarios.result import Comparison
from scenarios.tables import Block, amount, headline_group

PEOPLE = "people"
COHORT = "cohort"


class Number(NamedTuple):
    """A number of a table (数值): value, unit, standard error; `signed` where it is a change."""

    value: float | None
    unit: str
    error: float | None = None
    signed: bool = False

    def text(self) -> str:
        """Return the number as readers write it (数字文字)."""
        if self.unit == PEOPLE:
            return f"{self.value:,.0f}"
        told = amount(self.value, self.unit, signed=self.signed, points=self.signed, error=self.error)
        if self.error is None or self.value is None:
            return told
        return f"{told} ± {amount(self.error, self.unit, points=True, error=self.error)}"


class Table(NamedTuple):
    """A standard table (标准表): key, title, headings, rows of words and numbers, and what to know of it."""

    key: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str | Number, ...], ...]
    n_words: int = 1
    note: str = ""

    def block(self) -> Block:
        """Return the table as text (文字表)."""
        rows = tuple(
            tuple(cell.text() if isinstance(cell, Number) else cell for cell in row) for row in self.rows
        )
        return Block(self.title, self.header, rows, self.n_words)


class Numbers:
    """Looks up the numbers of a comparison (取数)."""

    def __init__(self, comparison: Comparison, lang: str):
        self.lang, self.comparison = lang, comparison
        self.base, *self.reforms = comparison.inputs["scenarios"]
        self.rows = comparison.rows()
        self.places = {(r["indicator"], r["scenario"], tuple(r["group"].items())): r for r in self.rows}
        self.groups = list(dict.fromkeys(tuple(r["group"].items()) for r in self.rows))
        self.indicators = set(comparison.inputs["indicators"])
        self.lead = headline_group(self.groups)
        self.headline = HEADLINE if HEADLINE in self.indicators else comparison.inputs["indicators"][0]

    def row(self, indicator: str, scenario: str, group: tuple | None = None) -> dict[str, Any] | None:
        """Return a row of the comparison (结果行); None where it has none."""
        return self.places.get((indicator, scenario, self.lead if group is None else group))

    def value(self, indicator: str, scenario: str, group: tuple | None = None) -> Number | str:
        """Return a level with its standard error (水平值)."""
        row = self.row(indicator, scenario, group)
        return Number(row["value"], row["unit"], row["standard_error"]) if row else ""

    def change(self, indicator: str, scenario: str, group: tuple | None = None) -> Number | str:
        """Return a difference to the baseline with its standard error (差异)."""
        row = self.row(indicator, scenario, group)
        return Number(row["difference"], row["unit"], row["difference_se"], True) if row else ""

    def parts(self) -> Iterator[tuple[tuple, str, str]]:
        """Yield the groups inside the leading one, and cohorts: group, dimension, its own name (子群)."""
        n = len(self.lead)
        for group in self.groups:
            inner = group[n:]
            if group[:n] == self.lead and len(inner) == 1 and inner[0][0] != LEAD:
                yield group, inner[0][0], group_name(dict(inner), self.lang)
            elif n and [name for name, _ in group] == [COHORT]:  # exposure is a matter of the cohort itself
                yield group, COHORT, group_name(dict(group), self.lang)

    def name(self) -> str:
        """Return the name of the leading group (首要人群)."""
        return group_name(dict(self.lead), self.lang)
