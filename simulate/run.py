"""Runs (运行): blocks of people x scenarios, from lives to sums.

A block of people is drawn once and lives through every scenario before the next is drawn. Blocks run on
threads; their outcomes are added in the order of people, so the result is the same to the last bit for any
number of threads and any size of block.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from simulate.assessment import Award, assess_person, empty_award
from simulate.behaviour import Behaviour
from simulate.careers import Careers, draw_careers, empty_careers
from simulate.contributions import N_PAYERS, N_SINKS, Record, empty_record, pass_on, settle_person
from simulate.demography import Demography
from simulate.economy import Economy
from simulate.kernel import kernel, pack
from simulate.outcomes import N_OUTCOMES
from simulate.participation import Plan, decide_person, empty_plan
from simulate.payments import pay_person, pay_space
from simulate.policy import Policy
from simulate.population import People, Population, draw_people
from simulate.reach import (
    ASSESS,
    DECIDE,
    N_READERS,
    NOT_REACHED,
    PAY,
    SETTLE,
    Reach,
    first_stages,
    last_reads,
    reach,
)
from simulate.results import Accumulators
from simulate.terms import (
    FIRST_YEAR,
    N_CAREER_MONTHS,
    N_PROVINCES,
    N_YEARS,
    NO_OCCUPATION,
    PLATFORM_EMPLOYEE,
    PLATFORM_FLEXIBLE,
)
from simulate.weights import EQUAL, Weights, cells_of, weights_of

BLOCK = 256
EVER_PLATFORM_MONTHS = 36
FIRST_FULLY_EXPOSED, FIRST_PARTLY_EXPOSED = 2000, 1985  # birth years


class Case(NamedTuple):
    """One scenario, compiled (一个情景); under static behaviour `decision_policy` is the baseline's.

    Lives and weights are those of the first case of a run.
    """

    name: str
    policy: Policy
    decision_policy: Policy
    behaviour: Behaviour
    economy: Economy
    weights: Weights = EQUAL


def prepare(case: Case) -> Case:
    """Return a case whose parts are packed for the kernels (准备); nothing happens to one that is."""
    return Case(case.name, *(pack(part) for part in case[1:]))


class Lives(NamedTuple):
    """The people of a block, their careers and their places in the dimensions of grouping (一批人的人生)."""

    people: People
    careers: Careers
    traits: dict[str, np.ndarray]
    weight: np.ndarray  # (person,)


class Room(NamedTuple):
    """Arrays in which a thread computes one block after the other (工作区); overwritten by each."""

    careers: Careers
    plan: Plan
    record: Record
    award: Award


def make_room(number: int) -> Room:
    """Return room for blocks of `number` people (分配工作区)."""
    return Room(empty_careers(number), empty_plan(number), empty_record(number), empty_award(number))


class Course(NamedTuple):
    """Everything that happens to the people of a block under one scenario (一个情景下的经过)."""

    plan: Plan
    record: Record
    award: Award
    outcomes: np.ndarray  # (outcome, person)


def live(
    population: Population,
    first: int,
    number: int,
    case: Case,
    demography: Demography,
    room: Room | None = None,
) -> Lives:
    """Return the drawn lives of people `first` to `first + number - 1` (抽取人生).

    With `room` given the lives are written there and hold until its next use.
    """
    case, demography = prepare(case), pack(demography)
    people = draw_people(population, first, number, case.behaviour, demography)
    careers = room.careers if room else empty_careers(number)
    economy = case.economy
    draw_careers(
        people,
        case.behaviour,
        demography,
        case.policy.earnings_wage,
        economy.platform_path,
        economy.platform_earnings_drift,
        careers,
    )
    weight = weights_of(cells_of(people, careers), case.weights)
    return Lives(people, careers, group_traits(people, careers, case), weight)


def follow(lives: Lives, case: Case, demography: Demography, room: Room | None = None) -> Course:
    """Return what happens to drawn lives under a scenario (情景推演).

    Participation, contributions, award and payment, person by person.
    """
    number = lives.people.person.size
    room = room or make_room(number)
    course = Course(room.plan, room.record, room.award, np.empty((N_OUTCOMES, number)))
    _follow_from(np.zeros(number, np.int64), lives, prepare(case), pack(demography), course, course)
    return course


def follow_all(
    lives: Lives,
    cases: Sequence[Case],
    reaches: Sequence[Reach],
    demography: Demography,
    rooms: Sequence[Room],
) -> np.ndarray:
    """Return the outcomes of drawn lives under every prepared scenario (全部情景推演).

    Courses are those of :func:`follow` to the last bit. After the baseline a scenario is followed only for
    those it reaches, and from the stage on at which it does.

    Returns
    -------
    ndarray, float64 (scenario, outcome, person)
    """
    number = lives.people.person.size
    outcomes = np.empty((len(cases), N_OUTCOMES, number))
    baseline, other = (Course(room.plan, room.record, room.award, outcomes[0]) for room in rooms)
    stages = np.zeros(number, np.int64)
    _follow_from(stages, lives, cases[0], demography, baseline, baseline)
    if len(cases) > 1:
        last = np.empty((N_READERS, number), np.int64)
        last_reads(lives.people, lives.careers, baseline.plan, last)
    for case, changed, own in zip(cases[1:], reaches, outcomes[1:], strict=True):
        first_stages(last, changed.first_month, changed.child_months, stages)
        own[:] = outcomes[0]
        if stages.min() < NOT_REACHED:
            _follow_from(stages, lives, case, demography, baseline, other._replace(outcomes=own))
    return outcomes


def _follow_from(stages, lives: Lives, case: Case, demography, baseline: Course, course: Course) -> None:
    """Fill a course from each person's stage on; what comes before is the baseline's."""
    _follow(
        stages,
        lives.people,
        careers_under(lives, case),
        case.decision_policy,
        case.policy,
        case.behaviour,
        demography,
        *baseline[:3],
        *course,
    )


@kernel()
def _follow(
    stages,
    people,
    careers,
    deciding,
    policy,
    behaviour,
    demography,
    old_plan,
    old_record,
    old_award,
    plan,
    record,
    award,
    outcomes,
):
    by_province, decided_by_province = np.empty(N_PROVINCES), np.empty(N_PROVINCES)
    paid, sunk, drawn = np.empty(N_PAYERS), np.empty(N_SINKS), np.empty(2, np.int64)
    places, months = np.empty(N_CAREER_MONTHS, np.int64), np.empty(N_CAREER_MONTHS)
    space = pay_space(policy, people)
    for i in range(people.person.size):
        if stages[i] == DECIDE:
            decide_person(
                i, people, careers, deciding, policy, behaviour, demography, plan, by_province,
                decided_by_province,
            )  # fmt: skip
            settle_person(i, people, careers, policy, behaviour, plan, record, drawn, paid, sunk)
            assess_person(i, people, careers, policy, plan, record, award, places, months)
            pay_person(
                i, people, careers, policy, behaviour, demography, space, plan, record, award, outcomes
            )
        elif stages[i] == SETTLE:
            settle_person(i, people, careers, policy, behaviour, old_plan, record, drawn, paid, sunk)
            assess_person(i, people, careers, policy, old_plan, record, award, places, months)
            pay_person(
                i, people, careers, policy, behaviour, demography, space, old_plan, record, award, outcomes
            )
        elif stages[i] == ASSESS:
            assess_person(i, people, careers, policy, old_plan, old_record, award, places, months)
            pay_person(
                i, people, careers, policy, behaviour, demography, space, old_plan, old_record, award,
                outcomes,
            )  # fmt: skip
        elif stages[i] == PAY:
            pay_person(
                i, people, careers, policy, behaviour, demography, space, old_plan, old_record, old_award,
                outcomes,
            )  # fmt: skip


def careers_under(lives: Lives, case: Case) -> Careers:
    """Return drawn careers as a scenario pays them (情景下的收入): less where levies are passed on."""
    policy = pack(case.policy)
    if not policy.levy_pass_through.any():
        return lives.careers
    earnings = np.zeros_like(lives.careers.earnings)
    pass_on(lives.people, lives.careers, policy, earnings)
    return lives.careers._replace(earnings=earnings)


def simulate(
    population: Population,
    cases: Sequence[Case],
    demography: Demography,
    *,
    groupings: Sequence[tuple[str, ...]] = ((),),
    threads: int = 2,
    block: int = BLOCK,
    progress: Callable[[int, int], None] | None = None,
    onto: Accumulators | None = None,
    watch: Callable[[int, np.ndarray, dict, np.ndarray], None] | None = None,
) -> Accumulators:
    """Return the accumulated outcomes of a population under every scenario (模拟).

    Parameters
    ----------
    population : Population
    cases : sequence of Case
        The first is the baseline; lives are drawn from its behaviour and economy.
    demography : Demography
    groupings : sequence of tuple of str
        Combinations of dimensions by which results are told; `()` is the total.
    threads : int
    block : int
        People in a block; results do not depend on it.
    progress : callable, optional
        Called with the number of people done and the number of all.
    onto : Accumulators, optional
        Results of the people before these, to which these are added; `population.first` is the next number.
    watch : callable, optional
        Called, block by block in the order of people, with the first person's number, the outcomes
        (scenario, outcome, person), the people's places in the dimensions and their weights.

    Returns
    -------
    Accumulators
    """
    cases, demography = [prepare(case) for case in cases], pack(demography)
    accumulators = onto or Accumulators([case.name for case in cases], groupings)
    done = 0
    for first, outcomes, traits, weight in _blocks(population, cases, demography, threads, block):
        accumulators.add(outcomes, traits, first, weight)
        if watch is not None:
            watch(first, outcomes, traits, weight)
        done += len(traits["sex"])
        if progress is not None:
            progress(done, population.persons)
    return accumulators


def _blocks(population, cases, demography, threads, block) -> Iterator[tuple]:
    """First person, outcomes (scenario, outcome, person), traits and weights of each block, in order."""

    local = threading.local()
    reaches = [reach(case, cases[0]) for case in cases[1:]]

    def make(first: int) -> tuple[int, np.ndarray, dict, np.ndarray]:
        if not hasattr(local, "rooms"):
            local.rooms = make_room(block), make_room(block)
        number = min(block, population.first + population.persons - first)
        lives = live(population, first, number, cases[0], demography, local.rooms[0])
        outcomes = follow_all(lives, cases, reaches, demography, local.rooms)
        return first, outcomes, lives.traits, lives.weight

    firsts = range(population.first, population.first + population.persons, block)
    if threads <= 1:
        yield from map(make, firsts)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque = deque()
        for first in firsts:
            waiting.append(pool.submit(make, first))
            if len(waiting) >= 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def group_traits(people: People, careers: Careers, case: Case) -> dict[str, np.ndarray]:
    """Return each person's place in every dimension of grouping, by the drawn life alone (分组特征).

    Form and occupation are those of most months between schooling and the statutory month under the
    baseline; a person has a platform occupation if at least 36 months were spent in platform work.
    """
    policy, behaviour = case.policy, case.behaviour
    number = people.person.size
    names = ("form", "occupation", "migrant", "ever_platform", "earnings_quintile", "province")
    codes = {name: np.empty(number, np.int64) for name in names}
    _career_traits(people, careers, policy, behaviour.earnings_quintile_cuts, *codes.values())
    birth_year = FIRST_YEAR + people.birth // 12
    exposure = np.where(
        birth_year >= FIRST_FULLY_EXPOSED, 0, np.where(birth_year >= FIRST_PARTLY_EXPOSED, 1, 2)
    )
    return {
        "sex": people.sex,
        "cohort": birth_year // 10 - 196,
        "birth_year": birth_year - 1965,
        "hukou": people.hukou,
        "education": people.education,
        "exposure": exposure,
        **codes,
    }


@kernel()
def _career_traits(
    people, careers, policy, quintile_cuts, form, occupation, migrant, ever_platform, quintile, province
):
    forms, occupations = np.empty(8, np.int64), np.empty(NO_OCCUPATION, np.int64)
    for i in range(people.person.size):
        forms[:] = 0
        occupations[:] = 0
        away, paid_months, relative, platform, platform_flexible = 0, 0, 0.0, 0, 0
        end = people.birth[i] + policy.original_age[people.sex[i]]
        end += int(policy.retirement_delay[people.sex[i], end])
        last = min(careers.length[i], end - careers.start[i])
        home, start = people.hukou_province[i], careers.start[i]
        c = careers.schooling_months[i]
        while c < last:  # months of one spell and year at a time
            f, place, y = careers.form[i, c], careers.province[i, c], (start + c) // 12
            wage = policy.earnings_wage[place, min(y, N_YEARS - 1)]
            end, earning_months = c, 0
            while end < last and end < 12 * (y + 1) - start and careers.spell[i, end] == careers.spell[i, c]:
                if careers.earnings[i, end] > 0.0:
                    earning_months += 1
                    relative += careers.earnings[i, end] / wage
                end += 1
            forms[f] += end - c
            if f == PLATFORM_EMPLOYEE or f == PLATFORM_FLEXIBLE:
                occupations[careers.occupation[i, c]] += end - c
                platform += end - c
                platform_flexible += end - c if f == PLATFORM_FLEXIBLE else 0
            paid_months += earning_months
            away += earning_months if place != home else 0
            c = end
        form[i] = np.argmax(forms)
        occupation[i] = np.argmax(occupations) if platform >= EVER_PLATFORM_MONTHS else NO_OCCUPATION
        migrant[i] = 1 if 2 * away > paid_months else 0
        ever_platform[i] = 1 if platform_flexible >= EVER_PLATFORM_MONTHS else 0
        mean = relative / paid_months if paid_months > 0 else 0.0
        quintile[i] = np.searchsorted(quintile_cuts, mean, side="right")
        province[i] = careers.province[i, min(careers.length[i] - 1, max(0, last))]
