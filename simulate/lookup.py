"""What every award shares (核定公用部分): the law looked up once, places, ages, rounding, written lines.

>>> from simulate.law import load_law
>>> Book(load_law()).place("广东-深圳")
Place(province='Guangdong', city='440300')
"""

from __future__ import annotations

import csv
import functools
import io
import re
from datetime import date
from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from simulate import entitlements as rules
from simulate.cases import CaseError, month_text
from simulate.law import Law
from simulate.law_values import LawError
from simulate.terms import FIRST_YEAR, PRICE_YEAR

REFERENCE_MONTH = 12 * (PRICE_YEAR - FIRST_YEAR) + 11  # law of this month where a case names none
_FEN, _JIAO = 1_000_000, 10_000_000  # in hundred-millionths of a yuan
_GRAINS = {  # grain of an amount and what is added before cutting; the keys are choices of amount_rounding
    "fen_half_up": (_FEN, _FEN // 2),
    "fen_up": (_FEN, _FEN - 1),
    "fen_down": (_FEN, 0),
    "jiao_half_up": (_JIAO, _JIAO // 2),
    "jiao_up": (_JIAO, _JIAO - 1),
}

# --------------------------------------------------------------------------- the law, looked up once


class Place(NamedTuple):
    """Province and code of a city with a benefit base of its own, "" for any other city (地区)."""

    province: str | None
    city: str | None = None


class Book:
    """The law behind the awards, each look-up kept (法规查询)."""

    def __init__(self, law: Law):
        self.law = law
        self.found: dict[tuple, Any] = {}
        self.places: dict[str, Place] = {}
        self.divisors: dict[tuple, float] = {}

    def dated(self, name: str, month: int, province: str | None = None, category: str | None = None):
        """Return the value in force in a month with its citation; CaseError where there is none."""
        key = (name, month, province, category)
        try:
            return self.found[key]
        except KeyError:
            pass
        value = self.law.dated_value(name, f"{month_text(month)}-01", province, category)
        if value is None:
            series = self.law.series(name, province, category)
            since = f" The first holds from {series[0].effective}." if series else ""
            raise CaseError("no_law", None, f"{name} has no value in force in {month_text(month)}.{since}")
        self.found[key] = value
        return value

    def value(self, name: str, month: int, province: str | None = None, category: str | None = None) -> Any:
        return self.dated(name, month, province, category).value

    def place(self, text: str) -> Place:
        """Return province and city of "Guangdong", "44", "Guangdong-Shenzhen", "深圳" or "440300" (地区)."""
        if text not in self.places:
            self.places[text] = self._place(text.strip())
        return self.places[text]

    def _place(self, text: str) -> Place:
        head, dash, city = text.partition("-")
        if not dash:
            named = text.removesuffix("市")
            for code, *names, home in _cities():
                within = named.removesuffix(names[1])  # 广东省深圳市
                if named in (code, *names) or (within != named and self._is_province(within, home)):
                    return Place(home, code)
            head = head.removesuffix("0000")  # the six figures of a province
        try:
            province = self.law.province_name(head)
        except LawError as error:
            within = re.fullmatch("(.+?(?:省|自治区))(.+[市州盟区县])", text)  # 湖北省武汉市
            if within is None or dash:
                raise CaseError("unknown_province", "province", error.faults[0].message) from None
            return self._place("-".join(within.groups()))
        if not dash:
            return Place(province)
        wanted = city.strip().removesuffix("市")
        found = ((code, home) for code, *names, home in _cities() if wanted in (code, *names))
        code, home = next(found, ("", province))
        if home != province:
            raise CaseError("unknown_province", "province", f"{city} lies in {home}, not in {province}")
        return Place(province, code)

    def _is_province(self, text: str, name: str) -> bool:
        try:
            return self.law.province_name(text) == name
        except LawError:
            return False

    def bases(self, place: Place, month: int):
        """Return the dated bases of flat and indexed half, None where the year lies beyond the known ones."""
        flat = self._yearly("benefit_base", month, place.province)
        indexed = self._yearly("indexed_benefit_base", month, place.province)
        if not place.city:
            return flat, indexed
        cities = self.law.dated_value("city_benefit_base", f"{month_text(month)}-01", place.province)
        rows = dict(cities.value) if cities and cities.effective.year == FIRST_YEAR + month // 12 else {}
        base = rows.get(int(place.city))
        city = cities._replace(value=base) if base is not None else None
        halves = self.value("city_base_halves", month, place.province)
        return city if halves != "indexed" else flat, city if halves != "flat" else indexed

    def _yearly(self, name: str, month: int, province: str | None):
        """A yearly published value holds in its own year only: last year's base is not this year's."""
        found = self.dated(name, month, province)
        return found if found.effective.year == FIRST_YEAR + month // 12 else None

    def rules(self, kind: type, month: int, province: str | None) -> Any:
        """Return the dated values of a NamedTuple whose fields are named as parameters (某地某月的规则)."""
        key = (kind, month, province)
        if key not in self.found:
            self.found[key] = kind(*(self.dated(name, month, province) for name in kind._fields))
        return self.found[key]

    def divisor(self, age_months: int, month: int, field: str = "age_years") -> float:
        key = (age_months, month)
        if key not in self.divisors:
            table = np.asarray(self.value("annuity_divisors", month), dtype=float)
            first, last = rules.FIRST_DIVISOR_AGE, rules.FIRST_DIVISOR_AGE + len(table) - 1
            if not 12 * first <= age_months <= 12 * last:
                age = f"{age_months // 12} years {age_months % 12} months"
                message = f"an age of {age} at claim is outside {first} to {last} years"
                raise CaseError("out_of_range", field, message)
            monthly = self.value("divisor_interpolation", month) == "monthly"
            self.divisors[key] = rules.annuity_divisor(age_months, table, monthly)
        return self.divisors[key]

    def retirement(self, birth: int, category: str) -> Retirement:
        key = ("retirement", birth, category)
        if key not in self.found:
            self.found[key] = statutory_retirement(self.law, birth, category)
        return self.found[key]


@functools.lru_cache(maxsize=1)
def _cities() -> tuple[tuple[str, str, str, str], ...]:
    text = (resources.files("simulate") / "statutes" / "cities.csv").read_text("utf-8")
    return tuple(
        (r["code"], r["name"], r["name_zh"], r["province"]) for r in csv.DictReader(io.StringIO(text))
    )


class Retirement(NamedTuple):
    """When a person may retire (退休时间). Months are indices from January 1990."""

    original_month: int
    statutory_month: int
    age_months: int
    earliest_month: int | None
    latest_month: int | None
    minimum_months: int


def month_index(day: date) -> int:
    return 12 * (day.year - FIRST_YEAR) + day.month - 1


def statutory_retirement(law: Law, birth: int, category: str) -> Retirement:
    """Return statutory month, age, flexible window and minimum months (法定退休年龄及弹性区间).

    The original age is that in force when it is reached, step and cap are those of that month. Without a
    window (before 2025) earliest and latest month are None.

    Parameters
    ----------
    law : Law
    birth : int
        [month index]
    category : str
        male, female_55 or female_50.

    Examples
    --------
    >>> from simulate.law import load_law
    >>> man = statutory_retirement(load_law(), 12 * (1976 - 1990) + 8, "male")
    >>> man.age_months, man.minimum_months
    (756, 240)
    """
    ages = law.series("original_retirement_age", category=category)
    reached = (v.value for v in reversed(ages) if birth + v.value >= month_index(v.effective))
    age = next(reached, ages[0].value)
    original = birth + age
    step = law.value("retirement_delay_step_months", day_text(original), category=category, default=0)
    delay = 0
    if step > 0:
        steps = law.series("retirement_delay_step_months", category=category)
        start = next(month_index(v.effective) for v in steps if v.value > 0)
        cap = law.value("retirement_delay_cap_months", day_text(original), category=category)
        delay = rules.retirement_delay(original, start, step, cap)
    statutory = original + delay
    early = law.value("early_claim_window_months", day_text(statutory), default=0)
    late = law.value("late_claim_window_months", day_text(statutory), default=0)
    return Retirement(
        original_month=original,
        statutory_month=statutory,
        age_months=age + delay,
        earliest_month=max(original, statutory - early) if early or late else None,
        latest_month=statutory + late if early or late else None,
        minimum_months=law.value("minimum_contribution_months", day_text(max(statutory, 0))),
    )


def day_text(month: int) -> str:
    return f"{month_text(month)}-01"


# --------------------------------------------------------------------------- rounding and steps


def rounded(amount: float, rule: str) -> float:
    """Return an amount as the province rounds it (取整), such as half up to the fen or up to the jiao.

    Done in whole hundred-millionths of a yuan, which clears the noise of binary fractions and keeps ties in
    amounts of up to ten million yuan.

    >>> rounded(1167.335, "fen_half_up"), rounded(1167.31, "jiao_up"), rounded(1167.3, "jiao_up")
    (1167.34, 1167.4, 1167.3)
    """
    grain, added = _GRAINS[rule]
    return (round(amount * 1e8) + added) // grain / (100_000_000 // grain)


class Steps:
    """The lines of a determination (计算步骤); collects nothing when nobody reads them."""

    def __init__(self, law: Law, wanted: bool):
        self.law, self.wanted = law, wanted
        self.lines: list[dict] = []

    def add(self, name: str, name_zh: str, formula: str, value: Any, parameter: str = "", dated=None) -> None:
        if not self.wanted:
            return
        act = self.law.acts.get(dated.act) if dated is not None else None
        self.lines.append(
            {
                "name": name,
                "name_zh": name_zh,
                "formula": formula,
                "value": value,
                "parameter": parameter or None,
                "effective": str(dated.effective) if dated is not None else None,
                "act": f"{act.number} {act.title_zh}".strip() if act else None,
                "article": dated.article or None if dated is not None else None,
                "flag": dated.flag if dated is not None else None,
            }
        )

    def law_value(self, name: str, dated) -> None:
        """A line for a number taken from the law."""
        if self.wanted:
            parameter = self.law.parameters[name]
            value = list(dated.value) if isinstance(dated.value, tuple) else dated.value
            self.add(name, parameter.name_zh, "", value, name, dated)

    def given(self, name: str, name_zh: str, value: Any) -> None:
        """A line for a number taken from the case."""
        self.add(name, name_zh, "given", value)
