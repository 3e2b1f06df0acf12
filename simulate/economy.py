"""Paths of wages, prices and interest (经济路径) as arrays by year, 1990-2100."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Economy(NamedTuple):
    """One future of the economy with the observed past (经济路径). Arrays by year 1990-2100; rates a year.

    Past years hold observed values where the sources have any; from `first_projected_year` on every
    number is an assumption of the economy file.
    """

    first_projected_year: int
    wage_growth: np.ndarray  # growth of the average wage W from the year before
    price_growth: np.ndarray
    price_index: np.ndarray  # 2025 = 1
    deposit_rate: np.ndarray
    crediting_spread: float  # future crediting rate = max(deposit rate, wage growth - spread)
    resident_crediting_spread: float  # future crediting rate of the resident scheme less the deposit rate
    benefit_base_growth: float  # growth of J while it exceeds last year's W
    pension_increase_wage_share: float  # overall pension increase over wage growth, in the long run
    resident_basic_growth: np.ndarray  # growth of the resident basic pension after the last known amount
    resident_tier_growth: np.ndarray  # growth of resident tiers and subsidies after the last known amounts
    dibao_growth: np.ndarray  # growth of assistance and poverty lines after the last known amounts
    mean_pension: np.ndarray  # national mean pension of the employee scheme [yuan/month]
    platform_path: np.ndarray  # platform work relative to its 2026 share (0 before 2014)
    platform_earnings_drift: np.ndarray  # platform earnings over W relative to 2025
    discount_rate: np.ndarray
