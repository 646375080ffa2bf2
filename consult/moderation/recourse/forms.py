"""Forms of due process: answers to appeals and reports, policy versions, reports, hold rules."""

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
    EmailField,
    Form,
    HiddenField,
    InputRequired,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    optional,
    required,
)
from consult.core.web.tokens import CookielessForm
from consult.moderation.policy import service as policy
from consult.moderation.policy.reasons import REDACTION_REASONS
from consult.moderation.policy.service import ModerationPolicy
from consult.moderation.redaction import Redaction, parse_redaction_lines
from consult.moderation.template_filters import REPORT_KIND_LABELS

MOST_TEXT = 20_000


class RedactionForm(Form):
    """Words to hide, one piece a line, and why."""

    hide = LongTextField(
        N_("Words to hide"), most=4000, description=N_("One piece a line, copied from the submission.")
    )
    cover_reason = DropdownField(N_("Why they are hidden"), default="")

    def __init__(self, reasons: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cover_reason.choices = [SelectChoice("", N_("Choose a reason")), *(SelectChoice(*row) for row in reasons)]

    def offer(self, hidden: Sequence[tuple[str, str]], reason: str | None = None) -> None:
        """What the form shows at first: the words `hidden` already, and the `reason` decided before, if of words."""
        self.hide.data = "\n".join(dict.fromkeys(words for words, _why in hidden))
        if reason in REDACTION_REASONS and reason in {choice.value for choice in self.cover_reason.choices}:
            self.cover_reason.data = reason

    def covers(self, bodies: dict[int, str], hidden: Sequence[tuple[str, str]] = ()) -> list[Redaction]:
        """The words to hide; those `hidden` already keep their reason. Raises a refusal for words that are nowhere."""
        try:
            found = parse_redaction_lines(self.hide.data or "", bodies, dict(hidden), self.cover_reason.data)
        except LookupError as error:
            said = _("These words are not in the submission: “%(words)s”. Copy them from it.", words=error.args[0])
            raise Refusal(said, field="hide") from error
        if not all(cover.reason for cover in found):
            raise Refusal(_("Choose a reason"), field="cover_reason")
        return found


class AppealAnswerForm(RedactionForm):
    """`do` is the button that was pressed."""

    reasons = LongTextField(
        N_("Your reasons, to the author"), [required(N_("Say why: the author is told it."))], most=4000
    )
    do = StringField()


def build_policy_form(present: ModerationPolicy) -> Any:
    """The form of the next version, with a text for each language of the interface, filled in with the present one."""
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
        N_("Days for an appeal"),
        [NumberRange(7, policy.MAX_APPEAL_DAYS, message=N_("Give authors at least 7 days and at most 365."))],
        widget=widgets.TextInput(inputmode="numeric"),
        description=N_("Counted from the decision."),
    )
    promise_days = IntegerField(
        N_("Working days until a submission is read"),
        [NumberRange(1, 60, message=N_("Promise between 1 and 60 working days."))],
        widget=widgets.TextInput(inputmode="numeric"),
    )
    change = LineField(
        N_("What is new, and why"), [required(N_("Say what is new, and why: everybody can read it."))], most=300
    )
    after = IntegerField(widget=widgets.HiddenInput(), validators=[NumberRange(1, 2**31 - 1)])

    @property
    def texts(self) -> dict[str, str]:
        return {code: self[f"text_{code}"].data or "" for code in LANGUAGES}


class ReportForm(CookielessForm):
    """What is wrong with something published. `on` is `c` or `e` and the number of a comment or a piece of evidence."""

    name_of_form = "report"
    kind = RadioGroupField(N_("What is wrong with it?"), [InputRequired(message=N_("Choose what is wrong with it"))])
    words = LongTextField(N_("What should the moderator know?"), [optional()], most=2000)
    email = EmailField(
        N_("Your e-mail address"),
        [optional()],
        description=N_("Only if you want to be told what came of it. It is destroyed when you have been told."),
    )
    key = HiddenField(validators=[required(N_("Open the page again"))])
    on = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [SelectChoice(kind, name) for kind, name in REPORT_KIND_LABELS.items()]

    def part_of(self, letter: str) -> int | None:
        """The number of the part it is about, where it is one of this letter; None where it is about all of it."""
        said = self.on.data or ""
        return int(said[1:]) if said[:1] == letter and said[1:].isdecimal() and len(said) < 20 else None


class ReportCheckForm(CookielessForm):
    """`do` is the button that was pressed."""

    name_of_form = "report check"
    do = StringField()


class ReportAnswerForm(RedactionForm):
    """`do` is the button that was pressed."""

    answer = LongTextField(
        N_("What you say to whoever reported it"),
        [optional()],
        most=2000,
        description=N_("Told to those who left an address."),
    )
    do = StringField()


class HoldRuleForm(Form):
    """A rule that holds; `do` is the button that was pressed, and `typed` a text to try it on."""

    name = LineField(
        N_("Name"),
        [required(N_("Give the rule a name: moderators see it"))],
        most=60,
        description=N_("Moderators see it beside what it holds."),
    )
    kind = RadioGroupField(
        N_("It looks for"),
        default="words",
        choices=[SelectChoice("words", N_("Words")), SelectChoice("pattern", N_("A pattern"))],
    )
    text = LongTextField(
        N_("What it looks for"),
        [required(N_("Say what the rule looks for"))],
        most=4000,
        description=N_("Words or phrases, one a line; dealer* finds dealers too. Or one regular expression."),
    )
    typed = LongTextField(N_("A text to try it on"), [optional()], most=4000)
    do = StringField()
