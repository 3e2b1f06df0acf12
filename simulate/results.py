"""From outcomes of people to indicators with standard errors (结果): accumulators and estimates.

People are numbered simple random draws; person i belongs to random group i mod 50 (随机组). Of each cell
and scenario the accumulators keep the sum of every column by random group and the distribution of the pension
at 65, so memory does not grow with the number of people. Sums run person by person in the order of their
numbers, whatever the size of the blocks in which they come: results are bitwise equal for any block size and
any number of threads, and the first N of 2N people give the results of N people. The sums of each `PART` of
the numbers are closed before they are added to those before, so parts that were computed elsewhere and merged
in order give the same, too.

Standard errors are those of METHOD.md, section 10: one estimate without each random group in turn, the same
groups left out in both scenarios of a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import xarray as xr
from numba import njit
from scipy import special

from simulate.groups import DIMENSIONS, cell_shape, check_grouping, label
from simulate.indicators import INDICATORS, Indicator, columns, parse_indicators
from simulate.outcomes import N_OUTCOMES, OUTCOMES, POSITION
from simulate.terms import FEMALE, RETURN_RATES, Term
from simulate.weights import STEPS

N_RANDOM_GROUPS = 50
PART = 32_768  # people whose sums are closed before those of the next are added
CHANCE_KURTOSIS = 4.5  # of the groups' deviations; fifty normal ones exceed it once in fifty times
MINIMUM_PERSONS = 30  # a cell of fewer people is not told
MORE_MONTHS = 12  # months more that make a new joiner or a switcher
NOTABLE_CHANGE = 0.01  # of the pension at 65 that makes someone gain or lose
LOWER_INDEX = 0.02  # fall of the mean index that makes a down-shifter
MAX_CELLS = 1_000_000
_HALVINGS = 40  # of the span of RETURN_RATES: to the last digits

# What is compared person by person with the baseline, or taken from one sex.
DERIVED = (
    Term("new_joiners", "新增参保人"),
    Term("down_shifters", "降档缴费者"),
    Term("resident_switchers", "由居民保险转入者"),
    Term("women", "女性人数"),
    Term("men", "男性人数"),
    Term("pension_of_women", "女性65岁时月养老金(2025年价格)"),
    Term("pension_of_men", "男性65岁时月养老金(2025年价格)"),
    Term("wealth_of_women", "女性养老金现值"),
    Term("wealth_of_men", "男性养老金现值"),
    Term("gainers", "养老金增加者"),
    Term("losers", "养老金减少者"),
    Term("real_employee_pension_at_65", "65岁时职工养老金(2025年价格)"),
    Term("pension_at_70_of_women", "女性70岁时月养老金(2025年价格)"),
    Term("pension_at_70_of_men", "男性70岁时月养老金(2025年价格)"),
    Term("persons", "样本人数"),  # without weights
)
COLUMNS = {term.name: i for i, term in enumerate(OUTCOMES + DERIVED)}

# Bins of the pension at 65 in prices of 2025: nothing; below 10 yuan; each 1 % wide up to 100,000 yuan; the
# rest, counted as 100,000. Edges by multiplication, so that they are the same on every machine. A quantile,
# interpolated inside its bin, is off by less than the width of the bin: 1 % at worst, where many people have
# the very same pension, and far less in a smooth distribution.
HISTOGRAM_OUTCOME = "real_pension_at_65"
_LOWEST, _HIGHEST, _STEP = 10.0, 100_000.0, 1.01
_N_STEPS = int(np.ceil(np.log(_HIGHEST / _LOWEST) / np.log(_STEP)))
_EDGES = np.multiply.accumulate(np.r_[_LOWEST, np.full(_N_STEPS - 1, _STEP), 1.0])
_EDGES[-1] = _HIGHEST
BIN_LOW = np.r_[0.0, 0.0, _EDGES]
BIN_HIGH = np.r_[0.0, _EDGES, _HIGHEST]
N_BINS = BIN_LOW.size

# Bins of the change of the same pension against the baseline, as a share of it: exactly none; gains and
# losses of less than 0.1 %, then each 5 % wide; all is lost; a hundredfold and more, to which those count
# who had nothing before. A quantile is off by less than a twentieth of itself, or than 0.1 %.
CHANGE = "pension_change"
_LEAST, _MOST, _WIDER = 0.001, 100.0, 1.05


def _change_edges(most: float) -> np.ndarray:
    n_steps = int(np.ceil(np.log(most / _LEAST) / np.log(_WIDER)))
    edges = np.multiply.accumulate(np.r_[_LEAST, np.full(n_steps, _WIDER)])
    edges[-1] = most
    return edges


_GAINS, _LOSSES = _change_edges(_MOST), _change_edges(1.0)
CHANGE_LOW = np.r_[-1.0, -_LOSSES[::-1], 0.0, 0.0, _GAINS]
CHANGE_HIGH = np.r_[-1.0, -_LOSSES[-2::-1], 0.0, 0.0, _GAINS, _MOST]
_NO_CHANGE = _LOSSES.size + 1  # the bin of exactly none
_UP_TO_CHANGE = N_BINS + CHANGE_LOW.size

# Bins of the pension at 65 over own last earnings, of those with any: nothing; below 1 %; each 2 % wide up
# to 1,000 %; the rest. A quantile is off by less than a fiftieth of itself.
REPLACEMENT = "own_replacement_rate"
_RATES = np.multiply.accumulate(np.r_[0.01, np.full(349, 1.02)])
RATE_LOW = np.r_[0.0, 0.0, _RATES]
RATE_HIGH = np.r_[0.0, _RATES, _RATES[-1]]
N_ALL_BINS = _UP_TO_CHANGE + RATE_LOW.size

# Distributions that are kept: their part of the bins, and where each bin begins and ends.
DISTRIBUTIONS = {
    HISTOGRAM_OUTCOME: (slice(0, N_BINS), BIN_LOW, BIN_HIGH),
    CHANGE: (slice(N_BINS, _UP_TO_CHANGE), CHANGE_LOW, CHANGE_HIGH),
    REPLACEMENT: (slice(_UP_TO_CHANGE, N_ALL_BINS), RATE_LOW, RATE_HIGH),
}

FEW_PERSONS = f"fewer than {MINIMUM_PERSONS} people"
ZERO_DENOMINATOR = "nothing to divide by"
ONE_SEX = "only one sex in the group"
NO_RATE = f"nothing paid or received, or no rate from {RETURN_RATES[0]:.0%} to {RETURN_RATES[-1]:.0%}"
NO_UPPER_END = "its interval reaches into the last bin, which has no upper end"
_WHY_MISSING = {"gap": ONE_SEX, "rate": NO_RATE, "quantile": NO_UPPER_END}

_PERSONS = COLUMNS["persons"]
_FLEXIBLE_MONTHS = POSITION["flexible_months"]
_RESIDENT_MONTHS = POSITION["resident_months"]
_BASE_RATIO = POSITION["flexible_base_ratio_sum"]
_REAL_PENSION = POSITION[HISTOGRAM_OUTCOME]
_PENSION = POSITION["pension_at_65"]
_EMPLOYEE_PENSION = POSITION["employee_pension_at_65"]
_WEALTH = POSITION["present_value_pensions"]
_HELD_AGAINST = POSITION["pension_with_last_earnings"], POSITION["last_earnings"]
_REAL_70 = POSITION["real_pension_at_70"]


@njit(cache=True, nogil=True)
def derive(block, sex, baseline, out):
    """Fill the derived columns of a block: (scenario, derived column, person)."""
    for s in range(block.shape[0]):
        for i in range(sex.size):
            flexible, before = block[s, _FLEXIBLE_MONTHS, i], block[baseline, _FLEXIBLE_MONTHS, i]
            resident, resident_before = block[s, _RESIDENT_MONTHS, i], block[baseline, _RESIDENT_MONTHS, i]
            more = flexible - before >= MORE_MONTHS
            lower = False
            if flexible > 0.0 and before > 0.0:
                index = block[s, _BASE_RATIO, i] / flexible
                lower = block[baseline, _BASE_RATIO, i] / before - index > LOWER_INDEX
            woman = 1.0 if sex[i] == FEMALE else 0.0
            pension = block[s, _REAL_PENSION, i]
            out[s, 0, i] = 1.0 if more and before < MORE_MONTHS else 0.0
            out[s, 1, i] = 1.0 if lower else 0.0
            out[s, 2, i] = 1.0 if more and resident_before - resident >= MORE_MONTHS else 0.0
            out[s, 3, i] = woman
            out[s, 4, i] = 1.0 - woman
            out[s, 5, i] = woman * pension
            out[s, 6, i] = (1.0 - woman) * pension
            out[s, 7, i] = woman * block[s, _WEALTH, i]
            out[s, 8, i] = (1.0 - woman) * block[s, _WEALTH, i]
            change = _change(pension, block[baseline, _REAL_PENSION, i])
            out[s, 9, i] = 1.0 if change > NOTABLE_CHANGE else 0.0
            out[s, 10, i] = 1.0 if change < -NOTABLE_CHANGE else 0.0
            out[s, 11, i] = 0.0
            if block[s, _PENSION, i] > 0.0:
                out[s, 11, i] = pension * (block[s, _EMPLOYEE_PENSION, i] / block[s, _PENSION, i])
            out[s, 12, i] = woman * block[s, _REAL_70, i]
            out[s, 13, i] = (1.0 - woman) * block[s, _REAL_70, i]
            out[s, 14, i] = 1.0


@njit(cache=True, nogil=True)
def _change(pension, before):
    """Return the change of a pension as a share of what it was; `_MOST` where there was none."""
    if pension == before:
        return 0.0
    return pension / before - 1.0 if before > 0.0 else _MOST


@njit(cache=True, nogil=True)
def _add_sums(block, weight, cells, random_group, first_column, sums):
    """Add each person with its weight to the sums of its cell in every grouping, person by person."""
    for s in range(block.shape[0]):
        for c in range(block.shape[1]):
            counts = first_column + c == _PERSONS
            for g in range(cells.shape[0]):
                for i in range(cells.shape[1]):
                    value = block[s, c, i] if counts else block[s, c, i] * weight[i]
                    sums[s, first_column + c, cells[g, i], random_group[i]] += value


@njit(cache=True, nogil=True)
def _add_histogram(block, weight, cells, random_group, baseline, edges, gains, losses, rates, histogram):
    """Count each person with its weight in the bins of pension, change and own rate in every grouping."""
    for s in range(block.shape[0]):
        for i in range(cells.shape[1]):
            steps = round(STEPS * weight[i])
            pension = block[s, _REAL_PENSION, i]
            b = 0
            if pension > 0.0:
                b = 1 + np.searchsorted(edges, pension, side="right")
            change = _change(pension, block[baseline, _REAL_PENSION, i])
            c = N_BINS + _NO_CHANGE
            if change > 0.0:
                c += 1 + np.searchsorted(gains, change, side="right")
            elif change < 0.0:
                c -= 1 + np.searchsorted(losses, -change, side="right")
            own, earned = block[s, _HELD_AGAINST[0], i], block[s, _HELD_AGAINST[1], i]
            r = _UP_TO_CHANGE
            if earned > 0.0 and own > 0.0:
                r += 1 + np.searchsorted(rates, own / earned, side="right")
            for g in range(cells.shape[0]):
                histogram[cells[g, i], s, random_group[i], b] += steps
                histogram[cells[g, i], s, random_group[i], c] += steps
                if earned > 0.0:
                    histogram[cells[g, i], s, random_group[i], r] += steps


class Accumulators:
    """Running sums and distributions of the outcomes by cell, scenario and random group (累加器).

    Attributes
    ----------
    sums : ndarray, float64 (cell, scenario, column, random group)
        Columns are `COLUMNS`: the outcomes, then `DERIVED`; weighted, all but `persons`.
    histogram : ndarray, int32 (cell, scenario, random group, bin)
        Of the pension at 65 in prices of 2025, its change, its share of earnings: `DISTRIBUTIONS`. Weighted
        counts in steps of 1 / `STEPS`.
    persons : int
        How many people have been added; `first` is the number of the first.

    A cell is opened when its first person comes. One takes about 0.4 MB a scenario.
    """

    def __init__(
        self,
        scenarios: Sequence[str],
        groupings: Iterable[Iterable[str]] = ((),),
        baseline: int = 0,
    ):
        self.scenarios = tuple(scenarios)
        self.groupings = tuple(dict.fromkeys(check_grouping(grouping) for grouping in groupings))
        self.baseline = baseline
        self.first = self.persons = 0
        self._cell_of = []
        for grouping in self.groupings:
            n_cells = int(np.prod(cell_shape(grouping), dtype=np.int64))
            if n_cells > MAX_CELLS:
                raise ValueError(
                    f"grouping {','.join(grouping)} has {n_cells:,} cells; at most {MAX_CELLS:,} "
                    "are allowed. Name fewer dimensions"
                )
            self._cell_of.append(np.full(n_cells, -1, np.int32))
        self._keys: list[tuple[int, int]] = []  # (grouping, code) of each open cell
        # of the parts before, and of the part that is being added
        self._allocate(max(1, len(self.groupings)))

    def _allocate(self, n_cells: int) -> None:
        n_scenarios = len(self.scenarios)
        # cells inside columns: a column is added to all cells before the next, and they stay in the cache
        sums = np.zeros((n_scenarios, len(COLUMNS), n_cells, N_RANDOM_GROUPS))
        histogram = np.zeros((n_cells, n_scenarios, N_RANDOM_GROUPS, N_ALL_BINS), np.int32)
        closed = np.zeros_like(sums)
        if self._keys:
            known = self._sums.shape[2]
            sums[:, :, :known], closed[:, :, :known] = self._sums, self._closed
            histogram[: len(self._histogram)] = self._histogram
        self._sums, self._closed, self._histogram = sums, closed, histogram

    @property
    def sums(self) -> np.ndarray:
        """Sums of the open cells (累加和)."""
        return (self._closed + self._sums)[:, :, : len(self._keys)].transpose(2, 0, 1, 3)

    @property
    def histogram(self) -> np.ndarray:
        """Counts of the open cells by bin (分布)."""
        return self._histogram[: len(self._keys)]

    def cells(self) -> list[tuple[tuple[str, ...], tuple[int, ...], int]]:
        """Return grouping, codes and position of each open cell, in the order of groupings and codes."""
        order = sorted(range(len(self._keys)), key=self._keys.__getitem__)
        found = []
        for position in order:
            number, code = self._keys[position]
            grouping = self.groupings[number]
            codes = np.unravel_index(code, cell_shape(grouping)) if grouping else ()
            found.append((grouping, tuple(int(c) for c in codes), position))
        return found

    def _open(self, number: int, codes: np.ndarray) -> np.ndarray:
        """Return the cells of these codes of a grouping, opening those that are new."""
        cell_of = self._cell_of[number]
        cells = cell_of[codes]
        if cells.min(initial=0) < 0:
            for code in np.unique(codes[cells < 0]):
                cell_of[code] = len(self._keys)
                if len(self._keys) == len(self._histogram):
                    self._allocate(2 * len(self._histogram))
                self._keys.append((number, int(code)))
            cells = cell_of[codes]
        return cells

    def _codes(self, traits: Mapping[str, np.ndarray], n: int) -> list[np.ndarray]:
        known = {}
        for name in dict.fromkeys(name for grouping in self.groupings for name in grouping):
            codes = np.asarray(traits[name])[:n].astype(np.int64)
            n_values = len(DIMENSIONS[name].values)
            if codes.size and (codes.min() < 0 or codes.max() >= n_values):
                raise ValueError(
                    f"trait {name}: codes from {codes.min()} to {codes.max()} found; "
                    f"0 to {n_values - 1} allowed"
                )
            known[name] = codes
        result = []
        for grouping in self.groupings:
            code = np.zeros(n, np.int64)
            for name, size in zip(grouping, cell_shape(grouping), strict=True):
                code = code * size + known[name]
            result.append(code)
        return result

    def add(
        self,
        block: np.ndarray,
        traits: Mapping[str, np.ndarray],
        first_person: int,
        weight: np.ndarray | None = None,
    ) -> None:
        """Add a block of people (累加一批人): the next ones, in the order of their numbers.

        Parameters
        ----------
        block : ndarray, float64 (scenario, outcome, person)
            Columns of `simulate.outcomes.OUTCOMES`. May be longer than the traits; the rest is left out.
        traits : mapping of ndarray, int (person,)
            Codes by dimension name: `sex`, and every dimension of the groupings.
        first_person : int
            Number of the block's first person.
        weight : ndarray, float64 (person,), optional
            Whole multiples of 1 / `STEPS`; without it everybody counts once.
        """
        n = len(traits["sex"])
        weight = np.ones(n) if weight is None else weight
        expected = (len(self.scenarios), N_OUTCOMES)
        if block.ndim != 3 or block.shape[:2] != expected or block.shape[2] < n:
            raise ValueError(
                f"block has shape {block.shape}; {(*expected, n)} (scenario, outcome, person) expected"
            )
        if self.persons == 0:
            self.first = first_person
        elif first_person != self.first + self.persons:
            raise ValueError(
                f"block starts with person {first_person}; {self.first + self.persons} is next. "
                "Add blocks in the order of people"
            )
        rest = PART - first_person % PART
        if n > rest:
            head, tail = (
                {name: codes[some] for name, codes in traits.items()}
                for some in (slice(rest), slice(rest, n))
            )
            self.add(block[:, :, :rest], head, first_person, weight[:rest])
            self.add(block[:, :, rest:], tail, first_person + rest, weight[rest:])
            return
        cells = np.empty((len(self.groupings), n), np.int64)
        for number, codes in enumerate(self._codes(traits, n)):
            cells[number] = self._open(number, codes)
        random_group = np.arange(first_person, first_person + n) % N_RANDOM_GROUPS
        derived = np.empty((len(self.scenarios), len(DERIVED), n))
        sex = np.ascontiguousarray(traits["sex"], dtype=np.int64)
        derive(block, sex, self.baseline, derived)
        _add_sums(block, weight, cells, random_group, 0, self._sums)
        _add_sums(derived, weight, cells, random_group, N_OUTCOMES, self._sums)
        bins = (_EDGES, _GAINS, _LOSSES, _RATES)
        _add_histogram(block, weight, cells, random_group, self.baseline, *bins, self._histogram)
        self.persons += n
        if n == rest:
            self._closed += self._sums
            self._sums[:] = 0.0

    def state(self) -> dict[str, np.ndarray]:
        """Return the accumulators of one part as arrays (序列化), the many empty bins left out."""
        counts = self.histogram.ravel()
        filled = np.flatnonzero(counts)
        return {
            "scenarios": np.array(self.scenarios),
            "groupings": np.array([",".join(grouping) for grouping in self.groupings]),
            "numbers": np.array([self.baseline, self.first, self.persons]),
            "keys": np.array(self._keys, np.int64).reshape(-1, 2),
            "sums": self.sums,
            "filled": filled,
            "counts": counts[filled],
        }

    @classmethod
    def of_state(cls, state: Mapping[str, np.ndarray]) -> Accumulators:
        """Return the accumulators that :meth:`state` gave (反序列化), to be merged."""
        groupings = [tuple(filter(None, str(text).split(","))) for text in state["groupings"]]
        baseline, first, persons = (int(number) for number in state["numbers"])
        found = cls([str(name) for name in state["scenarios"]], groupings, baseline)
        for number, code in state["keys"]:
            found._open(int(number), np.array([code]))
        n_cells = len(found._keys)
        found._sums[:, :, :n_cells] = state["sums"].transpose(1, 2, 0, 3)
        found._histogram[:n_cells].reshape(-1)[state["filled"]] = state["counts"]
        found.first, found.persons = first, persons
        return found

    def merge(self, other: Accumulators) -> None:
        """Add the people of other accumulators, those who come next (合并): a part, or what there is of it.

        Raises
        ------
        ValueError
            The other's people are not the next, are of several parts, or begin inside a part.
        """
        same = (self.scenarios, self.groupings, self.baseline)
        if same != (other.scenarios, other.groupings, other.baseline):
            raise ValueError("only accumulators of the same scenarios, groupings and baseline can be merged")
        if self.persons == 0:
            self.first = other.first
        elif other.persons and other.first != self.first + self.persons:
            raise ValueError(
                f"the part starts with person {other.first}; {self.first + self.persons} is next. "
                "Merge parts in the order of people"
            )
        end = other.first + other.persons
        begins_inside = self.persons > 0 and other.first % PART > 0
        if other.persons and (begins_inside or (end - 1) // PART > other.first // PART):
            raise ValueError(
                f"people {other.first} to {end - 1} are not of one part of {PART:,} from its beginning. "
                "Merge part by part, so that sums do not depend on who computed them"
            )
        for position, (number, code) in enumerate(other._keys):
            cell = self._open(number, np.array([code]))[0]
            mine = self._sums if end % PART else self._closed
            mine[:, :, cell] += other._sums[:, :, position] + other._closed[:, :, position]
            self._histogram[cell] += other._histogram[position]
        self.persons += other.persons


def _divide(numerator, denominator):
    return np.divide(numerator, denominator, out=np.full(denominator.shape, np.nan), where=denominator != 0.0)


def _total_and_without(by_group):
    """Return the sum over random groups and the sums without each of them (the last axis)."""
    total = by_group.sum(axis=-1, keepdims=True)
    return total, total - by_group


def _sum_of(sums, formula):
    """Return the sums (cell, scenario, random group) of a formula's columns."""
    return sum(sign * sums[:, :, COLUMNS[name]] for name, sign in columns(formula).items())


