"""What may be amended and where each value comes from (参数说明): behaviour, assumptions, economy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calibration import DEFAULT_SET
from calibration.fitted_set import DEMOGRAPHY_ASSUMPTIONS, ORIGINS, assumption_entries, read_set
from calibration.paths import economy_values
from simulate.strict_yaml import read_yaml


def known_names() -> dict[str, dict[str, Any]]:
    """Return every name that an amendment may set (可修改名称): title, name_zh, unit, range and section.

    ``section`` is ``assumptions``, ``behaviour`` or ``economy``.
    """
    names = {}
    for name, entry in read_set().items():
        names[name] = {
            "title": entry["title"],
            "name_zh": entry["name_zh"],
            "unit": "",
            "range": entry["range"],
            "section": "behaviour",
        }
    for section, entries in (("assumptions", assumption_entries()), ("economy", economy_values())):
        for name, entry in entries.items():
            if name in DEMOGRAPHY_ASSUMPTIONS:
                continue
            names[name] = {
                "title": entry["title"],
                "name_zh": entry["name_zh"],
                "unit": entry["unit"],
                "range": entry.get("range") or entry["choices"],
                "section": section,
            }
    return names


def describe_set(fitted: str = DEFAULT_SET) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return a row for each value with its origin, and how many there are of each kind (参数来源表).

    ``kind`` is *from table*, *derived* (tables and assumptions) or *assumption*.
    """
    rows = []
    for name, entry in read_set(fitted).items():
        tables = [*entry["tables"], *(f"tables of {other}" for other in entry["builds_on"])]
        rows.append(_row("behaviour", name, entry, _short(entry["value"]), tables, entry["range"]))
    for section, entries in read_yaml(ORIGINS.read_text(encoding="utf-8")).data.items():
        rows += [
            _row(section, name, entry, "series", entry["tables"], None) for name, entry in entries.items()
        ]
    for name, entry in economy_values().items():
        origin = {**entry, "kind": "assumption", "formula": "", "assumptions": []}
        value = entry.get("value", entry.get("path"))
        row = _row("economy", name, origin, value, [], entry.get("range") or entry["choices"])
        rows.append({**row, "assumptions": entry.get("reason") or entry["source"]})
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["kind"]] = counts.get(row["kind"], 0) + 1
    return rows, counts


def _row(
    section: str, name: str, entry: Mapping, value: Any, tables: list[str], allowed: Any
) -> dict[str, Any]:
    """One row of the description; a pure assumption gives its reason."""
    used = entry["assumptions"]
    if entry["kind"] == "assumption":
        used = [f"{key}: {assumption_entries()[key]['reason']}" for key in used]
    return {
        "section": section,
        "name": name,
        "title": entry["title"],
        "name_zh": entry["name_zh"],
        "value": value,
        "kind": entry["kind"],
        "tables": "; ".join(tables),
        "formula": entry["formula"],
        "assumptions": "; ".join(used),
        "range": allowed,
    }


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return value
    return value.tolist() if value.size <= 11 else "array " + " x ".join(map(str, value.shape))
