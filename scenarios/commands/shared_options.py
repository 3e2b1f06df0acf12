"""Options that several verbs share (通用选项)."""

from __future__ import annotations

import functools
from pathlib import Path

import click

from calibration import DEFAULT_SET

FORMATS = ("table", "json", "csv", "markdown")
LANGUAGES = ("en", "zh")


def several(*options):
    """Return one decorator of several options (合并选项)."""
    return lambda function: functools.reduce(lambda inner, option: option(inner), reversed(options), function)


def formats_option(*formats: str, default: str = "table", told: str = "What is printed."):
    """Return the option that chooses among formats (格式选项), all of `FORMATS` where none are named."""
    choices = click.Choice(formats or FORMATS)
    return click.option("--format", "format_", type=choices, default=default, show_default=True, help=told)


lang_option = click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of tables."
)
format_option = formats_option()
printed_option = formats_option("table", "json")
seed_option = click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed, the same lives."
)
population_options = several(
    click.option("--persons", type=int, default=100_000, show_default=True, help="People drawn."),
    seed_option,
)
model_options = several(
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
world_options = several(
    click.option("--economy", default="central", show_default=True, help="Future: low, central, high."),
    click.option("--behaviour", default="threshold", show_default=True, help="Variant of behaviour."),
    click.option("--fitted", default=DEFAULT_SET, show_default=True, help="Fitted set of behaviour."),
    click.option("--threads", type=int, default=None, help="Threads; the numbers do not change."),
)
table_options = several(
    click.option(
        "--by",
        multiple=True,
        metavar="DIM[,DIM]",
        help="Groups, several times; sex,form crosses.  [default: exposure]",
    ),
    click.option(
        "--indicators", metavar="NAME,...", default=None, help="Indicators to compute.  [default: all]"
    ),
    format_option,
    lang_option,
)
keeping_options = several(
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
part_options = several(
    click.option(
        "--resume", is_flag=True, help="With --out: go on from the parts that a stopped run finished."
    ),
    click.option("--people", is_flag=True, help="With --out: keep the people, too, as Parquet files."),
)
page_options = several(
    click.option("--report", type=click.Path(path_type=Path), default=None, help="Write an HTML page."),
    click.option("--force", is_flag=True, help="Replace a file that is no page of ours."),
)
careers_option = click.option(
    "--careers",
    default=None,
    metavar="FILE",
    help="Stylised careers, not a population: name or FILE.",
)


def machine_options(command):
    """Add the options that name workers (多进程选项); the command then runs with theirs."""

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
