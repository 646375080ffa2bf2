"""Forms of single sign-on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import ValidationError

from consult.accounts.single_sign_on.model import SignOnProvider
from consult.accounts.single_sign_on.providers import GRANTED, ProviderDetails
from consult.core.i18n import N_, _
from consult.core.web import widgets
from consult.core.web.access import Role
from consult.core.web.forms import (
    AccountPasswordField,
    BooleanField,
    Form,
    HiddenField,
    LineField,
    LongTextField,
    optional,
    required,
)

_plain = widgets.TextInput(dir="ltr", spellcheck="false", autocapitalize="none", autocomplete="off")
_secret = widgets.PasswordInput(autocomplete="off")


class BeginForm(Form):
    """The button that starts sign-in at a provider."""

    next = HiddenField()


class CallbackForm(Form):
    """The parameters with which a provider redirected the browser back."""

    code = HiddenField()
    state = HiddenField()
    iss = HiddenField()
    error = HiddenField()


class ProviderForm(Form):
    """The settings of a provider."""

    name = LineField(N_("Name shown on the button"), [required(N_("Enter a name"))], most=80)
    slug = LineField(
        N_("Short name, used in web addresses"), [required(N_("Enter a short name"))], most=40, widget=_plain
    )
    issuer = LineField(
        N_("Web address of the provider (issuer)"),
        [required(N_("Enter the web address of the provider"))],
        most=300,
        widget=_plain,
    )
    client_id = LineField(N_("Client ID"), [required(N_("Enter the client ID"))], most=300, widget=_plain)
    secret = AccountPasswordField(N_("Client secret"), [optional()], widget=_secret)
    domains = LongTextField(N_("The provider’s own mail domains"), [optional()], most=2000)
    claim = LineField(N_("Claim that holds the roles"), [optional()], most=80, widget=_plain)
    roles = LongTextField(N_("Role for each claim value"), [optional()], most=4000)
    own_factor = BooleanField(N_("The provider asks for two-step verification itself"))

    def validate_roles(self, field: Any) -> None:
        _parse_roles(field.data or "")

    def details(self, kept: SignOnProvider | None = None) -> ProviderDetails:
        """Return the submitted settings. An empty secret keeps the stored one."""
        return ProviderDetails(
            name=self.name.data,
            issuer=kept.issuer if kept else self.issuer.data.rstrip() or "",
            client_id=self.client_id.data,
            secret=self.secret.data or (None if kept else ""),
            domains=(self.domains.data or "").split(),
            claim=self.claim.data or "",
            roles=_parse_roles(self.roles.data or ""),
            own_factor=bool(self.own_factor.data),
        )


def show_roles(roles: dict[str, str]) -> str:
    """Format the role mapping as `_parse_roles` reads it.

    >>> show_roles({"mods": "moderator"})
    'mods = moderator'
    """
    return "\n".join(f"{value} = {role}" for value, role in roles.items())


def _parse_roles(text: str) -> dict[str, Role]:
    """Parse lines like `value = moderator` or `value = policymaker`. Raises ValidationError for other lines."""
    roles: dict[str, Role] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        value, _sign, role = (part.strip() for part in line.rpartition("="))
        if role == Role.ADMIN:
            raise ValidationError(_("A claim cannot make someone an administrator. Give that role on the People page."))
        if not value or role not in _roles():
            raise ValidationError(
                _(
                    "Write each line as a value, an equals sign, and moderator or policymaker. This line is "
                    "wrong: %(line)s",
                    line=line[:60],
                )
            )
        roles[value] = Role(role)
    return roles


def _roles() -> Sequence[str]:
    return [str(role) for role in GRANTED]
