"""The architecture as tests: layers, budgets, and the five file names."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "consult").rglob("*.py"))
FILE_LINES, FUNCTION_LINES = 400, 40
_ASKING = {"query", "execute", "scalars", "scalar", "flush", "get_one"}
_CLOCKS = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "thread_time", "timeit"}
_WATCHED = {"commit", *_ASKING, *_CLOCKS}
_WEB = {"flask", "flask_limiter", "flask_login", "flask_wtf", "werkzeug", "wtforms"}
KNOW_THE_WEB = {
    "api/authorisation.py": "reads the header with the token",
    "api/contract.py": "reads requests and writes answers of every operation",
    "api/limits.py": "counts requests",
    "api/v4/keys.py": "reads the key of requests of other clients",
    "accounts/login.py": "signs in and out",
    "accounts/limits/known_devices.py": "a cookie",
    "accounts/sessions/timeouts.py": "its times stand in the cookie",
    "consultations/view_helpers.py": "what the views of a package share",
    "consultations/questions/fields.py": "fields of a form, made of questions",
    "decisions/view_helpers.py": "what the views of rooms share",
    "digests/results/views.py": "views",
    "files/downloads.py": "downloads",
    "mail/render.py": "addresses in letters",
    "moderation/view_helpers.py": "what the views of a package share",
    "site/menus/navigation.py": "which page is open",
    "site/menus/consultation_tabs.py": "which page is open",
    "site/proxy_check.py": "headers of requests",
    "site/kit_sample.py": "the forms on the page of the kit",
    "trace/export.py": "a download",
    "trace/receipt_pdf.py": "a download",
}


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


class ModuleFacts(NamedTuple):
    """Facts about a module for the rules, found in one pass; each place is `name:line`."""

    lines: int
    long: list[str]  # functions
    hidden: list[str]  # imports inside functions
    watched: list[tuple[str, int]]  # attributes that a rule is about, with their lines
    imported: set[tuple[str, str]]  # packages with the names that come from them
    imported_at: list[tuple[str, int]]  # names with their lines
    classes: list[str]


@cache
def read(path: Path) -> ModuleFacts:
    text = path.read_text()
    facts = ModuleFacts(text.count("\n"), [], [], [], set(), [], [])
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES:
                facts.long.append(f"{node.name}:{node.lineno}")
            inner = (it for it in ast.walk(node) if isinstance(it, (ast.Import, ast.ImportFrom)))
            facts.hidden.extend(f"{node.name}:{it.lineno}" for it in inner)
        elif isinstance(node, ast.ClassDef):
            facts.classes.append(node.name)
        elif isinstance(node, ast.Attribute) and node.attr in _WATCHED:
            facts.watched.append((node.attr, node.lineno))
        elif isinstance(node, ast.ImportFrom):
            facts.imported.update(((node.module or "").partition(".")[0], alias.name) for alias in node.names)
            facts.imported_at.extend((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.Import):
            facts.imported.update((alias.name.partition(".")[0], "") for alias in node.names)
            facts.imported_at.extend((alias.name, node.lineno) for alias in node.names)
    return facts


def breaches(paths: Iterable[Path], find: Callable[[Path], object]) -> dict[str, object]:
    """Return what a rule finds, by file."""
    return {names(path): found for path in paths if (found := find(path))}


def test_packages_import_only_what_lies_below_them() -> None:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    lint = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert lint.returncode == 0, lint.stdout + lint.stderr


def test_a_file_and_its_functions_are_short() -> None:
    assert breaches(MODULES, lambda path: max(read(path).lines - FILE_LINES, 0)) == {}, "so many lines too many"
    assert breaches(MODULES, lambda path: read(path).long) == {}


def test_nothing_is_imported_inside_a_function() -> None:
    assert breaches(MODULES, lambda path: read(path).hidden) == {}


def test_only_core_commits() -> None:
    others = [path for path in MODULES if "core" not in path.parts and "cli/database" not in str(path)]
    assert breaches(others, lambda path: [line for name, line in read(path).watched if name == "commit"]) == {}


def test_a_view_asks_services_and_never_the_database() -> None:
    views = [path for path in MODULES if ".route(" in path.read_text()]
    assert len(views) > 50
    assert breaches(views, lambda path: [place for place in read(path).watched if place[0] in _ASKING]) == {}
    upper = [path for path in views if "core" not in path.parts]
    assert breaches(upper, lambda path: {it for it in read(path).imported if it[0] == "sqlalchemy"}) == {}


def test_only_pages_and_forms_know_the_web() -> None:
    others = [
        path
        for path in MODULES
        if "core" not in path.parts
        and not path.name.endswith(("views.py", "forms.py"))
        and str(path.relative_to(ROOT / "consult")) not in KNOW_THE_WEB
    ]
    put_in = {("flask", "Flask")}  # what is put into the application names it; nothing else of the web
    assert breaches(others, lambda path: {it for it in read(path).imported if it[0] in _WEB} - put_in) == {}


def test_the_examples_in_docstrings_are_run_with_the_tests(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.getoption("doctestmodules"), "addopts in pyproject.toml has --doctest-modules"
    assert "consult" in pytestconfig.getini("testpaths")
    assert "\nTESTS ?= tests consult\n" in (ROOT / "Makefile").read_text()


TESTS = sorted((ROOT / "tests").rglob("*.py"))


def test_no_test_measures_how_long_something_takes() -> None:
    """A machine that is busy is no defect: steps, statements and rows are counted, and time is for benchmarks."""

    def clocks(path: Path) -> list[tuple[str, int]]:
        return [place for place in (*read(path).watched, *read(path).imported_at) if place[0] in _CLOCKS]

    assert breaches(TESTS, clocks) == {}


UNFORMATTED_STATEMENTS = 40


def test_the_formatter_decides_but_for_a_few_tables_of_data() -> None:
    found = {names(path): n for path in MODULES if (n := path.read_text().count("# fmt: skip"))}
    assert sum(found.values()) <= UNFORMATTED_STATEMENTS, f"let ruff format what is no table of data: {found}"


FOLDER_FILES = 20
NOUNS_IN_ING = {"paging.py"}


def test_csv_is_written_in_cells_that_no_spreadsheet_runs() -> None:
    writes = breaches(MODULES, lambda path: re.findall(r"\bcsv\.(?:writer|DictWriter)\(", path.read_text()))
    assert set(writes) == {"consult/core/text.py", "consult/files/sdmx_ml.py"}, "the second is read by ourselves only"


def test_a_folder_holds_at_most_twenty_files() -> None:
    found = Counter(path.parent for path in MODULES if path.name not in ("__init__.py", "room.py"))
    assert {str(folder): n for folder, n in found.items() if n > FOLDER_FILES} == {}, "divide it into rooms"


def test_files_are_named_by_nouns() -> None:
    named = [str(path) for path in MODULES if path.name.endswith("ing.py") and path.name not in NOUNS_IN_ING]
    assert named == [], "name a file by what it holds or makes"


SHARED_CLASS_NAMES = {"Meta", "State"}
"""`Meta` of a form is a name of WTForms; a package gives a state its meaning."""


def test_a_class_name_says_what_it_is_without_its_module() -> None:
    found = Counter(name for path in MODULES for name in read(path).classes)
    assert {name for name, n in found.items() if n > 1} <= SHARED_CLASS_NAMES
