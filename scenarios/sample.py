"""A sample of the people of a run (抽查样本): sums of outcomes, kept with it, for `verify`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scenarios.worlds import compile_cases
from simulate.outcomes import OUTCOMES

if TYPE_CHECKING:
    import numpy as np

    from scenarios.result import Comparison

SAMPLE_RANGES, SAMPLE_PERSONS = 4, 32


def sample_ranges(persons: int) -> list[tuple[int, int]]:
    """Return first person and number of the ranges of people kept for `verify` (抽查范围).

    >>> sample_ranges(100_000)
    [(0, 32), (33322, 32), (66645, 32), (99968, 32)]
    >>> sample_ranges(20)
    [(0, 20)]
    """
    number = min(SAMPLE_PERSONS, persons)
    n_ranges = max(1, min(SAMPLE_RANGES, persons // number))  # none overlaps another
    return [(k * (persons - number) // max(1, n_ranges - 1), number) for k in range(n_ranges)]


class Sample:
    """Collects, while a run goes by, the sums of all outcomes over a few ranges of people (抽查样本).

    Sums are exact (`math.fsum`), so they do not depend on blocks or on the order of people.
    """

    def __init__(self, persons: int):
        self.ranges = sample_ranges(persons)
        self._parts: dict[int, list[np.ndarray]] = {first: [] for first, _ in self.ranges}

    def __call__(
        self, first: int, outcomes: np.ndarray, traits: Mapping[str, np.ndarray], _weight: np.ndarray
    ) -> None:
        """Take what belongs to the sample from a block: outcomes (scenario, outcome, person)."""
        number = len(traits["sex"])
        for start, length in self.ranges:
            low, high = max(start, first), min(start + length, first + number)
            if low < high:
                self._parts[start].append(outcomes[:, :, low - first : high - first].copy())

    @property
    def is_complete(self) -> bool:
        """Whether all of the sample has gone by (样本是否完整)."""
        seen = {first: sum(part.shape[2] for part in parts) for first, parts in self._parts.items()}
        return all(seen[first] == number for first, number in self.ranges)

    def records(self, names: list[str]) -> list[dict[str, Any]]:
        """Return the sums by range, scenario and outcome, in plain types (样本合计)."""
        import numpy as np

        columns = [term.name for term in OUTCOMES]
        found = []
        for first, number in self.ranges:
            block = np.concatenate(self._parts[first], axis=2)
            sums = {
                name: {c: math.fsum(block[s, k]) for k, c in enumerate(columns)}
                for s, name in enumerate(names)
            }
            found.append({"first": first, "persons": number, "sums": sums})
        return found


def recompute(comparison: Comparison) -> list[dict[str, Any]]:
    """Return the sample of a kept run computed anew with what is installed (重算样本)."""
    import numpy as np

    from scenarios.inputs import demography
    from simulate.run import Population, follow, live

    inputs = comparison.inputs
    options = [inputs[key] for key in ("fitted", "economy", "behaviour")]
    cases = compile_cases(comparison.scenarios, *options)
    sample, world = Sample(inputs["persons"]), demography()
    population = Population(persons=inputs["persons"], seed=inputs["seed"])
    for first, number in sample.ranges:
        lives = live(population, first, number, cases[0], world)
        sample(
            first,
            np.stack([follow(lives, case, world).outcomes for case in cases]),
            lives.traits,
            lives.weight,
        )
    return sample.records(inputs["scenarios"])
