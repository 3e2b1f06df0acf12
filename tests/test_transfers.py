"""Rights that move: nothing is lost or made on the way, the rule holds for each, odd lives included.

Every person of a population is held against the engine's sums; a slow version retraces hundreds of lives;
lives laid by hand stand where drawn ones seldom come.
"""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.paths import load_demography
from scenarios.catalogue import say
from scenarios.ledger import blocks as ledger_blocks
from scenarios.ledger import ledger
from scenarios.scenario import compile_case, load_scenario
from simulate.given import Given, PaidMonth, claim_at, follow_plan, given_lives, given_plan, lay_month
from simulate.given import lay_resident_year as lay_resident
from simulate.kernel import pack
from simulate.law import load_law
from simulate.participation import CLAIM_EMPLOYEE, CLAIM_NONE, CLAIM_RESIDENT
from simulate.population import Population
from simulate.run import Lives, careers_under, follow, live, prepare
from simulate.terms import (
    ACCOUNT,
    FEMALE,
    FORMAL_EMPLOYEE,
    MALE,
    OTHER_FLEXIBLE,
    POOL,
    RESIDENT_ACCOUNT,
    ROUTE_EMPLOYEE,
    ROUTE_FLEXIBLE,
    URBAN,
)
from simulate.transfer_lines import KINDS, transfer_lines
from simulate.transfers import empty_rights, move_rights
from tests.reference_life import Law, Life, scenario_changes
from tests.reference_transfers import AMOUNTS, slow_rights

WORLD, DEMOGRAPHY = pack(load_demography()), load_demography()
DEATHS = DEMOGRAPHY.death_probability.tolist()
FEN = 0.01
PEOPLE, MANY, BLOCK = 4_000, 20_000, 500
REFORMS = (
    "platform-cofunding",
    "no-lost-records",
    "hukou-opening",
    "one-scheme",
    "carer-credits",
    "cofunding-all",
    "no-floor-pro-rata",
)
SLOW = (
    "current-law",
    "platform-cofunding",
    "carer-credits",
    "one-scheme",
    "no-floor-pro-rata",
    "cofunding-all",
)
PROVINCES = [p.name for p in load_law().provinces]
HENAN, BEIJING, ZHEJIANG, SICHUAN = (PROVINCES.index(n) for n in ("Henan", "Beijing", "Zhejiang", "Sichuan"))


@cache
def case(name):
    return prepare(compile_case(load_scenario(name)))


def rights_of(lives, course, name):
    rights = empty_rights(lives.people.person.size)
    parts = (case(name).behaviour, course.plan, course.record, course.award, rights)
    move_rights(lives.people, careers_under(lives, case(name)), case(name).policy, *parts)
    return rights


def blocks(name, people, seed):
    """Lives, course and rights of a population, few people at a time."""
    for first in range(0, people, BLOCK):
        lives = live(Population(persons=people, seed=seed), first, BLOCK, case("current-law"), WORLD)
        course = follow(lives, case(name), WORLD)
        yield lives, course, rights_of(lives, course, name)


# --------------------------------------------------------------------------- every person of a population


