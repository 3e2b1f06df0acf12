"""The standard tables as files (工作簿): one workbook with a sheet a table, and the same as CSV."""

from __future__ import annotations

import csv
import datetime
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.catalogue import say, unit_name
from scenarios.comparison_tables import notes, run_line
from scenarios.number_tables import PEOPLE, Number, Table
from scenarios.result import StoreError
from scenarios.standard_tables import standard_tables
from simulate.indicators import INDICATORS, SHARE
from simulate.strict_yaml import Fault

if TYPE_CHECKING:
    from scenarios.result import Comparison

_LONGEST_NAME = 31  # of a sheet
_EPOCH = datetime.datetime(2000, 1, 1)  # no clock in a file: equal runs give equal workbooks


def sheet_name(key: str, taken: set[str]) -> str:
    """Return a name that a sheet may have (工作表名), unlike those taken.

    >>> sheet_name("winners lower-floor+platform-cofunding", set())
    'winners lower-floor+platform-co'
    """
    name = re.sub(r"[\[\]:*?/\\]", "-", key)[:_LONGEST_NAME]
    number = 2
    while name.lower() in taken:
        name = f"{name[: _LONGEST_NAME - 3]} {number}"
        number += 1
    taken.add(name.lower())
    return name


def spread(table: Table, lang: str) -> Iterator[list[str | Number]]:
    """Yield the header and the rows of a table with errors in columns of their own (展开)."""
    columns = list(zip(*table.rows, strict=True))
    has_error = [any(isinstance(c, Number) and c.error is not None for c in column) for column in columns]
    header: list[str | Number] = []
    for word, wide in zip(table.header, has_error, strict=True):
        header += [word, f"{word}, {say('standard_error', lang)}"] if wide else [word]
    yield header
    for row in table.rows:
        line: list[str | Number] = []
        for cell, wide in zip(row, has_error, strict=True):
            line.append(cell)
            if wide:
                line.append(Number(cell.error, cell.unit) if isinstance(cell, Number) else "")
        yield line


def to_csv(table: Table, lang: str = "en") -> str:
    """Return a table as CSV (CSV): shares as fractions, nothing rounded."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    for line in spread(table, lang):
        writer.writerow(cell.value if isinstance(cell, Number) else cell for cell in line)
    return stream.getvalue()


def check_workbook(path: str | Path, force: bool = False) -> Path:
    """Return the path if a workbook may be written there (检查工作簿位置). StoreError otherwise."""
    target = Path(path)
    parent = target.absolute().parent
    if target.suffix != ".xlsx":
        raise StoreError(str(target), [Fault("", "is no name of a workbook. It ends in .xlsx")])
    if target.is_dir() or (target.exists() and not force):
        raise StoreError(str(target), [Fault("", "exists. Name another file, or replace it with --force")])
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise StoreError(str(target), [Fault("", f"{parent} is no folder that can be written")])
    return target


def write_workbook(comparison: Comparison, path: str | Path, lang: str = "en") -> Path:
    """Write the standard tables, all rows and the notes as one workbook and return its path (写工作簿)."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": say("report_title", lang), "created": _EPOCH})
        formats = _Formats(book)
        taken: set[str] = set()
        for table in standard_tables(comparison, lang):
            _write_table(book.add_worksheet(sheet_name(table.key, taken)), table, formats, comparison, lang)
        _write_rows(book.add_worksheet(sheet_name("rows", taken)), comparison, formats)
        _write_notes(book.add_worksheet(sheet_name("notes", taken)), comparison, formats, lang)
    return Path(path)


class _Formats:
    """How cells look."""

    def __init__(self, book):
        self.title = book.add_format({"bold": True, "font_size": 13})
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.small = book.add_format({"font_color": "#555555", "text_wrap": True, "valign": "top"})
        self.share = book.add_format({"num_format": "0.00%"})
        self.points = book.add_format({"num_format": "+0.00%;-0.00%;0.00%"})
        self.money = book.add_format({"num_format": "#,##0.0"})
        self.change = book.add_format({"num_format": "+#,##0.0;-#,##0.0;0.0"})
        self.count = book.add_format({"num_format": "#,##0"})

    def of(self, number: Number):
        if number.unit == PEOPLE:
            return self.count
        if number.unit == SHARE:
            return self.points if number.signed else self.share
        return self.change if number.signed else self.money


def _write_table(sheet, table: Table, formats: _Formats, comparison: Comparison, lang: str) -> None:
    header, *lines = spread(table, lang)
    sheet.write_string(0, 0, table.title, formats.title)
    for c, word in enumerate(header):
        sheet.write_string(2, c, word, formats.head)
    for r, line in enumerate(lines, start=3):
        for c, cell in enumerate(line):
            if not isinstance(cell, Number):
                sheet.write_string(r, c, cell)
            elif cell.value is not None:
                sheet.write_number(r, c, cell.value, formats.of(cell))
    below = len(table.rows) + 4
    for text in (table.note, run_line(comparison, lang)):
        if text:
            sheet.write_string(below, 0, text)
            below += 1
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, len(header), 16)
    sheet.freeze_panes(3, table.n_words)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_rows(sheet, comparison: Comparison, formats: _Formats) -> None:
    """All rows of the comparison, as in its CSV."""
    lines = list(csv.reader(io.StringIO(comparison.to_csv())))
    for c, word in enumerate(lines[0]):
        sheet.write_string(0, c, word, formats.head)
    for r, line in enumerate(lines[1:], start=1):
        for c, cell in enumerate(line):
            try:
                sheet.write_number(r, c, float(cell))
            except ValueError:
                sheet.write_string(r, c, cell)
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, len(lines) - 1, len(lines[0]) - 1)
    sheet.set_column(0, 0, 40)


def _write_notes(sheet, comparison: Comparison, formats: _Formats, lang: str) -> None:
    """What a reader must know, and what every indicator means."""
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 28)
    sheet.set_column(2, 2, 110)
    sheet.write_string(0, 0, say("report_title", lang), formats.title)
    row = 2
    for note in notes(comparison, lang):
        sheet.write_string(row, 0, note)
        row += 1
    row += 1
    for c, key in enumerate(("indicator", "unit", "definition")):
        sheet.write_string(row, c, say(key, lang), formats.head)
    for name in comparison.inputs["indicators"]:
        row += 1
        told = INDICATORS[name]
        title, definition = (
            (told.title_zh, told.definition_zh) if lang == "zh" else (told.title, told.definition)
        )
        for c, text in enumerate((title, unit_name(name, lang), definition)):
            sheet.write_string(row, c, text)
