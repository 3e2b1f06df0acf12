"""Awards (待遇核定): one person's entitlement under the law, as an office would determine it.

A case is a mapping with an ``id``, a ``system`` and what is known; the answer has the same ``id`` and the
amounts. The README of this folder shows a question and an answer for each system. Formulas are those of
``entitlements.py``, numbers those of the law; here they are looked up, checked, rounded and explained.

>>> award([{"id": 1, "system": "annuity_divisor", "age_years": 60, "age_months": 1}], steps=False)
[{'id': 1, 'annuity_divisor': 138.4}]
"""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from simulate import entitlements as rules
from simulate.cases import (
    ERROR_CODES,
    SYSTEMS,
    CaseError,
    CasesError,
    case_system,
    check_case,
    check_index,
    month_text,
    need,
    read_cases,
)
from simulate.law import Law, LawError, load_law
from simulate.terms import CATEGORIES, FIRST_YEAR, PRICE_YEAR, SEXES

__all__ = [
    "ERROR_CODES",
    "REASONS",
    "SYSTEMS",
    "CasesError",
    "award",
    "read_cases",
    "statutory_retirement",
]

REASONS = (
    "eligible",  # claims at the statutory age
    "eligible_early",  # within the flexible window before it
    "eligible_late",  # after it
    "below_statutory_age",  # earlier than the window allows
    "below_minimum_months",  # contribution months short of the minimum that applies
    "facts_missing",  # age, category, month of claim or months not given: eligibility not tested
)
_INDEX_RULES: dict[str, Callable] = {  # the keys are CONVENTIONS
    "gaps_excluded": rules.index_without_gaps,
    "part_years_whole": rules.index_of_whole_years,
    "gaps_at_floor": rules.index_with_gaps_at_floor,
    "diluted": rules.index_over_due_months,
    "by_month": rules.index_without_gaps,
    "by_year": rules.index_of_whole_years,
}
_YEARS_RULES: dict[str, Callable] = {
    "twelfths": rules.years_in_twelfths,
    "two_decimals": rules.years_to_two_decimals,
    "up": rules.years_rounded_up,
    "rounded_month": rules.years_by_rounded_month,
}
REFERENCE_MONTH = 12 * (PRICE_YEAR - FIRST_YEAR) + 11  # law of this month where a case names none
# --------------------------------------------------------------------------- the law, looked up once


class _Place(NamedTuple):
    province: str | None
    city: str | None = None


class _Book:
    """The law behind the awards, each look-up kept (法规查询)."""

    def __init__(self, law: Law):
        self.law = law
        self.found: dict[tuple, Any] = {}
        self.places: dict[str, _Place] = {}
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

    def place(self, text: str) -> _Place:
        """Return province and city code of "Guangdong", "广东", "44" or "Guangdong-Shenzhen" (地区)."""
        if text not in self.places:
            self.places[text] = self._place(text)
        return self.places[text]

    def _place(self, text: str) -> _Place:
        head, dash, city = text.partition("-")
        try:
            province = self.law.province_name(head)
        except LawError as error:
            raise CaseError("unknown_province", "province", error.faults[0].message) from None
        if not dash:
            return _Place(province)
        known = {n: code for code, *names, home in _cities() if home == province for n in names}
        if city.strip() not in known:
            cities = ", ".join(n for n in known if n.isascii()) or "none"
            message = f"{city} has no benefit base of its own. Cities of {province} that have one: {cities}"
            raise CaseError("unknown_province", "province", message)
        return _Place(province, known[city.strip()])

    def bases(self, place: _Place, month: int):
        """Return the dated bases of flat and indexed half, None where the year lies beyond the known ones."""
        flat = self._yearly("benefit_base", month, place.province)
        indexed = self._yearly("indexed_benefit_base", month, place.province)
        if place.city is None:
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

    def retirement(self, birth: int, category: str) -> _Retirement:
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


