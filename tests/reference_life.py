"""A slow life in plain Python, written from METHOD.md, the acts and the files of `simulate/statutes` alone.

It shares no rule with the engine: it reads the law's files itself and re-derives from a drawn career who is
covered when and at which base, who pays what to whom, the account, the award, the pension in payment and the
present values. Lists and dicts only; clarity before speed.
"""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

STATUTES = Path(__file__).parents[1] / "simulate" / "statutes"
LIBRARY = Path(__file__).parents[1] / "scenarios" / "library"
YEARS, MONTHS, NEVER = 111, 1332, 1332
EMPLOYEE_FORMS, FLEXIBLE_FORMS, PLATFORM_FLEXIBLE, FARMING = (0, 1), (2, 3), 2, 4
VALUE_FOR_MONEY = 2
PAYERS = ("worker", "employer", "platform", "consumer", "government")
SINKS = ("account", "pool", "resident_account", "other")
CATEGORIES = ("male", "female_55", "female_50")
HUKOU = ("rural", "urban")
UNEMPLOYED = 5
FORMS = (
    "formal_employee", "platform_employee", "platform_flexible", "other_flexible", "farming", "unemployed",
    "caring", "inactive",
)  # fmt: skip
OTHER_FLEXIBLE = FORMS.index("other_flexible")
OF_GROUPS = (
    "flexible_rate_of_groups", "flexible_base_floor_of_groups", "flexible_relief_of_groups",
    "government_match_of_groups", "automatic_enrolment_of_groups", "care_credit_base_of_groups",
    "minimum_months_of_groups",
)  # fmt: skip
OCCUPATIONS = (
    "rider", "courier", "ride_hailing_driver", "life_services", "online_shop", "online_culture",
    "online_education", "knowledge_skills", "none",
)  # fmt: skip


# ------------------------------------------------------------------------------------------ the law's files


def month_index(date: str) -> int:
    """The first month that begins on or after a date, counted from January 1990."""
    year, month, day = (int(part) for part in f"{date}-01"[:10].split("-"))
    return 12 * (year - 1990) + month - 1 + (day > 1)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def read_statutes() -> tuple[list[str], dict[tuple, list[tuple[int, object]]], dict[str, str]]:
    """Provinces; rows (first month, value) by parameter, province and group; what is the same as what."""
    rows: dict[tuple, list[tuple[int, object]]] = {}
    same_as: dict[str, str] = {}

    def add(name, province, group, effective, value) -> None:
        rows.setdefault((name, province, group), []).append((month_index(effective), value))

    nation = [(path, None) for path in STATUTES.glob("*.yaml") if path.stem != "sources"]
    local = [(path, path.stem) for path in (STATUTES / "provinces").glob("*.yaml")]
    for path, province in nation + local:
        for name, parameter in YAML(typ="safe").load(path).items():
            if "same_as" in parameter:
                same_as[name] = parameter["same_as"]
            for row in parameter.get("values") or ():
                group = row.get("category") or row.get("hukou") or row.get("occupation")
                add(name, row.get("province", province), group, str(row["effective"]), row["value"])
    for path in STATUTES.glob("*.csv"):
        for row in table(path):
            if "parameter" in row:
                value = None if row["value"] == "null" else float(row["value"])
                group = row.get("hukou") or None
                add(row["parameter"], row["province"] or None, group, row["effective"], value)
    for found in rows.values():
        found.sort(key=lambda row: row[0])
    return [row["name"] for row in table(STATUTES / "provinces.csv")], rows, same_as


def scenario_changes(name: str) -> dict[str, list[dict]]:
    """What a scenario of the library and its baselines change in the law: entries by parameter, by date."""
    scenario = YAML(typ="safe").load(LIBRARY / f"{name}.yaml")
    changes = scenario_changes(scenario["baseline"]) if "baseline" in scenario else {}
    for parameter, values in scenario.get("law", {}).items():
        entries = values
        if isinstance(values, dict):
            entries = [{"effective": date, "value": value} for date, value in values.items()]
        both = [*changes.get(parameter, []), *entries]
        changes[parameter] = sorted(both, key=lambda entry: str(entry["effective"]))
    return changes


