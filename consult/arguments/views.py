"""Public pages of arguments, and the pages on which staff and moderators name and sort them."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.arguments import pages, queries, service
from consult.arguments.forms import (
    OUT,
    ArgumentMergeForm,
    ArgumentNameForm,
    StatementSortForm,
)
from consult.arguments.model import Argument
from consult.arguments.slots import ArgumentAnswers, ArgumentOutcomes
from consult.consultations.view_helpers import current_account, show_refusal
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.slots import collect
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.core.web.forms import Form
from consult.core.web.requests import Blueprint
from consult.submissions.comments import queries as comments_queries

blueprint = Blueprint("arguments", __name__)
NUMBER = "<int(max=9223372036854775807):number>"
OTHER = "<int(max=9223372036854775807):other>"
DESK_PATH = "/desk/arguments/of/<slug>"


@blueprint.route("/c/<slug>/arguments", allow=Allow.ANYONE)
def overview(slug: str) -> ResponseReturnValue:
    page = pages.get_overview(db.session(), slug, at=request.args.get("at"))
    outcomes = ArgumentOutcomes(page.shown)
    return render_template("arguments/overview.html", page=page, slot=collect(db.session(), outcomes))


@blueprint.route(f"/c/<slug>/arguments/{NUMBER}", allow=Allow.ANYONE)
def one(slug: str, number: int) -> ResponseReturnValue:
    page = pages.get_argument_page(db.session(), number, slug=slug, after=request.args.get("after"))
    if page.argument.id != number:
        return redirect(url_for("arguments.one", slug=slug, number=page.argument.id), 302)
    answers = ArgumentAnswers(page.consultation, page.argument)
    return render_template("arguments/one.html", page=page, slot=collect(db.session(), answers))


@blueprint.route(f"{DESK_PATH}/propose", allow=Allow.STAFF, methods=["POST"])
def propose(slug: str) -> ResponseReturnValue:
    row = comments_queries.get_consultation(db.session(), slug)
    service.request_proposals(
        db.session(), consultation=row, by=current_account(), places=queries.list_places(db.session(), row.id)
    )
    flash(
        _("We will suggest new arguments in a moment. Arguments that people named, merged or moved do not change."),
        "ok",
    )
    return redirect(url_for("positions.requests_step", slug=slug), 303)


@blueprint.route(f"{DESK_PATH}/unplaced", allow=Allow.STAFF, methods=["GET", "POST"])
def unplaced(slug: str) -> ResponseReturnValue:
    at, after = request.args.get("at"), request.args.get("after")
    page = pages.get_unplaced_page(db.session(), slug, at=at, after=after, by=current_account())
    form = StatementSortForm(page.targets, out=False)
    if form.validate_on_submit():
        try:
            argument = service.add_statements(
                db.session(),
                consultation=page.consultation,
                claim_ids=_chosen_claims(),
                to_id=form.target,
                by=current_account(),
                words=form.words.data,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Excerpts moved to the argument."), "ok")
            return redirect(url_for("arguments.work", number=argument.id), 303)
    return render_template("arguments/unplaced.html", page=page, form=form), 422 if form.is_submitted() else 200


@blueprint.route(f"/desk/arguments/{NUMBER}", allow=Allow.STAFF)
def work(number: int) -> ResponseReturnValue:
    return _page(number)


@blueprint.route(f"/desk/arguments/{NUMBER}/name", allow=Allow.STAFF, methods=["POST"])
def name(number: int) -> ResponseReturnValue:
    form = ArgumentNameForm()
    return _act_and_redirect(
        number,
        "name",
        form,
        lambda: service.name_argument(db.session(), argument_id=number, by=current_account(), words=form.name.data),
    )


@blueprint.route(f"/desk/arguments/{NUMBER}/merge", allow=Allow.STAFF, methods=["POST"])
def merge(number: int) -> ResponseReturnValue:
    form = ArgumentMergeForm(_list_siblings(number))
    return _act_and_redirect(
        number,
        "merge",
        form,
        lambda: service.merge(db.session(), argument_id=number, into_id=int(form.into.data), by=current_account()),
    )


@blueprint.route(f"/desk/arguments/{NUMBER}/statements", allow=Allow.STAFF, methods=["POST"])
def sort(number: int) -> ResponseReturnValue:
    form = StatementSortForm(_list_siblings(number), out=True)

    def act() -> Argument:
        session, claims = db.session(), _chosen_claims()
        if form.target is not None:
            return service.move_statements(
                session, argument_id=number, claim_ids=claims, to_id=form.target, by=current_account()
            )
        if form.to.data == OUT:
            return service.remove_statements(session, argument_id=number, claim_ids=claims, by=current_account())
        return service.split(session, argument_id=number, claim_ids=claims, by=current_account(), words=form.words.data)

    return _act_and_redirect(number, "sort", form, act)


def _act_and_redirect(number: int, which: str, form: Form, act: Callable[[], Argument]) -> ResponseReturnValue:
    """Run an action and redirect to the resulting argument, or show the form with the error."""
    if form.validate_on_submit():
        try:
            argument = act()
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Saved and added to the history."), "ok")
            return redirect(url_for("arguments.work", number=argument.id), 303)
    return _page(number, **{which: form}), 422


def _page(number: int, **forms: Form) -> str:
    page = pages.get_work_page(db.session(), number, after=request.args.get("after"), by=current_account())
    blank = {"formdata": None}
    shown = {
        "name": forms.get("name") or ArgumentNameForm(name=page.argument.name, **blank),
        "merge": forms.get("merge") or ArgumentMergeForm(page.beside, **blank),
        "sort": forms.get("sort") or StatementSortForm(page.beside, out=True, **blank),
    }
    wrong = next(iter(forms.values()), None)
    return render_template("arguments/work.html", page=page, forms=shown, wrong=wrong, chosen=_chosen_claims())


def _list_siblings(number: int) -> list[Argument]:
    return list(queries.list_siblings(db.session(), queries.get_argument(db.session(), number)))


def _chosen_claims() -> list[int]:
    """Return the IDs of the selected statements."""
    return [number for number in map(read_number, request.form.getlist("claim")) if number is not None]
