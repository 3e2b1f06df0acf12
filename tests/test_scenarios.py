"""Scenario files: what is read, what is refused, how differences combine."""

from __future__ import annotations

import socket
import textwrap

import pytest

from scenarios.scenario import LARGEST_FILE, ScenarioError, combine, library, load_scenario
from simulate.law import load_law

HEAD = """\
title: A test
title_zh: 测试
question: What if?
question_zh: 如果？
source: this test
status: illustration
"""


@pytest.fixture
def write(tmp_path):
    def _write(body: str, name: str = "trial", head: str = HEAD) -> str:
        path = tmp_path / f"{name}.yaml"
        path.write_text(head + textwrap.dedent(body), "utf-8")
        return str(path)

    return _write


def faults(argument) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(argument)
    return [str(fault) for fault in caught.value.faults]


# --------------------------------------------------------------------------- the library


@pytest.mark.parametrize("name", library())
def test_each_scenario_of_the_library_is_read_and_compiles_to_a_law(name):
    scenario = load_scenario(name)
    assert scenario.title != scenario.title_zh
    assert any("\u4e00" <= letter <= "\u9fff" for letter in scenario.title_zh)
    differs = bool(scenario.changes() or scenario.behaviour or scenario.assumptions)
    assert differs == (name != "current-law")


def test_no_two_scenarios_of_the_library_are_the_same_law_and_behaviour():
    read = {name: load_scenario(name) for name in library()}
    found = {(s.compile_law().checksum, repr(s.all_behaviour())) for s in read.values()}
    assert len(found) == len(read)


def test_current_law_is_the_law_itself():
    assert load_scenario("current-law").compile_law().checksum == load_law().checksum


@pytest.mark.parametrize(
    ("name", "parameter", "before", "after"),
    [
        ("lower-floor", "flexible_base_floor_ratio", 0.6, 0.4),
        ("lower-floor-20", "flexible_base_floor_ratio", 0.6, 0.2),
        ("no-floor", "flexible_base_floor_ratio", 0.6, 0),
        ("no-floor", "flexible_base_rule", "tiers", "earnings"),
        ("no-floor-pro-rata", "month_credit_rule", "whole", "pro_rata"),
        ("lower-floor-scaled", "low_index_threshold", 0, 0.6),
        ("platform-cofunding", "flexible_worker_relief_rate", 0, 0.08),
        ("platform-cofunding", "platform_levy_rate", 0, 0.08),
        ("carer-credits", "care_credit_base_ratio", 0, 0.8),
        ("carer-credits", "care_credit_child_months", 0, 36),
        ("carer-credits", "care_credit_parent_months", 0, 24),
    ],
)
def test_a_reform_holds_from_2027_and_not_a_day_before(name, parameter, before, after):
    law = load_scenario(name).compile_law()
    assert law.value(parameter, "2026-12-31") == before
    assert law.value(parameter, "2027-01-01") == after


def test_the_platforms_own_subsidy_is_half_and_nationwide_from_november_2025():
    law = load_scenario("current-practice").compile_law()
    assert law.value("platform_subsidy_share", "2025-10-31") == 0
    assert law.value("platform_subsidy_share", "2025-11-01") == 0.5


def test_a_national_floor_ends_the_floors_of_provinces():
    assert load_law().value("flexible_base_floor_ratio", "2027-01-01", "Guangdong") == 0.52
    law = load_scenario("lower-floor").compile_law()
    assert {law.value("flexible_base_floor_ratio", "2027-01-01", p.name) for p in law.provinces} == {0.4}


def test_a_scenario_on_a_scenario_has_the_differences_of_both():
    law = load_scenario("lower-floor-scaled").compile_law()
    assert law.value("flexible_base_floor_ratio", "2030-01-01") == 0.4
    assert law.value("low_index_threshold", "2030-01-01") == 0.6


# --------------------------------------------------------------------------- combinations


def test_a_combination_has_the_differences_of_its_parts_whatever_their_order():
    parts = ["lower-floor", "platform-cofunding", "carer-credits"]
    both = load_scenario("+".join(parts)).compile_law()
    assert both.checksum == load_scenario("+".join(reversed(parts))).compile_law().checksum
    assert both.value("flexible_base_floor_ratio", "2027-01-01") == 0.4
    assert both.value("platform_levy_rate", "2027-01-01") == 0.08
    assert both.value("care_credit_base_ratio", "2027-01-01") == 0.8


def test_a_combination_with_current_law_is_the_other_part():
    assert load_scenario("current-law+lower-floor").compile_law().checksum == (
        load_scenario("lower-floor").compile_law().checksum
    )


def test_two_parts_may_not_set_the_same_parameter():
    found = faults("lower-floor+lower-floor-20")
    assert (
        "law.flexible_base_floor_ratio: set by lower-floor and by lower-floor-20. Keep one of them" in found
    )
    assert len(found) == 2


