"""The indicators (指标), each declared once: formula, unit, direction, words in both languages.

A *ratio* divides a sum over the people of a group by another; sums are those of :mod:`simulate.outcomes`
and of `DERIVED` in :mod:`simulate.results`. A *quantile* and the *gini* are taken from the distribution of
the pension at 65 in constant prices, a *gap* compares women with men. To add an indicator, add a row and a
test on a hand-made panel. How they and their standard errors are computed stands in METHOD.md, section 10.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from simulate.groups import UnknownNameError
from simulate.terms import PAYERS, PRESENT_VALUE_YEAR, REASONS

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
KINDS = ("ratio", "quantile", "gini", "gap")


class Indicator(NamedTuple):
    """One indicator (指标).

    `direction` is +1 where more is better for the people, -1 where less is, 0 where neither can be said.
    `numerator` and `denominator` are sums and differences of columns; `paired` is False where scenarios may
    compare different people.
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


def _adequacy() -> Iterable[Indicator]:
    yield Indicator(
        "pension_to_average_wage",
        "Pension at 65 to average wage",
        "65岁时养老金与社平工资之比",
        SHARE,
        +1,
        "Mean pension at 65 of all people, all basic schemes together, over the mean reference wage then.",
        "65岁时全部基本养老金的均值(没有养老金者计为0)除以当年上年度社平工资的均值。",
        "pension_at_65",
        "reference_wage_at_65",
    )
    yield Indicator(
        "pension_to_average_wage_with_top_up",
        "Pension and top-up at 65 to average wage",
        "65岁时养老金加低保补差与社平工资之比",
        SHARE,
        +1,
        "As the pension at 65 to average wage, with means-tested top-ups counted in.",
        "同“65岁时养老金与社平工资之比”,另计入低保补差。",
        "pension_at_65 + top_up_at_65",
        "reference_wage_at_65",
    )
    yield Indicator(
        "pension_to_average_wage_at_70",
        "Pension at 70 to average wage",
        "70岁时养老金与社平工资之比",
        SHARE,
        +1,
        "Mean pension at 70, when late claimers have claimed too, over the mean reference wage of that year.",
        "70岁时(延迟领取者也已领取)全部基本养老金的均值除以当年上年度社平工资的均值。",
        "pension_at_70",
        "reference_wage_at_70",
    )
    yield Indicator(
        "gross_replacement_rate",
        "Gross replacement rate",
        "毛替代率",
        SHARE,
        +1,
        "Pension at 65 over own earnings of the last twelve months with earnings, revalued; a ratio of sums.",
        "65岁时养老金除以本人最后十二个有收入月份的平均收入(按工资增长折算),为总和之比。",
        "pension_with_last_earnings",
        "last_earnings",
    )
    yield Indicator(
        "gross_replacement_rate_last_decade",
        "Gross replacement rate, last decade",
        "末十年毛替代率",
        SHARE,
        +1,
        "Pension at 65 over own mean earnings between 55 and 65, revalued; a ratio of sums.",
        "65岁时养老金除以本人55至65岁有收入月份的平均收入(按工资增长折算),为总和之比。",
        "pension_with_last_decade",
        "last_decade_earnings",
    )
    yield Indicator(
        "lifetime_replacement_rate",
        "Lifetime replacement rate",
        "终身收入替代率",
        SHARE,
        +1,
        "Pension at 65 over own mean earnings of all months with earnings, revalued; a ratio of sums.",
        "65岁时养老金除以本人全部有收入月份的平均收入(按工资增长折算),为总和之比。",
        "pension_with_lifetime_earnings",
        "lifetime_earnings",
    )
    yield Indicator(
        "net_replacement_rate",
        "Net replacement rate",
        "净替代率",
        SHARE,
        +1,
        "As the gross replacement rate, with own contributions taken off the earnings; no income tax.",
        "同毛替代率,但收入扣除本人养老保险缴费,不计个人所得税。",
        "pension_with_last_earnings",
        "last_net_earnings",
    )
    yield Indicator(
        "share_without_last_earnings",
        "Share left out of the replacement rate",
        "未计入替代率者占比",
        SHARE,
        0,
        "Share of people with fewer than six months with earnings in the ten years before 65.",
        "65岁前十年内有收入月份不足六个月者所占比例。",
        "one - has_last_earnings",
    )


