"""Money is conserved under every lever and for every payer: paid in, in accounts and pool, and out again."""

import functools

import numpy as np
import pytest

from calibration.paths import load_demography
from scenarios.levers import levers, trial_text
from scenarios.scenario import compile_case, load_scenario, scenario_of
from simulate import flows as national
from simulate import provincial_flows as provincial
from simulate.kernel import pack
from simulate.outcomes import POSITION
from simulate.participation import CLAIM_EMPLOYEE
from simulate.population import Population
from simulate.run import Course, careers_under, follow, live, prepare
from simulate.strict_yaml import read_yaml
from simulate.terms import (
    ACCOUNT,
    FIRST_YEAR,
    N_PROVINCES,
    PAYERS,
    POOL,
    PRESENT_VALUE_YEAR,
    RESIDENT_ACCOUNT,
)
from simulate.transfers import empty_rights, move_rights

DEMOGRAPHY = load_demography()
WORLD = pack(DEMOGRAPHY)
NOBODY_DIES = pack(DEMOGRAPHY._replace(death_probability=np.zeros_like(DEMOGRAPHY.death_probability)))
LEVERS = ("current-law", *levers())
ITEMS = [item.name for item in national.ITEMS]
PEOPLE = 250
YEARS = 141  # 1990 to 2130, when the youngest are 120


@functools.cache
def case_of(lever: str):
    """The trial of a lever; of current law itself under its own name."""
    if lever == "current-law":
        return prepare(compile_case(load_scenario(lever)))
    text = trial_text(levers()[lever])
    return prepare(compile_case(scenario_of(read_yaml(text), lever, text, lever)))


@functools.cache
def lives():
    return live(Population(persons=PEOPLE, seed=3), 0, PEOPLE, case_of("current-law"), WORLD)


def without_interest(case):
    """The same case in which accounts earn nothing."""
    policy = case.policy.copy()
    policy["crediting_rate"][:] = 0.0
    policy["resident_crediting_rate"][:] = 0.0
    return case._replace(policy=policy)


@functools.cache
def course_of(lever: str) -> Course:
    return follow(lives(), case_of(lever), WORLD)


def flows_of(lever: str, world=WORLD) -> np.ndarray:
    """Flows of all people by year and item, everybody counted once."""
    case, course, found = case_of(lever), course_of(lever), np.zeros((1, YEARS, len(ITEMS)))
    lived = (lives().people, np.ones(PEOPLE), careers_under(lives(), case), case.policy, case.behaviour)
    everybody = np.zeros(PEOPLE, np.int64)
    national.add_flows(*lived, world, *course[:3], everybody, 0, found)
    return found[0]


def unbalanced(record) -> list[int]:
    """People of whom not every yuan paid in a year stands in an account or the pool in that year."""
    gap = record.paid.sum(axis=2) - record.sunk.sum(axis=2)
    return sorted(set(np.flatnonzero(np.abs(gap).max(axis=1) > 1e-6).tolist()))


@pytest.mark.parametrize("lever", LEVERS)
def test_what_all_payers_pay_is_in_accounts_and_pool_person_by_person(lever):
    record = course_of(lever).record
    assert unbalanced(record) == []
    assert record.paid.min() >= 0.0
    assert record.paid.sum() > 0.0
    assert record.sunk[:, :, [ACCOUNT, RESIDENT_ACCOUNT]].min() >= 0.0


@pytest.mark.parametrize("payer", range(len(PAYERS)), ids=[payer.name for payer in PAYERS])
def test_a_yuan_that_a_payer_pays_into_nothing_is_found(payer):
    record = course_of("current-law").record
    paid = record.paid.copy()
    paid[7, 20, payer] += 1.0
    assert unbalanced(record._replace(paid=paid)) == [7]


