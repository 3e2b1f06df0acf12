"""Comparisons (情景比较): the same people under several scenarios, with the error of every number.

>>> comparison = compare(["lower-floor"], persons=2_000)
>>> comparison.rows()[0]["indicator"]
'pension_to_average_wage'
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from calibration import DEFAULT_SET
from scenarios.scenario import CURRENT_LAW, Scenario, ScenarioError, compile_case, load_scenario
from simulate.strict_yaml import Fault, nearest

if TYPE_CHECKING:
    import xarray

    from simulate.results import Accumulators
    from simulate.run import Case

SCHEMA_VERSION = 1
DEFAULT_PERSONS = 100_000
HEADLINE = "pension_to_average_wage"
ECONOMIES = ("low", "central", "high")
VARIANTS = ("static", "threshold", "value_for_money")
CORNERS = tuple((economy, level) for economy in ("low", "high") for level in ("low", "high"))
BAND_SHARE, BAND_LEAST = 5, 2_000  # corners are run with a fifth of the people, at least so many
LEAD = "exposure"
DEFAULT_BY = (LEAD,)
# what `--by standard` stands for: the exposed cohorts by everything that divides them
STANDARD = "standard"
STANDARD_BY = (
    (LEAD,),
    ("cohort",),
    *((LEAD, name) for name in ("sex", "form", "occupation", "hukou", "migrant", "education")),
    (LEAD, "earnings_quintile"),
)
_NUMBERS = ("value", "standard_error", "ci_low", "ci_high")
_DIFFERENCES = ("difference", "difference_se", "difference_ci_low", "difference_ci_high")
_BAND = {
    "value_low": "low",
    "value_high": "high",
    "difference_low": "difference_low",
    "difference_high": "difference_high",
}
# spread over drawn assumptions, range over the variants of behaviour: keys of rows as of the dataset
_PARTS = tuple(
    f"{of}{part}"
    for of in ("", "difference_")
    for part in ("parameter_sd", "parameter_low", "parameter_high", "model_low", "model_high")
)
NO_BAND = "too few people for low and high, which are run with a fifth of them"
NO_SHARE = "too few people, or nothing to divide by"
NO_ERROR = "all people are in one random group: no standard error"


@dataclass(frozen=True)
class Comparison:
    """The answer of `compare` (比较结果).

    Attributes
    ----------
    dataset : xarray.Dataset
        What `simulate.results.estimate` gives, by (indicator, scenario, group); value_low, value_high,
        difference_low, difference_high beside it where a band was run.
    run_id : str
        Hash of everything that decides the numbers.
    inputs : dict
        What was hashed: persons, seed, baseline, scenarios, options, checksums.
    texts : dict of str
        The scenario files by name.
    scenarios : tuple of Scenario
        As compared, the baseline first.
    sample : list of dict
        Sums of all outcomes over a few ranges of people, from which `verify` tells whether they come again.
    """

    dataset: xarray.Dataset
    run_id: str
    inputs: dict[str, Any]
    texts: dict[str, str] = field(default_factory=dict)
    scenarios: tuple[Scenario, ...] = ()
    sample: list[dict[str, Any]] = field(default_factory=list)

    def rows(self) -> list[dict[str, Any]]:
        """Return one plain dict a cell (结果行), totals first; what cannot be told is None with a reason."""
        return list(self._rows)

    @functools.cached_property
    def _rows(self) -> list[dict[str, Any]]:
        from simulate.groups import parse_label
        from simulate.indicators import INDICATORS

        data, dims = self.dataset, ("indicator", "scenario", "group")
        arrays = {str(name): data[name].values for name in data.data_vars if data[name].dims == dims}
        reasons = arrays.pop("reason")
        band = [name for name in _BAND if name in arrays]
        parts = [name for name in _PARTS if name in arrays]
        rows = []
        for g, text in enumerate(data["group"].values):
            group = parse_label(str(text))
            for i, indicator in enumerate(map(str, data["indicator"].values)):
                for s, name in enumerate(map(str, data["scenario"].values)):
                    cell = {key: _plain(array[i, s, g]) for key, array in arrays.items()}
                    row = {"indicator": indicator, "unit": INDICATORS[indicator].unit, "scenario": name}
                    row |= {"group": group, "persons": int(data["persons"].values[g])}
                    row |= _with_interval(cell, _NUMBERS, "ci95")
                    row |= _with_interval(cell, _DIFFERENCES, "difference_ci95")
                    row |= {_BAND[key]: cell[key] for key in band} | {key: cell[key] for key in parts}
                    if not INDICATORS[indicator].paired:
                        row["paired"] = False
                    if reasons[i, s, g]:
                        row["reason"] = str(reasons[i, s, g])
                    elif None in cell.values():
                        row["reason"] = NO_ERROR if cell["standard_error"] is None else NO_BAND
                    rows.append(row)
        return rows

    def to_json(self) -> str:
        """Return the whole comparison as one JSON object (JSON)."""
        keys = ("persons", "seed", "baseline", "scenarios", "economy", "behaviour", "fitted")
        head = {key: self.inputs[key] for key in keys}
        head |= {"ranking": self.ranking()}
        if "attribution" in self.dataset:
            head |= {"attribution": self.attribution()}
        content = {"schema_version": SCHEMA_VERSION, "run_id": self.run_id, **head, "rows": self.rows()}
        return json.dumps(content, ensure_ascii=False, allow_nan=False)

    def ranking(self) -> dict[str, Any] | None:
        """Return the scenarios by rank with the probability of each rank (排序); None where there is none."""
        return json.loads(self.dataset.attrs.get("ranking", "null"))

    def attribution(self) -> list[dict[str, Any]]:
        """Return the share of each lever in the effect of the package (贡献分解), totals first."""
        from simulate.groups import parse_label
        from simulate.indicators import INDICATORS

        if "attribution" not in self.dataset:
            return []
        found = []
        for text in map(str, self.dataset["group"].values):
            for name in map(str, self.dataset["indicator"].values):
                for lever in map(str, self.dataset["lever"].values):
                    place = {"group": text, "indicator": name, "lever": lever}
                    row = {"indicator": name, "unit": INDICATORS[name].unit, "group": parse_label(text)}
                    row |= {"package": str(self.dataset.attrs["package"]), "lever": lever}
                    row |= {"share": _plain(self.dataset["attribution"].sel(place))}
                    row |= {"standard_error": _plain(self.dataset["attribution_se"].sel(place))}
                    found.append(row if row["share"] is not None else row | {"reason": NO_SHARE})
        return found

    def to_csv(self) -> str:
        """Return the rows as CSV (CSV): one column a dimension, intervals in two columns, no value empty."""
        rows = self.rows()
        dimensions = list(dict.fromkeys(dim for row in rows for dim in row["group"]))
        band = [name for name in _BAND.values() if name in rows[0]]
        columns = ["indicator", "unit", "scenario", *dimensions, "persons"]
        parts = [name for name in _PARTS if name in rows[0]]
        columns += [*_NUMBERS, *_DIFFERENCES, *band, *parts, "reason"]
        stream = io.StringIO()
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        for row in rows:
            flat = {key: value for key, value in row.items() if key in columns} | row["group"]
            flat["ci_low"], flat["ci_high"] = row["ci95"]
            flat["difference_ci_low"], flat["difference_ci_high"] = row["difference_ci95"]
            writer.writerow({key: "" if value is None else value for key, value in flat.items()})
        return stream.getvalue()

    def to_markdown(self, lang: str = "en") -> str:
        """Return all tables as Markdown (Markdown)."""
        from scenarios.tables import markdown

        return markdown(self, lang)

    def table(self, lang: str = "en") -> list:
        """Return all tables as rich tables for a terminal (终端表格)."""
        from scenarios.tables import terminal

        return terminal(self, lang)


def _plain(number) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None


def _with_interval(cell: dict, keys: Sequence[str], interval: str) -> dict:
    value, error, low, high = keys
    return {value: cell[value], error: cell[error], interval: [cell[low], cell[high]]}


# --------------------------------------------------------------------------- comparing


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
        Future (low, central, high), variant (static, threshold, value_for_money), fitted set.
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
    from scenarios import attribution, precision, uncertainty
    from scenarios.provenance import Sample, recompute
    from simulate.results import MINIMUM_PERSONS, estimate

    chosen = _chosen(scenarios, baseline)
    groupings = parse_by(by)
    names = _indicator_names(indicators)
    _check_options(persons, seed, economy, behaviour, fitted, threads, parameter_draws)
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
    work = _Progress(progress, persons + extra * _few(persons))

    cases, sample, started = compile_cases([*chosen, *hidden], *world), Sample(persons), persons
    sums = _simulate(persons, seed, cases, groupings, threads, work, sample)
    dataset = estimate(sums, names).sel(scenario=shown)
    lead = _lead(dataset)
    while target and (more := precision.persons_needed(dataset, target, persons, lead)) > persons:
        work.total = more + extra * _few(more)
        sums = _simulate(more - persons, seed, cases, groupings, threads, work, onto=sums)
        persons, dataset = more, estimate(sums, names).sel(scenario=shown)

    def run(world: World) -> xarray.Dataset:
        return measure(chosen, world, _few(persons), seed, groupings, names, threads, work)

    if band:
        centre = run(world)
        corners = [run(world._replace(economy=future, level=level)) for future, level in CORNERS]
        dataset = _with_band(dataset, centre, corners)
    if parameter_draws:
        dataset = uncertainty.with_parts(dataset, run, world, parameter_draws, seed)
    first = HEADLINE if HEADLINE in names else names[0]
    dataset.attrs["ranking"] = json.dumps(_ranking(sums, first, lead, shown))
    if package:
        shares = attribution.attribute(sums, names, package, list(dataset["group"].values))
        enough = dataset["persons"] >= MINIMUM_PERSONS
        dataset = dataset.merge(shares.where(enough), combine_attrs="override")
        dataset.attrs["package"] = package.scenario.name
    options = {} if target is None else {"target_se": target.text}
    options |= {"attribute": package.scenario.name} if package else {}
    options |= {"parameter_draws": parameter_draws} if parameter_draws else {}
    inputs = _inputs(chosen, persons, seed, groupings, names, economy, behaviour, fitted, band) | options
    name = run_id(inputs)
    dataset.attrs |= {"run_id": name, "persons": persons, "seed": seed}
    texts = {name: text for scenario in chosen for name, text in scenario.texts().items()}
    result = Comparison(dataset, name, inputs, texts, tuple(chosen))
    return replace(result, sample=recompute(result) if persons > started else sample.records(shown))


def _chosen(scenarios, baseline) -> list[Scenario]:
    """The baseline first, then the others; two that share a name could not be told apart."""
    if isinstance(scenarios, (str, Scenario)):
        scenarios = [scenarios]
    faults, chosen = [], []
    for argument in (baseline, *scenarios):
        try:
            scenario = argument if isinstance(argument, Scenario) else load_scenario(argument)
        except ScenarioError as error:
            if error not in faults:
                faults.append(error)
            continue
        twin = next((other for other in chosen if other.name == scenario.name), None)
        if twin is None:
            chosen.append(scenario)
        elif twin.texts() != scenario.texts():
            message = f"{twin.path} and {scenario.path} have the same name. Rename one of the files"
            faults.append(ScenarioError(scenario.name, [Fault("", message)]))
    if len(faults) == 1:
        raise faults[0]
    if faults:
        flat = [Fault(error.source, str(fault)) for error in faults for fault in error.faults]
        raise ScenarioError("scenarios", dict.fromkeys(flat))
    return chosen


def parse_by(by: Iterable[str | Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Return groupings of dimension names, the total first (分组).

    >>> parse_by(["sex", "sex,form"])
    ((), ('sex',), ('sex', 'form'))
    """
    from simulate.groups import DIMENSIONS

    by = [by] if isinstance(by, str) else list(by)
    by = [part for item in by for part in (STANDARD_BY if item == STANDARD else (item,))]
    groupings: dict[tuple[str, ...], None] = {(): None}
    faults = []
    for item in by:
        names = tuple(part.strip() for part in item.split(",")) if isinstance(item, str) else tuple(item)
        for name in names:
            if name not in DIMENSIONS:
                hint = nearest(name, DIMENSIONS) or f" Known are {', '.join(DIMENSIONS)}."
                faults.append(Fault(f"by {name}", f"no such dimension.{hint}"))
        if len(set(names)) < len(names):
            faults.append(Fault(f"by {','.join(names)}", "names a dimension twice"))
        groupings[names] = None
    if faults:
        raise ScenarioError("", faults)
    return tuple(groupings)


