"""Pages for writing, checking and sending a submission, and lists of one's own."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Membership
from consult.consultations.model import Consultation
from consult.consultations.participation import facilitators
from consult.consultations.questions import answers as questions_answers
from consult.core.crypto import new_token
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, current_language, ngettext
from consult.core.slots import collect
from consult.core.web.access import Allow
from consult.core.web.limits import filing_limit, limiter
from consult.core.web.requests import Blueprint, csrf, principal
from consult.core.web.tokens import unseal_field
from consult.submissions import return_codes
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content.draft import to_json
from consult.submissions.drafts import arrivals, changes, open_notes, sign_off
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.changes import TextChange
from consult.submissions.drafts.service import DraftChangedElsewhere, DraftOwner
from consult.submissions.drafts.sign_off import SignOffState
from consult.submissions.drafts.taking_out import put_back, seal_undo, take_out
from consult.submissions.facilitation import service as facilitation
from consult.submissions.forms import AboutForm, ConfirmButtonForm, SendForm, questions_form, read_answers
from consult.submissions.organisations import service as organisations
from consult.submissions.organisations.service import SharedDraft
from consult.submissions.pages import author
from consult.submissions.pages import queries as pages_queries
from consult.submissions.pages.slots import AuthorAnswers, CheckHints
from consult.submissions.private import service as private

blueprint = Blueprint("submissions", __name__)
_RECEIPTS = 10
"""Maximum number of receipts that a browser's session can show again."""


def draft_owner(slug: str) -> DraftOwner:
    """Return the owner of the draft: the account, and the token of a draft begun without one."""
    person = principal()
    token, chosen = session.get("drafts", {}).get(slug), session.get("for", {}).get(slug)
    if person is None or chosen is None or not organisations.is_member(db.session(), person.id, chosen):
        return DraftOwner(person.id if person else None, token)
    return DraftOwner(person.id, token, chosen)


def remember_draft(slug: str, token: str | None) -> None:
    """Store the draft's token in the browser's session."""
    if token is not None:
        session["drafts"] = {**session.get("drafts", {}), slug: token}


def reserve_draft(slug: str) -> None:
    """Reserve a draft token for a browser without an account before anything is saved, so that tabs share one draft."""
    if request.method == "GET" and principal() is None and slug not in session.get("drafts", {}):
        remember_draft(slug, new_token())


@blueprint.route("/c/<slug>/respond", allow=Allow.ANYONE)
def respond(slug: str) -> ResponseReturnValue:
    who = draft_owner(slug)
    page = pages_queries.get_draft_page(db.session(), slug, who)
    return render_template(
        "submissions/respond.html",
        page=page,
        form=ConfirmButtonForm(),
        shared=who.organisation_id,
        helps=_helps(page.frame.consultation, who),
        belongs=_speaking(page, who)[1],
        colleagues=_drafts_of_colleagues(page, who),
    )


def _drafts_of_colleagues(page: pages_queries.DraftPage, who: DraftOwner) -> list[SharedDraft]:
    """Return drafts of the author's organisations on this consultation, while they write for themselves."""
    if who.account_id is None or who.organisation_id is not None:
        return []
    shared = organisations.list_shared_drafts(db.session(), who.account_id)
    return [row for row in shared if row.consultation.id == page.frame.consultation.id]


def _helps(row: Consultation, who: DraftOwner) -> bool:
    """Return whether the account may file for groups."""
    account = who.account_id
    return account is not None and facilitators.may_facilitate(db.session(), consultation=row, account_id=account)


def is_join_requested() -> bool:
    """Return whether both versions of text changed in two windows should be kept."""
    return request.form.get("do") == "join"


def form_status(form: Any, stored: object = None) -> int:
    """Return 200 for an empty form, 422 for one with errors, 409 for one with a conflict."""
    return 409 if stored is not None else 422 if form.is_submitted() else 200


