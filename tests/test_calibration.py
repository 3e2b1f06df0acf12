"""The calibration: tables and their cards, the first fitted set, economies, people, amendments."""

import hashlib

import numpy as np
import pytest

from calibration import fitted_set, formulas, paths, tables
from calibration.aggregates import YEARS, national_wage, people_by_age, survey
from calibration.description import describe_set, known_names
from calibration.fitted_set import (
    DIMENSIONS,
    LEVEL_ASSUMPTIONS,
    amend_behaviour,
    assumption_entries,
    assumptions,
    checksum,
    load_behaviour,
    read_set,
)
from calibration.paths import amend_economy, economy_names, economy_values, load_demography, load_economy
from calibration.tables import CARD_KEYS, CalibrationError, cell, read_card, read_table, table_paths
from simulate.behaviour import VARIANTS, Behaviour
from simulate.demography import Demography
from simulate.economy import Economy
from simulate.strict_yaml import read_yaml
from simulate.terms import FIRST_YEAR, N_YEARS

FIELDS = [name for name in Behaviour._fields if name != "variant"]
SECTIONS = ("behaviour", "demography", "economy_past", "economy")
FIELD_ORIGINS = read_yaml(fitted_set.FIELDS.read_text(encoding="utf-8")).data


def year(array, y):
    return array[..., y - FIRST_YEAR]


# --- tables and cards ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(table_paths()))
def test_every_table_has_a_complete_card_and_its_checksum(name):
    card, path = read_card(name), table_paths()[name]
    assert all(card[key] not in (None, "") for key in CARD_KEYS)
    assert card["name"] == name
    assert card["confidence"] in ("confirmed", "derived", "reconstructed", "unconfirmed")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == card["sha256"]
    assert len(card["original_sha256"]) == 64
    assert path.stat().st_size < 2_000_000
    assert list(read_table(name)) == card["columns"]


def test_every_card_has_its_table():
    cards = {path.name.removesuffix(".card.yaml") for path in tables.DATA.glob("*/*.card.yaml")}
    assert cards == set(table_paths())


def test_a_table_that_is_not_its_cards_is_told(tmp_path, monkeypatch):
    path = tmp_path / "broken.csv"
    path.write_text("year,value\n2020,1\n2021\n", encoding="utf-8")
    card = dict.fromkeys(CARD_KEYS, "x") | {"columns": ["year", "amount"], "rows": 3, "sha256": "0" * 64}
    lines = [f"{key}: {value}" for key, value in card.items()]
    path.with_suffix(".card.yaml").write_text("\n".join(lines).replace("'", ""), encoding="utf-8")
    monkeypatch.setattr(tables, "table_paths", lambda: {"broken": path})
    with pytest.raises(CalibrationError) as error:
        read_table("broken")
    text = str(error.value)
    for part in ("4 problems", "checksum", "columns", "2 rows where the card says 3", "line 3: 1 cells"):
        assert part in text


def test_a_table_without_card_and_an_unknown_table_are_told(tmp_path, monkeypatch):
    path = tmp_path / "alone.csv"
    path.write_text("year\n2020\n", encoding="utf-8")
    monkeypatch.setattr(tables, "table_paths", lambda: {"alone": path})
    with pytest.raises(CalibrationError, match=r"no source card for table alone\. Write one"):
        read_table("alone")
    with pytest.raises(CalibrationError, match=r"no table 'alon'\. Did you mean alone\?"):
        read_table("alon")


def test_a_cell_must_be_the_only_one():
    with pytest.raises(CalibrationError, match="0 rows with"):
        cell("employee_scheme_national", "participants_10k", year=1900)


# --- the fitted set --------------------------------------------------------------------------------------


def test_every_field_of_behaviour_is_in_the_set_with_title_and_range():
    entries = read_set("first")
    assert set(entries) == set(FIELDS)
    for entry in entries.values():
        assert entry["title"]
        assert any("一" <= character <= "鿿" for character in entry["name_zh"])
        assert entry["kind"] in ("from table", "derived", "assumption")
        assert bool(entry["tables"] or entry["builds_on"]) == (entry["kind"] != "assumption")


