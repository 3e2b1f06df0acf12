"""Careers (职业生涯): employment form, place, earnings and care, month by month, before any scenario.

METHOD.md, section 3. One kernel; it fills the rows of a block, one person after the other.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulate.draws import CENTRE, PROCESS, TRAIT, central_normal, inverse_normal, uniform
from simulate.kernel import kernel, rule
from simulate.terms import (
    CARING,
    FARMING,
    FEMALE,
    FIRST_WORK_AGE,
    FORMAL_EMPLOYEE,
    INACTIVE,
    LAST_CAREER_AGE,
    N_AGE_BANDS,
    N_CAREER_MONTHS,
    N_YEARS,
    NO_OCCUPATION,
    OTHER_FLEXIBLE,
    PLATFORM_EMPLOYEE,
    PLATFORM_FLEXIBLE,
)

_EXIT, _FORM, _OCCUPATION, _JOB, _DECLARATION = (
    PROCESS[n] for n in ("exit", "form", "occupation", "job", "declaration")
)
_BIRTH, _CHILD_CLAIM, _CHILD_LEAVE = (PROCESS[n] for n in ("birth", "child_claim", "child_leave"))
_PARENT, _PARENT_END, _PARENT_LEAVE = (PROCESS[n] for n in ("parent_care", "parent_care_end", "parent_leave"))
_MOVE, _DESTINATION, _LOST = (PROCESS[n] for n in ("move", "destination", "lost_record"))
_PERSISTENT, _SHOCK = PROCESS["persistent_shock"], PROCESS["monthly_shock"]
_ATTACHMENT, _EMPLOYERS = PROCESS["employee_attachment"], PROCESS["employer_kind"]

N_FORMS = 8
MOST_CHILDREN = 4
MONTHS_BETWEEN_BIRTHS = 9
EARLY_CHILDHOOD_MONTHS = 36
MOST_PARENT_CARE_MONTHS = 60
FIRST_CARE_OF_PARENTS_AGE = 35
NO_MOVE = 2.0
# who does platform work did the other thing before platforms came, and the other way round
_INSTEAD_OF = (PLATFORM_EMPLOYEE, FORMAL_EMPLOYEE, OTHER_FLEXIBLE, PLATFORM_FLEXIBLE)
NO_CHILD = -1
_EQUAL_HAZARDS = np.ones(N_FORMS)  # the first form after school is drawn by the shares themselves


class Careers(NamedTuple):
    """The drawn lives of a block; dimensions (person,) and (person, career month) (职业生涯).

    `child_age` is the age in months of the youngest own child whose care this person claims (-1: none),
    `parent_care` the running number of months as main carer of a parent (0: not now), `move_draw` the uniform
    for losing the record in a month with a move to another province (2: no move), `spell` the number of the
    spell. `earnings` are yuan a month.
    """

    start: np.ndarray  # month index of career month 0
    length: np.ndarray  # months
    schooling_months: np.ndarray  # months at the start of the career still in school
    form: np.ndarray
    occupation: np.ndarray
    province: np.ndarray
    spell: np.ndarray
    earnings: np.ndarray
    child_age: np.ndarray
    parent_care: np.ndarray
    job_draw: np.ndarray
    declaration_draw: np.ndarray
    move_draw: np.ndarray


def empty_careers(number: int) -> Careers:
    """Return room for the careers of `number` people (空数组)."""
    per_person = [np.zeros(number, np.int64) for _ in range(3)]
    shape = (number, N_CAREER_MONTHS)
    kinds = (np.int8, np.int8, np.int8, np.int16, np.float64, np.int16, np.int16, *[np.float64] * 3)
    return Careers(*per_person, *(np.zeros(shape, kind) for kind in kinds))


@rule()
def spell_end(careers, i, c, last):
    """Return the career month after the spell of month c (就业段的末月), at most `last`."""
    end = c + 1
    while end < last and careers.spell[i, end] == careers.spell[i, c]:
        end += 1
    return end


@rule()
def age_band(age_months):
    """Return the five-year age band of an age (年龄组): 0 for 15-19 up to 10 for 65-69."""
    return min(N_AGE_BANDS - 1, max(0, (age_months // 12 - 15) // 5))


@rule()
def draw_form(u, shares, exit_hazard, platform_level, attachment_draw, attachment, turnover):
    """Return the form that a person enters (进入的就业形式), given a uniform number.

    The chance of form j is its stationary share times its exit hazard, so that the shares are kept. Platform
    work stands at `platform_level` of its reference share; the rest goes to formal employees and to other
    flexible workers. `turnover` are the mean factors on the hazards of the two platform forms over their
    occupations. The share `attachment` of employees' posts is held by the same people throughout: those
    whose `attachment_draw` lies below the share of employees; over people the shares stay those given.
    """
    employees = shares[FORMAL_EMPLOYEE] + shares[PLATFORM_EMPLOYEE]
    inside, outside = 1.0 - attachment, 1.0 - attachment
    if attachment_draw < employees:
        inside += attachment / employees
    elif employees < 1.0:
        outside += attachment / (1.0 - employees)
    total = 0.0
    for j in range(N_FORMS):
        factor = inside if j <= PLATFORM_EMPLOYEE else outside
        total += factor * _form_weight(j, shares, exit_hazard, platform_level, turnover)
    reached, last = 0.0, INACTIVE
    for j in range(N_FORMS):
        factor = inside if j <= PLATFORM_EMPLOYEE else outside
        weight = factor * _form_weight(j, shares, exit_hazard, platform_level, turnover)
        reached += weight
        if weight > 0.0:
            last = j
        if u * total < reached:
            return j
    return last


@rule()
def _form_weight(j, shares, exit_hazard, platform_level, turnover):
    """Weight of a form: its share under the level of platform work, times its exit hazard."""
    share = shares[j]
    if j == PLATFORM_EMPLOYEE or j == PLATFORM_FLEXIBLE:
        share = min(share * platform_level, share + shares[_INSTEAD_OF[j]])
        share *= turnover[j - PLATFORM_EMPLOYEE]
    elif j == FORMAL_EMPLOYEE or j == OTHER_FLEXIBLE:
        platform = shares[_INSTEAD_OF[j]]
        share = max(0.0, share + platform * (1.0 - platform_level))
    return share * exit_hazard[j]


@rule()
def draw_job(key, m, persistence):
    """Return the uniform of a job's enrolment (用人单位特征): a person's usual employers', or its own."""
    if uniform(key, _EMPLOYERS, m) < persistence:
        return uniform(key, _EMPLOYERS, TRAIT)
    return uniform(key, _JOB, m)


