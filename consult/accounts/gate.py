"""Requires two-step verification on pages of a role after the grace period, and reminds people before."""

from __future__ import annotations

from typing import cast

from flask import Flask

from consult.accounts import login
from consult.accounts.model import Account
from consult.accounts.second_factor import requirement
from consult.core.errors import Forbidden
from consult.core.i18n import _
from consult.core.web import requests
from consult.core.web.access import Allow
from consult.core.web.requests import Principal

FREE = frozenset({Allow.ANYONE, Allow.SIGNED_IN, Allow.DEMO})
"""Access rules without a role. Their pages stay open, including the page that sets up two-step verification."""


class SecondStepMissing(Forbidden):
    """The account's role requires two-step verification and its 14 days of grace are over."""


def require_second_step(rule: Allow, person: Principal) -> None:
    """Raise SecondStepMissing on a page of a role if two-step verification is overdue."""
    if rule in FREE:
        return
    if requirement.days_left(cast("Account", person), second=login.current_second_step()) == 0:
        raise SecondStepMissing(
            _("Your role needs two-step verification. Set it up first. The form you sent was not saved.")
        )


def count_days(person: Principal | None) -> int | None:
    """Return the days left to set up two-step verification, or None if no reminder is needed."""
    if person is None:
        return None
    return requirement.days_left(cast("Account", person), second=login.current_second_step()) or None


def init_app(app: Flask) -> None:
    app.extensions.setdefault(requests.GATES, []).append(require_second_step)
