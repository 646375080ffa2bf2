"""What the pages of arguments show, each in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import coding, queries, service
from consult.arguments.model import Argument
from consult.arguments.queries import Done, Quote
from consult.consultations.model import Consultation, Phase
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page
from consult.documents.model import Provision
from consult.submissions import lists
from consult.submissions.places import Place
from consult.taxonomy.model import Term

_FEW = 5
"""Arguments of a place and stance that the list of all places shows."""
_MOST = 100


@dataclass(frozen=True)
class Spot:
    """Where statements are on: a provision, a question, or the draft as a whole; or what is in no version any more."""

    key: str
    place: Place | None = None
    question: int | None = None
    words: str = ""
    position: int = 0

    @property
    def anchor(self) -> str:
        """What stands for it in the address of a page."""
        return self.key or "whole"


@dataclass(frozen=True)
class Section:
    """The arguments of one place, by stance, and how many statements there are and are placed."""

    spot: Spot
    stances: Mapping[str, Sequence[Argument]]
    statements: int
    placed: int

    @property
    def arguments(self) -> int:
        return sum(len(found) for found in self.stances.values())


@dataclass(frozen=True)
class Overview:
    consultation: Consultation
    sections: Sequence[Section]
    quotes: Mapping[int, Sequence[Quote]]
    at: str | None  # the one place it shows
    may: bool

    @property
    def shown(self) -> list[int]:
        """The numbers of its arguments."""
        return [one.id for section in self.sections for found in section.stances.values() for one in found]

    @property
    def statements(self) -> int:
        return sum(section.statements for section in self.sections)

    @property
    def placed(self) -> int:
        return sum(section.placed for section in self.sections)


@dataclass(frozen=True)
class One:
    consultation: Consultation
    argument: Argument
    spot: Spot
    quotes: Page[Quote]
    first_page: bool
    themes: Sequence[tuple[Term, int]] = ()  # that people found in its statements, and in how many
    history: Sequence[Done] = ()
    beside: Sequence[Argument] = ()
    may: bool = False


@dataclass(frozen=True)
class Unplaced:
    consultation: Consultation
    quotes: Page[Quote]
    spots: Mapping[str, Spot]
    targets: Sequence[Argument]
    at: str | None
    first_page: bool
    may: bool = field(default=False)


def overview(session: Session, slug: str, *, at: str | None, by: Account | None = None) -> Overview:
    """The arguments of a published consultation, of one place if asked. Raises NotFound."""
    row = lists.consultation(session, slug)
    place = place_of(at)
    counts = queries.counts(session, row.id)
    if place is not None and place not in counts:
        raise NotFound(_("Nobody has said anything there yet."))
    found = queries.arguments(session, row.id, place=place, most=_FEW if place is None else _MOST)
    spots = spots_of(session, row, counts if place is None else [place])
    sections = [_section(spot, found, *counts[spot.key]) for spot in sorted(spots.values(), key=lambda s: s.position)]
    quotes = queries.samples(session, [one.id for one in found])
    return Overview(row, sections, quotes, at, by is not None and service.may(row, by))


def _section(spot: Spot, found: Sequence[Argument], statements: int, placed: int) -> Section:
    stances: dict[str, list[Argument]] = {}
    for one in found:
        if one.place == spot.key:
            stances.setdefault(one.stance, []).append(one)
    return Section(spot, stances, statements, placed)


def one(session: Session, number: int, *, after: str | None, slug: str | None = None) -> One:
    """One argument as anybody may read it. Raises NotFound."""
    argument = queries.argument(session, number)
    row = session.get_one(Consultation, argument.consultation_id)
    if slug not in (None, row.slug) or row.phase is Phase.DRAFT:
        raise NotFound(_("There is no argument of this number."))
    spot = spots_of(session, row, [argument.place])[argument.place]
    quotes = queries.quotes(session, argument.id, after=after)
    return One(row, argument, spot, quotes, not after, coding.themes_of(session, argument.id))


def work(session: Session, number: int, *, after: str | None, by: Account) -> One:
    """One argument with what can be done to it and what was. Raises NotFound."""
    page = one(session, number, after=after)
    return One(
        page.consultation, page.argument, page.spot, page.quotes, page.first_page, page.themes,
        queries.history(session, page.argument.id), queries.beside(session, page.argument),
        service.may(page.consultation, by),
    )  # fmt: skip


def unplaced(session: Session, slug: str, *, at: str | None, after: str | None, by: Account) -> Unplaced:
    """Statements that are in no argument. Raises NotFound."""
    row = lists.consultation(session, slug)
    place = place_of(at)
    found = queries.unplaced(session, row.id, place=place, after=after)
    targets = queries.arguments(session, row.id, place=place, most=_MOST) if place is not None else []
    spots = spots_of(session, row, {one.place for one in found.items} | ({place} if place is not None else set()))
    return Unplaced(row, found, spots, targets, at, not after, service.may(row, by))


def place_of(at: str | None) -> str | None:
    """The place that an address names; None for all."""
    return None if not at else "" if at == "whole" else at


def spots_of(session: Session, row: Consultation, keys: Collection[str]) -> dict[str, Spot]:
    """Places by their keys, in the order of the draft; then the draft as a whole, the questions, what is no more."""
    version = row.version_id or 0
    known = lists.places(session, version).by_id
    wids = session.execute(
        select(Provision.wid, Provision.id, Provision.position)
        .where(Provision.version_id == version, Provision.wid.in_(keys))
    )  # fmt: skip
    spots = {wid: Spot(wid, known[number], position=position) for wid, number, position in wids}
    last = 1_000_000
    if "" in keys:
        spots[""] = Spot("", position=last)
    if any(key.startswith("q") for key in keys):
        for number, asked in enumerate(lists.questions(session, row.id), start=1):
            if (key := f"q{asked.id}") in keys:
                spots[key] = Spot(key, question=number, words=asked.wording, position=last + number)
    return spots | {key: Spot(key, words=key, position=2 * last) for key in keys if key not in spots}
