"""Yearly flows: they add up to the present values, to what is paid and sunk, and to the prices told."""

import csv
import io
import json

import numpy as np
import pytest
from click.testing import CliRunner

from calibration.paths import cohort_sizes, load_demography
from scenarios.cli import cli
from scenarios.neutrality import by_lever, employing_over_contracting
from scenarios.price import _turning_year, price
from scenarios.price_tables import KEYS, parse_price_tables, price_tables
from scenarios.scenario import compile_case, load_scenario
from simulate.flows import ITEMS, add_flows
from simulate.groups import UnknownNameError
from simulate.kernel import pack
from simulate.law import load_law
from simulate.outcomes import POSITION
from simulate.population import Population
from simulate.run import careers_under, follow, live, prepare
from simulate.terms import FIRST_YEAR, PAYERS, PRESENT_VALUE_YEAR, RESIDENT_ACCOUNT

WORLD = pack(load_demography())
NAMES = [item.name for item in ITEMS]
PEOPLE = 300
YEARS = 141  # 1990 to 2130, when the youngest are 120


@pytest.mark.parametrize(
    "name", ["current-law", "platform-cofunding", "cofunding-all", "canadian-floor", "recommended-package"]
)
def test_discounted_flows_are_the_present_values(name):
    case = prepare(compile_case(load_scenario(name)))
    lives = live(Population(persons=PEOPLE), 0, PEOPLE, case, WORLD)
    course = follow(lives, case, WORLD)
    flows = np.zeros((2, YEARS, len(ITEMS)))
    careers = careers_under(lives, case)
    parts = (course.plan, course.record, course.award)
    lived = (lives.people, lives.weight, careers, case.policy, case.behaviour, WORLD, *parts)
    add_flows(*lived, lives.people.person % 2, 0, flows)
    assert (flows.sum(axis=(1, 2)) > 0).all()
    flows = flows.sum(axis=0)
    factor = case.policy.discount_factor
    step = factor[-1] / factor[-2]
    factor = np.concatenate((factor, factor[-1] * step ** np.arange(1, YEARS - factor.size + 1)))
    values = dict(zip(NAMES, factor @ flows / factor[PRESENT_VALUE_YEAR - FIRST_YEAR], strict=True))
    told = {outcome: course.outcomes[position] @ lives.weight for outcome, position in POSITION.items()}
    for payer in PAYERS:
        paid = values[f"paid_by_{payer.name}"]
        assert paid == pytest.approx(told[f"present_value_paid_by_{payer.name}"], rel=1e-9, abs=1e-6)
    for item, outcome in (
        ("into_pool", "present_value_pool_receipts"),
        ("pool_payments", "present_value_pool_payments"),
        ("employee_pensions", "present_value_employee_pensions"),
        ("floor_pensions", "present_value_floor_pensions"),
        ("refunds", "present_value_refunds"),
    ):
        assert values[item] == pytest.approx(told[outcome], rel=1e-9, abs=1e-6)
    at_death = values["inherited_accounts"] + values["survivor_grants"]
    assert at_death == pytest.approx(told["present_value_death_benefits"], rel=1e-9)
    pensions = sum(values[item] for item in NAMES if item.endswith("_pensions"))
    assert pensions == pytest.approx(told["present_value_pensions"], rel=1e-9)
    # what is paid in a year is in an account or the pool in the same year
    paid = flows[:, [NAMES.index(f"paid_by_{payer.name}") for payer in PAYERS]].sum(axis=1)
    sunk = flows[:, [NAMES.index(n) for n in ("into_account", "into_pool", "into_resident_account")]]
    np.testing.assert_allclose(sunk.sum(axis=1), paid, rtol=1e-9, atol=1e-6)
    # what is in a resident account is tiers and back payments of the people, and the subsidies
    record, plan = course.record, course.plan
    own = plan.resident_tier.sum(axis=1) + plan.back_paid_years * plan.back_paid_tier
    subsidies = record.sunk[:, :, RESIDENT_ACCOUNT].sum(axis=1) - own
    np.testing.assert_allclose(plan.resident_subsidy.sum(axis=1), subsidies, rtol=1e-9, atol=1e-6)
    assert 0 < flows[:, NAMES.index("resident_subsidies")].sum() < subsidies.sum()


@pytest.fixture(scope="module")
def found():
    return price(["government-match", "resident-to-dibao", "lower-accrual"], persons=1_500)


def test_flows_run_from_2025_to_2100_for_all_people_of_the_cohorts(found):
    for rows in found["flows"].values():
        assert [row["year"] for row in rows] == list(range(2025, 2101))
    # 1,500 people stand for everybody born 1965 to 2010, told in thousands
    everybody = 1_000 * cohort_sizes(load_demography().death_probability).sum()
    assert found["people_for_each_person"] * 1_500 == pytest.approx(everybody)


