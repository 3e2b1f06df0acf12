"""Which scenario comes first, and how sure that is (情景排序).

The differences of all scenarios from the baseline are estimated on the same people, so their errors go
together: the covariance is that of the delete-a-group jackknife, the same groups left out of all. Differences
drawn from Student's t with this covariance give the probability of every rank; two scenarios are told apart
where one is above the other in 97.5 % of the draws. A scenario's place is the range of ranks left by those
from which it is told apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulate.groups import parse_label
from simulate.indicators import INDICATORS
from simulate.results import jackknife_covariance, replicates

if TYPE_CHECKING:
    from simulate.results import Accumulators

LEVEL = 0.95
N_DRAWS, _SEED = 20_000, 20_270_101


def ranking(
    accumulators: Accumulators, indicator: str, group: str, names: list[str]
) -> dict[str, Any] | None:
    """Return the scenarios by rank with the probability of each rank (排序及概率); None without numbers.

    Rank 1 is the best where the indicator has a direction, else the greatest. `rank_from` and `rank_to` are
    the best and worst place not ruled out; `rank` is the place where they agree, else None.
    """
    from simulate.groups import DIMENSIONS, label

    labels = [
        label({d: DIMENSIONS[d].values[c].name for d, c in zip(grouping, codes, strict=True)})
        for grouping, codes, _ in accumulators.cells()
    ]
    cell = labels.index(group)
    order = [accumulators.scenarios.index(name) for name in names]
    value, without, n_groups = (array[cell] for array in replicates(accumulators, indicator))
    difference = (value - value[accumulators.baseline])[order]
    difference_without = (without - without[accumulators.baseline])[order]
    count = int(n_groups.min())
    if count < 2 or not (np.isfinite(difference).all() and np.isfinite(difference_without).all()):
        return None
    covariance = jackknife_covariance(difference, difference_without, count)
    sign = -1 if INDICATORS[indicator].direction < 0 else 1
    places, above = _draw_places(sign * difference, covariance, count - 1)
    rows = []
    for i, name in enumerate(names):
        certain = (1 + LEVEL) / 2
        better, worse = int((above[:, i] >= certain).sum()), int((above[i] >= certain).sum())
        first, last = 1 + better, len(names) - worse
        rows.append(
            {
                "scenario": name,
                "difference": float(difference[i]),
                "rank": first if first == last else None,
                "rank_from": first,
                "rank_to": last,
                "probabilities": [float(p) for p in places[i]],
            }
        )
    rows.sort(key=lambda row: -sign * row["difference"])
    told = {"indicator": indicator, "group": parse_label(group), "first": "least" if sign < 0 else "greatest"}
    return {**told, "level": LEVEL, "scenarios": rows}


def _draw_places(difference, covariance, degrees) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability of each place (scenario, place), and that one is above another (one, other).

    Ties count half either way; the draws have a seed of their own, so the same run gives the same numbers.
    """
    generator = np.random.Generator(np.random.Philox(_SEED))
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    normal = generator.standard_normal((N_DRAWS, difference.size))
    stretch = np.sqrt(degrees / generator.chisquare(degrees, N_DRAWS))
    noise = (normal @ root.T) * stretch[:, None]
    noise[:, np.diag(covariance) == 0.0] = 0.0  # what never varies stays where it is, to the last bit
    drawn = difference + noise
    above = (drawn[:, :, None] > drawn[:, None, :]).mean(axis=0)
    above += 0.5 * (drawn[:, :, None] == drawn[:, None, :]).mean(axis=0)
    ties = generator.random(drawn.shape)
    order = np.lexsort((ties, -drawn), axis=1)
    places = np.stack([(order == i).mean(axis=0) for i in range(difference.size)])
    return places, above
