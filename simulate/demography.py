"""Survival, births and cohort sizes (人口) as arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Demography(NamedTuple):
    """Survival, fertility and the people to draw from (人口参数).

    Dimensions: sex 2, year 111 (1990-2100; later years hold 2100), age 0-120.
    """

    death_probability: np.ndarray  # (sex, year, age) between exact ages
    fertility: np.ndarray  # (year, age 15..49) births per woman and year
    cohort_cdf: np.ndarray  # (46 birth years x 2 sexes,) cumulated, birth year outer, sex inner
    hukou_province_cdf: np.ndarray  # (province,) cumulated share of hukou provinces
    rural_share: np.ndarray  # (province,) rural hukou among a province's people
    father_age_gap_years: float
