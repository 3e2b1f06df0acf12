"""Whom a scenario reaches: courses that are taken over from the baseline are those that would come out."""

import numpy as np
import pytest

from calibration.paths import load_demography
from scenarios.scenario import compile_case, library, load_scenario
from simulate.kernel import pack
from simulate.limited import PARAMETERS
from simulate.policy import Policy
from simulate.population import Population
from simulate.reach import NOT_REACHED, UNREAD, first_difference, first_stages, last_reads, reach, readers_of
from simulate.run import follow, follow_all, live, make_room, prepare
from simulate.terms import N_MONTHS, N_YEARS

PEOPLE = 120
WORLD = pack(load_demography())
ROOMS = make_room(PEOPLE), make_room(PEOPLE)
BASELINES = ("current-law", "recommended-package")


def case(name):
    return prepare(compile_case(load_scenario(name)))


@pytest.fixture(scope="module", params=BASELINES)
def lived(request):
    baseline = case(request.param)
    return baseline, live(Population(seed=5), 0, PEOPLE, baseline, WORLD)


def assert_same(lives, baseline, other):
    shared = follow_all(lives, [baseline, other], [reach(other, baseline)], WORLD, ROOMS)
    np.testing.assert_array_equal(shared[1], follow(lives, other, WORLD).outcomes, err_msg=other.name)


def changed(values, month):
    """Values that differ in every entry from a month on, or throughout where they have no time."""
    values = np.asarray(values)
    if values.dtype == np.int8:  # a choice: one of the first two
        other = 1 - np.minimum(values, 1)
    elif np.issubdtype(values.dtype, np.integer):
        other = values + 1
    else:
        other = np.where(np.isfinite(values), 1.1 * values + 0.01, values)
    for axis, size in enumerate(values.shape):
        if size in (N_MONTHS, N_YEARS):
            before = np.arange(size) * (N_MONTHS // size) < month
            return np.where(
                np.expand_dims(before, [k for k in range(values.ndim) if k != axis]), values, other
            )
    return other


def with_part(baseline, part, name, month):
    record = getattr(baseline, part).copy()
    record[name] = changed(record[name], month)
    parts = {part: record}
    if part == "policy":
        parts["decision_policy"] = record
    return baseline._replace(name=f"{name} from {month}", **parts)


# --- nothing changes by sharing ---------------------------------------------------------------------------


def test_every_reform_of_the_library_comes_out_the_same():
    baseline = case("current-law")
    lives = live(Population(seed=5), 0, PEOPLE, baseline, WORLD)
    for name in library():
        assert_same(lives, baseline, case(name))


@pytest.mark.parametrize("month", [12 * 37, 12 * 55 + 6])
def test_a_change_of_any_field_of_the_law_comes_out_the_same(lived, month):
    baseline, lives = lived
    names = set(baseline.policy.dtype.names) - {"gives_credits"}  # never changes without the amounts
    for name in (name for name in names if not name.startswith("limited_")):
        assert_same(lives, baseline, with_part(baseline, "policy", name, month))


def test_a_change_of_any_field_of_behaviour_comes_out_the_same(lived):
    baseline, lives = lived
    for name in set(baseline.behaviour.dtype.names) - {"variant"}:
        assert_same(lives, baseline, with_part(baseline, "behaviour", name, 12 * 37))


@pytest.mark.parametrize("variant", ["static", "value_for_money"])
def test_other_variants_of_behaviour_come_out_the_same(variant):
    baseline = prepare(compile_case(load_scenario("current-law"), behaviour=variant))
    lives = live(Population(seed=5), 0, PEOPLE, baseline, WORLD)
    for name in ("lower-floor", "platform-cofunding", "carer-credits", "lower-accrual", "larger-account"):
        other = prepare(compile_case(load_scenario(name), behaviour=variant))
        if variant == "static":
            other = other._replace(decision_policy=baseline.policy)
        assert_same(lives, baseline, other)


def test_a_change_of_values_for_groups_comes_out_the_same(lived):
    baseline, lives = lived
    for which, value in enumerate((0.1, 0.3, 0.05, 0.5, 0.8, 0.9, 120.0)):
        policy = baseline.policy.copy()
        policy.limited_rows[which] = 1
        policy.limited_months[which, 0] = 12 * 37, N_MONTHS
        policy.limited_bits[which, 0] = -1
        policy.limited_ages[which, 0] = policy.limited_earnings[which, 0] = 0.0, 9999.0
        policy.limited_value[which, 0] = value
        policy.gives_credits[12 * 37 :] = 1
        name = PARAMETERS[which]
        assert_same(lives, baseline, baseline._replace(name=name, policy=policy, decision_policy=policy))


# --- and something is gained ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "least"),
    [("current-law", 1.0), ("lower-floor", 0.3), ("platform-cofunding", 0.5), ("resident-by-wage", 0.0)],
)
def test_who_is_not_reached_is_not_followed(name, least):
    baseline, other = case("current-law"), case(name)
    lives = live(Population(seed=5), 0, PEOPLE, baseline, WORLD)
    last, stages = np.empty((12, PEOPLE), np.int64), np.empty(PEOPLE, np.int64)
    last_reads(lives.people, lives.careers, follow(lives, baseline, WORLD).plan, last)
    found = reach(other, baseline)
    first_stages(last, found.first_month, found.child_months, stages)
    assert (stages == NOT_REACHED).mean() >= least
    assert (stages > 0).mean() > 0.0


def test_fields_that_are_said_to_be_read_exist():
    from simulate.behaviour import Behaviour

    assert set(readers_of()) <= {*Policy._fields, *Behaviour._fields}
    assert set(UNREAD) <= set(Policy._fields)


def test_the_first_difference_is_told_in_months():
    table = np.zeros((31, N_MONTHS))
    later = table.copy()
    later[7, 480:] = 1.0
    assert first_difference(table, later) == 480
    assert first_difference(table, table) == N_MONTHS
    assert first_difference(1.0, 2.0) == 0
