"""Whether a kept run still holds (核验): its files, its run id, its inputs, and a sample of people."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from pathlib import Path

from scenarios.catalogue import say
from scenarios.provenance import KINDS, TOLERANCE, Result, changed, fingerprints, processor
from scenarios.result import run_id
from scenarios.sample import recompute
from scenarios.store import changed_files, open_run, read_manifest


def verify(folder: str | Path, lang: str = "en") -> Iterator[Result]:
    """Yield the result of each part of the check of a kept run (核验运行).

    Files against the manifest, run id against the inputs, inputs against what is installed, and a sample of
    people computed anew: equal to the last digit on the same kind of processor, to 1e-9 elsewhere.

    Raises
    ------
    StoreError
        The folder is no kept run, or its results cannot be read.
    """

    def part(name: str, faults: list[str], good: str) -> Result:
        detail = "; ".join(faults) if faults else good
        title = say(f"verify_{name}", lang)
        return Result(not faults, say("self_bad" if faults else "self_good", lang, name=title, detail=detail))

    manifest = read_manifest(folder)
    faults = [str(fault) for fault in changed_files(folder, manifest)]
    yield part("files", faults, say("verify_files_detail", lang, n=len(manifest["files"])))
    comparison = open_run(folder, manifest)
    is_ours = run_id(comparison.inputs) == comparison.run_id
    is_ours = (
        is_ours
        and {n: hashlib.sha256(t.encode()).hexdigest() for n, t in comparison.texts.items()}
        == (comparison.inputs["scenario_checksums"])
    )
    yield part("run_id", [] if is_ours else [say("verify_run_id_wrong", lang)], comparison.run_id)
    before = {kind: manifest["fingerprints"].get(kind, {}) for kind in KINDS}  # scenario texts are kept
    differ = changed(before, fingerprints())
    yield part("inputs", differ, say("verify_inputs_detail", lang))
    here, there = processor(), manifest["processor"]
    exact = here == there
    wrong, n = _differing(comparison.sample, recompute(comparison), exact)
    told = say("verify_exact" if exact else "verify_close", lang)
    detail = say("verify_sample_detail", lang, n=n, wrong=wrong, how=told)
    yield part("sample", [detail] if wrong else [], detail)


def _differing(kept: list[dict], found: list[dict], exact: bool) -> tuple[int, int]:
    """How many numbers of two samples differ, and how many there are."""
    before, after = (
        {
            (part["first"], scenario, column): number
            for part in sample
            for scenario, sums in part["sums"].items()
            for column, number in sums.items()
        }
        for sample in (kept, found)
    )

    def same(key) -> bool:
        a, b = before.get(key), after.get(key)
        if a is None or b is None:
            return False
        return a == b if exact else math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE)

    keys = before.keys() | after.keys()
    return sum(not same(key) for key in keys), len(keys)
