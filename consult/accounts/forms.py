"""Forms for accounts and organisations."""

from __future__ import annotations

from typing import Any

from wtforms import IntegerField
from wtforms.validators import AnyOf, NumberRange

from consult.accounts.countries import list_countries
from consult.accounts.model import OrganisationKind
from consult.core.i18n import LANGUAGES, N_, NP_, current_language
from consult.core.web.access import Role
from consult.core.web.forms import (
    AccountPasswordField,
    DropdownField,
    EmailField,
    Form,
    HiddenField,
    LineField,
    RadioGroupField,
    SelectChoice,
    optional,
    required,
)

ORGANISATION_KIND_LABELS = {
    OrganisationKind.NGO: N_("Non-governmental organisation"),
    OrganisationKind.COMMUNITY: N_("Community group"),
    OrganisationKind.NETWORK: N_("Network or coalition"),
    OrganisationKind.ACADEMIC: N_("University or research"),
    OrganisationKind.HEALTH_SERVICE: N_("Health service"),
    OrganisationKind.GROWERS: N_("Growers’ association"),
    OrganisationKind.FAITH: N_("Faith-based organisation"),
    OrganisationKind.PROFESSIONAL: N_("Professional association"),
    OrganisationKind.LAW_ENFORCEMENT: N_("Law enforcement association"),
    OrganisationKind.YOUTH: N_("Youth organisation"),
}
_ADDRESS = N_("Enter your e-mail address")


class SignInForm(Form):
    email = EmailField(N_("E-mail address"), [required(_ADDRESS)])
    password = AccountPasswordField(N_("Password"), [required(N_("Enter your password"))])
    next = HiddenField()


class SendLinkForm(Form):
    """The e-mail address to send a link to."""

    email = EmailField(N_("E-mail address"), [required(_ADDRESS)])


class InviteMemberForm(Form):
    """The e-mail address of a person to invite."""

    email = EmailField(N_("E-mail address"), [required(N_("Enter the e-mail address of the person you invite"))])


ROLES = {
    Role.CONTRIBUTOR: N_("Participant (no special role)"),
    Role.MODERATOR: NP_("role", "Moderator"),
    Role.POLICYMAKER: N_("Policymaker"),
    Role.ADMIN: N_("Administrator"),
}


class RoleForm(Form):
    """The role of a member."""

    role = RadioGroupField(
        N_("Role"), [required(N_("Choose a role"))], choices=[SelectChoice(*row) for row in ROLES.items()]
    )


class StaffInvitationForm(Form):
    """The e-mail address and role of a person whom an administrator invites."""

    email = EmailField(N_("E-mail address"), [required(N_("Enter an e-mail address"))])
    role = RadioGroupField(
        N_("Role"),
        [required(N_("Choose a role"))],
        choices=[SelectChoice(*row) for row in ROLES.items() if row[0] != Role.CONTRIBUTOR],
    )
    language = DropdownField(
        N_("Language of the e-mail"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()]
    )


class AccountButtonForm(Form):
    """A form with a button only. Mail scanners follow links but do not submit forms."""


class JoinForm(Form):
    name = LineField(N_("Your name"), [required(N_("Enter your name"))], most=120)
    password = AccountPasswordField(N_("Password"), [optional()], new=True)


class NewPasswordForm(Form):
    password = AccountPasswordField(N_("New password"), [required(N_("Enter a new password"))], new=True)


class ChangePasswordForm(Form):
    current = AccountPasswordField(N_("Current password"), [required(N_("Enter your current password"))])
    password = AccountPasswordField(N_("New password"), [required(N_("Enter a new password"))], new=True)


class DeleteAccountForm(Form):
    current = AccountPasswordField(N_("Current password"), [required(N_("Enter your current password"))])


class ChangeAddressForm(Form):
    email = EmailField(N_("New e-mail address"), [required(N_("Enter the new e-mail address"))])
    current = AccountPasswordField(N_("Current password"), [required(N_("Enter your current password"))])


class ProfileForm(Form):
    name = LineField(N_("Your name"), [required(N_("Enter your name"))], most=120)
    language = RadioGroupField(
        N_("Language of pages and e-mails"),
        [required(N_("Choose a language"))],
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
    )


class MemberForm(Form):
    """A button that changes one member."""

    account = IntegerField(validators=[NumberRange(1, 2**63 - 1)])
    change = HiddenField(
        validators=[AnyOf(["remove", "owner", "member", "signs", "prepares", "two_people", "one_person"])]
    )


class OrganisationForm(Form):
    name = LineField(N_("Name of the organisation"), [required(N_("Enter the name of the organisation"))], most=200)
    kind = RadioGroupField(
        N_("What type of organisation is it?"),
        [required(N_("Choose the type of organisation"))],
        choices=[SelectChoice(kind, label) for kind, label in ORGANISATION_KIND_LABELS.items()],
    )
    country = DropdownField(N_("Country of the organisation"), [required(N_("Choose a country"))])
    website = LineField(N_("Website"), [optional()], most=300)
    registry_number = LineField(N_("Registry number"), [optional()], most=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = [
            SelectChoice("", ""),
            *(SelectChoice(*pair) for pair in list_countries(current_language())),
        ]
