"""Indicators of who is covered, how long, at what burden (参保指标), and why months are missing."""

from __future__ import annotations

from collections.abc import Iterable

from simulate.indicator_types import MONTHS, SHARE, Indicator
from simulate.terms import REASONS

_BARRIERS = ("not_enrolled", "access", "knowledge", "procedure")  # reasons of which less is better


def participation() -> Iterable[Indicator]:
    """Who takes part, for how long, and why not (参保与缴费)."""
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
        "formal_cover",
        "Time with a right to join",
        "可参加职工养老保险时间占比",
        SHARE,
        +1,
        "Months of working age in which no rule of place or household registration bars the employee scheme.",
        "从离校到60岁的月数中,未因户籍或参保地规定而被拒于职工养老保险之外的月数所占比例。",
        "working_age_months - months_access",
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
            -1 if reason.name in _BARRIERS else 0,
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
