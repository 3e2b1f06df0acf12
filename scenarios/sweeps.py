"""Sweeps (参数扫描): a scenario under many values of law, behaviour, assumptions, futures; one cube.

>>> load_sweep("floor-and-floor-payers").points[1]
(0.2, 0.75)
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from calibration import DEFAULT_SET
from scenarios.options import DEFAULT_BY, HEADLINE, check_options, indicator_names, parse_by
from scenarios.result import StoreError, run_id
from scenarios.scenario import ScenarioError
from scenarios.variations import (
    Point,
    Template,
    key_faults,
    parse_path,
    read_template,
    sorted_faults,
)
from scenarios.worlds import World, measure
from simulate.strict_yaml import Fault, nearest

if TYPE_CHECKING:
    import xarray

SCHEMA_VERSION = 1
DESIGNS = ("grid", "list", "sample")
MOST_POINTS = 10_000
MANIFEST, TEXT, POINTS, CUBE, ROWS = "sweep.json", "sweep.yaml", "points", "cube.nc", "cube.csv"
VARIABLES = (
    *("value", "standard_error", "ci_low", "ci_high"),
    *("difference", "difference_se", "difference_ci_low", "difference_ci_high"),
)
_BATCH = 8  # points of one world run together: their baseline is run once
_KEYS = ("design", "axes", "points", "seed")
_AXIS_KEYS = ("set", "values", "from", "to", "steps", "title", "title_zh")
_TAKEN = ("indicator", "group", "scenario", "point", "unit", "baseline", *VARIABLES)


class Axis(NamedTuple):
    """One thing that varies (变动轴): where it is set, and its values; `low`, `high` of a sample."""

    name: str
    paths: tuple[tuple[str, ...], ...]
    values: tuple[Any, ...]
    low: Any = None
    high: Any = None


@dataclass(frozen=True)
class Sweep:
    """A sweep as read (参数扫描): its scenario, axes and points, each point one value an axis."""

    template: Template
    design: str
    axes: tuple[Axis, ...]
    points: tuple[tuple[Any, ...], ...]

    @property
    def name(self) -> str:
        """Name of its file (名称)."""
        return self.template.name

    def at(self, number: int) -> Point:
        """Return a point, ready to run (取扫描点)."""
        pairs = zip(self.axes, self.points[number], strict=True)
        settings = [(path, value) for axis, value in pairs for path in axis.paths]
        return self.template.point(f"{number:04d}", settings)


# --------------------------------------------------------------------------- reading


def load_sweep(argument: str | Path) -> Sweep:
    """Return the sweep that an argument names (读取参数扫描): a shipped one or a file.

    Raises
    ------
    ScenarioError
        All faults at once, each with its line.
    """
    template = read_template(str(argument), "sweep")
    faults: list[Fault] = []
    section = template.section
    if not isinstance(section, dict):
        raise ScenarioError(
            template.where, [template.fault("/sweep", "is no mapping. Write design and axes")]
        )
    faults += key_faults(template, "/sweep", section, _KEYS)
    design = section.get("design", "grid")
    if design not in DESIGNS:
        told = f"{design!r} is not one of {', '.join(DESIGNS)}.{nearest(str(design), DESIGNS)}"
        faults.append(template.fault("/sweep/design", told))
    axes = []
    written = section.get("axes")
    if not isinstance(written, dict) or not written:
        faults.append(template.fault("/sweep/axes", "names nothing. Write NAME: {set: PATH, values: [...]}"))
        written = {}
    for name, entry in written.items():
        axis, found = _axis(template, str(name), entry, design)
        faults += found
        axes += [axis] if axis else []
    faults += _same_place(template, axes)
    faults += template.own_faults()
    points: tuple = ()
    if not faults:
        points, faults = _points(template, design, axes, section)
    if faults:
        raise ScenarioError(template.where, sorted_faults(faults))
    return Sweep(template, design, tuple(axes), points)


def _same_place(template: Template, axes: list[Axis]) -> list[Fault]:
    owner: dict[tuple[str, ...], str] = {}
    faults = []
    for axis in axes:
        for path in axis.paths:
            first = owner.setdefault(path, axis.name)
            if first != axis.name:
                told = f"{'.'.join(path)} is set by {first} too. Keep one of them"
                faults.append(template.fault(f"/sweep/axes/{axis.name}/set", told))
    return faults


def _axis(template: Template, name: str, entry: Any, design: str) -> tuple[Axis | None, list[Fault]]:
    place = f"/sweep/axes/{name}"
    if not re.fullmatch(r"[A-Za-z_]\w*", name) or name in _TAKEN:
        return None, [
            template.fault(place, "is no name for an axis: letters, digits and _ only, no column's")
        ]
    if not isinstance(entry, dict) or "set" not in entry:
        return None, [template.fault(place, "has no set. Write {set: PATH, values: [...]}")]
    faults = key_faults(template, place, entry, _AXIS_KEYS)
    written = entry["set"] if isinstance(entry["set"], list) else [entry["set"]]
    paths = tuple(parse_path(text) for text in written)
    for path in paths:
        faults += template.path_faults(f"{place}/set", path)
    if faults:
        return None, faults
    low = high = None
    if "values" in entry:
        values = entry["values"]
        if not isinstance(values, list) or not values:
            return None, [template.fault(f"{place}/values", "is no list. Write [first, second, …]")]
        for k, value in enumerate(values):
            for path in paths:
                faults += template.value_faults(f"{place}/values/{k}", path, value)
        if len({json.dumps(value) for value in values}) < len(values) and design == "grid":
            faults.append(template.fault(f"{place}/values", "has a value twice. Write each once"))
    elif "from" in entry or "to" in entry:
        low, high, steps = entry.get("from"), entry.get("to"), entry.get("steps", 5)
        for key, value in (("from", low), ("to", high)):
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                told = f"{key} is {value!r}, no number. Write from, to and steps, or values"
                return None, [*faults, template.fault(f"{place}/{key}", told)]
            for path in paths:
                faults += template.value_faults(f"{place}/{key}", path, value)
        if isinstance(steps, bool) or not isinstance(steps, int) or not 2 <= steps <= MOST_POINTS:
            faults.append(template.fault(f"{place}/steps", f"{steps!r} is no whole number above 1"))
            steps = 2
        values = [round(float(x), 12) for x in np.linspace(low, high, steps)]
    else:
        from scenarios.factors import factors

        factor = factors().get(paths[0][-1])
        if factor is None or paths[0][0] != "assumptions":
            return None, [template.fault(place, "has neither values nor from and to. Write one of the two")]
        low, high, values = factor.low, factor.high, [factor.low, factor.central, factor.high]
    return Axis(name, paths, tuple(values), low, high), faults


def _points(template: Template, design: str, axes: list[Axis], section: dict) -> tuple[tuple, list[Fault]]:
    lengths = [len(axis.values) for axis in axes]
    if design == "sample":
        number, seed = section.get("points", 20), section.get("seed", 1)
        for key, value in (("points", number), ("seed", seed)):
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_POINTS:
                told = f"{value!r} is no whole number from 1 to {MOST_POINTS:,}"
                return (), [template.fault(f"/sweep/{key}", told)]
        return _sample(axes, number, seed), []
    if design == "list":
        if len(set(lengths)) > 1:
            told = ", ".join(f"{axis.name} {n}" for axis, n in zip(axes, lengths, strict=True))
            return (), [
                template.fault("/sweep/axes", f"a list takes as many values of each axis, not {told}")
            ]
        return tuple(zip(*(axis.values for axis in axes), strict=True)), []
    if math.prod(lengths) > MOST_POINTS:
        told = f"makes {math.prod(lengths):,} points; at most {MOST_POINTS:,}. Take fewer steps, or a sample"
        return (), [template.fault("/sweep/axes", told)]
    return tuple(itertools.product(*(axis.values for axis in axes))), []


def _sample(axes: list[Axis], number: int, seed: int) -> tuple:
    """A Latin hypercube: even over a range, an equal share of the points for each of given values."""
    from scipy.stats import qmc

    drawn = qmc.LatinHypercube(len(axes), seed=seed).random(number)
    points = []
    for row in drawn:
        values = []
        for axis, u in zip(axes, row, strict=True):
            if isinstance(axis.low, (int, float)) and not isinstance(axis.low, bool):
                values.append(round(axis.low + u * (axis.high - axis.low), 12))
            else:
                values.append(axis.values[int(u * len(axis.values))])
        points.append(tuple(values))
    return tuple(points)


# --------------------------------------------------------------------------- running


def sweep(
    argument: str | Path | Sweep,
    persons: int = 10_000,
    seed: int = 1,
    by: Iterable[str] = DEFAULT_BY,
    indicators: Iterable[str] | None = None,
    economy: str = "central",
    behaviour: str = "threshold",
    fitted: str = DEFAULT_SET,
    threads: int | None = None,
    folder: str | Path | None = None,
    resume: bool = False,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> xarray.Dataset:
    """Return the cube of a sweep (参数扫描结果): every point on the same people, compared with its baseline.

    Dimensions are the axes (a grid) or `point` (a list, a sample), then indicator and group. `value` and
    `difference` have standard errors and intervals; `baseline` is the baseline's value in the same world.

    Parameters
    ----------
    folder : path, optional
        Where finished points and the cube are kept.
    resume : bool
        Go on with what is finished in the folder; it must be the same sweep.
    force : bool
        Begin anew where the folder holds a sweep.

    Raises
    ------
    ScenarioError, StoreError
        Faults of the file, the arguments or the folder.
    """
    wanted = argument if isinstance(argument, Sweep) else load_sweep(argument)
    groupings, names = parse_by(by), indicator_names(indicators)
    check_options(persons, seed, economy, behaviour, fitted, threads)
    inputs = _inputs(wanted, persons, seed, groupings, names, economy, behaviour, fitted)
    keep = _Folder(folder, run_id(inputs), inputs, wanted, resume, force) if folder is not None else None
    found: dict[int, xarray.Dataset] = keep.finished() if keep else {}
    total, done = len(wanted.points) * persons, len(found) * persons
    base = World(fitted, economy, behaviour)
    for world, batch in _batches(wanted, base, found):
        chosen = [batch[0][1].baseline, *(point.scenario for _, point in batch)]

        def report(n: int, _all: int, done=done, batch=batch) -> None:
            if progress is not None:
                progress(done + n * len(batch), total)

        data = measure(chosen, world, persons, seed, groupings, names, threads, report)
        for number, point in batch:
            one = data[[*VARIABLES, "persons"]].sel(scenario=point.scenario.name, drop=True)
            one["baseline"] = data["value"].isel(scenario=0, drop=True)
            found[number] = one
            if keep:
                keep.add(number, one)
        done += len(batch) * persons
    cube = _cube(wanted, [found[k] for k in range(len(wanted.points))])
    cube.attrs |= {"run_id": run_id(inputs), "sweep": wanted.name, "persons": persons, "seed": seed}
    if keep:
        keep.close(cube)
    return cube


def _batches(wanted: Sweep, base: World, found):
    """Points that share a world, a few at a time: (world, [(number, point)])."""
    worlds: dict[str, tuple[World, list]] = {}
    for number in range(len(wanted.points)):
        if number in found:
            continue
        point = wanted.at(number)
        world = base._replace(**point.world)
        worlds.setdefault(json.dumps(world, sort_keys=True), (world, []))[1].append((number, point))
    for world, members in worlds.values():
        for k in range(0, len(members), _BATCH):
            yield world, members[k : k + _BATCH]


def _inputs(wanted: Sweep, persons, seed, groupings, names, economy, behaviour, fitted) -> dict[str, Any]:
    from importlib import metadata

    from scenarios.inputs import evidence_checksum
    from simulate.law import load_law

    return {
        "version": metadata.version("flexpension"),
        "sweep": wanted.template.text,
        "texts": wanted.at(0).baseline.texts(),
        "persons": persons,
        "seed": seed,
        "by": [list(grouping) for grouping in groupings],
        "indicators": list(names),
        "economy": economy,
        "behaviour": behaviour,
        "fitted": fitted,
        "law_checksum": load_law().checksum,
        "evidence_checksum": evidence_checksum(),
    }


def _label(value: Any) -> Any:
    """A value as a coordinate: numbers and words as they are, lists as text."""
    return value if isinstance(value, (int, float, str)) else json.dumps(value)


def _cube(wanted: Sweep, points: list[xarray.Dataset]) -> xarray.Dataset:
    import xarray

    groups = list(dict.fromkeys(str(g) for one in points for g in one["group"].values))
    points = [one.drop_vars("unit", errors="ignore").reindex(group=groups) for one in points]
    names = list(points[0]["indicator"].values)
    if wanted.design == "grid":
        dims = tuple(axis.name for axis in wanted.axes)
        coords = {axis.name: [_label(value) for value in axis.values] for axis in wanted.axes}
    else:
        dims = ("point",)
        coords = {"point": list(range(len(points)))}
        for k, axis in enumerate(wanted.axes):
            coords[axis.name] = ("point", [_label(point[k]) for point in wanted.points])
    shape = tuple(len(axis.values) for axis in wanted.axes) if wanted.design == "grid" else (len(points),)
    variables = {}
    for name in (*VARIABLES, "baseline", "persons"):
        array = np.stack([one[name].transpose(..., "group").values for one in points]).astype(float)
        inner = ("group",) if name == "persons" else ("indicator", "group")
        variables[name] = ((*dims, *inner), array.reshape(*shape, *array.shape[1:]))
    cube = xarray.Dataset(variables, coords={**coords, "indicator": names, "group": groups})
    for axis in wanted.axes:
        cube[axis.name].attrs["set"] = ", ".join(".".join(path) for path in axis.paths)
    return cube


# --------------------------------------------------------------------------- what is kept


class _Folder:
    """The folder of a sweep: its manifest first, then each finished point, the cube last."""

    def __init__(self, folder, name: str, inputs: dict, wanted: Sweep, resume: bool, force: bool):
        self.path = Path(folder)
        manifest = self.path / MANIFEST
        if self.path.exists() and not (self.path.is_dir() and not any(self.path.iterdir())):
            self._continue(manifest, name, resume, force)
        try:
            (self.path / POINTS).mkdir(parents=True, exist_ok=True)
            self._write(TEXT, lambda place: place.write_text(wanted.template.text, "utf-8"))
            content = {"schema_version": SCHEMA_VERSION, "run_id": name, **inputs}
            told = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
            self._write(MANIFEST, lambda place: place.write_text(told, "utf-8"))
        except OSError as error:
            raise StoreError(str(folder), [Fault("", f"cannot be written ({error.strerror})")]) from None

    def _continue(self, manifest: Path, name: str, resume: bool, force: bool) -> None:
        try:
            kept = json.loads(manifest.read_text("utf-8"))["run_id"]
        except (OSError, ValueError, KeyError, TypeError):
            told = "exists and is no kept sweep. Name another folder"
            raise StoreError(str(self.path), [Fault("", told)]) from None
        if force:
            for file in (*(self.path / POINTS).glob("*.nc"), self.path / CUBE, self.path / ROWS):
                file.unlink(missing_ok=True)
        elif not resume:
            told = "exists. Go on with it by --resume, or begin anew with --force"
            raise StoreError(str(self.path), [Fault("", told)])
        elif kept != name:
            told = "holds a sweep of another file, options or version. Begin anew with --force"
            raise StoreError(str(self.path), [Fault("", told)])

    def _write(self, name: str, write: Callable[[Path], Any]) -> None:
        """Write a file beside its place and move it there when whole."""
        place = self.path / name
        beside = place.with_name(f".{place.name}.part")
        write(beside)
        os.replace(beside, place)

    def finished(self) -> dict[int, xarray.Dataset]:
        """Points that were finished before; one that cannot be read is run again."""
        import xarray

        found = {}
        for file in sorted((self.path / POINTS).glob("*.nc")):
            try:
                with xarray.open_dataset(file, engine="h5netcdf") as stored:
                    found[int(file.stem)] = stored.load()
            except (OSError, ValueError, KeyError, RuntimeError):
                continue
        return found

    def add(self, number: int, one: xarray.Dataset) -> None:
        self._write(f"{POINTS}/{number:04d}.nc", lambda place: one.to_netcdf(place, engine="h5netcdf"))

    def close(self, cube: xarray.Dataset) -> None:
        self._write(CUBE, lambda place: cube.to_netcdf(place, engine="h5netcdf"))
        self._write(ROWS, lambda place: place.write_text(to_csv(cube), "utf-8"))


# --------------------------------------------------------------------------- printing


def rows(cube: xarray.Dataset) -> list[dict[str, Any]]:
    """Return one plain dict a cell of the cube (结果行): axes, indicator, unit, group, numbers."""
    from simulate.groups import parse_label
    from simulate.indicators import INDICATORS

    inner = ("indicator", "group")
    dims = tuple(dim for dim in cube["value"].dims if dim not in inner)
    names = [str(name) for name in cube.coords if cube[name].dims and cube[name].dims[0] in dims]
    found = []
    for place in itertools.product(*(range(cube.sizes[dim]) for dim in dims)):
        here = cube.isel(dict(zip(dims, place, strict=True)))
        at = {name: here[name].values.item() for name in names}
        arrays = {name: here[name].values for name in (*VARIABLES, "baseline")}
        for i, indicator in enumerate(map(str, cube["indicator"].values)):
            for g, group in enumerate(map(str, cube["group"].values)):
                row = {"at": at, "indicator": indicator, "unit": INDICATORS[indicator].unit}
                row |= {"group": parse_label(group)}
                numbers = {name: float(array[i, g]) for name, array in arrays.items()}
                row |= {name: value if math.isfinite(value) else None for name, value in numbers.items()}
                if row["value"] is None:
                    row["reason"] = "too few people, or nothing to divide by"
                found.append(row)
    return found


def to_json(cube: xarray.Dataset) -> str:
    """Return the cube as one JSON object (JSON)."""
    keys = ("run_id", "sweep", "persons", "seed")
    head = {"schema_version": SCHEMA_VERSION, **{key: _plain(cube.attrs[key]) for key in keys}}
    axes = [str(name) for name in cube.coords if "set" in cube[name].attrs]
    head["axes"] = [{"name": name, "set": cube[name].attrs["set"]} for name in axes]
    return json.dumps({**head, "rows": rows(cube)}, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def to_csv(cube: xarray.Dataset) -> str:
    """Return the cube as CSV (CSV): one column an axis and dimension of grouping; no value empty."""
    told = rows(cube)
    dimensions = list(dict.fromkeys(dim for row in told for dim in row["group"]))
    columns = [*told[0]["at"], "indicator", "unit", *dimensions, *VARIABLES, "baseline"]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for row in told:
        flat = row["at"] | {key: value for key, value in row.items() if key in columns} | row["group"]
        writer.writerow({key: "" if value is None else value for key, value in flat.items()})
    return stream.getvalue()


def block(cube: xarray.Dataset, lang: str = "en"):
    """Return the table of a cube (结果表格): the headline, or its first indicator, point by point."""
    from scenarios.catalogue import group_name, indicator_name, say
    from scenarios.tables import Block, amount, headline_group, with_error

    told = rows(cube)
    groups = list(dict.fromkeys(tuple(row["group"].items()) for row in told))
    group = dict(headline_group(groups))
    names = [row["indicator"] for row in told]
    indicator = HEADLINE if HEADLINE in names else names[0]
    lines = []
    for row in told:
        if row["indicator"] == indicator and row["group"] == group:
            deviation = row["standard_error"]
            value, change = amount(row["value"], row["unit"], error=deviation), ""
            if row["difference"] is not None:
                change = with_error(row["difference"], row["difference_se"], row["unit"])
            error = f"± {amount(deviation, row['unit'], points=True, error=deviation)}"
            lines.append((*(str(x) for x in row["at"].values()), value, error, change))
    title = say(
        "headline_title", lang, indicator=indicator_name(indicator, lang), group=group_name(group, lang)
    )
    header = (*told[0]["at"], *(say(key, lang) for key in ("value", "standard_error", "difference")))
    return Block(title, header, tuple(lines), len(told[0]["at"]))
