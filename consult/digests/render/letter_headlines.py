"""The finding that more than half sent one letter, with the first thing that it asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from consult.core.i18n import _, ngettext
from consult.core.text import excerpt
from consult.core.web.template_filters import format_number
from consult.digests.content.body import Body, CountHeadline, PlaceHeadline
from consult.digests.content.rows import CampaignRow, Quote
from consult.digests.render.marks import in_quotation_marks
from consult.digests.results.summary import Summary

_CUT = " …"
_FEWEST = 16
"""Characters of a demand that say something; a line with room for less goes without."""


def asked(copied: CampaignRow) -> list[Quote]:
    """The demands of a letter, else how it begins, of an older body what it showed; those that may still be read."""
    beginning = copied.sample if copied.own is None else copied.opening
    return [quote for quote in copied.demands or ([beginning] if beginning else []) if quote.words]


def letter_headline(body: Body, *, most: int = 160) -> str:
    """The letter that more than half sent, with the first thing it asks; cut to `most` characters."""
    found = body.headline
    if isinstance(found, PlaceHeadline):
        return ""
    return _headline(found, next((copied for copied in body.copied if copied.key == found.letter), None), most)


def main_letter(data: Summary) -> CampaignRow | None:
    """The letter that more than half of what is published is of."""
    largest = max(data.copied, key=lambda copied: copied.total, default=None)
    return largest if largest and 2 * largest.total > data.numbers.published else None


def letter_finding(copied: CampaignRow) -> str:
    """How many sent a letter, with the first thing that it asks."""
    return _headline(CountHeadline(kind="letter", n=copied.total, letter=copied.key), copied, 160)


def _headline(found: CountHeadline, row: CampaignRow | None, most: int) -> str:
    said = next((quote.words for quote in row.demands if quote.words), "") if row else ""
    spun = row is not None and row.variants is not None
    room = most - len(_finding(found, in_quotation_marks(""), spun=spun)) - len(_CUT)
    if len(said) > room:  # what they ask is told before how many other texts there are
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
            "%(n)s sent a text made from one template", "%(n)s sent texts made from one template", n, n=format_number(n)
        )
    else:
        sent = ngettext("%(n)s sent one letter", "%(n)s sent one letter", n, n=format_number(n))
    said = f"{sent}{_(': ')}{words}" if words else sent
    if not others:
        return said
    # NOTE: %(said)s is such as: 4,996 sent one letter: “Please stop the rule.” The others wrote texts of their own
    return ngettext(
        "%(said)s; %(n)s other text", "%(said)s; %(n)s other texts", others, said=said, n=format_number(others)
    )


def how_contradiction_was_told(copied: Sequence[CampaignRow]) -> str:
    """By what it was looked for who contradicts these letters; empty where that is not known of any."""
    ways = {one.judged for one in copied if one.judged is not None}
    if ways == {True}:
        return _(
            "Who seems to ask for the opposite is suggested by rules on words, and by the meaning of a sentence where "
            "these tell nothing. Not all are found."
        )
    if ways == {False}:
        return _(
            "Who seems to ask for the opposite is suggested by rules on words alone: what is said in other words is "
            "not found."
        )
    if ways:
        return _(
            "Who seems to ask for the opposite is suggested by rules on words, and of some letters by the meaning of a "
            "sentence too: the page of each says by which. Not all are found."
        )
    return ""
