"""Summary of a parsed outline for a page: its size, and the lines that a person should check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from babel.lists import format_list

from consult.core.i18n import N_, _, current_language, ngettext
from consult.core.text import excerpt
from consult.documents.model import ProvisionKind
from consult.documents.outline.doubts import OutlineDoubtKind
from consult.documents.outline.reader import Outline
from consult.documents.outline.tree import Piece

_DOUBTS = {
    OutlineDoubtKind.TWICE: N_("This number is used twice under the same heading."),
    OutlineDoubtKind.LEVEL: N_("This number does not follow the one before it. Check the level."),
    OutlineDoubtKind.EMPTY: N_("There is no text below this line."),
}


@dataclass(frozen=True)
class ShownDoubt:
    """A doubt as a page shows it: the piece, its name, and what may be wrong."""

    piece: Piece
    name: str
    message: str


@dataclass(frozen=True)
class OutlineSummary:
    """One sentence on what was read, and the places to look at."""

    sentence: str
    doubts: Sequence[ShownDoubt]

    def about(self, piece: Piece) -> list[str]:
        """Return what may be wrong with a piece and with its points."""
        places = {piece.position} | {point.position for point in piece.points}
        return [doubt.message for doubt in self.doubts if doubt.piece.position in places]


def summarise(split: Outline) -> OutlineSummary:
    """Return the summary of an outline, in the current language."""
    articles = sum(piece.is_article for piece in split.pieces)
    sections = split.count(ProvisionKind.SECTION) - articles
    parts, chapters = (split.count(kind) for kind in (ProvisionKind.PART, ProvisionKind.CHAPTER))
    recitals, annexes = (split.count(kind) for kind in (ProvisionKind.RECITAL, ProvisionKind.ANNEX))
    counted = [
        (recitals, ngettext("%(num)s recital", "%(num)s recitals", recitals)),
        (parts, ngettext("%(num)s part", "%(num)s parts", parts)),
        (chapters, ngettext("%(num)s chapter", "%(num)s chapters", chapters)),
        (sections, ngettext("%(num)s section", "%(num)s sections", sections)),
        (articles, ngettext("%(num)s article", "%(num)s articles", articles)),
        (1, ngettext("%(num)s paragraph", "%(num)s paragraphs", split.paragraphs)),
        (annexes, ngettext("%(num)s annex", "%(num)s annexes", annexes)),
    ]
    what = format_list([words for count, words in counted if count], locale=current_language())
    pieces = [split.pieces[doubt.position] for doubt in split.doubts]
    shown = [
        ShownDoubt(piece, excerpt(piece.name, 60), _(_DOUBTS[doubt.kind]))
        for piece, doubt in zip(pieces, split.doubts, strict=True)
    ]
    if not shown:
        return OutlineSummary(_("We found %(what)s in the draft.", what=what), shown)
    summary = ngettext(
        "We found %(what)s in the draft. Check %(num)s line.",
        "We found %(what)s in the draft. Check %(num)s lines.",
        len(shown),
        what=what,
    )
    return OutlineSummary(summary, shown)
