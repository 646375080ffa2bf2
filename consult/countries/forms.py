"""Forms for facts about countries, tables of treaties and memberships."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from consult.accounts.countries import list_countries
from consult.bodies.model import PublicBody
from consult.core.i18n import CONTENT_LANGUAGES, N_, _, current_language
from consult.core.text import read_number
from consult.core.web.forms import (
    DatePartsField,
    DropdownField,
    FileField,
    Form,
    LineField,
    LongTextField,
    SelectChoice,
    required,
)
from consult.countries.labels import KIND_LABELS, PRECISION_LABELS
from consult.countries.model import MAX_SOURCE, MAX_TITLE, MAX_WORDS, NATIONAL, CountryFact, FactKind, Precision
from consult.countries.service import FactTerms
from consult.taxonomy.model import Term

_SOURCE_HINT = N_("A web address or a citation, such as the official gazette with its number.")


def _source_field() -> LineField:
    return LineField(N_("Source"), [required(N_("Enter the source."))], most=MAX_SOURCE, description=_SOURCE_HINT)


def _looked_field() -> DatePartsField:
    return DatePartsField(
        N_("Date you checked the source"),
        description=N_("Leave empty if you have not compared your entry with the source."),
    )


class CountryFactForm(Form):
    kind = DropdownField(N_("Type of fact"))
    treaty = DropdownField(N_("Treaty"), description=N_("Not needed for a law, a schedule or a judgment."))
    title = LineField(N_("Title"), most=MAX_TITLE, description=N_("The official title of a law, schedule or judgment."))
    words = LongTextField(N_("Text of the reservation, or a summary"), most=MAX_WORDS)
    language = DropdownField(N_("Language of the text"))
    day = DatePartsField(N_("Date"), [required(N_("Enter a real date, such as 31 1 2027"))])
    precision = DropdownField(N_("How exact is the date?"))
    source = _source_field()
    looked_on = _looked_field()

    def __init__(self, treaties: Sequence[Term], **values: Any) -> None:
        super().__init__(**values)
        code = current_language()
        self.kind.choices = [SelectChoice(str(kind), label) for kind, label in KIND_LABELS.items()]
        self.precision.choices = [SelectChoice(str(it), label) for it, label in PRECISION_LABELS.items()]
        self.treaty.choices = [
            SelectChoice("", _("No treaty")),
            *(SelectChoice(str(it.id), it.label(code)) for it in treaties),
        ]
        self.language.choices = [SelectChoice(*choice) for choice in CONTENT_LANGUAGES.items()]
        self.treaty.flags.optional = True

    @property
    def terms(self) -> FactTerms:
        kind, precision = FactKind(self.kind.data), Precision(self.precision.data)
        national = kind in NATIONAL
        return FactTerms(
            kind,
            _cut(self.day.data or date.min, precision),
            precision,
            self.source.data or "",
            self.language.data,
            term_id=read_number(self.treaty.data) if self.treaty.data and not national else None,
            title=(self.title.data or "") if national else "",
            words=self.words.data or "",
            looked_on=self.looked_on.data,
        )


def _cut(day: date, precision: Precision) -> date:
    """Return the first day of the month or year, if no more is known."""
    if precision is Precision.DAY:
        return day
    return day.replace(day=1) if precision is Precision.MONTH else day.replace(month=1, day=1)


def to_fact_data(fact: CountryFact) -> dict[str, Any]:
    """Return the values of a form for a fact."""
    names = ("title", "words", "language", "day", "source", "looked_on")
    values = {name: getattr(fact, name) for name in names}
    return {**values, "kind": str(fact.kind), "precision": str(fact.precision), "treaty": str(fact.term_id or "")}


class TreatyTableForm(Form):
    treaty = DropdownField(N_("Treaty"))
    file = FileField(N_("Table of participants"), description=N_("CSV, Excel, Word or a saved web page (HTML)."))
    text = LongTextField(N_("Or paste the table"), most=2**20)
    source = _source_field()
    looked_on = DatePartsField(
        N_("Date of the table"),
        [required(N_("Enter a real date, such as 31 1 2027"))],
        description=N_("The day on which you saved or downloaded the table."),
    )

    def __init__(self, treaties: Sequence[Term], **values: Any) -> None:
        super().__init__(**values)
        self.treaty.choices = [SelectChoice(it.notation, it.label(current_language())) for it in treaties]
        self.text.flags.optional = True


class MembershipForm(Form):
    country = DropdownField(N_("Country"))
    member = DropdownField(N_("Or a public body"))
    since = DatePartsField(N_("Member since"))
    until = DatePartsField(N_("Member until"), description=N_("Leave empty for a current member."))
    source = _source_field()
    looked_on = _looked_field()

    def __init__(self, offered: Sequence[PublicBody], **values: Any) -> None:
        super().__init__(**values)
        code = current_language()
        self.country.choices = [
            SelectChoice("", _("No country")),
            *(SelectChoice(*row) for row in list_countries(code)),
        ]
        self.member.choices = [
            SelectChoice("", _("No public body")),
            *(SelectChoice(str(it.id), it.name_in(code)) for it in offered),
        ]
        self.country.flags.optional = self.member.flags.optional = True


class EndMembershipForm(Form):
    until = DatePartsField(N_("Member until"), [required(N_("Enter a real date, such as 31 1 2027"))])
