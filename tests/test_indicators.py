"""Every indicator is complete in both languages, and says on a hand-made panel what its name says."""

import re

import numpy as np
import pytest

from calibration.paths import load_demography
from scenarios.scenario import compile_case, load_scenario
from simulate.groups import DIMENSIONS
from simulate.indicators import DEFAULT_INDICATORS, INDICATORS, KINDS, UNITS, columns, parse_indicators
from simulate.outcomes import N_OUTCOMES, POSITION
from simulate.results import COLUMNS, DERIVED, DISTRIBUTIONS, Accumulators, estimate
from simulate.run import Population, simulate
from simulate.strict_yaml import FaultsError
from simulate.terms import REASONS, RETURN_RATES

# Four kinds of people, fifteen of each in turn: two men, two women. What is not named is 0.
BASELINE = {
    "one": (1, 1, 1, 1),
    "pension_at_65": (4000, 2000, 0, 1000),
    "employee_pension_at_65": (4000, 2000, 0, 0),
    "top_up_at_65": (0, 0, 600, 0),
    "pension_at_70": (4400, 2200, 900, 1100),
    "real_pension_at_65": (2000, 1000, 0, 500),
    "real_pension_at_70": (1900, 900, 300, 500),
    "floor_pension_at_65": (0, 350, 0, 700),
    "present_value_floor_pensions": (0, 40, 0, 80),
    "pension_at_claim": (3600, 2000, 0, 900),
    "reference_wage_at_claim": (9000, 10_000, 0, 6000),
    "reference_wage_at_65": (10_000, 10_000, 8_000, 7_000),
    "reference_wage_at_70": (12_000, 12_000, 10_000, 9_000),
    "has_last_earnings": (1, 1, 0, 1),
    "last_earnings": (8000, 5000, 0, 2000),
    "pension_with_last_earnings": (4000, 2000, 0, 1000),
    "last_net_earnings": (7360, 4600, 0, 2040),
    "last_decade_earnings": (9000, 6000, 3000, 2000),
    "pension_with_last_decade": (4000, 2000, 0, 1000),
    "lifetime_earnings": (7000, 4000, 1000, 2000),
    "pension_with_lifetime_earnings": (4000, 2000, 0, 1000),
    "record_months": (360, 180, 12, 0),
    "employee_months": (360, 0, 0, 0),
    "flexible_months": (0, 180, 12, 0),
    "resident_months": (0, 0, 120, 240),
    "credit_months": (0, 0, 6, 2),
    "child_credit_months": (0, 0, 24, 12),
    "working_age_months": (500, 500, 500, 500),
    "covered_as_employee": (360, 0, 0, 0),
    "covered_as_flexible": (0, 180, 12, 0),
    "covered_resident": (0, 0, 120, 240),
    "covered_none": (140, 320, 368, 260),
    "due_months": (400, 300, 100, 0),
    "gap_months": (40, 120, 88, 0),
    "minimum_reached": (1, 0, 0, 0),
    "near_minimum": (0, 1, 0, 0),
    "without_pension": (0, 0, 1, 0),
    "below_dibao": (0, 0, 1, 1),
    "below_rural_poverty_line": (0, 0, 1, 0),
    "below_dibao_couple": (0, 1, 1, 1),
    "below_international_line": (0, 0, 1, 1),
    "without_contributions": (0, 0, 1, 0),
    "below_c102": (0, 1, 1, 1),
    "flexible_earnings": (0, 900_000, 60_000, 0),
    "flexible_paid_by_worker": (0, 140_000, 4_000, 0),
    "flexible_floor_months": (0, 132, 12, 0),
    "flexible_base_ratio_sum": (0, 144, 7.2, 0),  # mean index 0.8 and 0.6
    "present_value_paid_by_worker": (100, 80, 10, 10),
    "present_value_paid_by_employer": (200, 0, 0, 0),
    "present_value_paid_by_platform": (0, 20, 0, 0),
    "present_value_paid_by_consumer": (0, 8, 0, 0),
    "present_value_paid_by_government": (0, 0, 12, 60),
    "present_value_pensions": (500, 100, 0, 120),
    "present_value_employee_pensions": (500, 100, 0, 0),
    "present_value_death_benefits": (20, 10, 0, 0),
    "present_value_pool_receipts": (200, 60, 0, 0),
    "present_value_pool_payments": (300, 40, 0, 0),
    "present_value_levy_less_relief": (0, -8, 0, 0),
    "claim_age_months": (756, 720, 0, 744),
    "months_knowledge": (0, 20, 60, 0),
    "months_access": (0, 100, 0, 50),
    "months_price": (0, 0, 0, 100),
}
# The reform: the second pays at a lower index, the third pays eleven months more, the fourth leaves the
# resident scheme for the flexible route.
REFORM = BASELINE | {
    "flexible_months": (0, 180, 23, 60),
    "flexible_base_ratio_sum": (0, 180 * 0.75, 23 * 0.6, 60 * 0.6),
    "resident_months": (0, 0, 108, 180),
}


