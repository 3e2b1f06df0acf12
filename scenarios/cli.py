"""The command line (命令行): verbs, options, exit codes. A verb imports what it needs.

Results go to stdout, progress and the places of files to stderr. Exit codes: 0 good; 1 a guard failed
(`selftest`, `verify`, `suite`); 2 wrong use or bad input; 3 an internal fault, with a report file.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from pathlib import Path

import click

from calibration import DEFAULT_SET

FORMATS = ("table", "json", "csv", "markdown")
LANGUAGES = ("en", "zh")
GOOD, GUARD_FAILED, BAD_INPUT, INTERNAL_FAULT, INTERRUPTED = 0, 1, 2, 3, 130


class _Verbs(click.Group):
    """Lists the verbs in the order of the file and tells the nearest one."""

    def list_commands(self, ctx):
        return list(self.commands)

    def resolve_command(self, ctx, args):
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from simulate.strict_yaml import nearest

            hint = nearest(args[0], self.commands) or f" Known are {', '.join(self.commands)}."
            raise click.UsageError(f"{args[0]} is no verb of {ctx.info_name}.{hint}", ctx) from None


def _options(*options):
    """Return one decorator of several options."""
    return lambda function: functools.reduce(lambda inner, option: option(inner), reversed(options), function)


_lang = click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of tables."
)
_format = click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="What is printed.",
)
_population = _options(
    click.option("--persons", type=int, default=100_000, show_default=True, help="People drawn."),
    click.option("--seed", type=int, default=1, show_default=True, help="The same seed, the same lives."),
)
_model = _options(
    click.option("--economy", default="central", show_default=True, help="Future: low, central, high."),
    click.option(
        "--behaviour",
        default="threshold",
        show_default=True,
        help="Variant: static, threshold, value_for_money; all: each, and the band over them.",
    ),
    click.option("--fitted", default=DEFAULT_SET, show_default=True, help="Fitted set of behaviour."),
    click.option(
        "--threads", type=int, default=None, help="Threads to compute with; the numbers do not change."
    ),
    click.option("--band/--no-band", default=False, help="Add low and high over economy x behaviour."),
)
_tables = _options(
    click.option(
        "--by",
        multiple=True,
        metavar="DIM[,DIM]",
        help="Groups, several times; sex,form crosses.  [default: exposure]",
    ),
    click.option(
        "--indicators", metavar="NAME,...", default=None, help="Indicators to compute.  [default: all]"
    ),
    _format,
    _lang,
)
_keeping = _options(
    click.option(
        "--out", "folder", type=click.Path(path_type=Path), default=None, help="Keep the run in this folder."
    ),
    click.option("--force", is_flag=True, help="Replace a kept run or report."),
    click.option("--report", type=click.Path(path_type=Path), default=None, help="Write an HTML report."),
    click.option("--workbook", type=click.Path(path_type=Path), default=None, help="Write a workbook."),
    click.option(
        "--tables", metavar="KEY,...", default=None, help="Print these standard tables, or all of them."
    ),
)


def _machines(command):
    """Add the options that name workers; the command then runs with theirs."""

    @click.option("--workers", type=int, default=None, metavar="N", help="Compute in N processes, by Dask.")
    @click.option(
        "--scheduler", default=None, metavar="ADDRESS", help="Compute on workers of a Dask cluster."
    )
    @functools.wraps(command)
    def by_workers(*arguments, workers, scheduler, **options):
        if workers is None and scheduler is None:
            return command(*arguments, **options)
        from scenarios.cluster import cluster

        with cluster(workers, scheduler):
            return command(*arguments, **options)

    return by_workers


_parts = _options(
    click.option(
        "--resume", is_flag=True, help="With --out: go on from the parts that a stopped run finished."
    ),
    click.option("--people", is_flag=True, help="With --out: keep the people, too, as Parquet files."),
)
_printed = click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="What is printed.",
)
_page = _options(
    click.option("--report", type=click.Path(path_type=Path), default=None, help="Write an HTML page."),
    click.option("--force", is_flag=True, help="Replace a file that is no page of ours."),
)


_careers = click.option(
    "--careers",
    default=None,
    metavar="FILE",
    help="Stylised careers, not a population: name or FILE.",
)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flexpension")
def cli() -> None:
    """Pensions of flexible and platform workers in China, under current law and under reforms."""


@cli.command("list")
@click.argument(
    "what",
    type=click.Choice(["scenarios", "levers", "indicators", "dimensions", "careers"]),
    default="scenarios",
    required=False,
)
@click.option("--lever", default=None, help="Only scenarios that move this lever.")
@click.option("--country", default=None, help="Only scenarios with a rule in force in this country.")
@click.option("--status", default=None, help="Only scenarios of this status.")
@_format
@_lang
def list_(
    what: str, lever: str | None, country: str | None, status: str | None, format_: str, lang: str
) -> None:
    """List scenarios, by lever, country or status; levers; indicators, dimensions or stylised careers."""
    from scenarios import listing

    wanted = {"levers": lever, "country": country, "status": status}
    click.echo(listing.listed(what, format_, lang, {k: v for k, v in wanted.items() if v}), nl=False)


@cli.command()
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


@cli.command()
@click.argument("name", nargs=-1, required=True)
@click.option(
    "--audit", is_flag=True, help="With law: how well its values, or those under a run, are founded."
)
@click.option(
    "--persons", type=int, default=4_000, show_default=True, help="With --audit RUN: at most so many."
)
@click.option("--threads", type=int, default=None, help="With --audit RUN: threads to compute with.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="With --audit RUN: what is printed.",
)
@_lang
def show(name: tuple[str, ...], audit: bool, format_: str, lang: str, **options) -> None:
    """Show what a scenario changes, or the law: NAME, law [PARAMETER], law --audit, law --audit RUN."""
    if audit and name[0] == "law" and len(name) > 1:
        _audit_run(name[1:], format_, lang, **options)
        return
    from scenarios import listing

    if format_ != "table":
        raise click.UsageError("--format goes with a kept run: flexpension show law --audit RUN")
    _print(listing.shown(name, audit, lang))


def _audit_run(folders: tuple[str, ...], format_: str, lang: str, **options) -> None:
    """Print how far the headline of a kept run leans on weak values of the law."""
    from scenarios.store import load_run
    from scenarios.weak_values import leaning

    if len(folders) > 1:
        raise click.UsageError(f"--audit takes one kept run, not {len(folders)}")
    kept = load_run(folders[0])
    with _Progress(lang) as progress:
        told = leaning(kept, progress=progress, **options)
    _print_results(format_, lambda: told.blocks(lang), {"json": told.to_json, "csv": told.to_csv})
    if format_ in ("table", "markdown"):
        click.echo("\n".join(f"- {note}" for note in told.notes(lang)))


@cli.command()
@click.argument("scenario", nargs=-1, required=True)
@click.option(
    "--persons", type=int, default=2_000, show_default=True, help="People drawn to see who is touched."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed, the same lives.")
@_lang
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


@cli.command()
@click.argument("scenario")
@_population
@_tables
@_model
@_keeping
@_machines
@_parts
@_careers
def run(scenario: str, careers: str | None, **options) -> None:
    """Run one scenario: its indicators, without a comparison."""
    if careers is not None:
        _compare_careers(careers, (), scenario, **options)
        return
    _compare((), scenario, **options)


@cli.command()
@click.argument("scenario", nargs=-1)
@click.option("--baseline", default="current-law", show_default=True, help="What differences are taken from.")
@_population
@_tables
@_model
@click.option(
    "--target-se", metavar="[NAME=]0.1pp", default=None, help="Add people until differences are so precise."
)
@click.option("--attribute", metavar="A+B", default=None, help="Share a package's effect among its levers.")
@click.option(
    "--parameter-draws", type=int, default=0, metavar="N", help="Spread over N draws of the fitted set."
)
@_keeping
@_machines
@_parts
@_careers
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
    if report is not None:
        from scenarios.report import check_report

        check_report(report, force)
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
        _print(stylised.printed(told, lang))
    if report is not None:
        from scenarios.catalogue import say
        from scenarios.report import write_page

        write_page(stylised.page(told, lang), report, force)
        click.echo(say("report_written", lang, path=report), err=True)


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
    if report is not None:
        from scenarios.report import check_report, write_report

        check_report(report, force)
    if workbook is not None:
        from scenarios.workbook import check_workbook

        check_workbook(workbook, force)
    from scenarios.comparison import compare as compare_
    from scenarios.options import DEFAULT_BY, STANDARD

    wide = (STANDARD,) if report or workbook or tables else DEFAULT_BY

    with _Progress(lang) as progress, parts.means(keep=keep):
        result = compare_(
            scenarios,
            people=people,
            baseline=baseline,
            by=by or wide,
            indicators=indicators,
            progress=progress,
            twins=bool(report or workbook or "twins" in (tables or ())),
            **options,
        )
    from scenarios.catalogue import say

    if folder is not None:
        command = " ".join(["flexpension", *sys.argv[1:]])
        keep_run(result, folder, force, command=command, lang=lang, people=people)
        parts.forget(keep)
        click.echo(say("kept", lang, folder=folder), err=True)
    if report is not None:
        write_report(result, report, lang, force)
        click.echo(say("report_written", lang, path=report), err=True)
    if workbook is not None:
        from scenarios.workbook import write_workbook

        write_workbook(result, workbook, lang)
        click.echo(say("report_written", lang, path=workbook), err=True)
    from scenarios.comparison_tables import markdown, run_line, terminal

    if tables is not None:
        _print_tables(result, tables, format_, lang, run_line(result, lang))
    elif format_ == "json":
        click.echo(result.to_json())
    elif format_ == "csv":
        click.echo(result.to_csv(), nl=False)
    elif format_ == "markdown":
        click.echo(markdown(result, lang), nl=False)
    else:
        _print(terminal(result, lang))


def _print_tables(result, keys, format_: str, lang: str, run_line: str) -> None:
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

            _print([rich_table(table.block()), *(Text(text) for text in under), Text("")])


@cli.command()
@click.argument("scenario", nargs=-1, required=True)
@click.option("--persons", type=int, default=20_000, show_default=True, help="People drawn.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed, the same lives.")
@click.option("--baseline", default="current-law", show_default=True, help="What changes are taken from.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "csv", "markdown"]),
    default="table",
    show_default=True,
    help="What is printed.",
)
@click.option("--provinces", is_flag=True, help="CSV by province in place of years.")
@click.option(
    "--tables", metavar="KEY,...", default=None, help="Print these tables, or all of them.  [default: all]"
)
@_lang
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
    _print_results(format_, lambda: [table.block() for table in chosen()], texts)


_persons_of_points = click.option(
    "--persons", type=int, default=10_000, show_default=True, help="People drawn at every point."
)
_seed = click.option("--seed", type=int, default=1, show_default=True, help="The same seed, the same lives.")
_world = _options(
    click.option("--economy", default="central", show_default=True, help="Future: low, central, high."),
    click.option("--behaviour", default="threshold", show_default=True, help="Variant of behaviour."),
    click.option("--fitted", default=DEFAULT_SET, show_default=True, help="Fitted set of behaviour."),
    click.option("--threads", type=int, default=None, help="Threads; the numbers do not change."),
)


@cli.command()
@click.argument("file")
@_persons_of_points
@_seed
@_tables
@_world
@click.option(
    "--out", "folder", type=click.Path(path_type=Path), default=None, help="Keep points and cube here."
)
@click.option("--resume", is_flag=True, help="Go on with the points finished in the folder.")
@click.option("--force", is_flag=True, help="Begin anew where the folder holds a sweep.")
@_machines
def sweep(file: str, by, format_: str, lang: str, folder: Path | None, **options) -> None:
    """Run a scenario under many values: a shipped sweep, a FILE with the heading sweep, or a+b; one cube."""
    from scenarios import sweeps
    from scenarios.catalogue import say
    from scenarios.options import DEFAULT_BY

    wanted = sweeps.load_sweep(file)
    with _Progress(lang) as progress:
        cube = sweeps.sweep(wanted, by=by or DEFAULT_BY, folder=folder, progress=progress, **options)
    if folder is not None:
        click.echo(say("kept", lang, folder=folder), err=True)
    _print_results(
        format_,
        lambda: [sweeps.block(cube, lang)],
        {"json": lambda: sweeps.to_json(cube), "csv": lambda: sweeps.to_csv(cube).rstrip("\n")},
    )


def _print_results(format_: str, blocks, texts) -> None:
    """Print tables, or one of the texts by format; both are made when asked for."""
    if format_ in texts:
        click.echo(texts[format_]())
        return
    from scenarios.tables import markdown_table, rich_table

    if format_ == "markdown":
        click.echo("\n".join(markdown_table(block) for block in blocks()), nl=False)
    else:
        _print([rich_table(block) for block in blocks()])


@cli.command()
@click.argument("file")
@click.option("--set", "places", multiple=True, metavar="PATH", help="What to solve for, law.NAME.DATE.")
@click.option("--between", type=float, nargs=2, default=None, help="Least and greatest value.")
@click.option("--indicator", default=None, metavar="NAME", help="Indicator that is to reach the target.")
@click.option("--group", default=None, metavar="DIM=VALUE,...", help="Group of people.  [default: all]")
@click.option("--target", type=float, default=None, help="Target, in the unit of the indicator.")
@click.option("--of", default=None, metavar="value|difference", help="What is to reach it.  [default: value]")
@click.option("--tolerance", type=float, default=None, help="Of the answer.  [default: range / 1000]")
@click.option("--persons", type=int, default=20_000, show_default=True, help="People drawn.")
@_seed
@_world
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    show_default=True,
    help="What is printed.",
)
@_lang
@_machines
def seek(file, places, between, indicator, group, target, of, tolerance, format_, lang, **options) -> None:
    """Solve one parameter for a target: a FILE with the heading seek, or a scenario (a+b) and options."""
    from scenarios import search

    given = {"indicator": indicator, "target": target, "of": of, "tolerance": tolerance}
    given |= {"set": list(places) or None, "between": list(between) if between else None}
    given["group"] = None if group is None else search.parse_group(group)
    question = search.load_question(file, given)
    with _Progress(lang) as progress:
        answer = search.seek(question, progress=progress, **options)
    _print_results(format_, lambda: [search.block(answer, lang)], {"json": answer.to_json})


@cli.command()
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
@_seed
@_world
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    show_default=True,
    help="What is printed.",
)
@_lang
@_machines
def sensitivity(scenario, method, factors, indicators, group, format_, lang, **options) -> None:
    """Tell how far differences of scenarios hang on what the evidence cannot decide."""
    from scenarios.options import HEADLINE
    from scenarios.search import parse_group
    from scenarios.sensitivities import sensitivity as judge

    with _Progress(lang) as progress:
        result = judge(
            scenario,
            method,
            indicators=indicators or [HEADLINE],
            group=parse_group(group or ""),
            factors=[name.strip() for name in factors.split(",")] if factors else None,
            progress=progress,
            **options,
        )
    _print_results(format_, lambda: result.blocks(lang), {"json": result.to_json})


@cli.command()
@click.argument("file")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="json",
    show_default=True,
    help="What is printed.",
)
@_lang
@click.option(
    "--steps/--no-steps",
    default=None,
    help="Formulas and articles with every answer; without either all but cases of a CSV table have them.",
)
def award(file: str, format_: str, lang: str, steps: bool | None) -> None:
    """Compute pensions, ages and divisors of single cases: a JSON, YAML or CSV file, or - for stdin."""
    import json

    from simulate.award import award as award_
    from simulate.cases import read_cases

    if file == "-":
        text, kind = _stdin_text()
        cases = read_cases(text, kind)
    else:
        kind = Path(file).suffix.lower().removeprefix(".")
        cases = read_cases(Path(file))
    answers = award_(cases, steps=kind != "csv" if steps is None else steps)
    if format_ == "json":
        # one answer a line: the encoder with indents takes longer than the awards
        lines = (json.dumps(answer, ensure_ascii=False, allow_nan=False) for answer in answers)
        click.echo("[" + ",\n ".join(lines) + "]")
    else:
        from scenarios import awards

        _print_results(format_, lambda: awards.blocks(answers, lang), {"csv": lambda: awards.to_csv(answers)})
    if any("error" in answer for answer in answers):
        raise click.exceptions.Exit(BAD_INPUT)


def _stdin_text() -> tuple[str, str]:
    """Return what stands on stdin and its kind, seen from its first line."""
    from simulate.cases import CasesError
    from simulate.strict_yaml import Fault

    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CasesError("stdin", [Fault(f"byte {error.start}", "not UTF-8 text")]) from None
    first = text.lstrip().partition("\n")[0]
    if first.startswith(("[", "{")):
        return text, "json"
    return text, "csv" if "," in first and ":" not in first else "yaml"


@cli.command()
@click.option("--person", type=int, default=None, help="Number of a drawn person, from 0 on.")
@click.option(
    "--record",
    type=click.Path(path_type=Path),
    default=None,
    help="Explain this contribution record instead: JSON, YAML or CSV.",
)
@click.option("--scenario", default="current-law", show_default=True, help="Under which scenario.")
@click.option("--against", default=None, help="Tell only what differs under this other scenario, and why.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed, the same lives.")
@click.option("--economy", default="central", show_default=True, help="Future: low, central, high.")
@click.option(
    "--behaviour",
    default="threshold",
    show_default=True,
    help="Variant: static, threshold, value_for_money.",
)
@click.option("--fitted", default=DEFAULT_SET, show_default=True, help="Fitted set of behaviour.")
@_careers
@_format
@_lang
@_page
def explain(format_: str, lang: str, report: Path | None, force: bool, careers: str | None, **which) -> None:
    """Explain one person's pension: every month, the account, every line with its article."""
    from scenarios import ledger

    if report is not None:
        from scenarios.report import check_report

        check_report(report, force)
    if careers is None:
        told = ledger.ledger(**which)
    else:
        from scenarios.stylised import career_ledger

        if which.pop("record") is not None:
            raise click.UsageError("--record and --careers: name one of the two")
        which.pop("seed")
        told = career_ledger(careers, which.pop("person") or 0, **which)
    _tell_person(ledger, told, format_, lang, report, force)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--fitted", default=DEFAULT_SET, show_default=True, help="Fitted set of behaviour.")
