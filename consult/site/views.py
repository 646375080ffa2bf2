"""Home page, list of consultations, front page of a consultation, and pages about this site."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Response, abort, jsonify, make_response, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue

from consult.accounts import login
from consult.core import slots
from consult.core.clock import now
from consult.core.db import db
from consult.core.web import page_cache
from consult.core.web.access import Allow
from consult.core.web.addresses import public_url
from consult.core.web.face import get_face
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, csrf, settings, wants_json
from consult.documents.formats import export
from consult.mail import folder
from consult.operator import retention
from consult.signals import queries as signals
from consult.site import consultation_search, kit_sample, queries, recent_changes, service, text_exports
from consult.site.forms import ConsultationSearchForm
from consult.site.health_check import HealthStatus
from consult.site.slots import ListFoot

blueprint = Blueprint("site", __name__)


def cached_list_page(page: Callable[[], str]) -> ResponseReturnValue:
    """Return a list page, cached for visitors until something changes or a minute has passed."""
    if not page_cache.is_plain_visitor():
        return page()
    at = now().replace(second=0, microsecond=0)
    return page_cache.cached_response(page_cache.page_tag(at, *queries.get_stamp(db.session())), page)


@blueprint.route("/", allow=Allow.ANYONE)
def home() -> ResponseReturnValue:
    return cached_list_page(lambda: render_template("site/home.html", front=queries.get_home_page(db.session())))


@blueprint.route("/consultations", allow=Allow.ANYONE)
def consultations() -> ResponseReturnValue:
    def page() -> str:
        form = ConsultationSearchForm(request.args, consultation_search.list_choices(db.session()))
        listing = queries.get_consultation_list(db.session(), form.filters, after=request.args.get("after", ""))
        slot = slots.collect(db.session(), ListFoot())
        return render_template("site/consultations.html", listing=listing, form=form, slot=slot)

    return cached_list_page(page)


@blueprint.route("/changes", allow=Allow.ANYONE)
def lately() -> ResponseReturnValue:
    """List recently changed drafts and answers due."""
    page = recent_changes.list_changed_drafts(db.session(), after=request.args.get("after", ""))
    owed = recent_changes.list_owed(db.session())
    return render_template("site/lately.html", page=page, owed=owed)


@blueprint.route("/c/<slug>", allow=Allow.ANYONE)
def consultation(slug: str) -> ResponseReturnValue:
    page = queries.get_front_page(db.session(), slug)
    origin = signals.find_origin(db.session(), page.consultation.id)
    return render_template("site/consultation.html", page=page, origin=origin)


@blueprint.route("/c/<slug>/changes", allow=Allow.ANYONE)
def changes(slug: str) -> ResponseReturnValue:
    """Compare two versions of the draft: ?from=1&to=2, ?view=beside for two columns, ?all=1."""
    older, newer = (request.args.get(name, "") for name in ("from", "to"))
    found = text_exports.compare_versions(db.session(), slug, older=older, newer=newer)
    beside, whole = request.args.get("view") == "beside", "all" in request.args
    return render_template("site/changes.html", page=found, beside=beside, whole=whole)


@blueprint.route("/c/<slug>/draft.<any(xml, md, docx):form>", allow=Allow.ANYONE)
@limiter.limit("30 per minute")  # a separate process writes Word files
def draft_file(slug: str, form: str) -> ResponseReturnValue:
    answer = Response(text_exports.export_draft(db.session(), slug, form=form), content_type=export.MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}.{form}"'
    return answer


@blueprint.route("/c/<slug>/print", allow=Allow.ANYONE)
def printed(slug: str) -> ResponseReturnValue:
    row, version, outline = text_exports.get_current_draft(db.session(), slug)
    return render_template("site/printed.html", it=row, version=version, outline=outline)


@blueprint.route("/how", allow=Allow.ANYONE)
def how() -> ResponseReturnValue:
    return render_template("site/how.html")


@blueprint.route("/privacy", allow=Allow.ANYONE)
def privacy() -> ResponseReturnValue:
    rules = [(rule.label, retention.shown_days(key)) for key, rule in retention.RULES.items()]
    return render_template("site/privacy.html", periods=[*rules, *((it.label, it.days) for it in retention.FIXED)])


@blueprint.route("/accessibility", allow=Allow.ANYONE)
def accessibility() -> ResponseReturnValue:
    typed = get_face().value("a11y_day")
    return render_template("site/accessibility.html", reviewed=date.fromisoformat(typed) if typed else None)


@blueprint.route("/kit", allow=Allow.ANYONE)
def kit() -> ResponseReturnValue:
    return render_template("site/kit.html", halves=kit_sample.build_samples())


@blueprint.route("/health", allow=Allow.ANYONE)
def health() -> ResponseReturnValue:
    report = service.check_health(db.session(), settings())
    status = 503 if report.status is HealthStatus.DOWN else 200
    if wants_json():
        checks: dict[str, Any] = {check.name: check.status for check in report.checks}
        return jsonify(status=report.status, checks=checks), status
    return render_template("site/health.html", report=report), status


@blueprint.route("/leave", allow=Allow.ANYONE, methods=["GET", "POST"])
def leave() -> ResponseReturnValue:
    """Leave the site at once and clear this browser's data.

    The request is not checked for forgery, because a forged one does no harm.
    """
    login.leave()
    answer = make_response(redirect(settings().leave_url, 303))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


csrf.exempt(leave)


@blueprint.route("/robots.txt", allow=Allow.ANYONE)
def robots() -> ResponseReturnValue:
    lines = ["User-agent: *", "Disallow: /r/", "Disallow: /c/*/respond", f"Sitemap: {public_url('feeds.index')}", ""]
    return Response("\n".join(lines), mimetype="text/plain")


@blueprint.route("/outbox", allow=Allow.DEMO)
def outbox() -> ResponseReturnValue:
    return render_template("site/outbox.html", letters=folder.list_letters(settings().data_dir))


@blueprint.route("/outbox/<name>", allow=Allow.DEMO)
def letter(name: str) -> ResponseReturnValue:
    found = folder.read_letter(settings().data_dir, name)
    return render_template("site/letter.html", letter=found) if found else abort(404)


@blueprint.route("/outbox/<name>/html", allow=Allow.DEMO)
def letter_html(name: str) -> ResponseReturnValue:
    """Return the HTML of an e-mail as a mail program shows it, isolated from this site."""
    found = folder.read_letter(settings().data_dir, name)
    if found is None:
        abort(404)
    answer = Response(found.html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    return answer


@blueprint.route("/outbox/<name>/file/<int(max=99):number>", allow=Allow.DEMO)
def letter_file(name: str, number: int) -> ResponseReturnValue:
    """Return a file attached to an e-mail."""
    found = folder.read_letter(settings().data_dir, name)
    if found is None or number >= len(found.files):
        abort(404)
    file = found.files[number]
    return send_file(io.BytesIO(file.content), mimetype=file.kind, as_attachment=True, download_name=file.name)


@blueprint.route("/outbox/<name>/source", allow=Allow.DEMO)
def letter_source(name: str) -> ResponseReturnValue:
    found = folder.read_letter(settings().data_dir, name)
    return Response(found.source, mimetype="text/plain") if found else abort(404)
