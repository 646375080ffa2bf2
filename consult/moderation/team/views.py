"""Pages of the team: assignments and working days."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.moderation.forms import ModerationButtonForm
from consult.moderation.team import service as team_service
from consult.moderation.team.forms import CalendarForm, SeatForm
from consult.moderation.view_helpers import blueprint, current_moderator

_ID = "int(max=9223372036854775807)"


@blueprint.route("/review/team", allow=Allow.MODERATOR)
def team() -> ResponseReturnValue:
    return _render_team(None)


@blueprint.route("/review/team/seats", allow=Allow.ADMIN, methods=["POST"])
def add_seat() -> ResponseReturnValue:
    session = db.session()
    form = SeatForm(team_service.list_members(session), team_service.list_consultation_choices(session))
    if form.validate_on_submit():
        try:
            chosen = int(form.consultation.data) if form.consultation.data else None
            team_service.add_seat(
                session, account_id=int(form.account.data), consultation_id=chosen, language=form.language.data
            )
            flash(_("Moderator assigned. They now see these submissions first."), "ok")
            return redirect(url_for("moderation.team"), 303)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _render_team(form)


@blueprint.route(f"/review/team/seats/<{_ID}:seat_id>", allow=Allow.ADMIN, methods=["POST"])
def remove_seat(seat_id: int) -> ResponseReturnValue:
    if ModerationButtonForm().validate_on_submit():
        team_service.remove_seat(db.session(), seat_id)
        flash(_("Assignment removed."), "ok")
    return redirect(url_for("moderation.team"), 303)


@blueprint.route("/review/team/calendar", allow=Allow.ADMIN, methods=["GET", "POST"])
def calendar() -> ResponseReturnValue:
    session = db.session()
    form = CalendarForm(team_service.get_calendar(session), dict(team_service.get_closed_days(session)))
    if form.validate_on_submit():
        try:
            closed = team_service.parse_closed_days(form.closed.data or "")
            team_service.set_calendar(session, weekdays=form.weekdays.data, closed=closed, zone=form.zone.data)
            flash(_("Calendar saved. We have recalculated what is overdue."), "ok")
            return redirect(url_for("moderation.team"), 303)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    days = team_service.get_calendar(session).days
    return render_template("moderation/calendar.html", form=form, days=days), 422 if form.problems else 200


def _render_team(form: SeatForm | None) -> ResponseReturnValue:
    session = db.session()
    people = team_service.list_members(session)
    form = form or SeatForm(people, team_service.list_consultation_choices(session), formdata=None)
    page = render_template(
        "moderation/team.html",
        people=people,
        form=form,
        press=ModerationButtonForm(),
        me=current_moderator(),
        days=team_service.get_calendar(session),
        closed=team_service.get_closed_days(session),
    )
    return page, 422 if form.problems else 200
