"""Sample translations: one author's Spanish comment in two more languages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.submissions.comments import translations
from consult.submissions.model import Comment

_BEGINS = "Añadir «ni dejar constancia de dónde se obtuvo»"
_WORDS = {
    "en": "Add “nor to record where it was obtained”. The address identifies a person as much as the name does.",
    "ar": "تُضاف عبارة «ولا تدوين المكان الذي تم الحصول عليها منه». فالعنوان يكشف هوية الشخص مثلما يكشفها الاسم.",
}


def add_translations(session: Session, by: Account, at: datetime) -> None:
    """Add the translations to the published comment."""
    said = select(Comment.id).where(Comment.shown, Comment.body.startswith(_BEGINS)).order_by(Comment.id).limit(1)
    if (comment_id := session.scalar(said)) is None:
        return
    for language, words in _WORDS.items():
        translations.translate(
            session,
            comment_id=comment_id,
            language=language,
            body=words,
            credit="Language service (sample)",
            by=by.id,
            mark=translations.get_source(session, comment_id).mark,
            at=at,
        )
