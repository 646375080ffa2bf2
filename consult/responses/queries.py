"""Lists of arguments by answer: those of campaign letters first, then those with most authors.

Waiting arguments are sorted by due date first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, bindparam, exists, func, literal, or_, select, text
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.analysis.model import TextGroup
from consult.arguments.model import Argument, Claim
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_cursor, make_page
from consult.core.web.access import Role
from consult.documents.model import Provision, Version
from consult.responses import answer_queries
from consult.responses.answer_queries import LinkedChange
from consult.responses.model import AnswerOutcome, Obligation, Response, ResponseDraft
from consult.submissions.model import State, Submission

PAGE = 25
_PEOPLE = 200
_FURTHER = 40
"""Maximum number of arguments offered for the same answer."""


class AnswerFilter(StrEnum):
    """The lists besides one for each outcome."""

    WAITING = "waiting"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    MINE = "mine"
    BEGUN = "begun"


@dataclass(frozen=True)
class AnswerListItem:
    """An argument with its answer, if any. `due` is None if nothing is owed or no date is set."""

    argument: Argument
    response: Response | None
    changed: LinkedChange | None
    owner: str | None
    due: date | None
    begun: bool  # the reader has an unpublished draft

    @property
    def late(self) -> bool:
        return self.due is not None and self.due < now().date()

    @property
    def lapsed(self) -> bool:
        """Return whether the deferral of the answer has expired and the argument was not checked again."""
        return self.due is None and self.response is not None and self.response.due_on is not None


@dataclass(frozen=True)
class RecentAnswer:
    """A recent answer for the home page."""

    response: Response
    argument: Argument
    consultation: Consultation


def list_arguments(
    session: Session, row: Consultation, show: str, *, after: str | None = None, by: Account | None = None
) -> Page[AnswerListItem]:
    """Return a page of the arguments in a list. One statement. Raises NotFound for an unknown list."""
    answered, reader, due = answer_queries.select_answered(row.id), by.id if by else 0, _due(row, show)
    query = (
        select(Argument, Response, Version.number, Provision.version_id, Account.display_name, ResponseDraft.saved_at)
        .outerjoin(answered, answered.c.argument_id == Argument.id)
        .outerjoin(Response, Response.id == answered.c.response_id)
        .outerjoin(Version, Version.id == Response.version_id)
        .outerjoin(Provision, Provision.id == Response.provision_id)
        .outerjoin(Obligation, Obligation.argument_id == Argument.id)
        .outerjoin(Account, Account.id == Obligation.owner_id)
        .outerjoin(ResponseDraft, and_(ResponseDraft.argument_id == Argument.id, ResponseDraft.account_id == reader))
        .where(
            Argument.consultation_id == row.id,
            Argument.merged_into_id.is_(None),
            or_(Argument.statements > 0, Response.id.is_not(None)),
            _filter_condition(row, show, by),
        )
        .order_by(due, Argument.submissions.desc(), Argument.id)
        .limit(PAGE + 1)
    )
    if (edge := decode_cursor(after, 3)) is not None:
        query = query.where(_is_after(due, *_edge(edge)))
    rows = session.execute(query).all()
    found = make_page(rows, PAGE, lambda one: _key(row, show, one[0], one[1]))
    return Page([_item(session, row, *one) for one in found.items], found.next_cursor)


_BY_DAY = (AnswerFilter.WAITING, AnswerFilter.OVERDUE)


def _due(row: Consultation, show: str) -> ColumnElement[date]:
    """Return the due date for sorting, or a constant for lists without due dates."""
    if show not in _BY_DAY:
        return literal(date.max, Date)
    return func.coalesce(Response.due_on, literal(row.answer_by or date.max, Date))


def _key(row: Consultation, show: str, argument: Argument, response: Response | None) -> list[int]:
    """Return the sort key of an item."""
    due = response.due_on if response else None
    day = (due or row.answer_by or date.max) if show in _BY_DAY else date.max
    return [day.toordinal(), argument.submissions, argument.id]


def _edge(key: list[Any]) -> tuple[date, int, int]:
    wrong = NotFound(_("This page of the list does not exist. Start from the first page."))
    if not all(isinstance(one, int) and 0 <= one < 2**63 for one in key) or not 0 < key[0] <= date.max.toordinal():
        raise wrong
    return date.fromordinal(key[0]), min(key[1], 2**31 - 1), key[2]


def _is_after(due: ColumnElement[date], day: date, size: int, number: int) -> ColumnElement[bool]:
    """Return a condition for arguments after the last one of a page."""
    later = (Argument.submissions < size) | ((Argument.submissions == size) & (Argument.id > number))
    return (due > day) | ((due == day) & later)


def _filter_condition(row: Consultation, show: str, by: Account | None) -> ColumnElement[bool]:
    today = now().date()
    past = answer_queries.is_lapsed(today)
    none, late = Response.id.is_(None), past & Argument.checked
    waits = or_(none & Argument.checked, late)
    if show == AnswerFilter.WAITING:
        return waits
    if show == AnswerFilter.OVERDUE:
        return waits if row.answer_by is not None and row.answer_by < today else late
    if show == AnswerFilter.ANSWERED:
        return ~none & ~past
    if show == AnswerFilter.MINE and by is not None:
        return Obligation.owner_id == by.id
    if show == AnswerFilter.BEGUN and by is not None:
        return ResponseDraft.saved_at.is_not(None)
    if show in set(AnswerOutcome):
        return (Response.outcome == AnswerOutcome(show)) & ~past
    raise NotFound(_("We cannot find this list."))


def _item(
    session: Session,
    row: Consultation,
    argument: Argument,
    response: Response | None,
    version: int | None,
    of: int | None,
    owner: str | None,
    begun: datetime | None,
) -> AnswerListItem:
    changed = answer_queries.get_linked_change(session, version, of, response.provision_id) if response else None
    return AnswerListItem(argument, response, changed, owner, get_due_date(row, argument, response), begun is not None)


def list_further(
    session: Session, row: Consultation, argument: Argument, by: Account, *, all_of_them: bool
) -> Sequence[tuple[Argument, Response | None]]:
    """Return other arguments that wait for this person's answer, those of the same part of the draft first.

    One statement. Arguments for which they have a draft are left out. With `all_of_them`, unassigned ones are included.
    """
    answered = answer_queries.select_answered(row.id)
    begun = exists().where(ResponseDraft.argument_id == Argument.id, ResponseDraft.account_id == by.id)
    asked = exists().where(Obligation.argument_id == Argument.id, Obligation.owner_id == by.id)
    rows = session.execute(
        select(Argument, Response)
        .outerjoin(answered, answered.c.argument_id == Argument.id)
        .outerjoin(Response, Response.id == answered.c.response_id)
        .where(
            Argument.consultation_id == row.id,
            Argument.id != argument.id,
            Argument.merged_into_id.is_(None),
            or_(Argument.statements > 0, Response.id.is_not(None)),
            _filter_condition(row, AnswerFilter.WAITING, by),
            ~begun,
            or_(asked, literal(all_of_them)),
        )
        .order_by(Argument.place != argument.place, Argument.submissions.desc(), Argument.id)
        .limit(_FURTHER)
    )
    return [(further, response) for further, response in rows]


def get_due_date(row: Consultation, argument: Argument, response: Response | None) -> date | None:
    """Return the due date: the promised date for a checked argument, or the end of a deferral.

    An unchecked suggestion with an expired deferral has none.
    """
    if response is not None and (argument.checked or (response.due_on or date.max) >= now().date()):
        return response.due_on
    return row.answer_by if argument.checked else None


def list_policymakers(session: Session, argument_id: int) -> Sequence[tuple[Account, bool]]:
    """Return the accounts an argument can be assigned to, and whether it is. One statement."""
    rows = session.execute(
        select(Account, Obligation.owner_id.is_not(None))
        .outerjoin(Obligation, (Obligation.owner_id == Account.id) & (Obligation.argument_id == argument_id))
        .where(Account.role.in_((Role.POLICYMAKER, Role.ADMIN)), Account.verified_at.is_not(None))
        .order_by(Account.display_name, Account.id)
        .limit(_PEOPLE)
    )
    return [(account, bool(asked)) for account, asked in rows]


def list_recent(session: Session, few: int) -> Sequence[RecentAnswer]:
    """Return the latest valid answers of all consultations, newest first. One statement."""
    return [RecentAnswer(*row) for row in session.execute(_select_recent(few), {"today": now().date()})]


@lru_cache(maxsize=2)
def _select_recent(few: int) -> Any:
    return (
        select(Response, Argument, Consultation)
        .join(Argument, Argument.id == Response.argument_id)
        .join(Consultation, Consultation.id == Response.consultation_id)
        .where(Consultation.phase != Phase.DRAFT, ~answer_queries.is_lapsed(bindparam("today", type_=Date)))
        .order_by(Response.answered_at.desc(), Response.id.desc())
        .limit(few)
    )


_REPLIES = text(
    """
    SELECT place, count(*) FILTER (WHERE NOT owed) AS answered, count(*) FILTER (WHERE owed) AS waiting,
        min(due) FILTER (WHERE owed) AS due
    FROM (
        SELECT a.place, coalesce(r.due_on, c.answer_by) AS due,
            r.outcome IS NULL OR r.outcome = 'deferred' AND r.due_on < :today AS owed
        FROM readable_argument a JOIN readable_consultation c ON c.id = a.consultation_id
        LEFT JOIN LATERAL (
            SELECT r.outcome, r.due_on FROM response r JOIN readable_argument m ON m.id = r.argument_id
            WHERE m.id = a.id OR m.merged_into_id = a.id ORDER BY m.merged_into_id NULLS FIRST, r.id LIMIT 1
        ) r ON true
        WHERE a.consultation_id = :consultation AND a.merged_into_id IS NULL AND a.statements > 0
            AND (a.checked OR r.outcome IS NOT NULL)
    ) AS argued
    GROUP BY place
    """
)


def count_replies(session: Session, consultation_id: int, today: date) -> Sequence[Any]:
    """Count answered and waiting arguments by part of the draft, with the earliest due date. One statement."""
    return session.execute(_REPLIES, {"consultation": consultation_id, "today": today}).all()


def count_answered(session: Session, submission_ids: Collection[int]) -> dict[int, int]:
    """Return the number of answered arguments by submission, for published submissions."""
    part = aliased(Argument)
    rows = session.execute(
        select(Submission.id, func.count(Claim.argument_id.distinct()))
        .join(
            TextGroup,
            (TextGroup.consultation_id == Submission.consultation_id) & (TextGroup.text_hash == Submission.text_hash),
        )
        .join(
            Claim,
            (Claim.consultation_id == Submission.consultation_id)
            & ((Claim.text_hash == Submission.text_hash) | (Claim.campaign_id == TextGroup.campaign_id)),
        )
        .join(part, or_(part.id == Claim.argument_id, part.merged_into_id == Claim.argument_id))
        .join(Response, Response.argument_id == part.id)
        .where(
            Submission.id.in_(submission_ids),
            Submission.state == State.PUBLISHED,
            ~answer_queries.is_lapsed(now().date()),
        )
        .group_by(Submission.id)
    )
    return {row[0]: row[1] for row in rows}


def list_by_submission(session: Session, submission: Submission) -> Sequence[tuple[Argument, Response | None]]:
    """Return the arguments with words of a submission, and their answers; answered ones first. One statement.

    The words are those of its text, which others may have sent too, and of the campaign letter it is a copy of.
    """
    answered = answer_queries.select_answered(submission.consultation_id)
    letter = select(TextGroup.campaign_id).where(
        TextGroup.consultation_id == submission.consultation_id,
        TextGroup.text_hash == submission.text_hash,
    )
    within = select(Claim.argument_id).where(
        Claim.consultation_id == submission.consultation_id,
        or_(Claim.text_hash == submission.text_hash, Claim.campaign_id == letter.scalar_subquery()),
        Claim.argument_id.is_not(None),
    )
    rows = session.execute(
        select(Argument, Response)
        .outerjoin(answered, answered.c.argument_id == Argument.id)
        .outerjoin(Response, Response.id == answered.c.response_id)
        .where(Argument.id.in_(within))
        .order_by(Response.answered_at.desc().nulls_last(), Argument.id)
    )
    return [(argument, response) for argument, response in rows]
