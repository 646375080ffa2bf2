"""Responsible parties: a plan's list of them, and the matching body of each, chosen once for the whole plan."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies.model import PublicBody
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.ledger.model import Kind
from consult.plans import entries, rights
from consult.plans.model import ActionDoer, ActionPlan, Doer, PlanAction
from consult.plans.rights import PlanDeed

MAX_DOERS = 20


@dataclass(frozen=True)
class DoerLine:
    """A responsible party, its body if one was chosen, and the number of its actions."""

    doer: Doer
    body: PublicBody | None
    actions: int


def split_doers(words: str) -> list[str]:
    """Return the responsible parties in a cell, separated by semicolons.

    >>> split_doers("MS; COM; Europol; COM")
    ['MS', 'COM', 'Europol']
    """
    return list(dict.fromkeys(name for part in re.split(r"[;؛]", words) if (name := part.strip(" ,."))))[:MAX_DOERS]


def set_doers(session: Session, action: PlanAction) -> None:
    """Set the responsible parties of an action of a plan from their words. The first with a body is its owner.

    A party with the exact name or code of a body is that body, unless a person has chosen another.
    """
    if action.plan_id is None:
        return
    wanted = split_doers(action.owner_name)
    named = {
        name: body_id
        for body_id, *names in session.execute(select(PublicBody.id, PublicBody.name, PublicBody.code))
        for name in names
        if name in wanted
    }
    for words in wanted:
        row = insert(Doer).values(plan_id=action.plan_id, words=words, body_id=named.get(words))
        session.execute(row.on_conflict_do_nothing())
    known = {
        row.words: row
        for row in session.scalars(select(Doer).where(Doer.plan_id == action.plan_id, Doer.words.in_(wanted)))
    }
    session.execute(delete(ActionDoer).where(ActionDoer.action_id == action.id))
    session.add_all(
        ActionDoer(action_id=action.id, doer_id=known[words].id, position=n) for n, words in enumerate(wanted)
    )
    bodies = [known[words].body_id for words in wanted if known[words].body_id is not None]
    action.owner_id = bodies[0] if bodies else None
    session.flush()


def link(session: Session, plan: ActionPlan, *, by: Account, chosen: Mapping[int, int | None]) -> int:
    """Set the body of responsible parties by their ids, and return how many changed. Raises Forbidden, NotFound."""
    rights.check_may(session, by, plan, PlanDeed.EDIT)
    rows = {row.id: row for row in session.scalars(select(Doer).where(Doer.plan_id == plan.id).with_for_update())}
    bodies = set(session.scalars(select(PublicBody.id).where(PublicBody.id.in_(set(chosen.values()) - {None}))))
    changed = []
    for number, body_id in chosen.items():
        if number not in rows or (body_id is not None and body_id not in bodies):
            raise NotFound(_("We cannot find this body."))
        if rows[number].body_id != body_id:
            rows[number].body_id = body_id
            changed.append(number)
    session.flush()
    actions = session.scalars(
        select(PlanAction).where(PlanAction.id.in_(select(ActionDoer.action_id).where(ActionDoer.doer_id.in_(changed))))
    )
    for action in actions.all():
        action.owner_id = next(iter(list_body_ids(session, [action.id]).get(action.id, ())), None)
        if plan.published_at is not None:
            entries.record(session, Kind.ACTION_CHANGED, action, by=by, detail={"changed": ["owner_id"]})
    session.flush()
    return len(changed)


def list_doers(session: Session, plan: ActionPlan) -> Sequence[DoerLine]:
    """Return the responsible parties of a plan that have actions, those with most actions first."""
    count = func.count(ActionDoer.action_id)
    rows = session.execute(
        select(Doer, PublicBody, count)
        .join(ActionDoer, ActionDoer.doer_id == Doer.id)
        .outerjoin(PublicBody, PublicBody.id == Doer.body_id)
        .where(Doer.plan_id == plan.id)
        .group_by(Doer.id, PublicBody.id)
        .order_by(count.desc(), Doer.words)
    )
    return [DoerLine(*row) for row in rows]


def list_body_ids(session: Session, action_ids: Collection[int]) -> dict[int, list[int]]:
    """Return the bodies that are responsible for actions, by action id, in the order of the plan. One statement."""
    bodies: dict[int, list[int]] = {}
    rows = session.execute(
        select(ActionDoer.action_id, Doer.body_id)
        .join(Doer, Doer.id == ActionDoer.doer_id)
        .where(ActionDoer.action_id.in_(action_ids), Doer.body_id.is_not(None))
        .order_by(ActionDoer.action_id, ActionDoer.position)
    )
    for action_id, body_id in rows:
        if body_id is not None:
            bodies.setdefault(action_id, []).append(body_id)
    return bodies
