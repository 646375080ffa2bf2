"""The form of a consultation's own period."""

from __future__ import annotations

from consult.core.i18n import N_
from consult.core.text import read_number
from consult.core.web.forms import Form, LineField, required


class ConsultationRetentionForm(Form):
    """A number of days."""

    contacts = LineField(
        N_("Days for which e-mail addresses are kept"),
        [required(N_("Enter a number of days"))],
        most=4,
        description=N_(
            "Counted from the closing, or from the day by which answers are promised. Letters about answers need them."
        ),
    )

    @property
    def days(self) -> int:
        return read_number(self.contacts.data) or 0
