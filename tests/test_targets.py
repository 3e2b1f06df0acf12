"""The targets: what the evidence says, that the file repeats it rightly, and how gaps to it are judged."""

import json

import numpy as np
import pytest

from calibration import moments, targets
from calibration.aggregates import people_by_age, province_names, survey
from calibration.check import check, is_stale, row_of
from calibration.fitted_set import assumptions
from calibration.tables import CalibrationError, cell, table_paths
from calibration.targets import MEASURES, Target, load_targets
from simulate.terms import OTHER_FLEXIBLE, PLATFORM_FLEXIBLE, ROUTE_FLEXIBLE, ROUTE_NONE, ROUTE_RESIDENT

TARGETS = {target.id: target for target in load_targets()}
PERSONS = 6_000


@pytest.fixture(scope="module")
def seen():
    values = assumptions()
    behaviour = moments.behaviour_under(values)
    return moments.observe(moments.draw_sample(behaviour, PERSONS), behaviour, values)


# --- the file --------------------------------------------------------------------------------------------


def test_every_target_has_a_role_a_source_among_the_tables_and_an_error_where_it_is_judged():
    assert len(TARGETS) == len(load_targets())
    for target in TARGETS.values():
        assert target.source.split(":")[0] in table_paths(), target.id
        assert target.readings or target.low is not None or target.high is not None
        assert not (target.readings and (target.low is not None or target.high is not None))
        if target.role != "context":
            assert target.measure in MEASURES
            assert target.standard_error > 0
        if target.measure is None:
            assert target.note  # why it is not modelled


def test_each_role_is_used_and_every_measure_asked_for():
    assert {target.role for target in TARGETS.values()} == {"fit", "check", "context"}
    assert {target.measure for target in TARGETS.values() if target.measure} == set(MEASURES)


def survey_targets():
    """Targets whose source names whole rows of the survey."""
    found = []
    for target in TARGETS.values():
        rows = target.source.split(": ")[1].split(" + ")
        if target.source.startswith("ilo_") and all(len(row) == 4 and row[1:].isdigit() for row in rows):
            found.append((target, rows))
    return found


def test_values_are_those_of_the_rows_they_name():
    assert len(survey_targets()) > 70
    for target, rows in survey_targets():
        if target.value is not None:
            assert target.value == pytest.approx(sum(survey(row) for row in rows), abs=2e-5), target.id


def test_standard_errors_are_those_of_a_design_of_one_and_a_half_and_the_caveat():
    judged = [target for target in TARGETS.values() if target.n]
    assert len(judged) > 50
    for target in judged:
        p = next(x for x in (target.value, target.low, target.high) if x is not None)
        expected = np.sqrt(1.5 * p * (1 - p) / target.n + target.caveat**2)
        assert target.standard_error == pytest.approx(expected, abs=6e-5), target.id


def test_national_stocks_are_the_published_numbers_over_the_people_of_working_age():
    people = people_by_age()[:, 1:45].sum()  # 16 to 59, 10k
    insured = cell("employee_scheme_national", "insured_workers_10k", year=2024)
    assert TARGETS["insured_2024"].value == pytest.approx(insured / people, abs=2e-4)
    members = cell("resident_scheme_national", "participants_10k", year=2024)
    members -= cell("resident_scheme_national", "recipients_10k", year=2024)
    assert TARGETS["resident_members_2024"].value == pytest.approx(members / people, abs=2e-4)
    assert TARGETS["contributors_2024"].value == pytest.approx(0.803 * insured / people, abs=2e-4)


def test_provinces_have_shares_that_add_up_to_one():
    for scheme in ("employee", "resident"):
        shares = [t.value for t in TARGETS.values() if t.id.startswith(f"{scheme}_scheme_by_province_")]
        assert len(shares) == len(province_names())
        assert sum(shares) == pytest.approx(1, abs=5e-4)


