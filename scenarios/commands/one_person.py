"""Verbs about one person: award, explain, statement (个人待遇)."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from calibration import DEFAULT_SET
from scenarios.commands import BAD_INPUT
from scenarios.commands.printing import check_page, print_results, print_rich, write_page
from scenarios.commands.shared_options import (
    careers_option,
    format_option,
    formats_option,
    lang_option,
    page_options,
    printed_option,
    seed_option,
)


@click.command()
@click.argument("file")
@formats_option(default="json")
@lang_option
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
    if lang != "en":
        from scenarios.awards import in_language

        answers = in_language(answers, lang)
    if format_ == "json":
        # one answer a line: the encoder with indents takes longer than the awards
        lines = (json.dumps(answer, ensure_ascii=False, allow_nan=False) for answer in answers)
        click.echo("[" + ",\n ".join(lines) + "]")
    else:
        from scenarios import awards

        print_results(format_, lambda: awards.blocks(answers, lang), {"csv": lambda: awards.to_csv(answers)})
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


@click.command()
@click.option("--person", type=int, default=None, help="Number of a drawn person, from 0 on.")
@click.option(
    "--record",
    type=click.Path(path_type=Path),
    default=None,
    help="Explain this contribution record instead: JSON, YAML or CSV.",
)
@click.option("--scenario", default="current-law", show_default=True, help="Under which scenario.")
@click.option("--against", default=None, help="Tell only what differs under this other scenario, and why.")
@seed_option
@click.option("--economy", default="central", show_default=True, help="Future: low, central, high.")
@click.option(
    "--behaviour",
    default="threshold",
    show_default=True,
    help="Variant: static, threshold, value_for_money.",
)
@click.option("--fitted", default=DEFAULT_SET, show_default=True, help="Fitted set of behaviour.")
@careers_option
@format_option
@lang_option
@page_options
def explain(format_: str, lang: str, report: Path | None, force: bool, careers: str | None, **which) -> None:
    """Explain one person's pension: every month, the account, every line with its article."""
    from scenarios import ledger

    check_page(report, force)
    if careers is None:
        told = ledger.ledger(**which)
    else:
        from scenarios.stylised import career_ledger

        if which.pop("record") is not None:
            raise click.UsageError("--record and --careers: name one of the two")
        which.pop("seed")
        told = career_ledger(careers, which.pop("person") or 0, **which)
    _tell_person(ledger, told, format_, lang, report, force)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--fitted", default=DEFAULT_SET, show_default=True, help="Fitted set of behaviour.")
@printed_option
@lang_option
@page_options
def statement(file: Path, fitted: str, format_: str, lang: str, report: Path | None, force: bool) -> None:
    """Project the pension of a real person from a few facts in a YAML or JSON FILE, with every choice."""
    from scenarios import statement as told

    check_page(report, force)
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
        print_rich(module.printed(told, lang))
    if report is not None:
        write_page(module.page(told, lang), report, force, lang)
