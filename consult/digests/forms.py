"""Forms of subscriptions: frequency and language."""

from __future__ import annotations

from typing import Any

from consult.core.i18n import LANGUAGES, N_
from consult.core.web.forms import DatePartsField, Form, RadioGroupField, SelectChoice, required
from consult.digests.model import Cadence

CADENCE_LABELS = {
    Cadence.DAILY: N_("Every day at 06:00"),
    Cadence.WEEKLY: N_("Every Monday at 06:00"),
    Cadence.CLOSING: N_("Once, when the consultation closes"),
    Cadence.IMMEDIATE: N_("At once, when something is published"),
}
LETTER_CHOICES = {"each": N_("One letter for each consultation"), "joined": N_("One letter for all of them")}


class DigestButtonForm(Form):
    """A button only."""


class SubscriptionForm(Form):
    cadence = RadioGroupField(
        N_("How often?"),
        [required(N_("Choose how often the digest should come"))],
        choices=[SelectChoice(cadence, name) for cadence, name in CADENCE_LABELS.items()],
    )
    language = RadioGroupField(
        N_("In which language?"),
        [required(N_("Choose a language"))],
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
        description=N_("Quotes stay in the language they were written in."),
    )

    paused_until = DatePartsField(
        N_("Pause until"), description=N_("No letter comes before that day. The digests of that time are on your desk.")
    )

    def __init__(self, *args: Any, at_once: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = {
            cadence: name for cadence, name in CADENCE_LABELS.items() if at_once or cadence is not Cadence.IMMEDIATE
        }
        self.cadence.choices = [SelectChoice(cadence, name) for cadence, name in offered.items()]

    @property
    def chosen(self) -> Cadence:
        return Cadence(self.cadence.data)


class PreferencesForm(Form):
    """How all digests come."""

    together = RadioGroupField(
        N_("How should they come?"),
        [required(N_("Choose one letter or several"))],
        choices=[SelectChoice(key, name) for key, name in LETTER_CHOICES.items()],
        description=N_("One letter for all comes when the last of that day is compiled."),
    )
    language = RadioGroupField(
        N_("In which language?"),
        [required(N_("Choose a language"))],
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
        description=N_("Quotes stay in the language they were written in."),
    )
    paused_until = DatePartsField(
        N_("Pause all until"),
        description=N_("Leave it empty to change nothing. A pause is ended where one consultation's digest is set up."),
    )
