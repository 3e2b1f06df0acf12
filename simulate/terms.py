"""The coded terms of the model (编码表): what the small integers in its arrays mean.

Each table is a tuple of :class:`Term`; the position is the code. Kernels use the constants below the
tables, people see `name` or `name_zh`. Codes are never reused for another meaning.
"""

from __future__ import annotations

from typing import NamedTuple

FIRST_YEAR = 1990
LAST_YEAR = 2100
N_YEARS = LAST_YEAR - FIRST_YEAR + 1
N_MONTHS = 12 * N_YEARS
PRICE_YEAR = 2025
PRESENT_VALUE_YEAR = 2027
FIRST_BIRTH_YEAR = 1965
LAST_BIRTH_YEAR = 2010
FIRST_WORK_AGE = 16
LAST_CAREER_AGE = 68
LAST_AGE = 120
MEASURING_AGE = 65
FIRST_VALUED_AGE = 20  # from which present values count
# real rates at which flows are valued, so that the rate of return can be found between them
RETURN_RATES = (-0.03, 0.02, 0.07, 0.14, 0.25)
N_CAREER_MONTHS = 12 * (LAST_CAREER_AGE - FIRST_WORK_AGE)
N_PROVINCES = 31
N_AGE_BANDS = 11  # 15-19, 20-24, ..., 65-69


class Term(NamedTuple):
    """A code's English identifier and Chinese name."""

    name: str
    name_zh: str


SEXES = (Term("male", "男"), Term("female", "女"))
HUKOU = (Term("rural", "农业户口"), Term("urban", "非农业户口"))
EDUCATION = (
    Term("junior_or_less", "初中及以下"),
    Term("senior_secondary", "高中"),
    Term("college", "大专及以上"),
)
CATEGORIES = (Term("male", "男职工"), Term("female_55", "女职工55岁线"), Term("female_50", "女职工50岁线"))
FORMS = (
    Term("formal_employee", "正规雇员"),
    Term("platform_employee", "平台企业雇员"),
    Term("platform_flexible", "平台灵活就业人员"),
    Term("other_flexible", "其他灵活就业人员"),
    Term("farming", "务农"),
    Term("unemployed", "失业"),
    Term("caring", "照料家人"),
    Term("inactive", "不在劳动力市场"),
)
OCCUPATIONS = (
    Term("rider", "外卖骑手"),
    Term("courier", "快递员"),
    Term("ride_hailing_driver", "网约车司机"),
    Term("life_services", "生活服务"),
    Term("online_shop", "网店微商"),
    Term("online_culture", "网络文化"),
    Term("online_education", "在线教育"),
    Term("knowledge_skills", "知识技能分享"),
    Term("none", "非平台"),
)
ROUTES = (
    Term("none", "未参保"),
    Term("employee", "以单位职工身份参保"),
    Term("flexible", "以灵活就业人员身份参保"),
    Term("resident", "城乡居民养老保险"),
    Term("credit", "照料记账"),
)
REASONS = (
    Term("covered", "已参加职工养老保险"),
    Term("schooling", "在学"),
    Term("not_enrolled", "单位未参保"),
    Term("access", "户籍限制"),
    Term("knowledge", "不了解政策"),
    Term("procedure", "手续繁琐"),
    Term("present_income", "更看重眼前收入"),
    Term("income", "收入不足"),
    Term("price", "负担过重"),
    Term("minimum_reached", "已满最低缴费年限"),
    Term("no_earnings", "无劳动收入"),
    Term("farming", "务农"),
    Term("claimed", "已领取或已到龄"),
)
PAYERS = (
    Term("worker", "个人"),
    Term("employer", "单位"),
    Term("platform", "平台"),
    Term("consumer", "消费者"),
    Term("government", "政府"),
)
SINKS = (
    Term("account", "个人账户"),
    Term("pool", "统筹基金"),
    Term("resident_account", "居民养老保险个人账户"),
    Term("other", "其他去向"),
)

MALE, FEMALE = 0, 1
RURAL, URBAN = 0, 1
FORMAL_EMPLOYEE, PLATFORM_EMPLOYEE, PLATFORM_FLEXIBLE, OTHER_FLEXIBLE = 0, 1, 2, 3
FARMING, UNEMPLOYED, CARING, INACTIVE = 4, 5, 6, 7
NO_OCCUPATION = 8
ROUTE_NONE, ROUTE_EMPLOYEE, ROUTE_FLEXIBLE, ROUTE_RESIDENT, ROUTE_CREDIT = 0, 1, 2, 3, 4
(
    COVERED,
    SCHOOLING,
    NOT_ENROLLED,
    NO_ACCESS,
    NO_KNOWLEDGE,
    PROCEDURE,
    PRESENT_INCOME,
    INCOME,
    PRICE,
    MINIMUM_REACHED,
    NO_EARNINGS,
    FARMING_REASON,
    CLAIMED,
) = range(13)
WORKER, EMPLOYER, PLATFORM, CONSUMER, GOVERNMENT = 0, 1, 2, 3, 4
ACCOUNT, POOL, RESIDENT_ACCOUNT, OTHER = 0, 1, 2, 3
DESTINATIONS = ("pool", "account", "base", "relief")  # of levies and matches (资金去向)
TO_POOL, TO_ACCOUNT, TO_BASE, AS_RELIEF = 0, 1, 2, 3
AVERAGING = ("period", "month", "order")  # of earnings where the base follows them (收入平均方式)
AVERAGED, BY_MONTH, BY_ORDER = 0, 1, 2
