"""The page of a shared draft with the notes of invited organisations: /my/drafts/<n>/notes."""

from __future__ import annotations

from typing import cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import N_, _
from consult.core.web.access import Allow
from consult.core.web.forms import DropdownField, Form, LineField, LongTextField, SelectChoice, required
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, principal
from consult.submissions.coalitions import notes
from consult.submissions.coalitions.notes import CoalitionDraft
from consult.submissions.comments import queries as comments_queries

blueprint = Blueprint("coalition_notes", __name__)


class CoalitionReaderForm(Form):
    name = LineField(N_("Name of the organisation"), [required(N_("Enter the name of the organisation"))])


class CoalitionNoteForm(Form):
    organisation = DropdownField(N_("For which organisation?"))
    place = DropdownField(N_("Which part of the submission?"), default="")
    words = LongTextField(
        N_("We would co-sign if …"),
        [required(N_("Write what would need to change for you to co-sign"))],
        most=notes.MAX_NOTE_LENGTH,
    )

    def __init__(self, it: CoalitionDraft, places: list[str]) -> None:
        super().__init__()
        self.organisation.choices = [SelectChoice(str(one.id), one.name) for one in it.mine]
        self.place.choices = [SelectChoice("", _("Whole text")), *(SelectChoice(name, name) for name in places)]


@blueprint.route(
    "/my/drafts/<int(max=9223372036854775807):number>/notes", allow=Allow.SIGNED_IN, methods=["GET", "POST"]
)
@limiter.limit("120 per hour", methods=["POST"])
def beside(number: int) -> ResponseReturnValue:
    """Show the draft with notes. Its organisation invites readers, who add notes, and both can close notes."""
    session, me = db.session(), cast("Account", principal())
    it = notes.get_draft(session, draft_id=number, by=me)
    provisions = comments_queries.get_provisions(
        session, it.consultation.version_id or 0, set(it.writing.comments) - {0}
    )
    asking, noting = CoalitionReaderForm(), CoalitionNoteForm(it, [place.name for place in provisions.values()])
    if request.method == "POST":
        try:
            if _act(it, me, asking, noting):
                return redirect(url_for("coalition_notes.beside", number=number), 303)
        except NotFound:
            raise
        except Refusal as refusal:
            session.rollback()
            (asking if request.form.get("do") == "ask" else noting).refuse(refusal)
            it = notes.get_draft(session, draft_id=number, by=me)
    page = render_template("submissions/notes.html", it=it, places=provisions, asking=asking, noting=noting)
    return page, 422 if asking.problems or noting.problems else 200


def _act(it: CoalitionDraft, me: Account, asking: CoalitionReaderForm, noting: CoalitionNoteForm) -> bool:
    """Handle the pressed button. Return False if the form has errors."""
    do, session = request.form.get("do", ""), db.session()
    if do == "ask" and asking.validate():
        notes.ask_reader(session, draft_id=it.draft.id, by=me, name=asking.name.data)
        flash(_("Members of this organisation can now read the unfinished submission, under “My submissions”."), "ok")
    elif do == "note" and noting.validate():
        number = int(noting.organisation.data)
        notes.add_note(
            session,
            draft_id=it.draft.id,
            by=me,
            organisation_id=number,
            words=noting.words.data,
            place=noting.place.data or "",
        )
        flash(_("Your note is shown next to the unfinished submission."), "ok")
    elif do.startswith("close:") and do.removeprefix("close:").isdecimal():
        notes.close_note(session, draft_id=it.draft.id, note_id=int(do.removeprefix("close:")), by=me)
        flash(_("Note closed."), "ok")
    else:
        return False
    return True
