"""A digest in a reader's language quotes a person's translation below the original, which it links to."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from consult.analysis import service as analysis
from consult.core.access import Role
from consult.core.clock import now
from consult.digests import letters, shown, telling
from consult.digests import service as digests
from consult.digests.model import Cadence, Digest
from consult.mail.rendering import render
from consult.submissions import lists, translations
from consult.submissions.model import Comment
from tests import factories
from tests.filing import comment, file, numbered

SPANISH = "El sesenta por ciento es poco para quienes esperan."
ENGLISH = "Sixty per cent is little for those who wait."


def compiled(session: Session) -> tuple[Digest, Comment, int]:
    """A digest that quotes one Spanish comment, with a translation of it made after it was compiled."""
    consultation, moderator = factories.consultation(session), factories.account(session, Role.MODERATOR)
    row = file(session, consultation, comment(session, consultation, SPANISH), language="es", published=True)
    until = numbered(session)
    analysis.follow(session, consultation_id=consultation.id, until=until)
    digest = digests.compile_digest(session, consultation_id=consultation.id, cadence=Cadence.DAILY, slot_at=now())
    assert digest is not None
    said = lists.comments_of(session, row.id)[0]
    mark = translations.original(session, said.id).mark
    translations.translate(
        session, comment_id=said.id, language="en", body=ENGLISH, credit="Language service", by=moderator.id, mark=mark
    )
    return digest, said, moderator.id


def quote_of(session: Session, digest: Digest) -> dict[str, Any]:
    return next(shown.quotes(shown.fill(session, digest.body)))


def test_a_translation_is_quoted_with_who_made_it_and_the_original_linked(app: Flask, session: Session) -> None:
    digest, _said, _by = compiled(session)
    body = shown.fill(session, digest.body)
    letter = render(letters.TEMPLATE, "en", {**letters.context(digest, body), "place": lambda name: name})
    for text in (letter.text, letter.html):
        said = " ".join(text.split()).replace("\u2068", "").replace("\u2069", "")
        assert "Translation by Language service" in said
        assert ENGLISH in said
    assert "sesenta" in letter.text
    assert "/comments/" in letter.text


def test_readers_of_the_original_are_not_given_a_translation(app: Flask, session: Session) -> None:
    digest, _said, _by = compiled(session)
    quote = quote_of(session, digest)
    for language, there in (("en", True), ("es", False), ("ar", False)):
        with force_locale(language):
            assert bool(telling.translation(quote)) is there


def test_a_translation_of_other_words_is_not_quoted(app: Flask, session: Session) -> None:
    digest, said, _by = compiled(session)
    said.redacted_body = said.body.replace("poco", "█████")
    session.flush()
    assert quote_of(session, digest).get("gone") == "redacted"
    assert not telling.translation(quote_of(session, digest))
