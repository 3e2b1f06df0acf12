"""The standard tables (标准表格): the same shells for every comparison, for report and workbook.

Adequacy, winners and losers, coverage with the anatomy of missing months, cost and who bears it, women and
men, uncertainty.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from scenarios.catalogue import group_name, indicator_name, say, unit_name
from scenarios.frames import FRAMES, frame_table, yardsticks_table
from scenarios.number_tables import PEOPLE, Number, Numbers, Table
from scenarios.result import SCHEMA_VERSION, Comparison
from scenarios.tables import amount, parse_keys
from scenarios.tornado import sensitivity_tables
from scenarios.twins import twin_tables
from simulate.indicator_types import MONTHS, YEARS
from simulate.indicators import SHARE, YUAN_A_MONTH
from simulate.terms import PAYERS, REASONS

ADEQUACY = (
    *("pension_to_average_wage", "pension_to_average_wage_at_70", "pension_to_average_wage_at_claim"),
    *("pension_to_average_wage_with_top_up", "floor_pension_to_average_wage", "gross_replacement_rate"),
    *(
        "median_gross_replacement_rate",
        "gross_replacement_rate_last_decade",
        "lifetime_replacement_rate",
        "net_replacement_rate",
    ),
    *("share_without_last_earnings", "mean_monthly_pension", "mean_monthly_pension_at_70"),
    *("p10_monthly_pension", "median_monthly_pension", "p90_monthly_pension", "gini_pension"),
    *("share_without_pension", "share_reaching_minimum_months"),
)
WINNERS = (
    "share_gaining",
    "share_losing",
    "p10_pension_change",
    "median_pension_change",
    "p90_pension_change",
)
COVERAGE = (
    *("coverage_as_employee", "coverage_as_flexible", "coverage_resident", "coverage_none"),
    *("contribution_density", "contribution_months", "gap_months", "share_at_floor", "new_joiners"),
    *("down_shifters", "resident_switchers"),
)
COST = (
    *(f"present_value_paid_by_{payer.name}" for payer in PAYERS),
    *("present_value_pensions", "present_value_floor_pensions", "pension_wealth", "money_worth"),
    *("internal_rate_of_return", "share_without_contributions", "platform_levy_less_relief", "pool_balance"),
)
GENDER = (
    *("pension_to_average_wage", "pension_to_average_wage_at_70", "gross_replacement_rate"),
    *("mean_monthly_pension", "share_without_pension"),
    *("share_reaching_minimum_months", "contribution_months", "coverage_as_flexible", "credit_months"),
)
GAPS = ("gender_pension_gap", "gender_pension_gap_at_70", "gender_pension_wealth_gap")
YEAR_ON_RECORD = "pension_per_contribution_year"
MONTHS_A_YEAR = 12
KEYS = (
    *("adequacy", "yardsticks", "winners", "coverage", "missing", "cost", "gender", "monitoring"),
    *("principles", "practice", "twins", "sensitivity", "uncertainty"),
)
PRACTICE = "current-practice"
CO_FUNDED = "platform_levy_less_relief"
PRACTICE_INDICATORS = (
    *("contribution_burden", "present_value_paid_by_worker", "present_value_paid_by_platform"),
    *("pension_to_average_wage", "pool_balance"),
)


def standard_tables(comparison: Comparison, lang: str = "en") -> list[Table]:
    """Return the standard tables of a comparison (标准表格), those of which it has the indicators."""
    numbers = Numbers(comparison, lang)
    found = [_of_indicators(numbers, "adequacy", ADEQUACY), yardsticks_table(numbers)]
    if numbers.reforms:
        found += _winners(numbers)
    found += [
        _of_indicators(numbers, "coverage", COVERAGE),
        _missing(numbers),
        _cost(numbers),
        _gender(numbers),
        *(frame_table(numbers, key) for key in FRAMES),
        _practice(numbers),
        *twin_tables(numbers),
        *sensitivity_tables(numbers),
        _uncertainty(numbers),
    ]
    return [table for table in found if table is not None and table.rows]


def parse_tables(text: str) -> tuple[str, ...]:
    """Return the keys of the tables asked for (所选表格), `all` for every one."""
    return parse_keys(text, KEYS, "standard table")


def chosen_tables(comparison: Comparison, keys: Sequence[str], lang: str = "en") -> list[Table]:
    """Return the standard tables with these keys (所选标准表格), one a reform where there are several."""
    return [table for table in standard_tables(comparison, lang) if table.key.split(" ")[0] in keys]


def tables_json(comparison: Comparison, tables: Sequence[Table]) -> str:
    """Return tables as one JSON object (JSON): a cell is a word, or value, unit and standard error."""

    def cell(told: str | Number) -> Any:
        if not isinstance(told, Number):
            return told
        return {"value": told.value, "unit": told.unit, "standard_error": told.error}

    content = [
        {"key": t.key, "title": t.title, "header": t.header, "rows": [[*map(cell, row)] for row in t.rows]}
        | {"note": t.note}
        for t in tables
    ]
    head = {"schema_version": SCHEMA_VERSION, "run_id": comparison.run_id}
    return json.dumps(head | {"tables": content}, ensure_ascii=False, allow_nan=False)


def _of_indicators(numbers: Numbers, key: str, indicators: tuple[str, ...]) -> Table:
    """Rows are indicators: the baseline's level, then what each reform changes."""
    lang = numbers.lang
    rows = [
        (
            indicator_name(name, lang),
            unit_name(name, lang),
            numbers.value(name, numbers.base),
            *(numbers.change(name, reform) for reform in numbers.reforms),
        )
        for name in indicators
        if name in numbers.indicators
    ]
    header = (say("indicator", lang), say("unit", lang), numbers.base, *numbers.reforms)
    title = say(f"table_{key}", lang, group=numbers.name())
    return Table(key, title, header, tuple(rows), 2, say("table_differences", lang))


