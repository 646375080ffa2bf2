"""Answers to every kind of question: written, checked, sent, published, counted."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation, Question, QuestionKind
from consult.consultations.questions import answers as questions_answers
from consult.consultations.questions import service as questions
from consult.consultations.questions.answers import OTHER_KEY, GivenAnswer
from consult.consultations.questions.service import QuestionInput
from consult.core.clock import now
from consult.submissions import service
from consult.submissions.content.draft import DraftContent, from_json, to_json
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.filing_rules import ConsultationClosed
from consult.submissions.model import Comment, State, Submission
from consult.submissions.pages import question_results
from consult.submissions.values import NewAnswer, NewComment, Submitter
from tests import factories
from tests.filing import decide, file, numbered
from tests.forms import pressed


@pytest.fixture
def consultation(session: Session) -> Consultation:
    return factories.consultation(session)


def ask(session: Session, row: Consultation, asking: QuestionInput) -> Question:
    return questions.add(session, number=row.id, by=session.get_one(Account, row.owner_id), asking=asking)


SERVICE = QuestionInput(
    "Is there a service?", kind=QuestionKind.ONE, options=("Yes", "No"), other=True, chapter="chp_1"
)
BARRIERS = QuestionInput("What is in the way?", kind=QuestionKind.MANY, options=("Distance", "Cost"), other=True)
PACE = QuestionInput("How fast?", kind=QuestionKind.SCALE, options=("slow", "fast"))
ORDER = QuestionInput("In which order?", kind=QuestionKind.RANK, options=("Homes", "Jobs", "Data"))


def filed(session: Session, row: Consultation, *given: tuple[Question, GivenAnswer]) -> Submission:
    answers = [
        NewAnswer(question.id, questions_answers.answer_words(question, it), it.chosen) for question, it in given
    ]
    key = f"answers-{len(session.scalars(select(Submission.id)).all())}"
    return service.file(session, consultation=row, by=Submitter(), comments=[], answers=answers, key=key)


def test_an_answer_is_kept_as_keys_and_as_words(session: Session, consultation: Consultation) -> None:
    question = ask(session, consultation, BARRIERS)
    row = filed(session, consultation, (question, GivenAnswer(("o2", OTHER_KEY), "The bus")))
    said = session.scalars(select(Comment).where(Comment.submission_id == row.id)).one()
    assert (said.body, said.answer) == ("Cost\nThe bus", {"chosen": ["o2", "other"]})
    service.erase(session, row)
    session.expire_all()
    assert (said.body, said.answer) == ("", None)


def test_an_answer_returned_to_its_author_opens_as_it_was(session: Session, consultation: Consultation) -> None:
    question = ask(session, consultation, ORDER)
    row = filed(session, consultation, (question, GivenAnswer(("o3", "o1"))))
    decide(session, row, State.RETURNED, "off_topic")
    from_draft = DraftOwner(
        token=drafts.reopen_submission(session, consultation=consultation, submission=row, owner=DraftOwner())
    )
    kept = drafts.get_draft(session, consultation_id=consultation.id, owner=from_draft).writing
    assert (kept.answers, kept.chosen) == ({question.id: "1. Data\n2. Homes"}, {question.id: ["o3", "o1"]})


def test_a_draft_keeps_what_was_chosen_before_and_after_signing_in() -> None:
    one, two = DraftContent(answers={1: "Yes"}, chosen={1: ("a",)}), DraftContent(answers={1: "No"}, chosen={1: ("b",)})
    joined = from_json(to_json(one.joined(two)))
    assert (joined.answers, joined.chosen) == ({1: "Yes"}, {1: ["a"]})


def test_a_result_counts_published_answers_only(session: Session, consultation: Consultation) -> None:
    many, order = ask(session, consultation, BARRIERS), ask(session, consultation, ORDER)
    for barriers, places in ((("o1", "o2"), ("o1", "o2")), (("o2",), ("o2", "o1", "o3"))):
        row = filed(session, consultation, (many, GivenAnswer(barriers)), (order, GivenAnswer(places)))
        decide(session, row, State.PUBLISHED)
    filed(session, consultation, (many, GivenAnswer(("o1",))))
    session.flush()
    found = question_results.get_result(session, many)
    assert found is not None
    assert [(bar.label, bar.count, bar.share) for bar in found.bars] == [
        ("Distance", 1, 0.5), ("Cost", 2, 1.0), ("Something else", 0, 0.0),
    ]  # fmt: skip
    ranked = question_results.get_result(session, order)
    assert ranked is not None
    assert [(bar.label, bar.first, bar.place) for bar in ranked.bars] == [
        ("Homes", 1, 1.5), ("Jobs", 1, 1.5), ("Data", 0, 3.0),
    ]  # fmt: skip


def test_a_result_is_a_page_with_bars_and_a_csv(
    session: Session, client: FlaskClient, consultation: Consultation
) -> None:
    question = ask(session, consultation, QuestionInput("Which?", kind=QuestionKind.ONE, options=("=A1", "No")))
    decide(session, filed(session, consultation, (question, GivenAnswer(("o1",)))), State.PUBLISHED)
    numbered(session)
    slug = consultation.slug
    page = client.get(f"/c/{slug}/comments?question=1").text
    assert "1 published response" in page
    assert "<svg" in page
    rows = list(csv.reader(io.StringIO(client.get(f"/c/{slug}/comments/question-1.csv").text)))
    assert rows[1:] == [["o1", "'=A1", "1", "1", "1.0000"], ["o2", "No", "0", "1", "0.0000"]]
    assert client.get(f"/c/{slug}/comments/question-2.csv").status_code == 404


def save(client: FlaskClient, row: Consultation, on: str = "", **data: Any) -> Any:
    return client.post(f"/c/{row.slug}/respond/questions{on}", data=data)


def test_what_follows_from_an_answer_is_in_the_same_form_and_says_of_whom_it_is_asked(
    session: Session, client: FlaskClient, consultation: Consultation
) -> None:
    first = ask(session, consultation, SERVICE)
    follow = QuestionInput("Who may use it?", after_id=first.id, after_keys=("o1",), chapter="chp_1")
    second = ask(session, consultation, follow)
    second.required = True
    address = f"/c/{consultation.slug}/respond/questions"
    page = client.get(address).text
    assert f'data-follows="answer_{first.id}" data-keys="o1"' in page
    assert "Only for people whose response to question 1 is" in page.split("data-follows")[1]
    tasks = client.get(f"/c/{consultation.slug}/respond").text
    assert "2 questions · 1 depends on your responses" in tasks, "as many as the consultation's page lists"
    answer = save(client, consultation, **{f"answer_{first.id}": "o1"})
    tasks = client.get(f"/c/{consultation.slug}/respond").text
    assert ("2 questions" in tasks, "on your responses" in tasks) == (True, False)
    assert answer.headers["Location"].endswith("/respond")
    assert "Answer question 2 before you send." in client.get(f"/c/{consultation.slug}/respond/check").text
    save(client, consultation, **{f"answer_{first.id}": "o2", f"answer_{second.id}": "Everybody"})
    check = client.get(f"/c/{consultation.slug}/respond/check").text
    assert "Everybody" not in check
    assert "Answer question" not in check


def test_the_page_before_sending_lists_what_was_answered_and_counts_the_rest(
    session: Session, client: FlaskClient, consultation: Consultation
) -> None:
    one, _two, _three = (ask(session, consultation, asking) for asking in (SERVICE, BARRIERS, PACE))
    save(client, consultation, **{f"answer_{one.id}": "o1"})
    check = client.get(f"/c/{consultation.slug}/respond/check").text
    assert ("Is there a service?" in check, "How fast?" in check) == (True, False)
    assert "2 questions are not answered." in check


def test_answers_on_a_chapter_leave_the_others_alone(
    session: Session, client: FlaskClient, consultation: Consultation
) -> None:
    on, after = ask(session, consultation, SERVICE), ask(session, consultation, PACE)
    save(client, consultation, **{f"answer_{on.id}": "o1", f"answer_{after.id}": "4"})
    page = client.get(f"/c/{consultation.slug}/respond/questions?on=chp_1").text
    assert ("Is there a service?" in page, "How fast?" in page) == (True, False)
    seen = page.split('name="seen" type="hidden" value="')[1].split('"')[0]
    answer = save(client, consultation, "?on=chp_1", seen=seen, asked=str(on.id), **{f"answer_{on.id}": "o2"})
    assert answer.headers["Location"].endswith("/draft/chp_1")
    check = client.get(f"/c/{consultation.slug}/respond/check").text
    assert ('<p class="words" dir="auto">No</p>' in check, ">4</p>" in check) == (True, True)


def test_a_wrong_answer_is_told_at_its_question_and_what_was_typed_stays(
    session: Session, client: FlaskClient, consultation: Consultation
) -> None:
    order, one = ask(session, consultation, ORDER), ask(session, consultation, SERVICE)
    answer = save(
        client,
        consultation,
        **{f"answer_{order.id}": ["2", "2", ""], f"answer_{one.id}": "o1", f"other_{one.id}": "A bus"},
    )
    assert answer.status_code == 422
    assert "Two items have rank 2." in answer.text
    assert 'value="A bus"' in answer.text
    answer = save(client, consultation, **{f"answer_{one.id}": "o1", f"other_{one.id}": "A bus"})
    assert (answer.status_code, "Choose “Something else” too" in answer.text) == (422, True)


def test_a_comment_beside_answers_is_untouched(session: Session, consultation: Consultation) -> None:
    question = ask(session, consultation, PACE)
    row = service.file(
        session, consultation=consultation, by=Submitter(), comments=[NewComment(None, None, "Go on.")],
        answers=[NewAnswer(question.id, "5 (fast)", ("5",))], key="both",
    )  # fmt: skip
    said = session.scalars(select(Comment).where(Comment.submission_id == row.id).order_by(Comment.position)).all()
    assert [(it.body, it.answer) for it in said] == [("Go on.", None), ("5 (fast)", {"chosen": ["5"]})]


def test_what_is_filed_late_is_taken_and_says_so(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(
        session, closes_at=now() - timedelta(hours=2), late_until=now() + timedelta(hours=2), grace_minutes=60
    )
    late = file(session, row, "Too long a road.", published=True)
    in_time = file(session, row, "Just in time.", at=now() - timedelta(minutes=90))
    assert (late.late, in_time.late) == (True, False)
    numbered(session)
    assert "after the closing time" in client.get(f"/c/{row.slug}/comments/{late.reference}").text
    assert "late submissions accepted" in client.get(f"/c/{row.slug}/respond").text
    row.late_until = None
    with pytest.raises(ConsultationClosed):
        file(session, row, "Much too late.")


@pytest.mark.parametrize("traceless", [False, True])
def test_of_an_answer_that_is_not_sent_because_of_another_its_author_is_told(
    client: FlaskClient, session: Session, consultation: Consultation, traceless: bool
) -> None:
    consultation.no_identity = True
    first = ask(session, consultation, SERVICE)
    after = ask(session, consultation, replace(BARRIERS, kind=QuestionKind.TEXT, options=(), other=False,
                                               after_id=first.id, after_keys=("o2",)))  # fmt: skip
    session.commit()
    told = "We do not send your response to question 2. It no longer applies, because of your response to question 1."
    if traceless:
        form = pressed(
            client.get(f"/n/{consultation.slug}").text, ("do", "check"), **{f"answer_{after.id}": "The bus."}
        )
        page = client.post(f"/n/{consultation.slug}", data=form).text
    else:
        answers = {"asked": f"{first.id},{after.id}", f"answer_{after.id}": "The bus."}
        client.post(f"/c/{consultation.slug}/respond/questions", data=answers)
        page = client.get(f"/c/{consultation.slug}/respond/check").text
    assert told in page
