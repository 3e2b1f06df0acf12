"""The ledger of one person, told (个人账本的呈现): which person under which scenario, as text, JSON and page.

What it says is computed in `simulate.explain`.
"""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calibration import DEFAULT_SET
from scenarios.catalogue import say
from scenarios.facts import FactsError, RecordFile, read_record
from scenarios.rights import rights_block
from scenarios.scenario import CURRENT_LAW, Scenario, ScenarioError, compile_case, load_scenario
from scenarios.tables import Block, csv_table
from simulate.strict_yaml import Fault

if TYPE_CHECKING:
    from simulate.run import Case, Course, Lives

LAST_PERSON = 1_000_000_000
_BIG = 1000.0  # amounts from here on are written to the fen
LINE_COLUMNS = (
    *("name", "name_zh", "year", "value", "unit", "formula", "inputs"),
    *("parameter", "effective", "act", "article", "flag"),
)
PAYERS = ("worker", "employer", "platform", "consumer", "government")


# --------------------------------------------------------------------------- which ledger


def ledger(
    scenario: str | Scenario,
    person: int | None = None,
    against: str | Scenario | None = None,
    seed: int = 1,
    record: str | Path | None = None,
    economy: str = "central",
    behaviour: str = "threshold",
    fitted: str = DEFAULT_SET,
) -> dict[str, Any]:
    """Return the ledger of a drawn person or of a given record under a scenario (个人账本).

    Parameters
    ----------
    scenario, against : name, file, combination or Scenario
        The scenario, and another one to tell the differences to. Lives are drawn from `against`, without it
        from current law, so that person K is the one whom `compare` with that baseline counts.
    person : int, optional
        Number of the drawn person, from 0 on.
    record : path, optional
        A contribution record instead of a drawn person.

    Raises
    ------
    ScenarioError, FactsError
        Bad names, numbers or files.

    Examples
    --------
    >>> ledger("current-law", person=3)["facts"]["sex"] in ("male", "female")
    True
    """
    from scenarios.inputs import demography
    from scenarios.options import check_options
    from simulate.explain import explain, explain_against
    from simulate.transfer_lines import transfer_lines

    if (person is None) == (record is None):
        raise ScenarioError(
            "explain", [Fault("", "names no person, or two. Give --person K or --record FILE")]
        )
    if person is not None and not 0 <= person <= LAST_PERSON:
        raise ScenarioError("", [Fault("person", f"{person} is no whole number from 0 to {LAST_PERSON}")])
    check_options(1, seed, economy, behaviour, fitted, None)
    chosen = [_scenario(scenario)] + ([_scenario(against)] if against is not None else [])
    lead = chosen[-1] if against is not None else load_scenario(CURRENT_LAW)
    cases = [compile_case(s, fitted, economy, behaviour) for s in chosen]
    lead_case = cases[-1] if against is not None else compile_case(lead, fitted, economy, behaviour)
    if behaviour == "static":
        cases = [case._replace(decision_policy=lead_case.policy) for case in cases]
    people = demography()
    if record is None:
        found = [_drawn(person, seed, lead_case, case, people) for case in cases]
        used_seed = seed
    else:
        given = read_record(record)
        found = [_given(given, case, people, str(record)) for case in cases]
        used_seed = None
    lives = found[0][0]
    sides = [
        (case, course, s.compile_law()) for case, (_, course), s in zip(cases, found, chosen, strict=True)
    ]
    told = (
        explain_against(lives, 0, *sides, seed=used_seed)
        if against is not None
        else explain(lives, 0, *sides[0], seed=used_seed)
    )
    told["transfers"] = transfer_lines(lives, 0, *sides[0])
    if record is not None:
        told["person"] = None
    return told


def _scenario(argument: str | Scenario) -> Scenario:
    return argument if isinstance(argument, Scenario) else load_scenario(argument)


def _drawn(person: int, seed: int, lead: Case, case: Case, demography) -> tuple[Lives, Course]:
    from simulate.run import Population, follow, live

    lives = live(Population(seed=seed), person, 1, lead, demography)
    return lives, follow(lives, case, demography)


