"""Base forms: fields that clean input, and messages that say what to do.

Input with errors is kept and shown again with the message.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any, cast

import wtforms
from babel.support import Translations
from flask import request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto, _is_submitted
from werkzeug.datastructures import CombinedMultiDict, FileStorage, MultiDict
from wtforms import Field, PasswordField, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice, SelectMultipleField
from wtforms.i18n import messages_path
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional

from consult.core.errors import Refusal
from consult.core.i18n import N_, _, current_language, localize_number
from consult.core.text import clean_text, one_line
from consult.core.web import widgets
from consult.core.web.csrf import is_reread, note_refused

__all__ = [
    "AccountPasswordField",
    "BooleanField",
    "CheckboxGroupField",
    "DatePartsField",
    "DateTimePartsField",
    "DropdownField",
    "EmailField",
    "FileField",
    "FilesField",
    "Form",
    "HiddenField",
    "InputRequired",
    "Length",
    "LineField",
    "LongTextField",
    "Optional",
    "RadioGroupField",
    "SelectChoice",
    "ValidationError",
    "optional",
    "required",
]


class Form(FlaskForm):
    """A form with CSRF protection whose refusals can be attached to a field.

    `problem_status` is the response status for errors: 503 if the input is not the cause.
    """

    problem_status = 422

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> Any:
            """Return WTForms' own messages. Flask-WTF would read them from disk for each request."""
            return _wtforms_messages(current_language())

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Accept only form data. Flask-WTF would accept JSON too."""
            if formdata is not _Auto:
                return formdata
            if not _is_submitted():
                return None
            takes = {field.name for field in form if isinstance(field, wtforms.FileField)}
            files = MultiDict(it for it in request.files.items(multi=True) if it[0] in takes)
            return CombinedMultiDict((files, request.form)) if files else request.form

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate the form. Always False for a form sent only to change the language."""
        valid = super().validate(extra_validators)
        if not valid or is_reread():
            note_refused()
        if not is_reread():
            return bool(valid)
        text = _("Page language changed. Your text is still here but not saved yet.")
        self.form_errors.append(text)
        return False

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal from a service at its field, or above the form."""
        self.problem_status = max(self.problem_status, refusal.status)
        note_refused()
        field = self._fields.get(refusal.field or "")
        if field is None:
            self.form_errors.append(refusal.message)
        else:
            field.errors = [*field.errors, refusal.message]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Return all messages as (ID of the field, text) in the order of the form, for the error summary."""
        problems = [(_error_target(field), str(message)) for field in self for message in _flatten_errors(field.errors)]
        return [("", str(message)) for message in self.form_errors] + problems

    def answers(self) -> dict[str, Any]:
        """Return the values by field name, without the token."""
        return {name: value for name, value in self.data.items() if name != "csrf_token"}


@lru_cache(maxsize=8)
def _wtforms_messages(code: str) -> Translations:
    return cast("Translations", Translations.load(messages_path(), [code], domain="wtforms"))


def _error_target(field: Field) -> str:
    """Return the ID that an error message links to, or an empty string for the invisible token."""
    return "" if field.type == "CSRFTokenField" else str(field.id)


def _flatten_errors(errors: Any) -> list[str]:
    if isinstance(errors, dict):
        return [message for inner in errors.values() for message in _flatten_errors(inner)]
    return [
        inner
        for item in errors
        for inner in (_flatten_errors(item) if isinstance(item, (list, tuple, dict)) else [item])
    ]


def required(message: Any) -> DataRequired:
    """Return a validator that requires input after cleaning. Blanks and control characters do not count."""
    return DataRequired(message=message)


def optional() -> Optional:
    """Return a validator that accepts an empty field and skips the other checks."""
    return Optional(strip_whitespace=True)


