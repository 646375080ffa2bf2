"""The reading room, the published comments, and the pages on which a submission is written and sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from consult.consultations import answering, facilitators
from consult.consultations.model import Consultation
from consult.core import etag
from consult.core.access import Allow
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, language, ngettext
from consult.core.limits import filing_limit, limiter
from consult.core.tokens import unhide
from consult.core.web import Blueprint, csrf, principal
from consult.submissions import annotations as linked
from consult.submissions import codes, drafts, lists, own, pages, results, returning, signoff
from consult.submissions.annotations import MEDIA_TYPE, Addresses
from consult.submissions.drafts import ChangedElsewhere, Owner
from consult.submissions.forms import AboutForm, Confirm, Send, answers_of, questions_form

blueprint = Blueprint("submissions", __name__)
_RECEIPTS = 10
"""How many receipts a browser's session can show again."""


def owner(slug: str) -> Owner:
    """Whoever writes here: the account, and the token of what was begun without one."""
    person = principal()
    token, chosen = session.get("drafts", {}).get(slug), session.get("for", {}).get(slug)
    if person is None or chosen is None or not signoff.is_member(db.session(), person.id, chosen):
        return Owner(person.id if person else None, token)
    return Owner(person.id, token, chosen)


def keep(slug: str, token: str | None) -> None:
    """Remembers in the browser's session how the draft is found again."""
    if token is not None:
        session["drafts"] = {**session.get("drafts", {}), slug: token}


def public(slug: str, who: Owner, template: str, read: Callable[[Consultation | None], object]) -> ResponseReturnValue:
    """A public page; for somebody without account and draft it is made only if something has happened since."""
    if who.token or not etag.for_everybody():
        return render_template(template, page=read(None))
    row, stamp = lists.stamped(db.session(), slug, at=now())
    return etag.answer(etag.tag(stamp), lambda: render_template(template, page=read(row)))


@blueprint.route("/c/<slug>/draft", allow=Allow.ANYONE)
def reading(slug: str, chapter: str | None = None) -> ResponseReturnValue:
    who, whole = owner(slug), "whole" in request.args

    def read(row: Consultation | None) -> pages.Reading:
        return pages.reading(db.session(), slug, who, chapter=chapter, whole=whole, row=row)

    return public(slug, who, "submissions/reading.html", read)


blueprint.add_url_rule("/c/<slug>/draft/<chapter>", "reading")  # the same page under its longer address


@blueprint.route("/c/<slug>/p/<number>", allow=Allow.ANYONE)
def place(slug: str, number: str) -> ResponseReturnValue:
    """A paragraph of the draft; of an earlier `version` where that is asked for, or where only that has it."""
    who, stance, after = owner(slug), request.args.get("stance", ""), request.args.get("after")
    version = request.args.get("version", type=int)

    def read(row: Consultation | None) -> pages.OnePlace:
        return pages.one_place(db.session(), slug, who, key=number, stance=stance, after=after, version=version,
                               row=row)  # fmt: skip

    return public(slug, who, "submissions/place.html", read)


@blueprint.route("/c/<slug>/comments", allow=Allow.ANYONE)
def published(slug: str) -> ResponseReturnValue:
    who = owner(slug)
    asked = {name: request.args.get(name, "") for name in ("on", "question", "stance", "after")}

    def read(row: Consultation | None) -> pages.Listed:
        return pages.listed(db.session(), slug, who, **asked, row=row)

    return public(slug, who, "submissions/published.html", read)


@blueprint.route("/c/<slug>/comments/question-<number>.csv", allow=Allow.ANYONE)
def result_csv(slug: str, number: str) -> ResponseReturnValue:
    found = results.by_number(db.session(), slug, number)
    return Response(results.as_csv(found), mimetype="text/csv")


@blueprint.route("/c/<slug>/comments/<reference>", allow=Allow.ANYONE)
def one(slug: str, reference: str) -> ResponseReturnValue:
    who = owner(slug)

    def read(row: Consultation | None) -> pages.One:
        return pages.one_published(db.session(), slug, who, reference=reference, row=row)

    return public(slug, who, "submissions/one.html", read)


@blueprint.route("/c/<slug>/annotations.jsonld", allow=Allow.ANYONE)
def annotation_pages(slug: str) -> ResponseReturnValue:
    """The published comments on the draft as a W3C annotation collection; with `page`, one page of it."""
    return _linked(linked.pages(db.session(), slug, request.args.get("page"), _addresses(slug)))


@blueprint.route("/c/<slug>/annotations/<int:comment_id>.jsonld", allow=Allow.ANYONE)
def annotation(slug: str, comment_id: int) -> ResponseReturnValue:
    return _linked(linked.one(db.session(), slug, comment_id, _addresses(slug)))


