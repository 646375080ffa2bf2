"""Assessors' pages of triage under /review/signals."""

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
from consult.core.web.access import Allow, Role
from consult.core.web.requests import Blueprint
from consult.signals import service, warnings
from consult.signals.model import ReportStanding, Signal, SignalLevel, SignalReport
from consult.signals.reports import files as report_files
from consult.signals.reports.files import ReportFile
from consult.signals.substances import matches as substances
from consult.signals.triage import comparison, proposals, queries, seats
from consult.signals.triage.forms import ReportTriageForm, SignalButtonForm, SignalDecisionForm

blueprint = Blueprint("signal_triage", __name__)


def seated() -> Account:
    """Return the signed-in assessor. Raises Forbidden."""
    me = current_account()
    seats.check(db.session(), me)
    return me


@blueprint.route("/review/signals", allow=Allow.MODERATOR)
def queue() -> ResponseReturnValue:
    """Show the waiting work, with the requested or most urgent report for a decision."""
    session, me = db.session(), current_account()
    if me.role is Role.ADMIN and not seats.may_check(session, me):
        flash(_("You are not an early-warning assessor. You can add yourself on the assessors page."), "warn")
        return redirect(url_for("signal_triage.seats_page"), 303)
    seated()
    queue = queries.get_queue(session, at=now())
    current = queue.find(one_line(request.args.get("at", "")))
    return _render(queue, current, _report_form(current.row) if current else None, "signals/queue.html")


def _report_form(report: SignalReport) -> ReportTriageForm:
    """Return the form with the substance that the report names, if it is unambiguous, for confirmation."""
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
    """Return the files of reports, except withdrawn ones."""
    shown = [it.row.id for it in reports if it.link.standing in report_files.SHOWS_FILES]
    return report_files.list_by_report(db.session(), shown)


def _render(found: queries.TriageQueue | None, current: Any, form: Any, template: str) -> ResponseReturnValue:
    waits = current is not None and current.link.standing is ReportStanding.WAITING
    apart = comparison.list_apart(db.session(), current.row) if waits else []
    alike = proposals.list_alike(db.session(), current.row, apart) if waits else []
    named = substances.get_named(db.session(), current.row, current_language()) if waits else None
    numbers = [number for number, _name in named.named] if named else []
    page = render_template(
        template,
        queue=found,
        current=current,
        form=form or SignalButtonForm(),
        at=now(),
        alike=alike,
        apart=apart,
        together=request.form.getlist("together") or request.args.getlist("with"),
        files=_list_files([current]) if current else {},
        named=named,
        usual=proposals.measure_arriving(db.session(), current.row, alike, numbers) if waits else None,
    )
    return page, form.problem_status if form is not None and form.problems else 200


@blueprint.route("/review/signals/reports/<reference>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def report(reference: str) -> ResponseReturnValue:
    """Decide on a report: take it, open a signal, link it to one, or say why it is not a signal."""
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
    return _render(None, current, form, "signals/report_case.html")


def _decide_report(me: Account, row: SignalReport, form: ReportTriageForm) -> str:
    session, do = db.session(), request.form.get("do", "")
    if do == "take":
        service.take_report(session, row, by=me)
        return _("You are now assessing this report. We have stopped the reminders.")
    if do == "link":
        service.link_report(session, row, service.get(session, form.signal.data), by=me)
        return _("Report added to the signal.")
    if do.startswith("link:"):
        service.link_report(session, row, service.get(session, do.removeprefix("link:")), by=me)
        return _("Report added to the signal.")
    if do.startswith("apart:"):
        comparison.set_apart(session, row, service.get_report(session, do.removeprefix("apart:")), by=me)
        return _("Marked as different. We no longer suggest this report here.")
    if do == "back":
        comparison.bring_back(session, row)
        return _("Suggestions restored.")
    if do == "decline":
        service.decline_report(session, row, by=me, reason=form.reason.data)
        return _("Marked as not a signal. The reason is saved.")
    if do == "split":
        service.split_report(session, row, by=me, reason=form.reason.data)
        return _("Report returned to the queue.")
    _open_signal(me, row, form)
    return _("Signal opened. We e-mail the subscribers.")


def _open_signal(me: Account, row: SignalReport, form: ReportTriageForm) -> None:
    """Open a signal and link the waiting reports ticked as the same."""
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
    """Show a signal with its reports, current and proposed level, and the possible decisions."""
    me, session = seated(), db.session()
    row = service.get(session, slug)
    others = [it for it in queries.list_open_signals(session, row.country) if it.id != row.id]
    form = SignalDecisionForm(others, level=str(row.level), title=row.title, revision=str(row.revision))
    if form.validate_on_submit():
        try:
            said = _ACTS[request.form.get("do", "level")](me, row, form)
        except KeyError:
            form.form_errors.append(_("Choose one of the options"))
        except Forbidden:
            raise
        except Refusal as refusal:
            session.rollback()
            form.refuse(refusal)
        else:
            flash(said, "ok")
            return redirect(url_for("signal_triage.one", slug=slug), 303)
    signal = queries.get_signal(session, service.get(session, slug), at=now())
    usual = proposals.measure_usual(session, signal.row, at=now())
    page = render_template(
        "signals/triage.html",
        it=signal,
        form=form,
        at=now(),
        me=me,
        usual=usual,
        files=_list_files(signal.reports),
    )
    return page, form.problem_status if form.problems else 200


def _take(me: Account, row: Signal, _form: SignalDecisionForm) -> str:
    service.take_signal(db.session(), row, by=me)
    return _("You are now assessing this report. We have stopped the reminders.")


def _set_level(me: Account, row: Signal, form: SignalDecisionForm) -> str:
    changed = service.set_level(
        db.session(), row, SignalLevel(form.level.data), by=me, reason=form.reason.data, revision=form.read_revision
    )
    return _("Level changed. We are sending the e-mails.") if changed else _("This signal already has this level.")


def _merge(me: Account, row: Signal, form: SignalDecisionForm) -> str:
    service.merge(db.session(), row, service.get(db.session(), form.into.data), by=me, reason=form.reason.data)
    return _("Signals merged. The page of this signal now leads to the other one.")


def _show_place(me: Account, row: Signal, form: SignalDecisionForm) -> str:
    service.show_place(db.session(), row, by=me, reason=form.reason.data)
    return _("The town is now public.")


def _set_title(me: Account, row: Signal, form: SignalDecisionForm) -> str:
    service.set_title(db.session(), row, form.title.data, by=me, reason=form.reason.data)
    return _("Title changed.")


def _close(me: Account, row: Signal, form: SignalDecisionForm) -> str:
    service.close(db.session(), row, by=me, reason=form.reason.data)
    return _("Signal closed. Its page stays online.")


def _review(me: Account, row: Signal, form: SignalDecisionForm) -> str:
    number = read_number(form.edition.data) or 0
    warnings.review(db.session(), row, number, by=me, reason=form.reason.data)
    return _("Review saved.")


_ACTS: dict[str, Callable[[Account, Signal, SignalDecisionForm], str]] = {
    "take": _take,
    "level": _set_level,
    "merge": _merge,
    "place": _show_place,
    "title": _set_title,
    "close": _close,
    "review": _review,
}
