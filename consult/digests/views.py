"""The policymaker's workspace, the digest page with its lists, and subscriptions."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import partial
from typing import cast
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.consultations import rights
from consult.consultations.model import Consultation
from consult.consultations.rights import Deed
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.slots import collect
from consult.core.web.access import Allow, Role
from consult.core.web.requests import csrf, principal
from consult.digests import blueprint as routes
from consult.digests import queries
from consult.digests.blueprint import NUMBER
from consult.digests.content import topics as content_topics
from consult.digests.content.slots import DeskDue
from consult.digests.delivery import personal_copies
from consult.digests.delivery import service as delivery
from consult.digests.forms import DigestButtonForm, PreferencesForm, SubscriptionForm
from consult.digests.lists import queries as lists_queries
from consult.digests.model import Cadence
from consult.digests.render import brief, contributors, current_quotes, list_headings, phrases, template_helpers
from consult.digests.results import tables
from consult.digests.results import views as results_views
from consult.mail import suppression
from consult.operator import start

blueprint = routes.blueprint


def current_account() -> Account:
    """Return the signed-in account. Only for routes that require one."""
    return cast("Account", principal())


@blueprint.route("/desk", allow=Allow.POLICYMAKER)
def desk() -> ResponseReturnValue:
    at = now()
    return render_template(
        "digests/desk.html",
        desk=queries.get_desk(db.session(), current_account()),
        say=phrases,
        at=at,
        **letters_stopped(),
        slot=collect(db.session(), DeskDue(current_account(), at)),
        shut=current_account().role is Role.ADMIN and not start.is_given(db.session()),
    )


def letters_stopped() -> dict[str, object]:
    """Return the reader's address, and whether it is blocked after bounces."""
    email = unseal(current_account().email_sealed)
    return {"email": email, "stopped": suppression.get_closed_address(db.session(), email)}


def saved_message() -> str:
    """Return the message after saving a subscription, with a warning if the reader's address is blocked."""
    if letters_stopped()["stopped"]:
        return _("Saved, but we cannot e-mail you at the moment. See the note.")
    return _("Saved. Your settings apply from the next digest.")


@blueprint.route(f"/desk/digests/{NUMBER}", allow=Allow.POLICYMAKER)
def digest(number: int) -> ResponseReturnValue:
    edition = queries.get_edition(db.session(), number)
    stored = edition.digest.body
    body = current_quotes.fill_quotes(db.session(), stored) if stored else None
    about = request.args.get("about", "")
    seen = content_topics.find_topic(body.topics, about) if about and body else None
    if about and seen is None:
        raise NotFound(_("No comments on this topic."))
    asked = personal_copies.get_fields(db.session(), edition.digest, body, current_account()) if body else {}
    return render_template(
        "digests/digest.html",
        asked=asked,
        edition=edition,
        body=body,
        say=phrases,
        tell=template_helpers,
        contributors=contributors,
        brief=brief.build(body, brief.EDITION) if body else None,
        taken_back=current_quotes.list_removed_quotes(body) if body else [],
        seen=seen,
        button=DigestButtonForm(),
    )


@blueprint.route(f"/desk/digests/{NUMBER}/list/<what>", allow=Allow.POLICYMAKER)
def listing(number: int, what: str) -> ResponseReturnValue:
    digest = queries.get_digest(db.session(), number)
    listed = lists_queries.get_list(db.session(), digest, what, after=request.args.get("after"))
    body = queries.get_body(digest)
    return render_template(
        "digests/list.html",
        listing=listed,
        title=list_headings.title(listed),
        lead=list_headings.lead(listed),
        head=list_headings,
        slug=body.consultation.slug,
        zone=body.consultation.timezone,
        references=True,
        over=f"{phrases.edition(body)} · {phrases.period(body)}",
        crumbs=[(_("Workspace"), url_for("digests.desk")), (phrases.edition(body), digest_url(number))],
        way=partial(url_for, "digests.listing", number=number, what=what),
        file=url_for("digests.listing_csv", number=number, what=what),
    )


def digest_url(number: int) -> str:
    return url_for("digests.digest", number=number)


@blueprint.route(f"/desk/digests/{NUMBER}/list/<what>.csv", allow=Allow.POLICYMAKER)
def listing_csv(number: int, what: str) -> ResponseReturnValue:
    """Return the whole list as a CSV file, newest first."""
    digest = queries.get_digest(db.session(), number)
    rows = results_views.list_rows(lists_queries.iterate_list(db.session(), digest, what), references=True)
    slug = queries.get_body(digest).consultation.slug
    return results_views.csv_file(f"{slug}-{number}-{results_views.list_file_name(what)}.csv", rows)


