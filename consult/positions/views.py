"""Pages of the workbench."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.consultations.view_helpers import current_account
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.positions import counts, items, requests, service
from consult.positions.forms import ANSWER_LABELS, SIDE_LABELS, ExamplesForm, PositionForm
from consult.positions.items import Item
from consult.positions.model import Side
from consult.submissions.comments import queries as comments_queries

blueprint = Blueprint("positions", __name__)
PATH = "/desk/c/<slug>/workbench"


@blueprint.route(PATH, allow=Allow.STAFF)
def workbench(slug: str) -> ResponseReturnValue:
    """Show the next item, or the one named in the URL."""
    return _show(slug, request.args.get("step", ""), request.args.get("unit", ""), request.args.get("key", ""))


@blueprint.route(PATH, allow=Allow.STAFF, methods=["POST"])
def decide(slug: str) -> ResponseReturnValue:
    """Store or undo a decision and redirect to the next item."""
    session, by, form = db.session(), current_account(), PositionForm()
    row = comments_queries.get_consultation(session, slug)
    service.check_may_decide(session, row, by)
    step, typed = request.form.get("step", ""), request.form.get("side", "")
    if not form.validate_on_submit() or typed not in {*Side, "undo"}:
        return _show(slug, step, form.unit.data or "", form.key.data or "", status=422)
    item = service.get_item(session, row.id, form.unit.data, form.key.data)
    try:
        service.decide(
            session,
            consultation=row,
            item=item,
            side=None if typed == "undo" else Side(typed),
            seen=form.seen.data or "",
            after=read_number(form.after.data or "") or 0,
            by=by,
        )
    except Refusal as refusal:
        session.rollback()
        return _show(slug, step, item.unit, item.key, status=refusal.status, problem=refusal.message)
    if typed == "undo":
        flash(_("Decision undone."), "ok")
        return redirect(url_for("positions.workbench", slug=slug, step=step, unit=item.unit, key=item.key), 303)
    following = service.find_next(session, row.id, service.get_workbench(session, row.id), by, step=_known(step))
    if following is not None:
        service.hold(session, row.id, following, by)
    return redirect(url_for("positions.workbench", slug=slug, step=step), 303)


@blueprint.route(f"{PATH}/examples", allow=Allow.STAFF, methods=["POST"])
def examples(slug: str) -> ResponseReturnValue:
    """Store example sentences for the ranking of a letter's copies."""
    session, form = db.session(), ExamplesForm()
    row = comments_queries.get_consultation(session, slug)
    service.check_may_decide(session, row, current_account())
    campaign_id = read_number(form.campaign.data or "")
    if form.validate_on_submit() and campaign_id is not None:
        words = form.examples.data or ""
        service.set_examples(session, consultation=row, campaign_id=campaign_id, words=words, by=current_account())
        flash(_("Saved. Texts like your example will come first after the next ranking of the copies."), "ok")
    return redirect(url_for("positions.workbench", slug=slug, step="added"), 303)


def _known(step: str) -> str:
    return step if step in service.STEPS else service.STEPS[0]


def _show(slug: str, step: str, unit: str, key: str, *, status: int = 200, problem: str = "") -> ResponseReturnValue:
    session, by = db.session(), current_account()
    row = comments_queries.get_consultation(session, slug)
    service.check_may_decide(session, row, by)
    bench = service.get_workbench(session, row.id)
    named = bench.find(unit, key)
    step = _known(step or _first_open_step(bench))
    item = named or service.find_next(session, row.id, bench, by, step=step)
    last = service.find_last_decision(session, row.id, by)
    undone = bench.find(last.unit, last.key) if last else None
    progress = service.get_reading(session, bench, item) if item else None
    return render_template(
        "positions/workbench.html",
        it=row,
        bench=bench,
        step=step,
        item=item,
        words=items.load_words(session, item) if item else None,
        form=_fill(item),
        counts=counts.count_sides(session, row.id, as_of=now()),
        progress=requests.count_progress(session, row.id),
        sides=SIDE_LABELS,
        answers=_list_answers(item) if progress else None,
        reading=progress,
        examples=_fill_examples(progress),
        last=undone,
        undo=_fill(undone),
        problem=problem,
    ), status


def _first_open_step(bench: service.Workbench) -> str:
    return next((name for name, progress in bench.progress.items() if progress.left), "")


def _fill(item: Item | None) -> PositionForm:
    form = PositionForm(formdata=None)
    if item:
        form.unit.data, form.key.data, form.seen.data = item.unit, item.key, item.seen
        form.after.data = str(item.decision)
    return form


def _list_answers(item: Item | None) -> dict[Side, str] | None:
    """Return the answers on a copy as sides, if the side of its letter has an opposite."""
    if item is None or item.letter_side not in service.OPPOSITE:
        return None
    sides = (service.OPPOSITE[item.letter_side], item.letter_side, Side.NEITHER)
    return dict(zip(sides, ANSWER_LABELS, strict=True))


def _fill_examples(progress: service.LetterProgress | None) -> ExamplesForm:
    form = ExamplesForm(formdata=None)
    if progress:
        form.campaign.data, form.examples.data = str(progress.campaign_id), progress.examples
    return form
