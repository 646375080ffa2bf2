"""A submission being written: kept sealed, found again, never lost silently, sent once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation, Question
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Conflict, NotFound, Refusal
from consult.submissions import queries
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content.draft import WHOLE_DRAFT, DraftComment
from consult.submissions.drafts import expiry
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftChangedElsewhere, DraftOwner, SavedDraft
from consult.submissions.fields import DraftSubmitter
from consult.submissions.filing_rules import ConsultationClosed, NothingToFile
from consult.submissions.model import Comment, Draft, NameRule, Stance, State, Submission
from tests import factories, filing

ABOUT = DraftSubmitter(NameRule.NONE)
CONCERN = DraftComment("Sixty per cent is low.", Stance.CONCERN)


def place(session: Session, consultation: Consultation, key: str) -> int:
    found = comments_queries.get_provision_tree(session, consultation.version_id or 0).find(key)
    assert found is not None
    return found.id


def write(session: Session, consultation: Consultation, owner: DraftOwner | None = None, on: str = "1.1") -> DraftOwner:
    """Somebody who has written one comment and said who they are."""
    who = owner or DraftOwner()
    token = drafts.save_comment(
        session, consultation_id=consultation.id, owner=who, provision_id=place(session, consultation, on),
        comment=CONCERN, seen="",
    )  # fmt: skip
    who = who if who.account_id else DraftOwner(token=token or who.token)
    drafts.save_submitter(session, consultation_id=consultation.id, owner=who, about=ABOUT)
    return who


def held(session: Session, consultation: Consultation, owner: DraftOwner) -> SavedDraft:
    return drafts.get_draft(session, consultation_id=consultation.id, owner=owner)


def send(session: Session, consultation: Consultation, owner: DraftOwner, **values: object) -> Submission:
    draft = held(session, consultation, owner)
    given = {"key": draft.key, "mark": draft.mark, "reads": "en", **values}
    return drafts.send(session, consultation=consultation, owner=owner, **given)  # type: ignore[arg-type]


def test_a_draft_is_found_again_by_its_token_and_by_nothing_else(session: Session) -> None:
    consultation = factories.consultation(session)
    owner = write(session, consultation)
    assert list(held(session, consultation, owner).writing.comments.values()) == [CONCERN]
    for other in (DraftOwner(), DraftOwner(token="guess"), DraftOwner(account_id=factories.account(session).id)):
        assert held(session, consultation, other).writing.words == 0


def test_a_draft_of_an_account_is_found_by_the_account_alone(session: Session) -> None:
    consultation, account = factories.consultation(session), factories.account(session)
    write(session, consultation, DraftOwner(account.id))
    assert held(session, consultation, DraftOwner(account.id)).writing.words == 1
    assert held(session, consultation, DraftOwner(factories.account(session).id)).writing.words == 0


def test_a_draft_is_sealed_in_the_database(session: Session) -> None:
    write(session, factories.consultation(session))
    assert b"Sixty" not in session.scalars(select(Draft.sealed)).one()


def test_two_windows_that_write_on_different_paragraphs_keep_both(session: Session) -> None:
    consultation = factories.consultation(session)
    owner = write(session, consultation)
    drafts.save_comment(session, consultation_id=consultation.id, owner=owner,
                provision_id=place(session, consultation, "1.2"), comment=CONCERN, seen="")  # fmt: skip
    assert held(session, consultation, owner).writing.words == 2


def test_of_two_windows_on_one_paragraph_the_second_is_shown_what_the_first_wrote(session: Session) -> None:
    consultation = factories.consultation(session)
    owner = write(session, consultation)
    where = place(session, consultation, "1.1")
    seen = held(session, consultation, owner).writing.mark(where)
    note = {"consultation_id": consultation.id, "owner": owner, "provision_id": where}
    drafts.save_comment(session, **note, comment=DraftComment("First", Stance.SUPPORT), seen=seen)
    with pytest.raises(DraftChangedElsewhere) as clash:
        drafts.save_comment(session, **note, comment=DraftComment("Second", Stance.SUPPORT), seen=seen)
    assert clash.value.stored == "First"
    now_seen = held(session, consultation, owner).writing.mark(where)
    drafts.save_comment(session, **note, comment=DraftComment("Both", Stance.SUPPORT), seen=now_seen)
    assert held(session, consultation, owner).writing.comments[where].body == "Both"


def test_pressing_save_twice_is_no_clash(session: Session) -> None:
    consultation = factories.consultation(session)
    owner = write(session, consultation)
    assert write(session, consultation, owner).token == owner.token


def test_a_changed_comma_is_a_change(session: Session) -> None:
    assert DraftComment("Yes, no", Stance.CONCERN).mark != DraftComment("Yes no", Stance.CONCERN).mark
    assert DraftComment("Yes", Stance.CONCERN).mark != DraftComment("Yes", Stance.SUPPORT).mark


def test_both_versions_of_a_comment_are_kept_on_request(session: Session) -> None:
    consultation = factories.consultation(session)
    owner = write(session, consultation)
    where = place(session, consultation, "1.1")
    note = {"consultation_id": consultation.id, "owner": owner, "provision_id": where, "seen": "older", "join": True}
    drafts.save_comment(session, **note, comment=DraftComment("And the clinics.", Stance.WORDING))
    assert held(session, consultation, owner).writing.comments[where] == DraftComment(
        "Sixty per cent is low.\n\nAnd the clinics.", Stance.WORDING
    )
    with pytest.raises(DraftChangedElsewhere, match="too long"):
        drafts.save_comment(session, **note, comment=DraftComment("x" * 4990, Stance.WORDING))


def test_answers_that_changed_in_another_window_are_shown(session: Session) -> None:
    consultation = factories.consultation(session, questions=1)
    question = session.scalars(select(Question.id)).one()
    owner = write(session, consultation)
    given = {"consultation_id": consultation.id, "owner": owner}
    drafts.save_answers(session, **given, answers={question: "First"}, seen="")
    with pytest.raises(DraftChangedElsewhere) as clash:
        drafts.save_answers(session, **given, answers={question: "Second"}, seen="")
    assert clash.value.answers == {question: "First"}
    drafts.save_answers(session, **given, answers={question: "First"}, seen="")  # the same once more is no clash
    drafts.save_answers(session, **given, answers={question: "Second"}, seen="", join=True)
    assert held(session, consultation, owner).writing.answers == {question: "First\n\nSecond"}


def test_two_windows_that_answer_different_questions_keep_both(session: Session) -> None:
    consultation = factories.consultation(session, questions=2)
    one, two = session.scalars(select(Question.id).order_by(Question.id))
    owner = write(session, consultation)
    given = {"consultation_id": consultation.id, "owner": owner}
    drafts.save_answers(session, **given, answers={one: "Before", two: ""}, seen="")
    seen = held(session, consultation, owner).writing.answers_mark
    drafts.save_answers(session, **given, answers={one: "After", two: ""}, seen=seen)
    drafts.save_answers(session, **given, answers={one: "Before", two: "Mine"}, seen=seen)
    assert held(session, consultation, owner).writing.answers == {one: "After", two: "Mine"}


def test_signing_in_takes_along_what_was_begun_before_it(session: Session) -> None:
    consultation, account = factories.consultation(session), factories.account(session)
    anonymous = write(session, consultation)
    signed_in = DraftOwner(account.id, anonymous.token)
    assert held(session, consultation, signed_in).writing.words == 1
    write(session, consultation, signed_in, on="2.1")
    assert held(session, consultation, DraftOwner(account.id)).writing.words == 2
    assert held(session, consultation, DraftOwner(token=anonymous.token)).writing.words == 0


def test_a_draft_begun_before_signing_in_is_joined_to_the_accounts_own(session: Session) -> None:
    consultation, account = factories.consultation(session), factories.account(session)
    write(session, consultation, DraftOwner(account.id))
    anonymous = DraftOwner(token=drafts.save_comment(
        session, consultation_id=consultation.id, owner=DraftOwner(), provision_id=place(session, consultation, "1.1"),
        comment=DraftComment("Said before", Stance.SUPPORT), seen=""))  # fmt: skip
    both = DraftOwner(account.id, anonymous.token)
    drafts.save_submitter(session, consultation_id=consultation.id, owner=both, about=ABOUT)
    assert [note.body for note in held(session, consultation, both).writing.comments.values()] == [
        "Sixty per cent is low.\n\nSaid before"
    ]
    assert len(session.scalars(select(Draft)).all()) == 1


def test_after_signing_out_the_token_opens_no_draft_of_the_account(session: Session) -> None:
    consultation, account = factories.consultation(session), factories.account(session)
    anonymous = write(session, consultation)
    write(session, consultation, DraftOwner(account.id, anonymous.token), on="2.1")
    assert held(session, consultation, anonymous).writing.words == 0


def test_sending_files_what_was_written_and_ends_the_draft(session: Session) -> None:
    consultation = factories.consultation(session, questions=1)
    question = session.scalars(select(Question.id)).one()
    owner = write(session, consultation)
    drafts.save_comment(session, consultation_id=consultation.id, owner=owner, provision_id=WHOLE_DRAFT,
                comment=DraftComment("As a whole", Stance.SUPPORT), seen="")  # fmt: skip
    drafts.save_answers(session, consultation_id=consultation.id, owner=owner, answers={question: "Yes"}, seen="")
    sent = send(session, consultation, owner)
    rows = session.scalars(select(Comment).where(Comment.submission_id == sent.id).order_by(Comment.position))
    assert [(row.body, bool(row.provision_id), bool(row.question_id)) for row in rows] == [
        ("Sixty per cent is low.", True, False), ("As a whole", False, False), ("Yes", False, True),
    ]  # fmt: skip
    assert session.scalars(select(Draft)).all() == []


def test_sending_twice_files_once(session: Session) -> None:
    consultation = factories.consultation(session)
    owner = write(session, consultation)
    draft = held(session, consultation, owner)
    one, two = (send(session, consultation, owner, key=draft.key, mark=draft.mark) for _press in range(2))
    assert one is two
    assert queries.audit(session, consultation.id).received == 1


def test_two_connections_that_send_one_draft_file_once(app: Flask, session: Session) -> None:
    consultation = factories.consultation(session)
    owner = write(session, consultation)
    draft = held(session, consultation, owner)
    session.commit()
    identifier, found = consultation.id, []
    start = threading.Barrier(4)

    def press() -> None:
        with app.app_context(), Session(db.engine) as own:
            start.wait(60)
            row = own.get_one(Consultation, identifier)
            found.append(drafts.send(
                own, consultation=row, owner=owner, key=draft.key, mark=draft.mark, reads="en").reference)  # fmt: skip
            own.commit()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(found) == 4
    assert len(set(found)) == 1
    assert queries.audit(session, identifier).received == 1


def test_what_changed_since_it_was_checked_is_checked_again(session: Session) -> None:
    consultation = factories.consultation(session)
    owner = write(session, consultation)
    draft = held(session, consultation, owner)
    write(session, consultation, owner, on="2.1")
    with pytest.raises(DraftChangedElsewhere):
        send(session, consultation, owner, key=draft.key, mark=draft.mark)
    assert held(session, consultation, owner).writing.words == 2


def test_nothing_is_sent_without_words_or_without_saying_who_speaks(session: Session) -> None:
    consultation = factories.consultation(session)
    with pytest.raises(NothingToFile):
        send(session, consultation, DraftOwner())
    token = drafts.save_comment(session, consultation_id=consultation.id, owner=DraftOwner(),
                        provision_id=place(session, consultation, "1.1"), comment=CONCERN, seen="")  # fmt: skip
    with pytest.raises(Refusal) as refused:
        send(session, consultation, DraftOwner(token=token))
    assert refused.value.field == "about"


def test_a_refused_sending_keeps_the_draft_and_files_nothing(session: Session) -> None:
    consultation = factories.consultation(session)
    owner = write(session, consultation)
    with pytest.raises(ConsultationClosed):
        send(session, consultation, owner, at=consultation.closes_at)
    session.commit()
    assert held(session, consultation, owner).writing.words == 1
    assert queries.audit(session, consultation.id).received == 0


def test_an_address_that_cannot_be_written_to_files_nothing(session: Session) -> None:
    consultation = factories.consultation(session)
    owner = write(session, consultation)
    drafts.save_submitter(
        session, consultation_id=consultation.id, owner=owner, about=DraftSubmitter(NameRule.NONE, email="a@b@c")
    )
    with pytest.raises(Refusal):
        send(session, consultation, owner)
    session.commit()
    assert held(session, consultation, owner).writing.words == 1
    assert queries.audit(session, consultation.id).received == 0


def test_a_returned_submission_is_taken_up_changed_and_sent_in_again_once(session: Session) -> None:
    consultation = factories.consultation(session)
    filed = filing.file(session, consultation, "First words", person="Ana")
    filing.decide(session, filed, State.RETURNED, "unclear")
    owner = DraftOwner(
        token=drafts.reopen_submission(session, consultation=consultation, submission=filed, owner=DraftOwner())
    )
    draft = held(session, consultation, owner)
    assert [note.body for note in draft.writing.comments.values()] == ["First words"]
    where = place(session, consultation, "1.1")
    drafts.save_comment(session, consultation_id=consultation.id, owner=owner, provision_id=where,
                comment=CONCERN, seen=draft.writing.mark(where))  # fmt: skip
    draft = held(session, consultation, owner)
    late = {"key": draft.key, "mark": draft.mark, "at": consultation.closes_at + timedelta(days=2)}
    assert send(session, consultation, owner, **late) is filed
    assert send(session, consultation, owner, **late) is filed
    assert (filed.state, filed.person_name) == (State.PENDING, "Ana")
    assert session.scalars(select(Comment.body)).all() == [CONCERN.body]
    assert queries.audit(session, consultation.id).received == 1


def test_what_is_taken_up_does_not_overwrite_what_is_being_written(session: Session) -> None:
    consultation = factories.consultation(session)
    owner = write(session, consultation)
    filed = filing.file(session, consultation, "First words")
    filing.decide(session, filed, State.RETURNED, "unclear")
    with pytest.raises(Conflict):
        drafts.reopen_submission(session, consultation=consultation, submission=filed, owner=owner)
    with pytest.raises(NotFound):
        drafts.reopen_submission(session, consultation=factories.consultation(session), submission=filed, owner=owner)


def test_discarding_deletes_everything_that_was_written(session: Session) -> None:
    consultation = factories.consultation(session)
    owner = write(session, consultation)
    drafts.discard(session, consultation_id=consultation.id, owner=owner)
    assert session.scalars(select(Draft)).all() == []


def test_drafts_are_kept_until_thirty_days_after_closing(session: Session) -> None:
    consultation = factories.consultation(session)
    write(session, consultation)
    assert expiry.purge(session, at=consultation.closes_at + timedelta(days=30)) == 0
    assert expiry.purge(session, at=consultation.closes_at + timedelta(days=30, seconds=1)) == 1
    assert now() < consultation.closes_at
