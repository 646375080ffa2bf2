"""Assignments of moderators, the working calendar and the daily e-mail about the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import unseal_address
from consult.core.db import try_advisory_lock
from consult.core.errors import Refusal
from consult.core.i18n import CONTENT_LANGUAGES, _
from consult.core.web.access import Allow, Role, is_allowed
from consult.decisions import policy
from consult.mail import service as mail
from consult.moderation import held_answers as recourse_answers
from consult.moderation.model import (
    Batch,
    BatchProgress,
    CalendarSettings,
    ModeratorSeat,
    Queue,
    QueueEntry,
    SavedFilter,
)
from consult.moderation.queue.filters import QueueFilter, Seats
from consult.moderation.recourse.model import Appeal, Report
from consult.moderation.team.working_calendar import WorkingCalendar

HOUR = 7
"""The hour of a working day from which the summary is sent."""
_ROLES = (Role.MODERATOR, Role.ADMIN)
_MOST_CLOSED = 200
_READ = (Queue.NEW, Queue.HELD, Queue.SAME, Queue.FILES)
"""Queues that wait for a moderator. Each submission is in one."""


@dataclass(frozen=True)
class TeamSeat:
    """An assignment with the title of its consultation."""

    id: int
    title: str  # empty means every consultation
    language: str  # empty means every language


@dataclass(frozen=True)
class TeamMember:
    """A moderator with their assignments. Without one, everything is assigned."""

    id: int
    name: str
    places: Sequence[TeamSeat]


@dataclass(frozen=True)
class Workload:
    """The open work of a moderator."""

    waiting: int
    overdue: int
    second: int  # batches of other people that wait for a second reader
    oldest: datetime | None
    appeals: int = 0
    reports: int = 0

    @property
    def anything(self) -> bool:
        return bool(self.waiting or self.second or self.appeals or self.reports)


def get_calendar_and_seats(session: Session, account: Account) -> tuple[WorkingCalendar, Seats]:
    """Return the calendar and the moderator's assignments. One statement."""
    rows = session.execute(_calendar_and_seats_query(), {"me": account.id}).all()
    seats = tuple((row.consultation_id, row.language) for row in rows if row.id is not None)
    return to_calendar(rows[0][0], rows[0][4]), seats


@lru_cache(maxsize=1)
def _calendar_and_seats_query() -> Any:
    return (
        select(
            CalendarSettings,
            ModeratorSeat.consultation_id,
            ModeratorSeat.language,
            ModeratorSeat.id,
            policy.promised_days(),
        )
        .select_from(select(func.generate_series(1, 1).label("one")).subquery())
        .outerjoin(CalendarSettings, CalendarSettings.id == 1)
        .outerjoin(ModeratorSeat, ModeratorSeat.account_id == bindparam("me"))
        .order_by(ModeratorSeat.id)
    )


def get_calendar(session: Session) -> WorkingCalendar:
    return to_calendar(session.get(CalendarSettings, 1), policy.get_current(session).promise_days)


def to_calendar(desk: CalendarSettings | None, days: int) -> WorkingCalendar:
    """Return the stored calendar, else Monday to Friday. `days` is the time promised by the policy."""
    if desk is None:
        return WorkingCalendar(days)
    closed = frozenset(date.fromisoformat(day) for day in desk.closed)
    return WorkingCalendar(days, frozenset(int(day) for day in desk.weekdays), closed, desk.zone)


def get_closed_days(session: Session) -> Mapping[str, str]:
    """Return days without work with their names, in order."""
    desk = session.get(CalendarSettings, 1)
    return dict(sorted(desk.closed.items())) if desk else {}


def set_calendar(session: Session, *, weekdays: Sequence[int], closed: Mapping[str, str], zone: str) -> None:
    """Set the working days. Raises Refusal if the values are invalid."""
    chosen = sorted(set(weekdays) & set(range(1, 8)))
    if not chosen:
        raise Refusal(_("Choose at least one day of the week."), field="weekdays")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refusal(_("We cannot find this time zone. Choose one from the list."), field="zone") from error
    values = {"weekdays": "".join(map(str, chosen)), "closed": dict(closed), "zone": zone}
    row = insert(CalendarSettings).values(id=1, **values)
    session.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))


def parse_closed_days(text: str) -> dict[str, str]:
    """Parse holidays, one on each line: a date and a name. Raises Refusal with the wrong line.

    >>> parse_closed_days("2026-12-25 Christmas\\n\\n2027-01-01")
    {'2026-12-25': 'Christmas', '2027-01-01': ''}
    """
    days = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        day, _space, name = line.partition(" ")
        try:
            days[date.fromisoformat(day).isoformat()] = name.strip()[:80]
        except ValueError as error:
            said = _("“%(line)s” must begin with a date, such as 2026-12-25.", line=line[:40])
            raise Refusal(said, field="closed") from error
    if len(days) > _MOST_CLOSED:
        raise Refusal(_("You entered more than 200 days. Remove past days."), field="closed")
    return days


