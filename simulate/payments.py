"""Pensions in payment (待遇发放): indexation, floors, survival, present values, and what is kept of a person.

METHOD.md, sections 7 and 8. Nobody dies in the draw: survival weighs every flow.
"""

from __future__ import annotations

import math

import numpy as np

from simulate.contributions import ONE_OFF_SLOT
from simulate.entitlements import survivor_months
from simulate.kernel import kernel, rule
from simulate.limited import minimum_months, person_bits
from simulate.outcomes import POSITION
from simulate.participation import CLAIM_EMPLOYEE, CLAIM_NONE, CLAIM_RESIDENT, N_CAREER_YEARS
from simulate.returns import N_RATES, N_VALUED_YEARS, note_year, value_at_rates
from simulate.terms import (
    FIRST_VALUED_AGE,
    FIRST_YEAR,
    LAST_AGE,
    MEASURING_AGE,
    N_YEARS,
    POOL,
    PRESENT_VALUE_YEAR,
    ROUTE_CREDIT,
    ROUTE_EMPLOYEE,
    ROUTE_FLEXIBLE,
    ROUTE_NONE,
    ROUTE_RESIDENT,
    SCHOOLING,
)

LATE_MEASURING_AGE = 70
COVERAGE_AGE_MONTHS = 720
NEAR_MINIMUM_MONTHS = 24

(
    _ONE, _PENSION_65, _EMPLOYEE_65, _RESIDENT_65, _TOP_UP_65, _PENSION_70, _PENSION_CLAIM, _REAL_65,
    _WAGE_65, _WAGE_70, _LAST, _WITH_LAST, _HAS_LAST, _LAST_NET, _DECADE, _WITH_DECADE, _LIFETIME,
    _WITH_LIFETIME, _RECORD, _EMPLOYEE_MONTHS, _FLEXIBLE_MONTHS, _RESIDENT_MONTHS, _CREDIT_MONTHS,
    _CHILD_CREDIT, _WORKING_AGE, _COVERED_EMPLOYEE, _COVERED_FLEXIBLE, _COVERED_RESIDENT, _COVERED_NONE,
    _DUE, _GAP, _REACHED, _NEAR, _WITHOUT, _BELOW_DIBAO, _BELOW_RURAL, _BELOW_C102, _FLEX_EARNINGS,
    _FLEX_PAID, _FLOOR_MONTHS, _RATIO_SUM, _PV_WORKER, _PV_EMPLOYER, _PV_PLATFORM, _PV_CONSUMER,
    _PV_GOVERNMENT, _PV_PENSIONS, _PV_EMPLOYEE, _PV_DEATH, _PV_REFUND, _PV_POOL_IN, _PV_POOL_OUT, _PV_LEVY,
    _EARNINGS_SUM, _ACCOUNT_CLAIM, _CLAIM_AGE, _INDEX, _FLOOR_65, _PV_FLOOR, _REAL_70,
    _WAGE_CLAIM, _BELOW_COUPLE, _BELOW_INTERNATIONAL,
) = range(POSITION["below_international_line"] + 1)  # fmt: skip
_FIRST_REASON = POSITION["months_covered"]


@rule()
def increased(pension, policy, year, contribution_years):
    """Return a pension after the increase of January of a year (养老金调整). [yuan/month]

    A flat sum, a sum for each contribution year and a percentage of the pension.

    References
    ----------
    社会保险法, 18; yearly adjustment notices.
    """
    y = min(year, N_YEARS - 1)
    return (
        pension * (1.0 + policy.increase_percent[y])
        + policy.increase_flat[y]
        + policy.increase_per_year[y] * contribution_years
    )


@rule()
def floor_pension(policy, province, year, pension):
    """Return universal flat and tapered minimum pension beside a pension (普惠和最低养老金). [yuan/month]

    The minimum counts the flat pension among the others.
    """
    y = min(year, N_YEARS - 1)
    wage = policy.reference_wage[province, y]
    flat = policy.universal_ratio[y] * wage
    least = policy.minimum_ratio[y] * wage - policy.minimum_taper[y] * (pension + flat)
    return flat + max(0.0, least)


