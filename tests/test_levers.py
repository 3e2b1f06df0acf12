"""The levers and the library: each moves what it says, in the direction it says, and nothing else."""

import functools
import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.fitted_set import load_behaviour
from calibration.paths import load_demography
from scenarios.check import baseline_of, check_scenario
from scenarios.inputs import demography
from scenarios.levers import contradictions, levers, levers_of, trial_text
from scenarios.neutrality import by_lever
from scenarios.scenario import compile_case, library, load_scenario, scenario_of
from simulate.behaviour import Behaviour
from simulate.kernel import pack
from simulate.law import load_law
from simulate.outcomes import POSITION
from simulate.participation import CLAIM_EMPLOYEE
from simulate.population import Population
from simulate.run import Case, follow, live, prepare
from simulate.strict_yaml import read_yaml
from simulate.terms import OCCUPATIONS

WORLD = pack(load_demography())
LEVERS = levers()
REFORMS = [name for name in library() if name != "current-law"]
PEOPLE, MANY = 60, 2_500
TOLERANCE = 1e-9  # relative; below it a difference is rounding


@functools.cache
def baseline() -> Case:
    return prepare(compile_case(load_scenario("current-law")))


@functools.cache
def trial(name: str) -> Case:
    """The trial of a lever; static: gates and prices are read from current law."""
    text = trial_text(LEVERS[name])
    case = prepare(compile_case(scenario_of(read_yaml(text), name, text, name)))
    static = LEVERS[name].given == "static"
    return case._replace(decision_policy=baseline().policy) if static else case


def both(name: str, seed: int, first: int, number: int):
    """Outcomes under current law and under the trial of the people whom the declaration is about."""
    lives = live(Population(persons=first + number, seed=seed), first, number, baseline(), WORLD)
    before = follow(lives, baseline(), WORLD)
    after = follow(lives, trial(name), WORLD)
    who = np.full(number, True)
    if LEVERS[name].whom in ("same_claim", "unsubsidised"):
        for mine, other in (
            (before.plan.settled, after.plan.settled),
            (before.plan.claim_kind, after.plan.claim_kind),
            (before.award.province, after.award.province),
            (before.plan.one_off_months, after.plan.one_off_months),
            (before.plan.back_paid_years, after.plan.back_paid_years),
        ):
            who &= mine == other
        if LEVERS[name].whom == "unsubsidised":
            who &= lives.people.difficulty_draw >= baseline().behaviour.difficulty_take_up_share
    elif LEVERS[name].whom == "claimants":
        who = (before.plan.claim_kind == CLAIM_EMPLOYEE) & (after.plan.claim_kind == CLAIM_EMPLOYEE)
    return before.outcomes[:, who], after.outcomes[:, who]


def moves(name: str, before: np.ndarray, after: np.ndarray, sign: int = 1) -> list[str]:
    """What goes against the declaration of a lever; with sign -1 against the declaration turned round."""
    lever = LEVERS[name]
    wrong = []
    declared = [(o, sign) for o in lever.raises] + [(o, -sign) for o in lever.lowers]
    for outcome, direction in [*declared, *((o, 0) for o in lever.keeps)]:
        old, new = before[POSITION[outcome]], after[POSITION[outcome]]
        change = (new - old) / np.maximum(1.0, np.abs(old))
        against = np.abs(change) if direction == 0 else -direction * change
        if (against > TOLERANCE).any():
            wrong.append(outcome)
    return wrong


@pytest.mark.parametrize("name", LEVERS)
@settings(max_examples=4, deadline=None, derandomize=True)
@given(seed=st.integers(1, 1_000), first=st.integers(0, 90_000))
def test_a_lever_moves_what_it_declares_and_keeps_what_it_declares(name, seed, first):
    assert moves(name, *both(name, seed, first, PEOPLE)) == []


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_moves_somebody_and_its_declaration_turned_round_is_found_wrong(name):
    before, after = both(name, 5, 0, MANY)
    assert (before != after).any()
    declared = {*LEVERS[name].raises, *LEVERS[name].lowers}
    assert set(moves(name, before, after, -1)) == declared


def test_levers_name_known_outcomes_and_parameters_each_once():
    named = [parameter for lever in LEVERS.values() for parameter in lever.parameters]
    assert len(set(named)) == len(named)
    assert set(named) <= {*load_law().parameters, *Behaviour._fields}
    assert set(load_behaviour()._fields) == set(Behaviour._fields)
    for lever in LEVERS.values():
        signed = [*lever.raises, *lever.lowers, *lever.keeps]
        assert signed
        assert len(set(signed)) == len(signed)
        assert set(signed) <= set(POSITION)
        assert lever.given in ("static", "threshold")
        assert lever.whom in ("same_claim", "unsubsidised", "claimants", "all")
        assert lever.employing in ("", "narrows", "widens", "either")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in lever.title_zh)


