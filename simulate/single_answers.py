"""The systems of an award that answer one question (单项核定): age, divisor, transfer, index, account.

Like those of ``determination.py`` they take the facts of a case, the law and the lines that they may add to.

>>> from simulate.law import load_law
>>> book = Book(load_law())
>>> minimum_years({"year": 2031}, book, Steps(book.law, False))
{'minimum_years': 16.0, 'minimum_months': 192}
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulate import entitlements as rules
from simulate.cases import CaseError, check_index, month_text, need, per_year
from simulate.lookup import REFERENCE_MONTH, Book, Steps, rounded
from simulate.terms import FIRST_YEAR

INDEX_RULES: dict[str, Callable] = {  # the keys are CONVENTIONS
    "gaps_excluded": rules.index_without_gaps,
    "part_years_whole": rules.index_of_whole_years,
    "gaps_at_floor": rules.index_with_gaps_at_floor,
    "diluted": rules.index_over_due_months,
    "by_month": rules.index_without_gaps,
    "by_year": rules.index_of_whole_years,
}


def account(facts: dict, book: Book, steps: Steps) -> dict:
    """Return a balance after yearly dues and interest (个人账户储存额), year by year.

    Months paid are the first ones of a year. Interest within a year follows ``account_interest_convention``:
    from the month of the credit on, or on the opening balance only. In the last year it runs for
    ``last_months``.

    References
    ----------
    人社部发〔2017〕31号; 劳办发〔1997〕116号.
    """
    province = book.place(facts["province"]).province if "province" in facts else None
    first = facts.get("first_year")
    credits = _monthly_credits(facts, first, province, book, steps)
    months = per_year(facts.get("months", 12), len(credits), "months")
    convention = facts.get("account_interest_convention")
    if convention is None:
        dated = book.dated("account_interest_convention", REFERENCE_MONTH, province)
        steps.law_value("account_interest_convention", dated)
        convention = dated.value
    rates = _crediting_rates(facts, first, len(credits), book, steps)
    balance = facts.get("opening_balance", 0.0)
    rows = []
    for y, (credit, paid, rate) in enumerate(zip(credits, months, rates, strict=True)):
        elapsed = facts.get("last_months", 12) if y == len(credits) - 1 else 12
        if paid > elapsed:
            raise CaseError("inconsistent", "months", f"{int(paid)} months in {elapsed} of the last year")
        bearing = np.full(int(paid), credit if convention == "monthly_product" else 0.0)
        interest = rules.account_interest(balance, bearing, rate, elapsed)
        balance += credit * paid + interest
        row = {
            "year": None if first is None else first + y,
            "credited": rounded(credit * paid, "fen_half_up"),
        }
        row |= {"interest": rounded(interest, "fen_half_up"), "balance": rounded(balance, "fen_half_up")}
        rows.append(row)
        formula = f"{int(paid)} × {credit:.2f}, {rate:g} a year for {elapsed} months"
        steps.add("account_balance", "个人账户储存额", formula, row["balance"])
    return {"account_balance": rounded(balance, "fen_half_up"), "years": rows}


def _monthly_credits(facts, first: int | None, province, book: Book, steps: Steps) -> list[float]:
    if "monthly_credits" in facts:
        if "bases" in facts:
            raise CaseError("inconsistent", "monthly_credits", "stands beside bases. Give one of the two")
        given = facts["monthly_credits"]
        return given if isinstance(given, list) else [given]
    if "bases" not in facts and "opening_balance" in facts and "crediting_rate" in facts:
        rates = facts["crediting_rate"]  # interest alone
        return [0.0] * (len(rates) if isinstance(rates, list) else 1)
    bases = need(facts, "bases", "give bases with first_year, or monthly_credits")
    bases = bases if isinstance(bases, list) else [bases]
    if first is None:
        raise CaseError("missing_field", "first_year", "missing: it tells the share of a base credited")
    name = "flexible_account_rate" if facts.get("flexible") else "account_rate"
    dated = [book.dated(name, 12 * (first + y - FIRST_YEAR), province) for y in range(len(bases))]
    steps.law_value(name, dated[-1])
    return [base * float(rate.value) for base, rate in zip(bases, dated, strict=True)]


def _crediting_rates(facts, first: int | None, years: int, book: Book, steps: Steps) -> list[float]:
    if "crediting_rate" in facts:
        return per_year(facts["crediting_rate"], years, "crediting_rate")
    if first is None:
        raise CaseError(
            "missing_field", "crediting_rate", "missing: give it, or first_year for the law's rates"
        )
    dated = [book.dated("crediting_rate", 12 * (first + y - FIRST_YEAR)) for y in range(years)]
    steps.law_value("crediting_rate", dated[-1])
    return [float(rate.value) for rate in dated]


def retirement_age(facts: dict, book: Book, steps: Steps) -> dict:
    """Return statutory month, age, flexible window and minimum months (法定退休年龄)."""
    birth = need(facts, "birth", "the month of birth, YYYY-MM")
    category = need(facts, "category", "male, female_55 or female_50")
    found = book.retirement(birth, category)
    if steps.wanted:
        reached = max(found.original_month, 0)
        steps.law_value(
            "original_retirement_age", book.dated("original_retirement_age", reached, category=category)
        )
        for name in ("retirement_delay_step_months", "retirement_delay_cap_months"):
            steps.law_value(name, book.dated(name, reached, category=category))
        formula = (
            f"{month_text(found.original_month)} + {found.statutory_month - found.original_month} months"
        )
        steps.add("statutory_month", "法定退休时间", formula, month_text(found.statutory_month))
        for name in ("early_claim_window_months", "late_claim_window_months", "minimum_contribution_months"):
            steps.law_value(name, book.dated(name, max(found.statutory_month, 0)))
    return {
        "statutory_month": month_text(found.statutory_month),
        "age_years": found.age_months // 12,
        "age_months": found.age_months % 12,
        "earliest_month": None if found.earliest_month is None else month_text(found.earliest_month),
        "latest_month": None if found.latest_month is None else month_text(found.latest_month),
        "minimum_months": found.minimum_months,
    }


def annuity_divisor(facts: dict, book: Book, steps: Steps) -> dict:
    """Return the divisor of an age (计发月数)."""
    age = 12 * need(facts, "age_years", "completed years of age at claim") + facts.get("age_months", 0)
    month = facts.get("claim_month", REFERENCE_MONTH)
    divisor = book.divisor(age, month)
    steps.law_value("annuity_divisors", book.dated("annuity_divisors", month))
    steps.law_value("divisor_interpolation", book.dated("divisor_interpolation", month))
    steps.add("annuity_divisor", "计发月数", f"{age // 12} years {age % 12} months", divisor)
    return {"annuity_divisor": divisor}


def minimum_years(facts: dict, book: Book, steps: Steps) -> dict:
    """Return the minimum contribution years of a year (最低缴费年限)."""
    year = need(facts, "year", "the year of retirement")
    dated = book.dated("minimum_contribution_months", 12 * (year - FIRST_YEAR))
    steps.law_value("minimum_contribution_months", dated)
    return {"minimum_years": dated.value / 12, "minimum_months": dated.value}


def transfer(facts: dict, book: Book, steps: Steps) -> dict:
    """Return the money that moves with a member (转移资金)."""
    balance = need(facts, "account_balance", "the balance of the account that moves")
    total = _sum_of_bases(facts, book)
    dated = book.dated("transfer_pool_rate", REFERENCE_MONTH)
    account, pooled = rules.transfer_amounts(balance, total, float(dated.value))
    account, pooled = rounded(account, "fen_half_up"), rounded(pooled, "fen_half_up")
    steps.add("account_transferred", "个人账户转移额", f"{balance:.2f}", account)
    formula = f"{total:.2f} × {dated.value:g}"
    steps.add("pooled_transferred", "统筹基金转移额", formula, pooled, "transfer_pool_rate", dated)
    return {"account_transferred": account, "pooled_transferred": pooled}


def _sum_of_bases(facts: dict, book: Book) -> float:
    """Return the sum of the monthly bases of all months paid. [yuan]

    One base with all months; a list of bases with a list of months of the same length; or as many bases as
    months. A base is a month's unless ``bases_period`` is "year"; without that word bases above the highest
    monthly cap there is can only be those of years.
    """
    months, bases = need(facts, "months", "months paid"), need(facts, "bases", "contribution bases")
    count = len(bases) if isinstance(bases, list) else 1
    if isinstance(months, int) and months == count and isinstance(bases, list):
        return sum(bases)
    bases = bases if isinstance(bases, list) else [bases]
    if isinstance(months, int):
        if months != 12 * count and count > 1:
            message = (
                f"{count} bases do not tell how {months} months fall on them. Give a list, one number a base"
            )
            raise CaseError("inconsistent", "months", message)
        months = [months] if count == 1 else [12] * count
    if len(months) != count:
        raise CaseError("inconsistent", "months", f"{len(months)} numbers do not fit {count} bases")
    yearly = facts.get("bases_period", "year" if max(bases) > _highest_cap(book) else "month") == "year"
    return sum(base * paid for base, paid in zip(bases, months, strict=True)) / (12 if yearly else 1)


def _highest_cap(book: Book) -> float:
    if "highest_cap" not in book.found:
        names = [p.name for p in book.law.provinces]
        caps = (book.value("reference_wage", REFERENCE_MONTH, p) for p in names)
        ratios = (book.value("base_cap_ratio", REFERENCE_MONTH, p) for p in names)
        book.found["highest_cap"] = max(wage * ratio for wage, ratio in zip(caps, ratios, strict=True))
    return book.found["highest_cap"]


def average_index(facts: dict, book: Book, steps: Steps) -> dict:
    """Return the average index of yearly bases or indices (平均缴费工资指数)."""
    province = book.place(facts["province"]).province if "province" in facts else None
    indices = _yearly_indices(facts)
    default = [12 if index > 0 else 0 for index in indices]
    months = facts.get("months", default)
    if isinstance(months, int):
        months = [months] * len(indices)
    if len(months) != len(indices):
        raise CaseError("inconsistent", "months", f"{len(months)} numbers do not fit {len(indices)} years")
    if not any(months):
        raise CaseError("out_of_range", "months", "no month was paid, so there is no average index")
    dated = book.dated("average_index_convention", REFERENCE_MONTH, province)
    convention = facts.get("convention", dated.value)
    due = facts.get("due_months", 12 * len(indices))
    floor = book.dated("base_floor_ratio", REFERENCE_MONTH, province)
    average = INDEX_RULES[convention](
        np.asarray(indices, dtype=float), np.asarray(months, dtype=float), float(due), float(floor.value)
    )
    average = round(average, facts.get("decimals", 10))
    if convention == "gaps_at_floor":
        steps.law_value("base_floor_ratio", floor)
    formula = f"{convention}: " + ", ".join(
        f"{i:.6g} ({int(m)})" for i, m in zip(indices, months, strict=True)
    )
    given = "convention" in facts
    steps.add(
        "average_contribution_index",
        "平均缴费工资指数",
        formula,
        average,
        "" if given else "average_index_convention",
        None if given else dated,
    )
    return {"average_contribution_index": average}


def _yearly_indices(facts: dict) -> list[float]:
    if "indices" in facts:
        if "bases" in facts:
            raise CaseError("inconsistent", "indices", "stands beside bases. Give one of the two")
        return facts["indices"] if isinstance(facts["indices"], list) else [facts["indices"]]
    bases = need(facts, "bases", "give bases with reference_wages, or indices")
    wages = need(facts, "reference_wages", "the average wages of the years before, one a base")
    bases = bases if isinstance(bases, list) else [bases]
    wages = per_year(wages, len(bases), "reference_wages")
    if not all(wage or not base for base, wage in zip(bases, wages, strict=True)):
        raise CaseError("out_of_range", "reference_wages", "0 is no average wage")
    indices = [base / wage if base else 0.0 for base, wage in zip(bases, wages, strict=True)]
    return [check_index(index, "bases") for index in indices]
