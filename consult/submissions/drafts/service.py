"""Unfinished submissions: save comments, answers and details, send, discard and reopen.

A draft belongs to an account, an organisation or the holder of its token. Each change locks the draft and is merged
into the stored one. If the same text was changed elsewhere since, the change is refused and the page shows both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import derive_token, hash_token, new_token, seal, unseal
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.submissions import filing_rules, revisions, service
from consult.submissions.anchors.selectors import Anchor
from consult.submissions.content.draft import DraftComment, DraftContent, compute_mark, from_json, join_texts, to_json
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.drafts import open_notes, papers, sign_off
from consult.submissions.drafts.rebase import rebase_comments
from consult.submissions.drafts.submission import amend_with_content, file_content
from consult.submissions.facilitation import service as facilitation
from consult.submissions.fields import DraftSubmitter
from consult.submissions.filing_rules import NothingToFile
from consult.submissions.model import Draft, State, Submission
from consult.submissions.values import MAX_COMMENT_LENGTH, to_submitter

_AS_IT_IS = {"synchronize_session": False}  # loaded rows are not read again


class DraftChangedElsewhere(Conflict):
    """The same text was changed elsewhere since it was read.

    `stored` is the current text of a comment, or of each answer by question id.
    """

    def __init__(self, message: str, stored: str = "", answers: Mapping[int, str] | None = None) -> None:
        super().__init__(message)
        self.stored, self.answers = stored, answers or {}


@dataclass(frozen=True)
class DraftOwner:
    """The owner of a draft: an account, or the bearer of a token in the browser's session.

    With `organisation_id` it is the organisation's draft, which all its members may change. The caller has checked the
    membership.
    """

    account_id: int | None = None
    token: str | None = None
    organisation_id: int | None = None


@dataclass(frozen=True)
class SavedDraft:
    """A loaded draft. `key` identifies the intention to send it, and `mark` this state of it."""

    writing: DraftContent = field(default_factory=DraftContent)
    key: str = ""
    mark: str = ""
    saved_at: datetime | None = None
    amended: State | None = None  # state of the submission that it changes

    @property
    def returned(self) -> bool:
        """Return whether it changes a returned submission, which can be sent after closing."""
        return self.amended is State.RETURNED


def get_draft(session: Session, *, consultation_id: int, owner: DraftOwner) -> SavedDraft:
    """Return the saved draft for a consultation, empty if there is none."""
    return _to_saved_draft(session, _rows(session, consultation_id, owner))


def save_comment(
    session: Session,
    *,
    consultation_id: int,
    owner: DraftOwner,
    provision_id: int,
    comment: DraftComment | None,
    seen: str,
    by: str = "",
    join: bool = False,
) -> str | None:
    """Save a comment, or remove it with None. `seen` is its fingerprint when read, and `by` names the save.

    `provision_id` is the `comment_key`, which differs from the id for further comments on a provision. With `join`, the
    text is appended to the stored one. Like every function that saves, return the token of a new anonymous draft, or
    None if the owner has one already. Raises DraftChangedElsewhere.
    """

    def change(writing: DraftContent) -> DraftContent:
        key = writing.key_of(provision_id)
        stored, put, later = writing.comments.get(key), comment, writing.comes_after(by, key)
        if later is None:
            return writing
        if join and stored and put:
            put = replace(put, body=_joined(stored.body, put.body))
        elif stored not in (None, put) and not later and writing.mark(key) != seen:
            raise DraftChangedElsewhere(_("This comment has changed since you opened it."), stored.body)
        if stored and put:
            put = replace(put, paper_place=stored.paper_place)
            if put.anchor and put.anchor == stored.anchor:  # keep the author's original words
                put = replace(put, was=stored.was, chose=stored.chose)
        if key != provision_id:  # written on a version that was replaced meanwhile
            writing = writing.with_comment(key, None)
        return writing.with_comment(provision_id, put).with_save(by, provision_id)

    return save(session, consultation_id, owner, change)


def move_comment(
    session: Session,
    *,
    consultation_id: int,
    owner: DraftOwner,
    provision_id: int,
    to: int,
    anchor: Anchor | None,
    seen: str,
) -> str | None:
    """Move a comment from a deleted part of the draft to another one, below existing text there.

    Raises DraftChangedElsewhere.
    """

    def change(writing: DraftContent) -> DraftContent:
        stored, there = writing.comments.get(provision_id), writing.comments.get(to)
        if stored is None or stored.mark != seen:
            raise DraftChangedElsewhere(_("This comment has changed since you opened it."))
        put = replace(stored, anchor=anchor, chose=None)
        if there:
            put = replace(there, body=_joined(there.body, stored.body))
        return writing.with_comment(provision_id, None).with_comment(to, put)

    return save(session, consultation_id, owner, change)


def save_answers(
    session: Session,
    *,
    consultation_id: int,
    owner: DraftOwner,
    answers: Mapping[int, str],
    seen: str,
    chosen: Mapping[int, Sequence[str]] | None = None,
    by: str = "",
    join: bool = False,
) -> str | None:
    """Save answers to questions. Other answers are kept. Raises DraftChangedElsewhere.

    With `join`, text is appended to the stored one, and choices are replaced.
    """

    def change(writing: DraftContent) -> DraftContent:
        later = writing.comes_after(by)
        if later is None:
            return writing
        typed, unseen = (answers, {}) if later else writing.answers_beside(answers, seen)
        picked = {number: keys for number, keys in (chosen or {}).items() if number in typed}
        if unseen and not join:
            raise DraftChangedElsewhere(
                _("These responses have changed since you opened them."),
                answers=unseen,
            )
        words = unseen.keys() - picked.keys() - writing.chosen.keys()
        joined = {number: _joined(unseen[number], typed[number]) for number in words}
        return writing.with_answers({**typed, **joined}, picked).with_save(by)

    return save(session, consultation_id, owner, change)


def _joined(stored: str, typed: str) -> str:
    together = join_texts(stored, typed)
    if len(together) > MAX_COMMENT_LENGTH:
        raise DraftChangedElsewhere(_("The two texts are too long together. Copy only what you need."), stored)
    return together


def save_submitter(session: Session, *, consultation_id: int, owner: DraftOwner, about: DraftSubmitter) -> str | None:
    """Save the author's details. A later save replaces an earlier one."""
    return save(session, consultation_id, owner, lambda writing: replace(writing, about=about))


