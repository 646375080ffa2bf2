"""Pages to follow a consultation, its calendar file and its feeds."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.consultations import queries
from consult.consultations.followers import feeds
from consult.consultations.followers import service as followers
from consult.consultations.forms import ConsultationButtonForm, EmailAddressForm
from consult.consultations.model import Consultation
from consult.consultations.view_helpers import blueprint, floor_to_hour, render_feed, tag_file
from consult.core.clock import now
from consult.core.db import db
from consult.core.i18n import _, current_language
from consult.core.text import one_line, read_number
from consult.core.web import embeds
from consult.core.web.access import Allow
from consult.core.web.addresses import public_url
from consult.core.web.forms import Form
from consult.core.web.limits import limiter
from consult.core.web.requests import csrf, principal


def _current_account() -> Account | None:
    person = principal()
    return person if isinstance(person, Account) else None


@blueprint.route("/c/<slug>/follow", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def follow(slug: str) -> ResponseReturnValue:
    """Follow with an account, or enter an address that is asked to confirm."""
    row, me = queries.get_published(db.session(), slug), _current_account()
    if me is not None:
        return _follow_with(me, slug)
    form = EmailAddressForm()
    if form.validate_on_submit():
        followers.request_confirmation(
            db.session(), consultation=row, email=form.email.data, language=current_language()
        )
        return redirect(url_for("consultations.follow", slug=slug, asked=1), 303)
    asked = "asked" in request.args and not form.is_submitted()
    return _page(row, form, asked=asked, follows=False), 422 if form.problems else 200


def _page(row: Consultation, form: Form, *, asked: bool, follows: bool) -> str:
    card = public_url("embed.card", slug=row.slug, key=embeds.sign_card(row.slug))
    return render_template("consultations/follow.html", it=row, form=form, asked=asked, follows=follows, card=card)


def _follow_with(me: Account, slug: str) -> ResponseReturnValue:
    row, form = queries.get_published(db.session(), slug), ConsultationButtonForm()
    if form.validate_on_submit():
        if request.form.get("do") == "stop":
            followers.unfollow(db.session(), consultation=row, account=me)
            flash(_("You no longer follow this consultation."), "ok")
        else:
            followers.follow(db.session(), consultation=row, account=me)
            flash(
                _(
                    "You follow this consultation. We e-mail you about date changes, new versions of the draft and "
                    "answers, and three days before the consultation closes."
                ),
                "ok",
            )
        return redirect(url_for("consultations.follow", slug=slug), 303)
    follows = followers.is_following(db.session(), consultation=row, account_id=me.id)
    return _page(row, form, asked=False, follows=follows)


@blueprint.route("/follow/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def confirm_follow(token: str) -> ResponseReturnValue:
    """Show the link's page and confirm on POST, because some programs open links automatically."""
    row, it = followers.get_by_token(db.session(), token)
    if ConsultationButtonForm().validate_on_submit():
        also = {number for given in request.form.getlist("also") if (number := read_number(given)) is not None}
        followers.confirm(db.session(), token, also=also)
    others = followers.list_waiting(db.session(), row)
    form = ConsultationButtonForm()
    return _private_response(render_template("consultations/confirm.html", it=it, row=row, others=others, form=form))


@blueprint.route("/unfollow/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def unfollow(token: str) -> ResponseReturnValue:
    """Ask on GET and unsubscribe on POST, which e-mail programs send themselves. Source: RFC 8058."""
    it = followers.get_by_token(db.session(), token)[1]
    ended = request.method == "POST"
    if ended:
        followers.unfollow_by_token(db.session(), token)
    return _private_response(render_template("consultations/unfollow.html", it=it, ended=ended))


csrf.exempt(unfollow)


def _private_response(page: str) -> ResponseReturnValue:
    """Return a page whose URL is secret, with headers that forbid caching and referrers."""
    return page, 200, {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


@blueprint.route("/consultations.atom", allow=Allow.ANYONE)
def atom() -> ResponseReturnValue:
    items = feeds.list_newest(db.session(), at=now())
    return render_feed(_("Consultations"), public_url("site.consultations"), items)


@blueprint.route("/c/<slug>/feed.atom", allow=Allow.ANYONE)
def one_atom(slug: str) -> ResponseReturnValue:
    row = queries.get_published(db.session(), slug)
    return render_feed(row.title, public_url("site.consultation", slug=slug), feeds.list_events(db.session(), row))


@blueprint.route("/consultations.ics", allow=Allow.ANYONE)
def calendar() -> ResponseReturnValue:
    """Return all closing times as iCalendar. Filters: `?topic=` (ID), `?country=` (such as PE) and `?body=` (name)."""
    rows = feeds.list_upcoming(
        db.session(),
        at=now(),
        topic=read_number(request.args.get("topic", "")),
        country=one_line(request.args.get("country", ""))[:2],
        body=one_line(request.args.get("body", ""))[:200],
    )
    return _calendar(feeds.build_calendar(rows, name=_("Consultations"), at=floor_to_hour()), "consultations")


@blueprint.route("/c/<slug>/deadline.ics", allow=Allow.ANYONE)
def one_calendar(slug: str) -> ResponseReturnValue:
    row = queries.get_published(db.session(), slug)
    return _calendar(feeds.build_calendar([row], name=row.title, at=floor_to_hour()), slug)


def _calendar(made: bytes, name: str) -> ResponseReturnValue:
    answer = Response(made, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return tag_file(answer)
