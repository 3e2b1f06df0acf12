"""What a kept run leans on (薄弱数值): the elasticity of its headline to the weak values of the law.

Weak are the values of current law that are estimated, unconfirmed or projected. Those of one parameter are
moved together by a small step up and down, under every scenario of the run and for its own first people; what
a scenario sets itself stays. A parameter that moves nothing, bit for bit, is named with the reason.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from scenarios.catalogue import group_name, indicator_name, say
from scenarios.options import HEADLINE, check_options, parse_by
from scenarios.result import Comparison
from scenarios.sensitivities import replicated
from scenarios.tables import Block, amount, headline_group
from scenarios.worlds import Progress, compile_cases, run_cases
from simulate.groups import label, parse_label
from simulate.indicators import INDICATORS
from simulate.law import Law, load_law
from simulate.law_values import DatedValue, Parameter
from simulate.policy import Policy, compile_policy
from simulate.results import jackknife_error
from simulate.run import Case

SCHEMA_VERSION = 1
DEFAULT_PERSONS = 4_000
STEP = 0.01  # relative; whole months move by a month at least
WEAK = ("estimated", "unconfirmed", "projected")
_NO_QUANTITY = ("month of the year",)  # numbers that only name something
_COLUMNS = (
    *("parameter", *WEAK, "values", "scenario", "value", "elasticity", "elasticity_se"),
    *("difference_per_percent", "difference_per_percent_se"),
)


class Leaning(NamedTuple):
    """The answer of `leaning` (倚重程度): what was asked, and a row for each parameter and scenario.

    `elasticity` is the relative change of the headline over that of the values, `difference_per_percent` the
    change of the difference from the baseline where they are one per cent higher. [unit of the headline]
    """

    inputs: dict[str, Any]
    rows: list[dict[str, Any]]
    fixed: list[str]  # weak parameters that are rules, months or tables: no small step moves them
    unread: list[str]  # those whose steps leave the policies as they are, bit for bit
    still: dict[
        str, list[int]
    ]  # those that move policies and not the number: first and last year of their weak values

    def to_json(self) -> str:
        """Return everything as one JSON object (JSON)."""
        unmoved = {"fixed": self.fixed, "unread": self.unread, "still": self.still}
        content = {"schema_version": SCHEMA_VERSION, **self.inputs, **unmoved, "rows": self.rows}
        return json.dumps(content, ensure_ascii=False, allow_nan=False)

    def to_csv(self) -> str:
        """Return the rows as CSV (CSV), no value empty."""
        stream = io.StringIO()
        writer = csv.DictWriter(stream, _COLUMNS, restval="", lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows({k: "" if v is None else v for k, v in row.items()} for row in self.rows)
        return stream.getvalue()

    def blocks(self, lang: str = "en") -> list[Block]:
        """Return one table a scenario (结果表格), the strongest parameter first, and the notes in words."""
        inputs, found, parameters = self.inputs, [], load_law().parameters
        for scenario in inputs["scenarios"]:
            compares = scenario != inputs["baseline"]
            lines = []
            for row in (row for row in self.rows if row["scenario"] == scenario):
                entry = parameters[row["parameter"]]
                line = [entry.name, entry.name_zh if lang == "zh" else entry.title]
                line.append(f"{sum(row[flag] for flag in WEAK)} / {row['values']}")
                line.append(_told(row["elasticity"], row["elasticity_se"]))
                if compares:
                    number, error = (row[f"difference_per_percent{end}"] for end in ("", "_se"))
                    line.append(_moved(number, error, inputs["unit"]))
                lines.append(tuple(line))
            title = say(
                "weak_title",
                lang,
                indicator=indicator_name(inputs["indicator"], lang),
                scenario=scenario,
                group=group_name(inputs["group"], lang),
            )
            heads = ["parameter", "title", "weak_values", "weak_elasticity"]
            heads += ["weak_difference"] if compares else []
            found.append(Block(title, tuple(say(word, lang) for word in heads), tuple(lines), 2))
        return found

    def notes(self, lang: str = "en") -> list[str]:
        """Return what a reader of the tables must know (说明)."""
        inputs = self.inputs
        keys = {key: inputs[key] for key in ("run_id", "persons", "seed")}
        found = [say("weak_note", lang, step=f"{STEP:.0%}", **keys)]
        if not inputs["same_law"]:
            found.append(say("weak_law_changed", lang))
        years = {name: dict.fromkeys(map(str, span)) for name, span in self.still.items()}
        spans = [f"{name} ({'–'.join(span)})" for name, span in years.items()]
        if spans:
            found.append(say("weak_still", lang, names=", ".join(spans)))
        if self.unread:
            found.append(say("weak_unread", lang, names=", ".join(self.unread)))
        return [*found, say("weak_fixed", lang, names=", ".join(self.fixed))] if self.fixed else found


def _told(number: float | None, error: float | None) -> str:
    if number is None:
        return amount(None, "")
    return f"{number:+.3f}" + ("" if error is None else f" ± {error:.3f}")


def _moved(number: float | None, error: float | None, unit: str) -> str:
    told = amount(number, unit, signed=True, points=True, error=error)
    return told if not error else f"{told} ± {amount(error, unit, points=True, error=error)}"


# --------------------------------------------------------------------------- moving weak values


def is_weak(value: DatedValue) -> bool:
    """Whether a value is estimated, unconfirmed or projected (是否薄弱)."""
    return value.flag in WEAK and value.value is not None


def is_quantity(parameter: Parameter) -> bool:
    """Whether a small step means anything (是否数量): of numbers and lists, not of rules, months, tables."""
    return parameter.kind in ("number", "list") and parameter.unit not in _NO_QUANTITY


def _stepped(parameter: Parameter, number: float, direction: int) -> float:
    """A number a step away; where it would leave the range it stays."""
    moved = number * (1.0 + direction * STEP)
    if (
        parameter.kind == "number"
        and "months" in parameter.unit.split()
        and float(number).is_integer()
        and number != 0
    ):
        moved = number + direction * max(1, round(STEP * abs(number)))
    low, high = parameter.range or (-math.inf, math.inf)
    return moved if low <= moved <= high else number


def moved_law(law: Law, name: str, weak: frozenset[DatedValue], direction: int) -> tuple[Law, float]:
    """Return a law whose weak values of a parameter are a step up or down (移动数值), and the mean step.

    >>> law = load_law()
    >>> weak = frozenset(filter(is_weak, law.parameters["accrual_rate"].all_values()))
    >>> moved_law(law, "accrual_rate", weak, 1)[1]
    0.01
    """
    parameter, steps = law.parameters[name], []

    def moved(value: DatedValue) -> DatedValue:
        if value not in weak:
            return value
        is_list = isinstance(value.value, tuple)
        before = value.value if is_list else (value.value,)
        after = tuple(_stepped(parameter, number, direction) for number in before)
        steps.extend(b / a - 1.0 for a, b in zip(before, after, strict=True) if a != b)
        return value._replace(value=after if is_list else after[0])

    moved_parameter = parameter.mapped(moved)
    step = round(float(np.mean(steps)), 12) if steps else 0.0
    return law.replaced(moved_parameter), step


# --------------------------------------------------------------------------- the audit


def leaning(
    comparison: Comparison,
    persons: int = DEFAULT_PERSONS,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Leaning:
    """Return how far the headline of a kept run leans on each weak value of the law (倚重程度).

    Parameters
    ----------
    comparison : Comparison
        As `scenarios.store.load_run` reads it.
    persons : int
        At most so many of the run's own people.

    Raises
    ------
    ScenarioError
        No number of people, or too few in the group of the first table.
    """
    inputs, chosen, law = comparison.inputs, comparison.scenarios, load_law()
    options = [inputs[key] for key in ("economy", "behaviour", "fitted")]
    check_options(persons, inputs["seed"], *options, threads)
    persons = min(persons, inputs["persons"])
    indicator = HEADLINE if HEADLINE in inputs["indicators"] else inputs["indicators"][0]
    labels = map(str, comparison.dataset["group"].values)
    group = dict(headline_group([tuple(parse_label(text).items()) for text in labels]))
    groupings = parse_by([tuple(group)] if group else [])
    fitted, economy, behaviour = (inputs[key] for key in ("fitted", "economy", "behaviour"))
    cases = compile_cases(chosen, fitted, economy, behaviour)
    laws = [scenario.compile_law() for scenario in chosen]
    weak = {
        name: frozenset(filter(is_weak, parameter.all_values()))
        for name, parameter in law.parameters.items()
        if any(map(is_weak, parameter.all_values()))
    }
    pairs, unread, still = {}, [], {}
    for name, values in weak.items():
        if not is_quantity(law.parameters[name]):
            continue
        ends = [_cases_under(cases, laws, name, values, direction, behaviour) for direction in (-1, 1)]
        if any(not _same(cases, moved) for moved, _ in ends):
            pairs[name] = ends
        else:
            unread.append(name)
    work = Progress(progress, persons * (1 + 2 * len(pairs)))

    def answers(some: list[Case]):
        sums = run_cases(persons, inputs["seed"], some, groupings, threads, work)
        kinds = ["value"] * len(some)
        value, without, count = replicated(sums, [indicator], label(group), kinds, False)
        return np.concatenate([value[0][:, None], without[0]], axis=1), int(count.min())

    centre, count = answers(cases)
    rows = []
    for name, ends in pairs.items():
        (below, _), (above, _) = (answers(moved) for moved, _ in ends)
        if np.array_equal(below, above) and np.array_equal(below, centre):
            years = [value.effective.year for value in weak[name]]
            still[name] = [min(years), max(years)]
            continue
        flags = [value.flag for value in weak[name]]
        head = {"parameter": name, **{flag: flags.count(flag) for flag in WEAK}}
        head["values"] = len(law.parameters[name].all_values())
        step = ends[1][1] - ends[0][1]
        rows += _rows(head, [s.name for s in chosen], centre, (above - below) / step, count)
    strength = functools.cache(
        lambda name: max(abs(row["elasticity"] or 0.0) for row in rows if row["parameter"] == name)
    )
    told = {
        **{"run_id": comparison.run_id, "indicator": indicator, "group": group},
        "unit": INDICATORS[indicator].unit,
        **{"persons": persons, "seed": inputs["seed"], "step": STEP, "baseline": chosen[0].name},
        "scenarios": [scenario.name for scenario in chosen],
        "same_law": inputs["law_checksum"] == law.checksum,
    }
    fixed = [name for name in weak if not is_quantity(law.parameters[name])]
    return Leaning(told, sorted(rows, key=lambda row: -strength(row["parameter"])), fixed, unread, still)


def _cases_under(cases, laws, name, weak, direction, behaviour) -> tuple[list[Case], float]:
    """The cases under moved law, and the step; under static behaviour all decide as in the moved baseline."""
    moved = [moved_law(law, name, weak, direction) for law in laws]
    policies = [compile_policy(law, case.economy) for (law, _), case in zip(moved, cases, strict=True)]
    decisions = [policies[0]] * len(policies) if behaviour == "static" else policies
    found = [
        case._replace(policy=policy, decision_policy=decision)
        for case, policy, decision in zip(cases, policies, decisions, strict=True)
    ]
    return found, next((step for _, step in moved if step), 0.0)


def _same(cases: list[Case], moved: list[Case]) -> bool:
    """Whether policies are equal bit for bit: the engine does not read what was moved."""

    def equal(a: Policy, b: Policy) -> bool:
        return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))

    return all(equal(a.policy, b.policy) for a, b in zip(cases, moved, strict=True))


def _rows(head: dict, names: list[str], centre: np.ndarray, slope: np.ndarray, count: int) -> list[dict]:
    """Rows by scenario; arrays (scenario, the number and the same without each random group)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        elasticity = slope / centre
    difference = (slope - slope[0]) * 0.01
    return [
        {
            **head,
            "scenario": name,
            "value": _plain(centre[s, 0]),
            **_with_error("elasticity", elasticity[s], count),
            **_with_error("difference_per_percent", difference[s], count),
        }
        for s, name in enumerate(names)
    ]


def _with_error(name: str, numbers: np.ndarray, count: int) -> dict[str, float | None]:
    error = jackknife_error(numbers[0], numbers[1:], count)
    return {name: _plain(numbers[0]), f"{name}_se": _plain(error)}


def _plain(number) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None
