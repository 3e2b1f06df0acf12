"""Tables that a comparison has on demand (附加表格): ranking, attribution, kinds of doubt side by side."""

from __future__ import annotations

from scenarios.catalogue import group_name, indicator_name, say, unit_name
from scenarios.options import VARIANTS
from scenarios.result import Comparison
from scenarios.tables import Block, amount, with_error

_FEW = 3  # two scenarios need no ranking: their difference says it all


def further_blocks(comparison: Comparison, indicator: str, group: dict, lang: str) -> list[Block]:
    """Return the tables of a comparison that were asked for (附加表格)."""
    found = []
    ranking = comparison.ranking()
    if ranking and len(ranking["scenarios"]) >= _FEW:
        found.append(_ranking(ranking, lang))
    if "attribution" in comparison.dataset:
        found.append(_attribution(comparison, group, lang))
    if "parameter_sd" in comparison.dataset:
        found.append(_parts(comparison, indicator, group, lang))
    if "every_variant" in comparison.inputs:
        found.append(_variants(comparison, indicator, group, lang))
    return found


def _ranking(ranking: dict, lang: str) -> Block:
    """Places, and the probability of each; a range of places where scenarios cannot be told apart."""
    n = len(ranking["scenarios"])
    rows = []
    for row in ranking["scenarios"]:
        place = f"{row['rank_from']}" if row["rank"] else f"{row['rank_from']}-{row['rank_to']}"
        rows.append((row["scenario"], place, *(amount(p, "share") for p in row["probabilities"])))
    indicator = indicator_name(ranking["indicator"], lang)
    title = say("ranking_title", lang, indicator=indicator, group=group_name(ranking["group"], lang))
    header = (say("scenario", lang), say("ranking_place", lang), *(str(k + 1) for k in range(n)))
    return Block(title, header, tuple(rows))


def _attribution(comparison: Comparison, group: dict, lang: str) -> Block:
    """The share of each lever in the package's effect; the last column is their sum."""
    rows = [row for row in comparison.attribution() if row["group"] == group]
    levers = list(dict.fromkeys(row["lever"] for row in rows))
    package = str(comparison.dataset.attrs["package"])
    told = {
        row["indicator"]: row
        for row in comparison.rows()
        if row["group"] == group and row["scenario"] == package
    }
    lines = []
    for indicator in dict.fromkeys(row["indicator"] for row in rows):
        mine = [row for row in rows if row["indicator"] == indicator]
        cells = [with_error(row["share"], row["standard_error"], row["unit"]) for row in mine]
        whole = told[indicator]
        cells.append(with_error(whole["difference"], whole["difference_se"], whole["unit"]))
        lines.append((indicator_name(indicator, lang), unit_name(indicator, lang), *cells))
    title = say("attribution_title", lang, package=package, group=group_name(group, lang))
    header = (say("indicator", lang), say("unit", lang), *levers, say("attribution_whole", lang))
    return Block(title, header, tuple(lines), 2)


def _parts(comparison: Comparison, indicator: str, group: dict, lang: str) -> Block:
    """People, parameters and model side by side, for the level and the difference of each scenario."""
    rows = []
    for row in comparison.rows():
        if row["indicator"] != indicator or row["group"] != group:
            continue
        for of, prefix, error in (
            ("value", "", "standard_error"),
            ("difference", "difference_", "difference_se"),
        ):
            if of == "difference" and row["scenario"] == comparison.inputs["baseline"]:
                continue
            signed = of == "difference"

            def told(key: str, row=row, signed=signed, error=error) -> str:
                return amount(row[key], row["unit"], signed, signed, row[error])

            def spread(key: str, row=row) -> str:
                return f"± {amount(row[key], row['unit'], points=True, error=row[key])}"

            rows.append(
                (
                    row["scenario"],
                    say(of, lang),
                    told(of),
                    spread(error),
                    spread(f"{prefix}parameter_sd"),
                    f"{told(f'{prefix}parameter_low')} … {told(f'{prefix}parameter_high')}",
                    f"{told(f'{prefix}model_low')} … {told(f'{prefix}model_high')}",
                )
            )
    title = say("parts_title", lang, indicator=indicator_name(indicator, lang), group=group_name(group, lang))
    keys = ("scenario", "parts_of", "value", "parts_people", "parts_parameters", "parts_range", "parts_model")
    return Block(title, tuple(say(key, lang) for key in keys), tuple(rows), 2)


def _variants(comparison: Comparison, indicator: str, group: dict, lang: str) -> Block:
    """Level and difference of each scenario under every variant of behaviour, the band and what gives it."""
    words = {name: say(f"variant_{name}", lang) for name in VARIANTS}
    rows = []
    for row in comparison.rows():
        if row["indicator"] != indicator or row["group"] != group:
            continue
        for of, prefix in (("value", ""), ("difference", "difference_")):
            signed = of == "difference"
            if signed and row["scenario"] == comparison.inputs["baseline"]:
                continue
            keys = (f"{of}_{name}" for name in VARIANTS)
            ends = [f"{prefix}variant_{end}" for end in ("low", "high")]
            error = row["difference_se" if signed else "standard_error"]
            told = [amount(row[key], row["unit"], signed, signed, error) for key in (*keys, *ends)]
            which = [words.get(row[f"{end}est"], "–") for end in ends]
            band = f"{told[-2]} … {told[-1]}"
            rows.append((row["scenario"], say(of, lang), *told[:-2], band, " … ".join(which)))
    name = indicator_name(indicator, lang)
    title = say("variants_title", lang, indicator=name, group=group_name(group, lang))
    header = (say("scenario", lang), say("parts_of", lang), *words.values())
    header = (*header, say("value_low_high", lang), say("variants_which", lang))
    return Block(title, header, tuple(rows), 2)
