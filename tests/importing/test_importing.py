"""Imported comments are submissions like any other: in the books, the ledger and the queue, each once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from babel import Locale
from babel.core import get_global
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.crypto import commitment
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.web.template_filters import language_name
from consult.documents.model import Provision
from consult.ledger.model import LedgerEntry
from consult.submissions import imports, queries
from consult.submissions import values as submissions_values
from consult.submissions.imports import ImportedComment, ImportTarget, RecordRejected
from consult.submissions.model import Comment, NameRule, Stance, State, Submission, SubmitterKind, Tally
from tests import factories, filing


@pytest.fixture
def consultation(session: Session) -> Consultation:
    return factories.consultation(session, slug="plan", language="es")


@pytest.fixture
def into(session: Session, consultation: Consultation) -> ImportTarget:
    return imports.get_target(session, slug="plan", source="docket")


def row(into: ImportTarget, number: int, **cells: str) -> ImportedComment:
    return imports.check_record(into, **{"source_id": f"C-{number}", "body": f"Comment {number}.", **cells})


def filed(session: Session, into: ImportTarget, rows: list[ImportedComment]) -> int:
    return imports.file_batch(session, into, imports.seal_batch(into, rows), at=now())


def record_of(reference: str, body: str, on: str | None = None) -> bytes:
    said = {"on": on, "stance": None, "language": "es", "body": body}
    return submissions_values.canonical_bytes(
        reference=reference, language="es", name_rule=NameRule.NONE, name=None, country=None, comments=[said]
    )


def test_a_comment_is_filed_without_a_name_and_waits_for_review(session: Session, into: ImportTarget) -> None:
    cells = {"stance": "Concern", "provision": "2.1", "language": "fr-CA"}
    assert filed(session, into, [row(into, 1, **cells)]) == 1
    submission = session.scalars(select(Submission)).one()
    comment = session.scalars(select(Comment)).one()
    assert (submission.state, submission.source, submission.source_id) == (State.PENDING, "docket", "C-1")
    assert (submission.submitter_kind, submission.name_rule, submission.revision) == (
        SubmitterKind.UNNAMED, NameRule.NONE, 1,
    )  # fmt: skip
    assert (comment.body, comment.stance, comment.language, comment.shown) == (
        "Comment 1.", Stance.CONCERN, "fr", False,
    )  # fmt: skip
    assert session.get_one(Provision, comment.provision_id).number == "2.1"
    assert submission.text_hash == submissions_values.text_hash(["Comment 1."])
    assert submission.reference.startswith("DP27-")


def test_the_ledger_commits_to_the_words_as_it_does_for_every_submission(session: Session, into: ImportTarget) -> None:
    filed(session, into, [row(into, 1, provision="1.2")])
    submission, entry = session.scalars(select(Submission)).one(), session.scalars(select(LedgerEntry)).one()
    assert (entry.kind, entry.subject_id, entry.detail) == (
        "submission.received", submission.id, {"source": "docket"},
    )  # fmt: skip
    record = record_of(submission.reference, "Comment 1.", on="chp_1__para_2")
    assert entry.commitment == commitment(submission.salt or b"", record)


def test_what_is_there_already_is_not_added_again(session: Session, into: ImportTarget) -> None:
    rows = [row(into, number) for number in range(5)]
    assert filed(session, into, rows[:3]) == 3
    session.commit()
    assert filed(session, into, [*rows, rows[4]]) == 2
    assert filed(session, into, rows) == 0
    assert filed(session, into, []) == 0
    assert session.scalar(select(func.count()).select_from(Comment)) == 5
    assert session.scalar(select(func.count()).select_from(LedgerEntry).where(filing.EVENTS)) == 5
    assert [s.source_id for s in session.scalars(select(Submission).order_by(Submission.id))] == [
        "C-0", "C-1", "C-2", "C-3", "C-4",
    ]  # fmt: skip


def test_the_same_id_from_another_source_is_another_comment(session: Session, into: ImportTarget) -> None:
    other = imports.get_target(session, slug="plan", source="letters")
    assert filed(session, into, [row(into, 1)]) == 1
    assert filed(session, other, [row(other, 1)]) == 1


def test_two_imports_of_one_file_at_once_add_each_comment_once(
    app: Flask, session: Session, into: ImportTarget
) -> None:
    session.commit()
    rows, engine = [row(into, number) for number in range(50)], db.engine

    def second() -> int:
        with Session(engine) as other, other.begin():
            return filed(other, into, rows)

    with ThreadPoolExecutor(1) as pool:
        assert filed(session, into, rows) == 50
        waiting = pool.submit(second)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.3)
        session.commit()
        assert waiting.result(timeout=60) == 0
    assert queries.audit(session, into.consultation_id).received == 50


def test_the_books_balance_after_an_import(session: Session, consultation: Consultation) -> None:
    for published in (False, True):
        into = imports.get_target(session, slug="plan", source=str(published), published=published)
        rows = [row(into, number, provision=("2.1", "", "1.1")[number % 3], stance="support") for number in range(30)]
        filed(session, into, rows)
    books = queries.audit(session, consultation.id)
    assert (books.received, books.pending, books.published) == (60, 30, 30)
    on_paragraphs = select(func.sum(Tally.n)).where(Tally.provision_id.is_not(None), Tally.state == State.PUBLISHED)
    assert session.scalar(on_paragraphs) == 20


def test_what_was_moderated_elsewhere_is_shown_at_once_and_received_before_published(
    session: Session, consultation: Consultation
) -> None:
    into = imports.get_target(session, slug="plan", source="docket", published=True)
    filed(session, into, [row(into, 1)])
    assert session.scalars(select(Comment.shown)).one() is True
    entries = session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)).all()
    assert [(entry.kind, entry.detail.get("was")) for entry in entries] == [
        ("submission.received", None), ("submission.published", "pending"),
    ]  # fmt: skip


def test_an_import_that_fails_leaves_nothing(session: Session, into: ImportTarget) -> None:
    session.commit()
    filed(session, into, [row(into, 1)])
    session.rollback()
    assert session.scalars(select(Submission)).all() == []
    assert filed(session, into, [row(into, 1)]) == 1


def test_references_that_are_taken_are_drawn_again(
    session: Session, into: ImportTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([{"DP27-AAAA-AA"}, {"DP27-AAAA-AA"}, {"DP27-AAAA-AA", "DP27-BBBB-BB"}, {"DP27-CCCC-CC"}])
    monkeypatch.setattr(submissions_values, "draw_references", lambda _code, _count: next(drawn))
    filed(session, into, [row(into, 1)])
    filed(session, into, [row(into, 2), row(into, 3)])
    assert set(session.scalars(select(Submission.reference))) == {"DP27-AAAA-AA", "DP27-BBBB-BB", "DP27-CCCC-CC"}


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"source_id": " "}, "the id is empty"),
        ({"source_id": "x" * 201}, "longer than 200"),
        ({"body": " \u202e\x00 \n"}, "the text is empty"),
        ({"body": "x" * 100_001}, "the text has 100001 characters, more than 100000"),
        (
            {"stance": "against"},
            "the type of comment against is not one of: keep, change, drop, neither, support",
        ),
        ({"provision": "9.9"}, "the draft has no paragraph 9.9"),
        ({"language": "English language"}, "is not a language code"),
        ({"language": "xx"}, "xx is not a language code"),
        ({"language": "xyz-419"}, "xyz-419 is not a language code"),
        ({"language": "zzz"}, "zzz is not a language code"),
    ],
)
def test_a_record_that_cannot_be_taken_in_says_why(into: ImportTarget, cells: dict[str, str], says: str) -> None:
    with pytest.raises(RecordRejected) as rejected:
        row(into, 1, **cells)
    assert says in rejected.value.message


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        ({"body": " one\r\ntwo\x00\u202e "}, {"body": "one\ntwo"}),
        ({"source_id": " 7\t"}, {"source_id": "7"}),
        ({"language": ""}, {"language": "es"}),
        ({"language": "PT-br"}, {"language": "pt"}),
        ({"language": "eng"}, {"language": "en"}),
        ({"language": "prs"}, {"language": "fa"}),
        ({"language": "quc"}, {"language": "quc"}),
        ({"language": "kek"}, {"language": "kek"}),
        ({"language": "mam-GT"}, {"language": "mam"}),
        ({"language": "und"}, {"language": "und"}),
        ({"stance": " EVIDENCE "}, {"stance": "evidence"}),
        ({"stance": ""}, {"stance": None}),
        ({"provision": " "}, {"provision_id": None}),
    ],
)
def test_cells_are_cleaned_as_everything_typed_is(
    into: ImportTarget, cells: dict[str, str], kept: dict[str, Any]
) -> None:
    new = row(into, 1, **cells)
    assert {name: getattr(new, name) for name in kept} == kept


def test_a_language_that_has_no_name_here_is_called_by_its_code(
    client: FlaskClient, session: Session, into: ImportTarget
) -> None:
    """CLDR knows in which script it is written, and has no name for it: another language with each of its releases."""
    named = {*Locale("en").languages, *Locale("es").languages}
    code = min(code for code in get_global("likely_subtags") if len(code) == 3 and code not in named)
    filed(session, replace(into, state=State.PUBLISHED), [row(into, 1, language=code)])
    reference = session.scalars(select(Submission.reference)).one()
    assert f">{code}<" in client.get(f"/c/plan/comments/{reference}", headers={"Accept-Language": "es"}).text
    assert [language_name(each) for each in (code, "quc")] == [code, "Kʼicheʼ"]


def test_a_paragraph_is_found_by_its_number_in_any_digits(into: ImportTarget) -> None:
    assert row(into, 1, provision="٢.١").provision_id == row(into, 1, provision="2.1.").provision_id is not None


@pytest.mark.parametrize("slug", ["nowhere", "hidden"])
def test_comments_are_taken_in_to_published_consultations_only(session: Session, slug: str) -> None:
    factories.consultation(session, slug="hidden", phase=Phase.DRAFT)
    with pytest.raises(NotFound):
        imports.get_target(session, slug=slug, source="docket")


def test_a_closed_consultation_can_be_given_its_past(session: Session) -> None:
    past = now().replace(year=2020, day=1)
    factories.consultation(
        session, slug="old", phase=Phase.CLOSED, opens_at=past.replace(month=1), closes_at=past.replace(month=2)
    )
    into = imports.get_target(session, slug="old", source="archive")
    assert filed(session, into, [row(into, 1)]) == 1


def test_a_reference_that_somebody_has_is_drawn_again(
    session: Session, into: ImportTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed(session, into, [row(into, 1)])
    (taken,) = session.scalars(select(Submission.reference))
    draw, first = submissions_values.draw_references, iter([{taken}, {taken, f"{taken}-FREE"}])
    monkeypatch.setattr(
        submissions_values, "draw_references", lambda code, count: next(first, None) or draw(code, count)
    )
    assert filed(session, into, [row(into, 2), row(into, 3)]) == 2
    others = session.scalars(select(Submission).where(Submission.source_id != "C-1")).all()
    assert len({taken, *(one.reference for one in others)}) == 3
    for one in others:
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.subject_id == one.id)).one()
        said = session.scalars(select(Comment).where(Comment.submission_id == one.id)).one()
        assert entry.commitment == commitment(one.salt or b"", record_of(one.reference, said.body))
