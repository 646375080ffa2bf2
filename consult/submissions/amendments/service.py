"""Takes an amendment into the next version of a draft."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import queries as consultations
from consult.consultations.drafts import service as drafts
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
    language = sheet.consultation.language
    outline = parse_outline((sheet.next or sheet.version).source, language=language)
    text = markdown_writer.write_markdown(_amended(outline, found), language=language)
    drafts.prepare_next(session, number=number, by=by, text=text)
    return found.place.name


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
