"""Verbs about what is kept or expected: suite, report, verify, selftest (核验)."""

from __future__ import annotations

from pathlib import Path

import click

from scenarios.commands import GUARD_FAILED
from scenarios.commands.printing import print_rich
from scenarios.commands.progress import Progress
from scenarios.commands.shared_options import formats_option, lang_option, machine_options


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--update", is_flag=True, help="Write what is found as the new expectations.")
@click.option("--reason", default=None, metavar="TEXT", help="With --update: what moved, and why.")
@click.option("--threads", type=int, default=None, help="Threads to compute with; the numbers do not change.")
@formats_option("table", "json", "markdown", "junit")
@lang_option
@machine_options
def suite(file: Path, update: bool, reason: str | None, threads, format_: str, lang: str) -> None:
    """Run a suite FILE of expected numbers; say what moved and what changed since; exit 1 if any moved."""
    from scenarios import suite as suites
    from scenarios.catalogue import say

    if update != bool(reason and reason.strip()):
        raise click.UsageError("--update and --reason TEXT go together")
    wanted = suites.load_suite(file)
    with Progress(lang) as progress:
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

        print_rich([rich_table(suites.block(report, lang)), *map(Text, suites.lines(report, lang))])
    if update:
        suites.update(report, reason)
        click.echo(say("suite_updated", lang, path=file), err=True)
    elif not report.good:
        raise click.exceptions.Exit(GUARD_FAILED)


@click.command()
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
@lang_option
def report(folder: Path, file: Path, force: bool, lang: str) -> None:
    """Write the HTML report of a kept run."""
    from scenarios.catalogue import say
    from scenarios.report import check_report, write_report
    from scenarios.store import load_run

    check_report(file, force)
    write_report(load_run(folder), file, lang, force)
    click.echo(say("report_written", lang, path=file), err=True)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@lang_option
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


@click.command()
@lang_option
def selftest(lang: str) -> None:
    """Recompute worked cases, a stored run and the money identity; exit 1 on any difference."""
    from scenarios.selftest import selftest as run_selftest

    _guard(run_selftest(lang))