def _co_funded(numbers: Numbers) -> list[str]:
    """Reforms in which platforms pay, other than by the subsidies of current practice."""
    rows = {name: numbers.row(CO_FUNDED, name) for name in numbers.reforms if name != PRACTICE}
    return [name for name, row in rows.items() if row and row["value"]]


def _cost(numbers: Numbers) -> Table:
    """Cost; where platforms pay and current practice is not beside it, how to see it there."""
    table = _of_indicators(numbers, "cost", COST)
    if _co_funded(numbers) and PRACTICE not in (numbers.base, *numbers.reforms):
        told = say("table_practice_missing", numbers.lang, scenario=_co_funded(numbers)[0])
        return table._replace(note=f"{table.note} {told}")
    return table


def _practice(numbers: Numbers) -> Table | None:
    """Co-funding against current practice too, in which platforms pay half of the floor contribution."""
    if PRACTICE not in numbers.reforms:
        return None
    lang, rows = numbers.lang, []
    for scenario in _co_funded(numbers):
        for name in PRACTICE_INDICATORS:
            row, other = numbers.row(name, scenario), numbers.row(name, PRACTICE)
            if row and row["value"] is not None and other["value"] is not None:
                against = Number(row["value"] - other["value"], row["unit"], None, True)
                cells = (indicator_name(name, lang), unit_name(name, lang), numbers.change(name, scenario))
                rows.append((scenario, *cells, against))
    against = (say("table_against", lang, scenario=name) for name in (numbers.base, PRACTICE))
    header = (say("scenario", lang), say("indicator", lang), say("unit", lang), *against)
    title = say("table_practice", lang, group=numbers.name())
    return Table("practice", title, header, tuple(rows), 3, say("table_practice_note", lang))


def _winners(numbers: Numbers) -> list[Table]:
    """One table a reform: who gains and loses, and by how much, in each group of people."""
    lang = numbers.lang
    wanted = [name for name in WINNERS if name in numbers.indicators]
    if not wanted:
        return []
    persons = {tuple(row["group"].items()): row["persons"] for row in numbers.rows}
    groups = [(numbers.lead, numbers.name()), *((group, name) for group, _, name in numbers.parts())]
    header = (say("group", lang), say("persons", lang), *(indicator_name(name, lang) for name in wanted))
    found = []
    for reform in numbers.reforms:
        rows = [
            (name, Number(persons[group], PEOPLE), *(numbers.value(i, reform, group) for i in wanted))
            for group, name in groups
        ]
        title = say("table_winners", lang, scenario=reform, group=numbers.name())
        key = "winners" if len(numbers.reforms) == 1 else f"winners {reform}"
        found.append(Table(key, title, header, tuple(rows), 1, say("table_winners_note", lang)))
    return found


