"""People: shares within sampling error, and one person the same whoever else is drawn."""

import numpy as np
import pytest

from calibration.fitted_set import load_behaviour
from calibration.paths import load_demography
from simulate.kernel import pack
from simulate.population import TRAIT_PROCESSES, People, Population, cohort_decade, draw_people
from simulate.terms import FIRST_BIRTH_YEAR, FIRST_YEAR, LAST_BIRTH_YEAR, RURAL, URBAN

N = 100_000
BEHAVIOUR, DEMOGRAPHY = load_behaviour(), load_demography()
PACKED = pack(BEHAVIOUR), pack(DEMOGRAPHY)
ERRORS = 4.5  # standard errors allowed; some 150 shares are looked at


def draw(first=0, number=N, **population):
    return draw_people(Population(**population), first, number, *PACKED)


@pytest.fixture(scope="module")
def people():
    return draw()


def assert_shares(counts, shares):
    n = counts.sum()
    allowed = ERRORS * np.sqrt(n * shares * (1 - shares)) + 0.5
    assert np.all(abs(counts - n * shares) <= allowed)


def birth_year(people):
    return FIRST_YEAR + people.birth // 12


def test_cohorts_and_sexes_have_their_official_sizes(people):
    cells = 2 * (birth_year(people) - FIRST_BIRTH_YEAR) + people.sex
    assert_shares(np.bincount(cells, minlength=92), np.diff(DEMOGRAPHY.cohort_cdf, prepend=0.0))


def test_births_spread_evenly_over_the_months(people):
    assert_shares(np.bincount(people.birth % 12, minlength=12), np.full(12, 1 / 12))


def test_birth_years_are_those_of_the_model(people):
    assert birth_year(people).min() == FIRST_BIRTH_YEAR
    assert birth_year(people).max() == LAST_BIRTH_YEAR
    assert people.birth.min() >= 12 * (FIRST_BIRTH_YEAR - FIRST_YEAR)  # negative: before January 1990


def test_hukou_provinces_have_their_shares(people):
    counts = np.bincount(people.hukou_province, minlength=31)
    assert_shares(counts, np.diff(DEMOGRAPHY.hukou_province_cdf, prepend=0.0))


@pytest.mark.parametrize("province", [0, 4, 8, 15, 18, 30])
def test_rural_people_have_their_share_of_a_province(people, province):
    hukou = people.hukou[people.hukou_province == province]
    rural = DEMOGRAPHY.rural_share[province]
    counts = np.bincount(hukou, minlength=2)
    assert (RURAL, URBAN) == (0, 1)
    assert_shares(counts, np.array([rural, 1 - rural]))


def test_education_follows_cohort_sex_and_hukou(people):
    decade = np.array([cohort_decade(y) for y in range(1965, 2011)])[birth_year(people) - 1965]
    for hukou in (0, 1):
        for sex in (0, 1):
            for d in range(5):
                cell = (people.hukou == hukou) & (people.sex == sex) & (decade == d)
                counts = np.bincount(people.education[cell], minlength=3)
                assert_shares(counts, BEHAVIOUR.education_share[hukou, sex, d])


def test_decades_of_birth_are_those_of_the_education_table():
    years = (1965, 1969, 1970, 1979, 1980, 1989, 1990, 1999, 2000, 2009, 2010)
    # the last row takes in 2010
    assert [cohort_decade(y) for y in years] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4]


def test_the_permanent_effect_has_its_spread(people):
    assert people.permanent_effect.mean() == pytest.approx(0, abs=ERRORS * BEHAVIOUR.permanent_sd / N**0.5)
    # standard error of a standard deviation: sd / sqrt(2 n)
    error = BEHAVIOUR.permanent_sd / np.sqrt(2 * N)
    assert people.permanent_effect.std() == pytest.approx(BEHAVIOUR.permanent_sd, abs=ERRORS * error)


def test_platform_shares_lie_in_their_range(people):
    low, high = BEHAVIOUR.platform_share_range
    assert people.platform_share.min() >= low
    assert people.platform_share.max() <= high
    error = (high - low) / np.sqrt(12 * N)
    assert people.platform_share.mean() == pytest.approx((low + high) / 2, abs=ERRORS * error)


def test_deemed_months_belong_to_urban_people_sixteen_before_1990(people):
    deemed = people.deemed_months > 0
    sixteen = people.birth + 192  # month index of the 16th birthday
    assert np.all(people.hukou[deemed] == URBAN)
    assert np.all(people.deemed_months[deemed] == -sixteen[deemed])
    could = (people.hukou == URBAN) & (sixteen < 0)
    share = BEHAVIOUR.deemed_share
    assert_shares(np.bincount(deemed[could], minlength=2), np.array([1 - share, share]))
    # born in January 1965: sixteen in January 1981, 108 months before 1990
    assert people.deemed_months.max() <= 108


@pytest.mark.parametrize("name", [n for n in People._fields if n.endswith("_draw")])
def test_every_trait_is_a_uniform_of_its_own(people, name):
    values = getattr(people, name)
    assert 0 < values.min() < values.max() < 1
    assert values.mean() == pytest.approx(0.5, abs=ERRORS / np.sqrt(12 * N))
    others = [n for n in People._fields if n.endswith("_draw") and n != name]
    assert max(abs(np.corrcoef(values, getattr(people, n))[0, 1]) for n in others) < ERRORS / np.sqrt(N)


def test_traits_stand_in_the_order_of_their_processes():
    draws = [n for n in People._fields if n.endswith("_draw")]
    # the fields with another name than their process
    other_names = {"hukou_enrolment": "hukou", "platform_subsidy": "subsidy", "care_credit": "credit"}
    assert draws == [f"{other_names.get(n, n)}_draw" for n in TRAIT_PROCESSES]


# --- one person whoever else is drawn --------------------------------------------------------------------


def test_the_first_people_of_a_larger_sample_are_the_same():
    for small, large in zip(draw(number=500), draw(number=1000), strict=True):
        assert np.array_equal(small, large[:500])


def test_a_person_is_the_same_alone_and_in_any_block():
    block = draw(first=0, number=300)
    for first in (0, 17, 299):
        for alone, together in zip(draw(first=first, number=1), block, strict=True):
            assert alone[0] == together[first]


def test_the_order_in_which_blocks_are_drawn_is_irrelevant():
    late_first = [draw(first=f, number=100) for f in (200, 0, 100)]
    in_order = draw(number=300)
    for k, name in enumerate(People._fields):
        pieces = np.concatenate([late_first[b][k] for b in (1, 2, 0)])
        assert np.array_equal(pieces, in_order[k]), name


@pytest.mark.parametrize("population", [{"seed": 2}, {"replicate": 1}])
def test_another_seed_or_replicate_gives_other_people(population):
    one, other = draw(number=1000), draw(number=1000, **population)
    assert not np.any(one.key == other.key)
    assert not np.any(one.willingness_draw == other.willingness_draw)
    assert np.mean(one.birth == other.birth) < 0.01  # one in some 550 by chance
