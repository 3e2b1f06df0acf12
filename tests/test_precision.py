"""How sure a comparison is: people added until it is precise, places, shares of levers, kinds of doubt."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from calibration.fitted_set import assumption_entries, parameter_draw
from scenarios import compare
from scenarios.attribution import weights
from scenarios.comparison_tables import markdown
from scenarios.factors import choose, factors, settings
from scenarios.precision import parse_target, persons_needed
from scenarios.ranking import _draw_places
from scenarios.scenario import ScenarioError, combine, load_scenario
from scenarios.store import keep_run, load_run
from scenarios.uncertainty import drawn_world, position_of
from scenarios.worlds import World, compile_cases
from simulate.results import jackknife_covariance

HEADLINE = "pension_to_average_wage"
FEW = [HEADLINE, "new_joiners", "median_monthly_pension", "gender_pension_gap"]
PACKAGE = "lower-floor+platform-cofunding+carer-credits"


@pytest.fixture(scope="module")
def package():
    return compare(
        ["lower-floor"], persons=600, indicators=FEW, by=["sex"], attribute=PACKAGE, parameter_draws=3
    )


# --------------------------------------------------------------------------- target


@pytest.mark.parametrize(
    ("text", "name", "error"),
    [
        ("0.1pp", HEADLINE, 0.001),  # a tenth of a percentage point of a share
        ("0.001", HEADLINE, 0.001),
        ("new_joiners=0.5 pp", "new_joiners", 0.005),
        ("median_monthly_pension=50yuan", "median_monthly_pension", 50.0),
    ],
)
def test_a_target_is_a_number_with_the_unit_of_its_indicator(text, name, error):
    target = parse_target(text, FEW)
    assert (target.indicator, target.standard_error) == (name, pytest.approx(error, rel=1e-12))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("soon", "no number with a unit"),
        ("5yuan", "yuan is no unit of pension_to_average_wage"),
        ("-0.1pp", "positive number"),
        ("nwe_joiners=1pp", "Did you mean new_joiners"),
        ("1e-e", "no number"),
    ],
)
def test_a_target_that_means_nothing_is_told(text, told):
    with pytest.raises(ScenarioError, match=told):
        parse_target(text, FEW)


def test_people_are_added_until_the_difference_is_precise_and_those_done_are_kept():
    options = {"by": (), "indicators": FEW}
    rough = compare(["lower-floor"], persons=500, **options)
    error = float(rough.dataset["difference_se"].sel(indicator="new_joiners", scenario="lower-floor")[0])
    wanted = error / 1.5
    fine = compare(["lower-floor"], persons=500, target_se=f"new_joiners={wanted:.6f}", **options)
    persons = fine.inputs["persons"]
    assert persons > 500
    assert float(fine.dataset["difference_se"].sel(indicator="new_joiners").max()) <= wanted
    whole = compare(["lower-floor"], persons=persons, **options)
    for name in ("value", "standard_error", "difference_se"):
        np.testing.assert_array_equal(fine.dataset[name], whole.dataset[name])
    assert fine.sample == whole.sample


def test_a_target_that_takes_more_people_than_there_can_be_is_refused():
    rough = compare(["lower-floor"], persons=1_000, by=(), indicators=FEW)
    with pytest.raises(ScenarioError, match="at most 20,000,000 are drawn"):
        persons_needed(rough.dataset, parse_target("0.000001pp", FEW), 1_000)
    nothing = compare(["current-law"], persons=60, by=(), indicators=FEW)
    assert persons_needed(nothing.dataset, parse_target("0.1pp", FEW), 60) == 60  # 0 is precise enough


# --------------------------------------------------------------------------- ranking


def test_places_have_the_probabilities_of_the_normal_law():
    # two reforms 1 apart, each with standard error 1, independent: P(first above) = Phi(1 / sqrt 2) = 0.760
    places, above = _draw_places(np.array([1.0, 0.0]), np.eye(2), degrees=100_000)
    assert places[0, 0] == pytest.approx(0.760, abs=0.01)
    assert above[0, 1] == pytest.approx(0.760, abs=0.01)
    np.testing.assert_allclose(places.sum(axis=0), 1.0)
    np.testing.assert_allclose(places.sum(axis=1), 1.0)


def test_errors_that_go_together_do_not_hide_an_order():
    covariance = np.array([[1.0, 1.0], [1.0, 1.0]])  # the same error in both: only the gap of 0.1 is left
    places, _ = _draw_places(np.array([0.1, 0.0]), covariance, degrees=49)
    assert places[0].tolist() == [1.0, 0.0]


def test_equal_scenarios_share_a_place():
    places, above = _draw_places(np.zeros(3), np.zeros((3, 3)), degrees=49)
    np.testing.assert_allclose(places, 1 / 3, atol=0.015)
    assert above[0, 1] == 0.5


def test_the_covariance_is_that_of_the_delete_a_group_jackknife():
    # two groups: value 2, without each 1 and 3; (2 - 1) / 2 x (1 + 1) = 1
    assert jackknife_covariance(np.array([2.0]), np.array([[1.0, 3.0]]), 2).tolist() == [[1.0]]


def test_reforms_that_cannot_be_told_apart_share_a_range_of_places(tmp_path):
    found = compare(
        ["carer-credits", "lower-floor", "lower-floor-20"], persons=600, indicators=FEW[:1], by=()
    )
    ranking = found.ranking()
    rows = {row["scenario"]: row for row in ranking["scenarios"]}
    assert len(rows) == 4
    assert {row["rank"] for row in rows.values() if row["rank_from"] != row["rank_to"]} <= {None}
    assert any(row["rank"] is None for row in rows.values())
    for row in rows.values():
        assert sum(row["probabilities"]) == pytest.approx(1.0)
    assert json.loads(found.to_json())["ranking"] == ranking
    assert "Ranking by Pension at 65" in markdown(found)
    assert load_run(keep_run(found, tmp_path / "run")).ranking() == ranking


def test_less_comes_first_where_less_is_better():
    found = compare(
        ["carer-credits", "platform-cofunding"], persons=400, by=(), indicators=["gender_pension_gap"]
    )
    told = [row["difference"] for row in found.ranking()["scenarios"]]
    assert told == sorted(told)
    assert found.ranking()["first"] == "least"


# --------------------------------------------------------------------------- attribution


def test_weights_are_the_mean_over_all_orders():
    # 3 levers: the first alone in 2 of 6 orders, second in 2 x 1 of 6 by who is before, last in 2 of 6
    found = weights(3, 0)
    assert found[frozenset({0})] == pytest.approx(2 / 6)
    assert found[frozenset({0, 1})] == pytest.approx(1 / 6)
    assert found[frozenset({0, 1, 2})] == pytest.approx(2 / 6)
    assert sum(found.values()) == pytest.approx(0.0)


def test_shares_of_levers_add_up_to_the_package(package):
    data = package.dataset
    whole = data["difference"].sel(scenario=PACKAGE)
    np.testing.assert_allclose(data["attribution"].sum("lever", skipna=False), whole, rtol=1e-10, atol=1e-12)
    assert (data["attribution_se"].sel(group="total") > 0).all()
    assert list(data["lever"].values) == PACKAGE.split("+")


def test_shares_are_those_of_every_order_run_by_hand(package):
    levers = [load_scenario(name) for name in PACKAGE.split("+")]
    subsets = {}
    for size in (1, 2, 3):
        for chosen in itertools.combinations(range(3), size):
            parts = [levers[i] for i in chosen]
            subsets[frozenset(chosen)] = parts[0] if size == 1 else combine(parts)
    run = compare(list(subsets.values()), persons=600, by=(), indicators=FEW[:1])
    value = {frozenset(): 0.0} | {
        members: float(run.dataset["difference"].sel(scenario=scenario.name, indicator=HEADLINE)[0])
        for members, scenario in subsets.items()
    }
    orders = list(itertools.permutations(range(3)))
    for lever in range(3):
        gains = [
            value[frozenset(o[: o.index(lever) + 1])] - value[frozenset(o[: o.index(lever)])] for o in orders
        ]
        told = float(package.dataset["attribution"].sel(indicator=HEADLINE, group="total")[lever])
        assert told == pytest.approx(sum(gains) / 6, abs=1e-12)


def test_attribution_is_in_json_and_tables(package):
    rows = json.loads(package.to_json())["attribution"]
    assert {"indicator", "unit", "group", "package", "lever", "share", "standard_error"} <= set(rows[0])
    assert len(rows) == len(FEW) * 3 * 3  # levers x (all, men, women)
    assert "贡献" in markdown(package, "zh")


@pytest.mark.parametrize(
    ("argument", "options", "told"),
    [
        ("lower-floor", {}, "has 1 levers"),
        ("lower-floor+carer-credits", {"baseline": "current-practice"}, "Name one --baseline"),
    ],
)
def test_what_cannot_be_shared_out_is_told(argument, options, told):
    with pytest.raises(ScenarioError, match=told):
        compare([], persons=60, attribute=argument, **options)


# --------------------------------------------------------------------------- kinds of doubt


def test_the_kinds_of_doubt_stand_beside_every_number(package):
    for row in package.rows():
        if row["value"] is not None and row["parameter_sd"] is not None:
            assert row["parameter_low"] <= row["parameter_high"]
            assert row["model_low"] <= row["value"] <= row["model_high"]
            assert row["difference_model_low"] <= row["difference"] <= row["difference_model_high"]
    lead = package.rows()[1]
    assert lead["parameter_sd"] > 0
    assert "Three kinds of doubt" in markdown(package)
    assert package.to_csv().splitlines()[0].count("parameter_sd") == 2


def test_parameters_are_drawn_together_as_the_set_has_them():
    worlds = [drawn_world(draw, 1, World()).assumptions for draw in range(200)]

    # all two hundred draws of the set, each once, whatever the seed; the seed says where they begin
    def numbers(values):
        # life services are the fourth occupation
        coverage = values["occupation_coverage_factor"][3]
        return [values["platform_compliance_level"], coverage, values["floor_payer_share"]]

    drawn = np.array([numbers(world) for world in worlds])
    stored = np.array([numbers(parameter_draw("2026", k)) for k in range(200)])
    assert np.array_equal(np.sort(drawn, axis=0), np.sort(stored, axis=0))
    assert len(np.unique(drawn[:, 1])) > 100  # the others are clipped to the band
    together, apart = np.corrcoef(drawn.T), np.corrcoef(stored.T)
    np.testing.assert_allclose(together, apart)
    # one level of compliance and the coverage of one occupation say nearly the same
    assert together[0, 1] < -0.7
    # assumptions that nothing estimates stay in their bands and are not tied to the estimates
    entry = assumption_entries()["floor_payer_share"]
    assert entry["high"] <= drawn[:, 2].min() < drawn[:, 2].max() <= entry["low"]
    assert abs(together[2, :2]).max() < 0.25
    assert drawn_world(0, 2, World()).assumptions["platform_compliance_level"] != drawn[0, 0]
    assert drawn_world(7, 1, World()) == drawn_world(7, 1, World())


def test_a_draw_holds_what_the_ranked_list_has_beside_the_set_and_of_an_old_set_that_alone():
    names = {factor.name for factor in choose() if not factor.place}
    drawn, old = drawn_world(3, 1, World()), drawn_world(3, 1, World(fitted="first"))
    assert names <= set(drawn.assumptions)
    assert set(old.assumptions) == names
    assert set(drawn.law) == set(old.law) == {"levy_pass_through_share"}


def test_draws_change_results_the_same_way_each_time(package):
    spread = package.dataset["parameter_sd"].sel(indicator=HEADLINE, group="total")
    again = compare(["lower-floor"], persons=600, indicators=[HEADLINE], by=["sex"], parameter_draws=3)
    assert float(spread.min()) > 0
    same = again.dataset["parameter_sd"].sel(indicator=HEADLINE, group="total", scenario="lower-floor")
    assert float(same) == float(spread.sel(scenario="lower-floor"))


def test_more_draws_than_the_set_has_are_refused():
    with pytest.raises(ScenarioError, match="201 asked for; the set 2026 has 200"):
        compare([], persons=60, parameter_draws=201)


def test_draws_come_from_the_triangle_and_are_keyed_by_name():
    factor = factors()[
        "floor_payer_share"
    ]  # low 0.9, central 0.75, high 0.6: a triangle with its top in the middle
    found = np.array([position_of(factor, draw, seed=1) for draw in range(4_000)])
    assert found.mean() == pytest.approx(0.5, abs=0.01)
    assert found.var() == pytest.approx(1 / 24, rel=0.06)  # of the triangle on 0 to 1
    assert position_of(factor, 7, 1) == found[7]
    assert position_of(factor, 7, 2) != found[7]
    lopsided = factors()["mortality_gradient"]  # low and central are both 0
    assert min(position_of(lopsided, draw, 1) for draw in range(200)) >= 0.5


def test_the_ranked_list_is_whole_and_every_factor_changes_what_is_run():
    ranked = choose()
    assert {factor.rank for factor in ranked} == set(range(1, 13))
    pair = [load_scenario("current-law"), load_scenario("platform-cofunding")]

    def case(factor, position):
        return compile_cases(pair, *World(**settings([(factor, position)])))[1]

    central = compile_cases(pair, *World())[1]
    for factor in ranked:
        low, high = case(factor, 0.0), case(factor, 1.0)
        assert any(
            not np.array_equal(a, b)
            for part in ("behaviour", "economy", "policy")
            for a, b in zip(getattr(low, part), getattr(high, part), strict=True)
        ), factor.name
        middle = case(factor, 0.5)
        for part in ("behaviour", "economy", "policy"):
            for name in getattr(central, part)._fields:
                before, after = getattr(getattr(central, part), name), getattr(getattr(middle, part), name)
                np.testing.assert_allclose(after, before, rtol=1e-9, err_msg=f"{factor.name} {name}")


def test_a_factor_of_the_law_moves_the_scenarios_and_leaves_the_baseline():
    (factor,) = choose(["law.platform_levy_rate.2027-01-01=0.04:0.08:0.12"])
    pair = [load_scenario("current-law"), load_scenario("platform-cofunding")]
    base, reform = compile_cases(pair, *World(**settings([(factor, 1.0)])))
    assert base.policy.platform_levy.max() == 0.0
    assert reform.policy.platform_levy.max() == 0.12


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("law.platform_levy_rat.2027-01-01=0:0:1", "Did you mean platform_levy_rate"),
        ("law.platform_levy_rate.2027-01-01=0:1", "no band"),
        ("law.platform_levy_rate=0:0.5:1", "no band"),
        ("law.platform_levy_rate.2027-01-01=0:0.5:60", "60"),
        ("law.platform_levy_rate.soon=0:0.1:0.2", "soon"),
    ],
)
def test_a_factor_of_the_law_that_means_nothing_is_told(text, told):
    with pytest.raises(ScenarioError, match=told):
        choose([text])


def test_unknown_factors_are_told_with_the_nearest_name():
    with pytest.raises(ScenarioError, match="Did you mean pay_on_share"):
        choose(["pay_on_shar"])
