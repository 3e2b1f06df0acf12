"""The estimation: parameters and bands, a criterion that is a function, a fit that can be broken off."""

import numpy as np
import pytest

from calibration import fit, fitted_set
from calibration.fit import PARAMETERS, Model, prior, theta_of, values_of
from calibration.fitted_set import (
    assumption_entries,
    assumptions,
    draw_behaviour,
    estimates,
    load_behaviour,
    number_of_draws,
    parameter_draw,
    read_set,
)
from calibration.moments import behaviour_under
from calibration.tables import CalibrationError
from simulate.behaviour import Behaviour

FITTED = "2026"
KEYS = [parameter.key for parameter in PARAMETERS]
PERSONS = 3_000


# --- parameters ------------------------------------------------------------------------------------------


def test_parameters_are_assumptions_and_their_elements_and_go_back_and_forth():
    before = prior()
    assert len(set(KEYS)) == len(KEYS)
    assert np.all(before.lowest < before.highest)
    assert np.all((before.centre >= before.lowest) & (before.centre <= before.highest))
    moved = before.centre + 0.1 * before.spread
    assert theta_of(values_of(moved)) == pytest.approx(moved)
    assert theta_of(values_of(before.centre)) == pytest.approx(before.centre)


def test_values_of_parameters_leave_all_other_assumptions_at_their_centre():
    values = values_of(prior().centre)
    assert values == {name: entry["central"] for name, entry in assumption_entries().items()}


# --- the criterion ---------------------------------------------------------------------------------------


def test_the_criterion_is_a_function_of_the_parameters():
    theta = prior().centre
    one, two = Model(PERSONS, threads=1), Model(PERSONS, threads=2)
    assert np.array_equal(one.residuals(theta), two.residuals(theta))
    assert one.residuals(theta).size == len(fit.fit_targets()) + theta.size


def test_slopes_are_differences_of_moments():
    model, theta = Model(PERSONS), prior().centre
    j = KEYS.index("willingness_correction.platform_flexible")
    (slope,) = model.slopes(theta, np.array([j])).T
    step = 0.03 * max(theta[j], prior().spread[j])
    moved = theta.copy()
    moved[j] += step
    assert slope == pytest.approx((model.moments(moved) - model.moments(theta)) / step)
    names = [target.id for target in model.targets]
    # who would pay more joins more often, and is less often in the resident scheme or in none
    assert slope[names.index("platform_flexible_flexible")] > 0
    assert slope[names.index("platform_flexible_none")] < 0


def test_a_journal_spares_what_was_computed(tmp_path):
    journal, theta = tmp_path / "journal.jsonl", prior().centre
    first = Model(PERSONS, journal)
    found = first.moments(theta)
    again = Model(PERSONS, journal)
    assert np.array_equal(again.moments(theta), found)
    assert (first.computed, again.computed) == (1, 0)
    # other people, other moments: nothing is taken from the journal
    other = Model(PERSONS - 500, journal)
    other.moments(theta)
    assert other.computed == 1


def test_a_torn_last_line_of_a_journal_is_left_out(tmp_path):
    journal, theta = tmp_path / "journal.jsonl", prior().centre
    Model(PERSONS, journal).moments(theta)
    journal.write_text(journal.read_text("utf-8") + '["torn', "utf-8")
    again = Model(PERSONS, journal)
    again.moments(theta)
    assert again.computed == 0


def test_a_short_fit_lowers_the_criterion_and_stays_in_the_bands():
    told = []
    theta, model = fit.fit(PERSONS, iterations={"careers": 2, "gates": 3, "both": 1}, progress=told.append)
    before = prior()
    assert np.all((theta >= before.lowest) & (theta <= before.highest))
    criterion = (model.residuals(theta) ** 2).sum()
    assert criterion < 0.8 * (model.residuals(before.centre) ** 2).sum()
    assert [line.split(":")[0] for line in told[:1] + told[-1:]] == ["careers", "both"]


def test_a_set_that_was_not_estimated_is_never_overwritten():
    with pytest.raises(CalibrationError, match="was not estimated and is kept"):
        fit.estimate("first", 100)


