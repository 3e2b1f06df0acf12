"""Results on stdout, pages to files (输出)."""

from __future__ import annotations

import sys
from pathlib import Path

import click


def print_rich(renderables) -> None:
    """Print tables and texts of rich (打印); wide enough for every column where nobody watches a terminal."""
    from rich.console import Console
    from rich.text import Text

    class Plain(Console):
        def on_broken_pipe(self):  # left to `main`; rich would leave with 1
            raise BrokenPipeError

    console = Plain() if sys.stdout.isatty() else Plain(width=200, no_color=True)
    for item in renderables:
        console.print(item, markup=False, highlight=False, soft_wrap=isinstance(item, Text))


def print_results(format_: str, blocks, texts) -> None:
    """Print tables, or one of the texts by format (按格式输出); both are made when asked for."""
    if format_ in texts:
        click.echo(texts[format_]())
        return
    from scenarios.tables import markdown_table, rich_table

    if format_ == "markdown":
        click.echo("\n".join(markdown_table(block) for block in blocks()), nl=False)
    else:
        print_rich([rich_table(block) for block in blocks()])


def check_page(place: Path | None, force: bool) -> None:
    """Refuse a place for a page before anything is computed (检查网页位置); nothing where none is wanted."""
    if place is not None:
        from scenarios.report import check_report

        check_report(place, force)


def write_page(page, place: Path, force: bool, lang: str) -> None:
    """Write a page and say where it is (写出网页)."""
    from scenarios.catalogue import say
    from scenarios.report import write_page as write

    write(page, place, force)
    click.echo(say("report_written", lang, path=place), err=True)
