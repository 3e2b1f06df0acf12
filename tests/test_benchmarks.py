"""What is measured beside the tests measures the right thing; how fast or how much is never tested."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from calibration.paths import load_demography
from scenarios.scenario import compile_case, load_scenario
from simulate.kernel import pack
from simulate.outcomes import N_OUTCOMES, POSITION
from simulate.population import Population
from simulate.run import follow, live, prepare

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
import common_workload
import variance_reduction

PEOPLE = 800 * common_workload.BLOCK
# mean pension to last wage of men and women, eligible, refund and contributions a head
RIGHT = np.array([0.423, 0.447, 0.537, 26_950.0, 104_950.0])


@pytest.fixture(scope="module")
def answers():
    return common_workload.run(PEOPLE, 1, 1)[1]


def test_the_common_workload_gives_the_right_answers(answers):
    assert np.all(np.abs(answers / RIGHT - 1.0) < 0.01)


def test_threads_do_not_change_the_answers(answers):
    assert common_workload.run(PEOPLE, 2, 1)[1] == pytest.approx(answers, rel=1e-12)


def test_the_program_in_c_gives_the_same_answers_or_says_that_it_cannot(answers):
    found = common_workload.run_c(PEOPLE, 1, 1)
    if shutil.which(common_workload.COMPILER[0]) is None:
        assert found is None
    else:
        assert found[1] == pytest.approx(answers, rel=1e-5)  # six digits are printed


def test_survival_in_expectation_is_the_mean_over_all_ages_of_death():
    """Every outcome but whether anything is ever paid, which is no sum of flows."""
    kept = np.arange(N_OUTCOMES) != POSITION["without_contributions"]
    case, demography = compile_case(load_scenario("current-law")), load_demography()
    lives = live(Population(8, seed=5), 0, 8, case, demography)
    course = follow(lives, case, demography)
    for i in range(8):
        chances = variance_reduction.death_chances(lives, i, case.behaviour, demography)
        assert chances.sum() == pytest.approx(1.0, abs=1e-12)
        ages = range(variance_reduction.FIRST_VALUED_AGE, variance_reduction.LAST_AGE + 1)
        mean = sum(
            chance * variance_reduction.dying_at(age, lives, i, case, course, demography)
            for age, chance in zip(ages, chances, strict=True)
        )
        assert mean[kept] == pytest.approx(course.outcomes[kept, i], rel=1e-9, abs=1e-6)


def test_evenly_drawn_people_are_the_first_of_twice_as_many_and_keep_the_shares():
    case, demography = prepare(compile_case(load_scenario("current-law"))), pack(load_demography())
    few, many = (
        variance_reduction.even_people(Population(n, 3), n, case.behaviour, demography, True)
        for n in (1024, 2048)
    )
    for name in ("birth", "sex", "hukou_province", "education", "permanent_effect", "willingness_draw"):
        assert np.array_equal(getattr(few, name), getattr(many, name)[:1024])
    women = np.diff(demography.cohort_cdf, prepend=0.0)[1::2].sum()
    assert many.sex.mean() == pytest.approx(women, abs=0.01)
    assert many.permanent_effect.std() == pytest.approx(case.behaviour.permanent_sd, rel=0.02)
