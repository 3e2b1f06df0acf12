"""Awards at turns of life: the flexible window, short careers, bridging, death, disability."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulate.award import award
from simulate.law import load_law

LAW = load_law()
PERSON = {
    "birth": "1965-06",
    "category": "male",
    "province": "Sichuan",
    "contribution_months": 150,
    "average_contribution_index": 0.6,
    "account_balance": 45000,
}


def answer(**case) -> dict:
    return award([{"id": 1} | case], steps=False)[0]


# ------------------------------------------------------------------ the flexible window


def test_each_month_of_the_window_has_the_minimum_of_the_act():
    found = answer(
        system="flexible_retirement",
        **PERSON | {"birth": "1969-12", "contribution_months": 186},
        every_months=1,
        future_index=0,
    )
    rows = {row["claim_month"]: row for row in found["choices"]}
    assert list(rows) == sorted(rows)
    assert (found["earliest_month"], found["statutory_month"], found["latest_month"]) == (
        "2029-12", "2031-03", "2034-03",
    )  # fmt: skip
    assert len(rows) == 15 + 36 + 1
    assert rows["2029-12"]["minimum_months"] == 180  # early: the year of the claim
    assert rows["2030-06"]["minimum_months"] == 186
    assert {row["minimum_months"] for month, row in rows.items() if month >= "2031"} == {192}
    assert rows["2030-12"]["eligible"] is True
    assert rows["2031-01"]["eligible"] is False
    assert rows["2031-01"]["monthly_pension"] is None
    divisors = [row["annuity_divisor"] for row in found["choices"]]
    assert divisors == sorted(divisors, reverse=True)


def test_paying_on_until_a_late_claim_earns_years_account_and_interest():
    case = PERSON | {"birth": "1965-01", "province": "Beijing", "contribution_months": 360}
    found = answer(
        system="flexible_retirement",
        **case,
        as_of="2025-02",
        future_index=1,
        crediting_rate=0.02,
        every_months=5,
    )
    first, second = found["choices"][:2]
    assert (first["claim_month"], first["kind"], first["account_balance"]) == ("2025-02", "statutory", 45000)
    wage = LAW.value("reference_wage", "2025-02-01", "Beijing")
    credit = 0.08 * wage
    interest = (45000 * 5 + credit * (5 + 4 + 3 + 2 + 1)) * 0.02 / 12
    assert second["account_balance"] == pytest.approx(45000 + 5 * credit + interest, abs=0.01)
    assert second["contribution_months"] == 365
    assert second["average_contribution_index"] == pytest.approx((360 * 0.6 + 5) / 365, abs=5e-5)
    assert second["monthly_pension"] > first["monthly_pension"]


def test_before_the_window_existed_there_is_one_month_only():
    found = answer(system="flexible_retirement", **PERSON | {"birth": "1963-05", "contribution_months": 200})
    assert [row["claim_month"] for row in found["choices"]] == ["2023-05"]


# ------------------------------------------------------------------ short career, bridging, death, disability


def options_of(**changes) -> tuple[dict, dict[str, dict]]:
    found = answer(system="short_career", **PERSON | changes)
    return found, {option["option"]: option for option in found["options"]}


def test_the_ways_out_of_a_short_career_stand_side_by_side():
    found, options = options_of(crediting_rate=0)
    assert list(options) == ["pay_on", "pay_at_once", "resident", "refund"]
    assert (found["missing_months"], found["default_option"]) == (30, "pay_on")
    ratio = LAW.value("base_floor_ratio", "2025-08-01", "Sichuan")
    wages = [LAW.value("reference_wage", f"{year}-08-01", "Sichuan") for year in (2025, 2026, 2027, 2028)]
    bases = sum(months * wage for months, wage in zip((5, 12, 12, 1), wages, strict=True)) * ratio
    paid = options["pay_on"]
    assert paid["cost"] == pytest.approx(0.2 * bases, abs=0.01)
    age_months = 12 * 62 + 8  # born 1965-06, claims 2028-02
    divisor = answer(system="annuity_divisor", age_years=62, age_months=age_months - 12 * 62)[
        "annuity_divisor"
    ]
    assert paid["account_pension"] == pytest.approx((45000 + 0.08 * bases) / divisor, abs=0.01)
    assert options["pay_at_once"]["allowed"] is None
    assert options["refund"]["one_off_amount"] == 45000
    resident = options["resident"]
    assert resident["basic_pension"] == LAW.value("resident_basic_pension", "2025-08-01", "Sichuan")
    assert resident["months_to_pay"] == 30
    tier = LAW.value("resident_tiers", "2025-08-01", "Sichuan")[0]
    assert resident["cost"] == 3 * tier  # thirty months: three started years at the lowest tier
    assert resident["account_pension"] == pytest.approx((45000 + 3 * tier) / 139, abs=0.005)
    assert resident["monthly_pension"] < paid["monthly_pension"]
    _, longer = options_of(resident_months=30)
    assert (longer["resident"]["months_to_pay"], longer["resident"]["cost"]) == (0, 0)


def test_the_rest_is_paid_at_once_by_early_members_after_five_years_only():
    found, options = options_of(contribution_months=100, first_insured="2005-03")
    assert (found["missing_months"], found["default_option"]) == (80, "resident")
    assert options["pay_at_once"]["allowed"] is True
    assert options["pay_at_once"]["start_month"] == "2030-08"  # sixty months after 2025-08
    assert options["pay_on"]["start_month"] == "2032-04"
    _, late = options_of(contribution_months=100, first_insured="2011-07")
    assert late["pay_at_once"]["allowed"] is False
    _, near = options_of(first_insured="2005-03")
    assert near["pay_at_once"]["allowed"] is False
    done, options = options_of(contribution_months=180)
    assert (done["missing_months"], list(options)) == (0, ["pay_on"])
    assert options["pay_on"]["start_month"] == done["statutory_month"]


def test_women_who_move_down_wait_for_the_age_of_the_resident_scheme():
    _, options = options_of(category="female_50", birth="1975-01")
    assert options["pay_on"]["months_to_pay"] == 30
    assert options["resident"]["start_month"] == "2035-01"
    assert options["resident"]["account_pension"] > 45000 / 139


@given(
    months=st.integers(0, 400),
    resident_months=st.integers(0, 300),
    balance=st.integers(0, 200_000),
    resident_balance=st.integers(0, 50_000),
    overlap=st.integers(0, 100),
)
def test_bridging_loses_no_money_and_counts_no_month_twice(
    months, resident_months, balance, resident_balance, overlap
):
    overlap = min(overlap, months, resident_months)
    refund = resident_balance // 10 if overlap else 0
    found = answer(
        system="bridging",
        birth="1965-01",
        category="male",
        province="Beijing",
        contribution_months=months,
        account_balance=balance,
        average_contribution_index=0.6,
        resident_months=resident_months,
        resident_balance=resident_balance,
        overlap_months=overlap,
        overlap_contributions=refund,
    )
    assert found["account_balance"] + found["refund"] == pytest.approx(balance + resident_balance, abs=0.005)
    if months >= 180:
        assert (found["direction"], found["counted_months"]) == ("to_employee", months)
    else:
        assert (found["direction"], found["counted_months"]) == (
            "to_resident",
            months + resident_months - overlap,
        )


def test_the_threshold_between_the_schemes_may_rise_or_stay():
    case = {"birth": "1976-09", "category": "male", "contribution_months": 200, "account_balance": 1000}
    case |= {
        "resident_balance": 0,
        "system": "bridging",
        "resident_basic_pension": 200,
        "province": "Sichuan",
    }
    rising, fixed = answer(**case), answer(**case, bridging_minimum="fixed")
    assert (rising["minimum_months"], rising["direction"]) == (240, "to_resident")
    assert (fixed["minimum_months"], fixed["direction"]) == (180, "to_employee")
    assert answer(**case, drawn_basic_pension=4000)["repayment"] == 4000


@pytest.mark.parametrize(
    ("months", "pension_months", "expected"),
    [(59, None, 3), (60, None, 6), (119, None, 6), (120, None, 9), (180, None, 9), (192, None, 10),
     (360, None, 24), (480, None, 24), (360, 0, 24), (360, 30, 22), (360, 400, 9), (60, 12, 9)],
)  # fmt: skip
def test_survivor_months_by_years_paid_and_drawn(months, pension_months, expected):
    found = answer(
        system="survivor", monthly_income=4000, contribution_months=months, pension_months=pension_months
    )
    assert found["survivor_months"] == expected
    assert found["total"] == 4000 * (2 + expected)


def test_the_income_of_a_death_grant_is_that_of_the_year_before():
    found = answer(system="survivor", province="Hubei", death_month="2021-09", contribution_months=200)
    assert found["monthly_income"] == LAW.value("survivor_income", "2021-09-01", "Hubei")
    assert "notes" not in found
    later = answer(system="survivor", province="Hubei", death_month="2025-09", contribution_months=100)
    assert len(later["notes"]) == 2  # an estimated income, an unknown cap


@pytest.mark.parametrize(
    ("months", "claim", "kind", "duration", "recomputed"),
    [
        (300, "2034-09", "full", None, None),
        (300, "2034-08", "basic", None, "2034-09"),
        (216, "2034-09", "full", None, None),
        (209, "2034-09", "short", 12 + 3 * 13, None),  # 17 years 5 months: thirteen started years above five
        (60, "2026-01", "short", 12, None),
        (61, "2026-01", "short", 15, None),
        (11, "2026-01", "short", 12, None),
    ],
)
def test_the_kind_of_a_disability_allowance(months, claim, kind, duration, recomputed):
    found = answer(
        system="disability",
        **PERSON | {"birth": "1976-09", "contribution_months": months, "benefit_base": 8000},
        claim_month=claim,
    )
    assert (found["kind"], found["duration_months"], found["recomputed_month"]) == (
        kind,
        duration,
        recomputed,
    )
    basic = 8000 * (1 + 0.6) / 2 * months / 12 * 0.01
    assert found["basic_pension"] == pytest.approx(basic, abs=0.005)
    assert (found["account_pension"] is not None) == (kind == "full")


def test_every_answer_of_the_further_systems_explains_itself():
    for case in (
        {"system": "flexible_retirement", **PERSON},
        {"system": "short_career", **PERSON},
        {"system": "bridging", **PERSON, "resident_balance": 100},
        {"system": "survivor", "province": "Hubei", "contribution_months": 300},
        {"system": "disability", **PERSON, "claim_month": "2025-01", "contribution_months": 250},
    ):
        [found] = award([case | {"id": 1}])
        assert "error" not in found
        assert found["steps"]
        assert any(line["act"] for line in found["steps"])