@_printed
@_lang
@_page
def statement(file: Path, fitted: str, format_: str, lang: str, report: Path | None, force: bool) -> None:
    """Project the pension of a real person from a few facts in a YAML or JSON FILE, with every choice."""
    from scenarios import statement as told

    if report is not None:
        from scenarios.report import check_report

        check_report(report, force)
    _tell_person(told, told.statement(file, fitted), format_, lang, report, force)


def _tell_person(module, told, format_: str, lang: str, report: Path | None, force: bool) -> None:
    """Print a ledger or statement, and write its page where one is wanted."""
    if format_ == "json":
        click.echo(module.to_json(told))
    elif format_ == "csv":
        click.echo(module.to_csv(told))
    elif format_ == "markdown":
        from scenarios.tables import markdown_table

        click.echo("\n".join(markdown_table(block) for block in module.blocks(told, lang)), nl=False)
    else:
        _print(module.printed(told, lang))
    if report is not None:
        from scenarios.catalogue import say
        from scenarios.report import write_page

        write_page(module.page(told, lang), report, force)
        click.echo(say("report_written", lang, path=report), err=True)


@cli.group()
def calibrate() -> None:
    """What is known and assumed about behaviour."""


@calibrate.command("show")
@click.option("--fitted", default=DEFAULT_SET, show_default=True, help="Fitted set of behaviour.")
@_lang
def calibrate_show(fitted: str, lang: str) -> None:
    """Show how many values of a fitted set come from tables and how many are assumed."""
    from scenarios import listing

    _print(listing.fitted_set(fitted, lang))


