"""Audit trail of signals: a permanent row for each act, and a ledger entry for the acts that have a ledger kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.crypto import pseudonym
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.signals.model import Signal, SignalAct, SignalDeed
from consult.signals.offices import service as offices

_KINDS = {
    SignalDeed.OPENED: Kind.SIGNAL_OPENED,
    SignalDeed.LEVEL: Kind.SIGNAL_LEVEL_CHANGED,
    SignalDeed.LINKED: Kind.SIGNAL_LINKED,
    SignalDeed.MERGED: Kind.SIGNAL_MERGED,
    SignalDeed.SPLIT: Kind.SIGNAL_SPLIT,
    SignalDeed.WARNED: Kind.SIGNAL_WARNED,
    SignalDeed.REVIEWED: Kind.SIGNAL_REVIEWED,
    SignalDeed.CORRECTED: Kind.SIGNAL_CORRECTED,
    SignalDeed.RETRACTED: Kind.SIGNAL_RETRACTED,
    SignalDeed.PLACE_SHOWN: Kind.SIGNAL_PLACE_SHOWN,
    SignalDeed.TITLED: Kind.SIGNAL_TITLED,
    SignalDeed.CLOSED: Kind.SIGNAL_CLOSED,
}


def record(
    session: Session,
    signal: Signal,
    deed: SignalDeed,
    *,
    by: Account | None,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    commitment: bytes | None = None,
) -> SignalAct:
    """Add the row of an act, and its ledger entry if it has a ledger kind, in the caller's transaction.

    The entry holds `after` and `reason` but not `before`, where the report concerned is named. Together with the
    report's time of receipt, the ledger would reveal when something was seen in a region.
    """
    offices.check_country(session, by, signal.country)
    row = SignalAct(
        signal_id=signal.id,
        deed=deed,
        account_id=by.id if by else None,
        at=at,
        before=dict(before or {}),
        after=dict(after or {}),
        reason=reason,
    )
    session.add(row)
    session.flush()
    if kind := _KINDS.get(deed):
        _enter(session, signal, row, kind, commitment)
    return row


def _enter(session: Session, signal: Signal, act: SignalAct, kind: Kind, commitment: bytes | None) -> None:
    ledger.record(
        session,
        kind,
        subject_id=signal.id,
        actor=pseudonym("account", act.account_id) if act.account_id else None,
        reason=act.reason or None,
        commitment=commitment,
        detail={"signal": signal.slug, **act.after},
        at=act.at,
    )


def list_acts(session: Session, signal_id: int) -> Sequence[SignalAct]:
    """Return the acts on a signal, oldest first."""
    return session.scalars(select(SignalAct).where(SignalAct.signal_id == signal_id).order_by(SignalAct.id)).all()
