"""What a kept run leans on: elasticities known by head on a hand-made pension, then a run of the engine."""

from __future__ import annotations

import csv
import io
import json
import sys

import numpy as np
import pytest

from scenarios import cli, compare, weak_values
from scenarios.scenario import ScenarioError
from scenarios.store import keep_run
from scenarios.weak_values import WEAK, is_weak, leaning, moved_law
from simulate.law import load_law
from simulate.terms import FIRST_YEAR

HEADLINE = "pension_to_average_wage"
GUIZHOU_2001 = (2001 - FIRST_YEAR, [p.name for p in load_law().provinces].index("Guizhou"))


@pytest.fixture(scope="module")
def run():
    return compare(["carer-credits"], persons=200, by=(), indicators=[HEADLINE])


@pytest.fixture(scope="module")
def told(run):
    return leaning(run, persons=200)


def rows_of(told, parameter: str) -> list[dict]:
    return [row for row in told.rows if row["parameter"] == parameter]


def stand_in(monkeypatch, pension):
    """Every random group has this pension, a function of a policy; only the base moves."""

    def numbers(cases, *_):
        values = np.array([[pension(case.policy) for case in cases]])
        return values, np.stack([values] * 3, axis=-1), np.full(values.shape, 3)

    monkeypatch.setattr(weak_values, "run_cases", lambda n, seed, cases, *_: cases)
    monkeypatch.setattr(weak_values, "replicated", numbers)
    monkeypatch.setattr(weak_values, "is_quantity", lambda parameter: parameter.name == "benefit_base")


def test_the_weak_value_of_the_example_is_weak():
    series = load_law().series("benefit_base", "Guizhou")
    assert any(is_weak(value) and value.effective.year == 2001 for value in series)


def test_the_basic_pension_answers_its_base_one_to_one_and_a_whole_pension_by_its_share(run, monkeypatch):
    """Basic pension: base x 20 years x 1 %. Beside an account pension as large the elasticity is 1/2."""

    def basic(policy) -> float:
        return policy.benefit_base[GUIZHOU_2001] * 20 * 0.01

    stand_in(monkeypatch, basic)
    alone = rows_of(leaning(run), "benefit_base")
    assert [row["elasticity"] for row in alone] == pytest.approx([1.0, 1.0])
    assert [row["elasticity_se"] for row in alone] == pytest.approx([0.0, 0.0])
    amount = alone[0]["value"]
    stand_in(monkeypatch, lambda policy: basic(policy) + amount)
    assert rows_of(leaning(run), "benefit_base")[0]["elasticity"] == pytest.approx(0.5)
    stand_in(monkeypatch, lambda policy: amount**2 / basic(policy))
    assert rows_of(leaning(run), "benefit_base")[0]["elasticity"] == pytest.approx(-1.0, rel=1e-3)


def test_the_difference_moves_by_what_one_per_cent_adds_to_it(run, monkeypatch):
    """The reform doubles the basic pension of 100: one per cent more adds 2 to it, 1 to the baseline."""
    seen = []

    def pension(policy) -> float:
        seen.append(policy)
        number = policy.benefit_base[GUIZHOU_2001]
        first = seen[0].benefit_base[GUIZHOU_2001]
        return 100 * number / first * (1 + (len(seen) + 1) % 2)  # cases come baseline first, two by two

    stand_in(monkeypatch, pension)
    baseline, reform = rows_of(leaning(run), "benefit_base")
    assert (baseline["value"], reform["value"]) == (100, 200)
    assert baseline["difference_per_percent"] == 0
    assert reform["difference_per_percent"] == pytest.approx(2 - 1)


def test_only_weak_values_move_and_whole_months_by_whole_months():
    law = load_law()
    weak = frozenset(filter(is_weak, law.parameters["benefit_base"].all_values()))
    moved, step = moved_law(law, "benefit_base", weak, 1)
    assert step == pytest.approx(0.01)
    pairs = zip(
        law.parameters["benefit_base"].all_values(),
        moved.parameters["benefit_base"].all_values(),
        strict=True,
    )
    for before, after in pairs:
        assert after.value == (before.value * 1.01 if before.flag in WEAK else before.value)
    for direction in (-1, 1):
        weak = frozenset(filter(is_weak, law.parameters["resident_minimum_months"].all_values()))
        moved, step = moved_law(law, "resident_minimum_months", weak, direction)
        values = [v.value for v in moved.parameters["resident_minimum_months"].all_values()]
        assert all(float(value).is_integer() for value in values)
        assert direction * step > 0


