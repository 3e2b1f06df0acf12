"""The rules of entitlement: official tables, worked arithmetic, properties."""

import csv
import doctest
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulate import entitlements as rules
from simulate.law import load_law

TABLES = Path(__file__).parent / "law_cases"
LAW = load_law()
START_OF_DELAY = 12 * (2025 - 1990)
DIVISORS = np.array(LAW.value("annuity_divisors", "2025-01-01"), dtype=float)

money = st.floats(0, 1e6)
index = st.floats(0.3, 3)
months = st.integers(0, 600)


def rows(name: str) -> list[dict]:
    with open(TABLES / f"{name}.csv", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def month_index(text: str) -> int:
    year, month = text.split("-")
    return 12 * (int(year) - 1990) + int(month) - 1


def test_the_examples_of_the_docstrings_run():
    found = doctest.testmod(rules)
    assert found.failed == 0
    assert found.attempted >= 30


def test_the_tables_are_whole():
    names = ("retirement_ages", "minimum_years", "annuity_divisors", "annuity_divisors_monthly")
    assert [len(rows(name)) for name in names] == [429, 21, 31, 361]


@pytest.mark.parametrize("row", rows("retirement_ages"), ids=lambda r: f"{r['category']}-{r['birth_month']}")
def test_the_delay_is_that_of_the_annexes(row):
    category = {"male_60": "male"}.get(row["category"], row["category"])
    step = LAW.value("retirement_delay_step_months", "2025-01-01", category=category)
    cap = LAW.value("retirement_delay_cap_months", "2025-01-01", category=category)
    original = month_index(row["original_retirement_month"])
    delay = rules.retirement_delay(original, START_OF_DELAY, step, cap)
    assert delay == int(row["delay_months"])
    assert original + delay == month_index(row["statutory_retirement_month"])


@pytest.mark.parametrize("row", rows("minimum_years"), ids=lambda r: r["retirement_year"])
def test_the_minimum_is_that_of_the_annex(row):
    by_year = np.array(
        [LAW.value("minimum_contribution_months", f"{year}-06-01") for year in range(1990, 2101)]
    )
    month = month_index(f"{row['retirement_year']}-12")
    assert rules.minimum_contribution_months(month, by_year) == int(row["min_contribution_months"])


@pytest.mark.parametrize("row", rows("annuity_divisors"), ids=lambda r: r["age"])
def test_the_divisor_of_a_birthday_is_that_of_the_annex(row):
    age_months = 12 * int(row["age"])
    assert rules.annuity_divisor(age_months, DIVISORS, False) == float(row["months"])
    assert rules.annuity_divisor(age_months + 11, DIVISORS, False) == float(row["months"])


@pytest.mark.parametrize(
    "row", rows("annuity_divisors_monthly"), ids=lambda r: f"{r['age_years']}y{r['age_months']}m"
)
def test_the_divisor_between_birthdays_is_interpolated_and_rounded_half_up(row):
    age_months = 12 * int(row["age_years"]) + int(row["age_months"])
    assert rules.annuity_divisor(age_months, DIVISORS, True) == float(row["months"])


def test_ages_outside_the_annex_take_its_ends():
    assert rules.annuity_divisor(12 * 39 + 5, DIVISORS, True) == DIVISORS[0]
    assert rules.annuity_divisor(12 * 70 + 5, DIVISORS, True) == DIVISORS[-1]


def test_a_late_claim_is_tested_with_the_statutory_year_and_an_early_one_with_its_own():
    by_year = np.array([180.0, 186.0, 192.0])
    statutory = 12 + 3
    assert rules.applicable_minimum_months(2, statutory, by_year) == 180
    assert rules.applicable_minimum_months(statutory, statutory, by_year) == 186
    assert rules.applicable_minimum_months(30, statutory, by_year) == 186


@pytest.mark.parametrize(
    ("base", "average", "years", "expected"),
    [
        (12049.0, 0.8, 30.0, 12049 * (1 + 0.8) / 2 * 30 * 0.01),  # WE15
        (8000.0, 0.6, 15.0, 8000 * (1 + 0.6) / 2 * 15 * 0.01),  # WE16
    ],
)
def test_the_basic_pension_is_one_per_cent_a_year_of_the_mean_of_both_wages(base, average, years, expected):
    assert rules.basic_pension(base, base, average, years, 0.01, 0.5, 0.0) == pytest.approx(
        expected, abs=1e-9
    )


def test_weight_and_threshold_change_the_halves_they_belong_to():
    # index 0.5 under the threshold 0.6: the flat three quarters shrink to 5/6, the indexed quarter does not
    expected = (8000 * 0.75 * 0.5 / 0.6 + 6000 * 0.5 * 0.25) * 20 * 0.01
    assert rules.basic_pension(8000.0, 6000.0, 0.5, 20.0, 0.01, 0.25, 0.6) == pytest.approx(expected)
    unshrunk = (8000 * 0.75 + 6000 * 0.6 * 0.25) * 20 * 0.01
    assert rules.basic_pension(8000.0, 6000.0, 0.6, 20.0, 0.01, 0.25, 0.6) == pytest.approx(unshrunk)


def test_the_account_pension_is_the_balance_over_the_divisor():
    divisor = rules.annuity_divisor(12 * 62 + 10, DIVISORS, True)
    assert divisor == 118.3  # 125 - 8 * 10 / 12
    assert rules.account_pension(138096.30, divisor) == pytest.approx(138096.30 / 118.3)


def test_a_month_of_dues_earns_interest_from_its_own_month_on():
    rate, opening = 0.06, 10000.0
    credits = np.arange(1.0, 13.0)
    whole = opening * rate + sum(m * rate * (13 - m) / 12 for m in range(1, 13))
    assert rules.account_interest(opening, credits, rate, 12) == pytest.approx(whole)
    five = opening * rate * 5 / 12 + sum(m * rate * (5 + 1 - m) / 12 for m in range(1, 6))
    assert rules.account_interest(opening, credits, rate, 5) == pytest.approx(five)


def test_resident_dues_earn_interest_from_the_year_after():
    credits, rates = np.array([130.0, 130.0, 160.0]), np.array([0.1, 0.02, 0.03])
    expected = 130 * 1.02 * 1.03 + 130 * 1.03 + 160
    assert rules.resident_account_balance(credits, rates) == pytest.approx(expected)


def test_the_resident_extra_counts_whole_years_above_the_minimum():
    assert rules.resident_pension(143.0, 0.0, 139.0, 5.0, 17.9, 15.0) == 143 + 2 * 5
    assert rules.resident_pension(143.0, 0.0, 139.0, 5.0, 12.0, 15.0) == 143
    assert rules.resident_pension(143.0, 50000.0, 139.0, 0.0, 15.0, 15.0) == pytest.approx(143 + 50000 / 139)


def test_the_pool_share_of_the_bases_moves_without_interest():
    assert rules.transfer_amounts(14400.0, 3 * 60000.0, 0.12) == (14400.0, pytest.approx(21600.0))  # WE26


@pytest.mark.parametrize(
    ("provinces", "record", "hukou", "expected"),
    [
        ([], [], 5, 5),  # no record: hukou
        ([1, 5], [300, 1], 5, 5),  # the last province is that of the hukou
        ([1, 2], [60, 120], 5, 2),  # ten years where the person is
        ([1, 2, 3], [120, 130, 119], 5, 2),  # the latest with ten years
        ([1, 2, 1], [60, 30, 60], 5, 1),  # spells in one province add up
        ([1, 2], [119, 119], 5, 5),  # nowhere ten years
    ],
)
def test_the_place_of_claim_follows_the_ten_year_rule(provinces, record, hukou, expected):
    found = rules.claim_province(
        np.array(provinces, dtype=np.int64), np.array(record, dtype=float), hukou, 120.0
    )
    assert found == expected


def test_the_heirs_of_fifteen_years_get_nine_months():
    by_years = np.array([3.0] * 5 + [6.0] * 5 + [9.0] * 5 + [9.0 + n for n in range(15)] + [24.0])
    assert rules.survivor_months(15.0, -1.0, by_years, 9.0) == 9  # WE11: 3915.5 * (2 + 9)
    assert rules.survivor_months(4.9, -1.0, by_years, 9.0) == 3
    assert rules.survivor_months(20.5, -1.0, by_years, 9.0) == 9 + 5
    assert rules.survivor_months(45.0, -1.0, by_years, 9.0) == 24
    assert rules.survivor_months(30.0, 4.5, by_years, 9.0) == 24 - 4
    assert rules.survivor_months(15.0, 20.0, by_years, 9.0) == 9  # WE10: never below the floor


@given(base=money, average=index, first=months, second=months)
def test_more_years_never_pay_less(base, average, first, second):
    few, many = sorted((first, second))
    pay = [rules.basic_pension(base, base, average, m / 12, 0.01, 0.5, 0.6) for m in (few, many)]
    assert pay[0] <= pay[1]
    for convention in (rules.years_in_twelfths, rules.years_to_two_decimals, rules.years_rounded_up):
        assert convention(few) <= convention(many)


@given(base=money, lower=index, higher=index, threshold=st.sampled_from([0.0, 0.6]))
def test_a_higher_index_never_pays_less(base, lower, higher, threshold):
    lower, higher = sorted((lower, higher))
    pay = [rules.basic_pension(base, base, i, 20.0, 0.01, 0.5, threshold) for i in (lower, higher)]
    assert pay[0] <= pay[1] + 1e-9


@given(base=money, balance=money, average=index, worked=months)
def test_doubling_all_money_doubles_all_amounts(base, balance, average, worked):
    def amounts(factor):
        return np.array(
            [
                rules.basic_pension(factor * base, factor * base, average, worked / 12, 0.01, 0.5, 0.6),
                rules.account_pension(factor * balance, 139.0),
                rules.transitional_pension(factor * base, average, worked / 12, 0.013),
                rules.account_interest(factor * balance, np.full(12, factor * base), 0.03, 7),
                *rules.transfer_amounts(factor * balance, factor * base, 0.12),
            ]
        )

    assert amounts(2.0) == pytest.approx(2 * amounts(1.0), rel=1e-12)


@given(rate=st.floats(0, 0.2), elapsed=st.integers(0, 12))
def test_no_dues_no_account(rate, elapsed):
    assert rules.account_interest(0.0, np.zeros(12), rate, elapsed) == 0
    assert rules.resident_account_balance(np.zeros(5), np.full(5, rate)) == 0
    assert rules.account_pension(0.0, 139.0) == 0


@given(age=st.integers(12 * 40, 12 * 70 - 1))
def test_the_divisor_never_rises_with_age(age):
    for monthly in (True, False):
        here, next_month = (rules.annuity_divisor(a, DIVISORS, monthly) for a in (age, age + 1))
        assert here >= next_month


@given(original=st.integers(0, 1200), step=st.integers(1, 12), cap=st.integers(0, 120))
def test_nobody_overtakes_an_older_person(original, step, cap):
    statutory = [m + rules.retirement_delay(m, START_OF_DELAY, step, cap) for m in (original, original + 1)]
    assert statutory[0] < statutory[1]


@given(paid=st.lists(st.integers(0, 12), min_size=1, max_size=20), average=index)
def test_the_conventions_agree_where_there_is_no_gap(paid, average):
    indices, full = np.full(len(paid), average), np.full(len(paid), 12.0)
    conventions = (
        rules.index_without_gaps,
        rules.index_of_whole_years,
        rules.index_with_gaps_at_floor,
        rules.index_over_due_months,
    )
    for convention in conventions:
        assert convention(indices, full, 12.0 * len(paid), 0.6) == pytest.approx(average)
    with_gaps = np.array(paid, dtype=float)
    without = rules.index_without_gaps(indices, with_gaps, 12.0 * len(paid), 0.6)
    assert rules.index_over_due_months(indices, with_gaps, 12.0 * len(paid), 0.6) <= without + 1e-12
    summed = rules.average_contribution_index((indices * with_gaps).sum(), with_gaps.sum())
    assert summed == pytest.approx(without)


def test_without_months_there_is_no_index():
    none = np.zeros(3)
    assert rules.index_without_gaps(none, none, 0.0, 0.6) == 0
    assert rules.index_of_whole_years(none, none, 0.0, 0.6) == 0
    assert rules.index_with_gaps_at_floor(none, none, 0.0, 0.6) == 0
    assert rules.index_over_due_months(none, none, 0.0, 0.6) == 0
    assert rules.average_contribution_index(0.0, 0.0) == 0


def test_an_odd_month_counts_as_a_twelfth_to_three_decimals_where_the_province_says_so():
    assert rules.years_by_rounded_month(365) == pytest.approx(30 + 5 * 0.083)
    assert rules.years_by_rounded_month(360) == 30
