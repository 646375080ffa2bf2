"""Rows of a submission's comments. An amendment keeps unchanged rows and references to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from consult.submissions.model import Comment, Submission

_COMMENTS = text(
    """
    INSERT INTO comment (submission_id, consultation_id, provision_id, question_id, stance, body, language, position,
        shown, anchor, answer, paper, amendment, agrees_with, paper_place)
    SELECT :submission, :consultation, provision_id, question_id, stance, body, language, position, false, anchor,
        answer, coalesce(paper, false), amendment, agrees_with, paper_place
    FROM jsonb_to_recordset(:rows) AS row (provision_id bigint, question_id bigint, stance text, body text,
        language text, position int, anchor jsonb, answer jsonb, paper bool, amendment int, agrees_with bigint,
        paper_place jsonb)
    ORDER BY position
    """
).bindparams(bindparam("rows", type_=JSONB))
"""Inserts any number of rows in one statement of the same form."""
_WRITTEN_BEFORE = text(
    """
    INSERT INTO placement (comment_id, version_id, provision_id, anchor, confidence, placer, waits, at)
    SELECT c.id, p.version_id, p.id, CASE p.id WHEN row.was THEN row.chose ELSE c.anchor END, 1, 'author', false, :at
    FROM jsonb_to_recordset(:rows) AS row (position int, was bigint, chose jsonb)
    JOIN comment c ON c.submission_id = :submission AND c.position = row.position
    JOIN readable_provision p ON p.id IN (row.was, c.provision_id) ORDER BY c.id, p.version_id
    """
).bindparams(bindparam("rows", type_=JSONB))
"""Records places of comments in the version they were written on, as if they had been moved from there."""


def insert_comments(session: Session, submission: Submission, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the comments of a new submission. They are not public before moderation."""
    _insert(session, submission, list(enumerate(rows)))


def replace_comments(session: Session, submission: Submission, rows: Sequence[dict[str, Any]]) -> None:
    """Replace the comments of a submission. They are not public before moderation.

    A comment with the same text on the same part of the draft keeps its row. So its translations, positions in other
    versions and redactions remain.
    """
    there: dict[tuple[Any, ...], list[Comment]] = {}
    before = select(Comment).where(Comment.submission_id == submission.id).order_by(Comment.position)
    for old in session.scalars(before):
        key = _row_key(old.provision_id, old.question_id, old.language, old.body, old.anchor)
        there.setdefault(key, []).append(old)
    fresh = []
    for position, row in enumerate(rows):
        key = _row_key(row["provision_id"], row["question_id"], row["language"], row["body"], row["anchor"])
        if not there.get(key):
            fresh.append((position, row))
            continue
        kept = there[key].pop(0)
        kept.position, kept.stance, kept.answer, kept.shown = position, row["stance"], row["answer"], False
        kept.paper, kept.paper_place = bool(row.get("paper")), row.get("paper_place")
        kept.amendment, kept.agrees_with = row.get("amendment"), row.get("agrees_with")
    for gone in (old for olds in there.values() for old in olds):
        session.delete(gone)
    session.flush()
    _insert(session, submission, fresh)


def _row_key(place: int | None, question: int | None, language: str, body: str, anchor: Any) -> tuple[Any, ...]:
    pointing = tuple(sorted(anchor.items())) if anchor else None
    return place, question, language, body, pointing


def _insert(session: Session, submission: Submission, rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
    if rows:
        said = [{**row, "position": position} for position, row in rows]
        of = {"submission": submission.id, "consultation": submission.consultation_id}
        session.execute(_COMMENTS, {**of, "rows": said})
        if before := [row for row in said if row.get("chose")]:
            given = {"submission": submission.id, "at": submission.received_at, "rows": before}
            session.execute(_WRITTEN_BEFORE, given)
