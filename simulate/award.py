"""Awards (待遇核定): one person's entitlement under the law, as an office would determine it.

A case is a mapping with an ``id``, a ``system`` and what is known; the answer has the same ``id`` and the
amounts. The README of this folder shows a question and an answer for each system. ``cases.py`` checks a case,
``determination.py``, ``single_answers.py`` and ``choices.py`` hold what each system does with it,
``lookup.py`` the law behind them.

>>> award([{"id": 1, "system": "annuity_divisor", "age_years": 60, "age_months": 1}], steps=False)
[{'id': 1, 'annuity_divisor': 138.4}]
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from simulate import choices, determination, single_answers
from simulate.cases import (
    ERROR_CODES,
    SYSTEMS,
    CaseError,
    CasesError,
    case_system,
    check_case,
    read_cases,
)
from simulate.law import Law, load_law
from simulate.law_values import LawError
from simulate.lookup import Book, Steps, statutory_retirement

__all__ = [
    "ERROR_CODES",
    "REASONS",
    "SYSTEMS",
    "CasesError",
    "award",
    "read_cases",
    "statutory_retirement",
]

REASONS = (
    "eligible",  # claims at the statutory age
    "eligible_early",  # within the flexible window before it
    "eligible_late",  # after it
    "eligible_special_trade",  # before it after hazardous work
    "below_statutory_age",  # earlier than the window allows
    "below_minimum_months",  # contribution months short of the minimum that applies
    "facts_missing",  # age, category, month of claim or months not given: eligibility not tested
)
_ANSWERS: dict[str, Callable[[dict, Book, Steps], dict]] = {
    "employee": determination.employee,
    "resident": determination.resident,
    "retirement_age": single_answers.retirement_age,
    "annuity_divisor": single_answers.annuity_divisor,
    "minimum_years": single_answers.minimum_years,
    "transfer": single_answers.transfer,
    "average_index": single_answers.average_index,
    "account": single_answers.account,
    "flexible_retirement": choices.flexible_retirement,
    "short_career": choices.short_career,
    "bridging": choices.bridging,
    "survivor": choices.survivor,
    "disability": choices.disability,
}


def award(cases: Sequence[Mapping], law: Law | None = None, steps: bool = True) -> list[dict]:
    """Return an answer or an error for each case, in the same order (批量核定). Never raises for a bad case.

    Parameters
    ----------
    cases : list of mapping
        Each with an ``id`` of its own and a ``system`` of ``SYSTEMS``.
    law : Law, optional
        Current law without it.
    steps : bool
        Add the lines of the computation with parameter, act and article.

    Examples
    --------
    >>> case = {"id": "a", "system": "employee", "benefit_base": 8000, "average_contribution_index": 0.6,
    ...         "contribution_months": 180}
    >>> award([case], steps=False)[0]["basic_pension"]
    960.0
    """
    book = Book(load_law() if law is None else law)
    seen: set = set()
    with _collector_off():
        return [_answer(case, book, steps, seen) for case in cases]


@contextlib.contextmanager
def _collector_off() -> Iterator[None]:
    """Millions of lines without a cycle among them: looking for cycles would take half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _answer(case: Any, book: Book, wanted: bool, seen: set) -> dict:
    case_id = case.get("id") if isinstance(case, Mapping) else None
    if not isinstance(case_id, (str, int)):
        case_id = None  # what is no id is not echoed
    try:
        system = case_system(case, seen)
        steps = Steps(book.law, wanted)
        answer = {"id": case_id} | _ANSWERS[system](check_case(case, system), book, steps)
    except CaseError as error:
        return _error(case_id, error.code, error.field, str(error))
    except LawError as error:  # the law at hand lacks a parameter, as a frozen or amended one may
        return _error(case_id, "no_law", None, str(error))
    if wanted:
        answer["steps"] = steps.lines
    return answer


def _error(case_id: Any, code: str, field: str | None, message: str) -> dict:
    return {"id": case_id, "error": {"code": code, "field": field, "message": message}}
