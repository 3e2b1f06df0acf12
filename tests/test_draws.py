"""Keyed draws: the register of processes, the hash against plain integers, its statistics, the normal."""

import numpy as np
import pytest
from numba import njit
from scipy import stats

from simulate import draws
from simulate.draws import PROCESS, PROCESSES, TRAIT, inverse_normal, mix, normal, person_key, uniform
from simulate.population import TRAIT_PROCESSES, People

# Lives depend on these numbers: new processes go to the end, none is moved or given to another use.
REGISTER = (
    *("cohort", "birth_month", "hukou_province", "hukou_rural", "education", "permanent_effect", "deemed"),
    *("access", "hukou_enrolment", "knowledge", "procedure", "patience", "stop", "willingness"),
    *("floor_payer", "pay_on", "claim", "category", "difficulty", "platform_subsidy", "care_credit"),
    *("resident_knowledge", "resident_patience", "resident_floor", "resident_back_payment", "dibao"),
    *("platform_share", "spare_trait_1", "spare_trait_2", "spare_trait_3"),
    *("exit", "form", "occupation", "job", "declaration", "birth", "child_claim", "child_leave"),
    *("parent_care", "parent_care_end", "parent_leave", "move", "destination", "lost_record"),
    *("persistent_shock", "monthly_shock"),
)
LEAST_P = 1e-4  # the draws are fixed numbers, so what passes once passes always
N = 200_000
WORD = 2**64


@njit
def by_person(seed, replicate, first, number, process, month):
    values = np.empty(number)
    for i in range(number):
        values[i] = uniform(person_key(seed, replicate, first + i), process, month)
    return values


@njit
def by_month(seed, person, process, first, number):
    key = person_key(seed, 0, person)
    values = np.empty(number)
    for m in range(number):
        values[m] = uniform(key, process, first + m)
    return values


@njit
def by_process(seed, persons, processes, month):
    values = np.empty((persons, processes))
    for i in range(persons):
        key = person_key(seed, 0, i)
        for p in range(processes):
            values[i, p] = uniform(key, p, month)
    return values


@njit
def by_seed(number, replicates):
    values = np.empty((number, replicates))
    for s in range(number):
        for r in range(replicates):
            values[s, r] = uniform(person_key(s, r, 17), 5, 300)
    return values


@njit
def words(number):
    values = np.empty(number, np.uint64)
    for i in range(number):
        values[i] = mix(np.uint64(i))
    return values


@njit
def normals(number, process, month):
    values = np.empty(number)
    for i in range(number):
        values[i] = normal(person_key(1, 0, i), process, month)
    return values