def conserves(lives, course, rights):
    """Money and months before the claim, as the engine sums them, are those after what moved; by person."""
    plan, record, award = course.plan, course.record, course.award
    people = np.arange(len(plan.claim))
    claims = plan.claim_kind != CLAIM_NONE
    # the pools: what all payers sank there before; kept, lost records' money among it, and collected after
    before = record.sunk[:, :, POOL].sum(axis=1)
    pool_after = rights.pool_paid - rights.pool_out
    pool_after[people, award.province] += rights.pool_out.sum(axis=1)
    np.testing.assert_allclose(pool_after.sum(axis=1), before, rtol=0, atol=FEN)
    np.testing.assert_allclose(rights.pool_by_year.sum(axis=1), rights.pool_paid, rtol=0, atol=FEN)
    years = rights.pool_by_year.sum(axis=2)
    np.testing.assert_allclose(years, record.sunk[:, :, POOL], rtol=0, atol=FEN)
    # the accounts: both schemes' balances before; the balance of the pension or what is given back after
    own_after = rights.account - rights.account_out - rights.refund
    own_after[people, award.province] += rights.account_out.sum(axis=1)
    assert (np.abs(own_after) > FEN).sum(axis=1).max() <= 1  # it is whole in one place
    resident_after = record.resident_account - rights.to_employee - rights.resident_refund
    resident_after += rights.to_resident
    employee_after = own_after.sum(axis=1) + rights.to_employee - rights.to_resident
    given_back = rights.refund.sum(axis=1) + rights.resident_refund
    before = record.account + record.resident_account
    np.testing.assert_allclose(employee_after + resident_after + given_back, before, rtol=0, atol=FEN)
    np.testing.assert_allclose(rights.account.sum(axis=1), record.account, rtol=0, atol=FEN)
    # one scheme only holds the balance that the pension is made of
    for kind, one, other in (
        (CLAIM_EMPLOYEE, employee_after, resident_after),
        (CLAIM_RESIDENT, resident_after, employee_after),
    ):
        of_kind = plan.claim_kind == kind
        np.testing.assert_allclose(one[of_kind], award.account[of_kind], rtol=0, atol=FEN)
        np.testing.assert_allclose(other[of_kind], 0, rtol=0, atol=FEN)
    np.testing.assert_allclose(given_back[~claims], award.account[~claims], rtol=0, atol=FEN)
    assert not given_back[claims].any()
    assert not rights.pool_out[~claims].any()
    assert not rights.account_out[~claims].any()
    assert not rights.pool_out[people, award.province].any()
    # months: those recorded in each place, less the lost ones, are those the award counts
    np.testing.assert_allclose(rights.months.sum(axis=1), award.record_months, rtol=0, atol=1e-9)


def follows_the_rule(lives, course, rights):
    """What leaves a province is what the law says; returns how many transfers of each kind there were."""
    rate = load_law().value("transfer_pool_rate", "2026-01-01")
    leaves = (course.plan.claim_kind != CLAIM_NONE)[:, None] & np.ones_like(rights.months, bool)
    leaves[np.arange(len(leaves)), course.award.province] = False
    normal, temporary = leaves & (rights.is_temporary == 0), leaves & (rights.is_temporary == 1)
    np.testing.assert_allclose(rights.pool_out[normal], rate * rights.bases[normal], rtol=0, atol=FEN)
    assert (rights.pool_out[temporary] >= rate * rights.bases[temporary] - FEN).all()
    np.testing.assert_allclose(rights.account_out[leaves], rights.account[leaves], rtol=0, atol=FEN)
    home = lives.people.hukou_province
    assert not rights.is_temporary[np.arange(len(home)), home].any()
    return np.array([(rights.pool_out[kind] > 0).sum() for kind in (normal, temporary)])


def stands_where_it_was_paid(name, course, rights):
    """Months by place are those of the plan, lost ones stay where they were; returns whether any is lost."""
    plan = course.plan
    paid = (plan.base > 0) | (plan.credit_base > 0)
    for p in range(len(PROVINCES)):
        here = plan.record_province == p
        at_once = rights.months[:, p] - (plan.month_credit * here).sum(axis=1)
        assert np.all((np.abs(at_once) < 1e-9) | (np.abs(at_once - plan.one_off_months) < 1e-9))
        if name != "no-floor-pro-rata":  # where a month may count in part
            lost = (paid & here & (plan.month_credit == 0)).sum(axis=1)
            np.testing.assert_array_equal(rights.lost_months[:, p], lost)
    assert (rights.pool_paid - rights.pool_lost > -FEN).all()
    return (rights.pool_lost > 0).any()


def draws_one_pension(course):
    """Nobody draws two; returns how many draw each."""
    employee = course.award.employee_pension > 0
    resident = course.award.resident_basic + course.award.resident_rest > 0
    assert not (employee & resident).any()
    return np.array([employee.sum(), resident.sum()])


