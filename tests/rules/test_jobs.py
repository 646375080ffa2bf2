"""Modules with heavy libraries are in `jobs/`, declared there with their types, and not imported by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from consult.core.jobs import Job

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "consult").rglob("*.py"))
BY_NAME = {"import_module", "LazyModule", "__import__"}
DISCOVER = {
    "consult/__init__.py": "importing `consult` loads nothing; create_app() loads each package of a list",
    "consult/cli/main.py": "a command is loaded when it is asked for",
    "consult/core/assembly.py": "models, tasks and views of a package, by their file names",
    "consult/core/jobs.py": "the modules of a package `jobs`",
    "consult/core/lazy.py": "libraries",
    "consult/core/sandbox/child.py": "what the parent names on the command line",
}
"""Who may import a module whose name is not written in an import statement."""


def names_of(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def loads_by_name(source: str) -> Iterator[int]:
    """Lines that load a module of ours by a string, or any by a string that is put together."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and names_of(node) in BY_NAME and node.args:
            name = node.args[0]
            if not isinstance(name, ast.Constant) or str(name.value).partition(".")[0] == "consult":
                yield node.lineno


def jobs_imported(source: str) -> Iterator[str]:
    """Modules inside a package `jobs` that a module imports; the package itself declares, and may be."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            if ".jobs." in node.module:
                yield node.module
            elif node.module.endswith(".jobs"):
                package = ROOT.joinpath(*node.module.split("."))
                yield from (
                    f"{node.module}.{each.name}" for each in node.names if (package / f"{each.name}.py").exists()
                )


def test_no_module_of_ours_is_loaded_by_its_name() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in MODULES
        if str(path.relative_to(ROOT)) not in DISCOVER
        for line in loads_by_name(path.read_text())
    }
    assert found == set(), "import it, or declare a Job"


def test_who_may_discover_modules_does() -> None:
    assert {name for name in DISCOVER if list(loads_by_name((ROOT / name).read_text()))} == set(DISCOVER)


def test_only_jobs_import_the_modules_of_jobs() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in MODULES
        if "jobs" not in path.parts
        for name in jobs_imported(path.read_text())
    }
    assert found == set(), "call what the package `jobs` declares"


@pytest.mark.parametrize(
    "package", sorted(path.parent for path in MODULES if path.match("*/jobs/__init__.py")), ids=str
)
def test_every_job_that_is_declared_is_given(package: Path) -> None:
    declared = [
        node.name
        for node in ast.walk(ast.parse((package / "__init__.py").read_text()))
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(of, ast.Name) and of.id == Job.__name__ for of in node.decorator_list)
    ]
    given = [
        of.value.attr
        for path in package.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        for of in node.decorator_list
        if isinstance(of, ast.Attribute) and of.attr == "give" and isinstance(of.value, ast.Attribute)
    ]
    assert declared
    assert sorted(given) == sorted(declared)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('import_module("consult.analysis.jobs.engine")', 1),
        ('importlib.import_module(f"consult.files.{kind}")', 1),
        ('LazyModule("consult.analysis.campaigns.draft_copies")', 1),
        ('LazyModule("numpy")', 0),
    ],
)
def test_a_module_that_is_loaded_by_its_name_is_found(line: str, found: int) -> None:
    assert len(list(loads_by_name(line))) == found


def test_a_module_of_jobs_that_is_imported_elsewhere_is_found() -> None:
    assert list(jobs_imported("from consult.analysis.jobs import engine, place_texts")) == [
        "consult.analysis.jobs.engine"
    ]
    assert list(jobs_imported("from consult.analysis.jobs.engine import build_letter")) == [
        "consult.analysis.jobs.engine"
    ]
    assert list(jobs_imported("from consult.analysis import jobs")) == []
