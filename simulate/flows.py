"""Yearly flows of money (逐年收支): who pays, where it goes and what is paid out, by calendar year.

METHOD.md, section 8: survival weighs every flow, as in the present values, which these add up to.
"""

from __future__ import annotations

import math

from simulate.contributions import N_PAYERS, ONE_OFF_SLOT
from simulate.entitlements import survivor_months
from simulate.kernel import kernel, rule
from simulate.participation import CLAIM_EMPLOYEE, CLAIM_NONE, CLAIM_RESIDENT, N_CAREER_YEARS
from simulate.payments import floor_pension, increased
from simulate.terms import (
    ACCOUNT,
    FIRST_VALUED_AGE,
    LAST_AGE,
    N_YEARS,
    PAYERS,
    POOL,
    RESIDENT_ACCOUNT,
    Term,
)

ITEMS = (
    *(Term(f"paid_by_{payer.name}", f"{payer.name_zh}缴费") for payer in PAYERS),
    Term("into_account", "记入个人账户"),
    Term("into_pool", "统筹基金收入"),
    Term("into_resident_account", "记入居民账户"),
    Term("employee_pensions", "职工养老金"),
    Term("resident_basic_pensions", "居民基础养老金"),
    Term("resident_account_pensions", "居民账户养老金"),
    Term("floor_pensions", "普惠和最低养老金"),
    Term("pool_payments", "统筹基金支出"),
    Term("resident_subsidies", "居民养老保险缴费补贴"),  # part of what the government pays in
    Term("inherited_accounts", "个人账户继承额"),
    Term("survivor_grants", "丧葬补助金和抚恤金"),  # part of what the pool pays
    Term("refunds", "个人账户退款"),  # accounts of people who end without a pension
    Term("resident_basic_from_centre", "中央财政承担的居民基础养老金"),  # part of the basic pensions
)
(
    _ACCOUNT, _POOL, _RESIDENT_ACCOUNT, _EMPLOYEE, _BASIC, _REST, _FLOOR, _POOL_OUT,
    _SUBSIDIES, _INHERITED, _GRANTS, _REFUNDS, _CENTRE,
) = range(N_PAYERS, len(ITEMS))  # fmt: skip


@kernel()
def add_flows(
    people, weight, careers, policy, behaviour, demography, plan, record, award, group, first, flows
):
    """Add a block's flows to those of the blocks before it (累加逐年收支). [yuan]

    Parameters
    ----------
    weight : ndarray, float64 (person,)
    group : ndarray, int64 (person,)
        The group of people whose flows a person's are.
    first : int
        Year index of the first row.
    flows : ndarray, float64 (group, year, item)
        Added to.
    """
    for i in range(people.person.size):
        own = flows[group[i]]
        add_person(
            i, people, weight[i], careers, policy, behaviour, demography, plan, record, award, first, own
        )


@rule()
def add_person(
    i, people, weight_at_birth, careers, policy, behaviour, demography, plan, record, award, first, flows
):
    """Add one person's flows (累加一人收支), who stands for `weight_at_birth` people."""
    birth, sex, home = people.birth[i], people.sex[i], people.hukou_province[i]
    claim, kind = plan.claim[i], plan.claim_kind[i]
    birth_year, first_year, settled_year = birth // 12, careers.start[i] // 12, plan.settled[i] // 12
    employee, left, account_part = award.employee_pension[i], award.account[i], award.account_part[i]
    if kind == CLAIM_RESIDENT:
        account_part = left / policy.resident_divisor[min(settled_year, N_YEARS - 1)]
    is_member = award.record_months[i] > 0.0
    frailty = math.exp(-behaviour.mortality_gradient * people.permanent_effect[i])
    deaths = demography.death_probability
    alive, months_so_far = weight_at_birth, 0.0  # people stand for more or fewer than one
    for slot in range(min(N_CAREER_YEARS, max(0, birth_year + FIRST_VALUED_AGE) - first_year)):
        months_so_far += record.months[i, slot]
    for age in range(FIRST_VALUED_AGE, LAST_AGE + 1):
        y = birth_year + age
        if y < 0:
            continue
        held = min(y, N_YEARS - 1)
        death = min(1.0, deaths[sex, held, min(age, deaths.shape[2] - 1)] * frailty)
        weight, row = alive * (1.0 - 0.5 * death), y - first
        within = 0 <= row < flows.shape[0]
        slot = y - first_year
        if 0 <= slot < N_CAREER_YEARS:
            months_so_far += record.months[i, slot]
            if within:
                _add_paid(i, slot, weight, record, flows[row])
                flows[row, _SUBSIDIES] += weight * plan.resident_subsidy[i, slot]
        pool, drawn, granted, grant = 0.0, 0.0, False, policy.funeral_months[held]
        if y < settled_year:
            granted = is_member and months_so_far > 0.0
            if within and 0 <= slot < N_CAREER_YEARS:
                flows[row, _INHERITED] += alive * death * record.account_by_year[i, slot]
            grant += survivor_months(
                months_so_far / 12.0, -1.0, policy.survivor_months, policy.survivor_floor_months
            )
        elif kind == CLAIM_NONE:
            if within and y == settled_year:
                flows[row, _REFUNDS] += weight * award.account[i]
        else:
            paid_months = 12.0
            if y == settled_year:
                paid_months = float(12 - claim % 12)
                if within:
                    _add_paid(i, ONE_OFF_SLOT, weight, record, flows[row])
            elif kind == CLAIM_EMPLOYEE:
                employee = increased(employee, policy, y, award.years[i])
            drawn = employee
            from_account = min(left, paid_months * account_part)
            left -= from_account
            if within:
                flows[row, _INHERITED] += alive * death * left
            if kind == CLAIM_RESIDENT:
                drawn = policy.resident_basic[home, held] + award.resident_rest[i]
                if within:
                    flows[row, _BASIC] += weight * paid_months * policy.resident_basic[home, held]
                    flows[row, _CENTRE] += weight * paid_months * policy.resident_central[home, held]
                    flows[row, _REST] += weight * paid_months * award.resident_rest[i]
            else:
                pool = weight * (paid_months * employee - from_account)
                granted = True
                grant += survivor_months(
                    award.years[i],
                    float(y - settled_year),
                    policy.survivor_months,
                    policy.survivor_floor_months,
                )
                if within:
                    flows[row, _EMPLOYEE] += weight * paid_months * employee
        months = min(12, 12 * (y + 1) - birth - policy.floor_pension_age)
        if within:
            if granted:
                amount = alive * death * grant * policy.survivor_income[award.province[i], held]
                flows[row, _GRANTS] += amount
                pool += amount
            flows[row, _POOL_OUT] += pool
            if months > 0:
                flows[row, _FLOOR] += weight * months * floor_pension(policy, home, y, drawn)
        alive *= 1.0 - death


@rule()
def _add_paid(i, slot, weight, record, row):
    """Book what is paid in a year and where it goes."""
    for k in range(N_PAYERS):
        row[k] += weight * record.paid[i, slot, k]
    row[_ACCOUNT] += weight * record.sunk[i, slot, ACCOUNT]
    row[_POOL] += weight * record.sunk[i, slot, POOL]
    row[_RESIDENT_ACCOUNT] += weight * record.sunk[i, slot, RESIDENT_ACCOUNT]
