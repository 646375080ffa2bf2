"""Texts spun from one template, as a machine would: passages that stay and slots filled from a stock."""

from __future__ import annotations

import random

PASSAGES = (
    "to keep the rule that protects farm workers and",
    "who pick our fruit in summer. It was won after",
    "of patient work, and",
    "thousands of families in this valley depend on it. Without the rule",
    "would have no clean water near the fields, and",
    "would be sprayed while they work. Please do not",
    "it before an independent body has looked at the",
    "that the agency itself collected over the last ten years.",
)
FIRST = ("I ask you", "We urge you", "My family and I beg you", "Our group calls on you")
STOCKS = (
    ("their children", "the people", "the many families", "everyone"),
    ("years", "two decades", "a long time", "decades"),
    ("today", "every season", "as I write this", "more than ever"),
    ("women", "old people", "the youngest", "all of them"),
    ("children", "whole crews", "neighbours of mine", "hundreds"),
    ("repeal", "weaken", "touch", "rush to change"),
    ("evidence", "figures", "health data", "numbers"),
)


def spin(count: int, seed: int = 1) -> list[str]:
    """So many texts, all different."""
    chance = random.Random(seed)
    made: dict[str, None] = {}
    while len(made) < count:
        words = [chance.choice(FIRST)]
        for number, passage in enumerate(PASSAGES):
            words.append(passage)
            if number < len(STOCKS):
                words.append(chance.choice(STOCKS[number]))
        made.setdefault(" ".join(words))
    return list(made)
