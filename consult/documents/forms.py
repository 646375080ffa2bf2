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
from consult.documents.formats import source
from consult.documents.model import Provision, ProvisionKind
from consult.documents.outline.reader import MAX_DRAFT_LENGTH, Outline
from consult.documents.titles import MAX_LENGTH, MAX_PLAIN
from consult.documents.versions import corrections


class DraftTextForm(Form):
    """The text of a draft. An uploaded file replaces the pasted text."""

    file = FileField(
        N_("A file"),
        [optional()],
        description=N_(
            "Word (.docx), web page (.html), Akoma Ntoso (.xml), Markdown or plain text, at most 6 MB. The "
            "file replaces the text in the box."
        ),
        widget=widgets.FileInput(
            accept=".docx,.html,.htm,.xml,.akn,.md,.markdown,.txt,text/plain,text/markdown,text/html"
        ),
    )
    text = LongTextField(N_("Text of the draft"), most=MAX_DRAFT_LENGTH)

    def __init__(self, *args: Any, language: str = DEFAULT_LANGUAGE, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language = language
        self.slow: bytes | None = None
        """A file that takes longer to read than a page should wait."""

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
    ProvisionKind.PREAMBLE: N_("Preamble"),
    ProvisionKind.RECITAL: N_("Recital"),
    ProvisionKind.PART: N_("Part"),
    ProvisionKind.CHAPTER: N_("Chapter"),
    ProvisionKind.SECTION: N_("Section or article"),
    ProvisionKind.PARAGRAPH: N_("Paragraph"),
    ProvisionKind.POINT: N_("Point"),
    ProvisionKind.ANNEX: N_("Annex"),
}


_MOVES = {
    "indent": corrections.indent_piece,
    "outdent": corrections.outdent_piece,
    "join": corrections.join_piece,
}
CORRECTIONS = ("apply", "split", *_MOVES)
"""What may be done to a provision of a preview."""


class ProvisionCorrectionForm(Form):
    """The correction of one provision in a preview. It is sent with the text and changes it."""

    kind = DropdownField(
        N_("Type"), choices=[SelectChoice(kind.value, name) for kind, name in PROVISION_KIND_LABELS.items()]
    )
    number = LineField(N_("Number"), [optional()], most=80)
    heading = LineField(N_("Heading"), [optional()], most=1000, description=N_("For parts, chapters and sections."))
    under = DropdownField(N_("Parent"))
    at = LineField(
        N_("First words of the new line"),
        [optional()],
        most=300,
        description=N_("Fill this in only to split this line in two."),
    )

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
        choices = [SelectChoice("", _("None (top level)"))]
        for outer in corrections.list_possible_parents(split, place):
            words = excerpt(" ".join(filter(None, (outer.number, outer.heading or outer.text))), 60)
            choices.append(SelectChoice(str(outer.position), words))
        self.under.choices = choices

    @property
    def name(self) -> str:
        """Return the provision's number and first words."""
        piece = self.split.pieces[self.place]
        return excerpt(" ".join(filter(None, (piece.number, piece.heading or piece.text))), 80)

    def apply(self, do: str) -> Outline:
        """Return the draft after a move or with the typed values. Raises Refusal if it cannot be divided so."""
        if do in _MOVES:
            return _MOVES[do](self.split, self.place)
        if do == "split":
            return corrections.split_piece(self.split, self.place, self.at.data or "")
        return self._outline()

    def _outline(self) -> Outline:
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
    """The numbers of the provisions in the previous version that one comes from."""

    before = LineField(
        N_("Earlier numbers"),
        [optional()],
        most=400,
        description=N_(
            "The paragraph’s numbers in the earlier version, such as 2.1 or 2.1(a). Separate them with commas. "
            "Leave this empty for a new paragraph."
        ),
    )


class ShortTitlesForm(Form):
    """A row for each provision, by permanent ID. The rows are not fields, because drafts differ."""

    def __init__(self, rows: Sequence[Provision], titles: Mapping[str, str], plain: Mapping[str, str]) -> None:
        super().__init__()
        said = {row.wid: request.form.get(f"plain-{row.wid}", plain.get(row.wid, "")) for row in rows}
        self.plain = {wid: one_line(words) for wid, words in said.items()}
        typed = {row.wid: request.form.get(f"title-{row.wid}", titles.get(row.wid, "")) for row in rows}
        self.titles = {wid: one_line(title) for wid, title in typed.items()}
        self.headings = {row.wid: row.heading for row in rows if 0 < len(row.heading) <= MAX_LENGTH}

    def too_long(self, wid: str) -> str:
        """Return the error of a provision's title, or an empty string."""
        if len(self.titles[wid]) <= MAX_LENGTH:
            return ""
        return _("A short title can have at most %(n)s characters.", n=MAX_LENGTH)

    def not_plain(self, wid: str) -> str:
        """Return the error of a provision's plain-language text, or an empty string."""
        return (
            _("A plain-language version can have at most %(n)s characters.", n=MAX_PLAIN)
            if len(self.plain[wid]) > MAX_PLAIN
            else ""
        )

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        return not any(self.too_long(wid) or self.not_plain(wid) for wid in self.titles) and valid

    @property
    def problems(self) -> list[tuple[str, str]]:
        wrong = [(f"title-{wid}", self.too_long(wid)) for wid in self.titles if self.is_submitted()]
        wrong += [(f"plain-{wid}", self.not_plain(wid)) for wid in self.plain if self.is_submitted()]
        return super().problems + [(target, said) for target, said in wrong if said]
