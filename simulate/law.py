"""Current law as dated, cited values (现行法规): read, check, freeze, amend, describe.

The values stand in ``simulate/statutes``: one YAML file a subject, CSV tables for
province x year series, ``provinces/`` for what differs by province, ``sources.yaml``
for the acts. Each value has two dates, the day it was adopted and the day from which
it holds. This module turns the files into one immutable :class:`Law`.

>>> law = load_law()
>>> law.value("flexible_rate", "2025-01-01")
0.2
>>> law.value("minimum_contribution_months", "2039-06-01")
240
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import itertools
import json
import math
import os
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from simulate.limited import rows_fault
from simulate.strict_yaml import Document, Fault, FaultsError, closest, nearest, read_yaml
from simulate.terms import OCCUPATIONS

FLAGS = ("observed", "estimated", "unconfirmed", "projected")
SOURCED = ("observed", "unconfirmed")
KINDS = ("number", "boolean", "list", "table", "text", "month", "groups")
CATEGORIES = ("male", "female_55", "female_50")
HUKOU = ("urban", "rural")
GROUPS = {"category": CATEGORIES, "hukou": HUKOU, "occupation": tuple(term.name for term in OCCUPATIONS)}
DIMENSIONS = ("none", *GROUPS)
STATES = ("text", "secondary", "recalled")

_ENTRY_KEYS = (
    *("title", "name_zh", "unit", "range", "kind", "dimension", "categories", "choices", "same_as"),
    *("rule", "last_checked", "max_step", "jumps", "table", "values", "note"),
)
_VALUE_KEYS = (
    *("effective", "adopted", "value", "province", "category", "hukou", "act", "article", "flag"),
    *("note", "alternatives", "published", "occupation"),
)
_ACT_KEYS = (*("number", "title", "title_zh", "date_adopted", "date_effective", "issuer", "state", "note"),)
_TABLE_COLUMNS = [*_VALUE_KEYS, "parameter"]
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_MISSING = object()


class LawError(FaultsError):
    """Everything wrong with the law files, an amendment or a question to the law (法规数据错误)."""


class Province(NamedTuple):
    """A province: code of GB/T 2260, English name (the key everywhere), Chinese name, region (省份).

    ``also`` has further spellings that are read, parted by bars.
    """

    code: str
    name: str
    name_zh: str
    region: str
    also: str = ""


class Act(NamedTuple):
    """An act, notice, release or compilation that values cite (法规文件)."""

    id: str
    number: str
    title: str
    title_zh: str
    date_adopted: str
    date_effective: str
    issuer: str
    state: str
    note: str = ""


class DatedValue(NamedTuple):
    """One value with its dates, scope and citation (带日期的参数值). `province` None is the nation."""

    effective: date
    adopted: date
    value: Any
    province: str | None = None
    category: str | None = None
    hukou: str | None = None
    act: str = ""
    article: str = ""
    flag: str = "observed"
    note: str = ""
    alternatives: tuple = ()
    published: Any = None
    occupation: str | None = None


class Change(NamedTuple):
    """What an amendment changes: parameter, day, scope, value before and after (参数变动)."""

    name: str
    date: date
    province: str | None
    category: str | None
    hukou: str | None
    old: Any
    new: Any
    occupation: str | None = None


class Key(NamedTuple):
    """Scope of a series: province (None: the nation) and group of its dimension (None where undivided)."""

    province: str | None
    group: str | None


@dataclass(frozen=True)
class Parameter:
    """One parameter of the law with all its dated values (法规参数)."""

    name: str
    title: str
    name_zh: str
    unit: str
    kind: str = "number"
    range: tuple[float, float] | None = None
    dimension: str = "none"
    groups: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    same_as: str | None = None
    rule: str = ""
    note: str = ""
    last_checked: date | None = None
    max_step: float | None = None
    jumps: tuple[dict, ...] = ()
    file: str = ""
    values: Mapping[Key, tuple[DatedValue, ...]] = field(default_factory=dict)

    def all_values(self) -> list[DatedValue]:
        """Return every value in order of scope and date."""
        return [v for key in self.values for v in self.values[key]]

    def mapped(self, function: Callable[[DatedValue], DatedValue]) -> Parameter:
        """Return the parameter with every value put through a function (逐值变换), dates and scopes kept."""
        return _with_values(self, {k: tuple(map(function, series)) for k, series in self.values.items()})


# --------------------------------------------------------------------------- small helpers


def parse_date(value: Any) -> date:
    """Return a day from a date or YYYY-MM-DD text (日期). ValueError where it is neither.

    >>> parse_date("2025-01-01")
    datetime.date(2025, 1, 1)
    """
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    if isinstance(value, str):
        return _day_of(value)
    raise ValueError(f"{value!r} is not a date (YYYY-MM-DD)")


@functools.lru_cache(maxsize=8192)
def _day_of(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"{text!r} is not a date (YYYY-MM-DD)")
    return date.fromisoformat(text)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _canonical(value: Any) -> Any:
    """Whole floats as integers and lists as tuples, so that 60 and 60.0 are one value."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, (list, tuple)):
        return tuple(_canonical(v) for v in value)
    if isinstance(value, Mapping):
        return {key: _canonical(v) for key, v in value.items()}
    return value


