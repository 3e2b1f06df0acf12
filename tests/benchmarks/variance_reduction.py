"""What variance reduction gains (方差缩减的效果), measured: survival in expectation, and people drawn evenly.

    python tests/benchmarks/variance_reduction.py --seeds 50 --persons 1000

prints, by indicator, the variance over seeds of plain draws over that of the other way, for levels and for
paired differences. METHOD.md, section 10, holds the results and says what is switched on.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

import numpy as np
from scipy.stats import qmc

from calibration.paths import load_demography
from scenarios.scenario import compile_case, load_scenario
from simulate.careers import draw_careers, empty_careers
from simulate.demography import Demography
from simulate.draws import inverse_normal
from simulate.kernel import pack
from simulate.outcomes import N_OUTCOMES
from simulate.payments import FIRST_VALUED_AGE, pay
from simulate.population import TRAIT_PROCESSES, People, Population, cohort_decade, draw_people
from simulate.results import Accumulators, estimate
from simulate.run import Case, Course, Lives, follow, group_traits, live, prepare
from simulate.terms import FIRST_BIRTH_YEAR, FIRST_WORK_AGE, FIRST_YEAR, LAST_AGE, N_YEARS, RURAL, URBAN

SCENARIOS = ("current-law", "lower-floor", "platform-cofunding")
INDICATORS = (
    *("pension_to_average_wage", "gross_replacement_rate", "mean_monthly_pension", "gini_pension"),
    *("share_reaching_minimum_months", "share_without_pension", "share_below_dibao", "contribution_months"),
    *("coverage_as_flexible", "coverage_as_employee", "pension_wealth", "money_worth"),
    *("present_value_paid_by_worker", "pool_balance"),
)
# traits beside those of birth that an even design may take in, first the ones that decide most
EVEN_TRAITS = ("willingness", "patience", "knowledge", "procedure", "floor_payer")


def even_people(population: Population, number: int, behaviour, demography, wide: bool) -> People:
    """Return people whose birth, sex, province, hukou and education come from a scrambled Sobol sequence.

    Person k takes point k, so that the first N of 2N people stay the same; `wide` also draws the permanent
    effect and five traits from it. The rest of a life stays keyed.
    """
    people = draw_people(population, 0, number, behaviour, demography)
    points = qmc.Sobol(5 + 6 * wide, scramble=True, seed=population.seed).random_base2(
        int(np.ceil(np.log2(number)))
    )[:number]
    points = np.clip(points, 1e-12, 1 - 1e-12).T
    cell = np.minimum(np.searchsorted(demography.cohort_cdf, points[0], side="right"),
                      demography.cohort_cdf.size - 1)  # fmt: skip
    year, sex = FIRST_BIRTH_YEAR + cell // 2, cell % 2
    birth = 12 * (year - FIRST_YEAR) + (12 * points[4]).astype(np.int64)
    cdf = demography.hukou_province_cdf
    province = np.minimum(np.searchsorted(cdf, points[1], side="right"), cdf.size - 1)
    hukou = np.where(points[2] < demography.rural_share[province], RURAL, URBAN)
    decade = np.array([cohort_decade(int(y)) for y in year])
    shares = np.cumsum(behaviour.education_share[hukou, sex, decade], axis=1)
    education = (points[3] >= shares[:, 0]).astype(np.int64) + (points[3] >= shares[:, 1])
    served = -(birth + 12 * FIRST_WORK_AGE)
    deemed_draw = np.random.default_rng(population.seed).random(number)
    deemed = np.where((hukou == URBAN) & (deemed_draw < behaviour.deemed_share) & (served > 0), served, 0)
    fields = {"birth": birth, "sex": sex, "hukou_province": province, "hukou": hukou}
    fields |= {"education": education, "deemed_months": deemed}
    if wide:
        normal = np.array([inverse_normal(float(u)) for u in points[5]])
        fields["permanent_effect"] = behaviour.permanent_sd * normal
        names = [name for name in People._fields if name.endswith("_draw")]
        for k, trait in enumerate(EVEN_TRAITS):
            fields[names[TRAIT_PROCESSES.index(trait)]] = np.ascontiguousarray(points[6 + k])
    return people._replace(**fields)


def even_lives(seed: int, number: int, case: Case, demography: Demography, wide: bool) -> Lives:
    """Return lives that begin with evenly drawn people (均匀抽样的人生)."""
    case, demography = prepare(case), pack(demography)
    people = even_people(Population(number, seed), number, case.behaviour, demography, wide)
    careers, economy = empty_careers(number), case.economy
    draw_careers(
        people, case.behaviour, demography, case.policy.earnings_wage,
        economy.platform_path, economy.platform_earnings_drift, careers,
    )  # fmt: skip
    return Lives(people, careers, group_traits(people, careers, case))


def _one(parts, i: int):
    return type(parts)(*(array[i : i + 1] for array in parts))


def death_chances(lives: Lives, i: int, behaviour, demography: Demography) -> np.ndarray:
    """Return the chance of dying at each age from FIRST_VALUED_AGE to LAST_AGE (各年龄死亡概率)."""
    sex, year = int(lives.people.sex[i]), int(lives.people.birth[i]) // 12
    frailty = np.exp(-behaviour.mortality_gradient * lives.people.permanent_effect[i])
    alive, chances = 1.0, []
    for age in range(FIRST_VALUED_AGE, LAST_AGE + 1):
        y = year + age
        q = demography.death_probability[sex, min(max(y, 0), N_YEARS - 1), age] * frailty if y >= 0 else 0.0
        chances.append(alive * min(1.0, q))
        alive -= chances[-1]
    return np.array(chances)


def dying_at(
    age: int, lives: Lives, i: int, case: Case, course: Course, demography: Demography
) -> np.ndarray:
    """Return the outcomes of a person who dies at an age for certain (给定死亡年龄的结果)."""
    certain = np.zeros_like(demography.death_probability)
    certain[:, :, age:] = 1e9  # more than certain, whatever the frailty
    own, case, out = (
        pack(demography._replace(death_probability=certain)),
        prepare(case),
        np.empty((N_OUTCOMES, 1)),
    )
    pay(
        *(_one(lives.people, i), _one(lives.careers, i), case.policy, case.behaviour, own),
        *(_one(course.plan, i), _one(course.record, i), _one(course.award, i), out),
    )
    return out[:, 0]


def with_deaths(lives: Lives, cases: list[Case], demography: Demography, seed: int) -> np.ndarray:
    """Return outcomes (scenario, outcome, person) in which everybody dies once, at a drawn age (模拟死亡).

    The same age in every scenario; the outcomes of the engine weigh the same flows with survival instead.
    """
    number = lives.people.person.size
    draws = np.random.default_rng([seed, 7]).random(number)
    courses = [follow(lives, case, demography) for case in cases]
    out = np.empty((len(cases), N_OUTCOMES, number))
    for i in range(number):
        reached = np.cumsum(death_chances(lives, i, cases[0].behaviour, demography))
        age = min(FIRST_VALUED_AGE + int(np.searchsorted(reached, draws[i])), LAST_AGE)
        for s, (case, course) in enumerate(zip(cases, courses, strict=True)):
            out[s, :, i] = dying_at(age, lives, i, case, course, demography)
    return out


def estimates(outcomes: np.ndarray, lives: Lives, cases: list[Case]) -> np.ndarray:
    """Return values and both standard errors (number, scenario, indicator) of one sample (样本估计)."""
    sums = Accumulators([case.name for case in cases])
    sums.add(outcomes, lives.traits, 0)
    data = estimate(sums, INDICATORS).isel(group=0).transpose("scenario", "indicator")
    return np.stack([data["value"].values, data["standard_error"].values, data["difference_se"].values])


def honesty(of: np.ndarray) -> Iterator[tuple[str, list[float]]]:
    """Yield, by indicator, mean squared standard errors told over variances there are (标准误是否如实)."""
    value, error, difference_error = of[:, 0], of[:, 1], of[:, 2]
    for k, name in enumerate(INDICATORS):
        found = [float((error[:, 0, k] ** 2).mean() / value[:, 0, k].var(ddof=1))]
        for s in range(1, len(SCENARIOS)):
            apart = (value[:, s, k] - value[:, 0, k]).var(ddof=1)
            found.append(
                float((difference_error[:, s, k] ** 2).mean() / apart) if apart > 0 else float("nan")
            )
        yield name, found


def gains(plain: np.ndarray, other: np.ndarray) -> Iterator[tuple[str, list[float]]]:
    """Yield, by indicator, plain variance over the other's: of the level, of each difference (方差比)."""
    for k, name in enumerate(INDICATORS):
        found = []
        for s in range(len(SCENARIOS)):
            before, after = (
                (x[:, 0, s, k] - (x[:, 0, 0, k] if s else 0.0)).var(ddof=1) for x in (plain, other)
            )
            found.append(before / after if after > 0 else float("nan"))
        yield name, found


