"""Standard tables and the workbook: the same shells for every comparison, numbers that equal the rows."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from scenarios import compare, sensitivity
from scenarios.cli import cli
from scenarios.frames import FRAMES, frames
from scenarios.number_tables import Number
from scenarios.standard_tables import KEYS, answer, chosen_tables, parse_tables, standard_tables
from scenarios.tables import amount
from scenarios.workbook import sheet_name, to_csv, write_workbook
from simulate.strict_yaml import FaultsError

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def comparison():
    return compare(["lower-floor"], persons=1_500, by=["standard"], band=True, twins=True, tornado=True)


def _tables(comparison, lang="en"):
    return {table.key: table for table in standard_tables(comparison, lang)}


def _row(comparison, indicator, scenario, **group):
    (row,) = (
        row
        for row in comparison.rows()
        if (row["indicator"], row["scenario"], row["group"]) == (indicator, scenario, group)
    )
    return row


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_comparison_has_the_same_shells(comparison, lang):
    tables = _tables(comparison, lang)
    found = tuple(key for key in tables if key != "twins lower-floor")
    assert found == tuple(key for key in KEYS if key != "practice")  # no platform pays
    for table in tables.values():
        assert all(len(row) == len(table.header) for row in table.rows)
        assert "2000-2010" in table.title


def test_two_reforms_have_a_table_of_winners_each():
    told = compare(["lower-floor", "carer-credits"], persons=200, by=["standard"])
    assert [k for k in _tables(told) if k.startswith("winners")] == [
        "winners lower-floor",
        "winners carer-credits",
    ]


def test_co_funding_stands_beside_current_practice_or_says_where_it_can():
    wanted = ["current-practice", "platform-cofunding", "platform-cofunding+current-practice", "lower-floor"]
    tables = _tables(compare(wanted, persons=300, by=()))
    rows = [row for row in tables["practice"].rows if row[1] == "Contribution burden of flexible workers"]
    assert [row[0] for row in rows] == wanted[1:3]  # a lower floor makes no platform pay
    other = compare(["platform-cofunding"], persons=300, by=(), baseline="current-practice")
    row = _row(other, "contribution_burden", "platform-cofunding")
    assert rows[0][4].value == pytest.approx(row["difference"])
    assert "practice" not in _tables(other)
    assert "current-practice" not in tables["cost"].note
    alone = _tables(compare(["platform-cofunding"], persons=300, by=()))
    assert "practice" not in alone
    assert "current-practice" in alone["cost"].note


def test_a_single_scenario_has_tables_without_winners():
    assert "winners" not in _tables(compare([], persons=200, by=["standard"]))


def test_tables_leave_out_what_was_not_asked_for():
    told = compare(["lower-floor"], persons=200, by=(), indicators=["new_joiners", "pool_balance"])
    assert list(_tables(told)) == ["coverage", "cost", "principles", "uncertainty"]


def test_winners_are_told_for_every_kind_of_people(comparison):
    table = _tables(comparison)["winners"]
    names = [row[0] for row in table.rows]
    assert {"male", "female", "formal employee", "hukou: rural", "migrant: yes", "rider"} <= set(names)
    assert {"1970s", "2000s", "education: college", "earnings quintile: 1"} <= set(names)
    row = _row(comparison, "share_gaining", "lower-floor", exposure="full", sex="female")
    (female,) = (line for line in table.rows if line[0] == "female")
    assert female[2] == Number(row["value"], "share", row["standard_error"])


def test_yardsticks_stand_side_by_side_with_source_and_evidence(comparison):
    table = _tables(comparison)["yardsticks"]
    lines = {row[0]: row for row in table.rows}
    for name, title in (
        ("share_below_dibao_couple", "Share below the dibao line as a couple"),
        ("share_below_international_line", "Share below the World Bank's line"),
    ):
        row = _row(comparison, name, "current-law", exposure="full")
        assert lines[title][3] == Number(row["value"], "share", row["standard_error"])
    assert "(unconfirmed)" in lines["Share below the standard of C102"][2]
    assert "No source gives an amount." in lines["Basket of necessary goods and services"]
    single, couple = (lines[f"Share below the dibao line{end}"][3].value for end in ("", " as a couple"))
    assert couple >= single > 0  # a partner has the basic amount, which is below a dibao line


@pytest.mark.parametrize("key", FRAMES)
def test_a_frame_tells_every_indicator_by_sex_or_why_it_is_not_measured(comparison, key):
    table, frame = _tables(comparison)[key], frames()[key]
    n = sum(len(part["indicators"]) + len(part.get("not_measured", ())) for part in frame["parts"])
    assert len(table.rows) == n
    assert (
        len({row[0] for row in table.rows}) == len(frame["parts"]) == {"monitoring": 4, "principles": 6}[key]
    )
    assert table.header[4:] == tuple(
        f"{scenario}: {who}"
        for scenario in ("current-law", "lower-floor")
        for who in ("everyone", "female", "male")
    )
    for row in table.rows:
        measured = isinstance(row[4], Number)
        assert measured != row[3].startswith("not measured: ")
    (line,) = (row for row in _tables(comparison)["monitoring"].rows if row[1] == "Contribution density")
    told = _row(comparison, "contribution_density", "lower-floor", exposure="full", sex="male")
    assert line[-1] == Number(told["value"], "share", told["standard_error"])


def test_frames_name_indicators_that_exist_in_both_languages():
    from simulate.indicators import INDICATORS

    for entry in frames()["yardsticks"]:
        assert entry.get("indicator", "gini_pension") in INDICATORS
    for key in FRAMES:
        for part in frames()[key]["parts"]:
            assert set(part["indicators"]) <= set(INDICATORS)
            for entry in (part, *part.get("not_measured", ())):
                for name in [n for n in entry if f"{n}_zh" in entry]:
                    assert entry[name]
                    assert re.search("[\u4e00-\u9fff]", entry[f"{name}_zh"])


def test_tables_are_chosen_by_key(comparison):
    assert parse_tables("cost, adequacy,cost") == ("cost", "adequacy")
    assert parse_tables("all") == KEYS
    assert [table.key for table in chosen_tables(comparison, ("winners", "cost"))] == ["winners", "cost"]
    with pytest.raises(FaultsError, match=r"'costs' is no standard table\. Did you mean cost\?"):
        parse_tables("costs")


@pytest.mark.parametrize("format_", ["table", "json", "csv", "markdown"])
def test_the_command_prints_the_tables_asked_for(format_):
    arguments = ["compare", "lower-floor", "--persons", "60", "--tables", "yardsticks", "--format", format_]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    assert "No source gives" in done.stdout
    assert "Who gains" not in done.stdout
    if format_ == "json":
        (table,) = json.loads(done.stdout)["tables"]
        assert table["key"] == "yardsticks"
        assert {"value", "unit", "standard_error"} == set(table["rows"][0][3])
    else:
        assert "seed 1" in done.stdout


def test_the_factors_of_the_sensitivity_table_come_with_both_ends_the_strongest_first(comparison):
    from scenarios.factors import choose
    from scenarios.tornado import PERSONS

    table = _tables(comparison)["sensitivity"]
    told = sensitivity(["lower-floor"], persons=PERSONS, group={"exposure": "full"}).rows()
    assert [row[1].value for row in table.rows] == [line["low"] for line in told]
    assert [row[2].error for row in table.rows] == [line["high_se"] for line in told]
    assert len(table.rows) == len(choose()) + 2  # the first three together, the future of the economy
    ranks = {int(text) for row in table.rows for text in re.findall(r"\[(\d+)\]", row[0])}
    assert ranks == set(range(1, 13))  # the twelve doubts of the list


def test_the_cost_of_missing_months_is_months_times_the_yield_of_a_year(comparison):
    table = _tables(comparison)["missing"]
    (line,) = (line for line in table.rows if line[0] == "knowledge")
    months = _row(comparison, "months_missing_knowledge", "current-law", exposure="full")["value"]
    yearly = _row(comparison, "pension_per_contribution_year", "current-law", exposure="full")["value"]
    assert line[2].value == pytest.approx(months / 12 * yearly)


def test_gains_less_losses_go_with_the_headline_of_the_answer(comparison):
    for lang, stop in (("en", r"\.(?: |$)"), ("zh", "。")):
        sentences = answer(comparison, "lower-floor", lang)
        assert [len(re.findall(stop, sentence)) for sentence in sentences] == [1, 1, 1]
        assert all(mark in sentence for mark, sentence in zip(["95", "±", "95"], sentences, strict=True))
    row = _row(comparison, "share_losing", "lower-floor", exposure="full")
    losing = amount(row["value"], "share", error=row["standard_error"])
    assert losing in answer(comparison, "lower-floor")[1]


def test_an_effect_that_may_be_nothing_is_said_to_be_so(comparison):
    row = _row(comparison, "pension_to_average_wage", "lower-floor", exposure="full")
    low, high = row["difference_ci95"]
    told = "cannot be told from no change" in answer(comparison, "lower-floor")[0]
    assert told == (low <= 0 <= high)


def test_a_scenario_alone_is_answered_with_its_level():
    told = compare([], persons=200, by=())
    row = told.rows()[0]
    (sentence,) = answer(told, "current-law")
    assert f"is {100 * row['value']:.1f} % under current-law (95 %: {100 * row['ci95'][0]:.1f} %" in sentence


def test_csv_holds_values_and_errors_unrounded(comparison):
    table = _tables(comparison)["adequacy"]
    header, first, *_ = csv.reader(io.StringIO(to_csv(table)))
    assert header[:4] == ["Indicator", "Unit", "current-law", "current-law, ± s.e."]
    row = _row(comparison, "pension_to_average_wage", "current-law", exposure="full")
    assert first[2:4] == [repr(row["value"]), repr(row["standard_error"])]


def test_sheets_have_names_that_a_workbook_allows():
    taken: set[str] = set()
    names = [sheet_name("winners " + "x" * 40, taken) for _ in range(3)] + [sheet_name("a/b:c", taken)]
    assert len({name.lower() for name in names}) == 4
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_workbook_has_a_sheet_a_table_with_numbers_as_numbers(comparison, tmp_path, lang):
    path = write_workbook(comparison, tmp_path / "tables.xlsx", lang)
    with zipfile.ZipFile(path) as book:
        names = [
            s.attrib["name"]
            for s in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(MAIN + "sheet")
        ]
        assert names == [*_tables(comparison), "rows", "notes"]
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        cells = {c.attrib["r"]: c for c in sheet.iter(MAIN + "c")}
        row = _row(comparison, "pension_to_average_wage", "current-law", exposure="full")
        assert float(cells["C4"].find(MAIN + "v").text) == pytest.approx(row["value"], rel=1e-15)
        assert float(cells["D4"].find(MAIN + "v").text) == pytest.approx(row["standard_error"], rel=1e-15)
        assert "t" not in cells["C4"].attrib
        styles = book.read("xl/styles.xml").decode()
        assert '"0.00%"' in styles
        words = book.read("xl/sharedStrings.xml").decode()
        assert comparison.run_id in words


def test_equal_runs_give_equal_workbooks(comparison, tmp_path):
    one, two = (write_workbook(comparison, tmp_path / f"{n}.xlsx").read_bytes() for n in (1, 2))
    assert one == two


def test_a_kept_run_holds_the_tables(comparison, tmp_path):
    from scenarios.store import keep_run

    folder = keep_run(comparison, tmp_path / "kept")
    assert (folder / "tables.xlsx").is_file()
    assert sorted(path.stem for path in (folder / "tables").iterdir()) == sorted(
        key.replace(" ", "-") for key in _tables(comparison)
    )
