"""What there is (目录): scenarios, indicators, dimensions, law, fitted set, as tables and as data."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from scenarios.catalogue import say
from scenarios.scenario import Scenario, ScenarioError, library, load_scenario
from scenarios.tables import Block, rich_table, weak_parameters
from simulate.groups import DIMENSIONS
from simulate.indicators import INDICATORS
from simulate.law import load_law
from simulate.limited import SPANS
from simulate.strict_yaml import Fault, nearest
from simulate.terms import FORMS, HUKOU, OCCUPATIONS, SEXES

SOURCED = ("observed", "unconfirmed")


def listed(what: str, format_: str, lang: str, wanted: Mapping[str, str] | None = None) -> str:
    """Return scenarios, levers, indicators, dimensions or careers as text in a format (列表).

    Parameters
    ----------
    wanted : mapping, optional
        Lever, country or status that the scenarios listed have.

    Raises
    ------
    ScenarioError
        No scenario has such a lever, country or status.
    """
    of = {"scenarios": _scenarios, "levers": _levers, "indicators": _indicators, "dimensions": _dimensions}
    of |= {"careers": _careers}
    rows = of[what]()
    if wanted and what != "scenarios":
        raise ScenarioError("", [Fault("list", f"{', '.join(wanted)} go with scenarios")])
    for key, name in (wanted or {}).items():
        known = sorted({word for row in rows for word in _words(row[key])})
        if name not in known:
            told = nearest(name, known) or f" Known are {', '.join(known)}."
            raise ScenarioError("", [Fault(f"list, {key}", f"no scenario has {name}.{told}")])
    rows = [row for row in rows if all(n in _words(row[k]) for k, n in (wanted or {}).items())]
    if not rows:
        raise ScenarioError("", [Fault("list", "no scenario has all of these. Leave one out")])
    if format_ == "json":
        return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
    if format_ == "csv":
        stream = io.StringIO()
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {k: ";".join(v) if isinstance(v, list) else v for k, v in row.items()} for row in rows
        )
        return stream.getvalue()
    block = _short(what, rows, lang)
    lines = [block.header, ["---"] * len(block.header), *block.rows]
    if format_ == "markdown":
        return "".join("| " + " | ".join(line) + " |\n" for line in lines)
    widths = [max(_width(line[i]) for line in (block.header, *block.rows)) for i in range(len(block.header))]
    return "".join(
        "  ".join(
            word + " " * (width - _width(word)) for word, width in zip(line, widths, strict=True)
        ).rstrip()
        + "\n"
        for line in (block.header, *block.rows)
    )


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _words(value: str | list[str]) -> list[str]:
    """Levers as they are, countries one by one."""
    return value if isinstance(value, list) else value.split(", ")


def _scenarios() -> list[dict[str, Any]]:
    from scenarios.levers import levers_of

    rows = []
    for scenario in map(load_scenario, library()):
        row = {key: getattr(scenario, key) for key in ("name", "title", "title_zh", "status")}
        row |= {"levers": levers_of(scenario), "country": scenario.country, "source": scenario.source}
        rows.append(row | {key: getattr(scenario, key) for key in ("baseline", "question", "question_zh")})
    return rows


def _levers() -> list[dict[str, Any]]:
    from scenarios.levers import levers

    keys = ("title", "title_zh", "parameters", "raises", "lowers", "keeps", "given", "whom", "employing")
    return [
        {"name": name} | {k: list(v) if isinstance(v := getattr(lever, k), tuple) else v for k in keys}
        for name, lever in levers().items()
    ]


def _indicators() -> list[dict[str, Any]]:
    keys = ("name", "title", "title_zh", "unit", "direction", "paired", "definition", "definition_zh")
    return [{key: getattr(indicator, key) for key in keys} for indicator in INDICATORS.values()]


def _dimensions() -> list[dict[str, Any]]:
    return [
        {
            "name": dimension.name,
            "name_zh": dimension.name_zh,
            "values": [term.name for term in dimension.values],
            "values_zh": [term.name_zh for term in dimension.values],
        }
        for dimension in DIMENSIONS.values()
    ]


def _careers() -> list[dict[str, Any]]:
    from scenarios.career_file import load_careers, presets

    keys = ("title", "title_zh", "question", "question_zh", "source", "confidence")
    return [
        {"name": file.name} | {k: getattr(file.entry, k) for k in keys} | {"careers": list(file.titles("en"))}
        for file in map(load_careers, presets())
    ]


def _short(what: str, rows: list[dict], lang: str) -> Block:
    """The columns that fit a line, in one language."""
    suffix = "_zh" if lang == "zh" else ""
    if what == "scenarios":
        header = ("name", "status", "title")
        lines = [(row["name"], say(f"status_{row['status']}", lang), row[f"title{suffix}"]) for row in rows]
    elif what == "careers":
        header = ("name", "careers_number", "title")
        lines = [(row["name"], str(len(row["careers"])), row[f"title{suffix}"]) for row in rows]
    elif what == "levers":
        header = ("name", "title", "employing", "parameters")
        words = [say(f"employing_{row['employing']}", lang) if row["employing"] else "" for row in rows]
        lines = [
            (row["name"], row[f"title{suffix}"], word, ", ".join(row["parameters"]))
            for row, word in zip(rows, words, strict=True)
        ]
    elif what == "indicators":
        header = ("name", "unit", "definition")
        units = [INDICATORS[row["name"]].unit_zh if suffix else row["unit"] for row in rows]
        lines = [
            (row["name"], unit, row[f"definition{suffix}"]) for row, unit in zip(rows, units, strict=True)
        ]
    else:
        header = ("dimension", "values")
        lines = [(row["name"], ", ".join(row[f"values{suffix}"])) for row in rows]
    return Block("", tuple(say(word, lang) for word in header), tuple(lines))


# --------------------------------------------------------------------------- showing one thing


def shown(name: tuple[str, ...], audit: bool, lang: str) -> list:
    """Return a scenario's difference, the law or one of its parameters as rich renderables (显示)."""
    law = load_law()
    if name[0] == "law":
        if audit:
            return _law_audit(law, lang)
        return [item for one in name[1:] for item in _parameter(law, one, lang)] or [_law_table(law, lang)]
    if audit:
        raise ScenarioError("", [Fault("--audit", "goes with law: flexpension show law --audit")])
    found = []
    for one in name:
        if one in law.parameters and one not in library():
            found += _parameter(law, one, lang)
            continue
        try:
            scenario = load_scenario(one)
        except ScenarioError as error:
            hint = nearest(one, law.parameters)
            if hint and not nearest(one, library()) and error.source == one:
                raise ScenarioError(one, [Fault("", f"no scenario and no law parameter.{hint}")]) from None
            raise
        found += _difference(scenario, lang)
    return found