def value_fault(parameter: Parameter, value: Any) -> str | None:
    """Return what is wrong with a value of a parameter, or None (参数值检查)."""
    kind = parameter.kind
    if kind == "boolean":
        return None if isinstance(value, bool) else f"{value!r} is not true or false"
    if kind == "text":
        if value in parameter.choices:
            return None
        return f"{value!r} is not one of {', '.join(parameter.choices)}.{nearest(value, parameter.choices)}"
    if kind == "month":
        good = isinstance(value, str) and _MONTH.fullmatch(value)
        return None if good else f'{value!r} is not a month. Write "YYYY-MM"'
    if kind == "list":
        if not isinstance(value, (list, tuple)) or not value:
            return f"{value!r} is not a list of numbers"
        return next((f for v in value if (f := _number_fault(parameter, v))), None)
    if kind == "groups":
        return rows_fault(value, parameter.choices, lambda number: _number_fault(parameter, number))
    if kind == "table":
        rows = value if isinstance(value, (list, tuple)) else None
        if rows is None or not all(isinstance(r, (list, tuple)) and all(map(_is_number, r)) for r in rows):
            return f"{value!r} is not a list of rows of numbers"
        return "the rows differ in length" if len({len(r) for r in rows}) > 1 else None
    return _number_fault(parameter, value)


def _number_fault(parameter: Parameter, value: Any) -> str | None:
    if not _is_number(value):
        return f"{value!r} is not a number ({parameter.unit})"
    low, high = parameter.range or (-math.inf, math.inf)
    if not low <= value <= high:
        hint = ""
        if low <= value / 100 <= high and value > high:
            hint = f" {value / 100:g} means {value:g} %."
        return f"{value:g} is outside {low:g} to {high:g} ({parameter.unit}).{hint}"
    return None


# --------------------------------------------------------------------------- reading files


def _text(blob: bytes, name: str, source: str) -> str:
    try:
        return blob.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = blob[: error.start].count(b"\n") + 1
        fault = Fault(f"{name}, line {line}", "not UTF-8 text. Save the file as UTF-8")
        raise LawError(source, [fault]) from None


def _package_files() -> dict[str, bytes]:
    root = resources.files("simulate") / "statutes"
    return _walk(root, "")


def _walk(folder, prefix: str) -> dict[str, bytes]:
    found = {}
    for item in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if item.is_dir():
            found.update(_walk(item, f"{prefix}{item.name}/"))
        elif item.name.endswith((".yaml", ".csv")):
            found[f"{prefix}{item.name}"] = item.read_bytes()
    return found


# --------------------------------------------------------------------------- building the law