def _ratio(sums, histogram, indicator: Indicator):
    """Return a ratio of sums, the same without each random group, and which groups count."""
    numerator, denominator = _sum_of(sums, indicator.numerator), _sum_of(sums, indicator.denominator)
    (n, n_without), (d, d_without) = _total_and_without(numerator), _total_and_without(denominator)
    value, without = indicator.scale * _divide(n, d), indicator.scale * _divide(n_without, d_without)
    return value[..., 0], without, denominator != 0.0


def _gap(sums, histogram, indicator: Indicator):
    """Return one less women's over men's mean; a random group counts where it has people."""
    women, w_without = _total_and_without(_sum_of(sums, "women"))
    men, m_without = _total_and_without(_sum_of(sums, "men"))
    top, top_without = _total_and_without(_sum_of(sums, indicator.numerator))
    bottom, bottom_without = _total_and_without(_sum_of(sums, indicator.denominator))
    value = 1.0 - _divide(_divide(top, women), _divide(bottom, men))
    without = 1.0 - _divide(_divide(top_without, w_without), _divide(bottom_without, m_without))
    return value[..., 0], without, _sum_of(sums, "women + men") != 0.0


def quantile_of_counts(
    counts: np.ndarray, probability: float, low: np.ndarray = BIN_LOW, high: np.ndarray = BIN_HIGH
) -> float:
    """Return the quantile (分位数) of a distribution by bins, interpolated inside its bin."""
    cumulated = np.cumsum(counts)
    target = min(max(probability, 0.0), 1.0) * cumulated[-1]
    b = max(int(np.searchsorted(cumulated, target)), int(np.argmax(counts > 0)))  # not an empty bin
    inside = (target - (cumulated[b] - counts[b])) / counts[b]
    return float(low[b] + inside * (high[b] - low[b]))


