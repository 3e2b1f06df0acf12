"""The engine beside a slow life written from METHOD.md and the law's files: equal to the fen and the month.

Drawn careers go through both; what they tell of each life is compared item by item. Odd lives made by hand
stand at the edges that drawn ones seldom reach.
"""

from functools import cache

import numpy as np
import pytest

from calibration.fitted_set import load_behaviour
from calibration.paths import load_demography, load_economy
from scenarios.scenario import load_scenario
from simulate.careers import NO_CHILD, NO_MOVE, Careers, empty_careers
from simulate.outcomes import POSITION
from simulate.policy import compile_policy
from simulate.population import People, Population
from simulate.run import Case, Lives, follow, live
from simulate.terms import FEMALE, FORMAL_EMPLOYEE, INACTIVE, MALE, NO_OCCUPATION, OTHER_FLEXIBLE, URBAN
from simulate.terms import REASONS as REASON_TERMS
from simulate.terms import ROUTES as ROUTE_TERMS
from tests.reference_life import PAYERS, SINKS, Law, Life, scenario_changes

SCENARIOS = (
    "current-law",
    "lower-floor",
    "platform-cofunding",
    "carer-credits",
    "no-floor",
    "no-floor-pro-rata",
    "lower-floor-scaled",
    "current-practice",
    "above-threshold",
    "artists-fund",
    "canadian-floor",
    "cofunding-all",
    "cofunding-half-passed-on",
    "consumer-levy",
    "dependent-client",
    "full-employee-insurance",
    "german-carer-credits",
    "government-match",
    "low-earner-credits",
    "mandate-by-occupation",
    "match-into-base",
    "match-young",
    "national-benefit-base",
    "percent-of-earnings",
    "resident-months-count",
    "resident-to-dibao",
    "resident-to-rural-income",
    "singapore-platform",
    "source-withholding",
    "unemployment-credits",
    "account-only",
    "age-banded-rate",
    "carer-credits-from-2015",
    "carer-credits-months-only",
    "carer-credits-mothers",
    "carer-credits-not-employed",
    "deferral-in-bad-times",
    "enrolment-of-the-young",
    "felt-cofunding",
    "fifteen-years-for-women",
    "income-banded-rate",
    "match-for-five-years",
    "match-rural-women",
    "per-order-averaged",
    "per-order-payment",
    "platform-floor",
    "platform-paperwork",
    "rural-relief",
)
CASES = (
    *((scenario, "threshold") for scenario in SCENARIOS),
    *((scenario, "static") for scenario in ("lower-floor", "no-floor-pro-rata", "carer-credits")),
    *((scenario, "value_for_money") for scenario in ("current-law", "no-floor")),
    *((name, "value_for_money") for name in ("account-only", "government-match", "match-into-base")),
)
LIVES, MANY_LIVES = 64, 320  # of each case; 55 cases make 3,520 and 17,600
ROUTES, REASONS = [term.name for term in ROUTE_TERMS], [term.name for term in REASON_TERMS]
KINDS = ("none", "employee", "resident")
FEN = 0.01
ECONOMY, DEMOGRAPHY = load_economy(), load_demography()
DEATHS = DEMOGRAPHY.death_probability.tolist()


def plain(part) -> dict:
    """A tuple of arrays as lists and numbers."""
    return {name: np.asarray(value).tolist() for name, value in part._asdict().items()}


@cache
def case(scenario: str, variant: str) -> Case:
    policy = compile_policy(load_scenario(scenario).compile_law(), ECONOMY)
    deciding = case("current-law", "threshold").policy if variant == "static" else policy
    return Case(scenario, policy, deciding, load_behaviour(variant=variant), ECONOMY)


@cache
def law(scenario: str) -> Law:
    return Law(scenario_changes(scenario), plain(ECONOMY))


@cache
def behaviour(variant: str) -> dict:
    return plain(load_behaviour(variant=variant))


