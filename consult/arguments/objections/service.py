"""Objections of authors to an argument that contains their statement, and decisions with reasons.

If the objection is accepted, the statement leaves the argument or moves to another one. Otherwise it stays, with a
reason. The author is informed in both cases. Each author of a text objects once to a statement in one argument. Several
objections to it are decided together.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, select, tuple_, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import queries as arguments
from consult.arguments import service
from consult.arguments.model import Argument, Claim
from consult.arguments.objections.model import ArgumentObjection, ObjectionOutcome
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import seal, unseal
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text
from consult.decisions.conflicts import ConflictKind
from consult.decisions.kinds import DecidedKind, explain_conflicts
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail import service as mail
from consult.submissions import service as submissions
from consult.submissions.comments.parties import SUBMISSIONS, load_parties
from consult.submissions.model import State, Submission

# The consulting body answers for its arguments, so its members have no conflict of interest here.
OBJECTIONS = DecidedKind("objection", load_parties, SUBMISSIONS.conflicts - {ConflictKind.BODY})
MAX_LENGTH = 500
"""The maximum length in characters of an objection and of its answer."""


def file(
    session: Session, submission: Submission, *, claim_id: int, words: str = "", at: datetime | None = None
) -> ArgumentObjection:
    """File an objection of the verified author of a published submission. Repeating it returns the same one.

    The caller has found `submission` by its private link, account or recovery words. Raises NotFound and Refusal.
    """
    said = _check_length(words)
    session.refresh(submission, with_for_update=True)  # erasure happens before or after, never in between
    service.lock_arguments(session, submission.consultation_id)
    claim = session.get(Claim, claim_id, populate_existing=True)
    theirs = claim is not None and (claim.consultation_id, bytes(claim.text_hash)) == (
        submission.consultation_id,
        bytes(submission.text_hash or b""),
    )
    if claim is None or not theirs or claim.argument_id is None or submission.state is not State.PUBLISHED:
        raise NotFound(_("This excerpt is no longer in an argument."))
    made = session.scalar(
        select(ArgumentObjection)
        .where(
            ArgumentObjection.claim_id == claim.id,
            ArgumentObjection.submission_id == submission.id,
            (ArgumentObjection.argument_id == claim.argument_id) | ArgumentObjection.outcome.is_(None),
        )
        .limit(1)
    )
    if made is None:
        made = ArgumentObjection(
            consultation_id=submission.consultation_id,
            argument_id=claim.argument_id,
            claim_id=claim.id,
            submission_id=submission.id,
            sealed=seal(said, salt=submission.salt or b"") if said else None,
            made_at=at or now(),
            answer="",
        )
        session.add(made)
        session.flush()
        _record(session, made, made.made_at)
    return made


def _check_length(words: str) -> str:
    said = clean_text(words)
    if len(said) > MAX_LENGTH:
        raise Refusal(_("Use at most %(most)s characters.", most=MAX_LENGTH), field="words")
    return said


def unseal_words(row: ArgumentObjection, submission: Submission) -> str:
    """Return the author's words, or an empty string if there are none or the submission is erased."""
    return unseal(row.sealed, salt=submission.salt) if row.sealed and submission.salt else ""


def agree(
    session: Session, *, objection_id: int, by: Account, to_id: int | None, words: str = "", at: datetime | None = None
) -> ArgumentObjection:
    """Accept an objection: take the statement out of its argument, or move it to another one.

    If a person has moved it in the meantime, that is kept. All authors who objected are informed. Raises NotFound,
    Forbidden and Refusal.
    """
    rows, claim = _lock(session, objection_id, by)
    said = _check_length(words)
    here = arguments.get_argument(session, rows[0].argument_id)
    if claim.argument_id == here.id and to_id is None:
        service.remove_statements(session, argument_id=here.id, claim_ids=[claim.id], by=by, at=at)
    elif claim.argument_id == here.id:
        service.move_statements(session, argument_id=here.id, claim_ids=[claim.id], to_id=to_id or 0, by=by)
    session.refresh(claim)
    outcome = ObjectionOutcome.MOVED if claim.argument_id else ObjectionOutcome.TAKEN_OUT
    for row in rows:
        row.moved_to_id = claim.argument_id
        _answer(session, row, by, outcome, said, at)
    return rows[0]


def leave(
    session: Session, *, objection_id: int, by: Account, words: str, at: datetime | None = None
) -> ArgumentObjection:
    """Reject an objection: the statement stays. All authors who objected get the reason.

    Raises NotFound, Forbidden and Refusal.
    """
    rows, _claim = _lock(session, objection_id, by)
    said = _check_length(words)
    if not said:
        raise Refusal(
            _("Say why the excerpt stays in this argument. The author can read what you write."), field="words"
        )
    for row in rows:
        _answer(session, row, by, ObjectionOutcome.LEFT, said, at)
    return rows[0]


def check_may_answer(session: Session, *, objection_id: int, by: Account) -> None:
    """Raise NotFound, Forbidden or Conflict if the person cannot decide this objection now.

    Conflict: it is decided, or its excerpt is no longer published. Locks the submissions and arguments.
    """
    _lock(session, objection_id, by)


