"""The form for a consultation's retention period."""

from __future__ import annotations

from consult.core.i18n import N_
from consult.core.text import read_number
from consult.core.web.forms import Form, LineField, required


class ConsultationRetentionForm(Form):
    """A retention period in days."""

    contacts = LineField(
        N_("Days to keep e-mail addresses"),
        [required(N_("Enter a number of days"))],
        most=4,
        description=N_(
            "Counted from the closing date or the due date for answers. We need the e-mail addresses to send "
            "e-mails about answers."
        ),
    )

    @property
    def days(self) -> int:
        return read_number(self.contacts.data) or 0
