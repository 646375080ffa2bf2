"""The architecture as tests: layers, budgets, and the five file names."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "consult").rglob("*.py"))
FILE_LINES, FUNCTION_LINES = 400, 40
_ASKING = {"query", "execute", "scalars", "scalar", "flush", "get_one"}
_WEB = {"flask", "flask_limiter", "flask_login", "flask_wtf", "werkzeug", "wtforms"}
KNOW_THE_WEB = {
    "accounts/login.py": "signs in and out",
    "accounts/limits/known_devices.py": "a cookie",
    "accounts/sessions/timeouts.py": "its times stand in the cookie",
    "consultations/view_helpers.py": "what the views of a package share",
    "consultations/questions/fields.py": "fields of a form, made of questions",
    "digests/results/views.py": "views",
    "mail/render.py": "addresses in letters",
    "moderation/view_helpers.py": "what the views of a package share",
    "site/navigation.py": "which page is open",
    "site/proxy_check.py": "headers of requests",
    "site/kit_sample.py": "the forms on the page of the kit",
    "trace/export.py": "a download",
    "trace/receipt_pdf.py": "a download",
}


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Each name that a module imports, with the package it comes from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (((node.module or "").partition(".")[0], alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], "") for alias in node.names)


def test_packages_import_only_what_lies_below_them() -> None:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    lint = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert lint.returncode == 0, lint.stdout + lint.stderr


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_a_file_and_its_functions_are_short(path: Path) -> None:
    text = path.read_text()
    long = [
        node.name for node in functions(ast.parse(text)) if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]
    assert text.count("\n") <= FILE_LINES
    assert long == []


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_nothing_is_imported_inside_a_function(path: Path) -> None:
    hidden = [
        f"{function.name}:{node.lineno}"
        for function in functions(ast.parse(path.read_text()))
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    assert hidden == []


@pytest.mark.parametrize("path", [p for p in MODULES if "core" not in p.parts], ids=names)
def test_only_core_commits(path: Path) -> None:
    commits = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "commit" and "cli/database" not in str(path)
    ]
    assert commits == []


@pytest.mark.parametrize("path", [p for p in MODULES if ".route(" in p.read_text()], ids=names)
def test_a_view_asks_services_and_never_the_database(path: Path) -> None:
    tree = ast.parse(path.read_text())
    used = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in _ASKING]
    assert used == []
    assert "sqlalchemy" not in {package for package, _name in imported(tree)} or "core" in path.parts


@pytest.mark.parametrize("path", [p for p in MODULES if "core" not in p.parts], ids=names)
def test_only_pages_and_forms_know_the_web(path: Path) -> None:
    if path.name.endswith(("views.py", "forms.py")) or str(path.relative_to(ROOT / "consult")) in KNOW_THE_WEB:
        return
    known = {(package, name) for package, name in imported(ast.parse(path.read_text())) if package in _WEB}
    assert known <= {("flask", "Flask")}, "what is put into the application names it; nothing else of the web"


def test_the_examples_in_docstrings_are_run_with_the_tests(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.getoption("doctestmodules"), "addopts in pyproject.toml has --doctest-modules"
    assert "consult" in pytestconfig.getini("testpaths")
    assert "\nTESTS ?= tests consult\n" in (ROOT / "Makefile").read_text()


TESTS = sorted((ROOT / "tests").rglob("*.py"))
_CLOCKS = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "thread_time", "timeit"}


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_test_measures_how_long_something_takes(path: Path) -> None:
    """A machine that is busy is no defect: steps, statements and rows are counted, and time is for benchmarks."""
    tree = ast.parse(path.read_text())
    read = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in _CLOCKS]
    read += [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom | ast.Import) and (_CLOCKS & {alias.name for alias in node.names})
    ]
    assert read == [], f"{path.relative_to(ROOT)} reads a clock at lines {read}"


UNFORMATTED_STATEMENTS = 40


def test_the_formatter_decides_but_for_a_few_tables_of_data() -> None:
    found = {names(path): n for path in MODULES if (n := path.read_text().count("# fmt: skip"))}
    assert sum(found.values()) <= UNFORMATTED_STATEMENTS, f"let ruff format what is no table of data: {found}"


FOLDER_FILES = 20
NOUNS_IN_ING = {"paging.py"}


def test_a_folder_holds_at_most_twenty_files() -> None:
    found = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    assert {str(folder): n for folder, n in found.items() if n > FOLDER_FILES} == {}, "divide it into rooms"


def test_files_are_named_by_nouns() -> None:
    named = [str(path) for path in MODULES if path.name.endswith("ing.py") and path.name not in NOUNS_IN_ING]
    assert named == [], "name a file by what it holds or makes"


SHARED_CLASS_NAMES = {"Meta", "State"}
"""`Meta` of a form is a name of WTForms; a package gives a state its meaning."""


def test_a_class_name_says_what_it_is_without_its_module() -> None:
    found = Counter(
        node.name
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    )
    assert {name for name, n in found.items() if n > 1} <= SHARED_CLASS_NAMES
