"""Suites (校验集): scenarios, people and the numbers expected of them; what moved, by how much, and why.

A suite is a YAML file. Beside it stands NAME.stored.json with the fingerprints of law, evidence, code and
scenario texts at the time of its expectations, so that a moved number comes with what changed since.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scenarios.catalogue import group_name, indicator_name, say
from scenarios.scenario import Scenario, ScenarioError, load_scenario
from simulate.strict_yaml import Document, Fault, FaultsError, nearest, read_yaml

SHIPPED = Path(__file__).parent / "suites"
SCHEMA_VERSION = 1
_MOST_NAMES = 8  # of each kind told in a line
MEASURES = ("value", "difference")
ERRORS = {"value": "standard_error", "difference": "difference_se"}
LARGEST_FILE = 10_000_000  # bytes
DEFAULT_TOLERANCE_SE = 1.0
_REQUIRED = ("title", "title_zh", "scenarios", "persons", "seed", "expected")
_OPTIONS = ("baseline", "by", "economy", "behaviour", "fitted")
_KEYS = (*_REQUIRED, *_OPTIONS, "tolerance_se", "tolerance", "history")
_ROW_REQUIRED = ("indicator", "scenario", "value")
_ROW_KEYS = (*_ROW_REQUIRED, "group", "measure", "standard_error", "tolerance_se", "tolerance")


class SuiteError(FaultsError):
    """Everything wrong with a suite file (校验集错误)."""


@dataclass(frozen=True)
class Expected:
    """One number that a suite expects (预期值), and how far it may be off.

    A number holds where its gap is at most `tolerance_se` standard errors or at most `tolerance` in its unit.
    """

    indicator: str
    scenario: str
    group: dict[str, str]
    measure: str
    value: float
    standard_error: float | None
    tolerance_se: float | None
    tolerance: float | None


@dataclass(frozen=True)
class Suite:
    """A suite file, read and checked (校验集)."""

    path: Path
    title: str
    title_zh: str
    scenarios: tuple[Scenario, ...]
    baseline: Scenario
    persons: int
    seed: int
    options: dict[str, Any]
    expected: tuple[Expected, ...]

    @property
    def stored_path(self) -> Path:
        """Where the fingerprints of the expectations stand (指纹文件)."""
        return self.path.with_suffix(".stored.json")


@dataclass(frozen=True)
class Outcome:
    """What became of one expectation (核对结果)."""

    expected: Expected
    unit: str
    found: float | None
    found_error: float | None
    reason: str = ""

    @property
    def gap(self) -> float | None:
        """Found less expected, in the indicator's unit (差距)."""
        return None if self.found is None else self.found - self.expected.value

    @property
    def gap_in_errors(self) -> float | None:
        """The gap in standard errors (以标准误计的差距); None without a standard error."""
        error = self.expected.standard_error or self.found_error
        return self.gap / error if self.gap is not None and error else None

    @property
    def holds(self) -> bool:
        """Whether the gap is within either tolerance (是否通过)."""
        if self.gap is None:
            return False
        row = self.expected
        in_errors = self.gap_in_errors
        within = row.tolerance_se is not None and in_errors is not None and abs(in_errors) <= row.tolerance_se
        return self.gap == 0 or within or (row.tolerance is not None and abs(self.gap) <= row.tolerance)


