"""Write docs/map.md from the docstrings of the packages: `make map`."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = """\
# Map of the code

Made by `make map` from the first line of each folder's docstring. Packages are in the order of the layers: a package
imports only packages further down, or none beside it in the same row of the layers (`CONTRIBUTING.md`).

| folder in `consult/` | holds |
|---|---|
"""


def read_layers() -> list[list[str]]:
    """Return the layers of packages from top to bottom, as import-linter enforces them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[name.strip() for name in layer.split("|")] for layer in layers]


def read_summary(folder: Path) -> str:
    """Return the first line of a package's docstring."""
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    return docstring.partition("\n")[0]


def list_folders(package: Path) -> list[Path]:
    """Return a package and the packages in it, by name."""
    return [package, *sorted(path.parent for path in package.rglob("__init__.py") if path.parent != package)]


def render_map() -> str:
    """Return the text of docs/map.md."""
    rows = []
    for name in [name for layer in read_layers() for name in layer] + ["embedded"]:
        package = ROOT / "consult" / name
        for folder in list_folders(package) if package.is_dir() else []:
            rows.append(f"| `{folder.relative_to(ROOT / 'consult')}/` | {read_summary(folder)} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    (ROOT / "docs" / "map.md").write_text(render_map())
