"""The ledger of one person (个人账本): every month, the account, every line of the pension with its article.

Months, account, index and pension are added up here from the rules of one month and one line, not read from
the sums of the engine; tests hold the two together. `against` puts two ledgers side by side and shares the
gap between two pensions out among its causes.
"""

from __future__ import annotations

import itertools
import math
from typing import Any, NamedTuple

import numpy as np

from simulate import entitlements as rules
from simulate.contributions import N_PAYERS, N_SINKS, has_flows, month_flows
from simulate.law import DatedValue, Law
from simulate.participation import CLAIM_EMPLOYEE, CLAIM_NONE, CLAIM_RESIDENT, lowest_base
from simulate.payments import floor_pension, increased
from simulate.policy import DIVISOR_AGES_MONTHS
from simulate.run import Case, Course, Lives, careers_under, prepare
from simulate.terms import (
    CATEGORIES,
    EDUCATION,
    FIRST_YEAR,
    FORMS,
    HUKOU,
    MEASURING_AGE,
    N_YEARS,
    OCCUPATIONS,
    PAYERS,
    PLATFORM_EMPLOYEE,
    PLATFORM_FLEXIBLE,
    REASONS,
    ROUTE_FLEXIBLE,
    ROUTES,
    SEXES,
    SINKS,
    Term,
)

SCHEMA_VERSION = 1
CLAIM_KINDS = (
    Term("none", "没有养老金"),
    Term("employee", "职工基本养老保险"),
    Term("resident", "城乡居民养老保险"),
)
FACTORS = (
    Term("months", "缴费月数"),
    Term("index", "缴费指数"),
    Term("account", "个人账户储存额"),
    Term("claim", "领取时间和地点"),
    Term("law", "计发基数和其他参数"),
)

# line: Chinese name, unit
LINES = {
    "statutory_month": ("法定退休时间", "month"),
    "minimum_contribution_months": ("最低缴费年限", "months"),
    "claim_month": ("领取时间", "month"),
    "claim_province": ("待遇领取地", "province"),
    "contribution_months": ("缴费月数", "months"),
    "contribution_years": ("缴费年限", "years"),
    "average_contribution_index": ("平均缴费工资指数", "index"),
    "benefit_base": ("养老金计发基数", "yuan/month"),
    "indexed_benefit_base": ("指数化部分计发基数", "yuan/month"),
    "accrual_rate": ("基础养老金年计发比例", "1/year"),
    "account_balance": ("个人账户储存额", "yuan"),
    "annuity_divisor": ("计发月数", "months"),
    "transition_coefficient": ("过渡系数", "1/year"),
    "basic_pension": ("基础养老金", "yuan/month"),
    "account_pension": ("个人账户养老金", "yuan/month"),
    "transitional_pension": ("过渡性养老金", "yuan/month"),
    "resident_basic_pension": ("居民基础养老金", "yuan/month"),
    "resident_account_pension": ("居民个人账户养老金", "yuan/month"),
    "resident_extra_pension": ("居民缴费年限养老金", "yuan/month"),
    "monthly_pension": ("月养老金", "yuan/month"),
    "pension_increase": ("养老金调整", "yuan/month"),
    "resident_increase": ("居民基础养老金调整", "yuan/month"),
    "floor_pension": ("普惠和最低养老金", "yuan/month"),
    "pension_at_65": ("65岁时月养老金", "yuan/month"),
}
# words of the formulas and of their numbers
INPUTS = {name: zh for name, (zh, _) in LINES.items()} | {
    "original_month": "原法定退休时间",
    "delay_months": "延迟月数",
    "months_paid": "实际缴费月数",
    "deemed_months": "视同缴费月数",
    "resident_months": "居民养老保险缴费月数",
    "claim_place_months": "领取地所需月数",
    "base": "缴费基数",
    "reference_wage": "上年度社平工资",
    "index": "平均缴费工资指数",
    "weight": "指数化部分权重",
    "years": "缴费年限",
    "low_index_threshold": "低指数折算门槛",
    "age_months": "月龄",
    "deemed_index": "视同缴费指数",
    "deemed_years": "视同缴费年限",
    "years_before_accounts": "建账前缴费年限",
    "extra_per_year": "每年加发额",
    "whole_years_beyond": "超过最低年限的整年数",
    "pension": "上年养老金",
    "percent": "挂钩比例",
    "flat": "定额调整",
    "per_year": "每缴费年增加额",
    "fixed_part": "其余部分",
    "universal_ratio": "普惠养老金标准",
    "minimum_ratio": "最低养老金标准",
    "taper": "递减率",
    "max": "取大",
    "credits": "记入额",
    "interest": "利息",
    "sum": "合计",
    "employee": "职工基本养老保险",
    "resident": "城乡居民养老保险",
}


