"""Queries on actions promised in answers, with their balance, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_id_cursor, make_page
from consult.plans.model import ActionReport, PlanAction
from consult.plans.queries import SHOWN, is_shown
from consult.plans.standings import ActionStatus, build_status, load_standings
from consult.plans.state import PlanBalance, count_states

PAGE = 50


@dataclass(frozen=True)
class PromisedAction:
    """A promised action with its state and the consultation of the answer."""

    status: ActionStatus
    consultation: Consultation


@dataclass(frozen=True)
class PromisePage:
    """A page of promised actions, newest first. `balance` always covers all of them."""

    balance: PlanBalance
    items: Page[PromisedAction]
    show: str = ""


_READ = (
    *(PlanAction.id, PlanAction.due_on, PlanAction.timetable, PlanAction.kept_on, PlanAction.done_at),
    *(PlanAction.begins_on, PlanAction.created_at),
)
_PROMISED = PlanAction.plan_id.is_(None)


def get_promises(session: Session, *, show: str = "", after: str | None = None, most: int = PAGE) -> PromisePage:
    """Return a page of promised actions. Three statements. Raises NotFound for an unknown list."""
    if show and show not in SHOWN:
        raise NotFound(_("We cannot find this list."))
    last, today = decode_id_cursor(after), now().date()
    rows: Sequence[Any] = session.execute(select(*_READ).where(_PROMISED).order_by(PlanAction.id.desc())).all()
    if not rows:
        return PromisePage(count_states(()), Page([]), show)
    standings = load_standings(session, ActionReport.action_id.in_(select(PlanAction.id).where(_PROMISED)))
    statuses = [build_status(row, standings.get(row.id), today) for row in rows]
    wanted = [item for item in statuses if is_shown(item, show) and (last is None or item.action.id < last)][: most + 1]
    sources = {
        action.id: (action, consultation)
        for action, consultation in session.execute(
            select(PlanAction, Consultation)
            .join(Consultation, Consultation.id == PlanAction.consultation_id)
            .where(PlanAction.id.in_([item.action.id for item in wanted]))
        )
    }
    items = [
        PromisedAction(build_status(action, standings.get(action.id), today), consultation)
        for action, consultation in (sources[item.action.id] for item in wanted if item.action.id in sources)
    ]
    balance = count_states((item.state, item.standing) for item in statuses)
    return PromisePage(balance, make_page(items, most, lambda item: [item.status.action.id]), show)
