"""Is this installation sound (自检)? Worked cases, a stored run, the money identity, recomputed.

The stored run stands in ``selftest.json``. After a change of law, data or model that is meant it is written
anew by ``python -m scenarios.selftest``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from scenarios.catalogue import say
from scenarios.provenance import TOLERANCE, Result

STORED = "selftest.json"
SCENARIOS = ("lower-floor", "platform-cofunding", "carer-credits")
PERSONS, SEED = 1_000, 1
LARGEST_GAP = 1e-6  # yuan a person, of sums of some million


def selftest(lang: str = "en") -> Iterator[Result]:
    """Yield the result of each part of the self-test (自检结果)."""
    for part in (_worked_cases, _stored_run, _money):
        good, name, detail = part(lang)
        yield Result(good, say("self_good" if good else "self_bad", lang, name=name, detail=detail))


def _worked_cases(lang: str):
    from simulate.worked import check_worked_cases

    results = check_worked_cases()
    wrong = sum(not result.good for result in results)
    detail = say("self_cases_detail", lang, n=len(results), wrong=wrong)
    return wrong == 0, say("self_cases", lang), detail


def small_run() -> dict[str, float | None]:
    """Return every number of the small run that is stored (存档运行), by scenario, indicator and kind."""
    from scenarios.comparison import compare

    rows = compare(SCENARIOS, persons=PERSONS, seed=SEED, by=()).rows()
    return {
        f"{row['scenario']} {row['indicator']} {kind}": row[kind]
        for row in rows
        for kind in ("value", "standard_error", "difference", "difference_se")
    }


def same(a: float | None, b: float | None) -> bool:
    """Return whether two numbers agree as design allows between processors (数值一致)."""
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _stored_run(lang: str):
    stored = json.loads((resources.files("scenarios") / STORED).read_text("utf-8"))
    found = small_run()
    wrong = sum(not same(stored.get(key), found.get(key)) for key in stored.keys() | found.keys())
    detail = say("self_run_detail", lang, n=len(found), persons=PERSONS, wrong=wrong)
    return wrong == 0, say("self_run", lang), detail


def money_gap(persons: int = 500, seed: int = SEED) -> tuple[float, float]:
    """Return what all payers pay and its largest difference to where it went in a year (收支恒等式)."""
    from scenarios.inputs import demography
    from scenarios.scenario import compile_case, load_scenario
    from simulate.run import Population, follow, live

    world, population = demography(), Population(persons=persons, seed=seed)
    cases = [compile_case(load_scenario(name)) for name in ("current-law", "+".join(SCENARIOS))]
    lives = live(population, 0, persons, cases[0], world)
    paid, gap = 0.0, 0.0
    for case in cases:
        record = follow(lives, case, world).record
        by_year, sunk = record.paid.sum(axis=2), record.sunk.sum(axis=2)
        paid += float(by_year.sum())
        gap = max(gap, float(abs(by_year - sunk).max()))
    return paid, gap


def _money(lang: str):
    paid, gap = money_gap()
    return gap <= LARGEST_GAP, say("self_money", lang), say("self_money_detail", lang, paid=paid, gap=gap)


if __name__ == "__main__":
    path = Path(__file__).with_name(STORED)
    path.write_text(json.dumps(small_run(), indent=0) + "\n", "utf-8")
