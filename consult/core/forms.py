"""Forms: fields that clean what was typed, and messages that say what to do.

The same form serves pages and JSON. What a person typed is kept and shown again beside the message.
"""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    FileField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Email, InputRequired, Length, Optional

from consult.core.errors import Refusal
from consult.core.i18n import N_, _
from consult.core.text import clean, one_line

__all__ = [
    "BooleanField", "Choice", "EmailAddress", "FileField", "Form", "HiddenField", "InputRequired", "Length", "Line",
    "LongText", "Optional", "Password", "Pick", "ValidationError", "optional", "required",
]  # fmt: skip


class Form(FlaskForm):
    """A form with CSRF protection whose refusals can be pinned to a field."""

    def refuse(self, refusal: Refusal) -> None:
        """Shows a refusal from a service at the field it names, or above the form."""
        field = self._fields.get(refusal.field or "")
        if field is None:
            self.form_errors.append(refusal.message)
        else:
            field.errors = [*field.errors, refusal.message]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Every message as (id of the field, text), in the order of the form: for the error summary."""
        found = [(field.id, str(message)) for field in self for message in _flat(field.errors)]
        return [("", str(message)) for message in self.form_errors] + found

    def answers(self) -> dict[str, Any]:
        """The fields by name, without the token."""
        return {name: value for name, value in self.data.items() if name != "csrf_token"}


def _flat(errors: Any) -> list[str]:
    if isinstance(errors, dict):
        return [message for inner in errors.values() for message in _flat(inner)]
    return [inner for item in errors for inner in (_flat(item) if isinstance(item, (list, tuple, dict)) else [item])]


def required(message: Any) -> InputRequired:
    """The field must be filled; `message` says with what."""
    return InputRequired(message=message)


def optional() -> Optional:
    """An empty field is fine and skips the other checks."""
    return Optional(strip_whitespace=True)


class Line(StringField):
    """One line of text, cleaned; at most `most` characters."""

    def __init__(self, label: Any = None, validators: Any = None, *, most: int = 200, **kwargs: Any) -> None:
        self.most = most
        super().__init__(label, [*(validators or []), _at_most(most)], **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = one_line(str(valuelist[0])) if valuelist else ""


class LongText(TextAreaField):
    """Several lines of text, cleaned; at most `most` characters, counted as the person sees them."""

    def __init__(self, label: Any = None, validators: Any = None, *, most: int = 4000, **kwargs: Any) -> None:
        self.most = most
        super().__init__(label, [*(validators or []), _at_most(most)], **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = clean(str(valuelist[0])) if valuelist else ""


class EmailAddress(Line):
    """An e-mail address, checked for its form only."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        hint = N_("Enter an e-mail address in the form name@example.org")
        super().__init__(label, [*(validators or []), Email(message=hint)], most=254, **kwargs)


class Password(PasswordField):
    """A password of 10 to 128 characters; nothing else is demanded. Source: NIST SP 800-63B, section 3.1.1.2."""

    def __init__(self, label: Any = None, validators: Any = None, *, new: bool = False, **kwargs: Any) -> None:
        length = [Length(10, 128, message=N_("Use a password of 10 to 128 characters"))] if new else []
        super().__init__(label, [*(validators or []), *length], **kwargs)


class Choice(RadioField):
    """One of a few, as radio buttons."""

    def pre_validate(self, form: Any) -> None:
        if getattr(self, "data", None) in (None, "", "None"):
            self.data = ""
            return
        super().pre_validate(form)


class Pick(SelectField):
    """One of many, as a list."""


def _at_most(most: int) -> Any:
    def check(_form: Any, field: Field) -> None:
        length = len(field.data or "")
        if length > most:
            raise ValidationError(
                _("Shorten this to %(most)s characters or fewer: it has %(length)s.", most=most, length=length)
            )

    return check
