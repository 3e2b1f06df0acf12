"""Errors in Chinese: what the code raises has a sentence in the catalogue, and the command line says it."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

from scenarios import cli
from scenarios.catalogue import catalogue
from scenarios.error_texts import FAMILIES, sentence, sentences, told_error, translated
from scenarios.scenario import ScenarioError, load_scenario
from scenarios.variations import _FORMS as FORMS

ROOT = Path(cli.__file__).parent.parent
AWARDS = ("cases", "determination", "single_answers", "choices", "lookup")
MODULES = (
    *("options", "scenario", "store", "listing", "variations", "search", "sweeps", "precision", "factors"),
    *("suite", "workbook", "report/__init__", "career_file", "stylised"),
    *("facts", "ledger", "statement"),
)
FILES = (*(f"scenarios/{name}" for name in MODULES), *(f"simulate/{name}" for name in AWARDS))
FAULTS = ("Fault", "fault", "refuse", "ValueError", "CaseError", "_tell", "notes.append")
LACKS = ("need", "missing")  # their text says what a missing fact is
HINTS = re.compile(r"\b(nearest|closest|hint|more|also|inner|since)\b", re.IGNORECASE)
NAMES = ("message", "told", "hint", "more", "also", "why")  # of variables that go into a fault


def text_of(node: ast.expr) -> str | None:
    """A text with X1 in its blanks and without hints, None where it is made elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(part.value)
        else:
            name = ast.unparse(part.value)
            parts.append(FORMS if name == "_FORMS" else "" if HINTS.search(name) else "X1")
    return "".join(parts)


def raised(module: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse((ROOT / f"{module}.py").read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            name = ast.unparse(node.func)
            if name in FAULTS or name.rpartition(".")[2] in (*FAULTS, *LACKS):
                found.append(text_of(node.args[-1]))
        elif (isinstance(node, ast.keyword) and node.arg == "why") or (
            isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in NAMES
        ):
            found.append(text_of(node.value))
    return [text.removeprefix("missing: ") for text in found if text and re.search("[a-z]{3}", text)]


@pytest.mark.parametrize("module", FILES)
def test_every_error_that_the_code_raises_has_chinese(module):
    texts = raised(module)
    assert texts
    missing = [
        part
        for text in texts
        for part in sentences(text)
        # a checker's sentence goes on where its value stands
        if part.strip("X1. ") and sentence(part, "zh") is None and sentence(f"X1 {part}", "zh") is None
    ]
    assert missing == []


def test_every_error_sentence_says_itself_in_english_and_keeps_its_blanks_in_chinese():
    for key, texts in catalogue().items():
        if key.startswith(FAMILIES):
            blanks = set(re.findall(r"(?<!\{)\{(\w+)\}", texts["en"]))
            filled = texts["en"].format(**{name: f"<{name}>" for name in blanks})
            assert sentence(filled, "en") == filled, key
            assert all(f"<{name}>" in sentence(filled, "zh") for name in blanks), key


def test_sentences_are_said_one_by_one_and_what_is_unknown_stays():
    text = "no such parameter. Did you mean base_cap?"
    assert translated(text, "en") == text
    assert translated(text, "zh") == "没有这项法规参数。是否指base_cap？"
    assert translated("an odd thing. Write both", "zh") == "an odd thing。请两者都写"


def test_all_faults_of_a_file_are_told_with_their_lines(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text("title: T\nstatuss: law\nlaw:\n  base_capp: {2030-01-01: 3}\n", "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    told = told_error(caught.value, "zh")
    assert told.startswith(f"ScenarioError：{path}有7处错误：\n")
    assert "  * 第2行，statuss：未知的键。是否指status？" in told
    assert "  * 第4行，law.base_capp：没有这项法规参数。" in told
    assert told_error(caught.value, "en") == f"ScenarioError: {caught.value}"


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        (("compare", "lowerfloor"), "Did you mean lower-floor?", "是否指lower-floor？"),
        (("compare", "lower-floor", "--indicators", "foo"), "The nearest is", "没有这项指标。最接近的是"),
        (("compare", "lower-floor", "--by", "zzz"), "The nearest is", "没有这个分组维度。最接近的是"),
        (("show", "law", "nosuch"), "no such parameter. The nearest is", "没有这项法规参数。最接近的是"),
        (("compare", "zzzz"), "The nearest is", "既不是内置情景，也不是YAML文件。最接近的是"),
        (("compare", "lower-floor", "--economy", "foo"), "is not one of low", "不在可选值之中：low"),
        (("compare", "lower-floor", "--persons", "0"), "is no whole number", "不是1至"),
        (("report", "nowhere"), "is no kept run", "不是运行存档"),
        (("check", "nowhere.yaml"), "no such file", "没有这个文件"),
    ],
)
def test_the_command_line_tells_errors_in_the_language_asked_for(
    words, english, chinese, monkeypatch, capsys
):
    for lang, message in (("en", english), ("zh", chinese)):
        monkeypatch.setattr(sys, "argv", ["flexpension", *words, "--lang", lang])
        with pytest.raises(SystemExit) as leave:
            cli.main()
        assert leave.value.code == 2
        assert message in capsys.readouterr().err
