"""Retention: periods of the site and of single consultations, and the dates of deletions.

A package that stores personal data registers a rule that counts what will be deleted. Its scheduled task deletes the
data after `find_days`. Periods are whole days from the last day on which the data are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.accounts.sessions.service import UNUSED
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import N_, _
from consult.core.web import face
from consult.core.web.access import Role
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail.dead_letters import RETENTION as LETTERS_KEPT
from consult.operator.model import SiteText

PREFIX = "keep."
"""Prefix of the keys of periods among the site's texts."""


@dataclass(frozen=True)
class DueDeletion:
    """A deletion that is due: its rule, its consultation (or None), its day and the number of items."""

    rule: str
    consultation_id: int | None
    title: str
    language: str
    day: date
    count: int


@dataclass(frozen=True)
class RetentionRule:
    """A kind of data with a retention period. `list_due` returns the deletions for a period, soonest first."""

    key: str
    label: str
    explanation: str
    default: int
    least: int
    most: int
    list_due: Callable[[Session, int], Sequence[DueDeletion]]


RULES: dict[str, RetentionRule] = {}
"""By key. Packages of higher layers add their rules on import."""


@dataclass(frozen=True)
class FixedPeriod:
    """Data with a period fixed in the software."""

    label: str
    days: int


FIXED = [
    FixedPeriod(N_("Unused browser sessions"), UNUSED.days),
    FixedPeriod(N_("E-mails that could not be delivered"), LETTERS_KEPT.days),
]
"""Packages of higher layers add theirs."""


def find_days(session: Session, key: str) -> int:
    """Return the period of the site in days."""
    last = select(SiteText.text).where(SiteText.key == PREFIX + key).order_by(SiteText.id.desc()).limit(1)
    return int(session.scalar(last) or RULES[key].default)


def shown_days(key: str) -> int:
    """Return the period for display, from the cache, up to a few seconds old."""
    return int(face.get_face().value(PREFIX + key) or RULES[key].default)


def set_periods(session: Session, *, by: Account, days: Mapping[str, int]) -> None:
    """Set the periods of the site. Raises Forbidden, Refusal."""
    if by.role is not Role.ADMIN:
        raise Forbidden(_("Only an administrator can do this."))
    for key, number in days.items():
        check_days(key, number)
        if find_days(session, key) == number:
            continue
        session.add(SiteText(key=PREFIX + key, language="", text=str(number), since=now(), account_id=by.id))
        detail = {"key": PREFIX + key, "language": "", "days": number}
        ledger.record(
            session, Kind.SITE_CHANGED, subject_id=1, actor=pseudonym("account", by.id), detail=detail, at=now()
        )
    session.flush()
    face.forget()


def check_days(key: str, number: int) -> None:
    """Raise a Refusal if the rule does not allow this period."""
    rule = RULES[key]
    if not rule.least <= number <= rule.most:
        error = _("Enter a number of days from %(least)s to %(most)s.", least=rule.least, most=rule.most)
        raise Refusal(error, field=key)


def list_due(session: Session) -> list[DueDeletion]:
    """Return all deletions with a date, soonest first."""
    due_rows = [due for rule in RULES.values() for due in rule.list_due(session, find_days(session, rule.key))]
    return sorted(due_rows, key=lambda due: (due.day, due.consultation_id or 0, due.rule))


def count_shortened(session: Session, days: Mapping[str, int], *, today: date) -> int | None:
    """Count the items that shorter periods would delete within an hour, or return None if none gets shorter.

    Raises Refusal for a period that its rule does not allow.
    """
    for key, number in days.items():
        check_days(key, number)
    shorter = [key for key, number in days.items() if number < find_days(session, key)]
    due_rows = (due for key in shorter for due in RULES[key].list_due(session, days[key]))
    return sum(due.count for due in due_rows if due.day <= today) if shorter else None


def record_ended(session: Session, key: str, consultation_id: int, count: int) -> None:
    """Record in the ledger how many items of a consultation were deleted at the end of their retention."""
    detail = {"rule": key, "count": count}
    ledger.record(
        session,
        Kind.RETENTION_ENDED,
        subject_id=consultation_id,
        consultation_id=consultation_id,
        detail=detail,
        at=now(),
    )
