"""How each field of Behaviour follows from tables and assumptions (参数公式): the first fitted set.

A formula is a small function of the assumptions; tables are read by name. ``field`` declares beside it which
tables and rows it uses and how, so that a fitted set can say where every value comes from.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from calibration.tables import cell, read_table
from simulate.terms import FIRST_YEAR, LAST_YEAR, N_AGE_BANDS, N_YEARS, OCCUPATIONS

YEARS = np.arange(FIRST_YEAR, LAST_YEAR + 1)
QUANTILES = np.linspace(0, 1, 21)
BANDS = [f"{age}-{age + 4}" for age in range(15, 70, 5)]
BAND_MIDDLES = np.arange(17.5, 70, 5)
WORK_AGES = np.arange(16, 71)
# the survey's rows of Fig. 16 in the order of OCCUPATIONS, any basic pension
ANY_PENSION_ROWS = ("P072", "P069", "P060", "P066", "P063", "P054", "P051", "P057")


class Field(NamedTuple):
    """Where a field of Behaviour comes from (参数来源)."""

    name: str
    title: str
    name_zh: str
    tables: tuple[str, ...]  # "table: rows"
    formula: str
    range: tuple[float, float]  # of every element
    compute: Callable


FIELDS: dict[str, Field] = {}


def field(name, title, name_zh, tables, formula, low, high):
    """Register the formula of a Behaviour field with its sources (登记公式)."""

    def register(function):
        FIELDS[name] = Field(name, title, name_zh, tuple(tables), formula, (low, high), function)
        return function

    return register


def survey(row: str) -> float:
    """Return a value of the survey of 2020-21 by its row (调查结果), percent as a share."""
    table = {
        "P": "insurance_participation",
        "E": "enrolment_place_duration",
        "C": "contributions_burden_preferences",
        "R": "nonparticipation_reasons",
        "O": "occupations",
        "D": "sample_demographics",
        "L": "labour_force_context",
    }[row[0]]
    columns = read_table(f"ilo_{table}")
    i = columns["id"].index(row)
    value = float(columns["value"][i])
    return value / 100 if columns["unit"][i] == "%" else value


# --- people and forms ----------------------------------------------------------------------------------------


def _people_by_age() -> np.ndarray:
    """Population of mid-2025 (sex, age 15-69) in 10k persons."""
    table = read_table("population_2025")
    people = np.zeros((2, 55))
    for sex, age, thousand in zip(table["sex"], table["age"], table["population_thousand"], strict=True):
        age = int(float(str(age).rstrip("+")))
        if sex in ("male", "female") and 15 <= age < 70:
            people[("male", "female").index(sex), age - 15] = float(thousand) / 10
    return people


@field(
    "education_share",
    "Education by registration, sex and decade of birth",
    "受教育程度构成",
    ["migrant_education: 2023 (level)", "urban_income_2016: n by education (level)"],
    "assumed table by decade, each row divided by its sum",
    0.0,
    1.0,
)
def education_share(a):
    share = np.array([a["rural_education_share"], a["urban_education_share"]], dtype=float)
    return share / share.sum(axis=-1, keepdims=True)


def _hukou_share(a) -> np.ndarray:
    return np.array([a["rural_hukou_share"], 1 - a["rural_hukou_share"]])


def people_2025(a) -> np.ndarray:
    """Return people who have left school by hukou, sex, education and age band, mid-2025 (离校人口). [10k persons]"""
    ages = np.arange(15, 70)
    decade = np.clip((2025 - ages - 1960) // 10, 0, 4)
    left_school = ages[:, None] + 0.5 >= np.array(a["school_leaving_age_years"])[None, :]
    education = education_share(a)[:, :, decade, :] * left_school  # (hukou, sex, age, education)
    people = _hukou_share(a)[:, None, None, None] * _people_by_age()[None, :, :, None] * education
    return people.reshape(2, 2, N_AGE_BANDS, 5, 3).sum(axis=3).transpose(0, 1, 3, 2)


def _participation(a) -> np.ndarray:
    """Participation after school (hukou, sex, age band)."""
    table, modelled = read_table("participation_by_age_sex"), read_table("modelled_labour_indicators")
    people = _people_by_age().reshape(2, N_AGE_BANDS, 5).sum(axis=2)
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
    return np.stack([rural, urban])


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


@field(
    "form_share",
    "Share of employment forms after school by registration, sex, education and age",
    "就业形式构成",
    [
        "participation_by_age_sex: 2020, both sexes, all groups",
        "modelled_labour_indicators: lfpr 25-54 and 65+ of 2025; agriculture_share_of_employment 2020",
        "urban_state_2017: nonfarm_work and farming",
        "urban_unemployment_by_age: mean of all months",
        "population_2025: ages 15-69",
        "contribution_continuity: new_form_workers 2022",
        "ilo_sample_demographics: D016-D039, D043-D048",
    ],
    "participation scaled to the modelled level, urban from the urban sample, rural the remainder; unemployed = rate x "
    "participation; farming by odds with one level that meets agriculture's share of employment; the four non-farm "
    "forms by odds (age, sex, education, registration), raked so that cells keep their employment and forms their "
    "national numbers (platform flexible, platform employees, other flexible; formal the rest); caring and inactive "
    "split the rest",
    0.0,
    1.0,
)
def form_share(a):
    return _form_share(_frozen(a))


def _frozen(a) -> tuple:
    names = (
        "rural_education_share urban_education_share school_leaving_age_years rural_hukou_share participation_ratio_65_69 "
        "old_unemployment_rate rural_unemployment_ratio caring_share_of_nonparticipants farming_age_odds "
        "farming_education_odds farming_women_odds flexible_workers_10k platform_employee_share survey_age_weight "
        "old_age_survey_split formal_age_odds formal_education_odds formal_rural_odds platform_rural_odds "
        "platform_education_odds"
    ).split()
    return tuple((name, _tuple(a[name])) for name in names)


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
    for _ in range(200):
        work = work * _column_factor(work, totals, number)
    work = work / work.sum(axis=0)

    share = np.zeros((*number.shape, 8))
    share[..., :4] = np.moveaxis(work * nonfarm, 0, -1)
    share[..., 4] = farming
    share[..., 5] = participation * unemployment
    caring = np.array(a["caring_share_of_nonparticipants"])[:, (np.arange(N_AGE_BANDS) >= 8).astype(int)]
    share[..., 6] = (1 - participation) * caring[None, :, None, :]
    share[..., 7] = (1 - participation) * (1 - caring[None, :, None, :])
    return share / share.sum(axis=-1, keepdims=True)


def _column_factor(work, totals, number):
    """Return the factor of each form that a raking step needs (迭代比例拟合)."""
    row = work / work.sum(axis=0)
    return (totals / (row * number).sum(axis=(1, 2, 3, 4)))[:, None, None, None, None]


@field(
    "exit_hazard",
    "Monthly hazard of ending a spell, by form",
    "离开就业形式月概率",
    [
        "wage_employment_persistence: annualised_stay_rate 2011-2015",
        "job_duration: mean_duration_per_job_entered_market_2000, mean_gap_between_jobs_completed",
        "ilo_enrolment_place_duration: E031, E036",
        "rider_numbers_income_turnover: crowd_rider_mean_tenure (flexible)",
        "rider_press_survey_2020: tenure over 2 years (employees)",
        "ilo_occupations: O003 and the assumed gaps (share of riders and couriers)",
    ],
    "formal: -ln(stay)/12; platform: riders' and couriers' share x their hazard + rest x hazard of the years at the "
    "work place; other flexible: 1/(12 years); unemployed: 1 - exp(-1/(12 gap)); the rest assumed",
    0.0001,
    0.5,
)
def exit_hazard(a):
    stay = cell("wage_employment_persistence", "annualised_stay_rate", wave1=2011, wave2=2015)
    years = cell("job_duration", "value", indicator="mean_duration_per_job_entered_market_2000")
    gap = cell("job_duration", "value", indicator="mean_gap_between_jobs_completed")
    crowd = cell("rider_numbers_income_turnover", "value", indicator="crowd_rider_mean_tenure")
    tenured = cell("rider_press_survey_2020", "value_pct", variable="tenure") / 100
    marginal = _occupation_marginals(a)
    riders = marginal[:2].sum() / marginal.sum()
    employee = riders * -np.log(tenured) / 24 + (1 - riders) * -np.log(1 - survey("E031")) / 24
    flexible = riders / (12 * crowd) + (1 - riders) * -np.log(1 - survey("E036")) / 24
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


@field(
    "duration_factor",
    "Factor on the exit hazard by time in the spell",
    "持续时间系数",
    [],
    "assumption",
    0.1,
    5.0,
)
def duration_factor(a):
    return np.array(a["duration_factor"])


@field(
    "school_leaving_age_months",
    "Age at leaving school by education",
    "离校年龄",
    [],
    "12 x assumption",
    180.0,
    336.0,
)
def school_leaving_age_months(a):
    return 12.0 * np.array(a["school_leaving_age_years"])


@field(
    "occupation_share",
    "Platform occupations by form, sex and education",
    "平台职业构成",
    ["ilo_occupations: O001-O005, O010, O011", "rider_survey_2020: sex, education (inside the assumptions)"],
    "survey share x share of the form, sex and education within the occupation, divided by the sum over occupations",
    0.0,
    1.0,
)
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


# --- earnings ------------------------------------------------------------------------------------------------


def _life_people(a) -> np.ndarray:
    """People by hukou, sex, education, each age band alike: the mix of all simulated lives (hukou, sex, education)."""
    people = _people_by_age()[:, : 2025 - 1965 - 14]  # ages 15-60 in 2025: born 1965-2010
    decade = np.clip((2025 - np.arange(15, 61) - 1960) // 10, 0, 4)
    education = education_share(a)[:, :, decade, :]
    return np.einsum("h,sa,hsae->hse", _hukou_share(a), people, education)


def national_wage(year: int) -> float:
    """Return the mean full-coverage wage of the provinces, weighted by insured workers (社平工资). [yuan/month]"""
    wage, insured = read_table("full_coverage_wage"), read_table("employee_scheme_by_province")
    weight = dict(zip(insured["province"], insured["insured_workers_10k"], strict=True))
    rows = [(r, v) for r, y, v in zip(wage["region"], wage["year"], wage["value"], strict=True) if y == year]
    return sum(weight[r] * v for r, v in rows) / sum(weight[r] for r, _ in rows)


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


@field(
    "form_earnings_ratio",
    "Earnings level by form over the reference wage, before the effects",
    "各就业形式收入水平",
    [
        "migrant_monthly_income: 2024 (other flexible)",
        "full_coverage_wage: 2024, weighted by employee_scheme_by_province insured_workers_10k",
        "and the tables of form_share and of the effects",
    ],
    "mean of the form / (mean of exp(effects) over all simulated lives x exp(latent variance / 2)), so that simulated "
    "means meet the wanted ones; other flexible: migrants' income 2024 over the average wage 2024",
    0.0,
    5.0,
)
def form_earnings_ratio(a):
    mean, _ = _form_moments(a)
    return mean_earnings(a) / (mean * np.exp(_latent_variance(a) / 2))


@field(
    "occupation_earnings_effect",
    "Log earnings of the platform occupations",
    "职业收入效应",
    [],
    "assumption",
    -2.0,
    2.0,
)
def occupation_earnings_effect(a):
    return np.array(a["occupation_earnings_effect"])


@field(
    "age_earnings_effect",
    "Log earnings by sex and age 16-70",
    "年龄收入效应",
    ["mincer_regressions: CGSS 2017, potential_experience and its square, by sex"],
    "factor x (b1 x + b2 x^2), x = age - 18, 0 before",
    -2.0,
    2.0,
)
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


@field(
    "education_earnings_effect",
    "Log earnings by education",
    "教育收入效应",
    ["mincer_regressions: CGSS 2017, years_of_schooling, both sexes"],
    "mean of the two returns x years of school beyond nine: 0, 3, 6.5",
    -2.0,
    2.0,
)
def education_earnings_effect(a):
    sample = "CGSS 2017 urban non-farm workers 20-59, province effects"
    rate = np.mean(
        [
            cell("mincer_regressions", "estimate", sample=sample, sex=sex, term="years_of_schooling")
            for sex in ("male", "female")
        ]
    )
    return rate * np.array([0.0, 3.0, 6.5])


@field(
    "sex_earnings_effect",
    "Log earnings of women against men",
    "性别收入效应",
    ["urban_income_2016: mean_log at 25-59 by sex and the four levels of education"],
    "mean over education, weighted by women's n, of women's mean log less men's",
    -2.0,
    2.0,
)
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


PROCESS_ROWS = "earnings_process: wage >= 25% of wave median, 2004-2015"


@field(
    "permanent_sd",
    "Standard deviation of the permanent log effect",
    "持久收入标准差",
    [PROCESS_ROWS],
    "sqrt(share x (persistent variance - variance of education and sex effects))",
    0.0,
    2.0,
)
def permanent_sd(a):
    return float(np.sqrt(a["permanent_share"] * _persistent_variance(a)))


@field(
    "persistence",
    "Yearly persistence of the persistent shock",
    "收入冲击持续性",
    [PROCESS_ROWS],
    "rho_annual",
    0.0,
    0.999,
)
def persistence(a):
    return cell("earnings_process", "rho_annual", sample="wage >= 25% of wave median", waves="2004-2015")


@field(
    "persistent_sd",
    "Standard deviation of the yearly innovation of the persistent shock",
    "持续冲击标准差",
    [PROCESS_ROWS],
    "sqrt((1 - share) x (persistent variance - variance of education and sex effects) x (1 - rho^2))",
    0.0,
    2.0,
)
def persistent_sd(a):
    variance = (1 - a["permanent_share"]) * _persistent_variance(a)
    return float(np.sqrt(variance * (1 - persistence(a) ** 2)))


@field("monthly_volatility", "Monthly log shock by form", "月收入波动", [], "assumption", 0.0, 2.0)
def monthly_volatility(a):
    return np.array(a["form_monthly_volatility"])


@field(
    "occupation_volatility", "Monthly log shock by occupation", "各职业月收入波动", [], "assumption", 0.0, 2.0
)
def occupation_volatility(a):
    return np.array(a["occupation_monthly_volatility"])


@field(
    "platform_share_range",
    "Lowest and highest share of a platform worker's earnings that comes from platforms",
    "平台收入占比范围",
    ["ilo_occupations: O027"],
    "uniform on [L, 1] with the printed share above 0.9: L = 1 - 0.1 / share",
    0.0,
    1.0,
)
def platform_share_range(a):
    return np.array([1 - 0.1 / survey("O027"), 1.0])


# --- place ---------------------------------------------------------------------------------------------------


@field(
    "away_share_at_entry",
    "Share outside the province of registration at first work",
    "初次就业跨省占比",
    [],
    "assumption",
    0.0,
    1.0,
)
def away_share_at_entry(a):
    return np.array(a["away_share_at_entry"])


@field(
    "return_hazard",
    "Monthly hazard of returning to the province of registration by age",
    "返回户籍省月概率",
    ["return_and_age_facts: implied_average_annual_return_hazard"],
    "yearly hazard / 12 x factor by age",
    0.0,
    1.0,
)
def return_hazard(a):
    yearly = cell("return_and_age_facts", "value", indicator="implied_average_annual_return_hazard") / 100
    return yearly / 12 * np.array(a["return_age_factor"])


@field(
    "move_out_hazard",
    "Monthly hazard of leaving the province of registration by registration and age",
    "离开户籍省月概率",
    ["return_and_age_facts: implied_average_annual_return_hazard"],
    "return hazard x share away / (1 - share away), the flow that keeps the assumed share; urban a fraction of it",
    0.0,
    1.0,
)
def move_out_hazard(a):
    away = np.array(a["away_share_by_age"])
    rural = return_hazard(a) * away / (1 - away)
    return np.stack([rural, a["urban_move_ratio"] * rural])


def province_names() -> tuple[str, ...]:
    """Return the provinces in the order of their codes (省份)."""
    return read_table("employee_scheme_by_province")["province"][1:]


def residents_away() -> np.ndarray:
    """Return people by province of registration and of residence, 2020 (跨省居住人口). [10k persons]"""
    table, names = read_table("interprovincial_hukou_matrix"), province_names()
    away = np.zeros((31, 31))
    for residence, hukou, n in zip(
        table["province_of_residence"], table["hukou_province"], table["estimated_persons_10k"], strict=True
    ):
        away[names.index(hukou), names.index(residence)] = n
    return away


@field(
    "destination_cdf",
    "Province of work of those who leave, by province of registration, cumulated",
    "跨省目的地",
    ["interprovincial_hukou_matrix: all rows"],
    "residents by province of residence over all residents elsewhere of the province of registration, cumulated",
    0.0,
    1.0,
)
def destination_cdf(a):
    away = residents_away()
    cdf = np.cumsum(away / away.sum(axis=1, keepdims=True), axis=1)
    cdf[:, -1] = 1.0
    return np.minimum(cdf, 1.0)


# --- care ----------------------------------------------------------------------------------------------------


@field(
    "child_leave_share",
    "Share of births after which the parent stops work",
    "生育后停止工作占比",
    ["motherhood_effects: married women, child aged 1-5", "ilo_labour_force_context: L055"],
    "mothers: fall of employment with a small child / share still out when the child is two, exp(-24 h); "
    "fathers: that divided by the squared ratio of unpaid care",
    0.0,
    1.0,
)
def child_leave_share(a):
    fall = -cell(
        "motherhood_effects",
        "value",
        effect="employment probability, married women 18-55, co-resident child aged 1-5",
    )
    mother = fall / 100 * np.exp(24 * a["child_return_hazard"][1])
    return np.minimum(np.array([mother / survey("L055") ** 2, mother]), 1.0)


@field(
    "child_return_hazard",
    "Monthly hazard of returning to work",
    "育儿后返岗月概率",
    [],
    "assumption",
    0.0,
    1.0,
)
def child_return_hazard(a):
    return np.array(a["child_return_hazard"])


@field(
    "child_claimant_share",
    "Share of own children whose care this parent claims",
    "子女照料申领占比",
    ["ilo_labour_force_context: L055"],
    "unpaid care time of women r times men's: mother r/(1+r), father 1/(1+r)",
    0.0,
    1.0,
)
def child_claimant_share(a):
    ratio = survey("L055")
    return np.array([1, ratio]) / (1 + ratio)


@field(
    "parent_care_hazard",
    "Monthly onset of being the main carer of a parent",
    "开始照料父母月概率",
    ["ilo_labour_force_context: L055"],
    "women assumed by age, men divided by the ratio of unpaid care time",
    0.0,
    0.1,
)
def parent_care_hazard(a):
    women = np.array(a["parent_care_hazard"])
    return np.stack([women / survey("L055"), women])


@field(
    "parent_care_end_hazard",
    "Monthly end of the care of a parent",
    "结束照料父母月概率",
    [],
    "1 / mean months",
    0.0,
    1.0,
)
def parent_care_end_hazard(a):
    return 1 / a["parent_care_mean_months"]


@field(
    "parent_leave_share",
    "Share of these episodes in which work stops",
    "因照料父母停工占比",
    [],
    "assumption",
    0.0,
    1.0,
)
def parent_leave_share(a):
    return np.array(a["parent_leave_share"])


# --- participation: employers --------------------------------------------------------------------------------


@field(
    "compliance_share",
    "Share of employee jobs that are enrolled, by form and year",
    "用人单位参保率",
    ["employee_scheme_national: insured_workers_10k 2004-2020", "ilo_insurance_participation: P001"],
    "formal: assumed level of 2020-2025 x (insured workers / those of 2020)^exponent before, 2004's ratio held earlier; "
    "platform employees: the survey's share; both plus the break from 2026",
    0.0,
    1.0,
)
def compliance_share(a):
    table = read_table("employee_scheme_national")
    known = ~np.isnan(table["insured_workers_10k"])
    insured = np.interp(YEARS, table["year"][known], table["insured_workers_10k"][known])
    ratio = np.minimum(insured / insured[2020 - FIRST_YEAR], 1.0) ** a["compliance_history_exponent"]
    formal = a["formal_compliance_share"] * ratio
    share = np.stack([formal, np.full(N_YEARS, survey("P001"))])
    share[:, YEARS >= 2026] += a["compliance_break"]
    return np.clip(share, 0.0, 1.0)


@field(
    "floor_declaration_share",
    "Share of enrolled jobs declared at the floor",
    "按下限申报占比",
    [],
    "assumption",
    0.0,
    1.0,
)
def floor_declaration_share(a):
    return np.array(a["floor_declaration_share"])


# --- participation: voluntary routes -------------------------------------------------------------------------


@field(
    "access_practice_share",
    "Share of non-locals admitted in practice by year",
    "非户籍人员实际准入占比",
    [],
    "assumed level to 2021 and from 2026, a straight line between",
    0.0,
    1.0,
)
def access_practice_share(a):
    return np.interp(YEARS, [2021, 2026], [a["access_practice_2021"], a["access_practice_2026"]])


@field(
    "hukou_enrolment_share",
    "Share of those not admitted who pay at the place of registration",
    "回户籍地参保占比",
    ["ilo_enrolment_place_duration: E004, E005, E018, E021"],
    "r = E005 E021 / (E005 E021 + E004 E018), the share of away flexible members enrolled at the place of registration; "
    "r x access / ((1 - r)(1 - access)), at most 1",
    0.0,
    1.0,
)
def hukou_enrolment_share(a):
    at_hukou, at_work = survey("E005") * survey("E021"), survey("E004") * survey("E018")
    r, access = at_hukou / (at_hukou + at_work), a["access_practice_2021"]
    return min(r * access / ((1 - r) * (1 - access)), 1.0)


@field(
    "knowledge_share",
    "Share who know the flexible route by occupation",
    "政策知晓率",
    [
        "ilo_nonparticipation_reasons: R025, R035",
        "ilo_insurance_participation: " + ", ".join(ANY_PENSION_ROWS) + ", P039",
    ],
    "1 - share naming ignorance x share of the occupation (last: other flexible) in no pension scheme",
    0.0,
    1.0,
)
def knowledge_share(a):
    without = np.array([1 - survey(row) for row in ANY_PENSION_ROWS])
    return np.append(1 - survey("R025") * without, 1 - survey("R035") * survey("P039"))


GROUP_SIZES = (1206.0, 729.0)  # implied respondents, D014 and D015


@field(
    "procedure_share",
    "Share not deterred by the procedure",
    "手续可承受占比",
    ["ilo_nonparticipation_reasons: R023, R033", "ilo_insurance_participation: P036, P039", "D014, D015"],
    "1 - share naming procedures x share in no scheme, mean of platform and other flexible by respondents",
    0.0,
    1.0,
)
def procedure_share(a):
    return float(
        np.average(
            [1 - survey("R023") * survey("P036"), 1 - survey("R033") * survey("P039")], weights=GROUP_SIZES
        )
    )


@field(
    "join_age",
    "Age from which a person thinks of a pension, 21 quantiles",
    "考虑养老年龄分位数",
    ["ilo_contributions_burden_preferences: C077, C080, C081"],
    "one less the share finding retirement saving unimportant at 27.5 (20-34), 40 (35 and over) and 50 (45 and over), "
    "straight line to 0 at the assumed lower end",
    16.0,
    120.0,
)
def join_age(a):
    share = [0, 1 - survey("C077"), 1 - survey("C080"), 1 - survey("C081")]
    return np.interp(QUANTILES, share, [a["join_age_first"], 27.5, 40.0, 50.0])


def _earnings_law(a, form: int) -> tuple[float, float]:
    """Mean and log variance of monthly earnings over W in a flexible form."""
    _, effects = _form_moments(a)
    variance = _latent_variance(a) + effects[form] + a["form_monthly_volatility"][form] ** 2
    return mean_earnings(a)[form], variance


@field(
    "subsistence_ratio",
    "Earnings over the reference wage below which a person cannot pay",
    "最低生活收入比",
    ["ilo_nonparticipation_reasons: R024, R034", "ilo_insurance_participation: P036, P039", "D014, D015"],
    "quantile of the lognormal earnings of each flexible form at (share that cannot afford x share in no scheme), mean by "
    "respondents",
    0.0,
    2.0,
)
def subsistence_ratio(a):
    level = []
    for form, reason, without in ((2, "R024", "P036"), (3, "R034", "P039")):
        mean, variance = _earnings_law(a, form)
        z = norm.ppf(survey(reason) * survey(without))
        level.append(mean * np.exp(-variance / 2 + np.sqrt(variance) * z))
    return float(np.average(level, weights=GROUP_SIZES))


def _stated_willingness(first_row: int, a) -> np.ndarray:
    """Quantiles of the share of earnings people would pay (Fig. 26), straight lines inside the bands."""
    bands = np.array([survey(f"C{row:03d}") for row in range(first_row, first_row + 4)])
    cumulated = np.concatenate([[0], np.cumsum(bands) / bands.sum()])
    return np.interp(QUANTILES, cumulated, [a["willingness_lowest"], 0.05, 0.10, 0.20, 0.30])


def _take_up(a, form: int, willingness: np.ndarray, factor: float, price: float) -> float:
    """Take-up of the flexible route in the survey's population by the model's gates (参保率公式)."""
    mean, variance = _earnings_law(a, form)
    z = norm.ppf((np.arange(400) + 0.5) / 400)
    earnings = mean * np.exp(-variance / 2 + np.sqrt(variance) * z)
    accept = 1 - np.interp(price / earnings / factor, willingness, QUANTILES, left=0.0, right=1.0)
    affordable = np.mean(accept * (earnings >= subsistence_ratio(a)))
    ages = _survey_ages({1: 16, 2: 24, 3: 32}[form], a)
    patience = ages @ np.interp(BAND_MIDDLES, join_age(a), QUANTILES, left=0.0, right=1.0)
    away = ages @ np.array(a["away_share_by_age"])
    access = 1 - away * (1 - a["access_practice_2021"]) * (1 - hukou_enrolment_share(a))
    knowledge = knowledge_share(a)
    marginal = _occupation_marginals(a) / _occupation_marginals(a).sum()
    known = knowledge[-1] if form == 3 else marginal @ knowledge[:-1]
    return access * known * procedure_share(a) * patience * affordable


def take_up_target(a, form: int) -> float:
    """Return the share in the flexible route that the survey gives for a form (灵活就业参保率目标)."""
    if form == 1:  # of platform employees whose firm does not enrol them
        return survey("P002") / (1 - survey("P001"))
    flexible, as_employee = ("P012", "P011") if form == 2 else ("P022", "P021")
    return survey(flexible) + a["misreported_employee_share"] * survey(as_employee)


@field(
    "willingness_factor",
    "Acted over stated willingness to pay",
    "实际与声称缴费意愿之比",
    [
        "ilo_insurance_participation: P011, P012",
        "ilo_contributions_burden_preferences: C056-C059",
        "and the tables of the gates",
    ],
    "the factor at which the gates give the survey's take-up of platform flexible workers at the price of the survey",
    0.05,
    50.0,
)
def willingness_factor(a):
    stated, target = _stated_willingness(56, a), take_up_target(a, 2)
    return float(brentq(lambda f: _take_up(a, 2, stated, f, a["reference_price_ratio"]) - target, 0.1, 50.0))


@field(
    "willingness",
    "Share of earnings people would pay: platform employees, platform flexible, other; 21 quantiles",
    "缴费意愿分位数",
    [
        "ilo_contributions_burden_preferences: C048-C051, C056-C059, C064-C067",
        "ilo_insurance_participation: P001, P002",
    ],
    "straight lines inside the bands; platform employees' row times the factor at which those not enrolled join as the "
    "survey says (they expect the firm to pay)",
    0.0,
    1.0,
)
def willingness(a):
    stated, factor = _stated_willingness(48, a), willingness_factor(a)
    target = take_up_target(a, 1)
    scale = brentq(
        lambda s: _take_up(a, 1, s * stated, factor, a["reference_price_ratio"]) - target, 0.01, 20.0
    )
    return np.stack([scale * stated, _stated_willingness(56, a), _stated_willingness(64, a)])


def plain_threshold_elasticity(a) -> float:
    """Return the elasticity of take-up to price of the plain threshold around the survey's price (门槛模型弹性)."""
    rows, factor, price = willingness(a), willingness_factor(a), a["reference_price_ratio"]
    dear, cheap = (
        np.dot([_take_up(a, form, rows[form - 1], factor, price * step) for form in (2, 3)], GROUP_SIZES)
        for step in (1.1, 1 / 1.1)
    )
    return float(np.log(dear / cheap) / (2 * np.log(1.1)))


