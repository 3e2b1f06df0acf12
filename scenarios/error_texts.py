"""Errors and notes in the reader's language (错误提示): told in Chinese at the edge, made in English inside.

Errors are raised in English, without a language to hand down. Every sentence of them stands in the catalogue
as `error_…`, its blanks where names and numbers go; at the edge a sentence is found by its English form and
said in the other language. So are notes and formulas of an award, as `said_…`, and the blanks that hold words
of ours. What has no entry stays English.

>>> translated("no such indicator. Did you mean pension_wealth?", "zh")
'没有这项指标。是否指pension_wealth？'
"""

from __future__ import annotations

import functools
import re
import string

from scenarios.catalogue import catalogue, say
from simulate.strict_yaml import Fault, FaultsError

_SENTENCE = re.compile(r"(?<=[.?]) (?=[A-Z`\d])")
FAMILIES = ("error_", "said_")  # of sentences in the catalogue
_WORDS_OF_OURS = ("what", "unit", "note")  # blanks


@functools.cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Key and pattern of every sentence, those with most words of their own first."""
    found = []
    for key, texts in catalogue().items():
        if not key.startswith(FAMILIES):
            continue
        parts = list(string.Formatter().parse(texts["en"].rstrip(".")))
        pattern = "".join(
            re.escape(words) + (f"(?P<{name}>.+?)" if name else "") for words, name, _, _ in parts
        )
        size = sum(len(words) for words, *_ in parts)
        found.append((size, key, re.compile(pattern, re.DOTALL)))
    return [(key, pattern) for _, key, pattern in sorted(found, key=lambda one: -one[0])]


@functools.lru_cache(maxsize=4096)
def sentence(text: str, lang: str) -> str | None:
    """Return one sentence of an error in a language (错误句), None where the catalogue has none."""
    bare = text.removesuffix(".")
    for key, pattern in _patterns():
        match = pattern.fullmatch(bare)
        if match:
            blanks = match.groupdict()
            ours = [name for name in _WORDS_OF_OURS if name in blanks]
            return say(key, lang, **blanks | {name: translated(blanks[name], lang) for name in ours})
    return None


def sentences(text: str) -> list[str]:
    """Return the sentences of a message (分句)."""
    return _SENTENCE.split(text.strip())


def translated(text: str, lang: str) -> str:
    """Return a message in a language (翻译提示), sentence by sentence; what is unknown as it is."""
    if lang == "en":
        return text
    found = [sentence(part, lang) or part.removesuffix(".") for part in sentences(text)]
    return "".join(part if part.endswith("？") else f"{part}。" for part in found).removesuffix("。")


def told_error(error: FaultsError, lang: str) -> str:
    """Return an error as the command line prints it (错误输出): its kind, source and every fault."""
    kind = type(error).__name__
    if lang == "en":
        return f"{kind}: {error}"
    told = [_told(fault, lang) for fault in error.faults]
    source = f"{error.source}：" if error.source else ""
    if len(told) == 1:
        return f"{kind}：{source}{told[0]}"
    head = say("error_problems", lang, source=error.source, n=len(told))
    return "\n".join([f"{kind}：{head}", *(f"  * {line}" for line in told)])


def _told(fault: Fault, lang: str) -> str:
    message = translated(fault.message, lang)
    return f"{translated(fault.where, lang)}：{message}" if fault.where else message
