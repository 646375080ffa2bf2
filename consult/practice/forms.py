"""Forms of practice: the consultation to copy, and the judgements of both exercises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from consult.consultations.model import Consultation
from consult.core.i18n import N_, _
from consult.core.web import widgets
from consult.core.web.forms import DropdownField, Form, RadioGroupField, SelectChoice, required
from consult.practice.exercise import AnswerFault, ExerciseDecision, load_answers, load_cases

DECISION_LABELS = {
    ExerciseDecision.PUBLISH: N_("Publish"),
    ExerciseDecision.COVER: N_("Publish with words hidden"),
    ExerciseDecision.RETURN: N_("Return for changes"),
    ExerciseDecision.WITHHOLD: N_("Do not publish"),
}
FAULT_LABELS = {
    AnswerFault.SOUND: N_("Can be published"),
    AnswerFault.NO_REASON: N_("Gives no reason"),
    AnswerFault.MISMATCH: N_("Outcome and reasons do not match"),
    AnswerFault.NO_DATE: N_("Gives no end date"),
    AnswerFault.NAMES: N_("Names people"),
}


class PracticeCopyForm(Form):
    consultation = DropdownField(N_("Which consultation?"), [required(N_("Choose a consultation"))])

    def __init__(self, rows: Sequence[Consultation]) -> None:
        super().__init__()
        self.consultation.choices = [SelectChoice(row.slug, row.title) for row in rows]


class PracticeButtonForm(Form):
    """A form with only a button."""


class ExerciseForm(Form):
    """A decision on each invented comment: `case_1` …"""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        for number in (case.number for case in load_cases()):
            field = self.field_of(number)
            field.label.text = _("Your decision on comment %(number)s", number=number)
            field.validators = [required(_("Decide on comment %(number)s", number=number))]

    @property
    def given(self) -> dict[int, ExerciseDecision]:
        """Return the decisions by number of the comment. Requires a validated form."""
        return {case.number: ExerciseDecision(self[f"case_{case.number}"].data) for case in load_cases()}

    def field_of(self, number: int) -> Any:
        return self[f"case_{number}"]


for _case in load_cases():
    _field = RadioGroupField(
        validators=[required("")],
        choices=[SelectChoice(decision, label) for decision, label in DECISION_LABELS.items()],
        widget=widgets.ChipGroup(),
    )
    setattr(ExerciseForm, f"case_{_case.number}", _field)


class AnswerExerciseForm(Form):
    """The fault of each invented answer: `answer_1` …"""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        for number in (case.number for case in load_answers()):
            field = self.field_of(number)
            field.label.text = _("What do you think of answer %(number)s?", number=number)
            field.validators = [required(_("Say what you think of answer %(number)s", number=number))]

    @property
    def given(self) -> dict[int, AnswerFault]:
        """Return the chosen faults by number of the answer. Requires a validated form."""
        return {case.number: AnswerFault(self[f"answer_{case.number}"].data) for case in load_answers()}

    def field_of(self, number: int) -> Any:
        return self[f"answer_{number}"]


for _case in load_answers():
    _field = RadioGroupField(
        validators=[required("")],
        choices=[SelectChoice(fault, label) for fault, label in FAULT_LABELS.items()],
        widget=widgets.ChipGroup(),
    )
    setattr(AnswerExerciseForm, f"answer_{_case.number}", _field)
