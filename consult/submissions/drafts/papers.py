"""Position papers: files with a submission's content. Their text is filed in parts, as comments on the whole draft.

So it is searched, compared, quoted, redacted, erased and exported like the text of other comments.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.text import clean_text
from consult.files.cleaning.answer import MAX_TEXT_LENGTH
from consult.files.model import State, StoredFile
from consult.submissions.content.draft import DraftContent
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.values import MAX_COMMENT_LENGTH

_SENTENCE = re.compile(r"(?<=[.!?…؟。])\s+")


@dataclass(frozen=True)
class PaperText:
    """The text of a paper. Empty while it is being checked."""

    state: State
    parts: tuple[str, ...] = ()
    cut: bool = False  # whether it exceeds the length that is read

    @property
    def words(self) -> int:
        return sum(len(part.split()) for part in self.parts)


def read_texts(session: Session, items: Sequence[EvidenceItem]) -> dict[int, PaperText]:
    """Return the texts of papers by file id."""
    wanted = [item.file_id for item in items if item.file_id is not None]
    if not wanted:
        return {}
    rows = session.execute(
        select(StoredFile.id, StoredFile.state, StoredFile.text).where(
            StoredFile.id.in_(wanted), StoredFile.salt.is_not(None)
        )
    )
    return {
        row.id: PaperText(row.state, tuple(divide(row.text)), len(row.text) >= MAX_TEXT_LENGTH)
        if row.state is State.CLEAN
        else PaperText(row.state)
        for row in rows
    }


def with_text(session: Session, writing: DraftContent) -> DraftContent:
    """Return the content with the text of its papers, as it is filed."""
    papers = writing.papers
    texts = read_texts(session, papers)
    return replace(
        writing,
        paper=tuple(part for item in papers for part in texts.get(item.file_id or 0, PaperText(State.WAITING)).parts),
    )


def divide(text: str, most: int = MAX_COMMENT_LENGTH) -> list[str]:
    """Split a text into parts of limited length: at ends of paragraphs, else of sentences, else of words.

    >>> divide("One two.\\n\\nThree four. Five six.", most=12)
    ['One two.', 'Three four.', 'Five six.']
    """
    parts: list[str] = []
    for block in re.split(r"\n\s*\n|\n(?=\s*\d+[.)]\s)", clean_text(text)):
        for piece in _pieces(block.strip(), most):
            if parts and len(parts[-1]) + len(piece) + 2 <= most and len(piece) < most:
                parts[-1] = f"{parts[-1]}\n\n{piece}"
            elif piece:
                parts.append(piece)
    return parts


def _pieces(block: str, most: int) -> list[str]:
    if len(block) <= most:
        return [block]
    sentences, pieces = _SENTENCE.split(block), [""]
    words = sentences if len(sentences) > 1 else block.split(" ")
    for sentence in (word[at : at + most] for word in words for at in range(0, len(word), most)):
        if pieces[-1] and len(pieces[-1]) + len(sentence) + 1 > most:
            pieces.append(sentence)
        else:
            pieces[-1] = f"{pieces[-1]} {sentence}".strip()
    return pieces