def _difference(scenario: Scenario, lang: str) -> list:
    from rich.text import Text

    chinese = lang == "zh"
    head = [
        scenario.title_zh if chinese else scenario.title,
        scenario.question_zh if chinese else scenario.question,
        f"{say('status', lang)}: {say('status_' + scenario.status, lang)}",
        f"{say('source', lang)}: {scenario.source}",
    ]
    if scenario.warning:
        head.append(say("lint_warning", lang, warning=scenario.warning_zh if chinese else scenario.warning))
    items: list = [Text(line) for line in head]
    rows = difference_rows(scenario, lang)
    if not rows:
        return [*items, Text(say("changes_nothing", lang))]
    title = say("changes_title", lang, scenario=scenario.name, baseline=scenario.baseline)
    header = ("parameter", "date", "place", "who", "old", "new")
    return [*items, rich_table(Block(title, tuple(say(word, lang) for word in header), tuple(rows), 4))]


def difference_rows(scenario: Scenario, lang: str = "en") -> list[tuple[str, ...]]:
    """Return one line a change (变动): parameter, date, place, who, old value, new value."""
    before, after = scenario.baseline_law(), scenario.compile_law()
    words = {p.name: p.name_zh if lang == "zh" else p.name for p in before.provinces}
    scopes: dict[tuple, list] = {}
    for change in scenario.changes():
        key = (change.name, change.date, change.category, change.hukou, change.occupation)
        scopes.setdefault(key, []).append(change.province)
    rows = []
    for (name, day, category, hukou, occupation), places in scopes.items():
        ask = {"category": category, "hukou": hukou, "occupation": occupation}

        def pair(place, name=name, day=day, ask=ask):
            return tuple(law.value(name, day, place, default=None, **ask) for law in (before, after))

        national = pair(None)
        if before.parameters[name].kind == "groups":
            rows += [
                (name, str(day), say("nation", lang), who, old, new)
                for who, old, new in _group_differences(*national, lang)
            ]
            continue
        found = {national: [say("nation", lang)]} if None in places else {}
        for place, word in words.items():
            mine = pair(place)
            if mine != national and mine[0] != mine[1]:
                found.setdefault(mine, []).append(word)
        who = category or hukou or occupation or say("all_insured", lang)
        rows += [
            (name, str(day), ", ".join(where), who, plain(old), plain(new))
            for (old, new), where in found.items()
        ]
    for section in ("behaviour", "assumptions"):
        for name, value in getattr(scenario, section).items():
            for day, number in value.items() if isinstance(value, dict) else [("", value)]:
                rows.append(
                    (name, str(day), say("nation", lang), say("all_insured", lang), "", plain(number))
                )
    return rows