@blueprint.route("/c/<slug>/respond/questions", allow=Allow.ANYONE, methods=["GET", "POST"])
def questions(slug: str) -> ResponseReturnValue:
    """Answer all questions or those of one chapter. Saving shows follow-up questions."""
    who, chapter = draft_owner(slug), request.args.get("on")
    page = pages_queries.get_draft_page(db.session(), slug, who)
    frame = page.frame
    reserve_draft(slug)
    shown = frame.on_form(chapter, request.form.get("asked"))
    form = questions_form(shown, frame.given, frame.writing.answers_mark, frame.consultation.language)
    stored = None
    given = read_answers(form, shown) if form.is_submitted() and (form.validate() or not frame.is_open) else {}
    if form.is_submitted() and not (form.problems and frame.is_open):
        try:
            remember_draft(
                slug,
                drafts.save_answers(
                    db.session(),
                    consultation_id=frame.consultation.id,
                    owner=who,
                    seen=form.seen.data,
                    by=form.by.data,
                    answers={
                        row.id: questions_answers.answer_words(row, given[row.id]) for row in shown if row.id in given
                    },
                    chosen={number: it.chosen for number, it in given.items()},
                    join=is_join_requested(),
                ),
            )
            return redirect(_after_answers(slug, draft_owner(slug), chapter, {row.id for row in shown}), 303)
        except DraftChangedElsewhere as clash:
            form.refuse(clash)
            form.seen.data, stored = frame.writing.answers_mark, clash.answers
    template = "submissions/questions.html" if frame.is_open else "submissions/shut.html"
    answer = render_template(
        template, page=page, form=form, stored=stored, shown=shown, chapter=chapter, itself=frame.is_open
    )
    return answer, form_status(form, stored)


def _after_answers(slug: str, who: DraftOwner, chapter: str | None, seen: set[int]) -> str:
    """Return the URL after saving: the page before, or follow-up questions of answers on another page."""
    frame = pages_queries.frame(db.session(), slug, who)
    fresh = [row for row in frame.on_form(chapter) if row.id not in seen]
    if fresh and frame.is_open:
        flash(
            ngettext(
                "Saved. Your responses lead to one more question.",
                "Saved. Your responses lead to %(num)s more questions.",
                len(fresh),
            ),
            "ok",
        )
        return url_for("submissions.questions", slug=slug, on=chapter, saved=1, _anchor=f"answer_{fresh[0].id}")
    if chapter and frame.is_open:
        return url_for("submissions.reading", slug=slug, chapter=chapter)
    page = "submissions.check" if request.args.get("back") == "check" and frame.is_open else "submissions.respond"
    return url_for(page, slug=slug)


@blueprint.route("/c/<slug>/respond/about", allow=Allow.ANYONE, methods=["GET", "POST"])
def about(slug: str) -> ResponseReturnValue:
    who, person = draft_owner(slug), principal()
    page = pages_queries.get_draft_page(db.session(), slug, who, naming=True)
    form = AboutForm(page.organisations, page.frame.writing.about, person_name=person.display_name if person else "")
    form.allow(page.frame.consultation.name_rules)
    if form.validate_on_submit() and page.frame.is_open:
        remember_draft(
            slug,
            drafts.save_submitter(
                db.session(), consultation_id=page.frame.consultation.id, owner=who, about=form.about
            ),
        )
        return redirect(
            url_for("submissions.check" if page.frame.writing.words else "submissions.respond", slug=slug), 303
        )
    template = "submissions/about.html" if page.frame.is_open else "submissions/shut.html"
    return render_template(template, page=page, form=form, person=person), form_status(form)


