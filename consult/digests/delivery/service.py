"""Subscriptions of readers: subscribe, change, pause, end, combined or separate e-mails."""

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
from consult.digests import letters as delivery_letters
from consult.digests.model import Cadence, Delivery, DigestPreferences, EarlyWarning, Subscription, WaitingDigest
from consult.mail import service as mail
from consult.mail.model import Letter, State
from consult.mail.stop_links import get_by_link
from consult.moderation import urgency
from consult.moderation import waiting_list as moderation_queue

_SEAMLESS = (Cadence.DAILY, Cadence.WEEKLY, Cadence.IMMEDIATE)


class CadenceNotAvailable(Refusal):
    """The requested digest will never be made."""


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
    """Create, renew or change the account's subscription to the consultation.

    A change of cadence starts at the next slot where both series end a window at the same entry. So no entry is
    repeated or left out. The digest on closing covers everything, so it needs no common slot.
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
    """Raise CadenceNotAvailable if no digest of this cadence will be made, NotFound for an unpublished consultation."""
    if consultation.phase is Phase.DRAFT:
        raise NotFound(_("We cannot find this consultation. Check the link."))
    if cadence is Cadence.CLOSING and consultation.closes_at <= at:
        raise CadenceNotAvailable(
            _("This consultation has closed. Choose the daily or the weekly digest."), field="cadence"
        )
    if cadence is Cadence.IMMEDIATE and session.get(EarlyWarning, consultation.id) is None:
        raise CadenceNotAvailable(
            _("Instant digests are sent only for an early warning. Choose another frequency."), field="cadence"
        )


def _check_pause(until: datetime | None, at: datetime) -> None:
    if until is not None and until <= at:
        raise Refusal(_("Choose a day in the future."), field="paused_until")


def _change(row: Subscription, cadence: Cadence, language: str, at: datetime) -> None:
    row.language = language
    if row.ended_at is not None:
        row.cadence, row.next_cadence, row.created_at, row.ended_at = cadence, None, at, None
    elif row.cadence is not cadence and not {row.cadence, cadence} <= set(_SEAMLESS):
        row.cadence, row.next_cadence, row.created_at = cadence, None, at
    else:
        row.next_cadence = None if cadence is row.cadence else cadence


def find_subscription(session: Session, *, account_id: int, consultation_id: int) -> Subscription | None:
    """Return the account's subscription to a consultation, even if it has ended, or None."""
    return session.scalar(
        select(Subscription).where(
            Subscription.account_id == account_id, Subscription.consultation_id == consultation_id
        )
    )


def end_subscription(session: Session, row: Subscription, *, at: datetime | None = None) -> None:
    """End a subscription, and cancel its unsent digests."""
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
    """End the subscriptions of an unsubscribe link: one, or all of a combined e-mail."""
    for row in rows:
        end_subscription(session, row, at=at)


def end_account_subscriptions(session: Session, account: Account) -> None:
    """End all subscriptions of a deleted account, and cancel its unsent digests."""
    rows = session.scalars(select(Subscription).where(Subscription.account_id == account.id))
    end_subscriptions(session, list(rows))
    session.execute(delete(DigestPreferences).where(DigestPreferences.account_id == account.id))


def get_by_token(session: Session, token: str) -> list[Subscription]:
    """Return the subscriptions that an unsubscribe link ends. Raises NotFound."""
    one = get_by_link(session, Subscription, token, lambda row: delivery_letters.unsubscribe_token(row.id))
    if one is not None:
        return [one]
    reader = get_by_link(
        session, Account, token, lambda row: delivery_letters.combined_unsubscribe_token(row.id), prefix="all-"
    )
    theirs = select(Subscription).where(Subscription.account_id == (reader.id if reader else None))
    if rows := list(session.scalars(theirs.order_by(Subscription.id))):
        return rows
    raise NotFound(_("This link does not belong to a digest. Check that you copied all of it."))


def set_preferences(
    session: Session, *, account: Account, joined: bool, language: str | None, paused_until: datetime | None
) -> None:
    """Set combined or separate e-mails, and the language and pause of all subscriptions.

    Raises Refusal if the pause would already be over.
    """
    _check_pause(paused_until, now())
    row = insert(DigestPreferences).values(account_id=account.id, joined=joined)
    session.execute(row.on_conflict_do_update(index_elements=["account_id"], set_={"joined": joined}))
    for kept in session.scalars(select(Subscription).where(Subscription.account_id == account.id)):
        kept.language = language or kept.language
        kept.paused_until = paused_until or kept.paused_until


def set_early_warning(session: Session, *, consultation: Consultation, by: Account, wished: bool) -> None:
    """Set whether published comments are e-mailed immediately to subscribers who want that, and moderated first.

    It also applies to waiting submissions. Raises Forbidden for non-owners.
    """
    check_owned(session, consultation, by)
    if wished:
        session.execute(insert(EarlyWarning).values(consultation_id=consultation.id, at=now()).on_conflict_do_nothing())
    else:
        session.execute(delete(EarlyWarning).where(EarlyWarning.consultation_id == consultation.id))
    moderation_queue.requeue_consultation(session, consultation.id)


def end_pause(session: Session, consultation_id: int, *, at: datetime) -> None:
    """Send the next published comments of an early-warning consultation without the pause after the last e-mail."""
    session.execute(update(EarlyWarning).where(EarlyWarning.consultation_id == consultation_id).values(at=at))


@urgency.source
def find_early_warnings(session: Session, consultation_ids: Collection[int]) -> Collection[int]:
    """Return the IDs of those consultations that send early warnings."""
    found = select(EarlyWarning.consultation_id).where(EarlyWarning.consultation_id.in_(consultation_ids))
    return session.scalars(found).all()
