"""Errata: what an edition quotes is read where it is kept, and what was taken down since is gone from every edition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.core.web.access import Role
from consult.digests.content.body_json import canonical_form, canonical_json, to_json
from consult.digests.model import Digest, Subscription
from consult.digests.render import current_quotes
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail import outbox
from consult.mail.model import Letter
from consult.submissions import service as submissions
from consult.submissions.model import Comment, State
from tests import factories
from tests.filing import comment, decide, file

Compile = Callable[..., Digest]
WORDS = "Sixty per cent is below the level at which transmission falls, so eighty should be the target."


@pytest.mark.parametrize("end", [State.WITHDRAWN, State.ERASED, State.WITHHELD])
def test_a_quote_whose_comment_was_taken_down_is_gone_and_the_note_stays(
    session: Session, compile: Compile, sign_in: Any, end: State
) -> None:
    row = factories.consultation(session)
    said = file(session, row, WORDS, person="Rosa Sample", published=True)
    digest = compile(row)
    before = canonical_form(digest.body)
    desk = sign_in(factories.account(session, Role.POLICYMAKER))
    assert WORDS in desk.get(f"/desk/digests/{digest.id}").text

    decide(session, said, end, "off_topic")
    page = desk.get(f"/desk/digests/{digest.id}").text
    assert WORDS not in page
    assert "Rosa Sample" not in page
    assert "1 quote was removed after this edition was sent" in page
    assert said.reference in page
    session.refresh(digest)
    assert canonical_form(digest.body) == before


def test_erased_words_and_names_are_in_no_stored_digest(session: Session, compile: Compile) -> None:
    row = factories.consultation(session)
    file(session, row, WORDS, person="Rosa Sample", published=True)
    compile(row)
    kept = session.scalar(text("SELECT string_agg(body::text, '') FROM digest")) or ""
    assert "transmission falls" not in kept
    assert "Rosa Sample" not in kept


def test_covered_words_take_the_quote_back_and_are_never_quoted_again(session: Session, compile: Compile) -> None:
    row = factories.consultation(session)
    said = file(session, row, WORDS, published=True)
    digest = compile(row)
    spoken = session.scalars(select(Comment).where(Comment.submission_id == said.id)).one()
    spoken.redacted_body = WORDS.replace("Sixty", "█████")
    session.flush()
    (removed,) = current_quotes.list_removed_quotes(current_quotes.fill_quotes(session, digest.body))
    assert (removed.quote.gone, removed.quote.words) == ("redacted", "")

    later = compile(row, "closing")
    (found,) = list(current_quotes.iterate_quotes(current_quotes.fill_quotes(session, later.body)))
    assert found.words.startswith("█████")


def test_the_next_digest_of_the_series_says_what_was_taken_back_once(
    session: Session, compile: Compile, subscribe: Callable[..., Subscription]
) -> None:
    row = factories.consultation(session)
    subscribe(row)
    said = file(session, row, WORDS, published=True)
    first = compile(row)
    submissions.withdraw(session, said)
    second = compile(row)
    assert [(one.digest, one.reference, one.gone) for one in second.body.errata] == [
        (first.id, said.reference, "withdrawn")
    ]
    file(session, row, comment(session, row, "Another view of it.", "1.2"), published=True)
    assert compile(row).body.errata == ()

    letter = session.scalars(select(Letter).where(Letter.key.startswith(f"digest:{second.id}"))).one()
    with outbox.open_connection() as connection:
        claimed = outbox.claim(connection, due=letter.next_at, held=letter.next_at, most=9)
        said_in_mail = outbox.load_contents(connection, claimed)[letter.content_id or 0].template.pour(
            claimed[1].fields
        )
    assert b"which its author has since withdrawn" in said_in_mail.replace(b"=\r\n", b"")


def test_a_digest_of_the_first_body_is_shown_as_it_was(session: Session, compile: Compile, sign_in: Any) -> None:
    row = factories.consultation(session)
    file(session, row, WORDS, person="Rosa Sample", published=True)
    digest = compile(row)
    old = to_json(current_quotes.fill_quotes(session, digest.body))
    for name in ("version", "coverage", "heard_less", "since", "errata"):
        del old[name]
    for place in old["places"]:
        del place["texts"], place["texts_new"]
        for quote in place["quotes"]:
            del quote["gone"]
    old["manifest"]["rules"] = {"body": 1, "quotes": 1, "normal": 1, "campaign": 5}
    session.execute(text("UPDATE digest SET body = CAST(:body AS jsonb)"), {"body": canonical_json(old).decode()})
    page = sign_in(factories.account(session, Role.POLICYMAKER)).get(f"/desk/digests/{digest.id}")
    assert page.status_code == 200
    assert WORDS in page.text
    assert "Rosa Sample" in page.text


def test_what_is_covered_otherwise_after_it_was_published_stays_published_in_the_books(
    session: Session, compile: Compile
) -> None:
    row = factories.consultation(session)
    said = file(session, row, WORDS, published=True)
    compile(row)
    ledger.record(session, Kind.COVERED, subject_id=said.id, consultation_id=row.id)
    books = compile(row, "closing").body.books
    assert (books.received, books.published) == (1, 1)
