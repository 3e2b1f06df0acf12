"""Comparisons (情景比较): the same people under several scenarios, with the error of every number.

>>> comparison = compare(["lower-floor"], persons=2_000)
>>> comparison.rows()[0]["indicator"]
'pension_to_average_wage'
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calibration import DEFAULT_SET
from scenarios.options import (
    DEFAULT_BY,
    DEFAULT_PERSONS,
    HEADLINE,
    VARIANTS,
    check_options,
    choose_scenarios,
    indicator_names,
    parse_by,
)
from scenarios.result import Comparison, run_id
from scenarios.scenario import CURRENT_LAW, Scenario, compile_case
from scenarios.worlds import Progress, World, compile_cases, measure, run_cases

if TYPE_CHECKING:
    import xarray

    from simulate.results import Accumulators

CORNERS = tuple((economy, level) for economy in ("low", "high") for level in ("low", "high"))
BAND_SHARE, BAND_LEAST = 5, 2_000  # corners are run with a fifth of the people, at least so many


def compare(
    scenarios: Iterable[str | Scenario],
    persons: int = DEFAULT_PERSONS,
    seed: int = 1,
    baseline: str | Scenario = CURRENT_LAW,
    by: Iterable[str | Sequence[str]] = DEFAULT_BY,
    indicators: Iterable[str] | None = None,
    economy: str = "central",
    behaviour: str = "threshold",
    fitted: str = DEFAULT_SET,
    threads: int | None = None,
    band: bool = False,
    progress: Callable[[int, int], None] | None = None,
    target_se: str | float | None = None,
    attribute: str | Scenario | None = None,
    parameter_draws: int = 0,
    twins: bool = False,
    tornado: bool = False,
    people: str | Path | None = None,
) -> Comparison:
    """Return what scenarios change for the same people, with the error of every number (情景比较).

    Parameters
    ----------
    scenarios : names, files, combinations or Scenario objects
    persons, seed : int
        The first N people of 2N are the same people.
    baseline : name, file or Scenario
        What differences are taken from.
    by : list of str or tuples
        Groups to show beside the total: "sex", or a cross "sex,form".
    indicators : list of str, optional
        All of `simulate.indicators.INDICATORS` without it.
    economy, behaviour, fitted : str
        Future (low, central, high), variant (static, threshold, value_for_money; all: threshold, and the
        others beside it with a fifth of the people, :mod:`scenarios.variants`), fitted set.
    band : bool
        Also run the four corners of economy x behaviour, with a fifth of the people: `low` and `high` are the
        value moved by the least and greatest change that a corner makes for these people.
    progress : callable, optional
        Called with (people done, people in all).
    target_se : str or float, optional
        Greatest standard error of the differences: "0.1pp", "new_joiners=0.5pp"; people are added until then.
    attribute : str or Scenario, optional
        A package a+b+c whose effect is shared out among its levers (:mod:`scenarios.attribution`).
    parameter_draws : int
        So many draws of the assumptions, and every variant of behaviour, are run with a fifth of the people
        (:mod:`scenarios.uncertainty`).
    people : str or Path, optional
        Folder for the people themselves, as Parquet files (:mod:`scenarios.people`).

    twins : bool
        Also the same people as employees, flexible workers and resident members (:mod:`scenarios.twins`).
    tornado : bool
        Also how far the headline hangs on what the evidence cannot decide (:mod:`scenarios.tornado`).

    Raises
    ------
    ScenarioError
        Every fault of the arguments and files.

    Examples
    --------
    >>> result = compare(["current-law"], persons=1_000)
    >>> float(result.dataset["difference"].sel(indicator="pension_to_average_wage").max())
    0.0
    """
    from scenarios import attribution, precision, uncertainty, variants
    from scenarios.people import check_installed
    from scenarios.sample import Sample, recompute
    from simulate.results import MINIMUM_PERSONS, estimate

    chosen = choose_scenarios(scenarios, baseline)
    groupings = parse_by(by)
    names = indicator_names(indicators)
    if people is not None:
        check_installed()
        people = Path(people)
    every_variant = behaviour == variants.ALL
    behaviour = variants.DEFAULT if every_variant else behaviour
    check_options(persons, seed, economy, behaviour, fitted, threads, parameter_draws)
    target = None if target_se is None else precision.parse_target(target_se, names)
    package, hidden = None, []
    if attribute is not None:
        package = attribution.package(attribute, chosen[0])
        if package.scenario.name not in [scenario.name for scenario in chosen]:
            chosen.append(package.scenario)
        shown = [scenario.name for scenario in chosen]
        hidden = [scenario for scenario, _ in package.subsets if scenario.name not in shown]
    shown = [scenario.name for scenario in chosen]
    world = World(fitted, economy, behaviour)
    extra = (1 + len(CORNERS)) * bool(band) + (parameter_draws + len(VARIANTS)) * bool(parameter_draws)
    extra += len(VARIANTS) * every_variant
    work = Progress(progress, persons + extra * _few(persons))

    cases, sample, started = compile_cases([*chosen, *hidden], *world), Sample(persons), persons
    sums = run_cases(persons, seed, cases, groupings, threads, work, sample, people=people)
    dataset = estimate(sums, names).sel(scenario=shown)
    lead = _lead(dataset)
    while target and (more := precision.persons_needed(dataset, target, persons, lead)) > persons:
        work.total = more + extra * _few(more)
        sums = run_cases(more - persons, seed, cases, groupings, threads, work, onto=sums, people=people)
        persons, dataset = more, estimate(sums, names).sel(scenario=shown)

    def run(world: World) -> xarray.Dataset:
        return measure(chosen, world, _few(persons), seed, groupings, names, threads, work)

    if band:
        centre = run(world)
        corners = [run(world._replace(economy=future, level=level)) for future, level in CORNERS]
        dataset = _with_band(dataset, centre, corners)
    if parameter_draws:
        dataset = uncertainty.with_parts(dataset, run, world, parameter_draws, seed)
    if every_variant:
        dataset = variants.with_variants(dataset, run, world)
    first = HEADLINE if HEADLINE in names else names[0]
    dataset.attrs["ranking"] = json.dumps(_ranking(sums, first, lead, shown))
    if package:
        shares = attribution.attribute(sums, names, package, list(dataset["group"].values))
        enough = dataset["persons"] >= MINIMUM_PERSONS
        dataset = dataset.merge(shares.where(enough), combine_attrs="override")
        dataset.attrs["package"] = package.scenario.name
    if twins:
        from scenarios.twins import estimate_twins

        beside = estimate_twins(cases[: len(chosen)], seed, lead)
        dataset = dataset.merge(beside, combine_attrs="override")
    if tornado:
        from scenarios.tornado import estimate_tornado

        beside = estimate_tornado(chosen, first, lead, seed, economy, behaviour, fitted, threads, progress)
        dataset = dataset.merge(beside, combine_attrs="override")
    options = {} if target is None else {"target_se": target.text}
    options |= {"attribute": package.scenario.name} if package else {}
    options |= {"parameter_draws": parameter_draws} if parameter_draws else {}
    options |= {"twins": True} if twins else {}
    options |= {"tornado": True} if tornado else {}
    options |= {"every_variant": True} if every_variant else {}
    inputs = _inputs(chosen, persons, seed, groupings, names, economy, behaviour, fitted, band) | options
    name = run_id(inputs)
    dataset.attrs |= {"run_id": name, "persons": persons, "seed": seed}
    texts = {name: text for scenario in chosen for name, text in scenario.texts().items()}
    result = Comparison(dataset, name, inputs, texts, tuple(chosen))
    whole = persons == started and sample.is_complete
    return replace(result, sample=sample.records(shown) if whole else recompute(result))


def _few(persons: int) -> int:
    """People of the runs beside the main one."""
    return max(min(persons, BAND_LEAST), persons // BAND_SHARE)


def _lead(dataset: xarray.Dataset) -> str:
    """The group of the first table."""
    from scenarios.tables import headline_group
    from simulate.groups import label, parse_label

    groups = [tuple(parse_label(str(text)).items()) for text in dataset["group"].values]
    return label(dict(headline_group(groups)))


def _ranking(sums: Accumulators, indicator: str, group: str, names: list[str]) -> dict[str, Any] | None:
    if len(names) < 2:
        return None
    from scenarios.ranking import ranking

    return ranking(sums, indicator, group, names)


def _with_band(dataset, centre, corners):
    """Add low and high: the central values moved by the least and greatest change among the corners.

    The change is taken between runs of the same few people, so that their sampling error cancels. A value
    that is never negative stays so.
    """
    out = dataset.copy()  # a corner may open cells, or leave some empty, that the run itself does not have
    kept = ["value", "difference"]
    centre, *corners = (run[kept].reindex(group=dataset["group"]) for run in (centre, *corners))
    for name in ("value", "difference"):
        low = high = 0.0 * centre[name]
        for corner in corners:
            change = corner[name] - centre[name]
            low, high = _least(low, change), _greatest(high, change)
        out[f"{name}_low"] = dataset[name] + low
        if name == "value":
            never_negative = (dataset[name] >= 0.0) & (centre[name] + low >= 0.0)
            out["value_low"] = out["value_low"].where(~never_negative | (out["value_low"] >= 0.0), 0.0)
        out[f"{name}_high"] = dataset[name] + high
    return out


def _least(a, b):
    return a.where(a <= b, b)


def _greatest(a, b):
    return a.where(a >= b, b)


def _inputs(chosen, persons, seed, groupings, names, economy, behaviour, fitted, band) -> dict[str, Any]:
    from importlib import metadata

    from scenarios.inputs import evidence_checksum
    from simulate.law import load_law

    return {
        "version": metadata.version("flexpension"),
        "persons": persons,
        "seed": seed,
        "baseline": chosen[0].name,
        "scenarios": [scenario.name for scenario in chosen],
        "by": [list(grouping) for grouping in groupings],
        "indicators": list(names),
        "economy": economy,
        "behaviour": behaviour,
        "fitted": fitted,
        "band": band,
        "warnings": _warnings(chosen, fitted, economy, behaviour),
        "law_checksum": load_law().checksum,
        "evidence_checksum": evidence_checksum(),
        "scenario_checksums": {
            name: hashlib.sha256(text.encode()).hexdigest()
            for scenario in chosen
            for name, text in scenario.texts().items()
        },
    }


def _warnings(chosen, fitted, economy, behaviour) -> dict[str, dict[str, str]]:
    """What every table of these scenarios must say, by scenario and language."""
    from scenarios.catalogue import LANGUAGES, say
    from scenarios.check import draws_other_lives

    found = {s.name: {"en": s.warning, "zh": s.warning_zh} for s in chosen if s.warning}
    first, *others = chosen
    own = (first.all_behaviour(), first.all_assumptions())
    for scenario in others:
        if (scenario.all_behaviour(), scenario.all_assumptions()) == own:
            continue
        cases = [compile_case(s, fitted, economy, behaviour) for s in (first, scenario)]
        if draws_other_lives(*cases):
            text = {lang: say("warn_lives", lang) for lang in LANGUAGES}
            told = found.get(scenario.name, dict.fromkeys(LANGUAGES, ""))
            found[scenario.name] = {lang: f"{told[lang]} {text[lang]}".strip() for lang in LANGUAGES}
    return found
