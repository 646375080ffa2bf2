"""Delayed filing of anonymous submissions: sealed, they wait for a random time.

Until then there is no submission: no reference, no entry, no count, and nothing for moderators. People who watch public
pages therefore see only the hour of filing. The time of sending is not stored. See
docs/decisions/0039-waiting-of-counts.md.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import SystemRandom

from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import hash_token, unseal
from consult.core.logs import log
from consult.submissions import fields, filing_rules, return_codes
from consult.submissions.content.draft import DraftContent, from_json
from consult.submissions.drafts.rebase import rebase_comments
from consult.submissions.drafts.submission import amend_with_content, file_content, prepare_for_filing
from consult.submissions.evidence import service as evidence
from consult.submissions.fields import DraftSubmitter
from consult.submissions.model import Draft, Submission
from consult.submissions.private import service as private
from consult.submissions.values import to_submitter

_HOUR = timedelta(hours=1)
_BEFORE = timedelta(seconds=1)
_random = SystemRandom()


def draw_due(consultation: Consultation, *, at: datetime, hours: int) -> datetime:
    """Return a random full hour from one hour to `hours` after `at` (with 1, the next full hour).

    All that are due in an hour are filed together. Those sent before closing are filed within two hours after it.
    """
    due = draw_hour(at=at, hours=hours)
    if at < consultation.closes_at:
        due = min(due, _next_full_hour(consultation.closes_at + _HOUR))
    return due


def draw_hour(*, at: datetime, hours: int) -> datetime:
    """Return a random full hour from one hour to `hours` after `at` (with 1, the next full hour)."""
    first, spread = (_HOUR if hours > 1 else timedelta(0)), max(hours - 2, 0)
    return _next_full_hour(at + first + spread * _HOUR * _random.random())


def _next_full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0) + _HOUR


def is_filed(session: Session, code: str) -> bool:
    """Return whether a submission with these recovery words was filed. Sending again then changes it."""
    key = hash_token(return_codes.code_token(code))
    return session.scalar(select(Submission.id).where(Submission.return_key == key)) is not None


def hold(
    session: Session,
    *,
    consultation: Consultation,
    code: str,
    writing: DraftContent,
    hours: int,
    at: datetime | None = None,
) -> datetime | None:
    """Store a submission until it is due, and return that time. Raises a Refusal as filing it would.

    Sending again under the same words replaces it and keeps the time. Returns None if something was filed under the
    words already, possibly at this moment: then `service.send` has to change it.
    """
    if is_filed(session, code):
        return None
    moment, token = at or now(), hash_token(return_codes.code_token(code))
    filing_rules.check_open(consultation, moment)
    who = filing_rules.clean_submitter(
        session, to_submitter(fields.without_identity(writing.about or DraftSubmitter()))
    )
    filing_rules.build_comment_rows(session, consultation, who, *prepare_for_filing(writing))
    evidence.check_files_exist(session, writing.evidence)
    earlier = session.scalar(select(Draft.due_at).where(Draft.token == token))
    due = earlier or draw_due(consultation, at=moment, hours=hours)
    private.save_draft(
        session, consultation=consultation, code=code, writing=writing, due_at=due, late=consultation.is_late(moment)
    )
    if not is_filed(session, code):
        return due
    session.execute(delete(Draft).where(Draft.token == token))  # filing happened while saving waited for the lock
    return None


def release(session: Session, *, at: datetime) -> int:
    """File all due submissions in random order and return their number. Failures are retried after an hour.

    A failure does not stop the others.
    """
    due = list(session.scalars(select(Draft).where(Draft.due_at <= at).with_for_update(skip_locked=True)))
    _random.shuffle(due)
    filed = 0
    for row in due:
        try:
            with session.begin_nested():
                _file(session, row, at)
        except OperationalError:  # the database is unreachable, which concerns all of them
            raise
        except Exception as error:
            log.error("private.not_filed", reason=type(error).__name__)
            row.due_at = _next_full_hour(at)
        else:
            filed += 1
    return filed


def _file(session: Session, row: Draft, at: datetime) -> None:
    consultation = session.get_one(Consultation, row.consultation_id)
    writing = from_json(unseal(row.sealed, salt=row.token))
    by = to_submitter(fields.without_identity(writing.about or DraftSubmitter()))
    last = consultation.taken_until if row.late else consultation.in_time_until
    words, key = rebase_comments(session, consultation.id, writing), private.intention(row.token, writing)
    # It was sent before closing and filed after it, so the record shows it as in time.
    moment = min(at, last - _BEFORE)
    mine = Submission.return_key == row.token  # nosemgrep: compared-by-equals - the database looks it up
    filed = session.scalar(select(Submission).where(mine).with_for_update())
    if filed is None:
        file_content(session, consultation, words, by=by, key=key, code=row.token, at=moment)
    else:  # a change stored at the moment at which the earlier text was filed
        amend_with_content(session, filed, words, by=by, key=key, at=moment)
    session.delete(row)
