"""Plain data from YAML text with the line of every key (严格读取YAML), and the faults found on the way.

Nothing in a file is executed: only mappings, lists, numbers, booleans and text come out. Keys that
stand twice, aliases and broken syntax are faults, told with their line.

What a longer text says is kept in the user's cache under the checksum of the text: the reader without its C
part takes about a second for all files of the model, the kept JSON a few milliseconds. A cache that cannot be
read or written changes nothing but the time.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

KEPT_FROM = 2_000  # characters; what is shorter is read as fast as it is looked up
_CACHE_FORMAT = 2


class Fault(NamedTuple):
    """One thing wrong, with its place: a line of a file, or a parameter and date of an amendment."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class FaultsError(ValueError):
    """Everything wrong with one source, told at once (错误清单): the base of the project's input errors."""

    def __init__(self, source: str, faults: Iterable[Fault]):
        self.source = source
        self.faults = tuple(faults)
        n = len(self.faults)
        if n == 1:
            text = f"{source}: {self.faults[0]}" if source else str(self.faults[0])
        else:
            text = f"{source} has {n} problems:\n" + "\n".join(f"  * {f}" for f in self.faults)
        super().__init__(text)


class Document(NamedTuple):
    """A parsed file: plain data, line of each path ("/name/values/0"), faults."""

    data: Any
    lines: dict[str, int]
    faults: list[Fault]


def nearest(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean …?" with the nearest known name, or nothing (相近名称).

    >>> nearest("base_capp", ["base_cap", "base_floor"])
    ' Did you mean base_cap?'
    """
    match = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.5)
    return f" Did you mean {match[0]}?" if match else ""


def closest(word: str, known: Iterable[str], more: str = "") -> str:
    """Return the nearest known name in any case (最相近名称); `more` follows where it is not near.

    >>> closest("base_capp", ["base_cap", "base_floor"]), closest("xyz", ["base_cap"], " See the list.")
    (' Did you mean base_cap?', ' The nearest is base_cap. See the list.')
    """
    if told := nearest(word, known):
        return told
    match = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.0)
    return f" The nearest is {match[0]}.{more}" if match else more


def read_yaml(text: str) -> Document:
    """Return the plain data of YAML text with the line of every key (读取YAML).

    >>> document = read_yaml("law:\\n  base_cap_ratio: 3.0\\n")
    >>> document.data, document.lines["/law/base_cap_ratio"]
    ({'law': {'base_cap_ratio': 3.0}}, 2)
    """
    if len(text) < KEPT_FROM:
        return parse_yaml(text)
    path = kept_at(text)
    try:
        data, lines = json.loads(path.read_text("utf-8"))
        return Document(data, lines, [])
    except (OSError, ValueError, TypeError):
        document = parse_yaml(text)
    if not document.faults:
        with contextlib.suppress(OSError):
            _keep(path, json.dumps([document.data, document.lines], ensure_ascii=False))
    return document


def kept_at(text: str) -> Path:
    """Return where the content of a text is kept (缓存位置)."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    key = hashlib.sha256(f"{_CACHE_FORMAT} {text}".encode(errors="surrogatepass")).hexdigest()[:32]
    return Path(base) / "flexpension" / f"{key}.json"


def _keep(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(content)
    os.replace(beside, path)


def parse_yaml(text: str) -> Document:
    """Return the plain data of YAML text, read anew (解析YAML)."""
    from ruamel.yaml import YAML  # late: not needed where the cache answers
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    lines: dict[str, int] = {}
    faults: list[Fault] = []
    seen: set[int] = set()

    def build(node, path):
        line = node.start_mark.line + 1
        lines[path] = line
        tag = str(node.tag).rsplit(":", 1)[-1]
        if tag in ("map", "seq"):
            # an alias repeats a node; nested ones would unfold a small file into gigabytes
            if id(node) in seen:
                faults.append(Fault(f"line {line}", "aliases (*name) are not read. Write the value out"))
                return None
            seen.add(id(node))
        if tag == "map":
            out = {}
            for key_node, value_node in node.value:
                key = str(key_node.value)
                key_line = key_node.start_mark.line + 1
                if key in out:
                    twice = "this key stands twice. Remove one of the two"
                    faults.append(Fault(f"line {key_line}, {key}", twice))
                out[key] = build(value_node, f"{path}/{key}")
                lines[f"{path}/{key}"] = key_line
            return out
        if tag == "seq":
            return [build(child, f"{path}/{i}") for i, child in enumerate(node.value)]
        try:
            return _scalar(tag, node.value)
        except ValueError:
            faults.append(Fault(f"line {line}", f"{node.value[:40]!r} is not a number"))
            return None

    try:
        node = YAML(typ="safe", pure=True).compose(text)
        data = build(node, "") if node is not None else None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}" if mark else "the file"
        return Document(None, {}, [Fault(where, f"not valid YAML: {error.problem or error.context}")])
    except YAMLError as error:
        first = str(error).strip().splitlines()[0]
        return Document(None, {}, [Fault("the file", f"not valid YAML: {first}")])
    except RecursionError:
        return Document(None, {}, [Fault("the file", "nested too deeply to be a file of this kind")])
    return Document(data, lines, faults)


def _scalar(tag: str, raw: str) -> Any:
    if tag == "int":
        digits = raw.replace("_", "")
        return int(digits) if digits.lstrip("+-").isdigit() else int(digits, 0)
    if tag == "float":
        plain = raw.replace("_", "").lower()
        return float(plain.replace(".inf", "inf").replace(".nan", "nan"))
    if tag == "bool":
        return raw.lower() == "true"
    return None if tag == "null" else raw