def test_a_part_may_not_set_what_the_shared_baseline_sets():
    assert any(
        "set by lower-floor and by lower-floor-20" in f for f in faults("lower-floor-scaled+lower-floor-20")
    )


def test_parts_with_different_baselines_are_refused():
    (found,) = faults("no-floor-pro-rata+lower-floor-scaled")
    assert "no-floor-pro-rata differs from no-floor, lower-floor-scaled differs from lower-floor" in found


def test_a_part_named_twice_is_refused():
    assert "lower-floor stands twice. Name it once" in faults("lower-floor+lower-floor")[0]


def test_combining_objects_equals_combining_names():
    parts = [load_scenario("lower-floor"), load_scenario("carer-credits")]
    assert combine(parts).texts() == load_scenario("lower-floor+carer-credits").texts()


# --------------------------------------------------------------------------- files


def test_both_ways_of_writing_dated_values_are_the_same_law(write):
    short = write("law: {base_cap_ratio: {2030-01-01: 2.5, 2035-01-01: 2}}", "short")
    long = write(
        """\
        law:
          base_cap_ratio:
            - {effective: 2030-01-01, value: 2.5}
            - {effective: 2035-01-01, value: 2}
        """,
        "long",
    )
    assert load_scenario(short).law == load_scenario(long).law


def test_a_value_of_two_provinces_leaves_the_others_alone(write):
    path = write(
        """\
        law:
          base_cap_ratio:
            - {effective: 2030-01-01, value: 2, provinces: [陕西, Beijing]}
        """
    )
    law = load_scenario(path).compile_law()
    values = {p.name: law.value("base_cap_ratio", "2030-01-01", p.name) for p in law.provinces}
    assert values["Shaanxi"] == values["Beijing"] == 2
    assert values["Henan"] == load_law().value("base_cap_ratio", "2030-01-01", "Henan")


def test_the_law_of_an_earlier_date_can_be_the_baseline(write):
    scenario = load_scenario(write("baseline: {law_at: 2024-12-31}\n"))
    assert scenario.baseline == "law at 2024-12-31"
    assert scenario.compile_law().value("minimum_contribution_months", "2045-01-01") == 180
    assert load_law().value("minimum_contribution_months", "2045-01-01") == 240


def test_behaviour_and_assumptions_are_read_and_checked(write):
    path = write(
        """\
        behaviour:
          knowledge_share: {rider: 0.95}
          access_practice_share: {2027-01-01: 1.0}
        assumptions:
          crediting_spread: 0.02
          floor_payer_share: 0.5
        """
    )
    scenario = load_scenario(path)
    assert scenario.behaviour["knowledge_share"] == {"rider": 0.95}
    assert scenario.assumptions["crediting_spread"] == 0.02


def test_a_file_beside_another_can_be_its_baseline(write):
    write("law: {base_cap_ratio: {2030-01-01: 2}}", "first")
    scenario = load_scenario(
        write("baseline: first.yaml\nlaw: {accrual_rate: {2030-01-01: 0.012}}", "second")
    )
    law = scenario.compile_law()
    assert (law.value("base_cap_ratio", "2030-01-01"), law.value("accrual_rate", "2030-01-01")) == (2, 0.012)
    assert list(scenario.texts()) == ["current-law", "first", "second"]


