"""The published text of a position paper, with its headings. Words that a moderator has hidden stay hidden."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.files.cleaning.blocks import SEPARATOR, Block, split_blocks
from consult.files.model import StoredFile
from consult.submissions.drafts.papers import divide
from consult.submissions.model import Comment, Evidence, EvidenceKind, Submission


def find_evidence_id(session: Session, consultation_id: int, reference: str, digest: str) -> int | None:
    """Return the id of a published paper from the reference of its submission and the SHA-256 of its file."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        return None
    return session.scalar(
        select(Evidence.id)
        .join(Submission, Submission.id == Evidence.submission_id)
        .join(StoredFile, StoredFile.id == Evidence.file_id)
        .where(
            Evidence.consultation_id == consultation_id,
            Evidence.shown,
            Submission.reference == reference,
            StoredFile.sha256 == bytes.fromhex(digest),
        )
    )


def read_public_blocks(session: Session, evidence: Evidence) -> list[Block]:
    """Return the blocks of a paper with hidden words replaced. Empty if nothing of it is published."""
    papers = session.execute(
        select(Evidence.id, StoredFile.text, StoredFile.outline)
        .join(StoredFile, StoredFile.id == Evidence.file_id)
        .where(Evidence.submission_id == evidence.submission_id, Evidence.kind == EvidenceKind.POSITION_PAPER)
        .order_by(Evidence.position, Evidence.id)
    ).all()
    parts = session.scalars(
        select(Comment)
        .where(Comment.submission_id == evidence.submission_id, Comment.paper, Comment.shown)
        .order_by(Comment.position)
    ).all()
    ends = list(accumulate(len(divide(row.text)) for row in papers))
    if not ends or ends[-1] != len(parts):  # the text was changed, or another paper was erased
        return [Block("paragraph", words) for part in parts for words in part.public_body.split(SEPARATOR)]
    at = next((number for number, row in enumerate(papers) if row.id == evidence.id), None)
    if at is None:
        return []
    return _to_blocks(parts[ends[at - 1] if at else 0 : ends[at]], papers[at].outline)


def _to_blocks(parts: Sequence[Comment], outline: Sequence[Sequence[str | int]]) -> list[Block]:
    return split_blocks(SEPARATOR.join(part.public_body for part in parts), outline)
