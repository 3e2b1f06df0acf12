"""Stylised careers: the engine on written lives, beside published figures and the slow life."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from calibration.paths import load_demography
from scenarios import compare_careers
from scenarios.career_file import load_careers, presets, read_careers
from scenarios.cli import cli
from scenarios.error_texts import sentence, sentences
from scenarios.scenario import ScenarioError, compile_case, load_scenario
from scenarios.schema import careers_schema
from scenarios.stylised import MEASURES, career_ledger, to_csv, value_of
from simulate.participation import CLAIM_EMPLOYEE, CLAIM_NONE, CLAIM_RESIDENT
from simulate.run import follow
from simulate.strict_yaml import read_yaml
from simulate.stylised import laid_down, stylised_lives, until_claim
from simulate.terms import FIRST_YEAR, ROUTE_CREDIT, ROUTE_FLEXIBLE, ROUTE_NONE, ROUTE_RESIDENT
from tests.reference_life import Life
from tests.test_reference_life import DEATHS, disagreements, law, plain

PUBLISHED = read_yaml((Path(__file__).parent / "published" / "careers.yaml").read_text("utf-8")).data
HEAD = """title: T
title_zh: 题
question: Q?
question_zh: 问？
source: s
confidence: illustration
"""
CAREER = """careers:
  - name: one
    title: One
    title_zh: 一
    birth: {birth}
    sex: {sex}
    hukou_province: Henan
    pays: {pays}
{more}    spells:
{spells}
"""


def written(pays, spells, more=(), birth="2000-01", sex="male", head=""):
    lines = "".join(f"    {line}\n" for line in more)
    rows = "\n".join(f"      - {{{spell}}}" for spell in spells)
    text = HEAD + head + CAREER.format(birth=birth, sex=sex, pays=pays, more=lines, spells=rows)
    return read_careers(text, "mine", "mine.yaml")


@cache
def case(name="current-law"):
    return compile_case(load_scenario(name))


def lived(file, name="current-law"):
    """Lives and course of the first career of a file under a scenario."""
    (career, *_), demography = file.careers, load_demography()
    own = laid_down(career, case(name))
    lives = until_claim(stylised_lives(career, laid_down(career, case())), own, demography)
    return lives, follow(lives, own, demography), own


def base_ratios(lives, course, own):
    """Bases over the reference wage of the months paid."""
    months = np.nonzero(course.plan.base[0] > 0.0)[0]
    years = (lives.careers.start[0] + months) // 12
    return (
        course.plan.base[0, months] / own.policy.reference_wage[course.plan.record_province[0, months], years]
    )


# --------------------------------------------------------------------------- published figures


@cache
def told(careers, *scenarios):
    return compare_careers(careers, scenarios)


@pytest.mark.parametrize("figure", PUBLISHED, ids=lambda figure: figure["id"])
def test_a_published_figure_is_met_or_the_miss_has_its_reason(figure):
    found = value_of(
        told(figure["careers"], figure["scenario"]), figure["career"], figure["indicator"], figure["scenario"]
    )
    assert (figure["low"] <= found <= figure["high"]) is figure["holds"], found
    assert figure["holds"] or len(figure["reason"]) > 50


# --------------------------------------------------------------------------- the engine on written lives


def test_an_employee_at_the_average_wage_has_index_one():
    lives, course, own = lived(written("employee", ["from: 22, form: formal_employee, earnings: 1.0"]))
    assert course.award.record_months[0] == 41 * 12  # from 22 to the statutory age of 63
    ratios = base_ratios(lives, course, own)
    assert ratios[12:] == pytest.approx(1.0)  # declared is last year's wage, and so is the reference


@pytest.mark.parametrize("tier", [0.6, 1.0, 2.0])
def test_a_flexible_worker_pays_the_tier_that_is_laid_down(tier):
    lives, course, own = lived(
        written("flexible", ["from: 30, form: other_flexible, earnings: 0.4"], [f"tier: {tier}"])
    )
    assert base_ratios(lives, course, own) == pytest.approx(tier)
    assert set(course.plan.route[0]) == {ROUTE_NONE, ROUTE_FLEXIBLE}


def test_a_tier_changes_with_the_spell_and_a_lower_floor_lets_lower_tiers_in():
    spells = [
        "from: 30, form: other_flexible, earnings: 0.5, tier: 1.0",
        "from: 40, form: other_flexible, earnings: 0.5, tier: 0.4",
    ]
    for name, lowest in (("current-law", 0.6), ("lower-floor", 0.4)):
        ratios = base_ratios(*lived(written("flexible", spells), name))
        assert ratios[:120] == pytest.approx(1.0)
        assert ratios[120:] == pytest.approx(lowest)


def test_a_resident_member_never_enters_the_employee_scheme_and_takes_the_tier_laid_down():
    spells = ["from: 22, form: platform_flexible, occupation: rider, earnings: 0.8"]
    paid = {}
    for tier in ("lowest", "highest"):
        file = written("resident", spells, ["hukou: rural", f"resident_tier: {tier}"])
        _, course, own = lived(file)
        assert set(course.plan.route[0]) == {ROUTE_NONE, ROUTE_RESIDENT}
        assert course.plan.claim_kind[0] == CLAIM_RESIDENT
        tiers = own.policy.resident_tiers[file.careers[0].facts.hukou_province, 2030 - FIRST_YEAR]
        slot = 2030 - FIRST_YEAR - (2016 - FIRST_YEAR)  # careers begin at 16
        paid[tier] = course.plan.resident_tier[0, slot]
        assert paid[tier] == (tiers[0] if tier == "lowest" else tiers[np.isfinite(tiers)][-1])
    assert paid["highest"] > paid["lowest"]


def test_a_mandate_reaches_even_who_would_not_pay():
    file = written("nothing", ["from: 30, form: platform_flexible, occupation: rider, earnings: 1.0"])
    assert lived(file)[1].plan.claim_kind[0] == CLAIM_NONE
    assert lived(file, "mandate-for-all")[1].plan.claim_kind[0] == CLAIM_EMPLOYEE


def test_a_break_for_care_is_credited_under_credits_alone():
    spells = [
        "from: 22, form: formal_employee, earnings: 1.0",
        "from: 30, form: caring",
        "from: 33, form: formal_employee, earnings: 1.0",
    ]
    file = written("employee", spells, ["children: [30]"], sex="female")
    assert not (lived(file)[1].plan.route[0] == ROUTE_CREDIT).any()
    credited = (lived(file, "carer-credits")[1].plan.route[0] == ROUTE_CREDIT).sum()
    assert credited == 36


@pytest.mark.parametrize(("claim", "months"), [("statutory", 0), ("{early: 12}", -12), ("{late: 24}", 24)])
def test_the_claim_is_shifted_as_laid_down(claim, months):
    file = written("employee", ["from: 22, form: formal_employee, earnings: 1.0"], [f"claim: {claim}"])
    lives, course, _ = lived(file)
    assert course.plan.claim[0] - course.plan.statutory[0] == months
    assert lives.careers.earnings[0, course.plan.claim[0] - lives.careers.start[0]] == 0.0  # work has ended


def test_early_claims_stop_at_the_window_of_the_law():
    file = written(
        "employee",
        ["from: 22, form: formal_employee, earnings: 1.0"],
        ["claim: {early: 36}"],
        birth="1968-01",
    )
    _, course, own = lived(file)
    original = file.careers[0].facts.birth + int(own.policy.original_age[0])
    assert course.plan.claim[0] == original < course.plan.statutory[0]  # never before the age of old


def test_who_decides_joins_or_not_by_the_traits_given():
    spells = ["from: 25, form: other_flexible, earnings: 1.5"]
    months = [
        (
            lived(
                written("decided", spells, [f"draws: {{willingness: {w}, knowledge: 0.0, patience: 0.0}}"])
            )[1]
        ).award.record_months[0]
        for w in (0.0, 1.0)
    ]
    assert months[0] == 0.0 < months[1]


def test_earnings_follow_a_profile_in_straight_lines():
    file = written("employee", ["from: 22, form: formal_employee, earnings: {22: 0.6, 42: 1.0, 52: 1.2}"])
    lives, _, own = lived(file)
    home = file.careers[0].facts.hukou_province
    for age, multiple in ((22, 0.6), (32, 0.8), (42, 1.0), (47, 1.1), (55, 1.2)):
        year = 2000 + age - FIRST_YEAR
        # the average wage of a year is the reference of the next
        wage = own.policy.earnings_wage[home, year + 1]
        assert lives.careers.earnings[0, 12 * (age - 16)] / wage == pytest.approx(multiple)


@pytest.mark.parametrize("scenario", ["current-law", "carer-credits", "resident-to-dibao"])
@pytest.mark.parametrize(
    ("pays", "form"),
    [("employee", "formal_employee"), ("flexible", "other_flexible"), ("resident", "other_flexible")],
)
def test_a_written_life_equals_the_slow_life(pays, form, scenario):
    more = {"employee": (), "flexible": ("tier: lowest",), "resident": ("hukou: rural",)}[pays]
    spells = [
        f"from: 25, form: {form}, earnings: 0.9",
        "from: 31, form: caring",
        f"from: 34, form: {form}, earnings: 1.1",
    ]
    lives, course, own = lived(written(pays, spells, [*more, "children: [31]"], sex="female"), scenario)
    length = int(lives.careers.length[0])
    person = {name: values[0].item() for name, values in lives.people._asdict().items()}
    career = {
        name: values[0].item() if values.ndim == 1 else values[0, :length].tolist()
        for name, values in lives.careers._asdict().items()
    }
    slow = Life(person, career, law(scenario), law(scenario), plain(own.behaviour), DEATHS)
    assert disagreements(course, [slow]) == []
    assert slow.kind == ("resident" if pays == "resident" else "employee")


# --------------------------------------------------------------------------- comparisons


def test_indicators_of_one_life_are_exact_ratios_of_its_outcomes():
    found = told("formula", "before-retirement-reform")
    rate = value_of(found, "design_target", "pension_to_average_wage")
    career = load_careers("formula").careers[0]
    assert rate == pytest.approx(value_of(found, "design_target", "gross_replacement_rate"), rel=0.01)
    assert found["exact"] is True
    assert not [key for row in found["rows"] for key in row if "error" in key]
    baseline = [row for row in found["rows"] if row["scenario"] == "current-law"]
    assert {row["difference"] for row in baseline} <= {0.0, None}
    assert {row["career"] for row in found["rows"]} == {career.name}


def test_at_the_rate_of_return_a_career_receives_what_is_paid():
    """Discounted at that rate and at prices, money's worth is one."""
    spells = ["from: 22, form: formal_employee, earnings: 1.0"]
    rate = value_of(compare_careers(written("employee", spells)), "one", "internal_rate_of_return")
    at_rate = written("employee", spells, head=f"economy: {{real_discount_rate: {rate!r}}}\n")
    assert 0.0 < rate < 0.1
    assert value_of(compare_careers(at_rate), "one", "money_worth") == pytest.approx(1.0, abs=0.02)


