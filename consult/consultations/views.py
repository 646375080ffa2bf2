"""The owner's desk: set up a consultation, write its draft and questions, publish, extend. /desk/consultations…"""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from consult.accounts.countries import list_countries
from consult.bodies import service as bodies
from consult.bodies.model import BodyRole
from consult.consultations import queries, rights, service, slugs, treaty_review
from consult.consultations.datetimes import to_wall_clock
from consult.consultations.forms import (
    ConsultationButtonForm,
    ConsultationWordsForm,
    ExtensionForm,
    NewConsultationForm,
    offer_bodies,
)
from consult.consultations.model import Consultation, Phase
from consult.consultations.rights import Deed
from consult.consultations.setup import readiness
from consult.consultations.view_helpers import (
    CONSULTATION_PATH,
    blueprint,
    current_account,
    redirect_to,
    render_form,
    show_refusal,
)
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Conflict, Refusal
from consult.core.i18n import _, current_language
from consult.core.web.access import Allow, Role
from consult.operator import start


@blueprint.route("/desk/consultations", allow=Allow.POLICYMAKER)
def mine() -> ResponseReturnValue:
    found = queries.list_editable(db.session(), by=current_account(), after=request.args.get("after"))
    return render_template("consultations/mine.html", page=found, at=now())


@blueprint.route("/desk/consultations/guide", allow=Allow.POLICYMAKER)
def guide() -> ResponseReturnValue:
    """What an owner does from the first draft to the synopsis; docs/owning.md says more."""
    return render_template("consultations/guide.html")


