"""How the law is read, frozen, amended and described, on a law of three parameters and on the real one."""

from __future__ import annotations

import functools
from datetime import date
from importlib import resources

import pytest

from simulate.law import Law, load_law
from simulate.law_values import LawError, parse_date

SOURCES = """\
old-act: {number: 国发〔1997〕26号, title: Old decision, title_zh: 旧决定, date_adopted: 1997-07-16,
  date_effective: 1998-01-01, issuer: State Council, state: text}
new-act: {number: 国发〔2020〕1号, title: New decision, title_zh: 新决定, date_adopted: 2020-03-01,
  date_effective: 2021-01-01, issuer: State Council, state: secondary}
"""
RATES = """\
flexible_rate:
  title: Rate of flexible workers
  name_zh: 灵活就业人员缴费比例
  unit: share of contribution base
  range: [0, 0.4]
  max_step: 1.3
  last_checked: 2026-11-25
  values:
    - {effective: 1998-01-01, adopted: 1997-07-16, value: 0.18, act: old-act, article: 三, flag: observed}
    - {effective: 2021-01-01, adopted: 2020-03-01, value: 0.2, act: new-act, article: 二, flag: observed}

claim_age:
  title: Age of claim
  name_zh: 领取年龄
  unit: months of age
  range: [480, 900]
  max_step: 1.2
  dimension: category
  last_checked: 2026-11-25
  values:
    - {effective: 1998-01-01, adopted: 1997-07-16, value: 720, category: male,
       act: old-act, article: 一, flag: observed}
    - {effective: 1998-01-01, adopted: 1997-07-16, value: 660, category: female_55,
       act: old-act, article: 一, flag: observed}
    - {effective: 1998-01-01, adopted: 1997-07-16, value: 600, category: female_50,
       act: old-act, article: 一, flag: observed}

wage:
  title: Average wage
  name_zh: 平均工资
  unit: yuan a month
  range: [100, 50000]
  max_step: 1.5
  last_checked: 2026-11-25
  table: wage.csv
"""
WAGE = """\
province,effective,adopted,value,act,article,flag,note
Beijing,2020-01-01,2020-09-30,9000,new-act,,observed,
Beijing,2021-01-01,2021-01-01,9900,new-act,,estimated,"by rule, ten per cent more"
Henan,2020-01-01,2020-01-01,5000,new-act,,estimated,
"""
SHANGHAI = """\
flexible_rate:
  values:
    - {effective: 2005-01-01, adopted: 2005-01-01, value: 0.24, act: old-act, article: "", flag: unconfirmed}
    - {effective: 2022-01-01, adopted: 2022-01-01, value: null, act: new-act, article: "", flag: observed}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "law"
    (root / "provinces").mkdir(parents=True)
    provinces = (resources.files("simulate") / "statutes" / "provinces.csv").read_text("utf-8")
    for name, text in {
        "provinces.csv": provinces,
        "sources.yaml": SOURCES,
        "rates.yaml": RATES,
        "wage.csv": WAGE,
        "provinces/Shanghai.yaml": SHANGHAI,
    }.items():
        (root / name).write_text(text, "utf-8")
    return root


@pytest.fixture
def law(folder) -> Law:
    return load_law(folder)


def message_of(folder) -> str:
    with pytest.raises(LawError) as caught:
        load_law(folder)
    return str(caught.value)


# ---------------------------------------------------------------- questions


def test_a_value_holds_from_its_day_until_the_next(law):
    assert law.value("flexible_rate", "1998-01-01") == 0.18
    assert law.value("flexible_rate", "2020-12-31") == 0.18
    assert law.value("flexible_rate", "2021-01-01") == 0.2


def test_before_the_first_value_there_is_an_error_or_the_default(law):
    with pytest.raises(LawError, match=r"flexible_rate, 1997-12-31.*first value holds from 1998-01-01"):
        law.value("flexible_rate", "1997-12-31")
    assert law.value("flexible_rate", "1997-12-31", default=None) is None


def test_a_province_overrides_the_nation_until_it_gives_the_national_rule_back(law):
    series = [(str(v.effective), v.value) for v in law.series("flexible_rate", "Shanghai")]
    assert series == [("1998-01-01", 0.18), ("2005-01-01", 0.24), ("2022-01-01", 0.2)]
    assert law.value("flexible_rate", "2021-06-01", "Shanghai") == 0.24
    assert law.value("flexible_rate", "2021-06-01", "Henan") == 0.2


@pytest.mark.parametrize("text", ["Inner Mongolia", "inner mongolia", "内蒙古", "内蒙古自治区", "15"])
def test_a_province_is_known_by_english_and_chinese_name_and_code(law, text):
    assert law.province_name(text) == "Inner Mongolia"


def test_shanxi_and_shaanxi_are_two_provinces(law):
    assert (law.province_name("山西"), law.province_name("14")) == ("Shanxi", "Shanxi")
    assert (law.province_name("陕西省"), law.province_name("61")) == ("Shaanxi", "Shaanxi")


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda law: law.value("flexible_rat", "2021-01-01"), "Did you mean flexible_rate"),
        (lambda law: law.value("flexible_rate", "2021-1-1"), "not a date"),
        (lambda law: law.value("flexible_rate", "2021-01-01", "Hunnan"), "Did you mean Hunan"),
        (lambda law: law.value("claim_age", "2021-01-01"), "male, female_55, female_50"),
        (lambda law: law.value("claim_age", "2021-01-01", category="female"), "Did you mean"),
        (
            lambda law: law.value("flexible_rate", "2021-01-01", category="male"),
            "does not differ by category",
        ),
        (lambda law: law.at("soon"), "not a date"),
    ],
)
def test_a_wrong_question_is_answered_with_what_is_allowed(law, ask, message):
    with pytest.raises(LawError, match=message):
        ask(law)


def test_a_date_is_a_day_or_its_text():
    assert parse_date(date(2025, 1, 1)) == parse_date("2025-01-01") == date(2025, 1, 1)


def test_a_law_cannot_be_changed(law):
    with pytest.raises(AttributeError, match="use amend"):
        law.parameters = {}


# ---------------------------------------------------------------- freezing


def test_at_drops_what_takes_effect_later(law):
    assert law.at("2020-12-31").value("flexible_rate", "2030-01-01") == 0.18
    assert law.at("2021-01-01").value("flexible_rate", "2030-01-01") == 0.2


def test_known_keeps_future_steps_already_adopted(law):
    assert law.known("2020-02-29").value("flexible_rate", "2030-01-01") == 0.18
    assert law.known("2020-03-01").value("flexible_rate", "2030-01-01") == 0.2
    assert law.known("2020-03-01").value("flexible_rate", "2020-12-31") == 0.18


def test_who_retires_in_2039_under_today_s_law_meets_the_twenty_years_adopted_in_2024():
    today = load_law()
    assert today.known("2024-09-12").value("minimum_contribution_months", "2039-01-01") == 180
    assert today.known("2024-09-13").value("minimum_contribution_months", "2039-01-01") == 20 * 12
    assert today.at("2029-12-31").value("minimum_contribution_months", "2039-01-01") == 180


# ---------------------------------------------------------------- amending


def test_a_national_change_ends_the_rules_of_provinces_and_leaves_the_past(law):
    amended = law.amend({"flexible_rate": [{"effective": "2021-07-01", "value": 0.16}]})
    assert amended.value("flexible_rate", "2021-07-01", "Shanghai") == 0.16
    assert amended.value("flexible_rate", "2030-01-01", "Shanghai") == 0.16
    assert amended.value("flexible_rate", "2021-06-30", "Shanghai") == 0.24
    assert law.value("flexible_rate", "2021-07-01", "Shanghai") == 0.24


def test_a_change_of_a_province_touches_no_other(law):
    entry = {"effective": "2021-07-01", "value": 0.22, "provinces": ["河南"]}
    amended = law.amend({"flexible_rate": [entry]})
    assert amended.value("flexible_rate", "2022-01-01", "Henan") == 0.22
    assert amended.value("flexible_rate", "2022-01-01", "Hubei") == 0.2
    assert amended.value("flexible_rate", "2022-01-01") == 0.2


def test_a_change_of_one_category_leaves_the_others(law):
    amended = law.amend({"claim_age": [{"effective": "2030-01-01", "value": 780, "category": "male"}]})
    ages = [amended.value("claim_age", "2030-01-01", category=c) for c in ("male", "female_55", "female_50")]
    assert ages == [780, 660, 600]


def test_changes_are_recorded_old_and_new(law):
    amended = law.amend({"flexible_rate": [{"effective": "2021-07-01", "value": 0.16}]})
    recorded = [(c.name, str(c.date), c.province, c.old, c.new) for c in amended.changes]
    assert ("flexible_rate", "2021-07-01", None, 0.2, 0.16) in recorded
    assert ("flexible_rate", "2021-07-01", "Shanghai", 0.24, 0.16) in recorded
    assert all(province in (None, "Shanghai") for _, _, province, _, _ in recorded)


def test_an_empty_difference_is_the_baseline(law):
    assert law.amend({}).checksum == law.checksum
    assert law.amend({}).changes == ()


def test_a_reform_equal_to_the_baseline_changes_no_value(law):
    same = law.amend({"flexible_rate": [{"effective": "2027-01-01", "value": 0.2}]})
    assert all(change.old == change.new for change in same.changes)
    for day in ("1998-01-01", "2021-06-01", "2030-01-01"):
        for province in (None, "Shanghai", "Henan"):
            kept = law.value("flexible_rate", day, province)
            assert same.value("flexible_rate", day, province) == kept


def test_a_parameter_that_follows_another_can_be_cut_loose_by_a_reform():
    floors = {"flexible_base_floor_ratio": [{"effective": "2027-01-01", "value": 0.4}]}
    reform = load_law().amend(floors)
    for province in ("Guangdong", "Henan", "Zhejiang"):
        assert reform.value("flexible_base_floor_ratio", "2027-01-01", province) == 0.4
        before = load_law().value("base_floor_ratio", "2026-12-31", province)
        assert reform.value("flexible_base_floor_ratio", "2026-12-31", province) == before
        assert reform.value("base_floor_ratio", "2027-01-01", province) == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"flexible_rat": [{"effective": "2027-01-01", "value": 0.1}]}, "Did you mean flexible_rate"),
        ({"flexible_rate": [{"effective": "2027-01-01", "value": 20}]}, r"0.2 means 20 %"),
        ({"flexible_rate": [{"effective": "2027-13-01", "value": 0.1}]}, "flexible_rate"),
        ({"flexible_rate": [{"effective": "2027-01-01", "value": "a"}]}, "not a number"),
        ({"flexible_rate": [{"effective": "2027-01-01", "value": float("nan")}]}, "not a number"),
        ({"flexible_rate": [{"effective": "2027-01-01", "value": None}]}, "not a number"),
        ({"flexible_rate": [{"effective": "2027-01-01", "valeu": 0.1}]}, "Did you mean value"),
        ({"flexible_rate": [{"value": 0.1}]}, "missing effective"),
        ({"flexible_rate": []}, "no list of dated values"),
        ({"flexible_rate": [{"effective": "2027-01-01", "value": 0.1, "province": "Henn"}]}, "Henan"),
        ({"flexible_rate": [{"effective": "2027-01-01", "value": 0.1, "act": "none"}]}, "sources.yaml"),
        ({"flexible_rate": [{"effective": "2027-01-01", "value": 0.1}] * 2}, "stand twice"),
        ([], "no mapping"),
    ],
)
def test_a_faulty_amendment_is_told_with_parameter_date_and_what_is_allowed(law, changes, message):
    with pytest.raises(LawError, match=message):
        law.amend(changes, "reform.yaml")


def test_all_faults_of_an_amendment_are_told_at_once(law):
    wrong = [{"effective": "2027-01-01", "value": 20}, {"effective": "2028-01-01", "value": -1}]
    with pytest.raises(LawError) as caught:
        law.amend({"flexible_rate": wrong, "nothing": wrong}, "reform.yaml")
    assert len(caught.value.faults) == 3
    assert str(caught.value).startswith("reform.yaml has 3 problems:")


# ---------------------------------------------------------------- describing


def test_describe_tells_the_values_with_their_acts(law):
    known = law.describe("flexible_rate")
    assert known["name_zh"] == "灵活就业人员缴费比例"
    assert known["values"][0]["number"] == "国发〔1997〕26号"
    assert known["values"][0]["act_title_zh"] == "旧决定"
    assert known["provinces_with_value"] == 1


def test_describe_counts_provinces_with_a_sourced_value_of_their_own(law):
    assert law.describe("wage")["provinces_sourced"] == 1  # Beijing observed; Henan estimated
    assert law.describe("wage")["provinces_with_value"] == 2
    assert law.describe("flexible_rate")["provinces_sourced"] == 1  # Shanghai, unconfirmed
    assert law.describe("claim_age")["provinces_sourced"] == 31  # the nation's, observed


def test_the_audit_counts_flags_and_citations(law):
    audit = law.audit()
    assert audit["share_cited"] == 1.0
    assert audit["by_flag"] == {"observed": 7, "estimated": 2, "unconfirmed": 1, "projected": 0}
    assert audit["share_by_flag"] == {"observed": 0.7, "estimated": 0.2, "unconfirmed": 0.1, "projected": 0.0}
    assert sum(audit["share_by_state"].values()) == pytest.approx(1)
    assert next(iter(audit["last_checked"])) == audit["oldest_last_checked"]
    named = [name for names in audit["last_checked"].values() for name in names]
    assert sorted(named) == sorted(law.parameters)
    assert audit["jumps"] == ["flexible_rate, Shanghai, 2005-01-01: 0.18 -> 0.24 is more than the factor 1.3"]


def test_a_listed_jump_is_explained(folder):
    text = RATES.replace(
        "  max_step: 1.3\n", '  max_step: 1.3\n  jumps: [{date: "2005", reason: Own rate}]\n'
    )
    (folder / "rates.yaml").write_text(text, "utf-8")
    assert load_law(folder).audit()["jumps"] == []


def test_the_checksum_follows_values_and_not_layout(folder, law):
    moved = RATES.replace("    - {effective: 2021-01-01", "\n    # a comment\n    - {effective: 2021-01-01")
    (folder / "rates.yaml").write_text(moved, "utf-8")
    assert load_law(folder).checksum == law.checksum
    (folder / "rates.yaml").write_text(RATES.replace("value: 0.2,", "value: 0.21,"), "utf-8")
    assert load_law(folder).checksum != law.checksum


# ---------------------------------------------------------------- faults of files


def replaced(name: str, old: str, new: str):
    def spoil(folder):
        path = folder / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return spoil


in_rates = functools.partial(replaced, "rates.yaml")
in_wage = functools.partial(replaced, "wage.csv")


def removed(name: str):
    return lambda folder: (folder / name).unlink()


def written(name: str, content: bytes):
    return lambda folder: (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (
            in_rates("  unit: share", "  title: Again\n  unit: share"),
            ["rates.yaml, line 4, title", "stands twice"],
        ),
        (
            in_rates("value: 0.18, act: old-act", "value: 0.18, act: old-akt"),
            ["line 9", "old-akt", "old-act"],
        ),
        (in_rates("value: 0.18", "value: 18"), ["line 9", "18 is outside 0 to 0.4", "0.18 means 18 %"]),
        (in_rates("value: 0.18", "value: .nan"), ["line 9", "not a number"]),
        (in_rates("effective: 1998-01-01", "effective: 1998-02-30"), ["line 9", "effective"]),
        (in_rates("effective: 2021-01-01", "effective: 1998-01-01"), ["line 10", "date stands twice"]),
        (in_rates(", flag: observed}", ", flag: sure}"), ["line 9", "observed, estimated"]),
        (in_rates("article: 三, ", ""), ["line 9", "missing article"]),
        (in_rates("article: 三, ", "artikel: 三, article: 三, "), ["line 9", "Did you mean article"]),
        (in_rates("category: male", "category: mail"), ["line 21", "Did you mean male"]),
        (in_rates("  name_zh: 平均工资\n", ""), ["wage", "missing name_zh"]),
        (in_rates("range: [0, 0.4]", "range: [0.4, 0]"), ["line 1", "range"]),
        (in_rates("  max_step: 1.3\n", ""), ["line 1", "missing max_step"]),
        (in_rates("  max_step: 1.3\n", "  max_step: 1.3\n  jumps: [2005]\n"), ["line 1", "jumps"]),
        (in_rates("table: wage.csv", "table: wages.csv"), ["wages.csv is missing", "wage.csv"]),
        (in_rates("  values:\n", "  values: 3\n  choices:\n"), ["line 1", "values is no list"]),
        (in_rates("flexible_rate:", "flexible_rate: [:"), ["rates.yaml", "not valid YAML"]),
        (in_rates("dimension: category", "dimension: [category]"), ["dimension", "not one of"]),
        (in_wage("Henan", "Hennan"), ["wage.csv, line 4", "Did you mean Henan"]),
        (in_wage("9000", "9,000"), ["wage.csv, line 2", "columns"]),
        (in_wage("9000", "nine"), ["wage.csv, line 2", "'nine' is not a number"]),
        (in_wage("province,", "provinz,"), ["wage.csv, line 1", "provinz"]),
        (in_wage(",flag,", ",flags,"), ["wage.csv, line 1", "flags", "flag"]),
        (replaced("provinces.csv", "name_zh", "chinese"), ["provinces.csv, line 1", "name_zh"]),
        (
            replaced("sources.yaml", "state: text", "state: read"),
            ["sources.yaml, line 1", "text, secondary, recalled"],
        ),
        (
            replaced("sources.yaml", "issuer: State Council, state: text", "state: text"),
            ["line 1", "missing issuer"],
        ),
        (
            replaced("provinces/Shanghai.yaml", "flexible_rate", "flexible_rates"),
            ["provinces/Shanghai.yaml, line 1", "Did you mean flexible_rate"],
        ),
        (
            replaced("provinces/Shanghai.yaml", "value: 0.24", "province: Henan, value: 0.24"),
            ["line 3", "Remove it"],
        ),
        (written("provinces/Shangri.yaml", SHANGHAI.encode()), ["Shangri is no province", "Shanghai"]),
        (
            written("rates.yaml", "flexible_rate: {title: 缴费}".encode("gbk")),
            ["rates.yaml, line 1", "UTF-8"],
        ),
        (written("wage.csv", WAGE.encode("utf-16")), ["wage.csv, line 1", "UTF-8"]),
        (written("rates.yaml", b""), ["rates.yaml, line 1", "empty"]),
        (written("more.yaml", RATES.encode()), ["flexible_rate", "already defined in more.yaml"]),
        (removed("sources.yaml"), ["sources.yaml", "missing"]),
        (removed("provinces.csv"), ["provinces.csv", "missing"]),
        (removed("wage.csv"), ["wage.csv is missing"]),
    ],
)
def test_a_fault_of_a_law_file_is_told_with_file_line_and_what_is_allowed(folder, spoil, found):
    spoil(folder)
    message = message_of(folder)
    for part in found:
        assert part in message


def test_all_faults_of_all_files_are_told_at_once(folder):
    in_rates("value: 0.18", "value: 18")(folder)
    in_wage("Henan", "Hennan")(folder)
    message = message_of(folder)
    assert "rates.yaml, line 9" in message
    assert "wage.csv, line 4" in message
    assert message.startswith(f"{folder} has 2 problems")


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(LawError, match="no such folder"):
        load_law(tmp_path / "nowhere")