@pytest.mark.parametrize("name", ["current-law", *REFORMS])
@pytest.mark.parametrize(("people", "seed"), [(PEOPLE, 3), pytest.param(MANY, 8, marks=pytest.mark.full)])
def test_of_every_person_money_and_months_are_conserved_and_moved_by_the_rule(name, people, seed):
    moved, drawing, has_lost = np.zeros(2, int), np.zeros(2, int), False
    for lives, course, rights in blocks(name, people, seed):
        conserves(lives, course, rights)
        moved += follows_the_rule(lives, course, rights)
        has_lost |= stands_where_it_was_paid(name, course, rights)
        drawing += draws_one_pension(course)
    # the population has what the test is about
    assert moved[0] > 20
    assert moved[1] > 5
    assert drawing.min() > 100
    assert has_lost == (name != "no-lost-records")


# --------------------------------------------------------------------------- a slow version beside it


def plain(part):
    return {name: np.asarray(values).tolist() for name, values in part._asdict().items()}


@cache
def slow_inputs(name):
    unpacked = compile_case(load_scenario(name))
    return Law(scenario_changes(name), plain(unpacked.economy)), plain(unpacked.behaviour)


def slow_life(lives, i, name):
    length = int(lives.careers.length[i])
    person = {n: values[i].item() for n, values in lives.people._asdict().items()}
    career = {
        n: values[i].item() if values.ndim == 1 else values[i, :length].tolist()
        for n, values in lives.careers._asdict().items()
    }
    law, behaviour = slow_inputs(name)
    return Life(person, career, law, law, behaviour, DEATHS)


def disagreements(lives, rights, name):
    found = []
    for i in range(lives.people.person.size):
        slow = slow_rights(slow_life(lives, i, name))
        for amount in AMOUNTS:
            fast = getattr(rights, amount)[i]
            for p in range(len(PROVINCES)):
                if abs(fast[p] - slow[amount].get(p, 0.0)) > FEN:
                    found.append(f"{i}, {amount}, {PROVINCES[p]}: {fast[p]}, slow {slow[amount].get(p, 0.0)}")
        for amount in ("to_employee", "to_resident", "resident_refund"):
            if abs(getattr(rights, amount)[i] - slow[amount]) > FEN:
                found.append(f"{i}, {amount}: {getattr(rights, amount)[i]}, slow {slow[amount]}")
    return found


def movers(name, number, seed):
    """People with a record in two provinces or a lost one, under a scenario; they are few among all."""
    people, careers = [], []
    for lives, _, rights in blocks(name, 40 * number, seed):
        moved = ((rights.months > 0).sum(axis=1) > 1) | rights.lost_months.any(axis=1)
        moved[:5] = True  # and a few of the others
        people.append(type(lives.people)(*(values[moved] for values in lives.people)))
        careers.append(type(lives.careers)(*(values[moved] for values in lives.careers)))

    def joined(parts):
        return type(parts[0])(*(np.concatenate(values)[:number] for values in zip(*parts, strict=True)))

    return Lives(joined(people), joined(careers), {}, np.ones(number))


@pytest.mark.parametrize("name", SLOW)
def test_engine_and_slow_version_agree_to_the_fen(name):
    lives = movers(name, 60, 20 + SLOW.index(name))
    rights = rights_of(lives, follow(lives, case(name), WORLD), name)
    assert disagreements(lives, rights, name) == []
    assert (rights.pool_out > 0).any(axis=1).sum() >= 10


@pytest.mark.full
@pytest.mark.parametrize("name", SLOW)
def test_engine_and_slow_version_agree_on_many_lives(name):
    lives = movers(name, 600, 40 + SLOW.index(name))
    assert disagreements(lives, rights_of(lives, follow(lives, case(name), WORLD), name), name) == []


# --------------------------------------------------------------------------- odd lives, laid by hand


def month(year, number=1):
    return 12 * (year - 1990) + number - 1


BORN = month(1968)


def laid(*spells, **facts):
    lives, course = laid_out(*spells, **facts)
    rights = rights_of(lives, course, "current-law")
    conserves(lives, course, rights)
    return course, rights


