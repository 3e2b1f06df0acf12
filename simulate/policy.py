"""Law and economy compiled to arrays (政策数组): the only form in which kernels see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np

from simulate import limited
from simulate.economy import Economy
from simulate.entitlements import annuity_divisor, retirement_delay
from simulate.law import Law
from simulate.law_values import LawError
from simulate.strict_yaml import Fault
from simulate.terms import (
    AVERAGING,
    CATEGORIES,
    DESTINATIONS,
    FIRST_YEAR,
    HUKOU,
    N_MONTHS,
    N_YEARS,
    OCCUPATIONS,
    RURAL,
)

N_TIERS = 16
DIVISOR_AGES_MONTHS = range(480, 841)
PARITY_YEAR = 2021  # of purchasing_power_parity and of the dollars it turns into yuan
DAYS_A_YEAR = 365
# Rules that the engine reads without a time dimension: the last value in force holds for everybody, so that
# a change from some day on cannot be told. (floor_pension_age_months is one, too, which needs a floor.)
UNDATED = (
    "account_start",
    "deemed_index",
    "international_poverty_line",
    "one_off_payment_cutoff",
    "original_retirement_age",
    "purchasing_power_parity",
    "resident_back_payment",
    "resident_pension_age_months",
    "resident_start",
    "survivor_grant",
    "survivor_grant_floor_months",
    "transfer_bases_from",
    "transition_coefficient",
)


class Policy(NamedTuple):
    """One scenario's law and economy as arrays (政策).

    Shapes by dimension: province 31, year 111 and month 1332 from January 1990, category 3 (male, female_55,
    female_50), hukou 2. Amounts in yuan a month unless said otherwise. The equations are in METHOD.md.
    """

    # wages and bases
    reference_wage: np.ndarray  # (province, year)
    earnings_wage: (
        np.ndarray
    )  # (province, year) last year's average wage in one concept, which earnings follow
    benefit_base: np.ndarray  # (province, year)
    indexed_benefit_base: np.ndarray  # (province, year)
    base_floor: np.ndarray  # (province, month)
    base_cap: np.ndarray  # (province, month)
    flexible_base_floor: np.ndarray  # (province, month)
    flexible_base_cap: np.ndarray  # (province, month)
    flexible_base_tiers: np.ndarray  # (year, 16) multiples of the reference wage, ascending, then inf
    flexible_base_by_earnings: np.ndarray  # (month,) bool
    base_averaging: np.ndarray  # (month,) over the period 0, by month 1, by order 2
    late_payment_months: np.ndarray  # (month,) within which a missed month may be paid
    payment_period: np.ndarray  # (province, year) 1, 3, 6 or 12 months
    month_credit_pro_rata: np.ndarray  # (month,) bool
    full_month_base_ratio: np.ndarray  # (month,)
    bundled_medical: np.ndarray  # (province, year)
    # rates
    employee_rate: np.ndarray  # (month,)
    account_rate: np.ndarray  # (province, month)
    employer_rate: np.ndarray  # (province, month)
    flexible_rate: np.ndarray  # (province, month)
    flexible_account_rate: np.ndarray  # (month,)
    account_only: np.ndarray  # (month,) bool: all of a flexible worker's contribution goes to the account
    account_start: np.ndarray  # (province,) month index
    # who else pays
    worker_relief: np.ndarray  # (month,) share of the base
    platform_levy: np.ndarray  # (month,) share of platform earnings
    platform_subsidy_share: np.ndarray  # (month,)
    platform_subsidy_cap_share: np.ndarray  # (month,)
    difficulty_share: np.ndarray  # (province, month)
    difficulty_months: np.ndarray  # (year,)
    difficulty_extension: np.ndarray  # (year,) months
    difficulty_age: np.ndarray  # (sex, year) months
    gives_credits: np.ndarray  # (month,) bool: any credit at all
    care_credit_ratio: np.ndarray  # (month,)
    care_credit_child_months: np.ndarray  # (month,)
    care_credit_parent_months: np.ndarray  # (month,)
    # levers that current law does not have, at their neutral values there
    base_earnings_share: np.ndarray  # (month,) of earnings, where the base follows them
    base_allowance: np.ndarray  # (month,) multiple of the reference wage left out then
    automatic_enrolment: np.ndarray  # (occupation, month) share of flexible jobs
    group_enrolment: np.ndarray  # (occupation, month) share of flexible jobs
    reclassification: np.ndarray  # (occupation, month) share of platform flexible jobs
    consumer_levy: np.ndarray  # (month,) share of platform earnings
    levy_least_dependence: np.ndarray  # (month,) share of earnings from platforms
    levy_dependent_share: np.ndarray  # (month,)
    levy_dependent_extra: np.ndarray  # (month,) share of platform earnings
    levy_destination: np.ndarray  # (month,) place in DESTINATIONS
    levy_on_all: np.ndarray  # (month,) bool
    levy_pass_through: np.ndarray  # (month,) share of the levies
    others_money_felt: np.ndarray  # (month,) share of levies and match that lowers the price as felt
    match_rate: np.ndarray  # (occupation, month) share of the own contribution
    match_cap: np.ndarray  # (month,) multiple of the reference wage
    match_earnings_limit: np.ndarray  # (month,) multiple of the reference wage
    match_youngest: np.ndarray  # (month,) months of age
    match_oldest: np.ndarray  # (month,) months of age
    match_months: np.ndarray  # (month,) months of a person
    match_destination: np.ndarray  # (month,) place in DESTINATIONS
    care_credit_on_top: np.ndarray  # (month,) bool
    care_credit_months_only: np.ndarray  # (month,) bool
    care_credit_not_employed: np.ndarray  # (month,) bool: none where an employer pays
    care_credit_first_birth: np.ndarray  # (month,) year index
    unemployment_credit_ratio: np.ndarray  # (month,)
    unemployment_credit_months: np.ndarray  # (month,)
    low_earnings_credit_ratio: np.ndarray  # (month,)
    low_earnings_credit_limit: np.ndarray  # (month,) multiple of the reference wage
    resident_counted: np.ndarray  # (year,) part of a resident month towards the minimum
    universal_ratio: np.ndarray  # (year,) multiple of the reference wage
    minimum_ratio: np.ndarray  # (year,) multiple of the reference wage
    minimum_taper: np.ndarray  # (year,)
    floor_pension_age: int  # months
    # values for limited groups, by parameter of `simulate.limited`
    limited_rows: np.ndarray  # (parameter,) how many there are
    limited_months: np.ndarray  # (parameter, row, 2) first month, month after the last
    limited_bits: np.ndarray  # (parameter, row) who and what is admitted, a bit each
    limited_ages: np.ndarray  # (parameter, row, 2) months of age, from and below
    limited_earnings: np.ndarray  # (parameter, row, 2) multiples of the reference wage, from and below
    limited_value: np.ndarray  # (parameter, row)
    # access
    access_months: np.ndarray  # (province, month)
    # accounts
    crediting_rate: np.ndarray  # (year,)
    resident_crediting_rate: np.ndarray  # (province, year)
    # entitlement
    accrual_rate: np.ndarray  # (year,)
    indexed_half_weight: np.ndarray  # (year,)
    low_index_threshold: np.ndarray  # (province, year)
    annuity_divisor: np.ndarray  # (year, 361) ages 40y0m to 70y0m
    minimum_months: np.ndarray  # (year,)
    original_age: np.ndarray  # (category,) months
    retirement_delay: np.ndarray  # (category, month of original age) months
    early_window: np.ndarray  # (month,) months
    late_window: np.ndarray  # (month,) months
    transition_coefficient: np.ndarray  # (province,)
    deemed_index: np.ndarray  # (province,)
    extension_limit: np.ndarray  # (year,) months
    one_off_cutoff: int  # month index
    claim_place_months: np.ndarray  # (year,)
    # moving between provinces
    transfer_pool_rate: np.ndarray  # (year,) share of the bases
    transfer_bases_from: int  # month index
    temporary_account_age: np.ndarray  # (sex, month) months
    temporary_account_pool_rate: np.ndarray  # (month,) share of the bases
    # payment
    increase_percent: np.ndarray  # (year,)
    increase_flat: np.ndarray  # (year,)
    increase_per_year: np.ndarray  # (year,) yuan for each contribution year
    survivor_income: np.ndarray  # (province, year)
    survivor_months: np.ndarray  # (61,) by whole contribution years
    survivor_floor_months: float
    funeral_months: np.ndarray  # (year,)
    # resident scheme
    resident_tiers: np.ndarray  # (province, year, 16) yuan a year, ascending, then inf
    resident_subsidies: np.ndarray  # (province, year, 16) yuan a year
    resident_basic: np.ndarray  # (province, year)
    resident_central: np.ndarray  # (province, year) of it, paid by central government
    resident_extra: np.ndarray  # (province, year) yuan a month for each year above the minimum
    resident_minimum_months: np.ndarray  # (year,)
    resident_divisor: np.ndarray  # (year,)
    resident_pension_age: int  # months
    resident_start: np.ndarray  # (hukou,) month index
    resident_back_payment: bool
    # yardsticks
    dibao: np.ndarray  # (province, hukou, year)
    rural_poverty_line: np.ndarray  # (year,)
    international_poverty_line: np.ndarray  # (hukou, year) as prices move
    c102_rate: float  # of the reference wage, after c102_years of contributions
    c102_years: float
    price_index: np.ndarray  # (year,) 2025 = 1
    wage_index: np.ndarray  # (year,) national average wage, 2025 = 1
    discount_factor: np.ndarray  # (year,) product of 1/(1 + discount rate) from 1990


# --------------------------------------------------------------------------- compiling


def compile_policy(law: Law, economy: Economy) -> Policy:
    """Return a law under an economy as arrays (编译政策).

    Months take the value in force on their first day, years that of January 1 (amounts of the resident scheme
    and assistance lines that of July 1). Yearly series of the past end with their last dated value; from the
    economy's first projected year on they follow the economy, unless the law itself was amended: an amended
    rate holds until its next date, an amended amount grows from its date on.

    Raises
    ------
    LawError
        A parameter is missing or has no value in force; a rule that the model reads without dates was changed
        from some day on, or one that it reads for the nation was changed for a province.
    """
    _refuse_dated_changes(law)
    read = _Reader(law, economy)
    wages = economy.wage_growth
    wages_before = np.concatenate(([0.0], wages[:-1]))
    reference_wage = read.growing("reference_wage", wages_before)
    months = range(N_MONTHS)
    years = [m // 12 for m in months]

    def bounds(name: str) -> np.ndarray:
        return read.monthly_by_province(name) * reference_wage[:, years]

    mixed = read.yearly("national_benefit_base_share")
    increase_percent, increase_flat, increase_per_year = read.increases()
    tiers, subsidies = read.resident_tiers()
    wage_index = np.cumprod(1.0 + wages)
    dibao = np.stack(
        [read.growing("dibao", economy.dibao_growth, month=7, hukou=h.name) for h in HUKOU], axis=1
    )
    basic = read.growing("resident_basic_pension", economy.resident_basic_growth, month=7)
    basic = np.maximum(basic, read.yearly("resident_basic_dibao_ratio") * dibao[:, RURAL])
    basic = np.maximum(basic, read.yearly("resident_basic_wage_ratio") * reference_wage)
    rural_income = read.growing("rural_income", wages_before)
    basic = np.maximum(basic, read.yearly("resident_basic_rural_income_ratio") * rural_income)
    policy = Policy(
        reference_wage=reference_wage,
        earnings_wage=read.earnings_wage(),
        benefit_base=with_nation(read.benefit_base("benefit_base", reference_wage), mixed),
        indexed_benefit_base=with_nation(read.benefit_base("indexed_benefit_base", reference_wage), mixed),
        base_floor=bounds("base_floor_ratio"),
        base_cap=bounds("base_cap_ratio"),
        flexible_base_floor=bounds("flexible_base_floor_ratio"),
        flexible_base_cap=bounds("flexible_base_cap_ratio"),
        flexible_base_tiers=read.tiers("flexible_base_tiers"),
        flexible_base_by_earnings=read.monthly_choice("flexible_base_rule", "earnings"),
        base_averaging=read.monthly_place("flexible_base_averaging", AVERAGING),
        late_payment_months=read.monthly("late_payment_months"),
        payment_period=read.yearly_by_province("payment_period_months"),
        month_credit_pro_rata=read.monthly_choice("month_credit_rule", "pro_rata"),
        full_month_base_ratio=read.monthly("full_month_base_ratio"),
        bundled_medical=read.growing("bundled_medical_contribution", wages_before),
        employee_rate=read.monthly("employee_rate"),
        account_rate=read.monthly_by_province("account_rate"),
        employer_rate=read.monthly_by_province("employer_rate"),
        flexible_rate=read.monthly_by_province("flexible_rate"),
        flexible_account_rate=read.monthly("flexible_account_rate"),
        account_only=read.monthly_choice("flexible_contribution_rule", "account_only"),
        account_start=np.array([read.month_of("account_start", p) for p in read.provinces]),
        worker_relief=read.monthly("flexible_worker_relief_rate"),
        platform_levy=read.monthly("platform_levy_rate"),
        platform_subsidy_share=read.monthly("platform_subsidy_share"),
        platform_subsidy_cap_share=read.monthly("platform_subsidy_cap_share"),
        difficulty_share=read.monthly_by_province("difficulty_subsidy_share"),
        difficulty_months=read.yearly("difficulty_subsidy_months"),
        difficulty_extension=read.yearly("difficulty_subsidy_extension_months"),
        difficulty_age=np.stack(
            [read.yearly("difficulty_age_male_months"), read.yearly("difficulty_age_female_months")]
        ),
        gives_credits=read.gives_credits(),
        care_credit_ratio=read.monthly("care_credit_base_ratio"),
        care_credit_child_months=read.monthly("care_credit_child_months"),
        care_credit_parent_months=read.monthly("care_credit_parent_months"),
        base_earnings_share=read.monthly("flexible_base_earnings_share"),
        base_allowance=read.monthly("flexible_base_allowance_ratio"),
        automatic_enrolment=read.monthly_by_occupation("automatic_enrolment_share"),
        group_enrolment=read.monthly_by_occupation("group_enrolment_share"),
        reclassification=read.monthly_by_occupation("reclassification_share"),
        consumer_levy=read.monthly("consumer_levy_rate"),
        levy_least_dependence=read.monthly("platform_levy_least_dependence"),
        levy_dependent_share=read.monthly("platform_levy_dependent_share"),
        levy_dependent_extra=read.monthly("platform_levy_dependent_extra"),
        levy_destination=read.monthly_place("levy_destination", DESTINATIONS),
        levy_on_all=read.monthly_choice("levy_scope", "all"),
        levy_pass_through=read.monthly("levy_pass_through_share"),
        others_money_felt=read.monthly("others_money_felt_share"),
        match_rate=read.monthly_by_occupation("government_match_rate"),
        match_cap=read.monthly("government_match_cap_ratio"),
        match_earnings_limit=read.monthly("government_match_earnings_limit_ratio"),
        match_youngest=read.monthly("government_match_youngest_age_months"),
        match_oldest=read.monthly("government_match_oldest_age_months"),
        match_months=read.monthly("government_match_months"),
        match_destination=read.monthly_place("government_match_destination", DESTINATIONS),
        care_credit_on_top=read.monthly_choice("care_credit_rule", "on_top"),
        care_credit_months_only=read.monthly_choice("care_credit_extent", "months"),
        care_credit_not_employed=read.monthly_choice("care_credit_of_employees", "none"),
        care_credit_first_birth=read.monthly("care_credit_first_birth_year") - FIRST_YEAR,
        unemployment_credit_ratio=read.monthly("unemployment_credit_base_ratio"),
        unemployment_credit_months=read.monthly("unemployment_credit_months"),
        low_earnings_credit_ratio=read.monthly("low_earnings_credit_base_ratio"),
        low_earnings_credit_limit=read.monthly("low_earnings_credit_limit_ratio"),
        resident_counted=read.yearly("resident_months_counted_share"),
        universal_ratio=read.yearly("universal_pension_ratio"),
        minimum_ratio=read.yearly("minimum_pension_ratio"),
        minimum_taper=read.yearly("minimum_pension_taper"),
        floor_pension_age=int(read.last("floor_pension_age_months")),
        **read.limited(),
        access_months=read.monthly_by_province("flexible_access_months"),
        crediting_rate=read.rate(
            "crediting_rate", None, np.maximum(economy.deposit_rate, wages - economy.crediting_spread)
        ),
        resident_crediting_rate=np.stack(
            [
                read.rate(
                    "resident_crediting_rate", p, economy.deposit_rate + economy.resident_crediting_spread
                )
                for p in read.provinces
            ]
        ),
        accrual_rate=read.yearly("accrual_rate"),
        indexed_half_weight=read.yearly("indexed_half_weight"),
        low_index_threshold=read.yearly_by_province("low_index_threshold"),
        annuity_divisor=read.divisors(),
        minimum_months=read.yearly("minimum_contribution_months"),
        original_age=np.array([read.last("original_retirement_age", category=c.name) for c in CATEGORIES]),
        retirement_delay=read.delays(),
        early_window=read.monthly("early_claim_window_months"),
        late_window=read.monthly("late_claim_window_months"),
        transition_coefficient=np.array(
            [float(read.last("transition_coefficient", p)) for p in read.provinces]
        ),
        deemed_index=np.array([float(read.last("deemed_index", p)) for p in read.provinces]),
        extension_limit=read.yearly("extension_limit_months"),
        one_off_cutoff=read.month_of("one_off_payment_cutoff"),
        claim_place_months=read.yearly("claim_place_months"),
        transfer_pool_rate=read.yearly("transfer_pool_rate"),
        transfer_bases_from=read.month_of("transfer_bases_from"),
        temporary_account_age=np.stack(
            [
                read.monthly("temporary_account_age_male_months"),
                read.monthly("temporary_account_age_female_months"),
            ]
        ),
        temporary_account_pool_rate=read.monthly("temporary_account_pool_rate"),
        increase_percent=increase_percent,
        increase_flat=increase_flat,
        increase_per_year=increase_per_year,
        survivor_income=read.growing("survivor_income", wages_before),
        survivor_months=read.survivor_months(),
        survivor_floor_months=float(read.last("survivor_grant_floor_months")),
        funeral_months=read.yearly("funeral_grant_months"),
        resident_tiers=tiers,
        resident_subsidies=subsidies,
        resident_basic=basic,
        resident_central=np.minimum(
            basic,
            read.yearly_by_province("resident_basic_central_share")
            * read.grown("resident_basic_pension", None, economy.resident_basic_growth, month=7),
        ),
        resident_extra=read.growing("resident_extra_per_year", economy.resident_basic_growth, month=7),
        resident_minimum_months=read.yearly("resident_minimum_months"),
        resident_divisor=read.yearly("resident_annuity_divisor"),
        resident_pension_age=int(read.last("resident_pension_age_months")),
        resident_start=np.array([read.month_of("resident_start", hukou=h.name) for h in HUKOU]),
        resident_back_payment=bool(read.last("resident_back_payment")),
        dibao=dibao,
        rural_poverty_line=read.grown("rural_poverty_line", None, economy.dibao_growth, 7),
        international_poverty_line=international_poverty_line(
            float(read.last("international_poverty_line")),
            np.array([float(read.last("purchasing_power_parity", hukou=h.name)) for h in HUKOU]),
            economy.price_index,
        ),
        c102_rate=float(read.last("c102_replacement_rate")),
        c102_years=float(read.last("c102_contribution_years")),
        price_index=economy.price_index,
        wage_index=wage_index / wage_index[2025 - FIRST_YEAR],
        discount_factor=1.0 / np.cumprod(1.0 + economy.discount_rate),
    )
    _refuse_unread_provinces(law, read.read)
    return policy


def with_nation(benefit_base: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return benefit bases mixed with the mean over all provinces (全国统一计发基数). [yuan/month]

    Parameters
    ----------
    benefit_base : ndarray, (province, year)
    share : ndarray, (year,)
        Weight of the mean.

    Examples
    --------
    >>> with_nation(np.array([[6000.0], [10000.0]]), np.array([0.5])).tolist()
    [[7000.0], [9000.0]]
    """
    mean = benefit_base.mean(axis=0)
    return np.where(share > 0.0, (1.0 - share) * benefit_base + share * mean, benefit_base)


