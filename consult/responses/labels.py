"""Labels of arguments and their parts of the draft in a line of text."""

from __future__ import annotations

from consult.arguments.model import Argument
from consult.arguments.pages import ArgumentPlace
from consult.arguments.queries import StatementQuote
from consult.core.i18n import _
from consult.core.text import excerpt
from consult.core.web.template_filters import format_number
from consult.digests.render.phrases import STANCE_NAMES, bidi_isolate, in_quotation_marks


def argument_label(argument: Argument, quote: StatementQuote | None) -> str:
    """Return the argument's name, else the first words of a statement, marked as suggested unless checked."""
    if argument.name:
        return bidi_isolate(argument.name)
    words = in_quotation_marks(excerpt(quote.text, 80)) if quote else _("No label yet")
    return words if argument.checked else _("%(words)s (suggested, not checked)", words=words)


def place_label(spot: ArgumentPlace, argument: Argument) -> str:
    """Return the part of the draft of an argument, with its type of comment."""
    stance = str(STANCE_NAMES[argument.stance]) if argument.stance else ""
    if spot.place is not None:
        where = bidi_isolate(spot.place.name)
    elif spot.question:
        where = _("Question %(number)s", number=format_number(spot.question))
    else:
        where = _("The draft as a whole") if spot.key == "" else _("In an earlier version of the draft")
    return " · ".join(filter(None, (where, stance)))
