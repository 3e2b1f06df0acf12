"""Stylised careers (典型职业生涯): lives that are written down, month by month, and followed by the engine.

A written career takes the place of a drawn one. Whether its person pays is either decided by the same rules
as everybody's, or laid down: then traits, behaviour and tiers are set so that the gates of participation give
what is laid down, and no rule knows of it. Credits, claims, one-off payments and refunds follow as always.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulate.behaviour import VARIANTS, Behaviour
from simulate.demography import Demography
from simulate.given import Given, first_career_month, given_lives
from simulate.participation import CATEGORY_FEMALE_50, CLAIM_NONE
from simulate.policy import Policy
from simulate.population import People
from simulate.run import Case, Lives, follow, group_traits, prepare
from simulate.terms import (
    FIRST_YEAR,
    FORMAL_EMPLOYEE,
    INACTIVE,
    LAST_AGE,
    N_MONTHS,
    N_YEARS,
    NO_OCCUPATION,
    PLATFORM_EMPLOYEE,
    PRESENT_VALUE_YEAR,
    Term,
)

PAYS = (
    Term("employee", "单位参保"),
    Term("flexible", "灵活就业人员参保"),
    Term("resident", "居民养老保险"),
    Term("nothing", "不参保"),
    Term("decided", "自行决定"),
)
EMPLOYEE, FLEXIBLE, RESIDENT, NOTHING, DECIDED = range(5)
# traits that a person who decides may be given, as positions from 0 to 1
TRAITS = tuple(
    name.removesuffix("_draw")
    for name in People._fields
    if name.endswith("_draw") and name not in ("claim_draw", "category_draw", "subsidy_draw")
)
_ALWAYS, _NEVER, _MIDDLE = -1.0, 2.0, 0.5  # below every share, above every share, at the median
_NO_LIMIT = 1e9  # willingness at which no price is too high


class Spell(NamedTuple):
    """A part of a career (一段经历): months `start` to `stop` - 1; earnings as multiples of the average wage.

    `earnings` are (age in months, multiple) in ascending order, straight lines between; none: no earnings.
    `tier` is a multiple of the reference wage, 0 the lowest there is.
    """

    start: int
    stop: int
    form: int
    province: int
    occupation: int = NO_OCCUPATION
    earnings: tuple[tuple[int, float], ...] = ()
    tier: float = 0.0
    is_parent_care: bool = False


class Career(NamedTuple):
    """A stylised career (典型职业生涯).

    `children` are the months of birth of the children whose care this person claims; `claim_shift` months of
    the claim after the statutory month, as far as the law lets; `draws` positions of traits (0 to 1) where
    `pays` is DECIDED, the middle without them.
    """

    name: str
    facts: Given
    spells: tuple[Spell, ...]
    pays: int
    has_highest_resident_tier: bool = False
    children: tuple[int, ...] = ()
    claim_shift: int = 0
    draws: tuple[tuple[str, float], ...] = ()


def stylised_lives(career: Career, case: Case) -> Lives:
    """Return a written career as the one life of a block (典型人生).

    Earnings are multiples of the average wage of the same year at the place of work, in the concept of today.
    """
    lives = given_lives(career.facts)
    people, careers, *_ = lives
    start = first_career_month(career.facts.birth)
    policy = prepare(case).policy
    careers.schooling_months[:] = career.spells[0].start - start
    for number, spell in enumerate(career.spells, 1):  # the time before work is number 0
        wages = _average_wage(policy.earnings_wage[spell.province])
        for m in range(spell.start, spell.stop):
            c = m - start
            careers.form[0, c], careers.occupation[0, c] = spell.form, spell.occupation
            careers.province[0, c], careers.spell[0, c] = spell.province, number
            careers.earnings[0, c] = _multiple(spell, m - career.facts.birth) * wages[m // 12]
            careers.parent_care[0, c] = m - spell.start + 1 if spell.is_parent_care else 0
            careers.job_draw[0, c] = _job_draw(career.pays, spell.form)
    careers.declaration_draw[:] = _MIDDLE if career.pays == DECIDED else _NEVER
    for birth in career.children:
        for c in range(max(0, birth - start), int(careers.length[0])):
            careers.child_age[0, c] = start + c - birth
    traits = _traits(career)
    people = people._replace(**{name: np.full(1, value) for name, value in traits.items()})
    traits = group_traits(people, careers, prepare(case))
    return Lives(people, careers, traits, np.ones(people.birth.size))


def until_claim(lives: Lives, case: Case, demography: Demography) -> Lives:
    """Return a life whose work ends with its claim under a scenario (工作至领取为止)."""
    plan = follow(lives, case, demography).plan
    claim, careers = int(plan.claim[0]), lives.careers
    cut = max(0, min(claim, N_MONTHS) - int(careers.start[0]))
    if int(plan.claim_kind[0]) == CLAIM_NONE or cut >= int(careers.length[0]):
        return lives
    form, occupation, earnings = (a.copy() for a in (careers.form, careers.occupation, careers.earnings))
    form[:, cut:], occupation[:, cut:], earnings[:, cut:] = INACTIVE, NO_OCCUPATION, 0.0
    return lives._replace(careers=careers._replace(form=form, occupation=occupation, earnings=earnings))


def _average_wage(reference: np.ndarray) -> np.ndarray:
    """Average wage of each year from that of the year before, which is the reference."""
    wage = np.append(reference[1:], reference[-1])
    wage[-1] *= reference[-1] / reference[-2]
    return wage


def _multiple(spell: Spell, age_months: int) -> float:
    if not spell.earnings:
        return 0.0
    ages, multiples = zip(*spell.earnings, strict=True)
    return float(np.interp(age_months, ages, multiples))


def _job_draw(pays: int, form: int) -> float:
    """Employers enrol those who pay as laid down; nobody evades a duty to be insured as flexible worker."""
    if pays == DECIDED:
        return _MIDDLE
    is_employee = form in (FORMAL_EMPLOYEE, PLATFORM_EMPLOYEE)
    return _NEVER if is_employee and pays in (RESIDENT, NOTHING) else 0.0  # in every share but that of nobody


def _traits(career: Career) -> dict[str, float]:
    """Where the person stands on every gate and choice."""
    facts = career.facts
    claim = _MIDDLE if career.claim_shift == 0 else (_ALWAYS if career.claim_shift < 0 else _NEVER)
    found = {
        "claim_draw": claim,
        "category_draw": _ALWAYS if facts.category == CATEGORY_FEMALE_50 else _NEVER,
        "subsidy_draw": _ALWAYS if facts.has_platform_subsidy else _NEVER,
        "difficulty_draw": _NEVER,
        "dibao_draw": _NEVER,
        "credit_draw": _ALWAYS,
        "patience_draw": _MIDDLE,
        "willingness_draw": _MIDDLE,
        "resident_patience_draw": _MIDDLE,
    }
    if career.pays == DECIDED:
        return found | {f"{name}_draw": dict(career.draws).get(name, _MIDDLE) for name in TRAITS}
    joins = _ALWAYS if career.pays in (EMPLOYEE, FLEXIBLE) else _NEVER
    resident = _ALWAYS if career.pays == RESIDENT else _NEVER
    return found | {
        "access_draw": _ALWAYS,
        "hukou_draw": _ALWAYS,
        "knowledge_draw": joins,
        "procedure_draw": joins,
        "stop_draw": _NEVER,
        "floor_payer_draw": _ALWAYS,
        "pay_on_draw": joins,
        "resident_knowledge_draw": resident,
        "resident_floor_draw": _NEVER if career.has_highest_resident_tier else _ALWAYS,
        "resident_back_payment_draw": resident,
    }


def laid_down(career: Career, case: Case) -> Case:
    """Return a scenario in which the person of a career pays and claims as laid down (按设定参保的情景).

    Only values change: the tiers a flexible worker finds, the windows of the claim and, unless the person
    decides, willingness without limit. Reforms of floor, cap, rates, credits or ages stay what they are.
    """
    decided = career.pays == DECIDED
    return case._replace(
        policy=_own_policy(career, case.policy, decided),
        decision_policy=_own_policy(career, case.decision_policy, decided),
        behaviour=_own_behaviour(case.behaviour, decided),
    )


def _own_policy(career: Career, policy: Policy, decided: bool) -> Policy:
    shift = career.claim_shift
    return policy._replace(
        flexible_base_tiers=policy.flexible_base_tiers if decided else _tiers(career, policy),
        early_window=np.minimum(policy.early_window, max(0, -shift)),
        late_window=np.minimum(policy.late_window, max(0, shift)),
    )


def _tiers(career: Career, policy: Policy) -> np.ndarray:
    """Tiers by year: the one tier of the spell that stands in January or, in the first year, comes first."""
    tiers = policy.flexible_base_tiers.copy()
    for spell in reversed(career.spells):
        first = spell.start // 12 if spell is career.spells[0] else -(-spell.start // 12)
        if spell.tier > 0.0:
            tiers[first : -(-spell.stop // 12)] = np.inf
            tiers[first : -(-spell.stop // 12), 0] = spell.tier
    return tiers


def _own_behaviour(behaviour: Behaviour, decided: bool) -> Behaviour:
    own = behaviour._replace(early_claim_share=0.0, late_claim_share=0.0)
    if decided:
        return own
    return own._replace(
        variant=VARIANTS.index("threshold"),
        willingness_factor=_NO_LIMIT,
        subsistence_ratio=0.0,
        join_age=np.zeros_like(behaviour.join_age),
        resident_join_age=np.zeros_like(behaviour.resident_join_age),
    )


# --------------------------------------------------------------------------- what conventions ask for


def last_earnings(lives: Lives, claim: int) -> float:
    """Return earnings of the last month with any before the claim (退休前收入). [yuan/month]"""
    careers = lives.careers
    last = min(int(careers.length[0]), claim - int(careers.start[0]))
    worked = np.nonzero(careers.earnings[0, :last] > 0.0)[0]
    return float(careers.earnings[0, worked[-1]]) if worked.size else 0.0


def value_at(lives: Lives, case: Case, demography: Demography, claim: int) -> float:
    """Return what a yuan of present value is worth to who lives at the claim (折算到领取时的系数).

    Present values are those of PRESENT_VALUE_YEAR and of a person of 20; this undoes discounting and survival
    up to the year of the claim.
    """
    policy = prepare(case).policy
    birth, sex = int(lives.people.birth[0]), int(lives.people.sex[0])
    alive = 1.0
    for age in range(20, min(LAST_AGE, claim // 12 - birth // 12)):
        y = birth // 12 + age
        if y >= 0:
            alive *= 1.0 - float(demography.death_probability[sex, min(y, N_YEARS - 1), age])
    factors = policy.discount_factor
    return float(factors[PRESENT_VALUE_YEAR - FIRST_YEAR] / factors[min(claim // 12, N_YEARS - 1)]) / alive


def career_limits(birth: int) -> tuple[int, int]:
    """Return the first month of a career and the month after its last (职业生涯起止)."""
    start = first_career_month(birth)
    return start, start + int(given_lives(Given(birth, 0, 0, 0, 0)).careers.length[0])
