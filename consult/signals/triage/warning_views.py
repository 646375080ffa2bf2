"""Pages for writing and publishing a warning's text: /review/signals/<slug>/warning.

Another person publishes it, except in an emergency.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import LANGUAGES, _, current_language
from consult.core.web.access import Allow
from consult.signals import service, warnings
from consult.signals.model import SignalLevel, WarningKind
from consult.signals.triage import queries
from consult.signals.triage.forms import PublishForm, build_warning_form
from consult.signals.triage.views import blueprint, seated


@blueprint.route("/review/signals/<slug>/warning", allow=Allow.MODERATOR, methods=["GET", "POST"])
def warning(slug: str) -> ResponseReturnValue:
    """Edit the draft. Any assessor may, and the last one is its author."""
    me, session = seated(), db.session()
    row = service.get(session, slug)
    out, draft = warnings.list_editions(session, row.id), warnings.get_draft(session, row.id)
    kinds = list(WarningKind) if out else [WarningKind.WARNING]
    form = build_warning_form(kinds, draft, out[0] if out else None, current_language(), row.title)
    if form.validate_on_submit():
        try:
            warnings.write(
                session,
                row,
                by=me,
                kind=WarningKind(form.kind.data),
                texts=form.texts(),
                language=form.language.data,
                until=form.until.data,
            )
        except Refusal as refusal:
            session.rollback()
            form.refuse(refusal)
        else:
            flash(_("Saved, not published. Another assessor must publish it."), "ok")
            return redirect(url_for("signal_triage.publish", slug=slug), 303)
    reports = queries.get_signal(session, service.get(session, slug), at=now()).reports
    page = render_template(
        "signals/warning.html", row=row, form=form, draft=draft, reports=reports, languages_offered=LANGUAGES
    )
    return page, form.problem_status if form.problems else 200


@blueprint.route("/review/signals/<slug>/publish", allow=Allow.MODERATOR, methods=["GET", "POST"])
def publish(slug: str) -> ResponseReturnValue:
    """Preview the text and publish it. Except in an emergency, its author cannot publish it."""
    me, session = seated(), db.session()
    row = service.get(session, slug)
    draft = warnings.get_draft(session, row.id)
    if draft is None:
        return redirect(url_for("signal_triage.one", slug=slug), 303)
    alone = draft.author_id == me.id
    form = PublishForm(written_at=draft.written_at.isoformat())
    if form.validate_on_submit():
        try:
            read = draft.written_at.isoformat() == form.written_at.data
            at = draft.written_at if read else now()
            warnings.publish(session, row, by=me, written_at=at)
        except Forbidden as refusal:
            session.rollback()
            form.form_errors.append(refusal.message)
            form.problem_status = 403
        except Refusal as refusal:
            session.rollback()
            form.refuse(refusal)
        else:
            flash(_("Text published. We are sending the e-mails."), "ok")
            return redirect(url_for("signal_triage.one", slug=slug), 303)
    row = service.get(session, slug)
    page = render_template(
        "signals/publish.html",
        row=row,
        draft=warnings.get_draft(session, row.id),
        form=form,
        alone=alone,
        may=not alone or row.level is SignalLevel.EMERGENCY,
        names=LANGUAGES,
        last=next(iter(warnings.list_editions(session, row.id)), None),
        asked=request.method == "POST",
    )
    return page, form.problem_status if form.problems else 200
