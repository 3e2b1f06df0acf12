"""The groups of people by which results are told (分组): dimensions, their values, and group labels.

A person's place in a dimension is an integer code, the position of the value. A *grouping* is a tuple of
dimension names, `()` the total; a *cell* is one combination of their values.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from simulate.strict_yaml import Fault, FaultsError, nearest
from simulate.terms import (
    EDUCATION,
    FIRST_BIRTH_YEAR,
    FORMS,
    HUKOU,
    LAST_BIRTH_YEAR,
    OCCUPATIONS,
    SEXES,
    Term,
)

TOTAL = "total"  # label of the group of all people


class UnknownNameError(FaultsError):
    """A name that is in no registry (未知名称); its message tells the nearest known one."""

    def __init__(self, what: str, name: str, known: Iterable[str]):
        known = tuple(known)
        advice = nearest(name, known) or f" Known: {', '.join(known)}."
        super().__init__("", [Fault("", f"{name!r} is no {what}.{advice}")])


class Dimension(NamedTuple):
    """One way to divide the people (分组维度)."""

    name: str
    name_zh: str
    values: tuple[Term, ...]


def _provinces() -> tuple[Term, ...]:
    with (Path(__file__).parent / "statutes" / "provinces.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Term(row["name"], row["name_zh"]) for row in csv.DictReader(file))


# No before yes, so that the code is the truth value.
_NO_YES = (Term("no", "否"), Term("yes", "是"))

DIMENSIONS = {
    dimension.name: dimension
    for dimension in (
        Dimension("sex", "性别", SEXES),
        Dimension("form", "主要就业形式", FORMS),
        Dimension("occupation", "主要平台职业", OCCUPATIONS),
        Dimension(
            "cohort",
            "出生年代",
            tuple(
                Term(f"{decade}0s", f"{decade}0年代")
                for decade in range(FIRST_BIRTH_YEAR // 10, LAST_BIRTH_YEAR // 10 + 1)
            ),
        ),
        Dimension(
            "birth_year",
            "出生年",
            tuple(Term(str(year), f"{year}年") for year in range(FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR + 1)),
        ),
        Dimension("hukou", "户口性质", HUKOU),
        Dimension("migrant", "跨省流动", _NO_YES),
        Dimension("ever_platform", "曾从事平台劳动", _NO_YES),  # 36 months or more
        Dimension(
            "exposure",
            "受改革影响程度",
            (Term("full", "完全"), Term("partial", "部分"), Term("none", "基本没有")),
        ),
        Dimension("education", "受教育程度", EDUCATION),
        Dimension(
            "earnings_quintile",
            "收入五等分组",
            tuple(Term(str(k), f"第{k}组") for k in range(1, 6)),
        ),
        Dimension("province", "省份", _provinces()),
    )
}


def check_grouping(grouping: Iterable[str]) -> tuple[str, ...]:
    """Return the grouping as a tuple of known dimension names, each once."""
    grouping = tuple(grouping)
    for name in grouping:
        if name not in DIMENSIONS:
            raise UnknownNameError("group dimension", name, DIMENSIONS)
    if len(set(grouping)) < len(grouping):
        text = f"grouping {','.join(grouping)} names a dimension twice. Name each once"
        raise FaultsError("", [Fault("", text)])
    return grouping


def cell_shape(grouping: tuple[str, ...]) -> tuple[int, ...]:
    """Return how many values each dimension of the grouping has."""
    return tuple(len(DIMENSIONS[name].values) for name in grouping)


def label(group: dict[str, str]) -> str:
    """Return a group's label: `sex=female,form=caring`, or `total`."""
    return ",".join(f"{name}={value}" for name, value in group.items()) or TOTAL


def parse_label(text: str) -> dict[str, str]:
    """Return the values by dimension of a label, the inverse of :func:`label`."""
    return {} if text == TOTAL else dict(part.split("=", 1) for part in text.split(","))