def test_a_run_leans_on_what_it_reads_and_on_nothing_else(told):
    names = {row["parameter"] for row in told.rows}
    assert {"resident_basic_pension", "reference_wage"} <= names
    assert not names & {"c102_replacement_rate", "funeral_grant_months", "accrual_rate", "city_benefit_base"}
    assert "city_benefit_base" in told.fixed
    flags = load_law().audit()["by_flag"]
    assert all(0 < sum(row[flag] for flag in WEAK) <= row["values"] for row in told.rows)
    assert all(sum(row[flag] for row in told.rows) / 2 <= flags[flag] for flag in WEAK)
    for row in rows_of(told, "resident_basic_pension"):
        assert 0 < row["elasticity"] < 1
        assert row["elasticity_se"] > 0
    strongest = [abs(row["elasticity"]) for row in told.rows if row["scenario"] == "current-law"]
    assert max(strongest) == max(abs(row["elasticity"]) for row in told.rows[:2])


def test_every_weak_parameter_moves_the_number_or_has_its_reason(told):
    kinds = [{row["parameter"] for row in told.rows}, set(told.fixed), set(told.unread), set(told.still)]
    parameters = load_law().parameters
    weak = {name for name, entry in parameters.items() if any(map(is_weak, entry.all_values()))}
    assert set.union(*kinds) == weak
    assert sum(map(len, kinds)) == len(weak)  # one reason each
    assert {"c102_replacement_rate", "funeral_grant_months"} <= set(told.still)  # of other indicators
    for name, (first, last) in told.still.items():
        years = {value.effective.year for value in parameters[name].all_values() if is_weak(value)}
        assert (first, last) == (min(years), max(years))
        span = f"{first}–{last}" if first < last else str(first)
        assert any(f"{name} ({span})" in note for note in told.notes("zh"))


def test_all_forms_tell_the_same(told):
    found = json.loads(told.to_json())
    assert (found["unread"], found["still"]) == (told.unread, told.still)
    assert found["schema_version"] == 1
    assert found["persons"] == 200
    assert found["rows"] == told.rows
    table = list(csv.DictReader(io.StringIO(told.to_csv())))
    assert [float(row["elasticity"]) for row in table] == [row["elasticity"] for row in told.rows]
    english, chinese = told.blocks("en"), told.blocks("zh")
    assert len(english) == len(chinese) == 2
    assert {row[0] for row in english[0].rows} == {row["parameter"] for row in told.rows}
    assert "倚重" in chinese[0].title
    assert any("city_benefit_base" in note for note in told.notes("zh"))


def test_a_law_that_changed_since_is_told(told):
    changed = told._replace(inputs=told.inputs | {"same_law": False})
    assert len(changed.notes()) == len(told.notes()) + 1


def test_no_people_are_refused(run):
    with pytest.raises(ScenarioError, match="persons: 0 is no whole number"):
        leaning(run, persons=0)


def test_the_verb_reads_a_kept_run_and_refuses_anything_else(run, tmp_path, monkeypatch, capsys):
    def flexpension(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["flexpension", *words])
        with pytest.raises(SystemExit) as leave:
            cli.main()
        return (leave.value.code, *capsys.readouterr())

    keep_run(run, tmp_path / "kept")
    stand_in(monkeypatch, lambda policy: policy.benefit_base[GUIZHOU_2001])
    audit = ("show", "law", "--audit")
    code, out, _ = flexpension(*audit, str(tmp_path / "kept"), "--format", "csv")
    assert code == 0
    assert out.splitlines()[1].startswith("benefit_base,")
    code, out, _ = flexpension(*audit, str(tmp_path / "kept"), "--format", "markdown", "--lang", "zh")
    assert code == 0
    assert f"| benefit_base | {load_law().parameters['benefit_base'].name_zh} |" in out
    for words, message in (
        ((*audit, str(tmp_path)), "is no kept run"),
        ((*audit, str(tmp_path / "kept"), "another"), "takes one kept run"),
        ((*audit, "--format", "json"), "goes with a kept run"),
        ((*audit, str(tmp_path / "kept"), "--persons", "0"), "0 is no whole number"),
    ):
        code, out, err = flexpension(*words)
        assert (code, out) == (2, "")
        assert message in err
