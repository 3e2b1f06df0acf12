"""One reader for the tables of ``calibration/data`` (数据表读取): finds, checks and returns columns."""

from __future__ import annotations

import csv
import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from simulate.strict_yaml import Fault, FaultsError, nearest, read_yaml

DATA = Path(__file__).parent / "data"
CARD_KEYS = (
    "name",
    "title",
    "producer",
    "years",
    "table",
    "licence",
    "confidence",
    "columns",
    "rows",
    "sha256",
    "trimmed",
    "original_sha256",
    "note",
)


class CalibrationError(FaultsError):
    """Everything wrong with a table, a fitted set, an economy or an amendment (校准数据错误)."""


@functools.cache
def table_paths() -> Mapping[str, Path]:
    """Return the path of each table by name (数据表目录)."""
    return MappingProxyType({path.stem: path for path in sorted(DATA.glob("*/*.csv"))})


@functools.cache
def read_card(name: str) -> Mapping[str, Any]:
    """Return the source card of a table (来源卡)."""
    path = _path(name).with_suffix(".card.yaml")
    if not path.is_file():
        raise CalibrationError(str(path), [Fault("", f"no source card for table {name}. Write one")])
    document = read_yaml(path.read_text(encoding="utf-8"))
    missing = [Fault("", f"no {key}") for key in CARD_KEYS if key not in (document.data or {})]
    if document.faults or missing:
        raise CalibrationError(str(path), [*document.faults, *missing])
    return MappingProxyType(document.data)


@functools.cache
def read_table(name: str) -> Mapping[str, np.ndarray | tuple[str, ...]]:
    """Return the columns of a table by name (数据表): numbers as arrays, empty cells NaN; text as tuples.

    Raises CalibrationError where the table is unknown or differs from its card in checksum, columns or rows.

    >>> read_table("employee_scheme_by_province")["insured_workers_10k"][0]
    np.float64(38713.2)
    """
    path, card = _path(name), read_card(name)
    blob = path.read_bytes()
    header, *rows = csv.reader(blob.decode("utf-8").splitlines())
    faults = []
    if (found := hashlib.sha256(blob).hexdigest()) != card["sha256"]:
        faults.append(
            Fault("", f"checksum {found[:12]}… is not the card's. Restore the table or renew the card")
        )
    if header != list(card["columns"]):
        faults.append(Fault("line 1", f"columns {header} are not those of the card, {card['columns']}"))
    if len(rows) != card["rows"]:
        faults.append(Fault("", f"{len(rows)} rows where the card says {card['rows']}"))
    faults += [
        Fault(f"line {i}", f"{len(row)} cells where the header has {len(header)}")
        for i, row in enumerate(rows, start=2)
        if len(row) != len(header)
    ]
    if faults:
        raise CalibrationError(str(path), faults)
    return MappingProxyType(
        {column: _cells(cells) for column, cells in zip(header, zip(*rows, strict=True), strict=True)}
    )


def cell(name: str, column: str, **where: Any) -> float:
    """Return the one number of a column in the row that matches ``where`` (取数).

    >>> cell("ilo_nonparticipation_reasons", "value", id="R024")
    28.4
    """
    table = read_table(name)
    hits = [
        i for i in range(len(table[column])) if all(table[key][i] == wanted for key, wanted in where.items())
    ]
    if len(hits) != 1:
        raise CalibrationError(
            str(_path(name)), [Fault("", f"{len(hits)} rows with {where} where one is wanted")]
        )
    return float(table[column][hits[0]])


def _path(name: str) -> Path:
    paths = table_paths()
    if name not in paths:
        raise CalibrationError(str(DATA), [Fault("", f"no table {name!r}.{nearest(name, paths)}")])
    return paths[name]


def _cells(cells: tuple[str, ...]) -> np.ndarray | tuple[str, ...]:
    try:
        column = np.array([float(text) if text else np.nan for text in cells])
    except ValueError:
        return cells
    if np.isnan(column).all():
        return cells
    column.flags.writeable = False
    return column
