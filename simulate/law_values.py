"""What the law is made of (法规数据的构成): provinces, acts, dated values, parameters, faults."""

from __future__ import annotations

import functools
import math
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from simulate.limited import rows_faults
from simulate.strict_yaml import FaultsError, nearest
from simulate.terms import OCCUPATIONS

FLAGS = ("observed", "estimated", "unconfirmed", "projected")
SOURCED = ("observed", "unconfirmed")
KINDS = ("number", "boolean", "list", "table", "text", "month", "groups")
CATEGORIES = ("male", "female_55", "female_50")
HUKOU = ("urban", "rural")
GROUPS = {"category": CATEGORIES, "hukou": HUKOU, "occupation": tuple(term.name for term in OCCUPATIONS)}
DIMENSIONS = ("none", *GROUPS)
STATES = ("text", "secondary", "recalled")
VALUE_KEYS = (
    *("effective", "adopted", "value", "province", "category", "hukou", "act", "article", "flag"),
    *("note", "alternatives", "published", "occupation"),
)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class LawError(FaultsError):
    """Everything wrong with the law files, an amendment or a question to the law (法规数据错误)."""


class Province(NamedTuple):
    """A province: code of GB/T 2260, English name (the key everywhere), Chinese name, region (省份).

    ``also`` has further spellings that are read, parted by bars.
    """

    code: str
    name: str
    name_zh: str
    region: str
    also: str = ""


class Act(NamedTuple):
    """An act, notice, release or compilation that values cite (法规文件)."""

    id: str
    number: str
    title: str
    title_zh: str
    date_adopted: str
    date_effective: str
    issuer: str
    state: str
    note: str = ""


class DatedValue(NamedTuple):
    """One value with its dates, scope and citation (带日期的参数值). `province` None is the nation."""

    effective: date
    adopted: date
    value: Any
    province: str | None = None
    category: str | None = None
    hukou: str | None = None
    act: str = ""
    article: str = ""
    flag: str = "observed"
    note: str = ""
    alternatives: tuple = ()
    published: Any = None
    occupation: str | None = None


class Change(NamedTuple):
    """What an amendment changes: parameter, day, scope, value before and after (参数变动)."""

    name: str
    date: date
    province: str | None
    category: str | None
    hukou: str | None
    old: Any
    new: Any
    occupation: str | None = None


class Key(NamedTuple):
    """Scope of a series: province (None: the nation) and group of its dimension (None where undivided)."""

    province: str | None
    group: str | None


@dataclass(frozen=True)
class Parameter:
    """One parameter of the law with all its dated values (法规参数)."""

    name: str
    title: str
    name_zh: str
    unit: str
    kind: str = "number"
    range: tuple[float, float] | None = None
    dimension: str = "none"
    groups: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    same_as: str | None = None
    rule: str = ""
    note: str = ""
    last_checked: date | None = None
    max_step: float | None = None
    jumps: tuple[dict, ...] = ()
    file: str = ""
    values: Mapping[Key, tuple[DatedValue, ...]] = field(default_factory=dict)

    def all_values(self) -> list[DatedValue]:
        """Return every value in order of scope and date."""
        return [v for key in self.values for v in self.values[key]]

    def mapped(self, function: Callable[[DatedValue], DatedValue]) -> Parameter:
        """Return the parameter with every value put through a function (逐值变换), dates and scopes kept."""
        return with_values(self, {k: tuple(map(function, series)) for k, series in self.values.items()})


def parse_date(value: Any) -> date:
    """Return a day from a date or YYYY-MM-DD text (日期). ValueError where it is neither.

    >>> parse_date("2025-01-01")
    datetime.date(2025, 1, 1)
    """
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    if isinstance(value, str):
        return _day_of(value)
    raise ValueError(f"{value!r} is not a date (YYYY-MM-DD)")


@functools.lru_cache(maxsize=8192)
def _day_of(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"{text!r} is not a date (YYYY-MM-DD)")
    return date.fromisoformat(text)


