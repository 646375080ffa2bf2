"""Recovery words in use: save a draft, send a submission, find either."""

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
from consult.submissions import fields, return_codes, revisions, service
from consult.submissions.content.draft import DraftContent, compute_mark, from_json, to_json
from consult.submissions.drafts.submission import amend_with_content, file_content
from consult.submissions.evidence import service as evidence
from consult.submissions.fields import DraftSubmitter
from consult.submissions.model import Draft, State, Submission
from consult.submissions.values import to_submitter

_NOBODY = hash_token("nobody")


@dataclass(frozen=True)
class CodeMatch:
    """The draft or submission opened by recovery words, or both while it is being changed."""

    consultation: Consultation
    code: str
    draft: Draft | None
    submission: Submission | None

    @property
    def writing(self) -> DraftContent:
        """Return the content of the draft, empty if there is none."""
        return from_json(unseal(self.draft.sealed, salt=self.draft.token)) if self.draft else DraftContent()


def find_by_code(session: Session, *, typed: str) -> CodeMatch:
    """Return the draft or submission that recovery words open. Raises NotFound.

    Wrong words cause the same lookups as valid ones without a match.
    """
    code = return_codes.parse_code(typed)
    key = hash_token(return_codes.code_token(code or typed[:400]))
    wanted = key if code else _NOBODY
    draft = session.scalar(select(Draft).where(Draft.token == wanted))
    submission = session.scalar(select(Submission).where(Submission.return_key == wanted))
    here = draft or submission
    if here is None:
        raise NotFound(_("We found nothing for these words. Check all seven words and their order."), field="words")
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
    """Save an anonymous draft under its recovery words, replacing an earlier one.

    With `due_at` it was sent and will be filed at that time (`delay`). Its time of change is then not stored, because
    it would reveal the time of sending. Raises NotFound.
    """
    hashed = hash_token(return_codes.code_token(code))
    kept = {"sealed": seal(to_json(writing), salt=hashed), "updated_at": due_at or now(), "file_ids": writing.file_ids}
    kept |= {"due_at": due_at, "late": late}
    row = insert(Draft).values(token=hashed, consultation_id=consultation.id, traceless=True, revision=1, **kept)
    mine = (Draft.traceless.is_(True)) & (Draft.consultation_id == consultation.id)
    keep = row.on_conflict_do_update(index_elements=[Draft.token], set_=kept, where=mine).returning(Draft.id)
    if session.scalar(keep) is None:
        raise NotFound(_("You already sent this submission to another consultation."))


def assign_code(session: Session, *, consultation: Consultation, token: str, code: str) -> str:
    """Assign recovery words to a draft of this browser's token, and return the new token of the draft.

    Raises NotFound.
    """
    row = session.scalar(
        select(Draft)
        .where(Draft.token == hash_token(token), Draft.consultation_id == consultation.id)
        .with_for_update()
    )
    if row is None:
        raise NotFound(_("You have nothing to save yet. Write something first."))
    opened = return_codes.code_token(code)
    writing = unseal(row.sealed, salt=row.token)
    row.token = hash_token(opened)
    row.sealed = seal(writing, salt=row.token)
    session.flush()
    return opened


def intention(token: bytes, writing: DraftContent) -> str:
    """Return the idempotency key for filing this content, from the hash of the recovery words."""
    return f"{token.hex()} {compute_mark(to_json(writing))}"


def send(
    session: Session, *, consultation: Consultation, code: str, writing: DraftContent, at: datetime | None = None
) -> Submission:
    """File a draft under its recovery words, or change the submission filed under them.

    Sending the same content twice files it once. Raises NotFound.
    """
    token = return_codes.code_token(code)
    key = intention(hash_token(token), writing)
    earlier = service.find_by_key(session, key)
    if earlier is not None and earlier.state is not State.RETURNED:  # it was returned since, so it is sent in again
        return earlier
    filed = session.scalar(select(Submission).where(Submission.return_key == hash_token(token)).with_for_update())
    if filed is not None and filed.consultation_id != consultation.id:
        raise NotFound(_("You already sent this submission to another consultation."))
    by = to_submitter(fields.without_identity(writing.about or DraftSubmitter()))
    evidence.check_files_exist(session, writing.evidence)
    if filed is None:
        sent = file_content(session, consultation, writing, by=by, key=key, code=code, at=at)
    else:
        sent = amend_with_content(session, filed, writing, by=by, key=key, at=at)
    session.execute(delete(Draft).where(Draft.token == hash_token(token)))
    return sent


def send_reply(session: Session, submission: Submission, *, words: str, at: datetime | None = None) -> Submission:
    """Send in a returned submission again unchanged, with a message to the moderator.

    The caller has found `submission` by its private link, its account or its recovery words. Raises
    TransitionNotAllowed.
    """
    row = session.get_one(Submission, submission.id, with_for_update=True, populate_existing=True)
    if row.state is not State.RETURNED:
        raise service.TransitionNotAllowed(
            _("We cannot find an open question from a moderator. The question may already be answered.")
        )
    said = revisions.to_draft_content(session, row)
    return amend_with_content(session, row, replace(said, reply=words), at=at)


def get_amendable_state(session: Session, code: str) -> State | None:
    """Return the state of the submission if its author can change it now, else None."""
    row = session.scalar(select(Submission).where(Submission.return_key == hash_token(return_codes.code_token(code))))
    if row is None or not service.is_amendable(row, session.get_one(Consultation, row.consultation_id), now()):
        return None
    return row.state


def delete_draft(session: Session, found: CodeMatch) -> None:
    """Delete the draft opened by recovery words."""
    if found.draft is not None:
        session.delete(found.draft)
        session.flush()
