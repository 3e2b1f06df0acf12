"""Every line of a ledger with a formula can be worked out again from the inputs that stand beside it."""

from __future__ import annotations

import ast
import itertools
import math
import operator

import pytest

from scenarios.inputs import demography
from scenarios.ledger import blocks, ledger, to_csv
from scenarios.scenario import compile_case, load_scenario
from simulate.explain import explain, explain_against
from simulate.line_names import INPUTS, LINES, PLACE_RULES
from simulate.outcomes import POSITION
from simulate.policy import compile_policy
from simulate.run import Population, follow, live, prepare

PERSONS = 100
SCENARIOS = (
    *(
        "current-law",
        "platform-cofunding+carer-credits",
        "chilean-floor",
        "swedish-floor",
        "no-floor-pro-rata",
    ),
    *("life-expectancy-divisor", "national-benefit-base", "dibao-take-up", "before-retirement-reform"),
)
RECORD = """# birth: {birth}
# sex: {sex}
# hukou_province: Sichuan
# deemed_months: {deemed}
year,months,province,base,route,subsidy
"""
RECORDS = {  # facts, rows
    "man of three provinces": (
        {"birth": "1968-03", "sex": "male", "deemed": 24},
        [*((y, 12, "Guangdong", 3000, "employee", "") for y in range(1999, 2011)),
         *((y, 6, "Zhejiang", 4000, "flexible", "") for y in range(2011, 2018)),
         *((y, 12, "Sichuan", 4500, "flexible", "") for y in range(2018, 2025))],
    ),
    "woman far from home": (
        {"birth": "1972-06", "sex": "female", "deemed": 0},
        [(y, 12, "Beijing", 5000, "employee", "") for y in range(2004, 2025)],
    ),
    "woman of short records": (
        {"birth": "1972-06", "sex": "female", "deemed": 0},
        [*((y, 12, "Beijing", 5000, "employee", "") for y in range(2004, 2012)),
         *((y, 12, "Shanghai", 6000, "employee", "") for y in range(2012, 2021))],
    ),
    "before the accounts": (
        {"birth": "1965-11", "sex": "male", "deemed": 60},
        [(y, 12, "Jilin", 800, "employee", "") for y in range(1991, 2021)],
    ),
    "resident": (
        {"birth": "1969-09", "sex": "male", "deemed": 0},
        [*((y, 12, "Sichuan", 4000, "flexible", "") for y in range(2020, 2023)),
         *((y, 12, "", 500, "resident", 60) for y in range(2008, 2020))],
    ),
    "nothing": (
        {"birth": "1969-09", "sex": "male", "deemed": 0},
        [(2020, 3, "Sichuan", 4000, "flexible", "")],
    ),
}  # fmt: skip
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def month(text: str) -> int:
    return 12 * int(text[:4]) + int(text[5:]) - 1


def half_up(number: float, decimals: int) -> float:
    return math.floor(number * 10**decimals + 0.5 + 1e-9) / 10**decimals


def worked_out(formula: str, inputs: dict) -> float:
    """The number that a formula gives: sums, products, brackets, max, round, over names of inputs."""

    def value(node):
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                found = inputs[node.id]
                return month(found) if isinstance(found, str) else found
            case ast.BinOp():
                return OPERATORS[type(node.op)](value(node.left), value(node.right))
            case ast.Call():
                rule = {"max": max, "round": half_up}[node.func.id]
                return rule(*(value(argument) for argument in node.args))
        raise AssertionError(ast.dump(node))

    text = formula.replace("×", "*").replace("−", "-")
    return value(ast.parse(text, mode="eval").body)


def place_of(inputs: dict) -> tuple[str, str]:
    """Rule and province by 国办发〔2009〕66号, 6, from the months of each province."""
    months, needed = inputs["months_by_province"], inputs["claim_place_months"]
    last, home = inputs["last_province"], inputs["hukou_province"]
    in_hukou, in_last, in_earlier, nowhere = (rule.name for rule in PLACE_RULES)
    if last == home:
        return in_hukou, home
    if last is not None and months[last] >= needed:
        return in_last, last
    long = [place for place, number in months.items() if number >= needed]
    return (in_earlier, long[-1]) if long else (nowhere, home)