@pytest.mark.parametrize("name", FIELDS)
def test_the_value_follows_from_tables_and_assumptions_by_its_formula(name):
    recorder = fitted_set._Recorder(assumptions(fitted="first"))
    value = formulas.compute(recorder, name)
    entry = read_set("first")[name]
    np.testing.assert_allclose(entry["value"], value, rtol=1e-8, atol=1e-9)
    assert sorted(recorder.used) == entry["assumptions"]


def tables_named(name):
    """The tables of a field and of the fields it builds on."""
    origin = FIELD_ORIGINS.get(name, {"tables": []})
    own = {source.split(":")[0] for source in origin["tables"]}
    return own.union(*(tables_named(other) for other in origin.get("builds_on", [])))


@pytest.mark.parametrize("name", FIELDS)
def test_a_formula_reads_the_tables_that_its_field_names_and_no_others(name, monkeypatch):
    read, path = set(), tables._path
    monkeypatch.setattr(tables, "_path", lambda table: (read.add(table), path(table))[1])
    read_table.cache_clear()
    formulas._form_share.cache_clear()
    formulas.compute(assumptions(), name)
    assert read == tables_named(name)


def test_rows_named_by_the_survey_give_the_hand_computed_values():
    behaviour = load_behaviour("first")
    # riders: 34.0 % of the uninsured name ignorance, 52.6 % of riders have a pension
    assert behaviour.knowledge_share[0] == pytest.approx(1 - 0.340 * (1 - 0.526))
    # other flexible: 39.2 % and 58.9 % without
    assert behaviour.knowledge_share[-1] == pytest.approx(1 - 0.392 * 0.589)
    # 50.9 % of riders have more than nine tenths from platforms
    assert behaviour.platform_share_range[0] == pytest.approx(1 - 0.1 / 0.509)
    # women do 2.5 times the unpaid care
    assert behaviour.child_claimant_share == pytest.approx([1 / 3.5, 2.5 / 3.5])
    # 3.8 years a job
    assert behaviour.exit_hazard[3] == pytest.approx(1 / (12 * 3.8))
    # 12 points less employment, mothers return with 4 % a month, two years after birth
    assert behaviour.child_leave_share[1] == pytest.approx(0.12 * np.exp(24 * 0.04))
    # 65.6 % x 16 % at the place of registration, 29.9 % x 46 % at work, 45 % admitted
    r = 0.656 * 0.16 / (0.656 * 0.16 + 0.299 * 0.46)
    assert behaviour.hukou_enrolment_share == pytest.approx(r * 0.45 / ((1 - r) * 0.55))
    # 53.6 and 70.9 % in the lowest tier, 1206 and 729 respondents
    mean = (0.536 * 1206 + 0.709 * 729) / 1935
    assert load_behaviour("first").resident_floor_payer_share == pytest.approx(np.full(9, mean))
    # 55.4 % of platform employees are enrolled, four points more after the break
    assert year(behaviour.compliance_share, 2025)[1] == pytest.approx(0.554)
    assert year(behaviour.compliance_share, 2026)[1] == pytest.approx(0.594)
    # rural income per head over twelve average wages
    assert behaviour.household_resource_ratio == pytest.approx(24456 / (12 * national_wage(2024)))


def test_shapes_are_those_of_the_dimensions():
    behaviour = load_behaviour("first")
    assert behaviour.form_share.shape == (2, 2, 3, 11, 8)
    assert behaviour.destination_cdf.shape == (31, 31)
    for name in FIELDS:
        assert np.ndim(getattr(behaviour, name)) == len(DIMENSIONS.get(name, ()))


def test_shares_add_up_to_one():
    behaviour = load_behaviour("first")
    for name in ("form_share", "occupation_share", "education_share"):
        np.testing.assert_allclose(getattr(behaviour, name).sum(axis=-1), 1.0, atol=1e-14)
    assert (behaviour.form_share >= 0).all()
    np.testing.assert_array_equal(behaviour.destination_cdf[:, -1], 1.0)