def _group_differences(old: tuple, new: tuple, lang: str) -> list[tuple[str, str, str]]:
    """Who, old and new value of each row for a limited group that comes, goes or changes."""
    before, after = ({limits_text(row, lang): plain(row["value"]) for row in rows} for rows in (old, new))
    return [
        (who, before.get(who, plain(None)), after.get(who, plain(None)))
        for who in dict.fromkeys((*after, *before))
        if before.get(who) != after.get(who)
    ]


def limits_text(row: Mapping[str, Any], lang: str = "en") -> str:
    """Return for whom a row of a value for limited groups holds (限定人群文字).

    >>> limits_text({"sex": "female", "occupation": ["rider", "courier"], "age": [16, 30], "value": 0.1})
    'female, rider or courier, from 16 to under 30 years'
    """
    words = {p.name: p.name_zh for p in load_law().provinces}
    for terms in (SEXES, HUKOU, FORMS, OCCUPATIONS):
        words |= {term.name: term.name_zh for term in terms}
    found = []
    for name, limit in row.items():
        if name in SPANS:
            found.append(say(f"limit_{name}", lang, low=limit[0], high=limit[1]))
        elif name != "value":
            named = [str(word) for word in (limit if isinstance(limit, (list, tuple)) else [limit])]
            named = [words.get(word, word) if lang == "zh" else word.replace("_", " ") for word in named]
            found.append(("或" if lang == "zh" else " or ").join(named))
    return ("，" if lang == "zh" else ", ").join(found) or say("all_insured", lang)


def plain(value: Any) -> str:
    """Return a value as a reader writes it (数值文字).

    >>> plain((0.4, 0.5, 1)), plain(None), plain(True), plain(())
    ('0.4, 0.5, 1', '–', 'yes', '–')
    """
    if value is None or value == ():
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):  # a row for a limited group
        return f"{limits_text(value)}: {plain(value['value'])}"
    if isinstance(value, (list, tuple)):
        nested = any(isinstance(part, (list, tuple, Mapping)) for part in value)
        return ("; " if nested else ", ").join(map(plain, value))
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _law_table(law, lang: str):
    rows = []
    for name in law.parameters:
        told = law.describe(name)
        title = told["name_zh"] if lang == "zh" else told["title"]
        rows.append((name, title, told["unit"], _sourced(told, lang)))
    header = tuple(say(word, lang) for word in ("parameter", "title", "unit", "sourced"))
    return rich_table(Block(say("law_title", lang), header, tuple(rows), 4))


def _sourced(told: dict, lang: str) -> str:
    return say("provinces_sourced", lang, n=told["provinces_sourced"])


def _parameter(law, name: str, lang: str) -> list:
    from rich.text import Text

    told = law.describe(name)
    limits = plain(told["range"]) if told["range"] else plain(told["choices"]) or "–"
    items: list = [
        Text(f"{name}: {told['name_zh'] if lang == 'zh' else told['title']} ({told['name_zh']})"),
        Text(say("range_line", lang, unit=told["unit"], range=limits, checked=told["last_checked"])),
        Text(_sourced(told, lang)),
    ]
    if told["rule"]:
        items.append(Text(say("rule_line", lang, rule=told["rule"])))
    rows = []
    for value in told["values"]:
        who = value["category"] or value["hukou"] or value["occupation"] or say("all_insured", lang)
        act = value["act_title_zh"] if lang == "zh" else value["act_title"]
        cited = " ".join(word for word in (value["number"], act) if word)
        place = value["province"] or say("nation", lang)
        shown_value = plain(tuple(value["value"]) if isinstance(value["value"], list) else value["value"])
        rows.append((value["effective"], place, who, shown_value, value["flag"], cited, value["article"]))
    header = ("date", "place", "who", "value", "flag", "act", "article")
    items.append(rich_table(Block(name, tuple(say(word, lang) for word in header), tuple(rows), 7)))
    return items


