"""What the evidence cannot decide (不确定因素): named numbers with low, central and high.

`factors.yaml` is the ranked list; its bands are those of `calibration/assumptions.yaml` where it has none.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from scenarios.scenario import ScenarioError
from simulate.law_values import LawError
from simulate.strict_yaml import Fault, nearest, read_yaml


class Factor(NamedTuple):
    """One uncertain number or list (不确定因素), in the form in which a scenario sets it."""

    name: str
    title: str
    title_zh: str
    rank: int  # 0: not in the ranked list
    low: Any
    central: Any
    high: Any
    place: tuple[str, ...] = ()  # path of a parameter of the law; empty for an assumption

    def at(self, position: float) -> Any:
        """Return the value at a position from 0 (low) by 0.5 (central) to 1 (high), straight between.

        >>> factors()["floor_payer_share"].at(0.75)
        0.675
        """
        if position <= 0.5:
            return _between(self.low, self.central, 2 * position)
        return _between(self.central, self.high, 2 * position - 1)


def _between(start: Any, end: Any, part: float) -> Any:
    """The value a part of the way from start to end, element by element; what is equal stays as it is."""
    if isinstance(start, list) or isinstance(end, list):
        pairs = zip(*(x if isinstance(x, list) else itertools.repeat(x) for x in (start, end)), strict=False)
        return [_between(a, b, part) for a, b in pairs]
    return start if start == end else round(start + part * (end - start), 12)


def settings(pairs: Iterable[tuple[Factor, float]]) -> dict[str, dict[str, Any]]:
    """Return what factors at positions set (因素取值): `assumptions` and `law`, as a `World` takes them."""
    found: dict[str, dict[str, Any]] = {"assumptions": {}, "law": {}}
    for factor, position in pairs:
        if factor.place:
            _, name, day = factor.place
            found["law"].setdefault(name, {})[day] = factor.at(position)
        else:
            found["assumptions"][factor.name] = factor.at(position)
    return found


@functools.cache
def factors() -> dict[str, Factor]:
    """Return the ranked list, then every other assumption that is one number (不确定因素清单)."""
    from calibration.fitted_set import DEMOGRAPHY_ASSUMPTIONS, entries_under

    text = (resources.files("scenarios") / "factors.yaml").read_text("utf-8")
    entries, found = entries_under(), {}
    for name, written in read_yaml(text).data.items():
        entry = {**entries.get(name, {}), **written}
        if "scale" in written:
            central = np.asarray(entry["central"], dtype=float)
            least, most = entry["range"]
            entry["low"], entry["high"] = (
                np.clip(scale * central, least, most).tolist() for scale in written["scale"]
            )
        values = (entry[key] for key in ("low", "central", "high"))
        place = tuple(written["set"].split(".")) if "set" in written else ()
        found[name] = Factor(name, written["title"], written["title_zh"], written["rank"], *values, place)
    for name, entry in entries.items():
        if (
            name not in found
            and name not in DEMOGRAPHY_ASSUMPTIONS
            and not isinstance(entry["central"], list)
        ):
            values = (entry[key] for key in ("low", "central", "high"))
            found[name] = Factor(name, entry["title"], entry["name_zh"], 0, *values)
    return found


def choose(names: Iterable[str] | None = None) -> list[Factor]:
    """Return factors by name (选择因素): without names the ranked list, for "all" every one.

    A parameter of the law is written with its band: ``law.NAME.DATE=LOW:CENTRAL:HIGH``.

    >>> choose(["law.platform_levy_rate.2027-01-01=0.04:0.08:0.12"])[0].at(1.0)
    0.12
    """
    known = factors()
    if names is None:
        return [factor for factor in known.values() if factor.rank]
    names = list(dict.fromkeys(names))
    if names == ["all"]:
        return list(known.values())
    written, faults = {}, []
    for name in names:
        if name.startswith("law."):
            found = _of_law(name)
            faults += [found] if isinstance(found, Fault) else []
            written[name] = found
        elif name not in known:
            more = nearest(name, known) or " Known are " + ", ".join(known)
            faults.append(Fault(f"factor {name}", f"no such factor.{more}"))
    if faults or not names:
        raise ScenarioError("", faults or [Fault("factors", "names none")])
    return [written.get(name) or known[name] for name in names]


def _of_law(text: str) -> Factor | Fault:
    """A factor that is a parameter of the law, or what is wrong with how it is written."""
    from simulate.law import load_law

    where, path = f"factor {text}", text.partition("=")[0].strip()
    place, law = tuple(path.split(".")), load_law()
    try:
        low, central, high = (float(part) for part in text.partition("=")[2].split(":"))
        _, name, day = place
    except ValueError:
        return Fault(where, "is no band. Write law.NAME.YYYY-MM-DD=LOW:CENTRAL:HIGH")
    if name not in law.parameters:
        more = nearest(name, law.parameters) or " `flexpension show law` lists them."
        return Fault(where, f"no such parameter.{more}")
    try:
        law.amend({name: [{"effective": day, "value": value} for value in (low,)]})
        law.amend({name: [{"effective": day, "value": value} for value in (high,)]})
    except LawError as error:
        return Fault(where, error.faults[0].message)
    entry = law.parameters[name]
    return Factor(path, entry.title, entry.name_zh, 0, low, central, high, place)
