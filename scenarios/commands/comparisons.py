"""Verbs that run scenarios side by side: run, compare, price (情景比较)."""

from __future__ import annotations

import sys

import click

from scenarios.commands.printing import check_page, print_results, print_rich, write_page
from scenarios.commands.progress import Progress
from scenarios.commands.shared_options import (
    careers_option,
    format_option,
    keeping_options,
    lang_option,
    machine_options,
    model_options,
    part_options,
    population_options,
    seed_option,
    table_options,
)


@click.command()
@click.argument("scenario")
@population_options
@table_options
@model_options
@keeping_options
@machine_options
@part_options
@careers_option
def run(scenario: str, careers: str | None, **options) -> None:
    """Run one scenario: its indicators, without a comparison."""
    if careers is not None:
        _compare_careers(careers, (), scenario, **options)
        return
    _compare((), scenario, **options)


@click.command()
@click.argument("scenario", nargs=-1)
@click.option("--baseline", default="current-law", show_default=True, help="What differences are taken from.")
@population_options
@table_options
@model_options
@click.option(
    "--target-se", metavar="[NAME=]0.1pp", default=None, help="Add people until differences are so precise."
)
@click.option("--attribute", metavar="A+B", default=None, help="Share a package's effect among its levers.")
@click.option(
    "--parameter-draws", type=int, default=0, metavar="N", help="Spread over N draws of the fitted set."
)
@keeping_options
@machine_options
@part_options
@careers_option
def compare(scenario: tuple[str, ...], baseline: str, careers: str | None, **options) -> None:
    """Compare scenarios with a baseline on the same people: names, files, or a+b."""
    if careers is not None:
        _compare_careers(careers, scenario, baseline, **options)
        return
    if not scenario and not options["attribute"]:
        raise click.UsageError("Missing argument 'SCENARIO...': name at least one, or --attribute a+b")
    _compare(scenario, baseline, **options)


_OF_CAREERS = ("careers", "scenario", "baseline", "indicators", "format_", "lang", "report", "force")
_OF_CAREERS += ("economy", "behaviour", "fitted")


def _compare_careers(careers, scenarios, baseline, indicators, format_, lang, report, force, **options):
    """Tell what scenarios bring to stylised careers; options of a population are refused."""
    context = click.get_current_context()
    for option in context.command.params:
        given = context.get_parameter_source(option.name) is click.core.ParameterSource.COMMANDLINE
        if given and option.name not in _OF_CAREERS:
            raise click.UsageError(f"{option.opts[-1]} does not go with --careers: nobody is drawn")
    check_page(report, force)
    from scenarios import stylised

    which = {key: options[key] for key in ("economy", "behaviour", "fitted")}
    told = stylised.compare_careers(careers, scenarios, baseline, indicators, **which)
    texts = {
        "json": lambda: stylised.to_json(told),
        "csv": lambda: stylised.to_csv(told).rstrip("\n"),
        "markdown": lambda: stylised.to_markdown(told, lang).rstrip("\n"),
    }
    if format_ in texts:
        click.echo(texts[format_]())
    else:
        print_rich(stylised.printed(told, lang))
    if report is not None:
        write_page(stylised.page(told, lang), report, force, lang)


