"""Footnotes: `[^1]` in a text and a line `[^1]: words` become `[1]` and a note of that provision."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from consult.documents.outline.tree import Piece

_MARK = re.compile(r"\[\^([^\[\]\s^]{1,20})\]")


def attach_notes(pieces: Sequence[Piece], notes: Iterable[tuple[str, str, int]]) -> None:
    """Attach notes to the pieces that refer to them. A note is its mark, words and the number of preceding pieces.

    A note without a reference stays with the piece before it, so that no text is lost.
    """
    known = {mark: words for mark, words, _place in notes}
    used: set[str] = set()
    for piece in pieces:
        marks = [mark for mark in _MARK.findall(f"{piece.heading} {piece.text}") if mark in known]
        piece.notes = {mark: known[mark] for mark in marks}
        piece.heading, piece.text = (show_marks(words, known) for words in (piece.heading, piece.text))
        used.update(marks)
    for mark, words, place in notes:
        if mark not in used and pieces:
            pieces[max(place - 1, 0)].notes[mark] = words


def show_marks(text: str, notes: Mapping[str, str]) -> str:
    """Return the text with the marks of these notes as readers see them.

    >>> show_marks("Drugs[^1] are[^2] defined.", {"1": "By law."})
    'Drugs[1] are[^2] defined.'
    """
    return _MARK.sub(lambda found: f"[{found[1]}]" if found[1] in notes else found[0], text) if notes else text


def restore_marks(text: str, notes: Mapping[str, str]) -> str:
    """Return the text with the marks of its notes in Markdown, the inverse of `show_marks`."""
    for mark in notes:
        text = text.replace(f"[{mark}]", f"[^{mark}]")
    return text
