"""The common workload (公共基准任务): one small piece of work in the project's idiom, and in C beside it.

Half of the people are of each sex; 40 yearly steps from age 20. In each, one uniform draw moves a person
among five states (employee, flexible, resident only, uncovered, out of work); the log wage is profile +
person effect + AR(1); the base is the wage between floor and cap; the account grows at 5 %. At 60 there is a
pension for 15 years or more, else the account is refunded. It is not the model: any kernel can do it, so it
tells how near a kernel comes to the hardware. `common_workload.c` does the same with the same draws. Both
may contract a multiplication and an addition into one instruction, as gcc does by default, and neither asks
for traps or error numbers.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from simulate.draws import mix

SOURCE = Path(__file__).with_suffix(".c")
COMPILER = ("gcc", "-O3", "-march=native", "-fno-trapping-math", "-fno-math-errno")
BLOCK, STEPS, STATES = 128, 40, 5
ANSWERS = ("pension / wage, men", "pension / wage, women", "eligible", "refund", "contributions")
SHIFT_12, GOLDEN = np.uint64(12), np.uint64(0x9E3779B97F4A7C15)
STEP_PROCESS, STEP_MONTH = np.uint64(0xD1342543DE82EF95), np.uint64(0xA0761D6478BD642F)
STARTS = (0.35, 0.45, 0.65, 0.80)


class Tables(NamedTuple):
    """Transition probabilities, cumulated, log-wage profiles and average wages (转移概率与工资)."""

    moves: np.ndarray  # (sex, band of five years, state, target)
    profile: np.ndarray  # (sex, step)
    average: np.ndarray  # (step,)


def tables() -> Tables:
    """Return the tables of the workload (任务参数)."""
    to = np.arange(STATES)
    pull, late = np.array([0.6, 0.1, 0.2, -0.2, -0.1]), np.array([-0.05, 0.02, 0.10, 0.03, 0.08])
    of_women = np.array([-0.15, 0.05, 0.15, 0.05, 0.25])
    stay, far = 2.6 * np.eye(STATES), 0.12 * np.abs(to[:, None] - to[None, :])
    sex, band = np.arange(2)[:, None, None, None], np.arange(8)[None, :, None, None]
    weight = np.exp(stay + pull + late * band + of_women * sex - far)
    moves = np.cumsum(weight / weight.sum(axis=-1, keepdims=True), axis=-1)
    step = np.arange(STEPS)
    profile = np.stack([-0.35 + 0.045 * step, -0.45 + 0.042 * step]) - 0.0007 * step**2
    return Tables(moves, profile, 1000.0 * 1.03 ** np.arange(STEPS + 1))


@intrinsic
def bits_of(context, number):
    """The bits of a float64 as int64."""
    return types.int64(types.float64), lambda c, builder, s, a: builder.bitcast(
        a[0], c.get_value_type(types.int64)
    )


@intrinsic
def float_of(context, bits):
    """The float64 of an int64's bits."""
    return types.float64(types.int64), lambda c, builder, s, a: builder.bitcast(
        a[0], c.get_value_type(types.float64)
    )


@intrinsic
def square_root(context, number):
    """The processor's square root; the compiler does not vectorise a call of the library's."""

    def build(context, builder, signature, arguments):
        double = context.get_value_type(types.float64)
        return builder.call(builder.module.declare_intrinsic("llvm.sqrt", [double]), arguments)

    return types.float64(types.float64), build


OPTIONS = {"error_model": "numpy", "fastmath": {"contract"}}
rule = njit(_nrt=False, forceinline=True, **OPTIONS)


@rule
def uniform(key, process, step):
    bits = mix(key + np.uint64(process + 1) * STEP_PROCESS + np.uint64(step + 2) * STEP_MONTH)
    return (np.float64(np.int64(bits >> SHIFT_12)) + 0.5) * 2.0**-52


@rule
def logarithm(x):
    """Logarithm of a positive number, relative error 1e-9: mantissa by a series, exponent by its bits."""
    bits = bits_of(x)
    exponent = (bits - 0x3FE6A09E667F3BCD) >> 52
    m = float_of(bits - (exponent << 52))
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    series = 1.0 + z * (1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9 + z * (1 / 11)))))
    return 2.0 * s * series + np.float64(exponent) * 0.6931471805599453


@rule
def exponential(x):
    """Exponential within +-8, relative error 1e-9: a short series of x / 128, squared seven times."""
    y = x * (1.0 / 128.0)
    e = 1.0 + y * (1.0 + y * (0.5 + y * (1 / 6 + y * (1 / 24 + y * (1 / 120)))))
    e *= e
    e *= e
    e *= e
    e *= e
    e *= e
    e *= e
    return e * e


