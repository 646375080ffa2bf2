"""Administration of single sign-on providers: /people/sign-on."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.forms import AccountButtonForm
from consult.accounts.single_sign_on import providers
from consult.accounts.single_sign_on.forms import ProviderForm, show_roles
from consult.accounts.staff_views import blueprint
from consult.accounts.views import current_account, render_form, show_refusal
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.addresses import public_url
from consult.core.web.requests import settings


@blueprint.route("/people/sign-on", allow=Allow.ADMIN)
def sign_on() -> ResponseReturnValue:
    rows, linked = providers.list_providers(db.session()), providers.count_identities(db.session())
    return render_template("accounts/providers.html", providers=rows, linked=linked)


@blueprint.route("/people/sign-on/add", allow=Allow.ADMIN, methods=["GET", "POST"])
def add_provider() -> ResponseReturnValue:
    form = ProviderForm()
    if form.validate_on_submit():
        try:
            row = providers.add(db.session(), form.slug.data, form.details(), by=current_account())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Provider added. Its button is now on the sign-in page."), "ok")
            return redirect(url_for("people.change_provider", slug=row.slug), 303)
    return render_form("accounts/provider.html", form, it=None, callback=None, site=settings().base_url)


@blueprint.route("/people/sign-on/<slug>", allow=Allow.ADMIN, methods=["GET", "POST"])
def change_provider(slug: str) -> ResponseReturnValue:
    row = providers.get_provider(db.session(), slug)
    shown = {"domains": "\n".join(row.domains), "roles": show_roles(row.roles)}
    form = ProviderForm(
        name=row.name,
        slug=slug,
        issuer=row.issuer,
        client_id=row.client_id,
        claim=row.claim,
        own_factor=row.own_factor,
        **shown,
    )
    del form["slug"], form["issuer"]
    if form.validate_on_submit():
        try:
            providers.change(db.session(), row, form.details(row), by=current_account())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Saved."), "ok")
            return redirect(url_for("people.sign_on"), 303)
    callback, logout = (public_url(f"accounts.{name}", slug=slug) for name in ("end_sign_on", "sign_out_by_provider"))
    return render_form("accounts/provider.html", form, it=row, callback=callback, logout=logout)


@blueprint.route("/people/sign-on/<slug>/remove", allow=Allow.ADMIN, methods=["GET", "POST"])
def remove_provider(slug: str) -> ResponseReturnValue:
    """Remove a provider after confirmation, since everyone who signs in with it needs another method."""
    row = providers.get_provider(db.session(), slug)
    form = AccountButtonForm()
    if form.validate_on_submit():
        providers.remove(db.session(), row, by=current_account())
        flash(_("Provider removed. Sessions started through it have ended."), "ok")
        return redirect(url_for("people.sign_on"), 303)
    linked = providers.count_identities(db.session()).get(row.id, 0)
    return render_form("accounts/remove_provider.html", form, it=row, linked=linked)
