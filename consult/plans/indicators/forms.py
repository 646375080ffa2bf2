"""Forms of indicators and of the files that are read into them."""

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
    code = LineField(N_("Short code"), [required(N_("Give it a short code, such as I-1"))], most=20)
    title = LineField(N_("What it measures"), [required(N_("Say what it measures."))], most=MAX_TITLE_LENGTH)
    titles = LongTextField(
        N_("The same in other languages"),
        most=2_000,
        description=N_("One a line, after the code of the language: “fr: Nombre de décès”."),
    )
    unit = LineField(N_("Unit"), [required(N_("Say in what unit"))], most=100)
    units = LongTextField(
        N_("The unit in other languages"),
        most=1_000,
        description=N_("One a line, after the code of the language: “fr: décès”."),
    )
    better = RadioGroupField(N_("Where it should go"), [required(N_("Choose where it should go"))], default="neither")
    baseline = LineField(N_("Value at the beginning"), most=40, widget=_NUMBER)
    baseline_period = LineField(N_("Of which period"), most=40)
    target = LineField(N_("Target"), most=40, widget=_NUMBER)
    target_period = LineField(N_("To be reached in"), most=40)
    source = LineField(N_("Source of the data"), most=MAX_TITLE_LENGTH)
    licence = LineField(N_("Licence of the data"), most=MAX_TITLE_LENGTH)
    method = LongTextField(N_("How it is measured"), most=4_000)
    actions = CheckboxGroupField(N_("The actions that it measures"))

    def __init__(self, offered: Sequence[PlanAction], **values: Any) -> None:
        super().__init__(**values)
        self.better.choices = [SelectChoice(str(turn), str(label)) for turn, label in TURN_LABELS.items()]
        self.actions.choices = [SelectChoice(one.number, f"{one.number} {one.title}") for one in offered if one.number]
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
        """Raises a Refusal for a number that is none, and for a line without a language."""
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
    """Words by language, one a line. Raises Refusal for a line without a language."""
    found = {}
    for line in filter(None, (line.strip() for line in (field.data or "").splitlines())):
        code, colon, said = line.partition(":")
        if not colon or code.strip() not in {*LANGUAGES, *CONTENT_LANGUAGES}:
            said = _("Begin each line with the code of a language and a colon, such as “fr:”.")
            raise Refusal(said, field=field.short_name)
        found[code.strip()] = said.strip()
    return found


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
    """The fields of the form for an indicator that is there."""
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
        "actions": [one.number for one in measured],
    }


def _write_words(words: Mapping[str, str], but: str) -> str:
    return "\n".join(f"{code}: {said}" for code, said in words.items() if code != but)


class SeriesFileForm(Form):
    file = FileField(
        N_("The file"),
        description=N_("CSV, SDMX-CSV or SDMX-ML, at most 10 MB. Nothing is kept before you have seen how it is read."),
    )
    metadata = FileField(
        N_("Its metadata"), description=N_("The …-metadata.json of CSV on the Web, where there is one.")
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.metadata.flags.optional = True


class ReadingForm(Form):
    """How a file is read: a role for each column, the decimal mark, and why it takes the place of the former."""

    mark = RadioGroupField(N_("How are the numbers written?"))
    note = LongTextField(N_("What this file corrects or adds"), most=500)

    def __init__(self, read: TableReading, **values: Any) -> None:
        super().__init__(**values)
        point, comma = (read.example[1], read.example[2]) if read.example else ("", "")
        text = read.example[0] if read.example else ""
        self.mark.choices = [
            SelectChoice(str(DecimalMark.POINT), _("“%(text)s” is %(value)s", text=text, value=point)),
            SelectChoice(str(DecimalMark.COMMA), _("“%(text)s” is %(value)s", text=text, value=comma)),
        ]

    @property
    def chosen_mark(self) -> DecimalMark | None:
        return DecimalMark(self.mark.data) if self.mark.data else None


def list_role_choices() -> Sequence[tuple[str, str]]:
    """What a column can be."""
    return [(str(role), str(label)) for role, label in COLUMN_LABELS.items()]


def read_choices(sent: Mapping[str, str], columns: int, mark: DecimalMark | None) -> ReadingChoices:
    """The roles that were chosen for columns: fields `role_0`, `role_1` …"""
    known = {str(role) for role in ColumnRole}
    chosen = {n: ColumnRole(said) for n in range(columns) if (said := sent.get(f"role_{n}", "")) in known}
    return ReadingChoices(chosen, mark)
