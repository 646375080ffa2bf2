"""Errata: quotes that were removed from this digest, or an earlier edition, since it was published."""

from __future__ import annotations

from consult.core.i18n import N_
from consult.core.web.template_filters import format_number
from consult.digests.content.body import Body
from consult.digests.content.rows import Quote

_GONE = {
    "withheld": N_("This quote was taken out: a moderator has withheld its comment since."),
    "withdrawn": N_("This quote was taken out: its author has withdrawn the comment since."),
    "erased": N_("This quote was taken out: its comment has been erased since."),
    "redacted": N_("This quote was taken out: words of its comment have been covered since."),
    "amended": N_("This quote was taken out: its author has changed the comment since."),
}
_ERRATA = {
    "withheld": N_("Edition %(edition)s quoted %(reference)s, which a moderator has withheld since."),
    "withdrawn": N_("Edition %(edition)s quoted %(reference)s, which its author has withdrawn since."),
    "erased": N_("Edition %(edition)s quoted %(reference)s, which has been erased since."),
    "redacted": N_("Edition %(edition)s quoted %(reference)s, of which words have been covered since."),
    "amended": N_("Edition %(edition)s quoted %(reference)s, which its author has changed since."),
}


def errata(body: Body) -> list[tuple[str, int]]:
    """Quotes of earlier editions that may not be shown any more, each with the number of that digest."""
    return [
        (
            str(_ERRATA[row.gone]) % {"edition": format_number(row.edition), "reference": row.reference},
            row.digest,
        )
        for row in body.errata
    ]


def gone(quote: Quote) -> str:
    """Why a quote is not shown any more; empty where it is."""
    return str(_GONE[quote.gone]) if quote.gone else ""
