"""What is open to a person at a turn of life (选择与特殊待遇): five further systems of an award.

The flexible window, a record that is too short, two schemes at once, death, lost capacity to work. Pensions
are those of ``determination.py``, put side by side. Where law of a later year is not known yet the last known
base, wage and rate are held and the answer says so.

>>> from simulate.law import load_law
>>> book = Book(load_law())
>>> facts = {"monthly_income": 3915.5, "contribution_months": 180}
>>> survivor(facts, book, Steps(book.law, False))["total"]
43070.5
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np

from simulate import entitlements as rules
from simulate.cases import CaseError, month_text, need
from simulate.determination import category_of, employee, resident, retirement_steps
from simulate.lookup import REFERENCE_MONTH, Book, Place, Retirement, Steps, month_index, rounded
from simulate.terms import FIRST_YEAR

_PARTS = ("basic_pension", "account_pension", "transitional_pension")
_AWARD = (*_PARTS, "local_supplements", "monthly_pension")


class _Record(NamedTuple):
    """A record of contributions at some month (缴费记录); ``cost`` is what was paid on the way there."""

    months: int
    index: float
    balance: float
    cost: float = 0.0


# --------------------------------------------------------------------------- what the systems share


def _retirement_of(facts: dict, book: Book, steps: Steps, notes: list[str]) -> tuple[int, Retirement]:
    birth = need(facts, "birth", "the month of birth, YYYY-MM")
    category = category_of(facts, REFERENCE_MONTH, book, steps, notes)
    if category is None:
        raise CaseError("missing_field", "category", "missing: male, female_55 or female_50")
    retirement = book.retirement(birth, category)
    retirement_steps(retirement, category, book, steps)
    return birth, retirement


def _record_of(facts: dict) -> _Record:
    return _Record(
        need(facts, "contribution_months", "paid and deemed months together"),
        need(facts, "average_contribution_index", "the average index of these months"),
        need(facts, "account_balance", "the balance of the account"),
    )


def _bases(facts: dict, month: int, book: Book, notes: list[str]) -> dict[str, float]:
    """Return the bases of a month as fields of a case, the last known ones where the year has none yet."""
    if "benefit_base" in facts:
        return {name: facts[name] for name in ("benefit_base", "indexed_base") if name in facts}
    place = book.place(need(facts, "province", "give it, or benefit_base"))
    known = book.dated("benefit_base", month, place.province).effective.year
    flat, indexed = book.bases(place, min(month, month_index(date(known, 12, 1))))
    if flat is None or indexed is None:
        message = f"missing: none of {facts['province']} is known for {FIRST_YEAR + month // 12}"
        raise CaseError("missing_field", "benefit_base", message)
    if known < FIRST_YEAR + month // 12 or flat.flag == "estimated":
        _tell(notes, "bases, wages and rates of years that are not known yet are estimates or the last known")
    return {"benefit_base": float(flat.value), "indexed_base": float(indexed.value)}


def _tell(notes: list[str], note: str) -> None:
    if note not in notes:
        notes.append(note)


def _pay_on(
    record: _Record, months: int, start: int, index: float, as_flexible: bool, place: Place, facts, book: Book
) -> _Record:
    """Return the record after so many further months from ``start`` on at an index (继续缴费).

    Year by year, interest within a year by the place's convention; without an index only interest is added.
    """
    balance, cost, month = record.balance, record.cost, start
    account, dues = (
        ("flexible_account_rate", "flexible_rate") if as_flexible else ("account_rate", "employee_rate")
    )
    while month < start + months:
        span = min(12 - month % 12, start + months - month)
        rate = facts.get("crediting_rate", float(book.value("crediting_rate", month)))
        credit = 0.0
        if index:
            base = index * float(book.value("reference_wage", month, place.province))
            credit = base * float(book.value(account, month, place.province))
            cost += span * base * float(book.value(dues, month, place.province))
        convention = book.value("account_interest_convention", month, place.province)
        bearing = np.full(span, credit if convention == "monthly_product" else 0.0)
        balance += span * credit + rules.account_interest(balance, bearing, rate, span)
        month += span
    if not index:
        return record._replace(balance=balance)
    paid = record.months + months
    mean = rules.average_contribution_index(record.months * record.index + months * index, paid)
    return _Record(paid, mean, balance, cost)


def _pension(facts: dict, record: _Record, birth: int, claim: int, book: Book, notes: list[str]) -> dict:
    """Return the employee pension of a record claimed in a month, without its eligibility (待遇测算)."""
    kept = ("province", "deemed_months", "transition_index", "transition_coefficient")
    kept += ("transition_paid_months", "transition_paid_index")
    case = {name: facts[name] for name in kept if name in facts}
    case |= {"birth": birth, "claim_month": claim, "contribution_months": record.months}
    case |= {"average_contribution_index": record.index, "account_balance": record.balance}
    found = employee(case | _bases(facts, claim, book, notes), book, Steps(book.law, False))
    for note in found.get("notes", ()):
        _tell(notes, note)
    return found


def _future_index(facts: dict, month: int, place: Place, book: Book) -> float:
    """Return the index of further dues: the one given, else the floor of the base."""
    return facts.get("future_index", float(book.value("base_floor_ratio", month, place.province)))


def _resident_pension(
    facts: dict, balance: float, months: int, claim: int, book: Book, notes: list[str]
) -> dict:
    """Return the pension of the resident scheme after all months of both schemes (转入居民养老保险待遇)."""
    case = {"account_balance": balance, "years": months // 12, "claim_month": claim}
    if "resident_basic_pension" in facts:
        case["basic_pension"] = facts["resident_basic_pension"]
    if "province" in facts:
        case["province"] = facts["province"]
    elif "basic_pension" not in case:
        raise CaseError(
            "missing_field", "resident_basic_pension", "missing: give it, or province of the hukou"
        )
    known = book.dated("resident_basic_pension", claim).effective.year
    if known < FIRST_YEAR + claim // 12 and "basic_pension" not in case:
        _tell(notes, "the resident basic pension of a later year is not known: the last known is held")
    return resident(case, book, Steps(book.law, False))


def _waiting(balance: float, months: int, start: int, facts: dict, place: Place, book: Book) -> float:
    """Return a balance after months without dues at the resident scheme's rate."""
    month = start
    while month < start + months:
        span = min(12, start + months - month)
        rate = float(book.value("resident_crediting_rate", month, place.province))
        balance += rules.account_interest(balance, np.zeros(span), rate, span)
        month += span
    return balance


