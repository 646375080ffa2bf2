"""Subject lines of e-mails about several consultations."""

from __future__ import annotations

from collections.abc import Sequence

from consult.core.i18n import _, ngettext
from consult.core.web.template_filters import format_number
from consult.digests.content.body import Body
from consult.digests.render.phrases import headline


def joined_title(bodies: Sequence[tuple[int, Body]]) -> str:
    """Return the title of an e-mail about several consultations."""
    n = len(bodies)
    return ngettext(
        "%(n)s consultation has news for you", "%(n)s consultations have news for you", n, n=format_number(n)
    )


def joined_subject(bodies: Sequence[tuple[int, Body]]) -> str:
    """Return the first finding, with the number of further consultations."""
    first = bodies[0][1]
    text = _("%(code)s: %(headline)s", code=first.consultation.code, headline=headline(first))
    more = len(bodies) - 1
    if not more:
        return text
    return ngettext(
        "%(headline)s (and %(n)s more consultation)",
        "%(headline)s (and %(n)s more consultations)",
        more,
        headline=text,
        n=format_number(more),
    )
