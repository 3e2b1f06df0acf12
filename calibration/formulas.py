"""How each field of Behaviour follows from tables and assumptions (参数公式): the first fitted set.

A formula is a function of the assumptions and has the name of its field; tables are read by name.
``fields.yaml`` tells for each which tables and rows it uses. A field without a formula is the
assumption of its name.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from calibration.aggregates import YEARS, national_wage, people_by_age, residents_away, survey
from calibration.tables import cell, read_table
from simulate.terms import FIRST_YEAR, N_AGE_BANDS, N_YEARS

QUANTILES = np.linspace(0, 1, 21)
BANDS = [f"{age}-{age + 4}" for age in range(15, 70, 5)]
BAND_MIDDLES = np.arange(17.5, 70, 5)
WORK_AGES = np.arange(16, 71)
FORM_ASSUMPTIONS = (
    "rural_education_share",
    "urban_education_share",
    "school_leaving_age_years",
    "rural_hukou_share",
    "participation_ratio_65_69",
    "participation_correction",
    "old_unemployment_rate",
    "rural_unemployment_ratio",
    "caring_share_of_nonparticipants",
    "farming_age_odds",
    "farming_education_odds",
    "farming_women_odds",
    "flexible_workers_10k",
    "platform_employee_share",
    "survey_age_weight",
    "old_age_survey_split",
    "formal_age_odds",
    "formal_education_odds",
    "formal_rural_odds",
    "platform_rural_odds",
    "platform_education_odds",
)
# the survey's rows of Fig. 16 in the order of terms.OCCUPATIONS, any basic pension
ANY_PENSION_ROWS = ("P072", "P069", "P060", "P066", "P063", "P054", "P051", "P057")


# --- people and forms ----------------------------------------------------------------------------------


def education_share(a):
    share = np.array([a["rural_education_share"], a["urban_education_share"]], dtype=float)
    return share / share.sum(axis=-1, keepdims=True)


def _hukou_share(a) -> np.ndarray:
    return np.array([a["rural_hukou_share"], 1 - a["rural_hukou_share"]])


def people_2025(a) -> np.ndarray:
    """Return people out of school by hukou, sex, education, age band in 2025 (离校人口). [10k persons]"""
    ages = np.arange(15, 70)
    decade = np.clip((2025 - ages - 1960) // 10, 0, 4)
    left_school = ages[:, None] + 0.5 >= np.array(a["school_leaving_age_years"])[None, :]
    education = education_share(a)[:, :, decade, :] * left_school  # (hukou, sex, age, education)
    people = _hukou_share(a)[:, None, None, None] * people_by_age()[None, :, :, None] * education
    return people.reshape(2, 2, N_AGE_BANDS, 5, 3).sum(axis=3).transpose(0, 1, 3, 2)


def _participation(a) -> np.ndarray:
    """Participation after school (hukou, sex, age band)."""
    table, modelled = read_table("participation_by_age_sex"), read_table("modelled_labour_indicators")
    people = people_by_age().reshape(2, N_AGE_BANDS, 5).sum(axis=2)
    nation = np.zeros((2, N_AGE_BANDS))
    for i, sex in enumerate(("male", "female")):
        old = dict(
            zip(
                [g for s, g in zip(table["sex"], table["age_group"], strict=True) if s == sex],
                [
                    p / 100
                    for s, p in zip(table["sex"], table["participation_rate_pct"], strict=True)
                    if s == sex
                ],
                strict=True,
            )
        )
        new = {
            g: v / 100
            for n, s, g, y, v in zip(*(modelled[c] for c in modelled if c != "confidence"), strict=True)
            if n == "lfpr" and s == sex and y == 2025
        }
        nation[i] = [old.get(band, 0.0) for band in BANDS]
        prime = slice(2, 8)  # 25-54
        nation[i] *= new["25-54"] / np.average(nation[i, prime], weights=people[i, prime])
        nation[i, :2] = nation[i, 2]  # who has left school takes part like people of 25-29
        nation[i, 10] = min(new["65+"] * a["participation_ratio_65_69"], nation[i, 9])
    working = _urban_working_share()
    urban = np.minimum(working / (1 - _urban_unemployment(a)), 0.98)
    share = _hukou_share(a)
    rural = np.clip((nation - share[1] * urban) / share[0], urban, 0.97)
    return np.minimum(np.stack([rural, urban]) * np.array(a["participation_correction"])[:, None], 1.0)


def _urban_working_share() -> np.ndarray:
    table = read_table("urban_state_2017")
    working = np.zeros((2, N_AGE_BANDS))
    for i, sex in enumerate(("male", "female")):
        by_group = {
            g: n + f
            for s, g, n, f in zip(
                table["sex"], table["age_group"], table["nonfarm_work"], table["farming"], strict=True
            )
            if s == sex
        }
        working[i] = [by_group.get(band, by_group["25-29"]) for band in BANDS]
    return working


def _urban_unemployment(a) -> np.ndarray:
    """Mean of the monthly rates by age band (age band,)."""
    table = read_table("urban_unemployment_by_age")
    group = np.array(table["age_group_excl_students"])
    rate = {
        g: table["surveyed_unemployment_rate_pct"][group == g].mean() / 100
        for g in ("16-24", "25-29", "30-59")
    }
    return np.array(
        [rate["16-24"]] * 2 + [rate["25-29"]] + [rate["30-59"]] * 6 + [a["old_unemployment_rate"]] * 2
    )


def _survey_ages(first_row: int, a) -> np.ndarray:
    """Age distribution of a group of Fig. 1 over the eleven bands."""
    eight = np.array([survey(f"D{row:03d}") for row in range(first_row, first_row + 8)])
    return np.concatenate([eight[:7], eight[7] * np.array(a["old_age_survey_split"])]) / eight.sum()


def form_share(a):
    return _form_share(_frozen(a))


def _frozen(a) -> tuple:
    return tuple((name, _tuple(a[name])) for name in FORM_ASSUMPTIONS)


def _tuple(value):
    return tuple(_tuple(v) for v in value) if isinstance(value, (list, tuple)) else value


@functools.lru_cache(maxsize=32)
def _form_share(frozen: tuple) -> np.ndarray:
    a = dict(frozen)
    people, participation = people_2025(a), _participation(a)
    unemployment = np.array([a["rural_unemployment_ratio"], 1.0])[:, None] * _urban_unemployment(a)[None, :]
    unemployment = unemployment[:, None, None, :]
    participation = participation[:, :, None, :] * np.ones((1, 1, 3, 1))
    employed = participation * (1 - unemployment)

    odds = (
        np.array(a["farming_age_odds"])[None, None, :]
        * np.array(a["farming_education_odds"])[None, :, None]
        * np.array([1.0, a["farming_women_odds"]])[:, None, None]
    )
    agriculture = cell(
        "modelled_labour_indicators", "value_pct", indicator="agriculture_share_of_employment", year=2020
    )
    wanted = agriculture / 100 * (people * employed).sum()

    def farmers(level):
        return employed[0] * (x := np.exp(level) * odds) / (1 + x)

    level = brentq(lambda c: (people[0] * farmers(c)).sum() - wanted, -20, 20)
    farming = np.stack([farmers(level), np.zeros_like(odds)])

    nonfarm = employed - farming
    number = people * nonfarm
    platform = cell("contribution_continuity", "value", indicator="new_form_workers", year=2022)
    totals = np.array(
        [
            0.0,
            platform * a["platform_employee_share"],
            platform * (1 - a["platform_employee_share"]),
            a["flexible_workers_10k"] - platform * (1 - a["platform_employee_share"]),
        ]
    )
    totals[0] = number.sum() - totals.sum()
    seed = np.ones((4, *number.shape))
    ages = number.sum(axis=(0, 1, 2)) / number.sum()
    men = number[:, 0].sum() / number.sum()
    for form, first_row, sex_rows in ((1, 16, "D043 D044"), (2, 24, "D045 D046"), (3, 32, "D047 D048")):
        seed[form] *= (_survey_ages(first_row, a) / ages) ** a["survey_age_weight"]
        by_sex = np.array([survey(row) for row in sex_rows.split()]) / np.array([men, 1 - men])
        seed[form] *= by_sex[None, :, None, None]
    seed[0] *= (
        np.array(a["formal_age_odds"])[None, :, None, :] * np.array(a["formal_education_odds"])[:, None]
    )
    seed[0, 0] *= a["formal_rural_odds"]
    seed[1:3, 0] *= a["platform_rural_odds"]
    seed[1:3] *= np.array(a["platform_education_odds"])[:, None, None, :, None]
    work = seed
    for _ in range(200):  # raking: forms to their totals, then cells to their employment
        work = work / work.sum(axis=0)
        work = work * (totals / (work * number).sum(axis=(1, 2, 3, 4)))[:, None, None, None, None]
    work = work / work.sum(axis=0)

    share = np.zeros((*number.shape, 8))
    share[..., :4] = np.moveaxis(work * nonfarm, 0, -1)
    share[..., 4] = farming
    share[..., 5] = participation * unemployment
    caring = np.array(a["caring_share_of_nonparticipants"])[:, (np.arange(N_AGE_BANDS) >= 8).astype(int)]
    share[..., 6] = (1 - participation) * caring[None, :, None, :]
    share[..., 7] = (1 - participation) * (1 - caring[None, :, None, :])
    return share / share.sum(axis=-1, keepdims=True)


def exit_hazard(a):
    stay = cell("wage_employment_persistence", "annualised_stay_rate", wave1=2011, wave2=2015)
    years = cell("job_duration", "value", indicator="mean_duration_per_job_entered_market_2000")
    gap = cell("job_duration", "value", indicator="mean_gap_between_jobs_completed")
    marginal = _occupation_marginals(a)
    riders = marginal[:2].sum() / marginal.sum()
    employee, flexible = ([riders, 1 - riders] @ _platform_hazards()).tolist()
    return np.array(
        [
            -np.log(stay) / 12,
            employee,
            flexible,
            1 / (12 * years),
            a["farming_exit_hazard"],
            1 - np.exp(-1 / (12 * gap)),
            a["caring_exit_hazard"],
            a["inactive_exit_hazard"],
        ]
    )


def _platform_hazards() -> np.ndarray:
    """Monthly hazards of riders and couriers, and of the other occupations, by platform form."""
    crowd = cell("rider_numbers_income_turnover", "value", indicator="crowd_rider_mean_tenure")
    tenured = cell("rider_press_survey_2020", "value_pct", variable="tenure") / 100
    riders = [-np.log(tenured) / 24, 1 / (12 * crowd)]
    others = [-np.log(1 - survey(row)) / 24 for row in ("E031", "E036")]
    return np.array([riders, others])


def occupation_exit_factor(a):
    riders, others = _platform_hazards() / exit_hazard(a)[1:3]
    full = np.stack([riders, riders, *[others] * 6], axis=1)
    return 1 + a["occupation_exit_spread"] * (full - 1)


def _occupation_marginals(a) -> np.ndarray:
    """Share of the sample by platform occupation, order of OCCUPATIONS."""
    driver, courier, education = (x / 100 for x in a["occupation_gaps"])
    return np.array(
        [
            survey("O003"),
            courier,
            driver,
            survey("O001"),
            survey("O002"),
            survey("O005"),
            education,
            survey("O004"),
        ]
    )


def school_leaving_age_months(a):
    return 12.0 * np.array(a["school_leaving_age_years"])


def occupation_share(a):
    women, flexible = np.array(a["occupation_women_share"]), np.array(a["occupation_flexible_share"])
    by_form, by_sex = np.stack([1 - flexible, flexible]), np.stack([1 - women, women])
    education = np.array(a["occupation_education_share"]).T
    share = (
        _occupation_marginals(a)
        * by_form[:, None, None, :]
        * by_sex[None, :, None, :]
        * education[None, None, :, :]
    )
    return share / share.sum(axis=-1, keepdims=True)


# --- earnings ------------------------------------------------------------------------------------------


def _life_people(a) -> np.ndarray:
    """The mix of all simulated lives: people born 1965-2010 (hukou, sex, education)."""
    people = people_by_age()[:, : 2025 - 1965 - 14]  # ages 15-60 in 2025: born 1965-2010
    decade = np.clip((2025 - np.arange(15, 61) - 1960) // 10, 0, 4)
    education = education_share(a)[:, :, decade, :]
    return np.einsum("h,sa,hsae->hse", _hukou_share(a), people, education)


def mean_earnings(a) -> np.ndarray:
    """Return mean earnings over the average wage by form (平均劳动收入比)."""
    formal, employee, flexible, farming = a["mean_earnings_ratio"]
    migrants = cell("migrant_monthly_income", "mean_monthly_income_yuan", year=2024)
    return np.array([formal, employee, flexible, migrants / national_wage(2024), farming, 0.0, 0.0, 0.0])


def _log_effects(a) -> np.ndarray:
    """Sex, education and age effects (sex, education, age band)."""
    age = age_earnings_effect(a)[:, np.round(BAND_MIDDLES).astype(int) - 16]
    return (
        sex_earnings_effect(a)[:, None, None] + education_earnings_effect(a)[None, :, None] + age[:, None, :]
    )


def _form_moments(a) -> tuple[np.ndarray, np.ndarray]:
    """Mean of exp(effects) and variance of the effects by form over all simulated lives."""
    weight = _life_people(a)[..., None, None] * form_share(a)  # (hukou, sex, education, age band, form)
    effects = _log_effects(a)
    mean, variance = np.zeros(8), np.zeros(8)
    for form in range(8):
        w = weight[..., form].sum(axis=0)
        level = effects
        occupation = 1.0
        if form in (1, 2):
            occupation = (occupation_share(a)[form - 1] * np.exp(a["occupation_earnings_effect"][:8])).sum(
                axis=-1
            )
            level = effects + np.log(occupation)[..., None]
        mean[form] = np.average(np.exp(level), weights=w)
        variance[form] = np.average((level - np.average(level, weights=w)) ** 2, weights=w)
    return mean, variance


def _latent_variance(a) -> float:
    return permanent_sd(a) ** 2 + persistent_sd(a) ** 2 / (1 - persistence(a) ** 2)


def form_earnings_ratio(a):
    mean, _ = _form_moments(a)
    return mean_earnings(a) / (mean * np.exp(_latent_variance(a) / 2))


def age_earnings_effect(a):
    x = np.maximum(WORK_AGES - 18, 0)
    sample = "CGSS 2017 urban non-farm workers 20-59, province effects"
    rows = []
    for sex in ("male", "female"):
        b1, b2 = (
            cell("mincer_regressions", "estimate", sample=sample, sex=sex, term=term)
            for term in ("potential_experience", "potential_experience_squared")
        )
        rows.append(a["age_profile_factor"] * (b1 * x + b2 * x**2))
    return np.array(rows)


def education_earnings_effect(a):
    sample = "CGSS 2017 urban non-farm workers 20-59, province effects"
    rate = np.mean(
        [
            cell("mincer_regressions", "estimate", sample=sample, sex=sex, term="years_of_schooling")
            for sex in ("male", "female")
        ]
    )
    return rate * np.array([0.0, 3.0, 6.5])


def sex_earnings_effect(a):
    levels = ("junior_secondary_or_less", "senior_secondary", "college_3yr", "university+")
    pick = functools.partial(cell, "urban_income_2016", age_group="25-59")
    gaps = [
        pick(column="mean_log", sex="female", education=level)
        - pick(column="mean_log", sex="male", education=level)
        for level in levels
    ]
    weights = [pick(column="n", sex="female", education=level) for level in levels]
    return np.array([0.0, np.average(gaps, weights=weights)])


def _persistent_variance(a) -> float:
    """Persistent variance of log earnings left after education and sex."""
    everything = cell(
        "earnings_process",
        "var_persistent_stationary",
        sample="wage >= 25% of wave median",
        waves="2004-2015",
    )
    people = _life_people(a)
    effects = np.broadcast_to(
        sex_earnings_effect(a)[None, :, None] + education_earnings_effect(a)[None, None, :], people.shape
    )
    mean = np.average(effects, weights=people)
    return everything - np.average((effects - mean) ** 2, weights=people)


def permanent_sd(a):
    return float(np.sqrt(a["permanent_share"] * _persistent_variance(a)))


def persistence(a):
    return cell("earnings_process", "rho_annual", sample="wage >= 25% of wave median", waves="2004-2015")


def persistent_sd(a):
    variance = (1 - a["permanent_share"]) * _persistent_variance(a)
    return float(np.sqrt(variance * (1 - persistence(a) ** 2)))


def platform_share_range(a):
    return np.array([1 - 0.1 / survey("O027"), 1.0])


# --- place ---------------------------------------------------------------------------------------------


def return_hazard(a):
    yearly = cell("return_and_age_facts", "value", indicator="implied_average_annual_return_hazard") / 100
    return yearly / 12 * np.array(a["return_age_factor"])


def move_out_hazard(a):
    away = np.array(a["away_share_by_age"])
    rural = return_hazard(a) * away / (1 - away)
    return np.stack([rural, a["urban_move_ratio"] * rural])


def destination_cdf(a):
    away = residents_away()
    cdf = np.cumsum(away / away.sum(axis=1, keepdims=True), axis=1)
    cdf[:, -1] = 1.0
    return np.minimum(cdf, 1.0)


# --- care ----------------------------------------------------------------------------------------------


def child_leave_share(a):
    fall = -cell(
        "motherhood_effects",
        "value",
        effect="employment probability, married women 18-55, co-resident child aged 1-5",
    )
    mother = fall / 100 * np.exp(24 * a["child_return_hazard"][1])
    return np.minimum(np.array([mother / survey("L055") ** 2, mother]), 1.0)


def child_claimant_share(a):
    ratio = survey("L055")
    return np.array([1, ratio]) / (1 + ratio)


def parent_care_hazard(a):
    women = np.array(a["parent_care_hazard_women"])
    return np.stack([women / survey("L055"), women])


def parent_care_end_hazard(a):
    return 1 / a["parent_care_mean_months"]


# --- participation: employers --------------------------------------------------------------------------


def compliance_share(a):
    table = read_table("employee_scheme_national")
    known = ~np.isnan(table["insured_workers_10k"])
    insured = np.interp(YEARS, table["year"][known], table["insured_workers_10k"][known])
    ratio = np.minimum(insured / insured[2020 - FIRST_YEAR], 1.0) ** a["compliance_history_exponent"]
    formal = a["formal_compliance_share"] * ratio
    share = np.stack([formal, np.full(N_YEARS, a["platform_compliance_level"] * survey("P001"))])
    share[:, YEARS >= 2026] += a["compliance_break"]
    return np.clip(share, 0.0, 1.0)


# --- participation: voluntary routes -------------------------------------------------------------------


def occupation_compliance_factor(a):
    return np.append(np.array(a["occupation_coverage_factor"], dtype=float), 1.0)


def access_practice_share(a):
    return np.interp(YEARS, [2021, 2026], [a["access_practice_2021"], a["access_practice_2026"]])


def hukou_enrolment_share(a):
    at_hukou, at_work = survey("E005") * survey("E021"), survey("E004") * survey("E018")
    r, access = at_hukou / (at_hukou + at_work), a["access_practice_2021"]
    return min(r * access / ((1 - r) * (1 - access)), 1.0)


def knowledge_share(a):
    factor = np.append(np.array(a["occupation_coverage_factor"], dtype=float), 1.0)
    return np.minimum(_stated_knowledge() * factor, 1.0)


def _stated_knowledge() -> np.ndarray:
    """Share who know the flexible route by the survey alone (occupation,)."""
    without = np.array([1 - survey(row) for row in ANY_PENSION_ROWS])
    return np.append(1 - survey("R025") * without, 1 - survey("R035") * survey("P039"))


def group_sizes() -> tuple[float, float]:
    """Return the implied respondents in platform flexible and other flexible work (调查样本量)."""
    return survey("D014"), survey("D015")


def procedure_share(a):
    return float(
        np.average(
            [1 - survey("R023") * survey("P036"), 1 - survey("R033") * survey("P039")], weights=group_sizes()
        )
    )


def join_age(a):
    share = [0, 1 - survey("C077"), 1 - survey("C080"), 1 - survey("C081")]
    return np.interp(QUANTILES, share, [a["join_age_first"], 27.5, 40.0, 50.0])


def _earnings_law(a, form: int) -> tuple[float, float]:
    """Mean and log variance of monthly earnings over W in a flexible form."""
    _, effects = _form_moments(a)
    variance = _latent_variance(a) + effects[form] + a["monthly_volatility"][form] ** 2
    return mean_earnings(a)[form], variance


def subsistence_ratio(a):
    level = []
    for form, reason, without in ((2, "R024", "P036"), (3, "R034", "P039")):
        mean, variance = _earnings_law(a, form)
        z = ndtri(survey(reason) * survey(without))
        level.append(mean * np.exp(-variance / 2 + np.sqrt(variance) * z))
    return float(np.average(level, weights=group_sizes()))


def _stated_willingness(first_row: int, a) -> np.ndarray:
    """Quantiles of the share of earnings people would pay (Fig. 26), straight lines inside the bands."""
    bands = np.array([survey(f"C{row:03d}") for row in range(first_row, first_row + 4)])
    cumulated = np.concatenate([[0], np.cumsum(bands) / bands.sum()])
    return np.interp(QUANTILES, cumulated, [a["willingness_lowest"], 0.05, 0.10, 0.20, 0.30])


class _Gates(NamedTuple):
    """What the survey's population of a form meets besides the price (其他条件)."""

    earnings: np.ndarray  # equally likely values over the reference wage
    affordable: np.ndarray
    passed: float  # share passing access, knowledge, procedure and present income


