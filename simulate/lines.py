"""The lines of a determination (核定步骤): every number of a pension with formula, inputs, act and article.

A formula is arithmetic over the names of its inputs, and its value follows from them; a line without one
quotes the law. What happens in months and accounts is told in `explain.py`, which collects the lines.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from simulate import entitlements as rules
from simulate.law import Law
from simulate.law_values import DatedValue
from simulate.limited import minimum_months, person_bits
from simulate.line_names import LINES, PLACE_RULES
from simulate.participation import CLAIM_EMPLOYEE, CLAIM_NONE, CLAIM_RESIDENT
from simulate.payments import floor_pension, increased
from simulate.policy import DIVISOR_AGES_MONTHS
from simulate.terms import CATEGORIES, FIRST_YEAR, HUKOU, MEASURING_AGE, N_YEARS


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
    """Months that count (计入的月数): employee scheme, of them before accounts, resident scheme.

    Of the paid ones, those that earn no basic pension and those that do not count for the index.
    """

    paid: float
    before_accounts: float
    resident: float
    without_accrual: float
    without_index: float

    def accruing(self) -> float:
        """Months of the employee scheme that earn a basic pension (计发基础养老金的月数)."""
        return self.paid - self.without_accrual


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


class Lines:
    """The lines of a determination (计算步骤), each with the law value in force at the claim."""

    def __init__(self, law: Law):
        self.law = law
        self.lines: list[dict] = []

    def add(
        self, name, formula, value, inputs=None, parameter="", month=None, used=None, year=None, **scope
    ) -> None:
        """Add a line; `used` is the number the engine took, where it may go beyond the dated values.

        `year` is the index of the year that a line of many alike is about.
        """
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
                "year": None if year is None else FIRST_YEAR + year,
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

    def add_grown(self, name, amounts, y: int, previous: str, month: int, wage=None, **scope) -> None:
        """Add a line for an amount of a year that the law dates, or that a later year makes of the last.

        Parameters
        ----------
        amounts : ndarray, float64 (year,)
            As the engine took them.
        previous : str
            Name of the year before's amount in the formula.
        wage : float, optional
            The reference wage, which a benefit base that grows slowly may not fall behind. [yuan/month]
        """
        amount, before = float(amounts[y]), float(amounts[max(0, y - 1)])
        dated = self._dated(name, month, scope)
        formula, inputs = "", {}
        if dated is None or not _is_same(dated.value, amount):
            if wage is not None and _is_same(amount, wage):
                formula, inputs = "reference_wage", {"reference_wage": wage}
            elif before > 0.0:
                formula = f"{previous} × (1 + growth)"
                inputs = {previous: before, "growth": amount / before - 1.0}
        self.add(name, formula, amount, inputs, name, month, amount, **scope)

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

    add_grown = add


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
        amounts = (parts["basic"], parts["account"], parts["transitional"])
        if kind == CLAIM_RESIDENT:
            beyond = parts.pop("resident_extra")
            amounts = (parts["resident_basic"], parts["resident_rest"] - beyond, beyond)
        inputs = dict(zip(named, amounts, strict=True))
        lines.add("monthly_pension", " + ".join(named), at_claim, inputs)
    drawn = _to_65(person, state, parts, lines)
    when_due = _floor_when_due(person, state, parts, lines)
    floor = _floor_at_65(person, state, drawn, lines)
    lines.add(
        "pension_at_65", "pension + floor_pension", drawn + floor,
        {"pension": drawn, "floor_pension": floor}, year=(person.birth + 12 * MEASURING_AGE) // 12,
    )  # fmt: skip
    return parts | {
        "pension_at_claim": at_claim,
        "floor_pension_when_due": floor if when_due is None else when_due,
        "floor_pension_at_65": floor,
        "pension_at_65": drawn + floor,
    }


def _employee_parts(person: Person, state: State, lines) -> dict[str, float]:
    months, index, balance, claim, policy = state
    p, y = claim.province, _year_of(claim)
    january = 12 * y
    province = lines.law.provinces[p].name if lines.law else None
    years = (months.accruing() + person.deemed) / 12.0
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

    wage = float(policy.reference_wage[p, y])
    lines.add_grown(
        "benefit_base", policy.benefit_base[p], y, "previous_base", january, wage, province=province
    )
    if indexed_base != base:
        lines.add_grown(
            "indexed_benefit_base", policy.indexed_benefit_base[p], y, "previous_base", january, wage,
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
    _divisor_line(policy.annuity_divisor[y], age, divisor, january, lines)
    lines.add(
        "account_pension", "account_balance / annuity_divisor", account,
        {"account_balance": balance, "annuity_divisor": divisor}, "annuity_divisors", january,
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


def _divisor_line(divisors, age: int, divisor: float, january: int, lines) -> None:
    """The divisor of a whole age is the law's; between birthdays it is interpolated, or that of the age."""
    beyond, last = age % 12, len(divisors) - 1
    row = min(max(0, age - DIVISOR_AGES_MONTHS.start), last)
    inputs: dict[str, float] = {"age_months": age}
    formula, parameter = "", "annuity_divisors"
    if beyond and 0 < row < last:
        whole, following = float(divisors[row - beyond]), float(divisors[row - beyond + 12])
        formula, parameter = "divisor_at_age", "divisor_interpolation"
        inputs |= {"divisor_at_age": whole}
        if divisor != whole:
            formula = "round(divisor_at_age − (divisor_at_age − divisor_next_age) × months_beyond / 12, 1)"
            inputs |= {"divisor_next_age": following, "months_beyond": beyond}
    lines.add("annuity_divisor", formula, divisor, inputs, parameter, january)


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
    lines.add_grown(
        "resident_basic_pension", policy.resident_basic[person.home], y, "previous_amount", july,
        province=province,
    )  # fmt: skip
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
    return {"resident_basic": basic, "resident_rest": pension - basic, "resident_extra": beyond}


