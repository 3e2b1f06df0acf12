"""A kept run (运行存档): a folder with everything that a result rests on.

    scenarios/NAME.yaml   the scenario texts as they were read
    manifest.json         inputs, command, versions, processor, fingerprints, checksum of each file
    results.nc            the whole dataset (NetCDF)
    results.csv           the rows of `compare`
    tables/*.csv          the standard tables
    tables.xlsx           the same as a workbook, with rows and notes
    sample.json           sums over a few people, which `verify` computes again
    people/*.parquet      the people themselves, on request (`scenarios/people.py`)

While a run is computed its finished parts stand beside it in `.NAME.parts` (`scenarios/parts.py`).

A folder is written beside its place and moved there when whole, so none is ever half there.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import tempfile
from importlib import metadata
from pathlib import Path

from scenarios.result import Comparison, StoreError
from simulate.strict_yaml import Fault

MANIFEST, SAMPLE = "manifest.json", "sample.json"
SCHEMA_VERSION = 2


def check_target(folder: str | Path, force: bool = False) -> Path:
    """Return the folder as a path if a run may be written there (检查存档位置), before any work is done.

    Raises
    ------
    StoreError
        The place is taken (with `force`: by something that is no kept run), or cannot be written.
    """
    target = Path(folder)
    if target.exists() or target.is_symlink():
        if not (target / MANIFEST).is_file():
            if not (target.is_dir() and not any(target.iterdir())):
                message = "exists and is no kept run. Name another folder"
                raise StoreError(str(target), [Fault("", message)])
        elif not force:
            raise StoreError(
                str(target), [Fault("", "exists. Name another folder, or replace it with --force")]
            )
    parent = target.absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise StoreError(str(target), [Fault("", f"{parent} cannot be written. Name another folder")])
    return target


def versions() -> dict[str, str]:
    """Return the versions of the program and of what it computes with (版本)."""
    names = ("flexpension", "numpy", "numba", "xarray")
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in names}}


def parts_beside(folder: str | Path) -> Path:
    """Return where the finished parts of a run stand until it is kept (分段存放处)."""
    target = Path(folder).absolute()
    return target.with_name(f".{target.name}.parts")


def keep_run(
    comparison: Comparison,
    folder: str | Path,
    force: bool = False,
    command: str = "",
    lang: str = "en",
    people: Path | None = None,
) -> Path:
    """Write a comparison as a run folder and return its path (保存运行); files of people are moved there."""
    target = check_target(folder, force)
    try:
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.absolute().parent))
    except OSError as error:
        raise StoreError(str(target), [Fault("", f"cannot be written ({error.strerror})")]) from None
    try:
        if people is not None:
            shutil.move(people, beside / "people")
        _write(comparison, beside, command, lang)
        beside.chmod(0o755)
        if target.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.absolute().parent))
            os.replace(target, old)
            os.replace(beside, target)
            shutil.rmtree(old)
        else:
            os.replace(beside, target)
    except OSError as error:
        raise StoreError(str(target), [Fault("", f"cannot be written ({error.strerror})")]) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return target


def _write(comparison: Comparison, folder: Path, command: str, lang: str) -> None:
    from scenarios.provenance import fingerprints, processor, text_fingerprints
    from scenarios.standard_tables import standard_tables
    from scenarios.workbook import to_csv, write_workbook

    texts = folder / "scenarios"
    texts.mkdir()
    for name, text in comparison.texts.items():
        (texts / f"{name}.yaml").write_text(text, "utf-8")
    (folder / "results.csv").write_text(comparison.to_csv(), "utf-8")
    comparison.dataset.to_netcdf(folder / "results.nc", engine="h5netcdf")
    _write_json(folder / SAMPLE, comparison.sample)
    write_workbook(comparison, folder / "tables.xlsx", lang)
    (folder / "tables").mkdir()
    for table in standard_tables(comparison, lang):
        (folder / "tables" / f"{table.key.replace(' ', '-')}.csv").write_text(to_csv(table, lang), "utf-8")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "run_id": comparison.run_id,
        "command": command,
        "versions": versions(),
        "processor": processor(),
        "fingerprints": {**fingerprints(), "scenario": text_fingerprints(comparison.texts)},
        **comparison.inputs,
        "files": {path.relative_to(folder).as_posix(): _sha256(path) for path in files},
    }
    _write_json(folder / MANIFEST, manifest)


def _write_json(path: Path, content) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --------------------------------------------------------------------------- reading back


_INPUTS = {
    **{key: int for key in ("persons", "seed")},
    **{key: str for key in ("version", "baseline", "economy", "behaviour", "fitted", "law_checksum")},
    **{key: list for key in ("scenarios", "by", "indicators")},
    **{key: dict for key in ("warnings", "scenario_checksums", "files", "fingerprints", "processor")},
    **{key: str for key in ("run_id", "command")},
}
_ABOUT = ("schema_version", "run_id", "command", "versions", "processor", "fingerprints", "files")


def read_manifest(folder: str | Path) -> dict:
    """Return the manifest of a kept run (读取清单). StoreError where the folder is none."""
    path = Path(folder) / MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
        missing = [key for key, kind in _INPUTS.items() if not isinstance(manifest.get(key), kind)]
        if manifest.get("schema_version") is None:
            missing.insert(0, "schema_version")
    except (OSError, ValueError, AttributeError):
        raise StoreError(
            str(folder), [Fault("", f"is no kept run: {MANIFEST} is missing or broken")]
        ) from None
    if missing:
        raise StoreError(
            str(folder), [Fault(MANIFEST, f"has no {', '.join(missing)}. Keep the run anew with --out")]
        )
    if manifest["schema_version"] != SCHEMA_VERSION:
        found = manifest["schema_version"]
        raise StoreError(
            str(folder), [Fault(MANIFEST, f"schema_version is {found}; {SCHEMA_VERSION} can be read")]
        )
    return manifest


def changed_files(folder: str | Path, manifest: dict) -> list[Fault]:
    """Return the files of a run that are missing or were changed (被改动的文件)."""
    faults = []
    for name, checksum in manifest["files"].items():
        path = Path(folder) / name
        if not path.is_file():
            faults.append(Fault(name, "is missing"))
        elif _sha256(path) != checksum:
            faults.append(Fault(name, "was changed after the run"))
    return faults


def load_run(folder: str | Path) -> Comparison:
    """Return the comparison that a run folder keeps (读取运行), its files checked against the manifest.

    Raises
    ------
    StoreError
        No kept run, or files that are missing or changed; all at once.
    """
    manifest = read_manifest(folder)
    faults = changed_files(folder, manifest)
    if faults:
        raise StoreError(str(folder), faults)
    return open_run(folder, manifest)


def open_run(folder: str | Path, manifest: dict) -> Comparison:
    """Return the comparison that a run folder keeps (打开运行); whether files were changed is not asked."""
    import xarray

    root = Path(folder)
    try:
        with xarray.open_dataset(root / "results.nc", engine="h5netcdf") as stored:
            dataset = stored.load()
        if not {"indicator", "scenario", "group", "value", "persons", "reason"} <= set(dataset.variables):
            raise KeyError("value")
        sample = json.loads((root / SAMPLE).read_text("utf-8"))
        if not all(isinstance(s, dict) for part in sample for s in (part["sums"], *part["sums"].values())):
            raise TypeError(SAMPLE)
        texts = {path.stem: path.read_text("utf-8") for path in sorted((root / "scenarios").glob("*.yaml"))}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError):
        raise StoreError(
            str(root), [Fault("", f"results.nc or {SAMPLE} is damaged. Run `{manifest['command']}` again")]
        ) from None
    inputs = {key: value for key, value in manifest.items() if key not in _ABOUT}
    scenarios = tuple(_scenario(name, root / "scenarios", texts) for name in inputs["scenarios"])
    return Comparison(dataset, manifest["run_id"], inputs, texts, scenarios, sample)


def _scenario(name: str, folder: Path, texts: dict[str, str]):
    """A scenario as it was: from the library where that holds the same text, else from the kept file."""
    from scenarios.scenario import combine, library, load_scenario

    if name not in texts and "+" in name:
        return combine([_scenario(part, folder, texts) for part in name.split("+")])
    if library().get(name) == texts.get(name):
        return load_scenario(name)
    return load_scenario(folder / f"{name}.yaml")
