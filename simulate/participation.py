"""Participation (参保行为): who is covered in which month, by which route and base, and the claim.

METHOD.md, section 4. One kernel for a block under one scenario. Gates and prices are read from the *deciding*
policy, records, credits and ages from the policy in force; they differ only under static behaviour.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulate.kernel import kernel, rule
from simulate.terms import (
    AS_RELIEF,
    CLAIMED,
    COVERED,
    FARMING,
    FARMING_REASON,
    FEMALE,
    FORMAL_EMPLOYEE,
    INCOME,
    MINIMUM_REACHED,
    N_CAREER_MONTHS,
    N_MONTHS,
    N_PROVINCES,
    NO_ACCESS,
    NO_EARNINGS,
    NO_KNOWLEDGE,
    NOT_ENROLLED,
    OTHER_FLEXIBLE,
    PLATFORM_EMPLOYEE,
    PLATFORM_FLEXIBLE,
    PRESENT_INCOME,
    PRICE,
    PROCEDURE,
    ROUTE_CREDIT,
    ROUTE_EMPLOYEE,
    ROUTE_FLEXIBLE,
    ROUTE_NONE,
    ROUTE_RESIDENT,
    SCHOOLING,
    UNEMPLOYED,
)

CATEGORY_MALE, CATEGORY_FEMALE_55, CATEGORY_FEMALE_50 = 0, 1, 2
CLAIM_NONE, CLAIM_EMPLOYEE, CLAIM_RESIDENT = 0, 1, 2
VALUE_FOR_MONEY = 2
NEVER = N_MONTHS
N_CAREER_YEARS = N_CAREER_MONTHS // 12 + 1


class Plan(NamedTuple):
    """What a block's people do under one scenario; (person,), (person, career month or year) (参保安排).

    `base` is the own base of a month, `credit_base` the care credit on top [yuan/month]; `month_credit` the
    part of a month that counts (0 once a record is lost). The resident arrays are by calendar year from the
    career's first: yuan a year. `statutory`, `claim` (NEVER: none) and `settled` are month indices; the last
    is the month of the claim or, without any, of the refund.
    """

    category: np.ndarray
    statutory: np.ndarray
    claim: np.ndarray
    claim_kind: np.ndarray
    settled: np.ndarray
    one_off_months: np.ndarray
    resident_months: np.ndarray
    back_paid_years: np.ndarray
    back_paid_tier: np.ndarray
    route: np.ndarray
    reason: np.ndarray
    record_province: np.ndarray
    base: np.ndarray
    credit_base: np.ndarray
    month_credit: np.ndarray
    resident_tier: np.ndarray
    resident_subsidy: np.ndarray


def empty_plan(number: int) -> Plan:
    """Return room for the plans of `number` people (空数组)."""
    whole = [np.zeros(number, np.int64) for _ in range(6)]
    parts = [np.zeros(number) for _ in range(3)]
    months = (number, N_CAREER_MONTHS)
    years = (number, N_CAREER_YEARS)
    return Plan(
        *whole,
        *parts,
        *(np.zeros(months, np.int8) for _ in range(3)),
        *(np.zeros(months) for _ in range(3)),
        *(np.zeros(years) for _ in range(2)),
    )


@rule()
def quantile(table, u):
    """Return the value of a quantile table at u, linear between its equal steps (分位数插值)."""
    place = u * (table.size - 1)
    low = min(int(place), table.size - 2)
    return table[low] + (table[low + 1] - table[low]) * (place - low)


@rule()
def retirement_category(sex, last_post_employee, category_draw, women_50_line_share):
    """Return the retirement category (退休类别): men, women of the 55 or of the 50 line.

    Which line a woman falls under depends on her last post and the province; the shares are assumptions.
    """
    if sex != FEMALE:
        return CATEGORY_MALE
    share = women_50_line_share[0] if last_post_employee else women_50_line_share[1]
    return CATEGORY_FEMALE_50 if category_draw < share else CATEGORY_FEMALE_55


@rule()
def statutory_month(policy, category, birth):
    """Return the month index of the statutory retirement age (法定退休年龄所在月)."""
    original = birth + policy.original_age[category]
    if original < 0 or original >= N_MONTHS:
        return original
    return original + int(policy.retirement_delay[category, original])


@rule()
def lowest_base(policy, province, m):
    """Return the lowest base a flexible worker may choose (灵活就业最低缴费基数). [yuan/month]"""
    wage = policy.reference_wage[province, m // 12]
    lowest = policy.flexible_base_tiers[m // 12, 0] * wage
    return min(max(lowest, policy.flexible_base_floor[province, m]), policy.flexible_base_cap[province, m])


@rule()
def counted_month(policy, route, province, m, base):
    """Return the part of a month that a base earns (缴费月数折算): 1, under pro rata less. [months]"""
    if route != ROUTE_FLEXIBLE or not policy.month_credit_pro_rata[m]:
        return 1.0
    return min(1.0, base / (policy.full_month_base_ratio[m] * policy.reference_wage[province, m // 12]))


@rule()
def worker_price(policy, province, m, base, form, is_subsidised, is_difficulty, relief_rate=0.0):
    """Return what a month costs the flexible worker, medical insurance included (个人负担). [yuan/month]

    The relief of a co-funding reform holds for platform flexible workers only; a platform's subsidy is a
    share of the floor contribution, capped at a share of what is still to pay; the public subsidy is a
    share of the rest; of what then remains a match may take over `relief_rate`.
    """
    paid = worker_contribution(policy, province, m, base, form, is_subsidised, is_difficulty)
    if relief_rate > 0.0:
        paid -= matched(policy, province, m, paid, relief_rate)
    return paid + policy.bundled_medical[province, m // 12]


@rule()
def worker_contribution(policy, province, m, base, form, is_subsidised, is_difficulty):
    """Return the flexible worker's own pension contribution (灵活就业人员个人缴费). [yuan/month]"""
    relief = policy.worker_relief[m] if form == PLATFORM_FLEXIBLE else 0.0
    due = base * (policy.flexible_rate[province, m] - relief)
    if is_subsidised:
        due -= platform_subsidy(policy, province, m, due)
    if is_difficulty:
        due -= policy.difficulty_share[province, m] * due
    return due