def test_all_faults_of_a_file_are_told_at_once_with_line_and_advice(write):
    path = write(
        """\
        law:
          base_capp: {2030-01-01: 2}
          base_cap_ratio: {2030-01-01: 300}
          accrual_rate: {2030-1-1: 0.01}
          flexible_base_rule: {2030-01-01: earning}
          employee_rate: 0.08
        behavior: {}
        """
    )
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert str(caught.value).splitlines() == [
        f"{path} has 6 problems:",
        "  * line 8, law.base_capp: no such parameter. Did you mean base_cap_ratio?",
        "  * line 9, law.base_cap_ratio, 2030-01-01: 300 is outside 1 to 10 (multiple of reference_wage)."
        " 3 means 300 %.",
        "  * line 10, law.accrual_rate: effective: '2030-1-1' is not a date (YYYY-MM-DD)",
        "  * line 11, law.flexible_base_rule, 2030-01-01: 'earning' is not one of tiers, earnings."
        " Did you mean earnings?",
        "  * line 12, law.employee_rate: 0.08 has no date."
        " Write {YYYY-MM-DD: value} or a list of effective and value",
        "  * line 13, behavior: unknown key. Did you mean behaviour?",
    ]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("law: {base_cap_ratio: {2030-01-01: .nan}}", "nan is not a number"),
        ("law: {base_cap_ratio: {2030-01-01: true}}", "True is not a number"),
        ("law: {base_cap_ratio: {1989-12-31: 3}}", "is before the law of the model, which begins in 1990"),
        (
            "law: {base_cap_ratio: [{effective: 2030-01-01, value: 2, provinces: [Atlantis]}]}",
            "Atlantis is no province",
        ),
        (
            "law: {base_cap_ratio: [{effective: 2030-01-01, value: 2, hukou: rural}]}",
            "does not differ by hukou",
        ),
        (
            "law: {base_cap_ratio: [{effective: 2030-01-01, valeu: 2}]}",
            "unknown key valeu. Did you mean value?",
        ),
        (
            "law: {base_cap_ratio: [{effective: 2030-01-01, value: 2}, {effective: 2030-01-01, value: 3}]}",
            "the same date and scope stand twice",
        ),
        (
            "law:\n  base_cap_ratio: {2030-01-01: 2}\n  base_cap_ratio: {2031-01-01: 2}",
            "this key stands twice",
        ),
        ("law: &a {base_cap_ratio: {2030-01-01: 2}}\nbehaviour: *a", "aliases (*name) are not read"),
        ("law:", "is empty. Leave the heading out"),
        ("law: [1, 2]", "no mapping of names to values"),
        ("status: proposed", "this key stands twice"),
        ("baseline: {law_at: 1980-01-01}", "before the law of the model"),
        ("baseline: {law_on: 2020-01-01}", "Write {law_at: YYYY-MM-DD}"),
        ("baseline: lower-flor", "Did you mean lower-floor?"),
        ("baseline: 7", "neither the name of a scenario nor"),
        ("behaviour: {knowledge_shar: 0.9}", "Did you mean knowledge_share?"),
        ("behaviour: {knowledge_share: 90}", "90 is outside 0 to 1"),
        ("assumptions: {crediting_spread: 7}", "7 is outside"),
        ("assumptions: {wage_growth: {2030-05-01: 0.02}}", "is not a date this can start from"),
        ("warning: careful", "warning and warning_zh go together"),
    ],
)
def test_what_is_wrong_is_told(write, body, told):
    assert any(told in fault for fault in faults(write(body)))


@pytest.mark.parametrize("key", ["title", "title_zh", "question", "question_zh", "source", "status"])
def test_each_line_of_the_head_is_needed(write, key):
    head = "".join(line + "\n" for line in HEAD.splitlines() if not line.startswith(f"{key}:"))
    assert faults(write("law: {base_cap_ratio: {2030-01-01: 2}}", head=head)) == [
        f"line 1: {key} is missing. Write {key}: text"
    ]


def test_an_unknown_status_is_told_with_those_known(write):
    head = HEAD.replace("illustration", "in-force")
    assert "'in-force' is not one of law, proposal, in_force_elsewhere" in faults(write("", head=head))[0]


def test_a_circle_of_baselines_is_told(write):
    (tmp_a, tmp_b) = (write(f"baseline: {other}.yaml", name) for name, other in (("a", "b"), ("b", "a")))
    assert "a.yaml -> b.yaml -> a.yaml runs in a circle" in faults(tmp_a)[0]
    assert "b.yaml -> a.yaml -> b.yaml runs in a circle" in faults(tmp_b)[0]


def test_a_scenario_cannot_be_its_own_baseline(write):
    assert "runs in a circle" in faults(write("baseline: trial.yaml"))[0]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"- 1\n- 2\n", "no mapping of keys to values"),
        (b"title: [unclosed\n", "not valid YAML"),
        ("title: 标题\n".encode("gb18030"), "is not UTF-8 text. Save the file as UTF-8"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "UTF-8"),
        (b"{" * 5_000, "not valid YAML"),
        (b"[" * 100_000, "YAML"),
        (b"x" * (LARGEST_FILE + 1), "A scenario has less than 1 MB"),
        (b"\x00" * 100, "not valid YAML"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path, content, told):
    path = tmp_path / "odd.yaml"
    path.write_bytes(content)
    found = faults(path)
    assert any(told in fault or "nested too deeply" in fault for fault in found)


def test_a_missing_file_or_name_is_told_with_the_nearest_name(tmp_path):
    assert faults(tmp_path / "lower-flor.yaml") == ["no such file. Did you mean lower-floor?"]
    assert faults("lower-flor") == ["no scenario of the library and no YAML file. Did you mean lower-floor?"]
    assert "`flexpension list` names the" in faults("zzz")[0]


def test_a_folder_is_told(tmp_path):
    assert faults(str(tmp_path)) == ["is a folder. Name a YAML file in it"]


def test_a_file_that_cannot_be_opened_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind("plug.yaml")  # nobody, root included, can open a socket as a file
        assert "cannot be read" in faults("plug.yaml")[0]
