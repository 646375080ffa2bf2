"""Forms for objections by authors and their answers."""

from __future__ import annotations

from consult.arguments.objections.service import MAX_LENGTH
from consult.core.i18n import N_
from consult.core.web.forms import Form, LongTextField


class ObjectionAnswerForm(Form):
    """The message to the author."""

    words = LongTextField(N_("Message to the author"), most=MAX_LENGTH)
