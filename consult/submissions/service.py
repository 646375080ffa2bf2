"""The verbs of a submission: file, settle, amend, withdraw, erase. Whoever changes its state changes the books."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import blind_index, derived, seal, token_hash, unseal
from consult.core.errors import Conflict, NotFound
from consult.core.i18n import _
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail import service as mail
from consult.submissions import admission, codes, content, evidence, former, tally, wording
from consult.submissions.content import Answer, NewComment, Submitter
from consult.submissions.items import Item
from consult.submissions.model import (
    Comment,
    Contact,
    Facilitation,
    FormerWords,
    NameRule,
    State,
    Submission,
    SubmitterKind,
    Translation,
)

__all__ = ["Answer", "NewComment", "Submitter", "amend", "author_address", "erase", "file", "settle", "withdraw"]

MOVES: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.PUBLISHED, State.RETURNED, State.WITHHELD, State.WITHDRAWN, State.ERASED}),
    State.RETURNED: frozenset({State.PENDING, State.PUBLISHED, State.WITHHELD, State.WITHDRAWN, State.ERASED}),
    State.PUBLISHED: frozenset({State.WITHHELD, State.WITHDRAWN, State.ERASED}),
    State.WITHHELD: frozenset({State.PUBLISHED, State.WITHDRAWN, State.ERASED}),
    State.WITHDRAWN: frozenset({State.ERASED}),
    State.ERASED: frozenset(),
}
ENTRIES = {
    State.PENDING: Kind.AMENDED,
    State.PUBLISHED: Kind.PUBLISHED,
    State.RETURNED: Kind.RETURNED,
    State.WITHHELD: Kind.WITHHELD,
    State.WITHDRAWN: Kind.WITHDRAWN,
    State.ERASED: Kind.ERASED,
}
_SUBMISSION = insert(Submission).on_conflict_do_nothing().returning(Submission)
_BY_INTENTION = select(Submission).where(Submission.idempotency_key == bindparam("key"))


class MoveNotAllowed(Conflict):
    """A submission in this state cannot go to that one; somebody else may have been faster."""


def file(
    session: Session,
    *,
    consultation: Consultation,
    by: Submitter,
    comments: Sequence[NewComment],
    answers: Sequence[Answer] = (),
    key: str,
    code: str | None = None,
    at: datetime | None = None,
    items: Sequence[Item] = (),
) -> Submission:
    """The submission, in the books and in the ledger, with its receipt in the outbox: all in this transaction.

    `key` names the intention to file, such as a draft's token: the same key gives the submission that
    was filed with it first, whatever else is said. With a return `code` that is its only key: no link opens it.
    Raises a Refusal where something must be mended first.
    """
    intention, moment = token_hash(key), at or now()
    if (earlier := _by_intention(session, intention)) is not None:
        return earlier
    admission.check_open(consultation, moment)
    who = admission.submitter(session, by)
    if code is None:  # the way without identity is a switch of its own
        admission.admitted(consultation, who)
    rows, places = admission.words(session, consultation, who, comments, answers)
    contact = _keep_contact(session, who)
    submission = _insert(session, consultation, who, rows, intention, contact, moment, code)
    if submission is None:  # another connection filed with this key between our look and our insert
        if contact is not None:
            session.delete(contact)
        return _first(_by_intention(session, intention))
    wording.put(session, submission, rows)
    tally.add(session, submission)
    promise = wording.promise(submission, rows, places, evidence.attach(session, submission, items))
    ledger.record(
        session, Kind.RECEIVED, subject_id=submission.id, consultation_id=consultation.id, at=moment, commitment=promise
    )
    _post_receipt(session, consultation, submission, who, promise)
    return submission


def settle(
    session: Session,
    submission: Submission,
    *,
    state: State,
    actor: str | None,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> Submission:
    """Moves a submission to another state of the books, with the entry in the ledger that says so.

    `actor` is a pseudonym, None for the author; `detail` is public. Raises MoveNotAllowed, and Conflict where the row
    was changed by somebody else since it was read (its `revision` is then stale).
    """
    if state is State.PENDING:
        raise MoveNotAllowed(_("Only its author can send a submission in again."))
    _move(session, submission, state=state, actor=actor, reason=reason, at=at, detail=detail)
    return submission


def amend(
    session: Session, submission: Submission, *, comments: Sequence[NewComment], answers: Sequence[Answer] = (),
    by: Submitter | None = None, key: str | None = None, at: datetime | None = None, items: Sequence[Item] = (),
    reply: str = "",
) -> Submission:  # fmt: skip
    """Replaces the words of a submission; a moderator reads it again. What it said before is kept, sealed.

    A comment that stays as it was keeps its row, so what was hidden in it stays hidden until a moderator decides anew.
    Allowed until the consultation closes; after that only where it was returned. `by` changes how it is named, where
    given; with `key` a repeat can be told by `filed_with`. The salt stays, so the author's private link does.
    What was returned needs a change, a `reply` to the moderator, or both. Raises NothingSaid.
    """
    consultation, moment = session.get_one(Consultation, submission.consultation_id), at or now()
    check_amendable(submission, consultation, at=moment)
    who = admission.submitter(session, replace(by, account_id=submission.account_id)) if by else None
    named = who or Submitter(language=submission.language)
    rows, places = admission.words(session, consultation, named, comments, answers)
    before = former.keep(session, submission, until=moment, reply=reply)
    tally.subtract(session, submission)
    wording.replace(session, submission, rows)
    if who is not None:
        _name(submission, who)
    submission.idempotency_key = token_hash(key) if key else submission.idempotency_key
    submission.text_hash = content.text_hash(row["body"] for row in rows)
    was, submission.state = submission.state, State.PENDING
    _flush(session)
    tally.add(session, submission)
    promise = wording.promise(submission, rows, places, evidence.replace_all(session, submission, items))
    if was is State.RETURNED and not reply.strip():
        former.check_changed(session, submission, before)
    ledger.record(
        session, Kind.AMENDED, subject_id=submission.id, consultation_id=submission.consultation_id, at=moment,
        commitment=promise, detail={"was": str(was)},
    )  # fmt: skip
    _post_change(session, submission, at=moment, fingerprint=promise.hex())
    return submission


def amendable(submission: Submission, consultation: Consultation, at: datetime) -> bool:
    """Whether its author may change it: always where it was returned, else until the consultation closes."""
    if submission.state is State.RETURNED:
        return True
    return submission.state in {State.PENDING, State.PUBLISHED} and consultation.is_open(at)


def check_amendable(submission: Submission, consultation: Consultation, *, at: datetime) -> None:
    """Raises MoveNotAllowed, with why, where the author may not change it now."""
    if amendable(submission, consultation, at):
        return
    if submission.state in {State.PENDING, State.PUBLISHED}:
        raise MoveNotAllowed(_("This consultation has closed: only what is returned to you can still be changed."))
    raise MoveNotAllowed(_("This submission can no longer be changed."))


def withdraw(session: Session, submission: Submission, *, actor: str | None = None, at: datetime | None = None) -> None:
    """Takes a submission back on its author's wish: no longer shown, still counted as received."""
    moment = at or now()
    _move(session, submission, state=State.WITHDRAWN, actor=actor, reason=None, at=moment)
    _post_change(session, submission, at=moment)


