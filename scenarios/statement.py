"""The statement (养老金测算单): what a real person may expect, and what each choice would bring.

The person's few facts become careers and plans of the engine, one a choice (``statement_desk.py``).
Nothing is drawn: participation is the choice that is shown.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from calibration import DEFAULT_SET
from scenarios.catalogue import say
from scenarios.facts import FactsError, StatementFacts, read_facts
from scenarios.scenario import CURRENT_LAW, compile_case, load_scenario
from scenarios.statement_desk import Choice, Desk, Result
from scenarios.tables import Block
from simulate.given import (
    Given,
    given_lives,
    given_plan,
    usual_category,
)
from simulate.line_names import CLAIM_KINDS
from simulate.lines import month_text
from simulate.participation import CLAIM_EMPLOYEE, CLAIM_NONE
from simulate.strict_yaml import Fault
from simulate.terms import (
    CATEGORIES,
    FIRST_YEAR,
    FORMS,
    N_YEARS,
    PRICE_YEAR,
    SEXES,
)

if TYPE_CHECKING:
    pass

# reforms shown as choices: they reach the months of one who goes on paying
REFORMS = (
    *("carer-credits", "current-practice", "lower-floor", "lower-floor-20", "lower-floor-scaled", "no-floor"),
    *("no-floor-pro-rata", "platform-cofunding", "cofunding-passed-on", "cofunding-base"),
    *("government-match", "lower-rate"),
    *("fifteen-years-kept", "resident-to-dibao", "recommended-package"),
)
SCHEMA_VERSION = 1
ECONOMIES = ("central", "low", "high")
MORE_YEARS = range(1, 6)
SHIFT_YEARS = (-3, -2, -1, 1, 2, 3)
_LEAST_RATE, _GREATEST_RATE = -0.3, 0.5


# --------------------------------------------------------------------------- which choices


def _choices(desk: Desk, statutory: int) -> list[Choice]:
    """Every choice open to the person under current law, the usual one first, stopping second."""
    facts, today = desk.facts, desk.today
    policy, y = desk.policy, desk.today // 12
    resident_tiers = _legal_tiers(desk)
    chosen_resident = 0
    if facts.resident_tier is not None:
        chosen_resident = min(
            range(len(resident_tiers)), key=lambda k: abs(resident_tiers[k] - facts.resident_tier)
        )
    found = [
        Choice("now", facts.pays, facts.tier, resident_tier=chosen_resident),
        Choice("stop", "nothing"),
    ]
    main = _main(facts)
    if facts.pays != "employee":
        floor = policy.flexible_base_floor[desk.record_province, today]
        wage = policy.reference_wage[desk.record_province, y]
        tiers = [float(t) for t in policy.flexible_base_tiers[y] if math.isfinite(t)]
        found += [Choice("tier", "flexible", t, amount=t) for t in tiers if t * wage >= floor * 0.999]
    minimum = desk.minimum_months(statutory) - desk.given.deemed_months
    needed = max(0, math.ceil(minimum - facts.months))
    for years in (0, *MORE_YEARS):
        stop = today + needed + 12 * years
        if today < stop <= statutory:
            found.append(main._replace(group="years", stop=stop, amount=years))
    for years in SHIFT_YEARS:
        found.append(main._replace(group="claim", shift=12 * years, amount=years))
    if today < desk.pension_month:
        for k in dict.fromkeys((0, len(resident_tiers) - 1)):
            found.append(Choice("resident", "resident", resident_tier=k, amount=resident_tiers[k]))
    return found


def _legal_tiers(desk: Desk) -> list[float]:
    """Tiers of the resident scheme in today's law; dues of the years to come are on what they grow to."""
    from simulate.law import load_law

    law = load_law()
    home = law.provinces[desk.given.hukou_province].name
    return sorted(map(float, law.value("resident_tiers", f"{month_text(desk.today)}-01", home)))


