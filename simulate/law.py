"""Current law as dated, cited values (现行法规): ask, freeze, amend, describe.

The values stand in ``simulate/statutes``: one YAML file a subject, CSV tables for
province x year series, ``provinces/`` for what differs by province, ``sources.yaml``
for the acts. Each value has two dates, the day it was adopted and the day from which
it holds. ``law_files`` reads and checks the files, ``law_values`` says what stands in them,
``law_audit`` how well it is founded; here they become one immutable :class:`Law`.

>>> law = load_law()
>>> law.value("flexible_rate", "2025-01-01")
0.2
>>> law.value("minimum_contribution_months", "2039-06-01")
240
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from simulate.law_audit import audit, describe
from simulate.law_files import files_of, package_files, read_files
from simulate.law_values import (
    FLAGS,
    GROUPS,
    VALUE_KEYS,
    Change,
    DatedValue,
    Key,
    LawError,
    Parameter,
    Province,
    canonical,
    group_of,
    in_force,
    parse_date,
    value_faults,
    value_groups,
    with_values,
)
from simulate.strict_yaml import Fault, closest, nearest

_MISSING = object()


class Law:
    """The law as read, frozen or amended (法规). Immutable; every method returns new things.

    Attributes
    ----------
    parameters : mapping of name to Parameter
    acts : mapping of act id to Act
    provinces : tuple of Province, in the order that gives province indices 0 to 30
    changes : tuple of Change, what amendments changed, oldest first
    """

    __slots__ = ("_checksum", "_series", "acts", "changes", "parameters", "provinces")

    def __init__(self, parameters, acts, provinces, changes=()):
        object.__setattr__(self, "parameters", MappingProxyType(dict(parameters)))
        object.__setattr__(self, "acts", MappingProxyType(dict(acts)))
        object.__setattr__(self, "provinces", tuple(provinces))
        object.__setattr__(self, "changes", tuple(changes))
        object.__setattr__(self, "_series", {})
        object.__setattr__(self, "_checksum", [])

    def __setattr__(self, name, value):
        raise AttributeError("a Law cannot be changed; use amend")

    def __repr__(self) -> str:
        n = sum(len(p.all_values()) for p in self.parameters.values())
        return f"<Law: {len(self.parameters)} parameters, {n} values, {len(self.changes)} changes>"

    # -- questions

    def province_name(self, text: str) -> str:
        """Return the English name of a province given by English or Chinese name or code (省份名称).

        >>> load_law().province_name("陕西"), load_law().province_name("Guangxi Zhuang Autonomous Region")
        ('Shaanxi', 'Guangxi')
        """
        wanted = str(text).strip()
        short = re.sub(r"(省|市|(壮族|回族|维吾尔)?自治区)$", "", wanted)
        latin = _plain_name(wanted)
        for p in self.provinces:
            spellings = {_plain_name(name) for name in (p.name, *filter(None, p.also.split("|")))}
            if latin in spellings or wanted == p.code or short == p.name_zh:
                return p.name
        known = [p.name for p in self.provinces] + [p.name_zh for p in self.provinces]
        raise LawError("", [Fault("province", f"{text} is no province.{nearest(wanted, known)}")])

    def parameter(self, name: str) -> Parameter:
        """Return a parameter with all its values. LawError with the nearest name where there is none."""
        try:
            return self.parameters[name]
        except KeyError:
            message = f"no such parameter.{closest(name, self.parameters)}"
            raise LawError("", [Fault(f"law.{name}", message)]) from None

    def series(self, name, province=None, category=None, hukou=None, occupation=None) -> list[DatedValue]:
        """Return the values in force one after the other (参数序列), provincial ones over national ones.

        A provincial value holds from its date until the province's own next date; a provincial
        value of None gives the national rule back. A parameter that is `same_as` another takes
        the other's values where it has none of its own.

        >>> [(str(v.effective), v.value) for v in load_law().series("employer_rate", "Shanghai")][-2:]
        [('2016-05-01', 0.2), ('2019-05-01', 0.16)]
        """
        parameter = self.parameter(name)
        group = self._group(parameter, category=category, hukou=hukou, occupation=occupation)
        if province is not None and province not in _names(self.provinces):
            province = self.province_name(province)
        key = (name, province, group)
        if key not in self._series:
            self._series[key] = self._resolve(parameter, province, group)
        return list(self._series[key])

    def value(
        self, name, date, province=None, category=None, hukou=None, default=_MISSING, occupation=None
    ) -> Any:
        """Return the value in force on a day (参数值).

        Parameters
        ----------
        name : str
        date : date or str
            YYYY-MM-DD.
        province : str, optional
            English or Chinese name or code; None is the national rule.
        category, hukou, occupation : str, optional
            Needed where the parameter differs by them.
        default : optional
            Given back where no value is in force yet; without it that is a LawError.

        Raises
        ------
        LawError
            Unknown name, province, group or date; no value in force.
        """
        found = self.dated_value(name, date, province, category, hukou, occupation)
        if found is not None:
            return found.value
        if default is not _MISSING:
            return default
        scope = f" in {province}" if province else ""
        first = self.series(name, province, category, hukou, occupation)
        since = f" The first value holds from {first[0].effective}." if first else ""
        raise LawError("", [Fault(f"law.{name}, {date}", f"no value is in force{scope}.{since}")])

    def dated_value(
        self, name, date, province=None, category=None, hukou=None, occupation=None
    ) -> DatedValue | None:
        """Return the value in force on a day with its citation, or None (参数值及出处)."""
        try:
            day = parse_date(date)
        except ValueError as error:
            raise LawError("", [Fault(f"law.{name}", str(error))]) from None
        return in_force(self.series(name, province, category, hukou, occupation), day)

    def _group(self, parameter: Parameter, **asked) -> str | None:
        raw = {k: str(v) for k, v in asked.items() if v is not None}
        faults: list[str] = []
        groups = value_groups(parameter, raw, faults)
        if parameter.dimension != "none" and not raw:
            faults.append(f"differs by {parameter.dimension}. Name one of {', '.join(parameter.groups)}")
        if faults:
            raise LawError("", [Fault(f"law.{parameter.name}", f) for f in faults])
        return groups[0]

    def _resolve(self, parameter: Parameter, province, group) -> list[DatedValue]:
        layers = [parameter]
        if parameter.same_as:
            layers.append(self.parameters[parameter.same_as])
        stack = [
            (p.values.get(Key(province, group), ()) if province else (), p.values.get(Key(None, group), ()))
            for p in layers
        ]
        days = sorted({v.effective for pair in stack for series in pair for v in series})
        resolved: list[DatedValue] = []
        for day in days:
            for provincial, national in stack:
                found = in_force(provincial, day)
                if found is None or found.value is None:
                    found = in_force(national, day)
                if found is not None:
                    break
            if found is not None and (not resolved or found is not resolved[-1]):
                # where the national rule returns or a layer ends, the value holds anew from this day
                resolved.append(found if found.effective == day else found._replace(effective=day))
        return resolved

    # -- freezing

    def at(self, date) -> Law:
        """Return the law effective by a day, frozen: later steps are gone (某日有效的法规)."""
        day = self._day(date)
        return self._filtered(lambda v: v.effective <= day)

    def known(self, date) -> Law:
        """Return the law adopted by a day, its future steps included (某日已公布的法规)."""
        day = self._day(date)
        return self._filtered(lambda v: v.adopted <= day)

    @staticmethod
    def _day(value) -> date:
        try:
            return parse_date(value)
        except ValueError as error:
            raise LawError("", [Fault("date", str(error))]) from None

    def _filtered(self, keep) -> Law:
        parameters = {}
        for name, parameter in self.parameters.items():
            values = {k: tuple(filter(keep, series)) for k, series in parameter.values.items()}
            parameters[name] = with_values(parameter, {k: s for k, s in values.items() if s})
        return Law(parameters, self.acts, self.provinces, self.changes)

    # -- amending

    def amend(self, changes: Mapping[str, Sequence[Mapping]], source: str = "amendment") -> Law:
        """Return the law with a difference laid over it (修改法规).

        From the first amended date on, the new series replaces the old values of its scope:
        a change of provinces those of the provinces, a national change those of the nation and
        of every province. Earlier values stay.

        Parameters
        ----------
        changes : mapping of parameter name to list of entries
            An entry has ``effective`` and ``value`` and may have ``province`` or ``provinces``,
            ``category``, ``hukou``, ``adopted``, ``act``, ``article``, ``flag``, ``note``. A value of None
            for a province gives the national rule back.
        source : str
            What is amending, for messages and as the note of the values.

        Raises
        ------
        LawError
            Every fault of the difference at once; ``faults`` has them one by one.

        Examples
        --------
        >>> law = load_law().amend({"base_cap_ratio": [{"effective": "2030-01-01", "value": 2.0}]})
        >>> law.value("base_cap_ratio", "2029-12-31"), law.value("base_cap_ratio", "2030-01-01")
        (3, 2)
        """
        faults: list[Fault] = []
        fresh: dict[str, list[DatedValue]] = {}
        if not isinstance(changes, Mapping):
            raise LawError(source, [Fault("law", "no mapping of parameter names to dated values")])
        for name, entries in changes.items():
            if name not in self.parameters:
                message = f"no such parameter.{nearest(name, self.parameters)}"
                faults.append(Fault(f"law.{name}", message))
            elif not isinstance(entries, (list, tuple)) or not entries:
                faults.append(Fault(f"law.{name}", "no list of dated values"))
            else:
                fresh[name] = self._fresh_values(name, entries, source, faults)
        if faults:
            raise LawError(source, faults)
        parameters = dict(self.parameters)
        for name, values in fresh.items():
            parameters[name] = _overlay(self.parameters[name], values)
        amended = Law(parameters, self.acts, self.provinces)
        record = list(self.changes)
        for name, values in fresh.items():
            record.extend(_differences(self, amended, name, values))
        return Law(parameters, self.acts, self.provinces, record)

    def replaced(self, parameter: Parameter) -> Law:
        """Return the law with one parameter in place of that of its name (替换参数); nothing is recorded."""
        return Law({**self.parameters, parameter.name: parameter}, self.acts, self.provinces, self.changes)

    def _fresh_values(self, name, entries, source, faults: list[Fault]) -> list[DatedValue]:
        parameter = self.parameters[name]
        allowed = [*VALUE_KEYS, "provinces"]
        values: list[DatedValue] = []
        for entry in entries:
            where = f"law.{name}"
            if not isinstance(entry, Mapping):
                faults.append(Fault(where, f"{entry!r} is no entry with effective and value"))
                continue
            wrong = [f"unknown key {k}.{nearest(k, allowed)}" for k in entry if k not in allowed]
            wrong += [f"missing {k}" for k in ("effective", "value") if k not in entry]
            days = {}
            for key in ("effective", "adopted"):
                if entry.get(key) is not None:
                    try:
                        days[key] = parse_date(entry[key])
                    except ValueError as error:
                        wrong.append(f"{key}: {error}")
            if "effective" in days:
                where = f"{where}, {days['effective']}"
            provinces = self._entry_provinces(entry, wrong)
            if "value" in entry and (entry["value"] is not None or None in provinces):
                wrong += value_faults(parameter, entry["value"], self.province_name)
            groups = value_groups(parameter, entry, wrong)
            if entry.get("act") is not None and str(entry["act"]) not in self.acts:
                wrong.append(f"act {entry['act']} is not in sources.yaml.{nearest(entry['act'], self.acts)}")
            if entry.get("flag", "projected") not in FLAGS:
                wrong.append(f"flag {entry['flag']!r} is not one of {', '.join(FLAGS)}")
            if wrong:
                faults.extend(Fault(where, w) for w in wrong)
                continue
            for province in provinces:
                for group in groups:
                    value = DatedValue(
                        days["effective"],
                        days.get("adopted", days["effective"]),
                        canonical(entry["value"]),
                        province,
                        group if parameter.dimension == "category" else None,
                        group if parameter.dimension == "hukou" else None,
                        str(entry.get("act") or ""),
                        str(entry.get("article") or ""),
                        entry.get("flag", "projected"),
                        str(entry.get("note") or source),
                        canonical(tuple(entry.get("alternatives") or ())),
                        canonical(entry.get("published")),
                        group if parameter.dimension == "occupation" else None,
                    )
                    scope = (value.effective, value.province, group)
                    if any((v.effective, v.province, group_of(v)) == scope for v in values):
                        faults.append(Fault(where, "the same date and scope stand twice"))
                    values.append(value)
        return values

    def _entry_provinces(self, entry: Mapping, wrong: list[str]) -> tuple[str | None, ...]:
        given = entry.get("provinces")
        given = [entry["province"]] if given is None and entry.get("province") is not None else given
        if given is None:
            return (None,)
        if isinstance(given, str) or not isinstance(given, Sequence) or not given:
            wrong.append(f"provinces {given!r} is no list of provinces")
            return ()
        names = []
        for text in given:
            try:
                names.append(self.province_name(text))
            except LawError as error:
                wrong.append(error.faults[0].message)
        return tuple(names)

    # -- describing

    def describe(self, name: str) -> dict:
        """Return what is known of a parameter (参数说明), see :func:`simulate.law_audit.describe`."""
        return describe(self, name)

    def audit(self) -> dict:
        """Return how well the law is founded (法规数据审计), see :func:`simulate.law_audit.audit`.

        >>> load_law().audit()["share_cited"]
        1.0
        """
        return audit(self)

    @property
    def checksum(self) -> str:
        """SHA-256 of the values and their dates (法规校验和), the same however the files are laid out."""
        if not self._checksum:
            content = []
            for name, p in self.parameters.items():
                head = [name, p.unit, p.kind, p.range, p.dimension, p.groups, p.choices, p.same_as]
                content.append([head, [[str(v.effective), str(v.adopted), *v[2:9]] for v in p.all_values()]])
            text = json.dumps(content, ensure_ascii=False, default=str)
            self._checksum.append(hashlib.sha256(text.encode()).hexdigest())
        return self._checksum[0]


def _plain_name(name: str) -> str:
    """An English name without case, spaces and the kind of unit: "Guangdong Province" is "guangdong"."""
    letters = re.sub(r"[\s'’-]", "", name.casefold())
    return re.sub(r"(province|municipality|(zhuang|hui|uygur|uyghur)?autonomousregion)$", "", letters)


@functools.lru_cache(maxsize=4)
def _names(provinces: tuple[Province, ...]) -> frozenset[str]:
    return frozenset(p.name for p in provinces)


def _overlay(parameter: Parameter, fresh: Sequence[DatedValue]) -> Parameter:
    """Lay new values over a parameter: each scope is replaced from its first new date on."""
    values = {key: list(series) for key, series in parameter.values.items()}
    for group in {group_of(v) for v in fresh}:
        national = sorted((v for v in fresh if v.province is None and group_of(v) == group), key=_effective)
        if national:
            first = national[0]
            for key in [k for k in values if k.group == group]:
                kept = [v for v in values[key] if v.effective < first.effective]
                if key.province is not None and kept and kept[-1].value is not None:
                    # the province's own rule ends on the day of the national change
                    kept.append(first._replace(value=None, province=key.province))
                values[key] = kept
            values[Key(None, group)] = values.get(Key(None, group), []) + national
        for province in {v.province for v in fresh if v.province and group_of(v) == group}:
            key = Key(province, group)
            own = sorted(
                (v for v in fresh if v.province == province and group_of(v) == group), key=_effective
            )
            kept = [v for v in values.get(key, []) if v.effective < own[0].effective]
            values[key] = kept + own
    ordered = sorted((k for k in values if values[k]), key=lambda k: (k.province or "", k.group or ""))
    return with_values(parameter, {k: tuple(values[k]) for k in ordered})


def _effective(value: DatedValue) -> date:
    return value.effective


def _differences(old: Law, new: Law, name: str, fresh: Sequence[DatedValue]) -> list[Change]:
    """What an amendment changes, by scope and date: its own scopes always, others where touched."""
    parameter = old.parameters[name]
    changes = []
    for group in dict.fromkeys(group_of(v) for v in fresh):
        mine = [v for v in fresh if group_of(v) == group]
        scopes = list(dict.fromkeys(v.province for v in mine))
        if None in scopes:
            layers = [parameter] + ([old.parameters[parameter.same_as]] if parameter.same_as else [])
            owners = [
                p.name for p in old.provinces if any(layer.values.get(Key(p.name, group)) for layer in layers)
            ]
            scopes = [None] + [p.name for p in old.provinces if p.name in scopes or p.name in owners]
        ask = {parameter.dimension: group} if group else {}
        for province in scopes:
            first = min(v.effective for v in mine if v.province in (None, province))
            days = {v.effective for law in (old, new) for v in law.series(name, province, **ask)}
            asked = {v.effective for v in mine if v.province == province}
            for day in sorted(d for d in days | asked if d >= first):
                before = old.value(name, day, province, default=None, **ask)
                after = new.value(name, day, province, default=None, **ask)
                if before != after or (day in asked):
                    category, hukou, occupation = (ask.get(dimension) for dimension in GROUPS)
                    changes.append(Change(name, day, province, category, hukou, before, after, occupation))
    return changes


@functools.lru_cache(maxsize=1)
def _load_package() -> Law:
    return Law(*read_files(package_files()))


def load_law(folder: str | os.PathLike | None = None) -> Law:
    """Return current law from the package's files, checked (现行法规). Cached.

    Parameters
    ----------
    folder : path, optional
        Another folder laid out as ``simulate/statutes``.

    Raises
    ------
    LawError
        All faults of all files at once, each with file, line, what was found and what is allowed.
    """
    if folder is None:
        return _load_package()
    root = Path(folder)
    if not root.is_dir():
        raise LawError(str(root), [Fault("", "no such folder. It holds the YAML and CSV files of the law")])
    return Law(*read_files(files_of(root), str(root)))
