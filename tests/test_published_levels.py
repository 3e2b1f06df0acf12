"""Published levels: what the model gives beside bands from sources and written calculations.

The bands stand in `published/levels.yaml`. One run of 20,000 people serves them all.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from calibration.aggregates import national_wage
from calibration.paths import load_demography
from scenarios.scenario import compile_case, load_scenario
from simulate import entitlements as rules
from simulate.contributions import month_flows
from simulate.groups import DIMENSIONS, parse_label
from simulate.indicators import INDICATORS
from simulate.kernel import pack
from simulate.participation import CLAIM_EMPLOYEE, CLAIM_RESIDENT
from simulate.results import COLUMNS, Accumulators, estimate
from simulate.run import Population, follow, live
from simulate.strict_yaml import read_yaml
from simulate.terms import (
    FEMALE,
    FIRST_YEAR,
    FORMS,
    PLATFORM_FLEXIBLE,
    POOL,
    ROUTE_EMPLOYEE,
    ROUTE_FLEXIBLE,
    ROUTE_NONE,
    ROUTES,
    RURAL,
)

PERSONS, SEED, BLOCK = 20_000, 1, 1000
SNAPSHOT_YEARS = (2015, 2017, 2021, 2022, 2024, 2025)  # each looked at in December
CREDITS_FROM = 12 * (2027 - FIRST_YEAR)
AT_SIXTY = 12 * 60
GROUPINGS = (
    (),
    ("cohort",),
    ("form",),
    ("occupation",),
    ("sex", "occupation"),
    ("exposure", "sex"),
    ("sex", "birth_year"),
)

LEVELS = read_yaml((Path(__file__).parent / "published" / "levels.yaml").read_text("utf-8")).data
CODES = {term.name: code for code, term in enumerate(FORMS)}
ROUTE_CODES = {term.name: code for code, term in enumerate(ROUTES)}


# --------------------------------------------------------------------------- the run


class Snapshot(NamedTuple):
    """Everybody in one month; arrays by person."""

    at_work_age: np.ndarray  # aged 16 to 59
    active: np.ndarray  # after schooling, before the claim
    form: np.ndarray
    route: np.ndarray
    base_ratio: np.ndarray  # base over the reference wage of the place of record
    earnings_ratio: np.ndarray  # earnings over the wage that they follow
    has_record: np.ndarray
    away: np.ndarray
    hukou: np.ndarray
    weight: np.ndarray

    def share(self, of, among):
        """Weighted share of some people among others."""
        return np.average(of[among], weights=self.weight[among])


class Lifetime(NamedTuple):
    """Everybody at the claim; arrays by person."""

    sex: np.ndarray
    birth_year: np.ndarray
    claim_kind: np.ndarray
    claim_year: np.ndarray
    pension: np.ndarray  # at the claim
    reference_wage: np.ndarray  # of the place and year of the claim
    claimed_child_months: np.ndarray  # from 2027, between schooling and the statutory month
    weight: np.ndarray


class Run(NamedTuple):
    snapshots: dict[int, Snapshot]
    lifetime: Lifetime
    sums: Accumulators


@lru_cache
def case(name):
    return compile_case(load_scenario(name))


def snapshot(year, lives, course, policy):
    people, careers, *_ = lives
    plan, m = course.plan, 12 * (year - FIRST_YEAR) + 11
    i, c = np.arange(people.sex.size), m - careers.start
    begun = (c >= 0) & (c < careers.length)
    c = np.where(begun, c, 0)
    age = (m - people.birth) // 12
    last = np.minimum(careers.length, plan.claim - careers.start)
    province, place = plan.record_province[i, c], careers.province[i, c]
    reference_wage = policy.reference_wage[np.maximum(province, 0), year - FIRST_YEAR]
    return Snapshot(
        begun & (age >= 16) & (age < 60),
        begun & (c < last) & (c >= careers.schooling_months),
        careers.form[i, c],
        plan.route[i, c],
        plan.base[i, c] / reference_wage,
        careers.earnings[i, c] / policy.earnings_wage[place, year - FIRST_YEAR],
        np.cumsum(plan.month_credit > 0.0, axis=1)[i, c] > 0,
        place != people.hukou_province,
        people.hukou,
        lives.weight,
    )


def lifetime(lives, course, policy):
    people, careers, *_ = lives
    plan, award = course.plan, course.award
    c = np.arange(careers.form.shape[1])
    m = careers.start[:, None] + c
    counts = (c >= careers.schooling_months[:, None]) & (c < careers.length[:, None])
    counts &= (m >= CREDITS_FROM) & (m < plan.statutory[:, None])
    counts &= (careers.child_age >= 0) & (careers.child_age < 36)
    year = np.clip(plan.claim // 12, 0, policy.reference_wage.shape[1] - 1)
    return Lifetime(
        people.sex,
        FIRST_YEAR + people.birth // 12,
        plan.claim_kind.copy(),
        FIRST_YEAR + plan.claim // 12,
        award.employee_pension + award.resident_basic + award.resident_rest,
        policy.reference_wage[award.province, year],
        counts.sum(axis=1),
        lives.weight,
    )


def joined(kind, parts):
    return kind(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


@pytest.fixture(scope="session")
def run():
    demography, baseline, credits = load_demography(), case("current-law"), case("carer-credits")
    no_parents = np.zeros_like(credits.policy.care_credit_parent_months)
    children = credits._replace(policy=credits.policy._replace(care_credit_parent_months=no_parents))
    sums = Accumulators(["current-law", "child-credits"], GROUPINGS)
    snapshots, lifetimes = {year: [] for year in SNAPSHOT_YEARS}, []
    for first in range(0, PERSONS, BLOCK):
        lives = live(Population(PERSONS, SEED), first, BLOCK, baseline, demography)
        course = follow(lives, baseline, demography)
        for year, parts in snapshots.items():
            parts.append(snapshot(year, lives, course, baseline.policy))
        lifetimes.append(lifetime(lives, course, baseline.policy))
        reformed = follow(lives, children, demography)
        sums.add(np.stack([course.outcomes, reformed.outcomes]), lives.traits, first, lives.weight)
    return Run(
        {year: joined(Snapshot, parts) for year, parts in snapshots.items()},
        joined(Lifetime, lifetimes),
        sums,
    )


# --------------------------------------------------------------------------- measures: the formula


def formula(scenario="current-law", year=2030):
    """The policy of a scenario and the position of a year in it."""
    return case(scenario).policy, year - FIRST_YEAR


def basic_part(run, years, index, scenario="current-law"):
    policy, y = formula(scenario)
    threshold = policy.low_index_threshold[0, y]  # Beijing, which has no rule of its own
    return rules.basic_pension(
        1.0, 1.0, index, years, policy.accrual_rate[y], policy.indexed_half_weight[y], threshold
    )


def formula_pension(run, years, index):
    """Pension at 60 with W and the crediting rate in step, so that amounts may be taken in W of the claim."""
    policy, y = formula()
    divisor = policy.annuity_divisor[y, AT_SIXTY - 480]
    account = policy.flexible_account_rate[12 * y] * index * 12 * years
    return basic_part(run, years, index) + rules.account_pension(account, divisor)


def resident_formula_pension(run, tier, years):
    policy, y = formula(year=2026)
    basic = policy.resident_basic[:, y].min()  # where the province adds nothing
    pension = rules.resident_pension(basic, tier * years, policy.resident_divisor[y], 0.0, years, 15.0)
    return pension / national_wage(2024)


def resident_account_part(run, balance):
    policy, y = formula(year=2026)
    return rules.account_pension(balance, policy.resident_divisor[y])


def pool_yield(run, index, scenario="current-law"):
    policy, y = formula(scenario)
    pool_rate = policy.flexible_rate[0, 12 * y] - policy.flexible_account_rate[12 * y]
    return 240 * basic_part(run, 1, index, scenario) / (12 * pool_rate * index)


def pool_receipts(run, scenario, earnings):
    """What the pool receives of a month at the floor over W, all earnings from platforms."""
    compiled, demography = case(scenario), load_demography()
    lives = live(Population(BLOCK, SEED), 0, BLOCK, compiled, demography)
    people, careers, *_ = lives
    plan = follow(lives, compiled, demography).plan
    m = 12 * (2030 - FIRST_YEAR) + 5
    i = int(np.flatnonzero((careers.start <= m) & (careers.start + careers.length > m))[0])
    c = m - careers.start[i]
    province = plan.record_province[i, c] = people.hukou_province[i]
    wage = compiled.policy.reference_wage[province, m // 12]
    careers.form[i, c], careers.earnings[i, c] = PLATFORM_FLEXIBLE, earnings * wage
    people.platform_share[i] = people.difficulty_draw[i] = 1.0
    plan.route[i, c], plan.base[i, c], plan.credit_base[i, c] = ROUTE_FLEXIBLE, 0.6 * wage, 0.0
    paid, sunk = np.empty(5), np.empty(4)
    packed = pack(compiled.policy), pack(compiled.behaviour)
    month_flows(i, c, people, careers, *packed, plan, np.zeros(2, np.int64), paid, sunk)
    assert paid.sum() == pytest.approx(sunk.sum())
    return sunk[POOL] / wage


# --------------------------------------------------------------------------- measures: a month


def contributes(now):
    return now.active & np.isin(now.route, (ROUTE_EMPLOYEE, ROUTE_FLEXIBLE))


def contributors_among_insured(run, year):
    now = run.snapshots[year]
    return now.share(contributes(now), now.active & now.has_record)


def insured_share(run, year):
    now = run.snapshots[year]
    return now.share(now.active & now.has_record, now.at_work_age)


def contributor_share(run, year):
    now = run.snapshots[year]
    return now.share(contributes(now), now.at_work_age)


def route_share_at_working_age(run, year, route):
    now = run.snapshots[year]
    return now.share(now.active & (now.route == ROUTE_CODES[route]), now.at_work_age)


def route_share(run, year, form, route):
    now = run.snapshots[year]
    return now.share(now.route == ROUTE_CODES[route], now.active & (now.form == CODES[form]))


def in_no_scheme(run, year, forms):
    now = run.snapshots[year]
    of_forms = now.active & np.isin(now.form, [CODES[form] for form in forms])
    return now.share(now.route == ROUTE_NONE, of_forms)


def migrants_as_employees(run, year):
    now = run.snapshots[year]
    at_work = now.active & (now.earnings_ratio > 0.0) & (now.form != CODES["farming"])
    return now.share(now.route == ROUTE_EMPLOYEE, at_work & now.away & (now.hukou == RURAL))


def employee_base(run, year):
    now = run.snapshots[year]
    return now.share(now.base_ratio, now.active & (now.route == ROUTE_EMPLOYEE))


def earnings_over_wage(run, year, form):
    now = run.snapshots[year]
    return now.share(now.earnings_ratio, now.active & (now.form == CODES[form]))


# --------------------------------------------------------------------------- measures: a life


def claims(run, kind, first_year, last_year):
    lives = run.lifetime
    return (lives.claim_kind == kind) & (lives.claim_year >= first_year) & (lives.claim_year <= last_year)


def resident_over_employee_pension(run, first_year, last_year):
    lives, means = run.lifetime, []
    for kind in (CLAIM_RESIDENT, CLAIM_EMPLOYEE):
        chosen = claims(run, kind, first_year, last_year)
        means.append(np.average(lives.pension[chosen], weights=lives.weight[chosen]))
    return means[0] / means[1]


def employee_pension_over_wage(run, first_year, last_year):
    chosen, lives = claims(run, CLAIM_EMPLOYEE, first_year, last_year), run.lifetime
    weight = lives.weight[chosen]
    return weight @ lives.pension[chosen] / (weight @ lives.reference_wage[chosen])


def months_with_a_claimed_child(run, birth_year):
    lives = run.lifetime
    chosen = (lives.sex == FEMALE) & (abs(lives.birth_year - birth_year) <= 1)
    return np.average(lives.claimed_child_months[chosen], weights=lives.weight[chosen])


def indicator(run, name, group="total"):
    return float(estimate(run.sums, name)["value"].sel(scenario="current-law", group=group).item())


def indicator_ratio(run, name, group, over):
    return indicator(run, name, group) / indicator(run, name, over)


def women_sum(run, column, first_year, last_year):
    """Sum over women of some birth years, by scenario."""
    years = [int(term.name) for term in DIMENSIONS["birth_year"].values]
    cells = [
        position
        for grouping, codes, position in run.sums.cells()
        if grouping == ("sex", "birth_year")
        and codes[0] == FEMALE
        and first_year <= years[codes[1]] <= last_year
    ]
    return run.sums.sums[cells, :, COLUMNS[column]].sum(axis=(0, 2))


def child_credit_months(run, first_year, last_year):
    months, women = (
        women_sum(run, name, first_year, last_year)[1] for name in ("child_credit_months", "one")
    )
    return months / women


def effect_of_child_credits(run, first_year, last_year):
    pensions = women_sum(run, "pension_at_65", first_year, last_year)
    return (pensions[1] - pensions[0]) / women_sum(run, "reference_wage_at_65", first_year, last_year)[0]


MEASURES = {
    function.__name__: function
    for function in (
        basic_part,
        formula_pension,
        resident_formula_pension,
        resident_account_part,
        pool_yield,
        pool_receipts,
        contributors_among_insured,
        insured_share,
        contributor_share,
        route_share_at_working_age,
        route_share,
        in_no_scheme,
        migrants_as_employees,
        employee_base,
        earnings_over_wage,
        resident_over_employee_pension,
        employee_pension_over_wage,
        months_with_a_claimed_child,
        indicator,
        indicator_ratio,
        child_credit_months,
        effect_of_child_credits,
    )
}


# --------------------------------------------------------------------------- the table


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level["id"])
def test_the_level_lies_in_its_band_or_misses_it_as_recorded(run, level):
    value = MEASURES[level["measure"]](run, **level["of"])
    tolerance = 1e-9 if level["low"] == level["high"] else 0.0
    is_inside = level["low"] - tolerance <= value <= level["high"] + tolerance
    assert is_inside == level["holds"], (
        f"{level['title']}: {value:.4f} found; {level['low']} to {level['high']}"
    )


def test_every_level_has_a_source_and_a_calculation_and_a_miss_its_reason():
    required = {"id", "title", "measure", "of", "source", "calculation", "low", "high", "holds"}
    for level in LEVELS:
        assert required <= set(level) <= required | {"reason"}, level["id"]
        assert all(level[key] for key in ("title", "source", "calculation")), level["id"]
        assert level["low"] <= level["high"], level["id"]
        assert ("reason" in level) == (not level["holds"]), level["id"]
    assert len({level["id"] for level in LEVELS}) == len(LEVELS)


def test_every_measure_is_used_and_every_group_and_indicator_known():
    assert {level["measure"] for level in LEVELS} == set(MEASURES)
    for level in LEVELS:
        arguments = level["of"]
        if level["measure"].startswith("indicator"):
            assert arguments["name"] in INDICATORS
            for group in (arguments.get("group", "total"), arguments.get("over", "total")):
                assert tuple(parse_label(group)) in GROUPINGS


def test_most_levels_hold():
    assert sum(level["holds"] for level in LEVELS) > 0.8 * len(LEVELS)
