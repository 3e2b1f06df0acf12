"""Search (目标求解): the value of one parameter at which an indicator of a group reaches a target.

All values are tried on the same people, so the indicator moves with the parameter alone and not by chance.
The root is found by Brent's method between two values on either side of the target. Its standard error is
that of the indicator there over the slope: as far as the people of another draw would move the root.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from calibration import DEFAULT_SET
from scenarios.options import check_options
from scenarios.scenario import ScenarioError
from scenarios.variations import Template, key_faults, parse_path, read_template, sorted_faults
from scenarios.worlds import World, measure
from simulate.strict_yaml import Fault, nearest

SCHEMA_VERSION = 1
OF = ("value", "difference")
_KEYS = ("set", "between", "indicator", "group", "target", "of", "tolerance")
_PARTS = 5  # pieces in which a bracket is searched whose ends are on one side
_SLOPE_PART = 0.1  # of the bracket, on either side of the root
_USUAL_STEPS, _MOST_STEPS = 12, 60


class Question(NamedTuple):
    """What is sought (求解问题)."""

    template: Template
    paths: tuple[tuple[str, ...], ...]
    between: tuple[float, float]
    indicator: str
    group: dict[str, str]
    target: float
    of: str
    tolerance: float


class Answer(NamedTuple):
    """The root (解), its bracket, and its standard error: None where the indicator does not move."""

    question: Question
    root: float
    bracket: tuple[float, float]
    standard_error: float | None
    ci95: tuple[float, float] | None
    value: float
    value_se: float
    slope: float
    steps: tuple[tuple[float, float], ...]
    persons: int
    seed: int

    def to_json(self) -> str:
        """Return the answer as one JSON object (JSON)."""
        q = self.question
        told = {
            "schema_version": SCHEMA_VERSION,
            "scenario": q.template.name,
            "set": [".".join(path) for path in q.paths],
            "between": list(q.between),
            "indicator": q.indicator,
            "group": q.group,
            "of": q.of,
            "target": q.target,
            "tolerance": q.tolerance,
            "persons": self.persons,
            "seed": self.seed,
            "root": self.root,
            "bracket": list(self.bracket),
            "standard_error": self.standard_error,
            "ci95": list(self.ci95) if self.ci95 else None,
            "value": self.value,
            "value_se": self.value_se,
            "slope": self.slope,
            "steps": [list(step) for step in self.steps],
        }
        if self.standard_error is None:
            told["reason"] = "the indicator does not move with the parameter near the root"
        return json.dumps(told, ensure_ascii=False, allow_nan=False)


def load_question(argument: str | Path, options: Mapping[str, Any] | None = None) -> Question:
    """Return the question of a file (读取求解问题), or of a scenario and options; options replace the file's.

    Raises
    ------
    ScenarioError
        All faults at once, those of a file with their lines.
    """
    from simulate.indicators import INDICATORS

    given = {key: value for key, value in (options or {}).items() if value is not None}
    template = read_template(str(argument), "seek", required=not given)
    section = template.section if template.section is not None else {}
    if not isinstance(section, dict):
        raise ScenarioError(template.where, [template.fault("/seek", "is no mapping of keys to values")])
    section = section | given
    faults = key_faults(template, "/seek", section, _KEYS)

    def fault(key: str, message: str) -> None:
        found = Fault(f"--{key}", message) if key in given else template.fault(f"/seek/{key}", message)
        faults.append(found)

    for key in ("set", "between", "indicator", "target"):
        if key not in section:
            fault(key, f"{key} is missing. Write {key} below seek, or --{key}")
    written = section.get("set", [])
    paths = tuple(parse_path(text) for text in (written if isinstance(written, list) else [written]))
    for path in paths:
        found = template.path_faults("/seek/set", path)
        faults += [Fault("--set", one.message) for one in found] if "set" in given else found
    between = section.get("between", [0, 1])
    if not (isinstance(between, list) and len(between) == 2 and all(map(_is_number, between))):
        fault("between", f"{between!r} are no two numbers. Write [least, greatest]")
        between = [0, 1]
    elif not between[0] < between[1]:
        fault("between", f"{between[0]:g} is not below {between[1]:g}")
    if not faults:
        for value in between:
            for path in paths:
                found = template.value_faults("/seek/between", path, value)
                faults += [Fault("--between", one.message) for one in found] if "between" in given else found
    indicator = str(section.get("indicator", "pension_to_average_wage"))
    if indicator not in INDICATORS:
        more = nearest(indicator, INDICATORS) or " `flexpension list indicators` names all."
        fault("indicator", f"{indicator!r} is no indicator.{more}")
    group = section.get("group") or {}
    for message in group_faults(group):
        fault("group", message)
    of = section.get("of", "value")
    if of not in OF:
        fault("of", f"{of!r} is not one of {', '.join(OF)}.{nearest(str(of), OF)}")
    for key in ("target", "tolerance"):
        if key in section and not _is_number(section[key]):
            fault(key, f"{section[key]!r} is no number")
    tolerance = section.get("tolerance", (between[1] - between[0]) / 1000)
    if _is_number(tolerance) and not tolerance > 0:
        fault("tolerance", f"{tolerance:g} is not above nothing")
    faults += template.own_faults()
    if faults:
        raise ScenarioError(template.where, sorted_faults(faults))
    group = {name: str(value) for name, value in group.items()}
    ends = (float(between[0]), float(between[1]))
    target = float(section["target"])
    return Question(template, paths, ends, indicator, group, target, of, float(tolerance))


def parse_group(text: str) -> dict[str, str]:
    """Return the group that a text names (解析人群).

    >>> parse_group("sex=female,occupation=rider")
    {'sex': 'female', 'occupation': 'rider'}
    """
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    return {name.strip(): value.strip() for name, _, value in pairs}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def group_faults(group: Any) -> list[str]:
    """Return what is wrong with a group of people (人群校验)."""
    from simulate.groups import DIMENSIONS

    if not isinstance(group, Mapping):
        return [f"{group!r} is no mapping. Write {{sex: female, occupation: rider}}"]
    faults = []
    for name, value in group.items():
        if name not in DIMENSIONS:
            faults.append(f"{name!r} is no dimension.{nearest(str(name), DIMENSIONS)}")
            continue
        known = [term.name for term in DIMENSIONS[name].values]
        if str(value) not in known:
            faults.append(f"{value!r} is no {name}.{nearest(str(value), known)} Known are {', '.join(known)}")
    return faults


def seek(
    argument: str | Path | Question,
    persons: int = 20_000,
    seed: int = 1,
    economy: str = "central",
    behaviour: str = "threshold",
    fitted: str = DEFAULT_SET,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Answer:
    """Return the value at which the target is reached (求解), with bracket and standard error.

    Raises
    ------
    ScenarioError
        Faults of the question, or no value between the two reaches the target.
    """
    from scipy.optimize import brentq
    from scipy.stats import t as student

    from simulate.groups import label
    from simulate.results import N_RANDOM_GROUPS

    question = argument if isinstance(argument, Question) else load_question(argument)
    check_options(persons, seed, economy, behaviour, fitted, threads)
    base = World(fitted, economy, behaviour)
    grouping, group = tuple(question.group), label(question.group)
    tried: dict[float, tuple[float, float]] = {}
    error_name = {"value": "standard_error", "difference": "difference_se"}[question.of]

    def report(done: int, _all: int) -> None:
        if progress is not None:
            progress(len(tried) * persons + done, max(_USUAL_STEPS, len(tried) + 1) * persons)

    def at(x: float) -> float:
        """The indicator less its target."""
        if x not in tried:
            point = question.template.point("sought", [(path, x) for path in question.paths])
            data = measure(
                [point.baseline, point.scenario],
                base._replace(**point.world),
                persons,
                seed,
                tuple(dict.fromkeys(((), grouping))),
                [question.indicator],
                threads,
                report,
            )
            if group not in data["group"].values or math.isnan(
                float(data[question.of].sel(indicator=question.indicator, scenario="sought", group=group))
            ):
                told = f"cannot be told for {group} with {persons:,} people. Draw more (--persons)"
                raise ScenarioError("", [Fault(question.indicator, told)])
            here = data.sel(indicator=question.indicator, scenario="sought", group=group)
            tried[x] = float(here[question.of]), float(here[error_name])
        return tried[x][0] - question.target

    low, high = _bracket(at, question, tried)
    root = low if low == high else brentq(at, low, high, xtol=question.tolerance / 2, maxiter=_MOST_STEPS)
    at(root)
    value, value_se = tried[root]
    bracket = _nearest_change(tried, question.target, root)
    width = _SLOPE_PART * (question.between[1] - question.between[0])
    left, right = max(root - width, question.between[0]), min(root + width, question.between[1])
    slope = (at(right) - at(left)) / (right - left)
    standard_error = ci95 = None
    if slope != 0 and math.isfinite(value_se):
        standard_error = value_se / abs(slope)
        half = float(student.ppf(0.975, N_RANDOM_GROUPS - 1)) * standard_error
        ci95 = (root - half, root + half)
    steps = tuple((x, told) for x, (told, _) in tried.items())
    numbers = (root, bracket, standard_error, ci95, value, value_se, slope)
    return Answer(question, *numbers, steps, persons, seed)


def _bracket(at: Callable[[float], float], question: Question, tried: Mapping) -> tuple[float, float]:
    """Two values on either side of the target: the ends, else the ends of a piece of the range."""
    low, high = question.between
    if at(low) == 0.0 or at(high) == 0.0:
        return (low, low) if at(low) == 0.0 else (high, high)
    if at(low) * at(high) < 0:
        return low, high
    before = low
    for k in range(1, _PARTS + 1):
        here = low + k * (high - low) / _PARTS if k < _PARTS else high
        if at(before) * at(here) <= 0:
            return before, here
        before = here
    told = [value for value, _ in tried.values()]
    name = f"{question.indicator} ({question.of})"
    raise ScenarioError(
        "",
        [
            Fault(
                f"target {question.target:g}",
                f"no value from {low:g} to {high:g} reaches it: {name} goes from {min(told):.4g} to "
                f"{max(told):.4g}, {tried[low][0]:.4g} at {low:g} and {tried[high][0]:.4g} at {high:g}. "
                "Widen the bracket or change the target",
            )
        ],
    )


def _nearest_change(tried: Mapping[float, tuple], target: float, root: float) -> tuple[float, float]:
    """The closest two values tried, root among them or between, at which the target is on either side."""
    places = sorted(tried)
    for left, right in sorted(itertools.pairwise(places), key=lambda pair: pair[1] - pair[0]):
        if left <= root <= right and (tried[left][0] - target) * (tried[right][0] - target) <= 0:
            return left, right
    return root, root


def block(answer: Answer, lang: str = "en"):
    """Return the table of an answer (求解结果表)."""
    from scenarios.catalogue import group_name, indicator_name, say
    from scenarios.tables import Block, amount
    from simulate.indicators import INDICATORS

    question = answer.question
    unit = INDICATORS[question.indicator].unit
    digits = max(2, 1 - math.floor(math.log10(answer.standard_error or question.tolerance)))

    def number(x: float) -> str:
        return f"{x:.{digits}f}"

    lines = [
        (say("seek_root", lang), number(answer.root)),
        (say("standard_error", lang), number(answer.standard_error) if answer.standard_error else "–"),
        (say("seek_interval", lang), " … ".join(map(number, answer.ci95)) if answer.ci95 else "–"),
        (say("seek_bracket", lang), " … ".join(f"{x:.6g}" for x in answer.bracket)),
        (
            say("seek_reached", lang),
            f"{amount(answer.value, unit, error=answer.value_se)} ± "
            f"{amount(answer.value_se, unit, points=True, error=answer.value_se)}",
        ),
        (say("seek_steps", lang), str(len(answer.steps))),
    ]
    title = say(
        "seek_title",
        lang,
        place=", ".join(".".join(path) for path in question.paths),
        indicator=indicator_name(question.indicator, lang),
        of=say(question.of, lang),
        group=group_name(question.group, lang),
        target=amount(question.target, unit),
    )
    return Block(title, ("", say("value", lang)), tuple(lines))