def test_the_ledger_of_a_career_ends_at_the_pension_that_the_comparison_counts():
    ledger = career_ledger("eu-base-case", 2, "current-law")
    lines = {line["name"]: line["value"] for line in ledger["lines"]}
    found = compare_careers("eu-base-case", indicators=["mean_monthly_pension"])
    price = case().economy.price_index[2065 - FIRST_YEAR]  # born in 2000
    assert lines["pension_at_65"] / price == pytest.approx(
        value_of(found, "flexible_60", "mean_monthly_pension")
    )


def test_own_assumptions_and_discount_rate_move_what_they_should():
    spells = ["from: 22, form: formal_employee, earnings: 1.0"]
    plainly, patient, rich = (
        compare_careers(written("employee", spells, head=head))
        for head in (
            "",
            "economy: {real_discount_rate: 0.0}\n",
            "economy: {assumptions: {crediting_spread: 0.0}}\n",
        )
    )

    def of(found, name):
        return value_of(found, "one", name)

    assert of(patient, "pension_to_last_earnings") == of(plainly, "pension_to_last_earnings")
    assert of(patient, "pension_wealth_at_claim") > of(plainly, "pension_wealth_at_claim")
    assert of(rich, "pension_to_last_earnings") > of(plainly, "pension_to_last_earnings")
    assert len({found["run_id"] for found in (plainly, patient, rich)}) == 3


