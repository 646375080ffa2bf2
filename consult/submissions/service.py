"""Submissions: file, change state, amend, withdraw and erase. Each change of state updates the counts."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import derive_token, hash_token
from consult.core.errors import Conflict, NotFound
from consult.core.i18n import _
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail import dead_letters
from consult.submissions import contacts, counters, fields, filing_rules, letters, return_codes, revisions
from consult.submissions import values as submissions_values
from consult.submissions.comments import rows as comments_rows
from consult.submissions.content import records
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.erasure import service as erasure
from consult.submissions.evidence import service as evidence
from consult.submissions.letters import address_of, author_address, author_secret
from consult.submissions.model import Comment, Contact, State, Submission
from consult.submissions.values import NewAnswer, NewComment, Submitter

__all__ = [
    "NewAnswer", "NewComment", "Submitter", "address_of", "amend", "author_address", "author_secret", "erase", "file",
    "transition", "withdraw",
]  # fmt: skip

TRANSITIONS: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.PUBLISHED, State.RETURNED, State.WITHHELD, State.WITHDRAWN, State.ERASED}),
    State.RETURNED: frozenset({State.PENDING, State.PUBLISHED, State.WITHHELD, State.WITHDRAWN, State.ERASED}),
    State.PUBLISHED: frozenset({State.WITHHELD, State.WITHDRAWN, State.ERASED}),
    State.WITHHELD: frozenset({State.PUBLISHED, State.WITHDRAWN, State.ERASED}),
    State.WITHDRAWN: frozenset({State.ERASED}),
    State.ERASED: frozenset(),
}
LEDGER_KINDS = {
    State.PENDING: Kind.AMENDED,
    State.PUBLISHED: Kind.PUBLISHED,
    State.RETURNED: Kind.RETURNED,
    State.WITHHELD: Kind.WITHHELD,
    State.WITHDRAWN: Kind.WITHDRAWN,
    State.ERASED: Kind.ERASED,
}
_SUBMISSION = insert(Submission).on_conflict_do_nothing().returning(Submission)
_BY_INTENTION = select(Submission).where(Submission.idempotency_key == bindparam("key"))


class TransitionNotAllowed(Conflict):
    """The submission cannot change to this state, possibly because of a concurrent change."""


def file(
    session: Session,
    *,
    consultation: Consultation,
    by: Submitter,
    comments: Sequence[NewComment],
    answers: Sequence[NewAnswer] = (),
    key: str,
    code: str | bytes | None = None,
    at: datetime | None = None,
    items: Sequence[EvidenceItem] = (),
) -> Submission:
    """File a submission with ledger entry and receipt in this transaction.

    `key` identifies the intention to file, such as a draft's token: the same key returns the existing submission. With
    a return `code` (recovery words or their stored hash), only that opens it, and there is no private link. Raises a
    Refusal if something must be corrected first.
    """
    intention, moment = hash_token(key), at or now()
    if (earlier := _find_by_key_hash(session, intention)) is not None:
        return earlier
    filing_rules.check_open(consultation, moment)
    who = filing_rules.clean_submitter(session, by)
    if code is None:  # the way without identity is a switch of its own
        who = filing_rules.check_admitted(consultation, who)
    rows, places = filing_rules.build_comment_rows(session, consultation, who, comments, answers)
    contact = contacts.keep_contact(session, who)
    submission = _insert(session, consultation, who, rows, intention, contact, moment, code)
    if submission is None:  # another connection filed with this key between our look and our insert
        if contact is not None:
            session.delete(contact)
        return _first(_find_by_key_hash(session, intention))
    comments_rows.insert_comments(session, submission, rows)
    counters.add(session, submission)
    promise = records.compute_commitment(submission, rows, places, evidence.attach(session, submission, items))
    ledger.record(
        session, Kind.RECEIVED, subject_id=submission.id, consultation_id=consultation.id, at=moment, commitment=promise
    )
    letters.post_receipt(session, consultation, submission, who, promise)
    return submission


def transition(
    session: Session,
    submission: Submission,
    *,
    state: State,
    actor: str | None,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
    commitment: bytes | None = None,
    at: datetime | None = None,
) -> Submission:
    """Move a submission to another state, with a ledger entry.

    `actor` is a pseudonym, or None for the author. `detail` is public. `commitment` covers the hidden words. Raises
    TransitionNotAllowed, and Conflict if the row changed since it was read (its `revision` is then stale).
    """
    if state is State.PENDING:
        raise TransitionNotAllowed(_("Only the author can resend a submission."))
    _transition(
        session, submission, state=state, actor=actor, reason=reason, at=at, detail=detail, commitment=commitment
    )
    return submission


def amend(
    session: Session,
    submission: Submission,
    *,
    comments: Sequence[NewComment],
    answers: Sequence[NewAnswer] = (),
    by: Submitter | None = None,
    key: str | None = None,
    at: datetime | None = None,
    items: Sequence[EvidenceItem] = (),
    reply: str = "",
) -> Submission:
    """Replace the content of a submission, which is then moderated again. The earlier content is stored, sealed.

    An unchanged comment keeps its row, so its redactions remain until a moderator decides again. Changes are allowed
    while submissions are accepted, and later only to a returned submission. A change in the period for late submissions
    is marked as late, unless the submission was returned.

    `by` changes its author's details. `key` detects repeats. The private link still works. Raises UnchangedSubmission.
    """
    consultation, moment = session.get_one(Consultation, submission.consultation_id), at or now()
    check_amendable(submission, consultation, at=moment)
    who = filing_rules.clean_submitter(session, replace(by, account_id=submission.account_id)) if by else None
    named = who or Submitter(language=submission.language)
    rows, places = filing_rules.build_comment_rows(session, consultation, named, comments, answers)
    before = revisions.keep_revision(session, submission, until=moment, reply=reply)
    was, late = submission.state, submission.late or becomes_late(submission, consultation, moment)
    changes = {
        **(fields.to_columns(who) if who else {}),
        **({"idempotency_key": hash_token(key)} if key else {}),
        "late": late,
    }
    _replace(session, submission, rows, changes)
    attached = evidence.replace_all(session, submission, items)
    promise = records.compute_commitment(submission, rows, places, attached)
    changed = revisions.is_changed(session, submission, before)
    if not changed:
        revisions.check_reply(was, reply)
    _record_amendment(session, submission, was, promise if changed else None, moment)
    return submission


def _record_amendment(
    session: Session, submission: Submission, was: State, promise: bytes | None, at: datetime
) -> None:
    """Record the change in the ledger and e-mail the author. Without `promise` only a reply was sent."""
    ledger.record(
        session,
        Kind.REPLIED if promise is None else Kind.AMENDED,
        subject_id=submission.id,
        at=at,
        consultation_id=submission.consultation_id,
        commitment=promise,
        detail={"was": str(was)},
    )
    letters.post_change(session, submission, at=at, fingerprint=promise.hex() if promise else "", answered=True)


def _replace(
    session: Session, submission: Submission, rows: Sequence[dict[str, Any]], columns: Mapping[str, Any]
) -> None:
    """Replace the row's values and comments, and set it to wait for a moderator."""
    counters.subtract(session, submission)
    comments_rows.replace_comments(session, submission, rows)
    for column, value in columns.items():
        setattr(submission, column, value)
    submission.state = State.PENDING
    submission.text_hash = submissions_values.text_hash(row["body"] for row in rows)
    _flush(session)
    counters.add(session, submission)


