"""The tagging form: every term as a checkbox."""

from __future__ import annotations

from flask import request

from consult.core.text import read_number
from consult.core.web.forms import Form


class TermTagsForm(Form):
    """The token only: the terms are read from the boxes by number."""

    @property
    def term_ids(self) -> list[int]:
        found = map(read_number, request.form.getlist("term"))
        return [number for number in found if number is not None][:200]