def _lock(session: Session, objection_id: int, by: Account) -> tuple[Sequence[ArgumentObjection], Claim]:
    """Lock and return the open objections to a statement in an argument, oldest first, with their submissions."""
    row = session.get(ArgumentObjection, objection_id)
    if row is None:
        raise NotFound(_("We cannot find this objection."))
    service.check_may_edit(session, session.get_one(Consultation, row.consultation_id), by)
    locked = _lock_submissions(session, row, by)
    service.lock_arguments(session, row.consultation_id)
    session.refresh(row)
    if row.outcome is not None:
        raise Conflict(_("Someone else has already answered this objection."))
    claim = session.get(Claim, row.claim_id, populate_existing=True) if row.claim_id else None
    if claim is None:
        raise Conflict(_("This excerpt is no longer published, so there is nothing to decide."))
    rows = session.scalars(
        _select_beside(row)
        .where(ArgumentObjection.submission_id.in_(locked))
        .order_by(ArgumentObjection.id)
        .execution_options(populate_existing=True)
    ).all()
    return rows, claim


def _lock_submissions(session: Session, row: ArgumentObjection, by: Account) -> Sequence[int]:
    """Lock the authors' submissions, so that erasure happens before or after. Raises Forbidden for one's own."""
    theirs = _select_beside(row).with_only_columns(ArgumentObjection.submission_id)
    found = select(Submission.id).where(Submission.id.in_(theirs)).order_by(Submission.id)
    numbers = session.scalars(found.with_for_update(of=Submission)).all()
    if explain_conflicts(session, OBJECTIONS, numbers, by):
        raise Forbidden(_("You or your organisation sent this submission, so someone else must decide."))
    return numbers


def find_own(session: Session, rows: Collection[ArgumentObjection], by: Account) -> set[int]:
    """Return the open objections that a person may not decide.

    They or their organisation sent a submission with an objection to the same statement.
    """
    keys = tuple_(ArgumentObjection.claim_id, ArgumentObjection.argument_id)
    beside = select(ArgumentObjection.claim_id, ArgumentObjection.argument_id, ArgumentObjection.submission_id)
    rows_beside = session.execute(
        beside.where(keys.in_([(row.claim_id, row.argument_id) for row in rows]), ArgumentObjection.outcome.is_(None))
    ).all()
    own = explain_conflicts(session, OBJECTIONS, {row.submission_id for row in rows_beside}, by)
    refused = {(row.claim_id, row.argument_id) for row in rows_beside if row.submission_id in own}
    return {row.id for row in rows if (row.claim_id, row.argument_id) in refused}


def _select_beside(row: ArgumentObjection) -> Select[ArgumentObjection]:
    """Return a query for the open objections to the same statement in the same argument."""
    return select(ArgumentObjection).where(
        ArgumentObjection.claim_id == row.claim_id,
        ArgumentObjection.argument_id == row.argument_id,
        ArgumentObjection.outcome.is_(None),
    )


def _answer(
    session: Session,
    row: ArgumentObjection,
    by: Account,
    outcome: ObjectionOutcome,
    words: str,
    at: datetime | None,
) -> None:
    row.outcome, row.answer, row.account_id, row.answered_at = outcome, words, by.id, at or now()
    session.flush()
    _record(session, row, row.answered_at)
    _send_letter(session, row)


def _record(session: Session, row: ArgumentObjection, at: datetime) -> None:
    """Record the objection in the ledger, so that pages that count objections are rendered again."""
    ledger.record(
        session, Kind.ARGUMENTS_CHANGED, subject_id=row.argument_id, consultation_id=row.consultation_id, at=at
    )


def _send_letter(session: Session, row: ArgumentObjection) -> None:
    submission = session.get_one(Submission, row.submission_id)
    address = submissions.author_address(session, submission)
    if address is None:
        return
    consultation = session.get_one(Consultation, row.consultation_id)
    to = session.get(Argument, row.moved_to_id) if row.moved_to_id else None
    mail.post(
        session,
        key=f"objection:{row.id}",
        to=address[0],
        language=address[1],
        template="arguments/mail/objection",
        reference=submission.reference,
        secret=submissions.author_secret(submission) if submission.salt else None,
        title=consultation.title,
        outcome=row.outcome,
        answer=row.answer,
        argument=to.name if to else None,
    )


def clear(session: Session, submission_id: int) -> None:
    """Erase the words and answers of an erased submission's objections. The counts stay. Safe to repeat."""
    rows = session.scalars(select(ArgumentObjection.id).where(ArgumentObjection.submission_id == submission_id)).all()
    mail.forget(session, keys=[f"objection:{number}" for number in rows])
    its = update(ArgumentObjection).where(ArgumentObjection.submission_id == submission_id)
    session.execute(its.values(sealed=None, answer=""))
    open_ones = its.where(ArgumentObjection.outcome.is_(None))
    session.execute(open_ones.values(outcome=ObjectionOutcome.LAPSED, answered_at=now()))