def is_amendable(submission: Submission, consultation: Consultation, at: datetime) -> bool:
    """Return whether its author may change it: if returned, or while submissions are accepted."""
    if submission.state is State.RETURNED:
        return True
    return submission.state in {State.PENDING, State.PUBLISHED} and consultation.takes(at)


def becomes_late(submission: Submission | None, consultation: Consultation, at: datetime) -> bool:
    """Return whether a submission sent at that time, or a change of `submission`, is late. Returned ones are not."""
    returned = submission is not None and submission.state is State.RETURNED
    return consultation.is_late(at) and not returned


def check_amendable(submission: Submission, consultation: Consultation, *, at: datetime) -> None:
    """Raise TransitionNotAllowed with the reason if the author may not change it now."""
    if is_amendable(submission, consultation, at):
        return
    if submission.state in {State.PENDING, State.PUBLISHED}:
        raise TransitionNotAllowed(
            _("This consultation has closed. You can only change a submission that a moderator returned to you.")
        )
    raise TransitionNotAllowed(_("This submission can no longer be changed."))


def withdraw(session: Session, submission: Submission, *, actor: str | None = None, at: datetime | None = None) -> None:
    """Withdraw a submission at its author's request. It is no longer shown, but still counted as received."""
    moment = at or now()
    _transition(session, submission, state=State.WITHDRAWN, actor=actor, reason=None, at=moment)
    letters.post_change(session, submission, at=moment)


def erase(
    session: Session,
    submission: Submission,
    *,
    actor: str | None = None,
    reason: str | None = None,
    at: datetime | None = None,
) -> None:
    """Erase text, names, contact and salt. The ledger still records that it was received and erased.

    The reference, its provisions, language and times remain. Hashes of its text are deleted, because they could confirm
    a guess. Data of other packages are erased in `trace.erasure`.
    """
    _transition(session, submission, state=State.ERASED, actor=actor, reason=reason, at=at)
    if address := author_address(session, submission):
        dead_letters.end_by_address(session, address=address[0])
    erasure.clear(session, submission)


