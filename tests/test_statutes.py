"""The content of simulate/statutes: cited, free of jumps, equal to the tables and cases it was taken from."""

from __future__ import annotations

import csv
import re
import statistics
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from simulate.law import load_law
from simulate.law_values import CATEGORIES, FLAGS

CASES = Path(__file__).parent / "law_cases"
HISTORY = resources.files("scenarios") / "history" / "retirement-decision-2024.yaml"
DECISION = "retirement-decision-2024"
LAW = load_law()
PARAMETERS = sorted(LAW.parameters)
PROVINCES = [p.name for p in LAW.provinces]

# What the engine reads. A reform may set any of them, so each stands in the law even where it is neutral.
NEUTRAL = {
    "flexible_worker_relief_rate": 0,
    "platform_levy_rate": 0,
    "platform_subsidy_share": 0,
    "platform_subsidy_cap_share": 1,
    "care_credit_base_ratio": 0,
    "care_credit_child_months": 0,
    "care_credit_parent_months": 0,
    "flexible_base_earnings_share": 1,
    "flexible_base_allowance_ratio": 0,
    "consumer_levy_rate": 0,
    "platform_levy_least_dependence": 0,
    "platform_levy_dependent_extra": 0,
    "levy_destination": "pool",
    "levy_scope": "members",
    "levy_pass_through_share": 0,
    "care_credit_rule": "top_up",
    "unemployment_credit_base_ratio": 0,
    "unemployment_credit_months": 0,
    "low_earnings_credit_base_ratio": 0,
    "universal_pension_ratio": 0,
    "minimum_pension_ratio": 0,
    "resident_basic_dibao_ratio": 0,
    "resident_basic_wage_ratio": 0,
    "resident_basic_rural_income_ratio": 0,
    "national_benefit_base_share": 0,
    "resident_months_counted_share": 0,
}


def rows(name: str) -> list[dict]:
    with (CASES / name).open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert found
    return found


def month_number(text: str) -> int:
    year, month = text.split("-")
    return int(year) * 12 + int(month) - 1


def month_text(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02d}"


# ---------------------------------------------------------------- structure


def test_every_dated_value_cites_an_act_with_title_in_both_languages_and_state():
    for name in PARAMETERS:
        for value in LAW.parameters[name].all_values():
            act = LAW.acts[value.act]
            assert act.title
            assert re.search("[一-龥]", act.title_zh), act.id
            assert act.state in ("text", "secondary", "recalled")
            assert value.flag in FLAGS
    assert LAW.audit()["share_cited"] == 1.0


def test_every_act_is_cited():
    assert {v.act for p in LAW.parameters.values() for v in p.all_values()} == set(LAW.acts)


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_has_titles_unit_and_a_day_of_check(name):
    parameter = LAW.parameters[name]
    assert parameter.title
    assert parameter.unit
    assert re.search("[一-龥]", parameter.name_zh)
    assert parameter.last_checked >= date(2026, 11, 25)


def test_no_series_jumps_without_a_reason():
    assert LAW.audit()["jumps"] == []


def test_a_jump_without_a_reason_is_found():
    reform = LAW.amend({"resident_basic_pension": [{"effective": "2027-01-01", "value": 1000}]})
    national = "resident_basic_pension, 2027-01-01: 163 -> 1000 is more than the factor 1.85"
    assert national in reform.audit()["jumps"]
    assert any("Anhui" in jump for jump in reform.audit()["jumps"])


@pytest.mark.parametrize("name", PARAMETERS)
def test_provincial_values_are_estimated_only_under_a_written_rule(name):
    parameter = LAW.parameters[name]
    filled = any(v.flag == "estimated" and v.province for v in parameter.all_values())
    told = all(v.note for v in parameter.all_values() if v.flag == "estimated" and v.province)
    assert not filled or parameter.rule or told


def test_nothing_is_projected_in_current_law_but_what_is_adopted():
    future = [v for p in LAW.parameters.values() for v in p.all_values() if v.effective > date(2026, 11, 25)]
    assert {v.act for v in future} == {DECISION}


