"""The check (校准检验): every target beside the model, on people that the fit has not seen."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from calibration import DEFAULT_SET, fit, fitted_set, weights
from calibration.fit import evidence
from calibration.moments import Seen, behaviour_under, draw_sample, moment, observe
from calibration.targets import Target, load_targets
from simulate.weights import weights_of

SCHEMA_VERSION = 1
PERSONS, SEED = 100_000, 2


class Row(NamedTuple):
    """A target beside the model (检验结果); what is not modelled has no model value."""

    target: str
    source: str
    role: str
    confidence: str
    unit: str
    value: float | None
    standard_error: float | None
    model: float | None
    model_se: float | None
    gap: float | None
    gap_in_standard_errors: float | None
    holds: bool | None


def check(
    fitted: str = DEFAULT_SET, persons: int = PERSONS, seed: int = SEED, threads: int = 2
) -> dict[str, Any]:
    """Return every target with model value, gap and whether it holds (校准检验), in the order of the file.

    For a bound, ``value`` is the bound that is broken, or the only one.
    """
    values = fitted_set.assumptions(fitted=fitted)
    behaviour = behaviour_under(values)
    seen = observe(draw_sample(behaviour, persons, seed, threads), behaviour, values, threads)
    rows = [row_of(target, seen)._asdict() for target in load_targets()]
    return {"schema_version": SCHEMA_VERSION, "fitted": fitted, "rows": rows}


def row_of(target: Target, seen: Seen) -> Row:
    """Return a target beside the model (一行检验)."""
    told = (target.id, target.source, target.role, target.confidence, target.unit)
    if target.measure is None:
        return Row(*told, target.value, target.standard_error, None, None, None, None, None)
    model, error = moment(seen, target.measure, target.of)
    if np.isnan(model):
        return Row(*told, target.value, target.standard_error, None, None, None, None, None)
    gap = target.gap(model)
    value = model - gap if target.readings else target.high if target.low is None or gap > 0 else target.low
    holds = None if target.role == "context" else bool(target.holds(model))
    scaled = gap / target.standard_error if target.standard_error else None
    return Row(*told, value, target.standard_error, model, error, gap, scaled, holds)


def price_response(fitted: str = DEFAULT_SET, persons: int = PERSONS, threads: int = 2) -> dict[str, float]:
    """Return the elasticity of take-up to the price at the survey's time (参保价格弹性) of a set."""
    return fit.price_response(fitted_set.assumptions(fitted=fitted), persons, SEED, threads)


def totals(
    fitted: str = DEFAULT_SET, persons: int = PERSONS, threads: int = 2
) -> tuple[list[weights.Total], dict[str, float]]:
    """Return official totals beside weighted people and the spread of their weights (权重检验).

    Of people whom the raking has not seen.
    """
    seen, factors = weights.base_year(fitted, persons, SEED, threads), weights.load_weights(fitted)
    return weights.reached(seen, factors), weights.spread(weights_of(seen.cells, factors))


def is_stale(fitted: str = DEFAULT_SET) -> bool:
    """Return whether tables, targets or assumptions changed since a set was fitted (是否过期)."""
    return fitted_set.estimates(fitted).get("evidence", evidence()) != evidence()