def list_members(session: Session) -> list[TeamMember]:
    """List all moderators by name, with their assignments."""
    rows = session.execute(
        select(Account.id, Account.display_name, ModeratorSeat.id, Consultation.title, ModeratorSeat.language)
        .outerjoin(ModeratorSeat, ModeratorSeat.account_id == Account.id)
        .outerjoin(Consultation, Consultation.id == ModeratorSeat.consultation_id)
        .where(Account.role.in_(_ROLES))
        .order_by(Account.display_name, Account.id, ModeratorSeat.id)
    ).all()
    members: dict[int, tuple[str, list[TeamSeat]]] = {}
    for row in rows:
        _name, places = members.setdefault(row[0], (row[1], []))
        if row[2] is not None:
            places.append(TeamSeat(row[2], row[3] or "", row[4]))
    return [TeamMember(number, name, places) for number, (name, places) in members.items()]


def list_consultation_choices(session: Session) -> list[tuple[int, str]]:
    """List the newest 200 consultations for an assignment, by title."""
    earnest = select(Consultation.id, Consultation.title).where(Consultation.practice_until.is_(None))
    rows = session.execute(earnest.order_by(Consultation.id.desc()).limit(200))
    return sorted(((row.id, row.title) for row in rows), key=lambda row: row[1])


def add_seat(session: Session, *, account_id: int, consultation_id: int | None, language: str) -> None:
    """Add an assignment. Safe to repeat. Raises Refusal if the account is not a moderator."""
    account = session.get(Account, account_id)
    if account is None or not is_allowed(Allow.MODERATOR, account.role):
        raise Refusal(_("Choose a moderator."), field="account")
    if consultation_id is not None and session.get(Consultation, consultation_id) is None:
        raise Refusal(_("We cannot find this consultation."), field="consultation")
    if language and language not in CONTENT_LANGUAGES:
        raise Refusal(_("Choose a language from the list."), field="language")
    if consultation_id is None and not language:
        raise Refusal(_("Choose a consultation, a language or both. Moderators without either review everything."))
    row = insert(ModeratorSeat).values(account_id=account_id, consultation_id=consultation_id, language=language)
    session.execute(row.on_conflict_do_nothing())


def remove_seat(session: Session, seat_id: int) -> None:
    """Delete an assignment. Safe to repeat."""
    session.execute(delete(ModeratorSeat).where(ModeratorSeat.id == seat_id))


def release_moderator(session: Session, *, account_id: int) -> None:
    """Delete assignments, claims and filters of a former moderator. Decisions remain."""
    session.execute(delete(ModeratorSeat).where(ModeratorSeat.account_id == account_id))
    session.execute(delete(SavedFilter).where(SavedFilter.account_id == account_id))
    held = update(QueueEntry).where(QueueEntry.claimed_by == account_id)
    session.execute(held.values(claimed_by=None, claimed_until=None))


def count_workload(session: Session, account: Account, seats: Seats, *, overdue_before: datetime) -> Workload:
    """Count the moderator's open work. Two statements.

    Appeals and content reports count for every moderator, except those with an answer about to take effect.
    """
    where = [QueueEntry.queue.in_(_READ), *QueueFilter(seats=seats).looked_after]
    late = func.count().filter(QueueEntry.received_at < overdue_before)
    row = session.execute(select(func.count(), late, func.min(QueueEntry.received_at)).where(*where)).one()
    asked = (Batch.progress == BatchProgress.SECOND_READER) & (Batch.moderator_id != account.id)
    appealed = Appeal.outcome.is_(None) & ~recourse_answers.has_pending_answer(Appeal.submission_id)
    reported = Report.outcome.is_(None) & ~recourse_answers.has_pending_answer(Report.submission_id)
    counts = [
        select(func.count()).select_from(table).where(condition).scalar_subquery()
        for table, condition in ((Batch, asked), (Appeal, appealed), (Report, reported))
    ]
    second, appeals, reports = session.execute(select(*counts)).one()
    return Workload(row[0], row[1], second, row[2], appeals, reports)


def send_summaries(session: Session, *, at: datetime | None = None) -> int:
    """Send each moderator a summary of waiting items, once on a working day, and return the number sent."""
    moment = at or now()
    desk = session.get(CalendarSettings, 1, populate_existing=True)
    days = to_calendar(desk, policy.get_current(session).promise_days)
    today = days.today(moment)
    early = moment.astimezone(ZoneInfo(days.zone)).hour < HOUR
    if early or not days.works(today) or (desk is not None and desk.told_on == today):
        return 0
    if not try_advisory_lock(session, "moderation.summary"):
        return 0
    people = session.scalars(
        select(Account).where(Account.role.in_(_ROLES), Account.verified_at.is_not(None)).order_by(Account.id)
    ).all()
    told = sum(_send_summary(session, person, days, today, moment) for person in people)
    _record_summary_day(session, today)
    return told


def _send_summary(session: Session, person: Account, days: WorkingCalendar, today: date, at: datetime) -> bool:
    _calendar, seats = get_calendar_and_seats(session, person)
    waits = count_workload(session, person, seats, overdue_before=days.overdue_before(at))
    if not waits.anything:
        return False
    mail.post(
        session,
        key=f"moderation.summary:{person.id}:{today.isoformat()}",
        to=unseal_address(person.email_sealed),
        language=person.language,
        template="moderation/mail/summary",
        waits=waits,
        days=days.days,
        narrowed=bool(seats),
    )
    return True


def _record_summary_day(session: Session, today: date) -> None:
    plain = WorkingCalendar()
    row = insert(CalendarSettings).values(
        id=1,
        weekdays="".join(str(day) for day in sorted(plain.weekdays)),
        closed={},
        zone=plain.zone,
        told_on=today,
    )
    session.execute(row.on_conflict_do_update(index_elements=["id"], set_={"told_on": today}))
