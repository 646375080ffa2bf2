"""Failed e-mails: list them, send them again or end them. Address and content are kept for 30 days."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import UnsealError, blind_index, unseal
from consult.core.paging import Page, decode_id_cursor, make_page
from consult.core.queue import find_task, nudge
from consult.mail.model import Letter, State
from consult.mail.queries import IS_DEAD

RETENTION = timedelta(days=30)
_PAGE = 50
_END = text(
    """
    WITH ended AS (
        UPDATE letter SET state = 'failed', reason = coalesce(:reason, 'ended: ' || reason), to_sealed = NULL,
            fields_sealed = NULL, content_id = CASE WHEN shared THEN content_id END
        FROM (
            SELECT l.id AS number, c.id AS content, coalesce(c.shared, false) AS shared
            FROM letter l LEFT JOIN letter_content c ON c.id = l.content_id
            WHERE l.id = ANY(:ids)
        ) given
        WHERE letter.id = given.number AND letter.state IN ('dead', 'uncertain')
        RETURNING letter.id, given.content, given.shared
    ), gone AS (
        DELETE FROM letter_content WHERE id IN (SELECT content FROM ended WHERE NOT shared)
    )
    SELECT id FROM ended
    """
)


@dataclass(frozen=True)
class DeadLetter:
    """A failed e-mail. Only the domain of its address is shown, to protect the recipient."""

    id: int
    key: str
    host: str
    reason: str
    attempts: int
    written_at: datetime
    died_at: datetime

    @property
    def kind(self) -> str:
        """Return the kind of the e-mail, the start of its key: `receipt`, `account:reset`, `digest` …"""
        parts = self.key.split(":")
        return ":".join(parts[:2]) if parts[0] == "account" else parts[0]


def list_dead_letters(session: Session, *, after: str | None = None) -> Page[DeadLetter]:
    """Return a page of the failed e-mails that can be sent again, oldest first."""
    rows = session.scalars(
        select(Letter).where(IS_DEAD, Letter.id > (decode_id_cursor(after) or 0)).order_by(Letter.id).limit(_PAGE + 1)
    ).all()
    letters = [
        DeadLetter(
            row.id, row.key, _unseal_host(row.to_sealed), row.reason or "", row.attempts, row.created_at, row.next_at
        )
        for row in rows
    ]
    return make_page(letters, _PAGE, lambda row: [row.id])


def _unseal_host(sealed: bytes | None) -> str:
    try:
        return unseal(bytes(sealed)).rpartition("@")[2] if sealed else ""
    except UnsealError:
        return ""


def send_again(session: Session, *, letter_ids: Collection[int] | None = None) -> int:
    """Queue failed e-mails again with the same Message-ID and return their number. None means all of them."""
    which = IS_DEAD if letter_ids is None else Letter.id.in_(letter_ids)
    done = session.scalars(
        update(Letter)
        .where(which, Letter.state == State.DEAD, Letter.to_sealed.is_not(None))
        .values(state=State.PENDING, reason=None, attempts=0, cuts=0, next_at=now())
        .returning(Letter.id)
        .execution_options(synchronize_session=False)
    ).all()
    if done:
        nudge(session, find_task("mail.drain"), 0)
    return len(done)


def end_letters(session: Session, *, letter_ids: Sequence[int], reason: str | None = None) -> int:
    """Stop sending failed or uncertain e-mails, delete their address and content, and return their number."""
    return len(session.execute(_END, {"ids": list(letter_ids), "reason": reason}).all())


def end_by_address(session: Session, *, address: str) -> int:
    """End all failed e-mails to one address."""
    mine = select(Letter.id).where(IS_DEAD, Letter.to_index == blind_index(address))
    return end_letters(session, letter_ids=session.scalars(mine).all())


def end_expired(session: Session, *, at: datetime) -> int:
    """End the e-mails that failed more than 30 days ago."""
    old = select(Letter.id).where(IS_DEAD, Letter.next_at < at - RETENTION)
    return end_letters(session, letter_ids=session.scalars(old).all())
