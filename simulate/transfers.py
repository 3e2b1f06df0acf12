"""Movement of rights (权益转移接续): what each province holds, what moves to the place of claim, what stays.

METHOD.md, section 6. Rights are collected at the claim. Pool money bears no interest and the crediting rate
is one for all provinces, so the amounts do not depend on whether they moved earlier, step by step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulate.contributions import (
    N_PAYERS,
    N_SINKS,
    N_SLOTS,
    ONE_OFF_SLOT,
    grow_accounts,
    has_flows,
    month_flows,
)
from simulate.dues import counted_month, lowest_base
from simulate.entitlements import transfer_amounts
from simulate.kernel import kernel, rule
from simulate.participation import CLAIM_EMPLOYEE, CLAIM_NONE, CLAIM_RESIDENT
from simulate.terms import ACCOUNT, N_PROVINCES, N_YEARS, POOL, ROUTE_FLEXIBLE


class Rights(NamedTuple):
    """What a block's people have in each province and where it goes; dimension (person, province) (各地权益).

    Yuan of the day, months. What leaves a province goes to that of the claim; without a claim nothing leaves,
    and the accounts are given back.
    """

    months: np.ndarray  # that count
    lost_months: np.ndarray  # recorded once, lost on a move
    bases: np.ndarray  # of the months that count and move pool money
    pool_paid: np.ndarray  # into the pool of the province
    pool_lost: np.ndarray  # of that, for lost months: it stays
    account: np.ndarray  # employee account at the claim or refund, interest included
    is_temporary: np.ndarray  # 1 for a temporary account
    pool_out: np.ndarray  # leaves the pool of the province
    account_out: np.ndarray  # leaves the accounts of the province
    refund: np.ndarray  # account given back
    pool_by_year: np.ndarray  # (person, slot, province) pool_paid by year, then at the claim
    to_employee: np.ndarray  # (person,) resident account added to the employee account
    to_resident: np.ndarray  # (person,) employee account added to the resident account
    resident_refund: np.ndarray  # (person,) resident account given back


def empty_rights(number: int) -> Rights:
    """Return room for the rights of `number` people (空数组)."""
    place = (number, N_PROVINCES)
    return Rights(
        *(np.zeros(place) for _ in range(6)),
        np.zeros(place, np.int8),
        *(np.zeros(place) for _ in range(3)),
        np.zeros((number, N_SLOTS, N_PROVINCES)),
        *(np.zeros(number) for _ in range(3)),
    )


@rule()
def is_temporary_account(is_home, age_months, temporary_account_age):
    """Return whether who joins in a province gets a temporary account only (临时基本养老保险缴费账户).

    Who is old enough when the first month is recorded there, anywhere but in the province of the hukou.

    Parameters
    ----------
    is_home : bool
    age_months : int
        At the first month recorded there. [months]
    temporary_account_age : float
        [months]

    References
    ----------
    国办发〔2009〕66号, 五.

    Examples
    --------
    >>> is_temporary_account(False, 610, 600.0), is_temporary_account(True, 610, 600.0)
    (True, False)
    """
    return not is_home and age_months >= temporary_account_age


@rule()
def temporary_account_pool(base, pooled, least_rate):
    """Return the pool money of a month that leaves a temporary account (临时账户统筹转移额). [yuan]

    All that was paid into the pool, at least a share of the base.

    Parameters
    ----------
    base, pooled : float
        Contribution base of the month, what the pool received for it. [yuan]
    least_rate : float
        Share of the base.

    References
    ----------
    国办发〔2009〕66号, 五; 人社部发〔2009〕187号.

    Examples
    --------
    >>> temporary_account_pool(5000.0, 800.0, 0.12), temporary_account_pool(5000.0, 500.0, 0.12)
    (800.0, 600.0)
    """
    return max(pooled, least_rate * base)


@rule()
def grown(balance, credits, weighted, rate, elapsed):
    """Return an account after the first months of a year (个人账户计息). [yuan]

    Parameters
    ----------
    balance, credits, weighted : float
        At the year's start; credited since; each credit times the months from its own to the year's end.
    rate : float
        Crediting rate. [1/year]
    elapsed : int
        Months of the year that have passed.

    References
    ----------
    劳办发〔1997〕116号.

    Examples
    --------
    A balance of 1,000 and 100 credited in January, after the year and after its first half, at 6 %:

    >>> grown(1000.0, 100.0, 1200.0, 0.06, 12), grown(1000.0, 100.0, 1200.0, 0.06, 6)
    (1166.0, 1133.0)
    """
    interest = balance * elapsed + weighted - credits * (12 - elapsed)
    return balance + credits + interest * rate / 12.0


@kernel()
def move_rights(people, careers, policy, behaviour, plan, record, award, rights):
    """Fill the rights of a block by province and what moves at the claim (权益归集).

    Parameters
    ----------
    plan, record, award : Plan, Record, Award
        Of the same block under the same policy.
    rights : Rights
        Overwritten.

    References
    ----------
    国办发〔2009〕66号, 四至六; 人社部发〔2014〕17号.
    """
    paid, sunk, drawn = np.empty(N_PAYERS), np.empty(N_SINKS), np.empty(2, np.int64)
    credits, weighted, whole = np.empty(N_PROVINCES), np.empty(N_PROVINCES), np.empty(N_PROVINCES)
    for i in range(people.person.size):
        rights.months[i], rights.lost_months[i], rights.bases[i] = 0.0, 0.0, 0.0
        rights.pool_paid[i], rights.pool_lost[i], rights.account[i] = 0.0, 0.0, 0.0
        rights.is_temporary[i] = 0
        rights.pool_out[i], rights.account_out[i], rights.refund[i] = 0.0, 0.0, 0.0
        rights.pool_by_year[i] = 0.0
        credits[:], weighted[:], whole[:] = 0.0, 0.0, 0.0
        _stand_of_person(
            i, people, careers, policy, behaviour, plan, rights, drawn, paid, sunk, credits, weighted, whole
        )
        _moves_of_person(i, policy, plan, record, award, rights, whole)


@rule()
def _stand_of_person(
    i, people, careers, policy, behaviour, plan, rights, drawn, paid, sunk, credits, weighted, whole
):
    """Fill what stands in each province; `whole` is what would leave each if its account were temporary."""
    start, home, settled = careers.start[i], people.hukou_province[i], plan.settled[i]
    last, account = min(careers.length[i], settled - start), rights.account
    drawn[:], last_province = 0, home
    for c in range(last):
        m = start + c
        if has_flows(policy, careers, plan, i, c, m):
            _, funded = month_flows(i, c, people, careers, policy, behaviour, plan, drawn, paid, sunk)
            # a levy on who is no member is paid where the work is
            is_member = plan.record_province[i, c] >= 0
            p = plan.record_province[i, c] if is_member else careers.province[i, c]
            rights.pool_paid[i, p] += sunk[POOL]
            rights.pool_by_year[i, m // 12 - start // 12, p] += sunk[POOL]
            credits[p] += sunk[ACCOUNT]
            weighted[p] += sunk[ACCOUNT] * (12 - m % 12)
            base = plan.base[i, c] + plan.credit_base[i, c]
            if plan.month_credit[i, c] > 0.0:
                last_province = p
                if rights.months[i, p] == 0.0:
                    limit = policy.temporary_account_age[people.sex[i], m]
                    rights.is_temporary[i, p] = is_temporary_account(p == home, m - people.birth[i], limit)
                moving = base + funded
                if policy.account_only[m] and plan.route[i, c] == ROUTE_FLEXIBLE:
                    moving = plan.credit_base[i, c]  # the rest was no pool money
                _count(i, p, m, plan.month_credit[i, c], moving, sunk[POOL], policy, rights, whole)
            elif is_member:
                rights.lost_months[i, p] += counted_month(policy, plan.route[i, c], p, m, base)
                rights.pool_lost[i, p] += sunk[POOL]
        elif plan.month_credit[i, c] > 0.0:
            last_province = plan.record_province[i, c]  # a credit of months only
            rights.months[i, last_province] += plan.month_credit[i, c]
        if m % 12 == 11 or c == last - 1:
            for p in range(N_PROVINCES):
                rate = policy.crediting_rate[m // 12]
                account[i, p] = grown(account[i, p], credits[p], weighted[p], rate, m % 12 + 1)
                credits[p], weighted[p] = 0.0, 0.0
    end = start + last
    if settled > end and settled < policy.crediting_rate.size * 12:
        for p in range(N_PROVINCES):
            account[i, p], _ = grow_accounts(policy, home, account[i, p], 0.0, end, settled)
    months = plan.one_off_months[i]
    if months > 0:
        p, bases = last_province, lowest_base(policy, last_province, settled) * months
        to_account = policy.flexible_account_rate[settled] * bases
        if policy.account_only[settled]:
            to_account = policy.flexible_rate[p, settled] * bases
        pooled = policy.flexible_rate[p, settled] * bases - to_account
        rights.pool_paid[i, p] += pooled
        rights.pool_by_year[i, ONE_OFF_SLOT, p] += pooled
        account[i, p] += to_account
        moving = 0.0 if policy.account_only[settled] else bases
        _count(i, p, settled, months, moving, pooled, policy, rights, whole)


@rule()
def _count(i, p, m, months, base, pooled, policy, rights, whole):
    """Count a month on record, and its base from the day on since which pool money moves."""
    rights.months[i, p] += months
    if m >= policy.transfer_bases_from:
        rights.bases[i, p] += base
        whole[p] += temporary_account_pool(base, pooled, policy.temporary_account_pool_rate[m])


@rule()
def _moves_of_person(i, policy, plan, record, award, rights, whole):
    """Fill what moves at the claim: to its place first, then between the schemes."""
    kind, place = plan.claim_kind[i], award.province[i]
    rights.to_employee[i] = rights.to_resident[i] = rights.resident_refund[i] = 0.0
    if kind == CLAIM_NONE:
        for p in range(N_PROVINCES):
            rights.refund[i, p] = rights.account[i, p]
        rights.resident_refund[i] = record.resident_account[i]
        return
    rate = policy.transfer_pool_rate[min(plan.claim[i] // 12, N_YEARS - 1)]
    balance = 0.0
    for p in range(N_PROVINCES):
        balance += rights.account[i, p]
        if p != place:
            account, pool = transfer_amounts(rights.account[i, p], rights.bases[i, p], rate)
            rights.account_out[i, p] = account
            rights.pool_out[i, p] = whole[p] if rights.is_temporary[i, p] else pool
    if kind == CLAIM_EMPLOYEE:
        rights.to_employee[i] = record.resident_account[i]
    elif kind == CLAIM_RESIDENT:
        rights.to_resident[i] = balance
