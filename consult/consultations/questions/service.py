"""Services for questions of a consultation: add, change, move, remove.

Before the consultation opens everything can be changed. Afterwards questions can only be added: never as required,
shown with the date, and recorded in the ledger.
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
    """The consultation is open, so its questions cannot be changed."""


@dataclass(frozen=True)
class QuestionInput:
    """A question as entered. `options` are lines, or the names of the ends of a scale.

    With `after_keys`, it is asked only of people who chose one of these in the question `after_id`.
    """

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
    """Add a question at the end. If the consultation has opened, the date is stored. Raises AlreadyOpen and Refusal."""
    row, moment = service.lock_owned(session, number, by), at or now()
    asked = _list_questions(session, row)
    late = _has_opened(row, moment)
    if row.phase is not Phase.DRAFT and row.closes_at <= moment:
        raise AlreadyOpen(_("You cannot add questions because the consultation has closed."))
    if len(asked) >= MAX_QUESTIONS:
        raise Refusal(
            _("Ask at most %(most)s questions. People give up on long lists.", most=MAX_QUESTIONS), field="wording"
        )
    if late and asking.required:
        error = _("People have already responded, so new questions cannot be required.")
        raise Refusal(error, field="required")
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
    """Change a question. Unchanged options keep their keys, so that conditions on them stay valid."""
    asked = _list_changeable(session, number, by)
    question = _find_question(asked, question_id)
    _apply_input(question, asking, asked[: question.position])
    _check_dependents(question, asked)
    return question


def move(session: Session, *, number: int, by: Account, question_id: int, up: bool) -> None:
    """Swap a question with its neighbour. Does nothing at the end of the list. Raises a Refusal."""
    asked = _list_changeable(session, number, by)
    place = asked.index(_find_question(asked, question_id))
    other = place - 1 if up else place + 1
    if not 0 <= other < len(asked):
        return
    first, second = sorted((place, other))
    if asked[second].after_id == asked[first].id:
        raise Refusal(_("The second question depends on a response to the first, so the second must come later."))
    asked[place].position, asked[other].position = other, place


def remove(session: Session, *, number: int, by: Account, question_id: int) -> None:
    """Remove a question. Raises a Refusal if others depend on it."""
    asked = _list_changeable(session, number, by)
    gone = _find_question(asked, question_id)
    if any(question.after_id == gone.id for question in asked):
        raise Refusal(_("Another question depends on a response to this one. Change that question first."))
    for question in asked[gone.position + 1 :]:
        question.position -= 1
    session.execute(delete(Question).where(Question.id == gone.id))


def copy_questions(session: Session, asked: Sequence[Question], *, into: Consultation) -> None:
    """Copy questions into another consultation on the same text."""
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
    """Return the questions in order if they can still be changed."""
    row = service.lock_owned(session, number, by)
    if _has_opened(row, now()):
        raise AlreadyOpen(_("You cannot change the questions because the consultation has opened."))
    service.settle_copy(row, "questions")
    return _list_questions(session, row)


def _find_question(asked: Sequence[Question], question_id: int) -> Question:
    question = next((question for question in asked if question.id == question_id), None)
    if question is None:
        raise NotFound(_("We cannot find this question. It may have been removed."))
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
        raise Refusal(_("Enter 2 to %(most)s choices, one on each line.", most=MOST_OPTIONS), field="options")
    free = (f"o{n}" for n in range(1, 1000) if f"o{n}" not in known.values())
    return [{"key": known.get(line) or next(free), "label": line} for line in lines]


def _condition(question: Question, asking: QuestionInput, earlier: Sequence[Question]) -> None:
    question.after_id, question.after_keys = None, []
    if asking.after_id is None or not asking.after_keys:
        return
    before = next((row for row in earlier if row.id == asking.after_id), None)
    if before is None or not set(asking.after_keys) <= option_labels(before).keys() | {OTHER_KEY}:
        raise Refusal(_("Choose responses to one earlier question only."), field="after")
    question.after_id, question.after_keys = before.id, sorted(set(asking.after_keys))


def _check_dependents(question: Question, asked: Sequence[Question]) -> None:
    """Raise a Refusal if the condition of another question can no longer be met."""
    there = option_labels(question).keys() | ({OTHER_KEY} if question.other else set())
    for row in asked:
        if row.after_id == question.id and not set(row.after_keys) <= there:
            error = _(
                "Question %(number)s depends on a response you removed. Change that question first.",
                number=row.position + 1,
            )
            raise Refusal(error, field="options")
