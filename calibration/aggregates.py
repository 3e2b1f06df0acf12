"""National and provincial figures that several formulas use (汇总数), read from the tables."""

from __future__ import annotations

import numpy as np

from calibration.tables import read_table
from simulate.terms import FIRST_YEAR, LAST_YEAR, N_PROVINCES

YEARS = np.arange(FIRST_YEAR, LAST_YEAR + 1)
SURVEY_TABLES = {
    "P": "ilo_insurance_participation",
    "E": "ilo_enrolment_place_duration",
    "C": "ilo_contributions_burden_preferences",
    "R": "ilo_nonparticipation_reasons",
    "O": "ilo_occupations",
    "D": "ilo_sample_demographics",
    "L": "ilo_labour_force_context",
}


def survey(row: str) -> float:
    """Return a figure of the survey of 2020-21 by its row (调查结果), percent as a share.

    >>> round(survey("P001"), 3)
    0.554
    """
    columns = read_table(SURVEY_TABLES[row[0]])
    i = columns["id"].index(row)
    value = float(columns["value"][i])
    return value / 100 if columns["unit"][i] == "%" else value


def people_by_age() -> np.ndarray:
    """Return the population of mid-2025 by sex and age 15-69 (人口). [10k persons]"""
    table = read_table("population_2025")
    people = np.zeros((2, 55))
    for sex, age, thousand in zip(table["sex"], table["age"], table["population_thousand"], strict=True):
        age = int(float(str(age).rstrip("+")))
        if sex in ("male", "female") and 15 <= age < 70:
            people[("male", "female").index(sex), age - 15] = float(thousand) / 10
    return people


def national_wage(year: int) -> float:
    """Return the full-coverage wage of the provinces, weighted by insured workers (社平工资). [yuan/month]"""
    wage, insured = read_table("full_coverage_wage"), read_table("employee_scheme_by_province")
    weight = dict(zip(insured["province"], insured["insured_workers_10k"], strict=True))
    rows = [(r, v) for r, y, v in zip(wage["region"], wage["year"], wage["value"], strict=True) if y == year]
    return sum(weight[r] * v for r, v in rows) / sum(weight[r] for r, _ in rows)


def province_names() -> tuple[str, ...]:
    """Return the provinces in the order of their codes (省份)."""
    return read_table("employee_scheme_by_province")["province"][1:]


def residents_away() -> np.ndarray:
    """Return people by province of registration and of residence, 2020 (跨省居住人口). [10k persons]"""
    table, names = read_table("interprovincial_hukou_matrix"), province_names()
    away = np.zeros((N_PROVINCES, N_PROVINCES))
    for residence, hukou, n in zip(
        table["province_of_residence"], table["hukou_province"], table["estimated_persons_10k"], strict=True
    ):
        away[names.index(hukou), names.index(residence)] = n
    return away
