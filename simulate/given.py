"""Lives and records that are given, not drawn (给定人生): a real person's facts as the engine takes them.

`explain` of a contribution record and the statement of a real person stand on these. Whatever has to do with
rules is the engine's: here months are only laid into its arrays.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulate.assessment import assess, empty_award
from simulate.careers import NO_CHILD, NO_MOVE, Careers, empty_careers
from simulate.contributions import empty_record, settle
from simulate.demography import Demography
from simulate.dues import counted_month
from simulate.kernel import pack
from simulate.limited import minimum_months, person_bits
from simulate.outcomes import N_OUTCOMES
from simulate.participation import (
    CATEGORY_FEMALE_55,
    CATEGORY_MALE,
    CLAIM_EMPLOYEE,
    CLAIM_NONE,
    CLAIM_RESIDENT,
    NEVER,
    Plan,
    empty_plan,
    statutory_month,
)
from simulate.payments import pay
from simulate.population import People
from simulate.run import Case, Course, Lives, prepare
from simulate.terms import (
    CLAIMED,
    COVERED,
    FIRST_WORK_AGE,
    INACTIVE,
    LAST_CAREER_AGE,
    MALE,
    N_CAREER_MONTHS,
    N_MONTHS,
    NO_EARNINGS,
    NO_OCCUPATION,
    ROUTE_NONE,
    ROUTE_RESIDENT,
)

_NEVER_DRAWN = 2.0  # beyond every share


class Given(NamedTuple):
    """Facts about a person that never change (给定的个人情况). `category` is a position in CATEGORIES."""

    birth: int
    sex: int
    hukou_province: int
    hukou: int
    category: int
    deemed_months: int = 0
    has_platform_subsidy: bool = False


class PaidMonth(NamedTuple):
    """A month in the employee scheme (缴费月): month index, province of record, base, route, work."""

    month: int
    province: int
    base: float
    route: int
    form: int
    earnings: float = 0.0
    occupation: int = NO_OCCUPATION


def usual_category(sex: int) -> int:
    """Return the category of a person of whom only the sex is known (退休类别): for women the 55 line.

    Flexible workers retire on it in most provinces; women in workers' posts at 50 have to say so.
    """
    return CATEGORY_MALE if sex == MALE else CATEGORY_FEMALE_55


def first_career_month(birth: int) -> int:
    """Return the month in which a career can begin (职业生涯首月): the 16th birthday or January 1990."""
    return max(0, birth + 12 * FIRST_WORK_AGE)


def given_lives(facts: Given, number: int = 1) -> Lives:
    """Return the same person `number` times, without work until months are laid in (给定人生)."""
    people = People(
        **{name: np.full(number, _NEVER_DRAWN) for name in People._fields if name.endswith("_draw")},
        person=np.arange(number),
        key=np.zeros(number, np.uint64),
        birth=np.full(number, facts.birth),
        sex=np.full(number, facts.sex),
        hukou_province=np.full(number, facts.hukou_province),
        hukou=np.full(number, facts.hukou),
        education=np.zeros(number, np.int64),
        permanent_effect=np.zeros(number),
        deemed_months=np.full(number, facts.deemed_months),
        platform_share=np.ones(number),
    )
    if facts.has_platform_subsidy:
        people.subsidy_draw[:] = -1.0
    careers = empty_careers(number)
    careers.start[:] = first_career_month(facts.birth)
    careers.length[:] = min(
        N_CAREER_MONTHS, facts.birth + 12 * LAST_CAREER_AGE - first_career_month(facts.birth)
    )
    careers.form[:] = INACTIVE
    careers.occupation[:] = NO_OCCUPATION
    careers.province[:] = facts.hukou_province
    careers.child_age[:] = NO_CHILD
    careers.move_draw[:] = NO_MOVE
    return Lives(people, careers, {}, np.ones(people.birth.size))


def given_plan(number: int, facts: Given, case: Case) -> Plan:
    """Return plans without any month and any claim (空的参保安排), statutory month by the law at hand."""
    plan = empty_plan(number)
    policy = prepare(case).policy
    plan.category[:] = facts.category
    plan.statutory[:] = statutory_month(policy, facts.category, facts.birth)
    plan.claim[:], plan.claim_kind[:], plan.settled[:] = NEVER, CLAIM_NONE, NEVER
    plan.route[:], plan.reason[:], plan.record_province[:] = ROUTE_NONE, NO_EARNINGS, -1
    return plan


def lay_month(careers: Careers, plan: Plan, i: int, policy, paid: PaidMonth) -> None:
    """Write one month of the employee scheme into career and plan (登记缴费月)."""
    c = paid.month - int(careers.start[i])
    careers.form[i, c], careers.occupation[i, c] = paid.form, paid.occupation
    careers.province[i, c], careers.earnings[i, c] = paid.province, paid.earnings
    plan.route[i, c], plan.reason[i, c], plan.record_province[i, c] = paid.route, COVERED, paid.province
    plan.base[i, c] = paid.base
    plan.month_credit[i, c] = counted_month(policy, paid.route, paid.province, paid.month, paid.base)


def lay_resident_year(
    careers: Careers, plan: Plan, i: int, months: range, tier: float, subsidy: float
) -> None:
    """Write a year of the resident scheme, or the part of it that counts, into the plan (登记居民缴费年)."""
    start = int(careers.start[i])
    slot = months.start // 12 - start // 12
    plan.resident_tier[i, slot] += tier
    plan.resident_subsidy[i, slot] += subsidy
    plan.resident_months[i] += len(months)
    for m in months:
        if plan.route[i, m - start] == ROUTE_NONE:
            plan.route[i, m - start] = ROUTE_RESIDENT


def claim_at(
    careers: Careers,
    plan: Plan,
    i: int,
    facts: Given,
    policy,
    month: int | None = None,
    fills_resident_years: bool = False,
) -> None:
    """Write the claim that a record allows into the plan (确定领取): employee, else resident, else none.

    Months of the resident scheme count towards the minimum where the law lets them.

    Parameters
    ----------
    month : int, optional
        Month of the employee claim; the statutory month without it. Before the statutory month the minimum
        is that of the claim's own year, as for everybody who claims early.
    fills_resident_years : bool
        Missing years of the resident scheme are paid at the claim, at the lowest tier.
    """
    statutory = int(plan.statutory[i])
    month = statutory if month is None else month
    start = int(careers.start[i])
    record = float(plan.month_credit[i, : max(0, month - start)].sum()) + float(plan.one_off_months[i])
    who = person_bits(facts.sex, facts.hukou)
    minimum = float(minimum_months(policy, who, facts.birth, min(month, statutory)))
    counted = float(policy.resident_counted[month // 12]) * float(plan.resident_months[i])
    if record > 0.0 and record + facts.deemed_months + counted >= minimum:
        claim, kind = month, CLAIM_EMPLOYEE
    else:
        claim, kind = _resident_claim(plan, i, facts, policy, record, month, fills_resident_years)
    plan.claim[i], plan.claim_kind[i] = claim, kind
    pension_age = facts.birth + int(policy.resident_pension_age)
    plan.settled[i] = claim if kind != CLAIM_NONE else min(NEVER, max(month, pension_age))
    last = max(0, min(int(careers.length[i]), claim - start))
    plan.route[i, last:], plan.reason[i, last:], plan.record_province[i, last:] = ROUTE_NONE, CLAIMED, -1
    plan.base[i, last:] = plan.credit_base[i, last:] = plan.month_credit[i, last:] = 0.0


def _resident_claim(plan, i, facts, policy, record, month, fills_resident_years) -> tuple[int, int]:
    claim = facts.birth + int(policy.resident_pension_age)
    if record > 0.0:  # the employee claim has to fail first
        claim = max(claim, month)
    if claim >= N_MONTHS:
        return NEVER, CLAIM_NONE
    short = float(policy.resident_minimum_months[claim // 12]) - record - float(plan.resident_months[i])
    if short > 0.0:
        if not (fills_resident_years and policy.resident_back_payment):
            return NEVER, CLAIM_NONE
        plan.back_paid_years[i] = math.ceil(short / 12.0)
        plan.back_paid_tier[i] = policy.resident_tiers[facts.hukou_province, claim // 12, 0]
    return claim, CLAIM_RESIDENT


def stated_beside_laid(
    lives: Lives, plan: Plan, case: Case, demography: Demography, today: int, stated: tuple
) -> tuple[float, float]:
    """Return what stated balances exceed those that the months before today give (余额差额). [yuan, yuan]

    Parameters
    ----------
    stated : tuple of float or None
        Balance of the employee and of the resident account today; None: as the months give it.
    """
    careers = lives.careers._replace(length=np.full(len(lives.careers.start), today - lives.careers.start[0]))
    plan = plan._replace(
        claim=np.full(len(plan.claim), NEVER),
        claim_kind=np.full(len(plan.claim), CLAIM_NONE),
        settled=np.full(len(plan.claim), NEVER),
    )
    record = follow_plan(lives._replace(careers=careers), plan, case, demography).record
    laid = (float(record.account[0]), float(record.resident_account[0]))
    return tuple(0.0 if told is None else told - own for told, own in zip(stated, laid, strict=True))


def follow_plan(
    lives: Lives, plan: Plan, case: Case, demography: Demography, more_at_claim: np.ndarray | None = None
) -> Course:
    """Return what follows from plans that are given (给定安排的推演): contributions, award, payment.

    Parameters
    ----------
    more_at_claim : ndarray, float64 (person,), optional
        What a stated balance, grown to the claim, exceeds that of the months laid in. [yuan]
    """
    case, demography = prepare(case), pack(demography)
    people, careers, *_ = lives
    number = people.person.size
    record, award = empty_record(number), empty_award(number)
    outcomes = np.empty((N_OUTCOMES, number))
    settle(people, careers, case.policy, case.behaviour, plan, record)
    if more_at_claim is not None:
        record.account[:] += more_at_claim
    assess(people, careers, case.policy, plan, record, award)
    pay(people, careers, case.policy, case.behaviour, demography, plan, record, award, outcomes)
    return Course(plan, record, award, outcomes)
