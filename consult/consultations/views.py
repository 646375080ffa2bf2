"""The owner's workspace: set up a consultation, write draft and questions, publish, extend. /desk/consultations…"""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from consult.accounts.countries import list_countries
from consult.bodies import service as bodies
from consult.bodies.model import BodyRole
from consult.consultations import queries, rights, service, slugs, treaty_review
from consult.consultations.datetimes import list_country_zones, to_wall_clock
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
from consult.documents import queries as documents_queries
from consult.documents.outline.doubts import list_doubts
from consult.operator import start


@blueprint.route("/desk/consultations", allow=Allow.POLICYMAKER)
def mine() -> ResponseReturnValue:
    editable = queries.list_editable(db.session(), by=current_account(), after=request.args.get("after"))
    return render_template("consultations/mine.html", page=editable, at=now())


@blueprint.route("/desk/consultations/guide", allow=Allow.POLICYMAKER)
def guide() -> ResponseReturnValue:
    """Show an owner's steps from the first draft to the summary report. See also docs/owning.md."""
    return render_template("consultations/guide.html")


@blueprint.route("/desk/consultations/new", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    known = {"timezone": _find_body_zone(), "language": current_account().language}
    form = offer_bodies(NewConsultationForm, _list_body_names())(**known, body_countries=_list_body_countries())
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
            flash(_("Consultation created. The public does not see it until you publish it."), "ok")
            return redirect_to("overview", row.id)
    return render_form("consultations/new.html", form)


@blueprint.route("/desk/consultations/treaty-review", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def review_treaty() -> ResponseReturnValue:
    """Choose a treaty, then show the setup form filled in for its review."""
    session = db.session()
    if not request.args.get("treaty"):
        return render_template("consultations/treaties.html", treaties=treaty_review.list_treaties(session))
    treaty, language = treaty_review.get_treaty(session, request.args["treaty"]), current_account().language
    name = treaty.term.label(language)
    known = {
        "title": _("Review of the %(treaty)s", treaty=name),
        "summary": _("Which articles of this treaty work, which do not, and what should change?"),
        "language": language,
        "timezone": _find_body_zone(),
    }
    form = offer_bodies(NewConsultationForm, _list_body_names())(**known, body_countries=_list_body_countries())
    if form.validate_on_submit():
        try:
            typed = {"code": form.code.data, "slug": slugs.read_slug(form.address.data)}
            row = treaty_review.create(session, owner=current_account(), terms=form.terms(), treaty=treaty, **typed)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(
                _(
                    "Review created, with one paragraph for each article. The public does not see it until you "
                    "publish it."
                ),
                "ok",
            )
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
        offer_bodies(NewConsultationForm, names)(**_form_data(row), body_countries=_list_body_countries())
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
            named = "" if changed.code == before else _("References now begin with %(code)s.", code=changed.code)
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
            flash(_("Consultation published."), "ok")
            return redirect_to("overview", number)
    sheet = queries.get_sheet(db.session(), number=number, by=current_account())
    tasks = sheet.tasks(now(), started=start.is_given(db.session()))
    more: dict[str, Any] = {"missing": readiness.list_blocking(tasks), "open_tasks": readiness.list_optional(tasks)}
    pieces = documents_queries.to_pieces(documents_queries.list_provisions(db.session(), sheet.version.id))
    more |= {"doubts": list_doubts(pieces)}
    return render_form("consultations/publish.html", form, sheet=sheet, it=sheet.consultation, at=now(), **more)


@blueprint.route(f"{CONSULTATION_PATH}/extend", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def extend(number: int) -> ResponseReturnValue:
    """Show a form, then a preview of the announcement, then extend. Refused for a closed consultation."""
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
    """Show the announcement, and extend once it is confirmed. Raises a Refusal."""
    dates, do = form.dates(row.timezone), request.form.get("do")
    planned = service.plan_extension(row, **dates)
    if do != "extend":
        back = do == "change"
        typed = [(name, value) for name, value in request.form.items(multi=True) if name not in ("do", "csrf_token")]
        template = "consultations/extend.html" if back else "consultations/extend_check.html"
        return render_template(template, form=form, it=row, planned=planned, typed=typed)
    service.extend(db.session(), number=row.id, by=current_account(), **dates)
    flash(_("Consultation extended."), "ok")
    return redirect_to("overview", row.id)


def _list_body_names(row: Consultation | None = None) -> list[str]:
    """Return the bodies a person may consult for, and the current name. Empty for administrators, who type it."""
    if current_account().role is Role.ADMIN:
        return []
    own = [body.name for body in bodies.list_own(db.session(), current_account(), BodyRole.LEAD, BodyRole.DRAFTER)]
    if row is None or not own:
        return own
    return [row.body] if row.phase is not Phase.DRAFT and row.body_id else list(dict.fromkeys([row.body, *own]))


def _list_body_countries() -> list[str]:
    """Return the countries of the bodies that the account works for."""
    if current_account().role is Role.ADMIN:
        return []
    own = bodies.list_own(db.session(), current_account(), BodyRole.LEAD, BodyRole.DRAFTER)
    return list(dict.fromkeys(body.country for body in own if body.country))


def _find_body_zone() -> str:
    """Return the time zone of the account's body if its country has only one, else UTC."""
    zones = {zone for country in _list_body_countries() for zone in list_country_zones(country)}
    return zones.pop() if len(zones) == 1 else "UTC"


def _form_data(row: Consultation) -> dict[str, Any]:
    """Return the form fields of a consultation, with times in its time zone."""
    known = vars(service.get_terms(row)) | {"revision": row.revision, "tags": ", ".join(row.tags)}
    known |= {"code": row.code, "address": row.slug}
    known["countries"] = ", ".join(name for code, name in list_countries(current_language()) if code in row.countries)
    times = ("opens_at", "closes_at", "late_until")
    return known | {name: to_wall_clock(known[name], row.timezone) for name in times if known[name]}