def month_text(m: int) -> str:
    """Return a month index as YYYY-MM (月份).

    >>> month_text(0), month_text(-1), month_text(431)
    ('1990-01', '1989-12', '2025-12')
    """
    return f"{FIRST_YEAR + m // 12:04d}-{m % 12 + 1:02d}"


class Person(NamedTuple):
    """What the rules of entitlement ask of a person (个人基本情况)."""

    birth: int
    sex: int
    home: int
    hukou: int
    category: int
    statutory: int
    deemed: int


class Months(NamedTuple):
    """Months that count (计入的月数): employee scheme, of them before accounts, resident scheme."""

    paid: float
    before_accounts: float
    resident: float


class Claim(NamedTuple):
    """The claim (领取): month index, kind, province."""

    month: int
    kind: int
    province: int


class State(NamedTuple):
    """All that decides a pension (决定待遇的因素); one entry a factor of FACTORS, in that order."""

    months: Months
    index: float
    balance: float
    claim: Claim
    policy: Any


# --------------------------------------------------------------------------- lines


class _Lines:
    """The lines of a determination (计算步骤), each with the law value in force at the claim."""

    def __init__(self, law: Law):
        self.law = law
        self.lines: list[dict] = []

    def add(self, name, formula, value, inputs=None, parameter="", month=None, used=None, **scope) -> None:
        """Add a line; `used` is the number the engine took, where it may go beyond the dated values."""
        name_zh, unit = LINES[name]
        dated = self._dated(parameter, month, scope) if parameter else None
        act = self.law.acts.get(dated.act) if dated is not None else None
        flag = dated.flag if dated is not None else None
        if dated is not None and used is not None and not _is_same(dated.value, used):
            flag = "projected"
        self.lines.append(
            {
                "name": name,
                "name_zh": name_zh,
                "formula": formula,
                "value": value,
                "unit": unit,
                "inputs": inputs or {},
                "parameter": parameter or None,
                "effective": str(dated.effective) if dated is not None else None,
                "act": f"{act.number} {act.title_zh}".strip() if act else None,
                "article": (dated.article or None) if dated is not None else None,
                "flag": flag,
            }
        )

    def _dated(self, parameter: str, month: int | None, scope: dict) -> DatedValue | None:
        if month is None:  # a rule without a time dimension: its last value holds for everybody
            series = self.law.series(parameter, **scope)
            return series[-1] if series else None
        day = f"{FIRST_YEAR + max(month, 0) // 12:04d}-{max(month, 0) % 12 + 1:02d}-01"
        return self.law.dated_value(parameter, day, **scope)


class _Silent:
    """Collects nothing, for sums that nobody reads line by line."""

    law = None

    def add(self, *_, **__) -> None:
        return


def _is_same(dated: Any, used: float) -> bool:
    return isinstance(dated, (int, float)) and math.isclose(float(dated), used, rel_tol=1e-12, abs_tol=1e-12)


def _year_of(claim: Claim) -> int:
    return min(claim.month, 12 * N_YEARS - 1) // 12


def determine(person: Person, state: State, lines=None) -> dict[str, float]:
    """Return the parts of a pension at the claim and the pension at 65 (待遇核定). [yuan/month]

    Parameters
    ----------
    person : Person
    state : State
    lines : collector, optional
        Takes one line a step of the determination.
    """
    lines = lines or _Silent()
    parts = dict.fromkeys(
        ("basic", "account", "transitional", "employee", "resident_basic", "resident_rest"), 0.0
    )
    kind = state.claim.kind
    if kind == CLAIM_EMPLOYEE:
        parts |= _employee_parts(person, state, lines)
    elif kind == CLAIM_RESIDENT:
        parts |= _resident_parts(person, state, lines)
    at_claim = parts["employee"] + parts["resident_basic"] + parts["resident_rest"]
    if kind != CLAIM_NONE:
        named = ("basic_pension", "account_pension", "transitional_pension")
        if kind == CLAIM_RESIDENT:
            named = ("resident_basic_pension", "resident_account_pension", "resident_extra_pension")
        lines.add("monthly_pension", " + ".join(named), at_claim)
    drawn = _to_65(person, state, parts, lines)
    floor = _floor_at_65(person, state, drawn, lines)
    lines.add("pension_at_65", month_text(person.birth + 12 * MEASURING_AGE), drawn + floor)
    return parts | {
        "pension_at_claim": at_claim,
        "floor_pension_at_65": floor,
        "pension_at_65": drawn + floor,
    }


