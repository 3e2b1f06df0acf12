"""Awards: every system, every wrong case, files, worked cases."""

import csv
import doctest
import json
import math
import time
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulate import award as award_module
from simulate import cases as cases_module
from simulate import choices as choices_module
from simulate import determination as determination_module
from simulate import lookup as lookup_module
from simulate import single_answers as single_answers_module
from simulate import worked as worked_module
from simulate.award import ERROR_CODES, REASONS, SYSTEMS, CasesError, award, read_cases
from simulate.law import load_law
from simulate.worked import WorkedCaseError, arithmetic, check_case, check_worked_cases, worked_cases

TABLES = Path(__file__).parent / "law_cases"
LAW = load_law()
MAN = {
    "system": "employee",
    "sex": "male",
    "birth": "1965-01",
    "claim_month": "2025-02",
    "province": "Beijing",
    "contribution_months": 360,
    "average_contribution_index": 0.8,
    "account_balance": 138400.0,
}


def answer(**case) -> dict:
    return award([{"id": 1} | case], steps=False)[0]


def man(**changes) -> dict:
    return answer(**{k: v for k, v in (MAN | changes).items() if v is not ...})


def table(name: str) -> list[dict]:
    with open(TABLES / f"{name}.csv", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


# ------------------------------------------------------------------ worked cases


@pytest.mark.parametrize("worked", worked_cases(), ids=lambda w: w["id"])
def test_a_worked_case_comes_out_as_the_law_computes_it(worked):
    assert [check for check in check_case(worked) if not check.good] == []


def test_there_are_worked_cases_of_every_system_each_with_its_source():
    cases = worked_cases()
    assert len(cases) >= 20
    assert {case["case"]["system"] for case in cases} == set(SYSTEMS)
    assert all(case["source"] for case in cases)


def test_a_wrong_expectation_is_found():
    worked = {
        "id": "x",
        "case": {"system": "minimum_years", "year": 2031},
        "expected": {"minimum_months": "= 180 + 6"},
    }
    [check] = check_case(worked)
    assert (check.expected, check.found, check.good) == (186.0, 192, False)
    worked["expected"] = {"minimum_months": 191}
    assert not check_case(worked)[0].good
    assert len(check_worked_cases()) > len(worked_cases())


def test_arithmetic_is_exact_and_reads_nothing_else():
    assert arithmetic("= half_up(232.75, 1)") == Fraction(2328, 10)
    assert arithmetic("= up(997.81, 1) - -1") == Fraction(9989, 10)
    for text in ("= __import__('os')", "= 2 ** 9", "= x + 1", "= 1 / 0", "= half_up(1)", "= 1 +", "= True"):
        with pytest.raises(ValueError, match=r"not read|no arithmetic"):
            arithmetic(text)


def test_a_broken_worked_case_is_told(tmp_path, monkeypatch):
    folder = tmp_path / "worked_cases"
    folder.mkdir()
    (folder / "a.yaml").write_text("title: x\nquestion: y\n", "utf-8")
    monkeypatch.setattr(worked_module.resources, "files", lambda package: tmp_path)
    with pytest.raises(WorkedCaseError, match="missing source") as caught:
        worked_cases()
    assert "unknown key question" in str(caught.value)


@pytest.mark.parametrize(
    "module",
    [
        award_module,
        cases_module,
        choices_module,
        determination_module,
        single_answers_module,
        lookup_module,
        worked_module,
    ],
    ids=lambda m: m.__name__,
)
def test_the_examples_of_the_docstrings_run(module):
    found = doctest.testmod(module)
    assert found.failed == 0
    assert found.attempted > 0


# ------------------------------------------------------------------ official tables


def test_every_row_of_the_retirement_ages_is_answered_exactly():
    rows = table("retirement_ages")
    questions = [
        {"id": i, "system": "retirement_age", "birth": row["birth_month"], "category": row["category"]}
        for i, row in enumerate(rows)
    ]
    expected = [
        {
            "id": i,
            "statutory_month": row["statutory_retirement_month"],
            "age_years": int(row["statutory_age_years"]),
            "age_months": int(row["statutory_age_months"]),
            "earliest_month": row["earliest_flexible_month"] or None,
            "latest_month": row["latest_flexible_month"] or None,
            "minimum_months": int(row["min_contribution_months_at_statutory"]),
        }
        for i, row in enumerate(rows)
    ]
    assert award(questions, steps=False) == expected


def test_every_row_of_the_divisors_is_answered_exactly():
    rows = table("annuity_divisors_monthly")
    for row in rows:
        found = answer(
            system="annuity_divisor", age_years=int(row["age_years"]), age_months=int(row["age_months"])
        )
        assert found["annuity_divisor"] == float(row["months"])


def test_every_row_of_the_minimum_years_is_answered_exactly():
    for row in table("minimum_years"):
        found = answer(system="minimum_years", year=int(row["retirement_year"]))
        assert found["minimum_months"] == int(row["min_contribution_months"])
        assert found["minimum_years"] == float(row["min_contribution_years"])


# ------------------------------------------------------------------ the employee scheme


def test_an_award_adds_its_parts_to_the_fen():
    found = man()
    base = LAW.value("benefit_base", "2025-02-01", "Beijing")
    assert found["eligible"] is True
    assert found["reason"] == "eligible"
    assert found["contribution_years"] == 360 / 12
    assert found["annuity_divisor"] == 138.4
    assert found["basic_pension"] == pytest.approx(base * (1 + 0.8) / 2 * 30 * 0.01, abs=0.005)
    assert found["account_pension"] == pytest.approx(138400 / 138.4, abs=0.005)
    assert found["transitional_pension"] == 0
    assert found["local_supplements"] == []
    assert found["monthly_pension"] == pytest.approx(
        found["basic_pension"] + found["account_pension"], abs=1e-9
    )


@pytest.mark.parametrize(
    ("changes", "eligible", "reason"),
    [
        ({}, True, "eligible"),
        ({"claim_month": "2025-01"}, True, "eligible_early"),
        ({"claim_month": "2024-12"}, False, "below_statutory_age"),
        ({"claim_month": "2026-01"}, True, "eligible_late"),
        ({"contribution_months": 179}, False, "below_minimum_months"),
        ({"contribution_months": 180}, True, "eligible"),
        ({"sex": ...}, None, "facts_missing"),
        ({"sex": ..., "category": "male"}, True, "eligible"),
        ({"birth": ..., "age_years": 60, "age_months": 1}, True, "eligible"),
        ({"claim_month": ..., "age_years": 60, "age_months": 1}, True, "eligible"),
        ({"birth": ..., "age_years": 60}, True, "eligible_early"),
    ],
)
def test_eligibility_and_its_reason(changes, eligible, reason):
    found = man(**changes)
    assert (found["eligible"], found["reason"]) == (eligible, reason)
    assert found["basic_pension"] > 0  # the parts are answered whatever the right to them
    assert (found["monthly_pension"] is None) == (eligible is False)
    assert reason in REASONS


def test_amounts_need_neither_age_nor_place():
    found = answer(
        system="employee",
        benefit_base=8000,
        average_contribution_index=0.6,
        contribution_months=180,
        account_balance=139000,
        annuity_divisor=139,
    )
    assert (found["basic_pension"], found["account_pension"], found["monthly_pension"]) == (
        960.0,
        1000.0,
        1960.0,
    )
    assert found["eligible"] is None
    only_account = answer(system="employee", account_balance=139000, annuity_divisor=139)
    assert (only_account["account_pension"], only_account["basic_pension"]) == (1000.0, None)


def test_women_who_insure_themselves_are_taken_as_the_55_line_and_the_answer_says_so():
    found = man(sex="female", flexible=True, birth="1970-01")
    assert found["eligible"] is True
    assert "female_55" in found["notes"][0]
    assert man(sex="female", birth="1970-01")["reason"] == "facts_missing"


def test_a_year_without_a_known_base_is_told_not_computed():
    found = man(claim_month="2027-03", province="上海")
    assert found["basic_pension"] is None
    assert found["monthly_pension"] is None
    assert found["account_pension"] > 0
    assert "give benefit_base" in found["notes"][0]


@pytest.mark.parametrize("name", ["Guangdong", "广东", "44", 44, "广东省"])
def test_a_province_is_known_by_name_in_both_languages_and_by_code(name):
    assert man(province=name) == man(province="Guangdong")


def test_a_city_with_a_base_of_its_own_has_it():
    base = dict(LAW.value("city_benefit_base", "2025-02-01", "Liaoning"))[210200]
    found = man(province="Liaoning-Dalian")
    assert found["basic_pension"] == pytest.approx(base * (1 + 0.8) / 2 * 30 * 0.01, abs=0.005)
    assert man(province="辽宁-大连") == found


def test_the_law_of_another_day_can_be_asked():
    frozen = LAW.known("2024-09-01")
    [found] = award([MAN | {"id": 1}], law=frozen, steps=False)
    assert found["reason"] == "eligible_late"  # without the decision of 2024 the age was reached in January
    later = LAW.amend({"accrual_rate": [{"effective": "2025-01-01", "value": 0.02}]})
    [doubled] = award([MAN | {"id": 1}], law=later, steps=False)
    assert doubled["basic_pension"] == pytest.approx(2 * man()["basic_pension"], abs=0.011)


def test_each_line_of_a_determination_has_its_law():
    [found] = award([MAN | {"id": 1, "deemed_months": 60}])
    lines = {line["name"]: line for line in found["steps"]}
    assert {"benefit_base", "basic_pension", "account_pension", "transitional_pension"} <= set(lines)
    assert lines["basic_pension"]["name_zh"] == "基础养老金"
    assert lines["basic_pension"]["value"] == found["basic_pension"]
    assert "国发〔2005〕38号" in lines["basic_pension"]["act"]
    assert lines["monthly_pension"]["value"] == found["monthly_pension"]
    for line in found["steps"]:
        keys = ["name", "name_zh", "formula", "value", "parameter", "effective", "act", "article", "flag"]
        assert list(line) == keys
        if line["parameter"]:
            assert line["parameter"] in LAW.parameters
            assert line["act"]


def test_steps_are_left_out_on_request_and_change_nothing():
    for worked in worked_cases():
        case = worked["case"] | {"id": 1}
        [with_steps], [without] = award([case]), award([case], steps=False)
        assert "steps" not in without
        assert with_steps.pop("steps")
        assert with_steps == without


@given(months=st.integers(0, 599), balance=st.floats(0, 1e6), index=st.floats(0.3, 3))
def test_another_month_never_pays_less(months, balance, index):
    few, many = (
        answer(
            system="employee",
            benefit_base=9000.0,
            average_contribution_index=index,
            contribution_months=m,
            account_balance=balance,
            annuity_divisor=139,
        )
        for m in (months, months + 1)
    )
    assert few["monthly_pension"] <= many["monthly_pension"]


@given(balance=st.integers(0, 10**8), base=st.integers(0, 10**6))
def test_amounts_are_rounded_half_up_to_the_fen(balance, base):
    # money in whole fen, so that the exact arithmetic is known
    found = answer(
        system="employee",
        benefit_base=base / 100,
        average_contribution_index=0.6,
        contribution_months=180,
        account_balance=balance / 100,
        annuity_divisor=139,
    )
    account = math.floor(Fraction(balance, 139) + Fraction(1, 2))
    basic = math.floor(Fraction(base) * Fraction(12, 100) + Fraction(1, 2))  # (1 + 0.6) / 2 * 15 * 0.01
    assert found["account_pension"] == account / 100
    assert found["basic_pension"] == basic / 100


# ------------------------------------------------------------------ the other systems


def test_a_resident_pension_may_start_from_dues_by_year():
    by_list = answer(
        system="resident", contributions=[100, 500], subsidy=[30, 60], crediting_rate=0.03, basic_pension=143
    )
    balance = 130 * 1.03 + 560
    assert by_list["account_balance"] == pytest.approx(balance, abs=0.005)
    assert by_list["account_pension"] == pytest.approx(balance / 139, abs=0.005)
    assert by_list["monthly_pension"] == pytest.approx(143 + by_list["account_pension"])
    by_year = answer(
        system="resident",
        contributions={"2020": 100, "2021": 500},
        subsidy=[30, 60],
        crediting_rate=[0.5, 0.03],
        basic_pension=143,
    )
    assert by_year == by_list  # nothing stands on the account in the first year


def test_a_resident_pension_takes_the_provinces_amounts_where_none_are_given():
    found = answer(
        system="resident", tier=500, subsidy=60, years=17, province="Sichuan", claim_month="2025-06"
    )
    extra = LAW.value("resident_extra_per_year", "2025-06-01", "Sichuan")
    assert found["basic_pension"] == LAW.value("resident_basic_pension", "2025-06-01", "Sichuan")
    assert found["extra_pension"] == 2 * extra
    rates = [LAW.value("resident_crediting_rate", f"{year}-06-01", "Sichuan") for year in range(2008, 2025)]
    balance = 0.0
    for rate in rates:
        balance = balance * (1 + rate) + 560
    assert found["account_balance"] == pytest.approx(balance, abs=0.005)
    parts = ("basic_pension", "account_pension", "extra_pension")
    assert found["monthly_pension"] == pytest.approx(sum(found[p] for p in parts))


@pytest.mark.parametrize(
    ("months", "bases", "expected"),
    [
        (36, 5000, 36 * 5000 * 0.12),  # a month's base
        (36, 60000, 3 * 60000 * 0.12),  # more than any monthly cap: a year's base
        (36, [60000, 60000, 60000], 3 * 60000 * 0.12),
        ([12, 6], [60000, 60000], 1.5 * 60000 * 0.12),
        ([12, 6], [5000, 6000], (12 * 5000 + 6 * 6000) * 0.12),
        (3, [5000, 5000, 6000], 16000 * 0.12),  # one base a month
    ],
)
def test_pool_money_is_counted_from_bases_by_month_or_year(months, bases, expected):
    found = answer(system="transfer", months=months, bases=bases, account_balance=1000)
    assert found["pooled_transferred"] == pytest.approx(expected, abs=0.005)
    assert found["account_transferred"] == 1000


def test_small_yearly_bases_are_named_as_such():
    found = answer(system="transfer", months=[12], bases=[9000], bases_period="year", account_balance=0)
    assert found["pooled_transferred"] == pytest.approx(9000 * 0.12)


def test_a_year_without_base_is_a_gap_of_the_average_index():
    question = {"system": "average_index", "bases": [4000, None, 6000], "reference_wages": [5000, 5000, 5000]}
    assert answer(**question)["average_contribution_index"] == pytest.approx((0.8 + 1.2) / 2)
    diluted = answer(**question, convention="diluted")
    assert diluted["average_contribution_index"] == pytest.approx((0.8 + 1.2) * 12 / 36)
    due = answer(**question, convention="diluted", due_months=30)
    assert due["average_contribution_index"] == pytest.approx((0.8 + 1.2) * 12 / 30)


def test_every_convention_that_a_case_or_the_law_may_name_has_its_rule():
    assert set(single_answers_module.INDEX_RULES) == set(cases_module.CONVENTIONS)
    assert set(LAW.parameters["average_index_convention"].choices) <= set(cases_module.CONVENTIONS)
    assert set(determination_module.YEARS_RULES) == set(LAW.parameters["years_convention"].choices)
    assert set(award_module._ANSWERS) == set(SYSTEMS)


# ------------------------------------------------------------------ wrong cases

NAN = float("nan")
WRONG = [
    (MAN | {"contribution_months": -1}, "out_of_range", "contribution_months", "-1"),
    (MAN | {"contribution_months": 4800}, "out_of_range", "contribution_months", "4800"),
    (MAN | {"contribution_months": 180.5}, "wrong_type", "contribution_months", "whole number"),
    (
        MAN | {"average_contribution_index": 60},
        "out_of_range",
        "average_contribution_index",
        "0.6 means 60 %",
    ),
    (MAN | {"birth": "2090-01"}, "out_of_range", "birth", "future"),
    (MAN | {"birth": "1990-01"}, "out_of_range", "birth", "40 to 70"),
    (MAN | {"birth": "1765-01"}, "out_of_range", "birth", "1900"),
    (MAN | {"birth": "1965-13"}, "not_a_month", "birth", "YYYY-MM"),
    (MAN | {"birth": 1965}, "not_a_month", "birth", "YYYY-MM"),
    (MAN | {"claim_month": "1960-01"}, "inconsistent", "claim_month", "before the birth"),
    (MAN | {"age_years": 63}, "inconsistent", "age_years", "do not fit"),
    (MAN | {"age_months": 3}, "missing_field", "age_years", "missing"),
    (MAN | {"province": "Henann"}, "unknown_province", "province", "Did you mean Henan?"),
    (MAN | {"province": "Sichuan-Shenzhen"}, "unknown_province", "province", "lies in Guangdong"),
    (MAN | {"province": ["Henan"]}, "wrong_type", "province", "no name"),
    (MAN | {"account_balance": "138400"}, "wrong_type", "account_balance", "without quotes"),
    (MAN | {"account_balance": True}, "wrong_type", "account_balance", "not a number"),
    (MAN | {"account_balance": NAN}, "not_a_number", "account_balance", "nan"),
    (MAN | {"account_balance": float("inf")}, "not_a_number", "account_balance", "inf"),
    (MAN | {"acount_balance": 5}, "unknown_field", "acount_balance", "Did you mean account_balance?"),
    (MAN | {"category": "female_50"}, "inconsistent", "category", "does not fit sex male"),
    (MAN | {"category": "femal_50"}, "unknown_value", "category", "Did you mean female_50?"),
    (MAN | {"flexible": "yes"}, "wrong_type", "flexible", "true or false"),
    (MAN | {"deemed_months": 400}, "inconsistent", "deemed_months", "more than"),
    (
        {"system": "employee", "contribution_months": 180},
        "missing_field",
        "average_contribution_index",
        "missing",
    ),
    (
        {"system": "employee", "average_contribution_index": 1},
        "missing_field",
        "contribution_months",
        "missing",
    ),
    (
        {"system": "employee", "average_contribution_index": 1, "contribution_months": 180},
        "missing_field",
        "benefit_base",
        "province and claim_month",
    ),
    ({"system": "employee", "account_balance": 5}, "missing_field", "annuity_divisor", "age_years"),
    ({"system": "employee"}, "missing_field", "contribution_months", "account_balance"),
    ({"system": "employe"}, "unknown_system", "system", "Did you mean employee?"),
    ({"system": ["employee"]}, "unknown_system", "system", "not one of"),
    ({}, "missing_field", "system", "employee"),
    ({"system": "annuity_divisor", "age_years": 39}, "out_of_range", "age_years", "40 to 70"),
    (
        {"system": "annuity_divisor", "age_years": 70, "age_months": 1},
        "out_of_range",
        "age_years",
        "40 to 70",
    ),
    ({"system": "annuity_divisor"}, "missing_field", "age_years", "missing"),
    ({"system": "minimum_years", "year": 1066}, "out_of_range", "year", "1066"),
    ({"system": "retirement_age", "birth": "1970-01"}, "missing_field", "category", "missing"),
    ({"system": "resident", "basic_pension": 143}, "missing_field", "account_balance", "tier"),
    ({"system": "resident", "tier": 500, "basic_pension": 143}, "missing_field", "years", "missing"),
    (
        {"system": "resident", "tier": 500, "years": 3, "basic_pension": 143},
        "missing_field",
        "crediting_rate",
        "claim_month",
    ),
    (
        {"system": "resident", "account_balance": 5, "tier": 500, "years": 1},
        "inconsistent",
        "account_balance",
        "Give",
    ),
    ({"system": "resident", "contributions": [1], "tier": 5}, "inconsistent", "tier", "Give one"),
    ({"system": "resident", "contributions": [1, 2], "years": 3}, "inconsistent", "years", "do not fit"),
    (
        {"system": "resident", "contributions": [1, 2], "subsidy": [1]},
        "inconsistent",
        "subsidy",
        "do not fit",
    ),
    ({"system": "resident", "contributions": []}, "wrong_type", "contributions", "empty"),
    ({"system": "resident", "contributions": {"2020": -1}}, "out_of_range", "contributions.2020", "-1"),
    (
        {"system": "transfer", "months": 30, "bases": [1, 2], "account_balance": 0},
        "inconsistent",
        "months",
        "30",
    ),
    (
        {"system": "transfer", "months": [1], "bases": [1, 2], "account_balance": 0},
        "inconsistent",
        "months",
        "fit",
    ),
    ({"system": "transfer", "months": 30, "bases": 5000}, "missing_field", "account_balance", "missing"),
    ({"system": "average_index", "indices": [1, 60]}, "out_of_range", "indices[1]", "0.6 means 60 %"),
    ({"system": "average_index", "bases": [5]}, "missing_field", "reference_wages", "missing"),
    (
        {"system": "average_index", "bases": [5], "reference_wages": [0]},
        "out_of_range",
        "reference_wages",
        "0",
    ),
    ({"system": "average_index", "bases": [5], "indices": [1]}, "inconsistent", "indices", "Give one"),
    ({"system": "average_index", "indices": [0, 0]}, "out_of_range", "months", "no month"),
    ({"system": "average_index", "indices": [1], "months": [5, 5]}, "inconsistent", "months", "do not fit"),
    ({"system": "average_index", "indices": [1], "months": [13]}, "out_of_range", "months[0]", "13"),
    (
        {"system": "average_index", "indices": [1], "convention": "dilute"},
        "unknown_value",
        "convention",
        "diluted?",
    ),
    (MAN | {"claim_month": "1985-01", "birth": "1925-01"}, "no_law", None, "no value in force"),
]


@pytest.mark.parametrize(("case", "code", "field", "said"), WRONG)
def test_a_wrong_case_gets_one_clear_error_and_the_others_are_answered(case, code, field, said):
    good = {"id": "good", "system": "minimum_years", "year": 2031}
    also_good = MAN | {"id": "also good"}
    first, wrong, last = award([good, case | {"id": "wrong"}, also_good], steps=False)
    assert list(wrong) == ["id", "error"]
    assert list(wrong["error"]) == ["code", "field", "message"]
    assert (wrong["id"], wrong["error"]["code"], wrong["error"]["field"]) == ("wrong", code, field)
    assert said in wrong["error"]["message"]
    assert first == {"id": "good", "minimum_years": 16.0, "minimum_months": 192}
    assert last["monthly_pension"] == man()["monthly_pension"]


@pytest.mark.parametrize(
    ("case", "code"),
    [
        (5, "not_a_case"),
        (None, "not_a_case"),
        ([], "not_a_case"),
        ({"system": "minimum_years", "year": 2031}, "missing_field"),
        ({"id": "", "system": "minimum_years", "year": 2031}, "missing_field"),
        ({"id": [1], "system": "minimum_years", "year": 2031}, "wrong_type"),
        ({"id": NAN, "system": "minimum_years", "year": 2031}, "wrong_type"),
        ({"id": 1.5, "system": "minimum_years", "year": 2031}, "wrong_type"),
        ({"id": "first", "system": "minimum_years", "year": 2031}, "duplicate_id"),
    ],
)
def test_what_is_no_case_of_its_own_is_told(case, code):
    first = {"id": "first", "system": "minimum_years", "year": 2031}
    found = award([first, case, first | {"id": "last"}], steps=False)
    assert found[1]["error"]["code"] == code
    json.dumps(found, allow_nan=False)
    assert [found[i]["minimum_months"] for i in (0, 2)] == [192, 192]


def test_every_code_of_the_published_list_is_tested_and_no_other_occurs():
    outer = {"not_a_case", "duplicate_id"}
    assert {code for _, code, _, _ in WRONG} | outer == set(ERROR_CODES)


def test_a_law_without_a_parameter_is_told():
    parameters = {name: p for name, p in LAW.parameters.items() if name != "accrual_rate"}
    poor = type(LAW)(parameters, LAW.acts, LAW.provinces)
    [found] = award([MAN | {"id": 1}], law=poor, steps=False)
    assert found["error"]["code"] == "no_law"


JUNK = [
    None,
    True,
    -1,
    0,
    13,
    10**400,
    1e308,
    NAN,
    "",
    "x",
    "1965-01",
    "9999-99",
    "Beijing",
    [],
    [None],
    [1, "2"],
    {},
]


@given(
    worked=st.sampled_from(worked_cases()),
    key=st.sampled_from(sorted({key for fields in cases_module.FIELDS.values() for key in fields})),
    junk=st.sampled_from(JUNK),
)
def test_nothing_that_a_case_holds_brings_the_batch_down(worked, key, junk):
    for changed in (key, *worked["case"]):
        [found] = award([worked["case"] | {"id": 1, changed: junk}])
        assert ("error" in found) != ("steps" in found)
        assert found.get("error", {}).get("code", ERROR_CODES[0]) in ERROR_CODES


@pytest.mark.full
def test_a_hundred_thousand_awards_take_less_than_five_seconds_and_with_their_steps_than_25():
    batch = [MAN | {"id": i, "contribution_months": 180 + i % 300} for i in range(100_000)]
    award(batch[:10], steps=False)
    for steps, seconds in ((False, 5), (True, 25)):
        start = time.process_time()
        assert len(award(batch, steps=steps)) == len(batch)
        assert time.process_time() - start < seconds


# ------------------------------------------------------------------ files


def test_the_same_cases_come_from_json_csv_and_yaml(tmp_path):
    wanted = [
        {"id": "a", "system": "annuity_divisor", "age_years": 60, "age_months": 1},
        {"id": "007", "system": "average_index", "indices": [0.6, 0.8], "convention": "diluted"},
        MAN | {"id": "c", "flexible": True},
    ]
    (tmp_path / "cases.json").write_text(json.dumps(wanted), "utf-8")
    header = list(dict.fromkeys(key for case in wanted for key in case))
    lines = [",".join(header)]
    for case in wanted:
        cells = [case.get(key, "") for key in header]
        cells = ["|".join(map(str, c)) if isinstance(c, list) else str(c) for c in cells]
        lines.append(",".join(cells))
    (tmp_path / "cases.csv").write_text("\ufeff" + "\n".join(lines) + "\n\n", "utf-8")
    yaml = ["- " + "\n  ".join(f"{k}: {json.dumps(v)}" for k, v in case.items()) for case in wanted]
    (tmp_path / "cases.yaml").write_text("\n".join(yaml) + "\n", "utf-8")
    for name in ("cases.json", "cases.csv", "cases.yaml"):
        assert read_cases(tmp_path / name) == wanted


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ('[{"id": 1, "id": 2}]', "json", "this key stands twice"),
        ("[{", "json", "line 1, column"),
        ('{"id": 1}', "json", r"no list of cases. Put \[ \]"),
        ("[" * 100_000, "json", "nested too deeply"),
        ("[" + "9" * 5000 + "]", "json", "not JSON"),
        ("  ", "json", "is empty"),
        ("- id: 1\n  id: 2\n", "yaml", "line 2, id: this key stands twice"),
        ("- {id: 1", "yaml", "not valid YAML"),
        ("id: 1\n", "yaml", "no list of cases"),
        ("id,id\n1,2\n", "csv", "column 'id' stands twice"),
        ("id,system\n1\n", "csv", "line 2: 1 cells under 2 columns"),
        ('id,system\n"1,2\n', "csv", "not CSV"),
        ("id", "xlsx", "ends neither in"),
    ],
)
def test_a_file_that_is_no_list_of_cases_is_refused_with_the_place(text, kind, said):
    with pytest.raises(CasesError, match=said):
        read_cases(text, kind)


def test_unreadable_files_are_told(tmp_path):
    with pytest.raises(CasesError, match="cannot be read"):
        read_cases(tmp_path / "none.json")
    path = tmp_path / "latin.csv"
    path.write_bytes("id,system\n1,\xe9\n".encode("latin-1"))
    with pytest.raises(CasesError, match="not UTF-8 text"):
        read_cases(path)
    (tmp_path / "cases.txt").write_text("[]", "utf-8")
    with pytest.raises(CasesError, match="ends neither in"):
        read_cases(tmp_path / "cases.txt")


def test_a_list_may_be_empty_and_text_in_a_number_column_is_left_to_the_award():
    assert read_cases("[]", "json") == []
    assert award([]) == []
    [case] = read_cases("id,system,account_balance,annuity_divisor\n1,employee,many,139\n", "csv")
    assert answer(**{k: v for k, v in case.items() if k != "id"})["error"]["code"] == "wrong_type"
