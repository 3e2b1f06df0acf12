"""Unusual cases of an award: odd spellings, missing numbers, gaps by year, edges of the phase-in."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction

import pytest
from click.testing import CliRunner

from scenarios.cli import cli
from simulate.award import award, read_cases
from simulate.law import load_law

LAW = load_law()
FORM = {
    "system": "employee",
    "claim_month": "2025-06",
    "age_years": 60,
    "contribution_months": 240,
    "average_contribution_index": 0.8,
    "account_balance": 50000,
}
RESIDENT = {"system": "resident", "crediting_rate": 0.03, "basic_pension": 143}


def answer(**case) -> dict:
    return award([{"id": 1} | case], steps=False)[0]


# ------------------------------------------------------------------ places


@pytest.mark.parametrize(
    ("spelling", "province"),
    [
        ("Guangxi Zhuang Autonomous Region", "Guangxi"),
        ("广西壮族自治区", "Guangxi"),
        ("ningxia hui autonomous region", "Ningxia"),
        ("Xinjiang Uygur Autonomous Region", "Xinjiang"),
        ("Anhui Province", "Anhui"),
        ("Beijing Municipality", "Beijing"),
        ("Xizang", "Tibet"),
        ("西藏自治区", "Tibet"),
        ("Nei Mongol", "Inner Mongolia"),
        ("InnerMongolia", "Inner Mongolia"),
        ("内蒙古自治区", "Inner Mongolia"),
        (" 四川省 ", "Sichuan"),
        (51, "Sichuan"),
        ("510000", "Sichuan"),
    ],
)
def test_a_province_is_known_by_every_usual_spelling(spelling, province):
    assert answer(**FORM, province=spelling) == answer(**FORM, province=province)


@pytest.mark.parametrize(
    "spelling", ["深圳", "深圳市", "广东省深圳市", "广东深圳", "Guangdong-Shenzhen", 440300]
)
def test_a_city_is_known_by_every_usual_spelling(spelling):
    # 11,293 yuan is Shenzhen's own base of 2025
    assert answer(**FORM, province=spelling)["basic_pension"] == 11293 * (1 + 0.8) / 2 * 20 / 100


@pytest.mark.parametrize("spelling", ["湖北省武汉市", "湖北-武汉", "Hubei-Wuhan", "新疆维吾尔自治区喀什地区"])
def test_a_city_without_a_base_of_its_own_counts_as_its_province_and_says_so(spelling):
    province = "Hubei" if spelling[0] in "湖H" else "Xinjiang"
    whole, city = answer(**FORM, province=province), answer(**FORM, province=spelling)
    assert f"no benefit base of its own is known for {spelling}" in city["notes"][-1]
    assert city["basic_pension"] == whole["basic_pension"] > 0
    given = answer(**FORM | {"benefit_base": 7000}, province=spelling)
    assert given == answer(**FORM | {"benefit_base": 7000}, province=province)


def test_a_city_of_another_province_is_no_place():
    found = answer(**FORM, province="四川省深圳市")
    assert found["error"]["code"] == "unknown_province"


@pytest.mark.parametrize("province", LAW.provinces, ids=lambda p: p.name)
def test_name_chinese_name_and_code_are_one_place(province):
    spelt = [answer(**FORM, province=name) for name in (province.name, province.name_zh, province.code)]
    for found in spelt:  # a note repeats the spelling of the case
        assert {**found, "notes": None} == {**spelt[0], "notes": None}
        assert len(found.get("notes", ())) == len(spelt[0].get("notes", ()))
    assert "error" not in spelt[0]


# ------------------------------------------------------------------ numbers that are not given


def test_the_right_is_told_where_no_amount_can_be():
    person = {"birth": "1968-03", "category": "male", "claim_month": "2028-05", "contribution_months": 180}
    found = answer(system="employee", **person)
    assert (found["eligible"], found["reason"]) == (True, "eligible_early")
    assert (found["basic_pension"], found["monthly_pension"]) == (None, None)
    assert found["notes"] == [
        "average_contribution_index missing: the basic pension needs it beside contribution_months"
    ]
    short = answer(system="employee", **person | {"contribution_months": 179})
    assert (short["eligible"], short["reason"]) == (False, "below_minimum_months")


def test_what_one_part_lacks_leaves_the_other_alone():
    no_index = {name: value for name, value in FORM.items() if name != "average_contribution_index"}
    found = answer(**no_index, province="Sichuan")
    assert (found["basic_pension"], found["account_pension"]) == (None, 359.71)  # 50,000 / 139
    no_age = {name: value for name, value in FORM.items() if name != "age_years"}
    found = answer(**no_age, benefit_base=8000)
    assert (found["basic_pension"], found["account_pension"]) == (8000 * 1.8 / 2 * 20 / 100, None)
    assert found["notes"][0].startswith("annuity_divisor missing")
    found = answer(system="employee", contribution_months=240, average_contribution_index=0.8,
                   account_balance=50000, annuity_divisor=139)  # fmt: skip
    assert (found["basic_pension"], found["account_pension"]) == (None, 359.71)
    assert found["notes"][0].startswith("benefit_base missing")


# ------------------------------------------------------------------ by year


def test_resident_contributions_by_year_bear_interest_through_a_gap():
    rate = Fraction(3, 100)
    found = answer(**RESIDENT, contributions={"2020": 200, "2022": 300}, subsidy=30)
    assert found["account_balance"] == float(round(230 * (1 + rate) ** 2 + 330, 2))
    assert found == answer(**RESIDENT, contributions={2022: 300, 2020: 200}, subsidy={2020: 30, 2022: 30})
    assert found == answer(**RESIDENT, contributions=[200, None, 300], subsidy=[30, 0, 30])
    assert found == answer(**RESIDENT, contributions={"2020": 200, "2022": 300}, subsidy=[30, 30], years=2)


def test_resident_contributions_by_year_grow_at_the_rates_of_these_years():
    rates = [LAW.value("resident_crediting_rate", f"{year}-01-01", "Guangdong") for year in range(2023, 2026)]
    known = {"province": "Guangdong", "claim_month": "2026-03", "basic_pension": 220}
    found = answer(system="resident", contributions={str(y): 500 for y in range(2023, 2026)}, **known)
    assert found["account_balance"] == pytest.approx(
        500 * (1 + rates[1]) * (1 + rates[2]) + 500 * (1 + rates[2]) + 500, abs=0.005
    )


def test_what_a_province_says_of_rounding_concerns_the_employee_scheme_alone():
    case = {"system": "resident", "province": "Shanghai", "claim_month": "2025-06", "account_balance": 50000}
    assert answer(**case)["account_pension"] == 359.71  # 50,000 / 139; Shanghai's employees 359.8
    assert answer(**case | {"rounding": "jiao_up"})["account_pension"] == 359.8


def test_only_years_paid_count_for_the_extra_pension():
    law = {"province": "Shanghai", "claim_month": "2025-06", "crediting_rate": 0.0, "system": "resident"}
    with_gap = answer(**law, contributions={str(y): 1000 for y in range(2004, 2025) if y != 2010})
    whole = answer(**law, contributions=[1000] * 20)
    assert with_gap["extra_pension"] == whole["extra_pension"] > 0


@pytest.mark.parametrize(
    ("case", "code", "field", "said"),
    [
        (RESIDENT | {"contributions": {"x": 5}}, "out_of_range", "contributions", "no year"),
        (RESIDENT | {"contributions": {}}, "wrong_type", "contributions", "empty"),
        (
            RESIDENT | {"contributions": {"2020": 5}, "subsidy": {"2021": 5}},
            "inconsistent",
            "subsidy",
            "2021 is no year from 2020 to 2020",
        ),
        ({"system": "average_index", "indices": {"x": 1}}, "out_of_range", "indices", "no year"),
    ],
)
def test_a_year_that_is_none_is_told(case, code, field, said):
    error = answer(**case)["error"]
    assert (error["code"], error["field"]) == (code, field)
    assert said in error["message"]


def test_an_index_by_year_is_that_of_the_list():
    by_year = answer(
        system="average_index",
        bases={"2020": 3000, "2022": 4400},
        reference_wages={"2020": 5000, "2022": 5500},
        months={"2020": 12, "2022": 6},
        convention="diluted",
    )
    listed = answer(system="average_index", indices=[0.6, None, 0.8], months=[12, 0, 6], convention="diluted")
    assert by_year == listed
    assert by_year["average_contribution_index"] == pytest.approx((0.6 * 12 + 0.8 * 6) / 36, abs=1e-9)


def test_a_balance_without_dues_grows_by_interest_alone():
    found = answer(system="account", opening_balance=50000, crediting_rate=[0.03, 0.02])
    assert found["account_balance"] == 50000 * 1.03 * 1.02


def test_a_minimum_reached_only_beyond_the_last_divisor_leaves_the_other_ways_open():
    found = answer(
        system="short_career", birth="1965-06", category="male", province="Sichuan", account_balance=0,
        contribution_months=0, average_contribution_index=0.6, first_insured="2009-01",
    )  # fmt: skip
    options = {option["option"]: option for option in found["options"]}
    # 180 months after 2025-08 he is 75 years old
    assert options["pay_on"]["allowed"] is False
    assert "40 to 70" in options["pay_on"]["why"]
    assert options["pay_at_once"]["start_month"] == "2030-08"
    assert options["pay_at_once"]["monthly_pension"] > 0
    assert options["resident"]["allowed"] is True


# ------------------------------------------------------------------ every step of the phase-in


@pytest.mark.parametrize(
    ("category", "age", "step", "cap", "last"),
    [
        ("male", 720, 4, 36, "1976-08"),
        ("female_55", 660, 4, 36, "1981-08"),
        ("female_50", 600, 2, 60, "1984-10"),
    ],
)
def test_first_and_last_month_of_every_step_retire_as_the_decision_says(category, age, step, cap, last):
    def month(index: int) -> str:
        return f"{index // 12}-{index % 12 + 1:02d}"

    first = 2025 * 12 - age
    year, number = map(int, last.split("-"))
    for births in range(first, 12 * year + number, step):
        delay = (births - first) // step + 1
        for birth in (births, births + step - 1):
            found = answer(system="retirement_age", birth=month(birth), category=category)
            assert found["statutory_month"] == month(birth + age + delay)
            assert 12 * found["age_years"] + found["age_months"] == age + delay
            due = answer(
                **{name: value for name, value in FORM.items() if name not in ("age_years", "claim_month")},
                category=category, birth=month(birth), claim_month=month(birth + age + delay),
                benefit_base=8000,
            )  # fmt: skip
            assert due["reason"] == "eligible"


# ------------------------------------------------------------------ the same from every file


def test_json_csv_and_yaml_give_the_same_answers():
    cases = [
        {"id": "a", **FORM, "province": "深圳"},
        {"id": "b", "system": "retirement_age", "birth": "1976-09", "category": "male_60"},
        {
            "id": "c",
            "system": "resident",
            "tier": 500,
            "years": 15,
            "province": "44",
            "claim_month": "2025-06",
        },
        {"id": "d", "system": "average_index", "indices": [0.6, None, 0.8], "months": [12, 0, 6]},
        {"id": "e", **FORM, "contribution_months": -5},
    ]
    names = list(dict.fromkeys(name for case in cases for name in case))
    table = io.StringIO()
    rows = csv.DictWriter(table, names)
    rows.writeheader()
    for case in cases:
        cells = {
            n: "|".join("" if i is None else str(i) for i in v)
            for n, v in case.items()
            if isinstance(v, list)
        }
        rows.writerow(case | cells)
    by_json = award(read_cases(json.dumps(cases), "json"))
    assert by_json == award(cases)
    assert by_json == award(read_cases(json.dumps(cases, ensure_ascii=False), "yaml"))
    assert by_json == award(read_cases(table.getvalue(), "csv"))
    assert [("error" in one) for one in by_json] == [False] * 4 + [True]


@pytest.mark.parametrize("known", [{}, {"province": "Gansu"}, {"claim_month": "2025-06"}])
def test_a_resident_without_a_basic_amount_has_the_other_part_and_a_note(known):
    case = {"system": "resident", "tier": 500, "years": 15, "crediting_rate": 0.03} | known
    found, whole = answer(**case), answer(**case, basic_pension=143)
    for part in ("account_balance", "account_pension"):
        assert found[part] == whole[part] > 0
    assert found["basic_pension"] is found["monthly_pension"] is None
    assert found["notes"] == ["basic_pension missing: give it, or province and claim_month"]
    assert "notes" not in whole


def test_months_of_age_without_years_do_not_matter_beside_a_divisor():
    form = {name: value for name, value in FORM.items() if name != "age_years"}
    beside = answer(**form, age_months=3, annuity_divisor=138.4)
    assert beside == answer(**form, annuity_divisor=138.4)
    assert beside["account_pension"] == 361.27
    assert answer(**form, age_months=3)["error"]["field"] == "age_years"


def test_answers_are_printed_as_csv_and_tables(tmp_path):
    path = tmp_path / "cases.json"
    path.write_text(
        json.dumps([{"id": "a", **FORM, "province": "深圳"}, {"id": "b", "system": "nothing"}]), "utf-8"
    )
    result = CliRunner().invoke(cli, ["award", str(path), "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(result.output)))
    assert result.exit_code == 2  # the second case is none
    assert rows[0]["account_pension"] == "359.71"
    assert json.loads(rows[0]["steps"])[-1]["name"] == "monthly_pension"
    assert (rows[1]["id"], rows[1]["error_code"], rows[1]["error_field"]) == ("b", "unknown_system", "system")
    for format_, lang, title in (("markdown", "en", "### Steps of case a"), ("table", "zh", "核定结果")):
        result = CliRunner().invoke(cli, ["award", str(path), "--format", format_, "--lang", lang])
        assert result.exit_code == 2
        assert title in result.output
        assert "359.71" in result.output
