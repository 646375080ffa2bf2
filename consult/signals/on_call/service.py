"""Alarms: e-mails to the people on call, at growing intervals until somebody assesses what waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import unseal_address
from consult.core.db import advisory_lock
from consult.core.web.access import Role
from consult.mail import service as mail
from consult.signals.model import SignalLink, SignalReport, Urgency
from consult.signals.offices.model import SignalSeat
from consult.signals.on_call import bundles
from consult.signals.on_call.bundles import AlarmBundle
from consult.signals.on_call.model import AlarmKind, SignalAlarm, SignalDuty
from consult.signals.on_call.schedule import ALL_AFTER, SECOND_AFTER, count_turns
from consult.signals.places import regions

FLOOD_LASTS = timedelta(hours=1)


def list_on_call(session: Session, waited: timedelta, *, at: datetime) -> Sequence[Account]:
    """Return the assessors to e-mail after an alarm has waited for a time.

    The first on the rota of that day, with the second after SECOND_AFTER, and all assessors after ALL_AFTER. Without a
    rota, the assessors marked as on call; if there are none, all assessors.
    """
    seats = select(Account).join(SignalSeat, SignalSeat.account_id == Account.id).order_by(Account.id)
    seats = seats.where(Account.role.in_((Role.MODERATOR, Role.ADMIN)))
    if waited >= ALL_AFTER:
        return session.scalars(seats).all()
    day = at.date()
    rota = seats.join(SignalDuty, SignalDuty.account_id == Account.id).where(
        SignalDuty.starts_on <= day, SignalDuty.ends_on >= day, SignalDuty.position <= 1 + (waited >= SECOND_AFTER)
    )
    return (
        session.scalars(rota).unique().all()
        or session.scalars(seats.where(SignalSeat.on_call)).all()
        or session.scalars(seats).all()
    )


def mark_urgency(session: Session, report: SignalReport, link: SignalLink, urgency: Urgency, *, at: datetime) -> None:
    """Store the urgency of a new report and the key of its row, and send an alarm if one is due."""
    flooded = urgency is Urgency.UNVERIFIED and bundles.is_flooded(session, report.country, at)
    link.urgency, link.fold = urgency, bundles.compute_fold(report, urgency, flooded=flooded, at=at)
    if urgency is Urgency.USUAL:
        return
    session.flush()
    ring(session, report.country, at=at)
    if flooded:
        alarm = session.get_one(SignalAlarm, (report.country, AlarmKind.UNVERIFIED))
        alarm.flood_until = at + FLOOD_LASTS


def ring_all(session: Session, *, at: datetime) -> int:
    """Send the alarms that are due in each country, and return the number of e-mails. Safe to repeat."""
    return sum(ring(session, country, at=at) for country in sorted(bundles.list_countries(session)))


def ring(session: Session, country: str, *, at: datetime) -> int:
    """E-mail the people on call the urgent reports and signals of a country, if a reminder is due.

    Returns the number of e-mails. A further verified emergency is sent immediately. While one waits, unverified reports
    are sent only with it.
    """
    advisory_lock(session, "signals.alarm")
    verified = _update(session, country, AlarmKind.VERIFIED, at)
    unverified = _update(session, country, AlarmKind.UNVERIFIED, at)
    alarm, due = (verified[0], verified[1]) if verified[0] is not None else unverified
    if alarm is None or not due:
        return 0
    bundle = bundles.build(session, country)
    people = list_on_call(session, at - alarm.since, at=at)
    for person in people:
        _post(session, bundle, alarm, person)
    return len(people)


def _update(session: Session, country: str, kind: AlarmKind, at: datetime) -> tuple[SignalAlarm | None, bool]:
    """Begin, advance or end the alarm of a country. Return it, and whether an e-mail is due."""
    urgency = Urgency.VERIFIED if kind is AlarmKind.VERIFIED else Urgency.UNVERIFIED
    newest = bundles.find_newest(session, country, urgency)
    signals = bundles.list_signals(session, country) if kind is AlarmKind.VERIFIED else []
    alarm = session.get(SignalAlarm, (country, kind))
    if not newest and not signals:
        if alarm is not None:
            session.delete(alarm)
            session.flush()
        return None, False
    if alarm is None:
        alarm = SignalAlarm(country=country, kind=kind, since=at, turn=0, newest=0)
        session.add(alarm)
    turn = count_turns(kind, at - alarm.since)
    due = turn > alarm.turn or (kind is AlarmKind.VERIFIED and newest > alarm.newest)
    alarm.turn, alarm.newest = max(turn, alarm.turn), max(newest, alarm.newest)
    session.flush()
    return alarm, due


def _post(session: Session, bundle: AlarmBundle, alarm: SignalAlarm, person: Account) -> None:
    places = {row.region: regions.name_place(bundle.country, row.region, person.language) for row in bundle.rows}
    mail.post(
        session,
        key=f"signals.on_call:{alarm.country}:{alarm.kind}:{alarm.since:%Y%m%d%H%M%S}:{alarm.turn}:{alarm.newest}:{person.id}",
        to=unseal_address(person.email_sealed),
        template="signals/mail/on_call",
        language=person.language,
        urgent=True,
        where=regions.name_place(bundle.country, "", person.language),
        verified=alarm.kind is AlarmKind.VERIFIED,
        signals=bundle.signals,
        rows=bundle.rows,
        places=places,
        more=bundle.more,
        since=alarm.since,
    )


def practise(session: Session, *, at: datetime | None = None) -> None:
    """Send a practice alarm to the first person on call. It replaces the previous practice alarm."""
    moment = at or now()
    session.execute(delete(SignalAlarm).where(SignalAlarm.kind == AlarmKind.PRACTICE))
    session.add(SignalAlarm(country="", kind=AlarmKind.PRACTICE, since=moment, turn=1, newest=0))
    session.flush()
    for person in list_on_call(session, timedelta(0), at=moment):
        mail.post(
            session,
            key=f"signals.practice:{moment:%Y%m%d%H%M%S%f}:{person.id}",
            to=unseal_address(person.email_sealed),
            template="signals/mail/practice",
            language=person.language,
            urgent=True,
            since=moment,
        )


def get_practice(session: Session) -> SignalAlarm | None:
    """Return the last practice alarm, or None."""
    return session.get(SignalAlarm, ("", AlarmKind.PRACTICE))


def take_practice(session: Session, *, at: datetime | None = None) -> None:
    """Record that somebody answered the practice alarm. Safe to repeat."""
    alarm = get_practice(session)
    if alarm is not None and alarm.taken_at is None:
        alarm.taken_at = at or now()


def list_flooded(session: Session, *, at: datetime) -> Sequence[str]:
    """Return the countries whose unverified reports are folded now."""
    rows = select(SignalAlarm.country).where(SignalAlarm.flood_until > at).order_by(SignalAlarm.country)
    return session.scalars(rows).all()
