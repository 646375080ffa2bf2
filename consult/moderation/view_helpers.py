"""Shared by moderators' views: blueprint, current moderator, requested filter."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TypedDict, cast

from flask import request, url_for

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.db import db
from consult.core.web.requests import Blueprint, principal
from consult.moderation.queue.filters import QueueFilter
from consult.moderation.team import service as team
from consult.moderation.team.working_calendar import WorkingCalendar

blueprint = Blueprint("moderation", __name__)


class PromisedTime(TypedDict):
    """What came in before one of these moments has waited for the promised time, or for half of it."""

    overdue: datetime
    half: datetime


def promised_time(calendar: WorkingCalendar) -> PromisedTime:
    moment = now()
    return {"overdue": calendar.overdue_before(moment), "half": calendar.half_before(moment)}


def current_moderator() -> Account:
    """The row of the moderator who is signed in."""
    return cast("Account", principal())


def requested_filter() -> QueueFilter:
    """Which queue, and what of it, the address asks for."""
    return QueueFilter.of(request.args.to_dict())


def calendar_and_filter() -> tuple[WorkingCalendar, QueueFilter]:
    """The working calendar, and the filter in the address with the moderator's assignments."""
    calendar, seats = team.get_calendar_and_seats(db.session(), current_moderator())
    return calendar, replace(requested_filter(), seats=seats)


def review_url(submission_id: int | None) -> str:
    """The page of a submission, or the queue where there is none."""
    if submission_id is None:
        return url_for("moderation.queue", **requested_filter().address)
    return url_for("moderation.item", submission_id=submission_id, **requested_filter().address)
