"""The forms of due process: an appeal's answer, a version of the policy, a report and its answer, a rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import IntegerField, StringField
from wtforms.validators import NumberRange

from consult.core import widgets
from consult.core.errors import Refusal
from consult.core.forms import (
    Choice,
    EmailAddress,
    Form,
    HiddenField,
    InputRequired,
    Line,
    LongText,
    Pick,
    SelectChoice,
    optional,
    required,
)
from consult.core.i18n import LANGUAGES, N_, _
from consult.core.tokens import Cookieless
from consult.moderation import policies
from consult.moderation.naming import REPORTED_FOR
from consult.moderation.policies import Policy
from consult.moderation.reasons import OF_WORDS
from consult.moderation.redaction import Cover, from_lines

MOST_TEXT = 20_000


class HidingForm(Form):
    """Words to hide, one piece a line, and why."""

    hide = LongText(
        N_("Words to hide"), most=4000, description=N_("One piece a line, copied from the submission.")
    )  # fmt: skip
    cover_reason = Pick(N_("Why they are hidden"), default="")

    def __init__(self, reasons: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cover_reason.choices = [SelectChoice("", N_("Choose a reason")), *(SelectChoice(*row) for row in reasons)]

    def offer(self, hidden: Sequence[tuple[str, str]], reason: str | None = None) -> None:
        """What the form shows at first: the words `hidden` already, and the `reason` decided before, if of words."""
        self.hide.data = "\n".join(dict.fromkeys(words for words, _why in hidden))
        if reason in OF_WORDS and reason in {choice.value for choice in self.cover_reason.choices}:
            self.cover_reason.data = reason

    def covers(self, bodies: dict[int, str], hidden: Sequence[tuple[str, str]] = ()) -> list[Cover]:
        """The words to hide; those `hidden` already keep their reason. Raises a refusal for words that are nowhere."""
        try:
            found = from_lines(self.hide.data or "", bodies, dict(hidden), self.cover_reason.data)
        except LookupError as error:
            said = _("These words are not in the submission: “%(words)s”. Copy them from it.", words=error.args[0])
            raise Refusal(said, field="hide") from error
        if not all(cover.reason for cover in found):
            raise Refusal(_("Choose a reason"), field="cover_reason")
        return found


class AppealAnswer(HidingForm):
    """`do` is the button that was pressed."""

    reasons = LongText(N_("Your reasons, to the author"), [required(N_("Say why: the author is told it."))], most=4000)
    do = StringField()


def policy_form(present: Policy) -> Any:
    """The form of the next version, with a text for each language of the interface, filled in with the present one."""
    fields = {
        f"text_{code}": LongText(name, [optional()], most=MOST_TEXT, default=present.texts.get(code, ""))
        for code, name in LANGUAGES.items()
    }
    return type("FilledPolicyForm", (PolicyForm,), fields)(
        appeal_days=present.appeal_days, promise_days=present.promise_days, after=present.number
    )


class PolicyForm(Form):
    """The next version of the policy, without its texts."""

    appeal_days = IntegerField(
        N_("Days for an appeal"),
        [NumberRange(7, policies.MOST_DAYS, message=N_("Give authors at least 7 days and at most 365."))],
        widget=widgets.Text(inputmode="numeric"), description=N_("Counted from the decision."),
    )  # fmt: skip
    promise_days = IntegerField(
        N_("Working days until a submission is read"),
        [NumberRange(1, 60, message=N_("Promise between 1 and 60 working days."))],
        widget=widgets.Text(inputmode="numeric"),
    )  # fmt: skip
    change = Line(
        N_("What is new, and why"), [required(N_("Say what is new, and why: everybody can read it."))], most=300
    )  # fmt: skip
    after = IntegerField(widget=widgets.Hidden(), validators=[NumberRange(1, 2**31 - 1)])

    @property
    def texts(self) -> dict[str, str]:
        return {code: self[f"text_{code}"].data or "" for code in LANGUAGES}


class ReportForm(Cookieless):
    """What is wrong with something published. `on` is `c` or `e` and the number of a comment or a piece of evidence."""

    name_of_form = "report"
    kind = Choice(N_("What is wrong with it?"), [InputRequired(message=N_("Choose what is wrong with it"))])
    words = LongText(N_("What should the moderator know?"), [optional()], most=2000)
    email = EmailAddress(
        N_("Your e-mail address"), [optional()],
        description=N_("Only if you want to be told what came of it. It is destroyed when you have been told."),
    )  # fmt: skip
    key = HiddenField(validators=[required(N_("Open the page again"))])
    on = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [SelectChoice(kind, name) for kind, name in REPORTED_FOR.items()]

    def part_of(self, letter: str) -> int | None:
        """The number of the part it is about, where it is one of this letter; None where it is about all of it."""
        said = self.on.data or ""
        return int(said[1:]) if said[:1] == letter and said[1:].isdecimal() and len(said) < 20 else None


class CheckForm(Cookieless):
    """`do` is the button that was pressed."""

    name_of_form = "report check"
    do = StringField()


class ReportAnswer(HidingForm):
    """`do` is the button that was pressed."""

    answer = LongText(
        N_("What you say to whoever reported it"), [optional()], most=2000,
        description=N_("Told to those who left an address."),
    )  # fmt: skip
    do = StringField()


class RuleForm(Form):
    """A rule that holds; `do` is the button that was pressed, and `typed` a text to try it on."""

    name = Line(
        N_("Name"), [required(N_("Give the rule a name: moderators see it"))], most=60,
        description=N_("Moderators see it beside what it holds."),
    )  # fmt: skip
    kind = Choice(
        N_("It looks for"), default="words",
        choices=[SelectChoice("words", N_("Words")), SelectChoice("pattern", N_("A pattern"))],
    )  # fmt: skip
    text = LongText(
        N_("What it looks for"), [required(N_("Say what the rule looks for"))], most=4000,
        description=N_("Words or phrases, one a line; dealer* finds dealers too. Or one regular expression."),
    )  # fmt: skip
    typed = LongText(N_("A text to try it on"), [optional()], most=4000)
    do = StringField()
