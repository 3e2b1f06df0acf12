"""Suites: expected numbers that are guarded, told in standard errors, with what changed since."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scenarios import cli, compare
from scenarios.suite import SuiteError, load_suite, run_suite, update

HEAD = """\
title: Small
title_zh: 小
scenarios: [lower-floor]
persons: 200
seed: 1
"""
ROW = "  - {indicator: new_joiners, scenario: lower-floor, value: %s, standard_error: 0.02}\n"


@pytest.fixture(scope="module")
def joiners() -> float:
    rows = compare(["lower-floor"], persons=200, by=(), indicators=["new_joiners"]).rows()
    return rows[1]["value"]


def _suite(folder: Path, expected: str, head: str = HEAD) -> Path:
    path = folder / "small.yaml"
    path.write_text(f"{head}expected:\n{expected}", "utf-8")
    return path


def _run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["flexpension", *map(str, arguments)])
    with pytest.raises(SystemExit) as leaving:
        cli.main()
    out, err = capsys.readouterr()
    return leaving.value.code or 0, out, err


def test_the_headline_numbers_of_this_project_hold():
    report = run_suite(load_suite("headline"))
    assert [(o.expected, o.found) for o in report.outcomes if not o.holds] == []


def test_a_number_that_moved_is_told_in_standard_errors(tmp_path, joiners):
    path = _suite(tmp_path, ROW % (joiners - 0.062))
    (outcome,) = run_suite(load_suite(path)).outcomes
    assert outcome.gap == pytest.approx(0.062)
    assert outcome.gap_in_errors == pytest.approx(0.062 / 0.02)
    assert not outcome.holds


@pytest.mark.parametrize(
    ("tolerances", "holds"),
    [
        ("", False),  # 1.5 standard errors off, one is allowed where nothing is said
        ("tolerance_se: 2\n", True),
        ("tolerance_se: 1.4\n", False),
        ("tolerance: 0.031\n", True),
        ("tolerance: 0.029\n", False),
        ("tolerance_se: 0\ntolerance: 0.031\n", True),
    ],
)
def test_a_number_holds_within_either_tolerance(tmp_path, joiners, tolerances, holds):
    path = _suite(tmp_path, ROW % (joiners - 0.030), HEAD + tolerances)
    assert run_suite(load_suite(path)).good == holds


def test_the_tolerance_of_a_row_goes_before_that_of_the_suite(tmp_path, joiners):
    row = (ROW % (joiners - 0.030)).replace("}", ", tolerance_se: 0.1}")
    assert not run_suite(load_suite(_suite(tmp_path, row, HEAD + "tolerance_se: 9\n"))).good


def test_update_writes_what_was_found_with_the_reason_and_keeps_comments(tmp_path, joiners):
    path = _suite(tmp_path, "  # who joins\n" + ROW % 0)
    update(run_suite(load_suite(path)), "the first record")
    text = path.read_text("utf-8")
    assert "# who joins" in text
    assert "reason: the first record" in text
    report = run_suite(load_suite(path))
    assert report.good
    assert report.outcomes[0].expected.value == joiners
    assert report.changed == []


def test_what_changed_since_is_named_by_kind(tmp_path):
    path = _suite(tmp_path, ROW % 0)
    suite = load_suite(path)
    update(run_suite(suite), "the first record")
    stored = json.loads(suite.stored_path.read_text("utf-8"))
    stored["law"]["accrual_rate"] = stored["scenario"]["lower-floor"] = "other"
    stored["evidence"]["fitted/2026/behaviour.yaml"] = "gone"
    stored["version"]["flexpension"] = "0.0.9"
    suite.stored_path.write_text(json.dumps(stored), "utf-8")
    assert run_suite(load_suite(path)).changed == [
        "version flexpension",
        "law accrual_rate",
        "evidence fitted/2026/behaviour.yaml",
        "scenario lower-floor",
    ]


def test_a_scenario_file_beside_the_suite_is_found(tmp_path):
    text = "title: T\ntitle_zh: 测\nquestion: Q\nquestion_zh: 问\nsource: S\nstatus: illustration\n"
    (tmp_path / "mine.yaml").write_text(text, "utf-8")
    head = HEAD.replace("lower-floor", "mine.yaml")
    row = "  - {indicator: new_joiners, scenario: mine, measure: difference, value: 0}\n"
    assert run_suite(load_suite(_suite(tmp_path, row, head))).good


def test_groups_that_rows_name_are_computed(tmp_path):
    row = (
        "  - {indicator: new_joiners, scenario: lower-floor, group: {sex: female}, value: 0, tolerance: 1}\n"
    )
    (outcome,) = run_suite(load_suite(_suite(tmp_path, row))).outcomes
    assert outcome.holds
    assert 0 < outcome.found < 1


def test_a_cell_of_few_people_fails_with_its_reason(tmp_path):
    row = "  - {indicator: new_joiners, scenario: lower-floor, group: {province: Tibet}, value: 0}\n"
    report = run_suite(load_suite(_suite(tmp_path, row)))
    assert not report.good
    assert report.outcomes[0].reason in ("fewer than 30 people", "nobody is in this group")
    with pytest.raises(SuiteError, match="has no value"):
        update(report, "never")


# --------------------------------------------------------------------------- the verb


def test_the_verb_leaves_with_1_where_a_number_moved_and_0_otherwise(tmp_path, joiners, monkeypatch, capsys):
    path = _suite(tmp_path, ROW % (joiners - 0.062))
    code, out, _ = _run(monkeypatch, capsys, "suite", path)
    assert code == 1
    assert "moved by +6.20, 3.1 standard errors" in out
    code, out, err = _run(monkeypatch, capsys, "suite", path, "--update", "--reason", "a better floor")
    assert code == 0
    assert f"written to {path}" in err
    code, out, _ = _run(monkeypatch, capsys, "suite", path)
    assert code == 0
    assert "law, evidence, code and scenario texts are those of the stored expectations" in out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_format_tells_the_gap(tmp_path, joiners, monkeypatch, capsys, lang):
    path = _suite(tmp_path, ROW % (joiners - 0.062))
    told = json.loads(_run(monkeypatch, capsys, "suite", path, "--format", "json")[1])
    assert told["good"] is False
    assert told["rows"][0]["gap_in_standard_errors"] == pytest.approx(3.1)
    markdown = _run(monkeypatch, capsys, "suite", path, "--format", "markdown", "--lang", lang)[1]
    assert re.search(r"\| .*\+6\.20.*3\.1.* \|", markdown)
    tree = ElementTree.fromstring(_run(monkeypatch, capsys, "suite", path, "--format", "junit")[1])
    assert tree.attrib == {"tests": "1", "failures": "1"}
    assert "3.1 standard errors" in tree.find("./testsuite/testcase/failure").attrib["message"]


def test_the_plain_workflow_passes_the_exit_code_on(tmp_path, joiners):
    script = Path(__file__).parents[1] / "scenarios" / "suites" / "workflows" / "guard.sh"
    place = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for value, code in ((joiners, 0), (joiners - 0.062, 1)):
        command = ["sh", script, _suite(tmp_path, ROW % value), tmp_path / "out"]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **place})
        assert done.returncode == code
        assert ElementTree.parse(tmp_path / "out" / "suite.xml").getroot().attrib["failures"] == str(code)


def test_the_hosted_workflow_runs_the_shipped_suite():
    from simulate.strict_yaml import read_yaml

    root = Path(__file__).parents[1]
    text = (root / "scenarios" / "suites" / "workflows" / "guard.yml").read_text("utf-8")
    steps = read_yaml(text).data["jobs"]["suite"]["steps"]
    named = re.findall(r"flexpension suite (\S+)", " ".join(step.get("run", "") for step in steps))
    assert len(named) == 2
    assert all((root / name).is_file() for name in named)


# --------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no suite. It has title"),
        ("title: [", "not valid YAML"),
        (HEAD, "expected is missing"),
        (HEAD + "expected: []\n", "a list of expected numbers is wanted"),
        (
            HEAD + "expected:\n" + (ROW % 0).replace("new_joiners", "new_joinerss"),
            "Did you mean new_joiners?",
        ),
        (HEAD + "expected:\n" + ROW % "many", "'many' is no number"),
        (HEAD + "expected:\n" + (ROW % 0).replace("lower-floor", "lower-flor"), "Did you mean lower-floor?"),
        (HEAD + "expected:\n" + (ROW % 0).replace("}", ", group: {sexx: male}}"), "Did you mean sex?"),
        (HEAD + "expected:\n" + (ROW % 0).replace("}", ", group: {sex: mail}}"), "Did you mean male?"),
        (HEAD + "expected:\n" + (ROW % 0).replace("}", ", tolerance: -1}"), "no number of at least 0"),
        (HEAD + "expected:\n" + (ROW % 0).replace("}", ", measur: value}"), "Did you mean measure?"),
        (HEAD + "by: sex\nexpected:\n" + ROW % 0, "a list of dimensions is wanted"),
        (HEAD + "person: 3\nexpected:\n" + ROW % 0, "Did you mean persons?"),
        (HEAD.replace("200", "0") + "expected:\n" + ROW % 0, "no whole number from 1"),
        (
            HEAD.replace("[lower-floor]", "[lower-flor]") + "expected:\n" + ROW % 0,
            "Did you mean lower-floor?",
        ),
    ],
)
def test_a_wrong_suite_gets_one_message_and_exit_2(tmp_path, monkeypatch, capsys, text, told):
    path = tmp_path / "wrong.yaml"
    path.write_text(text, "utf-8")
    code, out, err = _run(monkeypatch, capsys, "suite", path)
    assert code == 2
    assert told in err
    assert out == ""


def test_a_missing_suite_and_an_update_without_reason_are_refused(tmp_path, monkeypatch, capsys):
    assert "cannot be read" in _run(monkeypatch, capsys, "suite", tmp_path / "none.yaml")[2]
    path = _suite(tmp_path, ROW % 0)
    code, _, err = _run(monkeypatch, capsys, "suite", path, "--update")
    assert code == 2
    assert "--update and --reason TEXT go together" in err
    path.with_suffix(".stored.json").write_text("[]", "utf-8")
    code, _, err = _run(monkeypatch, capsys, "suite", path)
    assert code == 2
    assert "--update --reason TEXT" in err


def test_the_suite_of_the_readme_is_read(tmp_path):
    readme = (Path(__file__).parents[1] / "scenarios" / "suites" / "README.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "suite.yaml").write_text(text.replace("mine.yaml", "carer-credits"), "utf-8")
    (row,) = load_suite(tmp_path / "suite.yaml").expected
    assert (row.measure, row.tolerance_se, row.tolerance) == ("difference", 2, 0.001)


def test_many_changes_are_counted_in_the_line_and_all_named_in_json(tmp_path, monkeypatch, capsys):
    path = _suite(tmp_path, ROW % 0)
    suite = load_suite(path)
    update(run_suite(suite), "the first record")
    stored = json.loads(suite.stored_path.read_text("utf-8"))
    stored["law"] = dict.fromkeys(stored["law"], "other")
    suite.stored_path.write_text(json.dumps(stored), "utf-8")
    out = _run(monkeypatch, capsys, "suite", path)[1]
    assert f"and {len(stored['law']) - 8} more" in out
    told = json.loads(_run(monkeypatch, capsys, "suite", path, "--format", "json")[1])
    assert len(told["changed"]) == len(stored["law"])
