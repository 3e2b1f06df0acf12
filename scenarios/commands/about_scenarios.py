"""Verbs about scenarios and the law: list, schema, show, check (关于情景)."""

from __future__ import annotations

import click

from scenarios.commands import BAD_INPUT
from scenarios.commands.printing import print_results, print_rich
from scenarios.commands.progress import Progress
from scenarios.commands.shared_options import format_option, formats_option, lang_option, seed_option


@click.command("list")
@click.argument(
    "what",
    type=click.Choice(["scenarios", "levers", "indicators", "dimensions", "careers"]),
    default="scenarios",
    required=False,
)
@click.option("--lever", default=None, help="Only scenarios that move this lever.")
@click.option("--country", default=None, help="Only scenarios with a rule in force in this country.")
@click.option("--status", default=None, help="Only scenarios of this status.")
@format_option
@lang_option
def list_(
    what: str, lever: str | None, country: str | None, status: str | None, format_: str, lang: str
) -> None:
    """List scenarios, by lever, country or status; levers; indicators, dimensions or stylised careers."""
    from scenarios import listing

    wanted = {"levers": lever, "country": country, "status": status}
    click.echo(listing.listed(what, format_, lang, {k: v for k, v in wanted.items() if v}), nl=False)


@click.command()
@click.argument(
    "kind",
    type=click.Choice(["scenario", "sweep", "seek", "suite", "careers", "explain"]),
    default="scenario",
    required=False,
)
def schema(kind: str) -> None:
    """Print the JSON schema of scenario, sweep, seek, suite or career files, or of what explain prints."""
    import json

    from scenarios.schema import SCHEMAS

    click.echo(json.dumps(SCHEMAS[kind](), ensure_ascii=False, indent=1))


@click.command()
@click.argument("name", nargs=-1, required=True)
@click.option(
    "--audit", is_flag=True, help="With law: how well its values, or those under a run, are founded."
)
@click.option(
    "--persons", type=int, default=4_000, show_default=True, help="With --audit RUN: at most so many."
)
@click.option("--threads", type=int, default=None, help="With --audit RUN: threads to compute with.")
@formats_option(told="With --audit RUN: what is printed.")
@lang_option
def show(name: tuple[str, ...], audit: bool, format_: str, lang: str, **options) -> None:
    """Show what a scenario changes, or the law: NAME, law [PARAMETER], law --audit, law --audit RUN."""
    if audit and name[0] == "law" and len(name) > 1:
        _audit_run(name[1:], format_, lang, **options)
        return
    from scenarios import listing

    if format_ != "table":
        raise click.UsageError("--format goes with a kept run: flexpension show law --audit RUN")
    print_rich(listing.shown(name, audit, lang))


def _audit_run(folders: tuple[str, ...], format_: str, lang: str, **options) -> None:
    """Print how far the headline of a kept run leans on weak values of the law."""
    from scenarios.store import load_run
    from scenarios.weak_values import leaning

    if len(folders) > 1:
        raise click.UsageError(f"--audit takes one kept run, not {len(folders)}")
    kept = load_run(folders[0])
    with Progress(lang) as progress:
        told = leaning(kept, progress=progress, **options)
    print_results(format_, lambda: told.blocks(lang), {"json": told.to_json, "csv": told.to_csv})
    if format_ in ("table", "markdown"):
        click.echo("\n".join(f"- {note}" for note in told.notes(lang)))


@click.command()
@click.argument("scenario", nargs=-1, required=True)
@click.option(
    "--persons", type=int, default=2_000, show_default=True, help="People drawn to see who is touched."
)
@seed_option
@lang_option
def check(scenario: tuple[str, ...], persons: int, seed: int, lang: str) -> None:
    """Check scenario files: faults (exit 2), and warnings where a scenario does not do what it seems to."""
    from scenarios.check import check_scenario
    from scenarios.error_texts import told_error
    from simulate.strict_yaml import FaultsError

    faulty = False
    for argument in scenario:
        try:
            lines = check_scenario(argument, persons, seed, lang)
        except FaultsError as error:
            faulty = True
            click.echo(told_error(error, lang), err=True)
        else:
            click.echo("\n".join(lines))
    if faulty:
        raise click.exceptions.Exit(BAD_INPUT)