class _Builder:
    """Collects parameters, acts and faults while the files are read."""

    def __init__(self, files: Mapping[str, bytes], source: str = "simulate/statutes"):
        self.files = files
        self.source = source
        self.faults: dict[str, list[Fault]] = {}
        self.provinces: tuple[Province, ...] = ()
        self.names: dict[str, Province] = {}
        self.acts: dict[str, Act] = {}
        self.parameters: dict[str, dict] = {}  # name -> {"parameter": Parameter, "values": {Key: [...]}}

    def fault(self, file: str, where: str, message: str) -> None:
        self.faults.setdefault(file, []).append(Fault(where, message))

    def build(self) -> Law:
        self._read_provinces()
        documents = {
            name: read_yaml(_text(blob, name, self.source))
            for name, blob in self.files.items()
            if name.endswith(".yaml")
        }
        for name, document in documents.items():
            for fault in document.faults:
                self.fault(name, *fault)
            if not isinstance(document.data, dict) and not document.faults:
                self.fault(name, "line 1", "the file is empty or no mapping of names to entries")
        usable = {n: d for n, d in documents.items() if isinstance(d.data, dict)}
        if "sources.yaml" in usable:
            self._read_sources(usable["sources.yaml"])
        else:
            self.fault("sources.yaml", "the file", "missing. Each act cited must stand there")
        for name, document in usable.items():
            if "/" not in name and name != "sources.yaml":
                self._read_subject(name, document)
        for name, document in usable.items():
            if name.startswith("provinces/"):
                self._read_province_file(name, document)
        self._check_same_as()
        if self.faults:
            flat = [
                Fault(f"{file}, {fault.where}", fault.message)
                for file in self.faults
                for fault in self.faults[file]
            ]
            raise LawError(self.source, flat)
        parameters = {}
        for name in sorted(self.parameters):
            entry = self.parameters[name]
            values = {
                key: tuple(sorted(entry["values"][key], key=lambda v: v.effective))
                for key in sorted(entry["values"], key=lambda k: (k.province or "", k.group or ""))
            }
            parameters[name] = _with_values(entry["parameter"], values)
        return Law(parameters, self.acts, self.provinces)

    def _read_provinces(self) -> None:
        name = "provinces.csv"
        if name not in self.files:
            raise LawError(self.source, [Fault(name, "missing. It lists the 31 provinces")])
        columns, rows = self._read_csv(name)
        missing = [c for c in Province._fields if c not in columns and c not in Province._field_defaults]
        if missing:
            raise LawError(self.source, [Fault(f"{name}, line 1", f"missing columns {', '.join(missing)}")])
        self.provinces = tuple(Province(*(row.get(c) or "" for c in Province._fields)) for _, row in rows)
        self.names = {p.name: p for p in self.provinces}

    def _read_csv(self, name: str) -> tuple[list[str], list[tuple[int, dict]]]:
        """Return the columns and, with its line, each row of a table."""
        rows = csv.DictReader(io.StringIO(_text(self.files[name], name, self.source)))
        try:
            return list(rows.fieldnames or ()), [(rows.line_num, row) for row in rows]
        except csv.Error as error:
            fault = Fault(f"{name}, line {rows.line_num}", f"not a CSV table: {error}")
            raise LawError(self.source, [fault]) from None

    def _read_sources(self, document: Document) -> None:
        for act_id, entry in document.data.items():
            line = f"line {document.lines[f'/{act_id}']}, {act_id}"
            if not isinstance(entry, dict):
                self.fault("sources.yaml", line, "no entry with number, title, title_zh, ...")
                continue
            for key in entry:
                if key not in _ACT_KEYS:
                    self.fault("sources.yaml", line, f"unknown key {key}.{nearest(key, _ACT_KEYS)}")
            missing = [k for k in _ACT_KEYS[:-1] if entry.get(k) is None]
            if missing:
                self.fault("sources.yaml", line, f"missing {', '.join(missing)}")
            elif entry["state"] not in STATES:
                message = f"state {entry['state']!r} is not one of {', '.join(STATES)}"
                self.fault("sources.yaml", line, message)
            self.acts[act_id] = Act(act_id, *(str(entry.get(k) or "") for k in _ACT_KEYS))

    def _read_subject(self, file: str, document: Document) -> None:
        for name, entry in document.data.items():
            where = f"line {document.lines[f'/{name}']}, {name}"
            if name in self.parameters:
                other = self.parameters[name]["parameter"].file
                self.fault(file, where, f"already defined in {other}. One parameter has one entry")
                continue
            if not isinstance(entry, dict):
                self.fault(file, where, "no entry with title, name_zh, unit, range, values")
                continue
            parameter = self._read_entry(file, where, name, entry)
            if parameter is None:
                continue
            self.parameters[name] = {"parameter": parameter, "values": {}}
            self._read_values(file, document, name, entry.get("values") or [], None)
            if entry.get("table"):
                self._read_table(file, where, name, str(entry["table"]))
            if not self.parameters[name]["values"] and not parameter.same_as:
                self.fault(file, where, "has no value. Add values, table or same_as")

    def _read_entry(self, file: str, where: str, name: str, entry: dict) -> Parameter | None:
        before = len(self.faults.get(file, ()))
        for key in entry:
            if key not in _ENTRY_KEYS:
                self.fault(file, where, f"unknown key {key}.{nearest(key, _ENTRY_KEYS)}")
        for key in ("title", "name_zh", "unit", "last_checked"):
            if not entry.get(key):
                self.fault(file, where, f"missing {key}")
        kind = entry.get("kind", "number")
        if kind not in KINDS:
            self.fault(file, where, f"kind {kind!r} is not one of {', '.join(KINDS)}")
        limits = entry.get("range")
        if kind in ("number", "list", "groups"):
            good = isinstance(limits, list) and len(limits) == 2 and all(map(_is_number, limits))
            if not good or limits[0] > limits[1]:
                self.fault(file, where, f"range {limits!r} is not [lowest, highest]")
        if kind == "number" and not (_is_number(entry.get("max_step")) and entry["max_step"] >= 1):
            self.fault(
                file,
                where,
                "missing max_step, the largest ratio allowed between two values in a row (1 or more)",
            )
        if kind in ("text", "groups") and not (isinstance(entry.get("choices"), list) and entry["choices"]):
            self.fault(file, where, "missing choices, the list of words allowed (of groups: of limits)")
        jumps = entry.get("jumps") or []
        if not isinstance(jumps, list) or not all(
            isinstance(jump, dict) and jump.get("date") and jump.get("reason") for jump in jumps
        ):
            self.fault(file, where, "jumps is not a list of entries with date and reason (and province)")
        dimension = entry.get("dimension", "none")
        if dimension not in DIMENSIONS:
            self.fault(file, where, f"dimension {dimension!r} is not one of {', '.join(DIMENSIONS)}")
        groups = GROUPS.get(str(dimension), ())
        if dimension == "category" and entry.get("categories"):
            groups = tuple(str(c) for c in entry["categories"])
        try:
            checked = parse_date(entry.get("last_checked"))
        except ValueError as error:
            self.fault(file, where, f"last_checked: {error}")
            checked = None
        if len(self.faults.get(file, ())) > before:
            return None
        return Parameter(
            name=name,
            title=str(entry["title"]),
            name_zh=str(entry["name_zh"]),
            unit=str(entry["unit"]),
            kind=kind,
            range=tuple(limits) if limits else None,
            dimension=dimension,
            groups=groups,
            choices=tuple(str(c) for c in entry.get("choices") or ()),
            same_as=str(entry["same_as"]) if entry.get("same_as") else None,
            rule=str(entry.get("rule") or ""),
            note=str(entry.get("note") or ""),
            last_checked=checked,
            max_step=entry.get("max_step"),
            jumps=tuple(dict(jump) for jump in jumps),
            file=file,
        )

    def _read_values(self, file, document: Document, name: str, values: Any, province: str | None) -> None:
        if not isinstance(values, list):
            self.fault(file, f"line {document.lines[f'/{name}']}, {name}", "values is no list")
            return
        for i, raw in enumerate(values):
            line = document.lines.get(f"/{name}/values/{i}", 0)
            where = f"line {line}, {name}"
            if not isinstance(raw, dict):
                self.fault(
                    file, where, f"{raw!r} is no entry with effective, adopted, value, act, article, flag"
                )
                continue
            if province is not None and "province" in raw:
                self.fault(file, where, "names a province in a province's own file. Remove it")
                continue
            self._add(file, where, name, raw, province)

    def _read_table(self, file: str, where: str, name: str, table: str) -> None:
        if table not in self.files:
            self.fault(file, where, f"table {table} is missing.{nearest(table, self.files)}")
            return
        columns, rows = self._read_csv(table)
        unknown = [c for c in columns if c not in _TABLE_COLUMNS]
        missing = [c for c in ("effective", "adopted", "value", "act", "article", "flag") if c not in columns]
        if unknown or missing:
            self.fault(table, "line 1", f"unknown columns {unknown}, missing columns {missing}")
            return
        for line, row in rows:
            if row.get("parameter", name) != name:
                continue
            place = f"line {line}, {name}"
            raw = {k: v for k, v in row.items() if k != "parameter" and v not in ("", None)}
            raw.setdefault("article", "")
            if None in row or None in row.values():
                self.fault(table, place, f"has not {len(columns)} columns. Put text with commas in quotes")
                continue
            try:
                if "value" in raw:
                    raw["value"] = None if raw["value"] == "null" else _number(raw["value"])
                if "published" in raw:
                    raw["published"] = _number(raw["published"])
                if "alternatives" in raw:
                    raw["alternatives"] = [_number(a) for a in raw["alternatives"].split("|")]
            except ValueError as error:
                self.fault(table, place, str(error))
                continue
            self._add(table, place, name, raw, None)

    def _read_province_file(self, file: str, document: Document) -> None:
        stem = file.removeprefix("provinces/").removesuffix(".yaml")
        if stem not in self.names:
            self.fault(file, "the file name", f"{stem} is no province.{nearest(stem, self.names)}")
            return
        for name, entry in document.data.items():
            where = f"line {document.lines[f'/{name}']}, {name}"
            if name not in self.parameters:
                self.fault(file, where, f"no such parameter.{nearest(name, self.parameters)}")
            elif not isinstance(entry, dict) or set(entry) - {"values", "note"}:
                self.fault(file, where, "only values (and note) belong into a province's file")
            else:
                self._read_values(file, document, name, entry.get("values") or [], stem)

    def _add(self, file: str, where: str, name: str, raw: dict, province: str | None) -> None:
        parameter: Parameter = self.parameters[name]["parameter"]
        faults = []
        for key in raw:
            if key not in _VALUE_KEYS:
                faults.append(f"unknown key {key}.{nearest(key, _VALUE_KEYS)}")
        for key in ("effective", "adopted", "value", "act", "article", "flag"):
            if key not in raw:
                faults.append(f"missing {key}")
        days = {}
        for key in ("effective", "adopted"):
            if key in raw:
                try:
                    days[key] = parse_date(raw[key])
                except ValueError as error:
                    faults.append(f"{key}: {error}")
        province = province or raw.get("province")
        if province is not None and str(province) not in self.names:
            faults.append(f"{province} is no province.{nearest(province, self.names)}")
        if raw.get("act") is not None and str(raw["act"]) not in self.acts:
            faults.append(f"act {raw['act']} is not in sources.yaml.{nearest(raw['act'], self.acts)}")
        if raw.get("flag") is not None and raw["flag"] not in FLAGS:
            faults.append(f"flag {raw['flag']!r} is not one of {', '.join(FLAGS)}")
        if not isinstance(raw.get("alternatives") or [], list):
            faults.append(f"alternatives {raw['alternatives']!r} is not a list")
        value = raw.get("value")
        if "value" in raw and (value is not None or province is None):
            fault = value_fault(parameter, value)
            if fault:
                faults.append(fault)
        groups = _value_groups(parameter, raw, faults)
        if faults:
            for fault in faults:
                day = f", {raw['effective']}" if "effective" in raw else ""
                self.fault(file, f"{where}{day}", fault)
            return
        for group in groups:
            key = Key(province, group)
            series = self.parameters[name]["values"].setdefault(key, [])
            if any(v.effective == days["effective"] for v in series):
                scope = ", ".join(str(s) for s in key if s)
                self.fault(
                    file,
                    f"{where}, {raw['effective']}",
                    f"this date stands twice{' for ' + scope if scope else ''}",
                )
                continue
            series.append(
                DatedValue(
                    days["effective"],
                    days["adopted"],
                    _canonical(value),
                    province,
                    group if parameter.dimension == "category" else None,
                    group if parameter.dimension == "hukou" else None,
                    str(raw["act"]),
                    str(raw["article"] if raw["article"] is not None else ""),
                    raw["flag"],
                    str(raw.get("note") or ""),
                    _canonical(tuple(raw.get("alternatives") or ())),
                    _canonical(raw.get("published")),
                    group if parameter.dimension == "occupation" else None,
                )
            )

    def _check_same_as(self) -> None:
        for entry in self.parameters.values():
            parameter = entry["parameter"]
            other = parameter.same_as
            if other is None:
                continue
            if other not in self.parameters:
                message = f"same_as {other} is no parameter.{nearest(other, self.parameters)}"
                self.fault(parameter.file, parameter.name, message)
            elif self.parameters[other]["parameter"].same_as:
                self.fault(parameter.file, parameter.name, f"same_as {other} points on to a third parameter")
            elif self.parameters[other]["parameter"].groups != parameter.groups:
                self.fault(parameter.file, parameter.name, f"same_as {other} has another dimension")


