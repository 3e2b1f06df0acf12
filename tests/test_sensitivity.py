"""How far answers hang on what the evidence cannot decide: tornado, Morris, Sobol, their tables and chart."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from scenarios import compare
from scenarios.factors import factors
from scenarios.scenario import ScenarioError, load_scenario
from scenarios.sensitivities import FUTURE, TOGETHER, sensitivity
from scenarios.worlds import World, measure

HEADLINE = "pension_to_average_wage"
THREE = ["floor_payer_share", "pay_on_share", "crediting_spread"]


@pytest.fixture(scope="module")
def tornado():
    return sensitivity(["lower-floor"], persons=300, indicators=[HEADLINE, "new_joiners"], factors=THREE)


def test_a_tornado_has_every_factor_the_first_three_together_and_the_future(tornado):
    assert tornado.dataset["factor"].values.tolist() == [*THREE, TOGETHER, FUTURE]
    assert tornado.inputs["runs"] == 1 + 2 * 5  # central, then low and high of each


def test_the_centre_is_that_of_compare(tornado):
    same = compare(["lower-floor"], persons=300, by=(), indicators=[HEADLINE]).dataset
    difference = float(same["difference"].sel(scenario="lower-floor").item())
    assert float(tornado.dataset["central"].sel(indicator=HEADLINE).item()) == difference


def test_an_end_is_the_comparison_in_that_world_less_the_centre(tornado):
    pair = [load_scenario("current-law"), load_scenario("lower-floor")]
    world = World(assumptions={"floor_payer_share": factors()["floor_payer_share"].low})
    found = [
        measure(pair, w, 300, 1, ((),), [HEADLINE])["difference"].sel(scenario="lower-floor").item()
        for w in (World(), world)
    ]
    told = tornado.dataset.sel(indicator=HEADLINE, factor="floor_payer_share")
    assert float(told["low"].item()) == pytest.approx(found[1] - found[0], abs=1e-15)
    assert float(told["low_se"].item()) > 0


def test_more_floor_payers_make_a_lower_floor_worse(tornado):
    """Floor payers follow the floor down; its band goes from 0.9 (low) to 0.6 (high)."""
    told = tornado.dataset.sel(indicator=HEADLINE, factor="floor_payer_share", scenario="lower-floor")
    assert float(told["low"]) < 0 < float(told["high"])
    assert float(told["swing"]) == pytest.approx(float(told["high"]) - float(told["low"]))


def test_rows_come_strongest_first_in_every_format(tornado):
    rows = tornado.rows()
    swings = [row["swing"] for row in rows if row["indicator"] == HEADLINE]
    assert swings == sorted(swings, reverse=True)
    content = json.loads(tornado.to_json())
    assert content["rows"] == rows
    assert [factor["name"] for factor in content["factors"]] == THREE
    english, chinese = tornado.blocks("en"), tornado.blocks("zh")
    assert [len(block.rows) for block in english] == [len(block.rows) for block in chinese] == [5, 5]
    assert "按下限缴费者占比 [2]" in [row[0] for row in chinese[0].rows]


def test_levels_are_judged_without_a_reform():
    found = sensitivity([], persons=200, factors=["crediting_spread"])
    assert found.inputs["of"] == {"current-law": "value"}
    told = found.dataset.sel(factor="crediting_spread")
    assert float(told["low"].item()) > 0 > float(told["high"].item())  # a wide spread credits less


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_global_indices_have_bands_and_come_again(method):
    options = {"persons": 60, "factors": THREE, "draws": 2, "indicators": [HEADLINE]}
    first, again = (sensitivity(["lower-floor"], method, **options) for _ in range(2))
    assert first.inputs["runs"] == 1 + 2 * (3 + (1 if method == "morris" else 2))
    for name in first.dataset.data_vars:
        np.testing.assert_array_equal(first.dataset[name], again.dataset[name])
    leading, band = ("mu_star", "mu_star_conf") if method == "morris" else ("ST", "ST_conf")
    assert (first.dataset[leading] >= 0).all()
    assert (first.dataset[band] >= 0).all()
    assert len(first.blocks("zh")[0].rows) == 3


def test_sobol_shares_of_a_sum_are_the_shares_of_its_parts(monkeypatch):
    """Answer 3 a + b of positions a, b even on 0 to 1: shares of the variance 9/10 and 1/10."""
    from scenarios import sensitivities as module

    def stand_in(chosen, world, *_):
        return [world.assumptions.get(name, factors()[name].central) for name in THREE[:2]]

    def numbers(sums, *_):
        payers, pay_on = sums  # 0.9 to 0.6 and 0.2 to 0.8
        value = 3 * (0.9 - payers) / 0.3 + (pay_on - 0.2) / 0.6
        return np.array([[value]]), np.zeros((1, 1, 2)), np.array([[2]])

    monkeypatch.setattr(module, "accumulate", stand_in)
    monkeypatch.setattr(module, "replicated", numbers)
    found = sensitivity(["lower-floor"], "sobol", factors=THREE[:2], draws=1024).dataset
    np.testing.assert_allclose(found["ST"].values.ravel(), [0.9, 0.1], atol=0.02)
    np.testing.assert_allclose(found["S1"].values.ravel(), [0.9, 0.1], atol=0.05)
    screened = sensitivity(["lower-floor"], "morris", factors=THREE[:2], draws=4).dataset
    np.testing.assert_allclose(screened["mu_star"].values.ravel(), [3.0, 1.0])  # slopes, the same everywhere


def test_an_answer_that_never_varies_has_no_index_and_says_so():
    found = sensitivity(["current-law"], "morris", persons=60, factors=THREE, draws=2, of="value")
    assert all(row["mu_star"] is not None for row in found.rows())
    still = sensitivity(
        ["carer-credits"],
        "sobol",
        persons=60,
        factors=["crediting_spread"],
        draws=2,
        indicators=["new_joiners"],
    )
    (row,) = still.rows()
    assert row["ST"] is None
    assert row["reason"]


def test_the_chart_draws_every_factor(tornado):
    drawn = tornado.chart("zh").to_dict()
    names = {row["name"] for row in drawn["layer"][0]["data"]["values"]}
    assert len(names) == 5
    bars = sensitivity(["lower-floor"], "morris", persons=60, factors=THREE, draws=2).chart().to_dict()
    assert len(bars["data"]["values"]) == 3


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"method": "tornadoo"}, "Did you mean tornado"),
        ({"method": "sobol", "draws": 3}, "power of 2"),
        ({"method": "morris", "draws": 1}, "whole number from 2"),
        ({"of": "level"}, "not one of value, difference"),
        ({"group": {"sex": "femal"}}, "Did you mean female"),
        ({"factors": ["floor_payer_shar"]}, "Did you mean floor_payer_share"),
        ({"group": {"sex": "female", "occupation": "rider"}, "persons": 60}, "30 are needed. Draw more"),
        ({"persons": 0}, "whole number from 1"),
    ],
)
def test_what_cannot_be_judged_is_told(options, told):
    with pytest.raises(ScenarioError, match=told):
        sensitivity(["lower-floor"], **options)


def test_without_salib_the_message_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib.sample.sobol", None)
    with pytest.raises(ScenarioError, match=r"flexpension\[analysis\]"):
        sensitivity(["lower-floor"], "sobol", persons=60)


def test_the_verb_prints_a_table_and_json(tmp_path, monkeypatch):
    from click.testing import CliRunner

    from scenarios.cli import cli

    monkeypatch.chdir(tmp_path)
    line = [
        "sensitivity",
        "lower-floor",
        "--persons",
        "100",
        "--factors",
        "pay_on_share",
        "--group",
        "sex=male",
    ]
    for format_, words in (
        ("table", "Paying on at the statutory age [3]"),
        ("json", '"swing"'),
        ("markdown", "| "),
    ):
        found = CliRunner().invoke(cli, [*line, "--format", format_])
        assert found.exit_code == 0, found.output
        assert words in found.stdout
