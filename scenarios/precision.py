"""How precise a difference is to be (目标精度), and how many people that takes.

>>> parse_target("0.1pp", ["pension_to_average_wage"]).standard_error
0.001
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from scenarios.options import HEADLINE
from scenarios.scenario import ScenarioError
from simulate.groups import TOTAL
from simulate.indicators import INDICATORS, MONTHS, PRESENT_VALUE, SHARE, YEARS, YUAN_A_MONTH
from simulate.strict_yaml import Fault, nearest

if TYPE_CHECKING:
    import xarray

MOST_PERSONS = 20_000_000
_ENOUGH_TO_JUDGE = 1_000  # a standard error of fewer people does not tell how many are needed
_MARGIN, _LEAST_STEP, _GREATEST_STEP = 1.05, 1.1, 4.0
_ROUND = 500  # people are added by so many
_TEXT = re.compile(r"(?:(\w+)\s*=)?\s*([-+.\deE]+)\s*(\S*)")
_WORDS = {  # words of a unit to what one of them is in the unit of the indicator
    SHARE: {"": 1.0, "pp": 0.01, "%": 0.01},
    YUAN_A_MONTH: {"": 1.0, "yuan": 1.0},
    PRESENT_VALUE: {"": 1.0, "yuan": 1.0},
    MONTHS: {"": 1.0, "months": 1.0},
    YEARS: {"": 1.0, "years": 1.0},
}


class Target(NamedTuple):
    """The greatest standard error that the differences of an indicator may have (目标标准误)."""

    indicator: str
    standard_error: float
    text: str


def parse_target(text: str | float, indicators: Sequence[str]) -> Target:
    """Return the target that a text states (解析目标精度): ``0.1pp``, ``50yuan``, ``new_joiners=0.5pp``.

    Without a name it is that of the first table: the headline, or the first of the indicators.
    """

    def refuse(message: str) -> ScenarioError:
        return ScenarioError("", [Fault(f"target-se {text}", message)])

    match = _TEXT.fullmatch(str(text).strip())
    if not match:
        raise refuse("is no number with a unit. Write 0.1pp, or an indicator of the run as NAME=0.1pp")
    name = match[1] or (HEADLINE if HEADLINE in indicators else indicators[0])
    if name not in indicators:
        raise refuse(f"{name} is not computed.{nearest(name, indicators) or ' Name it with --indicators.'}")
    words = _WORDS.get(INDICATORS[name].unit, {"": 1.0})
    if match[3] not in words:
        allowed = ", ".join(f"{match[2]}{word}" for word in words)
        raise refuse(f"{match[3]} is no unit of {name}, which is told in {INDICATORS[name].unit}: {allowed}")
    try:
        error = float(match[2]) * words[match[3]]
    except ValueError:
        raise refuse(f"{match[2]!r} is no number. Write 0.1pp") from None
    if not (math.isfinite(error) and error > 0):
        raise refuse("is not above nothing. A standard error is a positive number")
    return Target(name, error, str(text).strip())


def persons_needed(dataset: xarray.Dataset, target: Target, persons: int, lead: str = TOTAL) -> int:
    """Return how many people to have next (所需人数); `persons` where the target is reached.

    Judged over everyone and the group of the first table, by the least precise of the scenarios.

    Raises
    ------
    ScenarioError
        More than `MOST_PERSONS` are needed, or there is nothing to judge by.
    """
    groups = list(dict.fromkeys((TOTAL, lead)))
    worst = dataset["difference_se"].sel(indicator=target.indicator, group=groups)
    worst = float(worst.max(skipna=False))
    if worst <= target.standard_error:
        return persons
    ratio = _GREATEST_STEP if math.isnan(worst) else _MARGIN * (worst / target.standard_error) ** 2
    wanted = persons * ratio
    if persons >= _ENOUGH_TO_JUDGE and (wanted > MOST_PERSONS or persons >= MOST_PERSONS):
        told = f"takes about {wanted:,.0f} people; at most {MOST_PERSONS:,} are drawn. Ask for a larger one"
        if math.isnan(worst):
            told = f"{target.indicator} has no standard error of its difference"
        raise ScenarioError("", [Fault(f"target-se {target.text}", told)])
    wanted = persons * min(max(ratio, _LEAST_STEP), _GREATEST_STEP)
    return min(math.ceil(wanted / _ROUND) * _ROUND, MOST_PERSONS)
