"""What is known of a parameter, and how well the law is founded (参数说明与法规数据审计)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import date

from simulate.law_values import FLAGS, SOURCED, STATES, Act, DatedValue, group_of
from simulate.strict_yaml import Fault


def describe(law, name: str) -> dict:
    """Return what is known of a parameter, in plain types (参数说明).

    ``provinces_sourced`` counts the provinces with a value of their own that is observed or
    unconfirmed, not filled by a rule; where the parameter has no provincial values it is 31 if
    the national value is sourced. Values carry number and title of their act.
    """
    parameter = law.parameter(name)
    values = parameter.all_values()
    own = {v.province for v in values if v.province and v.value is not None}
    sourced = {v.province for v in values if v.province and v.value is not None and v.flag in SOURCED}
    national = [v for v in values if v.province is None]
    national_sourced = any(v.flag in SOURCED for v in national)
    if not own and parameter.same_as and not national:
        base = describe(law, parameter.same_as)
        scope, n_sourced = base["scope"], base["provinces_sourced"]
        national_sourced = base["national_value_sourced"]
    else:
        scope = "provincial" if own else "national"
        n_sourced = len(sourced) if own else len(law.provinces) * national_sourced
    return {
        "name": name,
        "title": parameter.title,
        "name_zh": parameter.name_zh,
        "unit": parameter.unit,
        "kind": parameter.kind,
        "range": list(parameter.range) if parameter.range else None,
        "choices": list(parameter.choices),
        "dimension": parameter.dimension,
        "groups": list(parameter.groups),
        "same_as": parameter.same_as,
        "rule": parameter.rule,
        "note": parameter.note,
        "last_checked": str(parameter.last_checked),
        "file": parameter.file,
        "scope": scope,
        "provinces_sourced": n_sourced,
        "provinces_with_value": len(own),
        "national_value_sourced": national_sourced,
        "values": [_describe_value(v, law.acts) for v in values],
    }


def _describe_value(v: DatedValue, acts: Mapping[str, Act]) -> dict:
    act = acts.get(v.act)
    return {
        "effective": str(v.effective),
        "adopted": str(v.adopted),
        "value": list(v.value) if isinstance(v.value, tuple) else v.value,
        "province": v.province,
        "category": v.category,
        "hukou": v.hukou,
        "occupation": v.occupation,
        "act": v.act,
        "number": act.number if act else "",
        "act_title": act.title if act else v.note,
        "act_title_zh": act.title_zh if act else v.note,
        "article": v.article,
        "flag": v.flag,
        "note": v.note,
        "alternatives": list(v.alternatives),
        "published": v.published,
    }


def audit(law) -> dict:
    """Return how well the law is founded (法规数据审计).

    Counts and shares of values by flag and by what was read of their act, the share cited, each day of
    check with its number of parameters (the oldest first), contradictions, jumps without a reason.
    """
    values = [(p, v) for p in law.parameters.values() for v in p.all_values()]
    flags = {flag: sum(v.flag == flag for _, v in values) for flag in FLAGS}
    cited = sum(v.act in law.acts for _, v in values)
    states = {s: sum(a.state == s for a in law.acts.values()) for s in STATES}
    read = [law.acts[v.act].state for _, v in values if v.act in law.acts]
    contradictions = [
        {
            "parameter": p.name,
            "effective": str(v.effective),
            "province": v.province,
            "group": group_of(v),
            "chosen": v.value,
            "alternatives": list(v.alternatives),
            "act": v.act,
            "note": v.note,
        }
        for p, v in values
        if v.alternatives
    ]
    days = sorted((str(p.last_checked), p.name) for p in law.parameters.values() if p.last_checked)
    checked = {
        day: [name for _, name in group] for day, group in itertools.groupby(days, key=lambda one: one[0])
    }
    n = max(len(values), 1)
    return {
        "parameters": len(law.parameters),
        "values": len(values),
        "by_flag": flags,
        "share_by_flag": {flag: count / n for flag, count in flags.items()},
        "share_by_state": {state: read.count(state) / n for state in STATES},
        "share_cited": cited / len(values) if values else 1.0,
        "acts": len(law.acts),
        "acts_by_state": states,
        "oldest_last_checked": min(checked, default=None),
        "last_checked": checked,
        "contradictions": contradictions,
        "jumps": [str(f) for f in jump_faults(law)],
    }


def jump_faults(law) -> list[Fault]:
    """Return the jumps between consecutive values that no entry explains (跳变检查).

    A number may grow or shrink by the factor `max_step` from one value in force to the next, in the
    nation and in every province with values of its own; a change from or to 0 is a jump. For lists the
    first element is compared. Real jumps are listed under `jumps` with date (a year is enough: the date's
    beginning is compared), province (absent: anywhere) and reason.
    """
    faults = []
    for parameter in law.parameters.values():
        if parameter.kind not in ("number", "list") or parameter.max_step is None:
            continue
        for key in parameter.values:
            ask = {parameter.dimension: key.group} if key.group else {}
            series = law.series(parameter.name, key.province, **ask)
            for before, after in itertools.pairwise(series):
                a, b = (v.value[0] if parameter.kind == "list" else v.value for v in (before, after))
                if a == b or _step_allowed(a, b, parameter.max_step):
                    continue
                if not _jump_listed(parameter.jumps, key.province, after.effective):
                    place = ", ".join(str(s) for s in (parameter.name, *key, after.effective) if s)
                    message = f"{a:g} -> {b:g} is more than the factor {parameter.max_step:g}"
                    faults.append(Fault(place, message))
    return faults


def _step_allowed(a: float, b: float, max_step: float) -> bool:
    if a == 0 or b == 0 or (a < 0) != (b < 0):
        return False
    ratio = abs(b / a)
    return 1 / max_step - 1e-12 <= ratio <= max_step + 1e-12


def _jump_listed(jumps: Sequence[Mapping], province: str | None, day: date) -> bool:
    for jump in jumps:
        place = jump.get("province")
        places = place if isinstance(place, list) else [place]
        if str(day).startswith(str(jump["date"])) and (place is None or province in places):
            return True
    return False
