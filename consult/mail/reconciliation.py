"""Reconciliation of the outbox: `built = sent + failed + dead + suppressed + waiting`, counted independently."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.logs import log
from consult.mail.model import WAITING_STATES, Letter, LetterContent, Reconciliation, State

_LOOK_BACK = timedelta(days=8)
_KEEP = timedelta(days=30)


def reconcile(session: Session) -> Reconciliation:
    """Check the e-mails of the last eight days and all waiting ones, and store the sums.

    `built` is counted when e-mails are created: on the content of an edition, and as one for every other e-mail.
    """
    moment = now()
    recent = Letter.created_at >= moment - _LOOK_BACK
    edition = select(LetterContent.id).where(LetterContent.shared, LetterContent.created_at >= moment - _LOOK_BACK)
    of_edition = Letter.content_id.in_(edition)
    own = recent & or_(
        Letter.content_id.is_(None), ~Letter.content_id.in_(select(LetterContent.id).where(LetterContent.shared))
    )
    rows = session.execute(select(Letter.state, func.count()).where(or_(of_edition, own)).group_by(Letter.state))
    states = {state: int(n) for state, n in rows}
    built = int(
        session.scalar(select(func.coalesce(func.sum(LetterContent.built), 0)).where(LetterContent.id.in_(edition)))
        or 0
    )
    row = Reconciliation(
        at=moment,
        built=built + int(session.scalar(select(func.count()).select_from(Letter).where(own)) or 0),
        sent=states.get(State.SENT, 0),
        failed=states.get(State.FAILED, 0),
        dead=states.get(State.DEAD, 0),
        suppressed=states.get(State.SUPPRESSED, 0),
        waiting=sum(states.get(state, 0) for state in WAITING_STATES),
        unreachable=_count_unreachable(session),
    )
    session.add(row)
    session.execute(delete(Reconciliation).where(Reconciliation.at < moment - _KEEP))
    if not row.balanced:
        log.error("mail.does_not_balance", built=row.built, waiting=row.waiting, unreachable=row.unreachable)
    return row


def _count_unreachable(session: Session) -> int:
    gone = Letter.to_sealed.is_(None) | Letter.content_id.is_(None)
    return int(session.scalar(select(func.count()).where(Letter.state.in_(WAITING_STATES), gone)) or 0)
