"""Pages of one edition: print, view its e-mail, send oneself a copy, see its delivery."""

from __future__ import annotations

from typing import cast

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import LANGUAGES, _, current_language, ngettext
from consult.core.web.access import Allow
from consult.core.web.requests import principal
from consult.digests import jobs, queries
from consult.digests import letters as delivery_letters
from consult.digests.blueprint import NUMBER, blueprint
from consult.digests.content.body import Body
from consult.digests.delivery import personal_copies
from consult.digests.forms import DigestButtonForm
from consult.digests.model import Digest
from consult.digests.render import current_quotes, layout, list_headings, phrases
from consult.digests.results import tables
from consult.digests.results.views import csv_file
from consult.mail import dead_letters

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MAIL_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def current_account() -> Account:
    """Return the signed-in account. Only for routes that require one."""
    return cast("Account", principal())


def get_nonempty_digest(number: int) -> tuple[Digest, Body]:
    """Return a digest that is not empty, with its body. Raises NotFound."""
    digest = queries.get_digest(db.session(), number)
    return digest, queries.get_body(digest)


@blueprint.route(f"/desk/digests/{NUMBER}/print/<name>", allow=Allow.POLICYMAKER)
def printed(number: int, name: str) -> ResponseReturnValue:
    """Return the one-page sheet or the full report in the page's language, without quotes withdrawn since."""
    if name not in ("sheet.pdf", "report.pdf", "report.docx"):
        raise NotFound(_("You can get a digest as sheet.pdf, report.pdf or report.docx."))
    found, stored = get_nonempty_digest(number)
    body = current_quotes.fill_quotes(db.session(), stored)
    kind = name.rpartition(".")[2]
    sheet = name.startswith("sheet")
    document = delivery_letters.build_sheet(db.session(), found, body) if sheet else layout.report(body, number)
    made = jobs.make_docx(document) if kind == "docx" else delivery_letters.print_pdf(document, name)
    answer = Response(made, mimetype=_DOCX if kind == "docx" else "application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{layout.file_name(body, kind)}"'
    return answer


@blueprint.route(f"/desk/digests/{NUMBER}/counts.csv", allow=Allow.POLICYMAKER)
def counts_csv(number: int) -> ResponseReturnValue:
    """Return a CSV file of all commented parts of the draft."""
    found, body = get_nonempty_digest(number)
    version = queries.get_counted_version(db.session(), found)
    return csv_file(layout.file_name(body, "csv"), tables.build_count_rows(body, version))


@blueprint.route(f"/desk/digests/{NUMBER}/letter", allow=Allow.POLICYMAKER)
def letter(number: int) -> ResponseReturnValue:
    """Return the e-mail as an e-mail program would show it, isolated from this site."""
    html = personal_copies.preview(db.session(), get_nonempty_digest(number)[0], current_account(), current_language())
    answer = Response(html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = _MAIL_CSP
    return answer


@blueprint.route(f"/desk/digests/{NUMBER}/send", allow=Allow.POLICYMAKER, methods=["POST"])
def send(number: int) -> ResponseReturnValue:
    wished = request.form.get("language")
    personal_copies.send_copy(
        db.session(),
        get_nonempty_digest(number)[0],
        current_account(),
        wished if wished in LANGUAGES else current_account().language,
    )
    flash(_("A copy is on its way to your e-mail address."), "ok")
    return redirect(url_for("digests.digest", number=number), 303)


@blueprint.route("/desk/digests/of/<slug>", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def demand(slug: str) -> ResponseReturnValue:
    """Compile an edition on demand of everything since the last one."""
    row = queries.get_published_consultation(db.session(), slug)
    if request.method == "POST":
        made = personal_copies.compile_on_demand(db.session(), row)
        return redirect(url_for("digests.digest", number=made.id), 303)
    return render_template("digests/demand.html", it=row, button=DigestButtonForm())


@blueprint.route(f"/desk/digests/{NUMBER}/deliveries", allow=Allow.ADMIN, methods=["GET", "POST"])
def deliveries(number: int) -> ResponseReturnValue:
    """Show the delivery status of each e-mail. The button sends failed ones again."""
    _digest, body = get_nonempty_digest(number)
    if request.method == "POST":
        again = dead_letters.send_again(db.session(), letter_ids=queries.list_dead_letters(db.session(), number))
        flash(ngettext("%(num)s e-mail is being sent again.", "%(num)s e-mails are being sent again.", again), "ok")
        return redirect(url_for("digests.deliveries", number=number), 303)
    listed = queries.list_deliveries(db.session(), number, after=request.args.get("after"))
    return render_template(
        "digests/deliveries.html",
        number=number,
        body=body,
        listed=listed,
        say=phrases,
        head=list_headings,
        states=queries.count_letter_states(db.session(), number),
        dead=queries.list_dead_letters(db.session(), number),
        button=DigestButtonForm(),
    )
