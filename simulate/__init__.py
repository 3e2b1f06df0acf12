"""How the pension system works (制度与机制): law, careers, contributions, awards, payment."""

from __future__ import annotations

from typing import Any

__all__ = ["Population", "simulate"]


def __getattr__(name: str) -> Any:
    # The engine is heavy to import; `import simulate.law` alone must stay light.
    if name in __all__:
        from simulate import run

        return getattr(run, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
