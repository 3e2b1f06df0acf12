"""The engine as a whole: one result for any block and thread, money that adds up, signs of reforms."""

import functools
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from numba import njit

from calibration.fitted_set import load_behaviour
from calibration.paths import load_demography, load_economy
from scenarios.scenario import library, load_scenario
from simulate.assessment import assess, empty_award
from simulate.contributions import (
    N_PAYERS,
    N_SINKS,
    ONE_OFF_SLOT,
    empty_record,
    has_flows,
    month_flows,
    settle,
)
from simulate.dues import lowest_base, own_rate, worker_contribution
from simulate.kernel import pack
from simulate.law import load_law
from simulate.limited import person_bits
from simulate.outcomes import OUTCOMES, POSITION
from simulate.participation import (
    CLAIM_EMPLOYEE,
    CLAIM_NONE,
    CLAIM_RESIDENT,
    NEVER,
    Plan,
)
from simulate.policy import compile_policy
from simulate.population import Population
from simulate.results import Accumulators, estimate
from simulate.run import Case, careers_under, follow, live, make_room, prepare, simulate
from simulate.terms import (
    ACCOUNT,
    CONSUMER,
    FORMS,
    GOVERNMENT,
    N_CAREER_MONTHS,
    NO_OCCUPATION,
    OTHER,
    PLATFORM_FLEXIBLE,
    POOL,
    RESIDENT_ACCOUNT,
    ROUTE_CREDIT,
    ROUTE_EMPLOYEE,
    ROUTE_FLEXIBLE,
    ROUTE_NONE,
    WORKER,
)

LAW, ECONOMY = load_law(), load_economy()
WORLD = pack(load_demography())
GROUPINGS = ((), ("sex",), ("form", "hukou"))
REFORMS = ("lower-floor", "platform-cofunding", "carer-credits")
CAREER_MONTHS = np.arange(N_CAREER_MONTHS)


@functools.cache
def policy(scenario="current-law"):
    return pack(compile_policy(load_scenario(scenario).compile_law(), ECONOMY))


@functools.cache
def case(scenario="current-law", variant="threshold"):
    """A library scenario; under static behaviour decided as under current law."""
    deciding = policy() if variant == "static" else policy(scenario)
    behaviour = load_behaviour(variant=variant)
    return prepare(Case(scenario, policy(scenario), deciding, behaviour, ECONOMY))


def late_case(effective, name="late"):
    """Every lever of the reforms at once, from a late date on."""
    values = {
        "flexible_base_floor_ratio": 0.2,
        "flexible_base_tiers": [0.2, 0.6, 1.0],
        "flexible_worker_relief_rate": 0.08,
        "platform_levy_rate": 0.08,
        "care_credit_base_ratio": 0.8,
        "care_credit_child_months": 36,
        "care_credit_parent_months": 24,
        "flexible_rate": 0.1,
    }
    changes = {parameter: [{"effective": effective, "value": value}] for parameter, value in values.items()}
    late = compile_policy(LAW.amend(changes), ECONOMY)
    return prepare(Case(name, late, late, load_behaviour(), ECONOMY))


@functools.cache
def lives(number=1000, first=0):
    return live(Population(), first, number, case(), WORLD)


@functools.cache
def course(scenario="current-law", variant="threshold", number=1000):
    return follow(lives(number), case(scenario, variant), WORLD)


def run(persons=400, scenarios=None, **options):
    cases = scenarios or [case(), *(case(name) for name in REFORMS)]
    return simulate(Population(persons=persons), cases, WORLD, groupings=GROUPINGS, **options)


def by_cell(accumulators):
    """Sums and counts by cell in the order of their names; cells are opened in the order of people."""
    order = [position for _, _, position in sorted(accumulators.cells())]
    return accumulators.sums[order], accumulators.histogram[order]


def assert_same(one, other):
    """Equal to the last bit, field by field."""
    for name, value in one._asdict().items():
        assert np.array_equal(value, getattr(other, name)), name


