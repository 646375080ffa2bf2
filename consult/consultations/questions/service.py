"""Questions of a consultation: add, change, move, remove.

Before the consultation opens everything may change. Afterwards a question may only be added: never as required, shown
with its date, and recorded in the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import service
from consult.consultations.model import Consultation, Phase, Question, QuestionKind
from consult.consultations.questions.answers import OTHER_KEY, option_labels
from consult.core.clock import now
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text, one_line
from consult.ledger.model import Kind

MAX_QUESTIONS = 40
MOST_OPTIONS, LONGEST_OPTION = 30, 200
SCALE_STEPS = (3, 4, 5, 7, 10, 11)


class AlreadyOpen(Conflict):
    """People are answering: what was asked stays as it is."""


@dataclass(frozen=True)
class QuestionInput:
    """A question as its owner words it. `options` are lines; of a scale the names of its ends. Where `after_keys` is
    given, it is asked only of those who chose one of these in the question `after_id`."""

    wording: str
    hint: str = ""
    kind: QuestionKind = QuestionKind.TEXT
    options: Sequence[str] = ()
    steps: int = 5
    other: bool = False
    required: bool = False
    chapter: str = ""
    after_id: int | None = None
    after_keys: Sequence[str] = ()


def add(session: Session, *, number: int, by: Account, asking: QuestionInput, at: datetime | None = None) -> Question:
    """A new question, asked last; once the consultation has opened, with the day it was added."""
    row, moment = service.lock_owned(session, number, by), at or now()
    asked = _list_questions(session, row)
    late = _has_opened(row, moment)
    if row.phase is not Phase.DRAFT and row.closes_at <= moment:
        raise AlreadyOpen(_("The consultation has closed: nothing can be asked any more."))
    if len(asked) >= MAX_QUESTIONS:
        raise Refusal(
            _("Ask at most %(most)s questions: people stop at long lists.", most=MAX_QUESTIONS), field="wording"
        )
    if late and asking.required:
        said = _("People have answered already, so a question that is added now cannot be required.")
        raise Refusal(said, field="required")
    question = Question(consultation_id=row.id, position=len(asked), added_at=moment if late else None)
    _apply_input(question, asking, asked)
    service.settle_copy(row, "questions")
    session.add(question)
    session.flush()
    if late:
        detail = {"question_added": question.position + 1}
        service.record_entry(session, Kind.CONSULTATION_CHANGED, row, by=by, at=moment, detail=detail)
    return question


def edit(session: Session, *, number: int, by: Account, question_id: int, asking: QuestionInput) -> Question:
    """Changes a question. A kept option keeps its key, so what depends on it stays right."""
    asked = _list_changeable(session, number, by)
    question = _find_question(asked, question_id)
    _apply_input(question, asking, asked[: question.position])
    _check_dependents(question, asked)
    return question


def move(session: Session, *, number: int, by: Account, question_id: int, up: bool) -> None:
    """Swaps a question with the one before it, or after it; nothing happens at the end of the list."""
    asked = _list_changeable(session, number, by)
    place = asked.index(_find_question(asked, question_id))
    other = place - 1 if up else place + 1
    if not 0 <= other < len(asked):
        return
    first, second = sorted((place, other))
    if asked[second].after_id == asked[first].id:
        raise Refusal(_("The second of these is asked after an answer to the first, so it must stay behind it."))
    asked[place].position, asked[other].position = other, place


def remove(session: Session, *, number: int, by: Account, question_id: int) -> None:
    """Takes a question out. One that others depend on stays until they do not."""
    asked = _list_changeable(session, number, by)
    gone = _find_question(asked, question_id)
    if any(question.after_id == gone.id for question in asked):
        raise Refusal(_("Another question is asked after an answer to this one. Change that one first."))
    for question in asked[gone.position + 1 :]:
        question.position -= 1
    session.execute(delete(Question).where(Question.id == gone.id))


def copy_questions(session: Session, asked: Sequence[Question], *, into: Consultation) -> None:
    """The same questions for another consultation on the same text."""
    made: dict[int, Question] = {}
    for question in asked:
        before = made.get(question.after_id or 0)
        made[question.id] = Question(
            consultation_id=into.id,
            position=question.position,
            wording=question.wording,
            hint=question.hint,
            required=question.required,
            kind=question.kind,
            options=question.options,
            other=question.other,
            chapter=question.chapter,
            after_id=before.id if before else None,
            after_keys=question.after_keys,
        )
        session.add(made[question.id])
        session.flush()


def _has_opened(row: Consultation, at: datetime) -> bool:
    return row.phase is not Phase.DRAFT and row.opens_at <= at


def _list_questions(session: Session, row: Consultation) -> list[Question]:
    return list(session.scalars(select(Question).where(Question.consultation_id == row.id).order_by(Question.position)))


def _list_changeable(session: Session, number: int, by: Account) -> list[Question]:
    """The questions in order, while they may still change."""
    row = service.lock_owned(session, number, by)
    if _has_opened(row, now()):
        raise AlreadyOpen(_("The consultation has opened: its questions cannot change any more."))
    service.settle_copy(row, "questions")
    return _list_questions(session, row)


def _find_question(asked: Sequence[Question], question_id: int) -> Question:
    question = next((question for question in asked if question.id == question_id), None)
    if question is None:
        raise NotFound(_("This question is not there any more."))
    return question


def _apply_input(question: Question, asking: QuestionInput, earlier: Sequence[Question]) -> None:
    wording = clean_text(asking.wording)
    if not wording:
        raise Refusal(_("Write the question."), field="wording")
    question.wording, question.hint, question.required = wording, clean_text(asking.hint), asking.required
    question.kind, question.chapter = asking.kind, asking.chapter
    question.other = asking.other and asking.kind is not QuestionKind.TEXT
    question.options = _options(asking, {it["label"]: it["key"] for it in question.options or []})
    _condition(question, asking, earlier)


def _options(asking: QuestionInput, known: dict[str, str]) -> list[dict[str, Any]]:
    lines = list(dict.fromkeys(filter(None, (one_line(line) for line in asking.options))))
    if asking.kind is QuestionKind.TEXT:
        return []
    if any(len(line) > LONGEST_OPTION for line in lines):
        raise Refusal(_("Shorten each choice to %(most)s characters.", most=LONGEST_OPTION), field="options")
    if asking.kind is QuestionKind.SCALE:
        if len(lines) != 2 or asking.steps not in SCALE_STEPS:
            raise Refusal(_("Name the two ends of the scale, one on each line."), field="options")
        ends = {1: lines[0], asking.steps: lines[1]}
        return [{"key": str(n), "label": ends.get(n, "")} for n in range(1, asking.steps + 1)]
    if not 2 <= len(lines) <= MOST_OPTIONS:
        raise Refusal(_("Give from 2 to %(most)s choices, one on each line.", most=MOST_OPTIONS), field="options")
    free = (f"o{n}" for n in range(1, 1000) if f"o{n}" not in known.values())
    return [{"key": known.get(line) or next(free), "label": line} for line in lines]


def _condition(question: Question, asking: QuestionInput, earlier: Sequence[Question]) -> None:
    question.after_id, question.after_keys = None, []
    if asking.after_id is None or not asking.after_keys:
        return
    before = next((row for row in earlier if row.id == asking.after_id), None)
    if before is None or not set(asking.after_keys) <= option_labels(before).keys() | {OTHER_KEY}:
        raise Refusal(_("Choose answers to one earlier question."), field="after")
    question.after_id, question.after_keys = before.id, sorted(set(asking.after_keys))


def _check_dependents(question: Question, asked: Sequence[Question]) -> None:
    """Raises a refusal where a question could never be asked any more."""
    there = option_labels(question).keys() | ({OTHER_KEY} if question.other else set())
    for row in asked:
        if row.after_id == question.id and not set(row.after_keys) <= there:
            said = _("Question %(number)s is asked after an answer that is gone now.", number=row.position + 1)
            raise Refusal(said, field="options")
