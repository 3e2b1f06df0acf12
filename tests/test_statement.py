"""The statement of a real person: the engine's numbers, every choice, in words and on a page."""

from __future__ import annotations

import json
import re
import sys

import numpy as np
import pytest
from markupsafe import escape

from scenarios import cli
from scenarios.catalogue import catalogue
from scenarios.facts import FactsError
from scenarios.scenario import compile_case, library, load_scenario
from scenarios.statement import REFORMS, blocks, choice_name, page, sentence, statement
from simulate.entitlements import annuity_divisor
from simulate.law import load_law

RIDER = {
    "birth": "1992-05",
    "sex": "male",
    "hukou_province": "Henan",
    "work_province": "Henan",
    "form": "platform_flexible",
    "occupation": "rider",
    "monthly_earnings": 6500,
    "pays": "flexible",
    "months": 48,
    "today": "2026-07",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Statements by what differs from the rider's facts."""
    folder = tmp_path_factory.mktemp("facts")
    made = {}

    def _told(reforms=(), **facts):
        key = json.dumps([facts, reforms], sort_keys=True)
        if key not in made:
            path = folder / f"{len(made)}.json"
            path.write_text(json.dumps({**RIDER, **facts}), "utf-8")
            made[key] = statement(path, reforms=reforms)
        return made[key]

    return _told


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


def of(told, group):
    return [row for row in told["choices"] if row["group"] == group]


def pensions(rows):
    return [row["monthly_pension"]["real"] for row in rows]


# --------------------------------------------------------------------------- the numbers


def test_the_pension_is_the_formula_of_the_law_on_the_months_laid_out(told):
    """346 months at 60 % from now and 48 before; base and balance of the central economy, by hand."""
    now = told()["choices"][0]
    policy = compile_case(load_scenario("current-law")).policy
    p = [province.name for province in load_law().provinces].index("Henan")
    first, claim = 12 * (2026 - 1990) + 6 - 48, 12 * (2055 - 1990) + 4
    months = range(first, claim)
    wages = np.array([policy.reference_wage[p, m // 12] for m in months])
    bases = np.array([max(0.6 * wages[k], policy.flexible_base_floor[p, m]) for k, m in enumerate(months)])
    index = (bases / wages).mean()
    balance = 0.0
    for year in range(first // 12, claim // 12 + 1):
        rate, elapsed = policy.crediting_rate[year], min(12, claim - 12 * year)
        paid = {m % 12: 0.08 * bases[m - first] for m in months if m // 12 == year}
        interest = sum(amount * (elapsed - month) for month, amount in paid.items()) * rate / 12
        balance += balance * rate * elapsed / 12 + interest + sum(paid.values())
    divisors = np.array(load_law().value("annuity_divisors", "2055-01-01"), float)
    divisor = annuity_divisor(63 * 12, divisors, True)
    y = claim // 12
    base = policy.benefit_base[p, y]
    expected = (base + base * index) / 2 * (346 + 48) / 12 * 0.01 + balance / divisor
    assert len(months) == 346 + 48
    assert now["claim_month"] == "2055-05"
    assert now["monthly_pension"]["nominal"] == pytest.approx(expected, abs=0.01)
    assert now["monthly_pension"]["real"] == pytest.approx(expected / policy.price_index[y], abs=0.01)


def test_a_stated_balance_grows_with_interest_to_the_claim(told):
    """Ten thousand yuan more today are the same more at the claim, grown, over the divisor of 63 years."""
    less, more = (told(account_balance=balance)["choices"][0] for balance in (10_000, 20_000))
    policy = compile_case(load_scenario("current-law")).policy
    growth = 1 + policy.crediting_rate[2026 - 1990] * 6 / 12
    for year in range(2027, 2055):
        growth *= 1 + policy.crediting_rate[year - 1990]
    growth *= 1 + policy.crediting_rate[2055 - 1990] * 4 / 12
    divisor = policy.annuity_divisor[2055 - 1990, 63 * 12 - 480]
    gain = more["monthly_pension"]["nominal"] - less["monthly_pension"]["nominal"]
    assert gain == pytest.approx(10_000 * growth / divisor, abs=0.01)


def test_higher_tiers_and_more_years_pay_more_and_cost_more(told):
    for group in ("tier", "years"):
        rows = of(told(), group)
        assert len(rows) == 6
        assert pensions(rows) == sorted(pensions(rows))
        costs = [row["own_payments"] for row in rows]
        assert costs == sorted(costs)
        assert costs[0] < costs[-1]


def test_claiming_later_pays_more_a_month_and_earlier_less(told):
    rows = of(told(), "claim")
    assert [row["amount"] for row in rows] == [-3, -2, -1, 1, 2, 3]
    now = told()["choices"][0]
    both = [*rows[:3], now, *rows[3:]]
    assert pensions(both) == sorted(pensions(both))
    assert [row["claim_month"] for row in both] == [f"{year}-05" for year in range(2052, 2059)]


def test_nobody_is_offered_a_claim_before_the_original_age(told):
    """Men of 1966-03 reach 60 in 2026-03 and the statutory month four months on: no whole year earlier."""
    rows = of(told(birth="1966-03", months=300, today="2026-01"), "claim")
    assert [row["amount"] for row in rows] == [1, 2, 3]


def test_the_range_holds_the_central_future(told):
    for row in told()["choices"]:
        pension = row["monthly_pension"]
        assert pension["low"] <= pension["real"] <= pension["high"]
    assert told()["choices"][0]["monthly_pension"]["low"] < told()["choices"][0]["monthly_pension"]["high"]


def test_the_reforms_that_reach_a_payer_are_choices_and_each_does_what_it_says(told):
    reforms = {row["scenario"]: row for row in of(told(reforms=None), "reform")}
    assert set(reforms) == set(REFORMS) <= set(library()) - {"current-law"}
    now = told()["choices"][0]
    shared, lower = reforms["platform-cofunding"], reforms["lower-floor"]
    assert shared["monthly_pension"]["nominal"] == pytest.approx(now["monthly_pension"]["nominal"])
    # from 2027 on the worker pays 12 of 20 points
    assert 0.60 < shared["monthly_cost"] / now["monthly_cost"] < 0.62
    assert lower["own_payments"] < now["own_payments"]
    assert lower["monthly_pension"]["nominal"] < now["monthly_pension"]["nominal"]


def test_a_floor_for_a_group_holds_for_who_is_in_it_alone(told):
    lower, group = of(told(reforms=("lower-floor", "platform-floor")), "reform")
    assert group["monthly_cost"] == pytest.approx(lower["monthly_cost"])
    now, group = told()["choices"][0], of(told(reforms=("platform-floor",)), "reform")[0]
    assert group["own_payments"] < now["own_payments"]
    other = told(reforms=("platform-floor",), form="other_flexible")
    assert of(other, "reform")[0]["own_payments"] == other["choices"][0]["own_payments"]


def test_resident_choices_are_named_by_the_tiers_of_todays_law(told):
    tiers = load_law().value("resident_tiers", "2026-07-01", "Henan")
    rows = of(told(), "resident")
    assert [row["amount"] for row in rows] == [tiers[0], tiers[-1]]
    assert f"{tiers[0]:,.0f}" in choice_name(rows[0])


def test_what_a_platform_pays_on_lowers_the_riders_earnings(told):
    rows = {
        row["scenario"]: row
        for row in of(told(reforms=("platform-cofunding", "cofunding-passed-on")), "reform")
    }
    policy = compile_case(load_scenario("cofunding-passed-on")).policy
    first, statutory = 12 * (2026 - 1990) + 6, 12 * (2055 - 1990) + 4
    shares = [policy.levy_pass_through[m] * policy.platform_levy[m] for m in range(first, statutory)]
    passed_on = rows["cofunding-passed-on"]
    assert passed_on["monthly_passed_on"] == pytest.approx(6500 * sum(shares) / len(shares))
    assert passed_on["monthly_passed_on"] > 0
    assert rows["platform-cofunding"]["monthly_passed_on"] == told()["choices"][0]["monthly_passed_on"] == 0
    assert "lowers your earnings" in sentence(passed_on)
    assert "lowers your earnings" not in sentence(rows["platform-cofunding"])


def test_where_the_base_follows_earnings_the_share_that_is_compared_is_told(told):
    follows, lower = of(told(reforms=("no-floor", "lower-floor")), "reform")
    floor = compile_case(load_scenario("current-law")).policy.flexible_base_floor
    henan = [p.name for p in load_law().provinces].index("Henan")
    share = floor[henan, 12 * (2026 - 1990) + 6] / 6500
    assert 0.5 < share < 1
    assert follows["share_of_earnings"] == pytest.approx(share)
    assert f"here {100 * share:.0f} % of them" in sentence(follows)
    assert f"收入的{100 * share:.0f}%" in sentence(follows, "zh")
    assert lower["share_of_earnings"] is told()["choices"][0]["share_of_earnings"] is None
    [poor] = of(told(reforms=("no-floor",), monthly_earnings=2000), "reform")
    assert poor["share_of_earnings"] == 1.0
    assert poor["monthly_cost"] < follows["monthly_cost"]


def test_stopping_before_the_minimum_gives_the_account_back(told):
    stop = of(told(), "stop")[0]
    assert (stop["claim_kind"], stop["claim_month"], stop["own_payments"]) == ("none", None, 0)
    assert stop["refund"] > 0
    assert stop["break_even_age"] is stop["rate_of_return"] is None


def test_own_payments_are_back_at_the_break_even_age(told):
    """From the claim to that age the pension gained has to come to what was paid, in yuan of 2025."""
    now, stop = told()["choices"][0], of(told(), "stop")[0]
    age = now["break_even_age"]
    assert 63 < age < 80
    years = age - 63
    gained = 12 * now["monthly_pension"]["real"] * years - stop["refund"]
    assert gained == pytest.approx(now["own_payments"], rel=0.1)  # increases beyond prices come on top
    assert 0 < now["rate_of_return"] < 0.1


def test_who_is_short_at_the_statutory_month_pays_on(told):
    """Born in May 1974, eight years paid: 123 months to the statutory one, three more by paying on."""
    late = told(birth="1974-05", months=96, today="2026-07")
    now = late["choices"][0]
    assert late["facts"]["minimum_months"] == 222  # retires in 2036: 18.5 years
    assert late["facts"]["statutory_month"] == "2036-10"  # 2034-05 + 29 months
    assert now["claim_kind"] == "employee"
    assert now["claim_month"] == "2037-01"  # 96 + 123 = 219 months by 2036-10, 3 are missing
    assert of(late, "years") == []


def test_who_cannot_reach_the_minimum_fills_up_the_resident_scheme(told):
    """Born in May 1969, nothing paid: too late for 15 years; the rest of 180 months is paid at once."""
    late = told(birth="1969-05", months=0, today="2026-07")
    now, stop = late["choices"][0], of(late, "stop")[0]
    assert now["claim_kind"] == "resident"
    assert now["monthly_pension"]["nominal"] > 0
    assert stop["claim_kind"] == "none"


def test_a_universal_pension_comes_on_top_for_who_pays_and_who_does_not(told, tmp_path):
    """A tenth of the reference wage from 65 on, for all: it changes no return on what is paid."""
    path = tmp_path / "universal.yaml"
    words = ("title", "title_zh", "question", "question_zh", "source")
    path.write_text(
        "".join(f"{word}: 普惠 universal\n" for word in words)
        + "status: illustration\nlaw:\n  universal_pension_ratio: {2027-01-01: 0.1}\n",
        "utf-8",
    )
    both = told(reforms=(str(path),))
    universal, now = of(both, "reform")[0], both["choices"][0]
    assert now["floor_pension"] == 0
    assert universal["floor_pension"] > 0
    assert universal["monthly_pension"] == pytest.approx(now["monthly_pension"])
    assert universal["rate_of_return"] == pytest.approx(now["rate_of_return"], abs=1e-6)


def test_an_employee_has_no_tiers_and_pays_the_employees_share(told):
    employee = told(form="formal_employee", occupation="none", pays="employee", monthly_earnings=9000)
    assert of(employee, "tier") == []
    policy = compile_case(load_scenario("current-law")).policy
    now = employee["choices"][0]
    assert now["monthly_cost"] == pytest.approx(0.08 * 9000, rel=0.05)
    assert policy.employee_rate[432] == 0.08


def test_who_pays_nothing_sees_what_joining_brings(told):
    outside = told(reforms=("lower-floor",), pays="nothing", months=0)
    assert outside["choices"][0]["own_payments"] == 0
    tiers = of(outside, "tier")
    assert all(row["claim_kind"] == "employee" for row in tiers)
    assert all(row["monthly_pension"]["nominal"] > 0 for row in of(outside, "reform"))


def test_a_member_of_the_resident_scheme_keeps_years_and_balance(told):
    """Twelve years and 9,000 yuan so far: more balance, more pension; ten thousand over 139 months."""
    less, more = (
        told(pays="resident", months=0, resident_years=12, resident_tier=500, resident_balance=balance)
        for balance in (9_000, 19_000)
    )
    a, b = (t["choices"][0]["monthly_pension"]["nominal"] for t in (less, more))
    assert less["choices"][0]["claim_kind"] == "resident"
    policy = compile_case(load_scenario("current-law")).policy
    p = [province.name for province in load_law().provinces].index("Henan")
    growth = 1 + policy.resident_crediting_rate[p, 36] * 6 / 12
    for year in range(37, 62):
        growth *= 1 + policy.resident_crediting_rate[p, year]
    growth *= 1 + policy.resident_crediting_rate[p, 62] * 4 / 12  # 60 in May 2052
    assert b - a == pytest.approx(10_000 * growth / 139, abs=0.01)


def test_women_are_of_the_55_line_unless_they_say_otherwise(told):
    usual, early = told(sex="female"), told(sex="female", category="female_50")
    assert usual["facts"]["category_is_assumed"]
    assert not early["facts"]["category_is_assumed"]
    assert early["facts"]["statutory_month"] < usual["facts"]["statutory_month"]


def test_migrants_without_access_are_recorded_at_home(told):
    """Beijing has admitted flexible workers from elsewhere since 2026."""
    for today, place in (("2025-12", "Henan"), ("2026-07", "Beijing")):
        assert told(work_province="Beijing", today=today)["facts"]["record_province"] == place
    chosen = told(work_province="Beijing", today="2025-12", record_province="北京")
    assert chosen["facts"]["record_province"] == "Beijing"


# --------------------------------------------------------------------------- in words


@pytest.mark.parametrize("lang", cli.LANGUAGES)
def test_every_choice_is_told_in_words_and_stands_in_the_tables_and_on_the_page(told, lang):
    statement_ = told(reforms=None)
    text = page(statement_, lang)
    assert text.startswith("<!DOCTYPE html>")
    assert 'name="viewport"' in text
    assert not re.search(r'(src|href)="', text)
    cells = [cell for block in blocks(statement_, lang) for row in block.rows for cell in row]
    for row in statement_["choices"]:
        name, words = choice_name(row, lang), sentence(row, lang)
        assert name in cells
        assert escape(words) in text
        assert bool(re.search("[\u4e00-\u9fff]", words)) == (lang == "zh")


def test_kinds_of_payment_all_have_a_name():
    assert {f"choice_now_{pays}" for pays in ("employee", "flexible", "resident", "nothing")} <= set(
        catalogue()
    )


def test_the_command_prints_tables_json_and_a_page(flexpension, tmp_path):
    facts = tmp_path / "me.yaml"
    facts.write_text("\n".join(f"{key}: {value}" for key, value in RIDER.items()), "utf-8")
    code, out, _ = flexpension("statement", facts)
    assert code == 0
    assert "Stop paying today" in out
    code, out, err = flexpension(
        "statement", facts, "--format", "json", "--lang", "zh", "--report", "me.html"
    )
    assert code == 0
    assert json.loads(out)["today"] == "2026-07"
    assert "me.html" in err
    assert "您的养老金" in (tmp_path / "me.html").read_text("utf-8")


WRONG = {
    "birth in the future": ({"birth": "2031-01"}, "birth: '2031-01'"),
    "no month": ({"birth": "1992"}, "is not a month"),
    "birth as a number": ({"birth": 1992}, "birth: 1992"),
    "unknown province": ({"work_province": "Henam"}, "Did you mean Henan"),
    "negative earnings": ({"monthly_earnings": -1}, "monthly_earnings: -1"),
    "earnings as text": ({"monthly_earnings": "6500"}, "monthly_earnings: '6500'"),
    "tier in per cent": ({"tier": 60}, "tier: 60 should be less than or equal to 3. 0.6 means 60 %"),
    "400 years": ({"months": 4800}, "months: 4800"),
    "more months than lived": ({"months": 500}, "500 do not fit"),
    "unknown fact": ({"hukuo": "rural"}, "Did you mean hukou"),
    "unknown form": ({"form": "driver"}, "form: 'driver' is not one of"),
    "farming pays nobody": ({"form": "farming"}, "form: 'farming' is not one of"),
    "unknown payment": ({"pays": "both"}, "pays: 'both'"),
    "retired": ({"birth": "1960-01", "months": 200}, "not before the statutory month"),
    "child": ({"birth": "2010-12", "months": 0, "today": "2020-01"}, "before the 16th birthday"),
    "balance without months": ({"months": 0, "account_balance": 5000}, "without months"),
    "resident balance without years": ({"resident_balance": 5000}, "without resident_years"),
    "category of the other sex": ({"category": "female_55"}, "does not fit sex male"),
    "flexible work paid by an employer": ({"pays": "employee"}, "employee does not fit form"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_facts_are_told_with_their_place_and_leave_with_2(flexpension, tmp_path, name):
    change, message = WRONG[name]
    path = tmp_path / "me.json"
    path.write_text(json.dumps({**RIDER, **change}), "utf-8")
    code, out, err = flexpension("statement", path)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_missing_facts_are_all_told_at_once(tmp_path):
    path = tmp_path / "me.yaml"
    path.write_text("sex: male\n", "utf-8")
    with pytest.raises(FactsError) as caught:
        statement(path)
    missing = {fault.where for fault in caught.value.faults}
    assert missing == {"birth", "hukou_province", "work_province", "form", "monthly_earnings", "pays"}
