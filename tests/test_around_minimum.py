"""People around the minimum: counts by hand on their own records."""

import numpy as np
import pytest

from calibration.paths import load_demography
from scenarios.price import price
from scenarios.scenario import compile_case, load_scenario
from simulate.around_minimum import COUNTS, N_DISTANCES, count_at_statutory_age, count_distances
from simulate.kernel import pack
from simulate.participation import CLAIM_EMPLOYEE
from simulate.population import Population
from simulate.run import follow, live, prepare
from simulate.terms import FIRST_YEAR

WORLD = pack(load_demography())
PEOPLE = 400
NAMES = [term.name for term in COUNTS]


@pytest.fixture(scope="module")
def lived():
    case = prepare(compile_case(load_scenario("current-law")))
    lives = live(Population(persons=PEOPLE), 0, PEOPLE, case, WORLD)
    return lives, case, follow(lives, case, WORLD)


def _chance(person: int, lives, case, year: int) -> float:
    """Chance to reach the middle of a year from 20 on, written out."""
    people, deaths = lives.people, WORLD.death_probability
    frailty = np.exp(-case.behaviour.mortality_gradient * people.permanent_effect[person])
    birth = FIRST_YEAR + people.birth[person] // 12
    chances = [
        min(1.0, deaths[people.sex[person], y - FIRST_YEAR, y - birth] * frailty)
        for y in range(max(FIRST_YEAR, birth + 20), year + 1)
    ]
    return float(np.prod([1 - chance for chance in chances[:-1]]) * (1 - chances[-1] / 2))


def test_people_are_counted_in_the_year_of_their_statutory_age_with_the_record_of_then(lived):
    lives, case, course = lived
    counts = np.zeros((76, len(COUNTS)))
    weight = np.linspace(0.5, 1.5, PEOPLE)
    parts = (lives.careers, case.policy, case.behaviour, WORLD, course.plan)
    count_at_statutory_age(lives.people, weight, *parts, 180.0, 240.0, 35, counts)
    wanted = np.zeros_like(counts)
    for i in range(PEOPLE):
        statutory, start = int(course.plan.statutory[i]), int(lives.careers.start[i])
        year = FIRST_YEAR + statutory // 12
        if year < 2025:
            continue
        end = min(int(lives.careers.length[i]), min(statutory, int(course.plan.settled[i])) - start)
        months = lives.people.deemed_months[i] + course.plan.month_credit[i, :end].sum()
        alive = weight[i] * _chance(i, lives, case, year)
        row = wanted[year - 2025]
        row[0] += alive
        if 180 <= months < 240:
            row[1] += alive
            # 15 years until 2029, half a year more each year until it is 20 in 2039
            row[2] += alive * (months < 180 + 6 * min(max(year - 2029, 0), 10))
            row[3] += alive * (course.plan.claim_kind[i] == CLAIM_EMPLOYEE)
    np.testing.assert_allclose(counts, wanted, rtol=1e-9, atol=1e-12)
    assert (wanted.sum(axis=0) > 0).all()


def test_distances_from_the_minimum_are_whole_years_and_open_at_both_ends(lived):
    lives, case, course = lived
    counts = np.zeros(N_DISTANCES)
    count_distances(lives.people, np.full(PEOPLE, 2.0), case.policy, course.plan, course.award, counts)
    wanted = dict.fromkeys(range(-6, 6), 0)
    for i in range(PEOPLE):
        if course.award.record_months[i] > 0:
            year = FIRST_YEAR + course.plan.statutory[i] // 12
            needed = 180 + 6 * min(max(year - 2029, 0), 10)
            over = course.award.record_months[i] + lives.people.deemed_months[i] - needed
            wanted[min(max(int(over // 12), -6), 5)] += 2
    assert counts.tolist() == list(wanted.values())
    assert counts.min() > 0


def test_a_lower_minimum_moves_the_distance_and_not_who_is_between_the_minima_of_current_law():
    found = price(["ten-years"], persons=1_000)
    before, after = (found["distances"][name] for name in ("current-law", "ten-years"))
    assert sum(after[6:]) > sum(before[6:])
    for now, then in zip(*found["statutory_age"].values(), strict=True):
        assert now["at_statutory_age"] == pytest.approx(then["at_statutory_age"])
        assert now["between"] >= now["between_below_minimum"]
        assert now["between"] >= now["between_with_employee_pension"]
        assert now["between_below_minimum"] == 0 or now["year"] >= 2030
