"""Distinct texts of a batch. Copies that differ only in names, greetings and similar lines are one text.

The page of a batch shows up to `SHOWN` of them, each once, for its second reader. The lines that differ are listed
below the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from consult.analysis.model import TextGroup
from consult.analysis.text.normalise import normal_form
from consult.core.languages import DEFAULT_LANGUAGE
from consult.moderation.model import BatchItem, BatchItemResult
from consult.submissions.model import Comment, Submission

SHOWN = 30
MAX_TEXTS = 2000
"""Texts of a batch that are compared with each other, those of most submissions first. The others are not shown."""
MAX_LINES = 100


@dataclass
class DistinctText:
    """A text in a batch, as one of its submissions has it. `copies` submissions of the batch have this text."""

    id: int
    reference: str
    words: str
    language: str
    result: BatchItemResult | None
    copies: int = 1
    other_lines: list[str] = field(default_factory=list)
    """Names, greetings and similar lines that only other copies have, at most `MAX_LINES`."""


def list_distinct_texts(session: Session, batch_id: int) -> Sequence[DistinctText]:
    """Return at most `SHOWN` distinct texts of a batch, those of most submissions first."""
    texts: dict[tuple[str | None, str], DistinctText] = {}
    for row in _read_texts(session, batch_id):
        kept, lines = _set_lines_aside(row.sample or row.words or "", row.set_aside or ())
        result = BatchItemResult(row.result) if row.result else None
        key = (row.result, normal_form(kept) or normal_form(row.words or ""))
        same = texts.get(key)
        if same is None:
            language = row.language or DEFAULT_LANGUAGE
            texts[key] = DistinctText(row.id, row.reference, row.words or "", language, result, row.copies)
            continue
        same.copies += row.copies
        known = [*same.words.splitlines(), *same.other_lines]
        same.other_lines += [line for line in lines if line not in known][: MAX_LINES - len(same.other_lines)]
    return sorted(texts.values(), key=lambda text: (-text.copies, text.id))[:SHOWN]


def _read_texts(session: Session, batch_id: int) -> Sequence[Any]:
    """Return one row for each text and result: its first submission, its number of submissions and the set-aside lines.

    `sample` are the words in which the positions of these lines are counted, unless they are those of the submission.
    """
    texts = (
        select(
            func.min(BatchItem.submission_id).label("submission_id"),
            BatchItem.result,
            func.count().label("copies"),
        )
        .join(Submission, Submission.id == BatchItem.submission_id)
        .where(BatchItem.batch_id == batch_id)
        .group_by(Submission.text_hash, BatchItem.result)
        .order_by(func.count().desc(), func.min(BatchItem.submission_id))
        .limit(MAX_TEXTS)
        .subquery()
    )
    group = (TextGroup.consultation_id == Submission.consultation_id) & (TextGroup.text_hash == Submission.text_hash)
    return session.execute(
        select(
            Submission.id,
            Submission.reference,
            Submission.language,
            texts.c.result,
            texts.c.copies,
            _words_of(Submission.id).label("words"),
            _words_of(func.nullif(TextGroup.sample_id, Submission.id)).label("sample"),
            TextGroup.set_aside,
        )
        .join(texts, texts.c.submission_id == Submission.id)
        .outerjoin(TextGroup, group)
        .order_by(texts.c.copies.desc(), Submission.id)
    ).all()


def _words_of(submission_id: Any) -> Any:
    """Build the subquery for the comments of a submission, joined by line ends as the analysis joins them."""
    joined = func.string_agg(Comment.body, aggregate_order_by(literal("\n"), Comment.position, Comment.id))
    return select(joined).where(Comment.submission_id == submission_id).scalar_subquery()


def _set_lines_aside(words: str, spans: Sequence[tuple[int, int, str]]) -> tuple[str, list[str]]:
    r"""Return the words without these ranges, and the lines in the ranges.

    >>> _set_lines_aside("Keep it open.\nJane Roe", [(14, 22, "identifying")])
    ('Keep it open.\n ', ['Jane Roe'])
    """
    kept, lines = words, []
    for start, end, _role in sorted(spans, reverse=True):
        lines.append(words[start:end].strip())
        kept = f"{kept[:start]} {kept[end:]}"
    return kept, lines[::-1]
