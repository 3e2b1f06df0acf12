"""Awards by province: rules from data, conventions of forms, peculiarities, wrong cases, worked examples."""

from __future__ import annotations

import ast
import csv
import json
import math
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulate
from simulate import cases as cases_module
from simulate import lookup
from simulate.award import REASONS, award
from simulate.law import load_law

LAW = load_law()
PROVINCES = [p.name for p in LAW.provinces]
FOLDER = Path(simulate.__file__).parent
FORM = {
    "system": "employee",
    "claim_month": "2025-06",
    "benefit_base": 8079,
    "contribution_months": 401,
    "average_contribution_index": 0.9123,
    "account_balance": 88961.0,
    "annuity_divisor": 139,
}
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


def form(**changes) -> dict:
    return answer(**(FORM | changes))


def supplements(found: dict) -> dict[str, float]:
    return {one["name"]: one["amount"] for one in found["local_supplements"]}


# ------------------------------------------------------------------ the readme is the contract


def test_every_example_of_the_readme_is_what_an_award_prints():
    text = (FOLDER / "README.md").read_text("utf-8").split("## Awards")[1]
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)\n```", text, re.DOTALL)]
    answers = [block for block in blocks if "system" not in block]
    questions = [block for block in blocks if "system" in block]
    assert {question["system"] for question in questions} == set(cases_module.SYSTEMS)
    assert award(questions, steps=False) == [one for one in answers if "error" not in one]


def test_every_field_of_a_case_and_every_reason_stands_in_the_readme():
    text = (FOLDER / "README.md").read_text("utf-8").split("## Awards")[1]
    named = set(re.findall(r"`([a-z_0-9]+)`", text))
    assert {name for fields in cases_module.FIELDS.values() for name in fields} <= named
    assert set(REASONS) <= named


# ------------------------------------------------------------------ forms of every province


@pytest.mark.parametrize("province", PROVINCES)
@pytest.mark.parametrize("claim", ["2020-06", "2023-11", "2025-06", "2026-05"])
def test_a_form_of_any_province_and_year_comes_out_by_the_formula(province, claim):
    found = form(province=province, claim_month=claim)
    by_twelfths = LAW.value("years_convention", f"{claim}-01", province) == "twelfths"
    years = Fraction(401, 12) if by_twelfths else Fraction(33) + 5 * Fraction(83, 1000)
    parts = {
        "basic_pension": 8079 * (1 + Fraction("0.9123")) / 2 * years / 100,
        "account_pension": Fraction(88961, 139),
    }
    for part, exact in parts.items():
        jiao = math.ceil(exact * 10) / 10
        fen = math.floor(exact * 100 + Fraction(1, 2)) / 100
        is_jiao = LAW.value("amount_rounding", f"{claim}-01", province) == "jiao_up"
        assert found[part] == (jiao if is_jiao else fen)
    assert found["monthly_pension"] == pytest.approx(
        found["basic_pension"] + found["account_pension"] + sum(supplements(found).values()), abs=1e-9
    )


@pytest.mark.parametrize("province", PROVINCES)
@pytest.mark.parametrize("year", range(2020, 2027))
def test_a_base_left_to_the_law_is_that_of_province_and_year_and_an_estimate_is_told(province, year):
    case = {name: value for name, value in FORM.items() if name != "benefit_base"}
    found = answer(**case | {"province": province, "claim_month": f"{year}-07"})
    base = LAW.dated_value("benefit_base", f"{year}-07-01", province)
    given = form(province=province, claim_month=f"{year}-07", benefit_base=base.value)
    assert found["basic_pension"] == given["basic_pension"]
    told = [note for note in found.get("notes", ()) if "is an estimate" in note]
    assert bool(told) == (base.flag == "estimated")
    assert base.flag != "estimated" or year in (2020, 2026)


@pytest.mark.parametrize(
    ("category", "birth", "claim", "age", "divisor"),
    [
        ("female_50", "1972-03", "2022-03", 50, 195),
        ("female_55", "1968-11", "2023-11", 55, 170),
        ("male", "1961-05", "2021-05", 60, 139),
        ("female_50", "1975-03", "2025-05", 50, 194.2),  # 195 - (195 - 190) * 2 / 12 = 194.17
        ("female_55", "1970-06", "2025-08", 55, 169),  # 170 - (170 - 164) * 2 / 12
        ("male", "1965-03", "2025-04", 60, 138.4),  # 139 - (139 - 132) / 12 = 138.42
    ],
)
def test_divisor_and_right_at_the_statutory_age_before_and_after_2025(category, birth, claim, age, divisor):
    found = form(category=category, birth=birth, claim_month=claim, annuity_divisor=None)
    assert (found["annuity_divisor"], found["reason"]) == (divisor, "eligible")
    by_age = form(age_years=age, age_months=0, claim_month="2024-06", annuity_divisor=None)
    assert by_age["annuity_divisor"] == {50: 195, 55: 170, 60: 139}[age]


def test_the_right_to_a_pension_never_hides_its_parts():
    early = form(category="male", birth="1970-01", claim_month="2024-03", annuity_divisor=None)
    assert (early["eligible"], early["reason"], early["monthly_pension"]) == (
        False,
        "below_statutory_age",
        None,
    )
    assert early["annuity_divisor"] == 175  # 54 years, before 2025 the completed one
    assert early["basic_pension"] == form()["basic_pension"]
    assert early["account_pension"] == pytest.approx(88961 / 175, abs=0.005)
    trade = form(
        category="female_50", birth="1978-02", claim_month="2024-03", annuity_divisor=None, special_trade=True
    )
    assert (trade["reason"], trade["annuity_divisor"]) == ("eligible_special_trade", 212)
    assert trade["monthly_pension"] is not None
    too_early = form(category="male", birth="1972-01", claim_month="2024-03", special_trade=True)
    assert too_early["reason"] == "below_statutory_age"


def test_completed_years_of_age_leave_the_months_to_the_dates():
    found = form(category="male", birth="1965-03", claim_month="2025-06", age_years=60, annuity_divisor=None)
    assert found["annuity_divisor"] == form(birth="1965-03", annuity_divisor=None)["annuity_divisor"]


# ------------------------------------------------------------------ conventions of a form


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Fraction(401, 12)),
        ({"years_convention": "two_decimals"}, Fraction("33.42")),
        ({"years_convention": "up"}, Fraction(34)),
        ({"years_convention": "rounded_month"}, 33 + 5 * Fraction("0.083")),
        ({"contribution_years": 33.5}, Fraction("33.5")),
        ({"contribution_years": 33.42, "contribution_months": None}, Fraction("33.42")),
    ],
)
def test_years_are_counted_as_the_form_counts_them(changes, expected):
    found = form(**changes)
    assert found["contribution_years"] == pytest.approx(float(expected), abs=1e-9)
    basic = 8079 * (1 + Fraction("0.9123")) / 2 * expected / 100
    assert abs(Fraction(str(found["basic_pension"])) - basic) <= Fraction(1, 200)


@pytest.mark.parametrize(
    ("rounding", "account"),
    [  # 88961 / 139 = 640.00719...; 88960 / 139 = 640 exactly
        ("fen_half_up", 640.01),
        ("fen_up", 640.01),
        ("fen_down", 640.0),
        ("jiao_half_up", 640.0),
        ("jiao_up", 640.1),
    ],
)
def test_amounts_are_rounded_as_the_form_rounds_them(rounding, account):
    assert form(rounding=rounding)["account_pension"] == account
    assert form(rounding=rounding, account_balance=88960.0)["account_pension"] == 640.0
    exact = 8079 * (1 + 0.9123) / 2 * 401 / 12 * 0.01 + 88961 / 139
    parts, total = (form(rounding=rounding, rounding_level=level) for level in ("components", "total"))
    assert parts["monthly_pension"] == pytest.approx(
        parts["basic_pension"] + parts["account_pension"], abs=1e-9
    )
    assert total["monthly_pension"] == lookup.rounded(exact, rounding)
    assert total["basic_pension"] == parts["basic_pension"]


def test_every_word_of_a_convention_is_one_of_the_law():
    for field, words in (
        ("years_convention", cases_module.YEARS_CONVENTIONS),
        ("amount_rounding", cases_module.ROUNDINGS),
        ("rounding_level", cases_module.ROUNDING_LEVELS),
    ):
        assert LAW.parameters[field].choices == words


@given(units=st.integers(0, 10**8))
def test_an_amount_in_whole_grains_is_left_alone_by_every_rounding(units):
    for rounding in cases_module.ROUNDINGS:
        grains = 100 if rounding.startswith("fen") else 10
        assert lookup.rounded(units / grains, rounding) == units / grains


# ------------------------------------------------------------------ peculiarities of provinces


def test_no_province_is_named_in_a_rule():
    names = {*PROVINCES, *(p.name_zh for p in LAW.provinces)}
    for module in ("determination", "single_answers", "choices", "lookup", "entitlements", "award", "cases"):
        tree = ast.parse((FOLDER / f"{module}.py").read_text("utf-8"))
        docs = {
            ast.get_docstring(node, clean=False)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef))
        }
        texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
        assert not (texts - docs) & names, module


def test_jilin_counts_long_records_twice():
    case = {"province": "Jilin", "benefit_base": 7000, "contribution_months": 480, "deemed_months": 120}
    found = form(**case, average_contribution_index=0.8)
    # 30 paid years: bands 21-25 and 26-30
    extra = 7000 * 0.8 * (5 * 0.0015 + 5 * 0.002)
    assert supplements(found) == {"extra_accrual_bands": pytest.approx(extra, abs=0.005)}
    assert found["transitional_pension"] == pytest.approx(7000 * 0.8 * 10 * 0.014, abs=0.005)
    [other] = award(
        [FORM | case | {"id": 1, "average_contribution_index": 0.8, "indexed_base": 6000}],
        law=LAW.amend({"extra_accrual_basis": [{"effective": "2025-01-01", "value": "all_years_mean_wage"}]}),
        steps=False,
    )
    extra = (7000 + 6000 * 0.8) / 2 * (5 * 0.0015 + 5 * 0.002 + 10 * 0.0025)  # 40 contribution years
    assert supplements(other) == {"extra_accrual_bands": pytest.approx(extra, abs=0.005)}
    short = form(**case | {"contribution_months": 240}, average_contribution_index=0.8)
    assert supplements(short) == {}
    assert short["transitional_pension"] == pytest.approx(7000 * 0.8 * 10 * 0.012, abs=0.005)


@pytest.mark.parametrize("province", ["Guangxi", "Inner Mongolia"])
def test_an_index_floor_holds_for_the_years_before_the_accounts_only(province):
    found = form(province=province, deemed_months=60, transition_index=0.8)
    coefficient = LAW.value("transition_coefficient", "2025-06-01", province)
    assert found["transitional_pension"] == pytest.approx(8079 * 1 * 5 * coefficient, abs=0.005)
    assert found["basic_pension"] == form(province=province)["basic_pension"]
    assert any("counts as 1" in note for note in found["notes"])
    above = form(province=province, deemed_months=60, transition_index=1.3)
    assert above["transitional_pension"] == pytest.approx(8079 * 1.3 * 5 * coefficient, abs=0.005)
    assert "notes" not in above


@pytest.mark.parametrize(
    ("province", "index"),
    [("Beijing", 1.0), ("Shanghai", 1.0), ("Tianjin", 0.9123), ("Sichuan", (1 + 0.9123) / 2)],
)
def test_deemed_years_without_an_index_take_that_of_the_province_s_rule(province, index):
    found = form(province=province, deemed_months=120)
    coefficient = LAW.value("transition_coefficient", "2025-06-01", province)
    assert found["transitional_pension"] == pytest.approx(8079 * index * 10 * coefficient, abs=0.1)


def test_zhejiang_adds_to_all_and_more_to_early_members():
    assert supplements(form(province="Zhejiang")) == {"fixed_supplement": 150}
    early = form(province="Zhejiang", deemed_months=41, contribution_months=420)
    amount = 480 + 3 * 0.9123 * 35
    assert supplements(early)["early_cohort_supplement"] == pytest.approx(amount, abs=0.005)
    before = form(province="Zhejiang", deemed_months=41, claim_month="2018-06")
    assert supplements(before) == {"fixed_supplement": 150}
    for one in early["local_supplements"]:
        assert re.search("[一-龥]", one["name_zh"])
        assert one["flag"] == "unconfirmed"


def test_an_addition_of_unknown_amount_is_told_and_left_out():
    found = form(province="Gansu")
    assert supplements(found) == {}
    assert any("not known" in note for note in found["notes"])
    assert "notes" not in form(province="Ningxia")


def test_additions_of_the_person_are_taken_from_the_form():
    found = form(other_supplements=177.65)
    assert supplements(found) == {"other_supplements": 177.65}
    assert found["monthly_pension"] == pytest.approx(form()["monthly_pension"] + 177.65, abs=1e-9)


def test_henan_says_that_the_base_of_the_city_is_wanted():
    case = {name: value for name, value in FORM.items() if name != "benefit_base"} | {"province": "Henan"}
    assert any("base of the city" in note for note in answer(**case)["notes"])
    assert "notes" not in answer(**case, indexed_base=7000)


@pytest.mark.parametrize(
    "name", ["Guangdong-Shenzhen", "广东-深圳市", "Shenzhen", "深圳", "深圳市", "440300", "44-440300"]
)
def test_a_city_with_a_base_of_its_own_is_known_by_name_and_code(name):
    book = lookup.Book(LAW)
    assert book.place(name) == ("Guangdong", "440300")
    assert book.place("440000") == book.place("广东省") == ("Guangdong", None)


def test_own_bases_of_cities_hold_in_their_years_only():
    case = {name: value for name, value in FORM.items() if name != "benefit_base"}
    for city, base in (("Guangdong-Shenzhen", 11293), ("Liaoning-Shenyang", 8390), ("辽宁-大连", 8956)):
        found = answer(**case | {"province": city})
        assert found["basic_pension"] == form(benefit_base=base, province=city)["basic_pension"]
    assert (
        answer(**case | {"province": "Guangdong-Shenzhen", "claim_month": "2026-06"})["basic_pension"] is None
    )


@pytest.mark.parametrize(
    ("province", "day", "rate"),
    [
        ("Shanghai", "2024-02-29", 0.24),
        ("Shanghai", "2024-03-01", 0.2),
        ("Zhejiang", "2021-12-31", 0.18),
        ("Zhejiang", "2024-01-01", 0.2),
    ],
)
def test_flexible_rates_of_shanghai_and_zhejiang_are_dated(province, day, rate):
    assert LAW.value("flexible_rate", day, province) == rate


# ------------------------------------------------------------------ wrong cases

WRONG = [
    (FORM | {"contribution_years": 400}, "out_of_range", "contribution_years", "400 is outside 0 to 60"),
    (FORM | {"contribution_years": 20}, "inconsistent", "contribution_years", "do not fit 401"),
    (FORM | {"contribution_months": -401}, "out_of_range", "contribution_months", "-401"),
    (FORM | {"average_contribution_index": 60}, "out_of_range", "average_contribution_index", "0.6 means"),
    (FORM | {"birth": "2090-01"}, "out_of_range", "birth", "future"),
    (FORM | {"province": "Guangdogn"}, "unknown_province", "province", "Did you mean Guangdong?"),
    (FORM | {"age_years": 39, "age_months": 11}, "out_of_range", "age_years", "40 to 70"),
    (FORM | {"age_years": 71}, "out_of_range", "age_years", "40 to 70"),
    (FORM | {"account_balance": "88,961"}, "wrong_type", "account_balance", "without quotes"),
    (FORM | {"rounding": "yuan"}, "unknown_value", "rounding", "fen_half_up"),
    (FORM | {"years_convention": "two_decimal"}, "unknown_value", "years_convention", "two_decimals?"),
    (FORM | {"transition_paid_months": 402}, "inconsistent", "transition_paid_months", "402"),
    ({"system": "flexible_retirement", **PERSON, "as_of": "2040-01"}, "out_of_range", "as_of", "latest"),
    ({"system": "flexible_retirement", "province": "Hubei"}, "missing_field", "birth", "YYYY-MM"),
    ({"system": "short_career", "birth": "1965-06"}, "missing_field", "category", "female_55"),
    (
        {"system": "short_career", **PERSON, "claim_month": "2025-01"},
        "out_of_range",
        "claim_month",
        "statutory",
    ),
    ({"system": "bridging", **PERSON}, "missing_field", "resident_balance", "missing"),
    (
        {"system": "bridging", **PERSON, "resident_balance": 5, "overlap_contributions": 6},
        "inconsistent",
        "overlap_contributions",
        "more than the balance",
    ),
    (
        {"system": "bridging", **PERSON, "resident_balance": 5, "overlap_months": 6},
        "inconsistent",
        "overlap_months",
        "more than the 0",
    ),
    ({"system": "bridging", **PERSON, "claim_month": "2024-01"}, "out_of_range", "claim_month", "statutory"),
    ({"system": "survivor", "contribution_months": 5}, "missing_field", "province", "monthly_income"),
    ({"system": "survivor", "monthly_income": 5}, "missing_field", "contribution_months", "missing"),
    ({"system": "disability", **PERSON}, "missing_field", "claim_month", "missing"),
    ({"system": "disability", **PERSON, "claim_month": "2026-01"}, "out_of_range", "claim_month", "employee"),
    ({"system": "disability", **PERSON, "claim_month": "2024-06"}, "no_law", None, "no value in force"),
]


@pytest.mark.parametrize(("case", "code", "field", "said"), WRONG)
def test_a_wrong_case_of_a_form_gets_one_clear_error_and_the_others_are_answered(case, code, field, said):
    batch = [FORM | {"id": "first"}, case | {"id": "wrong"}, FORM | {"id": "last"}]
    first, wrong, last = award(batch, steps=False)
    assert (wrong["error"]["code"], wrong["error"]["field"]) == (code, field)
    assert said in wrong["error"]["message"]
    assert first["monthly_pension"] == last["monthly_pension"] == form()["monthly_pension"]


# ------------------------------------------------------------------ the account


def test_interest_within_the_year_follows_the_convention():
    case = {"system": "account", "opening_balance": 10000, "monthly_credits": 400, "crediting_rate": 0.06}
    monthly = answer(**case, account_interest_convention="monthly_product")
    assert monthly["account_balance"] == pytest.approx(10600 + 4800 + 400 * 78 * 0.06 / 12, abs=0.005)
    assert answer(**case) == monthly
    year_end = answer(**case, account_interest_convention="year_end")
    assert year_end["account_balance"] == 10600 + 4800
    assert LAW.parameters["account_interest_convention"].choices == cases_module.INTEREST_CONVENTIONS


def test_an_account_grows_by_the_law_s_shares_and_rates():
    found = answer(system="account", first_year=2005, bases=[1000, 1000], months=[12, 6], flexible=False)
    rates = [LAW.value("crediting_rate", f"{year}-01-01") for year in (2005, 2006)]
    first = 12 * 110 + 110 * 78 * rates[0] / 12  # 11 % of the base until 2005
    second = first * (1 + rates[1]) + 6 * 80 + 80 * 57 * rates[1] / 12  # 8 % from 2006 on, January to June
    assert found["years"][0]["balance"] == pytest.approx(first, abs=0.005)
    assert found["account_balance"] == pytest.approx(second, abs=0.005)
    assert [row["year"] for row in found["years"]] == [2005, 2006]


@pytest.mark.parametrize(
    ("case", "code", "field"),
    [
        ({"bases": [5000]}, "missing_field", "first_year"),
        ({"monthly_credits": [400]}, "missing_field", "crediting_rate"),
        ({"monthly_credits": [400], "bases": [5000]}, "inconsistent", "monthly_credits"),
        ({}, "missing_field", "bases"),
        ({"monthly_credits": [400], "crediting_rate": 0.02, "last_months": 6}, "inconsistent", "months"),
        ({"monthly_credits": [4, 4], "crediting_rate": [0.02]}, "inconsistent", "crediting_rate"),
        ({"monthly_credits": [400], "crediting_rate": 2}, "out_of_range", "crediting_rate"),
    ],
)
def test_a_wrong_account_is_told(case, code, field):
    found = answer(system="account", **case)["error"]
    assert (found["code"], found["field"]) == (code, field)


# ------------------------------------------------------------------ the worked examples of the sources

WORKED = {
    "WE10": [
        (
            "total",
            {"system": "survivor", "monthly_income": 5015, "contribution_months": 180, "pension_months": 300},
        )
    ],
    "WE11": [("total", {"system": "survivor", "monthly_income": 3915.5, "contribution_months": 180})],
    "WE12": [("minimum_months", {"system": "minimum_years", "year": year}) for year in (2029, 2031)],
    "WE13": [
        ("annuity_divisor", {"system": "annuity_divisor", "age_years": age, "age_months": 1})
        for age in (60, 50)
    ],
    "WE14": [("account_pension", {"system": "resident", "account_balance": 50000, "basic_pension": 0})],
    "WE15": [
        (
            "basic_pension",
            {
                "system": "employee",
                "benefit_base": 12049,
                "average_contribution_index": 0.8,
                "contribution_months": 360,
            },
        )
    ],
    "WE16": [
        (
            "basic_pension",
            {
                "system": "employee",
                "benefit_base": 8000,
                "average_contribution_index": 0.6,
                "contribution_months": 180,
            },
        )
    ],
    "WE17": [
        (
            "account_pension",
            {"system": "employee", "account_balance": 138096.30, "age_years": 62, "age_months": 10},
        )
    ],
    "WE26": [
        ("pooled_transferred", {"system": "transfer", "months": 36, "bases": 60000, "account_balance": 0})
    ],
}


@pytest.mark.parametrize("example", WORKED)
def test_a_worked_example_of_the_sources_comes_out(example):
    with (Path(__file__).parent / "law_cases" / "worked_examples.csv").open(encoding="utf-8") as stream:
        [row] = [row for row in csv.DictReader(stream) if row["id"] == example]
    expected = [float(number) for number in row["expected"].split(";")]
    assert [answer(**case)[field] for field, case in WORKED[example]] == expected


@pytest.mark.parametrize("province", PROVINCES)
def test_the_coefficient_of_the_table_makes_the_transitional_pension(province):
    with (Path(__file__).parent / "law_cases" / "transitional_pension.csv").open(encoding="utf-8") as stream:
        [row] = [row for row in csv.DictReader(stream) if row["province"] == province]
    found = form(province=province, deemed_months=120, transition_index=1.2)
    coefficient = float(row["coefficient_per_year"].split("|")[-1])  # Jilin: that of more than 20 years
    tolerance = 0.1 if province == "Shanghai" else 0.005
    assert found["transitional_pension"] == pytest.approx(8079 * 1.2 * 10 * coefficient, abs=tolerance)
