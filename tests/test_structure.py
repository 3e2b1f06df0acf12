"""What keeps the house in order: import direction, languages, documentation, no stray numbers or paths."""

from __future__ import annotations

import ast
import doctest
import importlib
import pkgutil
import re
import shlex
import string
from graphlib import TopologicalSorter
from pathlib import Path

import click
import pytest

from scenarios.catalogue import LANGUAGES, catalogue
from scenarios.cli import cli
from scenarios.error_texts import FAMILIES
from simulate.law import load_law

ROOT = Path(__file__).parents[1]
PACKAGES = ("simulate", "calibration", "scenarios")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
FOLDERS = (*PACKAGES, "tests", "notebooks")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(p for folder in FOLDERS for p in (ROOT / folder).rglob("*.md"))])
ALLOWED = {"simulate": set(), "calibration": {"simulate"}, "scenarios": {"simulate", "calibration"}}
SLOW_COMMANDS = ("compare", "run", "check")
KEPT_RUN_COMMANDS = ("verify", "report")


def _imported(path: Path) -> set[str]:
    """First names of everything a module imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_one_way(path):
    package = path.relative_to(ROOT).parts[0]
    assert _imported(path) & set(PACKAGES) <= ALLOWED[package] | {package}


def _modules_imported(path: Path, known: set[str]) -> set[str]:
    """Modules of the house that a module imports, early, late or for types."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner if inner <= known else {node.module} | (inner & known)
    return found & known


def test_no_modules_import_one_another_in_a_circle():
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in MODULES
    }
    house = {name: _modules_imported(path, set(names)) - {name} for name, path in names.items()}
    assert "scenarios.result" in house["scenarios.comparison"]
    assert "calibration.fitted_set" in house["calibration.paths"]
    TopologicalSorter(house).prepare()  # CycleError names a circle


def test_no_module_is_named_like_a_function_or_folder_beside_it():
    import scenarios

    for package in PACKAGES:
        stems = {path.stem for path in (ROOT / package).glob("*.py")} - {"__init__"}
        folders = {path.name for path in (ROOT / package).iterdir() if path.is_dir()}
        assert not stems & folders
    assert not {path.stem for path in (ROOT / "scenarios").glob("*.py")} & set(scenarios.__all__)


# --------------------------------------------------------------------------- two languages


def _speaking_code() -> str:
    """All code and templates that may ask the catalogue for a message."""
    folder = ROOT / "scenarios"
    return "\n".join(p.read_text("utf-8") for p in [*folder.rglob("*.py"), *folder.rglob("*.j2")])


def test_every_message_has_both_languages_with_the_same_blanks():
    for key, texts in catalogue().items():
        assert set(texts) == set(LANGUAGES), key
        blanks = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts.values()
        ]
        assert blanks[0] == blanks[1], key
        english, chinese = (re.sub(r"\{[^}]*\}", "", texts[lang]) for lang in LANGUAGES)
        assert bool(re.search("[A-Za-z]", english)) == bool(re.search("[\u4e00-\u9fff]", chinese)), key


def test_every_message_asked_for_exists_and_every_message_is_asked_for():
    code = _speaking_code()
    assert set(re.findall(r'\b(?:say|other)\(\s*"(\w+[a-z])"', code)) <= set(catalogue())
    quoted = set(re.findall(r'"(\w+)"', code))
    beginnings = tuple(re.findall(r'say\(\s*f?"(\w+_)(?:\{|" \+)', code))
    beginnings += FAMILIES
    beginnings += tuple(f"{family}_" for family in re.findall(r'_shares\(\s*"(\w+)"', code))
    assert [key for key in catalogue() if key not in quoted and not key.startswith(beginnings)] == []


def test_indicators_and_dimensions_have_chinese_names():
    from simulate.groups import DIMENSIONS
    from simulate.indicators import INDICATORS

    named = [(i.title_zh, i.definition_zh, i.unit_zh) for i in INDICATORS.values()]
    named += [(d.name_zh,) for d in DIMENSIONS.values()]
    assert all(re.search("[\u4e00-\u9fff]", text) for texts in named for text in texts)


