"""Forms for two-step verification."""

from __future__ import annotations

from consult.core.i18n import N_
from consult.core.web import widgets
from consult.core.web.forms import AccountPasswordField, Form, HiddenField, LineField, required

_code = widgets.TextInput(autocomplete="one-time-code", inputmode="numeric", dir="ltr", spellcheck="false")
_any_code = widgets.TextInput(autocomplete="one-time-code", dir="ltr", spellcheck="false", autocapitalize="none")
_PASSWORD = N_("Enter your current password")


class CodeForm(Form):
    """The code of an authenticator app at sign-in."""

    code = LineField(N_("Six-digit code"), [required(N_("Enter the code that your app shows"))], most=40, widget=_code)


class RecoveryForm(Form):
    """A recovery code at sign-in."""

    code = LineField(N_("Recovery code"), [required(N_("Enter a recovery code"))], most=40, widget=_any_code)


class ConfirmAppForm(Form):
    """The last step of adding an app. Accounts with a password must enter it."""

    code = LineField(N_("Six-digit code"), [required(N_("Enter the code that your app shows"))], most=40, widget=_code)
    current = AccountPasswordField(N_("Current password"), [required(_PASSWORD)])


class ChangeFactorForm(Form):
    """Confirmation of a change that weakens an account: the password, if there is one, and a code."""

    current = AccountPasswordField(N_("Current password"), [required(_PASSWORD)])
    code = LineField(
        N_("Code from your app, or a recovery code"), [required(N_("Enter a code"))], most=40, widget=_any_code
    )


class PasskeyForm(Form):
    """The browser's response for a passkey, as JSON."""

    credential = HiddenField()
    next = HiddenField()


class PasskeyNameForm(Form):
    name = LineField(N_("Name of the passkey"), [required(N_("Enter a name"))], most=60)


class NewPasskeyForm(Form):
    """A passkey created by a browser, as JSON. Accounts with a password must enter it."""

    name = LineField(N_("Name of the passkey"), [required(N_("Enter a name"))], most=60)
    current = AccountPasswordField(N_("Current password"), [required(_PASSWORD)])
    credential = HiddenField()
