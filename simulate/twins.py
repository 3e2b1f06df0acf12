"""Twins (孪生比较): the same people as employees, flexible workers and residents, at equal labour cost.

METHOD.md, section 10. Careers, traits and behaviour are overridden as values; the engine is that of any run.
Unlike the careers of `stylised`, which are written down, twins keep what was drawn: months of work, places,
breaks, children, and what the work costs whoever pays for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulate.behaviour import VARIANTS
from simulate.demography import Demography
from simulate.population import Population
from simulate.results import Accumulators
from simulate.run import BLOCK, Case, Lives, follow, live, prepare
from simulate.terms import FORMAL_EMPLOYEE, N_MONTHS, OTHER_FLEXIBLE, PLATFORM_EMPLOYEE, PLATFORM_FLEXIBLE

_ALWAYS, _NEVER, _MIDDLE = -1.0, 2.0, 0.5  # below, beyond and between the shares of every gate
_NO_LIMIT = 1e9


class Twin(NamedTuple):
    """One way in which the same person works and is insured (孪生身份)."""

    name: str
    name_zh: str
    is_employee: bool = False
    joins: bool = True  # the employee scheme; else the resident scheme
    base_follows_earnings: bool = False


TWINS = (
    Twin("formal_employee", "正规雇员", is_employee=True),
    Twin("flexible_at_earnings", "灵活就业人员(按收入缴费)", base_follows_earnings=True),
    Twin("flexible_at_floor", "灵活就业人员(按下限缴费)"),
    Twin("resident_member", "居民养老保险参保人", joins=False),
)


def gross_earnings(cost: np.ndarray, rate: np.ndarray, floor: np.ndarray, cap: np.ndarray) -> np.ndarray:
    """Return what an employee earns whose employer pays `cost` in all (同等用工成本下的工资). [yuan/month]

    Parameters
    ----------
    cost : ndarray
        Earnings and the employer's contribution together. [yuan/month]
    rate : ndarray
        Of the employer.
    floor, cap : ndarray
        Of the contribution base. [yuan/month]

    Examples
    --------
    >>> told = gross_earnings(np.array([11_600.0, 3_000.0, 60_000.0]), 0.16, 5_000.0, 25_000.0)
    >>> told.tolist()  # 11,600 / 1.16; 3,000 - 0.16 x 5,000; 60,000 - 0.16 x 25,000
    [10000.0, 2200.0, 56000.0]
    """
    earnings = cost / (1.0 + rate)
    earnings = np.where(earnings < floor, cost - rate * floor, earnings)
    earnings = np.where(earnings > cap, cost - rate * cap, earnings)
    return np.maximum(earnings, 0.0)


def as_twin(lives: Lives, twin: Twin, case: Case) -> Lives:
    """Return drawn lives lived as a twin (按孪生身份改写职业生涯): form, earnings, gates; all else as drawn.

    Drawn earnings are taken as what the work costs. Platform months stay platform work for flexible workers.
    """
    people, careers = lives.people, lives.careers
    works = careers.earnings > 0.0
    platform = (careers.form == PLATFORM_EMPLOYEE) | (careers.form == PLATFORM_FLEXIBLE)
    flexible = np.where(platform, PLATFORM_FLEXIBLE, OTHER_FLEXIBLE)
    form = np.where(works, FORMAL_EMPLOYEE if twin.is_employee else flexible, careers.form)
    earnings = careers.earnings.copy()
    if twin.is_employee:
        m = np.minimum(careers.start[:, None] + np.arange(earnings.shape[1]), N_MONTHS - 1)
        law = [
            getattr(case.policy, name)[careers.province, m]
            for name in ("employer_rate", "base_floor", "base_cap")
        ]
        earnings = np.where(works, gross_earnings(earnings, *law), 0.0)
    joins, resident = (_ALWAYS, _NEVER) if twin.joins else (_NEVER, _ALWAYS)
    gates = {"access": _ALWAYS, "hukou": _ALWAYS, "knowledge": joins, "procedure": joins, "stop": _NEVER}
    gates |= {"floor_payer": _ALWAYS, "claim": _MIDDLE, "resident_knowledge": resident}
    gates |= {"resident_floor": _ALWAYS, "resident_back_payment": resident}
    number = people.person.size
    return lives._replace(
        people=people._replace(**{f"{name}_draw": np.full(number, value) for name, value in gates.items()}),
        careers=careers._replace(
            form=form.astype(careers.form.dtype),
            earnings=earnings,
            job_draw=np.full_like(careers.job_draw, _ALWAYS if twin.is_employee else _NEVER),
            declaration_draw=np.full_like(careers.declaration_draw, _NEVER),
        ),
    )


def twin_case(case: Case, twin: Twin) -> Case:
    """Return a scenario in which a twin is insured in every month of work (孪生身份的情景).

    Claims fall at the statutory month; reforms of floor, rates, credits or ages stay what they are.
    """
    policy, behaviour = case.policy, case.behaviour
    if twin.base_follows_earnings:
        policy = policy._replace(flexible_base_by_earnings=np.ones_like(policy.flexible_base_by_earnings))
    behaviour = behaviour._replace(
        variant=VARIANTS.index("threshold"),
        willingness_factor=_NO_LIMIT,
        subsistence_ratio=0.0,
        join_age=np.zeros_like(behaviour.join_age),
        resident_join_age=np.zeros_like(behaviour.resident_join_age),
        early_claim_share=0.0,
        late_claim_share=0.0,
    )
    return case._replace(policy=policy, decision_policy=policy, behaviour=behaviour)


def simulate_twins(
    population: Population, cases: Sequence[Case], demography: Demography, groupings=((),)
) -> Accumulators:
    """Return the accumulated outcomes of every twin under every scenario (孪生比较推演).

    Parameters
    ----------
    cases : sequence of Case
        Not yet packed; lives are drawn from the first.

    Returns
    -------
    Accumulators
        Scenarios are named `SCENARIO/TWIN`; all twins of the first come first, the employee as baseline.
    """
    pairs = [(case, twin) for case in cases for twin in TWINS]
    packed = [prepare(twin_case(case, twin)) for case, twin in pairs]
    sums = Accumulators([f"{case.name}/{twin.name}" for case, twin in pairs], groupings)
    for first in range(population.first, population.first + population.persons, BLOCK):
        number = min(BLOCK, population.first + population.persons - first)
        lives = live(population, first, number, prepare(cases[0]), demography)
        outcomes = [
            follow(as_twin(lives, twin, case), ready, demography).outcomes
            for (case, twin), ready in zip(pairs, packed, strict=True)
        ]
        sums.add(np.stack(outcomes), lives.traits, first, lives.weight)
    return sums
