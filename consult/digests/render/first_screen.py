"""The first screen of a letter: what letters ask and where people spoke, to one scale; a quote; a line of counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consult.core.i18n import _, ngettext
from consult.core.web.template_filters import format_number
from consult.digests.content import contributors
from consult.digests.content.body import Body
from consult.digests.content.rows import CampaignRow, PlaceRow, Quote
from consult.digests.render import campaign_phrases
from consult.digests.render.letter_headlines import asked
from consult.digests.render.phrases import STANCE_NAMES, LinkedSentence, finding_list, number_label, quoted

LETTERS, PLACES = 2, 5
STANCE_ORDER = tuple(STANCE_NAMES)
"""Letters and places that the figure shows."""


MOST_SQUARES = 26
"""Squares that a row of a letter has room for; with more the figure is of bars."""


@dataclass(frozen=True)
class FigureBar:
    """A bar of the figure: the shares, in per cent of the longest, of each stance; of a letter all is one share."""

    parts: Sequence[tuple[str, int]]
    rest: int


@dataclass(frozen=True)
class Figure:
    """What the first screen draws to one scale: letters, then places, with how many more places there are.

    Of `others`, further letters, it says what they ask.
    """

    letters: Sequence[CampaignRow]
    others: Sequence[CampaignRow]
    places: Sequence[PlaceRow]
    more: int
    longest: int

    def shows(self, stance: str | None) -> bool:
        """Whether a bar has this stance; None is that it was not said."""
        return any(part == (stance or "unsaid") for place in self.places for part, _n in self.place_bar(place).parts)

    @property
    def in_squares(self) -> bool:
        return self.longest <= MOST_SQUARES

    @property
    def has_copies(self) -> bool:
        """Whether some squares are hollow."""
        return any(
            copied for place in self.places if place.kind != "question" for _stance, copied in self.squares(place)
        )

    @property
    def key(self) -> str:
        """What a square is; empty where bars are drawn."""
        if not self.in_squares:
            return ""
        said = [
            _("One square is one submission; hollow: of a letter that many sent.")
            if self.has_copies
            else _("One square is one submission.")
        ]
        if any(place.is_of_two_kinds for place in self.places):
            said.append(_("A submission of two kinds has a square for each."))
        return " ".join(said)

    def squares(self, place: PlaceRow) -> list[tuple[str, bool]]:
        """A square for each comment, with its stance and whether it is of a letter; none where they are too many."""
        if not self.in_squares:
            return []
        found = []
        for stance in STANCE_ORDER:
            n = place.stances.get(stance, 0)
            copied = min((place.copied or {}).get(stance, 0), n)
            found += [(stance or "unsaid", False)] * (n - copied) + [(stance or "unsaid", True)] * copied
        return found

    def letter_bar(self, copied: CampaignRow) -> FigureBar:
        return self._bar({"letter": copied.total})

    def place_bar(self, place: PlaceRow) -> FigureBar:
        return self._bar(place.stances if place.kind != "question" else {"unsaid": place.submissions})

    def _bar(self, counts: Mapping[str, int]) -> FigureBar:
        parts = [(name or "unsaid", max(1, 100 * n // self.longest)) for name, n in counts.items() if n]
        return FigureBar(parts, max(0, 100 - sum(n for _name, n in parts)))


def figure(body: Body) -> Figure | None:
    """The figure of a digest; None where nobody has spoken."""
    letters, others, places = body.copied[:LETTERS], body.copied[LETTERS:], body.places[:PLACES]
    lengths = [copied.total for copied in letters] + [sum(place.stances.values()) for place in places]
    longest = max(lengths, default=0)
    return Figure(letters, others, places, len(body.places) - len(places), longest) if longest else None


def letter_line(copied: CampaignRow) -> str:
    """How many sent a letter and the first of what it asks, in a line."""
    head = " · ".join(filter(None, (campaign_phrases.submissions(copied), campaign_phrases.letter_name(copied))))
    quotes = [quoted(quote) for quote in asked(copied)[:1]]
    return " ".join(filter(None, (f"{head}.", campaign_phrases.asks(copied), *quotes)))


def leading_quote(body: Body) -> tuple[PlaceRow, Quote] | None:
    """One quote: of the place that the finding is about, else of the first that has one."""
    about = finding_list(body).split(":")[1:2]
    ranked = sorted(body.places, key=lambda place: place.key not in about)
    return next(((place, quote) for place in ranked for quote in place.quotes if quote.words), None)


def count_line(body: Body) -> list[LinkedSentence]:
    """What came and what there is, each number with its list."""
    found = []
    for name, n in vars(body.numbers).items():
        found.append(LinkedSentence(f"{format_number(n.new)} {number_label(name, n.new)}", name if n.new else ""))
        if name == "received":
            found.append(LinkedSentence(_("%(n)s in all", n=format_number(n.total)), f"all-{name}" if n.total else ""))
    return found


def missing_line(body: Body, most: int = 2) -> str:
    """Who is missing, in a line; empty where nobody is known to be."""
    lines = contributors.heard_less(body)
    if not lines:
        return ""
    rest = len(lines) - most
    said = " ".join(line.text for line in lines[:most])
    if rest <= 0:
        return said
    more = ngettext("And %(num)s more.", "And %(num)s more.", rest)
    return f"{said} {more}"
