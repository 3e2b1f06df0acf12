"""Progress of a run on stderr (进度)."""

from __future__ import annotations

import sys
import time

import click


class Progress:
    """People done and time left on stderr (进度): a bar on a terminal, else a line now and then."""

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
