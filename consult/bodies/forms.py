"""Forms for bodies and their members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms.fields import IntegerField
from wtforms.validators import NumberRange, ValidationError

from consult.accounts.countries import list_countries
from consult.bodies.labels import KIND_LABELS, ROLE_HINTS, ROLE_LABELS
from consult.bodies.model import BodyKind, BodyRole, PublicBody
from consult.bodies.service import BodyDescription
from consult.core.i18n import LANGUAGES, N_, _, current_language
from consult.core.text import read_number
from consult.core.web.forms import (
    BooleanField,
    DropdownField,
    EmailField,
    FileField,
    Form,
    HiddenField,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    optional,
    required,
)


class BodyButtonForm(Form):
    """A form with a button only."""


class BodyAboutForm(Form):
    """The description of a body as edited by a lead."""

    about = LongTextField(
        N_("What does this body do, and how does it decide?"),
        [optional()],
        most=5000,
        description=N_("Shown on the body’s public page. You can use Markdown."),
    )
    address = LongTextField(N_("Contact details"), [optional()], most=400)
    country = DropdownField(N_("Country"), description=N_("Leave empty if the body serves several countries."))
    promise_days = LineField(
        N_("Days to answer after the closing date"),
        [optional()],
        most=3,
        description=N_("From 1 to 730. Shown on the body’s page. Each consultation sets its own due date."),
    )
    colour = LineField(
        N_("Accent colour"),
        [optional()],
        most=7,
        description=N_(
            "Used for one line on the body’s page, such as #a3721e. It must be visible on light and dark pages."
        ),
    )
    logo = FileField(
        N_("Logo"),
        [optional()],
        description=N_("PNG, JPEG, WebP or GIF. We keep only the image and remove hidden data."),
    )
    no_logo = BooleanField(N_("Remove the current logo"))
    revision = HiddenField()

    def __init__(self, body: PublicBody | None = None, **values: Any) -> None:
        known = (
            {}
            if body is None
            else {
                "about": body.about,
                "address": body.address,
                "country": body.country or "",
                "name": body.name,
                "promise_days": str(body.promise_days or ""),
                "colour": body.colour or "",
                "code": body.code or "",
                "kind": body.kind,
                "revision": str(body.revision),
                **{f"name_{language}": name for language, name in body.names.items()},
            }
        )
        super().__init__(data=known | values)
        self.country.choices = [
            SelectChoice("", ""),
            *(SelectChoice(*pair) for pair in list_countries(current_language())),
        ]
        self.body = body

    def validate_promise_days(self, field: Any) -> None:
        if not 1 <= (read_number(field.data) or 0) <= 730:
            raise ValidationError(_("Enter a number from 1 to 730."))

    def described(self) -> BodyDescription:
        """Return the description. Fields that only administrators can edit keep their value."""
        body = self.body
        return BodyDescription(
            name=self["name"].data if "name" in self else body.name if body else "",
            kind=BodyKind(self["kind"].data) if "kind" in self else body.kind if body else BodyKind.AGENCY,
            code=(self["code"].data if "code" in self else body.code if body else "") or "",
            country=self.country.data or None,
            about=self.about.data or "",
            address=self.address.data or "",
            colour=self.colour.data or "",
            promise_days=read_number(self.promise_days.data),
            names={code: self[f"name_{code}"].data or "" for code in LANGUAGES if f"name_{code}" in self},
        )


class BodyForm(BodyAboutForm):
    """The full description of a body, edited by an administrator."""

    name = LineField(
        N_("Name"),
        [required(N_("Enter the name of the body"))],
        most=200,
        description=N_("The full official name. Check the identity of the body."),
    )
    code = LineField(
        N_("Acronym"), [optional()], most=6, description=N_("Two to six letters or digits, such as UNODC.")
    )
    kind = RadioGroupField(
        N_("What kind of body is it?"),
        [required(N_("Choose the kind of body"))],
        choices=[SelectChoice(*row) for row in KIND_LABELS.items()],
    )


for _code, _label in LANGUAGES.items():
    setattr(BodyForm, f"name_{_code}", LineField(_label, [optional()], most=200))


class BodyDomainForm(Form):
    """The domain of a body's website."""

    domain = LineField(
        N_("Website domain"),
        [optional()],
        most=253,
        description=N_("For example, health.example. If you change the domain, verify it again."),
    )


class BodyMergeForm(Form):
    """The body to merge another one into."""

    into = DropdownField(N_("Merge this argument into"), [required(N_("Choose another body."))])
    sure = BooleanField(
        N_("I know that this cannot be undone"), [required(N_("Confirm that you know this cannot be undone."))]
    )

    def __init__(self, others: Mapping[str, str]) -> None:
        super().__init__()
        self.into.choices = [SelectChoice("", ""), *(SelectChoice(slug, name) for slug, name in others.items())]


def _role_choices() -> list[SelectChoice]:
    return [SelectChoice(role, f"{ROLE_LABELS[role]}: {ROLE_HINTS[role]}") for role in BodyRole]


class BodyInvitationForm(Form):
    email = EmailField(N_("E-mail address"), [required(N_("Enter an e-mail address"))])
    role = RadioGroupField(N_("Role"), [required(N_("Choose a role"))], default=BodyRole.DRAFTER)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.role.choices = _role_choices()


class BodyMemberForm(Form):
    """A button that changes or removes a member's role."""

    account = IntegerField(validators=[NumberRange(1, 2**63 - 1)])
    role = HiddenField()


class BodySignOnForm(Form):
    """The sign-on provider of a body. The view fills in the choices."""

    provider = RadioGroupField(N_("How members sign in"), choices=[])
