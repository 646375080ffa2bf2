"""Helpers of this package's views: blueprint, redirects and forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.consultations.followers.feeds import FeedItem
from consult.core.clock import now
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


def render_feed(title: str, url: str, items: Sequence[FeedItem], links: Mapping[str, str] | None = None) -> Response:
    """Return an Atom feed with an ETag, and with links by relation. Sources: RFC 4287, RFC 5005."""
    updated = max((item.at for item in items), default=floor_to_hour())
    page = render_template(
        "consultations/feed.xml", title=title, url=url, items=items, updated=updated, links=links or {}
    )
    return tag_file(Response(page, mimetype="application/atom+xml"))


def floor_to_hour() -> datetime:
    """Return the start of the current hour, used as time stamp of files so that they are the same within an hour."""
    return now().replace(minute=0, second=0, microsecond=0)


def tag_file(answer: Response) -> Response:
    """Add an ETag to a public file that programs fetch regularly, and return 304 if the program has it."""
    answer.add_etag()
    answer.cache_control.public, answer.cache_control.max_age = True, 300
    answer.vary.add("Accept-Language")
    return cast("Response", answer.make_conditional(request))
