"""The form that declares a campaign."""

from __future__ import annotations

from consult.core.i18n import N_
from consult.core.web.forms import BooleanField, Form, LineField, LongTextField, required


class CampaignForm(Form):
    name = LineField(N_("Name of the campaign"), [required(N_("Enter the name of the campaign"))], most=120)
    organiser = LineField(
        N_("Who organises the campaign?"), [required(N_("Enter who organises the campaign"))], most=200
    )
    letter = LongTextField(
        N_("Campaign letter"),
        [required(N_("Paste the campaign letter"))],
        most=20_000,
        description=N_("Paste the exact text people receive. We count copies with added words separately."),
    )
    consent = BooleanField(N_("Everyone who sends this campaign letter agrees with its text and knows where it goes"))