def _with_notes(answer: dict, notes: list[str]) -> dict:
    return answer | {"notes": notes} if notes else answer


# --------------------------------------------------------------------------- the flexible window


def flexible_retirement(facts: dict, book: Book, steps: Steps) -> dict:
    """Return the pension at each month of the flexible window (弹性退休测算).

    The record is that of ``as_of`` (the earliest month without it) and grows until the claim by dues at
    ``future_index`` (the average index without it; 0: no more dues). Early claims need the minimum months of
    their own year, late ones those of the statutory year.

    References
    ----------
    人社部发〔2024〕94号.
    """
    notes: list[str] = []
    birth, retirement = _retirement_of(facts, book, steps, notes)
    statutory = retirement.statutory_month
    earliest = statutory if retirement.earliest_month is None else retirement.earliest_month
    latest = statutory if retirement.latest_month is None else retirement.latest_month
    place = book.place(need(facts, "province", "whose wages and bases hold"))
    record, as_of = _record_of(facts), facts.get("as_of", earliest)
    if as_of > latest:
        message = f"{month_text(as_of)} lies after the latest month, {month_text(latest)}"
        raise CaseError("out_of_range", "as_of", message)
    index = facts.get("future_index", record.index)
    every = facts.get("every_months", 12)
    months = {earliest, statutory, latest}
    months.update(range(statutory, earliest, -every), range(statutory, latest, every))
    rows = []
    for claim in sorted(m for m in months if m >= max(as_of, earliest)):
        grown = _pay_on(record, claim - as_of, as_of, index, facts.get("flexible", False), place, facts, book)
        found = _pension(facts, grown, birth, claim, book, notes)
        minimum = book.value("minimum_contribution_months", max(min(claim, statutory), 0))
        good = grown.months >= minimum
        age = claim - birth
        rows.append(
            {
                "claim_month": month_text(claim),
                "kind": "statutory" if claim == statutory else "early" if claim < statutory else "late",
                "age_years": age // 12,
                "age_months": age % 12,
                "minimum_months": minimum,
                "contribution_months": grown.months,
                "eligible": good,
                "average_contribution_index": round(grown.index, 4),
                "account_balance": rounded(grown.balance, "fen_half_up"),
                "annuity_divisor": found["annuity_divisor"],
                **{part: found[part] for part in _AWARD},
                "monthly_pension": found["monthly_pension"] if good else None,
            }
        )
        formula = f"{month_text(claim)}: " + " + ".join(f"{found[part]:.2f}" for part in _PARTS)
        steps.add("monthly_pension", "月基本养老金", formula, rows[-1]["monthly_pension"])
    if steps.wanted:
        for name in ("early_claim_window_months", "late_claim_window_months", "minimum_contribution_months"):
            steps.law_value(name, book.dated(name, max(statutory, 0)))
    answer = {
        "statutory_month": month_text(statutory),
        "earliest_month": month_text(earliest),
        "latest_month": month_text(latest),
        "choices": rows,
    }
    return _with_notes(answer, notes)


