"""Decision logs from the ledger: with names for moderators, without names for the public."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.paging import Page, decode_id_cursor, make_page
from consult.core.text import csv_line
from consult.ledger.model import LOGGED_KINDS, Kind, LedgerEntry
from consult.moderation.model import Batch, BatchItem, Decision, DecisionEnd
from consult.submissions.model import Submission

PAGE = 20
_SECOND = aliased(Account)
COLUMNS = (
    *("entry", "hour", "decision", "reason", "consultation", "reference", "policy", "hidden", "outcome"),
    *("moderated_elsewhere", "batch", "batch_size"),
)


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
    actor: str | None
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
        """Whether it was decided with other copies of one letter."""
        return bool(self.detail.get("letter"))

    @property
    def elsewhere(self) -> bool:
        """Whether an import published it: nobody here decided, and no policy held. Older entries do not say so."""
        return self.kind == Kind.PUBLISHED and self.actor is None and "policy" not in self.detail

    @property
    def batch(self) -> int | None:
        """The number of the batch in which several were decided at once."""
        return self.detail.get("batch")

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


def describe_batch(session: Session, batch_id: int) -> dict[str, Any]:
    """What an entry says of its batch: the number of one on several submissions, and whether it is on a letter."""
    several = len(session.scalars(select(BatchItem.submission_id).where(BatchItem.batch_id == batch_id).limit(2)).all())
    letter = session.get_one(Batch, batch_id).campaign_id is not None
    return {**({"batch": batch_id} if several > 1 else {}), **({"letter": True} if letter else {})}


def count_batches(session: Session, batches: Collection[int] | None = None) -> dict[int, int]:
    """How many submissions each batch decided, with later copies of its letter; of some batches, or of all."""
    if batches is not None and not batches:
        return {}
    query = select(Decision.batch_id, func.count().label("n")).group_by(Decision.batch_id)
    query = query.where(Decision.batch_id.is_not(None), Decision.ended == DecisionEnd.TOOK_EFFECT)
    if batches is not None:
        query = query.where(Decision.batch_id.in_(batches))
    return {row.batch_id: row.n for row in session.execute(query)}


def public_log_csv(session: Session) -> Iterator[str]:
    """The whole public log as CSV, oldest first, made row by row while it is read."""
    yield csv_line(COLUMNS)
    sizes = count_batches(session)
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
                "yes" if line.elsewhere else "",
                line.batch,
                sizes.get(line.batch or 0),
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
            LedgerEntry.actor,
            LedgerEntry.detail,
        )
        .join(Submission, Submission.id == LedgerEntry.subject_id)
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .where(LedgerEntry.kind.in_(kinds), LedgerEntry.number.is_not(None))
    )
