"""Yearly flows of the provinces' pools (分省统筹基金收支): receipts, transfers on claims, payments.

METHOD.md, section 8. The provinces add up to the flows of `simulate.flows`; what one sends another receives.
"""

from __future__ import annotations

import math

import numpy as np

from simulate import flows as national
from simulate.contributions import ONE_OFF_SLOT
from simulate.kernel import kernel, rule
from simulate.participation import CLAIM_NONE, N_CAREER_YEARS
from simulate.payments import FIRST_VALUED_AGE
from simulate.terms import LAST_AGE, N_PROVINCES, N_YEARS, Term

ITEMS = (
    Term("into_pool", "统筹基金收入"),
    Term("transfers_in", "统筹转入"),
    Term("transfers_out", "统筹转出"),
    Term("pool_payments", "统筹基金支出"),
    Term("accounts_in", "个人账户转入"),
    Term("accounts_out", "个人账户转出"),
)
_INTO_POOL, _IN, _OUT, _PAYMENTS, _ACCOUNTS_IN, _ACCOUNTS_OUT = range(len(ITEMS))
_N_NATIONAL = len(national.ITEMS)
_NATIONAL_PAYMENTS = [item.name for item in national.ITEMS].index("pool_payments")


@kernel()
def add_provincial_flows(
    people, weight, careers, policy, behaviour, demography, plan, record, award, rights, first, flows
):
    """Add a block's flows by province to those of the blocks before it (累加分省收支). [yuan]

    Pensions and grants are paid by the pool of the place of claim.

    Parameters
    ----------
    weight : ndarray, float64 (person,)
    rights : Rights
        Of the same block.
    first : int
        Year index of the first row.
    flows : ndarray, float64 (year, province, item)
        Added to.
    """
    own, weights = np.empty((flows.shape[0], _N_NATIONAL)), np.empty(flows.shape[0])
    for i in range(people.person.size):
        own[:] = 0.0
        national.add_person(
            i, people, weight[i], careers, policy, behaviour, demography, plan, record, award, first, own
        )
        _survival(i, people, weight[i], behaviour, demography, first, weights)
        _add_places(i, careers, plan, award, rights, first, own, weights, flows)


@rule()
def _survival(i, people, weight_at_birth, behaviour, demography, first, weights):
    """Weight times the chance to live in the middle of each year, 0 before the first valued age."""
    deaths, sex, birth_year = demography.death_probability, people.sex[i], people.birth[i] // 12
    frailty = math.exp(-behaviour.mortality_gradient * people.permanent_effect[i])
    weights[:] = 0.0
    alive = weight_at_birth
    for age in range(FIRST_VALUED_AGE, LAST_AGE + 1):
        y = birth_year + age
        if y >= 0:
            chance = deaths[sex, min(y, N_YEARS - 1), min(age, deaths.shape[2] - 1)]
            death = min(1.0, chance * frailty)
            if 0 <= y - first < weights.size:
                weights[y - first] = alive * (1.0 - 0.5 * death)
            alive *= 1.0 - death


@rule()
def _add_places(i, careers, plan, award, rights, first, own, weights, flows):
    first_year, place = careers.start[i] // 12, award.province[i]
    for row in range(flows.shape[0]):
        slot = first + row - first_year
        if 0 <= slot < N_CAREER_YEARS:
            for p in range(N_PROVINCES):
                flows[row, p, _INTO_POOL] += weights[row] * rights.pool_by_year[i, slot, p]
        flows[row, place, _PAYMENTS] += own[row, _NATIONAL_PAYMENTS]
    row = plan.settled[i] // 12 - first
    if plan.claim_kind[i] == CLAIM_NONE or not 0 <= row < flows.shape[0]:
        return
    for p in range(N_PROVINCES):
        flows[row, p, _INTO_POOL] += weights[row] * rights.pool_by_year[i, ONE_OFF_SLOT, p]
        flows[row, p, _OUT] += weights[row] * rights.pool_out[i, p]
        flows[row, place, _IN] += weights[row] * rights.pool_out[i, p]
        flows[row, p, _ACCOUNTS_OUT] += weights[row] * rights.account_out[i, p]
        flows[row, place, _ACCOUNTS_IN] += weights[row] * rights.account_out[i, p]
