"""The verbs of a submission being written: note, answer, introduce, send, discard, take up again.

A draft belongs to an account, or to whoever holds its token. Each change locks it, is laid over what is stored, and
is refused only where the same words were changed elsewhere since they were read: then both are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import derived, new_token, seal, token_hash, unseal
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.submissions import admission, facilitating, former, service
from consult.submissions.admission import NothingToFile
from consult.submissions.anchors import Anchor
from consult.submissions.catching_up import caught_up
from consult.submissions.content import WORDS, Submitter
from consult.submissions.items import Item
from consult.submissions.model import Draft, Submission
from consult.submissions.writing import About, Note, Writing, both, from_json, mark_of, to_json

KEPT = timedelta(days=30)
"""How long after its consultation closed a draft is kept."""
_AS_IT_IS = {"synchronize_session": False}
"""What the session has read of the rows is not looked through: they are read no more."""


class ChangedElsewhere(Conflict):
    """The same words were changed elsewhere since they were read.

    `stored` is what stands now: of a comment, or of each answer by its question.
    """

    def __init__(self, message: str, stored: str = "", answers: Mapping[int, str] | None = None) -> None:
        super().__init__(message)
        self.stored, self.answers = stored, answers or {}


@dataclass(frozen=True)
class Owner:
    """Who may go on writing: an account, or the bearer of a token kept in the browser's session.

    With `organisation_id` it is the draft of that organisation, which each of its members may change; whoever makes
    such an owner has seen that the account is a member.
    """

    account_id: int | None = None
    token: str | None = None
    organisation_id: int | None = None


@dataclass(frozen=True)
class Held:
    """A draft as read. `key` names the intention to send it; `mark` tells this state of it from any other."""

    writing: Writing = field(default_factory=Writing)
    key: str = ""
    mark: str = ""
    saved_at: datetime | None = None


def held(session: Session, *, consultation_id: int, owner: Owner) -> Held:
    """What has been written so far to a consultation; empty where nothing has."""
    return _held(session, _rows(session, consultation_id, owner))


def note(
    session: Session, *, consultation_id: int, owner: Owner, provision_id: int, comment: Note | None, seen: str,
    join: bool = False,
) -> str | None:  # fmt: skip
    """Puts a comment into the draft, or takes it out (None). `seen` is its mark as it was read.

    To `join`, it is put below what stands there already. Like every verb that saves, gives the token by which a new
    anonymous draft is found again; None where the owner has what it takes already. Raises ChangedElsewhere.
    """

    def change(writing: Writing) -> Writing:
        key = writing.key_of(provision_id)
        stored, put = writing.comments.get(key), comment
        if join and stored and put:
            put = replace(put, body=_joined(stored.body, put.body))
        elif stored not in (None, put) and writing.mark(key) != seen:
            raise ChangedElsewhere(_("This comment was changed elsewhere after you opened it."), stored.body)
        if stored and put and put.anchor and put.anchor == stored.anchor:  # it stays on what its author chose before
            put = replace(put, was=stored.was, chose=stored.chose)
        if key != provision_id:  # written on a version that was replaced meanwhile
            writing = writing.with_comment(key, None)
        return writing.with_comment(provision_id, put)

    return save(session, consultation_id, owner, change)


def move(
    session: Session, *, consultation_id: int, owner: Owner, provision_id: int, to: int, anchor: Anchor | None,
    seen: str,
) -> str | None:  # fmt: skip
    """Takes a comment from a place that the draft has no more to another, below what was said there already.

    Raises ChangedElsewhere.
    """

    def change(writing: Writing) -> Writing:
        stored, there = writing.comments.get(provision_id), writing.comments.get(to)
        if stored is None or stored.mark != seen:
            raise ChangedElsewhere(_("This comment was changed elsewhere after you opened it."))
        put = replace(stored, anchor=anchor, chose=None)
        if there:
            put = replace(there, body=_joined(there.body, stored.body))
        return writing.with_comment(provision_id, None).with_comment(to, put)

    return save(session, consultation_id, owner, change)


def answer(
    session: Session, *, consultation_id: int, owner: Owner, answers: Mapping[int, str], seen: str,
    chosen: Mapping[int, Sequence[str]] | None = None, join: bool = False,
) -> str | None:  # fmt: skip
    """Puts answers to the consultation's questions into the draft; others stay. Raises ChangedElsewhere.

    To `join`, words are put below those that stand there already; what was chosen is replaced.
    """

    def change(writing: Writing) -> Writing:
        typed, unseen = writing.answers_beside(answers, seen)
        picked = {number: keys for number, keys in (chosen or {}).items() if number in typed}
        if unseen and not join:
            raise ChangedElsewhere(_("Your answers were changed elsewhere after you opened them."),
                                   answers=unseen)  # fmt: skip
        words = unseen.keys() - picked.keys() - writing.chosen.keys()
        joined = {number: _joined(unseen[number], typed[number]) for number in words}
        return writing.with_answers({**typed, **joined}, picked)

    return save(session, consultation_id, owner, change)


def _joined(stored: str, typed: str) -> str:
    together = both(stored, typed)
    if len(together) > WORDS:
        raise ChangedElsewhere(_("Both together are too long. Take over what you need."), stored)
    return together


def introduce(session: Session, *, consultation_id: int, owner: Owner, about: About) -> str | None:
    """Says who speaks. The last word counts."""
    return save(session, consultation_id, owner, lambda writing: replace(writing, about=about))


def support(
    session: Session, *, consultation_id: int, owner: Owner, change: Callable[[tuple[Item, ...]], tuple[Item, ...]]
) -> str | None:
    """Changes the evidence in the draft."""
    return save(session, consultation_id, owner, lambda writing: replace(writing, evidence=change(writing.evidence)))


def discard(session: Session, *, consultation_id: int, owner: Owner) -> None:
    """Deletes the draft and everything written in it."""
    for row in _rows(session, consultation_id, owner, lock=True):
        session.delete(row)
    session.flush()


def take_up(
    session: Session, *, consultation: Consultation, submission: Submission, owner: Owner, note: str = ""
) -> str | None:
    """Opens a submission as a draft, so that its author can change it and send it in again, with a moderator's note."""
    if submission.consultation_id != consultation.id:
        raise NotFound(_("This submission was sent to another consultation."))
    service.check_amendable(submission, consultation, at=now())
    opened = replace(former.writing_of(session, submission), note=note)

    def change(writing: Writing) -> Writing:
        if writing.amends == submission.id:
            return writing
        if writing.words:
            raise Conflict(_("You are writing another submission here. Send or delete it first."))
        return opened

    return save(session, consultation.id, owner, change)