def erase(
    session: Session,
    submission: Submission,
    *,
    actor: str | None = None,
    reason: str | None = None,
    at: datetime | None = None,
) -> None:
    """Destroys words, names, contact and salt for good; the ledger keeps that something was received and erased.

    What stays is the reference, the times, and the hash of the normal form of the words, which says nothing of
    anybody and by which copies of one text still add up.
    """
    _move(session, submission, state=State.ERASED, actor=actor, reason=reason, at=at)
    session.execute(
        update(Comment)
        .where(Comment.submission_id == submission.id)
        .values(body="", answer=None, redacted_body=None, redactions=None)
    )
    session.execute(delete(Facilitation).where(Facilitation.submission_id == submission.id))
    submission.present = None
    theirs = select(Comment.id).where(Comment.submission_id == submission.id)
    session.execute(delete(Translation).where(Translation.comment_id.in_(theirs)))
    evidence.erase(session, submission)
    contact_id, submission.contact_id = submission.contact_id, None
    submission.submitter_kind, submission.name_rule = SubmitterKind.UNNAMED, NameRule.NONE
    submission.organisation_id = submission.organisation_name = submission.person_name = submission.country = None
    submission.account_id = submission.salt = submission.author_key = submission.return_key = None
    session.execute(delete(FormerWords).where(FormerWords.submission_id == submission.id))
    _flush(session)
    if contact_id is not None:
        session.delete(session.get_one(Contact, contact_id))