def gini_of_counts(counts: np.ndarray) -> np.ndarray:
    """Return the Gini coefficient (基尼系数) of distributions by bins, the last axis; NaN without money."""
    persons = counts / counts.sum(axis=-1, keepdims=True)
    money = persons * (BIN_LOW + BIN_HIGH) / 2
    cumulated = np.cumsum(money, axis=-1)
    twice_area = (persons * (2 * cumulated - money)).sum(axis=-1)  # under the Lorenz curve, times the mean
    return 1.0 - _divide(twice_area, cumulated[..., -1])


def _quantile(sums, histogram, indicator: Indicator):
    """Return a quantile, and what it becomes without each random group by its influence function.

    Without group g the share of people below the quantile is F_g instead of p, and the quantile moves by
    (p - F_g) / density. One over the density is the slope of the quantile function across the 95 % interval
    of the share below (Woodruff's interval). NaN where that interval reaches into the last bin, which has no
    upper end: the change of a few people may be ten per cent or, from nothing, beyond all measure.
    """
    p = indicator.probability
    part, *ends = DISTRIBUTIONS[indicator.numerator]
    histogram = histogram[..., part]
    n_cells, n_scenarios, n_groups, _ = histogram.shape
    value = np.empty((n_cells, n_scenarios))
    without = np.empty((n_cells, n_scenarios, n_groups))
    counts_by_group = histogram.sum(axis=-1)
    for cell in range(n_cells):
        for s in range(n_scenarios):
            counts = histogram[cell, s].sum(axis=0, dtype=np.int64)
            if not counts.any():
                value[cell, s], without[cell, s] = np.nan, np.nan
                continue
            value[cell, s] = quantile_of_counts(counts, p, *ends)
            cumulated = np.cumsum(counts)
            b = int(np.searchsorted(cumulated, p * cumulated[-1]))
            inside = (p * cumulated[-1] - cumulated[b] + counts[b]) / counts[b]
            below = histogram[cell, s, :, :b].sum(axis=-1) + inside * histogram[cell, s, :, b]
            n = counts_by_group[cell, s]
            share = _divide(below.sum() - below, (n.sum() - n).astype(float))
            n_full = np.count_nonzero(n)
            if n_full < 2:
                without[cell, s] = np.nan
                continue
            error = np.sqrt((n_full - 1) / n_full * np.sum((share - p) ** 2))
            reach = max(2.0 * error, STEPS / n.sum())
            low, high = max(p - reach, 0.0), min(p + reach, 1.0)
            if low * cumulated[-1] < cumulated[-2] < high * cumulated[-1]:  # into the last bin
                value[cell, s], without[cell, s] = np.nan, np.nan
                continue
            at_low, at_high = (quantile_of_counts(counts, share, *ends) for share in (low, high))
            slope = (at_high - at_low) / (high - low)
            without[cell, s] = value[cell, s] - slope * (share - p)
    return value, without, counts_by_group != 0


