"""Forms of triage: decisions on reports and signals, texts of warnings, and assessors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from consult.accounts.countries import list_countries
from consult.bodies.model import PublicBody
from consult.core.i18n import LANGUAGES, N_, NP_, _, current_language
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
from consult.signals.labels import LEVELS, OFFICE_KINDS, WARNING_KINDS
from consult.signals.model import MAX_TAKEN_AWAY_REASON, Signal, SignalLevel, SignalWarning, WarningKind
from consult.signals.offices.model import OfficeKind
from consult.signals.service import MAX_TITLE_LENGTH
from consult.signals.substances.matches import NamedSubstances
from consult.signals.triage.seats import SeatHolder
from consult.signals.warnings import MAX_PART_LENGTH, PARTS, Texts


class ReportTriageForm(Form):
    """A decision on a report, chosen by `do`: a new signal, an existing one or none.

    `proposed` are the substances that its text may mean.
    """

    proposed: NamedSubstances = NamedSubstances()

    title = LineField(
        N_("Finding, in one line"),
        most=MAX_TITLE_LENGTH,
        description=N_(
            "Public, and used as the e-mail subject. Example: “Tablets sold as oxycodone; a nitazene suspected”."
        ),
    )
    substance = DropdownField(N_("Substance"), default="")
    level = RadioGroupField(N_("Level"), default=SignalLevel.WATCH.value)
    reason = LongTextField(N_("Why?"), most=1_000, description=N_("One sentence. We keep it and show it publicly."))
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
    """A decision on a signal, chosen by `do`."""

    level = RadioGroupField(N_("Level"), default="")
    reason = LongTextField(N_("Why?"), most=1_000, description=N_("One sentence. We keep it and show it publicly."))
    into = DropdownField(N_("Merge into which signal?"), default="")
    title = LineField(N_("Title"), most=MAX_TITLE_LENGTH)
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
    """The text of a warning: title and three parts in each language. Filled-in languages are published."""

    kind = RadioGroupField(N_("Type of text"), default=WarningKind.WARNING.value)
    language = DropdownField(N_("First language"), choices=[SelectChoice(*it) for it in LANGUAGES.items()])
    until = DatePartsField(
        N_("Valid until"), description=N_("The last day on which the warning is valid. Leave empty if unknown.")
    )

    def __init__(self, kinds: Sequence[WarningKind], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind.choices = [SelectChoice(kind.value, WARNING_KINDS[kind]) for kind in kinds]

    def parts(self, language: str) -> list[Any]:
        """Return the fields of a language: the title and three parts."""
        return [self[f"{part}_{language}"] for part in PARTS]

    def texts(self) -> Texts:
        """Return the typed texts by language."""
        return {language: {part: self[f"{part}_{language}"].data or "" for part in PARTS} for language in LANGUAGES}


_PART_LABELS = {
    "sold_as": (N_("Name the drug is sold under, and appearance"), ""),
    "signs": (N_("Signs to look for"), ""),
    "do": (N_("What to do"), N_("Do not describe strength in a way that makes the drug attractive.")),
}
for _language in LANGUAGES:
    _title = LineField(
        N_("Title"), most=MAX_TITLE_LENGTH, description=N_("The finding in one line, as it is known now.")
    )
    setattr(WarningForm, f"title_{_language}", _title)
    for _part, (_label, _hint) in _PART_LABELS.items():
        setattr(WarningForm, f"{_part}_{_language}", LongTextField(_label, most=MAX_PART_LENGTH, description=_hint))


def build_warning_form(
    kinds: Sequence[WarningKind], draft: SignalWarning | None, last: SignalWarning | None, language: str, title: str
) -> WarningForm:
    """Return the form, filled with the draft, else with the last edition for a correction.

    `title` is that of the signal, for the first language.
    """
    known: dict[str, Any] = {"language": language}
    if found := draft or last:
        kind = found.kind if found is draft else WarningKind.CORRECTION
        known = {"language": found.language, "kind": str(kind), "until": found.until}
        for code, parts in found.texts.items():
            known |= {f"{part}_{code}": words for part, words in parts.items()}
    return WarningForm(kinds, data={f"title_{known['language']}": title, **known})


class PublishForm(Form):
    """Publishes the text that was read, identified by `written_at`."""

    written_at = HiddenField()


class SignalButtonForm(Form):
    """A form with only a button."""


class SignalFileForm(Form):
    """The reason for erasing a file of a report."""

    reason = LineField(
        N_("Why must this file be erased?"),
        [required(N_("Say in a few words why you are erasing this file."))],
        most=MAX_TAKEN_AWAY_REASON,
        description=N_("The author of the report can read this. Example: a face is visible."),
    )


class SignalSeatForm(Form):
    account = DropdownField(NP_("person", "Moderator"))
    office = DropdownField(
        N_("Office"),
        default="",
        description=N_(
            "An assessor who works for an office decides only in the country of that office. The office issues the "
            "assessor’s warnings."
        ),
    )
    on_call = BooleanField(N_("On call for emergencies"))

    def __init__(self, people: Sequence[SeatHolder], offices: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.account.choices = [SelectChoice(str(person.id), person.name) for person in people]
        self.office.choices = [
            SelectChoice("", _("No office (the whole site)")),
            *(SelectChoice(str(number), name) for number, name in offices),
        ]


class SignalOfficeForm(Form):
    """A body that issues warnings for a country."""

    body = DropdownField(N_("Public body"), default="")
    country = DropdownField(N_("Country"), default="")
    kind = RadioGroupField(N_("Role of the office"), default=OfficeKind.FOCAL_POINT.value)

    def __init__(self, bodies: Iterable[PublicBody], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        none = SelectChoice("", "")
        self.body.choices = [none, *(SelectChoice(str(body.id), body.name) for body in bodies)]
        self.country.choices = [none, *(SelectChoice(*pair) for pair in list_countries(current_language()))]
        self.kind.choices = [SelectChoice(kind.value, OFFICE_KINDS[kind]) for kind in OfficeKind]


class SignalDutyForm(Form):
    """A turn on the on-call rota."""

    account = DropdownField(N_("Assessor"))
    position = RadioGroupField(N_("Position"), default="1")
    starts_on = DatePartsField(N_("First day"), [required(N_("Enter the first day."))])
    ends_on = DatePartsField(N_("Last day"), [required(N_("Enter the last day."))])

    def __init__(self, people: Sequence[SeatHolder], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.account.choices = [SelectChoice(str(person.id), person.name) for person in people]
        self.position.choices = [
            SelectChoice("1", _("First: gets every e-mail")),
            SelectChoice("2", _("Second: gets e-mails after 30 minutes if nobody has started")),
        ]


class SignalManyForm(Form):
    """One decision on all ticked reports."""

    reason = LineField(N_("Why?"), most=1_000)


def level_choices() -> list[SelectChoice]:
    return [SelectChoice(str(level), words) for level, words in LEVELS.items()]
