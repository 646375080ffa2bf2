"""Prints the tests that a change can break: `make test CHANGED=1`, or `python -m tests.changed main` for a branch.

Imports go down only, so what imports a changed module, at whatever distance, is all that can notice it. A template
counts as its package. The rules and a walk through the pages always run; everything runs where what is changed is no
module: a style, a migration, the tests' own set-up.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import grimp

from consult import ROOT

ALWAYS = ("tests/rules", "tests/site/test_views.py")
SILENT = ("docs/", "benchmarks/", ".ci/", "README.md", "CONTRIBUTING.md")
"""No test but the rules reads these."""


def list_changes(since: str) -> list[str]:
    """Return the paths that differ from where this branch left `since`, those that Git does not know yet too."""
    base = _git("merge-base", "HEAD", since)[0]
    return [*_git("diff", "--name-only", base), *_git("ls-files", "--others", "--exclude-standard")]


def _git(*arguments: str) -> list[str]:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()


def select_tests(changes: Iterable[str], graph: grimp.ImportGraph) -> list[str]:
    """Return what to give to pytest: files, or everything."""
    touched: set[str] = set()
    for path in changes:
        if path.startswith(SILENT):
            continue
        modules = set(_modules(path, graph.modules))
        if not modules:
            return ["tests", "consult"]
        for module in modules:
            touched |= {module} | graph.find_downstream_modules(module)
    packages = {module.split(".")[1] for module in touched if module.startswith("consult.")}
    tests = {module for module in graph.modules if module.startswith("tests.")}
    chosen = {name for name in tests if name in touched or name.split(".")[1] in packages}
    files = {f"{name.replace('.', '/')}.py" for name in chosen if name.rpartition(".")[2].startswith("test_")}
    return [*sorted(name for name in files if not name.startswith(ALWAYS)), *ALWAYS]


def _modules(path: str, modules: set[str]) -> Iterator[str]:
    """The modules that a path stands for; none where it is for all."""
    place = Path(path)
    if place.name == "conftest.py" and len(place.parts) == 2:
        return
    if place.parts[0] in ("consult", "tests") and place.suffix == ".py":
        yield from {".".join(place.with_suffix("").parts).removesuffix(".__init__")} & modules
    elif place.parts[0] == "consult" and len(place.parts) > 2:
        yield from (name for name in modules if name.startswith(f"{'.'.join(place.parts[:2])}."))
    elif place.parts[0] == "templates" and len(place.parts) > 2:
        yield from (name for name in modules if name.startswith(f"consult.{place.parts[1]}."))


if __name__ == "__main__":
    print(*select_tests(list_changes(*sys.argv[1:] or ["HEAD"]), grimp.build_graph("consult", "tests")))