def _number(text: str) -> float | int:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    return _canonical(number)


def _value_groups(parameter: Parameter, raw: Mapping, faults: list[str]) -> tuple[str | None, ...]:
    """The groups a value is for: the one named, or all where none is."""
    for dimension in GROUPS:
        if raw.get(dimension) is not None and parameter.dimension != dimension:
            faults.append(f"{parameter.name} does not differ by {dimension}. Remove {dimension}")
            return ()
    if parameter.dimension == "none":
        return (None,)
    group = raw.get(parameter.dimension)
    if group is None:
        return parameter.groups
    if str(group) not in parameter.groups:
        known = ", ".join(parameter.groups)
        faults.append(
            f"{parameter.dimension} {group!r} is not one of {known}.{nearest(group, parameter.groups)}"
        )
        return ()
    return (str(group),)


def _with_values(parameter: Parameter, values: Mapping[Key, tuple[DatedValue, ...]]) -> Parameter:
    fields = {name: getattr(parameter, name) for name in Parameter.__dataclass_fields__}
    fields["values"] = MappingProxyType(dict(values))
    return Parameter(**fields)


def _in_force(series: Sequence[DatedValue], day: date) -> DatedValue | None:
    i = bisect_right(series, day, key=lambda v: v.effective)
    return series[i - 1] if i else None