class Law:
    """One scenario's law under an economy: lists by province, year and month, read from the files."""

    def __init__(self, changes: dict, economy: dict):
        self.economy, self.changes = economy, changes
        self.provinces, self.rows, self.same_as = read_statutes()
        self._compile()

    def series(self, name: str, province: str | None = None, group: str | None = None) -> list:
        """The value in force on the first of each month; a province's own rule goes before the nation's."""
        other = self.same_as.get(name)
        values = self.series(other, province, group) if other else [None] * MONTHS
        groups = {None, group}  # a row without a group is for all of them
        found = [row for g in groups for row in self.rows.get((name, None, g), ())]
        for start, value in sorted(found, key=lambda row: row[0]):
            values[max(0, start) :] = [value] * (MONTHS - max(0, start))
        nation = list(values)
        for start, value in self.rows.get((name, province, group), ()) if province else ():
            begin = max(0, start)
            values[begin:] = nation[begin:] if value is None else [value] * (MONTHS - begin)
        for entry in self.changes.get(name, ()):
            whose = entry.get("category") or entry.get("hukou") or entry.get("occupation")
            if whose in (None, group) and province in entry.get("provinces", [province]):
                begin = month_index(str(entry["effective"]))
                values[begin:] = [entry["value"]] * (MONTHS - begin)
        return values

    def by_year(self, name, province=None, group=None, month=1) -> list:
        return self.series(name, province, group)[month - 1 :: 12]

    def growing(self, name, province, growth, group=None, month=1) -> list:
        """Dated values, then growth from the last of them on, once the projection has begun."""
        values = self.by_year(name, province, group, month)
        rows = self.rows.get((name, province, group)) or self.rows.get((name, None, group))
        last = max(0, -((month - 1 - rows[-1][0]) // 12))  # first year that reads the last row
        for y in range(last + 1, YEARS):
            if y >= self.economy["first_projected_year"] - 1990:
                values[y] = values[y - 1] * (1 + growth[y])
        return values

    def _compile(self) -> None:
        e, every = self.economy, self.provinces
        projected = e["first_projected_year"] - 1990
        wages = e["wage_growth"]
        wages_before = [0.0, *wages[:-1]]
        monthly = {
            "employee_rate", "flexible_account_rate", "flexible_base_rule", "month_credit_rule",
            "full_month_base_ratio", "flexible_worker_relief_rate", "platform_levy_rate",
            "platform_subsidy_share", "platform_subsidy_cap_share", "care_credit_base_ratio",
            "care_credit_child_months", "care_credit_parent_months", "early_claim_window_months",
            "temporary_account_age_male_months", "temporary_account_age_female_months",
            "temporary_account_pool_rate",
            "late_claim_window_months", "flexible_base_earnings_share", "flexible_base_allowance_ratio",
            "consumer_levy_rate", "platform_levy_least_dependence", "platform_levy_dependent_share",
            "platform_levy_dependent_extra", "levy_destination", "levy_scope", "levy_pass_through_share",
            "government_match_cap_ratio", "government_match_earnings_limit_ratio",
            "government_match_youngest_age_months", "government_match_oldest_age_months",
            "government_match_destination", "care_credit_rule", "unemployment_credit_base_ratio",
            "unemployment_credit_months", "low_earnings_credit_base_ratio", "low_earnings_credit_limit_ratio",
            "flexible_contribution_rule", "flexible_base_averaging", "late_payment_months",
            "others_money_felt_share", "government_match_months", "care_credit_of_employees",
            "care_credit_extent", "care_credit_first_birth_year", *OF_GROUPS,
        }  # fmt: skip
        yearly = {
            "difficulty_subsidy_months", "difficulty_subsidy_extension_months", "difficulty_age_male_months",
            "difficulty_age_female_months", "accrual_rate", "indexed_half_weight",
            "minimum_contribution_months", "extension_limit_months", "claim_place_months",
            "resident_minimum_months", "resident_annuity_divisor", "flexible_base_tiers",
            "transfer_pool_rate",
            "funeral_grant_months", "resident_months_counted_share", "universal_pension_ratio",
            "minimum_pension_ratio", "minimum_pension_taper", "resident_basic_dibao_ratio",
            "resident_basic_wage_ratio", "resident_basic_rural_income_ratio", "national_benefit_base_share",
        }  # fmt: skip
        for name in monthly:
            setattr(self, name, self.series(name))
        for name in yearly:
            setattr(self, name, self.by_year(name))
        for name in (
            "account_rate", "employer_rate", "flexible_rate", "difficulty_subsidy_share",
            "flexible_access_months",
        ):  # fmt: skip
            setattr(self, name, [self.series(name, p) for p in every])
        for name in (
            "automatic_enrolment_share", "reclassification_share", "government_match_rate",
            "group_enrolment_share",
        ):  # fmt: skip
            setattr(self, name, [self.series(name, None, occupation) for occupation in OCCUPATIONS])
        self.floor_pension_age = self.series("floor_pension_age_months")[-1]
        for name in ("payment_period_months", "low_index_threshold"):
            setattr(self, name, [self.by_year(name, p) for p in every])
        self.reference_wage = [self.growing("reference_wage", p, wages_before) for p in every]
        for name in ("base_floor", "base_cap", "flexible_base_floor", "flexible_base_cap"):
            ratios = [self.series(f"{name}_ratio", p) for p in every]
            amounts = [
                [ratio * wage[m // 12] for m, ratio in enumerate(row)]
                for row, wage in zip(ratios, self.reference_wage, strict=True)
            ]
            setattr(self, name, amounts)
        self.medical = [self.growing("bundled_medical_contribution", p, wages_before) for p in every]
        self.benefit_base = [
            self._benefit_base(p, wage) for p, wage in zip(every, self.reference_wage, strict=True)
        ]
        mean = [sum(row[y] for row in self.benefit_base) / len(every) for y in range(YEARS)]
        for row in self.benefit_base:
            for y, share in enumerate(self.national_benefit_base_share):
                row[y] = (1 - share) * row[y] + share * mean[y]
        self.account_start = [month_index(self.series("account_start", p)[-1]) for p in every]
        self.transition_coefficient = [self.series("transition_coefficient", p)[-1] for p in every]
        self.deemed_index = [self.series("deemed_index", p)[-1] for p in every]
        self.transfer_bases_from = month_index(self.series("transfer_bases_from")[-1])
        self.temporary_account_age = [
            getattr(self, f"temporary_account_age_{sex}_months") for sex in ("male", "female")
        ]
        self.one_off_cutoff = month_index(self.series("one_off_payment_cutoff")[-1])
        # interest
        spread = e["crediting_spread"]
        self.crediting_rate = self.by_year("crediting_rate")
        for y in range(projected, YEARS):
            self.crediting_rate[y] = max(e["deposit_rate"][y], wages[y] - spread)
        self.resident_crediting_rate = [self.by_year("resident_crediting_rate", p) for p in every]
        for row in self.resident_crediting_rate:
            for y in range(projected, YEARS):
                row[y] = e["deposit_rate"][y] + e["resident_crediting_spread"]
        # resident scheme: amounts of July 1
        self.resident_tiers, self.resident_subsidies = [], []
        for p in every:
            for name, table in (
                ("resident_tiers", self.resident_tiers),
                ("resident_subsidies", self.resident_subsidies),
            ):
                table.append(self._ladder(name, p, e["resident_tier_growth"]))
        self.resident_basic = [
            self.growing("resident_basic_pension", p, e["resident_basic_growth"], month=7) for p in every
        ]
        self.resident_extra = [
            self.growing("resident_extra_per_year", p, e["resident_basic_growth"], month=7) for p in every
        ]
        self.dibao = [
            [self.growing("dibao", p, e["dibao_growth"], hukou, month=7) for hukou in HUKOU] for p in every
        ]
        rural_income = [self.growing("rural_income", p, wages_before) for p in every]
        for p, row in enumerate(self.resident_basic):
            for y, amount in enumerate(row):
                by_dibao = self.resident_basic_dibao_ratio[y] * self.dibao[p][HUKOU.index("rural")][y]
                by_wage = self.resident_basic_wage_ratio[y] * self.reference_wage[p][y]
                by_income = self.resident_basic_rural_income_ratio[y] * rural_income[p][y]
                row[y] = max(amount, by_dibao, by_wage, by_income)
        self.survivor_income = [self.growing("survivor_income", p, wages_before) for p in every]
        self.survivor_grant = self.series("survivor_grant")[-1]
        self.survivor_grant_floor = self.series("survivor_grant_floor_months")[-1]
        self.resident_pension_age = self.series("resident_pension_age_months")[-1]
        self.resident_start = [month_index(self.series("resident_start", None, h)[-1]) for h in HUKOU]
        self.resident_back_payment = self.series("resident_back_payment")[-1]
        # retirement ages
        self.original_age = [self.series("original_retirement_age", None, c)[-1] for c in CATEGORIES]
        self.delay_step = [self.rows["retirement_delay_step_months", None, c] for c in CATEGORIES]
        self.delay_cap = [self.rows["retirement_delay_cap_months", None, c] for c in CATEGORIES]
        # yearly increases of pensions in payment
        overall = self.by_year("pension_increase")
        for y in range(projected, YEARS):
            overall[y] = e["pension_increase_wage_share"] * wages[y - 1]
        flat, by_years = (
            self.by_year("pension_increase_flat_share"),
            self.by_year("pension_increase_years_share"),
        )
        mean_years = self.by_year("pension_increase_mean_years")
        mean = [e["mean_pension"][max(0, y - 1)] for y in range(YEARS)]
        self.increase_flat = [overall[y] * flat[y] * mean[y] for y in range(YEARS)]
        self.increase_per_year = [overall[y] * by_years[y] * mean[y] / mean_years[y] for y in range(YEARS)]
        self.increase_percent = [overall[y] * (1 - flat[y] - by_years[y]) for y in range(YEARS)]
        self.discount = [1.0]
        for y in range(1, YEARS):
            self.discount.append(self.discount[-1] / (1 + e["discount_rate"][y]))

    def _benefit_base(self, province: str, reference_wage: list) -> list:
        values = self.by_year("benefit_base", province)
        first = self.rows["benefit_base", province, None][-1][0] // 12 + 1
        for y in range(max(first, self.economy["first_projected_year"] - 1990), YEARS):
            slow = values[y - 1] * (1 + self.economy["benefit_base_growth"])
            values[y] = max(slow, reference_wage[y])
        return values

    def _ladder(self, name: str, province: str, growth: list) -> list[list[float]]:
        values = [list(tiers) for tiers in self.by_year(name, province, month=7)]
        rows = self.rows.get((name, province, None)) or self.rows[name, None, None]
        for y in range(rows[-1][0] // 12 + 1, YEARS):
            if y >= self.economy["first_projected_year"] - 1990:
                values[y] = [amount * (1 + growth[y]) for amount in values[y - 1]]
        return values

    def statutory_month(self, category: int, birth: int) -> int:
        """Original month plus the delay of the annexes: one month for each step begun since the reform."""
        original = birth + self.original_age[category]
        (_, _), (reform, step) = self.delay_step[category]
        cap = self.delay_cap[category][-1][1]
        return original + (0 if original < reform else min(cap, (original - reform) // step + 1))

    def divisor(self, year: int, age_months: int) -> float:
        table = self.by_year("annuity_divisors")[year]
        years, months = divmod(min(max(age_months, 480), 840), 12)
        here, after = table[years - 40], table[min(years - 39, 30)]
        if self.by_year("divisor_interpolation")[year] == "completed_year":
            return here
        tenths = 120 * here - 10 * (here - after) * months  # of a twelfth
        return math.floor((tenths + 6) / 12) / 10  # one decimal, half up

    def tiers(self, p: int, m: int, own_floor: float | None = None) -> list[float]:
        """The bases on offer, the lowest first; with a floor of one's own that is the first."""
        wage, cap = self.reference_wage[p][m // 12], self.flexible_base_cap[p][m]
        floor = self.flexible_base_floor[p][m] if own_floor is None else own_floor
        lowest = [] if own_floor is None else [own_floor]
        return lowest + [min(max(tier * wage, floor), cap) for tier in self.flexible_base_tiers[m // 12]]

    def of_group(self, name, person, m, general, place=0, form=0, occupation=0, earnings=0.0):
        """The value of the first row that fits a person in a month, or the general one."""
        age, relative = (m - person["birth"]) / 12, earnings / self.reference_wage[place][m // 12]
        is_one = {
            "sex": ("male", "female")[person["sex"]],
            "hukou": HUKOU[person["hukou"]],
            "form": FORMS[form],
            "occupation": OCCUPATIONS[occupation],
            "province": self.provinces[place],
        }
        for row in getattr(self, name)[m]:
            named = {key: row[key] for key in is_one if key in row}
            if any(is_one[key] not in (v if isinstance(v, list) else [v]) for key, v in named.items()):
                continue
            (young, old), (poor, rich) = row.get("age", (0, 9999)), row.get("earnings", (0, 9999))
            if young <= age < old and poor <= relative < rich:
                return row["value"]
        return general


def quantile(values: list[float], draw: float) -> float:
    """Piecewise linear between 21 equidistant quantiles."""
    place = draw * 20
    low = min(int(place), 19)
    return values[low] + (values[low + 1] - values[low]) * (place - low)


# ----------------------------------------------------------------------------------------------------- a life


class Life:
    """What one person does and gets under a law; `decisions` is the law by which gates are judged."""

    def __init__(self, person: dict, career: dict, law: Law, decisions: Law, behaviour: dict, deaths: list):
        self.who, self.law, self.decisions = person, law, decisions
        self.career = career
        earnings = [
            pay - law.levy_pass_through_share[career["start"] + c] * sum(self._levies(c))
            for c, pay in enumerate(career["earnings"])
        ]
        self.career = {**career, "earnings": earnings}
        self.behaviour, self.deaths = behaviour, deaths
        self.start, self.length, self.birth = career["start"], career["length"], person["birth"]
        n = self.length
        self.route = ["none"] * n
        self.reason = ["claimed"] * n
        self.base, self.credit, self.counts, self.funded = ([0.0] * n for _ in range(4))
        self.place = [-1] * n
        self.resident_tier: dict[int, float] = {}
        self.resident_subsidy: dict[int, float] = {}
        self.resident_months = 0
        self.difficulty_months = self.match_months = 0
        self.parent_credits = self.jobless_credits = 0
        self.one_off_months = 0
        self.ledger: list[dict] = []
        self.claim, self.kind = NEVER, "none"
        self.acted = behaviour["willingness_factor"]
        self._category()
        self.live()
        self.pay_dues()
        self.grow_accounts()
        self.award()

    # --------------------------------------------------------------------------------------- before the claim

    def _category(self) -> None:
        law, career = self.law, self.career
        self.category = 0
        if self.who["sex"] == 1:
            last_post = 1
            for c in range(self.length):
                if self.start + c >= self.birth + law.original_age[2]:
                    break
                if career["form"][c] in EMPLOYEE_FORMS:
                    last_post = 0
                elif career["form"][c] in FLEXIBLE_FORMS:
                    last_post = 1
            fifty = self.who["category_draw"] < self.behaviour["women_50_line_share"][last_post]
            self.category = 2 if fifty else 1
        self.statutory = law.statutory_month(self.category, self.birth)
        self.minimum = self._minimum(law, min(self.statutory, MONTHS - 1))
        low, high = self.behaviour["discount_rate_range"]
        self.own_rate = low + (high - low) * self.who["patience_draw"]
        self.promise_years: dict[int, float] = {}

    def _minimum(self, law: Law, m: int) -> float:
        general = law.minimum_contribution_months[m // 12]
        return law.of_group("minimum_months_of_groups", self.who, m, general)

    def _at(self, c: int, place: int, earnings: float, form: int | None = None) -> dict:
        """What rows for limited groups look at in a career month."""
        career = self.career
        form = career["form"][c] if form is None else form
        where = {"place": place, "form": form, "occupation": career["occupation"][c]}
        return where | {"earnings": earnings}

    def _floor(self, law: Law, c: int, at: dict) -> float | None:
        """The own floor where there is one for the group, else None."""
        m, p = self.start + c, at["place"]
        ratio = law.of_group("flexible_base_floor_of_groups", self.who, m, None, **at)
        return (
            None
            if ratio is None
            else min(ratio * law.reference_wage[p][m // 12], law.flexible_base_cap[p][m])
        )

    def _rates(self, law: Law, c: int, at: dict) -> tuple[float, float]:
        """Rate of the contribution and relief of the worker."""
        m, p = self.start + c, at["place"]
        rate = law.of_group("flexible_rate_of_groups", self.who, m, law.flexible_rate[p][m], **at)
        general = law.flexible_worker_relief_rate[m] if at["form"] == PLATFORM_FLEXIBLE else 0.0
        return rate, min(rate, law.of_group("flexible_relief_of_groups", self.who, m, general, **at))

    def live(self) -> None:
        """Month by month: lost records, the claim, what is paid; after each year the resident scheme."""
        self.total, self.by_province, self.own_by_province, self.last_place = 0.0, {}, {}, None
        self.closed = self.paying_on = self.works_late = False
        planned: dict[int, tuple] = {}  # months of a payment run already decided
        for c in range(self.length + 1):  # a last time in the month after the career
            m = self.start + c
            if c < self.length:
                self._lose_record(c)
            self.kind = self._claims(c, m)
            if self.kind != "none":
                self.claim = m
                break
            if c < self.length:
                self._month(c, planned)
                if (m + 1) % 12 == 0:
                    self._resident_year(c)
        else:
            self.claim = max(self.start + self.length, self.birth + self.law.resident_pension_age)
            self.kind = "resident"
        last = min(self.claim, self.start + self.length) - 1 - self.start
        if last >= 0 and (self.start + last + 1) % 12 != 0:
            self._resident_year(last)

    def _claims(self, c: int, m: int) -> str:
        """The scheme in which the person claims in a month, or "none"; who pays on or stops for good."""
        who, law, behaviour = self.who, self.law, self.behaviour
        has_record, self.works_late = self.total > 0, False
        total = self.total + who["deemed_months"]
        total += law.resident_months_counted_share[min(m // 12, YEARS - 1)] * self.resident_months
        at_pension_age = m - self.birth >= law.resident_pension_age
        if self.closed:
            return "resident" if at_pension_age else "none"
        if m < self.statutory:
            early = (
                who["claim_draw"] < behaviour["early_claim_share"]
                and self.statutory - m <= law.early_claim_window_months[m]
                and m - self.birth >= law.original_age[self.category]
            )
            if early and has_record and total >= self._minimum(law, m):
                return "employee"
            return "resident" if at_pension_age and not has_record else "none"
        if has_record and total >= self.minimum:
            spell = self.career["spell"]
            self.works_late = (
                who["claim_draw"] > 1 - behaviour["late_claim_share"]
                and not self.paying_on
                and m - self.statutory < law.late_claim_window_months[m]
                and 0 < c < self.length
                and self.route[c - 1] == "employee"
                and spell[c - 1] == spell[c]
            )
            return "none" if self.works_late else "employee"
        if not self.paying_on:
            self.paying_on = has_record and who["pay_on_draw"] < self._pay_on_chance(c, total)
        elif m - self.statutory >= law.extension_limit_months[min(m // 12, YEARS - 1)]:
            first = next((self.start + k for k in range(c) if self.counts[k] > 0), NEVER)
            if first < law.one_off_cutoff:
                self.one_off_months = math.ceil(self.minimum - total)
                return "employee"
            self.paying_on = False
        self.closed = not self.paying_on
        return "resident" if self.closed and at_pension_age else "none"

    def _lose_record(self, c: int) -> None:
        if c == 0 or not self.career["move_draw"][c] < self.behaviour["lost_record_share"]:
            return
        left = self.career["province"][c - 1]
        if left == self.who["hukou_province"]:
            return
        for k in range(c):
            if self.place[k] == left:
                self.counts[k] = 0.0
        self.by_province.pop(left, None)
        self.own_by_province.pop(left, None)
        self.total = sum(self.by_province.values())
        counting = [self.place[k] for k in range(c) if self.counts[k] > 0]
        self.last_place = counting[-1] if counting else None

    def _pay_on_chance(self, c: int, total: float) -> float:
        behaviour, law = self.behaviour, self.decisions
        m, p = self.start + c, self.last_place
        earnings = [e for e in self.career["earnings"][:c] if e > 0][-12:]
        if not earnings:
            return 0.0
        willing = self.acted * quantile(behaviour["willingness"][2], self.who["willingness_draw"])
        mean = sum(earnings) / len(earnings)
        at = self._at(c, p, mean, OTHER_FLEXIBLE)
        rate, relief = self._rates(law, c, at)
        price = law.tiers(p, m, self._floor(law, c, at))[0] * (rate - relief) + law.medical[p][m // 12]
        means = willing * mean
        affordable = 1.0 if price <= 0 else min(1.0, means / price)
        gap = self.minimum - total
        return (
            behaviour["pay_on_share"]
            * max(0.0, 1 - gap / behaviour["pay_on_gap_limit_months"])
            * affordable
        )  # fmt: skip

    def _month(self, c: int, planned: dict) -> None:
        who, decisions, behaviour, career = self.who, self.decisions, self.behaviour, self.career
        m = self.start + c
        form, work = career["form"][c], career["province"][c]
        if self.closed:
            self.reason[c] = "claimed"
            return
        if self.paying_on:
            place = who["hukou_province"] if self.last_place is None else self.last_place
            floor = self._floor(decisions, c, self._at(c, place, career["earnings"][c]))
            self._cover(c, "flexible", decisions.tiers(place, m, floor)[0], place)
            return
        if c < career["schooling_months"]:
            self.reason[c] = "schooling"
            return
        enrolled = False
        if form in EMPLOYEE_FORMS:
            compliance = behaviour["compliance_share"][form][min(m // 12, YEARS - 1)]
            compliance *= behaviour["occupation_compliance_factor"][career["occupation"][c]]
            if work != who["hukou_province"]:
                compliance *= behaviour["away_compliance_factor"]
            enrolled = career["job_draw"][c] < compliance
        elif form == PLATFORM_FLEXIBLE:
            reclassified = self.law.reclassification_share[career["occupation"][c]][m]
            enrolled = career["job_draw"][c] < reclassified
        if enrolled:
            floor, cap = decisions.base_floor[work][m], decisions.base_cap[work][m]
            declared = min(max(self._declared_wage(c), floor), cap)
            if career["declaration_draw"][c] < behaviour["floor_declaration_share"][min(form, 1)]:
                declared = floor
            self._cover(c, "employee", declared, work)
        elif self.works_late:
            self.reason[c] = "claimed"
        elif form in EMPLOYEE_FORMS or form in FLEXIBLE_FORMS:
            if c not in planned:
                for k, outcome in self._payment_run(c).items():
                    planned[k] = outcome
            reason, base, place, declared = planned[c]
            if reason == "covered" and base > 0:
                rule = decisions.flexible_base_averaging[m]
                if rule != "period" and decisions.flexible_base_rule[m] == "earnings":
                    base = self._base_of_one_month(c, place, declared, rule)
                    reason = "covered" if base > 0 else "income"
            if reason == "covered":
                self._cover(c, "flexible", base, place)
                self.match_months += (
                    self.match_months < decisions.government_match_months[m] < 9999
                    and self._match_rate(decisions, c, place, career["earnings"][c]) > 0
                )
                self._pay_late(c, base, place)
            else:
                self.reason[c] = "not_enrolled" if form in EMPLOYEE_FORMS else reason
        else:
            self.reason[c] = "farming" if form == FARMING else "no_earnings"
        if m < self.statutory:
            self._credit(c)

    def _base_of_one_month(self, c: int, place: int, declared: float, rule: str) -> float:
        """The base that follows the earnings of the month alone."""
        law, m, earnings = self.decisions, self.start + c, self.career["earnings"][c]
        base = declared * self._base_of_earnings(place, m, earnings)
        if rule == "month":
            floor = self._floor(law, c, self._at(c, place, earnings))
            base = max(base, law.flexible_base_floor[place][m] if floor is None else floor)
        return min(base, law.flexible_base_cap[place][m])

    def _pay_late(self, c: int, base: float, place: int) -> None:
        """Make good one month that was missed for want of income, the oldest still allowed."""
        law, career, m = self.decisions, self.career, self.start + c

        def due(k: int, on: float) -> float:
            rate, relief = self._rates(law, k, self._at(k, place, career["earnings"][k]))
            return (rate - relief) * on

        left = career["earnings"][c] - due(c, base) - law.medical[place][m // 12]
        left -= self.behaviour["subsistence_ratio"] * law.reference_wage[place][m // 12]
        if left <= 0:
            return
        first = max(career["schooling_months"], c - int(law.late_payment_months[m]))
        for k in range(first, c):
            missed = self.route[k] == "none" and self.reason[k] == "income"
            if not missed or career["province"][k] != career["province"][c]:
                continue
            floor = self._floor(law, k, self._at(k, place, career["earnings"][k]))
            lowest = law.tiers(place, self.start + k, floor)[0]
            if lowest > 0 and due(k, lowest) <= left:
                last_place, subsidised = self.last_place, self.difficulty_months
                self._cover(k, "flexible", lowest, place)
                self.last_place, self.difficulty_months = last_place, subsidised
                return

    def _declared_wage(self, c: int) -> float:
        spell, earnings, m = self.career["spell"], self.career["earnings"], self.start + c
        january = c - m % 12
        before = [earnings[k] for k in range(max(0, january - 12), max(0, january)) if spell[k] == spell[c]]
        if before:
            return sum(before) / len(before)
        return next(earnings[k] for k in range(max(0, january), c + 1) if spell[k] == spell[c])

    def _payment_run(self, c: int) -> dict[int, tuple]:
        """Decide the months to the end of the payment period together: reason, base and place of each."""
        law, career = self.decisions, self.career
        m, work, form = self.start + c, career["province"][c], career["form"][c]
        period = law.payment_period_months[work][m // 12]
        run = [c]
        for k in range(c + 1, self.length):
            same = all(career[name][k] == career[name][c] for name in ("form", "spell", "province"))
            if (self.start + k) % period == 0 or not same or self.start + k >= self.statutory:
                break
            run.append(k)
        earnings = sum(career["earnings"][k] for k in run) / len(run)
        automatic = law.of_group(
            "automatic_enrolment_of_groups", self.who, m,
            law.automatic_enrolment_share[career["occupation"][c]][m],
            **self._at(c, work, career["earnings"][c]),
        )  # fmt: skip
        is_automatic = form in FLEXIBLE_FORMS and career["job_draw"][c] < automatic
        reason, base, place, declared = "", 0.0, -1, 1.0
        if not is_automatic or law.flexible_base_rule[m] != "earnings":
            reason, base, place, declared = self._gates(c, form, work, m, earnings)
        if is_automatic and reason != "covered":
            own_floor = self._floor(law, c, self._at(c, work, earnings))
            base, place, declared = law.tiers(work, m, own_floor)[0], work, 1.0
            if law.flexible_base_rule[m] == "earnings":
                floor = law.flexible_base_floor[work][m] if own_floor is None else own_floor
                base = self._base_of_earnings(work, m, earnings)
                base = min(max(base, floor), law.flexible_base_cap[work][m])
            affordable = base > 0 and self._price(c, base, work, earnings) <= earnings
            reason, base = ("covered", base) if affordable else ("income", 0.0)
        return {k: (reason, base, place, declared) for k in run}

    def _base_of_earnings(self, place: int, m: int, earnings: float) -> float:
        law = self.decisions
        left_out = law.flexible_base_allowance_ratio[m] * law.reference_wage[place][m // 12]
        return law.flexible_base_earnings_share[m] * max(0.0, earnings - left_out)

    def _gates(self, c, form, work, m, earnings) -> tuple:
        who, law, behaviour = self.who, self.decisions, self.behaviour
        y, place = m // 12, work
        if work != who["hukou_province"]:
            admitted = (
                self.own_by_province.get(work, 0.0) >= law.flexible_access_months[work][m]
                and who["access_draw"] < behaviour["access_practice_share"][y]
            )
            if not admitted:
                if not who["hukou_draw"] < behaviour["hukou_enrolment_share"]:
                    return "access", 0.0, -1, 1.0
                place = who["hukou_province"]
        if not who["knowledge_draw"] < behaviour["knowledge_share"][self.career["occupation"][c]]:
            return "knowledge", 0.0, -1, 1.0
        group = law.group_enrolment_share[self.career["occupation"][c]][m]
        by_group = form in FLEXIBLE_FORMS and self.career["job_draw"][c] < group
        if not who["procedure_draw"] < behaviour["procedure_share"] and not by_group:
            return "procedure", 0.0, -1, 1.0
        if (m - self.birth) / 12 < quantile(behaviour["join_age"], who["patience_draw"]):
            return "present_income", 0.0, -1, 1.0
        stops = who["stop_draw"] < behaviour["stop_at_minimum_share"]
        own = sum(self.own_by_province.values())
        if stops and own + who["deemed_months"] >= self.minimum:
            return "minimum_reached", 0.0, -1, 1.0
        wage = law.reference_wage[place][y]
        if earnings < behaviour["subsistence_ratio"] * wage:
            return "income", 0.0, -1, 1.0
        row = {1: 0, 2: 1}.get(form, 2)
        willing = self.acted * quantile(behaviour["willingness"][row], who["willingness_draw"])
        at = self._at(c, place, earnings)
        own_floor = self._floor(law, c, at)
        tiers, cap = law.tiers(place, m, own_floor), law.flexible_base_cap[place][m]
        floor = law.flexible_base_floor[place][m] if own_floor is None else own_floor
        rate, relief = self._rates(law, c, at)
        follows_earnings = law.flexible_base_rule[m] == "earnings"
        declared = 1.0
        if follows_earnings:
            base = self._base_of_earnings(place, m, earnings)
            free = min(base, willing * earnings / (rate - relief))
            declared = free / base if base > 0 else 1.0
            tiers = [min(max(free, floor), cap)]
        prices = [self._price(c, tier, place, earnings) for tier in tiers]
        values_money = behaviour["variant"] == VALUE_FOR_MONEY
        if values_money:
            surplus = []
            for tier, price in zip(tiers, prices, strict=True):
                to_account, to_base = self._others_money(c, tier, place, earnings)
                surplus.append(self._promise(m, tier + to_base, place, rate, to_account) - price)
            reachable = own + who["deemed_months"] + self.statutory - m >= self.minimum
            if not reachable or surplus[0] < 0:
                return "price", 0.0, -1, 1.0
        else:
            judged = floor if follows_earnings else tiers[0]
            cheapest = self._price(c, judged, place, earnings)
            to_account, to_base = self._others_money(c, judged, place, earnings)
            money = to_account + to_base * law.flexible_rate[place][m]
            cheapest -= min(cheapest, law.others_money_felt_share[m] * money) if money > 0 else 0.0
            reference = behaviour["reference_price_ratio"] * wage + law.medical[place][y]
            if cheapest > 0:
                burden = reference / earnings * (cheapest / reference) ** behaviour["price_exponent"]
                if burden > willing:
                    return "price", 0.0, -1, 1.0
        if who["floor_payer_draw"] < behaviour["floor_payer_share"]:
            return "covered", tiers[0], place, declared
        if values_money:
            affordable = [t for t, price in enumerate(prices) if t == 0 or price <= earnings]
            return "covered", tiers[max(affordable, key=lambda t: surplus[t])], place, declared
        bearable = [tier for tier, price in zip(tiers, prices, strict=True) if price / earnings <= willing]
        return "covered", max(bearable, default=tiers[0]), place, declared

    def _others_money(self, c: int, base: float, place: int, earnings: float) -> tuple[float, float]:
        """What levies and match would add to the account and to the base of who joins."""
        law, m = self.decisions, self.start + c
        share = self.who["platform_share"]
        levy = 0.0
        is_platform = self.career["form"][c] == PLATFORM_FLEXIBLE
        if is_platform and share >= law.platform_levy_least_dependence[m] and law.levy_scope[m] != "all":
            extra = share >= law.platform_levy_dependent_share[m]
            rate = law.platform_levy_rate[m] + extra * law.platform_levy_dependent_extra[m]
            levy = (rate + law.consumer_levy_rate[m]) * share * earnings
        own = self._own_after_subsidies(c, base, place, earnings)
        match = self._match(law, c, place, own, earnings, self.match_months)
        flows = [(law.levy_destination[m], levy), (law.government_match_destination[m], match)]
        to_base = 0.0
        for money in (amount for goes, amount in flows if goes == "base"):
            room = max(0.0, law.flexible_base_cap[place][m] - base - to_base)
            to_base += min(money / law.flexible_rate[place][m], room)
        return sum(amount for goes, amount in flows if goes == "account"), to_base

    def _promise(self, m: int, base: float, place: int, rate: float, to_account: float) -> float:
        """What a month at a base will have paid in old age, at today's wages, discounted to today."""
        law, y = self.decisions, m // 12
        weight, index = law.indexed_half_weight[y], base / law.reference_wage[place][y]
        accrued = law.accrual_rate[y] / 12 * law.benefit_base[place][y] * (1 - weight + weight * index)
        retirement_age = self.statutory - self.birth
        credited = law.flexible_account_rate[m] * base
        if law.flexible_contribution_rule[m] == "account_only":
            accrued, credited = 0.0, rate * base
        account = (credited + to_account) / law.divisor(y, retirement_age)
        age = (m - self.birth) // 12
        if age not in self.promise_years:
            reached = self._survival(age, retirement_age // 12)
            self.promise_years[age] = reached * sum(
                self._survival(retirement_age // 12, a) / (1 + self.own_rate) ** (a - retirement_age // 12)
                for a in range(retirement_age // 12, 121)
            )
        delay = (1 + self.own_rate) ** -((self.statutory - m) / 12)
        return 12 * (accrued + account) * self.promise_years[age] * delay

    def _survival(self, age: int, to: int) -> float:
        alive, born = 1.0, self.birth // 12
        for a in range(age, to):
            alive *= 1 - self.deaths[self.who["sex"]][min(max(0, born + a), YEARS - 1)][a]
        return alive

    def _price(self, c: int, base: float, place: int, earnings: float) -> float:
        """A month at a base; before the run the platform's subsidy is expected by its mean earnings."""
        law, m = self.decisions, self.start + c
        own = self._own_after_subsidies(c, base, place, earnings)
        if law.government_match_destination[m] == "relief":
            own -= self._match(law, c, place, own, earnings, self.match_months)
        return own + law.medical[place][m // 12]

    def _own_after_subsidies(self, c: int, base: float, place: int, earnings: float) -> float:
        law, m = self.decisions, self.start + c
        own = self._own_due(law, c, base, place, earnings)
        earned = earnings >= law.flexible_base_floor[place][m]
        platform, public = self._subsidies(law, c, own, place, self.difficulty_months, earned)
        return own - platform - public

    def _levies(self, c: int) -> tuple[float, float]:
        """What platform and consumers owe on a platform flexible worker's pay in a month."""
        law, m, share = self.law, self.career["start"] + c, self.who["platform_share"]
        if self.career["form"][c] != PLATFORM_FLEXIBLE or share < law.platform_levy_least_dependence[m]:
            return 0.0, 0.0
        extra = share >= law.platform_levy_dependent_share[m]
        rate = law.platform_levy_rate[m] + extra * law.platform_levy_dependent_extra[m]
        levied = share * self.career["earnings"][c]
        return rate * levied, law.consumer_levy_rate[m] * levied

    def _match_rate(self, law: Law, c: int, place: int, earnings: float) -> float:
        m, wage = self.start + c, law.reference_wage[place][(self.start + c) // 12]
        youngest = law.government_match_youngest_age_months[m]
        oldest = law.government_match_oldest_age_months[m]
        within = youngest <= m - self.birth <= oldest
        if not within or earnings > law.government_match_earnings_limit_ratio[m] * wage:
            return 0.0
        general = law.government_match_rate[self.career["occupation"][c]][m]
        at = self._at(c, place, earnings)
        return law.of_group("government_match_of_groups", self.who, m, general, **at)

    def _match(self, law: Law, c: int, place: int, own: float, earnings: float, used: int) -> float:
        """What the government adds to, or with relief takes over of, an own contribution."""
        m = self.start + c
        if used >= law.government_match_months[m]:
            return 0.0
        wage = law.reference_wage[place][m // 12]
        rate = self._match_rate(law, c, place, earnings)
        amount = min(rate * own, law.government_match_cap_ratio[m] * wage)
        return min(amount, own) if law.government_match_destination[m] == "relief" else amount

    def _funded_base(self, c: int, place: int, base: float, money: float) -> float:
        m = self.start + c
        room = max(0.0, self.law.flexible_base_cap[place][m] - base)
        return min(money / self.law.flexible_rate[place][m], room)

    def _own_due(self, law: Law, c: int, base: float, place: int, earnings: float) -> float:
        rate, relief = self._rates(law, c, self._at(c, place, earnings))
        return base * (rate - relief)

    def _earns_platform_subsidy(self, law: Law, c: int, place: int) -> bool:
        floor, earnings = law.flexible_base_floor[place][self.start + c], self.career["earnings"]
        return earnings[c] >= floor and sum(e >= floor for e in earnings[max(0, c - 5) : c + 1]) >= 3

    def _subsidies(self, law, c, due, place, used, earned) -> tuple[float, float]:
        """What the platform and government take over of the worker's own due in a month."""
        who, career, behaviour, m = self.who, self.career, self.behaviour, self.start + c
        platform = public = 0.0
        floor = law.flexible_base_floor[place][m]
        if (
            career["form"][c] == PLATFORM_FLEXIBLE
            and who["subsidy_draw"] < behaviour["platform_subsidy_coverage"][career["occupation"][c]]
            and earned
        ):
            whole = law.platform_subsidy_share[m] * law.flexible_rate[place][m] * floor
            platform = min(whole, law.platform_subsidy_cap_share[m] * due)
        ages = (law.difficulty_age_male_months, law.difficulty_age_female_months)[who["sex"]]
        share = law.difficulty_subsidy_share[place][m]
        near = self.statutory - m <= law.difficulty_subsidy_extension_months[m // 12]
        if (
            who["difficulty_draw"] < behaviour["difficulty_take_up_share"]
            and m < self.statutory
            and m - self.birth >= ages[m // 12]
            and (near or used < law.difficulty_subsidy_months[m // 12])
        ):
            public = share * (due - platform)
        return platform, public

    def _cover(self, c: int, route: str, base: float, place: int) -> None:
        law, m = self.law, self.start + c
        share = 1.0
        if route == "flexible" and law.month_credit_rule[m] == "pro_rata":
            full = law.full_month_base_ratio[m] * law.reference_wage[place][m // 12]
            share = min(1.0, base / full)
        self.route[c], self.reason[c], self.base[c], self.place[c] = route, "covered", base, place
        if route == "flexible":
            due = self._own_due(self.decisions, c, base, place, self.career["earnings"][c])
            self.difficulty_months += (
                self._subsidies(self.decisions, c, due, place, self.difficulty_months, False)[1] > 0
            )
        self._count(c, share)
        self.own_by_province[place] = self.own_by_province.get(place, 0.0) + share

    def _count(self, c: int, share: float) -> None:
        place = self.place[c]
        self.counts[c] = share
        self.total += share
        self.by_province[place] = self.by_province.get(place, 0.0) + share
        if share > 0:
            self.last_place = place

    def _credit(self, c: int) -> None:
        who, law, career, m = self.who, self.law, self.career, self.start + c
        if not who["credit_draw"] < self.behaviour["care_credit_take_up_share"]:
            return
        place = self.place[c]
        if place < 0:
            place = who["hukou_province"] if self.last_place is None else self.last_place
        wage, base = law.reference_wage[place][m // 12], self.base[c]
        age = career["child_age"][c]
        child = 0 <= age < law.care_credit_child_months[m]
        child = child and 1990 + (m - age) // 12 >= law.care_credit_first_birth_year[m]
        parent = career["parent_care"][c] > 0 and self.parent_credits < law.care_credit_parent_months[m]
        at = self._at(c, place, career["earnings"][c])
        ratio = law.of_group("care_credit_base_of_groups", who, m, law.care_credit_base_ratio[m], **at)
        for_care = ratio * wage
        if law.care_credit_rule[m] == "on_top":
            for_care = min(for_care, law.flexible_base_cap[place][m] - base)
        else:
            for_care -= base
        months_only = law.care_credit_extent[m] == "months"
        cares = base == 0 if months_only else for_care > 0
        if law.care_credit_of_employees[m] == "none" and self.route[c] == "employee":
            cares = False
        jobless = career["form"][c] == UNEMPLOYED
        jobless = jobless and self.jobless_credits < law.unemployment_credit_months[m]
        for_jobless = law.unemployment_credit_base_ratio[m] * wage - base
        low = career["earnings"][c] < law.low_earnings_credit_limit_ratio[m] * wage
        if (child or parent) and cares:
            credit = 0.0 if months_only else for_care
            self.parent_credits += not child
            if months_only:  # the month counts, nobody pays
                self.route[c], self.place[c] = "credit", place
                self._count(c, 1.0)
                return
        elif jobless and for_jobless > 0:
            credit = for_jobless
            self.jobless_credits += 1
        elif low and self.route[c] == "flexible":
            credit = max(0.0, law.low_earnings_credit_base_ratio[m] * wage - base)
        else:
            return
        if credit <= 0:
            return
        self.credit[c] = credit
        if self.route[c] == "none":
            self.route[c], self.place[c] = "credit", place
            self._count(c, 1.0)

    def _resident_year(self, last: int) -> None:
        """The calendar year that ends with career month `last`, in the resident scheme or not."""
        who, law, behaviour = self.who, self.decisions, self.behaviour
        m, place = self.start + last, who["hukou_province"]
        y = m // 12
        months = range(max(0, last - m % 12), last + 1)
        after_school = [c for c in months if c >= self.career["schooling_months"]]
        age = m - self.birth
        if (
            m < law.resident_start[who["hukou"]]
            or age >= law.resident_pension_age
            or not after_school
            or any(self.route[c] in ("employee", "flexible") for c in months)
            or not who["resident_knowledge_draw"] < behaviour["resident_knowledge_share"]
            or age / 12 < quantile(behaviour["resident_join_age"], who["resident_patience_draw"])
        ):
            return
        willing = self.acted * quantile(behaviour["willingness"][2], who["willingness_draw"])
        resources = max(
            sum(self.career["earnings"][c] for c in months),
            behaviour["household_resource_ratio"] * 12 * law.reference_wage[place][y],
        )
        sum_given = behaviour["resident_willingness_factor"] * willing * resources
        tiers, subsidies = law.resident_tiers[place][y], law.resident_subsidies[place][y]
        if tiers[0] > sum_given:
            return
        t = 0
        floor_payers = behaviour["resident_floor_payer_share"][self.career["occupation"][last]]
        if not who["resident_floor_draw"] < floor_payers:
            t = max(i for i, tier in enumerate(tiers) if tier <= sum_given)
        part = len(after_school) / 12
        self.resident_tier[y], self.resident_subsidy[y] = tiers[t] * part, subsidies[t] * part
        free = [c for c in after_school if self.route[c] == "none"]  # months of a credit count elsewhere
        self.resident_months += len(free)
        for c in free:
            self.route[c] = "resident"

    # --------------------------------------------------------------------------------------------- money

    def pay_dues(self) -> None:
        """The ledger: for each month (and the month of the claim) who pays and where it goes."""
        law, career = self.law, self.career
        used = matched = 0
        for c in range(min(self.length, max(0, self.claim - self.start))):
            m, p, base = self.start + c, self.place[c], self.base[c]
            platform_levy, consumer_levy = self._levies(c)
            if self.route[c] not in ("employee", "flexible", "credit") and law.levy_scope[m] != "all":
                continue
            paid, sunk = dict.fromkeys(PAYERS, 0.0), dict.fromkeys(SINKS, 0.0)
            flexible_account = law.flexible_account_rate[m] if m >= law.account_start[p] else 0.0
            if self.route[c] == "employee":
                employer = "platform" if career["form"][c] == PLATFORM_FLEXIBLE else "employer"
                paid[employer] = law.employer_rate[p][m] * base
                paid["worker"] = law.employee_rate[m] * base
                sunk["account"] = law.account_rate[p][m] * base
                sunk["pool"] = (
                    law.employer_rate[p][m] + law.employee_rate[m] - law.account_rate[p][m]
                ) * base
            elif self.route[c] == "flexible":
                earned = self._earns_platform_subsidy(law, c, p)
                rate, relief = self._rates(law, c, self._at(c, p, career["earnings"][c]))
                due = (rate - relief) * base
                platform, public = self._subsidies(law, c, due, p, used, earned)
                used += public > 0
                levy = platform_levy + consumer_levy
                own = due - platform - public
                match = self._match(law, c, p, own, career["earnings"][c], matched)
                matched += self._match_rate(law, c, p, career["earnings"][c]) > 0
                goes = law.government_match_destination[m]
                paid["worker"] = own - (match if goes == "relief" else 0.0)
                paid["platform"], paid["consumer"] = platform + platform_levy, consumer_levy
                paid["government"] = public + match
                if law.levy_destination[m] == "base":
                    self.funded[c] = self._funded_base(c, p, base, levy)
                if goes == "base":
                    self.funded[c] += self._funded_base(c, p, base + self.funded[c], match)
                if law.flexible_contribution_rule[m] == "account_only":
                    self.funded[c] = 0.0
                    sunk["account"] = sum(paid.values())
                    sunk["account"] -= levy if law.levy_destination[m] == "pool" else 0.0
                    sunk["account"] -= match if goes == "pool" else 0.0
                else:
                    sunk["account"] = min(flexible_account, rate) * (base + self.funded[c])
                    sunk["account"] += levy if law.levy_destination[m] == "account" else 0.0
                    sunk["account"] += match if goes == "account" else 0.0
                sunk["pool"] = sum(paid.values()) - sunk["account"]
            elif law.levy_scope[m] == "all":
                paid["platform"], paid["consumer"] = platform_levy, consumer_levy
                sink = "pool" if law.levy_destination[m] == "pool" else "account"
                sunk[sink] = platform_levy + consumer_levy
            paid["government"] += law.flexible_rate[p][m] * self.credit[c]
            sunk["account"] += flexible_account * self.credit[c]
            sunk["pool"] += (law.flexible_rate[p][m] - flexible_account) * self.credit[c]
            self.ledger.append({"month": m, "paid": paid, "sunk": sunk})
        for y, tier in self.resident_tier.items():
            subsidy = self.resident_subsidy[y]
            self.ledger.append({
                "month": 12 * y + 11,
                "paid": dict.fromkeys(PAYERS, 0.0) | {"worker": tier, "government": subsidy},
                "sunk": dict.fromkeys(SINKS, 0.0) | {"resident_account": tier + subsidy},
            })  # fmt: skip

    def grow_accounts(self) -> None:
        """Both balances, interest included, at the start of the month of the claim."""
        law, hukou = self.law, self.who["hukou_province"]
        balance = resident = 0.0
        self.balances: dict[int, float] = {}
        last_year = min(self.claim // 12, YEARS - 1)
        for y in range(self.start // 12, last_year + 1):
            ends = 12 if y < last_year else self.claim - 12 * last_year  # months elapsed
            r, resident_rate = law.crediting_rate[y], law.resident_crediting_rate[hukou][y]
            credited = sum(
                entry["sunk"]["account"] * (1 + r * (ends - entry["month"] % 12) / 12)
                for entry in self.ledger
                if entry["month"] // 12 == y and entry["sunk"]["account"]
            )
            balance = balance * (1 + r * ends / 12) + credited
            resident = resident * (1 + resident_rate * ends / 12)
            resident += self.resident_tier.get(y, 0.0) + self.resident_subsidy.get(y, 0.0)
            self.balances[y] = balance + resident
        self.account, self.resident_account = balance, resident

    # ---------------------------------------------------------------------------------------------- award

    def claim_place(self) -> int:
        """国办发〔2009〕66号, 6: where the relation is, at home or for ten years; else where ten were."""
        hukou = self.who["hukou_province"]
        if self.last_place is None:
            return hukou
        needed = self.law.claim_place_months[min(self.claim // 12, YEARS - 1)]
        months = dict(self.by_province)
        months[self.last_place] += self.one_off_months
        if self.last_place == hukou:
            return hukou
        for c in range(self.length - 1, -1, -1):
            if self.counts[c] > 0 and months[self.place[c]] >= needed:
                return self.place[c]
        return hukou

    def award(self) -> None:
        law, who = self.law, self.who
        self.settled, self.refund = self.claim, 0.0
        y, age = min(self.claim // 12, YEARS - 1), self.claim - self.birth
        self.basic = self.account_part = self.transitional = 0.0
        self.resident_rest, self.resident_basic_due, self.back_paid_years = 0.0, False, 0
        self.claim_entry = {
            "month": self.claim,
            "paid": dict.fromkeys(PAYERS, 0.0),
            "sunk": dict.fromkeys(SINKS, 0.0),
        }
        p = self.award_place = self.claim_place()
        index_sum = 0.0
        months = sum(self.counts)
        accruing = indexed = months
        for c in range(self.length):
            m, base = self.start + c, self.base[c] + self.funded[c]
            to_account = self.route[c] == "flexible" and law.flexible_contribution_rule[m] == "account_only"
            base = self.credit[c] + (0.0 if to_account else base)
            if self.counts[c] > 0:
                index_sum += base / law.reference_wage[p][m // 12]
                indexed -= self.counts[c] if base == 0 else 0.0
                accruing -= self.counts[c] if base == 0 and to_account else 0.0
        if self.one_off_months:
            place, m = self.last_place, self.claim
            base = law.tiers(place, m)[0]
            due = self.one_off_months * law.flexible_rate[place][m] * base
            account_only = law.flexible_contribution_rule[m] == "account_only"
            kept = due if account_only else self.one_off_months * law.flexible_account_rate[m] * base
            self.claim_entry["paid"]["worker"] += due
            self.claim_entry["sunk"]["account"] += kept
            self.claim_entry["sunk"]["pool"] += due - kept
            self.account += kept
            months += self.one_off_months
            if not account_only:
                index_sum += self.one_off_months * base / law.reference_wage[p][y]
                indexed += self.one_off_months
                accruing += self.one_off_months
        self.record_months = months
        self.index = index_sum / indexed if indexed > 0 else 0.0
        self.years = (accruing + who["deemed_months"]) / 12
        if self.kind == "employee":
            self.account += self.resident_account
            base = law.benefit_base[p][y]
            weight, threshold = law.indexed_half_weight[y], law.low_index_threshold[p][y]
            scale = min(1.0, self.index / threshold) if threshold > 0 else 1.0
            halves = base * (1 - weight) * scale + base * weight * self.index
            self.basic = law.accrual_rate[y] * self.years * halves
            self.account_part = self.account / law.divisor(y, age)
            before = sum(self.counts[: max(0, law.account_start[p] - self.start)])
            service = law.deemed_index[p] * who["deemed_months"] / 12 + self.index * before / 12
            self.transitional = base * law.transition_coefficient[p] * service
        elif self.kind == "resident":
            self._resident_award(y)
        self.employee_pension = self.basic + self.account_part + self.transitional

    def _resident_award(self, y: int) -> None:
        law, who = self.law, self.who
        hukou = who["hukou_province"]
        needed = law.resident_minimum_months[y]
        months = self.resident_months + self.record_months
        self.account += self.resident_account
        if months < needed:
            fills = (
                law.resident_back_payment
                and who["resident_back_payment_draw"] < self.behaviour["resident_back_payment_share"]
            )
            if not fills:
                self.refund = self.account
                self.claim, self.kind = NEVER, "none"
                return
            self.back_paid_years = math.ceil((needed - months) / 12)
            paid = self.back_paid_years * law.resident_tiers[hukou][y][0]
            self.claim_entry["paid"]["worker"] += paid
            self.claim_entry["sunk"]["resident_account"] += paid
            self.account += paid
        extra_years = max(0, math.floor((months - needed) / 12))
        self.resident_basic_due = True
        self.resident_rest = (
            self.account / law.resident_annuity_divisor[y] + extra_years * law.resident_extra[hukou][y]
        )

    # ------------------------------------------------------------------------------------------- in payment

    def pension(self, month: int) -> tuple[float, float]:
        """Pension of the employee and of the resident scheme in a month."""
        law = self.law
        if month < self.claim:
            return 0.0, 0.0
        amount = self.employee_pension
        if self.kind == "employee":
            for year in range(self.claim // 12 + 1, month // 12 + 1):
                y = min(year, YEARS - 1)
                amount += (
                    law.increase_flat[y]
                    + law.increase_percent[y] * amount
                    + law.increase_per_year[y] * self.years
                )
        resident = 0.0
        if self.resident_basic_due:
            basic = law.resident_basic[self.who["hukou_province"]][min(month // 12, YEARS - 1)]
            resident = basic + self.resident_rest
        return amount, resident

    def floor_pension(self, month: int) -> float:
        """Universal and minimum pension of the year of a month, beside the pension drawn in it."""
        law = self.law
        if month < self.birth + law.floor_pension_age:
            return 0.0
        y = min(month // 12, YEARS - 1)
        wage = law.reference_wage[self.who["hukou_province"]][y]
        flat = law.universal_pension_ratio[y] * wage
        others = sum(self.pension(month)) + flat
        least = law.minimum_pension_ratio[y] * wage - law.minimum_pension_taper[y] * others
        return flat + max(0.0, least)

    def paid_by_year(self) -> dict[int, dict[str, float]]:
        years: dict[int, dict[str, float]] = {}
        for entry in [*self.ledger, self.claim_entry]:
            year = years.setdefault(entry["month"] // 12, dict.fromkeys((*PAYERS, *SINKS), 0.0))
            for name, amount in (entry["paid"] | entry["sunk"]).items():
                year[name] += amount
        return years

    def present_values(self) -> dict[str, float]:
        """Values in 2027 of all flows from age 20 to 120, weighted by survival."""
        law, who = self.law, self.who
        birth_year, p = self.birth // 12, self.award_place
        names = (*PAYERS, "pool", "employee", "pensions", "deaths", "refunds", "pool_payments")
        values = dict.fromkeys(names, 0.0)
        flows = self.paid_by_year()
        frailty = math.exp(-self.behaviour["mortality_gradient"] * who["permanent_effect"])
        alive, claim_year = 1.0, self.settled // 12
        record_so_far, account_left = 0.0, self.account
        for y in range(max(0, birth_year + 20), birth_year + 121):
            held = min(y, YEARS - 1)
            q = min(1.0, frailty * self.deaths[who["sex"]][held][y - birth_year])
            lives, dies = alive * (1 - q / 2) * self._discount(y), alive * q * self._discount(y)
            for name in (*PAYERS, "pool"):
                values[name] += lives * flows.get(y, {}).get(name, 0.0)
            months_due = max(0, min(12, 12 * (y + 1) - self.claim))
            employee, resident = self.pension(max(12 * y, self.claim))
            values["employee"] += lives * months_due * employee
            values["pensions"] += lives * months_due * (employee + resident)
            last = 12 * y + 11  # the floor of a year stands beside the pension at its end
            months_of_floor = max(0, min(12, last + 1 - self.birth - law.floor_pension_age))
            values["pensions"] += lives * months_of_floor * self.floor_pension(last)
            begin = 12 * y - self.start
            record_so_far = sum(self.counts[: max(0, begin + 12)])
            grant = law.funeral_grant_months[held]
            if y < claim_year:
                values["deaths"] += dies * self.balances.get(y, 0.0)
                grant += self._survivor_months(record_so_far / 12)
                granted = record_so_far > 0
            elif self.kind == "none":
                granted = False
                if y == claim_year:
                    values["refunds"] += lives * self.refund
            else:
                part = self.account / law.resident_annuity_divisor[min(claim_year, YEARS - 1)]
                part = self.account_part if self.kind == "employee" else part
                from_account = min(account_left, months_due * part)
                account_left -= from_account
                values["deaths"] += dies * account_left
                granted = self.kind == "employee"
                if granted:
                    values["pool_payments"] += lives * (months_due * employee - from_account)
                    months = self._survivor_months(self.years) - (y - claim_year)
                    grant += max(law.survivor_grant_floor, months)
            if granted:
                amount = dies * grant * law.survivor_income[p][held]
                values["deaths"] += amount
                values["pool_payments"] += amount
            alive *= 1 - q
        return values

    def _survivor_months(self, years: float) -> float:
        """人社部发〔2021〕18号: months of income by completed years, one more a year above fifteen."""
        completed = math.floor(years)
        first, months, further = [row for row in self.law.survivor_grant if row[0] <= completed][-1]
        return months + further * (completed - first)

    def _discount(self, y: int) -> float:
        law = self.law
        last = law.discount[min(y, YEARS - 1)] / law.discount[37]
        return last / (1 + law.economy["discount_rate"][YEARS - 1]) ** max(0, y - (YEARS - 1))
