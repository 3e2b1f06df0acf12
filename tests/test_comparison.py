"""Comparisons: rows, formats, bands, kept runs, and what identical reforms must give."""

from __future__ import annotations

import csv
import io
import json
import re

import numpy as np
import pytest

from scenarios import compare, load_scenario
from scenarios.check import baseline_of, touched
from scenarios.comparison_tables import markdown, terminal
from scenarios.options import parse_by
from scenarios.scenario import ScenarioError, compile_case, library
from scenarios.store import StoreError, keep_run, load_run
from simulate.indicators import INDICATORS

PERSONS = 400
HEAD = "title: T\ntitle_zh: 测\nquestion: Q\nquestion_zh: 问\nsource: S\nstatus: illustration\n"
FEW = (
    "pension_to_average_wage",
    "median_monthly_pension",
    "gender_pension_gap",
    "new_joiners",
    "contribution_months",
)


@pytest.fixture(scope="module")
def comparison():
    return compare(
        ["lower-floor", "platform-cofunding"],
        persons=PERSONS,
        by=["exposure", "sex", "sex,form"],
        indicators=FEW,
        band=True,
    )


def test_the_rows_are_those_that_the_contract_names(comparison):
    told = json.loads(comparison.to_json())
    assert {"schema_version", "run_id", "persons", "seed", "baseline", "scenarios", "rows"} <= set(told)
    assert told["scenarios"] == ["current-law", "lower-floor", "platform-cofunding"]
    assert told["baseline"] == "current-law"
    row = told["rows"][0]
    assert row["group"] == {}
    assert {
        *("indicator", "unit", "scenario", "group", "value", "standard_error", "ci95"),
        *("difference", "difference_se", "difference_ci95", "low", "high"),
    } <= set(row)
    assert row["ci95"][0] < row["value"] < row["ci95"][1]


def test_rows_come_for_the_total_and_every_grouping_asked_for(comparison):
    dimensions = {tuple(row["group"]) for row in comparison.rows()}
    assert dimensions == {(), ("exposure",), ("sex",), ("sex", "form")}


def test_differences_of_the_baseline_are_exactly_nothing(comparison):
    for row in comparison.rows():
        if row["scenario"] == "current-law" and row["value"] is not None:
            assert row["difference"] == 0
            assert row["difference_se"] in (0, None)


def test_a_difference_is_the_value_less_that_of_the_baseline(comparison):
    rows = comparison.rows()
    base = {(r["indicator"], str(r["group"])): r["value"] for r in rows if r["scenario"] == "current-law"}
    told = [r for r in rows if r["value"] is not None]
    assert len(told) > 50
    for row in told:
        assert row["difference"] == pytest.approx(
            row["value"] - base[row["indicator"], str(row["group"])], abs=1e-9
        )


def test_what_cannot_be_told_is_null_with_a_reason(comparison):
    hidden = [row for row in comparison.rows() if row["value"] is None]
    assert hidden
    assert all(row["reason"] and row["ci95"] == [None, None] for row in hidden)
    assert {row["reason"] for row in hidden} >= {"fewer than 30 people"}


def test_low_and_high_enclose_the_value_and_differ(comparison):
    rows = [row for row in comparison.rows() if row["low"] is not None]
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows)
    assert all(row["difference_low"] <= row["difference"] <= row["difference_high"] for row in rows)
    (joiners,) = (
        r for r in rows if (r["indicator"], r["scenario"], r["group"]) == ("new_joiners", "lower-floor", {})
    )
    assert joiners["low"] < joiners["high"]


def test_csv_holds_the_same_numbers_as_the_rows(comparison):
    told = list(csv.DictReader(io.StringIO(comparison.to_csv())))
    rows = comparison.rows()
    assert len(told) == len(rows)
    for line, row in zip(told, rows, strict=True):
        assert line["value"] == ("" if row["value"] is None else repr(row["value"]))
        assert line["ci_high"] == ("" if row["ci95"][1] is None else repr(row["ci95"][1]))
        assert {k: line[k] for k in row["group"]} == row["group"]


def test_markdown_and_terminal_tables_exist_in_both_languages(comparison):
    english, chinese = markdown(comparison, "en"), markdown(comparison, "zh")
    assert "Pension at 65 to average wage, fully exposed cohorts (born 2000-2010)" in english
    assert "65岁时养老金与社平工资之比" in chinese
    assert english.count("\n|") == chinese.count("\n|")
    assert comparison.run_id in english
    assert comparison.run_id in chinese
    assert len(terminal(comparison, "en")) == len(terminal(comparison, "zh"))


def test_the_run_id_depends_on_the_inputs_alone():
    options = {"persons": 60, "by": (), "indicators": FEW[:1]}
    first = compare(["lower-floor"], **options)
    assert compare(["lower-floor"], threads=1, **options).run_id == first.run_id
    assert compare(["lower-floor"], seed=2, **options).run_id != first.run_id
    assert compare(["lower-floor"], behaviour="static", **options).run_id != first.run_id
    assert compare(["lower-floor-20"], **options).run_id != first.run_id


