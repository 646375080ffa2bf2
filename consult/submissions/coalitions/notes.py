"""Notes of other organisations on a draft before they sign it: "We would sign if …".

An organisation invites others to read its draft. Their members add notes with conditions for signing. A note still open
when the draft is sent is named in the submission. Notes are sealed like the draft and deleted with it.
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
from consult.submissions.content.draft import DraftContent
from consult.submissions.drafts.service import unseal_draft
from consult.submissions.model import Draft

MAX_READERS, MAX_NOTES, MAX_NOTE_LENGTH = 20, 100, 1_000


@dataclass(frozen=True)
class NoteBesideDraft:
    """A note as members of both sides see it."""

    id: int
    organisation: str
    organisation_id: int
    place: str
    words: str
    made_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True)
class CoalitionDraft:
    """An organisation's draft with its notes."""

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
    """Invite an organisation to read a draft and add notes. Safe to repeat. Raises a Refusal."""
    it = get_draft(session, draft_id=draft_id, by=by)
    if not it.owns:
        raise NotFound(_("We cannot find this unfinished submission. It may have been sent or deleted."))
    wanted = one_line(name).lower()
    found = session.scalar(select(Organisation).where(func.lower(Organisation.name) == wanted))
    if found is None or found.id == it.owner.id:
        raise Refusal(_("We cannot find another organisation with this name. Check the spelling."), field="name")
    if len(it.readers) >= MAX_READERS:
        raise Refusal(
            _("At most %(most)s organisations can read an unfinished submission.", most=MAX_READERS), field="name"
        )
    row = insert(CoalitionReader).values(draft_id=draft_id, organisation_id=found.id, asked_at=now())
    session.execute(row.on_conflict_do_nothing())


def get_draft(session: Session, *, draft_id: int, by: Account) -> CoalitionDraft:
    """Return a draft for members of its organisation or an invited one. Raises NotFound for other people."""
    row = session.get(Draft, draft_id)
    if row is None or row.organisation_id is None:
        raise NotFound(_("We cannot find this unfinished submission. It may have been sent or deleted."))
    belongs = set(session.scalars(select(Membership.organisation_id).where(Membership.account_id == by.id)))
    readers = session.scalars(
        select(Organisation)
        .join(CoalitionReader, CoalitionReader.organisation_id == Organisation.id)
        .where(CoalitionReader.draft_id == draft_id)
        .order_by(Organisation.name)
    ).all()
    mine = [reader for reader in readers if reader.id in belongs]
    if row.organisation_id not in belongs and not mine:
        raise NotFound(_("We cannot find this unfinished submission. It may have been sent or deleted."))
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
    """Return all notes on a draft, open ones first."""
    rows = session.execute(
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
        for note, name in rows
    ]


def add_note(
    session: Session, *, draft_id: int, by: Account, organisation_id: int, words: str, place: str = ""
) -> None:
    """Add a condition for signing, on a part of the draft or the whole draft (empty). Raises a Refusal."""
    it = get_draft(session, draft_id=draft_id, by=by)
    if organisation_id not in {one.id for one in it.mine}:
        raise Refusal(_("Choose the organisation you write for"), field="organisation")
    said = clean_text(words)
    if not said or len(said) > MAX_NOTE_LENGTH:
        raise Refusal(_("Write a note of at most %(most)s characters.", most=MAX_NOTE_LENGTH), field="words")
    if len(it.notes) >= MAX_NOTES:
        raise Refusal(_("This unfinished submission already has the maximum number of notes."), field="words")
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
    """Close a note, as its organisation or the one that owns the draft. Safe to repeat. Raises NotFound."""
    it = get_draft(session, draft_id=draft_id, by=by)
    note = session.scalar(select(CoalitionNote).where(CoalitionNote.id == note_id, CoalitionNote.draft_id == draft_id))
    if note is None or not (it.owns or note.organisation_id in {one.id for one in it.mine}):
        raise NotFound(_("We cannot find this note."))
    note.resolved_at = note.resolved_at or now()
    session.flush()


def list_asked(session: Session, account_id: int) -> Sequence[tuple[Draft, Organisation, Consultation]]:
    """Return drafts that the account's organisations are invited to read, latest change first."""
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
