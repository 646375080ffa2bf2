"""Forms for appeals, content reports, policy versions and hold rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import IntegerField, StringField
from wtforms.validators import NumberRange

from consult.core.errors import Refusal
from consult.core.i18n import LANGUAGES, N_, _
from consult.core.web import widgets
from consult.core.web.forms import (
    DropdownField,
    Form,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    optional,
    required,
)
from consult.core.web.tokens import CookielessForm
from consult.decisions import policy
from consult.decisions.policy import ModerationPolicy
from consult.decisions.reasons import REDACTION_REASONS
from consult.moderation.redaction import Redaction, parse_redaction_lines

MOST_TEXT = 20_000


class RedactionForm(Form):
    """Words to hide, one passage on each line, and the reason."""

    hide = LongTextField(
        N_("Words to hide"), most=4000, description=N_("Copy the words from the submission, one passage on each line.")
    )
    cover_reason = DropdownField(N_("Reason for hiding"), default="")

    def __init__(self, reasons: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cover_reason.choices = [SelectChoice("", N_("Choose a reason")), *(SelectChoice(*row) for row in reasons)]

    def offer(self, hidden: Sequence[tuple[str, str]], reason: str | None = None) -> None:
        """Fill in the words hidden already, and the decision's reason if it applies to words."""
        self.hide.data = "\n".join(dict.fromkeys(words for words, _why in hidden))
        if reason in REDACTION_REASONS and reason in {choice.value for choice in self.cover_reason.choices}:
            self.cover_reason.data = reason

    def covers(self, bodies: dict[int, str], hidden: Sequence[tuple[str, str]] = ()) -> list[Redaction]:
        """Return the redactions.

        Words already hidden keep their reason. Raises a refusal if words are not in the text.
        """
        try:
            found = parse_redaction_lines(self.hide.data or "", bodies, dict(hidden), self.cover_reason.data)
        except LookupError as error:
            said = _(
                "These words are not in the submission: “%(words)s”. Copy them from its text.", words=error.args[0]
            )
            raise Refusal(said, field="hide") from error
        if not all(cover.reason for cover in found):
            raise Refusal(_("Choose a reason"), field="cover_reason")
        return found


class AppealAnswerForm(RedactionForm):
    """An answer to an appeal. `do` is the pressed button."""

    reasons = LongTextField(
        N_("Your reasons for the author"), [required(N_("Enter a reason. The author sees it."))], most=4000
    )
    do = StringField()


def build_policy_form(present: ModerationPolicy) -> Any:
    """Build the form for the next policy version, filled from the current one, with a text for each language."""
    fields = {
        f"text_{code}": LongTextField(name, [optional()], most=MOST_TEXT, default=present.texts.get(code, ""))
        for code, name in LANGUAGES.items()
    }
    return type("FilledPolicyForm", (PolicyForm,), fields)(
        appeal_days=present.appeal_days, promise_days=present.promise_days, after=present.number
    )


class PolicyForm(Form):
    """The next version of the policy, without its texts."""

    appeal_days = IntegerField(
        N_("Days to appeal"),
        [NumberRange(7, policy.MAX_APPEAL_DAYS, message=N_("Enter a number from 7 to 365."))],
        widget=widgets.TextInput(inputmode="numeric"),
        description=N_("Counted from the date of the decision."),
    )
    promise_days = IntegerField(
        N_("Working days to review a submission"),
        [NumberRange(1, 60, message=N_("Enter a number from 1 to 60."))],
        widget=widgets.TextInput(inputmode="numeric"),
    )
    change = LineField(
        N_("What changed and why?"), [required(N_("Say what changed and why. Everyone can read this."))], most=300
    )
    after = IntegerField(widget=widgets.HiddenInput(), validators=[NumberRange(1, 2**31 - 1)])

    @property
    def texts(self) -> dict[str, str]:
        return {code: self[f"text_{code}"].data or "" for code in LANGUAGES}


class ReportCheckForm(CookielessForm):
    """The reply of a submission's address. `do` is the pressed button."""

    name_of_form = "report check"
    do = StringField()


class ReportAnswerForm(RedactionForm):
    """An answer to content reports. `do` is the pressed button."""

    answer = LongTextField(
        N_("Your answer to the author of the report"),
        [optional()],
        most=2000,
        description=N_("We e-mail this to people who sent a report and left an e-mail address."),
    )
    do = StringField()


class HoldRuleForm(Form):
    """A hold rule. `do` is the pressed button, and `typed` is a text for a trial run."""

    name = LineField(
        N_("Name"),
        [required(N_("Enter a name for the rule"))],
        most=60,
        description=N_("Moderators see this name next to submissions held by the rule."),
    )
    kind = RadioGroupField(
        N_("Type of rule"),
        default="words",
        choices=[SelectChoice("words", N_("A list of words")), SelectChoice("pattern", N_("A pattern"))],
    )
    text = LongTextField(
        N_("Words or pattern"),
        [required(N_("Enter what the rule looks for"))],
        most=4000,
        description=N_(
            "Words or phrases, one on each line. “dealer*” also finds “dealers”. Or one regular expression."
        ),
    )
    typed = LongTextField(N_("Text for testing the rule"), [optional()], most=4000)
    do = StringField()
