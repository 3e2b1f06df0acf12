"""Before a run (运行前检查): does a scenario do what it seems to, and whom does it touch?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from scenarios.catalogue import say
from scenarios.levers import contradictions, idle_parameters, levers
from scenarios.scenario import Scenario, compile_case, load_scenario
from simulate.law import Law
from simulate.outcomes import POSITION
from simulate.terms import LAST_YEAR

if TYPE_CHECKING:
    from simulate.run import Case

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
    for name, others in idle_parameters(scenario).items():
        lines.append(say("lint_idle", lang, parameter=name, others=", ".join(others)))
    lines += _contradictions(scenario, lang)
    lines += _floor_below_tiers(scenario, lang)
    before, after = compile_case(baseline_of(scenario)), compile_case(scenario)
    if draws_other_lives(before, after):
        lines.append(say("lint_warning", lang, warning=say("warn_lives", lang)))
    share, months = touched(before, after, persons, seed)
    changes_anything = bool(scenario.law or scenario.behaviour or scenario.assumptions)
    if not changes_anything:
        lines.append(say("lint_nothing", lang))
    elif share == 0:
        lines.append(say("lint_nobody", lang, persons=persons))
    else:
        lines.append(say("check_touches", lang, share=share, persons=persons, months=months))
    return lines


def _contradictions(scenario: Scenario, lang: str) -> list[str]:
    lines = []
    for found in contradictions(scenario):
        pair = (levers()[name] for name in (found.first, found.second))
        first, second = (lever.title_zh if lang == "zh" else lever.title for lever in pair)
        blanks = found._asdict() | {"first": first, "second": second}
        lines.append(say("lint_above" if found.other else "lint_at", lang, **blanks))
    return lines


def _floor_below_tiers(scenario: Scenario, lang: str) -> list[str]:
    """A floor below the lowest tier lets nobody pay less, where people pay by tiers."""
    law, name = scenario.compile_law(), "flexible_base_floor_ratio"
    for change in scenario.changes() if name in scenario.law else ():
        lowest = min(law.value("flexible_base_tiers", change.date))
        by_tiers = law.value("flexible_base_rule", change.date) == "tiers"
        if change.name == name and by_tiers and change.new is not None and change.new < lowest:
            blanks = {"parameter": name, "date": change.date, "floor": change.new, "lowest": lowest}
            return [say("lint_tiers", lang, **blanks)]
    return []


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


def touched(before: Case, after: Case, persons: int, seed: int) -> tuple[float, float]:
    """Return the share of people whose outcomes change, and the months each gains on average (触及人群)."""
    from scenarios.inputs import demography
    from simulate.run import Population, follow, live

    population, world = Population(persons=persons, seed=seed), demography()
    n_touched, months = 0, 0.0
    for first in range(0, persons, _BLOCK):
        lives = live(population, first, min(_BLOCK, persons - first), before, world)
        old, new = (follow(lives, case, world).outcomes for case in (before, after))
        n_touched += int(np.any(old != new, axis=0).sum())
        months += float((new - old)[POSITION["record_months"]].sum())
    return n_touched / persons, months / persons


def draws_other_lives(before: Case, after: Case, persons: int = 200) -> bool:
    """Return whether two cases would draw different careers (是否改变所抽取的人生).

    A comparison draws all lives from its baseline, so such a part of a scenario would not act there.
    """
    from scenarios.inputs import demography
    from simulate.run import Population, live

    lives = [live(Population(persons=persons), 0, persons, case, demography()) for case in (before, after)]
    return any(
        not np.array_equal(a, b)
        for part in ("people", "careers")
        for a, b in zip(*(getattr(one, part) for one in lives), strict=True)
    )


def baseline_of(scenario: Scenario) -> Scenario:
    """What a scenario differs from: its parent, or itself without differences where that is a law."""
    if scenario.parent is not None:
        return scenario.parent
    return replace(scenario, law={}, behaviour={}, assumptions={}, parts=())