@field(
    "price_exponent",
    "Damping of the response of take-up to price (1: plain threshold)",
    "价格反应系数",
    ["the tables of willingness and of the gates"],
    "assumed elasticity / elasticity of the plain threshold between price / 1.1 and price x 1.1",
    0.0,
    20.0,
)
def price_exponent(a):
    return a["take_up_price_elasticity"] / plain_threshold_elasticity(a)


@field(
    "resident_knowledge_share",
    "Share who know the resident scheme",
    "居民养老保险知晓率",
    [],
    "assumption",
    0.0,
    1.0,
)
def resident_knowledge_share(a):
    return a["resident_knowledge_share"]


@field(
    "resident_join_age",
    "Age from which a person joins the resident scheme, 21 quantiles",
    "居民养老保险参保年龄分位数",
    ["ilo_insurance_participation: P003, P013, P023 and take-up rows", "ilo_sample_demographics: D010-D015"],
    "at age 30 the survey's resident members over those outside the employee scheme, mean of three groups by respondents, "
    "over those who know it; nine tenths and all at the assumed ages; none at 16",
    16.0,
    60.0,
)
def resident_join_age(a):
    members = [
        survey("P003") / (1 - survey("P001") - survey("P002")),
        survey("P013") / (1 - take_up_target(a, 2)),
        survey("P023") / (1 - take_up_target(a, 3)),
    ]
    sizes = [survey("D013"), survey("D014"), survey("D015")]
    at_30 = np.average(members, weights=sizes) / a["resident_knowledge_share"]
    ages = [16.0, 30.0, a["resident_join_age_middle"], a["resident_join_age_last"]]
    return np.interp(QUANTILES, [0, at_30, 0.9, 1], ages)


