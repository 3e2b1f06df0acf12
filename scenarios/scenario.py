"""Scenarios (情景): small, dated differences to a baseline, read from YAML, checked, combined, compiled.

>>> scenario = load_scenario("lower-floor")
>>> scenario.title_zh
'灵活就业人员缴费基数下限降至40%'
>>> scenario.compile_law().value("flexible_base_floor_ratio", "2027-01-01")
0.4
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calibration import DEFAULT_SET
from simulate.law import Law, load_law
from simulate.law_values import Change, LawError, parse_date
from simulate.limited import PARAMETERS as OF_GROUPS
from simulate.limited import room_fault
from simulate.strict_yaml import Document, Fault, FaultsError, closest, nearest, read_yaml
from simulate.terms import FIRST_YEAR

if TYPE_CHECKING:
    from simulate.run import Case

CURRENT_LAW = "current-law"
STATUSES = ("law", "proposal", "in_force_elsewhere", "illustration", "practice")
LEVELS = ("low", "central", "high")
LARGEST_FILE = 1_000_000  # bytes; a scenario is a page of text
_REQUIRED = ("title", "title_zh", "question", "question_zh", "source", "status")
_SECTIONS = ("law", "behaviour", "assumptions")
_OPTIONAL = ("country", "warning", "warning_zh")
_KEYS = (*_REQUIRED, *_OPTIONAL, "baseline", *_SECTIONS)
_ENTRY_KEYS = (
    *("effective", "value", "province", "provinces", "category", "hukou", "occupation"),
    *("adopted", "act", "article", "flag", "note"),
)
_SUFFIXES = (".yaml", ".yml")
_ROW = re.compile(r"row (\d+): ")


class ScenarioError(FaultsError):
    """Everything wrong with a scenario file or with an argument that names scenarios (情景错误)."""


@dataclass(frozen=True)
class Scenario:
    """A difference to a baseline (情景): law, behaviour and assumptions, with title, question and source.

    Attributes
    ----------
    law : mapping of parameter name to tuple of dated entries, as `Law.amend` takes them
    behaviour, assumptions : mapping of name to value, or to a mapping of date to value
    baseline : str
        Name of the scenario this one differs from; "law at DATE" for the law in force on a day;
        empty for current law itself.
    parent : Scenario, optional
        The baseline, read.
    parts : tuple of Scenario
        What a combination is made of; empty otherwise.
    text, path : str
        The file as read, and where it stood.
    """

    name: str
    title: str
    title_zh: str
    question: str
    question_zh: str
    source: str
    status: str
    baseline: str = CURRENT_LAW
    law: Mapping[str, tuple[dict, ...]] = field(default_factory=dict)
    behaviour: Mapping[str, Any] = field(default_factory=dict)
    assumptions: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    path: str = ""
    country: str = ""
    warning: str = ""
    warning_zh: str = ""
    law_at: str | None = None
    parent: Scenario | None = None
    parts: tuple[Scenario, ...] = ()

    def texts(self) -> dict[str, str]:
        """Return the text of every file this scenario rests on, by name (情景原文), baselines first."""
        found = self.parent.texts() if self.parent else {}
        for part in self.parts:
            found.update(part.texts())
        if self.text:
            found[self.name] = self.text
        return found

    def compile_law(self) -> Law:
        """Return current law with this scenario and its baselines laid over it (情景下的法规)."""
        return (
            self.baseline_law().amend(self.law, self.path or self.name) if self.law else self.baseline_law()
        )

    def baseline_law(self) -> Law:
        """Return the law this scenario is a difference to (基准法规)."""
        if self.law_at:
            return load_law().at(self.law_at)
        return self.parent.compile_law() if self.parent else load_law()

    def changes(self) -> tuple[Change, ...]:
        """Return what this scenario changes in its baseline's law (法规变动): parameter, date, old, new."""
        before = self.baseline_law()
        return self.compile_law().changes[len(before.changes) :]

    def all_behaviour(self) -> dict[str, Any]:
        """Return what this scenario and its baselines set in behaviour (行为变动)."""
        return {**(self.parent.all_behaviour() if self.parent else {}), **self.behaviour}

    def all_assumptions(self) -> dict[str, Any]:
        """Return what this scenario and its baselines set in assumptions (假设变动)."""
        return {**(self.parent.all_assumptions() if self.parent else {}), **self.assumptions}


