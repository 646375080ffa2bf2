"""The list of a submission's fields is complete, and nothing beside it lists them again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields as dataclass_fields
from pathlib import Path

import pytest

from consult.submissions.fields import ERASED_COLUMNS, FIELDS, STORED, DraftSubmitter
from consult.submissions.model import Submission

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "consult"
LIST = PACKAGES / "submissions/fields.py"
MODULES = sorted({path for name in ("submissions", "trace") for path in (PACKAGES / name).rglob("*.py")} - {LIST})
NAMES = {field.name for field in FIELDS}
OF_THE_RECORD = {
    "id", "reference", "consultation_id", "version_id", "state", "revision", "received_at", "late",
    "source", "source_id",
}  # fmt: skip
"""Columns that say nothing of the submitter: they stay when a submission is erased."""
AT_MOST = 2
"""So many fields may stand together by hand, as where a form asks for a name and what is named."""

SHOWN = {"submissions/comments/published.py", "submissions/comments/statements.py", "submissions/relations.py"}
"""What pages show beside a comment, and upper packages may read: each by its name, whatever else is known."""


def test_every_column_is_a_field_is_erased_or_is_of_the_record() -> None:
    columns = {column.name for column in Submission.__table__.columns}
    kept = {field.name for field in STORED if not field.personal}
    assert columns == ERASED_COLUMNS.keys() | kept | OF_THE_RECORD
    assert not ERASED_COLUMNS.keys() & (kept | OF_THE_RECORD)


def test_every_field_but_the_language_is_erased() -> None:
    assert {field.name for field in FIELDS if not field.personal} == {"language"}
    assert {field.name for field in STORED} - {"language"} <= ERASED_COLUMNS.keys()
    assert {field.name for field in FIELDS if not field.stored} == {"email"}, "erased with its Contact"


def test_every_value_that_a_submitter_states_is_in_the_list() -> None:
    assert {value.name for value in dataclass_fields(DraftSubmitter)} == NAMES


def listed(tree: ast.AST) -> Iterator[set[str]]:
    """The fields that one call, or one dictionary, has by name; those read by `row.name` in one expression."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = [*node.args, *(word.value for word in node.keywords)]
            read = {it.attr for arg in given for it in ast.walk(arg) if isinstance(it, ast.Attribute)}
            yield NAMES & ({word.arg for word in node.keywords if word.arg} | read)
        elif isinstance(node, ast.Dict):
            yield NAMES & {key.value for key in node.keys if isinstance(key, ast.Constant)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_other_module_lists_fields_by_hand(path: Path) -> None:
    found = [sorted(names) for names in listed(ast.parse(path.read_text())) if len(names) > AT_MOST]
    assert found == [] or str(path.relative_to(PACKAGES)) in SHOWN
