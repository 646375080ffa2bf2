"""Decision logs from the ledger: with names for moderators, without names for the public."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.paging import Page, decode_id_cursor, make_page
from consult.core.text import csv_line
from consult.ledger.model import LOGGED_KINDS, Kind, LedgerEntry
from consult.moderation.model import Decision
from consult.submissions.model import Submission

PAGE = 50
_SECOND = aliased(Account)
COLUMNS = ("entry", "hour", "decision", "reason", "consultation", "reference", "policy", "hidden", "outcome")


@dataclass(frozen=True)
class DecisionLogRow:
    """A decision as its moderators see it."""

    decision: Decision
    moderator: str
    second: str | None  # who agreed
    reference: str
    consultation: str


@dataclass(frozen=True)
class PublicLogEntry:
    """A public log entry about a submission: an entry of the ledger, to the hour."""

    number: int
    at: datetime
    kind: str
    reason: str | None
    reference: str
    slug: str
    title: str
    detail: dict[str, Any]

    @property
    def decision(self) -> str:
        """`published`, `withheld`, `appeal.upheld` …"""
        return self.kind.removeprefix("submission.")

    @property
    def hidden(self) -> int:
        """How many places of it are hidden from then on."""
        return int(self.detail.get("covered", 0))

    @property
    def policy(self) -> int:
        """The version of the policy under which it was decided; 0 where nothing was."""
        return int(self.detail.get("policy", 0))

    @property
    def two(self) -> bool:
        """Whether two people agreed on it."""
        return bool(self.detail.get("second_reader"))

    @property
    def letter(self) -> bool:
        """Whether it was decided with all copies of one letter."""
        return bool(self.detail.get("letter"))

    @property
    def outcome(self) -> str:
        """How a report ended."""
        return str(self.detail.get("outcome", ""))


def list_decisions(session: Session, *, after: str | None = None) -> Page[DecisionLogRow]:
    """Every decision with its moderator, note and exact time, the newest first."""
    query = (
        select(Decision, Account.display_name, _SECOND.display_name, Submission.reference, Consultation.title)
        .join(Account, Account.id == Decision.moderator_id)
        .outerjoin(_SECOND, _SECOND.id == Decision.second_id)
        .join(Submission, Submission.id == Decision.submission_id)
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .where(Decision.ended.is_not(None))
        .order_by(Decision.id.desc())
        .limit(PAGE + 1)
    )
    if (last := decode_id_cursor(after)) is not None:
        query = query.where(Decision.id < last)
    rows = [DecisionLogRow(*row) for row in session.execute(query)]
    return make_page(rows, PAGE, lambda line: [line.decision.id])


def list_public_entries(session: Session, *, kind: str = "", after: str | None = None) -> Page[PublicLogEntry]:
    """Numbered entries on submissions that were received, the newest first; of one kind, or of all."""
    query = (
        _select_public([Kind(kind)] if kind in LOGGED_KINDS else LOGGED_KINDS)
        .order_by(LedgerEntry.number.desc())
        .limit(PAGE + 1)
    )
    if (last := decode_id_cursor(after)) is not None:
        query = query.where(LedgerEntry.number < last)
    rows = [PublicLogEntry(*row) for row in session.execute(query)]
    return make_page(rows, PAGE, lambda line: [line.number])


def public_log_csv(session: Session) -> Iterator[str]:
    """The whole public log as CSV, oldest first, made row by row while it is read."""
    yield csv_line(COLUMNS)
    query = _select_public(LOGGED_KINDS).order_by(LedgerEntry.number).execution_options(yield_per=1000)
    for row in session.execute(query):
        line = PublicLogEntry(*row)
        yield csv_line(
            [
                line.number,
                f"{line.at:%Y-%m-%dT%H:00Z}",
                line.decision,
                line.reason,
                line.slug,
                line.reference,
                line.policy or "",
                line.hidden or "",
                line.outcome,
            ]
        )


def _select_public(kinds: Collection[Kind]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            LedgerEntry.number,
            LedgerEntry.at,
            LedgerEntry.kind,
            LedgerEntry.reason,
            Submission.reference,
            Consultation.slug,
            Consultation.title,
            LedgerEntry.detail,
        )
        .join(Submission, Submission.id == LedgerEntry.subject_id)
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .where(LedgerEntry.kind.in_(kinds), LedgerEntry.number.is_not(None))
    )
