"""How pages name what a question offers and of whom it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Flask

from consult.consultations.answering import OTHER, labels
from consult.consultations.forms import KINDS
from consult.consultations.model import Question, QuestionKind
from consult.consultations.readiness import PROGRESS, Progress
from consult.consultations.step_forms import NAMED
from consult.core.i18n import _


def question_kind(kind: QuestionKind) -> str:
    return str(KINDS[kind])


def condition(question: Question, questions: Sequence[Question]) -> str:
    """Of whom a question is asked; empty where it is asked of everybody."""
    before = next((row for row in questions if row.id == question.after_id), None)
    if before is None:
        return ""
    names = {**labels(before), OTHER: _("Something else")}
    answers = _(" or ").join(f"\u2068{names[key]}\u2069" for key in question.after_keys if key in names)
    at = before.position + 1
    said = _("Only for those who answer question %(number)s with: %(answers)s", number=at, answers=answers)
    return str(said)


def progress(it: Progress) -> str:
    return str(PROGRESS[it])


def named(rule: str) -> str:
    """A way to be named, as owners and the paper form say it."""
    return str(NAMED.get(rule, rule))


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        question_kind=question_kind, condition=condition, choice_labels=labels, instant=datetime.fromisoformat,
        progress=progress, named=named,
    )  # fmt: skip
