"""Forms for adding and describing evidence, and labels of its types."""

from __future__ import annotations

from typing import Any

from wtforms import Field

from consult.core.clock import now
from consult.core.i18n import CONTENT_LANGUAGES, N_, _
from consult.core.text import read_number
from consult.core.web import widgets
from consult.core.web.forms import (
    BooleanField,
    DropdownField,
    FileField,
    Form,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    ValidationError,
    optional,
    required,
)
from consult.files.kinds import ACCEPTED_ENDINGS
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.evidence import references
from consult.submissions.model import EvidenceKind

EVIDENCE_KINDS = {
    EvidenceKind.STUDY: N_("Study"),
    EvidenceKind.STATISTICS: N_("Statistics"),
    EvidenceKind.CASE_STUDY: N_("Case study"),
    EvidenceKind.TESTIMONY: N_("Testimony"),
    EvidenceKind.LEGAL_TEXT: N_("Legal text"),
    EvidenceKind.POSITION_PAPER: N_("Position paper"),
    EvidenceKind.OTHER: N_("Something else"),
    EvidenceKind.MANDATE: N_("Mandate"),
}
_APART = (EvidenceKind.MANDATE, EvidenceKind.POSITION_PAPER)
OFFERED_KINDS = [kind for kind in EVIDENCE_KINDS if kind not in _APART]
"""Types that can be chosen. Mandates and position papers have separate forms."""
_EARLIEST = 1000


class EvidenceFileForm(Form):
    file = FileField(
        N_("Choose a file"),
        [required(N_("Choose a file"))],
        description=N_(
            "PDF, Word (.docx), OpenDocument (.odt), Excel (.xlsx), CSV, plain text, JPEG, PNG, WebP or GIF, "
            "at most 25 MB."
        ),
        widget=widgets.FileInput(accept=ACCEPTED_ENDINGS),
    )
    consent = BooleanField(N_("I may share this file, and the people it is about agree to its publication."))


class PaperForm(Form):
    """A position paper. For one already in the draft, its title and consent to publication."""

    file = FileField(
        N_("Choose your position paper"),
        [required(N_("Choose a file"))],
        description=N_("PDF, Word (.docx), OpenDocument (.odt) or plain text, at most 25 MB."),
        widget=widgets.FileInput(accept=".pdf,.docx,.odt,.txt,.md"),
    )
    title = LineField(
        N_("Title of the position paper"),
        [optional()],
        most=200,
        description=N_("The title to publish. If you leave it empty, we use the file name."),
    )
    consent = BooleanField(
        N_("I have the right to publish this position paper, and publishing it puts nobody named in it at risk."),
        [required(N_("Tick the box to confirm that we may publish the position paper. The file itself is saved"))],
    )

    def __init__(self, item: EvidenceItem | None = None) -> None:
        super().__init__(data={"title": item.description, "consent": item.consent} if item else None)
        if item is not None:
            del self.file


class EvidenceDetailsForm(Form):
    description = LongTextField(
        N_("What does the evidence show?"),
        [required(N_("Say what the evidence shows"))],
        most=600,
        description=N_("One or two sentences, published with the evidence."),
    )
    kind = RadioGroupField(
        N_("What type of evidence is it?"),
        [required(N_("Choose the type of evidence"))],
        choices=[SelectChoice(kind, EVIDENCE_KINDS[kind]) for kind in OFFERED_KINDS],
    )
    language = DropdownField(N_("Language"), [optional()])
    year = LineField(
        N_("Year"),
        [optional()],
        most=4,
        widget=widgets.TextInput(style="tiny", inputmode="numeric", dir="ltr"),
        description=N_("The year of publication, or of the facts it reports."),
    )
    place = LineField(N_("Town, region or country"), [optional()], most=120)
    method = LongTextField(
        N_("How was this established?"),
        [optional()],
        most=1000,
        description=N_("For example: a survey of 214 people in four prisons, interviews, court records."),
    )

    consent = BooleanField(
        N_("I may share this file, and the people it is about agree to its publication."),
        [required(N_("Tick the box to confirm that we may publish the file. The file itself is saved"))],
    )

    def __init__(self, item: EvidenceItem | None = None) -> None:
        super().__init__(data=_typed(item) if item else None)
        if item is None or item.file_id is None or item.consent:
            del self.consent
        if item and item.kind in _APART:
            self.kind.choices = [SelectChoice(item.kind, EVIDENCE_KINDS[item.kind])]
        self.language.choices = [
            SelectChoice("", _("I prefer not to say")),
            *(SelectChoice(code, name) for code, name in CONTENT_LANGUAGES.items()),
            SelectChoice("und", _("Another language")),
        ]

    def validate_year(self, field: Field) -> None:
        if not _EARLIEST <= (read_number(field.data) or 0) <= now().year + 1:
            raise ValidationError(_("Enter a year, such as 2026"))

    @property
    def item(self) -> EvidenceItem:
        """Return the description of the item from the fields of this form."""
        return EvidenceItem(
            kind=EvidenceKind(self.kind.data),
            description=self.description.data or "",
            language=self.language.data or "",
            year=int(self.year.data) if self.year.data else None,
            place=self.place.data or "",
            method=self.method.data or "",
            consent=bool("consent" in self and self.consent.data),
        )


class EvidenceReferenceForm(EvidenceDetailsForm):
    reference = LineField(
        N_("DOI, web address or ISBN"),
        [required(N_("Enter a DOI, a web address or an ISBN"))],
        most=references.MAX_REFERENCE_LENGTH,
        description=N_("We show the reference exactly as you type it. We do not open it or check its content."),
        widget=widgets.TextInput(dir="ltr", spellcheck="false"),
    )

    def validate_reference(self, field: Field) -> None:
        try:
            self.scheme, self.plain = references.recognise_reference(field.data or "")
        except references.NotAReference as refusal:
            raise ValidationError(refusal.message) from refusal

    @property
    def item(self) -> EvidenceItem:
        said = super().item
        return EvidenceItem(**{**vars(said), "scheme": self.scheme, "reference": self.plain, "consent": True})


def _typed(item: EvidenceItem) -> dict[str, Any]:
    return {**vars(item), "year": str(item.year or ""), "reference": item.reference}