# --- the shipped set -------------------------------------------------------------------------------------


def test_the_shipped_set_is_what_follows_from_its_estimates():
    behaviour = behaviour_under(assumptions(fitted=FITTED))
    for name, entry in read_set(FITTED).items():
        np.testing.assert_allclose(entry["value"], getattr(behaviour, name), rtol=1e-8, atol=1e-9)


def test_every_estimate_has_an_error_a_share_of_evidence_and_the_targets_that_speak():
    told = estimates(FITTED)
    assert list(told["parameters"]) == KEYS
    names = {target.id for target in fit.fit_targets()}
    theta = theta_of(assumptions(fitted=FITTED))
    for number, parameter, before in zip(theta, told["parameters"].values(), prior().spread, strict=True):
        assert parameter["value"] == pytest.approx(number, rel=1e-8)
        assert 0 < parameter["standard_error"] <= before
        assert 0 <= parameter["share_from_targets"] <= 1
        assert len(parameter["targets"]) == 3
        assert set(parameter["targets"]) <= names
    assert told["identification"]["rank"] == told["identification"]["parameters"] == len(KEYS)


def test_the_old_set_knows_nothing_of_what_came_later():
    first, fitted = load_behaviour("first"), load_behaviour(FITTED)
    assert (first.employee_attachment, first.employer_persistence, first.away_compliance_factor) == (0, 0, 1)
    assert np.all(first.occupation_exit_factor == 1)
    assert fitted.employee_attachment > 0.5
    assert fitted.away_compliance_factor < 1


# --- draws -----------------------------------------------------------------------------------------------


def test_there_are_two_hundred_draws_of_parameters_and_weak_assumptions():
    assert number_of_draws(FITTED) >= 200
    assert number_of_draws("first") == 0
    names, draws = fitted_set._draws(FITTED)
    assert set(names) == {*KEYS, *fit.weak_assumptions()}
    assert {"take_up_price_elasticity", "floor_payer_share", "pay_on_share"} < set(names)
    drawn = dict(zip(names, np.array(draws).T, strict=True))
    for name in fit.weak_assumptions():
        low, high = sorted((assumption_entries()[name]["low"], assumption_entries()[name]["high"]))
        assert low <= drawn[name].min() < drawn[name].max() <= high
    # clipped normals: mean and spread near the estimate and its error where the band is far away
    told = estimates(FITTED)["parameters"]["participation_correction.male"]
    assert drawn["participation_correction.male"].mean() == pytest.approx(
        told["value"], abs=4 * told["standard_error"] / np.sqrt(200)
    )


def test_a_draw_is_a_whole_behaviour_and_the_same_each_time():
    one, again, other = (draw_behaviour(FITTED, k) for k in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one.knowledge_share, other.knowledge_share)
    assert one.floor_payer_share == parameter_draw(FITTED, 3)["floor_payer_share"]
    assert np.allclose(one.form_share.sum(axis=-1), 1)
    assert one._fields == Behaviour._fields
    low = draw_behaviour(FITTED, 3, level="low")
    assert low.floor_payer_share == assumption_entries()["floor_payer_share"]["low"]


def test_a_draw_that_is_not_there_is_told():
    with pytest.raises(CalibrationError, match="no draw 5 of first: it has 0"):
        draw_behaviour("first", 5)


def test_the_estimates_are_shown_with_errors_and_those_of_tables_are_not():
    from click.testing import CliRunner

    from scenarios.cli import cli

    shown = CliRunner().invoke(cli, ["calibrate", "show", "--fitted", FITTED], env={"COLUMNS": "220"})
    assert shown.exit_code == 0
    assert "Estimated numbers" in shown.output
    assert "participation_correction.male" in shown.output
    first = CliRunner().invoke(cli, ["calibrate", "show", "--fitted", "first"])
    assert "Estimated numbers" not in first.output


def test_factors_of_sensitivity_stand_at_the_estimates():
    from scenarios.factors import factors

    factor = factors()["formal_compliance_share"]
    assert factor.central == assumptions(fitted=FITTED)["formal_compliance_share"]
    assert factor.low <= factor.central <= factor.high