# draws of person 0 of seed 1, by process and month
PINNED = {
    ("cohort", TRAIT): 0.24264387450596903,
    ("willingness", TRAIT): 0.255430735080913,
    ("exit", 0): 0.20186951067774722,
    ("exit", 1331): 0.8901739195707681,
    ("monthly_shock", 500): 0.5083205568725915,
}
SAMPLES = {
    "persons": lambda: by_person(1, 0, 0, N, PROCESS["exit"], 240),
    "persons, trait": lambda: by_person(1, 0, 0, N, PROCESS["cohort"], TRAIT),
    "persons far out": lambda: by_person(1, 0, 10**12, N, PROCESS["form"], 1331),
    "months": lambda: by_month(1, 0, PROCESS["exit"], 0, N),
    "months before 1990": lambda: by_month(1, 3, PROCESS["birth"], -N, N),
    "processes": lambda: by_process(1, N // 40, 40, 12).ravel(),
    "seeds": lambda: by_seed(N, 1).ravel(),
    "replicates": lambda: by_seed(1, N).ravel(),
}


def plain_mix(x):
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % WORD
    x = (x ^ x >> 27) * 0x94D049BB133111EB % WORD
    return x ^ x >> 31


def plain_uniform(seed, replicate, person, process, month):
    golden, by_number, by_time = 0x9E3779B97F4A7C15, 0xD1342543DE82EF95, 0xA0761D6478BD642F
    key = plain_mix((seed + golden) % WORD)
    key = plain_mix(key ^ (replicate * by_time + golden) % WORD)
    key = plain_mix(key ^ (person * by_number + golden) % WORD)
    bits = plain_mix((key + (process + 1) * by_number + (month + 2) * by_time) % WORD)
    return ((bits >> 12) + 0.5) / 2**52


# --- the register ----------------------------------------------------------------------------------------


def test_process_numbers_are_those_given_once_and_never_moved():
    assert PROCESSES[: len(REGISTER)] == REGISTER


def test_no_two_processes_share_a_number_or_a_name():
    assert len(set(PROCESSES)) == len(PROCESSES)
    assert sorted(PROCESS.values()) == list(range(len(PROCESSES)))


def test_every_trait_has_a_process_of_its_own():
    traits = [name for name in People._fields if name.endswith("_draw")]
    assert len(TRAIT_PROCESSES) == len(set(TRAIT_PROCESSES)) == len(traits)
    assert set(TRAIT_PROCESSES) < set(PROCESSES)
    assert not any(name.startswith("spare") for name in TRAIT_PROCESSES)


# --- the hash --------------------------------------------------------------------------------------------


def test_the_mixer_is_that_of_splitmix64():
    # first output of SplitMix64 from state 0, as published with the algorithm
    assert int(mix(np.uint64(0x9E3779B97F4A7C15))) == 0xE220A8397B1DCDAF


@pytest.mark.parametrize(
    ("seed", "replicate", "person", "process", "month"),
    [
        (1, 0, 0, 0, -1),
        (1, 0, 17, 30, 400),
        (7, 3, 10**9, 45, 1331),
        (2**40, 49, 5, 2, 0),
        (0, 0, 1, 5, -300),
    ],
)
def test_a_draw_is_the_hash_in_plain_integers(seed, replicate, person, process, month):
    expected = plain_uniform(seed, replicate, person, process, month)
    assert by_person(seed, replicate, person, 1, process, month)[0] == expected


def test_the_first_person_of_seed_one_keeps_the_same_draws():
    # pinned: a change here changes every life ever simulated
    drawn = {(n, m): by_person(1, 0, 0, 1, PROCESS[n], m)[0] for n, m in PINNED}
    assert drawn == pytest.approx(PINNED, rel=1e-15)


def test_the_same_key_gives_the_same_draw_in_any_order():
    forward = by_month(3, 9, 30, 0, 500)
    again = np.array([by_month(3, 9, 30, m, 1)[0] for m in reversed(range(500))])[::-1]
    assert np.array_equal(forward, again)


def test_no_draw_is_zero_or_one_and_millions_of_keys_do_not_collide():
    values = np.concatenate([by_person(1, r, 0, N, p, m) for r in (0, 1) for p in (3, 4) for m in (-1, 0, 1)])
    assert values.min() > 0
    assert values.max() < 1
    # 2.4 million draws among 2^52 values: 0.0006 chance pairs expected
    assert np.unique(values).size == values.size


def test_the_mixer_maps_no_two_words_to_one():
    assert np.unique(words(N)).size == N


# --- its statistics --------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", SAMPLES)
def test_draws_are_uniform(sample):
    values = SAMPLES[sample]()
    counts = np.histogram(values, bins=256, range=(0, 1))[0]
    assert stats.chisquare(counts).pvalue > LEAST_P
    assert stats.kstest(values, "uniform").pvalue > LEAST_P


@pytest.mark.parametrize("sample", SAMPLES)
def test_neighbouring_draws_are_independent(sample):
    values = SAMPLES[sample]()
    for lag in (1, 2, 12):
        a, b = values[:-lag], values[lag:]
        assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(a.size)  # four standard errors
    # pairs fill the square evenly
    pairs = np.histogram2d(values[::2], values[1::2], bins=24, range=((0, 1), (0, 1)))[0]
    assert stats.chisquare(pairs.ravel()).pvalue > LEAST_P


def test_no_two_processes_are_correlated():
    correlation = np.corrcoef(by_process(5, 20_000, len(PROCESSES), TRAIT), rowvar=False)
    pairs = correlation[np.triu_indices(len(PROCESSES), 1)]
    # sum of squared correlations of 1035 pairs times the number of people is chi-squared
    assert LEAST_P < stats.chi2.sf((pairs**2).sum() * 20_000, pairs.size) < 1 - LEAST_P
    assert abs(pairs).max() < 5 / np.sqrt(20_000)


def test_seeds_and_replicates_give_other_people():
    one = by_person(1, 0, 0, N, 30, 100)
    for other in (by_person(2, 0, 0, N, 30, 100), by_person(1, 1, 0, N, 30, 100)):
        assert not np.any(one == other)
        assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(N)


def test_each_bit_is_one_half_of_the_time():
    bits = (by_person(1, 0, 0, N, 30, 7) * 2**52).astype(np.uint64)
    for place in range(52):
        ones = int(((bits >> np.uint64(place)) & np.uint64(1)).sum())
        assert stats.binomtest(ones, N).pvalue > LEAST_P / 10, place


def test_one_changed_bit_of_the_input_changes_half_of_the_output():
    numbers = np.arange(1, 2001, dtype=np.uint64)
    for bit in (0, 7, 31, 63):
        flipped = [int(mix(n)) ^ int(mix(n ^ np.uint64(1 << bit))) for n in numbers]
        changed = np.mean([word.bit_count() for word in flipped])
        assert changed == pytest.approx(32, abs=4 * 4 / np.sqrt(2000))  # sd of a word is 4


def test_sums_of_draws_over_a_life_spread_as_chance_would():
    # mean of 600 months a person: variance 1/12/600
    means = np.array([by_month(1, person, 30, 0, 600).mean() for person in range(2000)])
    z = (means - 0.5) / np.sqrt(1 / 12 / 600)
    assert stats.kstest(z, "norm").pvalue > LEAST_P


# --- the normal ------------------------------------------------------------------------------------------


def test_the_inverse_normal_is_that_of_scipy():
    p = np.concatenate(
        [np.linspace(1e-6, 1 - 1e-6, 2001), 10.0 ** -np.arange(3, 300, 7), 1 - 10.0 ** -np.arange(3, 15)]
    )
    mine = np.array([inverse_normal(x) for x in p])
    assert np.allclose(mine, stats.norm.ppf(p), rtol=1e-12, atol=1e-14)


def test_the_inverse_normal_is_odd_and_rises_over_its_joints():
    joints = np.concatenate([np.linspace(j - 1e-6, j + 1e-6, 41) for j in (0.075, 0.925, np.exp(-25.0))])
    joints = np.unique(joints[joints > 0])
    assert np.all(np.diff([inverse_normal(x) for x in joints]) > 0)
    assert inverse_normal(0.5) == 0
    assert inverse_normal(0.25) == -inverse_normal(0.75)


def test_the_outermost_draws_give_finite_normals():
    # 52 bits and a half: (0 + 0.5) / 2^52 and (2^52 - 1 + 0.5) / 2^52
    lowest, highest = 0.5 * draws._UNIT, (2.0**52 - 1 + 0.5) * draws._UNIT
    assert 0 < lowest < highest < 1
    assert inverse_normal(lowest) == pytest.approx(stats.norm.ppf(lowest), rel=1e-12)
    assert inverse_normal(highest) == pytest.approx(stats.norm.ppf(highest), rel=1e-12)


def test_normal_draws_are_normal():
    assert stats.kstest(normals(N, PROCESS["persistent_shock"], 12), "norm").pvalue > LEAST_P
