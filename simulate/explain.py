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
from simulate.dues import lowest_base
from simulate.law import Law
from simulate.line_names import CLAIM_KINDS
from simulate.lines import (
    Claim,
    Lines,
    Months,
    Person,
    State,
    account_lines,
    determine,
    facts_lines,
    index_lines,
    minimum_of,
    month_text,
    top_up,
)
from simulate.participation import CLAIM_EMPLOYEE, CLAIM_NONE
from simulate.run import Case, Course, Lives, careers_under, prepare
from simulate.terms import (
    CATEGORIES,
    EDUCATION,
    FIRST_YEAR,
    FORMS,
    HUKOU,
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
FACTORS = (
    Term("months", "缴费月数"),
    Term("index", "缴费指数"),
    Term("account", "个人账户储存额"),
    Term("claim", "领取时间和地点"),
    Term("law", "计发基数和其他参数"),
)


# --------------------------------------------------------------------------- months and accounts


def _months(lives: Lives, i: int, case: Case, course: Course, law: Law) -> list[dict]:
    """One entry a month up to the month before the claim: form, base, who paid, where it went, why not."""
    people, careers = lives.people, lives.careers
    plan, policy = course.plan, case.policy
    paid, sunk = np.empty(N_PAYERS), np.empty(N_SINKS)
    drawn = np.zeros(2, np.int64)
    start = int(careers.start[i])
    tiers = _Tiers(*(getattr(policy, name) for name in _Tiers._fields))
    found = []
    for c in range(min(int(careers.length[i]), int(plan.settled[i]) - start)):
        m = start + c
        base, credit = float(plan.base[i, c]), float(plan.credit_base[i, c])
        paid[:], sunk[:] = 0.0, 0.0
        if has_flows(policy, careers, plan, i, c, m):
            _, funded = month_flows(i, c, people, careers, policy, case.behaviour, plan, drawn, paid, sunk)
            credit += funded
        route, form = int(plan.route[i, c]), int(careers.form[i, c])
        place = int(plan.record_province[i, c])
        wage = float(tiers.reference_wage[place, m // 12]) if place >= 0 else None
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
                "tier": _tier(tiers, place, m, base) if route == ROUTE_FLEXIBLE else None,
                "credit_base": credit,
                "month_credit": float(plan.month_credit[i, c]),
                "paid_by": {payer.name: float(paid[k]) for k, payer in enumerate(PAYERS)},
                "credited": {sink.name: float(sunk[k]) for k, sink in enumerate(SINKS)},
            }
        )
    return found


class _Tiers(NamedTuple):
    """What a base is compared with, taken out of the policy once: a field of a record is slow to reach."""

    reference_wage: np.ndarray
    flexible_base_floor: np.ndarray
    flexible_base_cap: np.ndarray
    flexible_base_tiers: np.ndarray


def _tier(law: _Tiers, province: int, m: int, base: float) -> float | None:
    """The tier chosen, a multiple of the reference wage; None where the base is none of the law's tiers."""
    y = m // 12
    floor, cap = law.flexible_base_floor[province, m], law.flexible_base_cap[province, m]
    for tier in law.flexible_base_tiers[y]:
        if math.isfinite(tier):
            amount = min(max(tier * law.reference_wage[province, y], floor), cap)
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
        product = float(sum(credits[k] * (elapsed - k) for k in range(elapsed)))
        found.append(
            _year(year, stop - m, balance, float(credits.sum()), rate, interest, elapsed, product)
            | {"resident_account": _resident_year(resident_balance, tier, subsidy, resident_rate, elapsed)}
        )
        balance = found[-1]["closing"]
        resident_balance = found[-1]["resident_account"]["closing"]
        m = stop
    # who claims after the last career month: whole months of interest until then, no credits
    while m < claim < 12 * N_YEARS:
        year, stop = m // 12, min(claim, 12 * (m // 12 + 1))
        rate = float(policy.crediting_rate[year])
        resident_rate = float(policy.resident_crediting_rate[home, year])
        elapsed = stop - m
        found.append(
            _year(year, elapsed, balance, 0.0, rate, balance * rate * elapsed / 12.0, elapsed, 0.0)
            | {"resident_account": _resident_year(resident_balance, 0.0, 0.0, resident_rate, elapsed)}
        )
        balance = found[-1]["closing"]
        resident_balance = found[-1]["resident_account"]["closing"]
        m = stop
    return found


def _year(
    year: int,
    n_months: int,
    opening: float,
    credits: float,
    rate: float,
    interest: float,
    interest_months: int,
    credit_months: float,
) -> dict:
    """A year of the account: `credit_months` are its credits times the months that each bears interest."""
    return {
        "year": FIRST_YEAR + year,
        "months": n_months,
        "opening": opening,
        "credits": credits,
        "interest_months": interest_months,
        "credit_months": credit_months,
        "rate": rate,
        "interest": interest,
        "closing": opening + credits + interest,
    }


def _resident_year(opening: float, tier: float, subsidy: float, rate: float, interest_months: int) -> dict:
    interest = opening * rate * interest_months / 12.0
    return {
        "opening": opening,
        "paid_by_worker": tier,
        "paid_by_government": subsidy,
        "interest_months": interest_months,
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
    spells = _spells(months, payment["one_off_months"], law)
    bases = _bases_by_year(months, payment, int(plan.claim[i]), policy)
    state = _state(person, course, i, case, months, years, payment, spells, bases)
    lines = Lines(law)
    facts_lines(person, state, spells, lines)
    if state.claim.kind == CLAIM_EMPLOYEE:
        index_lines(state, bases, lines)
    if state.claim.kind != CLAIM_NONE:
        account_lines(person, state, years, payment, lines)
    parts = determine(person, state, lines)
    takes_up = people.dibao_draw[i] < case.behaviour.dibao_take_up_share
    parts["top_up_at_65"] = top_up(person, policy, parts["pension_at_65"], lines) if takes_up else 0.0
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
        "minimum_months": minimum_of(person, policy, person.statutory),
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
        if policy.account_only[claim]:
            found["credited_account"] = float(policy.flexible_rate[province, claim]) * base * number
    return found


def _counted(months: list[dict]) -> list[dict]:
    return [month for month in months if month["month_credit"] > 0.0]


def _spells(months: list[dict], one_off_months: int, law: Law) -> list[tuple[int, float]]:
    """Province and months of each spell of the record, in order; what is paid at the claim joins the last."""
    numbers = {p.name: k for k, p in enumerate(law.provinces)}
    spells = [
        (numbers[place], sum(month["month_credit"] for month in group))
        for place, group in itertools.groupby(_counted(months), key=lambda month: month["record_province"])
    ]
    if spells:
        spells[-1] = (spells[-1][0], spells[-1][1] + one_off_months)
    return spells


def _bases_by_year(months: list[dict], payment: dict, claim: int, policy) -> dict[int, float]:
    """Sum of the bases of the months that count, by year index; one paid at the claim is of its year.

    A base whose contribution goes to the account alone has no part in it.
    """
    bases: dict[int, float] = {}
    for month in _counted(months):
        year = int(month["month"][:4]) - FIRST_YEAR
        m = 12 * year + int(month["month"][5:]) - 1
        to_account = month["route"] == "flexible" and policy.account_only[m]
        base = month["credit_base"] + (0.0 if to_account else month["base"])
        if base > 0.0:
            bases[year] = bases.get(year, 0.0) + base
    if payment["one_off_months"] and not policy.account_only[claim]:
        year = min(claim, 12 * N_YEARS - 1) // 12
        bases[year] = bases.get(year, 0.0) + payment["one_off_base"] * payment["one_off_months"]
    return bases


def _state(
    person: Person, course: Course, i: int, case: Case, months, years, payment, spells, bases
) -> State:
    """Months, index, balance and place of claim, added up from the months and years of the ledger."""
    plan, policy = course.plan, case.policy
    claim, kind = int(plan.claim[i]), int(plan.claim_kind[i])
    province = int(
        rules.claim_province(
            np.array([place for place, _ in spells], np.int64),
            np.array([n for _, n in spells], float),
            person.home,
            float(policy.claim_place_months[min(claim, 12 * N_YEARS - 1) // 12]),
        )
    )
    accounts_from = month_text(int(policy.account_start[province]))
    paid = sum(month["month_credit"] for month in _counted(months)) + payment["one_off_months"]
    before = sum(month["month_credit"] for month in _counted(months) if month["month"] < accounts_from)
    index_sum = sum(base / float(policy.reference_wage[province, year]) for year, base in bases.items())
    record = course.record
    without = float(record.months_without_accrual[i]), float(record.months_without_index[i])
    balance = payment["credited_account"] + payment["credited_resident_account"]
    if years:
        balance += years[-1]["closing"] + years[-1]["resident_account"]["closing"]
    return State(
        Months(float(paid), float(before), float(plan.resident_months[i]), *without),
        float(rules.average_contribution_index(index_sum, paid - without[1])),
        balance,
        Claim(claim, kind, province),
        policy,
    )


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


def _by_key(lines: list[dict]) -> dict[tuple, dict]:
    """Lines by name, year and, where a year has two parts, which of them."""
    counts: dict[tuple, int] = {}
    found = {}
    for line in lines:
        key = (line["name"], line["year"])
        counts[key] = counts.get(key, 0) + 1
        found[*key, counts[key]] = line
    return found


def _lines_apart(mine: list[dict], theirs: list[dict]) -> list[dict]:
    sides = [_by_key(lines) for lines in (mine, theirs)]
    found = []
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        a, b = (side.get(key) for side in sides)
        value, other = (line["value"] if line else None for line in (a, b))
        if value != other:
            line = a or b
            found.append(
                {"name": key[0], "name_zh": line["name_zh"], "unit": line["unit"], "year": key[1]}
                | {"scenario": value, "against": other}
                | {name: line[name] for name in ("parameter", "act", "article")}
            )
    return found
