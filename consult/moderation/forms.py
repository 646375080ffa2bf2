"""The moderator's decisions, on one submission and on many, and what an administrator says of reasons."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from wtforms import IntegerField, StringField
from wtforms.validators import NumberRange

from consult.core import widgets
from consult.core.forms import Form, HiddenField, Line, LongText, Pick, SelectChoice, optional, required
from consult.core.i18n import N_, _
from consult.moderation.model import Outcome
from consult.moderation.redaction import Cover, places_of, tidy
from consult.moderation.service import Verdict

_MOST_COVERS = 200
OUTCOMES = {
    Outcome.PUBLISH: N_("Publish"),
    Outcome.RETURN: N_("Return to the author"),
    Outcome.WITHHOLD: N_("Withhold"),
}


class VerdictForm(Form):
    """What is decided. `outcome` is the button that was pressed, or was chosen where a second reader is asked."""

    reason = Pick(N_("Reason"), default="")
    note = LongText(N_("Note to the author"), [optional()], most=2000)
    internal_note = LongText(N_("Note for moderators"), [optional()], most=2000)
    outcome = StringField()

    def __init__(self, reasons: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reason.choices = [SelectChoice("", N_("Choose a reason")), *(SelectChoice(*row) for row in reasons)]

    @property
    def chosen(self) -> Outcome | None:
        return Outcome(self.outcome.data) if self.outcome.data in set(Outcome) else None

    def verdict(self, outcome: Outcome, covers: Sequence[Cover] = ()) -> Verdict:
        return Verdict(
            outcome, self.reason.data or None, self.note.data or "", self.internal_note.data or "", tuple(covers)
        )  # fmt: skip


class DecisionForm(VerdictForm):
    """`revision` and `seen` say what was read: a decision on anything else is refused.

    `covers` carries the words hidden so far from one step to the next. More are added by `span`, a sentence or what
    was selected, or by typing `words`.
    """

    revision = IntegerField(widget=widgets.Hidden(), validators=[NumberRange(1, 2**31 - 1)])
    seen = HiddenField()
    covers = HiddenField(default="[]")
    span = Pick(N_("Sentence to hide"), [optional()], validate_choice=False)
    words = Line(N_("Or type the words to hide"), [optional()], most=500)
    cover_reason = Pick(N_("Why they are hidden"), default="")
    do = StringField()

    def __init__(self, reasons: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(reasons, **kwargs)
        self.cover_reason.choices = self.reason.choices

    @property
    def covered(self) -> list[Cover]:
        """The words hidden so far; what is no list of them is none."""
        try:
            rows = json.loads(self.covers.data or "[]")[:_MOST_COVERS]
            return tidy(Cover(int(row[0]), int(row[1]), int(row[2]), str(row[3])) for row in rows)
        except (TypeError, ValueError, KeyError, IndexError, RecursionError):
            return []

    def keep(self, covers: Sequence[Cover]) -> None:
        rows = [[cover.comment, cover.start, cover.end, cover.reason] for cover in covers]
        self.covers.data = json.dumps(rows, separators=(",", ":"))

    def hide_more(self, bodies: dict[int, str]) -> None:
        """Adds what was chosen or typed to the words hidden so far; says where nothing was found."""
        reason, found = self.cover_reason.data, []
        if not reason:
            self.cover_reason.errors = [*self.cover_reason.errors, _("Choose a reason")]
            return
        if self.words.data:
            found = [(one, *span) for one, body in bodies.items() for span in places_of(body, self.words.data)]
            if not found:
                self.words.errors = [*self.words.errors, _("These words are not in the submission. Copy them from it.")]
        elif self.span.data:
            found = [given for given in [_span(self.span.data)] if given and given[0] in bodies]
        if not found and not self.words.errors:
            self.words.errors = [*self.words.errors, _("Choose a sentence, or type the words to hide.")]
        self.keep(tidy([*self.covered, *(Cover(*one, reason) for one in found)]))
        if found:
            self.words.data = self.span.data = ""

    def show_again(self, number: int) -> None:
        """Takes one of the hidden words back."""
        self.keep([cover for n, cover in enumerate(self.covered) if n != number])


class BulkForm(VerdictForm):
    """One decision on many: `picked` as `id:revision`, or `all` of what the address asks for."""

    all = HiddenField()


class Answer(Form):
    """The second reader's."""

    answer = LongText(N_("Why"), [optional()], most=2000)
    do = StringField()


class FilterName(Form):
    """What a moderator calls what they often look at."""

    name = Line(N_("Name"), [required(N_("Give it a name"))], most=60)


class ReasonForm(Form):
    """A reason of the administrator's own."""

    name = Line(N_("Name"), [required(N_("Say in a few words what the reason is"))], most=80)
    meaning = LongText(N_("What it means"), [required(N_("Say what it means, for authors and the public"))], most=300)


class Press(Form):
    """A button only."""


def _span(text: str) -> tuple[int, int, int] | None:
    parts = text.split(":")
    try:
        return int(parts[0]), int(parts[1]), int(parts[2])
    except (ValueError, IndexError):
        return None
