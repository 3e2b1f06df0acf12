"""The statement (养老金测算单): what a real person may expect, and what each choice would bring.

The person's few facts become careers and plans of the engine, one a choice; contributions, award and payment
are the engine's. Nothing is drawn: participation is the choice that is shown.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from calibration import DEFAULT_SET
from scenarios.catalogue import say
from scenarios.facts import FactsError, StatementFacts, read_facts
from scenarios.scenario import CURRENT_LAW, compile_case, load_scenario
from scenarios.tables import Block
from simulate.contributions import ONE_OFF_SLOT, grow_accounts
from simulate.dues import levies, lowest_base
from simulate.given import (
    Given,
    PaidMonth,
    claim_at,
    follow_plan,
    given_lives,
    given_plan,
    lay_month,
    lay_resident_year,
    stated_beside_laid,
    usual_category,
)
from simulate.limited import minimum_months, person_bits
from simulate.line_names import CLAIM_KINDS
from simulate.lines import Claim, Person, month_text, pension_by_year
from simulate.participation import CLAIM_EMPLOYEE, CLAIM_NONE, CLAIM_RESIDENT
from simulate.payments import floor_pension
from simulate.run import Case, prepare
from simulate.strict_yaml import Fault
from simulate.terms import (
    CATEGORIES,
    FIRST_YEAR,
    FORMS,
    LAST_AGE,
    N_YEARS,
    OTHER_FLEXIBLE,
    PLATFORM_FLEXIBLE,
    PRICE_YEAR,
    ROUTE_EMPLOYEE,
    ROUTE_FLEXIBLE,
    SEXES,
    WORKER,
)

if TYPE_CHECKING:
    from simulate.demography import Demography

# reforms shown as choices: they reach the months of one who goes on paying
REFORMS = (
    *("carer-credits", "current-practice", "lower-floor", "lower-floor-20", "lower-floor-scaled", "no-floor"),
    *("no-floor-pro-rata", "platform-cofunding", "cofunding-passed-on", "cofunding-base"),
    *("government-match", "lower-rate"),
    *("fifteen-years-kept", "resident-to-dibao", "recommended-package"),
)
SCHEMA_VERSION = 1
ECONOMIES = ("central", "low", "high")
MORE_YEARS = range(1, 6)
SHIFT_YEARS = (-3, -2, -1, 1, 2, 3)
_LEAST_RATE, _GREATEST_RATE = -0.3, 0.5


class Choice(NamedTuple):
    """One thing a person can do (一种选择): what is paid, until when, when it is claimed, under which law."""

    group: str  # now, stop, tier, years, claim, resident, reform
    pays: str  # employee, flexible, resident, nothing
    tier: float | None = None  # multiple of the reference wage; None: the lowest there is
    stop: int | None = None  # month index after the last month paid; None: to the claim
    shift: int = 0  # months of the claim after the statutory month
    resident_tier: int = 0  # position in the province's list
    scenario: str = CURRENT_LAW
    amount: float = 0.0  # what the name of the choice says: tier, years, yuan


class Result(NamedTuple):
    """What a choice brings under one economy (选择的结果); by year from today's on, yuan of 2025."""

    claim: int
    kind: int
    monthly_pension: float  # nominal, at the claim
    real_pension: float  # the same in yuan of 2025
    floor_pension: float  # universal or minimum pension on top, yuan of 2025, at the claim or when it is due
    monthly_cost: float  # mean own payment in a month paid from today on, at today's wage level
    paid: np.ndarray  # own payments
    pension: np.ndarray  # pensions of the year
    balance: np.ndarray  # account at its end, what heirs receive
    refund: float  # what is given back where there is no pension


# --------------------------------------------------------------------------- laying a choice


