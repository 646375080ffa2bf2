"""Division of every labelled set into a development part and a test part, fixed before anybody looked at the test part.

A unit belongs to the test part if the first byte of a hash of its key is even, so nobody chooses. Rules, lists and
limits are made with the development part only. A run on the test part is made once for a change and its figures go to
`docs/benchmarks.md`. Units are what must not be in both parts:

| set | key of a unit |
|---|---|
| key points of IBM (`argkp_…`, train and dev together) | the topic |
| Title IX | the campaign letter: its first 40 words; texts outside letters: the id |
| farm workers, glyphosate, cannabis, German sentences | the id of the row (German: of the document) |
| Polis | the conversation |
| Regulation Room | the rule and the comment number |
| mix of 20,000 | the label: a campaign or a writer |
"""

from __future__ import annotations

from hashlib import blake2b


def is_test(set_name: str, key: str) -> bool:
    """Return True if a unit of a set belongs to its test part.

    >>> [is_test("polis", name) for name in ("a", "b", "c", "d")]
    [False, True, False, True]
    """
    return blake2b(f"{set_name} {key}".encode(), digest_size=1).digest()[0] % 2 == 0
