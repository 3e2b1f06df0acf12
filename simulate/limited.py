"""Values for limited groups (限定人群的参数值): rows of a law parameter that hold for some people only.

A row limits its value by any of sex, hukou, form, occupation, province, age and earnings; of the rows of a
day the first that fits a person in a month holds, without one the general value. One rule reads all such
parameters, at the cost of a look at a counter where a scenario has no rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from simulate.kernel import rule
from simulate.strict_yaml import FaultsError, nearest
from simulate.terms import FORMS, HUKOU, N_PROVINCES, OCCUPATIONS, SEXES

PARAMETERS = (
    "flexible_rate_of_groups",
    "flexible_base_floor_of_groups",
    "flexible_relief_of_groups",
    "government_match_of_groups",
    "automatic_enrolment_of_groups",
    "care_credit_base_of_groups",
    "minimum_months_of_groups",
)
RATE, FLOOR, RELIEF, MATCH, ENROLMENT, CREDIT, MINIMUM = range(len(PARAMETERS))
MOST_ROWS = 32  # of a parameter, over all its dates
UNLIMITED = 9999
WORDS = {
    "sex": tuple(term.name for term in SEXES),
    "hukou": tuple(term.name for term in HUKOU),
    "form": tuple(term.name for term in FORMS),
    "occupation": tuple(term.name for term in OCCUPATIONS),
}
SPANS = {"age": "years", "earnings": "multiples of reference_wage"}
LIMITS = (*WORDS, "province", *SPANS)
# one bit for every value of a dimension, the dimensions one after the other
_FORM_BIT = len(SEXES) + len(HUKOU)
_OCCUPATION_BIT = _FORM_BIT + len(FORMS)
_PROVINCE_BIT = _OCCUPATION_BIT + len(OCCUPATIONS)
_FIRST_BIT = {
    "sex": 0,
    "hukou": len(SEXES),
    "form": _FORM_BIT,
    "occupation": _OCCUPATION_BIT,
    "province": _PROVINCE_BIT,
}


def rows_faults(
    rows: Any, allowed: Sequence[str], number_fault: Callable[[Any], str | None], province_of: Callable
) -> list[str]:
    """Return all that is wrong with the rows of a parameter (分组取值检查), each with the number of its row.

    Parameters
    ----------
    rows : list of mapping
        `value` and limits: words of a dimension, alone or in a list, or [from, below].
    allowed : sequence of str
        The limits that the rule can read.
    number_fault : callable
        What is wrong with a number as a value of the parameter, or None.
    province_of : callable
        Name of a province by any of its spellings; raises FaultsError.

    Examples
    --------
    >>> rows_faults([{"sex": "femal", "value": 0.1}], LIMITS, lambda value: None, str)
    ["row 1: sex 'femal' is not one of male, female. Did you mean female?"]
    """
    if not isinstance(rows, (list, tuple)) or not all(isinstance(row, Mapping) for row in rows):
        return [f"{rows!r} is not a list of rows with value and limits"]
    if len(rows) > MOST_ROWS:
        return [f"{len(rows)} rows are more than {MOST_ROWS}"]
    faults = [
        f"row {number}: {fault}"
        for number, row in enumerate(rows, 1)
        for fault in _row_faults(row, allowed, number_fault, province_of)
    ]
    for number, row in enumerate(rows[:-1], 1):
        if set(row) == {"value"}:
            faults.append(f"row {number}: it fits everybody, so no later row is read. Put it last")
    return faults


def _row_faults(row: Mapping, allowed: Sequence[str], number_fault, province_of) -> Iterator[str]:
    known = ("value", *allowed)
    for key in row:
        if key not in known:
            yield f"unknown limit {key}. Known are {', '.join(known)}.{nearest(key, known)}"
    if "value" not in row:
        yield "missing value"
    elif fault := number_fault(row["value"]):
        yield fault
    for name in allowed:
        if name not in row:
            continue
        if name in SPANS:
            if not _is_span(row[name]):
                yield f"{name} {row[name]!r} is not [from, below] ({SPANS[name]})"
        elif not _as_list(row[name]):
            yield f"{name} is empty. Name a {name} or leave it out"
        for word in _as_list(row[name]) if name not in SPANS else ():
            yield from _word_faults(name, word, province_of)


def _word_faults(name: str, word: Any, province_of) -> Iterator[str]:
    words = WORDS.get(name)
    if words is None:
        try:
            province_of(word)
        except FaultsError as error:
            yield error.faults[0].message
    elif word not in words:
        yield f"{name} {word!r} is not one of {', '.join(words)}.{nearest(word, words)}"


def _is_span(span: Any) -> bool:
    if not isinstance(span, (list, tuple)) or len(span) != 2:
        return False
    good = all(isinstance(end, (int, float)) and not isinstance(end, bool) for end in span)
    return good and all(map(math.isfinite, span)) and 0 <= span[0] < span[1]


def _as_list(words: Any) -> Sequence:
    return words if isinstance(words, (list, tuple)) else [words]


def room_fault(name: str, rows: int) -> str | None:
    """Return what is wrong with the number of rows over all dates (分组行数检查), or None."""
    return f"{name} has {rows} rows over all dates, {MOST_ROWS} are allowed" if rows > MOST_ROWS else None


def compile_rows(steps: Mapping[str, Sequence[tuple[int, int, Sequence[Mapping]]]], province_code) -> dict:
    """Return the arrays in which kernels read the rows (编译分组取值).

    Parameters
    ----------
    steps : mapping of parameter to list of (first month, month after the last, rows)
    province_code : callable
        Position of a province by its name.

    Returns
    -------
    dict of str to ndarray
        The fields `limited_...` of `simulate.policy.Policy`.

    Raises
    ------
    ValueError
        A parameter has more rows than there is room for.
    """
    room = (len(PARAMETERS), MOST_ROWS)
    found = {
        "limited_rows": np.zeros(len(PARAMETERS), np.int64),
        "limited_months": np.zeros((*room, 2), np.int64),
        "limited_bits": np.zeros(room, np.int64),
        "limited_ages": np.zeros((*room, 2)),
        "limited_earnings": np.zeros((*room, 2)),
        "limited_value": np.zeros(room),
    }
    for k, name in enumerate(PARAMETERS):
        rows = [(first, end, row) for first, end, listed in steps[name] for row in listed]
        if fault := room_fault(name, len(rows)):
            raise ValueError(fault)
        found["limited_rows"][k] = len(rows)
        for j, (first, end, row) in enumerate(rows):
            found["limited_months"][k, j] = first, end
            found["limited_bits"][k, j] = _bits(row, province_code)
            ages = row.get("age", (0, UNLIMITED))
            found["limited_ages"][k, j] = 12.0 * ages[0], 12.0 * ages[1]
            found["limited_earnings"][k, j] = row.get("earnings", (0.0, UNLIMITED))
            found["limited_value"][k, j] = row["value"]
    return found


def _bits(row: Mapping, province_code) -> int:
    """Bits of every value that a row admits; all of a dimension it does not name."""
    bits = 0
    for name, first in _FIRST_BIT.items():
        if name == "province":
            codes = [province_code(p) for p in _as_list(row.get(name, ()))] or range(N_PROVINCES)
        else:
            codes = [WORDS[name].index(w) for w in _as_list(row.get(name, ()))] or range(len(WORDS[name]))
        for code in codes:
            bits |= 1 << (first + code)
    return bits


@rule()
def person_bits(sex, hukou):
    """Return the bits of what never changes of a person (个人属性位)."""
    return 1 << sex | 1 << (2 + hukou)


@rule()
def limited(policy, which, who, birth, m, form, occupation, province, earnings, general):
    """Return the value of a parameter for a person in a month: of the first row that fits, else `general`.

    Parameters
    ----------
    which : int
        Place in PARAMETERS.
    who : int
        The person's `person_bits`.
    birth : int
        Month of birth. [month index]
    earnings : float
        Of the month, or those expected before they are known. [yuan/month]
    general : float
        What holds where no row fits (一般取值).
    """
    if policy.limited_rows[which] == 0:
        return general
    return _first_fitting(policy, which, who, birth, m, form, occupation, province, earnings, general)


@rule()
def _first_fitting(policy, which, who, birth, m, form, occupation, province, earnings, general):
    """The search, apart from the look at the counter, so that the latter is compiled into its caller."""
    bits = who | 1 << (_FORM_BIT + form) | 1 << (_OCCUPATION_BIT + occupation)
    bits |= 1 << (_PROVINCE_BIT + province)
    age, relative = m - birth, earnings / policy.reference_wage[province, m // 12]
    for k in range(policy.limited_rows[which]):
        if m < policy.limited_months[which, k, 0] or m >= policy.limited_months[which, k, 1]:
            continue
        if policy.limited_bits[which, k] & bits != bits:
            continue
        if age < policy.limited_ages[which, k, 0] or age >= policy.limited_ages[which, k, 1]:
            continue
        low, high = policy.limited_earnings[which, k, 0], policy.limited_earnings[which, k, 1]
        if low <= relative < high:
            return policy.limited_value[which, k]
    return general


@rule()
def minimum_months(policy, who, birth, m):
    """Return the minimum of contribution months of a person for a month of claim (最低缴费月数). [months]

    By sex and hukou where rows say so; the other limits do not hold here.
    """
    general = policy.minimum_months[m // 12]
    return limited(policy, MINIMUM, who, birth, m, 0, 0, 0, 0.0, general)
