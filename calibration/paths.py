"""Economy and Demography from tables and economy files (经济与人口路径)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from calibration.aggregates import YEARS, national_wage, province_names, residents_away
from calibration.amendments import dated_faults, number_faults, year_of
from calibration.fitted_set import assumptions
from calibration.tables import CalibrationError, cell, read_table
from simulate.demography import Demography
from simulate.economy import Economy
from simulate.strict_yaml import Fault, nearest, read_yaml
from simulate.terms import (
    FIRST_BIRTH_YEAR,
    FIRST_WORK_AGE,
    FIRST_YEAR,
    LAST_AGE,
    LAST_BIRTH_YEAR,
    N_YEARS,
    PRICE_YEAR,
)

FOLDER = Path(__file__).parent / "economy"
FIRST_PROJECTED_YEAR = 2026
SMOOTH_FROM_AGE = 98


@functools.cache
def economy_names() -> tuple[str, ...]:
    """Return the economy files by name (经济方案)."""
    return tuple(path.stem for path in sorted(FOLDER.glob("*.yaml")))


@functools.cache
def economy_values(name: str = "central") -> Mapping[str, Mapping[str, Any]]:
    """Return the named numbers of an economy file, those of its baseline included (经济参数)."""
    if name not in economy_names():
        known = ", ".join(economy_names())
        message = f"no economy {name!r}. Known: {known}.{nearest(name, economy_names())}"
        raise CalibrationError("economy", [Fault("", message)])
    path = FOLDER / f"{name}.yaml"
    document = read_yaml(path.read_text(encoding="utf-8"))
    if document.faults:
        raise CalibrationError(str(path), document.faults)
    own = document.data["values"]
    if "baseline" not in document.data:
        return own
    base = economy_values(document.data["baseline"])
    unknown = [Fault(key, f"not in the baseline.{nearest(key, base)}") for key in own if key not in base]
    if unknown:
        raise CalibrationError(str(path), unknown)
    return {key: {**entry, **own.get(key, {})} for key, entry in base.items()}


def load_economy(name: str = "central") -> Economy:
    """Return an economy: observed past, assumed future (经济路径), by the name of its file.

    >>> float(load_economy().crediting_spread)
    0.01
    """
    return _build(economy_values(name))


def amend_economy(economy: Economy, changes: Mapping[str, Any], base: str = "central") -> Economy:
    """Return the economy with named numbers replaced (修改经济路径).

    ``changes`` maps names of the economy files to a number, a list of [year, value], or a dated value
    ``{"from": "2030-01-01", "value": 0.03}`` or a list of these, which holds from its year on (a path of
    straight lines runs from one to the next). ``base`` is the file the economy was loaded from. Raises
    CalibrationError with all faults at once.

    >>> float(amend_economy(load_economy(), {"crediting_spread": 0.0}).crediting_spread)
    0.0
    """
    values, faults = dict(economy_values(base)), []
    for name, change in changes.items():
        if name not in values:
            faults.append(Fault(name, f"no such number of the economy.{nearest(name, values)}"))
            continue
        entry, found = _changed(name, values[name], change)
        faults += found
        values[name] = entry
    if faults:
        raise CalibrationError("economy", faults)
    before, after = _build(economy_values(base)), _build(values)
    fresh = {
        field: getattr(after, field)
        for field in Economy._fields
        if not np.array_equal(getattr(before, field), getattr(after, field))
    }
    return economy._replace(**fresh)


def _changed(name: str, entry: Mapping, change: Any) -> tuple[dict, list[Fault]]:
    """Return an entry with a change and what is wrong with it."""
    if "choices" in entry:
        wrong = change not in entry["choices"]
        return {**entry, "value": change}, (
            [Fault(name, f"{change!r} is none of {', '.join(entry['choices'])}")] if wrong else []
        )
    if "value" in entry:
        return {**entry, "value": change}, number_faults(name, change, entry["range"], entry["unit"])
    steps = [change] if isinstance(change, Mapping) else change
    if isinstance(steps, (int, float)) and not isinstance(steps, bool):
        steps = [{"from": f"{FIRST_PROJECTED_YEAR}-01-01", "value": steps}]
    if isinstance(steps, list) and steps and all(isinstance(step, list) and len(step) == 2 for step in steps):
        steps = [{"from": f"{step[0]}-01-01", "value": step[1]} for step in steps]
    faults = dated_faults(name, steps, entry["range"], entry["unit"])
    if faults:
        return dict(entry), faults
    fresh = sorted([year_of(step["from"]), float(step["value"])] for step in steps)
    first = fresh[0][0]
    path = [list(point) for point in entry["path"] if point[0] < first]
    if entry.get("between") == "straight":
        # the old line holds to the year before the first new value; new values are joined by straight lines
        held = [first - 1, float(np.interp(first - 1, *zip(*entry["path"], strict=True)))]
        path = [point for point in path if point[0] < first - 1] + [held]
    path += fresh
    return {**entry, "path": path}, []


def _path(entry: Mapping) -> np.ndarray:
    """Return a path by year; before its first entry the first value."""
    years, values = zip(*entry["path"], strict=True)
    if entry.get("between") == "straight":
        return np.interp(YEARS, years, values)
    return np.array(values, dtype=float)[np.maximum(np.searchsorted(years, YEARS, side="right") - 1, 0)]


def _build(values: Mapping[str, Mapping]) -> Economy:
    number = {name: entry["value"] for name, entry in values.items() if "value" in entry}
    future = YEARS >= FIRST_PROJECTED_YEAR

    wage_growth = np.where(future, _path(values["wage_growth"]), 0.0)
    wage_growth[~future] = _past_wage_growth(number["wage_growth_2025"])
    price_growth = np.where(future, _path(values["price_growth"]), 0.0)
    price_growth[~future] = _past_price_growth()
    deposit_rate = np.where(future, _path(values["deposit_rate"]), 0.0)
    deposit_rate[~future] = _past_deposit_rate()
    level = np.cumprod(1 + price_growth)

    def between(share):
        return share * wage_growth + (1 - share) * price_growth

    resident_basic_growth = between(number["resident_basic_wage_share"])
    if number["resident_basic_yearly_amount"]:
        amount = number["resident_basic_mean_2025"] + number["resident_basic_yearly_amount"] * np.maximum(
            YEARS - 2025, 0
        )
        resident_basic_growth = np.where(
            future, number["resident_basic_yearly_amount"] / np.roll(amount, 1), resident_basic_growth
        )
    discount = {
        "wages": wage_growth,
        "wages_plus_1": wage_growth + 0.01,
        "prices_plus_2": price_growth + 0.02,
    }[number["discount_rule"]]
    return Economy(
        first_projected_year=FIRST_PROJECTED_YEAR,
        wage_growth=wage_growth,
        price_growth=price_growth,
        price_index=level / level[PRICE_YEAR - FIRST_YEAR],
        deposit_rate=deposit_rate,
        crediting_spread=float(number["crediting_spread"]),
        resident_crediting_spread=float(number["resident_crediting_spread"]),
        benefit_base_growth=float(number["benefit_base_growth"]),
        pension_increase_wage_share=float(number["pension_increase_wage_share"]),
        resident_basic_growth=resident_basic_growth,
        resident_tier_growth=between(number["resident_tier_wage_share"]),
        dibao_growth=between(number["dibao_wage_share"]),
        mean_pension=_mean_pension(wage_growth, number["mean_pension_wage_share"]),
        platform_path=_platform_path(values),
        platform_earnings_drift=_path(values["platform_earnings_drift"]),
        discount_rate=discount,
    )


def _past_wage_growth(growth_2025: float) -> np.ndarray:
    """Growth of the average wage 1990-2025 (历史工资增长率).

    To 1995 growth of nominal product per head, to 2020 the wage of non-private units, then the full-coverage
    wage of the provinces weighted by insured workers, 2025 assumed.
    """
    macro = read_table("prices_and_growth")
    deflator = dict(zip(macro["year"], macro["gdp_deflator_inflation_pct"], strict=True))
    growth = dict(zip(macro["year"], macro["gdp_per_capita_growth_pct"], strict=True))
    wages = read_table("national_average_annual_wage")
    wage = dict(zip(wages["year"], wages["nonprivate_urban_units_yuan"], strict=True))
    past = []
    for year in range(FIRST_YEAR, FIRST_PROJECTED_YEAR):
        if year <= 1995:
            past.append((1 + deflator[year] / 100) * (1 + growth[year] / 100) - 1)
        elif year <= 2020:
            past.append(wage[year] / wage[year - 1] - 1)
        elif year <= 2024:
            past.append(national_wage(year) / national_wage(year - 1) - 1)
        else:
            past.append(growth_2025)
    return np.array(past)


def _past_price_growth() -> np.ndarray:
    macro = read_table("prices_and_growth")
    cpi = dict(zip(macro["year"], macro["cpi_inflation_pct"], strict=True))
    cpi[2025.0] = cell("income_and_prices_2025", "value", indicator="cpi_yoy")
    return np.array([cpi[year] / 100 for year in range(FIRST_YEAR, FIRST_PROJECTED_YEAR)])


def _past_deposit_rate() -> np.ndarray:
    """Benchmark rate to 2021, then what the large banks list at mid-year: the benchmark no longer binds."""
    mean, listed = read_table("deposit_rate_annual_mean"), read_table("large_bank_deposit_rate")
    rate = dict(zip(mean["year"], mean["day_weighted_mean_rate_pct"], strict=True))
    for year in range(2022, FIRST_PROJECTED_YEAR):
        rate[year] = [
            r for day, r in zip(listed["from"], listed["rate_pct"], strict=True) if day <= f"{year}-07-01"
        ][-1]
    return np.array([rate[year] / 100 for year in range(FIRST_YEAR, FIRST_PROJECTED_YEAR)])


def _mean_pension(wage_growth: np.ndarray, wage_share: float) -> np.ndarray:
    """Spending per pensioner where published, gaps along a straight line of logs, before 2004 with wages."""
    table = read_table("employee_scheme_national")
    known, level = table["year"], np.log(table["expenditure_per_retiree_yuan_month"])
    pension = np.exp(np.interp(YEARS, known, level))
    for i in range(int(known[0]) - FIRST_YEAR - 1, -1, -1):
        pension[i] = pension[i + 1] / (1 + wage_growth[i + 1])
    for i in range(FIRST_PROJECTED_YEAR - FIRST_YEAR, N_YEARS):
        pension[i] = pension[i - 1] * (1 + wage_share * wage_growth[i])
    return pension


def _platform_path(values: Mapping[str, Mapping]) -> np.ndarray:
    """Nothing before 2014; a straight line to 2020, riders to 2023, then the file's path."""
    riders = read_table("rider_numbers_income_turnover")
    count = {
        int(period): float(value)
        for name, period, value in zip(riders["indicator"], riders["period"], riders["value"], strict=True)
        if name == "meituan_riders_with_income"
    }
    years, levels = [2014], [values["platform_level_2014"]["value"]]
    for year in sorted(count):
        years.append(year)
        levels.append(values["platform_level_2023"]["value"] * count[year] / count[2023])
    path = values["platform_path"]
    years += [FIRST_PROJECTED_YEAR]
    levels += [_path(path)[FIRST_PROJECTED_YEAR - FIRST_YEAR]]
    past = np.interp(YEARS, years, levels)
    return np.where(YEARS < 2014, 0.0, np.where(YEARS < FIRST_PROJECTED_YEAR, past, _path(path)))


