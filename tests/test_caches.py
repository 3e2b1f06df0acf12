"""A second start finds what the first one made: files by the checksum of their text, kernels."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from simulate import strict_yaml
from simulate.strict_yaml import kept_at, parse_yaml, read_yaml

LONG = (
    "law:\n"
    + "".join(f"  value_{k}: {k}.5  # 说明\n" for k in range(200))
    + "  none: null\n  word: 1990-01-01\n"
)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "flexpension"


def test_what_was_read_once_is_not_read_again(cache, monkeypatch):
    first = read_yaml(LONG)
    assert first == parse_yaml(LONG)
    monkeypatch.setattr(strict_yaml, "parse_yaml", None)
    assert read_yaml(LONG) == first
    with pytest.raises(TypeError):
        read_yaml(LONG + "more: 1\n")  # another text is another checksum


def test_short_texts_and_texts_with_faults_are_not_kept(cache):
    read_yaml("a: 1\n")
    assert read_yaml(LONG + "law: 2\n").faults
    assert not cache.exists()


@pytest.mark.parametrize("content", ["", "{", "3", "[1]"])
def test_a_damaged_cache_changes_nothing(cache, content):
    path = kept_at(LONG)
    path.parent.mkdir(parents=True)
    path.write_text(content, "utf-8")
    assert read_yaml(LONG) == parse_yaml(LONG)
    assert json.loads(path.read_text("utf-8"))[0] == parse_yaml(LONG).data


def test_a_cache_that_cannot_be_written_changes_nothing(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert read_yaml(LONG) == parse_yaml(LONG)


FRESH = """
import json
from numba.core.registry import CPUDispatcher
from scenarios import compare
import sys
compare(["lower-floor"], persons=60, by=("sex",), threads=1)
kernels = {id(k): k for m in list(sys.modules.values()) if m.__name__.startswith("simulate.")
           for k in vars(m).values() if isinstance(k, CPUDispatcher)}
NAMES = ("cache_hits", "cache_misses")
used = [k.stats for k in kernels.values() if k.signatures]
print(json.dumps([sum(sum(getattr(s, name).values()) for s in used) for name in NAMES]))
"""


def test_a_second_process_compiles_nothing():
    runs = [
        subprocess.run([sys.executable, "-c", FRESH], check=True, capture_output=True, text=True)
        for _ in "12"
    ]
    hits, misses = json.loads(runs[-1].stdout)
    assert hits > 5
    assert misses == 0
