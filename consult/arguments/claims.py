"""The statements of a comment: its sentences with their positions. Very short ones are joined with the next.

Pure functions.
"""

from __future__ import annotations

from hashlib import blake2b

from consult.analysis.text.kept_words import LineChoices, apply_choices, keep_words
from consult.analysis.text.line_roles import read_lines
from consult.analysis.text.normalise import split_words
from consult.core.text import fingerprint
from consult.submissions.anchors.selectors import sentence_spans

RULE = 2
_LEAST = 5
"""The minimum number of words of an independent statement."""
_MOST = 40
"""The maximum number of statements read from one comment. The rest of a very long comment is not grouped."""


def statement_spans(body: str, choices: LineChoices = ()) -> list[tuple[int, int]]:
    """Return the character ranges of the statements of a comment, without greetings, names and addresses.

    `choices` are roles that people gave to lines.

    >>> body = "No! Sixty per cent is far below what is needed. We thank you."
    >>> [body[start:end] for start, end in statement_spans(body)]
    ['No! Sixty per cent is far below what is needed. We thank you.']
    """
    spans: list[tuple[int, int]] = []
    short: tuple[int, int] | None = None
    for start, end in sentence_spans(keep_words(body, apply_choices(body, read_lines(body), choices))):
        if short and not body[short[1] : start].strip():
            start = short[0]
        short = None
        if len(split_words(body[start:end])) < _LEAST:
            short = (start, end)
        else:
            spans.append((start, end))
    if short and spans and not body[spans[-1][1] : short[0]].strip():
        spans[-1] = (spans[-1][0], short[1])
    elif short and not spans and body[slice(*short)].strip():
        spans.append(short)
    return spans[:_MOST]


def statement_key(text: str) -> bytes:
    """Return the key of a statement: a hash of its normalised words, the same for every author."""
    return fingerprint(text)


def statement_proof(text: str) -> bytes:
    """Return a hash of the exact words, to check that they are still at their stored position."""
    return blake2b(text.encode(), digest_size=16).digest()
