"""Values for limited groups: every faulty row is told, who is in no row stays the same to the last bit."""

import functools
import json

import numpy as np
import pytest

from calibration.paths import load_demography
from scenarios.error_texts import told_error
from scenarios.inputs import amended_economy
from scenarios.levers import TRIAL_DATE
from scenarios.listing import difference_rows
from scenarios.scenario import ScenarioError, compile_case, library, load_scenario, scenario_of
from simulate.kernel import pack
from simulate.law import LawError, load_law
from simulate.limited import MOST_ROWS, PARAMETERS, WORDS
from simulate.policy import compile_policy
from simulate.population import Population
from simulate.run import follow, live, prepare
from simulate.strict_yaml import read_yaml
from simulate.terms import FORMS, OCCUPATIONS

WORLD = pack(load_demography())
LAW = load_law()
HEAD = """\
title: A test
title_zh: 测试
question: What if?
question_zh: 如果？
source: this test
status: illustration
law:
"""
PEOPLE = 400


def scenario(rows, name="flexible_rate_of_groups", also=""):
    text = f"{HEAD}  {name}: {{{TRIAL_DATE}: {json.dumps(rows)}}}\n{also}"
    return scenario_of(read_yaml(text), "trial", text, "trial.yaml")


# --------------------------------------------------------------------------- faulty rows

FAULTY = [
    ([{"sexx": "female", "value": 0.1}], "row 1: unknown limit sexx. Known are value, sex, hukou"),
    ([{"sex": "femal", "value": 0.1}], "row 1: sex 'femal' is not one of male, female. Did you mean female?"),
    ([{"hukou": ["rural", "urben"], "value": 0.1}], "row 1: hukou 'urben' is not one of rural, urban"),
    ([{"form": "platform", "value": 0.1}], "row 1: form 'platform' is not one of formal_employee"),
    ([{"occupation": "riders", "value": 0.1}], "Did you mean rider?"),
    ([{"sex": [], "value": 0.1}], "row 1: sex is empty. Name a sex or leave it out"),
    ([{"sex": None, "value": 0.1}], "row 1: sex None is not one of male, female"),
    ([{"province": "Guangdon", "value": 0.1}], "row 1: Guangdon is no province. Did you mean Guangdong?"),
    ([{"sex": "female"}], "row 1: missing value"),
    ([{"sex": "female", "value": "much"}], "row 1: 'much' is not a number (share of the base)"),
    ([{"sex": "female", "value": True}], "row 1: True is not a number"),
    ([{"sex": "female", "value": 60}], "row 1: 60 is outside 0 to 0.5 (share of the base)"),
    ([{"age": 30, "value": 0.1}], "row 1: age 30 is not [from, below] (years)"),
    ([{"age": [40, 30], "value": 0.1}], "row 1: age [40, 30] is not [from, below]"),
    ([{"age": None, "value": 0.1}], "row 1: age None is not [from, below]"),
    ([{"earnings": ["a", 1], "value": 0.1}], "is not [from, below] (multiples of reference_wage)"),
    ([{"value": 0.1}, {"sex": "male", "value": 0.1}], "row 1: it fits everybody, so no later row is read"),
    (0.1, "0.1 is not a list of rows with value and limits"),
    (["female"], "['female'] is not a list of rows with value and limits"),
    ([{"value": 0.1}] * (MOST_ROWS + 1), f"{MOST_ROWS + 1} rows are more than {MOST_ROWS}"),
]


@pytest.mark.parametrize(("rows", "told"), FAULTY)
def test_a_faulty_row_is_one_clear_line_in_both_languages(rows, told):
    with pytest.raises(ScenarioError) as caught:
        scenario(rows)
    (fault,) = caught.value.faults
    assert fault.where == f"line 8, law.flexible_rate_of_groups, {TRIAL_DATE}"
    assert told in fault.message
    chinese = told_error(caught.value, "zh")
    assert not any(words in chinese for words in (" is ", "row ", "missing", "unknown", "are more"))


def test_a_limit_that_a_rule_cannot_read_is_refused():
    with pytest.raises(ScenarioError, match=r"unknown limit age\. Known are value, sex, hukou"):
        scenario([{"age": [20, 30], "value": 120}], "minimum_months_of_groups")


def test_rows_name_their_provinces_themselves():
    entry = f"[{{effective: {TRIAL_DATE}, provinces: [Beijing], value: [{{value: 0.1}}]}}]"
    text = f"{HEAD}  flexible_rate_of_groups: {entry}\n"
    found = scenario_of(read_yaml(text), "trial", text, "trial.yaml")
    with pytest.raises(LawError, match=r"flexible_rate_of_groups, 2027-01-01: .*Name provinces in its rows"):
        compile_case(found)


def test_a_provincial_value_of_a_rule_of_the_nation_is_refused():
    entry = f"[{{effective: {TRIAL_DATE}, provinces: [Beijing, 上海], value: 180}}]"
    text = f"{HEAD}  minimum_contribution_months: {entry}\n"
    found = scenario_of(read_yaml(text), "trial", text, "trial.yaml")
    with pytest.raises(LawError, match="for the whole nation, so a value for Beijing, Shanghai cannot"):
        compile_case(found)


def test_all_faulty_rows_are_told_at_once_each_with_its_line(tmp_path):
    path = tmp_path / "rows.yaml"
    path.write_text(
        f"{HEAD}  flexible_rate_of_groups:\n    {TRIAL_DATE}:\n"
        "      - {sex: femal, value: 0.1}\n      - {sex: male, value: 0.1}\n      - {hukou: rural}\n"
        "      - {age: [30, 20], value: 7}\n",
        "utf-8",
    )
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert [(fault.where.split(",")[0], fault.message.split(":")[0]) for fault in caught.value.faults] == [
        ("line 10", "row 1"),
        ("line 12", "row 3"),
        ("line 13", "row 4"),
        ("line 13", "row 4"),
    ]


