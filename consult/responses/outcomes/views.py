"""Pages of an organisation's results: /org/<n>/outcomes for members, and /o/<address> if published."""

from __future__ import annotations

from typing import cast

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account, Organisation
from consult.accounts.organisations import service as organisations
from consult.consultations.slugs import make_slug, read_slug
from consult.core.db import db
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import _, ngettext
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, principal
from consult.core.web.template_filters import format_number
from consult.digests.results.views import csv_file
from consult.responses.outcomes import paper, queries, service
from consult.responses.outcomes.forms import STATE_LABELS, OutcomeAddressForm
from consult.responses.outcomes.queries import OutcomeSums

blueprint = Blueprint("outcomes", __name__)
_ORGANISATION = "/org/<int(max=9223372036854775807):organisation_id>/outcomes"


def _me() -> Account:
    return cast("Account", principal())


@blueprint.route(_ORGANISATION, allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def own(organisation_id: int) -> ResponseReturnValue:
    """Show the results to members. An owner can publish them."""
    mine = organisations.get_for_member(db.session(), organisation_id, _me())
    it = mine.organisation
    shown = it.outcomes_address
    form = OutcomeAddressForm(public=shown is not None, address=shown or make_slug(it.name))
    if form.validate_on_submit():
        try:
            address = _read_address(form)
            service.set_address(db.session(), by=_me(), organisation_id=organisation_id, address=address)
            flash(
                _("Page published. Anyone can read it now.")
                if address
                else _("Page closed to the public. Only members can read it now."),
                "ok",
            )
            return redirect(url_for("outcomes.own", organisation_id=organisation_id), 303)
        except Forbidden:
            raise
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _render(it, form=form if mine.owner else None), 422 if form.problems else 200


def _read_address(form: OutcomeAddressForm) -> str | None:
    if not form.public.data:
        return None
    address = read_slug(form.address.data)
    if address is None:
        raise Refusal(_("Choose a web address for the public page."), field="address")
    return address


def _render(it: Organisation, form: OutcomeAddressForm | None = None, *, public: bool = False) -> str:
    page = queries.get_page(db.session(), it.id)
    return render_template(
        "responses/outcomes.html",
        it=it,
        page=page,
        figures=_list_figures(page.sums),
        form=form,
        public=public,
        say_state=paper.say_state,
    )


def _list_figures(sums: OutcomeSums) -> list[dict[str, object]]:
    """Return the totals for the page: requests, their states, and changes."""
    figures: list[dict[str, object]] = [
        {"value": format_number(sums.asks), "label": ngettext("request", "requests", sums.asks)}
    ]
    figures += [
        {"value": format_number(sums.states[state]), "label": label}
        for state, label in STATE_LABELS.items()
        if state in sums.states
    ]
    if sums.changed:
        figures.append({"value": format_number(sums.changed), "label": _("changed the text")})
    return figures


@blueprint.route(f"{_ORGANISATION}.csv", allow=Allow.SIGNED_IN)
def own_csv(organisation_id: int) -> ResponseReturnValue:
    it = organisations.get_for_member(db.session(), organisation_id, _me()).organisation
    return _csv(it)


@blueprint.route(f"{_ORGANISATION}.pdf", allow=Allow.SIGNED_IN)
@limiter.limit("30 per minute")
def own_pdf(organisation_id: int) -> ResponseReturnValue:
    it = organisations.get_for_member(db.session(), organisation_id, _me()).organisation
    return _pdf(it)


@blueprint.route("/o/<address>", allow=Allow.ANYONE)
def public(address: str) -> ResponseReturnValue:
    return _render(service.get_public(db.session(), address), public=True)


@blueprint.route("/o/<address>/outcomes.csv", allow=Allow.ANYONE)
def public_csv(address: str) -> ResponseReturnValue:
    return _csv(service.get_public(db.session(), address))


@blueprint.route("/o/<address>/outcomes.pdf", allow=Allow.ANYONE)
@limiter.limit("30 per minute")
def public_pdf(address: str) -> ResponseReturnValue:
    return _pdf(service.get_public(db.session(), address))


def _csv(it: Organisation) -> Response:
    return csv_file("outcomes.csv", paper.list_cells(queries.get_page(db.session(), it.id)))


def _pdf(it: Organisation) -> Response:
    made = Response(paper.print_report(it, queries.get_page(db.session(), it.id)), mimetype="application/pdf")
    made.headers["Content-Disposition"] = 'attachment; filename="outcomes.pdf"'
    return made