def author_secret(submission: Submission) -> str:
    """The last part of the author's private link `/r/<reference>/<secret>`; only its hash is stored.

    It is derived from the row's salt, so a letter or a repeated receipt can show it again, and erasure ends it.
    """
    if submission.salt is None:
        raise NotFound(_("This submission was erased."))
    return derived("author link", submission.reference, submission.salt)


def by_author(session: Session, *, reference: str, secret: str) -> Submission:
    """The submission that this private link opens. Raises NotFound alike for a wrong reference and a wrong secret."""
    found = session.scalar(select(Submission).where(Submission.author_key == token_hash(secret)))
    if found is None or found.reference not in content.spellings(reference):
        raise NotFound(_("This link does not open a submission. Check that you copied all of it."))
    return found


def by_reference(session: Session, reference: str) -> Submission:
    """The submission with this reference, as anybody may type it. Raises NotFound."""
    found = session.scalar(select(Submission).where(Submission.reference.in_(content.spellings(reference))))
    if found is None:
        raise NotFound(_("No submission has this reference. Check it for typing mistakes."))
    return found


def author_address(session: Session, submission: Submission) -> tuple[str, str] | None:
    """The address to write to about a submission and the language to write in; None where the author gave none."""
    account = session.get(Account, submission.account_id) if submission.account_id else None
    contact = session.get_one(Contact, submission.contact_id) if submission.contact_id is not None else None
    return address_of(submission, contact, account)


def address_of(submission: Submission, contact: Contact | None, account: Account | None) -> tuple[str, str] | None:
    """The same, of what was read already."""
    if contact is not None:
        return unseal(contact.email_sealed, salt=contact.salt), account.language if account else submission.language
    return (unseal(account.email_sealed), account.language) if account else None


def filed_with(session: Session, key: str) -> Submission | None:
    """The submission that was filed or amended with this key, if that has happened."""
    return _by_intention(session, token_hash(key))


def _by_intention(session: Session, intention: bytes) -> Submission | None:
    return session.scalar(_BY_INTENTION, {"key": intention})


def _first(found: Submission | None) -> Submission:
    if found is None:  # a reference drawn twice is tried again in _insert, so only a lost race ends here
        raise Conflict(_("This was not filed. Send it again."))
    return found


def _keep_contact(session: Session, who: Submitter) -> Contact | None:
    """The address to write to, unless it is that of the author's account: then letters go where the account goes."""
    if who.email is None:
        return None
    salt, index = secrets.token_bytes(32), blind_index(who.email)
    account = session.get(Account, who.account_id) if who.account_id else None
    if account is not None and account.email_index == index:
        return None
    contact = Contact(salt=salt, email_sealed=seal(who.email, salt=salt), email_index=index)
    session.add(contact)
    session.flush()
    return contact