@field(
    "resident_floor_payer_share",
    "Share of resident members who pay the lowest tier",
    "居民养老保险最低档占比",
    ["ilo_contributions_burden_preferences: C005, C006", "D014, D015"],
    "mean of platform and other flexible workers by respondents",
    0.0,
    1.0,
)
def resident_floor_payer_share(a):
    return float(np.average([survey("C005"), survey("C006")], weights=GROUP_SIZES))


@field(
    "household_resource_ratio",
    "Yearly resources of people without earnings over the yearly reference wage",
    "无收入者资源比",
    [
        "income_and_prices_2025: rural_disposable_income_pc",
        "full_coverage_wage: 2024, weighted by employee_scheme_by_province insured_workers_10k",
    ],
    "rural income per head 2025 / (12 x average wage 2024)",
    0.0,
    5.0,
)
def household_resource_ratio(a):
    income = cell("income_and_prices_2025", "value", indicator="rural_disposable_income_pc")
    return income / (12 * national_wage(2024))


@field(
    "women_50_line_share",
    "Share of women on the 50 line by last post",
    "女性50岁线占比",
    [],
    "assumption",
    0.0,
    1.0,
)
def women_50_line_share(a):
    return np.array(a["women_50_line_share"])


@field(
    "platform_subsidy_coverage",
    "Share covered by a platform's subsidy programme by occupation",
    "平台补贴覆盖率",
    [],
    "assumption",
    0.0,
    1.0,
)
def platform_subsidy_coverage(a):
    return np.array(a["platform_subsidy_coverage"])


