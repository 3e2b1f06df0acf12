"""What every kind of run may be asked (运行选项): scenarios, groups, indicators, people, future."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scenarios.scenario import Scenario, ScenarioError, load_scenario
from simulate.strict_yaml import Fault, closest

DEFAULT_PERSONS = 100_000
HEADLINE = "pension_to_average_wage"
ECONOMIES = ("low", "central", "high")
VARIANTS = ("static", "threshold", "value_for_money")
LEAD = "exposure"
DEFAULT_BY = (LEAD,)
# what `--by standard` stands for: the exposed cohorts by everything that divides them
STANDARD = "standard"
STANDARD_BY = (
    (LEAD,),
    ("cohort",),
    *((LEAD, name) for name in ("sex", "form", "occupation", "hukou", "migrant", "education")),
    (LEAD, "earnings_quintile"),
)


def choose_scenarios(scenarios, baseline) -> list[Scenario]:
    """Return the baseline, then the others (选取情景); two that share a name could not be told apart."""
    if isinstance(scenarios, (str, Scenario)):
        scenarios = [scenarios]
    faults, chosen = [], []
    for argument in (baseline, *scenarios):
        try:
            scenario = argument if isinstance(argument, Scenario) else load_scenario(argument)
        except ScenarioError as error:
            if error not in faults:
                faults.append(error)
            continue
        twin = next((other for other in chosen if other.name == scenario.name), None)
        if twin is None:
            chosen.append(scenario)
        elif twin.texts() != scenario.texts():
            message = f"{twin.path} and {scenario.path} have the same name. Rename one of the files"
            faults.append(ScenarioError(scenario.name, [Fault("", message)]))
    if len(faults) == 1:
        raise faults[0]
    if faults:
        flat = [Fault(error.source, str(fault)) for error in faults for fault in error.faults]
        raise ScenarioError("scenarios", dict.fromkeys(flat))
    return chosen


def parse_by(by: Iterable[str | Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Return groupings of dimension names, the total first (分组).

    >>> parse_by(["sex", "sex,form"])
    ((), ('sex',), ('sex', 'form'))
    """
    from simulate.groups import DIMENSIONS

    by = [by] if isinstance(by, str) else list(by)
    by = [part for item in by for part in (STANDARD_BY if item == STANDARD else (item,))]
    groupings: dict[tuple[str, ...], None] = {(): None}
    faults = []
    for item in by:
        names = tuple(part.strip() for part in item.split(",")) if isinstance(item, str) else tuple(item)
        for name in names:
            if name not in DIMENSIONS:
                hint = closest(name, DIMENSIONS, f" Known are {', '.join(DIMENSIONS)}.")
                faults.append(Fault(f"by {name}", f"no such dimension.{hint}"))
        if len(set(names)) < len(names):
            faults.append(Fault(f"by {','.join(names)}", "names a dimension twice"))
        groupings[names] = None
    if faults:
        raise ScenarioError("", faults)
    return tuple(groupings)


def indicator_names(indicators: Iterable[str] | None) -> tuple[str, ...]:
    """Return the names of indicators asked for (指标名称), all of them without any."""
    from simulate.indicators import INDICATORS

    if indicators is None:
        return tuple(INDICATORS)
    wanted = indicators.split(",") if isinstance(indicators, str) else indicators
    wanted = tuple(dict.fromkeys(name.strip() for name in wanted))
    more = " `flexpension list indicators` names all."
    faults = [
        Fault(f"indicator {name}", f"no such indicator.{closest(name, INDICATORS, more)}")
        for name in wanted
        if name not in INDICATORS
    ]
    if faults or not wanted:
        raise ScenarioError("", faults or [Fault("indicators", "names none")])
    return wanted


def check_options(persons, seed, economy, behaviour, fitted, threads, draws=0) -> None:
    """Raise a ScenarioError that names every option of a run that cannot be (选项校验)."""
    faults = []
    for name, value, least, most in (
        ("persons", persons, 1, 1_000_000_000),
        ("seed", seed, 0, 2**63 - 1),
        ("threads", 1 if threads is None else threads, 1, 1024),
        ("parameter_draws", draws, 0, 100_000),
    ):
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            faults.append(Fault(name, f"{value!r} is no whole number from {least} to {most}"))
    for name, value, known in (("economy", economy, ECONOMIES), ("behaviour", behaviour, VARIANTS)):
        if value not in known:
            faults.append(Fault(name, f"{value!r} is not one of {', '.join(known)}.{closest(value, known)}"))
    if faults:
        raise ScenarioError("", faults)
    from calibration.fitted_set import number_of_draws
    from scenarios.inputs import check_fitted

    check_fitted(fitted)
    if 0 < number_of_draws(fitted) < draws:
        message = f"{draws} asked for; the set {fitted} has {number_of_draws(fitted)}. Ask for no more"
        raise ScenarioError("", [Fault("parameter_draws", message)])
