"""Adoption of an amendment into the next version of a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import queries as consultations
from consult.consultations.drafts import service as drafts
from consult.consultations.queries import ConsultationSheet
from consult.consultations.rights import Deed
from consult.core.errors import Conflict, NotFound
from consult.core.i18n import _
from consult.documents.formats import markdown_writer
from consult.documents.outline.reader import Outline, parse_outline
from consult.documents.outline.tree import Piece
from consult.submissions.amendments import queries


class WordsChanged(Conflict):
    """The paragraph already differs in the next version, so the amendment has to be adopted by hand."""


def take(session: Session, *, number: int, comment_id: int, by: Account) -> queries.Amendment:
    """Put the suggested text into the next version, which is created if needed, and return the amendment.

    If a deletion is suggested, the paragraph is deleted with its points. Raises NotFound, WordsChanged and
    DraftRefused.
    """
    sheet = consultations.get_sheet(session, number=number, by=by)
    amendment = queries.get_amendment(session, sheet.consultation, comment_id)
    if amendment is None:
        raise NotFound(_("This suggested wording is no longer published."))
    if comment_id in _find_in_next(sheet, [amendment]):
        return amendment
    language = sheet.consultation.language
    outline = parse_outline((sheet.next or sheet.version).source, language=language)
    text = markdown_writer.write_markdown(_amended(outline, amendment), language=language)
    drafts.prepare_next(session, number=number, by=by, text=text)
    return amendment


def list_in_next(session: Session, found: Sequence[queries.Amendment], *, number: int, by: Account) -> set[int]:
    """Return the amendments, by comment id, already adopted in the unpublished next version."""
    if not found:
        return set()
    return _find_in_next(consultations.get_sheet(session, number=number, by=by, deed=Deed.DRAFT), found)


def _find_in_next(sheet: ConsultationSheet, found: Sequence[queries.Amendment]) -> set[int]:
    if sheet.next is None:
        return set()
    pieces = parse_outline(sheet.next.source, language=sheet.consultation.language).pieces
    texts = {" ".join(piece.text.split()) for piece in pieces}
    return {
        one.said.id
        for one in found
        if (" ".join(one.place.text.split()) not in texts if one.deletes else " ".join(one.proposed.split()) in texts)
    }


def _amended(outline: Outline, found: queries.Amendment) -> Outline:
    same = [at for at, piece in enumerate(outline.pieces) if piece.text.strip() == found.place.text.strip()]
    if len(same) != 1:
        raise WordsChanged(
            _("This paragraph has changed in the next version. Copy what you want from the suggested wording by hand.")
        )
    if found.deletes:
        return Outline(outline.title, _delete_piece(outline.pieces, same[0]), outline.problems)
    pieces = [
        replace(piece, text=found.proposed) if at == same[0] else piece for at, piece in enumerate(outline.pieces)
    ]
    return Outline(outline.title, pieces, outline.problems)


def _delete_piece(pieces: Sequence[Piece], at: int) -> list[Piece]:
    """Return the pieces without one and its descendants. The others keep their numbers."""
    gone = {at}
    for position, piece in enumerate(pieces):
        if piece.parent in gone:
            gone.add(position)
    left = {old: new for new, old in enumerate(n for n in range(len(pieces)) if n not in gone)}
    return [
        replace(pieces[old], parent=None if pieces[old].parent is None else left[pieces[old].parent or 0])
        for old in left
    ]