def test_more_rows_than_there_is_room_for_over_all_dates_are_refused():
    rows = json.dumps([{"sex": "male", "value": 0.1}] * 20)
    text = f"{HEAD}  flexible_rate_of_groups: {{2027-01-01: {rows}, 2030-01-01: {rows}}}\n"
    with pytest.raises(ScenarioError) as caught:
        scenario_of(read_yaml(text), "trial", text, "trial.yaml")
    message = f"flexible_rate_of_groups has 40 rows over all dates, {MOST_ROWS} are allowed"
    assert caught.value.faults == (("line 8, law.flexible_rate_of_groups", message),)
    assert "flexible_rate_of_groups各日期共有40组，最多32组" in told_error(caught.value, "zh")
    # a law amended without a file is refused where it is compiled
    dated = [{"effective": day, "value": json.loads(rows)} for day in ("2027-01-01", "2030-01-01")]
    with pytest.raises(LawError, match=f"has 40 rows over all dates, {MOST_ROWS} are allowed"):
        compile_policy(LAW.amend({"flexible_rate_of_groups": dated}), amended_economy("central", {}))


def test_a_difference_tells_a_row_a_line_with_whom_it_is_for():
    rows = [
        {"sex": "female", "age": [16, 30], "value": 0.1},
        {"occupation": ["rider", "courier"], "value": 0.12},
    ]
    found = scenario(rows)
    assert [row[3:] for row in difference_rows(found)] == [
        ("female, from 16 to under 30 years", "–", "0.1"),
        ("rider or courier", "–", "0.12"),
    ]
    assert [row[3] for row in difference_rows(found, "zh")] == ["女，16岁至不满30岁", "外卖骑手或快递员"]


@pytest.mark.parametrize("name", library())
def test_every_scenario_of_the_library_is_shown_in_both_languages(name):
    for lang in ("en", "zh"):
        assert all(
            isinstance(text, str) for row in difference_rows(load_scenario(name), lang) for text in row
        )


# --------------------------------------------------------------------------- nobody else

VALUES = dict(zip(PARAMETERS, (0.12, 0.3, 0.08, 0.5, 1.0, 0.8, 120), strict=True))
WHOM = {"sex": "female", "hukou": "rural", "form": "platform_flexible", "occupation": "rider"}
WHOM |= {"province": "Guangdong"}
CARE = f"  care_credit_child_months: {{{TRIAL_DATE}: 36}}\n"


@functools.cache
def before():
    case = prepare(compile_case(load_scenario("current-law")))
    lives = live(Population(persons=PEOPLE, seed=4), 0, PEOPLE, case, WORLD)
    return lives, follow(lives, case, WORLD).outcomes


def touched(rows, name):
    lives, old = before()
    also = CARE if name == "care_credit_base_of_groups" else ""
    new = follow(lives, prepare(compile_case(scenario(rows, name, also))), WORLD).outcomes
    return (old != new).any(axis=0)


def ever(dimension: str, word: str) -> np.ndarray:
    """Who is ever in a group."""
    people, careers = before()[0].people, before()[0].careers
    if dimension in ("sex", "hukou"):
        return getattr(people, dimension) == WORDS[dimension].index(word)
    code = {
        "form": [term.name for term in FORMS],
        "occupation": [term.name for term in OCCUPATIONS],
        "province": [p.name for p in LAW.provinces],
    }[dimension].index(word)
    lived = np.arange(careers.form.shape[1]) < careers.length[:, None]
    return ((getattr(careers, dimension) == code) & lived).any(axis=1)


@pytest.mark.parametrize(
    ("name", "dimension"),
    [(name, limit) for name in PARAMETERS for limit in WHOM if limit in LAW.parameters[name].choices],
)
def test_a_value_for_a_group_leaves_everybody_else_as_they_are_to_the_last_bit(name, dimension):
    word = WHOM[dimension]
    moved = touched([{dimension: word, "value": VALUES[name]}], name)
    assert moved[ever(dimension, word)].any()
    assert not moved[~ever(dimension, word)].any()


@pytest.mark.parametrize("name", [p for p in PARAMETERS if "age" in LAW.parameters[p].choices])
def test_a_value_for_an_age_leaves_who_is_past_it_as_they_are_to_the_last_bit(name):
    birth_year = 1990 + before()[0].people.birth // 12
    moved = touched([{"age": [16, 30], "value": VALUES[name]}], name)
    assert moved[birth_year >= 1997].any()
    assert not moved[birth_year < 1996].any()


@pytest.mark.parametrize("name", PARAMETERS)
def test_rows_that_fit_nobody_and_no_rows_change_nothing(name):
    limits = {"age": [120, 130]} if "age" in LAW.parameters[name].choices else None
    nobody = [] if limits is None else [limits | {"value": VALUES[name]}]
    assert not touched(nobody, name).any()


def test_of_the_rows_that_fit_the_first_holds():
    first = {"sex": "female", "value": 0.12}
    lives, _ = before()
    found = [
        follow(lives, prepare(compile_case(scenario(rows))), WORLD).outcomes
        for rows in ([first, {"value": 0.16}], [first, {"sex": "male", "value": 0.16}])
    ]
    assert np.array_equal(*found)