def _insert(
    session: Session,
    consultation: Consultation,
    who: Submitter,
    rows: Sequence[dict[str, Any]],
    key: bytes,
    contact: Contact | None,
    at: datetime,
    code: str | None,
) -> Submission | None:
    """The new row; None where the key has been filed with. A reference that is taken is drawn again."""
    salt = secrets.token_bytes(32)
    for _attempt in range(8):
        drawn = content.reference(consultation.code)
        row = {
            "reference": drawn, "consultation_id": consultation.id, "version_id": consultation.version_id,
            "state": State.PENDING, "revision": 1, "idempotency_key": key,
            "contact_id": contact.id if contact else None, "account_id": who.account_id,
            "organisation_id": who.organisation_id, "submitter_kind": who.kind, "name_rule": who.name_rule,
            "organisation_name": who.organisation_name, "person_name": who.person_name, "country": who.country,
            "language": who.language, "received_at": at, "late": consultation.is_late(at), "salt": salt,
            "text_hash": content.text_hash(row["body"] for row in rows),
            "author_key": None if code else token_hash(derived("author link", drawn, salt)),
            "return_key": token_hash(codes.token(code or codes.made(drawn, salt))),
        }  # fmt: skip
        added = session.scalar(_SUBMISSION, row)
        if added is not None or _by_intention(session, key) is not None:
            return added
    raise Conflict(_("No free reference was found. Send it again."))


def _name(submission: Submission, who: Submitter) -> None:
    submission.submitter_kind, submission.name_rule = who.kind, who.name_rule
    submission.organisation_id, submission.organisation_name = who.organisation_id, who.organisation_name
    submission.person_name, submission.country, submission.language = who.person_name, who.country, who.language


def _move(
    session: Session,
    submission: Submission,
    *,
    state: State,
    actor: str | None,
    reason: str | None,
    at: datetime | None,
    detail: dict[str, Any] | None = None,
) -> None:
    was = submission.state
    if state not in MOVES[was]:
        raise MoveNotAllowed(_("This submission was changed in the meantime. Load it again to see where it stands."))
    submission.state = state
    _flush(session)
    if State.PUBLISHED in (was, state):
        shown = update(Comment).where(Comment.submission_id == submission.id)
        session.execute(shown.values(shown=state is State.PUBLISHED))
        evidence.show(session, submission, shown=state is State.PUBLISHED)
    tally.move(session, submission, was)
    ledger.record(
        session, ENTRIES[state], subject_id=submission.id, consultation_id=submission.consultation_id, actor=actor,
        reason=reason, detail={"was": str(was), **(detail or {})}, at=at,
    )  # fmt: skip


def _flush(session: Session) -> None:
    try:
        session.flush()
    except StaleDataError as error:
        raise Conflict(_("Somebody else changed this submission a moment ago. Load it again.")) from error


def _post_receipt(
    session: Session, consultation: Consultation, submission: Submission, who: Submitter, promise: bytes
) -> None:
    address = (who.email, who.reads) if who.email else author_address(session, submission)
    if address is None or address[0] is None:
        return
    mail.post(
        session, key=f"receipt:{submission.id}", to=address[0], template="submissions/mail/receipt",
        language=address[1], reference=submission.reference, secret=author_secret(submission),
        received_at=submission.received_at, fingerprint=promise.hex(), title=consultation.title,
        body=consultation.body, answer_by=consultation.answer_by,
    )  # fmt: skip


def _post_change(session: Session, submission: Submission, *, at: datetime, fingerprint: str = "") -> None:
    """Tells the address that had the receipt that it was changed, or (without a fingerprint) withdrawn.

    Whoever holds the private link can do either: its author must not learn of it by chance. It says no more of anybody
    than the receipt did.
    """
    address = author_address(session, submission)
    if address is None:
        return
    mail.post(
        session, key=f"changed:{submission.id}:{submission.revision}", to=address[0],
        template="submissions/mail/changed", language=address[1], reference=submission.reference,
        secret=author_secret(submission), at=at, fingerprint=fingerprint,
        title=session.get_one(Consultation, submission.consultation_id).title,
    )  # fmt: skip