@calibrate.command("check")
@click.option("--fitted", default=DEFAULT_SET, show_default=True, help="Fitted set of behaviour.")
@click.option("--persons", type=int, default=100_000, show_default=True, help="People drawn.")
@click.option("--threads", type=int, default=2, show_default=True, help="Threads to compute with.")
@_printed
@_lang
@_page
def calibrate_check(fitted: str, persons: int, threads: int, format_: str, lang: str, report, force: bool):
    """Hold a fitted set against every target of the evidence, on people the fit has not seen."""
    from calibration.check import check, is_stale
    from calibration.weights import is_stale as weights_are_stale
    from scenarios import targets
    from scenarios.catalogue import say

    if report is not None:
        from scenarios.report import check_report

        check_report(report, force)
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
        _print([rich_table(block) for block in [*targets.tables(found, lang), *beside]])
    if report is not None:
        from scenarios.report import write_page

        beside = beside or targets.beside(fitted, persons, threads, lang)
        write_page(targets.page(found, beside, lang), report, force)
        click.echo(say("report_written", lang, path=report), err=True)


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
@_lang
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
@_lang
def calibrate_weigh(fitted: str, threads: int, lang: str) -> None:
    """Fit the weights of an estimated set to official totals, and write them."""
    from calibration.weights import write_weights
    from scenarios.catalogue import say

    write_weights(fitted, threads=threads)
    click.echo(say("targets_fitted", lang, fitted=fitted), err=True)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--update", is_flag=True, help="Write what is found as the new expectations.")