@pytest.mark.parametrize("lever", LEVERS)
def test_without_interest_the_accounts_hold_what_was_credited(lever):
    record = follow(lives(), without_interest(case_of(lever)), WORLD).record
    credited = record.sunk[:, :, [ACCOUNT, RESIDENT_ACCOUNT]].sum(axis=(1, 2))
    np.testing.assert_allclose(record.account + record.resident_account, credited, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("lever", LEVERS)
def test_present_values_of_every_payer_are_the_flows_of_that_payer(lever):
    case, course = case_of(lever), course_of(lever)
    factor = case.policy.discount_factor
    step = factor[-1] / factor[-2]
    factor = np.concatenate((factor, factor[-1] * step ** np.arange(1, YEARS - factor.size + 1)))
    values = dict(zip(ITEMS, factor @ flows_of(lever) / factor[PRESENT_VALUE_YEAR - FIRST_YEAR], strict=True))
    told = {name: course.outcomes[k].sum() for name, k in POSITION.items()}
    for payer in PAYERS:
        wanted = told[f"present_value_paid_by_{payer.name}"]
        assert values[f"paid_by_{payer.name}"] == pytest.approx(wanted, rel=1e-9, abs=1e-6), payer.name
    for item, outcome in (("into_pool", "pool_receipts"), ("pool_payments", "pool_payments")):
        assert values[item] == pytest.approx(told[f"present_value_{outcome}"], rel=1e-9, abs=1e-6)
    at_death = values["inherited_accounts"] + values["survivor_grants"]
    assert at_death == pytest.approx(told["present_value_death_benefits"], rel=1e-9, abs=1e-6)
    assert values["refunds"] == pytest.approx(told["present_value_refunds"], rel=1e-9, abs=1e-6)
    pensions = sum(values[item] for item in ITEMS if item.endswith("_pensions"))
    assert pensions == pytest.approx(told["present_value_pensions"], rel=1e-9)


@pytest.mark.parametrize("lever", LEVERS)
def test_employee_pensions_come_out_of_accounts_and_then_out_of_the_pool(lever):
    course = course_of(lever)
    flows = dict(zip(ITEMS, flows_of(lever, NOBODY_DIES).sum(axis=0), strict=True))
    # to the age of 120 everybody draws the whole account; what the pool pays is the rest
    accounts = course.award.account[course.plan.claim_kind == CLAIM_EMPLOYEE].sum()
    assert flows["survivor_grants"] == flows["inherited_accounts"] == 0.0
    assert flows["employee_pensions"] == pytest.approx(flows["pool_payments"] + accounts, rel=1e-9)
    assert accounts > 0.0


@pytest.mark.parametrize("lever", LEVERS)
def test_the_pools_of_the_provinces_are_the_pool_of_the_nation(lever):
    case, course, rights = case_of(lever), course_of(lever), empty_rights(PEOPLE)
    careers = careers_under(lives(), case)
    people, parts = lives().people, course[:3]
    move_rights(people, careers, case.policy, case.behaviour, *parts, rights)
    found = np.zeros((YEARS, N_PROVINCES, len(provincial.ITEMS)))
    lived = (people, np.ones(PEOPLE), careers, case.policy, case.behaviour, WORLD, *parts)
    provincial.add_provincial_flows(*lived, rights, 0, found)
    together = dict(zip((item.name for item in provincial.ITEMS), found.sum(axis=(0, 1)), strict=True))
    nation = dict(zip(ITEMS, flows_of(lever).sum(axis=0), strict=True))
    for item in ("into_pool", "pool_payments"):
        assert together[item] == pytest.approx(nation[item], rel=1e-9)
    assert together["transfers_in"] == pytest.approx(together["transfers_out"], rel=1e-12)
    assert together["accounts_in"] == pytest.approx(together["accounts_out"], rel=1e-12)
    # what was paid stands in the pools, the part of lost months too
    np.testing.assert_allclose(
        rights.pool_paid.sum(axis=1), course.record.sunk[:, :, POOL].sum(axis=1), rtol=1e-9, atol=1e-6
    )


def test_every_payer_is_moved_by_some_lever_and_so_is_every_place_where_money_goes():
    before = course_of("current-law").record
    moved = {lever: course_of(lever).record for lever in LEVERS[1:]}
    for k, payer in enumerate(PAYERS):
        by = [lever for lever, record in moved.items() if (record.paid != before.paid)[:, :, k].any()]
        assert by, payer.name
    for k in (ACCOUNT, POOL, RESIDENT_ACCOUNT):
        assert any((record.sunk != before.sunk)[:, :, k].any() for record in moved.values())
