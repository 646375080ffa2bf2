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
    """Times of receipt before which a submission has waited for the whole promised time, or half of it."""

    overdue: datetime
    half: datetime


def promised_time(calendar: WorkingCalendar) -> PromisedTime:
    moment = now()
    return {"overdue": calendar.overdue_before(moment), "half": calendar.half_before(moment)}


def current_moderator() -> Account:
    """Return the moderator who is signed in."""
    return cast("Account", principal())


def requested_filter() -> QueueFilter:
    """Return the queue filter in the URL."""
    return QueueFilter.of(request.args.to_dict())


def calendar_and_filter() -> tuple[WorkingCalendar, QueueFilter]:
    """Return the working calendar, and the filter in the URL with the moderator's assignments."""
    calendar, seats = team.get_calendar_and_seats(db.session(), current_moderator())
    return calendar, replace(requested_filter(), seats=seats)


def review_url(submission_id: int | None) -> str:
    """Return the URL of a submission's review page, or of the queue."""
    if submission_id is None:
        return url_for("moderation.queue", **requested_filter().address)
    return url_for("moderation.item", submission_id=submission_id, **requested_filter().address)