# --------------------------------------------------------------------------- options


def _commands(group: click.Group = cli, before: tuple[str, ...] = ()):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, (*before, name))
        else:
            yield (*before, name), command


def test_every_verb_and_option_is_explained_and_documented():
    readme = (ROOT / "scenarios" / "README.md").read_text("utf-8")
    for names, command in _commands():
        assert command.help
        assert re.search(rf"\b{' '.join(names)}\b", readme), names
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, (names, option.name)
                spelt = option.opts + option.secondary_opts
                assert all(f"`{word}" in readme for word in spelt if word.startswith("--")), (names, spelt)


def test_every_option_that_the_readme_names_exists():
    readme = (ROOT / "scenarios" / "README.md").read_text("utf-8")
    known = {
        word for _, command in _commands() for o in command.params for word in (*o.opts, *o.secondary_opts)
    }
    assert set(re.findall(r"--[a-z][a-z-]+", readme)) <= known


# --------------------------------------------------------------------------- documentation runs


def _module_names() -> list[str]:
    names = []
    for package in PACKAGES:
        names.append(package)
        folder = importlib.import_module(package).__path__
        names += [found.name for found in pkgutil.walk_packages(folder, prefix=f"{package}.")]
    return names


@pytest.mark.parametrize("name", _module_names())
def test_the_examples_of_docstrings_run(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_python_of_documents_runs(path):
    result = doctest.testfile(str(path), module_relative=False, encoding="utf-8")
    assert result.failed == 0


def _command_lines() -> list[str]:
    found = []
    for path in DOCUMENTS:
        for block in re.findall(r"```(?:sh|bash|console)\n(.*?)```", path.read_text("utf-8"), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                match = re.match(r"\s*(?:\$ )?(?:\.venv/bin/)?flexpension (.*)", line.split("  #")[0])
                found += [match.group(1).strip()] if match else []
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("line", _command_lines())
def test_the_command_lines_of_documents_run(line, tmp_path, monkeypatch):
    """With a handful of people, in a folder with stand-ins for the reader's own files."""
    arguments = shlex.split(line.split(" > ")[0])
    if arguments[0] in KEPT_RUN_COMMANDS:
        from scenarios.comparison import compare
        from scenarios.store import keep_run

        keep_run(compare([], persons=60, by=(), indicators=["new_joiners"]), tmp_path / arguments[1])
    for word in arguments:
        if word.endswith(".json"):
            (tmp_path / word).write_text('[{"id": 1, "system": "minimum_years", "year": 2031}]', "utf-8")
        elif word.endswith(".yaml"):
            text = _readme_block("yml") if arguments[0] == "statement" else _readme_block("yaml")
            (tmp_path / word).write_text(text, "utf-8")
        elif word.endswith(".csv"):
            (tmp_path / word).write_text(_readme_block("csv"), "utf-8")
    if arguments[0] in SLOW_COMMANDS and "--careers" not in arguments:
        arguments += ["--persons", "60"]
    monkeypatch.chdir(tmp_path)
    from click.testing import CliRunner

    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output


def _readme_block(language: str) -> str:
    """The scenario (yaml), the facts (yml) or the contribution record (csv) of the README of scenarios."""
    readme = (ROOT / "scenarios" / "README.md").read_text("utf-8")
    (text,) = re.findall(rf"```{language}\n(.*?)```", readme, re.DOTALL)
    return text


def test_the_scenario_file_of_the_readme_is_read_and_runs(tmp_path):
    from scenarios import compare, load_scenario

    path = tmp_path / "slow-floor.yaml"
    path.write_text(_readme_block("yaml"), "utf-8")
    scenario = load_scenario(path)
    law = scenario.compile_law()
    assert law.value("flexible_base_floor_ratio", "2028-12-31") == 0.55
    assert law.value("base_cap_ratio", "2027-01-01", "Shanghai") == 2.5
    assert compare([scenario], persons=60, by=()).run_id


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_each_folder_opens_with_a_readme(package):
    assert len((ROOT / package / "README.md").read_text("utf-8")) > 500


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_stands_in_the_readme_of_its_folder(package):
    readme = (ROOT / package / "README.md").read_text("utf-8")
    modules = [path for path in (ROOT / package).rglob("*.py") if path.name != "__init__.py"]
    assert [path.name for path in modules if not re.search(rf"[`/]{path.name}`", readme)] == []


def test_every_file_that_contributing_names_exists():
    named = re.findall(r"`([a-z_]+/\w+\.\w+)`", (ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_of_documents_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (path.parent / target).exists(), target


# --------------------------------------------------------------------------- law is data


RULES = (
    *("entitlements", "contributions", "participation", "payments", "assessment"),
    *("award", "determination", "single_answers", "choices", "lookup"),
    *("policy", "population", "careers", "transfers", "run"),
)
# whole numbers that also stand in the law but mean something else in code, or an index of its tables
NOT_LAW = {
    120,  # months of the last ten years; last age of the survival tables
    480,  # months of age of the divisors' first row
    720,  # 60th birthday, to which time covered is counted
    1000,  # rounding to thousandths
    2000,  # first fully exposed birth year
}


def _law_numbers() -> set[float]:
    """Numbers of current law that are unlikely to be anything else: fractions, and whole ones above 100."""
    found = set()
    for parameter in load_law().parameters.values():
        if parameter.kind in ("number", "list"):
            for value in parameter.all_values():
                if value.province is None:
                    found |= set(value.value if isinstance(value.value, tuple) else (value.value,))
    return {n for n in found if n not in (None, 0.5) and (n % 1 != 0 or n > 100)} - NOT_LAW


@pytest.mark.parametrize("name", RULES)
def test_no_number_of_the_law_stands_in_a_rule(name):
    path = ROOT / "simulate" / f"{name}.py"
    numbers = _law_numbers()
    assert {0.08, 0.2, 0.6, 180, 139} <= numbers
    tree = ast.parse(path.read_text("utf-8"))
    stray = [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value in numbers
    ]
    assert stray == []


# --------------------------------------------------------------------------- files


def _texts():
    for folder in FOLDERS:
        yield from (
            p for p in (ROOT / folder).rglob("*") if p.suffix in _TEXT and "__pycache__" not in p.parts
        )
    yield from (p for p in ROOT.iterdir() if p.is_file() and p.suffix in (*_TEXT, ""))


_TEXT = (".py", ".md", ".yaml", ".csv", ".toml", ".json", ".j2", ".ipynb")


def test_no_file_holds_a_path_of_this_machine_or_reads_outside_the_house():
    places = [p for p in (ROOT, ROOT.parent, Path.home()) if len(p.parts) > 1]
    machine = re.compile(r"(?<![\w./:-])(?:" + "|".join(re.escape(f"{place}/") for place in places) + ")")
    for path in _texts():
        if path == Path(__file__):
            continue
        text = path.read_text("utf-8")
        assert not machine.search(text), path
        assert "../shared" not in text, path


def test_tests_lie_flat_without_package_files():
    tests = ROOT / "tests"
    assert not list(tests.rglob("__init__.py"))
    assert {p.parent for p in tests.rglob("test_*.py")} <= {tests, tests / "benchmarks"}


def test_nothing_unfinished_is_left_in_the_code():
    unfinished = re.compile(r"\b(" + "|".join(("TODO", "FIX" + "ME", "XXX")) + r")\b|NotImplementedError")
    for path in MODULES:
        assert not unfinished.search(path.read_text("utf-8")), path


# --------------------------------------------------------------------------- compiled code


def test_compiled_code_is_kept_until_any_source_of_the_engine_changes(tmp_path):
    from simulate.kernel import checksum
    from simulate.participation import decide
    from simulate.payments import pay

    stamps = [kernel._cache._cache_file._source_stamp[1] for kernel in (decide, pay)]
    assert stamps == 2 * [checksum(ROOT / "simulate")]
    (tmp_path / "rule.py").write_text("rate = 0.08\n", "utf-8")
    before = checksum(tmp_path)
    (tmp_path / "rule.py").write_text("rate = 0.12\n", "utf-8")
    assert checksum(tmp_path) != before