def estimates(*scenarios, repeats=15):
    n = 4 * repeats
    block = np.zeros((len(scenarios), N_OUTCOMES, n))
    for s, scenario in enumerate(scenarios):
        for name, values in scenario.items():
            block[s, POSITION[name]] = np.tile(values, repeats)
    accumulators = Accumulators([str(s) for s in range(len(scenarios))])
    accumulators.add(block, {"sex": np.tile([0, 0, 1, 1], repeats)}, 0)
    return estimate(accumulators, "all").isel(group=0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pension_to_average_wage", 7000 / 35_000),
        ("pension_to_average_wage_with_top_up", 7600 / 35_000),
        ("pension_to_average_wage_at_70", 8600 / 43_000),
        ("pension_to_average_wage_at_claim", 6500 / 25_000),
        ("floor_pension_to_average_wage", 1050 / 35_000),
        ("mean_monthly_pension_at_70", 3600 / 4),
        ("gender_pension_gap_at_70", 1 - 400 / 1400),
        ("gross_replacement_rate", 7000 / 15_000),
        ("gross_replacement_rate_last_decade", 7000 / 20_000),
        ("lifetime_replacement_rate", 7000 / 14_000),
        ("net_replacement_rate", 7000 / 14_000),
        ("share_without_last_earnings", 1 / 4),
        ("mean_monthly_pension", 3500 / 4),
        ("mean_monthly_pension_of_pensioners", 3500 / 3),
        ("gender_pension_gap", 1 - 250 / 1500),  # women (0 + 500) / 2, men (2000 + 1000) / 2
        ("claim_age", (63 + 60 + 62) / 3),
        ("pension_per_contribution_year", 12 * (2000 + 1000) / 552),
        ("share_reaching_minimum_months", 1 / 4),
        ("share_near_minimum_months", 1 / 4),
        ("share_without_pension", 1 / 4),
        ("share_below_dibao", 2 / 4),
        ("share_below_rural_poverty_line", 1 / 4),
        ("share_below_dibao_couple", 3 / 4),
        ("share_below_international_line", 2 / 4),
        ("share_without_contributions", 1 / 4),
        ("present_value_floor_pensions", 120 / 4),
        ("formal_cover", 1850 / 2000),
        ("share_below_c102", 3 / 4),
        ("coverage_as_employee", 360 / 2000),
        ("coverage_as_flexible", 192 / 2000),
        ("coverage_resident", 360 / 2000),
        ("coverage_none", 1088 / 2000),
        ("contribution_density", (360 + 180 + 12) / 800),
        ("contribution_months", 552 / 4),
        ("gap_months", 248 / 4),
        ("child_credit_months", 36 / 4),
        ("credit_months", 8 / 4),
        ("months_missing_knowledge", 80 / 4),
        ("months_missing_price", 100 / 4),
        ("contribution_burden", 144_000 / 960_000),
        ("share_at_floor", 144 / 192),
        ("pension_wealth", (720 + 30) / 4),
        ("present_value_pensions", 720 / 4),
        ("money_worth", 750 / (200 + 200 + 20 + 8 + 72)),
        ("present_value_paid_by_worker", 200 / 4),
        ("present_value_paid_by_employer", 200 / 4),
        ("present_value_paid_by_platform", 20 / 4),
        ("present_value_paid_by_consumer", 8 / 4),
        ("present_value_paid_by_government", 72 / 4),
        ("pool_balance", (260 - 340) / 4),
        ("platform_levy_less_relief", -8 / 4),
    ],
)
def test_an_indicator_of_four_people(name, expected):
    assert float(estimates(BASELINE).value.sel(indicator=name)[0]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("p10_monthly_pension", 0.0),  # a quarter has nothing
        ("median_monthly_pension", 500.0),
        ("p90_monthly_pension", 2000.0),
        ("gini_pension", 6500 / (4 * 3500)),  # distances of the six pairs over people times sum
    ],
)
def test_an_indicator_of_the_distribution_of_four_people(name, expected):
    value = float(estimates(BASELINE).value.sel(indicator=name)[0])
    assert value == pytest.approx(expected, rel=0.01)


# What a group pays at 20, and receives so many years later: the rate is (received / paid)^(1 / years) - 1.
AT = 1 + np.array(RETURN_RATES)
PAID = {f"paid_at_rate_{k}": (100, 60, 0, 40) for k in range(1, 6)}


