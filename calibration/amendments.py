"""Checks of amended numbers (修改校验), shared by behaviour and economy."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from simulate.strict_yaml import Fault
from simulate.terms import FIRST_YEAR, LAST_YEAR


def number_faults(where: str, value: Any, allowed: tuple[float, float], unit: str = "") -> list[Fault]:
    """Return what is wrong with a number (数值校验): no number, not finite, outside the range."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return [Fault(where, f"{value!r} is not a number. Give one from {allowed[0]:g} to {allowed[1]:g}")]
    if not math.isfinite(value) or not allowed[0] <= value <= allowed[1]:
        return [
            Fault(
                where, f"{value:g} is outside {allowed[0]:g} to {allowed[1]:g}{f' ({unit})' if unit else ''}"
            )
        ]
    return []


def year_of(day: Any) -> int | None:
    """Return the year of a first of January (年份), None for anything else."""
    if isinstance(day, date):
        day = day.isoformat()
    if isinstance(day, int) and not isinstance(day, bool):
        return day
    match = re.fullmatch(r"(\d{4})-01-01", str(day))
    return int(match.group(1)) if match else None


def dated_faults(where: str, steps: Any, allowed: tuple[float, float], unit: str = "") -> list[Fault]:
    """Return what is wrong with a list of dated numbers (分期数值校验)."""
    if not isinstance(steps, list) or not steps or not all(isinstance(step, Mapping) for step in steps):
        return [
            Fault(
                where,
                "neither a number nor dated values. Write {from: 2027-01-01, value: …} or a list of these",
            )
        ]
    faults = []
    for step in steps:
        faults += date_faults(where, step)
        if not faults:
            faults += number_faults(f"{where}, {step['from']}", step["value"], allowed, unit)
    return faults


def date_faults(where: str, step: Mapping) -> list[Fault]:
    """Return what is wrong with the keys and date of a dated value (日期校验)."""
    if set(step) != {"from", "value"}:
        return [Fault(where, f"keys {', '.join(map(str, step))}. A dated value has the keys from and value")]
    year = year_of(step["from"])
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        return [
            Fault(
                where,
                f"{step['from']!r} is not a date this can start from. These paths go by year: "
                f"write {FIRST_YEAR}-01-01 to {LAST_YEAR}-01-01",
            )
        ]
    return []
