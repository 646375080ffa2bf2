"""Inside a package imports run in one direction: no cycle between its folders and files.

Pages sit on top and tables below, so both are set aside: a page may import anything, everything may import a table.
"""

from __future__ import annotations

import re
from functools import cache

import grimp
import pytest

from consult import ROOT

PAGES = re.compile(
    r"(^|_)(views|view_helpers|forms|labels|pages|template_helpers|template_filters|navigation|gate|blueprint)$"
)
"""Modules that only pages need, by the last part of their name."""
PACKAGES = sorted(path.parent.name for path in (ROOT / "consult").glob("*/__init__.py"))


@cache
def _graph() -> grimp.ImportGraph:
    """Return the import graph of Consult without imports by pages and of tables or declared jobs."""
    graph = grimp.build_graph("consult", cache_dir=None)
    tables = {name for name in graph.modules if name.endswith((".model", ".jobs"))}
    for importer in sorted(graph.modules):
        is_page = PAGES.search(importer.rpartition(".")[2]) is not None
        for imported in sorted(graph.find_modules_directly_imported_by(importer)):
            if is_page or imported in tables:
                graph.remove_import(importer=importer, imported=imported)
    return graph


@pytest.mark.parametrize("package", PACKAGES)
def test_no_two_folders_or_files_of_a_package_import_each_other(package: str) -> None:
    breakers = sorted(_graph().nominate_cycle_breakers(f"consult.{package}"))
    assert not breakers, "\n".join(f"{importer} → {imported}" for importer, imported in breakers)
