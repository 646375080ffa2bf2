"""Form of a table of comments: the file, where it comes from, and its columns once it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from consult.core.i18n import N_, _
from consult.core.web.forms import (
    BooleanField,
    CheckboxGroupField,
    DropdownField,
    FileField,
    LineField,
    SelectChoice,
    required,
)
from consult.core.web.table_form import TableForm
from consult.submissions.tables.platforms import TableMapping

_COLUMNS = {
    "id_column": "source_id",
    "text_columns": "bodies",
    "stance_column": "stance",
    "provision_column": "provision",
    "language_column": "language",
}
"""Fields of the form with those of a mapping."""


class CommentTableForm(TableForm):
    file = FileField(
        N_("Table of comments (CSV or JSON lines)"),
        description=N_(
            "We recognise exports from regulations.gov, Have your say, Decidim, Consul Democracy and Citizen "
            "Space. You can also choose the columns yourself."
        ),
    )
    source = LineField(
        N_("Source of the comments"),
        [required(N_("Enter the source of the comments"))],
        most=200,
        description=N_(
            "For example, the web address of the other consultation. We import each comment of a source only once."
        ),
    )
    published = BooleanField(N_("These comments were moderated elsewhere, so publish them immediately"))
    id_column = DropdownField(N_("Column with the identifier"), choices=[])
    text_columns = CheckboxGroupField(N_("Columns with the text"), choices=[])
    stance_column = DropdownField(N_("Column with the type of comment"), choices=[])
    provision_column = DropdownField(N_("Column with the paragraph number"), choices=[])
    language_column = DropdownField(N_("Column with the language"), choices=[])

    def offer_columns(self, names: Sequence[str], proposed: TableMapping) -> None:
        """Offer the columns of a file. If none was chosen, choose the proposed ones."""
        chosen = any(self[name].data for name in _COLUMNS)
        for name, part in _COLUMNS.items():
            field, value = self[name], getattr(proposed, part)
            field.choices = [SelectChoice(column) for column in dict.fromkeys(names)]
            if name != "text_columns":
                field.choices.insert(0, SelectChoice("", _("None")))
            if not chosen:
                field.data = list(value) if isinstance(value, tuple) else value

    def read_mapping(self, proposed: TableMapping) -> TableMapping:
        """Return the chosen columns of a file. Texts are read as the platform that was recognised writes them."""
        values: dict[str, Any] = {part: self[name].data or "" for name, part in _COLUMNS.items()}
        values["bodies"] = tuple(values["bodies"])
        return replace(proposed, **values)