def _levels() -> Iterable[Indicator]:
    yield Indicator(
        "mean_monthly_pension",
        "Mean monthly pension at 65",
        "65岁时月养老金均值",
        YUAN_A_MONTH,
        +1,
        "Mean pension at 65 of all people, 0 for those without, in prices of 2025.",
        "全部人口65岁时月养老金的均值(没有养老金者计为0),按2025年价格。",
        "real_pension_at_65",
    )
    yield Indicator(
        "mean_monthly_pension_of_pensioners",
        "Mean monthly pension at 65 of pensioners",
        "领取者65岁时月养老金均值",
        YUAN_A_MONTH,
        +1,
        "Mean pension at 65 of those who have one; unpaired, as a reform changes who they are.",
        "有养老金者65岁时月养老金的均值,按2025年价格;改革会改变领取人群,因此不是同人比较。",
        "real_pension_at_65",
        "one - without_pension",
        paired=False,
    )
    for name, title, title_zh, probability in (
        ("p10", "Tenth percentile of", "第10百分位数", 0.1),
        ("median", "Median", "中位数", 0.5),
        ("p90", "Ninetieth percentile of", "第90百分位数", 0.9),
    ):
        yield Indicator(
            f"{name}_monthly_pension",
            f"{title} monthly pension at 65",
            f"65岁时月养老金{title_zh}",
            YUAN_A_MONTH,
            +1,
            f"{title} pension at 65 over all people, 0 for those without, in prices of 2025.",
            f"全部人口65岁时月养老金的{title_zh}(没有养老金者计为0),按2025年价格。",
            "real_pension_at_65",
            kind="quantile",
            probability=probability,
        )
    yield Indicator(
        "gini_pension",
        "Gini coefficient of pensions",
        "养老金基尼系数",
        SHARE,
        -1,
        "Gini coefficient of the pension at 65 in prices of 2025 over all people, 0 for those without.",
        "全部人口65岁时月养老金(2025年价格,没有者计为0)的基尼系数。",
        "real_pension_at_65",
        kind="gini",
    )
    yield Indicator(
        "gender_pension_gap",
        "Gender pension gap",
        "养老金性别差距",
        SHARE,
        -1,
        "One less the ratio of women's to men's mean pension at 65 in prices of 2025.",
        "1减去女性与男性65岁时月养老金均值(2025年价格)之比。",
        "pension_of_women",
        "pension_of_men",
        kind="gap",
    )
    yield Indicator(
        "gender_pension_wealth_gap",
        "Gender gap of pension wealth",
        "养老金财富性别差距",
        SHARE,
        -1,
        "One less the ratio of women's to men's mean present value of pensions.",
        "1减去女性与男性养老金现值均值之比。",
        "wealth_of_women",
        "wealth_of_men",
        kind="gap",
    )
    yield Indicator(
        "claim_age",
        "Mean age at claim",
        "平均领取年龄",
        YEARS,
        0,
        "Mean age at the first pension of those who have one; unpaired, as a reform changes who they are.",
        "有养老金者初次领取时的平均年龄;改革会改变领取人群,因此不是同人比较。",
        "claim_age_months",
        "one - without_pension",
        scale=1 / 12,
        paired=False,
    )


