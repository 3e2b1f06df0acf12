"""What the engine keeps of one person under one scenario (个人结果): the columns that are summed.

Indicators are ratios of sums or quantiles of these; `indicators.py` says which. Position is the code.
"""

from __future__ import annotations

from simulate.terms import REASONS, RETURN_RATES, Term

OUTCOMES = (
    Term("one", "人数"),
    Term("pension_at_65", "65岁时月养老金"),  # all basic schemes together, before means-tested top-ups
    Term("employee_pension_at_65", "65岁时职工养老金"),
    Term("resident_pension_at_65", "65岁时居民养老金"),
    Term("top_up_at_65", "65岁时低保补差"),
    Term("pension_at_70", "70岁时月养老金"),
    Term("pension_at_claim", "初次领取的月养老金"),
    Term("real_pension_at_65", "65岁时月养老金(2025年价格)"),
    Term("reference_wage_at_65", "65岁时社平工资"),  # of the province at 60, the same in all scenarios
    Term("reference_wage_at_70", "70岁时社平工资"),
    Term(
        "last_earnings", "末期收入"
    ),  # mean of last 12 months with earnings, revalued to age 65; 0 if left out
    Term("pension_with_last_earnings", "有末期收入者的养老金"),  # pension_at_65 of those not left out
    Term("has_last_earnings", "有末期收入"),  # six or more months with earnings in the ten years before 65
    Term("last_net_earnings", "末期净收入"),  # less own pension contributions in the same months
    Term("last_decade_earnings", "末十年收入"),  # mean over months with earnings between 55 and 65, revalued
    Term("pension_with_last_decade", "有末十年收入者的养老金"),
    Term("lifetime_earnings", "终身收入"),  # mean over all months with earnings, revalued to age 65
    Term("pension_with_lifetime_earnings", "有终身收入者的养老金"),
    Term("record_months", "职工养老保险缴费月数"),  # credits, pay-on and one-off months included
    Term("employee_months", "单位参保月数"),
    Term("flexible_months", "灵活就业参保月数"),
    Term("resident_months", "居民养老保险月数"),
    Term("credit_months", "照料记账月数"),
    Term(
        "child_credit_months", "育儿记账月数"
    ),  # months with a credit for a child, on top of own base or alone
    Term("working_age_months", "劳动年龄月数"),  # from the end of schooling to the 60th birthday
    Term("covered_as_employee", "劳动年龄内单位参保月数"),
    Term("covered_as_flexible", "劳动年龄内灵活参保月数"),
    Term("covered_resident", "劳动年龄内居民参保月数"),
    Term("covered_none", "劳动年龄内未参保月数"),
    Term("due_months", "首次参保至领取月数"),
    Term("gap_months", "断缴月数"),
    Term("minimum_reached", "达到最低缴费年限"),
    Term("near_minimum", "距最低年限两年内"),
    Term("without_pension", "没有养老金"),
    Term("below_dibao", "低于低保标准"),
    Term("below_rural_poverty_line", "低于农村贫困线"),
    Term("below_c102", "低于C102标准"),
    Term("flexible_earnings", "灵活参保月份收入"),
    Term("flexible_paid_by_worker", "灵活参保月份个人缴费"),
    Term("flexible_floor_months", "按下限缴费月数"),
    Term("flexible_base_ratio_sum", "灵活参保缴费指数之和"),
    Term("present_value_paid_by_worker", "个人缴费现值"),
    Term("present_value_paid_by_employer", "单位缴费现值"),
    Term("present_value_paid_by_platform", "平台缴费现值"),
    Term("present_value_paid_by_consumer", "消费者缴费现值"),
    Term("present_value_paid_by_government", "政府缴费现值"),
    Term("present_value_pensions", "养老金现值"),
    Term("present_value_employee_pensions", "职工养老金现值"),
    Term("present_value_death_benefits", "遗属待遇现值"),
    Term("present_value_refunds", "退款现值"),  # accounts of people who end without a pension
    Term("present_value_pool_receipts", "统筹基金收入现值"),
    Term("present_value_pool_payments", "统筹基金支出现值"),
    Term("present_value_levy_less_relief", "平台缴费与减收之差现值"),
    Term("earnings_sum", "终身收入总额现值"),
    Term("account_at_claim", "领取时个人账户储存额"),
    Term("claim_age_months", "领取年龄(月)"),
    Term("average_index", "平均缴费工资指数"),
    Term("floor_pension_at_65", "65岁时普惠或最低养老金"),  # in pension_at_65; the government pays it
    Term("present_value_floor_pensions", "普惠和最低养老金现值"),  # in present_value_pensions
    Term("real_pension_at_70", "70岁时月养老金(2025年价格)"),
    Term("reference_wage_at_claim", "领取时社平工资"),  # of those who claim, of the province at 60
    Term("below_dibao_couple", "夫妻低于低保标准"),  # with a partner who draws the basic resident pension
    Term("below_international_line", "低于国际贫困线"),
    Term("without_contributions", "无任何缴费"),
    *(Term(f"paid_at_rate_{k}", f"缴费现值(利率{r:.0%})") for k, r in enumerate(RETURN_RATES, 1)),
    *(Term(f"received_at_rate_{k}", f"待遇现值(利率{r:.0%})") for k, r in enumerate(RETURN_RATES, 1)),
    *(Term(f"months_{reason.name}", f"未参加职工养老保险月数: {reason.name_zh}") for reason in REASONS),
)
POSITION = {term.name: i for i, term in enumerate(OUTCOMES)}
N_OUTCOMES = len(OUTCOMES)
