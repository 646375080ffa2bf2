"""How long what is kept: the periods of the site, of one consultation, and what goes on which day.

A package that keeps something registers a rule: how it counts what will go, and the clock's chore that deletes it asks
`find_days` for the period. Periods are in whole days, counted from the last day on which it is needed.
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
"""Begins the keys of periods among the texts of the site."""


@dataclass(frozen=True)
class DueDeletion:
    """What of one consultation, or of none, will be deleted by one rule: on which day, and how much there is now."""

    rule: str
    consultation_id: int | None
    title: str
    language: str
    day: date
    count: int


@dataclass(frozen=True)
class RetentionRule:
    """One kind of data with a period. `list_due` gives what will go, for a site-wide period; the soonest first."""

    key: str
    label: str
    explanation: str
    default: int
    least: int
    most: int
    list_due: Callable[[Session, int], Sequence[DueDeletion]]


RULES: dict[str, RetentionRule] = {}
"""By key; packages above add theirs when they are loaded."""


@dataclass(frozen=True)
class FixedPeriod:
    """Data whose period is part of the software."""

    label: str
    days: int


FIXED = [
    FixedPeriod(N_("Sessions of browsers without a page"), UNUSED.days),
    FixedPeriod(N_("Letters that could not be delivered"), LETTERS_KEPT.days),
]
"""Packages above add theirs."""


def find_days(session: Session, key: str) -> int:
    """The period of the site, in days."""
    last = select(SiteText.text).where(SiteText.key == PREFIX + key).order_by(SiteText.id.desc()).limit(1)
    return int(session.scalar(last) or RULES[key].default)


def shown_days(key: str) -> int:
    """The same as pages show it: without a statement, and a few seconds old."""
    return int(face.get_face().value(PREFIX + key) or RULES[key].default)


def set_periods(session: Session, *, by: Account, days: Mapping[str, int]) -> None:
    """Sets the periods of the site. Raises Forbidden, Refusal."""
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
    """Raises a Refusal for a period that the rule does not allow."""
    rule = RULES[key]
    if not rule.least <= number <= rule.most:
        said = _("Enter a number of days from %(least)s to %(most)s.", least=rule.least, most=rule.most)
        raise Refusal(said, field=key)


def list_due(session: Session) -> list[DueDeletion]:
    """Everything that has a day on which it goes, the soonest first."""
    found = [due for rule in RULES.values() for due in rule.list_due(session, find_days(session, rule.key))]
    return sorted(found, key=lambda due: (due.day, due.consultation_id or 0, due.rule))


def count_shortened(session: Session, days: Mapping[str, int], *, today: date) -> int | None:
    """How much the clock deletes within an hour where periods get shorter; None where none does. Raises Refusal."""
    for key, number in days.items():
        check_days(key, number)
    shorter = [key for key, number in days.items() if number < find_days(session, key)]
    found = (due for key in shorter for due in RULES[key].list_due(session, days[key]))
    return sum(due.count for due in found if due.day <= today) if shorter else None


def record_ended(session: Session, key: str, consultation_id: int, count: int) -> None:
    """A line in the public record: so much of a consultation was deleted, because its time was over."""
    detail = {"rule": key, "count": count}
    ledger.record(
        session,
        Kind.RETENTION_ENDED,
        subject_id=consultation_id,
        consultation_id=consultation_id,
        detail=detail,
        at=now(),
    )
