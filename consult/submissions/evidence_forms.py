"""The forms by which evidence is put into a draft and described, and the names of its kinds."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import Field

from consult.core import widgets
from consult.core.forms import (
    BooleanField,
    Choice,
    FileField,
    Form,
    Line,
    LongText,
    Pick,
    SelectChoice,
    ValidationError,
    optional,
    required,
)
from consult.core.i18n import CONTENT_LANGUAGES, N_, _
from consult.files.kinds import ACCEPTED
from consult.submissions import references
from consult.submissions.items import Item
from consult.submissions.model import EvidenceKind

KINDS = {
    EvidenceKind.STUDY: N_("Study"),
    EvidenceKind.STATISTICS: N_("Statistics"),
    EvidenceKind.CASE_STUDY: N_("Case study"),
    EvidenceKind.TESTIMONY: N_("Testimony"),
    EvidenceKind.LEGAL_TEXT: N_("Legal text"),
    EvidenceKind.MANDATE: N_("Mandate"),
}
OFFERED = [kind for kind in KINDS if kind is not EvidenceKind.MANDATE]
"""What a piece can be said to be; a mandate is attached as such."""
_EARLIEST = 1000


class FileForm(Form):
    file = FileField(
        N_("Choose a file"),
        [required(N_("Choose a file"))],
        description=N_(
            "PDF, Word (.docx), OpenDocument (.odt), Excel (.xlsx), CSV, plain text, JPEG, PNG, WebP or GIF; "
            "at most 25 MB."
        ),
        widget=widgets.File(accept=ACCEPTED),
    )
    consent = BooleanField(
        N_("I may share this file, and the people it is about agree to its being published."),
        [required(N_("Confirm that the file may be published, or do not send it"))],
    )


class DetailsForm(Form):
    description = LongText(
        N_("What does it show?"),
        [required(N_("Say what it shows"))],
        most=600,
        description=N_("One or two sentences. They are published beside it."),
    )
    kind = Choice(
        N_("What kind of evidence is it?"),
        [required(N_("Choose what kind of evidence it is"))],
        choices=[SelectChoice(kind, KINDS[kind]) for kind in OFFERED],
    )
    language = Pick(N_("Language it is in"), [optional()])
    year = Line(
        N_("Year"), [optional()], most=4, widget=widgets.Text(style="tiny", inputmode="numeric", dir="ltr"),
        description=N_("Of publication, or of the facts in it."),
    )  # fmt: skip
    place = Line(N_("Place or country it is about"), [optional()], most=120)
    method = LongText(
        N_("How was it found out?"),
        [optional()],
        most=1000,
        description=N_("For example: a survey of 214 people in four prisons, interviews, court records."),
    )

    def __init__(self, item: Item | None = None) -> None:
        super().__init__(data=_typed(item) if item else None)
        if item and item.kind is EvidenceKind.MANDATE:
            self.kind.choices = [SelectChoice(item.kind, KINDS[item.kind])]
        self.language.choices = [
            SelectChoice("", _("Not said")),
            *(SelectChoice(code, name) for code, name in CONTENT_LANGUAGES.items()),
            SelectChoice("und", _("Another language")),
        ]

    def validate_year(self, field: Field) -> None:
        if not (str(field.data).isdecimal() and _EARLIEST <= int(field.data) <= date.today().year + 1):  # noqa: DTZ011
            raise ValidationError(_("Enter a year, such as 2026"))

    @property
    def item(self) -> Item:
        """What was said, as far as this form asks for it."""
        return Item(
            kind=EvidenceKind(self.kind.data), description=self.description.data or "",
            language=self.language.data or "", year=int(self.year.data) if self.year.data else None,
            place=self.place.data or "", method=self.method.data or "",
        )  # fmt: skip


class ReferenceForm(DetailsForm):
    reference = Line(
        N_("DOI, address or ISBN"),
        [required(N_("Enter a DOI, an address or an ISBN"))],
        most=references.MOST,
        description=N_("We show it as you type it here. We do not open it or check what is there."),
        widget=widgets.Text(dir="ltr", spellcheck="false"),
    )

    def validate_reference(self, field: Field) -> None:
        try:
            self.scheme, self.plain = references.recognised(field.data or "")
        except references.NotAReference as refusal:
            raise ValidationError(refusal.message) from refusal

    @property
    def item(self) -> Item:
        said = super().item
        return Item(**{**vars(said), "scheme": self.scheme, "reference": self.plain, "consent": True})


def _typed(item: Item) -> dict[str, Any]:
    return {**vars(item), "year": str(item.year or ""), "reference": item.reference}