@rule()
def mean_factor(shares, factors):
    """Return the mean of factors under shares (加权平均)."""
    total = 0.0
    for j in range(shares.size):
        total += shares[j] * factors[j]
    return total


@rule()
def draw_occupation(u, shares, exit_factor):
    """Return the occupation of a new spell (进入的职业): share times hazard, so that the shares are kept."""
    total, reached = mean_factor(shares, exit_factor), 0.0
    for j in range(shares.size):
        reached += shares[j] * exit_factor[j]
        if u * total < reached:
            return j
    return shares.size - 1


@rule()
def log_earnings_effect(behaviour, sex, education, form, occupation, age_months, permanent, persistent):
    """Return the log of earnings over the form's mean ratio to the reference wage (对数收入效应)."""
    age = min(behaviour.age_earnings_effect.shape[1] - 1, max(0, age_months // 12 - FIRST_WORK_AGE))
    effect = behaviour.age_earnings_effect[sex, age] + behaviour.sex_earnings_effect[sex]
    effect += behaviour.education_earnings_effect[education] + permanent + persistent
    if form == PLATFORM_EMPLOYEE or form == PLATFORM_FLEXIBLE:
        effect += behaviour.occupation_earnings_effect[occupation]
    return effect


@kernel()
def draw_careers(people, behaviour, demography, earnings_wage, platform_path, platform_drift, careers):
    """Fill the careers of a block (抽取职业生涯).

    Parameters
    ----------
    people : People
    behaviour : Behaviour
    demography : Demography
    earnings_wage : ndarray, float64 (province, year) [yuan/month]
    platform_path, platform_drift : ndarray, float64 (year,)
    careers : Careers
        Room for as many people; overwritten.
    """
    volatility, draws, normals = (
        np.empty(N_CAREER_MONTHS),
        np.empty(N_CAREER_MONTHS),
        np.empty(N_CAREER_MONTHS),
    )
    stirs = np.empty(N_CAREER_MONTHS, np.bool_)
    most_births = demography.fertility.max() / 12.0
    for i in range(people.person.size):
        _find_stirs(i, people, behaviour, demography, most_births, draws, stirs)
        _draw_career(
            i,
            people,
            behaviour,
            demography,
            earnings_wage,
            platform_path,
            platform_drift,
            draws,
            stirs,
            careers,
            volatility,
        )
        _add_shocks(i, people.key[i], careers, volatility, draws, normals)


@rule()
def career_months(birth):
    """Return month index and length of the career of someone born in a month (职业生涯起点与月数)."""
    start = max(0, birth + 12 * FIRST_WORK_AGE)
    return start, min(N_CAREER_MONTHS, birth + 12 * LAST_CAREER_AGE - start)


@rule()
def _find_stirs(i, people, behaviour, demography, most_births, exit_draws, stirs):
    """Find the months in which a birth, care of a parent or a move may be drawn, at its greatest chance.

    And January, when earnings change. Every other month repeats the one before, unless the spell ends, of
    which only the draws are filled in: its chance depends on the spell.
    """
    key, birth, sex = people.key[i], people.birth[i], people.sex[i]
    start, length = career_months(birth)
    most_moves = max(behaviour.move_out_hazard[people.hukou[i]].max(), behaviour.return_hazard.max())
    most_care = behaviour.parent_care_hazard[sex].max()
    for c in range(length):
        exit_draws[c] = uniform(key, _EXIT, start + c)
    for c in range(length):
        stirs[c] = uniform(key, _MOVE, start + c) < most_moves
    gap = _age_gap(demography, sex)
    for c in range(*_months_of_age(birth, start, length, 15 + gap, 50 + gap)):
        stirs[c] |= uniform(key, _BIRTH, start + c) < most_births
    for c in range(*_months_of_age(birth, start, length, FIRST_CARE_OF_PARENTS_AGE, LAST_CAREER_AGE)):
        stirs[c] |= uniform(key, _PARENT, start + c) < most_care
    for c in range((12 - start % 12) % 12, length, 12):
        stirs[c] = True


@rule()
def _months_of_age(birth, start, length, first_age, end_age):
    """First career month of an age and the one after the last of the ages below another."""
    return max(0, birth + 12 * first_age - start), max(0, min(length, birth + 12 * end_age - start))


@rule()
def _age_gap(demography, sex):
    """Years by which a parent is older than the mother."""
    return 0 if sex == FEMALE else int(demography.father_age_gap_years)


@rule()
def _add_shocks(i, key, careers, volatility, draws, normals):
    """Multiply the earnings of a life by their monthly shocks (月度收入冲击), of mean one.

    Months without volatility are multiplied by one. The loops are those of `inverse_normal`, its middle apart
    from its tails: so the compiler takes several months at a time.
    """
    start, length = careers.start[i], careers.length[i]
    for c in range(length):
        draws[c] = uniform(key, _SHOCK, start + c)
    for c in range(length):
        normals[c] = central_normal(draws[c])
    for c in range(length):
        if volatility[c] > 0.0 and abs(draws[c] - 0.5) > CENTRE:
            normals[c] = inverse_normal(draws[c])
    for c in range(length):
        sd = volatility[c]
        if sd > 0.0:
            careers.earnings[i, c] *= math.exp(sd * normals[c] - 0.5 * sd * sd)


@rule()
def _draw_career(
    i,
    people,
    behaviour,
    demography,
    earnings_wage,
    platform_path,
    platform_drift,
    exit_draws,
    stirs,
    careers,
    volatility,
):
    key, birth, sex = people.key[i], people.birth[i], people.sex[i]
    hukou, education, home = people.hukou[i], people.education[i], people.hukou_province[i]
    start, length = career_months(birth)
    school_end = max(start, birth + int(behaviour.school_leaving_age_months[education]))
    careers.start[i], careers.length[i], careers.schooling_months[i] = start, length, school_end - start
    for c in range(length):
        careers.child_age[i, c], careers.parent_care[i, c], careers.move_draw[i, c] = NO_CHILD, 0, NO_MOVE

    form, occupation, place = INACTIVE, NO_OCCUPATION, home
    spell, tenure, persistent, effect_level = 0, 0, 0.0, 0.0
    job, declaration = 1.0, 1.0
    spell_begin = 0
    n_children, last_birth, leave_for_child = 0, -10000, False
    parent_care, parent_care_so_far = False, 0
    attachment_draw = uniform(key, _ATTACHMENT, TRAIT)
    age_gap = _age_gap(demography, sex)
    stationary_sd = behaviour.persistent_sd / math.sqrt(max(1e-12, 1.0 - behaviour.persistence**2))

    turnover = (
        mean_factor(behaviour.occupation_share[0, sex, education], behaviour.occupation_exit_factor[0]),
        mean_factor(behaviour.occupation_share[1, sex, education], behaviour.occupation_exit_factor[1]),
    )
    longest = behaviour.duration_factor.max()
    c = 0
    while c < length:
        m = start + c
        age_months = m - birth
        year = min(m // 12, N_YEARS - 1)
        band = age_band(age_months)
        enters = m == school_end
        changed = enters or m % 12 == 0

        # children: the event, the claim and the stop of work are three things
        age = age_months // 12 - age_gap
        new_child = False
        if 15 <= age <= 49 and n_children < MOST_CHILDREN and m - last_birth >= MONTHS_BETWEEN_BIRTHS:
            if uniform(key, _BIRTH, m) < demography.fertility[year, age - 15] / 12.0:
                n_children += 1
                last_birth, new_child = m, True
                if uniform(key, _CHILD_CLAIM, m) < behaviour.child_claimant_share[sex]:
                    for k in range(c, length):
                        careers.child_age[i, k] = k - c

        # care of parents
        new_parent_care = False
        if parent_care:
            ends = uniform(key, _PARENT_END, m) < behaviour.parent_care_end_hazard
            if ends or parent_care_so_far >= MOST_PARENT_CARE_MONTHS:
                parent_care = False
        elif age_months >= 12 * FIRST_CARE_OF_PARENTS_AGE and parent_care_so_far < MOST_PARENT_CARE_MONTHS:
            if uniform(key, _PARENT, m) < behaviour.parent_care_hazard[sex, band]:
                parent_care = new_parent_care = True
        if parent_care:
            parent_care_so_far += 1
            careers.parent_care[i, c] = parent_care_so_far

        last_spell = spell
        old = (form, occupation, place, job, declaration)
        # employment form
        if m >= school_end:
            new_form = -1
            if enters:
                new_form = draw_form(
                    uniform(key, _FORM, m),
                    behaviour.form_share[hukou, sex, education, band],
                    _EQUAL_HAZARDS,
                    platform_path[year],
                    attachment_draw,
                    behaviour.employee_attachment,
                    (1.0, 1.0),
                )
            else:
                if form == CARING and leave_for_child and m - last_birth < EARLY_CHILDHOOD_MONTHS:
                    hazard = behaviour.child_return_hazard[sex]
                else:
                    factor = behaviour.duration_factor[0 if tenure < 12 else (1 if tenure < 36 else 2)]
                    hazard = behaviour.exit_hazard[form] * factor
                    if occupation != NO_OCCUPATION:
                        hazard *= behaviour.occupation_exit_factor[form - PLATFORM_EMPLOYEE, occupation]
                if uniform(key, _EXIT, m) < hazard:
                    new_form = draw_form(
                        uniform(key, _FORM, m),
                        behaviour.form_share[hukou, sex, education, band],
                        behaviour.exit_hazard,
                        platform_path[year],
                        attachment_draw,
                        behaviour.employee_attachment,
                        turnover,
                    )
            if new_child and uniform(key, _CHILD_LEAVE, m) < behaviour.child_leave_share[sex]:
                new_form, leave_for_child = CARING, True
            elif new_parent_care and uniform(key, _PARENT_LEAVE, m) < behaviour.parent_leave_share[sex]:
                new_form, leave_for_child = CARING, False
            if new_form >= 0:
                form, tenure, changed = new_form, 0, True
                spell += 1
                job, declaration = (
                    draw_job(key, m, behaviour.employer_persistence),
                    uniform(key, _DECLARATION, m),
                )
                occupation = NO_OCCUPATION
                if form == PLATFORM_EMPLOYEE or form == PLATFORM_FLEXIBLE:
                    shares = behaviour.occupation_share[form - PLATFORM_EMPLOYEE, sex, education]
                    exits = behaviour.occupation_exit_factor[form - PLATFORM_EMPLOYEE]
                    occupation = draw_occupation(uniform(key, _OCCUPATION, m), shares, exits)

        # place
        moved = False
        old_place = place
        if m >= school_end:
            if form == FARMING:
                place = home
            elif enters:
                if uniform(key, _MOVE, m) < behaviour.away_share_at_entry[hukou]:
                    place = _destination(uniform(key, _DESTINATION, m), behaviour.destination_cdf[home])
            elif place == home:
                if uniform(key, _MOVE, m) < behaviour.move_out_hazard[hukou, band]:
                    place = _destination(uniform(key, _DESTINATION, m), behaviour.destination_cdf[home])
            elif uniform(key, _MOVE, m) < behaviour.return_hazard[band]:
                place = home
            moved = place != old_place
            if moved and tenure > 0:
                # work elsewhere is another job
                spell += 1
                tenure = 0
                job, declaration = (
                    draw_job(key, m, behaviour.employer_persistence),
                    uniform(key, _DECLARATION, m),
                )
            changed = changed or moved

        # earnings
        if m % 12 == 0 or c == 0:
            z = inverse_normal(uniform(key, _PERSISTENT, m))
            if c == 0:
                persistent = stationary_sd * z
            else:
                persistent = behaviour.persistence * persistent + behaviour.persistent_sd * z
        earnings, sd = 0.0, 0.0
        ratio = behaviour.form_earnings_ratio[form]
        if m >= school_end and ratio > 0.0:
            platform = form == PLATFORM_EMPLOYEE or form == PLATFORM_FLEXIBLE
            if changed:
                effect_level = ratio * math.exp(
                    log_earnings_effect(
                        behaviour,
                        sex,
                        education,
                        form,
                        occupation,
                        age_months,
                        people.permanent_effect[i],
                        persistent,
                    )
                )
                if platform:
                    effect_level *= platform_drift[year]
            sd = (
                behaviour.occupation_volatility[occupation]
                if platform
                else behaviour.monthly_volatility[form]
            )
            earnings = earnings_wage[place, year] * effect_level

        if moved and not enters:
            careers.move_draw[i, c] = uniform(key, _LOST, m)
        if spell != last_spell:
            _fill_spell(i, spell_begin, c, last_spell, old, careers)
            spell_begin = c

        # months in which nothing can happen repeat this one
        most_exits = 0.0
        if m >= school_end:
            most_exits = behaviour.exit_hazard[form] * longest
            if occupation != NO_OCCUPATION:
                most_exits *= behaviour.occupation_exit_factor[form - PLATFORM_EMPLOYEE, occupation]
            if form == CARING:
                most_exits = max(most_exits, behaviour.child_return_hazard[sex])
        end = c + 1
        if not parent_care:
            while (
                end < length
                and not stirs[end]
                and exit_draws[end] >= most_exits
                and start + end != school_end
            ):
                end += 1
        for k in range(c, end):
            careers.earnings[i, k], volatility[k] = earnings, sd
        tenure += end - c
        c = end
    _fill_spell(i, spell_begin, length, spell, (form, occupation, place, job, declaration), careers)


@rule()
def _fill_spell(i, first, end, spell, what, careers):
    """Fill the months of a spell with its form, occupation, place and the draws of its job."""
    form, occupation, place, job, declaration = what
    careers.form[i, first:end], careers.occupation[i, first:end] = form, occupation
    careers.province[i, first:end], careers.spell[i, first:end] = place, spell
    careers.job_draw[i, first:end], careers.declaration_draw[i, first:end] = job, declaration


@rule()
def _destination(u, cdf):
    province = 0
    while province < cdf.size - 1 and cdf[province] <= u:
        province += 1
    return province