def test_the_numbers_are_bitwise_equal_for_one_and_two_threads():
    one, two = (compare(["lower-floor"], persons=300, threads=n).dataset for n in (1, 2))
    assert one.identical(two)


def test_a_reform_that_changes_nothing_gives_differences_of_exactly_nothing(tmp_path):
    path = tmp_path / "same.yaml"
    path.write_text(HEAD + "law: {employee_rate: {2027-01-01: 0.08}}\n", "utf-8")
    data = compare([str(path)], persons=200, by=()).dataset.sel(scenario="same")
    assert (data["difference"].fillna(0) == 0).all()
    assert (data["difference_se"].fillna(0) == 0).all()


def test_a_reform_after_the_horizon_gives_differences_of_exactly_nothing(tmp_path):
    path = tmp_path / "late.yaml"
    path.write_text(HEAD + "law: {flexible_base_floor_ratio: {2101-01-01: 0.2}}\n", "utf-8")
    data = compare([str(path)], persons=200, by=()).dataset.sel(scenario="late")
    assert (data["difference"].fillna(0) == 0).all()


def test_under_static_behaviour_cofunding_changes_no_pension():
    data = compare(["platform-cofunding"], persons=PERSONS, behaviour="static", by=()).dataset
    reform = data.sel(scenario="platform-cofunding")
    for name in ("pension_to_average_wage", "median_monthly_pension", "contribution_months", "new_joiners"):
        assert float(reform["difference"].sel(indicator=name).item()) == 0
    assert float(reform["difference"].sel(indicator="present_value_paid_by_platform").item()) > 0


def test_a_part_that_would_draw_other_lives_is_told_beside_every_table(tmp_path):
    told = {}
    for name, body in (("lives", "{exit_hazard: 0.01}"), ("gates", "{knowledge_share: 1.0}")):
        path = tmp_path / f"{name}.yaml"
        path.write_text(HEAD + f"behaviour: {body}\n", "utf-8")
        told[name] = compare([str(path)], persons=60, by=(), indicators=FEW[:1])
    assert told["gates"].inputs["warnings"] == {}
    assert "it changes how lives are drawn" in markdown(told["lives"])


def test_any_scenario_can_be_the_baseline():
    turned = compare(
        ["current-law"], baseline="lower-floor", persons=200, by=(), indicators=["contribution_months"]
    )
    straight = compare(["lower-floor"], persons=200, by=(), indicators=["contribution_months"])
    assert float(turned.dataset["difference"].sel(scenario="current-law").item()) == pytest.approx(
        -float(straight.dataset["difference"].sel(scenario="lower-floor").item())
    )


def test_a_scenario_object_and_its_name_give_the_same_run():
    options = {"persons": 60, "by": (), "indicators": FEW[:1]}
    assert (
        compare([load_scenario("lower-floor")], **options).run_id == compare("lower-floor", **options).run_id
    )


def test_all_indicators_are_computed_without_a_choice():
    data = compare([], persons=60, by=()).dataset
    assert list(data["indicator"].values) == list(INDICATORS)


def test_progress_grows_to_the_number_of_all_people():
    seen = []
    compare([], persons=300, by=(), band=True, progress=lambda done, total: seen.append((done, total)))
    done, totals = zip(*seen, strict=True)
    assert list(done) == sorted(done)
    assert done[-1] == totals[-1] == 300 + 5 * 300
    assert len(set(totals)) == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"scenarios": ["lower-flor"]}, "Did you mean lower-floor?"),
        ({"scenarios": ["lower-flor", "carer-credit"]}, "has 2 problems"),
        ({"by": ["sexx"]}, "by sexx: no such dimension. Did you mean sex?"),
        ({"by": ["sex,sex"]}, "names a dimension twice"),
        ({"indicators": ["gini"]}, "Did you mean gini_pension?"),
        ({"indicators": []}, "names none"),
        ({"persons": 0}, "persons: 0 is no whole number from 1"),
        ({"persons": 2.5}, "persons: 2.5 is no whole number"),
        ({"seed": -1}, "seed: -1 is no whole number"),
        ({"threads": 0}, "threads: 0 is no whole number"),
        ({"economy": "hi"}, "'hi' is not one of low, central, high"),
        ({"behaviour": "value_for_mony"}, "Did you mean value_for_money?"),
    ],
)
def test_wrong_arguments_are_told_before_any_run(options, told):
    arguments = {"scenarios": [], "persons": 60} | options
    with pytest.raises(ScenarioError) as caught:
        compare(**arguments)
    assert told in str(caught.value)


def test_two_files_of_one_name_are_refused(tmp_path):
    path = tmp_path / "lower-floor.yaml"
    path.write_text(HEAD + "law: {employee_rate: {2027-01-01: 0.07}}\n", "utf-8")
    with pytest.raises(ScenarioError, match=r"have the same name\. Rename one of the files"):
        compare(["lower-floor", str(path)], persons=60)


def test_groupings_are_read_as_written():
    assert parse_by(["sex", "sex, form", "sex"]) == ((), ("sex",), ("sex", "form"))


# --------------------------------------------------------------------------- kept runs


