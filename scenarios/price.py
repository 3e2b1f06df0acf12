"""What a reform costs year by year, and what the money buys (改革成本).

The flows of people born 1965 to 2010 under each scenario, weighted to the official cohorts, and a few ratios
of costs to gains. Memory does not grow with the number of people.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from calibration.paths import cohort_sizes
from scenarios.catalogue import say
from scenarios.inputs import demography
from scenarios.pools import pools, pools_block
from scenarios.scenario import CURRENT_LAW, compile_case, load_scenario
from scenarios.tables import Block
from simulate.flows import ITEMS, add_flows
from simulate.kernel import pack
from simulate.outcomes import N_OUTCOMES, POSITION
from simulate.population import Population
from simulate.provincial_flows import ITEMS as PROVINCIAL_ITEMS
from simulate.provincial_flows import add_provincial_flows
from simulate.run import BLOCK, Course, careers_under, follow, live, make_room, prepare
from simulate.terms import FIRST_YEAR, N_PROVINCES, PRESENT_VALUE_YEAR
from simulate.transfers import empty_rights, move_rights

SCHEMA_VERSION = 1
FIRST_FLOW_YEAR, LAST_FLOW_YEAR = 2025, 2100
THOUSAND, MILLION = 1e3, 1e6
SMALL = 1e-3  # of the greatest yearly effect on the pool; less is no turn
_NAMES = [item.name for item in ITEMS]
_GOVERNMENT = ("paid_by_government", "resident_basic_pensions", "floor_pensions")
_PENSIONS = ("employee_pensions", "resident_basic_pensions", "resident_account_pensions", "floor_pensions")


def price(
    scenarios: Sequence[str], persons: int = 20_000, seed: int = 1, baseline: str = CURRENT_LAW
) -> dict[str, Any]:
    """Return yearly flows and ratios of cost to gain of scenarios against a baseline (逐年收支与成本效益).

    Parameters
    ----------
    scenarios : sequence of str
        Names, files or combinations.
    persons, seed : int
    baseline : str

    Returns
    -------
    dict
        JSON-ready. `flows`: by scenario, baseline first, one row a year with the items of `simulate.flows`,
        `government` (contributions, resident basic, floor pensions), `pensions` and `pool_balance`, million
        yuan of the day. `summary`: by scenario, changes against the baseline; null where nothing changes.
        `provinces`: by scenario, baseline first, the rows of `scenarios.pools`.
    """
    names = [baseline, *scenarios]
    cases = [prepare(compile_case(load_scenario(name))) for name in names]
    flows, by_province, sums = _run(cases, persons, seed)
    weight = THOUSAND * float(cohort_sizes(demography().death_probability).sum()) / persons
    flows *= weight / MILLION
    by_province *= weight / MILLION
    rows = {name: _rows(flows[s]) for s, name in enumerate(names)}
    years = np.arange(FIRST_FLOW_YEAR, LAST_FLOW_YEAR + 1)
    factor = cases[0].policy.discount_factor
    factor = factor[years - FIRST_YEAR] / factor[PRESENT_VALUE_YEAR - FIRST_YEAR]
    return {
        "schema_version": SCHEMA_VERSION,
        "persons": persons,
        "seed": seed,
        "baseline": baseline,
        "people_for_each_person": weight,
        "flows": rows,
        "summary": {
            name: _summary(rows[baseline], rows[name], sums[0], sums[s], factor, weight)
            | {"employing_over_contracting": employing_over_contracting(cases[s].policy)}
            for s, name in enumerate(names)
            if s > 0
        },
        "employing_over_contracting": employing_over_contracting(cases[0].policy),
        "provinces": {name: pools(by_province[s], factor) for s, name in enumerate(names)},
    }


def _run(cases, persons: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Flows (scenario, year, item), those by province (with it before the item), sums of outcomes."""
    world, room, population = pack(demography()), make_room(BLOCK), Population(persons=persons, seed=seed)
    n_years = LAST_FLOW_YEAR - FIRST_FLOW_YEAR + 1
    flows, sums = np.zeros((len(cases), n_years, len(ITEMS))), np.zeros((len(cases), N_OUTCOMES))
    by_province = np.zeros((len(cases), n_years, N_PROVINCES, len(PROVINCIAL_ITEMS)))
    rights, first_year = empty_rights(BLOCK), FIRST_FLOW_YEAR - FIRST_YEAR
    for first in range(0, persons, BLOCK):
        lives = live(population, first, min(BLOCK, persons - first), cases[0], world, room)
        for s, case in enumerate(cases):
            course: Course = follow(lives, case, world, room)
            sums[s] += course.outcomes @ lives.weight
            careers = careers_under(lives, case)
            parts = (course.plan, course.record, course.award)
            move_rights(lives.people, careers, case.policy, case.behaviour, *parts, rights)
            lived = (lives.people, lives.weight, careers, case.policy, case.behaviour, world, *parts)
            add_flows(*lived, first_year, flows[s])
            add_provincial_flows(*lived, rights, first_year, by_province[s])
    return flows, by_province, sums


