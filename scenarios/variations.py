"""Variations of a scenario (情景变动): what a sweep and a search set in a scenario file, place by place.

A file of this kind is a scenario with one more heading, `sweep` or `seek`. A place is written as a path:
`law.NAME.DATE` (in the long form `law.NAME.N.value`, entries counted from 0; in rows for limited groups
`law.NAME.DATE.N.value`, rows counted from 0), `behaviour.NAME`,
`behaviour.NAME.ELEMENT`, `assumptions.NAME`, `economy` or `variant`. Law and behaviour are the scenario's;
assumptions, economy and variant hold in its baseline too, so that a difference is the reform's alone.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from scenarios.options import ECONOMIES, VARIANTS
from scenarios.scenario import (
    CURRENT_LAW,
    Scenario,
    ScenarioError,
    combine,
    library,
    read_text,
    scenario_of,
)
from simulate.strict_yaml import Document, Fault, closest, nearest, read_yaml

HEADINGS = ("sweep", "seek")
_FIRST = ("law", "behaviour", "assumptions", "economy", "variant")
_CHOICES = {"economy": ECONOMIES, "variant": VARIANTS}
_FORMS = (
    "law.NAME.DATE, law.NAME.N.value, law.NAME.DATE.N.value, behaviour.NAME, behaviour.NAME.ELEMENT, "
    "assumptions.NAME, economy, variant"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Settings = Sequence[tuple[tuple[str, ...], Any]]  # (path, value)


class Point(NamedTuple):
    """One variation, ready to run (一个变动点): baseline, scenario, and what holds in both."""

    baseline: Scenario
    scenario: Scenario
    world: dict[str, Any]  # economy, behaviour (the variant), assumptions: what of them is set


class Template(NamedTuple):
    """A scenario file in which values are set (情景模板)."""

    name: str
    where: str
    text: str
    folder: Path
    document: Document  # of the scenario alone
    heading: str
    section: Any  # what stands under the heading

    def line(self, path: str) -> int:
        """Return the line of a path of the file, or of what it stands in (行号)."""
        while path and path not in self.document.lines:
            path = path.rpartition("/")[0]
        return self.document.lines.get(path, 1)

    def fault(self, path: str, message: str) -> Fault:
        """Return a fault with its line (错误及行号)."""
        return Fault(f"line {self.line(path)}, {path.strip('/').replace('/', '.')}", message)

    def point(self, name: str, settings: Settings) -> Point:
        """Return the variation with these values (取一个变动点). ScenarioError with its faults."""
        data = copy.deepcopy(self.document.data)
        world: dict[str, Any] = {"assumptions": {}}
        lines = dict(self.document.lines)
        for path, value in settings:
            if path[0] == "economy":
                world["economy"] = value
            elif path[0] == "variant":
                world["behaviour"] = value
            else:
                _put(world if path[0] == "assumptions" else data, path, value)
                lines.setdefault("/" + "/".join(path), self.line(f"/{self.heading}"))
        document = Document(data, lines, list(self.document.faults))
        scenario = scenario_of(document, self.name, _yaml(data), self.where, self.folder)
        parent = scenario.parent or replace(
            scenario, law={}, behaviour={}, assumptions={}, text="", baseline=scenario.baseline
        )
        parent = replace(parent, name=scenario.baseline or CURRENT_LAW)
        return Point(parent, replace(scenario, name=name), world)

    def own_faults(self) -> list[Fault]:
        """Return the faults of the scenario itself, which no value set in it can mend (情景自身错误)."""
        try:
            self.point("check", [])
        except ScenarioError as error:
            return list(error.faults)
        return []

    def path_faults(self, place: str, path: tuple[str, ...]) -> list[Fault]:
        """Return what is wrong with a path before any value is set there (路径校验)."""
        dotted = ".".join(path)
        depth = {"law": (3, 5), "behaviour": (2, 4), "assumptions": (2, 3)}.get(path[0], (1, 1))
        if path[0] not in _FIRST or not depth[0] <= len(path) <= depth[1] or not all(path):
            return [self.fault(place, f"{dotted!r} is no place of a scenario. Write {_FORMS}")]
        if path[0] == "law" and len(path) == 4:
            return self._entry_faults(place, path)
        if path[0] == "law" and len(path) == 5:
            return self._row_faults(place, path)
        if path[0] == "law" and not _DAY.fullmatch(path[2]):
            return [self.fault(place, f"{path[2]!r} is no date. Write law.{path[1]}.YYYY-MM-DD")]
        section = (self.document.data or {}).get(path[0])
        if not isinstance(section, dict) or path[0] in _CHOICES:
            return []
        if path[0] == "assumptions" and path[1] in section:
            message = f"{path[1]} is set by the scenario itself, below assumptions. Remove one of the two"
            return [self.fault(place, message)]
        if len(path) > 2 and path[1] in section and not isinstance(section[path[1]], dict):
            found = "a list of entries" if isinstance(section[path[1]], list) else "one value"
            return [
                self.fault(place, f"{path[0]}.{path[1]} is {found} in this file. Write {{KEY: value}} there")
            ]
        return []

    def _entry_faults(self, place: str, path: tuple[str, ...]) -> list[Fault]:
        _, name, number, key = path
        entries = ((self.document.data or {}).get("law") or {}).get(name)
        n = len(entries) if isinstance(entries, list) else 0
        if not (number.isdigit() and int(number) < n and key in ("value", "effective")):
            told = (
                f"is no entry of {name}, which has {n} in the long form. Write law.{name}.N.value, N from 0"
            )
            return [self.fault(place, f"{'.'.join(path)!r} {told}")]
        return []

    def _row_faults(self, place: str, path: tuple[str, ...]) -> list[Fault]:
        _, name, day, number, key = path
        dated = ((self.document.data or {}).get("law") or {}).get(name)
        rows = dated.get(day) if isinstance(dated, dict) else None
        n = len(rows) if isinstance(rows, list) else 0
        if number.isdigit() and int(number) < n and isinstance(rows[int(number)], dict) and key == "value":
            return []
        written = ".".join(path)
        told = (
            f"{written!r} is no row of {name}, which has {n} from {day} on. "
            f"Write law.{name}.DATE.N.value, N from 0"
        )
        return [self.fault(place, told)]

    def value_faults(self, place: str, path: tuple[str, ...], value: Any) -> list[Fault]:
        """Return what is wrong with one value of a path (取值校验)."""
        if path[0] in _CHOICES:
            known = _CHOICES[path[0]]
            if value in known:
                return []
            return [self.fault(place, f"{value!r} is not one of {', '.join(known)}.{nearest(value, known)}")]
        if path[0] == "assumptions":
            from scenarios.inputs import faults_of_setting

            setting = {path[2]: value} if len(path) > 2 else value
            return [self.fault(place, told) for told in faults_of_setting("assumptions", path[1], setting)]
        try:
            self.point("check", [(path, value)])
        except ScenarioError as error:
            mine = [fault for fault in error.faults if path[1] in f"{fault.where} {fault.message}"]
            return [self.fault(place, f"{path[1]}: {fault.message}") for fault in mine]
        return []


def _put(data: dict, path: tuple[str, ...], value: Any) -> None:
    *inner, last = path
    for key in inner:
        if isinstance(data, list):
            data = data[int(key)]
            continue
        if not isinstance(data.get(key), (dict, list)):
            data[key] = {}
        data = data[key]
    data[last] = value


def _yaml(data: Mapping) -> str:
    """The scenario that a point is, as text to keep."""
    import io

    from ruamel.yaml import YAML

    stream, writer = io.StringIO(), YAML(typ="safe", pure=True)
    writer.default_flow_style, writer.allow_unicode, writer.sort_base_mapping_type_on_output = (
        None,
        True,
        False,
    )
    writer.dump(data, stream)
    return stream.getvalue()


def parse_path(text: Any) -> tuple[str, ...]:
    """Return the parts of a path (解析路径).

    >>> parse_path("law.base_cap_ratio.2027-01-01")
    ('law', 'base_cap_ratio', '2027-01-01')
    """
    return tuple(part.strip() for part in str(text).split("."))


def questions() -> dict[str, str]:
    """Return the text of every sweep and search that is shipped (内置问题), by name."""
    folder = resources.files("scenarios") / "questions"
    names = sorted(
        entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")
    )
    return {name: (folder / f"{name}.yaml").read_text("utf-8") for name in names}


def read_template(argument: str, heading: str, required: bool = True) -> Template:
    """Return the template that an argument names (读取模板): shipped, scenario, file, or a+b.

    Raises
    ------
    ScenarioError
        No such file, or all that is wrong with it as YAML and with its headings.
    """
    argument = str(argument)
    if "+" in argument and not Path(argument).is_file():
        return _combined([part.strip() for part in argument.split("+")], heading, required)
    shipped = questions() | library()
    if argument in shipped:
        name, where, text, folder = argument, argument, shipped[argument], Path()
    elif argument.endswith((".yaml", ".yml")) or "/" in argument:
        path = Path(argument)
        name, where, text, folder = path.stem, argument, read_text(path), path.parent
    else:
        hint = closest(argument, shipped, f" Known are {', '.join(questions())}; files end in .yaml.")
        raise ScenarioError(argument, [Fault("", f"no file and no shipped question.{hint}")])
    document = read_yaml(text)
    if not isinstance(document.data, dict):
        faults = document.faults or [Fault("line 1", f"no mapping of keys to values. Write {heading}: …")]
        raise ScenarioError(where, faults)
    data = dict(document.data)
    section = data.pop(heading, None)
    faults = []
    for other in HEADINGS:
        if other in data:
            line = document.lines.get(f"/{other}", 1)
            faults.append(Fault(f"line {line}, {other}", f"does not belong here. Use flexpension {other}"))
    if section is None and required:
        faults.append(Fault("line 1", f"{heading} is missing. Write {heading}: and what varies"))
    if faults:
        raise ScenarioError(where, [*document.faults, *faults])
    alone = Document(data, document.lines, document.faults)
    return Template(name, where, text, folder, alone, heading, section)


def _combined(names: list[str], heading: str, required: bool) -> Template:
    """The template of a combination: one part may ask the question, all of them are the scenario."""
    parts = [read_template(name, heading, required=False) for name in names]
    whole = combine(
        scenario_of(part.document, part.name, part.text, part.where, part.folder) for part in parts
    )
    asking = [part for part in parts if part.section is not None]
    if len(asking) > 1:
        told = f"asked by {asking[0].name} and by {asking[1].name}. Keep one of them"
        raise ScenarioError(whole.name, [Fault(heading, told)])
    if required and not asking:
        told = f"{heading} is missing. Write {heading}: and what varies"
        raise ScenarioError(whole.name, [Fault("", told)])
    lead = asking[0] if asking else parts[0]
    based = next((p for p in parts if p.document.data.get("baseline", CURRENT_LAW) != CURRENT_LAW), lead)
    data = dict(lead.document.data) | {"title": whole.title, "title_zh": whole.title_zh}
    data |= {"baseline": based.document.data.get("baseline", CURRENT_LAW)}
    for section in ("law", "behaviour", "assumptions"):
        merged = {k: v for part in parts for k, v in (part.document.data.get(section) or {}).items()}
        data |= {section: merged} if merged else {}
    text = _yaml(data if lead.section is None else data | {heading: lead.section})
    document = Document(data, lead.document.lines, [])
    return Template(whole.name, whole.name, text, based.folder, document, heading, lead.section)


def key_faults(template: Template, place: str, found: Mapping, known: Iterable[str]) -> list[Fault]:
    """Return the unknown keys of a mapping (未知键)."""
    known = tuple(known)
    return [
        template.fault(
            f"{place}/{key}", f"unknown key.{nearest(key, known) or ' Known are ' + ', '.join(known)}"
        )
        for key in found
        if key not in known
    ]


def sorted_faults(faults: Iterable[Fault]) -> list[Fault]:
    """Return faults once each, in the order of their lines (错误按行排序)."""

    def line(fault: Fault) -> int:
        digits = fault.where.removeprefix("line ").split(",")[0]
        return int(digits) if digits.isdigit() else 0

    return sorted(dict.fromkeys(faults), key=line)