def months_lived(block):
    """Which career months exist, (person, career month)."""
    return block.careers.length[:, None] > CAREER_MONTHS


def before_claim(block, plan):
    return months_lived(block) & ((plan.claim - block.careers.start)[:, None] > CAREER_MONTHS)


# --- one result for any block, thread, order and sample --------------------------------------------------


@pytest.fixture(scope="module")
def sums():
    return by_cell(run(threads=1))


@pytest.mark.parametrize(("threads", "block"), [(2, 128), (1, 37), (2, 37), (1, 1000), (1, 128)])
def test_sums_are_the_same_to_the_last_bit_for_any_number_of_threads_and_size_of_block(sums, threads, block):
    for found, expected in zip(by_cell(run(threads=threads, block=block)), sums, strict=True):
        assert np.array_equal(found, expected)


def test_the_first_half_of_a_sample_gives_the_results_of_that_half():
    small, large = run(persons=200), lives(400)
    again = Accumulators([case().name, *REFORMS], GROUPINGS)
    outcomes = np.stack([follow(large, case(n), WORLD).outcomes for n in ("current-law", *REFORMS)])
    again.add(
        np.ascontiguousarray(outcomes[:, :, :200]), {n: codes[:200] for n, codes in large.traits.items()}, 0
    )
    for found, expected in zip(by_cell(again), by_cell(small), strict=True):
        assert np.array_equal(found, expected)


def test_a_person_alone_is_that_person_of_a_block():
    block = lives(40)
    for person in (0, 17, 39):
        alone = live(Population(), person, 1, case(), WORLD)
        for name, codes in alone.traits.items():
            assert codes[0] == block.traits[name][person], name
        for scenario in ("current-law", "carer-credits"):
            one, of_many = follow(alone, case(scenario), WORLD), follow(block, case(scenario), WORLD)
            assert np.array_equal(one.outcomes[:, 0], of_many.outcomes[:, person])
            end = alone.careers.length[0]
            for part in ("plan", "record", "award"):
                for name, value in getattr(one, part)._asdict().items():
                    other = getattr(getattr(of_many, part), name)[person]
                    cut = slice(end) if value.shape[1:] == (N_CAREER_MONTHS,) else slice(None)
                    if value.ndim == 1:
                        assert value[0] == other, name
                    else:
                        assert np.array_equal(value[0][cut], other[cut]), name


def test_a_room_used_by_other_people_under_another_law_leaves_no_trace():
    room = make_room(150)
    for first, scenario in ((5000, "no-floor"), (9000, "carer-credits")):
        follow(live(Population(), first, 150, case(), WORLD, room), case(scenario), WORLD, room)
    used = follow(live(Population(), 0, 150, case(), WORLD, room), case(), WORLD, room)
    assert np.array_equal(used.outcomes, follow(lives(150), case(), WORLD).outcomes)


def test_results_do_not_depend_on_which_scenarios_are_run_beside():
    alone = run(scenarios=[case(), case("carer-credits")]).sums
    together = run(scenarios=[case(), case("no-floor"), case("carer-credits")]).sums
    assert np.array_equal(alone[:, 1, : len(OUTCOMES)], together[:, 2, : len(OUTCOMES)])


def test_accumulators_do_not_grow_with_the_number_of_people():
    def size(accumulators):
        return sum(a.nbytes for a in vars(accumulators).values() if isinstance(a, np.ndarray))

    simulated = [
        simulate(Population(persons=n), [case()], WORLD, groupings=((), ("sex",))) for n in (200, 800)
    ]
    assert size(simulated[0]) == size(simulated[1]) > 0
    assert [a.persons for a in simulated] == [200, 800]


# --- differences that must be exactly zero ---------------------------------------------------------------


