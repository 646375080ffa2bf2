"""Services of the analysis: follow the ledger, compare all texts, declare a campaign."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis import jobs
from consult.analysis.kinds import MIN_COPIES
from consult.analysis.ledger_counts import COUNT_ENTRIES, FORGET_ORGANISATIONS
from consult.analysis.model import Campaign
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.queue import find_task, nudge
from consult.core.text import clean_text, fingerprint, normalise, one_line
from consult.ledger.followers import Follower, Window
from consult.ledger.kinds import SUBMISSION_KINDS
from consult.ledger.model import Kind

_LEAST = 10
"""The minimum length of a declared letter in words. Shorter texts may coincide by chance."""


class LetterTooShort(Refusal):
    """The text is too short to recognise copies of it."""


def _count_window(session: Session, window: Window) -> None:
    """Count the submissions that the entries of a window touch, and classify their texts."""
    silent = session.scalars(COUNT_ENTRIES, {**window.values, "copies": MIN_COPIES}).all()
    if silent:
        session.execute(FORGET_ORGANISATIONS, {**window.values, "names": list(silent)})
    jobs.place_texts(session, window.consultation_id, window.until)


FOLLOWER = Follower("analysis", (*SUBMISSION_KINDS, Kind.COMMENTS_PLACED), _count_window, step=10_000)
"""Classifies new and changed texts up to the ledger entry that it has reached."""


def compare(session: Session, *, consultation_id: int) -> None:
    """Regroup all texts of a consultation, so that their order of arrival has no influence. Safe to repeat.

    The cost grows with all texts, so it is done only after growth by half: `queries.is_due`.
    """
    FOLLOWER.lock(session, consultation_id)
    position = FOLLOWER.get_position(session, consultation_id)
    if position > 1:
        jobs.place_texts(session, consultation_id, position)
        jobs.compare_texts(session, consultation_id, position + 1)


_OPPOSITION = text(
    """
    UPDATE text_group g SET opposition = f.score
    FROM unnest(CAST(:hashes AS bytea[]), CAST(:scores AS float[])) AS f (text_hash, score)
    WHERE g.consultation_id = :consultation AND g.text_hash = f.text_hash
    """
)


def store_opposition(session: Session, consultation_id: int, scores: Mapping[bytes, float]) -> None:
    """Store the scores by which texts are ordered for reading. Pages do not show the scores."""
    given = {"hashes": list(scores), "scores": list(scores.values())}
    session.execute(_OPPOSITION, {"consultation": consultation_id, **given})


def declare(
    session: Session,
    *,
    consultation: Consultation,
    account: Account,
    name: str,
    organiser: str,
    letter: str,
    consent: bool,
) -> Campaign:
    """Declare a campaign as its organiser describes it, or add the description to a campaign with the same letter.

    A letter needs at least ten words to tell copies from chance. Raises LetterTooShort.
    """
    words = clean_text(letter)
    if len(normalise(words).split()) < _LEAST:
        raise LetterTooShort(_("Paste the whole campaign letter (at least ten words)."), field="letter")
    key = fingerprint(words)
    FOLLOWER.lock(session, consultation.id)
    row = session.scalar(
        select(Campaign).where(Campaign.consultation_id == consultation.id, Campaign.letter_hash == key)
    )
    if row is None:
        row = Campaign(consultation_id=consultation.id, letter_hash=key, versions=[], core=b"", detected=False)
        session.add(row)
    row.letter, row.name, row.organiser, row.consent = words, one_line(name), one_line(organiser), consent
    row.declared_by, row.declared_at = account.id, now()
    session.flush()
    nudge(session, find_task("analysis.compare"), consultation.id)
    return row
