"""Answers on pages of packages of lower layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.arguments.model import Argument
from consult.arguments.slots import ArgumentAnswers, ArgumentOutcomes
from consult.consultations.model import Consultation
from consult.core import slots
from consult.core.web.addresses import public_url
from consult.digests.content.slots import (
    AnswersOwed,
    DeskDue,
    HeardAnswers,
    PlaceReply,
    ReaderTask,
    fill_replies,
    fill_tasks,
)
from consult.plans.panels import fill_desk
from consult.plans.slots import ActionOrigin
from consult.responses import answer_queries, beside, owed_queries, queries
from consult.responses.answer_queries import AnswerCounts, PublishedAnswer
from consult.responses.beside import AnswerBeside
from consult.responses.forms import OUTCOME_LABELS
from consult.responses.model import AnswerOutcome, Response, ResponseAction
from consult.responses.owed_queries import NextAnswer
from consult.submissions.pages.slots import AuthorAnswers


@dataclass(frozen=True)
class DeskAnswers:
    """The next answer a person should give, and the consultations that wait for answers."""

    next: NextAnswer | None
    consultations: Sequence[tuple[Consultation, AnswerCounts]]


def outcome_name(outcome: str) -> str:
    """Return the label of an outcome."""
    return str(OUTCOME_LABELS[AnswerOutcome(outcome)])


def _get_outcomes(session: Session, given: ArgumentOutcomes) -> dict[int, AnswerOutcome]:
    return answer_queries.get_outcomes(session, given.argument_ids)


@dataclass(frozen=True)
class PromisedBy:
    """The argument whose answer promised an action."""

    slug: str
    number: int
    name: str


def _list_origins(session: Session, given: ActionOrigin) -> list[PromisedBy]:
    rows = session.execute(
        select(Consultation.slug, Argument.id, Argument.name)
        .join(Argument, Argument.consultation_id == Consultation.id)
        .join(Response, Response.argument_id == Argument.id)
        .join(ResponseAction, ResponseAction.response_id == Response.id)
        .where(ResponseAction.action_id == given.action.id)
        .order_by(Argument.id)
    )
    return [PromisedBy(slug, number, name or "") for slug, number, name in rows]


@dataclass(frozen=True)
class AnswersFound:
    """The answers to an argument, and the views of other bodies."""

    answers: Sequence[PublishedAnswer]
    beside: Sequence[AnswerBeside]


def _list_answers(session: Session, given: ArgumentAnswers) -> AnswersFound:
    said = beside.list_beside(session, given.argument.id) if given.consultation.body_id else ()
    return AnswersFound(answer_queries.list_answers(session, given.argument.id), said)


def _count_answered(session: Session, given: AuthorAnswers) -> dict[int, int]:
    return queries.count_answered(session, given.submission_ids) if given.submission_ids else {}


def _list_owed(session: Session, given: DeskDue) -> DeskAnswers:
    account = given.account
    return DeskAnswers(owed_queries.find_next_answer(session, account), owed_queries.list_owed_by(session, account))


def _count_answers(session: Session, given: HeardAnswers) -> AnswerCounts:
    row = given.consultation
    return answer_queries.count_answers(session, {row.id: row.answer_by})[row.id] if given.argued else AnswerCounts()


def _list_tasks(session: Session, consultation_id: int, accounts: Sequence[int], today: date) -> dict[int, ReaderTask]:
    return {
        row.person: ReaderTask(row.waiting, row.late, row.due, public_url("responses.answer", number=row.argument))
        for row in owed_queries.list_tasks(session, consultation_id, accounts, today)
    }


def _count_owed(session: Session, consultation_id: int, today: date) -> AnswersOwed:
    row = owed_queries.count_owed(session, consultation_id, today)
    return AnswersOwed(row.waiting, row.late, row.due)


def _list_replies(session: Session, consultation_id: int, today: date) -> dict[str, PlaceReply]:
    found = queries.count_replies(session, consultation_id, today)
    return {row.place: PlaceReply(row.answered, row.waiting, row.due) for row in found}


def init_app(app: Flask) -> None:
    app.jinja_env.filters["outcome_name"] = outcome_name
    slots.fill(app, ArgumentOutcomes, _get_outcomes, "responses/argument_outcome.html")
    slots.fill(app, ArgumentAnswers, _list_answers, "responses/argument_answers.html")
    slots.fill(app, AuthorAnswers, _count_answered, "responses/submission_answers.html")
    slots.fill(app, ActionOrigin, _list_origins, "responses/action_origin.html")
    slots.fill(app, DeskDue, _list_owed, "responses/desk_due.html")
    fill_desk(app)
    fill_tasks(_list_tasks, _count_owed)
    fill_replies(_list_replies)
    slots.fill(app, HeardAnswers, _count_answers, "responses/heard_answers.html")
