"""Assessment at the claim (待遇核定): where, whether and how much, for the people of a block.

METHOD.md, section 6. The rules themselves stand in `entitlements.py`; here they meet the record.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulate.entitlements import (
    account_pension,
    basic_pension,
    claim_province,
    resident_pension,
    transitional_pension,
)
from simulate.kernel import kernel, rule
from simulate.participation import CLAIM_EMPLOYEE, CLAIM_RESIDENT, N_CAREER_YEARS
from simulate.terms import N_CAREER_MONTHS, N_YEARS

FIRST_DIVISOR_AGE_MONTHS = 480


class Award(NamedTuple):
    """What a block's people are awarded under one scenario; dimension (person,) (核定结果).

    Pensions in yuan a month at the claim; `account` is the balance that finances the account pension.
    """

    province: np.ndarray
    record_months: np.ndarray  # in the employee scheme, without deemed months
    index: np.ndarray
    account: np.ndarray
    basic: np.ndarray
    account_part: np.ndarray
    transitional: np.ndarray
    employee_pension: np.ndarray
    resident_basic: np.ndarray
    resident_rest: np.ndarray  # account part and extras of the resident pension, fixed in yuan
    years: np.ndarray  # contribution years that indexation and survivor grants count


def empty_award(number: int) -> Award:
    """Return room for the awards of `number` people (空数组)."""
    return Award(np.zeros(number, np.int64), *(np.zeros(number) for _ in range(10)))


@kernel()
def assess(people, careers, policy, plan, record, award):
    """Fill the awards of a block (待遇核定)."""
    places, months = np.empty(N_CAREER_MONTHS, np.int64), np.empty(N_CAREER_MONTHS)
    for i in range(people.person.size):
        assess_person(i, people, careers, policy, plan, record, award, places, months)


@rule()
def assess_person(i, people, careers, policy, plan, record, award, places, months):
    home, birth = people.hukou_province[i], people.birth[i]
    start, claim, kind = careers.start[i], plan.claim[i], plan.claim_kind[i]
    n = 0
    last = min(careers.length[i], claim - start)
    for c in range(last):
        counted = plan.month_credit[i, c]
        if counted > 0.0:
            province = plan.record_province[i, c]
            if n == 0 or places[n - 1] != province:
                places[n], months[n] = province, 0.0
                n += 1
            months[n - 1] += counted
    if n > 0:
        months[n - 1] += plan.one_off_months[i]
    province = claim_province(
        places[:n], months[:n], home, policy.claim_place_months[min(claim, 12 * N_YEARS - 1) // 12]
    )
    y = min(claim, 12 * N_YEARS - 1) // 12
    paid_months, index_sum = 0.0, 0.0
    for slot in range(N_CAREER_YEARS + 1):
        if record.months[i, slot] > 0.0:
            year = y if slot == N_CAREER_YEARS else start // 12 + slot
            paid_months += record.months[i, slot]
            index_sum += record.base_sum[i, slot] / policy.reference_wage[province, year]
    indexed_months = paid_months - record.months_without_index[i]
    index = index_sum / indexed_months if indexed_months > 0.0 else 0.0
    deemed = people.deemed_months[i]

    award.province[i], award.record_months[i], award.index[i] = province, paid_months, index
    award.basic[i] = award.account_part[i] = award.transitional[i] = award.employee_pension[i] = 0.0
    award.resident_basic[i] = award.resident_rest[i] = 0.0
    balance = record.account[i] + record.resident_account[i]
    award.account[i] = balance
    award.years[i] = years = (paid_months - record.months_without_accrual[i] + deemed) / 12.0
    if kind == CLAIM_EMPLOYEE:
        step = min(max(0, claim - birth - FIRST_DIVISOR_AGE_MONTHS), policy.annuity_divisor.shape[1] - 1)
        award.basic[i] = basic_pension(
            policy.benefit_base[province, y],
            policy.indexed_benefit_base[province, y],
            index,
            years,
            policy.accrual_rate[y],
            policy.indexed_half_weight[y],
            policy.low_index_threshold[province, y],
        )
        award.account_part[i] = account_pension(balance, policy.annuity_divisor[y, step])
        before = 0.0
        for c in range(min(last, policy.account_start[province] - start)):
            before += plan.month_credit[i, c]
        coefficient = policy.transition_coefficient[province]
        base = policy.benefit_base[province, y]
        award.transitional[i] = transitional_pension(
            base, policy.deemed_index[province], deemed / 12.0, coefficient
        ) + transitional_pension(base, index, before / 12.0, coefficient)
        award.employee_pension[i] = award.basic[i] + award.account_part[i] + award.transitional[i]
    elif kind == CLAIM_RESIDENT:
        years = (plan.resident_months[i] + paid_months) / 12.0
        basic = policy.resident_basic[home, y]
        pension = resident_pension(
            basic,
            balance,
            policy.resident_divisor[y],
            policy.resident_extra[home, y],
            years,
            policy.resident_minimum_months[y] / 12.0,
        )
        award.resident_basic[i], award.resident_rest[i] = basic, pension - basic
        award.years[i] = years
