"""Forms to write a submission, and filters of comment lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from consult.accounts.model import Organisation
from consult.consultations.model import Question
from consult.consultations.questions import answers as questions_answers
from consult.consultations.questions import fields as questions_fields
from consult.consultations.questions.answers import GivenAnswer
from consult.core.errors import Refusal
from consult.core.i18n import N_, _, current_language
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.text import clean_text, excerpt, isolate_direction
from consult.core.web import widgets
from consult.core.web.csrf import mark_filled_in
from consult.core.web.forms import (
    DropdownField,
    EmailField,
    Form,
    HiddenField,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    optional,
    required,
)
from consult.submissions.anchors import selectors
from consult.submissions.anchors.selectors import Anchor
from consult.submissions.fields import FIELDS, DraftSubmitter, SubmissionField
from consult.submissions.model import NAMED_RULES, NameRule, Stance
from consult.submissions.values import MAX_COMMENT_LENGTH

STANCE_LABELS = {
    Stance.SUPPORT: N_("Support"),
    Stance.CONCERN: N_("Concern"),
    Stance.WORDING: N_("Suggest wording"),
    Stance.EVIDENCE: N_("Evidence from practice"),
}
_SENTENCES = 60
"""How many sentences of a paragraph are offered to choose from."""
_OTHER = "other"
"""The choice of an organisation that the account is not a member of: its name is typed."""


class CommentForm(Form):
    on = RadioGroupField(N_("Which words is it about?"))
    stance = RadioGroupField(
        N_("What kind of comment is this?"),
        [required(N_("Choose what kind of comment this is"))],
        choices=[SelectChoice(stance, name) for stance, name in STANCE_LABELS.items()],
        widget=widgets.ChipGroup(),
    )
    proposed = LongTextField(
        N_("The text as it should be"),
        [optional()],
        most=MAX_COMMENT_LENGTH,
        description=N_("Change the words themselves. Everybody sees what you take out and what you put in."),
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
        self, text: str = "", anchor: Anchor | None = None, chose: Anchor | None = None, **defaults: Any
    ) -> None:
        """`text` is that of the provision; `anchor` the words that were selected, or were commented on so far.

        `chose`: the words that its author chose, where a new version made others of them.
        """
        super().__init__(**defaults)
        self._text = text
        if not text or len(text) > MAX_COMMENT_LENGTH:
            del self.proposed, self.proposed_filled_in
        elif not self.is_submitted() and not self.proposed.data:
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
        """The whole paragraph, each of its sentences where it has several, and the words that were selected."""
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
        return [SelectChoice("", _("All of it")), *listed]

    def validate(self, extra_validators: Any = None) -> bool:
        """The chosen words must still be there, and something must be said: new words, or why."""
        value = self.on.data if self.on is not None else ""
        if value and selectors.from_choice(self._text, value) is None:
            self.on.data = ""
            super().validate(extra_validators)
            self.on.errors = [_("The words that you chose have changed. Choose again what your comment is about.")]
            return False
        valid = bool(super().validate(extra_validators))
        if not self.said[0]:
            self.body.errors = [_("Write your comment")]
            return False
        if not self.body.errors and len(self.said[0]) > MAX_COMMENT_LENGTH:
            self.body.errors = [_("Both together are too long: the text as it should be, and why.")]
            return False
        return valid

    @property
    def said(self) -> tuple[str, int | None]:
        """The words of the comment, and how many characters of them are the paragraph's text as it should be."""
        why = clean_text(self.body.data or "")
        proposed = clean_text((self.proposed.data if self.proposed is not None else "") or "")
        if self.stance.data != Stance.WORDING or not proposed or proposed.split() == self._text.split():
            return why, None
        return f"{proposed}\n\n{why}".strip(), len(proposed)

    @property
    def anchor(self) -> Anchor | None:
        """The words that the comment is about; None for the whole of its place."""
        return selectors.from_choice(self._text, self.on.data or "") if self.on is not None else None


