"""Careers: what can and cannot happen in a drawn life, and shares of forms within stated tolerance."""

import numpy as np
import pytest

from calibration.fitted_set import load_behaviour
from calibration.paths import load_demography, load_economy
from simulate.careers import MOST_CHILDREN, NO_MOVE, age_band, draw_form
from simulate.law import load_law
from simulate.policy import compile_policy
from simulate.population import Population
from simulate.run import Case, live
from simulate.terms import (
    CARING,
    FARMING,
    FORMAL_EMPLOYEE,
    INACTIVE,
    N_CAREER_MONTHS,
    NO_OCCUPATION,
    OTHER_FLEXIBLE,
    PLATFORM_EMPLOYEE,
    PLATFORM_FLEXIBLE,
)

N = 3000
BEHAVIOUR, DEMOGRAPHY, ECONOMY = load_behaviour(), load_demography(), load_economy()
POLICY = compile_policy(load_law(), ECONOMY)
CAREER_MONTHS = np.arange(N_CAREER_MONTHS)
EVER = np.ones(111)


def lives_of(number=N, first=0, behaviour=BEHAVIOUR, demography=DEMOGRAPHY, economy=ECONOMY, policy=POLICY):
    case = Case("test", policy, policy, behaviour, economy)
    return live(Population(), first, number, case, demography)


class View:
    """The months of a block of lives as flat arrays over people and months after schooling."""

    def __init__(self, lives):
        self.people, self.careers = lives.people, lives.careers
        k = self.careers
        self.all = k.length[:, None] > CAREER_MONTHS
        self.working_life = self.all & (k.schooling_months[:, None] <= CAREER_MONTHS)
        self.school = self.all & ~self.working_life
        self.month = k.start[:, None] + CAREER_MONTHS
        self.age = self.month - self.people.birth[:, None]
        self.consecutive = self.all[:, 1:]  # pairs of a month and the one before


@pytest.fixture(scope="module")
def view():
    return View(lives_of())


# --- length and schooling --------------------------------------------------------------------------------


def test_careers_run_from_sixteen_or_1990_to_the_68th_birthday(view):
    people, careers = view.people, view.careers
    assert np.array_equal(careers.start, np.maximum(0, people.birth + 16 * 12))
    assert np.array_equal(
        careers.start + careers.length, np.minimum(people.birth + 68 * 12, careers.start + 624)
    )
    assert view.age[view.all].min() >= 16 * 12
    assert view.age[view.all].max() < 68 * 12


def test_nobody_works_before_school_ends(view):
    assert np.all(view.careers.form[view.school] == INACTIVE)
    assert np.all(view.careers.earnings[view.school] == 0)
    leaving = BEHAVIOUR.school_leaving_age_months.astype(int)[view.people.education]
    assert np.array_equal(
        view.careers.start + view.careers.schooling_months,
        np.maximum(view.careers.start, view.people.birth + leaving),
    )
    assert view.school.sum() > 10_000


# --- forms and occupations -------------------------------------------------------------------------------


def test_there_is_no_platform_work_before_2014(view):
    platform = np.isin(view.careers.form, (PLATFORM_EMPLOYEE, PLATFORM_FLEXIBLE)) & view.all
    assert view.month[platform].min() >= 12 * (2014 - 1990)
    assert np.all(ECONOMY.platform_path[: 2014 - 1990] == 0)
    assert platform.sum() > 10_000


def test_who_works_for_a_platform_has_an_occupation_and_nobody_else(view):
    form, occupation = view.careers.form[view.all], view.careers.occupation[view.all]
    platform = (form == PLATFORM_EMPLOYEE) | (form == PLATFORM_FLEXIBLE)
    assert np.array_equal(platform, occupation < NO_OCCUPATION)
    assert set(occupation[platform]) == set(range(8))


def test_forms_and_occupations_change_only_with_the_spell(view):
    k, pairs = view.careers, view.consecutive
    same = pairs & (k.spell[:, 1:] == k.spell[:, :-1])
    for array in (k.form, k.occupation, k.job_draw, k.declaration_draw):
        assert np.all((array[:, 1:] == array[:, :-1])[same])
    assert np.all((k.spell[:, 1:] - k.spell[:, :-1])[pairs] >= 0)
    other = pairs & ~same
    assert np.all((k.declaration_draw[:, 1:] != k.declaration_draw[:, :-1])[other])


