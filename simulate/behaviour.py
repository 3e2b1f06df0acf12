"""Fitted behaviour (行为参数) as arrays: what the kernels know of what people do.

The numbers come from a fitted set (``calibration/fitted``) and are handed in; nothing is read here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

VARIANTS = ("static", "threshold", "value_for_money")


class Behaviour(NamedTuple):
    """Everything fitted or assumed about careers and participation (行为参数).

    Dimensions: hukou 2, sex 2, education 3, age_band 11 (15-19 ... 65-69), form 8, occupation 9 (the last:
    none), province 31, year 111 (1990-2100), quantile 21 (0, 0.05, ..., 1). Hazards are monthly
    probabilities, shares fractions, `…_effect` differences of logs.
    """

    # careers
    form_share: np.ndarray  # (hukou, sex, education, age_band, form) with platform work at its 2026 level
    exit_hazard: np.ndarray  # (form,) of ending the present spell, within-form job changes included
    occupation_exit_factor: np.ndarray  # (2 platform forms, occupation 8) on exit_hazard
    duration_factor: np.ndarray  # (3,) on exit_hazard: under 12, 12 to 35, 36 and more months in the spell
    employee_attachment: float  # share of employees' posts held by the same people throughout; 0: by chance
    school_leaving_age_months: np.ndarray  # (education,)
    occupation_share: np.ndarray  # (2 platform forms, sex, education, occupation 8)
    education_share: np.ndarray  # (hukou, sex, birth decade 5: 1965-69, 70s, 80s, 90s, 2000-10; education)
    # earnings relative to the reference wage of the province of work
    form_earnings_ratio: np.ndarray  # (form,) 0 where the form has no labour earnings
    occupation_earnings_effect: np.ndarray  # (occupation,)
    age_earnings_effect: np.ndarray  # (sex, age 16..70 -> 55)
    education_earnings_effect: np.ndarray  # (education,)
    sex_earnings_effect: np.ndarray  # (sex,)
    permanent_sd: float  # of the permanent log effect
    persistence: float  # yearly AR(1) coefficient of the persistent shock
    persistent_sd: float  # of its yearly innovation
    monthly_volatility: np.ndarray  # (form,) sd of the monthly log shock
    occupation_volatility: np.ndarray  # (occupation,) sd, replaces the form's in platform forms
    platform_share_range: (
        np.ndarray
    )  # (2,) lowest, highest share of a platform worker's earnings from platforms
    # place
    away_share_at_entry: np.ndarray  # (hukou,) outside the hukou province when work starts
    move_out_hazard: np.ndarray  # (hukou, age_band)
    return_hazard: np.ndarray  # (age_band,)
    destination_cdf: np.ndarray  # (hukou province, work province) cumulated
    # care
    child_leave_share: np.ndarray  # (sex,) of births after which this parent starts a caring spell
    child_return_hazard: np.ndarray  # (sex,) of ending it while the child is under three
    child_claimant_share: np.ndarray  # (sex,) of own children whose care this parent is the one to claim
    parent_care_hazard: np.ndarray  # (sex, age_band) onset of being the main carer of a parent
    parent_care_end_hazard: float
    parent_leave_share: np.ndarray  # (sex,) of these episodes in which work stops
    # participation: employers
    compliance_share: np.ndarray  # (2 employee forms, year) of jobs that are enrolled
    employer_persistence: float  # share of jobs whose enrolment follows the person's usual employers
    occupation_compliance_factor: np.ndarray  # (occupation,) on compliance_share
    away_compliance_factor: float  # on compliance_share outside the hukou province
    floor_declaration_share: np.ndarray  # (2 employee forms,) of enrolled jobs declared at the floor
    # participation: voluntary routes
    access_practice_share: np.ndarray  # (year,) of non-locals admitted where the law admits them
    hukou_enrolment_share: float  # of those not admitted, who pay at the hukou place instead
    knowledge_share: np.ndarray  # (occupation,) who know the flexible route; the last: other flexible
    procedure_share: float  # who are not deterred by the procedure
    join_age: np.ndarray  # (quantile,) age in years from which a person thinks of a pension
    subsistence_ratio: float  # earnings over the period below this multiple of the reference wage: cannot pay
    willingness: np.ndarray  # (3: platform_employee, platform_flexible, other; quantile) share of earnings
    willingness_factor: float  # acted over stated willingness
    price_exponent: float  # 1: plain threshold; less: take-up answers less to price (see METHOD)
    reference_price_ratio: float  # price at the time of the survey over the reference wage
    floor_payer_share: float
    stop_at_minimum_share: float
    pay_on_share: float  # base probability of paying on when short of the minimum
    pay_on_gap_limit_months: float  # at this gap the probability is 0
    early_claim_share: float
    late_claim_share: float  # of employees
    women_50_line_share: np.ndarray  # (2: last post as employee, as flexible worker)
    difficulty_take_up_share: float  # of the public subsidy for people with employment difficulties
    platform_subsidy_coverage: np.ndarray  # (occupation,) work for a firm with a subsidy programme
    care_credit_take_up_share: float
    lost_record_share: float  # of interprovincial moves after which the record left behind is lost
    resident_knowledge_share: float
    resident_join_age: np.ndarray  # (quantile,) age in years
    resident_willingness_factor: float  # share of resources given to the resident scheme over willingness
    resident_floor_payer_share: np.ndarray  # (occupation,)
    household_resource_ratio: (
        float  # yearly resources of people without earnings over the yearly reference wage
    )
    resident_back_payment_share: float  # who fill missing years at pension age
    dibao_take_up_share: float
    deemed_share: float  # urban people in state or collective posts before 1990
    discount_rate_range: np.ndarray  # (2,) real yearly rates for the value-for-money variant
    variant: int  # position in VARIANTS
    # survival
    mortality_gradient: float  # fall of log mortality with the permanent log-earnings effect; 0: none
    # grouping
    earnings_quintile_cuts: (
        np.ndarray
    )  # (4,) of mean earnings over the reference wage, in months with earnings
