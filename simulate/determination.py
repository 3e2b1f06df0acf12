"""The two schemes of an award (两项制度的核定): what a checked case amounts to under the law.

Each function takes the facts of a case, the :class:`~simulate.lookup.Book` of the law and the lines that it
may add to, and returns the answer. Formulas are those of ``entitlements.py``, numbers those of the law; what
differs by province is a dated value of that province, never a branch here. Systems that answer one question
stand in ``single_answers.py``.

>>> from simulate.law import load_law
>>> book = Book(load_law())
>>> facts = {"account_balance": 13900.0, "basic_pension": 200.0}
>>> resident(facts, book, Steps(book.law, False))["monthly_pension"]
300.0
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simulate import entitlements as rules
from simulate.cases import CaseError, month_text, need, per_year
from simulate.law_values import DatedValue
from simulate.lookup import REFERENCE_MONTH, Book, Place, Retirement, Steps, rounded
from simulate.terms import CATEGORIES, FIRST_YEAR, SEXES

YEARS_RULES: dict[str, Callable] = {  # the keys are the choices of years_convention
    "twelfths": rules.years_in_twelfths,
    "two_decimals": rules.years_to_two_decimals,
    "up": rules.years_rounded_up,
    "rounded_month": rules.years_by_rounded_month,
}


# --------------------------------------------------------------------------- the employee scheme


class EmployeeRules(NamedTuple):
    """The rules that an award follows in a place and month (计发规则); fields are named as parameters."""

    accrual_rate: DatedValue
    indexed_half_weight: DatedValue
    low_index_threshold: DatedValue
    years_convention: DatedValue
    amount_rounding: DatedValue
    rounding_level: DatedValue
    deemed_index: DatedValue
    transition_index_rule: DatedValue
    transition_index_floor: DatedValue
    transition_coefficient: DatedValue
    transition_coefficient_by_years: DatedValue
    transition_base_half: DatedValue
    city_base_halves: DatedValue
    extra_accrual_bands: DatedValue
    extra_accrual_basis: DatedValue
    fixed_supplement: DatedValue
    early_cohort_supplement: DatedValue
    unknown_supplement: DatedValue


class _Career(NamedTuple):
    """What a record counts for, in years by the convention of the place (缴费年限)."""

    years: float
    paid_years: float
    deemed_years: float
    transition_paid_years: float


class _Bases(NamedTuple):
    flat: float
    indexed: float


def employee(facts: dict, book: Book, steps: Steps) -> dict:
    """Return eligibility and monthly pension of the employee scheme with all its parts (企业职工养老金)."""
    notes: list[str] = []
    birth, claim, age = _dates(facts)
    month = REFERENCE_MONTH if claim is None else claim
    place = book.place(facts["province"]) if "province" in facts else Place(None)
    law = book.rules(EmployeeRules, month, place.province)
    career = _career(facts, law, steps)
    eligible, reason = _eligibility(facts, birth, claim, book, steps, notes)
    divisor = _employee_divisor(facts, age, month, book, steps)
    bases = _benefit_bases(facts, claim, place, law, book, steps, notes)
    rounding = facts.get("rounding", law.amount_rounding.value)
    lacking = _lacking(facts, career, bases, claim, place, divisor)
    basic, account = None, None
    if career is not None and bases is not None and "average_contribution_index" in facts:
        basic = _basic_pension(facts, career, bases, law, rounding, steps)
    if divisor is not None and "account_balance" in facts:
        account = _account_pension(facts, divisor, law, rounding, steps)
    if lacking and basic is None and account is None and eligible is None:
        raise lacking[0]
    notes += [f"{error.field} {error}" for error in lacking]
    transitional = _transitional_pension(facts, career, bases, law, rounding, steps, notes)
    supplements = _supplements(facts, career, bases, law, place, steps, notes)
    parts = [basic, account, transitional, *(amount for _, _, amount, _ in supplements)]
    pension = None
    if eligible is not False and None not in parts:
        if facts.get("rounding_level", law.rounding_level.value) == "total":
            pension = rounded(sum(parts), rounding)
        else:
            pension = round(sum(rounded(part, rounding) for part in parts), 2)
        if steps.wanted:
            steps.law_value("amount_rounding", law.amount_rounding)
            formula = " + ".join(f"{rounded(part, rounding):.2f}" for part in parts)
            steps.add("monthly_pension", "月基本养老金", formula, pension)
    answer = {
        "eligible": eligible,
        "reason": reason,
        "contribution_years": None if career is None else career.years,
        "annuity_divisor": divisor,
        "basic_pension": None if basic is None else rounded(basic, rounding),
        "account_pension": None if account is None else rounded(account, rounding),
        "transitional_pension": None if transitional is None else rounded(transitional, rounding),
        "local_supplements": [
            {"name": name, "name_zh": name_zh, "amount": rounded(amount, rounding), "flag": flag}
            for name, name_zh, amount, flag in supplements
        ],
        "monthly_pension": pension,
    }
    if notes:
        answer["notes"] = notes
    return answer


def _dates(facts: dict) -> tuple[int | None, int | None, int | None]:
    """Return birth, month of claim and age at claim in months, each from the other two where it can."""
    birth, claim = facts.get("birth"), facts.get("claim_month")
    if "age_months" in facts and "age_years" not in facts and "annuity_divisor" not in facts:
        raise CaseError("missing_field", "age_years", "missing: age_months stands beside it")
    age = 12 * facts["age_years"] + facts.get("age_months", 0) if "age_years" in facts else None
    if birth is not None and claim is not None:
        computed = claim - birth
        if computed < 0:
            message = f"the claim in {month_text(claim)} lies before the birth in {month_text(birth)}"
            raise CaseError("inconsistent", "claim_month", message)
        if age is not None and "age_months" not in facts and age <= computed < age + 12:
            age = computed  # completed years alone leave the months to the dates
        if age is not None and abs(age - computed) > 1:
            message = (
                f"{age // 12} years {age % 12} months do not fit birth and claim_month: {computed} months"
            )
            raise CaseError("inconsistent", "age_years", message)
        age = computed if age is None else age
    elif age is not None and claim is not None:
        birth = claim - age
    elif age is not None and birth is not None:
        claim = birth + age
    return birth, claim, age


def category_of(facts: dict, month: int, book: Book, steps: Steps, notes: list[str]) -> str | None:
    """Return the category of retirement (退休类别); that of women insured as flexible workers is assumed."""
    sex, category = facts.get("sex"), facts.get("category")
    male = CATEGORIES[0].name
    if category is not None:
        if sex is not None and (sex == SEXES[0].name) != (category == male):
            raise CaseError("inconsistent", "category", f"{category} does not fit sex {sex}")
        return category
    if sex == SEXES[0].name:
        return male
    if sex is not None and facts.get("flexible"):
        assumed = book.dated("flexible_women_category", month)
        steps.law_value("flexible_women_category", assumed)
        notes.append(
            f"category {assumed.value} assumed for a woman insured as a flexible worker ({assumed.note})"
        )
        return assumed.value
    return None


def retirement_steps(retirement: Retirement, category: str, book: Book, steps: Steps) -> None:
    """Add the lines of the statutory month (法定退休时间)."""
    if not steps.wanted:
        return
    reached = max(retirement.original_month, 0)
    dated = book.dated("original_retirement_age", reached, category=category)
    steps.law_value("original_retirement_age", dated)
    delay = retirement.statutory_month - retirement.original_month
    dated = book.dated("retirement_delay_step_months", reached, category=category)
    formula = f"{month_text(retirement.original_month)} + {delay} months of delay"
    text = month_text(retirement.statutory_month)
    steps.add("statutory_month", "法定退休时间", formula, text, "retirement_delay_step_months", dated)


def _eligibility(facts, birth, claim, book: Book, steps: Steps, notes: list[str]) -> tuple[bool | None, str]:
    category = category_of(facts, REFERENCE_MONTH if claim is None else claim, book, steps, notes)
    if birth is None or claim is None or category is None:
        return None, "facts_missing"
    retirement = book.retirement(birth, category)
    retirement_steps(retirement, category, book, steps)
    statutory = retirement.statutory_month
    earliest = statutory if retirement.earliest_month is None else retirement.earliest_month
    if facts.get("special_trade"):
        dated = book.dated("special_trade_age_months", claim, category=category)
        steps.law_value("special_trade_age_months", dated)
        earliest = min(earliest, birth + dated.value)
    if claim < earliest:
        return False, "below_statutory_age"
    minimum = book.dated("minimum_contribution_months", max(min(claim, statutory), 0))
    steps.law_value("minimum_contribution_months", minimum)
    if "contribution_months" not in facts:
        return None, "facts_missing"
    if facts["contribution_months"] < minimum.value:
        return False, "below_minimum_months"
    if claim == statutory:
        return True, "eligible"
    if claim > statutory:
        return True, "eligible_late"
    return True, "eligible_special_trade" if facts.get("special_trade") else "eligible_early"


def _career(facts: dict, law: EmployeeRules, steps: Steps) -> _Career | None:
    """Return the years of a record; years printed on a form stand for the months it does not print."""
    for years, months in (("contribution_years", "contribution_months"), ("deemed_years", "deemed_months")):
        if years in facts and abs(facts[years] - facts.get(months, 12 * facts[years]) / 12) >= 1:
            message = f"{facts[years]:g} years do not fit {facts[months]} {months}"
            raise CaseError("inconsistent", years, message)
        if years in facts:
            facts.setdefault(months, round(12 * facts[years]))
    if "contribution_months" not in facts:
        return None
    months, deemed = facts["contribution_months"], facts.get("deemed_months", 0)
    if deemed > months:
        message = f"{deemed} deemed months are more than the {months} in all"
        raise CaseError("inconsistent", "deemed_months", message)
    paid = facts.get("transition_paid_months", 0)
    if paid > months - deemed:
        message = f"{paid} paid months of the transition are more than the {months - deemed} paid in all"
        raise CaseError("inconsistent", "transition_paid_months", message)
    convention = facts.get("years_convention", law.years_convention.value)
    count = YEARS_RULES[convention]
    years = facts.get("contribution_years", count(months))
    deemed_years = facts.get("deemed_years", count(deemed))
    if steps.wanted:
        if "contribution_years" in facts:
            steps.given("contribution_years", "缴费年限", years)
        else:
            cited = ("", None) if "years_convention" in facts else ("years_convention", law.years_convention)
            steps.add("contribution_years", "缴费年限", f"{months} / 12, {convention}", years, *cited)
    return _Career(years, years - deemed_years, deemed_years, count(paid))


def _employee_divisor(facts, age, month, book: Book, steps: Steps) -> float | None:
    if age is not None:
        # an impossible age is told even where the divisor is given
        from_age = book.divisor(age, month, "age_years" if "age_years" in facts else "birth")
    if "annuity_divisor" in facts:
        steps.given("annuity_divisor", "计发月数", facts["annuity_divisor"])
        return facts["annuity_divisor"]
    if age is None:
        return None
    if steps.wanted:
        dated = book.dated("annuity_divisors", month)
        formula = f"{age // 12} years {age % 12} months, {book.value('divisor_interpolation', month)}"
        steps.add("annuity_divisor", "计发月数", formula, from_age, "annuity_divisors", dated)
    return from_age


def _benefit_bases(
    facts, claim, place: Place, law: EmployeeRules, book: Book, steps: Steps, notes
) -> _Bases | None:
    """Return the bases of flat and indexed half; None where neither the case nor the law has them."""
    given = facts.get("benefit_base")
    if given is not None:
        steps.given("benefit_base", "计发基数", given)
        indexed = facts.get("indexed_base", given)
        if indexed != given:
            steps.given("indexed_base", "指数化部分计发基数", indexed)
        return _Bases(given, indexed)
    if claim is None or place.province is None:
        return None
    flat, indexed = book.bases(place, claim)
    where, year = facts["province"], FIRST_YEAR + claim // 12
    if flat is None or (indexed is None and "indexed_base" not in facts):
        notes.append(f"no benefit base of {where} is known for {year}: give benefit_base")
        return None
    steps.law_value("benefit_base", flat)
    if flat.flag == "estimated":
        notes.append(
            f"the benefit base of {where} for {year}, {flat.value:g}, is an estimate: "
            "give benefit_base where it is known"
        )
    if "indexed_base" in facts:
        steps.given("indexed_base", "指数化部分计发基数", facts["indexed_base"])
    elif indexed.value != flat.value:
        steps.law_value("indexed_benefit_base", indexed)
    elif law.city_base_halves.value == "indexed" and not place.city:
        notes.append(
            f"{where} takes the base of the city for the indexed half; that of the province stands for it: "
            "give indexed_base where known"
        )
    elif place.city == "":
        notes.append(
            f"no benefit base of its own is known for {where}; that of {place.province} stands for it: "
            "give benefit_base where it differs"
        )
    return _Bases(float(flat.value), float(facts.get("indexed_base", indexed.value if indexed else 0)))


def _lacking(facts, career, bases, claim, place: Place, divisor) -> list[CaseError]:
    """Return what a part is short of; it hinders the other parts and the eligibility not at all."""

    def missing(field: str, message: str) -> CaseError:
        return CaseError("missing_field", field, f"missing: {message}")

    found = []
    of_months = ("average_contribution_index", "deemed_months", "transition_paid_months")
    if career is None and any(field in facts for field in of_months):
        found.append(missing("contribution_months", "paid and deemed months together"))
    elif career is None and "account_balance" not in facts:
        message = "give it with average_contribution_index, or account_balance, or both"
        found.append(missing("contribution_months", message))
    if career is not None and "average_contribution_index" not in facts:
        message = "the basic pension needs it beside contribution_months"
        found.append(missing("average_contribution_index", message))
    elif career is not None and bases is None and (claim is None or place.province is None):
        found.append(missing("benefit_base", "give it, or province and claim_month"))
    if "account_balance" in facts and divisor is None:
        found.append(missing("annuity_divisor", "give it, or age_years, or birth and claim_month"))
    return found


def _basic_pension(facts, career, bases, law: EmployeeRules, rounding: str, steps) -> float:
    index = facts["average_contribution_index"]
    rate, weight = float(law.accrual_rate.value), float(law.indexed_half_weight.value)
    threshold = float(law.low_index_threshold.value)
    amount = rules.basic_pension(bases.flat, bases.indexed, index, career.years, rate, weight, threshold)
    if steps.wanted:
        factor = ""
        if index < threshold:
            steps.law_value("low_index_threshold", law.low_index_threshold)
            factor = f" × {index:g} / {threshold:g}"
        halves = f"{bases.flat:g} × {1 - weight:g}{factor} + {bases.indexed:g} × {index:g} × {weight:g}"
        formula = f"({halves}) × {career.years:.6g} × {rate:g}"
        basic = rounded(amount, rounding)
        steps.add("basic_pension", "基础养老金", formula, basic, "accrual_rate", law.accrual_rate)
    return amount


def _account_pension(facts, divisor, law: EmployeeRules, rounding: str, steps: Steps) -> float:
    balance = facts["account_balance"]
    amount = rules.account_pension(balance, divisor)
    if steps.wanted:
        # the article of the basic pension rules the account pension too
        formula, value = f"{balance:.2f} / {divisor:g}", rounded(amount, rounding)
        steps.add("account_pension", "个人账户养老金", formula, value, "", law.accrual_rate)
    return amount


def _transitional_pension(
    facts, career: _Career | None, bases, law: EmployeeRules, rounding: str, steps: Steps, notes
) -> float | None:
    """Return the part for years before the accounts: deemed ones at their index, paid ones at their own."""
    transition = ("transition_index", "transition_coefficient", "transition_paid_index")
    if "deemed_months" not in facts and "transition_paid_months" not in facts:
        for field in transition:
            if field in facts:
                notes.append(f"deemed_months missing: {field} stands beside it")
                return None
    if career is None:
        return None if facts.get("deemed_months") or facts.get("transition_paid_months") else 0.0
    if not career.deemed_years + career.transition_paid_years:
        return 0.0
    if bases is None:
        return None
    if "average_contribution_index" not in facts:
        by_average = law.transition_index_rule.value != "fixed" and "transition_index" not in facts
        if (career.deemed_years and by_average) or (
            career.transition_paid_years and "transition_paid_index" not in facts
        ):
            return None
    base = bases.indexed if law.transition_base_half.value == "indexed" else bases.flat
    index, paid_index = _transition_indices(facts, career, law, steps, notes)
    coefficient, cited = _transition_coefficient(facts, career, law)
    amount = rules.transitional_pension(base, index, career.deemed_years, coefficient)
    amount += rules.transitional_pension(base, paid_index, career.transition_paid_years, coefficient)
    if steps.wanted:
        service = f"{index:g} × {career.deemed_years:.6g}"
        if career.transition_paid_years:
            service = f"({service} + {paid_index:g} × {career.transition_paid_years:.6g})"
        formula, value = f"{base:g} × {service} × {coefficient:g}", rounded(amount, rounding)
        steps.add("transitional_pension", "过渡性养老金", formula, value, *cited)
    return amount


def _transition_indices(
    facts, career: _Career, law: EmployeeRules, steps: Steps, notes: list[str]
) -> tuple[float, float]:
    average = facts.get("average_contribution_index", float(law.deemed_index.value))
    by_rule = {
        "fixed": float(law.deemed_index.value),
        "average": average,
        "mean_with_one": (1 + average) / 2,
    }[law.transition_index_rule.value]
    index = facts.get("transition_index", by_rule)
    paid_index = facts.get("transition_paid_index", average)
    if "transition_index" not in facts and career.deemed_years:
        steps.law_value("transition_index_rule", law.transition_index_rule)
        if law.transition_index_rule.value == "fixed":
            steps.law_value("deemed_index", law.deemed_index)
    floor = float(law.transition_index_floor.value)
    counted = ((index, career.deemed_years), (paid_index, career.transition_paid_years))
    if any(years and found < floor for found, years in counted):
        steps.law_value("transition_index_floor", law.transition_index_floor)
        flag = law.transition_index_floor.flag
        notes.append(f"an index below {floor:g} before the accounts counts as {floor:g} ({flag})")
    return max(index, floor), max(paid_index, floor)


def _transition_coefficient(facts, career: _Career, law: EmployeeRules) -> tuple[float, tuple]:
    if "transition_coefficient" in facts:
        return facts["transition_coefficient"], ("", None)
    reached = [row for row in law.transition_coefficient_by_years.value if career.years > row[0]]
    if reached:
        cited = ("transition_coefficient_by_years", law.transition_coefficient_by_years)
        return float(reached[-1][1]), cited
    return float(law.transition_coefficient.value), ("transition_coefficient", law.transition_coefficient)


def _supplements(
    facts, career: _Career | None, bases, law: EmployeeRules, place: Place, steps: Steps, notes: list[str]
) -> list[tuple[str, str, float, str | None]]:
    """Return name, Chinese name, amount and flag of each addition of the province (地方加发项目)."""
    if law.unknown_supplement.value:
        told = law.unknown_supplement
        notes.append(f"{place.province} adds an amount that is not known and not in the sum: {told.note}")
    amounts = [("fixed_supplement", float(law.fixed_supplement.value), "")]
    if career is not None and "average_contribution_index" in facts:
        index = facts["average_contribution_index"]
        if law.extra_accrual_bands.value and bases is not None:
            amounts.append(("extra_accrual_bands", *_extra_accrual(index, career, bases, law)))
        fixed, rate = law.early_cohort_supplement.value
        if (fixed or rate) and career.deemed_years + career.transition_paid_years > 0:
            formula = f"{fixed:g} + {rate:g} × {index:g} × {career.years:.6g}"
            amounts.append(("early_cohort_supplement", fixed + rate * index * career.years, formula))
    found = []
    for name, amount, formula in amounts:
        if amount > 0:
            dated, parameter = getattr(law, name), steps.law.parameters[name]
            if formula:
                steps.add(name, parameter.name_zh, formula, rounded(amount, "fen_half_up"), name, dated)
            else:
                steps.law_value(name, dated)
            found.append((name, parameter.name_zh, amount, dated.flag))
    if facts.get("other_supplements"):
        steps.given("other_supplements", "其他加发", facts["other_supplements"])
        found.append(("other_supplements", "其他加发", facts["other_supplements"], None))
    return found


def _extra_accrual(index: float, career: _Career, bases: _Bases, law: EmployeeRules) -> tuple[float, str]:
    """Return the addition for a long record and its formula (基础养老金增发)."""
    rows = np.asarray(law.extra_accrual_bands.value, dtype=float)
    if law.extra_accrual_basis.value == "paid_years_indexed_wage":
        share = rules.extra_accrual_share(career.paid_years, rows)
        return rules.indexed_wage(
            bases.indexed, index
        ) * share, f"{bases.indexed:g} × {index:g} × {share:.6g}"
    share, weight = rules.extra_accrual_share(career.years, rows), float(law.indexed_half_weight.value)
    # the mean wage is what one year earns in the basic pension at an accrual of one
    wage = rules.basic_pension(bases.flat, bases.indexed, index, 1.0, 1.0, weight, 0.0)
    halves = f"{bases.flat:g} × {1 - weight:g} + {bases.indexed:g} × {index:g} × {weight:g}"
    return wage * share, f"({halves}) × {share:.6g}"


# --------------------------------------------------------------------------- the resident scheme


def resident(facts: dict, book: Book, steps: Steps) -> dict:
    """Return account, parts and monthly pension of the resident scheme (城乡居民养老金).

    Without a basic amount, given or of the law, it and the sum are None and a note names what is missing.
    """
    month = facts.get("claim_month", REFERENCE_MONTH)
    place = book.place(facts["province"]) if "province" in facts else Place(None)
    # what a province says of rounding is said of the employee scheme
    rounding = facts.get("rounding", book.value("amount_rounding", month))
    first, facts = _resident_years(facts)
    credits = _resident_credits(facts)
    if credits is None:
        balance = need(facts, "account_balance", "give it, or contributions by year, or tier and years")
        steps.given("account_balance", "个人账户储存额", balance)
        years = facts.get("years")
    else:
        if "account_balance" in facts:
            message = "stands beside contributions or tier. Give the balance or what it is made of"
            raise CaseError("inconsistent", "account_balance", message)
        years = sum(1 for credit in credits if credit > 0.0)
        rates = _resident_rates(facts, len(credits), month, first, place, book, steps)
        balance = rounded(
            rules.resident_account_balance(np.asarray(credits), np.asarray(rates)), "fen_half_up"
        )
        formula = "each year's dues and subsidy at its end, interest from the next year on"
        steps.add("account_balance", "个人账户储存额", formula, balance)
    if "annuity_divisor" in facts:
        divisor = facts["annuity_divisor"]
        steps.given("annuity_divisor", "计发月数", divisor)
    else:
        dated = book.dated("resident_annuity_divisor", month)
        steps.law_value("resident_annuity_divisor", dated)
        divisor = float(dated.value)
    account = rounded(rules.account_pension(balance, divisor), rounding)
    steps.add("account_pension", "个人账户养老金", f"{balance:.2f} / {divisor:g}", account)
    basic, extra = _resident_basic(facts, years, month, place, rounding, book, steps)
    answer = {"account_balance": balance, "account_pension": account, "basic_pension": basic}
    if basic is None:
        notes = ["basic_pension missing: give it, or province and claim_month"]
        return answer | {"monthly_pension": None, "notes": notes}
    pension = round(basic + account + (extra or 0.0), 2)
    steps.add("monthly_pension", "月养老金", f"{basic:.2f} + {account:.2f} + {extra or 0:.2f}", pension)
    if extra is not None:
        answer["extra_pension"] = extra
    return answer | {"monthly_pension": pension}


def _resident_years(facts: dict) -> tuple[int | None, dict]:
    """Return the first year of contributions by year, and the facts with a zero in each year without any.

    Subsidies by year are laid into the same years; interest runs on through a gap.
    """
    by_year, subsidy = facts.get("contributions"), facts.get("subsidy", 0.0)
    if not isinstance(by_year, dict):
        if isinstance(subsidy, dict):
            facts = facts | {"subsidy": [subsidy[year] for year in sorted(subsidy)]}
        return None, facts
    years = range(min(by_year), max(by_year) + 1)
    if isinstance(subsidy, list) and len(subsidy) == len(by_year):
        subsidy = dict(zip(sorted(by_year), subsidy, strict=True))
    elif isinstance(subsidy, float):
        subsidy = dict.fromkeys(by_year, subsidy)
    if isinstance(subsidy, dict):
        outside = sorted(set(subsidy) - set(years))
        if outside:
            message = f"{outside[0]} is no year from {years[0]} to {years[-1]}, those of the contributions"
            raise CaseError("inconsistent", "subsidy", message)
        subsidy = [subsidy.get(year, 0.0) for year in years]
    dues = [by_year.get(year, 0.0) for year in years]
    if facts.get("years") == len(by_year):
        facts = {name: value for name, value in facts.items() if name != "years"}
    return years[0], facts | {"contributions": dues, "subsidy": subsidy}


def _resident_credits(facts: dict) -> list[float] | None:
    """Dues plus subsidy by year; None where the case gives neither contributions nor a tier."""
    if "contributions" in facts and "tier" in facts:
        raise CaseError("inconsistent", "tier", "stands beside contributions. Give one of the two")
    if "contributions" in facts:
        dues = facts["contributions"]
        dues = [dues] * facts.get("years", 1) if isinstance(dues, float) else dues
    elif "tier" in facts:
        dues = [facts["tier"]] * need(facts, "years", "how often the tier was paid")
    else:
        return None
    if facts.get("years", len(dues)) != len(dues):
        message = f"{facts['years']} years do not fit {len(dues)} contributions"
        raise CaseError("inconsistent", "years", message)
    subsidies = per_year(facts.get("subsidy", 0.0), len(dues), "subsidy")
    return [due + subsidy for due, subsidy in zip(dues, subsidies, strict=True)]


def _resident_rates(
    facts, years: int, month: int, first_year: int | None, place: Place, book: Book, steps: Steps
) -> list[float]:
    if "crediting_rate" in facts:
        steps.given("crediting_rate", "记账利率", facts["crediting_rate"])
        return per_year(facts["crediting_rate"], years, "crediting_rate")
    if years <= 1:
        return [0.0] * years
    if "claim_month" not in facts and first_year is None:
        raise CaseError(
            "missing_field", "crediting_rate", "missing: give it, or claim_month for the law's rates"
        )
    first = month - 12 * years if first_year is None else 12 * (first_year - FIRST_YEAR)
    dated = [
        book.dated("resident_crediting_rate", max(first + 12 * y, 0), place.province) for y in range(years)
    ]
    steps.law_value("resident_crediting_rate", dated[-1])
    return [float(v.value) for v in dated]


def _resident_basic(
    facts, years, month, place: Place, rounding, book, steps
) -> tuple[float | None, float | None]:
    """Return basic amount and local extra; the extra stands beside a basic amount of the law only.

    Both are None where the case neither gives an amount nor the place and month of the law's.
    """
    if "basic_pension" in facts:
        steps.given("basic_pension", "基础养老金", facts["basic_pension"])
        return facts["basic_pension"], None
    if "claim_month" not in facts or "province" not in facts:
        return None, None
    dated = book.dated("resident_basic_pension", month, place.province)
    steps.law_value("resident_basic_pension", dated)
    minimum = book.value("resident_minimum_months", month) / 12
    per_year = book.dated("resident_extra_per_year", month, place.province)
    whole = rules.resident_pension(0.0, 0.0, 1.0, float(per_year.value), float(years or 0), minimum)
    steps.law_value("resident_extra_per_year", per_year)
    return float(dated.value), rounded(whole, rounding)
