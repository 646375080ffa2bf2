"""Forms of a decision on the position of a text, and of examples for the ranking."""

from __future__ import annotations

from wtforms.validators import AnyOf

from consult.core.i18n import N_
from consult.core.web.forms import Form, HiddenField, LineField, LongTextField, optional
from consult.positions.model import Side, Unit

SIDE_LABELS = {Side.KEEP: N_("Keep"), Side.CHANGE: N_("Change"), Side.DROP: N_("Drop"), Side.NEITHER: N_("No position")}
"""The sides in the order of their keys, 1 to 4."""

ANSWER_LABELS = (N_("Opposes the campaign letter"), N_("Agrees with the campaign letter"), N_("No position"))
"""Answers on a copy with added words in the order of their keys, 1 to 3."""
MAX_EXAMPLES = 1_000
"""The maximum number of characters of example sentences."""


MAX_NAME = 160
"""The maximum number of characters of the name of a request."""


class PositionForm(Form):
    """The decision on a text. `seen` identifies the words and `after` the decision that were shown."""

    unit = HiddenField(validators=[AnyOf([*Unit])])
    key = HiddenField()
    seen = HiddenField()
    after = HiddenField()


class ExamplesForm(Form):
    """Sentences that somebody who opposes a letter could write, one on each line."""

    campaign = HiddenField()
    examples = LongTextField(N_("Sentences against this campaign letter"), [optional()], most=MAX_EXAMPLES)


class RequestForm(Form):
    """`after` is the revision of the argument as it was shown."""

    key = HiddenField()
    after = HiddenField()
    name = LineField(most=MAX_NAME)
