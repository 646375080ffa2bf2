"""Forms of an answer and of its assignment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from consult.accounts.model import Account
from consult.bodies.model import PublicBody
from consult.core.i18n import N_, NP_, _
from consult.core.web.forms import (
    BooleanField,
    CheckboxGroupField,
    DatePartsField,
    DropdownField,
    Form,
    HiddenField,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    optional,
    required,
)
from consult.plans.model import MAX_OWNER_LENGTH, MAX_TITLE_LENGTH, PlanAction
from consult.responses.actions.service import ProposedAction
from consult.responses.answer_queries import PublishedAnswer
from consult.responses.beside import OUTCOMES
from consult.responses.draft_changes import ChangeOption
from consult.responses.drafts import AnswerDraft, AnswerFields
from consult.responses.model import AnswerOutcome, Response
from consult.responses.pages import FurtherArgument
from consult.responses.service import MAX_REASONS_LENGTH, ProposedAnswer

OUTCOME_LABELS = {
    AnswerOutcome.ACCEPTED: N_("Accepted"),
    AnswerOutcome.IN_PART: N_("Accepted in part"),
    AnswerOutcome.NOT_ACCEPTED: N_("Not accepted"),
    AnswerOutcome.OUT_OF_SCOPE: N_("Out of scope"),
    AnswerOutcome.DEFERRED: N_("Deferred"),
}
_MEANS = {
    AnswerOutcome.ACCEPTED: N_("The draft already says this, or will say it."),
    AnswerOutcome.IN_PART: N_("Say which part you accept, and why not the rest."),
    AnswerOutcome.NOT_ACCEPTED: N_("We considered the argument. The draft stays as it is."),
    AnswerOutcome.OUT_OF_SCOPE: N_("This draft cannot settle the point. Say who can."),
    AnswerOutcome.DEFERRED: N_("You will answer by the date you enter."),
}
_CHANGES = {
    "edited": NP_("paragraph", "Reworded"),
    "split": NP_("paragraph", "Split"),
    "merged": NP_("paragraph", "Merged"),
    "new": NP_("paragraph", "New"),
    "removed": NP_("paragraph", "Removed"),
    "moved": NP_("paragraph", "Moved"),
}
_LEADS = ("action_title", "action_owner", "action_due", "text_suffices")
_KEPT = ("outcome", "reasons", "due_on", "change", "also", *_LEADS)


class AnswerForm(Form):
    """An answer. `stands` is the token of the current answer, `seen` the fingerprint of the writer's draft."""

    stands = HiddenField()
    seen = HiddenField()
    outcome = RadioGroupField(N_("The answer"), [required(N_("Choose the answer"))])
    reasons = LongTextField(
        N_("Reasons for the answer"),
        [required(N_("Enter the reasons. An answer cannot be published without them."))],
        most=MAX_REASONS_LENGTH,
        description=N_(
            "Use plain words. Anyone can read this, and we e-mail it to authors in this argument whose e-mail "
            "address we have."
        ),
    )
    due_on = DatePartsField(
        N_("If deferred, until when?"),
        description=N_("At most 24 months ahead. After that date, the answer is overdue."),
    )
    also = CheckboxGroupField(
        N_("Same answer for other waiting arguments"),
        description=N_("Each argument you choose gets this answer. You can change each answer separately later."),
    )
    change = DropdownField(
        N_("Change in the draft"), default="", description=N_("Links readers to the words that changed.")
    )

    action_title = LineField(N_("What will be done?"), most=MAX_TITLE_LENGTH)
    action_owner = LineField(N_("Who is responsible?"), most=MAX_OWNER_LENGTH)
    action_due = DatePartsField(N_("Due date"))
    text_suffices = BooleanField(N_("No action beyond the change in the draft"))

    def __init__(self, options: Sequence[ChangeOption], further: Sequence[FurtherArgument] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.action_due.flags.optional = False
        self.also.choices = [SelectChoice(one.value, one.name, render_kw={"hint": one.place}) for one in further]
        self.outcome.choices = [
            SelectChoice(str(one), str(OUTCOME_LABELS[one]), render_kw={"hint": str(_MEANS[one])})
            for one in AnswerOutcome
        ]
        self.change.flags.optional = True
        self.change.choices = [SelectChoice("", _("No change in the draft")), *map(_choice, options)]

    @property
    def given(self) -> ProposedAnswer:
        version, _dash, place = str(self.change.data or "").partition("-")
        change = (int(version), int(place)) if version.isdigit() and place.isdigit() else None
        action = ProposedAction(self.action_title.data or "", self.action_owner.data or "", self.action_due.data)
        suffices, outcome = bool(self.text_suffices.data), AnswerOutcome(self.outcome.data)
        return ProposedAnswer(outcome, self.reasons.data, self.due_on.data, change, action, suffices)

    @property
    def further(self) -> dict[int, str]:
        """Return the other arguments that get the same answer, each with the token of its current answer."""
        chosen = (value.partition(":") for value in self.also.data or ())
        return {int(number): token for number, _colon, token in chosen}

    @property
    def further_names(self) -> list[str]:
        return [
            f"{choice.render_kw['hint']}: {choice.label}"
            for choice in self.also.choices
            if choice.value in (self.also.data or ())
        ]


class AnswerButtonForm(Form):
    """A form with only a button."""


class OwnerForm(Form):
    owner = DropdownField(N_("Who should answer?"), default="")

    def __init__(self, people: Sequence[Account], bodies: Sequence[PublicBody] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.owner.choices = [
            SelectChoice("", _("Consultation owner")),
            *(SelectChoice(f"body-{body.id}", body.name) for body in bodies),
            *(SelectChoice(str(person.id), person.display_name) for person in people),
        ]

    @property
    def chosen_body(self) -> int | None:
        """Return the other body chosen to answer, or None."""
        kind, _dash, number = str(self.owner.data).partition("-")
        return int(number) if kind == "body" and number.isdigit() else None

    @property
    def chosen(self) -> int | None:
        return int(self.owner.data) if str(self.owner.data).isdigit() else None


class BesideForm(Form):
    """The view of another body below an answer."""

    body = DropdownField(N_("On whose behalf?"))
    outcome = RadioGroupField(
        N_("Decision"),
        [required(N_("Choose an answer"))],
        choices=[SelectChoice(outcome, OUTCOME_LABELS[outcome]) for outcome in OUTCOMES],
    )
    reasons = LongTextField(N_("Reasons for the answer"), [required(N_("Enter the reasons"))], most=MAX_REASONS_LENGTH)

    def __init__(self, bodies: Sequence[PublicBody], **values: Any) -> None:
        super().__init__(**values)
        self.body.choices = [SelectChoice(str(body.id), body.name) for body in bodies]


def to_form_data(answer: PublishedAnswer | None) -> dict[str, Any]:
    """Return form values from an answer.

    The reasons of a deferral are left out, because the next answer needs its own.
    """
    if answer is None:
        return {"stands": ""}
    row = answer.response
    change = f"{row.version_id}-{row.provision_id}" if row.version_id and row.provision_id else ""
    return {
        "stands": row.token,
        "outcome": str(row.outcome),
        "reasons": _reasons(row),
        "due_on": row.due_on,
        "change": change,
        "text_suffices": row.text_suffices,
        **_action_data(answer.leads_to.action if answer.leads_to else None),
    }


def _reasons(row: Response) -> str:
    return "" if row.outcome is AnswerOutcome.DEFERRED else row.reasons


def _action_data(action: PlanAction | None) -> dict[str, Any]:
    if action is None:
        return {}
    return {"action_title": action.title, "action_owner": action.owner_name, "action_due": action.due_on}


def _action_fields(action: PlanAction | None) -> AnswerFields:
    if action is None:
        return {}
    day = f"{action.due_on:%-d %-m %Y}".split()
    return {"action_title": [action.title], "action_owner": [action.owner_name], "action_due": day}


def to_fields(answer: PublishedAnswer | None) -> AnswerFields:
    """Return the values of an answer as a browser sends them."""
    row = answer.response if answer else None
    if row is None:
        return {}
    day = f"{row.due_on:%-d %-m %Y}".split() if row.due_on else []
    return {
        "outcome": [str(row.outcome)],
        "reasons": [_reasons(row)],
        "due_on": day,
        "change": [to_form_data(answer)["change"]],
        "text_suffices": ["y"] if row.text_suffices else [],
        **_action_fields(answer.leads_to.action if answer and answer.leads_to else None),
    }


def read_fields(sent: MultiDict[str, str]) -> AnswerFields:
    """Return the submitted values in the form in which they are stored."""
    fields = {name: [value.replace("\r\n", "\n") for value in sent.getlist(name)] for name in _KEPT}
    return {**fields, "outcome": [value for value in fields["outcome"] if value in set(AnswerOutcome)]}


def draft_to_form_data(draft: AnswerDraft, stands: str) -> MultiDict[str, str]:
    """Return the form values of a draft, with the token of the current answer."""
    pairs = [(name, value) for name, values in draft.fields.items() for value in values]
    return MultiDict([*pairs, ("seen", draft.mark), ("stands", stands)])


def _choice(option: ChangeOption) -> SelectChoice:
    label = f"{option.place.name}: {_CHANGES[option.change]}"
    return SelectChoice(option.value, label, optgroup=_("Version %(number)s", number=option.version))


class LatenessForm(Form):
    """The reason for a late answer, in one line."""

    lateness = LineField(
        N_("Reason for the delay"),
        [optional()],
        most=200,
        description=N_("One line, shown next to the answer and on the body’s page. The public record does not change."),
    )