# --------------------------------------------------------------------------- a record that is too short


def short_career(facts: dict, book: Book, steps: Steps) -> dict:
    """Return the ways open to who reaches the age below the minimum, side by side (不足最低缴费年限的选择).

    Pay on month by month; after some years of that pay the rest at once, for early members; move to the
    resident scheme; take the account and leave. The default is paying on where that takes no longer than
    ``extension_limit_months``, else the resident scheme.

    References
    ----------
    社会保险法, 16; 人社部令第13号, 2-3; 人社部发〔2014〕17号.
    """
    notes: list[str] = []
    birth, retirement = _retirement_of(facts, book, steps, notes)
    start = facts.get("claim_month", retirement.statutory_month)
    if start < retirement.statutory_month:
        message = f"before the statutory month, {month_text(retirement.statutory_month)}"
        raise CaseError("out_of_range", "claim_month", message)
    record, minimum = _record_of(facts), retirement.minimum_months
    missing = max(0, minimum - record.months)
    limit = book.dated("extension_limit_months", start)
    if steps.wanted:
        steps.law_value(
            "minimum_contribution_months",
            book.dated("minimum_contribution_months", max(retirement.statutory_month, 0)),
        )
        steps.law_value("extension_limit_months", limit)
    options = [_paying_on(facts, record, birth, start, missing, missing, book, notes)]
    if missing:
        options += [
            _paying_at_once(facts, record, birth, start, missing, limit.value, book, steps, notes),
            _moving_down(facts, record, birth, start, book, steps, notes),
            _leaving(record, start, book, steps),
        ]
    for option in options:
        amount = option["one_off_amount"] if option["monthly_pension"] is None else option["monthly_pension"]
        months, cost = option["months_to_pay"], option["cost"]
        formula = f"{option['option']}: {months} months to pay, {cost:.2f} yuan"
        steps.add("option", option["name_zh"], formula, amount)
    answer = {
        "statutory_month": month_text(retirement.statutory_month),
        "minimum_months": minimum,
        "missing_months": missing,
        "default_option": "pay_on" if missing <= limit.value else "resident",
        "options": options,
    }
    return _with_notes(answer, notes)


def _option(name: str, name_zh: str, **known) -> dict:
    blank = {"start_month": None, "months_to_pay": 0, "cost": 0.0, "monthly_pension": None}
    return {"option": name, "name_zh": name_zh, "allowed": None, "why": ""} | blank | {
        "one_off_amount": None
    } | known  # fmt: skip


def _paying_on(facts, record, birth, start, missing, monthly, book: Book, notes: list[str]) -> dict:
    """Pay ``monthly`` months one by one and the rest of the missing ones in the month of the claim."""
    place = book.place(need(facts, "province", "whose wages, bases and rates hold"))
    index = _future_index(facts, start, place, book)
    grown = _pay_on(record, monthly, start, index, True, place, facts, book)
    claim, rest = start + monthly, missing - monthly
    if rest:
        base = index * float(book.value("reference_wage", claim, place.province))
        grown = _Record(
            grown.months + rest,
            rules.average_contribution_index(grown.months * grown.index + rest * index, grown.months + rest),
            grown.balance + rest * base * float(book.value("flexible_account_rate", claim, place.province)),
            grown.cost + rest * base * float(book.value("flexible_rate", claim, place.province)),
        )
    known = {
        "start_month": month_text(claim),
        "months_to_pay": missing,
        "cost": rounded(grown.cost, "fen_half_up"),
    }
    try:
        found = _pension(facts, grown, birth, claim, book, notes)
    except CaseError as error:
        if error.code != "out_of_range":
            raise
        # the minimum would be reached beyond the table of divisors: no way open, the others are
        return _option("pay_on", "延长缴费", **known, allowed=False, why=str(error))
    return _option("pay_on", "延长缴费", **known, allowed=True, **{part: found[part] for part in _AWARD})


