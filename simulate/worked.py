"""Worked cases of the law (算例): questions whose answers are written as the law's own arithmetic.

Each file of ``worked_cases`` holds one case with its source; an expected value that begins with ``=`` is
arithmetic and is computed here in exact fractions, apart from the code that it tests.

>>> arithmetic("= (6000 + 3600) / 2 * 30 * 0.01")
Fraction(1440, 1)
>>> arithmetic("= half_up(139 - 7 / 12, 1)")
Fraction(692, 5)
"""

from __future__ import annotations

import ast
import math
import operator
from fractions import Fraction
from importlib import resources
from typing import Any, NamedTuple

from simulate.award import award
from simulate.law import Law
from simulate.strict_yaml import Fault, FaultsError, read_yaml

HALF_A_FEN = Fraction(1, 200)  # an amount rounded to the fen lies this near to its arithmetic
_KEYS = ("title", "title_zh", "source", "case", "expected")
_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class WorkedCaseError(FaultsError):
    """A worked case that cannot be read (算例文件错误)."""


class Check(NamedTuple):
    """One expected value of a worked case beside what the program finds (算例核对)."""

    id: str
    field: str
    expected: Any
    found: Any
    good: bool


def half_up(value: Fraction, digits: int) -> Fraction:
    """Return a value rounded half up to so many digits (四舍五入), exactly."""
    scale = 10 ** int(digits)
    return Fraction(math.floor(value * scale + Fraction(1, 2)), scale)


def up(value: Fraction, digits: int) -> Fraction:
    """Return a value rounded up to so many digits (进一法), exactly."""
    scale = 10 ** int(digits)
    return Fraction(math.ceil(value * scale), scale)


def arithmetic(text: str) -> Fraction:
    """Return what an arithmetic expression amounts to (算式求值), in exact fractions.

    Numbers, ``+ - * /``, brackets, ``half_up(x, digits)`` and ``up(x, digits)``; all else is a ValueError.
    """
    try:
        tree = ast.parse(text.strip().removeprefix("=").strip(), mode="eval")
        return _value(tree.body)
    except (SyntaxError, ZeroDivisionError, RecursionError) as error:
        raise ValueError(f"{text!r} is no arithmetic: {error}") from None


def _value(node: ast.AST) -> Fraction:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return Fraction(str(node.value))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        rounding = {"half_up": half_up, "up": up}.get(node.func.id)
        if rounding is not None and len(node.args) == 2:
            return rounding(*map(_value, node.args))
    raise ValueError(f"{ast.unparse(node)!r} is not read. Use numbers, + - * /, half_up(x, n), up(x, n)")


def worked_cases() -> list[dict]:
    """Return the worked cases in order of their ids (算例清单); a file's name is its case's id.

    >>> [case["id"] for case in worked_cases()][0]
    'account_interest_at_the_end_of_the_year'
    """
    cases = []
    for item in sorted(
        (resources.files("simulate") / "worked_cases").iterdir(), key=lambda entry: entry.name
    ):
        if item.name.endswith(".yaml"):
            document = read_yaml(item.read_text("utf-8"))
            faults = list(document.faults)
            data = document.data if isinstance(document.data, dict) else {}
            faults += [Fault("the file", f"missing {key}") for key in _KEYS if not data.get(key)]
            faults += [Fault("the file", f"unknown key {key}") for key in data if key not in _KEYS]
            if faults:
                raise WorkedCaseError(f"worked_cases/{item.name}", faults)
            cases.append({"id": item.name.removesuffix(".yaml")} | data)
    return cases


def check_case(worked: dict, law: Law | None = None) -> list[Check]:
    """Return each expected value of a worked case beside the one found (核对一个算例).

    Arithmetic must be met within half a fen, everything else exactly. A field inside a list or a part of the
    answer is named by its way there: ``choices.0.monthly_pension``.
    """
    answer = award([{"id": worked["id"]} | worked["case"]], law=law, steps=False)[0]
    checks = []
    for name, written in worked["expected"].items():
        found = _found(answer, name)
        if isinstance(written, str) and written.startswith("="):
            expected = arithmetic(written)
            is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
            good = is_number and abs(Fraction(str(found)) - expected) <= HALF_A_FEN
            checks.append(Check(worked["id"], name, float(expected), found, good))
        else:
            checks.append(Check(worked["id"], name, written, found, found == written))
    return checks


def _found(answer: dict, way: str) -> Any:
    found: Any = answer
    for step in way.split("."):
        try:
            found = found[int(step)] if isinstance(found, list) else found[step]
        except (KeyError, IndexError, ValueError, TypeError):
            return answer.get("error")
    return found


def check_worked_cases(law: Law | None = None) -> list[Check]:
    """Return every expected value of every worked case beside the one found (核对全部算例).

    >>> all(check.good for check in check_worked_cases())
    True
    """
    return [check for worked in worked_cases() for check in check_case(worked, law)]
