"""What one choice of a real person comes to (测算台): its months laid, paid, awarded and paid out.

Contributions, award and payment are the engine's; nothing is drawn.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scenarios.facts import StatementFacts
from scenarios.scenario import CURRENT_LAW
from simulate.contributions import ONE_OFF_SLOT, grow_accounts
from simulate.dues import levies, lowest_base, own_floor
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
)
from simulate.limited import minimum_months, person_bits
from simulate.lines import Claim, Person, pension_by_year
from simulate.participation import CLAIM_NONE, CLAIM_RESIDENT
from simulate.payments import floor_pension
from simulate.run import Case, prepare
from simulate.terms import (
    LAST_AGE,
    N_YEARS,
    NO_OCCUPATION,
    OTHER_FLEXIBLE,
    PLATFORM_FLEXIBLE,
    ROUTE_EMPLOYEE,
    ROUTE_FLEXIBLE,
    WORKER,
)

if TYPE_CHECKING:
    from simulate.demography import Demography


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


class Desk:
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
        form, occupation = self.facts.form, self.facts.occupation
        floor, lowest = self._own_floor(p, m, form, occupation, self.earnings(m))
        cap = float(policy.flexible_base_cap[p, m])
        if policy.flexible_base_by_earnings[m]:
            return min(max(self._declared_share(p, tier) * earnings, floor), cap)
        if tier is None:
            return lowest
        return min(max(tier * float(policy.reference_wage[p, m // 12]), floor), cap)

    def _declared_share(self, p: int, tier: float | None) -> float:
        """The share of earnings paid on where the base follows them: the same as now, all of them at most."""
        if self.policy.flexible_base_by_earnings[self.today]:
            return 1.0
        return min(1.0, self._flexible_base(p, self.today, tier, 0.0) / self.facts.monthly_earnings)

    def share_of_earnings(self, choice: Choice, statutory: int) -> float | None:
        """Return the share of earnings that a choice pays on (缴费比例); None where no base follows them."""
        if choice.pays != "flexible" or not self.policy.flexible_base_by_earnings[statutory - 1]:
            return None
        return self._declared_share(self.record_province, choice.tier)

    def _own_floor(self, p: int, m: int, form: int, occupation: int, earnings: float) -> tuple[float, float]:
        """Floor and lowest base of the person in a month, also where a scenario has rows for groups."""
        who = person_bits(self.given.sex, self.given.hukou)
        floor, lowest = own_floor(self.policy, who, self.given.birth, m, form, occupation, p, earnings)
        return float(floor), float(lowest)

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
            _, base = self._own_floor(p, m, OTHER_FLEXIBLE, NO_OCCUPATION, 0.0)
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
