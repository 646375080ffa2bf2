"""Shared by the pages of all kinds of statements: the decision page, the moderators' queue, and the appeal page."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.views import current_account, render_form, show_refusal
from consult.core.db import db
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _, current_language
from consult.core.web.forms import Form
from consult.decisions import appeals, labels, reasons, reports, service
from consult.decisions.forms import DecisionButtonForm, ReportForm, StatementAppealForm, StatementDecisionForm
from consult.decisions.kinds import explain_conflicts
from consult.decisions.model import DecisionColumns, Outcome, ReportKind
from consult.decisions.process import (
    DecisionMatter,
    DecisionProcess,
    find_last,
    get_open,
    get_people,
    list_open,
    load_open,
)

ALL_KINDS = tuple(ReportKind)


@dataclass(frozen=True)
class QueueLine:
    """A statement in the moderators' queue, with short remarks and the beginning of its text."""

    address: str
    title: str
    at: datetime
    notes: Sequence[str] = ()
    words: str = ""
    language: str | None = None


@dataclass(frozen=True)
class QueueSection:
    """A part of the queue: waiting, appealed or reported statements."""

    title: str
    lines: Sequence[QueueLine]


def decide(
    process: DecisionProcess,
    item: Any,
    matter: DecisionMatter,
    template: str,
    *,
    appeal: Any = None,
    against: DecisionColumns | None = None,
    hint: str = "",
    without: Collection[Outcome] = (),
    **context: Any,
) -> ResponseReturnValue:
    """Handle the decision page of any kind of statement. `template` renders the statement.

    `without` are outcomes that are not available now. Raises Conflict.
    """
    session = db.session()
    choices = [it for it in _list_choices(process, item, matter) if it not in without]
    refused: Refusal | None = None
    form = StatementDecisionForm(choices, reasons.list_choices(session), note=hint, mark=process.get_mark(item))
    if form.validate_on_submit():
        try:
            if appeal is not None and appeal.outcome is not None:
                raise Conflict(_("This appeal was already answered, or the decision has changed."))
            return _take(process, item.id, form)
        except (Forbidden, NotFound):
            raise
        except Refusal as refusal:
            refused = refusal
            show_refusal(form, refusal)
    state = _load_state(process, item, against, choices)
    return _answer(template, form, refused, it=item, process=process, appeal=appeal, **state, **context)


def _answer(template: str, form: Form, refused: Refusal | None, **context: Any) -> ResponseReturnValue:
    """Render the form's page: status 409 if it came too late, 422 if the form has errors."""
    status = 409 if isinstance(refused, Conflict) else 422 if form.problems else 200
    return render_template(template, form=form, **context), status


def _list_choices(process: DecisionProcess, item: Any, matter: DecisionMatter) -> list[Outcome]:
    """Return the available outcomes. A reported statement can be kept, but not by the person who published it."""
    if matter is DecisionMatter.APPEAL:
        return [Outcome.REJECT_APPEAL, Outcome.ACCEPT_APPEAL]
    reported = matter is DecisionMatter.PUBLIC and reports.list_waiting(db.session(), process, item.id)
    kept = [Outcome.KEEP] if reported and not _has_published(process, item) else []
    return [*kept, *process.choices[matter]]


def _has_published(process: DecisionProcess, item: Any) -> bool:
    """Return True if the reader was involved in the decision that published it."""
    published = find_last(db.session(), process, item.id, (Outcome.PUBLISH, Outcome.ACCEPT_APPEAL))
    return current_account().id in get_people(published)


def _needs_second(process: DecisionProcess, item: Any, outcome: Outcome, against: DecisionColumns | None) -> bool:
    if outcome is Outcome.ACCEPT_APPEAL:
        return against is not None and against.second_id is not None
    return service.needs_second(db.session(), process, item, outcome)


def _load_state(
    process: DecisionProcess, item: Any, against: DecisionColumns | None, choices: Sequence[Outcome]
) -> dict[str, Any]:
    """Return the context of the page: whether the reader can decide, and what was decided already."""
    session, me = db.session(), current_account()
    reported = reports.list_waiting(session, process, item.id) if against is None else []
    return {
        "interest": explain_conflicts(session, process.kind, [item.id], me).get(item.id),
        "decided": get_open(session, process, item.id),
        "involved": me.id in get_people(against),
        "reported": [(row, reports.unseal_words(row)) for row in reported],
        "published_it": reported and Outcome.PUBLISH not in choices and _has_published(process, item),
        "reader": me,
        "facts": process.describe(session, item),
        "against": against,
        "reasons": reasons.load_names(session, [against.reason if against else None]),
        "back": url_for(process.list_endpoint),
        "seconds": [outcome for outcome in choices if _needs_second(process, item, outcome, against)],
    }


