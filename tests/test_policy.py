"""Policies: the law's values at their dates, the economy's rules after them, and nothing else."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from calibration.paths import load_economy
from simulate.entitlements import annuity_divisor
from simulate.law import load_law
from simulate.law_values import LawError
from simulate.policy import DIVISOR_AGES_MONTHS, Policy, compile_policy

LAW_CASES = Path(__file__).parent / "law_cases"
LAW, ECONOMY = load_law(), load_economy()
POLICY = compile_policy(LAW, ECONOMY)
PROVINCES = [p.name for p in LAW.provinces]
BEIJING, SHANGHAI, GUANGDONG, HENAN = (
    PROVINCES.index(n) for n in ("Beijing", "Shanghai", "Guangdong", "Henan")
)
CATEGORY = {"male_60": 0, "female_55": 1, "female_50": 2}
FIRST_PROJECTED = ECONOMY.first_projected_year - 1990


def month(year, month=1):
    return 12 * (year - 1990) + month - 1


def rows(name):
    with open(LAW_CASES / f"{name}.csv", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def month_of(text):
    return month(*(int(part) for part in text.split("-")))


def amended(**changes):
    """The policy of a law with changes: parameter = (date, value) or a list of entries."""
    entries = {
        name: change if isinstance(change, list) else [{"effective": change[0], "value": change[1]}]
        for name, change in changes.items()
    }
    return compile_policy(LAW.amend(entries), ECONOMY)


def changed_fields(policy):
    return {n for n in Policy._fields if not np.array_equal(getattr(policy, n), getattr(POLICY, n))}


# --- shapes ----------------------------------------------------------------------------------------------

SHAPES = {
    (
        31,
        111,
    ): "reference_wage earnings_wage benefit_base indexed_benefit_base payment_period bundled_medical "
    "resident_crediting_rate low_index_threshold survivor_income resident_basic resident_extra "
    "resident_central",
    (31, 1332): "base_floor base_cap flexible_base_floor flexible_base_cap account_rate employer_rate "
    "flexible_rate difficulty_share access_months",
    (1332,): "flexible_base_by_earnings month_credit_pro_rata full_month_base_ratio employee_rate "
    "flexible_account_rate worker_relief platform_levy platform_subsidy_share platform_subsidy_cap_share "
    "care_credit_ratio care_credit_child_months care_credit_parent_months early_window late_window "
    "base_earnings_share base_allowance consumer_levy levy_least_dependence levy_dependent_share "
    "levy_dependent_extra levy_destination levy_on_all levy_pass_through match_cap match_earnings_limit "
    "match_youngest match_oldest match_destination care_credit_on_top unemployment_credit_ratio "
    "unemployment_credit_months low_earnings_credit_ratio low_earnings_credit_limit base_averaging "
    "late_payment_months account_only others_money_felt match_months gives_credits care_credit_months_only "
    "care_credit_not_employed care_credit_first_birth temporary_account_pool_rate",
    (9, 1332): "automatic_enrolment reclassification match_rate group_enrolment",
    (7,): "limited_rows",
    (7, 32): "limited_bits limited_value",
    (7, 32, 2): "limited_months limited_ages limited_earnings",
    (111,): "difficulty_months difficulty_extension crediting_rate accrual_rate indexed_half_weight "
    "minimum_months extension_limit claim_place_months increase_percent increase_flat increase_per_year "
    "funeral_months resident_minimum_months resident_divisor rural_poverty_line price_index wage_index "
    "discount_factor resident_counted universal_ratio minimum_ratio minimum_taper transfer_pool_rate",
    (): "one_off_cutoff floor_pension_age survivor_floor_months resident_pension_age "
    "resident_back_payment c102_rate c102_years transfer_bases_from",
    (2, 111): "difficulty_age international_poverty_line",
    (31,): "account_start transition_coefficient deemed_index",
    (111, 16): "flexible_base_tiers",
    (111, 361): "annuity_divisor",
    (3,): "original_age",
    (3, 1332): "retirement_delay",
    (61,): "survivor_months",
    (31, 111, 16): "resident_tiers resident_subsidies",
    (2,): "resident_start",
    (2, 1332): "temporary_account_age",
    (31, 2, 111): "dibao",
}


def test_every_field_has_the_shape_that_is_documented():
    documented = {name: shape for shape, names in SHAPES.items() for name in names.split()}
    assert documented == {name: np.shape(value) for name, value in POLICY._asdict().items()}


@pytest.mark.parametrize("economy", ["low", "central", "high"])
def test_every_number_is_finite_but_the_padding_of_tiers(economy):
    policy = compile_policy(LAW, load_economy(economy))
    for name, value in policy._asdict().items():
        value = np.asarray(value, float)
        if name in ("flexible_base_tiers", "resident_tiers"):
            assert np.all(np.isfinite(value[..., 0]))
            assert not np.any(np.isnan(value))
            # ascending, the padding last
            assert np.all((value[..., 1:] > value[..., :-1]) | np.isinf(value[..., :-1]))
        else:
            assert np.all(np.isfinite(value)), name


def test_amounts_and_rates_are_where_they_can_be():
    assert np.all(POLICY.base_floor < POLICY.base_cap)
    assert np.all(POLICY.flexible_base_floor < POLICY.flexible_base_cap)
    assert np.all(POLICY.reference_wage > 0)
    for name in ("employee_rate", "account_rate", "employer_rate", "flexible_rate", "crediting_rate"):
        assert np.all((getattr(POLICY, name) >= 0) & (getattr(POLICY, name) < 0.4)), name
    assert np.all(POLICY.account_rate <= POLICY.employee_rate + POLICY.employer_rate)
    assert np.all(POLICY.flexible_account_rate <= POLICY.flexible_rate)


PUBLISHED_FLOORS = [
    row
    for row in rows("contribution_base_bounds")
    if row["jurisdiction"] in PROVINCES and row["floor_yuan_month"]
]


# --- the law at its dates --------------------------------------------------------------------------------

MONTHLY = {  # field: parameter
    "employee_rate": "employee_rate",
    "flexible_account_rate": "flexible_account_rate",
    "full_month_base_ratio": "full_month_base_ratio",
    "worker_relief": "flexible_worker_relief_rate",
    "platform_levy": "platform_levy_rate",
    "platform_subsidy_share": "platform_subsidy_share",
    "platform_subsidy_cap_share": "platform_subsidy_cap_share",
    "temporary_account_pool_rate": "temporary_account_pool_rate",
    "early_window": "early_claim_window_months",
    "late_window": "late_claim_window_months",
}
MONTHLY_BY_PROVINCE = {
    "account_rate": "account_rate",
    "employer_rate": "employer_rate",
    "flexible_rate": "flexible_rate",
    "difficulty_share": "difficulty_subsidy_share",
    "access_months": "flexible_access_months",
}
YEARLY = {
    "difficulty_months": "difficulty_subsidy_months",
    "accrual_rate": "accrual_rate",
    "indexed_half_weight": "indexed_half_weight",
    "minimum_months": "minimum_contribution_months",
    "extension_limit": "extension_limit_months",
    "claim_place_months": "claim_place_months",
    "transfer_pool_rate": "transfer_pool_rate",
    "funeral_months": "funeral_grant_months",
    "resident_minimum_months": "resident_minimum_months",
    "resident_divisor": "resident_annuity_divisor",
}


def months_around_changes(parameter):
    days = [v.effective for v in LAW.parameter(parameter).all_values() if v.effective.year >= 1990]
    at = [month(d.year, d.month) + k for d in days for k in (-1, 0, 1)]
    return sorted({m for m in [0, 600, 1331, *at] if 0 <= m < 1332})


@pytest.mark.parametrize("field", MONTHLY)
def test_a_month_takes_the_value_in_force_on_its_first_day(field):
    for m in months_around_changes(MONTHLY[field]):
        assert getattr(POLICY, field)[m] == LAW.value(MONTHLY[field], date(1990 + m // 12, m % 12 + 1, 1)), m


@pytest.mark.parametrize("field", MONTHLY_BY_PROVINCE)
def test_a_month_of_a_province_takes_the_value_in_force_there(field):
    name = MONTHLY_BY_PROVINCE[field]
    for m in months_around_changes(name):
        for p, province in enumerate(PROVINCES):
            expected = LAW.value(name, date(1990 + m // 12, m % 12 + 1, 1), province)
            assert getattr(POLICY, field)[p, m] == expected, (m, province)


@pytest.mark.parametrize("field", YEARLY)
def test_a_year_takes_the_value_of_its_first_day(field):
    expected = [LAW.value(YEARLY[field], date(year, 1, 1)) for year in range(1990, 2101)]
    assert getattr(POLICY, field).tolist() == expected


def test_employers_pay_16_percent_from_may_2019():
    # the change of 2019-05-01 falls inside a year
    assert POLICY.employer_rate[HENAN, month(2019, 5)] == 0.16
    assert POLICY.employer_rate[HENAN, month(2019, 4)] > 0.16
    # 1997-07-16 is no first of a month: what it brings begins in August
    assert POLICY.employer_rate[HENAN, month(1997, 8)] == LAW.value("employer_rate", "1997-08-01", "Henan")


def test_flexible_workers_of_shanghai_pay_24_percent_until_february_2024():
    rate = POLICY.flexible_rate[SHANGHAI]
    assert rate[month(2019, 4)] == 0.28
    assert rate[month(2019, 5)] == rate[month(2024, 2)] == 0.24
    assert np.all(rate[month(2024, 3) :] == 0.20)


@pytest.mark.parametrize("row", PUBLISHED_FLOORS, ids=lambda r: f"{r['jurisdiction']}-{r['valid_from']}")
def test_floors_in_yuan_are_those_published(row):
    p, m = PROVINCES.index(row["jurisdiction"]), month_of(row["valid_from"][:7])
    assert POLICY.base_floor[p, m] == pytest.approx(float(row["floor_yuan_month"]), abs=1)


def test_floors_and_caps_of_2026_in_yuan():
    wage = LAW.value("reference_wage", "2026-01-01", "Shanghai")
    assert wage == 12577
    assert POLICY.base_floor[SHANGHAI, month(2026)] == pytest.approx(0.6 * 12577)  # 7546.2
    assert POLICY.flexible_base_cap[SHANGHAI, month(2026)] == pytest.approx(3 * 12577)  # 37731


def test_reference_wages_of_the_past_are_those_of_the_law():
    for p, province in enumerate(PROVINCES):
        for y in range(FIRST_PROJECTED):
            assert POLICY.reference_wage[p, y] == LAW.value("reference_wage", date(1990 + y, 1, 1), province)


@pytest.mark.parametrize("row", rows("minimum_years"), ids=lambda r: r["retirement_year"])
def test_minimum_months_are_those_of_the_annex(row):
    assert POLICY.minimum_months[int(row["retirement_year"]) - 1990] == int(row["min_contribution_months"])


# --- retirement ------------------------------------------------------------------------------------------


def test_delay_window_and_minimum_are_those_of_all_429_rows_of_the_annexes():
    table = rows("retirement_ages")
    assert len(table) == 429
    for row in table:
        category, original = CATEGORY[row["category"]], month_of(row["original_retirement_month"])
        birth = month_of(row["birth_month"])
        assert original == birth + POLICY.original_age[category]
        statutory = original + POLICY.retirement_delay[category, original]
        assert statutory == month_of(row["statutory_retirement_month"]), row
        assert POLICY.minimum_months[int(statutory) // 12] == int(row["min_contribution_months_at_statutory"])
        if row["earliest_flexible_month"]:
            earliest = month_of(row["earliest_flexible_month"])
            assert max(original, statutory - POLICY.early_window[earliest]) == earliest, row
        if row["latest_flexible_month"]:
            assert statutory + POLICY.late_window[int(statutory)] == month_of(row["latest_flexible_month"]), (
                row
            )


def test_nobody_retires_later_before_2025_and_delays_end_at_their_caps():
    assert np.all(POLICY.retirement_delay[:, : month(2025)] == 0)
    assert POLICY.retirement_delay[:, -1].tolist() == [36, 36, 60]
    # 60, 55 and 50 years become 63, 58 and 55
    assert (POLICY.original_age + POLICY.retirement_delay[:, -1]).tolist() == [756, 696, 660]


# --- divisors --------------------------------------------------------------------------------------------


def test_divisors_from_2025_are_those_of_the_table_by_month():
    table = rows("annuity_divisors_monthly")
    expected = [float(row["months"]) for row in table]
    ages = [12 * int(row["age_years"]) + int(row["age_months"]) for row in table]
    assert ages == list(DIVISOR_AGES_MONTHS)
    for year in (2025, 2026, 2100):
        assert POLICY.annuity_divisor[year - 1990] == pytest.approx(expected, abs=1e-9)


def test_divisors_of_2006_to_2024_are_those_of_the_completed_year():
    whole = {int(row["age"]): float(row["months"]) for row in rows("annuity_divisors")}
    expected = [whole[age // 12] for age in DIVISOR_AGES_MONTHS]
    for year in (2006, 2024):
        assert POLICY.annuity_divisor[year - 1990].tolist() == expected
    assert np.all(POLICY.annuity_divisor[: 2006 - 1990] == 120)


def test_divisors_are_compiled_by_the_rule_of_entitlement():
    whole = np.array(LAW.value("annuity_divisors", "2025-01-01"), float)
    assert POLICY.annuity_divisor[-1, 756 - 480] == annuity_divisor(756, whole, True)


# --- the economy's rules ---------------------------------------------------------------------------------


def test_wages_after_the_last_known_one_grow_with_the_economy():
    for y in range(FIRST_PROJECTED + 1, 111):
        growth = 1 + ECONOMY.wage_growth[y - 1]  # the wage of year y is that of the year before
        assert POLICY.reference_wage[:, y] == pytest.approx(
            POLICY.reference_wage[:, y - 1] * growth, rel=1e-12
        )


def test_the_benefit_base_grows_slowly_until_last_years_wage_has_caught_up():
    slow = 1 + ECONOMY.benefit_base_growth
    benefit, wage = POLICY.benefit_base, POLICY.reference_wage
    for p, province in enumerate(PROVINCES):
        known = LAW.value("benefit_base", "2026-01-01", province)
        assert benefit[p, 36] == known
        for y in range(37, 111):
            known = max(known * slow, wage[p, y])
            assert benefit[p, y] == pytest.approx(known, rel=1e-12)
    # the gap is never frozen and never below zero: 17 provinces or so lie above in 2026, none at the end
    ratio = benefit[:, 36:] / wage[:, 36:]
    assert np.all(ratio[:, 1:] >= 1)
    assert np.all(np.diff(ratio[:, 1:], axis=1) <= 1e-12)
    assert (ratio[:, 1] > 1.02).sum() > 10
    assert np.all(ratio[:, -1] == 1)


def test_the_crediting_rate_is_the_deposit_rate_or_wage_growth_less_the_spread():
    expected = np.maximum(ECONOMY.deposit_rate, ECONOMY.wage_growth - ECONOMY.crediting_spread)
    first = 2026 - 1990  # the last notice is that of 2025
    assert np.array_equal(POLICY.crediting_rate[first:], expected[first:])
    assert POLICY.crediting_rate[2025 - 1990] == 0.015
    lines = {r["year"]: float(r["rate"]) for r in rows("account_credit_rates") if r["scheme"] == "employee"}
    for year, rate in lines.items():
        assert POLICY.crediting_rate[int(year) - 1990] == pytest.approx(rate), year


def test_the_rate_floor_holds_when_wages_stand_still():
    economy = ECONOMY._replace(wage_growth=np.zeros(111))
    rate = compile_policy(LAW, economy).crediting_rate
    assert np.array_equal(rate[36:], ECONOMY.deposit_rate[36:])


def test_the_three_parts_of_an_increase_add_up_for_the_mean_pension_and_mean_years():
    years = LAW.value("pension_increase_mean_years", "2030-01-01")
    for y in range(30, 111):
        mean = ECONOMY.mean_pension[y - 1]
        increase = POLICY.increase_percent[y] * mean + POLICY.increase_flat[y]
        increase += POLICY.increase_per_year[y] * years
        overall = increase / mean
        if 1990 + y <= 2025:
            assert overall == pytest.approx(LAW.value("pension_increase", date(1990 + y, 1, 1)), rel=1e-9)
        else:
            share = ECONOMY.pension_increase_wage_share
            assert overall == pytest.approx(share * ECONOMY.wage_growth[y - 1], rel=1e-9)


def test_prices_and_wages_are_relative_to_2025_and_discounting_is_a_product():
    assert POLICY.price_index[2025 - 1990] == POLICY.wage_index[2025 - 1990] == 1
    assert POLICY.wage_index[50] / POLICY.wage_index[49] == pytest.approx(1 + ECONOMY.wage_growth[50])
    step = POLICY.discount_factor[50] / POLICY.discount_factor[49]
    assert step == pytest.approx(1 / (1 + ECONOMY.discount_rate[50]))


def test_resident_amounts_grow_after_the_last_known_ones():
    growth = ECONOMY.resident_basic_growth
    for y in range(37, 111):
        assert POLICY.resident_basic[:, y] == pytest.approx(POLICY.resident_basic[:, y - 1] * (1 + growth[y]))
        tiers = POLICY.resident_tiers[HENAN, y - 1] * (1 + ECONOMY.resident_tier_growth[y])
        known = np.isfinite(tiers)
        assert POLICY.resident_tiers[HENAN, y][known] == pytest.approx(tiers[known])


# --- reforms ---------------------------------------------------------------------------------------------


def test_levers_of_reforms_are_neutral_under_current_law():
    for name in (
        *("worker_relief", "platform_levy", "platform_subsidy_share"),
        *("care_credit_ratio", "care_credit_child_months", "care_credit_parent_months"),
        *("flexible_base_by_earnings", "month_credit_pro_rata"),
    ):
        assert not np.any(getattr(POLICY, name)), name


REFORMS = [  # parameter, value, fields that change
    ("flexible_base_floor_ratio", 0.4, {"flexible_base_floor"}),
    ("flexible_base_tiers", [0.4, 0.6, 1.0], {"flexible_base_tiers"}),
    ("flexible_base_rule", "earnings", {"flexible_base_by_earnings"}),
    ("month_credit_rule", "pro_rata", {"month_credit_pro_rata"}),
    ("flexible_worker_relief_rate", 0.08, {"worker_relief"}),
    ("platform_levy_rate", 0.08, {"platform_levy"}),
    ("platform_subsidy_share", 0.5, {"platform_subsidy_share"}),
    ("care_credit_base_ratio", 0.8, {"care_credit_ratio", "gives_credits"}),
    ("flexible_contribution_rule", "account_only", {"account_only"}),
    ("flexible_base_averaging", "order", {"base_averaging"}),
    ("late_payment_months", 12, {"late_payment_months"}),
    ("group_enrolment_share", 0.5, {"group_enrolment"}),
    ("government_match_months", 36, {"match_months"}),
    ("care_credit_extent", "months", {"care_credit_months_only", "gives_credits"}),
    ("care_credit_of_employees", "none", {"care_credit_not_employed"}),
    ("care_credit_first_birth_year", 2015, {"care_credit_first_birth"}),
    ("others_money_felt_share", 0.5, {"others_money_felt"}),
    ("care_credit_child_months", 36, {"care_credit_child_months"}),
    ("care_credit_parent_months", 24, {"care_credit_parent_months"}),
    ("low_index_threshold", 0.5, {"low_index_threshold"}),
    ("flexible_rate", 0.18, {"flexible_rate"}),
    ("employer_rate", 0.15, {"employer_rate"}),
    ("base_floor_ratio", 0.5, {"base_floor", "flexible_base_floor"}),  # one floor unless said otherwise
    ("base_cap_ratio", 2.5, {"base_cap", "flexible_base_cap"}),
    ("minimum_contribution_months", 180, {"minimum_months"}),
    ("accrual_rate", 0.011, {"accrual_rate"}),
    ("crediting_rate", 0.031, {"crediting_rate"}),
    ("flexible_access_months", 12, {"access_months"}),
    ("resident_basic_pension", 300, {"resident_basic", "resident_central"}),
    ("pension_increase_wage_share", 0.8, {"increase_percent", "increase_flat", "increase_per_year"}),
]


@pytest.mark.parametrize(("parameter", "value", "fields"), REFORMS, ids=[r[0] for r in REFORMS])
def test_a_reform_changes_its_own_fields_from_its_date_on_and_nothing_else(parameter, value, fields):
    policy = amended(**{parameter: ("2030-01-01", value)})
    assert changed_fields(policy) == fields
    for field in fields:
        old, new = getattr(POLICY, field), getattr(policy, field)
        axis = old.shape.index(next(n for n in (1332, 111) if n in old.shape))
        first = month(2030) if old.shape[axis] == 1332 else 40
        before, after = (np.take(a, range(first), axis) for a in (old, new))
        assert np.array_equal(before, after)
        assert not np.array_equal(np.take(old, first, axis), np.take(new, first, axis))


def test_the_reform_of_one_province_leaves_the_others():
    entry = [{"effective": "2030-01-01", "value": 0.4, "province": "Henan"}]
    policy = amended(flexible_base_floor_ratio=entry)
    changed = np.any(policy.flexible_base_floor != POLICY.flexible_base_floor, axis=1)
    assert np.nonzero(changed)[0].tolist() == [HENAN]
    wage = policy.reference_wage[HENAN, 40]
    assert policy.flexible_base_floor[HENAN, month(2030)] == pytest.approx(0.4 * wage)


def test_a_reform_in_the_middle_of_a_year_begins_in_its_month():
    policy = amended(
        flexible_worker_relief_rate=("2030-07-01", 0.08), platform_levy_rate=("2030-07-02", 0.08)
    )
    assert policy.worker_relief[month(2030, 6)] == 0
    assert np.all(policy.worker_relief[month(2030, 7) :] == 0.08)
    # the second of July: months take what is in force on their first day
    assert policy.platform_levy[month(2030, 7)] == 0
    assert np.all(policy.platform_levy[month(2030, 8) :] == 0.08)


def test_an_amended_rate_holds_until_its_next_date():
    steps = [{"effective": "2030-01-01", "value": 0.03}, {"effective": "2040-01-01", "value": 0.01}]
    policy = amended(crediting_rate=steps)
    assert np.all(policy.crediting_rate[40:50] == 0.03)
    assert np.all(policy.crediting_rate[50:] == 0.01)
    assert np.array_equal(policy.crediting_rate[:40], POLICY.crediting_rate[:40])


def test_an_amended_amount_grows_from_its_date_on():
    policy = amended(resident_basic_pension=("2030-01-01", 300))
    growth = 1 + ECONOMY.resident_basic_growth
    expected = 300.0
    for y in range(40, 111):
        expected = expected if y == 40 else expected * growth[y]
        assert policy.resident_basic[:, y] == pytest.approx(np.full(31, expected), rel=1e-12)


@pytest.mark.parametrize("effective", ["2030-01-01", "2029-07-01"])
def test_an_amended_benefit_base_holds_in_its_first_year_and_grows_from_there(effective):
    entry = [{"effective": effective, "value": 30000, "province": "Henan"}]
    policy = amended(benefit_base=entry)
    assert policy.benefit_base[HENAN, 40] == 30000
    expected = max(30000 * (1 + ECONOMY.benefit_base_growth), POLICY.reference_wage[HENAN, 41])
    assert policy.benefit_base[HENAN, 41] == pytest.approx(expected)
    assert np.array_equal(policy.benefit_base[HENAN, :40], POLICY.benefit_base[HENAN, :40])


def test_an_amended_minimum_holds_for_all_later_years():
    policy = amended(minimum_contribution_months=("2030-01-01", 180))
    assert np.all(policy.minimum_months == 180)


def test_a_reform_after_the_horizon_changes_nothing():
    policy = amended(
        flexible_base_floor_ratio=("2101-01-01", 0.2), care_credit_base_ratio=("2101-01-01", 0.8)
    )
    assert changed_fields(policy) == set()


def test_a_change_from_some_day_on_of_a_rule_read_without_dates_is_refused():
    for name, value in (("resident_pension_age_months", 780), ("transition_coefficient", 0.02)):
        law = load_law().amend({name: [{"effective": "2060-01-01", "value": value}]})
        with pytest.raises(LawError, match=rf"law.{name}, 2060-01-01: .*without dates.*1990-01-01"):
            compile_policy(law, ECONOMY)
        held = load_law().amend({name: [{"effective": "1990-01-01", "value": value}]})
        assert compile_policy(held, ECONOMY) is not None