class LineField(StringField):
    """One line of cleaned text with at most `most` characters."""

    widget = widgets.TextInput()

    def __init__(self, label: Any = None, validators: Any = None, *, most: int = 200, **kwargs: Any) -> None:
        self.most = most
        super().__init__(label, [*(validators or []), _max_length(most)], **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = one_line(str(valuelist[0])) if valuelist else ""


class LongTextField(TextAreaField):
    """Several lines of cleaned text with at most `most` visible characters."""

    widget = widgets.TextArea()

    def __init__(self, label: Any = None, validators: Any = None, *, most: int = 4000, **kwargs: Any) -> None:
        self.most = most
        super().__init__(label, [*(validators or []), _max_length(most)], **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = clean_text(str(valuelist[0])) if valuelist else ""


class EmailField(LineField):
    """An e-mail address, validated by its form only."""

    widget = widgets.TextInput(type="email", dir="ltr", autocomplete="email", spellcheck="false")

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        hint = N_("Enter an e-mail address in the form name@example.org")
        super().__init__(label, [*(validators or []), Email(message=hint)], most=254, **kwargs)


class AccountPasswordField(PasswordField):
    """A password; a new one has 15 to 128 characters. Source: NIST SP 800-63B-4, section 3.1.1.2 (single factor)."""

    def __init__(self, label: Any = None, validators: Any = None, *, new: bool = False, **kwargs: Any) -> None:
        length = [Length(15, 128, message=N_("Use a password of 15 to 128 characters"))] if new else []
        kwargs.setdefault("widget", widgets.PasswordInput(autocomplete="new-password" if new else "current-password"))
        super().__init__(label, [*(validators or []), *length], **kwargs)


class OfferedChoiceField(SelectField):
    """A choice field whose error for an unknown choice says what to do, for example after the page changed."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        said = N_("Choose one of the options")
        super().__init__(label, validators, invalid_choice_message=said, invalid_value_message=said, **kwargs)


class RadioGroupField(OfferedChoiceField, RadioField):
    """A choice as radio buttons, or with `widget=widgets.Chips()` as short labels in a row."""

    widget = widgets.RadioGroup()

    def pre_validate(self, form: Any) -> None:
        if getattr(self, "data", None) in (None, "", "None"):
            self.data = ""
            return
        super().pre_validate(form)


class DropdownField(OfferedChoiceField):
    """A choice from a dropdown list."""

    widget = widgets.Select()


class CheckboxGroupField(OfferedChoiceField, SelectMultipleField):
    """Any number of choices as checkboxes."""

    widget = widgets.CheckboxGroup()


class DateTimePartsField(Field):
    """A local date and time. The form names the time zone. None if left empty."""

    widget = widgets.DateTimeParts()

    def parts(self) -> list[str]:
        """Return day, month, year and time as submitted or stored."""
        if self.raw_data:
            return [*map(str, self.raw_data), "", "", "", ""][:4]
        return f"{self.data:%-d %-m %Y %H:%M}".split() if self.data else ["", "", "", ""]

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = [str(value).strip() for value in valuelist]
        self.data = None
        if not any(typed):
            return
        clock = re.fullmatch(r"(\d{1,2})[:.h]?(\d{2})", typed[3]) if len(typed) == 4 else None
        try:
            if clock is None:
                raise ValueError
            day, month, year = (int(part) for part in typed[:3])
            hour, minute = (int(part) for part in clock.groups())
            self.data = datetime(year, month, day, hour, minute)  # noqa: DTZ001 - a wall clock
        except ValueError:
            raise ValueError(_("Enter a real date and time, such as 31 1 2027 17:00")) from None


class DatePartsField(Field):
    """A date. None if left empty, which is allowed unless it is `required`."""

    widget = widgets.DateParts()

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.flags.optional = not self.flags.required  # `optional()` would look at the first of the three parts only

    def parts(self) -> list[str]:
        """Return day, month and year as submitted or stored."""
        if self.raw_data:
            return [*map(str, self.raw_data), "", "", ""][:3]
        return f"{self.data:%-d %-m %Y}".split() if self.data else ["", "", ""]

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = [str(value).strip() for value in valuelist]
        self.data = None
        if not any(typed):
            return
        try:
            day, month, year = (int(part) for part in typed)
            self.data = date(year, month, day)
        except ValueError:
            raise ValueError(_("Enter a real date, such as 31 1 2027")) from None


class BooleanField(wtforms.BooleanField):
    """A checkbox."""

    widget = widgets.Checkbox()


class FileField(wtforms.FileField):
    """One file. A text value counts as none."""

    widget = widgets.FileInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.raw_data = [one for one in valuelist if isinstance(one, FileStorage)]
        super().process_formdata(self.raw_data)


class FilesField(wtforms.MultipleFileField):
    """Several files. Text values and empty fields count as none."""

    widget = widgets.FileInput(multiple=True)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.raw_data = [one for one in valuelist if isinstance(one, FileStorage) and one.filename]
        super().process_formdata(self.raw_data)


class HiddenField(wtforms.HiddenField):
    """A hidden field. Empty if the form was sent without it."""

    widget = widgets.HiddenInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = getattr(self, "data", None) or ""


def _max_length(most: int) -> Any:
    def check(_form: Any, field: Field) -> None:
        length = len(field.data or "")
        if length > most:
            raise ValidationError(
                _(
                    "Shorten this to %(most)s characters or fewer. It now has %(length)s.",
                    most=localize_number(most, current_language()),
                    length=localize_number(length, current_language()),
                )
            )

    return check