class _Retirement(NamedTuple):
    original_month: int
    statutory_month: int
    age_months: int
    earliest_month: int | None
    latest_month: int | None
    minimum_months: int


def _index_of(day: date) -> int:
    return 12 * (day.year - FIRST_YEAR) + day.month - 1


def statutory_retirement(law: Law, birth: int, category: str) -> _Retirement:
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
    >>> man = statutory_retirement(load_law(), 12 * (1976 - 1990) + 8, "male")
    >>> man.age_months, man.minimum_months
    (756, 240)
    """
    ages = law.series("original_retirement_age", category=category)
    age = next((v.value for v in reversed(ages) if birth + v.value >= _index_of(v.effective)), ages[0].value)
    original = birth + age
    step = law.value("retirement_delay_step_months", _day(original), category=category, default=0)
    delay = 0
    if step > 0:
        steps = law.series("retirement_delay_step_months", category=category)
        start = next(_index_of(v.effective) for v in steps if v.value > 0)
        cap = law.value("retirement_delay_cap_months", _day(original), category=category)
        delay = rules.retirement_delay(original, start, step, cap)
    statutory = original + delay
    early = law.value("early_claim_window_months", _day(statutory), default=0)
    late = law.value("late_claim_window_months", _day(statutory), default=0)
    return _Retirement(
        original_month=original,
        statutory_month=statutory,
        age_months=age + delay,
        earliest_month=max(original, statutory - early) if early or late else None,
        latest_month=statutory + late if early or late else None,
        minimum_months=law.value("minimum_contribution_months", _day(max(statutory, 0))),
    )


def _day(month: int) -> str:
    return f"{month_text(month)}-01"


# --------------------------------------------------------------------------- rounding and steps


def _rounded(amount: float, rule: str) -> float:
    """Return an amount as the province rounds it (取整): half up to the fen, or up to the jiao.

    Done in whole hundred-millionths of a yuan, which clears the noise of binary fractions and keeps ties.

    >>> _rounded(1167.335, "fen_half_up"), _rounded(1167.31, "jiao_up"), _rounded(1167.3, "jiao_up")
    (1167.34, 1167.4, 1167.3)
    """
    units = round(amount * 1e8)
    if rule == "jiao_up":
        return -(-units // 10_000_000) / 10
    return (units + 500_000) // 1_000_000 / 100


class _Steps:
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


# --------------------------------------------------------------------------- the systems


def _employee(facts: dict, book: _Book, steps: _Steps) -> dict:
    notes: list[str] = []
    birth, claim, age = _dates(facts)
    month = REFERENCE_MONTH if claim is None else claim
    place = book.place(facts["province"]) if "province" in facts else _Place(None)
    rounding = book.dated("amount_rounding", month, place.province)
    eligible, reason = _eligibility(facts, birth, claim, book, steps, notes)
    years = _contribution_years(facts, month, place, book, steps)
    divisor = _employee_divisor(facts, age, month, book, steps)
    bases = _benefit_bases(facts, claim, place, book, steps, notes)
    basic = _basic_pension(facts, years, bases, claim, place, rounding.value, book, steps)
    account = None
    if "account_balance" in facts:
        if divisor is None:
            raise CaseError(
                "missing_field", "annuity_divisor", "missing: give it, or age_years, or birth and claim_month"
            )
        balance = facts["account_balance"]
        account = _rounded(rules.account_pension(balance, divisor), rounding.value)
        if steps.wanted:
            formula = f"{balance:.2f} / {divisor:g}"
            # the article of the basic pension rules the account pension too
            steps.add(
                "account_pension", "个人账户养老金", formula, account, "", book.dated("accrual_rate", month)
            )
    transitional = _transitional_pension(facts, bases, month, place, rounding.value, book, steps)
    if years is None and "account_balance" not in facts:
        message = "missing: give it with average_contribution_index, or account_balance, or both"
        raise CaseError("missing_field", "contribution_months", message)
    supplements = _supplements(month, place, book, steps)
    pension = None
    if eligible is not False and None not in (basic, account, transitional):
        parts = [basic, account, transitional, *(s["amount"] for s in supplements)]
        pension = round(sum(parts), 2)
        steps.law_value("amount_rounding", rounding)
        steps.add("monthly_pension", "月基本养老金", " + ".join(f"{p:.2f}" for p in parts), pension)
    answer = {
        "eligible": eligible,
        "reason": reason,
        "contribution_years": years,
        "annuity_divisor": divisor,
        "basic_pension": basic,
        "account_pension": account,
        "transitional_pension": transitional,
        "local_supplements": supplements,
        "monthly_pension": pension,
    }
    if notes:
        answer["notes"] = notes
    return answer


def _dates(facts: dict) -> tuple[int | None, int | None, int | None]:
    """Return birth, month of claim and age at claim in months, each from the other two where it can."""
    birth, claim = facts.get("birth"), facts.get("claim_month")
    if "age_months" in facts and "age_years" not in facts:
        raise CaseError("missing_field", "age_years", "missing: age_months stands beside it")
    age = 12 * facts["age_years"] + facts.get("age_months", 0) if "age_years" in facts else None
    if birth is not None and claim is not None:
        computed = claim - birth
        if computed < 0:
            message = f"the claim in {month_text(claim)} lies before the birth in {month_text(birth)}"
            raise CaseError("inconsistent", "claim_month", message)
        if age is not None and abs(age - computed) > 1:
            message = (
                f"{age // 12} years {age % 12} months do not fit birth and claim_month: {computed} months"
            )
            raise CaseError("inconsistent", "age_years", message)
        age = computed if age is None else age
    elif age is not None and claim is not None:
        birth = claim - age
    elif age is not None and birth is not None:
        claim = birth + age
    return birth, claim, age


def _category_of(facts: dict, month: int, book: _Book, steps: _Steps, notes: list[str]) -> str | None:
    sex, category = facts.get("sex"), facts.get("category")
    male = CATEGORIES[0].name
    if category is not None:
        if sex is not None and (sex == SEXES[0].name) != (category == male):
            raise CaseError("inconsistent", "category", f"{category} does not fit sex {sex}")
        return category
    if sex == SEXES[0].name:
        return male
    if sex is not None and facts.get("flexible"):
        assumed = book.dated("flexible_women_category", month)
        steps.law_value("flexible_women_category", assumed)
        notes.append(
            f"category {assumed.value} assumed for a woman insured as a flexible worker ({assumed.note})"
        )
        return assumed.value
    return None


def _eligibility(
    facts, birth, claim, book: _Book, steps: _Steps, notes: list[str]
) -> tuple[bool | None, str]:
    category = _category_of(facts, REFERENCE_MONTH if claim is None else claim, book, steps, notes)
    if birth is None or claim is None or category is None:
        return None, "facts_missing"
    retirement = book.retirement(birth, category)
    statutory = retirement.statutory_month
    if steps.wanted:
        reached = max(retirement.original_month, 0)
        dated = book.dated("original_retirement_age", reached, category=category)
        steps.law_value("original_retirement_age", dated)
        delay = statutory - retirement.original_month
        dated = book.dated("retirement_delay_step_months", reached, category=category)
        formula = f"{month_text(retirement.original_month)} + {delay} months of delay"
        text = month_text(statutory)
        steps.add("statutory_month", "法定退休时间", formula, text, "retirement_delay_step_months", dated)
    earliest = statutory if retirement.earliest_month is None else retirement.earliest_month
    if claim < earliest:
        return False, "below_statutory_age"
    minimum = book.dated("minimum_contribution_months", max(min(claim, statutory), 0))
    steps.law_value("minimum_contribution_months", minimum)
    if "contribution_months" not in facts:
        return None, "facts_missing"
    if facts["contribution_months"] < minimum.value:
        return False, "below_minimum_months"
    if claim == statutory:
        return True, "eligible"
    return True, "eligible_early" if claim < statutory else "eligible_late"


def _contribution_years(facts, month, place: _Place, book: _Book, steps: _Steps) -> float | None:
    if "contribution_months" not in facts:
        if "deemed_months" in facts or "average_contribution_index" in facts:
            raise CaseError(
                "missing_field", "contribution_months", "missing: paid and deemed months together"
            )
        return None
    months = facts["contribution_months"]
    if facts.get("deemed_months", 0) > months:
        message = f"{facts['deemed_months']} deemed months are more than the {months} in all"
        raise CaseError("inconsistent", "deemed_months", message)
    convention = book.dated("years_convention", month, place.province)
    years = _YEARS_RULES[convention.value](months)
    steps.add("contribution_years", "缴费年限", f"{months} / 12", years, "years_convention", convention)
    return years


def _employee_divisor(facts, age, month, book: _Book, steps: _Steps) -> float | None:
    if age is not None:
        # an impossible age is told even where the divisor is given
        field = "age_years" if "age_years" in facts else "birth"
        from_age = book.divisor(
            age, month, field
        )  # an impossible age is told even where the divisor is given
    if "annuity_divisor" in facts:
        steps.given("annuity_divisor", "计发月数", facts["annuity_divisor"])
        return facts["annuity_divisor"]
    if age is None:
        return None
    dated = book.dated("annuity_divisors", month)
    formula = f"{age // 12} years {age % 12} months, {book.value('divisor_interpolation', month)}"
    steps.add("annuity_divisor", "计发月数", formula, from_age, "annuity_divisors", dated)
    return from_age


def _benefit_bases(
    facts, claim, place: _Place, book: _Book, steps: _Steps, notes
) -> tuple[float, float] | None:
    """Return the bases of flat and indexed half; None where neither the case nor the law has them."""
    given = facts.get("benefit_base")
    if given is not None:
        steps.given("benefit_base", "计发基数", given)
        indexed = facts.get("indexed_base", given)
        if indexed != given:
            steps.given("indexed_base", "指数化部分计发基数", indexed)
        return given, indexed
    if claim is None or place.province is None:
        return None
    flat, indexed = book.bases(place, claim)
    if flat is None or (indexed is None and "indexed_base" not in facts):
        where = facts["province"]
        notes.append(f"no benefit base of {where} is known for {FIRST_YEAR + claim // 12}: give benefit_base")
        return None
    steps.law_value("benefit_base", flat)
    if "indexed_base" in facts:
        steps.given("indexed_base", "指数化部分计发基数", facts["indexed_base"])
    elif indexed.value != flat.value:
        steps.law_value("indexed_benefit_base", indexed)
    return float(flat.value), float(facts.get("indexed_base", indexed.value if indexed else 0))


def _basic_pension(facts, years, bases, claim, place: _Place, rounding, book: _Book, steps) -> float | None:
    if years is None:
        return None
    index = need(facts, "average_contribution_index", "the basic pension needs it beside contribution_months")
    if bases is None:
        if claim is None or place.province is None:
            raise CaseError("missing_field", "benefit_base", "missing: give it, or province and claim_month")
        return None
    month = REFERENCE_MONTH if claim is None else claim
    rate = book.dated("accrual_rate", month)
    weight = float(book.value("indexed_half_weight", month))
    threshold = book.dated("low_index_threshold", month, place.province)
    flat, indexed = bases
    amount = rules.basic_pension(
        flat, indexed, index, years, float(rate.value), weight, float(threshold.value)
    )
    basic = _rounded(amount, rounding)
    if steps.wanted:
        factor = ""
        if index < threshold.value:
            steps.law_value("low_index_threshold", threshold)
            factor = f" × {index:g} / {threshold.value:g}"
        halves = f"{flat:g} × {1 - weight:g}{factor} + {indexed:g} × {index:g} × {weight:g}"
        formula = f"({halves}) × {years:.6g} × {rate.value:g}"
        steps.add("basic_pension", "基础养老金", formula, basic, "accrual_rate", rate)
    return basic


def _transitional_pension(facts, bases, month, place: _Place, rounding, book: _Book, steps) -> float | None:
    months = facts.get("deemed_months")
    if months is None and ("transition_index" in facts or "transition_coefficient" in facts):
        raise CaseError(
            "missing_field", "deemed_months", "missing: a transition index or coefficient stands beside it"
        )
    if not months:
        return 0.0
    if bases is None:
        return None
    dated_index = book.dated("deemed_index", month, place.province)
    dated_coefficient = book.dated("transition_coefficient", month, place.province)
    index = facts.get("transition_index", float(dated_index.value))
    coefficient = facts.get("transition_coefficient", float(dated_coefficient.value))
    if "transition_index" not in facts:
        steps.law_value("deemed_index", dated_index)
    amount = _rounded(rules.transitional_pension(bases[0], index, months / 12, coefficient), rounding)
    formula = f"{bases[0]:g} × {index:g} × {months / 12:.6g} × {coefficient:g}"
    given = "transition_coefficient" in facts
    cited = ("", None) if given else ("transition_coefficient", dated_coefficient)
    steps.add("transitional_pension", "过渡性养老金", formula, amount, *cited)
    return amount


def _supplements(month, place: _Place, book: _Book, steps: _Steps) -> list[dict]:
    if place.province is None:
        return []
    dated = book.dated("fixed_supplement", month, place.province)
    if not dated.value:
        return []
    steps.law_value("fixed_supplement", dated)
    return [{"name": "fixed_supplement", "amount": float(dated.value)}]


def _resident(facts: dict, book: _Book, steps: _Steps) -> dict:
    month = facts.get("claim_month", REFERENCE_MONTH)
    place = book.place(facts["province"]) if "province" in facts else _Place(None)
    rounding = book.value("amount_rounding", month, place.province)
    credits = _resident_credits(facts)
    if credits is None:
        balance = need(facts, "account_balance", "give it, or contributions by year, or tier and years")
        steps.given("account_balance", "个人账户储存额", balance)
        years = facts.get("years")
    else:
        if "account_balance" in facts:
            message = "stands beside contributions or tier. Give the balance or what it is made of"
            raise CaseError("inconsistent", "account_balance", message)
        years = len(credits)
        rates = _resident_rates(facts, years, month, place, book, steps)
        balance = _rounded(
            rules.resident_account_balance(np.asarray(credits), np.asarray(rates)), "fen_half_up"
        )
        formula = "each year's dues and subsidy at its end, interest from the next year on"
        steps.add("account_balance", "个人账户储存额", formula, balance)
    if "annuity_divisor" in facts:
        divisor = facts["annuity_divisor"]
        steps.given("annuity_divisor", "计发月数", divisor)
    else:
        dated = book.dated("resident_annuity_divisor", month)
        steps.law_value("resident_annuity_divisor", dated)
        divisor = float(dated.value)
    account = _rounded(rules.account_pension(balance, divisor), rounding)
    steps.add("account_pension", "个人账户养老金", f"{balance:.2f} / {divisor:g}", account)
    basic, extra = _resident_basic(facts, years, month, place, rounding, book, steps)
    pension = round(basic + account + (extra or 0.0), 2)
    steps.add("monthly_pension", "月养老金", f"{basic:.2f} + {account:.2f} + {extra or 0:.2f}", pension)
    answer = {"account_balance": balance, "account_pension": account, "basic_pension": basic}
    if extra is not None:
        answer["extra_pension"] = extra
    return answer | {"monthly_pension": pension}


def _resident_credits(facts: dict) -> list[float] | None:
    """Dues plus subsidy by year; None where the case gives neither contributions nor a tier."""
    if "contributions" in facts and "tier" in facts:
        raise CaseError("inconsistent", "tier", "stands beside contributions. Give one of the two")
    if "contributions" in facts:
        dues = facts["contributions"]
        dues = [dues] * facts.get("years", 1) if isinstance(dues, float) else dues
    elif "tier" in facts:
        dues = [facts["tier"]] * need(facts, "years", "how often the tier was paid")
    else:
        return None
    if facts.get("years", len(dues)) != len(dues):
        message = f"{facts['years']} years do not fit {len(dues)} contributions"
        raise CaseError("inconsistent", "years", message)
    subsidies = _per_year(facts.get("subsidy", 0.0), len(dues), "subsidy")
    return [due + subsidy for due, subsidy in zip(dues, subsidies, strict=True)]


def _resident_rates(facts, years: int, month: int, place: _Place, book: _Book, steps: _Steps) -> list[float]:
    if "crediting_rate" in facts:
        steps.given("crediting_rate", "记账利率", facts["crediting_rate"])
        return _per_year(facts["crediting_rate"], years, "crediting_rate")
    if years <= 1:
        return [0.0] * years
    if "claim_month" not in facts:
        raise CaseError(
            "missing_field", "crediting_rate", "missing: give it, or claim_month for the law's rates"
        )
    first = month - 12 * years
    dated = [
        book.dated("resident_crediting_rate", max(first + 12 * y, 0), place.province) for y in range(years)
    ]
    steps.law_value("resident_crediting_rate", dated[-1])
    return [float(v.value) for v in dated]


def _per_year(value: float | list[float], years: int, field: str) -> list[float]:
    if isinstance(value, list):
        if len(value) != years:
            raise CaseError("inconsistent", field, f"{len(value)} values do not fit {years} years")
        return value
    return [value] * years


def _resident_basic(facts, years, month, place: _Place, rounding, book, steps) -> tuple[float, float | None]:
    """Return basic amount and local extra; the extra stands beside a basic amount of the law only."""
    if "basic_pension" in facts:
        steps.given("basic_pension", "基础养老金", facts["basic_pension"])
        return facts["basic_pension"], None
    if "claim_month" not in facts or "province" not in facts:
        raise CaseError("missing_field", "basic_pension", "missing: give it, or province and claim_month")
    dated = book.dated("resident_basic_pension", month, place.province)
    steps.law_value("resident_basic_pension", dated)
    minimum = book.value("resident_minimum_months", month) / 12
    per_year = book.dated("resident_extra_per_year", month, place.province)
    whole = rules.resident_pension(0.0, 0.0, 1.0, float(per_year.value), float(years or 0), minimum)
    steps.law_value("resident_extra_per_year", per_year)
    return float(dated.value), _rounded(whole, rounding)


def _retirement_age(facts: dict, book: _Book, steps: _Steps) -> dict:
    birth = need(facts, "birth", "the month of birth, YYYY-MM")
    category = need(facts, "category", "male, female_55 or female_50")
    found = book.retirement(birth, category)
    if steps.wanted:
        reached = max(found.original_month, 0)
        steps.law_value(
            "original_retirement_age", book.dated("original_retirement_age", reached, category=category)
        )
        for name in ("retirement_delay_step_months", "retirement_delay_cap_months"):
            steps.law_value(name, book.dated(name, reached, category=category))
        formula = (
            f"{month_text(found.original_month)} + {found.statutory_month - found.original_month} months"
        )
        steps.add("statutory_month", "法定退休时间", formula, month_text(found.statutory_month))
        for name in ("early_claim_window_months", "late_claim_window_months", "minimum_contribution_months"):
            steps.law_value(name, book.dated(name, max(found.statutory_month, 0)))
    return {
        "statutory_month": month_text(found.statutory_month),
        "age_years": found.age_months // 12,
        "age_months": found.age_months % 12,
        "earliest_month": None if found.earliest_month is None else month_text(found.earliest_month),
        "latest_month": None if found.latest_month is None else month_text(found.latest_month),
        "minimum_months": found.minimum_months,
    }


def _annuity_divisor(facts: dict, book: _Book, steps: _Steps) -> dict:
    age = 12 * need(facts, "age_years", "completed years of age at claim") + facts.get("age_months", 0)
    month = facts.get("claim_month", REFERENCE_MONTH)
    divisor = book.divisor(age, month)
    steps.law_value("annuity_divisors", book.dated("annuity_divisors", month))
    steps.law_value("divisor_interpolation", book.dated("divisor_interpolation", month))
    steps.add("annuity_divisor", "计发月数", f"{age // 12} years {age % 12} months", divisor)
    return {"annuity_divisor": divisor}


def _minimum_years(facts: dict, book: _Book, steps: _Steps) -> dict:
    year = need(facts, "year", "the year of retirement")
    dated = book.dated("minimum_contribution_months", 12 * (year - FIRST_YEAR))
    steps.law_value("minimum_contribution_months", dated)
    return {"minimum_years": dated.value / 12, "minimum_months": dated.value}


def _transfer(facts: dict, book: _Book, steps: _Steps) -> dict:
    balance = need(facts, "account_balance", "the balance of the account that moves")
    total = _sum_of_bases(facts, book)
    dated = book.dated("transfer_pool_rate", REFERENCE_MONTH)
    account, pooled = rules.transfer_amounts(balance, total, float(dated.value))
    account, pooled = _rounded(account, "fen_half_up"), _rounded(pooled, "fen_half_up")
    steps.add("account_transferred", "个人账户转移额", f"{balance:.2f}", account)
    formula = f"{total:.2f} × {dated.value:g}"
    steps.add("pooled_transferred", "统筹基金转移额", formula, pooled, "transfer_pool_rate", dated)
    return {"account_transferred": account, "pooled_transferred": pooled}


def _sum_of_bases(facts: dict, book: _Book) -> float:
    """Return the sum of the monthly bases of all months paid. [yuan]

    One base with all months; a list of bases with a list of months of the same length; or as many bases as
    months. A base is a month's unless ``bases_period`` is "year"; without that word bases above the highest
    monthly cap there is can only be those of years.
    """
    months, bases = need(facts, "months", "months paid"), need(facts, "bases", "contribution bases")
    count = len(bases) if isinstance(bases, list) else 1
    if isinstance(months, int) and months == count and isinstance(bases, list):
        return sum(bases)
    bases = bases if isinstance(bases, list) else [bases]
    if isinstance(months, int):
        if months != 12 * count and count > 1:
            message = (
                f"{count} bases do not tell how {months} months fall on them. Give a list, one number a base"
            )
            raise CaseError("inconsistent", "months", message)
        months = [months] if count == 1 else [12] * count
    if len(months) != count:
        raise CaseError("inconsistent", "months", f"{len(months)} numbers do not fit {count} bases")
    yearly = facts.get("bases_period", "year" if max(bases) > _highest_cap(book) else "month") == "year"
    return sum(base * paid for base, paid in zip(bases, months, strict=True)) / (12 if yearly else 1)


def _highest_cap(book: _Book) -> float:
    if "highest_cap" not in book.found:
        names = [p.name for p in book.law.provinces]
        caps = (book.value("reference_wage", REFERENCE_MONTH, p) for p in names)
        ratios = (book.value("base_cap_ratio", REFERENCE_MONTH, p) for p in names)
        book.found["highest_cap"] = max(wage * ratio for wage, ratio in zip(caps, ratios, strict=True))
    return book.found["highest_cap"]


def _average_index(facts: dict, book: _Book, steps: _Steps) -> dict:
    province = book.place(facts["province"]).province if "province" in facts else None
    indices = _yearly_indices(facts)
    default = [12 if index > 0 else 0 for index in indices]
    months = facts.get("months", default)
    if isinstance(months, int):
        months = [months] * len(indices)
    if len(months) != len(indices):
        raise CaseError("inconsistent", "months", f"{len(months)} numbers do not fit {len(indices)} years")
    if not any(months):
        raise CaseError("out_of_range", "months", "no month was paid, so there is no average index")
    dated = book.dated("average_index_convention", REFERENCE_MONTH, province)
    convention = facts.get("convention", dated.value)
    due = facts.get("due_months", 12 * len(indices))
    floor = book.dated("base_floor_ratio", REFERENCE_MONTH, province)
    average = _INDEX_RULES[convention](
        np.asarray(indices, dtype=float), np.asarray(months, dtype=float), float(due), float(floor.value)
    )
    average = round(average, 10)
    if convention == "gaps_at_floor":
        steps.law_value("base_floor_ratio", floor)
    formula = f"{convention}: " + ", ".join(
        f"{i:.6g} ({int(m)})" for i, m in zip(indices, months, strict=True)
    )
    given = "convention" in facts
    steps.add(
        "average_contribution_index",
        "平均缴费工资指数",
        formula,
        average,
        "" if given else "average_index_convention",
        None if given else dated,
    )
    return {"average_contribution_index": average}


def _yearly_indices(facts: dict) -> list[float]:
    if "indices" in facts:
        if "bases" in facts:
            raise CaseError("inconsistent", "indices", "stands beside bases. Give one of the two")
        return facts["indices"] if isinstance(facts["indices"], list) else [facts["indices"]]
    bases = need(facts, "bases", "give bases with reference_wages, or indices")
    wages = need(facts, "reference_wages", "the average wages of the years before, one a base")
    bases = bases if isinstance(bases, list) else [bases]
    wages = _per_year(wages, len(bases), "reference_wages")
    if not all(wages):
        raise CaseError("out_of_range", "reference_wages", "0 is no average wage")
    indices = [base / wage for base, wage in zip(bases, wages, strict=True)]
    return [check_index(index, "bases") for index in indices]


_ANSWERS: dict[str, Callable[[dict, _Book, _Steps], dict]] = {
    "employee": _employee,
    "resident": _resident,
    "retirement_age": _retirement_age,
    "annuity_divisor": _annuity_divisor,
    "minimum_years": _minimum_years,
    "transfer": _transfer,
    "average_index": _average_index,
}


# --------------------------------------------------------------------------- the batch


def award(cases: Sequence[Mapping], law: Law | None = None, steps: bool = True) -> list[dict]:
    """Return an answer or an error for each case, in the same order (批量核定). Never raises for a bad case.

    Parameters
    ----------
    cases : list of mapping
        Each with an ``id`` of its own and a ``system`` of ``SYSTEMS``.
    law : Law, optional
        Current law without it.
    steps : bool
        Add the lines of the computation with parameter, act and article.

    Examples
    --------
    >>> case = {"id": "a", "system": "employee", "benefit_base": 8000, "average_contribution_index": 0.6,
    ...         "contribution_months": 180}
    >>> award([case], steps=False)[0]["basic_pension"]
    960.0
    """
    book = _Book(load_law() if law is None else law)
    seen: set = set()
    return [_answer(case, book, steps, seen) for case in cases]


def _answer(case: Any, book: _Book, wanted: bool, seen: set) -> dict:
    case_id = case.get("id") if isinstance(case, Mapping) else None
    if not isinstance(case_id, (str, int)):
        case_id = None  # what is no id is not echoed
    try:
        system = case_system(case, seen)
        steps = _Steps(book.law, wanted)
        answer = {"id": case_id} | _ANSWERS[system](check_case(case, system), book, steps)
    except CaseError as error:
        return _error(case_id, error.code, error.field, str(error))
    except LawError as error:  # the law at hand lacks a parameter, as a frozen or amended one may
        return _error(case_id, "no_law", None, str(error))
    if wanted:
        answer["steps"] = steps.lines
    return answer


def _error(case_id: Any, code: str, field: str | None, message: str) -> dict:
    return {"id": case_id, "error": {"code": code, "field": field, "message": message}}
