"""Owners ask; people answer; questions that follow from an answer are asked of nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as all_of
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import queries
from consult.consultations.model import Consultation, Phase, Question, QuestionKind
from consult.consultations.questions import answers as questions_answers
from consult.consultations.questions import service as questions
from consult.consultations.questions.answers import OTHER_KEY, GivenAnswer, WrongAnswer
from consult.consultations.questions.service import QuestionInput
from consult.core.clock import now
from consult.core.errors import NotFound, Refusal
from consult.core.web.access import Role
from consult.ledger.model import LedgerEntry
from consult.submissions import filing_rules
from consult.submissions.values import NewAnswer
from tests import factories

FOOD = QuestionInput("Which?", kind=QuestionKind.ONE, options=("Bread", "Milk"))


@pytest.fixture
def owner(session: Session) -> Account:
    return factories.account(session, Role.POLICYMAKER)


@pytest.fixture
def draft(session: Session, owner: Account) -> Consultation:
    return factories.consultation(session, owner=owner, phase=Phase.DRAFT, opens_at=now() + timedelta(days=1))


def opened(session: Session, row: Consultation) -> None:
    row.phase, row.opens_at = Phase.OPEN, now() - timedelta(days=1)
    session.flush()


def asked(session: Session, row: Consultation, owner: Account, *wordings: str | QuestionInput) -> list[Question]:
    wanted = [QuestionInput(it) if isinstance(it, str) else it for it in wordings]
    return [questions.add(session, number=row.id, by=owner, asking=it) for it in wanted]


def wordings(session: Session, row: Consultation) -> list[tuple[int, str]]:
    session.flush()
    return [(question.position, question.wording) for question in queries.list_questions(session, row.id)]


def test_questions_are_asked_in_the_order_their_owner_gives_them(
    session: Session, owner: Account, draft: Consultation
) -> None:
    one, two, three = asked(session, draft, owner, "One?", "Two?", "Three?")
    what: dict[str, Any] = {"number": draft.id, "by": owner}
    questions.move(session, **what, question_id=three.id, up=True)
    questions.move(session, **what, question_id=one.id, up=True)
    questions.edit(session, **what, question_id=two.id, asking=QuestionInput("Second?", required=True))
    assert wordings(session, draft) == [(0, "One?"), (1, "Three?"), (2, "Second?")]
    questions.remove(session, **what, question_id=one.id)
    assert wordings(session, draft) == [(0, "Three?"), (1, "Second?")]
    with pytest.raises(NotFound):
        questions.remove(session, **what, question_id=one.id)


def test_questions_are_few_and_have_words(session: Session, owner: Account, draft: Consultation) -> None:
    with pytest.raises(Refusal, match="Write the question"):
        asked(session, draft, owner, " \u202e ")
    asked(session, draft, owner, *("Why?" for _ in range(questions.MAX_QUESTIONS)))
    with pytest.raises(Refusal, match="at most 40"):
        asked(session, draft, owner, "More?")


@pytest.mark.parametrize(
    ("asking", "said"),
    [
        (QuestionInput("Q?", kind=QuestionKind.ONE, options=("One", "One", " ")), "Enter 2 to 30 choices"),
        (QuestionInput("Q?", kind=QuestionKind.ONE, options=tuple(map(str, range(31)))), "Enter 2 to 30 choices"),
        (QuestionInput("Q?", kind=QuestionKind.SCALE, options=("low",)), "two ends"),
        (QuestionInput("Q?", kind=QuestionKind.RANK, options=("x" * 201, "y")), "Shorten each choice"),
        (QuestionInput("Q?", after_id=0, after_keys=("o1",)), "one earlier question"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(
    session: Session, owner: Account, draft: Consultation, asking: QuestionInput, said: str
) -> None:
    with pytest.raises(Refusal, match=said):
        asked(session, draft, owner, asking)


@pytest.mark.parametrize("options", [("a", "b"), tuple(map(str, range(30))), ("x" * 200, "y")])
def test_a_question_with_exactly_as_many_or_as_long_choices_as_there_may_be_is_asked(
    session: Session, owner: Account, draft: Consultation, options: tuple[str, ...]
) -> None:
    asked(session, draft, owner, QuestionInput("Q?", kind=QuestionKind.MANY, options=options))
    (question,) = session.scalars(select(Question)).all()
    assert [it["label"] for it in question.options or []] == list(options)


def test_what_was_asked_stays_once_people_answer_and_what_is_added_is_said(
    session: Session, owner: Account, draft: Consultation
) -> None:
    [question] = asked(session, draft, owner, "Why?")
    opened(session, draft)
    what: dict[str, Any] = {"number": draft.id, "by": owner, "question_id": question.id}
    for attempt in (
        lambda: questions.edit(session, **what, asking=QuestionInput("How?")),
        lambda: questions.move(session, **what, up=False),
        lambda: questions.remove(session, **what),
    ):
        with pytest.raises(questions.AlreadyOpen):
            attempt()
    with pytest.raises(Refusal, match="cannot be required"):
        asked(session, draft, owner, QuestionInput("More?", required=True))
    [late] = asked(session, draft, owner, "More?")
    assert (question.added_at, late.added_at is not None) == (None, True)
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "consultation.changed")).one()
    assert entry.detail == {"question_added": 2}


def test_a_closed_consultation_asks_nothing_more(session: Session, owner: Account, draft: Consultation) -> None:
    opened(session, draft)
    draft.closes_at = now() - timedelta(hours=1)
    with pytest.raises(questions.AlreadyOpen):
        asked(session, draft, owner, "More?")
    what: dict[str, Any] = {"number": draft.id, "by": owner, "asking": QuestionInput("More?")}
    with pytest.raises(questions.AlreadyOpen):
        questions.add(session, **what, at=draft.closes_at)
    assert questions.add(session, **what, at=draft.closes_at - timedelta(microseconds=1)).added_at


def test_an_option_keeps_its_key_while_others_come_and_go(
    session: Session, owner: Account, draft: Consultation
) -> None:
    [first] = asked(session, draft, owner, FOOD)
    follow = QuestionInput("Why milk?", after_id=first.id, after_keys=("o2",))
    [second] = asked(session, draft, owner, follow)
    what: dict[str, Any] = {"number": draft.id, "by": owner}
    wider = QuestionInput("Which?", kind=QuestionKind.ONE, options=("Rice", "Milk"))
    questions.edit(session, **what, question_id=first.id, asking=wider)
    assert questions_answers.option_labels(first) == {"o3": "Rice", "o2": "Milk"}
    gone = QuestionInput("Which?", kind=QuestionKind.ONE, options=("Rice", "Tea"))
    with pytest.raises(Refusal, match="Question 2 depends on a response you removed"):
        questions.edit(session, **what, question_id=first.id, asking=gone)
    with pytest.raises(Refusal, match="must come later"):
        questions.move(session, **what, question_id=second.id, up=True)
    with pytest.raises(Refusal, match="Change that question first"):
        questions.remove(session, **what, question_id=first.id)


def choice(kind: QuestionKind, **values: Any) -> Question:
    options = [{"key": key, "label": key.upper()} for key in "abc"]
    given = {"id": 1, "position": 0, "other": True, "required": False, "after_id": None, "after_keys": []}
    return Question(**{**given, "kind": kind, "options": [] if kind is QuestionKind.TEXT else options, **values})


@pytest.mark.parametrize(
    ("kind", "chosen", "words"),
    [
        (QuestionKind.ONE, ("a", "b"), ""),
        (QuestionKind.ONE, ("z",), ""),
        (QuestionKind.SCALE, ("a", "c"), ""),
        (QuestionKind.MANY, ("a", "a"), ""),
        (QuestionKind.ONE, (OTHER_KEY,), " "),
        (QuestionKind.ONE, ("a",), "and this"),
        (QuestionKind.TEXT, ("a",), ""),
        (QuestionKind.RANK, ("b", "b"), ""),
        (QuestionKind.ONE, (OTHER_KEY,), "x" * 301),
    ],
)
def test_what_a_question_does_not_offer_is_no_answer(kind: QuestionKind, chosen: tuple[str, ...], words: str) -> None:
    with pytest.raises(WrongAnswer) as refused:
        questions_answers.check_answer(choice(kind), GivenAnswer(chosen, words))
    assert refused.value.field == "answer_1"


def test_words_beside_a_choice_are_taken_up_to_exactly_as_many_as_there_may_be() -> None:
    question, words = choice(QuestionKind.ONE), "x" * questions_answers.LONGEST_OTHER
    assert questions_answers.check_answer(question, GivenAnswer((OTHER_KEY,), words)).words == words


def test_words_alone_mean_something_else() -> None:
    assert questions_answers.check_answer(choice(QuestionKind.ONE), GivenAnswer((), "Tea")) == GivenAnswer(
        (OTHER_KEY,), "Tea"
    )
    assert questions_answers.check_answer(choice(QuestionKind.MANY), GivenAnswer(("c", "a"), "Tea")) == GivenAnswer(
        ("a", "c", OTHER_KEY), "Tea"
    )


plain = st.text(st.characters(codec="utf-8"), max_size=40)
kinds = st.sampled_from(list(QuestionKind))


@all_of(kind=kinds, chosen=st.lists(st.sampled_from(["a", "b", "c", OTHER_KEY]), unique=True), words=plain)
def test_an_answer_is_got_back_from_its_words_and_keys(kind: QuestionKind, chosen: list[str], words: str) -> None:
    question = choice(kind)
    try:
        it = questions_answers.check_answer(question, GivenAnswer(tuple(chosen), words))
    except WrongAnswer:
        return
    assert questions_answers.parse_answer(question, questions_answers.answer_words(question, it), it.chosen) == it


@st.composite
def surveys(draw: st.DrawFn) -> tuple[list[Question], list[NewAnswer]]:
    """Questions with conditions on earlier ones, and answers to any of them, asked or not."""
    made: list[Question] = []
    for n in range(draw(st.integers(1, 8))):
        before = draw(st.none() | st.sampled_from(made)) if made else None
        keys = draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, unique=True)) if before else []
        kind = draw(st.sampled_from([QuestionKind.ONE, QuestionKind.MANY, QuestionKind.TEXT]))
        required, after = draw(st.booleans()), before.id if before else None
        made.append(choice(kind, id=n + 1, position=n, other=False, required=required, after_id=after, after_keys=keys))
    answers = []
    for question in made:
        if draw(st.booleans()):
            few = 1 if question.kind is QuestionKind.ONE else 3
            chosen = draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=few, unique=True))
            it = GivenAnswer(words="Because") if question.kind is QuestionKind.TEXT else GivenAnswer(tuple(chosen))
            answers.append(NewAnswer(question.id, questions_answers.answer_words(question, it), it.chosen))
    return made, answers


def met(question: Question, rows: dict[int, Question], chosen: dict[int, tuple[str, ...]]) -> bool:
    """Check all conditions on the way to a question, from the question backwards."""
    if question.after_id is None:
        return True
    before = rows[question.after_id]
    return bool(set(question.after_keys) & set(chosen.get(before.id, ()))) and met(before, rows, chosen)


@all_of(survey=surveys())
def test_a_hidden_question_neither_blocks_nor_counts(survey: tuple[list[Question], list[NewAnswer]]) -> None:
    made, answers = survey
    rows = {question.id: question for question in made}
    chosen = {answer.question_id: answer.chosen for answer in answers}
    asked = {question.id for question in made if met(question, rows, chosen)}
    missing = [row.position + 1 for row in made if row.required and row.id in asked and row.id not in chosen]
    if missing:
        with pytest.raises(Refusal, match=f"Answer question {missing[0]}."):
            filing_rules.counted_answers(made, answers)
    else:
        kept = {answer.question_id for answer in filing_rules.counted_answers(made, answers)}
        assert kept == {answer.question_id for answer in answers} & asked