def _linked(record: dict[str, Any]) -> Response:
    answer = Response(json.dumps(record, ensure_ascii=False), content_type=MEDIA_TYPE)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _addresses(slug: str) -> Addresses:
    def url(view: str, **given: Any) -> str:
        return url_for(f"submissions.{view}", slug=slug, _external=True, **given)

    return Addresses(
        collection=lambda cursor: url("annotation_pages", page=cursor),
        annotation=lambda comment_id: url("annotation", comment_id=comment_id),
        place=lambda where: url("place", number=where.key, version=where.version),
        submission=lambda reference: url("one", reference=reference),
    )


@blueprint.route("/c/<slug>/respond", allow=Allow.ANYONE)
def respond(slug: str) -> ResponseReturnValue:
    who = owner(slug)
    page = pages.responding(db.session(), slug, who)
    return render_template("submissions/respond.html", page=page, form=Confirm(), shared=who.organisation_id,
                           helps=_helps(page.frame.consultation, who))  # fmt: skip


def _helps(row: Consultation, who: Owner) -> bool:
    """Whether whoever writes here may do so for a group."""
    account = who.account_id
    return account is not None and facilitators.may(db.session(), consultation=row, account_id=account)


def join() -> bool:
    """Whether both versions of what was changed in two windows are to be kept."""
    return request.form.get("do") == "join"


def status(form: Any, stored: object = None) -> int:
    """200 for a form to fill in, 422 for one to mend, 409 for one that met a change."""
    return 409 if stored is not None else 422 if form.is_submitted() else 200


@blueprint.route("/c/<slug>/respond/questions", allow=Allow.ANYONE, methods=["GET", "POST"])
def questions(slug: str) -> ResponseReturnValue:
    """The questions that are asked, all or of one chapter. Saving shows those that follow from the answers."""
    who, chapter = owner(slug), request.args.get("on")
    page = pages.responding(db.session(), slug, who)
    frame = page.frame
    shown = frame.on_page(chapter, request.form.get("asked"))
    form = questions_form(shown, frame.given, frame.writing.answers_mark, frame.consultation.language)
    stored = None
    given = answers_of(form, shown) if form.is_submitted() and (form.validate() or not frame.is_open) else {}
    if form.is_submitted() and not (form.problems and frame.is_open):
        try:
            keep(slug, drafts.answer(
                db.session(), consultation_id=frame.consultation.id, owner=who, seen=form.seen.data,
                answers={row.id: answering.words(row, given[row.id]) for row in shown if row.id in given},
                chosen={number: it.chosen for number, it in given.items()}, join=join()))  # fmt: skip
            return redirect(_after_answers(slug, owner(slug), chapter, {row.id for row in shown}), 303)
        except ChangedElsewhere as clash:
            form.refuse(clash)
            form.seen.data, stored = frame.writing.answers_mark, clash.answers
    template = "submissions/questions.html" if frame.is_open else "submissions/shut.html"
    answer = render_template(template, page=page, form=form, stored=stored, shown=shown, chapter=chapter,
                             itself=frame.saves_itself(who))  # fmt: skip
    return answer, status(form, stored)


def _after_answers(slug: str, who: Owner, chapter: str | None, seen: set[int]) -> str:
    """To the questions that follow from what was just answered; else back to where the questions were opened from."""
    frame = pages.frame(db.session(), slug, who)
    fresh = [row for row in frame.on_page(chapter) if row.id not in seen]
    if fresh and frame.is_open:
        flash(ngettext("Saved. One more question follows from your answers.",
                       "Saved. %(num)s more questions follow from your answers.", len(fresh)), "ok")  # fmt: skip
        return url_for("submissions.questions", slug=slug, on=chapter, saved=1, _anchor=f"answer_{fresh[0].id}")
    if chapter and frame.is_open:
        return url_for("submissions.reading", slug=slug, chapter=chapter)
    return url_for("submissions.respond", slug=slug)


@blueprint.route("/c/<slug>/respond/about", allow=Allow.ANYONE, methods=["GET", "POST"])
def about(slug: str) -> ResponseReturnValue:
    who, person = owner(slug), principal()
    page = pages.responding(db.session(), slug, who, naming=True)
    form = AboutForm(page.organisations, page.frame.writing.about, person_name=person.display_name if person else "")
    form.allow(page.frame.consultation.name_rules)
    if form.validate_on_submit() and page.frame.is_open:
        keep(slug, drafts.introduce(
            db.session(), consultation_id=page.frame.consultation.id, owner=who, about=form.about))  # fmt: skip
        return redirect(
            url_for("submissions.check" if page.frame.writing.words else "submissions.respond", slug=slug), 303
        )
    template = "submissions/about.html" if page.frame.is_open else "submissions/shut.html"
    return render_template(template, page=page, form=form, person=person), status(form)


