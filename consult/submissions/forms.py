"""Forms for writing a submission, and filters of comment lists."""

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
from consult.core.text import isolate_direction
from consult.core.web import widgets
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
from consult.submissions.fields import FIELDS, DraftSubmitter, SubmissionField
from consult.submissions.model import NAMED_RULES, NameRule
from consult.submissions.stances import STANCE_OF_SIDE

_OTHER = "other"
"""Value for an organisation of which the account is not a member. Its name is typed."""


class ManualPlacementForm(Form):
    where = RadioGroupField(
        N_("Which part of this version are the comments about?"),
        [required(N_("Choose the part of the draft the comments are about"))],
    )
    key = LineField(N_("Paragraph number"), most=40, description=N_("For example, 2.1 or 1.4(a)."))
    words = LongTextField(
        N_("Words from that paragraph"),
        most=selectors.MAX_SELECTION,
        description=N_("Copy them from the draft. Leave this empty for the whole paragraph."),
    )

    def __init__(self, proposed: bool) -> None:
        super().__init__()
        there = [SelectChoice("there", _("On this new part of the draft"))] if proposed else []
        self.where.choices = [
            *there,
            SelectChoice("other", _("On another paragraph, or on other words of this paragraph")),
            SelectChoice(
                "stay",
                _("None. Leave the comments on the earlier version."),
                render_kw={
                    "hint": _("Published comments stay public and counted, with the earlier wording."),
                },
            ),
        ]


class LeaveOrganisationForm(Form):
    """The choice of what happens to one's drafts for an organisation on leaving it."""

    drafts = RadioGroupField(
        N_("Who keeps your unfinished submissions?"),
        [required(N_("Choose who keeps the unfinished submissions"))],
        choices=[
            SelectChoice(
                "hand",
                N_("The organisation keeps them"),
                render_kw={
                    "hint": N_(
                        "Members of the organisation can change the submissions, and a member with permission "
                        "to submit can send them. After you leave, you cannot change or send them."
                    )
                },
            ),
            SelectChoice(
                "keep",
                N_("I keep them, without the organisation’s name"),
                render_kw={"hint": N_("Your text stays. Before you send, choose again how your name is shown.")},
            ),
        ],
    )


class ConfirmButtonForm(Form):
    """A form with only a button."""


def reply_field() -> LongTextField:
    return LongTextField(
        N_("Your message to the moderator"),
        [optional()],
        most=4000,
        description=N_("Only moderators read your message. If you change nothing, you must write one."),
    )


class SendForm(Form):
    """The checked draft, identified by key and fingerprint, with a message to the moderator who returned it."""

    key = HiddenField()
    mark = HiddenField()
    reply = reply_field()

    def __init__(self) -> None:
        super().__init__()
        offer_choices(self)


def questions_form(
    questions: Sequence[Question], given: Mapping[int, GivenAnswer], seen: str = "", lang: str = DEFAULT_LANGUAGE
) -> Any:
    """Return a form with the fields of each question. Required answers are only checked on sending.

    The field `asked` lists the questions on the page. Saving leaves the answers to other questions unchanged.
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
    """Return the valid answers. A refusal is shown at its question, whose answer is left out."""
    answers = {}
    for question in questions:
        try:
            answers[question.id] = questions_answers.check_answer(
                question, questions_fields.read_answer(form, question)
            )
        except Refusal as refusal:
            form.refuse(refusal)
    return answers


def _hint(question: Question) -> str:
    must = _("You must answer this question before you send.") if question.required else ""
    return " ".join(part for part in (isolate_direction(question.hint), must) if part)


def add_fields(form: type[Form], asked: Iterable[SubmissionField]) -> None:
    """Add fields of the author's details to a form, below its own."""
    for field in asked:
        setattr(form, field.name, _build_field(field))


def _build_field(field: SubmissionField) -> Any:
    if field.on_check_page:
        chips = widgets.ChipGroup(STANCE_OF_SIDE)
        return RadioGroupField(field.label, description=field.hint, widget=chips, default="")
    kind = DropdownField if field.choices else EmailField if field.name == "email" else LineField
    return kind(field.label, [optional()] if field.optional else [], description=field.hint)


def offer_choices(form: Form) -> None:
    """Set the choices of a form's author fields, in the current language."""
    for field in FIELDS:
        if field.choices and field.name in form:
            unsaid = [SelectChoice("", _("I prefer not to say"))] if field.optional else []
            named = [SelectChoice(*pair) for pair in field.choices()]
            form[field.name].choices = [*named, *unsaid] if field.on_check_page else [*unsaid, *named]


