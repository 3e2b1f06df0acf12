"""The benchmark's two programs do the same work and get the right answers; how fast is never tested."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
import common_workload

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
