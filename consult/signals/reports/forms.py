"""Forms of reports: five main fields, and optional ones."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date
from typing import Any, Self, cast

from wtforms import IntegerField

from consult.accounts.countries import list_countries
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.i18n import N_, _, current_language
from consult.core.text import one_line, read_number
from consult.core.web import widgets
from consult.core.web.forms import (
    DatePartsField,
    DropdownField,
    FilesField,
    Form,
    HiddenField,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    ValidationError,
    optional,
    required,
)
from consult.core.web.tokens import CookielessForm, seal_field
from consult.files.kinds import ACCEPTED_ENDINGS
from consult.signals.inbound.texts import ShortReport
from consult.signals.labels import BASES, FORMS, SOURCES
from consult.signals.model import MAX_BODY_LENGTH, Basis, SightingForm, SourceKind
from consult.signals.places.regions import PlaceRefused, check_place, find_region, get_region_name, list_regions
from consult.signals.reports.files import FileNotTaken
from consult.signals.reports.values import MOST_HARMED, NewReport, check_day
from consult.submissions.evidence.forms import EvidenceFileForm

MORE = (
    "place", "source_kind", "form", "look", "substance_said", "strength", "route", "deaths", "overdoses", "hospital",
    "naloxone", "unusual", "laboratory",
)  # fmt: skip
"""The fields under “More”, in order."""


class PeopleField(IntegerField):
    """A number of people, in digits of any script. None if left empty."""

    widget = widgets.TextInput("short", inputmode="numeric", autocomplete="off")

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, [optional(), self._check_range], **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]).strip() if valuelist else ""
        self.data = read_number(typed)
        if typed and self.data is None:
            raise ValueError(self._refuse())

    def _check_range(self, _form: Any, _field: Any) -> None:
        if self.data is not None and not 0 <= self.data <= MOST_HARMED:
            raise ValidationError(self._refuse())

    def _refuse(self) -> str:
        what = _("Enter a number between 0 and 10,000, in digits")
        return f"{self.label.text} – {what}"


class ReportFields(Form):
    """Place, date, product, event and basis, then optional fields."""

    country = DropdownField(N_("Country"), [required(N_("Choose the country"))], default="")
    region = LineField(
        N_("Region, province or state"),
        most=80,
        description=N_("The usual name. Do not enter a street address. We store reports by region."),
    )
    happened_on = DatePartsField(
        N_("When?"), [required(N_("Enter the day"))], description=N_("The exact or approximate day.")
    )
    product = LineField(
        N_("What was the drug sold as?"),
        [required(N_("Write what the drug was sold as, or “not known”"))],
        description=N_("The name people used, for example “oxycodone” or “blue ones”."),
    )
    body = LongTextField(
        N_("What happened?"),
        [required(N_("Write what happened"))],
        most=MAX_BODY_LENGTH,
        description=N_("What you saw or heard. Do not write names, phone numbers or street addresses."),
    )
    basis = RadioGroupField(N_("How do you know?"), [required(N_("Choose how you know"))])
    place = LineField(
        N_("Town"), most=60, description=N_("We name the town publicly only if people there need to know.")
    )
    source_kind = DropdownField(N_("Where does your information come from?"), default=SourceKind.UNSAID.value)
    form = DropdownField(N_("Form of the drug"), default=SightingForm.OTHER.value)
    look = LineField(N_("Appearance"), description=N_("Colour, print, packaging."))
    substance_said = LineField(N_("Substance found, if tested"))
    strength = LineField(N_("Strength or purity, in words"), most=80)
    route = LineField(N_("Method of use"), most=80)
    deaths = PeopleField(N_("How many people died?"))
    overdoses = PeopleField(N_("How many people overdosed?"))
    hospital = PeopleField(N_("How many people went to hospital?"))
    naloxone = PeopleField(N_("Doses of naloxone given"))
    unusual = LineField(N_("What was unusual?"))
    laboratory = LineField(N_("Which laboratory or service tested it?"), most=120)
    key = HiddenField()
    checked = HiddenField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        language = current_language()
        self.country.choices = [SelectChoice("", ""), *(SelectChoice(*country) for country in list_countries(language))]
        self.basis.choices = [SelectChoice(str(kind), words) for kind, words in BASES.items()]
        self.source_kind.choices = [SelectChoice(str(kind), words) for kind, words in SOURCES.items()]
        self.form.choices = [SelectChoice(str(kind), words) for kind, words in FORMS.items()]
        self.key.data = self.key.data or secrets.token_urlsafe(24)
        for name in (*MORE, "region"):
            self[name].flags.optional = name != "region"

    @property
    def more(self) -> list[Any]:
        """Return the optional fields."""
        return [self[name] for name in MORE]

    @property
    def regions(self) -> list[tuple[str, str]]:
        """Return the regions of the chosen country, offered if the typed one is unknown."""
        return list_regions(self.country.data or "", current_language())

    def validate_region(self, field: Any) -> None:
        """Check the region together with the other fields. The list of regions is shown at the field."""
        if self.country.data and not self.country.errors:
            try:
                check_place(self.country.data, find_region(self.country.data, field.data or ""))
            except PlaceRefused as refusal:
                raise ValidationError(refusal.short) from None

    def validate_happened_on(self, field: Any) -> None:
        if field.data is not None:
            try:
                check_day(field.data, at=now())
            except Refusal as refusal:
                raise ValidationError(refusal.message) from None

    def renew(self) -> None:
        """Set a new key, so that the next submission is another report."""
        self.key.data = secrets.token_urlsafe(24)

    def report(self) -> NewReport:
        """Return the report. Requires a validated form."""
        said = {name: self[name].data for name in MORE}
        said |= {"source_kind": SourceKind(self.source_kind.data), "form": SightingForm(self.form.data)}
        region = find_region(self.country.data, self.region.data)
        return NewReport(
            country=self.country.data,
            region=region,
            happened_on=cast("date", self.happened_on.data),
            product=self.product.data,
            body=self.body.data,
            basis=Basis(self.basis.data),
            language=current_language(),
            **said,
        )


class SightingReportForm(ReportFields):
    """The public report form. It has no CSRF token, because a forged report does no more harm than a typed one.

    So a form kept on a phone for weeks can still be sent. The view refuses requests that browsers mark as cross-site.
    """

    class Meta:
        csrf = False


class NoTraceReportForm(SightingReportForm):
    """The anonymous report form. `code` holds the sealed recovery words."""

    code = HiddenField()


class OrganisationReportForm(ReportFields):
    """The form for a member who reports for an organisation."""

    def fill(self, said: ShortReport, *, key: str) -> None:
        """Fill in a report sent by e-mail, to be checked. The key follows from the e-mail, so it is filed once."""
        self.country.data = said.country or self.country.data
        self.region.data = get_region_name(said.region, current_language()) if said.region else ""
        self.product.data, self.body.data = said.product, said.body
        self.key.data = key


class OwnReportForm(CookielessForm):
    """The recovery words that open a report."""

    name_of_form = "own report"
    words = LineField(
        N_("Your seven recovery words"),
        [required(N_("Enter the seven recovery words"))],
        most=200,
        widget=widgets.TextInput(dir="ltr", autocomplete="off", spellcheck="false", autocapitalize="none"),
    )


class OwnReportActForm(CookielessForm):
    """A button on the page of one's own report, which carries the sealed recovery words.

    `just_sent`: the words were shown after filing and are shown again, for people who have not written them down yet.
    """

    name_of_form = "own report act"
    code = HiddenField()
    just_sent = HiddenField()

    @classmethod
    def build(cls, words: str, *, just_sent: bool) -> Self:
        """Return an empty form for the report opened by these words."""
        form = cls(formdata=None)
        form.code.data, form.just_sent.data = seal_field(words), "yes" if just_sent else ""
        return form


class ReportFilesForm(OwnReportActForm):
    """Photographs and files to add to a report."""

    name_of_form = "report files"
    files = FilesField(
        N_("Choose photographs or files"),
        [required(N_("Choose a file"))],
        description=EvidenceFileForm.file.kwargs["description"],
        widget=widgets.FileInput(accept=ACCEPTED_ENDINGS, multiple=True),
    )

    def refuse_files(self, refused: Iterable[FileNotTaken]) -> None:
        """Add an error with name and reason for each file that was not accepted."""
        told = [_("%(file)s: %(reason)s", file=one_line(one.name)[-60:], reason=one.reason) for one in refused]
        self.files.errors = [*self.files.errors, *told]