def change_evidence(
    session: Session,
    *,
    consultation_id: int,
    owner: DraftOwner,
    change: Callable[[tuple[EvidenceItem, ...]], tuple[EvidenceItem, ...]],
) -> str | None:
    """Change the evidence in the draft."""
    return save(session, consultation_id, owner, lambda writing: replace(writing, evidence=change(writing.evidence)))


def discard(session: Session, *, consultation_id: int, owner: DraftOwner) -> None:
    """Delete the draft and everything in it."""
    for row in _rows(session, consultation_id, owner, lock=True):
        session.delete(row)
    session.flush()


def reopen_submission(
    session: Session,
    *,
    consultation: Consultation,
    submission: Submission,
    owner: DraftOwner,
    note: str = "",
    reply: str = "",
) -> str | None:
    """Reopen a submission as a draft with the moderator's note, so that its author can change it.

    `reply` is the message to the moderator typed so far. Raises NotFound.
    """
    if submission.consultation_id != consultation.id:
        raise NotFound(_("You already sent this submission to another consultation."))
    service.check_amendable(submission, consultation, at=now())
    opened = replace(revisions.to_draft_content(session, submission), note=note, reply=reply)

    def change(writing: DraftContent) -> DraftContent:
        if writing.amends == submission.id:
            return replace(writing, reply=reply or writing.reply)
        if writing.words:
            raise Conflict(_("You have another unfinished submission here. Send or delete it first."))
        return opened

    return save(session, consultation.id, owner, change)


def send(
    session: Session,
    *,
    consultation: Consultation,
    owner: DraftOwner,
    key: str,
    mark: str,
    reads: str,
    reply: str = "",
    side: str | None = None,
    at: datetime | None = None,
) -> Submission:
    """File the draft as it was checked and delete it. Repeating with the same key files nothing more.

    `side` is the author's position on the draft policy as a whole, or None for that of the draft. `reply` is a message
    to the moderator who returned the submission. `key` and `mark` are those of the checked draft. Raises
    DraftChangedElsewhere if it has changed since.
    """
    rows = _rows(session, consultation.id, owner, lock=True)
    draft = _to_saved_draft(session, rows)
    if draft.key != key and (earlier := service.find_by_key(session, key)) is not None:
        return earlier  # filing deleted its draft, perhaps while this call waited for the lock
    if draft.writing.words == 0:
        raise NothingToFile(_("You have nothing to send yet. Write a comment or answer a question first."))
    if draft.key == key and mark not in ("", draft.mark) and mark == compute_mark(to_json(_join_contents(rows))):
        raise DraftChangedElsewhere(
            _("The draft has changed since you checked. See where your comments are now, then send.")
        )
    if (draft.key, draft.mark) != (key, mark):
        raise DraftChangedElsewhere(_("Your submission has changed. Check it again, then send it."))
    draft = replace(draft, writing=replace(draft.writing.with_side(side), reply=reply))
    sent = _file(session, consultation, draft, owner, reads, at)
    session.execute(delete(Draft).where(Draft.id.in_([row.id for row in rows])), execution_options=_AS_IT_IS)
    return sent