def international_poverty_line(
    dollars_a_day: float, parity: np.ndarray, price_index: np.ndarray
) -> np.ndarray:
    """Return the World Bank's line in yuan (国际贫困线), (hukou, year). [yuan/month]

    Parameters
    ----------
    dollars_a_day : float
        In purchasing power of 2021.
    parity : ndarray, (hukou,)
        Yuan for such a dollar in 2021.
    price_index : ndarray, (year,)

    References
    ----------
    World Bank, Poverty and Inequality Platform, June 2025.

    Examples
    --------
    >>> prices = np.ones(N_YEARS)
    >>> float(international_poverty_line(12.0, np.array([5.0]), prices)[0, 0])  # 12 x 5 x 365 / 12
    1825.0
    """
    prices = price_index / price_index[PARITY_YEAR - FIRST_YEAR]
    return np.multiply.outer(dollars_a_day * parity * DAYS_A_YEAR / 12.0, prices)


def _refuse_dated_changes(law: Law) -> None:
    first = date(FIRST_YEAR, 1, 1)
    faults = [
        Fault(
            f"law.{name}, {value.effective}",
            "the model reads this rule without dates, so a change from this day on cannot be told. "
            f"Date it {first} to let it hold for everybody",
        )
        for name in UNDATED
        for value in law.parameter(name).all_values()
        if value.flag == "projected" and value.effective > first
    ]
    if faults:
        raise LawError("", faults)