def _gini(sums, histogram, indicator: Indicator):
    """Return the Gini coefficient and the same without each random group."""
    histogram = histogram[..., DISTRIBUTIONS[indicator.numerator][0]]
    n_cells, n_scenarios, n_groups, _ = histogram.shape
    value = np.empty((n_cells, n_scenarios))
    without = np.full((n_cells, n_scenarios, n_groups), np.nan)
    n = histogram.sum(axis=-1)
    for cell in range(n_cells):
        for s in range(n_scenarios):
            counts = histogram[cell, s].sum(axis=0, dtype=np.int64)
            value[cell, s] = gini_of_counts(counts) if counts.any() else np.nan
            others = n[cell, s] < counts.sum()
            without[cell, s, others] = gini_of_counts(counts - histogram[cell, s, others])
    return value, without, n != 0


def _rate(sums, histogram, indicator: Indicator):
    """Return the rate of return at which as much is received as paid, and the same without each group.

    The logarithm of received over paid is nearly a straight line in the logarithm of the rate factor. A
    polynomial through its values at RETURN_RATES is solved by halving; METHOD.md, section 8, has the error.
    NaN where nothing is paid or received, or the rate lies outside of RETURN_RATES.
    """
    received, paid = (
        np.stack([_sum_of(sums, f"{name}_{k}") for k in range(1, len(RETURN_RATES) + 1)])
        for name in (indicator.numerator, indicator.denominator)
    )
    (r, r_without), (p, p_without) = _total_and_without(received), _total_and_without(paid)
    value, without = rate_of_return(r, p), rate_of_return(r_without, p_without)
    return value[..., 0], without, paid[0] != 0.0


