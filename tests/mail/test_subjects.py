"""A subject is a line of its own: a block at its end would take the line break with it."""

from __future__ import annotations

from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LETTERS = sorted(path for path in TEMPLATES.rglob("mail/*.txt") if "Subject:" in path.read_text())


@pytest.mark.parametrize("path", LETTERS, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_subject_ends_with_a_block(path: Path) -> None:
    lines = path.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("Subject:"))
    assert not lines[at].endswith("%}") or not lines[at + 1]