@rule
def inverse_normal(p):
    """Standard normal quantile, relative error 1.2e-9 (P. J. Acklam's rational approximations)."""
    q = p - 0.5
    r = q * q
    top = ((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269
    top = (top * r - 30.66479806614716) * r + 2.506628277459239
    bottom = ((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972
    bottom = (bottom * r - 13.28068155288572) * r + 1.0
    centre = q * top / bottom
    least = p if p < 0.5 else 1.0 - p
    t = square_root(-2.0 * logarithm(least))
    top = (-0.007784894002430293 * t - 0.3223964580411365) * t - 2.400758277161838
    top = ((top * t - 2.549732539343734) * t + 4.374664141464968) * t + 2.938163982698783
    bottom = (0.007784695709041462 * t + 0.3224671290700398) * t + 2.445134137142996
    bottom = (bottom * t + 3.754408661907416) * t + 1.0
    tail = top / bottom
    tail = tail if q < 0.0 else -tail
    return tail if least < 0.02425 else centre


@njit(nogil=True, **OPTIONS)
def live(first_block, last_block, tables, sums):
    """Add what happens to blocks of people: years outside, people inside."""
    key, u = np.empty(BLOCK, np.uint64), np.empty(BLOCK)
    state, target, effect, shock = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    account, index, years = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    paid, wage = np.empty(BLOCK), np.empty(BLOCK)
    seed = mix(np.uint64(1) + GOLDEN)
    for b in range(first_block, last_block):
        sex = b & 1
        for j in range(BLOCK):
            key[j] = mix(seed ^ (np.uint64(b * BLOCK + j) * STEP_PROCESS + GOLDEN))
            draw = uniform(key[j], 0, 1000)
            state[j] = 0.0
            for k in range(STATES - 1):
                state[j] += 1.0 if draw > STARTS[k] else 0.0
            effect[j] = 0.45 * inverse_normal(uniform(key[j], 2, 1000))
            shock[j] = account[j] = index[j] = years[j] = paid[j] = wage[j] = 0.0
        for step in range(STEPS):
            row = tables.moves[sex, step // 5]
            level, mean = tables.profile[sex, step], tables.average[step]
            for j in range(BLOCK):
                u[j] = uniform(key[j], 0, step)
                target[j] = 0.0
            for k in range(STATES - 1):
                from0, from1, from2, from3, from4 = row[0, k], row[1, k], row[2, k], row[3, k], row[4, k]
                for j in range(BLOCK):
                    limit = from0 if state[j] < 1.0 else from1
                    limit = limit if state[j] < 2.0 else from2
                    limit = limit if state[j] < 3.0 else from3
                    limit = limit if state[j] < 4.0 else from4
                    target[j] += 1.0 if u[j] > limit else 0.0
            for j in range(BLOCK):
                u[j] = uniform(key[j], 1, step)
            for j in range(BLOCK):
                shock[j] = 0.9 * shock[j] + 0.12 * inverse_normal(u[j])
            for j in range(BLOCK):
                earned = exponential(level + effect[j] + shock[j])
                wage[j] = earned * mean
                ratio = earned if earned > 0.6 else 0.6
                ratio = ratio if ratio < 3.0 else 3.0
                base = ratio * mean * 12.0
                rate = 0.24 if target[j] < 1.0 else 0.20
                rate = rate if target[j] < 2.0 else 0.02
                rate = rate if target[j] < 3.0 else 0.0
                credit = 0.08 if target[j] < 2.0 else 0.01
                credit = credit if target[j] < 3.0 else 0.0
                paid[j] += rate * base
                account[j] = account[j] * 1.05 + credit * base
                index[j] += ratio if target[j] < 2.0 else 0.0
                years[j] += 1.0 if target[j] < 2.0 else 0.0
                state[j] = target[j]
        for j in range(BLOCK):
            sums[6] += paid[j]
            if years[j] >= 15.0:
                basic = tables.average[STEPS] * (1.0 + index[j] / years[j]) / 2.0 * years[j] * 0.01
                sums[sex] += (basic + account[j] / 139.0) / wage[j]
                sums[2 + sex] += 1.0
            else:
                sums[4] += account[j]
            sums[5] += 1.0


def answers(sums: np.ndarray) -> np.ndarray:
    """Return the workload's answers from its sums (结果)."""
    men, women, of_men, of_women, refunded, people, paid = sums
    return np.array(
        [men / of_men, women / of_women, (of_men + of_women) / people, refunded / people, paid / people]
    )


def run(people: int, threads: int, rounds: int) -> tuple[float, np.ndarray]:
    """Return the best time of the kernel [seconds] and its answers (本项目内核)."""
    given, blocks, best = tables(), people // BLOCK, float("inf")
    cuts = [blocks * t // threads for t in range(threads + 1)]
    live(0, 0, given, np.zeros(7))
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(rounds):
            parts = [np.zeros(7) for _ in range(threads)]
            begin = time.perf_counter()
            list(pool.map(live, cuts[:-1], cuts[1:], [given] * threads, parts))
            best = min(best, time.perf_counter() - begin)
    return best, answers(sum(parts))


def compiler() -> tuple[str, ...]:
    """Return the compiler's version and flags (编译器与选项)."""
    if shutil.which(COMPILER[0]) is None:
        return ("no C compiler",)
    told = subprocess.run([COMPILER[0], "--version"], check=True, capture_output=True, text=True)
    return (told.stdout.splitlines()[0] + ":", *COMPILER)


def run_c(people: int, threads: int, rounds: int, *flags: str) -> tuple[float, np.ndarray] | None:
    """Return the same of the C program, compiled on the spot; None where there is no compiler (C 程序)."""
    if shutil.which(COMPILER[0]) is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder) / "workload")
        subprocess.run([*COMPILER, *flags, "-o", program, str(SOURCE), "-lm", "-lpthread"], check=True)
        done = subprocess.run(
            [program, str(people), str(threads), str(rounds)], check=True, capture_output=True, text=True
        )
    best, *found = map(float, done.stdout.split())
    return best, np.array(found)