def test_a_match_costs_the_government_and_buys_pensions(found):
    summary = found["summary"]["government-match"]
    assert summary["government_cost"] > 0
    assert summary["pensions"] > 0
    assert summary["points_of_average_wage"] > 0
    ratio = summary["pensions"] / summary["public_cost"]
    assert summary["pension_per_yuan_of_public_money"] == pytest.approx(ratio)
    assert summary["public_cost"] == pytest.approx(summary["government_cost"] - summary["pool_balance"])
    before, after = (found["flows"][name] for name in ("current-law", "government-match"))
    for a, b in zip(before, after, strict=True):
        more = b["paid_by_government"] - a["paid_by_government"]
        # from 2027 until the youngest, born in 2010, have claimed
        assert more == 0 if a["year"] < 2027 or a["year"] > 2078 else more >= 0
        assert more > 0 or not 2027 <= a["year"] <= 2060


def test_a_higher_resident_pension_is_paid_by_government_alone_yuan_for_yuan(found):
    summary = found["summary"]["resident-to-dibao"]
    assert summary["pool_balance"] == 0
    assert summary["pool_turns"] is None
    assert summary["pension_per_yuan_of_public_money"] == pytest.approx(1)
    assert summary["people_lifted_over_dibao"] > 0
    per_person = 1e6 * summary["public_cost"] / summary["people_lifted_over_dibao"]
    assert summary["public_cost_per_person_lifted"] == pytest.approx(per_person)


def test_central_government_pays_its_share_of_the_minimum_and_nothing_of_what_a_reform_adds(found):
    law = load_law()
    for year, minimum in ((2025, 143.0), (2026, 163.0)):
        for province, share in (("Henan", 1.0), ("Heilongjiang", 1.0), ("Shanghai", 0.5), ("Shandong", 0.5)):
            policy = compile_case(load_scenario("current-law")).policy
            p = [known.name for known in law.provinces].index(province)
            assert policy.resident_central[p, year - FIRST_YEAR] == pytest.approx(share * minimum)
    dibao = compile_case(load_scenario("resident-to-dibao")).policy
    assert (dibao.resident_central == policy.resident_central).all()
    assert (dibao.resident_central <= dibao.resident_basic).all()
    assert found["summary"]["resident-to-dibao"]["government_cost_of_centre"] == 0
    for row in found["flows"]["current-law"]:
        assert 0 <= row["resident_basic_from_centre"] <= row["resident_basic_pensions"]
        whole = row["resident_basic_from_centre"] + row["government_other"]
        assert whole == pytest.approx(row["government"])
    # the eastern provinces get half, and many pay more than the minimum
    last = found["flows"]["current-law"][40]
    assert 0.2 < last["resident_basic_from_centre"] / last["resident_basic_pensions"] < 0.9


def test_a_lower_accrual_saves_and_has_no_price_for_a_gain(found):
    summary = found["summary"]["lower-accrual"]
    assert summary["public_cost"] < 0
    assert summary["public_cost_per_point"] is None
    assert summary["pension_per_yuan_of_public_money"] is None


@pytest.mark.parametrize(
    ("balance", "year"),
    [
        ([0, 5, 3, -1, -9], 2028),  # 2025 is the first
        ([0, -5, 1, -1, 9], 2029),  # 2027 was no turn for good
        ([0, 1, 2, 3, 4], None),
        ([0, 0, 0, 0, 0], None),
        ([1e-9, -5, -3, -2, -1], None),  # nothing against 5
    ],
)
def test_the_pool_turns_when_its_effect_changes_sign_for_good(balance, year):
    assert _turning_year(np.array(balance, float)) == year


