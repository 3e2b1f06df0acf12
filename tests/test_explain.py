"""The ledger of one person: equal to the engine to the fen, cited line by line, gaps shared out in full."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import sys

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from scenarios import cli
from scenarios.facts import FactsError, read_record
from scenarios.inputs import demography
from scenarios.ledger import ledger, page, printed, spells, to_json
from scenarios.ledger_schema import ledger_schema
from scenarios.scenario import ScenarioError, compile_case, load_scenario
from simulate.explain import FACTORS, explain, explain_against
from simulate.outcomes import POSITION
from simulate.policy import compile_policy
from simulate.run import Population, follow, live, prepare
from simulate.terms import PAYERS

PERSONS = 120
MORE_PERSONS, MANY_PERSONS = 300, 2_500  # of each of four scenarios; with the others 2,040 lives, then 10,000
SCENARIOS = ("current-law", "lower-floor-scaled", "no-floor-pro-rata", "platform-cofunding+carer-credits")
FACTS = "# birth: 1968-03\n# sex: male\n# hukou_province: Shaanxi\n"
ROWS = "year,months,province,base,route\n"


@pytest.fixture(scope="module")
def lives():
    lead = compile_case(load_scenario("current-law"))
    return live(Population(seed=11), 0, PERSONS, lead, demography())


@pytest.fixture(scope="module")
def sides(lives):
    """Case, course and law of each scenario on the same lives."""
    found = {}
    for name in SCENARIOS:
        scenario = load_scenario(name)
        case = prepare(compile_case(scenario))
        found[name] = (case, follow(lives, case, demography()), scenario.compile_law())
    return found


@pytest.fixture
def record_file(tmp_path):
    def _write(rows: str, facts: str = FACTS, name: str = "record.csv"):
        path = tmp_path / name
        path.write_text(facts + ROWS + rows, "utf-8")
        return path

    return _write


@pytest.fixture
def flexpension(monkeypatch, capsys, tmp_path):
    """Run a command line in this process and an empty folder: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def _run(*arguments):
        monkeypatch.setattr(sys, "argv", ["flexpension", *map(str, arguments)])
        with pytest.raises(SystemExit) as leaving:
            cli.main()
        out, err = capsys.readouterr()
        return leaving.value.code or 0, out, err

    return _run


# --------------------------------------------------------------------------- ledger and engine


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_ledger_adds_up_to_the_engine_within_a_fen(lives, sides, name):
    agrees(lives, *sides[name])


def agree_on_people(name, first, persons):
    scenario = load_scenario(name)
    case = prepare(compile_case(scenario))
    lead = compile_case(load_scenario("current-law"))
    lives = live(Population(persons=100_000, seed=29), first, persons, lead, demography())
    agrees(lives, case, follow(lives, case, demography()), scenario.compile_law())


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_ledger_adds_up_to_the_engine_on_more_lives(name):
    agree_on_people(name, MORE_PERSONS * SCENARIOS.index(name), MORE_PERSONS)


@pytest.mark.full
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_ledger_adds_up_to_the_engine_on_many_lives(name):
    agree_on_people(name, 20_000 + MANY_PERSONS * SCENARIOS.index(name), MANY_PERSONS)


@pytest.mark.parametrize("variant", ["static", "value_for_money"])
def test_the_ledger_adds_up_under_other_behaviour_too(variant):
    base, scenario = load_scenario("current-law"), load_scenario("lower-floor-20")
    lead, case = (prepare(compile_case(s, behaviour=variant)) for s in (base, scenario))
    if variant == "static":
        case = case._replace(decision_policy=lead.policy)
    lives = live(Population(seed=104), 100, PERSONS, lead, demography())
    agrees(lives, case, follow(lives, case, demography()), scenario.compile_law())


def test_a_universal_and_a_minimum_pension_stand_on_a_line_of_their_own(lives):
    """10 % of the wage for all, and 30 % less half of everything else."""
    changes = {
        name: [{"effective": "2027-01-01", "value": value}]
        for name, value in (
            ("universal_pension_ratio", 0.1),
            ("minimum_pension_ratio", 0.3),
            ("minimum_pension_taper", 0.5),
        )
    }
    lead = compile_case(load_scenario("current-law"))
    law = load_scenario("current-law").compile_law().amend(changes)
    policy = compile_policy(law, lead.economy)
    case = prepare(lead._replace(policy=policy, decision_policy=policy))
    course = follow(lives, case, demography())
    agrees(lives, case, course, law)
    lines = {line["name"]: line for line in explain(lives, 0, case, course, law)["lines"]}
    n = lines["floor_pension"]["inputs"]
    flat = 0.1 * n["reference_wage"]
    least = 0.3 * n["reference_wage"] - 0.5 * (n["pension"] + flat)
    assert lines["floor_pension"]["value"] == pytest.approx(flat + max(0, least))
    assert lines["pension_at_65"]["value"] == pytest.approx(n["pension"] + lines["floor_pension"]["value"])


