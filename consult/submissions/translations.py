"""Translations of comments, made by people and marked as such. The original is what counts and is decided on.

A translation is of the public words. When these change, by a redaction or an amendment, it is hidden until somebody has
checked it again, so that redacted words never appear in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import CONTENT_LANGUAGES, _
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.submissions.model import Comment, State, Submission, Translation


class TranslationOutdated(Conflict):
    """The comment says something else by now than what was translated."""


@dataclass(frozen=True)
class PublishedTranslation:
    """A translation, made by a person."""

    comment_id: int
    language: str
    body: str
    credit: str
    made_at: datetime


@dataclass(frozen=True)
class TranslationSource:
    """A comment to translate, as the public may read it, with the translations there are."""

    comment: Comment
    submission: Submission
    words: str
    mark: str
    translations: Sequence[Translation]

    def current(self, row: Translation) -> bool:
        """Whether it is still a translation of these words."""
        return row.of_words.hex() == self.mark

    def into(self, language: str) -> Translation | None:
        return next((row for row in self.translations if row.language == language), None)


def get_source(session: Session, comment_id: int) -> TranslationSource:
    """Raises NotFound where there is no such comment, or nothing left of it."""
    row = session.execute(
        select(Comment, Submission)
        .join(Submission, Submission.id == Comment.submission_id)
        .where(Comment.id == comment_id, Submission.state != State.ERASED)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound(_("There is no such comment."))
    made = session.scalars(
        select(Translation).where(Translation.comment_id == comment_id).order_by(Translation.language)
    ).all()
    words = row[0].public_body
    return TranslationSource(row[0], row[1], words, _hash(words).hex(), made)


def translate(
    session: Session,
    *,
    comment_id: int,
    language: str,
    body: str,
    credit: str,
    by: int,
    mark: str,
    at: datetime | None = None,
) -> Translation:
    """Puts a translation beside a comment, or in the place of an earlier one into that language.

    `mark` says which words were translated. Raises OtherWords where the public reads others by now.
    """
    found, moment = get_source(session, comment_id), at or now()
    session.get_one(Comment, comment_id, with_for_update=True)
    if mark != found.mark:
        raise TranslationOutdated(
            _("The words have changed since you opened this page. Compare your translation with them.")
        )
    if language not in CONTENT_LANGUAGES or language == found.comment.language:
        raise Refusal(_("Choose another language than that of the comment."), field="language")
    if not body.strip() or not credit.strip():
        raise Refusal(_("Write the translation, and say who made it."), field="body" if not body.strip() else "credit")
    values = {
        "body": body.strip(),
        "credit": credit.strip(),
        "account_id": by,
        "made_at": moment,
        "of_words": _hash(found.words),
    }
    adding = insert(Translation).values(comment_id=comment_id, language=language, **values)
    row = session.scalars(
        adding.on_conflict_do_update(index_elements=["comment_id", "language"], set_=values).returning(Translation),
        execution_options={"populate_existing": True},
    ).one()
    _record(session, found, by, moment, {"language": language})
    return row


def remove(session: Session, *, comment_id: int, language: str, by: int, at: datetime | None = None) -> None:
    """Takes a translation away. May be repeated."""
    found = get_source(session, comment_id)
    gone = delete(Translation).where(Translation.comment_id == comment_id, Translation.language == language)
    if session.scalar(gone.returning(Translation.id)) is not None:
        _record(session, found, by, at or now(), {"language": language, "removed": True})


def translations_column() -> Any:
    """A column of a query of comments: the translations of each that are still of its words, as JSON."""
    row = func.jsonb_build_array(
        Translation.comment_id, Translation.language, Translation.body, Translation.credit, Translation.made_at
    )
    made = select(func.jsonb_agg(row)).where(Translation.comment_id == Comment.id, is_current())
    return made.correlate(Comment).scalar_subquery()


def group_by_comment(rows: Sequence[Sequence[Any]] | None) -> dict[int, list[PublishedTranslation]]:
    """The results of `beside`, by comment."""
    found: dict[int, list[PublishedTranslation]] = {}
    for comment_id, language, body, credit, made_at in sorted(rows or (), key=lambda row: (row[0], row[1])):
        made = PublishedTranslation(comment_id, language, body, credit, datetime.fromisoformat(made_at))
        found.setdefault(comment_id, []).append(made)
    return found


def is_current() -> ColumnElement[bool]:
    """Of a translation and its comment: it is of the words that the public reads now."""
    words = func.coalesce(Comment.redacted_body, Comment.body)
    return Translation.of_words == func.sha256(func.convert_to(words, "UTF8"))


def _hash(words: str) -> bytes:
    return sha256(words.encode()).digest()


def _record(session: Session, found: TranslationSource, by: int, at: datetime, detail: dict[str, Any]) -> None:
    """Writes the ledger entry, so that the change has an author, and cached pages are rendered again."""
    ledger.record(
        session,
        Kind.TRANSLATED,
        subject_id=found.comment.id,
        consultation_id=found.submission.consultation_id,
        at=at,
        actor=pseudonym("account", by),
        detail=detail,
    )
