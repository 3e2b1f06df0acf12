"""People around the minimum of contributions (最低缴费年限附近): with how long a record they come to it.

METHOD.md, section 8. Counted by the year of the statutory age, and by the distance from the own minimum.
"""

from __future__ import annotations

import math

from simulate.kernel import kernel, rule
from simulate.participation import CLAIM_EMPLOYEE
from simulate.terms import FIRST_VALUED_AGE, N_YEARS, Term

BIN_MONTHS, N_BINS_EACH_WAY = 12, 6
N_DISTANCES = 2 * N_BINS_EACH_WAY  # the first and the last are open
COUNTS = (
    Term("at_statutory_age", "到达法定退休年龄人数"),
    Term("between", "其中缴费年限在两个最低年限之间"),
    Term("between_below_minimum", "其中未满当年最低缴费年限"),
    Term("between_with_employee_pension", "其中最终领取职工养老金"),
)
_ALL, _BETWEEN, _BELOW, _WITH = range(len(COUNTS))


@kernel()
def count_at_statutory_age(
    people, weight, careers, policy, behaviour, demography, plan, lower, upper, first, counts
):
    """Add who reaches the statutory age in a year, and with which record, to those before (累加人数).

    Weighted by the chance to live in the middle of that year.

    Parameters
    ----------
    weight : ndarray, float64 (person,)
    lower, upper : float
        Bounds of the record then, deemed months included: at least, less than. [months]
    first : int
        Year index of the first row.
    counts : ndarray, float64 (year, count)
        Added to; columns are `COUNTS`.
    """
    for i in range(people.person.size):
        y = plan.statutory[i] // 12
        if not 0 <= y - first < counts.shape[0]:
            continue
        row, alive = counts[y - first], weight[i] * _chance_to_live(i, people, behaviour, demography, y)
        months = record_at(i, people, careers, plan, plan.statutory[i])
        row[_ALL] += alive
        if lower <= months < upper:
            row[_BETWEEN] += alive
            row[_BELOW] += alive * (months < policy.minimum_months[min(y, N_YEARS - 1)])
            row[_WITH] += alive * (plan.claim_kind[i] == CLAIM_EMPLOYEE)


@rule()
def record_at(i, people, careers, plan, month):
    """Return the months on record at the start of a month, deemed ones included (缴费月数). [months]"""
    months = people.deemed_months[i]
    start = careers.start[i]
    for c in range(min(careers.length[i], min(month, plan.settled[i]) - start)):
        months += plan.month_credit[i, c]
    return months


@rule()
def _chance_to_live(i, people, behaviour, demography, year):
    """Chance to live in the middle of a year, from the first valued age on."""
    birth_year, deaths = people.birth[i] // 12, demography.death_probability
    frailty = math.exp(-behaviour.mortality_gradient * people.permanent_effect[i])
    alive, death = 1.0, 0.0
    for y in range(max(0, birth_year + FIRST_VALUED_AGE), year + 1):
        alive *= 1.0 - death
        age = min(y - birth_year, deaths.shape[2] - 1)
        death = min(1.0, deaths[people.sex[i], min(y, N_YEARS - 1), age] * frailty)
    return alive * (1.0 - 0.5 * death)


@kernel()
def count_distances(people, weight, policy, plan, award, counts):
    """Add people with a record by how far it is from their minimum at the claim to those before (累加人数).

    Parameters
    ----------
    weight : ndarray, float64 (person,)
    counts : ndarray, float64 (distance,)
        Added to. Whole years below and above; `N_BINS_EACH_WAY` is the first at or above the minimum.
    """
    for i in range(people.person.size):
        if award.record_months[i] > 0.0:
            needed = policy.minimum_months[min(plan.statutory[i] // 12, N_YEARS - 1)]
            over = award.record_months[i] + people.deemed_months[i] - needed
            years = math.floor(over / BIN_MONTHS) + N_BINS_EACH_WAY
            counts[min(max(years, 0), N_DISTANCES - 1)] += weight[i]
