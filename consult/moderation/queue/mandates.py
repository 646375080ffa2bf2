"""Mandate files of published submissions: a moderator reads each before it is shown.

The submission stays published meanwhile. Only the file waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.db import literal_number
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web.access import Allow, require_allowed
from consult.files.model import State as FileState
from consult.files.model import StoredFile
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.moderation import service
from consult.submissions.evidence.queries import EvidencePiece
from consult.submissions.model import Evidence, EvidenceKind, State, Submission

MOST = 50
"""Maximum number listed."""


@lru_cache(maxsize=1)
def unread_query() -> Any:
    """Select id and reference of published submissions with an unread, successfully checked mandate file, oldest first.

    The result is one JSON value, or null if there are none, so the queue page can read it with its counts.
    """
    files = (
        select(Evidence.submission_id)
        .join(StoredFile, StoredFile.id == Evidence.file_id)
        .where(_is_unread(), StoredFile.state == FileState.CLEAN)
    )
    first = (
        select(Submission.id, Submission.reference)
        .where(Submission.id.in_(files), Submission.state == State.PUBLISHED)
        .order_by(Submission.id)
        .limit(literal_number(MOST))
        .subquery()
    )
    listed = aggregate_order_by(func.jsonb_build_array(first.c.id, first.c.reference), first.c.id)
    return select(func.jsonb_agg(listed)).scalar_subquery()


def filter_unread(submission: Submission, exhibits: Sequence[EvidencePiece]) -> list[EvidencePiece]:
    """Return the mandate files of a submission that a moderator can read and show now."""
    if submission.state is not State.PUBLISHED:
        return []
    unshown = [it for it in exhibits if not it.row.private and not it.row.shown]
    return [it for it in unshown if it.row.kind is EvidenceKind.MANDATE and it.file and it.file.state == "clean"]


def decide_mandate(
    session: Session, *, moderator: Account, evidence_id: int, publish: bool, at: datetime | None = None
) -> Submission:
    """Show the file with its submission, or keep it private. Raises InterestedDecider, AlreadyAnswered, NotFound."""
    require_allowed(Allow.MODERATOR, moderator.role)
    row = session.get(Evidence, evidence_id)
    if row is None or row.kind is not EvidenceKind.MANDATE:
        raise NotFound(_("We cannot find this mandate file."))
    submission = service.lock_submission(session, row.submission_id)
    service.check_not_own(session, submission.id, moderator)
    waits = select(Evidence).where(Evidence.id == evidence_id, _is_unread()).execution_options(populate_existing=True)
    if (row := session.scalar(waits)) is None or submission.state is not State.PUBLISHED:
        raise service.AlreadyAnswered
    row.shown, row.private = publish, not publish
    kind = Kind.MANDATE_PUBLISHED if publish else Kind.MANDATE_KEPT
    ledger.record(
        session,
        kind,
        subject_id=submission.id,
        consultation_id=submission.consultation_id,
        at=at or now(),
        actor=pseudonym("account", moderator.id),
    )
    return submission


def _is_unread() -> ColumnElement[bool]:
    return (Evidence.kind == EvidenceKind.MANDATE) & Evidence.private.is_(False) & Evidence.shown.is_(False)
