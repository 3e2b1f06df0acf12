"""Where a slow life's rights stand and what moves at its claim, written from METHOD.md and the acts alone.

It takes a slow life's ledger and shares no rule with the engine: dicts by province, each credit grown by
itself. 国办发〔2009〕66号, 4 to 6; 人社部发〔2009〕187号; 人社部发〔2014〕17号.
"""

from __future__ import annotations

from collections import defaultdict

from tests.reference_life import YEARS, Life

AMOUNTS = (
    "months", "lost_months", "bases", "pool_paid", "pool_lost", "account", "is_temporary", "pool_out",
    "account_out", "refund",
)  # fmt: skip


def slow_rights(life: Life) -> dict:
    """What each province holds and what leaves it, by the names of AMOUNTS; what moves between schemes."""
    law, home = life.law, life.who["hukou_province"]
    stand = {name: defaultdict(float) for name in AMOUNTS}
    as_temporary, joined = defaultdict(float), {}
    for event in _events(life):
        p, m, pooled = event["province"], event["month"], event["pool"]
        stand["pool_paid"][p] += pooled
        stand["account"][p] += event["account"] * _growth(life, m)
        if event["lost"]:
            stand["lost_months"][p] += event["lost"]
            stand["pool_lost"][p] += pooled
        if event["counted"]:
            joined.setdefault(p, m)
            stand["months"][p] += event["counted"]
            if m >= law.transfer_bases_from:
                stand["bases"][p] += event["base"]
                least = law.temporary_account_pool_rate[m] * event["base"]
                as_temporary[p] += max(least, pooled)
    for p, m in joined.items():
        too_old = m - life.birth >= law.temporary_account_age[life.who["sex"]][m]
        stand["is_temporary"][p] = float(too_old and p != home)
    rate = law.transfer_pool_rate[min(life.settled // 12, YEARS - 1)]
    for p in stand["account"] if life.kind == "none" else ():
        stand["refund"][p] = stand["account"][p]
    for p in set(stand["account"]) | set(joined) if life.kind != "none" else ():
        if p != life.award_place:
            stand["account_out"][p] = stand["account"][p]
            normal = rate * stand["bases"][p]
            stand["pool_out"][p] = as_temporary[p] if stand["is_temporary"][p] else normal
    employee = sum(stand["account"].values())
    return stand | {
        "to_employee": life.resident_account if life.kind == "employee" else 0.0,
        "to_resident": employee if life.kind == "resident" else 0.0,
        "resident_refund": life.resident_account if life.kind == "none" else 0.0,
    }


def _events(life: Life):
    """Every month with money for the employee scheme, in order; the one-off payment at the claim last."""
    for entry in life.ledger:
        if entry["sunk"]["resident_account"]:
            continue
        c = entry["month"] - life.start
        is_member = life.place[c] >= 0
        base = life.base[c] + life.credit[c]
        yield {
            "month": entry["month"],
            "province": life.place[c] if is_member else life.career["province"][c],
            "pool": entry["sunk"]["pool"],
            "account": entry["sunk"]["account"],
            "base": base + life.funded[c],
            "counted": life.counts[c],
            "lost": _lost(life, c, base) if is_member and base > 0 and not life.counts[c] else 0.0,
        }
    if life.one_off_months:
        sunk = life.claim_entry["sunk"]
        base = life.one_off_months * life.law.tiers(life.last_place, life.settled)[0]
        yield {
            "month": life.settled,
            "province": life.last_place,
            "pool": sunk["pool"],
            "account": sunk["account"],
            "base": base,
            "counted": life.one_off_months,
            "lost": 0.0,
        }


def _lost(life: Life, c: int, base: float) -> float:
    """What a lost month counted before."""
    m, p, law = life.start + c, life.place[c], life.law
    if life.route[c] != "flexible" or law.month_credit_rule[m] != "pro_rata":
        return 1.0
    return min(1.0, base / (law.full_month_base_ratio[m] * law.reference_wage[p][m // 12]))


def _growth(life: Life, m: int) -> float:
    """What a yuan credited in a month has become when the accounts are settled."""
    if m >= life.settled:
        return 1.0
    factor, last_year = 1.0, life.settled // 12
    for y in range(m // 12, last_year + 1):
        ends = 12 if y < last_year else life.settled % 12
        begins = m % 12 if y == m // 12 else 0
        factor *= 1.0 + life.law.crediting_rate[y] * (ends - begins) / 12
    return factor
