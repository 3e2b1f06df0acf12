"""Every variant of behaviour beside the default (行为变体): each number under each, and the band over them.

The threshold variant is run with all people. The others are run with a fifth of them (at least two thousand),
and what they change against the threshold for these people is added to the numbers of the whole run, so that
sampling error cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from scenarios.options import VARIANTS
from scenarios.worlds import World

if TYPE_CHECKING:
    import xarray

ALL = "all"  # what stands for every variant
DEFAULT = "threshold"
OF = ("value", "difference")
COLUMNS = tuple(f"{of}_{name}" for of in OF for name in VARIANTS)


def with_variants(
    dataset: xarray.Dataset, run: Callable[[World], xarray.Dataset], world: World
) -> xarray.Dataset:
    """Return a dataset with value and difference under each variant (各行为变体结果), `COLUMNS`.

    `run` gives the estimates of a world for a few people; `world` is that of the default variant.
    """
    out = dataset.copy()
    centre = run(world)[list(OF)].reindex(group=dataset["group"])
    for name in VARIANTS:
        moved = centre if name == world.behaviour else run(world._replace(behaviour=name))
        change = moved[list(OF)].reindex(group=dataset["group"]) - centre
        for of in OF:
            same = 0.0 * dataset[of] if name == world.behaviour else change[of]
            out[f"{of}_{name}"] = dataset[of] + same
    return out


def band(cell: Mapping[str, float | None]) -> dict[str, Any]:
    """Return low and high over the variants and which give them (变体区间), of value and difference.

    >>> cell = {"value_static": 0.2, "value_threshold": 0.3, "value_value_for_money": 0.25}
    >>> found = band(cell | {f"difference_{name}": None for name in VARIANTS})
    >>> found["variant_low"], found["variant_lowest"], found["variant_highest"]
    (0.2, 'static', 'threshold')
    """
    found: dict[str, Any] = {}
    for of, prefix in zip(OF, ("", "difference_"), strict=True):
        values = {name: cell[f"{of}_{name}"] for name in VARIANTS}
        known = {name: value for name, value in values.items() if value is not None}
        whole = len(known) == len(VARIANTS)
        ends = (min(known, key=known.get), max(known, key=known.get)) if whole else (None, None)
        for key, name in zip(("low", "high"), ends, strict=True):
            found[f"{prefix}variant_{key}"] = None if name is None else known[name]
            found[f"{prefix}variant_{key}est"] = name
    return found


def depends(row: Mapping[str, Any]) -> bool:
    """Return whether variants disagree on a difference (结果取决于变体): on its sign, or by two errors."""
    low, high = row["difference_variant_low"], row["difference_variant_high"]
    error = row["difference_se"]
    if low is None or error is None:
        return False
    return low * high < 0 or high - low > 2 * error