def laid_out(*spells, birth=BORN, sex=MALE, resident=(), lost=()):
    """What happens to a person of Henan with spells (first month, months, province, base, route)."""
    facts = Given(birth, sex, HENAN, URBAN, 0 if sex == MALE else 1)
    name = "current-law"
    lives, plan = given_lives(facts), given_plan(1, facts, case(name))
    for first, months, province, base, route in spells:
        for m in range(first, first + months):
            form = FORMAL_EMPLOYEE if route == ROUTE_EMPLOYEE else OTHER_FLEXIBLE
            lay_month(
                lives.careers, plan, 0, case(name).policy, PaidMonth(m, province, base, route, form, base)
            )
    for year, tier in resident:
        lay_resident(lives.careers, plan, 0, range(month(year), month(year) + 12), tier, 0.0)
    for province in lost:
        plan.month_credit[0, plan.record_province[0] == province] = 0.0
    claim_at(lives.careers, plan, 0, facts, case(name).policy)
    return lives, follow_plan(lives, plan, case(name), DEMOGRAPHY)


def test_three_provinces_send_account_and_twelve_per_cent_of_bases_home():
    course, rights = laid(
        (month(2008), 24, BEIJING, 4000.0, ROUTE_EMPLOYEE),
        (month(2010), 36, ZHEJIANG, 5000.0, ROUTE_FLEXIBLE),
        (month(2013), 180, HENAN, 6000.0, ROUTE_EMPLOYEE),
    )
    assert course.award.province[0] == HENAN
    assert rights.pool_out[0, BEIJING] == pytest.approx(0.12 * 4000 * 24)
    assert rights.pool_out[0, ZHEJIANG] == pytest.approx(0.12 * 5000 * 36)
    # Beijing keeps 20 - 12 per cent, Zhejiang (18 per cent in all, 8 of them the account's) is 2 short
    kept = rights.pool_paid - rights.pool_out
    assert kept[0, BEIJING] == pytest.approx((0.20 - 0.12) * 4000 * 24)
    assert kept[0, ZHEJIANG] == pytest.approx((0.18 - 0.08 - 0.12) * 5000 * 36)
    assert rights.account_out[0, BEIJING] > 0.08 * 4000 * 24
    assert rights.months[0, [BEIJING, ZHEJIANG, HENAN]].tolist() == [24, 36, 180]
    assert course.award.record_months[0] == 240


def test_the_last_ten_years_keep_the_rights_away_from_home():
    course, rights = laid(
        (month(2006), 60, HENAN, 3000.0, ROUTE_EMPLOYEE),
        (month(2011), 180, BEIJING, 8000.0, ROUTE_EMPLOYEE),
    )
    assert course.award.province[0] == BEIJING
    assert rights.pool_out[0, HENAN] == pytest.approx(0.12 * 3000 * 60)
    assert rights.pool_out[0].sum() == rights.pool_out[0, HENAN]


def test_bases_before_1998_move_the_account_only():
    course, rights = laid(
        (month(1996), 48, BEIJING, 1000.0, ROUTE_EMPLOYEE),
        (month(2005), 200, HENAN, 4000.0, ROUTE_EMPLOYEE),
    )
    assert course.award.province[0] == HENAN
    assert rights.months[0, BEIJING] == 48
    assert rights.pool_out[0, BEIJING] == pytest.approx(0.12 * 1000 * 24)
    assert rights.account_out[0, BEIJING] == pytest.approx(rights.account[0, BEIJING])


@pytest.mark.parametrize(("birth", "is_temporary"), [(month(1968), True), (month(1969, 2), False)])
def test_a_temporary_account_gives_back_all_that_was_paid(birth, is_temporary):
    # men of fifty: born January 1968 and February 1969, both begin in Beijing in January 2019
    _, rights = laid(
        (month(2000), 200, HENAN, 3000.0, ROUTE_EMPLOYEE),
        (month(2019), 24, BEIJING, 6000.0, ROUTE_EMPLOYEE),
        birth=birth,
    )
    assert rights.is_temporary[0, BEIJING] == is_temporary
    # until April 2019 employers paid 19 per cent in Beijing, then 16
    paid = 6000 * (4 * 0.19 + 20 * 0.16)
    assert rights.pool_paid[0, BEIJING] == pytest.approx(paid)
    assert rights.pool_out[0, BEIJING] == pytest.approx(paid if is_temporary else 0.12 * 6000 * 24)


