"""Subscriptions of readers: subscribe, change, pause, end; combined or separate letters."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation, Phase
from consult.consultations.service import check_owned
from consult.core.clock import now
from consult.core.db import advisory_lock
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.digests.delivery import letters as delivery_letters
from consult.digests.model import Cadence, Delivery, DigestPreferences, EarlyWarning, Subscription, WaitingDigest
from consult.mail import service as mail
from consult.mail.model import Letter, State
from consult.moderation.queue import service as moderation_queue
from consult.moderation.queue import urgency

_SEAMLESS = (Cadence.DAILY, Cadence.WEEKLY, Cadence.IMMEDIATE)


class CadenceNotAvailable(Refusal):
    """The digest that was asked for will never be made."""


def subscribe(
    session: Session,
    *,
    account: Account,
    consultation: Consultation,
    cadence: Cadence,
    language: str,
    paused_until: datetime | None = None,
    at: datetime | None = None,
) -> Subscription:
    """The account's one subscription to the consultation, begun, begun again or changed.

    A change of cadence begins where both series end a window at the same entry, at the next slot they share: so
    nothing is told twice and nothing is left out. The digest on closing tells everything, so it has no such seam.
    """
    moment = at or now()
    _check_available(session, consultation, cadence, moment)
    _check_pause(paused_until, moment)
    advisory_lock(session, "digests.subscribe", account.id)
    row = find_subscription(session, account_id=account.id, consultation_id=consultation.id)
    if row is None:
        row = Subscription(
            account_id=account.id,
            consultation_id=consultation.id,
            cadence=cadence,
            next_cadence=None,
            language=language,
            created_at=moment,
            ended_at=None,
        )
        session.add(row)
    else:
        _change(row, cadence, language, moment)
    row.paused_until = paused_until
    session.flush()
    return row


def _check_available(session: Session, consultation: Consultation, cadence: Cadence, at: datetime) -> None:
    """Raises where no digest of this cadence will ever be made."""
    if consultation.phase is Phase.DRAFT:
        raise NotFound(_("There is no consultation at this address."))
    if cadence is Cadence.CLOSING and consultation.closes_at <= at:
        raise CadenceNotAvailable(
            _("This consultation has closed. Choose the daily or the weekly digest."), field="cadence"
        )
    if cadence is Cadence.IMMEDIATE and session.get(EarlyWarning, consultation.id) is None:
        raise CadenceNotAvailable(
            _("Digests at once are sent only for an early warning. Choose another."), field="cadence"
        )


def _check_pause(until: datetime | None, at: datetime) -> None:
    if until is not None and until <= at:
        raise Refusal(_("Choose a day that is still to come."), field="paused_until")


def _change(row: Subscription, cadence: Cadence, language: str, at: datetime) -> None:
    row.language = language
    if row.ended_at is not None:
        row.cadence, row.next_cadence, row.created_at, row.ended_at = cadence, None, at, None
    elif row.cadence is not cadence and not {row.cadence, cadence} <= set(_SEAMLESS):
        row.cadence, row.next_cadence, row.created_at = cadence, None, at
    else:
        row.next_cadence = None if cadence is row.cadence else cadence


def find_subscription(session: Session, *, account_id: int, consultation_id: int) -> Subscription | None:
    """The account's subscription to a consultation, also one that has ended."""
    return session.scalar(
        select(Subscription).where(
            Subscription.account_id == account_id, Subscription.consultation_id == consultation_id
        )
    )


def end_subscription(session: Session, row: Subscription, *, at: datetime | None = None) -> None:
    """No digest of this subscription is sent from now on, also none that is waiting in the outbox."""
    if row.ended_at is None:
        row.ended_at, row.next_cadence = at or now(), None
    session.execute(delete(WaitingDigest).where(WaitingDigest.subscription_id == row.id))
    waiting = (
        select(Letter.id)
        .join(Delivery, Delivery.letter_id == Letter.id)
        .where(Delivery.subscription_id == row.id, Letter.state.in_((State.PENDING, State.UNCERTAIN)))
    )
    mail.cancel(session, letter_ids=list(session.scalars(waiting)), reason="unsubscribed")


def end_subscriptions(session: Session, rows: list[Subscription], *, at: datetime | None = None) -> None:
    """Ends the subscriptions of an unsubscribe link: one, or all of a combined letter."""
    for row in rows:
        end_subscription(session, row, at=at)


def end_account_subscriptions(session: Session, account: Account) -> None:
    """Ends all digests of an account that is deleted, also those that wait in the outbox."""
    rows = session.scalars(select(Subscription).where(Subscription.account_id == account.id))
    end_subscriptions(session, list(rows))
    session.execute(delete(DigestPreferences).where(DigestPreferences.account_id == account.id))


def get_by_token(session: Session, token: str) -> list[Subscription]:
    """The subscriptions that the link at the foot of a letter ends. Raises NotFound."""
    number, _dash, _secret = token.removeprefix("all-").partition("-")
    known = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    if token.startswith("all-") and delivery_letters.combined_unsubscribe_token(known) == token:
        rows = session.scalars(select(Subscription).where(Subscription.account_id == known).order_by(Subscription.id))
        if found := list(rows):
            return found
    elif (row := session.get(Subscription, known)) is not None and delivery_letters.unsubscribe_token(row.id) == token:
        return [row]
    raise NotFound(_("This link does not belong to a digest. Check that you copied all of it."))


def set_preferences(
    session: Session, *, account: Account, joined: bool, language: str | None, paused_until: datetime | None
) -> None:
    """One letter for all consultations or one each; a language, and a pause, for all subscriptions at once.

    Raises Refusal where the pause would be over already.
    """
    _check_pause(paused_until, now())
    row = insert(DigestPreferences).values(account_id=account.id, joined=joined)
    session.execute(row.on_conflict_do_update(index_elements=["account_id"], set_={"joined": joined}))
    for kept in session.scalars(select(Subscription).where(Subscription.account_id == account.id)):
        kept.language = language or kept.language
        kept.paused_until = paused_until or kept.paused_until


def set_early_warning(session: Session, *, consultation: Consultation, by: Account, wished: bool) -> None:
    """Sets whether published comments are sent at once to subscribers who wish so, and are decided before all others.

    What waits already goes first from now on, or no more. Raises Forbidden for non-owners.
    """
    check_owned(session, consultation, by)
    if wished:
        session.execute(insert(EarlyWarning).values(consultation_id=consultation.id, at=now()).on_conflict_do_nothing())
    else:
        session.execute(delete(EarlyWarning).where(EarlyWarning.consultation_id == consultation.id))
    moderation_queue.requeue_consultation(session, consultation.id)


def end_pause(session: Session, consultation_id: int, *, at: datetime) -> None:
    """What is published next in an early warning, or waits, is sent without the pause after the last letter."""
    session.execute(update(EarlyWarning).where(EarlyWarning.consultation_id == consultation_id).values(at=at))


@urgency.source
def find_early_warnings(session: Session, consultation_ids: Collection[int]) -> Collection[int]:
    """Those of the consultations that are early warnings."""
    found = select(EarlyWarning.consultation_id).where(EarlyWarning.consultation_id.in_(consultation_ids))
    return session.scalars(found).all()