def follows(told: dict) -> set[str]:
    """Check every line of a ledger; return the names of those with a formula."""
    names = set()
    for line in told["lines"]:
        assert set(line["inputs"]) <= set(INPUTS), line
        assert line["name"] in LINES
        if line["name"] == "claim_province":
            assert (line["formula"], line["value"]) == place_of(line["inputs"])
        elif line["formula"]:
            found = worked_out(line["formula"], line["inputs"])
            if line["unit"] == "month":
                assert found == month(line["value"]), line
            else:
                assert found == pytest.approx(line["value"], abs=0.005), line  # half a fen
                assert found == pytest.approx(line["value"], rel=1e-9, abs=1e-9), line
            names.add(line["name"])
        else:
            assert line["parameter"], line  # no formula: a number of the law
    return names


def hangs_together(told: dict) -> None:
    """Values that enter another line are those lines' own values."""
    by_name: dict[str, list] = {}
    for line in told["lines"]:
        by_name.setdefault(line["name"], []).append(line)
    for line in told["lines"]:
        for name, number in line["inputs"].items():
            if name in by_name and len(by_name[name]) == 1:
                value = by_name[name][0]["value"]
                same = (
                    number == value if isinstance(value, str) else math.isclose(number, value, rel_tol=1e-12)
                )
                assert same, (line, name)
    if "average_contribution_index" in by_name:
        sums = sum(line["value"] for line in by_name["yearly_index"])
        assert by_name["average_contribution_index"][0]["inputs"]["indices"] == pytest.approx(sums)
    for scheme in ("", "resident_"):
        closings = by_name.get(f"{scheme}account_closing", [])
        interest = by_name.get(f"{scheme}account_interest", [])
        for before, after in itertools.pairwise(closings):
            assert after["inputs"]["opening"] == before["value"]
        for one, other in zip(closings, interest, strict=True):
            assert one["year"] == other["year"]
            assert one["inputs"]["interest"] == other["value"]
        if closings and "account_balance" in by_name:
            last = by_name["account_balance"][0]["inputs"][f"{scheme or 'employee_'}account"]
            assert last == closings[-1]["value"]
    totals = told["totals"]
    if "pension_at_65" in by_name:
        inputs = by_name["pension_at_65"][0]["inputs"]
        assert inputs["floor_pension"] == totals["floor_pension_at_65"]
    tops = by_name.get("dibao_top_up", [])
    assert totals["top_up_at_65"] == (tops[0]["value"] if tops else 0.0)


@pytest.fixture(scope="module")
def lives():
    return live(Population(seed=23), 0, PERSONS, compile_case(load_scenario("current-law")), demography())


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_formula_of_many_people_gives_its_value(lives, name):
    scenario = load_scenario(name)
    case, law = prepare(compile_case(scenario)), scenario.compile_law()
    course = follow(lives, case, demography())
    names = set()
    for i in range(PERSONS):
        told = explain(lives, i, case, course, law)
        names |= follows(told)
        hangs_together(told)
        top_up = course.outcomes[POSITION["top_up_at_65"], i]
        assert told["totals"]["top_up_at_65"] == pytest.approx(top_up, abs=0.01)
    assert names >= {
        *("statutory_month", "claim_month", "contribution_months", "average_contribution_index"),
        *("yearly_index", "account_interest", "account_closing", "account_balance", "benefit_base"),
        *("basic_pension", "account_pension", "monthly_pension", "pension_increase", "pension_at_65"),
        *("resident_account_interest", "resident_account_closing", "resident_basic_pension"),
    }


