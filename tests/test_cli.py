"""The command line: verbs, streams, exit codes, and one clear message for every kind of bad input."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios import cli
from scenarios.commands.shared_options import FORMATS

HEAD = "title: T\ntitle_zh: 测\nquestion: Q\nquestion_zh: 问\nsource: S\nstatus: illustration\n"


@pytest.fixture
def flexpension(monkeypatch, capsys, tmp_path):
    """Run a command line in this process and an empty folder: (exit code, stdout, stderr)."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def _run(*arguments, stdin: bytes | None = None):
        monkeypatch.setattr(sys, "argv", ["flexpension", *map(str, arguments)])
        if stdin is not None:
            read, write = os.pipe()
            os.write(write, stdin)
            os.close(write)
            monkeypatch.setattr(sys, "stdin", os.fdopen(read, encoding="utf-8"))
        with pytest.raises(SystemExit) as leaving:
            cli.main()
        out, err = capsys.readouterr()
        return leaving.value.code or 0, out, err

    return _run


# --------------------------------------------------------------------------- what it prints


def test_help_names_every_verb(flexpension):
    code, out, _ = flexpension("--help")
    assert code == 0
    assert all(verb in out for verb in cli.cli.commands)


def test_help_needs_none_of_the_heavy_packages():
    probe = (
        "import sys; sys.argv = ['flexpension', '--help']\n"
        "from scenarios.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'numba', 'xarray', 'scipy', 'pandas', 'rich', 'jinja2', 'altair', 'ruamel'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "[]"


def test_list_prints_a_bare_array(flexpension):
    code, out, _ = flexpension("list", "--format", "json")
    assert code == 0
    rows = {row["name"]: row for row in json.loads(out)}
    assert rows["lower-floor"]["status"] == "proposal"
    assert {"name", "title", "title_zh", "status", "source"} <= set(rows["current-law"])


@pytest.mark.parametrize("what", ["scenarios", "indicators", "dimensions"])
@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("lang", cli.LANGUAGES)
def test_list_prints_all_it_lists_in_every_format(flexpension, what, format_, lang):
    code, out, _ = flexpension("list", what, "--format", format_, "--lang", lang)
    assert code == 0
    named = {"scenarios": "carer-credits", "indicators": "gini_pension", "dimensions": "ever_platform"}[what]
    assert named in out


def test_show_tells_old_and_new_value_of_a_scenario(flexpension):
    code, out, _ = flexpension("show", "lower-floor")
    assert code == 0
    assert re.search(r"flexible_base_floor_ratio\s+2027-01-01\s+nation\s+all\s+0\.6\s+0\.4", out)
    assert re.search(r"flexible_base_floor_ratio\s+2027-01-01\s+Guangdong\s+all\s+0\.52\s+0\.4", out)
    assert re.search(r"flexible_base_floor_ratio\s+2027-01-01\s+Zhejiang\s+all\s+0\.59\d+\s+0\.4", out)


def test_show_warns_where_a_scenario_carries_a_warning(flexpension):
    assert "warning: The flat half" in flexpension("show", "no-floor")[1]


def test_show_law_tells_act_article_and_how_many_provinces_are_sourced(flexpension):
    code, out, _ = flexpension("show", "law", "account_start")
    assert code == 0
    assert re.search(r"\d+ of 31 provinces sourced", out)
    code, out, _ = flexpension("show", "base_floor_ratio", "--lang", "zh")
    assert "国办发〔2019〕13号" in out


def test_show_law_lists_every_parameter_and_its_audit(flexpension):
    from simulate.law import load_law

    listed = flexpension("show", "law")[1]
    assert all(name in listed for name in load_law().parameters)
    assert "100% cited" in flexpension("show", "law", "--audit")[1]


def test_compare_prints_one_json_object_on_stdout_and_progress_on_stderr(flexpension):
    code, out, err = flexpension(
        "compare", "lower-floor", "--persons", 60, "--format", "json", "--by", "sex", "--by", "form,hukou"
    )
    assert code == 0
    told = json.loads(out)
    assert told["persons"] == 60
    assert {tuple(row["group"]) for row in told["rows"]} == {(), ("sex",), ("form", "hukou")}
    assert "60 / 60" in err


@pytest.mark.parametrize("format_", ["csv", "markdown", "table"])
def test_compare_prints_every_format(flexpension, format_):
    code, out, _ = flexpension(
        "compare", "lower-floor", "--persons", 60, "--format", format_, "--indicators", "contribution_months"
    )
    assert code == 0
    assert "lower-floor" in out


def test_the_command_line_prints_what_the_library_computes(flexpension):
    from scenarios import compare

    out = flexpension("compare", "carer-credits", "--persons", 60, "--format", "json", "--threads", 1)[1]
    assert json.loads(out)["rows"] == json.loads(compare(["carer-credits"], persons=60).to_json())["rows"]


def test_run_tells_one_scenario_alone(flexpension):
    code, out, _ = flexpension("run", "lower-floor", "--persons", 60, "--format", "json")
    assert code == 0
    assert {row["scenario"] for row in json.loads(out)["rows"]} == {"lower-floor"}


def test_out_keeps_the_run_and_tells_where(flexpension, tmp_path):
    folder, page = tmp_path / "kept", tmp_path / "page.html"
    arguments = ("run", "current-law", "--persons", 60, "--out", folder, "--report", page)
    code, _, err = flexpension(*arguments)
    assert code == 0
    assert f"kept in {folder}" in err
    assert (folder / "results.nc").is_file()
    assert page.is_file()
    code, _, err = flexpension(*arguments)
    assert code == 2
    assert "--force" in err
    assert flexpension(*arguments, "--force")[0] == 0


def test_check_tells_whom_a_scenario_touches(flexpension):
    code, out, _ = flexpension("check", "lower-floor", "--persons", 100)
    assert code == 0
    assert "lower-floor: no faults" in out
    assert re.search(r"touches \d+\.\d% of 100 people", out)


def test_check_warns_of_scenarios_that_do_nothing(flexpension, tmp_path):
    for name, body, told in (
        ("idle", "", "it changes nothing against its baseline"),
        ("late", "law: {accrual_rate: {2101-01-01: 0.02}}", "after the last year of the model (2100)"),
        ("same", "law: {employee_rate: {2027-01-01: 0.08}}", "is set to the value it has already"),
        ("tier", "law: {flexible_base_floor_ratio: {2027-01-01: 0.3}}", "is below the lowest tier (0.6)"),
        ("gone", "law: {accrual_rate: {2101-01-01: 0.02}}", "it touches nobody among 50 people drawn"),
        ("life", "behaviour: {exit_hazard: 0.01}", "it changes how lives are drawn"),
        ("weak", "law: {bundled_medical_contribution: {2027-01-01: 0}}", "rests on estimated values"),
    ):
        path = tmp_path / f"{name}.yaml"
        path.write_text(HEAD + body, "utf-8")
        code, out, _ = flexpension("check", path, "--persons", 50)
        assert code == 0
        assert told in out


def test_check_tells_faults_of_all_files_and_leaves_with_2(flexpension, tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(HEAD + "law: {base_capp: {2030-01-01: 2}}", "utf-8")
    code, out, err = flexpension(
        "check", tmp_path / "a.yaml", "current-law", tmp_path / "b.yaml", "--persons", 50
    )
    assert code == 2
    assert "current-law: no faults" in out
    assert err.count("line 7, law.base_capp: no such parameter. Did you mean base_cap_ratio?") == 2


def test_award_answers_from_stdin_and_file_and_leaves_with_2_where_a_case_is_wrong(flexpension, tmp_path):
    cases = [{"id": "a", "system": "minimum_years", "year": 2029}]
    code, out, _ = flexpension("award", "-", "--no-steps", stdin=json.dumps(cases).encode())
    assert code == 0
    assert json.loads(out) == [{"id": "a", "minimum_years": 15.0, "minimum_months": 180}]
    path = tmp_path / "cases.yaml"
    path.write_text(
        "- {id: a, system: minimum_years, year: 2029}\n- {id: b, system: minimum_year}\n", "utf-8"
    )
    code, out, _ = flexpension("award", path, "--format", "json")
    assert code == 2
    assert [("error" in answer) for answer in json.loads(out)] == [False, True]


@pytest.mark.parametrize(
    ("text", "has_steps"),
    [
        ("id,system,year\na,minimum_years,2029\n", False),
        ("- id: a\n  system: minimum_years\n  year: 2029\n", True),
    ],
)
def test_award_reads_tables_and_yaml_from_stdin_and_spares_tables_the_steps(flexpension, text, has_steps):
    code, out, _ = flexpension("award", "-", stdin=text.encode())
    assert code == 0
    assert json.loads(out)[0]["minimum_months"] == 180
    assert ("steps" in json.loads(out)[0]) == has_steps
    for option in ("--steps", "--no-steps"):
        told = json.loads(flexpension("award", "-", option, stdin=text.encode())[1])
        assert ("steps" in told[0]) == (option == "--steps")


def test_calibrate_show_counts_values_by_kind(flexpension):
    code, out, _ = flexpension("calibrate", "show")
    assert code == 0
    assert all(kind in out for kind in ("from table", "derived", "assumption"))


# --------------------------------------------------------------------------- bad input, faults


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("compare", "lower-flor"), "Did you mean lower-floor?"),
        (("compare", "lower-floor", "--by", "sexx"), "Did you mean sex?"),
        (("compare", "lower-floor", "--indicators", "gini_pensoin"), "Did you mean gini_pension?"),
        (("compare", "lower-floor", "--persons", "many"), "'many' is not a valid integer"),
        (("compare", "lower-floor", "--persons", "0"), "no whole number from 1"),
        (("compare", "lower-floor", "--behaviour", "statik"), "Did you mean static?"),
        (("compare", "lower-floor", "--fitted", "frist"), "Did you mean first?"),
        (("compare", "lower-floor", "--baseline", "curent-law"), "Did you mean current-law?"),
        (("compare", "lower-floor", "--person", "5"), "No such option"),
        (("compare", "lower-floor", "--format", "xml"), "is not one of"),
        (("compare",), "Missing argument"),
        (("compare", "lower-floor", "--out", "/dev/null/x"), "cannot be written"),
        (("compare", "lower-floor", "--report", "no-such-folder/x.html"), "no folder that can be written"),
        (("show", "flexible_rat"), "Did you mean flexible_rate?"),
        (("show", "law", "flexible_rat"), "Did you mean flexible_rate?"),
        (("show", "current-law", "--audit"), "flexpension show law --audit"),
        (("award", "no-such-file.json"), "no-such-file.json"),
        (("calibrate", "show", "--fitted", "x"), "no fitted set 'x'"),
        (("compair", "lower-floor"), "compair is no verb of flexpension. Did you mean compare?"),
    ],
)
def test_bad_input_gets_one_message_and_exit_2(flexpension, arguments, told):
    code, out, err = flexpension(*arguments)
    assert code == 2
    assert told in err
    assert "Traceback" not in err
    assert out == ""
    assert list(Path().iterdir()) == []