@blueprint.route("/desk/consultations/new", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    form = offer_bodies(NewConsultationForm, _list_body_names())(timezone="UTC", language=current_account().language)
    if form.validate_on_submit():
        try:
            row = service.create(
                db.session(),
                owner=current_account(),
                terms=form.terms(),
                code=form.code.data,
                slug=slugs.read_slug(form.address.data),
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("The consultation is set up. Only you and the administrators see it."), "ok")
            return redirect_to("overview", row.id)
    return render_form("consultations/new.html", form)


@blueprint.route("/desk/consultations/treaty-review", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def review_treaty() -> ResponseReturnValue:
    """Choose a `treaty`; then the form, filled in for its review."""
    session = db.session()
    if not request.args.get("treaty"):
        return render_template("consultations/treaties.html", treaties=treaty_review.list_treaties(session))
    treaty, language = treaty_review.get_treaty(session, request.args["treaty"]), current_account().language
    name = treaty.term.label(language)
    known = {
        "title": _("Review of the %(treaty)s", treaty=name),
        "summary": _("Which articles of this treaty work, which do not, and what should change?"),
        "language": language,
        "timezone": "UTC",
    }
    form = offer_bodies(NewConsultationForm, _list_body_names())(**known)
    if form.validate_on_submit():
        try:
            typed = {"code": form.code.data, "slug": slugs.read_slug(form.address.data)}
            row = treaty_review.create(session, owner=current_account(), terms=form.terms(), treaty=treaty, **typed)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("The review is set up, with an article a paragraph. Only you and the administrators see it."), "ok")
            return redirect_to("overview", row.id)
    return render_form("consultations/new.html", form)


@blueprint.route(CONSULTATION_PATH, allow=Allow.POLICYMAKER)
def overview(number: int) -> ResponseReturnValue:
    me = current_account()
    sheet = queries.get_sheet(db.session(), number=number, by=me, deed=Deed.SEE)
    tasks = sheet.tasks(now(), started=start.is_given(db.session()))
    may = {deed.value: rights.may(db.session(), me, sheet.consultation, deed) for deed in Deed}
    more = {"tasks": tasks, "missing": readiness.list_blocking(tasks), "form": ConsultationButtonForm(), "may": may}
    return render_template("consultations/overview.html", sheet=sheet, it=sheet.consultation, at=now(), **more)


@blueprint.route(f"{CONSULTATION_PATH}/about", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def about(number: int) -> ResponseReturnValue:
    row = queries.get_sheet(db.session(), number=number, by=current_account()).consultation
    names, before = _list_body_names(row), row.code
    form = (
        offer_bodies(NewConsultationForm, names)(**_form_data(row))
        if row.phase is Phase.DRAFT
        else offer_bodies(ConsultationWordsForm, names)(**_form_data(row))
    )
    if form.validate_on_submit():
        try:
            typed = (form.code.data, form.address.data) if isinstance(form, NewConsultationForm) else (None, None)
            changed = service.edit(
                db.session(),
                number=number,
                by=current_account(),
                revision=form.read_revision,
                terms=form.terms(row),
                code=typed[0],
                slug=slugs.read_slug(typed[1]),
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            named = "" if changed.code == before else _("References begin with %(code)s now.", code=changed.code)
            flash(f"{_('Saved.')} {named}".strip(), "ok")
            return redirect_to("overview", number)
    return render_form("consultations/about.html", form, it=row)


@blueprint.route(f"{CONSULTATION_PATH}/publish", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def publish(number: int) -> ResponseReturnValue:
    form = ConsultationButtonForm()
    if form.validate_on_submit():
        try:
            service.publish(db.session(), number=number, by=current_account())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("The consultation is published."), "ok")
            return redirect_to("overview", number)
    sheet = queries.get_sheet(db.session(), number=number, by=current_account())
    tasks = sheet.tasks(now(), started=start.is_given(db.session()))
    more = {"missing": readiness.list_blocking(tasks), "open_tasks": readiness.list_optional(tasks)}
    return render_form("consultations/publish.html", form, sheet=sheet, it=sheet.consultation, at=now(), **more)


@blueprint.route(f"{CONSULTATION_PATH}/extend", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def extend(number: int) -> ResponseReturnValue:
    """A form, then a preview of the announcement, then the change. A closed consultation is refused at once."""
    row = queries.get_sheet(db.session(), number=number, by=current_account()).consultation
    form = ExtensionForm(row)
    try:
        service.check_extensible(row, now())
    except Conflict as refusal:
        shut = render_template("consultations/extend_not.html", it=row, why=refusal.message, form=form, at=now())
        return shut, 409 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            return _confirm_extension(row, form)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_form("consultations/extend.html", form, it=row)


def _confirm_extension(row: Consultation, form: ExtensionForm) -> ResponseReturnValue:
    """Shows what would be said, and does it once that was read. Raises a refusal."""
    dates, do = form.dates(row.timezone), request.form.get("do")
    planned = service.plan_extension(row, **dates)
    if do != "extend":
        back = do == "change"
        typed = [(name, value) for name, value in request.form.items(multi=True) if name not in ("do", "csrf_token")]
        template = "consultations/extend.html" if back else "consultations/extend_check.html"
        return render_template(template, form=form, it=row, planned=planned, typed=typed)
    service.extend(db.session(), number=row.id, by=current_account(), **dates)
    flash(_("The consultation stays open for longer."), "ok")
    return redirect_to("overview", row.id)


def _list_body_names(row: Consultation | None = None) -> list[str]:
    """In whose name somebody may ask, with the name that a consultation has; administrators type it."""
    if current_account().role is Role.ADMIN:
        return []
    own = [body.name for body in bodies.list_own(db.session(), current_account(), BodyRole.LEAD, BodyRole.DRAFTER)]
    if row is None or not own:
        return own
    return [row.body] if row.phase is not Phase.DRAFT and row.body_id else list(dict.fromkeys([row.body, *own]))


def _form_data(row: Consultation) -> dict[str, Any]:
    """The form's fields as the consultation has them; times as the clocks of its place show them."""
    known = vars(service.get_terms(row)) | {"revision": row.revision, "tags": ", ".join(row.tags)}
    known |= {"code": row.code, "address": row.slug}
    known["countries"] = ", ".join(name for code, name in list_countries(current_language()) if code in row.countries)
    times = ("opens_at", "closes_at", "late_until")
    return known | {name: to_wall_clock(known[name], row.timezone) for name in times if known[name]}
