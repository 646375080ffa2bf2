"""Forms of samples: a table, and the retraction of a batch."""

from __future__ import annotations

from consult.core.i18n import N_
from consult.core.web.forms import BooleanField, FileField, Form, LineField, LongTextField, required
from consult.core.web.table_form import TableForm


class SampleTableForm(TableForm):
    file = FileField(N_("Table of results (CSV)"))
    region = LineField(
        N_("Region for rows that do not name a region"),
        [required(N_("Enter the code of a region, such as CA-BC"))],
        most=6,
        description=N_("The ISO 3166-2 code, such as CA-BC."),
    )
    public = BooleanField(N_("We publish these results ourselves"))


class RetractionForm(Form):
    reason = LongTextField(N_("Why are these results wrong?"), [required(N_("Give a reason"))], most=1_000)
