"""A document gets its text, and keeps it once it is published."""

from __future__ import annotations

from hashlib import sha256

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.documents import queries, service
from consult.documents.model import Version
from consult.ledger.model import LedgerEntry
from tests.counting import statements

LONG = "word " * 5000
TEXT = "# Plan\n\n## 1 Aims\n\n1.1 One:\n\n(a) first;\n\n- inner\n\n(b) second.\n\n1.2 Two.\n\n## 2 Means\n\n2.1 Money."


@pytest.fixture
def version(session: Session) -> Version:
    made = service.create(session, title="Plan", language="en")
    service.replace_text(session, version_id=made.id, text=TEXT)
    session.flush()
    return made


def words(session: Session, version: Version) -> list[str]:
    return [row.text for row in queries.list_provisions(session, version.id) if row.text]


def test_the_text_is_stored_as_a_tree_in_its_order(session: Session, version: Version) -> None:
    rows = queries.list_provisions(session, version.id)
    assert [row.number for row in rows] == ["1", "1.1", "(a)", "•", "(b)", "1.2", "2", "2.1"]
    by_id = {row.id: row for row in rows}
    assert [by_id[row.parent_id].number if row.parent_id else None for row in rows] == [
        None, "1", "1.1", "(a)", "1.1", "1", None, "2",
    ]  # fmt: skip
    assert all(row.wid == row.eid for row in rows)


def test_a_new_text_replaces_the_former_one_until_it_is_published(session: Session, version: Version) -> None:
    service.replace_text(session, version_id=version.id, text="## 1 Aims\n\nOther words.")
    assert words(session, version) == ["Other words."]
    service.publish(session, version_id=version.id, consultation_id=None, actor=None)
    with pytest.raises(service.VersionFrozen):
        service.replace_text(session, version_id=version.id, text=TEXT)
    with pytest.raises(service.VersionFrozen):
        service.publish(session, version_id=version.id, consultation_id=None, actor=None)
    assert words(session, version) == ["Other words."]


def test_a_text_with_problems_changes_nothing_and_says_all_of_them(session: Session, version: Version) -> None:
    with pytest.raises(service.DraftRefused) as refused:
        service.replace_text(session, version_id=version.id, text=f"## 1 Aims\n\n{LONG}\n\n{LONG}")
    assert [problem.line for problem in refused.value.problems] == [3, 5]
    assert refused.value.field == "text"
    assert words(session, version)[0] == "One:"


def test_a_draft_without_text_is_not_published(session: Session) -> None:
    made = service.create(session, title="Plan", language="en")
    with pytest.raises(service.Refusal, match="Add the text of the draft first"):
        service.publish(session, version_id=made.id, consultation_id=None, actor=None)


def test_the_ledger_says_which_text_was_published(session: Session, version: Version) -> None:
    service.publish(session, version_id=version.id, consultation_id=7, actor="somebody")
    session.flush()
    [entry] = session.scalars(select(LedgerEntry)).all()
    assert (entry.kind, entry.subject_id, entry.consultation_id) == ("draft.published", version.id, 7)
    assert entry.commitment == sha256(TEXT.encode()).digest()
    assert (entry.detail["version"], entry.detail["provisions"]) == (1, 8)


def test_headings_and_paragraphs_are_known_by_their_numbers(session: Session, version: Version) -> None:
    with statements() as sent:
        found = queries.ids_by_number(session, version.id)
    assert list(found) == ["1", "1.1", "1.2", "2", "2.1"]
    assert len(sent) == 1