@dataclass(frozen=True)
class Report:
    """The answer of a suite (校验结果): outcomes, and what changed since the expectations were stored."""

    suite: Suite
    run_id: str
    outcomes: tuple[Outcome, ...]
    changed: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether every expectation holds (是否全部通过)."""
        return all(outcome.holds for outcome in self.outcomes)


# --------------------------------------------------------------------------- reading


def load_suite(path: str | Path) -> Suite:
    """Return a suite, checked (读取校验集): a file, or by its bare name one that is shipped, `headline`.

    Raises
    ------
    SuiteError, ScenarioError
        All faults at once, with their lines.
    """
    path = Path(path)
    shipped = SHIPPED / f"{path}.yaml"
    if path.name == str(path) and shipped.is_file() and not path.exists():
        path = shipped
    document = read_yaml(_text(path))
    if not isinstance(document.data, dict):
        found = document.faults or [Fault("line 1", f"no suite. It has {', '.join(_REQUIRED)}")]
        raise SuiteError(str(path), found)
    return _Reader(path, document).suite()


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise SuiteError(str(path), [Fault("", f"has more than {LARGEST_FILE / 1e6:g} MB")])
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise SuiteError(str(path), [Fault("", f"cannot be read ({error.strerror})")]) from None
    except UnicodeDecodeError as error:
        raise SuiteError(str(path), [Fault(f"byte {error.start}", "not UTF-8 text")]) from None


class _Reader:
    """Reads one suite and collects its faults."""

    def __init__(self, path: Path, document: Document):
        self.path, self.data, self.lines = path, document.data, document.lines
        self.faults = list(document.faults)

    def fault(self, place: str, message: str) -> None:
        line = self.lines.get(f"/{place.replace('.', '/')}" if place else "", 1)
        self.faults.append(Fault(f"line {line}, {place}", message))

    def keys(self, mapping: dict, place: str, required, known) -> None:
        before = f"{place}." if place else ""
        for key in required:
            if key not in mapping:
                self.fault(place or key, f"{key} is missing")
        for key in mapping:
            if key not in known:
                hint = nearest(key, known) or f" Known are {', '.join(known)}."
                self.fault(f"{before}{key}", f"no such key.{hint}")

    def number(self, value: Any, place: str, least: float | None = None) -> float | None:
        good = isinstance(value, (int, float)) and not isinstance(value, bool) and value - value == 0
        if value is None or (good and (least is None or value >= least)):
            return value
        self.fault(place, f"{value!r} is no number{'' if least is None else f' of at least {least:g}'}")
        return None

    def suite(self) -> Suite:
        data = self.data
        self.keys(data, "", _REQUIRED, _KEYS)
        names = data.get("scenarios")
        if not isinstance(names, list) or not names:
            self.fault("scenarios", "a list of scenarios is wanted")
            names = []
        by = data.get("by", [])
        if not isinstance(by, list) or not all(isinstance(item, str) for item in by):
            self.fault("by", "a list of dimensions is wanted, such as [sex, 'sex,form']")
        loaded = [self.scenario(str(name), f"scenarios.{i}") for i, name in enumerate(names)]
        baseline = self.scenario(str(data.get("baseline", "current-law")), "baseline")
        rows = data.get("expected")
        if not isinstance(rows, list) or not rows:
            self.fault("expected", "a list of expected numbers is wanted")
            rows = []
        known = [scenario.name for scenario in (baseline, *loaded) if scenario]
        expected = [self.row(row, f"expected.{i}", known) for i, row in enumerate(rows)]
        if self.faults:
            raise SuiteError(str(self.path), self.faults)
        return Suite(
            path=self.path,
            title=str(data["title"]),
            title_zh=str(data["title_zh"]),
            scenarios=tuple(loaded),
            baseline=baseline,
            persons=data["persons"],
            seed=data["seed"],
            options={key: data[key] for key in _OPTIONS if key in data and key != "baseline"},
            expected=tuple(expected),
        )

    def scenario(self, name: str, place: str) -> Scenario | None:
        beside = self.path.parent / name
        try:
            return load_scenario(beside if beside.is_file() else name)
        except ScenarioError as error:
            self.fault(place, str(error))
            return None

    def row(self, row: Any, place: str, scenarios: list[str]) -> Expected | None:
        from simulate.groups import DIMENSIONS
        from simulate.indicators import INDICATORS

        if not isinstance(row, dict):
            self.fault(place, f"{', '.join(_ROW_REQUIRED)} are wanted")
            return None
        self.keys(row, place, _ROW_REQUIRED, _ROW_KEYS)
        for key, known in (("indicator", INDICATORS), ("scenario", scenarios), ("measure", MEASURES)):
            name = row.get(key, MEASURES[0] if key == "measure" else None)
            if name is not None and (not isinstance(name, str) or name not in known):
                hint = nearest(name, known) or f" Known are {', '.join(list(known)[:8])}."
                self.fault(f"{place}.{key}", f"{name!r} is unknown.{hint}")
        group = row.get("group") or {}
        if not isinstance(group, dict):
            self.fault(f"{place}.group", "{dimension: value} is wanted")
            group = {}
        group = {str(key): str(value) for key, value in group.items()}
        for key, value in group.items():
            values = [term.name for term in DIMENSIONS[key].values] if key in DIMENSIONS else list(DIMENSIONS)
            wrong = value if key in DIMENSIONS else key
            if wrong not in values:
                hint = nearest(wrong, values) or f" Known are {', '.join(values)}."
                self.fault(f"{place}.group.{key}", f"{wrong!r} is unknown.{hint}")
        tolerances = {}
        for key in ("tolerance_se", "tolerance"):
            found = row.get(key, self.data.get(key))
            tolerances[key] = self.number(found, f"{place}.{key}" if key in row else key, 0.0)
        if tolerances == {"tolerance_se": None, "tolerance": None}:
            tolerances["tolerance_se"] = DEFAULT_TOLERANCE_SE
        return Expected(
            indicator=row.get("indicator", ""),
            scenario=row.get("scenario", ""),
            group=group,
            measure=row.get("measure", MEASURES[0]),
            value=self.number(row.get("value"), f"{place}.value"),
            standard_error=self.number(row.get("standard_error"), f"{place}.standard_error", 0.0),
            **tolerances,
        )


# --------------------------------------------------------------------------- running


def run_suite(
    suite: Suite, progress: Callable[[int, int], None] | None = None, threads: int | None = None
) -> Report:
    """Return what became of every expectation of a suite (运行校验集)."""
    from scenarios.comparison import compare
    from scenarios.provenance import changed

    groupings = [tuple(row.group) for row in suite.expected if row.group]
    options = {**suite.options, "by": [*suite.options.get("by", ()), *groupings], "threads": threads}
    indicators = list(dict.fromkeys(row.indicator for row in suite.expected))
    comparison = compare(
        suite.scenarios,
        persons=suite.persons,
        seed=suite.seed,
        baseline=suite.baseline,
        indicators=indicators,
        progress=progress,
        **options,
    )
    places = {
        (row["indicator"], row["scenario"], frozenset(row["group"].items())): row for row in comparison.rows()
    }
    outcomes = []
    for row in suite.expected:
        cell = places.get((row.indicator, row.scenario, frozenset(row.group.items())))
        if cell is None:
            outcomes.append(Outcome(row, "", None, None, say("suite_nobody")))
            continue
        found, error = cell[row.measure], cell[ERRORS[row.measure]]
        outcomes.append(Outcome(row, cell["unit"], found, error, cell.get("reason", "")))
    since = changed(_stored(suite), _fingerprints(comparison.texts)) if suite.stored_path.exists() else []
    return Report(suite, comparison.run_id, tuple(outcomes), since)


def _fingerprints(texts: dict[str, str]) -> dict[str, dict[str, str]]:
    from scenarios.provenance import fingerprints, text_fingerprints

    return {**fingerprints(), "scenario": text_fingerprints(texts)}


def _stored(suite: Suite) -> dict[str, dict[str, str]]:
    try:
        found = json.loads(suite.stored_path.read_text("utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(part, dict) for part in found.values()):
        message = "cannot be read. Remove it, or write it anew with --update --reason TEXT"
        raise SuiteError(str(suite.stored_path), [Fault("", message)])
    return found


def update(report: Report, reason: str) -> None:
    """Write what was found as the new expectations, with the reason, and the fingerprints (更新预期值).

    Comments and order of the file stay. Raises SuiteError where a number could not be told.
    """
    from ruamel.yaml import YAML

    suite = report.suite
    faults = [
        Fault(_place(outcome.expected), f"has no value: {outcome.reason}")
        for outcome in report.outcomes
        if outcome.found is None
    ]
    if faults:
        raise SuiteError(str(suite.path), faults)
    yaml = YAML()
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    data = yaml.load(suite.path.read_text("utf-8"))
    for row, outcome in zip(data["expected"], report.outcomes, strict=True):
        row["value"] = outcome.found
        if outcome.found_error is not None:
            row["standard_error"] = outcome.found_error
    data.setdefault("history", []).append({"run_id": report.run_id, "reason": reason})
    texts = {name: text for s in (suite.baseline, *suite.scenarios) for name, text in s.texts().items()}
    try:
        with suite.path.open("w", encoding="utf-8") as stream:
            yaml.dump(data, stream)
        content = json.dumps(_fingerprints(texts), indent=1, ensure_ascii=False)
        suite.stored_path.write_text(content + "\n", "utf-8")
    except OSError as error:
        raise SuiteError(str(suite.path), [Fault("", f"cannot be written ({error.strerror})")]) from None


# --------------------------------------------------------------------------- telling


def _place(row: Expected) -> str:
    words = [row.indicator, row.scenario, *(f"{k}={v}" for k, v in row.group.items())]
    return " ".join([*words, row.measure])


def moved(outcome: Outcome, lang: str = "en") -> str:
    """Return in words how far a number is off (偏离说明)."""
    from scenarios.tables import amount

    if outcome.gap is None:
        return outcome.reason
    if outcome.gap == 0:
        return say("suite_same", lang)
    gap = amount(outcome.gap, outcome.unit, signed=True, points=True)
    if outcome.gap_in_errors is None:
        return say("suite_moved", lang, gap=gap)
    return say("suite_moved_se", lang, gap=gap, errors=abs(outcome.gap_in_errors))


def block(report: Report, lang: str = "en"):
    """Return the outcomes as one table (校验表)."""
    from scenarios.tables import Block, amount

    rows = []
    for outcome in report.outcomes:
        row = outcome.expected
        points = row.measure == "difference"
        numbers = [amount(x, outcome.unit, points, points) for x in (row.value, outcome.found)]
        words = [indicator_name(row.indicator, lang), row.scenario, group_name(row.group, lang)]
        verdict = say("suite_holds" if outcome.holds else "suite_fails", lang)
        rows.append((verdict, *words, say(row.measure, lang), *numbers, moved(outcome, lang)))
    keys = ("suite_verdict", "indicator", "scenario", "group", "suite_measure")
    header = [*(say(key, lang) for key in keys), say("suite_target", lang), say("suite_found", lang)]
    title = report.suite.title_zh if lang == "zh" else report.suite.title
    return Block(title, (*header, say("suite_gap", lang)), tuple(rows), 5)


def lines(report: Report, lang: str = "en") -> list[str]:
    """Return what is to be said under the table (校验说明): how many hold, what changed, run."""
    failed = sum(not outcome.holds for outcome in report.outcomes)
    found = [say("suite_summary", lang, n=len(report.outcomes), failed=failed)]
    if report.changed:
        found.append(say("suite_changed", lang, changed="; ".join(_by_kind(report.changed, lang))))
    elif report.suite.stored_path.exists():
        found.append(say("suite_unchanged", lang))
    else:
        found.append(say("suite_unstored", lang))
    suite = report.suite
    found.append(say("suite_run", lang, run_id=report.run_id, persons=suite.persons, seed=suite.seed))
    return found


def _by_kind(changed: list[str], lang: str) -> list[str]:
    """Names by kind, cut where there are many: the whole list stands in the JSON."""
    kinds: dict[str, list[str]] = {}
    for entry in changed:
        kind, _, name = entry.partition(" ")
        kinds.setdefault(kind, []).append(name)
    found = []
    for kind, names in kinds.items():
        word, more = say(f"suite_kind_{kind}", lang), len(names) - _MOST_NAMES
        told = f"{word} {', '.join(names[:_MOST_NAMES])}"
        found.append(told + say("suite_more", lang, n=more) if more > 0 else told)
    return found


def to_json(report: Report) -> str:
    """Return the outcomes as one JSON object (JSON)."""
    rows = [
        {
            "indicator": o.expected.indicator,
            "unit": o.unit,
            "scenario": o.expected.scenario,
            "group": o.expected.group,
            "measure": o.expected.measure,
            "target": o.expected.value,
            "found": o.found,
            "standard_error": o.expected.standard_error or o.found_error,
            "gap": o.gap,
            "gap_in_standard_errors": o.gap_in_errors,
            "tolerance_se": o.expected.tolerance_se,
            "tolerance": o.expected.tolerance,
            "holds": o.holds,
            **({"reason": o.reason} if o.reason else {}),
        }
        for o in report.outcomes
    ]
    head = {"schema_version": SCHEMA_VERSION, "suite": report.suite.path.name, "run_id": report.run_id}
    content = {**head, "good": report.good, "changed": report.changed, "rows": rows}
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


def to_junit(report: Report) -> str:
    """Return the outcomes as JUnit XML, as test reports of CI read it (JUnit XML)."""
    from xml.etree import ElementTree

    failed = sum(not outcome.holds for outcome in report.outcomes)
    counts = {"tests": str(len(report.outcomes)), "failures": str(failed)}
    root = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(root, "testsuite", {"name": report.suite.path.stem, **counts})
    for outcome in report.outcomes:
        attributes = {"classname": report.suite.path.stem, "name": _place(outcome.expected)}
        case = ElementTree.SubElement(suite, "testcase", attributes)
        if not outcome.holds:
            told = ElementTree.SubElement(case, "failure", {"message": moved(outcome)})
            told.text = "\n".join(lines(report))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)
