"""Lists of arguments by state of their answer: what letters ask first, then those with most submitters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, bindparam, func, or_, select, text
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
from consult.responses.answer_queries import AnswerCounts, LinkedChange
from consult.responses.model import AnswerOutcome, Obligation, Response, ResponseDraft
from consult.submissions.model import State, Submission

PAGE = 25
_PEOPLE = 200
_OWED = 12


class AnswerFilter(StrEnum):
    """The kinds of lists, besides one for each outcome."""

    WAITING = "waiting"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    MINE = "mine"
    BEGUN = "begun"


@dataclass(frozen=True)
class AnswerListItem:
    """An argument with its answer, if it has one; `due` is when it is owed, None where nothing is or no day is set."""

    argument: Argument
    response: Response | None
    changed: LinkedChange | None
    owner: str | None
    due: date | None
    begun: bool  # by the reader, and not published

    @property
    def late(self) -> bool:
        return self.due is not None and self.due < now().date()

    @property
    def lapsed(self) -> bool:
        """Whether its answer was deferred to a day that has passed, and nobody has named what it answers."""
        return self.due is None and self.response is not None and self.response.due_on is not None


@dataclass(frozen=True)
class RecentAnswer:
    """An answer on the home page."""

    response: Response
    argument: Argument
    consultation: Consultation


def list_arguments(
    session: Session, row: Consultation, show: str, *, after: str | None = None, by: Account | None = None
) -> Page[AnswerListItem]:
    """One page of the arguments that a list is of. One statement. Raises NotFound for a list that there is not."""
    answered, reader = answer_queries.select_answered(row.id), by.id if by else 0
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
        .order_by(Argument.letter.is_(None), Argument.voices.desc(), Argument.id)
        .limit(PAGE + 1)
    )
    if (edge := decode_cursor(after, 3)) is not None:
        plain, voices, number = _edge(edge)
        later = (Argument.voices < voices) | ((Argument.voices == voices) & (Argument.id > number))
        here = Argument.letter.is_(None) if plain else Argument.letter.is_not(None)
        query = query.where((here & later) if plain else (here & later) | Argument.letter.is_(None))
    rows = session.execute(query).all()
    found = make_page(rows, PAGE, lambda one: [int(one[0].letter is None), one[0].voices, one[0].id])
    return Page([_item(session, row, *one) for one in found.items], found.next_cursor)


def _edge(key: list[Any]) -> tuple[int, int, int]:
    if not all(isinstance(one, int) and 0 <= one < 2**63 for one in key):
        raise NotFound(_("This page of the list does not exist. Start from its first page."))
    return key[0], min(key[1], 2**31 - 1), key[2]


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
    raise NotFound(_("There is no such list."))


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


def get_due_date(row: Consultation, argument: Argument, response: Response | None) -> date | None:
    """When an answer is owed: by the promise, once the argument has a name; of what is deferred until its day.

    A suggestion that nobody has named owes none once that day has passed.
    """
    if response is not None and (argument.checked or (response.due_on or date.max) >= now().date()):
        return response.due_on
    return row.answer_by if argument.checked else None


def list_policymakers(session: Session, argument_id: int) -> Sequence[tuple[Account, bool]]:
    """Whom the answer to an argument can be asked of, and whether it is. One statement."""
    rows = session.execute(
        select(Account, Obligation.owner_id.is_not(None))
        .outerjoin(Obligation, (Obligation.owner_id == Account.id) & (Obligation.argument_id == argument_id))
        .where(Account.role.in_((Role.POLICYMAKER, Role.ADMIN)), Account.verified_at.is_not(None))
        .order_by(Account.display_name, Account.id)
        .limit(_PEOPLE)
    )
    return [(account, bool(asked)) for account, asked in rows]


def list_recent(session: Session, few: int) -> Sequence[RecentAnswer]:
    """The last answers of all consultations that stand, the newest first. One statement."""
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


_ASKED = text(
    """
    SELECT a.consultation_id, count(*), count(r.outcome)
    FROM obligation o JOIN readable_argument a ON a.id = o.argument_id
    LEFT JOIN LATERAL (
        SELECT r.outcome, r.due_on FROM response r JOIN readable_argument m ON m.id = r.argument_id
        WHERE m.id = a.id OR m.merged_into_id = a.id ORDER BY m.merged_into_id NULLS FIRST, r.id LIMIT 1
    ) r ON true
    WHERE o.owner_id = :account AND a.merged_into_id IS NULL AND a.statements > 0
        AND a.checked AND (r.outcome IS NULL OR r.outcome = 'deferred' AND r.due_on < :today)
    GROUP BY 1
    """
)


def list_owed_by(session: Session, account: Account) -> Sequence[tuple[Consultation, AnswerCounts]]:
    """The consultations that somebody owns or was asked to answer in, and that wait for answers, or have suggestions
    that nobody has checked. Three statements.

    Of somebody else's consultation only what was asked of them counts.
    """
    asked = (
        select(Argument.consultation_id)
        .join(Obligation, Obligation.argument_id == Argument.id)
        .where(Obligation.owner_id == account.id)
    )
    rows = session.scalars(
        select(Consultation)
        .where(
            Consultation.phase != Phase.DRAFT,
            or_(Consultation.owner_id == account.id, Consultation.id.in_(asked)),
            answer_queries.is_owing(),
        )
        .order_by(Consultation.answer_by.nulls_last(), Consultation.id)
        .limit(_OWED)
    ).all()
    found = answer_queries.count_answers(session, {row.id: row.answer_by for row in rows if row.owner_id == account.id})
    mine = {
        number: (waiting, late)
        for number, waiting, late in session.execute(_ASKED, {"account": account.id, "today": now().date()})
    }
    for row in rows:
        waiting, late = mine.get(row.id, (0, 0))
        found.setdefault(row.id, AnswerCounts({}, waiting, late, 0, row.answer_by))
    return [(row, found[row.id]) for row in rows if found[row.id].waiting or found[row.id].unchecked]


_COUNTED = "count(*) AS waiting, min(due) AS due, count(*) FILTER (WHERE due < :today) AS late"
_OWING = """
    (
        SELECT a.id, a.letter, a.voices, coalesce(o.owner_id, c.owner_id) AS person,
            coalesce(r.due_on, c.answer_by) AS due
        FROM readable_argument a JOIN readable_consultation c ON c.id = a.consultation_id
        LEFT JOIN obligation o ON o.argument_id = a.id
        LEFT JOIN LATERAL (
            SELECT r.outcome, r.due_on FROM response r JOIN readable_argument m ON m.id = r.argument_id
            WHERE m.id = a.id OR m.merged_into_id = a.id ORDER BY m.merged_into_id NULLS FIRST, r.id LIMIT 1
        ) r ON true
        WHERE a.consultation_id = :consultation AND a.merged_into_id IS NULL AND a.statements > 0
            AND a.checked AND (r.outcome IS NULL OR r.outcome = 'deferred' AND r.due_on < :today)
    ) AS owed
    """
"""The arguments of a consultation that wait for an answer, with who is to give it and by when."""
_TASKS = text(
    f"""
    SELECT person, {_COUNTED},
        (array_agg(id ORDER BY due NULLS LAST, letter IS NULL, voices DESC, id))[1] AS argument
    FROM {_OWING} WHERE person = ANY(:accounts) GROUP BY person
    """  # noqa: S608 - a statement put together from constants
)
_OWED_IN_ALL = text(f"SELECT {_COUNTED} FROM {_OWING}")  # noqa: S608 - a statement put together from constants


def list_tasks(session: Session, consultation_id: int, account_ids: Sequence[int], today: date) -> Sequence[Any]:
    """What waits in a consultation for the answers of these people, and the first of it. One statement."""
    if not account_ids:
        return []
    asked = {"consultation": consultation_id, "accounts": list(account_ids), "today": today}
    return session.execute(_TASKS, asked).all()


def count_owed(session: Session, consultation_id: int, today: date) -> Any:
    """What waits in a consultation for anybody's answer. One statement."""
    return session.execute(_OWED_IN_ALL, {"consultation": consultation_id, "today": today}).one()


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
    """By place how many arguments are answered, how many wait, and when the first answer is owed. One statement."""
    return session.execute(_REPLIES, {"consultation": consultation_id, "today": today}).all()


def count_answered(session: Session, submission_ids: Collection[int]) -> dict[int, int]:
    """How many of the arguments that the words of published submissions are in are answered now, by submission."""
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
            & (
                (Claim.text_hash == Submission.text_hash)
                | ((Claim.campaign_id == TextGroup.campaign_id) & ~TextGroup.contrary)
            ),
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
    """The arguments that the words of a submission are in, with their answers; the answered ones first. One statement.

    Its statements are those of its text, which others may have sent too; and those of the letter that it is a copy of.
    """
    answered = answer_queries.select_answered(submission.consultation_id)
    letter = select(TextGroup.campaign_id).where(
        TextGroup.consultation_id == submission.consultation_id,
        TextGroup.text_hash == submission.text_hash,
        ~TextGroup.contrary,
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
