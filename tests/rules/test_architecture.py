"""The architecture as tests: layers, budgets, and the five file names."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "consult").rglob("*.py"))
FILE_LINES, FUNCTION_LINES = 400, 40
_ASKING = {"query", "execute", "scalars", "scalar", "flush", "get_one"}
_WEB = {"flask", "flask_babel", "flask_limiter", "flask_login", "flask_wtf", "werkzeug", "wtforms"}
KNOW_THE_WEB = {
    "accounts/gate.py": "signs in and out",
    "accounts/idle.py": "its times stand in the cookie",
    "consultations/desk.py": "what the views of a package share",
    "consultations/fields.py": "fields of a form, made of questions",
    "digests/public.py": "views",
    "mail/rendering.py": "addresses in letters",
    "moderation/board.py": "what the views of a package share",
    "moderation/reasons.py": "read once for a page",
    "site/navigation.py": "which page is open",
    "site/specimen.py": "the forms on the page of the kit",
    "trace/export.py": "a download",
    "trace/paper.py": "a download",
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
    assert "sqlalchemy" not in {package for package, _name in imported(tree)} or path.parent.name == "core"


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent.name != "core"], ids=names)
def test_only_pages_and_forms_know_the_web(path: Path) -> None:
    if path.name.endswith(("views.py", "forms.py")) or str(path.relative_to(ROOT / "consult")) in KNOW_THE_WEB:
        return
    known = {(package, name) for package, name in imported(ast.parse(path.read_text())) if package in _WEB}
    assert known <= {("flask", "Flask")}, "what is put into the application names it; nothing else of the web"
