"""Forms of triage: what is decided about a report, about a signal, the words of a warning, seats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from consult.core.i18n import LANGUAGES, N_, _
from consult.core.web.forms import (
    BooleanField,
    DatePartsField,
    DropdownField,
    Form,
    HiddenField,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    required,
)
from consult.signals.labels import LEVELS, WARNING_KINDS
from consult.signals.model import MAX_TAKEN_AWAY_REASON, Signal, SignalLevel, SignalWarning, WarningKind
from consult.signals.service import MAX_TITLE_LENGTH
from consult.signals.triage.seats import SeatHolder
from consult.signals.triage.substances import NamedSubstances
from consult.signals.warnings import MAX_PART_LENGTH, PARTS, Texts


class ReportTriageForm(Form):
    """What becomes of a report: a new signal, one that is there, none; `do` says which.

    `proposed` are the substances that its words may mean.
    """

    proposed: NamedSubstances = NamedSubstances()

    title = LineField(
        N_("What is seen, in one line"),
        most=MAX_TITLE_LENGTH,
        description=N_(
            "This is public, and the subject of the letters: “Tablets sold as oxycodone; a nitazene suspected”."
        ),
    )
    substance = DropdownField(N_("Substance"), default="")
    level = RadioGroupField(N_("Level"), default=SignalLevel.WATCH.value)
    reason = LongTextField(N_("Why?"), most=1_000, description=N_("A sentence. It is kept, and it is public."))
    signal = DropdownField(N_("Which signal?"), default="")

    def __init__(
        self, signals: Iterable[Signal] = (), substances: Iterable[tuple[int, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.level.choices = level_choices()
        self.substance.choices = [
            SelectChoice("", _("Not known")),
            *(SelectChoice(str(n), name) for n, name in substances),
        ]
        self.signal.choices = [SelectChoice("", ""), *(SelectChoice(row.slug, row.title) for row in signals)]


class SignalDecisionForm(Form):
    """What is decided about a signal; `do` says what."""

    level = RadioGroupField(N_("Level"), default="")
    reason = LongTextField(N_("Why?"), most=1_000, description=N_("A sentence. It is kept, and it is public."))
    into = DropdownField(N_("Into which signal?"), default="")
    revision = HiddenField()
    edition = HiddenField()

    def __init__(self, signals: Iterable[Signal] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.level.choices = level_choices()
        self.into.choices = [SelectChoice("", ""), *(SelectChoice(row.slug, row.title) for row in signals)]

    @property
    def read_revision(self) -> int | None:
        return int(self.revision.data) if self.revision.data.isdecimal() else None


class WarningForm(Form):
    """The words of a warning: three parts in each language, of which those that are filled in go out."""

    kind = RadioGroupField(N_("What is it?"), default=WarningKind.WARNING.value)
    language = DropdownField(N_("First language"), choices=[SelectChoice(*it) for it in LANGUAGES.items()])
    until = DatePartsField(
        N_("Until when?"), description=N_("The last day for which it is meant. Leave it empty if nobody knows.")
    )

    def __init__(self, kinds: Sequence[WarningKind], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind.choices = [SelectChoice(kind.value, WARNING_KINDS[kind]) for kind in kinds]

    def parts(self, language: str) -> list[Any]:
        """The three fields of a language."""
        return [self[f"{part}_{language}"] for part in PARTS]

    def texts(self) -> Texts:
        """What was typed, by language."""
        return {language: {part: self[f"{part}_{language}"].data or "" for part in PARTS} for language in LANGUAGES}


_PART_LABELS = {
    "sold_as": (N_("What it is sold as, and what it looks like"), ""),
    "signs": (N_("Signs to look for"), ""),
    "do": (N_("What to do"), N_("Never how strong it is as if that were a reason to want it.")),
}
for _language in LANGUAGES:
    for _part, (_label, _hint) in _PART_LABELS.items():
        setattr(WarningForm, f"{_part}_{_language}", LongTextField(_label, most=MAX_PART_LENGTH, description=_hint))


def build_warning_form(
    kinds: Sequence[WarningKind], draft: SignalWarning | None, last: SignalWarning | None, language: str
) -> WarningForm:
    """The form, filled in with what is written so far, or else with the last edition, to be corrected."""
    known: dict[str, Any] = {"language": language}
    if found := draft or last:
        kind = found.kind if found is draft else WarningKind.CORRECTION
        known = {"language": found.language, "kind": str(kind), "until": found.until}
        for code, parts in found.texts.items():
            known |= {f"{part}_{code}": words for part, words in parts.items()}
    return WarningForm(kinds, data=known)


class PublishForm(Form):
    """Publishes the words that were read: `written_at` says which."""

    written_at = HiddenField()


class SignalButtonForm(Form):
    """A button only."""


class SignalFileForm(Form):
    """Why a file of a report is destroyed."""

    reason = LineField(
        N_("Why must it not be kept?"),
        [required(N_("Say in a few words why this file is destroyed."))],
        most=MAX_TAKEN_AWAY_REASON,
        description=N_("Who reported reads this. For example: a face can be seen."),
    )


class SignalSeatForm(Form):
    account = DropdownField(N_("Moderator"))
    on_call = BooleanField(N_("On call for emergencies"))

    def __init__(self, people: Sequence[SeatHolder], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.account.choices = [SelectChoice(str(one.id), one.name) for one in people]


def level_choices() -> list[SelectChoice]:
    return [SelectChoice(str(level), words) for level, words in LEVELS.items()]