def _main(facts: StatementFacts) -> Choice:
    """Contributions as now; for who pays none to the employee scheme, as if joining at the lowest base."""
    if facts.pays in ("employee", "flexible"):
        return Choice("now", facts.pays, facts.tier)
    return Choice("now", "flexible", facts.tier)


def _is_open(choice: Choice, desk: Desk, statutory: int, result: Result) -> bool:
    """Whether the law admits the month of claim that a choice names."""
    if choice.group != "claim":
        return True
    month, policy = statutory + choice.shift, desk.policy
    original = desk.given.birth + int(policy.original_age[desk.given.category])
    if choice.shift < 0:
        window = -choice.shift <= policy.early_window[month] and month >= max(original, desk.today)
    else:
        window = choice.shift <= policy.late_window[statutory]
    return bool(window) and result.kind == CLAIM_EMPLOYEE and result.claim == month


# --------------------------------------------------------------------------- the statement


def statement(
    file: str | Path | StatementFacts, fitted: str = DEFAULT_SET, reforms: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return the statement of a real person (养老金测算单): projected pension, its range, every choice.

    Parameters
    ----------
    file : path or StatementFacts
        The facts; README of `scenarios` lists them.
    fitted : str
        Fitted set, for who is covered by programmes of firms.
    reforms : sequence of str, optional
        Scenarios shown as choices; those of `REFORMS` without it.

    Returns
    -------
    dict
        JSON-ready: schema_version, facts, choices. Pensions by the month at the claim: nominal, in yuan of
        2025, and at today's wage level; low and high are over the futures of the economy, in yuan of 2025.

    Raises
    ------
    FactsError
    """
    from scenarios.inputs import check_fitted, demography

    check_fitted(fitted)
    facts = file if isinstance(file, StatementFacts) else read_facts(file)
    source = "facts" if isinstance(file, StatementFacts) else str(file)
    today = _today() if facts.today is None else facts.today
    category = usual_category(facts.sex) if facts.category is None else facts.category
    given = Given(
        *(facts.birth, facts.sex, facts.hukou_province, facts.hukou, category, facts.deemed_months),
        facts.has_platform_subsidy,
    )
    people = demography()

    def desk_of(scenario: str, economy: str) -> Desk:
        case = compile_case(load_scenario(scenario), fitted, economy)
        return Desk(facts, given, case, people, today)

    desks = {economy: desk_of(CURRENT_LAW, economy) for economy in ECONOMIES}
    central = desks["central"]
    statutory = int(given_plan(1, given, central.case).statutory[0])
    _check_times(facts, source, given, central, statutory)
    choices = _choices(central, statutory)
    results = {economy: desk.results(choices) for economy, desk in desks.items()}
    rows = [
        _row(choice, central, statutory, [results[e][k] for e in ECONOMIES], results["central"][1], people)
        for k, choice in enumerate(choices)
        if _is_open(choice, central, statutory, results["central"][k])
    ]
    for name in REFORMS if reforms is None else reforms:
        choice = _main(facts)._replace(group="reform", scenario=name)
        under = [desk_of(name, e) for e in ECONOMIES]
        pairs = [desk.results([choice, Choice("stop", "nothing", scenario=name)]) for desk in under]
        rows.append(_row(choice, under[0], statutory, [pair[0] for pair in pairs], pairs[0][1], people))
    return {
        "schema_version": SCHEMA_VERSION,
        "today": month_text(today),
        "facts": _told_facts(facts, given, central, statutory),
        "price_year": PRICE_YEAR,
        "economies": list(ECONOMIES),
        "choices": rows,
    }


def _today() -> int:
    day = date.today()
    return 12 * (day.year - FIRST_YEAR) + day.month - 1


def _told_facts(facts: StatementFacts, given: Given, desk: Desk, statutory: int) -> dict[str, Any]:
    from simulate.law import load_law

    provinces = [p.name for p in load_law().provinces]
    return {
        "birth": month_text(given.birth),
        "sex": SEXES[given.sex].name,
        "form": FORMS[facts.form].name,
        "hukou_province": provinces[given.hukou_province],
        "work_province": provinces[facts.work_province],
        "record_province": provinces[desk.record_province],
        "category": CATEGORIES[given.category].name,
        "category_is_assumed": facts.category is None and given.sex == 1,
        "index_is_assumed": facts.average_index is None and facts.months > 0,
        "pays": facts.pays,
        "months": facts.months,
        "statutory_month": month_text(statutory),
        "minimum_months": desk.minimum_months(statutory),
        "monthly_earnings": facts.monthly_earnings,
    }


def _check_times(facts: StatementFacts, source: str, given: Given, desk: Desk, statutory: int) -> None:
    faults = []
    start = int(given_lives(given).careers.start[0])
    if desk.today >= statutory:
        message = f"{month_text(desk.today)} is not before the statutory month {month_text(statutory)}. "
        faults.append(Fault("today", message + "`flexpension award` computes a pension that is due"))
    if desk.today < start:
        message = f"{month_text(desk.today)} is before the 16th birthday, {month_text(start)}"
        faults.append(Fault("today", message))
    elif desk.today - start < facts.months:
        message = f"{facts.months} do not fit between {month_text(start)} and {month_text(desk.today)}"
        faults.append(Fault("months", message))
    if facts.pays == "employee" and facts.form > 1:
        faults.append(Fault("pays", f"employee does not fit form {FORMS[facts.form].name}"))
    if faults:
        raise FactsError(source, faults)


def _row(
    choice: Choice, desk: Desk, statutory: int, results: list[Result], stopped: Result, demography
) -> dict[str, Any]:
    """A choice as told: the central economy, with the range of the pension over all of them."""
    central = results[0]
    policy, y = desk.policy, min(central.claim // 12, N_YEARS - 1)
    real = [r.real_pension for r in results]
    wages = policy.wage_index
    place = desk.record_province
    return {
        "group": choice.group,
        "pays": choice.pays,
        "scenario": choice.scenario,
        "amount": choice.amount,
        "monthly_cost": central.monthly_cost,
        "monthly_passed_on": desk.mean_passed_on(statutory),
        "share_of_earnings": desk.share_of_earnings(choice, statutory),
        "claim_month": month_text(central.claim) if central.kind != CLAIM_NONE else None,
        "claim_kind": CLAIM_KINDS[central.kind].name,
        "monthly_pension": {
            "nominal": central.monthly_pension,
            "real": real[0],
            "wage_terms": central.monthly_pension * float(wages[desk.today // 12] / wages[y]),
            "share_of_average_wage": central.monthly_pension / float(policy.reference_wage[place, y]),
            "low": min(real),
            "high": max(real),
        },
        "floor_pension": central.floor_pension,
        "refund": central.refund,
        "own_payments": float(central.paid.sum()),
        "break_even_age": _break_even_age(desk, central, stopped),
        "rate_of_return": _rate_of_return(desk, central, stopped, demography),
    }


def _break_even_age(desk: Desk, result: Result, stopped: Result) -> float | None:
    """Age at which the pensions gained over stopping today exceed the payments made for them (回本年龄).

    In yuan of 2025, for who lives to see it; None where that age is beyond any life or nothing is paid.
    """
    gained = np.cumsum(result.pension - stopped.pension)
    cost = (result.paid - stopped.paid).sum()
    if cost <= 0.0:
        return None
    behind = np.nonzero(gained < cost)[0]
    k = 0 if behind.size == 0 else int(behind[-1]) + 1
    if k >= len(gained):
        return None
    before = gained[k - 1] if k > 0 else 0.0
    year = desk.today // 12 + k + (cost - before) / (gained[k] - before)
    return float(year - desk.given.birth / 12.0)


def _rate_of_return(desk: Desk, result: Result, stopped: Result, demography) -> float | None:
    """Real yearly return on what is paid beyond stopping today (实际收益率), survival and heirs counted."""
    from scipy.optimize import brentq

    flows = _expected_flows(desk, result, stopped, demography)
    if not (flows < -1e-9).any() or not (flows > 1e-9).any():
        return None
    times = np.arange(len(flows)) + 0.5

    def value(rate: float) -> float:
        return float((flows / (1.0 + rate) ** times).sum())

    if value(_LEAST_RATE) * value(_GREATEST_RATE) > 0.0:
        return None
    return float(brentq(value, _LEAST_RATE, _GREATEST_RATE, xtol=1e-10))


def _expected_flows(desk: Desk, result: Result, stopped: Result, demography) -> np.ndarray:
    """What a choice brings beyond stopping today, by year, weighted by the chance to live to see it."""
    deaths = demography.death_probability[desk.given.sex]
    living, dying = result.pension - result.paid, result.balance - stopped.balance
    living = living - (stopped.pension - stopped.paid)
    flows, alive = np.zeros(len(living)), 1.0
    for k in range(len(flows)):
        y = desk.today // 12 + k
        age = min(max(0, y - desk.given.birth // 12), deaths.shape[1] - 1)
        death = float(deaths[min(y, N_YEARS - 1), age])
        flows[k] = alive * (1.0 - death / 2.0) * living[k] + alive * death * dying[k]
        alive *= 1.0 - death
    return flows


# --------------------------------------------------------------------------- telling


def choice_name(row: dict[str, Any], lang: str = "en") -> str:
    """Return the name of a choice in the reader's words (选择的名称)."""
    group, amount = row["group"], row["amount"]
    if group == "reform":
        scenario = load_scenario(row["scenario"])
        return scenario.title_zh if lang == "zh" else scenario.title
    if group == "tier":
        return say("choice_tier", lang, percent=f"{100 * amount:.0f}")
    if group == "years":
        return say("choice_years", lang, years=f"{amount:.0f}") if amount else say("choice_minimum", lang)
    if group == "claim":
        years = f"{abs(amount):.0f}"
        return say("choice_earlier" if amount < 0 else "choice_later", lang, years=years)
    if group == "resident":
        return say("choice_resident", lang, yuan=f"{amount:,.0f}")
    return say(f"choice_{group}_{row['pays']}" if group == "now" else "choice_stop", lang)


def _money(amount: float) -> str:
    return f"{amount:z,.0f}"


def _rate(row: dict[str, Any]) -> str:
    return "–" if row["rate_of_return"] is None else f"{100 * row['rate_of_return']:.1f} %"


def _age(row: dict[str, Any]) -> str:
    return "–" if row["break_even_age"] is None else f"{row['break_even_age']:.1f}"


def sentence(row: dict[str, Any], lang: str = "en") -> str:
    """Return a choice in one or two plain sentences (一句话说明)."""
    pension = row["monthly_pension"]
    paid = say("words_paid", lang, cost=_money(row["monthly_cost"]), own=_money(row["own_payments"]))
    if row["own_payments"] <= 0:
        paid = say("words_nothing", lang)
    if row["claim_kind"] == "none":
        brings = say("words_refund", lang, refund=_money(row["refund"]))
    else:
        brings = say(
            "words_pension", lang, month=row["claim_month"], real=_money(pension["real"]),
            low=_money(pension["low"]), high=_money(pension["high"]), wage=_money(pension["wage_terms"]),
        )  # fmt: skip
    found = [paid, brings]
    if row["monthly_passed_on"] > 0:
        found.insert(1, say("words_passed_on", lang, amount=_money(row["monthly_passed_on"])))
    if row["share_of_earnings"] is not None:
        found.insert(1, say("words_share", lang, share=f"{100 * row['share_of_earnings']:.0f}"))
    if row["floor_pension"] > 0:
        found.append(say("words_floor", lang, floor=_money(row["floor_pension"])))
    if row["break_even_age"] is not None:
        found.append(say("words_back", lang, age=_age(row)))
    if row["rate_of_return"] is not None:
        found.append(say("words_return", lang, rate=f"{100 * row['rate_of_return']:.1f}"))
    return ("" if lang == "zh" else " ").join(found)


def blocks(told: dict[str, Any], lang: str = "en") -> list[Block]:
    """Return the table of choices, a block a kind of choice (选择表)."""
    columns = ("real", "range", "wage", "cost", "own", "from", "break_even", "return")
    header = ("", *(say(f"statement_{key}", lang) for key in columns))
    found = []
    for group in dict.fromkeys(row["group"] for row in told["choices"]):
        rows = [row for row in told["choices"] if row["group"] == group]
        if group == "stop":
            continue
        if group == "now":
            rows = [row for row in told["choices"] if row["group"] in ("now", "stop")]
        cells = tuple(_cells(row, lang) for row in rows)
        found.append(Block(say(f"statement_{group}", lang), header, cells))
    return found


def _cells(row: dict[str, Any], lang: str) -> tuple[str, ...]:
    pension = row["monthly_pension"]
    has_pension = row["claim_kind"] != "none"
    return (
        choice_name(row, lang),
        _money(pension["real"]) if has_pension else say("statement_no_pension", lang),
        f"{_money(pension['low'])} – {_money(pension['high'])}" if has_pension else "–",
        _money(pension["wage_terms"]) if has_pension else "–",
        _money(row["monthly_cost"]),
        _money(row["own_payments"]),
        row["claim_month"] or "–",
        _age(row),
        _rate(row),
    )


def _paragraphs(told: dict[str, Any], lang: str) -> list[str]:
    facts = told["facts"]
    usual, stop = told["choices"][0], told["choices"][1]
    lead = say(
        "statement_lead", lang, today=told["today"], months=facts["months"],
        minimum=f"{facts['minimum_months']:.0f}", statutory=facts["statutory_month"],
    )  # fmt: skip
    found = [lead, f"{choice_name(usual, lang)}: {sentence(usual, lang)}"]
    if facts["pays"] != "nothing":
        found.append(f"{choice_name(stop, lang)}: {sentence(stop, lang)}")
    return found


def _notes(told: dict[str, Any], lang: str) -> list[str]:
    facts = told["facts"]
    keys = ["statement_note_money", "statement_note_range", "statement_note_return", "statement_note_later"]
    keys += ["statement_note_category"] if facts["category_is_assumed"] else []
    keys += ["statement_note_index"] if facts["index_is_assumed"] else []
    return [say(key, lang) for key in (*keys, "statement_note_promise")]


def to_json(told: dict[str, Any]) -> str:
    """Return a statement as JSON (JSON); the README of this folder has every key."""
    return json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1)


