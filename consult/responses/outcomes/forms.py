"""The switch of the public page, and what the states of asks are called."""

from __future__ import annotations

from consult.core.i18n import N_
from consult.core.web import widgets
from consult.core.web.forms import BooleanField, Form, LineField
from consult.responses.outcomes.queries import AskState

STATE_LABELS = {
    AskState.ACCEPTED: N_("accepted"),
    AskState.IN_PART: N_("accepted in part"),
    AskState.PROMISED: N_("promised by a day"),
    AskState.LATE: N_("late"),
    AskState.NOT_ACCEPTED: N_("not accepted"),
    AskState.OUT_OF_SCOPE: N_("out of scope"),
    AskState.UNANSWERED: N_("unanswered"),
}
"""In the order in which they are counted and listed."""


class OutcomeAddressForm(Form):
    public = BooleanField(N_("Anybody can read this page"))
    address = LineField(
        N_("Address of the public page"),
        most=60,
        description=N_("Small letters, digits and dashes: it stands after /o/."),
        widget=widgets.TextInput(dir="ltr", spellcheck="false", autocapitalize="none"),
    )
