"""The indicators (指标), each declared once: formula, unit, direction, words in both languages.

A *ratio* divides a sum over the people of a group by another; sums are those of :mod:`simulate.outcomes`
and of `DERIVED` in :mod:`simulate.results`. A *quantile* and the *gini* are taken from the distribution of
the pension at 65 in constant prices, a *gap* compares women with men, a *rate* makes two present values
equal. To add an indicator, add a row in `indicators_of_pensions`, `…_cover` or `…_money`, and a test on a
hand-made panel. How they and their standard errors are computed stands in METHOD.md, section 10.
"""

from __future__ import annotations

from collections.abc import Iterable

from simulate.groups import UnknownNameError
from simulate.indicator_types import (
    KINDS,
    MONTHS,
    PRESENT_VALUE,
    SHARE,
    UNITS,
    YEARS,
    YUAN_A_MONTH,
    Indicator,
)
from simulate.indicators_of_cover import participation
from simulate.indicators_of_money import money
from simulate.indicators_of_pensions import adequacy, levels, rights, winners

__all__ = [
    "DEFAULT_INDICATORS",
    "INDICATORS",
    "KINDS",
    "MONTHS",
    "PRESENT_VALUE",
    "SHARE",
    "UNITS",
    "YEARS",
    "YUAN_A_MONTH",
    "Indicator",
    "columns",
    "parse_indicators",
]

INDICATORS = {
    indicator.name: indicator
    for part in (adequacy, levels, winners, rights, participation, money)
    for indicator in part()
}

DEFAULT_INDICATORS = (
    "pension_to_average_wage",
    "gross_replacement_rate",
    "mean_monthly_pension",
    "median_monthly_pension",
    "gini_pension",
    "gender_pension_gap",
    "share_reaching_minimum_months",
    "share_without_pension",
    "share_below_dibao",
    "new_joiners",
    "coverage_as_flexible",
    "contribution_months",
    "contribution_burden",
    "share_at_floor",
    "money_worth",
    "present_value_paid_by_worker",
    "present_value_paid_by_platform",
    "present_value_paid_by_government",
    "pool_balance",
)


def parse_indicators(names: str | Iterable[str] | None = None) -> tuple[str, ...]:
    """Return known indicator names (指标名), each once, in the order asked for.

    `names` is a sequence or a text with commas; nothing or `default` stands for the default ones.
    """
    asked = names.split(",") if isinstance(names, str) else names or ("default",)
    found: dict[str, None] = {}
    for name in (name.strip() for name in asked):
        if name == "default":
            found.update(dict.fromkeys(DEFAULT_INDICATORS))
        elif name == "all":
            found.update(dict.fromkeys(INDICATORS))
        elif name in INDICATORS:
            found[name] = None
        else:
            raise UnknownNameError("indicator", name, INDICATORS)
    return tuple(found)


def columns(formula: str) -> dict[str, int]:
    """Return the sign of each column in a sum such as `receipts - payments`."""
    signs, sign = {}, 1
    for word in formula.split():
        if word in "+-":
            sign = 1 if word == "+" else -1
        else:
            signs[word] = sign
    return signs
