"""What can be done with an edition: print it, see its letter, have a copy sent, see how far its letters got."""

from __future__ import annotations

from typing import cast

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import LANGUAGES, _, language
from consult.core.web import principal
from consult.digests import copies, headings, letters, phrases, queries, sheet, shown
from consult.digests.forms import Button
from consult.digests.model import Digest
from consult.digests.public import csv_file
from consult.digests.routes import NUMBER, blueprint

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MAIL_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def me() -> Account:
    """Whoever is signed in: the routes let nobody else in."""
    return cast("Account", principal())


def told(number: int) -> Digest:
    """A digest that has something to tell. Raises NotFound."""
    found = queries.digest(db.session(), number)
    if found.empty:
        raise NotFound(_("Nothing was new, so this digest has no letter."))
    return found


@blueprint.route(f"/desk/digests/{NUMBER}/print/<name>", allow=Allow.POLICYMAKER)
def printed(number: int, name: str) -> ResponseReturnValue:
    """The one-page sheet or the full report, in the language of the page; quotes taken back since are not in it."""
    if name not in ("sheet.pdf", "report.pdf", "report.docx"):
        raise NotFound(_("A digest is printed as sheet.pdf, report.pdf or report.docx."))
    body = shown.fill(db.session(), told(number).body)
    printer = letters.printer()
    kind = name.rpartition(".")[2]
    document = sheet.one_page(body, number) if name.startswith("sheet") else sheet.report(body, number)
    made = printer.docx(document) if kind == "docx" else printer.pdf(document)
    answer = Response(made, mimetype=_DOCX if kind == "docx" else "application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{sheet.file_name(body, kind)}"'
    return answer


@blueprint.route(f"/desk/digests/{NUMBER}/counts.csv", allow=Allow.POLICYMAKER)
def counts_csv(number: int) -> ResponseReturnValue:
    """The table of everything that was commented on, as a file."""
    body = told(number).body
    return csv_file(sheet.file_name(body, "csv"), sheet.counts(body))


@blueprint.route(f"/desk/digests/{NUMBER}/letter", allow=Allow.POLICYMAKER)
def letter(number: int) -> ResponseReturnValue:
    """The letter as a mail program would show it, shut off from this site."""
    html = copies.preview(db.session(), told(number), language())
    answer = Response(html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = _MAIL_CSP
    return answer


@blueprint.route(f"/desk/digests/{NUMBER}/send", allow=Allow.POLICYMAKER, methods=["POST"])
def send(number: int) -> ResponseReturnValue:
    wished = request.form.get("language")
    copies.send(db.session(), told(number), me(), wished if wished in LANGUAGES else me().language)
    flash(_("A copy is on its way to your own address."), "ok")
    return redirect(url_for("digests.digest", number=number), 303)


@blueprint.route("/desk/digests/of/<slug>", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def demand(slug: str) -> ResponseReturnValue:
    """An edition now, of everything since the last one that was asked for."""
    row = queries.published(db.session(), slug)
    if request.method == "POST":
        made = copies.on_demand(db.session(), row)
        return redirect(url_for("digests.digest", number=made.id), 303)
    return render_template("digests/demand.html", it=row, button=Button())


@blueprint.route(f"/desk/digests/{NUMBER}/deliveries", allow=Allow.ADMIN)
def deliveries(number: int) -> ResponseReturnValue:
    found = told(number)
    listed = queries.deliveries(db.session(), number, after=request.args.get("after"))
    return render_template(
        "digests/deliveries.html", number=number, body=found.body, listed=listed, say=phrases, head=headings,
        states=queries.states(db.session(), number),
    )  # fmt: skip