@click.option("--reason", default=None, metavar="TEXT", help="With --update: what moved, and why.")
@click.option("--threads", type=int, default=None, help="Threads to compute with; the numbers do not change.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "markdown", "junit"]),
    default="table",
    show_default=True,
    help="What is printed.",
)
@_lang
@_machines
def suite(file: Path, update: bool, reason: str | None, threads, format_: str, lang: str) -> None:
    """Run a suite FILE of expected numbers; say what moved and what changed since; exit 1 if any moved."""
    from scenarios import suite as suites
    from scenarios.catalogue import say

    if update != bool(reason and reason.strip()):
        raise click.UsageError("--update and --reason TEXT go together")
    wanted = suites.load_suite(file)
    with _Progress(lang) as progress:
        report = suites.run_suite(wanted, progress, threads)
    if format_ == "json":
        click.echo(suites.to_json(report))
    elif format_ == "junit":
        click.echo(suites.to_junit(report))
    elif format_ == "markdown":
        from scenarios.tables import markdown_table

        notes = "".join(f"- {line}\n" for line in suites.lines(report, lang))
        click.echo(f"{markdown_table(suites.block(report, lang))}\n{notes}", nl=False)
    else:
        from rich.text import Text

        from scenarios.tables import rich_table

        _print([rich_table(suites.block(report, lang)), *map(Text, suites.lines(report, lang))])
    if update:
        suites.update(report, reason)
        click.echo(say("suite_updated", lang, path=file), err=True)
    elif not report.good:
        raise click.exceptions.Exit(GUARD_FAILED)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out",
    "file",
    type=click.Path(path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="Where the report is written.",
)
@click.option("--force", is_flag=True, help="Replace a file that is no page of ours.")
@_lang
def report(folder: Path, file: Path, force: bool, lang: str) -> None:
    """Write the HTML report of a kept run."""
    from scenarios.catalogue import say
    from scenarios.report import check_report, write_report
    from scenarios.store import load_run

    check_report(file, force)
    write_report(load_run(folder), file, lang, force)
    click.echo(say("report_written", lang, path=file), err=True)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@_lang
