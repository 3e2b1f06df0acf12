"""Weights by cell (分层权重): factors that bring the simulated people to official totals of the base year.

Raking (iterative proportional fitting) on a large population, each weight held between bounds; the factors
are shipped with a fitted set as ``weights.csv``, what they reach and how far they spread as ``weights.yaml``.
The survey's quotas weigh nothing. METHOD.md, section 10.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from calibration import DEFAULT_SET, fitted_set
from calibration.aggregates import people_by_age, province_names, residents_away, survey
from calibration.moments import world
from calibration.paths import cohort_sizes
from calibration.tables import CalibrationError, cell, read_table
from simulate.careers import draw_careers, empty_careers
from simulate.kernel import pack
from simulate.participation import decide, empty_plan
from simulate.population import Population, draw_people
from simulate.strict_yaml import Fault, read_yaml
from simulate.terms import (
    FARMING,
    FIRST_BIRTH_YEAR,
    FIRST_WORK_AGE,
    FIRST_YEAR,
    FORMS,
    LAST_BIRTH_YEAR,
    N_AGE_BANDS,
    N_PROVINCES,
    OTHER_FLEXIBLE,
    PLATFORM_EMPLOYEE,
    PLATFORM_FLEXIBLE,
    ROUTE_EMPLOYEE,
    ROUTE_FLEXIBLE,
    ROUTE_RESIDENT,
    RURAL,
    SEXES,
)
from simulate.weights import BASE_MONTH, BASE_YEAR, EQUAL, Cells, Weights, cells_of, weights_of

PERSONS, SEED = 200_000, 3
BOUNDS = (0.25, 4.0)
ROUNDS, CLOSE = 300, 1e-4
BLOCK = 500
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


class BaseYear(NamedTuple):
    """People as they are at the end of the base year (基年状态), dimension (person,)."""

    cells: Cells
    number: np.ndarray  # people of the nation that one drawn person stands for when all count alike [10k]
    rural_migrant_worker: np.ndarray  # rural registration, in work outside farming in another province
    contributor: np.ndarray  # to the employee scheme
    record_province: np.ndarray
    resident_payer: np.ndarray
    insured: np.ndarray  # has a record in the employee scheme and draws no pension


def base_year(fitted: str, persons: int = PERSONS, seed: int = SEED, threads: int = 2) -> BaseYear:
    """Return drawn people in the base month with the number that each stands for (基年人口)."""
    around, packed = world(), pack(fitted_set.load_behaviour(fitted))
    death = np.asarray(around.demography.death_probability)
    everybody = cohort_sizes(death).sum() / 10 / persons
    population = Population(persons, seed)

    def block(first: int) -> BaseYear:
        people = draw_people(population, first, min(BLOCK, persons - first), packed, around.demography)
        n = people.person.size
        careers, plan = empty_careers(n), empty_plan(n)
        paths = around.economy.platform_path, around.economy.platform_earnings_drift
        policy = around.packed_policy
        draw_careers(people, packed, around.demography, policy.earnings_wage, *paths, careers)
        careers.length[:] = np.clip(BASE_MONTH + 1 - careers.start, 0, careers.length)
        decide(people, careers, policy, policy, packed, around.demography, plan)
        cells, month = cells_of(people, careers), BASE_MONTH - careers.start
        at = np.arange(n), np.maximum(month, 0)
        grown = ~cells.is_young & (month >= careers.schooling_months) & (plan.claim > BASE_MONTH)
        route = np.where(grown, plan.route[at], -1)
        first_year = FIRST_YEAR + people.birth // 12
        return BaseYear(
            cells,
            everybody * _survival(death)[people.sex, first_year - FIRST_BIRTH_YEAR],
            (people.hukou == RURAL)
            & (cells.home != cells.place)
            & (cells.in_labour_force == 1)
            & (cells.form < FARMING),
            np.isin(route, (ROUTE_EMPLOYEE, ROUTE_FLEXIBLE)),
            plan.record_province[at].astype(np.int64),
            route == ROUTE_RESIDENT,
            grown & (plan.month_credit[:, : BASE_MONTH + 1] > 0.0).any(axis=1),
        )

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(block, range(0, persons, BLOCK)))
    cells = Cells(*(np.concatenate(arrays) for arrays in zip(*(p.cells for p in parts), strict=True)))
    return BaseYear(cells, *(np.concatenate(arrays) for arrays in list(zip(*parts, strict=True))[1:]))


@functools.cache
def _survival_of(death: bytes, shape: tuple[int, ...]) -> np.ndarray:
    death = np.frombuffer(death).reshape(shape)
    births = np.arange(FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR + 1)
    alive = np.ones((2, births.size))
    for k, birth in enumerate(births):
        ages = np.arange(FIRST_WORK_AGE, max(FIRST_WORK_AGE, BASE_YEAR - birth))
        years = np.maximum(birth + ages - FIRST_YEAR, 0)
        alive[:, k] = np.prod(1 - death[:, years, ages], axis=1)
    return alive


def _survival(death: np.ndarray) -> np.ndarray:
    """Survival from 16 to the base year by sex and birth year."""
    return _survival_of(np.ascontiguousarray(death, dtype=float).tobytes(), death.shape)


# --- official totals -----------------------------------------------------------------------------------


def labour_force() -> np.ndarray:
    """Return official people outside and in the labour force (劳动力): (sex, age band, 2). [10k persons]

    Population of mid-2025 a year younger; participation by age of the older table, at the modelled level of
    ages 25 to 54.
    """
    table, modelled = read_table("participation_by_age_sex"), read_table("modelled_labour_indicators")
    death = np.asarray(world().demography.death_probability)
    sizes = cohort_sizes(death).T / 10 * _survival(death)  # (sex, birth year)
    age = BASE_YEAR - FIRST_BIRTH_YEAR - np.arange(sizes.shape[1])
    totals = np.zeros((2, N_AGE_BANDS, 2))
    for s, sex in enumerate(term.name for term in SEXES):
        share = {
            group: percent / 100
            for of, group, percent in zip(
                table["sex"], table["age_group"], table["participation_rate_pct"], strict=True
            )
            if of == sex
        }
        rate = np.array([share.get(f"{a}-{a + 4}", 0.0) for a in range(15, 70, 5)])
        now = [
            value / 100
            for of, name, group, year, value in zip(
                *(modelled[c] for c in ("sex", "indicator", "age_group", "year", "value_pct")), strict=True
            )
            if (of, name, group, year) == (sex, "lfpr", "25-54", 2025)
        ]
        prime = people_by_age()[s].reshape(N_AGE_BANDS, 5).sum(axis=1)[2:8]
        rate *= now[0] / np.average(rate[2:8], weights=prime)
        for band in range(N_AGE_BANDS):
            people = sizes[s, (age >= FIRST_WORK_AGE) & ((age - 15) // 5 == band)].sum()
            totals[s, band] = people * (1 - rate[band]), people * rate[band]
    return totals


def form_totals() -> dict[int, float]:
    """Return official numbers of platform and flexible workers by form (灵活就业人数). [10k persons]"""
    flexible = 100 * survey("L003")
    platform = cell("contribution_continuity", "value", indicator="new_form_workers", year=2022)
    employees = platform * fitted_set.assumption_entries()["platform_employee_share"]["central"]
    return {
        PLATFORM_EMPLOYEE: employees,
        PLATFORM_FLEXIBLE: platform - employees,
        OTHER_FLEXIBLE: flexible - platform + employees,
    }


def rural_migrant_workers() -> float:
    """Return rural people working in another province (跨省外出农民工). [10k persons]"""
    return cell("migrant_worker_numbers", "out_interprovincial_10k", year=BASE_YEAR)


def members() -> tuple[np.ndarray, np.ndarray]:
    """Return insured workers and paying residents by province (各省参保人数). [10k persons]"""
    employee, resident = read_table("employee_scheme_by_province"), read_table("resident_scheme_by_province")
    where = [employee["province"].index(name) for name in province_names()]
    insured = employee["insured_workers_10k"][where]
    where = [resident["province"].index(name) for name in province_names()]
    payers = resident["participants_10k"][where] - resident["recipients_10k"][where]
    return insured, payers


# --- raking --------------------------------------------------------------------------------------------


def rake(seen: BaseYear, bounds: tuple[float, float] = BOUNDS) -> Weights:
    """Return the factors whose weights meet the official totals (迭代比例拟合).

    One kind of factor after the other is multiplied by official over weighted totals until nothing moves. A
    cell at a bound leaves its part to the others.
    """
    cells, grown = seen.cells, ~seen.cells.is_young
    away, in_work = grown & (cells.home != cells.place), grown & (cells.in_labour_force == 1)
    weights = Weights(*(np.array(factor) for factor in EQUAL))._replace(bounds=np.array(bounds))
    wanted_members = np.sum(members(), axis=0)
    outward, inward = residents_away().sum(axis=1), residents_away().sum(axis=0)

    def turn(factor: np.ndarray, wanted: np.ndarray, found: np.ndarray) -> None:
        ratio = np.where((wanted > 0) & (found > 0), wanted / np.maximum(found, 1e-9), 1.0)
        factor[...] = np.clip(factor * ratio, bounds[0] / 4, bounds[1] * 4)

    for _ in range(ROUNDS):
        before = weights_of(cells, weights)
        turn(weights.activity, labour_force(), labour_force_of(seen, seen.number * before))
        count = seen.number * weights_of(cells, weights)
        for form, wanted in form_totals().items():
            turn(weights.form[form : form + 1], wanted, count[in_work & (cells.form == form)].sum())
        count = seen.number * weights_of(cells, weights)
        turn(weights.form[:1], members()[0].sum(), count[seen.insured].sum())  # formal employees carry them
        for factor, places, shares in (
            (weights.origin, cells.home, outward / outward.sum()),
            (weights.destination, cells.place, inward / inward.sum()),
        ):
            count = seen.number * weights_of(cells, weights)
            level = count[away].sum() * rural_migrant_workers() / count[seen.rural_migrant_worker].sum()
            turn(factor, level * shares, _by_province(places, count, away))
        turn(weights.stayed, wanted_members, members_of(seen, seen.number * weights_of(cells, weights)))
        if np.abs(weights_of(cells, weights) - before).max() <= CLOSE:
            break
    return weights._replace(young=_young(seen, weights))


def _young(seen: BaseYear, weights: Weights) -> np.ndarray:
    """Factors of those not yet of working age: those of their elders of the same province, mean 1 by sex."""
    cells, grown = seen.cells, ~seen.cells.is_young
    count = seen.number * weights_of(cells, weights)
    by_home = _by_province(cells.home, count, grown) / _by_province(cells.home, seen.number, grown)
    drawn = np.bincount(cells.home, seen.number, minlength=N_PROVINCES)
    return np.tile(by_home * drawn.sum() / (by_home * drawn).sum(), (2, 1))


def _by_province(places: np.ndarray, count: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    return np.bincount(places[chosen], count[chosen], minlength=N_PROVINCES)


def labour_force_of(seen: BaseYear, count: np.ndarray) -> np.ndarray:
    """Return what `labour_force` counts, of people who each stand for `count` (劳动力)."""
    cells, grown = seen.cells, ~seen.cells.is_young
    found = np.zeros((2, N_AGE_BANDS, 2))
    np.add.at(found, (cells.sex[grown], cells.age_band[grown], cells.in_labour_force[grown]), count[grown])
    return found


def members_of(seen: BaseYear, count: np.ndarray) -> np.ndarray:
    """Return members of both schemes by province at the official national sums (各省参保人数). [10k persons]

    Contributors stand for the insured of the province that keeps their record.
    """
    insured, payers = (total.sum() for total in members())
    contributing = _by_province(seen.record_province, count, seen.contributor)
    paying = _by_province(seen.cells.home, count, seen.resident_payer)
    return insured * contributing / contributing.sum() + payers * paying / paying.sum()


# --- what the weights reach ----------------------------------------------------------------------------


SHOWN = ("resident_payers",)  # not raked to; beside those that are


class Total(NamedTuple):
    """An official total beside the people without and with weights (总量对比). [10k persons]"""

    name: str
    is_met: bool  # raked to; the others are shown only
    official: float
    equal: float
    weighted: float


def reached(seen: BaseYear, weights: Weights) -> list[Total]:
    """Return official totals beside drawn people, all alike and weighted (总量对比)."""
    cells, grown = seen.cells, ~seen.cells.is_young
    counts = seen.number, seen.number * weights_of(cells, weights)
    rows = []

    def add(name: str, official: float, of: Callable[[np.ndarray], float]) -> None:
        found = (float(of(count)) for count in counts)
        rows.append(Total(name, name not in SHOWN, float(official), *found))

    for s, sex in enumerate(SEXES):
        for band in range(N_AGE_BANDS - 2):
            for side, word in enumerate(("outside", "in")):
                add(
                    f"{sex.name}_{15 + 5 * band}_{19 + 5 * band}_{word}_labour_force",
                    labour_force()[s, band, side],
                    lambda count, s=s, band=band, side=side: labour_force_of(seen, count)[s, band, side],
                )
    for form, official in form_totals().items():
        here = grown & (cells.in_labour_force == 1) & (cells.form == form)
        add(FORMS[form].name, official, lambda count, here=here: count[here].sum())
    add(
        "rural_migrant_workers",
        rural_migrant_workers(),
        lambda count: count[seen.rural_migrant_worker].sum(),
    )
    for p, name in enumerate(province_names()):
        label = f"members_{name.lower().replace(' ', '_')}"
        add(label, np.sum(members(), axis=0)[p], lambda count, p=p: members_of(seen, count)[p])
    insured, payers = members()
    add("insured_workers", insured.sum(), lambda count: count[seen.insured].sum())
    add("resident_payers", payers.sum(), lambda count: count[seen.resident_payer].sum())
    return rows


def spread(weight: np.ndarray) -> dict[str, float]:
    """Return how far weights spread (权重离散): ends, quantiles, design effect 1 + cv², effective share.

    >>> spread(np.array([0.5, 1.5]))["design_effect"]
    1.25
    """
    found = {"lowest": float(weight.min()), "highest": float(weight.max())}
    found |= {
        f"quantile_{round(100 * q):02d}": float(x)
        for q, x in zip(QUANTILES, np.quantile(weight, QUANTILES), strict=True)
    }
    effect = float((weight**2).mean() / weight.mean() ** 2)
    return found | {"design_effect": effect, "effective_share": 1 / effect}


# --- files ---------------------------------------------------------------------------------------------

_LABELS = {
    "activity": ("sex", "age_band", ("outside", "in_labour_force")),
    "form": ("form",),
    "stayed": ("province",),
    "origin": ("province",),
    "destination": ("province",),
    "young": ("sex", "province"),
    "bounds": (("lowest", "highest"),),
}


def _labels(field: str) -> list[tuple[str, ...]]:
    """The cell of each element of a field, in order."""
    known = {
        "sex": [term.name for term in SEXES],
        "age_band": [f"{a}-{a + 4}" for a in range(15, 70, 5)],
        "form": [term.name for term in FORMS],
        "province": list(province_names()),
    }
    dimensions = [known[name] if isinstance(name, str) else name for name in _LABELS[field]]
    return [tuple(label) for label in itertools.product(*dimensions)]


def _path(fitted: str, kind: str) -> Path:
    return fitted_set.FITTED / fitted / f"weights.{kind}"


@functools.cache
def load_weights(fitted: str = DEFAULT_SET) -> Weights:
    """Return the weights of a fitted set (权重因子); all people count alike in a set without.

    >>> load_weights("first").form.tolist() == [1.0] * 8
    True
    """
    if fitted not in fitted_set.set_names() or not _path(fitted, "csv").is_file():
        return EQUAL
    with open(_path(fitted, "csv"), encoding="utf-8", newline="") as file:
        rows = {(row["factor"], row["cell"]): row["value"] for row in csv.DictReader(file)}
    faults, arrays = [], {}
    for field, shape in ((name, np.shape(part)) for name, part in EQUAL._asdict().items()):
        values = []
        for label in (" ".join(parts) for parts in _labels(field)):
            text = rows.pop((field, label), None)
            if text is None:
                faults.append(Fault(f"{field}, {label}", "missing"))
            elif not 0.0 < float(text) < 100.0:
                faults.append(Fault(f"{field}, {label}", f"{text} is outside 0 to 100"))
            else:
                values.append(float(text))
        if len(values) == np.prod(shape, dtype=int):
            arrays[field] = np.array(values).reshape(shape)
    faults += [Fault(f"{field}, {label}", "no such cell") for field, label in rows]
    if faults:
        raise CalibrationError(str(_path(fitted, "csv")), faults)
    return Weights(**arrays)


def report(fitted: str = DEFAULT_SET) -> dict[str, Any] | None:
    """Return what the shipped weights reached when they were fitted (权重报告); None for a set without."""
    if not _path(fitted, "yaml").is_file():
        return None
    document = read_yaml(_path(fitted, "yaml").read_text(encoding="utf-8"))
    if document.faults:
        raise CalibrationError(str(_path(fitted, "yaml")), document.faults)
    return document.data


def evidence(fitted: str) -> str:
    """Return the SHA-256 of the factors and of what they rest on (权重校验和): tables, assumptions, set."""
    digest = hashlib.sha256(fitted_set.evidence_checksum("weights").encode())
    for path in (_path(fitted, "csv"), fitted_set.FITTED / fitted / "behaviour.yaml"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_stale(fitted: str = DEFAULT_SET) -> bool:
    """Return whether tables, set or factors changed since the weights were fitted (权重是否过期)."""
    told = report(fitted)
    return told is not None and told["evidence"] != evidence(fitted)


def write_weights(fitted: str, persons: int = PERSONS, threads: int = 2) -> None:
    """Fit and write the weights of a fitted set (生成权重)."""
    seen = base_year(fitted, persons, threads=threads)
    weights = rake(seen)
    with open(_path(fitted, "csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["factor", "cell", "value"])
        for field, factor in weights._asdict().items():
            for label, value in zip(_labels(field), np.ravel(factor), strict=True):
                writer.writerow([field, " ".join(label), f"{value:.6g}"])
    load_weights.cache_clear()
    weights = load_weights(fitted)
    lines = [
        f"# Written by `flexpension calibrate weigh {fitted}`: how far weights spread and what",
        "# they reach. Totals in 10k persons: official, all people alike, weighted.",
        f"evidence: {evidence(fitted)}",
        f"persons: {persons}",
        "spread:",
        *(f"  {key}: {value:.4g}" for key, value in spread(weights_of(seen.cells, weights)).items()),
        "totals:",
    ]
    for row in reached(seen, weights):
        numbers = ", ".join(f"{x:.1f}" for x in (row.official, row.equal, row.weighted))
        lines.append(f"  {row.name}: [{numbers}]")
    _path(fitted, "yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
