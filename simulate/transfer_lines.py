"""The rights of one person, told (权益转移明细): each province's stand, what moved, by which act.

What moves is computed in `simulate.transfers`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulate.kernel import pack
from simulate.law import Law
from simulate.participation import CLAIM_EMPLOYEE, CLAIM_NONE, CLAIM_RESIDENT
from simulate.run import Case, Course, Lives, careers_under, prepare
from simulate.terms import FIRST_YEAR, N_MONTHS, Term
from simulate.transfers import empty_rights, move_rights

KEPT, TRANSFER, TEMPORARY, REFUND, TO_EMPLOYEE, TO_RESIDENT = KINDS = (
    Term("kept", "留在领取地"),
    Term("transfer", "转移至领取地"),
    Term("temporary", "临时账户归集至领取地"),
    Term("refund", "退还个人账户"),
    Term("to_employee", "居民账户并入职工账户"),
    Term("to_resident", "职工账户并入居民账户"),
)
# the parameter whose act orders the movement
_PARAMETERS = {
    KEPT: "claim_place_months",
    TRANSFER: "transfer_pool_rate",
    TEMPORARY: "temporary_account_pool_rate",
    REFUND: "account_refund",
    TO_EMPLOYEE: "bridging_minimum_months",
    TO_RESIDENT: "bridging_minimum_months",
}


def transfer_lines(lives: Lives, index: int, case: Case, course: Course, law: Law) -> list[dict[str, Any]]:
    """Return what a person has in each province and where it goes (各地权益及转移).

    Parameters
    ----------
    lives, index : Lives, int
        A block of people, and which of them.
    case, course, law : Case, Course, Law
        As `simulate.explain.explain` takes them.

    Returns
    -------
    list of dict
        JSON-ready. Provinces in the order in which months were first recorded, then what moves between the
        schemes. Yuan of the day and months; `to` is None where nothing moves. `pool_kept` is what stays in
        the pool of the province: `pool_paid` less `pool_moved`; of it `pool_lost` for lost months.
    """
    case = prepare(case)
    rights = empty_rights(lives.people.person.size)
    plan, award = course.plan, course.award
    parts = (pack(case.behaviour), plan, course.record, award, rights)
    move_rights(lives.people, careers_under(lives, case), case.policy, *parts)
    names = [province.name for province in law.provinces]
    kind, place = int(plan.claim_kind[index]), int(award.province[index])
    told = _Told(law, int(plan.settled[index]))
    for p in _places(plan, rights, index):
        moved = _kind(kind, p == place, bool(rights.is_temporary[index, p]))
        amounts = {name: float(getattr(rights, name)[index, p]) for name in _BY_PROVINCE}
        pool, account = float(rights.pool_out[index, p]), float(rights.account_out[index, p])
        told.add(
            moved,
            names[p],
            names[place] if moved in (TRANSFER, TEMPORARY) else None,
            **amounts,
            pool_moved=pool,
            pool_kept=amounts["pool_paid"] - pool,
            account_moved=account,
            refund=float(rights.refund[index, p]),
        )
    home = names[int(lives.people.hukou_province[index])]
    resident = float(course.record.resident_account[index])
    if kind == CLAIM_EMPLOYEE and resident:
        told.add(TO_EMPLOYEE, home, names[place], account=resident, account_moved=resident)
    elif kind == CLAIM_RESIDENT and rights.to_resident[index]:
        moved = float(rights.to_resident[index])
        told.add(TO_RESIDENT, names[place], home, account=moved, account_moved=moved)
    elif kind == CLAIM_NONE and resident:
        told.add(REFUND, home, None, account=resident, refund=resident)
    return told.lines


_BY_PROVINCE = ("months", "lost_months", "bases", "pool_paid", "pool_lost", "account")
AMOUNTS = (*_BY_PROVINCE, "pool_moved", "pool_kept", "account_moved", "refund")


class _Told:
    """Lines with the value in force when the rights are settled."""

    def __init__(self, law: Law, settled: int):
        self.law, self.lines = law, []
        m = min(settled, N_MONTHS - 1)
        self.day = f"{FIRST_YEAR + m // 12:04d}-{m % 12 + 1:02d}-01"

    def add(self, kind: Term, origin: str, to: str | None, **amounts: float) -> None:
        dated = self.law.dated_value(_PARAMETERS[kind], self.day)
        act = self.law.acts.get(dated.act) if dated is not None else None
        self.lines.append(
            {"kind": kind.name, "kind_zh": kind.name_zh, "from": origin, "to": to}
            | dict.fromkeys(AMOUNTS, 0.0)
            | amounts
            | {
                "parameter": _PARAMETERS[kind],
                "value": dated.value if dated is not None else None,
                "effective": str(dated.effective) if dated is not None else None,
                "act": f"{act.number} {act.title_zh}".strip() if act else None,
                "article": (dated.article or None) if dated is not None else None,
                "flag": dated.flag if dated is not None else None,
            }
        )


def _kind(claim_kind: int, is_place_of_claim: bool, is_temporary: bool) -> Term:
    if claim_kind == CLAIM_NONE:
        return REFUND
    if is_place_of_claim:
        return KEPT
    return TEMPORARY if is_temporary else TRANSFER


def _places(plan, rights, index: int) -> list[int]:
    """Provinces with anything in them, those of the record first and in order of time."""
    recorded = dict.fromkeys(p for p in plan.record_province[index].tolist() if p >= 0)
    held = rights.months[index] + rights.pool_paid[index] + rights.account[index] > 0.0
    return [p for p in dict.fromkeys([*recorded, *np.flatnonzero(held).tolist()]) if held[p]]
