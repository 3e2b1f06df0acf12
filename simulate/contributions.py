"""Contributions (缴费): who pays what in a month, where it goes, and how the account grows.

METHOD.md, section 5. `month_flows` is the rule of one month; the kernel sums it over a block, the ledger
of one person lists it. Paid by all payers = credited to accounts + pooled + named other sinks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulate.dues import (
    earns_platform_subsidy,
    funded_base,
    is_in_difficulty_group,
    levies,
    lowest_base,
    match_rate,
    matched,
    own_floor,
    own_rate,
    platform_subsidy,
)
from simulate.kernel import kernel, rule
from simulate.limited import person_bits
from simulate.participation import N_CAREER_YEARS
from simulate.terms import (
    ACCOUNT,
    AS_RELIEF,
    CONSUMER,
    EMPLOYER,
    GOVERNMENT,
    N_CAREER_MONTHS,
    PLATFORM,
    PLATFORM_FLEXIBLE,
    POOL,
    RESIDENT_ACCOUNT,
    ROUTE_EMPLOYEE,
    ROUTE_FLEXIBLE,
    TO_ACCOUNT,
    TO_BASE,
    TO_POOL,
    WORKER,
)

N_PAYERS, N_SINKS = 5, 4
ONE_OFF_SLOT = N_CAREER_YEARS  # payments at the claim: the rest of the minimum, missing resident years
N_SLOTS = N_CAREER_YEARS + 1


class Record(NamedTuple):
    """What a block's contributions add up to under one scenario (缴费记录).

    Yearly arrays have the dimension (person, slot): calendar years from the career's first, then one slot for
    what is paid at the claim. Yuan; index sums are by calendar year so that the wages of the claim province
    can be put under them.
    """

    paid: np.ndarray  # (person, slot, payer)
    sunk: np.ndarray  # (person, slot, sink)
    base_sum: np.ndarray  # (person, slot) bases of months that count for the index
    months: np.ndarray  # (person, slot) months that count
    months_without_accrual: np.ndarray  # (person,) of them those that earn no basic pension
    months_without_index: np.ndarray  # (person,) of them those that do not count for the index
    account: np.ndarray  # (person,) employee account at the claim, or when contributions end
    resident_account: np.ndarray  # (person,) resident account then
    account_by_year: np.ndarray  # (person, slot) both accounts together at the end of each year
    levy_less_relief: (
        np.ndarray
    )  # (person, slot) what the pool gains from a levy less what it lacks by relief
    flexible_earnings: np.ndarray  # (person,) earnings of months in the flexible route, prices of 2025
    flexible_paid: np.ndarray  # (person,) the worker's own payments in them, prices of 2025
    floor_months: np.ndarray  # (person,) months in the flexible route at the lowest base
    base_ratio_sum: np.ndarray  # (person,) their bases over the reference wage
    own_payment: np.ndarray  # (person, career month) the worker's own payment to the employee scheme


def empty_record(number: int) -> Record:
    """Return room for the records of `number` people (空数组)."""
    year = (number, N_SLOTS)
    return Record(
        np.zeros((*year, N_PAYERS)),
        np.zeros((*year, N_SINKS)),
        np.zeros(year),
        np.zeros(year),
        *(np.zeros(number) for _ in range(4)),
        np.zeros(year),
        np.zeros(year),
        *(np.zeros(number) for _ in range(4)),
        np.zeros((number, N_CAREER_MONTHS)),
    )


@rule()
def account_share(policy, province, m, rate):
    """Return the part of the base credited to the account (记账比例), 0 before the province kept accounts."""
    return rate if m >= policy.account_start[province] else 0.0


@kernel()
def pass_on(people, careers, policy, earnings):
    """Fill earnings after the levies that are passed on to pay (平台缴费转嫁后的收入). [yuan/month]"""
    for i in range(people.person.size):
        for c in range(careers.length[i]):
            m = careers.start[i] + c
            earnings[i, c] = careers.earnings[i, c]
            if careers.form[i, c] == PLATFORM_FLEXIBLE:
                due = levies(policy, m, people.platform_share[i], careers.earnings[i, c])
                earnings[i, c] -= policy.levy_pass_through[m] * (due[0] + due[1])


@rule()
def has_flows(policy, careers, plan, i, c, m):
    """Return whether anything is due in a month of the employee scheme (当月是否有缴费)."""
    if plan.base[i, c] > 0.0 or plan.credit_base[i, c] > 0.0:
        return True
    return policy.levy_on_all[m] != 0 and careers.form[i, c] == PLATFORM_FLEXIBLE


@rule()
def month_flows(i, c, people, careers, policy, behaviour, plan, drawn, paid, sunk):
    """Write who pays what in a month of the employee scheme and where it goes (当月缴费流向).

    Parameters
    ----------
    i, c : int
        Person of the block, career month.
    drawn : ndarray, int64 (2,)
        Months of the public subsidy and of the match drawn before; this month is added.
    paid : ndarray, float64 (payer,) [yuan]
        Overwritten.
    sunk : ndarray, float64 (sink,) [yuan]
        Overwritten.

    Returns
    -------
    levy_less_relief : float
        What the pool gains by a levy on platform earnings less what it lacks by relief. [yuan]
    funded : float
        What levies and match add to the base. [yuan/month]

    References
    ----------
    国发〔2005〕38号; 国办发〔2019〕13号.
    """
    paid[:] = 0.0
    sunk[:] = 0.0
    m = careers.start[i] + c
    route, province = plan.route[i, c], plan.record_province[i, c]
    base, credit = plan.base[i, c], plan.credit_base[i, c]
    levy_less_relief, funded = 0.0, 0.0
    form = careers.form[i, c]
    if route == ROUTE_EMPLOYEE:
        paid[WORKER] = policy.employee_rate[m] * base
        contributed = policy.employer_rate[province, m] * base
        paid[PLATFORM if form == PLATFORM_FLEXIBLE else EMPLOYER] = contributed
        sunk[ACCOUNT] = account_share(policy, province, m, policy.account_rate[province, m]) * base
        sunk[POOL] = paid[WORKER] + contributed - sunk[ACCOUNT]
    elif route == ROUTE_FLEXIBLE:
        occupation, earnings = careers.occupation[i, c], careers.earnings[i, c]
        who, birth = person_bits(people.sex[i], people.hukou[i]), people.birth[i]
        rate, relief_rate = own_rate(policy, who, birth, m, form, occupation, province, earnings)
        relief = relief_rate * base
        due = rate * base - relief
        meant_for_pool = 0.0
        if form == PLATFORM_FLEXIBLE:
            paid[PLATFORM], paid[CONSUMER] = levies(
                policy, m, people.platform_share[i], careers.earnings[i, c]
            )
            levy_less_relief = paid[PLATFORM] + paid[CONSUMER] - relief
            if policy.levy_destination[m] == TO_POOL:
                meant_for_pool = paid[PLATFORM] + paid[CONSUMER]
            elif policy.levy_destination[m] == TO_ACCOUNT:
                sunk[ACCOUNT] = paid[PLATFORM] + paid[CONSUMER]
            elif policy.levy_destination[m] == TO_BASE:
                funded = funded_base(policy, province, m, base, paid[PLATFORM] + paid[CONSUMER])
            covered = people.subsidy_draw[i] < behaviour.platform_subsidy_coverage[careers.occupation[i, c]]
            if covered and policy.platform_subsidy_share[m] > 0.0:
                if earns_platform_subsidy(policy, careers, i, c, m, province):
                    subsidy = platform_subsidy(policy, province, m, due)
                    paid[PLATFORM] += subsidy
                    due -= subsidy
        if is_in_difficulty_group(policy, people, behaviour, i, m, province, drawn[0], plan.statutory[i]):
            drawn[0] += 1
            paid[GOVERNMENT] = policy.difficulty_share[province, m] * due
            due -= paid[GOVERNMENT]
        share = match_rate(policy, who, birth, m, form, occupation, province, earnings)
        if share > 0.0 and drawn[1] < policy.match_months[m]:
            drawn[1] += 1
            match = matched(policy, province, m, due, share)
            paid[GOVERNMENT] += match
            if policy.match_destination[m] == AS_RELIEF:
                due -= match
            elif policy.match_destination[m] == TO_ACCOUNT:
                sunk[ACCOUNT] += match
            elif policy.match_destination[m] == TO_BASE:
                funded += funded_base(policy, province, m, base + funded, match)
            else:
                meant_for_pool += match
        paid[WORKER] = due
        total = paid[WORKER] + paid[PLATFORM] + paid[CONSUMER] + paid[GOVERNMENT]
        if policy.account_only[m]:
            funded = 0.0
            sunk[ACCOUNT] = total - meant_for_pool
        else:
            part = account_share(policy, province, m, min(policy.flexible_account_rate[m], rate))
            sunk[ACCOUNT] += part * (base + funded)
        sunk[POOL] = total - sunk[ACCOUNT]
    elif form == PLATFORM_FLEXIBLE and policy.levy_on_all[m] != 0:
        # no member, but the levy is due: into the own account, unless it is the pool's
        paid[PLATFORM], paid[CONSUMER] = levies(policy, m, people.platform_share[i], careers.earnings[i, c])
        levy_less_relief = paid[PLATFORM] + paid[CONSUMER]
        sunk[POOL if policy.levy_destination[m] == TO_POOL else ACCOUNT] = levy_less_relief
    if credit > 0.0:
        credited = policy.flexible_rate[province, m] * credit
        to_account = account_share(policy, province, m, policy.flexible_account_rate[m]) * credit
        paid[GOVERNMENT] += credited
        sunk[ACCOUNT] += to_account
        sunk[POOL] += credited - to_account
    return levy_less_relief, funded


@kernel()
def settle(people, careers, policy, behaviour, plan, record):
    """Fill the contribution records of a block (缴费核算).

    The account follows the monthly-product method: credits of a year earn that year's rate for the months
    from their own to the end of the year; in the year of the claim interest runs to the month before it.

    References
    ----------
    劳办发〔1997〕116号.
    """
    paid, sunk = np.empty(N_PAYERS), np.empty(N_SINKS)
    drawn = np.empty(2, np.int64)
    for i in range(people.person.size):
        settle_person(i, people, careers, policy, behaviour, plan, record, drawn, paid, sunk)


@rule()
def settle_person(i, people, careers, policy, behaviour, plan, record, drawn, paid, sunk):
    start, home = careers.start[i], people.hukou_province[i]
    who, birth = person_bits(people.sex[i], people.hukou[i]), people.birth[i]
    first_year = start // 12
    record.paid[i] = 0.0
    record.sunk[i] = 0.0
    record.base_sum[i] = 0.0
    record.months[i] = 0.0
    record.account_by_year[i] = 0.0
    record.levy_less_relief[i] = 0.0
    claim = plan.settled[i]  # of the claim, or of the refund where there is none
    last = min(careers.length[i], claim - start)
    balance, credits, weighted = 0.0, 0.0, 0.0  # at the year's start; this year's credits; times months left
    resident_balance = 0.0
    flexible_earnings, flexible_paid, floor_months, ratio_sum = 0.0, 0.0, 0.0, 0.0
    without_accrual, without_index = 0.0, 0.0
    drawn[:] = 0
    last_province = home
    record.own_payment[i, :] = 0.0  # months after the claim too: earnings before 65 are looked at to the end
    for c in range(last):
        m = start + c
        y = m // 12 - first_year
        if has_flows(policy, careers, plan, i, c, m):
            levy_less_relief, funded = month_flows(
                i, c, people, careers, policy, behaviour, plan, drawn, paid, sunk
            )
            for k in range(N_PAYERS):
                record.paid[i, y, k] += paid[k]
            for k in range(N_SINKS):
                record.sunk[i, y, k] += sunk[k]
            record.levy_less_relief[i, y] += levy_less_relief
            record.own_payment[i, c] = paid[WORKER]
            credits += sunk[ACCOUNT]
            weighted += sunk[ACCOUNT] * (12 - m % 12)
            if plan.month_credit[i, c] > 0.0:
                indexed = plan.base[i, c] + plan.credit_base[i, c] + funded
                if policy.account_only[m] and plan.route[i, c] == ROUTE_FLEXIBLE:
                    indexed = plan.credit_base[i, c]  # what goes to the account alone earns no basic pension
                    if indexed == 0.0:
                        without_accrual += plan.month_credit[i, c]
                if indexed == 0.0:
                    without_index += plan.month_credit[i, c]
                record.base_sum[i, y] += indexed
                record.months[i, y] += plan.month_credit[i, c]
                last_province = plan.record_province[i, c]  # a lost record is no place to pay the rest at
            if plan.route[i, c] == ROUTE_FLEXIBLE:
                prices, province = policy.price_index[m // 12], plan.record_province[i, c]
                earnings = careers.earnings[i, c]
                flexible_earnings += earnings / prices
                flexible_paid += paid[WORKER] / prices
                ratio_sum += plan.base[i, c] / policy.reference_wage[province, m // 12]
                form, occupation = careers.form[i, c], careers.occupation[i, c]
                _, lowest = own_floor(policy, who, birth, m, form, occupation, province, earnings)
                if plan.base[i, c] <= lowest * (1.0 + 1e-12):
                    floor_months += 1.0
        elif plan.month_credit[i, c] > 0.0:
            # a credit of months only
            record.months[i, y] += plan.month_credit[i, c]
            without_index += plan.month_credit[i, c]
            last_province = plan.record_province[i, c]
        if m % 12 == 11:
            rate = policy.crediting_rate[m // 12]
            balance += balance * rate + credits + weighted * rate / 12.0
            credits, weighted = 0.0, 0.0
            resident_balance *= 1.0 + policy.resident_crediting_rate[home, m // 12]
            resident_balance += _resident_flows(i, y, plan, record)
            record.account_by_year[i, y] = balance + resident_balance
    end = start + last
    elapsed = end % 12
    if elapsed > 0:
        rate = policy.crediting_rate[end // 12]
        y = end // 12 - first_year
        balance += (
            balance * rate * elapsed / 12.0 + credits + rate / 12.0 * (weighted - credits * (12 - elapsed))
        )
        resident_balance *= 1.0 + policy.resident_crediting_rate[home, end // 12] * elapsed / 12.0
        resident_balance += _resident_flows(i, y, plan, record)
        record.account_by_year[i, y] = balance + resident_balance
    # accounts of people who claim later than they could pay earn whole months of interest until the claim
    if claim > end and claim < policy.crediting_rate.size * 12:
        balance, resident_balance = grow_accounts(policy, home, balance, resident_balance, end, claim)

    months = plan.one_off_months[i]
    if months > 0:
        m = claim
        base = lowest_base(policy, last_province, m)
        due = policy.flexible_rate[last_province, m] * base * months
        to_account = policy.flexible_account_rate[m] * base * months
        if policy.account_only[m]:
            to_account = due
            without_accrual += months
            without_index += months
        record.paid[i, ONE_OFF_SLOT, WORKER] += due
        record.sunk[i, ONE_OFF_SLOT, ACCOUNT] += to_account
        record.sunk[i, ONE_OFF_SLOT, POOL] += due - to_account
        record.base_sum[i, ONE_OFF_SLOT] += 0.0 if policy.account_only[m] else base * months
        record.months[i, ONE_OFF_SLOT] += months
        balance += to_account
    if plan.back_paid_years[i] > 0.0:
        amount = plan.back_paid_years[i] * plan.back_paid_tier[i]
        record.paid[i, ONE_OFF_SLOT, WORKER] += amount
        record.sunk[i, ONE_OFF_SLOT, RESIDENT_ACCOUNT] += amount
        resident_balance += amount
    record.account[i], record.resident_account[i] = balance, resident_balance
    record.months_without_accrual[i], record.months_without_index[i] = without_accrual, without_index
    record.flexible_earnings[i], record.flexible_paid[i] = flexible_earnings, flexible_paid
    record.floor_months[i], record.base_ratio_sum[i] = floor_months, ratio_sum


@rule()
def _resident_flows(i, y, plan, record):
    """Book a year's resident contribution and subsidy; what is credited."""
    tier, subsidy = plan.resident_tier[i, y], plan.resident_subsidy[i, y]
    record.paid[i, y, WORKER] += tier
    record.paid[i, y, GOVERNMENT] += subsidy
    record.sunk[i, y, RESIDENT_ACCOUNT] += tier + subsidy
    return tier + subsidy


@rule()
def grow_accounts(policy, home, balance, resident_balance, begin, end):
    """Return both accounts after interest from one month to another, no credits between (账户计息). [yuan]"""
    m = begin
    while m < end:
        year = m // 12
        stop = min(end, 12 * (year + 1))
        balance *= 1.0 + policy.crediting_rate[year] * (stop - m) / 12.0
        resident_balance *= 1.0 + policy.resident_crediting_rate[home, year] * (stop - m) / 12.0
        m = stop
    return balance, resident_balance
