"""Pages of a file's text. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence


def find_page(text: str, starts: Sequence[int], words: str) -> int | None:
    """Return the page on which these words begin, whatever the line ends, or None if they are not in the text.

    `starts` are the positions in the text where pages begin. Pages are counted from 1.

    >>> find_page("Fund it.\\n\\nKeep the\\nclinic open.", [0, 10], "Keep the clinic open.")
    2
    >>> find_page("Fund it.", [0], "Close it.") is None
    True
    """
    wanted = "".join(words.split())
    kept = [at for at, sign in enumerate(text) if not sign.isspace()]
    position = "".join(text[at] for at in kept).find(wanted) if wanted else -1
    return bisect_right(starts, kept[position]) or None if position >= 0 else None