def test_a_temporary_account_that_received_less_gives_back_twelve_per_cent():
    # a woman of 42 in Zhejiang in 2012: 18 per cent, 8 of them the account's
    _, rights = laid(
        (month(1998), 150, HENAN, 2000.0, ROUTE_EMPLOYEE),
        (month(2012), 60, ZHEJIANG, 4000.0, ROUTE_FLEXIBLE),
        birth=month(1970),
        sex=FEMALE,
    )
    assert rights.is_temporary[0, ZHEJIANG] == 1
    assert rights.pool_paid[0, ZHEJIANG] == pytest.approx(0.10 * 4000 * 60)
    assert rights.pool_out[0, ZHEJIANG] == pytest.approx(0.12 * 4000 * 60)


def test_two_schemes_become_one_account_at_the_claim():
    resident = [(year, 1000.0) for year in range(2012, 2018)]
    course, rights = laid((month(1995), 190, HENAN, 3000.0, ROUTE_EMPLOYEE), resident=resident)
    assert course.plan.claim_kind[0] == CLAIM_EMPLOYEE
    assert course.award.record_months[0] == 190  # resident years are no employee years
    assert rights.to_employee[0] == pytest.approx(course.record.resident_account[0])
    assert rights.to_employee[0] > 6 * 1000


def test_a_short_record_takes_its_account_to_the_resident_scheme_and_leaves_the_pool_at_the_place_of_claim():
    resident = [(year, 500.0) for year in range(2012, 2025)]
    course, rights = laid(
        (month(2002), 40, BEIJING, 3000.0, ROUTE_EMPLOYEE),
        (month(2006), 24, HENAN, 2500.0, ROUTE_EMPLOYEE),
        resident=resident,
    )
    assert course.plan.claim_kind[0] == CLAIM_RESIDENT
    assert rights.to_resident[0] == pytest.approx(course.record.account[0])
    # first collected at the place of claim, then bridged (人社部发〔2014〕17号)
    assert rights.pool_out[0, BEIJING] == pytest.approx(0.12 * 3000 * 40)
    assert course.award.employee_pension[0] == 0


def test_who_never_paid_has_nothing_to_move():
    _, rights = laid()
    for values in rights:
        assert not values.any()


def test_one_month_without_a_pension_is_given_back_where_it_was_paid():
    course, rights = laid((month(2015), 1, BEIJING, 5000.0, ROUTE_EMPLOYEE))
    assert course.plan.claim_kind[0] == CLAIM_NONE
    assert rights.refund[0, BEIJING] == pytest.approx(course.record.account[0])
    assert rights.refund[0, BEIJING] > 0.08 * 5000
    assert rights.pool_out.sum() == 0
    assert rights.pool_paid[0, BEIJING] == pytest.approx(0.20 * 5000)


def test_a_lost_record_leaves_its_pool_money_behind_and_takes_the_account_along():
    course, rights = laid(
        (month(2008), 24, BEIJING, 4000.0, ROUTE_EMPLOYEE),
        (month(2010), 190, HENAN, 4000.0, ROUTE_EMPLOYEE),
        lost=(BEIJING,),
    )
    assert course.award.record_months[0] == 190
    assert rights.lost_months[0, BEIJING] == 24
    assert rights.pool_out.sum() == 0
    assert rights.pool_lost[0, BEIJING] == pytest.approx(0.20 * 4000 * 24)
    assert rights.account_out[0, BEIJING] > 0.08 * 4000 * 24


