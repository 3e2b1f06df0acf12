"""Files of stylised careers (典型职业生涯文件): read, checked with every fault at once, turned into careers.

>>> [career.name for career in load_careers("formula").careers]
['design_target']
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from calibration.description import known_names
from scenarios.facts import Birth, Category, Hukou, Occupation, Province, Sex, code_of, lower_first
from scenarios.scenario import ScenarioError, read_text
from simulate.given import Given, usual_category
from simulate.strict_yaml import Document, Fault, closest, read_yaml
from simulate.stylised import DECIDED, EMPLOYEE, PAYS, TRAITS, Career, Spell, career_limits
from simulate.terms import (
    CATEGORIES,
    FARMING,
    FIRST_BIRTH_YEAR,
    FIRST_WORK_AGE,
    FIRST_YEAR,
    FORMAL_EMPLOYEE,
    FORMS,
    LAST_CAREER_AGE,
    NO_OCCUPATION,
    OTHER_FLEXIBLE,
    PLATFORM_EMPLOYEE,
    PLATFORM_FLEXIBLE,
    SEXES,
)

CONFIDENCES = ("confirmed", "unconfirmed", "illustration")
Form, Pays = code_of(FORMS), code_of(PAYS)
_EMPLOYEE_FORMS = (FORMAL_EMPLOYEE, PLATFORM_EMPLOYEE)
_PLATFORM_FORMS = (PLATFORM_EMPLOYEE, PLATFORM_FLEXIBLE)
_EARNING = (*_EMPLOYEE_FORMS, PLATFORM_FLEXIBLE, OTHER_FLEXIBLE)  # these have earnings, farmers may have
_WORKING = (*_EARNING, FARMING)
Text = Annotated[str, Field(min_length=1)]
Age = Annotated[float, Field(ge=FIRST_WORK_AGE, le=LAST_CAREER_AGE)]
Multiple = Annotated[float, Field(ge=0.0, le=20.0, allow_inf_nan=False)]
Tier = Annotated[float, Field(ge=0.1, le=3.0)] | Literal["lowest"]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


def _name(value: str) -> str:
    if not value.replace("_", "").replace("-", "").isalnum():
        raise ValueError("is no name. Use letters, digits, _ and -")
    return value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, validate_default=True)


class SpellEntry(_Part):
    """A spell of a career file (一段经历): from an age in years to the next spell's."""

    age: Annotated[Age, Field(alias="from")]
    form: Form
    earnings: Multiple | dict[str, Multiple] = 0.0
    occupation: Occupation = "none"
    province: Province | None = None
    tier: Tier | None = None
    parent_care: bool = False

    @model_validator(mode="after")
    def _parts_fit(self):
        form = FORMS[self.form].name
        earns = any(self.earnings.values()) if isinstance(self.earnings, dict) else self.earnings > 0
        if earns and self.form not in _WORKING:
            raise ValueError(f"earnings do not fit form {form}. Leave them out")
        if not earns and self.form in _EARNING:
            raise ValueError(f"form {form} needs earnings. Write earnings: 1.0, times the average wage")
        has_occupation, is_platform = self.occupation != NO_OCCUPATION, self.form in _PLATFORM_FORMS
        if has_occupation and not is_platform:
            raise ValueError(f"form {form} has no occupation")
        if is_platform and not has_occupation:
            raise ValueError(f"form {form} needs an occupation")
        self.points()
        return self

    def points(self) -> tuple[tuple[int, float], ...]:
        """Return the profile of earnings as (age in months, multiple), one point where it is constant."""
        if not isinstance(self.earnings, dict):
            return ((0, self.earnings),) if self.earnings else ()
        found = []
        for text, multiple in self.earnings.items():
            try:
                age = float(text)
            except ValueError:
                raise ValueError(f"earnings, {text!r} is no age. Write {{AGE: multiple}}") from None
            if not FIRST_WORK_AGE <= age <= LAST_CAREER_AGE:
                limits = f"{FIRST_WORK_AGE} to {LAST_CAREER_AGE}"
                raise ValueError(f"earnings, age {text} is outside {limits}")
            found.append((round(12 * age), multiple))
        return tuple(sorted(found))


class Shift(_Part):
    """A claim before or after the statutory month (提前或延迟领取月数)."""

    early: Annotated[int, Field(ge=1, le=36)] | None = None
    late: Annotated[int, Field(ge=1, le=36)] | None = None

    @model_validator(mode="after")
    def _one(self):
        if (self.early is None) == (self.late is None):
            raise ValueError("takes early or late, one of them, in months")
        return self


