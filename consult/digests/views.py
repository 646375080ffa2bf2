"""The policymaker's desk, the digest as a page with the lists behind its numbers, and subscriptions."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import partial
from typing import cast
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.access import Allow, Role
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.web import csrf, principal
from consult.digests import (
    contributors,
    edition_views,
    headings,
    heard,
    lists,
    phrases,
    public,
    queries,
    routes,
    shown,
    subscribing,
    telling,
    topics,
)
from consult.digests.forms import Button, PreferencesForm, SubscriptionForm
from consult.digests.model import Cadence
from consult.digests.routes import NUMBER

blueprint = routes.blueprint


__all__ = ["blueprint", "edition_views", "public"]


def me() -> Account:
    """Whoever is signed in: the routes let nobody else in."""
    return cast("Account", principal())


@blueprint.route("/desk", allow=Allow.POLICYMAKER)
def desk() -> ResponseReturnValue:
    return render_template("digests/desk.html", desk=queries.desk(db.session(), me()), say=phrases, at=now())


@blueprint.route(f"/desk/digests/{NUMBER}", allow=Allow.POLICYMAKER)
def digest(number: int) -> ResponseReturnValue:
    edition = queries.edition(db.session(), number)
    body = shown.fill(db.session(), edition.digest.body)
    about = request.args.get("about", "")
    seen = topics.named(body, about) if about else None
    if about and seen is None:
        raise NotFound(_("Nothing was said about this topic."))
    return render_template(
        "digests/digest.html", edition=edition, body=body, say=phrases, tell=telling, who=contributors,
        taken_back=shown.gone(body), seen=seen, button=Button(),
    )  # fmt: skip


@blueprint.route(f"/desk/digests/{NUMBER}/list/<what>", allow=Allow.POLICYMAKER)
def listing(number: int, what: str) -> ResponseReturnValue:
    found = queries.digest(db.session(), number)
    listed = lists.listing(db.session(), found, what, after=request.args.get("after"))
    return render_template(
        "digests/list.html", listing=listed, title=headings.title(listed), lead=headings.lead(listed), head=headings,
        slug=found.body["consultation"]["slug"], zone=found.body["consultation"]["timezone"], references=True,
        over=f"{phrases.edition(found.body)} · {phrases.period(found.body)}",
        crumbs=[(_("Desk"), url_for("digests.desk")), (phrases.edition(found.body), at(number))],
        way=partial(url_for, "digests.listing", number=number, what=what),
        file=url_for("digests.listing_csv", number=number, what=what),
    )  # fmt: skip


def at(number: int) -> str:
    return url_for("digests.digest", number=number)


@blueprint.route(f"/desk/digests/{NUMBER}/list/<what>.csv", allow=Allow.POLICYMAKER)
def listing_csv(number: int, what: str) -> ResponseReturnValue:
    """All of the list as a file, the newest first."""
    found = queries.digest(db.session(), number)
    rows = public.list_rows(lists.everything(db.session(), found, what), references=True)
    return public.csv_file(f"{found.body['consultation']['slug']}-{number}-{public.file_name(what)}.csv", rows)


@blueprint.route(f"/desk/digests/{NUMBER}/who.csv", allow=Allow.POLICYMAKER)
def who_csv(number: int) -> ResponseReturnValue:
    """Who was heard as a file; a group that is too small is not by itself in it."""
    found = queries.digest(db.session(), number)
    name = f"{found.body['consultation']['slug']}-{number}-who.csv"
    return public.csv_file(name, heard.breakdown_rows(found.body.get("who", {})))


@blueprint.route("/desk/subscriptions/<slug>", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def subscription(slug: str) -> ResponseReturnValue:
    kept = queries.kept(db.session(), account_id=me().id, slug=slug)
    row = kept.subscription
    zone = kept.consultation.timezone
    form = SubscriptionForm(
        cadence=(row.next_cadence or row.cadence) if row else Cadence.WEEKLY,
        language=row.language if row else me().language,
        paused_until=day_of(row.paused_until, zone) if row else None,
        at_once=queries.warns_early(db.session(), kept.consultation.id),
    )  # fmt: skip
    if form.validate_on_submit():
        try:
            subscribing.subscribe(
                db.session(), account=me(), consultation=kept.consultation, cadence=form.chosen,
                language=form.language.data, paused_until=start_of(form.paused_until.data, zone),
            )  # fmt: skip
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("Saved. The next digest comes as you asked."), "ok")
            return redirect(url_for("digests.desk"), 303)
    answer = render_template(
        "digests/subscription.html", kept=kept, form=form, button=Button(), say=phrases, owned=owns(kept.consultation),
        early=queries.warns_early(db.session(), kept.consultation.id),
    )  # fmt: skip
    return answer, 422 if form.is_submitted() else 200


@blueprint.route("/desk/subscriptions/<slug>/end", allow=Allow.POLICYMAKER, methods=["POST"])
def end(slug: str) -> ResponseReturnValue:
    kept = queries.kept(db.session(), account_id=me().id, slug=slug)
    if kept.subscription is None:
        raise NotFound(_("You do not subscribe to this consultation."))
    subscribing.end(db.session(), kept.subscription)
    flash(_("Paused. No digest of this consultation is sent to you until you begin again."), "ok")
    return redirect(url_for("digests.desk"), 303)


@blueprint.route("/desk/subscriptions/<slug>/early", allow=Allow.POLICYMAKER, methods=["POST"])
def early(slug: str) -> ResponseReturnValue:
    """Whether what is published in this consultation is told at once: for its owner to say."""
    kept = queries.kept(db.session(), account_id=me().id, slug=slug)
    wished = request.form.get("wished") == "yes"
    subscribing.warn_early(db.session(), consultation=kept.consultation, by=me(), wished=wished)
    flash(_("Saved. Who subscribes may now choose to be told at once.") if wished else _("Saved."), "ok")
    return redirect(url_for("digests.subscription", slug=slug), 303)


@blueprint.route("/desk/preferences", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def preferences() -> ResponseReturnValue:
    together = "joined" if queries.joined(db.session(), me().id) else "each"
    form = PreferencesForm(together=together, language=me().language)
    if form.validate_on_submit():
        try:
            subscribing.prefer(
                db.session(), account=me(), joined=form.together.data == "joined", language=form.language.data,
                paused_until=start_of(form.paused_until.data, "UTC"),
            )  # fmt: skip
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("Saved. The next digest comes as you asked."), "ok")
            return redirect(url_for("digests.desk"), 303)
    return render_template("digests/preferences.html", form=form), 422 if form.is_submitted() else 200


def owns(row: Consultation) -> bool:
    return row.owner_id == me().id or me().role is Role.ADMIN


def day_of(at: datetime | None, zone: str) -> date | None:
    """The day of a pause's end on the clocks of a place; None once it is over."""
    return at.astimezone(ZoneInfo(zone)).date() if at and at > now() else None


def start_of(day: date | None, zone: str) -> datetime | None:
    return datetime.combine(day, time(0), tzinfo=ZoneInfo(zone)) if day else None


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