def test_a_series_by_province_and_year_has_no_hole_from_1990_to_2026():
    for name in (
        "reference_wage",
        "average_wage",
        "benefit_base",
        "indexed_benefit_base",
        "survivor_income",
        "rural_income",
    ):
        for province in PROVINCES:
            years = {v.effective.year for v in LAW.series(name, province)}
            last = 2025 if name == "average_wage" else 2026
            assert set(range(1990, last + 1)) <= years, (name, province)


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_has_a_value_today_in_every_province(name):
    parameter = LAW.parameters[name]
    for group in parameter.groups or (None,):
        ask = {parameter.dimension: group} if group else {}
        for province in PROVINCES:
            assert LAW.value(name, "2026-11-25", province, **ask) is not None


@pytest.mark.parametrize(
    "name", ["automatic_enrolment_share", "reclassification_share", "government_match_rate"]
)
def test_current_law_enrols_reclassifies_and_matches_nobody_of_any_occupation(name):
    parameter = LAW.parameters[name]
    assert {v.value for group in parameter.groups for v in LAW.series(name, occupation=group)} == {0}
    one = LAW.amend({name: [{"effective": "2027-01-01", "value": 0.5, "occupation": "rider"}]})
    assert one.value(name, "2027-01-01", occupation="rider") == 0.5
    assert one.value(name, "2027-01-01", occupation="courier") == 0
    everybody = LAW.amend({name: [{"effective": "2027-01-01", "value": 0.5}]})
    assert {everybody.value(name, "2027-01-01", occupation=g) for g in parameter.groups} == {0.5}


@pytest.mark.parametrize(("name", "value"), NEUTRAL.items())
def test_current_law_knows_no_relief_levy_refund_or_care_credit(name, value):
    assert [v.value for v in LAW.series(name)] == [value]
    assert LAW.acts[LAW.series(name)[0].act].number == "主席令第35号"


def test_tiers_and_subsidies_have_one_length_on_every_day():
    for province in PROVINCES:
        days = {
            v.effective for n in ("resident_tiers", "resident_subsidies") for v in LAW.series(n, province)
        }
        for day in days:
            tiers, subsidies = (LAW.value(n, day, province) for n in ("resident_tiers", "resident_subsidies"))
            assert len(tiers) == len(subsidies)
            assert list(tiers) == sorted(tiers)


@pytest.mark.parametrize(
    ("name", "sourced"),
    [
        ("reference_wage", 31),
        ("benefit_base", 31),
        ("account_start", 31),
        ("transition_coefficient", 31),
        ("resident_basic_pension", 31),
        ("survivor_income", 31),
        ("rural_income", 31),
        ("base_floor_ratio", 10),  # eleven places, two of them in Guangdong
        ("base_cap_ratio", 9),  # no cap known for Quanzhou
        ("employer_rate", 25),  # 20 with the cut of 2016, Shanghai, Shandong, Fujian, Guangdong, Zhejiang
        ("resident_crediting_rate", 6),
        ("dibao", 3),  # Beijing, Shanghai, Yunnan
        ("resident_tiers", 2),
        ("minimum_contribution_months", 31),
        ("pension_increase_flat_share", 0),
    ],
)
def test_describe_tells_how_many_provinces_have_a_sourced_value(name, sourced):
    assert LAW.describe(name)["provinces_sourced"] == sourced


# ---------------------------------------------------------------- tables of the acts