def _refuse_unread_provinces(law: Law, read: Mapping[str, set[bool]]) -> None:
    """A change for some provinces of what is only read for the nation would silently do nothing."""
    places: dict[tuple[str, date], list[str]] = {}
    for name, by_province in read.items():
        for value in law.parameter(name).all_values() if by_province == {False} else ():
            if value.flag == "projected" and value.province is not None:
                places.setdefault((name, value.effective), []).append(value.province)
    faults = [
        Fault(
            f"law.{name}, {day}",
            "is one list for the nation. Name provinces in its rows"
            if law.parameter(name).kind == "groups"
            else f"the model reads this rule for the whole nation, so a value for {', '.join(provinces)} "
            "cannot be told. Leave the provinces out",
        )
        for (name, day), provinces in places.items()
    ]
    if faults:
        raise LawError("", faults)


class _Reader:
    """Reads series of a law into arrays; amended values (flag projected) overrule the economy's rules."""

    def __init__(self, law: Law, economy: Economy):
        self.law, self.economy = law, economy
        self.read: dict[str, set[bool]] = {}  # by parameter: for the nation (False), by province (True)
        self.provinces = [p.name for p in law.provinces]

    def _steps(self, name, province=None, **group) -> Iterator[tuple[int, object, bool]]:
        """First month index, value and whether it was amended, of each value in force from 1990 on."""
        self.read.setdefault(name, set()).add(province is not None)
        for value in self.law.series(name, province, **group):
            day = value.effective
            m = 12 * (day.year - FIRST_YEAR) + day.month - (1 if day.day == 1 else 0)
            yield max(0, m), value.value, value.flag == "projected"

    def _fill(self, name, length, per, offset, province=None, **group) -> list:
        filled = [None] * length
        for m, value, _ in self._steps(name, province, **group):
            first = max(0, -(-(m - offset) // per))
            filled[first:] = [value] * max(0, length - first)
        if filled[0] is None:
            self.law.value(name, f"{FIRST_YEAR}-01-01", province, **group)  # raises with the place
        return filled

    def monthly(self, name, province=None) -> np.ndarray:
        return np.array(self._fill(name, N_MONTHS, 1, 0, province), float)

    def monthly_by_province(self, name) -> np.ndarray:
        return np.stack([self.monthly(name, p) for p in self.provinces])

    def monthly_choice(self, name, choice) -> np.ndarray:
        return np.array([v == choice for v in self._fill(name, N_MONTHS, 1, 0)])

    def monthly_by_occupation(self, name) -> np.ndarray:
        return np.array([self._fill(name, N_MONTHS, 1, 0, occupation=o.name) for o in OCCUPATIONS], float)

    def monthly_place(self, name, words: tuple[str, ...]) -> np.ndarray:
        return np.array([words.index(v) for v in self._fill(name, N_MONTHS, 1, 0)], np.int8)

    def gives_credits(self) -> np.ndarray:
        """Whether there is any credit in a month, so that others need not be asked (当月是否有记账)."""
        ratios = (
            "care_credit_base_ratio",
            "unemployment_credit_base_ratio",
            "low_earnings_credit_base_ratio",
        )
        given = np.any([self.monthly(name) > 0.0 for name in ratios], axis=0)
        given |= self.monthly_choice("care_credit_extent", "months")
        return given | np.array(
            [len(v) > 0 for v in self._fill("care_credit_base_of_groups", N_MONTHS, 1, 0)]
        )

    def limited(self) -> dict[str, np.ndarray]:
        """Rows of the parameters for limited groups as arrays (限定人群的参数值)."""
        steps = {}
        for name in limited.PARAMETERS:
            dated = [(m, rows) for m, rows, _ in self._steps(name)]
            ends = [m for m, _ in dated[1:]] + [N_MONTHS]
            steps[name] = [(m, end, rows) for (m, rows), end in zip(dated, ends, strict=True)]
        try:
            return limited.compile_rows(
                steps, lambda name: self.provinces.index(self.law.province_name(name))
            )
        except ValueError as error:
            raise LawError("", [Fault("law", str(error))]) from None

    def yearly(self, name, province=None) -> np.ndarray:
        return np.array(self._fill(name, N_YEARS, 12, 0, province), float)

    def yearly_by_province(self, name) -> np.ndarray:
        return np.stack([self.yearly(name, p) for p in self.provinces])

    def last(self, name, province=None, **group):
        self.read.setdefault(name, set()).add(province is not None)
        return self.law.series(name, province, **group)[-1].value

    def month_of(self, name, province=None, **group) -> int:
        year, month = str(self.last(name, province, **group)).split("-")
        return 12 * (int(year) - FIRST_YEAR) + int(month) - 1

    def rate(self, name, province, projected: np.ndarray) -> np.ndarray:
        """Yearly rates: dated values of the past, then the economy's rule; an amended rate holds."""
        values = self.yearly(name, province)
        steps = list(self._steps(name, province))
        for y in range(self.economy.first_projected_year - FIRST_YEAR, N_YEARS):
            m, _, amended = [s for s in steps if s[0] <= 12 * y][-1]
            if not amended and m < 12 * y:
                values[y] = projected[y]
        return values

    def growing(self, name, growth, month=1, **group) -> np.ndarray:
        return np.stack([self.grown(name, p, growth, month, **group) for p in self.provinces])

    def grown(self, name, province, growth, month=1, **group) -> np.ndarray:
        """Yearly amounts: dated values, growing from the last date on once the projection has begun."""
        values = np.array(self._fill(name, N_YEARS, 12, month - 1, province, **group), float)
        dated = {max(0, -(-(m - month + 1) // 12)) for m, _, _ in self._steps(name, province, **group)}
        for y in range(self.economy.first_projected_year - FIRST_YEAR, N_YEARS):
            if y not in dated:
                values[y] = values[y - 1] * (1.0 + growth[y])
        return values

    def earnings_wage(self) -> np.ndarray:
        """Last year's average wage, without the change of concept that the reference wage has in 2020."""
        wage = self.growing("average_wage", self.economy.wage_growth)
        return np.concatenate((wage[:, :1], wage[:, :-1]), axis=1)

    def benefit_base(self, name, reference_wage) -> np.ndarray:
        """Benefit bases: dated values, then slow growth until last year's wage has caught up (计发基数)."""
        growth = np.full(N_YEARS, self.economy.benefit_base_growth)
        values = self.growing(name, growth)
        for p, province in enumerate(self.provinces):
            dated = {-(-m // 12) for m, _, _ in self._steps(name, province)}
            for y in range(self.economy.first_projected_year - FIRST_YEAR, N_YEARS):
                if y not in dated:
                    values[p, y] = max(values[p, y - 1] * (1.0 + growth[y]), reference_wage[p, y])
        return values

    def tiers(self, name) -> np.ndarray:
        rows = self._fill(name, N_YEARS, 12, 0)
        table = np.full((N_YEARS, N_TIERS), np.inf)
        for y, row in enumerate(rows):
            table[y, : len(row)] = sorted(row)
        return table

    def resident_tiers(self) -> tuple[np.ndarray, np.ndarray]:
        """Resident tiers and subsidies, yuan a year, growing after the last known amounts."""
        tiers = np.full((len(self.provinces), N_YEARS, N_TIERS), np.inf)
        subsidies = np.zeros_like(tiers)
        first = self.economy.first_projected_year - FIRST_YEAR
        for p, province in enumerate(self.provinces):
            for name, table in (("resident_tiers", tiers), ("resident_subsidies", subsidies)):
                rows = self._fill(name, N_YEARS, 12, 6, province)
                dated = {max(0, -(-(m - 6) // 12)) for m, _, _ in self._steps(name, province)}
                scale = 1.0
                for y, row in enumerate(rows):
                    scale = (
                        1.0
                        if y in dated
                        else scale * (1.0 + self.economy.resident_tier_growth[y] * (y >= first))
                    )
                    table[p, y, : len(row)] = np.array(row, float) * scale
        return tiers, subsidies

    def divisors(self) -> np.ndarray:
        lists = self._fill("annuity_divisors", N_YEARS, 12, 0)
        kinds = self._fill("divisor_interpolation", N_YEARS, 12, 0)
        known: dict[tuple, np.ndarray] = {}
        for key in zip(lists, kinds, strict=True):
            if key not in known:
                whole = np.array(key[0], float)
                known[key] = np.array(
                    [annuity_divisor(a, whole, key[1] == "monthly") for a in DIVISOR_AGES_MONTHS], float
                )
        return np.stack([known[key] for key in zip(lists, kinds, strict=True)])

    def delays(self) -> np.ndarray:
        """Months of delay by category and month of the original age (延迟月数)."""
        delays = np.zeros((len(CATEGORIES), N_MONTHS))
        for k, category in enumerate(c.name for c in CATEGORIES):
            step = self._fill("retirement_delay_step_months", N_MONTHS, 1, 0, category=category)
            cap = self._fill("retirement_delay_cap_months", N_MONTHS, 1, 0, category=category)
            begin = next((m for m in range(N_MONTHS) if step[m] > 0), N_MONTHS)
            for m in range(begin, N_MONTHS):
                if step[m] > 0:
                    delays[k, m] = retirement_delay(m, begin, step[m], cap[m])
        return delays

    def increases(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Percentage, flat sum and sum for each contribution year of each January's increase (养老金调整)."""
        economy = self.economy
        shares = np.full(N_YEARS, economy.pension_increase_wage_share)
        amended = [s for s in self._steps("pension_increase_wage_share") if s[2]]
        for m, value, _ in amended:
            shares[-(-m // 12) :] = value
        wages_before = np.concatenate(([0.0], economy.wage_growth[:-1]))
        overall = self.rate("pension_increase", None, shares * wages_before)
        flat_share, years_share = (
            self.yearly("pension_increase_flat_share"),
            self.yearly("pension_increase_years_share"),
        )
        mean_before = np.concatenate((economy.mean_pension[:1], economy.mean_pension[:-1]))
        mean_years = self.yearly("pension_increase_mean_years")
        return (
            overall * (1.0 - flat_share - years_share),
            overall * flat_share * mean_before,
            overall * years_share * mean_before / mean_years,
        )

    def survivor_months(self) -> np.ndarray:
        """Months of income to the heirs of a member by whole contribution years (抚恤金月数)."""
        table = np.zeros(61)
        rows = self.last("survivor_grant")
        for years in range(table.size):
            row = [r for r in rows if r[0] <= years][-1]
            table[years] = row[1] + row[2] * (years - row[0])
        return table
