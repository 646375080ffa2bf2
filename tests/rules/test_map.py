"""The map of the code and the picture of the layers are those of the code."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAP = runpy.run_path(str(ROOT / "docs" / "map.py"))
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


def test_the_map_is_made_from_the_docstrings() -> None:
    assert (ROOT / "docs" / "map.md").read_text() == MAP["render_map"](), "run `make map`"


@pytest.mark.parametrize("package", sorted(path for path in (ROOT / "consult").iterdir() if path.is_dir()), ids=str)
def test_each_folder_of_code_says_in_one_line_what_it_holds(package: Path) -> None:
    if not (package / "__init__.py").exists():
        pytest.skip("no package")
    silent = [folder.name for folder in MAP["list_folders"](package) if not MAP["read_summary"](folder).endswith(".")]
    assert silent == []


def test_the_picture_of_the_layers_is_the_one_that_is_enforced() -> None:
    drawn = CONTRIBUTING.partition("<!-- layers -->\n")[2].partition("\n<!-- end -->")[0]
    rows = [row.strip(" →") for row in drawn.replace("\n", " ").split("→")]
    assert [[name.strip() for name in row.split("|")] for row in rows] == MAP["read_layers"]()


def test_a_newcomer_reads_contributing_in_one_sitting() -> None:
    assert CONTRIBUTING.count("\n") <= 80
