"""The form of a draft's text: pasted or uploaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from consult.core.errors import Refusal
from consult.core.i18n import N_, _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.text import excerpt, one_line
from consult.core.web import widgets
from consult.core.web.forms import (
    DropdownField,
    FileField,
    Form,
    LineField,
    LongTextField,
    SelectChoice,
    ValidationError,
    optional,
)
from consult.documents.formats import plaintext, source
from consult.documents.model import Provision, ProvisionKind
from consult.documents.outline.reader import MAX_DRAFT_LENGTH, Outline, is_quick
from consult.documents.titles import MAX_LENGTH, MAX_PLAIN
from consult.documents.versions import corrections


class DraftTextForm(Form):
    """What is in the file, where one was chosen, takes the place of what is in the box."""

    file = FileField(
        N_("A file"),
        [optional()],
        description=N_(
            "Word (.docx), web page (.html), Akoma Ntoso (.xml), Markdown or plain text, at most 6 MB. It takes the "
            "place of what is in the box."
        ),
        widget=widgets.FileInput(
            accept=".docx,.html,.htm,.xml,.akn,.md,.markdown,.txt,text/plain,text/markdown,text/html"
        ),
    )
    text = LongTextField(N_("The text of the draft"), most=MAX_DRAFT_LENGTH)

    def __init__(self, *args: Any, language: str = DEFAULT_LANGUAGE, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language = language
        self.slow: bytes | None = None
        """A file that takes longer to read than a page should wait."""

    def validate_text(self, field: Any) -> None:
        if is_quick(field.data or ""):  # else a worker does it
            field.data = plaintext.mark_headings(field.data or "")

    def validate_file(self, field: Any) -> None:
        upload = field.data
        if not upload or not upload.filename:
            return
        data = upload.read()
        try:
            self.text.data = source.read_draft(data, upload.filename, language=self.language, quick=True)
        except source.SlowDraft:
            self.slow = data
        except Refusal as refusal:
            raise ValidationError(refusal.message) from refusal


PROVISION_KIND_LABELS = {
    ProvisionKind.PART: N_("Part"),
    ProvisionKind.CHAPTER: N_("Chapter"),
    ProvisionKind.SECTION: N_("Section or article"),
    ProvisionKind.PARAGRAPH: N_("Paragraph"),
    ProvisionKind.POINT: N_("Point"),
}


class ProvisionCorrectionForm(Form):
    """What one provision of a preview really is. It is sent along with the text, and changes the text."""

    kind = DropdownField(
        N_("What it is"), choices=[SelectChoice(kind.value, name) for kind, name in PROVISION_KIND_LABELS.items()]
    )
    number = LineField(N_("Number"), [optional()], most=80)
    heading = LineField(N_("Heading"), [optional()], most=300, description=N_("For parts, chapters and sections."))
    under = DropdownField(N_("Stands under"))

    def __init__(self, split: Outline, place: int, *, typed: bool) -> None:
        piece = split.pieces[place]
        given = {
            "kind": piece.kind.value,
            "number": piece.number,
            "heading": piece.heading,
            "under": "" if piece.parent is None else str(piece.parent),
        }
        sent = {} if typed else {"formdata": None}  # until something was typed, the form shows what was read
        super().__init__(data=given, prefix=f"p{place}-", meta={"csrf": False}, **sent)  # the text's form has the token
        self.split, self.place = split, place
        choices = [SelectChoice("", _("Nothing: it stands at the top"))]
        for outer in corrections.list_possible_parents(split, place):
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
        return corrections.correct_piece(
            self.split,
            self.place,
            kind=ProvisionKind(self.kind.data),
            number=self.number.data or "",
            heading=self.heading.data or "",
            under=int(under) if under else None,
        )


class ProvisionOriginForm(Form):
    """Which provisions of the version before one comes from, by their numbers."""

    before = LineField(
        N_("Comes from"),
        [optional()],
        most=400,
        description=N_(
            "The numbers it had, such as 2.1 or 2.1(a), with commas between several. Leave it empty if it is new."
        ),
    )


class ShortTitlesForm(Form):
    """A line for each provision, by its permanent id: drafts differ in what they hold, so the lines are no fields."""

    def __init__(self, rows: Sequence[Provision], titles: Mapping[str, str], plain: Mapping[str, str]) -> None:
        super().__init__()
        said = {row.wid: request.form.get(f"plain-{row.wid}", plain.get(row.wid, "")) for row in rows}
        self.plain = {wid: one_line(words) for wid, words in said.items()}
        typed = {row.wid: request.form.get(f"title-{row.wid}", titles.get(row.wid, "")) for row in rows}
        self.titles = {wid: one_line(title) for wid, title in typed.items()}
        self.headings = {row.wid: row.heading for row in rows if 0 < len(row.heading) <= MAX_LENGTH}

    def too_long(self, wid: str) -> str:
        """What is wrong with the title of a provision; empty where nothing is."""
        if len(self.titles[wid]) <= MAX_LENGTH:
            return ""
        return _("A short title has at most %(n)s characters.", n=MAX_LENGTH)

    def not_plain(self, wid: str) -> str:
        """What is wrong with the plain words of a provision; empty where nothing is."""
        return _("Plain words have at most %(n)s characters.", n=MAX_PLAIN) if len(self.plain[wid]) > MAX_PLAIN else ""

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        return not any(self.too_long(wid) or self.not_plain(wid) for wid in self.titles) and valid

    @property
    def problems(self) -> list[tuple[str, str]]:
        wrong = [(f"title-{wid}", self.too_long(wid)) for wid in self.titles if self.is_submitted()]
        wrong += [(f"plain-{wid}", self.not_plain(wid)) for wid in self.plain if self.is_submitted()]
        return super().problems + [(target, said) for target, said in wrong if said]
