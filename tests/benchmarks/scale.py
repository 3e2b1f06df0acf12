"""Rows of `bench.py` about size (规模): files of people, workers, awards, the criterion of the fit."""

from __future__ import annotations

import io
from collections.abc import Callable

from calibration.fit import Model, prior
from scenarios import compare
from scenarios.cluster import cluster
from scenarios.people import People
from simulate.award import award

PEOPLE, CASES, FIT_PERSONS = 32_768, 20_000, 10_000
SCENARIOS = ("lower-floor", "platform-cofunding", "carer-credits")


def people(rows, seconds: Callable, simulate, population, cases, world) -> None:
    """Add what it costs to write the people of a run (写出个人结果)."""
    blocks, names = [], [case.name for case in cases]
    work = lambda: simulate(population, cases, world, threads=2, watch=lambda *block: blocks.append(block))  # noqa: E731
    work()
    blocks.clear()
    run = f"run of {population.persons:,} people, {len(cases)} scenarios, 2 threads"
    rows.add(run, seconds(work, 1), "s")

    def write() -> bytes:
        file = People(names)
        for block in blocks:
            file(*block)
        return file.to_parquet()

    size, n_rows = len(write()), population.persons * len(cases)
    took = seconds(write)
    rows.add("its people as Parquet", took, "s", run)
    rows.add("rows of people", n_rows / took / 1e6, "million/s")
    import pyarrow.parquet as pq

    columns = pq.read_schema(io.BytesIO(write()))
    rows.add("a value of a person", size / n_rows / len(columns.names), "bytes")


def awards(rows, seconds: Callable) -> None:
    """Add how many awards are given in a second (待遇核定)."""
    cases = [
        {
            "id": k,
            "system": "employee",
            "category": "male",
            "birth": f"1968-{1 + k % 12:02d}",
            "claim_month": f"2029-{1 + k % 12:02d}",
            "province": "Henan",
            "contribution_months": 240 + k % 240,
            "average_contribution_index": 0.8,
            "account_balance": 40_000 + k,
        }
        for k in range(CASES)
    ]
    award(cases[:10])
    for steps in (False, True):
        name = f"awards {'with' if steps else 'without'} steps"
        took = seconds(lambda steps=steps: award(cases, steps=steps), 2)
        rows.add(name, CASES / took, "1/s", "awards without steps" if steps else "")


def criterion(rows, seconds: Callable) -> None:
    """Add how often the criterion of the fit is computed (校准准则)."""
    model, theta = Model(FIT_PERSONS), list(prior().centre)
    model.moments(theta)
    took = seconds(lambda: Model(FIT_PERSONS).moments(theta), 2)
    rows.add(f"criterion of the fit, {FIT_PERSONS:,} people", 1.0 / took, "1/s")


def workers(rows, seconds: Callable) -> None:
    """Add a run on threads beside the same by workers of a Dask cluster (多进程)."""

    def work(threads: int | None = None) -> None:
        compare(SCENARIOS, persons=4 * PEOPLE, by=(), indicators=["pension_to_average_wage"], threads=threads)

    for threads in (1, 2):
        plural = "s" if threads > 1 else ""
        name = f"run of {4 * PEOPLE:,} people, {len(SCENARIOS) + 1} scenarios, {threads} thread{plural}"
        rows.add(name, seconds(lambda threads=threads: work(threads), 1), "s")
        with cluster(workers=threads):
            work()  # the workers load compiled code
            rows.add(f"the same by {threads} worker{plural}", seconds(work, 1), "s", name)
