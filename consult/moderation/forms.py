"""Forms of decisions on submissions, bulk decisions and reasons."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from wtforms import IntegerField, StringField
from wtforms.validators import NumberRange

from consult.core.i18n import N_, _
from consult.core.web import widgets
from consult.core.web.forms import (
    DropdownField,
    Form,
    HiddenField,
    LineField,
    LongTextField,
    SelectChoice,
    optional,
    required,
)
from consult.moderation.model import DecisionOutcome
from consult.moderation.redaction import Redaction, find_spans, merge_redactions
from consult.moderation.service import ModerationVerdict

_MOST_COVERS = 200
OUTCOME_LABELS = {
    DecisionOutcome.PUBLISH: N_("Publish"),
    DecisionOutcome.RETURN: N_("Return for changes"),
    DecisionOutcome.WITHHOLD: N_("Do not publish"),
}


class VerdictForm(Form):
    """A decision. `outcome` is the pressed button, or the selected outcome if a second reader is asked."""

    reason = DropdownField(N_("Reason"), default="")
    note = LongTextField(N_("Note to the author"), [optional()], most=2000)
    internal_note = LongTextField(N_("Note for moderators"), [optional()], most=2000)
    outcome = StringField()

    def __init__(self, reasons: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reason.choices = [SelectChoice("", N_("Choose a reason")), *(SelectChoice(*row) for row in reasons)]

    @property
    def chosen(self) -> DecisionOutcome | None:
        return DecisionOutcome(self.outcome.data) if self.outcome.data in set(DecisionOutcome) else None

    def verdict(self, outcome: DecisionOutcome, covers: Sequence[Redaction] = ()) -> ModerationVerdict:
        return ModerationVerdict(
            outcome, self.reason.data or None, self.note.data or "", self.internal_note.data or "", tuple(covers)
        )


class DecisionForm(VerdictForm):
    """A decision on a submission as it was read, identified by `revision` and `seen`. Changed text is refused.

    `covers` carries the words hidden so far from one step to the next. More are added by `span`, a sentence or a
    selection, or by typing `words`.
    """

    revision = IntegerField(widget=widgets.HiddenInput(), validators=[NumberRange(1, 2**31 - 1)])
    seen = HiddenField()
    covers = HiddenField(default="[]")
    span = DropdownField(N_("Sentence to hide"), [optional()], validate_choice=False)
    words = LineField(N_("Or type the words to hide"), [optional()], most=500)
    cover_reason = DropdownField(N_("Reason for hiding"), default="")
    do = StringField()

    def __init__(self, reasons: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(reasons, **kwargs)
        self.cover_reason.choices = self.reason.choices

    @property
    def covered(self) -> list[Redaction]:
        """Return the words hidden so far, or an empty list if the field is malformed."""
        try:
            rows = json.loads(self.covers.data or "[]")[:_MOST_COVERS]
            return merge_redactions(Redaction(int(row[0]), int(row[1]), int(row[2]), str(row[3])) for row in rows)
        except (TypeError, ValueError, KeyError, IndexError, RecursionError):
            return []

    def keep(self, covers: Sequence[Redaction]) -> None:
        rows = [[cover.comment, cover.start, cover.end, cover.reason] for cover in covers]
        self.covers.data = json.dumps(rows, separators=(",", ":"))

    def hide_more(self, bodies: dict[int, str]) -> None:
        """Add the selected or typed words to those hidden so far. Sets field errors if nothing was found."""
        reason, found = self.cover_reason.data, []
        if not reason:
            self.cover_reason.errors = [*self.cover_reason.errors, _("Choose a reason")]
            return
        if self.words.data:
            found = [(one, *span) for one, body in bodies.items() for span in find_spans(body, self.words.data)]
            if not found:
                self.words.errors = [
                    *self.words.errors,
                    _("These words are not in the submission. Copy them from its text."),
                ]
        elif self.span.data:
            found = [given for given in [_parse_span(self.span.data)] if given and given[0] in bodies]
        if not found and not self.words.errors:
            self.words.errors = [*self.words.errors, _("Choose a sentence, or type the words to hide.")]
        self.keep(merge_redactions([*self.covered, *(Redaction(*one, reason) for one in found)]))
        if found:
            self.words.data = self.span.data = ""

    def show_again(self, number: int) -> None:
        """Remove one of the hidden passages."""
        self.keep([cover for n, cover in enumerate(self.covered) if n != number])


class BulkDecisionForm(VerdictForm):
    """A bulk decision on `picked` submissions (`id:revision`), or on `all` that match the filter."""

    all = HiddenField()


class SecondReaderForm(Form):
    """The second reader's answer."""

    answer = LongTextField(N_("Reason"), [optional()], most=2000)
    do = StringField()


class FilterNameForm(Form):
    """The name of a saved filter."""

    name = LineField(N_("Name"), [required(N_("Enter a name"))], most=60)


class ReasonForm(Form):
    """A reason added by the administrator."""

    name = LineField(N_("Name"), [required(N_("Enter a short name for the reason"))], most=80)
    meaning = LongTextField(
        N_("Explanation"), [required(N_("Explain the reason for authors and the public"))], most=300
    )


class ModerationButtonForm(Form):
    """A form with only a button."""


def _parse_span(text: str) -> tuple[int, int, int] | None:
    parts = text.split(":")
    try:
        return int(parts[0]), int(parts[1]), int(parts[2])
    except (ValueError, IndexError):
        return None