@blueprint.route(f"/desk/digests/{NUMBER}/who.csv", allow=Allow.POLICYMAKER)
def who_csv(number: int) -> ResponseReturnValue:
    """Return the contributor groups as a file, without groups that are too small."""
    body = queries.get_body(queries.get_digest(db.session(), number))
    name = f"{body.consultation.slug}-{number}-who.csv"
    return results_views.csv_file(name, tables.build_breakdown_table(body.who))


@blueprint.route("/desk/subscriptions/<slug>", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def subscription(slug: str) -> ResponseReturnValue:
    kept = queries.get_subscription(db.session(), account_id=current_account().id, slug=slug)
    row = kept.subscription
    zone = kept.consultation.timezone
    form = SubscriptionForm(
        cadence=(row.next_cadence or row.cadence) if row else Cadence.WEEKLY,
        language=row.language if row else current_account().language,
        paused_until=pause_day(row.paused_until, zone) if row else None,
        at_once=queries.is_early_warning(db.session(), kept.consultation.id),
    )
    if form.validate_on_submit():
        try:
            delivery.subscribe(
                db.session(),
                account=current_account(),
                consultation=kept.consultation,
                cadence=form.chosen,
                language=form.language.data,
                paused_until=day_start(form.paused_until.data, zone),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(saved_message(), "ok")
            return redirect(url_for("digests.desk"), 303)
    answer = render_template(
        "digests/subscription.html",
        kept=kept,
        form=form,
        button=DigestButtonForm(),
        say=phrases,
        owned=is_owner(kept.consultation),
        early=queries.is_early_warning(db.session(), kept.consultation.id),
        **letters_stopped(),
    )
    return answer, 422 if form.is_submitted() else 200


@blueprint.route("/desk/subscriptions/<slug>/end", allow=Allow.POLICYMAKER, methods=["POST"])
def end(slug: str) -> ResponseReturnValue:
    kept = queries.get_subscription(db.session(), account_id=current_account().id, slug=slug)
    if kept.subscription is None:
        raise NotFound(_("You are not subscribed to this consultation."))
    delivery.end_subscription(db.session(), kept.subscription)
    flash(_("Paused. We send you no digests of this consultation until you resume them."), "ok")
    return redirect(url_for("digests.desk"), 303)


@blueprint.route("/desk/subscriptions/<slug>/early", allow=Allow.POLICYMAKER, methods=["POST"])
def early(slug: str) -> ResponseReturnValue:
    """Set whether subscribers can get published comments immediately. Only for the consultation's owner."""
    kept = queries.get_subscription(db.session(), account_id=current_account().id, slug=slug)
    wished = request.form.get("wished") == "yes"
    delivery.set_early_warning(db.session(), consultation=kept.consultation, by=current_account(), wished=wished)
    flash(_("Saved. Subscribers can now choose instant e-mails.") if wished else _("Saved."), "ok")
    return redirect(url_for("digests.subscription", slug=slug), 303)


@blueprint.route("/desk/preferences", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def preferences() -> ResponseReturnValue:
    together = "joined" if queries.has_combined_letters(db.session(), current_account().id) else "each"
    form = PreferencesForm(together=together, language=current_account().language)
    if form.validate_on_submit():
        try:
            delivery.set_preferences(
                db.session(),
                account=current_account(),
                joined=form.together.data == "joined",
                language=form.language.data,
                paused_until=day_start(form.paused_until.data, "UTC"),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(saved_message(), "ok")
            return redirect(url_for("digests.desk"), 303)
    return render_template(
        "digests/preferences.html", form=form, **letters_stopped()
    ), 422 if form.is_submitted() else 200


def is_owner(row: Consultation) -> bool:
    return rights.may(db.session(), current_account(), row, Deed.DECIDE)


def pause_day(at: datetime | None, zone: str) -> date | None:
    """Return the date of a pause's end in a time zone, or None once it is over."""
    return at.astimezone(ZoneInfo(zone)).date() if at and at > now() else None


def day_start(day: date | None, zone: str) -> datetime | None:
    return datetime.combine(day, time(0), tzinfo=ZoneInfo(zone)) if day else None


@blueprint.route("/unsubscribe/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def unsubscribe(token: str) -> ResponseReturnValue:
    """Handle the unsubscribe link of a digest: ask on GET, end on POST, which e-mail programs send themselves.

    Source: RFC 8058: no cookie and no other page may be needed, and a GET must change nothing.
    """
    rows = delivery.get_by_token(db.session(), token)
    if request.method == "POST":
        delivery.end_subscriptions(db.session(), rows)
    page = render_template("digests/unsubscribe.html", titles=queries.list_titles(db.session(), rows), rows=rows)
    return page, 200, {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


csrf.exempt(unsubscribe)