@pytest.mark.parametrize("name", RECORDS)
def test_every_formula_of_a_given_record_gives_its_value(tmp_path, name):
    facts, rows = RECORDS[name]
    path = tmp_path / "record.csv"
    path.write_text(
        RECORD.format(**facts) + "\n".join(",".join(map(str, row)) for row in rows) + "\n", "utf-8"
    )
    told = ledger("current-law", record=path)
    names = follows(told)
    hangs_together(told)
    places = [line["formula"] for line in told["lines"] if line["name"] == "claim_province"]
    expected = {
        "man of three provinces": PLACE_RULES[0],
        "woman far from home": PLACE_RULES[1],
        "woman of short records": PLACE_RULES[3],
    }
    if name in expected:
        assert places == [expected[name].name]
    assert ("transitional_pension" in names) == (name in ("before the accounts", "man of three provinces"))
    assert (told["claim"]["kind"] == "none") == (name == "nothing")


@pytest.mark.parametrize("name", ["chilean-floor", "women-to-63", "resident-to-dibao"])
def test_the_parts_of_a_gap_add_up_under_floors_ages_and_the_resident_scheme_too(lives, name):
    scenarios = [load_scenario(one) for one in (name, "current-law")]
    sides = []
    for scenario in scenarios:
        case = prepare(compile_case(scenario))
        sides.append((case, follow(lives, case, demography()), scenario.compile_law()))
    gaps = 0
    for i in range(PERSONS):
        told = explain_against(lives, i, *sides)["against"]
        gap = told["pension_at_65"]["difference"]
        assert sum(part["amount"] for part in told["factors"]) == pytest.approx(gap, abs=1e-8)
        assert bool(gap) <= bool(told["lines"])  # a gap always shows in a line
        for line in told["lines"]:
            assert line["scenario"] != line["against"]
        gaps += abs(gap) > 0.01
    assert gaps > 5


def test_a_floor_that_begins_after_65_stands_on_a_line_of_its_year(lives):
    changes = {
        "minimum_pension_ratio": [{"effective": "2027-01-01", "value": 0.5}],
        "floor_pension_age_months": [{"effective": "2027-01-01", "value": 804}],
    }
    lead = compile_case(load_scenario("current-law"))
    law = load_scenario("current-law").compile_law().amend(changes)
    policy = compile_policy(law, lead.economy)
    case = prepare(lead._replace(policy=policy, decision_policy=policy))
    course = follow(lives, case, demography())
    found = 0
    for i in range(PERSONS):
        told = explain(lives, i, case, course, law)
        follows(told)
        lines = {line["name"]: line for line in told["lines"]}
        if "floor_pension" in lines:
            year = int(told["facts"]["birth"][:4]) + 67
            assert lines["floor_pension"]["year"] == year
            assert told["totals"]["floor_pension_when_due"] == lines["floor_pension"]["value"]
            assert told["totals"]["floor_pension_at_65"] == 0.0
            found += 1
    assert found > 0


def test_the_table_prints_inputs_that_give_the_printed_value():
    """The same numbers as a reader copies them from the terminal, to half a fen."""
    for person in (2, 8, 11, 30):
        told = ledger("current-law", person=person)
        [block] = [block for block in blocks(told) if "formula" in [word.lower() for word in block.header]
                   or block.header[0] == "Line"]  # fmt: skip
        checked = 0
        for _, value, formula, *_ in block.rows:
            text, bar, numbers = formula.partition(" | ")
            if not bar or ("×" not in text and "/" not in text):
                continue
            inputs = dict(part.rsplit(" ", 1) for part in numbers.replace(", ", "\n").split("\n"))
            for words in sorted(inputs, key=len, reverse=True):
                text = text.replace(words, words.replace(" ", "_"))
            known = {words.replace(" ", "_"): float(n.replace(",", "")) for words, n in inputs.items()}
            assert worked_out(text, known) == pytest.approx(float(value.replace(",", "")), abs=0.02), formula
            checked += 1
        assert checked > 2


def test_lines_as_csv_have_one_row_a_line():
    told = ledger("current-law", person=8)
    rows = to_csv(told).splitlines()
    assert len(rows) == 1 + len(told["lines"])
    assert rows[0].startswith("name,name_zh,year,value,unit,formula,inputs,")
