"""The weights: official totals on people the raking has not seen, bounds, each person's own, staleness."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from calibration import fitted_set, weights
from calibration.paths import load_demography
from calibration.tables import CalibrationError, cell
from calibration.weights import base_year, load_weights, rake, reached, report, spread
from scenarios.comparison import compare
from scenarios.scenario import compile_case, load_scenario
from simulate.outcomes import N_OUTCOMES, OUTCOMES, POSITION
from simulate.results import MINIMUM_PERSONS, PART, Accumulators, estimate, quantile_of_counts
from simulate.run import Population, live
from simulate.weights import BASE_MONTH, EQUAL, STEPS, Cells, cells_of, weights_of

FITTED = "2026"
PERSONS, SEED = 30_000, 41


@pytest.fixture(scope="module")
def seen():
    return base_year(FITTED, PERSONS, SEED)


@pytest.fixture(scope="module")
def told(seen):
    return {row.name: row for row in reached(seen, load_weights(FITTED))}


# --- totals ----------------------------------------------------------------------------------------------


def test_official_totals_are_those_of_the_tables(told):
    # 200 million flexible workers, 84 million in platform work of whom a fifth are employees [10k]
    assert told["platform_employee"].official == pytest.approx(0.2 * 8400)
    assert told["platform_flexible"].official == pytest.approx(0.8 * 8400)
    assert told["other_flexible"].official == pytest.approx(20000 - 0.8 * 8400)
    migrants = cell("migrant_worker_numbers", "out_interprovincial_10k", year=2024)
    assert told["rural_migrant_workers"].official == migrants == 6840
    beijing = cell("employee_scheme_by_province", "insured_workers_10k", province="Beijing")
    for column, sign in (("participants_10k", 1), ("recipients_10k", -1)):
        beijing += sign * cell("resident_scheme_by_province", column, province="Beijing")
    assert told["members_beijing"].official == pytest.approx(beijing)
    # men of 25 to 54 take part at the modelled rate of 2025, 90.174 %
    prime = [row for name, row in told.items() if name.startswith("male_") and 25 <= int(name[5:7]) < 55]
    inside = sum(row.official for row in prime if row.name.endswith("_in_labour_force"))
    assert inside / sum(row.official for row in prime) == pytest.approx(0.90174, abs=0.003)


def test_weighted_people_of_a_fresh_seed_meet_the_official_totals(told):
    # one of 30,000 stands for 3.1 times 10,000 of the nation; design effect 1.2
    raked = [row for row in told.values() if row.name not in weights.SHOWN]
    assert len(raked) == 2 * 9 * 2 + 3 + 1 + 1 + 31
    for row in raked:
        assert row.weighted == pytest.approx(row.official, abs=4 * np.sqrt(1.2 * 3.1 * row.official)), (
            row.name
        )
    flexible = told["platform_flexible"].weighted + told["other_flexible"].weighted
    assert flexible == pytest.approx(20_000, rel=0.02)
    assert told["platform_flexible"].weighted + told["platform_employee"].weighted == pytest.approx(
        8400, rel=0.03
    )
    # without weights they are not met
    assert told["rural_migrant_workers"].equal < 0.7 * 6840
    assert told["other_flexible"].equal > 1.5 * told["other_flexible"].official


def test_raking_meets_every_total_of_the_people_it_sees(seen):
    for row in reached(seen, rake(seen)):
        if row.name not in weights.SHOWN:
            assert row.weighted == pytest.approx(row.official, rel=0.005), row.name


def test_residents_that_are_not_raked_to_stay_within_two_errors_of_their_target(told):
    # target resident_members_2024: 0.4088 with error 0.04, so 20 % up or down
    assert told["resident_payers"].weighted == pytest.approx(told["resident_payers"].official, rel=0.2)
    assert told["insured_workers"].official == pytest.approx(38_713, rel=0.002)  # the provinces' sum


def test_the_spread_is_bounded_and_told(seen):
    found = spread(weights_of(seen.cells, load_weights(FITTED)))
    assert (
        weights.BOUNDS[0] <= found["lowest"] <= found["quantile_50"] <= found["highest"] <= weights.BOUNDS[1]
    )
    assert found["design_effect"] < 1.35
    assert found["effective_share"] == pytest.approx(1 / found["design_effect"])
    for key, value in report(FITTED)["spread"].items():
        if key in ("design_effect", "quantile_05", "quantile_50", "quantile_95"):
            assert found[key] == pytest.approx(value, rel=0.03)


# --- a person's weight -----------------------------------------------------------------------------------


def lives_of(first, number, name="current-law", fitted=FITTED):
    return live(Population(), first, number, compile_case(load_scenario(name), fitted), load_demography())


def test_a_weight_follows_from_the_persons_own_cell_alone():
    all_at_once, alone = lives_of(0, 60), [lives_of(k, 1) for k in range(60)]
    assert all_at_once.weight.tolist() == [one.weight[0] for one in alone]
    assert np.all(all_at_once.weight * STEPS == np.rint(all_at_once.weight * STEPS))
    assert np.unique(all_at_once.weight).size > 20
    # a scenario that changes what people pay changes no weight
    assert np.array_equal(lives_of(0, 60, "platform-cofunding").weight, all_at_once.weight)


def cells(**values):
    plain = {
        "is_young": False,
        "sex": 1,
        "age_band": 3,
        "in_labour_force": 1,
        "form": 2,
        "home": 4,
        "place": 4,
    }
    return Cells(*(np.array([value]) for value in (plain | values).values()))


def test_a_weight_is_the_product_of_its_factors_within_the_bounds():
    factors = load_weights(FITTED)
    stayed = factors.activity[1, 3, 1] * factors.form[2] * factors.stayed[4]
    assert weights_of(cells(), factors)[0] == pytest.approx(stayed, abs=1 / STEPS)
    away = factors.activity[1, 3, 1] * factors.form[2] * factors.origin[4] * factors.destination[0]
    lowest, highest = factors.bounds
    assert weights_of(cells(place=0), factors)[0] == pytest.approx(
        np.clip(away, lowest, highest), abs=1 / STEPS
    )
    # outside the labour force the form says nothing
    outside = factors.activity[1, 3, 0] * factors.stayed[4]
    for form in (0, 7):
        found = weights_of(cells(in_labour_force=0, form=form), factors)[0]
        assert found == pytest.approx(outside, abs=1 / STEPS)
    narrow = factors._replace(bounds=np.array([0.9, 1.0]))
    assert 0.9 <= weights_of(cells(), narrow)[0] <= 1.0


def test_who_is_not_of_working_age_in_the_base_year_is_weighed_by_sex_and_province(seen):
    factors, young = load_weights(FITTED), seen.cells.is_young
    of_young = weights_of(seen.cells, factors)[young]
    expected = factors.young[seen.cells.sex[young], seen.cells.home[young]]
    assert of_young == pytest.approx(expected, abs=1 / STEPS)
    assert of_young.mean() == pytest.approx(1, abs=0.03)
    for one in (lives_of(k, 1) for k in range(300)):
        if one.people.birth[0] + 12 * 16 > BASE_MONTH:
            assert cells_of(one.people, one.careers).is_young[0]
            break
    else:
        pytest.fail("nobody of three hundred is young")


def test_sets_without_weights_let_everybody_count_once():
    assert load_weights("first") is EQUAL
    assert np.all(lives_of(0, 40, fitted="first").weight == 1)
    assert report("first") is None


# --- results ---------------------------------------------------------------------------------------------


def block_of(values):
    block = np.zeros((1, N_OUTCOMES, len(values)))
    block[0, POSITION["one"]] = 1
    block[0, POSITION["real_pension_at_65"]] = block[0, POSITION["pension_at_65"]] = values
    block[0, POSITION["reference_wage_at_65"]] = 1000
    return block


def accumulated(values, weight):
    sums = Accumulators(["a"])
    traits = {"sex": np.arange(len(values)) % 2}
    sums.add(block_of(np.asarray(values, dtype=float)), traits, 0, np.asarray(weight, dtype=float))
    return sums


def test_sums_and_quantiles_are_weighted_and_people_are_counted():
    # weights 3, 1, 3, 1 ...: pensions 100 and 500; mean (3 x 100 + 500) / 4 = 200, median that of the three
    n = 400
    values, weight = np.resize([100.0, 500.0], n), np.resize([3.0, 1.0], n)
    data = estimate(accumulated(values, weight), ["mean_monthly_pension", "median_monthly_pension"])
    assert data["value"].values[0, 0, 0] == pytest.approx(200)
    assert data["value"].values[1, 0, 0] == pytest.approx(100, rel=0.01)
    assert data["persons"].values.tolist() == [n]


def test_weighted_sums_are_the_same_for_any_cut_of_the_people():
    random = np.random.default_rng(6)
    n = PART + 300
    values, weight = random.gamma(2, 800, n), random.choice([0.25, 1.0, 3.5], n)
    whole, pieces = accumulated(values, weight), Accumulators(["a"])
    for first, last in pairwise((0, 100, PART - 7, PART + 5, n)):
        traits = {"sex": np.arange(first, last) % 2}
        pieces.add(block_of(values[first:last]), traits, first, weight[first:last])
    assert np.array_equal(whole.sums, pieces.sums)
    assert np.array_equal(whole.histogram, pieces.histogram)
    one = whole.sums[0, 0, POSITION["one"]].sum()
    assert one == weight.sum()


def test_a_cell_of_few_people_is_not_told_however_heavy_they_are():
    few = MINIMUM_PERSONS - 1
    data = estimate(accumulated(np.full(few, 900.0), np.full(few, 4.0)), "mean_monthly_pension")
    assert np.isnan(data["value"].values).all()
    assert data["persons"].values.tolist() == [few]


def test_the_standard_error_is_that_of_a_weighted_mean():
    random = np.random.default_rng(4)
    n = 20_000
    values, weight = random.normal(2000, 400, n), random.choice([0.25, 0.5, 1.0, 2.0, 4.0], n)
    row = estimate(accumulated(values, weight), "mean_monthly_pension")
    mean = np.average(values, weights=weight)
    # linearised: sqrt(sum w² (x - mean)²) / sum w; fifty groups know it within a tenth, times three
    error = np.sqrt((weight**2 * (values - mean) ** 2).sum()) / weight.sum()
    assert row["value"].item() == pytest.approx(mean)
    assert row["standard_error"].item() == pytest.approx(error, rel=0.3)
    # all alike the error would be less by the root of the design effect, 1.24
    assert error > 1.1 * 400 / np.sqrt(n)


def test_weights_of_one_change_nothing():
    values = np.random.default_rng(5).gamma(2, 800, 3_000)
    alike, without = accumulated(values, np.ones(3_000)), Accumulators(["a"])
    without.add(block_of(values), {"sex": np.arange(3_000) % 2}, 0)
    assert np.array_equal(alike.sums, without.sums)
    assert np.array_equal(alike.histogram, without.histogram)
    halved = accumulated(values, np.full(3_000, 0.5))
    for name in ("median_monthly_pension", "gini_pension", "mean_monthly_pension"):
        one, half = (estimate(sums, name)["value"].item() for sums in (alike, halved))
        assert half == pytest.approx(one)
    counts = alike.histogram[0, 0].sum(axis=0)
    assert quantile_of_counts(counts, 0.5) == quantile_of_counts(2 * counts, 0.5)


def test_results_are_weighted_and_the_same_scenario_differs_by_nothing():
    found = compare(["current-law"], persons=400, by=["sex"], indicators=["mean_monthly_pension"], threads=1)
    twin = compare(["no-lost-records"], persons=400, by=["sex"], indicators=["new_joiners"], threads=1)
    assert float(abs(found.dataset["difference"]).max()) == 0.0
    assert float(abs(twin.dataset["difference"]).sel(indicator="new_joiners").max()) == 0.0
    case, total, weight = compile_case(load_scenario("current-law")), 0.0, 0.0
    from simulate.run import follow

    for first in range(0, 400, 100):
        lives = live(Population(), first, 100, case, load_demography())
        outcomes = follow(lives, case, load_demography()).outcomes
        total += outcomes[POSITION["real_pension_at_65"]] @ lives.weight
        weight += outcomes[POSITION["one"]] @ lives.weight
    value = found.dataset["value"].sel(indicator="mean_monthly_pension", group="total").values[0]
    assert value == pytest.approx(total / weight)
    assert OUTCOMES[POSITION["one"]].name == "one"


# --- files -----------------------------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the fitted sets that may be changed."""
    import shutil

    shutil.copytree(fitted_set.FITTED, tmp_path / "fitted")
    monkeypatch.setattr(fitted_set, "FITTED", tmp_path / "fitted")
    load_weights.cache_clear()
    yield tmp_path / "fitted" / FITTED
    load_weights.cache_clear()


