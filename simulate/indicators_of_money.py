"""Indicators of money over a life (资金指标): who pays, what comes back, at which rate."""

from __future__ import annotations

from collections.abc import Iterable

from simulate.indicator_types import PRESENT_VALUE, SHARE, Indicator
from simulate.terms import PAYERS


def money() -> Iterable[Indicator]:
    """Present values of what is paid and received (资金)."""
    yield Indicator(
        "pension_wealth",
        "Pension wealth",
        "养老金财富",
        PRESENT_VALUE,
        +1,
        "Mean present value, survival-weighted from age 20, of basic pensions, death benefits and refunds.",
        "全部基本养老金、遗属待遇及退款的平均现值(自20岁起,按存活概率加权)。",
        "present_value_pensions + present_value_death_benefits + present_value_refunds",
    )
    yield Indicator(
        "present_value_pensions",
        "Present value of pensions",
        "养老金现值",
        PRESENT_VALUE,
        +1,
        "Mean present value, from age 20 and survival-weighted, without death benefits.",
        "全部基本养老金(不含遗属待遇)的平均现值(自20岁起,按存活概率加权)。",
        "present_value_pensions",
    )
    paid = tuple(f"present_value_paid_by_{payer.name}" for payer in PAYERS)
    yield Indicator(
        "money_worth",
        "Money's worth",
        "待遇缴费比",
        SHARE,
        +1,
        "Present value of pensions, death benefits and refunds over that of all contributions.",
        "养老金、遗属待遇和退款现值除以各方缴费现值,为总和之比。",
        "present_value_pensions + present_value_death_benefits + present_value_refunds",
        " + ".join(paid),
    )
    yield Indicator(
        "internal_rate_of_return",
        "Internal rate of return",
        "内部收益率",
        SHARE,
        +1,
        "Real rate a year at which what a group receives equals what all payers pay, survival counted.",
        "使一组人的待遇现值等于各方缴费现值的年实际收益率(按存活概率加权)。",
        "received_at_rate",
        "paid_at_rate",
        kind="rate",
    )
    yield Indicator(
        "share_without_contributions",
        "Share without any contribution",
        "无任何缴费者占比",
        SHARE,
        -1,
        "Share of people for whom nobody ever pays, so that an own rate of return is not defined.",
        "从未有任何一方为其缴费(因而个人收益率无定义)者所占比例。",
        "without_contributions",
    )
    yield Indicator(
        "present_value_floor_pensions",
        "Present value of universal and minimum pensions",
        "普惠和最低养老金现值",
        PRESENT_VALUE,
        +1,
        "Mean present value of universal and minimum pensions, a part of the present value of pensions.",
        "普惠和最低养老金的平均现值(已含在养老金现值内)。",
        "present_value_floor_pensions",
    )
    for payer, column in zip(PAYERS, paid, strict=True):
        yield Indicator(
            column,
            f"Present value paid by {payer.name}",
            f"{payer.name_zh}缴费现值",
            PRESENT_VALUE,
            -1 if payer.name == "worker" else 0,
            f"Mean present value, from age 20, of the contributions that the {payer.name} pays.",
            f"{payer.name_zh}缴费的平均现值(自20岁起,按存活概率加权)。",
            column,
        )
    yield Indicator(
        "pool_balance",
        "Balance of the pooled fund",
        "统筹基金收支差",
        PRESENT_VALUE,
        +1,
        "Mean present value, from age 20, of what the pooled fund receives less what it pays.",
        "统筹基金人均收入现值减去支出现值(自20岁起)。",
        "present_value_pool_receipts - present_value_pool_payments",
    )
    yield Indicator(
        "platform_levy_less_relief",
        "Platform levy less relief",
        "平台缴费与减收之差",
        PRESENT_VALUE,
        0,
        "Mean present value of the platform levy less what relief for workers costs the pool.",
        "平台缴费带来的收入与个人减收额之差的人均现值(自20岁起)。",
        "present_value_levy_less_relief",
    )
