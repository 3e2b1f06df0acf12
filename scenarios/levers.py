"""The levers (改革杠杆): which parameters belong together, and what moving them can only do to a person.

>>> levers_of(load_scenario("platform-cofunding"))
['relief', 'platform_levy']
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import NamedTuple

from scenarios.scenario import Scenario, load_scenario
from simulate.law import Law
from simulate.law_values import DatedValue
from simulate.strict_yaml import read_yaml

TRIAL_DATE = "2027-01-01"


class Lever(NamedTuple):
    """Parameters that are moved together and what that does (改革杠杆); see the head of levers.yaml.

    Signs hold person by person under the conditions `given` and `whom`; they are tested on random lives.
    """

    title: str
    title_zh: str
    parameters: tuple[str, ...]
    trial: Mapping[str, Mapping]
    given: str
    whom: str = "same_claim"
    raises: tuple[str, ...] = ()
    lowers: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    idle: Mapping[str, Mapping] = MappingProxyType({})
    against: Mapping[str, Mapping] = MappingProxyType({})
    employing: str = ""  # narrows, widens or either: the cost of employing over contracting


@functools.cache
def levers() -> Mapping[str, Lever]:
    """Return every lever by name, in the order of the file (全部杠杆)."""
    text = (resources.files("scenarios") / "levers.yaml").read_text("utf-8")
    return {
        name: Lever(**{key: tuple(v) if isinstance(v, list) else v for key, v in entry.items()})
        for name, entry in read_yaml(text).data.items()
    }


@functools.cache
def _lever_of() -> Mapping[str, str]:
    return {parameter: name for name, lever in levers().items() for parameter in lever.parameters}


def levers_of(scenario: Scenario) -> list[str]:
    """Return the levers that a scenario and its baselines move (所用杠杆), in the order of the file."""
    own = {*scenario.law, *scenario.behaviour, *scenario.assumptions}
    moved = {_lever_of()[name] for name in own if name in _lever_of()}
    parent = set(levers_of(scenario.parent)) if scenario.parent else set()
    return [name for name in levers() if name in moved | parent]


def _last(law: Law, name: str) -> list[DatedValue]:
    """The last national value of a parameter, of each of its groups."""
    parameter = law.parameter(name)
    groups = [{parameter.dimension: group} for group in parameter.groups] or [{}]
    return [law.series(name, **group)[-1] for group in groups]


def idle_parameters(scenario: Scenario) -> dict[str, list[str]]:
    """Return the parameters a scenario sets in vain (无效改动), and of each those it waits for."""
    law, found = scenario.compile_law(), {}
    for lever in levers().values():
        for name, others in lever.idle.items():
            if name in scenario.law and all(
                last.value == (tuple(neutral) if isinstance(neutral, list) else neutral)
                for other, neutral in others.items()
                for last in _last(law, other)
            ):
                found[name] = list(others)
    return found


class Contradiction(NamedTuple):
    """Two levers of a scenario that contradict each other (相互矛盾的杠杆), from a day on.

    `parameter` stands above `other`, or, without `other`, at a value at which `second` moves nothing.
    """

    first: str
    second: str
    parameter: str
    value: float
    day: date
    other: str = ""
    other_value: float = 0.0


def contradictions(scenario: Scenario) -> list[Contradiction]:
    """Return the pairs of levers that a scenario moves against each other (杠杆矛盾), by national rules."""
    moved, law, found = levers_of(scenario), scenario.compile_law(), []
    changes = scenario.changes()
    for first in moved:
        for second, clash in levers()[first].against.items():
            if second not in moved:
                continue
            for parameter, other in clash.get("above", ()):
                days = sorted({change.date for change in changes if change.name in (parameter, other)})
                for day in days:
                    value, limit = law.value(parameter, day), law.value(other, day)
                    if value > limit:
                        found.append(Contradiction(first, second, parameter, value, day, other, limit))
                        break
            for parameter, value in clash.get("at", {}).items():
                last = _last(law, parameter)
                if all(one.value == value for one in last):
                    day = max(one.effective for one in last)
                    found.append(Contradiction(first, second, parameter, value, day))
    return found


def trial_text(lever: Lever) -> str:
    """Return the trial of a lever as the text of a scenario file (试验情景)."""
    import json

    lines = ["title: Trial", "title_zh: 试验", "question: What moves?", "question_zh: 什么会变？"]
    lines += ["source: levers.yaml", "status: illustration"]
    for name, value in lever.trial.get("law", {}).items():
        lines += [] if "law:" in lines else ["law:"]
        lines.append(f"  {name}: {{{TRIAL_DATE}: {json.dumps(value)}}}")
    for name, value in lever.trial.get("behaviour", {}).items():
        lines += [] if "behaviour:" in lines else ["behaviour:"]
        lines.append(f"  {name}: {json.dumps(value)}")
    return "\n".join(lines) + "\n"


__all__ = [
    "Contradiction",
    "Lever",
    "contradictions",
    "idle_parameters",
    "levers",
    "levers_of",
    "load_scenario",
    "trial_text",
]
