"""The verbs of the analysis: follow the ledger of a consultation up to a number; declare a campaign."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis.following import FOLLOW
from consult.analysis.kinds import COPIES
from consult.analysis.model import Campaign, Cursor
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import lock, try_lock
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.queue import named, nudge
from consult.core.text import clean, fingerprint, normalise, one_line

STEP = 10_000
"""Entries that are followed in one transaction of a task."""
_AT_IT = "analysis.follow"
_LEAST = 10
"""Words of a letter that can be told from a sentence anybody might write."""
_AT = text("SELECT upto FROM analysis_cursor WHERE consultation_id = :consultation")


class NotALetter(Refusal):
    """The words are too few to tell copies of them from what anybody might write."""


def follow(session: Session, *, consultation_id: int, until: int) -> int:
    """Counts the consultation's entries below `until` that were not counted yet; gives the number it is now at.

    Every text that is new, or stands otherwise than before, is then in its class and campaign. Serial per
    consultation, and safe to repeat: what is counted is never counted again, and the position moves in the transaction
    that counts. A position beyond `until` stays where it is.
    """
    _lock(session, consultation_id)
    at = position(session, consultation_id)
    while at < until:
        step = min(until, at + STEP)
        session.execute(FOLLOW, {"consultation": consultation_id, "since": at, "until": step, "copies": COPIES})
        _engine().place(session, consultation_id)
        at = step
    return at


def position(session: Session, consultation_id: int) -> int:
    """The ledger number up to which a consultation was followed."""
    return session.scalar(_AT, {"consultation": consultation_id}) or 1


def compare(session: Session, *, consultation_id: int) -> None:
    """Groups all texts of a consultation anew, so that their order of arrival makes no difference.

    Costs as much as there is, so it is done when half as much came again: `queries.is_due`. Safe to repeat.
    """
    _lock(session, consultation_id)
    if session.get(Cursor, consultation_id) is not None:
        _engine().place(session, consultation_id)
        _engine().compare(session, consultation_id)


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
    """A campaign as its organiser describes it; one that was found with the same letter is now both.

    Copies are told from what anybody might write by the words, so a letter has at least ten. Raises NotALetter.
    """
    words = clean(letter)
    if len(normalise(words).split()) < _LEAST:
        raise NotALetter(_("Paste the whole letter: ten words or more."), field="letter")
    key = fingerprint(words)
    _lock(session, consultation.id)
    row = session.scalar(
        select(Campaign).where(Campaign.consultation_id == consultation.id, Campaign.letter_hash == key)
    )
    if row is None:
        row = Campaign(consultation_id=consultation.id, letter_hash=key, versions=[], core=b"", detected=False)
        session.add(row)
    row.letter, row.name, row.organiser, row.consent = words, one_line(name), one_line(organiser), consent
    row.declared_by, row.declared_at = account.id, now()
    session.flush()
    nudge(session, named("analysis.compare"), consultation.id)
    return row


def is_free(session: Session, consultation_id: int) -> bool:
    """Takes the consultation for this transaction where no other follows or compares it; says whether it did."""
    return try_lock(session, _AT_IT, consultation_id)


def _lock(session: Session, consultation_id: int) -> None:
    lock(session, _AT_IT, consultation_id)


def _engine() -> Any:
    """Loaded when there is something to place: it needs numpy, which no page does."""
    return import_module("consult.analysis.engine")
