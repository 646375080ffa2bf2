"""Pages of the anonymous form: /n/<slug>. No account, cookie or script; the draft is in the form or under a code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.settings import MAX_UPLOAD_BYTES
from consult.core.slots import collect
from consult.core.web.access import Allow
from consult.core.web.forms import LongTextField
from consult.core.web.limits import filing_limit, limiter
from consult.core.web.requests import Blueprint, csrf, settings
from consult.core.web.tokens import seal_field, unseal_field
from consult.files import claims
from consult.files import queries as files_queries
from consult.files import service as files
from consult.files.model import StoredFile
from consult.submissions import return_codes
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content.draft import DraftContent
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.drafts.personal_data_hints import cover
from consult.submissions.drafts.rebase import rebase_comments
from consult.submissions.drafts.service import DraftOwner, SavedDraft
from consult.submissions.drafts.taking_out import take_out
from consult.submissions.evidence import service as evidence
from consult.submissions.pages import queries as pages_queries
from consult.submissions.pages.slots import CheckHints
from consult.submissions.private import delay
from consult.submissions.private import service as private
from consult.submissions.private.forms import TracelessFileForm, build_traceless_form, list_unknown_places

blueprint = Blueprint("traceless", __name__, traceless=True)


def is_sending() -> bool:
    return request.form.get("do") == "send"


@blueprint.url_value_preprocessor
def allow_large_request(_endpoint: str | None, _values: Any) -> None:
    request.max_content_length = MAX_UPLOAD_BYTES


@blueprint.route("/n/<slug>", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit(filing_limit, methods=["POST"], exempt_when=lambda: not is_sending())
@limiter.limit("120 per hour", methods=["POST"], exempt_when=lambda: not is_adding_file())
def write(slug: str) -> ResponseReturnValue:
    frame = pages_queries.frame(db.session(), slug, DraftOwner())
    if not frame.consultation.no_identity:
        raise NotFound(_("This consultation does not use the anonymous form."))
    form, do = build_form(frame, code=seal_field(return_codes.new_code())), request.form.get("do", "")
    frame = _changing(frame, form)
    if do.startswith("drop:"):
        _drop(form, do.removeprefix("drop:"))
    if is_adding_file():
        file = _added(form)
        if file.problems or form.csrf_token.errors:
            return render_form(frame, form, file.problem_status, file=file)
    if do == "forget":
        return _forgotten(render_form(frame, form, cookie=False))
    step = _STEPS.get(do)
    if step is None or (step is _keep and not frame.is_open):
        return render_form(frame, form)
    written = form.writing(frame) if form.validate() else None
    if written is None or form.problems:
        return render_form(frame, form, 422)
    return step(frame, form, rebase_comments(db.session(), frame.consultation.id, written))


def build_form(frame: pages_queries.Frame, *, code: str, writing: DraftContent | None = None) -> Any:
    """Return the form as sent, or filled from a draft, with each comment on its part of the draft in the current
    version.

    The moderator's note in `writing` is carried from page to page.
    """
    session, row, given = db.session(), frame.consultation, request.form if writing is None else {}
    kept = rebase_comments(session, row.id, writing) if writing else None
    former = comments_queries.get_former_provisions(session, row, list_unknown_places(frame, given, kept))
    return build_traceless_form(frame, given, writing=kept, code=code, former=former)


def _changing(frame: pages_queries.Frame, form: Any) -> pages_queries.Frame:
    """Return the frame with the state of the submission that the form changes."""
    return replace(
        frame, draft=SavedDraft(amended=private.get_amendable_state(db.session(), unseal_field(form.code.data)))
    )


def is_adding_file() -> bool:
    """Return whether a file was uploaded, by its own button or with another one."""
    return request.form.get("do") == "file" or bool(request.files.get("file"))


def _drop(form: Any, key: str) -> None:
    """Remove a file from the form, and delete it unless it was filed before."""
    for item in form.evidence:
        if item.key == key:
            evidence.discard_file(db.session(), item)
    form.keep([item for item in form.evidence if item.key != key])


def _added(form: Any) -> TracelessFileForm:
    """Add the uploaded file to the form if the token is valid, or show errors at its fields."""
    file = TracelessFileForm()
    if not (form.csrf_token.validate(form) and file.validate()):
        return file
    try:
        evidence.add_item(form.evidence, EvidenceItem())
        data, name = file.file.data.stream.read(), file.file.data.filename or ""
        row = files.receive(db.session(), data=data, name=name, nameless=True)
        form.keep(evidence.add_item(form.evidence, file.item(row, form.language.data)))
    except Refusal as refusal:
        file.refuse(refusal)
    return file


def _forgotten(answer: ResponseReturnValue) -> ResponseReturnValue:
    """Return the response with an instruction to delete the session cookie.

    The request is not checked for forgery, because a forged one does no harm.
    """
    made, kept = make_response(answer), current_app.config
    made.delete_cookie(
        kept["SESSION_COOKIE_NAME"],
        secure=kept["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite=kept["SESSION_COOKIE_SAMESITE"],
    )
    return made


csrf.exempt(write)


def render_form(
    frame: pages_queries.Frame,
    form: Any,
    status: int = 200,
    file: TracelessFileForm | None = None,
    cookie: bool | None = None,
) -> ResponseReturnValue:
    """Render the form. After closing, only returned submissions can be changed.

    If the browser has a `cookie` from other pages, the form mentions it and offers to delete it.
    """
    held = current_app.config["SESSION_COOKIE_NAME"] in request.cookies if cookie is None else cookie
    return render_template(
        "submissions/traceless.html",
        wait=settings().private_wait,
        frame=_changing(frame, form),
        form=form,
        note=form.said_to_author,
        file=file or TracelessFileForm(formdata=None),
        known=_known(form.evidence),
        cookie=held,
        hours=claims.UNCLAIMED // timedelta(hours=1),
    ), status


def _known(items: Sequence[EvidenceItem]) -> Mapping[int, StoredFile]:
    return files_queries.get_files(db.session(), [item.file_id for item in items if item.file_id is not None])


def _cover(frame: pages_queries.Frame, form: Any, writing: DraftContent) -> ResponseReturnValue:
    """Remove possible personal data from the typed text. Going back in the browser undoes it."""
    country = writing.about.country if writing.about else ""
    boxes = {f"body_{n}" for n in range(int(form.boxes.data))}
    boxes |= {field.name for field in form if field.name.startswith("answer_") and isinstance(field, LongTextField)}
    typed = [
        (name, cover(value, country) if name in boxes else value) for name, value in request.form.items(multi=True)
    ]
    covered = take_out(writing, country)
    form.keep(covered.evidence)
    return _check(frame, form, covered, typed=typed)


def _check(
    frame: pages_queries.Frame,
    form: Any,
    writing: DraftContent,
    status: int = 200,
    *,
    typed: Sequence[tuple[str, str]] | None = None,
) -> ResponseReturnValue:
    held = replace(frame, draft=replace(frame.draft, writing=writing))
    former = comments_queries.get_former_provisions(
        db.session(), frame.consultation, list_unknown_places(frame, {}, writing)
    )
    shown = pages_queries.DraftPage(held, files=_known(writing.evidence), former=former)
    hints = collect(db.session(), CheckHints(shown))
    said = list(request.form.items(multi=True)) if typed is None else typed
    values = {"frame": frame, "form": form, "page": shown, "slot": hints, "typed": said, "covered": typed is not None}
    return render_template("submissions/traceless_check.html", **values), status


def _keep(frame: pages_queries.Frame, form: Any, writing: DraftContent) -> ResponseReturnValue:
    code = unseal_field(form.code.data)
    private.save_draft(db.session(), consultation=frame.consultation, code=code, writing=writing)
    return render_template("submissions/traceless_kept.html", frame=frame, form=form, code=code)


def _send(frame: pages_queries.Frame, form: Any, writing: DraftContent) -> ResponseReturnValue:
    code, hours = unseal_field(form.code.data), settings().private_wait
    try:
        it = frame.consultation
        due = delay.hold(db.session(), consultation=it, code=code, writing=writing, hours=hours) if hours else None
        if due is not None:
            return render_template("submissions/traceless_waiting.html", frame=frame, code=code, due=due)
        sent = private.send(db.session(), consultation=it, code=code, writing=writing)
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _check(frame, form, writing, 409)
    fingerprint, recorded_at = comments_queries.get_fingerprint(db.session(), sent)
    return render_template(
        "submissions/traceless_sent.html",
        frame=frame,
        row=sent,
        code=code,
        fingerprint=fingerprint,
        recorded_at=recorded_at,
    )


_STEPS: dict[str, Callable[[pages_queries.Frame, Any, DraftContent], ResponseReturnValue]] = {
    "check": _check,
    "cover": _cover,
    "send": _send,
    "keep": _keep,
}
