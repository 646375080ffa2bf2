"""What the pages of moderators share: the blueprint, who is signed in, and what the address asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from flask import request, url_for

from consult.accounts.model import Account
from consult.core.db import db
from consult.core.web import Blueprint, principal
from consult.moderation import teams
from consult.moderation.wish import Wish
from consult.moderation.workdays import Calendar

blueprint = Blueprint("moderation", __name__)


def me() -> Account:
    """The row of the moderator who is signed in."""
    return cast("Account", principal())


def wish() -> Wish:
    """Which queue, and what of it, the address asks for."""
    return Wish.of(request.args.to_dict())


def desk() -> tuple[Calendar, Wish]:
    """The working calendar; and what the address asks for of what whoever is signed in looks after."""
    calendar, seats = teams.mine(db.session(), me())
    return calendar, replace(wish(), seats=seats)


def place(submission_id: int | None) -> str:
    """The page of a submission, or the queue where there is none."""
    if submission_id is None:
        return url_for("moderation.queue", **wish().address)
    return url_for("moderation.item", submission_id=submission_id, **wish().address)
