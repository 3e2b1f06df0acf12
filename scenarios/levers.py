"""The levers (改革杠杆): which parameters belong together, and what moving them can only do to a person.

>>> levers_of(load_scenario("platform-cofunding"))
['relief', 'platform_levy']
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import NamedTuple

from scenarios.scenario import Scenario, load_scenario
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


def idle_parameters(scenario: Scenario) -> dict[str, list[str]]:
    """Return the parameters a scenario sets in vain (无效改动), and of each those it waits for."""
    law, found = scenario.compile_law(), {}

    def is_neutral(name: str, neutral) -> bool:
        parameter = law.parameter(name)
        groups = [{parameter.dimension: group} for group in parameter.groups] or [{}]
        return all(law.series(name, **group)[-1].value == neutral for group in groups)

    for lever in levers().values():
        for name, others in lever.idle.items():
            if name in scenario.law and all(is_neutral(*other) for other in others.items()):
                found[name] = list(others)
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


__all__ = ["Lever", "idle_parameters", "levers", "levers_of", "load_scenario", "trial_text"]
