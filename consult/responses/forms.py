"""The form of an answer, and the one that says who is to give it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from consult.accounts.model import Account
from consult.core.forms import Choice, Day, Form, HiddenField, LongText, Pick, SelectChoice, required
from consult.core.i18n import N_, _
from consult.responses.changes import Option
from consult.responses.drafts import Draft, Fields
from consult.responses.model import Outcome
from consult.responses.reading import Told
from consult.responses.service import MOST, Given

OUTCOMES = {
    Outcome.ACCEPTED: N_("Accepted"),
    Outcome.IN_PART: N_("Accepted in part"),
    Outcome.NOT_ACCEPTED: N_("Not accepted"),
    Outcome.OUT_OF_SCOPE: N_("Out of scope"),
    Outcome.DEFERRED: N_("Deferred"),
}
_MEANS = {
    Outcome.ACCEPTED: N_("The draft says so now, or will."),
    Outcome.IN_PART: N_("Say which part, and why not the rest."),
    Outcome.NOT_ACCEPTED: N_("It was weighed, and the draft stays as it is."),
    Outcome.OUT_OF_SCOPE: N_("This draft cannot decide it. Say who can."),
    Outcome.DEFERRED: N_("It is answered later, by a day that you give."),
}
_CHANGES = {
    "edited": N_("Reworded"), "split": N_("Divided"), "merged": N_("Joined"), "new": N_("New"),
    "removed": N_("Removed"), "moved": N_("Moved"),
}  # fmt: skip
_KEPT = ("outcome", "reasons", "due_on", "change")


class AnswerForm(Form):
    """`stands` is the token of the answer that is shown beside it, `seen` the mark of the writer's own draft."""

    stands = HiddenField()
    seen = HiddenField()
    outcome = Choice(N_("The answer"), [required(N_("Choose the answer"))])
    reasons = LongText(
        N_("The reasons"),
        [required(N_("Give the reasons: an answer cannot be published without them."))],
        most=MOST,
        description=N_("In plain words, for those who made the argument. They are sent it; anybody reads it."),
    )
    due_on = Day(
        N_("If it is deferred: until when"),
        description=N_("Within 24 months. After that day it waits for its answer again, as overdue."),
    )
    change = Pick(
        N_("What changed in the draft"), default="", description=N_("Leads readers to the words that changed.")
    )

    def __init__(self, options: Sequence[Option], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.outcome.choices = [
            SelectChoice(str(one), str(OUTCOMES[one]), render_kw={"hint": str(_MEANS[one])}) for one in Outcome
        ]
        self.change.flags.optional = True
        self.change.choices = [SelectChoice("", _("No change to point to")), *map(_choice, options)]

    @property
    def given(self) -> Given:
        version, _dash, place = str(self.change.data or "").partition("-")
        change = (int(version), int(place)) if version.isdigit() and place.isdigit() else None
        return Given(Outcome(self.outcome.data), self.reasons.data, self.due_on.data, change)


class Button(Form):
    """A button only."""


class OwnerForm(Form):
    owner = Pick(N_("Who is to answer it"), default="")

    def __init__(self, people: Sequence[Account], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.owner.choices = [
            SelectChoice("", _("Who owns the consultation")),
            *(SelectChoice(str(one.id), one.display_name) for one in people),
        ]

    @property
    def chosen(self) -> int | None:
        return int(self.owner.data) if str(self.owner.data).isdigit() else None


def filled(told: Told | None) -> dict[str, Any]:
    """The fields of the form for an answer that is there."""
    if told is None:
        return {"stands": ""}
    row = told.response
    change = f"{row.version_id}-{row.provision_id}" if row.version_id and row.provision_id else ""
    return {"stands": row.token, "outcome": str(row.outcome), "reasons": row.reasons, "due_on": row.due_on,
            "change": change}  # fmt: skip


def written(told: Told | None) -> Fields:
    """The same as a browser sends them."""
    row = told.response if told else None
    if row is None:
        return {}
    day = f"{row.due_on:%-d %-m %Y}".split() if row.due_on else []
    return {"outcome": [str(row.outcome)], "reasons": [row.reasons], "due_on": day, "change": [filled(told)["change"]]}


def typed(sent: MultiDict[str, str]) -> Fields:
    """What was typed, to be kept as it is."""
    found = {name: [value.replace("\r\n", "\n") for value in sent.getlist(name)] for name in _KEPT}
    return {**found, "outcome": [value for value in found["outcome"] if value in set(Outcome)]}


def resumed(draft: Draft, stands: str) -> MultiDict[str, str]:
    """What a browser would send of a draft, beside the answer that stands now."""
    pairs = [(name, value) for name, values in draft.fields.items() for value in values]
    return MultiDict([*pairs, ("seen", draft.mark), ("stands", stands)])


def _choice(option: Option) -> SelectChoice:
    label = f"{option.place.name}: {_CHANGES[option.change]}"
    return SelectChoice(option.value, label, optgroup=_("Version %(number)s", number=option.version))