def printed(told: dict[str, Any], lang: str = "en") -> list:
    """Return a statement for the terminal (终端)."""
    from rich.text import Text

    from scenarios.tables import rich_table

    lead = [Text(paragraph) for paragraph in _paragraphs(told, lang)]
    return [*lead, *(rich_table(block) for block in blocks(told, lang)), *map(Text, _notes(told, lang))]


def page(told: dict[str, Any], lang: str = "en") -> str:
    """Return a statement as one HTML page for a phone (手机网页): cards, sentences, then the tables."""
    from scenarios.report import render_page

    usual = told["choices"][0]
    pension = usual["monthly_pension"]
    band = f"{_money(pension['low'])} – {_money(pension['high'])}"
    cards = [
        (say("statement_real", lang), _money(pension["real"]), band),
        (say("statement_wage", lang), _money(pension["wage_terms"]), ""),
        (say("statement_from", lang), usual["claim_month"] or "–", ""),
        (say("statement_cost", lang), _money(usual["monthly_cost"]), ""),
    ]
    words = Block(
        say("statement_words", lang),
        ("", ""),
        tuple((choice_name(row, lang), sentence(row, lang)) for row in told["choices"]),
        2,
    )
    return render_page(
        "person.html.j2",
        lang,
        title=say("statement_title", lang),
        paragraphs=_paragraphs(told, lang),
        cards=cards,
        blocks=[*blocks(told, lang), words],
        notes=_notes(told, lang),
    )
