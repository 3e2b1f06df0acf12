"""Sweeps and searches: their language, the cube, what is kept, and the root that is found."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
import xarray

from scenarios import compare, load_scenario
from scenarios.scenario import ScenarioError
from scenarios.search import Question, load_question, seek
from scenarios.store import StoreError
from scenarios.sweeps import block, load_sweep, rows, sweep, to_csv, to_json
from scenarios.variations import questions, read_template
from simulate.strict_yaml import read_yaml

HEAD = "title: T\ntitle_zh: 测\nquestion: Q\nquestion_zh: 问\nsource: S\nstatus: illustration\n"
FLOOR = "law.flexible_base_floor_ratio.2027-01-01"
FEW = ["pension_to_average_wage", "new_joiners"]
SMALL = {"persons": 120, "by": (), "indicators": FEW}
TIERS = "law:\n  flexible_base_tiers:\n    2027-01-01: [0.05, 0.6, 0.8, 1.0]\n"


@pytest.fixture
def write(tmp_path):
    def _write(text: str, name: str = "mine.yaml", head: str = HEAD):
        path = tmp_path / name
        path.write_text(head + text, "utf-8")
        return path

    return _write


GRID = (
    TIERS
    + "sweep:\n  axes:\n"
    + f"    floor: {{set: {FLOOR}, values: [0.4, 0.2]}}\n"
    + "    payers: {set: assumptions.floor_payer_share, from: 0.6, to: 0.9, steps: 2}\n"
    + "    future: {set: economy, values: [low, central]}\n"
)


# --------------------------------------------------------------------------- the cube


def test_a_grid_is_a_cube_with_a_dimension_for_each_axis(write):
    cube = sweep(write(GRID), **SMALL)
    assert cube["value"].dims == ("floor", "payers", "future", "indicator", "group")
    assert cube["floor"].values.tolist() == [0.4, 0.2]
    assert cube["future"].values.tolist() == ["low", "central"]
    assert cube["floor"].attrs["set"] == FLOOR


def test_a_point_is_what_compare_gives_for_the_scenario_written_out(write):
    cube = sweep(write(GRID), **SMALL).sel(floor=0.2, payers=0.9, future="central")
    law = TIERS + "  flexible_base_floor_ratio:\n    2027-01-01: 0.2\n"
    world = "assumptions:\n  floor_payer_share: 0.9\n"
    base = load_scenario(write(world, "base.yaml"))
    reform = load_scenario(write("baseline: base.yaml\n" + law, "reform.yaml"))
    same = compare([reform], baseline=base, **SMALL).dataset.sel(scenario="reform")
    for name in ("value", "standard_error", "difference", "difference_se"):
        np.testing.assert_array_equal(cube[name], same[name])
    np.testing.assert_array_equal(cube["value"] - cube["baseline"], same["difference"])


def test_lists_go_together_and_samples_fill_the_ranges(write):
    both = f"sweep:\n  design: list\n  axes:\n    a: {{set: {FLOOR}, values: [0.4, 0.5]}}\n"
    listed = load_sweep(write(both + "    b: {set: variant, values: [static, threshold]}\n"))
    assert listed.points == ((0.4, "static"), (0.5, "threshold"))
    drawn = load_sweep(
        write(
            f"sweep:\n  design: sample\n  points: 8\n  axes:\n    a: {{set: {FLOOR}, from: 0.2, to: 0.6}}\n"
            "    b: {set: economy, values: [low, high]}\n"
        )
    )
    # a Latin hypercube of 8: one point in each eighth of the range, four with each of two values
    eighths = sorted(int((value - 0.2) / 0.05 + 1e-9) for value, _ in drawn.points)
    assert eighths == list(range(8))
    assert sorted(name for _, name in drawn.points) == ["high"] * 4 + ["low"] * 4
    assert drawn.points == load_sweep(drawn.template.where).points


def test_an_assumption_without_values_takes_those_of_its_band(write):
    found = load_sweep(write("sweep:\n  axes:\n    payers: {set: assumptions.floor_payer_share}\n"))
    assert found.axes[0].values == (0.9, 0.75, 0.6)


def test_formats_hold_the_same_numbers(write):
    cube = sweep(write(GRID), **SMALL)
    told = rows(cube)
    assert len(told) == 2 * 2 * 2 * len(FEW)
    lines = list(csv.DictReader(io.StringIO(to_csv(cube))))
    assert [float(line["value"]) for line in lines] == [row["value"] for row in told]
    assert lines[0]["future"] == "low"
    content = json.loads(to_json(cube))
    assert content["rows"] == told
    assert [axis["name"] for axis in content["axes"]] == ["floor", "payers", "future"]
    assert len(block(cube, "zh").rows) == 8


def test_an_entry_of_the_long_form_is_set_by_its_number(write):
    entry = "    - {effective: 2027-01-01, value: 2.5, provinces: [Beijing]}\n"
    axes = "    a: {set: law.base_cap_ratio.0.value, values: [2.0, 2.8]}\n"
    axes += "    b: {set: law.base_cap_ratio.0.effective, values: [2028-01-01, 2030-01-01]}\n"
    text = "law:\n  base_cap_ratio:\n" + entry + "sweep:\n  axes:\n" + axes
    law = load_sweep(write(text)).at(3).scenario.compile_law()
    assert law.value("base_cap_ratio", "2030-06-01", "Beijing") == 2.8
    assert law.value("base_cap_ratio", "2029-06-01", "Beijing") == 3.0
    assert law.value("base_cap_ratio", "2030-06-01", "Shanghai") == 3.0
    with pytest.raises(ScenarioError, match="which has 1 in the long form"):
        load_sweep(write(text.replace("ratio.0.value", "ratio.1.value")))


def test_a_row_for_a_limited_group_is_set_by_its_number(write):
    rows = "law:\n  flexible_rate_of_groups:\n    2027-01-01:\n"
    rows += "      - {sex: male, value: 0.16}\n      - {sex: female, value: 0.16}\n"
    text = rows + "sweep:\n  axes:\n"
    text += "    a: {set: law.flexible_rate_of_groups.2027-01-01.1.value, values: [0.1, 0.14]}\n"
    law = load_sweep(write(text)).at(1).scenario.compile_law()
    found = law.value("flexible_rate_of_groups", "2030-01-01")
    assert [(row["sex"], row["value"]) for row in found] == [("male", 0.16), ("female", 0.14)]
    for wrong in ("01.2.value", "01.1.sex", "02.1.value", "01.x.value"):
        with pytest.raises(ScenarioError, match="is no row of flexible_rate_of_groups, which has"):
            load_sweep(write(text.replace("01.1.value", wrong)))
    with pytest.raises(ScenarioError, match=r"0\.7 is outside 0 to 0\.5"):
        load_sweep(write(text.replace("0.14", "0.7")))


def test_shipped_questions_are_read_and_say_what_they_ask():
    assert len(questions()) >= 3
    for name, text in questions().items():
        heading = "sweep" if "\nsweep:" in text else "seek"
        assert (load_sweep(name) if heading == "sweep" else load_question(name)).template.name == name


def test_the_headings_that_the_readme_shows_are_read(write):
    readme = (Path(__file__).parents[1] / "scenarios" / "README.md").read_text("utf-8")
    shown = re.findall(r"```text\n((?:sweep|seek):.*?)```", readme, re.DOTALL)
    assert len(shown) == 2
    assert len(load_sweep(write(shown[0])).points) == 4 * 3 * 3
    assert load_question(write(shown[1])).group == {"sex": "female", "occupation": "rider"}


# --------------------------------------------------------------------------- what is kept


def test_a_stopped_sweep_goes_on_and_gives_the_same_cube(write, tmp_path):
    file, folder = write(GRID), tmp_path / "kept"

    def stop(done, total):
        if done >= total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(file, folder=folder, progress=stop, **SMALL)
    finished = sorted((folder / "points").glob("*.nc"))
    assert 0 < len(finished) < 8
    assert not (folder / "cube.nc").exists()
    stamp = finished[0].stat().st_mtime_ns
    finished[1].write_bytes(b"damaged")
    with pytest.raises(StoreError, match="--resume"):
        sweep(file, folder=folder, **SMALL)
    cube = sweep(file, folder=folder, resume=True, **SMALL)
    assert finished[0].stat().st_mtime_ns == stamp  # not run again
    xarray.testing.assert_identical(cube, sweep(file, **SMALL))
    with xarray.open_dataset(folder / "cube.nc", engine="h5netcdf") as stored:
        np.testing.assert_array_equal(stored["value"], cube["value"])
    assert (folder / "cube.csv").read_text("utf-8") == to_csv(cube)
    assert not [name for name in os.listdir(folder) if name.endswith(".part")]


def test_another_sweep_does_not_go_on_in_the_folder(write, tmp_path):
    folder = tmp_path / "kept"
    sweep(write(GRID), folder=folder, **SMALL)
    with pytest.raises(StoreError, match="another file, options or version"):
        sweep(write(GRID), folder=folder, resume=True, **{**SMALL, "persons": 130})
    other = sweep(write(GRID), folder=folder, force=True, **{**SMALL, "persons": 130})
    assert other.attrs["persons"] == 130
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("a", "utf-8")
    with pytest.raises(StoreError, match="no kept sweep"):
        sweep(write(GRID), folder=tmp_path / "letters", force=True, **SMALL)


# --------------------------------------------------------------------------- bad files


def test_all_faults_of_a_sweep_are_told_at_once_with_their_lines(write):
    text = (
        "law:\n  base_capp: {2027-01-01: 2.0}\n"
        "sweep:\n  desing: grid\n  axes:\n"
        "    a: {set: law.flexible_base_floor_rati.2027-01-01, values: [0.4]}\n"
        f"    b: {{set: {FLOOR}, values: [0.4, 60]}}\n"
        "    c: {set: assumptions.floor_payer_share, from: 0.5, to: 1.5}\n"
        "    d: {set: economy, values: [lwo]}\n"
        "    e: {set: weather, values: [1]}\n"
    )
    with pytest.raises(ScenarioError) as caught:
        load_sweep(write(text))
    told = str(caught.value)
    for line, words in (
        (8, "Did you mean base_cap"),
        (10, "unknown key. Did you mean design"),
        (12, "Did you mean flexible_base_floor_ratio"),
        (13, "60"),
        (14, "1.5 is outside 0 to 1"),
        (15, "Did you mean low"),
        (16, "no place of a scenario"),
    ):
        assert any(f"line {line}," in row and words in row for row in told.splitlines()), (line, told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("law: {}\n", "sweep is missing"),
        ("sweep: 3\n", "no mapping"),
        ("sweep:\n  axes: {}\n", "names nothing"),
        (f"sweep:\n  axes:\n    a: {{set: {FLOOR}}}\n", "neither values nor from and to"),
        (f"sweep:\n  axes:\n    value: {{set: {FLOOR}, values: [0.4]}}\n", "no name for an axis"),
        (f"sweep:\n  axes:\n    a: {{set: {FLOOR}, from: 0.1, to: 0.5, steps: 1}}\n", "whole number above 1"),
        (f"sweep:\n  axes:\n    a: {{set: {FLOOR}, from: 0.1, to: 0.5, steps: 10001}}\n", "whole number"),
        (
            f"sweep:\n  axes:\n    a: {{set: {FLOOR}, values: [0.4]}}\n"
            f"    b: {{set: {FLOOR}, values: [0.4]}}\n",
            "set by a too",
        ),
        (
            f"sweep:\n  design: list\n  axes:\n    a: {{set: {FLOOR}, values: [0.4]}}\n"
            "    b: {set: economy, values: [low, high]}\n",
            "as many values",
        ),
        (
            "assumptions: {floor_payer_share: 0.7}\nsweep:\n  axes:\n"
            "    a: {set: assumptions.floor_payer_share}\n",
            "set by the scenario itself",
        ),
        (f"seek: {{}}\nsweep:\n  axes:\n    a: {{set: {FLOOR}, values: [0.4]}}\n", "flexpension seek"),
    ],
)
def test_what_a_sweep_cannot_mean_is_told(write, text, told):
    with pytest.raises(ScenarioError, match=told):
        load_sweep(write(text))


def test_a_sweep_that_is_not_there_is_told():
    with pytest.raises(ScenarioError, match="Did you mean floor-and-floor-payers"):
        read_template("floor-and-floor-payer", "sweep")
    with pytest.raises(ScenarioError, match="no such file"):
        read_template("none.yaml", "sweep")


# --------------------------------------------------------------------------- searching


def _ask(**changes) -> Question:
    given = {"set": [FLOOR], "between": [0.3, 0.6], "indicator": "new_joiners", "target": 0.015}
    return load_question("floor-for-women-riders", given | {"group": {}, "tolerance": 0.001} | changes)


def test_the_root_reaches_the_target_and_is_bracketed():
    answer = seek(_ask(), persons=800)
    assert answer.bracket[0] <= answer.root <= answer.bracket[1]
    assert answer.bracket[1] - answer.bracket[0] <= 0.05
    assert answer.value == pytest.approx(0.015, abs=0.005)
    assert answer.slope < 0  # a higher floor, fewer who join
    assert answer.standard_error == pytest.approx(answer.value_se / abs(answer.slope))
    assert answer.ci95[0] < answer.root < answer.ci95[1]
    told = json.loads(answer.to_json())
    assert told["root"] == answer.root
    assert told["set"] == [FLOOR]


def test_the_value_at_the_root_is_that_of_compare(write):
    answer = seek(_ask(), persons=300)
    text = questions()["floor-for-women-riders"].split("seek:")[0]
    text += f"  flexible_base_floor_ratio:\n    2027-01-01: {answer.root!r}\n"
    reform = load_scenario(write(text, head=""))
    found = compare([reform], persons=300, by=(), indicators=["new_joiners"]).dataset
    assert float(found["value"].sel(scenario="mine").item()) == answer.value


@pytest.mark.full
def test_the_standard_error_of_the_root_is_the_spread_over_draws_of_people():
    answers = [seek(_ask(), persons=600, seed=seed) for seed in range(1, 21)]
    spread = np.std([answer.root for answer in answers], ddof=1)
    # a standard deviation of 20 draws is off by a sixth, and so is each estimated slope by more
    assert 0.6 < np.median([answer.standard_error for answer in answers]) / spread < 1.7


def test_a_target_that_no_value_reaches_is_told_with_what_was_found():
    with pytest.raises(
        ScenarioError, match=r"no value from 0\.3 to 0\.6 reaches it: new_joiners .* goes from"
    ):
        seek(_ask(target=0.9), persons=200)


def test_a_group_of_too_few_people_is_told():
    with pytest.raises(ScenarioError, match="Draw more"):
        seek(_ask(group={"sex": "female", "occupation": "rider"}), persons=200)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"between": [0.6, 0.3]}, "--between: 0.6 is not below 0.3"),
        ({"between": [0.3, 60.0]}, "--between"),
        ({"indicator": "new_joiner"}, "Did you mean new_joiners"),
        ({"group": {"sex": "femal"}}, "Did you mean female"),
        ({"group": {"sexe": "female"}}, "Did you mean sex"),
        ({"of": "level"}, "not one of value, difference"),
        ({"tolerance": 0.0}, "not above nothing"),
        ({"target": float("nan")}, "no number"),
        ({"set": ["law.flexible_base_floor_ratio"]}, "no place of a scenario"),
    ],
)
def test_what_a_search_cannot_mean_is_told(changes, told):
    with pytest.raises(ScenarioError, match=told):
        _ask(**changes)


def test_a_question_must_say_what_is_sought(write):
    with pytest.raises(ScenarioError) as caught:
        load_question(write("seek:\n  targt: 1\n"))
    told = str(caught.value)
    assert "set is missing" in told
    assert "line 8, seek.targt: unknown key. Did you mean target?" in told


# --------------------------------------------------------------------------- command line


# --------------------------------------------------------------------------- combinations


def test_a_sweep_of_a_combination_is_that_of_the_file_with_both(write):
    care = read_yaml(load_scenario("carer-credits").text).data["law"]
    lines = "".join(f"  {name}: {json.dumps(value, default=str)}\n" for name, value in care.items())
    mine = write(GRID)
    alone = sweep(write(GRID.replace("law:\n", f"law:\n{lines}", 1), "both.yaml"), **SMALL)
    joined = sweep(f"{mine}+carer-credits", **SMALL)
    for name in ("value", "standard_error", "difference", "difference_se"):
        np.testing.assert_array_equal(alone[name], joined[name])
    without = sweep(mine, **SMALL)
    assert not np.array_equal(joined["difference"], without["difference"])


def test_a_search_in_a_combination_has_all_its_parts():
    given = {"set": [FLOOR], "between": [0.2, 0.5], "indicator": "new_joiners", "target": 0.1}
    question = load_question("carer-credits+no-early-claim", given)
    point = question.template.point("x", [(path, 0.3) for path in question.paths]).scenario
    parts = [load_scenario(name) for name in ("carer-credits", "no-early-claim")]
    assert set(point.law) == {"flexible_base_floor_ratio"} | {key for part in parts for key in part.law}
    assert question.template.name == "carer-credits+no-early-claim"


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ("floor-and-floor-payers+lower-floor", "Keep one of them"),
        ("lower-floor+carer-credits", "sweep is missing"),
        ("floor-and-floor-payers+no-such", "no file and no shipped question"),
        ("floor-and-floor-payers+floor-for-women-riders", "Use flexpension seek"),
    ],
)
def test_what_a_combination_cannot_mean_is_told(argument, told):
    with pytest.raises(ScenarioError, match=told):
        load_sweep(argument)


def test_two_parts_do_not_both_ask(write):
    other = write(GRID.replace(TIERS, ""), "other.yaml")
    with pytest.raises(ScenarioError, match="asked by mine and by other"):
        load_sweep(f"{write(GRID)}+{other}")


def test_the_verbs_print_and_refuse(tmp_path, monkeypatch):
    from click.testing import CliRunner

    from scenarios.cli import cli

    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    told = run(cli, ["sweep", "floor-and-floor-payers", "--persons", "60", "--format", "json", "--by", "sex"])
    assert told.exit_code == 0, told.output
    assert len(json.loads(told.stdout)["axes"]) == 2
    question = ["seek", "lower-floor", "--set", FLOOR, "--between", "0.4", "0.6", "--target", "0.008"]
    question += ["--indicator", "new_joiners", "--persons", "300"]
    for format_, words in (("table", "Answer"), ("markdown", "| Answer |"), ("json", '"root"')):
        found = run(cli, [*question, "--format", format_])
        assert found.exit_code == 0, found.output
        assert words in found.stdout
    assert isinstance(run(cli, [*question, "--target", "0.99"]).exception, ScenarioError)