def test_every_lever_is_used_by_a_scenario_and_every_change_of_the_library_belongs_to_one():
    assert {lever for name in REFORMS for lever in levers_of(load_scenario(name))} == set(LEVERS)
    known = {parameter for lever in LEVERS.values() for parameter in lever.parameters}
    for name in REFORMS:
        scenario = load_scenario(name)
        assert {*scenario.law, *scenario.behaviour, *scenario.assumptions} <= known, name


def test_every_parameter_that_stands_with_its_neutral_value_has_a_lever():
    known = {parameter for lever in LEVERS.values() for parameter in lever.parameters}
    neutral = {p.name for p in load_law().parameters.values() if p.file == "reforms.yaml"}
    assert len(neutral) >= 25
    assert neutral <= known


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_moves_the_cost_of_employing_over_contracting_as_it_declares(name):
    lever = LEVERS[name]
    for trial_of, sign in EITHER_WAY.get(name, {None: None}).items():
        law = {**lever.trial["law"], **dict([trial_of])} if trial_of else lever.trial.get("law", {})
        text = trial_text(lever._replace(trial={**lever.trial, "law": law}))
        rows = by_lever(scenario_of(read_yaml(text), name, text, name))
        (found,) = [row["change"] for row in rows if row["lever"] == name] or [{"0.8": 0.0}]
        signs = {np.sign(change) for change in found.values()} - {0.0}
        expected = {"narrows": {-1.0}, "widens": {1.0}, "": set(), "either": {sign}}
        assert signs == expected[lever.employing]


# Levers that move it one way and the other: a parameter, a value, and the sign of the change.
EITHER_WAY = {
    "floor": {("base_floor_ratio", 0.4): -1.0, ("base_floor_ratio", 0.7): 1.0},
    "cap": {("base_cap_ratio", 1.2): -1.0},
    "rate": {("employer_rate", 0.14): -1.0, ("employer_rate", 0.2): 1.0},
}


# --------------------------------------------------------------------------- the library


@functools.cache
def people(number=600):
    return live(Population(persons=number), 0, number, baseline(), WORLD)


@functools.cache
def outcomes(name: str, law_at: str | None = None) -> np.ndarray:
    scenario = load_scenario(name)
    case = compile_case(baseline_of(scenario) if law_at else scenario)
    return follow(people(), prepare(case), WORLD).outcomes


@functools.cache
def effect(name: str) -> np.ndarray:
    """What a scenario changes against its own baseline, outcome by outcome and person by person."""
    scenario = load_scenario(name)
    before = outcomes(scenario.parent.name) if scenario.parent else outcomes(name, scenario.law_at)
    return outcomes(name) - before


def test_the_library_has_fifty_scenarios_and_more_with_levers_and_sources():
    assert len(REFORMS) >= 50
    for name in REFORMS:
        scenario = load_scenario(name)
        assert levers_of(scenario)
        assert scenario.source
        assert scenario.question.endswith("?")
        assert scenario.question_zh.endswith("？")


@pytest.mark.parametrize("name", REFORMS)
def test_a_scenario_changes_an_outcome_and_touches_someone(name):
    touched = (effect(name) != 0).any(axis=0)
    assert touched.any()
    assert np.isfinite(effect(name)).all()


def test_no_two_scenarios_have_the_same_effect():
    marks = {name: hashlib.sha256(effect(name).tobytes()).hexdigest() for name in REFORMS}
    assert len(set(marks.values())) == len(marks)


@pytest.mark.parametrize(
    ("name", "occupations"),
    [
        ("match-riders", ("rider", "courier")),
        ("full-employee-insurance", ("rider",)),
        ("mandate-by-occupation", ("rider", "courier", "ride_hailing_driver")),
    ],
)
def test_a_reform_of_some_occupations_leaves_everybody_else_as_they_are_to_the_last_bit(name, occupations):
    codes = [i for i, term in enumerate(OCCUPATIONS) if term.name in occupations]
    careers = people().careers
    lived = np.arange(careers.form.shape[1]) < careers.length[:, None]
    concerned = (np.isin(careers.occupation, codes) & lived).any(axis=1)
    assert (effect(name)[:, concerned] != 0).any()
    assert (effect(name)[:, ~concerned] == 0).all()


def test_a_job_test_in_three_provinces_leaves_who_never_worked_there_as_they_are_to_the_last_bit():
    places = [i for i, p in enumerate(load_law().provinces) if p.name in ("Beijing", "Shanghai", "Guangdong")]
    careers = people().careers
    lived = np.arange(careers.form.shape[1]) < careers.length[:, None]
    there = (np.isin(careers.province, places) & lived).any(axis=1)
    assert (effect("megacity-test")[:, ~there] == 0).all()
    assert (effect("megacity-test")[:, there] != 0).any()


# --------------------------------------------------------------------------- levers that lie idle


