"""No-identity mode: /n/<slug>. No account, no cookie, no script; the draft travels in the form or under a code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.limits import filing_limit, limiter
from consult.core.tokens import hide, unhide
from consult.core.web import Blueprint, csrf
from consult.files import queries as files
from consult.files import service as storing
from consult.files.model import StoredFile
from consult.submissions import codes, evidence, lists, pages, returning
from consult.submissions.catching_up import caught_up
from consult.submissions.drafts import Held, Owner
from consult.submissions.evidence_views import ROOM
from consult.submissions.items import Item
from consult.submissions.traceless_forms import TracelessFile, places_named, traceless_form
from consult.submissions.writing import Writing

blueprint = Blueprint("traceless", __name__, traceless=True)


def sending() -> bool:
    return request.form.get("do") == "send"


@blueprint.url_value_preprocessor
def make_room(_endpoint: str | None, _values: Any) -> None:
    request.max_content_length = ROOM


@blueprint.route("/n/<slug>", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit(filing_limit, methods=["POST"], exempt_when=lambda: not sending())
@limiter.limit("120 per hour", methods=["POST"], exempt_when=lambda: not adding())
def write(slug: str) -> ResponseReturnValue:
    frame = pages.frame(db.session(), slug, Owner())
    if not frame.consultation.no_identity:
        raise NotFound(_("This consultation is not answered this way."))
    form, do = the_form(frame, code=hide(codes.new())), request.form.get("do", "")
    if do.startswith("drop:"):
        _drop(form, do.removeprefix("drop:"))
    if adding():
        file = _added(form)
        if file.problems or form.csrf_token.errors:
            return page(frame, form, 422, file=file)
    if do == "forget":
        return _forgotten(page(frame, form, cookie=False))
    step = _STEPS.get(do)
    if step is None or (step is _keep and not frame.is_open):
        return page(frame, form)
    written = form.writing(frame) if form.validate() else None
    if written is None or form.problems:
        return page(frame, form, 422)
    return step(frame, form, caught_up(db.session(), frame.consultation.id, written))


def the_form(frame: pages.Frame, *, code: str, writing: Writing | None = None) -> Any:
    """As it was sent; or filled in with what was written, each comment on its place in the present version."""
    session, row, given = db.session(), frame.consultation, request.form if writing is None else {}
    kept = caught_up(session, row.id, writing) if writing else None
    former = lists.former(session, row, places_named(frame, given, kept))
    return traceless_form(frame, given, writing=kept, code=code, former=former)


def adding() -> bool:
    """Whether a file comes with the form: by its own button, or chosen before another was pressed."""
    return request.form.get("do") == "file" or bool(request.files.get("file"))


def _drop(form: Any, key: str) -> None:
    """Takes out the file with this key, and destroys it where it was not sent before."""
    for item in form.evidence:
        if item.key == key:
            evidence.let_go(db.session(), item)
    form.keep([item for item in form.evidence if item.key != key])


def _added(form: Any) -> TracelessFile:
    """Puts the file that came into the form, which must be ours; else says at its fields what is wrong."""
    file = TracelessFile()
    if not (form.csrf_token.validate(form) and file.validate()):
        return file
    try:
        evidence.one_more(form.evidence, Item())
        data, name = file.file.data.stream.read(), file.file.data.filename or ""
        row = storing.receive(db.session(), data=data, name=name, nameless=True)
        form.keep(evidence.one_more(form.evidence, file.item(row, form.language.data)))
    except Refusal as refusal:
        file.refuse(refusal)
    return file


def _forgotten(answer: ResponseReturnValue) -> ResponseReturnValue:
    """The answer, and nothing left in this browser. A forged request does no harm, so none is refused."""
    made, kept = make_response(answer), current_app.config
    made.delete_cookie(
        kept["SESSION_COOKIE_NAME"], secure=kept["SESSION_COOKIE_SECURE"], httponly=True,
        samesite=kept["SESSION_COOKIE_SAMESITE"],
    )  # fmt: skip
    return made


csrf.exempt(write)


def page(
    frame: pages.Frame, form: Any, status: int = 200, note: str = "", file: TracelessFile | None = None,
    cookie: bool | None = None,
) -> ResponseReturnValue:  # fmt: skip
    """The form itself; after closing only what was returned can still be changed. `note` is the moderator's.

    Where the browser has a `cookie` of pages that it was on before, that is said, and it can be deleted.
    """
    held = current_app.config["SESSION_COOKIE_NAME"] in request.cookies if cookie is None else cookie
    amends = returning.may_change(db.session(), unhide(form.code.data))
    return render_template(
        "submissions/traceless.html", frame=frame, form=form, amends=amends, note=note,
        file=file or TracelessFile(formdata=None), known=_known(form.evidence), cookie=held,
        hours=evidence.UNCLAIMED // timedelta(hours=1),
    ), status  # fmt: skip


def _known(items: Sequence[Item]) -> Mapping[int, StoredFile]:
    return files.by_ids(db.session(), [item.file_id for item in items if item.file_id is not None])


def _check(frame: pages.Frame, form: Any, writing: Writing, status: int = 200) -> ResponseReturnValue:
    held = pages.Frame(frame.consultation, frame.places, frame.questions, Held(writing))
    former = lists.former(db.session(), frame.consultation, places_named(frame, {}, writing))
    shown = pages.Responding(held, files=_known(writing.evidence), former=former)
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
    fingerprint, recorded_at = lists.recorded(db.session(), sent)
    return render_template(
        "submissions/traceless_sent.html", frame=frame, row=sent, code=code, fingerprint=fingerprint,
        recorded_at=recorded_at,
    )  # fmt: skip


_STEPS: dict[str, Callable[[pages.Frame, Any, Writing], ResponseReturnValue]] = {
    "check": _check, "send": _send, "keep": _keep,
}  # fmt: skip
