"""The rules of entitlement (待遇规则): each legal notion one small function of single numbers.

Every number that an act sets is an argument; its value comes from the law. Nothing is rounded here but the
annuity divisor and the years of contribution, whose rounding is itself the rule; amounts are rounded where
an award is printed (``award.py``). Months are indices counted from January 1990 (``terms.py``). The equations
are those of METHOD.md, sections 5 and 6. The kernels and the awards call the same functions.
"""

from __future__ import annotations

import math

import numpy as np

from simulate.kernel import rule

FIRST_DIVISOR_AGE = 40  # age of the annex's first row: the law lists divisors, not their ages

# --------------------------------------------------------------------------- when


@rule()
def retirement_delay(original_month, delay_start, step_months, cap_months):
    """Return by how much the statutory retirement age is delayed (延迟法定退休年龄). [months]

    One month for those who reach the original age in the first month of the reform, one more for every
    ``step_months`` later, up to ``cap_months``; nothing before the reform.

    Parameters
    ----------
    original_month : int
        Month in which the original retirement age is reached. [month index]
    delay_start : int
        First month of the reform. [month index]
    step_months, cap_months : int
        By category of worker. [months]

    References
    ----------
    全国人大常委会关于实施渐进式延迟法定退休年龄的决定 (2024-09-13), 办法第一条.

    Examples
    --------
    A man born in January 1965 (60 in January 2025), and one born in September 1976:

    >>> retirement_delay(12 * 35, 12 * 35, 4, 36), retirement_delay(12 * 46 + 8, 12 * 35, 4, 36)
    (1, 36)
    """
    if original_month < delay_start:
        return 0
    return min(cap_months, (original_month - delay_start) // step_months + 1)


@rule()
def minimum_contribution_months(month, minimum_by_year):
    """Return the least contribution months for a pension in the year of ``month`` (最低缴费年限). [months]

    Years before the first and after the last of the table take the nearest one. A claim up to the statutory
    age is tested with the year of claim, a late one with the year of the statutory age.

    Parameters
    ----------
    month : int
        Month of claim, or statutory month of a late claim. [month index]
    minimum_by_year : ndarray, (year,)
        By year from 1990. [months]

    References
    ----------
    2024-09-13 决定, 办法第二条; 人社部发〔2024〕94号, 七.

    Examples
    --------
    >>> import numpy as np
    >>> minimum_contribution_months(12 + 5, np.array([180, 186]))
    186
    """
    year = min(max(month // 12, 0), len(minimum_by_year) - 1)
    return minimum_by_year[year]


@rule()
def applicable_minimum_months(claim_month, statutory_month, minimum_by_year):
    """Return the minimum that a claim is tested with (弹性退休适用的最低缴费年限). [months]

    Early: that of the actual year. At the age or late: that of the statutory year.

    References
    ----------
    人社部发〔2024〕94号, 七.

    Examples
    --------
    >>> import numpy as np
    >>> by_year = np.array([180, 186, 192])
    >>> applicable_minimum_months(5, 17, by_year), applicable_minimum_months(30, 17, by_year)
    (180, 186)
    """
    return minimum_contribution_months(min(claim_month, statutory_month), minimum_by_year)


# --------------------------------------------------------------------------- how long, at which index


@rule()
def years_in_twelfths(months):
    """Return contribution years with months as exact twelfths (缴费年限，按月折算). [years]

    >>> years_in_twelfths(186)
    15.5
    """
    return months / 12


@rule()
def years_to_two_decimals(months):
    """Return contribution years to two decimals, half up (缴费年限，保留两位小数). [years]

    Counted in whole hundredths, so that no tie depends on binary fractions.

    >>> years_to_two_decimals(187), years_to_two_decimals(185)
    (15.58, 15.42)
    """
    return math.floor((months * 100 + 6) / 12) / 100


@rule()
def years_rounded_up(months):
    """Return contribution years with a part of a year as a whole one (缴费年限，不足一年按一年计). [years]

    >>> years_rounded_up(181), years_rounded_up(180)
    (16.0, 15.0)
    """
    return float(math.ceil(months / 12))


@rule()
def years_by_rounded_month(months):
    """Return whole contribution years plus 0.083 for each odd month (缴费年限，每月按0.083年计). [years]

    A twelfth to three decimals, as Shanghai's practice has it.

    >>> years_by_rounded_month(365)
    30.415
    """
    return months // 12 + round(1000 / 12) * (months % 12) / 1000


@rule()
def _index_months(indices, months):
    """Return the sum of yearly indices times their months."""
    total = 0.0
    for year in range(len(indices)):
        total += indices[year] * months[year]
    return total


@rule()
def index_without_gaps(indices, months, due_months, floor_index):
    """Return the average contribution index over the months paid (平均缴费工资指数，断缴月不计).

    Parameters
    ----------
    indices : ndarray, (year,)
        Base over reference wage in the months paid of each year.
    months : ndarray, (year,)
        Months paid in each year, 0 in a gap. [months]
    due_months : float
        All months between the first due and the claim, gaps included; not used by this convention. [months]
    floor_index : float
        Index at which other conventions count gaps; not used by this one.

    References
    ----------
    京劳社养发〔2007〕31号.

    Examples
    --------
    >>> import numpy as np
    >>> index_without_gaps(np.array([0.5, 0.0, 1.25]), np.array([12, 0, 12]), 36, 0.5)
    0.875
    """
    paid = months.sum()
    return _index_months(indices, months) / paid if paid > 0 else 0.0


@rule()
def index_of_whole_years(indices, months, due_months, floor_index):
    """Return the plain mean over years with any month paid (平均缴费工资指数，不足一年按整年计).

    Parameters as in :func:`index_without_gaps`.

    >>> import numpy as np
    >>> index_of_whole_years(np.array([0.5, 0.0, 1.25]), np.array([12, 0, 6]), 36, 0.5)
    0.875
    """
    total = 0.0
    years = 0
    for y in range(len(indices)):
        if months[y] > 0:
            total += indices[y]
            years += 1
    return total / years if years > 0 else 0.0


@rule()
def index_with_gaps_at_floor(indices, months, due_months, floor_index):
    """Return the mean over all due months, gaps counted at the floor (平均缴费工资指数，断缴月按下限计).

    Parameters as in :func:`index_without_gaps`.

    >>> import numpy as np
    >>> index_with_gaps_at_floor(np.array([0.5, 0.0, 1.25]), np.array([12, 0, 12]), 36, 0.5)
    0.75
    """
    due = max(due_months, months.sum())
    gap = due - months.sum()
    return (_index_months(indices, months) + floor_index * gap) / due if due > 0 else 0.0


@rule()
def index_over_due_months(indices, months, due_months, floor_index):
    """Return the mean over all due months, gaps counted as nothing (平均缴费工资指数，断缴月按零计).

    Parameters as in :func:`index_without_gaps`.

    >>> import numpy as np
    >>> index_over_due_months(np.array([0.5, 0.0, 1.0]), np.array([12, 0, 12]), 36, 0.5)
    0.5
    """
    due = max(due_months, months.sum())
    return _index_months(indices, months) / due if due > 0 else 0.0


@rule()
def average_contribution_index(sum_of_indices, months):
    """Return the mean index from the running sum of monthly indices (平均缴费工资指数), 0 without months.

    The kernels' form of :func:`index_without_gaps`: monthly bases over the claim province's reference wages
    of the same years are summed as the career goes on.

    References
    ----------
    国发〔2005〕38号, 六; 国办发〔2009〕66号, 七 (wages of the place of claim).

    Examples
    --------
    >>> average_contribution_index(144.0, 180.0)
    0.8
    """
    return sum_of_indices / months if months > 0 else 0.0


@rule()
def indexed_wage(benefit_base, average_index):
    """Return the person's own indexed monthly wage (本人指数化月平均缴费工资). [yuan/month]

    References
    ----------
    国发〔2005〕38号, 六.

    Examples
    --------
    >>> indexed_wage(6000.0, 0.6)
    3600.0
    """
    return benefit_base * average_index


# --------------------------------------------------------------------------- how much


@rule()
def basic_pension(
    benefit_base,
    indexed_base,
    average_index,
    contribution_years,
    accrual_rate,
    indexed_half_weight,
    low_index_threshold,
):
    """Return the basic pension (基础养老金) at claim. [yuan/month]

    For each contribution year ``accrual_rate`` of the mean of the local base and the own indexed wage.
    Eligibility is decided elsewhere.

    Parameters
    ----------
    benefit_base : float
        Base of the flat half in the year of claim (计发基数). [yuan/month]
    indexed_base : float
        Base of the indexed half; equal to ``benefit_base`` but in provinces with two bases. [yuan/month]
    average_index : float
        Average contribution index.
    contribution_years : float
        Paid plus deemed years. [years]
    accrual_rate : float
        [1/year]
    indexed_half_weight : float
        Weight of the indexed wage; the flat part weighs one minus it.
    low_index_threshold : float
        Index below which the flat half shrinks in proportion; 0 where there is no such rule.

    References
    ----------
    国发〔2005〕38号, 六. The low-index factor: 粤府〔1998〕21号.

    Examples
    --------
    >>> basic_pension(6000.0, 6000.0, 0.6, 30.0, 0.01, 0.5, 0.0)
    1440.0
    """
    flat = benefit_base * (1 - indexed_half_weight)
    if average_index < low_index_threshold:
        flat *= average_index / low_index_threshold
    indexed = indexed_wage(indexed_base, average_index) * indexed_half_weight
    return (flat + indexed) * contribution_years * accrual_rate


@rule()
def annuity_divisor(age_months, whole_year_divisors, monthly, first_age=FIRST_DIVISOR_AGE):
    """Return the months by which the account is divided (计发月数). [months]

    The annex lists whole ages. Between birthdays the value is interpolated by month and rounded half up to
    one decimal where ``monthly``, else that of the completed year holds. Rounding is done in whole twelfths
    of tenths: 54 of the 330 interpolated values are ties that binary fractions would send the wrong way. Ages
    outside the annex take its nearest value.

    Parameters
    ----------
    age_months : int
        Age in the month of claim. [months]
    whole_year_divisors : ndarray, (age,)
        The annex, one value an age from ``first_age`` on, at most one decimal. [months]
    monthly : bool
        Interpolate by month (practice since 2025).
    first_age : int
        Age of the first row of the annex. [years]

    References
    ----------
    国发〔2005〕38号, 附件.

    Examples
    --------
    At 60 years and one month, 139 - 7/12 = 138.42:

    >>> import numpy as np
    >>> table = np.array([139.0, 132.0])
    >>> annuity_divisor(721, table, True, 60), annuity_divisor(721, table, False, 60)
    (138.4, 139.0)
    """
    last = len(whole_year_divisors) - 1
    row = age_months // 12 - first_age
    months = age_months % 12
    if row < 0 or row >= last or not monthly:
        row = min(max(row, 0), last)
        return float(whole_year_divisors[row])
    tenths = round(whole_year_divisors[row] * 10)
    fall = tenths - round(whole_year_divisors[row + 1] * 10)
    return ((12 * tenths - fall * months + 6) // 12) / 10


@rule()
def account_pension(account_balance, divisor):
    """Return the account pension (个人账户养老金) at claim. [yuan/month]

    Parameters
    ----------
    account_balance : float
        Balance with interest to the claim (个人账户储存额). [yuan]
    divisor : float
        Annuity divisor (计发月数). [months]

    References
    ----------
    国发〔2005〕38号, 六.

    Examples
    --------
    >>> account_pension(139000.0, 139.0)
    1000.0
    """
    return account_balance / divisor


@rule()
def transitional_pension(benefit_base, transition_index, transition_years, transition_coefficient):
    """Return the transitional pension (过渡性养老金) of the middle group at claim. [yuan/month]

    Parameters
    ----------
    benefit_base : float
        Local base in the year of claim (计发基数). [yuan/month]
    transition_index : float
        Index of the years before the accounts, set by the province.
    transition_years : float
        Years before the account system, deemed ones included. [years]
    transition_coefficient : float
        Set by the province. [1/year]

    References
    ----------
    国发〔1997〕26号, 五; 国发〔2005〕38号, 六.

    Examples
    --------
    >>> transitional_pension(8000.0, 1.0, 10.0, 0.013)
    1040.0
    """
    return benefit_base * transition_index * transition_years * transition_coefficient


@rule()
def extra_accrual_share(paid_years, rows):
    """Return the share of the indexed wage added for a long paid record (基础养老金增发比例).

    Each row holds for the years between its own limit and the next one.

    Parameters
    ----------
    paid_years : float
        [years]
    rows : ndarray, (band, 2)
        Years above which a band starts, share for each year in it. [years, 1/year]

    Examples
    --------
    >>> import numpy as np
    >>> extra_accrual_share(27.0, np.array([[20.0, 0.0015], [25.0, 0.002]]))  # 5 * 0.0015 + 2 * 0.002
    0.0115
    """
    total = 0.0
    for band in range(len(rows)):
        end = rows[band + 1, 0] if band + 1 < len(rows) else math.inf
        total += max(0.0, min(paid_years, end) - rows[band, 0]) * rows[band, 1]
    return total


@rule()
def resident_pension(
    basic_amount, account_balance, divisor, extra_per_year, contribution_years, minimum_years
):
    """Return the pension of the resident scheme (城乡居民养老保险待遇) at claim. [yuan/month]

    Basic amount, account over divisor, and the province's addition for each whole year beyond the minimum.

    Parameters
    ----------
    basic_amount : float
        Basic pension of the place (基础养老金). [yuan/month]
    account_balance : float
        [yuan]
    divisor : float
        [months]
    extra_per_year : float
        Addition for a year beyond the minimum (缴费年限养老金). [yuan/month]
    contribution_years, minimum_years : float
        [years]

    References
    ----------
    国发〔2014〕8号, 七; 人社部发〔2018〕21号.

    Examples
    --------
    >>> resident_pension(200.0, 13900.0, 139.0, 5.0, 17.0, 15.0)
    310.0
    """
    extra_years = max(0.0, math.floor(contribution_years - minimum_years + 1e-9))
    return basic_amount + account_pension(account_balance, divisor) + extra_per_year * extra_years


# --------------------------------------------------------------------------- the account


@rule()
def account_interest(opening_balance, monthly_credits, crediting_rate, elapsed_months):
    """Return a year's interest on an account by the monthly-product method (个人账户利息，月积数法). [yuan]

    Each month's credit bears interest from its own month on. ``elapsed_months`` is 12 for a whole year; in
    the year of claim it is the number of months before the claim.

    Parameters
    ----------
    opening_balance : float
        Balance at the end of last year. [yuan]
    monthly_credits : ndarray, (month,)
        Credits of January, February, ...; those after ``elapsed_months`` do not count. [yuan]
    crediting_rate : float
        Rate of the year (记账利率). [1/year]
    elapsed_months : int
        [months]

    References
    ----------
    劳办发〔1997〕116号; 人社部发〔2017〕31号.

    Examples
    --------
    >>> import numpy as np
    >>> account_interest(1000.0, np.full(12, 100.0), 0.12, 12)
    198.0
    """
    product = opening_balance * elapsed_months
    for month in range(min(elapsed_months, len(monthly_credits))):
        product += monthly_credits[month] * (elapsed_months - month)
    return product * crediting_rate / 12


@rule()
def resident_account_balance(yearly_credits, crediting_rates):
    """Return a resident account after yearly credits (居民养老保险个人账户储存额). [yuan]

    Dues and subsidy are credited at the end of their year and bear interest from the next year on.

    Parameters
    ----------
    yearly_credits : ndarray, (year,)
        Dues and subsidies. [yuan]
    crediting_rates : ndarray, (year,)
        [1/year]

    References
    ----------
    国发〔2014〕8号, 六.

    Examples
    --------
    >>> import numpy as np
    >>> resident_account_balance(np.array([100.0, 100.0]), np.array([0.05, 0.05]))
    205.0
    """
    balance = 0.0
    for year in range(len(yearly_credits)):
        balance += balance * crediting_rates[year] + yearly_credits[year]
    return balance


# --------------------------------------------------------------------------- moving, dying


@rule()
def transfer_amounts(account_balance, sum_of_bases, transfer_pool_rate):
    """Return account and pool money that move with a person to another province (转移资金). [yuan, yuan]

    The whole account and ``transfer_pool_rate`` of the contribution bases actually paid on, without interest.

    Parameters
    ----------
    account_balance : float
        [yuan]
    sum_of_bases : float
        Sum of the monthly bases of all months paid since 1998. [yuan]
    transfer_pool_rate : float
        Share of the bases that moves from the pool.

    References
    ----------
    国办发〔2009〕66号, 四.

    Examples
    --------
    >>> transfer_amounts(5000.0, 180000.0, 0.12)
    (5000.0, 21600.0)
    """
    return account_balance, sum_of_bases * transfer_pool_rate


@rule()
def claim_province(provinces, months, hukou_province, claim_place_months):
    """Return the province in which the pension is claimed (待遇领取地).

    The last province if it is that of the hukou or holds enough months; else the latest province with enough
    months; else that of the hukou, also for who has no record.

    Parameters
    ----------
    provinces : ndarray, (spell,)
        Province of each spell in order of time; a province may return.
    months : ndarray, (spell,)
        Months of record in each spell. [months]
    hukou_province : int
    claim_place_months : float
        Record that gives a province the duty to pay. [months]

    References
    ----------
    国办发〔2009〕66号, 六.

    Examples
    --------
    Hukou 7; eleven years in 1, then four in 2:

    >>> import numpy as np
    >>> claim_province(np.array([1, 2]), np.array([132, 48]), 7, 120)
    1
    """
    n = len(provinces)
    if n == 0 or provinces[n - 1] == hukou_province:
        return hukou_province
    for i in range(n - 1, -1, -1):
        total = 0.0
        for j in range(n):
            if provinces[j] == provinces[i]:
                total += months[j]
        if total >= claim_place_months:
            return provinces[i]
    return hukou_province


def survivor_months_by_years(rows, most_years=60):
    """Return the months of income paid to heirs of a member by completed contribution years (抚恤金月数表).

    Parameters
    ----------
    rows : ndarray, (row, 3)
        Years from, months, further months for each year above. [years, months, months/year]
    most_years : int
        [years]

    Examples
    --------
    >>> import numpy as np
    >>> survivor_months_by_years(np.array([[0.0, 3.0, 0.0], [2.0, 6.0, 1.0]]), 4).tolist()
    [3.0, 3.0, 6.0, 7.0, 8.0]
    """
    years = np.arange(most_years + 1)
    row = np.searchsorted(rows[:, 0], years, side="right") - 1
    return rows[row, 1] + rows[row, 2] * (years - rows[row, 0])


@rule()
def survivor_months(contribution_years, pension_years, months_by_years, floor_months):
    """Return the months of income paid to the heirs (抚恤金月数). [months]

    By completed contribution years; for a pensioner one less for each year of pension drawn, down to a floor.

    Parameters
    ----------
    contribution_years : float
        [years]
    pension_years : float
        Years of pension drawn; negative for who has not claimed. [years]
    months_by_years : ndarray, (year,)
        By completed contribution years; the last value holds beyond. [months]
    floor_months : float
        Least for a pensioner. [months]

    References
    ----------
    人社部发〔2021〕18号.

    Examples
    --------
    >>> import numpy as np
    >>> by_years = np.concatenate((np.full(15, 9.0), np.arange(9.0, 25.0)))
    >>> survivor_months(20.5, -1.0, by_years, 9.0), survivor_months(20.5, 8.0, by_years, 9.0)
    (14.0, 9.0)
    """
    row = min(int(contribution_years), len(months_by_years) - 1)
    months = float(months_by_years[row])
    if pension_years < 0:
        return months
    return max(float(floor_months), months - math.floor(pension_years))


@rule()
def disability_months(contribution_years, short_months, short_years, extra_months_per_year):
    """Return the months a disability allowance is paid below the minimum record (病残津贴发放月数). [months]

    ``short_months``, and so many more for each year beyond ``short_years``; a started year counts as one.

    References
    ----------
    人社部发〔2024〕72号.

    Examples
    --------
    >>> disability_months(4.0, 12, 5, 3), disability_months(7.5, 12, 5, 3)
    (12, 21)
    """
    beyond = max(0.0, contribution_years - short_years)
    return short_months + extra_months_per_year * math.ceil(beyond - 1e-9)
