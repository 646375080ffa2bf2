"""Data of the page for deciding on objections, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

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
"""The number of objections shown at a time."""
_QUOTES = 3
_SAID = 5
"""The number of authors of one text whose words are shown. The others are counted."""


@dataclass(frozen=True)
class OpenObjection:
    """The objections to one statement. `row` is the first one."""

    row: ArgumentObjection
    quote: StatementQuote
    argument: Argument
    authors: int
    words: Sequence[str]  # words of the first authors
    own: bool  # the reader or their organisation is one of the authors


@dataclass(frozen=True)
class ObjectionsPage:
    consultation: Consultation
    items: Sequence[OpenObjection]
    samples: Mapping[int, Sequence[StatementQuote]]
    spots: Mapping[str, ArgumentPlace]
    others: Sequence[Argument]
    may: bool

    def targets(self, argument: Argument) -> list[Argument]:
        """Return the arguments that a statement can be moved to."""
        here = (argument.place, argument.stance)
        return [other for other in self.others if (other.place, other.stance) == here and other.id != argument.id]


def get_page(session: Session, slug: str, *, by: Account) -> ObjectionsPage:
    """Return the open objections of a consultation, oldest first. Raises NotFound and Forbidden."""
    row = comments_queries.get_consultation(session, slug)
    service.check_may_edit(session, row, by)
    waiting = _list_waiting(session, row.id)
    own = objections.find_own(session, [made[0].row for made in waiting], by)
    quotes = queries.get_quotes(session, [made[0].row.claim_id or 0 for made in waiting])
    items = [
        OpenObjection(
            made[0].row,
            quotes[number],
            made[0].argument,
            made[0].authors,
            [words for one in made if (words := objections.unseal_words(one.row, one.submission))],
            made[0].row.id in own,
        )
        for made in waiting
        if (number := made[0].row.claim_id) in quotes
    ]
    samples = queries.list_samples(session, {one.argument.id for one in items}, each=_QUOTES)
    spots = pages.load_places(session, row, {one.argument.place for one in items})
    return ObjectionsPage(row, items, samples, spots, queries.list_arguments(session, row.id), True)


def _list_waiting(session: Session, consultation_id: int) -> list[list[Row[Any]]]:
    """Return open objections grouped by statement, oldest first, with one query."""
    where = (ArgumentObjection.claim_id, ArgumentObjection.argument_id)
    ranked = (
        select(
            ArgumentObjection.id,
            func.count().over(partition_by=where).label("authors"),
            func.min(ArgumentObjection.id).over(partition_by=where).label("first"),
            func.row_number().over(partition_by=where, order_by=ArgumentObjection.id).label("n"),
        )
        .where(is_open(consultation_id))
        .subquery()
    )
    row, argument = aliased(ArgumentObjection, name="row"), aliased(Argument, name="argument")
    submission = aliased(Submission, name="submission")
    rows = session.execute(
        select(row, argument, submission, ranked.c.first, ranked.c.authors)
        .join(ranked, ranked.c.id == row.id)
        .join(argument, argument.id == row.argument_id)
        .join(submission, submission.id == row.submission_id)
        .where(ranked.c.n <= _SAID)
        .order_by(ranked.c.first, row.id)
        .limit(_MOST * _SAID)
    ).all()
    return [list(made) for _first, made in groupby(rows, lambda one: one.first)][:_MOST]
