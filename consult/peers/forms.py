"""The form that adds a partner."""

from __future__ import annotations

from consult.core.i18n import N_
from consult.core.web.forms import CheckboxGroupField, DropdownField, Form, LineField, SelectChoice, required
from consult.peers.model import ItemKind

KIND_LABELS = {
    ItemKind.WARNING: N_("Warnings"),
    ItemKind.CONSULTATION: N_("Consultations"),
    ItemKind.CASE_STUDY: N_("Case studies"),
}


class PeerForm(Form):
    address = LineField(N_("Web address of the site"), [required(N_("Enter a web address"))], most=300)
    takes = CheckboxGroupField(N_("Content to show from this partner"), [required(N_("Choose at least one type"))])
    minutes = DropdownField(N_("Check for changes"), default="5")


def offer_choices(form: PeerForm) -> PeerForm:
    """Set the choices of the form and return it."""
    form.takes.choices = [SelectChoice(str(kind), str(label)) for kind, label in KIND_LABELS.items()]
    form.minutes.choices = [
        SelectChoice("5", str(N_("Every 5 minutes"))),
        SelectChoice("60", str(N_("Every hour"))),
        SelectChoice("1440", str(N_("Every day"))),
    ]
    return form


class PeerButtonForm(Form):
    """A form with only buttons."""
