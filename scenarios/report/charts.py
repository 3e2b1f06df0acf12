"""The charts of a report (图): Vega-Lite as plain data, and as SVG for readers without script."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from scenarios.catalogue import indicator_name, say, unit_name
from scenarios.number_tables import Numbers
from scenarios.tornado import factor_title
from simulate.indicators import SHARE
from simulate.terms import REASONS

if TYPE_CHECKING:
    from scenarios.result import Comparison

_FIRST_DIMENSION = "sex"  # what divides the first chart, where it was asked for
_GAIN, _LOSE = "#1b7f5c", "#b3411e"  # told apart by everyone, and in grey by their sides
_LOW, _HIGH = "#4c78a8", "#f58518"
_STRONGEST = 10  # bars of a tornado
_ROW, _WIDTH = 15, 620  # pixels


class Chart(NamedTuple):
    """A chart (图): key, title, what it shows in words, Vega-Lite specification."""

    key: str
    title: str
    description: str
    specification: dict[str, Any]

    def svg(self) -> str:
        """Return the chart drawn at a fixed width (静态图)."""
        import vl_convert

        svg = vl_convert.vegalite_to_svg({**self.specification, "width": _WIDTH})
        return re.sub(r"<\?xml.*?\?>", "", svg)


def headline_chart(comparison: Comparison, lang: str = "en") -> Chart:
    """Return the headline by scenario and group with 95 % intervals (主图)."""
    import altair

    numbers = Numbers(comparison, lang)
    name, inner = numbers.headline, list(numbers.parts())
    dimension = next((d for _, d, _ in inner if d == _FIRST_DIMENSION), inner[0][1] if inner else "")
    groups = [(numbers.lead, say("everyone", lang))]
    groups += [(group, word) for group, d, word in inner if d == dimension]
    scenarios = [numbers.base, *numbers.reforms]
    points = []
    for group, word in groups:
        for scenario in scenarios:
            row = numbers.row(name, scenario, group)
            if None not in (row["value"], *row["ci95"]):
                factor = 100 if row["unit"] == SHARE else 1
                low, high = (factor * end for end in row["ci95"])
                point = {"value": factor * row["value"], "low": low, "high": high}
                points.append({"group": word, "scenario": scenario, **point})
    unit = "%" if numbers.row(name, numbers.base)["unit"] == SHARE else say("yuan", lang)
    title = say("chart_headline", lang, indicator=indicator_name(name, lang), group=numbers.name())
    base = _grouped(altair, points, scenarios, "scenario", say("scenario", lang))
    tips = _tips(altair, lang, "value", "low", "high")
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(
        x=altair.X("value:Q", title=f"{indicator_name(name, lang)} [{unit}]", scale=altair.Scale(zero=False)),
        shape=altair.Shape("scenario:N", sort=scenarios, legend=None),
        tooltip=tips,
    )
    bars = base.mark_rule().encode(x=altair.X("low:Q"), x2="high:Q", tooltip=tips)
    return _chart("headline", title, bars + dots, len(groups), len(scenarios))


def winners_charts(comparison: Comparison, lang: str = "en") -> list[Chart]:
    """Return, for each reform, who gains and who loses by group (受益与受损图)."""
    import altair

    numbers = Numbers(comparison, lang)
    if not {"share_gaining", "share_losing"} <= numbers.indicators:
        return []
    groups = [(numbers.lead, say("everyone", lang)), *((group, word) for group, _, word in numbers.parts())]
    sides = {"share_gaining": (say("chart_gain", lang), 1), "share_losing": (say("chart_lose", lang), -1)}
    words = [word for word, _ in sides.values()]
    found = []
    for reform in numbers.reforms:
        points = []
        for group, word in groups:
            for indicator, (side, sign) in sides.items():
                row = numbers.row(indicator, reform, group)
                if row["value"] is not None:
                    told = {"group": word, "side": side, "share": 100 * row["value"]}
                    points.append(told | {"along": sign * 100 * row["value"]})
        title = say("chart_winners", lang, scenario=reform, group=numbers.name())
        order = list(dict.fromkeys(point["group"] for point in points))
        drawing = (
            altair.Chart(altair.Data(values=points))
            .mark_bar()
            .encode(
                y=altair.Y("group:N", sort=order, title=None, axis=altair.Axis(labelLimit=220)),
                x=altair.X(
                    "along:Q",
                    title=say("chart_winners_axis", lang),
                    axis=altair.Axis(labelExpr="abs(datum.value) + ' %'", tickCount=8),
                ),
                color=altair.Color(
                    "side:N", title=None, scale=altair.Scale(domain=words, range=[_GAIN, _LOSE])
                ),
                tooltip=[
                    altair.Tooltip("group:N", title=say("group", lang)),
                    altair.Tooltip("side:N", title=say("suite_measure", lang)),
                    altair.Tooltip("share:Q", title="%", format=".1f"),
                ],
            )
        )
        found.append(_chart(f"winners-{len(found)}", title, drawing, len(order), 1))
    return found


def missing_chart(comparison: Comparison, lang: str = "en") -> Chart | None:
    """Return the months outside the employee scheme by reason and scenario (缺失月份图)."""
    import altair

    numbers = Numbers(comparison, lang)
    scenarios = [numbers.base, *numbers.reforms]
    points = []
    for reason in REASONS[1:]:
        rows = [(s, numbers.row(f"months_missing_{reason.name}", s)) for s in scenarios]
        if not any(row and row["value"] for _, row in rows):
            continue
        word = reason.name_zh if lang == "zh" else reason.name.replace("_", " ")
        told = [(scenario, row["value"]) for scenario, row in rows if row["value"] is not None]
        points += [{"group": word, "scenario": scenario, "value": value} for scenario, value in told]
    if not points:
        return None
    drawing = (
        _grouped(altair, points, scenarios, "scenario", say("scenario", lang))
        .mark_bar()
        .encode(
            x=altair.X("value:Q", title=say("chart_missing_axis", lang)), tooltip=_tips(altair, lang, "value")
        )
    )
    title = say("chart_missing", lang, group=numbers.name())
    reasons = {point["group"] for point in points}
    return _chart("missing", title, drawing, len(reasons), len(scenarios))


def tornado_charts(comparison: Comparison, lang: str = "en") -> list[Chart]:
    """Return, for each reform, the strongest factors with the change at both ends (敏感性图)."""
    import altair

    numbers, data = Numbers(comparison, lang), comparison.dataset
    if "tornado_swing" not in data:
        return []
    is_share = numbers.row(numbers.headline, numbers.base)["unit"] == SHARE
    ends = {"low": say("sensitivity_at_low", lang), "high": say("sensitivity_at_high", lang)}
    found = []
    for scenario in map(str, data["judged"].values):
        here = data.sel(judged=scenario)
        order = [k for k in (-here["tornado_swing"].fillna(0.0)).argsort(kind="stable").values[:_STRONGEST]]
        points = []
        for k in order:
            one = here.isel(factor=int(k))
            title = factor_title(str(one["factor"].values), lang)
            for end, word in ends.items():
                change = float(one[f"tornado_{end}"])
                if math.isfinite(change):
                    points.append({"group": title, "end": word, "change": change * (100 if is_share else 1)})
        name, group = indicator_name(numbers.headline, lang), numbers.name()
        axis = say("chart_points", lang) if is_share else unit_name(numbers.headline, lang)
        drawing = (
            altair.Chart(altair.Data(values=points))
            .mark_bar(opacity=0.85)
            .encode(
                y=altair.Y(
                    "group:N",
                    sort=list(dict.fromkeys(point["group"] for point in points)),
                    title=None,
                    axis=altair.Axis(labelLimit=220),
                ),
                yOffset=altair.YOffset("end:N", sort=list(ends.values())),
                x=altair.X("change:Q", title=axis),
                color=altair.Color(
                    "end:N", title=None, scale=altair.Scale(domain=list(ends.values()), range=[_LOW, _HIGH])
                ),
                tooltip=[
                    altair.Tooltip("group:N", title=say("sensitivity_factor", lang)),
                    altair.Tooltip("end:N", title=say("suite_measure", lang)),
                    altair.Tooltip("change:Q", title=axis, format="+.2f"),
                ],
            )
        )
        title = say("chart_sensitivity", lang, indicator=name, scenario=scenario, group=group)
        found.append(_chart(f"sensitivity-{len(found)}", title, drawing, len(order), 2))
    return found


def _grouped(altair, points, series, field, title):
    order = list(dict.fromkeys(point["group"] for point in points))
    return altair.Chart(altair.Data(values=points)).encode(
        y=altair.Y("group:N", sort=order, title=None, axis=altair.Axis(labelLimit=220)),
        yOffset=altair.YOffset(f"{field}:N", sort=series),
        color=altair.Color(f"{field}:N", sort=series, title=title),
    )


def _tips(altair, lang: str, *fields: str) -> list:
    words = {"value": "value", "low": "low", "high": "high"}
    return [
        altair.Tooltip("group:N", title=say("group", lang)),
        altair.Tooltip("scenario:N", title=say("scenario", lang)),
        *(altair.Tooltip(f"{f}:Q", title=say(words[f], lang), format=",.2f") for f in fields),
    ]


def _chart(key: str, title: str, drawing, n_groups: int, n_series: int) -> Chart:
    # a height in rows would be dropped with a warning where the width is that of the page
    height = n_groups * (_ROW * n_series + 8)
    drawing = drawing.properties(width="container", height=height)
    told = drawing.configure_legend(orient="top", labelLimit=300).configure_view(stroke=None)
    return Chart(key, title, title, told.to_dict(validate=False))