def _paying_at_once(facts, record, birth, start, missing, limit, book: Book, steps, notes) -> dict:
    cutoff = book.dated("one_off_payment_cutoff", start)
    steps.law_value("one_off_payment_cutoff", cutoff)
    name = {"option": "pay_at_once", "name_zh": "一次性缴费"}
    found = _paying_on(facts, record, birth, start, missing, min(missing, limit), book, notes) | name
    if not found["allowed"]:
        return found
    if "first_insured" not in facts:
        why = f"open to who was insured before {cutoff.value}: give first_insured"
        return found | {"allowed": None, "why": why}
    early = month_text(facts["first_insured"]) < cutoff.value
    if missing <= limit:
        why = f"the rest is paid monthly within {limit} months"
        return found | {"allowed": False, "why": why}
    why = f"{limit} months monthly, the rest at once" if early else f"not insured before {cutoff.value}"
    return found | {"allowed": early, "why": why}


def _moving_down(facts, record: _Record, birth, start, book: Book, steps: Steps, notes) -> dict:
    place = book.place(facts["province"]) if "province" in facts else Place(None)
    age = book.dated("resident_pension_age_months", start)
    needed = book.dated("resident_minimum_months", start)
    for parameter, dated in (("resident_pension_age_months", age), ("resident_minimum_months", needed)):
        steps.law_value(parameter, dated)
    claim = max(start, birth + age.value)
    months = record.months + facts.get("resident_months", 0)
    balance = record.balance + facts.get("resident_balance", 0.0)
    balance = _waiting(balance, claim - start, start, facts, place, book)
    lacking, cost, why, allowed = max(0, needed.value - months), 0.0, "", True
    if lacking:
        back = book.dated("resident_back_payment", claim)
        steps.law_value("resident_back_payment", back)
        allowed = back.value
        tiers = book.dated("resident_tiers", claim, place.province)
        steps.law_value("resident_tiers", tiers)
        years = -(-lacking // 12)
        cost = float(years * tiers.value[0])
        why = f"{years} years short of the resident scheme's minimum, filled at once at its lowest tier"
    found = _resident_pension(facts, rounded(balance + cost, "fen_half_up"), months, claim, book, notes)
    return _option(
        "resident",
        "转入城乡居民养老保险",
        allowed=allowed,
        why=why,
        start_month=month_text(claim),
        months_to_pay=lacking,
        cost=cost,
        monthly_pension=found["monthly_pension"],
        basic_pension=found["basic_pension"],
        account_pension=found["account_pension"],
    )


def _leaving(record: _Record, start: int, book: Book, steps: Steps) -> dict:
    allowed = book.dated("account_refund", start)
    steps.law_value("account_refund", allowed)
    return _option(
        "refund",
        "终止关系并一次性领取个人账户",
        allowed=allowed.value,
        why=f"on written request; ends the relation ({allowed.flag})",
        start_month=month_text(start),
        one_off_amount=rounded(record.balance, "fen_half_up"),
    )


# --------------------------------------------------------------------------- two schemes


def bridging(facts: dict, book: Book, steps: Steps) -> dict:
    """Return how the records of both schemes are joined at the statutory age (城乡养老保险制度衔接).

    From the minimum on the resident account moves into the employee scheme and resident months do not count;
    below it the employee account moves into the resident scheme and employee months do count. Months in both
    count in the employee scheme only; what was paid for them in the other is refunded.

    References
    ----------
    人社部发〔2014〕17号.
    """
    notes: list[str] = []
    birth, retirement = _retirement_of(facts, book, steps, notes)
    claim = facts.get("claim_month", retirement.statutory_month)
    if claim < retirement.statutory_month:
        message = (
            f"before the statutory month, {month_text(retirement.statutory_month)}: nothing is joined yet"
        )
        raise CaseError("out_of_range", "claim_month", message)
    months = need(facts, "contribution_months", "months in the employee scheme")
    balance = need(facts, "account_balance", "the balance of the employee account")
    resident_months, overlap = facts.get("resident_months", 0), facts.get("overlap_months", 0)
    if overlap > min(months, resident_months):
        message = f"{overlap} months in both schemes are more than the {min(months, resident_months)} in one"
        raise CaseError("inconsistent", "overlap_months", message)
    refund = facts.get("overlap_contributions", 0.0)
    resident_balance = need(facts, "resident_balance", "the balance of the resident account")
    if refund > resident_balance:
        message = f"{refund:.2f} to refund is more than the balance, {resident_balance:.2f}"
        raise CaseError("inconsistent", "overlap_contributions", message)
    minimum = _bridging_minimum(facts, claim, retirement, book, steps)
    joined = round(balance + resident_balance - refund, 2)
    steps.add("refund", "重复缴费退还", f"{overlap} months in both schemes", refund)
    steps.add(
        "account_balance", "合并后个人账户", f"{balance:.2f} + {resident_balance:.2f} - {refund:.2f}", joined
    )
    answer = {"minimum_months": minimum, "refund": refund}
    if "drawn_basic_pension" in facts:
        answer["repayment"] = facts["drawn_basic_pension"]
    if months >= minimum:
        answer |= {"direction": "to_employee", "counted_months": months, "account_balance": joined}
        if "average_contribution_index" in facts:
            record = _Record(months, facts["average_contribution_index"], joined)
            found = _pension(facts, record, birth, claim, book, notes)
            answer |= {"start_month": month_text(claim)} | {part: found[part] for part in _AWARD}
    else:
        place = book.place(facts["province"]) if "province" in facts else Place(None)
        counted = months + resident_months - overlap
        age = book.dated("resident_pension_age_months", claim)
        steps.law_value("resident_pension_age_months", age)
        start = max(claim, birth + age.value)
        grown = rounded(_waiting(joined, start - claim, claim, facts, place, book), "fen_half_up")
        found = _resident_pension(facts, grown, counted, start, book, notes)
        answer |= {"direction": "to_resident", "counted_months": counted, "account_balance": joined}
        answer |= {"start_month": month_text(start)}
        answer |= {name: value for name, value in found.items() if name != "account_balance"}
        lacking = book.value("resident_minimum_months", start) - counted
        if lacking > 0:
            _tell(notes, f"{lacking} months short of the minimum of the resident scheme: to be paid there")
    steps.add("monthly_pension", "月养老金", answer["direction"], answer.get("monthly_pension"))
    return _with_notes(answer, notes)


def _bridging_minimum(facts, claim: int, retirement: Retirement, book: Book, steps: Steps) -> int:
    rule = book.dated("bridging_minimum_months", claim)
    steps.law_value("bridging_minimum_months", rule)
    fixed = facts.get("bridging_minimum", rule.value) == "fixed"
    name = "fixed_bridging_minimum_months" if fixed else "minimum_contribution_months"
    dated = book.dated(name, max(min(claim, retirement.statutory_month), 0))
    steps.law_value(name, dated)
    return dated.value


# --------------------------------------------------------------------------- death


def survivor(facts: dict, book: Book, steps: Steps) -> dict:
    """Return what is paid at the death of a member or pensioner (遗属待遇): funeral, survivors, account.

    ``pension_months`` makes the dead a pensioner. The income that measures the grants is that of the province
    in the year before the death.

    References
    ----------
    人社部发〔2021〕18号.
    """
    notes: list[str] = []
    month = facts.get("death_month", REFERENCE_MONTH)
    months = need(facts, "contribution_months", "paid and deemed months together")
    if "monthly_income" in facts:
        income = facts["monthly_income"]
        steps.given("monthly_income", "上年度城镇居民月人均可支配收入", income)
    else:
        place = book.place(need(facts, "province", "give it, or monthly_income"))
        dated = book.dated("survivor_income", month, place.province)
        steps.law_value("survivor_income", dated)
        income = float(dated.value)
        if dated.flag == "estimated":
            notes.append("the income of the province in that year is an estimate: give monthly_income")
    funeral, table = book.dated("funeral_grant_months", month), book.dated("survivor_grant", month)
    floor = book.dated("survivor_grant_floor_months", month)
    pension_years = facts["pension_months"] / 12 if "pension_months" in facts else -1.0
    by_years = rules.survivor_months_by_years(np.asarray(table.value, dtype=float))
    grant_months = rules.survivor_months(months / 12, pension_years, by_years, float(floor.value))
    funeral_grant = rounded(funeral.value * income, "fen_half_up")
    grant = rounded(grant_months * income, "fen_half_up")
    steps.add("funeral_grant", "丧葬补助金", f"{funeral.value:g} × {income:g}", funeral_grant,
              "funeral_grant_months", funeral)  # fmt: skip
    formula = f"{grant_months:g} × {income:g}"
    steps.add("survivor_grant", "抚恤金", formula, grant, "survivor_grant", table)
    cap = book.dated("survivor_grant_cap_months", month)
    if pension_years < 0 and months <= cap.value:
        steps.law_value("survivor_grant_cap_months", cap)
        if "own_contributions" in facts:
            grant = min(grant, facts["own_contributions"])
            steps.add("survivor_grant", "抚恤金", f"at most {facts['own_contributions']:.2f} paid in", grant)
        else:
            notes.append(
                f"up to {cap.value} contribution months own contributions may cap the survivor grant "
                f"({cap.flag}): give own_contributions"
            )
    inherited = facts.get("account_balance", 0.0)
    total = round(funeral_grant + grant + inherited, 2)
    steps.add("total", "合计", f"{funeral_grant:.2f} + {grant:.2f} + {inherited:.2f}", total)
    answer = {
        "monthly_income": income,
        "funeral_months": funeral.value,
        "funeral_grant": funeral_grant,
        "survivor_months": grant_months,
        "survivor_grant": grant,
        "account_inherited": inherited,
        "total": total,
    }
    return _with_notes(answer, notes)


# --------------------------------------------------------------------------- lost capacity to work


def disability(facts: dict, book: Book, steps: Steps) -> dict:
    """Return the allowance of who lost the capacity to work before the statutory age (病残津贴).

    ``full``: minimum reached and near the age, the whole formula, never recomputed. ``basic``: minimum
    reached and farther away, the basic pension, recomputed when the age is near. ``short``: below the
    minimum, the basic pension for some months.

    References
    ----------
    人社部发〔2024〕72号.
    """
    notes: list[str] = []
    birth, retirement = _retirement_of(facts, book, steps, notes)
    claim = need(facts, "claim_month", "the month of the award")
    statutory = retirement.statutory_month
    if claim >= statutory:
        message = f"the statutory age is reached in {month_text(statutory)}: ask for system employee"
        raise CaseError("out_of_range", "claim_month", message)
    near = book.dated("disability_full_formula_months", claim)
    minimum = book.dated("minimum_contribution_months", max(claim, 0))
    months = need(facts, "contribution_months", "paid and deemed months together")
    index = need(facts, "average_contribution_index", "the average index of these months")
    steps.law_value("minimum_contribution_months", minimum)
    steps.law_value("disability_full_formula_months", near)
    kind = "short" if months < minimum.value else "full" if statutory - claim <= near.value else "basic"
    duration = None
    bases = _bases(facts, claim, book, notes)
    if kind == "full":
        record = _Record(months, index, need(facts, "account_balance", "the whole formula needs it"))
        found = _pension(facts, record, birth, claim, book, notes)
    else:
        case = {"contribution_months": months, "average_contribution_index": index, "claim_month": claim}
        case |= {"province": facts["province"]} if "province" in facts else {}
        found = employee(case | bases, book, Steps(book.law, False))
        found |= {"account_pension": None, "transitional_pension": None}
    if kind == "short":
        names = ("disability_short_months", "disability_short_years", "disability_extra_months_per_year")
        dated = [book.dated(name, claim) for name in names]
        for name, value in zip(names, dated, strict=True):
            steps.law_value(name, value)
        duration = rules.disability_months(months / 12, *(value.value for value in dated))
    allowance = found["monthly_pension"] if kind == "full" else found["basic_pension"]
    steps.add("monthly_allowance", "病残津贴", kind, allowance)
    answer = {
        "kind": kind,
        "statutory_month": month_text(statutory),
        "minimum_months": minimum.value,
        "monthly_allowance": allowance,
        **{part: found[part] for part in _PARTS},
        "local_supplements": found["local_supplements"] if kind == "full" else [],
        "duration_months": duration,
        "recomputed_month": month_text(statutory - near.value) if kind == "basic" else None,
    }
    return _with_notes(answer, notes)
