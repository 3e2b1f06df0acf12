"""Verbs about behaviour and its evidence: calibrate show, check, fit, weigh (行为校准)."""

from __future__ import annotations

import time
from pathlib import Path

import click

from calibration import DEFAULT_SET
from scenarios.commands.printing import check_page, print_rich, write_page
from scenarios.commands.shared_options import lang_option, page_options, printed_option


@click.group()
def calibrate() -> None:
    """What is known and assumed about behaviour."""


@calibrate.command("show")
@click.option("--fitted", default=DEFAULT_SET, show_default=True, help="Fitted set of behaviour.")
@lang_option
def calibrate_show(fitted: str, lang: str) -> None:
    """Show how many values of a fitted set come from tables and how many are assumed."""
    from scenarios import listing

    print_rich(listing.fitted_set(fitted, lang))


@calibrate.command("check")
@click.option("--fitted", default=DEFAULT_SET, show_default=True, help="Fitted set of behaviour.")
@click.option("--persons", type=int, default=100_000, show_default=True, help="People drawn.")
@click.option("--threads", type=int, default=2, show_default=True, help="Threads to compute with.")
@printed_option
@lang_option
@page_options
def calibrate_check(fitted: str, persons: int, threads: int, format_: str, lang: str, report, force: bool):
    """Hold a fitted set against every target of the evidence, on people the fit has not seen."""
    from calibration.check import check, is_stale
    from calibration.weights import is_stale as weights_are_stale
    from scenarios import targets
    from scenarios.catalogue import say

    check_page(report, force)
    if is_stale(fitted):
        click.echo(say("targets_stale", lang, fitted=fitted), err=True)
    if weights_are_stale(fitted):
        click.echo(say("weights_stale", lang, fitted=fitted), err=True)
    found = check(fitted, persons, threads=threads)
    beside = None
    if format_ == "json":
        click.echo(targets.to_json(found))
    else:
        from scenarios.tables import rich_table

        beside = targets.beside(fitted, persons, threads, lang)
        print_rich([rich_table(block) for block in [*targets.tables(found, lang), *beside]])
    if report is not None:
        beside = beside or targets.beside(fitted, persons, threads, lang)
        write_page(targets.page(found, beside, lang), report, force, lang)


@calibrate.command("fit")
@click.argument("fitted", default=DEFAULT_SET)
@click.option("--persons", type=int, default=None, help="People drawn.  [default: as the shipped set]")
@click.option(
    "--journal",
    type=click.Path(path_type=Path),
    default=Path("calibrate-fit.jsonl"),
    show_default=True,
    help="What is computed so far; a broken fit goes on from it, a finished one removes it.",
)
@click.option("--threads", type=int, default=2, show_default=True, help="Threads to compute with.")
@lang_option
def calibrate_fit(fitted: str, persons: int | None, journal: Path, threads: int, lang: str) -> None:
    """Estimate a fitted set from the targets, from scratch or from a journal, and write it."""
    from calibration import fit as estimation
    from scenarios.catalogue import say

    began = time.monotonic()

    def tell(line: str) -> None:
        click.echo(say("targets_fitting", lang, line=line, seconds=time.monotonic() - began), err=True)

    estimation.estimate(fitted, persons or estimation.PERSONS, journal, threads, tell)
    click.echo(say("targets_fitted", lang, fitted=fitted), err=True)


@calibrate.command("weigh")
@click.argument("fitted", default=DEFAULT_SET)
@click.option("--threads", type=int, default=2, show_default=True, help="Threads to compute with.")
@lang_option
def calibrate_weigh(fitted: str, threads: int, lang: str) -> None:
    """Fit the weights of an estimated set to official totals, and write them."""
    from calibration.weights import write_weights
    from scenarios.catalogue import say

    write_weights(fitted, threads=threads)
    click.echo(say("targets_fitted", lang, fitted=fitted), err=True)