@pytest.mark.parametrize(
    ("change", "parameter", "other"),
    [
        (
            "flexible_base_earnings_share: {2027-01-01: 0.5}",
            "flexible_base_earnings_share",
            "flexible_base_rule",
        ),
        ("levy_destination: {2027-01-01: account}", "levy_destination", "platform_levy_rate"),
        (
            "government_match_cap_ratio: {2027-01-01: 0.1}",
            "government_match_cap_ratio",
            "government_match_rate",
        ),
        ("care_credit_child_months: {2027-01-01: 36}", "care_credit_child_months", "care_credit_base_ratio"),
        ("minimum_pension_taper: {2027-01-01: 0.5}", "minimum_pension_taper", "minimum_pension_ratio"),
    ],
)
def test_a_check_says_of_a_lever_that_lies_idle_what_it_needs(tmp_path, change, parameter, other):
    head = trial_text(LEVERS["rate"]).split("law:")[0]
    path = tmp_path / "idle.yaml"
    path.write_text(f"{head}law:\n  {change}\n", "utf-8")
    told = [line for line in check_scenario(str(path), persons=100) if f"{parameter} lies idle" in line]
    assert len(told) == 1
    assert other in told[0]


@pytest.mark.parametrize("name", ["platform-cofunding", "cofunding-account", "carer-credits", "match-riders"])
def test_no_lever_of_the_library_lies_idle(name):
    assert not [line for line in check_scenario(name, persons=100) if "lies idle" in line]


# --------------------------------------------------------------------------- levers against each other


def scenario_file(tmp_path, change: str, name: str = "both.yaml") -> str:
    path = tmp_path / name
    path.write_text(trial_text(LEVERS["rate"]).split("law:")[0] + f"law:\n{change}", "utf-8")
    return str(path)


def day(**values) -> str:
    return "".join(f"  {name}: {{2027-01-01: {value}}}\n" for name, value in values.items())


@pytest.mark.parametrize(
    ("pair", "good", "bad"),
    [
        (
            ("account_split", "rate"),
            {"flexible_account_rate": 0.1, "flexible_rate": 0.1},
            {"flexible_account_rate": 0.12, "flexible_rate": 0.1},
        ),
        (
            ("relief", "rate"),
            {"flexible_worker_relief_rate": 0.08, "flexible_rate": 0.1},
            {"flexible_worker_relief_rate": 0.12, "flexible_rate": 0.1},
        ),
        (
            ("floor", "cap"),
            {"flexible_base_floor_ratio": 0.9, "flexible_base_cap_ratio": 1.0},
            {"flexible_base_floor_ratio": 1.0, "flexible_base_cap_ratio": 0.9},
        ),
        (
            ("reclassification", "platform_subsidy"),
            {"reclassification_share": 0.9, "platform_subsidy_share": 0.5},
            {"reclassification_share": 1, "platform_subsidy_share": 0.5},
        ),
        (
            ("minimum_months", "resident_months"),
            {"minimum_contribution_months": 120, "resident_months_counted_share": 0.5},
            {"minimum_contribution_months": 0, "resident_months_counted_share": 0.5},
        ),
    ],
)
def test_a_check_names_two_levers_that_contradict_each_other(tmp_path, pair, good, bad):
    for lang, words in (("en", "contradict each other"), ("zh", "相互矛盾")):
        told = check_scenario(scenario_file(tmp_path, day(**bad)), persons=20, lang=lang)
        (line,) = [line for line in told if words in line]
        for name in pair:
            assert (LEVERS[name].title_zh if lang == "zh" else LEVERS[name].title) in line
        told = check_scenario(scenario_file(tmp_path, day(**good)), persons=20, lang=lang)
        assert not [line for line in told if words in line]


def test_one_lever_alone_contradicts_nothing(tmp_path):
    alone = load_scenario(scenario_file(tmp_path, day(reclassification_share=1)))
    assert contradictions(alone) == []


@pytest.mark.parametrize("name", library())
def test_no_levers_of_the_library_contradict_each_other(name):
    assert contradictions(load_scenario(name)) == []


@pytest.mark.parametrize(
    ("first", "second"), [(a, b) for a in LEVERS for b, clash in LEVERS[a].against.items() if "at" in clash]
)
def test_where_levers_contradict_by_a_value_the_second_moves_nothing(tmp_path, first, second):
    alone = day(**LEVERS[first].against[second]["at"])
    both = alone + "".join(trial_text(LEVERS[second]).split("law:\n")[1])
    found = [
        load_scenario(scenario_file(tmp_path, text, f"{i}.yaml")) for i, text in enumerate((alone, both))
    ]
    lives = live(Population(persons=150, seed=5), 0, 150, compile_case(found[0]), demography())
    one, other = (follow(lives, compile_case(scenario), demography()).outcomes for scenario in found)
    np.testing.assert_array_equal(one, other)


def test_contradictions_name_levers_and_their_own_parameters():
    for lever in LEVERS.values():
        for second, clash in lever.against.items():
            pairs = clash.get("above", [])
            assert {low for low, _ in pairs} | set(clash.get("at", {})) <= set(lever.parameters)
            assert {high for _, high in pairs} <= set(LEVERS[second].parameters)
