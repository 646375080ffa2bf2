"""CSRF tokens without a cookie, signed with the form's name and the time, and encrypted hidden fields."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import Field, ValidationError
from wtforms.csrf.core import CSRF

from consult.core.crypto import UnsealError, seal, unseal
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.forms import Form

FORM_LIFETIME = 7 * 24 * 3600
"""The seconds for which a form is valid. People without an account may write for days."""


def token_signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt=f"consult.{purpose}")


class SignedToken(CSRF):
    """A recent token signed by this site for a form of this name. Valid without a cookie."""

    def setup_form(self, form: Any) -> Any:
        self.name = str(form.name_of_form)
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: Field) -> str:
        return str(token_signer("form").dumps(self.name))

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        try:
            named = token_signer("form").loads(field.data or "", max_age=FORM_LIFETIME)
        except BadData:
            named = None
        if named != self.name:
            raise ValidationError(_("This form was open for too long. Check it, then send it again."))


class CookielessForm(Form):
    """A form for pages without cookies. `name_of_form` separates its tokens from those of other forms."""

    name_of_form = "form"

    class Meta:
        csrf = True
        csrf_class = SignedToken
        csrf_field_name = "csrf_token"


def seal_field(text: str, *, purpose: str = "") -> str:
    """Encrypt a text for a hidden field or a link.

    With a `purpose`, other fields reject it. That is needed where a person chooses the text or where it identifies an
    owner. Otherwise, text encrypted by one page could be sent to another.
    """
    return base64.urlsafe_b64encode(seal(text, salt=purpose.encode())).decode()


def unseal_field(hidden: str, *, purpose: str = "") -> str:
    """Return the text that `seal_field` encrypted for this purpose. Raises a Refusal for anything else."""
    try:
        return unseal(base64.urlsafe_b64decode(hidden), salt=purpose.encode())
    except (binascii.Error, ValueError, UnsealError) as error:
        raise Refusal(_("We could not read the form. Go back, reload the page and try again.")) from error
