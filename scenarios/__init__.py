"""What if: reforms, comparisons, reports, the command line (情景分析).

>>> from scenarios import load_scenario
>>> load_scenario("current-law").title
'Current law'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.comparison import compare
    from scenarios.result import Comparison
    from scenarios.scenario import Scenario, ScenarioError, load_scenario
    from scenarios.search import seek
    from scenarios.sensitivities import sensitivity
    from scenarios.stylised import compare_careers
    from scenarios.sweeps import sweep

__all__ = [
    "Comparison",
    "Scenario",
    "ScenarioError",
    "compare",
    "compare_careers",
    "load_scenario",
    "seek",
    "sensitivity",
    "sweep",
]

# imported when first asked for, so that the command line starts quickly
_HOMES = {
    "Comparison": "result",
    "compare": "comparison",
    "compare_careers": "stylised",
    "Scenario": "scenario",
    "ScenarioError": "scenario",
    "load_scenario": "scenario",
    "seek": "search",
    "sensitivity": "sensitivities",
    "sweep": "sweeps",
}


def __getattr__(name: str):
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"scenarios.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'scenarios' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
