"""The first screen of an e-mail.

It shows demands of letters and comments by part of the draft to one scale, a quote and a line of counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consult.core.i18n import _, ngettext
from consult.core.web.template_filters import format_number
from consult.digests.content.body import Body
from consult.digests.content.rows import CampaignRow, PlaceRow, Quote, count_kinds
from consult.digests.render import campaign_phrases, contributors
from consult.digests.render.brief import Brief
from consult.digests.render.campaign_phrases import asked
from consult.digests.render.count_phrases import say_left_out
from consult.digests.render.phrases import LinkedSentence, finding_list, number_label, quoted
from consult.submissions import stances

LETTERS = 2
STANCE_ORDER = (*stances.FILED, "")
"""The order of types in charts and tables."""


MOST_SQUARES = 26
"""The maximum number of squares in a row. Longer rows turn the chart into bars."""


@dataclass(frozen=True)
class FigureBar:
    """A bar of the chart: the percentage of each type relative to the longest bar. A letter is one part."""

    parts: Sequence[tuple[str, int]]
    rest: int


@dataclass(frozen=True)
class Figure:
    """The chart of the first screen, to one scale: letters, then parts of the draft."""

    letters: Sequence[CampaignRow]
    places: Sequence[PlaceRow]
    longest: int

    def shows(self, stance: str | None) -> bool:
        """Return True if a bar shows this type. None means that no type was chosen."""
        return any(part == (stance or "unsaid") for place in self.places for part, _n in self.place_bar(place).parts)

    @property
    def in_squares(self) -> bool:
        return self.longest <= MOST_SQUARES

    @property
    def has_copies(self) -> bool:
        """Return True if some squares are hollow."""
        return any(
            copied for place in self.places if place.kind != "question" for _stance, copied in self.squares(place)
        )

    @property
    def key(self) -> str:
        """Return the legend of the squares, or an empty string for bars."""
        if not self.in_squares:
            return ""
        said = [
            _("One square is one submission. Hollow squares are copies of a campaign letter.")
            if self.has_copies
            else _("One square is one submission.")
        ]
        if any(place.is_of_two_kinds for place in self.places):
            said.append(_("A submission with several types of comment has one square for each type."))
        return " ".join(said)

    def squares(self, place: PlaceRow) -> list[tuple[str, bool]]:
        """Return the type of each comment's square, and whether it is a copy of a letter. Empty for bars."""
        if not self.in_squares:
            return []
        squares = []
        for stance in STANCE_ORDER:
            n = place.stances.get(stance, 0)
            copied = min((place.copied or {}).get(stance, 0), n)
            squares += [(stance or "unsaid", False)] * (n - copied) + [(stance or "unsaid", True)] * copied
        return squares

    def letter_bar(self, copied: CampaignRow) -> FigureBar:
        return self._bar({"letter": copied.total})

    def place_bar(self, place: PlaceRow) -> FigureBar:
        return self._bar(count_kinds(place.stances) if place.kind != "question" else {"unsaid": place.submissions})

    def _bar(self, counts: Mapping[str, int]) -> FigureBar:
        parts = [(name or "unsaid", max(1, 100 * n // self.longest)) for name, n in counts.items() if n]
        return FigureBar(parts, max(0, 100 - sum(n for _name, n in parts)))


def figure(made: Brief) -> Figure | None:
    """Return the chart of a digest, or None if there are no comments."""
    letters, places = made.letters.rows[:LETTERS], made.places.rows
    lengths = [copied.total for copied in letters] + [sum(count_kinds(place.stances).values()) for place in places]
    longest = max(lengths, default=0)
    return Figure(letters, places, longest) if longest else None


def letter_line(copied: CampaignRow) -> str:
    """Return a line with the size of a campaign and its first demand."""
    head = " · ".join(filter(None, (campaign_phrases.submissions(copied), campaign_phrases.letter_name(copied))))
    found = asked(copied)
    quotes = [quoted(quote) for quote in found[:1]]
    rest = say_left_out("demands", len(found) - 1)
    return " ".join(filter(None, (f"{head}.", campaign_phrases.asks(copied), *quotes, rest and f"({rest})")))


def leading_quote(body: Body) -> tuple[PlaceRow, Quote] | None:
    """Return a quote on the headline's part of the draft, or else on the first part that has one.

    None if there are requests that a person checked: they come with their own quotes.
    """
    if body.arguments:
        return None
    about = finding_list(body).split(":")[1:2]
    ranked = sorted(body.places, key=lambda place: place.key not in about)
    return next(((place, quote) for place in ranked for quote in place.quotes if quote.words), None)


def count_line(body: Body) -> list[LinkedSentence]:
    """Return the numbers of new and of all submissions, each with its list."""
    found = []
    for name, n in vars(body.numbers).items():
        found.append(LinkedSentence(f"{format_number(n.new)} {number_label(name, n.new)}", name if n.new else ""))
        if name == "received":
            found.append(LinkedSentence(_("%(n)s in all", n=format_number(n.total)), f"all-{name}" if n.total else ""))
    return found


def missing_line(body: Body, most: int = 2) -> str:
    """Return a line on missing groups, or an empty string."""
    lines = contributors.heard_less(body)
    if not lines:
        return ""
    rest = len(lines) - most
    said = " ".join(line.text for line in lines[:most])
    if rest <= 0:
        return said
    more = ngettext("And %(num)s more.", "And %(num)s more.", rest)
    return f"{said} {more}"
