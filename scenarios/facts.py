"""Files about one person (个人事实文件): a contribution record for `explain`, a few facts for `statement`.

Both are read with every fault at once: its place, what was found, what is allowed.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from simulate.law import load_law
from simulate.strict_yaml import Fault, FaultsError, nearest, parse_yaml
from simulate.terms import CATEGORIES, FIRST_YEAR, FORMS, HUKOU, LAST_YEAR, OCCUPATIONS, SEXES, Term

LARGEST_FILE = 1_000_000  # bytes
EARLIEST_BIRTH, LATEST_BIRTH = 1940, 2010
_WORKING_FORMS = FORMS[:4]


class FactsError(FaultsError):
    """Everything wrong with a file of a person's facts or record (个人事实文件错误)."""


# --------------------------------------------------------------------------- kinds of values


def code_of(terms: tuple[Term, ...]):
    """Return the type of a name in either language that becomes its code (代码字段)."""
    spelt = {spelling: k for k, term in enumerate(terms) for spelling in term}

    def find(value: str) -> int:
        if value not in spelt:
            known = ", ".join(term.name for term in terms)
            raise ValueError(f"is not one of {known}.{nearest(value, spelt)}")
        return spelt[value]

    return Annotated[str, AfterValidator(find), Field(json_schema_extra={"enum": list(spelt)})]


def _month(value: str) -> int:
    year, _, month = value.partition("-")
    if not (len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdigit()):
        raise ValueError('is not a month. Write "YYYY-MM"')
    if not 1 <= int(month) <= 12 or not 1900 <= int(year) <= LAST_YEAR:
        raise ValueError(f'is not a month from 1900 to {LAST_YEAR}. Write "YYYY-MM"')
    return 12 * (int(year) - FIRST_YEAR) + int(month) - 1


def _birth(value: str) -> int:
    month = _month(value)
    if not EARLIEST_BIRTH <= FIRST_YEAR + month // 12 <= LATEST_BIRTH:
        raise ValueError(f"is outside the years of birth {EARLIEST_BIRTH} to {LATEST_BIRTH}")
    return month


def _province(value: str) -> int:
    law = load_law()
    try:
        name = law.province_name(value)
    except FaultsError as error:
        raise ValueError(error.faults[0].message.removeprefix(f"{value} ")) from None
    return [p.name for p in law.provinces].index(name)


Month = Annotated[str, AfterValidator(_month)]
Birth = Annotated[str, AfterValidator(_birth)]
Province = Annotated[str, AfterValidator(_province)]
Sex, Hukou, Category = code_of(SEXES), code_of(HUKOU), code_of(CATEGORIES)
Form, Occupation = code_of(_WORKING_FORMS), code_of(OCCUPATIONS)
Yuan = Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]


class _Facts(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, validate_default=True)

    birth: Birth
    sex: Sex
    hukou_province: Province
    hukou: Hukou = "rural"
    category: Category | None = None
    deemed_months: Annotated[int, Field(ge=0, le=360)] = 0

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value is not None}
        return data

    @model_validator(mode="after")
    def _sex_fits(self):
        if self.category is not None and (self.category == 0) != (self.sex == 0):
            name = CATEGORIES[self.category].name
            raise ValueError(f"category {name} does not fit sex {SEXES[self.sex].name}")
        return self


class RecordRow(BaseModel):
    """A row of a contribution record (缴费记录行): a month, or the months of a year from January on."""

    model_config = ConfigDict(extra="forbid", strict=True, validate_default=True)

    month: Month | None = None
    year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)] | None = None
    months: Annotated[int, Field(ge=1, le=12)] = 12
    province: Province | None = None
    base: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
    route: Literal["employee", "flexible", "resident"] = "flexible"
    subsidy: Yuan = 0.0
    form: Form | None = None
    earnings: Yuan = 0.0

    @model_validator(mode="after")
    def _one_time(self):
        if (self.month is None) == (self.year is None):
            raise ValueError("has month and year or neither. Give month: YYYY-MM, or year: YYYY")
        if self.route == "resident" and self.year is None:
            raise ValueError("route resident is counted by the year. Give year")
        if self.base < 10 and self.route != "resident":
            raise ValueError(f"base {self.base:g} looks like an index. The base is in yuan a month")
        return self


class RecordFile(_Facts):
    """A person's facts and contribution record (个人缴费记录)."""

    claim_month: Month | None = None
    record: Annotated[list[RecordRow], Field(min_length=1, max_length=2_000)]


class StatementFacts(_Facts):
    """The few facts that a statement needs (养老金测算所需事实)."""

    work_province: Province
    form: Form
    occupation: Occupation = "none"
    monthly_earnings: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
    pays: Literal["employee", "flexible", "resident", "nothing"]
    tier: Annotated[float, Field(ge=0.1, le=3.0)] | None = None
    months: Annotated[int, Field(ge=0, le=600)] = 0
    average_index: Annotated[float, Field(ge=0.1, le=5.0)] | None = None
    account_balance: Yuan | None = None
    resident_years: Annotated[int, Field(ge=0, le=45)] = 0
    resident_tier: Yuan | None = None
    resident_balance: Yuan = 0.0
    has_platform_subsidy: bool = False
    record_province: Province | None = None
    today: Month | None = None

    @model_validator(mode="after")
    def _parts_fit(self):
        if self.months == 0 and (self.account_balance or self.average_index):
            raise ValueError("account_balance or average_index without months. Give the months paid so far")
        if self.resident_years == 0 and self.resident_balance:
            raise ValueError("resident_balance without resident_years. Give the years paid so far")
        return self