def get_by_author_link(session: Session, *, reference: str, secret: str) -> Submission:
    """Return the submission of a private link. Raises NotFound for a wrong reference or secret."""
    row = session.scalar(select(Submission).where(Submission.author_key == hash_token(secret)))
    if row is None or row.reference not in submissions_values.reference_spellings(reference):
        raise NotFound(_("This link does not open a submission. Check that you copied all of it."))
    return row


def get_by_reference(session: Session, reference: str, *, of: int | None = None) -> Submission:
    """Return the submission with this reference, as typed by a person. Raises NotFound.

    With `of`, search in that consultation. Otherwise search everywhere except in practice copies.
    """
    there = Submission.consultation_id < ledger.PRACTICE if of is None else Submission.consultation_id == of
    spelt = Submission.reference.in_(submissions_values.reference_spellings(reference))
    row = session.scalar(select(Submission).where(spelt, there))
    if row is None:
        raise NotFound(_("We cannot find a submission with this reference. Check it for typing mistakes."))
    return row


def find_by_key(session: Session, key: str) -> Submission | None:
    """Return the submission filed or amended with this key, or None."""
    return _find_by_key_hash(session, hash_token(key))


def _find_by_key_hash(session: Session, intention: bytes) -> Submission | None:
    return session.scalar(_BY_INTENTION, {"key": intention})


def _first(found: Submission | None) -> Submission:
    if found is None:  # a reference drawn twice is tried again in _insert, so only a lost race ends here
        raise Conflict(_("We could not save this submission. Send it again."))
    return found


def _insert(
    session: Session,
    consultation: Consultation,
    who: Submitter,
    rows: Sequence[dict[str, Any]],
    key: bytes,
    contact: Contact | None,
    at: datetime,
    code: str | bytes | None,
) -> Submission | None:
    """Insert and return the row, or None if the key was used. A taken reference is drawn again."""
    salt = secrets.token_bytes(32)
    given = {
        "consultation_id": consultation.id,
        "version_id": consultation.version_id,
        "state": State.PENDING,
        "revision": 1,
        "idempotency_key": key,
        "contact_id": contact.id if contact else None,
        "account_id": who.account_id,
        **fields.to_columns(who),
        "received_at": at,
        "late": consultation.is_late(at),
        "salt": salt,
        "text_hash": submissions_values.text_hash(row["body"] for row in rows),
    }
    for _attempt in range(8):
        drawn = submissions_values.reference(consultation.code)
        added = session.scalar(_SUBMISSION, {**given, **_keys(drawn, salt, code)})
        if added is not None or _find_by_key_hash(session, key) is not None:
            return added
    raise Conflict(_("We could not create a reference number. Send it again."))


def _keys(reference: str, salt: bytes, code: str | bytes | None) -> dict[str, Any]:
    """Return the reference and the hashes of its private link (unless there is a `code`) and recovery words."""
    if not isinstance(code, bytes):
        opens = hash_token(return_codes.code_token(code or return_codes.derive_code(reference, salt)))
    else:
        opens = code
    return {
        "reference": reference,
        "author_key": None if code else hash_token(derive_token("author link", reference, salt)),
        "return_key": opens,
    }


def _transition(
    session: Session,
    submission: Submission,
    *,
    state: State,
    actor: str | None,
    reason: str | None,
    at: datetime | None,
    detail: dict[str, Any] | None = None,
    commitment: bytes | None = None,
) -> None:
    was = submission.state
    if state not in TRANSITIONS[was]:
        raise TransitionNotAllowed(_("This submission has changed. Reload the page to see its current state."))
    submission.state = state
    _flush(session)
    if State.PUBLISHED in (was, state):
        shown = update(Comment).where(Comment.submission_id == submission.id)
        session.execute(shown.values(shown=state is State.PUBLISHED))
        evidence.set_shown(session, submission, shown=state is State.PUBLISHED)
    counters.move(session, submission, was)
    ledger.record(
        session,
        LEDGER_KINDS[state],
        subject_id=submission.id,
        consultation_id=submission.consultation_id,
        actor=actor,
        reason=reason,
        commitment=commitment,
        detail={"was": str(was), **(detail or {})},
        at=at,
    )


def _flush(session: Session) -> None:
    try:
        session.flush()
    except StaleDataError as error:
        raise Conflict(_("Someone else has just changed this submission. Reload the page.")) from error