def test_a_flat_pension_is_worth_its_expected_years():
    """Nothing discounted, prices and wages at rest: wealth is pension x expected months."""
    head = (
        "economy: {real_discount_rate: 0.0, assumptions: "
        "{wage_growth: 0.0, price_growth: 0.0, pension_increase_wage_share: 0.0}}\n"
    )
    found = compare_careers(
        written("employee", ["from: 22, form: formal_employee, earnings: 1.0"], head=head)
    )
    deaths, expected, alive = load_demography().death_probability[0], 0.0, 1.0
    for age in range(63, 121):
        q = deaths[min(2000 + age, 2100) - FIRST_YEAR, age]
        expected += alive * (1.0 - q / 2)
        alive *= 1.0 - q
    rate = value_of(found, "one", "pension_to_last_earnings")
    assert value_of(found, "one", "pension_wealth_at_claim") == pytest.approx(rate * expected, rel=1e-9)


# --------------------------------------------------------------------------- files and messages


@pytest.mark.parametrize("name", presets())
def test_the_shipped_careers_fit_the_schema_and_name_their_source(name):
    schema = careers_schema()
    Draft202012Validator.check_schema(schema)
    data = json.loads(json.dumps(read_yaml(presets()[name]).data, default=str))
    assert list(Draft202012Validator(schema).iter_errors(data)) == []
    assert len(load_careers(name).entry.source) > 80