def read_asked(form: Form) -> dict[str, Any]:
    """Return the values of a form's author fields."""
    return {field.name: form[field.name].data or "" for field in FIELDS if field.asked and field.name in form}


class AboutForm(Form):
    speaks = RadioGroupField(N_("How should your name appear?"), [required(N_("Choose how your name should appear"))])
    organisation_name = LineField(
        N_("Name of the organisation"),
        description=N_(
            "For an organisation you are not a member of. We show its name as stated by you and not verified."
        ),
        widget=widgets.TextInput(autocomplete="organization"),
    )
    person_name = LineField(
        N_("Your name"),
        most=120,
        description=N_("The name to publish."),
        widget=widgets.TextInput(autocomplete="name"),
    )

    def __init__(self, organisations: Sequence[Organisation], about: DraftSubmitter | None, **defaults: Any) -> None:
        super().__init__(data=_typed(about) if about else {"language": current_language(), **defaults})
        self.names = {row.id: row.name for row in organisations}
        self._own_name = defaults.get("person_name", "")
        self._about = about or DraftSubmitter()
        self.speaks.choices = [
            *(SelectChoice(f"org:{row.id}", _("As %(name)s", name=row.name)) for row in organisations),
            SelectChoice(_OTHER, _("As another organisation") if organisations else _("As an organisation")),
            SelectChoice(NameRule.OWN, _("With my own name")),
            SelectChoice(
                NameRule.PSEUDONYM,
                _("Under an invented name"),
                render_kw={"hint": _("We show this name with your comments. Choose one that nobody can link to you.")},
            ),
            SelectChoice(
                NameRule.NONE,
                _("Without a name"),
                render_kw={"hint": _("We publish your comments, but not your name.")},
            ),
        ]
        offer_choices(self)

    @property
    def details(self) -> list[Any]:
        """Return the filled fields that are filed with the submission, without the address for the receipt."""
        return [self[field.name] for field in FIELDS if field.asked and field.stored and not field.on_check_page]

    def allow(self, rules: Sequence[str]) -> AboutForm:
        """Offer only the name options that the consultation allows."""
        ways = {_OTHER: NameRule.ORGANISATION}
        kept = [it for it in self.speaks.choices if _way(it.value, ways) in rules]
        self.speaks.choices = kept
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        """Require the name that belongs to the choice."""
        good = bool(super().validate(extra_validators))
        if self.speaks.data == _OTHER and not self.organisation_name.data:
            self.organisation_name.errors = [_("Enter the name of the organisation")]
            return False
        if self.speaks.data in NAMED_RULES and not self.person_name.data:
            self.person_name.errors = [_("Enter your name, or an invented name")]
            return False
        if self.speaks.data == NameRule.PSEUDONYM and self.person_name.data == self._own_name:
            self.person_name.errors = [_("This is the name of your account. Enter an invented name.")]
            return False
        return good

    @property
    def about(self) -> DraftSubmitter:
        """Return the author's details, without names that belong to another choice."""
        spoken = str(self.speaks.data)
        kept = {field.name: getattr(self._about, field.name) for field in FIELDS if field.on_check_page}
        common = {**kept, **read_asked(self)}
        if spoken.startswith("org:"):
            chosen = int(spoken.removeprefix("org:"))
            return DraftSubmitter(NameRule.ORGANISATION, chosen, organisation_name=self.names[chosen], **common)
        if spoken == _OTHER:
            return DraftSubmitter(NameRule.ORGANISATION, organisation_name=self.organisation_name.data or "", **common)
        if spoken in NAMED_RULES:
            return DraftSubmitter(NameRule(spoken), person_name=self.person_name.data or "", **common)
        return DraftSubmitter(NameRule.NONE, **common)


add_fields(AboutForm, (field for field in FIELDS if field.asked and not field.on_check_page))
add_fields(SendForm, (field for field in FIELDS if field.on_check_page))


def _way(choice: str, others: Mapping[str, str]) -> str:
    return str(NameRule.ORGANISATION) if choice.startswith("org:") else str(others.get(choice, choice))


def _typed(about: DraftSubmitter) -> dict[str, Any]:
    spoken = str(about.name_rule)
    if about.name_rule is NameRule.ORGANISATION:
        spoken = f"org:{about.organisation_id}" if about.organisation_id else _OTHER
    name = "" if about.organisation_id else about.organisation_name
    return {**vars(about), "speaks": spoken, "organisation_name": name}
