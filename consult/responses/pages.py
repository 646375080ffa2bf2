"""What the pages of answers show, each in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import pages as arguments
from consult.arguments import queries as argued
from consult.arguments.model import Argument
from consult.arguments.pages import Spot
from consult.arguments.queries import Quote
from consult.consultations.model import Consultation, Phase
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page
from consult.responses import changes, drafts, queries, reading, service
from consult.responses.changes import Option
from consult.responses.drafts import Draft
from consult.responses.queries import Item, Show
from consult.responses.reading import Standing, Told
from consult.submissions import lists

_QUOTED = 5


@dataclass(frozen=True)
class Answers:
    """A list of a consultation's arguments by their answers, and all its numbers."""

    consultation: Consultation
    standing: Standing
    show: str
    items: Page[Item]
    samples: Mapping[int, Sequence[Quote]]
    spots: Mapping[str, Spot]
    first_page: bool


@dataclass(frozen=True)
class Answering:
    """One argument for whoever answers it."""

    consultation: Consultation
    argument: Argument
    spot: Spot
    quotes: Sequence[Quote]
    answers: Sequence[Told]
    options: Sequence[Option]
    people: Sequence[Account]  # whom it can be asked of
    asked: Account | None  # whom it is asked of
    may: bool
    owns: bool
    draft: Draft | None  # what the reader has written and not published

    @property
    def answer(self) -> Told | None:
        """The one that the form changes."""
        return self.answers[0] if self.answers else None

    @property
    def stands(self) -> str:
        """The token of that one."""
        return self.answer.response.token if self.answer else ""


def public(session: Session, slug: str, *, show: str | None, after: str | None) -> Answers:
    """The answers of a published consultation, as anybody may read them. Raises NotFound."""
    if show in (Show.MINE, Show.BEGUN):
        raise NotFound(_("There is no such list."))
    return _answers(session, lists.consultation(session, slug), show, after, None)


def desk(session: Session, number: int, *, show: str | None, after: str | None, by: Account) -> Answers:
    """The same for those who answer; what waits comes first. Raises NotFound."""
    row = session.scalar(select(Consultation).where(Consultation.id == number, Consultation.phase != Phase.DRAFT))
    if row is None:
        raise NotFound(_("There is no consultation of this number."))
    return _answers(session, row, show, after, by)


def _answers(session: Session, row: Consultation, show: str | None, after: str | None, by: Account | None) -> Answers:
    standing = reading.standings(session, {row.id: row.answer_by})[row.id]
    wanted = show or (Show.ANSWERED if standing.answered and by is None else Show.WAITING)
    found = queries.listed(session, row, wanted, after=after, by=by)
    rows = [item.argument for item in found.items]
    samples = argued.samples(session, [one.id for one in rows])
    spots = arguments.spots_of(session, row, {one.place for one in rows})
    return Answers(row, standing, wanted, found, samples, spots, not after)


def answering(session: Session, number: int, *, by: Account) -> Answering:
    """What somebody sees who is about to answer. Raises NotFound."""
    argument = argued.argument(session, number)
    row = session.get_one(Consultation, argument.consultation_id)
    if row.phase is Phase.DRAFT:
        raise NotFound(_("There is no argument of this number."))
    spot = arguments.spots_of(session, row, [argument.place])[argument.place]
    people = queries.policymakers(session, argument.id)
    asked = next((account for account, its in people if its), None)
    owns = service.owns(row, by)
    return Answering(
        row, argument, spot, argued.quotes(session, argument.id, most=_QUOTED).items,
        reading.told(session, argument.id), changes.options(session, row), [account for account, _its in people], asked,
        owns or (asked is not None and asked.id == by.id), owns, drafts.kept(session, argument.id, by.id),
    )  # fmt: skip
