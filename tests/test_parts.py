"""Runs in parts: the same digits however the work was divided, stopped or resumed; people in files."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from scenarios import compare, parts
from scenarios.cli import cli
from scenarios.people import COUNTS, MONEY, TRAITS
from scenarios.scenario import ScenarioError
from simulate import results

PERSONS, SIZE = 700, 200
OPTIONS = {"persons": PERSONS, "by": ("sex",), "threads": 1}


@pytest.fixture
def small_parts(monkeypatch):
    for module in (parts, results):
        monkeypatch.setattr(module, "PART", SIZE)


@pytest.fixture
def whole(small_parts):
    return compare(["lower-floor"], **OPTIONS)


def test_parts_are_cut_at_whole_multiples_wherever_the_people_begin(small_parts):
    assert parts.cut(0, 400) == [(0, 200), (200, 200)]
    assert parts.cut(150, 300) == [(150, 50), (200, 200), (400, 50)]
    assert parts.cut(10, 20) == [(10, 20)]


def test_kept_parts_give_the_same_and_are_not_computed_again(whole, tmp_path, monkeypatch):
    with parts.means(keep=tmp_path):
        first = compare(["lower-floor"], **OPTIONS)
        files = sorted(tmp_path.rglob("*.npz"))
        assert [file.stem for file in files] == [
            f"part-{n:012d}-{min(SIZE, PERSONS - n)}" for n in range(0, PERSONS, SIZE)
        ]
        monkeypatch.setattr(parts, "compute", None)
        again = compare(["lower-floor"], **OPTIONS)
    for found in (first, again):
        assert found.to_json() == whole.to_json()
        assert found.sample == whole.sample


def test_a_damaged_part_is_computed_again(whole, tmp_path):
    with parts.means(keep=tmp_path):
        compare(["lower-floor"], **OPTIONS)
        first, second, *_ = sorted(tmp_path.rglob("*.npz"))
        first.write_bytes(first.read_bytes()[:1000])
        second.write_bytes(b"")
        assert compare(["lower-floor"], **OPTIONS).to_json() == whole.to_json()


def test_parts_of_another_scenario_seed_or_grouping_are_not_taken(small_parts, tmp_path):
    with parts.means(keep=tmp_path):
        for changes in ({}, {"seed": 2}, {"by": ("hukou",)}, {"economy": "low"}):
            compare(["lower-floor"], **{**OPTIONS, **changes})
        compare(["no-minimum"], **OPTIONS)
    assert len(list(tmp_path.iterdir())) == 5


def test_adding_people_goes_on_inside_a_part(small_parts, tmp_path):
    longer = {"target_se": "0.001pp", "indicators": ["pension_to_average_wage"]}
    asked = compare(["ten-years"], **{**OPTIONS, **longer, "persons": 300, "target_se": "0.2pp"})
    assert asked.inputs["persons"] > 300
    with parts.means(keep=tmp_path):
        kept = compare(["ten-years"], **{**OPTIONS, **longer, "persons": 300, "target_se": "0.2pp"})
    at_once = compare(
        ["ten-years"], **{**OPTIONS, "persons": asked.inputs["persons"], "indicators": longer["indicators"]}
    )
    assert kept.to_csv() == asked.to_csv() == at_once.to_csv()


STOPPABLE = """
import sys
from scenarios import parts
from simulate import results
parts.PART = results.PART = 200
from scenarios.cli import main
sys.argv[0] = "flexpension"
main()
"""


def test_a_run_killed_at_any_moment_goes_on_to_the_same_digits(whole, tmp_path):
    chance, folder = random.Random(7), tmp_path / "run"
    arguments = ["compare", "lower-floor", "--persons", str(PERSONS), "--by", "sex", "--threads", "1"]
    arguments += ["--out", str(folder), "--people", "--format", "json"]

    def start(*more: str) -> subprocess.Popen:
        command = [sys.executable, "-c", STOPPABLE, *arguments, *more]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    kept = lambda: len(list(tmp_path.rglob("part-*.npz")))  # noqa: E731
    for n_parts in (1, 2):
        process = start("--resume")
        while process.poll() is None and kept() < n_parts:
            time.sleep(0.002)
        time.sleep(0.05 * chance.random())
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert kept() >= n_parts
        assert not folder.exists()
    process = start("--resume")
    printed, _ = process.communicate()
    assert process.returncode == 0
    assert printed == whole.to_json() + "\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]
    assert len(list((folder / "people").iterdir())) == 4


# --------------------------------------------------------------------------- people


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    import pyarrow.dataset as ds

    folder = tmp_path_factory.mktemp("people")
    names = ["mean_monthly_pension", "present_value_pensions", "contribution_months"]
    result = compare(["lower-floor"], persons=300, indicators=names, people=folder)
    return result, ds.dataset(folder).to_table()


def test_a_file_of_people_has_a_row_a_person_and_scenario(written):
    _, table = written
    assert table.num_rows == 600
    assert table.column_names == ["person", "scenario", "weight", *TRAITS, *MONEY, *COUNTS, "average_index"]
    assert table["person"].to_pylist() == [*range(300), *range(300)]
    assert table["scenario"].to_pylist() == ["current-law"] * 300 + ["lower-floor"] * 300
    assert set(table["sex"].to_pylist()) == {"male", "female"}


def test_columns_say_their_unit_and_chinese_name(written):
    _, table = written
    for field in table.schema:
        assert field.metadata[b"name_zh"], field.name
    assert table.schema.field("pension_at_65").metadata[b"unit"] == b"fen"
    assert table.schema.field("record_months").metadata[b"unit"] == b"months"


def test_files_of_people_need_a_folder_for_the_run():
    from click.testing import CliRunner

    for option in ("--people", "--resume"):
        told = CliRunner().invoke(cli, ["run", "current-law", option])
        assert told.exit_code == 2
        assert f"{option} needs --out DIR" in told.output


def test_a_missing_library_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(ScenarioError, match="pyarrow is not installed"):
        compare(["lower-floor"], persons=10, people=tmp_path)


def test_weighted_people_give_the_numbers_of_the_comparison(written):
    import pyarrow.compute as pc

    result, table = written
    for name in ("current-law", "lower-floor"):
        rows = table.filter(pc.equal(table["scenario"], name))
        weight = np.array(rows["weight"])
        pensions = np.array(rows["present_value_pensions"]) / 100.0
        told = result.dataset["value"].sel(scenario=name, group="total")
        mean = float(np.sum(weight * pensions) / np.sum(weight))
        assert mean == pytest.approx(float(told.sel(indicator="present_value_pensions")), rel=1e-6)
        months = float(np.sum(weight * np.array(rows["record_months"])) / np.sum(weight))
        assert months == pytest.approx(float(told.sel(indicator="contribution_months")), rel=1e-6)