WRONG = [
    (
        "pays: employee",
        "pays: emplyee",
        "line 14, careers.1.pays: 'emplyee' is not one of employee, flexible",
    ),
    ("sex: male", "sex: mael", "Did you mean male?"),
    ("hukou_province: Henan", "hukou_province: Henann", "Did you mean Henan?"),
    ("birth: 2000-01", "birth: 1950-01", "birth is before 1965"),
    ("birth: 2000-01", "birth: 2000-13", "is not a month"),
    ("    pays", "    payz: 1\n    pays", "line 14, careers.1.payz: unknown key. Did you mean pays?"),
    ("    pays", "    claim: {erly: 3}\n    pays", "careers.1.claim.erly: unknown key. Did you mean early?"),
    ("    pays", "    claim: {early: 3, late: 3}\n    pays", "takes early or late"),
    ("    pays", "    claim: soon\n    pays", "'soon' should be 'statutory'"),
    ("    pays", "    claim: {early: 37}\n    pays", "less than or equal to 36"),
    ("    pays", "    tier: 60\n    pays", "60 should be less than or equal to 3. 0.6 means 60 %"),
    ("    pays", "    tier: 0.6\n    pays", "tier goes with pays: flexible"),
    ("    pays", "    resident_tier: lowest\n    pays", "resident_tier goes with pays: resident"),
    ("    pays", "    draws: {willingness: 0.5}\n    pays", "draws go with pays: decided"),
    ("    pays", "    category: female_50\n    pays", "category female_50 does not fit sex male"),
    ("from: 22", "from: 12", "careers.1.spells.1.from: 12 should be greater than or equal to 16"),
    ("from: 22", "from: .nan", "careers.1.spells.1.from"),
    ("earnings: 1.0", "earnings: -1", "careers.1.spells.1.earnings: -1 should be greater than or equal to 0"),
    ("earnings: 1.0", "earnings: {a: 1}", "'a' is no age"),
    ("earnings: 1.0", "earnings: {80: 1}", "age 80 is outside 16 to 68"),
    (", earnings: 1.0", "", "form formal_employee needs earnings"),
    ("formal_employee", "caring", "earnings do not fit form caring"),
    ("formal_employee", "rider", "'rider' is not one of formal_employee"),
    ("formal_employee", "platform_flexible", "needs an occupation"),
    ("formal_employee", "other_flexible", "pays employee, but works in another form"),
    ("}\n", "}\n      - {from: 20, form: caring}\n", "Order them by age"),
    ("confidence: illustration", "confidence: sure", "'sure' should be 'confirmed'"),
    ("title: T\n", "", "line 1, title: is missing"),
    ("careers:", "economy: {assumptions: {crediting_spred: 0}}\ncareers:", "Did you mean crediting_spread?"),
    ("careers:", "economy: {assumptions: {price_growth: 5}}\ncareers:", "outside -0.05 to 0.2"),
    ("careers:", "economy: {real_discount_rate: 3}\ncareers:", "less than or equal to 0.2"),
    ("name: one", "name: a b", "is no name"),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG, ids=[f"{k}" for k in range(len(WRONG))])
