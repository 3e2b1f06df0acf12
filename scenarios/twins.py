"""Twins (孪生比较): what the same people would have as employees, flexible workers and resident members.

Computed by :mod:`simulate.twins` for the first people of the seed, beside a comparison that asks for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from scenarios.catalogue import indicator_name, say, unit_name
from scenarios.number_tables import Number, Numbers, Table
from simulate.indicators import INDICATORS
from simulate.terms import PAYERS
from simulate.twins import TWINS, simulate_twins

if TYPE_CHECKING:
    import xarray

    from simulate.run import Case

PERSONS = 2_000  # whole careers in one form differ little, so that few people are enough
TOLD = (
    *("pension_to_average_wage", "mean_monthly_pension", "gross_replacement_rate", "net_replacement_rate"),
    *("contribution_months", "claim_age", "share_without_pension"),
    *(f"present_value_paid_by_{payer.name}" for payer in PAYERS),
    *("present_value_pensions", "pension_wealth", "money_worth", "internal_rate_of_return"),
)


def estimate_twins(cases: Sequence[Case], seed: int, lead: str) -> xarray.Dataset:
    """Return the indicators of every twin under every scenario (孪生比较估计), of the leading group.

    Parameters
    ----------
    cases : sequence of Case
        The baseline first.
    lead : str
        Label of the group that is told, by exposure or `total`.
    """
    import xarray

    from scenarios.inputs import demography
    from simulate.results import estimate
    from simulate.run import Population

    sums = simulate_twins(Population(PERSONS, seed), cases, demography(), ((), ("exposure",)))
    told = estimate(sums, TOLD).sel(group=lead)
    names = [case.name for case in cases]
    shape = (len(TOLD), len(names), len(TWINS))
    dims = ("twin_indicator", "scenario", "twin")
    found = {"twin_value": told["value"], "twin_standard_error": told["standard_error"]}
    return xarray.Dataset(
        {name: (dims, array.values.reshape(shape)) for name, array in found.items()},
        {"twin_indicator": list(TOLD), "scenario": names, "twin": [twin.name for twin in TWINS]},
    )


def twin_tables(numbers: Numbers) -> list[Table]:
    """Return one table a scenario with the twins side by side (孪生比较表); none where none were computed."""
    lang, data = numbers.lang, numbers.comparison.dataset
    if "twin_value" not in data:
        return []
    twins = [twin.name_zh if lang == "zh" else twin.name.replace("_", " ") for twin in TWINS]
    header = (say("indicator", lang), say("unit", lang), *twins)
    found = []
    for scenario in (numbers.base, *numbers.reforms):
        rows = []
        for name in map(str, data["twin_indicator"].values):
            place = {"scenario": scenario, "twin_indicator": name}
            values, errors = (data[key].sel(place).values for key in ("twin_value", "twin_standard_error"))
            cells = (_number(v, e, INDICATORS[name].unit) for v, e in zip(values, errors, strict=True))
            rows.append((indicator_name(name, lang), unit_name(name, lang), *cells))
        key = "twins" if scenario == numbers.base else f"twins {scenario}"
        title = say("table_twins", lang, scenario=scenario, group=numbers.name())
        note = say("table_twins_note", lang, persons=PERSONS)
        found.append(Table(key, title, header, tuple(rows), 2, note))
    return found


def _number(value: float, error: float, unit: str) -> Number:
    told, doubt = (float(x) if math.isfinite(x) else None for x in (value, error))
    return Number(told, unit, doubt)