def _missing(numbers: Numbers) -> Table:
    """The anatomy of missing months: why, how many, what they cost in pension, what a reform changes."""
    lang = numbers.lang
    yearly = numbers.row(YEAR_ON_RECORD, numbers.base)
    rows = []
    for reason in REASONS[1:]:
        name = f"months_missing_{reason.name}"
        row = numbers.row(name, numbers.base)
        if row is None or not row["value"]:
            continue
        word = reason.name_zh if lang == "zh" else reason.name.replace("_", " ")
        cost: Number | str = ""
        if yearly and yearly["value"] is not None:
            cost = Number(row["value"] / MONTHS_A_YEAR * yearly["value"], YUAN_A_MONTH)
        changes = (numbers.change(name, reform) for reform in numbers.reforms)
        rows.append((word, numbers.value(name, numbers.base), cost, *changes))
    header = (say("table_reason", lang), numbers.base, say("table_reason_cost", lang), *numbers.reforms)
    title = say("table_missing", lang, group=numbers.name())
    return Table("missing", title, header, tuple(rows), 1, say("table_missing_note", lang))


def _gender(numbers: Numbers) -> Table | None:
    """Women and men side by side, and what each reform changes for each; the gaps below."""
    lang, lead = numbers.lang, dict(numbers.lead)
    women, men = (tuple({**lead, "sex": sex}.items()) for sex in ("female", "male"))
    if women not in numbers.groups or men not in numbers.groups:
        return None
    words = [group_name({"sex": sex}, lang) for sex in ("female", "male")]
    header = [say("indicator", lang), say("unit", lang), *(f"{numbers.base}: {word}" for word in words)]
    header += [f"{reform}: {word}" for reform in numbers.reforms for word in words]
    rows = []
    for name in GENDER:
        if name in numbers.indicators:
            levels = [numbers.value(name, numbers.base, group) for group in (women, men)]
            changes = [numbers.change(name, r, group) for r in numbers.reforms for group in (women, men)]
            rows.append((indicator_name(name, lang), unit_name(name, lang), *levels, *changes))
    for name in GAPS:
        if name in numbers.indicators:
            changes = [x for reform in numbers.reforms for x in (numbers.change(name, reform), "")]
            line = (numbers.value(name, numbers.base), "", *changes)
            rows.append((indicator_name(name, lang), unit_name(name, lang), *line))
    title = say("table_gender", lang, group=numbers.name())
    return Table("gender", title, tuple(header), tuple(rows), 2, say("table_differences", lang))


def _uncertainty(numbers: Numbers) -> Table:
    """Level and difference of the headline with every kind of error that was computed."""
    lang = numbers.lang
    kinds = (
        ("low", "high", "difference_low", "difference_high", "table_band"),
        *(
            (
                f"{part}_low",
                f"{part}_high",
                f"difference_{part}_low",
                f"difference_{part}_high",
                f"table_{part}",
            )
            for part in ("parameter", "model")
        ),
    )
    told = [kind for kind in kinds if kind[0] in numbers.rows[0]]
    rows = []
    for scenario in (numbers.base, *numbers.reforms):
        row = numbers.row(numbers.headline, scenario)
        for k, (measure, interval) in enumerate((("value", "ci95"), ("difference", "difference_ci95"))):
            if k and scenario == numbers.base:
                continue
            number = (numbers.change if k else numbers.value)(numbers.headline, scenario)
            ends = [Number(end, row["unit"], None, bool(k)) for end in row[interval]]
            ends += [
                Number(row[key], row["unit"], None, bool(k))
                for kind in told
                for key in kind[2 * k : 2 * k + 2]
            ]
            rows.append((scenario, say(measure, lang), number, *ends))
    header = [say("scenario", lang), say("suite_measure", lang), indicator_name(numbers.headline, lang)]
    for key in ("table_chance", *(kind[4] for kind in told)):
        header += [f"{say(key, lang)}: {say(end, lang).lower()}" for end in ("low", "high")]
    title = say(
        "table_uncertainty", lang, indicator=indicator_name(numbers.headline, lang), group=numbers.name()
    )
    return Table("uncertainty", title, tuple(header), tuple(rows), 2, say("table_uncertainty_note", lang))