# --------------------------------------------------------------------------- the law


class Law:
    """The law as read, frozen or amended (法规). Immutable; every method returns new things.

    Attributes
    ----------
    parameters : mapping of name to Parameter
    acts : mapping of act id to Act
    provinces : tuple of Province, in the order that gives province indices 0 to 30
    changes : tuple of Change, what amendments changed, oldest first
    """

    __slots__ = ("_checksum", "_series", "acts", "changes", "parameters", "provinces")

    def __init__(self, parameters, acts, provinces, changes=()):
        object.__setattr__(self, "parameters", MappingProxyType(dict(parameters)))
        object.__setattr__(self, "acts", MappingProxyType(dict(acts)))
        object.__setattr__(self, "provinces", tuple(provinces))
        object.__setattr__(self, "changes", tuple(changes))
        object.__setattr__(self, "_series", {})
        object.__setattr__(self, "_checksum", [])

    def __setattr__(self, name, value):
        raise AttributeError("a Law cannot be changed; use amend")

    def __repr__(self) -> str:
        n = sum(len(p.all_values()) for p in self.parameters.values())
        return f"<Law: {len(self.parameters)} parameters, {n} values, {len(self.changes)} changes>"

    # -- questions

    def province_name(self, text: str) -> str:
        """Return the English name of a province given by English or Chinese name or code (省份名称).

        >>> load_law().province_name("陕西"), load_law().province_name("Guangxi Zhuang Autonomous Region")
        ('Shaanxi', 'Guangxi')
        """
        wanted = str(text).strip()
        short = re.sub(r"(省|市|(壮族|回族|维吾尔)?自治区)$", "", wanted)
        latin = _plain_name(wanted)
        for p in self.provinces:
            spellings = {_plain_name(name) for name in (p.name, *filter(None, p.also.split("|")))}
            if latin in spellings or wanted == p.code or short == p.name_zh:
                return p.name
        known = [p.name for p in self.provinces] + [p.name_zh for p in self.provinces]
        raise LawError("", [Fault("province", f"{text} is no province.{nearest(wanted, known)}")])

    def parameter(self, name: str) -> Parameter:
        """Return a parameter with all its values. LawError with the nearest name where there is none."""
        try:
            return self.parameters[name]
        except KeyError:
            message = f"no such parameter.{closest(name, self.parameters)}"
            raise LawError("", [Fault(f"law.{name}", message)]) from None

    def series(self, name, province=None, category=None, hukou=None, occupation=None) -> list[DatedValue]:
        """Return the values in force one after the other (参数序列), provincial ones over national ones.

        A provincial value holds from its date until the province's own next date; a provincial
        value of None gives the national rule back. A parameter that is `same_as` another takes
        the other's values where it has none of its own.

        >>> [(str(v.effective), v.value) for v in load_law().series("employer_rate", "Shanghai")][-2:]
        [('2016-05-01', 0.2), ('2019-05-01', 0.16)]
        """
        parameter = self.parameter(name)
        group = self._group(parameter, category=category, hukou=hukou, occupation=occupation)
        if province is not None and province not in _names(self.provinces):
            province = self.province_name(province)
        key = (name, province, group)
        if key not in self._series:
            self._series[key] = self._resolve(parameter, province, group)
        return list(self._series[key])

    def value(
        self, name, date, province=None, category=None, hukou=None, default=_MISSING, occupation=None
    ) -> Any:
        """Return the value in force on a day (参数值).

        Parameters
        ----------
        name : str
        date : date or str
            YYYY-MM-DD.
        province : str, optional
            English or Chinese name or code; None is the national rule.
        category, hukou, occupation : str, optional
            Needed where the parameter differs by them.
        default : optional
            Given back where no value is in force yet; without it that is a LawError.

        Raises
        ------
        LawError
            Unknown name, province, group or date; no value in force.
        """
        found = self.dated_value(name, date, province, category, hukou, occupation)
        if found is not None:
            return found.value
        if default is not _MISSING:
            return default
        scope = f" in {province}" if province else ""
        first = self.series(name, province, category, hukou, occupation)
        since = f" The first value holds from {first[0].effective}." if first else ""
        raise LawError("", [Fault(f"law.{name}, {date}", f"no value is in force{scope}.{since}")])

    def dated_value(
        self, name, date, province=None, category=None, hukou=None, occupation=None
    ) -> DatedValue | None:
        """Return the value in force on a day with its citation, or None (参数值及出处)."""
        try:
            day = parse_date(date)
        except ValueError as error:
            raise LawError("", [Fault(f"law.{name}", str(error))]) from None
        return _in_force(self.series(name, province, category, hukou, occupation), day)

    def _group(self, parameter: Parameter, **asked) -> str | None:
        raw = {k: str(v) for k, v in asked.items() if v is not None}
        faults: list[str] = []
        groups = _value_groups(parameter, raw, faults)
        if parameter.dimension != "none" and not raw:
            faults.append(f"differs by {parameter.dimension}. Name one of {', '.join(parameter.groups)}")
        if faults:
            raise LawError("", [Fault(f"law.{parameter.name}", f) for f in faults])
        return groups[0]

    def _resolve(self, parameter: Parameter, province, group) -> list[DatedValue]:
        layers = [parameter]
        if parameter.same_as:
            layers.append(self.parameters[parameter.same_as])
        stack = [
            (p.values.get(Key(province, group), ()) if province else (), p.values.get(Key(None, group), ()))
            for p in layers
        ]
        days = sorted({v.effective for pair in stack for series in pair for v in series})
        resolved: list[DatedValue] = []
        for day in days:
            for provincial, national in stack:
                found = _in_force(provincial, day)
                if found is None or found.value is None:
                    found = _in_force(national, day)
                if found is not None:
                    break
            if found is not None and (not resolved or found is not resolved[-1]):
                # where the national rule returns or a layer ends, the value holds anew from this day
                resolved.append(found if found.effective == day else found._replace(effective=day))
        return resolved

    # -- freezing

    def at(self, date) -> Law:
        """Return the law effective by a day, frozen: later steps are gone (某日有效的法规)."""
        day = self._day(date)
        return self._filtered(lambda v: v.effective <= day)

    def known(self, date) -> Law:
        """Return the law adopted by a day, its future steps included (某日已公布的法规)."""
        day = self._day(date)
        return self._filtered(lambda v: v.adopted <= day)

    @staticmethod
    def _day(value) -> date:
        try:
            return parse_date(value)
        except ValueError as error:
            raise LawError("", [Fault("date", str(error))]) from None

    def _filtered(self, keep) -> Law:
        parameters = {}
        for name, parameter in self.parameters.items():
            values = {k: tuple(filter(keep, series)) for k, series in parameter.values.items()}
            parameters[name] = _with_values(parameter, {k: s for k, s in values.items() if s})
        return Law(parameters, self.acts, self.provinces, self.changes)

    # -- amending

    def amend(self, changes: Mapping[str, Sequence[Mapping]], source: str = "amendment") -> Law:
        """Return the law with a difference laid over it (修改法规).

        From the first amended date on, the new series replaces the old values of its scope:
        a change of provinces those of the provinces, a national change those of the nation and
        of every province. Earlier values stay.

        Parameters
        ----------
        changes : mapping of parameter name to list of entries
            An entry has ``effective`` and ``value`` and may have ``province`` or ``provinces``,
            ``category``, ``hukou``, ``adopted``, ``act``, ``article``, ``flag``, ``note``. A value of None
            for a province gives the national rule back.
        source : str
            What is amending, for messages and as the note of the values.

        Raises
        ------
        LawError
            Every fault of the difference at once; ``faults`` has them one by one.

        Examples
        --------
        >>> law = load_law().amend({"base_cap_ratio": [{"effective": "2030-01-01", "value": 2.0}]})
        >>> law.value("base_cap_ratio", "2029-12-31"), law.value("base_cap_ratio", "2030-01-01")
        (3, 2)
        """
        faults: list[Fault] = []
        fresh: dict[str, list[DatedValue]] = {}
        if not isinstance(changes, Mapping):
            raise LawError(source, [Fault("law", "no mapping of parameter names to dated values")])
        for name, entries in changes.items():
            if name not in self.parameters:
                message = f"no such parameter.{nearest(name, self.parameters)}"
                faults.append(Fault(f"law.{name}", message))
            elif not isinstance(entries, (list, tuple)) or not entries:
                faults.append(Fault(f"law.{name}", "no list of dated values"))
            else:
                fresh[name] = self._fresh_values(name, entries, source, faults)
        if faults:
            raise LawError(source, faults)
        parameters = dict(self.parameters)
        for name, values in fresh.items():
            parameters[name] = _overlay(self.parameters[name], values)
        amended = Law(parameters, self.acts, self.provinces)
        record = list(self.changes)
        for name, values in fresh.items():
            record.extend(_differences(self, amended, name, values))
        return Law(parameters, self.acts, self.provinces, record)

    def replaced(self, parameter: Parameter) -> Law:
        """Return the law with one parameter in place of that of its name (替换参数); nothing is recorded."""
        return Law({**self.parameters, parameter.name: parameter}, self.acts, self.provinces, self.changes)

    def _fresh_values(self, name, entries, source, faults: list[Fault]) -> list[DatedValue]:
        parameter = self.parameters[name]
        allowed = [*_VALUE_KEYS, "provinces"]
        values: list[DatedValue] = []
        for entry in entries:
            where = f"law.{name}"
            if not isinstance(entry, Mapping):
                faults.append(Fault(where, f"{entry!r} is no entry with effective and value"))
                continue
            wrong = [f"unknown key {k}.{nearest(k, allowed)}" for k in entry if k not in allowed]
            wrong += [f"missing {k}" for k in ("effective", "value") if k not in entry]
            days = {}
            for key in ("effective", "adopted"):
                if entry.get(key) is not None:
                    try:
                        days[key] = parse_date(entry[key])
                    except ValueError as error:
                        wrong.append(f"{key}: {error}")
            if "effective" in days:
                where = f"{where}, {days['effective']}"
            provinces = self._entry_provinces(entry, wrong)
            if "value" in entry and (entry["value"] is not None or None in provinces):
                wrong += [f for f in [value_fault(parameter, entry["value"])] if f]
            groups = _value_groups(parameter, entry, wrong)
            if entry.get("act") is not None and str(entry["act"]) not in self.acts:
                wrong.append(f"act {entry['act']} is not in sources.yaml.{nearest(entry['act'], self.acts)}")
            if entry.get("flag", "projected") not in FLAGS:
                wrong.append(f"flag {entry['flag']!r} is not one of {', '.join(FLAGS)}")
            if wrong:
                faults.extend(Fault(where, w) for w in wrong)
                continue
            for province in provinces:
                for group in groups:
                    value = DatedValue(
                        days["effective"],
                        days.get("adopted", days["effective"]),
                        _canonical(entry["value"]),
                        province,
                        group if parameter.dimension == "category" else None,
                        group if parameter.dimension == "hukou" else None,
                        str(entry.get("act") or ""),
                        str(entry.get("article") or ""),
                        entry.get("flag", "projected"),
                        str(entry.get("note") or source),
                        _canonical(tuple(entry.get("alternatives") or ())),
                        _canonical(entry.get("published")),
                        group if parameter.dimension == "occupation" else None,
                    )
                    scope = (value.effective, value.province, group)
                    if any((v.effective, v.province, _group_of(v)) == scope for v in values):
                        faults.append(Fault(where, "the same date and scope stand twice"))
                    values.append(value)
        return values

    def _entry_provinces(self, entry: Mapping, wrong: list[str]) -> tuple[str | None, ...]:
        given = entry.get("provinces")
        given = [entry["province"]] if given is None and entry.get("province") is not None else given
        if given is None:
            return (None,)
        if isinstance(given, str) or not isinstance(given, Sequence) or not given:
            wrong.append(f"provinces {given!r} is no list of provinces")
            return ()
        names = []
        for text in given:
            try:
                names.append(self.province_name(text))
            except LawError as error:
                wrong.append(error.faults[0].message)
        return tuple(names)

    # -- describing

    def describe(self, name: str) -> dict:
        """Return what is known of a parameter, in plain types (参数说明).

        ``provinces_sourced`` counts the provinces with a value of their own that is observed or
        unconfirmed, not filled by a rule; where the parameter has no provincial values it is 31 if
        the national value is sourced. Values carry number and title of their act.
        """
        parameter = self.parameter(name)
        values = parameter.all_values()
        own = {v.province for v in values if v.province and v.value is not None}
        sourced = {v.province for v in values if v.province and v.value is not None and v.flag in SOURCED}
        national = [v for v in values if v.province is None]
        national_sourced = any(v.flag in SOURCED for v in national)
        if not own and parameter.same_as and not national:
            base = self.describe(parameter.same_as)
            scope, n_sourced = base["scope"], base["provinces_sourced"]
            national_sourced = base["national_value_sourced"]
        else:
            scope = "provincial" if own else "national"
            n_sourced = len(sourced) if own else len(self.provinces) * national_sourced
        return {
            "name": name,
            "title": parameter.title,
            "name_zh": parameter.name_zh,
            "unit": parameter.unit,
            "kind": parameter.kind,
            "range": list(parameter.range) if parameter.range else None,
            "choices": list(parameter.choices),
            "dimension": parameter.dimension,
            "groups": list(parameter.groups),
            "same_as": parameter.same_as,
            "rule": parameter.rule,
            "note": parameter.note,
            "last_checked": str(parameter.last_checked),
            "file": parameter.file,
            "scope": scope,
            "provinces_sourced": n_sourced,
            "provinces_with_value": len(own),
            "national_value_sourced": national_sourced,
            "values": [self._describe_value(v) for v in values],
        }

    def _describe_value(self, v: DatedValue) -> dict:
        act = self.acts.get(v.act)
        return {
            "effective": str(v.effective),
            "adopted": str(v.adopted),
            "value": list(v.value) if isinstance(v.value, tuple) else v.value,
            "province": v.province,
            "category": v.category,
            "hukou": v.hukou,
            "occupation": v.occupation,
            "act": v.act,
            "number": act.number if act else "",
            "act_title": act.title if act else v.note,
            "act_title_zh": act.title_zh if act else v.note,
            "article": v.article,
            "flag": v.flag,
            "note": v.note,
            "alternatives": list(v.alternatives),
            "published": v.published,
        }

    def audit(self) -> dict:
        """Return how well the law is founded (法规数据审计).

        Counts and shares of values by flag and by what was read of their act, the share cited, each day of
        check with its number of parameters (the oldest first), contradictions, jumps without a reason.

        >>> load_law().audit()["share_cited"]
        1.0
        """
        values = [(p, v) for p in self.parameters.values() for v in p.all_values()]
        flags = {flag: sum(v.flag == flag for _, v in values) for flag in FLAGS}
        cited = sum(v.act in self.acts for _, v in values)
        states = {s: sum(a.state == s for a in self.acts.values()) for s in STATES}
        read = [self.acts[v.act].state for _, v in values if v.act in self.acts]
        contradictions = [
            {
                "parameter": p.name,
                "effective": str(v.effective),
                "province": v.province,
                "group": _group_of(v),
                "chosen": v.value,
                "alternatives": list(v.alternatives),
                "act": v.act,
                "note": v.note,
            }
            for p, v in values
            if v.alternatives
        ]
        days = sorted((str(p.last_checked), p.name) for p in self.parameters.values() if p.last_checked)
        checked = {
            day: [name for _, name in group] for day, group in itertools.groupby(days, key=lambda one: one[0])
        }
        n = max(len(values), 1)
        return {
            "parameters": len(self.parameters),
            "values": len(values),
            "by_flag": flags,
            "share_by_flag": {flag: count / n for flag, count in flags.items()},
            "share_by_state": {state: read.count(state) / n for state in STATES},
            "share_cited": cited / len(values) if values else 1.0,
            "acts": len(self.acts),
            "acts_by_state": states,
            "oldest_last_checked": min(checked, default=None),
            "last_checked": checked,
            "contradictions": contradictions,
            "jumps": [str(f) for f in jump_faults(self)],
        }

    @property
    def checksum(self) -> str:
        """SHA-256 of the values and their dates (法规校验和), the same however the files are laid out."""
        if not self._checksum:
            content = []
            for name, p in self.parameters.items():
                head = [name, p.unit, p.kind, p.range, p.dimension, p.groups, p.choices, p.same_as]
                content.append([head, [[str(v.effective), str(v.adopted), *v[2:9]] for v in p.all_values()]])
            text = json.dumps(content, ensure_ascii=False, default=str)
            self._checksum.append(hashlib.sha256(text.encode()).hexdigest())
        return self._checksum[0]


