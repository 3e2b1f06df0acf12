"""The answer of a comparison (比较结果): its dataset, what it rests on, and its rows as JSON and CSV."""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scenarios.scenario import Scenario
from simulate.strict_yaml import FaultsError

if TYPE_CHECKING:
    import xarray

SCHEMA_VERSION = 1
_NUMBERS = ("value", "standard_error", "ci_low", "ci_high")
_DIFFERENCES = ("difference", "difference_se", "difference_ci_low", "difference_ci_high")
_BAND = {
    "value_low": "low",
    "value_high": "high",
    "difference_low": "difference_low",
    "difference_high": "difference_high",
}
# spread over drawn assumptions, range over the variants of behaviour: keys of rows as of the dataset
_PARTS = tuple(
    f"{of}{part}"
    for of in ("", "difference_")
    for part in ("parameter_sd", "parameter_low", "parameter_high", "model_low", "model_high")
)
NO_BAND = "too few people for low and high, which are run with a fifth of them"
NO_SHARE = "too few people, or nothing to divide by"
NO_ERROR = "all people are in one random group: no standard error"


class StoreError(FaultsError):
    """A place where no result can be written, or that keeps none (存档错误)."""


@dataclass(frozen=True)
class Comparison:
    """The answer of `compare` (比较结果).

    Attributes
    ----------
    dataset : xarray.Dataset
        What `simulate.results.estimate` gives, by (indicator, scenario, group); value_low, value_high,
        difference_low, difference_high beside it where a band was run, value_VARIANT and difference_VARIANT
        where every variant of behaviour was.
    run_id : str
        Hash of everything that decides the numbers.
    inputs : dict
        What was hashed: persons, seed, baseline, scenarios, options, checksums.
    texts : dict of str
        The scenario files by name.
    scenarios : tuple of Scenario
        As compared, the baseline first.
    sample : list of dict
        Sums of all outcomes over a few ranges of people, from which `verify` tells whether they come again.
    """

    dataset: xarray.Dataset
    run_id: str
    inputs: dict[str, Any]
    texts: dict[str, str] = field(default_factory=dict)
    scenarios: tuple[Scenario, ...] = ()
    sample: list[dict[str, Any]] = field(default_factory=list)

    def rows(self) -> list[dict[str, Any]]:
        """Return one plain dict a cell (结果行), totals first; what cannot be told is None with a reason."""
        return list(self._rows)

    @functools.cached_property
    def _rows(self) -> list[dict[str, Any]]:
        from scenarios.variants import COLUMNS
        from scenarios.variants import band as band_of_variants
        from simulate.groups import parse_label
        from simulate.indicators import INDICATORS

        data, dims = self.dataset, ("indicator", "scenario", "group")
        arrays = {str(name): data[name].values for name in data.data_vars if data[name].dims == dims}
        reasons = arrays.pop("reason")
        band = [name for name in _BAND if name in arrays]
        parts = [name for name in _PARTS if name in arrays]
        rows = []
        for g, text in enumerate(data["group"].values):
            group = parse_label(str(text))
            for i, indicator in enumerate(map(str, data["indicator"].values)):
                for s, name in enumerate(map(str, data["scenario"].values)):
                    cell = {key: _plain(array[i, s, g]) for key, array in arrays.items()}
                    row = {"indicator": indicator, "unit": INDICATORS[indicator].unit, "scenario": name}
                    row |= {"group": group, "persons": int(data["persons"].values[g])}
                    row |= _with_interval(cell, _NUMBERS, "ci95")
                    row |= _with_interval(cell, _DIFFERENCES, "difference_ci95")
                    row |= {_BAND[key]: cell[key] for key in band} | {key: cell[key] for key in parts}
                    if COLUMNS[0] in arrays:
                        row |= {key: cell[key] for key in COLUMNS} | band_of_variants(cell)
                    if not INDICATORS[indicator].paired:
                        row["paired"] = False
                    if reasons[i, s, g]:
                        row["reason"] = str(reasons[i, s, g])
                    elif None in cell.values():
                        row["reason"] = NO_ERROR if cell["standard_error"] is None else NO_BAND
                    rows.append(row)
        return rows

    def to_json(self) -> str:
        """Return the whole comparison as one JSON object (JSON)."""
        keys = ("persons", "seed", "baseline", "scenarios", "economy", "behaviour", "fitted")
        head = {key: self.inputs[key] for key in keys}
        head |= {"behaviour": "all"} if "every_variant" in self.inputs else {}
        head |= {"ranking": self.ranking()}
        if "attribution" in self.dataset:
            head |= {"attribution": self.attribution()}
        content = {"schema_version": SCHEMA_VERSION, "run_id": self.run_id, **head, "rows": self.rows()}
        return json.dumps(content, ensure_ascii=False, allow_nan=False)

    def ranking(self) -> dict[str, Any] | None:
        """Return the scenarios by rank with the probability of each rank (排序); None where there is none."""
        return json.loads(self.dataset.attrs.get("ranking", "null"))

    def attribution(self) -> list[dict[str, Any]]:
        """Return the share of each lever in the effect of the package (贡献分解), totals first."""
        from simulate.groups import parse_label
        from simulate.indicators import INDICATORS

        if "attribution" not in self.dataset:
            return []
        found = []
        for text in map(str, self.dataset["group"].values):
            for name in map(str, self.dataset["indicator"].values):
                for lever in map(str, self.dataset["lever"].values):
                    place = {"group": text, "indicator": name, "lever": lever}
                    row = {"indicator": name, "unit": INDICATORS[name].unit, "group": parse_label(text)}
                    row |= {"package": str(self.dataset.attrs["package"]), "lever": lever}
                    row |= {"share": _plain(self.dataset["attribution"].sel(place))}
                    row |= {"standard_error": _plain(self.dataset["attribution_se"].sel(place))}
                    found.append(row if row["share"] is not None else row | {"reason": NO_SHARE})
        return found

    def to_csv(self) -> str:
        """Return the rows as CSV (CSV): one column a dimension, intervals in two columns, no value empty."""
        from scenarios.variants import COLUMNS

        rows = self.rows()
        dimensions = list(dict.fromkeys(dim for row in rows for dim in row["group"]))
        band = [name for name in _BAND.values() if name in rows[0]]
        columns = ["indicator", "unit", "scenario", *dimensions, "persons"]
        parts = [name for name in _PARTS if name in rows[0]]
        variants = [key for key in rows[0] if "variant_" in key or key in COLUMNS]
        columns += [*_NUMBERS, *_DIFFERENCES, *band, *parts, *variants, "reason"]
        stream = io.StringIO()
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        for row in rows:
            flat = {key: value for key, value in row.items() if key in columns} | row["group"]
            flat["ci_low"], flat["ci_high"] = row["ci95"]
            flat["difference_ci_low"], flat["difference_ci_high"] = row["difference_ci95"]
            writer.writerow({key: "" if value is None else value for key, value in flat.items()})
        return stream.getvalue()


def _plain(number) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None


def _with_interval(cell: dict, keys: Sequence[str], interval: str) -> dict:
    value, error, low, high = keys
    return {value: cell[value], error: cell[error], interval: [cell[low], cell[high]]}


def run_id(inputs: dict[str, Any]) -> str:
    """Return the name of a run, a hash of everything that decides its numbers (运行编号)."""
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
