"""Scenarios run in one world (共同假设下的推演): one fitted set, future, variant and level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from calibration import DEFAULT_SET
from scenarios.scenario import Scenario, compile_case

if TYPE_CHECKING:
    import xarray

    from simulate.results import Accumulators
    from simulate.run import Case


class World(NamedTuple):
    """What holds in every scenario of a comparison (共同假设)."""

    fitted: str = DEFAULT_SET
    economy: str = "central"
    behaviour: str = "threshold"
    level: str = "central"
    assumptions: Mapping[str, Any] = {}
    law: Mapping[str, Any] = {}  # of the scenarios alone: parameter to {date: value}, over what they set


def measure(
    chosen: Sequence[Scenario], world: World, persons, seed, groupings, names, threads=None, progress=None
) -> xarray.Dataset:
    """Return the estimates of scenarios in one world (单次推演), the baseline first."""
    from simulate.results import estimate

    return estimate(accumulate(chosen, world, persons, seed, groupings, threads, progress), names)


def accumulate(
    chosen: Sequence[Scenario], world: World, persons, seed, groupings, threads=None, progress=None
) -> Accumulators:
    """Return the accumulated outcomes of scenarios in one world (单次推演累加结果), the baseline first."""
    work = progress if isinstance(progress, Progress) else Progress(progress, persons)
    return run_cases(persons, seed, compile_cases(chosen, *world), groupings, threads, work)


def compile_cases(
    chosen: Sequence[Scenario],
    fitted: str,
    economy: str,
    behaviour: str,
    level: str = "central",
    assumptions: Mapping[str, Any] | None = None,
    law: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Case]:
    """Return scenarios compiled for the engine, the baseline first (编译情景).

    `assumptions` hold in all of them; what a scenario sets itself comes before. `law` holds in all but the
    baseline, in place of what they set for these parameters; in the baseline where it is alone.
    """
    if law:
        entries = {
            name: tuple({"effective": day, "value": value} for day, value in dated.items())
            for name, dated in law.items()
        }
        judged = [replace(s, law={**s.law, **entries}) for s in chosen[1:] or chosen]
        chosen = [*chosen[: len(chosen) - len(judged)], *judged]
    if assumptions:
        chosen = [replace(s, assumptions={**assumptions, **s.all_assumptions()}) for s in chosen]
    cases = [compile_case(scenario, fitted, economy, behaviour, level) for scenario in chosen]
    if behaviour == "static":  # nobody decides anew: participation is what it is under the baseline
        cases = [case._replace(decision_policy=cases[0].policy) for case in cases]
    return cases


class Progress:
    """Adds up the people of several runs, so that the remaining time is that of the whole comparison."""

    def __init__(self, report, total: int):
        self.report, self.total, self.before = report, total, 0

    def __call__(self, done: int, _all: int) -> None:
        if self.report is not None:
            self.report(self.before + done, self.total)

    def finish(self, n: int) -> None:
        self.before += n
        self(0, 0)


def run_cases(
    n, seed, cases, groupings, threads, work: Progress, watch=None, onto=None, people=None
) -> Accumulators:
    """Return outcomes of the first `n` people (推演), or of the next `n` where `onto` holds those before."""
    from scenarios import parts
    from simulate.run import Population

    population = Population(persons=n, seed=seed, first=onto.first + onto.persons if onto else 0)
    options = {"threads": threads, "progress": work, "watch": watch, "onto": onto, "people": people}
    sums = parts.run(cases, population, groupings, **options)
    work.finish(n)
    return sums
