"""The form for publishing an organisation's results, and labels of the states of requests."""

from __future__ import annotations

from consult.core.i18n import N_
from consult.core.web import widgets
from consult.core.web.forms import BooleanField, Form, LineField
from consult.responses.outcomes.queries import AskState

STATE_LABELS = {
    AskState.ACCEPTED: N_("accepted"),
    AskState.IN_PART: N_("accepted in part"),
    AskState.PROMISED: N_("deferred"),
    AskState.LATE: N_("overdue"),
    AskState.NOT_ACCEPTED: N_("not accepted"),
    AskState.OUT_OF_SCOPE: N_("out of scope"),
    AskState.UNANSWERED: N_("unanswered"),
}
"""In the order of counts and lists."""


class OutcomeAddressForm(Form):
    public = BooleanField(N_("Anyone can read this page"))
    address = LineField(
        N_("Web address of the public page"),
        most=60,
        description=N_("Use lower-case letters, digits and hyphens. They follow /o/ in the web address."),
        widget=widgets.TextInput(dir="ltr", spellcheck="false", autocapitalize="none"),
    )
