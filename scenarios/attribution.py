"""The share of each lever in the effect of a package (贡献分解).

Every subset of the levers is run on the same people. A lever's share is the mean, over all orders in which
the levers can come, of what it adds when it comes (Shapley); it does not depend on an order, and the shares
add up to the effect of the package. Shares are linear in the values of the subsets, so their standard errors
are those of the same combination of the jackknife replicates.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scenarios.scenario import CURRENT_LAW, Scenario, ScenarioError, combine, load_scenario
from simulate.results import jackknife_error, replicates
from simulate.strict_yaml import Fault

if TYPE_CHECKING:
    import xarray

    from simulate.results import Accumulators

MOST_LEVERS = 6  # 64 subsets


class Package(NamedTuple):
    """A package, its levers and all combinations of them (一揽子方案), each with the levers it has."""

    scenario: Scenario
    levers: tuple[str, ...]
    subsets: tuple[tuple[Scenario, frozenset[int]], ...]  # all but the empty one, which is the baseline


def package(argument: str | Scenario, baseline: Scenario) -> Package:
    """Return the package that an argument names, with all combinations of its levers (组合方案).

    Raises
    ------
    ScenarioError
        One lever only, too many, or another baseline than that of the comparison.
    """
    whole = argument if isinstance(argument, Scenario) else load_scenario(argument)
    where = f"attribute {whole.name}"
    parts = whole.parts
    if not 2 <= len(parts) <= MOST_LEVERS:
        message = f"has {max(len(parts), 1)} levers. Join two to {MOST_LEVERS} scenarios by +"
        raise ScenarioError("", [Fault(where, message)])
    if (whole.baseline or CURRENT_LAW) != baseline.name:
        message = f"differs from {whole.baseline}, the comparison from {baseline.name}. Name one --baseline"
        raise ScenarioError("", [Fault(where, message)])
    subsets = []
    for size in range(1, len(parts) + 1):
        for members in itertools.combinations(range(len(parts)), size):
            chosen = [parts[i] for i in members]
            subsets.append((chosen[0] if size == 1 else combine(chosen), frozenset(members)))
    return Package(whole, tuple(part.name for part in parts), tuple(subsets))


def weights(n_levers: int, lever: int) -> dict[frozenset[int], float]:
    """Return what the value of each subset counts for in a lever's share (夏普利权重).

    >>> weights(2, 0)[frozenset({0, 1})], weights(2, 0)[frozenset({1})]
    (0.5, -0.5)
    """
    found = {}
    others = [i for i in range(n_levers) if i != lever]
    for size in range(n_levers):
        weight = math.factorial(size) * math.factorial(n_levers - size - 1) / math.factorial(n_levers)
        for members in itertools.combinations(others, size):
            found[frozenset(members) | {lever}] = weight
            found[frozenset(members)] = -weight
    return found


def attribute(accumulators: Accumulators, names: tuple[str, ...], whole: Package, groups) -> xarray.Dataset:
    """Return the shares `attribution` and `attribution_se` by (indicator, lever, group) (各措施贡献)."""
    import xarray

    column = {frozenset(): accumulators.baseline}
    column |= {members: accumulators.scenarios.index(scenario.name) for scenario, members in whole.subsets}
    n_levers = len(whole.levers)
    matrix = np.zeros((n_levers, len(accumulators.scenarios)))
    for lever in range(n_levers):
        for members, weight in weights(n_levers, lever).items():
            matrix[lever, column[members]] += weight
    used = sorted(column.values())
    share = np.empty((len(names), n_levers, len(groups)))
    error = np.empty_like(share)
    for k, name in enumerate(names):
        value, without, n_groups = (array[:, used] for array in replicates(accumulators, name))
        # less the baseline first, so that what is common to all subsets cancels exactly
        start = used.index(accumulators.baseline)
        value, without = value - value[:, [start]], without - without[:, [start]]
        found = np.einsum("ls,gs->gl", matrix[:, used], value)
        found_without = np.einsum("ls,gsr->glr", matrix[:, used], without)
        count = np.broadcast_to(n_groups.min(axis=1)[:, None], found.shape)
        share[k], error[k] = found.T, jackknife_error(found, found_without, count).T
    dims = ("indicator", "lever", "group")
    return xarray.Dataset(
        {"attribution": (dims, share), "attribution_se": (dims, error)},
        coords={"indicator": list(names), "lever": list(whole.levers), "group": groups},
    )