def test_what_is_wrong_with_a_career_file_is_told_with_its_line(old, new, message, tmp_path):
    good = written("employee", ["from: 22, form: formal_employee, earnings: 1.0"]).text
    assert old in good
    path = tmp_path / "mine.yaml"
    path.write_text(good.replace(old, new, 1), "utf-8")
    result = CliRunner().invoke(cli, ["run", "current-law", "--careers", str(path)])
    assert isinstance(result.exception, ScenarioError)  # `main` turns it into exit 2
    assert message in str(result.exception)
    assert ": line " in str(result.exception)
    for fault in result.exception.faults:  # what is said in Chinese leaves no English sentence
        assert all(sentence(part, "zh") for part in sentences(fault.message)), fault.message


def test_all_faults_are_told_at_once_and_names_that_stand_twice():
    text = written("employee", ["from: 22, form: formal_employee, earnings: 1.0"]).text
    with pytest.raises(ScenarioError) as caught:
        read_careers(text.replace("sex: male", "sex: m").replace("pays: e", "pays: x"), "mine", "mine.yaml")
    assert len(caught.value.faults) == 2
    twice = text + text.partition("careers:\n")[2]
    with pytest.raises(ScenarioError, match=r"line 17, careers.2.name: one stands twice"):
        read_careers(twice, "mine", "mine.yaml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--persons", "5"], "--persons does not go with --careers"),
        (["--by", "sex"], "--by does not go with --careers"),
        (["--workbook", "x.xlsx"], "--workbook does not go with --careers"),
    ],
)
def test_options_of_a_population_are_refused_with_careers(arguments, message):
    result = CliRunner().invoke(cli, ["run", "current-law", "--careers", "formula", *arguments])
    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.parametrize(
    ("careers", "indicators", "message"),
    [
        ("formla", None, "Did you mean formula?"),
        ("formula", "gini_pension", "is one of groups. A single career has none"),
        ("formula", "claim_aeg", "Did you mean claim_age?"),
    ],
)
def test_unknown_careers_and_indicators_are_told(careers, indicators, message):
    with pytest.raises(ScenarioError, match=message.replace("?", r"\?")):
        compare_careers(careers, indicators=indicators)


def test_a_career_beyond_the_last_is_told():
    with pytest.raises(ScenarioError, match="7 is none of the 5 careers of eu-base-case"):
        career_ledger("eu-base-case", 7, "current-law")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("format_", ["table", "json", "csv", "markdown"])
def test_the_command_prints_careers_in_both_languages_and_every_format(format_, lang, tmp_path):
    page = tmp_path / "careers.html"
    arguments = ["compare", "before-retirement-reform", "--careers", "formula", "--report", str(page)]
    result = CliRunner().invoke(cli, [*arguments, "--format", format_, "--lang", lang])
    assert result.exit_code == 0, result.output
    if format_ == "json":
        assert json.loads(result.stdout)["rows"][0]["indicator"] == MEASURES[0].name
    elif format_ == "csv":
        assert result.stdout == to_csv(told("formula", "before-retirement-reform"))
    else:
        word = "首月养老金" if lang == "zh" else "First pension"
        assert word in result.stdout
        assert ("没有标准误" if lang == "zh" else "no standard error") in result.stdout
    assert "http" not in page.read_text("utf-8").replace("http://www.w3.org", "")


def test_the_command_explains_a_career():
    result = CliRunner().invoke(cli, ["explain", "--careers", "oecd", "--person", "1", "--format", "json"])
    assert json.loads(result.stdout)["career"] == "employee_average_male"
    shown = CliRunner().invoke(cli, ["explain", "--careers", "oecd", "--person", "1", "--lang", "zh"])
    assert shown.stdout.startswith("职工，收入为社平工资，男")
    both = CliRunner().invoke(cli, ["explain", "--careers", "oecd", "--record", "x.csv"])
    assert both.exit_code == 2


def test_the_career_file_of_the_readme_is_read_and_runs():
    readme = (Path(__file__).parents[1] / "scenarios" / "README.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml careers\n(.*?)```", readme, re.DOTALL)
    found = compare_careers(read_careers(text, "rider", "README.md"), ["carer-credits"])
    assert value_of(found, "rider", "credit_months", "carer-credits") > 0.0
    data = json.loads(json.dumps(read_yaml(text).data, default=str))
    assert list(Draft202012Validator(careers_schema()).iter_errors(data)) == []
