"""Addresses of the poster and the picture of a warning, and its short address."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from consult.consultations.view_helpers import tag_file
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import _, current_language, force_locale
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.signals import queries
from consult.signals.model import PUBLIC_STATES, Signal, SignalState
from consult.signals.sheets import printer
from consult.signals.sheets.contents import WarningSheet, build_sheet, choose_language

blueprint = Blueprint("signal_sheets", __name__)


@blueprint.route("/signals/<slug>/poster.pdf", allow=Allow.ANYONE)
def poster(slug: str) -> ResponseReturnValue:
    """Return the poster in the language of `lang`, else in the reader's."""
    page = Response(printer.print_poster(_read_sheet(slug)), mimetype="application/pdf")
    page.headers["Content-Disposition"] = f'inline; filename="{slug}.pdf"'
    return tag_file(page)


@blueprint.route("/signals/<slug>/picture.png", allow=Allow.ANYONE)
def picture(slug: str) -> ResponseReturnValue:
    """Return the square picture. That of a retracted warning says so at the same address."""
    return tag_file(Response(printer.draw_picture(_read_sheet(slug)), mimetype="image/png"))


@blueprint.route("/w/<int(max=9223372036854775807):number>", allow=Allow.ANYONE)
def short(number: int) -> ResponseReturnValue:
    """Redirect the printed address to the page of the warning."""
    row = db.session().get(Signal, number)
    if row is None or row.state not in (*PUBLIC_STATES, SignalState.MERGED):
        raise NotFound(_("We cannot find a signal at this link."))
    return redirect(url_for("signals.one", slug=row.slug), 302)


def _read_sheet(slug: str) -> WarningSheet:
    language = choose_language(request.args.get("lang", ""), current_language())
    session = db.session()
    page = queries.get_page(session, slug)
    if page.into is not None:
        page = queries.get_page(session, page.into.slug)
    with force_locale(language):
        return build_sheet(session, page.signal, language)