def send(
    session: Session,
    *,
    consultation: Consultation,
    owner: Owner,
    key: str,
    mark: str,
    reads: str,
    reply: str = "",
    at: datetime | None = None,
) -> Submission:
    """Files what was written, as it was checked, and ends the draft. Repeated with the same key it files nothing more.

    `reply` is to the moderator who returned what this changes.

    `key` and `mark` are those of the draft that was checked. Raises ChangedElsewhere where it is another by now.
    """
    rows = _rows(session, consultation.id, owner, lock=True)
    draft = _held(session, rows)
    if draft.key != key and (earlier := service.filed_with(session, key)) is not None:
        return earlier  # filing ended its draft, perhaps while we waited for it
    if draft.writing.words == 0:
        raise NothingToFile(_("There is nothing to send yet. Write a comment or answer a question first."))
    if draft.key == key and mark not in ("", draft.mark) and mark == mark_of(to_json(_written(rows))):
        raise ChangedElsewhere(_("The draft has changed since you checked. See where your comments are, then send."))
    if (draft.key, draft.mark) != (key, mark):
        raise ChangedElsewhere(_("Your submission was changed elsewhere. Check it once more, then send it."))
    draft = replace(draft, writing=replace(draft.writing, reply=reply))
    sent = _file(session, consultation, draft, owner, reads, at)
    session.execute(delete(Draft).where(Draft.id.in_([row.id for row in rows])), execution_options=_AS_IT_IS)
    return sent