def _to_65(person: Person, state: State, parts: dict[str, float], lines) -> float:
    """The pension after the increases of each January to the 65th birthday; 0 if not yet claimed then."""
    claim, policy = state.claim, state.policy
    at_65 = person.birth + 12 * MEASURING_AGE
    last, first = at_65 // 12, _year_of(claim) if claim.kind != CLAIM_NONE else N_YEARS
    years = (state.months.accruing() + person.deemed) / 12.0
    pension = 0.0
    for y, pension, amounts in pension_by_year(person, claim, policy, parts, years, last):
        if y == first or y > last:
            continue
        formula = "last_pension × (1 + percent) + flat + per_year × years"
        if claim.kind == CLAIM_RESIDENT:
            home = lines.law.provinces[person.home].name if lines.law else None
            lines.add(
                "resident_increase", "amount_of_year + fixed_part", pension,
                amounts, "resident_basic_pension", 12 * min(y, N_YEARS - 1) + 6,
                amounts["amount_of_year"], y, province=home,
            )  # fmt: skip
        else:
            lines.add(
                "pension_increase", formula, pension, amounts, "pension_increase",
                12 * min(y, N_YEARS - 1), _overall_increase(lines.law, y), y,
            )  # fmt: skip
    if claim.kind == CLAIM_NONE or claim.month > at_65:
        pension = 0.0
    return pension


