"""Progress page of an uploaded draft."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.consultations import queries
from consult.consultations.forms import ConsultationButtonForm
from consult.consultations.imports import service
from consult.consultations.imports.model import ImportState
from consult.consultations.view_helpers import CONSULTATION_PATH, blueprint, current_account
from consult.core.clock import now
from consult.core.db import db
from consult.core.web.access import Allow

_PATH = f"{CONSULTATION_PATH}/imports/<int(max=9223372036854775807):import_id>"
_LATE_SECONDS = 60


@blueprint.route(_PATH, allow=Allow.POLICYMAKER)
def draft_import(number: int, import_id: int) -> ResponseReturnValue:
    """Reload until the file has been read, then redirect to the page it was uploaded from, with its text."""
    it = queries.get_sheet(db.session(), number=number, by=current_account()).consultation
    row = service.get_import(db.session(), consultation_id=it.id, import_id=import_id)
    if row.state is ImportState.READ:
        return redirect(url_for(f"consultations.{row.page}", number=number, read=row.id), 303)
    waits = int((now() - row.created_at).total_seconds())
    late = row.state is ImportState.WAITING and waits > _LATE_SECONDS
    page = render_template(
        "consultations/import.html", form=ConsultationButtonForm(), it=it, row=row, waits=waits, late=late
    )
    again = {} if row.state is ImportState.REFUSED else {"Refresh": "3"}  # reloads without a script
    return page, 200, {"Cache-Control": "no-store", **again}


@blueprint.route(f"{_PATH}/again", allow=Allow.POLICYMAKER, methods=["POST"])
def again(number: int, import_id: int) -> ResponseReturnValue:
    it = queries.get_sheet(db.session(), number=number, by=current_account()).consultation
    service.try_again(db.session(), service.get_import(db.session(), consultation_id=it.id, import_id=import_id))
    return redirect(url_for("consultations.draft_import", number=number, import_id=import_id), 303)