# --------------------------------------------------------------------------- the answer in sentences


def answer(comparison: Comparison, scenario: str, lang: str = "en") -> list[str]:
    """Return what a reform does in three sentences (三句话结论): the headline, who, at what cost.

    Of the baseline there is one, its level.
    """
    numbers = Numbers(comparison, lang)
    if scenario == numbers.base:
        return [_level_sentence(numbers)]
    found = [_headline_sentence(numbers, scenario)]
    keys = {"gain": "share_gaining", "lose": "share_losing", "join": "new_joiners", "lower": "down_shifters"}
    told = {key: _with_error(numbers.value(name, scenario)) for key, name in keys.items()}
    if "" not in told.values():
        found.append(say("answer_who", lang, **told))
    costs = {"pool": "pool_balance", "worker": "present_value_paid_by_worker"}
    told = {key: _with_interval(numbers, name, scenario) for key, name in costs.items()}
    if "" not in told.values():
        found.append(say("answer_cost", lang, **told))
    return found


def _with_error(number: Number | str) -> str:
    return number.text() if isinstance(number, Number) else ""


def _level_sentence(numbers: Numbers) -> str:
    lang, row = numbers.lang, numbers.row(numbers.headline, numbers.base)
    if row["value"] is None:
        return say("answer_nothing", lang, reason=row["reason"])
    low, high = (amount(end, row["unit"], error=row["standard_error"]) for end in row["ci95"])
    told = {"indicator": indicator_name(numbers.headline, lang), "group": numbers.name(), "low": low}
    value = amount(row["value"], row["unit"], error=row["standard_error"])
    return say("answer_level", lang, scenario=numbers.base, value=value, high=high, **told)


def _headline_sentence(numbers: Numbers, scenario: str) -> str:
    lang, name = numbers.lang, numbers.headline
    before, row = numbers.row(name, numbers.base), numbers.row(name, scenario)
    if row["difference"] is None:
        return say("answer_nothing", lang, reason=row["reason"])
    low, high = row["difference_ci95"]
    told = {
        "scenario": scenario,
        "baseline": numbers.base,
        "indicator": indicator_name(name, lang),
        "group": numbers.name(),
        "value": amount(row["value"], row["unit"], error=row["standard_error"]),
        "before": amount(before["value"], row["unit"], error=before["standard_error"]),
        "change": _with_interval(numbers, name, scenario),
    }
    doubts = ""
    if low is not None and low <= 0 <= high and (low, high) != (0, 0):
        doubts += say("answer_unclear", lang)
    if row.get("difference_low") is not None:
        ends = [_change(row, key, lang) for key in ("difference_low", "difference_high")]
        doubts += say("answer_band", lang, low=ends[0], high=ends[1])
    return say("answer_headline", lang, doubts=doubts, **told)


def _with_interval(numbers: Numbers, indicator: str, scenario: str) -> str:
    row = numbers.row(indicator, scenario)
    if row is None or row["difference"] is None:
        return ""
    error = row["difference_se"]
    low, high = (amount(end, row["unit"], True, True, error) for end in row["difference_ci95"])
    change = _change(row, "difference", numbers.lang)
    return say("answer_interval", numbers.lang, change=change, low=low, high=high)


def _change(row: dict[str, Any], key: str, lang: str) -> str:
    told = amount(row[key], row["unit"], True, True, row["difference_se"])
    words = {SHARE: "answer_points", MONTHS: "answer_months", YEARS: "answer_years"}
    return say(words.get(row["unit"], "answer_yuan"), lang, change=told)