def agrees(lives, case, course, law):
    for i in range(lives.people.person.size):
        told = explain(lives, i, case, course, law)
        totals = told["totals"]
        paid = [totals["paid_by"][payer.name] for payer in PAYERS]
        assert paid == pytest.approx(course.record.paid[i].sum(axis=0), abs=0.01)
        expected = {
            "contribution_months": course.award.record_months[i],
            "average_contribution_index": course.award.index[i],
            "account_balance": course.award.account[i],
            "basic": course.award.basic[i],
            "account": course.award.account_part[i],
            "transitional": course.award.transitional[i],
            "resident_basic": course.award.resident_basic[i],
            "resident_rest": course.award.resident_rest[i],
            "pension_at_claim": course.outcomes[POSITION["pension_at_claim"], i],
            "pension_at_65": course.outcomes[POSITION["pension_at_65"], i],
        }
        assert {key: totals[key] for key in expected} == pytest.approx(expected, abs=0.01)


def test_the_lives_of_the_test_hold_both_schemes_and_every_route(lives, sides):
    case, course, law = sides["platform-cofunding+carer-credits"]
    ledgers = [explain(lives, i, case, course, law) for i in range(PERSONS)]
    assert {told["claim"]["kind"] for told in ledgers} >= {"employee", "resident"}
    routes = {month["route"] for told in ledgers for month in told["months"]}
    assert routes == {"none", "employee", "flexible", "resident", "credit"}


def test_every_month_balances_and_every_year_follows_from_the_last(lives, sides):
    case, course, law = sides["platform-cofunding+carer-credits"]
    for i in range(40):
        told = explain(lives, i, case, course, law)
        for month in told["months"]:
            assert sum(month["paid_by"].values()) == pytest.approx(sum(month["credited"].values()), abs=1e-6)
        for before, after in itertools.pairwise(told["years"]):
            assert after["opening"] == before["closing"]
        for year in told["years"]:
            closing = year["opening"] + year["credits"] + year["interest"]
            assert year["closing"] == pytest.approx(closing, abs=1e-9)


def test_months_run_without_a_gap_to_the_month_before_the_claim(lives, sides):
    case, course, law = sides["current-law"]
    for i in range(40):
        told = explain(lives, i, case, course, law)
        months = [12 * int(m["month"][:4]) + int(m["month"][5:]) for m in told["months"]]
        assert np.all(np.diff(months) == 1)
        if told["claim"]["kind"] == "employee":
            year, month = told["claim"]["month"].split("-")
            assert months[-1] == 12 * int(year) + int(month) - 1


def test_lines_name_parameter_date_act_article_and_flag(lives, sides):
    case, course, law = sides["current-law"]
    number = next(i for i in range(PERSONS) if course.plan.claim_kind[i] == 1)
    told = explain(lives, number, case, course, law)
    lines = {line["name"]: line for line in told["lines"]}
    basic = lines["basic_pension"]
    assert "国发〔2005〕38号" in basic["act"]
    assert (basic["article"], basic["effective"], basic["flag"]) == ("六", "2006-01-01", "observed")
    assert lines["claim_province"]["act"].startswith("国办发〔2009〕66号")
    assert lines["benefit_base"]["flag"] == "projected"  # claims decades after the last dated base
    for line in told["lines"]:
        assert (line["parameter"] is None) == (line["effective"] is None)
        assert line["name_zh"]
        assert line["unit"]


def test_the_basic_pension_is_its_formula_with_its_numbers(lives, sides):
    case, course, law = sides["current-law"]
    for i in range(PERSONS):
        for line in explain(lives, i, case, course, law)["lines"]:
            if line["name"] == "basic_pension" and "low_index_threshold" not in line["inputs"]:
                n = line["inputs"]
                base = n["benefit_base"] * (1 - n["weight"])
                indexed = n["indexed_benefit_base"] * n["index"] * n["weight"]
                assert line["value"] == pytest.approx((base + indexed) * n["years"] * n["accrual_rate"])


# --------------------------------------------------------------------------- against another scenario


