"""CSRF tokens without a cookie, signed with the form's name and the time, and sealed hidden fields."""

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
"""Seconds for which a form may be filled in: who writes without an account may write for days."""


def token_signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt=f"consult.{purpose}")


class SignedToken(CSRF):
    """A recent token that this site signed for a form of this name; valid without a cookie."""

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
    """A form for pages that set no cookie. `name_of_form` separates its tokens from those of other forms."""

    name_of_form = "form"

    class Meta:
        csrf = True
        csrf_class = SignedToken
        csrf_field_name = "csrf_token"


def seal_field(text: str, *, purpose: str = "") -> str:
    """A text sealed so that it can travel in a hidden field, or in a link.

    With a `purpose` no other field takes it: needed where somebody chooses the text, and where a text says what is
    whose. Else who has a text of theirs sealed by one page could send it to another as its own.
    """
    return base64.urlsafe_b64encode(seal(text, salt=purpose.encode())).decode()


def unseal_field(hidden: str, *, purpose: str = "") -> str:
    """The value that `seal_field` sealed for this purpose. Raises a Refusal for anything else."""
    try:
        return unseal(base64.urlsafe_b64decode(hidden), salt=purpose.encode())
    except (binascii.Error, ValueError, UnsealError) as error:
        raise Refusal(_("The form could not be read. Go back, reload the page and try again.")) from error
