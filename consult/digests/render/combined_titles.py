"""Subject lines of letters about several consultations."""

from __future__ import annotations

from collections.abc import Sequence

from consult.core.i18n import _, ngettext
from consult.core.web.template_filters import format_number
from consult.digests.content.body import Body
from consult.digests.render.phrases import headline


def joined_title(bodies: Sequence[tuple[int, Body]]) -> str:
    """The subject of a letter about several consultations."""
    n = len(bodies)
    return ngettext(
        "%(n)s consultation has news for you", "%(n)s consultations have news for you", n, n=format_number(n)
    )


def joined_subject(bodies: Sequence[tuple[int, Body]]) -> str:
    """The first finding, and how many more consultations there are."""
    first = bodies[0][1]
    said = _("%(code)s: %(found)s", code=first.consultation.code, found=headline(first))
    more = len(bodies) - 1
    if not more:
        return said
    return ngettext(
        "%(said)s; and %(n)s more consultation",
        "%(said)s; and %(n)s more consultations",
        more,
        said=said,
        n=format_number(more),
    )
