"""No statement spells a kind of the ledger: kinds are parameters, bound from the enum by `consult.ledger.kinds`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from consult.ledger.model import Kind

ROOT = Path(__file__).resolve().parents[2]
FAMILIES = sorted({kind.partition(".")[0] for kind in Kind})
SPELT = re.compile(rf"'(?:{'|'.join(FAMILIES)})\.[a-z_%]+'")


def spelt_kinds(source: str) -> Iterator[tuple[int, str]]:
    """Each kind, or beginning of kinds, that stands between SQL's quotes in a string of Python."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((node.lineno, found) for found in SPELT.findall(node.value))


def test_no_statement_spells_a_kind_of_the_ledger() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}": kind
        for path in sorted((ROOT / "consult").rglob("*.py"))
        for line, kind in spelt_kinds(path.read_text())
    }
    assert found == {}, "write `kind = :RECEIVED`, and bind_kinds() in the place of text()"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM ledger WHERE kind = 'submission.received'",
        "SELECT 1 FROM ledger WHERE kind LIKE 'response.%'",
        "SELECT 1 WHERE {this} AND kind IN ('digest.compiled')",
    ],
)
def test_a_statement_that_spells_one_is_found(statement: str) -> None:
    assert len(list(spelt_kinds(f"this = 1\nwanted = f{statement!r}"))) == 1