class ManualPlacementForm(Form):
    where = RadioGroupField(
        N_("Where do they belong in this version?"), [required(N_("Choose where the comments belong"))]
    )
    key = LineField(N_("Number of the paragraph"), most=40, description=N_("Such as 2.1 or 1.4(a)."))
    words = LongTextField(
        N_("Words of that paragraph"),
        most=selectors.MAX_SELECTION,
        description=N_("Copied from the draft. Leave it empty for the whole paragraph."),
    )

    def __init__(self, proposed: bool) -> None:
        super().__init__()
        there = [SelectChoice("there", _("There, as proposed"))] if proposed else []
        self.where.choices = [
            *there,
            SelectChoice("other", _("On another paragraph, or other words of it")),
            SelectChoice(
                "stay",
                _("Nowhere: leave them on the version they were written on"),
                render_kw={
                    "hint": _("Those that are published stay public and counted, with the words they were about."),
                },
            ),
        ]


class MoveCommentForm(Form):
    """Where a comment goes that its author wrote on words which the draft has no more."""

    where = RadioGroupField(
        N_("Where does your comment belong now?"), [required(N_("Choose where your comment belongs"))]
    )
    key = LineField(N_("Number of the paragraph"), most=40, description=N_("Such as 2.1 or 1.4(a)."))
    seen = HiddenField()

    def __init__(self, proposed: bool, **defaults: Any) -> None:
        super().__init__(**defaults)
        there = [SelectChoice("there", _("There, as proposed"))] if proposed else []
        self.where.choices = [
            *there,
            SelectChoice("other", _("Another paragraph")),
            SelectChoice("whole", _("The draft as a whole")),
            SelectChoice(
                "stay",
                _("Where it was: on the earlier version"),
                render_kw={"hint": _("It is sent and published with the words that it is about.")},
            ),
        ]


class RemoveCommentForm(Form):
    seen = HiddenField()


class LeaveOrganisationForm(Form):
    """Whoever leaves an organisation says what becomes of the drafts that speak for it."""

    drafts = RadioGroupField(
        N_("What becomes of them?"),
        [required(N_("Say what becomes of your drafts"))],
        choices=[
            SelectChoice(
                "hand",
                N_("The organisation goes on with them"),
                render_kw={"hint": N_("Its members can change them, and one who can send them does. You cannot.")},
            ),
            SelectChoice(
                "keep",
                N_("I go on with them, without its name"),
                render_kw={"hint": N_("Your words stay. Before you send them you say again how your name appears.")},
            ),
        ],
    )


class ConfirmButtonForm(Form):
    """A button only."""


def reply_field() -> LongTextField:
    return LongTextField(
        N_("Your answer to the moderator"),
        [optional()],
        most=4000,
        description=N_("Only moderators read it. If you change nothing, an answer is needed."),
    )


class SendForm(Form):
    """What was checked: the draft's key and its mark; with a word to the moderator who returned it."""

    key = HiddenField()
    mark = HiddenField()
    reply = reply_field()


def questions_form(
    questions: Sequence[Question], given: Mapping[int, GivenAnswer], seen: str = "", lang: str = DEFAULT_LANGUAGE
) -> Any:
    """A form with the fields of each question. A required answer is asked for when sending.

    `asked` names the questions that are on the page: what is not there is not changed by saving it.
    """
    made: dict[str, Any] = {"seen": HiddenField(default=seen), "by": HiddenField(default=""), "asked": HiddenField()}
    for question in questions:
        made |= questions_fields.build_fields(question, given.get(question.id, GivenAnswer()), lang)
    form = type("QuestionsForm", (Form,), made)()
    form.asked.data = ",".join(str(question.id) for question in questions)
    for question in questions:
        form[f"answer_{question.id}"].description = _hint(question)
    return form


def read_answers(form: Any, questions: Sequence[Question]) -> dict[int, GivenAnswer]:
    """What was typed, checked; a refusal is shown at its question, and what it was about is left out."""
    found = {}
    for question in questions:
        try:
            found[question.id] = questions_answers.check_answer(question, questions_fields.read_answer(form, question))
        except Refusal as refusal:
            form.refuse(refusal)
    return found


def _hint(question: Question) -> str:
    must = _("This question must be answered before you send.") if question.required else ""
    return " ".join(part for part in (isolate_direction(question.hint), must) if part)


def add_fields(form: type[Form], asked: Iterable[SubmissionField]) -> None:
    """Puts fields of a submission into a form, below those that it has."""
    for field in asked:
        setattr(form, field.name, _build_field(field))


def _build_field(field: SubmissionField) -> Any:
    kind = DropdownField if field.choices else EmailField if field.name == "email" else LineField
    return kind(field.label, [optional()] if field.optional else [], description=field.hint)


