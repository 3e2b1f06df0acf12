"""Moments (模拟矩): what the survey and the statistics would say of simulated people.

A sample of lives is drawn once and seen through the gates of participation as often as the fit asks; people
with platform work in the years around the survey are all kept, of the others one in `THINNING`, with weights.
Answers to the survey are the truth passed through a model of reporting (`reported`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from calibration.aggregates import province_names, survey
from calibration.formulas import compute
from calibration.paths import load_demography, load_economy
from simulate.behaviour import VARIANTS, Behaviour
from simulate.careers import Careers, draw_careers, empty_careers
from simulate.kernel import pack
from simulate.law import load_law
from simulate.participation import decide, empty_plan, quantile
from simulate.policy import Policy, compile_policy
from simulate.population import People, Population, draw_people
from simulate.terms import (
    FEMALE,
    FIRST_YEAR,
    FORMS,
    OCCUPATIONS,
    OTHER_FLEXIBLE,
    PLATFORM_EMPLOYEE,
    PLATFORM_FLEXIBLE,
    ROUTE_EMPLOYEE,
    ROUTE_FLEXIBLE,
    ROUTE_NONE,
    ROUTE_RESIDENT,
    RURAL,
    SEXES,
    UNEMPLOYED,
)

LAST_MONTH = 12 * (2026 - FIRST_YEAR)  # lives are followed up to here
SURVEY_MONTHS = tuple(12 * (year - FIRST_YEAR) + k for year in (2020, 2021, 2022) for k in (2, 5, 8, 11))
NATIONAL_YEARS = (2015, 2017, 2022, 2024)  # each looked at in December
THINNING = 8
BLOCK = 500
GROUPS = 25  # random groups of people for the errors of the moments
ANSWERS = ("employee", "flexible", "resident", "none")
# first rows of Fig. 1 (eight ages from under 20 to 50 and over); rows of Fig. 14 (as employee, as flexible)
AGE_ROWS = {PLATFORM_EMPLOYEE: 16, PLATFORM_FLEXIBLE: 24, OTHER_FLEXIBLE: 32}
ANSWER_ROWS = {PLATFORM_FLEXIBLE: ("P011", "P012"), OTHER_FLEXIBLE: ("P021", "P022")}
_FORM = {term.name: code for code, term in enumerate(FORMS)}
_SEX = {term.name: code for code, term in enumerate(SEXES)}
_OCCUPATION = {term.name: code for code, term in enumerate(OCCUPATIONS)}


class World(NamedTuple):
    """What a sample lives in: law, economy and people, packed for the kernels (环境)."""

    policy: Policy
    packed_policy: Any
    economy: Any
    demography: Any


@lru_cache
def world() -> World:
    """Return current law, the central economy and the people (当前环境)."""
    economy = load_economy()
    policy = compile_policy(load_law(), economy)
    return World(policy, pack(policy), economy, pack(load_demography()))


def behaviour_under(values: Mapping[str, Any], variant: str = "threshold") -> Behaviour:
    """Return the behaviour that follows from assumptions (由假设得到的行为参数)."""
    fields = {name: compute(values, name) for name in Behaviour._fields if name != "variant"}
    return Behaviour(**fields, variant=VARIANTS.index(variant))


# --- lives ---------------------------------------------------------------------------------------------


class Sample(NamedTuple):
    """Drawn lives up to `LAST_MONTH`, with weights (样本)."""

    people: People
    careers: Careers
    weight: np.ndarray


def draw_sample(behaviour: Behaviour, persons: int, seed: int = 1, threads: int = 2) -> Sample:
    """Return a sample of the lives of a population (抽取样本)."""
    around, packed = world(), pack(behaviour)
    population = Population(persons, seed)

    def block(first: int) -> Sample:
        people = draw_people(population, first, min(BLOCK, persons - first), packed, around.demography)
        people = _pick(people, people.birth < LAST_MONTH - 12 * 19)
        careers = empty_careers(people.person.size)
        draw_careers(
            people,
            packed,
            around.demography,
            around.packed_policy.earnings_wage,
            around.economy.platform_path,
            around.economy.platform_earnings_drift,
            careers,
        )
        careers.length[:] = np.clip(LAST_MONTH - careers.start, 0, careers.length)
        m = careers.start[:, None] + np.arange(LAST_MONTH)
        window = (m >= SURVEY_MONTHS[0]) & (m <= SURVEY_MONTHS[-1])
        form = careers.form[:, :LAST_MONTH]
        platform = ((form == PLATFORM_EMPLOYEE) | (form == PLATFORM_FLEXIBLE)) & window
        kept = platform.any(axis=1)
        weight = np.where(kept, 1.0, THINNING)
        kept |= people.person % THINNING == 0
        careers = _pick(careers, kept)
        short = (np.ascontiguousarray(x[:, :LAST_MONTH]) if x.ndim == 2 else x for x in careers)
        return Sample(_pick(people, kept), Careers(*short), weight[kept])

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(block, range(0, persons, BLOCK)))
    people, careers, weights = zip(*parts, strict=True)
    return Sample(_joined(People, people), _joined(Careers, careers), np.concatenate(weights))


def _pick(arrays, chosen):
    return type(arrays)(*(x[chosen] for x in arrays))


def _joined(kind, parts):
    return kind(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


# --- observations --------------------------------------------------------------------------------------


class Observations(NamedTuple):
    """People seen in some months; one entry a person and month (观察值)."""

    group: np.ndarray  # random group of the person
    person: np.ndarray
    weight: np.ndarray
    month: np.ndarray
    age: np.ndarray  # years
    sex: np.ndarray
    hukou: np.ndarray
    home: np.ndarray
    left_school: np.ndarray
    active: np.ndarray  # after schooling, before the claim
    form: np.ndarray
    occupation: np.ndarray
    away: np.ndarray  # outside the hukou province
    route: np.ndarray
    record_province: np.ndarray
    at_work_place: np.ndarray  # the record of the month is kept at the place of work
    due: np.ndarray  # whole contribution by the flexible route [yuan/month]
    earnings: np.ndarray  # [yuan/month]
    wage: np.ndarray  # that earnings follow [yuan/month]
    lowest_tier: np.ndarray
    has_record: np.ndarray
    child_age: np.ndarray
    leaves: np.ndarray  # the spell ends within a month
    leaves_in_a_year: np.ndarray
    knows: np.ndarray
    bears_procedure: np.ndarray
    thinks_of_pension: np.ndarray
    can_pay: np.ndarray


class Seen(NamedTuple):
    """What the moments are computed from: the survey's months, December of some years, assumptions (观察)."""

    survey: Observations
    national: Observations
    values: Mapping[str, Any]
    survey_weight: np.ndarray  # respondents at the ages of Fig. 1
    answers: np.ndarray  # (observation, answer) chance of each answer