def test_the_shipped_weights_are_not_stale_and_a_change_of_set_or_factors_makes_them_so(copied):
    assert not weights.is_stale(FITTED)
    assert not weights.is_stale("first")
    for name in ("behaviour.yaml", "weights.csv"):
        text = (copied / name).read_text("utf-8")
        (copied / name).write_text(text + "\n", "utf-8")
        assert weights.is_stale(FITTED)
        (copied / name).write_text(text, "utf-8")
    assert not weights.is_stale(FITTED)


def test_a_changed_table_makes_the_weights_stale(monkeypatch):
    monkeypatch.setattr(fitted_set, "evidence_checksum", lambda told: "of other tables")
    assert weights.is_stale(FITTED)


def test_the_check_says_that_weights_are_stale(copied, monkeypatch):
    from click.testing import CliRunner

    from scenarios import cli
    from scenarios import targets as told

    (copied / "weights.csv").write_text((copied / "weights.csv").read_text("utf-8") + "\n", "utf-8")
    monkeypatch.setattr(told, "beside", lambda *_: [])
    result = CliRunner().invoke(cli.cli, ["calibrate", "check", "--persons", "1000"])
    assert result.exit_code == 0
    assert "changed since its weights were fitted: they are stale" in result.stderr


def test_a_fault_of_the_table_is_told_with_its_cell(copied):
    path = copied / "weights.csv"
    text = path.read_text("utf-8")
    wrong = text.replace("form,farming,1\n", "").replace("bounds,lowest,0.25", "bounds,lowest,-1")
    path.write_text(wrong + "stayed,Atlantis,1\n", "utf-8")
    with pytest.raises(CalibrationError) as error:
        load_weights(FITTED)
    for part in ("form, farming: missing", "-1 is outside 0 to 100", "stayed, Atlantis: no such cell"):
        assert part in str(error.value)