def offer_choices(form: Form) -> None:
    """Fills the lists of a form's fields of a submission, in the language being spoken."""
    for field in FIELDS:
        if field.choices and field.name in form:
            unsaid = [SelectChoice("", _("I prefer not to say"))] if field.optional else []
            form[field.name].choices = [*unsaid, *(SelectChoice(*pair) for pair in field.choices())]


def read_asked(form: Form) -> dict[str, Any]:
    """What was said in a form's fields of a submission."""
    return {field.name: form[field.name].data or "" for field in FIELDS if field.asked and field.name in form}


class AboutForm(Form):
    speaks = RadioGroupField(N_("How should your name appear?"), [required(N_("Choose how your name should appear"))])
    organisation_name = LineField(
        N_("Name of the organisation"),
        description=N_(
            "For an organisation that your account is not a member of: shown as what you say, not confirmed."
        ),
        widget=widgets.TextInput(autocomplete="organization"),
    )
    person_name = LineField(
        N_("Your name"),
        most=120,
        description=N_("As it should be published."),
        widget=widgets.TextInput(autocomplete="name"),
    )

    def __init__(self, organisations: Sequence[Organisation], about: DraftSubmitter | None, **defaults: Any) -> None:
        super().__init__(data=_typed(about) if about else {"language": current_language(), **defaults})
        self.names = {row.id: row.name for row in organisations}
        self._own_name = defaults.get("person_name", "")
        self.speaks.choices = [
            *(SelectChoice(f"org:{row.id}", _("As %(name)s", name=row.name)) for row in organisations),
            SelectChoice(_OTHER, _("As another organisation") if organisations else _("As an organisation")),
            SelectChoice(NameRule.OWN, _("With my own name")),
            SelectChoice(
                NameRule.PSEUDONYM,
                _("Under an invented name"),
                render_kw={"hint": _("It stands beside your comments. Choose a name nobody can connect with you.")},
            ),
            SelectChoice(
                NameRule.NONE,
                _("Without a name"),
                render_kw={"hint": _("Your comments are published, but not who you are.")},
            ),
        ]
        offer_choices(self)

    @property
    def details(self) -> list[Any]:
        """The fields of the list that go with the submission; the address for the receipt does not."""
        return [self[field.name] for field in FIELDS if field.asked and field.stored]

    def allow(self, rules: Sequence[str]) -> AboutForm:
        """Offers only the ways to be named that a consultation's owner allows."""
        ways = {_OTHER: NameRule.ORGANISATION}
        kept = [it for it in self.speaks.choices if _way(it.value, ways) in rules]
        self.speaks.choices = kept
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        """The name that goes with the choice must be there."""
        good = bool(super().validate(extra_validators))
        if self.speaks.data == _OTHER and not self.organisation_name.data:
            self.organisation_name.errors = [_("Enter the name of the organisation")]
            return False
        if self.speaks.data in NAMED_RULES and not self.person_name.data:
            self.person_name.errors = [_("Enter your name, or the one you make up")]
            return False
        if self.speaks.data == NameRule.PSEUDONYM and self.person_name.data == self._own_name:
            self.person_name.errors = [_("This is the name of your account. Enter one that you make up.")]
            return False
        return good

    @property
    def about(self) -> DraftSubmitter:
        """What was said, without the names that go with another choice."""
        spoken = str(self.speaks.data)
        common = read_asked(self)
        if spoken.startswith("org:"):
            chosen = int(spoken.removeprefix("org:"))
            return DraftSubmitter(NameRule.ORGANISATION, chosen, organisation_name=self.names[chosen], **common)
        if spoken == _OTHER:
            return DraftSubmitter(NameRule.ORGANISATION, organisation_name=self.organisation_name.data or "", **common)
        if spoken in NAMED_RULES:
            return DraftSubmitter(NameRule(spoken), person_name=self.person_name.data or "", **common)
        return DraftSubmitter(NameRule.NONE, **common)


add_fields(AboutForm, (field for field in FIELDS if field.asked))


def _way(choice: str, others: Mapping[str, str]) -> str:
    return str(NameRule.ORGANISATION) if choice.startswith("org:") else str(others.get(choice, choice))


def _typed(about: DraftSubmitter) -> dict[str, Any]:
    spoken = str(about.name_rule)
    if about.name_rule is NameRule.ORGANISATION:
        spoken = f"org:{about.organisation_id}" if about.organisation_id else _OTHER
    name = "" if about.organisation_id else about.organisation_name
    return {**vars(about), "speaks": spoken, "organisation_name": name}
