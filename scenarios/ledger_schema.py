"""The JSON schema of what `explain --format json` prints (账本的JSON模式)."""

from __future__ import annotations

from typing import Any

from simulate.law_values import FLAGS
from simulate.line_names import CLAIM_KINDS, LINES
from simulate.terms import (
    CATEGORIES,
    EDUCATION,
    FORMS,
    HUKOU,
    OCCUPATIONS,
    PAYERS,
    REASONS,
    ROUTES,
    SEXES,
    SINKS,
)
from simulate.transfer_lines import AMOUNTS, KINDS

MONTH = {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$"}
NUMBER, WHOLE, TEXT = {"type": "number"}, {"type": "integer"}, {"type": "string"}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _word(terms) -> dict[str, Any]:
    return {"enum": [term.name for term in terms]}


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
        "properties": properties,
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _numbers(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, NUMBER)


def ledger_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a ledger (账本模式): facts, months, years, lines, totals.

    >>> "lines" in ledger_schema()["required"]
    True
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Ledger of flexpension",
        "description": "Why the pension of one person is what it is. Money in yuan of the day.",
    } | _object(
        {
            "schema_version": {"const": 1},
            "person": _or_null(WHOLE),
            "seed": _or_null(WHOLE),
            "scenario": TEXT,
            "facts": _facts(),
            "months": _list(_month()),
            "years": _list(_year()),
            "claim": _claim(),
            "lines": _list(_line()),
            "totals": _totals(),
            "transfers": _list(_transfer()),
            "against": _against(),
            **dict.fromkeys(("career", "title", "title_zh"), TEXT),  # of a stylised career
        },
        optional=("against", "career", "title", "title_zh"),
    )


def _facts() -> dict[str, Any]:
    return _object(
        {
            "birth": MONTH,
            "sex": _word(SEXES),
            "hukou": _word(HUKOU),
            "hukou_province": TEXT,
            "education": _word(EDUCATION),
            "category": _word(CATEGORIES),
            "statutory_month": MONTH,
            "minimum_months": NUMBER,
            "deemed_months": WHOLE,
        }
    )


def _month() -> dict[str, Any]:
    return _object(
        {
            "month": MONTH,
            "form": _word(FORMS),
            "occupation": _or_null(_word(OCCUPATIONS)),
            "place": TEXT,
            "record_province": _or_null(TEXT),
            "route": _word(ROUTES),
            "reason": _word(REASONS),
            **_numbers("earnings", "base"),
            "base_ratio": _or_null(NUMBER),
            "tier": _or_null(NUMBER),
            **_numbers("credit_base", "month_credit"),
            "paid_by": _object(_numbers(*(payer.name for payer in PAYERS))),
            "credited": _object(_numbers(*(sink.name for sink in SINKS))),
        }
    )


def _year() -> dict[str, Any]:
    interest = {"interest_months": WHOLE, **_numbers("rate", "interest", "closing")}
    resident = _object(_numbers("opening", "paid_by_worker", "paid_by_government") | interest)
    return _object(
        {"year": WHOLE, "months": WHOLE, **_numbers("opening", "credits", "credit_months"), **interest}
        | {"resident_account": resident}
    )


def _claim() -> dict[str, Any]:
    return _object(
        {
            "month": _or_null(MONTH),
            "kind": _word(CLAIM_KINDS),
            "province": TEXT,
            "one_off_months": WHOLE,
            **_numbers("one_off_base", "back_paid_years", "paid_by_worker"),
            **_numbers("credited_account", "credited_resident_account"),
            "refund_month": _or_null(MONTH),
            "refund": NUMBER,
        }
    )


def _line() -> dict[str, Any]:
    by_place = {"type": "object", "additionalProperties": NUMBER}
    return _object(
        {
            "name": {"enum": list(LINES)},
            "name_zh": TEXT,
            "year": _or_null(WHOLE),
            "formula": TEXT,
            "value": {"type": ["number", "string"]},
            "unit": {"enum": sorted({unit for _, unit in LINES.values()})},
            "inputs": {
                "type": "object",
                "additionalProperties": {"anyOf": [NUMBER, TEXT, {"type": "null"}, by_place]},
            },
            **dict.fromkeys(("parameter", "effective", "act", "article"), _or_null(TEXT)),
            "flag": _or_null({"enum": list(FLAGS)}),
        }
    )


def _totals() -> dict[str, Any]:
    return _object(
        {"paid_by": _object(_numbers(*(payer.name for payer in PAYERS)))}
        | _numbers("contribution_months", "resident_months", "average_contribution_index", "account_balance")
        | _numbers("basic", "account", "transitional", "employee", "resident_basic", "resident_rest")
        | _numbers("pension_at_claim", "floor_pension_when_due", "floor_pension_at_65", "pension_at_65")
        | _numbers("top_up_at_65")
    )


def _transfer() -> dict[str, Any]:
    return _object(
        {
            "kind": _word(KINDS),
            "kind_zh": TEXT,
            "from": TEXT,
            "to": _or_null(TEXT),
            **_numbers(*AMOUNTS),
            **dict.fromkeys(("parameter", "effective", "act", "article"), _or_null(TEXT)),
            "value": {},
            "flag": _or_null({"enum": list(FLAGS)}),
        }
    )


def _against() -> dict[str, Any]:
    value = {"type": ["number", "string", "null"]}
    return _object(
        {
            "scenario": TEXT,
            "pension_at_65": _object(_numbers("scenario", "against", "difference")),
            "factors": _list(_object({"name": TEXT, "name_zh": TEXT, "amount": NUMBER})),
            "months": _list(
                _object({"month": MONTH, "scenario": {"type": "object"}, "against": {"type": "object"}})
            ),
            "lines": _list(
                _object(
                    {"name": {"enum": list(LINES)}, "name_zh": TEXT, "unit": TEXT, "year": _or_null(WHOLE)}
                    | {"scenario": value, "against": value}
                    | dict.fromkeys(("parameter", "act", "article"), _or_null(TEXT))
                )
            ),
        }
    )
