"""People written to files (个人结果文件): one row a person and scenario, as Parquet, on request.

A folder with one file for each part of the people, so that a run that was stopped goes on beside what it has
written. Money is in whole fen, so that it packs well and adds up exactly; unit and Chinese name of a column
stand in the file. Rows are in the order of scenarios, then of people.

    import pyarrow.dataset as ds
    ds.dataset("RUN/people").to_table(filter=ds.field("scenario") == "lower-floor")
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from scenarios.scenario import ScenarioError
from simulate.groups import DIMENSIONS
from simulate.outcomes import OUTCOMES, POSITION
from simulate.strict_yaml import Fault

if TYPE_CHECKING:
    import pyarrow

FEN, MONTHS, INDEX = "fen", "months", "index"
MONEY = (
    "pension_at_65", "employee_pension_at_65", "resident_pension_at_65", "top_up_at_65", "pension_at_claim",
    "reference_wage_at_65", "last_earnings", "account_at_claim", "present_value_paid_by_worker",
    "present_value_paid_by_employer", "present_value_paid_by_platform", "present_value_paid_by_government",
    "present_value_pensions",
)  # fmt: skip
COUNTS = ("claim_age_months", "record_months", "employee_months", "flexible_months", "resident_months")
TRAITS = (
    "sex", "birth_year", "hukou", "education", "form", "occupation", "migrant", "earnings_quintile",
    "province",
)  # fmt: skip
OUTCOME_COLUMNS = {**dict.fromkeys(MONEY, FEN), **dict.fromkeys(COUNTS, MONTHS), "average_index": INDEX}
_NAMES_ZH = {term.name: term.name_zh for term in OUTCOMES}
_KEPT = [POSITION[name] for name in OUTCOME_COLUMNS]
_ENCODINGS = {
    "person": "DELTA_BINARY_PACKED",
    **dict.fromkeys(("weight", *OUTCOME_COLUMNS), "BYTE_STREAM_SPLIT"),
}


class People:
    """Collects the outcomes of people, block by block, and gives them as the bytes of a file (个人结果)."""

    def __init__(self, scenarios: Sequence[str]):
        self.scenarios = tuple(scenarios)
        self._first: int | None = None
        self._outcomes: list[np.ndarray] = []
        self._traits: list[dict[str, np.ndarray]] = []
        self._weights: list[np.ndarray] = []

    def __call__(
        self, first: int, outcomes: np.ndarray, traits: Mapping[str, np.ndarray], weight: np.ndarray
    ) -> None:
        """Take a block: outcomes (scenario, outcome, person), traits by dimension, weights."""
        self._first = first if self._first is None else self._first
        self._outcomes.append(outcomes[:, _KEPT, : len(traits["sex"])])
        self._traits.append({name: np.array(traits[name], np.int8) for name in TRAITS})
        self._weights.append(weight)

    def to_parquet(self) -> bytes:
        """Return everybody collected so far as a Parquet file, one row group a scenario (列式文件)."""
        import pyarrow.parquet as pq

        outcomes = np.concatenate(self._outcomes, axis=2)
        traits = {name: np.concatenate([block[name] for block in self._traits]) for name in TRAITS}
        stream = io.BytesIO()
        weight = np.concatenate(self._weights)
        schema = _schema(self.scenarios)
        options = {"compression": "zstd", "compression_level": 1, "column_encoding": _ENCODINGS}
        options |= {"use_dictionary": ["scenario", *TRAITS], "write_statistics": ["person", "scenario"]}
        with pq.ParquetWriter(stream, schema, **options) as writer:
            for s in range(len(self.scenarios)):
                writer.write_table(_table(schema, self._first, s, outcomes[s], traits, weight))
        return stream.getvalue()


def check_installed() -> None:
    """Refuse where the library that writes people is missing (检查依赖). ScenarioError."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        message = "pyarrow is not installed. Install flexpension with its group `people`"
        raise ScenarioError("", [Fault("people", message)]) from None


def _schema(scenarios: Sequence[str]) -> pyarrow.Schema:
    import pyarrow as pa

    def field(name, kind, name_zh, unit=""):
        return pa.field(name, kind, False, {"name_zh": name_zh, "unit": unit})

    kinds = {FEN: pa.int64(), MONTHS: pa.float32(), INDEX: pa.float32()}
    words = pa.dictionary(pa.int8(), pa.string())
    return pa.schema(
        [
            field("person", pa.int64(), "个人编号"),
            field("scenario", pa.dictionary(pa.int16(), pa.string()), "情景"),
            field("weight", pa.float32(), "权重"),
            *(field(name, words, DIMENSIONS[name].name_zh) for name in TRAITS),
            *(field(name, kinds[unit], _NAMES_ZH[name], unit) for name, unit in OUTCOME_COLUMNS.items()),
        ],
        {"scenarios": ",".join(scenarios)},
    )


def _table(schema, first: int, s: int, outcomes, traits: Mapping[str, np.ndarray], weight: np.ndarray):
    """The rows of one scenario: `outcomes` (column, person)."""
    import pyarrow as pa

    number = outcomes.shape[1]
    scenarios = schema.metadata[b"scenarios"].decode().split(",")
    words = [[value.name for value in DIMENSIONS[name].values] for name in TRAITS]
    columns = [
        pa.array(np.arange(first, first + number)),
        pa.DictionaryArray.from_arrays(np.full(number, s, np.int16), scenarios),
        pa.array(weight.astype("f4")),
        *(pa.DictionaryArray.from_arrays(traits[n], w) for n, w in zip(TRAITS, words, strict=True)),
    ]
    for values, unit in zip(outcomes, OUTCOME_COLUMNS.values(), strict=True):
        whole = unit == FEN
        columns.append(pa.array(np.rint(100.0 * values).astype(np.int64) if whole else values.astype("f4")))
    return pa.Table.from_arrays(columns, schema=schema)
