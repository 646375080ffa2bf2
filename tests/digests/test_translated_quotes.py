"""A digest in a reader's language quotes a person's translation below the original, which it links to."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from consult.analysis import service as analysis
from consult.core.clock import now
from consult.core.i18n import force_locale
from consult.core.web.access import Role
from consult.digests import letters as delivery_letters
from consult.digests import service as digests
from consult.digests.content.rows import Quote
from consult.digests.model import Cadence, Digest
from consult.digests.render import current_quotes, template_helpers
from consult.mail.render import render_letter
from consult.submissions.comments import queries as comments_queries
from consult.submissions.comments import translations
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
    analysis.FOLLOWER.follow(session, consultation_id=consultation.id, until=until)
    digest = digests.compile_digest(session, consultation_id=consultation.id, cadence=Cadence.DAILY, slot_at=now())
    assert digest is not None
    said = comments_queries.list_comments(session, row.id)[0]
    mark = translations.get_source(session, said.id).mark
    translations.translate(
        session, comment_id=said.id, language="en", body=ENGLISH, credit="Language service", by=moderator.id, mark=mark
    )
    return digest, said, moderator.id


def quote_of(session: Session, digest: Digest) -> Quote:
    return next(current_quotes.iterate_quotes(current_quotes.fill_quotes(session, digest.body)))


def test_a_translation_is_quoted_with_who_made_it_and_the_original_linked(app: Flask, session: Session) -> None:
    digest, _said, _by = compiled(session)
    body = current_quotes.fill_quotes(session, digest.body)
    letter = render_letter(
        delivery_letters.TEMPLATE, "en", {**delivery_letters.build_context(digest, body), "place": lambda name: name}
    )
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
            assert bool(template_helpers.translation(quote)) is there


def test_a_translation_of_other_words_is_not_quoted(app: Flask, session: Session) -> None:
    digest, said, _by = compiled(session)
    said.redacted_body = said.body.replace("poco", "█████")
    session.flush()
    assert quote_of(session, digest).gone == "redacted"
    assert not template_helpers.translation(quote_of(session, digest))
