"""Keyed draws (键控随机数): chance as a pure function of who, what and when.

A draw depends on (seed, replicate, person, process, month) and on nothing else: there is no generator
state, so the order of calls, blocks, threads and scenarios cannot matter. `PROCESSES` is the registry of
process numbers; a number is never given to another process.
"""

from __future__ import annotations

import math

import numpy as np

from simulate.kernel import rule

PROCESSES = (
    "cohort",
    "birth_month",
    "hukou_province",
    "hukou_rural",
    "education",
    "permanent_effect",
    "deemed",
    "access",
    "hukou_enrolment",
    "knowledge",
    "procedure",
    "patience",
    "stop",
    "willingness",
    "floor_payer",
    "pay_on",
    "claim",
    "category",
    "difficulty",
    "platform_subsidy",
    "care_credit",
    "resident_knowledge",
    "resident_patience",
    "resident_floor",
    "resident_back_payment",
    "dibao",
    "platform_share",
    "spare_trait_1",
    "spare_trait_2",
    "spare_trait_3",
    "exit",
    "form",
    "occupation",
    "job",
    "declaration",
    "birth",
    "child_claim",
    "child_leave",
    "parent_care",
    "parent_care_end",
    "parent_leave",
    "move",
    "destination",
    "lost_record",
    "persistent_shock",
    "monthly_shock",
    "employee_attachment",
    "employer_kind",
)
PROCESS = {name: number for number, name in enumerate(PROCESSES)}
TRAIT = -1  # the month of draws that are made once in a life

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_STEP_PROCESS = np.uint64(0xD1342543DE82EF95)
_STEP_MONTH = np.uint64(0xA0761D6478BD642F)
_SHIFT_30, _SHIFT_27, _SHIFT_31, _SHIFT_12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
_UNIT = 2.0**-52  # 52 bits and a half are exact in a float; with 53 the greatest would round to 1

CENTRE = 0.425  # half the width of the middle part of the inverse normal
# Coefficients of the rational approximations of algorithm AS 241, highest power first.
_CENTRE_TOP = (
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
    13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
)  # fmt: skip
_CENTRE_BOTTOM = (
    5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
    5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0,
)  # fmt: skip
_TAIL_TOP = (
    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
    3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
)  # fmt: skip
_TAIL_BOTTOM = (
    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
    0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0,
)  # fmt: skip
_FAR_TOP = (
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
    0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
)  # fmt: skip
_FAR_BOTTOM = (
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
    0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0,
)  # fmt: skip


@rule()
def mix(bits):
    """Return 64 well-mixed bits, a bijection of the input (混合函数); the finaliser of SplitMix64."""
    bits = (bits ^ (bits >> _SHIFT_30)) * _MIX_1
    bits = (bits ^ (bits >> _SHIFT_27)) * _MIX_2
    return bits ^ (bits >> _SHIFT_31)


@rule()
def person_key(seed, replicate, person):
    """Return the key from which all draws of one person follow (个人密钥)."""
    key = mix(np.uint64(seed) + _GOLDEN)
    key = mix(key ^ (np.uint64(replicate) * _STEP_MONTH + _GOLDEN))
    return mix(key ^ (np.uint64(person) * _STEP_PROCESS + _GOLDEN))


@rule()
def uniform(key, process, month):
    """Return a uniform number strictly between 0 and 1 (均匀分布).

    `month` is the month index from January 1990, or -1 for a trait; months before 1990 wrap around.
    """
    bits = mix(key + np.uint64(process + 1) * _STEP_PROCESS + np.uint64(month + 2) * _STEP_MONTH)
    return (np.float64(bits >> _SHIFT_12) + 0.5) * _UNIT


@rule()
def normal(key, process, month):
    """Return a standard normal number (标准正态分布)."""
    return inverse_normal(uniform(key, process, month))


@rule()
def inverse_normal(p):
    """Return the standard normal quantile of a probability (正态分位数), relative error about 1e-15.

    References
    ----------
    Wichura, M. J. (1988), Algorithm AS 241, Applied Statistics 37, 477-484.

    Examples
    --------
    >>> round(inverse_normal(0.975), 9)
    1.959963985
    """
    q = p - 0.5
    if abs(q) <= CENTRE:
        return central_normal(p)
    r = math.sqrt(-math.log(p if q < 0 else 1.0 - p))
    if r <= 5.0:
        value = _polynomial(_TAIL_TOP, r - 1.6) / _polynomial(_TAIL_BOTTOM, r - 1.6)
    else:
        value = _polynomial(_FAR_TOP, r - 5.0) / _polynomial(_FAR_BOTTOM, r - 5.0)
    return -value if q < 0 else value


@rule()
def central_normal(p):
    """Return `inverse_normal` of a probability within CENTRE of a half (分位数中段); no branch."""
    q = p - 0.5
    r = 0.180625 - q * q  # CENTRE squared
    return q * _polynomial(_CENTRE_TOP, r) / _polynomial(_CENTRE_BOTTOM, r)


@rule()
def _polynomial(coefficients, x):
    """Value of a polynomial, the coefficient of the highest power first."""
    value = 0.0
    for coefficient in coefficients:
        value = value * x + coefficient
    return value