@blueprint.route("/c/<slug>/respond/check", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit(filing_limit, methods=["POST"])
def check(slug: str) -> ResponseReturnValue:
    who = draft_owner(slug)
    form = SendForm()
    if (do := request.form.get("do")) in ("cover", "restore"):
        return _cover(slug, form, who, do)
    if do == "side" and form.validate_on_submit():
        consultation = comments_queries.get_consultation(db.session(), slug)
        drafts.save(db.session(), consultation.id, who, lambda writing: writing.with_side(form.side.data))
        flash(_("Saved."), "ok")
        return redirect(url_for("submissions.check", slug=slug), 303)
    if form.validate_on_submit():
        consultation = comments_queries.get_consultation(db.session(), slug)
        try:
            sent = drafts.send(
                db.session(),
                consultation=consultation,
                owner=who,
                key=form.key.data,
                mark=form.mark.data,
                reads=current_language(),
                reply=form.reply.data or "",
                side=None if who.organisation_id else form.side.data or "",
            )
            arrivals.tell(db.session(), sent, session.get("via", {}).get(slug, ""))
            return redirect(_receipt(slug, sent.reference), 303)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    page = pages_queries.get_draft_page(db.session(), slug, who)
    form.key.data, form.mark.data = page.frame.draft.key, page.frame.draft.mark
    if not form.is_submitted():
        form.reply.data, form.side.data = page.frame.writing.reply, page.side
    return _check_page(page, form, who), 409 if form.is_submitted() else 200


def _cover(slug: str, form: SendForm, who: DraftOwner, do: str) -> ResponseReturnValue:
    """Remove possible personal data from the draft, or restore it. The next page offers to restore it."""
    if not ConfirmButtonForm().validate_on_submit():
        raise Refusal(_("We could not read the form. Go back, reload the page and try again."))
    before = pages_queries.get_draft_page(db.session(), slug, who)
    undo = request.form.get("undo", "")
    change = partial(put_back, sealed=undo) if do == "restore" else partial(take_out, country=before.country)
    if before.frame.is_open and before.frame.draft.key:
        drafts.save(db.session(), before.frame.consultation.id, who, change)
    page = pages_queries.get_draft_page(db.session(), slug, who)
    form.key.data, form.mark.data = page.frame.draft.key, page.frame.draft.mark
    form.side.data = page.side
    sealed = seal_undo(before.frame.writing, page.frame.writing) if do == "cover" else ""
    return _check_page(page, form, who, undo=sealed)


def _check_page(page: pages_queries.DraftPage, form: SendForm, who: DraftOwner, undo: str = "") -> str:
    """Render the submission for checking before it is sent."""
    known = session.get("sent", []) if not page.frame.writing.words else []
    speaks_for, belongs = _speaking(page, who)
    signs = speaks_for is None or (belongs is not None and belongs.signatory)
    signs_for = speaks_for if signs else None
    signing = _signing(page, who)
    earlier = author.find_last_sent(db.session(), page.frame.consultation.id, known)
    template = "submissions/check.html" if page.frame.is_open else "submissions/shut.html"
    return render_template(
        template,
        page=page,
        form=form,
        undo=undo,
        earlier=earlier,
        must_hand_over=not signs,
        wants_two=who.organisation_id is None
        and speaks_for is not None
        and sign_off.needs_two_people(db.session(), speaks_for),
        outside=speaks_for is not None and belongs is None,
        signs_for=signs_for,
        shared=who.organisation_id is not None,
        signing=signing,
        since=_changes_since(page, signing, who.account_id or 0),
        open_notes=open_notes.list_before(db.session(), page.frame.consultation.id, who.organisation_id or 0),
        slot=collect(db.session(), *([CheckHints(page, _change_url(page), signs_for)] if page.frame.is_open else [])),
    )


def _signing(page: pages_queries.DraftPage, who: DraftOwner) -> SignOffState | None:
    """Return the sign-off of an organisation's draft, or None for one's own draft."""
    if who.organisation_id is None:
        return None
    return sign_off.get_state(
        db.session(),
        organisation_id=who.organisation_id,
        consultation_id=page.frame.consultation.id,
        mark=page.frame.draft.mark,
    )


def _changes_since(page: pages_queries.DraftPage, signing: SignOffState | None, account_id: int) -> list[TextChange]:
    """Return the changes since the reader approved an earlier text."""
    stale = signing is not None and any(step.stale and step.account_id == account_id for step in signing.steps)
    if signing is None or not stale:
        return []
    before, now = signing.texts.get(account_id, ""), to_json(page.frame.writing)
    return changes.list_changes(db.session(), page.frame.consultation, before, now)


def _speaking(page: pages_queries.DraftPage, who: DraftOwner) -> tuple[int | None, Membership | None]:
    """Return the organisation of a draft and the author's membership, which is None for a former member."""
    about = page.frame.writing.about
    if about is None or about.organisation_id is None:
        return None, None
    return about.organisation_id, organisations.get_membership(db.session(), who.account_id or 0, about.organisation_id)


def _change_url(page: pages_queries.DraftPage) -> str:
    """Return the URL for adding a sentence to the submission."""
    slug, first = page.frame.consultation.slug, next(iter(page.comments), None)
    if first is None:
        return url_for("submissions.questions", slug=slug)
    place, _note, nth = first
    return url_for(
        "commenting.write",
        slug=slug,
        number=place.key if place else "whole",
        version=place.version if place else None,
        nth=nth or None,
    )


def _receipt(slug: str, reference: str) -> str:
    """Remove the draft's token from the session, allow it to show the receipt, and return its URL."""
    session["drafts"] = {name: token for name, token in session.get("drafts", {}).items() if name != slug}
    session["via"] = {name: mark for name, mark in session.get("via", {}).items() if name != slug}
    session["sent"] = [*(known for known in session.get("sent", []) if known != reference), reference][-_RECEIPTS:]
    return url_for("submissions.sent", slug=slug, reference=reference)


@blueprint.route("/c/<slug>/sent/<reference>", allow=Allow.ANYONE)
def sent(slug: str, reference: str) -> ResponseReturnValue:
    if reference not in session.get("sent", []):
        return redirect(url_for("trace.public", reference=reference), 303)
    return render_template(
        "submissions/sent.html",
        page=(page := author.get_receipt(db.session(), slug, reference=reference)),
        group=facilitation.get_group(db.session(), page.submission.id) if page.consultation.groups else "",
    )


@blueprint.route("/c/<slug>/respond/discard", allow=Allow.ANYONE, methods=["GET", "POST"])
def discard(slug: str) -> ResponseReturnValue:
    form, who = ConfirmButtonForm(), draft_owner(slug)
    page = pages_queries.get_draft_page(db.session(), slug, who)
    if not form.validate_on_submit():
        return render_template("submissions/discard.html", page=page, form=form)
    drafts.discard(db.session(), consultation_id=page.frame.consultation.id, owner=who)
    session["drafts"] = {name: token for name, token in session.get("drafts", {}).items() if name != slug}
    flash(_("Unfinished submission deleted."), "ok")
    return redirect(url_for("submissions.reading", slug=slug), 303)


@blueprint.route("/c/<slug>/respond/words", allow=Allow.ANYONE, methods=["POST"])
def words(slug: str) -> ResponseReturnValue:
    """Assign recovery words to a draft begun without an account, and show them once."""
    form, who = ConfirmButtonForm(), draft_owner(slug)
    page = pages_queries.get_draft_page(db.session(), slug, who)
    if not form.validate_on_submit() or not who.token or not page.frame.draft.key:
        return redirect(url_for("submissions.respond", slug=slug), 303)
    code = return_codes.new_code()
    remember_draft(
        slug, private.assign_code(db.session(), consultation=page.frame.consultation, token=who.token, code=code)
    )
    return render_template("submissions/words.html", page=page, code=code)


@blueprint.route("/c/<slug>/respond/resume", allow=Allow.ANYONE, methods=["POST"])
def resume(slug: str) -> ResponseReturnValue:
    """Continue a draft opened by recovery words in this browser. The words come sealed from the page before."""
    code = private.find_by_code(db.session(), typed=unseal_field(request.form.get("code", "")))
    if code.consultation.slug == slug and code.draft is not None:
        remember_draft(slug, return_codes.code_token(code.code))
    return redirect(url_for("submissions.respond", slug=slug), 303)


csrf.exempt(resume)


@blueprint.route("/my", allow=Allow.SIGNED_IN)
def mine() -> ResponseReturnValue:
    person = principal()
    page = author.get_author_page(
        db.session(),
        person.id if person else 0,
        after=request.args.get("after"),
        tokens=session.get("drafts", {}).values(),
    )
    sent = [row.id for row, _consultation, _secret in page.sent.items]
    waiting = organisations.list_waiting_drafts(db.session(), page.shared, person.id) if person else []
    slot = collect(db.session(), AuthorAnswers(sent))
    return render_template("submissions/mine.html", page=page, waiting=waiting, slot=slot)
