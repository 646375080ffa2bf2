"""The form of tagging: every term as a box to tick."""

from __future__ import annotations

from flask import request

from consult.core.forms import Form


class Tagging(Form):
    """The token only: the terms are read from the boxes by number."""

    @property
    def term_ids(self) -> list[int]:
        return [int(value) for value in request.form.getlist("term") if value.isascii() and value.isdigit()][:200]
