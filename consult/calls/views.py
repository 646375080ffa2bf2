"""Calls for the members of an organisation: /org/<n>/calls."""

from __future__ import annotations

from datetime import datetime, time
from typing import cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.accounts.organisations import service as organisations
from consult.calls import queries, service
from consult.calls.forms import CallButtonForm, CallForm, NewCallForm, build_call_form
from consult.calls.model import LEAST_TOLD, CommentCall
from consult.calls.page_views import short_address
from consult.calls.service import CallText
from consult.consultations.datetimes import to_instant, to_wall_clock
from consult.consultations.model import Consultation
from consult.consultations.slugs import read_slug
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import LANGUAGES, _, current_language
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, principal
from consult.submissions.comments import queries as comments_queries
from consult.submissions.organisations import service as submissions_organisations

blueprint = Blueprint("calls", __name__)
_ORGANISATION = "/org/<int(max=9223372036854775807):organisation_id>/calls"
_CALL = f"{_ORGANISATION}/<int(max=9223372036854775807):number>"


def _me() -> Account:
    return cast("Account", principal())


@blueprint.route(_ORGANISATION, allow=Allow.SIGNED_IN)
def listed(organisation_id: int) -> ResponseReturnValue:
    it = organisations.get_for_member(db.session(), organisation_id, _me()).organisation
    page = queries.list_by_organisation(db.session(), organisation_id)
    return render_template("calls/list.html", it=it, found=page, at=now())


@blueprint.route(f"{_ORGANISATION}/new", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def new(organisation_id: int) -> ResponseReturnValue:
    it = organisations.get_for_member(db.session(), organisation_id, _me()).organisation
    form = NewCallForm(queries.list_open_consultations(db.session()), language=current_language())
    if form.validate_on_submit():
        try:
            row = service.create(
                db.session(),
                by=_me(),
                organisation_id=organisation_id,
                consultation=comments_queries.get_consultation(db.session(), form.consultation.data),
                slug=read_slug(form.address.data) or "",
                language=form.language.data,
            )
            return redirect(url_for("calls.edit", organisation_id=organisation_id, number=row.id), 303)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    page = render_template("calls/new.html", it=it, form=form)
    return page, 422 if form.problems else 200


@blueprint.route(_CALL, allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def one(organisation_id: int, number: int) -> ResponseReturnValue:
    """Show the state, counts, comments, QR code and URL of a call. Open or close it."""
    session = db.session()
    row = service.get_for_member(session, organisation_id=organisation_id, number=number, by=_me())
    form = CallButtonForm()
    if form.validate_on_submit():
        try:
            if request.form.get("do") == "close":
                service.close_call(session, row, by=_me())
                flash(_("Call closed. We keep its figures."), "ok")
            else:
                service.open_call(session, row, by=_me())
                flash(_("Call opened. Anyone with the link can take part."), "ok")
            return redirect(url_for("calls.one", organisation_id=organisation_id, number=number), 303)
        except Forbidden:
            raise
        except Refusal as refusal:
            session.rollback()
            form.refuse(refusal)
    page = render_template(
        "calls/one.html",
        page=queries.get_page(session, row),
        words=queries.list_words(session, row.id),
        signs=submissions_organisations.may_sign(session, _me().id, organisation_id),
        form=form,
        at=now(),
        names=LANGUAGES,
        least=LEAST_TOLD,
        address=short_address(row.slug),
    )
    return page, 422 if form.problems else 200


@blueprint.route(f"{_CALL}/preview", allow=Allow.SIGNED_IN)
def preview(organisation_id: int, number: int) -> ResponseReturnValue:
    """Show what people will read before the call is opened, without a form."""
    row = service.get_for_member(db.session(), organisation_id=organisation_id, number=number, by=_me())
    return render_template(
        "calls/poster.html", page=queries.get_page(db.session(), row), address=short_address(row.slug)
    )


@blueprint.route(f"{_CALL}/edit", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def edit(organisation_id: int, number: int) -> ResponseReturnValue:
    """Edit the text in one language: that of the call, or `?in=fr`."""
    session = db.session()
    row = service.get_for_member(session, organisation_id=organisation_id, number=number, by=_me())
    language = request.args.get("in", row.language)
    if language not in LANGUAGES:
        raise NotFound(_("This site has no pages in that language."))
    consultation = queries.get_consultation(session, row)
    tree = comments_queries.get_provision_tree(session, consultation.version_id or 0)
    form = build_call_form(row, tree, language, queries.list_letters(session, row, by=_me()))
    if not form.is_submitted() and row.ends_at != consultation.closes_at:
        form.ends.data = to_wall_clock(row.ends_at, consultation.timezone).date()
    if form.validate_on_submit():
        try:
            _save(form, row, consultation, language)
            flash(_("Saved."), "ok")
            return redirect(url_for("calls.one", organisation_id=organisation_id, number=number), 303)
        except Refusal as refusal:
            session.rollback()
            form.refuse(refusal)
    page = render_template("calls/edit.html", form=form, row=row, it=consultation, language=language)
    return page, 422 if form.problems else 200


def _save(form: CallForm, row: CommentCall, consultation: Consultation, language: str) -> None:
    ends_at = consultation.closes_at
    if form.ends.data is not None:
        last = datetime.combine(form.ends.data, time(23, 59))
        ends_at = to_instant(last, consultation.timezone, field="ends")
        if (
            ends_at > consultation.closes_at
            and form.ends.data == to_wall_clock(consultation.closes_at, consultation.timezone).date()
        ):
            ends_at = consultation.closes_at
    revision = int(form.revision.data) if form.revision.data.isdecimal() else 0
    service.edit(
        db.session(),
        row,
        revision=revision,
        places=list(form.asked),
        text=CallText(form.why.data, form.asked),
        language=language,
        ends_at=ends_at,
    )
    service.tie_letter(db.session(), row, campaign_id=int(form.letter.data) if form.letter.data else None, by=_me())