def received(amounts, years):
    return {f"received_at_rate_{k}": np.multiply(amounts, AT[k - 1] ** -years) for k in range(1, 6)}


@pytest.mark.parametrize(
    ("amounts", "years", "expected"),
    [
        ((400, 300, 0, 100), 50, 4 ** (1 / 50) - 1),  # 800 for 200
        ((100, 60, 0, 40), 30, 0.0),
        ((50, 30, 0, 20), 40, 0.5 ** (1 / 40) - 1),
        ((100, 60, 100, 140), 10, 2 ** (1 / 10) - 1),  # who pays nothing counts with what she receives
    ],
)
def test_the_rate_of_return_makes_what_is_received_equal_to_what_is_paid(amounts, years, expected):
    told = estimates(BASELINE | PAID | received(amounts, years))
    value = float(told.value.sel(indicator="internal_rate_of_return")[0])
    assert value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("amounts", [(0, 0, 0, 0), (1e9, 0, 0, 0), (1e-9, 0, 0, 0)])
def test_a_rate_of_return_that_cannot_be_told_says_why(amounts):
    told = estimates(BASELINE | PAID | received(amounts, 40)).sel(indicator="internal_rate_of_return")
    assert np.isnan(told.value[0])
    assert str(told.reason.values[0]) == "nothing paid or received, or no rate from -3% to 25%"


def test_the_rate_of_return_has_the_error_and_the_difference_of_its_groups():
    """Two scenarios on the same people: received doubles, so the rates differ by what doubling brings."""
    amounts = np.array((400, 300, 0, 100))
    told = estimates(BASELINE | PAID | received(amounts, 40), BASELINE | PAID | received(2 * amounts, 40))
    told = told.sel(indicator="internal_rate_of_return")
    assert float(told.difference[1]) == pytest.approx(8 ** (1 / 40) - 4 ** (1 / 40), abs=1e-9)
    assert 0 < float(told.difference_se[1]) < 0.001


def test_who_joins_shifts_or_switches_is_counted_person_by_person():
    value = estimates(BASELINE, REFORM).value
    assert list(value.sel(indicator="new_joiners").values) == [
        0,
        1 / 4,
    ]  # the fourth; eleven months are too few
    assert list(value.sel(indicator="down_shifters").values) == [0, 1 / 4]  # the second, 0.8 to 0.75
    assert list(value.sel(indicator="resident_switchers").values) == [
        0,
        1 / 4,
    ]  # the fourth; the third joins no more


def test_moving_back_makes_nobody_a_joiner():
    value = estimates(REFORM, BASELINE).value
    for name in ("new_joiners", "down_shifters", "resident_switchers"):
        assert list(value.sel(indicator=name).values) == [0, 0], name


def test_a_fall_of_the_index_by_two_hundredths_is_no_shift():
    slightly = BASELINE | {"flexible_base_ratio_sum": (0, 180 * 0.785, 12 * 0.585, 0)}
    assert list(estimates(BASELINE, slightly).value.sel(indicator="down_shifters").values) == [0, 0]


def test_coverage_shares_add_up_to_the_working_age():
    value = estimates(BASELINE).value[:, 0]
    parts = value.sel(
        indicator=[f"coverage_{route}" for route in ("as_employee", "as_flexible", "resident", "none")]
    )
    assert float(parts.sum()) == pytest.approx(1.0)


def test_every_indicator_is_complete_in_both_languages():
    chinese = re.compile("[一-鿿]")
    missing = []
    for name, indicator in INDICATORS.items():
        for field in ("title", "definition"):
            if len(getattr(indicator, field)) < 4 or chinese.search(getattr(indicator, field)):
                missing.append(f"{name}.{field}")
            if not chinese.search(getattr(indicator, f"{field}_zh")):
                missing.append(f"{name}.{field}_zh")
        if not (indicator.definition.endswith(".") and indicator.definition_zh.endswith("。")):
            missing.append(f"{name}: a definition is a sentence")
        if indicator.unit not in UNITS or not chinese.search(UNITS[indicator.unit]):
            missing.append(f"{name}.unit")
        if indicator.direction not in (-1, 0, 1):
            missing.append(f"{name}.direction")
        if indicator.kind not in KINDS:
            missing.append(f"{name}.kind")
        if indicator.name != name:
            missing.append(f"{name}.name")
    assert missing == []


def test_titles_are_unique_in_both_languages():
    for field in ("title", "title_zh"):
        titles = [getattr(indicator, field) for indicator in INDICATORS.values()]
        assert len(set(titles)) == len(titles)