# --- demography ----------------------------------------------------------------------------------------


@functools.cache
def load_demography() -> Demography:
    """Return survival, fertility and the people to draw from (人口参数)."""
    a = assumptions()
    death = death_probability()
    province, rural = hukou_provinces(a["migrant_enrolled_at_work_share"], a["rural_hukou_share"])
    cohorts = cohort_sizes(death)
    return Demography(
        death_probability=death,
        fertility=_fertility(),
        cohort_cdf=_cdf(cohorts.ravel()),
        hukou_province_cdf=_cdf(province),
        rural_share=rural,
        father_age_gap_years=float(a["father_age_gap_years"]),
    )


def _cdf(weights: np.ndarray) -> np.ndarray:
    cdf = np.cumsum(weights / weights.sum())
    cdf[-1] = 1.0
    return cdf


def death_probability() -> np.ndarray:
    """Return probabilities of dying (sex, year, age 0-120), never falling with age above 98 (死亡概率)."""
    table = read_table("death_probability")
    death = np.ones((2, N_YEARS, LAST_AGE + 1))
    sex = np.array([("male", "female").index(s) for s in table["sex"]])
    death[sex, table["year"].astype(int) - FIRST_YEAR, table["age"].astype(int)] = table["qx"]
    # the derived table falls from 99 to 100 in some years
    death[:, :, SMOOTH_FROM_AGE:] = np.maximum.accumulate(death[:, :, SMOOTH_FROM_AGE:], axis=2)
    death[:, :, LAST_AGE] = 1.0
    return death