def test_flows_are_the_same_people_by_people(found):
    again = price(["government-match"], persons=1_500)
    assert again["flows"]["government-match"] == found["flows"]["government-match"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_tables_have_a_row_for_every_ratio_and_fifth_year(found, lang):
    tables = price_tables(found, lang)
    by_key = {}
    for table in tables:
        by_key.setdefault(table.key, []).append(table)
        assert all(len(row) == len(table.header) for row in table.rows)
        assert all(isinstance(cell, str) for row in table.block().rows for cell in row)
    assert [len(table.rows) for table in by_key["provinces"]] == [31] * 4
    assert set(by_key) == {*KEYS} - {"neutrality", "practice"}  # no lever moves the gap, no platform pays
    assert len(by_key["summary"][0].rows) == len(found["summary"]["government-match"])
    assert [row[0] for row in by_key["paid"][0].rows] == [str(year) for year in range(2025, 2101, 5)]
    assert len(by_key["paid"]) == len(by_key["drawn"]) == len(by_key["incidence"]) == 3
    assert [row[0] for row in by_key["statutory_age"][0].rows] == [str(year) for year in range(2034, 2046)]
    for column in range(1, 5):
        shares = [row[column] for row in by_key["minimum"][0].rows]
        assert sum(shares) == pytest.approx(100)


def test_the_command_prints_json_and_csv():
    arguments = ["price", "lower-rate", "--persons", "200", "--format"]
    told = CliRunner().invoke(cli, [*arguments, "json"])
    assert told.exit_code == 0
    found = json.loads(told.output)
    assert found["schema_version"] == 1
    assert list(found["flows"]) == ["current-law", "lower-rate"]
    table = list(csv.DictReader(io.StringIO(CliRunner().invoke(cli, [*arguments, "csv"]).output)))
    assert len(table) == 2 * 76
    last = found["flows"]["lower-rate"][-1]
    assert float(table[-1]["pool_balance"]) == pytest.approx(last["pool_balance"])


def test_incidence_adds_up_to_the_flows(found):
    factor = prepare(compile_case(load_scenario("current-law"))).policy.discount_factor
    factor = factor[2025 - FIRST_YEAR :] / factor[PRESENT_VALUE_YEAR - FIRST_YEAR]
    for name, rows in found["incidence"].items():
        people = sum(row["people"] for row in rows[:-1])
        assert people == pytest.approx(rows[-1]["people"])
        # people stand for more or fewer, on the mean for as many as the cohorts have
        assert people == pytest.approx(1_500 * found["people_for_each_person"], rel=0.03)
        everybody = rows[-1]["yuan_a_person"]
        assert [row["earnings_quintile"] for row in rows] == ["1", "2", "3", "4", "5", "all"]
        before, after = found["flows"]["current-law"], found["flows"][name]
        for key, item, sign in (
            *((payer.name, f"paid_by_{payer.name}", 1) for payer in PAYERS[:-1]),
            ("government", "government", 1),
            ("pool", "pool_balance", -1),
        ):
            change = np.array([b[item] - a[item] for a, b in zip(before, after, strict=True)])
            whole = sign * 1e6 * float(change @ factor)
            assert everybody[key] * people == pytest.approx(whole, rel=1e-9, abs=1)
            by_cohort = sum(row.get(item, 0.0) for row in found["cohorts"][name])
            assert by_cohort == pytest.approx(sign * whole / 1e6, rel=1e-9, abs=1e-6)
        for row in rows:
            shares, amounts = row["share_of_lifetime_earnings"], row["yuan_a_person"]
            scale = {amounts[key] / shares[key] for key in shares if shares[key]}
            # one denominator for all payers: lifetime earnings a person
            assert max(scale, default=1) == pytest.approx(min(scale, default=1), rel=1e-9)


def test_a_match_is_borne_by_government_and_a_lower_accrual_by_those_who_draw():
    found = price(["match-riders", "lower-accrual"], persons=600)
    for row in found["incidence"]["lower-accrual"]:
        borne = row["yuan_a_person"]
        # what the pool saves is what people do not receive; survivors' grants do not depend on the accrual
        assert borne["pool"] < 0
        assert borne["received"] == pytest.approx(borne["pool"] + borne["government"], rel=1e-6)
        assert borne["employer"] == borne["platform"] == borne["consumer"] == borne["pay_forgone"] == 0
    assert found["incidence"]["match-riders"][-1]["yuan_a_person"]["government"] > 0


def test_a_levy_that_is_passed_on_is_pay_forgone():
    rows = price(["cofunding-half-passed-on", "platform-cofunding"], persons=600)["incidence"]
    paid = rows["cofunding-half-passed-on"][-1]["yuan_a_person"]
    assert 0 < paid["pay_forgone"] < paid["platform"] / 0.4
    assert rows["platform-cofunding"][-1]["yuan_a_person"]["pay_forgone"] == 0


def test_who_moves_between_the_schemes_is_told_as_in_a_comparison():
    from scenarios import compare

    persons = 1_000
    told = price(["lower-floor"], persons=persons)
    summary, people = told["summary"]["lower-floor"], told["incidence"]["lower-floor"][-1]["people"]
    names = ("new_joiners", "down_shifters", "resident_switchers")
    wanted = compare(["lower-floor"], persons=persons, indicators=names, by=((),), threads=1)
    for row in wanted.rows():
        if row["scenario"] == "lower-floor":
            assert summary[row["indicator"]] == pytest.approx(row["value"] * people)
    assert summary["resident_switchers"] > 0
    assert summary["resident_budget_saved"] > 0


def test_the_gap_between_employing_and_contracting_moves_with_the_levies():
    found = price(["platform-cofunding", "lower-accrual"], persons=100)
    before = found["employing_over_contracting"]
    # at 0.8 of the reference wage the base is the pay: 16 % of it, and nothing for a contractor
    assert before == pytest.approx(0.16)
    assert found["summary"]["platform-cofunding"]["employing_over_contracting"] == pytest.approx(0.16 - 0.08)
    assert found["summary"]["lower-accrual"]["employing_over_contracting"] == before
    (row,) = found["neutrality"]["platform-cofunding"]
    assert row["lever"] == "platform_levy"
    assert row["change"] == pytest.approx({"0.5": -0.08, "0.8": -0.08, "1.5": -0.08})
    assert found["neutrality"]["lower-accrual"] == []


@pytest.mark.parametrize(
    "name", ["three-way-split", "cofunding-passed-on", "dependent-client", "recommended-package"]
)
def test_the_levers_of_a_scenario_add_up_to_its_gap(name):
    scenario = load_scenario(name)
    before, after = (compile_case(load_scenario(n)).policy for n in ("current-law", name))
    for ratio in (0.5, 0.8, 1.5):
        whole = employing_over_contracting(after, earnings_ratio=ratio)
        whole -= employing_over_contracting(before, earnings_ratio=ratio)
        rows = by_lever(scenario)
        assert sum(row["change"][str(ratio)] for row in rows) == pytest.approx(whole, abs=1e-12)
        assert rows


def test_co_funding_is_also_told_against_current_practice():
    found = price(["platform-cofunding", "lower-accrual"], persons=1_000)
    assert list(found["practice"]) == ["platform-cofunding"]
    ways = found["practice"]["platform-cofunding"]
    # the same numbers as with current practice for the baseline
    other = price(["platform-cofunding"], persons=1_000, baseline="current-practice")
    assert other["practice"] == {}
    for key, value in ways["instead"].items():
        assert value == pytest.approx(other["summary"]["platform-cofunding"][key])
    # in its place platforms' subsidies end, on top they go on
    assert ways["on_top"]["paid_by_platform"] > ways["instead"]["paid_by_platform"]
    assert ways["on_top"]["contribution_burden"] < ways["instead"]["contribution_burden"]
    (table,) = [table for table in price_tables(found) if table.key == "practice"]
    assert len(table.rows) == 7


def test_tables_are_chosen_by_key_and_told_as_csv():
    arguments = ["price", "consumer-levy", "--persons", "150", "--format", "csv", "--tables"]
    told = CliRunner().invoke(cli, [*arguments, "neutrality,incidence", "--lang", "zh"])
    assert told.exit_code == 0
    titles = [line for line in told.output.splitlines() if line.startswith("#")]
    assert len(titles) == 2
    assert "consumer-levy" in titles[0]
    row = next(line for line in told.output.splitlines() if line.startswith("consumer-levy,"))
    # 3 % of all pay through platforms, whatever the earnings
    assert [float(cell) for cell in row.split(",")[2:]] == pytest.approx([-3, -3, -3])
    with pytest.raises(UnknownNameError, match=r"incidense.* Did you mean incidence"):
        parse_price_tables("summary,incidense")


def test_the_pools_of_the_provinces_add_up_to_the_nation_s(found):
    assert list(found["provinces"]) == list(found["flows"])
    factor = compile_case(load_scenario("current-law")).policy.discount_factor
    factor = factor[2025 - FIRST_YEAR : 2101 - FIRST_YEAR] / factor[PRESENT_VALUE_YEAR - FIRST_YEAR]
    for name, rows in found["provinces"].items():
        assert len({row["province"] for row in rows}) == 31
        for item, national in (("into_pool", "into_pool"), ("balance", "pool_balance")):
            nation = sum(f * row[national] for f, row in zip(factor, found["flows"][name], strict=True))
            assert sum(row[item] for row in rows) == pytest.approx(nation)
        moved = sum(row["transfers_in"] for row in rows)
        assert moved == pytest.approx(sum(row["transfers_out"] for row in rows))
        assert moved > 0
        received = [row["receives"] for row in rows]
        assert received == sorted(received, reverse=True)
        assert sum(received) == pytest.approx(0, abs=1e-6 * max(received))
        for row in rows:  # after it every province has the nation's balance for each yuan paid in
            nation = sum(r["balance"] for r in rows) / sum(r["into_pool"] for r in rows)
            assert row["balance"] + row["receives"] == pytest.approx(nation * row["into_pool"])


def test_the_command_prints_the_provinces_as_csv():
    arguments = ["price", "lower-rate", "--persons", "150", "--provinces", "--format", "csv"]
    told = CliRunner().invoke(cli, arguments)
    assert told.exit_code == 0
    table = list(csv.DictReader(io.StringIO(told.output)))
    assert [row["scenario"] for row in table] == ["current-law"] * 31 + ["lower-rate"] * 31
    assert sum(float(row["receives"]) for row in table[:31]) == pytest.approx(0, abs=1e-3)