def test_forms_meet_the_national_numbers():
    a = assumptions(fitted="first")
    people = formulas.people_2025(a)
    number = (people[..., None] * load_behaviour("first").form_share).sum(axis=(0, 1, 2, 3))
    employed = number[:5].sum()
    assert number[4] / employed == pytest.approx(0.236, abs=1e-6)  # agriculture's share
    assert number[2] + number[3] == pytest.approx(20000, rel=1e-6)  # flexible workers, 10k
    assert number[1] + number[2] == pytest.approx(8400, rel=1e-6)  # platform workers, 10k
    assert number[1] == pytest.approx(0.2 * 8400, rel=1e-6)
    # people out of school are fewer than all people of the same ages
    assert people.sum() < people_by_age().sum()


def test_nobody_with_urban_registration_farms_and_women_leave_formal_work_earlier():
    share = load_behaviour("first").form_share
    assert not share[1, ..., 4].any()
    band = 8  # 55-59
    assert (share[:, 1, :, band, 0] < share[:, 0, :, band, 0] / 2).all()


def test_gates_give_the_take_up_of_the_survey():
    a = assumptions(fitted="first")
    rows, factor = formulas.willingness(a), formulas.willingness_factor(a)
    for form in (1, 2):
        gates = formulas._gates(a, form)
        found = formulas._take_up(gates, rows[form - 1], factor, a["reference_price_ratio"])
        assert found == pytest.approx(formulas.take_up_target(a, form), abs=1e-9)
    # other flexible workers are not fitted: 15.8 % + a quarter of 5.8 %, within three points
    other = formulas._take_up(formulas._gates(a, 3), rows[2], factor, a["reference_price_ratio"])
    assert formulas.take_up_target(a, 3) == pytest.approx(0.158 + 0.25 * 0.058)
    assert other == pytest.approx(0.1725, abs=0.03)


def test_damped_threshold_answers_to_price_with_the_assumed_elasticity():
    a = assumptions(fitted="first")
    exponent, price = formulas.price_exponent(a), a["reference_price_ratio"]
    rows, factor = formulas.willingness(a), formulas.willingness_factor(a)

    def take_up(p):
        # the perceived price of METHOD section 4: reference price x (price / reference price)^exponent
        perceived = price * (p / price) ** exponent
        return sum(
            size * formulas._take_up(formulas._gates(a, form), rows[form - 1], factor, perceived)
            for form, size in zip((2, 3), formulas.group_sizes(), strict=True)
        )

    elasticity = np.log(take_up(price * 1.05) / take_up(price / 1.05)) / (2 * np.log(1.05))
    assert elasticity == pytest.approx(-0.6, abs=0.03)


def test_stated_willingness_keeps_the_bands_of_the_survey():
    row = load_behaviour("first").willingness[1]
    # twenty steps round the corners by less than two points
    # platform flexible: 31.9 % up to 5, 41.3 % to 10, 22.4 % to 20, 4.5 % above (adds to 100.1)
    below_5, below_10, below_20 = np.array([31.9, 73.2, 95.6]) / 100.1
    assert np.interp(0.05, row, formulas.QUANTILES) == pytest.approx(below_5, abs=0.02)
    assert np.interp(0.10, row, formulas.QUANTILES) == pytest.approx(below_10, abs=0.02)
    assert np.interp(0.20, row, formulas.QUANTILES) == pytest.approx(below_20, abs=0.02)


def test_mean_earnings_of_the_forms_meet_the_wanted_ones():
    a, behaviour = assumptions(fitted="first"), load_behaviour("first")
    weight = formulas._life_people(a)[..., None] * behaviour.form_share[..., 0]
    ages = np.round(formulas.BAND_MIDDLES).astype(int) - 16
    effects = (
        behaviour.sex_earnings_effect[:, None, None]
        + behaviour.education_earnings_effect[None, :, None]
        + behaviour.age_earnings_effect[:, None, ages]
    )
    latent = behaviour.permanent_sd**2 + behaviour.persistent_sd**2 / (1 - behaviour.persistence**2)
    mean = behaviour.form_earnings_ratio[0] * np.exp(latent / 2)
    mean *= np.average(np.exp(effects), weights=weight.sum(axis=0))
    assert mean == pytest.approx(1.0, abs=1e-6)  # formal employees earn the average wage
    # others: migrants' 4,961 yuan over the average wage, 0.62 of it
    assert formulas.mean_earnings(a)[3] == pytest.approx(4961 / national_wage(2024))
    assert behaviour.form_earnings_ratio[5:].tolist() == [0, 0, 0]


