"""Labels of question choices and of the groups asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Flask
from markupsafe import Markup, escape

from consult.consultations.forms import QUESTION_KIND_LABELS
from consult.consultations.model import Question, QuestionKind
from consult.consultations.questions.answers import OTHER_KEY, option_labels
from consult.consultations.setup.forms import NAME_RULE_LABELS
from consult.consultations.setup.readiness import PROGRESS_LABELS, SetupProgress
from consult.core.i18n import _


def question_kind_label(kind: QuestionKind) -> str:
    return str(QUESTION_KIND_LABELS[kind])


def condition_html(question: Question, questions: Sequence[Question]) -> Markup:
    """Return the condition of a question as HTML, or an empty string if everyone is asked.

    Choices are isolated by elements, because control characters would remain in printed and PDF forms.
    """
    before = next((row for row in questions if row.id == question.after_id), None)
    if before is None:
        return Markup("")
    names = {**option_labels(before), OTHER_KEY: _("Something else")}
    answers = _(" or ").join(f"\u2068{names[key]}\u2069" for key in question.after_keys if key in names)
    at = before.position + 1
    text = _("Only for people whose response to question %(number)s is: %(answers)s", number=at, answers=answers)
    return Markup(str(escape(text)).replace("\u2068", "<bdi>").replace("\u2069", "</bdi>"))  # noqa: S704 - escaped


def progress_label(it: SetupProgress) -> str:
    return str(PROGRESS_LABELS[it])


def name_rule_label(rule: str) -> str:
    """Return the label of a name rule for owners and the paper form."""
    return str(NAME_RULE_LABELS.get(rule, rule))


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        question_kind=question_kind_label,
        condition=condition_html,
        choice_labels=option_labels,
        instant=datetime.fromisoformat,
        progress=progress_label,
        named=name_rule_label,
    )
