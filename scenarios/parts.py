"""A run in parts (分段计算): parts of people, computed here or elsewhere, kept, merged.

A part is `PART` people. Its result does not depend on who computes it, and parts are merged in the order of
people; so a run has the same digits on any number of threads or workers, stopped and resumed or not. A
finished part is written beside its place and moved there: none is ever half there.

>>> cut(0, 100_000)
[(0, 32768), (32768, 32768), (65536, 32768), (98304, 1696)]
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulate.results import PART, Accumulators

if TYPE_CHECKING:
    from simulate.run import Case, Population


class Part(NamedTuple):
    """What comes of a part (一段结果): sums, and the people as the bytes of a file if they are wanted."""

    sums: Accumulators
    people: bytes | None = None


class Means(NamedTuple):
    """With what a run is computed (计算资源): who computes parts if not this process, where they are kept."""

    others: Callable[..., Iterator[Part]] | None = None
    keep: Path | None = None


_MEANS: ContextVar[Means] = ContextVar("means", default=Means())  # noqa: B039


@contextlib.contextmanager
def means(
    others: Callable[..., Iterator[Part]] | None = None, keep: str | Path | None = None
) -> Iterator[Means]:
    """Compute everything inside with these means (指定计算资源), and with those outside that are not named.

    Parameters
    ----------
    others : callable, optional
        Given cases, parts, groupings and whether people are wanted, yields what comes of each part in order;
        :func:`scenarios.cluster.cluster` names the workers of a Dask cluster here.
    keep : path, optional
        Folder in which finished parts are kept, and looked for before any is computed.
    """
    before = _MEANS.get()
    token = _MEANS.set(Means(others or before.others, before.keep if keep is None else Path(keep)))
    try:
        yield _MEANS.get()
    finally:
        _MEANS.reset(token)


def cut(first: int, persons: int) -> list[tuple[int, int]]:
    """Return first person and number of each part of a run (分段), cut at whole multiples of `PART`."""
    edges = [first, *range((first // PART + 1) * PART, first + persons, PART), first + persons]
    return [(a, b - a) for a, b in itertools.pairwise(edges)]


def compute(
    cases: Sequence[Case],
    population: Population,
    groupings,
    *,
    people: bool = False,
    onto: Accumulators | None = None,
    **options,
) -> Part:
    """Return what comes of the people of a part (计算一段)."""
    from scenarios.inputs import demography
    from simulate.run import simulate

    rows = None
    if people:
        from scenarios.people import People

        watch, rows = options.pop("watch", None), People([case.name for case in cases])

        def both(*block):
            rows(*block)
            if watch is not None:
                watch(*block)

        options["watch"] = both
    sums = simulate(population, cases, demography(), groupings=groupings, onto=onto, **options)
    return Part(sums, rows and rows.to_parquet())


def run(
    cases: Sequence[Case],
    population: Population,
    groupings,
    *,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    watch: Callable | None = None,
    onto: Accumulators | None = None,
    people: Path | None = None,
) -> Accumulators:
    """Return the accumulated outcomes of a population (推演), by the means of the moment.

    `people` is a folder for the files of people. `watch` sees the blocks that are computed here, so not those
    of workers or of parts that were kept.
    """
    means, sums = _MEANS.get(), onto
    told, done = progress or (lambda *_: None), 0
    options = {} if threads is None else {"threads": threads}

    def here(part: Population, onto: Accumulators | None) -> Part:
        def shown(n: int, _all: int) -> None:
            told(done + n, population.persons)

        return compute(
            cases,
            part,
            groupings,
            people=people is not None,
            onto=onto,
            progress=shown,
            watch=watch,
            **options,
        )

    if means == Means() and people is None:
        return here(population, onto).sums
    store = means.keep and Store(means.keep, cases, population, groupings, people is not None)
    parts = [
        population._replace(first=first, persons=n) for first, n in cut(population.first, population.persons)
    ]
    if sums is not None and parts[0].first % PART:  # goes on inside a part: only here, where its sums are
        part, *parts = parts
        found = here(part, sums)
        _write_people(people, part, found)
        done += part.persons
    for part, found in zip(
        parts, _each(parts, here, cases, groupings, people is not None, store), strict=True
    ):
        _write_people(people, part, found)
        if sums is None:
            sums = Accumulators(found.sums.scenarios, found.sums.groupings, found.sums.baseline)
        sums.merge(found.sums)
        done += part.persons
        told(done, population.persons)
    return sums


def _write_people(folder: Path | None, part: Population, found: Part) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        _write_whole(folder / f"people-{part.first:012d}.parquet", found.people)


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there."""
    beside = path.with_name(f".{os.getpid()}-{path.name}")
    beside.write_bytes(content)
    os.replace(beside, path)


def _each(parts, here, cases, groupings, people: bool, store: Store | None) -> Iterator[Part]:
    """The result of each part in order: kept, from the workers, or computed here."""
    others = _MEANS.get().others
    missing = [part for part in parts if store is None or not store.has(part)]
    computed = (here(part, None) for part in missing)
    if others is not None:
        computed = others(cases, missing, groupings, people)
    for part in parts:
        kept = store.load(part) if store is not None and part not in missing else None
        if kept is None:
            kept = next(computed) if part in missing else here(part, None)
            if store is not None:
                store.save(part, kept)
        yield kept


# --------------------------------------------------------------------------- kept parts


class Store:
    """Finished parts of one run in a folder (分段存档), under the checksum of all that decides them."""

    def __init__(self, folder: Path, cases: Sequence[Case], population: Population, groupings, people: bool):
        self.folder = folder / _key(cases, population, groupings, people)

    def _path(self, part: Population) -> Path:
        return self.folder / f"part-{part.first:012d}-{part.persons}.npz"

    def has(self, part: Population) -> bool:
        """Whether a part is kept (是否已存)."""
        return self._path(part).is_file()

    def save(self, part: Population, found: Part) -> None:
        """Keep a part (保存一段)."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(part)
        stream = io.BytesIO()
        np.savez(stream, people=np.frombuffer(found.people or b"", np.uint8), **found.sums.state())
        _write_whole(path, stream.getvalue())

    def load(self, part: Population) -> Part | None:
        """Return a kept part (读取一段); None, and it is removed, where the file is damaged."""
        path = self._path(part)
        try:
            with np.load(path, allow_pickle=False) as kept:
                state = {name: kept[name] for name in kept.files}
            people = state.pop("people").tobytes()
            return Part(Accumulators.of_state(state), people or None)
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
            path.unlink(missing_ok=True)
            return None


def forget(folder: Path) -> None:
    """Remove kept parts (删除分段存档)."""
    shutil.rmtree(folder, ignore_errors=True)


def _key(cases: Sequence[Case], population: Population, groupings, people: bool) -> str:
    """Checksum of what decides the parts of a run: compiled scenarios, evidence, program, seed, groupings."""
    from scenarios.inputs import demography
    from scenarios.provenance import fingerprints, processor
    from simulate.kernel import pack
    from simulate.run import prepare

    digest = hashlib.sha256()
    for case in cases:
        digest.update(case.name.encode())
        for packed in prepare(case)[1:]:
            digest.update(packed.tobytes())
    digest.update(pack(demography()).tobytes())
    rest = (population.seed, population.replicate, tuple(map(tuple, groupings)), people, PART)
    digest.update(repr((rest, fingerprints()["code"], processor())).encode())
    return digest.hexdigest()[:16]
