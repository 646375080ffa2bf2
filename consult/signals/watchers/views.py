"""Pages for subscribing to warnings: /signals/watch, and the links in the e-mails."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.core.db import db
from consult.core.i18n import _, current_language
from consult.core.text import one_line
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, csrf, principal
from consult.signals.model import Watcher
from consult.signals.triage.queries import list_substances
from consult.signals.watchers import service
from consult.signals.watchers.forms import WatchAddressForm, WatchButtonForm, WatchForm, describe_watcher

blueprint = Blueprint("watchers", __name__)


@blueprint.route("/signals/watch", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def watch() -> ResponseReturnValue:
    """Subscribe to warnings: immediately with an account, otherwise after a confirmation by e-mail."""
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
            flash(_("You will no longer get drug warnings."), "ok")
        else:
            service.watch(session, account=me, wish=form.wish())
            flash(_("Saved. We e-mail you when we publish a warning that matches your choices."), "ok")
        return redirect(url_for("watchers.watch"), 303)
    asked = "asked" in request.args and not form.is_submitted()
    page = render_template("signals/watch.html", form=form, row=row, asked=asked)
    return page, form.problem_status if form.problems else 200


def _asks_for_regions() -> bool:
    """Return whether the form should only be shown again with the regions of its first country."""
    return request.form.get("do") == "regions"


def _form(kind: type[WatchForm], row: Watcher | None) -> WatchForm:
    """Return the form with the regions of its first country, from the form, the URL or the row."""
    known = describe_watcher(row)
    asked = one_line(request.values.get("country_0", request.args.get("country", "")))[:2].upper()
    home = asked or known.get("country_0", "")
    return kind(list_substances(db.session(), current_language()), home=home, data=known | {"country_0": home})


@blueprint.route("/signals/watcher/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def confirm(token: str) -> ResponseReturnValue:
    """Confirm a subscription after a button is pressed, since some programs open links automatically.

    Once confirmed, the same link changes the subscription.
    """
    session, row = db.session(), service.get_by_token(db.session(), token)
    form = _form(WatchForm, row) if row.confirmed_at else WatchButtonForm()
    if not _asks_for_regions() and form.validate_on_submit():
        if isinstance(form, WatchForm):
            service.change(session, token, form.wish())
            flash(_("Saved. We e-mail you when we publish a warning that matches your choices."), "ok")
        else:
            service.confirm(session, token)
        return _private(redirect(url_for("watchers.confirm", token=token), 303))
    named = service.name_substances(session, row, current_language())
    page = render_template("signals/confirm.html", row=row, form=form, token=token, substances=named)
    return _private(page, form.problem_status if form.problems else 200)


@blueprint.route("/signals/watcher/<token>/stop", allow=Allow.ANYONE, methods=["GET", "POST"])
def stop(token: str) -> ResponseReturnValue:
    """Ask for confirmation on GET and unsubscribe on POST, which mail programs send themselves. Source: RFC 8058."""
    service.get_by_token(db.session(), token)
    ended = request.method == "POST"
    if ended:
        service.stop(db.session(), token)
    return _private(render_template("signals/stop.html", ended=ended))


csrf.exempt(stop)


def _private(page: ResponseReturnValue, status: int = 200) -> ResponseReturnValue:
    """Return a response with headers for a page with a private URL."""
    answer = make_response(page)
    answer.status_code = status if answer.status_code == 200 else answer.status_code
    answer.headers.update({"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"})
    return answer
