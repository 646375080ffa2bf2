"""Being told of signals: /signals/watch, and the links in the letters."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.core.db import db
from consult.core.i18n import _, current_language
from consult.core.text import one_line
from consult.core.web.access import Allow
from consult.core.web.limits import form_field_key, limiter
from consult.core.web.requests import Blueprint, csrf, principal
from consult.signals.model import Watcher
from consult.signals.triage.queries import list_substances
from consult.signals.watchers import service
from consult.signals.watchers.forms import WatchAddressForm, WatchButtonForm, WatchForm, describe_watcher

blueprint = Blueprint("watchers", __name__)


@blueprint.route("/signals/watch", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
@limiter.limit(
    "5 per day",
    methods=["POST"],
    key_func=form_field_key("email"),
    exempt_when=lambda: principal() is not None or _asks_for_regions(),
)
def watch() -> ResponseReturnValue:
    """With an account at once; without one, an address is asked to confirm."""
    session, person = db.session(), principal()
    me = person if isinstance(person, Account) else None
    row = service.find_for_account(session, me) if me else None
    form = _form(WatchForm if me else WatchAddressForm, row)
    if not _asks_for_regions() and form.validate_on_submit():
        if me is None:
            service.request_confirmation(session, email=form.email.data, wish=form.wish())
            return redirect(url_for("watchers.watch", asked=1), 303)
        if request.form.get("do") == "stop":
            service.stop_for_account(session, me)
            flash(_("You are told of no signals any more."), "ok")
        else:
            service.watch(session, account=me, wish=form.wish())
            flash(_("Saved. We write to you at once when something is seen there."), "ok")
        return redirect(url_for("watchers.watch"), 303)
    asked = "asked" in request.args and not form.is_submitted()
    page = render_template("signals/watch.html", form=form, row=row, asked=asked)
    return page, form.problem_status if form.problems else 200


def _asks_for_regions() -> bool:
    """Whether the form is only to be shown again with the regions of its first country: nothing of it is kept."""
    return request.form.get("do") == "regions"


def _form(kind: type[WatchForm], row: Watcher | None) -> WatchForm:
    """The regions are those of the country that is chosen first, in the form, the address or the row."""
    known = describe_watcher(row)
    asked = one_line(request.values.get("country_0", request.args.get("country", "")))[:2].upper()
    home = asked or known.get("country_0", "")
    return kind(list_substances(db.session(), current_language()), home=home, data=known | {"country_0": home})


@blueprint.route("/signals/watcher/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def confirm(token: str) -> ResponseReturnValue:
    """The link in the letter asks once more: programs that open links by themselves confirm nothing.

    Once the address is confirmed, the same link changes what it is told of.
    """
    session, row = db.session(), service.get_by_token(db.session(), token)
    form = _form(WatchForm, row) if row.confirmed_at else WatchButtonForm()
    if not _asks_for_regions() and form.validate_on_submit():
        if isinstance(form, WatchForm):
            service.change(session, token, form.wish())
            flash(_("Saved. We write to you at once when something is seen there."), "ok")
        else:
            service.confirm(session, token)
        return _private(redirect(url_for("watchers.confirm", token=token), 303))
    named = service.name_substances(session, row, current_language())
    page = render_template("signals/confirm.html", row=row, form=form, token=token, substances=named)
    return _private(page, form.problem_status if form.problems else 200)


@blueprint.route("/signals/watcher/<token>/stop", allow=Allow.ANYONE, methods=["GET", "POST"])
def stop(token: str) -> ResponseReturnValue:
    """Asks on GET, ends on POST, which mail programs send by themselves. Source: RFC 8058."""
    service.get_by_token(db.session(), token)
    ended = request.method == "POST"
    if ended:
        service.stop(db.session(), token)
    return _private(render_template("signals/stop.html", ended=ended))


csrf.exempt(stop)


def _private(page: ResponseReturnValue, status: int = 200) -> ResponseReturnValue:
    """A page whose address is a secret."""
    answer = make_response(page)
    answer.status_code = status if answer.status_code == 200 else answer.status_code
    answer.headers.update({"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"})
    return answer
