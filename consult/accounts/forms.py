"""The forms of people and organisations."""

from __future__ import annotations

from typing import Any

from wtforms import IntegerField
from wtforms.validators import AnyOf, NumberRange

from consult.accounts.countries import countries
from consult.accounts.model import OrganisationKind
from consult.core.access import Role
from consult.core.forms import (
    Choice,
    EmailAddress,
    Form,
    HiddenField,
    Line,
    Password,
    Pick,
    SelectChoice,
    optional,
    required,
)
from consult.core.i18n import LANGUAGES, N_, language

KINDS = {
    OrganisationKind.NGO: N_("Non-governmental organisation"),
    OrganisationKind.COMMUNITY: N_("Community group"),
    OrganisationKind.NETWORK: N_("Network or coalition"),
    OrganisationKind.ACADEMIC: N_("University or research"),
    OrganisationKind.HEALTH_SERVICE: N_("Health service"),
    OrganisationKind.GROWERS: N_("Growers' association"),
    OrganisationKind.FAITH: N_("Faith-based organisation"),
    OrganisationKind.PROFESSIONAL: N_("Professional association"),
    OrganisationKind.LAW_ENFORCEMENT: N_("Law enforcement association"),
    OrganisationKind.YOUTH: N_("Youth organisation"),
}
_ADDRESS = N_("Enter your e-mail address")


class SignIn(Form):
    email = EmailAddress(N_("E-mail address"), [required(_ADDRESS)])
    password = Password(N_("Password"), [required(N_("Enter your password"))])
    next = HiddenField()


class Address(Form):
    """Where to send a link."""

    email = EmailAddress(N_("E-mail address"), [required(_ADDRESS)])


class Invite(Form):
    """Whom to invite."""

    email = EmailAddress(N_("E-mail address"), [required(N_("Enter the e-mail address of whoever you invite"))])


ROLES = {
    Role.CONTRIBUTOR: N_("None: a contributor like everybody"),
    Role.MODERATOR: N_("Moderator"),
    Role.POLICYMAKER: N_("Policymaker"),
    Role.ADMIN: N_("Administrator"),
}


class RoleForm(Form):
    """What somebody may do here."""

    role = Choice(N_("Role"), [required(N_("Choose a role"))], choices=[SelectChoice(*row) for row in ROLES.items()])


class Confirm(Form):
    """A button only: mail scanners open links, but press no buttons."""


class Join(Form):
    name = Line(N_("Your name"), [required(N_("Enter your name"))], most=120)
    password = Password(N_("Password"), [optional()], new=True)


class NewPassword(Form):
    password = Password(N_("New password"), [required(N_("Enter a new password"))], new=True)


class ChangePassword(Form):
    current = Password(N_("Present password"), [required(N_("Enter your present password"))])
    password = Password(N_("New password"), [required(N_("Enter a new password"))], new=True)


class DeleteAccount(Form):
    current = Password(N_("Present password"), [required(N_("Enter your present password"))])


class ChangeAddress(Form):
    email = EmailAddress(N_("New e-mail address"), [required(N_("Enter the new e-mail address"))])
    current = Password(N_("Present password"), [required(N_("Enter your present password"))])


class Profile(Form):
    name = Line(N_("Your name"), [required(N_("Enter your name"))], most=120)
    language = Choice(
        N_("Language of pages and letters"),
        [required(N_("Choose a language"))],
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
    )


class Member(Form):
    """One button beside one member."""

    account = IntegerField(validators=[NumberRange(1, 2**63 - 1)])
    change = HiddenField(validators=[AnyOf(["remove", "owner", "member", "signs", "prepares"])])


class OrganisationForm(Form):
    name = Line(N_("Name of the organisation"), [required(N_("Enter the name of the organisation"))], most=200)
    kind = Choice(
        N_("What kind of organisation is it?"),
        [required(N_("Choose what kind of organisation it is"))],
        choices=[SelectChoice(kind, label) for kind, label in KINDS.items()],
    )
    country = Pick(N_("Country where it is based"), [required(N_("Choose a country"))])
    website = Line(N_("Website"), [optional()], most=300)
    registry_number = Line(N_("Registry number"), [optional()], most=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = [SelectChoice("", ""), *(SelectChoice(*pair) for pair in countries(language()))]
