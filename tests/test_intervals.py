"""How often the 95 % intervals of the engine hold what they are intervals for.

Many samples, each with a seed and people of its own, are compared with all of them together: the run of
many times as many people. The deviation of one of K equal parts from their whole has the variance
of its deviation from the true value times 1 - 1/K, so intervals are narrowed by the root of that factor: the
larger run, too, has an error, and the sample is a part of it.

Cells and indicators are named here beforehand; none is left out afterwards.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from calibration.paths import load_demography
from scenarios.scenario import compile_case, load_scenario
from simulate.results import Accumulators, estimate
from simulate.run import Population, simulate

SCENARIOS = ("current-law", "lower-floor", "platform-cofunding")
GROUPINGS = ((), ("sex",), ("exposure",), ("form",))
CELLS = ("total", "sex=female", "exposure=full", "form=other_flexible")
INDICATORS = {
    "mean": ("mean_monthly_pension", "contribution_months"),
    "ratio": ("pension_to_average_wage", "gross_replacement_rate", "contribution_density"),
    "median": ("median_monthly_pension",),
    "gini": ("gini_pension",),
}
KINDS = {name: kind for kind, names in INDICATORS.items() for name in names}
PARTS = ("all", *INDICATORS, "level", "difference")
NUMBERS = ("value", "ci_low", "ci_high", "difference", "difference_ci_low", "difference_ci_high")


@lru_cache
def cases():
    return [compile_case(load_scenario(name)) for name in SCENARIOS]


def numbers(accumulators):
    """Values and ends of intervals: (number, indicator, scenario, cell)."""
    data = estimate(accumulators, KINDS).sel(group=list(CELLS))
    return np.stack([data[name].values for name in NUMBERS])


def coverage(seeds, persons):
    """Share of intervals that hold the value of all samples together, by indicator; levels and differences.

    Levels are those of current law, differences those of the two reforms.
    """
    demography, whole, samples = load_demography(), Accumulators(SCENARIOS, GROUPINGS), []

    def also_to_the_whole(first, outcomes, traits, weight):
        whole.add(outcomes, traits, first, weight)

    for seed in range(seeds):
        population = Population(persons, seed, first=seed * persons)
        sample = simulate(population, cases(), demography, groupings=GROUPINGS, watch=also_to_the_whole)
        samples.append(numbers(sample))
    samples, truth = np.stack(samples), numbers(whole)
    narrow = (1.0 - 1.0 / seeds) ** 0.5
    shares = {}
    for what, first, scenarios in (("level", 0, slice(0, 1)), ("difference", 3, slice(1, None))):
        value, low, high = (samples[:, first + k, :, scenarios] for k in range(3))
        deviation = truth[first, :, scenarios] - value
        holds = (narrow * (low - value) <= deviation) & (deviation <= narrow * (high - value))
        for k, name in enumerate(KINDS):
            shares[what, name] = float(holds[:, k].mean())
    return shares


def pooled(shares, part):
    """Mean share of a part of the intervals: all, a kind of indicator, levels or differences."""
    chosen = [share for (what, name), share in shares.items() if part in ("all", what, KINDS[name])]
    return sum(chosen) / len(chosen)


def check(shares, low, high):
    found = {part: round(100 * pooled(shares, part), 1) for part in PARTS}
    told = "; ".join(f"{what} of {name} {100 * share:.1f}" for (what, name), share in shares.items())
    assert all(low <= share <= high for share in found.values()), f"{found}; {told}"


def test_intervals_of_a_hundred_samples_hold_the_larger_run_as_often_as_they_say():
    check(coverage(seeds=100, persons=2000), 91, 98)  # a share of so few samples is off by a point or two


@pytest.mark.full
def test_intervals_of_a_thousand_samples_hold_the_larger_run_as_often_as_they_say():
    check(coverage(seeds=1000, persons=4000), 93, 97)


def test_the_count_notices_intervals_that_are_too_narrow():
    # intervals of 90 % hold the value nine times in ten, below the band
    shares = {(what, name): 0.90 for what in ("level", "difference") for name in KINDS}
    with pytest.raises(AssertionError, match=r"'all': 90\.0"):
        check(shares, 91, 98)
