"""The people (人口): who is born when and where, and the traits that never change.

`draw_people` makes the people of a block; person k is the same whoever else is drawn.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulate.draws import PROCESS, PROCESSES, TRAIT, inverse_normal, person_key, uniform
from simulate.kernel import kernel, rule
from simulate.terms import FIRST_BIRTH_YEAR, FIRST_WORK_AGE, FIRST_YEAR, RURAL, URBAN

_COHORT, _BIRTH_MONTH, _PROVINCE, _RURAL = (
    PROCESS[n] for n in ("cohort", "birth_month", "hukou_province", "hukou_rural")
)
_EDUCATION, _PERMANENT, _DEEMED, _PLATFORM_SHARE = (
    PROCESS[n] for n in ("education", "permanent_effect", "deemed", "platform_share")
)


class Population(NamedTuple):
    """Which people to simulate (模拟人口): the first `persons` of a seed and replicate, from `first` on."""

    persons: int = 100_000
    seed: int = 1
    replicate: int = 0
    first: int = 0


class People(NamedTuple):
    """The people of a block; every array has the dimension (person,) (个人属性).

    `birth` is the month index of birth from January 1990 (negative before). The `…_draw` are uniforms, one
    for each gate or choice; METHOD.md says which comparison each enters.
    """

    person: np.ndarray
    key: np.ndarray
    birth: np.ndarray
    sex: np.ndarray
    hukou_province: np.ndarray
    hukou: np.ndarray
    education: np.ndarray
    permanent_effect: np.ndarray
    deemed_months: np.ndarray
    platform_share: np.ndarray
    access_draw: np.ndarray
    hukou_draw: np.ndarray
    knowledge_draw: np.ndarray
    procedure_draw: np.ndarray
    patience_draw: np.ndarray
    stop_draw: np.ndarray
    willingness_draw: np.ndarray
    floor_payer_draw: np.ndarray
    pay_on_draw: np.ndarray
    claim_draw: np.ndarray
    category_draw: np.ndarray
    difficulty_draw: np.ndarray
    subsidy_draw: np.ndarray
    credit_draw: np.ndarray
    resident_knowledge_draw: np.ndarray
    resident_patience_draw: np.ndarray
    resident_floor_draw: np.ndarray
    resident_back_payment_draw: np.ndarray
    dibao_draw: np.ndarray


# the draws behind the uniform traits, in the order of the fields of People from `access_draw` on
TRAIT_PROCESSES = PROCESSES[PROCESS["access"] : PROCESS["platform_share"]]
_TRAIT_NUMBERS = np.array([PROCESS[name] for name in TRAIT_PROCESSES])


def draw_people(population: Population, first: int, number: int, behaviour, demography) -> People:
    """Return the people `first` to `first + number - 1` of a population (抽取人口)."""
    integers = [np.empty(number, np.int64) for _ in range(6)]
    key = np.empty(number, np.uint64)
    floats = [np.empty(number) for _ in range(2)]
    traits = np.empty((len(TRAIT_PROCESSES), number))
    person = np.arange(first, first + number, dtype=np.int64)
    _draw_people(
        population.seed, population.replicate, person, behaviour, demography, key, *integers, *floats, traits
    )
    birth, sex, province, hukou, education, deemed = integers
    permanent, share = floats
    return People(person, key, birth, sex, province, hukou, education, permanent, deemed, share, *traits)


@rule()
def cohort_decade(birth_year):
    """Return the position of a birth year in the education table (出生年代): 1965-69, 70s, ..., 2000-10."""
    return min(4, max(0, (birth_year - 1960) // 10))


@kernel()
def _draw_people(
    seed, replicate, person, behaviour, demography, key, birth, sex, province, hukou, education, deemed,
    permanent, platform_share, traits,
):  # fmt: skip
    n_cohorts = demography.cohort_cdf.size
    for i in range(person.size):
        k = person_key(seed, replicate, person[i])
        key[i] = k
        cell = min(
            np.searchsorted(demography.cohort_cdf, uniform(k, _COHORT, TRAIT), side="right"), n_cohorts - 1
        )
        year = FIRST_BIRTH_YEAR + cell // 2
        birth[i] = 12 * (year - FIRST_YEAR) + int(12 * uniform(k, _BIRTH_MONTH, TRAIT))
        sex[i] = cell % 2
        cdf = demography.hukou_province_cdf
        province[i] = min(np.searchsorted(cdf, uniform(k, _PROVINCE, TRAIT), side="right"), cdf.size - 1)
        hukou[i] = RURAL if uniform(k, _RURAL, TRAIT) < demography.rural_share[province[i]] else URBAN
        shares = behaviour.education_share[hukou[i], sex[i], cohort_decade(year)]
        u = uniform(k, _EDUCATION, TRAIT)
        education[i] = 0 if u < shares[0] else (1 if u < shares[0] + shares[1] else 2)
        permanent[i] = behaviour.permanent_sd * inverse_normal(uniform(k, _PERMANENT, TRAIT))
        low, high = behaviour.platform_share_range
        platform_share[i] = low + (high - low) * uniform(k, _PLATFORM_SHARE, TRAIT)
        # service before the records begin in 1990: urban state and collective staff only
        served = -(birth[i] + 12 * FIRST_WORK_AGE)
        has_post = hukou[i] == URBAN and uniform(k, _DEEMED, TRAIT) < behaviour.deemed_share
        deemed[i] = served if has_post and served > 0 else 0
        for t in range(traits.shape[0]):
            traits[t, i] = uniform(k, _TRAIT_NUMBERS[t], TRAIT)
