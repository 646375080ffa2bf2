"""Further pages of the workbench: requests to check, the result, and the second reader."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.arguments import undo
from consult.arguments.objections import queries as objections
from consult.consultations.view_helpers import current_account
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import excerpt, read_number
from consult.core.web.access import Allow
from consult.positions import counts, items, requests, second, service
from consult.positions.forms import MAX_NAME, SIDE_LABELS, PositionForm, RequestForm
from consult.positions.model import Side
from consult.positions.requests import RequestAct
from consult.positions.views import PATH, blueprint
from consult.submissions.comments import queries as comments_queries


@blueprint.route(f"{PATH}/requests", allow=Allow.STAFF)
def requests_step(slug: str) -> ResponseReturnValue:
    """Show the next suggested argument, or the one named in the URL."""
    return _show(slug, request.args.get("key", ""))


@blueprint.route(f"{PATH}/requests", allow=Allow.STAFF, methods=["POST"])
def decide_request(slug: str) -> ResponseReturnValue:
    """Store or undo a decision and redirect to the next suggested argument."""
    session, by, form = db.session(), current_account(), RequestForm()
    row = comments_queries.get_consultation(session, slug)
    service.check_may_decide(session, row, by)
    done, key = request.form.get("act", ""), form.key.data or ""
    if not form.validate_on_submit() or done not in {*RequestAct, "undo"}:
        return _show(slug, key, status=422)
    try:
        if done == "undo":
            undo.undo(session, act_id=read_number(key) or 0, by=by)
            flash(_("Decision undone."), "ok")
        else:
            requests.decide(
                session,
                argument_id=read_number(key) or 0,
                revision=read_number(form.after.data or "") or 0,
                act=RequestAct(done),
                by=by,
                words=form.name.data or "",
                into_id=read_number(request.form.get("into", "")),
                reasons=[n for n in map(read_number, request.form.getlist("reason")) if n is not None],
            )
    except Refusal as refusal:
        if isinstance(refusal, Forbidden | NotFound):
            raise
        session.rollback()
        return _show(slug, key, status=refusal.status, problem=refusal.message)
    following = requests.find_next(session, row.id, by)
    if following is not None:
        service.hold(session, row.id, following, by)
    return redirect(url_for("positions.requests_step", slug=slug), 303)


def _show(slug: str, key: str, *, status: int = 200, problem: str = "") -> ResponseReturnValue:
    session, by = db.session(), current_account()
    row = comments_queries.get_consultation(session, slug)
    service.check_may_decide(session, row, by)
    item = requests.find_next(session, row.id, by, key=key)
    form = RequestForm(formdata=None)
    if item:
        form.key.data, form.after.data = item.key, str(item.argument.revision)
        form.name.data = request.form.get("name") or excerpt(item.quotes[0].text if item.quotes else "", MAX_NAME)
    return render_template(
        "positions/requests.html",
        it=row,
        bench=service.get_workbench(session, row.id),
        progress=requests.count_progress(session, row.id),
        item=item,
        form=form,
        sides=SIDE_LABELS,
        last=requests.find_undoable(session, row.id, by),
        checked=requests.list_checked(session, row.id),
        suggested=requests.list_suggested(session, row.id),
        objections=objections.count_open(session, row.id),
        problem=problem,
    ), status


@blueprint.route(f"{PATH}/check", allow=Allow.STAFF)
def check_step(slug: str) -> ResponseReturnValue:
    """Show the content of the brief, the answers due, and the texts left to read."""
    session, by = db.session(), current_account()
    row = comments_queries.get_consultation(session, slug)
    service.check_may_decide(session, row, by)
    checked = requests.list_checked(session, row.id)
    return render_template(
        "positions/check.html",
        it=row,
        bench=service.get_workbench(session, row.id),
        progress=requests.count_progress(session, row.id),
        counts=counts.count_sides(session, row.id, as_of=now()),
        sides=SIDE_LABELS,
        checked=checked,
        agreement=second.measure_agreement(session, row.id, as_of=now()),
        letter_sides=requests.list_sides(session, row.id, [row.id for row in checked]),
        quotes=requests.list_parts(session, [row.id for row in checked]),
    )


@blueprint.route(f"{PATH}/second", allow=Allow.STAFF)
def second_reader(slug: str) -> ResponseReturnValue:
    """Show the next text of the sample for a second reader, without its first decision."""
    return _show_second(slug)


@blueprint.route(f"{PATH}/second", allow=Allow.STAFF, methods=["POST"])
def decide_second(slug: str) -> ResponseReturnValue:
    """Store the decision of a second reader and redirect to the next text."""
    session, by, form = db.session(), current_account(), PositionForm()
    row = comments_queries.get_consultation(session, slug)
    service.check_may_decide(session, row, by)
    typed = request.form.get("side", "")
    if not form.validate_on_submit() or typed not in set(Side):
        return _show_second(slug, status=422)
    item = service.get_item(session, row.id, form.unit.data, form.key.data)
    try:
        second.decide_apart(session, consultation=row, item=item, side=Side(typed), by=by)
    except Conflict as refusal:
        session.rollback()
        return _show_second(slug, status=refusal.status, problem=refusal.message)
    return redirect(url_for("positions.second_reader", slug=slug), 303)


def _show_second(slug: str, *, status: int = 200, problem: str = "") -> ResponseReturnValue:
    session, by = db.session(), current_account()
    row = comments_queries.get_consultation(session, slug)
    service.check_may_decide(session, row, by)
    bench = service.get_workbench(session, row.id)
    waiting = second.list_waiting(session, row.id, bench.decided, by)
    form = PositionForm(formdata=None)
    if waiting:
        form.unit.data, form.key.data, form.seen.data = waiting[0].unit, waiting[0].key, waiting[0].seen
    return render_template(
        "positions/second.html",
        it=row,
        bench=bench,
        progress=requests.count_progress(session, row.id),
        item=waiting[0] if waiting else None,
        left=len(waiting),
        words=items.load_words(session, waiting[0]) if waiting else None,
        form=form,
        sides=SIDE_LABELS,
        problem=problem,
    ), status