def verify(folder: Path, lang: str) -> None:
    """Check a kept run: files, inputs, and a sample of people computed again; exit 1 on any difference."""
    from scenarios.verification import verify as verify_

    _guard(verify_(folder, lang))


def _guard(results) -> None:
    """Print each part of a check as it is done; leave with 1 where one does not hold."""
    good = True
    for result in results:
        click.echo(result.line)
        good = good and result.good
    if not good:
        raise click.exceptions.Exit(GUARD_FAILED)


@cli.command()
@_lang
def selftest(lang: str) -> None:
    """Recompute worked cases, a stored run and the money identity; exit 1 on any difference."""
    from scenarios.selftest import selftest as run_selftest

    _guard(run_selftest(lang))


# --------------------------------------------------------------------------- printing, faults


def _print(renderables) -> None:
    """Print tables; where nobody watches a terminal, wide enough that no column is cut."""
    from rich.console import Console
    from rich.text import Text

    class Plain(Console):
        def on_broken_pipe(self):  # left to `main`; rich would leave with 1
            raise BrokenPipeError

    console = Plain() if sys.stdout.isatty() else Plain(width=200, no_color=True)
    for item in renderables:
        console.print(item, markup=False, highlight=False, soft_wrap=isinstance(item, Text))


class _Progress:
    """People done and time left on stderr: a bar on a terminal, else a line now and then."""

    def __init__(self, lang: str, every_seconds: float = 5.0):
        self.lang, self.every = lang, every_seconds
        self.bar = self.task = None
        self.finished = False
        self.last = time.monotonic()
        self.began: tuple[float, int] | None = None  # when the first people were done: compiling comes before

    def __enter__(self):
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            from scenarios.catalogue import say

            columns = (BarColumn(), MofNCompleteColumn(), TextColumn(say("progress_people", self.lang)))
            self.bar = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
            self.bar.start()
            self.task = self.bar.add_task("", total=None)
        return self

    def __exit__(self, *_):
        if self.bar is not None:
            self.bar.stop()

    def __call__(self, done: int, total: int) -> None:
        if self.bar is not None:
            self.bar.update(self.task, completed=done, total=total)
            return
        now = time.monotonic()
        finished = done == total and not self.finished
        if not done:
            return
        if self.began is None:
            self.began = now, done
        if finished or now - max(self.last, self.began[0]) >= self.every:
            self.last, self.finished = now, finished
            left = (now - self.began[0]) / max(1, done - self.began[1]) * (total - done)
            click.echo(f"{done:,} / {total:,}  {left:.0f} s", err=True)


