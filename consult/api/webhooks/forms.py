"""The form for a new webhook."""

from __future__ import annotations

from collections.abc import Sequence

from consult.api.webhooks.events import TOPICS
from consult.api.webhooks.service import MAX_ADDRESS
from consult.core.i18n import N_, _
from consult.core.web.forms import CheckboxGroupField, DropdownField, Form, LineField, SelectChoice, required


class WebhookForm(Form):
    address = LineField(N_("Web address"), [required(N_("Enter a web address"))], most=MAX_ADDRESS)
    topics = CheckboxGroupField(N_("Events to send"), [required(N_("Choose at least one type of event"))])
    acts_for = DropdownField(N_("Owner of the webhook"), default="")

    def offer(self, person: str, organisations: Sequence[tuple[int, str]]) -> None:
        """Set the choices for an account with these organisations."""
        self.topics.choices = [SelectChoice(topic, _(label)) for topic, label in TOPICS.items()]
        self.acts_for.choices = [SelectChoice("", person), *(SelectChoice(str(n), name) for n, name in organisations)]
