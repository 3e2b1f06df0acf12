"""The files of the law, read and checked (法规文件的读取与检查): YAML by subject, tables, provinces, acts."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from importlib import resources
from typing import Any

from simulate.law_values import (
    DIMENSIONS,
    FLAGS,
    GROUPS,
    KINDS,
    STATES,
    VALUE_KEYS,
    Act,
    DatedValue,
    Key,
    LawError,
    Parameter,
    Province,
    canonical,
    is_number,
    parse_date,
    value_faults,
    value_groups,
    with_values,
)
from simulate.strict_yaml import Document, Fault, nearest, read_yaml

_ENTRY_KEYS = (
    *("title", "name_zh", "unit", "range", "kind", "dimension", "categories", "choices", "same_as"),
    *("rule", "last_checked", "max_step", "jumps", "table", "values", "note"),
)
_ACT_KEYS = (*("number", "title", "title_zh", "date_adopted", "date_effective", "issuer", "state", "note"),)
_TABLE_COLUMNS = [*VALUE_KEYS, "parameter"]


def package_files() -> dict[str, bytes]:
    """Return the files of the law that is shipped (自带法规文件)."""
    root = resources.files("simulate") / "statutes"
    return files_of(root, "")


def files_of(folder, prefix: str = "") -> dict[str, bytes]:
    """Return the YAML and CSV files of a folder by their path in it (法规文件)."""
    found = {}
    for item in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if item.is_dir():
            found.update(files_of(item, f"{prefix}{item.name}/"))
        elif item.name.endswith((".yaml", ".csv")):
            found[f"{prefix}{item.name}"] = item.read_bytes()
    return found


def read_files(
    files: Mapping[str, bytes], source: str = "simulate/statutes"
) -> tuple[dict[str, Parameter], dict[str, Act], tuple[Province, ...]]:
    """Return the parameters, acts and provinces that stand in the files of the law (读取法规).

    Raises
    ------
    LawError
        All faults of all files at once, each with file, line, what was found and what is allowed.
    """
    return _Reader(files, source).read()


class _Reader:
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

    def read(self) -> tuple[dict[str, Parameter], dict[str, Act], tuple[Province, ...]]:
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
            parameters[name] = with_values(entry["parameter"], values)
        return parameters, self.acts, self.provinces

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
            good = isinstance(limits, list) and len(limits) == 2 and all(map(is_number, limits))
            if not good or limits[0] > limits[1]:
                self.fault(file, where, f"range {limits!r} is not [lowest, highest]")
        if kind == "number" and not (is_number(entry.get("max_step")) and entry["max_step"] >= 1):
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
            if key not in VALUE_KEYS:
                faults.append(f"unknown key {key}.{nearest(key, VALUE_KEYS)}")
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
            faults += value_faults(parameter, value, str)
        groups = value_groups(parameter, raw, faults)
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
                    canonical(value),
                    province,
                    group if parameter.dimension == "category" else None,
                    group if parameter.dimension == "hukou" else None,
                    str(raw["act"]),
                    str(raw["article"] if raw["article"] is not None else ""),
                    raw["flag"],
                    str(raw.get("note") or ""),
                    canonical(tuple(raw.get("alternatives") or ())),
                    canonical(raw.get("published")),
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


def _text(blob: bytes, name: str, source: str) -> str:
    try:
        return blob.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = blob[: error.start].count(b"\n") + 1
        fault = Fault(f"{name}, line {line}", "not UTF-8 text. Save the file as UTF-8")
        raise LawError(source, [fault]) from None


def _number(text: str) -> float | int:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    return canonical(number)
