"""What the calibration gives a scenario (校准输入): behaviour, economy, people, checksums."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

from calibration import DEFAULT_SET
from calibration.fitted_set import amend_behaviour, load_behaviour
from calibration.paths import amend_economy, economy_values, load_demography, load_economy
from calibration.tables import CalibrationError
from calibration.weights import load_weights as load_weights

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

if TYPE_CHECKING:
    from simulate.behaviour import Behaviour
    from simulate.demography import Demography
    from simulate.economy import Economy


def faults_of_setting(section: str, name: str, value: Any, fitted: str = DEFAULT_SET) -> list[str]:
    """Return what is wrong with one behaviour or assumption of a scenario file (设定校验)."""
    try:
        if section == "assumptions" and name in economy_values():
            amend_economy(load_economy(), {name: _dated(value)})
        else:
            amend_behaviour(load_behaviour(fitted), {name: _dated(value)})
    except CalibrationError as error:
        return [fault.message for fault in error.faults]
    return []


def amended_economy(name: str, assumptions: Mapping[str, Any]) -> Economy:
    """Return a future of the economy with a scenario's assumptions (经济路径)."""
    changes = {key: _dated(value) for key, value in assumptions.items() if key in economy_values()}
    economy = load_economy(name)
    return amend_economy(economy, changes, base=name) if changes else economy


def amended_behaviour(
    fitted: str, variant: str, level: str, behaviour: Mapping[str, Any], assumptions: Mapping[str, Any]
) -> Behaviour:
    """Return a fitted set with a scenario's behaviour and assumptions (行为参数)."""
    others = {key: value for key, value in assumptions.items() if key not in economy_values()}
    changes = {key: _dated(value) for key, value in {**others, **behaviour}.items()}
    found = load_behaviour(fitted, variant=variant, level=level)
    return amend_behaviour(found, changes, fitted=fitted, level=level) if changes else found


def check_fitted(name: str) -> None:
    """Raise CalibrationError where there is no fitted set of this name (参数集名称)."""
    load_behaviour(name)


def demography() -> Demography:
    """Return survival, births and cohorts (人口)."""
    return load_demography()


def _dated(value: Any) -> Any:
    """A scenario writes {DATE: value}, the calibration a list of from and value."""
    if isinstance(value, Mapping) and all(_DAY.fullmatch(str(key)) for key in value):
        return [{"from": day, "value": number} for day, number in value.items()]
    return value


@functools.cache
def evidence_checksum() -> str:
    """Return the SHA-256 of all data, assumptions and fitted sets (校准数据校验和)."""
    digest = hashlib.sha256()
    for name, blob in evidence_files():
        digest.update(name.encode() + b"\0" + hashlib.sha256(blob).digest())
    return digest.hexdigest()


def evidence_files() -> list[tuple[str, bytes]]:
    """Return name and content of every file of data, assumptions and fitted sets (校准文件)."""
    return sorted(_walk(resources.files("calibration"), ""))


def _walk(folder, prefix: str):
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".csv", ".yaml", ".json")):
            yield f"{prefix}{entry.name}", entry.read_bytes()