def test_the_factors_of_a_gap_add_up_to_it(lives, sides):
    shared = 0
    for name in SCENARIOS[1:]:
        for i in range(PERSONS):
            told = explain_against(lives, i, sides[name], sides["current-law"])["against"]
            gap = told["pension_at_65"]["difference"]
            assert [part["name"] for part in told["factors"]] == [factor.name for factor in FACTORS]
            assert sum(part["amount"] for part in told["factors"]) == pytest.approx(gap, abs=1e-8)
            shared += gap != 0
    assert shared > 10


def test_a_scenario_differs_from_itself_in_nothing(lives, sides):
    told = explain_against(lives, 3, sides["current-law"], sides["current-law"])["against"]
    assert told["months"] == told["lines"] == []
    assert [part["amount"] for part in told["factors"]] == [0.0] * len(FACTORS)


def test_a_gap_is_the_same_with_the_sign_turned_when_the_scenarios_change_places(lives, sides):
    names = ("lower-floor-scaled", "current-law")
    for i in range(40):
        there = explain_against(lives, i, *(sides[n] for n in names))["against"]["factors"]
        back = explain_against(lives, i, *(sides[n] for n in reversed(names)))["against"]["factors"]
        turned = [-part["amount"] for part in back]
        assert [part["amount"] for part in there] == pytest.approx(turned, abs=1e-8)


def test_who_pays_less_on_the_same_base_differs_in_the_months_but_not_in_the_pension(lives, sides):
    """Under cofunding the platform pays 8 of 20 points; who was covered before keeps base and account."""
    name = "platform-cofunding+carer-credits"
    found = 0
    for i in range(PERSONS):
        told = explain_against(lives, i, sides[name], sides["current-law"])["against"]
        if told["months"] and all(set(m["scenario"]) == {"paid_by", "credited"} for m in told["months"]):
            months = told["months"]
            assert all(m["scenario"]["paid_by"]["worker"] < m["against"]["paid_by"]["worker"] for m in months)
            assert told["pension_at_65"]["difference"] == pytest.approx(0, abs=1e-9)
            found += 1
    assert found > 0


# --------------------------------------------------------------------------- a given record


def test_a_given_record_is_paid_out_by_the_law(record_file):
    """15 years at 3000 in one province: months, index and account by hand, formula by the line's numbers."""
    rows = "".join(f"{year},12,Shaanxi,3000,flexible\n" for year in range(2010, 2025))
    told = ledger("current-law", record=record_file(rows))
    assert told["person"] is None
    assert told["facts"]["statutory_month"] == "2029-01"  # 2028-03 + 10 months
    assert told["claim"] | {"month": "2029-01", "kind": "employee", "province": "Shaanxi"} == told["claim"]
    totals = told["totals"]
    assert totals["contribution_months"] == 15 * 12
    assert totals["paid_by"]["worker"] == pytest.approx(15 * 12 * 3000 * 0.20)
    assert sum(year["credits"] for year in told["years"]) == pytest.approx(15 * 12 * 3000 * 0.08)
    first = told["years"][[year["year"] for year in told["years"]].index(2010)]
    # monthly products: January's credit bears 12 months of interest, December's one
    assert first["interest"] == pytest.approx(3000 * 0.08 * (12 * 13 / 2) * first["rate"] / 12)
    law = load_scenario("current-law").compile_law()
    wages = [law.value("reference_wage", f"{year}-01-01", "Shaanxi") for year in range(2010, 2025)]
    assert totals["average_contribution_index"] == pytest.approx(sum(3000 / wage for wage in wages) / 15)


def test_a_record_by_months_and_one_by_years_are_the_same(record_file, tmp_path):
    by_year = ledger("current-law", record=record_file("2020,12,Shaanxi,4000,flexible\n"))
    rows = [{"month": f"2020-{month:02d}", "base": 4000} for month in range(1, 13)]
    facts = {"birth": "1968-03", "sex": "男", "hukou_province": "陕西", "record": rows}
    path = tmp_path / "record.json"
    path.write_text(json.dumps(facts), "utf-8")
    assert ledger("current-law", record=path) == by_year


def test_a_record_short_of_the_minimum_has_no_pension_and_says_so(record_file):
    told = ledger("current-law", record=record_file("2020,12,Shaanxi,4000,flexible\n"))
    claim, totals = told["claim"], told["totals"]
    assert (claim["kind"], claim["month"], totals["pension_at_65"]) == ("none", None, 0)
    # the account is given back when the claim has failed, in the statutory month
    assert (claim["refund_month"], claim["refund"]) == ("2029-01", totals["account_balance"])
    assert claim["refund"] > 12 * 4000 * 0.08


