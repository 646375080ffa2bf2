"""Agreement of groups with the truth and with each other."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from math import comb

EXACT = ("exact", "format")
ALONE = ("unique", "quote", "short")


def score(truth: Sequence[tuple[str, ...]], found: Sequence[str]) -> list[str]:
    """Return precision and recall on copies that are not exact, B³ F1, fused campaigns, two recalls, and joined
    quotations.

    The two recalls are those of copies with a long personal text and with a prefix. `truth` is label, kind and text of
    each comment. A group stands for the label that most of it has.
    """
    labels = [label for label, *_ in truth]
    kinds = [kind for _, kind, *_ in truth]
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for label, name in zip(labels, found, strict=True):
        if name:
            groups[name][label] += 1
    meant = {name: counts.most_common(1)[0][0] for name, counts in groups.items()}
    right = [bool(name) and meant[name] == label for label, name in zip(labels, found, strict=True)]
    copies = [at for at, kind in enumerate(kinds) if kind not in EXACT + ALONE and labels[at].startswith("c")]
    taken = [at for at, kind in enumerate(kinds) if found[at] and kind not in (*EXACT, "short")]
    return [
        f"{_share([right[at] for at in taken]):.4f}",
        f"{_share([right[at] for at in copies]):.4f}",
        f"{b_cubed(labels, [name or f'alone {at}' for at, name in enumerate(found)]):.4f}",
        str(_fused(groups, Counter(labels))),
        f"{_share([right[at] for at in copies if kinds[at] == 'longpers']):.4f}",
        f"{_share([right[at] for at in copies if kinds[at] == 'prefix']):.4f}",
        str(sum(bool(found[at]) for at, kind in enumerate(kinds) if kind == "quote")),
    ]


def b_cubed(labels: Sequence[str], groups: Sequence[str]) -> float:
    """Return B³ F1: over all comments, the harmonic mean of purity and completeness of the group of each."""
    by_label, by_group, both = Counter(labels), Counter(groups), Counter(zip(labels, groups, strict=True))
    pure = sum(count * count / by_group[group] for (_, group), count in both.items()) / len(labels)
    whole = sum(count * count / by_label[label] for (label, _), count in both.items()) / len(labels)
    return 2 * pure * whole / (pure + whole)


def adjusted_rand(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the adjusted Rand index of two groupings. A comment in no group is a group of its own."""
    left = [name or f"alone {at}" for at, name in enumerate(one)]
    right = [name or f"alone {at}" for at, name in enumerate(other)]
    both = sum(comb(count, 2) for count in Counter(zip(left, right, strict=True)).values())
    first = sum(comb(count, 2) for count in Counter(left).values())
    second = sum(comb(count, 2) for count in Counter(right).values())
    expected = first * second / comb(len(left), 2)
    most = (first + second) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def _fused(groups: dict[str, Counter[str]], sizes: Counter[str]) -> int:
    """Return the number of groups that hold a fifth or more of two campaigns."""
    campaign = re.compile(r"c\d+$")
    return sum(
        sum(campaign.match(label) is not None and count >= 0.2 * sizes[label] for label, count in counts.items()) > 1
        for counts in groups.values()
    )


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 1.0
