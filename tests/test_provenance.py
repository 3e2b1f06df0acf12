"""A kept run is bound to its inputs: what `verify` proves, what it finds, and what it refuses."""

from __future__ import annotations

import json
import shutil
import sys

import pytest

from scenarios import cli, compare, provenance, verification
from scenarios.provenance import changed, fingerprints
from scenarios.sample import sample_ranges
from scenarios.store import StoreError, keep_run, load_run
from scenarios.verification import verify

HEAD = "title: T\ntitle_zh: 测\nquestion: Q\nquestion_zh: 问\nsource: S\nstatus: illustration\n"
SCENARIOS = ["lower-floor", "lower-floor+carer-credits"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "kept"
    keep_run(
        compare(SCENARIOS, persons=300, by=(), indicators=["new_joiners"]), folder, command="flexpension"
    )
    return folder


@pytest.fixture
def copy(kept, tmp_path):
    return shutil.copytree(kept, tmp_path / "copy")


def _bad(folder) -> list[str]:
    return [result.line for result in verify(folder) if not result.good]


def _edit_manifest(folder, change) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), "utf-8")


def test_a_run_that_was_kept_is_verified(kept):
    results = list(verify(kept))
    assert len(results) == 4
    assert all(result.good for result in results)
    assert "the same kind of processor" in results[-1].line


def test_the_manifest_names_everything_a_result_rests_on(kept):
    manifest = json.loads((kept / "manifest.json").read_text("utf-8"))
    assert set(manifest["fingerprints"]) == {"version", "law", "evidence", "code", "scenario"}
    assert {"lower-floor", "carer-credits", "current-law"} == set(manifest["fingerprints"]["scenario"])
    assert "base_floor_ratio" in manifest["fingerprints"]["law"]
    assert "simulate/participation.py" in manifest["fingerprints"]["code"]
    assert "assumptions.yaml" in manifest["fingerprints"]["evidence"]
    assert {"processor", "versions", "command", "run_id", "files"} <= set(manifest)
    assert {"persons", "seed", "baseline", "by", "economy", "behaviour", "fitted"} <= set(manifest)


def test_scenarios_come_back_as_they_were_compared(kept):
    assert [scenario.name for scenario in load_run(kept).scenarios] == ["current-law", *SCENARIOS]


def test_the_sample_is_the_same_for_any_block_and_number_of_threads():
    one, two = (compare("lower-floor", persons=500, by=(), threads=n).sample for n in (1, 2))
    assert one == two


def test_the_sample_spreads_over_all_people():
    assert sample_ranges(1_000_000)[-1] == (1_000_000 - 32, 32)
    assert sample_ranges(33) == [(0, 32)]
    assert sample_ranges(100) == [(0, 32), (34, 32), (68, 32)]


def test_a_changed_table_is_found(copy):
    with (copy / "results.csv").open("a", encoding="utf-8") as stream:
        stream.write("made up\n")
    assert [line for line in _bad(copy) if "results.csv: was changed after the run" in line]


def test_a_changed_seed_is_found_by_run_id_and_by_recomputing(copy):
    _edit_manifest(copy, lambda manifest: manifest.update(seed=2))
    told = " ".join(_bad(copy))
    assert "run id: does not follow from the inputs" in told
    assert "sample of people" in told


def test_one_digit_of_the_sample_is_found_on_the_same_processor_and_forgiven_elsewhere(copy, monkeypatch):
    real = verification.recompute

    def off_by_little(comparison):
        told = real(comparison)
        told[0]["sums"]["lower-floor"]["pension_at_65"] *= 1 + 1e-14
        return told

    monkeypatch.setattr(verification, "recompute", off_by_little)
    assert "1 differ" in _bad(copy)[0]
    _edit_manifest(copy, lambda manifest: manifest["processor"].update(processor="another"))
    assert _bad(copy) == []


def test_a_law_that_moved_since_the_run_is_named(copy):
    _edit_manifest(copy, lambda m: m["fingerprints"]["law"].update(accrual_rate="0123456789abcdef"))
    assert any("law accrual_rate" in line for line in _bad(copy))


def test_a_run_of_an_own_file_is_verified_without_that_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + "law: {flexible_base_floor_ratio: {2027-01-01: 0.5}}\n", "utf-8")
    keep_run(compare([str(path)], persons=60, by=(), indicators=["new_joiners"]), tmp_path / "kept")
    path.unlink()
    assert _bad(tmp_path / "kept") == []


def test_fingerprints_differ_only_in_what_changed():
    before = fingerprints()
    after = {kind: dict(found) for kind, found in before.items()}
    after["law"]["accrual_rate"] = "0"
    assert changed(before, before) == []
    assert changed(before, after) == ["law accrual_rate"]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda f: (f / "results.nc").write_bytes(b"\x89HDF\r\n"), "results.nc or sample.json is damaged"),
        (lambda f: (f / "sample.json").write_text("[", "utf-8"), "results.nc or sample.json is damaged"),
        (lambda f: (f / "manifest.json").write_text("{}", "utf-8"), "manifest.json: has no schema_version"),
        (lambda f: (f / "manifest.json").write_text("no", "utf-8"), "is no kept run"),
        (lambda f: (f / "manifest.json").unlink(), "is no kept run"),
        (lambda f: (f / "manifest.json").write_text("[1]", "utf-8"), "is no kept run"),
        (lambda f: _edit_manifest(f, lambda m: m.update(files=3)), "manifest.json: has no files"),
        (lambda f: _edit_manifest(f, lambda m: m.pop("economy")), "manifest.json: has no economy"),
        (lambda f: (f / "sample.json").write_text("[1]", "utf-8"), "results.nc or sample.json is damaged"),
        (lambda f: (f / "results.nc").write_bytes(b""), "results.nc or sample.json is damaged"),
        (
            lambda f: _edit_manifest(f, lambda m: m.update(schema_version=1)),
            "schema_version is 1; 2 can be read",
        ),
    ],
)
def test_a_foreign_or_damaged_folder_gets_one_line_and_exit_2(copy, spoil, told, monkeypatch, capsys):
    spoil(copy)
    monkeypatch.setattr(sys, "argv", ["flexpension", "verify", str(copy)])
    with pytest.raises(SystemExit) as leaving:
        cli.main()
    error = capsys.readouterr().err
    assert leaving.value.code == 2
    assert told in error
    assert len(error.strip().splitlines()) == 1


def test_a_difference_leaves_with_1(copy, monkeypatch, capsys):
    _edit_manifest(copy, lambda manifest: manifest.update(seed=2))
    monkeypatch.setattr(sys, "argv", ["flexpension", "verify", str(copy)])
    with pytest.raises(SystemExit) as leaving:
        cli.main()
    assert leaving.value.code == 1
    assert "WRONG" in capsys.readouterr().out


def test_a_folder_that_is_no_run_cannot_be_loaded(tmp_path):
    with pytest.raises(StoreError, match="is no kept run"):
        load_run(tmp_path)


def test_a_law_value_has_the_same_fingerprint_however_it_is_cited():
    value = {"effective": "2027-01-01", "value": 0.4, "province": None, "act": "a", "note": ""}
    same = {**value, "act": "b", "note": "read again", "occupation": None}
    assert provenance._decisive(value) == provenance._decisive(same)
    assert provenance._decisive(value) != provenance._decisive({**value, "province": "Tibet"})
