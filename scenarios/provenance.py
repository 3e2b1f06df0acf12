"""What a result rests on (溯源): fingerprints of its inputs.

A fingerprint is a short checksum of one input: a parameter of the law, a file of evidence, a module of the
engine. Two sets of them tell what changed between two runs, by name.
"""

from __future__ import annotations

import functools
import hashlib
import json
import platform
from collections.abc import Mapping
from importlib import metadata, resources
from typing import Any, NamedTuple

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
