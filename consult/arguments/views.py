"""Arguments as the public reads them, and the pages on which owners and moderators name and sort them."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.arguments import pages, queries, service
from consult.arguments.forms import OUT, MergeForm, NameForm, ProposeForm, SortForm
from consult.arguments.model import Argument
from consult.consultations.desk import me, refuse
from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.forms import Form
from consult.core.i18n import _
from consult.core.web import Blueprint
from consult.submissions import lists

blueprint = Blueprint("arguments", __name__)
NUMBER = "<int(max=9223372036854775807):number>"
OF = "/desk/arguments/of/<slug>"


@blueprint.route("/c/<slug>/arguments", allow=Allow.ANYONE)
def overview(slug: str) -> ResponseReturnValue:
    page = pages.overview(db.session(), slug, at=request.args.get("at"))
    return render_template("arguments/overview.html", page=page)


@blueprint.route(f"/c/<slug>/arguments/{NUMBER}", allow=Allow.ANYONE)
def one(slug: str, number: int) -> ResponseReturnValue:
    page = pages.one(db.session(), number, slug=slug, after=request.args.get("after"))
    if page.argument.id != number:
        return redirect(url_for("arguments.one", slug=slug, number=page.argument.id), 302)
    return render_template("arguments/one.html", page=page)


@blueprint.route(OF, allow=Allow.STAFF)
def desk(slug: str) -> ResponseReturnValue:
    page = pages.overview(db.session(), slug, at=request.args.get("at"), by=me())
    return render_template("arguments/desk.html", page=page, form=ProposeForm())


@blueprint.route(f"{OF}/propose", allow=Allow.STAFF, methods=["POST"])
def propose(slug: str) -> ResponseReturnValue:
    row = lists.consultation(db.session(), slug)
    service.ask_to_propose(
        db.session(), consultation=row, by=me(), places=queries.grounds(db.session(), row.id)
    )  # fmt: skip
    flash(_("Arguments are proposed anew in a moment. What people named, merged or moved stays."), "ok")
    return redirect(url_for("arguments.desk", slug=slug), 303)


@blueprint.route(f"{OF}/unplaced", allow=Allow.STAFF, methods=["GET", "POST"])
def unplaced(slug: str) -> ResponseReturnValue:
    at, after = request.args.get("at"), request.args.get("after")
    page = pages.unplaced(db.session(), slug, at=at, after=after, by=me())
    form = SortForm(page.targets, out=False)
    if form.validate_on_submit():
        try:
            argument = service.put(
                db.session(), consultation=page.consultation, claim_ids=_chosen(), to_id=form.target, by=me(),
                words=form.words.data,
            )  # fmt: skip
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            flash(_("The statements are in the argument."), "ok")
            return redirect(url_for("arguments.work", number=argument.id), 303)
    return render_template("arguments/unplaced.html", page=page, form=form), 422 if form.is_submitted() else 200


@blueprint.route(f"/desk/arguments/{NUMBER}", allow=Allow.STAFF)
def work(number: int) -> ResponseReturnValue:
    return _page(number)


@blueprint.route(f"/desk/arguments/{NUMBER}/name", allow=Allow.STAFF, methods=["POST"])
def name(number: int) -> ResponseReturnValue:
    form = NameForm()
    return _done(
        number, "name", form, lambda: service.name(db.session(), argument_id=number, by=me(), words=form.name.data)
    )  # fmt: skip


@blueprint.route(f"/desk/arguments/{NUMBER}/merge", allow=Allow.STAFF, methods=["POST"])
def merge(number: int) -> ResponseReturnValue:
    form = MergeForm(_beside(number))
    return _done(
        number, "merge", form,
        lambda: service.merge(db.session(), argument_id=number, into_id=int(form.into.data), by=me()),
    )  # fmt: skip


@blueprint.route(f"/desk/arguments/{NUMBER}/statements", allow=Allow.STAFF, methods=["POST"])
def sort(number: int) -> ResponseReturnValue:
    form = SortForm(_beside(number), out=True)

    def act() -> Argument:
        session, claims = db.session(), _chosen()
        if form.target is not None:
            return service.move(session, argument_id=number, claim_ids=claims, to_id=form.target, by=me())
        if form.to.data == OUT:
            return service.take_out(session, argument_id=number, claim_ids=claims, by=me())
        return service.split(session, argument_id=number, claim_ids=claims, by=me(), words=form.words.data)

    return _done(number, "sort", form, act)


def _done(number: int, which: str, form: Form, act: Callable[[], Argument]) -> ResponseReturnValue:
    """Does what was asked and shows the argument it led to, or says why not."""
    if form.validate_on_submit():
        try:
            argument = act()
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            flash(_("Saved, and written into the history."), "ok")
            return redirect(url_for("arguments.work", number=argument.id), 303)
    return _page(number, **{which: form}), 422


def _page(number: int, **forms: Form) -> str:
    page = pages.work(db.session(), number, after=request.args.get("after"), by=me())
    blank = {"formdata": None}
    shown = {
        "name": forms.get("name") or NameForm(name=page.argument.name, **blank),
        "merge": forms.get("merge") or MergeForm(page.beside, **blank),
        "sort": forms.get("sort") or SortForm(page.beside, out=True, **blank),
    }
    wrong = next(iter(forms.values()), None)
    return render_template("arguments/work.html", page=page, forms=shown, wrong=wrong, chosen=_chosen())


def _beside(number: int) -> list[Argument]:
    return list(queries.beside(db.session(), queries.argument(db.session(), number)))


def _chosen() -> list[int]:
    """The statements that were ticked."""
    return [int(value) for value in request.form.getlist("claim") if value.isdigit() and len(value) < 19]