def _plain_name(name: str) -> str:
    """An English name without case, spaces and the kind of unit: "Guangdong Province" is "guangdong"."""
    letters = re.sub(r"[\s'’-]", "", name.casefold())
    return re.sub(r"(province|municipality|(zhuang|hui|uygur|uyghur)?autonomousregion)$", "", letters)


@functools.lru_cache(maxsize=4)
def _names(provinces: tuple[Province, ...]) -> frozenset[str]:
    return frozenset(p.name for p in provinces)


def _group_of(value: DatedValue) -> str | None:
    return value.category or value.hukou or value.occupation


def _overlay(parameter: Parameter, fresh: Sequence[DatedValue]) -> Parameter:
    """Lay new values over a parameter: each scope is replaced from its first new date on."""
    values = {key: list(series) for key, series in parameter.values.items()}
    for group in {_group_of(v) for v in fresh}:
        national = sorted((v for v in fresh if v.province is None and _group_of(v) == group), key=_effective)
        if national:
            first = national[0]
            for key in [k for k in values if k.group == group]:
                kept = [v for v in values[key] if v.effective < first.effective]
                if key.province is not None and kept and kept[-1].value is not None:
                    # the province's own rule ends on the day of the national change
                    kept.append(first._replace(value=None, province=key.province))
                values[key] = kept
            values[Key(None, group)] = values.get(Key(None, group), []) + national
        for province in {v.province for v in fresh if v.province and _group_of(v) == group}:
            key = Key(province, group)
            own = sorted(
                (v for v in fresh if v.province == province and _group_of(v) == group), key=_effective
            )
            kept = [v for v in values.get(key, []) if v.effective < own[0].effective]
            values[key] = kept + own
    ordered = sorted((k for k in values if values[k]), key=lambda k: (k.province or "", k.group or ""))
    return _with_values(parameter, {k: tuple(values[k]) for k in ordered})


