"""Queries on submissions: totals, counts, and lists by keyset."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, any_, bindparam, func, or_, select, union
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership
from consult.core.i18n import _
from consult.documents.model import Provision
from consult.ledger.model import Kind, LedgerEntry
from consult.submissions.model import Comment, Contact, Placement, Stance, State, Submission, Tally


class BooksDoNotBalance(Exception):
    """The counts contradict each other, which indicates a programming error."""


@dataclass(frozen=True)
class Books:
    """Totals: `received = published + withheld + withdrawn + erased + pending`, checked on creation."""

    received: int = 0
    published: int = 0
    withheld: int = 0
    withdrawn: int = 0
    erased: int = 0
    pending: int = 0  # waiting for review or returned to the author

    def __post_init__(self) -> None:
        terms = (self.published, self.withheld, self.withdrawn, self.erased, self.pending)
        if self.received != sum(terms) or min(terms) < 0:
            raise BooksDoNotBalance(f"received {self.received}, but the terms are {terms}")


@dataclass(frozen=True)
class Counts:
    """The totals of a consultation, and the number of published comments on each provision by type."""

    books: Books = Books()
    by_provision: Mapping[int, Mapping[Stance | None, int]] = field(default_factory=dict)

    def on(self, provision_id: int) -> int:
        """Return the number of published comments on a provision."""
        return sum(self.by_provision.get(provision_id, {}).values())

    @property
    def comments(self) -> int:
        """Return the number of published comments on all provisions."""
        return sum(sum(stances.values()) for stances in self.by_provision.values())

    @property
    def most(self) -> int:
        """Return the highest number of published comments on a provision, at least 1 for use as a divisor."""
        return max([1, *(sum(stances.values()) for stances in self.by_provision.values())])


def get_counts(session: Session, consultation_id: int, *, on: Collection[int] | None = None) -> Counts:
    """Return totals and counts in one statement. With `on`, only the counts of these provisions.

    Raises BooksDoNotBalance if a count is impossible.
    """
    asked = {"of": consultation_id} | ({} if on is None else {"on": list(on)})
    rows = session.execute(_counts(narrowed=on is not None), asked)
    states: dict[State, int] = {}
    provisions: dict[int, dict[Stance | None, int]] = {}
    for provision_id, stance, state, n in rows:
        if provision_id is None:
            states[state] = int(n)
        elif state is State.PUBLISHED and n:
            provisions.setdefault(provision_id, {})[stance] = int(n)
    return Counts(_books(sum(states.values()), states), provisions)


@lru_cache(maxsize=2)
def _counts(*, narrowed: bool) -> Any:
    these = [Tally.provision_id == any_(bindparam("on", type_=ARRAY(BigInteger)))] if narrowed else []
    return (
        select(Tally.provision_id, Tally.stance, Tally.state, func.sum(Tally.n))
        .where(Tally.consultation_id == bindparam("of"), *these)
        .group_by(Tally.provision_id, Tally.stance, Tally.state)
    )


def get_books(session: Session, consultation_id: int) -> Books:
    """Return the running totals in one indexed read. Raises BooksDoNotBalance if a count is impossible."""
    states = {state: int(n) for state, n in session.execute(_counted(), {"of": consultation_id})}
    return _books(sum(states.values()), states)


@lru_cache(maxsize=1)
def _counted() -> Any:
    whole = (Tally.consultation_id == bindparam("of"), Tally.provision_id.is_(None))
    return select(Tally.state, func.sum(Tally.n)).where(*whole).group_by(Tally.state)


def audit(session: Session, consultation_id: int) -> Books:
    """Recount the totals from the ledger and the rows, and compare them with the running ones.

    Slow, so only for the operator's check. Raises BooksDoNotBalance on any difference.
    """
    received = session.scalar(
        select(func.count()).where(LedgerEntry.consultation_id == consultation_id, LedgerEntry.kind == Kind.RECEIVED)
    )
    rows = session.execute(
        select(Submission.state, func.count())
        .where(Submission.consultation_id == consultation_id)
        .group_by(Submission.state)
    )
    recounted = _books(int(received or 0), {state: int(n) for state, n in rows})
    if (running := get_books(session, consultation_id)) != recounted:
        raise BooksDoNotBalance(f"running {running}, recounted {recounted}")
    return recounted


def _books(received: int, states: Mapping[State, int]) -> Books:
    return Books(
        received=received,
        published=states.get(State.PUBLISHED, 0),
        withheld=states.get(State.WITHHELD, 0),
        withdrawn=states.get(State.WITHDRAWN, 0),
        erased=states.get(State.ERASED, 0),
        pending=states.get(State.PENDING, 0) + states.get(State.RETURNED, 0),
    )


def count_comments_in_version(session: Session, *, consultation_id: int, version_id: int) -> dict[int, int]:
    """Return the number of published comments on each provision of a version, also of those moved later."""
    held = (
        select(Placement.comment_id, Placement.provision_id, Placement.waits)
        .where(Placement.version_id == version_id)
        .ext(distinct_on(Placement.comment_id))
        .order_by(Placement.comment_id, Placement.id.desc())
        .subquery()
    )
    here = (
        select(Comment.id.label("comment_id"), Comment.provision_id)
        .join(Provision, Provision.id == Comment.provision_id)
        .where(Comment.consultation_id == consultation_id, Provision.version_id == version_id)
    )
    places = union(select(held.c.comment_id, held.c.provision_id).where(~held.c.waits), here).subquery()
    rows = session.execute(
        select(places.c.provision_id, func.count().label("said"))
        .join(Comment, Comment.id == places.c.comment_id)
        .join(Submission, Submission.id == Comment.submission_id)
        .where(
            Comment.consultation_id == consultation_id,
            Submission.state == State.PUBLISHED,
            places.c.provision_id.is_not(None),
        )
        .group_by(places.c.provision_id)
    )
    return {row.provision_id: row.said for row in rows}


def why_not_shown(state: State | None) -> str:
    """Return the reason why a submission is not shown if the decision log states it.

    Otherwise the message is that of a submission that does not exist.
    """
    if state is State.WITHDRAWN:
        return _("The author withdrew this submission. We no longer show its text.")
    if state is State.ERASED:
        return _("This submission was erased. The public record shows only that we received it and that it was erased.")
    if state is State.WITHHELD:
        return _("A moderator decided not to publish this submission. The reason is in the decision log.")
    return _("We cannot find a published submission with this reference. It may be waiting for review.")


def is_own_submission(account: Account) -> ColumnElement[bool]:
    """Return a condition for submissions filed by the account, for its organisation, or with its address as contact."""
    return is_submission_of(account.id, account.email_index)


def is_submission_of(account_id: Any, email_index: Any) -> ColumnElement[bool]:
    """Return `is_own_submission` for an account id and address given as SQL parameters."""
    theirs = select(Membership.organisation_id).where(Membership.account_id == account_id)
    reached = select(Contact.id).where(Contact.email_index == email_index)
    return or_(
        Submission.account_id.is_not_distinct_from(account_id),
        Submission.organisation_id.is_not(None) & Submission.organisation_id.in_(theirs),
        Submission.contact_id.is_not(None) & Submission.contact_id.in_(reached),
    )