def test_the_429_rows_of_the_retirement_schedule_follow_from_the_rule():
    table = rows("retirement_ages.csv")
    assert len(table) == 429
    start = month_number("2025-01")
    for row in table:
        category = row["category"].removesuffix("_60")
        assert category in CATEGORIES
        original = month_number(row["birth_month"]) + LAW.value(
            "original_retirement_age", "2024-12-31", category=category
        )
        delay = 0
        reached = f"{month_text(original)}-01"
        step = LAW.value("retirement_delay_step_months", reached, category=category)
        if step:
            cap = LAW.value("retirement_delay_cap_months", reached, category=category)
            delay = min(cap, (original - start) // step + 1)
        statutory = original + delay
        assert month_text(original) == row["original_retirement_month"]
        assert delay == int(row["delay_months"])
        assert month_text(statutory) == row["statutory_retirement_month"]
        minimum = LAW.value("minimum_contribution_months", f"{month_text(statutory)}-01")
        assert minimum == int(row["min_contribution_months_at_statutory"])
        if row["earliest_flexible_month"]:
            early, late = (
                LAW.value(f"{side}_claim_window_months", f"{month_text(statutory)}-01")
                for side in ("early", "late")
            )
            assert month_text(max(original, statutory - early)) == row["earliest_flexible_month"]
            assert month_text(statutory + late) == row["latest_flexible_month"]


def test_minimum_months_follow_annex_four():
    for row in rows("minimum_years.csv"):
        year = int(row["retirement_year"])
        expected = 180 + 6 * min(max(year - 2029, 0), 10)
        assert int(row["min_contribution_months"]) == expected
        assert LAW.value("minimum_contribution_months", f"{year}-07-01") == expected


def test_divisors_are_those_of_the_annex_of_2005():
    divisors = LAW.value("annuity_divisors", "2006-01-01")
    assert [int(row["months"]) for row in rows("annuity_divisors.csv")] == list(divisors)
    assert [int(row["age"]) for row in rows("annuity_divisors.csv")] == list(range(40, 71))


def test_divisors_between_whole_ages_are_linear_by_month_with_one_decimal_half_up():
    divisors = LAW.value("annuity_divisors", "2025-01-01")
    assert LAW.value("divisor_interpolation", "2024-12-31") == "completed_year"
    assert LAW.value("divisor_interpolation", "2025-01-01") == "monthly"
    table = rows("annuity_divisors_monthly.csv")
    assert len(table) == 30 * 12 + 1
    for row in table:
        i, k = int(row["age_years"]) - 40, int(row["age_months"])
        twelfths = divisors[i] * 12 - (divisors[i] - divisors[min(i + 1, 30)]) * k
        tenths = (twelfths * 10 * 2 + 12) // 24  # half up, in integers
        assert tenths == round(float(row["months"]) * 10), row


def test_rates_are_those_of_the_table_of_rates():
    named = {"employee": {"employee": "employee_rate", "employer": "employer_rate"}, "flexible": {}}
    named["flexible"]["participant"] = "flexible_rate"
    listed = {
        "CN": [None],
        "CN (20 provinces with reserve > 9 months)": ["Beijing", "Tibet", "Ningxia"],
        "Shandong; Fujian": ["Shandong", "Fujian"],
        "Guangdong; Zhejiang": ["Guangdong", "Zhejiang"],
        "Guangdong (all cities incl. Shenzhen)": ["Guangdong"],
    }
    checked = 0
    for row in rows("contribution_rates.csv"):
        name = named[row["participant"]].get(row["payer"])
        places = listed.get(row["jurisdiction"], [row["jurisdiction"]])
        day = row["effective_from"] or "2020-01-01"  # the one empty start: Zhejiang, known for 2020-2021
        if name is None:  # the top-up of the account by the employer: with the employee's share 11 %
            both = LAW.value("employee_rate", day) + float(row["rate_of_base"])
            assert LAW.value("account_rate", day) == pytest.approx(both)
            continue
        if (row["jurisdiction"], day, name) == ("Guangdong", "2023-01-01", "employer_rate"):
            kept = LAW.dated_value(name, day, "Guangdong")  # contradicted: 15 % in the pay tables of 2024
            assert (kept.value, kept.alternatives) == (0.15, (float(row["rate_of_base"]),))
            continue
        for place in places:
            assert LAW.value(name, day, place) == float(row["rate_of_base"]), (row, place)
            checked += 1
        if name == "flexible_rate":
            assert LAW.value("flexible_account_rate", day) == float(row["to_account_rate"])
    assert checked >= 20


def test_published_floors_and_caps_are_ratio_times_reference_wage():
    places = {
        "Guangdong (other cities incl. Shenzhen)": "Guangdong",
        "Hubei (Wuhan, provincial units)": "Hubei",
        "Fujian (Quanzhou)": "Fujian",
    }
    floors = caps = 0
    for row in rows("contribution_base_bounds.csv"):
        place = places.get(row["jurisdiction"], row["jurisdiction"])
        if place not in PROVINCES:
            assert row["jurisdiction"].startswith("Guangdong (Guangzhou")  # a note: the province keeps 52 %
            continue
        start = row["valid_from"]
        if place == "Fujian":
            start = "2024-01-01"  # computed on the wage of 2023: the floor of 2024, still in use
        wage = LAW.value("reference_wage", start, place)
        for column, name in (("floor_yuan_month", "base_floor_ratio"), ("cap_yuan_month", "base_cap_ratio")):
            if not row[column]:
                continue
            kept = LAW.dated_value(name, start, place)
            assert kept.published == int(row[column])
            # notices round to whole yuan, Chongqing up
            assert kept.value * wage == pytest.approx(int(row[column]), abs=1)
            floors += name == "base_floor_ratio"
            caps += name == "base_cap_ratio"
    assert (floors, caps) == (18, 15)


def test_reference_wages_from_2021_are_the_published_full_coverage_wages_of_the_year_before():
    flags = {"confirmed": "observed", "unconfirmed": "unconfirmed"}
    checked = 0
    for row in rows("full_coverage_wages.csv"):
        if row["region"] not in PROVINCES:
            assert row["region"] == "Shenzhen"
            continue
        kept = LAW.dated_value("reference_wage", f"{int(row['year']) + 1}-01-01", row["region"])
        assert kept.value == float(row["value"])
        assert kept.flag == flags[row["confidence"]]
        assert LAW.value("average_wage", f"{row['year']}-01-01", row["region"]) == float(row["value"])
        checked += 1
    assert checked == 31 * 5 + 4  # 2020-2024, and 2025 of four


def test_the_mixed_wages_of_2019_and_the_on_post_wages_of_hubei_are_not_used():
    for province in PROVINCES:
        assert LAW.dated_value("reference_wage", "2020-01-01", province).flag == "estimated"
    published = {
        row["year"]: float(row["yuan_per_year"]) / 12
        for row in rows("on_post_wages.csv")
        if row["province"] == "Hubei"
    }
    assert LAW.value("reference_wage", "2019-01-01", "Hubei") > published["2018"] * 1.15


def test_reference_wages_of_even_years_before_2019_are_the_on_post_wages():
    for row in rows("on_post_wages.csv"):
        if row["province"] == "Hubei" or row["year"] == "2020":
            continue
        kept = LAW.dated_value("reference_wage", f"{int(row['year']) + 1}-01-01", row["province"])
        assert kept.value == pytest.approx(float(row["yuan_per_year"]) / 12, abs=0.005)
        assert kept.flag == "observed"


def test_the_average_wage_has_no_break_where_the_reference_wage_changes_concept():
    for province in PROVINCES:
        reference = [LAW.value("reference_wage", f"{y}-01-01", province) for y in (2019, 2020)]
        average = [LAW.value("average_wage", f"{y}-01-01", province) for y in (2018, 2019, 2020)]
        assert reference[1] < reference[0]
        assert average[0] < average[1] < average[2]
        assert average[1] == reference[1]


def test_benefit_bases_are_those_of_the_compilation_or_named_as_contradicted():
    for row in rows("pension_base.csv"):
        if row["region"] not in PROVINCES:
            continue
        kept = LAW.dated_value("benefit_base", f"{row['year']}-01-01", row["region"])
        if (row["region"], row["year"]) == ("Jilin", "2020"):  # 18 % below the next year: suspect
            assert kept.alternatives == (float(row["base_yuan_month"]),)
        else:
            assert kept.value == float(row["base_yuan_month"])


@pytest.mark.parametrize(
    ("name", "day", "province", "chosen", "others"),
    [
        ("crediting_rate", "2021-01-01", None, 0.0669, (0.0535,)),
        ("crediting_rate", "2022-01-01", None, 0.0612, (0.0669,)),
        ("benefit_base", "2024-01-01", "Heilongjiang", 7010, (7570,)),
        ("benefit_base", "2024-01-01", "Xinjiang", 8332, (7750,)),
        ("benefit_base", "2024-01-01", "Hubei", 9022, (6957, 8613)),
        ("benefit_base", "2024-01-01", "Tibet", 11546, (11777,)),
        ("benefit_base", "2025-01-01", "Sichuan", 8462, (8312,)),
        ("reference_wage", "2022-01-01", "Jiangsu", 7273.67, (7083,)),
        ("reference_wage", "2023-01-01", "Jiangsu", 7490, (8014,)),
        ("reference_wage", "2022-01-01", "Beijing", 10628, (9782,)),
        ("reference_wage", "2025-01-01", "Guangdong", 9183, (9493,)),
        ("resident_basic_pension", "2025-01-01", "Zhejiang", 350, (220,)),
        ("employer_rate", "2023-01-01", "Guangdong", 0.15, (0.16,)),
        ("flexible_rate", "2022-01-01", "Zhejiang", 0.2, (0.18,)),
        ("transition_coefficient", "2026-01-01", "Jilin", 0.014, (0.012,)),
    ],
)
def test_a_contradiction_is_recorded_with_the_value_chosen_and_the_other(name, day, province, chosen, others):
    kept = LAW.dated_value(name, day, province)
    assert (kept.value, kept.alternatives) == (chosen, others)
    noted = [c for c in LAW.audit()["contradictions"] if c["parameter"] == name and c["province"] == province]
    assert noted


def test_the_divisor_of_age_47_is_208_and_the_other_reading_is_kept():
    kept = LAW.dated_value("annuity_divisors", "2006-01-01")
    assert (kept.value[47 - 40], kept.alternatives) == (208, (207,))


def test_crediting_rates_are_those_of_the_table():
    for row in rows("account_credit_rates.csv"):
        day = f"{row['year']}-01-01"
        if row["scheme"] == "employee":
            assert LAW.value("crediting_rate", day) == float(row["rate"])
        else:
            province = row["scheme"].removeprefix("resident:")
            assert LAW.value("resident_crediting_rate", day, province) == float(row["rate"])


def test_account_starts_and_coefficients_are_those_of_the_provinces():
    table = rows("transitional_pension.csv")
    assert {row["province"] for row in table} == set(PROVINCES)
    for row in table:
        province, start = row["province"], row["account_start"]
        assert LAW.value("account_start", "2026-01-01", province) == start
        coefficient = float(row["coefficient_per_year"].split("|")[-1])
        assert LAW.value("transition_coefficient", "2026-01-01", province) == coefficient
        before = month_text(month_number(start) - 1)
        assert LAW.value("account_rate", f"{before}-01", province) == 0
        assert LAW.value("account_rate", f"{start}-01", province) == 0.11
        assert LAW.value("account_rate", "2006-01-01", province) == 0.08


def test_increases_of_pensions_are_those_of_the_notices():
    for row in rows("indexation.csv"):
        if row["national_overall_percent"]:
            percent = float(row["national_overall_percent"])
            assert LAW.value("pension_increase", f"{row['year']}-01-01") == pytest.approx(percent / 100)


def test_the_resident_minimum_and_the_provincial_amounts_of_2025_are_kept():
    for row in rows("resident_basic_pension.csv"):
        if row["kind"].startswith("national"):
            assert LAW.value("resident_basic_pension", row["valid_from"]) == int(row["monthly_yuan"])
        elif row["kind"].startswith("provincial") and row["region"] != "Zhejiang":
            kept = LAW.value("resident_basic_pension", row["valid_from"], row["region"])
            assert kept == int(row["monthly_yuan"])


def test_provincial_resident_pensions_never_fall_and_never_lie_below_the_national_minimum():
    for province in PROVINCES:
        series = LAW.series("resident_basic_pension", province)
        amounts = [v.value for v in series]
        assert amounts == sorted(amounts)
        assert all(v.value >= LAW.value("resident_basic_pension", v.effective) for v in series)


def test_dibao_lines_of_the_nation_are_those_of_the_bulletins():
    for row in rows("dibao.csv"):
        if row["region"] == "CN":
            day = f"{row['year']}-01-01"
            assert LAW.value("dibao", day, hukou="urban") == float(row["urban_yuan_month"])
            rural = float(row["rural_yuan_year"]) / 12
            assert LAW.value("dibao", day, hukou="rural") == pytest.approx(rural, abs=0.005)
    assert LAW.value("dibao", "2024-07-01", "Shanghai", hukou="rural") == 19140 / 12
    assert LAW.value("dibao", "2024-07-01", "Beijing", hukou="urban") == 1450


def on_post_wage(province: str, year: int, national: dict, known: dict) -> float:
    """The rule of wages.yaml for a province with published even years."""
    own = known[province]
    if year in own:
        return own[year]
    if year < 2010:
        return national[year] * own[2010] / national[2010]
    neighbours = [own[y] / national[y] for y in (year - 1, year + 1)]
    return national[year] * sum(neighbours) / 2


def test_holes_in_wages_and_benefit_bases_are_filled_by_the_written_rule():
    national = {int(r["year"]): float(r["yuan_per_year"]) for r in rows("on_post_wages_national.csv")}
    known: dict[str, dict[int, float]] = {}
    for row in rows("on_post_wages.csv"):
        known.setdefault(row["province"], {})[int(row["year"])] = float(row["yuan_per_year"])
    central = [p.name for p in LAW.provinces if p.region == "centre" and p.name != "Hubei"]
    over = statistics.median(
        known[p][2020] / 12 / LAW.value("reference_wage", "2021-01-01", p) for p in central
    )
    hubei = LAW.value("reference_wage", "2021-01-01", "Hubei") * 12 * over
    known["Hubei"] = {y: hubei * national[y] / national[2020] for y in range(2010, 2021, 2)}
    for province in PROVINCES:
        wage_2020 = LAW.value("reference_wage", "2021-01-01", province)
        on_post = {y: on_post_wage(province, y, national, known) for y in range(1989, 2021)}
        for year in range(1989, 2019):
            kept = LAW.value("reference_wage", f"{year + 1}-01-01", province)
            assert kept == pytest.approx(on_post[year] / 12, abs=0.006)
        for year in range(1990, 2020):
            moved = wage_2020 * on_post[year] / on_post[2020]
            assert LAW.value("average_wage", f"{year}-01-01", province) == pytest.approx(moved, abs=0.006)
        first = 2021 if province == "Jilin" else 2020
        base = LAW.value("benefit_base", f"{first}-01-01", province)
        for year in range(1990, first):
            moved = base * on_post[year - 1] / on_post[first - 1]
            assert LAW.value("benefit_base", f"{year}-01-01", province) == pytest.approx(moved, abs=0.006)


def test_wages_of_2025_and_benefit_bases_of_2026_are_filled_by_the_written_rule():
    known = ("Beijing", "Shanghai", "Guizhou", "Heilongjiang")
    wage = {p: [LAW.value("reference_wage", f"{y}-01-01", p) for y in (2025, 2026)] for p in PROVINCES}
    growth = statistics.median(wage[p][1] / wage[p][0] for p in known)
    filled = 0
    for province in PROVINCES:
        if province not in known:
            assert wage[province][1] == pytest.approx(wage[province][0] * growth, abs=0.006)
        base = LAW.dated_value("benefit_base", "2026-01-01", province)
        if base.flag == "estimated":
            last = LAW.value("benefit_base", "2025-01-01", province)
            assert base.value == pytest.approx(max(last * 1.015, wage[province][1]), abs=0.006)
            filled += 1
    assert filled == 31 - 4  # known: Shanghai, Tibet, Heilongjiang, Guizhou


def test_provincial_dibao_lines_stand_to_the_nation_as_incomes_did_in_2020():
    income = {r["province"]: r for r in rows("disposable_income.csv") if r["year"] == "2020"}
    for province in set(PROVINCES) - {"Beijing", "Shanghai", "Yunnan"}:
        for hukou in ("urban", "rural"):
            column = f"{hukou}_yuan"
            ratio = float(income[province][column]) / float(income["China"][column])
            for year in (2007, 2020, 2026):
                day = f"{year}-01-01"
                expected_line = LAW.value("dibao", day, hukou=hukou) * ratio
                assert LAW.value("dibao", day, province, hukou=hukou) == pytest.approx(
                    expected_line, abs=0.02
                )


def test_incomes_that_measure_death_grants_are_those_of_the_year_before():
    checked = 0
    for row in rows("disposable_income.csv"):
        if row["province"] in PROVINCES:
            kept = LAW.dated_value("survivor_income", f"{int(row['year']) + 1}-01-01", row["province"])
            assert kept.value == pytest.approx(float(row["urban_yuan"]) / 12, abs=0.0051)
            assert kept.flag == "observed"
            checked += 1
    assert checked == 31 * 8  # 2013-2020


def test_rural_incomes_are_those_of_the_year_before_and_move_with_the_nation_outside_2013_to_2020():
    told = {
        (row["province"], int(row["year"])): float(row["rural_yuan"]) for row in rows("disposable_income.csv")
    }
    for province in PROVINCES:
        for year in range(2013, 2021):
            kept = LAW.dated_value("rural_income", f"{year + 1}-01-01", province)
            assert kept.value == pytest.approx(told[province, year] / 12, abs=0.0051)
            assert kept.flag == "observed"
        # national figures: 24,456 in 2025 and 17,131.5 in 2020, 6,272.4 in 2010 and 9,429.6 in 2013
        for year, reference, growth in ((2025, 2020, 24_456 / 17_131.5), (2010, 2013, 6_272.4 / 9_429.6)):
            kept = LAW.dated_value("rural_income", f"{year + 1}-01-01", province)
            assert kept.value == pytest.approx(told[province, reference] * growth / 12, abs=0.0051)
            assert kept.flag == "estimated"


def test_access_follows_the_limits_of_place_and_date():
    def months(day, province):
        return LAW.value("flexible_access_months", day, province)

    assert [months("2021-01-01", p) for p in ("Beijing", "Shanghai", "Tianjin", "Jiangxi")] == [9999] * 4
    assert [months("2021-01-01", p) for p in ("Zhejiang", "Jiangsu")] == [10 * 12] * 2
    assert (months("2023-11-30", "Shanghai"), months("2023-12-01", "Shanghai")) == (9999, 0)
    assert {months("2025-06-01", p) for p in PROVINCES if p != "Beijing"} == {0}
    assert (months("2026-05-31", "Beijing"), months("2026-06-01", "Beijing")) == (9999, 0)


# ---------------------------------------------------------------- worked cases


def expected(case: str) -> list[float]:
    row = next(r for r in rows("worked_examples.csv") if r["id"] == case)
    return [float(x) for x in row["expected"].split(";")]


def floor_of(province: str, day: str) -> float:
    return LAW.value("flexible_base_floor_ratio", day, province) * LAW.value("reference_wage", day, province)


@pytest.mark.parametrize(
    ("case", "province", "day", "share"),
    [
        ("WE01", "Fujian", "2024-07-01", 0.5),  # Quanzhou 4,433: half refunded
        ("WE02", "Jiangsu", "2024-07-01", 0.5),  # Nantong 4,879: half refunded
        ("WE03", "Guangdong", "2024-07-01", 1),  # Shenzhen 4,492
        ("WE04", "Beijing", "2025-07-01", 1),  # 7,162
    ],
)
def test_the_floor_contribution_of_flexible_workers(case, province, day, share):
    rate = LAW.value("flexible_rate", day, province)
    published = LAW.dated_value("base_floor_ratio", day, province).published
    assert share * rate * published == pytest.approx(expected(case)[0], abs=0.005)
    # from the ratio the base is off by less than the yuan to which notices round
    assert share * rate * floor_of(province, day) == pytest.approx(expected(case)[0], abs=share * rate)


@pytest.mark.parametrize(
    ("case", "province", "day", "floor"),
    [("WE05", "Beijing", "2023-07-01", 6326), ("WE06", "Jiangsu", "2025-01-01", 4952)],
)
def test_the_subsidy_of_people_with_employment_difficulties(case, province, day, floor):
    rate = LAW.value("flexible_rate", day, province)
    share = LAW.value("difficulty_subsidy_share", day, province)
    assert round(floor * rate * share, 2) == expected(case)[0]


@pytest.mark.parametrize(
    ("case", "province"), [("WE07", "Shanghai"), ("WE08", "Sichuan"), ("WE09", "Zhejiang")]
)
def test_caps_and_floors_of_2025_are_the_published_ones(case, province):
    day = "2025-12-31"
    wage = LAW.value("reference_wage", day, province)
    cap = LAW.value("base_cap_ratio", day, province) * wage
    floor = LAW.value("base_floor_ratio", day, province) * wage
    assert [round(cap), round(floor)] == expected(case)


def test_survivors_get_the_published_amounts():
    rows_of = LAW.value("survivor_grant", "2023-08-01")
    at_fifteen = next(r for r in rows_of if r[0] == 10)[1]
    months = LAW.value("funeral_grant_months", "2023-08-01") + at_fifteen
    floor = LAW.value("funeral_grant_months", "2023-08-01") + LAW.value(
        "survivor_grant_floor_months", "2023-08-01"
    )
    assert 5015 * floor == expected("WE10")[0]
    assert 3915.5 * months == expected("WE11")[0]


def test_survivor_months_by_contribution_years():
    def months(years):
        row = [r for r in LAW.value("survivor_grant", "2026-01-01") if r[0] <= years][-1]
        return row[1] + row[2] * (years - row[0])

    assert [months(y) for y in (0, 4, 5, 9, 10, 15, 16, 29, 30, 40)] == [3, 3, 6, 6, 9, 9, 10, 23, 24, 24]


def test_minimum_months_of_early_and_late_claims():
    years = [LAW.value("minimum_contribution_months", f"{year}-01-01") for year in (2029, 2031)]
    assert years == expected("WE12")


def test_the_resident_account_is_divided_by_139():
    assert round(50000 / LAW.value("resident_annuity_divisor", "2026-01-01"), 2) == expected("WE14")[0]


def test_accounts_grew_by_eleven_per_cent_of_the_base_in_2003():
    assert LAW.value("account_rate", "2003-01-01") == pytest.approx(expected("WE18")[0])


def test_twelve_per_cent_of_bases_move_with_a_member():
    assert 60000 * 3 * LAW.value("transfer_pool_rate", "2010-01-01") == pytest.approx(expected("WE26")[0])


# ---------------------------------------------------------------- the decision of 2024 as a scenario


def test_the_law_of_2024_with_the_retirement_decision_laid_over_it_is_today_s():
    scenario = YAML(typ="safe", pure=True).load(HISTORY.read_text("utf-8"))
    before = LAW.at(scenario["baseline"]["law_at"])
    after = before.amend(scenario["law"], HISTORY.name)

    def of_decision(law, wanted=True):
        return {
            (name, key, v.effective): v.value
            for name, p in law.parameters.items()
            for key, series in p.values.items()
            for v in series
            if (v.act == DECISION) is wanted
        }

    assert len(of_decision(LAW)) == 3 + 3 + 2 + 10  # steps, caps, two windows, ten years of minimum months
    assert of_decision(before) == {}
    assert of_decision(after) == of_decision(LAW)
    assert of_decision(after, wanted=False) == of_decision(before, wanted=False)
    for name, key, day in of_decision(LAW):
        ask = {"category": key.group} if key.group else {}
        assert after.dated_value(name, day, **ask)._replace(note="") == LAW.dated_value(
            name, day, **ask
        )._replace(note="")


def test_the_decision_s_scenario_changes_only_what_it_names():
    scenario = YAML(typ="safe", pure=True).load(HISTORY.read_text("utf-8"))
    after = LAW.at("2024-12-31").amend(scenario["law"])
    assert {change.name for change in after.changes} == set(scenario["law"])
    assert all(change.old != change.new for change in after.changes)


def test_every_parameter_is_read_by_a_rule_or_says_that_it_is_only_shown():
    root = Path(__file__).parents[1]
    code = "\n".join(p.read_text("utf-8") for f in ("simulate", "scenarios") for p in (root / f).glob("*.py"))
    unread = {name for name in LAW.parameters if not re.search(rf"\b{name}\b", code)}
    shown = {name for name, p in LAW.parameters.items() if "Shown only" in p.note}
    assert unread == shown


def test_nothing_is_adopted_after_the_day_it_was_checked():
    for parameter in LAW.parameters.values():
        for value in parameter.all_values():
            assert value.adopted <= parameter.last_checked, (parameter.name, value)
