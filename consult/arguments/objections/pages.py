"""The page on which people decide on what authors object to, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import pages, queries, service
from consult.arguments.model import Argument
from consult.arguments.objections import service as objections
from consult.arguments.objections.model import ArgumentObjection
from consult.arguments.objections.queries import is_open
from consult.arguments.pages import ArgumentPlace
from consult.arguments.queries import StatementQuote
from consult.consultations.model import Consultation
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import Submission

_MOST = 25
"""Objections shown at a time; the next come as these are answered."""
_QUOTES = 3


@dataclass(frozen=True)
class OpenObjection:
    """An objection for those who decide on it."""

    row: ArgumentObjection
    quote: StatementQuote
    argument: Argument
    words: str
    own: bool  # the reader is its author


@dataclass(frozen=True)
class ObjectionsPage:
    consultation: Consultation
    items: Sequence[OpenObjection]
    samples: Mapping[int, Sequence[StatementQuote]]
    spots: Mapping[str, ArgumentPlace]
    others: Sequence[Argument]
    may: bool

    def targets(self, argument: Argument) -> list[Argument]:
        """Where a statement of an argument can go."""
        here = (argument.place, argument.stance)
        return [one for one in self.others if (one.place, one.stance) == here and one.id != argument.id]


def get_page(session: Session, slug: str, *, by: Account) -> ObjectionsPage:
    """The objections of a consultation that wait, the oldest first. Raises NotFound, Forbidden."""
    row = comments_queries.get_consultation(session, slug)
    service.check_may_edit(session, row, by)
    found = session.execute(
        select(ArgumentObjection, Argument, Submission)
        .join(Argument, Argument.id == ArgumentObjection.argument_id)
        .join(Submission, Submission.id == ArgumentObjection.submission_id)
        .where(is_open(row.id))
        .order_by(ArgumentObjection.id)
        .limit(_MOST)
    ).all()
    quotes = queries.get_quotes(session, [one.claim_id or 0 for one, _argument, _submission in found])
    items = [
        OpenObjection(
            one,
            quotes[one.claim_id],
            argument,
            objections.unseal_words(one, submission),
            submission.account_id is not None and submission.account_id == by.id,
        )
        for one, argument, submission in found
        if one.claim_id in quotes
    ]
    samples = queries.list_samples(session, {one.argument.id for one in items}, each=_QUOTES)
    spots = pages.load_places(session, row, {one.argument.place for one in items})
    return ObjectionsPage(row, items, samples, spots, queries.list_arguments(session, row.id), True)
