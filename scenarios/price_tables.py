"""The price of scenarios as tables (成本表): for terminal, Markdown and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from scenarios.catalogue import group_name, say
from scenarios.neutrality import EARNINGS_RATIOS
from scenarios.pools import COLUMNS, pools_block
from scenarios.tables import NOTHING, Block, csv_table, parse_keys
from simulate.around_minimum import N_BINS_EACH_WAY, N_DISTANCES
from simulate.terms import PAYERS

KEYS = (
    *("summary", "paid", "drawn", "incidence", "cohorts", "statutory_age", "minimum", "neutrality"),
    *("practice", "provinces"),
)
EVERY = 5  # years between the rows of a table
NEAR_2039 = range(2034, 2046)
PAID = (*(f"paid_by_{payer.name}" for payer in PAYERS), "into_account", "into_pool", "into_resident_account")
DRAWN = (
    *("pensions", "inherited_accounts", "survivor_grants", "refunds", "resident_subsidies"),
    *("resident_basic_from_centre", "government_other", "government", "pool_payments", "pool_balance"),
)
BORNE = (*(payer.name for payer in PAYERS), "pool", "pay_forgone", "received")
PRACTICE_ROWS = (
    *("paid_by_worker", "contribution_burden", "paid_by_platform", "government_cost", "pool_balance"),
    *("pensions", "points_of_average_wage"),
)
_MEASURES = ("yuan_a_person", "share_of_lifetime_earnings")
_Cell = str | float | int | None


class PriceTable(NamedTuple):
    """A table of the price (成本表): key, title, headings, rows of words and numbers."""

    key: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[_Cell, ...], ...]
    n_words: int = 1

    def block(self) -> Block:
        """Return the table as text (文字表)."""
        rows = tuple(tuple(cell if isinstance(cell, str) else _number(cell) for cell in r) for r in self.rows)
        return Block(self.title, self.header, rows, self.n_words)

    def csv(self) -> str:
        """Return the table as CSV under its title (CSV), nothing rounded."""
        rows = [dict(enumerate(row)) for row in (self.header, *self.rows)]
        head, body = rows[0], rows[1:]
        text = csv_table(tuple(head), body).split("\n", 1)[1] if body else ""
        return f"# {self.title}\n{csv_table(tuple(head.values()), [])}\n{text}\n"


def price_tables(found: dict[str, Any], lang: str = "en") -> list[PriceTable]:
    """Return the tables of a price that have rows (成本表).

    Parameters
    ----------
    found : dict
        As `scenarios.price.price` returns it.
    """
    tables = [_summary(found, lang)]
    for name in found["summary"]:
        tables += [_flows(found, name, "paid", PAID, lang), _flows(found, name, "drawn", DRAWN, lang)]
        tables += [_incidence(found, name, lang), _cohorts(found, name, lang)]
    tables += [_statutory_age(found, lang), _minimum(found, lang)]
    tables += [_neutrality(found, lang), _practice(found, lang)]
    tables += [_provinces(found, name, lang) for name in found["provinces"]]
    return [table for table in tables if table.rows]


def parse_price_tables(text: str) -> tuple[str, ...]:
    """Return the keys of the tables asked for (所选成本表), `all` for every one."""
    return parse_keys(text, KEYS, "table of a price")


def price_csv(found: dict[str, Any]) -> str:
    """Return the flows of every scenario and year as CSV (逐年收支表)."""
    columns = list(found["flows"][found["baseline"]][0])
    rows = [{"scenario": name, **row} for name, rows in found["flows"].items() for row in rows]
    return csv_table(("scenario", *columns), rows) + "\n"


def _summary(found, lang: str) -> PriceTable:
    summaries = found["summary"].values()
    keys = list(next(iter(summaries))) if summaries else []
    rows = tuple((say(f"price_{key}", lang), *(summary[key] for summary in summaries)) for key in keys)
    return PriceTable("summary", say("price_title", lang), (say("price_item", lang), *found["summary"]), rows)


def _flows(found, name: str, key: str, columns: Sequence[str], lang: str) -> PriceTable:
    before, after = found["flows"][found["baseline"]], found["flows"][name]
    header = (say("price_year", lang), *(say(f"price_{column}", lang) for column in columns))
    rows = tuple(
        (str(b["year"]), *(b[column] - a[column] for column in columns))
        for a, b in zip(before, after, strict=True)
        if b["year"] % EVERY == 0
    )
    return PriceTable(key, say(f"price_flows_{key}", lang, scenario=name), header, rows)


def _incidence(found, name: str, lang: str) -> PriceTable:
    rows = []
    for row in found["incidence"][name]:
        quintile = row["earnings_quintile"]
        word = say("everyone", lang)
        if quintile != "all":
            word = group_name({"earnings_quintile": quintile}, lang)
        for measure in _MEASURES:
            scale = 100 if measure == "share_of_lifetime_earnings" else 1
            told = [row[measure][key] for key in BORNE]
            cells = (None if value is None else scale * value for value in told)
            rows.append((word, say(f"price_{measure}", lang), *cells))
    columns = (*(f"price_paid_by_{payer.name}" for payer in PAYERS[:-1]), "price_government", "price_pool")
    columns += ("price_pay_forgone", "price_received")
    header = (say("group", lang), say("unit", lang), *(say(column, lang) for column in columns))
    title = say("price_incidence", lang, scenario=name)
    return PriceTable("incidence", title, header, tuple(rows), 2)


def _cohorts(found, name: str, lang: str) -> PriceTable:
    rows = found["cohorts"][name]
    columns = [key for key in rows[0] if key != "cohort"]
    header = (say("group", lang), *(say(f"price_{column}", lang) for column in columns))
    lines = [(group_name({"cohort": r["cohort"]}, lang), *(r[column] for column in columns)) for r in rows]
    return PriceTable("cohorts", say("price_cohorts", lang, scenario=name), header, tuple(lines))


def _statutory_age(found, lang: str) -> PriceTable:
    """Years around 2039: all who reach the age in the baseline, then two columns a scenario."""
    names = list(found["statutory_age"])
    header = [say("price_year", lang), say("price_at_statutory_age", lang)]
    for name in names:
        header += [say(f"price_{column}", lang, scenario=name) for column in ("between", "between_without")]
    rows = []
    for years in zip(*found["statutory_age"].values(), strict=True):
        if years[0]["year"] in NEAR_2039:
            cells = [years[0]["at_statutory_age"]]
            for row in years:
                cells += [row["between"], row["between"] - row["between_with_employee_pension"]]
            rows.append((str(years[0]["year"]), *(round(cell) for cell in cells)))
    return PriceTable("statutory_age", say("price_statutory_age", lang), tuple(header), tuple(rows))


def _minimum(found, lang: str) -> PriceTable:
    """Density of the months at claim around the own minimum, per cent of the people with a record."""
    names = list(found["distances"])
    rows = []
    for k in range(N_DISTANCES):
        years = k - N_BINS_EACH_WAY
        key = {0: "price_distance_first", N_DISTANCES - 1: "price_distance_last"}.get(k, "price_distance")
        cells = []
        for name in names:
            everybody = sum(found["distances"][name])
            cells.append(100 * found["distances"][name][k] / everybody if everybody else None)
        low, high = f"{years:+d}".replace("+0", "0"), f"{years + 1:+d}".replace("+0", "0")
        rows.append((say(key, lang, low=low, high=high), *cells))
    header = (say("price_minimum_years", lang), *names)
    return PriceTable("minimum", say("price_minimum", lang), header, tuple(rows))


def _neutrality(found, lang: str) -> PriceTable:
    title = "title_zh" if lang == "zh" else "title"
    rows = tuple(
        (name, row[title], *(100 * row["change"][str(ratio)] for ratio in EARNINGS_RATIOS))
        for name, levers in found["neutrality"].items()
        for row in levers
    )
    header = (say("scenario", lang), say("price_lever", lang))
    header += tuple(say("price_earnings", lang, ratio=ratio) for ratio in EARNINGS_RATIOS)
    return PriceTable("neutrality", say("price_neutrality", lang), header, rows, 2)


def _practice(found, lang: str) -> PriceTable:
    """Co-funding against the platforms' own subsidies of today, in their place and on top of them."""
    rows = tuple(
        (
            name,
            say(f"price_{key}", lang),
            *((None if ways[way] is None else ways[way][key]) for way in ("instead", "on_top")),
        )
        for name, ways in found["practice"].items()
        for key in PRACTICE_ROWS
    )
    header = (say("scenario", lang), say("price_against_practice", lang))
    header += (say("price_instead", lang), say("price_on_top", lang))
    return PriceTable("practice", say("price_practice", lang), header, rows, 2)


def _provinces(found, name: str, lang: str) -> PriceTable:
    block = pools_block(found["provinces"][name], name, lang)
    columns = [[row[key] for key in COLUMNS] for row in found["provinces"][name]]
    rows = tuple((line[0], *numbers) for line, numbers in zip(block.rows, columns, strict=True))
    return PriceTable("provinces", block.title, block.header, rows)


def _number(value: float | int | None) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, int):
        return str(value) if abs(value) < 2200 else f"{value:,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
