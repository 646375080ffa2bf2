"""Return codes in use: store a draft, send a submission, find either. Nothing else opens them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import hash_token, seal, unseal
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.submissions import fields, revisions, service
from consult.submissions.drafts.submission import amend_with_content, file_content
from consult.submissions.drafts.values import DraftContent, compute_mark, from_json, to_json
from consult.submissions.evidence import service as evidence
from consult.submissions.fields import DraftSubmitter
from consult.submissions.model import Draft, State, Submission
from consult.submissions.private import return_codes
from consult.submissions.values import to_submitter

_NOBODY = hash_token("nobody")


@dataclass(frozen=True)
class CodeMatch:
    """The draft or submission that seven words open, or (while it is being changed) both."""

    consultation: Consultation
    code: str
    draft: Draft | None
    submission: Submission | None

    @property
    def writing(self) -> DraftContent:
        """The words of the draft; none where there is no draft."""
        return from_json(unseal(self.draft.sealed, salt=self.draft.token)) if self.draft else DraftContent()


def find_by_code(session: Session, *, typed: str) -> CodeMatch:
    """Finds what a return code opens. Raises NotFound, after the same look-ups for every wrong code."""
    code = return_codes.parse_code(typed)
    key = hash_token(return_codes.code_token(code or typed[:400]))
    wanted = key if code else _NOBODY
    draft = session.scalar(select(Draft).where(Draft.token == wanted))
    submission = session.scalar(select(Submission).where(Submission.return_key == wanted))
    here = draft or submission
    if here is None:
        raise NotFound(_("We found nothing for these words. Check each of the seven, and their order."), field="words")
    consultation = session.get_one(Consultation, here.consultation_id)
    return CodeMatch(consultation, code or "", draft, submission)


def save_draft(
    session: Session,
    *,
    consultation: Consultation,
    code: str,
    writing: DraftContent,
    due_at: datetime | None = None,
    late: bool = False,
) -> None:
    """Keeps what was written without identity under its code, in place of what was kept there before.

    With `due_at` it was sent, and is filed then (`delay`); its time of change would say when, so it is not kept.
    """
    hashed = hash_token(return_codes.code_token(code))
    kept = {"sealed": seal(to_json(writing), salt=hashed), "updated_at": due_at or now(), "file_ids": writing.file_ids}
    kept |= {"due_at": due_at, "late": late}
    row = insert(Draft).values(token=hashed, consultation_id=consultation.id, traceless=True, revision=1, **kept)
    mine = (Draft.traceless.is_(True)) & (Draft.consultation_id == consultation.id)
    keep = row.on_conflict_do_update(index_elements=[Draft.token], set_=kept, where=mine).returning(Draft.id)
    if session.scalar(keep) is None:
        raise NotFound(_("This submission was sent to another consultation."))


def assign_code(session: Session, *, consultation: Consultation, token: str, code: str) -> str:
    """Lets a code open a draft that so far only this browser's token opened; gives the token that does so now."""
    row = session.scalar(
        select(Draft)
        .where(Draft.token == hash_token(token), Draft.consultation_id == consultation.id)
        .with_for_update()
    )
    if row is None:
        raise NotFound(_("There is no draft to keep yet. Write something first."))
    opened = return_codes.code_token(code)
    writing = unseal(row.sealed, salt=row.token)
    row.token = hash_token(opened)
    row.sealed = seal(writing, salt=row.token)
    session.flush()
    return opened


def intention(token: bytes, writing: DraftContent) -> str:
    """The key of filing these words under a code, by the hash of the code."""
    return f"{token.hex()} {compute_mark(to_json(writing))}"


def send(
    session: Session, *, consultation: Consultation, code: str, writing: DraftContent, at: datetime | None = None
) -> Submission:
    """Files what was written under its code, or changes what was filed under it. The same words are sent once."""
    token = return_codes.code_token(code)
    key = intention(hash_token(token), writing)
    earlier = service.find_by_key(session, key)
    if earlier is not None and earlier.state is not State.RETURNED:  # returned since, it is sent in once more
        return earlier
    filed = session.scalar(select(Submission).where(Submission.return_key == hash_token(token)).with_for_update())
    if filed is not None and filed.consultation_id != consultation.id:
        raise NotFound(_("This submission was sent to another consultation."))
    by = to_submitter(fields.without_identity(writing.about or DraftSubmitter()))
    evidence.check_files_exist(session, writing.evidence)
    if filed is None:
        sent = file_content(session, consultation, writing, by=by, key=key, code=code, at=at)
    else:
        sent = amend_with_content(session, filed, writing, by=by, key=key, at=at)
    session.execute(delete(Draft).where(Draft.token == hash_token(token)))
    return sent


def send_reply(session: Session, submission: Submission, *, words: str, at: datetime | None = None) -> Submission:
    """Sends what was returned in again as it is, with an answer to the moderator alone.

    The caller has found `submission` by its secret, its account or its seven words. Raises MoveNotAllowed.
    """
    row = session.get_one(Submission, submission.id, with_for_update=True, populate_existing=True)
    if row.state is not State.RETURNED:
        raise service.TransitionNotAllowed(_("Nothing was asked, or it has been answered already."))
    said = revisions.to_draft_content(session, row)
    return amend_with_content(session, row, replace(said, reply=words), at=at)


def get_amendable_state(session: Session, code: str) -> State | None:
    """The state of the code's submission; None if there is none that its author may change now."""
    row = session.scalar(select(Submission).where(Submission.return_key == hash_token(return_codes.code_token(code))))
    if row is None or not service.is_amendable(row, session.get_one(Consultation, row.consultation_id), now()):
        return None
    return row.state


def delete_draft(session: Session, found: CodeMatch) -> None:
    """Deletes the draft that a code opens."""
    if found.draft is not None:
        session.delete(found.draft)
        session.flush()
