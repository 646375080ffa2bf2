"""Pages for organisations: hand over a draft, write and sign off, co-sign, and the mandate file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from flask import Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.db import db
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _, ngettext
from consult.core.slots import SlotContents, collect
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, principal
from consult.submissions.coalitions import service as coalitions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.comments.queries import LocatedComment
from consult.submissions.content.draft import to_json
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts import sign_off
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.forms import ConfirmButtonForm
from consult.submissions.organisations import service as organisations
from consult.submissions.pages.slots import RedactionReasons
from consult.submissions.views import draft_owner

blueprint = Blueprint("speaking", __name__)
_NUMBER = "<int(max=9223372036854775807):number>"


def current_account() -> Account:
    """Return the signed-in account. Only for routes that require one."""
    return cast("Account", principal())


def _checked() -> None:
    if not ConfirmButtonForm().validate_on_submit():
        raise Refusal(_("We could not read the form. Go back, reload the page and try again."))


@blueprint.route("/c/<slug>/respond/hand-over", allow=Allow.SIGNED_IN, methods=["POST"])
def hand_over(slug: str) -> ResponseReturnValue:
    """Hand over the author's draft to the organisation that it is written for."""
    _checked()
    chosen = organisations.hand_over_draft(
        db.session(), consultation=comments_queries.get_consultation(db.session(), slug), owner=draft_owner(slug)
    )
    session["for"] = {**session.get("for", {}), slug: chosen}
    session["drafts"] = {name: token for name, token in session.get("drafts", {}).items() if name != slug}
    flash(
        _(
            "Text handed over to your organisation. Every member can change it. A member with permission to submit can "
            "send it."
        ),
        "ok",
    )
    return redirect(url_for("submissions.respond", slug=slug), 303)


@blueprint.route("/c/<slug>/respond/sign-off", allow=Allow.SIGNED_IN, methods=["POST"])
def agree(slug: str) -> ResponseReturnValue:
    """Ask members for sign-off, answer, ask again or end it, by the pressed button."""
    _checked()
    who, do = draft_owner(slug), request.form.get("do")
    it = comments_queries.get_consultation(db.session(), slug)
    if who.organisation_id is None:
        raise NotFound(_("This unfinished submission does not belong to one of your organisations."))
    if do == "none":
        return render_template("submissions/end_signing.html", it=it)
    flash(_answer(it, who, do), "ok")
    return redirect(url_for("submissions.check", slug=slug, _anchor="agreed"), 303)


def _answer(it: Consultation, who: DraftOwner, do: str | None) -> str:
    """Handle the pressed button and return a message."""
    of: dict[str, Any] = {"organisation_id": who.organisation_id, "by": current_account()}
    if do == "end":
        sign_off.end(db.session(), consultation_id=it.id, **of)
        return str(_("Sign-off stopped. Nobody is asked to approve now. Earlier approvals stay on record."))
    if do == "ask":
        asked = [int(one) for one in request.form.getlist("ask") if one.isdecimal() and len(one) < 19]
        sign_off.ask(db.session(), consultation=it, account_ids=asked, **of)
        return str(_("Approval requested. We e-mail each person when it is their turn."))
    draft = drafts.get_draft(db.session(), consultation_id=it.id, owner=who)
    text = to_json(draft.writing)
    if do == "again":
        n = sign_off.ask_again(db.session(), consultation=it, mark=draft.mark, text=text, **of)
        return ngettext("We e-mailed %(num)s member to ask again.", "We e-mailed %(num)s members to ask again.", n)
    if request.form.get("mark") != draft.mark:
        raise Conflict(_("The text has changed since you opened this page. Read it again, then answer."))
    if do == "not yet":
        why = request.form.get("why", "")
        sign_off.answer_not_yet(db.session(), consultation=it, mark=draft.mark, why=why, **of)
        return str(_("We sent your answer to the person who asked."))
    sign_off.agree(db.session(), consultation=it, mark=draft.mark, text=text, **of)
    return str(_("You approved this text. If it changes, you may be asked again."))


