"""Headline if more than half sent one letter, with its first demand if a person has checked that."""

from __future__ import annotations

from dataclasses import replace

from consult.core.i18n import _, ngettext
from consult.core.text import excerpt
from consult.core.web.template_filters import format_number
from consult.digests.content.body import Body, CountHeadline, PlaceHeadline
from consult.digests.content.rows import CampaignRow, Quote
from consult.digests.figures.summary import Summary
from consult.digests.render.marks import in_quotation_marks

_CUT = " …"
_FEWEST = 16
"""The minimum length of a shortened demand in characters. Without room for it, the demand is omitted."""


def asked(copied: CampaignRow) -> list[Quote]:
    """Return the checked requests of a letter that can be quoted, or else its opening (in older bodies: the sample)."""
    beginning = copied.sample if copied.own is None else copied.opening
    return [
        quote for quote in copied.demands[: copied.checked or 0] or ([beginning] if beginning else []) if quote.words
    ]


def letter_headline(body: Body, *, most: int = 160) -> str:
    """Return the headline on the letter of more than half, with its first checked demand, in `most` characters."""
    found = body.headline
    if isinstance(found, PlaceHeadline):
        return ""
    return _headline(found, next((copied for copied in body.copied if copied.key == found.letter), None), most)


def main_letter(data: Summary) -> CampaignRow | None:
    """Return the campaign of more than half of the published submissions, or None."""
    largest = max(data.copied, key=lambda copied: copied.total, default=None)
    return largest if largest and 2 * largest.total > data.numbers.published else None


def letter_finding(copied: CampaignRow) -> str:
    """Return the sentence on a campaign's size, with its first checked demand."""
    return _headline(CountHeadline(kind="letter", n=copied.total, letter=copied.key), copied, 160)


def _headline(found: CountHeadline, row: CampaignRow | None, most: int) -> str:
    said = next((quote.words for quote in row.demands[: row.checked or 0] if quote.words), "") if row else ""
    spun = row is not None and row.variants is not None
    room = most - len(_finding(found, in_quotation_marks(""), spun=spun)) - len(_CUT)
    if said and len(said) > room:  # the demand has priority over the number of other texts
        found = replace(found, others=0)
        room = most - len(_finding(found, in_quotation_marks(""), spun=spun)) - len(_CUT)
    words = excerpt(said, room) if room >= _FEWEST else ""
    if not words:
        return _finding(found, "", spun=spun)
    cut = _CUT if words.endswith("…") and not said.endswith("…") else ""
    return _finding(found, f"{in_quotation_marks(words.removesuffix('…') if cut else words)}{cut}", spun=spun)


def _finding(found: CountHeadline, words: str, *, spun: bool) -> str:
    n, others = found.n or 0, found.others or 0
    if spun:
        sent = ngettext(
            "%(n)s submission uses one template", "%(n)s submissions use one template", n, n=format_number(n)
        )
    else:
        sent = ngettext(
            "%(n)s sent one campaign letter",
            "%(n)s sent one campaign letter",
            n,
            n=format_number(n),
        )
    said = f"{sent}{_(': ')}{words}" if words else sent
    if not others:
        return said
    return ngettext(
        "%(campaign)s (%(n)s other text)",
        "%(campaign)s (%(n)s other texts)",
        others,
        campaign=said,
        n=format_number(others),
    )
