"""The forms by which a submission is written, and how lists of comments are narrowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from consult.accounts.countries import countries
from consult.accounts.model import Organisation
from consult.consultations import answering, fields
from consult.consultations.answering import Given
from consult.consultations.model import Question
from consult.core import widgets
from consult.core.errors import Refusal
from consult.core.forms import (
    Choice,
    EmailAddress,
    Form,
    HiddenField,
    Line,
    LongText,
    Pick,
    SelectChoice,
    optional,
    required,
)
from consult.core.i18n import CONTENT_LANGUAGES, N_, _, language
from consult.core.text import excerpt, isolated
from consult.submissions import anchors
from consult.submissions.anchors import Anchor
from consult.submissions.content import WORDS
from consult.submissions.model import NAMED, NameRule, Stance
from consult.submissions.writing import About

STANCES = {
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
    on = Choice(N_("Which words is it about?"))
    stance = Choice(
        N_("What kind of comment is this?"),
        [required(N_("Choose what kind of comment this is"))],
        choices=[SelectChoice(stance, name) for stance, name in STANCES.items()],
        widget=widgets.Chips(),
    )
    body = LongText(
        N_("Your comment"),
        [required(N_("Write your comment"))],
        most=WORDS,
        description=N_(
            "Say what would change for people, and how you know. "
            "Do not include anything that could identify someone else."
        ),
    )
    seen = HiddenField()

    def __init__(
        self, text: str = "", anchor: Anchor | None = None, chose: Anchor | None = None, **defaults: Any
    ) -> None:  # fmt: skip
        """`text` is that of the provision; `anchor` the words that were selected, or were commented on so far.

        `chose`: the words that its author chose, where a new version made others of them.
        """
        super().__init__(**defaults)
        self._text = text
        self._chose = {anchors.choice_of(anchor): chose} if anchor and chose else {}
        if not self.is_submitted():
            self.on.data = anchors.choice_of(anchor) if anchor else ""
        self.on.choices = self._choices(anchors.chosen(text, self.on.data or "") or anchor)
        if len(self.on.choices) < 2:
            del self.on

    def _choices(self, anchor: Anchor | None) -> list[SelectChoice]:
        """The whole paragraph, each of its sentences where it has several, and the words that were selected."""
        spans = anchors.sentences(self._text)[:_SENTENCES]
        spots = [anchors.at(self._text, *span) for span in spans] if len(spans) > 1 else []
        listed = [
            SelectChoice(anchors.choice_of(spot), f"\u2068{excerpt(spot.exact, 110)}\u2069")
            for spot in spots
            if len(spot.exact) <= anchors.MOST and anchors.choice_of(spot) not in self._chose
        ]
        if anchor is not None and (value := anchors.choice_of(anchor)) not in {choice.value for choice in listed}:
            exact = self._chose.get(value, anchor).exact
            words = _("The words you selected: “%(words)s”", words=f"\u2068{excerpt(exact, 200)}\u2069")
            listed.insert(0, SelectChoice(value, words))
        return [SelectChoice("", _("All of it")), *listed]

    def validate(self, extra_validators: Any = None) -> bool:
        """The chosen words must still be there."""
        value = self.on.data if self.on is not None else ""
        if value and anchors.chosen(self._text, value) is None:
            self.on.data = ""
            super().validate(extra_validators)
            self.on.errors = [_("The words that you chose have changed. Choose again what your comment is about.")]
            return False
        return bool(super().validate(extra_validators))

    @property
    def anchor(self) -> Anchor | None:
        """The words that the comment is about; None for the whole of its place."""
        return anchors.chosen(self._text, self.on.data or "") if self.on is not None else None


class PlaceForm(Form):
    where = Choice(N_("Where do they belong in this version?"), [required(N_("Choose where the comments belong"))])
    key = Line(N_("Number of the paragraph"), most=40, description=N_("Such as 2.1 or 1.4(a)."))
    words = LongText(
        N_("Words of that paragraph"),
        most=anchors.MOST,
        description=N_("Copied from the draft. Leave it empty for the whole paragraph."),
    )

    def __init__(self, proposed: bool) -> None:
        super().__init__()
        there = [SelectChoice("there", _("There, as proposed"))] if proposed else []
        self.where.choices = [
            *there,
            SelectChoice("other", _("On another paragraph, or other words of it")),
            SelectChoice(
                "stay", _("Nowhere: leave them on the version they were written on"),
                render_kw={
                    "hint": _("Those that are published stay public and counted, with the words they were about."),
                },
            ),
        ]  # fmt: skip


class MoveForm(Form):
    """Where a comment goes that its author wrote on words which the draft has no more."""

    where = Choice(N_("Where does your comment belong now?"), [required(N_("Choose where your comment belongs"))])
    key = Line(N_("Number of the paragraph"), most=40, description=N_("Such as 2.1 or 1.4(a)."))
    seen = HiddenField()

    def __init__(self, proposed: bool, **defaults: Any) -> None:
        super().__init__(**defaults)
        there = [SelectChoice("there", _("There, as proposed"))] if proposed else []
        self.where.choices = [
            *there,
            SelectChoice("other", _("Another paragraph")),
            SelectChoice("whole", _("The draft as a whole")),
            SelectChoice(
                "stay", _("Where it was: on the earlier version"),
                render_kw={"hint": _("It is sent and published with the words that it is about.")},
            ),
        ]  # fmt: skip


class Remove(Form):
    seen = HiddenField()


class Confirm(Form):
    """A button only."""


def reply_field() -> LongText:
    return LongText(
        N_("Your answer to the moderator"), [optional()], most=4000,
        description=N_("Only moderators read it. If you change nothing, an answer is needed."),
    )  # fmt: skip


class Send(Form):
    """What was checked: the draft's key and its mark; with a word to the moderator who returned it."""

    key = HiddenField()
    mark = HiddenField()
    reply = reply_field()