def test_women_earn_less_and_online_teachers_more_than_riders():
    behaviour = load_behaviour("first")
    assert behaviour.sex_earnings_effect[1] < -0.1
    assert behaviour.occupation_earnings_effect[6] > behaviour.occupation_earnings_effect[0]
    assert (np.diff(behaviour.education_earnings_effect) > 0).all()


def test_persistent_variance_splits_without_remainder():
    a = assumptions(fitted="first")
    rest = formulas._persistent_variance(a)
    parts = formulas.permanent_sd(a) ** 2 + formulas.persistent_sd(a) ** 2 / (
        1 - formulas.persistence(a) ** 2
    )
    assert parts == pytest.approx(rest)
    assert 0.05 < rest < 0.2393  # the published variance, less that of education and sex


def test_everybody_thinks_of_the_resident_scheme_before_pension_age():
    behaviour = load_behaviour("first")
    assert behaviour.resident_join_age[-1] < 60
    assert np.interp(30.0, behaviour.resident_join_age, formulas.QUANTILES) < 0.4
    assert np.interp(45.0, behaviour.resident_join_age, formulas.QUANTILES) == pytest.approx(0.9, abs=0.01)


# --- assumptions and levels ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(assumption_entries()))
def test_every_assumption_is_named_argued_and_inside_its_range(name):
    entry = assumption_entries()[name]
    assert set(entry) == set(
        ["title", "name_zh", "unit", "low", "central", "high", "range", "reason", "flag"]
    )
    assert len(entry["reason"]) > 20
    assert entry["flag"] in ("assumed", "stated")
    central, (bottom, top) = np.array(entry["central"], dtype=float), entry["range"]
    low, high = sorted((entry["low"], entry["high"]))
    assert bottom <= low <= high <= top
    assert (central >= bottom).all()
    assert (central <= top).all()
    if central.ndim == 0:
        assert low <= central <= high


def test_every_assumption_is_used_by_a_field_or_by_the_people():
    used = {name for entry in read_set("first").values() for name in entry["assumptions"]}
    demography = {"father_age_gap_years", "migrant_enrolled_at_work_share"}
    assert set(assumption_entries()) - used == demography


def test_levels_move_the_three_assumptions_that_matter_most_and_nothing_else():
    central, low, high = (load_behaviour("first", level=level) for level in ("central", "low", "high"))
    for other in (low, high):
        moved = {n for n in Behaviour._fields if not np.array_equal(getattr(central, n), getattr(other, n))}
        assert moved == {"price_exponent", "floor_payer_share", "pay_on_share"}
    assert LEVEL_ASSUMPTIONS == ("take_up_price_elasticity", "floor_payer_share", "pay_on_share")
    # low: less response, more floor payers, fewer who pay on
    assert low.price_exponent == pytest.approx(central.price_exponent * 0.3 / 0.6)
    assert high.price_exponent == pytest.approx(central.price_exponent * 1.4 / 0.6)
    assert low.floor_payer_share > central.floor_payer_share > high.floor_payer_share
    assert low.pay_on_share < central.pay_on_share < high.pay_on_share


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_variant_is_its_position(variant):
    assert VARIANTS[load_behaviour("first", variant=variant).variant] == variant


def test_a_loaded_set_is_the_callers_own():
    load_behaviour("first").form_share[:] = 0
    assert load_behaviour("first").form_share.sum() > 0


# --- economy ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", economy_names())
def test_every_field_of_an_economy_is_filled_for_every_year(name):
    economy = load_economy(name)
    for field, value in zip(Economy._fields, economy, strict=True):
        assert np.isfinite(value).all(), field
        assert np.shape(value) in ((), (N_YEARS,))


