"""Accumulators and estimates on small panels whose answers are known by head, and on many random draws."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from simulate import results
from simulate.groups import DIMENSIONS, label, parse_label
from simulate.outcomes import N_OUTCOMES, POSITION
from simulate.results import COLUMNS, Accumulators, estimate
from simulate.strict_yaml import FaultsError

PENSION, WAGE, REAL = "pension_at_65", "reference_wage_at_65", "real_pension_at_65"


def panel(n_persons, *scenarios):
    """Outcomes (scenario, outcome, person): each scenario gives some columns, the others are 0."""
    block = np.zeros((len(scenarios), N_OUTCOMES, n_persons))
    block[:, POSITION["one"]] = 1.0
    for s, columns in enumerate(scenarios):
        for name, values in columns.items():
            block[s, POSITION[name]] = values
    return block


def accumulate(block, groupings=((),), block_size=None, first=0, **traits):
    n = block.shape[2]
    traits.setdefault("sex", np.arange(n) % 2)
    accumulators = Accumulators([f"scenario_{s}" for s in range(len(block))], groupings)
    for start in range(0, n, block_size or n):
        part = slice(start, start + (block_size or n))
        accumulators.add(
            np.ascontiguousarray(block[:, :, part]), {k: v[part] for k, v in traits.items()}, first + start
        )
    return accumulators


def one(dataset, indicator, scenario=0, group="total"):
    return dataset.isel(scenario=scenario).sel(indicator=indicator, group=group)


def random_panel(seed, n_persons, n_scenarios=2):
    block = np.random.default_rng(seed).lognormal(6.0, 1.0, (n_scenarios, N_OUTCOMES, n_persons))
    block[:, POSITION["one"]] = 1.0
    return block


def random_traits(seed, n_persons):
    rng = np.random.default_rng(seed)
    return {name: rng.integers(0, len(d.values), n_persons) for name, d in DIMENSIONS.items()}


def test_a_ratio_is_the_ratio_of_sums_and_not_the_mean_of_ratios():
    pension, wage = np.resize([1000.0, 3000.0], 60), np.resize([2000.0, 8000.0], 60)
    row = one(
        estimate(accumulate(panel(60, {PENSION: pension, WAGE: wage})), "pension_to_average_wage"),
        "pension_to_average_wage",
    )
    assert row.value == (1000 + 3000) / (2000 + 8000)
    assert row.persons == 60


def test_the_error_of_a_mean_of_fifty_people_is_the_textbook_one():
    pension = np.arange(50.0) * 100
    row = one(
        estimate(accumulate(panel(50, {REAL: pension})), "mean_monthly_pension"), "mean_monthly_pension"
    )
    assert row.value == pytest.approx(49 * 50 / 2 * 100 / 50)
    assert row.standard_error == pytest.approx(np.std(pension, ddof=1) / 50**0.5)
    half = stats.t.ppf(0.975, 49) * np.std(pension, ddof=1) / 50**0.5
    assert row.ci_low == pytest.approx(2450 - half)
    assert row.ci_high == pytest.approx(2450 + half)


def test_the_error_of_a_difference_is_that_of_the_personal_differences():
    before = np.random.default_rng(3).uniform(0, 5000, 50)
    after = before * 1.1 + np.arange(50)
    row = one(
        estimate(accumulate(panel(50, {REAL: before}, {REAL: after})), "mean_monthly_pension"),
        "mean_monthly_pension",
        scenario=1,
    )
    assert row.difference == pytest.approx((after - before).mean())
    assert row.difference_se == pytest.approx(np.std(after - before, ddof=1) / 50**0.5)
    assert row.difference_se < row.standard_error


def test_the_jackknife_leaves_out_one_random_group_at_a_time():
    block = random_panel(1, 230, 1)
    row = one(estimate(accumulate(block), "pension_to_average_wage"), "pension_to_average_wage")
    pension, wage = block[0, POSITION[PENSION]], block[0, POSITION[WAGE]]
    group = np.arange(230) % 50
    without = np.array([pension[group != g].sum() / wage[group != g].sum() for g in range(50)])
    whole = pension.sum() / wage.sum()
    assert row.standard_error == pytest.approx(np.sqrt(49 / 50 * np.sum((without - whole) ** 2)))


def test_the_gender_gap_leaves_out_one_random_group_at_a_time_too():
    block = random_panel(2, 400, 1)
    sex = np.random.default_rng(5).integers(0, 2, 400)
    row = one(estimate(accumulate(block, sex=sex), "gender_pension_gap"), "gender_pension_gap")
    pension, group = block[0, POSITION[REAL]], np.arange(400) % 50

    def gap(keep):
        return 1 - pension[keep & (sex == 1)].mean() / pension[keep & (sex == 0)].mean()

    without = np.array([gap(group != g) for g in range(50)])
    assert row.value == pytest.approx(gap(group >= 0))
    expected = np.sqrt(49 / 50 * np.sum((without - gap(group >= 0)) ** 2))
    assert row.standard_error == pytest.approx(expected)


@pytest.mark.parametrize("name", ["pension_to_average_wage", "median_monthly_pension", "gini_pension"])
def test_the_baseline_and_an_equal_scenario_differ_by_exactly_nothing(name):
    block = random_panel(4, 777, 1)
    row = estimate(accumulate(np.concatenate([block, block])), name).sel(indicator=name, group="total")
    assert (row.difference == 0.0).all()
    assert (row.difference_se == 0.0).all()
    assert (row.difference_ci_low == 0.0).all()
    assert (row.difference_ci_high == 0.0).all()
    assert (row.standard_error > 0.0).all()


def test_every_indicator_of_the_baseline_differs_by_exactly_nothing():
    data = estimate(accumulate(random_panel(6, 300)), "all").isel(scenario=0, group=0)
    told = data.value.notnull()
    assert told.sum() > 40
    assert (data.difference.where(told, 0.0) == 0.0).all()
    assert (data.difference_se.where(told, 0.0) == 0.0).all()


def test_sums_are_bitwise_equal_for_every_block_size():
    block, traits = random_panel(7, 1000), random_traits(7, 1000)
    groupings = ((), ("sex",), ("province",), ("form", "hukou"))
    whole = accumulate(block, groupings, **traits)
    for size in (1, 7, 50, 333, 999):
        parts = accumulate(block, groupings, block_size=size, **traits)
        order, order_of_parts = ([position for *_, position in a.cells()] for a in (whole, parts))
        assert np.array_equal(whole.sums[order], parts.sums[order_of_parts])
        assert np.array_equal(whole.histogram[order], parts.histogram[order_of_parts])
        assert estimate(whole, "all").equals(estimate(parts, "all"))


def test_the_first_people_of_twice_as_many_give_the_results_of_so_many():
    block, traits = random_panel(8, 1000), random_traits(8, 1000)
    half = accumulate(block[:, :, :500].copy(), ((), ("sex",)), **{k: v[:500] for k, v in traits.items()})
    longer = Accumulators(half.scenarios, half.groupings)
    longer.add(block, {k: v[:500] for k, v in traits.items()}, 0)  # a block may be longer than its people
    assert estimate(half, "all").equals(estimate(longer, "all"))


def test_parts_merged_in_order_give_the_same_to_the_last_bit(monkeypatch):
    monkeypatch.setattr(results, "PART", 250)
    block, traits = random_panel(9, 600), random_traits(9, 600)
    groupings = ((), ("form",))
    whole = accumulate(block, groupings, **traits)
    merged = Accumulators(whole.scenarios, groupings)
    for first in (0, 250, 500):
        part = slice(first, min(first + 250, 600))
        merged.merge(
            accumulate(
                block[:, :, part].copy(), groupings, first=first, **{k: v[part] for k, v in traits.items()}
            )
        )
    assert merged.persons == 600
    assert [c[:2] for c in merged.cells()] == [c[:2] for c in whole.cells()]
    assert estimate(merged, "all").equals(estimate(whole, "all"))


def test_parts_can_be_merged_and_more_people_added_in_between(monkeypatch):
    monkeypatch.setattr(results, "PART", 250)
    block, traits = random_panel(9, 600), random_traits(9, 600)
    whole = accumulate(block, **traits)
    merged = Accumulators(whole.scenarios)
    merged.merge(accumulate(block[:, :, :100].copy(), **{k: v[:100] for k, v in traits.items()}))
    merged.add(block[:, :, 100:250].copy(), {k: v[100:250] for k, v in traits.items()}, 100)
    merged.merge(
        accumulate(block[:, :, 250:500].copy(), first=250, **{k: v[250:500] for k, v in traits.items()})
    )
    merged.add(block[:, :, 500:].copy(), {k: v[500:] for k, v in traits.items()}, 500)
    assert estimate(merged, "all").equals(estimate(whole, "all"))


def test_parts_that_begin_inside_or_span_several_are_refused(monkeypatch):
    monkeypatch.setattr(results, "PART", 50)
    block = random_panel(9, 60)
    accumulators = Accumulators([f"scenario_{s}" for s in range(len(block))])
    with pytest.raises(ValueError, match="people 0 to 59 are not of one part of 50"):
        accumulators.merge(accumulate(block))
    started = accumulate(block)
    with pytest.raises(ValueError, match="people 60 to 69 are not of one part"):
        started.merge(accumulate(block[:, :, :10].copy(), first=60))


def test_a_part_that_is_not_the_next_or_of_other_scenarios_is_refused():
    block = random_panel(9, 60)
    accumulators = accumulate(block)
    with pytest.raises(ValueError, match="starts with person 90; 60 is next"):
        accumulators.merge(accumulate(block, first=90))
    with pytest.raises(ValueError, match="same scenarios, groupings and baseline"):
        accumulators.merge(accumulate(block, (("sex",),), first=60))


def test_cells_of_fewer_than_thirty_people_are_not_told():
    form = np.r_[np.zeros(29, int), np.ones(30, int)]
    data = estimate(accumulate(random_panel(10, 59, 1), ((), ("form",)), form=form), "mean_monthly_pension")
    few = one(data, "mean_monthly_pension", group="form=formal_employee")
    for name in ("value", "standard_error", "ci_low", "difference", "difference_se", "difference_ci_high"):
        assert np.isnan(few[name]), name
    assert few.reason == "fewer than 30 people"
    assert few.persons == 29
    enough = one(data, "mean_monthly_pension", group="form=platform_employee")
    assert enough.value > 0
    assert enough.reason == ""


def test_no_people_give_no_groups():
    data = estimate(Accumulators(["a", "b"], ((), ("sex",))), "all")
    assert data.sizes["group"] == 0


def test_a_wider_level_gives_a_wider_interval():
    accumulators = accumulate(random_panel(15, 2000, 1))
    rows = [
        one(estimate(accumulators, "mean_monthly_pension", level), "mean_monthly_pension")
        for level in (0.9, 0.99)
    ]
    for row, level in zip(rows, (0.9, 0.99), strict=True):
        half = stats.t.ppf(0.5 + level / 2, 49) * row.standard_error
        assert row.ci_high - row.ci_low == pytest.approx(float(2 * half))
    assert rows[1].ci_low < rows[0].ci_low


def test_a_zero_denominator_gives_no_number_but_a_reason():
    row = one(
        estimate(accumulate(panel(40, {PENSION: 1.0})), "gross_replacement_rate"), "gross_replacement_rate"
    )
    assert np.isnan(row.value)
    assert np.isnan(row.standard_error)
    assert row.reason == "nothing to divide by"


def test_a_gender_gap_within_one_sex_gives_no_number_but_a_reason():
    data = estimate(accumulate(random_panel(11, 100, 1), ((), ("sex",))), "gender_pension_gap")
    assert one(data, "gender_pension_gap", group="sex=female").reason == "only one sex in the group"
    assert np.isfinite(one(data, "gender_pension_gap").value)


def test_with_fewer_people_than_random_groups_only_the_filled_groups_count():
    pension = np.arange(40.0)
    row = one(
        estimate(accumulate(panel(40, {REAL: pension})), "mean_monthly_pension"), "mean_monthly_pension"
    )
    error = np.std(pension, ddof=1) / 40**0.5
    assert row.standard_error == pytest.approx(error)
    assert row.ci_high - row.value == pytest.approx(stats.t.ppf(0.975, 39) * error)


def test_random_groups_without_the_denominator_do_not_count():
    # only every fifth person has earnings: 10 of the 50 random groups
    has = np.arange(200) % 5 == 0
    earnings = np.where(has, 1000.0 + np.arange(200), 0.0)
    pension = np.where(has, 400.0 + np.arange(200) ** 1.1, 0.0)
    block = panel(200, {"last_earnings": earnings, "pension_with_last_earnings": pension})
    row = one(estimate(accumulate(block), "gross_replacement_rate"), "gross_replacement_rate")
    half = stats.t.ppf(0.975, 9) * row.standard_error
    assert row.ci_high - row.value == pytest.approx(float(half))


def test_a_ratio_that_rests_on_one_random_group_has_no_error():
    earnings = np.where(np.arange(100) % 50 == 7, 1000.0, 0.0)
    block = panel(100, {"last_earnings": earnings, "pension_with_last_earnings": earnings / 2})
    row = one(estimate(accumulate(block), "gross_replacement_rate"), "gross_replacement_rate")
    assert row.value == 0.5
    assert np.isnan(row.standard_error)


@pytest.mark.parametrize(
    ("name", "probability"),
    [("p10_monthly_pension", 0.1), ("median_monthly_pension", 0.5), ("p90_monthly_pension", 0.9)],
)
def test_quantiles_are_within_one_per_cent(name, probability):
    pension = np.random.default_rng(12).lognormal(7.0, 1.0, 20_000)
    row = one(estimate(accumulate(panel(20_000, {REAL: pension})), name), name)
    exact = np.quantile(pension, probability)
    assert row.value == pytest.approx(exact, rel=0.01)
    # error of a sample quantile: sqrt(p (1 - p) / n) / density
    density = stats.lognorm(1.0, scale=np.exp(7.0)).pdf(exact)
    theory = np.sqrt(probability * (1 - probability) / 20_000) / density
    assert 0.7 * theory < row.standard_error < 1.4 * theory


def test_the_median_replacement_rate_is_that_of_the_people_who_have_last_earnings():
    random = np.random.default_rng(15)
    earnings = np.where(np.arange(20_000) % 4 == 0, 0.0, random.lognormal(8.0, 0.5, 20_000))
    pension = np.where(earnings > 0.0, random.lognormal(7.0, 0.8, 20_000), 0.0)
    told = estimate(
        accumulate(panel(20_000, {"last_earnings": earnings, "pension_with_last_earnings": pension})), "all"
    )
    some = earnings > 0.0
    exact = np.median(pension[some] / earnings[some])
    assert one(told, "median_gross_replacement_rate").value == pytest.approx(exact, rel=0.02)
    nobody = estimate(accumulate(panel(100, {"last_earnings": 0.0})), "median_gross_replacement_rate")
    assert np.isnan(one(nobody, "median_gross_replacement_rate").value)
    assert one(nobody, "median_gross_replacement_rate").reason == "nothing to divide by"


def test_quantiles_at_a_single_pension_stay_inside_its_bin():
    row = one(
        estimate(accumulate(panel(100, {REAL: 1234.0})), "median_monthly_pension"), "median_monthly_pension"
    )
    assert row.value == pytest.approx(1234, rel=0.01)
    assert row.standard_error < 12.34


def test_the_median_is_nothing_where_most_have_nothing():
    pension = np.where(np.arange(100) < 60, 0.0, 1000.0)
    row = one(
        estimate(accumulate(panel(100, {REAL: pension})), "median_monthly_pension"), "median_monthly_pension"
    )
    assert row.value == 0.0
    assert row.standard_error == 0.0


def test_pensions_above_the_last_bin_count_as_its_edge():
    row = one(
        estimate(accumulate(panel(50, {REAL: 250_000.0})), "median_monthly_pension"), "median_monthly_pension"
    )
    assert row.value == 100_000.0


def test_every_pension_falls_between_the_edges_of_its_bin():
    pension = np.r_[0.0, 0.01, 9.99, 10.0, 10.1, 99_999.0, np.geomspace(5, 99_000, 500)]
    for value in pension:
        counts = accumulate(panel(1, {REAL: value})).histogram[0, 0, 0]
        b = int(np.flatnonzero(counts)[0])
        assert results.BIN_LOW[b] <= value <= results.BIN_HIGH[b]
        assert value < 10 or results.BIN_HIGH[b] <= 1.01 * results.BIN_LOW[b] * (1 + 1e-12)


@pytest.mark.parametrize(
    ("pensions", "gini"),
    [
        ([0.0, 1000.0], 1 / 2),  # half have nothing, the others the same
        ([1000.0, 1000.0], 0.0),
        ([0.0, 0.0, 0.0, 2000.0], 3 / 4),
        ([1000.0, 3000.0], 1 / 4),  # (3000 - 1000) x 2 pairs of 4 / (2 x mean 2000)
    ],
)
def test_gini_of_a_few_pensions(pensions, gini):
    row = one(
        estimate(accumulate(panel(100, {REAL: np.resize(pensions, 100)})), "gini_pension"), "gini_pension"
    )
    assert row.value == pytest.approx(gini, abs=0.003)


def test_gini_has_no_number_where_nobody_has_a_pension():
    row = one(estimate(accumulate(panel(100, {})), "gini_pension"), "gini_pension")
    assert np.isnan(row.value)
    assert row.reason == "nothing to divide by"


def test_groups_carry_labels_values_and_persons():
    traits = {"sex": np.arange(120) % 2, "hukou": np.arange(120) // 60}
    pension = np.where(traits["sex"] == 1, 600.0, 1000.0) + 50.0 * traits["hukou"]
    data = estimate(
        accumulate(panel(120, {REAL: pension}), ((), ("sex",), ("sex", "hukou")), **traits),
        "mean_monthly_pension",
    )
    assert list(data.group.values) == [
        "total",
        "sex=male",
        "sex=female",
        "sex=male,hukou=rural",
        "sex=male,hukou=urban",
        "sex=female,hukou=rural",
        "sex=female,hukou=urban",
    ]
    assert list(data.persons.values) == [120, 60, 60, 30, 30, 30, 30]
    assert one(data, "mean_monthly_pension", group="sex=female,hukou=urban").value == 650.0
    assert str(data.hukou.sel(group="sex=male,hukou=urban").values) == "urban"
    assert str(data.hukou.sel(group="sex=male").values) == ""


def test_labels_can_be_read_back():
    for group in ({}, {"sex": "female"}, {"sex": "male", "province": "Inner Mongolia"}):
        assert parse_label(label(group)) == group


def test_a_single_grouping_has_a_sum_for_every_cell_that_occurs():
    traits = random_traits(13, 5000)
    block = random_panel(13, 5000, 1)
    accumulators = accumulate(block, tuple((name,) for name in DIMENSIONS), **traits)
    assert len(accumulators.cells()) == sum(len(d.values) for d in DIMENSIONS.values())
    persons = accumulators.sums[:, 0, COLUMNS["persons"]]
    assert persons.sum() == 5000 * len(DIMENSIONS)
    with_earnings = np.count_nonzero(block[0, POSITION["last_earnings"]] > 0)  # the others have no rate
    counted = len(DIMENSIONS) * (5000 * (len(results.DISTRIBUTIONS) - 1) + with_earnings)
    assert accumulators.histogram.sum() == results.STEPS * counted


def test_dimensions_have_the_published_values():
    values = {name: [v.name for v in d.values] for name, d in DIMENSIONS.items()}
    assert values["cohort"] == ["1960s", "1970s", "1980s", "1990s", "2000s", "2010s"]
    assert (values["birth_year"][0], values["birth_year"][-1]) == ("1965", "2010")
    assert values["migrant"] == values["ever_platform"] == ["no", "yes"]
    assert values["exposure"] == ["full", "partial", "none"]
    assert values["earnings_quintile"] == list("12345")
    assert len(values["province"]) == 31
    assert {"Shaanxi", "Shanxi", "Inner Mongolia"} < set(values["province"])
    assert all(d.name_zh and all(v.name_zh for v in d.values) for d in DIMENSIONS.values())


def test_an_unknown_dimension_names_the_nearest():
    with pytest.raises(FaultsError, match=r"'ocupation' is no group dimension\. Did you mean occupation\?"):
        Accumulators(["a"], (("ocupation",),))


def test_a_dimension_named_twice_is_refused():
    with pytest.raises(FaultsError, match="names a dimension twice"):
        Accumulators(["a"], (("sex", "sex"),))


def test_a_grouping_of_too_many_cells_is_refused():
    with pytest.raises(ValueError, match=r"at most 1,000,000 are allowed\. Name fewer dimensions"):
        Accumulators(["a"], (("province", "birth_year", "form", "occupation", "earnings_quintile", "sex"),))


def test_people_out_of_order_are_refused():
    accumulators = accumulate(random_panel(1, 60))
    with pytest.raises(ValueError, match="starts with person 100; 60 is next"):
        accumulators.add(random_panel(1, 60), {"sex": np.zeros(60, int)}, 100)


def test_a_block_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"\(scenario, outcome, person\) expected"):
        Accumulators(["a"]).add(np.zeros((2, N_OUTCOMES, 5)), {"sex": np.zeros(5, int)}, 0)


def test_a_code_outside_its_dimension_is_refused():
    with pytest.raises(ValueError, match="trait form: codes from 0 to 8 found; 0 to 7 allowed"):
        accumulate(random_panel(1, 9), (("form",),), form=np.arange(9))


def test_kernels_give_the_same_with_the_compiler_off():
    block, n = random_panel(14, 120), 120
    sex, cells = np.arange(n) % 2, np.stack([np.zeros(n, np.int64), 1 + np.arange(n) % 3])
    group, weight = np.arange(n) % 50, (1 + np.arange(n) % 7) / 4
    outputs = []
    compiled = (results.derive, results._add_sums, results._add_histogram)
    edges = (results._EDGES, results._GAINS, results._LOSSES, results._RATES)
    for derive, add_sums, add_histogram in (compiled, [getattr(f, "py_func", f) for f in compiled]):
        derived = np.empty((2, len(results.DERIVED), n))
        sums = np.zeros((2, len(COLUMNS), 4, 50))
        histogram = np.zeros((4, 2, 50, results.N_ALL_BINS), np.int32)
        derive(block, sex, 0, derived)
        add_sums(block, weight, cells, group, 0, sums)
        add_sums(derived, weight, cells, group, N_OUTCOMES, sums)
        add_histogram(block, weight, cells, group, 0, *edges, histogram)
        outputs.append((derived, sums, histogram))
    for fast, slow in zip(*outputs, strict=True):
        assert np.array_equal(fast, slow)


def test_winners_and_losers_are_counted_person_by_person():
    # changes: -100 %, -20 %, -0.5 %, none, none, +0.5 %, +3 %, +50 %, from nothing, still nothing
    before = np.resize([1000.0, 1000, 1000, 1000, 500, 1000, 1000, 1000, 0, 0], 500)
    after = np.resize([0.0, 800, 995, 1000, 500, 1005, 1030, 1500, 300, 0], 500)
    told = estimate(accumulate(panel(500, {REAL: before}, {REAL: after})), "all")
    assert one(told, "share_gaining", 1).value == 3 / 10
    assert one(told, "share_losing", 1).value == 2 / 10
    assert one(told, "share_gaining", 0).value == one(told, "share_losing", 0).value == 0
    assert one(told, "median_pension_change", 1).value == 0
    assert one(told, "p10_pension_change", 1).value == -1
    # a tenth had nothing before: whether the tenth that gains most begins at 50 % or beyond is not known
    assert one(told, "p90_pension_change", 1).reason == results.NO_UPPER_END


def test_quantiles_of_changes_are_near_the_exact_ones():
    change = np.random.default_rng(8).normal(0.02, 0.1, 20_000)
    before = np.full(20_000, 3000.0)
    told = estimate(accumulate(panel(20_000, {REAL: before}, {REAL: before * (1 + change)})), "all")
    for name, probability in (("p10", 0.1), ("median", 0.5), ("p90", 0.9)):
        exact = np.quantile(change, probability)
        row = one(told, f"{name}_pension_change", 1)
        assert row.value == pytest.approx(exact, rel=0.05)
        density = stats.norm.pdf(stats.norm.ppf(probability)) / 0.1
        error = (probability * (1 - probability) / 20_000) ** 0.5 / density
        assert row.standard_error == pytest.approx(error, rel=0.35)
        assert one(told, f"{name}_pension_change", 0).value == 0


def test_a_quantile_whose_interval_reaches_who_had_nothing_is_no_number_but_a_reason():
    # of 43 people 4 get a pension from nothing, which counts as a hundredfold; the others gain up to 8 %
    before, after = np.full(43, 3000.0), 3000.0 * (1.0 + np.linspace(0.01, 0.08, 43))
    before[::11] = 0.0
    told = estimate(accumulate(panel(43, {REAL: before}, {REAL: after})), "all")
    row = one(told, "p90_pension_change", 1)
    assert np.isnan(row.value)
    assert np.isnan(row.standard_error)
    assert np.isnan(row.difference_se)
    assert row.reason == "its interval reaches into the last bin, which has no upper end"
    # the median of the same people is far from them: the 22nd of 43, 0.01 + 21 / 42 x 0.07, some places on
    assert 0.045 < one(told, "median_pension_change", 1).value < 0.055
    assert one(told, "median_pension_change", 1).standard_error < 0.01
    # a hundred times as many people with as few among them: the interval ends below
    before, after = np.full(4300, 3000.0), 3000.0 * (1.0 + np.linspace(0.01, 0.08, 4300))
    before[::50] = 0.0
    told = estimate(accumulate(panel(4300, {REAL: before}, {REAL: after})), "all")
    assert one(told, "p90_pension_change", 1).value == pytest.approx(0.075, rel=0.05)


def test_a_change_stands_in_the_bin_that_holds_it():
    bins = list(zip(results.CHANGE_LOW, results.CHANGE_HIGH, strict=True))
    assert all(low <= high for low, high in bins)
    assert all(here[1] == there[0] for here, there in pairwise(bins))
    for change in (-1.0, -0.999, -0.5, -0.0005, 0.0, 0.0005, 0.001, 0.02, 1.0, 99.0, 5000.0):
        histogram = np.zeros((1, 2, 50, results.N_ALL_BINS), np.int32)
        block = panel(1, {REAL: [1000.0]}, {REAL: [1000.0 * (1 + change)]})
        cells, group = np.zeros((1, 1), np.int64), np.zeros(1, np.int64)
        edges = (results._EDGES, results._GAINS, results._LOSSES, results._RATES)
        results._add_histogram(block, np.ones(1), cells, group, 0, *edges, histogram)
        (b,) = np.flatnonzero(histogram[0, 1, 0, results.N_BINS :])
        assert bins[b][0] - 1e-12 <= min(change, 100.0) <= bins[b][1] + 1e-12


def test_an_effect_on_one_person_has_few_degrees_of_freedom():
    # deviations: 1 without that person's random group, 1/49 without each other; their kurtosis is
    # 50 (1 + 49 / 49^4) / (1 + 49 / 49^2)^2 = 48.0
    effect = np.zeros(1000)
    effect[123] = 500.0
    row = one(
        estimate(accumulate(panel(1000, {REAL: 1000.0}, {REAL: 1000.0 + effect})), "mean_monthly_pension"),
        "mean_monthly_pension",
        scenario=1,
    )
    kurtosis = 50 * (1 + 49**-3) / (1 + 1 / 49) ** 2
    half = stats.t.ppf(0.975, 2 * 50 / (kurtosis - 1)) * row.difference_se
    assert row.difference == pytest.approx(0.5)
    assert row.difference_ci_high - row.difference == pytest.approx(float(half))
    assert half > 2 * stats.t.ppf(0.975, 49) * row.difference_se


def test_intervals_cover_the_truth_as_often_as_they_say():
    # 95 % of 400 intervals, give or take three binomial errors: 3 sqrt(0.95 x 0.05 / 400) = 0.033
    n, samples = 1000, 400
    covered = np.zeros((8, samples), bool)
    # before: log pension N(7, 1); after: 0.9 before + noise; wage = exp(8 + 0.3 z)
    sigma_after = np.hypot(0.9, 0.2)
    mean_before, mean_after = np.exp(7 + 1 / 2), np.exp(7 + sigma_after**2 / 2)
    mean_wage = np.exp(8 + 0.3**2 / 2)

    def gini(sigma):
        return 2 * stats.norm.cdf(sigma / 2**0.5) - 1

    for k in range(samples):
        rng = np.random.default_rng((2025, k))
        z, noise = rng.standard_normal((2, n))
        before, after = np.exp(7 + z), np.exp(7 + 0.9 * z + 0.2 * noise)
        wage = np.exp(8 + 0.3 * rng.standard_normal(n))
        first, second = ({REAL: p, PENSION: p, WAGE: wage} for p in (before, after))
        data = estimate(
            accumulate(panel(n, first, second)),
            ("mean_monthly_pension", "pension_to_average_wage", "median_monthly_pension", "gini_pension"),
        ).isel(group=0)
        truth = (
            (mean_before, mean_after - mean_before),
            (mean_before / mean_wage, (mean_after - mean_before) / mean_wage),
            (np.exp(7), 0.0),
            (gini(1.0), gini(sigma_after) - gini(1.0)),
        )
        low, high = data.ci_low.values[:, 0], data.ci_high.values[:, 0]
        low_d, high_d = data.difference_ci_low.values[:, 1], data.difference_ci_high.values[:, 1]
        for i, (value, difference) in enumerate(truth):
            covered[2 * i, k] = low[i] <= value <= high[i]
            covered[2 * i + 1, k] = low_d[i] <= difference <= high_d[i]
    shares = covered.mean(axis=1)
    assert (shares > 0.95 - 0.033).all(), shares
    assert (shares < 0.95 + 0.033).all(), shares
