"""Administrator's pages about the site: look, texts, checklist and retention, under /desk/site."""

from __future__ import annotations

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.views import current_account, render_form, show_refusal
from consult.bodies.logos import MAX_UPLOAD
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import LANGUAGES, _
from consult.core.web import systems
from consult.core.web.access import Allow
from consult.core.web.face import SiteFace, get_face
from consult.core.web.requests import Blueprint
from consult.operator import fields, queries, retention, service, start
from consult.operator.forms import (
    SiteButtonForm,
    SiteTextForm,
    SystemsForm,
    fill_form,
    item_form,
    look_form,
    retention_form,
    text_form,
)

blueprint = Blueprint("operator", __name__)


@blueprint.route("/desk/site", allow=Allow.ADMIN)
def overview() -> ResponseReturnValue:
    """Show all settings of the site on one page."""
    values = queries.list_values(db.session())
    declared = start.get_start(db.session())
    items = start.check_items(values)
    return render_template(
        "operator/overview.html",
        it=SiteFace(texts=values, logo=get_face().logo),
        items=items,
        declared=declared,
        texts=fields.TEXTS,
        rules=retention.RULES.values(),
        shown=retention.shown_days,
        systems=systems.list_systems(current_app),
    )


@blueprint.route("/desk/site/look", allow=Allow.ADMIN, methods=["GET", "POST"])
def look() -> ResponseReturnValue:
    """Edit name, logo, colour and contact, with a preview."""
    form = fill_form(look_form(), queries.list_values(db.session()))
    shown = None
    if form.validate_on_submit():
        try:
            if request.form.get("do") == "preview":
                shown = {**form.values(), ("colour", ""): service.read_accent(form.values()["colour", ""])}
            else:
                service.save(db.session(), by=current_account(), values=form.values())
                _save_logo(form)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            if shown is None:
                return _saved("operator.overview")
    has_logo = queries.get_logo(db.session()) is not None
    return render_form(
        "operator/look.html",
        form,
        names=_names("name"),
        content_names=LANGUAGES.items(),
        shown=shown,
        has_logo=has_logo,
    )


@blueprint.route("/desk/site/texts/<key>", allow=Allow.ADMIN, methods=["GET", "POST"])
def text(key: str) -> ResponseReturnValue:
    """Edit one text in every language, and list its earlier versions."""
    versions = queries.list_versions(db.session(), key)
    form = fill_form(text_form(key), queries.list_values(db.session()))
    shown = None
    if form.validate_on_submit():
        if request.form.get("do") == "preview":
            shown = {language: words for (_key, language), words in form.values().items() if words}
        else:
            service.save(db.session(), by=current_account(), values=form.values())
            return _saved("operator.overview")
    field = fields.FIELDS[key]
    return render_form(
        "operator/text.html", form, field=field, names=_names(key), shown=shown, versions=versions, languages=LANGUAGES
    )


@blueprint.route("/desk/site/start", allow=Allow.ADMIN, methods=["GET", "POST"])
def checklist() -> ResponseReturnValue:
    """Show the checklist and open the site for publication."""
    form = SiteButtonForm()
    if form.validate_on_submit():
        try:
            start.declare(db.session(), by=current_account())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Site opened. Consultations can now be published."), "ok")
            return redirect(url_for("operator.checklist"), 303)
    items = start.check_items(queries.list_values(db.session()))
    declared = start.get_start(db.session())
    return render_form("operator/start.html", form, items=items, declared=declared, languages=LANGUAGES)


@blueprint.route("/desk/site/start/<key>", allow=Allow.ADMIN, methods=["GET", "POST"])
def item(key: str) -> ResponseReturnValue:
    """Edit one item of the checklist."""
    section = fields.find_item(key) or abort(404)
    form = fill_form(item_form(section), queries.list_values(db.session()))
    if form.validate_on_submit():
        try:
            service.save(db.session(), by=current_account(), values=form.values())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return _saved("operator.checklist")
    return render_form("operator/item.html", form, item=section, languages=LANGUAGES)


@blueprint.route("/desk/site/retention", allow=Allow.ADMIN, methods=["GET", "POST"])
def periods() -> ResponseReturnValue:
    """Edit the retention periods, and show the coming deletions."""
    days = {key: retention.find_days(db.session(), key) for key in retention.RULES}
    form, going = retention_form(days), None
    if form.validate_on_submit():
        try:
            going = retention.count_shortened(db.session(), form.days(), today=now().date())
            if going is None or form.confirms():
                retention.set_periods(db.session(), by=current_account(), days=form.days())
                flash(_("Saved."), "ok")
                return redirect(url_for("operator.periods"), 303)
        except Refusal as refusal:
            show_refusal(form, refusal)
    due = retention.list_due(db.session())
    return render_form(
        "operator/retention.html", form, going=going, due=due, rules=retention.RULES, fixed=retention.FIXED
    )


@blueprint.route("/desk/site/systems", allow=Allow.ADMIN, methods=["GET", "POST"])
def used_systems() -> ResponseReturnValue:
    """Choose which systems this site uses."""
    declared = systems.list_systems(current_app)
    form = SystemsForm(declared, [each.package for each in declared if systems.is_on(each.package)])
    if form.validate_on_submit():
        try:
            service.set_systems(db.session(), declared, by=current_account(), used=form.systems.data)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return _saved("operator.used_systems")
    duties = [(each, each.duties(db.session())) for each in declared]
    return render_form("operator/systems.html", form, duties=[pair for pair in duties if pair[1]])


def _names(key: str) -> list[str]:
    """Return the field names of a text, one for each language."""
    return [f"{key}_{language}" for language in LANGUAGES]


def _save_logo(form: SiteTextForm) -> None:
    uploaded = request.files.get("logo")
    if uploaded is not None and uploaded.filename:
        service.set_logo(db.session(), by=current_account(), data=uploaded.read(MAX_UPLOAD + 1))
    elif form["no_logo"].data and queries.get_logo(db.session()) is not None:
        service.set_logo(db.session(), by=current_account(), data=None)


def _saved(endpoint: str) -> ResponseReturnValue:
    flash(_("Saved. The change appears within a few seconds."), "ok")
    return redirect(url_for(endpoint), 303)
