"""Forms of indicators and of their data files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from consult.core.errors import Refusal
from consult.core.i18n import CONTENT_LANGUAGES, LANGUAGES, N_, _
from consult.core.web import widgets
from consult.core.web.forms import (
    CheckboxGroupField,
    FileField,
    Form,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    required,
)
from consult.plans.indicators.cells import DecimalMark
from consult.plans.indicators.columns import ColumnRole
from consult.plans.indicators.model import PlanIndicator, WantedTurn, pick_words
from consult.plans.indicators.service import IndicatorTerms
from consult.plans.indicators.tables import ReadingChoices, TableReading
from consult.plans.labels import COLUMN_LABELS, TURN_LABELS
from consult.plans.model import MAX_TITLE_LENGTH, PlanAction

_NUMBER = widgets.TextInput(inputmode="decimal", dir="ltr")


class IndicatorForm(Form):
    code = LineField(N_("Short code"), [required(N_("Enter a short code, such as I-1"))], most=20)
    title = LineField(
        N_("What is measured?"), [required(N_("Say what the indicator measures."))], most=MAX_TITLE_LENGTH
    )
    titles = LongTextField(
        N_("What is measured, in other languages"),
        most=2_000,
        description=N_("One per line, after the language code, such as “fr: Nombre de décès”."),
    )
    unit = LineField(N_("Unit"), [required(N_("Enter the unit"))], most=100)
    units = LongTextField(
        N_("The unit in other languages"),
        most=1_000,
        description=N_("One per line, after the language code, such as “fr: décès”."),
    )
    better = RadioGroupField(N_("Desired direction"), [required(N_("Choose the desired direction"))], default="neither")
    baseline = LineField(N_("Starting value"), most=40, widget=_NUMBER)
    baseline_period = LineField(N_("Period of the starting value"), most=40)
    target = LineField(N_("Target"), most=40, widget=_NUMBER)
    target_period = LineField(N_("Target period"), most=40)
    source = LineField(N_("Source of the data"), most=MAX_TITLE_LENGTH)
    licence = LineField(N_("Licence of the data"), most=MAX_TITLE_LENGTH)
    method = LongTextField(N_("Measurement method"), most=4_000)
    actions = CheckboxGroupField(N_("Actions measured"))

    def __init__(self, offered: Sequence[PlanAction], **values: Any) -> None:
        super().__init__(**values)
        self.better.choices = [SelectChoice(str(turn), str(label)) for turn, label in TURN_LABELS.items()]
        self.actions.choices = [
            SelectChoice(action.number, f"{action.number} {action.title}") for action in offered if action.number
        ]
        for field in (
            self.titles,
            self.units,
            self.baseline,
            self.baseline_period,
            self.target,
            self.target_period,
            self.source,
            self.licence,
            self.method,
        ):
            field.flags.optional = True

    def to_terms(self, language: str) -> IndicatorTerms:
        """Return the terms. Raises a Refusal for an invalid number or a line without a language."""
        return IndicatorTerms(
            code=self.code.data or "",
            titles={language: self.title.data or "", **_read_words(self.titles)},
            units={language: self.unit.data or "", **_read_words(self.units)},
            better=WantedTurn(self.better.data),
            source=self.source.data or "",
            licence=self.licence.data or "",
            baseline=_read_decimal(self.baseline.data, "baseline"),
            baseline_period=self.baseline_period.data or "",
            target=_read_decimal(self.target.data, "target"),
            target_period=self.target_period.data or "",
            method=self.method.data or "",
            actions=self.actions.data or (),
        )


def _read_words(field: LongTextField) -> dict[str, str]:
    """Read texts by language, one on each line. Raises Refusal for a line without a language."""
    words = {}
    for line in filter(None, (line.strip() for line in (field.data or "").splitlines())):
        code, colon, wording = line.partition(":")
        if not colon or code.strip() not in {*LANGUAGES, *CONTENT_LANGUAGES}:
            wording = _("Begin each line with a language code and a colon, such as “fr:”.")
            raise Refusal(wording, field=field.short_name)
        words[code.strip()] = wording.strip()
    return words


def _read_decimal(text: str | None, field: str) -> Decimal | None:
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise Refusal(_("Enter a number, such as 12.5"), field=field) from error
    if not value.is_finite() or abs(value) > Decimal(10) ** 18:
        raise Refusal(_("Enter a number, such as 12.5"), field=field)
    return value


def to_indicator_data(row: PlanIndicator, language: str, measured: Sequence[PlanAction]) -> dict[str, Any]:
    """Return form values for an existing indicator."""
    names = ("code", "baseline_period", "target_period", "source", "licence", "method")
    (first, title), (of_unit, unit) = (pick_words(words, language) for words in (row.titles, row.units))
    return {
        **{name: getattr(row, name) for name in names},
        "better": str(row.better),
        "title": title,
        "titles": _write_words(row.titles, first),
        "unit": unit,
        "units": _write_words(row.units, of_unit),
        "baseline": "" if row.baseline is None else f"{row.baseline:f}",
        "target": "" if row.target is None else f"{row.target:f}",
        "actions": [action.number for action in measured],
    }


def _write_words(words: Mapping[str, str], but: str) -> str:
    return "\n".join(f"{code}: {wording}" for code, wording in words.items() if code != but)


class SeriesFileForm(Form):
    file = FileField(
        N_("Data file"),
        description=N_("CSV, SDMX-CSV or SDMX-ML, at most 10 MB. You see a preview before anything is saved."),
    )
    metadata = FileField(
        N_("Metadata file"), description=N_("The CSV on the Web file …-metadata.json, if you have one.")
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.metadata.flags.optional = True


class ReadingForm(Form):
    """The reading of a file: column roles, decimal mark, and the reason for replacing the earlier file."""

    mark = RadioGroupField(N_("How are the numbers written?"))
    note = LongTextField(N_("What does this file correct or add?"), most=500)

    def __init__(self, read: TableReading, **values: Any) -> None:
        super().__init__(**values)
        point, comma = (read.example[1], read.example[2]) if read.example else ("", "")
        text = read.example[0] if read.example else ""
        self.mark.choices = [
            SelectChoice(str(DecimalMark.POINT), _("Read “%(text)s” as %(value)s", text=text, value=point)),
            SelectChoice(str(DecimalMark.COMMA), _("Read “%(text)s” as %(value)s", text=text, value=comma)),
        ]

    @property
    def chosen_mark(self) -> DecimalMark | None:
        return DecimalMark(self.mark.data) if self.mark.data else None


def list_role_choices() -> Sequence[tuple[str, str]]:
    """Return the possible roles of a column with their labels."""
    return [(str(role), str(label)) for role, label in COLUMN_LABELS.items()]


def read_choices(sent: Mapping[str, str], columns: int, mark: DecimalMark | None) -> ReadingChoices:
    """Return the roles chosen in the fields `role_0`, `role_1` …"""
    known = {str(role) for role in ColumnRole}
    chosen = {n: ColumnRole(role_name) for n in range(columns) if (role_name := sent.get(f"role_{n}", "")) in known}
    return ReadingChoices(chosen, mark)