def _fertility() -> np.ndarray:
    table = read_table("fertility_rate")
    fertility = np.zeros((N_YEARS, 35))
    fertility[table["year"].astype(int) - FIRST_YEAR, table["mother_age"].astype(int) - 15] = table["asfr"]
    return fertility


def cohort_sizes(death: np.ndarray) -> np.ndarray:
    """Return people by birth year and sex when they reach 16 (队列人数). [thousand]

    Population of mid-2025 divided by survival from 16 to the age of 2025 (rates of 1990 before 1990), because
    the engine weighs lives with survival itself.
    """
    table = read_table("population_2025")
    sizes = np.zeros((LAST_BIRTH_YEAR - FIRST_BIRTH_YEAR + 1, 2))
    for sex, age, people in zip(table["sex"], table["age"], table["population_thousand"], strict=True):
        birth = 2025 - int(float(str(age).rstrip("+")))
        if FIRST_BIRTH_YEAR <= birth <= LAST_BIRTH_YEAR and sex in ("male", "female"):
            s = ("male", "female").index(sex)
            ages = np.arange(FIRST_WORK_AGE, 2025 - birth)
            years = np.maximum(birth + ages - FIRST_YEAR, 0)
            sizes[birth - FIRST_BIRTH_YEAR, s] = people / np.prod(1 - death[s, years, ages])
    return sizes


def hukou_provinces(enrolled_at_work: float, rural_share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return people and rural share by province of registration (户籍省人口与农业户口占比).

    People: members of both schemes 2024, less the assumed share of residents registered elsewhere, plus that
    share of those registered here who live elsewhere. Urban share: in proportion to the employee scheme's
    part, so that the nation meets ``rural_share``.
    """
    employee = np.array(read_table("employee_scheme_by_province")["participants_10k"][1:])
    table = read_table("resident_scheme_by_province")
    resident = np.array(
        [table["participants_10k"][table["province"].index(name)] for name in province_names()]
    )
    away = residents_away()
    employee = employee + enrolled_at_work * (away.sum(axis=1) - away.sum(axis=0))
    people = employee + resident
    urban = (1 - rural_share) * (employee / people) * people.sum() / employee.sum()
    return people, np.clip(1 - urban, 0.0, 1.0)