def _indicator_names(indicators: Iterable[str] | None) -> tuple[str, ...]:
    from simulate.indicators import INDICATORS

    if indicators is None:
        return tuple(INDICATORS)
    wanted = indicators.split(",") if isinstance(indicators, str) else indicators
    wanted = tuple(dict.fromkeys(name.strip() for name in wanted))
    more = " `flexpension list indicators` names all."
    faults = [
        Fault(f"indicator {name}", f"no such indicator.{nearest(name, INDICATORS) or more}")
        for name in wanted
        if name not in INDICATORS
    ]
    if faults or not wanted:
        raise ScenarioError("", faults or [Fault("indicators", "names none")])
    return wanted


def _check_options(persons, seed, economy, behaviour, fitted, threads, draws=0) -> None:
    faults = []
    for name, value, least, most in (
        ("persons", persons, 1, 1_000_000_000),
        ("seed", seed, 0, 2**63 - 1),
        ("threads", 1 if threads is None else threads, 1, 1024),
        ("parameter_draws", draws, 0, 100_000),
    ):
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            faults.append(Fault(name, f"{value!r} is no whole number from {least} to {most}"))
    for name, value, known in (("economy", economy, ECONOMIES), ("behaviour", behaviour, VARIANTS)):
        if value not in known:
            faults.append(Fault(name, f"{value!r} is not one of {', '.join(known)}.{nearest(value, known)}"))
    if faults:
        raise ScenarioError("", faults)
    from scenarios.inputs import check_fitted

    check_fitted(fitted)


