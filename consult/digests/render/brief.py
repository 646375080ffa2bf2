"""The brief: the typed sections from which sheet, e-mail, page, PDF and Word file of a digest are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from consult.core.i18n import _, ngettext
from consult.digests.content.body import Body
from consult.digests.content.material import DoesNotAddUp
from consult.digests.content.rows import ArgumentRow, CampaignRow, PlaceRow, TopicRow, with_fields
from consult.digests.render import campaign_phrases, contributors, paper_phrases
from consult.digests.render.change_phrases import since
from consult.digests.render.count_phrases import left_out, say_left_out
from consult.digests.render.phrases import LinkedSentence
from consult.digests.render.place_phrases import topics
from consult.digests.sides import phrases as side_phrases
from consult.digests.sides.phrases import SideRow

Row = TypeVar("Row")


@dataclass(frozen=True)
class Section(Generic[Row]):
    """Rows of a list, and the number of units left out, which `rest` states for the reader.

    A row is one unit, or as many as `sizes` has for it. Raises DoesNotAddUp unless rows and rest add up to the whole.
    """

    title: str
    rows: Sequence[Row]
    whole: int
    left_out: int = 0
    rest: str = ""
    sizes: Sequence[int] | None = None

    def __post_init__(self) -> None:
        held = len(self.rows) if self.sizes is None else sum(self.sizes)
        if self.left_out < 0 or held + self.left_out != self.whole:
            raise DoesNotAddUp(f"{self.title}: {held} held and {self.left_out} left out are not {self.whole}")
        if self.left_out and not self.rest:
            raise DoesNotAddUp(f"{self.title}: {self.left_out} are left out without a word")
        if self.sizes is not None and len(self.sizes) != len(self.rows):
            raise DoesNotAddUp(f"{self.title}: {len(self.sizes)} sizes for {len(self.rows)} rows")


@dataclass(frozen=True)
class ShownRows:
    """The maximum number of rows that a rendering shows of each section. None means all."""

    requests: int | None = None
    letters: int | None = None
    places: int | None = None
    topics: int | None = None
    papers: int | None = None


SHEET = ShownRows(requests=4, letters=3, places=5, papers=3)
LETTER = ShownRows(requests=3, letters=7, places=5, topics=5)
EDITION = ShownRows()
REPORT = ShownRows(topics=20)


@dataclass(frozen=True)
class Brief:
    """The sections. `lines` are further ones whose rows are sentences."""

    positions: Section[SideRow]
    requests: Section[ArgumentRow]
    letters: Section[CampaignRow]
    places: Section[PlaceRow]
    topics: Section[TopicRow]
    papers: Section[LinkedSentence]
    groups: Section[LinkedSentence]
    lines: Sequence[Section[LinkedSentence]]
    heard_less: Section[LinkedSentence]

    @property
    def sentences(self) -> Sequence[Section[LinkedSentence]]:
        """Return the sections of sentences that are not empty, in order."""
        return [section for section in (self.papers, self.groups, *self.lines) if section.rows]


def build(body: Body, shown: ShownRows) -> Brief:
    """Return the sections of a digest in the current language. Raises DoesNotAddUp."""
    sides = side_phrases.list_rows(body.sides) if body.sides else []
    return Brief(
        positions=Section(
            str(side_phrases.TITLE),
            sides,
            body.books.published if sides else 0,
            sizes=[row.n for row in sides],
        ),
        requests=_cut(body, "arguments", _("Requests and reasons"), body.arguments, shown.requests),
        letters=_cut(body, "copied", _("Campaign letters"), _list_letters(body), shown.letters),
        places=_cut(body, "places", _("Comments by part of the draft"), body.places, shown.places),
        topics=_cut(body, "topics", _("By topic"), topics(body, len(body.topics)), shown.topics),
        papers=_list_papers(body, shown.papers),
        groups=_list_groups(body),
        lines=_list_lines(body),
        heard_less=_of_lines(_("Groups we heard little from"), contributors.heard_less(body)),
    )


def _list_letters(body: Body) -> Sequence[CampaignRow]:
    """Return the letters without the sentences that are quoted as requests or reasons."""
    quoted = {quote.words for row in body.arguments for quote in (row.quote, *row.reasons)}
    letters = []
    for row in body.copied:
        demands = row.demands[: row.checked or 0]
        kept = tuple(quote for quote in demands if quote.words not in quoted)
        letters.append(with_fields(row, demands=kept, checked=len(kept)) if len(kept) < len(demands) else row)
    return letters


def _cut(body: Body, name: str, title: str, rows: Sequence[Row], most: int | None) -> Section[Row]:
    """Return the first rows of a list of the body, with the number of others, also of those that the body left out."""
    kept = rows[:most]
    unheld = (body.left_out or {}).get(name, 0)
    more = len(rows) - len(kept) + unheld
    return Section(title, kept, len(rows) + unheld, more, left_out(body, name, len(kept)))


def _of_lines(title: str, lines: Sequence[LinkedSentence], more: int = 0, rest: str = "") -> Section[LinkedSentence]:
    return Section(title, lines, len(lines) + more, more, rest)


def _list_lines(body: Body) -> list[Section[LinkedSentence]]:
    """Return the sections of sentences in order. A new section needs one row here."""
    return [
        _of_lines(_("Changes since the last edition"), since(body)),
        _of_lines(_("Progress of the plan under review"), campaign_phrases.reviewed(body)),
        _with_rest(
            body,
            "short_answers",
            _("Short responses that many people gave in the same words"),
            campaign_phrases.short_answers(body),
        ),
        _of_lines(_("Organisations that asked people to comment"), campaign_phrases.calls(body)),
        _with_rest(body, "studies", _("Case studies cited in comments"), campaign_phrases.studies(body)),
    ]


def _with_rest(body: Body, name: str, title: str, lines: Sequence[LinkedSentence]) -> Section[LinkedSentence]:
    more = (body.left_out or {}).get(name, 0)
    return _of_lines(title, lines, more, say_left_out(name, more))


def _list_papers(body: Body, most: int | None) -> Section[LinkedSentence]:
    """Return the papers, if all are shown each followed by its requests, which are no papers and so have no size."""
    lines, whole = paper_phrases.papers(body), paper_phrases.count_papers(body)
    if most is not None:
        lines = [line for line in lines if not line.is_request][:most]
    sizes = [int(not line.is_request) for line in lines]
    more = whole - sum(sizes)
    rest = ngettext("%(num)s more position paper", "%(num)s more position papers", more) if more else ""
    return Section(_("Position papers"), lines, whole, more, rest, sizes)


def _list_groups(body: Body) -> Section[LinkedSentence]:
    """Return the positions of each type of participant."""
    groups = body.sides.groups if body.sides else ()
    lines = [
        LinkedSentence(f"{contributors.side_group_name(group)}{_(': ')}{side_phrases.say_briefly(group.sides)}")
        for group in groups
    ]
    known = body.sides.known if body.sides and groups else 0
    return Section(_("Positions by type of participant"), lines, known, sizes=[group.n for group in groups])