@field("discount_rate_range", "Own real discount rates", "个人贴现率范围", [], "assumption", 0.0, 1.0)
def discount_rate_range(a):
    return np.array(a["discount_rate_range"])


def _same_name(name: str, title: str, name_zh: str, low: float, high: float) -> None:
    """Register a field that is an assumption of the same name."""
    FIELDS[name] = Field(name, title, name_zh, (), "assumption", (low, high), lambda a: float(a[name]))


for _name, _title, _zh, _low, _high in (
    (
        "reference_price_ratio",
        "Price of the lowest tier at the survey over the reference wage",
        "调查时价格比",
        0.01,
        1,
    ),
    ("floor_payer_share", "Share of joiners who pay the lowest tier", "最低档缴费者占比", 0, 1),
    ("stop_at_minimum_share", "Share who stop at the minimum months", "缴满即停占比", 0, 1),
    ("pay_on_share", "Probability of paying on when short of the minimum", "到龄后继续缴费概率", 0, 1),
    ("pay_on_gap_limit_months", "Gap at which nobody pays on", "继续缴费缺口上限", 1, 360),
    ("early_claim_share", "Share who claim early", "弹性提前退休占比", 0, 0.5),
    ("late_claim_share", "Share of employees who claim late", "弹性延迟退休占比", 0, 0.5),
    ("difficulty_take_up_share", "Take-up of the public subsidy", "就业困难补贴领取率", 0, 1),
    ("care_credit_take_up_share", "Take-up of a carer credit", "照料记账领取率", 0, 1),
    ("lost_record_share", "Share of moves with a lost record", "转移丢失记录占比", 0, 1),
    (
        "resident_willingness_factor",
        "Share of resources given to the resident scheme",
        "居民缴费意愿系数",
        0,
        10,
    ),
    ("resident_back_payment_share", "Share who fill missing years", "居民养老保险补缴占比", 0, 1),
    ("dibao_take_up_share", "Take-up of the minimum living guarantee", "低保领取率", 0, 1),
    ("deemed_share", "Share in state or collective posts before 1990", "视同缴费人员占比", 0, 1),
):
    _same_name(_name, _title, _zh, float(_low), float(_high))


@field(
    "earnings_quintile_cuts",
    "Cuts of earnings quintiles: mean earnings over the reference wage in months with earnings",
    "收入五等分界点",
    ["the tables of form_share and of the earnings fields"],
    "quintiles of a mixture of lognormals over registration, sex and education: mean of forms and ages, log variance of "
    "the permanent effect, of the career mean of the persistent shock, and of a share of the spread over forms",
    0.0,
    20.0,
)
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
        return (weight * norm.cdf((log_cut - np.log(mean) + sd**2 / 2) / sd)).sum() / weight.sum()

    return np.exp([brentq(lambda x, q=q: below(x) - q, -8, 8) for q in (0.2, 0.4, 0.6, 0.8)])


assert len(OCCUPATIONS) == 9  # the rows above are in their order


def compute(assumptions: Mapping, name: str):
    """Return the value of a field under given assumptions (计算参数)."""
    return FIELDS[name].compute(assumptions)