def test_a_fault_of_the_file_is_told_with_its_place(tmp_path, monkeypatch):
    path = tmp_path / "targets.yaml"
    path.write_text(
        "- id: one\n  block: routes\n  title: x\n  unit: share\n  source: x\n  weight: 1\n"
        "  confidence: exact\n  role: fitt\n  measure: answr\n  valu: 1\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(targets, "TARGETS", path)
    load_targets.cache_clear()
    with pytest.raises(CalibrationError) as error:
        load_targets()
    load_targets.cache_clear()
    text = str(error.value)
    for part in ("'fitt' is none of fit, check, context", "Did you mean answer?", "Did you mean value?"):
        assert part in text


# --- gaps ------------------------------------------------------------------------------------------------


def one(**what):
    return Target("x", "b", "t", "share", "s", "fit", 1.0, "exact", **{"standard_error": 0.03, **what})


def test_the_gap_goes_to_the_nearer_reading_or_beyond_the_bound():
    ambiguous = one(value=0.3, alt_value=0.4)
    assert ambiguous.gap(0.38) == pytest.approx(-0.02)
    assert ambiguous.gap(0.31) == pytest.approx(0.01)
    above = one(low=0.5)
    assert above.gap(0.7) == 0.0
    assert above.gap(0.45) == pytest.approx(-0.05)
    between = one(low=0.2, high=0.4)
    assert between.gap(0.5) == pytest.approx(0.1)


def test_a_target_holds_within_two_points_or_two_standard_errors():
    assert one(value=0.3, standard_error=0.001).holds(0.319)
    assert not one(value=0.3, standard_error=0.001).holds(0.321)
    assert one(value=0.3).holds(0.359)
    assert not one(value=0.3).holds(0.361)
    assert not one(value=0.3, standard_error=0.001, tolerance=0.005).holds(0.31)


# --- observations and answers ----------------------------------------------------------------------------


def test_answers_of_each_respondent_add_up_to_one(seen):
    assert seen.answers.sum(axis=1) == pytest.approx(np.ones(len(seen.answers)))
    assert seen.answers.min() >= 0


def test_answers_differ_from_the_truth_as_the_model_of_reporting_says(seen):
    values, s = seen.values, seen.survey
    unaware = values["unaware_resident_share"]
    here = (s.form == OTHER_FLEXIBLE) & (s.route == ROUTE_RESIDENT)
    # three quarters of 5.8 % have another post; of the others' resident members some say none
    side = 0.75 * 0.058
    assert seen.answers[here][0, 2] == pytest.approx((1 - side) * (1 - unaware[2]))
    assert seen.answers[here][0, 3] == pytest.approx((1 - side) * unaware[2])
    here = (s.form == PLATFORM_FLEXIBLE) & (s.route == ROUTE_FLEXIBLE)
    # a quarter of 16.0 % are members by the flexible route who say employee: 4 / (22.1 + 4) of these
    side, mistaken = 0.75 * 0.16, 0.04 / 0.261
    assert seen.answers[here][0, 1] == pytest.approx((1 - side) * (1 - mistaken))
    here = (s.form == PLATFORM_FLEXIBLE) & (s.route == ROUTE_NONE)
    assert seen.answers[here][0, 0] == pytest.approx(side)


def test_respondents_have_the_ages_of_the_survey(seen):
    s = seen.survey
    for form in moments.AGE_ROWS:
        here = s.form == form
        found = np.bincount(moments.age_group(s.age[here]), seen.survey_weight[here], minlength=8)
        assert found / found.sum() == pytest.approx(moments.survey_ages(form), abs=1e-9)


def test_a_moment_is_a_weighted_mean_and_its_error_falls_with_people(seen):
    value, error = moments.moment(seen, "insured", {"year": 2024})
    n = seen.national
    here = (n.month == 12 * 34 + 11) & (n.age >= 16) & (n.age < 60)
    assert value == pytest.approx(np.average((n.active & n.has_record)[here], weights=n.weight[here]))
    # about PERSONS / 8 people of equal weight: sqrt(0.25 / 750) = 1.8 points, jackknife within a half
    assert 0.009 < error < 0.027


def test_a_moment_of_two_parts_is_their_difference(seen):
    of = {"form": "other_flexible", "answers": ["flexible"]}
    (women, men) = moments.answer_by_sex(seen, **of)
    expected = np.average(women[0], weights=women[1]) - np.average(men[0], weights=men[1])
    assert moments.moment(seen, "answer_by_sex", of)[0] == pytest.approx(expected)


def test_the_sample_is_the_same_for_any_number_of_threads():
    behaviour = moments.behaviour_under(assumptions())
    one_thread, two = (moments.draw_sample(behaviour, 1500, threads=n) for n in (1, 2))
    assert np.array_equal(one_thread.weight, two.weight)
    for a, b in zip((*one_thread.people, *one_thread.careers), (*two.people, *two.careers), strict=True):
        assert np.array_equal(a, b)


# --- the check -------------------------------------------------------------------------------------------


def test_a_row_of_the_check_has_model_gap_and_verdict(seen):
    target = TARGETS["rate_below_20_other_flexible"]
    row = row_of(target, seen)
    assert row.value == 0.8
    assert row.gap == pytest.approx(min(0.0, row.model - 0.8))
    assert row.gap_in_standard_errors == pytest.approx(row.gap / target.standard_error)
    assert row.holds == (abs(row.gap) <= max(0.02, 2 * target.standard_error))
    unmodelled = row_of(TARGETS["context_o021"], seen)
    assert (unmodelled.value, unmodelled.model, unmodelled.holds) == (0.75, None, None)


def test_the_check_is_json_of_the_stated_form():
    found = json.loads(json.dumps(check(persons=2_000)))
    assert set(found) == {"schema_version", "fitted", "rows"}
    keys = ["target", "source", "role", "confidence", "unit", "value", "standard_error", "model", "model_se"]
    for row in found["rows"]:
        assert list(row) == [*keys, "gap", "gap_in_standard_errors", "holds"]
    assert [row["target"] for row in found["rows"]] == list(TARGETS)


def test_the_shipped_set_is_not_stale_and_a_changed_target_makes_it_so(tmp_path, monkeypatch):
    assert not is_stale("2026")
    changed = tmp_path / "targets.yaml"
    changed.write_text(targets.TARGETS.read_text("utf-8").replace("0.554", "0.564"), "utf-8")
    monkeypatch.setattr(targets, "TARGETS", changed)
    load_targets.cache_clear()
    assert is_stale("2026")
    assert not is_stale("first")
    load_targets.cache_clear()


def test_every_miss_of_the_shipped_set_has_its_reason_and_most_fit_targets_hold():
    found = check("2026")
    judged = [row for row in found["rows"] if row["role"] == "fit"]
    missed = [row["target"] for row in found["rows"] if row["holds"] is False]
    assert [name for name in missed if not TARGETS[name].reason] == []
    assert sum(row["holds"] for row in judged) >= 0.85 * len(judged)


def test_every_reason_of_a_missed_fit_target_was_tried_and_the_table_says_how():
    from scenarios import targets as told

    explained = [t for t in TARGETS.values() if t.reason and t.role == "fit"]
    assert len(explained) >= 8
    assert [target.id for target in explained if not any(c.isdigit() for c in target.tried)] == []
    found = check(persons=2_000)
    _, every = told.tables(found)
    notes = {row[0]: row[-1] for row in every.rows}
    for row in found["rows"]:
        target = TARGETS[row["target"]]
        if row["holds"] is False and target.tried:
            assert notes[target.title] == f"{target.reason} Tried: {target.tried}"


def test_the_page_of_the_check_needs_no_other_file():
    from scenarios import targets as told
    from scenarios.calibration_tables import price_block

    found = check(persons=2_000)
    text = told.page(found, [price_block({"all_flexible": -0.6})], "en")
    assert text.count("<svg") == len(told.charts(found))
    assert "src=" not in text
    assert TARGETS["rider_in_the_employee_scheme"].title in text
    assert "-0.60" in text
