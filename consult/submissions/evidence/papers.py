"""Position papers: files that say what a submission says. Their text is filed in parts, as comments on the whole draft.

So it is searched, compared with letters of campaigns, quoted, covered, erased and exported as all other words are.
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
from consult.submissions.drafts.values import DraftContent
from consult.submissions.evidence.items import EvidenceItem
from consult.submissions.values import MAX_COMMENT_LENGTH

_SENTENCE = re.compile(r"(?<=[.!?…؟。])\s+")


@dataclass(frozen=True)
class PaperText:
    """What was read of a paper; of one that waits for its checks nothing yet."""

    state: State
    parts: tuple[str, ...] = ()
    cut: bool = False  # whether it is longer than what is read of a file

    @property
    def words(self) -> int:
        return sum(len(part.split()) for part in self.parts)


def read_texts(session: Session, items: Sequence[EvidenceItem]) -> dict[int, PaperText]:
    """The texts of papers by the ids of their files."""
    wanted = [item.file_id for item in items if item.file_id is not None]
    if not wanted:
        return {}
    found = session.execute(
        select(StoredFile.id, StoredFile.state, StoredFile.text).where(
            StoredFile.id.in_(wanted), StoredFile.salt.is_not(None)
        )
    )
    return {
        row.id: PaperText(row.state, tuple(divide(row.text)), len(row.text) >= MAX_TEXT_LENGTH)
        if row.state is State.CLEAN
        else PaperText(row.state)
        for row in found
    }


def with_text(session: Session, writing: DraftContent) -> DraftContent:
    """What is written, with the text of its papers as it is filed."""
    papers = writing.papers
    texts = read_texts(session, papers)
    return replace(
        writing,
        paper=tuple(part for item in papers for part in texts.get(item.file_id or 0, PaperText(State.WAITING)).parts),
    )


def divide(text: str, most: int = MAX_COMMENT_LENGTH) -> list[str]:
    """A text in parts of at most so many characters: at ends of paragraphs, else of sentences, else of words.

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
    for sentence in (one[at : at + most] for one in words for at in range(0, len(one), most)):
        if pieces[-1] and len(pieces[-1]) + len(sentence) + 1 > most:
            pieces.append(sentence)
        else:
            pieces[-1] = f"{pieces[-1]} {sentence}".strip()
    return pieces