def slow_life(lives: Lives, i: int, scenario: str, variant: str) -> Life:
    length = int(lives.careers.length[i])
    person = {name: values[i].item() for name, values in lives.people._asdict().items()}
    career = {
        name: values[i].item() if values.ndim == 1 else values[i, :length].tolist()
        for name, values in lives.careers._asdict().items()
    }
    deciding = law("current-law") if variant == "static" else law(scenario)
    return Life(person, career, law(scenario), deciding, behaviour(variant), DEATHS)


@cache
def compared(scenario: str, variant: str, first: int, number: int):
    lives = live(Population(persons=100_000, seed=20_26), first, number, case(scenario, variant), DEMOGRAPHY)
    return course_and_slow_lives(lives, scenario, variant)


def course_and_slow_lives(lives: Lives, scenario: str, variant: str = "threshold"):
    course = follow(lives, case(scenario, variant), DEMOGRAPHY)
    return course, [slow_life(lives, i, scenario, variant) for i in range(lives.people.person.size)]


# --------------------------------------------------------------------------- the law, read twice

SAME_NAME = (
    "reference_wage", "benefit_base", "base_floor", "base_cap", "flexible_base_floor", "flexible_base_cap",
    "employee_rate", "account_rate", "employer_rate", "flexible_rate", "flexible_account_rate",
    "account_start", "full_month_base_ratio", "crediting_rate", "resident_crediting_rate", "accrual_rate",
    "indexed_half_weight", "low_index_threshold", "original_age", "transition_coefficient", "deemed_index",
    "one_off_cutoff", "claim_place_months", "platform_subsidy_share", "platform_subsidy_cap_share",
    "care_credit_child_months", "care_credit_parent_months", "increase_percent", "increase_flat",
    "increase_per_year", "survivor_income", "resident_basic", "resident_extra", "resident_minimum_months",
    "resident_pension_age", "resident_start", "resident_back_payment", "dibao", "floor_pension_age",
    "unemployment_credit_months", "transfer_pool_rate", "transfer_bases_from", "temporary_account_age",
    "temporary_account_pool_rate",
    "late_payment_months",
)  # fmt: skip
OTHER_NAME = {
    "payment_period": "payment_period_months",
    "bundled_medical": "medical",
    "worker_relief": "flexible_worker_relief_rate",
    "platform_levy": "platform_levy_rate",
    "base_earnings_share": "flexible_base_earnings_share",
    "base_allowance": "flexible_base_allowance_ratio",
    "automatic_enrolment": "automatic_enrolment_share",
    "reclassification": "reclassification_share",
    "group_enrolment": "group_enrolment_share",
    "match_months": "government_match_months",
    "others_money_felt": "others_money_felt_share",
    "consumer_levy": "consumer_levy_rate",
    "levy_least_dependence": "platform_levy_least_dependence",
    "levy_dependent_share": "platform_levy_dependent_share",
    "levy_dependent_extra": "platform_levy_dependent_extra",
    "levy_pass_through": "levy_pass_through_share",
    "match_rate": "government_match_rate",
    "match_cap": "government_match_cap_ratio",
    "match_earnings_limit": "government_match_earnings_limit_ratio",
    "match_youngest": "government_match_youngest_age_months",
    "match_oldest": "government_match_oldest_age_months",
    "unemployment_credit_ratio": "unemployment_credit_base_ratio",
    "low_earnings_credit_ratio": "low_earnings_credit_base_ratio",
    "low_earnings_credit_limit": "low_earnings_credit_limit_ratio",
    "resident_counted": "resident_months_counted_share",
    "universal_ratio": "universal_pension_ratio",
    "minimum_ratio": "minimum_pension_ratio",
    "minimum_taper": "minimum_pension_taper",
    "difficulty_share": "difficulty_subsidy_share",
    "difficulty_months": "difficulty_subsidy_months",
    "difficulty_extension": "difficulty_subsidy_extension_months",
    "care_credit_ratio": "care_credit_base_ratio",
    "access_months": "flexible_access_months",
    "minimum_months": "minimum_contribution_months",
    "early_window": "early_claim_window_months",
    "late_window": "late_claim_window_months",
    "extension_limit": "extension_limit_months",
    "funeral_months": "funeral_grant_months",
    "resident_divisor": "resident_annuity_divisor",
}


