"""Awards in Chinese: texts change with the language, names of fields, codes and amounts do not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import simulate
from scenarios.awards import blocks, in_language
from scenarios.cli import cli
from simulate.award import award
from tests.test_award import WRONG as WRONG_CASES
from tests.test_award_provinces import WRONG as WRONG_FORMS

README = (Path(simulate.__file__).parent / "README.md").read_text("utf-8").split("## Awards")[1]
QUESTIONS = [
    case
    for case in map(json.loads, re.findall(r"```json\n(.*?)\n```", README, re.DOTALL))
    if "system" in case
]
TEXTS = ("message", "notes", "why", "formula")
CHINESE = re.compile("[\u4e00-\u9fff]")


def parts(value, name="", texts=False):
    """The texts of an answer, or everything else of it, with the names that lead there."""
    if isinstance(value, dict):
        return [found for key, one in value.items() for found in parts(one, key, texts)]
    if isinstance(value, list):
        return [found for one in value for found in parts(one, name, texts)]
    return [(name, value)] if (name in TEXTS) == texts else []


def test_readme_answers_and_steps_differ_in_their_texts_only():
    english = award(QUESTIONS)
    chinese = in_language(english, "zh")
    assert parts(chinese) == parts(english)
    assert in_language(english, "en") == english
    for (name, told), (_, said) in zip(parts(chinese, texts=True), parts(english, texts=True), strict=True):
        # conventions in a formula, such as twelfths, are codes
        if re.search(r"[a-z]{4}" if name != "formula" else r"given|months|years|yuan", said):
            assert CHINESE.search(told), (name, said)


@pytest.mark.parametrize("case", [case for case, *_ in (*WRONG_CASES, *WRONG_FORMS)])
def test_every_wrong_case_is_told_in_chinese_with_the_same_code_and_field(case):
    english = award([{"id": 1} | case], steps=False)
    chinese = in_language(english, "zh")
    assert parts(chinese) == parts(english)
    assert CHINESE.search(chinese[0]["error"]["message"])


def test_every_column_has_a_chinese_name():
    answers = award([*QUESTIONS, {"id": "wrong"}])
    for english, chinese in zip(blocks(answers), blocks(in_language(answers, "zh"), "zh"), strict=True):
        assert all(CHINESE.search(column) for column in chinese.header)
        assert len(set(chinese.header)) == len(english.header)


def test_the_command_prints_the_same_fields_in_both_languages(tmp_path):
    path = tmp_path / "cases.json"
    path.write_text(json.dumps([{"id": 1, "system": "minimum_years"}, QUESTIONS[0]]), "utf-8")
    found = {
        (kind, lang): CliRunner().invoke(cli, ["award", str(path), "--format", kind, "--lang", lang])
        for kind in ("json", "csv", "markdown")
        for lang in ("en", "zh")
    }
    assert {one.exit_code for one in found.values()} == {2}
    told = {lang: json.loads(found["json", lang].stdout) for lang in ("en", "zh")}
    assert told["en"][0]["error"]["message"] == "missing: the year of retirement"
    assert told["zh"][0]["error"] == {
        "code": "missing_field",
        "field": "year",
        "message": "缺少此项：退休年份",
    }
    assert parts(told["zh"]) == parts(told["en"])
    heads = {lang: found["csv", lang].stdout.splitlines()[0] for lang in ("en", "zh")}
    assert heads["zh"] == heads["en"]
    assert "| 基础养老金 |" in found["markdown", "zh"].stdout
    assert "| basic_pension |" in found["markdown", "en"].stdout