def test_the_past_of_the_economy_is_that_of_the_tables():
    economy = load_economy()
    assert year(economy.wage_growth, 2010) == pytest.approx(36539 / 32244 - 1)
    assert year(economy.wage_growth, 1994) == pytest.approx(1.20617 * 1.11802 - 1, abs=1e-4)
    assert year(economy.price_growth, 2008) == pytest.approx(0.05925)
    assert year(economy.deposit_rate, 1995) == pytest.approx(0.1098)
    assert year(economy.deposit_rate, 2025) == pytest.approx(0.0095)
    assert year(economy.mean_pension, 2024) == pytest.approx(3825)
    assert year(economy.mean_pension, 2025) == pytest.approx(3900)
    assert year(economy.price_index, 2025) == 1.0
    assert year(economy.wage_growth, 2024) == pytest.approx(national_wage(2024) / national_wage(2023) - 1)


def test_platform_work_begins_in_2014_and_is_one_in_2026():
    path = load_economy().platform_path
    assert year(path, 2013) == 0.0
    assert year(path, 2014) == pytest.approx(0.05)
    assert year(path, 2021) == pytest.approx(0.88 * 527 / 745)  # riders with income, 10k
    assert year(path, 2026) == 1.0


def test_futures_keep_the_past_and_move_credit_against_wages():
    central, low, high = (load_economy(name) for name in ("central", "low", "high"))
    past = central.first_projected_year > YEARS
    for other in (low, high):
        for field in ("wage_growth", "price_growth", "deposit_rate", "mean_pension"):
            np.testing.assert_array_equal(getattr(other, field)[past], getattr(central, field)[past])
        # r - g moves, not r and g together
        np.testing.assert_array_equal(other.wage_growth, central.wage_growth)
    assert low.crediting_spread > central.crediting_spread > high.crediting_spread
    assert low.pension_increase_wage_share < central.pension_increase_wage_share
    assert high.pension_increase_wage_share == 0.6
    assert year(low.resident_basic_growth, 2040) == year(low.price_growth, 2040)
    assert year(central.resident_basic_growth, 2040) == year(central.wage_growth, 2040)


@pytest.mark.parametrize("name", economy_names())
def test_every_number_of_an_economy_is_named_ranged_and_argued(name):
    for key, entry in economy_values(name).items():
        assert entry["title"], key
        assert entry["name_zh"], key
        assert entry["unit"], key
        assert entry["flag"], key
        assert entry.get("reason") or entry.get("source"), key
        if "choices" in entry:
            assert entry["value"] in entry["choices"]
            continue
        numbers = [entry["value"]] if "value" in entry else [value for _, value in entry["path"]]
        assert all(entry["range"][0] <= number <= entry["range"][1] for number in numbers), key


def test_a_fixed_yearly_rise_of_the_resident_basic_pension_is_an_amount():
    economy = amend_economy(load_economy(), {"resident_basic_yearly_amount": 20})
    assert year(economy.resident_basic_growth, 2026) == pytest.approx(20 / 220)
    assert year(economy.resident_basic_growth, 2027) == pytest.approx(20 / 240)


def test_discounting_follows_its_rule():
    economy = load_economy()
    np.testing.assert_array_equal(economy.discount_rate, economy.wage_growth)
    plus = amend_economy(economy, {"discount_rule": "wages_plus_1"})
    np.testing.assert_allclose(plus.discount_rate, economy.wage_growth + 0.01)
    prices = amend_economy(economy, {"discount_rule": "prices_plus_2"})
    np.testing.assert_allclose(prices.discount_rate, economy.price_growth + 0.02)


