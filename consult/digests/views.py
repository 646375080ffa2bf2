"""The policymaker's desk, the digest as a page with the lists behind its numbers, and subscriptions."""

from __future__ import annotations

from typing import cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.core.access import Allow
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.web import csrf, principal
from consult.digests import headings, lists, phrases, public, queries, routes, shown, subscribing, telling
from consult.digests.forms import Button, SubscriptionForm

blueprint = routes.blueprint
_NUMBER = "<int(max=9223372036854775807):number>"


__all__ = ["blueprint", "public"]


def me() -> Account:
    """Whoever is signed in: the routes let nobody else in."""
    return cast("Account", principal())


@blueprint.route("/desk", allow=Allow.POLICYMAKER)
def desk() -> ResponseReturnValue:
    return render_template("digests/desk.html", desk=queries.desk(db.session(), me()), say=phrases, at=now())


@blueprint.route(f"/desk/digests/{_NUMBER}", allow=Allow.POLICYMAKER)
def digest(number: int) -> ResponseReturnValue:
    edition = queries.edition(db.session(), number)
    body = shown.fill(db.session(), edition.digest.body)
    return render_template(
        "digests/digest.html", edition=edition, body=body, say=phrases, tell=telling, taken_back=shown.gone(body)
    )


@blueprint.route(f"/desk/digests/{_NUMBER}/list/<what>", allow=Allow.POLICYMAKER)
def listing(number: int, what: str) -> ResponseReturnValue:
    found = queries.digest(db.session(), number)
    listed = lists.listing(db.session(), found, what, after=request.args.get("after"))
    return render_template("digests/list.html", listing=listed, body=found.body, say=phrases, head=headings)


@blueprint.route("/desk/subscriptions/<slug>", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def subscription(slug: str) -> ResponseReturnValue:
    kept = queries.kept(db.session(), account_id=me().id, slug=slug)
    row = kept.subscription
    form = SubscriptionForm(
        cadence=(row.next_cadence or row.cadence) if row else None, language=row.language if row else me().language
    )
    if form.validate_on_submit():
        try:
            subscribing.subscribe(
                db.session(), account=me(), consultation=kept.consultation, cadence=form.chosen,
                language=form.language.data,
            )  # fmt: skip
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("Saved. The next digest comes as you asked."), "ok")
            return redirect(url_for("digests.desk"), 303)
    answer = render_template("digests/subscription.html", kept=kept, form=form, button=Button(), say=phrases)
    return answer, 422 if form.is_submitted() else 200


@blueprint.route("/desk/subscriptions/<slug>/end", allow=Allow.POLICYMAKER, methods=["POST"])
def end(slug: str) -> ResponseReturnValue:
    kept = queries.kept(db.session(), account_id=me().id, slug=slug)
    if kept.subscription is None:
        raise NotFound(_("You do not subscribe to this consultation."))
    subscribing.end(db.session(), kept.subscription)
    flash(_("Paused. No digest of this consultation is sent to you until you begin again."), "ok")
    return redirect(url_for("digests.desk"), 303)


@blueprint.route("/unsubscribe/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def unsubscribe(token: str) -> ResponseReturnValue:
    """The link at the foot of a digest: asks on GET, ends on POST, which mail programs send by themselves.

    Source: RFC 8058: no cookie and no other page may be needed, and a GET must change nothing.
    """
    rows = subscribing.by_token(db.session(), token)
    if request.method == "POST":
        subscribing.end_all(db.session(), rows)
    page = render_template("digests/unsubscribe.html", titles=queries.titles(db.session(), rows), rows=rows)
    return page, 200, {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


csrf.exempt(unsubscribe)
