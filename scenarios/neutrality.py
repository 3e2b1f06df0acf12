"""Labour neutrality (用工中性): what a lever does to the price of employing somebody against contracting.

>>> from scenarios.scenario import load_scenario
>>> [row["lever"] for row in by_lever(load_scenario("platform-cofunding"))]
['platform_levy']
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scenarios.inputs import amended_economy
from scenarios.levers import levers, levers_of
from scenarios.scenario import Scenario
from simulate.law import Law
from simulate.policy import compile_policy
from simulate.terms import FIRST_YEAR

YEAR = 2035
EARNINGS_RATIOS = (0.5, 0.8, 1.5)  # of the reference wage: about the floor, a usual rider, twice as much
USUAL = 0.8
_LEAST = 1e-12  # share of pay; less is rounding


def employing_over_contracting(policy, year: int = YEAR, earnings_ratio: float = USUAL) -> float:
    """Return what an employee costs a firm more than a contractor of the same pay (用工形式成本差).

    Mean over the provinces, for a worker who earns `earnings_ratio` of the reference wage, all of it through
    one platform with a subsidy programme: contributions of the employer less the levies on contracted work
    that are not passed on to pay, and less the subsidy. A gap that a lever widens is a reason not to employ.
    [share of pay]
    """
    y, m = year - FIRST_YEAR, 12 * (year - FIRST_YEAR)
    pay = earnings_ratio * policy.reference_wage[:, y]
    base = np.clip(pay, policy.base_floor[:, m], policy.base_cap[:, m])
    employing = policy.employer_rate[:, m] * base
    levy = policy.platform_levy[m] + policy.levy_dependent_extra[m] + policy.consumer_levy[m]
    levy *= 1.0 - policy.levy_pass_through[m]
    subsidy = policy.platform_subsidy_share[m] * policy.flexible_rate[:, m] * policy.flexible_base_floor[:, m]
    return float(((employing - levy * pay - subsidy) / pay).mean())


def by_lever(scenario: Scenario) -> list[dict[str, Any]]:
    """Return what each lever of a scenario does to the gap (各杠杆的影响), of those that move it.

    They are laid one after the other, in the order of levers.yaml, over the law that the scenario and its
    baselines are a difference to, so that the changes add up to that of the scenario.

    Returns
    -------
    list of dict
        `lever`, `title`, `title_zh`, and `change`: by earnings over the reference wage, share of pay.
    """
    economy = amended_economy("central", scenario.all_assumptions())
    root, chain = scenario, [scenario]
    while root.parent is not None:
        root = root.parent
        chain.insert(0, root)
    law: Law = root.baseline_law()
    before, found = _gaps(compile_policy(law, economy)), []
    for name in levers_of(scenario):
        lever = levers()[name]
        for link in chain:
            own = {key: entries for key, entries in link.law.items() if key in lever.parameters}
            law = law.amend(own, link.name) if own else law
        after = _gaps(compile_policy(law, economy))
        change = {key: after[key] - before[key] for key in before}
        if max(map(abs, change.values())) > _LEAST:
            found.append({"lever": name, "title": lever.title, "title_zh": lever.title_zh, "change": change})
        before = after
    return found


def _gaps(policy) -> dict[str, float]:
    return {str(ratio): employing_over_contracting(policy, earnings_ratio=ratio) for ratio in EARNINGS_RATIOS}
