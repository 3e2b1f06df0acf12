"""How fast and how large the model is (性能): a table, and with OUT=FILE the same as JSON.

    make bench                  a few minutes on two cores
    make bench OUT=bench.json   writes machine, date and rows
    make bench FULL=1           a million people, too

Times are the best of three; `against` names the row that `ratio` is relative to.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import common_workload
import numba
import numpy as np
import scale
from rich.console import Console
from rich.table import Table

from calibration.paths import load_demography, load_economy
from scenarios.scenario import compile_case, library, load_scenario
from simulate.assessment import assess
from simulate.careers import draw_careers
from simulate.contributions import settle
from simulate.kernel import pack
from simulate.law import load_law
from simulate.outcomes import N_OUTCOMES
from simulate.participation import decide
from simulate.payments import pay
from simulate.policy import compile_policy
from simulate.population import Population, draw_people
from simulate.results import Accumulators
from simulate.run import BLOCK, group_traits, live, make_room, prepare, simulate

SCENARIOS = (1, 4, 8, 32, 64)  # evaluated on each life
REFORMS = ("current-law", "lower-floor", "platform-cofunding", "carer-credits")
PERSONS = 20_000
GROUPINGS = ((), ("sex",), ("exposure", "form"))
WORLD = pack(load_demography())
# what a subprocess does: the resident set of a run of so many people, its own compiler's work included
MEMORY = """
import resource, sys
from pathlib import Path
from calibration.paths import load_demography
from scenarios.scenario import compile_case, load_scenario
from simulate.population import Population
from simulate.run import simulate

cases = [compile_case(load_scenario(name)) for name in ("current-law", "lower-floor")]
simulate(Population(persons=int(sys.argv[1])), cases, load_demography(), groupings=((), ("sex",)))
status = Path("/proc/self/status")  # the greatest of this process alone; getrusage knows the parent's, too
if status.exists():
    print(1024 * next(int(line.split()[1]) for line in status.read_text().splitlines() if "VmHWM" in line))
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


class Rows(list):
    """The rows of the table, in order."""

    def add(self, name: str, value: float, unit: str, against: str = "") -> None:
        """Append a row; its ratio is to the row named `against`."""
        base = {row["name"]: row["value"] for row in self}.get(against)
        ratio = value / base if base else None
        self.append({"name": name, "value": value, "unit": unit, "against": against, "ratio": ratio})


def seconds(
    work: Callable[[], object], rounds: int = 3, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return the shortest time that some work takes (最短用时). [seconds]"""
    times = []
    for _ in range(rounds):
        start = clock()
        work()
        times.append(clock() - start)
    return min(times)


def python(code: str, *arguments: str, **environment: str) -> str:
    """Return what a fresh interpreter prints (子进程输出)."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        command, env={**os.environ, **environment}, check=True, capture_output=True, text=True
    )
    return done.stdout