@pytest.mark.parametrize(
    ("scenario", "economy"),
    [*((scenario, "central") for scenario in SCENARIOS), ("current-law", "low"), ("current-law", "high")],
)
def test_the_law_read_by_the_slow_life_is_the_compiled_policy(scenario, economy):
    economy = load_economy(economy)
    policy = compile_policy(load_scenario(scenario).compile_law(), economy)
    slow = Law(scenario_changes(scenario), plain(economy))
    for field, name in {name: name for name in SAME_NAME}.items() | OTHER_NAME.items():
        expected = np.asarray(getattr(slow, name), float)
        np.testing.assert_allclose(getattr(policy, field), expected, rtol=1e-12, err_msg=field)
    for field in ("resident_tiers", "resident_subsidies"):
        for province, years in enumerate(getattr(slow, field)):
            for year, ladder in enumerate(years):
                compiled = getattr(policy, field)[province, year]
                np.testing.assert_allclose(compiled[: len(ladder)], ladder, rtol=1e-12)
                assert not np.isfinite(policy.resident_tiers[province, year, len(ladder) :]).any()
    for year in (0, 15, 16, 34, 35, 110):  # 1990, 2005, 2006: other divisors; 2025: by month
        divisors = [slow.divisor(year, age) for age in range(480, 841)]
        assert policy.annuity_divisor[year].tolist() == divisors
    for category, age in enumerate(slow.original_age):
        originals = range(month(2024, 1), month(2045, 1))
        delays = [slow.statutory_month(category, original - age) - original for original in originals]
        assert policy.retirement_delay[category, originals].tolist() == delays
    factors = np.asarray(slow.discount)
    np.testing.assert_allclose(policy.discount_factor / policy.discount_factor[0], factors, rtol=1e-12)


# --------------------------------------------------------------------------- what each tells of a life

EXACT = {
    "category",
    "statutory",
    "claim",
    "kind",
    "route",
    "reason",
    "months",
    "one_off",
    "back_paid",
    "place",
}


