"""Sign-on settings of a body: /desk/bodies/<slug>/sign-on."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.single_sign_on import providers
from consult.accounts.views import current_account, render_form
from consult.bodies import service, sign_on
from consult.bodies.forms import BodySignOnForm
from consult.bodies.views import blueprint, get_seen
from consult.core.db import db
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.forms import SelectChoice


@blueprint.route("/desk/bodies/<slug>/sign-on", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def sign_on_of_body(slug: str) -> ResponseReturnValue:
    """Set the provider at which all members of a body must sign in."""
    body, session = get_seen(slug), db.session()
    service.check_may_edit(session, body, current_account())
    now = sign_on.find_provider(session, body)
    form = BodySignOnForm(provider=now.slug if now else "")
    rows = providers.list_providers(session)
    form.provider.choices = [
        SelectChoice("", _("Any method: password, e-mailed link, passkey or provider")),
        *(SelectChoice(row.slug, _("Only with %(provider)s", provider=row.name)) for row in rows),
    ]
    if form.validate_on_submit():
        sign_on.require_provider(session, body, slug=form.provider.data, by=current_account())
        flash(_("Saved."), "ok")
        return redirect(url_for("bodies.team", slug=slug), 303)
    return render_form("bodies/sign_on.html", form, body=body, providers=rows)
