"""Whom a scenario reaches (情景触及谁), so that nobody's course is followed twice to the same end.

A course depends on what it reads of policy and behaviour, and the baseline's course tells what that is: who
never works for a platform reads no rate of a levy. READS says of a field at which stage it is first read and
in which months of a life; one that it does not name is read by everybody, from the first stage on. Where
fields differ only after the last month in which a person reads them, every number of the course comes out the
same, and the baseline's are taken.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulate import limited
from simulate.kernel import kernel
from simulate.participation import CLAIM_EMPLOYEE, CLAIM_RESIDENT, VALUE_FOR_MONEY
from simulate.terms import N_MONTHS, N_YEARS, PLATFORM_FLEXIBLE, ROUTE_EMPLOYEE, UNEMPLOYED

# Stages of a course; who is not reached has none to go through again.
DECIDE, SETTLE, ASSESS, PAY, NOT_REACHED = range(5)
# Readers: who reads a field, and in which months at the latest.
(
    EVERYBODY,  # always
    ENROLLED,  # months as an employed member
    WEIGHING,  # decisions about the flexible route
    ASKED,  # those that come to its price, and months in it
    ON_PLATFORM,  # months of platform flexible work
    CHILD_CARE,  # births of children whose care is claimed
    PARENT_CARE,
    JOBLESS,
    CREDITED,  # months with a credit on top or alone
    EMPLOYEE_CLAIM,  # the claim of an employee pension
    EMPLOYEE_PENSION,  # always, with an employee pension
    RESIDENT_PENSION,
) = range(12)
N_READERS = 12

# The stage at which fields of policy and behaviour are read, by whom, and which they are. A field of whom is
# said nowhere who reads it is read by everybody, from the first stage on.
READS = (
    (DECIDE, (ENROLLED,), "base_floor base_cap"),
    (DECIDE, (WEIGHING,), "payment_period access_months automatic_enrolment access_practice_share"),
    (DECIDE, (WEIGHING,), "hukou_enrolment_share knowledge_share procedure_share group_enrolment"),
    (DECIDE, (ASKED,), "flexible_base_floor flexible_base_tiers flexible_base_cap flexible_rate"),
    (DECIDE, (ASKED,), "flexible_base_by_earnings base_earnings_share base_allowance bundled_medical"),
    (DECIDE, (ASKED,), "month_credit_pro_rata full_month_base_ratio floor_payer_share"),
    (DECIDE, (ASKED,), "difficulty_share difficulty_months difficulty_extension difficulty_age"),
    (DECIDE, (ASKED,), "match_rate match_cap match_earnings_limit match_youngest match_oldest"),
    (DECIDE, (ASKED,), "match_destination low_earnings_credit_ratio low_earnings_credit_limit"),
    (DECIDE, (ASKED,), "base_averaging late_payment_months account_only match_months others_money_felt"),
    (DECIDE, (ON_PLATFORM,), "worker_relief platform_subsidy_share platform_subsidy_cap_share"),
    (DECIDE, (ON_PLATFORM,), "reclassification platform_levy consumer_levy levy_least_dependence"),
    (DECIDE, (ON_PLATFORM,), "levy_dependent_share levy_dependent_extra levy_destination levy_on_all"),
    (DECIDE, (ON_PLATFORM,), "levy_pass_through"),
    (DECIDE, (CHILD_CARE, PARENT_CARE), "care_credit_ratio care_credit_on_top flexible_base_cap"),
    (DECIDE, (CHILD_CARE, PARENT_CARE), "care_credit_months_only care_credit_not_employed"),
    (DECIDE, (CHILD_CARE,), "care_credit_child_months care_credit_first_birth"),
    (DECIDE, (PARENT_CARE,), "care_credit_parent_months"),
    (DECIDE, (JOBLESS,), "unemployment_credit_ratio unemployment_credit_months"),
    (SETTLE, (ENROLLED,), "employee_rate employer_rate account_rate"),
    (SETTLE, (ASKED, CREDITED), "flexible_account_rate flexible_rate"),
    (SETTLE, (EVERYBODY,), "crediting_rate resident_crediting_rate"),
    (ASSESS, (EMPLOYEE_CLAIM,), "benefit_base indexed_benefit_base accrual_rate indexed_half_weight"),
    (ASSESS, (EMPLOYEE_CLAIM,), "low_index_threshold annuity_divisor"),
    (ASSESS, (EMPLOYEE_PENSION,), "transition_coefficient deemed_index"),
    (ASSESS, (RESIDENT_PENSION,), "resident_basic resident_divisor resident_extra"),
    (ASSESS, (EVERYBODY,), "claim_place_months"),
    (PAY, (EMPLOYEE_PENSION,), "increase_percent increase_flat increase_per_year"),
    (PAY, (EVERYBODY,), "resident_basic universal_ratio minimum_ratio minimum_taper floor_pension_age"),
    (PAY, (EVERYBODY,), "survivor_income survivor_months survivor_floor_months funeral_months"),
    (PAY, (EVERYBODY,), "dibao dibao_take_up_share rural_poverty_line c102_rate c102_years"),
    (PAY, (EVERYBODY,), "international_poverty_line wage_index discount_factor"),
)
# the same of the parameters for limited groups, in the order of `simulate.limited.PARAMETERS`
LIMITED_READS = {
    limited.RATE: (ASKED, CREDITED),
    limited.FLOOR: (ASKED,),
    limited.RELIEF: (ASKED,),
    limited.MATCH: (ASKED,),
    limited.ENROLMENT: (WEIGHING,),
    limited.CREDIT: (CHILD_CARE, PARENT_CARE),
    limited.MINIMUM: (EVERYBODY,),
}
UNREAD = (
    "limited_rows", "limited_months", "limited_bits", "limited_ages", "limited_earnings", "limited_value",
    "earnings_wage",  # lives are drawn before
    "gives_credits",  # follows from the amounts
)  # fmt: skip


def readers_of() -> dict[str, list[tuple[int, int]]]:
    """Return the stages and readers of each field that READS names (字段的读者)."""
    found: dict[str, list[tuple[int, int]]] = {name: [] for name in UNREAD}
    for stage, readers, names in READS:
        for name in names.split():
            found.setdefault(name, []).extend((stage, reader) for reader in readers)
    return found


class Reach(NamedTuple):
    """What a scenario changes for whom (情景的触及范围)."""

    first_month: np.ndarray  # (stage, reader) from which a field that they read differs; N_MONTHS: none
    child_months: int  # up to which age a child counts, under either law


def reach(case, baseline) -> Reach:
    """Return from which month on a prepared scenario differs from the baseline (触及范围)."""
    first = np.full((NOT_REACHED, N_READERS), N_MONTHS)
    parts = ("policy", "decision_policy", "behaviour")
    pairs = [(getattr(case, part), getattr(baseline, part)) for part in parts]
    if VALUE_FOR_MONEY in (case.behaviour.variant, baseline.behaviour.variant):
        first[DECIDE, EVERYBODY] = 0  # the worth of the promise is read at every stage
    known = readers_of()
    for one, other in pairs:
        for name in one.dtype.names if one is not other else ():
            month = first_difference(one[name], other[name])
            for stage, reader in known.get(name, [(DECIDE, EVERYBODY)]):
                first[stage, reader] = min(first[stage, reader], month)
    for one, other in pairs[:2]:
        for which, readers in LIMITED_READS.items():
            month = first_limited_difference(one, other, which)
            for reader in readers:
                first[DECIDE, reader] = min(first[DECIDE, reader], month)
    child_months = max(int(c.policy.care_credit_child_months.max()) for c in (case, baseline))
    return Reach(first, child_months)


def first_difference(one, other) -> int:
    """Return the first month in which values differ (首个差异月份): 0 without time, N_MONTHS if equal.

    >>> first_difference(np.zeros(111), np.r_[np.zeros(37), np.ones(74)])
    444
    """
    apart = np.asarray(one) != np.asarray(other)
    if not apart.any():
        return N_MONTHS
    for axis, size in enumerate(apart.shape):
        if size in (N_MONTHS, N_YEARS):
            others = tuple(k for k in range(apart.ndim) if k != axis)
            return int(np.argmax(apart.any(axis=others))) * (N_MONTHS // size)
    return 0


def first_limited_difference(one, other, which: int) -> int:
    """Return the first month of any row where a parameter for limited groups differs (首个差异月份)."""
    names = (
        "limited_rows",
        "limited_months",
        "limited_bits",
        "limited_ages",
        "limited_earnings",
        "limited_value",
    )
    if all(np.array_equal(one[name][which], other[name][which]) for name in names):
        return N_MONTHS
    months = [policy.limited_months[which, : policy.limited_rows[which], 0] for policy in (one, other)]
    return int(np.concatenate(months).min(initial=N_MONTHS))


@kernel()
def last_reads(people, careers, plan, last):
    """Fill the last month in which each person reads what its readers read (最后读取月份); -1: never.

    Parameters
    ----------
    plan : Plan
        Of the baseline.
    last : ndarray, int64 (reader, person)
        Overwritten. For CHILD_CARE it is the month of the last birth.
    """
    last[:] = -1
    last[EVERYBODY] = N_MONTHS
    for i in range(people.person.size):
        start = careers.start[i]
        last[WEIGHING, i], last[ASKED, i] = plan.weighed[i], plan.asked[i]
        for c in range(careers.length[i]):
            if careers.form[i, c] == PLATFORM_FLEXIBLE:
                last[ON_PLATFORM, i] = start + c
            elif careers.form[i, c] == UNEMPLOYED:
                last[JOBLESS, i] = start + c
            if careers.child_age[i, c] == 0:
                last[CHILD_CARE, i] = start + c
            if careers.parent_care[i, c] > 0:
                last[PARENT_CARE, i] = start + c
            if plan.route[i, c] == ROUTE_EMPLOYEE:
                last[ENROLLED, i] = start + c
            if plan.credit_base[i, c] > 0.0:
                last[CREDITED, i] = start + c
        if plan.claim_kind[i] == CLAIM_EMPLOYEE:
            last[EMPLOYEE_CLAIM, i], last[EMPLOYEE_PENSION, i] = plan.claim[i], N_MONTHS
        elif plan.claim_kind[i] == CLAIM_RESIDENT:
            last[RESIDENT_PENSION, i] = N_MONTHS


@kernel()
def first_stages(last, first_month, child_months, stages):
    """Fill the stage from which on a scenario may change each person's course (起始阶段).

    Parameters
    ----------
    last : ndarray, int64 (reader, person)
    first_month : ndarray, int64 (stage, reader)
    child_months : int
    stages : ndarray, int64 (person,)
        Overwritten.
    """
    for i in range(stages.size):
        stages[i] = NOT_REACHED
        for stage in range(NOT_REACHED - 1, -1, -1):
            for reader in range(last.shape[0]):
                month = last[reader, i]
                if reader == CHILD_CARE and month >= 0:
                    month += child_months
                if month >= first_month[stage, reader] and first_month[stage, reader] < N_MONTHS:
                    stages[i] = stage
