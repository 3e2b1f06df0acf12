"""Cases for an award (核定案例): read from JSON, CSV or YAML and checked field by field.

``FIELDS`` lists what a case of each system may hold and how a value is checked; the first fault of a case is
a :class:`CaseError` with a code of ``ERROR_CODES``, the field, and what is allowed. Nothing in a file is
executed.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import math
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from simulate.strict_yaml import Fault, FaultsError, nearest, parse_yaml
from simulate.terms import CATEGORIES, FIRST_YEAR, SEXES

ERROR_CODES = (
    "not_a_case",  # no mapping of names to values
    "missing_field",
    "unknown_field",
    "unknown_system",
    "unknown_province",
    "unknown_value",  # a word that is not one of those allowed
    "wrong_type",  # text where a number is due, a list where one number is due, ...
    "not_a_number",  # NaN or infinite
    "not_a_month",  # no YYYY-MM
    "out_of_range",
    "inconsistent",  # two fields contradict one another
    "duplicate_id",
    "no_law",  # the law has no value for the day
)
CONVENTIONS = (
    "gaps_excluded",  # mean over the months paid
    "part_years_whole",  # plain mean of the years with any month paid
    "gaps_at_floor",  # months without dues count at the floor of the base
    "diluted",  # months without dues count as nothing
    "by_month",  # the law's own name of the first
    "by_year",  # the law's own name of the second
)
YEARS_CONVENTIONS = ("twelfths", "two_decimals", "up", "rounded_month")  # as in the law
ROUNDINGS = ("fen_half_up", "fen_up", "fen_down", "jiao_half_up", "jiao_up")  # as in the law
INTEREST_CONVENTIONS = ("monthly_product", "year_end")  # as in the law
ROUNDING_LEVELS = ("components", "total")  # as in the law
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200  # dates outside are slips of the pen
MOST_MONTHS = 12 * 60  # longest career that is not a slip of the pen
MOST_YUAN = 1e9
MOST_YEARS = MOST_MONTHS // 12
HIGHEST_INDEX = 5.0


class CasesError(FaultsError):
    """A file of cases that cannot be read (案例文件错误), all faults at once."""


class CaseError(Exception):
    """One case cannot be computed: code, field, message."""

    def __init__(self, code: str, field: str | None, message: str):
        super().__init__(message)
        self.code, self.field = code, field


# --------------------------------------------------------------------------- checking one value


def _number(low: float, high: float, unit: str) -> Callable[[Any, str], float]:
    def check(value: Any, field: str) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise CaseError(
                "wrong_type", field, f"{value!r:.60} is not a number ({unit}). Write it without quotes"
            )
        if isinstance(value, float) and not math.isfinite(value):
            raise CaseError(
                "not_a_number", field, f"{value} is no amount. Leave the field out if it is not known"
            )
        if not low <= value <= high:
            # a ratio written in per cent is the commonest slip
            is_per_cent = high <= HIGHEST_INDEX < value <= 100 * high
            hint = f" {value / 100:g} means {value:g} %." if is_per_cent else ""
            found = f"{value:g}" if abs(value) < 1e300 else "a number of hundreds of digits"
            message = f"{found} is outside {low:g} to {high:g} ({unit}).{hint}"
            raise CaseError("out_of_range", field, message)
        return float(value)

    return check


def _whole(low: int, high: int, unit: str) -> Callable[[Any, str], int]:
    number = _number(low, high, unit)

    def check(value: Any, field: str) -> int:
        found = number(value, field)
        if found != int(found):
            raise CaseError("wrong_type", field, f"{value!r} is not a whole number ({unit})")
        return int(found)

    return check


def _word(choices: Mapping[str, str]) -> Callable[[Any, str], str]:
    """A word of a list; the mapping goes from each accepted spelling to the one used here."""

    def check(value: Any, field: str) -> str:
        try:
            return choices[value]
        except (KeyError, TypeError):
            known = ", ".join(dict.fromkeys(choices.values()))
            message = f"{value!r:.60} is not one of {known}.{nearest(str(value), choices)}"
            raise CaseError("unknown_value", field, message) from None

    return check


def _flag(value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise CaseError("wrong_type", field, f"{value!r:.60} is not true or false")
    return value


@functools.lru_cache(maxsize=4096)
def _month_index(text: str) -> int | None:
    parts = text.split("-")
    if len(parts) not in (2, 3) or not all(p.isascii() and p.isdigit() for p in parts):
        return None
    if [len(p) for p in parts] not in ([4, 2], [4, 2, 2]) or not 1 <= int(parts[1]) <= 12:
        return None
    return 12 * (int(parts[0]) - FIRST_YEAR) + int(parts[1]) - 1


def _month(value: Any, field: str) -> int:
    """Return the month index of YYYY-MM (a day after it is not needed and not used)."""
    index = _month_index(value) if isinstance(value, str) else None
    if index is None:
        raise CaseError("not_a_month", field, f'{value!r:.60} is not a month. Write "YYYY-MM", as "1965-01"')
    year = FIRST_YEAR + index // 12
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise CaseError("out_of_range", field, f"{value} is outside {EARLIEST_YEAR} to {LATEST_YEAR}")
    return index


def _birth(value: Any, field: str) -> int:
    month = _month(value, field)
    today = date.today()
    if month > 12 * (today.year - FIRST_YEAR) + today.month - 1:
        raise CaseError(
            "out_of_range", field, f"{value} lies in the future. Write the month of birth as YYYY-MM"
        )
    return month


def _name(value: Any, field: str) -> str:
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise CaseError("wrong_type", field, f"{value!r:.60} is no name")
    return str(value)


def _listed(item: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    """One value, a list of values, one a year, or a mapping of years; null and a year left out are 0."""

    def check(value: Any, field: str) -> Any:
        if isinstance(value, Mapping):
            entries = _entries(value, field)
            found = {_year(year, field): one for year, one in entries}
            value = [found.get(year) for year in range(min(found), max(found) + 1)]
        if not isinstance(value, (list, tuple)):
            return item(value, field)
        if not value:
            raise CaseError("wrong_type", field, "the list is empty. Give one value a year")
        return [0.0 if v is None else item(v, f"{field}[{i}]") for i, v in enumerate(value)]

    return check


def _by_year(value: Any, field: str) -> Any:
    """One value, a list, or a mapping of years; the mapping stays one, with whole numbers as years."""
    if not isinstance(value, Mapping):
        return _listed(_yuan)(value, field)
    return {_year(year, field): _yuan(amount, f"{field}.{year}") for year, amount in _entries(value, field)}


def _year(value: Any, field: str) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and EARLIEST_YEAR <= int(text) <= LATEST_YEAR):
        message = f"{value!r:.60} is no year from {EARLIEST_YEAR} to {LATEST_YEAR}"
        raise CaseError("out_of_range", field, message)
    return int(text)


def _entries(value: Mapping, field: str) -> list[tuple[Any, Any]]:
    if not value:
        raise CaseError("wrong_type", field, "the mapping is empty. Give one value a year")
    return sorted(value.items(), key=lambda entry: str(entry[0]))


def month_text(index: int) -> str:
    return f"{FIRST_YEAR + index // 12:04d}-{index % 12 + 1:02d}"


_yuan = _number(0, MOST_YUAN, "yuan")
_months = _whole(0, MOST_MONTHS, "months")
check_index = _number(0, HIGHEST_INDEX, "a multiple of the average wage")
_category = _word({c.name: c.name for c in CATEGORIES} | {"male_60": CATEGORIES[0].name})
_sex = _word({s.name: s.name for s in SEXES} | {s.name_zh: s.name for s in SEXES})
_divisor = _number(1, 400, "months")
_years = _number(0, MOST_YEARS, "years")
_PERSON: dict[str, Callable] = {"sex": _sex, "category": _category, "birth": _birth, "flexible": _flag}
_RECORD: dict[str, Callable] = {
    "province": _name,
    "contribution_months": _months,
    "deemed_months": _months,
    "average_contribution_index": check_index,
    "account_balance": _yuan,
    "benefit_base": _yuan,
    "indexed_base": _yuan,
    "transition_index": check_index,
    "transition_coefficient": _number(0, 0.1, "a year"),
    "transition_paid_months": _months,
    "transition_paid_index": check_index,
}

FIELDS: dict[str, dict[str, Callable]] = {
    "employee": {
        **_PERSON,
        "age_years": _whole(0, 120, "years"),
        "age_months": _whole(0, 11, "months beyond the last birthday"),
        "claim_month": _month,
        **_RECORD,
        "annuity_divisor": _divisor,
        "contribution_years": _years,
        "deemed_years": _years,
        "other_supplements": _yuan,
        "special_trade": _flag,
        "years_convention": _word({name: name for name in YEARS_CONVENTIONS}),
        "rounding": _word({name: name for name in ROUNDINGS}),
        "rounding_level": _word({name: name for name in ROUNDING_LEVELS}),
    },
    "resident": {
        "tier": _yuan,
        "contributions": _by_year,
        "subsidy": _by_year,
        "years": _whole(0, MOST_MONTHS // 12, "years"),
        "crediting_rate": _listed(_number(-0.2, 0.5, "a year")),
        "account_balance": _yuan,
        "basic_pension": _yuan,
        "annuity_divisor": _divisor,
        "province": _name,
        "claim_month": _month,
        "rounding": _word({name: name for name in ROUNDINGS}),
    },
    "retirement_age": {"birth": _birth, "category": _category},
    "annuity_divisor": {
        "age_years": _whole(0, 120, "years"),
        "age_months": _whole(0, 11, "months beyond the last birthday"),
        "claim_month": _month,
    },
    "minimum_years": {"year": _whole(FIRST_YEAR, LATEST_YEAR, "year")},
    "transfer": {
        "months": _listed(_months),
        "bases": _listed(_yuan),
        "bases_period": _word({"month": "month", "year": "year"}),
        "account_balance": _yuan,
    },
    "average_index": {
        "bases": _listed(_yuan),
        "reference_wages": _listed(_yuan),
        "indices": _listed(check_index),
        "months": _listed(_whole(0, 12, "months of a year")),
        "due_months": _months,
        "convention": _word({name: name for name in CONVENTIONS}),
        "province": _name,
        "decimals": _whole(0, 10, "decimals"),
    },
    "account": {
        "opening_balance": _yuan,
        "monthly_credits": _listed(_yuan),
        "bases": _listed(_yuan),
        "months": _listed(_whole(0, 12, "months of a year")),
        "first_year": _whole(FIRST_YEAR, LATEST_YEAR, "year"),
        "last_months": _whole(0, 12, "months of the last year before the claim"),
        "crediting_rate": _listed(_number(-0.2, 0.5, "a year")),
        "account_interest_convention": _word({name: name for name in INTEREST_CONVENTIONS}),
        "province": _name,
        "flexible": _flag,
    },
    "flexible_retirement": {
        **_PERSON,
        **_RECORD,
        "as_of": _month,
        "future_index": check_index,
        "crediting_rate": _number(-0.2, 0.5, "a year"),
        "every_months": _whole(1, 36, "months"),
    },
    "short_career": {
        **_PERSON,
        **_RECORD,
        "first_insured": _month,
        "claim_month": _month,
        "future_index": check_index,
        "crediting_rate": _number(-0.2, 0.5, "a year"),
        "resident_months": _months,
        "resident_balance": _yuan,
        "resident_basic_pension": _yuan,
    },
    "bridging": {
        **_PERSON,
        **_RECORD,
        "claim_month": _month,
        "resident_months": _months,
        "resident_balance": _yuan,
        "resident_basic_pension": _yuan,
        "overlap_months": _months,
        "overlap_contributions": _yuan,
        "drawn_basic_pension": _yuan,
        "bridging_minimum": _word({"rising": "rising", "fixed": "fixed"}),
    },
    "survivor": {
        "province": _name,
        "death_month": _month,
        "monthly_income": _yuan,
        "contribution_months": _months,
        "pension_months": _months,
        "account_balance": _yuan,
        "own_contributions": _yuan,
    },
    "disability": {**_PERSON, **_RECORD, "claim_month": _month},
}
SYSTEMS = tuple(FIELDS)


def check_case(case: Mapping, system: str) -> dict[str, Any]:
    """Return the fields of a case, checked one by one; a null stands for a field not given."""
    fields = FIELDS[system]
    facts = {}
    for key, value in case.items():
        if key in ("id", "system"):
            continue
        check = fields.get(key)
        if check is None:
            known = ", ".join(fields)
            message = f"no field of a case of system {system}.{nearest(str(key), fields)} Known: {known}"
            raise CaseError("unknown_field", str(key), message)
        if value is not None:
            facts[key] = check(value, key)
    return facts


def need(facts: Mapping, field: str, why: str) -> Any:
    if field not in facts:
        raise CaseError("missing_field", field, f"missing: {why}")
    return facts[field]


def per_year(value: float | list[float], years: int, field: str) -> list[float]:
    """Return one value a year (逐年取值); CaseError where a list has another length."""
    if isinstance(value, list):
        if len(value) != years:
            raise CaseError("inconsistent", field, f"{len(value)} values do not fit {years} years")
        return value
    return [value] * years


def case_system(case: Any, seen: set) -> str:
    """Return the system of a case; refuse what is no case, has no id or one that was there before."""
    if not isinstance(case, Mapping):
        raise CaseError("not_a_case", None, f"{case!r:.60} is no mapping with id, system and facts")
    case_id = case.get("id")
    if case_id is None or case_id == "":
        raise CaseError("missing_field", "id", "missing: each case has an id of its own")
    if isinstance(case_id, (bool, float)) or not isinstance(case_id, (str, int)):
        raise CaseError("wrong_type", "id", f"{case_id!r:.60} is neither text nor a whole number")
    if case_id in seen:
        raise CaseError("duplicate_id", "id", f"{case_id!r} was the id of an earlier case. Ids must differ")
    seen.add(case_id)
    system = case.get("system")
    if system is None:
        raise CaseError("missing_field", "system", f"missing: one of {', '.join(SYSTEMS)}")
    if system not in SYSTEMS:
        message = f"{system!r:.60} is not one of {', '.join(SYSTEMS)}.{nearest(str(system), SYSTEMS)}"
        raise CaseError("unknown_system", "system", message)
    return system


# --------------------------------------------------------------------------- reading files

_KINDS = {".json": "json", ".csv": "csv", ".yaml": "yaml", ".yml": "yaml"}
_TEXT_FIELDS = (
    "id",
    "system",
    "province",
    "birth",
    "claim_month",
    "category",
    "sex",
    "convention",
    "bases_period",
    "years_convention",
    "rounding",
    "rounding_level",
    "account_interest_convention",
    "as_of",
    "first_insured",
    "death_month",
    "bridging_minimum",
)


def read_cases(source: str | Path, kind: str | None = None) -> list:
    """Return the cases of a JSON array, a CSV table or a YAML list (读取案例).

    Parameters
    ----------
    source : path or str
        A path, or the text itself where ``kind`` is given.
    kind : str, optional
        json, csv or yaml; without it the path's ending tells.

    Raises
    ------
    CasesError
        Unreadable, not UTF-8, broken syntax, a key twice, no list. Faults of one case are left to ``award``.

    Examples
    --------
    >>> read_cases('[{"id": 1, "system": "minimum_years", "year": 2031}]', "json")
    [{'id': 1, 'system': 'minimum_years', 'year': 2031}]
    >>> read_cases("id,system,year\\na,minimum_years,2031\\n", "csv")
    [{'id': 'a', 'system': 'minimum_years', 'year': 2031}]
    """
    if kind is None or isinstance(source, Path):
        path = Path(source)
        kind = kind or _KINDS.get(path.suffix.lower())
        name, text = str(path), _file_text(path)
    else:
        name, text = "cases", source
    if kind not in ("json", "csv", "yaml"):
        raise CasesError(name, [Fault("the name", "ends neither in .json nor .csv nor .yaml")])
    if not text.strip():
        raise CasesError(name, [Fault("the file", "is empty. Give a list of cases")])
    cases = {"json": _json_cases, "csv": _csv_cases, "yaml": _yaml_cases}[kind](name, text)
    if not isinstance(cases, list):
        raise CasesError(name, [Fault("the file", "is no list of cases. Put [ ] around a single one")])
    return cases


def _file_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CasesError(str(path), [Fault("the file", f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        fault = Fault(f"byte {error.start}", "not UTF-8 text. Save the file as UTF-8")
        raise CasesError(str(path), [fault]) from None


def _json_cases(name: str, text: str) -> Any:
    twice: list[Fault] = []

    def pairs(items: list[tuple[str, Any]]) -> dict:
        out: dict[str, Any] = {}
        for key, value in items:
            if key in out:
                place = f"case {dict(items).get('id')!r}, {key}"
                twice.append(Fault(place, "this key stands twice. Remove one of the two"))
            out[key] = value
        return out

    try:
        cases = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        raise CasesError(
            name, [Fault(f"line {error.lineno}, column {error.colno}", f"not JSON: {error.msg}")]
        ) from None
    except ValueError as error:
        raise CasesError(name, [Fault("the file", f"not JSON: {error}")]) from None
    except RecursionError:
        raise CasesError(name, [Fault("the file", "nested too deeply to be a list of cases")]) from None
    if twice:
        raise CasesError(name, twice)
    return cases


def _yaml_cases(name: str, text: str) -> Any:
    document = parse_yaml(text)
    if document.faults:
        raise CasesError(name, document.faults)
    return document.data


def _csv_cases(name: str, text: str) -> list[dict]:
    """One case a row; an empty cell is a field not given, a list is written 0.6|0.8|1."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    cases: list[dict] = []
    faults: list[Fault] = []
    try:
        header = [cell.strip() for cell in next(rows)]
        for key in {key for key in header if header.count(key) > 1}:
            faults.append(Fault("line 1", f"column {key!r} stands twice. Remove one of the two"))
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                faults.append(Fault(f"line {rows.line_num}", f"{len(row)} cells under {len(header)} columns"))
                continue
            cells = zip(header, (cell.strip() for cell in row), strict=True)
            cases.append({key: cell if key in _TEXT_FIELDS else _cell(cell) for key, cell in cells if cell})
    except csv.Error as error:
        faults.append(Fault(f"line {rows.line_num}", f"not CSV: {error}"))
    if faults:
        raise CasesError(name, faults)
    return cases


def _cell(text: str) -> Any:
    if "|" in text:
        return [_cell(part.strip()) if part.strip() else None for part in text.split("|")]
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    except ValueError:
        return text
