"""Erasure of a submission: text, names, contact, drafts, files, e-mails and all hashes of them.

Called when a submission is erased, and again by the follower of the ledger (`trace/erasure.py`). So data left by an
earlier release are deleted too. Safe to repeat.
"""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from consult.core.crypto import UnsealError, unseal
from consult.mail import service as mail
from consult.submissions import counters, fields
from consult.submissions.coalitions.model import OpenNote
from consult.submissions.content.draft import from_json
from consult.submissions.evidence import service as evidence
from consult.submissions.facilitation.model import Facilitation, WrittenGroup
from consult.submissions.model import (
    Comment,
    Contact,
    CoSignature,
    Draft,
    FormerWords,
    Placement,
    Submission,
    Translation,
)
from consult.submissions.organisations.model import SignOff, SignOffEvent
from consult.submissions.supporters import service as supporters


def clear(session: Session, submission: Submission) -> None:
    """Delete the data of a submission in the state ERASED. Reference, provisions, language and times remain."""
    _forget_letters(session, submission)
    counters.subtract(session, submission)
    _clear_comments(session, submission.id)
    counters.add(session, submission)
    evidence.erase(session, submission)
    _delete_drafts(session, submission)
    for table in (Facilitation, FormerWords, CoSignature, SignOff, SignOffEvent, WrittenGroup, OpenNote):
        session.execute(delete(table).where(table.submission_id == submission.id))
    supporters.clear(session, submission.id)
    contact_id = submission.contact_id
    for column, left in fields.ERASED_COLUMNS.items():
        setattr(submission, column, left)
    session.flush()
    if contact_id is not None:
        session.execute(delete(Contact).where(Contact.id == contact_id))


def _forget_letters(session: Session, submission: Submission) -> None:
    """Delete its e-mails: the receipt, notices of changes, and requests to co-sign."""
    signatures = session.scalars(select(CoSignature.id).where(CoSignature.submission_id == submission.id))
    keys = [f"receipt:{submission.id}", *(f"asks to sign:{number}" for number in signatures)]
    keys += [f"changed:{submission.id}:{revision}" for revision in range(1, submission.revision + 1)]
    mail.forget(session, keys=keys)


def _clear_comments(session: Session, submission_id: int) -> None:
    """Clear the comments.

    Rows remain for counts and editions, without text, type, anchor or earlier parts of the draft.
    """
    session.execute(
        update(Comment)
        .where(Comment.submission_id == submission_id)
        .values(
            body="",
            answer=None,
            redacted_body=None,
            redactions=None,
            anchor=None,
            stance=None,
            amendment=None,
            agrees_with=None,
            paper_place=None,
        )
    )
    theirs = select(Comment.id).where(Comment.submission_id == submission_id)
    for table in (Translation, Placement):
        session.execute(delete(table).where(table.comment_id.in_(theirs)))


def _delete_drafts(session: Session, submission: Submission) -> None:
    """Delete drafts in which the submission was being changed, of any browser, account or organisation.

    The change is sealed in the draft, so drafts saved since the submission are decrypted one by one.
    """
    since = Draft.consultation_id == submission.consultation_id, Draft.updated_at >= submission.received_at
    asked = select(Draft.id, Draft.sealed, Draft.token, Draft.file_ids).where(*since)
    found = [row for row in session.execute(asked) if _amends(row.sealed, row.token) == submission.id]
    session.execute(delete(Draft).where(Draft.id.in_([row.id for row in found])))
    evidence.discard_files(session, [int(number) for row in found for number in row.file_ids])


def _amends(sealed: bytes, token: bytes) -> int | None:
    try:
        return from_json(unseal(sealed, salt=token)).amends
    except UnsealError:  # sealed with another key, so it cannot be read here
        return None