def _law_audit(law, lang: str) -> list:
    from rich.text import Text

    told = law.audit()
    keys = {key: told[key] for key in ("parameters", "values", "acts")}
    line = say("audit_values", lang, share=told["share_cited"], **keys)
    oldest = told["oldest_last_checked"]
    names = told["last_checked"].get(oldest, [])
    everything = len(names) == told["parameters"]
    lines = (
        line,
        say("audit_flags", lang, shares=_shares("flag", told["share_by_flag"], told["by_flag"], lang)),
        say("audit_states", lang, shares=_shares("act_state", told["share_by_state"], {}, lang)),
        say(
            "audit_checked",
            lang,
            oldest=oldest,
            count=len(names),
            parameters=told["parameters"],
            names=say("audit_all", lang) if everything else ", ".join(names),
        ),
        say("audit_jumps", lang, count=len(told["jumps"])),
        *told["jumps"],
    )
    weak = [
        (
            name,
            *(str(counts[key]) for key in ("estimated", "unconfirmed", "all")),
            _sourced(law.describe(name), lang),
        )
        for name, counts in weak_parameters(law).items()
    ]
    weak_flags = (say(f"flag_{flag}", lang) for flag in ("estimated", "unconfirmed"))
    header = (say("parameter", lang), *weak_flags, say("values", lang), say("sourced", lang))
    against = [
        (one["parameter"], one["effective"], one["province"] or say("nation", lang), plain(one["chosen"]),
         plain(one["alternatives"]), law.acts[one["act"]].number or one["act"], one["note"])
        for one in told["contradictions"]
    ]  # fmt: skip
    columns = ("parameter", "date", "place", "chosen", "others", "act", "audit_note")
    other = tuple(say(word, lang) for word in columns)
    return [
        Text(say("audit_title", lang)),
        *map(Text, lines),
        rich_table(Block(say("audit_weak", lang), header, tuple(weak))),
        rich_table(Block(f"{say('contradictions', lang)}: {len(against)}", other, tuple(against), 7)),
    ]


def _shares(prefix: str, shares: dict[str, float], counts: dict[str, int], lang: str) -> str:
    """Shares in words, largest first; that there is none of a kind is told, too."""
    found = sorted(((share, key) for key, share in shares.items()), reverse=True)
    return ", ".join(
        f"{say(f'{prefix}_{key}', lang)} {share:.1%}" + (f" ({counts[key]})" if counts else "")
        for share, key in found
    )


def fitted_set(fitted: str, lang: str) -> list:
    """Return how many values of a fitted set are of each kind, and each value's origin (参数来源)."""
    from calibration.description import describe_set
    from scenarios.calibration_tables import weights_blocks

    rows, counts = describe_set(fitted)
    chinese = lang == "zh"
    kinds = tuple((kind, str(n)) for kind, n in counts.items())
    header = ("name", "title", "kind", "value", "source")
    lines = tuple(
        (row["name"], row["name_zh" if chinese else "title"], row["kind"], plain(row["value"]), _origin(row))
        for row in rows
    )
    return [
        rich_table(
            Block(
                say("calibration_title", lang, fitted=fitted), (say("kind", lang), say("count", lang)), kinds
            )
        ),
        *_estimates(fitted, lang),
        *map(rich_table, weights_blocks(fitted, lang)),
        rich_table(Block("", tuple(say(word, lang) for word in header), lines, 5)),
    ]


def _estimates(fitted: str, lang: str) -> list:
    """Estimated numbers of a set with error, share of evidence and the targets that speak for each."""
    from calibration.fitted_set import estimates

    rows = tuple(
        (
            name,
            ", ".join(entry["targets"]),
            f"{entry['value']:.4g}",
            f"{entry['standard_error']:.2g}",
            f"{entry['share_from_targets']:.0%}",
        )
        for name, entry in estimates(fitted).get("parameters", {}).items()
    )
    words = ("name", "targets_speak", "value", "targets_error", "targets_evidence")
    title = say("targets_estimates", lang)
    return [rich_table(Block(title, tuple(say(word, lang) for word in words), rows, 2))] if rows else []


def _origin(row: dict) -> str:
    return "; ".join(str(row[key]) for key in ("tables", "formula", "assumptions") if row[key])