def measure(seeds: int, persons: int, deaths: int) -> dict[str, np.ndarray]:
    """Return estimates (seed, number, scenario, indicator) by way of drawing (各抽样方式的估计)."""
    cases = [prepare(compile_case(load_scenario(name))) for name in SCENARIOS]
    demography = load_demography()

    def together(lives: Lives) -> np.ndarray:
        return np.stack([follow(lives, case, demography).outcomes for case in cases])

    ways: dict[str, Callable] = {
        "plain": lambda seed: live(Population(persons, seed), 0, persons, cases[0], demography),
        "even": lambda seed: even_lives(seed, persons, cases[0], demography, False),
        "even_wide": lambda seed: even_lives(seed, persons, cases[0], demography, True),
    }
    found = {name: [] for name in (*ways, "expected", "deaths")}
    for seed in range(1, seeds + 1):
        for name, draw in ways.items():
            lives = draw(seed)
            found[name].append(estimates(together(lives), lives, cases))
        if deaths:
            lives = live(Population(deaths, seed), 0, deaths, cases[0], demography)
            found["expected"].append(estimates(together(lives), lives, cases))
            drawn = with_deaths(lives, cases, demography, seed)
            found["deaths"].append(estimates(drawn, lives, cases))
    return {name: np.array(values) for name, values in found.items() if values}


def main() -> None:
    """Print the gains (输出方差比)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--persons", type=int, default=1000)
    parser.add_argument("--deaths", type=int, default=200, help="People whose deaths are drawn, a seed.")
    options = parser.parse_args()
    found = measure(options.seeds, options.persons, options.deaths)
    pairs = [("plain", "even"), ("plain", "even_wide")]
    pairs += [("deaths", "expected")] if options.deaths else []
    for before, after in pairs:
        print(f"\nvariance of {before} over {after}: level, " + ", ".join(SCENARIOS[1:]))
        _table(gains(found[before], found[after]))
    for way in ("plain", "even", "even_wide"):
        print(f"\nsquared standard error told over variance, {way}: level, " + ", ".join(SCENARIOS[1:]))
        _table(honesty(found[way]))


def _table(rows: Iterator[tuple[str, list[float]]]) -> None:
    found = list(rows)
    means = [("geometric mean", np.exp(np.nanmean(np.log([row for _, row in found]), axis=0)))]
    for name, ratios in [*found, *means]:
        print(f"  {name:32s}" + "".join(f"{ratio:8.2f}" for ratio in ratios))


if __name__ == "__main__":
    main()