def _effective(value: DatedValue) -> date:
    return value.effective


def _differences(old: Law, new: Law, name: str, fresh: Sequence[DatedValue]) -> list[Change]:
    """What an amendment changes, by scope and date: its own scopes always, others where touched."""
    parameter = old.parameters[name]
    changes = []
    for group in dict.fromkeys(_group_of(v) for v in fresh):
        mine = [v for v in fresh if _group_of(v) == group]
        scopes = list(dict.fromkeys(v.province for v in mine))
        if None in scopes:
            layers = [parameter] + ([old.parameters[parameter.same_as]] if parameter.same_as else [])
            owners = [
                p.name for p in old.provinces if any(layer.values.get(Key(p.name, group)) for layer in layers)
            ]
            scopes = [None] + [p.name for p in old.provinces if p.name in scopes or p.name in owners]
        ask = {parameter.dimension: group} if group else {}
        for province in scopes:
            first = min(v.effective for v in mine if v.province in (None, province))
            days = {v.effective for law in (old, new) for v in law.series(name, province, **ask)}
            asked = {v.effective for v in mine if v.province == province}
            for day in sorted(d for d in days | asked if d >= first):
                before = old.value(name, day, province, default=None, **ask)
                after = new.value(name, day, province, default=None, **ask)
                if before != after or (day in asked):
                    category, hukou, occupation = (ask.get(dimension) for dimension in GROUPS)
                    changes.append(Change(name, day, province, category, hukou, before, after, occupation))
    return changes