def speed(rows: Rows) -> None:
    """Add person-months of lives a second, by scenarios evaluated on each life and threads (吞吐量).

    One thread is timed by its processor time, two by the clock on the wall: where other work runs on the
    machine, what the second brings is told too low.
    """
    names = ["current-law", *(name for name in library() if name != "current-law")]
    cases = [prepare(compile_case(load_scenario(name))) for name in names[: max(SCENARIOS)]]
    mean = live(Population(), 0, 2_000, cases[0], WORLD).careers.length.mean()
    cost = {}  # [ns/person-month]
    for n in SCENARIOS:
        # at least ten blocks, so that two threads have enough to share
        population = Population(persons=max(10 * BLOCK, PERSONS // n))
        for threads in (1, 2):
            work = partial(simulate, population, cases[:n], WORLD, groupings=GROUPINGS, threads=threads)
            work()
            clock = time.process_time if threads == 1 else time.perf_counter
            cost[n, threads] = 1e9 * seconds(work, clock=clock) / (population.persons * mean)
            rows.add(
                _run_name(n, threads),
                1e3 / cost[n, threads],
                "million person-months/s",
                _run_name(n, 1) if threads > 1 else (_run_name(1, 1) if n > 1 else ""),
            )
    whole = "run of one scenario, 1 thread"
    rows.add(whole, cost[1, 1], "ns/person-month")
    for n in SCENARIOS[1:]:
        further = (cost[n, 1] - cost[1, 1]) / (n - 1)
        rows.add(f"each further scenario of {n}, 1 thread", further, "ns/person-month", whole)


def _run_name(n: int, threads: int) -> str:
    return f"{n} scenario{'s' if n > 1 else ''}, {threads} thread{'s' if threads > 1 else ''}"


def stages(rows: Rows) -> None:
    """Add the time that each stage of a block takes, one scenario, one thread (各阶段用时)."""
    case = prepare(compile_case(load_scenario("current-law")))
    law, behaviour, economy = case.policy, case.behaviour, case.economy
    room, outcomes = make_room(BLOCK), np.empty((N_OUTCOMES, BLOCK))
    people = draw_people(Population(), 0, BLOCK, behaviour, WORLD)
    drawn = (law.earnings_wage, economy.platform_path, economy.platform_earnings_drift)
    plan, record, award = room.plan, room.record, room.award
    traits, accumulators = {}, Accumulators(["current-law"], GROUPINGS)

    def group():
        traits.update(group_traits(people, room.careers, case))

    whole = {
        "people": lambda: draw_people(Population(), 0, BLOCK, behaviour, WORLD),
        "careers": lambda: draw_careers(people, behaviour, WORLD, *drawn, room.careers),
        "groups": group,
        "participation": lambda: decide(people, room.careers, law, law, behaviour, WORLD, plan),
        "contributions": lambda: settle(people, room.careers, law, behaviour, plan, record),
        "assessment": lambda: assess(people, room.careers, law, plan, record, award),
        "payments": lambda: pay(
            people, room.careers, law, behaviour, WORLD, plan, record, award, outcomes
        ),
        "results": lambda: accumulators.add(outcomes[None], traits, accumulators.persons),
    }  # fmt: skip
    for work in whole.values():
        work()
    time_of = {name: seconds(work, 30, time.process_time) for name, work in whole.items()}
    rows.add("all stages", 1e6 * sum(time_of.values()) / BLOCK, "us/person")
    for name, value in time_of.items():
        rows.add(f"stage: {name}", 1e6 * value / BLOCK, "us/person", "all stages")


def beginnings(rows: Rows) -> None:
    """Add how long it takes to begin: inputs, the compiler, the command (启动用时)."""
    rows.add("compile a law to arrays", seconds(lambda: compile_policy(load_law(), load_economy())), "s")
    warm = "100 people in a fresh process"
    with tempfile.TemporaryDirectory() as folder:
        cold = seconds(lambda: python(MEMORY, "100", NUMBA_CACHE_DIR=folder), 1)
        rows.add(warm, seconds(lambda: python(MEMORY, "100", NUMBA_CACHE_DIR=folder)), "s")
    rows.add("the same, nothing compiled yet", cold, "s", warm)
    command = str(Path(sys.executable).parent / "flexpension")
    run_help = lambda: subprocess.run([command, "--help"], check=True, capture_output=True)  # noqa: E731
    rows.add("flexpension --help", seconds(run_help), "s")


def memory(rows: Rows, largest: int) -> None:
    """Add the largest resident set of runs of growing size (内存)."""
    first = "memory, 1,000 people"
    for persons in (1_000, 100_000, 1_000_000):
        if persons <= largest:
            name = f"memory, {persons:,} people"
            rows.add(name, int(python(MEMORY, str(persons))) / 1e6, "MB", first if name != first else "")


def common(rows: Rows) -> None:
    """Add the common workload in our idiom against the same in C, answers printed (公共基准任务)."""
    people, rounds = 2_000 * common_workload.BLOCK, 9
    years = people * common_workload.STEPS
    print(*common_workload.compiler())
    for threads in (1, 2):
        suffix = f"{threads} thread{'s' if threads > 1 else ''}"
        limit, *others = f"common workload in C, {suffix}", f"the same in single precision, {suffix}"
        found = {
            limit: common_workload.run_c(people, threads, rounds),
            others[0]: common_workload.run_c(people, threads, rounds, "-DSINGLE"),
            f"common workload, {suffix}": common_workload.run(people, threads, rounds),
        }
        for name, run in found.items():
            if run is None:
                print(f"{name}: left out, there is no {common_workload.COMPILER[0]}")
                continue
            best, answers = run
            told = zip(common_workload.ANSWERS, answers, strict=True)
            print(f"{name}: {', '.join(f'{what} {value:,.5g}' for what, value in told)}")
            rows.add(name, years / best / 1e6, "million person-years/s", limit if name != limit else "")


def machine() -> str:
    """Return what the numbers were measured on (机器)."""
    model = platform.processor() or platform.machine()
    described = Path("/proc/cpuinfo")
    if described.exists():
        lines = [line for line in described.read_text("utf-8").splitlines() if line.startswith("model name")]
        model = lines[0].partition(":")[2].strip() if lines else model
    versions = f"Python {platform.python_version()}, numba {numba.__version__}"
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, {versions}"


def table(rows: Rows) -> Table:
    """Return the rows as a table for the terminal (表格)."""
    shown = Table(title=machine())
    for heading, side in (("what", "left"), ("value", "right"), ("unit", "left"), ("ratio", "right")):
        shown.add_column(heading, justify=side)
    shown.add_column("against", justify="left")
    for row in rows:
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.3g}"
        shown.add_row(row["name"], f"{row['value']:,.3g}", row["unit"], ratio, row["against"])
    return shown


def main() -> None:
    """Measure, print, and write to the file that is named (测量)."""
    rows = Rows()
    speed(rows)
    stages(rows)
    beginnings(rows)
    common(rows)
    cases = [prepare(compile_case(load_scenario(name))) for name in REFORMS]
    scale.people(rows, seconds, simulate, Population(persons=scale.PEOPLE), cases, WORLD)
    scale.awards(rows, seconds)
    scale.criterion(rows, seconds)
    scale.workers(rows, seconds)
    memory(rows, 1_000_000 if os.environ.get("FULL") == "1" else 100_000)
    Console(width=110).print(table(rows))
    if len(sys.argv) > 1:
        content = {"machine": machine(), "date": datetime.date.today().isoformat(), "rows": rows}
        Path(sys.argv[1]).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
