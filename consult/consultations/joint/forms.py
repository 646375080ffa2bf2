"""Forms for joint consultations and their owner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms.fields import IntegerField
from wtforms.validators import AnyOf, NumberRange

from consult.accounts.model import Account
from consult.bodies.model import PublicBody
from consult.consultations.joint.model import PartInConsultation
from consult.core.i18n import N_, _
from consult.core.text import read_number
from consult.core.web.forms import DropdownField, Form, HiddenField, RadioGroupField, SelectChoice, required


class OtherBodyForm(Form):
    body = DropdownField(N_("Another body"), [required(N_("Choose a body"))])
    part = RadioGroupField(N_("What is this body’s role?"), [required(N_("Choose a role for the body"))])

    def __init__(self, bodies: Sequence[PublicBody], *, fixed: bool, **values: Any) -> None:
        super().__init__(**values)
        self.body.choices = [SelectChoice("", ""), *(SelectChoice(str(body.id), body.name) for body in bodies)]
        hears = SelectChoice(PartInConsultation.HEARS, _("Can read everything in the workspace, but decides nothing."))
        asks = SelectChoice(
            PartInConsultation.ASKS,
            _("Consults with you. One of its leads must approve publication. The body can answer arguments."),
        )
        self.part.choices = [hears] if fixed else [asks, hears]

    @property
    def chosen(self) -> int:
        return read_number(self.body.data) or 0


class PartButtonForm(Form):
    """A button for one body."""

    body = IntegerField(validators=[NumberRange(1, 2**63 - 1)])
    do = HiddenField(validators=[AnyOf(["agree", "remove"])])


class ChargeForm(Form):
    person = DropdownField(N_("New consultation owner"), [required(N_("Choose a person from the list"))])

    def __init__(self, people: Sequence[Account], **values: Any) -> None:
        super().__init__(**values)
        self.person.choices = [
            SelectChoice("", ""),
            *(SelectChoice(str(person.id), person.display_name) for person in people),
        ]

    @property
    def chosen(self) -> int:
        return read_number(self.person.data) or 0
