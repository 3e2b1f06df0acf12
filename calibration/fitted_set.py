"""Fitted sets (拟合参数集): read, amend and describe what people do.

A set is a folder of ``calibration/fitted``: ``behaviour.yaml`` has every field with its tables, rows, formula
and assumptions, large arrays lie beside it as CSV. Sets are kept; a new estimation is a new folder.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from calibration import DEFAULT_SET
from calibration.amendments import date_faults, number_faults, year_of
from calibration.tables import CalibrationError
from simulate.behaviour import VARIANTS, Behaviour
from simulate.strict_yaml import Fault, nearest, read_yaml
from simulate.terms import EDUCATION, FIRST_YEAR, FORMS, HUKOU, LAST_YEAR, N_YEARS, OCCUPATIONS, SEXES

HERE = Path(__file__).parent
FITTED = HERE / "fitted"
ASSUMPTIONS = HERE / "assumptions.yaml"
FIELDS = HERE / "fields.yaml"
ORIGINS = HERE / "origins.yaml"
LEVELS = ("low", "central", "high")
# moved together by the level: the first three of what the evidence cannot decide, by what they move
LEVEL_ASSUMPTIONS = ("take_up_price_elasticity", "floor_payer_share", "pay_on_share")
# they decide who is drawn: the lives of all scenarios are the same, so no scenario changes them
DEMOGRAPHY_ASSUMPTIONS = ("father_age_gap_years", "migrant_enrolled_at_work_share", "rural_hukou_share")
INLINE = 31  # larger arrays go to a CSV file

_NAMES = {
    "hukou": tuple(t.name for t in HUKOU),
    "sex": tuple(t.name for t in SEXES),
    "education": tuple(t.name for t in EDUCATION),
    "form": tuple(t.name for t in FORMS),
    "employee_form": ("formal_employee", "platform_employee"),
    "platform_form": ("platform_employee", "platform_flexible"),
    "willing_form": ("platform_employee", "platform_flexible", "other"),
    "last_post": ("employee", "flexible"),
    "occupation": tuple(t.name for t in OCCUPATIONS),
    "platform_occupation": tuple(t.name for t in OCCUPATIONS[:8]),
    "age_band": tuple(f"{age}-{age + 4}" for age in range(15, 70, 5)),
    "age": tuple(str(age) for age in range(16, 71)),
    "birth_decade": ("1960s", "1970s", "1980s", "1990s", "2000s"),
    "year": tuple(str(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)),
    "quantile": tuple(f"{q / 100:.2f}" for q in range(0, 101, 5)),
    "tenure": ("under_12", "12_to_35", "36_and_more"),
    "bound": ("lowest", "highest"),
    "cut": ("20", "40", "60", "80"),
    "hukou_province": tuple(str(i) for i in range(31)),
    "work_province": tuple(str(i) for i in range(31)),
}
DIMENSIONS: dict[str, tuple[str, ...]] = {
    "form_share": ("hukou", "sex", "education", "age_band", "form"),
    "exit_hazard": ("form",),
    "occupation_exit_factor": ("platform_form", "platform_occupation"),
    "duration_factor": ("tenure",),
    "school_leaving_age_months": ("education",),
    "occupation_share": ("platform_form", "sex", "education", "platform_occupation"),
    "education_share": ("hukou", "sex", "birth_decade", "education"),
    "form_earnings_ratio": ("form",),
    "occupation_earnings_effect": ("occupation",),
    "age_earnings_effect": ("sex", "age"),
    "education_earnings_effect": ("education",),
    "sex_earnings_effect": ("sex",),
    "monthly_volatility": ("form",),
    "occupation_volatility": ("occupation",),
    "platform_share_range": ("bound",),
    "away_share_at_entry": ("hukou",),
    "move_out_hazard": ("hukou", "age_band"),
    "return_hazard": ("age_band",),
    "destination_cdf": ("hukou_province", "work_province"),
    "child_leave_share": ("sex",),
    "child_return_hazard": ("sex",),
    "child_claimant_share": ("sex",),
    "parent_care_hazard": ("sex", "age_band"),
    "parent_leave_share": ("sex",),
    "compliance_share": ("employee_form", "year"),
    "occupation_compliance_factor": ("occupation",),
    "floor_declaration_share": ("employee_form",),
    "access_practice_share": ("year",),
    "knowledge_share": ("occupation",),
    "join_age": ("quantile",),
    "willingness": ("willing_form", "quantile"),
    "women_50_line_share": ("last_post",),
    "platform_subsidy_coverage": ("occupation",),
    "resident_join_age": ("quantile",),
    "resident_floor_payer_share": ("occupation",),
    "discount_rate_range": ("bound",),
    "earnings_quintile_cuts": ("cut",),
}
# names of the elements of assumptions that are estimated one by one
ELEMENTS = {
    "participation_correction": "sex",
    "willingness_correction": "willing_form",
    "occupation_coverage_factor": "platform_occupation",
    "unaware_resident_share": "willing_form",
}
SUM_TO_ONE = ("form_share", "occupation_share", "education_share")
ASCENDING = (
    "destination_cdf",
    "join_age",
    "resident_join_age",
    "willingness",
    "platform_share_range",
    "discount_rate_range",
    "earnings_quintile_cuts",
)


# --- assumptions ---------------------------------------------------------------------------------------


@functools.cache
def assumption_entries() -> Mapping[str, Mapping[str, Any]]:
    """Return every assumption with title, unit, band, range and reason (假设)."""
    document = read_yaml(ASSUMPTIONS.read_text(encoding="utf-8"))
    if document.faults:
        raise CalibrationError(str(ASSUMPTIONS), document.faults)
    return MappingProxyType(document.data)


def assumptions(level: str = "central", fitted: str = DEFAULT_SET) -> dict[str, Any]:
    """Return the values of all assumptions under a fitted set (假设取值), those it estimates included.

    Level low or high moves the three that matter most.

    >>> assumptions("low")["floor_payer_share"], assumptions()["floor_payer_share"]
    (0.9, 0.75)
    """
    _known("level", level, LEVELS)
    entries = assumption_entries()
    values = {name: entry["central"] for name, entry in entries.items()}
    values |= estimates(fitted)["values"]
    return values | {name: entries[name][level] for name in LEVEL_ASSUMPTIONS}


def entries_under(fitted: str = DEFAULT_SET) -> dict[str, dict[str, Any]]:
    """Return every assumption with its central value under a fitted set (参数集下的假设).

    >>> entries_under("first")["employee_attachment"]["central"]
    0.0
    """
    values = assumptions(fitted=fitted)
    return {name: {**entry, "central": values[name]} for name, entry in assumption_entries().items()}


@functools.cache
def estimates(fitted: str = DEFAULT_SET) -> Mapping[str, Any]:
    """Return what a set puts in place of the central assumptions (估计值): title and values by name."""
    path = _folder(fitted) / "estimates.yaml"
    document = read_yaml(path.read_text(encoding="utf-8"))
    faults = list(document.faults)
    if not faults:
        for name, value in document.data["values"].items():
            if name not in assumption_entries():
                faults.append(Fault(name, f"no such assumption.{nearest(name, assumption_entries())}"))
            else:
                faults += _assumption_faults(name, value)
    if faults:
        raise CalibrationError(str(path), faults)
    return MappingProxyType(document.data)


# --- sets ----------------------------------------------------------------------------------------------


def set_names() -> tuple[str, ...]:
    """Return the fitted sets by name (拟合参数集)."""
    return tuple(sorted(path.parent.name for path in FITTED.glob("*/estimates.yaml")))


def _folder(fitted: str) -> Path:
    _known("fitted set", fitted, set_names())
    return FITTED / fitted


@functools.cache
def read_set(fitted: str = DEFAULT_SET) -> Mapping[str, Mapping[str, Any]]:
    """Return every field of a fitted set with its value and its origin (参数集内容)."""
    path = _folder(fitted) / "behaviour.yaml"
    if not path.exists():
        raise CalibrationError(str(path), [Fault("", "not written yet. Run flexpension calibrate fit")])
    document = read_yaml(path.read_text(encoding="utf-8"))
    if document.faults:
        raise CalibrationError(str(path), document.faults)
    entries = document.data["fields"]
    wanted = set(Behaviour._fields) - {"variant"}
    faults = [Fault(name, "missing") for name in sorted(wanted - set(entries))]
    faults += [
        Fault(name, f"no such field.{nearest(name, wanted)}") for name in entries if name not in wanted
    ]
    if not faults:
        values = {name: _read_value(path, name, entry) for name, entry in entries.items()}
        faults = [
            fault
            for name, value in values.items()
            for fault in _value_faults(name, value, entries[name]["range"])
        ]
    if faults:
        raise CalibrationError(str(path), faults)
    return MappingProxyType({name: {**entry, "value": values[name]} for name, entry in entries.items()})


def _shape(name: str) -> tuple[int, ...]:
    return tuple(len(_NAMES[dimension]) for dimension in DIMENSIONS.get(name, ()))


def _read_value(path: Path, name: str, entry: Mapping) -> Any:
    if "file" in entry:
        with open(path.parent / entry["file"], encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))[1:]
        keys = len(DIMENSIONS[name]) - 1
        value = np.array([[float(x) for x in row[keys:]] for row in rows])
    else:
        value = np.array(entry["value"], dtype=float)
    shape = _shape(name)
    if value.size != np.prod(shape, dtype=int):
        raise CalibrationError(str(path), [Fault(name, f"{value.size} numbers where the shape is {shape}")])
    value = value.reshape(shape)
    if name in SUM_TO_ONE:  # written with ten digits
        value = value / value.sum(axis=-1, keepdims=True)
    return float(value) if shape == () else value


def _value_faults(name: str, value: Any, allowed: tuple[float, float]) -> list[Fault]:
    array = np.asarray(value)
    faults = []
    if not (np.isfinite(array).all() and (array >= allowed[0]).all() and (array <= allowed[1]).all()):
        bad = array[~(np.isfinite(array) & (array >= allowed[0]) & (array <= allowed[1]))].flat[0]
        faults.append(Fault(name, f"{bad:g} is outside {allowed[0]:g} to {allowed[1]:g}"))
    if name in SUM_TO_ONE and not np.allclose(array.sum(axis=-1), 1.0, atol=1e-6):
        faults.append(Fault(name, "the shares of a row do not add up to 1"))
    if name in ASCENDING and (np.diff(array, axis=-1) < 0).any():
        faults.append(Fault(name, "the values of a row do not ascend"))
    return faults


def load_behaviour(
    fitted: str = DEFAULT_SET, variant: str = "threshold", level: str = "central"
) -> Behaviour:
    """Return the behaviour of a fitted set (行为参数).

    ``level`` low or high moves together the price response, the floor payers and paying on: low towards less
    coverage and lower pensions.

    >>> load_behaviour(level="low").floor_payer_share
    0.9
    """
    _known("behaviour variant", variant, VARIANTS)
    _known("level", level, LEVELS)
    values = {name: _own(entry["value"]) for name, entry in read_set(fitted).items()}
    behaviour = Behaviour(**values, variant=VARIANTS.index(variant))
    if level == "central":
        return behaviour
    moved = {name: assumption_entries()[name][level] for name in LEVEL_ASSUMPTIONS}
    return amend_behaviour(behaviour, moved, fitted=fitted)


def _own(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def checksum(fitted: str = DEFAULT_SET) -> str:
    """Return the SHA-256 over the files of a fitted set and the assumptions, in order of name (校验和)."""
    digest = hashlib.sha256()
    for path in [*sorted(_folder(fitted).iterdir()), ASSUMPTIONS]:
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def evidence_checksum(targets: str) -> str:
    """Return the SHA-256 of targets, assumptions and tables, on which a fit rests (证据校验和)."""
    digest = hashlib.sha256(targets.encode())
    for path in (ASSUMPTIONS, *sorted((HERE / "data").glob("*/*.csv"))):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def draw_behaviour(
    fitted: str = DEFAULT_SET, k: int = 0, variant: str = "threshold", level: str = "central"
) -> Behaviour:
    """Return the behaviour of the k-th parameter draw of a set (参数抽样), weak assumptions varied too.

    Level low or high puts the three assumptions that it moves at their ends in place of the drawn ones.
    """
    _known("behaviour variant", variant, VARIANTS)
    from calibration.formulas import compute  # late: tables and solvers are not needed to read a set

    values = parameter_draw(fitted, k)
    if level != "central":
        values |= {name: assumption_entries()[name][level] for name in LEVEL_ASSUMPTIONS}
    fields = {name: compute(values, name) for name in Behaviour._fields if name != "variant"}
    return Behaviour(**fields, variant=VARIANTS.index(variant))


def parameter_draw(fitted: str = DEFAULT_SET, k: int = 0) -> dict[str, Any]:
    """Return all assumptions with the k-th draw of a set put in (第k次抽样)."""
    names, draws = _draws(fitted)
    if not 0 <= k < len(draws):
        raise CalibrationError("", [Fault("", f"no draw {k} of {fitted}: it has {len(draws)}, from 0 on")])
    values = {name: (list(v) if isinstance(v, list) else v) for name, v in assumptions(fitted=fitted).items()}
    for name, number in zip(names, draws[k], strict=True):
        name, _, label = name.partition(".")
        if label:
            values[name][element_names(name).index(label)] = number
        else:
            values[name] = number
    return values


def drawn_assumptions(fitted: str = DEFAULT_SET, k: int = 0) -> dict[str, Any]:
    """Return the assumptions that the k-th draw of a set moves (第k次抽样所变假设): estimated and weak ones.

    >>> sorted(drawn_assumptions(k=3))[:2]
    ['access_practice_2021', 'access_practice_2026']
    """
    values = parameter_draw(fitted, k)
    return {name: values[name] for name in dict.fromkeys(key.partition(".")[0] for key in _draws(fitted)[0])}


def number_of_draws(fitted: str = DEFAULT_SET) -> int:
    """Return how many parameter draws a set has (抽样次数); 0 for one that was not estimated."""
    return len(_draws(fitted)[1])


def element_names(assumption: str) -> tuple[str, ...]:
    """Return the names of the elements of a listed assumption that is estimated (元素名称)."""
    return _NAMES[ELEMENTS[assumption]]


@functools.cache
def _draws(fitted: str) -> tuple[tuple[str, ...], tuple[tuple[float, ...], ...]]:
    path = _folder(fitted) / "draws.csv"
    if not path.is_file():
        return (), ()
    with open(path, encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    return tuple(names), tuple(tuple(float(x) for x in row) for row in rows)


def forget() -> None:
    """Read sets anew from now on (清除缓存)."""
    for function in (read_set, estimates, _draws):
        function.cache_clear()


# --- amendments ----------------------------------------------------------------------------------------


def amend_behaviour(
    behaviour: Behaviour, changes: Mapping[str, Any], fitted: str = DEFAULT_SET, level: str = "central"
) -> Behaviour:
    """Return the behaviour with assumptions or fields replaced (修改行为参数).

    ``changes`` maps names to values. An assumption (a number, or a list of its shape) changes every field
    that rests on it, as if the set had been fitted under it. A field of Behaviour takes a number for all
    elements, a list of its shape, ``{name: value}`` for some elements (``{rider: 0.95}``) and, where it goes
    by year, ``{from: 2027-01-01, value: …}`` or a list of these. ``variant`` takes its name. Raises
    CalibrationError with all faults at once.

    >>> b = amend_behaviour(load_behaviour(), {"knowledge_share": {"rider": 0.95}})
    >>> float(b.knowledge_share[0])
    0.95
    """
    entries, faults = read_set(fitted), []
    fresh: dict[str, Any] = {}
    assumed = {
        name
        for name, change in changes.items()
        if name in assumption_entries() and not (name in DIMENSIONS and isinstance(change, Mapping))
    }
    moved: dict[str, Any] = {}
    for name, change in changes.items():
        if name == "variant":
            if change in VARIANTS:
                fresh[name] = VARIANTS.index(change)
            else:
                faults.append(
                    Fault(name, f"{change!r} is none of {', '.join(VARIANTS)}.{nearest(change, VARIANTS)}")
                )
        elif name in DEMOGRAPHY_ASSUMPTIONS:
            faults.append(
                Fault(name, "decides who the people are. Change assumptions.yaml and fit a new set")
            )
        elif name in assumed:
            found = _assumption_faults(name, change)
            faults += found
            if not found:
                moved[name] = _shaped(name, change)
        elif name not in entries:
            known = [*assumption_entries(), *entries, "variant"]
            faults.append(Fault(name, f"no such assumption or field of behaviour.{nearest(name, known)}"))
    fresh |= _recomputed(moved, entries, level, fitted) if not faults else {}
    for name, change in changes.items():
        if name in entries and name not in assumed:
            value = np.array(fresh.get(name, getattr(behaviour, name)), dtype=float)
            found = _apply(name, value, DIMENSIONS.get(name, ()), change, entries[name]["range"])
            faults += found or _value_faults(name, value, entries[name]["range"])
            fresh[name] = value if value.ndim else float(value)
    if faults:
        raise CalibrationError("behaviour", faults)
    return behaviour._replace(**fresh)


def _assumption_faults(name: str, change: Any) -> list[Fault]:
    entry = assumption_entries()[name]
    wanted = np.shape(entry["central"])
    flat = [change]
    while any(isinstance(x, (list, tuple)) for x in flat):
        flat = [y for x in flat for y in (x if isinstance(x, (list, tuple)) else [x])]
    faults = [fault for x in flat for fault in number_faults(name, x, entry["range"], entry["unit"])]
    try:
        found = np.shape(change)
    except ValueError:
        found = None
    if not faults and found not in ((), wanted):
        faults.append(Fault(name, f"a list of shape {found} where one number or shape {wanted} is wanted"))
    return faults


def _shaped(name: str, change: Any) -> Any:
    """Return a change as the assumption is written: one number fills a list."""
    return np.broadcast_to(change, np.shape(assumption_entries()[name]["central"])).tolist()


def _recomputed(moved: Mapping[str, Any], entries: Mapping, level: str, fitted: str) -> dict[str, Any]:
    """Return the fields whose value changes with the moved assumptions."""
    if not moved:
        return {}
    from calibration.formulas import compute  # late: tables and solvers are not needed to read a set

    before = assumptions(level, fitted)
    after = before | moved
    fresh = {}
    for name, entry in entries.items():
        if set(entry["assumptions"]) & set(moved):
            value = compute(after, name)
            if not np.array_equal(value, compute(before, name)):
                fresh[name] = value
    return fresh


def _apply(where: str, value: np.ndarray, dimensions: tuple[str, ...], change: Any, allowed) -> list[Fault]:
    """Write a change into a view of a field; return what is wrong with it."""
    if isinstance(change, Mapping) and "from" in change:
        change = [change]
    dated = isinstance(change, list) and change and all(isinstance(x, Mapping) for x in change)
    if dated:
        if "year" not in dimensions:
            return [Fault(where, "does not go by year. Give the value without a date")]
        axis, faults = dimensions.index("year"), []
        rest = (*dimensions[:axis], *dimensions[axis + 1 :])
        for step in change:
            found = date_faults(where, step)
            if not found:
                first = year_of(step["from"]) - FIRST_YEAR
                one = np.array(np.take(value, first, axis=axis))
                found = _apply(f"{where}, {step['from']}", one, rest, step["value"], allowed)
                index = [slice(None)] * value.ndim
                index[axis] = slice(first, N_YEARS)
                value[tuple(index)] = np.expand_dims(one, axis)
            faults += found
        return faults
    if isinstance(change, Mapping):
        faults = []
        names = {
            label: axis
            for axis, dimension in reversed(list(enumerate(dimensions)))
            for label in _NAMES[dimension]
        }
        for label, part in change.items():
            if str(label) not in names:
                faults.append(Fault(where, f"no element {label!r}.{nearest(str(label), names)}"))
                continue
            axis = names[str(label)]
            index = [slice(None)] * value.ndim
            position = _NAMES[dimensions[axis]].index(str(label))
            index[axis] = slice(position, position + 1)
            faults += _apply(
                f"{where}.{label}",
                value[tuple(index)].squeeze(axis=axis),
                (*dimensions[:axis], *dimensions[axis + 1 :]),
                part,
                allowed,
            )
        return faults
    try:
        array = np.array(change, dtype=float)
    except (TypeError, ValueError):
        return [Fault(where, f"{change!r} is not a number. Give one from {allowed[0]:g} to {allowed[1]:g}")]
    if isinstance(change, bool) or array.shape not in ((), value.shape):
        return [Fault(where, f"{change!r} does not fit: one number or shape {value.shape} is wanted")]
    value[...] = array
    if array.shape == ():
        return number_faults(where, float(array), allowed)
    return []


def _known(what: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise CalibrationError(
            "", [Fault("", f"no {what} {name!r}. Known: {', '.join(known)}.{nearest(name, known)}")]
        )


# --- writing -------------------------------------------------------------------------------------------


class _Recorder(dict):
    """Assumptions that remember which were asked for."""

    def __init__(self, values):
        super().__init__(values)
        self.used: set[str] = set()

    def __getitem__(self, key):
        self.used.add(key)
        return super().__getitem__(key)


def write_set(fitted: str) -> None:
    """Write a fitted set from tables, formulas, assumptions and its estimates (生成参数集)."""
    from calibration.formulas import compute

    document = read_yaml(FIELDS.read_text(encoding="utf-8"))
    if document.faults:
        raise CalibrationError(str(FIELDS), document.faults)
    folder = FITTED / fitted
    estimates.cache_clear()
    told = estimates(fitted)
    lines = [
        "# Every value of the set with the tables, rows, formula and assumptions it rests on. Written by",
        f"# `python -m calibration.fitted_set {fitted}`; change tables, formulas, assumptions, estimates.",
        f"title: {told['title']}",
        f"title_zh: {told['title_zh']}",
        "fields:",
    ]
    for name in (n for n in Behaviour._fields if n != "variant"):
        recorder = _Recorder(assumptions(fitted=fitted))
        value = np.asarray(compute(recorder, name), dtype=float)
        if value.shape != _shape(name):
            raise CalibrationError(name, [Fault("", f"shape {value.shape} where {_shape(name)} is wanted")])
        entry = document.data.get(name) or {
            **assumption_entries()[name],
            "tables": [],
            "formula": "assumption",
        }
        used = sorted(recorder.used)
        measured = entry["tables"] or entry.get("builds_on")
        kind = "derived" if used and measured else "assumption" if used else "from table"
        lines += [
            f"  {name}:",
            f"    title: {_quoted(entry['title'])}",
            f"    name_zh: {entry['name_zh']}",
            f"    kind: {kind}",
            f"    tables: [{', '.join(map(_quoted, entry['tables']))}]",
            f"    builds_on: [{', '.join(entry.get('builds_on', []))}]",
            f"    formula: {_quoted(entry['formula'].strip())}",
            f"    assumptions: [{', '.join(used)}]",
            f"    range: [{entry['range'][0]}, {entry['range'][1]}]",
        ]
        if value.size > INLINE:
            _write_csv(folder / f"{name}.csv", name, value)
            lines.append(f"    file: {name}.csv")
        else:
            lines.append(f"    value: {_text(value.tolist())}")
    (folder / "behaviour.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_text(x) for x in value) + "]"
    text = f"{value:.10g}"
    return text if any(c in text for c in ".en") else text + ".0"


def _write_csv(path: Path, name: str, value: np.ndarray) -> None:
    *keys, last = DIMENSIONS[name]
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*keys, *_NAMES[last]])
        for index in np.ndindex(*value.shape[:-1]):
            labels = [_NAMES[key][i] for key, i in zip(keys, index, strict=True)]
            writer.writerow([*labels, *(f"{x:.10g}" for x in value[index])])


if __name__ == "__main__":
    import sys

    write_set(sys.argv[1] if len(sys.argv) > 1 else DEFAULT_SET)
