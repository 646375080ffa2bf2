"""The order in which copies with added words are read, and an estimate of those that oppose their letter.

Of ten texts, seven are those that most likely oppose the letter and three are drawn at random. Texts read for their
rank are counted; only random draws say something about the unread ones. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import NamedTuple

BATCH = 10
"""Answers after which the ranking is learnt again."""
_DRAWN = frozenset({2, 5, 8})
"""Places in a batch that go to texts drawn at random."""
_LEVEL = 0.95
_MOST_TRIED = 400
"""The maximum number of values of an unknown number that are tried. More are tried in steps."""


class Ranked(NamedTuple):
    """A text to read: its place in the random order, its rank score, the people who sent it, and the answer.

    `decision` numbers the answers by time. `opposes` is None if nobody has answered.
    """

    place: int
    score: float
    people: int
    opposes: bool | None = None
    decision: int = 0


@dataclass(frozen=True)
class OpposingEstimate:
    """People with added words who oppose the letter: from `low` to `high` of `people`. A person read `read` texts.

    `opposing` people who oppose it were read; `low` and `high` include them and bound a 95% interval.
    """

    people: int
    low: int
    high: int
    read: int
    opposing: int


def order_reading(texts: Sequence[Ranked]) -> list[int]:
    """Return the indices of unread texts in reading order: by rank, with three of ten drawn at random.

    >>> order_reading([Ranked(place=n, score=n, people=1) for n in range(9)])
    [8, 7, 0, 6, 5, 1, 4, 3, 2]
    """
    unread = [at for at, text in enumerate(texts) if text.opposes is None]
    by_rank = iter(sorted(unread, key=lambda at: (-texts[at].score, texts[at].place)))
    by_chance = iter(sorted(unread, key=lambda at: texts[at].place))
    order: dict[int, None] = {}
    for slot in range(len(texts) - len(unread), len(texts)):
        source = by_chance if slot % BATCH in _DRAWN else by_rank
        order[next(at for at in source if at not in order)] = None
    return list(order)


def estimate_opposing(texts: Sequence[Ranked]) -> OpposingEstimate | None:
    """Estimate how many people oppose the letter, or return None if no unread text can be estimated.

    The unknown is the number of unread texts that oppose. Each random draw came from the texts unread at the time; of
    these, the opposing ones are the unknown number and those found since. The interval is the shortest range of numbers
    with 95% of the likelihood, so it needs no assumption about the ranking.

    >>> read = [Ranked(n, 0, 1, n == 0, n + 1) for n in range(50)]
    >>> estimate_opposing([*read, *(Ranked(n, 0, 1) for n in range(50, 99))])
    OpposingEstimate(people=99, low=1, high=6, read=50, opposing=1)
    """
    read = [text for text in texts if text.opposes is not None]
    unread = [text for text in texts if text.opposes is None]
    opposing = sum(text.people for text in read if text.opposes)
    people = sum(text.people for text in texts)
    if not unread:
        return OpposingEstimate(people, opposing, opposing, len(read), opposing) if read else None
    draws = list(_find_draws(texts))
    if not draws:
        return None
    low, high = _bound_unread(draws, len(unread))
    each = sum(text.people for text in unread) / len(unread)
    return OpposingEstimate(people, opposing + int(low * each), opposing - int(-high * each // 1), len(read), opposing)


class _Draw(NamedTuple):
    """A text drawn at random: the unread texts at the time, whether it opposes, and those found from it on."""

    of: int
    opposes: bool
    since: int


def _find_draws(texts: Sequence[Ranked]) -> Iterator[_Draw]:
    """Yield the texts drawn at random: each was the first unread text in the random order when it was decided."""
    read = sorted((text for text in texts if text.opposes is not None), key=lambda text: text.decision)
    places = sorted(text.place for text in texts)
    known: set[int] = set()
    first, left = 0, sum(bool(text.opposes) for text in read)
    for n, text in enumerate(read):
        while places[first] in known:
            first += 1
        if text.place == places[first]:
            yield _Draw(len(texts) - n, bool(text.opposes), left)
        known.add(text.place)
        left -= bool(text.opposes)


def _bound_unread(draws: Sequence[_Draw], unread: int) -> tuple[int, int]:
    """Return the bounds of the opposing texts among the unread ones."""
    step = max(1, unread // _MOST_TRIED)
    tried = range(0, unread + 1, step)
    logs = [_measure_likelihood(draws, n) for n in tried]
    best = max(logs)
    shares = [exp(value - best) for value in logs]
    total, held, kept = sum(shares), 0.0, []
    for at in sorted(range(len(shares)), key=lambda at: -shares[at]):
        held += shares[at]
        kept.append(tried[at])
        if held >= _LEVEL * total:
            break
    return min(kept), min(unread, max(kept) + step - 1)


def _measure_likelihood(draws: Sequence[_Draw], unread: int) -> float:
    """Return the log likelihood of the draws if so many unread texts oppose."""
    total = 0.0
    for draw in draws:
        opposing = unread + draw.since
        share = opposing / draw.of if draw.opposes else 1 - opposing / draw.of
        if share <= 0:
            return float("-inf")
        total += log(share)
    return total
