"""Triage at the desk of those with a seat: /review/signals…"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.accounts.views import current_account
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import _, current_language
from consult.core.text import one_line, read_number
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.signals import service, warnings
from consult.signals.model import ReportStanding, Signal, SignalLevel, SignalReport
from consult.signals.reports import files as report_files
from consult.signals.reports.files import ReportFile
from consult.signals.triage import comparison, proposals, queries, seats, substances
from consult.signals.triage.forms import ReportTriageForm, SignalButtonForm, SignalDecisionForm, SignalSeatForm

blueprint = Blueprint("signal_triage", __name__)


def seated() -> Account:
    """Who is signed in, if they have a seat. Raises Forbidden."""
    me = current_account()
    seats.check(db.session(), me)
    return me


@blueprint.route("/review/signals", allow=Allow.MODERATOR)
def queue() -> ResponseReturnValue:
    """All that waits; the report that is due first, or the one asked for, is decided here."""
    seated()
    session = db.session()
    found = queries.get_queue(session, at=now())
    current = found.find(one_line(request.args.get("at", "")))
    return _render_queue(found, current, _report_form(current.row) if current else None)


def _report_form(report: SignalReport) -> ReportTriageForm:
    """With the substance that the words of the report name, if they name one: a person confirms it."""
    session, language = db.session(), current_language()
    named = substances.get_named(session, report, language)
    form = ReportTriageForm(
        queries.list_open_signals(session, report.country),
        queries.list_substances(session, language),
        substance=str(named.named[0][0]) if len(named.named) == 1 else "",
    )
    form.proposed = named
    return form


def _list_files(reports: Iterable[queries.TriageReport]) -> Mapping[int, Sequence[ReportFile]]:
    """The files that came with reports, but for those that were withdrawn."""
    shown = [it.row.id for it in reports if it.link.standing in report_files.SHOWS_FILES]
    return report_files.list_by_report(db.session(), shown)


def _render_queue(found: queries.TriageQueue, current: Any, form: Any) -> ResponseReturnValue:
    waits = current is not None and current.link.standing is ReportStanding.WAITING
    apart = comparison.list_apart(db.session(), current.row) if waits else []
    alike = proposals.list_alike(db.session(), current.row, apart) if waits else []
    named = substances.get_named(db.session(), current.row, current_language()) if waits else None
    numbers = [number for number, _name in named.named] if named else []
    page = render_template(
        "signals/queue.html",
        queue=found,
        current=current,
        form=form or SignalButtonForm(),
        at=now(),
        alike=alike,
        apart=apart,
        together=request.form.getlist("together") or request.args.getlist("with"),
        files=_list_files([current]) if current else {},
        holds_seat=seats.holds_seat(db.session(), current_account()),
        named=named,
        usual=proposals.measure_arriving(db.session(), current.row, alike, numbers) if waits else None,
    )
    return page, form.problem_status if form is not None and form.problems else 200


@blueprint.route("/review/signals/reports/<reference>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def report(reference: str) -> ResponseReturnValue:
    """One report: take it, open a signal with it, add it to one, or say why it is none."""
    me, session = seated(), db.session()
    row = service.get_report(session, reference)
    form = _report_form(row)
    if form.validate_on_submit():
        try:
            said = _decide_report(me, row, form)
        except Forbidden:
            raise
        except Refusal as refusal:
            session.rollback()
            form.refuse(refusal)
        else:
            flash(said, "ok")
            stays = request.form.get("do", "").partition(":")[0] in {"take", "apart", "back"}
            return redirect(url_for("signal_triage.queue", at=reference if stays else None), 303)
    session.expire_all()
    current = queries.get_report(session, service.get_report(session, reference))
    return _render_queue(queries.get_queue(session, at=now()), current, form)


def _decide_report(me: Account, row: SignalReport, form: ReportTriageForm) -> str:
    session, do = db.session(), request.form.get("do", "")
    if do == "take":
        service.take_report(session, row, by=me)
        return _("You are at it now. Nobody is reminded of it any more.")
    if do == "link":
        service.link_report(session, row, service.get(session, form.signal.data), by=me)
        return _("The report belongs to the signal now.")
    if do.startswith("link:"):
        service.link_report(session, row, service.get(session, do.removeprefix("link:")), by=me)
        return _("The report belongs to the signal now.")
    if do.startswith("apart:"):
        comparison.set_apart(session, row, service.get_report(session, do.removeprefix("apart:")), by=me)
        return _("Not the same: it is not proposed here any more.")
    if do == "back":
        comparison.bring_back(session, row)
        return _("Proposed again.")
    if do == "decline":
        service.decline_report(session, row, by=me, reason=form.reason.data)
        return _("Kept as not a signal, with the reason.")
    if do == "split":
        service.split_report(session, row, by=me, reason=form.reason.data)
        return _("The report waits again.")
    _open_signal(me, row, form)
    return _("The signal is open, and who watches for it is told.")


def _open_signal(me: Account, row: SignalReport, form: ReportTriageForm) -> None:
    """With the reports that wait and were ticked as the same."""
    session = db.session()
    signal = service.open_signal(
        session,
        row,
        by=me,
        title=form.title.data,
        level=SignalLevel(form.level.data),
        reason=form.reason.data,
        substance_id=read_number(form.substance.data),
    )
    for reference in dict.fromkeys(request.form.getlist("together")[: proposals.MOST_SHOWN]):
        service.link_report(session, service.get_report(session, reference), signal, by=me)


@blueprint.route("/review/signals/<slug>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def one(slug: str) -> ResponseReturnValue:
    """A signal: its reports, its level beside the one that the rule proposes, and what can be decided."""
    me, session = seated(), db.session()
    row = service.get(session, slug)
    others = [it for it in queries.list_open_signals(session, row.country) if it.id != row.id]
    form = SignalDecisionForm(others, level=str(row.level), revision=str(row.revision))
    if form.validate_on_submit():
        try:
            said = _ACTS[request.form.get("do", "level")](me, row, form)
        except KeyError:
            form.form_errors.append(_("Choose from what is offered here"))
        except Forbidden:
            raise
        except Refusal as refusal:
            session.rollback()
            form.refuse(refusal)
        else:
            flash(said, "ok")
            return redirect(url_for("signal_triage.one", slug=slug), 303)
    found = queries.get_signal(session, service.get(session, slug), at=now())
    usual = proposals.measure_usual(session, found.row, at=now())
    page = render_template(
        "signals/triage.html",
        it=found,
        form=form,
        at=now(),
        me=me,
        usual=usual,
        files=_list_files(found.reports),
        holds_seat=seats.holds_seat(session, me),
    )
    return page, form.problem_status if form.problems else 200


def _take(me: Account, row: Signal, _form: SignalDecisionForm) -> str:
    service.take_signal(db.session(), row, by=me)
    return _("You are at it now. Nobody is reminded of it any more.")


def _set_level(me: Account, row: Signal, form: SignalDecisionForm) -> str:
    changed = service.set_level(
        db.session(), row, SignalLevel(form.level.data), by=me, reason=form.reason.data, revision=form.read_revision
    )
    return _("The level is changed, and the letters are on their way.") if changed else _("It has this level already.")


def _merge(me: Account, row: Signal, form: SignalDecisionForm) -> str:
    service.merge(db.session(), row, service.get(db.session(), form.into.data), by=me, reason=form.reason.data)
    return _("Merged. The page of this signal leads to the other.")


def _show_place(me: Account, row: Signal, form: SignalDecisionForm) -> str:
    service.show_place(db.session(), row, by=me, reason=form.reason.data)
    return _("The town is public now.")


def _close(me: Account, row: Signal, form: SignalDecisionForm) -> str:
    service.close(db.session(), row, by=me, reason=form.reason.data)
    return _("Closed. Its page stays.")


def _review(me: Account, row: Signal, form: SignalDecisionForm) -> str:
    number = read_number(form.edition.data) or 0
    warnings.review(db.session(), row, number, by=me, reason=form.reason.data)
    return _("Reviewed.")


_ACTS: dict[str, Callable[[Account, Signal, SignalDecisionForm], str]] = {
    "take": _take,
    "level": _set_level,
    "merge": _merge,
    "place": _show_place,
    "close": _close,
    "review": _review,
}


@blueprint.route("/review/signals/seats", allow=Allow.ADMIN, methods=["GET", "POST"])
def seats_page() -> ResponseReturnValue:
    """Who checks signals, and who is on call. Only an administrator gives a seat or takes it away."""
    session = db.session()
    people = seats.list_holders(session)
    form = SignalSeatForm(people)
    if form.validate_on_submit():
        try:
            number = int(form.account.data)
            if request.form.get("do") == "remove":
                seats.take_away(session, number)
            else:
                seats.give(session, account_id=number, on_call=form.on_call.data)
        except Refusal as refusal:
            session.rollback()
            form.refuse(refusal)
        else:
            flash(_("Done."), "ok")
            return redirect(url_for("signal_triage.seats_page"), 303)
    page = render_template("signals/seats.html", people=people, form=form)
    return page, form.problem_status if form.problems else 200