def test_weights_written_anew_are_read_back(copied):
    weights.write_weights(FITTED, persons=6_000)
    again, shipped = load_weights(FITTED), report(FITTED)
    assert not weights.is_stale(FITTED)
    assert shipped["persons"] == 6_000
    assert set(shipped["totals"]) == {row.name for row in reached(base_year(FITTED, 500), again)}
    assert again.form[4:].tolist() == [1.0] * 4


def test_show_tells_totals_and_spread():
    from scenarios.calibration_tables import weights_blocks

    totals, found = weights_blocks(FITTED)
    lines = {row[0]: row[1:] for row in totals.rows}
    assert lines["other flexible"][0] == "✓"
    assert lines["resident payers"][0] == "–"
    assert lines["other flexible"][1] == "13,280.0"
    assert "design effect" in dict(found.rows)
    assert weights_blocks("first") == []


def test_cells_see_the_state_of_the_base_month():
    # born January 1990, other flexible worker from the first month after school, moved to province 9
    careers = SimpleNamespace(
        start=np.array([16 * 12]),
        schooling_months=np.array([24]),
        form=np.full((1, 400), 3, np.int8),
        province=np.full((1, 400), 9, np.int8),
    )
    people = SimpleNamespace(birth=np.array([0]), sex=np.array([0]), hukou_province=np.array([5]))
    found = cells_of(people, careers)
    assert found.age_band[0] == (2024 - 1990 - 15) // 5  # 34 years old at the end of 2024
    assert [part[0] for part in found[3:]] == [1, 3, 5, 9]
    assert not found.is_young[0]