def test_a_kept_run_is_read_back_as_it_was(comparison, tmp_path):
    keep_run(comparison, tmp_path / "kept", command="flexpension compare")
    again = load_run(tmp_path / "kept")
    assert again.to_json() == comparison.to_json()
    assert again.texts == comparison.texts
    manifest = json.loads((tmp_path / "kept" / "manifest.json").read_text("utf-8"))
    assert {"versions", "law_checksum", "evidence_checksum", "seed", "command", "run_id"} <= set(manifest)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["kept"]
    assert (tmp_path / "kept" / "scenarios" / "lower-floor.yaml").read_text("utf-8") == comparison.texts[
        "lower-floor"
    ]


def test_a_kept_run_is_replaced_only_when_asked(comparison, tmp_path):
    target = tmp_path / "kept"
    keep_run(comparison, target)
    (target / "results.csv").write_text("spoilt", "utf-8")
    with pytest.raises(StoreError, match=r"exists\. Name another folder, or replace it with --force"):
        keep_run(comparison, target)
    with pytest.raises(StoreError, match=r"results\.csv: was changed after the run"):
        load_run(target)
    keep_run(comparison, target, force=True)
    assert np.array_equal(load_run(target).dataset["persons"], comparison.dataset["persons"])


def test_a_folder_of_something_else_is_never_replaced(comparison, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", "utf-8")
    with pytest.raises(StoreError, match=r"is no kept run\. Name another folder"):
        keep_run(comparison, tmp_path / "mine", force=True)
    assert (tmp_path / "mine" / "letter.txt").read_text("utf-8") == "dear"


def test_nothing_is_left_behind_when_writing_fails(comparison, tmp_path, monkeypatch):
    def fail(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scenarios.store._sha256", fail)
    with pytest.raises(StoreError, match="No space left on device"):
        keep_run(comparison, tmp_path / "kept")
    assert list(tmp_path.iterdir()) == []


def test_a_place_below_a_file_is_refused(comparison, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(StoreError, match="cannot be written"):
        keep_run(comparison, tmp_path / "file" / "kept")


def test_a_folder_without_manifest_is_no_kept_run(tmp_path):
    with pytest.raises(StoreError, match="is no kept run"):
        load_run(tmp_path)


# --------------------------------------------------------------------------- report


def test_the_report_is_one_file_with_tables_chart_and_run_id(comparison, tmp_path):
    from scenarios.report import write_report

    for lang in ("en", "zh"):
        text = write_report(comparison, tmp_path / f"{lang}.html", lang).read_text("utf-8")
        assert f'<html lang="{lang}">' in text
        assert text.split("<script")[0].count("<svg") == 2  # one chart, in two languages
        assert comparison.run_id in text
        assert text.count("<main ") == 2
        for scenario in comparison.scenarios:
            assert scenario.title in text
            assert scenario.title_zh in text
        assert not re.search(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", text.split("<script>")[0])
        assert "default-src 'none'" in text


def test_a_report_of_an_older_law_says_so(comparison):
    from dataclasses import replace

    from scenarios.report import render

    told = "The law of this installation is no longer that of the run"
    assert told not in render(comparison)
    older = replace(comparison, inputs={**comparison.inputs, "law_checksum": "another"})
    assert told in render(older)


def test_the_report_escapes_what_a_scenario_says(tmp_path):
    from scenarios.report import write_report

    path = tmp_path / "odd.yaml"
    path.write_text(HEAD.replace("title: T", "title: <script>alert(1)</script>"), "utf-8")
    result = compare([str(path)], persons=60, by=(), indicators=FEW[:1])
    assert "<script>alert" not in write_report(result, tmp_path / "r.html").read_text("utf-8")


def test_a_report_replaces_only_a_report(comparison, tmp_path):
    from scenarios.report import write_report

    path = tmp_path / "page.html"
    path.write_text("mine", "utf-8")
    with pytest.raises(StoreError, match="exists and is no report"):
        write_report(comparison, path)
    write_report(comparison, path, force=True)
    write_report(comparison, path)


# --------------------------------------------------------------------------- the library at work


@pytest.mark.parametrize("name", [name for name in library() if name != "current-law"])
def test_each_reform_of_the_library_touches_someone_against_its_own_baseline(name):
    scenario = load_scenario(name)
    share, _ = touched(compile_case(baseline_of(scenario)), compile_case(scenario), persons=300, seed=1)
    assert share > 0


def test_the_three_reforms_run_together():
    name = "lower-floor+platform-cofunding+carer-credits"
    data = compare([name], persons=300, by=()).dataset["difference"].sel(scenario=name)
    for indicator in ("new_joiners", "present_value_paid_by_platform", "credit_months"):
        assert data.sel(indicator=indicator).item() > 0


@pytest.mark.parametrize("behaviour", ["static", "value_for_money"])
def test_other_variants_of_behaviour_run(behaviour):
    data = compare(["no-floor"], persons=200, by=(), behaviour=behaviour).dataset
    joiners = data["difference"].sel(scenario="no-floor", indicator="new_joiners").item()
    assert (joiners == 0) == (behaviour == "static")