def rate_of_return(received: np.ndarray, paid: np.ndarray) -> np.ndarray:
    """Return the real rate at which two present values are equal (内部收益率).

    Parameters
    ----------
    received, paid : ndarray, (rate, ...)
        Present values at RETURN_RATES.

    Examples
    --------
    >>> at = 1.0 + np.array(RETURN_RATES)
    >>> round(float(rate_of_return(5.0 * at**-40.0, at**0.0)), 4)  # 5^(1/40) - 1
    0.0411
    """
    nodes = np.log1p(RETURN_RATES)
    found = (received > 0.0).all(axis=0) & (paid > 0.0).all(axis=0)
    gain = np.log(np.where(found, received, 1.0)) - np.log(np.where(found, paid, 1.0))
    inside = found & (gain[0] * gain[-1] <= 0.0) & (gain[0] != gain[-1])
    coefficients = np.tensordot(np.linalg.inv(np.vander(nodes)), gain, axes=1)
    low, high = np.full(gain.shape[1:], nodes[0]), np.full(gain.shape[1:], nodes[-1])
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        more = np.polyval(coefficients, middle) * gain[0] > 0.0  # still on the side of the lowest rate
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return np.where(inside, np.expm1((low + high) / 2), np.nan)


_KINDS = {"ratio": _ratio, "gap": _gap, "quantile": _quantile, "gini": _gini, "rate": _rate}


