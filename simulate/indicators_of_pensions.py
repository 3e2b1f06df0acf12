"""Indicators of what people receive (待遇指标): adequacy, levels, yardsticks, winners and losers."""

from __future__ import annotations

from collections.abc import Iterable

from simulate.indicator_types import SHARE, YEARS, YUAN_A_MONTH, Indicator


def adequacy() -> Iterable[Indicator]:
    """Pensions beside wages and own earnings (充足性)."""
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
        "pension_to_average_wage_at_claim",
        "Pension at own claim to average wage",
        "领取时养老金与社平工资之比",
        SHARE,
        +1,
        "First pension of those who have one over the reference wage of that year; unpaired, as ages differ.",
        "有养老金者初次领取的养老金除以当年上年度社平工资;领取年龄与人群随改革而变,因此不是同人比较。",
        "pension_at_claim",
        "reference_wage_at_claim",
        paired=False,
    )
    yield Indicator(
        "floor_pension_to_average_wage",
        "Universal and minimum pension to average wage",
        "普惠和最低养老金与社平工资之比",
        SHARE,
        +1,
        "Mean universal and minimum pension at 65, a part of the pension, over the mean reference wage then.",
        "65岁时普惠和最低养老金(已含在养老金内)的均值除以当年上年度社平工资的均值。",
        "floor_pension_at_65",
        "reference_wage_at_65",
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
        "median_gross_replacement_rate",
        "Median gross replacement rate",
        "毛替代率中位数",
        SHARE,
        +1,
        "Median of the pension at 65 over own earnings of the last twelve months, of people who have such.",
        "65岁时养老金与本人最后十二个月收入(按工资增长折算)之比的中位数,限有此类收入者。",
        "own_replacement_rate",
        kind="quantile",
        probability=0.5,
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


def levels() -> Iterable[Indicator]:
    """Pensions in money and how they are spread (水平与分布)."""
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
        "mean_monthly_pension_at_70",
        "Mean monthly pension at 70",
        "70岁时月养老金均值",
        YUAN_A_MONTH,
        +1,
        "Mean pension at 70 of all people, when late claimers have claimed too, in prices of 2025.",
        "全部人口70岁时(延迟领取者也已领取)月养老金的均值(没有养老金者计为0),按2025年价格。",
        "real_pension_at_70",
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
        "gender_pension_gap_at_70",
        "Gender pension gap at 70",
        "70岁时养老金性别差距",
        SHARE,
        -1,
        "One less the ratio of women's to men's mean pension at 70 in prices of 2025.",
        "1减去女性与男性70岁时月养老金均值(2025年价格)之比。",
        "pension_at_70_of_women",
        "pension_at_70_of_men",
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


def rights() -> Iterable[Indicator]:
    """Who has a right, and whose pension is below a yardstick (权益与标准线)."""
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
            "share_below_dibao_couple",
            "Share below the dibao line as a couple",
            "夫妻二人低于低保标准者占比",
            -1,
            "Share whose pension at 65, with a partner's basic resident pension, is below two dibao lines.",
            "65岁时本人养老金与配偶的居民基础养老金之和低于两人低保标准者所占比例。",
            "below_dibao_couple",
        ),
        (
            "share_below_international_line",
            "Share below the World Bank's line",
            "低于世界银行贫困线者占比",
            -1,
            "Share whose pension at 65 is below the line of 8.30 dollars a day, purchasing power of 2021.",
            "65岁时养老金低于每天8.30美元(2021年购买力平价,分城乡)者所占比例。",
            "below_international_line",
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
            "Share whose pension at 65 is below C102's 40 % of the average wage, less for short records.",
            "65岁时养老金低于第102号公约标准(缴费30年为社平工资的40%,不足按年限折算)者所占比例。",
            "below_c102",
        ),
    ):
        yield Indicator(name, title, title_zh, SHARE, direction, definition, definition_zh, numerator)


def winners() -> Iterable[Indicator]:
    """Who gains and who loses (得失)."""
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
