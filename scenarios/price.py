"""What a reform costs year by year, who bears it, and what the money buys (改革成本).

The flows of people born 1965 to 2010 under each scenario, weighted to the official cohorts, and a few ratios
of costs to gains. Memory does not grow with the number of people.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from calibration.paths import cohort_sizes
from scenarios.inputs import demography
from scenarios.levers import levers_of
from scenarios.neutrality import by_lever, employing_over_contracting
from scenarios.pools import pools
from scenarios.scenario import CURRENT_LAW, ScenarioError, compile_case, load_scenario
from simulate.around_minimum import COUNTS, N_DISTANCES, count_at_statutory_age, count_distances
from simulate.flows import ITEMS, add_flows
from simulate.groups import DIMENSIONS
from simulate.kernel import pack
from simulate.law import load_law
from simulate.outcomes import N_OUTCOMES
from simulate.population import Population
from simulate.provincial_flows import ITEMS as PROVINCIAL_ITEMS
from simulate.provincial_flows import add_provincial_flows
from simulate.results import COLUMNS, DERIVED, derive
from simulate.run import BLOCK, Course, careers_under, follow, live, make_room, prepare
from simulate.terms import FIRST_YEAR, N_PROVINCES, PAYERS, PRESENT_VALUE_YEAR
from simulate.transfers import empty_rights, move_rights

SCHEMA_VERSION = 1
FIRST_FLOW_YEAR, LAST_FLOW_YEAR = 2025, 2100
N_FLOW_YEARS = LAST_FLOW_YEAR - FIRST_FLOW_YEAR + 1
THOUSAND, MILLION = 1e3, 1e6
SMALL = 1e-3  # of the greatest yearly effect on the pool; less is no turn
PRACTICE, CO_FUNDING = "current-practice", "platform_levy"
N_COHORTS, N_QUINTILES = (len(DIMENSIONS[name].values) for name in ("cohort", "earnings_quintile"))
_NAMES = [item.name for item in ITEMS]
_PAID = tuple(f"paid_by_{payer.name}" for payer in PAYERS)
_GOVERNMENT = ("paid_by_government", "resident_basic_pensions", "floor_pensions")
_PENSIONS = ("employee_pensions", "resident_basic_pensions", "resident_account_pensions", "floor_pensions")
_OTHER_BENEFITS = ("inherited_accounts", "survivor_grants", "refunds")
_RESIDENT_BUDGET = ("resident_subsidies", "resident_basic_pensions")
_MOVERS = ("new_joiners", "down_shifters", "resident_switchers")
MILLIONS_BY_COHORT = (*_PAID, "government", "into_pool", "pensions", "pool_balance")


class Totals(NamedTuple):
    """What the people add up to under each scenario (合计)."""

    flows: np.ndarray  # (scenario, cohort, quintile, year, item) yuan
    sums: np.ndarray  # (scenario, cohort, quintile, column) outcomes and derived columns
    by_province: np.ndarray  # (scenario, year, province, item) yuan
    at_age: np.ndarray  # (scenario, year, count) people
    distances: np.ndarray  # (scenario, distance) people


def price(
    scenarios: Sequence[str], persons: int = 20_000, seed: int = 1, baseline: str = CURRENT_LAW
) -> dict[str, Any]:
    """Return yearly flows, who bears the change, and ratios of cost to gain (逐年收支、负担归宿与成本效益).

    Parameters
    ----------
    scenarios : sequence of str
        Names, files or combinations.
    persons, seed : int
    baseline : str

    Returns
    -------
    dict
        JSON-ready. By scenario, baseline first: `flows`, one row a year with the items of `simulate.flows`,
        `government` (contributions, resident basic, floor pensions), `pensions` and `pool_balance`, million
        yuan of the day; `statutory_age`, one row a year with `simulate.around_minimum.COUNTS`, people;
        `distances`, people by years from their minimum; `provinces`, the rows of `scenarios.pools`. By
        scenario, changes against the baseline: `summary` (null where nothing changes), `incidence` by
        earnings quintile, `cohorts` (million yuan of present value), `neutrality` by lever. `practice`:
        co-funding against current practice.
    """
    asked = [baseline, *scenarios]
    stacked = _with_practice(asked)
    names = list(dict.fromkeys([*asked, *([PRACTICE] if stacked else []), *filter(None, stacked.values())]))
    cases = [prepare(compile_case(load_scenario(name))) for name in names]
    totals = _run(cases, persons, seed)
    weight = THOUSAND * float(cohort_sizes(demography().death_probability).sum()) / persons
    years = np.arange(FIRST_FLOW_YEAR, LAST_FLOW_YEAR + 1)
    factor = cases[0].policy.discount_factor
    factor = factor[years - FIRST_YEAR] / factor[PRESENT_VALUE_YEAR - FIRST_YEAR]
    flows = weight / MILLION * totals.flows
    sums = totals.sums.sum(axis=(1, 2))
    rows = {name: _rows(flows[s].sum(axis=(0, 1))) for s, name in enumerate(names)}
    of = {name: s for s, name in enumerate(names)}

    def summary(before: str, after: str) -> dict[str, Any]:
        ends = (sums[of[before]], sums[of[after]])
        return _summary(rows[before], rows[after], *ends, factor, weight)

    return {
        "schema_version": SCHEMA_VERSION,
        "persons": persons,
        "seed": seed,
        "baseline": baseline,
        "people_for_each_person": weight,
        "flows": {name: rows[name] for name in asked},
        "summary": {
            name: summary(baseline, name)
            | {mover: weight * float(sums[of[name], COLUMNS[mover]]) for mover in _MOVERS}
            | {"employing_over_contracting": employing_over_contracting(cases[of[name]].policy)}
            for name in scenarios
        },
        "employing_over_contracting": employing_over_contracting(cases[0].policy),
        "provinces": {name: pools(weight / MILLION * totals.by_province[of[name]], factor) for name in asked},
        "incidence": {
            name: _incidence(totals, of[name], MILLION * (flows[of[name]] - flows[0]), factor, weight)
            for name in scenarios
        },
        "cohorts": {name: _by_cohort(flows[of[name]] - flows[0], factor) for name in scenarios},
        "statutory_age": {
            name: [
                {"year": year} | dict(zip((term.name for term in COUNTS), row, strict=True))
                for year, row in zip(years.tolist(), (weight * totals.at_age[of[name]]).tolist(), strict=True)
            ]
            for name in asked
        },
        "distances": {name: (weight * totals.distances[of[name]]).tolist() for name in asked},
        "neutrality": {name: by_lever(load_scenario(name)) for name in scenarios},
        "practice": {
            name: {"instead": summary(PRACTICE, name), "on_top": summary(PRACTICE, both) if both else None}
            for name, both in stacked.items()
        },
    }


def _with_practice(asked: Sequence[str]) -> dict[str, str | None]:
    """Scenarios that let platforms pay, and each together with current practice; None where they conflict.

    Actuarial reason: under current practice riders have part of their contribution paid already, so that a
    reform that ends it can cost them more than it brings.
    """
    found: dict[str, str | None] = {}
    if asked[0] == PRACTICE:
        return found
    for name in asked[1:]:
        if CO_FUNDING in levers_of(load_scenario(name)) and PRACTICE not in name.split("+"):
            try:
                load_scenario(f"{name}+{PRACTICE}")
                found[name] = f"{name}+{PRACTICE}"
            except ScenarioError:
                found[name] = None
    return found


def _minimum_bounds() -> tuple[float, float]:
    """The minimum months of contributions under current law, before its rise and after."""
    series = [value.value for value in load_law().series("minimum_contribution_months")]
    return float(min(series)), float(max(series))


def _run(cases, persons: int, seed: int) -> Totals:
    world, room, population = pack(demography()), make_room(BLOCK), Population(persons=persons, seed=seed)
    n_groups, first = N_COHORTS * N_QUINTILES, FIRST_FLOW_YEAR - FIRST_YEAR
    totals = Totals(
        np.zeros((len(cases), n_groups, N_FLOW_YEARS, len(ITEMS))),
        np.zeros((len(cases), n_groups, len(COLUMNS))),
        np.zeros((len(cases), N_FLOW_YEARS, N_PROVINCES, len(PROVINCIAL_ITEMS))),
        np.zeros((len(cases), N_FLOW_YEARS, len(COUNTS))),
        np.zeros((len(cases), N_DISTANCES)),
    )
    bounds, rights = _minimum_bounds(), empty_rights(BLOCK)
    for start in range(0, persons, BLOCK):
        number = min(BLOCK, persons - start)
        lives = live(population, start, number, cases[0], world, room)
        people, weight = lives.people, lives.weight
        group = N_QUINTILES * lives.traits["cohort"] + lives.traits["earnings_quintile"]
        outcomes = np.empty((len(cases), N_OUTCOMES, number))
        for s, case in enumerate(cases):
            course: Course = follow(lives, case, world, room)
            outcomes[s] = course.outcomes
            careers, policy, behaviour = careers_under(lives, case), case.policy, case.behaviour
            parts = (course.plan, course.record, course.award)
            move_rights(people, careers, policy, behaviour, *parts, rights)
            lived = (people, weight, careers, policy, behaviour, world)
            add_flows(*lived, *parts, group, first, totals.flows[s])
            add_provincial_flows(*lived, *parts, rights, first, totals.by_province[s])
            count_at_statutory_age(*lived, course.plan, *bounds, first, totals.at_age[s])
            count_distances(people, weight, policy, course.plan, course.award, totals.distances[s])
        derived = np.empty((len(cases), len(DERIVED), number))
        derive(outcomes, np.ascontiguousarray(people.sex, dtype=np.int64), 0, derived)
        member = (np.arange(n_groups)[:, None] == group) * weight
        totals.sums[:] += np.einsum("scn,gn->sgc", np.concatenate((outcomes, derived), axis=1), member)
    shape = (len(cases), N_COHORTS, N_QUINTILES)
    return totals._replace(
        flows=totals.flows.reshape(*shape, N_FLOW_YEARS, -1), sums=totals.sums.reshape(*shape, -1)
    )


def _incidence(
    totals: Totals, s: int, change: np.ndarray, factor: np.ndarray, weight: float
) -> list[dict[str, Any]]:
    """Who bears the change, by earnings quintile: yuan a person and shares of lifetime earnings.

    The pool bears what its balance loses; pay forgone is what firms pass on. Then what people receive.
    """
    values = np.einsum("kqyi,y->qi", change, factor)
    people = weight * totals.sums[0, :, :, COLUMNS["one"]].sum(axis=0)
    earned = weight * totals.sums[:, :, :, COLUMNS["earnings_sum"]].sum(axis=1)
    found = []
    groups = [*((str(q + 1), [q]) for q in range(N_QUINTILES)), ("all", list(range(N_QUINTILES)))]
    for label, chosen in groups:
        item = dict(zip(_NAMES, values[chosen].sum(axis=0), strict=True))
        n, base = people[chosen].sum(), earned[0, chosen].sum()
        borne = {payer.name: item[f"paid_by_{payer.name}"] for payer in PAYERS}
        borne["government"] = sum(item[name] for name in _GOVERNMENT)
        borne["pool"] = item["pool_payments"] - item["into_pool"]
        borne["pay_forgone"] = base - earned[s, chosen].sum()
        borne["received"] = sum(item[name] for name in (*_PENSIONS, *_OTHER_BENEFITS))
        found.append(
            {
                "earnings_quintile": label,
                "people": float(n),
                "yuan_a_person": {key: float(amount / n) if n else None for key, amount in borne.items()},
                "share_of_lifetime_earnings": {
                    key: float(amount / base) if base else None for key, amount in borne.items()
                },
            }
        )
    return found


def _by_cohort(change: np.ndarray, factor: np.ndarray) -> list[dict[str, Any]]:
    """Changes of present values by decade of birth, million yuan."""
    values = np.einsum("kqyi,y->ki", change, factor)
    cohorts = [term.name for term in DIMENSIONS["cohort"].values]
    return [
        {"cohort": cohort} | {key: _item(row)[key] for key in MILLIONS_BY_COHORT}
        for cohort, row in zip(cohorts, values.tolist(), strict=True)
    ]


def _item(row: list[float]) -> dict[str, float]:
    """Items by name, and what is made of them."""
    found = dict(zip(_NAMES, row, strict=True))
    found["government"] = sum(found[name] for name in _GOVERNMENT)
    found["government_other"] = found["government"] - found["resident_basic_from_centre"]
    found["pensions"] = sum(found[name] for name in _PENSIONS)
    found["pool_balance"] = found["into_pool"] - found["pool_payments"]
    return found


def _rows(flows: np.ndarray) -> list[dict[str, float]]:
    return [{"year": FIRST_FLOW_YEAR + y, **_item(row)} for y, row in enumerate(flows.tolist())]


def _summary(before, after, sums_before, sums_after, factor, weight) -> dict[str, float | int | None]:
    """Costs as present values, million yuan; gains; and one over the other."""

    def change(name: str) -> np.ndarray:
        return np.array([b[name] - a[name] for a, b in zip(before, after, strict=True)])

    def mean(sums, name: str, over: str = "one") -> float:
        return float(sums[COLUMNS[name]] / sums[COLUMNS[over]]) if sums[COLUMNS[over]] else 0.0

    def per(cost: float, gain: float) -> float | None:
        return cost / gain if gain > 0 and cost > 0 else None

    government = float((change("government") * factor).sum())
    pool = float((change("pool_balance") * factor).sum())
    pensions = float((change("pensions") * factor).sum())
    public = government - pool
    points = 100 * (
        mean(sums_after, "pension_at_65", "reference_wage_at_65")
        - mean(sums_before, "pension_at_65", "reference_wage_at_65")
    )
    lifted = weight * float(sums_before[COLUMNS["below_dibao"]] - sums_after[COLUMNS["below_dibao"]])
    replacement = 100 * (
        mean(sums_after, "pension_with_last_earnings", "last_earnings")
        - mean(sums_before, "pension_with_last_earnings", "last_earnings")
    )
    resident = sum(float((change(name) * factor).sum()) for name in _RESIDENT_BUDGET)
    return {
        "government_cost": government,
        "government_cost_of_centre": float((change("resident_basic_from_centre") * factor).sum()),
        "pool_balance": pool,
        "public_cost": public,
        "pensions": pensions,
        "points_of_average_wage": points,
        "points_of_replacement_rate": replacement,
        "people_lifted_over_dibao": lifted,
        "public_cost_per_point": per(public, points),
        "public_cost_per_point_of_replacement_rate": per(public, replacement),
        "public_cost_per_person_lifted": per(public * MILLION, lifted),
        "pension_per_yuan_of_public_money": per(pensions, public),
        "pool_turns": _turning_year(change("pool_balance")),
        "resident_budget_saved": -resident,
        "paid_by_worker": float((change("paid_by_worker") * factor).sum()),
        "paid_by_platform": float((change("paid_by_platform") * factor).sum()),
        "contribution_burden": 100
        * (
            mean(sums_after, "flexible_paid_by_worker", "flexible_earnings")
            - mean(sums_before, "flexible_paid_by_worker", "flexible_earnings")
        ),
    }


def _turning_year(balance: np.ndarray) -> int | None:
    """The first year in which the pool's cash effect has another sign than in its first year, for good."""
    moved = np.flatnonzero(np.abs(balance) > SMALL * float(np.abs(balance).max()))
    if moved.size == 0:
        return None
    signs = np.sign(balance[moved])
    other = np.flatnonzero(signs == signs[0])
    last = int(other[-1]) + 1
    return int(FIRST_FLOW_YEAR + moved[last]) if last < moved.size else None
