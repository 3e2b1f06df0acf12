"""What `show law --audit` tells: how much of the law was read, and what contradicts it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from scenarios.catalogue import say
from scenarios.listing import shown
from simulate.law import load_law
from simulate.law_values import FLAGS

AUDIT = load_law().audit()


def told(lang: str) -> str:
    console = Console(file=io.StringIO(), width=400)
    for item in shown(("law",), True, lang):
        console.print(item)
    return console.file.getvalue()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_audit_tells_shares_checks_and_contradictions(lang):
    text = told(lang)
    assert str(AUDIT["values"]) in text
    for flag in FLAGS:
        assert f"{say(f'flag_{flag}', lang)} {AUDIT['share_by_flag'][flag]:.1%}" in text
    assert AUDIT["by_flag"]["projected"] == 0  # told although there is none
    assert sum(AUDIT["share_by_flag"].values()) == pytest.approx(1)
    for state, share in AUDIT["share_by_state"].items():
        assert f"{say(f'act_state_{state}', lang)} {share:.1%}" in text
    assert AUDIT["oldest_last_checked"] in text
    assert f"{say('contradictions', lang)}: {len(AUDIT['contradictions'])}" in text
    for one in AUDIT["contradictions"]:
        assert one["parameter"] in text


def test_a_value_checked_long_ago_is_named(monkeypatch):
    law = load_law()
    old = AUDIT | {"oldest_last_checked": "2020-01-01", "last_checked": {"2020-01-01": ["dibao"]}}
    monkeypatch.setattr(type(law), "audit", lambda self: old)
    assert f"2020-01-01 (1 of {AUDIT['parameters']} parameters: dibao)" in told("en")