@blueprint.route("/c/<slug>/respond/check", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit(filing_limit, methods=["POST"])
def check(slug: str) -> ResponseReturnValue:
    who = owner(slug)
    form = Send()
    if form.validate_on_submit():
        consultation = lists.consultation(db.session(), slug)
        try:
            sent = drafts.send(db.session(), consultation=consultation, owner=who, key=form.key.data,
                               mark=form.mark.data, reads=language(), reply=form.reply.data or "")  # fmt: skip
            return redirect(_receipt(slug, sent.reference), 303)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    page = pages.responding(db.session(), slug, who)
    form.key.data, form.mark.data = page.frame.held.key, page.frame.held.mark
    known = session.get("sent", []) if not page.frame.writing.words else []
    about = page.frame.writing.about
    speaks_for = about.organisation_id if about else None
    signs = speaks_for is None or signoff.may_sign(db.session(), who.account_id, speaks_for)
    earlier = own.sent_to(db.session(), page.frame.consultation.id, known)
    template = "submissions/check.html" if page.frame.is_open else "submissions/shut.html"
    return render_template(
        template,
        page=page,
        form=form,
        earlier=earlier,
        must_hand_over=not signs,
        signs_for=speaks_for if signs else None,
        shared=who.organisation_id is not None,
    ), 409 if form.is_submitted() else 200


def _receipt(slug: str, reference: str) -> str:
    """Forgets the draft's token, and remembers that this browser may see the receipt."""
    session["drafts"] = {name: token for name, token in session.get("drafts", {}).items() if name != slug}
    session["sent"] = [*(known for known in session.get("sent", []) if known != reference), reference][-_RECEIPTS:]
    return url_for("submissions.sent", slug=slug, reference=reference)


@blueprint.route("/c/<slug>/sent/<reference>", allow=Allow.ANYONE)
def sent(slug: str, reference: str) -> ResponseReturnValue:
    if reference not in session.get("sent", []):
        return redirect(url_for("trace.public", reference=reference), 303)
    return render_template("submissions/sent.html", page=own.receipt(db.session(), slug, reference=reference))


@blueprint.route("/c/<slug>/respond/discard", allow=Allow.ANYONE, methods=["GET", "POST"])
def discard(slug: str) -> ResponseReturnValue:
    form, who = Confirm(), owner(slug)
    page = pages.responding(db.session(), slug, who)
    if not form.validate_on_submit():
        return render_template("submissions/discard.html", page=page, form=form)
    drafts.discard(db.session(), consultation_id=page.frame.consultation.id, owner=who)
    session["drafts"] = {name: token for name, token in session.get("drafts", {}).items() if name != slug}
    flash(_("Your draft was deleted."), "ok")
    return redirect(url_for("submissions.reading", slug=slug), 303)


@blueprint.route("/c/<slug>/respond/words", allow=Allow.ANYONE, methods=["POST"])
def words(slug: str) -> ResponseReturnValue:
    """Gives a draft begun without an account seven words, by which it is found on any device. Shown once."""
    form, who = Confirm(), owner(slug)
    page = pages.responding(db.session(), slug, who)
    if not form.validate_on_submit() or not who.token:
        return redirect(url_for("submissions.respond", slug=slug), 303)
    code = codes.new()
    keep(slug, returning.put_under(db.session(), consultation=page.frame.consultation, token=who.token, code=code))
    return render_template("submissions/words.html", page=page, code=code)


@blueprint.route("/c/<slug>/respond/resume", allow=Allow.ANYONE, methods=["POST"])
def resume(slug: str) -> ResponseReturnValue:
    """Takes up in this browser the draft that seven words opened; they come sealed, from the page that opened it."""
    found = returning.find(db.session(), typed=unhide(request.form.get("code", "")))
    if found.consultation.slug == slug and found.draft is not None:
        keep(slug, codes.token(found.code))
    return redirect(url_for("submissions.respond", slug=slug), 303)


csrf.exempt(resume)


@blueprint.route("/my", allow=Allow.SIGNED_IN)
def mine() -> ResponseReturnValue:
    person = principal()
    page = own.mine(db.session(), person.id if person else 0, after=request.args.get("after"),
                    tokens=session.get("drafts", {}).values())  # fmt: skip
    return render_template("submissions/mine.html", page=page)
