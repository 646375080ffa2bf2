"""Re-anchoring of comments: `python -m benchmarks.anchors [--anchors 10000] [--words 30000]`.

A draft of 30,000 words in paragraphs of about 100 is edited as drafters do. Words and numbers are replaced, sentences
added and removed, paragraphs split, merged and removed. Anchors of 3 to 30 words are at random positions. The benchmark
makes the edits, so it knows the right position of each anchor. An anchor that a rule places elsewhere is a wrong silent
move.

Goal: 10,000 anchors in under 60 s, 0 wrong silent moves.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from dataclasses import dataclass

from benchmarks.measure import peak_memory, print_table
from consult.submissions.anchors.relocation import AnchorRelocator
from consult.submissions.anchors.selectors import Anchor, anchor_at

_WORDS = [
    "state",
    "shall",
    "ensure",
    "access",
    "evidence",
    "health",
    "services",
    "people",
    "drug",
    "treatment",
    "report",
    "publish",
    "review",
    "prison",
    "harm",
    "reduction",
    "naloxone",
    "law",
    "police",
    "court",
    "penalty",
    "rural",
    "development",
    "community",
    "fund",
    "data",
    "research",
    "women",
    "youth",
    "border",
    "precursor",
    "convention",
    "article",
    "measure",
    "programme",
    "budget",
    "year",
    "authority",
    "member",
    "training",
    "guideline",
    "monitor",
    "support",
    "provide",
]
_SMALL = ["the", "of", "and", "to", "in", "for", "by", "with", "on", "that", "each", "any", "all", "its", "their"]


@dataclass
class Word:
    """A word of the draft, followed through the edits. `number` distinguishes it from equal words."""

    text: str
    number: int


class Draft:
    def __init__(self, words: int, chance: random.Random) -> None:
        self.chance, self.count = chance, 0
        self.paragraphs: dict[int, list[list[Word]]] = {}
        while self.count < words:
            self.paragraphs[len(self.paragraphs) + 1] = [self.sentence() for _n in range(chance.randint(3, 6))]

    def sentence(self) -> list[Word]:
        chosen = [self.word() for _n in range(self.chance.randint(12, 28))]
        chosen[0].text = chosen[0].text.capitalize()
        chosen[-1].text += "."
        return chosen

    def word(self) -> Word:
        self.count += 1
        known = _SMALL if self.chance.random() < 0.45 else _WORDS
        text = str(self.chance.randint(2, 99)) if self.chance.random() < 0.03 else self.chance.choice(known)
        return Word(text, self.count)

    def edited(self) -> tuple[dict[int, list[list[Word]]], dict[int, list[int]]]:
        """Return the next version, and what each paragraph became."""
        chance, made, became = self.chance, {}, {}
        held: list[tuple[int, list[list[Word]]]] = []
        for number, sentences in self.paragraphs.items():
            fate = chance.random()
            if fate < 0.03:
                continue
            kept = [self._retouched(sentence) for sentence in sentences if chance.random() > 0.06] or [self.sentence()]
            if chance.random() < 0.15:
                kept.insert(chance.randint(0, len(kept)), self.sentence())
            if fate < 0.07 and not held:
                held.append((number, kept))
                continue
            identifier = 1_000_000 + number * 10
            if held:
                other, first = held.pop()
                made[identifier], became[other], became[number] = first + kept, [identifier], [identifier]
            elif fate < 0.12 and len(kept) > 1:
                cut = chance.randint(1, len(kept) - 1)
                made[identifier], made[identifier + 1] = kept[:cut], kept[cut:]
                became[number] = [identifier, identifier + 1]
            else:
                made[identifier], became[number] = kept, [identifier]
        return made, became

    def _retouched(self, sentence: list[Word]) -> list[Word]:
        chance = self.chance
        if chance.random() > 0.45:
            return sentence
        made = []
        for word in sentence:
            fate = chance.random()
            if fate < 0.03:
                continue
            made.append(self.word() if fate < 0.09 else word)
            if fate > 0.97:
                made.append(self.word())
        return made or sentence


def laid(sentences: list[list[Word]]) -> tuple[str, dict[int, tuple[int, int]]]:
    """Return the text of a paragraph and the position of each of its words."""
    text, spots = "", {}
    for word in (word for sentence in sentences for word in sentence):
        text += " " if text else ""
        spots[word.number] = (len(text), len(text) + len(word.text))
        text += word.text
    return text, spots


def verdict(placed_in: int, anchor: Anchor, meant: list[int], where: dict[int, tuple[int, tuple[int, int]]]) -> str:
    """Return `right` if most of the remaining words are within the placed passage, else `wrong`."""
    left = [where[number] for number in meant if number in where]
    inside = [spot for one, spot in left if one == placed_in and spot[0] >= anchor.start and spot[1] <= anchor.end + 1]
    return "right" if left and len(inside) * 2 > len(left) else "wrong"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--anchors", type=int, default=10_000)
    arguments.add_argument("--words", type=int, default=30_000)
    arguments.add_argument("--seed", type=int, default=7)
    chosen = arguments.parse_args()
    chance = random.Random(chosen.seed)
    draft = Draft(chosen.words, chance)
    after, became = draft.edited()
    old = {number: laid(sentences) for number, sentences in draft.paragraphs.items()}
    new = {number: laid(sentences) for number, sentences in after.items()}
    where = {word: (number, spot) for number, (_text, spots) in new.items() for word, spot in spots.items()}
    asked = [_anchor(chance, old) for _n in range(chosen.anchors)]
    started = time.perf_counter()
    carrier = AnchorRelocator({n: t for n, (t, _s) in old.items()}, {n: t for n, (t, _s) in new.items()}, became)
    placed = [carrier.place(number, anchor) for number, anchor, _meant in asked]
    spent = time.perf_counter() - started
    found: Counter[str] = Counter()
    for (_number, _asked, meant), place in zip(asked, placed, strict=True):
        if not place.sure or place.provision_id is None or place.anchor is None:
            found["to a person"] += 1
            found["to a person, though most words are there"] += sum(n in where for n in meant) * 10 >= 8 * len(meant)
        else:
            found[verdict(place.provision_id, place.anchor, meant, where)] += 1
    print_table(
        f"{chosen.anchors:,} anchors on a draft of {draft.count:,} words, {len(old)} paragraphs",
        ["what", "anchors"],
        [["placed by rule, right", f"{found['right']:,}"], ["placed by rule, wrong", f"{found['wrong']:,}"],
         ["left to a person", f"{found['to a person']:,}"],
         ["of these, most words are still there", f"{found['to a person, though most words are there']:,}"]],
    )  # fmt: skip
    print(f"{spent:.1f} s, {chosen.anchors / spent:,.0f} anchors a second; {peak_memory():.0f} MB.")


def _anchor(
    chance: random.Random, old: dict[int, tuple[str, dict[int, tuple[int, int]]]]
) -> tuple[int, Anchor, list[int]]:
    number = chance.choice(list(old))
    text, spots = old[number]
    numbers = list(spots)
    first = chance.randrange(max(1, len(numbers) - 3))
    meant = numbers[first : first + chance.randint(1, 25)]
    return number, anchor_at(text, spots[meant[0]][0], spots[meant[-1]][1]), meant


if __name__ == "__main__":
    main()
