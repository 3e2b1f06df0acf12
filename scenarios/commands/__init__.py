"""The verbs of the command line by what they are about (命令); a verb imports what it needs.

Results go to stdout, progress and the places of files to stderr. Exit codes: 0 good; 1 a guard failed
(`selftest`, `verify`, `suite`); 2 wrong use or bad input; 3 an internal fault, with a report file.
"""

from __future__ import annotations

GOOD, GUARD_FAILED, BAD_INPUT, INTERNAL_FAULT, INTERRUPTED = 0, 1, 2, 3, 130