def _employee_parts(person: Person, state: State, lines) -> dict[str, float]:
    months, index, balance, claim, policy = state
    p, y = claim.province, _year_of(claim)
    january = 12 * y
    province = lines.law.provinces[p].name if lines.law else None
    years = (months.paid + person.deemed) / 12.0
    base = float(policy.benefit_base[p, y])
    indexed_base = float(policy.indexed_benefit_base[p, y])
    accrual = float(policy.accrual_rate[y])
    weight = float(policy.indexed_half_weight[y])
    threshold = float(policy.low_index_threshold[p, y])
    age = claim.month - person.birth
    step = min(max(0, age - DIVISOR_AGES_MONTHS.start), policy.annuity_divisor.shape[1] - 1)
    divisor = float(policy.annuity_divisor[y, step])
    basic = rules.basic_pension(base, indexed_base, index, years, accrual, weight, threshold)
    account = rules.account_pension(balance, divisor)
    coefficient = float(policy.transition_coefficient[p])
    deemed_index = float(policy.deemed_index[p])
    before_years, deemed_years = months.before_accounts / 12.0, person.deemed / 12.0
    transitional = rules.transitional_pension(
        base, deemed_index, deemed_years, coefficient
    ) + rules.transitional_pension(base, index, before_years, coefficient)

    lines.add("benefit_base", "", base, {}, "benefit_base", january, base, province=province)
    if indexed_base != base:
        lines.add(
            "indexed_benefit_base", "", indexed_base, {}, "indexed_benefit_base", january, indexed_base,
            province=province,
        )  # fmt: skip
    lines.add("accrual_rate", "", accrual, {}, "accrual_rate", january, accrual)
    formula = "(benefit_base × (1 − weight) + indexed_benefit_base × index × weight) × years × accrual_rate"
    if index < threshold:
        formula = formula.replace("(1 − weight)", "(1 − weight) × index / low_index_threshold")
    inputs = {
        "benefit_base": base,
        "indexed_benefit_base": indexed_base,
        "index": index,
        "weight": weight,
        "years": years,
        "accrual_rate": accrual,
    } | ({"low_index_threshold": threshold} if index < threshold else {})
    parameter = "low_index_threshold" if index < threshold else "indexed_half_weight"
    scope = {"province": province} if index < threshold else {}
    used = threshold if index < threshold else weight
    lines.add("basic_pension", formula, basic, inputs, parameter, january, used, **scope)
    lines.add(
        "annuity_divisor", "", divisor, {"age_months": age},
        "divisor_interpolation" if age % 12 else "annuity_divisors", january,
    )  # fmt: skip
    lines.add(
        "account_pension", "account_balance / annuity_divisor", account,
        {"account_balance": balance, "annuity_divisor": divisor},
    )  # fmt: skip
    if before_years or deemed_years:
        lines.add(
            "transitional_pension",
            "benefit_base × transition_coefficient"
            " × (deemed_index × deemed_years + index × years_before_accounts)",
            transitional,
            {
                "benefit_base": base,
                "transition_coefficient": coefficient,
                "deemed_index": deemed_index,
                "deemed_years": deemed_years,
                "index": index,
                "years_before_accounts": before_years,
            },
            "transition_coefficient",
            None,
            coefficient,
            province=province,
        )
    employee = basic + account + transitional
    return {"basic": basic, "account": account, "transitional": transitional, "employee": employee}


def _resident_parts(person: Person, state: State, lines) -> dict[str, float]:
    months, _, balance, claim, policy = state
    y = _year_of(claim)
    july = 12 * y + 6
    province = lines.law.provinces[person.home].name if lines.law else None
    years = (months.resident + months.paid) / 12.0
    basic = float(policy.resident_basic[person.home, y])
    divisor = float(policy.resident_divisor[y])
    extra = float(policy.resident_extra[person.home, y])
    minimum = float(policy.resident_minimum_months[y]) / 12.0
    pension = rules.resident_pension(basic, balance, divisor, extra, years, minimum)
    account = rules.account_pension(balance, divisor)
    beyond = rules.resident_pension(0.0, 0.0, divisor, extra, years, minimum)
    lines.add(
        "resident_basic_pension", "", basic, {}, "resident_basic_pension", july, basic, province=province
    )
    lines.add(
        "resident_account_pension", "account_balance / annuity_divisor", account,
        {"account_balance": balance, "annuity_divisor": divisor},
        "resident_annuity_divisor", 12 * y, divisor,
    )  # fmt: skip
    lines.add(
        "resident_extra_pension", "extra_per_year × whole_years_beyond", beyond,
        {"extra_per_year": extra, "whole_years_beyond": max(0, math.floor(years - minimum + 1e-9))},
        "resident_extra_per_year", july, extra, province=province,
    )  # fmt: skip
    return {"resident_basic": basic, "resident_rest": pension - basic}