def _gates(a, form: int) -> _Gates:
    mean, variance = _earnings_law(a, form)
    z = ndtri((np.arange(400) + 0.5) / 400)
    earnings = mean * np.exp(-variance / 2 + np.sqrt(variance) * z)
    ages = _survey_ages({1: 16, 2: 24, 3: 32}[form], a)
    patience = ages @ np.interp(BAND_MIDDLES, join_age(a), QUANTILES, left=0.0, right=1.0)
    away = ages @ np.array(a["away_share_by_age"])
    access = 1 - away * (1 - a["access_practice_2021"]) * (1 - hukou_enrolment_share(a))
    knowledge = _stated_knowledge()
    marginal = _occupation_marginals(a) / _occupation_marginals(a).sum()
    known = knowledge[-1] if form == 3 else marginal @ knowledge[:-1]
    return _Gates(earnings, earnings >= subsistence_ratio(a), access * known * procedure_share(a) * patience)


def _take_up(gates: _Gates, willingness: np.ndarray, factor: float, price: float) -> float:
    """Take-up of the flexible route by the model's gates and plain threshold (参保率公式)."""
    accept = 1 - np.interp(price / gates.earnings / factor, willingness, QUANTILES, left=0.0, right=1.0)
    return gates.passed * np.mean(accept * gates.affordable)


