"""Forms of due process: decision, appeal and reader's report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from consult.core.i18n import N_, _
from consult.core.web.forms import (
    DropdownField,
    EmailField,
    Form,
    HiddenField,
    InputRequired,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    optional,
    required,
)
from consult.core.web.tokens import CookielessForm
from consult.decisions.labels import OUTCOMES, REPORT_KINDS
from consult.decisions.model import Outcome, ReportKind

OUTCOME_KEYS = {
    Outcome.PUBLISH: "a",
    Outcome.KEEP: "a",
    Outcome.ACCEPT_APPEAL: "a",
    Outcome.RETURN: "r",
    Outcome.RETRACT: "r",
    Outcome.WITHHOLD: "w",
    Outcome.WITHDRAW: "w",
    Outcome.REJECT_APPEAL: "w",
}
"""Keys that choose an outcome, as in the review queue of comments."""


class DecisionButtonForm(Form):
    """A form with a button only, for its CSRF token."""


class StatementDecisionForm(Form):
    """A decision on a statement, with a reason from the policy and a message to the author or to readers."""

    mark = HiddenField()  # mark of the text that was read
    outcome = RadioGroupField(N_("Your decision"), [InputRequired(message=N_("Choose a decision"))])
    reason = DropdownField(N_("Reason"), default="")
    note = LongTextField(N_("Your note"), [optional()], most=1000)

    def __init__(
        self, outcomes: Sequence[Outcome], reasons: Sequence[tuple[str, str]], *, note: str = "", **values: Any
    ) -> None:
        super().__init__(**values)
        self.outcome.choices = [SelectChoice(str(it), OUTCOMES[it], {"key": OUTCOME_KEYS[it]}) for it in outcomes]
        self.reason.choices = [SelectChoice("", _("Choose a reason")), *(SelectChoice(*it) for it in reasons)]
        self.note.description = note


class StatementAppealForm(Form):
    words = LongTextField(
        N_("Why should another person change the decision?"),
        [required(N_("Explain why another person should change the decision"))],
        most=2000,
        description=N_("A moderator who did not make the decision reads your appeal and answers once."),
    )


class ReportForm(CookielessForm):
    """A report on published content. For submissions, `on` is `c` or `e` followed by the ID of a part."""

    name_of_form = "report"
    kind = RadioGroupField(N_("What is the problem?"), [InputRequired(message=N_("Choose the problem"))])
    words = LongTextField(N_("What should the moderator know?"), [optional()], most=2000)
    email = EmailField(
        N_("Your e-mail address"),
        [optional()],
        description=N_("Optional. We e-mail you the result, then erase your e-mail address."),
    )
    key = HiddenField(validators=[required(N_("Reload the page"))])
    on = HiddenField()

    def __init__(self, *args: Any, kinds: Sequence[ReportKind] = tuple(ReportKind), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [SelectChoice(kind, name) for kind, name in REPORT_KINDS.items() if kind in kinds]

    def part_of(self, letter: str) -> int | None:
        """Return the ID of the reported part if it is of this type (`c` or `e`), else None."""
        value = self.on.data or ""
        return int(value[1:]) if value[:1] == letter and value[1:].isdecimal() and len(value) < 20 else None
