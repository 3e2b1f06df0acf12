"""Yearly flows: they add up to the present values, to what is paid and sunk, and to the prices told."""

import csv
import io
import json

import numpy as np
import pytest
from click.testing import CliRunner

from calibration.paths import cohort_sizes, load_demography
from scenarios.cli import cli
from scenarios.price import _turning_year, price, price_blocks
from scenarios.scenario import compile_case, load_scenario
from simulate.flows import ITEMS, add_flows
from simulate.kernel import pack
from simulate.outcomes import POSITION
from simulate.population import Population
from simulate.run import careers_under, follow, live, prepare
from simulate.terms import FIRST_YEAR, PAYERS, PRESENT_VALUE_YEAR

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
    flows = np.zeros((YEARS, len(ITEMS)))
    careers = careers_under(lives, case)
    parts = (course.plan, course.record, course.award)
    add_flows(lives.people, lives.weight, careers, case.policy, case.behaviour, WORLD, *parts, 0, flows)
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
    ):
        assert values[item] == pytest.approx(told[outcome], rel=1e-9, abs=1e-6)
    pensions = sum(values[item] for item in NAMES if item.endswith("_pensions"))
    assert pensions == pytest.approx(told["present_value_pensions"], rel=1e-9)
    # what is paid in a year is in an account or the pool in the same year
    paid = flows[:, [NAMES.index(f"paid_by_{payer.name}") for payer in PAYERS]].sum(axis=1)
    sunk = flows[:, [NAMES.index(n) for n in ("into_account", "into_pool", "into_resident_account")]]
    np.testing.assert_allclose(sunk.sum(axis=1), paid, rtol=1e-9, atol=1e-6)


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
    first, *flows = price_blocks(found, lang)
    flows, provinces = flows[:3], flows[3:]
    assert [len(block.rows) for block in provinces] == [31] * 4
    assert len(first.rows) == len(found["summary"]["government-match"])
    assert [row[0] for row in flows[0].rows] == [str(year) for year in range(2025, 2101, 5)]
    assert len(flows) == 3


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


def test_co_funding_narrows_the_gap_between_employing_and_contracting():
    found = price(["platform-cofunding", "lower-accrual"], persons=100)
    before = found["employing_over_contracting"]
    # at 0.8 of the reference wage the base is the pay: 16 % of it, and nothing for a contractor
    assert before == pytest.approx(0.16)
    assert found["summary"]["platform-cofunding"]["employing_over_contracting"] == pytest.approx(0.16 - 0.08)
    assert found["summary"]["lower-accrual"]["employing_over_contracting"] == before


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
