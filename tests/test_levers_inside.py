"""Parameters inside a lever that its own trial does not move: each moves what it says, and nothing else."""

import functools
import json

import numpy as np
import pytest

from calibration.paths import load_demography
from scenarios.levers import TRIAL_DATE
from scenarios.scenario import compile_case, load_scenario, scenario_of
from simulate.kernel import pack
from simulate.outcomes import POSITION
from simulate.population import Population
from simulate.run import follow, live, prepare
from simulate.strict_yaml import read_yaml

WORLD = pack(load_demography())
PEOPLE = 500
GOVERNMENT, WORKER = "present_value_paid_by_government", "present_value_paid_by_worker"
CARE = {"care_credit_base_ratio": 0.8, "care_credit_child_months": 36}
MATCH = {"government_match_rate": 0.5}
# what both laws hold, what is added, what can only rise, only fall, never change
INSIDE = {
    "match_months": (MATCH, {"government_match_months": 60}, (), (GOVERNMENT, "pension_at_65"), (WORKER,)),
    "match_of_groups": (
        {}, {"government_match_of_groups": [{"sex": "female", "value": 0.5}]},
        (GOVERNMENT, "pension_at_65"), (), (WORKER, "record_months"),
    ),
    "relief_of_groups": (
        {}, {"flexible_relief_of_groups": [{"hukou": "rural", "value": 0.06}]},
        (), (WORKER, "present_value_pool_receipts"), ("pension_at_65", "record_months"),
    ),
    "care_of_groups": (
        CARE, {"care_credit_base_of_groups": [{"sex": "male", "value": 0}]},
        (), ("credit_months", GOVERNMENT), ("employee_months",),
    ),
    "care_not_of_employees": (
        CARE, {"care_credit_of_employees": "none"},
        (), ("credit_months", GOVERNMENT), ("employee_months",),
    ),
    "care_birth_year": (
        CARE, {"care_credit_first_birth_year": 2035},
        (), ("credit_months", "record_months", GOVERNMENT), ("employee_months",),
    ),
    "minimum_of_groups": (
        {}, {"minimum_months_of_groups": [{"sex": "female", "value": 120}]},
        ("minimum_reached",), (), ("months_schooling",),
    ),
}  # fmt: skip
EVERYBODY = ("minimum_of_groups",)


@functools.cache
def lives():
    case = prepare(compile_case(load_scenario("current-law")))
    return live(Population(persons=PEOPLE, seed=7), 0, PEOPLE, case, WORLD), case


@functools.cache
def course(text: str):
    """Outcomes under these values, gates and prices those of current law."""
    people, current = lives()
    head = "title: T\ntitle_zh: 题\nquestion: Q?\nquestion_zh: 问？\nsource: t\nstatus: illustration\n"
    values = json.loads(text)
    rows = [f"  {name}: {{{TRIAL_DATE}: {json.dumps(value)}}}\n" for name, value in values.items()]
    file = head + ("law:\n" + "".join(rows) if rows else "")
    case = prepare(compile_case(scenario_of(read_yaml(file), "trial", file, "trial.yaml")))
    return follow(people, case._replace(decision_policy=current.policy), WORLD)


def against(name: str, sign: int) -> set[str]:
    """Which outcomes move against the declaration, turned round with sign -1."""
    held, added, raises, lowers, keeps = INSIDE[name]
    before, after = course(json.dumps(held)), course(json.dumps({**held, **added}))
    who = np.full(PEOPLE, True)
    if name not in EVERYBODY:
        who = (before.plan.settled == after.plan.settled) & (before.plan.claim_kind == after.plan.claim_kind)
        who &= before.award.province == after.award.province
        who &= before.plan.one_off_months == after.plan.one_off_months
        who &= before.plan.back_paid_years == after.plan.back_paid_years
    wrong = set()
    signs = [(o, sign) for o in raises] + [(o, -sign) for o in lowers] + [(o, 0) for o in keeps]
    for outcome, direction in signs:
        old, new = (c.outcomes[POSITION[outcome], who] for c in (before, after))
        change = (new - old) / np.maximum(1.0, np.abs(old))
        if ((np.abs(change) if direction == 0 else -direction * change) > 1e-9).any():
            wrong.add(outcome)
    return wrong


@pytest.mark.parametrize("name", INSIDE)
def test_a_value_inside_a_lever_moves_what_it_says(name):
    assert against(name, 1) == set()


@pytest.mark.parametrize("name", INSIDE)
def test_its_declaration_turned_round_is_found_wrong(name):
    assert against(name, -1) == {*INSIDE[name][2], *INSIDE[name][3]}
