"""Data of the argument pages, each in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import queries, service
from consult.arguments.model import Argument
from consult.arguments.queries import ArgumentHistoryEntry, StatementQuote
from consult.consultations.model import Consultation, Phase
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page
from consult.documents.model import Provision
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments import queries as comments_queries

_FEW = 5
"""The number of arguments shown per part and type in the list of all parts of the draft."""
_MOST = 100


@dataclass(frozen=True)
class ArgumentPlace:
    """A part of the draft with statements: a provision, a question, the whole draft, or a provision since removed."""

    key: str
    place: ProvisionNode | None = None
    question: int | None = None
    words: str = ""
    position: int = 0

    @property
    def anchor(self) -> str:
        """Return the identifier of the part in URLs."""
        return self.key or "whole"


@dataclass(frozen=True)
class ArgumentSection:
    """The arguments on one part of the draft by type, with the number of statements and of those in arguments."""

    spot: ArgumentPlace
    stances: Mapping[str, Sequence[Argument]]
    statements: int
    placed: int

    @property
    def arguments(self) -> int:
        return sum(len(found) for found in self.stances.values())


@dataclass(frozen=True)
class ArgumentsOverview:
    consultation: Consultation
    sections: Sequence[ArgumentSection]
    quotes: Mapping[int, Sequence[StatementQuote]]
    at: str | None  # the place shown, or None for all

    @property
    def shown(self) -> list[int]:
        """Return the IDs of its arguments."""
        return [one.id for section in self.sections for found in section.stances.values() for one in found]

    @property
    def statements(self) -> int:
        return sum(section.statements for section in self.sections)

    @property
    def placed(self) -> int:
        return sum(section.placed for section in self.sections)


@dataclass(frozen=True)
class ArgumentPage:
    consultation: Consultation
    argument: Argument
    spot: ArgumentPlace
    quotes: Page[StatementQuote]
    first_page: bool
    history: Sequence[ArgumentHistoryEntry] = ()
    beside: Sequence[Argument] = ()
    may: bool = False


@dataclass(frozen=True)
class UnplacedPage:
    consultation: Consultation
    quotes: Page[StatementQuote]
    spots: Mapping[str, ArgumentPlace]
    targets: Sequence[Argument]
    at: str | None
    first_page: bool
    may: bool = field(default=False)


def get_overview(session: Session, slug: str, *, at: str | None) -> ArgumentsOverview:
    """Return the checked arguments of a published consultation, or of one part. Raises NotFound."""
    row = comments_queries.get_consultation(session, slug)
    place = parse_place(at)
    counts = queries.count_by_place(session, row.id)
    if place is not None and place not in counts:
        raise NotFound(_("No comments on this part of the draft yet."))
    most = _FEW if place is None else _MOST
    arguments = queries.list_arguments(session, row.id, place=place, most=most, checked=True)
    spots = load_places(session, row, counts if place is None else [place])
    sections = [
        _build_section(spot, arguments, *counts[spot.key]) for spot in sorted(spots.values(), key=lambda s: s.position)
    ]
    quotes = queries.list_samples(session, [one.id for one in arguments])
    return ArgumentsOverview(row, sections, quotes, at)


def _build_section(spot: ArgumentPlace, found: Sequence[Argument], statements: int, placed: int) -> ArgumentSection:
    stances: dict[str, list[Argument]] = {}
    for one in found:
        if one.place == spot.key:
            stances.setdefault(one.stance, []).append(one)
    return ArgumentSection(spot, stances, statements, placed)


def get_argument_page(session: Session, number: int, *, after: str | None, slug: str | None = None) -> ArgumentPage:
    """Return a public argument. Raises NotFound."""
    argument = queries.get_argument(session, number)
    row = session.get_one(Consultation, argument.consultation_id)
    if slug not in (None, row.slug) or row.phase is Phase.DRAFT:
        raise NotFound(_("We cannot find an argument with this number."))
    spot = load_places(session, row, [argument.place])[argument.place]
    quotes = queries.list_quotes(session, argument.id, after=after)
    return ArgumentPage(row, argument, spot, quotes, not after)


def get_work_page(session: Session, number: int, *, after: str | None, by: Account) -> ArgumentPage:
    """Return an argument with possible actions and its history. Raises NotFound."""
    page = get_argument_page(session, number, after=after)
    return ArgumentPage(
        page.consultation,
        page.argument,
        page.spot,
        page.quotes,
        page.first_page,
        queries.list_history(session, page.argument.id),
        queries.list_siblings(session, page.argument),
        service.may_edit(session, page.consultation, by),
    )


def get_slug(session: Session, argument: Argument) -> str:
    """Return the slug of the argument's consultation."""
    return session.get_one(Consultation, argument.consultation_id).slug


def get_unplaced_page(session: Session, slug: str, *, at: str | None, after: str | None, by: Account) -> UnplacedPage:
    """Return a page of statements that are in no argument. Raises NotFound."""
    row = comments_queries.get_consultation(session, slug)
    place = parse_place(at)
    unplaced = queries.list_unplaced(session, row.id, place=place, after=after)
    targets = queries.list_arguments(session, row.id, place=place, most=_MOST) if place is not None else []
    spots = load_places(
        session, row, {item.place for item in unplaced.items} | ({place} if place is not None else set())
    )
    return UnplacedPage(row, unplaced, spots, targets, at, not after, service.may_edit(session, row, by))


def parse_place(at: str | None) -> str | None:
    """Return the key of the part named in a URL, or None for all."""
    return None if not at else "" if at == "whole" else at


def load_places(session: Session, row: Consultation, keys: Collection[str]) -> dict[str, ArgumentPlace]:
    """Return parts by key: in the order of the draft, then the whole draft, the questions, and removed provisions."""
    version = row.version_id or 0
    known = comments_queries.get_provision_tree(session, version).by_id
    wids = session.execute(
        select(Provision.wid, Provision.id, Provision.position).where(
            Provision.version_id == version, Provision.wid.in_(keys)
        )
    )
    spots = {wid: ArgumentPlace(wid, known[number], position=position) for wid, number, position in wids}
    last = 1_000_000
    if "" in keys:
        spots[""] = ArgumentPlace("", position=last)
    if any(key.startswith("q") for key in keys):
        for number, asked in enumerate(comments_queries.list_questions(session, row.id), start=1):
            if (key := f"q{asked.id}") in keys:
                spots[key] = ArgumentPlace(key, question=number, words=asked.wording, position=last + number)
    return spots | {key: ArgumentPlace(key, words=key, position=2 * last) for key in keys if key not in spots}
