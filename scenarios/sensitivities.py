"""How far an answer hangs on what the evidence cannot decide (敏感性分析).

*Tornado*: one factor of `factors.yaml` after the other goes to its low and its high end, all others stay
central; the change is estimated on the same people. *Global*: all factors move at once, each evenly over the
lower and the upper half of its band. Morris' method screens (mean absolute elementary effect and its spread),
Sobol's shares out the variance (first order, total); both come from SALib, with bands from its bootstrap.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from calibration import DEFAULT_SET
from scenarios.factors import Factor, choose, settings
from scenarios.options import HEADLINE, check_options, choose_scenarios, indicator_names, parse_by
from scenarios.scenario import CURRENT_LAW, ScenarioError
from scenarios.worlds import World, accumulate
from simulate.strict_yaml import Fault, nearest

if TYPE_CHECKING:
    import altair
    import xarray

SCHEMA_VERSION = 1
METHODS = ("tornado", "morris", "sobol")
TOGETHER = "first_three_together"  # ranks 1 to 3 at once, as low and high of a comparison
FUTURE = "economy"
DRAWS = {"morris": 6, "sobol": 8}
_LEVELS = 4  # of Morris' grid
_NUMBERS = {
    "tornado": ("low", "low_se", "high", "high_se", "swing"),
    "morris": ("mu", "mu_star", "mu_star_conf", "sigma"),
    "sobol": ("S1", "S1_conf", "ST", "ST_conf"),
}


@dataclass(frozen=True)
class Sensitivity:
    """The answer of `sensitivity` (敏感性结果): dataset by (indicator, scenario, factor), and what was asked.

    `central` (indicator, scenario) is the number itself. A tornado has `low`, `high` (the change of it at
    either end), their standard errors, and `swing`; the others have what SALib calls them, 95 % bands in
    `…_conf`.
    """

    method: str
    dataset: xarray.Dataset
    factors: tuple[Factor, ...]
    inputs: dict[str, Any]

    def rows(self) -> list[dict[str, Any]]:
        """Return one plain dict a factor (结果行), the strongest first."""
        from simulate.indicators import INDICATORS

        leading = {"tornado": "swing", "morris": "mu_star", "sobol": "ST"}[self.method]
        found = []
        for indicator in map(str, self.dataset["indicator"].values):
            for scenario in map(str, self.dataset["scenario"].values):
                here = self.dataset.sel(indicator=indicator, scenario=scenario)
                strength = np.nan_to_num(here[leading].values, nan=-1.0)
                for k in np.argsort(-strength, kind="stable"):
                    one = here.isel(factor=int(k))
                    row = {"indicator": indicator, "unit": INDICATORS[indicator].unit, "scenario": scenario}
                    row |= {"factor": str(one["factor"].values), "central": _plain(one["central"])}
                    row |= {name: _plain(one[name]) for name in _NUMBERS[self.method]}
                    if row[leading] is None:
                        row["reason"] = "the answer does not vary, or too few people"
                    found.append(row)
        return found

    def to_json(self) -> str:
        """Return everything as one JSON object (JSON)."""
        head = {"schema_version": SCHEMA_VERSION, "method": self.method, **self.inputs}
        head["factors"] = [factor._asdict() for factor in self.factors]
        return json.dumps({**head, "rows": self.rows()}, ensure_ascii=False, allow_nan=False)

    def blocks(self, lang: str = "en") -> list:
        """Return one table an indicator and scenario (结果表格)."""
        from scenarios.catalogue import group_name, indicator_name, say
        from scenarios.tables import Block, amount, with_error

        found, rows = [], self.rows()
        for key in dict.fromkeys((row["indicator"], row["scenario"]) for row in rows):
            mine = [row for row in rows if (row["indicator"], row["scenario"]) == key]
            unit, of = mine[0]["unit"], self.inputs["of"][key[1]]

            def moved(number: float | None, unit=unit) -> str:
                return amount(number, unit, signed=True, points=True)

            def size(number: float | None, unit=unit) -> str:
                return amount(number, unit, points=True)

            lines = []
            for row in mine:
                if self.method == "tornado":
                    ends = (with_error(row[end], row[f"{end}_se"], unit) for end in ("low", "high"))
                    cells = (*ends, size(row["swing"]))
                elif self.method == "morris":
                    star = f"{size(row['mu_star'])} ± {size(row['mu_star_conf'])}"
                    cells = (star, moved(row["mu"]), size(row["sigma"]))
                else:
                    cells = tuple(f"{_two(row[n])} ± {_two(row[f'{n}_conf'])}" for n in ("ST", "S1"))
                lines.append((self._title(row["factor"], lang), *cells))
            title = say(
                f"sensitivity_{self.method}",
                lang,
                indicator=indicator_name(key[0], lang),
                of=say(of, lang),
                scenario=key[1],
                group=group_name(self.inputs["group"], lang),
                central=amount(mine[0]["central"], unit, of == "difference", of == "difference"),
            )
            heads = {"tornado": ("at_low", "at_high", "swing"), "morris": ("mu_star", "mu", "sigma")}
            heads = heads.get(self.method, ("total", "first"))
            header = (say("sensitivity_factor", lang), *(say(f"sensitivity_{name}", lang) for name in heads))
            found.append(Block(title, header, tuple(lines)))
        return found

    def _title(self, name: str, lang: str) -> str:
        from scenarios.catalogue import say

        for factor in self.factors:
            if factor.name == name:
                title = factor.title_zh if lang == "zh" else factor.title
                return f"{title} [{factor.rank}]" if factor.rank else title
        return say(f"sensitivity_{name}", lang)

    def chart(self, lang: str = "en") -> altair.LayerChart:
        """Return the tornado, or the bars of the indices with their bands, as an Altair chart (敏感性图).

        Of the first indicator and the last scenario.
        """
        import altair as alt

        from scenarios.catalogue import indicator_name
        from simulate.indicators import INDICATORS, SHARE

        rows = self.rows()
        key = (str(self.dataset["indicator"].values[0]), str(self.dataset["scenario"].values[-1]))
        mine = [row for row in rows if (row["indicator"], row["scenario"]) == key]
        data = [{**row, "name": self._title(row["factor"], lang)} for row in mine]
        order = [row["name"] for row in data]
        percent = INDICATORS[key[0]].unit == SHARE and self.method != "sobol"
        axis = alt.Axis(format="+.1%" if percent else ".3~g", title=indicator_name(key[0], lang))
        y = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=360))
        if self.method == "tornado":
            long = [
                {"name": row["name"], "end": e, "change": row[e]} for row in data for e in ("low", "high")
            ]
            bars = (
                alt.Chart(alt.Data(values=long))
                .mark_bar()
                .encode(
                    y=y,
                    x=alt.X("change:Q", axis=axis),
                    color=alt.Color("end:N", title=None, sort=["low", "high"]),
                )
            )
            zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule().encode(x="zero:Q")
            return bars + zero
        name = "mu_star" if self.method == "morris" else "ST"
        for row in data:
            centre, half = row[name], row[f"{name}_conf"]
            if centre is not None and half is not None:
                row |= {"from": centre - half, "to": centre + half}
        chart = alt.Chart(alt.Data(values=data))
        bars = chart.mark_bar().encode(y=y, x=alt.X(f"{name}:Q", axis=axis))
        return bars + chart.mark_rule().encode(y=y, x="from:Q", x2="to:Q")


def _plain(array) -> float | None:
    value = float(array)
    return value if math.isfinite(value) else None


def _two(number: float | None) -> str:
    return "–" if number is None else f"{number:.2f}"


def sensitivity(
    scenarios: Iterable[str],
    method: str = "tornado",
    persons: int = 2_000,
    seed: int = 1,
    baseline: str = CURRENT_LAW,
    indicators: Iterable[str] | None = (HEADLINE,),
    group: dict[str, str] | None = None,
    of: str = "difference",
    factors: Iterable[str] | None = None,
    draws: int | None = None,
    economy: str = "central",
    behaviour: str = "threshold",
    fitted: str = DEFAULT_SET,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Sensitivity:
    """Return how far indicators hang on each factor (敏感性分析).

    Parameters
    ----------
    scenarios, baseline : as of `compare`; without scenarios the levels of the baseline are judged
    method : str
        tornado, morris or sobol.
    group : dict
        Group of people by dimension; everyone without it.
    of : str
        `difference` of the scenarios from the baseline, or their `value`.
    factors : names, optional
        The ranked list without it; "all" adds every assumption that is one number;
        ``law.NAME.DATE=LOW:CENTRAL:HIGH`` is a parameter of the scenarios' law.
    draws : int, optional
        Morris: trajectories of factors + 1 runs each. Sobol: a power of 2, times factors + 2 runs.

    Raises
    ------
    ScenarioError
        Faults of the arguments, or SALib is not installed.
    """
    from simulate.groups import label

    chosen = choose_scenarios(scenarios, baseline)
    names, drawn = indicator_names(indicators), choose(factors)
    check_options(persons, seed, economy, behaviour, fitted, threads)
    draws = DRAWS.get(method, 0) if draws is None else draws
    _check(method, of, group or {}, draws)
    judged = chosen[1:] or chosen
    kinds = {scenario.name: of if chosen[1:] else "value" for scenario in judged}
    grouping, cell = tuple(group or {}), label(group or {})
    groupings = parse_by([grouping] if grouping else [])
    base = World(fitted, economy, behaviour)
    worlds, samples = _worlds(method, drawn, base, draws, seed)
    found = []
    for k, world in enumerate(worlds):

        def report(done: int, _all: int, k=k) -> None:
            if progress is not None:
                progress(k * persons + done, len(worlds) * persons)

        sums = accumulate(chosen, world, persons, seed, groupings, threads, report)
        found.append(replicated(sums, names, cell, [kinds[s.name] for s in judged], bool(chosen[1:])))
    labels = [factor.name for factor in drawn]
    if method == "tornado":
        labels += [TOGETHER, FUTURE]
        dataset = _tornado(found, names, list(kinds), labels)
    else:
        dataset = _global(method, found, samples, names, list(kinds), labels, seed)
    inputs = {
        "baseline": chosen[0].name,
        "scenarios": list(kinds),
        "of": kinds,
        "group": dict(group or {}),
        "persons": persons,
        "seed": seed,
        "draws": draws,
        "runs": len(worlds),
        "economy": economy,
        "behaviour": behaviour,
        "fitted": fitted,
    }
    return Sensitivity(method, dataset, tuple(drawn), inputs)


def _check(method: str, of: str, group: dict[str, str], draws: int) -> None:
    from scenarios.search import OF, group_faults

    faults = [Fault("group", told) for told in group_faults(group)]
    for name, value, known in (("method", method, METHODS), ("of", of, OF)):
        if value not in known:
            told = f"{value!r} is not one of {', '.join(known)}.{nearest(str(value), known)}"
            faults.append(Fault(name, told))
    if method in DRAWS and (draws < 2 or (method == "sobol" and draws & (draws - 1))):
        allowed = "a power of 2 from 2 on" if method == "sobol" else "a whole number from 2 on"
        faults.append(Fault("draws", f"{draws} is not {allowed}"))
    if faults:
        raise ScenarioError("", faults)


def _salib(part: str, method: str):
    from importlib import import_module

    try:
        return import_module(f"SALib.{part}.{method}")
    except ImportError:
        told = "needs SALib. Install it with pip install 'flexpension[analysis]'"
        raise ScenarioError("", [Fault(f"method {method}", told)]) from None


def _problem(labels: list[str]) -> dict[str, Any]:
    return {"num_vars": len(labels), "names": labels, "bounds": [[0.0, 1.0]] * len(labels)}


def _worlds(method: str, drawn: list[Factor], base: World, draws: int, seed: int):
    """The worlds to run, and the positions of the factors in each of them (for the global methods)."""

    def at(positions: Iterable[float]) -> World:
        return base._replace(**settings(zip(drawn, positions, strict=True)))

    base = base._replace(**settings((factor, 0.5) for factor in drawn if factor.place))

    if method == "tornado":
        three = [factor for factor in choose() if 1 <= factor.rank <= 3]
        ends = []
        for end in (0.0, 1.0):
            still = [(factor, 0.5) for factor in drawn if factor.place]
            moved = [base._replace(**settings([*still, (factor, end)])) for factor in drawn]
            moved.append(base._replace(assumptions={factor.name: factor.at(end) for factor in three}))
            moved.append(base._replace(economy="low" if end == 0.0 else "high"))
            ends += moved
        return [base, *ends], None
    problem = _problem([factor.name for factor in drawn])
    if method == "morris":
        samples = _salib("sample", method).sample(problem, draws, num_levels=_LEVELS, seed=seed)
    else:
        samples = _salib("sample", method).sample(problem, draws, calc_second_order=False, seed=seed)
    return [base, *(at(row) for row in samples)], samples


def replicated(sums, names, cell: str, kinds: list[str], has_reform: bool):
    """Return numbers (indicator, scenario), the same without each random group, groups counted (重复值)."""
    from simulate.groups import DIMENSIONS, label
    from simulate.results import COLUMNS, MINIMUM_PERSONS, replicates

    labels = [
        label({d: DIMENSIONS[d].values[c].name for d, c in zip(grouping, codes, strict=True)})
        for grouping, codes, _ in sums.cells()
    ]
    position = {text: where for text, (_, _, where) in zip(labels, sums.cells(), strict=True)}
    people = 0.0
    if cell in position:
        people = sums.sums[position[cell], sums.baseline, COLUMNS["persons"]].sum()
    if people < MINIMUM_PERSONS:
        told = f"has {people:,.0f} of {sums.persons:,} people, {MINIMUM_PERSONS} are needed. Draw more"
        raise ScenarioError("", [Fault(f"group {cell}", told)])
    k, first = labels.index(cell), int(has_reform)
    values, without, counts = [], [], []
    for name in names:
        value, replicate, n_groups = (array[k] for array in replicates(sums, name))
        for s, kind in enumerate(kinds):
            less, less_without = (value[0], replicate[0]) if kind == "difference" else (0.0, 0.0)
            values.append(value[first + s] - less)
            without.append(replicate[first + s] - less_without)
            counts.append(int(n_groups.min()))
    shape = (len(names), len(kinds))
    return np.reshape(values, shape), np.reshape(without, (*shape, -1)), np.reshape(counts, shape)


def _tornado(found, names, scenarios, labels):
    import xarray

    from simulate.results import jackknife_error

    n = len(labels)
    central, central_without, _ = found[0]
    dims = ("indicator", "scenario", "factor")
    data = {"central": (dims[:2], central)}
    for name, runs in (("low", found[1 : 1 + n]), ("high", found[1 + n :])):
        change = np.stack([value - central for value, _, _ in runs], axis=-1)
        error = [jackknife_error(v - central, w - central_without, count) for v, w, count in runs]
        data[name], data[f"{name}_se"] = (dims, change), (dims, np.stack(error, axis=-1))
    least = np.minimum(np.minimum(data["low"][1], data["high"][1]), 0.0)
    most = np.maximum(np.maximum(data["low"][1], data["high"][1]), 0.0)
    data["swing"] = (dims, most - least)
    return xarray.Dataset(data, coords={"indicator": list(names), "scenario": scenarios, "factor": labels})


def _global(method, found, samples, names, scenarios, labels, seed):
    import xarray

    problem, module = _problem(labels), _salib("analyze", method)
    dims = ("indicator", "scenario", "factor")
    data = {name: np.full((len(names), len(scenarios), len(labels)), np.nan) for name in _NUMBERS[method]}
    for i in range(len(names)):
        for s in range(len(scenarios)):
            answers = np.array([value[i, s] for value, _, _ in found[1:]])
            if not np.isfinite(answers).all() or np.ptp(answers) == 0.0:
                continue
            if method == "morris":
                told = module.analyze(problem, samples, answers, num_levels=_LEVELS, seed=seed)
            else:
                told = module.analyze(problem, answers, calc_second_order=False, seed=seed)
            for name in data:
                data[name][i, s] = np.asarray(told[name], dtype=float)
    variables = {name: (dims, array) for name, array in data.items()}
    variables["central"] = (dims[:2], found[0][0])
    return xarray.Dataset(
        variables, coords={"indicator": list(names), "scenario": scenarios, "factor": labels}
    )