def employing_over_contracting(policy, year: int = 2035, earnings_ratio: float = 0.8) -> float:
    """Return what an employee costs a firm more than a contractor of the same pay (用工形式成本差).

    Mean over the provinces, for a worker who earns `earnings_ratio` of the reference wage, all of it through
    one platform with a subsidy programme: contributions of the employer less the platform's levy and subsidy.
    A gap that a lever widens is a reason not to employ. [share of pay]
    """
    y, m = year - FIRST_YEAR, 12 * (year - FIRST_YEAR)
    pay = earnings_ratio * policy.reference_wage[:, y]
    base = np.clip(pay, policy.base_floor[:, m], policy.base_cap[:, m])
    employing = policy.employer_rate[:, m] * base
    levy = policy.platform_levy[m] + policy.levy_dependent_extra[m]
    subsidy = policy.platform_subsidy_share[m] * policy.flexible_rate[:, m] * policy.flexible_base_floor[:, m]
    return float(((employing - levy * pay - subsidy) / pay).mean())


def _rows(flows: np.ndarray) -> list[dict[str, float]]:
    rows = []
    for y, row in enumerate(flows.tolist()):
        found = dict(zip(_NAMES, row, strict=True))
        found["government"] = sum(found[name] for name in _GOVERNMENT)
        found["pensions"] = sum(found[name] for name in _PENSIONS)
        found["pool_balance"] = found["into_pool"] - found["pool_payments"]
        rows.append({"year": FIRST_FLOW_YEAR + y, **found})
    return rows


def _summary(before, after, sums_before, sums_after, factor, weight) -> dict[str, float | int | None]:
    """Costs as present values, million yuan; gains; and one over the other."""

    def change(name: str) -> np.ndarray:
        return np.array([b[name] - a[name] for a, b in zip(before, after, strict=True)])

    def mean(sums, name: str, over: str = "one") -> float:
        return float(sums[POSITION[name]] / sums[POSITION[over]])

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
    lifted = weight * float(sums_before[POSITION["below_dibao"]] - sums_after[POSITION["below_dibao"]])
    return {
        "government_cost": government,
        "pool_balance": pool,
        "public_cost": public,
        "pensions": pensions,
        "points_of_average_wage": points,
        "people_lifted_over_dibao": lifted,
        "public_cost_per_point": per(public, points),
        "public_cost_per_person_lifted": per(public * MILLION, lifted),
        "pension_per_yuan_of_public_money": per(pensions, public),
        "pool_turns": _turning_year(change("pool_balance")),
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


def price_blocks(found: dict[str, Any], lang: str = "en") -> list[Block]:
    """Return the price as tables (成本表): ratios, then flows every fifth year as changes."""
    keys = list(next(iter(found["summary"].values()))) if found["summary"] else []
    rows = [
        (say(f"price_{key}", lang), *(_number(summary[key]) for summary in found["summary"].values()))
        for key in keys
    ]
    blocks = [Block(say("price_title", lang), (say("price_item", lang), *found["summary"]), tuple(rows))]
    before = found["flows"][found["baseline"]]
    columns = ("government", "paid_by_worker", "paid_by_platform", "into_pool", "pensions", "pool_balance")
    header = (say("price_year", lang), *(say(f"price_{name}", lang) for name in columns))
    for name in found["summary"]:
        lines = [
            (str(b["year"]), *(_number(b[key] - a[key]) for key in columns))
            for a, b in zip(before, found["flows"][name], strict=True)
            if b["year"] % 5 == 0
        ]
        blocks.append(Block(say("price_flows", lang, scenario=name), header, tuple(lines)))
    blocks += [pools_block(rows, name, lang) for name, rows in found["provinces"].items()]
    return blocks


def price_csv(found: dict[str, Any]) -> str:
    """Return the flows of every scenario and year as CSV (逐年收支表)."""
    stream = io.StringIO()
    columns = list(found["flows"][found["baseline"]][0])
    writer = csv.DictWriter(stream, ["scenario", *columns], lineterminator="\n")
    writer.writeheader()
    for name, rows in found["flows"].items():
        writer.writerows({"scenario": name, **row} for row in rows)
    return stream.getvalue()


def _number(value: float | int | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, int):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