def jackknife_error(value, without, n_groups):
    """Return the delete-a-group jackknife standard error (刀切标准误); NaN with only one random group."""
    factor = np.where(n_groups > 1, (n_groups - 1) / np.maximum(n_groups, 1), np.nan)
    return np.sqrt(factor * ((without - value[..., None]) ** 2).sum(axis=-1))


def _degrees(value, without, n_groups):
    """Return the degrees of freedom of the standard error: one less than groups, fewer where few carry it.

    Where a reform reaches a handful of people the spread rests on the few random groups in which they are.
    The kurtosis of the groups' deviations shows it: the variance of a variance is (kurtosis - 1) / groups of
    its square, that of Student's t with f degrees of freedom 2 / f.
    """
    square = (without - value[..., None]) ** 2
    total = square.sum(axis=-1)
    kurtosis = n_groups * np.divide(
        (square**2).sum(axis=-1), total**2, out=np.zeros_like(total), where=total > 0.0
    )
    few = 2.0 * n_groups / np.maximum(kurtosis - 1.0, 1.0)
    return np.maximum(np.where(kurtosis > CHANCE_KURTOSIS, np.minimum(few, n_groups - 1), n_groups - 1), 1)


def _interval(value, error, degrees, level):
    half = special.stdtrit(degrees, 0.5 + level / 2) * error
    return value - half, value + half


