"""The provinces' pools: they add up to the nation's, and what one sends another receives."""

import numpy as np
import pytest

from calibration.paths import load_demography
from scenarios.scenario import compile_case, load_scenario
from simulate import flows as national
from simulate.kernel import pack
from simulate.participation import CLAIM_NONE
from simulate.population import Population
from simulate.provincial_flows import ITEMS, add_provincial_flows
from simulate.run import careers_under, follow, live, prepare
from simulate.terms import N_PROVINCES
from simulate.transfers import empty_rights, move_rights

WORLD = pack(load_demography())
PEOPLE, YEARS = 500, 141  # 1990 to 2130, when the youngest are 120
NATIONAL, PROVINCIAL = ([item.name for item in items] for items in (national.ITEMS, ITEMS))


@pytest.mark.parametrize("name", ["current-law", "cofunding-all", "carer-credits"])
def test_the_pools_of_the_provinces_are_the_pool_of_the_nation(name):
    case = prepare(compile_case(load_scenario(name)))
    lives = live(Population(persons=PEOPLE), 0, PEOPLE, case, WORLD)
    course, rights = follow(lives, case, WORLD), empty_rights(PEOPLE)
    careers = careers_under(lives, case)
    parts = (course.plan, course.record, course.award)
    move_rights(lives.people, careers, case.policy, case.behaviour, *parts, rights)
    nation, provinces = np.zeros((YEARS, len(NATIONAL))), np.zeros((YEARS, N_PROVINCES, len(ITEMS)))
    lived = (lives.people, lives.weight, careers, case.policy, case.behaviour, WORLD, *parts)
    everybody = np.zeros(PEOPLE, np.int64)
    national.add_flows(*lived, everybody, 0, nation[None])
    add_provincial_flows(*lived, rights, 0, provinces)
    found = {item: provinces[:, :, k] for k, item in enumerate(PROVINCIAL)}
    for item in ("into_pool", "pool_payments"):
        together = found[item].sum(axis=1)
        np.testing.assert_allclose(together, nation[:, NATIONAL.index(item)], rtol=1e-12, atol=0.01)
    for part in ("transfers", "accounts"):
        sent, received = (found[f"{part}_{way}"] for way in ("out", "in"))
        np.testing.assert_allclose(sent.sum(axis=1), received.sum(axis=1), rtol=1e-12, atol=0.01)
        # in the year of the claim, where people claim, weighted by who is alive then
        claims = course.plan.claim_kind != CLAIM_NONE
        assert set(np.flatnonzero(sent.sum(axis=1))) <= set(course.plan.claim[claims] // 12)
        whole = rights.pool_out if part == "transfers" else rights.account_out
        assert 0 < sent.sum() < (lives.weight @ whole).sum()
        assert set(np.flatnonzero(received.sum(axis=0))) <= set(course.award.province[claims])


def test_a_block_is_added_to_those_before_it():
    case = prepare(compile_case(load_scenario("current-law")))
    together, apart = (np.zeros((76, N_PROVINCES, len(ITEMS))) for _ in range(2))
    for flows, blocks in ((together, [(0, 60)]), (apart, [(0, 25), (25, 35)])):
        for first, number in blocks:
            lives = live(Population(persons=60), first, number, case, WORLD)
            course, rights = follow(lives, case, WORLD), empty_rights(number)
            parts = (course.plan, course.record, course.award)
            move_rights(lives.people, lives.careers, case.policy, case.behaviour, *parts, rights)
            lived = (lives.people, lives.weight, lives.careers, case.policy, case.behaviour, WORLD, *parts)
            add_provincial_flows(*lived, rights, 35, flows)
    np.testing.assert_array_equal(together, apart)
    assert together.sum() > 0
