"""Pages for writing a comment, on the current text of the draft or an earlier version."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.slots import SlotContents, collect
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, principal
from consult.documents.versions import diff
from consult.submissions import queries, stances
from consult.submissions.amendments import queries as amendments
from consult.submissions.amendments.queries import Amendment
from consult.submissions.anchors import selectors
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.anchors.relocation import Relocation
from consult.submissions.anchors.selectors import Anchor, Selection
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content.draft import WHOLE_DRAFT, DraftComment, comment_key, nth_of, place_of
from consult.submissions.drafts import rebase
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.forms import CommentForm, MoveCommentForm, RemoveCommentForm
from consult.submissions.drafts.service import DraftChangedElsewhere, DraftOwner
from consult.submissions.model import Stance
from consult.submissions.pages import queries as pages_queries
from consult.submissions.pages.queries import DraftPage, Frame
from consult.submissions.pages.slots import DraftVoices, ProvisionAside
from consult.submissions.values import MAX_COMMENTS
from consult.submissions.views import draft_owner, form_status, is_join_requested, remember_draft, reserve_draft

blueprint = Blueprint("commenting", __name__)


@blueprint.route("/c/<slug>/respond/comment/<number>", allow=Allow.ANYONE, methods=["GET", "POST"])
def write(slug: str, number: str) -> ResponseReturnValue:
    """Write a comment. `version` is the version of the draft in which the paragraph has this number."""
    who = draft_owner(slug)
    page = pages_queries.get_draft_page(db.session(), slug, who)
    where, frame = requested_provision(page.frame, number), page.frame
    key = frame.writing.key_of(asked := requested_key(where))
    written = frame.writing.comments.get(key)
    reserve_draft(slug)
    if request.method == "GET":
        where = frame.places.by_id.get(place_of(key), where)
    selected, lost = _selected(where)
    if request.method == "GET" and selected and written and written.anchor != selected:
        return redirect(_further(frame, where))
    other = find_other_amendment(frame, where, written)
    form = _comment_form(where, selected, written, other)
    if lost is not None and not form.is_submitted():
        form.refuse(lost)
    stored = None
    valid = form.validate_on_submit()
    if form.is_submitted() and (valid or (form.body.data and not frame.is_open)):
        try:
            _save(form, frame, who, asked, other)
            return redirect(_after(slug, page, where), 303)
        except DraftChangedElsewhere as clash:
            form.refuse(clash)
            form.seen.data, stored = frame.writing.mark(key), clash.stored
    said = {"written": written, "nth": nth_of(asked), "other": other, "stored": stored}
    return _comment_page(page, form, where, **said), form_status(form, stored)


def _comment_page(page: DraftPage, form: CommentForm, where: ProvisionNode | None, **said: Any) -> str:
    """Render the typed comment with other comments on the part of the draft and the text saved in another window."""
    frame, stored = page.frame, said["stored"]
    return render_template(
        "submissions/comment.html" if frame.is_open else "submissions/shut.html",
        page=page,
        form=form,
        place=where,
        present=_present(frame, where),
        runs=diff.diff_words(stored or "", form.body.data or "") if stored is not None else [],
        slot=_said_there(frame, where) if where and not where.version else None,
        **said,
    )


def _said_there(frame: Frame, where: ProvisionNode) -> SlotContents:
    """Return the slots about other comments on a part of the draft.

    Those that need comments are left out if there are none.
    """
    counts = queries.get_counts(db.session(), frame.consultation.id, on=[part.id for part in where.parts])
    spoken = [where] if counts.comments else []
    return collect(
        db.session(),
        DraftVoices(frame.consultation, counts, spoken, large=True),
        ProvisionAside(frame.consultation, where, counts.on(where.id)),
    )


def _further(frame: Frame, where: ProvisionNode | None) -> str:
    """Return the URL for another comment on the same words."""
    said = {
        **(request.view_args or {}),
        **request.args.to_dict(),
        "nth": nth_of(frame.writing.next_key(where.id if where else 0)),
    }
    return url_for("commenting.write", **said)


def _comment_form(
    where: ProvisionNode | None, selected: Anchor | None, written: DraftComment | None, other: Amendment | None
) -> CommentForm:
    start: dict[str, Any] = {"stance": Stance.WORDING} if other else {}
    if other and not _supports(other):
        start["proposed"] = other.proposed
    return CommentForm(
        where.text if where else "",
        selected or (written.anchor if written else None),
        written.chose if written and written.anchor == (selected or written.anchor) else None,
        supports=_supports(other),
        data=_typed(written) if written else start,
    )


def _supports(other: Amendment | None) -> bool:
    """Return whether the comment supports this amendment, rather than starting from it."""
    return other is not None and "start" not in request.args


def _typed(written: DraftComment) -> dict[str, Any]:
    said = {"seen": written.mark, "stance": written.stance, "body": written.reason}
    if written.amendment is not None:
        said["proposed"] = written.proposed
    return {name: value for name, value in said.items() if value or name == "proposed"}


def read_comment(form: CommentForm, other: Amendment | None) -> DraftComment:
    """Return the typed comment, with the amendment that it supports, if any."""
    body, amendment = form.said
    if other is not None and _supports(other):
        return DraftComment(body, None, form.anchor, agrees_with=other.said.id)
    stance = Stance(form.stance.data) if form.stance and form.stance.data in stances.OFFERED else None
    return DraftComment(body, stance, form.anchor, amendment=amendment)


def _save(form: CommentForm, frame: Frame, who: DraftOwner, key: int, other: Amendment | None) -> None:
    token = drafts.save_comment(
        db.session(),
        consultation_id=frame.consultation.id,
        owner=who,
        provision_id=key,
        comment=read_comment(form, other),
        seen=form.seen.data,
        by=form.by.data,
        join=is_join_requested(),
    )
    remember_draft(frame.consultation.slug, token)


def find_other_amendment(frame: Frame, where: ProvisionNode | None, written: DraftComment | None) -> Amendment | None:
    """Return another author's amendment that this comment supports or starts from, or None."""
    asked = request.args.get("agrees", type=int) or request.args.get("start", type=int)
    number = asked or (written.agrees_with if written else None)
    if number is None or where is None:
        return None
    return amendments.get_amendment(db.session(), frame.consultation, number)


