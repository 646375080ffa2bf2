"""The statements of a comment: its sentences with their positions. Very short ones are joined with the next.

Pure.
"""

from __future__ import annotations

from hashlib import blake2b

from consult.analysis.text.normalise import split_words
from consult.core.text import fingerprint
from consult.submissions.anchors.selectors import sentence_spans

RULE = 1
_LEAST = 5
"""Words of a statement that says something by itself."""
_MOST = 40
"""Statements of one comment that are looked at: the rest of a very long one is read where it stands."""


def statement_spans(body: str) -> list[tuple[int, int]]:
    """The ranges of the statements of a comment, in characters.

    >>> body = "No! Sixty per cent is far below what is needed. We thank you."
    >>> [body[start:end] for start, end in statement_spans(body)]
    ['No! Sixty per cent is far below what is needed. We thank you.']
    """
    found: list[tuple[int, int]] = []
    short: tuple[int, int] | None = None
    for start, end in sentence_spans(body):
        start = short[0] if short else start
        short = None
        if len(split_words(body[start:end])) < _LEAST:
            short = (start, end)
        else:
            found.append((start, end))
    if short and found:
        found[-1] = (found[-1][0], short[1])
    elif short and body[slice(*short)].strip():
        found.append(short)
    return found[:_MOST]


def statement_key(text: str) -> bytes:
    """The key of a statement, whoever wrote it: a hash of its words in their normal form."""
    return fingerprint(text)


def statement_proof(text: str) -> bytes:
    """By what it is known that words still stand where they stood, letter for letter."""
    return blake2b(text.encode(), digest_size=16).digest()
