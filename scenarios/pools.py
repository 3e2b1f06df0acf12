"""The pools of the provinces side by side (分省统筹基金): who receives and who pays under national pooling.

METHOD.md, section 8: present values of 2025 to 2100 in the year of the price, million yuan.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np

from scenarios.catalogue import say
from scenarios.tables import Block
from simulate.law import load_law
from simulate.provincial_flows import ITEMS

COLUMNS = ("into_pool", "transfers_in", "transfers_out", "pool_payments", "balance", "receives")


def pools(flows: np.ndarray, factor: np.ndarray) -> list[dict[str, Any]]:
    """Return one row a province, the greatest receiver first (分省统筹基金收支). [million yuan]

    Parameters
    ----------
    flows : ndarray, float64 (year, province, item)
        Items of `simulate.provincial_flows`. [million yuan of the day]
    factor : ndarray, float64 (year,)
        Present value of a yuan of each year.

    Returns
    -------
    list of dict
        province, the items, `balance` (receipts and transfers in less transfers out and payments) and
        `receives`: what the province lacks to the nation's balance for each yuan paid in; below 0 it pays.
        Over the provinces `receives` adds up to 0.
    """
    values = np.tensordot(factor, flows, axes=1)
    found = {item.name: values[:, k] for k, item in enumerate(ITEMS)}
    into = found["into_pool"]
    balance = into + found["transfers_in"] - found["transfers_out"] - found["pool_payments"]
    share = into / into.sum() if into.sum() > 0 else np.zeros_like(into)
    found |= {"balance": balance, "receives": share * balance.sum() - balance}
    rows = [
        {"province": province.name} | {name: float(values[p]) for name, values in found.items()}
        for p, province in enumerate(load_law().provinces)
    ]
    return sorted(rows, key=lambda row: -row["receives"])


def pools_block(rows: list[dict[str, Any]], scenario: str, lang: str = "en") -> Block:
    """Return the table of a scenario (分省统筹基金表)."""
    places = {p.name: p.name_zh for p in load_law().provinces} if lang == "zh" else {}
    lines = [
        (places.get(row["province"], row["province"]), *(f"{row[key]:z,.0f}" for key in COLUMNS))
        for row in rows
    ]
    header = tuple(say(f"pools_{key}", lang) for key in ("province", *COLUMNS))
    return Block(say("pools_title", lang, scenario=scenario), header, tuple(lines))


def pools_csv(found: dict[str, list[dict[str, Any]]]) -> str:
    """Return the provinces of every scenario as CSV (分省统筹基金CSV)."""
    stream = io.StringIO()
    columns = list(next(iter(found.values()))[0])
    writer = csv.DictWriter(stream, ["scenario", *columns], lineterminator="\n")
    writer.writeheader()
    for name, rows in found.items():
        writer.writerows({"scenario": name, **row} for row in rows)
    return stream.getvalue()
