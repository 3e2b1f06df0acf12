"""Answers of an award as tables (核定结果的表格), for terminal, CSV and Markdown; computed in `simulate`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from scenarios.catalogue import say
from scenarios.tables import Block, csv_table

_ERROR = ("code", "field", "message")
_STEPS = ("formula", "value", "parameter", "effective", "act", "article", "flag")


def _flat(answer: dict[str, Any]) -> dict[str, Any]:
    """One row an answer: an error becomes three columns of its own."""
    found = {name: value for name, value in answer.items() if name != "error"}
    return found | {f"error_{key}": answer["error"][key] for key in _ERROR if "error" in answer}


def _columns(rows: Sequence[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def to_csv(answers: Sequence[dict[str, Any]]) -> str:
    """Return answers as CSV, a row each (CSV); lists, such as the steps, are JSON within their cell.

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
    """Return a table of all answers, and one with the steps of each that has any (核定结果表)."""
    rows = [{k: v for k, v in _flat(answer).items() if k != "steps"} for answer in answers]
    columns = _columns(rows)
    cells = tuple(tuple(_text(row.get(column)) for column in columns) for row in rows)
    found = [Block(say("award_answers", lang), tuple(columns), cells)] if rows else []
    for answer in answers:
        if answer.get("steps"):
            name = "name_zh" if lang == "zh" else "name"
            steps = tuple(tuple(_text(step[key]) for key in (name, *_STEPS)) for step in answer["steps"])
            title = say("award_steps", lang, id=answer["id"])
            found.append(Block(title, (name, *_STEPS), steps, 1 + len(_STEPS)))
    return found
