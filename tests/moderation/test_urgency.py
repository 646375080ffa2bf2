"""Submissions on an early warning are decided first, with a due time of their own."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.web.access import Role
from consult.digests.delivery import service as delivery
from consult.moderation import urgency
from consult.moderation.model import QueueEntry
from consult.moderation.queue import queries
from consult.moderation.queue.filters import QueueFilter
from tests import factories
from tests.moderation.cases import filed


def turns(session: Session) -> list[int]:
    session.expire_all()
    return list(session.scalars(select(QueueEntry.submission_id).order_by(QueueEntry.turn, QueueEntry.submission_id)))


def test_what_arrives_in_an_early_warning_goes_before_what_is_older(session: Session) -> None:
    calm, urgent = factories.consultation(session), factories.consultation(session)
    old = filed(session, consultation=calm, body="An old one, about the first paragraph.")
    waits = filed(session, consultation=urgent, body="One that waited before the switch was on.")
    assert turns(session) == [old.id, waits.id]
    delivery.set_early_warning(session, consultation=urgent, by=session.get_one(Account, urgent.owner_id), wished=True)
    new = filed(session, consultation=urgent, body="A new one, of what is seen today.")
    assert turns(session) == [waits.id, new.id, old.id]
    delivery.set_early_warning(session, consultation=urgent, by=session.get_one(Account, urgent.owner_id), wished=False)
    assert turns(session) == [old.id, waits.id, new.id]


def test_its_line_in_the_queue_says_so_and_is_late_after_a_day(session: Session) -> None:
    urgent = factories.consultation(session)
    delivery.set_early_warning(session, consultation=urgent, by=session.get_one(Account, urgent.owner_id), wished=True)
    row = filed(session, consultation=urgent, body="Seen today.")
    moderator = factories.account(session, Role.MODERATOR)
    [line] = queries.get_queue_page(session, moderator, QueueFilter()).items.items
    assert (line.id, line.early, line.due_at - line.received_at) == (row.id, True, timedelta(hours=24))
    assert line.due_at > now()
    assert urgency.find_urgent(session, {urgent.id, 0}) == {urgent.id}