def test_resident_months_help_a_record_over_the_minimum_where_the_law_counts_them(record_file):
    """Thirteen employee and three resident years: 156 months, with all of 36 more 192 of 180."""
    rows = "".join(f"{year},12,Shaanxi,3000,flexible\n" for year in range(2012, 2025))
    rows += "".join(f"{year},12,Shaanxi,500,resident\n" for year in range(2009, 2012))
    path = record_file(rows)
    law = load_scenario("current-law")
    assert ledger(law, record=path)["claim"]["kind"] == "resident"
    counted = ledger("resident-months-count", record=path)
    share = (
        load_scenario("resident-months-count")
        .compile_law()
        .value("resident_months_counted_share", "2029-01-01")
    )
    assert (counted["claim"]["kind"] == "employee") == (13 * 12 + share * 36 >= 180)
    assert share == 1.0
    # they open the right and add no amount
    lines = {line["name"]: line for line in counted["lines"]}
    assert lines["basic_pension"]["inputs"]["years"] == 13


def test_resident_years_of_a_record_give_a_resident_pension(record_file):
    """15 years at 500 and a subsidy of 60: the account is paid over 139 months."""
    rows = "".join(f"{year},12,Shaanxi,500,resident,60\n" for year in range(2012, 2027))
    path = record_file("")
    path.write_text(FACTS + ROWS.strip() + ",subsidy\n" + rows, "utf-8")
    told = ledger("current-law", record=path)
    assert told["claim"]["kind"] == "resident"
    lines = {line["name"]: line for line in told["lines"]}
    balance = told["totals"]["account_balance"]
    assert balance > 15 * 560
    assert lines["resident_account_pension"]["value"] == pytest.approx(balance / 139)
    paid = told["totals"]["paid_by"]
    assert (paid["worker"], paid["government"]) == (15 * 500, 15 * 60)


WRONG_RECORDS = {
    "unknown province": (
        "2020,12,Shanxxi,4000,flexible\n",
        FACTS,
        r"record\.1\.province: 'Shanxxi' is no pro",
    ),
    "index for a base": ("2020,12,Shaanxi,0.6,flexible\n", FACTS, "looks like an index"),
    "negative base": ("2020,12,Shaanxi,-4000,flexible\n", FACTS, r"record\.1\.base"),
    "text for a base": ("2020,12,Shaanxi,much,flexible\n", FACTS, r"record\.1\.base: 'much'"),
    "unknown route": ("2020,12,Shaanxi,4000,flexibel\n", FACTS, r"record\.1\.route"),
    "thirteen months": ("2020,13,Shaanxi,4000,flexible\n", FACTS, r"record\.1\.months"),
    "a cell too many": (
        "2020,12,Shaanxi,4000,flexible\n2021,12,Shaanxi,4,000,flexible\n",
        FACTS,
        r"record\.2: 6 cells under 5 columns",
    ),
    "twice": ("2020,12,Shaanxi,4000,flexible\n" * 2, FACTS, "stands in row 1 already"),
    "after the claim": ("2035,12,Shaanxi,4000,flexible\n", FACTS, "outside the career"),
    "no facts": ("2020,12,Shaanxi,4000,flexible\n", "", "has no facts"),
    "birth too late": ("2020,12,Shaanxi,4000,flexible\n", FACTS.replace("1968", "2030"), "birth: '2030-03'"),
    "no sex": ("2020,12,Shaanxi,4000,flexible\n", FACTS.replace("# sex: male\n", ""), "sex: is missing"),
    "unknown fact": ("2020,12,Shaanxi,4000,flexible\n", FACTS + "# hukuo: rural\n", "Did you mean hukou"),
    "category": ("2020,12,Shaanxi,4000,flexible\n", FACTS + "# category: female_50\n", "does not fit sex"),
    "claim": ("2020,12,Shaanxi,4000,flexible\n", FACTS + "# claim_month: 2020-01\n", "claim_month: 2020-01"),
    "no rows": ("", FACTS, "record"),
}


@pytest.mark.parametrize("name", WRONG_RECORDS)
def test_a_wrong_record_is_told_with_its_place(record_file, name):
    rows, facts, message = WRONG_RECORDS[name]
    path = record_file(rows, facts)
    with pytest.raises(FactsError, match=message) as told:
        ledger("current-law", record=path)
    assert str(path) in str(told.value)


