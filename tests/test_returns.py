"""The rate of return: present values at several rates, and how near the exact one the rate found is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from calibration.fitted_set import load_behaviour
from calibration.paths import load_demography, load_economy
from simulate.kernel import pack
from simulate.law import load_law
from simulate.outcomes import N_OUTCOMES, POSITION
from simulate.payments import discount
from simulate.policy import compile_policy
from simulate.results import rate_of_return
from simulate.returns import N_RATES, N_VALUED_YEARS, value_at_rates
from simulate.run import Case, Population, follow, live
from simulate.terms import FIRST_VALUED_AGE, FIRST_YEAR, PRESENT_VALUE_YEAR, RETURN_RATES

POLICY = compile_policy(load_law(), load_economy())
AT = 1 + np.array(RETURN_RATES)


def values_of(birth_year, paid, received):
    """Present values at RETURN_RATES of flows {age: yuan of 2025}, handed over as the payment stage does."""
    policy, outcomes = POLICY, np.zeros((N_OUTCOMES, 1))
    so_far = np.zeros((2, N_VALUED_YEARS))
    last = policy.discount_factor.size - 1
    for row, flows in enumerate((paid, received)):
        for age, amount in flows.items():
            y = birth_year + age - FIRST_YEAR
            ahead, held = max(0, y - last), min(y, last)
            steps = [
                series[last] / series[last - 1] for series in (policy.discount_factor, policy.price_index)
            ]
            factor = policy.discount_factor[held] / policy.discount_factor[PRESENT_VALUE_YEAR - FIRST_YEAR]
            nominal = amount * policy.price_index[held] * steps[1] ** ahead
            so_far[row, age - FIRST_VALUED_AGE :] += nominal * factor * steps[0] ** ahead
    years = range(birth_year + 121 - FIRST_YEAR)
    discounts = np.array([discount(pack(policy), y) for y in years])
    birth, room = 12 * (birth_year - FIRST_YEAR), np.zeros((2, N_RATES))
    value_at_rates(0, birth, pack(policy), discounts, so_far, room, outcomes)
    told = [[outcomes[POSITION[f"{name}_at_rate_{k}"], 0] for k in range(1, N_RATES + 1)] for name in SIDES]
    return np.array(told), outcomes[POSITION["without_contributions"], 0]


SIDES = ("paid", "received")


@pytest.mark.parametrize("birth_year", [1980, 2010])
def test_flows_are_valued_at_each_rate_at_age_20(birth_year):
    """100 at 30 and 300 at 70; and 50 at 110, for the youngest beyond the last year of the economy."""
    (paid, received), nothing = values_of(birth_year, {30: 100.0}, {70: 300.0, 110: 50.0})
    np.testing.assert_allclose(paid, 100 * AT**-10.0)
    np.testing.assert_allclose(received, 300 * AT**-50.0 + 50 * AT**-90.0)
    assert nothing == 0


def test_years_before_the_model_begins_count_nothing_and_no_dues_are_counted():
    (paid, received), nothing = values_of(1965, {}, {70: 300.0})
    assert not paid.any()
    np.testing.assert_allclose(received, 300 * AT**-50.0)
    assert nothing == 1


@pytest.mark.parametrize("pension", [400, 600, 1_000, 3_000, 10_000])
def test_the_rate_is_within_three_hundredths_of_a_point_of_the_exact_one(pension):
    """Dues from 20 to 59 that grow by 3 %, a pension from 60 on with deaths, from generous to poor."""
    years = np.arange(N_VALUED_YEARS)
    paid = np.where(years < 40, 240 * 1.03**years, 0.0)
    received = np.where(years >= 40, pension * 0.95 ** (years - 40), 0.0)

    def worth(flows, rates):
        return (flows * (1 + np.asarray(rates))[..., None] ** -years).sum(axis=-1)

    exact = brentq(lambda r: worth(received, r) - worth(paid, r), -0.2, 0.5, xtol=1e-13)
    found = rate_of_return(worth(received, RETURN_RATES), worth(paid, RETURN_RATES))
    assert RETURN_RATES[0] < exact < RETURN_RATES[-1]
    assert float(found) == pytest.approx(exact, abs=0.0003)


def test_present_values_at_the_rates_hold_the_flows_of_the_engine_and_yardsticks_its_lines():
    """At rates between, received over paid moves from above to below one where the rate lies between."""
    economy, behaviour, world = load_economy(), load_behaviour(), load_demography()
    case = Case("x", POLICY, POLICY, behaviour, economy)
    lives = live(Population(), 0, 400, case, world)
    out = follow(lives, case, world).outcomes
    paid = out[[POSITION[f"paid_at_rate_{k}"] for k in range(1, N_RATES + 1)]]
    insured = out[POSITION["without_contributions"]] == 0
    assert insured.sum() > 350
    assert np.all(np.diff(paid[:, insured], axis=0) < 0)  # dearer money, less paid
    payers = ("worker", "employer", "platform", "consumer", "government")
    total = sum(out[POSITION[f"present_value_paid_by_{payer}"]] for payer in payers)
    assert np.array_equal(total > 0, insured)
    people, pension = lives.people, out[POSITION["pension_at_65"]]
    y = (people.birth + 12 * 65) // 12
    line = POLICY.international_poverty_line[people.hukou, y]
    assert np.array_equal(out[POSITION["below_international_line"]], pension < line)
    couple = pension + POLICY.resident_basic[people.hukou_province, y]
    dibao = POLICY.dibao[people.hukou_province, people.hukou, y]
    assert np.array_equal(out[POSITION["below_dibao_couple"]], couple < 2 * dibao)
    assert 0 < out[POSITION["below_dibao_couple"]].sum() < 400


def test_the_line_of_the_world_bank_is_dollars_times_parity_and_moves_with_prices():
    y = 2021 - FIRST_YEAR
    rural, urban = POLICY.international_poverty_line[:, y]
    assert urban == pytest.approx(8.3 * 4.1992 * 365 / 12)  # 1,060 yuan a month
    assert rural == pytest.approx(8.3 * 3.4249 * 365 / 12)
    later = POLICY.international_poverty_line[1, 60] / urban
    assert later == pytest.approx(POLICY.price_index[60] / POLICY.price_index[y])
