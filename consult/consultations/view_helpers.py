"""Helpers of this package's views: blueprint, redirects and forms."""

from __future__ import annotations

from typing import cast

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.core.db import db
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.web.forms import Form
from consult.core.web.requests import Blueprint, principal

blueprint = Blueprint("consultations", __name__)
CONSULTATION_PATH = "/desk/consultations/<int(max=9223372036854775807):number>"


def current_account() -> Account:
    """Return the signed-in account. Only for routes that require one."""
    return cast("Account", principal())


def show_refusal(form: Form, refusal: Refusal) -> None:
    """Roll back and show the error in the form. Forbidden and NotFound are raised again."""
    if isinstance(refusal, (Forbidden, NotFound)):
        raise refusal
    db.session.rollback()
    form.refuse(refusal)


def render_form(template: str, form: Form, **more: object) -> ResponseReturnValue:
    """Render a form's page, with status 422 if the form has errors."""
    return render_template(template, form=form, **more), 422 if form.problems else 200


def redirect_to(view: str, number: int) -> ResponseReturnValue:
    return redirect(url_for(f"consultations.{view}", number=number), 303)