@rule()
def discount(policy, y):
    """Return the present value in PRESENT_VALUE_YEAR of a yuan of year index y (折现因子)."""
    last = policy.discount_factor.size - 1
    now = policy.discount_factor[PRESENT_VALUE_YEAR - FIRST_YEAR]
    if y <= last:
        return policy.discount_factor[y] / now
    step = policy.discount_factor[last] / policy.discount_factor[last - 1]
    return policy.discount_factor[last] / now * step ** (y - last)


@kernel()
def pay(people, careers, policy, behaviour, demography, plan, record, award, outcomes):
    """Fill the outcomes of a block under one scenario (个人结果).

    Parameters
    ----------
    outcomes : ndarray, float64 (outcome, person)
        Overwritten; columns as in `simulate.outcomes.OUTCOMES`.
    """
    space = pay_space(policy, people)
    for i in range(people.person.size):
        pay_person(i, people, careers, policy, behaviour, demography, space, plan, record, award, outcomes)


@kernel()
def pay_space(policy, people):
    """Return what `pay_person` works with (发放工作区): discount factors by year, room for sums."""
    discounts = np.empty(max(N_YEARS, people.birth.max() // 12 + LAST_AGE + 1))
    for y in range(discounts.size):
        discounts[y] = discount(policy, y)
    return discounts, np.empty((2, N_VALUED_YEARS)), np.empty((2, N_RATES))


@rule()
def pay_person(i, people, careers, policy, behaviour, demography, space, plan, record, award, outcomes):
    """Fill the outcomes of one person (一人结果)."""
    discounts, so_far, at_rates = space
    for k in range(outcomes.shape[0]):
        outcomes[k, i] = 0.0
    outcomes[_ONE, i] = 1.0
    _measure_record(i, people, careers, policy, plan, record, award, outcomes)
    _measure_earnings(i, people, careers, policy, discounts, record, outcomes)
    _measure_payment(
        i,
        people,
        careers,
        policy,
        behaviour,
        demography,
        discounts,
        plan,
        record,
        award,
        so_far,
        outcomes,
    )
    value_at_rates(i, people.birth[i], policy, discounts, so_far, at_rates, outcomes)
    _measure_adequacy(i, people, careers, policy, behaviour, plan, award, outcomes)


@rule()
def _measure_record(i, people, careers, policy, plan, record, award, outcomes):
    """Months by route and reason, the record and its gaps."""
    start, birth, claim = careers.start[i], people.birth[i], plan.claim[i]
    last = min(careers.length[i], claim - start)
    working = min(last, birth + COVERAGE_AGE_MONTHS - start)
    c = 0
    while c < last:
        route, reason = plan.route[i, c], plan.reason[i, c]
        end = c + 1
        while end < last and plan.route[i, end] == route and plan.reason[i, end] == reason:
            end += 1
        if route == ROUTE_EMPLOYEE:
            outcomes[_EMPLOYEE_MONTHS, i] += end - c
        elif route == ROUTE_FLEXIBLE:
            outcomes[_FLEXIBLE_MONTHS, i] += end - c
        months = min(end, working) - c
        if months > 0 and reason != SCHOOLING:
            outcomes[_WORKING_AGE, i] += months
            if route == ROUTE_EMPLOYEE:
                outcomes[_COVERED_EMPLOYEE, i] += months
            elif route == ROUTE_FLEXIBLE:
                outcomes[_COVERED_FLEXIBLE, i] += months
            elif route == ROUTE_RESIDENT:
                outcomes[_COVERED_RESIDENT, i] += months
            elif route == ROUTE_NONE:
                outcomes[_COVERED_NONE, i] += months
            outcomes[_FIRST_REASON + (reason if route != ROUTE_CREDIT else 0), i] += months
        c = end
    first_record = -1
    for c in range(last):
        if first_record < 0 and plan.month_credit[i, c] > 0.0:
            first_record = c
        if plan.credit_base[i, c] > 0.0 or plan.route[i, c] == ROUTE_CREDIT:
            outcomes[_CREDIT_MONTHS, i] += 1.0
            if 0 <= careers.child_age[i, c] < policy.care_credit_child_months[start + c]:
                outcomes[_CHILD_CREDIT, i] += 1.0
    outcomes[_RECORD, i] = award.record_months[i]
    outcomes[_RESIDENT_MONTHS, i] = plan.resident_months[i]
    if first_record >= 0:
        due = min(plan.statutory[i], claim) - start - first_record
        outcomes[_DUE, i] = max(float(due), award.record_months[i])
        outcomes[_GAP, i] = outcomes[_DUE, i] - award.record_months[i]
    who = person_bits(people.sex[i], people.hukou[i])
    minimum = minimum_months(policy, who, people.birth[i], plan.statutory[i])
    shortage = minimum - award.record_months[i] - people.deemed_months[i]
    outcomes[_REACHED, i] = 1.0 if plan.claim_kind[i] == CLAIM_EMPLOYEE else 0.0
    if (
        plan.claim_kind[i] != CLAIM_EMPLOYEE
        and award.record_months[i] > 0.0
        and shortage <= NEAR_MINIMUM_MONTHS
    ):
        outcomes[_NEAR, i] = 1.0
    outcomes[_WITHOUT, i] = 1.0 if plan.claim_kind[i] == CLAIM_NONE else 0.0
    outcomes[_FLEX_EARNINGS, i], outcomes[_FLEX_PAID, i] = (
        record.flexible_earnings[i],
        record.flexible_paid[i],
    )
    outcomes[_FLOOR_MONTHS, i], outcomes[_RATIO_SUM, i] = record.floor_months[i], record.base_ratio_sum[i]
    outcomes[_INDEX, i] = award.index[i]
    if plan.claim_kind[i] != CLAIM_NONE:
        outcomes[_CLAIM_AGE, i] = float(claim - birth)
        outcomes[_ACCOUNT_CLAIM, i] = award.account[i]


@rule()
def _measure_earnings(i, people, careers, policy, discounts, record, outcomes):
    """Own earnings before 65, revalued by wages to the year before."""
    start, birth = careers.start[i], people.birth[i]
    at_65 = birth + 12 * MEASURING_AGE
    level = policy.wage_index[at_65 // 12 - 1]
    last = min(careers.length[i], at_65 - start)
    months, total, present_value = 0, 0.0, 0.0
    decade_months, decade = 0, 0.0
    last_months, last_sum, last_own = 0, 0.0, 0.0
    end = last
    while end > 0:  # year by year, the last first
        y = (start + end - 1) // 12
        begin = max(0, 12 * y - start)
        wage_index, factor = policy.wage_index[y], discounts[y]
        for c in range(end - 1, begin - 1, -1):
            earnings = careers.earnings[i, c]
            if earnings <= 0.0:
                continue
            revalued = earnings * level / wage_index
            months += 1
            total += revalued
            present_value += earnings * factor
            if c >= last - 120:
                decade_months += 1
                decade += revalued
                if last_months < 12:
                    last_months += 1
                    last_sum += revalued
                    last_own += record.own_payment[i, c] * level / wage_index
        end = begin
    outcomes[_EARNINGS_SUM, i] = present_value
    if months > 0:
        outcomes[_LIFETIME, i] = total / months
    if decade_months > 0:
        outcomes[_DECADE, i] = decade / decade_months
    if decade_months >= 6:
        outcomes[_HAS_LAST, i] = 1.0
        outcomes[_LAST, i] = last_sum / last_months
        outcomes[_LAST_NET, i] = (last_sum - last_own) / last_months


@rule()
def _measure_payment(
    i, people, careers, policy, behaviour, demography, discounts, plan, record, award, so_far, outcomes
):
    """The years from 20 to 120: contributions, pensions and what a death releases, weighted by survival."""
    birth, sex, home = people.birth[i], people.sex[i], people.hukou_province[i]
    start, claim, kind = careers.start[i], plan.claim[i], plan.claim_kind[i]
    birth_year = birth // 12
    at_65, at_70 = birth + 12 * MEASURING_AGE, birth + 12 * LATE_MEASURING_AGE
    first_year = start // 12
    settled_year = plan.settled[i] // 12
    employee, resident_rest = award.employee_pension[i], award.resident_rest[i]
    left, account_part = award.account[i], award.account_part[i]
    if kind == CLAIM_RESIDENT:
        account_part = award.account[i] / policy.resident_divisor[min(settled_year, N_YEARS - 1)]
    is_member = award.record_months[i] > 0.0
    outcomes[_PENSION_CLAIM, i] = employee + award.resident_basic[i] + resident_rest
    frailty = math.exp(-behaviour.mortality_gradient * people.permanent_effect[i])
    alive = 1.0
    months_so_far = 0.0
    for slot in range(min(N_CAREER_YEARS, max(0, birth_year + FIRST_VALUED_AGE) - first_year)):
        months_so_far += record.months[i, slot]  # a record before the first valued year counts for grants
    deaths = demography.death_probability
    pensions, employee_pensions, floors, at_death = 0.0, 0.0, 0.0, 0.0
    pool_in, pool_out, levy = 0.0, 0.0, 0.0
    for age in range(FIRST_VALUED_AGE, LAST_AGE + 1):
        y = birth_year + age
        if y < 0:
            continue
        held = min(y, N_YEARS - 1)
        death = min(1.0, deaths[sex, held, min(age, deaths.shape[2] - 1)] * frailty)
        weight = alive * (1.0 - 0.5 * death) * discounts[y]
        death_weight = alive * death * discounts[y]

        slot = y - first_year
        balance, drawn = 0.0, 0.0
        if 0 <= slot < N_CAREER_YEARS:
            for k in range(5):
                outcomes[_PV_WORKER + k, i] += weight * record.paid[i, slot, k]
            pool_in += weight * record.sunk[i, slot, POOL]
            levy += weight * record.levy_less_relief[i, slot]
            balance = record.account_by_year[i, slot]
            months_so_far += record.months[i, slot]
        if y < settled_year:
            at_death += death_weight * balance
            if is_member and months_so_far > 0.0:
                grant = policy.funeral_months[held] + survivor_months(
                    months_so_far / 12.0, -1.0, policy.survivor_months, policy.survivor_floor_months
                )
                amount = death_weight * grant * policy.survivor_income[award.province[i], held]
                at_death += amount
                pool_out += amount
        elif kind == CLAIM_NONE:
            if y == settled_year:
                outcomes[_PV_REFUND, i] = weight * award.account[i]
        else:
            if y > settled_year:
                if kind == CLAIM_EMPLOYEE:
                    employee = increased(employee, policy, y, award.years[i])
                paid_months = 12.0
            else:
                for k in range(5):
                    outcomes[_PV_WORKER + k, i] += weight * record.paid[i, ONE_OFF_SLOT, k]
                pool_in += weight * record.sunk[i, ONE_OFF_SLOT, POOL]
                paid_months = float(12 - claim % 12)
            resident = 0.0
            if kind == CLAIM_RESIDENT:
                resident = policy.resident_basic[home, held] + resident_rest
            pensions += weight * paid_months * (employee + resident)
            from_account = min(left, paid_months * account_part)
            left -= from_account
            at_death += death_weight * left
            if kind == CLAIM_EMPLOYEE:
                employee_pensions += weight * paid_months * employee
                pool_out += weight * (paid_months * employee - from_account)
                grant = policy.funeral_months[held] + survivor_months(
                    award.years[i],
                    float(y - settled_year),
                    policy.survivor_months,
                    policy.survivor_floor_months,
                )
                amount = death_weight * grant * policy.survivor_income[award.province[i], held]
                at_death += amount
                pool_out += amount
            drawn = employee + resident
            if y == at_65 // 12 and claim <= at_65:
                outcomes[_EMPLOYEE_65, i], outcomes[_RESIDENT_65, i] = employee, resident
            if y == at_70 // 12 and claim <= at_70:
                outcomes[_PENSION_70, i] = employee + resident
        months = min(12, 12 * (y + 1) - birth - policy.floor_pension_age)
        if months > 0:
            added = floor_pension(policy, home, y, drawn)
            floors += weight * months * added
            pensions += weight * months * added
            if y == at_65 // 12 and policy.floor_pension_age <= 12 * MEASURING_AGE:
                outcomes[_FLOOR_65, i] = floor_pension(policy, home, y, drawn if claim <= at_65 else 0.0)
            if y == at_70 // 12:
                outcomes[_PENSION_70, i] += floor_pension(policy, home, y, drawn if claim <= at_70 else 0.0)
        note_year(i, age, pensions + at_death + outcomes[_PV_REFUND, i], outcomes, so_far)
        alive *= 1.0 - death
    outcomes[_PV_PENSIONS, i], outcomes[_PV_EMPLOYEE, i], outcomes[_PV_FLOOR, i] = (
        pensions,
        employee_pensions,
        floors,
    )
    outcomes[_PV_DEATH, i], outcomes[_PV_LEVY, i] = at_death, levy
    outcomes[_PV_POOL_IN, i], outcomes[_PV_POOL_OUT, i] = pool_in, pool_out
    outcomes[_PENSION_65, i] = outcomes[_EMPLOYEE_65, i] + outcomes[_RESIDENT_65, i] + outcomes[_FLOOR_65, i]


@rule()
def _measure_adequacy(i, people, careers, policy, behaviour, plan, award, outcomes):
    """The pension at 65 beside wages, own earnings and the floors."""
    birth, home = people.birth[i], people.hukou_province[i]
    at_65, at_70 = birth + 12 * MEASURING_AGE, birth + 12 * LATE_MEASURING_AGE
    y = at_65 // 12
    place = careers.province[i, min(careers.length[i] - 1, birth + COVERAGE_AGE_MONTHS - careers.start[i])]
    pension = outcomes[_PENSION_65, i]
    outcomes[_WAGE_65, i] = policy.reference_wage[place, y]
    outcomes[_WAGE_70, i] = policy.reference_wage[place, at_70 // 12]
    outcomes[_REAL_65, i] = pension / policy.price_index[y]
    outcomes[_REAL_70, i] = outcomes[_PENSION_70, i] / policy.price_index[at_70 // 12]
    if plan.claim_kind[i] != CLAIM_NONE:
        outcomes[_WAGE_CLAIM, i] = policy.reference_wage[place, plan.claim[i] // 12]
    if outcomes[_HAS_LAST, i] > 0.0:
        outcomes[_WITH_LAST, i] = pension
    if outcomes[_DECADE, i] > 0.0:
        outcomes[_WITH_DECADE, i] = pension
    if outcomes[_LIFETIME, i] > 0.0:
        outcomes[_WITH_LIFETIME, i] = pension
    line = policy.dibao[home, people.hukou[i], y]
    if pension < line:
        outcomes[_BELOW_DIBAO, i] = 1.0
        if people.dibao_draw[i] < behaviour.dibao_take_up_share:
            outcomes[_TOP_UP_65, i] = line - pension
    partner = policy.resident_basic[home, y]
    if policy.floor_pension_age <= 12 * MEASURING_AGE:
        partner += floor_pension(policy, home, y, partner)
    if pension + partner < 2.0 * line:
        outcomes[_BELOW_COUPLE, i] = 1.0
    if pension < policy.international_poverty_line[people.hukou[i], y]:
        outcomes[_BELOW_INTERNATIONAL, i] = 1.0
    if pension < policy.rural_poverty_line[y]:
        outcomes[_BELOW_RURAL, i] = 1.0
    scaled = policy.c102_rate * min(1.0, award.years[i] / policy.c102_years) * policy.reference_wage[place, y]
    if pension < scaled or pension <= 0.0:
        outcomes[_BELOW_C102, i] = 1.0
