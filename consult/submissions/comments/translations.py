"""Translations of comments, made by people and marked as such. Only the original counts.

A translation is of the public text. When that changes by a redaction or an amendment, the translation is hidden until a
person checks it. Otherwise it might show hidden words.
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
    """The comment has changed since it was translated."""


@dataclass(frozen=True)
class PublishedTranslation:
    """A translation made by a person."""

    comment_id: int
    language: str
    body: str
    credit: str
    made_at: datetime


@dataclass(frozen=True)
class TranslationSource:
    """A comment to translate, in its public form, with existing translations."""

    comment: Comment
    submission: Submission
    words: str
    mark: str
    translations: Sequence[Translation]

    def current(self, row: Translation) -> bool:
        """Return whether it is a translation of the current text."""
        return row.of_words.hex() == self.mark

    def into(self, language: str) -> Translation | None:
        return next((row for row in self.translations if row.language == language), None)


def get_source(session: Session, comment_id: int) -> TranslationSource:
    """Return a comment to translate. Raises NotFound if it does not exist or was erased."""
    row = session.execute(
        select(Comment, Submission)
        .join(Submission, Submission.id == Comment.submission_id)
        .where(Comment.id == comment_id, Submission.state != State.ERASED)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound(_("We cannot find this comment."))
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
    """Add a translation, or replace the one in that language.

    `mark` identifies the translated text. Raises TranslationOutdated if it has changed.
    """
    found, moment = get_source(session, comment_id), at or now()
    session.get_one(Comment, comment_id, with_for_update=True)
    if mark != found.mark:
        raise TranslationOutdated(
            _("The comment has changed since you opened this page. Compare your translation with the new text.")
        )
    if language not in CONTENT_LANGUAGES or language == found.comment.language:
        raise Refusal(_("Choose a language other than that of the comment"), field="language")
    if empty := next((name for name, text in (("body", body), ("credit", credit)) if not text.strip()), None):
        raise Refusal(_("Write the translation and the translator’s name."), field=empty)
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
    """Delete a translation. Safe to repeat."""
    source = get_source(session, comment_id)
    gone = delete(Translation).where(Translation.comment_id == comment_id, Translation.language == language)
    if session.scalar(gone.returning(Translation.id)) is not None:
        _record(session, source, by, at or now(), {"language": language, "removed": True})


def translations_column() -> Any:
    """Return a column with the current translations of each comment, as JSON."""
    row = func.jsonb_build_array(
        Translation.comment_id, Translation.language, Translation.body, Translation.credit, Translation.made_at
    )
    made = select(func.jsonb_agg(row)).where(Translation.comment_id == Comment.id, is_current())
    return made.correlate(Comment).scalar_subquery()


def group_by_comment(rows: Sequence[Sequence[Any]] | None) -> dict[int, list[PublishedTranslation]]:
    """Group the values of `translations_column` by comment."""
    found: dict[int, list[PublishedTranslation]] = {}
    for comment_id, language, body, credit, made_at in sorted(rows or (), key=lambda row: (row[0], row[1])):
        made = PublishedTranslation(comment_id, language, body, credit, datetime.fromisoformat(made_at))
        found.setdefault(comment_id, []).append(made)
    return found


def is_current() -> ColumnElement[bool]:
    """Return a condition for translations of the current public text."""
    words = func.coalesce(Comment.redacted_body, Comment.body)
    return Translation.of_words == func.sha256(func.convert_to(words, "UTF8"))


def _hash(words: str) -> bytes:
    return sha256(words.encode()).digest()


def _record(session: Session, found: TranslationSource, by: int, at: datetime, detail: dict[str, Any]) -> None:
    """Write the ledger entry, which records the account and invalidates cached pages."""
    ledger.record(
        session,
        Kind.TRANSLATED,
        subject_id=found.comment.id,
        consultation_id=found.submission.consultation_id,
        at=at,
        actor=pseudonym("account", by),
        detail=detail,
    )
