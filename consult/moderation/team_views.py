"""The team: who looks after what, and on which days."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.moderation import teams
from consult.moderation.board import blueprint, me
from consult.moderation.forms import Press
from consult.moderation.team_forms import CalendarForm, SeatForm

_ID = "int(max=9223372036854775807)"


@blueprint.route("/review/team", allow=Allow.MODERATOR)
def team() -> ResponseReturnValue:
    return _shown(None)


@blueprint.route("/review/team/seats", allow=Allow.ADMIN, methods=["POST"])
def add_seat() -> ResponseReturnValue:
    session = db.session()
    form = SeatForm(teams.members(session), teams.to_choose_from(session))
    if form.validate_on_submit():
        try:
            chosen = int(form.consultation.data) if form.consultation.data else None
            teams.seat(
                session, account_id=int(form.account.data), consultation_id=chosen, language=form.language.data
            )  # fmt: skip
            flash(_("Done. They see it first from now on."), "ok")
            return redirect(url_for("moderation.team"), 303)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _shown(form)


@blueprint.route(f"/review/team/seats/<{_ID}:seat_id>", allow=Allow.ADMIN, methods=["POST"])
def remove_seat(seat_id: int) -> ResponseReturnValue:
    if Press().validate_on_submit():
        teams.unseat(db.session(), seat_id)
        flash(_("Taken away."), "ok")
    return redirect(url_for("moderation.team"), 303)


@blueprint.route("/review/team/calendar", allow=Allow.ADMIN, methods=["GET", "POST"])
def calendar() -> ResponseReturnValue:
    session = db.session()
    form = CalendarForm(teams.calendar(session), dict(teams.closed_days(session)))
    if form.validate_on_submit():
        try:
            closed = teams.read_closed(form.closed.data or "")
            teams.set_calendar(session, weekdays=form.weekdays.data, closed=closed, zone=form.zone.data)
            flash(_("Saved. What is overdue is counted anew."), "ok")
            return redirect(url_for("moderation.team"), 303)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    days = teams.calendar(session).days
    return render_template("moderation/calendar.html", form=form, days=days), 422 if form.problems else 200


def _shown(form: SeatForm | None) -> ResponseReturnValue:
    session = db.session()
    people = teams.members(session)
    form = form or SeatForm(people, teams.to_choose_from(session), formdata=None)
    page = render_template(
        "moderation/team.html", people=people, form=form, press=Press(), me=me(), days=teams.calendar(session),
        closed=teams.closed_days(session),
    )  # fmt: skip
    return page, 422 if form.problems else 200