@blueprint.route(f"/c/<slug>/respond/as/{_NUMBER}", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def write_as(slug: str, number: int) -> ResponseReturnValue:
    """Open the draft of an organisation, or with number 0 the account's own. From an e-mail, go to the sign-off."""
    if request.method == "POST":
        _checked()
    if number and not organisations.is_member(db.session(), current_account().id, number):
        raise NotFound(_("We cannot find this organisation among yours."))
    others = {name: chosen for name, chosen in session.get("for", {}).items() if name != slug}
    session["for"] = {**others, slug: number} if number else others
    if request.method == "GET":
        return redirect(url_for("submissions.check", slug=slug, _anchor="agreed"), 303)
    return redirect(url_for("submissions.respond", slug=slug), 303)


@blueprint.route(f"/org/{_NUMBER}/sent/<reference>", allow=Allow.SIGNED_IN)
def sent(number: int, reference: str) -> ResponseReturnValue:
    """Show an organisation's submission to those who may sign for it."""
    it = organisations.get_sent_submission(db.session(), current_account().id, number, reference)
    located = comments_queries.list_located(db.session(), it.consultation, it.submission)
    evidence = evidence_queries.filter_public(evidence_queries.list_by_submission(db.session(), it.submission.id))
    return render_template(
        "submissions/of_organisation.html",
        it=it,
        said=located,
        evidence=evidence,
        agreed=sign_off.list_record(db.session(), it.submission.id),
        slot=_reasons(located),
    )


def _reasons(said: Sequence[LocatedComment]) -> SlotContents:
    """Return the reasons for redactions in these comments."""
    return collect(db.session(), RedactionReasons.of(comment.redactions for _on, _asked, comment, _about in said))


@blueprint.route("/my/join/<int(max=9223372036854775807):signature>", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def join(signature: int) -> ResponseReturnValue:
    """Show a submission to co-sign, and sign it or withdraw the signature."""
    if request.method == "GET":
        offer = coalitions.get_invitation(db.session(), by=current_account(), signature_id=signature)
        return render_template("submissions/joining.html", offer=offer, slot=_reasons(offer.comments))
    _checked()
    if request.form.get("do") == "confirm":
        coalitions.confirm(db.session(), by=current_account(), signature_id=signature)
        flash(_("Your organisation has co-signed."), "ok")
    else:
        coalitions.leave_coalition(db.session(), by=current_account(), signature_id=signature)
        flash(_("Your organisation has not co-signed this submission."), "ok")
    return redirect(url_for("submissions.mine"), 303)


@blueprint.route("/c/<slug>/comments/<reference>/sign", allow=Allow.SIGNED_IN, methods=["POST"])
def sign(slug: str, reference: str) -> ResponseReturnValue:
    """Ask to co-sign another organisation's published submission, and return to the account's own draft."""
    _checked()
    row = comments_queries.get_published_submission(
        db.session(), comments_queries.get_consultation(db.session(), slug).id, reference
    ).submission
    number = request.form.get("organisation", 0, int)
    coalitions.request_to_join(db.session(), by=current_account(), organisation_id=number, submission=row)
    flash(
        _(
            "Co-signed. We count the signature once the author agrees. We e-mail the author if we have an e-mail "
            "address."
        ),
        "ok",
    )
    return redirect(url_for("submissions.check", slug=slug), 303)


@blueprint.route("/c/<slug>/comments/<reference>/mandate.csv", allow=Allow.ANYONE)
def mandate(slug: str, reference: str) -> ResponseReturnValue:
    """Return the organisations of a published submission as CSV, with dates of confirmation."""
    row = comments_queries.get_published_submission(
        db.session(), comments_queries.get_consultation(db.session(), slug).id, reference
    ).submission
    answer = Response("".join(coalitions.mandate_csv(db.session(), row)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.reference}-mandate.csv"'
    return answer
