"""Forms for writing, moving and removing a comment."""

from __future__ import annotations

from typing import Any

from consult.core.i18n import N_, _
from consult.core.text import clean_text, excerpt
from consult.core.web import widgets
from consult.core.web.csrf import mark_filled_in
from consult.core.web.forms import (
    Form,
    HiddenField,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    optional,
    required,
)
from consult.submissions import stances
from consult.submissions.anchors import selectors
from consult.submissions.anchors.selectors import Anchor
from consult.submissions.model import Stance
from consult.submissions.values import MAX_COMMENT_LENGTH

_SENTENCES = 60
"""Maximum number of sentences of a paragraph that can be chosen."""


class CommentForm(Form):
    on = RadioGroupField(N_("Which words is your comment about?"))
    stance = RadioGroupField(
        N_("What should happen to this paragraph?"),
        [required(N_("Choose what should happen"))],
        choices=[SelectChoice(stance, name) for stance, name in stances.OFFERED.items()],
        widget=widgets.ChipGroup(),
    )
    proposed = LongTextField(
        N_("Your suggested wording"),
        [optional()],
        most=MAX_COMMENT_LENGTH,
        description=N_("Edit the text itself. Everyone sees what you delete and what you add."),
    )
    body = LongTextField(
        N_("Your comment"),
        most=MAX_COMMENT_LENGTH,
        description=N_(
            "Say what would change for people, and how you know. "
            "Do not include anything that could identify someone else."
        ),
    )
    seen = HiddenField()
    by = HiddenField(default="")
    proposed_filled_in = HiddenField()

    def __init__(
        self,
        text: str = "",
        anchor: Anchor | None = None,
        chose: Anchor | None = None,
        *,
        supports: bool = False,
        **defaults: Any,
    ) -> None:
        """Build the form. `text` is that of the provision, `anchor` the selected or previously commented words.

        `chose` are the author's original words, if a new version changed them. With `supports`, no type is asked,
        because the comment counts with the supported wording.
        """
        super().__init__(**defaults)
        self._text = text
        if supports:
            del self.stance
        if supports or not text or len(text) > MAX_COMMENT_LENGTH:
            del self.proposed, self.proposed_filled_in
        elif not self.is_submitted() and "proposed" not in (defaults.get("data") or {}):
            self.proposed.data = text
        if self.proposed_filled_in is not None:
            self.proposed_filled_in.data = mark_filled_in(text)
        self._chose = {selectors.to_choice(anchor): chose} if anchor and chose else {}
        if not self.is_submitted():
            self.on.data = selectors.to_choice(anchor) if anchor else ""
        self.on.choices = self._choices(selectors.from_choice(text, self.on.data or "") or anchor)
        if len(self.on.choices) < 2:
            del self.on

    def _choices(self, anchor: Anchor | None) -> list[SelectChoice]:
        """Return the choices: the whole paragraph, its sentences if there are several, and the selected words."""
        spans = selectors.sentence_spans(self._text)[:_SENTENCES]
        spots = [selectors.anchor_at(self._text, *span) for span in spans] if len(spans) > 1 else []
        listed = [
            SelectChoice(selectors.to_choice(spot), f"\u2068{excerpt(spot.exact, 110)}\u2069")
            for spot in spots
            if len(spot.exact) <= selectors.MAX_SELECTION and selectors.to_choice(spot) not in self._chose
        ]
        if anchor is not None and (value := selectors.to_choice(anchor)) not in {choice.value for choice in listed}:
            exact = self._chose.get(value, anchor).exact
            words = _("The words you selected: “%(words)s”", words=f"\u2068{excerpt(exact, 200)}\u2069")
            listed.insert(0, SelectChoice(value, words))
        return [SelectChoice("", _("Whole text")), *listed]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check that the chosen words still exist and that there is a comment or a suggested text."""
        value = self.on.data if self.on is not None else ""
        if value and selectors.from_choice(self._text, value) is None:
            self.on.data = ""
            super().validate(extra_validators)
            self.on.errors = [_("The words you chose have changed. Choose them again.")]
            return False
        valid = bool(super().validate(extra_validators))
        if not self.said[0]:
            asked = _("Say why this paragraph should be deleted") if self.deletes else _("Write your comment")
            self.body.errors = [asked]
            return False
        if not self.body.errors and len(self.said[0]) > MAX_COMMENT_LENGTH:
            self.body.errors = [_("The new wording and your reasons are too long together. Shorten one of them.")]
            return False
        return valid

    @property
    def deletes(self) -> bool:
        """Return whether the paragraph's text was emptied, which suggests deleting it."""
        return self.said[1] == 0

    @property
    def said(self) -> tuple[str, int | None]:
        """Return the text of the comment and the length of the suggested wording at its beginning.

        The length is None without a suggested wording, and 0 to delete the paragraph.
        """
        why = clean_text(self.body.data or "")
        if "proposed" not in self or self.stance.data != Stance.WORDING:
            return why, None
        if self.is_submitted() and not self.proposed.raw_data:
            return why, None  # the form had no such field
        proposed = clean_text(self.proposed.data or "")
        if proposed.split() == self._text.split():
            return why, None
        return f"{proposed}\n\n{why}".strip(), len(proposed)

    @property
    def anchor(self) -> Anchor | None:
        """Return the commented words, or None for the whole provision."""
        return selectors.from_choice(self._text, self.on.data or "") if self.on is not None else None


class MoveCommentForm(Form):
    """The new part of the draft for a comment whose words are no longer in the draft."""

    where = RadioGroupField(
        N_("Which part of the draft is your comment about now?"),
        [required(N_("Choose the part of the draft you comment on"))],
    )
    key = LineField(N_("Paragraph number"), most=40, description=N_("For example, 2.1 or 1.4(a)."))
    seen = HiddenField()

    def __init__(self, proposed: bool, **defaults: Any) -> None:
        super().__init__(**defaults)
        there = [SelectChoice("there", _("On this new part of the draft"))] if proposed else []
        self.where.choices = [
            *there,
            SelectChoice("other", _("Another paragraph")),
            SelectChoice("whole", _("The draft as a whole")),
            SelectChoice(
                "stay",
                _("On the earlier version, as before"),
                render_kw={"hint": _("We send and publish these words with your comment.")},
            ),
        ]


class RemoveCommentForm(Form):
    seen = HiddenField()