def _compare(
    scenarios,
    baseline,
    by,
    indicators,
    format_,
    lang,
    folder,
    force,
    report,
    workbook,
    tables,
    resume,
    people,
    **options,
):
    from scenarios import parts
    from scenarios.store import check_target, keep_run, parts_beside

    if tables is not None:
        from scenarios.standard_tables import parse_tables

        tables = parse_tables(tables)
    keep = None
    if folder is not None:
        check_target(folder, force)
        keep = parts_beside(folder)
        if not resume:
            parts.forget(keep)
    elif resume or people:
        name = "resume" if resume else "people"
        raise click.UsageError(f"--{name} needs --out DIR, the folder of the run")
    people = keep / "people" if people else None
    check_page(report, force)
    if workbook is not None:
        from scenarios.workbook import check_workbook

        check_workbook(workbook, force)
    from scenarios.comparison import compare as compare_
    from scenarios.options import DEFAULT_BY, STANDARD

    wide = (STANDARD,) if report or workbook or tables else DEFAULT_BY

    with Progress(lang) as progress, parts.means(keep=keep):
        result = compare_(
            scenarios,
            people=people,
            baseline=baseline,
            by=by or wide,
            indicators=indicators,
            progress=progress,
            twins=bool(report or workbook or "twins" in (tables or ())),
            tornado=bool(report or workbook or "sensitivity" in (tables or ())),
            **options,
        )
    from scenarios.catalogue import say

    if folder is not None:
        command = " ".join(["flexpension", *sys.argv[1:]])
        keep_run(result, folder, force, command=command, lang=lang, people=people)
        parts.forget(keep)
        click.echo(say("kept", lang, folder=folder), err=True)
    if report is not None:
        from scenarios.report import write_report

        write_report(result, report, lang, force)
        click.echo(say("report_written", lang, path=report), err=True)
    if workbook is not None:
        from scenarios.workbook import write_workbook

        write_workbook(result, workbook, lang)
        click.echo(say("report_written", lang, path=workbook), err=True)
    from scenarios.comparison_tables import markdown, run_line, terminal

    if tables is not None:
        _print_standard_tables(result, tables, format_, lang, run_line(result, lang))
    elif format_ == "json":
        click.echo(result.to_json())
    elif format_ == "csv":
        click.echo(result.to_csv(), nl=False)
    elif format_ == "markdown":
        click.echo(markdown(result, lang), nl=False)
    else:
        print_rich(terminal(result, lang))


def _print_standard_tables(result, keys, format_: str, lang: str, run_line: str) -> None:
    """Print standard tables, the run and what is to be known under each."""
    from scenarios import standard_tables
    from scenarios.tables import markdown_table, rich_table
    from scenarios.workbook import to_csv

    chosen = standard_tables.chosen_tables(result, keys, lang)
    if format_ == "json":
        click.echo(standard_tables.tables_json(result, chosen))
        return
    for table in chosen:
        under = [text for text in (table.note, run_line) if text]
        if format_ == "csv":
            click.echo("\n".join([f"# {table.title}", to_csv(table, lang).rstrip("\n"), f"# {run_line}", ""]))
        elif format_ == "markdown":
            click.echo(markdown_table(table.block()) + "\n" + "\n".join(f"- {text}" for text in under) + "\n")
        else:
            from rich.text import Text

            print_rich([rich_table(table.block()), *(Text(text) for text in under), Text("")])


@click.command()
@click.argument("scenario", nargs=-1, required=True)
@click.option("--persons", type=int, default=20_000, show_default=True, help="People drawn.")
@seed_option
@click.option("--baseline", default="current-law", show_default=True, help="What changes are taken from.")
@format_option
@click.option("--provinces", is_flag=True, help="CSV by province in place of years.")
@click.option(
    "--tables", metavar="KEY,...", default=None, help="Print these tables, or all of them.  [default: all]"
)
@lang_option
def price(scenario, persons, seed, baseline, format_, provinces, tables, lang) -> None:
    """Price scenarios: who pays what by year from 2025 to 2100, who bears it, what the money buys."""
    import json

    from scenarios.pools import pools_csv
    from scenarios.price import price as priced
    from scenarios.price_tables import parse_price_tables, price_csv, price_tables
    from simulate.strict_yaml import Fault, FaultsError

    if persons < 1:
        raise FaultsError("--persons", [Fault("", f"{persons} is no number of people. Give at least 1")])
    keys = parse_price_tables(tables or "all")
    found = priced(scenario, persons, seed, baseline)

    def chosen():
        return [table for table in price_tables(found, lang) if table.key in keys]

    def as_csv() -> str:
        if tables:
            return "\n".join(table.csv() for table in chosen())
        return pools_csv(found["provinces"]) if provinces else price_csv(found)

    texts = {
        "json": lambda: json.dumps(found, ensure_ascii=False, indent=1),
        "csv": lambda: as_csv().rstrip("\n"),
    }
    print_results(format_, lambda: [table.block() for table in chosen()], texts)
