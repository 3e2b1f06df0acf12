"""Rights by province as readers see them (各地权益的呈现): one table beside a person's ledger."""

from __future__ import annotations

from typing import Any

from scenarios.catalogue import say
from scenarios.tables import Block
from simulate.law import load_law

_MONEY = ("pool_paid", "pool_moved", "pool_kept", "pool_lost", "account", "account_moved", "refund")


def rights_block(lines: list[dict[str, Any]], lang: str = "en") -> Block:
    """Return what moved of a person's rights (权益转移表), no row where all stayed in one place."""
    from simulate.transfer_lines import KEPT

    moves = [line for line in lines if line["kind"] != KEPT.name or line["lost_months"]]
    places = {p.name: p.name_zh for p in load_law().provinces} if lang == "zh" else {}
    rows = [_row(line, lang, places) for line in lines] if moves else []
    words = ("movement", "from_place", "to_place", "by_law")
    header = tuple(say(f"rights_{word}", lang) for word in (*words, "months", "lost_months", *_MONEY))
    return Block(say("rights_title", lang), header, tuple(rows), len(words))


def _row(line: dict[str, Any], lang: str, places: dict[str, str]) -> tuple[str, ...]:
    kind = line["kind_zh"] if lang == "zh" else line["kind"].replace("_", " ")
    where = (places.get(line[key], line[key] or "") for key in ("from", "to"))
    months = (f"{line[key]:,.10g}" if line[key] else "" for key in ("months", "lost_months"))
    money = (f"{line[key]:z,.2f}" if line[key] else "" for key in _MONEY)
    act = " ".join(part for part in (line["act"], line["article"]) if part)
    return kind, *where, act, *months, *money
