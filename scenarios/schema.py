"""The JSON schemas of scenario and career files (情景和典型职业生涯文件的JSON模式)."""

from __future__ import annotations

from typing import Any

from calibration.description import known_names
from scenarios.scenario import STATUSES, library
from simulate.law import GROUPS, Parameter, load_law

DAY = r"^\d{4}-\d{2}-\d{2}$"


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
    }[parameter.kind]


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


SCHEMAS = {"scenario": scenario_schema, "careers": careers_schema}