@pytest.mark.parametrize("effective", ["2101-01-01", "2085-01-01"])
def test_a_reform_after_everybody_has_claimed_makes_a_difference_of_exactly_zero(effective):
    # the youngest are born in 2010 and contribute until 2078 at the latest
    same = Case("same", *case()[1:])
    found = estimate(run(scenarios=[case(), same, late_case(effective)]))
    for name in ("difference", "difference_se"):
        values = found[name].values
        assert np.all((values == 0) | np.isnan(values)), name
        assert (values == 0).sum() > 200
    assert np.array_equal(np.isnan(found["difference"].values), np.isnan(found["value"].values))
    if effective < "2101":
        assert not np.array_equal(late_case(effective).policy.worker_relief, policy().worker_relief)


def test_an_early_reform_makes_a_difference():
    found = estimate(run(scenarios=[case(), late_case("2027-01-01")]))
    assert np.any(abs(found["difference"].values[:, 1]) > 0)


# --- money -----------------------------------------------------------------------------------------------


@njit
def flows(people, careers, law, behaviour, plan, last, paid, sunk, gains):
    for i in range(people.person.size):
        drawn = np.zeros(2, np.int64)
        for c in range(last[i]):
            if has_flows(law, careers, plan, i, c, careers.start[i] + c):
                gains[i, c], _ = month_flows(
                    i, c, people, careers, law, behaviour, plan, drawn, paid[i, c], sunk[i, c]
                )


@functools.cache
def monthly(scenario, number=300):
    """What is paid and where it goes by person and month, (person, month, payer or sink)."""
    block, of = lives(number), follow(lives(number), case(scenario), WORLD)
    paid = np.zeros((number, N_CAREER_MONTHS, N_PAYERS))
    sunk = np.zeros((number, N_CAREER_MONTHS, N_SINKS))
    gains = np.zeros((number, N_CAREER_MONTHS))
    last = before_claim(block, of.plan).sum(axis=1)
    flows(
        block.people,
        careers_under(block, case(scenario)),
        policy(scenario),
        case(scenario).behaviour,
        of.plan,
        last,
        paid,
        sunk,
        gains,
    )
    return of, paid, sunk, gains


def by_year(block, flow):
    """Sums by calendar year of the career, (person, slot, ...)."""
    years = (block.careers.start[:, None] + CAREER_MONTHS) // 12 - block.careers.start[:, None] // 12
    total = np.zeros((flow.shape[0], ONE_OFF_SLOT + 1, *flow.shape[2:]))
    for i in range(flow.shape[0]):
        np.add.at(total[i], years[i], flow[i])
    return total


@pytest.mark.parametrize("scenario", sorted(library()))
def test_what_all_payers_pay_goes_to_accounts_and_pool_for_every_person_and_month(scenario):
    of, paid, sunk, _ = monthly(scenario)
    assert np.all(paid >= 0)
    assert np.all(sunk[..., ACCOUNT] >= 0)
    np.testing.assert_allclose(sunk.sum(axis=2), paid.sum(axis=2), rtol=1e-12)
    # nothing is due, nothing is credited
    nothing = paid.sum(axis=2) == 0
    assert np.all(sunk[nothing] == 0)
    # by year, with the resident scheme, one-off and back payments
    record = of.record
    np.testing.assert_allclose(record.sunk.sum(axis=2), record.paid.sum(axis=2), rtol=1e-12)
    own = by_year(lives(300), paid)
    own[:, :-2, WORKER] += of.plan.resident_tier[:, : own.shape[1] - 2]
    own[:, :-2, GOVERNMENT] += of.plan.resident_subsidy[:, : own.shape[1] - 2]
    np.testing.assert_allclose(record.paid[:, :-2], own[:, :-2], rtol=1e-12, atol=1e-9)
    where = by_year(lives(300), sunk)
    where[:, :-2, RESIDENT_ACCOUNT] += (of.plan.resident_tier + of.plan.resident_subsidy)[
        :, : own.shape[1] - 2
    ]
    np.testing.assert_allclose(record.sunk[:, :-2], where[:, :-2], rtol=1e-12, atol=1e-6)
    assert np.any(record.paid[..., CONSUMER] > 0) == bool(policy(scenario).consumer_levy.any())
    assert np.all(record.sunk[..., OTHER] == 0)