def take_up_target(a, form: int) -> float:
    """Return the share in the flexible route that the survey gives for a form (灵活就业参保率目标)."""
    if form == 1:  # of platform employees whose firm does not enrol them
        return survey("P002") / (1 - survey("P001"))
    flexible, as_employee = ("P012", "P011") if form == 2 else ("P022", "P021")
    return survey(flexible) + a["misreported_employee_share"] * survey(as_employee)


def willingness_factor(a):
    stated, target, gates = _stated_willingness(56, a), take_up_target(a, 2), _gates(a, 2)
    return float(brentq(lambda f: _take_up(gates, stated, f, a["reference_price_ratio"]) - target, 0.1, 50.0))


def willingness(a):
    stated, factor = _stated_willingness(48, a), willingness_factor(a)
    target, gates = take_up_target(a, 1), _gates(a, 1)
    scale = brentq(
        lambda s: _take_up(gates, s * stated, factor, a["reference_price_ratio"]) - target, 0.01, 20.0
    )
    rows = np.stack([scale * stated, _stated_willingness(56, a), _stated_willingness(64, a)])
    return np.minimum(rows * np.array(a["willingness_correction"])[:, None], 1.0)


def plain_threshold_elasticity(a) -> float:
    """Return the price elasticity of the plain threshold around the survey's price (门槛模型弹性)."""
    rows, factor, price = willingness(a), willingness_factor(a), a["reference_price_ratio"]
    forms = [(_gates(a, form), rows[form - 1]) for form in (2, 3)]

    def take_up(at):
        return np.dot([_take_up(gates, row, factor, at) for gates, row in forms], group_sizes())

    return float(np.log(take_up(1.1 * price) / take_up(price / 1.1)) / (2 * np.log(1.1)))


