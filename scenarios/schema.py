"""The JSON schemas of all files an analyst writes (JSON模式): scenario, sweep, seek, suite, careers."""

from __future__ import annotations

from typing import Any

from calibration.description import known_names
from scenarios.ledger_schema import ledger_schema
from scenarios.options import ECONOMIES, VARIANTS
from scenarios.scenario import STATUSES, library
from scenarios.search import OF
from scenarios.suite import MEASURES
from scenarios.sweeps import DESIGNS, MOST_POINTS
from simulate.groups import DIMENSIONS
from simulate.indicators import INDICATORS
from simulate.law import load_law
from simulate.law_values import GROUPS, Parameter
from simulate.limited import MOST_ROWS, SPANS, WORDS

DAY = r"^\d{4}-\d{2}-\d{2}$"
PATH = r"^((law|behaviour|assumptions)\..+|economy|variant)$"  # of what a sweep or a search sets


def scenario_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) that editors complete and check scenario files by (模式).

    It knows names, dates, units and ranges; what needs the law itself, such as a date standing twice, is
    told by `flexpension check`.

    >>> scenario_schema()["properties"]["status"]["enum"][0]
    'law'
    """
    law = load_law()
    text = {"type": "string", "minLength": 1}
    places = [name for p in law.provinces for name in (p.name, p.name_zh, p.code)]
    known = known_names()
    people = {name: one["range"] for name, one in known.items() if one["section"] != "economy"}
    numbers = {name: one["range"] for name, one in known.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scenario of flexpension",
        "description": "A difference to a baseline: law, behaviour and assumptions, with dates.",
        "type": "object",
        "required": ["title", "title_zh", "question", "question_zh", "source", "status"],
        "additionalProperties": False,
        "properties": {
            **{key: text for key in ("title", "title_zh", "question", "question_zh", "source")},
            "status": {"enum": list(STATUSES)},
            **{key: text for key in ("country", "warning", "warning_zh")},
            "baseline": {
                "anyOf": [
                    {"type": "string", "examples": list(library())},
                    {
                        "type": "object",
                        "required": ["law_at"],
                        "additionalProperties": False,
                        "properties": {"law_at": {"type": "string", "pattern": DAY}},
                    },
                ]
            },
            "law": {
                "type": "object",
                "additionalProperties": False,
                "properties": {name: _law(p, places) for name, p in law.parameters.items()},
            },
            "behaviour": _evidence(people),
            "assumptions": _evidence(numbers),
        },
    }


def _law(parameter: Parameter, places: list[str]) -> dict[str, Any]:
    value = _value(parameter)
    scope: dict[str, Any] = {
        "province": {"enum": places},
        "provinces": {"type": "array", "items": {"enum": places}, "minItems": 1},
    }
    if parameter.dimension in GROUPS:
        scope[parameter.dimension] = {"enum": list(parameter.groups)}
    entry = {
        "type": "object",
        "required": ["effective", "value"],
        "additionalProperties": False,
        "properties": {
            "effective": {"type": "string", "pattern": DAY},
            "value": value,
            **scope,
            "adopted": {"type": "string", "pattern": DAY},
            "flag": {"enum": ["observed", "estimated", "unconfirmed", "projected"]},
            **{key: {"type": "string"} for key in ("act", "article", "note")},
        },
    }
    return {
        "title": f"{parameter.title} {parameter.name_zh}",
        "description": " ".join(part for part in (f"[{parameter.unit}]", parameter.note) if part),
        "anyOf": [
            {
                "type": "object",
                "minProperties": 1,
                "patternProperties": {DAY: value},
                "additionalProperties": False,
            },
            {"type": "array", "minItems": 1, "items": entry},
        ],
    }


def _value(parameter: Parameter) -> dict[str, Any]:
    number: dict[str, Any] = {"type": "number"}
    if parameter.range:
        number |= {"minimum": parameter.range[0], "maximum": parameter.range[1]}
    return {
        "number": number,
        "boolean": {"type": "boolean"},
        "list": {"type": "array", "items": number, "minItems": 1},
        "table": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        "text": {"enum": list(parameter.choices)},
        "month": {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$"},
        "groups": {"type": "array", "maxItems": MOST_ROWS, "items": _row(number, parameter.choices)},
    }[parameter.kind]


def _row(number: dict[str, Any], limits: tuple[str, ...]) -> dict[str, Any]:
    """A value for a limited group: the value and what limits it."""
    places = [name for p in load_law().provinces for name in (p.name, p.name_zh, p.code)]
    end = {"type": "number", "minimum": 0}
    span = {"type": "array", "prefixItems": [end, end], "minItems": 2, "maxItems": 2}

    def words(allowed) -> dict[str, Any]:
        one = {"enum": list(allowed)}
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}

    known = {name: words(allowed) for name, allowed in WORDS.items()}
    known |= {"province": words(places), **dict.fromkeys(SPANS, span)}
    return {
        "type": "object",
        "required": ["value"],
        "additionalProperties": False,
        "properties": {"value": number, **{limit: known[limit] for limit in limits if limit in known}},
    }


def _evidence(ranges: dict[str, Any]) -> dict[str, Any]:
    """Numbers with a range, alone, by date or by group, or lists of them."""

    def entry(limits) -> dict[str, Any]:
        number: dict[str, Any] = {"type": "number"}
        if limits and isinstance(limits[0], str):  # words to choose from
            return {"enum": list(limits)}
        if limits:
            number |= {"minimum": limits[0], "maximum": limits[1]}
        return {
            "anyOf": [number, {"type": "array"}, {"type": "object", "additionalProperties": number}],
        }

    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: entry(limits) for name, limits in ranges.items()},
    }


def sweep_schema() -> dict[str, Any]:
    """Return the JSON schema of a sweep (参数扫描模式): a scenario with axes below sweep."""
    axis = {
        "type": "object",
        "required": ["set"],
        "additionalProperties": False,
        "properties": {
            "set": _paths(),
            "values": {"type": "array", "minItems": 1},
            **{key: {"type": "number"} for key in ("from", "to")},
            "steps": {"type": "integer", "minimum": 2, "maximum": MOST_POINTS},
            **{key: {"type": "string"} for key in ("title", "title_zh")},
        },
        "not": {"anyOf": [{"required": ["values", key]} for key in ("from", "to")]},
        "dependentRequired": {"from": ["to"], "to": ["from"], "steps": ["from"]},
    }
    section = {
        "type": "object",
        "required": ["axes"],
        "additionalProperties": False,
        "properties": {
            "design": {"enum": list(DESIGNS)},
            "axes": {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": r"^[A-Za-z_]\w*$"},
                "additionalProperties": axis,
            },
            "points": {"type": "integer", "minimum": 1, "maximum": MOST_POINTS},
            "seed": {"type": "integer", "minimum": 1},
        },
    }
    return _with_heading("Sweep", "sweep", section)


def seek_schema() -> dict[str, Any]:
    """Return the JSON schema of a search (求解模式): a scenario with the question below seek."""
    section = {
        "type": "object",
        "required": ["set", "between", "indicator", "target"],
        "additionalProperties": False,
        "properties": {
            "set": _paths(),
            "between": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
            "indicator": {"enum": list(INDICATORS)},
            "group": _group(),
            "of": {"enum": list(OF)},
            "target": {"type": "number"},
            "tolerance": {"type": "number", "exclusiveMinimum": 0},
        },
    }
    return _with_heading("Search", "seek", section)


def suite_schema() -> dict[str, Any]:
    """Return the JSON schema of a suite (校验集模式): scenarios, people and the numbers expected of them."""
    text, tolerance = {"type": "string", "minLength": 1}, {"type": ["number", "null"], "minimum": 0}
    tolerances = {"tolerance_se": tolerance, "tolerance": tolerance}
    row = {
        "type": "object",
        "required": ["indicator", "scenario", "value"],
        "additionalProperties": False,
        "properties": {
            "indicator": {"enum": list(INDICATORS)},
            "scenario": text,
            "value": {"type": ["number", "null"]},
            "group": _group(),
            "measure": {"enum": list(MEASURES)},
            "standard_error": tolerance,
            **tolerances,
        },
    }
    past = {"type": "object", "required": ["run_id", "reason"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Suite of flexpension",
        "type": "object",
        "required": ["title", "title_zh", "scenarios", "persons", "seed", "expected"],
        "additionalProperties": False,
        "properties": {
            **{key: text for key in ("title", "title_zh", "baseline", "fitted")},
            "scenarios": {"type": "array", "minItems": 1, "items": text},
            "persons": {"type": "integer", "minimum": 1},
            "seed": {"type": "integer", "minimum": 0},
            "by": {"type": "array", "items": text},
            "economy": {"enum": list(ECONOMIES)},
            "behaviour": {"enum": list(VARIANTS)},
            **tolerances,
            "expected": {"type": "array", "minItems": 1, "items": row},
            "history": {"type": "array", "items": past},
        },
    }


def _with_heading(title: str, heading: str, section: dict[str, Any]) -> dict[str, Any]:
    whole = scenario_schema()
    whole |= {"title": f"{title} of flexpension", "required": [*whole["required"], heading]}
    return whole | {"properties": {**whole["properties"], heading: section}}


def _paths() -> dict[str, Any]:
    path = {"type": "string", "pattern": PATH}
    return {"anyOf": [path, {"type": "array", "minItems": 1, "items": path}]}


def _group() -> dict[str, Any]:
    """A group of people: values by dimension; numbers may stand for their text."""
    known = {name: [term.name for term in dimension.values] for name, dimension in DIMENSIONS.items()}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {"enum": [*words, *(int(word) for word in words if word.isdigit())]}
            for name, words in known.items()
        },
    }


def careers_schema() -> dict[str, Any]:
    """Return the JSON schema of files of stylised careers (典型职业生涯文件模式).

    >>> careers_schema()["required"][-1]
    'careers'
    """
    from scenarios.career_file import CareersEntry

    numbers = {n: one["range"] for n, one in known_names().items()}
    found = CareersEntry.model_json_schema(by_alias=True)
    found["$defs"]["Assumptions"]["properties"]["assumptions"] = _evidence(numbers)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return head | found | {"title": "Stylised careers of flexpension"}


SCHEMAS = {
    "scenario": scenario_schema,
    "sweep": sweep_schema,
    "seek": seek_schema,
    "suite": suite_schema,
    "careers": careers_schema,
    "explain": ledger_schema,
}
