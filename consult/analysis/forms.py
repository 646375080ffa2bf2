"""The form in which an organiser describes a campaign."""

from __future__ import annotations

from consult.core.i18n import N_
from consult.core.web.forms import BooleanField, Form, LineField, LongTextField, required


class CampaignForm(Form):
    name = LineField(N_("Name of the campaign"), [required(N_("Enter the name of the campaign"))], most=120)
    organiser = LineField(N_("Who organises it?"), [required(N_("Enter who organises it"))], most=200)
    letter = LongTextField(
        N_("The letter"),
        [required(N_("Paste the letter"))],
        most=20_000,
        description=N_("Word for word, as people receive it. Copies with words of their own are told apart."),
    )
    consent = BooleanField(N_("Everyone who sends the letter agrees to its words and knows where they go"))
