"""Consents of supporters: keep, find, count, and delete with an erased submission."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Organisation
from consult.core.crypto import SALT_BYTES, seal
from consult.submissions.model import State, Submission
from consult.submissions.supporters.model import SupporterConsent


@dataclass(frozen=True)
class SupporterCount:
    """Submissions that an organisation sent for supporters, by state."""

    organisation: str
    states: Mapping[State, int]

    @property
    def sent(self) -> int:
        return sum(self.states.values())


def keep_consent(
    session: Session, submission: Submission, organisation_id: int, *, text: str, given_at: str, confirmed: str
) -> None:
    """Store the author's consent. It is encrypted with a salt that erasure deletes."""
    salt = secrets.token_bytes(SALT_BYTES)
    consent = json.dumps({"text": text, "given_at": given_at, "confirmed": confirmed})
    session.add(
        SupporterConsent(
            submission_id=submission.id, organisation_id=organisation_id, salt=salt, sealed=seal(consent, salt=salt)
        )
    )
    session.flush()


def find_source(session: Session, submission_id: int) -> str | None:
    """Return the name of the organisation that sent a submission for its author, or None."""
    return session.scalar(
        select(Organisation.name)
        .join(SupporterConsent, SupporterConsent.organisation_id == Organisation.id)
        .where(SupporterConsent.submission_id == submission_id)
    )


def count_sources(session: Session, consultation_id: int) -> Sequence[SupporterCount]:
    """Return the counts of each organisation that sent submissions for supporters, by name."""
    rows = session.execute(
        select(Organisation.name, Submission.state, func.count())
        .join(SupporterConsent, SupporterConsent.organisation_id == Organisation.id)
        .join(Submission, Submission.id == SupporterConsent.submission_id)
        .where(Submission.consultation_id == consultation_id)
        .group_by(Organisation.name, Submission.state)
        .order_by(Organisation.name)
    )
    counts: dict[str, Counter[State]] = {}
    for name, state, count in rows:
        counts.setdefault(name, Counter())[state] = count
    return [SupporterCount(name, states) for name, states in counts.items()]


def clear(session: Session, submission_id: int) -> None:
    """Delete the consent of an erased submission. Safe to repeat."""
    session.execute(
        update(SupporterConsent).where(SupporterConsent.submission_id == submission_id).values(salt=None, sealed=None)
    )
