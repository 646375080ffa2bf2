"""A share is written by one rule, which never rounds to none or to all: no page and no file rounds one by itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from consult.digests.content.groups import find_differences

ROOT = Path(__file__).parents[2]
SHARE = r"(?:share|sure|percent|kappa)\w*"
DRAWN = re.compile(r'(?:width|cx|x|height)="(?:\{\{)?[^"]*$')
TEMPLATES = [path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt")]
MODULES = sorted((ROOT / "consult").rglob("*.py"))


def rounded(text: str) -> list[str]:
    """Return the places where a template rounds a share, other than to draw it."""
    found = re.finditer(rf"\b{SHARE}\s*\|\s*round", text)
    return [one.group() for one in found if not DRAWN.search(text[: one.start()].rpartition("\n")[2])]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_rounds_a_share_but_to_draw_it(path: Path) -> None:
    assert rounded(path.read_text()) == []


def test_no_module_rounds_a_share() -> None:
    bare = re.compile(rf"\{{[^{{}}]*\b{SHARE}[^{{}}]*:[,]?\.\d[f%]\}}|round\((?:100 \* )?(?:\w+\.)*{SHARE}\b")
    found = [
        f"{path.relative_to(ROOT)}: {one.group()}"
        for path in MODULES
        if path.name != "template_filters.py"
        for one in bare.finditer(path.read_text())
    ]
    assert found == []


def test_the_rule_finds_what_it_is_for() -> None:
    assert rounded('aria-label="{{ row.share|round(1)|number }}"') == ["share|round"]
    assert rounded('<rect width="{{ row.share|round(3) }}%"/>') == []


def test_a_kind_of_whom_nearly_all_support_is_not_told_as_all_of_them() -> None:
    said = {"a support person": 999, "a concern person": 1, "a support youth": 1, "a concern youth": 999}
    (found,) = find_differences(said, ["a"], 5)
    assert [row.share for row in found.rows] == [99, 1]
