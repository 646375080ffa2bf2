"""The form of a decision on the position of a text."""

from __future__ import annotations

from wtforms.validators import AnyOf

from consult.core.i18n import N_
from consult.core.web.forms import Form, HiddenField
from consult.positions.model import Side, Unit

SIDE_LABELS = {Side.KEEP: N_("Keep"), Side.CHANGE: N_("Change"), Side.DROP: N_("Drop"), Side.NEITHER: N_("Neither")}
"""The sides in the order of their keys, 1 to 4."""


class PositionForm(Form):
    """The decision on a text. `seen` identifies the words and `after` the decision that were shown."""

    unit = HiddenField(validators=[AnyOf([*Unit])])
    key = HiddenField()
    seen = HiddenField()
    after = HiddenField()
