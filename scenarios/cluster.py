"""More than one machine (多机计算): the parts of a run as tasks of a Dask cluster.

Workers are processes on this machine (`--workers N`) or those of any Dask scheduler (`--scheduler ADDRESS`).
The compiled scenarios are sent once; a part whose worker is lost is computed by another; results come back in
the order of people and are added here, so the numbers are those of one machine to the last digit, where the
workers have the same kind of processor.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import pickle
import socket
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.parts import Part, compute, means
from scenarios.scenario import ScenarioError
from simulate.results import Accumulators
from simulate.strict_yaml import Fault

if TYPE_CHECKING:
    from simulate.run import Case, Population

MOST_WORKERS = 1024
AHEAD = 2  # parts handed out for each thread of the workers before the first is back
LOSSES = 5  # workers that may be lost over one part
SECONDS_TO_ANSWER = 10
DEFAULT_PORT = 8786  # of a Dask scheduler, where the address names none


@contextlib.contextmanager
def cluster(workers: int | None = None, scheduler: str | None = None) -> Iterator[Any]:
    """Compute everything inside by workers (计算集群): processes started here, or those of a scheduler.

    Gives the Dask client; None, and nothing changes, where neither is named.

    Raises
    ------
    ScenarioError
        Both or a wrong number are named, Dask is not installed, nobody answers, or other programs do.
    """
    if workers is None and scheduler is None:
        yield None
        return
    if workers is not None and scheduler is not None:
        raise _refuse("workers", "is named beside --scheduler, whose workers are used. Name one of them")
    if workers is not None and not 1 <= workers <= MOST_WORKERS:
        raise _refuse("workers", f"{workers} is no whole number from 1 to {MOST_WORKERS}")
    try:
        import dask
        from distributed import Client, LocalCluster
        from distributed.comm import parse_address, parse_host_port
    except ImportError:
        raise _refuse(
            "workers", "Dask is not installed. Install flexpension with its group `cluster`"
        ) from None
    quiet = {
        "distributed.scheduler.allowed-failures": LOSSES,
        "distributed.admin.large-graph-warning-threshold": "1GB",
    }
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(quiet))
        if scheduler is None:
            here = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=":0",
                silence_logs=50,
            )
            stack.enter_context(here)
            scheduler = here
        try:
            if isinstance(scheduler, str):  # a client that finds nobody tells it late and at length
                host, port = parse_host_port(parse_address(scheduler)[1], DEFAULT_PORT)
                socket.create_connection((host, port), SECONDS_TO_ANSWER).close()
            client = stack.enter_context(Client(scheduler, timeout=SECONDS_TO_ANSWER, set_as_default=False))
        except (OSError, ValueError, TimeoutError):
            raise _refuse(
                "scheduler", f"{scheduler} does not answer. Start `dask scheduler`, and name its address"
            ) from None
        _check_workers(client)
        stack.enter_context(means(functools.partial(_compute, client)))
        yield client


def _check_workers(client) -> None:
    """Refuse workers that would compute other numbers."""
    here = _program()
    found = client.run(_program)
    if not found:
        raise _refuse("scheduler", "has no workers. Start `dask worker ADDRESS` on each machine")
    others = [address for address, program in found.items() if program != here]
    if others:
        raise _refuse("scheduler", f"worker {others[0]} has another version of flexpension. Install the same")


def _program() -> dict[str, dict[str, str]]:
    from scenarios.provenance import fingerprints

    return fingerprints()


def _refuse(place: str, message: str) -> ScenarioError:
    return ScenarioError("", [Fault(place, message)])


def _compute(
    client: Any, cases: Sequence[Case], parts: Sequence[Population], groupings, people: bool
) -> Iterator[Part]:
    """Yield what comes of each part, in order, computed by the workers of a client (集群计算)."""
    from distributed import KilledWorker

    from simulate.run import prepare

    packed = zlib.compress(pickle.dumps([prepare(case) for case in cases]), 1)
    given = client.submit(_unpack, packed, pure=False)  # a task, not data: made again where a worker is lost
    n_threads = sum(client.nthreads().values())
    waiting: deque = deque()
    todo = iter(parts)

    def hand_out(n: int) -> None:
        for part in itertools.islice(todo, n):
            waiting.append(client.submit(_task, given, part, groupings, people, pure=False, retries=1))

    hand_out(max(AHEAD, AHEAD * n_threads))
    while waiting:
        try:
            state, rows = waiting.popleft().result()
        except KilledWorker:
            raise _refuse(
                "workers", f"{LOSSES} were lost over the same people. Give them more memory"
            ) from None
        hand_out(1)
        yield Part(Accumulators.of_state(state), rows)


def _unpack(packed: bytes) -> list[Case]:
    cases = pickle.loads(zlib.decompress(packed))
    return [
        case._replace(**{name: _in_large_pages(getattr(case, name)) for name in case._fields[1:]})
        for case in cases
    ]


def _in_large_pages(record: np.record) -> np.record:
    """The same record in an array of its own: what was unpickled lies in small pages and is read slower."""
    room = np.zeros(1, record.dtype).view(np.recarray)
    room[0] = record
    return room[0]


def _task(cases: list[Case], part: Population, groupings, people: bool) -> tuple[dict, bytes | None]:
    found = compute(cases, part, groupings, people=people, threads=1)
    return found.sums.state(), found.people