class World(NamedTuple):
    """What holds in every scenario of a comparison (共同假设)."""

    fitted: str = DEFAULT_SET
    economy: str = "central"
    behaviour: str = "threshold"
    level: str = "central"
    assumptions: Mapping[str, Any] = {}
    law: Mapping[str, Any] = {}  # of the scenarios alone: parameter to {date: value}, over what they set


def measure(
    chosen: Sequence[Scenario], world: World, persons, seed, groupings, names, threads=None, progress=None
) -> xarray.Dataset:
    """Return the estimates of scenarios in one world (单次推演), the baseline first."""
    from simulate.results import estimate

    return estimate(accumulate(chosen, world, persons, seed, groupings, threads, progress), names)


def accumulate(
    chosen: Sequence[Scenario], world: World, persons, seed, groupings, threads=None, progress=None
) -> Accumulators:
    """Return the accumulated outcomes of scenarios in one world (单次推演累加结果), the baseline first."""
    work = progress if isinstance(progress, _Progress) else _Progress(progress, persons)
    return _simulate(persons, seed, compile_cases(chosen, *world), groupings, threads, work)


def compile_cases(
    chosen: Sequence[Scenario],
    fitted: str,
    economy: str,
    behaviour: str,
    level: str = "central",
    assumptions: Mapping[str, Any] | None = None,
    law: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Case]:
    """Return scenarios compiled for the engine, the baseline first (编译情景).

    `assumptions` hold in all of them; what a scenario sets itself comes before. `law` holds in all but the
    baseline, in place of what they set for these parameters; in the baseline where it is alone.
    """
    if law:
        entries = {
            name: tuple({"effective": day, "value": value} for day, value in dated.items())
            for name, dated in law.items()
        }
        judged = [replace(s, law={**s.law, **entries}) for s in chosen[1:] or chosen]
        chosen = [*chosen[: len(chosen) - len(judged)], *judged]
    if assumptions:
        chosen = [replace(s, assumptions={**assumptions, **s.all_assumptions()}) for s in chosen]
    cases = [compile_case(scenario, fitted, economy, behaviour, level) for scenario in chosen]
    if behaviour == "static":  # nobody decides anew: participation is what it is under the baseline
        cases = [case._replace(decision_policy=cases[0].policy) for case in cases]
    return cases


class _Progress:
    """Adds up the people of several runs, so that the remaining time is that of the whole comparison."""

    def __init__(self, report, total: int):
        self.report, self.total, self.before = report, total, 0

    def __call__(self, done: int, _all: int) -> None:
        if self.report is not None:
            self.report(self.before + done, self.total)

    def finish(self, n: int) -> None:
        self.before += n
        self(0, 0)


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


def _simulate(n, seed, cases, groupings, threads, work: _Progress, watch=None, onto=None):
    """Outcomes of the first `n` people, or of the next `n` where there are results of those before."""
    from scenarios.inputs import demography
    from simulate.run import Population, simulate

    options = {} if threads is None else {"threads": threads}
    options |= {"groupings": groupings, "progress": work, "watch": watch, "onto": onto}
    population = Population(persons=n, seed=seed, first=onto.first + onto.persons if onto else 0)
    sums = simulate(population, cases, demography(), **options)
    work.finish(n)
    return sums


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


def run_id(inputs: dict[str, Any]) -> str:
    """Return the name of a run, a hash of everything that decides its numbers (运行编号)."""
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