def _file(
    session: Session, consultation: Consultation, draft: SavedDraft, owner: DraftOwner, reads: str, at: datetime | None
) -> Submission:
    writing, about = draft.writing, _check_complete(session, draft.writing, owner)
    if about.organisation_id is not None:
        filing_rules.check_organisation_name(session, about.organisation_id, about.organisation_name)
    if owner.organisation_id is not None:
        of = {"organisation_id": owner.organisation_id, "consultation_id": consultation.id}
        sign_off.check_agreed(session, **of, mark=draft.mark, sender=owner.account_id or 0)
    elif about.organisation_id is not None and sign_off.needs_two_people(session, about.organisation_id):
        raise Conflict(_("Your organisation requires two people. Ask another member to approve this submission."))
    by = to_submitter(about, account_id=owner.account_id, reads=reads)
    if writing.amends is None:
        filed = file_content(session, consultation, writing, by=by, key=draft.key, at=at)
        if owner.organisation_id is not None:
            sign_off.keep(session, **of, submission_id=filed.id)
            open_notes.keep(session, **of, submission_id=filed.id)
        return facilitation.attach_meeting(session, filed)
    submission = session.get_one(Submission, writing.amends)
    if owner.organisation_id is not None:
        sign_off.keep(session, **of, submission_id=submission.id)
        open_notes.keep(session, **of, submission_id=submission.id)
    return amend_with_content(session, submission, writing, by=by, key=draft.key, at=at)


def _check_complete(session: Session, writing: DraftContent, owner: DraftOwner) -> DraftSubmitter:
    """Return the author's details. Raises a Refusal if something is missing."""
    about = writing.about
    if about is None:
        raise Refusal(_("First choose how your name is shown."), field="about")
    if any(not it.parts for it in papers.read_texts(session, writing.papers).values()):
        raise Refusal(_("We are still reading your position paper. Wait a moment, or remove it."), field="evidence")
    if not all(item.described for item in writing.evidence):
        raise Refusal(_("Describe each item of evidence first."), field="evidence")
    if any(said.stance is None and said.agrees_with is None for said in writing.comments.values()):
        raise Refusal(_("First choose the type of each comment."), field="comments")
    if owner.organisation_id not in (None, about.organisation_id):
        raise Refusal(
            _("This unfinished submission belongs to an organisation. You can only send it for that organisation."),
            field="about",
        )
    return about


def _rows(session: Session, consultation_id: int, owner: DraftOwner, *, lock: bool = False) -> Sequence[Draft]:
    """Return the account's draft, then the anonymous one of the token, left from before signing in."""
    mine = []
    if owner.organisation_id is not None:
        mine.append(Draft.organisation_id == owner.organisation_id)
    elif owner.account_id is not None:
        mine.append(Draft.account_id == owner.account_id)
    if owner.token and owner.organisation_id is None:
        mine.append(and_(Draft.token == hash_token(owner.token), Draft.account_id.is_(None)))
    if not mine:
        return []
    query = select(Draft).where(Draft.consultation_id == consultation_id, or_(*mine)).order_by(Draft.account_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).all()


def _to_saved_draft(session: Session, rows: Sequence[Draft]) -> SavedDraft:
    if not rows:
        return SavedDraft()
    first = rows[0]
    writing = rebase_comments(session, first.consultation_id, _join_contents(rows))
    key = derive_token("send", str(first.id), first.token)
    amends = session.get(Submission, writing.amends) if writing.amends else None
    saved_at = max(row.updated_at for row in rows)
    return SavedDraft(writing, key, compute_mark(to_json(writing)), saved_at, amends.state if amends else None)


def _join_contents(rows: Sequence[Draft]) -> DraftContent:
    """Return the merged content of an owner's drafts."""
    writing = unseal_draft(rows[0])
    for row in rows[1:]:
        writing = writing.joined(unseal_draft(row))
    return writing


def unseal_draft(row: Draft) -> DraftContent:
    """Return the content of a draft."""
    return from_json(unseal(row.sealed, salt=row.token))


def save(
    session: Session, consultation_id: int, owner: DraftOwner, change: Callable[[DraftContent], DraftContent]
) -> str | None:
    """Apply a change to the locked stored draft, and return the token of a new anonymous one."""
    rows, token = _rows(session, consultation_id, owner, lock=True), None
    if not rows:
        rows, token = _begin(session, consultation_id, owner)
    writing = rebase_comments(session, consultation_id, change(_to_saved_draft(session, rows).writing))
    kept = rows[0]
    for row in rows[1:]:
        session.delete(row)
    session.flush()
    kept.account_id = None if owner.organisation_id else owner.account_id
    kept.sealed, kept.updated_at = seal(to_json(writing, saves=True), salt=kept.token), now()
    kept.file_ids = writing.file_ids
    session.flush()
    return token


def _begin(session: Session, consultation_id: int, owner: DraftOwner) -> tuple[Sequence[Draft], str | None]:
    """Return an empty draft, or the one begun by another tab meanwhile, and the token of an anonymous one.

    The token is the one already in the browser's session, so tabs that save at the same time share a draft.
    """
    token = (owner.token if owner.account_id is None else None) or new_token()
    hashed = hash_token(token)
    row = insert(Draft).values(
        token=hashed,
        consultation_id=consultation_id,
        organisation_id=owner.organisation_id,
        account_id=None if owner.organisation_id else owner.account_id,
        sealed=seal(to_json(DraftContent()), salt=hashed),
        revision=0,
        updated_at=now(),
        file_ids=[],
    )
    session.execute(row.on_conflict_do_nothing())
    if rows := _rows(session, consultation_id, replace(owner, token=token), lock=True):
        return rows, token if owner.account_id is None else None
    return _begin(session, consultation_id, replace(owner, token=None))  # the token belongs to another person's draft
