"""Reminders of answers that are newly assigned, due in a week or overdue. At most one e-mail a day.

The morning e-mail lists answers assigned since the last one, newly due within a week, newly overdue, and overdue for
another four weeks. A round is a row, and each e-mail has a unique key, so a repeated task sends nothing twice. No
participant is quoted: an argument without a name is identified by its part of the draft.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import pages as arguments
from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.crypto import unseal
from consult.core.web import face
from consult.core.web.access import Allow, is_allowed
from consult.mail import service as mail
from consult.responses.model import Obligation, ResponseReminder

HOUR = 6
"""Hour at which e-mails are sent, in UTC."""
NEAR = 7
"""Days before the due date."""
AGAIN = 28
"""Days between repeated reminders of an overdue answer."""
_NAMED = 5
_WAITING = text(
    """
    SELECT coalesce(o.owner_id, c.owner_id) AS person, c.id AS consultation, a.id AS argument,
        coalesce(r.due_on, c.answer_by) AS due_on,
        o.owner_id IS NOT NULL AND o.told_at IS NULL AND coalesce(r.due_on < :today, true) AS untold
    FROM readable_argument a
    JOIN readable_consultation c ON c.id = a.consultation_id
    LEFT JOIN obligation o ON o.argument_id = a.id
    LEFT JOIN LATERAL (
        SELECT r.outcome, r.due_on FROM response r JOIN readable_argument m ON m.id = r.argument_id
        WHERE m.id = a.id OR m.merged_into_id = a.id ORDER BY m.merged_into_id NULLS FIRST, r.id LIMIT 1
    ) r ON true
    WHERE c.phase <> 'draft' AND a.merged_into_id IS NULL AND a.statements > 0
        AND a.checked AND (r.outcome = 'deferred' OR r.outcome IS NULL)
        AND (coalesce(r.due_on, c.answer_by) <= :soon OR o.owner_id IS NOT NULL AND o.told_at IS NULL)
    ORDER BY c.id, due_on, a.id
    """
)


@dataclass
class OwedAnswers:
    """The answers that a person owes in one consultation, for an e-mail."""

    consultation: Consultation
    asked: list[tuple[str, int, date | None]] = field(default_factory=list)  # label, argument id, due date
    more: int = 0  # number of further assigned arguments
    near: dict[date, int] = field(default_factory=dict)
    overdue: dict[date, int] = field(default_factory=dict)


def write_reminders(session: Session, *, at: datetime) -> int:
    """Create today's reminders once and return their number. Safe to repeat."""
    if at.hour < HOUR:
        return 0
    today, last = at.date(), session.scalar(select(func.max(ResponseReminder.day)))
    day = insert(ResponseReminder).values(day=today, made_at=at).on_conflict_do_nothing()
    if session.scalar(day.returning(ResponseReminder.day)) is None:
        return 0
    by_person: dict[int, list[Any]] = {}
    for row in session.execute(_WAITING, {"today": today, "soon": today + timedelta(days=NEAR)}).all():
        if row.untold or _is_new(row.due_on, today, last):
            by_person.setdefault(row.person, []).append(row)
    told = [row.argument for rows in by_person.values() for row in rows if row.untold]
    session.execute(update(Obligation).where(Obligation.argument_id.in_(told)).values(told_at=at))
    return sum(_post(session, person, rows, today, last) for person, rows in sorted(by_person.items()))


def _is_new(due: date | None, today: date, last: date | None) -> bool:
    """Return whether a due date became near or past since the last e-mails."""
    if due is None:
        return False
    if due >= today:
        return (due - today).days <= NEAR and (last is None or (due - last).days > NEAR)
    if last is None:
        return True
    return due >= last or (today - due).days // AGAIN > (last - due).days // AGAIN


def _post(session: Session, person: int, rows: Sequence[Any], today: date, last: date | None) -> bool:
    account = session.get_one(Account, person)
    if account.verified_at is None or not is_allowed(Allow.POLICYMAKER, account.role):
        return False
    owed = _owed(session, rows, today, last)
    mail.post(
        session,
        key=f"owed:{account.id}:{today.isoformat()}",
        to=unseal(account.email_sealed),
        template="responses/mail/owed",
        language=account.language,
        owed=owed,
        today=today,
        near=NEAR,
        person=account.id,
        site=face.name_site(account.language),
        new=sum(len(one.asked) + one.more for one in owed),
        soon=sum(sum(one.near.values()) for one in owed),
        late=sum(sum(one.overdue.values()) for one in owed),
    )
    return True


def _owed(session: Session, rows: Sequence[Any], today: date, last: date | None) -> list[OwedAnswers]:
    found: dict[int, OwedAnswers] = {}
    names = _names(session, [row.argument for row in rows if row.untold])
    for row in rows:
        one = found.setdefault(row.consultation, OwedAnswers(session.get_one(Consultation, row.consultation)))
        if row.untold and len(one.asked) < _NAMED:
            one.asked.append((names[row.argument], row.argument, row.due_on))
        elif row.untold:
            one.more += 1
        if _is_new(row.due_on, today, last):
            days = one.near if row.due_on >= today else one.overdue
            days[row.due_on] = days.get(row.due_on, 0) + 1
    return list(found.values())


def _names(session: Session, numbers: Sequence[int]) -> Mapping[int, str]:
    """Return the names of arguments, or their parts of the draft. Empty for the draft as a whole."""
    by_consultation: dict[int, list[Argument]] = {}
    for argument in session.scalars(select(Argument).where(Argument.id.in_(numbers))):
        by_consultation.setdefault(argument.consultation_id, []).append(argument)
    names: dict[int, str] = {}
    for number, group in by_consultation.items():
        row = session.get_one(Consultation, number)
        spots = arguments.load_places(session, row, {argument.place for argument in group})
        for argument in group:
            place = spots[argument.place].place
            names[argument.id] = argument.name or (place.name if place else "")
    return names