def purge(session: Session, *, at: datetime | None = None) -> int:
    """Deletes drafts whose consultation closed long ago; gives how many."""
    closed = select(Consultation.id).where(Consultation.closes_at < (at or now()) - KEPT)
    gone = session.execute(delete(Draft).where(Draft.consultation_id.in_(closed)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _file(
    session: Session, consultation: Consultation, draft: Held, owner: Owner, reads: str, at: datetime | None
) -> Submission:
    writing, about = draft.writing, draft.writing.about
    if about is None:
        raise Refusal(_("Say how your name should appear first."), field="about")
    if not all(item.described for item in writing.evidence):
        raise Refusal(_("Describe each piece of your evidence first."), field="evidence")
    if any(said.stance is None for said in writing.comments.values()):
        raise Refusal(_("Say of each comment what kind it is first."), field="comments")
    if owner.organisation_id not in (None, about.organisation_id):
        raise Refusal(_("This draft is an organisation's: only in its name can it be sent."), field="about")
    if about.organisation_id is not None:
        admission.check_called(session, about.organisation_id, about.organisation_name)
    by = Submitter(
        name_rule=about.name_rule, account_id=owner.account_id, organisation_id=about.organisation_id,
        organisation_name=about.organisation_name, person_name=about.person_name, country=about.country,
        email=about.email, language=about.language, reads=reads,
    )  # fmt: skip
    comments, answers = former.words_to_file(writing)
    if writing.amends is None:
        filed = service.file(
            session, consultation=consultation, by=by, comments=comments, answers=answers, key=draft.key, at=at,
            items=writing.evidence,
        )  # fmt: skip
        return facilitating.attach(session, filed)
    submission = session.get_one(Submission, writing.amends)
    return service.amend(session, submission, comments=comments, answers=answers, by=by, key=draft.key, at=at,
                         items=writing.evidence, reply=writing.reply)  # fmt: skip


def _rows(session: Session, consultation_id: int, owner: Owner, *, lock: bool = False) -> Sequence[Draft]:
    """The account's draft first, then the anonymous one of the token, which signing in has left beside it."""
    mine = []
    if owner.organisation_id is not None:
        mine.append(Draft.organisation_id == owner.organisation_id)
    elif owner.account_id is not None:
        mine.append(Draft.account_id == owner.account_id)
    if owner.token and owner.organisation_id is None:
        mine.append(and_(Draft.token == token_hash(owner.token), Draft.account_id.is_(None)))
    if not mine:
        return []
    query = select(Draft).where(Draft.consultation_id == consultation_id, or_(*mine)).order_by(Draft.account_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).all()


def _held(session: Session, rows: Sequence[Draft]) -> Held:
    if not rows:
        return Held()
    first = rows[0]
    writing = caught_up(session, first.consultation_id, _written(rows))
    key = derived("send", str(first.id), first.token)
    return Held(writing, key, mark_of(to_json(writing)), max(row.updated_at for row in rows))


def _written(rows: Sequence[Draft]) -> Writing:
    """What is written in drafts of one owner, as it was saved."""
    writing = opened(rows[0])
    for row in rows[1:]:
        writing = writing.joined(opened(row))
    return writing


def opened(row: Draft) -> Writing:
    """What is written in a draft."""
    return from_json(unseal(row.sealed, salt=row.token))


def save(session: Session, consultation_id: int, owner: Owner, change: Callable[[Writing], Writing]) -> str | None:
    """Lays a change over what is stored, locked; gives the token of a new anonymous draft."""
    rows = _rows(session, consultation_id, owner, lock=True)
    writing = caught_up(session, consultation_id, change(_held(session, rows).writing))
    if not rows:
        return _begin(session, consultation_id, owner, writing)
    kept = rows[0]
    for row in rows[1:]:
        session.delete(row)
    session.flush()
    kept.account_id = None if owner.organisation_id else owner.account_id
    kept.sealed, kept.updated_at = seal(to_json(writing), salt=kept.token), now()
    kept.file_ids = writing.file_ids
    session.flush()
    return None


def _begin(session: Session, consultation_id: int, owner: Owner, writing: Writing) -> str | None:
    token = new_token()
    hashed = token_hash(token)
    session.add(
        Draft(
            token=hashed, consultation_id=consultation_id, organisation_id=owner.organisation_id,
            account_id=None if owner.organisation_id else owner.account_id,
            sealed=seal(to_json(writing), salt=hashed), updated_at=now(),
            file_ids=writing.file_ids,
        )
    )  # fmt: skip
    session.flush()
    return token if owner.account_id is None else None