def test_an_amended_path_holds_from_its_year_and_moves_what_rests_on_it():
    base = load_economy()
    amended = amend_economy(base, {"wage_growth": {"from": "2040-01-01", "value": 0.05}})
    assert year(amended.wage_growth, 2039) == year(base.wage_growth, 2039)
    assert year(amended.wage_growth, 2040) == year(amended.wage_growth, 2099) == 0.05
    assert year(amended.discount_rate, 2050) == 0.05
    assert year(amended.dibao_growth, 2050) == 0.05
    straight = amend_economy(base, {"platform_path": [{"from": "2030-01-01", "value": 0.5}]})
    np.testing.assert_allclose(straight.platform_path[:40], base.platform_path[:40])
    assert year(straight.platform_path, 2030) == year(straight.platform_path, 2100) == 0.5
    joined = amend_economy(
        base, {"platform_path": [{"from": "2030-01-01", "value": 0.5}, {"from": "2040-01-01", "value": 1.0}]}
    )
    assert year(joined.platform_path, 2035) == pytest.approx(0.75)
    same = amend_economy(base, {})
    assert all(np.array_equal(a, b) for a, b in zip(base, same, strict=True))


def test_amending_a_future_keeps_what_makes_it_that_future():
    low = amend_economy(load_economy("low"), {"crediting_spread": 0.0}, base="low")
    assert low.crediting_spread == 0.0
    assert low.pension_increase_wage_share == 0.5


def test_all_faults_of_an_amended_economy_are_told_at_once():
    changes = {
        "wage_growt": 0.02,
        "crediting_spread": 0.2,
        "benefit_base_growth": True,
        "wage_growth": {"from": "2030-07-01", "value": 0.03},
        "price_growth": {"since": "2030-01-01", "value": 0.03},
        "deposit_rate": {"from": "2030-01-01", "value": 3},
        "platform_path": "more",
        "discount_rule": "none",
        "resident_crediting_spread": float("nan"),
    }
    with pytest.raises(CalibrationError) as error:
        amend_economy(load_economy(), changes)
    text = str(error.value)
    assert len(error.value.faults) == 9
    for part in (
        "Did you mean wage_growth?",
        "crediting_spread: 0.2 is outside 0 to 0.03",
        "True is not a number",
        "'2030-07-01' is not a date this can start from",
        "keys since, value. A dated value has the keys from and value",
        "deposit_rate, 2030-01-01: 3 is outside 0 to 0.15",
        "neither a number nor dated values",
        "'none' is none of wages, wages_plus_1, prices_plus_2",
        "nan is outside -0.005 to 0.03",
    ):
        assert part in text


def test_an_unknown_economy_is_told():
    with pytest.raises(
        CalibrationError, match=r"no economy 'hgh'\. Known: central, high, low\. Did you mean high"
    ):
        load_economy("hgh")


# --- demography ------------------------------------------------------------------------------------------


def test_every_field_of_demography_is_a_probability_or_a_share():
    demography = load_demography()
    assert demography.death_probability.shape == (2, N_YEARS, 121)
    assert demography.fertility.shape == (N_YEARS, 35)
    assert demography.cohort_cdf.shape == (46 * 2,)
    assert demography.hukou_province_cdf.shape == demography.rural_share.shape == (31,)
    for name in Demography._fields[:-1]:
        array = getattr(demography, name)
        assert (array >= 0).all()
        assert (array <= 1).all()
    for cdf in (demography.cohort_cdf, demography.hukou_province_cdf):
        assert (np.diff(cdf) > 0).all()
        assert cdf[-1] == 1.0


def test_death_probabilities_do_not_fall_above_98_and_end_at_120():
    death = load_demography().death_probability
    assert (np.diff(death[:, :, 98:], axis=2) >= 0).all()
    assert (death[:, :, 120] == 1).all()
    raw = read_table("death_probability")
    keep = (raw["year"] == 2050) & (raw["age"] == 100) & (np.array(raw["sex"]) == "male")
    assert death[0, 2050 - FIRST_YEAR, 100] > raw["qx"][keep][0]  # the table's fall is mended


@pytest.mark.parametrize(("sex", "position"), [("male", 0), ("female", 1)])
def test_survival_gives_the_life_expectancy_at_60_of_the_table(sex, position):
    death = load_demography().death_probability[position, 2025 - FIRST_YEAR, 60:]
    survival = np.cumprod(1 - death)
    assert survival.sum() + 0.5 == pytest.approx(cell("life_expectancy", "e60", year=2025, sex=sex), abs=0.1)