class CareerEntry(_Part):
    """A career of a career file (一个典型职业生涯)."""

    name: Annotated[str, Field(min_length=1), AfterValidator(_name)]
    title: Text
    title_zh: Text
    birth: Birth
    sex: Sex
    hukou_province: Province
    work_province: Province | None = None
    hukou: Hukou = "urban"
    category: Category | None = None
    deemed_months: Annotated[int, Field(ge=0, le=360)] = 0
    pays: Pays
    tier: Tier | None = None
    resident_tier: Literal["lowest", "highest"] | None = None
    has_platform_subsidy: bool = False
    draws: dict[str, Share] = {}
    children: list[Age] = []
    claim: Literal["statutory"] | Shift = "statutory"
    spells: Annotated[list[SpellEntry], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _parts_fit(self):
        if self.category is not None and (self.category == 0) != (self.sex == 0):
            raise ValueError(
                f"category {CATEGORIES[self.category].name} does not fit sex {SEXES[self.sex].name}"
            )
        if FIRST_YEAR + self.birth // 12 < FIRST_BIRTH_YEAR:
            raise ValueError(f"birth is before {FIRST_BIRTH_YEAR}, the first year of birth of the model")
        ages = [spell.age for spell in self.spells]
        if any(later <= sooner for sooner, later in itertools.pairwise(ages)):
            raise ValueError(f"spells begin at {', '.join(f'{age:g}' for age in ages)}. Order them by age")
        if self.birth + round(12 * ages[0]) < career_limits(self.birth)[0]:
            raise ValueError(f"the first spell begins before {FIRST_YEAR}, when the model begins")
        if self.pays == EMPLOYEE and any(
            spell.form in _WORKING and spell.form not in _EMPLOYEE_FORMS for spell in self.spells
        ):
            raise ValueError(
                "pays employee, but works in another form. Write pays: flexible, resident or nothing"
            )
        if self.draws and self.pays != DECIDED:
            raise ValueError("draws go with pays: decided. Leave them out")
        has_tier = self.tier is not None or any(spell.tier is not None for spell in self.spells)
        if has_tier and PAYS[self.pays].name != "flexible":
            raise ValueError("tier goes with pays: flexible. Leave it out")
        if self.resident_tier is not None and PAYS[self.pays].name != "resident":
            raise ValueError("resident_tier goes with pays: resident. Leave it out")
        for name in self.draws:
            if name not in TRAITS:
                raise ValueError(f"draws, {name}: no such trait.{closest(name, TRAITS)}")
        return self


class Assumptions(_Part):
    """What a career file assumes of the economy, in every scenario (经济假设)."""

    assumptions: dict[str, Any] = {}
    real_discount_rate: Annotated[float, Field(ge=-0.05, le=0.2)] | None = None


class CareersEntry(_Part):
    """A whole career file (典型职业生涯文件)."""

    title: Text
    title_zh: Text
    question: Text
    question_zh: Text
    source: Text
    confidence: Literal["confirmed", "unconfirmed", "illustration"]
    economy: Assumptions = Assumptions()
    careers: Annotated[list[CareerEntry], Field(min_length=1, max_length=200)]


class CareerFile(NamedTuple):
    """A career file, read and checked (典型职业生涯文件)."""

    name: str
    text: str
    entry: CareersEntry
    careers: tuple[Career, ...]

    def titles(self, lang: str) -> dict[str, str]:
        """Return the title of each career by name (各职业生涯名称)."""
        return {one.name: one.title_zh if lang == "zh" else one.title for one in self.entry.careers}


# --------------------------------------------------------------------------- reading


@functools.lru_cache(maxsize=1)
def presets() -> dict[str, str]:
    """Return the text of every career file that is shipped (内置典型职业生涯), by name."""
    folder = resources.files("scenarios") / "careers"
    names = sorted(e.name.removesuffix(".yaml") for e in folder.iterdir() if e.name.endswith(".yaml"))
    return {name: (folder / f"{name}.yaml").read_text("utf-8") for name in names}


def load_careers(argument: str | Path) -> CareerFile:
    """Return the career file that an argument names (读取典型职业生涯): a shipped one or a YAML file.

    Raises
    ------
    ScenarioError
        All faults at once, each with line, what was found and what is allowed.
    """
    argument = str(argument)
    if argument in presets():
        return read_careers(presets()[argument], argument, argument)
    if not argument.endswith((".yaml", ".yml")) and "/" not in argument:
        more = f" Known are {', '.join(presets())}; files end in .yaml."
        hint = closest(argument, presets(), more)
        raise ScenarioError(argument, [Fault("", f"no file and no shipped careers.{hint}")])
    path = Path(argument)
    return read_careers(read_text(path), path.stem, argument)


def read_careers(text: str, name: str, where: str) -> CareerFile:
    """Return the careers that a text holds (解析典型职业生涯). ScenarioError with its faults."""
    document = read_yaml(text)
    if not isinstance(document.data, dict):
        faults = document.faults or [Fault("line 1", "no mapping of keys. Write careers: and a list")]
        raise ScenarioError(where, faults)
    faults, entry = list(document.faults), None
    try:
        entry = CareersEntry.model_validate(document.data)
    except ValidationError as error:
        faults += [_fault(document, found) for found in _one_a_place(error.errors())]
    faults += _economy_faults(document)
    if entry is not None:
        names = [one.name for one in entry.careers]
        faults += [
            _at(document, ("careers", k, "name"), f"{one} stands twice. Name careers apart")
            for k, one in enumerate(names)
            if one in names[:k]
        ]
    if faults or entry is None:
        raise ScenarioError(where, sorted(dict.fromkeys(faults), key=_line))
    return CareerFile(name, text, entry, tuple(map(_career, entry.careers)))


def _economy_faults(document: Document) -> list[Fault]:
    from scenarios.inputs import faults_of_setting

    economy = document.data.get("economy")
    settings = economy.get("assumptions") if isinstance(economy, dict) else None
    if not isinstance(settings, Mapping):
        return []
    known, faults = known_names(), []
    for name, value in settings.items():
        found = faults_of_setting("assumptions", name, value)
        if name not in known:
            found = [f"no such assumption.{closest(name, known)}"]
        faults += [_at(document, ("economy", "assumptions", name), message) for message in found]
    return faults


def _at(document: Document, place: tuple, message: str) -> Fault:
    """A fault with the line of a place, or of what it stands in."""
    path = "/" + "/".join(map(str, place))
    while path and path not in document.lines:
        path = path.rpartition("/")[0]
    label = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in place)
    return Fault(f"line {document.lines.get(path, 1)}, {label}" if label else "line 1", message)