# --------------------------------------------------------------------------- finding files


@functools.lru_cache(maxsize=1)
def library() -> dict[str, str]:
    """Return the text of every scenario of the library by name (情景库), current law first."""
    folder = resources.files("scenarios") / "library"
    names = sorted(
        (entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")),
        key=lambda name: (name != CURRENT_LAW, name),
    )
    return {name: (folder / f"{name}.yaml").read_text("utf-8") for name in names}


def load_scenario(argument: str | Path) -> Scenario:
    """Return the scenario that an argument names (读取情景).

    Parameters
    ----------
    argument : str or path
        A name of the library, a YAML file, or several of them joined by ``+``.

    Raises
    ------
    ScenarioError
        All faults at once, each with line, what was found and what is allowed.

    Examples
    --------
    >>> load_scenario("lower-floor+carer-credits").name
    'lower-floor+carer-credits'
    """
    return _load(str(argument), Path(), ())


def _load(argument: str, folder: Path, trail: tuple[str, ...]) -> Scenario:
    if argument in library():
        return _from_library(argument, trail)
    path = folder / argument
    looks_like_file = argument.endswith(_SUFFIXES) or "/" in argument
    if "+" in argument and not path.is_file():
        return combine([_load(part.strip(), folder, trail) for part in argument.split("+")])
    if not looks_like_file:
        known = list(library())
        hint = closest(argument, known, f" `flexpension list` names the {len(known)} of the library.")
        also = " A file is named with its suffix .yaml" if path.exists() else ""
        raise ScenarioError(
            argument, [Fault("", f"no scenario of the library and no YAML file.{hint}{also}")]
        )
    return _from_file(path, trail)


def _from_library(name: str, trail: tuple[str, ...]) -> Scenario:
    if name in trail:
        raise ScenarioError(name, [Fault("baseline", " -> ".join((*trail, name)) + " runs in a circle")])
    return _library_scenario(name, trail)


@functools.lru_cache(maxsize=256)
def _library_scenario(name: str, trail: tuple[str, ...]) -> Scenario:
    where = f"scenarios/library/{name}.yaml"
    return _read(name, library()[name], where, Path(), (*trail, name))


def _from_file(path: Path, trail: tuple[str, ...]) -> Scenario:
    shown = str(path)
    identity = str(path.resolve())
    if identity in trail:
        names = [Path(step).name for step in (*trail, identity)]
        raise ScenarioError(shown, [Fault("baseline", " -> ".join(names) + " runs in a circle")])
    return _read(path.stem, read_text(path), shown, path.parent, (*trail, identity))


def read_text(path: Path) -> str:
    """Return the text of a file of the scenario language (读取文件). ScenarioError where it cannot be."""

    def refuse(message: str) -> ScenarioError:
        return ScenarioError(str(path), [Fault("", message)])

    try:
        if path.is_dir():
            raise refuse("is a folder. Name a YAML file in it")
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise refuse(f"has {size / 1e6:.1f} MB. A scenario has less than {LARGEST_FILE / 1e6:g} MB")
        with path.open("rb") as stream:  # a pipe or device has no size: never read more than allowed
            blob = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        known = library()
        hint = closest(path.stem, known, f" `flexpension list` names the {len(known)} of the library.")
        raise refuse(f"no such file.{hint}") from None
    except OSError as error:
        raise refuse(f"cannot be read ({error.strerror})") from None
    if len(blob) > LARGEST_FILE:
        raise refuse(f"A scenario has less than {LARGEST_FILE / 1e6:g} MB")
    try:
        return blob.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse(f"byte {error.start} is not UTF-8 text. Save the file as UTF-8") from None


# --------------------------------------------------------------------------- reading one file


def _read(name: str, text: str, where: str, folder: Path, trail: tuple[str, ...]) -> Scenario:
    return scenario_of(read_yaml(text), name, text, where, folder, trail)


def scenario_of(
    document: Document, name: str, text: str, where: str, folder: Path = Path(), trail: tuple[str, ...] = ()
) -> Scenario:
    """Return the scenario that a parsed file holds (由文件内容得到情景). ScenarioError with its faults."""
    if document.faults and not isinstance(document.data, dict):
        raise ScenarioError(where, document.faults)
    if not isinstance(document.data, dict):
        found = "the file is empty" if document.data is None else "no mapping of keys to values"
        needed = f"{found}. A scenario has {', '.join(_REQUIRED)} and what it changes"
        raise ScenarioError(where, [Fault("line 1", needed)])
    reader = _Reader(document)
    head = reader.head()
    parent, law_at, label = reader.baseline(name, folder, trail)
    base = load_law().at(law_at) if law_at else (parent.compile_law() if parent else load_law())
    sections = {
        "law": reader.law(base),
        "behaviour": reader.evidence("behaviour"),
        "assumptions": reader.evidence("assumptions"),
    }
    if reader.faults:
        raise ScenarioError(where, sorted(reader.faults, key=_line))
    return Scenario(
        name=name, baseline=label, text=text, path=where, law_at=law_at, parent=parent, **head, **sections
    )


def _line(fault: Fault) -> int:
    digits = fault.where.removeprefix("line ").split(",")[0]
    return int(digits) if digits.isdigit() else 0


class _Reader:
    """Turns one parsed file into parts of a scenario and collects every fault with its line."""

    def __init__(self, document: Document):
        self.data: dict = document.data
        self.lines = document.lines
        self.faults: list[Fault] = list(document.faults)

    def fault(self, path: str, message: str, label: str | None = None) -> None:
        place = label if label is not None else path.strip("/").replace("/", ".")
        self.faults.append(Fault(f"line {self.lines.get(path, 1)}, {place}", message))

    def head(self) -> dict[str, str]:
        for key in self.data:
            if key not in _KEYS:
                hint = nearest(key, _KEYS) or f" Known are {', '.join(_KEYS)}."
                self.fault(f"/{key}", f"unknown key.{hint}")
        found = {}
        for key in (*_REQUIRED, *_OPTIONAL):
            value = self.data.get(key)
            if value is None:
                if key in _REQUIRED:
                    self.faults.append(Fault("line 1", f"{key} is missing. Write {key}: text"))
                continue
            if not isinstance(value, str) or not value.strip():
                self.fault(f"/{key}", f"{value!r} is no text")
                continue
            found[key] = " ".join(value.split())
        if ("warning" in found) != ("warning_zh" in found):
            self.faults.append(Fault("line 1", "warning and warning_zh go together. Write both"))
        status = found.get("status")
        if status and status not in STATUSES:
            message = f"{status!r} is not one of {', '.join(STATUSES)}.{nearest(status, STATUSES)}"
            self.fault("/status", message)
        return found

    def baseline(self, name: str, folder: Path, trail: tuple[str, ...]):
        """Return the baseline as (scenario or None, day or None, its label)."""
        given = self.data.get("baseline")
        if given is None:
            if name == CURRENT_LAW and trail[-1:] == (CURRENT_LAW,):  # the library's own, no file so named
                return None, None, ""
            given = CURRENT_LAW
        if isinstance(given, dict):
            if set(given) != {"law_at"}:
                self.fault("/baseline", f"has the keys {', '.join(given)}. Write {{law_at: YYYY-MM-DD}}")
                return None, None, ""
            try:
                day = parse_date(given["law_at"])
            except ValueError as error:
                self.fault("/baseline/law_at", str(error))
                return None, None, ""
            if day.year < FIRST_YEAR:
                self.fault(
                    "/baseline/law_at", f"{day} is before the law of the model, which begins in {FIRST_YEAR}"
                )
                return None, None, ""
            return None, str(day), f"law at {day}"
        if not isinstance(given, str):
            self.fault("/baseline", f"{given!r} is neither the name of a scenario nor {{law_at: YYYY-MM-DD}}")
            return None, None, ""
        try:
            parent = _load(given, folder, trail)
        except ScenarioError as error:
            for fault in error.faults:
                inner = ": ".join(part for part in (error.source, str(fault)) if part)
                self.fault("/baseline", inner)
            return None, None, given
        return parent, None, parent.name

    def law(self, base: Law) -> dict[str, tuple[dict, ...]]:
        section = self._section("law")
        found = {}
        for name, raw in section.items():
            path = f"/law/{name}"
            if name not in base.parameters:
                hint = closest(name, base.parameters, " `flexpension show law` lists them.")
                self.fault(path, f"no such parameter.{hint}")
                continue
            entries = self._entries(path, raw)
            good = [entry for place, entry in entries if self._entry_is_good(base, name, place, entry)]
            if good and len(good) == len(entries):
                try:
                    amended = base.amend({name: good})
                except LawError as error:  # what single entries cannot show: a date and scope standing twice
                    for fault in error.faults:
                        self.fault(path, fault.message, fault.where)
                else:
                    rows = sum(len(v.value) for v in amended.series(name)) if name in OF_GROUPS else 0
                    if fault := room_fault(name, rows):
                        self.fault(path, fault)
                found[name] = tuple(good)
        return found

    def _entries(self, path: str, raw: Any) -> list[tuple[str, dict]]:
        if isinstance(raw, dict) and raw:
            return [(f"{path}/{day}", {"effective": day, "value": value}) for day, value in raw.items()]
        if isinstance(raw, list) and raw and all(isinstance(entry, dict) for entry in raw):
            return [(f"{path}/{i}", entry) for i, entry in enumerate(raw)]
        self.fault(path, f"{raw!r} has no date. Write {{YYYY-MM-DD: value}} or a list of effective and value")
        return []

    def _entry_is_good(self, base: Law, name: str, path: str, entry: dict) -> bool:
        n_before = len(self.faults)
        label = f"law.{name}"
        for key in entry:
            if key not in _ENTRY_KEYS:
                self.fault(path, f"unknown key {key}.{nearest(key, _ENTRY_KEYS)}", label)
        if len(self.faults) > n_before:
            return False
        try:
            base.amend({name: [entry]})
        except LawError as error:
            for fault in error.faults:
                self.fault(self._row_path(path, fault.message), fault.message, fault.where)
            return False
        day = parse_date(entry["effective"])
        if day.year < FIRST_YEAR:
            message = f"is before the law of the model, which begins in {FIRST_YEAR}"
            self.fault(path, message, f"{label}, {day}")
            return False
        return True

    def _row_path(self, path: str, message: str) -> str:
        """The path of the row that a message is about, where the value is rows for groups."""
        row = _ROW.match(message)
        below = [f"{path}{inner}/{int(row[1]) - 1}" for inner in ("", "/value")] if row else []
        return next((place for place in below if place in self.lines), path)

    def evidence(self, section: str) -> dict[str, Any]:
        """Return the behaviour or the assumptions that the file sets, checked one by one."""
        found = {}
        for name, value in self._section(section).items():
            path = f"/{section}/{name}"
            from scenarios.inputs import faults_of_setting

            for message in faults_of_setting(section, name, value):
                self.fault(path, message)
            found[name] = value
        return found

    def _section(self, name: str) -> dict:
        section = self.data.get(name)
        if section is None:
            if name in self.data:
                self.fault(f"/{name}", "is empty. Leave the heading out or name what changes")
            return {}
        if not isinstance(section, dict):
            self.fault(f"/{name}", f"{section!r} is no mapping of names to values")
            return {}
        return section


# --------------------------------------------------------------------------- combining and compiling


def combine(parts: Iterable[Scenario]) -> Scenario:
    """Return the combination of scenarios (组合情景): all their differences at once.

    Their baselines agree or are current law, and no two set the same thing.

    Raises
    ------
    ScenarioError
        Every conflict at once.
    """
    parts = tuple(parts)
    name = "+".join(part.name for part in parts)
    faults = [
        Fault("", f"{part.name} stands twice. Name it once")
        for i, part in enumerate(parts)
        if part.name in [other.name for other in parts[:i]]
    ]
    others = {part.baseline: part for part in parts if part.baseline not in ("", CURRENT_LAW)}
    if len(others) > 1:
        told = ", ".join(f"{part.name} differs from {label}" for label, part in others.items())
        faults.append(Fault("baseline", f"{told}. Parts of a combination have one baseline"))
    owner: dict[tuple[str, str], str] = {}
    for part in parts:
        for section in _SECTIONS:
            for key in getattr(part, section):
                first = owner.setdefault((section, key), part.name)
                if first != part.name:
                    faults.append(
                        Fault(f"{section}.{key}", f"set by {first} and by {part.name}. Keep one of them")
                    )
    if others and not faults:
        faults.extend(_overwritten(parts, next(iter(others.values()))))
    if faults:
        raise ScenarioError(name, faults)
    base = next(iter(others.values()), parts[0])
    for part in parts:
        if not others and part.parent is not None:
            base = part
            break

    def joined(attribute: str, separator: str) -> str:
        return separator.join(dict.fromkeys(text for part in parts if (text := getattr(part, attribute))))

    merged = {s: {k: v for part in parts for k, v in getattr(part, s).items()} for s in _SECTIONS}
    return Scenario(
        name=name,
        title=joined("title", " + "),
        title_zh=joined("title_zh", " + "),
        question=joined("question", " "),
        question_zh=joined("question_zh", ""),
        source=joined("source", "; "),
        status=parts[0].status if len({part.status for part in parts}) == 1 else "illustration",
        baseline=base.baseline,
        country=joined("country", ", "),
        warning=joined("warning", " "),
        warning_zh=joined("warning_zh", ""),
        law_at=base.law_at,
        parent=base.parent,
        parts=parts,
        path=name,
        **merged,
    )


def _overwritten(parts: tuple[Scenario, ...], lead: Scenario) -> list[Fault]:
    """What a part would set over the shared baseline's own differences: the same thing set twice."""
    chain, baseline = {}, lead.parent
    while baseline is not None:
        for section in _SECTIONS:
            for key in getattr(baseline, section):
                chain.setdefault((section, key), baseline.name)
        baseline = baseline.parent
    return [
        Fault(f"{section}.{key}", f"set by {chain[section, key]} and by {part.name}. Keep one of them")
        for part in parts
        if part.baseline in ("", CURRENT_LAW)
        for section in _SECTIONS
        for key in getattr(part, section)
        if (section, key) in chain
    ]


def compile_case(
    scenario: Scenario,
    fitted: str = DEFAULT_SET,
    economy: str = "central",
    behaviour: str = "threshold",
    level: str = "central",
) -> Case:
    """Return a scenario compiled to what the engine takes (编译情景): policy, behaviour, economy, weights.

    Parameters
    ----------
    fitted : str
        Fitted set of `calibration/fitted`.
    economy : str
        Future of the economy: low, central, high.
    behaviour : str
        Variant: static, threshold or value_for_money.
    level : str
        Level of the behavioural assumptions: low, central, high.
    """
    from scenarios.inputs import amended_behaviour, amended_economy, load_weights
    from simulate.policy import compile_policy
    from simulate.run import Case

    path = amended_economy(economy, scenario.all_assumptions())
    acts = amended_behaviour(fitted, behaviour, level, scenario.all_behaviour(), scenario.all_assumptions())
    policy = compile_policy(scenario.compile_law(), path)
    return Case(scenario.name, policy, policy, acts, path, load_weights(fitted))