def test_fertility_adds_up_to_about_one_child_in_2025():
    total = load_demography().fertility[2025 - FIRST_YEAR].sum()
    table = read_table("fertility_rate")
    assert total == pytest.approx(table["asfr"][table["year"] == 2025].sum())
    assert 0.9 < total < 1.1


def test_cohorts_at_16_survive_to_the_population_of_2025():
    death = paths.death_probability()
    sizes = paths.cohort_sizes(death)
    ages = np.arange(16, 60)  # born 1965
    alive = sizes[0, 0] * np.prod(1 - death[0, np.maximum(1965 + ages - FIRST_YEAR, 0), ages])
    table = read_table("population_2025")
    row = [
        n
        for s, age, n in zip(table["sex"], table["age"], table["population_thousand"], strict=True)
        if s == "male" and float(str(age).rstrip("+")) == 60
    ]
    assert alive == pytest.approx(row[0])
    assert (sizes > 0).all()


def test_people_by_province_move_from_where_they_work_to_where_they_are_registered():
    people, rural = paths.hukou_provinces(0.4, 0.54)
    crude, _ = paths.hukou_provinces(0.0, 0.54)
    names = list(read_table("employee_scheme_by_province")["province"][1:])
    assert people[names.index("Henan")] > crude[names.index("Henan")]
    assert people[names.index("Guangdong")] < crude[names.index("Guangdong")]
    assert people.sum() == pytest.approx(crude.sum())
    assert np.average(rural, weights=people) == pytest.approx(0.54)
    assert rural[names.index("Shanghai")] < 0.2 < 0.6 < rural[names.index("Yunnan")]


# --- amendments of behaviour -----------------------------------------------------------------------------


def test_no_change_is_the_same_behaviour():
    behaviour = load_behaviour("first")
    amended = amend_behaviour(behaviour, {}, fitted="first")
    assert all(np.array_equal(a, b) for a, b in zip(behaviour, amended, strict=True))


def test_an_assumption_moves_every_field_that_rests_on_it():
    base = load_behaviour("first")
    amended = amend_behaviour(base, {"take_up_price_elasticity": -1.2}, fitted="first")
    assert amended.price_exponent == pytest.approx(2 * base.price_exponent)
    earnings = amend_behaviour(base, {"permanent_share": 0.0}, fitted="first")
    assert earnings.permanent_sd == 0.0
    assert earnings.persistent_sd > base.persistent_sd


def test_one_number_fills_a_listed_assumption():
    amended = amend_behaviour(load_behaviour("first"), {"women_50_line_share": 0.4}, fitted="first")
    assert amended.women_50_line_share.tolist() == [0.4, 0.4]


def test_elements_and_years_of_a_field_are_amended_by_name():
    base = load_behaviour("first")
    amended = amend_behaviour(
        base,
        {
            "knowledge_share": {"rider": 0.95, "courier": 0.9},
            "compliance_share": {"platform_employee": {"from": "2027-01-01", "value": 0.8}},
            "access_practice_share": [
                {"from": "2027-01-01", "value": 0.9},
                {"from": "2030-01-01", "value": 1},
            ],
            "variant": "static",
        },
        fitted="first",
    )
    assert amended.knowledge_share[:2].tolist() == [0.95, 0.9]
    np.testing.assert_array_equal(amended.knowledge_share[2:], base.knowledge_share[2:])
    assert year(amended.compliance_share, 2026)[1] == pytest.approx(0.594)
    assert year(amended.compliance_share, 2100)[1] == 0.8
    np.testing.assert_array_equal(amended.compliance_share[0], base.compliance_share[0])
    assert year(amended.access_practice_share, 2029) == 0.9
    assert year(amended.access_practice_share, 2030) == 1.0
    assert VARIANTS[amended.variant] == "static"
    both = {"from": "2027-01-01", "value": [0.9, 0.7]}
    found = amend_behaviour(base, {"compliance_share": both}, fitted="first").compliance_share
    assert year(found, 2050).tolist() == [0.9, 0.7]