def test_formulas_name_columns_that_are_kept():
    for indicator in INDICATORS.values():
        named = set(columns(indicator.numerator)) | set(columns(indicator.denominator))
        known = DISTRIBUTIONS if indicator.kind == "quantile" else ()
        if indicator.kind == "rate":
            named = {f"{name}_{k}" for name in named for k in range(1, len(RETURN_RATES) + 1)}
        assert named <= {*COLUMNS, *known}, indicator.name
        if indicator.kind in ("quantile", "gini"):
            assert indicator.numerator in DISTRIBUTIONS
        assert (indicator.kind == "quantile") == (0 < indicator.probability < 1)


def test_every_derived_column_serves_an_indicator():
    used = {name for i in INDICATORS.values() for name in (*columns(i.numerator), *columns(i.denominator))}
    heads = {"women", "men", "persons"}  # counted for the gap and for cells that are too small
    assert {term.name for term in DERIVED} - used == heads


def test_indicators_of_pensioners_say_that_they_are_unpaired():
    for indicator in INDICATORS.values():
        unpaired = not {"without_pension", "reference_wage_at_claim"}.isdisjoint(
            columns(indicator.denominator)
        )
        assert indicator.paired is not unpaired
        assert ("unpaired" in indicator.definition) is unpaired


def test_default_indicators_exist_and_open_with_the_headline():
    assert set(DEFAULT_INDICATORS) <= set(INDICATORS)
    assert DEFAULT_INDICATORS[0] == "pension_to_average_wage"


def test_indicators_are_read_from_a_text_or_a_list():
    assert parse_indicators() == parse_indicators("default") == parse_indicators(()) == DEFAULT_INDICATORS
    assert parse_indicators("all") == tuple(INDICATORS)
    assert parse_indicators("gini_pension, money_worth,gini_pension") == ("gini_pension", "money_worth")
    assert parse_indicators(["money_worth", "default"])[:2] == ("money_worth", "pension_to_average_wage")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gini_pensions", r"'gini_pensions' is no indicator\. Did you mean gini_pension\?"),
        ("money_worht", r"Did you mean money_worth\?"),
        ("zzz", r"'zzz' is no indicator\. Known: pension_to_average_wage, "),
        ("", r"'' is no indicator\."),
    ],
)
def test_an_unknown_indicator_names_the_nearest(text, message):
    with pytest.raises(FaultsError, match=message) as caught:
        parse_indicators(text)
    assert isinstance(caught.value, ValueError)


def test_the_sign_of_each_column_of_a_formula():
    assert columns("receipts - payments + grants") == {"receipts": 1, "payments": -1, "grants": 1}


def test_of_the_months_missing_only_barriers_are_better_fewer():
    judged = {r.name for r in REASONS[1:] if INDICATORS[f"months_missing_{r.name}"].direction == -1}
    assert judged == {"not_enrolled", "access", "knowledge", "procedure"}
    assert {INDICATORS[f"months_missing_{r.name}"].direction for r in REASONS[1:]} == {-1, 0}


def test_months_outside_the_scheme_are_the_sum_of_months_by_reason_in_every_group():
    groupings = (*((name,) for name in DIMENSIONS), (), ("exposure", "sex"), ("form", "hukou"))
    cases = [compile_case(load_scenario(name)) for name in ("current-law", "carer-credits", "hukou-opening")]
    sums = simulate(Population(persons=1_500), cases, load_demography(), groupings=groupings)
    assert len(sums.cells()) > 100

    def column(name):
        return sums.sums[:, :, COLUMNS[name]]

    # weights are multiples of 1/256 and months whole, so sums are exact: no tolerance
    by_reason = sum(column(f"months_{reason.name}") for reason in REASONS if reason.name != "covered")
    assert np.array_equal(by_reason, column("covered_resident") + column("covered_none"))
    assert np.array_equal(by_reason + column("months_covered"), column("working_age_months"))
    # and so are the published means of every group
    names = [f"months_missing_{reason.name}" for reason in REASONS if reason.name != "covered"]
    names += ["coverage_resident", "coverage_none"]
    told = estimate(sums, names)["value"]
    people = column("one").sum(axis=-1)
    months = column("working_age_months").sum(axis=-1) / people
    order = [position for _, _, position in sums.cells()]
    missing = told.sel(indicator=names[:-2]).sum("indicator", skipna=False)
    outside = told.sel(indicator=["coverage_resident", "coverage_none"]).sum("indicator", skipna=False)
    outside = outside * months[order].T
    enough = np.isfinite(missing)
    assert enough.sum() > 200
    np.testing.assert_allclose(missing.values[enough], outside.values[enough], rtol=1e-9)
