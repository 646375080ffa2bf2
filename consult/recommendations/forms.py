"""Forms for recommendations: import, giving to bodies, declining, linking an action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from consult.bodies.model import PublicBody
from consult.core.clock import now
from consult.core.i18n import CONTENT_LANGUAGES, N_, _, current_language
from consult.core.text import excerpt, read_number
from consult.core.web.forms import (
    CheckboxGroupField,
    DatePartsField,
    DropdownField,
    FileField,
    Form,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    required,
)
from consult.plans.model import ActionPlan, PlanAction
from consult.recommendations.labels import SOURCE_LABELS
from consult.recommendations.model import MAX_REASON, MAX_SESSION, MAX_SYMBOL, RecommendationSource
from consult.recommendations.service import SetTerms


class RecommendationTableForm(Form):
    file = FileField(
        N_("File"), description=N_("A thematic list in Word, an export in Excel, CSV or JSON, or a saved web page.")
    )
    text = LongTextField(N_("Or paste the table"), most=2**20)
    source = DropdownField(N_("Who recommends?"))
    symbol = LineField(
        N_("Document symbol"),
        [required(N_("Enter the document symbol."))],
        most=MAX_SYMBOL,
        description=N_("Such as A/HRC/59/15."),
    )
    session = LineField(N_("Session"), most=MAX_SESSION)
    address = LineField(N_("Web address of the document"), most=500)
    day = DatePartsField(N_("Date of the document"), [required(N_("Enter a real date, such as 31 1 2027"))])
    reply_by = DatePartsField(N_("The country’s next report is due by"))
    language = DropdownField(N_("Language of the document"))
    which = RadioGroupField(N_("Which recommendations do you want to import?"), default="near")

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.text.flags.optional = True
        self.source.choices = [SelectChoice(str(each), label) for each, label in SOURCE_LABELS.items()]
        self.language.choices = [SelectChoice(*choice) for choice in CONTENT_LANGUAGES.items()]
        self.which.choices = [
            SelectChoice("near", _("Those about drugs, health, detention or torture")),
            SelectChoice("all", _("All recommendations in the file")),
        ]

    @property
    def terms(self) -> SetTerms:
        return SetTerms(
            RecommendationSource(self.source.data),
            self.symbol.data or "",
            self.day.data or now().date(),
            self.language.data,
            self.session.data or "",
            self.address.data or "",
            self.reply_by.data,
        )


class GiveForm(Form):
    bodies = CheckboxGroupField(N_("Bodies that answer this recommendation"))

    def __init__(self, bodies: Sequence[PublicBody], **values: Any) -> None:
        super().__init__(**values)
        self.bodies.choices = [SelectChoice(str(body.id), body.name_in(current_language())) for body in bodies]

    @property
    def chosen(self) -> list[int]:
        numbers = map(read_number, self.bodies.data or [])
        return [number for number in numbers if number is not None]


class LinkActionForm(Form):
    action = DropdownField(N_("Action that answers this recommendation"))

    def __init__(self, rows: Sequence[tuple[PlanAction, ActionPlan]], **values: Any) -> None:
        super().__init__(**values)
        self.action.choices = [
            SelectChoice(str(action.id), f"{action.number} {excerpt(action.title, 90)} · {excerpt(plan.title, 40)}")
            for action, plan in rows
        ]


class DeclineForm(Form):
    reason = LongTextField(N_("Reason"), [required(N_("Enter the reason."))], most=MAX_REASON)


class RecommendationButtonForm(Form):
    """A form with only a button."""
