"""Sensitivity beside a comparison (敏感性): how far its headline hangs on what the evidence cannot decide.

The tornado of :mod:`scenarios.sensitivities` over the ranked list, for the first people of the seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scenarios.catalogue import indicator_name, say
from scenarios.factors import factors
from scenarios.number_tables import Number, Numbers, Table
from simulate.groups import parse_label

if TYPE_CHECKING:
    import xarray

    from scenarios.scenario import Scenario

PERSONS = 1_000  # every factor twice; changes on the same people need few of them
ENDS = ("low", "low_se", "high", "high_se", "swing")


def estimate_tornado(
    chosen: Sequence[Scenario],
    indicator: str,
    lead: str,
    seed: int,
    economy: str,
    behaviour: str,
    fitted: str,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> xarray.Dataset:
    """Return what the difference of each reform changes by at the ends of each factor (敏感性估计).

    Without a reform it is the level of the baseline. Empty where too few of the people are in the group.

    Parameters
    ----------
    chosen : sequence of Scenario
        The baseline first.
    lead : str
        Label of the group that is told, by exposure or `total`.
    """
    import xarray

    from scenarios.scenario import ScenarioError
    from scenarios.sensitivities import sensitivity

    base, *reforms = chosen
    options = {"economy": economy, "behaviour": behaviour, "fitted": fitted, "threads": threads}
    try:
        told = sensitivity(
            reforms,
            persons=PERSONS,
            seed=seed,
            baseline=base,
            indicators=[indicator],
            group=parse_label(lead),
            progress=progress,
            **options,
        ).dataset.sel(indicator=indicator, drop=True)
    except ScenarioError:  # of the group
        return xarray.Dataset()
    told = told.rename(scenario="judged")
    return xarray.Dataset({f"tornado_{end}": told[end] for end in ENDS})


def sensitivity_tables(numbers: Numbers) -> list[Table]:
    """Return one table a reform, the strongest factor first (敏感性表); none where none was computed."""
    lang, data = numbers.lang, numbers.comparison.dataset
    if "tornado_swing" not in data:
        return []
    unit = numbers.row(numbers.headline, numbers.base)["unit"]
    words = ("sensitivity_factor", "sensitivity_at_low", "sensitivity_at_high")
    header, found = tuple(say(word, lang) for word in words), []
    for scenario in map(str, data["judged"].values):
        here = data.sel(judged=scenario)
        rows = []
        for k in (-here["tornado_swing"].fillna(-1.0)).argsort(kind="stable").values:
            one = here.isel(factor=int(k))
            low, low_se, high, high_se = (_finite(one[f"tornado_{end}"]) for end in ENDS[:4])
            ends = (Number(low, unit, low_se, True), Number(high, unit, high_se, True))
            rows.append((factor_title(str(one["factor"].values), lang), *ends))
        of = say("value" if scenario == numbers.base else "difference", lang).lower()
        told = {"indicator": indicator_name(numbers.headline, lang), "of": of, "group": numbers.name()}
        key = "sensitivity" if len(data["judged"]) == 1 else f"sensitivity {scenario}"
        title = say("table_sensitivity", lang, scenario=scenario, **told)
        note = say("table_sensitivity_note", lang, persons=PERSONS)
        found.append(Table(key, title, header, tuple(rows), 1, note))
    return found


def factor_title(name: str, lang: str) -> str:
    """Return what a bar of the tornado is called (因素名称), with its rank among the doubts."""
    factor = factors().get(name)
    if factor is None:
        return say(f"sensitivity_{name}", lang)
    title = factor.title_zh if lang == "zh" else factor.title
    return f"{title} [{factor.rank}]"


def _finite(number) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None
