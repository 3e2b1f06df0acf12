"""Three kinds of doubt side by side (不确定性分解): people, parameters, model.

The standard error of a comparison is that of the people drawn. *Parameters*: the comparison is run for draws
of the fitted set, in which estimated parameters keep the correlations of their joint distribution and weak
assumptions come from a triangle over their low, central and high; what the ranked list (`factors.yaml`) has
beside, lists and numbers of the law, is drawn from such a triangle, too. Of a set that was not estimated the
ranked list alone is drawn. Told are the standard deviation and the 5th and 95th percentile. *Model*: it is
run under every variant of behaviour; told are the least and the greatest. Both are changes against the
central case of the same people, added to the numbers of the whole run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from calibration.fitted_set import drawn_assumptions, number_of_draws
from scenarios.factors import Factor, choose, settings
from scenarios.options import VARIANTS
from scenarios.worlds import World

if TYPE_CHECKING:
    import xarray

PERCENTILES = (0.05, 0.95)


def position_of(factor: Factor, draw: int, seed: int) -> float:
    """Return one draw of the position between low and high (抽取位置): a triangle with its top at central.

    Keyed by name, number and seed: the draws of one factor do not depend on which others there are.
    """
    digest = hashlib.sha256(f"{seed}/{draw}/{factor.name}".encode()).digest()
    u = (int.from_bytes(digest[:6], "big") + 0.5) / 2**48
    low, central, high = (np.asarray(x, dtype=float) for x in (factor.low, factor.central, factor.high))
    below, above = np.linalg.norm(central - low), np.linalg.norm(high - central)
    top = below / (below + above)
    x = np.sqrt(u * top) if u < top else 1 - np.sqrt((1 - u) * (1 - top))  # on 0 to 1, the top at `top`
    return float(0.5 * x / top if x < top else 1 - 0.5 * (1 - x) / (1 - top))


def row_of(draw: int, seed: int, rows: int) -> int:
    """Return which of a set's draws is taken (抽取序号): one after the other, from a place by seed.

    >>> sorted(row_of(draw, 1, 200) for draw in range(200)) == list(range(200))
    True
    """
    digest = hashlib.sha256(f"{seed}/draws".encode()).digest()
    return (int.from_bytes(digest[:6], "big") + draw) % rows


def drawn_world(draw: int, seed: int, world: World) -> World:
    """Return the world of one draw of parameters and assumptions (一次参数抽取)."""
    rows = number_of_draws(world.fitted)
    drawn = drawn_assumptions(world.fitted, row_of(draw, seed, rows)) if rows else {}
    others = settings((f, position_of(f, draw, seed)) for f in choose() if f.place or f.name not in drawn)
    return world._replace(assumptions=drawn | others["assumptions"], law=others["law"])


def with_parts(
    dataset: xarray.Dataset,
    run: Callable[[World], xarray.Dataset],
    world: World,
    draws: int,
    seed: int,
) -> xarray.Dataset:
    """Return a dataset with the spread over drawn assumptions and over variants (参数与模型不确定性).

    Added by (indicator, scenario, group): `parameter_sd`, `parameter_low`, `parameter_high`, `model_low`,
    `model_high`, and the same of the difference. `run` gives the estimates of a world for a few people.
    """
    import xarray

    def moved(worlds: list[World]) -> xarray.Dataset:
        runs = [run(one)[["value", "difference"]].reindex(group=dataset["group"]) for one in worlds]
        return xarray.concat(runs, dim="draw", coords="minimal", compat="override", join="outer") - centre

    centre = run(world)[["value", "difference"]].reindex(group=dataset["group"])
    parameters = moved([drawn_world(d, seed, world) for d in range(draws)])
    others = [world._replace(behaviour=name) for name in VARIANTS if name != world.behaviour]
    model = moved(others)
    out = dataset.copy()
    for of, prefix in (("value", ""), ("difference", "difference_")):
        change = parameters[of]
        out[f"{prefix}parameter_sd"] = change.std("draw", ddof=1 if draws > 1 else 0)
        low, high = (change.quantile(p, "draw", skipna=False).drop_vars("quantile") for p in PERCENTILES)
        out[f"{prefix}parameter_low"], out[f"{prefix}parameter_high"] = out[of] + low, out[of] + high
        change = model[of]
        out[f"{prefix}model_low"] = out[of] + np.minimum(change.min("draw"), 0.0)
        out[f"{prefix}model_high"] = out[of] + np.maximum(change.max("draw"), 0.0)
    return out
