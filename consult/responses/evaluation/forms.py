"""The five questions as a form: behind the author's link, and behind seven words."""

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
    "seen": N_("I can see what became of it"),
    "time": N_("The time was enough"),
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
"""From the highest to the lowest, then who cannot say."""


def _build_question(name: str) -> RadioGroupField:
    choices = [SelectChoice(str(value), label) for value, label in ANSWER_LABELS.items()]
    return RadioGroupField(QUESTION_LABELS[name], [optional()], choices=choices, widget=widgets.ChipGroup())


class EvaluationFields:
    """The questions, and one line for the owner."""

    clear, said, seen, time, again = (_build_question(name) for name in QUESTIONS)
    remark = LineField(
        N_("One line for whoever asked you"),
        [optional()],
        most=300,
        description=N_("It is not published. Do not say who you are."),
    )


class EvaluationForm(EvaluationFields, Form):
    """Behind the author's link."""


class EvaluationByCodeForm(EvaluationFields, CookielessForm):
    """Behind seven words, which travel sealed."""

    name_of_form = "act"
    code = HiddenField()


def read_answers(form: Any) -> dict[str, int]:
    """What was chosen, by question."""
    return {name: int(value) for name in QUESTIONS if (value := getattr(form, name).data) not in (None, "")}


def to_form_data(own: OwnEvaluation) -> dict[str, str]:
    """What the form is filled with."""
    return {**{name: str(value) for name, value in own.answers.items()}, "remark": own.remark}