def _given(record: RecordFile, case: Case, demography, source: str) -> tuple[Lives, Course]:
    """Lay a record into the engine's arrays; what does not fit into a career is told, all at once."""
    from simulate.given import (
        Given,
        PaidMonth,
        claim_at,
        follow_plan,
        given_lives,
        given_plan,
        lay_month,
        lay_resident_year,
        usual_category,
    )
    from simulate.lines import month_text
    from simulate.run import prepare
    from simulate.terms import FIRST_YEAR, FORMAL_EMPLOYEE, OTHER_FLEXIBLE, ROUTE_EMPLOYEE, ROUTE_FLEXIBLE

    category = usual_category(record.sex) if record.category is None else record.category
    facts = Given(
        record.birth, record.sex, record.hukou_province, record.hukou, category, record.deemed_months
    )
    lives, plan = given_lives(facts), given_plan(1, facts, case)
    policy = prepare(case).policy
    first = int(lives.careers.start[0])
    end = first + int(lives.careers.length[0])
    claim = int(plan.statutory[0]) if record.claim_month is None else record.claim_month
    faults, taken = [], {}
    statutory = int(plan.statutory[0])
    original = facts.birth + int(policy.original_age[category])
    earliest = max(statutory - int(policy.early_window[statutory]), original)
    latest = statutory + int(policy.late_window[statutory] + policy.extension_limit[statutory // 12])
    if not earliest <= claim <= latest:
        allowed = f"{month_text(earliest)} to {month_text(latest)}"
        faults.append(Fault("claim_month", f"{month_text(claim)} is outside {allowed}"))
    for number, row in enumerate(record.record, 1):
        place = record.hukou_province if row.province is None else row.province
        begin = row.month if row.month is not None else 12 * (row.year - FIRST_YEAR)
        months = range(begin, begin + (1 if row.month is not None else row.months))
        wrong = next((m for m in months if not first <= m < min(end, claim)), None)
        twice = next((m for m in months if m in taken), None)
        if wrong is not None:
            allowed = f"{month_text(first)} to {month_text(min(end, claim) - 1)}"
            faults.append(Fault(f"record.{number}", f"{month_text(wrong)} is outside the career, {allowed}"))
            continue
        if twice is not None:
            message = f"{month_text(twice)} stands in row {taken[twice]} already. A month counts once"
            faults.append(Fault(f"record.{number}", message))
            continue
        taken |= dict.fromkeys(months, number)
        if row.route == "resident":
            lay_resident_year(lives.careers, plan, 0, months, row.base, row.subsidy)
            continue
        is_employee = row.route == "employee"
        form = row.form if row.form is not None else (FORMAL_EMPLOYEE if is_employee else OTHER_FLEXIBLE)
        route = ROUTE_EMPLOYEE if is_employee else ROUTE_FLEXIBLE
        for m in months:
            paid = PaidMonth(m, place, row.base, route, form, row.earnings or row.base)
            lay_month(lives.careers, plan, 0, policy, paid)
    if faults:
        raise FactsError(source, faults)
    claim_at(lives.careers, plan, 0, facts, policy, claim)
    return lives, follow_plan(lives, plan, case, demography)


# --------------------------------------------------------------------------- tables


def _word(term: str | None, lang: str) -> str:
    """A code's name for readers: English words, or the Chinese of the coded terms."""
    from simulate import terms

    if term is None:
        return ""
    if lang == "en":
        return term.replace("_", " ")
    tables = (
        *(terms.FORMS, terms.ROUTES, terms.REASONS, terms.PAYERS, terms.SEXES, terms.HUKOU),
        *(terms.CATEGORIES, terms.OCCUPATIONS),
    )
    return next((t.name_zh for table in tables for t in table if t.name == term), term)


def _place(name: str | None, lang: str) -> str:
    from simulate.law import load_law

    if name is None or lang == "en":
        return name or ""
    return next((p.name_zh for p in load_law().provinces if p.name == name), name)


def yuan(amount: float | None, decimals: int = 2) -> str:
    """Return an amount as readers write it (金额).

    >>> yuan(12345.678), yuan(None)
    ('12,345.68', '')
    """
    return "" if amount is None else f"{amount:z,.{decimals}f}"


def blocks(told: dict[str, Any], lang: str = "en") -> list[Block]:
    """Return the tables of a ledger (账本表格): spells, account by year, lines, and what differs."""
    found = [_facts_block(told, lang), _spells_block(told["months"], lang), _account_block(told, lang)]
    found += [_index_block(told["lines"], lang), _lines_block(told["lines"], lang)]
    if "against" in told:
        found[1:] = [*_against_blocks(told, lang)]
    else:
        found.append(rights_block(told["transfers"], lang))
    return [block for block in found if block.rows]


def _facts_block(told: dict, lang: str) -> Block:
    from simulate.line_names import CLAIM_KINDS

    facts, claim, totals = told["facts"], told["claim"], told["totals"]
    where = _place(claim["province"], lang) if claim["month"] else ""
    kind = next(term for term in CLAIM_KINDS if term.name == claim["kind"])
    told_claim = (claim["month"], kind.name_zh if lang == "zh" else f"{kind.name} scheme", where)
    rows = [
        ("birth", facts["birth"]),
        ("sex", _word(facts["sex"], lang)),
        ("hukou", f"{_place(facts['hukou_province'], lang)}, {_word(facts['hukou'], lang)}"),
        ("category", _word(facts["category"], lang)),
        ("statutory_month", facts["statutory_month"]),
        ("claim", " ".join(part for part in told_claim if part)),
        ("contribution_months", yuan(totals["contribution_months"] + facts["deemed_months"], 0)),
        ("resident_months", yuan(totals["resident_months"], 0)),
        ("pension_at_claim", yuan(totals["pension_at_claim"])),
        ("pension_at_65", yuan(totals["pension_at_65"])),
    ]
    if "career" in told:
        name = told["title_zh" if lang == "zh" else "title"]
    elif told["person"] is None:
        name = say("given_record", lang)
    else:
        name = say("person_number", lang, person=told["person"])
    title = f"{name} · {told['scenario']}"
    return Block(title, ("", ""), tuple((say(f"ledger_{key}", lang), value) for key, value in rows), 2)


def spells(months: list[dict]) -> list[dict]:
    """Return months merged into spells (合并为时段): same form, place, route and reason, one after the other.

    >>> spells([])
    []
    """
    kept = ("form", "occupation", "place", "record_province", "route", "reason")
    found = []
    for _, group in itertools.groupby(months, key=lambda month: tuple(month[key] for key in kept)):
        part = list(group)
        bases = [month["base"] + month["credit_base"] for month in part]
        paid = {payer: sum(month["paid_by"][payer] for month in part) for payer in PAYERS}
        found.append(
            {key: part[0][key] for key in kept}
            | {"from": part[0]["month"], "to": part[-1]["month"], "months": len(part)}
            | {"earnings": sum(month["earnings"] for month in part) / len(part)}
            | {"lowest_base": min(bases), "highest_base": max(bases), "paid_by": paid}
            | {"credited": sum(month["credited"]["account"] for month in part)}
        )
    return found


def _spells_block(months: list[dict], lang: str) -> Block:
    header = ("from", "to", "form", "place", "route", "base", "paid", "to_account")
    rows = []
    for spell in spells(months):
        form = _word(spell["occupation"], lang) if spell["occupation"] else _word(spell["form"], lang)
        if spell["occupation"]:
            form = f"{_word(spell['form'], lang)}: {form}"
        route = _word(spell["route"], lang)
        if spell["route"] not in ("employee", "flexible"):
            route = f"{route}: {_word(spell['reason'], lang)}"
        low, high = yuan(spell["lowest_base"], 0), yuan(spell["highest_base"], 0)
        base = "" if spell["highest_base"] == 0 else (low if low == high else f"{low} – {high}")
        payers = [f"{_word(p, lang)} {yuan(v, 0)}" for p, v in spell["paid_by"].items() if v > 0]
        place = _place(spell["place"], lang)
        if spell["record_province"] and spell["record_province"] != spell["place"]:
            place = f"{place} → {_place(spell['record_province'], lang)}"
        credited = yuan(spell["credited"], 0) if spell["credited"] else ""
        rows.append((spell["from"], spell["to"], form, place, route, base, ", ".join(payers), credited))
    return Block(say("ledger_months", lang), _header(header, lang), tuple(rows), 5)


def _account_block(told: dict, lang: str) -> Block:
    rows = []
    for year in told["years"]:
        resident = year["resident_account"]
        paid = resident["paid_by_worker"] + resident["paid_by_government"]
        if not any((year["closing"], year["credits"], paid, resident["closing"])):
            continue
        rows.append(
            (
                str(year["year"]),
                *(yuan(year[key]) for key in ("opening", "credits")),
                str(year["interest_months"]),
                yuan(year["credit_months"]),
                f"{100 * year['rate']:.6g} %",
                *(yuan(year[key]) for key in ("interest", "closing")),
                *(
                    (yuan(paid), yuan(resident["interest"]), yuan(resident["closing"]))
                    if resident["closing"]
                    else ("", "", "")
                ),
            )
        )
    header = ("year", "opening", "credits", "interest_months", "credit_months", "rate", "interest", "closing")
    header += ("resident_credits", "resident_interest", "resident_closing")
    return Block(say("ledger_account", lang), _header(header, lang), tuple(rows))


def _index_block(lines: list[dict], lang: str) -> Block:
    rows = [
        (
            str(line["year"]),
            *(yuan(line["inputs"][key]) for key in ("bases", "reference_wage")),
            f"{line['value']:.6f}",
        )
        for line in lines
        if line["name"] == "yearly_index"
    ]
    header = ("year", "bases", "reference_wage", "yearly_index")
    return Block(say("ledger_indices", lang), _header(header, lang), tuple(rows))


def _header(keys: tuple[str, ...], lang: str) -> tuple[str, ...]:
    return tuple(say(f"ledger_{key}", lang) for key in keys)


def _value(value: Any, unit: str, lang: str) -> str:
    if isinstance(value, str):
        return _place(value, lang) if unit == "province" else value
    if value is None:
        return ""
    if unit == "months":
        return f"{value:,.10g}" if value == int(value) else f"{value:,.1f}"
    return f"{value:.4f}" if unit in ("index", "1/year", "years") else yuan(value)


def _formula(line: dict, lang: str) -> str:
    """The formula of a line and the numbers that enter it, in the reader's words."""
    from simulate.line_names import INPUTS

    def name_of(word: str) -> str:
        return INPUTS.get(word, word) if lang == "zh" else word.replace("_", " ")

    formula = re.sub(r"[a-z]+(?:_[a-z0-9]+)*", lambda found: name_of(found[0]), line["formula"])
    numbers = ", ".join(f"{name_of(key)} {_input(key, value, lang)}" for key, value in line["inputs"].items())
    return " | ".join(part for part in (formula, numbers) if part)


def _input(key: str, value: Any, lang: str) -> str:
    """A number with the digits that its formula needs, so that the value can be worked out again."""
    if isinstance(value, dict):
        return "; ".join(f"{_place(place, lang)} {number:g}" for place, number in value.items())
    if value is None or isinstance(value, str):
        return _place(value, lang) if key.endswith("_province") else str(value or "")
    return f"{value:,.2f}" if abs(value) >= _BIG else f"{value:,.8g}"


def line_name(line: dict, lang: str) -> str:
    """Return the name of a line, with its year where many lines are alike (步骤名称)."""
    name = line["name_zh"] if lang == "zh" else line["name"].replace("_", " ")
    return name if line["year"] is None else f"{name} {line['year']}"


def _lines_block(lines: list[dict], lang: str) -> Block:
    from simulate.line_names import YEARLY_LINES

    rows = []
    for line in lines:
        if line["name"] in YEARLY_LINES:  # the tables by year have them
            continue
        name = line_name(line, lang)
        article = " ".join(part for part in (line["act"], line["article"]) if part)
        since = line["effective"] or ""
        flag = say(f"flag_{line['flag']}", lang) if line["flag"] else ""
        value = _value(line["value"], line["unit"], lang)
        rows.append((name, value, _formula(line, lang), line["parameter"] or "", since, article, flag))
    header = ("line", "value", "formula", "parameter", "effective", "article", "flag")
    return Block(say("ledger_lines", lang), _header(header, lang), tuple(rows), len(header))


def _against_blocks(told: dict, lang: str) -> list[Block]:
    other = told["against"]
    names = (told["scenario"], other["scenario"])
    gap = other["pension_at_65"]
    factors = [
        (part["name_zh"] if lang == "zh" else part["name"].replace("_", " "), f"{part['amount']:+z,.2f}")
        for part in other["factors"]
    ]
    total = (say("ledger_pension_at_65", lang), f"{gap['difference']:+z,.2f}")
    title = say("ledger_gap", lang, scenario=names[0], against=names[1])
    yield Block(title, (say("ledger_factor", lang), say("ledger_amount", lang)), (*factors, total))
    rows = [
        (
            line["name_zh"] if lang == "zh" else line["name"].replace("_", " "),
            "" if line["year"] is None else str(line["year"]),
            *(_value(line[side], line["unit"], lang) for side in ("scenario", "against")),
            " ".join(part for part in (line["act"], line["article"]) if part),
        )
        for line in other["lines"]
    ]
    header = (say("ledger_line", lang), say("ledger_year", lang), *names, say("ledger_article", lang))
    yield Block(say("ledger_lines_apart", lang), header, tuple(rows), 2)
    yield _months_apart_block(other["months"], names, lang)


def _months_apart_block(months: list[dict], names: tuple[str, str], lang: str) -> Block:
    """Months that differ, merged where the same words differ one after the other."""

    def words(month: dict, side: str) -> str:
        found = month[side]
        told = [_word(found[key], lang) for key in ("route", "reason") if found.get(key)]
        return ", ".join(told)

    def key(month: dict) -> tuple:
        return tuple(sorted(month["scenario"])), words(month, "scenario"), words(month, "against")

    rows = []
    for (_, mine, theirs), group in itertools.groupby(months, key=key):
        part = list(group)
        bases = [
            sum((month[side].get("base") or 0.0) for month in part) / len(part)
            for side in ("scenario", "against")
        ]
        paid = [
            sum((month[side].get("paid_by") or {}).get("worker", 0.0) for month in part)
            for side in ("scenario", "against")
        ]
        rows.append(
            (
                part[0]["month"],
                part[-1]["month"],
                mine,
                theirs,
                *(yuan(n, 0) if n else "" for n in (*bases, *paid)),
            )
        )
    header = (
        *(say(f"ledger_{word}", lang) for word in ("from", "to")),
        *names,
        *(f"{say('ledger_base', lang)}: {name}" for name in names),
        *(f"{say('ledger_worker_paid', lang)}: {name}" for name in names),
    )
    return Block(say("ledger_months_apart", lang), header, tuple(rows), 4)


# --------------------------------------------------------------------------- three ways of telling


def to_json(told: dict[str, Any]) -> str:
    """Return a ledger as JSON (JSON); the README of this folder has every key."""
    return json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1)


def to_csv(told: dict[str, Any]) -> str:
    """Return the lines of a ledger as a table, those that differ where there are two (CSV)."""
    columns = LINE_COLUMNS
    lines = told["lines"]
    if "against" in told:
        columns = ("name", "name_zh", "year", "scenario", "against", "unit", "parameter", "act", "article")
        lines = told["against"]["lines"]
    return csv_table(columns, lines)


def printed(told: dict[str, Any], lang: str = "en") -> list:
    """Return a ledger as tables for the terminal (终端表格)."""
    from scenarios.tables import rich_table

    return [rich_table(block) for block in blocks(told, lang)]


def page(told: dict[str, Any], lang: str = "en") -> str:
    """Return a ledger as one HTML page (网页)."""
    from scenarios.report import render_page

    return render_page(
        "person.html.j2",
        lang,
        title=say("ledger_title", lang),
        paragraphs=[],
        cards=[],
        blocks=blocks(told, lang),
        notes=[say("ledger_note", lang)],
    )
