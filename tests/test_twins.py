"""Twins: the same people in four positions at equal labour cost, by the engine of every run."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.fitted_set import load_behaviour
from calibration.paths import load_demography, load_economy
from scenarios import compare
from scenarios.scenario import compile_case, load_scenario
from scenarios.twins import estimate_twins
from simulate.law import load_law
from simulate.outcomes import POSITION
from simulate.policy import compile_policy
from simulate.run import Case, Population, follow, live, prepare
from simulate.terms import FORMAL_EMPLOYEE, ROUTE_EMPLOYEE, ROUTE_FLEXIBLE, ROUTE_RESIDENT
from simulate.twins import TWINS, as_twin, simulate_twins, twin_case

ECONOMY, WORLD = load_economy(), load_demography()
POLICY = compile_policy(load_law(), ECONOMY)
CASE = Case("current-law", POLICY, POLICY, load_behaviour(), ECONOMY)
NUMBER = 256


@pytest.fixture(scope="module")
def lives():
    return live(Population(), 0, NUMBER, prepare(CASE), WORLD)


@pytest.fixture(scope="module")
def courses(lives):
    return {
        twin.name: follow(as_twin(lives, twin, CASE), prepare(twin_case(CASE, twin)), WORLD) for twin in TWINS
    }


def test_work_costs_the_same_month_by_month(lives):
    """Earnings and 16 or so per cent of the base that they give, where they are not below that alone."""
    employee = as_twin(lives, TWINS[0], CASE).careers
    works = lives.careers.earnings > 0
    assert np.all(employee.form[works] == FORMAL_EMPLOYEE)
    assert np.array_equal(employee.form[~works], lives.careers.form[~works])
    m = np.minimum(employee.start[:, None] + np.arange(works.shape[1]), 1331)
    rate, floor, cap = (
        getattr(POLICY, n)[employee.province, m] for n in ("employer_rate", "base_floor", "base_cap")
    )
    cost = employee.earnings + rate * np.clip(employee.earnings, floor, cap)
    enough = works & (lives.careers.earnings > rate * floor)
    assert enough.sum() > 0.9 * works.sum()
    np.testing.assert_allclose(cost[enough], lives.careers.earnings[enough])
    for twin in TWINS[1:]:
        assert np.array_equal(as_twin(lives, twin, CASE).careers.earnings, lives.careers.earnings)


def test_each_is_insured_on_its_own_route_and_no_other(courses):
    routes = {name: course.plan.route for name, course in courses.items()}
    assert np.count_nonzero(routes["formal_employee"] == ROUTE_EMPLOYEE) > 50_000
    for name in ("flexible_at_earnings", "flexible_at_floor"):
        assert not (routes[name] == ROUTE_EMPLOYEE).any()
        assert np.count_nonzero(routes[name] == ROUTE_FLEXIBLE) > 50_000
    assert not np.isin(routes["resident_member"], (ROUTE_EMPLOYEE, ROUTE_FLEXIBLE)).any()
    assert np.count_nonzero(routes["resident_member"] == ROUTE_RESIDENT) > 50_000


def test_who_pays_follows_the_position(courses):
    def paid(name, payer):
        return courses[name].outcomes[POSITION[f"present_value_paid_by_{payer}"]].sum()

    # 8 and mostly 16 per cent of the same base; other rates before 2019 and in single provinces
    assert 1.8 < paid("formal_employee", "employer") / paid("formal_employee", "worker") < 2.4
    for name in ("flexible_at_earnings", "flexible_at_floor", "resident_member"):
        assert paid(name, "employer") == 0
    assert paid("flexible_at_earnings", "worker") > paid("flexible_at_floor", "worker")
    by_earnings, lowest = (courses[name].plan for name in ("flexible_at_earnings", "flexible_at_floor"))
    both = (by_earnings.route == ROUTE_FLEXIBLE) & (lowest.route == ROUTE_FLEXIBLE)
    assert by_earnings.base[both].sum() > 1.2 * lowest.base[both].sum()


def test_positions_do_not_touch_the_lives_that_were_drawn(lives):
    before = [array.copy() for array in (*lives.people, *lives.careers)]
    for twin in TWINS:
        as_twin(lives, twin, CASE)
    for old, new in zip(before, (*lives.people, *lives.careers), strict=True):
        assert np.array_equal(old, new)


def test_sums_are_those_of_the_single_courses(courses):
    sums = simulate_twins(Population(NUMBER), [CASE], WORLD)
    assert sums.scenarios[0] == "current-law/formal_employee"
    for k, twin in enumerate(TWINS):
        told = sums.sums[0, k, POSITION["pension_at_65"]].sum()
        assert told == pytest.approx(courses[twin.name].outcomes[POSITION["pension_at_65"]].sum())


def test_a_comparison_holds_them_on_demand_and_its_other_numbers_stay():
    plain = compare(["lower-floor"], persons=60, by=())
    told = compare(["lower-floor"], persons=60, by=(), twins=True)
    assert "twin_value" not in plain.dataset
    assert plain.run_id != told.run_id
    assert plain.rows() == told.rows()
    value = told.dataset["twin_value"].sel(twin_indicator="present_value_paid_by_worker")
    # the lower floor: only who pays on it pays less, and residents nothing else
    change = value.sel(scenario="lower-floor") - value.sel(scenario="current-law")
    assert float(change.sel(twin="flexible_at_floor")) < -10_000
    assert float(change.sel(twin="resident_member")) == 0
    case = compile_case(load_scenario("current-law"))  # with the weights of the fitted set
    beside = estimate_twins([case], 1, "total")["twin_value"].sel(scenario="current-law")
    assert np.array_equal(beside, told.dataset["twin_value"].sel(scenario="current-law"))