def _present(frame: Frame, where: ProvisionNode | None) -> ProvisionNode | None:
    """Return the current provision for words of an earlier version, or None if that is not certain."""
    if where is None or not where.version:
        return None
    to = rebase.propose_relocation(db.session(), frame.consultation, where.id, DraftComment("", None))
    return frame.places.by_id.get(to.provision_id or 0) if to.sure else None


def requested_key(where: ProvisionNode | None) -> int:
    """Return the comment key in the URL, by default that of the first comment on the part of the draft."""
    nth = request.args.get("nth", type=int) or 0
    return comment_key(where.id if where else WHOLE_DRAFT, nth if 0 < nth < MAX_COMMENTS else 0)


def requested_provision(frame: Frame, number: str) -> ProvisionNode | None:
    """Return the provision in the URL by its number in `version`, or None for the whole draft."""
    if number == "whole":
        return None
    return comments_queries.find_provision(
        db.session(), frame.consultation, number, request.args.get("version", type=int)
    )


def _selected(where: ProvisionNode | None) -> tuple[Anchor | None, Refusal | None]:
    """Return the words selected in the URL (`exact`, with `prefix`, `suffix` and `start`), or the error."""
    if where is None or not request.args.get("exact"):
        return None, None
    given = {name: request.args.get(name, "") for name in ("exact", "prefix", "suffix")}
    try:
        return selectors.find(where.text, Selection(**given, start=request.args.get("start", 0, int))), None
    except selectors.QuoteNotFound as refusal:
        return None, refusal


