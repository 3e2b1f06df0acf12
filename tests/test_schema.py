"""The JSON schema of scenario files, and the list by lever, country and status."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from scenarios.cli import cli
from scenarios.levers import levers
from scenarios.scenario import library
from scenarios.schema import SCHEMAS, scenario_schema
from scenarios.suite import SHIPPED
from scenarios.variations import questions
from simulate.strict_yaml import read_yaml

SCHEMA = scenario_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
README = Path(__file__).parents[1] / "scenarios" / "README.md"
HEAD = {
    "title": "T",
    "title_zh": "题",
    "question": "Q?",
    "question_zh": "问？",
    "source": "s",
    "status": "law",
}


def plain(text: str) -> dict:
    """A scenario file as JSON has it: dates are text."""
    return json.loads(json.dumps(read_yaml(text).data, default=str))


def run(*arguments: str):
    result = CliRunner().invoke(cli, list(arguments))
    return result.exit_code, result.output


def test_the_schema_is_a_schema_and_the_command_prints_it():
    Draft202012Validator.check_schema(SCHEMA)
    code, output = run("schema")
    assert code == 0
    assert json.loads(output) == SCHEMA


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_kind_of_file_has_a_schema_and_the_command_prints_it(kind):
    Draft202012Validator.check_schema(SCHEMAS[kind]())
    code, output = run("schema", kind)
    assert code == 0
    assert json.loads(output) == SCHEMAS[kind]()


@pytest.mark.parametrize("name", questions())
def test_every_shipped_question_fits_the_schema_of_its_heading_and_no_other(name):
    told = plain(questions()[name])
    for heading in ("sweep", "seek"):
        fits = list(Draft202012Validator(SCHEMAS[heading]()).iter_errors(told)) == []
        assert fits == (heading in told)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_suite_fits_the_schema(path):
    told = plain(path.read_text("utf-8"))
    assert list(Draft202012Validator(SCHEMAS["suite"]()).iter_errors(told)) == []


AXIS = {"set": "law.flexible_rate.2027-01-01", "values": [0.1, 0.2]}
SEEK = {"set": AXIS["set"], "between": [0, 0.2], "indicator": "new_joiners", "target": 0.1}
ROW = {"indicator": "new_joiners", "scenario": "lower-floor", "value": 0.1}
SUITE = {"title": "T", "title_zh": "题", "scenarios": ["lower-floor"], "persons": 10, "seed": 1}
GOOD = {
    "sweep": HEAD | {"sweep": {"axes": {"rate": AXIS}}},
    "seek": HEAD | {"seek": SEEK},
    "suite": SUITE | {"expected": [ROW]},
}


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("sweep", {"sweep": {"axes": {}}}),
        ("sweep", {"sweep": {"axes": {"rate": AXIS | {"set": "laws.flexible_rate"}}}}),
        ("sweep", {"sweep": {"axes": {"rate": AXIS | {"from": 0.1, "to": 0.2}}}}),
        ("sweep", {"sweep": {"axes": {"rate": {"set": AXIS["set"], "from": 0.1}}}}),
        ("sweep", {"sweep": {"axes": {"rate": AXIS}, "design": "cube"}}),
        ("sweep", {"status": "proposed"}),
        ("seek", {"seek": SEEK | {"indicator": "joiners"}}),
        ("seek", {"seek": SEEK | {"between": [0.2]}}),
        ("seek", {"seek": SEEK | {"group": {"occupation": "pilot"}}}),
        ("seek", {"seek": SEEK | {"of": "ratio"}}),
        ("seek", {"seek": SEEK | {"tolerance": 0}}),
        ("suite", {"persons": 0}),
        ("suite", {"scenarios": []}),
        ("suite", {"expected": [ROW | {"measure": "ratio"}]}),
        ("suite", {"expected": [ROW | {"tolerance": -1}]}),
        ("suite", {"expectations": []}),
    ],
)
def test_what_does_not_fit_its_kind_is_found(kind, wrong):
    validator = Draft202012Validator(SCHEMAS[kind]())
    assert list(validator.iter_errors(GOOD[kind])) == []
    assert list(validator.iter_errors(GOOD[kind] | wrong)) != []


@pytest.mark.parametrize("name", library())
def test_every_file_of_the_library_fits_the_schema(name):
    assert list(VALIDATOR.iter_errors(plain(library()[name]))) == []


def test_the_file_of_the_readme_fits_the_schema():
    (text,) = re.findall(r"```yaml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert list(VALIDATOR.iter_errors(plain(text))) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "proposed"},
        {"laws": {}},
        {"law": {"flexible_rat": {"2027-01-01": 0.2}}},
        {"law": {"flexible_rate": {"2027-01-01": 60}}},
        {"law": {"flexible_rate": {"2027": 0.2}}},
        {"law": {"flexible_rate": 0.2}},
        {"law": {"levy_destination": {"2027-01-01": "accounts"}}},
        {"law": {"government_match_rate": [{"effective": "2027-01-01", "value": 1, "occupation": "pilot"}]}},
        {"law": {"flexible_rate": [{"effective": "2027-01-01", "value": 0.2, "provinces": ["Atlantis"]}]}},
        {"law": {"flexible_rate": [{"effective": "2027-01-01", "value": 0.2, "occupation": "rider"}]}},
        {"behaviour": {"knowledge_share": 90}},
        {"behaviour": {"knowledge": 0.9}},
        {"baseline": {"law_on": "2020-01-01"}},
    ],
)
def test_what_does_not_fit_is_found(wrong):
    assert list(VALIDATOR.iter_errors(HEAD)) == []
    assert list(VALIDATOR.iter_errors(HEAD | wrong)) != []


def test_the_list_tells_levers_country_and_source_of_every_scenario():
    code, output = run("list", "--format", "json")
    assert code == 0
    rows = json.loads(output)
    assert [row["name"] for row in rows] == list(library())
    for row in rows:
        assert {"name", "title", "title_zh", "status", "levers", "country", "source"} <= set(row)
        assert set(row["levers"]) <= set(levers())
        assert bool(row["levers"]) == (row["name"] != "current-law")
        assert (
            (row["status"] != "in_force_elsewhere") or row["country"] or row["name"] == "lower-floor-scaled"
        )


def test_scenarios_are_found_by_lever_country_and_status():
    code, output = run("list", "--lever", "care_credits", "--country", "Germany", "--format", "json")
    assert (code, [row["name"] for row in json.loads(output)]) == (0, ["german-carer-credits"])
    code, output = run("list", "--status", "practice", "--format", "json")
    assert "current-practice" in [row["name"] for row in json.loads(output)]
    assert {row["status"] for row in json.loads(output)} == {"practice"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--lever", "care_credit"), "Did you mean care_credits?"),
        (("--country", "Atlantis"), "Known are"),
        (("--country", "Chile", "--status", "law"), "no scenario has all of these"),
        (("levers", "--country", "Chile"), "country go with scenarios"),
    ],
)
def test_what_no_scenario_has_is_told_and_ends_with_2(arguments, told):
    from scenarios.cli import main
    from scenarios.scenario import ScenarioError

    result = CliRunner().invoke(cli, ["list", *arguments])
    assert isinstance(result.exception, ScenarioError)
    assert told in str(result.exception)
    assert callable(main)


def test_levers_are_listed_with_their_directions():
    rows = json.loads(run("list", "levers", "--format", "json")[1])
    assert [row["name"] for row in rows] == list(levers())
    assert {"parameters", "raises", "lowers", "keeps", "given", "whom", "employing"} <= set(rows[0])
    assert next(row for row in rows if row["name"] == "pass_through")["employing"] == "widens"
    table = run("list", "levers", "--lang", "zh")[1].splitlines()
    assert "雇佣" in table[0]
    assert "扩大" in next(line for line in table if line.startswith("pass_through"))