def is_number(value: Any) -> bool:
    """Whether a value is a finite number (是否为数)."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def canonical(value: Any) -> Any:
    """Return whole floats as integers and lists as tuples, so that 60 and 60.0 are one value (统一写法)."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, (list, tuple)):
        return tuple(canonical(v) for v in value)
    if isinstance(value, Mapping):
        return {key: canonical(v) for key, v in value.items()}
    return value


def value_faults(parameter: Parameter, value: Any, province_of: Callable[[str], str]) -> list[str]:
    """Return all that is wrong with a value of a parameter (参数值检查)."""
    if parameter.kind == "groups":
        return rows_faults(value, parameter.choices, lambda n: _number_fault(parameter, n), province_of)
    fault = _value_fault(parameter, value)
    return [fault] if fault else []


def _value_fault(parameter: Parameter, value: Any) -> str | None:
    kind = parameter.kind
    if kind == "boolean":
        return None if isinstance(value, bool) else f"{value!r} is not true or false"
    if kind == "text":
        if value in parameter.choices:
            return None
        return f"{value!r} is not one of {', '.join(parameter.choices)}.{nearest(value, parameter.choices)}"
    if kind == "month":
        good = isinstance(value, str) and _MONTH.fullmatch(value)
        return None if good else f'{value!r} is not a month. Write "YYYY-MM"'
    if kind == "list":
        if not isinstance(value, (list, tuple)) or not value:
            return f"{value!r} is not a list of numbers"
        return next((f for v in value if (f := _number_fault(parameter, v))), None)
    if kind == "table":
        rows = value if isinstance(value, (list, tuple)) else None
        if rows is None or not all(isinstance(r, (list, tuple)) and all(map(is_number, r)) for r in rows):
            return f"{value!r} is not a list of rows of numbers"
        return "the rows differ in length" if len({len(r) for r in rows}) > 1 else None
    return _number_fault(parameter, value)


def _number_fault(parameter: Parameter, value: Any) -> str | None:
    if not is_number(value):
        return f"{value!r} is not a number ({parameter.unit})"
    low, high = parameter.range or (-math.inf, math.inf)
    if not low <= value <= high:
        hint = ""
        if low <= value / 100 <= high and value > high:
            hint = f" {value / 100:g} means {value:g} %."
        return f"{value:g} is outside {low:g} to {high:g} ({parameter.unit}).{hint}"
    return None


def value_groups(parameter: Parameter, raw: Mapping, faults: list[str]) -> tuple[str | None, ...]:
    """Return the groups a value is for (适用人群): the one named, or all where none is.

    What is wrong is added to `faults`.
    """
    for dimension in GROUPS:
        if raw.get(dimension) is not None and parameter.dimension != dimension:
            faults.append(f"{parameter.name} does not differ by {dimension}. Remove {dimension}")
            return ()
    if parameter.dimension == "none":
        return (None,)
    group = raw.get(parameter.dimension)
    if group is None:
        return parameter.groups
    if str(group) not in parameter.groups:
        known = ", ".join(parameter.groups)
        faults.append(
            f"{parameter.dimension} {group!r} is not one of {known}.{nearest(group, parameter.groups)}"
        )
        return ()
    return (str(group),)


def with_values(parameter: Parameter, values: Mapping[Key, tuple[DatedValue, ...]]) -> Parameter:
    """Return the parameter with other values (替换参数值)."""
    fields = {name: getattr(parameter, name) for name in Parameter.__dataclass_fields__}
    fields["values"] = MappingProxyType(dict(values))
    return Parameter(**fields)


def in_force(series: Sequence[DatedValue], day: date) -> DatedValue | None:
    """Return the last value of a series that holds by a day, or None (当日有效值)."""
    i = bisect_right(series, day, key=lambda v: v.effective)
    return series[i - 1] if i else None


def group_of(value: DatedValue) -> str | None:
    """Return the group that a value is limited to, or None (所限人群)."""
    return value.category or value.hukou or value.occupation
