"""Before a run (运行前检查): does a scenario do what it seems to, and whom does it touch?"""

from __future__ import annotations

from datetime import date

import numpy as np

from scenarios.catalogue import say
from scenarios.scenario import Scenario, compile_case, load_scenario
from simulate.law import Law
from simulate.outcomes import POSITION
from simulate.terms import LAST_YEAR

_BLOCK = 500


def check_scenario(argument: str, persons: int = 2_000, seed: int = 1, lang: str = "en") -> list[str]:
    """Return what is to be said of a scenario, warnings included (检查情景).

    Raises
    ------
    ScenarioError
        The faults of the file.
    """
    scenario = load_scenario(argument)
    lines = [say("check_good", lang, scenario=scenario.name)]
    if scenario.warning:
        lines.append(
            say("lint_warning", lang, warning=scenario.warning_zh if lang == "zh" else scenario.warning)
        )
    lines += _lint_law(scenario, lang)
    share, months = touched(scenario, persons, seed)
    changes_anything = bool(scenario.law or scenario.behaviour or scenario.assumptions)
    if not changes_anything:
        lines.append(say("lint_nothing", lang))
    elif share == 0:
        lines.append(say("lint_nobody", lang, persons=persons))
    else:
        lines.append(say("check_touches", lang, share=share, persons=persons, months=months))
    return lines


def _lint_law(scenario: Scenario, lang: str) -> list[str]:
    lines = []
    before, horizon = scenario.baseline_law(), date(LAST_YEAR, 12, 31)
    changes = scenario.changes()
    for name in scenario.law:
        mine = [change for change in changes if change.name == name]
        first = min(change.date for change in mine)
        if first > horizon:
            lines.append(say("lint_horizon", lang, parameter=name, date=first, last=LAST_YEAR))
        elif all(change.old == change.new for change in mine):
            lines.append(say("lint_same", lang, parameter=name, date=first))
        flag = _weak_flag(before, name, first)
        if flag:
            lines.append(say("lint_weak", lang, parameter=name, flag=flag))
    return lines


def _weak_flag(law: Law, name: str, day: date) -> str | None:
    """The weakest flag among the values in force on a day, where it is not observed."""
    parameter = law.parameters[name]
    groups = [{parameter.dimension: group} for group in parameter.groups] or [{}]
    found = [law.dated_value(name, day, **group) for group in groups]
    flags = {value.flag for value in found if value is not None}
    return next((flag for flag in ("estimated", "unconfirmed") if flag in flags), None)


def touched(scenario: Scenario, persons: int, seed: int) -> tuple[float, float]:
    """Return the share of people whose outcomes change, and the months each gains on average (触及人群)."""
    from scenarios.inputs import demography
    from simulate.run import Population, follow, live

    base = scenario.parent or (load_scenario("current-law") if not scenario.law_at else None)
    before = compile_case(base if base is not None else _at(scenario))
    after = compile_case(scenario)
    population, world = Population(persons=persons, seed=seed), demography()
    n_touched, months = 0, 0.0
    for first in range(0, persons, _BLOCK):
        lives = live(population, first, min(_BLOCK, persons - first), before, world)
        old, new = (follow(lives, case, world).outcomes for case in (before, after))
        n_touched += int(np.any(old != new, axis=0).sum())
        months += float((new - old)[POSITION["record_months"]].sum())
    return n_touched / persons, months / persons


def _at(scenario: Scenario) -> Scenario:
    """The law of an earlier date as a scenario of its own, without differences."""
    from dataclasses import replace

    return replace(scenario, law={}, behaviour={}, assumptions={}, parts=())