@pytest.mark.parametrize("scenario", ["current-law", "carer-credits", "mandate-for-all"])
def test_nobody_pays_own_dues_to_both_schemes_in_one_year(scenario):
    block = lives(300)
    plan = follow(block, case(scenario), WORLD).plan
    paid = np.zeros(plan.resident_tier.shape, bool)
    i, c = np.nonzero(plan.base > 0.0)
    start = block.careers.start[i]
    paid[i, (start + c) // 12 - start // 12] = True
    assert (plan.resident_tier > 0.0).sum() > 500
    assert paid.sum() > 500
    assert not (paid & (plan.resident_tier > 0.0)).any()


@pytest.mark.parametrize("scenario", ["current-law", "current-practice", "platform-cofunding"])
def test_the_pool_receives_the_rate_less_the_account_and_relief_plus_the_levy(scenario):
    of, paid, sunk, gains = monthly(scenario)
    block, law, plan = lives(300), policy(scenario), of.plan
    i, c = np.nonzero(before_claim(block, plan) & (plan.base > 0))
    m, p = block.careers.start[i] + c, plan.record_province[i, c]
    base, kept = plan.base[i, c], m >= law.account_start[p]
    employee = plan.route[i, c] == ROUTE_EMPLOYEE
    platform = block.careers.form[i, c] == PLATFORM_FLEXIBLE
    relief = np.where(platform, law.worker_relief[m], 0)
    levy = np.where(
        platform, law.platform_levy[m] * block.people.platform_share[i] * block.careers.earnings[i, c], 0
    )
    rate = np.where(
        employee, law.employee_rate[m] + law.employer_rate[p, m], law.flexible_rate[p, m] - relief
    )
    account = np.where(employee, law.account_rate[p, m], law.flexible_account_rate[m]) * kept
    expected = (rate - account) * base + np.where(employee, 0, levy)
    np.testing.assert_allclose(sunk[i, c, POOL], expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(sunk[i, c, ACCOUNT], account * base, rtol=1e-12)
    np.testing.assert_allclose(gains[i, c], np.where(employee, 0, levy - relief * base), rtol=1e-9, atol=1e-9)
    payers = (paid[i, c] > 0).any(axis=0)
    assert payers.tolist() == [True, True, scenario != "current-law", False, True]
    assert (plan.route[i, c] == ROUTE_FLEXIBLE).sum() > 1000


def test_one_off_and_back_payments_are_paid_by_the_worker_and_go_where_they_belong():
    block, of, law = lives(), course(), policy()
    paid, sunk = of.record.paid[:, ONE_OFF_SLOT], of.record.sunk[:, ONE_OFF_SLOT]
    assert np.all(np.delete(paid, WORKER, axis=1) == 0)
    at_once, back = of.plan.one_off_months > 0, of.plan.back_paid_years > 0
    assert not np.any(at_once & back)
    assert np.array_equal(paid[:, WORKER] > 0, at_once | back)
    assert np.array_equal(
        sunk[back, RESIDENT_ACCOUNT], (of.plan.back_paid_years * of.plan.back_paid_tier)[back]
    )
    years = np.ceil((180 - of.plan.resident_months - of.award.record_months)[back] / 12)
    assert np.array_equal(of.plan.back_paid_years[back], years)
    assert back.sum() > 0
    for i in np.nonzero(at_once)[0]:
        m, before = of.plan.claim[i], before_claim(block, of.plan)[i] & (of.plan.base[i] > 0)
        p = of.plan.record_province[i, np.nonzero(before)[0][-1]]
        due = law.flexible_rate[p, m] * lowest_base(law, p, m) * of.plan.one_off_months[i]
        assert paid[i, WORKER] == pytest.approx(due, rel=1e-12)
    assert at_once.sum() > 0


def test_who_never_pays_has_no_account():
    # nobody is enrolled by an employer or knows either voluntary scheme
    behaviour = load_behaviour()
    behaviour = behaviour._replace(
        compliance_share=np.zeros_like(behaviour.compliance_share),
        knowledge_share=np.zeros_like(behaviour.knowledge_share),
        resident_knowledge_share=0.0,
        resident_back_payment_share=0.0,
    )
    nobody = follow(lives(300), prepare(case()._replace(behaviour=behaviour)), WORLD)
    for amounts in (nobody.record.paid, nobody.record.account, nobody.record.resident_account):
        assert not np.any(amounts)
    assert np.all(nobody.plan.claim_kind == CLAIM_NONE)
    of = course()
    no_employee_dues = of.record.sunk[:, :, ACCOUNT].sum(axis=1) == 0
    assert np.all(of.record.account[no_employee_dues] == 0)
    assert np.all(of.record.account[~no_employee_dues] > 0)


# --- claims ----------------------------------------------------------------------------------------------


def test_nobody_claims_twice_or_contributes_after_the_claim():
    block, of = lives(), course()
    plan, award = of.plan, of.award
    after = months_lived(block) & ~before_claim(block, plan)
    for name in ("base", "credit_base", "month_credit"):
        assert np.all(getattr(plan, name)[after] == 0)
    assert np.all(plan.route[after] == ROUTE_NONE)
    assert np.array_equal(award.employee_pension > 0, plan.claim_kind == CLAIM_EMPLOYEE)
    assert np.array_equal(award.resident_basic > 0, plan.claim_kind == CLAIM_RESIDENT)
    assert np.array_equal(plan.claim == NEVER, plan.claim_kind == CLAIM_NONE)


def test_who_claims_as_employee_has_reached_an_age_and_a_minimum():
    block, of, law = lives(), course(), policy()
    plan = of.plan
    claims = plan.claim_kind == CLAIM_EMPLOYEE
    claim, statutory = plan.claim[claims], plan.statutory[claims]
    original = block.people.birth[claims] + law.original_age[plan.category[claims]]
    total = (of.award.record_months + block.people.deemed_months)[claims]
    early = claim < statutory
    assert np.all(claim >= original)
    assert np.all((statutory - claim)[early] <= law.early_window[claim[early]])
    minimum = np.where(early, law.minimum_months[claim // 12], law.minimum_months[statutory // 12])
    assert np.all(total >= minimum)
    assert early.sum() > 10
    # at most five years of paying on or three of working on after the statutory month
    assert (claim - statutory).max() <= 60


def test_who_pays_on_to_the_end_of_the_career_claims_there():
    # men of 63 pay on until their 68th birthday, when no career month is left
    behaviour = prepare(case()._replace(behaviour=load_behaviour()._replace(pay_on_share=1.0)))
    block = lives(3000)
    of = follow(block, behaviour, WORLD)
    plan, law, end = of.plan, policy(), block.careers.length - 1
    person = np.arange(3000)
    last = block.careers.start + end
    to_the_end = (plan.route[person, end] == ROUTE_FLEXIBLE) & (last >= plan.statutory)
    first_record = block.careers.start + (plan.month_credit > 0).argmax(axis=1)
    at_once = to_the_end & (first_record < law.one_off_cutoff) & (last + 1 - plan.statutory >= 60)
    assert at_once.sum() > 0
    assert np.all(plan.claim[at_once] == last[at_once] + 1)
    assert np.all(plan.claim_kind[at_once] == CLAIM_EMPLOYEE)
    own_minimum = law.minimum_months[plan.statutory // 12]
    total = of.award.record_months + block.people.deemed_months
    assert np.array_equal(total[at_once], own_minimum[at_once])
    assert np.all(plan.claim_kind[to_the_end & ~at_once & (total < own_minimum)] != CLAIM_EMPLOYEE)


# --- signs of reforms ------------------------------------------------------------------------------------


def assert_never_lower(new, old):
    """Never lower and somewhere higher, so that the reversed statement fails on the same lives."""
    assert np.all(new >= old * (1 - 1e-12))
    assert np.any(new > old * (1 + 1e-6))


def assert_one_way(new, old):
    assert_never_lower(new, old)
    with pytest.raises(AssertionError):
        assert_never_lower(old, new)


def test_care_credits_never_lower_the_pension_of_who_claims_in_the_same_month_and_place():
    before, with_credits = course(variant="static"), course("carer-credits", variant="static")
    alike = (before.plan.claim == with_credits.plan.claim) & (before.plan.claim_kind == CLAIM_EMPLOYEE)
    alike &= before.award.province == with_credits.award.province
    assert alike.sum() > 400
    assert_one_way(with_credits.award.employee_pension[alike], before.award.employee_pension[alike])
    assert_one_way(with_credits.award.record_months[alike], before.award.record_months[alike])


def test_care_credits_leave_own_contributions_alone_while_people_decide_as_before():
    before, with_credits = course(variant="static"), course("carer-credits", variant="static")
    same_claim = before.plan.claim == with_credits.plan.claim
    assert np.array_equal(before.plan.base[same_claim], with_credits.plan.base[same_claim])
    assert np.array_equal(before.record.own_payment[same_claim], with_credits.record.own_payment[same_claim])
    assert same_claim.mean() > 0.9
    credit = with_credits.plan.credit_base > 0
    assert np.any(with_credits.plan.route[credit] == ROUTE_CREDIT)
    assert np.any(with_credits.plan.route[credit] == ROUTE_EMPLOYEE)
    # topped up to 0.8 of the reference wage, never beyond
    i, c = np.nonzero(credit)
    m, p = lives().careers.start[i] + c, with_credits.plan.record_province[i, c]
    target = 0.8 * policy().reference_wage[p, m // 12]
    total = (with_credits.plan.base + with_credits.plan.credit_base)[i, c]
    np.testing.assert_allclose(total, target, rtol=1e-12)
    assert m.min() >= 12 * (2027 - 1990)


def test_cofunding_leaves_pensions_exactly_equal_while_people_decide_as_before():
    before, reform = course(variant="static"), course("platform-cofunding", variant="static")
    assert_same(reform.award, before.award)
    assert_same(reform.plan, before.plan)
    for name in (
        *("pension_at_65", "pension_at_70", "pension_at_claim", "present_value_pensions"),
        *("record_months", "account_at_claim", "present_value_death_benefits", "without_pension"),
    ):
        assert np.array_equal(reform.outcomes[POSITION[name]], before.outcomes[POSITION[name]]), name
    assert_one_way(before.record.own_payment, reform.record.own_payment)
    levy = POSITION["present_value_paid_by_platform"]
    assert_one_way(reform.outcomes[levy], before.outcomes[levy])


def test_cofunding_never_raises_what_the_worker_pays_at_a_tier():
    m, law, reform = 12 * (2030 - 1990), policy(), policy("platform-cofunding")
    own, own_before = [], []
    for form in range(len(FORMS)):
        for province in range(31):
            for tier in law.flexible_base_tiers[40][:6]:
                base = tier * law.reference_wage[province, 40]
                for subsidised in (False, True):
                    for difficulty in (False, True):
                        for under, paid in ((reform, own), (law, own_before)):
                            somebody = person_bits(0, 0), 0, m, form, NO_OCCUPATION, province, 0.0
                            rate, relief = own_rate(under, *somebody)
                            rest = (base, rate - relief, subsidised, difficulty)
                            paid.append(worker_contribution(under, province, m, *rest))
    own, own_before = np.array(own), np.array(own_before)
    assert_one_way(own_before, own)
    # for platform flexible workers alone, 8 of the 20 points: 0.6 times; 7 of 8 forms pay as before
    assert np.mean(own == own_before) == 7 / 8
    assert own[own != own_before] == pytest.approx(0.6 * own_before[own != own_before])


def test_a_lower_floor_never_takes_months_from_who_has_not_reached_the_minimum():
    before, lower = course(number=3000), course("lower-floor", number=3000)
    own_minimum = policy().minimum_months[before.plan.statutory // 12]
    deemed = lives(3000).people.deemed_months
    towards = [np.minimum(of.award.record_months + deemed, own_minimum) for of in (before, lower)]
    # who reaches the minimum of an earlier year may claim then, with fewer months than that of the own year
    earlier = (lower.plan.claim_kind == CLAIM_EMPLOYEE) & (lower.plan.claim < before.plan.claim)
    assert earlier.mean() < 0.05
    assert_one_way(towards[1][~earlier], towards[0][~earlier])


def test_a_lower_floor_is_not_used_while_people_decide_as_before():
    before, lower = course(variant="static"), course("lower-floor", variant="static")
    assert np.array_equal(before.plan.base, lower.plan.base)
    # where they decide anew, the lowest base from 2027 on is 0.4 instead of 0.6 of the reference wage
    for scenario, least in (("current-law", 0.6), ("lower-floor", 0.4)):
        plan = course(scenario).plan
        month = lives().careers.start[:, None] + CAREER_MONTHS
        i, c = np.nonzero((plan.route == ROUTE_FLEXIBLE) & (month >= 12 * (2027 - 1990)))
        ratio = plan.base[i, c] / policy().reference_wage[plan.record_province[i, c], month[i, c] // 12]
        assert ratio.min() == pytest.approx(least)


def test_more_months_of_contributions_never_lower_the_basic_pension():
    block, of = lives(), course()
    plan = Plan(*(array.copy() for array in of.plan))
    # every gap between the first record and the claim is paid at the lowest base of the place of claim
    counted = (plan.month_credit > 0) & before_claim(block, plan)
    begun = np.maximum.accumulate(counted, axis=1)
    claims = (plan.claim_kind == CLAIM_EMPLOYEE)[:, None]
    gap = begun & ~counted & before_claim(block, plan) & claims & (plan.route == ROUTE_NONE)
    i, c = np.nonzero(gap)
    place = of.award.province[i]
    plan.base[i, c] = [
        lowest_base(policy(), p, m) for p, m in zip(place, block.careers.start[i] + c, strict=True)
    ]
    plan.record_province[i, c], plan.month_credit[i, c], plan.route[i, c] = place, 1.0, ROUTE_FLEXIBLE
    record, award = empty_record(1000), empty_award(1000)
    settle(block.people, block.careers, policy(), case().behaviour, plan, record)
    assess(block.people, block.careers, policy(), plan, record, award)
    more = gap.any(axis=1) & (award.province == of.award.province)
    assert more.sum() > 200
    assert np.all(award.record_months[more] > of.award.record_months[more])
    assert_one_way(award.basic[more], of.award.basic[more])
    assert_one_way(award.employee_pension[more], of.award.employee_pension[more])


# --- scale and soundness of numbers ----------------------------------------------------------------------

AMOUNTS = (
    *("reference_wage", "earnings_wage", "benefit_base", "indexed_benefit_base", "base_floor", "base_cap"),
    *("flexible_base_floor", "flexible_base_cap", "bundled_medical", "increase_flat", "increase_per_year"),
    *("survivor_income", "resident_tiers", "resident_subsidies", "resident_basic", "resident_extra"),
    *("dibao", "rural_poverty_line", "international_poverty_line"),
)
COUNTS = (
    *("one", "has_last_earnings", "minimum_reached", "near_minimum", "without_pension", "claim_age_months"),
    *("below_dibao", "below_rural_poverty_line", "below_c102", "average_index", "without_contributions"),
    *("below_dibao_couple", "below_international_line"),
    *("covered_as_employee", "covered_as_flexible", "covered_resident", "covered_none"),
    *("flexible_floor_months", "flexible_base_ratio_sum"),
)


def is_count(name):
    return name in COUNTS or name.startswith("months_") or name.endswith("_months")


def test_twice_the_money_gives_twice_the_amounts_and_the_same_lives():
    plain = compile_policy(load_scenario("current-practice").compile_law(), ECONOMY)
    twice = plain._replace(**{name: 2 * getattr(plain, name) for name in AMOUNTS})
    found = []
    for law in (plain, twice):
        doubled = prepare(Case("x", law, law, load_behaviour(), ECONOMY))
        found.append(follow(live(Population(), 0, 500, doubled, WORLD), doubled, WORLD))
    for name, row in POSITION.items():
        factor = 1 if is_count(name) else 2
        assert np.array_equal(found[1].outcomes[row], factor * found[0].outcomes[row]), name
    for name in ("base", "resident_tier", "credit_base"):
        assert np.array_equal(getattr(found[1].plan, name), 2 * getattr(found[0].plan, name))
    for name in ("route", "reason", "claim", "record_province"):
        assert np.array_equal(getattr(found[1].plan, name), getattr(found[0].plan, name))
    # the test is one of money: most columns are amounts that are somewhere above zero
    amounts = [name for name, row in POSITION.items() if not is_count(name) and found[0].outcomes[row].any()]
    assert len(amounts) > 20


@pytest.mark.parametrize("variant", ["static", "threshold", "value_for_money"])
@pytest.mark.parametrize("economy", ["low", "central", "high"])
def test_no_outcome_is_infinite_or_no_number(variant, economy):
    path = load_economy(economy)
    behaviour = load_behaviour(variant=variant)
    for scenario in ("current-law", "no-floor-pro-rata", "lower-floor-20+platform-cofunding+carer-credits"):
        law = compile_policy(load_scenario(scenario).compile_law(), path)
        of = prepare(Case(scenario, law, law, behaviour, path))
        found = follow(live(Population(), 0, 200, of, WORLD), of, WORLD)
        for term, row in zip(OUTCOMES, found.outcomes, strict=True):
            assert np.all(np.isfinite(row)), (scenario, term.name)
            if term.name not in ("present_value_levy_less_relief", "last_net_earnings"):
                # the pool may lose on people whose account is used up late, never below what it took in
                assert np.all(row >= 0) or term.name == "present_value_pool_payments", (scenario, term.name)


WITHOUT_COMPILER = """
import json
from calibration.fitted_set import load_behaviour
from calibration.paths import load_demography, load_economy
from scenarios.scenario import load_scenario
from simulate.policy import compile_policy
from simulate.population import Population
from simulate.run import Case, follow, live, prepare

economy, found = load_economy(), []
law = compile_policy(load_scenario("lower-floor-20+platform-cofunding+carer-credits").compile_law(), economy)
for variant in ("threshold", "value_for_money"):
    case = prepare(Case("x", law, law, load_behaviour(variant=variant), economy))
    lives = live(Population(), 40, 3, case, load_demography())
    found.append(follow(lives, case, load_demography()).outcomes.tolist())
print(json.dumps(found))
"""


def test_without_the_compiler_the_same_comes_out():
    answers = []
    for disabled in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-W", "ignore::RuntimeWarning", "-c", WITHOUT_COMPILER],
            env={**os.environ, "NUMBA_DISABLE_JIT": disabled},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        answers.append(np.array(json.loads(done.stdout)))
    compiled, plain = answers
    assert compiled.shape == (2, len(OUTCOMES), 3)
    np.testing.assert_allclose(plain, compiled, rtol=1e-9, atol=1e-9)
    assert np.count_nonzero(compiled) > 100
