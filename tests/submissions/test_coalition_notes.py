"""Notes beside a shared draft before it is signed: who reads it, who notes, who closes, and what is named as open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.accounts.organisations import service as organisations
from consult.consultations.model import Consultation
from consult.core.errors import NotFound, Refusal
from consult.submissions import service as submissions
from consult.submissions.coalitions import notes
from consult.submissions.coalitions.model import CoalitionNote, OpenNote
from consult.submissions.content.draft import WHOLE_DRAFT, DraftComment
from consult.submissions.drafts import open_notes
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.fields import DraftSubmitter
from consult.submissions.model import Draft, NameRule, Stance, State
from tests import factories, filing

SignIn = Callable[[Any], FlaskClient]


class Coalition:
    """An organisation with a draft, and another that it asks."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.row: Consultation = factories.consultation(session)
        self.ours, self.theirs = factories.organisation(session), factories.organisation(session, name="River Council")
        self.writer, self.reader = self.member(self.ours), self.member(self.theirs)
        drafts.save_comment(
            session, consultation_id=self.row.id, owner=DraftOwner(self.writer.id, None, self.ours.id),
            provision_id=WHOLE_DRAFT, comment=DraftComment("We ask for eighty per cent.", Stance.CONCERN), seen="",
        )  # fmt: skip
        self.draft = session.scalars(select(Draft).where(Draft.organisation_id == self.ours.id)).one()
        session.commit()

    def member(self, of: Organisation) -> Account:
        person = factories.account(self.session)
        organisations.add_member(self.session, organisation_id=of.id, account_id=person.id)
        return person

    def ask(self) -> None:
        notes.ask_reader(self.session, draft_id=self.draft.id, by=self.writer, name="river council")

    def note(self, words: str = "We would sign if rural areas were named.") -> None:
        notes.add_note(
            self.session, draft_id=self.draft.id, by=self.reader, organisation_id=self.theirs.id, words=words
        )


def test_a_draft_is_read_by_nobody_who_was_not_asked(session: Session) -> None:
    it = Coalition(session)
    with pytest.raises(NotFound):
        notes.get_draft(session, draft_id=it.draft.id, by=it.reader)
    it.ask()
    assert notes.get_draft(session, draft_id=it.draft.id, by=it.reader).writing.words == 1
    with pytest.raises(NotFound):
        notes.get_draft(session, draft_id=it.draft.id, by=factories.account(session))


def test_whoever_was_asked_asks_nobody_else(session: Session) -> None:
    it = Coalition(session)
    it.ask()
    with pytest.raises(NotFound):
        notes.ask_reader(session, draft_id=it.draft.id, by=it.reader, name=factories.organisation(session).name)


def test_a_draft_of_one_person_is_no_shared_draft(session: Session) -> None:
    it = Coalition(session)
    it.draft.organisation_id, it.draft.account_id = None, it.writer.id
    session.flush()
    with pytest.raises(NotFound):
        notes.get_draft(session, draft_id=it.draft.id, by=it.writer)


def test_an_open_note_is_named_before_sending_until_it_is_closed(session: Session, sign_in: SignIn) -> None:
    it = Coalition(session)
    it.ask()
    it.note()
    assert open_notes.list_before(session, it.row.id, it.ours.id) == ["River Council"]
    browser = sign_in(it.writer)
    with browser.session_transaction() as cookie:
        cookie["for"] = {it.row.slug: it.ours.id}
    assert "River Council" in browser.get(f"/c/{it.row.slug}/respond/check").text
    note = session.scalars(select(CoalitionNote)).one()
    notes.close_note(session, draft_id=it.draft.id, note_id=note.id, by=it.writer)
    assert open_notes.list_before(session, it.row.id, it.ours.id) == []


def test_a_submission_names_whose_notes_were_open_until_it_is_erased(session: Session, client: FlaskClient) -> None:
    it = Coalition(session)
    it.ask()
    it.note()
    owner = DraftOwner(it.writer.id, None, it.ours.id)
    about = DraftSubmitter(NameRule.ORGANISATION, organisation_id=it.ours.id, organisation_name=it.ours.name)
    drafts.save_submitter(session, consultation_id=it.row.id, owner=owner, about=about)
    draft = drafts.get_draft(session, consultation_id=it.row.id, owner=owner)
    sent = drafts.send(session, consultation=it.row, owner=owner, key=draft.key, mark=draft.mark, reads="en")
    filing.decide(session, sent, State.PUBLISHED)
    session.commit()
    page = f"/c/{it.row.slug}/comments/{sent.reference}"
    assert "were still open: River Council" in client.get(page).text
    submissions.erase(session, sent)
    session.commit()
    assert session.scalars(select(OpenNote.submission_id)).all() == []


def test_notes_are_sealed_and_go_with_the_draft(session: Session) -> None:
    it = Coalition(session)
    it.ask()
    it.note()
    assert b"rural" not in session.scalars(select(CoalitionNote.words)).one()
    session.delete(it.draft)
    session.commit()
    assert session.scalars(select(CoalitionNote.id)).all() == []


@pytest.mark.parametrize("words", ["", "x" * (notes.MAX_NOTE_LENGTH + 1)])
def test_a_note_without_words_or_of_too_many_is_refused(session: Session, words: str) -> None:
    it = Coalition(session)
    it.ask()
    with pytest.raises(Refusal):
        it.note(words)


def test_nobody_notes_for_an_organisation_of_others(session: Session) -> None:
    it = Coalition(session)
    it.ask()
    with pytest.raises(Refusal):
        notes.add_note(session, draft_id=it.draft.id, by=it.reader, organisation_id=it.ours.id, words="No.")


def test_both_sides_work_with_forms(session: Session, sign_in: SignIn) -> None:
    it = Coalition(session)
    page = f"/my/drafts/{it.draft.id}/notes"
    writer, reader = sign_in(it.writer), sign_in(it.reader)
    assert reader.get(page).status_code == 404
    assert writer.post(page, data={"do": "ask", "name": "Nobody here"}).status_code == 422
    assert writer.post(page, data={"do": "ask", "name": "River Council"}).status_code == 303
    assert page in reader.get("/my").text
    assert "eighty per cent" in reader.get(page).text
    said = {"do": "note", "organisation": str(it.theirs.id), "place": "", "words": "We would sign if it said rural."}
    assert reader.post(page, data=said).status_code == 303
    assert reader.post(page, data={**said, "words": ""}).status_code == 422
    assert "it said rural" in writer.get(page).text
    number = session.scalars(select(CoalitionNote.id)).one()
    assert writer.post(page, data={"do": f"close:{number}"}).status_code == 303
    assert "Closed" in reader.get(page).text
