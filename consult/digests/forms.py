"""How often, and in which language."""

from __future__ import annotations

from consult.core.forms import Choice, Form, SelectChoice, required
from consult.core.i18n import LANGUAGES, N_
from consult.digests.model import Cadence

CADENCES = {
    Cadence.DAILY: N_("Every day at 06:00"),
    Cadence.WEEKLY: N_("Every Monday at 06:00"),
    Cadence.CLOSING: N_("Once, when the consultation closes"),
}


class Button(Form):
    """A button only."""


class SubscriptionForm(Form):
    cadence = Choice(
        N_("How often?"),
        [required(N_("Choose how often the digest should come"))],
        choices=[SelectChoice(cadence, name) for cadence, name in CADENCES.items()],
    )
    language = Choice(
        N_("In which language?"),
        [required(N_("Choose a language"))],
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
        description=N_("Quotes stay in the language they were written in."),
    )

    @property
    def chosen(self) -> Cadence:
        return Cadence(self.cadence.data)
