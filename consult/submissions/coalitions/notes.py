"""Notes of other organisations beside an organisation's draft before it is signed: "We would sign if …".

An organisation asks others to read its draft. Their members read it and note what would let them sign; the last note is
closed before it is sent, or stays open and is named as such. Notes go with the draft, and are sealed as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import seal, unseal
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text, one_line
from consult.submissions.coalitions.model import CoalitionNote, CoalitionReader
from consult.submissions.drafts.service import unseal_draft
from consult.submissions.drafts.values import DraftContent
from consult.submissions.model import Draft

MAX_READERS, MAX_NOTES, MAX_NOTE_LENGTH = 20, 100, 1_000


@dataclass(frozen=True)
class NoteBesideDraft:
    """A note, as members of both sides read it."""

    id: int
    organisation: str
    organisation_id: int
    place: str
    words: str
    made_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True)
class CoalitionDraft:
    """A draft of an organisation beside the notes on it."""

    draft: Draft
    owner: Organisation
    consultation: Consultation
    writing: DraftContent
    notes: Sequence[NoteBesideDraft]
    readers: Sequence[Organisation]
    mine: Sequence[Organisation]  # of the reader's organisations, those that were asked
    owns: bool

    @property
    def open_notes(self) -> Sequence[NoteBesideDraft]:
        return [note for note in self.notes if note.resolved_at is None]


def ask_reader(session: Session, *, draft_id: int, by: Account, name: str) -> None:
    """Lets the members of an organisation read a draft and note beside it. May be repeated. Raises a Refusal."""
    it = get_draft(session, draft_id=draft_id, by=by)
    if not it.owns:
        raise NotFound(_("There is no such draft among those of your organisations."))
    wanted = one_line(name).lower()
    found = session.scalar(select(Organisation).where(func.lower(Organisation.name) == wanted))
    if found is None or found.id == it.owner.id:
        raise Refusal(_("No other organisation has that name here."), field="name")
    if len(it.readers) >= MAX_READERS:
        raise Refusal(_("At most %(most)s organisations can read a draft.", most=MAX_READERS), field="name")
    row = insert(CoalitionReader).values(draft_id=draft_id, organisation_id=found.id, asked_at=now())
    session.execute(row.on_conflict_do_nothing())


def get_draft(session: Session, *, draft_id: int, by: Account) -> CoalitionDraft:
    """A draft for members of its organisation and of those that were asked. Raises NotFound for everybody else."""
    row = session.get(Draft, draft_id)
    if row is None or row.organisation_id is None:
        raise NotFound(_("There is no such draft among those of your organisations."))
    belongs = set(session.scalars(select(Membership.organisation_id).where(Membership.account_id == by.id)))
    readers = session.scalars(
        select(Organisation)
        .join(CoalitionReader, CoalitionReader.organisation_id == Organisation.id)
        .where(CoalitionReader.draft_id == draft_id)
        .order_by(Organisation.name)
    ).all()
    mine = [one for one in readers if one.id in belongs]
    if row.organisation_id not in belongs and not mine:
        raise NotFound(_("There is no such draft among those of your organisations."))
    return CoalitionDraft(
        row,
        session.get_one(Organisation, row.organisation_id),
        session.get_one(Consultation, row.consultation_id),
        unseal_draft(row),
        list_notes(session, row),
        readers,
        mine,
        row.organisation_id in belongs,
    )


def list_notes(session: Session, row: Draft) -> list[NoteBesideDraft]:
    """All notes beside a draft, the open ones first."""
    found = session.execute(
        select(CoalitionNote, Organisation.name)
        .join(Organisation, Organisation.id == CoalitionNote.organisation_id)
        .where(CoalitionNote.draft_id == row.id)
        .order_by(CoalitionNote.resolved_at.is_not(None), CoalitionNote.id)
    )
    return [
        NoteBesideDraft(
            note.id,
            name,
            note.organisation_id,
            note.place,
            unseal(note.words, salt=row.token),
            note.made_at,
            note.resolved_at,
        )
        for note, name in found
    ]


def add_note(
    session: Session, *, draft_id: int, by: Account, organisation_id: int, words: str, place: str = ""
) -> None:
    """What would let an organisation sign, on a place or (empty) on all of it. Raises a Refusal."""
    it = get_draft(session, draft_id=draft_id, by=by)
    if organisation_id not in {one.id for one in it.mine}:
        raise Refusal(_("Say for which of the organisations that were asked you write."), field="organisation")
    said = clean_text(words)
    if not said or len(said) > MAX_NOTE_LENGTH:
        raise Refusal(_("Write a note of at most %(most)s characters.", most=MAX_NOTE_LENGTH), field="words")
    if len(it.notes) >= MAX_NOTES:
        raise Refusal(_("There are too many notes beside this draft."), field="words")
    session.add(
        CoalitionNote(
            draft_id=draft_id,
            organisation_id=organisation_id,
            account_id=by.id,
            place=one_line(place)[:40],
            words=seal(said, salt=it.draft.token),
            made_at=now(),
        )
    )
    session.flush()


def close_note(session: Session, *, draft_id: int, note_id: int, by: Account) -> None:
    """A note is settled: said by whoever made it, or by the organisation that writes. May be repeated."""
    it = get_draft(session, draft_id=draft_id, by=by)
    note = session.scalar(select(CoalitionNote).where(CoalitionNote.id == note_id, CoalitionNote.draft_id == draft_id))
    if note is None or not (it.owns or note.organisation_id in {one.id for one in it.mine}):
        raise NotFound(_("There is no such note."))
    note.resolved_at = note.resolved_at or now()
    session.flush()


def list_asked(session: Session, account_id: int) -> Sequence[tuple[Draft, Organisation, Consultation]]:
    """The drafts that organisations of an account were asked to read, the last touched first."""
    rows = session.execute(
        select(Draft, Organisation, Consultation)
        .join(CoalitionReader, CoalitionReader.draft_id == Draft.id)
        .join(Membership, Membership.organisation_id == CoalitionReader.organisation_id)
        .join(Organisation, Organisation.id == Draft.organisation_id)
        .join(Consultation, Consultation.id == Draft.consultation_id)
        .where(Membership.account_id == account_id)
        .distinct()
        .order_by(Draft.updated_at.desc())
    ).all()
    return [(row[0], row[1], row[2]) for row in rows]
