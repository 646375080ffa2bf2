"""The pages of a role ask for a second step once somebody's days for it are over, and remind before."""

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
"""Pages of no role: they stay open, also the one on which the second step is set up."""


class SecondStepMissing(Forbidden):
    """Somebody's role needs a second step, and their 14 days for it are over."""


def require_second_step(rule: Allow, person: Principal) -> None:
    """Raises SecondStepMissing on the pages of a role."""
    if rule in FREE:
        return
    if requirement.days_left(cast("Account", person), second=login.current_second_step()) == 0:
        raise SecondStepMissing(
            _("Your role needs a second step at sign-in: set it up first. What you sent was not used.")
        )


def count_days(person: Principal | None) -> int | None:
    """For the reminder: the days that somebody signed in has left; None where nobody is to be reminded."""
    if person is None:
        return None
    return requirement.days_left(cast("Account", person), second=login.current_second_step()) or None


def init_app(app: Flask) -> None:
    app.extensions.setdefault(requests.GATES, []).append(require_second_step)
