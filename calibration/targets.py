"""Targets (校准目标): what the evidence says, read from targets.yaml and held against moments."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from calibration.aggregates import province_names
from calibration.moments import MEASURES
from calibration.tables import CalibrationError, read_table
from simulate.strict_yaml import Fault, nearest, read_yaml

TARGETS = Path(__file__).with_name("targets.yaml")
ROLES = ("fit", "check", "context")
TOLERANCE = 0.02
_REQUIRED = {"id", "block", "title", "unit", "source", "role", "weight", "confidence"}
_ALLOWED = _REQUIRED | {
    *("each", "measure", "of", "value", "alt_value", "low", "high", "n", "caveat"),
    *("standard_error", "tolerance", "note", "reason", "tried"),
}


class Target(NamedTuple):
    """One figure of the evidence (校准目标): a value, or bounds, with its error and its role."""

    id: str
    block: str
    title: str
    unit: str
    source: str
    role: str
    weight: float
    confidence: str
    measure: str | None = None
    of: Mapping[str, Any] = {}
    value: float | None = None
    alt_value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    caveat: float | None = None
    standard_error: float | None = None
    tolerance: float = TOLERANCE
    note: str = ""
    reason: str = ""  # why the model misses it, where it does
    tried: str = ""  # what an experiment says of the reason

    @property
    def readings(self) -> tuple[float, ...]:
        """The value and the other reading of an ambiguous row (两种读法)."""
        return tuple(x for x in (self.value, self.alt_value) if x is not None)

    def gap(self, model: float) -> float:
        """Return model less target (差距): to the nearer reading, or beyond the bound, 0 inside."""
        if self.readings:
            return min((model - x for x in self.readings), key=abs)
        if self.low is not None and model < self.low:
            return model - self.low
        return max(0.0, model - self.high) if self.high is not None else 0.0

    def holds(self, model: float) -> bool:
        """Return whether a model value is within the tolerance or two standard errors (是否吻合)."""
        return abs(self.gap(model)) <= max(self.tolerance, 2.0 * (self.standard_error or 0.0))


@functools.cache
def load_targets() -> tuple[Target, ...]:
    """Return every target (校准目标); entries for each province become one target a province."""
    document = read_yaml(TARGETS.read_text(encoding="utf-8"))
    faults = list(document.faults)
    targets = []
    for entry in document.data or []:
        name = entry.get("id", "?")
        faults += [Fault(f"{name}.{key}", "missing") for key in sorted(_REQUIRED - set(entry))]
        faults += [
            Fault(f"{name}.{key}", f"no such key.{nearest(key, _ALLOWED)}") for key in set(entry) - _ALLOWED
        ]
        if entry.get("role") not in ROLES:
            faults.append(Fault(f"{name}.role", f"{entry.get('role')!r} is none of {', '.join(ROLES)}"))
        measure = entry.get("measure")
        if measure is not None and measure not in MEASURES:
            faults.append(Fault(f"{name}.measure", f"no measure {measure!r}.{nearest(measure, MEASURES)}"))
        if not faults:
            targets += _by_province(entry) if "each" in entry else [Target(**entry)]
    if faults:
        raise CalibrationError(str(TARGETS), faults)
    return tuple(targets)


def _by_province(entry: Mapping[str, Any]) -> list[Target]:
    """One target a province, its share of the national total of 2024."""
    table = read_table(entry["source"].split(":")[0])
    where = [table["province"].index(name) for name in province_names()]
    columns = entry["source"].split(": ")[1].split(" less ")
    numbers = table[columns[0]][where]
    if len(columns) > 1:
        numbers = numbers - table[columns[1]][where]
    rest = {key: value for key, value in entry.items() if key != "each"}
    return [
        Target(
            **{
                **rest,
                "id": f"{entry['id']}_{name.lower().replace(' ', '_')}",
                "title": f"{entry['title']}: {name}",
                "of": {**entry["of"], "province": name},
                "value": round(float(number / numbers.sum()), 5),
            }
        )
        for name, number in zip(province_names(), numbers, strict=True)
    ]
