"""What a fitted set tells beside its targets (参数集附表): weights and the response of take-up to price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from calibration import fitted_set, weights
from scenarios.catalogue import say
from scenarios.tables import Block


def weights_blocks(fitted: str, lang: str = "en") -> list[Block]:
    """Return totals and spread of the weights as they were fitted (权重报告); none for a set without."""
    told = weights.report(fitted)
    if not told:
        return []
    met = {total: total not in weights.SHOWN for total in told["totals"]}
    rows = [(name, met[name], *numbers) for name, numbers in told["totals"].items()]
    return [totals_block(rows, lang), spread_block(told["spread"], lang)]


def totals_block(rows: Iterable[tuple], lang: str) -> Block:
    """Return official totals beside all alike and weighted as a table (总量对照表)."""
    words = ("weights_total", "weights_met", "weights_official", "weights_equal", "weights_weighted")
    lines = tuple(
        (name.replace("_", " "), "✓" if is_met else "–", *(f"{x:,.1f}" for x in numbers))
        for name, is_met, *numbers in rows
    )
    return Block(say("weights_title", lang), tuple(say(word, lang) for word in words), lines, 2)


def spread_block(spread: Mapping[str, float], lang: str = "en") -> Block:
    """Return the spread of weights as a table (权重离散表)."""
    rows = tuple((key.replace("_", " "), f"{value:.3g}") for key, value in spread.items())
    return Block(say("weights_spread", lang), ("", say("value", lang)), rows)


def price_block(response: Mapping[str, float], lang: str = "en") -> Block:
    """Return the response of take-up to price as a table (价格弹性表), with the assumed one and its range."""
    assumed = fitted_set.assumption_entries()["take_up_price_elasticity"]
    rows = [(name.replace("_", " "), f"{value:.2f}") for name, value in response.items()]
    low, central, high = (f"{assumed[key]:g}" for key in ("low", "central", "high"))
    rows.append((say("targets_assumed", lang), f"{central} ({low} … {high})"))
    return Block(say("targets_price", lang), ("", say("value", lang)), tuple(rows))
