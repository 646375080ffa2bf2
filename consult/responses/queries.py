"""Lists of arguments by their answers: what waits, what is overdue, what was answered; most submitters first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.arguments.model import Argument, Claim
from consult.consultations.model import Consultation, Phase
from consult.core.access import Role
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode, page
from consult.documents.model import Provision, Version
from consult.responses import reading
from consult.responses.model import Obligation, Outcome, Response, ResponseDraft
from consult.responses.reading import Changed, Standing
from consult.submissions.model import State, Submission

PAGE = 25
_PEOPLE = 200
_OWED = 12


class Show(StrEnum):
    """What a list is of, besides one for each outcome."""

    WAITING = "waiting"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    MINE = "mine"
    BEGUN = "begun"


@dataclass(frozen=True)
class Item:
    """An argument with its answer, if it has one; `due` is when it is owed, None where nothing is or no day is set."""

    argument: Argument
    response: Response | None
    changed: Changed | None
    owner: str | None
    due: date | None
    begun: bool  # by the reader, and not published

    @property
    def late(self) -> bool:
        return self.due is not None and self.due < now().date()


@dataclass(frozen=True)
class Lately:
    """An answer as the home page tells it."""

    response: Response
    argument: Argument
    consultation: Consultation


def listed(
    session: Session, row: Consultation, show: str, *, after: str | None = None, by: Account | None = None
) -> Page[Item]:  # fmt: skip
    """One page of the arguments that a list is of. One statement. Raises NotFound for a list that there is not."""
    answered, reader = reading.answered(row.id), by.id if by else 0
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
            Argument.consultation_id == row.id, Argument.merged_into_id.is_(None),
            or_(Argument.statements > 0, Response.id.is_not(None)), _wanted(row, show, by),
        )
        .order_by(Argument.voices.desc(), Argument.id)
        .limit(PAGE + 1)
    )  # fmt: skip
    if (edge := decode(after, 2)) is not None:
        voices, number = _edge(edge)
        query = query.where((Argument.voices < voices) | ((Argument.voices == voices) & (Argument.id > number)))
    rows = session.execute(query).all()
    found = page(rows, PAGE, lambda one: [one[0].voices, one[0].id])
    return Page([_item(session, row, *one) for one in found.items], found.next_cursor)


def _edge(key: list[Any]) -> tuple[int, int]:
    if not all(isinstance(one, int) and 0 <= one < 2**63 for one in key):
        raise NotFound(_("This page of the list does not exist. Start from its first page."))
    return min(key[0], 2**31 - 1), key[1]


def _wanted(row: Consultation, show: str, by: Account | None) -> ColumnElement[bool]:
    today = now().date()
    past = reading.lapsed(today)
    waits = or_(Response.id.is_(None), past)
    if show == Show.WAITING:
        return waits
    if show == Show.OVERDUE:
        return waits if row.answer_by is not None and row.answer_by < today else past
    if show == Show.ANSWERED:
        return ~waits
    if show == Show.MINE and by is not None:
        return Obligation.owner_id == by.id
    if show == Show.BEGUN and by is not None:
        return ResponseDraft.saved_at.is_not(None)
    if show in set(Outcome):
        return (Response.outcome == Outcome(show)) & ~past
    raise NotFound(_("There is no such list."))


def _item(
    session: Session, row: Consultation, argument: Argument, response: Response | None, version: int | None,
    of: int | None, owner: str | None, begun: datetime | None,
) -> Item:  # fmt: skip
    changed = reading.changed(session, version, of, response.provision_id) if response else None
    return Item(argument, response, changed, owner, due(row, response), begun is not None)


def due(row: Consultation, response: Response | None) -> date | None:
    """When an answer is owed: by the promise; of what is deferred until its day; else never again."""
    return row.answer_by if response is None else response.due_on


def policymakers(session: Session, argument_id: int) -> Sequence[tuple[Account, bool]]:
    """Whom the answer to an argument can be asked of, and whether it is. One statement."""
    rows = session.execute(
        select(Account, Obligation.owner_id.is_not(None))
        .outerjoin(Obligation, (Obligation.owner_id == Account.id) & (Obligation.argument_id == argument_id))
        .where(Account.role.in_((Role.POLICYMAKER, Role.ADMIN)), Account.verified_at.is_not(None))
        .order_by(Account.display_name, Account.id)
        .limit(_PEOPLE)
    )
    return [(account, bool(asked)) for account, asked in rows]


def lately(session: Session, few: int) -> Sequence[Lately]:
    """The last answers of all consultations that stand, the newest first. One statement."""
    return [Lately(*row) for row in session.execute(_lately(few), {"today": now().date()})]


@lru_cache(maxsize=2)
def _lately(few: int) -> Any:
    return (
        select(Response, Argument, Consultation)
        .join(Argument, Argument.id == Response.argument_id)
        .join(Consultation, Consultation.id == Response.consultation_id)
        .where(Consultation.phase != Phase.DRAFT, ~reading.lapsed(bindparam("today", type_=Date)))
        .order_by(Response.answered_at.desc(), Response.id.desc())
        .limit(few)
    )


def owed_by(session: Session, account: Account) -> Sequence[tuple[Consultation, Standing]]:
    """The consultations that somebody owns or was asked to answer in, and that wait for answers. Two statements."""
    asked = (
        select(Argument.consultation_id)
        .join(Obligation, Obligation.argument_id == Argument.id)
        .where(Obligation.owner_id == account.id)
    )
    rows = session.scalars(
        select(Consultation)
        .where(
            Consultation.phase != Phase.DRAFT, or_(Consultation.owner_id == account.id, Consultation.id.in_(asked)),
            reading.owing(),
        )
        .order_by(Consultation.answer_by.nulls_last(), Consultation.id)
        .limit(_OWED)
    ).all()  # fmt: skip
    found = reading.standings(session, {row.id: row.answer_by for row in rows})
    return [(row, found[row.id]) for row in rows if found[row.id].waiting]


def received(session: Session, submission_ids: Collection[int]) -> dict[int, int]:
    """How many of the arguments that the words of published submissions are in are answered now, by submission."""
    part = aliased(Argument)
    rows = session.execute(
        select(Submission.id, func.count(Claim.argument_id.distinct()))
        .join(Claim, (Claim.consultation_id == Submission.consultation_id) & (Claim.text_hash == Submission.text_hash))
        .join(part, or_(part.id == Claim.argument_id, part.merged_into_id == Claim.argument_id))
        .join(Response, Response.argument_id == part.id)
        .where(Submission.id.in_(submission_ids), Submission.state == State.PUBLISHED, ~reading.lapsed(now().date()))
        .group_by(Submission.id)
    )
    return {row[0]: row[1] for row in rows}


def of_submission(session: Session, submission: Submission) -> Sequence[tuple[Argument, Response | None]]:
    """The arguments that the words of a submission are in, with their answers; the answered ones first. One statement.

    Its statements are those of its text, which others may have sent too.
    """
    answered = reading.answered(submission.consultation_id)
    within = select(Claim.argument_id).where(
        Claim.consultation_id == submission.consultation_id, Claim.text_hash == submission.text_hash,
        Claim.argument_id.is_not(None),
    )  # fmt: skip
    rows = session.execute(
        select(Argument, Response)
        .outerjoin(answered, answered.c.argument_id == Argument.id)
        .outerjoin(Response, Response.id == answered.c.response_id)
        .where(Argument.id.in_(within))
        .order_by(Response.answered_at.desc().nulls_last(), Argument.id)
    )
    return [(argument, response) for argument, response in rows]
