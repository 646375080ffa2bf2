"""Consequences of accepted answers: an action with a due date, or only the change in the draft."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import one_line
from consult.plans import service as plans
from consult.plans import standings
from consult.plans.model import MAX_OWNER_LENGTH, MAX_TITLE_LENGTH, ActionReport, PlanAction
from consult.plans.reports import service as reports
from consult.plans.service import ActionTerms
from consult.plans.standings import ActionStatus
from consult.responses.model import AnswerOutcome, Response, ResponseAction

LEADS_SOMEWHERE = frozenset({AnswerOutcome.ACCEPTED, AnswerOutcome.IN_PART})
"""Outcomes that require a consequence."""


@dataclass(frozen=True)
class ProposedAction:
    """A proposed action as typed: content, responsible party and due date."""

    title: str
    owner_name: str
    due_on: date | None


def clean_action(
    row: Consultation, given: ProposedAction | None, *, suffices: bool, changed: bool
) -> ProposedAction | None:
    """Return the action of an accepted answer, or None if the change in the draft is all.

    Raises Refusal with its field.
    """
    title = one_line(given.title) if given else ""
    if given is None or not (title or given.due_on):
        if not suffices:
            raise Refusal(
                _(
                    "Enter what will be done, by whom and by when. Or choose “No action beyond the change in the "
                    "draft”."
                ),
                field="action_title",
            )
        if not changed:
            raise Refusal(_("Choose the change in the draft."), field="change")
        return None
    if suffices:
        raise Refusal(
            _("You entered an action and chose “No action beyond the change in the draft”. Remove one of them."),
            field="text_suffices",
        )
    return _clean_promise(row, given, title)


def _clean_promise(row: Consultation, given: ProposedAction, title: str) -> ProposedAction:
    owner = one_line(given.owner_name) or row.body
    if not title:
        raise Refusal(_("Say what will be done."), field="action_title")
    if len(title) > MAX_TITLE_LENGTH:
        raise Refusal(_("Use at most %(most)s characters.", most=MAX_TITLE_LENGTH), field="action_title")
    if len(owner) > MAX_OWNER_LENGTH:
        raise Refusal(_("Use at most %(most)s characters.", most=MAX_OWNER_LENGTH), field="action_owner")
    if given.due_on is None:
        raise Refusal(_("Enter the due date."), field="action_due")
    return ProposedAction(title, owner, given.due_on)


def check_day(session: Session, given: ProposedAction | None, stands: Response | None, today: date) -> None:
    """Raise a Refusal if the due date is past, unless it is that of the action already promised."""
    if given is None or given.due_on is None or given.due_on >= today:
        return
    promised = find_action(session, stands.id) if stands else None
    if promised is None or promised.due_on != given.due_on:
        raise Refusal(_("Choose a day in the future."), field="action_due")


def link_action(
    session: Session,
    row: Consultation,
    response: Response,
    *,
    by: Account,
    given: ProposedAction | None,
    shared_id: int | None,
    at: datetime,
) -> int | None:
    """Create or change the action of an answer and return its id.

    An action that the answer no longer has is dropped publicly.

    `shared_id` is the action just created for the same answer to another argument.
    """
    link = session.get(ResponseAction, response.id)
    if given is None or given.due_on is None:
        if link is not None:
            _drop(session, link, by, at)
        return None
    terms = ActionTerms(given.title, given.owner_name, given.due_on)
    if link is not None and link.action_id != shared_id:
        action = session.get_one(PlanAction, link.action_id)
        if _is_same(action, given):
            return action.id
        if shared_id is None and not _is_shared(session, link):
            plans.change_promise(session, action, by=by, terms=terms, at=at)
            return action.id
        _drop(session, link, by, at)
    elif link is not None:
        return link.action_id
    action_id = shared_id or _promise(session, row, response, by, terms, at)
    session.add(ResponseAction(response_id=response.id, action_id=action_id))
    session.flush()
    return action_id


def _promise(
    session: Session, row: Consultation, response: Response, by: Account, terms: ActionTerms, at: datetime
) -> int:
    return plans.promise_action(
        session, by=by, terms=terms, consultation_id=row.id, body_id=response.body_id, language=row.language, at=at
    ).id


def _is_same(action: PlanAction, given: ProposedAction) -> bool:
    return (action.title, action.owner_name, action.due_on) == (given.title, given.owner_name, given.due_on)


def _is_shared(session: Session, link: ResponseAction) -> bool:
    others = select(ResponseAction.response_id).where(
        ResponseAction.action_id == link.action_id, ResponseAction.response_id != link.response_id
    )
    return session.scalar(others.limit(1)) is not None


def _drop(session: Session, link: ResponseAction, by: Account, at: datetime) -> None:
    shared, action = _is_shared(session, link), session.get_one(PlanAction, link.action_id)
    session.delete(link)
    session.flush()
    if not shared and action.done_at is None:
        reports.drop_for_answer(session, action, by=by, at=at)


def find_action(session: Session, response_id: int) -> PlanAction | None:
    """Return the action promised in an answer, or None."""
    wanted = select(PlanAction).join(ResponseAction, ResponseAction.action_id == PlanAction.id)
    return session.scalar(wanted.where(ResponseAction.response_id == response_id))


def load_by_answer(session: Session, response_ids: Collection[int]) -> Mapping[int, ActionStatus]:
    """Return the actions of answers by answer id. One statement."""
    if not response_ids:
        return {}
    of = ResponseAction.response_id.in_(list(response_ids))
    last = standings.select_last(ActionReport.action_id.in_(select(ResponseAction.action_id).where(of))).subquery()
    rows = session.execute(
        select(ResponseAction.response_id, PlanAction, last.c.side, last.c.progress, last.c.at)
        .join(PlanAction, PlanAction.id == ResponseAction.action_id)
        .outerjoin(last, last.c.action_id == PlanAction.id)
        .where(of)
    ).all()
    by_answer: dict[int, list[Any]] = {}
    for row in rows:
        by_answer.setdefault(row.response_id, []).append(row)
    return {number: _build_status(its) for number, its in by_answer.items()}


def _build_status(rows: Sequence[Any]) -> ActionStatus:
    action = rows[0].PlanAction
    said = [(action.id, row.side, row.progress, 1, row.at) for row in rows if row.side]
    return standings.build_status(action, standings.collect_standings(said).get(action.id))
