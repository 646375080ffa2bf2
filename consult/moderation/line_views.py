"""The page on which a moderator corrects the roles of the lines of a text."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.analysis import lines
from consult.analysis.lines import RoleOfLine
from consult.analysis.text.line_roles import LineRole
from consult.core.db import db
from consult.core.errors import Forbidden
from consult.core.i18n import N_, NP_, _
from consult.core.web.access import Allow
from consult.moderation.forms import ModerationButtonForm
from consult.moderation.queue import case_page
from consult.moderation.queue.case_page import ReviewCase
from consult.moderation.view_helpers import blueprint, current_moderator

_ID = "int(max=9223372036854775807)"
ROLE_LABELS = {
    LineRole.WORDS: NP_("role of a line", "Statement"),
    LineRole.GREETING: NP_("role of a line", "Greeting or recipient"),
    LineRole.COURTESY: NP_("role of a line", "Thanks or closing"),
    LineRole.IDENTIFYING: N_("Name, address or contact details"),
    LineRole.POINTER: N_("Reference to a file"),
    LineRole.HEADING: NP_("role of a line", "Heading"),
    LineRole.INSTRUCTION: N_("Instruction from the template"),
}


@blueprint.route(f"/review/<{_ID}:submission_id>/lines", allow=Allow.MODERATOR, methods=["GET", "POST"])
def line_roles(submission_id: int) -> ResponseReturnValue:
    """Show each line of a submission with its role. A correction applies to the same line in the whole consultation."""
    form = ModerationButtonForm()
    case = case_page.get_case(db.session(), current_moderator(), submission_id)
    if case.own:
        raise Forbidden(_("Because of a conflict of interest, another moderator must correct this text."))
    rows = _list_rows(case)
    if form.validate_on_submit():
        changed = _save_roles(case, rows)
        flash(
            _("Roles saved. It takes a few minutes to update the quotes.") if changed else _("No role was changed."),
            "ok",
        )
        return redirect(url_for("moderation.line_roles", submission_id=submission_id), 303)
    hidden = any(item.comment.redactions for item in case.comments)
    return render_template(
        "moderation/line_roles.html", case=case, rows=rows, labels=ROLE_LABELS, form=form, hidden=hidden
    )


def _list_rows(case: ReviewCase) -> list[RoleOfLine]:
    row = case.submission
    words = "\n".join(item.comment.body for item in case.comments)
    return lines.list_roles(db.session(), consultation_id=row.consultation_id, text_hash=row.text_hash, words=words)


def _save_roles(case: ReviewCase, rows: list[RoleOfLine]) -> int:
    """Store the roles that the form changes, and return their number. Unknown roles are ignored."""
    changed = 0
    for row in {row.key: row for row in rows}.values():
        role = request.form.get(row.key, "")
        if role in set(map(str, LineRole)) and role != row.role:
            lines.choose_role(
                db.session(),
                account=current_moderator(),
                consultation_id=case.submission.consultation_id,
                text_hash=case.submission.text_hash,
                line=row.text,
                role=LineRole(role),
            )
            changed += 1
    return changed
