"""Participation (参保行为): who is covered in which month, by which route and base, and the claim.

METHOD.md, section 4. One kernel for a block under one scenario. Gates and prices are read from the *deciding*
policy, records, credits and ages from the policy in force; they differ only under static behaviour.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulate.dues import (
    base_of_earnings,
    base_of_month,
    counted_month,
    is_in_difficulty_group,
    match_rate,
    others_money,
    own_floor,
    own_rate,
    worker_contribution,
    worker_price,
)
from simulate.kernel import inlined_rule, kernel, rule
from simulate.limited import CREDIT, ENROLMENT, UNLIMITED, limited, minimum_months, person_bits
from simulate.terms import (
    AS_RELIEF,
    AVERAGED,
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
    is the month of the claim or, without any, of the refund. `weighed` is the last month with a decision on
    the flexible route, `asked` the last in which its price or base counted (-1: never).
    """

    category: np.ndarray
    statutory: np.ndarray
    claim: np.ndarray
    claim_kind: np.ndarray
    settled: np.ndarray
    one_off_months: np.ndarray
    weighed: np.ndarray
    asked: np.ndarray
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
    whole = [np.zeros(number, np.int64) for _ in range(8)]
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
def promised_value(policy, province, m, base, rate, to_account, annuity, retirement_age_months):
    """Return what a month at a base promises at claim, in money of today's wage level (承诺价值). [yuan]

    `to_account` is what others put into the account beside the base's own part. Where all of the contribution
    at `rate` goes to the account, no basic pension accrues.
    """
    y = m // 12
    weight = policy.indexed_half_weight[y]
    benefit_base = policy.benefit_base[province, y]
    index = base / policy.reference_wage[province, y]
    step = min(max(0, retirement_age_months - 480), policy.annuity_divisor.shape[1] - 1)
    accrued = policy.accrual_rate[y] / 12.0 * benefit_base * (1.0 - weight + weight * index)
    account = policy.flexible_account_rate[m] * base
    if policy.account_only[m]:
        accrued, account = 0.0, rate * base
    return (accrued + (account + to_account) / policy.annuity_divisor[y, step]) * 12.0 * annuity


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
        decide_person(
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
def decide_person(
    i, people, careers, deciding, policy, behaviour, demography, plan, by_province, decided_by_province
):
    birth, sex, home = people.birth[i], people.sex[i], people.hukou_province[i]
    who = person_bits(sex, people.hukou[i])
    start, length, schooling = careers.start[i], careers.length[i], careers.schooling_months[i]
    deemed = people.deemed_months[i]
    category = retirement_category(
        sex,
        _last_post_employee(policy, careers, i, birth),
        people.category_draw[i],
        behaviour.women_50_line_share,
    )
    statutory = statutory_month(policy, category, birth)
    own_minimum = minimum_months(policy, who, birth, statutory)
    deciding_minimum = minimum_months(deciding, who, birth, statutory_month(deciding, category, birth))
    pension_age = birth + policy.resident_pension_age
    claims_early = people.claim_draw[i] < behaviour.early_claim_share
    claims_late = people.claim_draw[i] > 1.0 - behaviour.late_claim_share
    stops = people.stop_draw[i] < behaviour.stop_at_minimum_share
    starts_at_age = quantile(behaviour.join_age, people.patience_draw[i])
    rate_low, rate_high = behaviour.discount_rate_range
    discount_rate = rate_low + (rate_high - rate_low) * people.patience_draw[i]
    annuity = 0.0
    if behaviour.variant == VALUE_FOR_MONEY:
        annuity = annuity_years(demography, sex, birth, statutory - birth, discount_rate)

    record, decided_record = 0.0, 0.0
    by_province[:] = 0.0
    decided_by_province[:] = 0.0
    credit_parent_months, jobless_credit_months = 0, 0
    first_record, last_province, subsidy_months, match_months = NEVER, -1, 0, 0
    run_end, run_route, run_reason, run_base, run_province = -1, ROUTE_NONE, COVERED, 0.0, home
    run_declared = 1.0
    wage_spell, wage_year, wage_sum, wage_months, declared = -1, -1, 0.0, 0, 0.0
    year_earnings, year_months, year_covered, year_credits = 0.0, 0, 0, 0
    resident_months = 0.0
    claim, kind = NEVER, CLAIM_NONE

    for y in range(plan.resident_tier.shape[1]):
        plan.resident_tier[i, y] = 0.0
        plan.resident_subsidy[i, y] = 0.0
    plan.one_off_months[i] = 0
    plan.weighed[i] = plan.asked[i] = -1
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
                if total >= minimum_months(policy, who, birth, m) and record > 0.0:
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
                plan.asked[i] = m
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
            plan.asked[i] = m
            record_place = last_province if last_province >= 0 else home
            route = ROUTE_FLEXIBLE
            base = own_floor(
                deciding, who, birth, m, form, careers.occupation[i, c], record_place, careers.earnings[i, c]
            )[1]
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
                    plan.weighed[i] = m
                    run_end = _run_end(
                        i, c, m, start, min(length, statutory - start), place, careers, deciding
                    )
                    is_automatic = not is_employee and (
                        careers.job_draw[i, c]
                        < limited(
                            deciding,
                            ENROLMENT,
                            who,
                            birth,
                            m,
                            form,
                            careers.occupation[i, c],
                            place,
                            careers.earnings[i, c],
                            deciding.automatic_enrolment[careers.occupation[i, c], m],
                        )
                    )
                    run_route = ROUTE_NONE
                    if not (is_automatic and deciding.flexible_base_by_earnings[m]):
                        run_route, run_reason, run_base, run_province, run_declared = _flexible_decision(
                            i, c, m, run_end, place, form, people, careers, deciding, behaviour, demography,
                            decided_record + deemed, decided_by_province, subsidy_months, match_months,
                            statutory, deciding_minimum, starts_at_age, stops, discount_rate, annuity, plan,
                        )  # fmt: skip
                    if is_automatic and run_route == ROUTE_NONE:
                        run_declared = 1.0
                        run_route, run_reason, run_base, run_province = _automatic_enrolment(
                            i, c, m, run_end, place, form, people, careers, deciding, behaviour,
                            subsidy_months, match_months, statutory, plan,
                        )  # fmt: skip
                    if run_route == ROUTE_NONE and is_employee:
                        run_reason = NOT_ENROLLED
                route, reason, record_place = run_route, run_reason, run_province
                if route == ROUTE_FLEXIBLE:
                    plan.asked[i] = m
                if route == ROUTE_FLEXIBLE:
                    base = run_base
                    if deciding.base_averaging[m] != AVERAGED and deciding.flexible_base_by_earnings[m]:
                        base = _base_of_month(
                            m, form, careers.occupation[i, c], record_place, careers.earnings[i, c],
                            run_declared, who, birth, deciding,
                        )  # fmt: skip
                        if base <= 0.0:
                            route, reason = ROUTE_NONE, INCOME
                if route == ROUTE_FLEXIBLE:
                    if is_in_difficulty_group(
                        deciding, people, behaviour, i, m, record_place, subsidy_months, statutory
                    ):
                        subsidy_months += 1
                    if deciding.match_months[m] < UNLIMITED:
                        match_months += match_months < deciding.match_months[m] and match_rate(
                            deciding, who, birth, m, form, careers.occupation[i, c], record_place,
                            careers.earnings[i, c],
                        ) > 0.0  # fmt: skip
                    if deciding.late_payment_months[m] > 0.0:
                        late, late_base = _late_month(
                            i, c, m, schooling, base, record_place, who, birth, careers, deciding, behaviour,
                            plan,
                        )  # fmt: skip
                        if late >= 0:
                            # booked in the month that was missed
                            then = start + late
                            counted = counted_month(policy, ROUTE_FLEXIBLE, record_place, then, late_base)
                            plan.route[i, late], plan.reason[i, late] = ROUTE_FLEXIBLE, COVERED
                            plan.record_province[i, late] = record_place
                            plan.base[i, late], plan.month_credit[i, late] = late_base, counted
                            record += counted
                            by_province[record_place] += counted
                            decided_record += counted
                            decided_by_province[record_place] += counted
                            first_record = min(first_record, then)
            else:
                reason = FARMING_REASON if form == FARMING else NO_EARNINGS

        # credits for care are laid on top, after everything the person decides
        credit = 0.0
        if policy.gives_credits[m] and c >= schooling and m < statutory:
            credit_place = record_place if base > 0.0 else (last_province if last_province >= 0 else home)
            is_credited, credit, credit_parent_months, jobless_credit_months = _credit(
                i, c, m, route, base, credit_place, people, careers, policy, behaviour,
                credit_parent_months, jobless_credit_months,
            )  # fmt: skip
            if is_credited and base == 0.0:
                route, record_place = ROUTE_CREDIT, credit_place
        if base > 0.0 or route == ROUTE_CREDIT:
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
    if plan.one_off_months[i] > 0:
        plan.asked[i] = claim
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


@inlined_rule()
def _flexible_decision(
    i, c, m, run_end, place, form, people, careers, policy, behaviour, demography, record, by_province,
    subsidy_months, match_months, statutory, minimum, starts_at_age, stops, discount_rate, annuity, plan,
):  # fmt: skip
    """Route, reason, base, record province and declared part of a run: the gates in order, then the tier."""
    y = m // 12
    home = people.hukou_province[i]
    who, birth = person_bits(people.sex[i], people.hukou[i]), people.birth[i]
    province = place
    if place != home:
        admitted = by_province[place] >= policy.access_months[place, m]
        if not (admitted and people.access_draw[i] < behaviour.access_practice_share[y]):
            if people.hukou_draw[i] >= behaviour.hukou_enrolment_share:
                return ROUTE_NONE, NO_ACCESS, 0.0, place, 1.0
            province = home
    if people.knowledge_draw[i] >= behaviour.knowledge_share[careers.occupation[i, c]]:
        return ROUTE_NONE, NO_KNOWLEDGE, 0.0, place, 1.0
    if people.procedure_draw[i] >= behaviour.procedure_share and not _enrolled_by_group(
        i, c, m, form, careers, policy
    ):
        return ROUTE_NONE, PROCEDURE, 0.0, place, 1.0
    if m - people.birth[i] < 12.0 * starts_at_age:
        return ROUTE_NONE, PRESENT_INCOME, 0.0, place, 1.0
    if stops and record >= minimum:
        return ROUTE_NONE, MINIMUM_REACHED, 0.0, place, 1.0
    earnings = _run_earnings(careers, i, c, run_end)
    wage = policy.reference_wage[province, y]
    if earnings <= 0.0 or earnings < behaviour.subsistence_ratio * wage:
        return ROUTE_NONE, INCOME, 0.0, place, 1.0

    plan.asked[i] = m
    row = 0 if form == PLATFORM_EMPLOYEE else (1 if form == PLATFORM_FLEXIBLE else 2)
    willing = behaviour.willingness_factor * quantile(behaviour.willingness[row], people.willingness_draw[i])
    subsidised, difficulty, match = _aids(
        i, c, m, province, form, earnings, people, careers, policy, behaviour, subsidy_months, match_months,
        statutory,
    )  # fmt: skip
    relief = match if policy.match_destination[m] == AS_RELIEF else 0.0
    occupation = careers.occupation[i, c]
    rate, rate_relief = own_rate(policy, who, birth, m, form, occupation, province, earnings)
    own_share = rate - rate_relief
    worth_of_money = behaviour.variant == VALUE_FOR_MONEY
    cap = policy.flexible_base_cap[province, m]
    floor, lowest = own_floor(policy, who, birth, m, form, occupation, province, earnings)
    judged, declared = lowest, 1.0
    if policy.flexible_base_by_earnings[m]:
        own = base_of_earnings(policy, m, earnings, wage)
        free = min(own, willing * earnings / own_share) if own_share > 0.0 else own
        declared = free / own if own > 0.0 else 1.0
        lowest = min(max(free, floor), cap)
        judged = lowest if worth_of_money else floor
    price = worker_price(policy, province, m, judged, own_share, subsidised, difficulty, relief)
    discount, worth = 0.0, 0.0
    if worth_of_money:
        retirement_age = statutory - people.birth[i]
        if record + (statutory - m) < minimum:
            return ROUTE_NONE, PRICE, 0.0, place, 1.0
        years = (statutory - m) / 12.0
        discount = (
            survival(demography, people.sex[i], people.birth[i], m - people.birth[i], retirement_age)
            / (1.0 + discount_rate) ** years
        )
        worth = discount * _worth(
            m, form, province, lowest, rate, own_share, subsidised, difficulty, match, earnings, annuity,
            retirement_age, people.platform_share[i], policy,
        )  # fmt: skip
        if worth < price:
            return ROUTE_NONE, PRICE, 0.0, place, 1.0
    else:
        if policy.others_money_felt[m] > 0.0:
            price = _felt_price(
                m, form, province, judged, own_share, price, subsidised, difficulty, match, earnings,
                people.platform_share[i], policy,
            )  # fmt: skip
        reference_price = behaviour.reference_price_ratio * wage + policy.bundled_medical[province, y]
        if perceived_burden(price, reference_price, earnings, behaviour.price_exponent) > willing:
            return ROUTE_NONE, PRICE, 0.0, place, 1.0
    if policy.flexible_base_by_earnings[m] or people.floor_payer_draw[i] < behaviour.floor_payer_share:
        return ROUTE_FLEXIBLE, COVERED, lowest, province, declared

    base, best = lowest, -1.0e300
    if worth_of_money:
        best = worth - price
    for t in range(policy.flexible_base_tiers.shape[1]):
        tier = policy.flexible_base_tiers[y, t] * wage
        if not np.isfinite(tier):
            break
        tier = min(max(tier, floor), cap)
        if tier <= base:
            continue
        cost = worker_price(policy, province, m, tier, own_share, subsidised, difficulty, relief)
        if cost > earnings:
            break
        if worth_of_money:
            surplus = discount * _worth(
                m, form, province, tier, rate, own_share, subsidised, difficulty, match, earnings, annuity,
                statutory - people.birth[i], people.platform_share[i], policy,
            ) - cost  # fmt: skip
            if surplus > best:
                base, best = tier, surplus
        elif cost <= willing * earnings:
            base = tier
    return ROUTE_FLEXIBLE, COVERED, base, province, 1.0


@rule()
def _worth(
    m, form, province, base, rate, own_share, subsidised, difficulty, match, earnings, annuity,
    retirement_age, platform_share, policy,
):  # fmt: skip
    """What a month at a base promises, with what levies and match add to it."""
    due = worker_contribution(policy, province, m, base, own_share, subsidised, difficulty)
    to_account, to_base = others_money(policy, m, form, platform_share, province, base, due, earnings, match)
    return promised_value(policy, province, m, base + to_base, rate, to_account, annuity, retirement_age)


@rule()
def _felt_price(
    m, form, province, base, own_share, price, subsidised, difficulty, match, earnings, platform_share, policy
):  # fmt: skip
    """Price less the part of others' money to account and base that is felt as lowering it."""
    due = worker_contribution(policy, province, m, base, own_share, subsidised, difficulty)
    to_account, to_base = others_money(policy, m, form, platform_share, province, base, due, earnings, match)
    money = to_account + to_base * policy.flexible_rate[province, m]
    return max(0.0, price - policy.others_money_felt[m] * money)


@rule()
def _enrolled_by_group(i, c, m, form, careers, policy):
    """Whether a platform or an association does the paperwork of a flexible worker's job."""
    if form != PLATFORM_FLEXIBLE and form != OTHER_FLEXIBLE:
        return False
    return careers.job_draw[i, c] < policy.group_enrolment[careers.occupation[i, c], m]


@rule()
def _base_of_month(m, form, occupation, province, earnings, declared, who, birth, policy):
    """Base of one month where earnings are not averaged over the payment run."""
    floor, _ = own_floor(policy, who, birth, m, form, occupation, province, earnings)
    return base_of_month(policy, province, m, earnings, declared, floor)


@rule()
def _own_contribution(m, base, form, occupation, province, earnings, who, birth, policy):
    """Contribution of a month on a base, before what others take over."""
    rate, relief = own_rate(policy, who, birth, m, form, occupation, province, earnings)
    return base * (rate - relief)


@rule()
def _late_month(i, c, m, schooling, base, province, who, birth, careers, policy, behaviour, plan):
    """Career month whose payment, missed for want of income, is made good now, and its base; -1 for none.

    The oldest within the time allowed and at the same place of work that leaves enough to live on.
    """
    form, occupation, earnings = careers.form[i, c], careers.occupation[i, c], careers.earnings[i, c]
    left = earnings - policy.bundled_medical[province, m // 12]
    left -= _own_contribution(m, base, form, occupation, province, earnings, who, birth, policy)
    left -= behaviour.subsistence_ratio * policy.reference_wage[province, m // 12]
    if left <= 0.0:
        return -1, 0.0
    for k in range(max(schooling, c - int(policy.late_payment_months[m])), c):
        if plan.route[i, k] != ROUTE_NONE or plan.reason[i, k] != INCOME:
            continue
        if careers.province[i, k] != careers.province[i, c]:
            continue
        form, occupation, earnings = careers.form[i, k], careers.occupation[i, k], careers.earnings[i, k]
        then = m - c + k
        _, missed = own_floor(policy, who, birth, then, form, occupation, province, earnings)
        due = _own_contribution(then, missed, form, occupation, province, earnings, who, birth, policy)
        if missed > 0.0 and due <= left:
            return k, missed
    return -1, 0.0


@rule()
def _run_earnings(careers, i, c, run_end):
    """Mean earnings of a payment run."""
    earnings = 0.0
    for k in range(c, run_end):
        earnings += careers.earnings[i, k]
    return earnings / (run_end - c)


@rule()
def _aids(
    i, c, m, province, form, earnings, people, careers, policy, behaviour, subsidy_months, match_months,
    statutory,
):  # fmt: skip
    """What others may add in a run: platform subsidy, public subsidy, rate of the match."""
    occupation = careers.occupation[i, c]
    subsidised = (
        form == PLATFORM_FLEXIBLE
        and policy.platform_subsidy_share[m] > 0.0
        and people.subsidy_draw[i] < behaviour.platform_subsidy_coverage[occupation]
        and earnings >= policy.flexible_base_floor[province, m]
    )
    difficulty = is_in_difficulty_group(policy, people, behaviour, i, m, province, subsidy_months, statutory)
    match = 0.0
    if match_months < policy.match_months[m]:
        who, birth = person_bits(people.sex[i], people.hukou[i]), people.birth[i]
        match = match_rate(policy, who, birth, m, form, occupation, province, earnings)
    return subsidised, difficulty, match


@rule()
def _automatic_enrolment(
    i,
    c,
    m,
    run_end,
    place,
    form,
    people,
    careers,
    policy,
    behaviour,
    subsidy_months,
    match_months,
    statutory,
    plan,
):
    """Route, reason, base and province of a run that is enrolled at the place of work without a decision.

    On the lowest base, or on the whole base that follows earnings; nobody pays more than is earned.
    """
    plan.asked[i] = m
    earnings = _run_earnings(careers, i, c, run_end)
    who, birth = person_bits(people.sex[i], people.hukou[i]), people.birth[i]
    occupation = careers.occupation[i, c]
    floor, base = own_floor(policy, who, birth, m, form, occupation, place, earnings)
    if policy.flexible_base_by_earnings[m]:
        own = base_of_earnings(policy, m, earnings, policy.reference_wage[place, m // 12])
        base = min(max(own, floor), policy.flexible_base_cap[place, m])
    subsidised, difficulty, match = _aids(
        i, c, m, place, form, earnings, people, careers, policy, behaviour, subsidy_months, match_months,
        statutory,
    )  # fmt: skip
    relief = match if policy.match_destination[m] == AS_RELIEF else 0.0
    rate, rate_relief = own_rate(policy, who, birth, m, form, occupation, place, earnings)
    price = worker_price(policy, place, m, base, rate - rate_relief, subsidised, difficulty, relief)
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
    who, birth = person_bits(people.sex[i], people.hukou[i]), people.birth[i]
    occupation = careers.occupation[i, c]
    _, base = own_floor(policy, who, birth, m, OTHER_FLEXIBLE, occupation, province, earnings)
    rate, relief = own_rate(policy, who, birth, m, OTHER_FLEXIBLE, occupation, province, earnings)
    price = worker_price(policy, province, m, base, rate - relief, False, False)
    willing = behaviour.willingness_factor * quantile(behaviour.willingness[2], people.willingness_draw[i])
    affordable = 1.0 if price <= 0.0 else min(1.0, willing * earnings / price)
    return behaviour.pay_on_share * max(0.0, 1.0 - gap / behaviour.pay_on_gap_limit_months) * affordable


@rule()
def _credit(
    i, c, m, route, base, province, people, careers, policy, behaviour, parent_months, jobless_months
):  # fmt: skip
    """Whether a month is credited, the credit; months of parent care and of no work credited so far.

    A credit of months only counts a month without own base and adds nothing to the base.
    """
    if people.credit_draw[i] >= behaviour.care_credit_take_up_share:
        return False, 0.0, parent_months, jobless_months
    who, birth = person_bits(people.sex[i], people.hukou[i]), people.birth[i]
    wage = policy.reference_wage[province, m // 12]
    target = wage * limited(
        policy, CREDIT, who, birth, m, careers.form[i, c], careers.occupation[i, c], province,
        careers.earnings[i, c], policy.care_credit_ratio[m],
    )  # fmt: skip
    credit = target - base
    if policy.care_credit_on_top[m]:
        credit = min(target, policy.flexible_base_cap[province, m] - base)
    months_only = policy.care_credit_months_only[m] != 0
    is_credited = base == 0.0 if months_only else credit > 0.0
    if policy.care_credit_not_employed[m] and route == ROUTE_EMPLOYEE:
        is_credited = False
    if is_credited:
        credit = 0.0 if months_only else credit
        child = careers.child_age[i, c]
        born_in_time = (m - child) // 12 >= policy.care_credit_first_birth[m]
        if born_in_time and 0 <= child < policy.care_credit_child_months[m]:
            return True, credit, parent_months, jobless_months
        if careers.parent_care[i, c] > 0 and parent_months < policy.care_credit_parent_months[m]:
            return True, credit, parent_months + 1, jobless_months
    if careers.form[i, c] == UNEMPLOYED and jobless_months < policy.unemployment_credit_months[m]:
        credit = policy.unemployment_credit_ratio[m] * wage - base
        if credit > 0.0:
            return True, credit, parent_months, jobless_months + 1
    if route == ROUTE_FLEXIBLE and careers.earnings[i, c] < policy.low_earnings_credit_limit[m] * wage:
        credit = max(0.0, policy.low_earnings_credit_ratio[m] * wage - base)
        return credit > 0.0, credit, parent_months, jobless_months
    return False, 0.0, parent_months, jobless_months


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
