"""Forms of the second step."""

from __future__ import annotations

from consult.core.i18n import N_
from consult.core.web import widgets
from consult.core.web.forms import AccountPasswordField, Form, HiddenField, LineField, required

_code = widgets.TextInput(autocomplete="one-time-code", inputmode="numeric", dir="ltr", spellcheck="false")
_any_code = widgets.TextInput(autocomplete="one-time-code", dir="ltr", spellcheck="false", autocapitalize="none")
_PASSWORD = N_("Enter your present password")


class CodeForm(Form):
    """The second step at sign-in, by an app."""

    code = LineField(
        N_("Code of six digits"), [required(N_("Enter the code that your app shows"))], most=40, widget=_code
    )


class RecoveryForm(Form):
    """The second step at sign-in, by a recovery code."""

    code = LineField(N_("Recovery code"), [required(N_("Enter a recovery code"))], most=40, widget=_any_code)


class ConfirmAppForm(Form):
    """The end of the set-up of an app; the password is asked of accounts that have one."""

    code = LineField(
        N_("Code of six digits"), [required(N_("Enter the code that your app shows"))], most=40, widget=_code
    )
    current = AccountPasswordField(N_("Present password"), [required(_PASSWORD)])


class ChangeFactorForm(Form):
    """Something that weakens an account: the password, where there is one, and a code."""

    current = AccountPasswordField(N_("Present password"), [required(_PASSWORD)])
    code = LineField(
        N_("Code of your app, or a recovery code"), [required(N_("Enter a code"))], most=40, widget=_any_code
    )


class PasskeyForm(Form):
    """What a browser answers for a passkey, as JSON."""

    credential = HiddenField()
    next = HiddenField()


class PasskeyNameForm(Form):
    name = LineField(N_("Name of the passkey"), [required(N_("Enter a name"))], most=60)


class NewPasskeyForm(Form):
    """A passkey that a browser has made, as JSON; the password is asked of accounts that have one."""

    name = LineField(N_("Name of the passkey"), [required(N_("Enter a name"))], most=60)
    current = AccountPasswordField(N_("Present password"), [required(_PASSWORD)])
    credential = HiddenField()
