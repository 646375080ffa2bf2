"""The form for a new access token."""

from __future__ import annotations

from collections.abc import Sequence

from consult.accounts.tokens.model import Scope
from consult.accounts.tokens.service import LONGEST_DAYS
from consult.core.i18n import N_, _, ngettext
from consult.core.web.forms import (
    AccountPasswordField,
    CheckboxGroupField,
    DropdownField,
    Form,
    LineField,
    SelectChoice,
    required,
)

SCOPES = {
    Scope.FILE: N_("Send, change, withdraw and erase submissions"),
    Scope.FILE_OTHERS: N_("Send submissions on behalf of your organisation’s supporters"),
    Scope.READ_OWN: N_("Read your own submissions and their status"),
    Scope.SAMPLES: N_("Send and retract drug-checking results"),
    Scope.TABLES: N_("Import comments collected elsewhere into your consultations"),
    Scope.WEBHOOKS: N_("Add and manage webhooks"),
}
_DAYS = (30, 90, LONGEST_DAYS)


class AccessTokenForm(Form):
    name = LineField(N_("Name of the token"), [required(N_("Enter a name"))], most=60)
    scopes = CheckboxGroupField(N_("Token permissions"), [required(N_("Choose at least one permission"))])
    acts_for = DropdownField(N_("Acts for"), default="")
    days = DropdownField(N_("Valid for"), default=str(_DAYS[1]))
    current = AccountPasswordField(N_("Current password"), [required(N_("Enter your current password"))])

    def offer(self, person: str, organisations: Sequence[tuple[int, str]]) -> None:
        """Set the choices for an account with these organisations."""
        self.scopes.choices = [SelectChoice(str(scope), _(label)) for scope, label in SCOPES.items()]
        self.acts_for.choices = [SelectChoice("", person), *(SelectChoice(str(n), name) for n, name in organisations)]
        self.days.choices = [SelectChoice(str(n), ngettext("%(num)s day", "%(num)s days", n)) for n in _DAYS]