def questions_form(questions: Sequence[Question], given: Mapping[int, Given], seen: str = "", lang: str = "en") -> Any:
    """A form with the fields of each question. A required answer is asked for when sending.

    `asked` names the questions that are on the page: what is not there is not changed by saving it.
    """
    made: dict[str, Any] = {"seen": HiddenField(default=seen), "asked": HiddenField()}
    for question in questions:
        made |= fields.fields(question, given.get(question.id, Given()), lang)
    form = type("QuestionsForm", (Form,), made)()
    form.asked.data = ",".join(str(question.id) for question in questions)
    for question in questions:
        form[f"answer_{question.id}"].description = _hint(question)
    return form


def answers_of(form: Any, questions: Sequence[Question]) -> dict[int, Given]:
    """What was typed, checked; a refusal is shown at its question, and what it was about is left out."""
    found = {}
    for question in questions:
        try:
            found[question.id] = answering.check(question, fields.read(form, question))
        except Refusal as refusal:
            form.refuse(refusal)
    return found


def _hint(question: Question) -> str:
    must = _("This question must be answered before you send.") if question.required else ""
    return " ".join(part for part in (isolated(question.hint), must) if part)


class AboutForm(Form):
    speaks = Choice(N_("How should your name appear?"), [required(N_("Choose how your name should appear"))])
    organisation_name = Line(
        N_("Name of the organisation"),
        description=N_(
            "For an organisation that your account is not a member of: shown as what you say, not confirmed."
        ),
        widget=widgets.Text(autocomplete="organization"),
    )
    person_name = Line(
        N_("Your name"),
        most=120,
        description=N_("As it should be published."),
        widget=widgets.Text(autocomplete="name"),
    )
    country = Pick(N_("Country you write from"), [optional()], description=N_("Shown with your comments."))
    language = Pick(
        N_("Language of your comments"),
        choices=[SelectChoice(code, name) for code, name in CONTENT_LANGUAGES.items()],
    )
    email = EmailAddress(
        N_("E-mail address for your receipt"),
        [optional()],
        description=N_("It is never published. Without it, keep the reference and the link shown after sending."),
    )

    def __init__(self, organisations: Sequence[Organisation], about: About | None, **defaults: Any) -> None:
        super().__init__(data=_typed(about) if about else {"language": language(), **defaults})
        self.names = {row.id: row.name for row in organisations}
        self._own_name = defaults.get("person_name", "")
        self.speaks.choices = [
            *(SelectChoice(f"org:{row.id}", _("As %(name)s", name=row.name)) for row in organisations),
            SelectChoice(_OTHER, _("As another organisation") if organisations else _("As an organisation")),
            SelectChoice(NameRule.OWN, _("With my own name")),
            SelectChoice(
                NameRule.PSEUDONYM, _("Under a name I make up"),
                render_kw={"hint": _("It stands beside your comments. Choose one that nobody knows you by.")},
            ),
            SelectChoice(
                NameRule.NONE, _("Without a name"),
                render_kw={"hint": _("Your comments are published, but not who you are.")},
            ),
        ]  # fmt: skip
        self.country.choices = [
            SelectChoice("", _("Not said")),
            *(SelectChoice(*pair) for pair in countries(language())),
        ]

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
        if self.speaks.data in NAMED and not self.person_name.data:
            self.person_name.errors = [_("Enter your name, or the one you make up")]
            return False
        if self.speaks.data == NameRule.PSEUDONYM and self.person_name.data == self._own_name:
            self.person_name.errors = [_("This is the name of your account. Enter one that you make up.")]
            return False
        return good

    @property
    def about(self) -> About:
        """What was said, without the names that go with another choice."""
        spoken = str(self.speaks.data)
        common = {"country": self.country.data or "", "email": self.email.data or "", "language": self.language.data}
        if spoken.startswith("org:"):
            chosen = int(spoken.removeprefix("org:"))
            return About(NameRule.ORGANISATION, chosen, organisation_name=self.names[chosen], **common)
        if spoken == _OTHER:
            return About(NameRule.ORGANISATION, organisation_name=self.organisation_name.data or "", **common)
        if spoken in NAMED:
            return About(NameRule(spoken), person_name=self.person_name.data or "", **common)
        return About(NameRule.NONE, **common)


def _way(choice: str, others: Mapping[str, str]) -> str:
    return str(NameRule.ORGANISATION) if choice.startswith("org:") else str(others.get(choice, choice))


def _typed(about: About) -> dict[str, Any]:
    spoken = str(about.name_rule)
    if about.name_rule is NameRule.ORGANISATION:
        spoken = f"org:{about.organisation_id}" if about.organisation_id else _OTHER
    return {
        "speaks": spoken, "organisation_name": "" if about.organisation_id else about.organisation_name,
        "person_name": about.person_name,
        "country": about.country, "language": about.language, "email": about.email,
    }  # fmt: skip