def _take(process: DecisionProcess, item_id: int, form: StatementDecisionForm) -> ResponseReturnValue:
    """Decide and redirect to the queue, where the decision can be undone. Raises a Refusal."""
    made = service.decide(
        db.session(),
        process,
        item_id=item_id,
        by=current_account(),
        outcome=Outcome(form.outcome.data),
        mark=form.mark.data,
        reason=form.reason.data or None,
        note=form.note.data or "",
    )
    words = _("The decision takes effect in 30 seconds. Until then you can undo it.")
    flash(words if made.due_at else _("A second person must confirm or reject your decision."), "ok")
    return redirect(url_for(process.list_endpoint), 303)


def show_queue(
    title: str, lead: str, processes: Sequence[DecisionProcess], waiting: Sequence[QueueSection]
) -> ResponseReturnValue:
    """Render a moderation queue: recent decisions, waiting statements, appeals, reports."""
    session, me = db.session(), current_account()
    return render_template(
        "decisions/queue.html",
        title=title,
        lead=lead,
        open_decisions=[row for process in processes for row in list_open(session, process, me)],
        sections=[
            *waiting,
            QueueSection(_("Appeals"), [line for process in processes for line in _list_appeals(process)]),
            QueueSection(_("Reported by readers"), [line for process in processes for line in _list_reported(process)]),
        ],
        form=DecisionButtonForm(),
    )


def list_undecided(process: DecisionProcess, items: Collection[Any]) -> list[Any]:
    """Return the statements without an open decision."""
    decided = load_open(db.session(), process, [item.id for item in items])
    return [item for item in items if item.id not in decided]


def _list_appeals(process: DecisionProcess) -> list[QueueLine]:
    rows = appeals.list_waiting(db.session(), process)
    undecided = list_undecided(process, [item for _filed, item, _against in rows])
    endpoint = process.endpoints[DecisionMatter.APPEAL]
    return [
        QueueLine(
            url_for(endpoint, number=filed.id),
            process.get_title(item),
            filed.received_at,
            [str(labels.DECIDED[Outcome(against.outcome)])],
        )
        for filed, item, against in rows
        if item in undecided
    ]


def _list_reported(process: DecisionProcess) -> list[QueueLine]:
    waiting = reports.load_waiting(db.session(), process)
    endpoint = process.endpoints[DecisionMatter.PUBLIC]
    return [
        QueueLine(
            url_for(endpoint, number=item.id),
            process.get_title(item),
            waiting[item][0].received_at,
            sorted({labels.name_report_kind(row.kind) for row in waiting[item]}),
        )
        for item in list_undecided(process, list(waiting))
    ]


def show_appeal(process: DecisionProcess, number: int) -> ResponseReturnValue:
    """Handle the page on which an author files an appeal and reads its outcome. Raises NotFound."""
    session, me, form = db.session(), current_account(), StatementAppealForm()
    item = session.get(process.item, number)
    if item is None or item.account_id != me.id:
        raise NotFound(_("There is no decision here that you can appeal against."))
    refused: Refusal | None = None
    if form.validate_on_submit():
        try:
            appeals.file(session, process, item_id=number, by=me, words=form.words.data)
            flash(_("Appeal received. Another moderator answers it, and we e-mail you."), "ok")
            return redirect(request.path, 303)
        except (Forbidden, NotFound):
            raise
        except Refusal as refusal:
            refused = refusal
            show_refusal(form, refusal)
    ground, facts = appeals.find_ground(session, process, item), process.describe(session, item)
    return _answer(
        "decisions/appeal.html",
        form,
        refused,
        facts=facts,
        ground=ground,
        words=ground.appeal.words if ground and ground.appeal else "",
        reasons=reasons.load_names(session, [ground.decision.reason if ground else None]),
        back=url_for(facts.endpoint, **facts.values),
        zone="UTC",
    )


def answer_form(
    file: Callable[[ReportForm], None], *, what: str, page: str, page_name: str, kinds: Sequence[ReportKind] = ALL_KINDS
) -> ResponseReturnValue:
    """Handle the form to report `what`, or confirm a report. `page` shows the outcome."""
    form = ReportForm(request.form if request.method == "POST" else None, kinds=kinds)
    if request.method == "GET":
        form.key.data, form.on.data = secrets.token_urlsafe(16), request.args.get("on", "")[:30]
    elif form.validate():
        try:
            file(form)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            leaves_address = bool(form.email.data)
            return render_template(
                "decisions/reported.html", what=what, page=page, page_name=page_name, told=leaves_address
            )
    address = url_for(request.endpoint or "", **(request.view_args or {}), lang=current_language())
    return render_form("decisions/report.html", form, what=what, address=address)
