"""Standard tables and the workbook: the same shells for every comparison, numbers that equal the rows."""

from __future__ import annotations

import csv
import io
import zipfile
from xml.etree import ElementTree

import pytest

from scenarios import compare
from scenarios.standard_tables import Number, answer, standard_tables
from scenarios.workbook import sheet_name, to_csv, write_workbook

KEYS = ["adequacy", "winners", "coverage", "missing", "cost", "gender", "uncertainty"]
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def comparison():
    return compare(["lower-floor"], persons=1_500, by=["standard"], band=True)


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
    assert list(tables) == KEYS
    for table in tables.values():
        assert all(len(row) == len(table.header) for row in table.rows)
        assert "2000-2010" in table.title


def test_two_reforms_have_a_table_of_winners_each():
    told = compare(["lower-floor", "carer-credits"], persons=200, by=["standard"])
    assert [k for k in _tables(told) if k.startswith("winners")] == [
        "winners lower-floor",
        "winners carer-credits",
    ]


def test_a_single_scenario_has_tables_without_winners():
    assert "winners" not in _tables(compare([], persons=200, by=["standard"]))


def test_tables_leave_out_what_was_not_asked_for():
    told = compare(["lower-floor"], persons=200, by=(), indicators=["new_joiners", "pool_balance"])
    assert list(_tables(told)) == ["coverage", "cost", "uncertainty"]


def test_winners_are_told_for_every_kind_of_people(comparison):
    table = _tables(comparison)["winners"]
    names = [row[0] for row in table.rows]
    assert {"male", "female", "formal employee", "hukou: rural", "migrant: yes", "rider"} <= set(names)
    row = _row(comparison, "share_gaining", "lower-floor", exposure="full", sex="female")
    (female,) = (line for line in table.rows if line[0] == "female")
    assert female[2] == Number(row["value"], "share", row["standard_error"])


def test_the_cost_of_missing_months_is_months_times_the_yield_of_a_year(comparison):
    table = _tables(comparison)["missing"]
    (line,) = (line for line in table.rows if line[0] == "knowledge")
    months = _row(comparison, "months_missing_knowledge", "current-law", exposure="full")["value"]
    yearly = _row(comparison, "pension_per_contribution_year", "current-law", exposure="full")["value"]
    assert line[2].value == pytest.approx(months / 12 * yearly)


def test_gains_less_losses_go_with_the_headline_of_the_answer(comparison):
    for lang in ("en", "zh"):
        sentences = answer(comparison, "lower-floor", lang)
        assert len(sentences) == 3
        assert "95" in sentences[0]
    row = _row(comparison, "share_losing", "lower-floor", exposure="full")
    assert f"{100 * row['value']:.1f} %" in answer(comparison, "lower-floor")[1]


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
        assert names == [*KEYS, "rows", "notes"]
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
    assert sorted(path.stem for path in (folder / "tables").iterdir()) == sorted(KEYS)
