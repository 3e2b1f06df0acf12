"""Every variant of behaviour beside the default: the numbers of each, the band, and who is told of it."""

import csv
import io
import json

import pytest

from scenarios import compare
from scenarios.comparison_tables import blocks, markdown, notes
from scenarios.options import VARIANTS
from scenarios.variants import band, depends
from scenarios.worlds import World, measure

HEADLINE = "pension_to_average_wage"
REFORMS, PERSONS = ["lower-floor", "platform-cofunding"], 500


@pytest.fixture(scope="module")
def found():
    return compare(
        REFORMS, persons=PERSONS, behaviour="all", by=["sex"], indicators=[HEADLINE, "new_joiners"]
    )


def test_numbers_of_each_variant_are_those_of_a_run_of_its_own(found):
    # five hundred people are too few for a fifth: all are run under every variant
    for name in VARIANTS:
        alone = measure(found.scenarios, World(behaviour=name), PERSONS, 1, ((), ("sex",)), [HEADLINE])
        for of in ("value", "difference"):
            mine = found.dataset[f"{of}_{name}"].sel(indicator=HEADLINE).sel(group=alone["group"])
            assert mine.values == pytest.approx(alone[of].sel(indicator=HEADLINE).values, abs=1e-12)


def test_the_default_is_the_run_itself_and_static_people_change_nothing(found):
    for row in found.rows():
        assert row["value_threshold"] == row["value"]
        assert row["difference_threshold"] == row["difference"]
        if row["indicator"] == "new_joiners":
            assert row["value_static"] == row["difference_static"] == 0
        if row["scenario"] == "current-law":
            assert row["value_static"] == row["value"]
            assert row["difference_value_for_money"] == 0


def test_the_band_tells_which_variant_gives_its_ends(found):
    for row in found.rows():
        for of, prefix in (("value", ""), ("difference", "difference_")):
            values = {name: row[f"{of}_{name}"] for name in VARIANTS}
            assert (
                row[f"{prefix}variant_low"] == min(values.values()) == values[row[f"{prefix}variant_lowest"]]
            )
            assert (
                row[f"{prefix}variant_high"]
                == max(values.values())
                == values[row[f"{prefix}variant_highest"]]
            )
    joiners = next(r for r in found.rows() if r["indicator"] == "new_joiners" and r["scenario"] in REFORMS)
    assert joiners["variant_lowest"] == "static"
    assert joiners["variant_high"] > 0


def test_a_cell_without_numbers_has_no_band():
    cell = {f"{of}_{name}": None for of in ("value", "difference") for name in VARIANTS}
    assert set(band(cell).values()) == {None}


@pytest.mark.parametrize(
    ("low", "high", "error", "expected"),
    [
        (-0.01, 0.02, 0.1, True),
        (0.01, 0.02, 0.004, True),
        (0.01, 0.02, 0.006, False),
        (None, None, 0.1, False),
    ],
)
def test_a_difference_depends_on_the_variant_by_sign_or_by_two_errors(low, high, error, expected):
    row = {"difference_variant_low": low, "difference_variant_high": high, "difference_se": error}
    assert depends(row) is expected


def test_every_format_has_the_variants(found):
    told = json.loads(found.to_json())
    assert told["behaviour"] == "all"
    keys = {f"{of}_{name}" for of in ("value", "difference") for name in VARIANTS}
    keys |= {f"{d}variant_{end}" for d in ("", "difference_") for end in ("low", "high", "lowest", "highest")}
    assert keys <= set(told["rows"][0])
    assert keys <= set(next(csv.reader(io.StringIO(found.to_csv()))))
    for lang, title, word in (
        ("en", "Variants of behaviour", "value for money"),
        ("zh", "行为变体", "性价比"),
    ):
        (table,) = [block for block in blocks(found, lang) if block.title.startswith(title)]
        assert word in table.header
        assert len(table.rows) == 1 + 2 * len(REFORMS)
        assert title in markdown(found, lang)


def test_a_result_that_hangs_on_the_variant_says_so(found):
    rows = {row["scenario"]: row for row in found.rows() if row["indicator"] == HEADLINE and not row["group"]}
    told = [note for note in notes(found) if note.startswith("Depends on the variant of behaviour")]
    expected = [name for name in REFORMS if depends(rows[name])]
    assert expected
    assert [name for name in REFORMS if any(f" {name}," in note for note in told)] == expected
    alone = compare(["lower-floor"], persons=100, indicators=[HEADLINE], by=[])
    assert not any("variant of behaviour" in note for note in notes(alone))
    assert "variant_low" not in alone.rows()[0]


def test_the_command_runs_one_scenario_under_all_variants():
    from click.testing import CliRunner

    from scenarios.cli import cli

    arguments = ["run", "lower-floor", "--behaviour", "all", "--persons", "60", "--indicators", HEADLINE]
    result = CliRunner().invoke(cli, [*arguments, "--format", "markdown"])
    assert result.exit_code == 0
    assert "Variants of behaviour" in result.output
