"""No-identity mode: /n/<slug>. No account, no cookie, no script; the draft travels in the form or under a code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.limits import filing_limit, limiter
from consult.core.tokens import hide, unhide
from consult.core.web import Blueprint, csrf
from consult.submissions import codes, lists, pages, returning
from consult.submissions.drafts import Held, Owner
from consult.submissions.traceless_forms import traceless_form
from consult.submissions.writing import Writing

blueprint = Blueprint("traceless", __name__, traceless=True)


def sending() -> bool:
    return request.form.get("do") == "send"


@blueprint.route("/n/<slug>", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit(filing_limit, methods=["POST"], exempt_when=lambda: not sending())
def write(slug: str) -> ResponseReturnValue:
    frame = pages.frame(db.session(), slug, Owner())
    if not frame.consultation.no_identity:
        raise NotFound(_("This consultation is not answered this way."))
    form = traceless_form(frame, request.form, code=hide(codes.new()))
    step = _STEPS.get(request.form.get("do", ""))
    if step is None or (step is _keep and not frame.is_open):
        return page(frame, form)
    written = form.writing(frame) if form.validate() else None
    return page(frame, form, 422) if written is None or form.problems else step(frame, form, written)


csrf.exempt(write)


def page(frame: pages.Frame, form: Any, status: int = 200, note: str = "") -> ResponseReturnValue:
    """The form itself; after closing only what was returned can still be changed. `note` is the moderator's."""
    amends = returning.may_change(db.session(), unhide(form.code.data))
    return render_template("submissions/traceless.html", frame=frame, form=form, amends=amends, note=note), status


def _check(frame: pages.Frame, form: Any, writing: Writing, status: int = 200) -> ResponseReturnValue:
    shown = pages.Responding(pages.Frame(frame.consultation, frame.places, frame.questions, Held(writing)))
    return render_template("submissions/traceless_check.html", frame=frame, form=form, page=shown), status


def _keep(frame: pages.Frame, form: Any, writing: Writing) -> ResponseReturnValue:
    code = unhide(form.code.data)
    returning.keep(db.session(), consultation=frame.consultation, code=code, writing=writing)
    return render_template("submissions/traceless_kept.html", frame=frame, form=form, code=code)


def _send(frame: pages.Frame, form: Any, writing: Writing) -> ResponseReturnValue:
    code = unhide(form.code.data)
    try:
        sent = returning.send(db.session(), consultation=frame.consultation, code=code, writing=writing)
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _check(frame, form, writing, 409)
    promise = lists.fingerprint_of(db.session(), sent.id) or b""
    return render_template(
        "submissions/traceless_sent.html", frame=frame, row=sent, code=code, fingerprint=promise.hex()
    )  # fmt: skip


_STEPS: dict[str, Callable[[pages.Frame, Any, Writing], ResponseReturnValue]] = {
    "check": _check, "send": _send, "keep": _keep,
}  # fmt: skip
