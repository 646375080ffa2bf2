"""E-mails to assessors on call: immediately in an emergency, then every 30 minutes until an assessor takes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.crypto import unseal_address
from consult.core.web.access import Role
from consult.mail import service as mail
from consult.signals import assessment
from consult.signals.model import (
    ReportStanding,
    Signal,
    SignalLevel,
    SignalLink,
    SignalReport,
    SignalSeat,
    SignalState,
)
from consult.signals.places import regions


def list_on_call(session: Session) -> Sequence[Account]:
    """Return the assessors on call, or all assessors if nobody is."""
    seats = select(Account).join(SignalSeat, SignalSeat.account_id == Account.id).order_by(Account.id)
    seats = seats.where(Account.role.in_((Role.MODERATOR, Role.ADMIN)))
    return session.scalars(seats.where(SignalSeat.on_call)).all() or session.scalars(seats).all()


def remind_of_report(session: Session, report: SignalReport, *, at: datetime) -> None:
    """E-mail the assessors on call about a report that is an emergency by itself. At most once in half an hour."""
    _post(
        session,
        f"report:{report.id}",
        since=report.received_at,
        at=at,
        reference=report.reference,
        country=report.country,
        region=report.region,
        title="",
        slug="",
    )


def remind_of_signal(session: Session, signal: Signal, *, at: datetime) -> None:
    """E-mail the assessors on call about an emergency that nobody has taken. At most once in half an hour."""
    signal.reminded_at = at
    _post(
        session,
        f"signal:{signal.id}",
        since=signal.level_at,
        at=at,
        reference="",
        country=signal.country,
        region=signal.region,
        title=signal.title,
        slug=signal.slug,
    )


def remind_all(session: Session, *, at: datetime) -> int:
    """E-mail the assessors on call about emergencies that nobody has taken, and return their number. Safe to repeat."""
    signals = session.scalars(
        select(Signal).where(
            Signal.level == SignalLevel.EMERGENCY, Signal.state == SignalState.OPEN, Signal.taken_by_id.is_(None)
        )
    ).all()
    for signal in signals:
        remind_of_signal(session, signal, at=at)
    harmed = (SignalReport.deaths >= 1) | (SignalReport.overdoses >= 1)
    waiting = (
        select(SignalReport)
        .join(SignalLink, SignalLink.report_id == SignalReport.id)
        .where(SignalLink.standing == ReportStanding.WAITING, SignalLink.taken_by_id.is_(None), harmed)
    )
    reports = [report for report in session.scalars(waiting) if assessment.is_emergency(report)]
    for report in reports:
        remind_of_report(session, report, at=at)
    return len(signals) + len(reports)


def _post(
    session: Session,
    name: str,
    *,
    since: datetime,
    at: datetime,
    reference: str,
    country: str,
    region: str,
    title: str,
    slug: str,
) -> None:
    every = timedelta(minutes=assessment.rule_of(SignalLevel.EMERGENCY).remind_every_minutes or 30)
    turn = max((at - since) // every, 0)
    for person in list_on_call(session):
        mail.post(
            session,
            key=f"signals.on_call:{name}:{since:%Y%m%d%H%M%S}:{turn}:{person.id}",
            to=unseal_address(person.email_sealed),
            template="signals/mail/on_call",
            language=person.language,
            urgent=True,
            where=regions.name_place(country, region, person.language),
            reference=reference,
            title=title,
            slug=slug,
            turn=turn,
            since=since,
        )
