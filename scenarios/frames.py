"""Frames of assessment (评估框架): yardsticks, the four-part monitoring frame, the six principles.

`frames.yaml` says which indicator stands for which part and what cannot be measured; here it becomes tables.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

from scenarios.catalogue import group_name, indicator_name, say, unit_name
from scenarios.number_tables import Number, Numbers, Table
from simulate.indicators import INDICATORS
from simulate.law import load_law
from simulate.strict_yaml import read_yaml

FRAMES = ("monitoring", "principles")
_DIRECTIONS = {1: "frame_more", -1: "frame_less", 0: "frame_neither"}


@functools.lru_cache(maxsize=1)
def frames() -> dict[str, Any]:
    """Return the declared frames (评估框架), as they stand in `frames.yaml`."""
    return read_yaml((resources.files("scenarios") / "frames.yaml").read_text("utf-8")).data


def _words(entry: dict, key: str, lang: str) -> str:
    return str(entry[f"{key}_zh" if lang == "zh" else key])


def yardsticks_table(numbers: Numbers) -> Table:
    """Return adequacy under several yardsticks at once (多种标准线下的充足性), with source and evidence."""
    lang, law = numbers.lang, load_law()
    rows = []
    for entry in frames()["yardsticks"]:
        empty = [""] * (1 + len(numbers.reforms))
        if "indicator" not in entry:
            rows.append((_words(entry, "not_measured", lang), "", _words(entry, "reason", lang), *empty))
            continue
        name = entry["indicator"]
        if name not in numbers.indicators:
            continue
        source = ""
        if "parameter" in entry:
            values = law.parameter(entry["parameter"]).all_values()
            act = law.acts[values[-1].act]
            flags = dict.fromkeys(say(f"flag_{value.flag}", lang) for value in values)
            source = f"{act.title_zh if lang == 'zh' else act.title} ({', '.join(flags)})"
        level = numbers.value(name, numbers.base)
        changes = (numbers.change(name, reform) for reform in numbers.reforms)
        against = _words(entry, "held_against", lang)
        rows.append((indicator_name(name, lang), against, source, level, *changes))
    keys = ("indicator", "table_held_against", "table_source")
    header = (*(say(key, lang) for key in keys), numbers.base, *numbers.reforms)
    title = say("table_yardsticks", lang, group=numbers.name())
    told = any(isinstance(cell, Number) for row in rows for cell in row)
    note = say("table_yardsticks_note", lang)
    return Table("yardsticks", title, header, tuple(rows) if told else (), 3, note)


def frame_table(numbers: Numbers, key: str) -> Table:
    """Return a frame with every indicator it names, for everyone, women and men (框架表).

    What the model cannot measure stands in its part with the reason.
    """
    lang, frame = numbers.lang, frames()[key]
    lead = dict(numbers.lead)
    sexes = [tuple({**lead, "sex": sex}.items()) for sex in ("female", "male")]
    groups = [numbers.lead, *(group for group in sexes if group in numbers.groups)]
    names = [group_name({}, lang), *(group_name({"sex": dict(g)["sex"]}, lang) for g in groups[1:])]
    scenarios = (numbers.base, *numbers.reforms)
    empty = [""] * (len(scenarios) * len(groups))
    rows: list[tuple[str | Number, ...]] = []
    for part in frame["parts"]:
        title = _words(part, "name", lang)
        for name in part["indicators"]:
            if name in numbers.indicators:
                better = say(_DIRECTIONS[INDICATORS[name].direction], lang)
                cells = (numbers.value(name, scenario, group) for scenario in scenarios for group in groups)
                rows.append((title, indicator_name(name, lang), unit_name(name, lang), better, *cells))
        for missing in part.get("not_measured", ()):
            reason = say("frame_not_measured", lang, reason=_words(missing, "reason", lang))
            rows.append((title, _words(missing, "what", lang), "", reason, *empty))
    words = (say(word, lang) for word in ("frame_part", "indicator", "unit", "frame_better"))
    header = (*words, *(f"{scenario}: {name}" for scenario in scenarios for name in names))
    title = f"{_words(frame, 'title', lang)}{'，' if lang == 'zh' else ', '}{numbers.name()}"
    told = any(isinstance(cell, Number) for row in rows for cell in row)
    note = say("frame_note", lang, source=_words(frame, "source", lang))
    return Table(key, title, header, tuple(rows) if told else (), 4, note)
