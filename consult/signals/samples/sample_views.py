"""Pages of a drug-checking service: preview a table of results, save it, and retract a batch."""

from __future__ import annotations

from typing import cast

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.accounts.organisations import service as organisations
from consult.consultations.view_helpers import render_form, show_refusal
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, current_language, ngettext
from consult.core.tables.delimited import TableRefused
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, principal
from consult.core.web.table_form import seal_table
from consult.signals.labels import SAMPLE_COLUMNS, SAMPLE_PROBLEMS
from consult.signals.places.regions import get_region_name
from consult.signals.samples import service
from consult.signals.samples.intake import receive_table
from consult.signals.samples.sample_forms import RetractionForm, SampleTableForm
from consult.signals.samples.table import SampleTable, read_table

blueprint = Blueprint("signal_samples", __name__)
_PAGE = "/organisations/<int(max=9223372036854775807):organisation_id>/samples"


@blueprint.route(_PAGE, allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def page(organisation_id: int) -> ResponseReturnValue:
    """Show the batches and a form. A table is previewed first, and saved with a second button."""
    me, session = cast("Account", principal()), db.session()
    row = organisations.get_for_member(session, organisation_id, me).organisation
    form, shown = SampleTableForm(), {}
    if form.validate_on_submit():
        try:
            name, data = form.read_table(f"samples {organisation_id}")
            with receive_table(session, data, organisation_id):
                table = _read(data, form.region.data or "")
                if request.form.get("do") == "keep":
                    return _keep(organisation_id, me, table, name=name, data=data, public=bool(form.public.data))
                form.table.data = seal_table(name, data, f"samples {organisation_id}")
                shown = {"table": table, "preview": service.preview(session, organisation_id, table.samples, at=now())}
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_form(
        "signals/samples.html",
        form,
        organisation=row,
        batches=service.list_batches(session, organisation_id),
        roles=SAMPLE_COLUMNS,
        problems=SAMPLE_PROBLEMS,
        place=lambda code: get_region_name(code, current_language()),
        **shown,
    )


def _read(data: bytes, region: str) -> SampleTable:
    try:
        return read_table(data, region.strip().upper())
    except TableRefused as refused:
        messages = {
            "empty": _("The file has no rows."),
            "columns": _("The file needs a column with the day and a column with the substances found."),
        }
        message = messages.get(str(refused), _("This file cannot be read as a table. Save it as CSV, then choose it."))
        raise Refusal(message, field="file") from refused


def _keep(
    organisation_id: int, me: Account, table: SampleTable, *, name: str, data: bytes, public: bool
) -> ResponseReturnValue:
    batch = service.keep(db.session(), organisation_id, table.samples, by=me, file_name=name, data=data, public=public)
    rows = batch.rows if batch else 0
    flash(ngettext("%(num)s sample saved.", "%(num)s samples saved.", rows), "ok")
    return redirect(url_for("signal_samples.page", organisation_id=organisation_id), 303)


@blueprint.route(
    f"{_PAGE}/<int(max=9223372036854775807):number>/retract", allow=Allow.SIGNED_IN, methods=["GET", "POST"]
)
def retract(organisation_id: int, number: int) -> ResponseReturnValue:
    """Retract a batch with a reason."""
    me, session = cast("Account", principal()), db.session()
    row = organisations.get_for_member(session, organisation_id, me).organisation
    batch, form = service.get_batch(session, organisation_id, number), RetractionForm()
    if form.validate_on_submit():
        try:
            count = service.retract(session, number, by=me, reason=form.reason.data or "")
            flash(ngettext("%(num)s sample deleted.", "%(num)s samples deleted.", count), "ok")
            return redirect(url_for("signal_samples.page", organisation_id=organisation_id), 303)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_form("signals/retract_samples.html", form, organisation=row, batch=batch)