def price_exponent(a):
    return a["price_exponent_correction"] * a["take_up_price_elasticity"] / plain_threshold_elasticity(a)


def resident_join_age(a):
    members = [
        survey("P003") / (1 - survey("P001") - survey("P002")),
        survey("P013") / (1 - take_up_target(a, 2)),
        survey("P023") / (1 - take_up_target(a, 3)),
    ]
    sizes = [survey("D013"), survey("D014"), survey("D015")]
    told = np.array(members) / (1 - np.array(a["unaware_resident_share"]))
    at_30 = np.average(told, weights=sizes) / a["resident_knowledge_share"]
    at_30 = min(at_30, 0.85)
    ages = [16.0, 30.0, a["resident_join_age_middle"], a["resident_join_age_last"]]
    return np.interp(QUANTILES, [0, at_30, 0.9, 1], ages)


def resident_floor_payer_share(a):
    platform, other = survey("C005"), survey("C006")
    delivery, shop, online = survey("C017"), survey("C014"), survey("C012")
    groups = np.array([delivery, delivery, platform, platform, shop, online, online, online, other])
    mean = np.average([platform, other], weights=group_sizes())
    lowest = mean + a["resident_floor_by_occupation"] * (groups - mean)
    free = a["resident_climber_lowest_share"]
    return np.maximum(0.0, (lowest - free) / (1 - free))