def test_all_faults_of_amended_behaviour_are_told_at_once():
    changes = {
        "floor_payer_shar": 0.5,
        "pay_on_share": 2,
        "early_claim_share": "many",
        "women_50_line_share": [0.1, 0.2, 0.3],
        "variant": "statik",
        "knowledge_share": {"ridr": 0.9},
        "procedure_share": float("inf"),
        "compliance_share": {"from": "2027-03-01", "value": 0.9},
        "join_age": {"from": "2027-01-01", "value": 30},
        "hukou_enrolment_share": {"from": "2027-01-01", "value": 1},
        "education_share": 0.5,
        "resident_join_age": [30.0] * 20,
        "return_hazard": {"20-24": 1.5},
        "father_age_gap_years": 3.0,
    }
    with pytest.raises(CalibrationError) as error:
        amend_behaviour(load_behaviour("first"), changes, fitted="first")
    text = str(error.value)
    assert len(error.value.faults) == len(changes)
    for part in (
        "floor_payer_shar: no such assumption or field of behaviour. Did you mean floor_payer_share?",
        "pay_on_share: 2 is outside 0 to 1",
        "early_claim_share: 'many' is not a number",
        "women_50_line_share: a list of shape (3,) where one number or shape (2,) is wanted",
        "variant: 'statik' is none of static, threshold, value_for_money. Did you mean static?",
        "knowledge_share: no element 'ridr'. Did you mean rider?",
        "procedure_share: inf is outside 0 to 1",
        "compliance_share: '2027-03-01' is not a date this can start from",
        "join_age: does not go by year",
        "hukou_enrolment_share: does not go by year",
        "education_share: the shares of a row do not add up to 1",
        "resident_join_age: ",
        "return_hazard.20-24: 1.5 is outside 0 to 1",
        "father_age_gap_years: decides who the people are",
    ):
        assert part in text


def test_rows_that_must_ascend_are_checked():
    falling = list(np.linspace(60, 17, 21))
    with pytest.raises(CalibrationError, match="join_age: the values of a row do not ascend"):
        amend_behaviour(load_behaviour("first"), {"join_age": falling}, fitted="first")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fitted": "frist"}, "no fitted set 'frist'. Known: 2026, first. Did you mean first?"),
        ({"variant": "rational"}, "no behaviour variant 'rational'. Known: static, threshold"),
        ({"level": "centre"}, "no level 'centre'. Known: low, central, high. Did you mean central?"),
    ],
)
def test_unknown_sets_variants_and_levels_are_told(arguments, message):
    with pytest.raises(CalibrationError) as error:
        load_behaviour(**arguments)
    assert message in str(error.value)


# --- description -----------------------------------------------------------------------------------------


def test_the_description_counts_every_value_and_says_where_it_comes_from():
    rows, counts = describe_set()
    assert sum(counts.values()) == len(rows)
    assert set(counts) == {"from table", "derived", "assumption"}
    names = {section: {row["name"] for row in rows if row["section"] == section} for section in SECTIONS}
    assert names["behaviour"] == set(FIELDS)
    assert names["demography"] == set(Demography._fields)
    assert names["economy"] == set(economy_values())
    assert len(names["economy_past"]) == 5
    for row in rows:
        assert row["tables"] or row["assumptions"], row["name"]
        assert row["name_zh"]
        if row["section"] in ("demography", "economy_past"):
            assert all(
                source.split(":")[0] in table_paths() for source in row["tables"].split("; ") if source
            )


def test_every_name_that_may_be_set_is_known_with_its_range():
    names = known_names()
    for name in (*FIELDS, *economy_values(), "take_up_price_elasticity"):
        assert names[name]["range"]
        assert names[name]["title"]
    assert "father_age_gap_years" not in names


def test_the_checksum_is_stable_and_covers_the_assumptions(tmp_path, monkeypatch):
    before = checksum()
    assert before == checksum()
    changed = tmp_path / "assumptions.yaml"
    changed.write_text(fitted_set.ASSUMPTIONS.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    monkeypatch.setattr(fitted_set, "ASSUMPTIONS", changed)
    assert checksum() != before


def test_survey_rows_are_read_as_shares():
    assert survey("R024") == pytest.approx(0.284)
    assert survey("D014") == 1206