def test_all_faults_of_a_record_are_told_at_once(record_file):
    path = record_file("2020,12,Nowhere,4000,flexible\n2021,12,Shaanxi,0,flexible\n")
    with pytest.raises(FactsError) as told:
        read_record(path)
    assert len(told.value.faults) == 2


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"x" * 1_100_000, b"[1, 2]"])
def test_a_file_that_is_no_record_is_refused(tmp_path, content):
    for name in ("record.json", "record.yaml", "record.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(FactsError):
            read_record(path)


# --------------------------------------------------------------------------- told to readers


def test_spells_hold_every_month_once(lives, sides):
    case, course, law = sides["current-law"]
    months = explain(lives, 8, case, course, law)["months"]
    merged = spells(months)
    assert sum(spell["months"] for spell in merged) == len(months)
    paid = sum(sum(spell["paid_by"].values()) for spell in merged)
    assert paid == pytest.approx(sum(sum(month["paid_by"].values()) for month in months))


def test_the_ledger_is_told_in_both_languages_and_as_a_page_of_its_own(flexpension, tmp_path):
    code, out, _ = flexpension("explain", "--person", 8, "--lang", "zh")
    assert code == 0
    assert "基础养老金" in out
    assert "国发〔2005〕38号" in out
    # names of parameters stand in their own column, before a date, and nowhere else
    assert "benefit_base" not in re.sub(r"benefit_base\s+20", "", out)
    assert not re.search(r"[a-z]+_[a-z]+ [×+]", out)
    told = ledger("lower-floor", person=8, against="current-law")
    for lang in cli.LANGUAGES:
        assert printed(told, lang)
        text = page(told, lang)
        assert text.startswith("<!DOCTYPE html>")
        assert not re.search(r'(src|href)="', text)
    code, _, err = flexpension("explain", "--person", 8, "--report", "ledger.html")
    assert code == 0
    assert "ledger.html" in err
    assert (tmp_path / "ledger.html").exists()


@pytest.mark.parametrize("against", [None, "current-law"])
def test_what_is_printed_as_json_fits_the_schema(against):
    validator = Draft202012Validator(ledger_schema())
    for person in (2, 8, 30):
        told = json.loads(to_json(ledger("lower-floor", person=person, against=against)))
        assert [error.message for error in validator.iter_errors(told)] == []
        told["lines"][0]["year"] = "2036"
        assert not validator.is_valid(told)


def test_a_ledger_is_printed_as_csv_and_markdown_too(flexpension):
    arguments = ("explain", "--person", 8, "--scenario", "lower-floor", "--format")
    code, out, _ = flexpension(*arguments, "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    told = ledger("lower-floor", person=8)["lines"]
    assert code == 0
    assert [row["name"] for row in rows] == [line["name"] for line in told]
    assert [json.loads(row["inputs"]) for row in rows] == [line["inputs"] for line in told]
    code, out, _ = flexpension(*arguments, "csv", "--against", "current-law")
    assert out.startswith("name,name_zh,year,scenario,against,unit")
    code, out, _ = flexpension(*arguments, "markdown")
    assert code == 0
    assert "### The pension, line by line" in out


def test_json_is_the_same_for_the_same_person_and_seed(flexpension):
    arguments = ("explain", "--person", 2, "--scenario", "lower-floor", "--seed", 5, "--format", "json")
    code, out, _ = flexpension(*arguments)
    assert code == 0
    told = json.loads(out)
    assert (told["schema_version"], told["person"], told["seed"]) == (1, 2, 5)
    assert set(told) == {
        *("schema_version", "person", "seed", "scenario", "facts", "months", "years", "claim", "lines"),
        *("totals", "transfers"),
    }
    assert flexpension(*arguments)[1] == out
    against = json.loads(flexpension(*arguments, "--against", "current-law")[1])["against"]
    assert set(against) == {"scenario", "pension_at_65", "factors", "months", "lines"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Give --person K or --record FILE"),
        (("--person", "1", "--record", "x.csv"), "Give --person K or --record FILE"),
        (("--person", "-1"), "person: -1 is no whole number from 0"),
        (("--person", "1", "--scenario", "lower-flor"), "Did you mean lower-floor"),
        (("--person", "1", "--against", "nobody"), "no scenario of the library"),
        (("--person", "1", "--economy", "middle"), "economy: 'middle' is not one of"),
        (("--person", "1", "--seed", "-4"), "seed: -4 is no whole number"),
        (("--record", "missing.csv"), "missing.csv: cannot be read"),
        (("--person", "1", "--report", "/nowhere/x.html"), "no folder that can be written"),
    ],
)
def test_wrong_use_of_explain_is_told_and_leaves_with_2(flexpension, arguments, message):
    code, out, err = flexpension("explain", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_a_person_can_be_explained_from_python_without_a_file():
    with pytest.raises(ScenarioError):
        ledger("current-law")
    assert ledger(load_scenario("current-law"), person=0)["scenario"] == "current-law"
