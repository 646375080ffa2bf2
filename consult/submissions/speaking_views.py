"""Who speaks: handing a draft to one's organisation, writing as it, joining a coalition, its mandate file."""

from __future__ import annotations

from typing import cast

from flask import Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.web import Blueprint, principal
from consult.submissions import coalition, exhibits, lists, signoff
from consult.submissions.forms import Confirm
from consult.submissions.views import owner

blueprint = Blueprint("speaking", __name__)
_NUMBER = "<int(max=9223372036854775807):number>"


def me() -> Account:
    """The row of whoever is signed in; for routes that need somebody to be."""
    return cast("Account", principal())


def _checked() -> None:
    if not Confirm().validate_on_submit():
        raise Refusal(_("The form could not be read. Go back, reload the page and try again."))


@blueprint.route("/c/<slug>/respond/hand-over", allow=Allow.SIGNED_IN, methods=["POST"])
def hand_over(slug: str) -> ResponseReturnValue:
    """Makes one's draft that of the organisation it speaks for."""
    _checked()
    chosen = signoff.hand_over(db.session(), consultation=lists.consultation(db.session(), slug), owner=owner(slug))
    session["for"] = {**session.get("for", {}), slug: chosen}
    session["drafts"] = {name: token for name, token in session.get("drafts", {}).items() if name != slug}
    flash(_("The draft is your organisation's now: each member can change it, and one who may sign sends it."), "ok")
    return redirect(url_for("submissions.respond", slug=slug), 303)


@blueprint.route(f"/c/<slug>/respond/as/{_NUMBER}", allow=Allow.SIGNED_IN, methods=["POST"])
def write_as(slug: str, number: int) -> ResponseReturnValue:
    """Opens the draft of an organisation; with 0 one's own again."""
    _checked()
    if number and not signoff.is_member(db.session(), me().id, number):
        raise NotFound(_("There is no such organisation among yours."))
    others = {name: chosen for name, chosen in session.get("for", {}).items() if name != slug}
    session["for"] = {**others, slug: number} if number else others
    return redirect(url_for("submissions.respond", slug=slug), 303)


@blueprint.route(f"/org/{_NUMBER}/sent/<reference>", allow=Allow.SIGNED_IN)
def sent(number: int, reference: str) -> ResponseReturnValue:
    """What an organisation has sent, whoever of its members did, for those who may sign for it."""
    it = signoff.one_sent(db.session(), me().id, number, reference)
    said = lists.said(db.session(), it.consultation, it.submission)
    evidence = exhibits.public(exhibits.of_submission(db.session(), it.submission.id))
    return render_template("submissions/of_organisation.html", it=it, said=said, evidence=evidence)


@blueprint.route("/my/join/<int(max=9223372036854775807):signature>", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def join(signature: int) -> ResponseReturnValue:
    """What an organisation is asked to sign; joins the submission in its name, or leaves it."""
    if request.method == "GET":
        offer = coalition.offered(db.session(), by=me(), signature_id=signature)
        return render_template("submissions/joining.html", offer=offer)
    _checked()
    if request.form.get("do") == "confirm":
        coalition.confirm(db.session(), by=me(), signature_id=signature)
        flash(_("Your organisation has joined."), "ok")
    else:
        coalition.leave(db.session(), by=me(), signature_id=signature)
        flash(_("Your organisation is not among those who signed."), "ok")
    return redirect(url_for("submissions.mine"), 303)


@blueprint.route("/c/<slug>/comments/<reference>/sign", allow=Allow.SIGNED_IN, methods=["POST"])
def sign(slug: str, reference: str) -> ResponseReturnValue:
    """Signs what another organisation has published, for one's own; back to what was about to be sent."""
    _checked()
    row = lists.one_published(db.session(), lists.consultation(db.session(), slug).id, reference).submission
    number = request.form.get("organisation", 0, int)
    coalition.ask(db.session(), by=me(), organisation_id=number, submission=row)
    flash(_("You have signed it for your organisation. It is counted once they agree: they are told."), "ok")
    return redirect(url_for("submissions.check", slug=slug), 303)


@blueprint.route("/c/<slug>/comments/<reference>/mandate.csv", allow=Allow.ANYONE)
def mandate(slug: str, reference: str) -> ResponseReturnValue:
    """Which organisations speak together in a published submission, and when each confirmed."""
    row = lists.one_published(db.session(), lists.consultation(db.session(), slug).id, reference).submission
    answer = Response("".join(coalition.mandate(db.session(), row)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.reference}-mandate.csv"'
    return answer