def _after(slug: str, page: DraftPage, where: ProvisionNode | None) -> str:
    """Return the URL after saving: the commented words, or the summary if the consultation has closed.

    Facilitators typing from paper return to the summary, for the next code. If the words are gone, return the page for
    placing the comment.
    """
    open_still = page.frame.is_open
    if where is not None and where.version and open_still:
        frame = pages_queries.frame(db.session(), slug, draft_owner(slug))
        now_at = frame.places.by_id.get(place_of(frame.writing.key_of(requested_key(where))))
        if now_at is None:
            return url_for("commenting.move", slug=slug, number=where.key, version=where.version)
        where = now_at
    if open_still:
        flash(_saved_words(page), "ok")
    if open_still and request.args.get("back") == "check":
        return url_for("submissions.check", slug=slug)
    if where is None or page.group or not open_still:
        return url_for("submissions.respond", slug=slug)
    return url_for("submissions.reading", slug=slug, chapter=where.chapter, _anchor=where.eid)


def _saved_words(page: DraftPage) -> str:
    """Return the message after saving, with advice on recovery words for a first comment without an account."""
    if principal() is None and not page.frame.draft.key:
        return str(
            _(
                "Comment saved, not sent yet. If you close this browser, you need seven recovery words to open "
                "it again. Get them under “Your submission”."
            )
        )
    return str(_("Comment saved, not sent yet."))


@blueprint.route("/c/<slug>/respond/comment/<number>/move", allow=Allow.ANYONE, methods=["GET", "POST"])
def move(slug: str, number: str) -> ResponseReturnValue:
    """Move a comment whose words are gone from the draft, or whose new position is uncertain."""
    who = draft_owner(slug)
    page = pages_queries.get_draft_page(db.session(), slug, who)
    where = requested_provision(page.frame, number)
    note = page.frame.writing.comments.get(requested_key(where)) if where else None
    if where is None or note is None or not where.version or not page.frame.is_open:
        return redirect(url_for("submissions.respond", slug=slug), 303)
    to = rebase.propose_relocation(db.session(), page.frame.consultation, where.id, note)
    there = page.frame.places.by_id.get(to.provision_id or 0)
    form = MoveCommentForm(there is not None, data={"seen": note.mark})
    if form.validate_on_submit():
        try:
            chosen = _chosen(form, page.frame, to)
            if chosen is not None:
                drafts.move_comment(
                    db.session(),
                    consultation_id=page.frame.consultation.id,
                    owner=who,
                    seen=form.seen.data,
                    provision_id=requested_key(where),
                    to=chosen.provision_id or WHOLE_DRAFT,
                    anchor=chosen.anchor,
                )
            flash(_("Comment saved, not sent yet."), "ok")
            return redirect(url_for("submissions.respond", slug=slug), 303)
        except Refusal as refusal:
            form.refuse(refusal)
    answer = render_template("submissions/move.html", page=page, form=form, place=where, note=note, there=there, to=to)
    return answer, form_status(form)


def _chosen(form: MoveCommentForm, frame: Frame, proposed: Relocation) -> Relocation | None:
    """Return the chosen part of the draft, or None to leave the comment unmoved."""
    if form.where.data == "there":
        return proposed
    if form.where.data != "other":
        return Relocation(None) if form.where.data == "whole" else None
    place = frame.places.find((form.key.data or "").strip())
    if place is None:
        raise Refusal(_("The draft has no paragraph with that number. Enter one such as 2.1."), field="key")
    return Relocation(place.id)


@blueprint.route("/c/<slug>/respond/comment/<number>/remove", allow=Allow.ANYONE, methods=["POST"])
def remove(slug: str, number: str) -> ResponseReturnValue:
    form, who = RemoveCommentForm(), draft_owner(slug)
    page = pages_queries.frame(db.session(), slug, who)
    where = requested_provision(page, number)
    drafts.save_comment(
        db.session(),
        consultation_id=page.consultation.id,
        owner=who,
        provision_id=requested_key(where),
        comment=None,
        seen=form.seen.data,
    )
    flash(_("Comment removed from your unfinished submission."), "ok")
    page_from = "submissions.check" if request.args.get("back") == "check" else "submissions.respond"
    return redirect(url_for(page_from, slug=slug), 303)
