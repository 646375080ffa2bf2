"""Forms of objections: what an author says, and what is answered."""

from __future__ import annotations

from consult.arguments.objections.service import MAX_LENGTH
from consult.core.i18n import N_
from consult.core.web.forms import Form, LongTextField


class ObjectionAnswerForm(Form):
    """What is told to the author."""

    words = LongTextField(N_("What is told to the author"), most=MAX_LENGTH)
