"""Weights (权重): how many people of the nation a drawn person stands for, against the average.

A weight is the product of a few factors by the cell of the person: sex and age, form of employment,
province of registration and of residence in the base month. It follows from the person's own life alone, so
the first N of 2N people keep theirs. The factors come with a fitted set; METHOD.md, section 10.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulate.population import People
from simulate.terms import FIRST_YEAR, N_AGE_BANDS, N_PROVINCES, UNEMPLOYED

BASE_YEAR = 2024
BASE_MONTH = 12 * (BASE_YEAR - FIRST_YEAR) + 11  # state at the end of the base year
STEPS = 256  # weights are whole multiples of 1 / STEPS, so that weighted counts are exact


class Weights(NamedTuple):
    """Factors by cell (权重因子); the product is held between the bounds.

    In the labour force: in work or looking for it after schooling. Who stayed lives in the province of
    registration.
    """

    activity: np.ndarray  # (sex, age band, 2: outside, in the labour force)
    form: np.ndarray  # (form,) in the labour force
    stayed: np.ndarray  # (province,) of those who live where they are registered
    origin: np.ndarray  # (province of registration,) of those away
    destination: np.ndarray  # (province of residence,) of those away
    young: np.ndarray  # (sex, province of registration) of those who are not yet of working age
    bounds: np.ndarray  # (2,) lowest, highest weight


EQUAL = Weights(
    np.ones((2, N_AGE_BANDS, 2)),
    np.ones(8),
    np.ones(N_PROVINCES),
    np.ones(N_PROVINCES),
    np.ones(N_PROVINCES),
    np.ones((2, N_PROVINCES)),
    np.array([0.0, np.inf]),
)


class Cells(NamedTuple):
    """The cell of each person in the base month (权重单元), dimension (person,)."""

    is_young: np.ndarray  # not yet of working age
    sex: np.ndarray
    age_band: np.ndarray
    in_labour_force: np.ndarray
    form: np.ndarray
    home: np.ndarray  # province of registration
    place: np.ndarray  # province of residence


def cells_of(people: People, careers) -> Cells:
    """Return the cells of a block (所属权重单元); the careers may have room for more people."""
    n = people.birth.size
    month = BASE_MONTH - careers.start[:n]
    is_young = month < 0
    at = np.arange(n), np.clip(month, 0, careers.form.shape[1] - 1)
    form = careers.form[at].astype(np.int64)
    return Cells(
        is_young=is_young,
        sex=people.sex,
        age_band=np.clip(((BASE_MONTH - people.birth) // 12 - 15) // 5, 0, N_AGE_BANDS - 1),
        in_labour_force=((form <= UNEMPLOYED) & (month >= careers.schooling_months[:n])).astype(np.int64),
        form=form,
        home=people.hukou_province,
        place=careers.province[at].astype(np.int64),
    )


def weights_of(cells: Cells, weights: Weights) -> np.ndarray:
    """Return the weight of each person (个人权重), mean about 1: float64 (person,).

    Examples
    --------
    >>> from simulate.weights import EQUAL, Cells
    >>> one = np.array([0])
    >>> weights_of(Cells(one < 0, one, one, one, one, one, one), EQUAL).tolist()
    [1.0]
    """
    weight = weights.activity[cells.sex, cells.age_band, cells.in_labour_force]
    weight = weight * np.where(cells.in_labour_force == 1, weights.form[cells.form], 1.0)
    away = weights.origin[cells.home] * weights.destination[cells.place]
    weight = weight * np.where(cells.home == cells.place, weights.stayed[cells.home], away)
    weight = np.where(cells.is_young, weights.young[cells.sex, cells.home], weight)
    lowest, highest = weights.bounds
    return np.rint(STEPS * np.clip(weight, lowest, highest)) / STEPS