# --------------------------------------------------------------------------- reading


def read_record(path: str | Path) -> RecordFile:
    """Return a contribution record from JSON, YAML or CSV (读取缴费记录).

    A CSV file has one row a month or year; the facts stand above it in lines `# birth: 1968-03`.
    """
    path = Path(path)
    text = _text(path)
    if path.suffix.lower() == ".csv":
        return _checked(RecordFile, _csv_record(path, text), path)
    return _checked(RecordFile, _mapping(path, text), path)


def read_facts(path: str | Path) -> StatementFacts:
    """Return a person's facts from YAML or JSON (读取个人事实)."""
    path = Path(path)
    return _checked(StatementFacts, _mapping(path, _text(path)), path)


def _text(path: Path) -> str:
    def refuse(message: str) -> FactsError:
        return FactsError(str(path), [Fault("", message)])

    try:
        if path.is_dir():
            raise refuse("is a folder. Name a file")
        with path.open("rb") as stream:
            blob = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise refuse(f"cannot be read ({error.strerror})") from None
    if len(blob) > LARGEST_FILE:
        raise refuse(f"has more than {LARGEST_FILE / 1e6:g} MB, which no record of one person has")
    try:
        text = blob.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse(f"byte {error.start} is not UTF-8 text. Save the file as UTF-8") from None
    if not text.strip():
        raise refuse("is empty. Give the facts, one a line: birth: 1990-05")
    return text


def _mapping(path: Path, text: str) -> dict:
    if path.suffix.lower() == ".json":
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise FactsError(str(path), [Fault("", f"is not JSON: {error}")]) from None
    else:
        document = parse_yaml(text)
        if document.faults:
            raise FactsError(str(path), document.faults)
        data = document.data
    if not isinstance(data, dict):
        raise FactsError(str(path), [Fault("", "is no mapping of facts. Write birth: 1990-05 and so on")])
    return data


def _csv_record(path: Path, text: str) -> dict:
    lines = text.splitlines()
    head = [line.lstrip("# ") for line in lines if line.startswith("#")]
    document = parse_yaml("\n".join(head)) if head else None
    if document is None or not isinstance(document.data, dict):
        message = "has no facts. Write them above the rows: # birth: 1968-03"
        raise FactsError(str(path), [Fault("line 1", message)])
    rows = csv.DictReader(io.StringIO("\n".join(line for line in lines if not line.startswith("#"))))
    record, faults = [], []
    try:
        for number, row in enumerate(rows, 1):
            if None in row:
                cells = len(rows.fieldnames) + len(row[None])
                message = f"{cells} cells under {len(rows.fieldnames)} columns"
                faults.append(Fault(f"record.{number}", message))
                continue
            cells = {key.strip(): (cell or "").strip() for key, cell in row.items()}
            record.append({key: _cell(key, cell) for key, cell in cells.items() if cell})
    except (csv.Error, AttributeError) as error:
        raise FactsError(str(path), [Fault("", f"is not a CSV table: {error}")]) from None
    if faults:
        raise FactsError(str(path), faults)
    return {**document.data, "record": record}


def _cell(key: str, text: str) -> Any:
    number = {"year": int, "months": int, "base": float, "earnings": float, "subsidy": float}.get(key)
    try:
        return number(text) if number else text
    except ValueError:
        return text


def _checked(model, data: dict, path: Path):
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise FactsError(str(path), [_fault(model, fault) for fault in error.errors()]) from None


def _fault(model, error: dict) -> Fault:
    place = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in error["loc"])
    kind, found = error["type"], error["input"]
    if kind == "missing":
        return Fault(place, "is missing. Write it")
    if kind == "extra_forbidden":
        fields = RecordRow.model_fields if place.startswith("record.") else model.model_fields
        name = error["loc"][-1]
        return Fault(place, f"no such fact.{nearest(name, fields)} Known are {', '.join(fields)}")
    message = error["msg"].removeprefix("Value error, ")
    if isinstance(found, (dict, BaseModel)):
        return Fault(place, message)
    hint = ""
    if isinstance(found, (int, float)) and not isinstance(found, bool) and kind == "less_than_equal":
        limit = error["ctx"]["le"]
        hint = f". {found / 100:g} means {found:g} %" if limit <= 5 < found <= 100 * limit else ""
    return Fault(place, f"{found!r:.60} {lower_first(message)}{hint}")


def lower_first(message: str) -> str:
    """Return the message of a checker as the second half of a sentence (错误信息)."""
    return message.replace("Input should be", "should be")
