"""Pages for organisations: hand over a draft, write in its name, join a coalition, mandate file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from flask import Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.slots import SlotContents, collect
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, principal
from consult.submissions.coalitions import service as coalitions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.comments.queries import LocatedComment
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.forms import ConfirmButtonForm
from consult.submissions.organisations import service as organisations
from consult.submissions.organisations import sign_off
from consult.submissions.pages.slots import RedactionReasons
from consult.submissions.views import draft_owner

blueprint = Blueprint("speaking", __name__)
_NUMBER = "<int(max=9223372036854775807):number>"


def current_account() -> Account:
    """The signed-in account; for routes that require one."""
    return cast("Account", principal())


def _checked() -> None:
    if not ConfirmButtonForm().validate_on_submit():
        raise Refusal(_("The form could not be read. Go back, reload the page and try again."))


@blueprint.route("/c/<slug>/respond/hand-over", allow=Allow.SIGNED_IN, methods=["POST"])
def hand_over(slug: str) -> ResponseReturnValue:
    """Makes one's draft that of the organisation it speaks for."""
    _checked()
    chosen = organisations.hand_over_draft(
        db.session(), consultation=comments_queries.get_consultation(db.session(), slug), owner=draft_owner(slug)
    )
    session["for"] = {**session.get("for", {}), slug: chosen}
    session["drafts"] = {name: token for name, token in session.get("drafts", {}).items() if name != slug}
    flash(_("Your text is your organisation's now: each member can change it, and one who can send does it."), "ok")
    return redirect(url_for("submissions.respond", slug=slug), 303)


@blueprint.route("/c/<slug>/respond/sign-off", allow=Allow.SIGNED_IN, methods=["POST"])
def agree(slug: str) -> ResponseReturnValue:
    """Asks members to agree to the shared draft, agrees to it, or asks nobody any more: by the button pressed."""
    _checked()
    who, do = draft_owner(slug), request.form.get("do")
    it = comments_queries.get_consultation(db.session(), slug)
    if who.organisation_id is None:
        raise NotFound(_("This is not a draft of an organisation of yours."))
    number, me = who.organisation_id, current_account()
    if do == "agree":
        mark = request.form.get("mark", "")
        sign_off.agree(db.session(), consultation=it, organisation_id=number, mark=mark, by=me)
        flash(_("You have agreed to this text. If it is changed, you are asked again."), "ok")
    elif do == "none":
        sign_off.take_back(db.session(), consultation_id=it.id, organisation_id=number)
        flash(_("Nobody is asked any more."), "ok")
    else:
        asked = [int(one) for one in request.form.getlist("ask") if one.isdecimal() and len(one) < 19]
        sign_off.ask(db.session(), consultation=it, organisation_id=number, account_ids=asked, by=me)
        flash(_("They are asked, one after the other. Each gets a letter when it is their turn."), "ok")
    return redirect(url_for("submissions.check", slug=slug), 303)


@blueprint.route(f"/c/<slug>/respond/as/{_NUMBER}", allow=Allow.SIGNED_IN, methods=["POST"])
def write_as(slug: str, number: int) -> ResponseReturnValue:
    """Opens the draft of an organisation; with 0 one's own again."""
    _checked()
    if number and not organisations.is_member(db.session(), current_account().id, number):
        raise NotFound(_("There is no such organisation among yours."))
    others = {name: chosen for name, chosen in session.get("for", {}).items() if name != slug}
    session["for"] = {**others, slug: number} if number else others
    return redirect(url_for("submissions.respond", slug=slug), 303)


@blueprint.route(f"/org/{_NUMBER}/sent/<reference>", allow=Allow.SIGNED_IN)
def sent(number: int, reference: str) -> ResponseReturnValue:
    """Submissions of an organisation, by any of its members, for those who may sign for it."""
    it = organisations.get_sent_submission(db.session(), current_account().id, number, reference)
    said = comments_queries.list_located(db.session(), it.consultation, it.submission)
    evidence = evidence_queries.filter_public(evidence_queries.list_by_submission(db.session(), it.submission.id))
    return render_template(
        "submissions/of_organisation.html",
        it=it,
        said=said,
        evidence=evidence,
        agreed=sign_off.list_record(db.session(), it.submission.id),
        slot=_reasons(said),
    )


def _reasons(said: Sequence[LocatedComment]) -> SlotContents:
    """Why words of these comments are hidden."""
    return collect(db.session(), RedactionReasons.of(comment.redactions for _on, _asked, comment, _about in said))


@blueprint.route("/my/join/<int(max=9223372036854775807):signature>", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def join(signature: int) -> ResponseReturnValue:
    """What an organisation is asked to sign; joins the submission in its name, or leaves it."""
    if request.method == "GET":
        offer = coalitions.get_invitation(db.session(), by=current_account(), signature_id=signature)
        return render_template("submissions/joining.html", offer=offer, slot=_reasons(offer.comments))
    _checked()
    if request.form.get("do") == "confirm":
        coalitions.confirm(db.session(), by=current_account(), signature_id=signature)
        flash(_("Your organisation has joined."), "ok")
    else:
        coalitions.leave_coalition(db.session(), by=current_account(), signature_id=signature)
        flash(_("Your organisation is not among those who signed."), "ok")
    return redirect(url_for("submissions.mine"), 303)


@blueprint.route("/c/<slug>/comments/<reference>/sign", allow=Allow.SIGNED_IN, methods=["POST"])
def sign(slug: str, reference: str) -> ResponseReturnValue:
    """Signs what another organisation has published, for one's own; back to what was about to be sent."""
    _checked()
    row = comments_queries.get_published_submission(
        db.session(), comments_queries.get_consultation(db.session(), slug).id, reference
    ).submission
    number = request.form.get("organisation", 0, int)
    coalitions.request_to_join(db.session(), by=current_account(), organisation_id=number, submission=row)
    flash(_("You have signed it for your organisation. It is counted once they agree: they are told."), "ok")
    return redirect(url_for("submissions.check", slug=slug), 303)


@blueprint.route("/c/<slug>/comments/<reference>/mandate.csv", allow=Allow.ANYONE)
def mandate(slug: str, reference: str) -> ResponseReturnValue:
    """Which organisations speak together in a published submission, and when each confirmed."""
    row = comments_queries.get_published_submission(
        db.session(), comments_queries.get_consultation(db.session(), slug).id, reference
    ).submission
    answer = Response("".join(coalitions.mandate_csv(db.session(), row)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.reference}-mandate.csv"'
    return answer
