"""Present values at several rates (多利率现值), from which the internal rate of return of a group is found.

METHOD.md, section 8. The flows of a year are what the present values of `payments` grew by in it, so that
whatever is counted there is counted here, and nothing else.
"""

from __future__ import annotations

import numpy as np

from simulate.kernel import rule
from simulate.outcomes import POSITION
from simulate.terms import FIRST_VALUED_AGE, LAST_AGE, RETURN_RATES

N_VALUED_YEARS = LAST_AGE - FIRST_VALUED_AGE + 1
N_RATES = len(RETURN_RATES)
# what a yuan of each year from age 20 on is worth at that age: (year, rate)
_FACTORS = (1.0 + np.array(RETURN_RATES)) ** -np.arange(N_VALUED_YEARS)[:, None]
_PAYERS, _N_PAYERS = POSITION["present_value_paid_by_worker"], 5
_PAID, _RECEIVED = POSITION["paid_at_rate_1"], POSITION["received_at_rate_1"]
_NOTHING_PAID = POSITION["without_contributions"]
_PAID_SO_FAR, _RECEIVED_SO_FAR = 0, 1


@rule()
def note_year(i, age, received, outcomes, so_far):
    """Write down what the present values have come to by the end of a year of age (逐年累计现值).

    Parameters
    ----------
    received : float
        Pensions, death benefits and refunds up to then; what is paid stands in the outcomes.
    so_far : ndarray, float64 (2, year from age 20)
    """
    paid = 0.0
    for k in range(_N_PAYERS):
        paid += outcomes[_PAYERS + k, i]
    so_far[_PAID_SO_FAR, age - FIRST_VALUED_AGE] = paid
    so_far[_RECEIVED_SO_FAR, age - FIRST_VALUED_AGE] = received


@rule()
def value_at_rates(i, birth, policy, discounts, so_far, at_rates, outcomes):
    """Fill what is paid and received at each of RETURN_RATES (多利率现值). [yuan of 2025, at age 20]

    Parameters
    ----------
    birth : int
        Month index.
    discounts : ndarray, float64 (year,)
        By which the present values were discounted.
    so_far : ndarray, float64 (2, year from age 20)
        As :func:`note_year` leaves it.
    at_rates : ndarray, float64 (2, rate)
        Room to compute in.
    """
    last = policy.price_index.size - 1
    price_step = policy.price_index[last] / policy.price_index[last - 1]
    price = 1.0
    for j in range(N_RATES):
        at_rates[0, j] = at_rates[1, j] = 0.0
    paid_before, received_before = 0.0, 0.0
    for k in range(N_VALUED_YEARS):
        y = birth // 12 + FIRST_VALUED_AGE + k
        if y < 0:
            continue
        price = policy.price_index[y] if y <= last else price * price_step
        paid, received = so_far[_PAID_SO_FAR, k], so_far[_RECEIVED_SO_FAR, k]
        scale = 1.0 / (discounts[y] * price)
        now_paid, now_received = (paid - paid_before) * scale, (received - received_before) * scale
        paid_before, received_before = paid, received
        for j in range(N_RATES):
            at_rates[0, j] += now_paid * _FACTORS[k, j]
            at_rates[1, j] += now_received * _FACTORS[k, j]
    for j in range(N_RATES):
        outcomes[_PAID + j, i] = at_rates[0, j]
        outcomes[_RECEIVED + j, i] = at_rates[1, j]
    outcomes[_NOTHING_PAID, i] = 0.0 if paid_before > 0.0 else 1.0