def test_an_internal_fault_leaves_with_3_and_a_report_file(flexpension, monkeypatch):

    def fail(*_):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("scenarios.listing.listed", fail)
    code, _, err = flexpension("list")
    assert code == 3
    assert "internal fault: ZeroDivisionError: a bug" in err
    (report,) = Path().iterdir()
    text = report.read_text("utf-8")
    assert "command: flexpension list" in text
    assert "ZeroDivisionError" in text
    assert report.name in err


def test_a_stopped_run_leaves_nothing_and_says_so(flexpension, monkeypatch):

    def stop(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("scenarios.comparison.compare", stop)
    code, _, err = flexpension("compare", "lower-floor", "--out", "kept")
    assert code == 130
    assert "stopped" in err
    assert list(Path().iterdir()) == []


def test_a_reader_that_leaves_early_is_no_fault(tmp_path):
    command = f"{sys.executable} -m scenarios.cli show law dibao | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


# --------------------------------------------------------------------------- selftest


def test_the_selftest_holds_here(flexpension):
    code, out, _ = flexpension("selftest")
    assert code == 0, out
    assert out.count("good") == 3


def test_the_selftest_fails_on_a_number_that_differs(flexpension, monkeypatch):
    from scenarios import selftest

    monkeypatch.setattr(selftest, "small_run", lambda: {"current-law new_joiners value": 1.0})
    code, out, _ = flexpension("selftest")
    assert code == 1
    assert "WRONG stored run" in out


def test_the_selftest_fails_on_money_that_is_lost(flexpension, monkeypatch):
    from scenarios import selftest

    monkeypatch.setattr(selftest, "small_run", lambda: {})
    monkeypatch.setattr(selftest, "money_gap", lambda: (1e6, 0.01))
    code, out, _ = flexpension("selftest")
    assert code == 1
    assert "WRONG money paid and received" in out


# --------------------------------------------------------------------------- report of a kept run, workbook


def test_a_report_is_made_from_a_kept_run(flexpension, tmp_path):
    arguments = ("compare", "lower-floor", "--persons", 60, "--out", tmp_path / "kept", "--format", "csv")
    assert flexpension(*arguments)[0] == 0
    for lang in cli.LANGUAGES:
        page = tmp_path / f"{lang}.html"
        code, _, err = flexpension("report", tmp_path / "kept", "--out", page, "--lang", lang)
        assert code == 0
        assert str(page) in err
        assert f'<html lang="{lang}">' in page.read_text("utf-8")


def test_a_report_and_a_workbook_show_all_kinds_of_people_unless_told_otherwise(flexpension, tmp_path):
    command = ("compare", "lower-floor", "--persons", 60, "--format", "json")
    rows = json.loads(flexpension(*command, "--workbook", tmp_path / "tables.xlsx")[1])["rows"]
    assert {("exposure", "sex"), ("exposure", "form"), ("cohort",)} <= {tuple(row["group"]) for row in rows}
    assert (tmp_path / "tables.xlsx").read_bytes()[:2] == b"PK"
    rows = json.loads(flexpension(*command, "--by", "sex", "--report", tmp_path / "page.html")[1])["rows"]
    assert {tuple(row["group"]) for row in rows} == {(), ("sex",)}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("report", "."), "is no kept run"),
        (("report", "no-such-folder"), "is no kept run"),
        (("report", ".", "--out", "no-such-folder/x.html"), "no folder that can be written"),
        (("verify", "."), "is no kept run"),
        (("compare", "lower-floor", "--workbook", "tables.csv"), "It ends in .xlsx"),
        (("compare", "lower-floor", "--workbook", "no-such-folder/x.xlsx"), "no folder that can be written"),
    ],
)
def test_wrong_places_of_reports_get_one_message_and_exit_2(flexpension, arguments, told):
    code, out, err = flexpension(*arguments)
    assert code == 2
    assert told in err
    assert len(err.strip().splitlines()) == 1
    assert out == ""
    assert list(Path().iterdir()) == []
