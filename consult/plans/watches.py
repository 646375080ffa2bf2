"""Watchers of actions, and their e-mails when an action is done, dropped or overdue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.mail import service as mail
from consult.mail.render import letter_language
from consult.mail.service import LetterCopy
from consult.plans.model import ActionWatch, PlanAction


class WatchedTurn(StrEnum):
    DONE = "done"
    DROPPED = "dropped"
    OVERDUE = "overdue"


def begin(session: Session, action: PlanAction, *, by: Account, at: datetime | None = None) -> None:
    """Subscribe the account to e-mails about an action. Safe to repeat."""
    row = insert(ActionWatch).values(action_id=action.id, account_id=by.id, since=at or now())
    session.execute(row.on_conflict_do_nothing())


def end(session: Session, action: PlanAction, *, by: Account) -> None:
    """Unsubscribe the account from an action. Safe to repeat."""
    is_own = ActionWatch.action_id == action.id, ActionWatch.account_id == by.id
    session.execute(delete(ActionWatch).where(*is_own))


def list_action_ids(session: Session, account_id: int) -> list[int]:
    """Return the ids of the actions that an account watches."""
    wanted = select(ActionWatch.action_id).where(ActionWatch.account_id == account_id)
    return list(session.scalars(wanted.order_by(ActionWatch.action_id)))


def end_all(session: Session, account_id: int) -> None:
    """Delete all subscriptions of a deleted account."""
    session.execute(delete(ActionWatch).where(ActionWatch.account_id == account_id))


def post_turn(session: Session, action: PlanAction, turn: WatchedTurn, day: date) -> None:
    """E-mail each watcher, once for each event and date of the action."""
    people = session.scalars(
        select(Account)
        .join(ActionWatch, ActionWatch.account_id == Account.id)
        .where(ActionWatch.action_id == action.id, Account.verified_at.is_not(None))
        .order_by(Account.id)
    ).all()
    post_to_people(
        session,
        people,
        key=f"action:{action.id}:{turn}:{day.isoformat()}",
        template="plans/mail/watched",
        number=action.id,
        title=action.title,
        owner=action.owner_name,
        due=action.due_on or day,
        turn=str(turn),
        content_language=action.language,
    )


def post_to_people(session: Session, people: Sequence[Account], *, key: str, template: str, **context: Any) -> None:
    """Send the same e-mail to each person in their language, once for each key."""
    copies: dict[str, list[LetterCopy]] = {}
    for person in people:
        copy = LetterCopy(f"{key}:{person.id}", unseal(person.email_sealed))
        copies.setdefault(letter_language(person.language), []).append(copy)
    for language, those in sorted(copies.items()):
        mail.post_all(session, shared_key=key, template=template, language=language, copies=those, **context)