@rule()
def match_rate(policy, occupation, m, age_months, earnings, wage):
    """Return the rate at which the government matches own contributions (政府配比比例), 0 out of the test.

    The test is one of occupation, age and the month's earnings, or those expected before they are known.
    """
    rate = policy.match_rate[occupation, m]
    if rate == 0.0 or earnings > policy.match_earnings_limit[m] * wage:
        return 0.0
    if age_months < policy.match_youngest[m] or age_months > policy.match_oldest[m]:
        return 0.0
    return rate


@rule()
def matched(policy, province, m, due, rate):
    """Return the match to an own contribution, capped; as relief never more than it (配比额). [yuan/month]"""
    amount = min(rate * due, policy.match_cap[m] * policy.reference_wage[province, m // 12])
    return min(amount, due) if policy.match_destination[m] == AS_RELIEF else amount


@rule()
def base_of_earnings(policy, m, earnings, wage):
    """Return the base that follows earnings, before floor and cap (按收入确定的缴费基数). [yuan/month]"""
    return policy.base_earnings_share[m] * max(0.0, earnings - policy.base_allowance[m] * wage)


@rule()
def platform_subsidy(policy, province, m, due):
    """Return the platform's subsidy to a contribution (平台缴费补贴), capped by what is due. [yuan/month]"""
    floor = policy.flexible_base_floor[province, m]
    subsidy = policy.platform_subsidy_share[m] * policy.flexible_rate[province, m] * floor
    return min(subsidy, policy.platform_subsidy_cap_share[m] * due)


@rule()
def earns_platform_subsidy(policy, careers, i, c, m, province):
    """Return whether a month's earnings meet the condition of the platforms' subsidy (平台补贴条件).

    At least the floor of the base in this month and in three of the last six months, this one included.
    """
    floor = policy.flexible_base_floor[province, m]
    if careers.earnings[i, c] < floor:
        return False
    months = 0
    for k in range(max(0, c - 5), c + 1):
        if careers.earnings[i, k] >= floor:
            months += 1
    return months >= 3


@rule()
def is_in_difficulty_group(policy, people, behaviour, i, m, province, used, statutory):
    """Return whether the subsidy for people with employment difficulties is drawn (就业困难人员社保补贴)."""
    if people.difficulty_draw[i] >= behaviour.difficulty_take_up_share or m >= statutory:
        return False
    if policy.difficulty_share[province, m] == 0.0:
        return False
    if m - people.birth[i] < policy.difficulty_age[people.sex[i], m // 12]:
        return False
    return used < policy.difficulty_months[m // 12] or statutory - m <= policy.difficulty_extension[m // 12]


@rule()
def perceived_burden(price, reference_price, earnings, price_exponent):
    """Return the burden of a price as felt (感知负担), a share damped around the reference price."""
    if price <= 0.0:
        return 0.0
    return reference_price / earnings * (price / reference_price) ** price_exponent


@rule()
def annuity_years(demography, sex, birth, age_months, rate):
    """Return expected discounted years in payment from an age on (期望领取年数)."""
    total, alive, factor = 0.0, 1.0, 1.0
    deaths = demography.death_probability
    for age in range(age_months // 12, deaths.shape[2]):
        year = min(max(0, birth // 12 + age), deaths.shape[1] - 1)
        total += alive * factor
        alive *= 1.0 - deaths[sex, year, age]
        factor /= 1.0 + rate
    return total


@rule()
def survival(demography, sex, birth, from_months, to_months):
    """Return the chance of living from one age to another, in whole years (存活概率)."""
    alive = 1.0
    deaths = demography.death_probability
    for age in range(from_months // 12, min(to_months // 12, deaths.shape[2])):
        year = min(max(0, birth // 12 + age), deaths.shape[1] - 1)
        alive *= 1.0 - deaths[sex, year, age]
    return alive


@rule()
def promised_value(policy, province, m, base, annuity, retirement_age_months):
    """Return what a month at a base promises at claim, in money of today's wage level (承诺价值). [yuan]"""
    y = m // 12
    weight = policy.indexed_half_weight[y]
    benefit_base = policy.benefit_base[province, y]
    index = base / policy.reference_wage[province, y]
    step = min(max(0, retirement_age_months - 480), policy.annuity_divisor.shape[1] - 1)
    accrued = policy.accrual_rate[y] / 12.0 * benefit_base * (1.0 - weight + weight * index)
    account = policy.flexible_account_rate[m] * base / policy.annuity_divisor[y, step]
    return (accrued + account) * 12.0 * annuity


@kernel()
def decide(people, careers, deciding, policy, behaviour, demography, plan):
    """Fill the plans of a block (参保决策).

    Parameters
    ----------
    people, careers : People, Careers
    deciding : Policy
        What gates and prices are read from: the baseline's under static behaviour, else `policy`.
    policy : Policy
    behaviour : Behaviour
    demography : Demography
    plan : Plan
        Overwritten.
    """
    by_province, decided_by_province = np.empty(N_PROVINCES), np.empty(N_PROVINCES)
    for i in range(people.person.size):
        _decide_person(
            i,
            people,
            careers,
            deciding,
            policy,
            behaviour,
            demography,
            plan,
            by_province,
            decided_by_province,
        )


@rule()
def _decide_person(
    i, people, careers, deciding, policy, behaviour, demography, plan, by_province, decided_by_province
):
    birth, sex, home = people.birth[i], people.sex[i], people.hukou_province[i]
    start, length, schooling = careers.start[i], careers.length[i], careers.schooling_months[i]
    deemed = people.deemed_months[i]
    category = retirement_category(
        sex,
        _last_post_employee(policy, careers, i, birth),
        people.category_draw[i],
        behaviour.women_50_line_share,
    )
    statutory = statutory_month(policy, category, birth)
    own_minimum = policy.minimum_months[statutory // 12]
    deciding_minimum = deciding.minimum_months[statutory_month(deciding, category, birth) // 12]
    pension_age = birth + policy.resident_pension_age
    claims_early = people.claim_draw[i] < behaviour.early_claim_share
    claims_late = people.claim_draw[i] > 1.0 - behaviour.late_claim_share
    stops = people.stop_draw[i] < behaviour.stop_at_minimum_share
    starts_at_age = quantile(behaviour.join_age, people.patience_draw[i])
    rate_low, rate_high = behaviour.discount_rate_range
    own_rate = rate_low + (rate_high - rate_low) * people.patience_draw[i]
    annuity = 0.0
    if behaviour.variant == VALUE_FOR_MONEY:
        annuity = annuity_years(demography, sex, birth, statutory - birth, own_rate)

    record, decided_record = 0.0, 0.0
    by_province[:] = 0.0
    decided_by_province[:] = 0.0
    credit_parent_months, jobless_credit_months = 0, 0
    first_record, last_province, subsidy_months = NEVER, -1, 0
    run_end, run_route, run_reason, run_base, run_province = -1, ROUTE_NONE, COVERED, 0.0, home
    wage_spell, wage_year, wage_sum, wage_months, declared = -1, -1, 0.0, 0, 0.0
    year_earnings, year_months, year_covered, year_credits = 0.0, 0, 0, 0
    resident_months = 0.0
    claim, kind = NEVER, CLAIM_NONE

    for y in range(plan.resident_tier.shape[1]):
        plan.resident_tier[i, y] = 0.0
        plan.resident_subsidy[i, y] = 0.0
    plan.one_off_months[i] = 0
    plan.back_paid_years[i] = 0.0
    plan.back_paid_tier[i] = 0.0

    c = 0
    pays_on, works_late, closed = False, False, False
    while c < length:
        m = start + c
        form, place = careers.form[i, c], careers.province[i, c]

        # a move may lose the record left behind, unless it is the one at the hukou place
        if careers.move_draw[i, c] < behaviour.lost_record_share:
            left = careers.province[i, c - 1]
            if left != home:
                last_province, first_record = -1, NEVER
                for k in range(c):
                    if plan.record_province[i, k] == left:
                        plan.month_credit[i, k] = 0.0
                    if plan.month_credit[i, k] > 0.0:
                        last_province, first_record = plan.record_province[i, k], min(first_record, start + k)
                by_province[left] = 0.0
                decided_by_province[left] = 0.0
                record, decided_record = by_province.sum(), decided_by_province.sum()

        # the claim
        total = record + deemed + policy.resident_counted[m // 12] * resident_months
        if closed:
            if m >= pension_age:
                break
        elif m < statutory:
            window = statutory - m <= policy.early_window[m]
            if claims_early and window and m >= birth + policy.original_age[category]:
                if total >= policy.minimum_months[m // 12] and record > 0.0:
                    claim, kind = m, CLAIM_EMPLOYEE
                    break
            if record == 0.0 and m >= pension_age:
                break
        elif record > 0.0 and total >= own_minimum:
            works_late = claims_late and not pays_on and m - statutory < policy.late_window[statutory]
            if works_late:
                works_late = (
                    plan.route[i, c - 1] == ROUTE_EMPLOYEE and careers.spell[i, c] == careers.spell[i, c - 1]
                )
            if not works_late:
                claim, kind = m, CLAIM_EMPLOYEE
                break
        else:
            if not pays_on and record > 0.0:
                place_of_record = last_province if last_province >= 0 else home
                chance = _pay_on_probability(
                    i, c, m, place_of_record, own_minimum - total, people, careers, deciding, behaviour
                )
                pays_on = people.pay_on_draw[i] < chance
            closed = not pays_on
            if pays_on and m - statutory >= policy.extension_limit[m // 12]:
                if first_record < policy.one_off_cutoff:
                    plan.one_off_months[i] = int(np.ceil(own_minimum - total))
                    claim, kind = m, CLAIM_EMPLOYEE
                    break
                pays_on, closed = False, True
            if closed and m >= pension_age:
                break

        # the month
        route, reason, base, record_place = ROUTE_NONE, COVERED, 0.0, place
        if c < schooling:
            reason = SCHOOLING
        elif pays_on:
            record_place = last_province if last_province >= 0 else home
            route, base = ROUTE_FLEXIBLE, lowest_base(deciding, record_place, m)
        elif m >= statutory and not works_late:
            reason = CLAIMED
        else:
            is_employee = form == FORMAL_EMPLOYEE or form == PLATFORM_EMPLOYEE
            enrolled = False
            if form == PLATFORM_FLEXIBLE:
                enrolled = careers.job_draw[i, c] < policy.reclassification[careers.occupation[i, c], m]
            elif is_employee:
                compliance = behaviour.compliance_share[form - FORMAL_EMPLOYEE, m // 12]
                compliance *= behaviour.occupation_compliance_factor[careers.occupation[i, c]]
                if place != home:
                    compliance *= behaviour.away_compliance_factor
                enrolled = careers.job_draw[i, c] < compliance
            if is_employee or form == PLATFORM_FLEXIBLE:
                # wages count from the start of the job, whether or not it was enrolled then
                if careers.spell[i, c] != wage_spell or m // 12 != wage_year:
                    if careers.spell[i, c] != wage_spell:
                        declared = careers.earnings[i, c]
                    elif wage_months > 0:
                        declared = wage_sum / wage_months
                    wage_spell, wage_year, wage_sum, wage_months = careers.spell[i, c], m // 12, 0.0, 0
                wage_sum += careers.earnings[i, c]
                wage_months += 1
            if enrolled:
                floor, cap = policy.base_floor[place, m], policy.base_cap[place, m]
                base = min(max(declared, floor), cap)
                # the reclassified are declared like platform employees
                row = min(form, PLATFORM_EMPLOYEE) - FORMAL_EMPLOYEE
                if careers.declaration_draw[i, c] < behaviour.floor_declaration_share[row]:
                    base = floor
                route = ROUTE_EMPLOYEE
            elif m >= statutory:
                reason = CLAIMED
            elif is_employee or form == PLATFORM_FLEXIBLE or form == OTHER_FLEXIBLE:
                if c >= run_end or careers.spell[i, c] != careers.spell[i, c - 1]:
                    run_end = _run_end(
                        i, c, m, start, min(length, statutory - start), place, careers, deciding
                    )
                    is_automatic = not is_employee and (
                        careers.job_draw[i, c] < deciding.automatic_enrolment[careers.occupation[i, c], m]
                    )
                    run_route = ROUTE_NONE
                    if not (is_automatic and deciding.flexible_base_by_earnings[m]):
                        run_route, run_reason, run_base, run_province = _flexible_decision(
                            i, c, m, run_end, place, form, people, careers, deciding, behaviour, demography,
                            decided_record + deemed, decided_by_province, subsidy_months, statutory,
                            deciding_minimum, starts_at_age, stops, own_rate, annuity,
                        )  # fmt: skip
                    if is_automatic and run_route == ROUTE_NONE:
                        run_route, run_reason, run_base, run_province = _automatic_enrolment(
                            i, c, m, run_end, place, form, people, careers, deciding, behaviour,
                            subsidy_months, statutory,
                        )  # fmt: skip
                    if run_route == ROUTE_NONE and is_employee:
                        run_reason = NOT_ENROLLED
                route, reason, record_place = run_route, run_reason, run_province
                if route == ROUTE_FLEXIBLE:
                    base = run_base
                    if is_in_difficulty_group(
                        deciding, people, behaviour, i, m, record_place, subsidy_months, statutory
                    ):
                        subsidy_months += 1
            else:
                reason = FARMING_REASON if form == FARMING else NO_EARNINGS

        # credits for care are laid on top, after everything the person decides
        credit = 0.0
        if c >= schooling and m < statutory:
            credit_place = record_place if base > 0.0 else (last_province if last_province >= 0 else home)
            credit, credit_parent_months, jobless_credit_months = _credit(
                i, c, m, route, base, credit_place, people, careers, policy, behaviour,
                credit_parent_months, jobless_credit_months,
            )  # fmt: skip
            if credit > 0.0 and base == 0.0:
                route, record_place = ROUTE_CREDIT, credit_place
        if base > 0.0 or credit > 0.0:
            counted = counted_month(policy, route, record_place, m, base + credit)
            plan.month_credit[i, c] = counted
            record += counted
            by_province[record_place] += counted
            if base > 0.0:
                decided_record += counted
                decided_by_province[record_place] += counted
            last_province = record_place
            first_record = min(first_record, m)
            year_covered += base > 0.0
            year_credits += base == 0.0
        else:
            plan.month_credit[i, c] = 0.0
            record_place = -1
        plan.route[i, c], plan.reason[i, c], plan.record_province[i, c] = route, reason, record_place
        plan.base[i, c], plan.credit_base[i, c] = base, credit
        year_earnings += careers.earnings[i, c]
        year_months += 1 if c >= schooling else 0
        c += 1
        if c == length or (start + c) % 12 == 0:
            if year_covered == 0 and year_months > 0:
                resident_months += _resident_year(
                    i,
                    c,
                    start,
                    year_months,
                    year_credits,
                    year_earnings,
                    people,
                    careers,
                    deciding,
                    policy,
                    behaviour,
                    plan,
                )
            year_earnings, year_months, year_covered, year_credits = 0.0, 0, 0, 0
    if c == length and not closed and record > 0.0 and start + c >= statutory:
        # paying on may last as long as the career: the claim is judged once more, at its end
        m = start + c
        total = record + deemed + policy.resident_counted[m // 12] * resident_months
        at_once = first_record < policy.one_off_cutoff and m - statutory >= policy.extension_limit[m // 12]
        if total >= own_minimum or at_once:
            plan.one_off_months[i] = max(0, int(np.ceil(own_minimum - total)))
            claim, kind = m, CLAIM_EMPLOYEE
    if c < length and year_covered == 0 and year_months > 0:
        # the year in which the claim falls counts up to the month before it
        resident_months += _resident_year(
            i, c, start, year_months, year_credits, year_earnings, people, careers, deciding, policy,
            behaviour, plan,
        )  # fmt: skip
    for k in range(c, length):
        plan.route[i, k], plan.reason[i, k], plan.record_province[i, k] = ROUTE_NONE, CLAIMED, -1
        plan.base[i, k] = plan.credit_base[i, k] = plan.month_credit[i, k] = 0.0

    settled = claim
    if kind == CLAIM_NONE:
        settled = max(start + c, pension_age)
        claim, kind = _resident_claim(i, settled, record, resident_months, people, policy, behaviour, plan)
    plan.category[i], plan.statutory[i] = category, statutory
    plan.claim[i], plan.claim_kind[i], plan.settled[i] = claim, kind, settled
    plan.resident_months[i] = resident_months


@rule()
def _last_post_employee(policy, careers, i, birth):
    """Whether the last post before the lower retirement line was an employee's."""
    end = min(birth + policy.original_age[CATEGORY_FEMALE_50] - careers.start[i], careers.length[i])
    for c in range(end - 1, -1, -1):
        form = careers.form[i, c]
        if form == FORMAL_EMPLOYEE or form == PLATFORM_EMPLOYEE:
            return True
        if form == PLATFORM_FLEXIBLE or form == OTHER_FLEXIBLE:
            return False
    return False


@rule()
def _run_end(i, c, m, start, last, place, careers, policy):
    """First career month after the payment run that begins at c."""
    period = int(policy.payment_period[place, m // 12])
    end = min(last, (m // period + 1) * period - start)
    k = c + 1
    while k < end and careers.spell[i, k] == careers.spell[i, c] and careers.province[i, k] == place:
        k += 1
    return k


@rule()
def _flexible_decision(
    i, c, m, run_end, place, form, people, careers, policy, behaviour, demography, record, by_province,
    subsidy_months, statutory, minimum, starts_at_age, stops, own_rate, annuity,
):  # fmt: skip
    """Route, reason, base and record province of a payment run: the gates in order, then the tier."""
    y = m // 12
    home = people.hukou_province[i]
    province = place
    if place != home:
        admitted = by_province[place] >= policy.access_months[place, m]
        if not (admitted and people.access_draw[i] < behaviour.access_practice_share[y]):
            if people.hukou_draw[i] >= behaviour.hukou_enrolment_share:
                return ROUTE_NONE, NO_ACCESS, 0.0, place
            province = home
    if people.knowledge_draw[i] >= behaviour.knowledge_share[careers.occupation[i, c]]:
        return ROUTE_NONE, NO_KNOWLEDGE, 0.0, place
    if people.procedure_draw[i] >= behaviour.procedure_share:
        return ROUTE_NONE, PROCEDURE, 0.0, place
    if m - people.birth[i] < 12.0 * starts_at_age:
        return ROUTE_NONE, PRESENT_INCOME, 0.0, place
    if stops and record >= minimum:
        return ROUTE_NONE, MINIMUM_REACHED, 0.0, place
    earnings = _run_earnings(careers, i, c, run_end)
    wage = policy.reference_wage[province, y]
    if earnings <= 0.0 or earnings < behaviour.subsistence_ratio * wage:
        return ROUTE_NONE, INCOME, 0.0, place

    row = 0 if form == PLATFORM_EMPLOYEE else (1 if form == PLATFORM_FLEXIBLE else 2)
    willing = behaviour.willingness_factor * quantile(behaviour.willingness[row], people.willingness_draw[i])
    subsidised, difficulty, relief = _aids(
        i, c, m, province, form, earnings, people, careers, policy, behaviour, subsidy_months, statutory
    )
    worth_of_money = behaviour.variant == VALUE_FOR_MONEY
    floor, cap = policy.flexible_base_floor[province, m], policy.flexible_base_cap[province, m]
    lowest = lowest_base(policy, province, m)
    price = worker_price(policy, province, m, lowest, form, subsidised, difficulty, relief)
    if policy.flexible_base_by_earnings[m]:
        rate = worker_contribution(policy, province, m, 1.0, form, False, False)
        own = base_of_earnings(policy, m, earnings, wage)
        free = min(own, willing * earnings / rate) if rate > 0.0 else own
        lowest = min(max(free, floor), cap)
        judged = lowest if worth_of_money else floor
        price = worker_price(policy, province, m, judged, form, subsidised, difficulty, relief)
    discount = 0.0
    if worth_of_money:
        retirement_age = statutory - people.birth[i]
        if record + (statutory - m) < minimum:
            return ROUTE_NONE, PRICE, 0.0, place
        years = (statutory - m) / 12.0
        discount = (
            survival(demography, people.sex[i], people.birth[i], m - people.birth[i], retirement_age)
            / (1.0 + own_rate) ** years
        )
        if discount * promised_value(policy, province, m, lowest, annuity, retirement_age) < price:
            return ROUTE_NONE, PRICE, 0.0, place
    else:
        reference_price = behaviour.reference_price_ratio * wage + policy.bundled_medical[province, y]
        if perceived_burden(price, reference_price, earnings, behaviour.price_exponent) > willing:
            return ROUTE_NONE, PRICE, 0.0, place
    if policy.flexible_base_by_earnings[m] or people.floor_payer_draw[i] < behaviour.floor_payer_share:
        return ROUTE_FLEXIBLE, COVERED, lowest, province

    base, best = lowest, -1.0e300
    if worth_of_money:
        best = (
            discount * promised_value(policy, province, m, lowest, annuity, statutory - people.birth[i])
            - price
        )
    for t in range(policy.flexible_base_tiers.shape[1]):
        tier = policy.flexible_base_tiers[y, t] * wage
        if not np.isfinite(tier):
            break
        tier = min(max(tier, floor), cap)
        if tier <= base:
            continue
        cost = worker_price(policy, province, m, tier, form, subsidised, difficulty, relief)
        if cost > earnings:
            break
        if worth_of_money:
            surplus = (
                discount * promised_value(policy, province, m, tier, annuity, statutory - people.birth[i])
                - cost
            )
            if surplus > best:
                base, best = tier, surplus
        elif cost <= willing * earnings:
            base = tier
    return ROUTE_FLEXIBLE, COVERED, base, province


@rule()
def _run_earnings(careers, i, c, run_end):
    """Mean earnings of a payment run."""
    earnings = 0.0
    for k in range(c, run_end):
        earnings += careers.earnings[i, k]
    return earnings / (run_end - c)


@rule()
def _aids(i, c, m, province, form, earnings, people, careers, policy, behaviour, subsidy_months, statutory):
    """What others take over of a run's price: platform subsidy, public subsidy, rate of a relieving match."""
    occupation = careers.occupation[i, c]
    subsidised = (
        form == PLATFORM_FLEXIBLE
        and policy.platform_subsidy_share[m] > 0.0
        and people.subsidy_draw[i] < behaviour.platform_subsidy_coverage[occupation]
        and earnings >= policy.flexible_base_floor[province, m]
    )
    difficulty = is_in_difficulty_group(policy, people, behaviour, i, m, province, subsidy_months, statutory)
    relief = 0.0
    if policy.match_destination[m] == AS_RELIEF:
        wage = policy.reference_wage[province, m // 12]
        relief = match_rate(policy, occupation, m, m - people.birth[i], earnings, wage)
    return subsidised, difficulty, relief


@rule()
def _automatic_enrolment(
    i, c, m, run_end, place, form, people, careers, policy, behaviour, subsidy_months, statutory
):
    """Route, reason, base and province of a run that is enrolled at the place of work without a decision.

    On the lowest base, or on the whole base that follows earnings; nobody pays more than is earned.
    """
    earnings = _run_earnings(careers, i, c, run_end)
    base = lowest_base(policy, place, m)
    if policy.flexible_base_by_earnings[m]:
        own = base_of_earnings(policy, m, earnings, policy.reference_wage[place, m // 12])
        base = min(max(own, policy.flexible_base_floor[place, m]), policy.flexible_base_cap[place, m])
    subsidised, difficulty, relief = _aids(
        i, c, m, place, form, earnings, people, careers, policy, behaviour, subsidy_months, statutory
    )
    price = worker_price(policy, place, m, base, form, subsidised, difficulty, relief)
    if base <= 0.0 or price > earnings:
        return ROUTE_NONE, INCOME, 0.0, place
    return ROUTE_FLEXIBLE, COVERED, base, place


@rule()
def _pay_on_probability(i, c, m, province, gap, people, careers, policy, behaviour):
    """Chance that someone short of the minimum pays on: falls with the gap and with what it costs."""
    earnings, months = 0.0, 0
    k = c - 1
    while k >= 0 and months < 12:
        if careers.earnings[i, k] > 0.0:
            earnings += careers.earnings[i, k]
            months += 1
        k -= 1
    if months == 0:
        return 0.0
    earnings /= months
    price = worker_price(policy, province, m, lowest_base(policy, province, m), OTHER_FLEXIBLE, False, False)
    willing = behaviour.willingness_factor * quantile(behaviour.willingness[2], people.willingness_draw[i])
    affordable = 1.0 if price <= 0.0 else min(1.0, willing * earnings / price)
    return behaviour.pay_on_share * max(0.0, 1.0 - gap / behaviour.pay_on_gap_limit_months) * affordable


@rule()
def _credit(
    i, c, m, route, base, province, people, careers, policy, behaviour, parent_months, jobless_months
):  # fmt: skip
    """Credit of a month beside the own base; months of parent care and of no work credited so far."""
    if people.credit_draw[i] >= behaviour.care_credit_take_up_share:
        return 0.0, parent_months, jobless_months
    wage = policy.reference_wage[province, m // 12]
    target = policy.care_credit_ratio[m] * wage
    credit = target - base
    if policy.care_credit_on_top[m]:
        credit = min(target, policy.flexible_base_cap[province, m] - base)
    if credit > 0.0:
        child = careers.child_age[i, c]
        if 0 <= child < policy.care_credit_child_months[m]:
            return credit, parent_months, jobless_months
        if careers.parent_care[i, c] > 0 and parent_months < policy.care_credit_parent_months[m]:
            return credit, parent_months + 1, jobless_months
    if careers.form[i, c] == UNEMPLOYED and jobless_months < policy.unemployment_credit_months[m]:
        credit = policy.unemployment_credit_ratio[m] * wage - base
        if credit > 0.0:
            return credit, parent_months, jobless_months + 1
    if route == ROUTE_FLEXIBLE and careers.earnings[i, c] < policy.low_earnings_credit_limit[m] * wage:
        return max(0.0, policy.low_earnings_credit_ratio[m] * wage - base), parent_months, jobless_months
    return 0.0, parent_months, jobless_months


@rule()
def _resident_year(
    i, c, start, months, credits, earnings, people, careers, deciding, policy, behaviour, plan
):  # fmt: skip
    """Months that a year without own dues to the employee scheme counts in the resident one; books its tier.

    Months that a care credit has put into the employee scheme count there.
    """
    last = start + c - 1
    y = last // 12
    age_months = last - people.birth[i]
    home = people.hukou_province[i]
    if last < policy.resident_start[people.hukou[i]] or age_months >= policy.resident_pension_age:
        return 0.0
    if people.resident_knowledge_draw[i] >= behaviour.resident_knowledge_share:
        return 0.0
    if age_months < 12.0 * quantile(behaviour.resident_join_age, people.resident_patience_draw[i]):
        return 0.0
    resources = max(earnings, behaviour.household_resource_ratio * 12.0 * policy.reference_wage[home, y])
    willing = behaviour.willingness_factor * quantile(behaviour.willingness[2], people.willingness_draw[i])
    sum_willing = behaviour.resident_willingness_factor * willing * resources
    tiers = deciding.resident_tiers[home, y]
    if tiers[0] > sum_willing:
        return 0.0
    choice = 0
    if people.resident_floor_draw[i] >= behaviour.resident_floor_payer_share[careers.occupation[i, c - 1]]:
        while choice + 1 < tiers.size and tiers[choice + 1] <= sum_willing:
            choice += 1
    part = months / 12.0
    plan.resident_tier[i, y - start // 12] = tiers[choice] * part
    plan.resident_subsidy[i, y - start // 12] = policy.resident_subsidies[home, y, choice] * part
    for k in range(max(0, c - months), c):
        if plan.route[i, k] == ROUTE_NONE:
            plan.route[i, k] = ROUTE_RESIDENT
    return float(months - credits)


@rule()
def _resident_claim(i, m, record, resident_months, people, policy, behaviour, plan):
    """Month and kind of the resident claim at pension age; missing years may be filled at the lowest tier."""
    short = policy.resident_minimum_months[m // 12] - record - resident_months
    if short > 0.0:
        if not policy.resident_back_payment:
            return NEVER, CLAIM_NONE
        if people.resident_back_payment_draw[i] >= behaviour.resident_back_payment_share:
            return NEVER, CLAIM_NONE
        years = np.ceil(short / 12.0)
        plan.back_paid_years[i] = years
        plan.back_paid_tier[i] = policy.resident_tiers[people.hukou_province[i], m // 12, 0]
    return m, CLAIM_RESIDENT
