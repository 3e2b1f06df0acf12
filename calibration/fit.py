"""Estimation (参数估计): the method of simulated moments, careers first, gates second, then both.

The parameters are assumptions; the fields of Behaviour follow from them by their formulas. The criterion is
the sum of squared gaps to the fit targets in standard errors, and of those of the parameters to their central
values in halves of their bands, so that what the targets leave open stays near; no estimate leaves its band.
Draws are keyed, so the criterion is a function of the parameters.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import least_squares

from calibration import fitted_set
from calibration.moments import Sample, behaviour_under, draw_sample, moment, observe, world
from calibration.tables import CalibrationError
from calibration.targets import Target, load_targets
from calibration.weights import write_weights
from simulate.strict_yaml import Fault
from simulate.terms import OTHER_FLEXIBLE, PLATFORM_FLEXIBLE, ROUTE_FLEXIBLE

PERSONS = 100_000  # in the last stage; the others have fewer
STEP = 0.03  # of the value, or of the range, for differences
DRAWS = 200
PRICE_CHANGE = 0.1
ITERATIONS = {"careers": 5, "gates": 6, "both": 4}


class Parameter(NamedTuple):
    """An assumption, or an element of one, that is estimated (待估参数)."""

    name: str
    stage: str
    position: int | None = None
    key: str = ""


def _parameters(stage: str, *names: str) -> list[Parameter]:
    """The parameters of some assumptions; listed ones have one for each element."""
    found = []
    for name in names:
        if name in fitted_set.ELEMENTS:
            labels = fitted_set.element_names(name)
            found += [Parameter(name, stage, i, f"{name}.{label}") for i, label in enumerate(labels)]
        else:
            found.append(Parameter(name, stage, None, name))
    return found


PARAMETERS = (
    *_parameters(
        "careers",
        *("employee_attachment", "employer_persistence", "formal_rural_odds", "flexible_workers_10k"),
        *("survey_age_weight", "participation_correction"),
    ),
    *_parameters(
        "gates",
        *("formal_compliance_share", "compliance_history_exponent", "platform_compliance_level"),
        *("away_compliance_factor", "willingness_correction", "occupation_coverage_factor"),
        *("unaware_resident_share", "resident_join_age_middle", "resident_climber_lowest_share"),
    ),
)
# which parameters a stage moves, the others held, and what part of the people it draws
STAGES = (("careers", ("careers",), 0.4), ("gates", ("gates",), 0.4), ("both", ("careers", "gates"), 1.0))


class Prior(NamedTuple):
    """Central values, spreads and bounds of the parameters (先验): (parameter,)."""

    centre: np.ndarray
    spread: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray


@functools.cache
def prior() -> Prior:
    """Return what the assumptions say of the parameters before the fit (先验范围)."""
    entries = fitted_set.assumption_entries()
    centre = np.array([_element(entries[p.name]["central"], p.position) for p in PARAMETERS])
    bands = np.array([sorted((entries[p.name]["low"], entries[p.name]["high"])) for p in PARAMETERS])
    return Prior(centre, (bands[:, 1] - bands[:, 0]) / 2, bands[:, 0], bands[:, 1])


def _element(value: Any, position: int | None) -> float:
    return float(value if position is None else value[position])


def values_of(theta: Sequence[float]) -> dict[str, Any]:
    """Return all assumptions with the parameters put in (参数代入)."""
    values = {name: entry["central"] for name, entry in fitted_set.assumption_entries().items()}
    for parameter, number in zip(PARAMETERS, theta, strict=True):
        if parameter.position is None:
            values[parameter.name] = float(number)
        else:
            filled = list(values[parameter.name])
            filled[parameter.position] = float(number)
            values[parameter.name] = filled
    return values


def theta_of(values: Mapping[str, Any]) -> np.ndarray:
    """Return the parameters of a set of assumptions (提取参数)."""
    return np.array([_element(values[p.name], p.position) for p in PARAMETERS])


def fit_targets() -> tuple[Target, ...]:
    """Return the targets of the criterion (拟合目标)."""
    return tuple(target for target in load_targets() if target.role == "fit")


# --- the criterion ---------------------------------------------------------------------------------------


class Model:
    """The moments as a function of the parameters (模型矩); remembers lives and, in a journal, moments."""

    def __init__(self, persons: int = PERSONS, journal: Path | None = None, threads: int = 2):
        self.persons, self.threads, self.journal = persons, threads, journal
        self.targets = fit_targets()
        self.computed = 0
        self._evidence = evidence()
        self._known: dict[str, list[float]] = {}
        self._lives: tuple[bytes, Sample] | None = None
        if journal is not None and journal.exists():
            lines = journal.read_text(encoding="utf-8").splitlines()
            self._known = dict(json.loads(line) for line in lines if line.endswith("]"))

    def moments(self, theta: Sequence[float]) -> np.ndarray:
        """Return the model's value of each fit target (模型矩)."""
        theta = np.array(theta)
        key = hashlib.sha256(theta.tobytes() + f"{self.persons} {self._evidence}".encode()).hexdigest()[:24]
        if key not in self._known:
            values = values_of(theta)
            behaviour = behaviour_under(values)
            seen = observe(self._sample(theta, behaviour), behaviour, values, self.threads)
            self._known[key] = [moment(seen, t.measure, t.of)[0] for t in self.targets]
            self.computed += 1
            if self.journal is not None:
                with open(self.journal, "a", encoding="utf-8") as file:
                    file.write(json.dumps([key, self._known[key]]) + "\n")
        return np.array(self._known[key])

    def _sample(self, theta: np.ndarray, behaviour) -> Sample:
        drawn = [x for p, x in zip(PARAMETERS, theta, strict=True) if p.stage == "careers"]
        key = np.array(drawn).tobytes()
        if self._lives is None or self._lives[0] != key:
            self._lives = None  # one sample at a time in memory
            self._lives = (key, draw_sample(behaviour, self.persons, threads=self.threads))
        return self._lives[1]

    def residuals(self, theta: Sequence[float]) -> np.ndarray:
        """Return gaps in standard errors, times the root of the weight, and those to the prior (残差).

        A moment of which the sample has nobody says nothing.
        """
        before = prior()
        gaps = [t.gap(m) for t, m in zip(self.targets, self.moments(theta), strict=True)]
        scale = [np.sqrt(t.weight) / t.standard_error for t in self.targets]
        gaps = np.nan_to_num(np.array(gaps)) * scale
        return np.concatenate([gaps, (np.array(theta) - before.centre) / before.spread])

    def slopes(self, theta: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Return the slopes of the moments by the chosen parameters (雅可比矩阵): (moment, parameter)."""
        before, here = prior(), self.moments(theta)
        columns = []
        # gates first: they see the lives that are in memory
        for j in sorted(chosen, key=lambda j: PARAMETERS[j].stage == "careers"):
            step = STEP * max(abs(theta[j]), before.spread[j])
            if theta[j] + step > before.highest[j]:
                step = -step
            moved = theta.copy()
            moved[j] += step
            columns.append((j, np.nan_to_num((self.moments(moved) - here) / step)))
        order = {j: column for j, column in columns}
        return np.stack([order[j] for j in chosen], axis=1)


def fit(
    persons: int = PERSONS,
    journal: Path | None = None,
    threads: int = 2,
    iterations: Mapping[str, int] | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> tuple[np.ndarray, Model]:
    """Return the estimated parameters and the model (参数估计); `journal` lets a broken run go on."""
    before = prior()
    theta = before.centre.copy()
    scale = np.array([np.sqrt(t.weight) / t.standard_error for t in fit_targets()])
    for stage, moved, part_of_people in STAGES:
        model = Model(int(persons * part_of_people), journal, threads)
        chosen = np.flatnonzero([p.stage in moved for p in PARAMETERS])

        def whole(part: np.ndarray, theta=theta, chosen=chosen) -> np.ndarray:
            put = theta.copy()
            put[chosen] = part
            return put

        def residuals(part, whole=whole, stage=stage, model=model):
            found = model.residuals(whole(part))
            progress(f"{stage}: criterion {(found**2).sum():.1f}, {model.computed} simulations")
            return found

        def jacobian(part, whole=whole, chosen=chosen, model=model):
            put = whole(part)
            slopes = model.slopes(put, chosen) * scale[:, None]
            gaps = np.array([t.gap(m) for t, m in zip(model.targets, model.moments(put), strict=True)])
            inside = np.array([not t.readings for t in model.targets]) & (gaps == 0.0)
            slopes[inside] = 0.0  # a bound that holds does not pull
            toward = np.zeros((len(PARAMETERS), chosen.size))
            toward[chosen, np.arange(chosen.size)] = 1 / before.spread[chosen]
            return np.concatenate([slopes, toward])

        edge = 1e-6 * before.spread[chosen]
        found = least_squares(
            residuals,
            theta[chosen],
            jacobian,
            bounds=(before.lowest[chosen] - edge, before.highest[chosen] + edge),
            x_scale=before.spread[chosen],
            ftol=1e-4,
            xtol=1e-4,
            max_nfev=(iterations or ITERATIONS)[stage],
        )
        theta[chosen] = np.clip(found.x, before.lowest[chosen], before.highest[chosen])
    return theta, model


# --- identification --------------------------------------------------------------------------------------


class Identification(NamedTuple):
    """What the targets say of the parameters (可识别性)."""

    covariance: np.ndarray  # of targets and ranges together
    rank: int  # of the scaled slopes of the targets alone
    condition: float
    share_from_targets: np.ndarray  # (parameter,) 1: the range adds nothing, 0: the targets say nothing
    speakers: list[list[str]]  # the three targets that say most of each parameter


def identify(theta: np.ndarray, model: Model) -> Identification:
    """Return rank, condition, errors and the targets that speak for each parameter (识别分析)."""
    before = prior()
    slopes = model.slopes(theta, np.arange(len(PARAMETERS)))
    scale = np.array([np.sqrt(t.weight) / t.standard_error for t in model.targets])
    scaled = slopes * scale[:, None] * before.spread  # of parameters in units of their spread
    singular = np.linalg.svd(scaled, compute_uv=False)
    information = scaled.T @ scaled
    covariance = np.linalg.inv(information + np.eye(theta.size))
    names = [t.id for t in model.targets]
    speakers = [[names[i] for i in np.argsort(-abs(column))[:3]] for column in scaled.T]
    return Identification(
        covariance * np.outer(before.spread, before.spread),
        int((singular > 1e-3 * singular[0]).sum()),
        float(singular[0] / singular[-1]),
        1 - np.diag(covariance),
        speakers,
    )


# --- draws -----------------------------------------------------------------------------------------------


# switches of a notion, and what follows from the others
_SWITCHES = {"occupation_exit_spread", "resident_floor_by_occupation", "price_exponent_correction"}


def weak_assumptions() -> list[str]:
    """Return the assumptions of one number that are not estimated (未估计的假设); draws vary them."""
    estimated = {p.name for p in PARAMETERS}
    return [
        name
        for name, entry in fitted_set.assumption_entries().items()
        if name not in estimated | set(fitted_set.DEMOGRAPHY_ASSUMPTIONS) | _SWITCHES
        and np.ndim(entry["central"]) == 0
        and entry["low"] != entry["high"]
    ]


def draw_parameters(
    theta: np.ndarray, covariance: np.ndarray, number: int = DRAWS
) -> tuple[list[str], np.ndarray]:
    """Return names and draws (draw, name) of parameters and weak assumptions (参数抽样).

    Parameters are normal around the estimate, clipped to their bands; weak assumptions are triangular over
    low, central and high. Estimates were made at the central values of the latter and do not answer to them.
    """
    random, before = np.random.default_rng(2026), prior()
    drawn = random.multivariate_normal(theta, covariance, size=number, method="eigh")
    drawn = np.clip(drawn, before.lowest, before.highest)
    entries, names = fitted_set.assumption_entries(), weak_assumptions()
    columns = []
    for name in names:
        low, high = sorted((entries[name]["low"], entries[name]["high"]))
        columns.append(random.triangular(low, entries[name]["central"], high, size=number))
    return [*(p.key for p in PARAMETERS), *names], np.column_stack([drawn, *columns])


# --- response to price -------------------------------------------------------------------------------------


def price_response(
    values: Mapping[str, Any], persons: int, seed: int = 1, threads: int = 2
) -> dict[str, float]:
    """Return the elasticity of take-up to price at the survey's time (参保价格弹性), by form and for both.

    The rate of the flexible route is a tenth higher and a tenth lower through a whole life.
    """
    behaviour, policy = behaviour_under(values), world().policy
    sample = draw_sample(behaviour, persons, seed, threads)
    taken: dict[str, list[float]] = {}
    for factor in (1 + PRICE_CHANGE, 1 / (1 + PRICE_CHANGE)):
        dearer = policy._replace(flexible_rate=policy.flexible_rate * factor)
        s = observe(sample, behaviour, values, threads, dearer).survey
        for name, forms in (
            ("platform_flexible", [PLATFORM_FLEXIBLE]),
            ("other_flexible", [OTHER_FLEXIBLE]),
            ("all_flexible", [PLATFORM_FLEXIBLE, OTHER_FLEXIBLE]),
        ):
            here = np.isin(s.form, forms)
            share = np.average(s.route[here] == ROUTE_FLEXIBLE, weights=s.weight[here])
            taken.setdefault(name, []).append(float(share))
    return {
        name: float(np.log(high / low) / (2 * np.log(1 + PRICE_CHANGE)))
        for name, (high, low) in taken.items()
    }


def price_correction(values: Mapping[str, Any], persons: int, threads: int = 2) -> float:
    """Return the correction at which the simulated response meets the assumed elasticity (价格反应校正)."""
    correction, wanted = 1.0, values["take_up_price_elasticity"]
    for _ in range(2):  # the response is nearly proportional to it
        tried = {**values, "price_exponent_correction": correction}
        correction *= wanted / price_response(tried, persons, threads=threads)["all_flexible"]
    return float(correction)


# --- the set ---------------------------------------------------------------------------------------------


def evidence() -> str:
    """Return the SHA-256 of fit targets, assumptions and tables (证据校验和), without words."""
    told = [
        (t.id, t.measure, dict(t.of), t.readings, t.low, t.high, t.standard_error, t.weight)
        for t in fit_targets()
    ]
    return fitted_set.evidence_checksum(repr(told))


def write_fit(fitted: str, theta: np.ndarray, found: Identification, correction: float = 1.0) -> None:
    """Write estimates, identification, draws and the fields of a fitted set (写出参数集)."""
    folder = fitted_set.FITTED / fitted
    folder.mkdir(parents=True, exist_ok=True)
    values, text = values_of(theta), fitted_set._text
    errors = np.sqrt(np.diag(found.covariance))
    lines = [
        f"# Written by `flexpension calibrate fit {fitted}`. `values` take the place of central assumptions.",
        "title: Set estimated by the method of simulated moments",
        "title_zh: 模拟矩估计参数集",
        f"evidence: {evidence()}",
        "values:",
    ]
    names = dict.fromkeys(parameter.name for parameter in PARAMETERS)
    lines += [f"  {name}: {text(values[name])}" for name in names]
    lines.append(f"  price_exponent_correction: {text(correction)}")
    lines += [
        "# rank and condition of the slopes of the fit targets alone, parameters in halves of their bands",
        "identification:",
        f"  parameters: {len(PARAMETERS)}",
        f"  rank: {found.rank}",
        f"  condition: {found.condition:.4g}",
        "# standard error with targets and bands together; share of the information that comes from targets;",
        "# the targets that say most",
        "parameters:",
    ]
    for j, parameter in enumerate(PARAMETERS):
        lines += [
            f"  {parameter.key}:",
            f"    value: {text(float(theta[j]))}",
            f"    standard_error: {text(float(errors[j]))}",
            f"    share_from_targets: {found.share_from_targets[j]:.3f}",
            f"    targets: [{', '.join(found.speakers[j])}]",
        ]
    (folder / "estimates.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    names, draws = draw_parameters(theta, found.covariance)
    rows = [",".join(names), *(",".join(f"{x:.8g}" for x in row) for row in draws)]
    (folder / "draws.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    fitted_set.forget()
    fitted_set.write_set(fitted)
    fitted_set.forget()


def estimate(
    fitted: str,
    persons: int = PERSONS,
    journal: Path | None = None,
    threads: int = 2,
    progress: Callable[[str], None] = lambda line: None,
) -> None:
    """Estimate, weigh and write a fitted set (估计并写出参数集); a journal is removed when all is done."""
    if fitted in fitted_set.set_names() and "evidence" not in fitted_set.estimates(fitted):
        raise CalibrationError(fitted, [Fault("", "was not estimated and is kept. Name another set")])
    theta, model = fit(persons, journal, threads, progress=progress)
    found = identify(theta, model)
    progress(f"rank {found.rank} of {theta.size}, condition {found.condition:.0f}")
    correction = price_correction(values_of(theta), persons, threads)
    progress(f"response to price times {correction:.3f}")
    write_fit(fitted, theta, found, correction)
    write_weights(fitted, threads=threads)
    if journal is not None:
        journal.unlink(missing_ok=True)