def _to_65(person: Person, state: State, parts: dict[str, float], lines) -> float:
    """The pension after the increases of each January to the 65th birthday; 0 if not yet claimed then."""
    claim, policy = state.claim, state.policy
    at_65 = person.birth + 12 * MEASURING_AGE
    last, first = at_65 // 12, _year_of(claim) if claim.kind != CLAIM_NONE else N_YEARS
    years = (state.months.paid + person.deemed) / 12.0
    pension = 0.0
    for y, pension, amounts in pension_by_year(person, claim, policy, parts, years, last):
        if y == first or y > last:
            continue
        formula = "pension × (1 + percent) + flat + per_year × years"
        if claim.kind == CLAIM_RESIDENT:
            home = lines.law.provinces[person.home].name if lines.law else None
            lines.add(
                "resident_increase", f"{FIRST_YEAR + y}: resident_basic_pension + fixed_part", pension,
                amounts, "resident_basic_pension", 12 * min(y, N_YEARS - 1) + 6,
                amounts["resident_basic_pension"], province=home,
            )  # fmt: skip
        else:
            lines.add(
                "pension_increase", f"{FIRST_YEAR + y}: {formula}", pension, amounts, "pension_increase",
                12 * min(y, N_YEARS - 1), _overall_increase(lines.law, y),
            )  # fmt: skip
    if claim.kind == CLAIM_NONE or claim.month > at_65:
        pension = 0.0
    return pension


def _floor_at_65(person: Person, state: State, drawn: float, lines) -> float:
    """Universal and minimum pension at 65 beside what is drawn then; 0 where the law has none."""
    policy, y = state.policy, (person.birth + 12 * MEASURING_AGE) // 12
    if policy.floor_pension_age > 12 * MEASURING_AGE:
        return 0.0
    floor = float(floor_pension(policy, person.home, y, drawn))
    if floor > 0.0:
        held = min(y, N_YEARS - 1)
        inputs = {
            "universal_ratio": float(policy.universal_ratio[held]),
            "minimum_ratio": float(policy.minimum_ratio[held]),
            "taper": float(policy.minimum_taper[held]),
            "reference_wage": float(policy.reference_wage[person.home, held]),
            "pension": drawn,
        }
        name = "universal_pension_ratio" if inputs["universal_ratio"] else "minimum_pension_ratio"
        used = inputs["universal_ratio"] or inputs["minimum_ratio"]
        formula = "flat + max(0, minimum_ratio × reference_wage − taper × (pension + flat))"
        inputs["flat"] = inputs["universal_ratio"] * inputs["reference_wage"]
        lines.add("floor_pension", formula, floor, inputs, name, 12 * held, used)
    return floor


def _overall_increase(law: Law | None, y: int) -> float | None:
    """The dated increase of a year where there is one; otherwise no number, and the line is projected."""
    if law is None:
        return None
    found = [v.value for v in law.series("pension_increase") if v.effective.year == FIRST_YEAR + y]
    return float(found[-1]) if found else math.nan


def pension_by_year(person: Person, claim: Claim, policy, parts: dict[str, float], years: float, last: int):
    """Yield year index, pension of the year and what was added to it (逐年养老金), from the claim on.

    Parameters
    ----------
    parts : dict of float
        As `determine` returns them.
    years : float
        Contribution years that the increase counts. [years]
    last : int
        Last year index wanted.
    """
    if claim.kind == CLAIM_NONE:
        return
    first = claim.month // 12
    pension = parts["employee"]
    for y in range(first, last + 1):
        held = min(y, N_YEARS - 1)
        if claim.kind == CLAIM_RESIDENT:
            basic = float(policy.resident_basic[person.home, held])
            amounts = {"resident_basic_pension": basic, "fixed_part": parts["resident_rest"]}
            yield y, basic + parts["resident_rest"], amounts
            continue
        amounts = {}
        if y > first:
            amounts = {
                "pension": pension,
                "percent": float(policy.increase_percent[held]),
                "flat": float(policy.increase_flat[held]),
                "per_year": float(policy.increase_per_year[held]),
                "years": years,
            }
            pension = increased(pension, policy, y, years)
        yield y, pension, amounts


# --------------------------------------------------------------------------- months and accounts


