"""What an indicator is (指标类型): its words, unit, direction and formula.

The rows stand in `indicators_of_pensions`, `indicators_of_cover` and `indicators_of_money`, the registry in
`indicators`.
"""

from __future__ import annotations

from typing import NamedTuple

from simulate.terms import PRESENT_VALUE_YEAR

SHARE = "share"
YUAN_A_MONTH = "yuan a month, prices of 2025"
PRESENT_VALUE = f"yuan, present value in {PRESENT_VALUE_YEAR}"
MONTHS = "months"
YEARS = "years"
UNITS = {
    SHARE: "比例",
    YUAN_A_MONTH: "元/月(2025年价格)",
    PRESENT_VALUE: f"元({PRESENT_VALUE_YEAR}年现值)",
    MONTHS: "月",
    YEARS: "岁",
}
KINDS = ("ratio", "quantile", "gini", "gap", "rate")


class Indicator(NamedTuple):
    """One indicator (指标).

    `direction` is +1 where more is better for the people, -1 where less is, 0 where neither can be said.
    `numerator` and `denominator` are sums and differences of columns; of a *rate* they are the beginnings of
    the names of columns. `paired` is False where scenarios may compare different people.
    """

    name: str
    title: str
    title_zh: str
    unit: str
    direction: int
    definition: str
    definition_zh: str
    numerator: str
    denominator: str = "one"
    kind: str = "ratio"
    probability: float = 0.0  # of a quantile
    scale: float = 1.0
    paired: bool = True

    @property
    def unit_zh(self) -> str:
        """The unit in Chinese (单位)."""
        return UNITS[self.unit]
