"""Errata: quotes removed from this digest or an earlier edition since publication."""

from __future__ import annotations

from consult.core.i18n import N_
from consult.core.web.template_filters import format_number
from consult.digests.content.body import Body
from consult.digests.content.rows import Quote

_GONE = {
    "withheld": N_("Quote removed. By a moderator’s decision, the comment is no longer published."),
    "withdrawn": N_("Quote removed. The author has since withdrawn the comment."),
    "erased": N_("Quote removed. The comment has since been erased."),
    "redacted": N_("Quote removed. Words in the comment have since been hidden."),
    "amended": N_("Quote removed. The author has since changed the comment."),
}
_ERRATA = {
    "withheld": N_("Edition %(edition)s quoted %(reference)s. By a moderator’s decision, it is no longer published."),
    "withdrawn": N_("Edition %(edition)s quoted %(reference)s, which its author has since withdrawn."),
    "erased": N_("Edition %(edition)s quoted %(reference)s, which has since been erased."),
    "redacted": N_("Edition %(edition)s quoted %(reference)s. Some of its words have since been hidden."),
    "amended": N_("Edition %(edition)s quoted %(reference)s, which its author has since changed."),
}


def errata(body: Body) -> list[tuple[str, int]]:
    """Return removed quotes of earlier editions, each with the ID of its digest."""
    return [
        (
            str(_ERRATA[row.gone]) % {"edition": format_number(row.edition), "reference": row.reference},
            row.digest,
        )
        for row in body.errata
    ]


def gone(quote: Quote) -> str:
    """Return why a quote was removed, or an empty string."""
    return str(_GONE[quote.gone]) if quote.gone else ""
