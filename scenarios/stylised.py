"""Stylised careers under scenarios (典型职业生涯比较): the indicators of single written lives, without error.

Nothing is drawn, so there is no standard error: the numbers are exact for the career and say nothing of how
many people live like that.

>>> told = compare_careers("formula", ["before-retirement-reform"])
>>> round(value_of(told, "design_target", "pension_to_last_earnings", "before-retirement-reform"), 2)
0.59
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from calibration import DEFAULT_SET
from scenarios.career_file import CareerFile, load_careers
from scenarios.catalogue import indicator_name, say
from scenarios.scenario import CURRENT_LAW, Scenario, ScenarioError, compile_case
from scenarios.tables import Block, amount, weak_parameters
from simulate.indicators import INDICATORS, SHARE, columns
from simulate.strict_yaml import Fault, closest

if TYPE_CHECKING:
    from simulate.demography import Demography
    from simulate.indicator_types import Indicator
    from simulate.run import Case, Course, Lives
    from simulate.stylised import Career

SCHEMA_VERSION = 1
YEARS_OF_EARNINGS = "years of earnings"


class Measure(NamedTuple):
    """A number of a career that no group has (个案指标): unit; names stand in the catalogue."""

    name: str
    unit: str


# conventions of the publications that stylised careers are made for
MEASURES = (
    Measure("pension_to_last_earnings", SHARE),  # first monthly pension over the last month's earnings
    Measure("pension_wealth_at_claim", YEARS_OF_EARNINGS),  # of who lives at the claim, over last earnings
)
_OWN = {measure.name: measure.unit for measure in MEASURES}
SHOWN = (
    *_OWN,
    *("gross_replacement_rate", "net_replacement_rate", "lifetime_replacement_rate"),
    *("pension_to_average_wage", "claim_age", "contribution_months"),
)
# what is read from a distribution or compares the sexes has no value for one life
_OF_ONE = tuple(name for name, indicator in INDICATORS.items() if indicator.kind in ("ratio", "rate"))


def compare_careers(
    careers: str | Path | CareerFile,
    scenarios: Iterable[str | Scenario] = (),
    baseline: str | Scenario = CURRENT_LAW,
    indicators: Iterable[str] | None = None,
    economy: str = "central",
    behaviour: str = "threshold",
    fitted: str = DEFAULT_SET,
) -> dict[str, Any]:
    """Return what scenarios bring to stylised careers (典型职业生涯比较), exactly.

    Parameters
    ----------
    careers : name, file or CareerFile
        A shipped career file, a YAML file, or one that is read.
    scenarios, baseline : names, files, combinations or Scenario objects
        Differences are taken from the baseline; earnings follow its wages.
    indicators : list of str, optional
        All that one life can have without it.
    economy, behaviour, fitted : str
        As of `compare`; the file's own assumptions hold in every scenario, before those of the economy.

    Returns
    -------
    dict
        JSON-ready: schema_version, run_id, exact, careers, rows (career, indicator, unit, scenario, value,
        difference).

    Raises
    ------
    ScenarioError
        Every fault of the arguments and files.
    """
    from scenarios.inputs import demography
    from scenarios.options import check_options, choose_scenarios
    from simulate.run import follow
    from simulate.stylised import laid_down, stylised_lives, until_claim

    file = careers if isinstance(careers, CareerFile) else load_careers(careers)
    names = _names(indicators)
    check_options(1, 0, economy, behaviour, fitted, None)
    chosen = choose_scenarios(scenarios, baseline)
    people, cases = demography(), career_cases(file, chosen, fitted, economy, behaviour)
    rows = []
    for career in file.careers:
        own = [laid_down(career, case) for case in cases]
        written = stylised_lives(career, own[0])
        lives = [until_claim(written, case, people) for case in own]
        courses = [follow(life, case, people) for life, case in zip(lives, own, strict=True)]
        rows += _rows(career, lives, own, courses, people, names)
    inputs = _inputs(file, chosen, names, economy, behaviour, fitted)
    head = {"schema_version": SCHEMA_VERSION, "run_id": _run_id(inputs), "exact": True, **inputs}
    described = [{"name": c.name, "title": c.title, "title_zh": c.title_zh} for c in file.entry.careers]
    entry = file.entry
    texts = {key: getattr(entry, key) for key in ("title", "title_zh", "question", "question_zh", "source")}
    return {**head, **texts, "confidence": entry.confidence, "careers": described, "rows": rows}


def career_cases(
    file: CareerFile, chosen: Sequence[Scenario], fitted: str, economy: str, behaviour: str
) -> list[Case]:
    """Return scenarios compiled under the economy that a career file assumes (编译情景)."""
    from simulate.policy import compile_policy

    assumed, rate = file.entry.economy.assumptions, file.entry.economy.real_discount_rate
    cases = []
    for scenario in chosen:
        scenario = replace(scenario, assumptions={**assumed, **scenario.all_assumptions()})
        case = compile_case(scenario, fitted, economy, behaviour)
        if rate is not None:
            path = case.economy._replace(discount_rate=(1.0 + case.economy.price_growth) * (1.0 + rate) - 1.0)
            policy = compile_policy(scenario.compile_law(), path)
            case = case._replace(policy=policy, decision_policy=policy, economy=path)
        cases.append(case)
    if behaviour == "static":
        cases = [case._replace(decision_policy=cases[0].policy) for case in cases]
    return cases


def _names(indicators: Iterable[str] | None) -> tuple[str, ...]:
    known = (*_OWN, *_OF_ONE)
    if indicators is None:
        return known
    wanted = indicators.split(",") if isinstance(indicators, str) else indicators
    wanted = tuple(dict.fromkeys(name.strip() for name in wanted))
    faults = []
    for name in wanted:
        if name in INDICATORS and name not in known:
            faults.append(Fault(f"indicator {name}", "is one of groups. A single career has none"))
        elif name not in known:
            more = f" Beside those of groups there are {', '.join(_OWN)}."
            faults.append(Fault(f"indicator {name}", f"no such indicator.{closest(name, known, more)}"))
    if faults or not wanted:
        raise ScenarioError("", faults or [Fault("indicators", "names none")])
    return wanted


def _rows(
    career: Career,
    lives: list[Lives],
    cases: list[Case],
    courses: list[Course],
    demography: Demography,
    names: tuple[str, ...],
) -> list[dict[str, Any]]:
    import numpy as np

    from simulate.results import COLUMNS, Accumulators

    sums = Accumulators([case.name for case in cases])
    sums.add(np.stack([course.outcomes for course in courses]), lives[0].traits, 0)
    totals = sums.sums[0].sum(axis=2)  # (scenario, column)
    values = []
    for s, (life, case, course) in enumerate(zip(lives, cases, courses, strict=True)):
        outcomes = {name: float(totals[s, k]) for name, k in COLUMNS.items()}
        own = _own_measures(life, case, course, demography, outcomes)
        values.append({name: own[name] if name in own else _ratio(name, outcomes) for name in names})
    rows = []
    for name in names:
        unit = _OWN.get(name) or INDICATORS[name].unit
        for case, found in zip(cases, values, strict=True):
            value, base = found[name], values[0][name]
            row = {"career": career.name, "indicator": name, "unit": unit, "scenario": case.name}
            row |= {"value": value, "difference": None if value is None or base is None else value - base}
            rows.append(row if value is not None else row | {"reason": say("careers_no_value")})
    return rows


def _ratio(name: str, outcomes: Mapping[str, float]) -> float | None:
    indicator = INDICATORS[name]
    if indicator.kind == "rate":
        return _rate(indicator, outcomes)
    above, below = (
        sum(sign * outcomes[column] for column, sign in columns(formula).items())
        for formula in (indicator.numerator, indicator.denominator)
    )
    value = indicator.scale * above / below if below else math.nan
    return value if math.isfinite(value) else None


def _rate(indicator: Indicator, outcomes: Mapping[str, float]) -> float | None:
    import numpy as np

    from simulate.results import rate_of_return
    from simulate.terms import RETURN_RATES

    received, paid = (
        np.array([outcomes[f"{name}_{k}"] for k in range(1, len(RETURN_RATES) + 1)])
        for name in (indicator.numerator, indicator.denominator)
    )
    value = float(rate_of_return(received, paid))
    return value if math.isfinite(value) else None


def _own_measures(
    lives: Lives, case: Case, course: Course, demography: Demography, outcomes: Mapping[str, float]
) -> dict[str, float | None]:
    from simulate.participation import CLAIM_NONE
    from simulate.stylised import last_earnings, value_at

    claim = int(course.plan.claim[0])
    if int(course.plan.claim_kind[0]) == CLAIM_NONE:
        return dict.fromkeys(_OWN)
    earnings = last_earnings(lives, claim)
    if earnings == 0.0:
        return dict.fromkeys(_OWN)
    wealth = outcomes["present_value_pensions"] * value_at(lives, case, demography, claim)
    return {
        "pension_to_last_earnings": outcomes["pension_at_claim"] / earnings,
        "pension_wealth_at_claim": wealth / (12.0 * earnings),
    }


def _inputs(file: CareerFile, chosen, names, economy, behaviour, fitted) -> dict[str, Any]:
    from importlib import metadata

    from scenarios.inputs import evidence_checksum
    from simulate.law import load_law

    texts = {file.name: file.text} | {k: v for scenario in chosen for k, v in scenario.texts().items()}
    return {
        "version": metadata.version("flexpension"),
        "file": file.name,
        "baseline": chosen[0].name,
        "scenarios": [scenario.name for scenario in chosen],
        "indicators": list(names),
        "economy": economy,
        "assumptions": file.entry.economy.model_dump(exclude_none=True),
        "behaviour": behaviour,
        "fitted": fitted,
        "law_checksum": load_law().checksum,
        "evidence_checksum": evidence_checksum(),
        "text_checksums": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()},
    }


def _run_id(inputs: dict[str, Any]) -> str:
    from scenarios.result import run_id

    return run_id({"careers": True, **inputs})


def value_of(
    told: Mapping[str, Any], career: str, indicator: str, scenario: str | None = None, key: str = "value"
) -> float | None:
    """Return one number of a comparison of careers (取一个数), of the baseline without a scenario."""
    scenario = told["baseline"] if scenario is None else scenario
    wanted = (career, indicator, scenario)
    return next(r[key] for r in told["rows"] if (r["career"], r["indicator"], r["scenario"]) == wanted)


# --------------------------------------------------------------------------- one career's ledger


def career_ledger(
    careers: str | Path | CareerFile,
    number: int,
    scenario: str | Scenario,
    against: str | Scenario | None = None,
    economy: str = "central",
    behaviour: str = "threshold",
    fitted: str = DEFAULT_SET,
) -> dict[str, Any]:
    """Return the ledger of the career at a position of a file, from 0 on (典型职业生涯的个人账本)."""
    from scenarios.inputs import demography
    from scenarios.options import check_options, choose_scenarios
    from simulate.explain import explain, explain_against
    from simulate.run import follow
    from simulate.stylised import laid_down, stylised_lives, until_claim
    from simulate.transfer_lines import transfer_lines

    file = careers if isinstance(careers, CareerFile) else load_careers(careers)
    if not 0 <= number < len(file.careers):
        told = f"{number} is none of the {len(file.careers)} careers of {file.name}, counted from 0"
        raise ScenarioError("", [Fault("person", told)])
    check_options(1, 0, economy, behaviour, fitted, None)
    chosen = [choose_scenarios([], one)[0] for one in (scenario, against) if one is not None]
    career, people = file.careers[number], demography()
    # the last is the baseline, from which static behaviour takes its decisions
    compiled = career_cases(file, chosen[::-1], fitted, economy, behaviour)[::-1]
    cases = [laid_down(career, case) for case in compiled]
    written = stylised_lives(career, cases[-1])
    lives = until_claim(written, cases[0], people)
    sides = [
        (case, follow(lives, case, people), s.compile_law()) for case, s in zip(cases, chosen, strict=True)
    ]
    told = explain_against(lives, 0, *sides) if against is not None else explain(lives, 0, *sides[0])
    told["transfers"] = transfer_lines(lives, 0, *sides[0])
    titles = {key: getattr(file.entry.careers[number], key) for key in ("title", "title_zh")}
    return told | {"person": None, "career": career.name, **titles}


# --------------------------------------------------------------------------- telling


def measure_name(name: str, lang: str = "en") -> str:
    """Return the heading of an indicator or of a measure of careers (指标名称)."""
    return say(f"careers_{name}", lang) if name in _OWN else indicator_name(name, lang)


def blocks(told: Mapping[str, Any], lang: str = "en") -> list[Block]:
    """Return a table of levels under the baseline, then one of levels and changes a scenario (表格)."""
    shown = [name for name in SHOWN if name in told["indicators"]] or list(told["indicators"])
    if set(told["indicators"]) != {*_OWN, *_OF_ONE}:
        shown = list(told["indicators"])
    header = (say("careers_career", lang), *(measure_name(name, lang) for name in shown))
    titles = {c["name"]: c["title_zh"] if lang == "zh" else c["title"] for c in told["careers"]}
    cells = {(r["career"], r["indicator"], r["scenario"]): r for r in told["rows"]}
    found = []
    for scenario in told["scenarios"]:
        is_baseline = scenario == told["baseline"]
        rows = tuple(
            (title, *(_cell(cells[career, name, scenario], is_baseline) for name in shown))
            for career, title in titles.items()
        )
        key = "careers_levels" if is_baseline else "careers_changes"
        found.append(Block(say(key, lang, scenario=scenario), header, rows))
    return found


def _cell(row: Mapping[str, Any], is_baseline: bool) -> str:
    value = amount(row["value"], row["unit"])
    if is_baseline or row["difference"] is None:
        return value
    return f"{value}  ({amount(row['difference'], row['unit'], signed=True, points=True)})"


def notes(told: Mapping[str, Any], lang: str = "en") -> list[str]:
    """Return what a reader of the tables must know (说明)."""
    from simulate.law import load_law

    law = load_law()
    assumed = {**told["assumptions"]["assumptions"]}
    if "real_discount_rate" in told["assumptions"]:
        assumed["real_discount_rate"] = told["assumptions"]["real_discount_rate"]
    found = [say("careers_exact", lang), say("careers_measures", lang)]
    if assumed:
        text = ", ".join(f"{name} {value}" for name, value in assumed.items())
        found.append(say("careers_assumed", lang, assumed=text))
    found.append(say("careers_source", lang, source=told["source"], confidence=told["confidence"]))
    found.append(say("note_weak", lang, weak=len(weak_parameters(law)), all=len(law.parameters)))
    options = {key: told[key] for key in ("behaviour", "economy", "fitted")}
    found.append(say("note_variant", lang, **options))
    return [*found, say("careers_run", lang, **{key: told[key] for key in ("run_id", "file", "version")})]


def to_json(told: Mapping[str, Any]) -> str:
    """Return a comparison of careers as JSON (JSON); the README of this folder has every key."""
    return json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1)


def to_csv(told: Mapping[str, Any]) -> str:
    """Return the rows as CSV (CSV), no value empty."""
    stream = io.StringIO()
    fields = ["career", "indicator", "unit", "scenario", "value", "difference", "reason"]
    writer = csv.DictWriter(stream, fields, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: "" if v is None else v for k, v in row.items()} for row in told["rows"])
    return stream.getvalue()


def to_markdown(told: Mapping[str, Any], lang: str = "en") -> str:
    """Return tables and notes as Markdown (Markdown)."""
    from scenarios.tables import markdown_table

    tables = "\n".join(markdown_table(block) for block in blocks(told, lang))
    return tables + "\n" + "".join(f"- {note}\n" for note in notes(told, lang))


def printed(told: Mapping[str, Any], lang: str = "en") -> list:
    """Return tables and notes for the terminal (终端)."""
    from rich.text import Text

    from scenarios.tables import rich_table

    return [*(rich_table(block) for block in blocks(told, lang)), *map(Text, notes(told, lang))]


def page(told: Mapping[str, Any], lang: str = "en") -> str:
    """Return a comparison of careers as one HTML page (网页)."""
    from scenarios.report import render_page

    suffix = "_zh" if lang == "zh" else ""
    return render_page(
        "person.html.j2",
        lang,
        title=told[f"title{suffix}"],
        paragraphs=[told[f"question{suffix}"]],
        cards=[],
        blocks=blocks(told, lang),
        notes=notes(told, lang),
    )
