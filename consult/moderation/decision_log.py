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
from consult.decisions.model import DecisionEnd
from consult.ledger.kinds import get_public_name
from consult.ledger.model import LOGGED_KINDS, Kind, LedgerEntry
from consult.moderation.model import Batch, BatchItem, Decision
from consult.submissions.model import Submission

PAGE = 20
NAMED_KINDS = {get_public_name(kind): kind for kind in LOGGED_KINDS}
"""The kinds of the public decision log by the names in its addresses."""
_SECOND = aliased(Account)
COLUMNS = (
    *("entry", "hour", "decision", "reason", "consultation", "reference", "policy", "hidden", "outcome"),
    *("moderated_elsewhere", "batch", "batch_size"),
)


@dataclass(frozen=True)
class DecisionLogRow:
    """A decision as shown to moderators."""

    decision: Decision
    moderator: str
    second: str | None  # who agreed
    reference: str
    consultation: str


@dataclass(frozen=True)
class PublicLogEntry:
    """A public decision log entry about a submission, from the ledger. Times are shown to the hour."""

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
        """Return `published`, `withheld`, `appeal.rejected` …"""
        return get_public_name(self.kind).removeprefix("submission.")

    @property
    def hidden(self) -> int:
        """Return the number of passages that this decision hides."""
        return int(self.detail.get("covered", 0))

    @property
    def policy(self) -> int:
        """Return the version of the policy applied, or 0 if none was."""
        return int(self.detail.get("policy", 0))

    @property
    def two(self) -> bool:
        """Return whether two people made the decision."""
        return bool(self.detail.get("second_reader"))

    @property
    def letter(self) -> bool:
        """Return whether it was decided together with other copies of a campaign letter."""
        return bool(self.detail.get("letter"))

    @property
    def elsewhere(self) -> bool:
        """Return whether an import published it, without a decision or policy of this site.

        Older entries do not record this.
        """
        return self.kind == Kind.PUBLISHED and self.actor is None and "policy" not in self.detail

    @property
    def batch(self) -> int | None:
        """Return the number of the bulk decision, or None."""
        return self.detail.get("batch")

    @property
    def outcome(self) -> str:
        """Return the outcome of a content report."""
        return str(self.detail.get("outcome", ""))


def list_decisions(session: Session, *, after: str | None = None) -> Page[DecisionLogRow]:
    """Return a page of decisions with moderator, note and exact time, newest first."""
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
    """Return numbered entries on submissions, newest first: of the kind with this public name, or of all kinds."""
    wanted = NAMED_KINDS.get(kind)
    query = _select_public([wanted] if wanted else LOGGED_KINDS).order_by(LedgerEntry.number.desc()).limit(PAGE + 1)
    if (last := decode_id_cursor(after)) is not None:
        query = query.where(LedgerEntry.number < last)
    rows = [PublicLogEntry(*row) for row in session.execute(query)]
    return make_page(rows, PAGE, lambda line: [line.number])


def list_entries_after(session: Session, number: int, most: int) -> list[PublicLogEntry]:
    """Return up to `most` public entries after this number, oldest first."""
    query = _select_public(LOGGED_KINDS).where(LedgerEntry.number > number).order_by(LedgerEntry.number).limit(most)
    return [PublicLogEntry(*row) for row in session.execute(query)]


def describe_batch(session: Session, batch_id: int) -> dict[str, Any]:
    """Return the ledger detail of a batch: its number if it has several submissions, and whether it is on a letter."""
    several = len(session.scalars(select(BatchItem.submission_id).where(BatchItem.batch_id == batch_id).limit(2)).all())
    letter = session.get_one(Batch, batch_id).campaign_id is not None
    return {**({"batch": batch_id} if several > 1 else {}), **({"letter": True} if letter else {})}


def count_batches(session: Session, batches: Collection[int] | None = None) -> dict[int, int]:
    """Count the submissions each batch decided, later copies of its letter included. None means all batches."""
    if batches is not None and not batches:
        return {}
    query = select(Decision.batch_id, func.count().label("n")).group_by(Decision.batch_id)
    query = query.where(Decision.batch_id.is_not(None), Decision.ended == DecisionEnd.TOOK_EFFECT)
    if batches is not None:
        query = query.where(Decision.batch_id.in_(batches))
    return {row.batch_id: row.n for row in session.execute(query)}


def public_log_csv(session: Session) -> Iterator[str]:
    """Yield the whole public decision log as CSV lines, oldest first."""
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
