"""What a result rests on (溯源): fingerprints of its inputs, a sample of people.

A fingerprint is a short checksum of one input: a parameter of the law, a file of evidence, a module of the
engine. Two sets of them tell what changed between two runs, by name.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import platform
from collections.abc import Mapping
from importlib import metadata, resources
from typing import TYPE_CHECKING, Any, NamedTuple

from scenarios.worlds import compile_cases
from simulate.outcomes import OUTCOMES

if TYPE_CHECKING:
    import numpy as np

    from scenarios.result import Comparison

SAMPLE_RANGES, SAMPLE_PERSONS = 4, 32
TOLERANCE = 1e-9  # relative, between processors; exp and log may differ in the last digit
_DIGITS = 16
KINDS = ("version", "law", "evidence", "code")
_CITATION = frozenset(
    ("act", "number", "act_title", "act_title_zh", "article", "flag", "note", "alternatives", "published")
)


class Result(NamedTuple):
    """One part of a check: whether it holds, and the line that tells it."""

    good: bool
    line: str


# --------------------------------------------------------------------------- fingerprints


def _short(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:_DIGITS]


@functools.cache
def fingerprints() -> dict[str, dict[str, str]]:
    """Return the checksum of every input of this installation by kind and name (指纹).

    Kinds are `version` of the program, `law` by parameter, `evidence` by file (data, assumptions, fitted
    sets), `code` by module of the engine.
    """
    from scenarios.inputs import evidence_files
    from simulate.law import load_law

    law = load_law()
    told = {name: [_decisive(value) for value in law.describe(name)["values"]] for name in law.parameters}
    engine = resources.files("simulate")
    code = {f.name: f.read_bytes() for f in engine.iterdir() if f.name.endswith(".py")}
    return {
        "version": {"flexpension": metadata.version("flexpension")},
        "law": {name: _short(json.dumps(values, default=str)) for name, values in told.items()},
        "evidence": {name: _short(blob) for name, blob in evidence_files()},
        "code": {f"simulate/{name}": _short(blob) for name, blob in sorted(code.items())},
    }


def _decisive(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a dated value decides numbers: day, value, scope; not how it is cited."""
    told = {key: found for key, found in value.items() if key not in _CITATION and found is not None}
    return dict(sorted(told.items()))


def text_fingerprints(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the checksum of each scenario text (情景指纹)."""
    return {name: _short(text) for name, text in texts.items()}


def changed(before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return what differs between two sets of fingerprints (变动清单), as "kind name".

    >>> changed({"law": {"accrual_rate": "a", "base_cap_ratio": "b"}}, {"law": {"accrual_rate": "c"}})
    ['law accrual_rate', 'law base_cap_ratio']
    """
    return [
        f"{kind} {name}"
        for kind in dict.fromkeys([*before, *after])
        for name in sorted({**before.get(kind, {}), **after.get(kind, {})})
        if before.get(kind, {}).get(name) != after.get(kind, {}).get(name)
    ]


def processor() -> dict[str, str]:
    """Return the kind of processor (处理器类型): where it is the same, so is the last digit of numbers."""
    from llvmlite.binding import get_host_cpu_name

    kind = f"{platform.system()} {platform.machine()} {get_host_cpu_name()}"
    return {"processor": kind, "numba": metadata.version("numba"), "numpy": metadata.version("numpy")}


# --------------------------------------------------------------------------- a sample of people


def sample_ranges(persons: int) -> list[tuple[int, int]]:
    """Return first person and number of the ranges of people kept for `verify` (抽查范围).

    >>> sample_ranges(100_000)
    [(0, 32), (33322, 32), (66645, 32), (99968, 32)]
    >>> sample_ranges(20)
    [(0, 20)]
    """
    number = min(SAMPLE_PERSONS, persons)
    n_ranges = max(1, min(SAMPLE_RANGES, persons // number))  # none overlaps another
    return [(k * (persons - number) // max(1, n_ranges - 1), number) for k in range(n_ranges)]


class Sample:
    """Collects, while a run goes by, the sums of all outcomes over a few ranges of people (抽查样本).

    Sums are exact (`math.fsum`), so they do not depend on blocks or on the order of people.
    """

    def __init__(self, persons: int):
        self.ranges = sample_ranges(persons)
        self._parts: dict[int, list[np.ndarray]] = {first: [] for first, _ in self.ranges}

    def __call__(self, first: int, outcomes: np.ndarray, number: int) -> None:
        """Take what belongs to the sample from a block: outcomes (scenario, outcome, person)."""
        for start, length in self.ranges:
            low, high = max(start, first), min(start + length, first + number)
            if low < high:
                self._parts[start].append(outcomes[:, :, low - first : high - first].copy())

    def records(self, names: list[str]) -> list[dict[str, Any]]:
        """Return the sums by range, scenario and outcome, in plain types (样本合计)."""
        import numpy as np

        columns = [term.name for term in OUTCOMES]
        found = []
        for first, number in self.ranges:
            block = np.concatenate(self._parts[first], axis=2)
            sums = {
                name: {c: math.fsum(block[s, k]) for k, c in enumerate(columns)}
                for s, name in enumerate(names)
            }
            found.append({"first": first, "persons": number, "sums": sums})
        return found


def recompute(comparison: Comparison) -> list[dict[str, Any]]:
    """Return the sample of a kept run computed anew with what is installed (重算样本)."""
    import numpy as np

    from scenarios.inputs import demography
    from simulate.run import Population, follow, live

    inputs = comparison.inputs
    options = [inputs[key] for key in ("fitted", "economy", "behaviour")]
    cases = compile_cases(comparison.scenarios, *options)
    sample, world = Sample(inputs["persons"]), demography()
    population = Population(persons=inputs["persons"], seed=inputs["seed"])
    for first, number in sample.ranges:
        lives = live(population, first, number, cases[0], world)
        sample(first, np.stack([follow(lives, case, world).outcomes for case in cases]), number)
    return sample.records(inputs["scenarios"])
