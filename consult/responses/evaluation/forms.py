"""Forms with the five questions of the feedback, for the author's link and for recovery words."""

from __future__ import annotations

from typing import Any

from consult.core.i18n import N_
from consult.core.web import widgets
from consult.core.web.forms import Form, HiddenField, LineField, RadioGroupField, SelectChoice, optional
from consult.core.web.tokens import CookielessForm
from consult.responses.evaluation.model import CANNOT_SAY, QUESTIONS
from consult.responses.evaluation.service import OwnEvaluation

QUESTION_LABELS = {
    "clear": N_("It was clear what could still change"),
    "said": N_("I could say what I wanted to say"),
    "seen": N_("I can see the result of taking part"),
    "time": N_("There was enough time"),
    "again": N_("I would take part again"),
}
ANSWER_LABELS = {
    5: N_("Fully"),
    4: N_("Mostly"),
    3: N_("In part"),
    2: N_("Hardly"),
    1: N_("Not at all"),
    CANNOT_SAY: N_("Cannot say"),
}
"""From the highest to the lowest, then “cannot say”."""


def _build_question(name: str) -> RadioGroupField:
    choices = [SelectChoice(str(value), label) for value, label in ANSWER_LABELS.items()]
    return RadioGroupField(QUESTION_LABELS[name], [optional()], choices=choices, widget=widgets.ChipGroup())


class EvaluationFields:
    """The five questions and a remark for the owner."""

    clear, said, seen, time, again = (_build_question(name) for name in QUESTIONS)
    remark = LineField(
        N_("Remark for the consulting body, in one line"),
        [optional()],
        most=300,
        description=N_("We do not publish this answer. Do not say who you are."),
    )


class EvaluationForm(EvaluationFields, Form):
    """The form opened by the author's link."""


class EvaluationByCodeForm(EvaluationFields, CookielessForm):
    """The form opened by recovery words, which are carried sealed."""

    name_of_form = "act"
    code = HiddenField()


def read_answers(form: Any) -> dict[str, int]:
    """Return the chosen values by question."""
    return {name: int(value) for name in QUESTIONS if (value := getattr(form, name).data) not in (None, "")}


def to_form_data(own: OwnEvaluation) -> dict[str, str]:
    """Return form values from earlier answers."""
    return {**{name: str(value) for name, value in own.answers.items()}, "remark": own.remark}