class _Desk:
    """A person's facts with one compiled case (测算台)."""

    def __init__(self, facts: StatementFacts, given: Given, case: Case, demography: Demography, today: int):
        self.facts, self.given, self.case, self.demography, self.today = facts, given, case, demography, today
        self.policy = prepare(case).policy
        home, work = facts.hukou_province, facts.work_province
        at_work = self.policy.access_months[work, today] == 0
        self.record_province = facts.record_province
        if facts.record_province is None:
            self.record_province = work if facts.pays == "employee" or work == home or at_work else home
        self.pension_month = given.birth + int(self.policy.resident_pension_age)
        self.last_year = min(given.birth // 12 + LAST_AGE - 10, N_YEARS + 60)

    def results(self, choices: list[Choice]) -> list[Result]:
        """Return what each choice brings (各选择的结果)."""
        number = len(choices)
        lives, plan = given_lives(self.given, number), given_plan(number, self.given, self.case)
        past, past_plan = given_lives(self.given), given_plan(1, self.given, self.case)
        self._lay_past(past.careers, past_plan, 0)
        stated = (self.facts.account_balance, self.facts.resident_balance or None)
        more = stated_beside_laid(past, past_plan, self.case, self.demography, self.today, stated)
        for i, choice in enumerate(choices):
            self._lay_past(lives.careers, plan, i)
            self._lay_choice(lives.careers, plan, i, choice)
        grown = np.array([sum(self._grown(more, int(plan.settled[i]))) for i in range(number)])
        course = follow_plan(lives, plan, self.case, self.demography, grown)
        return [self._result(lives, course, i, more) for i in range(number)]

    def _lay_past(self, careers, plan, i: int) -> None:
        facts, first = self.facts, self.today - self.facts.months
        route = ROUTE_EMPLOYEE if facts.pays == "employee" else ROUTE_FLEXIBLE
        p, policy = self.record_province, self.policy
        for m in range(first, self.today):
            base = float(lowest_base(policy, p, m))  # who does not know the index has paid on the floor
            if facts.average_index is not None:
                base = facts.average_index * float(policy.reference_wage[p, m // 12])
            lay_month(careers, plan, i, policy, PaidMonth(m, p, base, route, facts.form))
        plan.resident_months[i] = 12 * facts.resident_years

    def _lay_choice(self, careers, plan, i: int, choice: Choice) -> None:
        statutory = int(plan.statutory[i])
        claim = statutory + choice.shift
        if choice.pays == "resident":
            self._lay_resident(careers, plan, i, choice)
        elif choice.pays != "nothing":
            # a flexible worker pays to the statutory month, an employee who works on to the claim
            last = claim if choice.pays == "employee" else min(claim, statutory)
            for m in range(self.today, last if choice.stop is None else min(choice.stop, last)):
                lay_month(careers, plan, i, self.policy, self._month(m, choice))
            if choice.stop is None:
                claim = self._pay_on(careers, plan, i, claim, statutory)
        fills = choice.pays != "nothing"  # who falls short of the minimum fills up the resident scheme
        claim_at(careers, plan, i, self.given, self.policy, claim, fills)

    def _month(self, m: int, choice: Choice) -> PaidMonth:
        facts, policy = self.facts, self.policy
        earnings = self.earnings(m)
        if choice.pays == "employee":
            p = facts.work_province
            base = min(max(earnings, float(policy.base_floor[p, m])), float(policy.base_cap[p, m]))
            return PaidMonth(m, p, base, ROUTE_EMPLOYEE, facts.form, earnings, facts.occupation)
        p = self.record_province
        return PaidMonth(
            m, p, self._flexible_base(p, m, choice.tier, earnings), ROUTE_FLEXIBLE, facts.form, earnings,
            facts.occupation,
        )  # fmt: skip

    def earnings(self, m: int) -> float:
        """Return earnings that keep their place among wages, less what is passed on (收入). [yuan/month]"""
        wages = self.policy.earnings_wage[self.facts.work_province]
        earned = self.facts.monthly_earnings * float(wages[m // 12] / wages[self.today // 12])
        return earned - self.passed_on(m, earned)

    def passed_on(self, m: int, earned: float) -> float:
        """Return what levies take off the pay of a platform worker, as `pass_on` has it (转嫁的缴费)."""
        if self.facts.form != PLATFORM_FLEXIBLE:
            return 0.0
        due = levies(self.policy, m, 1.0, earned)
        return float(self.policy.levy_pass_through[m] * (due[0] + due[1]))

    def mean_passed_on(self, statutory: int) -> float:
        """Return the mean of the same over the months to the statutory one, at today's wages. [yuan/month]"""
        earned = self.facts.monthly_earnings
        return sum(self.passed_on(m, earned) for m in range(self.today, statutory)) / (statutory - self.today)

    def _flexible_base(self, p: int, m: int, tier: float | None, earnings: float) -> float:
        policy = self.policy
        floor, cap = float(policy.flexible_base_floor[p, m]), float(policy.flexible_base_cap[p, m])
        if policy.flexible_base_by_earnings[m]:  # the same share of earnings as now
            share = 1.0
            if not policy.flexible_base_by_earnings[self.today]:
                share = self._flexible_base(p, self.today, tier, 0.0) / self.facts.monthly_earnings
            return min(max(min(earnings, share * earnings), floor), cap)
        if tier is None:
            return float(lowest_base(policy, p, m))
        return min(max(tier * float(policy.reference_wage[p, m // 12]), floor), cap)

    def minimum_months(self, month: int) -> float:
        """The minimum that the person is tested with in a month of claim."""
        who = person_bits(self.given.sex, self.given.hukou)
        return float(minimum_months(self.policy, who, self.given.birth, month))

    def _pay_on(self, careers, plan, i: int, claim: int, statutory: int) -> int:
        """Lay the months after the statutory one that are missing; the month of the claim then."""
        policy, p, start = self.policy, self.record_province, int(careers.start[i])
        minimum = self.minimum_months(min(claim, statutory))
        total = float(plan.month_credit[i].sum()) + self.given.deemed_months
        total += float(policy.resident_counted[claim // 12] * plan.resident_months[i])
        end = min(statutory + int(policy.extension_limit[statutory // 12]), start + int(careers.length[i]))
        if claim < statutory:
            return claim
        m = claim
        while total < minimum and m < end:
            base = float(lowest_base(policy, p, m))
            lay_month(careers, plan, i, policy, PaidMonth(m, p, base, ROUTE_FLEXIBLE, OTHER_FLEXIBLE))
            total += float(plan.month_credit[i, m - start])
            m += 1
        if total < minimum and self.today - self.facts.months < policy.one_off_cutoff:
            plan.one_off_months[i] = math.ceil(minimum - total)
        return m

    def _lay_resident(self, careers, plan, i: int, choice: Choice) -> None:
        home, m = self.given.hukou_province, self.today
        while m < self.pension_month:
            stop = min(self.pension_month, 12 * (m // 12 + 1))
            part = (stop - m) / 12.0
            tier = float(self.policy.resident_tiers[home, m // 12, choice.resident_tier])
            subsidy = float(self.policy.resident_subsidies[home, m // 12, choice.resident_tier])
            lay_resident_year(careers, plan, i, range(m, stop), tier * part, subsidy * part)
            m = stop

    # -- what follows

    def _grown(self, more: tuple[float, float], month: int) -> tuple[float, float]:
        home = self.given.hukou_province
        last = min(month, 12 * N_YEARS - 1)
        return grow_accounts(self.policy, home, *more, self.today, max(self.today, last))

    def _result(self, lives, course, i: int, more: tuple[float, float]) -> Result:
        plan, record, award, policy = course.plan, course.record, course.award, self.policy
        given, now, start = self.given, self.today // 12, int(lives.careers.start[i])
        kind, end = int(plan.claim_kind[i]), int(plan.settled[i])
        claim = Claim(end, kind, int(award.province[i]))
        years = range(now, self.last_year + 1)
        paid, pension, balance, drawn = (np.zeros(len(years)) for _ in range(4))
        prices = np.array([policy.price_index[min(y, N_YEARS - 1)] for y in years])
        slots = record.paid[i, :, WORKER]
        for k, y in enumerate(years):
            slot = y - start // 12
            if slot < ONE_OFF_SLOT and y <= end // 12:
                paid[k] = slots[slot]
                balance[k] = record.account_by_year[i, slot] if y < end // 12 else 0.0
                balance[k] += sum(self._grown(more, 12 * (y + 1))) if y < end // 12 else 0.0
        paid[end // 12 - now] += slots[ONE_OFF_SLOT]
        # months paid before today are no payment any more
        paid[0] -= float(record.own_payment[i, max(0, 12 * now - start) : self.today - start].sum())
        refund = 0.0
        if kind == CLAIM_NONE:
            pension[end // 12 - now] = award.account[i]
            refund = float(award.account[i] / prices[end // 12 - now])
        else:
            self._pay_out(award, i, claim, years, drawn, balance)
            pension += 12.0 * drawn
            pension[end // 12 - now] -= end % 12 * drawn[end // 12 - now]
        floor = self._floor_pensions(drawn, years)
        first = min(max(end, given.birth + int(policy.floor_pension_age)) // 12 - now, len(years) - 1)
        for k, y in enumerate(years):
            months = 12 * (y + 1) - given.birth - int(policy.floor_pension_age)
            pension[k] += min(12, max(0, months)) * floor[k]
        n_paid = int((plan.base[i, self.today - start :] > 0.0).sum()) + float(plan.one_off_months[i])
        n_paid += plan.resident_months[i] - 12 * self.facts.resident_years + 12.0 * plan.back_paid_years[i]
        wages = np.array([policy.wage_index[min(y, N_YEARS - 1)] for y in years])
        cost = float((paid / wages).sum() * wages[0] / n_paid) if n_paid > 0 else 0.0
        monthly = award.employee_pension[i] + award.resident_basic[i] + award.resident_rest[i]
        monthly = float(monthly) if kind != CLAIM_NONE else 0.0
        return Result(
            end, kind, monthly, monthly / float(prices[end // 12 - now]),
            float(floor[first] / prices[first]), cost,
            paid / prices, pension / prices, balance / prices, refund,
        )  # fmt: skip

    def _floor_pensions(self, drawn: np.ndarray, years: range) -> np.ndarray:
        """Universal and minimum pension beside what is drawn, by year; nothing under current law."""
        home = self.given.hukou_province
        return np.array([floor_pension(self.policy, home, y, drawn[k]) for k, y in enumerate(years)])

    def _pay_out(self, award, i: int, claim: Claim, years: range, drawn, balance) -> None:
        """The monthly pension of each year, and what is left of the account at its end."""
        given, policy = self.given, self.policy
        person = Person(given.birth, given.sex, given.hukou_province, given.hukou, given.category, 0, 0)
        parts = {
            "employee": float(award.employee_pension[i]),
            "resident_rest": float(award.resident_rest[i]),
        }
        part = float(award.account_part[i])
        if claim.kind == CLAIM_RESIDENT:
            divisor = policy.resident_divisor[min(claim.month // 12, N_YEARS - 1)]
            part = float(award.account[i]) / float(divisor)
        left = float(award.account[i])
        counted = float(award.years[i])
        for y, monthly, _ in pension_by_year(person, claim, policy, parts, counted, years[-1]):
            months = 12 - claim.month % 12 if y == claim.month // 12 else 12
            drawn[y - years[0]] = monthly
            left -= min(left, months * part)
            balance[y - years[0]] = left


# --------------------------------------------------------------------------- which choices


def _choices(desk: _Desk, statutory: int) -> list[Choice]:
    """Every choice open to the person under current law, the usual one first, stopping second."""
    facts, today = desk.facts, desk.today
    policy, y = desk.policy, desk.today // 12
    resident_tiers = _legal_tiers(desk)
    chosen_resident = 0
    if facts.resident_tier is not None:
        chosen_resident = min(
            range(len(resident_tiers)), key=lambda k: abs(resident_tiers[k] - facts.resident_tier)
        )
    found = [
        Choice("now", facts.pays, facts.tier, resident_tier=chosen_resident),
        Choice("stop", "nothing"),
    ]
    main = _main(facts)
    if facts.pays != "employee":
        floor = policy.flexible_base_floor[desk.record_province, today]
        wage = policy.reference_wage[desk.record_province, y]
        tiers = [float(t) for t in policy.flexible_base_tiers[y] if math.isfinite(t)]
        found += [Choice("tier", "flexible", t, amount=t) for t in tiers if t * wage >= floor * 0.999]
    minimum = desk.minimum_months(statutory) - desk.given.deemed_months
    needed = max(0, math.ceil(minimum - facts.months))
    for years in (0, *MORE_YEARS):
        stop = today + needed + 12 * years
        if today < stop <= statutory:
            found.append(main._replace(group="years", stop=stop, amount=years))
    for years in SHIFT_YEARS:
        found.append(main._replace(group="claim", shift=12 * years, amount=years))
    if today < desk.pension_month:
        for k in dict.fromkeys((0, len(resident_tiers) - 1)):
            found.append(Choice("resident", "resident", resident_tier=k, amount=resident_tiers[k]))
    return found


def _legal_tiers(desk: _Desk) -> list[float]:
    """Tiers of the resident scheme in today's law; dues of the years to come are on what they grow to."""
    from simulate.law import load_law

    law = load_law()
    home = law.provinces[desk.given.hukou_province].name
    return sorted(map(float, law.value("resident_tiers", f"{month_text(desk.today)}-01", home)))


def _main(facts: StatementFacts) -> Choice:
    """Contributions as now; for who pays none to the employee scheme, as if joining at the lowest base."""
    if facts.pays in ("employee", "flexible"):
        return Choice("now", facts.pays, facts.tier)
    return Choice("now", "flexible", facts.tier)


def _is_open(choice: Choice, desk: _Desk, statutory: int, result: Result) -> bool:
    """Whether the law admits the month of claim that a choice names."""
    if choice.group != "claim":
        return True
    month, policy = statutory + choice.shift, desk.policy
    original = desk.given.birth + int(policy.original_age[desk.given.category])
    if choice.shift < 0:
        window = -choice.shift <= policy.early_window[month] and month >= max(original, desk.today)
    else:
        window = choice.shift <= policy.late_window[statutory]
    return bool(window) and result.kind == CLAIM_EMPLOYEE and result.claim == month


# --------------------------------------------------------------------------- the statement


def statement(
    file: str | Path | StatementFacts, fitted: str = DEFAULT_SET, reforms: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return the statement of a real person (养老金测算单): projected pension, its range, every choice.

    Parameters
    ----------
    file : path or StatementFacts
        The facts; README of `scenarios` lists them.
    fitted : str
        Fitted set, for who is covered by programmes of firms.
    reforms : sequence of str, optional
        Scenarios shown as choices; those of `REFORMS` without it.

    Returns
    -------
    dict
        JSON-ready: schema_version, facts, choices. Pensions by the month at the claim: nominal, in yuan of
        2025, and at today's wage level; low and high are over the futures of the economy, in yuan of 2025.

    Raises
    ------
    FactsError
    """
    from scenarios.inputs import check_fitted, demography

    check_fitted(fitted)
    facts = file if isinstance(file, StatementFacts) else read_facts(file)
    source = "facts" if isinstance(file, StatementFacts) else str(file)
    today = _today() if facts.today is None else facts.today
    category = usual_category(facts.sex) if facts.category is None else facts.category
    given = Given(
        *(facts.birth, facts.sex, facts.hukou_province, facts.hukou, category, facts.deemed_months),
        facts.has_platform_subsidy,
    )
    people = demography()

    def desk_of(scenario: str, economy: str) -> _Desk:
        case = compile_case(load_scenario(scenario), fitted, economy)
        return _Desk(facts, given, case, people, today)

    desks = {economy: desk_of(CURRENT_LAW, economy) for economy in ECONOMIES}
    central = desks["central"]
    statutory = int(given_plan(1, given, central.case).statutory[0])
    _check_times(facts, source, given, central, statutory)
    choices = _choices(central, statutory)
    results = {economy: desk.results(choices) for economy, desk in desks.items()}
    rows = [
        _row(choice, central, statutory, [results[e][k] for e in ECONOMIES], results["central"][1], people)
        for k, choice in enumerate(choices)
        if _is_open(choice, central, statutory, results["central"][k])
    ]
    for name in REFORMS if reforms is None else reforms:
        choice = _main(facts)._replace(group="reform", scenario=name)
        under = [desk_of(name, e) for e in ECONOMIES]
        pairs = [desk.results([choice, Choice("stop", "nothing", scenario=name)]) for desk in under]
        rows.append(_row(choice, under[0], statutory, [pair[0] for pair in pairs], pairs[0][1], people))
    return {
        "schema_version": SCHEMA_VERSION,
        "today": month_text(today),
        "facts": _told_facts(facts, given, central, statutory),
        "price_year": PRICE_YEAR,
        "economies": list(ECONOMIES),
        "choices": rows,
    }


def _today() -> int:
    day = date.today()
    return 12 * (day.year - FIRST_YEAR) + day.month - 1


def _told_facts(facts: StatementFacts, given: Given, desk: _Desk, statutory: int) -> dict[str, Any]:
    from simulate.law import load_law

    provinces = [p.name for p in load_law().provinces]
    return {
        "birth": month_text(given.birth),
        "sex": SEXES[given.sex].name,
        "form": FORMS[facts.form].name,
        "hukou_province": provinces[given.hukou_province],
        "work_province": provinces[facts.work_province],
        "record_province": provinces[desk.record_province],
        "category": CATEGORIES[given.category].name,
        "category_is_assumed": facts.category is None and given.sex == 1,
        "index_is_assumed": facts.average_index is None and facts.months > 0,
        "pays": facts.pays,
        "months": facts.months,
        "statutory_month": month_text(statutory),
        "minimum_months": desk.minimum_months(statutory),
        "monthly_earnings": facts.monthly_earnings,
    }


def _check_times(facts: StatementFacts, source: str, given: Given, desk: _Desk, statutory: int) -> None:
    faults = []
    start = int(given_lives(given).careers.start[0])
    if desk.today >= statutory:
        message = f"{month_text(desk.today)} is not before the statutory month {month_text(statutory)}. "
        faults.append(Fault("today", message + "`flexpension award` computes a pension that is due"))
    if desk.today < start:
        message = f"{month_text(desk.today)} is before the 16th birthday, {month_text(start)}"
        faults.append(Fault("today", message))
    elif desk.today - start < facts.months:
        message = f"{facts.months} do not fit between {month_text(start)} and {month_text(desk.today)}"
        faults.append(Fault("months", message))
    if facts.pays == "employee" and facts.form > 1:
        faults.append(Fault("pays", f"employee does not fit form {FORMS[facts.form].name}"))
    if faults:
        raise FactsError(source, faults)


def _row(
    choice: Choice, desk: _Desk, statutory: int, results: list[Result], stopped: Result, demography
) -> dict[str, Any]:
    """A choice as told: the central economy, with the range of the pension over all of them."""
    central = results[0]
    policy, y = desk.policy, min(central.claim // 12, N_YEARS - 1)
    real = [r.real_pension for r in results]
    wages = policy.wage_index
    place = desk.record_province
    return {
        "group": choice.group,
        "pays": choice.pays,
        "scenario": choice.scenario,
        "amount": choice.amount,
        "monthly_cost": central.monthly_cost,
        "monthly_passed_on": desk.mean_passed_on(statutory),
        "claim_month": month_text(central.claim) if central.kind != CLAIM_NONE else None,
        "claim_kind": CLAIM_KINDS[central.kind].name,
        "monthly_pension": {
            "nominal": central.monthly_pension,
            "real": real[0],
            "wage_terms": central.monthly_pension * float(wages[desk.today // 12] / wages[y]),
            "share_of_average_wage": central.monthly_pension / float(policy.reference_wage[place, y]),
            "low": min(real),
            "high": max(real),
        },
        "floor_pension": central.floor_pension,
        "refund": central.refund,
        "own_payments": float(central.paid.sum()),
        "break_even_age": _break_even_age(desk, central, stopped),
        "rate_of_return": _rate_of_return(desk, central, stopped, demography),
    }


def _break_even_age(desk: _Desk, result: Result, stopped: Result) -> float | None:
    """Age at which the pensions gained over stopping today exceed the payments made for them (回本年龄).

    In yuan of 2025, for who lives to see it; None where that age is beyond any life or nothing is paid.
    """
    gained = np.cumsum(result.pension - stopped.pension)
    cost = (result.paid - stopped.paid).sum()
    if cost <= 0.0:
        return None
    behind = np.nonzero(gained < cost)[0]
    k = 0 if behind.size == 0 else int(behind[-1]) + 1
    if k >= len(gained):
        return None
    before = gained[k - 1] if k > 0 else 0.0
    year = desk.today // 12 + k + (cost - before) / (gained[k] - before)
    return float(year - desk.given.birth / 12.0)


def _rate_of_return(desk: _Desk, result: Result, stopped: Result, demography) -> float | None:
    """Real yearly return on what is paid beyond stopping today (实际收益率), survival and heirs counted."""
    from scipy.optimize import brentq

    flows = _expected_flows(desk, result, stopped, demography)
    if not (flows < -1e-9).any() or not (flows > 1e-9).any():
        return None
    times = np.arange(len(flows)) + 0.5

    def value(rate: float) -> float:
        return float((flows / (1.0 + rate) ** times).sum())

    if value(_LEAST_RATE) * value(_GREATEST_RATE) > 0.0:
        return None
    return float(brentq(value, _LEAST_RATE, _GREATEST_RATE, xtol=1e-10))


def _expected_flows(desk: _Desk, result: Result, stopped: Result, demography) -> np.ndarray:
    """What a choice brings beyond stopping today, by year, weighted by the chance to live to see it."""
    deaths = demography.death_probability[desk.given.sex]
    living, dying = result.pension - result.paid, result.balance - stopped.balance
    living = living - (stopped.pension - stopped.paid)
    flows, alive = np.zeros(len(living)), 1.0
    for k in range(len(flows)):
        y = desk.today // 12 + k
        age = min(max(0, y - desk.given.birth // 12), deaths.shape[1] - 1)
        death = float(deaths[min(y, N_YEARS - 1), age])
        flows[k] = alive * (1.0 - death / 2.0) * living[k] + alive * death * dying[k]
        alive *= 1.0 - death
    return flows


# --------------------------------------------------------------------------- telling


def choice_name(row: dict[str, Any], lang: str = "en") -> str:
    """Return the name of a choice in the reader's words (选择的名称)."""
    group, amount = row["group"], row["amount"]
    if group == "reform":
        scenario = load_scenario(row["scenario"])
        return scenario.title_zh if lang == "zh" else scenario.title
    if group == "tier":
        return say("choice_tier", lang, percent=f"{100 * amount:.0f}")
    if group == "years":
        return say("choice_years", lang, years=f"{amount:.0f}") if amount else say("choice_minimum", lang)
    if group == "claim":
        years = f"{abs(amount):.0f}"
        return say("choice_earlier" if amount < 0 else "choice_later", lang, years=years)
    if group == "resident":
        return say("choice_resident", lang, yuan=f"{amount:,.0f}")
    return say(f"choice_{group}_{row['pays']}" if group == "now" else "choice_stop", lang)


def _money(amount: float) -> str:
    return f"{amount:z,.0f}"


def _rate(row: dict[str, Any]) -> str:
    return "–" if row["rate_of_return"] is None else f"{100 * row['rate_of_return']:.1f} %"


def _age(row: dict[str, Any]) -> str:
    return "–" if row["break_even_age"] is None else f"{row['break_even_age']:.1f}"


def sentence(row: dict[str, Any], lang: str = "en") -> str:
    """Return a choice in one or two plain sentences (一句话说明)."""
    pension = row["monthly_pension"]
    paid = say("words_paid", lang, cost=_money(row["monthly_cost"]), own=_money(row["own_payments"]))
    if row["own_payments"] <= 0:
        paid = say("words_nothing", lang)
    if row["claim_kind"] == "none":
        brings = say("words_refund", lang, refund=_money(row["refund"]))
    else:
        brings = say(
            "words_pension", lang, month=row["claim_month"], real=_money(pension["real"]),
            low=_money(pension["low"]), high=_money(pension["high"]), wage=_money(pension["wage_terms"]),
        )  # fmt: skip
    found = [paid, brings]
    if row["monthly_passed_on"] > 0:
        found.insert(1, say("words_passed_on", lang, amount=_money(row["monthly_passed_on"])))
    if row["floor_pension"] > 0:
        found.append(say("words_floor", lang, floor=_money(row["floor_pension"])))
    if row["break_even_age"] is not None:
        found.append(say("words_back", lang, age=_age(row)))
    if row["rate_of_return"] is not None:
        found.append(say("words_return", lang, rate=f"{100 * row['rate_of_return']:.1f}"))
    return ("" if lang == "zh" else " ").join(found)


def blocks(told: dict[str, Any], lang: str = "en") -> list[Block]:
    """Return the table of choices, a block a kind of choice (选择表)."""
    columns = ("real", "range", "wage", "cost", "own", "from", "break_even", "return")
    header = ("", *(say(f"statement_{key}", lang) for key in columns))
    found = []
    for group in dict.fromkeys(row["group"] for row in told["choices"]):
        rows = [row for row in told["choices"] if row["group"] == group]
        if group == "stop":
            continue
        if group == "now":
            rows = [row for row in told["choices"] if row["group"] in ("now", "stop")]
        cells = tuple(_cells(row, lang) for row in rows)
        found.append(Block(say(f"statement_{group}", lang), header, cells))
    return found


def _cells(row: dict[str, Any], lang: str) -> tuple[str, ...]:
    pension = row["monthly_pension"]
    has_pension = row["claim_kind"] != "none"
    return (
        choice_name(row, lang),
        _money(pension["real"]) if has_pension else say("statement_no_pension", lang),
        f"{_money(pension['low'])} – {_money(pension['high'])}" if has_pension else "–",
        _money(pension["wage_terms"]) if has_pension else "–",
        _money(row["monthly_cost"]),
        _money(row["own_payments"]),
        row["claim_month"] or "–",
        _age(row),
        _rate(row),
    )


def _paragraphs(told: dict[str, Any], lang: str) -> list[str]:
    facts = told["facts"]
    usual, stop = told["choices"][0], told["choices"][1]
    lead = say(
        "statement_lead", lang, today=told["today"], months=facts["months"],
        minimum=f"{facts['minimum_months']:.0f}", statutory=facts["statutory_month"],
    )  # fmt: skip
    found = [lead, f"{choice_name(usual, lang)}: {sentence(usual, lang)}"]
    if facts["pays"] != "nothing":
        found.append(f"{choice_name(stop, lang)}: {sentence(stop, lang)}")
    return found


def _notes(told: dict[str, Any], lang: str) -> list[str]:
    facts = told["facts"]
    keys = ["statement_note_money", "statement_note_range", "statement_note_return", "statement_note_later"]
    keys += ["statement_note_category"] if facts["category_is_assumed"] else []
    keys += ["statement_note_index"] if facts["index_is_assumed"] else []
    return [say(key, lang) for key in (*keys, "statement_note_promise")]


def to_json(told: dict[str, Any]) -> str:
    """Return a statement as JSON (JSON); the README of this folder has every key."""
    return json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1)


def printed(told: dict[str, Any], lang: str = "en") -> list:
    """Return a statement for the terminal (终端)."""
    from rich.text import Text

    from scenarios.tables import rich_table

    lead = [Text(paragraph) for paragraph in _paragraphs(told, lang)]
    return [*lead, *(rich_table(block) for block in blocks(told, lang)), *map(Text, _notes(told, lang))]


def page(told: dict[str, Any], lang: str = "en") -> str:
    """Return a statement as one HTML page for a phone (手机网页): cards, sentences, then the tables."""
    from scenarios.report import render_page

    usual = told["choices"][0]
    pension = usual["monthly_pension"]
    band = f"{_money(pension['low'])} – {_money(pension['high'])}"
    cards = [
        (say("statement_real", lang), _money(pension["real"]), band),
        (say("statement_wage", lang), _money(pension["wage_terms"]), ""),
        (say("statement_from", lang), usual["claim_month"] or "–", ""),
        (say("statement_cost", lang), _money(usual["monthly_cost"]), ""),
    ]
    words = Block(
        say("statement_words", lang),
        ("", ""),
        tuple((choice_name(row, lang), sentence(row, lang)) for row in told["choices"]),
        2,
    )
    return render_page(
        "person.html.j2",
        lang,
        title=say("statement_title", lang),
        paragraphs=_paragraphs(told, lang),
        cards=cards,
        blocks=[*blocks(told, lang), words],
        notes=_notes(told, lang),
    )