def jump_faults(law: Law) -> list[Fault]:
    """Return the jumps between consecutive values that no entry explains (跳变检查).

    A number may grow or shrink by the factor `max_step` from one value in force to the next, in the
    nation and in every province with values of its own; a change from or to 0 is a jump. For lists the
    first element is compared. Real jumps are listed under `jumps` with date (a year is enough: the date's
    beginning is compared), province (absent: anywhere) and reason.
    """
    faults = []
    for parameter in law.parameters.values():
        if parameter.kind not in ("number", "list") or parameter.max_step is None:
            continue
        for key in parameter.values:
            ask = {parameter.dimension: key.group} if key.group else {}
            series = law.series(parameter.name, key.province, **ask)
            for before, after in itertools.pairwise(series):
                a, b = (v.value[0] if parameter.kind == "list" else v.value for v in (before, after))
                if a == b or _step_allowed(a, b, parameter.max_step):
                    continue
                if not _jump_listed(parameter.jumps, key.province, after.effective):
                    place = ", ".join(str(s) for s in (parameter.name, *key, after.effective) if s)
                    message = f"{a:g} -> {b:g} is more than the factor {parameter.max_step:g}"
                    faults.append(Fault(place, message))
    return faults


def _step_allowed(a: float, b: float, max_step: float) -> bool:
    if a == 0 or b == 0 or (a < 0) != (b < 0):
        return False
    ratio = abs(b / a)
    return 1 / max_step - 1e-12 <= ratio <= max_step + 1e-12


def _jump_listed(jumps: Sequence[Mapping], province: str | None, day: date) -> bool:
    for jump in jumps:
        place = jump.get("province")
        places = place if isinstance(place, list) else [place]
        if str(day).startswith(str(jump["date"])) and (place is None or province in places):
            return True
    return False


@functools.lru_cache(maxsize=1)
def _load_package() -> Law:
    return _Builder(_package_files()).build()


def load_law(folder: str | os.PathLike | None = None) -> Law:
    """Return current law from the package's files, checked (现行法规). Cached.

    Parameters
    ----------
    folder : path, optional
        Another folder laid out as ``simulate/statutes``.

    Raises
    ------
    LawError
        All faults of all files at once, each with file, line, what was found and what is allowed.
    """
    if folder is None:
        return _load_package()
    root = Path(folder)
    if not root.is_dir():
        raise LawError(str(root), [Fault("", "no such folder. It holds the YAML and CSV files of the law")])
    return _Builder(_walk(root, ""), str(root)).build()
