"""The forms of a submission's own page."""

from __future__ import annotations

from consult.core.forms import Form, Line, required
from consult.core.i18n import N_


class Lookup(Form):
    """Reading changes nothing, so it carries no token."""

    class Meta:
        csrf = False

    reference = Line(N_("Your reference"), [required(N_("Enter your reference"))], most=60)


class Confirm(Form):
    """A button only."""
