"""Erasure in editions and counts: hashes of quoted comments and of texts. Quotes are positions only."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.digests import letters
from consult.digests.model import Digest, DigestQuote

_UNPROVE = text("UPDATE digest_quote SET sha256 = '' WHERE submission_id = :submission AND sha256 <> ''")
_FORGET_TEXTS = text(
    """
    WITH counted AS (
        UPDATE heard_counted c SET text_hash = '' FROM (
            SELECT submission_id, consultation_id, text_hash FROM heard_counted
            WHERE submission_id = :submission AND text_hash <> '' AND spots = '{}' FOR UPDATE
        ) AS old WHERE c.submission_id = old.submission_id RETURNING old.consultation_id, old.text_hash
    )
    DELETE FROM heard_text t USING counted
    WHERE t.consultation_id = counted.consultation_id AND t.text_hash = counted.text_hash AND t.n = 0
    """
)


def rewrite_letters(session: Session, submission_id: int) -> None:
    """Render again the e-mails of editions that quote an erased submission. Safe to repeat."""
    quoting = select(DigestQuote.digest_id).where(DigestQuote.submission_id == submission_id)
    for digest in session.scalars(select(Digest).where(Digest.id.in_(quoting)).order_by(Digest.id)):
        letters.rewrite_letters(session, digest)


def clear(session: Session, submission_id: int) -> None:
    """Delete all hashes of an erased submission from quotes and counts. Safe to repeat."""
    session.execute(_UNPROVE, {"submission": submission_id})
    session.execute(_FORGET_TEXTS, {"submission": submission_id})
