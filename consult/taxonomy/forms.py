"""Form for tagging, with a checkbox for each term."""

from __future__ import annotations

from flask import request

from consult.core.text import read_number
from consult.core.web.forms import Form


class TermTagsForm(Form):
    """The CSRF token of tagging. Terms are read from numbered checkboxes."""

    @property
    def term_ids(self) -> list[int]:
        numbers = map(read_number, request.form.getlist("term"))
        return [number for number in numbers if number is not None][:200]
