"""Takes an amendment into the next version of a draft."""

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
from consult.submissions.amendments import queries


class WordsChanged(Conflict):
    """The next version has other words there already: it has to be taken by hand."""


def take(session: Session, *, number: int, comment_id: int, by: Account) -> str:
    """Puts the proposed text in place of the paragraph's in the next version, which is begun where there is none.

    Gives the number of the paragraph. Raises NotFound, WordsChanged and DraftRefused.
    """
    sheet = consultations.get_sheet(session, number=number, by=by)
    found = queries.get_amendment(session, sheet.consultation, comment_id)
    if found is None:
        raise NotFound(_("This amendment is not published any more."))
    if comment_id in _find_in_next(sheet, [found]):
        return found.place.name
    language = sheet.consultation.language
    outline = parse_outline((sheet.next or sheet.version).source, language=language)
    text = markdown_writer.write_markdown(_amended(outline, found), language=language)
    drafts.prepare_next(session, number=number, by=by, text=text)
    return found.place.name


def list_in_next(session: Session, found: Sequence[queries.Amendment], *, number: int, by: Account) -> set[int]:
    """Which amendments, by their comments, the next version has already, before it is published."""
    if not found:
        return set()
    return _find_in_next(consultations.get_sheet(session, number=number, by=by, deed=Deed.DRAFT), found)


def _find_in_next(sheet: ConsultationSheet, found: Sequence[queries.Amendment]) -> set[int]:
    if sheet.next is None:
        return set()
    pieces = parse_outline(sheet.next.source, language=sheet.consultation.language).pieces
    texts = {" ".join(piece.text.split()) for piece in pieces}
    return {one.said.id for one in found if " ".join(one.proposed.split()) in texts}


def _amended(outline: Outline, found: queries.Amendment) -> Outline:
    same = [at for at, piece in enumerate(outline.pieces) if piece.text.strip() == found.place.text.strip()]
    if len(same) != 1:
        raise WordsChanged(
            _("The next version has other words there by now. Take over by hand what you want of this amendment.")
        )
    pieces = [
        replace(piece, text=found.proposed) if at == same[0] else piece for at, piece in enumerate(outline.pieces)
    ]
    return Outline(outline.title, pieces, outline.problems)
