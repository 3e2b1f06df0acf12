"""Verbs that run a scenario under many values: sweep, seek, sensitivity (情景探索)."""

from __future__ import annotations

from pathlib import Path

import click

from scenarios.commands.printing import print_results
from scenarios.commands.progress import Progress
from scenarios.commands.shared_options import (
    formats_option,
    lang_option,
    machine_options,
    seed_option,
    table_options,
    world_options,
)

persons_of_points_option = click.option(
    "--persons", type=int, default=10_000, show_default=True, help="People drawn at every point."
)


@click.command()
@click.argument("file")
@persons_of_points_option
@seed_option
@table_options
@world_options
@click.option(
    "--out", "folder", type=click.Path(path_type=Path), default=None, help="Keep points and cube here."
)
@click.option("--resume", is_flag=True, help="Go on with the points finished in the folder.")
@click.option("--force", is_flag=True, help="Begin anew where the folder holds a sweep.")
@machine_options
def sweep(file: str, by, format_: str, lang: str, folder: Path | None, **options) -> None:
    """Run a scenario under many values: a shipped sweep, a FILE with the heading sweep, or a+b; one cube."""
    from scenarios import sweeps
    from scenarios.catalogue import say
    from scenarios.options import DEFAULT_BY

    wanted = sweeps.load_sweep(file)
    with Progress(lang) as progress:
        cube = sweeps.sweep(wanted, by=by or DEFAULT_BY, folder=folder, progress=progress, **options)
    if folder is not None:
        click.echo(say("kept", lang, folder=folder), err=True)
    print_results(
        format_,
        lambda: [sweeps.block(cube, lang)],
        {"json": lambda: sweeps.to_json(cube), "csv": lambda: sweeps.to_csv(cube).rstrip("\n")},
    )


@click.command()
@click.argument("file")
@click.option("--set", "places", multiple=True, metavar="PATH", help="What to solve for, law.NAME.DATE.")
@click.option("--between", type=float, nargs=2, default=None, help="Least and greatest value.")
@click.option("--indicator", default=None, metavar="NAME", help="Indicator that is to reach the target.")
@click.option("--group", default=None, metavar="DIM=VALUE,...", help="Group of people.  [default: all]")
@click.option("--target", type=float, default=None, help="Target, in the unit of the indicator.")
@click.option("--of", default=None, metavar="value|difference", help="What is to reach it.  [default: value]")
@click.option("--tolerance", type=float, default=None, help="Of the answer.  [default: range / 1000]")
@click.option("--persons", type=int, default=20_000, show_default=True, help="People drawn.")
@seed_option
@world_options
@formats_option("table", "json", "markdown")
@lang_option
@machine_options
def seek(file, places, between, indicator, group, target, of, tolerance, format_, lang, **options) -> None:
    """Solve one parameter for a target: a FILE with the heading seek, or a scenario (a+b) and options."""
    from scenarios import search

    given = {"indicator": indicator, "target": target, "of": of, "tolerance": tolerance}
    given |= {"set": list(places) or None, "between": list(between) if between else None}
    given["group"] = None if group is None else search.parse_group(group)
    question = search.load_question(file, given)
    with Progress(lang) as progress:
        answer = search.seek(question, progress=progress, **options)
    print_results(format_, lambda: [search.block(answer, lang)], {"json": answer.to_json})


@click.command()
@click.argument("scenario", nargs=-1)
@click.option("--baseline", default="current-law", show_default=True, help="What differences are taken from.")
@click.option("--method", default="tornado", show_default=True, help="tornado, morris or sobol.")
@click.option(
    "--factors", metavar="NAME,...", default=None, help="Factors, or all.  [default: the ranked list]"
)
@click.option(
    "--draws", type=int, default=None, help="Size of a global design.  [default: morris 6, sobol 8]"
)
@click.option("--indicators", metavar="NAME,...", default=None, help="Indicators.  [default: the headline]")
@click.option("--group", default=None, metavar="DIM=VALUE,...", help="Group of people.  [default: all]")
@click.option("--of", default="difference", show_default=True, help="Of the difference, or the value.")
@click.option("--persons", type=int, default=2_000, show_default=True, help="People drawn in every run.")
@seed_option
@world_options
@formats_option("table", "json", "markdown")
@lang_option
@machine_options
def sensitivity(scenario, method, factors, indicators, group, format_, lang, **options) -> None:
    """Tell how far differences of scenarios hang on what the evidence cannot decide."""
    from scenarios.options import HEADLINE
    from scenarios.search import parse_group
    from scenarios.sensitivities import sensitivity as judge

    with Progress(lang) as progress:
        result = judge(
            scenario,
            method,
            indicators=indicators or [HEADLINE],
            group=parse_group(group or ""),
            factors=[name.strip() for name in factors.split(",")] if factors else None,
            progress=progress,
            **options,
        )
    print_results(format_, lambda: result.blocks(lang), {"json": result.to_json})
