"""Dues of a flexible worker (灵活就业缴费): what a month on a base costs and who takes part of it over.

METHOD.md, sections 4 and 5. Participation judges the price by these rules before a payment run, contributions
charge by them afterwards.
"""

from __future__ import annotations

from simulate.kernel import rule
from simulate.limited import FLOOR, MATCH, RATE, RELIEF, limited
from simulate.terms import AS_RELIEF, BY_MONTH, PLATFORM_FLEXIBLE, ROUTE_FLEXIBLE, TO_ACCOUNT, TO_BASE


@rule()
def lowest_base(policy, province, m):
    """Return the lowest base a flexible worker may choose (灵活就业最低缴费基数). [yuan/month]"""
    wage = policy.reference_wage[province, m // 12]
    lowest = policy.flexible_base_tiers[m // 12, 0] * wage
    return min(max(lowest, policy.flexible_base_floor[province, m]), policy.flexible_base_cap[province, m])


@rule()
def own_floor(policy, who, birth, m, form, occupation, province, earnings):
    """Return floor and lowest base of a person in a month (本人缴费基数下限、最低基数). [yuan/month]

    Where a row of `flexible_base_floor_of_groups` fits, both are its multiple of the reference wage.
    """
    ratio = limited(policy, FLOOR, who, birth, m, form, occupation, province, earnings, -1.0)
    if ratio < 0.0:
        return policy.flexible_base_floor[province, m], lowest_base(policy, province, m)
    cap = policy.flexible_base_cap[province, m]
    floor = min(ratio * policy.reference_wage[province, m // 12], cap)
    return floor, floor


@rule()
def own_rate(policy, who, birth, m, form, occupation, province, earnings):
    """Return rate of a flexible worker and the worker's relief of it (本人费率、减免). [share of the base]

    The general relief holds for platform flexible workers only.
    """
    rate = limited(
        policy, RATE, who, birth, m, form, occupation, province, earnings, policy.flexible_rate[province, m]
    )
    relief = policy.worker_relief[m] if form == PLATFORM_FLEXIBLE else 0.0
    relief = limited(policy, RELIEF, who, birth, m, form, occupation, province, earnings, relief)
    return rate, min(relief, rate)


@rule()
def counted_month(policy, route, province, m, base):
    """Return the part of a month that a base earns (缴费月数折算): 1, under pro rata less. [months]"""
    if route != ROUTE_FLEXIBLE or not policy.month_credit_pro_rata[m]:
        return 1.0
    return min(1.0, base / (policy.full_month_base_ratio[m] * policy.reference_wage[province, m // 12]))


@rule()
def worker_price(policy, province, m, base, own_share, is_subsidised, is_difficulty, relief_rate=0.0):
    """Return what a month costs the flexible worker, medical insurance included (个人负担). [yuan/month]

    `own_share` is the rate less relief. A platform's subsidy is a share of the floor contribution, capped at
    a share of what is still to pay; the public subsidy is a share of the rest; of what then remains a match
    may take over `relief_rate`.
    """
    paid = worker_contribution(policy, province, m, base, own_share, is_subsidised, is_difficulty)
    if relief_rate > 0.0:
        paid -= matched(policy, province, m, paid, relief_rate)
    return paid + policy.bundled_medical[province, m // 12]


@rule()
def worker_contribution(policy, province, m, base, own_share, is_subsidised, is_difficulty):
    """Return the flexible worker's own pension contribution (灵活就业人员个人缴费). [yuan/month]"""
    due = base * own_share
    if is_subsidised:
        due -= platform_subsidy(policy, province, m, due)
    if is_difficulty:
        due -= policy.difficulty_share[province, m] * due
    return due


@rule()
def match_rate(policy, who, birth, m, form, occupation, province, earnings):
    """Return the rate at which the government matches own contributions (政府配比比例), 0 out of the test.

    The test is one of occupation, age and the month's earnings, or those expected before they are known.
    """
    rate = policy.match_rate[occupation, m]
    rate = limited(policy, MATCH, who, birth, m, form, occupation, province, earnings, rate)
    if rate == 0.0:
        return 0.0
    if earnings > policy.match_earnings_limit[m] * policy.reference_wage[province, m // 12]:
        return 0.0
    age_months = m - birth
    if age_months < policy.match_youngest[m] or age_months > policy.match_oldest[m]:
        return 0.0
    return rate


@rule()
def matched(policy, province, m, due, rate):
    """Return the match to an own contribution, capped; as relief never more than it (配比额). [yuan/month]"""
    amount = min(rate * due, policy.match_cap[m] * policy.reference_wage[province, m // 12])
    return min(amount, due) if policy.match_destination[m] == AS_RELIEF else amount


@rule()
def base_of_earnings(policy, m, earnings, wage):
    """Return the base that follows earnings, before floor and cap (按收入确定的缴费基数). [yuan/month]"""
    return policy.base_earnings_share[m] * max(0.0, earnings - policy.base_allowance[m] * wage)


@rule()
def base_of_month(policy, province, m, earnings, declared, floor):
    """Return the base of one month where earnings are not averaged over the period (按月、按单缴费基数).

    `declared` is the part of the base of earnings that the person pays on. By the month, floor and cap hold
    in each; by the order no floor can hold, because no order knows of the others. [yuan/month]
    """
    own = declared * base_of_earnings(policy, m, earnings, policy.reference_wage[province, m // 12])
    if policy.base_averaging[m] == BY_MONTH:
        own = max(own, floor)
    return min(own, policy.flexible_base_cap[province, m])


@rule()
def platform_subsidy(policy, province, m, due):
    """Return the platform's subsidy to a contribution (平台缴费补贴), capped by what is due. [yuan/month]"""
    floor = policy.flexible_base_floor[province, m]
    subsidy = policy.platform_subsidy_share[m] * policy.flexible_rate[province, m] * floor
    return min(subsidy, policy.platform_subsidy_cap_share[m] * due)


@rule()
def earns_platform_subsidy(policy, careers, i, c, m, province):
    """Return whether a month's earnings meet the condition of the platforms' subsidy (平台补贴条件).

    At least the floor of the base in this month and in three of the last six months, this one included.
    """
    floor = policy.flexible_base_floor[province, m]
    if careers.earnings[i, c] < floor:
        return False
    months = 0
    for k in range(max(0, c - 5), c + 1):
        if careers.earnings[i, k] >= floor:
            months += 1
    return months >= 3


@rule()
def is_in_difficulty_group(policy, people, behaviour, i, m, province, used, statutory):
    """Return whether the subsidy for people with employment difficulties is drawn (就业困难人员社保补贴)."""
    if people.difficulty_draw[i] >= behaviour.difficulty_take_up_share or m >= statutory:
        return False
    if policy.difficulty_share[province, m] == 0.0:
        return False
    if m - people.birth[i] < policy.difficulty_age[people.sex[i], m // 12]:
        return False
    return used < policy.difficulty_months[m // 12] or statutory - m <= policy.difficulty_extension[m // 12]


@rule()
def levies(policy, m, platform_share, earnings):
    """Return the levies of platform and consumers on a worker's earnings (平台、消费者缴费). [yuan/month]

    Nothing is due on who depends on platforms too little; more on who depends on them most.
    """
    if platform_share < policy.levy_least_dependence[m]:
        return 0.0, 0.0
    rate = policy.platform_levy[m]
    if platform_share >= policy.levy_dependent_share[m]:
        rate += policy.levy_dependent_extra[m]
    return rate * platform_share * earnings, policy.consumer_levy[m] * platform_share * earnings


@rule()
def funded_base(policy, province, m, base, money):
    """Return the base that others' money adds to the own one (他人缴费折算基数), up to the cap. [yuan]"""
    room = max(0.0, policy.flexible_base_cap[province, m] - base)
    return min(money / policy.flexible_rate[province, m], room)


@rule()
def others_money(policy, m, form, platform_share, province, base, due, earnings, match):
    """Return what joining brings by levies and match: to the own account, and to the base (他人缴费归己).

    Levies that are due on who does not join are no reason to. [yuan/month, both]

    Parameters
    ----------
    base, due : float
        Own base and own contribution. [yuan/month]
    match : float
        Rate of the match.
    """
    to_account, to_base = 0.0, 0.0
    if form == PLATFORM_FLEXIBLE and not policy.levy_on_all[m]:
        by_platform, by_consumers = levies(policy, m, platform_share, earnings)
        if policy.levy_destination[m] == TO_ACCOUNT:
            to_account = by_platform + by_consumers
        elif policy.levy_destination[m] == TO_BASE:
            to_base = funded_base(policy, province, m, base, by_platform + by_consumers)
    if match > 0.0:
        amount = matched(policy, province, m, due, match)
        if policy.match_destination[m] == TO_ACCOUNT:
            to_account += amount
        elif policy.match_destination[m] == TO_BASE:
            to_base += funded_base(policy, province, m, base + to_base, amount)
    return to_account, to_base