def _floor_at_65(person: Person, state: State, drawn: float, lines) -> float:
    """Universal and minimum pension at 65 beside what is drawn then; 0 where the law has none."""
    if state.policy.floor_pension_age > 12 * MEASURING_AGE:
        return 0.0
    return _floor(person, state.policy, (person.birth + 12 * MEASURING_AGE) // 12, drawn, lines)


def _floor_when_due(person: Person, state: State, parts: dict[str, float], lines) -> float | None:
    """The same in the year of the age from which it is paid; None where that is the year of 65."""
    y = (person.birth + int(state.policy.floor_pension_age)) // 12
    if y == (person.birth + 12 * MEASURING_AGE) // 12:
        return None
    years = (state.months.accruing() + person.deemed) / 12.0
    drawn = [pension for _, pension, _ in pension_by_year(person, state.claim, state.policy, parts, years, y)]
    return _floor(person, state.policy, y, drawn[-1] if drawn else 0.0, lines)


def _floor(person: Person, policy, y: int, drawn: float, lines) -> float:
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
        formula = (
            "universal_ratio × reference_wage"
            " + max(0, minimum_ratio × reference_wage − taper × (pension + universal_ratio × reference_wage))"
        )
        lines.add("floor_pension", formula, floor, inputs, name, 12 * held, used, y)
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
            amounts = {"amount_of_year": basic, "fixed_part": parts["resident_rest"]}
            yield y, basic + parts["resident_rest"], amounts
            continue
        amounts = {}
        if y > first:
            amounts = {
                "last_pension": pension,
                "percent": float(policy.increase_percent[held]),
                "flat": float(policy.increase_flat[held]),
                "per_year": float(policy.increase_per_year[held]),
                "years": years,
            }
            pension = increased(pension, policy, y, years)
        yield y, pension, amounts


def top_up(person: Person, policy, pension: float, lines) -> float:
    """Return what social assistance adds at 65 to who takes it up (低保补差). [yuan/month]"""
    y = (person.birth + 12 * MEASURING_AGE) // 12
    held = min(y, N_YEARS - 1)
    line = float(policy.dibao[person.home, person.hukou, held])
    if pension >= line:
        return 0.0
    scope = {"province": lines.law.provinces[person.home].name, "hukou": HUKOU[person.hukou].name}
    inputs = {"dibao_line": line, "pension_at_65": pension}
    lines.add(
        "dibao_top_up", "dibao_line − pension_at_65", line - pension, inputs, "dibao", 12 * held, line, y,
        **scope,
    )  # fmt: skip
    return line - pension


# --------------------------------------------------------------------------- what leads to a claim


def minimum_of(person: Person, policy, month: int) -> float:
    """Return the minimum of contribution months that a person is tested with in a month (最低缴费月数)."""
    who = person_bits(person.sex, person.hukou)
    return float(minimum_months(policy, who, person.birth, min(month, 12 * N_YEARS - 1)))


def facts_lines(person: Person, state: State, spells: list[tuple[int, float]], lines: Lines) -> None:
    """Add the lines that lead to a claim: ages, minimum, months, place (领取条件).

    Parameters
    ----------
    spells : list of (int, float)
        Province and months of record of each spell in order of time.
    """
    months, claim, policy = state.months, state.claim, state.policy
    category = CATEGORIES[person.category].name
    age = int(policy.original_age[person.category])
    original = person.birth + age
    inputs = {
        "birth": month_text(person.birth),
        "original_age_months": age,
        "delay_months": person.statutory - original,
    }
    lines.add(
        "statutory_month", "birth + original_age_months + delay_months", month_text(person.statutory), inputs,
        "retirement_delay_step_months", person.statutory, category=category,
    )  # fmt: skip
    minimum = minimum_of(person, policy, person.statutory)
    if claim.kind == CLAIM_EMPLOYEE and claim.month < person.statutory:
        minimum = minimum_of(person, policy, claim.month)  # who claims early needs that of the claim
    year = (min(claim.month, person.statutory) if claim.kind == CLAIM_EMPLOYEE else person.statutory) // 12
    lines.add(
        "minimum_contribution_months", "", minimum, {}, "minimum_contribution_months", 12 * year, minimum,
        year,
    )  # fmt: skip
    counted = {"months_paid": months.paid, "deemed_months": person.deemed}
    lines.add(
        "contribution_months", "months_paid + deemed_months", months.paid + person.deemed,
        counted | {"resident_months": months.resident},
    )  # fmt: skip
    if claim.kind == CLAIM_RESIDENT:
        age = int(policy.resident_pension_age)
        inputs = {
            "birth": month_text(person.birth),
            "resident_pension_age_months": age,
            "months_later": claim.month - person.birth - age,
        }
        formula = "birth + resident_pension_age_months + months_later"
        lines.add("claim_month", formula, month_text(claim.month), inputs, "resident_pension_age_months")
    elif claim.kind == CLAIM_EMPLOYEE:
        inputs = {
            "statutory_month": month_text(person.statutory),
            "months_later": claim.month - person.statutory,
        }
        lines.add("claim_month", "statutory_month + months_later", month_text(claim.month), inputs)
        _place_line(person, state, spells, lines)
        lines.add(
            "contribution_years", "contribution_months / 12", (months.accruing() + person.deemed) / 12.0,
            {"contribution_months": months.accruing() + person.deemed},
        )  # fmt: skip


def _place_line(person: Person, state: State, spells: list[tuple[int, float]], lines: Lines) -> None:
    """The province of the claim and the rule that decided it, with the months of each province."""
    places = lines.law.provinces
    needed = float(state.policy.claim_place_months[_year_of(state.claim)])
    by_place: dict[int, float] = {}
    for place, number in spells:
        by_place[place] = by_place.get(place, 0.0) + number
    last = spells[-1][0] if spells else None
    in_hukou, in_last, in_earlier, nowhere = PLACE_RULES
    rule = nowhere
    if last == person.home:
        rule = in_hukou
    elif last is not None and by_place[last] >= needed:
        rule = in_last
    elif any(number >= needed for number in by_place.values()):
        rule = in_earlier
    inputs = {
        "months_by_province": {places[place].name: number for place, number in by_place.items()},
        "claim_place_months": needed,
        "last_province": places[last].name if last is not None else None,
        "hukou_province": places[person.home].name,
    }
    lines.add(
        "claim_province", rule.name, places[state.claim.province].name, inputs, "claim_place_months",
        12 * _year_of(state.claim),
    )  # fmt: skip


def index_lines(state: State, bases: dict[int, float], lines: Lines) -> None:
    """Add a line a year for its index, and their mean over the years paid (平均缴费工资指数).

    Parameters
    ----------
    bases : dict of float
        Sum of the bases of the months that count, by year index. [yuan]
    """
    p = state.claim.province
    total = 0.0
    for y in sorted(bases):
        wage = float(state.policy.reference_wage[p, y])
        value = bases[y] / wage / 12.0
        total += value
        lines.add(
            "yearly_index", "bases / reference_wage / 12", value,
            {"bases": bases[y], "reference_wage": wage},
            "reference_wage", 12 * y, wage, y, province=lines.law.provinces[p].name,
        )  # fmt: skip
    lines.add(
        "average_contribution_index", "indices / paid_years", state.index,
        {"indices": total, "paid_years": (state.months.paid - state.months.without_index) / 12.0},
    )  # fmt: skip


def account_lines(person: Person, state: State, years: list[dict], payment: dict, lines: Lines) -> None:
    """Add interest and closing balance of every year, and the balance at the claim (个人账户储存额)."""
    home = lines.law.provinces[person.home].name
    for row in years:
        y, resident = row["year"] - FIRST_YEAR, row["resident_account"]
        if row["closing"] > 0.0:
            lines.add(
                "account_interest", "(opening × months + credit_months) × rate / 12", row["interest"],
                {key: row[key] for key in ("opening", "credit_months", "rate")}
                | {"months": row["interest_months"]},
                "crediting_rate", 12 * y, row["rate"], y,
            )  # fmt: skip
            inputs = {key: row[key] for key in ("opening", "credits", "interest")}
            lines.add("account_closing", "opening + credits + interest", row["closing"], inputs, year=y)
        if resident["closing"] > 0.0:
            lines.add(
                "resident_account_interest", "opening × rate × months / 12", resident["interest"],
                {key: resident[key] for key in ("opening", "rate")} | {"months": resident["interest_months"]},
                "resident_crediting_rate", 12 * y, resident["rate"], y, province=home,
            )  # fmt: skip
            lines.add(
                "resident_account_closing", "opening + dues + subsidy + interest", resident["closing"],
                {
                    "opening": resident["opening"],
                    "dues": resident["paid_by_worker"],
                    "subsidy": resident["paid_by_government"],
                    "interest": resident["interest"],
                },
                year=y,
            )  # fmt: skip
    inputs = {
        "employee_account": years[-1]["closing"] if years else 0.0,
        "resident_account": years[-1]["resident_account"]["closing"] if years else 0.0,
        "paid_at_claim": payment["credited_account"] + payment["credited_resident_account"],
    }
    lines.add("account_balance", " + ".join(inputs), state.balance, inputs)