def told_by_slow_life(life: Life, slots: int) -> dict:
    first_year = life.start // 12
    paid = [[0.0] * len(PAYERS) for _ in range(slots)]
    sunk = [[0.0] * len(SINKS) for _ in range(slots)]
    entries = [(entry["month"] // 12 - first_year, entry) for entry in life.ledger]
    for slot, entry in [*entries, (slots - 1, life.claim_entry)]:
        for k, payer in enumerate(PAYERS):
            paid[slot][k] += entry["paid"][payer]
        for k, sink in enumerate(SINKS):
            sunk[slot][k] += entry["sunk"][sink]
    at_65, at_70 = life.pension(life.birth + 780), life.pension(life.birth + 840)
    values = life.present_values()
    told = {
        "category": life.category,
        "statutory": life.statutory,
        "claim": life.claim,
        "kind": life.kind,
        "route": life.route,
        "reason": life.reason,
        "months": [*life.counts, life.record_months, life.resident_months],
        "one_off": life.one_off_months,
        "back_paid": life.back_paid_years,
        "own base": life.base,
        "credit base": life.credit,
        "paid by year and payer": paid,
        "sunk by year and sink": sunk,
        "basic, account, transitional and resident part": [
            life.basic, life.account_part, life.transitional, life.resident_rest,
        ],
        "pensions at 65 and 70": [
            *at_65,
            sum(at_70) + life.floor_pension(life.birth + 840),
            life.floor_pension(life.birth + 780),
        ],
        "present values paid": [values[payer] for payer in PAYERS],
        "present values of pensions and pool receipts": [
            values["employee"], values["pensions"], values["pool"],
        ],
        "account when settled": life.account,
        "present values of deaths, refunds and pool": [
            values["deaths"], values["refunds"], values["pool_payments"],
        ],
    }  # fmt: skip
    if life.kind == "employee":
        told["place"] = life.award_place
        told["index and years"] = [1e4 * life.index, 1e4 * life.years]  # to a millionth
    return told


def told_by_engine(course, i: int, length: int) -> dict:
    plan, record, award = course.plan, course.record, course.award

    def outcomes(*names: str) -> list[float]:
        return [course.outcomes[POSITION[name], i] for name in names]

    return {
        "category": plan.category[i],
        "statutory": plan.statutory[i],
        "claim": plan.claim[i],
        "kind": KINDS[plan.claim_kind[i]],
        "route": [ROUTES[code] for code in plan.route[i, :length]],
        "reason": [REASONS[code] for code in plan.reason[i, :length]],
        "months": [*plan.month_credit[i, :length], award.record_months[i], plan.resident_months[i]],
        "one_off": plan.one_off_months[i],
        "back_paid": plan.back_paid_years[i],
        "own base": plan.base[i, :length],
        "credit base": plan.credit_base[i, :length],
        "paid by year and payer": record.paid[i],
        "sunk by year and sink": record.sunk[i],
        "basic, account, transitional and resident part": [
            award.basic[i], award.account_part[i], award.transitional[i], award.resident_rest[i],
        ],
        "pensions at 65 and 70": outcomes(
            "employee_pension_at_65", "resident_pension_at_65", "pension_at_70", "floor_pension_at_65"
        ),
        "present values paid": outcomes(*(f"present_value_paid_by_{payer}" for payer in PAYERS)),
        "present values of pensions and pool receipts": outcomes(
            "present_value_employee_pensions", "present_value_pensions", "present_value_pool_receipts"
        ),
        "account when settled": award.account[i],
        "present values of deaths, refunds and pool": outcomes(
            "present_value_death_benefits", "present_value_refunds", "present_value_pool_payments"
        ),
        "place": award.province[i],
        "index and years": [1e4 * award.index[i], 1e4 * award.years[i]],
    }  # fmt: skip


def disagreements(course, slow_lives: list[Life]) -> list[str]:
    """Where the two tell different things, one line an item and life."""
    found = []
    for i, life in enumerate(slow_lives):
        engine = told_by_engine(course, i, life.length)
        for item, slow in told_by_slow_life(life, course.record.paid.shape[1]).items():
            fast = np.asarray(engine[item])
            slow = np.asarray(slow)
            if fast.dtype.kind in "US":
                differs = fast != slow
            else:
                differs = np.abs(fast - slow) > (1e-9 if item in EXACT else FEN)
            if differs.any():
                where = tuple(np.argwhere(np.atleast_1d(differs))[0].tolist())
                one, other = np.atleast_1d(fast)[where], np.atleast_1d(slow)[where]
                found.append(f"life {i}, {item} {where}: engine {one}, slow life {other}")
    return found


@pytest.mark.parametrize(("scenario", "variant"), CASES)
def test_engine_and_slow_life_agree_to_the_fen_and_the_month(scenario, variant):
    first = LIVES * CASES.index((scenario, variant))
    assert disagreements(*compared(scenario, variant, first, LIVES)) == []


@pytest.mark.full
@pytest.mark.parametrize(("scenario", "variant"), CASES)
def test_engine_and_slow_life_agree_on_many_lives(scenario, variant):
    first = 20_000 + MANY_LIVES * CASES.index((scenario, variant))
    lives = live(Population(persons=100_000, seed=7), first, MANY_LIVES, case(scenario, variant), DEMOGRAPHY)
    assert disagreements(*course_and_slow_lives(lives, scenario, variant)) == []


def test_the_compared_lives_meet_every_route_reason_and_way_to_claim():
    met = set()
    for scenario, variant in CASES:
        first = LIVES * CASES.index((scenario, variant))
        for life in compared(scenario, variant, first, LIVES)[1]:
            met |= {f"route {route}" for route in life.route} | {f"reason {reason}" for reason in life.reason}
            met.add(f"claim {life.kind}")
            met |= {f"category {life.category}"}
            events = {
                "early claim": life.kind == "employee" and life.claim < life.statutory,
                "late claim": life.kind == "employee" and life.claim > life.statutory,
                "back payment": life.back_paid_years > 0,
                "part of a month": any(0 < share < 1 for share in life.counts),
                "lost record": any(
                    base > 0 and share == 0 for base, share in zip(life.base, life.counts, strict=True)
                ),
                "top-up": any(a > 0 < b for a, b in zip(life.base, life.credit, strict=True)),
                "platform pays": any(entry["paid"]["platform"] > 0 for entry in life.ledger),
                "claim away": life.kind == "employee" and life.award_place != life.who["hukou_province"],
                "transitional": life.transitional > 0,
            }
            met |= {event for event, happened in events.items() if happened}
    wanted = {f"route {route}" for route in ROUTES} | {f"reason {reason}" for reason in REASONS}
    wanted |= {f"claim {kind}" for kind in KINDS} | {"category 0", "category 1", "category 2"}
    wanted |= {
        "early claim", "late claim", "back payment", "part of a month", "lost record", "top-up",
        "platform pays", "claim away", "transitional",
    }  # fmt: skip
    assert wanted - met == set()


@pytest.mark.parametrize(("scenario", "variant"), CASES)
def test_what_is_paid_is_sunk_in_every_month_and_year(scenario, variant):
    course, slow_lives = compared(scenario, variant, LIVES * CASES.index((scenario, variant)), LIVES)
    for life in slow_lives:
        for entry in [*life.ledger, life.claim_entry]:
            assert sum(entry["paid"].values()) == pytest.approx(sum(entry["sunk"].values()), abs=1e-6)
            assert min(entry["paid"].values()) >= 0
    paid, sunk = course.record.paid.sum(axis=2), course.record.sunk.sum(axis=2)
    np.testing.assert_allclose(paid, sunk, rtol=0, atol=1e-6)
    assert paid.sum() > 0


# --------------------------------------------------------------------------- odd lives, made by hand

HENAN, BEIJING, ZHEJIANG, GUANGDONG = (
    law("current-law").provinces.index(name) for name in ("Henan", "Beijing", "Zhejiang", "Guangdong")
)


def month(year: int, number: int) -> int:
    return 12 * (year - 1990) + number - 1


def odd_lives(*odd: dict) -> Lives:
    """Lives with given jobs (form, province, months, earnings) one after the other; 0.5 in every draw."""
    n = len(odd)
    people = People(*(np.full(n, 0.5 if name.endswith("_draw") else 0) for name in People._fields))
    people = people._replace(
        person=np.arange(n),
        key=np.zeros(n, np.uint64),
        hukou_province=np.full(n, HENAN),
        hukou=np.full(n, URBAN),
        permanent_effect=np.zeros(n),
        platform_share=np.zeros(n),
    )
    careers = empty_careers(n)
    careers.form[:] = INACTIVE
    careers.occupation[:] = NO_OCCUPATION
    careers.child_age[:] = NO_CHILD
    careers.move_draw[:] = NO_MOVE
    careers.declaration_draw[:] = 1.0
    careers.job_draw[:] = 0.0
    careers.province[:] = HENAN
    for i, life in enumerate(odd):
        for name in set(life) - {"jobs"}:
            getattr(people, name)[i] = life[name]
        careers.start[i] = max(0, life["birth"] + 192)
        careers.length[i] = life["birth"] + 816 - careers.start[i]
        c = 0
        for spell, (form, province, months, earnings) in enumerate(life["jobs"], 1):
            until = slice(c, c + months)
            careers.form[i, until] = form
            careers.province[i, until] = province
            careers.earnings[i, until] = earnings
            careers.spell[i, until] = spell
            c += months
        careers.spell[i, c:] = len(life["jobs"]) + 1
    return Lives(people, Careers(*careers), {}, np.ones(people.birth.size))


def employed(months: int, province: int = HENAN, earnings: float = 6000.0):
    return FORMAL_EMPLOYEE, province, months, earnings


def women_and_men_at_every_step() -> list[dict]:
    """Born in the first and the last month of each step of the delay, and just before and after all steps."""
    reform = month(2025, 1)
    people = []
    for sex, category_draw, age, step, cap in (
        (MALE, 0.5, 720, 4, 36),
        (FEMALE, 0.999, 660, 4, 36),
        (FEMALE, 0.0, 600, 2, 60),
    ):
        for number in range(cap + 2):
            first = reform - age + step * (number - 1)
            people += [
                {"birth": birth, "sex": sex, "category_draw": category_draw, "jobs": [employed(816)]}
                for birth in (first, first + step - 1)
            ]
    return people


def test_lives_at_the_edges_of_every_step_of_the_delay_agree():
    lives = odd_lives(*women_and_men_at_every_step())
    course, slow_lives = course_and_slow_lives(lives, "current-law")
    assert disagreements(course, slow_lives) == []
    delays = course.plan.statutory - lives.people.birth - np.array([720, 660, 600])[course.plan.category]
    expected = [
        min(cap, number)
        for cap in (36, 36, 60)  # two lives a step: first and last month; step 0 lies before the reform
        for number in range(cap + 2)
        for _ in range(2)
    ]
    assert delays.tolist() == expected


# anchors of the annexes: sex, birth, statutory age in years and months
ANNEX = (
    (MALE, (1964, 12), (60, 0)),
    (MALE, (1965, 1), (60, 1)),
    (MALE, (1976, 8), (62, 11)),
    (MALE, (1976, 9), (63, 0)),
    (FEMALE, (1969, 12), (55, 0)),
    (FEMALE, (1970, 1), (55, 1)),
    (FEMALE, (1981, 9), (58, 0)),
)


def test_who_reaches_the_age_on_the_day_of_change_waits_a_month_and_the_month_before_does_not():
    lives = odd_lives(
        *(
            {"birth": month(*born), "sex": sex, "category_draw": 0.999, "jobs": [employed(816)]}
            for sex, born, _ in ANNEX
        )
    )
    course, slow_lives = course_and_slow_lives(lives, "current-law")
    assert disagreements(course, slow_lives) == []
    for i, (_, born, (years, months)) in enumerate(ANNEX):
        assert course.plan.claim[i] == month(*born) + 12 * years + months


def test_who_never_paid_has_a_pension_only_by_filling_fifteen_years():
    nothing = {"birth": month(1990, 1), "jobs": [], "resident_knowledge_draw": 0.999}
    lives = odd_lives(
        nothing | {"resident_back_payment_draw": 0.999}, nothing | {"resident_back_payment_draw": 0.0}
    )
    course, slow_lives = course_and_slow_lives(lives, "current-law")
    assert disagreements(course, slow_lives) == []
    assert course.record.paid[0].sum() == 0
    assert course.outcomes[POSITION["pension_at_70"], 0] == 0
    tier = slow_lives[1].law.resident_tiers[HENAN][60][0]  # 2050, the year of 60
    assert course.record.paid[1].sum() == pytest.approx(15 * tier)
    assert course.plan.claim[1] == month(2050, 1)
    assert course.award.resident_rest[1] == pytest.approx(15 * tier / 139)


def test_one_month_paid_counts_as_a_month_of_the_resident_scheme():
    lives = odd_lives(
        {
            "birth": month(1994, 6),
            "jobs": [employed(1, earnings=4000.0)],
            "resident_knowledge_draw": 0.999,
            "resident_back_payment_draw": 0.0,
        }
    )
    course, slow_lives = course_and_slow_lives(lives, "current-law")
    assert disagreements(course, slow_lives) == []
    assert course.award.record_months[0] == 1
    # June 2010: 20 % and 8 % of 4,000 yuan, which lies between 60 % and 300 % of the wage of Henan
    assert course.record.paid[0].sum(axis=0)[:2] == pytest.approx(
        [0.08 * 4000 + 15 * course.plan.back_paid_tier[0], 0.2 * 4000]
    )
    assert course.plan.back_paid_years[0] == 15  # 179 months are missing


@pytest.mark.parametrize(
    ("jobs", "place"),
    [
        # the last relation is short of ten years: the last province that has them
        ([employed(60, BEIJING), employed(132, ZHEJIANG), employed(72, GUANGDONG)], ZHEJIANG),
        ([employed(132, BEIJING), employed(132, ZHEJIANG), employed(120, GUANGDONG)], GUANGDONG),
        # nowhere ten years: the place of registration
        ([employed(60, BEIJING), employed(119, ZHEJIANG), employed(72, GUANGDONG)], HENAN),
        # the last relation at home
        ([employed(132, BEIJING), employed(132, ZHEJIANG), employed(12, HENAN)], HENAN),
        # ten years in two parts
        ([employed(60, BEIJING), employed(119, ZHEJIANG), employed(60, BEIJING)], BEIJING),
    ],
)
def test_a_life_in_three_provinces_claims_where_the_rules_of_transfer_say(jobs, place):
    course, slow_lives = course_and_slow_lives(
        odd_lives({"birth": month(1985, 3), "jobs": jobs}), "current-law"
    )
    assert disagreements(course, slow_lives) == []
    assert course.award.province[0] == place
    months = sum(months for _, _, months, _ in jobs)
    assert course.award.record_months[0] == months


def test_lives_that_stop_short_pay_on_or_pay_at_once_as_their_first_month_allows():
    short = {"sex": MALE, "pay_on_draw": 0.0, "resident_knowledge_draw": 0.999}
    work = (OTHER_FLEXIBLE, HENAN, 600, 9000.0)  # earnings for who pays on, dear enough not to join before
    odd = [
        short | {"birth": birth, "jobs": [employed(paid), work], "procedure_draw": 0.999}
        for birth in (month(1965, 1), month(1972, 5), month(1990, 9))
        for paid in (100, 119, 121, 150, 170, 179)
    ]
    course, slow_lives = course_and_slow_lives(odd_lives(*odd), "current-law")
    assert disagreements(course, slow_lives) == []
    waited = [life.claim - life.statutory for life in slow_lives]
    at_once = [life.one_off_months for life in slow_lives]
    # the men of 2025 need 180 months, those of 2034 need 210: sixty month by month at most, the rest at once
    assert (waited[:6], at_once[:6]) == ([60, 60, 59, 30, 10, 1], [20, 1, 0, 0, 0, 0])
    assert (waited[6:12], at_once[6:12]) == ([60, 60, 60, 60, 40, 31], [50, 31, 29, 0, 0, 0])
    # 240 from 2039: gaps of 140 and 121 months are too long; the others claim as the career ends
    assert [life.kind for life in slow_lives[12:]] == ["resident"] * 2 + ["employee"] * 4
    assert at_once[12:] == [0, 0, 59, 30, 10, 1]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_odd_lives_agree_in_every_scenario(scenario):
    jobs = [employed(30, BEIJING, 1500.0), (OTHER_FLEXIBLE, ZHEJIANG, 300, 5000.0), employed(90, GUANGDONG)]
    odd = [
        {"birth": month(1994, 1 + k), "sex": k % 2, "jobs": jobs[k % 3 :] + jobs[: k % 3]}
        | {draw: 0.05 * k for draw in ("willingness_draw", "floor_payer_draw", "claim_draw", "patience_draw")}
        for k in range(12)
    ]
    assert disagreements(*course_and_slow_lives(odd_lives(*odd), scenario)) == []