def observe(
    sample: Sample,
    behaviour: Behaviour,
    values: Mapping[str, Any],
    threads: int = 2,
    policy: Policy | None = None,
) -> Seen:
    """Return the sample as survey and statistics would see it (观察样本)."""
    packed = pack(behaviour)
    policy = policy or world().policy
    packed_policy = pack(policy)
    national = tuple(12 * (year - FIRST_YEAR) + 11 for year in NATIONAL_YEARS)

    def block(first: int) -> tuple[Observations, Observations]:
        part = slice(first, first + BLOCK)
        people, careers = _pick(sample.people, part), _pick(sample.careers, part)
        plan = empty_plan(people.person.size)
        decide(people, careers, packed_policy, packed_policy, packed, world().demography, plan)
        look = (people, careers, plan, sample.weight[part], behaviour, policy)
        return _look(SURVEY_MONTHS, *look), _look(national, *look)

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(block, range(0, sample.weight.size, BLOCK)))
    seen, counted = (_joined(Observations, side) for side in zip(*parts, strict=True))
    asked = seen.active & np.isin(seen.form, tuple(AGE_ROWS))
    seen = _pick(seen, asked)
    answers = reported(seen, values)
    return Seen(seen, counted, values, _survey_weight(seen, values), answers)


def _look(months, people, careers, plan, weight, behaviour, policy) -> Observations:
    with_month = plan.month_credit[:, :LAST_MONTH] > 0.0
    first_record = np.where(with_month.any(axis=1), with_month.argmax(axis=1), LAST_MONTH)
    last = np.minimum(careers.length, plan.claim - careers.start)
    patience = np.array([quantile(behaviour.join_age, u) for u in people.patience_draw])
    parts = []
    for m in months:
        c = m - careers.start
        there = np.flatnonzero((c >= 0) & (c < careers.length))
        c, y = c[there], m // 12
        who = _pick(people, there)
        at = (there, c)
        place, record = careers.province[at], plan.record_province[at]
        tier = plan.resident_tier[there, y - careers.start[there] // 12]
        lowest = policy.resident_tiers[who.hukou_province, y, 0]
        wage = policy.earnings_wage[place, y]
        earnings, occupation = careers.earnings[at], careers.occupation[at]
        spell = careers.spell[there]
        later = np.minimum(careers.length[there, None] - 1, c[:, None] + np.array([1, 12]))
        other_spell = np.take_along_axis(spell, later, axis=1) != careers.spell[at][:, None]
        parts.append(
            Observations(
                group=who.person % GROUPS,
                person=who.person,
                weight=weight[there],
                month=np.full(there.size, m),
                age=(m - who.birth) / 12.0,
                sex=who.sex,
                hukou=who.hukou,
                home=who.hukou_province,
                left_school=c >= careers.schooling_months[there],
                active=(c < last[there]) & (c >= careers.schooling_months[there]),
                form=careers.form[at],
                occupation=occupation,
                away=place != who.hukou_province,
                route=plan.route[at],
                record_province=record,
                at_work_place=record == place,
                due=plan.base[at] * policy.flexible_rate[np.maximum(record, 0), m],
                earnings=earnings,
                wage=wage,
                lowest_tier=(tier > 0.0) & (tier <= lowest * (1 + 1e-9)),
                has_record=first_record[there] <= c,
                child_age=careers.child_age[at],
                leaves=other_spell[:, 0],
                leaves_in_a_year=other_spell[:, 1],
                knows=who.knowledge_draw < behaviour.knowledge_share[occupation],
                bears_procedure=who.procedure_draw < behaviour.procedure_share,
                thinks_of_pension=(m - who.birth) / 12.0 >= patience[there],
                can_pay=earnings >= behaviour.subsistence_ratio * policy.reference_wage[place, y],
            )
        )
    return _joined(Observations, parts)


# --- reporting -----------------------------------------------------------------------------------------


def side_job_share(form: int, values: Mapping[str, Any]) -> float:
    """Return respondents of a form who are insured as employees in another post (另有单位参保占比).

    The model has such people in an employee form, so they are added to the answers of the flexible ones.
    """
    if form not in ANSWER_ROWS:
        return 0.0
    return (1 - values["misreported_employee_share"]) * survey(ANSWER_ROWS[form][0])


def reported(seen: Observations, values: Mapping[str, Any]) -> np.ndarray:
    """Return the chance of each answer of each respondent (应答概率): (observation, employee ... none).

    A part of the flexible members says employee; of resident members `unaware_resident_share` says none.
    """
    truth = np.stack(
        [seen.route == ROUTE_EMPLOYEE, seen.route == ROUTE_FLEXIBLE, seen.route == ROUTE_RESIDENT]
    ).astype(float)
    answers = np.zeros((seen.form.size, 4))
    for form, unaware in zip(AGE_ROWS, values["unaware_resident_share"], strict=True):
        here = seen.form == form
        side, mistaken = side_job_share(form, values), 0.0
        if form in ANSWER_ROWS:
            wrong = values["misreported_employee_share"] * survey(ANSWER_ROWS[form][0])
            mistaken = wrong / (survey(ANSWER_ROWS[form][1]) + wrong)
        employee, flexible, resident = truth[:, here]
        told = np.stack(
            [
                side + (1 - side) * (employee + mistaken * flexible),
                (1 - side) * (1 - mistaken) * flexible,
                (1 - side) * (1 - unaware) * resident,
            ],
            axis=1,
        )
        answers[here, :3] = told
        answers[here, 3] = 1 - told.sum(axis=1)
    return answers


def survey_ages(form: int) -> np.ndarray:
    """Return the ages of a form's respondents in eight groups (调查年龄构成), Fig. 1."""
    share = np.array([survey(f"D{row:03d}") for row in range(AGE_ROWS[form], AGE_ROWS[form] + 8)])
    return share / share.sum()


def age_group(age: np.ndarray) -> np.ndarray:
    """Return the position of an age in the survey's eight groups (调查年龄组)."""
    return np.clip((age.astype(int) - 15) // 5, 0, 7)


def _survey_weight(seen: Observations, values: Mapping[str, Any]) -> np.ndarray:
    """Weights that give each form the ages of its respondents; those with another post come on top."""
    weight, group = seen.weight.copy(), age_group(seen.age)
    for form in AGE_ROWS:
        here = seen.form == form
        found = np.bincount(group[here], weights=weight[here], minlength=8)
        factor = survey_ages(form) * found.sum() / np.maximum(found, 1e-12)
        weight[here] *= factor[group[here]] / (1 - side_job_share(form, values))
    return weight


# --- measures ------------------------------------------------------------------------------------------

Parts = tuple[np.ndarray, np.ndarray, np.ndarray]  # values, weights, groups of people


def _form(seen: Seen, form: str) -> np.ndarray:
    return seen.survey.form == _FORM[form]


def _occupations(seen: Seen, occupations) -> np.ndarray:
    return np.isin(seen.survey.occupation, [_OCCUPATION[name] for name in occupations])


def answer(seen: Seen, form: str, answers: list[str]) -> Parts:
    """Share of a form's respondents who give one of the answers."""
    here = _form(seen, form)
    told = seen.answers[here][:, [ANSWERS.index(name) for name in answers]].sum(axis=1)
    return told, seen.survey_weight[here], seen.survey.group[here]


def answer_by_occupation(seen: Seen, occupations: list[str], answers: list[str]) -> Parts:
    """Share of the respondents of platform occupations who give one of the answers."""
    here = _occupations(seen, occupations)
    told = seen.answers[here][:, [ANSWERS.index(name) for name in answers]].sum(axis=1)
    return told, seen.survey_weight[here], seen.survey.group[here]


def answer_by_sex(seen: Seen, form: str, answers: list[str]) -> list[Parts]:
    """Women's less men's share of a form's respondents who give one of the answers."""
    sides = []
    for sex in (FEMALE, 1 - FEMALE):
        here = _form(seen, form) & (seen.survey.sex == sex)
        told = seen.answers[here][:, [ANSWERS.index(name) for name in answers]].sum(axis=1)
        sides.append((told, seen.survey_weight[here], seen.survey.group[here]))
    return sides


def flexible_at_work_place(seen: Seen, form: str) -> Parts:
    """Share of away members by the flexible route whose record is kept at the place of work."""
    s = seen.survey
    here = _form(seen, form) & s.away & (s.route == ROUTE_FLEXIBLE)
    return s.at_work_place[here].astype(float), seen.survey_weight[here], s.group[here]


def away_members_as_employees(seen: Seen) -> Parts:
    """Share insured as employees of the platform employees away who say they are members."""
    s = seen.survey
    here = _form(seen, "platform_employee") & s.away
    member = 1 - seen.answers[here, 3]
    return seen.answers[here, 0] / np.maximum(member, 1e-12), seen.survey_weight[here] * member, s.group[here]


def lowest_tier(seen: Seen, form: str | None = None, occupations: list[str] | None = None) -> Parts:
    """Share of resident members of a form or of occupations who pay the lowest tier."""
    s = seen.survey
    here = (_form(seen, form) if form else _occupations(seen, occupations)) & (s.route == ROUTE_RESIDENT)
    return s.lowest_tier[here].astype(float), seen.survey_weight[here], s.group[here]


def effective_rate_below(seen: Seen, form: str, limit: float) -> Parts:
    """Share of members by the flexible route who pay less than a share of the year's income."""
    s = seen.survey
    here = _form(seen, form) & (s.route == ROUTE_FLEXIBLE)
    _, first, index = np.unique(
        s.person[here] * 10_000 + s.month[here] // 12, return_index=True, return_inverse=True
    )
    due, earned, weight = (np.bincount(index, x[here]) for x in (s.due, s.earnings, seen.survey_weight))
    return (due < limit * earned).astype(float), weight, s.group[here][first]


def age_share(seen: Seen, form: str, from_age: float, below_age: float) -> Parts:
    """Share of the people of a form, as they are, in a range of ages."""
    s, here = seen.survey, _form(seen, form)
    inside = (s.age[here] >= from_age) & (s.age[here] < below_age)
    return inside.astype(float), s.weight[here], s.group[here]


def women_share(seen: Seen, form: str | None = None, occupations: list[str] | None = None) -> Parts:
    """Share of women in a form or in occupations."""
    s = seen.survey
    here = _form(seen, form) if form else _occupations(seen, occupations)
    return (s.sex[here] == FEMALE).astype(float), s.weight[here], s.group[here]


def rural_share(seen: Seen, occupations: list[str]) -> Parts:
    """Share of people with rural registration in occupations."""
    s, here = seen.survey, _occupations(seen, occupations)
    return (s.hukou[here] == RURAL).astype(float), s.weight[here], s.group[here]


def aged_in_occupation(seen: Seen, occupations: list[str], from_age: float, below_age: float) -> Parts:
    """Share of a range of ages among the people of occupations aged 18 to 45."""
    s = seen.survey
    here = _occupations(seen, occupations) & (s.age >= 18) & (s.age < 46)
    inside = (s.age[here] >= from_age) & (s.age[here] < below_age)
    return inside.astype(float), s.weight[here], s.group[here]


def spell_ends(seen: Seen, occupations: list[str], form: str, months: int) -> Parts:
    """Share of people whose spell ends within one or twelve months."""
    s = seen.survey
    here = _occupations(seen, occupations) & _form(seen, form)
    ends = s.leaves if months == 1 else s.leaves_in_a_year
    return ends[here].astype(float), s.weight[here], s.group[here]


def fails_gate(seen: Seen, form: str, gate: str) -> Parts:
    """Share of a form's people in no scheme who fail a gate, whichever fails first."""
    s = seen.survey
    here = _form(seen, form) & (s.route == ROUTE_NONE)
    return 1.0 - getattr(s, gate)[here], seen.survey_weight[here], s.group[here]


def earns_less(seen: Seen, yuan: float, forms: list[str], sex: str | None = None) -> Parts:
    """Share of people of some forms who earn less than an amount a month."""
    s = seen.survey
    here = np.isin(s.form, [_FORM[form] for form in forms])
    if sex:
        here &= s.sex == _SEX[sex]
    return (s.earnings[here] < yuan).astype(float), seen.survey_weight[here], s.group[here]


def _december(seen: Seen, year: int) -> Observations:
    n = seen.national
    return _pick(n, n.month == 12 * (year - FIRST_YEAR) + 11)


def _of_working_age(seen: Seen, year: int) -> Observations:
    n = _december(seen, year)
    return _pick(n, (n.age >= 16) & (n.age < 60))


def _contributes(n: Observations) -> np.ndarray:
    return n.active & np.isin(n.route, (ROUTE_EMPLOYEE, ROUTE_FLEXIBLE))


def insured(seen: Seen, year: int) -> Parts:
    """Share of people aged 16 to 59 with a record in the employee scheme."""
    n = _of_working_age(seen, year)
    return (n.active & n.has_record).astype(float), n.weight, n.group


def contributors(seen: Seen, year: int) -> Parts:
    """Share of people aged 16 to 59 who contribute to the employee scheme."""
    n = _of_working_age(seen, year)
    return _contributes(n).astype(float), n.weight, n.group


def contributors_among_insured(seen: Seen, year: int) -> Parts:
    """Share of people with a record who contribute."""
    n = _of_working_age(seen, year)
    n = _pick(n, n.active & n.has_record)
    return _contributes(n).astype(float), n.weight, n.group


def resident_members(seen: Seen, year: int) -> Parts:
    """Share of people aged 16 to 59 who pay into the resident scheme in the year."""
    n = _of_working_age(seen, year)
    return (n.active & (n.route == ROUTE_RESIDENT)).astype(float), n.weight, n.group


def says_none(seen: Seen, year: int, forms: list[str]) -> Parts:
    """Share of the people of some forms who answer that they are in no scheme."""
    n = _december(seen, year)
    n = _pick(n, n.active & np.isin(n.form, [_FORM[form] for form in forms]))
    by_form = np.array(seen.values["unaware_resident_share"])[np.clip(n.form - 1, 0, 2)]
    return (n.route == ROUTE_NONE) + by_form * (n.route == ROUTE_RESIDENT), n.weight, n.group


def rural_workers_as_employees(seen: Seen, year: int, only_away: bool = False) -> Parts:
    """Share insured by employers of people with rural registration in work outside farming."""
    n = _december(seen, year)
    here = n.active & (n.hukou == RURAL) & (n.form <= OTHER_FLEXIBLE)
    n = _pick(n, here & n.away if only_away else here)
    return (n.route == ROUTE_EMPLOYEE).astype(float), n.weight, n.group


def participation(seen: Seen, year: int, sex: str, from_age: float, below_age: float) -> Parts:
    """Share of people of an age in work or looking for it."""
    n = _december(seen, year)
    n = _pick(n, (n.sex == _SEX[sex]) & (n.age >= from_age) & (n.age < below_age))
    return (n.left_school & (n.form <= UNEMPLOYED)).astype(float), n.weight, n.group


def log_earnings_variance(seen: Seen, year: int) -> Parts:
    """Variance of log earnings over the wage of the place, outside farming, without the lowest."""
    n = _december(seen, year)
    n = _pick(n, n.active & (n.form <= OTHER_FLEXIBLE) & (n.earnings > 0))
    ratio = n.earnings / n.wage
    kept = ratio >= 0.25 * np.median(ratio)
    x = np.log(ratio[kept])
    return (x - np.average(x, weights=n.weight[kept])) ** 2, n.weight[kept], n.group[kept]


def mothers_in_work(seen: Seen, year: int) -> list[Parts]:
    """Work of women aged 18 to 49 with a claimed child aged one to five less that of the other women."""
    n = _december(seen, year)
    n = _pick(n, (n.sex == FEMALE) & n.left_school & (n.age >= 18) & (n.age < 50))
    with_child = (n.child_age >= 12) & (n.child_age < 72)
    works = (n.form < UNEMPLOYED).astype(float)
    return [(works[side], n.weight[side], n.group[side]) for side in (with_child, ~with_child)]


def contributors_in(seen: Seen, year: int, province: str) -> Parts:
    """Share of all contributors to the employee scheme with the record in a province."""
    n = _of_working_age(seen, year)
    n = _pick(n, _contributes(n))
    return (n.record_province == province_names().index(province)).astype(float), n.weight, n.group


def resident_members_in(seen: Seen, year: int, province: str) -> Parts:
    """Share of all payers of the resident scheme registered in a province."""
    n = _of_working_age(seen, year)
    n = _pick(n, n.active & (n.route == ROUTE_RESIDENT))
    return (n.home == province_names().index(province)).astype(float), n.weight, n.group


MEASURES: dict[str, Callable[..., Parts | list[Parts]]] = {
    function.__name__: function
    for function in (
        answer,
        answer_by_occupation,
        answer_by_sex,
        flexible_at_work_place,
        away_members_as_employees,
        lowest_tier,
        effective_rate_below,
        age_share,
        women_share,
        rural_share,
        aged_in_occupation,
        spell_ends,
        fails_gate,
        earns_less,
        insured,
        contributors,
        contributors_among_insured,
        resident_members,
        says_none,
        rural_workers_as_employees,
        participation,
        log_earnings_variance,
        mothers_in_work,
        contributors_in,
        resident_members_in,
    )
}


def moment(seen: Seen, measure: str, of: Mapping[str, Any]) -> tuple[float, float]:
    """Return a moment and its simulation error (矩及其模拟误差), the delete-a-group jackknife over people.

    Of two parts it is the difference of their means.
    """
    parts = MEASURES[measure](seen, **of)
    value, without = 0.0, np.zeros(GROUPS)
    for sign, (values, weights, groups) in zip(
        (1, -1), parts if isinstance(parts, list) else [parts], strict=False
    ):
        above = np.bincount(groups, weights * values, minlength=GROUPS)
        below = np.bincount(groups, weights, minlength=GROUPS)
        if below.sum() == 0.0:
            return np.nan, np.nan
        value += sign * above.sum() / below.sum()
        without += sign * (above.sum() - above) / np.maximum(below.sum() - below, 1e-12)
    error = np.sqrt((GROUPS - 1) / GROUPS * ((without - without.mean()) ** 2).sum())
    return float(value), float(error)
