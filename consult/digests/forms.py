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
    Cadence.IMMEDIATE: N_("Immediately, when something is published"),
}
LETTER_CHOICES = {"each": N_("One e-mail for each consultation"), "joined": N_("One e-mail for all consultations")}


class DigestButtonForm(Form):
    """A form with a button only."""


class SubscriptionForm(Form):
    cadence = RadioGroupField(
        N_("How often?"),
        [required(N_("Choose how often to get the digest"))],
        choices=[SelectChoice(cadence, name) for cadence, name in CADENCE_LABELS.items()],
    )
    language = RadioGroupField(
        N_("In which language?"),
        [required(N_("Choose a language"))],
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
        description=N_("Quotes stay in the language they were written in."),
    )

    paused_until = DatePartsField(
        N_("Pause until"),
        description=N_(
            "We send no e-mail before that day. You can read the digests from that period in your workspace."
        ),
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
    """The delivery settings of all digests."""

    together = RadioGroupField(
        N_("One e-mail or several?"),
        [required(N_("Choose one e-mail or several"))],
        choices=[SelectChoice(key, name) for key, name in LETTER_CHOICES.items()],
        description=N_("We send the e-mail when the last digest of the day is ready."),
    )
    language = RadioGroupField(
        N_("In which language?"),
        [required(N_("Choose a language"))],
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
        description=N_("Quotes stay in the language they were written in."),
    )
    paused_until = DatePartsField(
        N_("Pause all digests until"),
        description=N_("Leave empty to change nothing. To end a pause, open the digest settings of the consultation."),
    )
