"""Local names that say nothing become fewer: `names.csv` holds how many each package still has."""

from __future__ import annotations

import ast
import csv
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VAGUE = {"said", "found", "told", "one", "here", "mine", "theirs"}
PACKAGES = sorted(path.name for path in (ROOT / "consult").iterdir() if (path / "__init__.py").exists())
with (ROOT / "tests" / "rules" / "names.csv").open() as file:
    ALLOWED = {row["package"]: int(row["vague names"]) for row in csv.DictReader(file)}


def count_vague_names(package: str) -> Counter[str]:
    """Count the variables and parameters of a package that are named like that."""
    counts: Counter[str] = Counter()
    for path in (ROOT / "consult" / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in VAGUE:
                counts[node.id] += 1
            elif isinstance(node, ast.arg) and node.arg in VAGUE:
                counts[node.arg] += 1
    return counts


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_gains_no_name_that_says_nothing(package: str) -> None:
    counts = count_vague_names(package)
    allowed = ALLOWED.get(package, 0)
    assert counts.total() <= allowed, f"{dict(counts)}: say what the value is (rows, fields, findings, text, …)"
    assert counts.total() == allowed, f"write {counts.total()} into names.csv, so that it stays"
