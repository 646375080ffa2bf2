"""The verbs of a return code: keep a draft under it, send under it, find what it opens. Nothing else opens that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import seal, token_hash, unseal
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.submissions import codes, evidence, former, service
from consult.submissions.content import Submitter
from consult.submissions.model import Draft, NameRule, State, Submission
from consult.submissions.writing import Writing, from_json, mark_of, to_json

_NOBODY = token_hash("nobody")


@dataclass(frozen=True)
class Found:
    """What seven words open: a draft, a submission, or (while it is being changed) both."""

    consultation: Consultation
    code: str
    draft: Draft | None
    submission: Submission | None

    @property
    def writing(self) -> Writing:
        """The words of the draft; none where there is no draft."""
        return from_json(unseal(self.draft.sealed, salt=self.draft.token)) if self.draft else Writing()


def find(session: Session, *, typed: str) -> Found:
    """What the words that somebody typed open. Raises NotFound, after the same look-ups for every wrong code."""
    code = codes.read(typed)
    key = token_hash(codes.token(code or typed[:400]))
    wanted = key if code else _NOBODY
    draft = session.scalar(select(Draft).where(Draft.token == wanted))
    submission = session.scalar(select(Submission).where(Submission.return_key == wanted))
    here = draft or submission
    if here is None:
        raise NotFound(_("These words open nothing. Check each of the seven, and their order."), field="words")
    consultation = session.get_one(Consultation, here.consultation_id)
    return Found(consultation, code or "", draft, submission)


def keep(session: Session, *, consultation: Consultation, code: str, writing: Writing) -> None:
    """Keeps what was written without identity under its code, in place of what was kept there before."""
    hashed = token_hash(codes.token(code))
    kept = {"sealed": seal(to_json(writing), salt=hashed), "updated_at": now(), "file_ids": writing.file_ids}
    row = insert(Draft).values(
        token=hashed, consultation_id=consultation.id, traceless=True, revision=1, **kept
    )  # fmt: skip
    session.execute(
        row.on_conflict_do_update(index_elements=[Draft.token], set_=kept, where=Draft.traceless.is_(True))
    )  # fmt: skip


def put_under(session: Session, *, consultation: Consultation, token: str, code: str) -> str:
    """Lets a code open a draft that so far only this browser's token opened; gives the token that does so now."""
    row = session.scalar(
        select(Draft)
        .where(Draft.token == token_hash(token), Draft.consultation_id == consultation.id)
        .with_for_update()
    )  # fmt: skip
    if row is None:
        raise NotFound(_("There is no draft to keep yet. Write something first."))
    opened = codes.token(code)
    writing = unseal(row.sealed, salt=row.token)
    row.token = token_hash(opened)
    row.sealed = seal(writing, salt=row.token)
    session.flush()
    return opened


def send(
    session: Session, *, consultation: Consultation, code: str, writing: Writing, at: datetime | None = None
) -> Submission:
    """Files what was written under its code, or changes what was filed under it. The same words are sent once."""
    token = codes.token(code)
    key = f"{token} {mark_of(to_json(writing))}"
    earlier = service.filed_with(session, key)
    if earlier is not None and earlier.state is not State.RETURNED:  # returned since, it is sent in once more
        return earlier
    filed = session.scalar(select(Submission).where(Submission.return_key == token_hash(token)).with_for_update())
    if filed is not None and filed.consultation_id != consultation.id:
        raise NotFound(_("This submission was sent to another consultation."))
    about = writing.about
    by = Submitter(
        name_rule=NameRule.NONE, country=about.country if about else None, language=about.language if about else "en"
    )
    evidence.check_there(session, writing.evidence)
    comments, answers = former.words_to_file(writing)
    if filed is None:
        sent = service.file(
            session, consultation=consultation, by=by, comments=comments, answers=answers, key=key, code=code, at=at,
            items=writing.evidence,
        )  # fmt: skip
    else:
        sent = service.amend(session, filed, comments=comments, answers=answers, by=by, key=key, at=at,
                             items=writing.evidence, reply=writing.reply)  # fmt: skip
    session.execute(delete(Draft).where(Draft.token == token_hash(token)))
    return sent


def reply(session: Session, submission: Submission, *, words: str, at: datetime | None = None) -> Submission:
    """Sends what was returned in again as it is, with an answer to the moderator alone.

    The caller has found `submission` by its secret, its account or its seven words. Raises MoveNotAllowed.
    """
    row = session.get_one(Submission, submission.id, with_for_update=True, populate_existing=True)
    if row.state is not State.RETURNED:
        raise service.MoveNotAllowed(_("Nothing was asked, or it has been answered already."))
    said = former.writing_of(session, row)
    comments, answers = former.words_to_file(said)
    return service.amend(
        session, row, comments=comments, answers=answers, items=said.evidence, reply=words, at=at
    )  # fmt: skip


def may_change(session: Session, code: str) -> bool:
    """Whether the code opens a submission that its author may change now."""
    row = session.scalar(select(Submission).where(Submission.return_key == token_hash(codes.token(code))))
    if row is None:
        return False
    return service.amendable(row, session.get_one(Consultation, row.consultation_id), now())


def forget(session: Session, found: Found) -> None:
    """Deletes the draft that a code opens."""
    if found.draft is not None:
        session.delete(found.draft)
        session.flush()