def test_forms_of_people_between_20_and_39_are_near_the_table(view):
    # from 2026, when platform work has its level; ages lag behind the table, the more so as employees' posts
    # change hands little: six points are allowed
    chosen = view.working_life & (view.month >= 432) & (view.age >= 240) & (view.age < 480)
    i, c = np.nonzero(chosen)
    people = view.people
    band = (view.age[i, c] // 12 - 15) // 5
    shares = BEHAVIOUR.form_share[people.hukou[i], people.sex[i], people.education[i], band].copy()
    path = ECONOMY.platform_path[view.month[i, c] // 12]
    for platform, instead in ((PLATFORM_EMPLOYEE, FORMAL_EMPLOYEE), (PLATFORM_FLEXIBLE, OTHER_FLEXIBLE)):
        more = np.minimum(shares[:, platform] * (path - 1), shares[:, instead])
        shares[:, platform] += more
        shares[:, instead] -= more
    found = np.bincount(view.careers.form[i, c], minlength=8) / i.size
    assert found == pytest.approx(shares.mean(axis=0), abs=0.06)


def test_the_table_of_forms_is_the_stationary_distribution():
    # one row of the table for everybody and for ever, no leaving for care, hazards without duration
    row = BEHAVIOUR.form_share[0, 0, 0, 3]
    behaviour = BEHAVIOUR._replace(
        form_share=np.broadcast_to(row, BEHAVIOUR.form_share.shape).copy(),
        duration_factor=np.ones(3),
        child_leave_share=np.zeros(2),
        parent_leave_share=np.zeros(2),
    )
    view = View(lives_of(1500, behaviour=behaviour, economy=ECONOMY._replace(platform_path=EVER)))
    # means by person: people are independent, their months are not
    by_person = np.stack([(view.careers.form == j) & view.working_life for j in range(8)])
    shares = by_person.sum(axis=2) / view.working_life.sum(axis=1)
    error = shares.std(axis=1) / np.sqrt(shares.shape[1])
    assert np.all(abs(shares.mean(axis=1) - row) < 4 * error + 1e-12)
    # and the forms are entered and left, not only drawn once
    assert view.careers.spell.max(axis=1).mean() > 10


def test_a_form_is_drawn_by_share_times_hazard_and_platform_work_moves_from_its_like():
    shares = np.array([0.3, 0.1, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05])
    ones = np.ones(8)
    u = (np.arange(10_000) + 0.5) / 10_000
    drawn = [draw_form(x, shares, ones, 1.0, 0.5, 0.0, (1.0, 1.0)) for x in u]
    assert np.bincount(drawn, minlength=8) / 10_000 == pytest.approx(shares, abs=2e-4)
    # without platforms 0.3 + 0.1 are formal employees and 0.1 + 0.2 other flexible workers
    drawn = [draw_form(x, shares, ones, 0.0, 0.5, 0.0, (1.0, 1.0)) for x in u]
    expected = [0.4, 0, 0, 0.3, 0.1, 0.1, 0.05, 0.05]
    assert np.bincount(drawn, minlength=8) / 10_000 == pytest.approx(expected, abs=2e-4)
    # at level 1.5: platform employees 0.15 of 0.4; flexible 0.3 takes all of 0.2 + 0.1
    drawn = [draw_form(x, shares, ones, 1.5, 0.5, 0.0, (1.0, 1.0)) for x in u]
    expected = [0.25, 0.15, 0.3, 0.0, 0.1, 0.1, 0.05, 0.05]
    assert np.bincount(drawn, minlength=8) / 10_000 == pytest.approx(expected, abs=2e-4)
    # a hazard twice as high doubles the chance: 0.3 * 2 / (1 + 0.3)
    drawn = [draw_form(x, shares, np.r_[2.0, ones[1:]], 1.0, 0.5, 0.0, (1.0, 1.0)) for x in u]
    assert np.mean(np.array(drawn) == FORMAL_EMPLOYEE) == pytest.approx(0.6 / 1.3, abs=2e-4)


def test_attachment_keeps_the_shares_over_people_and_sorts_them():
    shares = np.array([0.3, 0.1, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05])
    u = (np.arange(200) + 0.5) / 200
    found = np.zeros((2, 8))
    for trait in u:  # employees 0.3 + 0.1: whose trait is below 0.4 is inside
        for x in u:
            found[int(trait < 0.4), draw_form(x, shares, np.ones(8), 1.0, trait, 0.8, (1.0, 1.0))] += 1
    assert found.sum(axis=0) / found.sum() == pytest.approx(shares, abs=5e-3)
    outside, inside = (row / row.sum() for row in found)
    # inside 0.4 (1 - 0.8) + 0.8 = 0.88 are employees, outside 0.4 (1 - 0.8) = 0.08
    assert inside[:2].sum() == pytest.approx(0.88, abs=0.006)
    assert outside[:2].sum() == pytest.approx(0.08, abs=0.006)


def test_full_attachment_leaves_two_kinds_of_people_in_a_constant_table():
    row = np.array([0.35, 0.05, 0.1, 0.2, 0.1, 0.1, 0.05, 0.05])
    behaviour = BEHAVIOUR._replace(
        form_share=np.broadcast_to(row, BEHAVIOUR.form_share.shape).copy(),
        employee_attachment=1.0,
        child_leave_share=np.zeros(2),
        parent_leave_share=np.zeros(2),
    )
    view = View(lives_of(1000, behaviour=behaviour, economy=ECONOMY._replace(platform_path=EVER)))
    employee = (view.careers.form <= PLATFORM_EMPLOYEE) & view.working_life
    share = employee.sum(axis=1) / view.working_life.sum(axis=1)
    assert set(share) == {0.0, 1.0}
    assert share.mean() == pytest.approx(0.4, abs=4 * np.sqrt(0.24 / 1000))


def test_jobs_of_usual_employers_share_one_uniform():
    usual, fresh = (
        View(lives_of(500, behaviour=BEHAVIOUR._replace(employer_persistence=p))) for p in (1.0, 0.0)
    )
    for view, kinds in ((usual, 1), (fresh, None)):
        for i in range(100):
            k = view.careers
            draws = set(k.job_draw[i, k.schooling_months[i] : k.length[i]])
            assert len(draws) == (kinds or k.spell[i, k.length[i] - 1])
    assert np.array_equal(usual.careers.form, fresh.careers.form)
    last = usual.careers.length - 1
    assert np.mean(usual.careers.job_draw[np.arange(500), last]) == pytest.approx(0.5, abs=0.06)


def test_occupations_keep_their_shares_whatever_their_turnover():
    # everybody in platform flexible work for ever; riders leave eight times as often as the others
    row = np.zeros(8)
    row[PLATFORM_FLEXIBLE] = 1.0
    factor = np.ones((2, 8))
    factor[:, 0] = 8.0
    shares = np.full((2, 2, 3, 8), 1 / 8)
    behaviour = BEHAVIOUR._replace(
        form_share=np.broadcast_to(row, BEHAVIOUR.form_share.shape).copy(),
        occupation_share=shares,
        occupation_exit_factor=factor,
        duration_factor=np.ones(3),
        child_leave_share=np.zeros(2),
        parent_leave_share=np.zeros(2),
    )
    view = View(lives_of(2000, behaviour=behaviour, economy=ECONOMY._replace(platform_path=EVER)))
    # spells begin at hazard-weighted shares: riders 8 of 15 entries
    k = view.careers
    first = k.occupation[np.arange(2000), k.schooling_months]
    assert np.mean(first == 0) == pytest.approx(8 / 15, abs=0.05)
    late = view.working_life & (view.age >= 12 * 40)
    by_person = (view.careers.occupation == 0)[late]
    assert by_person.mean() == pytest.approx(1 / 8, abs=0.02)


def test_age_bands_have_five_years():
    ages = [16, 19, 20, 24, 25, 64, 65, 68]
    assert [age_band(12 * a) for a in ages] == [0, 0, 1, 1, 2, 9, 10, 10]


# --- earnings --------------------------------------------------------------------------------------------


def test_earnings_are_zero_exactly_where_the_form_has_none(view):
    earns = BEHAVIOUR.form_earnings_ratio[view.careers.form] > 0
    assert np.array_equal((view.careers.earnings > 0)[view.working_life], earns[view.working_life])
    assert set(np.nonzero(BEHAVIOUR.form_earnings_ratio == 0)[0]) == {5, 6, 7}
    assert np.all(np.isfinite(view.careers.earnings[view.all]))


def test_earnings_follow_the_wage_of_the_place_of_work():
    double = POLICY._replace(earnings_wage=2 * POLICY.earnings_wage)
    once, twice = lives_of(200), lives_of(200, policy=double)
    assert np.array_equal(2 * once.careers.earnings, twice.careers.earnings)
    assert np.array_equal(once.careers.form, twice.careers.form)


def test_earnings_without_effects_and_shocks_are_the_ratio_times_the_wage():
    flat = {
        name: np.zeros_like(getattr(BEHAVIOUR, name))
        for name in (
            *("occupation_earnings_effect", "age_earnings_effect", "education_earnings_effect"),
            *("sex_earnings_effect", "monthly_volatility", "occupation_volatility"),
        )
    }
    behaviour = BEHAVIOUR._replace(**flat, permanent_sd=0.0, persistent_sd=0.0)
    view = View(lives_of(200, behaviour=behaviour, economy=ECONOMY._replace(platform_earnings_drift=EVER)))
    i, c = np.nonzero(view.working_life)
    wage = POLICY.earnings_wage[view.careers.province[i, c], view.month[i, c] // 12]
    expected = wage * BEHAVIOUR.form_earnings_ratio[view.careers.form[i, c]]
    assert view.careers.earnings[i, c] == pytest.approx(expected, rel=1e-12)


# --- place -----------------------------------------------------------------------------------------------


def test_farming_happens_at_the_hukou_place(view):
    i, c = np.nonzero((view.careers.form == FARMING) & view.all)
    assert np.array_equal(view.careers.province[i, c], view.people.hukou_province[i])
    assert i.size > 10_000


def test_pupils_live_at_the_hukou_place(view):
    i, c = np.nonzero(view.school)
    assert np.array_equal(view.careers.province[i, c], view.people.hukou_province[i])


def test_the_move_draw_stands_exactly_at_moves_between_provinces(view):
    k = view.careers
    moved = np.zeros(k.form.shape, bool)
    moved[:, 1:] = k.province[:, 1:] != k.province[:, :-1]
    # where work starts away from the hukou place there is no record yet to lose
    entry = k.schooling_months[:, None] == CAREER_MONTHS
    drawn = k.move_draw != NO_MOVE
    assert np.array_equal(drawn[view.all], (moved & ~entry)[view.all])
    assert np.all(k.move_draw[drawn & view.all] < 1)
    assert (drawn & view.all).sum() > 500


def test_a_move_is_another_job(view):
    k = view.careers
    moved = view.consecutive & (k.province[:, 1:] != k.province[:, :-1])
    assert np.all((k.spell[:, 1:] > k.spell[:, :-1])[moved])


def test_nobody_moves_from_one_strange_place_to_another(view):
    k, home = view.careers, view.people.hukou_province[:, None]
    moved = view.consecutive & (k.province[:, 1:] != k.province[:, :-1])
    assert np.all(((k.province[:, 1:] == home) | (k.province[:, :-1] == home))[moved])


# --- care ------------------------------------------------------------------------------------------------


def claimed_births(view):
    """Person and month of each birth whose care the person claims."""
    return np.nonzero((view.careers.child_age == 0) & view.all)


def test_children_are_nine_months_apart_and_at_most_four():
    # many births: fertility of ten children a year, every one claimed
    demography = DEMOGRAPHY._replace(fertility=np.full_like(DEMOGRAPHY.fertility, 10.0))
    behaviour = BEHAVIOUR._replace(child_claimant_share=np.ones(2))
    view = View(lives_of(300, behaviour=behaviour, demography=demography))
    person, month = claimed_births(view)
    same_person = np.diff(person) == 0
    assert np.diff(month)[same_person].min() == 9
    assert np.bincount(person).max() == MOST_CHILDREN == 4


def test_child_age_counts_months_from_the_birth_of_the_youngest_claimed_child(view):
    age = view.careers.child_age
    before, now = age[:, :-1][view.consecutive], age[:, 1:][view.consecutive]
    assert np.all((now == 0) | (now == np.where(before >= 0, before + 1, -1)))
    born_in = view.month[claimed_births(view)]
    assert born_in.min() >= 0


def test_nobody_claims_where_the_claimant_share_is_zero():
    assert BEHAVIOUR.child_claimant_share.sum() <= 1
    none = lives_of(300, behaviour=BEHAVIOUR._replace(child_claimant_share=np.zeros(2)))
    assert np.all(none.careers.child_age[View(none).all] == -1)


def test_the_claim_changes_nothing_but_the_claim():
    everybody = lives_of(300, behaviour=BEHAVIOUR._replace(child_claimant_share=np.ones(2))).careers
    nobody = lives_of(300, behaviour=BEHAVIOUR._replace(child_claimant_share=np.zeros(2))).careers
    for name in ("form", "province", "earnings", "spell", "parent_care"):
        assert np.array_equal(getattr(everybody, name), getattr(nobody, name))
    assert everybody.child_age.max() > 0


def test_who_claims_may_work_and_who_stops_work_may_not_claim(view):
    small = (view.careers.child_age >= 0) & (view.careers.child_age < 36) & view.working_life
    caring = (view.careers.form == CARING) & view.working_life
    assert (small & ~caring).sum() > 1000
    assert (caring & ~small).sum() > 1000


def test_without_leaves_nobody_stops_work_at_a_birth():
    no_leave = BEHAVIOUR._replace(child_leave_share=np.zeros(2), child_claimant_share=np.ones(2))
    always = no_leave._replace(child_leave_share=np.ones(2))
    found = []
    for behaviour in (no_leave, always):
        view = View(lives_of(1000, behaviour=behaviour))
        i, c = claimed_births(view)
        after_school = view.working_life[i, c]
        found.append(np.mean(view.careers.form[i, c][after_school] == CARING))
    assert found[0] < 0.15
    assert found[1] == 1


def test_care_of_parents_begins_at_35_and_lasts_60_months_at_most(view):
    care = view.careers.parent_care
    assert np.all(view.age[(care > 0) & view.all] >= 35 * 12)
    assert care[view.all].max() <= 60
    # the running number goes up by one from month to month of care over a whole life
    for i in range(500):
        running = care[i, : view.careers.length[i]]
        running = running[running > 0]
        assert np.array_equal(running, np.arange(1, running.size + 1))


def test_care_of_parents_reaches_the_limit_where_it_never_ends():
    behaviour = BEHAVIOUR._replace(
        parent_care_hazard=np.full_like(BEHAVIOUR.parent_care_hazard, 0.2), parent_care_end_hazard=0.0
    )
    view = View(lives_of(100, behaviour=behaviour))
    assert np.all(((view.careers.parent_care > 0) & view.all).sum(axis=1) == 60)


# --- one life whoever else is drawn ----------------------------------------------------------------------


def test_a_life_is_the_same_alone_and_in_any_block():
    block = lives_of(40)
    for first in (0, 17, 39):
        alone = lives_of(1, first=first)
        for name, values in alone.careers._asdict().items():
            assert np.array_equal(values[0], getattr(block.careers, name)[first]), name


def test_the_law_does_not_touch_a_drawn_life():
    other = compile_policy(
        load_law().amend({"flexible_base_floor_ratio": [{"effective": "2027-01-01", "value": 0.2}]}), ECONOMY
    )
    assert not np.array_equal(other.flexible_base_floor, POLICY.flexible_base_floor)
    for one, two in zip(lives_of(50).careers, lives_of(50, policy=other).careers, strict=True):
        assert np.array_equal(one, two)


def test_months_that_are_passed_over_could_not_have_changed_a_life():
    # care of parents begins at 35: a chance of one before then never counts, but every month is looked at
    certain = BEHAVIOUR.parent_care_hazard.copy()
    certain[:, age_band(15 * 12) : age_band(35 * 12)] = 1.0
    every_month = lives_of(200, behaviour=BEHAVIOUR._replace(parent_care_hazard=certain))
    for one, two in zip(lives_of(200).careers, every_month.careers, strict=True):
        assert np.array_equal(one, two)