def _rights() -> Iterable[Indicator]:
    for name, title, title_zh, direction, definition, definition_zh, numerator in (
        (
            "share_reaching_minimum_months",
            "Share reaching the minimum months",
            "达到最低缴费年限者占比",
            +1,
            "Share of people whose months in the employee scheme reach the minimum.",
            "职工养老保险缴费月数达到最低缴费年限者所占比例。",
            "minimum_reached",
        ),
        (
            "share_near_minimum_months",
            "Share near the minimum months",
            "接近最低缴费年限者占比",
            0,
            "Share of people whose months in the employee scheme are within two years of the minimum.",
            "职工养老保险缴费月数距最低缴费年限在两年以内者所占比例。",
            "near_minimum",
        ),
        (
            "share_without_pension",
            "Share without a pension",
            "没有养老金者占比",
            -1,
            "Share of people without a pension from any basic scheme.",
            "没有任何基本养老金者所占比例。",
            "without_pension",
        ),
        (
            "share_below_dibao",
            "Share below the dibao line",
            "低于低保标准者占比",
            -1,
            "Share of people whose pension at 65 is below the dibao line of their place, before top-ups.",
            "65岁时养老金(未计补差)低于当地低保标准者所占比例。",
            "below_dibao",
        ),
        (
            "share_below_rural_poverty_line",
            "Share below the rural poverty line",
            "低于农村贫困线者占比",
            -1,
            "Share of people whose pension at 65 is below the rural poverty line.",
            "65岁时养老金低于农村贫困标准者所占比例。",
            "below_rural_poverty_line",
        ),
        (
            "share_below_c102",
            "Share below the standard of C102",
            "低于C102标准者占比",
            -1,
            "Share of people whose pension at 65 is below the minimum standard of ILO Convention 102.",
            "65岁时养老金低于国际劳工组织第102号公约最低标准者所占比例。",
            "below_c102",
        ),
    ):
        yield Indicator(name, title, title_zh, SHARE, direction, definition, definition_zh, numerator)


def _winners() -> Iterable[Indicator]:
    yield Indicator(
        "share_gaining",
        "Share gaining more than 1 %",
        "养老金增加超过1%者占比",
        SHARE,
        +1,
        "Share of people whose pension at 65 is over 1 % higher than in the baseline, or who had none there.",
        "65岁时养老金比基准情景高出1%以上(或在基准情景下没有养老金)者所占比例。",
        "gainers",
    )
    yield Indicator(
        "share_losing",
        "Share losing more than 1 %",
        "养老金减少超过1%者占比",
        SHARE,
        -1,
        "Share of people whose pension at 65 is over 1 % lower than in the baseline.",
        "65岁时养老金比基准情景低1%以上者所占比例。",
        "losers",
    )
    for name, title, title_zh, probability in (
        ("p10", "Tenth percentile of", "第10百分位数", 0.1),
        ("median", "Median", "中位数", 0.5),
        ("p90", "Ninetieth percentile of", "第90百分位数", 0.9),
    ):
        yield Indicator(
            f"{name}_pension_change",
            f"{title} change of pension",
            f"养老金变化率{title_zh}",
            SHARE,
            +1,
            f"{title} change of own pension at 65 as a share of that in the baseline, over all people.",
            f"全部人口中本人65岁时养老金相对基准情景变化率的{title_zh}。",
            "pension_change",
            kind="quantile",
            probability=probability,
        )
    yield Indicator(
        "pension_per_contribution_year",
        "Pension from a year on record",
        "每缴费年带来的养老金",
        YUAN_A_MONTH,
        +1,
        "Employee pensions at 65 over all years on record, those below the minimum too; a ratio of sums.",
        "65岁时职工养老金总额除以职工养老保险缴费总年数(含未达到最低年限者),按2025年价格。",
        "real_employee_pension_at_65",
        "record_months",
        scale=12.0,
    )