def _line(fault: Fault) -> int:
    digits = fault.where.removeprefix("line ").split(",")[0]
    return int(digits) if digits.isdigit() else 0


_UNIONS = ("float", "literal", "constrained", "Shift", "dict", "function", "nullable")


def _place_of(error: dict) -> tuple:
    *outer, last = error["loc"]
    outer = [p for p in outer if isinstance(p, int) or not str(p).startswith(_UNIONS)]
    is_key = error["type"] in ("missing", "extra_forbidden") or isinstance(last, int)
    return (*outer, last) if is_key or not str(last).startswith(_UNIONS) else tuple(outer)


_VAGUE = {"literal_error": 1, "float_type": 1, "model_type": 2, "dict_type": 2}


def _one_a_place(errors: list[dict]) -> list[dict]:
    """What allows several kinds is refused by each of them: keep the clearest, and what lies deepest."""
    found: dict[tuple, dict] = {}
    for error in sorted(errors, key=lambda e: _VAGUE.get(e["type"], 0)):
        found.setdefault(_place_of(error), error)
    inner = {place[:k] for place in found for k in range(len(place))}
    return [e for place, e in found.items() if not (e["type"] in _VAGUE and place in inner)]


def _fault(document: Document, error: dict) -> Fault:
    place = _place_of(error)
    kind, found = error["type"], error["input"]
    if kind == "missing":
        return _at(document, place, "is missing. Write it")
    if kind == "extra_forbidden":
        known = _known(place)
        return _at(document, place, f"unknown key.{closest(place[-1], known)} Known are {', '.join(known)}")
    message = error["msg"].removeprefix("Value error, ")
    if isinstance(found, (dict, list, BaseModel)):
        return _at(document, place, message)
    hint = ""
    if kind == "less_than_equal" and isinstance(found, (int, float)) and not isinstance(found, bool):
        limit = error["ctx"]["le"]
        hint = f". {found / 100:g} means {found:g} %" if limit <= 20 < found <= 100 * limit else ""
    return _at(document, place, f"{found!r:.60} {lower_first(message)}{hint}")


def _known(place: tuple) -> tuple[str, ...]:
    """The keys allowed where a place stands."""
    if "claim" in place:
        return tuple(Shift.model_fields)
    model = CareersEntry
    if "spells" in place:
        model = SpellEntry
    elif place[0] == "economy":
        model = Assumptions
    elif place[0] == "careers" and len(place) > 2:
        model = CareerEntry
    return tuple(field.alias or name for name, field in model.model_fields.items())


# --------------------------------------------------------------------------- turning into careers


def _career(entry: CareerEntry) -> Career:
    category = usual_category(entry.sex) if entry.category is None else entry.category
    facts = Given(
        *(entry.birth, entry.sex, entry.hukou_province, entry.hukou, category, entry.deemed_months),
        entry.has_platform_subsidy,
    )
    starts = [entry.birth + round(12 * spell.age) for spell in entry.spells]
    stops = [*starts[1:], career_limits(entry.birth)[1]]
    work = entry.hukou_province if entry.work_province is None else entry.work_province
    spells = tuple(
        Spell(
            start, stop, spell.form,
            _place(spell, entry.hukou_province, work),
            spell.occupation, spell.points(),
            _tier(entry.tier if spell.tier is None else spell.tier),
            spell.parent_care,
        )
        for spell, start, stop in zip(entry.spells, starts, stops, strict=True)
    )  # fmt: skip
    shift = 0 if entry.claim == "statutory" else (entry.claim.late or -entry.claim.early)
    return Career(
        entry.name, facts, spells, entry.pays, entry.resident_tier == "highest",
        tuple(sorted(entry.birth + round(12 * age) for age in entry.children)),
        shift, tuple(entry.draws.items()),
    )  # fmt: skip


def _place(spell: SpellEntry, home: int, work: int) -> int:
    if spell.province is not None:
        return spell.province
    return home if spell.form == FARMING else work


def _tier(tier: float | str | None) -> float:
    return 0.0 if tier is None or tier == "lowest" else tier