def household_resource_ratio(a):
    income = cell("income_and_prices_2025", "value", indicator="rural_disposable_income_pc")
    return income / (12 * national_wage(2024))


def earnings_quintile_cuts(a):
    weight = _life_people(a)
    share = form_share(a)
    earns = mean_earnings(a) > 0
    occupation = np.ones((2, 3, 8))
    for form in (1, 2):
        effect = np.exp(np.array(a["occupation_earnings_effect"])[:8])
        occupation[..., form] = (occupation_share(a)[form - 1] * effect).sum(axis=-1)
    level = np.log(np.where(earns, form_earnings_ratio(a), 1.0)) + _latent_variance(a) / 2
    level = _log_effects(a)[..., None] + (level + np.log(occupation))[:, :, None, :]
    level = np.broadcast_to(level, share.shape)
    share = share * earns
    cell_share = share / share.sum(axis=(-1, -2), keepdims=True)
    mean = (cell_share * np.exp(level)).sum(axis=(-1, -2))
    log_mean = (cell_share * level).sum(axis=(-1, -2), keepdims=True)
    spread = (cell_share * (level - log_mean) ** 2).sum(axis=(-1, -2))
    rho, years = persistence(a), 35
    lags = np.arange(1, years)
    of_mean = (1 + 2 * ((1 - lags / years) * rho**lags).sum()) / years
    persistent = persistent_sd(a) ** 2 / (1 - rho**2)
    sd = np.sqrt(permanent_sd(a) ** 2 + persistent * of_mean + a["form_spread_between_people"] * spread)

    def below(log_cut):
        return (weight * ndtr((log_cut - np.log(mean) + sd**2 / 2) / sd)).sum() / weight.sum()

    return np.exp([brentq(lambda x, q=q: below(x) - q, -8, 8) for q in (0.2, 0.4, 0.6, 0.8)])


def compute(assumptions: Mapping, name: str) -> float | np.ndarray:
    """Return the value of a Behaviour field (计算参数): its formula, else the assumption of its name."""
    formula = globals().get(name)
    value = formula(assumptions) if formula else np.array(assumptions[name], dtype=float)
    return float(value) if np.ndim(value) == 0 else value