def _participation() -> Iterable[Indicator]:
    yield Indicator(
        "new_joiners",
        "New joiners",
        "新增参保人",
        SHARE,
        +1,
        "Share of people under twelve flexible months in the baseline, now with twelve months more.",
        "基准情景下灵活就业参保不足十二个月、现至少多十二个月者所占比例。",
        "new_joiners",
    )
    yield Indicator(
        "down_shifters",
        "Down-shifters",
        "降档缴费者",
        SHARE,
        -1,
        "Share of people flexible in both scenarios whose mean index falls by more than 0.02.",
        "两种情景下均以灵活就业身份缴费且平均缴费指数下降超过0.02者所占比例。",
        "down_shifters",
    )
    yield Indicator(
        "resident_switchers",
        "Switchers from the resident scheme",
        "由居民保险转入者",
        SHARE,
        +1,
        "Share of people with twelve months fewer in the resident scheme, twelve more as flexible workers.",
        "居民养老保险月数至少少十二个月且灵活就业参保月数至少多十二个月者所占比例。",
        "resident_switchers",
    )
    for name, title, title_zh, direction, column in (
        ("as_employee", "as employee", "以单位职工身份参保", +1, "covered_as_employee"),
        ("as_flexible", "as flexible worker", "以灵活就业人员身份参保", +1, "covered_as_flexible"),
        ("resident", "in the resident scheme", "城乡居民养老保险参保", 0, "covered_resident"),
        ("none", "in no scheme", "未参保", -1, "covered_none"),
    ):
        yield Indicator(
            f"coverage_{name}",
            f"Time covered {title}" if name != "none" else "Time in no scheme",
            f"{title_zh}时间占比",
            SHARE,
            direction,
            f"Months {title} over months from the end of schooling to the 60th birthday.",
            f"从离校到60岁的月数中,{title_zh}月数所占比例。",
            column,
            "working_age_months",
        )
    yield Indicator(
        "contribution_density",
        "Contribution density",
        "缴费密度",
        SHARE,
        +1,
        "Months with contributions over months from the first contribution to the claim.",
        "从首次参保到领取之间的月数中,有缴费的月数所占比例。",
        "due_months - gap_months",
        "due_months",
    )
    for name, title, title_zh, direction, definition, definition_zh, column in (
        (
            "contribution_months",
            "Contribution months",
            "缴费月数",
            +1,
            "Mean months on record in the employee scheme, credits and late payments included.",
            "职工养老保险平均缴费月数,含记账和延缴、补缴月数。",
            "record_months",
        ),
        (
            "gap_months",
            "Months of contribution gap",
            "断缴月数",
            -1,
            "Mean months without contributions between the first contribution and the claim.",
            "首次参保到领取之间平均断缴月数。",
            "gap_months",
        ),
        (
            "child_credit_months",
            "Months credited for child care",
            "育儿记账月数",
            +1,
            "Mean months with a credit for the care of a child.",
            "因照料子女而记账的平均月数。",
            "child_credit_months",
        ),
        (
            "credit_months",
            "Months credited for care",
            "照料记账月数",
            +1,
            "Mean months with a credit for the care of a child or a parent, on top of an own base or alone.",
            "因照料子女或父母而记账的平均月数,含在本人缴费基数之上补足的月份。",
            "credit_months",
        ),
    ):
        yield Indicator(name, title, title_zh, MONTHS, direction, definition, definition_zh, column)
    for reason in REASONS[1:]:  # the first is being covered
        words = reason.name.replace("_", " ")
        yield Indicator(
            f"months_missing_{reason.name}",
            f"Months missing: {words}",
            f"未参加职工养老保险月数: {reason.name_zh}",
            MONTHS,
            0,
            f"Mean months outside the employee scheme for which the reason is: {words}.",
            f"因“{reason.name_zh}”未参加职工养老保险的平均月数。",
            f"months_{reason.name}",
        )
    yield Indicator(
        "contribution_burden",
        "Contribution burden of flexible workers",
        "灵活就业缴费负担",
        SHARE,
        -1,
        "What flexible workers pay themselves over their earnings in the months in which they contribute.",
        "灵活就业人员个人缴费额占其缴费月份收入的比例。",
        "flexible_paid_by_worker",
        "flexible_earnings",
    )
    yield Indicator(
        "share_at_floor",
        "Share of months at the floor",
        "按下限缴费月数占比",
        SHARE,
        0,
        "Share of flexible workers' contribution months at the lowest base.",
        "灵活就业参保月数中按缴费基数下限缴费的比例。",
        "flexible_floor_months",
        "flexible_months",
    )


def _money() -> Iterable[Indicator]:
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


INDICATORS = {
    indicator.name: indicator
    for part in (_adequacy, _levels, _winners, _rights, _participation, _money)
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