def replicates(accumulators: Accumulators, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return an indicator, the same without each random group, and how many groups count (刀切重复值).

    Arrays (group, scenario), (group, scenario, random group), (group, scenario), groups in the order of
    :func:`estimate`. What is linear in the values has the same combination as its replicates.
    """
    order = np.array([position for _, _, position in accumulators.cells()], dtype=np.int64)
    indicator = INDICATORS[name]
    sums, histogram = accumulators.sums[order], accumulators.histogram[order]
    value, without, counting = _KINDS[indicator.kind](sums, histogram, indicator)
    return value, without, counting.sum(axis=-1)


def jackknife_covariance(value: np.ndarray, without: np.ndarray, n_groups: int) -> np.ndarray:
    """Return the delete-a-group covariance of several numbers (刀切协方差)."""
    apart = without - value[:, None]
    return (n_groups - 1) / n_groups * apart @ apart.T


def estimate(
    accumulators: Accumulators, indicators: str | Iterable[str] | None = None, level: float = 0.95
) -> xr.Dataset:
    """Return indicators with standard errors and paired differences by scenario and group (估计结果).

    Parameters
    ----------
    accumulators : Accumulators
    indicators : names, or None
        None: the default ones; see :func:`simulate.indicators.parse_indicators`.
    level : float
        Of the intervals, which use Student's t with the degrees of freedom of METHOD.md, section 10.

    Returns
    -------
    xarray.Dataset, dims (indicator, scenario, group)
        `value`, `standard_error`, `ci_low`, `ci_high`; `difference` (scenario less baseline, same lives) and
        its `difference_se`, `difference_ci_low`, `difference_ci_high`; `reason` why a value is no number;
        `persons` (group). Differences of the baseline, and of a scenario with equal sums, are exactly 0.
    """
    names = parse_indicators(indicators)
    cells = accumulators.cells()
    order = np.array([position for _, _, position in cells], dtype=np.int64)
    sums, histogram = accumulators.sums[order], accumulators.histogram[order]
    b = accumulators.baseline
    persons = sums[:, b, _PERSONS].sum(axis=-1)
    few = persons < MINIMUM_PERSONS

    shape = (len(names), len(accumulators.scenarios), len(cells))
    numbers = ("value", "standard_error", "ci_low", "ci_high")
    numbers += ("difference", "difference_se", "difference_ci_low", "difference_ci_high")
    table = {name: np.full(shape, np.nan) for name in numbers}
    reason = np.full(shape, "", dtype=object)
    for k, name in enumerate(names):
        indicator = INDICATORS[name]
        value, without, counting = _KINDS[indicator.kind](sums, histogram, indicator)
        value[few] = np.nan
        n_groups = counting.sum(axis=-1)
        error = jackknife_error(value, without, n_groups)
        degrees = _degrees(value, without, n_groups)
        # replicates are subtracted one by one, so what is common to both scenarios cancels exactly
        difference, difference_without = value - value[:, [b]], without - without[:, [b]]
        n_common = np.minimum(n_groups, n_groups[:, [b]])
        difference_error = jackknife_error(difference, difference_without, n_common)
        difference_degrees = _degrees(difference, difference_without, n_common)
        columns_of_table = (
            *(value, error, *_interval(value, error, degrees, level)),
            *(
                difference,
                difference_error,
                *_interval(difference, difference_error, difference_degrees, level),
            ),
        )
        for column, array in zip(numbers, columns_of_table, strict=True):
            table[column][k] = array.T
        missing = _WHY_MISSING.get(indicator.kind, ZERO_DENOMINATOR)
        if indicator.kind == "quantile":
            missing = np.where(n_groups.T > 0, missing, ZERO_DENOMINATOR)
        reason[k] = np.where(few, FEW_PERSONS, np.where(np.isnan(value.T), missing, ""))

    groups = [
        {d: DIMENSIONS[d].values[c].name for d, c in zip(grouping, codes, strict=True)}
        for grouping, codes, _ in cells
    ]
    used = [d for d in DIMENSIONS if any(d in group for group in groups)]
    dims = ("indicator", "scenario", "group")
    return xr.Dataset(
        {
            **{name: (dims, array) for name, array in table.items()},
            "reason": (dims, reason.astype(str)),
            "persons": ("group", persons.astype(np.int64)),
        },
        coords={
            "indicator": list(names),
            "scenario": list(accumulators.scenarios),
            "group": [label(group) for group in groups],
            **{d: ("group", [group.get(d, "") for group in groups]) for d in used},
            "unit": ("indicator", [INDICATORS[name].unit for name in names]),
        },
        attrs={
            "baseline": accumulators.scenarios[b],
            "confidence_level": level,
            "total_persons": accumulators.persons,
            "first_person": accumulators.first,
        },
    )
