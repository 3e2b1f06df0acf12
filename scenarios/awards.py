"""Answers of an award as tables (核定结果的表格), for terminal, CSV and Markdown; computed in `simulate`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from scenarios.catalogue import say
from scenarios.error_texts import translated
from scenarios.tables import Block, csv_table

_ERROR = ("code", "field", "message")
_STEPS = ("formula", "value", "parameter", "effective", "act", "article", "flag")
_TEXTS = ("message", "notes", "why", "formula")  # fields whose text is for people


def in_language(answers: Sequence[dict[str, Any]], lang: str) -> list[dict[str, Any]]:
    """Return answers with messages, notes, reasons and formulas in a language (译成所需语言).

    Names of fields, codes and amounts are the same in both.

    >>> in_language([{"id": 1, "notes": ["not insured before 2011-07"]}], "zh")
    [{'id': 1, 'notes': ['2011-07前未参保']}]
    """
    return list(answers) if lang == "en" else [_told(answer, lang) for answer in answers]


def _told(value: Any, lang: str, is_text: bool = False) -> Any:
    if isinstance(value, dict):
        return {name: _told(one, lang, name in _TEXTS) for name, one in value.items()}
    if isinstance(value, list):
        return [_told(one, lang, is_text) for one in value]
    return translated(value, lang) if is_text and isinstance(value, str) else value


def _flat(answer: dict[str, Any]) -> dict[str, Any]:
    """One row an answer: an error becomes three columns of its own."""
    found = {name: value for name, value in answer.items() if name != "error"}
    return found | {f"error_{key}": answer["error"][key] for key in _ERROR if "error" in answer}


def _columns(rows: Sequence[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def to_csv(answers: Sequence[dict[str, Any]]) -> str:
    """Return answers as CSV, a row each (CSV); lists, such as the steps, are JSON within their cell.

    Columns are named as the fields of JSON in both languages.

    >>> to_csv([{"id": 1, "annuity_divisor": 139.0}])
    'id,annuity_divisor\\n1,139.0'
    """
    rows = [_flat(answer) for answer in answers]
    return csv_table(_columns(rows), rows)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def blocks(answers: Sequence[dict[str, Any]], lang: str = "en") -> list[Block]:
    """Return a table of all answers, and one with the steps of each that has any (核定结果表).

    Column names are those of the language; the answers are in it already (:func:`in_language`).
    """
    rows = [{k: v for k, v in _flat(answer).items() if k != "steps"} for answer in answers]
    columns = _columns(rows)
    cells = tuple(tuple(_text(row.get(column)) for column in columns) for row in rows)
    found = [Block(say("award_answers", lang), _headings(columns, lang), cells)] if rows else []
    for answer in answers:
        if answer.get("steps"):
            name = "name_zh" if lang == "zh" else "name"
            steps = tuple(tuple(_text(step[key]) for key in (name, *_STEPS)) for step in answer["steps"])
            title = say("award_steps", lang, id=answer["id"])
            headings = _headings(("name", *_STEPS), lang)
            found.append(Block(title, headings, steps, 1 + len(_STEPS)))
    return found


def _headings(names: Sequence[str], lang: str) -> tuple[str, ...]:
    return tuple(say(f"award_column_{name}", lang) for name in names)