def _language() -> str:
    """The language asked for, wherever an error came from: errors carry none."""
    words = [word for argument in sys.argv[1:] for word in argument.split("=", 1)]
    asked = words[words.index("--lang") + 1 :][:1] if "--lang" in words else []
    return asked[0] if asked and asked[0] in LANGUAGES else LANGUAGES[0]


def _report_fault() -> str:
    """Write what happened into the working folder, or the temporary one, and return the file's path."""
    import hashlib
    import tempfile
    import traceback

    from scenarios.store import versions

    text = traceback.format_exc()
    name = f"flexpension-fault-{hashlib.sha256(text.encode()).hexdigest()[:8]}.txt"
    told = "\n".join(f"{key} {value}" for key, value in versions().items())
    content = f"command: {' '.join(['flexpension', *sys.argv[1:]])}\n{told}\n\n{text}"
    for folder in (Path(), Path(tempfile.gettempdir())):
        try:
            (folder / name).write_text(content, "utf-8")
        except OSError:
            continue
        return str(folder / name)
    return content


def main() -> None:
    """Run the command line and leave with its exit code (主程序)."""
    try:
        code = cli.main(prog_name="flexpension", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leave:
        code = leave.exit_code
    except click.ClickException as error:
        error.show()
        code = BAD_INPUT
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped", err=True)
        code = INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe has left: nothing more to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = GOOD
    except Exception as error:
        from simulate.groups import UnknownNameError
        from simulate.strict_yaml import FaultsError

        if isinstance(error, (FaultsError, UnknownNameError)):
            from scenarios.error_texts import told_error

            click.echo(told_error(error, _language()), err=True)
            code = BAD_INPUT
        else:
            path = _report_fault()
            click.echo(
                f"internal fault: {type(error).__name__}: {error}\nPlease send the report {path}", err=True
            )
            code = INTERNAL_FAULT
    sys.exit(code if isinstance(code, int) else GOOD)


if __name__ == "__main__":
    main()