spell = st.tuples(
    st.integers(0, 90),
    st.sampled_from([HENAN, BEIJING, ZHEJIANG, SICHUAN]),
    st.floats(1500, 9000),
    st.sampled_from([ROUTE_EMPLOYEE, ROUTE_FLEXIBLE]),
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(spell, max_size=5),
    st.integers(month(1965), month(1985)),
    st.sampled_from([MALE, FEMALE]),
    st.lists(st.sampled_from([BEIJING, ZHEJIANG]), max_size=1),
    st.integers(0, 8),
)
def test_any_life_conserves_money_and_months(spells, birth, sex, lost, resident_years):
    begin, found = max(month(1996), birth + 240), []
    for months, province, base, route in spells:
        found.append((begin, months, province, base, route))
        begin += months
    years = range(begin // 12 + 1, min(begin // 12 + 1 + resident_years, (birth + 600) // 12))
    resident = [(1990 + y, 400.0) for y in years]
    course, rights = laid(*found, birth=birth, sex=sex, resident=resident, lost=lost)
    bases = course.record.base_sum[0].sum()
    assert rights.bases[0].sum() <= bases + FEN
    assert rights.pool_lost[0].sum() <= rights.pool_paid[0].sum() + FEN
    assert course.record.sunk[0, :, RESIDENT_ACCOUNT].sum() == pytest.approx(400.0 * len(years))
    assert course.record.sunk[0, :, ACCOUNT].sum() <= rights.account[0].sum() + FEN


# --------------------------------------------------------------------------- as it is told


def told(person):
    return ledger("current-law", person=person)


@pytest.mark.parametrize("person", [16, 89, 164, 229])
def test_the_lines_of_a_person_add_up_to_what_stands_in_the_ledger(person):
    found = told(person)
    lines, totals = found["transfers"], found["totals"]
    between = ("to_employee", "to_resident")
    places = [line for line in lines if line["kind"] not in between]
    pooled = sum(month["credited"]["pool"] for month in found["months"])
    assert sum(line["pool_paid"] for line in places) == pytest.approx(pooled, abs=FEN)
    assert sum(line["pool_kept"] + line["pool_moved"] for line in places) == pytest.approx(pooled, abs=FEN)
    assert sum(line["months"] for line in places) == pytest.approx(totals["contribution_months"])
    if found["claim"]["kind"] == "employee":
        balance = sum(line["account"] for line in lines)
        assert balance == pytest.approx(totals["account_balance"], abs=FEN)
        assert {line["to"] for line in lines if line["to"]} == {found["claim"]["province"]}
    for line in lines:
        assert line["act"]
        assert line["parameter"] in load_law().parameters
        if line["kind"] == "transfer":
            assert line["pool_moved"] == pytest.approx(line["value"] * line["bases"])
            assert line["act"].startswith("国办发〔2009〕66号")
            assert line["article"] == "4"


def test_each_kind_of_movement_is_told_by_its_name():
    lines = [line for person in (16, 89, 164) for line in told(person)["transfers"]]
    lives, course = laid_out((month(2015), 1, BEIJING, 5000.0, ROUTE_EMPLOYEE), resident=[(2016, 500.0)])
    given_back = transfer_lines(lives, 0, case("current-law"), course, load_law())
    assert [(line["kind"], line["from"], line["to"]) for line in given_back] == [
        ("refund", "Beijing", None),
        ("refund", "Henan", None),
    ]
    balances = float(course.award.account[0])
    assert sum(line["refund"] for line in given_back) == pytest.approx(balances, abs=FEN)
    kinds = {line["kind"]: line["kind_zh"] for line in lines + given_back}
    assert kinds == {kind.name: kind.name_zh for kind in KINDS}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_table_of_rights_is_there_only_if_something_moved(lang):
    titles = {person: [block.title for block in ledger_blocks(told(person), lang)] for person in (89, 3)}
    title = say("rights_title", lang)
    assert title in titles[89]
    assert (title in titles[3]) == any(line["to"] for line in told(3)["transfers"])
    (table,) = (block for block in ledger_blocks(told(89), lang) if block.title == title)
    assert all(len(row) == len(table.header) for row in table.rows)
    (lost,) = (row for row in table.rows if "228" in row)
    assert lost[0] == {"en": "transfer", "zh": "转移至领取地"}[lang]
    assert lost[3] == "国办发〔2009〕66号 城镇企业职工基本养老保险关系转移接续暂行办法 4"