def _months(lives: Lives, i: int, case: Case, course: Course, law: Law) -> list[dict]:
    """One entry a month up to the month before the claim: form, base, who paid, where it went, why not."""
    people, careers = lives.people, lives.careers
    plan, policy = course.plan, case.policy
    paid, sunk = np.empty(N_PAYERS), np.empty(N_SINKS)
    difficulty_months = 0
    start = int(careers.start[i])
    found = []
    for c in range(min(int(careers.length[i]), int(plan.settled[i]) - start)):
        m = start + c
        base, credit = float(plan.base[i, c]), float(plan.credit_base[i, c])
        paid[:], sunk[:] = 0.0, 0.0
        if has_flows(policy, careers, plan, i, c, m):
            _, difficulty_months, funded = month_flows(
                i, c, people, careers, policy, case.behaviour, plan, difficulty_months, paid, sunk
            )
            credit += funded
        route, form = int(plan.route[i, c]), int(careers.form[i, c])
        place = int(plan.record_province[i, c])
        wage = float(policy.reference_wage[place, m // 12]) if place >= 0 else None
        is_platform = form in (PLATFORM_EMPLOYEE, PLATFORM_FLEXIBLE)
        found.append(
            {
                "month": month_text(m),
                "form": FORMS[form].name,
                "occupation": OCCUPATIONS[careers.occupation[i, c]].name if is_platform else None,
                "place": law.provinces[careers.province[i, c]].name,
                "record_province": law.provinces[place].name if place >= 0 else None,
                "route": ROUTES[route].name,
                "reason": REASONS[plan.reason[i, c]].name,
                "earnings": float(careers.earnings[i, c]),
                "base": base,
                "base_ratio": base / wage if wage else None,
                "tier": _tier(policy, place, m, base) if route == ROUTE_FLEXIBLE else None,
                "credit_base": credit,
                "month_credit": float(plan.month_credit[i, c]),
                "paid_by": {payer.name: float(paid[k]) for k, payer in enumerate(PAYERS)},
                "credited": {sink.name: float(sunk[k]) for k, sink in enumerate(SINKS)},
            }
        )
    return found


def _tier(policy, province: int, m: int, base: float) -> float | None:
    """The tier chosen, a multiple of the reference wage; None where the base is none of the law's tiers."""
    y = m // 12
    floor, cap = policy.flexible_base_floor[province, m], policy.flexible_base_cap[province, m]
    for tier in policy.flexible_base_tiers[y]:
        if math.isfinite(tier):
            amount = min(max(tier * policy.reference_wage[province, y], floor), cap)
            if math.isclose(amount, base, rel_tol=1e-9):
                return float(tier)
    return None


def _years(lives: Lives, i: int, case: Case, course: Course, months: list[dict]) -> list[dict]:
    """Both accounts year by year to the claim: opening, credits, rate, interest, closing."""
    plan, policy = course.plan, case.policy
    start, home = int(lives.careers.start[i]), int(lives.people.hukou_province[i])
    end, claim = start + len(months), int(plan.settled[i])
    balance, resident_balance = 0.0, 0.0
    found = []
    m = start
    while m < end:
        year, stop = m // 12, min(end, 12 * (m // 12 + 1))
        credits = np.zeros(12)
        for k in range(m, stop):
            credits[k % 12] = months[k - start]["credited"]["account"]
        elapsed = stop - 12 * year
        rate = float(policy.crediting_rate[year])
        interest = float(rules.account_interest(balance, credits, rate, elapsed))
        slot = year - start // 12
        tier, subsidy = float(plan.resident_tier[i, slot]), float(plan.resident_subsidy[i, slot])
        resident_rate = float(policy.resident_crediting_rate[home, year])
        found.append(
            _year(year, stop - m, balance, float(credits.sum()), rate, interest)
            | {
                "resident_account": _resident_year(
                    resident_balance, tier, subsidy, resident_rate, resident_rate * elapsed / 12.0
                )
            }
        )
        balance = found[-1]["closing"]
        resident_balance = found[-1]["resident_account"]["closing"]
        m = stop
    # who claims after the last career month: whole months of interest until then, no credits
    while m < claim < 12 * N_YEARS:
        year, stop = m // 12, min(claim, 12 * (m // 12 + 1))
        rate = float(policy.crediting_rate[year])
        resident_rate = float(policy.resident_crediting_rate[home, year])
        share = (stop - m) / 12.0
        found.append(
            _year(year, stop - m, balance, 0.0, rate, balance * rate * share)
            | {
                "resident_account": _resident_year(
                    resident_balance, 0.0, 0.0, resident_rate, resident_rate * share
                )
            }
        )
        balance = found[-1]["closing"]
        resident_balance = found[-1]["resident_account"]["closing"]
        m = stop
    return found


def _year(year: int, n_months: int, opening: float, credits: float, rate: float, interest: float) -> dict:
    closing = opening + credits + interest
    return {
        "year": FIRST_YEAR + year,
        "months": n_months,
        "opening": opening,
        "credits": credits,
        "rate": rate,
        "interest": interest,
        "closing": closing,
    }


def _resident_year(opening: float, tier: float, subsidy: float, rate: float, share_of_rate: float) -> dict:
    interest = opening * share_of_rate
    return {
        "opening": opening,
        "paid_by_worker": tier,
        "paid_by_government": subsidy,
        "rate": rate,
        "interest": interest,
        "closing": opening + interest + tier + subsidy,
    }


# --------------------------------------------------------------------------- the ledger


class _Sums(NamedTuple):
    """A ledger with what its pension was computed from (账本及其依据)."""

    ledger: dict
    person: Person
    state: State


def explain(
    lives: Lives, index: int, case: Case, course: Course, law: Law, seed: int | None = None
) -> dict[str, Any]:
    """Return the ledger of one person under one scenario (个人账本).

    Parameters
    ----------
    lives : Lives
        A block of people, drawn or given.
    index : int
        Which of them.
    case : Case
        The scenario as compiled.
    course : Course
        What happened to the block under it; its arrays must not have been overwritten since.
    law : Law
        The scenario's law, for dates, acts and articles.
    seed : int, optional
        Named in the ledger.

    Returns
    -------
    dict
        JSON-ready: schema_version, person, seed, scenario, facts, months, years, claim, lines, totals. Money
        in yuan of the day, a month unless said otherwise; the README of `scenarios` has every key.
    """
    return _explained(lives, index, case, course, law, seed).ledger


def _explained(lives, i, case, course, law, seed) -> _Sums:
    case = prepare(case)
    lives = lives._replace(careers=careers_under(lives, case))
    people, plan, policy = lives.people, course.plan, case.policy
    person = Person(
        *(int(a[i]) for a in (people.birth, people.sex, people.hukou_province, people.hukou)),
        int(plan.category[i]),
        int(plan.statutory[i]),
        int(people.deemed_months[i]),
    )
    months = _months(lives, i, case, course, law)
    years = _years(lives, i, case, course, months)
    payment = _payment_at_claim(lives, i, case, course, months)
    state = _state(person, course, i, case, law, months, years, payment)
    lines = _Lines(law)
    _lines_before(person, state, lines)
    parts = determine(person, state, lines)
    n_paid = {p.name: sum(month["paid_by"][p.name] for month in months) for p in PAYERS}
    for year in years:
        n_paid["worker"] += year["resident_account"]["paid_by_worker"]
        n_paid["government"] += year["resident_account"]["paid_by_government"]
    n_paid["worker"] += payment["paid_by_worker"]
    ledger = {
        "schema_version": SCHEMA_VERSION,
        "person": int(people.person[i]),
        "seed": seed,
        "scenario": case.name,
        "facts": _facts(people, i, person, policy, law),
        "months": months,
        "years": years,
        "claim": {
            "month": None if state.claim.kind == CLAIM_NONE else month_text(state.claim.month),
            "kind": CLAIM_KINDS[state.claim.kind].name,
            "province": law.provinces[state.claim.province].name,
            **payment,
            **_refund(int(plan.settled[i]), state),
        },
        "lines": lines.lines,
        "totals": {
            "paid_by": n_paid,
            "contribution_months": state.months.paid,
            "resident_months": state.months.resident,
            "average_contribution_index": state.index,
            "account_balance": state.balance,
            **parts,
        },
    }
    return _Sums(ledger, person, state)


def _facts(people, i: int, person: Person, policy, law: Law) -> dict[str, Any]:
    return {
        "birth": month_text(person.birth),
        "sex": SEXES[person.sex].name,
        "hukou": HUKOU[person.hukou].name,
        "hukou_province": law.provinces[person.home].name,
        "education": EDUCATION[people.education[i]].name,
        "category": CATEGORIES[person.category].name,
        "statutory_month": month_text(person.statutory),
        "minimum_months": float(policy.minimum_months[min(person.statutory // 12, N_YEARS - 1)]),
        "deemed_months": person.deemed,
    }


def _refund(settled: int, state: State) -> dict[str, Any]:
    """What is given back to who ends without a pension."""
    has_refund = state.claim.kind == CLAIM_NONE and state.balance > 0.0
    return {
        "refund_month": month_text(settled) if has_refund else None,
        "refund": state.balance if has_refund else 0.0,
    }


def _payment_at_claim(lives, i: int, case: Case, course: Course, months: list[dict]) -> dict[str, float]:
    """What is paid at once at the claim: the rest of the minimum, missing resident years."""
    plan, policy = course.plan, case.policy
    number, claim = int(plan.one_off_months[i]), int(plan.claim[i])
    years = float(plan.back_paid_years[i])
    found = {
        "one_off_months": number,
        "one_off_base": 0.0,
        "back_paid_years": years,
        "paid_by_worker": years * float(plan.back_paid_tier[i]),
        "credited_account": 0.0,
        "credited_resident_account": years * float(plan.back_paid_tier[i]),
    }
    if number > 0:
        province = int(lives.people.hukou_province[i])
        for c in range(len(months)):
            if plan.base[i, c] > 0.0 or plan.credit_base[i, c] > 0.0:
                province = int(plan.record_province[i, c])
        base = float(lowest_base(policy, province, claim))
        found["one_off_base"] = base
        found["paid_by_worker"] += float(policy.flexible_rate[province, claim]) * base * number
        found["credited_account"] = float(policy.flexible_account_rate[claim]) * base * number
    return found


def _state(person: Person, course: Course, i: int, case: Case, law: Law, months, years, payment) -> State:
    """Months, index, balance and place of claim, added up from the months and years of the ledger."""
    plan, policy = course.plan, case.policy
    claim, kind = int(plan.claim[i]), int(plan.claim_kind[i])
    y = min(claim, 12 * N_YEARS - 1) // 12
    one_off = payment["one_off_months"]
    numbers = {p.name: k for k, p in enumerate(law.provinces)}
    counted = [month for month in months if month["month_credit"] > 0.0]
    spells = [
        (numbers[place], sum(month["month_credit"] for month in group))
        for place, group in itertools.groupby(counted, key=lambda month: month["record_province"])
    ]
    if spells:
        spells[-1] = (spells[-1][0], spells[-1][1] + one_off)
    province = int(
        rules.claim_province(
            np.array([place for place, _ in spells], np.int64),
            np.array([n for _, n in spells], float),
            person.home,
            float(policy.claim_place_months[y]),
        )
    )
    paid, index_sum, before = 0.0, 0.0, 0.0
    accounts_from = month_text(int(policy.account_start[province]))
    for month in counted:
        year = int(month["month"][:4]) - FIRST_YEAR
        paid += month["month_credit"]
        index_sum += (month["base"] + month["credit_base"]) / float(policy.reference_wage[province, year])
        if month["month"] < accounts_from:
            before += month["month_credit"]
    if one_off:
        paid += one_off
        index_sum += payment["one_off_base"] * one_off / float(policy.reference_wage[province, y])
    index = float(rules.average_contribution_index(index_sum, paid))
    balance = payment["credited_account"] + payment["credited_resident_account"]
    if years:
        balance += years[-1]["closing"] + years[-1]["resident_account"]["closing"]
    return State(
        Months(paid, before, float(plan.resident_months[i])),
        index,
        balance,
        Claim(claim, kind, province),
        policy,
    )


def _lines_before(person: Person, state: State, lines: _Lines) -> None:
    """The lines that lead to the claim: ages, minimum, place, months, index, balance."""
    months, index, balance, claim, policy = state
    category = CATEGORIES[person.category].name
    original = person.birth + int(policy.original_age[person.category])
    inputs = {"original_month": month_text(original), "delay_months": person.statutory - original}
    lines.add(
        "statutory_month", "original_month + delay_months", month_text(person.statutory), inputs,
        "retirement_delay_step_months", person.statutory, category=category,
    )  # fmt: skip
    minimum = float(policy.minimum_months[min(person.statutory // 12, N_YEARS - 1)])
    if claim.kind == CLAIM_EMPLOYEE and claim.month < person.statutory:
        minimum = float(policy.minimum_months[claim.month // 12])  # who claims early needs that of the claim
    year = min(claim.month, person.statutory) if claim.kind == CLAIM_EMPLOYEE else person.statutory
    lines.add(
        "minimum_contribution_months",
        "",
        minimum,
        {},
        "minimum_contribution_months",
        12 * (year // 12),
        minimum,
    )
    lines.add(
        "contribution_months", "months_paid + deemed_months", months.paid + person.deemed,
        {"months_paid": months.paid, "deemed_months": person.deemed, "resident_months": months.resident},
    )  # fmt: skip
    if claim.kind == CLAIM_NONE:
        return
    lines.add("claim_month", CLAIM_KINDS[claim.kind].name, month_text(claim.month))
    if claim.kind == CLAIM_EMPLOYEE:
        lines.add(
            "claim_province", "",
            lines.law.provinces[claim.province].name,
            {"claim_place_months": float(policy.claim_place_months[_year_of(claim)])},
            "claim_place_months", 12 * _year_of(claim),
        )  # fmt: skip
        lines.add(
            "contribution_years", "contribution_months / 12", (months.paid + person.deemed) / 12.0,
            {"contribution_months": months.paid + person.deemed},
        )  # fmt: skip
        lines.add(
            "average_contribution_index",
            "sum(base / reference_wage) / months_paid",
            index,
            {"months_paid": months.paid},
        )  # fmt: skip
    name, used, scope = "crediting_rate", policy.crediting_rate, {}
    if claim.kind == CLAIM_RESIDENT:
        name, used = "resident_crediting_rate", policy.resident_crediting_rate[person.home]
        scope = {"province": lines.law.provinces[person.home].name}
    y = _year_of(claim)
    formula = "credits + interest"
    lines.add("account_balance", formula, balance, {}, name, 12 * y, float(used[y]), **scope)


# --------------------------------------------------------------------------- against another scenario


def explain_against(
    lives: Lives,
    index: int,
    scenario: tuple[Case, Course, Law],
    other: tuple[Case, Course, Law],
    seed: int | None = None,
) -> dict[str, Any]:
    """Return a person's ledger with, under `against`, what differs under another scenario (账本对照).

    Parameters
    ----------
    scenario, other : tuple of Case, Course, Law
        The scenario explained, and the one it is compared with.

    Returns
    -------
    dict
        As `explain`, and `against`: scenario, pension_at_65 (scenario, against, difference), factors (their
        amounts add up to the difference), months and lines that differ, each with both values.
    """
    mine = _explained(lives, index, *scenario, seed)
    theirs = _explained(lives, index, *other, seed)
    values = [sums.ledger["totals"]["pension_at_65"] for sums in (mine, theirs)]
    mine.ledger["against"] = {
        "scenario": theirs.ledger["scenario"],
        "pension_at_65": {
            "scenario": values[0],
            "against": values[1],
            "difference": values[0] - values[1],
        },
        "factors": shares_of_gap(mine.person, mine.state, theirs.state),
        "months": _months_apart(mine.ledger["months"], theirs.ledger["months"]),
        "lines": _lines_apart(mine.ledger["lines"], theirs.ledger["lines"]),
    }
    return mine.ledger


def shares_of_gap(person: Person, state: State, other: State) -> list[dict]:
    """Return what each factor carries of the gap between two pensions at 65 (差距分解). [yuan/month]

    The order in which factors are exchanged would decide what each one carries; here each order weighs the
    same (Shapley value), and the amounts add up to the gap. Retirement ages act through the claim.
    """
    n = len(FACTORS)
    mixed = {}
    for chosen in itertools.product((False, True), repeat=n):
        pairs = zip(chosen, state, other, strict=True)
        parts = State(*(mine if is_mine else theirs for is_mine, mine, theirs in pairs))
        mixed[chosen] = determine(person, parts)["pension_at_65"]
    found = []
    for k, factor in enumerate(FACTORS):
        total = 0.0
        for chosen in itertools.product((False, True), repeat=n):
            if not chosen[k]:
                size = sum(chosen)
                weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
                total += weight * (mixed[(*chosen[:k], True, *chosen[k + 1 :])] - mixed[chosen])
        found.append({"name": factor.name, "name_zh": factor.name_zh, "amount": total})
    return found


def _months_apart(mine: list[dict], theirs: list[dict]) -> list[dict]:
    """Months in which anything differs, with both values of what does; None where one has no such month."""
    sides = [{month["month"]: month for month in months} for months in (mine, theirs)]
    found = []
    for name in sorted(sides[0].keys() | sides[1].keys()):
        a, b = (side.get(name, {}) for side in sides)
        keys = [key for key in (a or b) if key != "month" and a.get(key) != b.get(key)]
        if keys:
            found.append(
                {
                    "month": name,
                    "scenario": {k: a.get(k) for k in keys},
                    "against": {k: b.get(k) for k in keys},
                }
            )
    return found


def _line_key(line: dict) -> tuple[str, str]:
    """Increases come once a year, told apart by the year at the head of their formula."""
    is_yearly = line["name"].endswith("_increase")
    return line["name"], line["formula"][:4] if is_yearly else ""


def _lines_apart(mine: list[dict], theirs: list[dict]) -> list[dict]:
    sides = [{_line_key(line): line for line in lines} for lines in (mine, theirs)]
    found = []
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        a, b = (side.get(key) for side in sides)
        value, other = (line["value"] if line else None for line in (a, b))
        if value != other:
            line = a or b
            found.append(
                {"name": key[0], "name_zh": line["name_zh"], "unit": line["unit"], "year": key[1] or None}
                | {"scenario": value, "against": other}
                | {name: line[name] for name in ("parameter", "act", "article")}
            )
    return found
