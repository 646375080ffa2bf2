"""The moderator's decision, and what of the queue to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import IntegerField, StringField
from wtforms.validators import AnyOf, NumberRange

from consult.core import widgets
from consult.core.forms import Form, HiddenField, LongText, Pick, SelectChoice, optional
from consult.core.i18n import CONTENT_LANGUAGES, N_
from consult.moderation.model import Outcome, Reason
from consult.moderation.reasons import NAMES
from consult.submissions.forms import STANCES


class Filter(Form):
    """What of the queue to show. Reading changes nothing, so it carries no token."""

    class Meta:
        csrf = False

    consultation = Pick(N_("Consultation"), [optional()])
    language = Pick(N_("Language"), [optional()])
    stance = Pick(N_("Kind of comment"), [optional()])

    def __init__(self, consultations: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(formdata=None, **kwargs)
        every = [SelectChoice("", N_("All"))]
        self.consultation.choices = every + [SelectChoice(slug, title) for slug, title in consultations]
        self.language.choices = every + [SelectChoice(code, name) for code, name in CONTENT_LANGUAGES.items()]
        self.stance.choices = every + [SelectChoice(stance, name) for stance, name in STANCES.items()]


class DecisionForm(Form):
    """`revision` and `seen` say what was read: a decision on anything else is refused."""

    revision = IntegerField(widget=widgets.Hidden(), validators=[NumberRange(1, 2**31 - 1)])
    seen = HiddenField()
    reason = Pick(
        N_("Reason"),
        default="",
        choices=[SelectChoice("", N_("Choose a reason")), *(SelectChoice(code, name) for code, name in NAMES.items())],
    )
    note = LongText(N_("Note to the author"), [optional()], most=2000)
    outcome = StringField(validators=[AnyOf(list(Outcome))])  # the button that was pressed

    @property
    def chosen(self) -> Reason | None:
        return Reason(self.reason.data) if self.reason.data else None
