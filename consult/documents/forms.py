"""The form of a draft's text: pasted, or from a file."""

from __future__ import annotations

from typing import Any

from consult.core import widgets
from consult.core.errors import Refusal
from consult.core.forms import FileField, Form, Line, LongText, Pick, SelectChoice, ValidationError, optional
from consult.core.i18n import N_, _
from consult.core.text import excerpt
from consult.documents import correcting, plaintext, source
from consult.documents.model import ProvisionKind
from consult.documents.outline import LARGEST, Outline


class DraftText(Form):
    """What is in the file, where one was chosen, takes the place of what is in the box."""

    file = FileField(
        N_("A file"),
        [optional()],
        description=N_(
            "Word (.docx), web page (.html), Akoma Ntoso (.xml), Markdown or plain text, at most 6 MB. It takes the "
            "place of what is in the box."
        ),
        widget=widgets.File(accept=".docx,.html,.htm,.xml,.akn,.md,.markdown,.txt,text/plain,text/markdown,text/html"),
    )
    text = LongText(N_("The text of the draft"), most=LARGEST)

    def __init__(self, *args: Any, language: str = "en", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language = language

    def validate_text(self, field: Any) -> None:
        field.data = plaintext.headed(field.data or "")

    def validate_file(self, field: Any) -> None:
        upload = field.data
        if not upload or not upload.filename:
            return
        try:
            self.text.data = source.read(upload.read(), upload.filename, language=self.language)
        except Refusal as refusal:
            raise ValidationError(refusal.message) from refusal


KINDS = {
    ProvisionKind.PART: N_("Part"), ProvisionKind.CHAPTER: N_("Chapter"),
    ProvisionKind.SECTION: N_("Section or article"), ProvisionKind.PARAGRAPH: N_("Paragraph"),
    ProvisionKind.POINT: N_("Point"),
}  # fmt: skip


class Correction(Form):
    """What one provision of a preview really is. It is sent along with the text, and changes the text."""

    kind = Pick(N_("What it is"), choices=[SelectChoice(kind.value, name) for kind, name in KINDS.items()])
    number = Line(N_("Number"), [optional()], most=80)
    heading = Line(N_("Heading"), [optional()], most=300, description=N_("For parts, chapters and sections."))
    under = Pick(N_("Stands under"))

    def __init__(self, split: Outline, place: int, *, typed: bool) -> None:
        piece = split.pieces[place]
        given = {
            "kind": piece.kind.value, "number": piece.number, "heading": piece.heading,
            "under": "" if piece.parent is None else str(piece.parent),
        }  # fmt: skip
        sent = {} if typed else {"formdata": None}  # until something was typed, the form shows what was read
        super().__init__(data=given, prefix=f"p{place}-", meta={"csrf": False}, **sent)  # the text's form has the token
        self.split, self.place = split, place
        choices = [SelectChoice("", _("Nothing: it stands at the top"))]
        for outer in correcting.may_stand_under(split, place):
            words = excerpt(" ".join(filter(None, (outer.number, outer.heading or outer.text))), 60)
            choices.append(SelectChoice(str(outer.position), words))
        self.under.choices = choices

    @property
    def name(self) -> str:
        """How the provision is called: by its number and first words."""
        piece = self.split.pieces[self.place]
        return excerpt(" ".join(filter(None, (piece.number, piece.heading or piece.text))), 80)

    def outline(self) -> Outline:
        """The draft with the correction."""
        under = self.under.data
        return correcting.corrected(
            self.split, self.place, kind=ProvisionKind(self.kind.data), number=self.number.data or "",
            heading=self.heading.data or "", under=int(under) if under else None,
        )  # fmt: skip


class Origin(Form):
    """Which provisions of the version before one comes from, by their numbers."""

    before = Line(
        N_("Comes from"),
        [optional()],
        most=400,
        description=N_(
            "The numbers it had, such as 2.1 or 2.1(a), with commas between several. Leave it empty if it is new."
        ),
    )
