"""Rewritten letters, compared with rensa and datasketch.

    python -m benchmarks.rewritten [FILE] [--rows 3000] [--variants 300]

Texts are generated from one template: 24 slots of four words, slots of up to four words, phrases, optional sentences.
They are planted alone and with the original letter, and so are copies of a letter with filler words. The genuine
comments are those of FILE (column text), else those of `benchmarks.comments`. Recall is the share of planted texts in a
campaign that they dominate. Joined are the genuine comments in a campaign with planted ones. The other tools need the
extra `bench`.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

from benchmarks import rivals
from benchmarks.campaigns import METHODS
from benchmarks.comments import sentence
from benchmarks.measure import print_table
from consult.cli.tables import read_rows

FILLERS = ["really", "well", "indeed", "actually", "truly", "just", "surely", "perhaps", "honestly", "simply"]
STOCK = [
    "clear",
    "plain",
    "rule",
    "access",
    "entry",
    "honest",
    "frank",
    "years",
    "want",
    "wish",
    "families",
    "households",
    "people",
    "fund",
    "proves",
    "public",
    "open",
    "hearings",
    "meetings",
    "report",
    "before",
    "end",
    "workers",
    "large",
    "school",
    "state",
    "children",
    "help",
    "many",
    "vital",
    "strongly",
    "urgently",
    "we",
    "they",
    "safe",
    "good",
    "fair",
    "decent",
    "kind",
    "local",
    "rural",
    "again",
    "always",
    "today",
]
Spinner = Callable[[random.Random], str]


def slots(chance: random.Random, words: Sequence[str], count: int, width: int) -> Spinner:
    """Return a template of these words in which some are replaced by one of four fillings of up to `width` words."""
    places = chance.sample(range(1, len(words) - 1), count)
    stock = {
        at: [words[at], *(" ".join(chance.choices(STOCK, k=chance.randint(1, width))) for _ in range(3))]
        for at in places
    }
    return lambda rng: " ".join(rng.choice(stock[at]) if at in stock else word for at, word in enumerate(words))


def phrases(chance: random.Random, words: Sequence[str]) -> Spinner:
    """Return a template of six fixed words, then one of four phrases of three to eight words, and so on."""
    kept = [" ".join(words[at : at + 6]) for at in range(0, len(words), 6)]
    stock = [[" ".join(chance.choices(STOCK, k=chance.randint(3, 8))) for _ in range(4)] for _ in kept]
    return lambda rng: " ".join(f"{one} {rng.choice(some)}" for one, some in zip(kept, stock, strict=True))


def optional(chance: random.Random, sentences: Sequence[str]) -> Spinner:
    """Return eight sentences with slots, of which every other one may be left out."""
    spinners = [slots(chance, one.split(), max(2, len(one.split()) // 5), 4) for one in sentences]
    return lambda rng: " ".join(one(rng) for at, one in enumerate(spinners) if at % 2 == 0 or rng.random() < 0.5)


def diluted(words: Sequence[str], every: int) -> Spinner:
    """Return a letter with a filler word after every third, or fourth, of its words."""
    return lambda rng: " ".join(
        f"{word} {rng.choice(FILLERS)}" if at % every == every - 1 else word for at, word in enumerate(words)
    )


def write_cases(count: int) -> dict[str, tuple[list[str], list[str]]]:
    """Return the planted texts of each case, and the copies of the letter that belong to them."""
    cases: dict[str, tuple[list[str], list[str]]] = {}
    for seed, name in enumerate(("24 slots of 4 words", "24 longer slots", "phrases", "optional sentences")):
        chance = random.Random(seed)
        sentences = [sentence(chance) for _ in range(8)]
        words = " ".join(sentences[:5]).split()
        makers = {
            "24 slots of 4 words": slots(chance, words, 24, 1),
            "24 longer slots": slots(chance, words, 24, 4),
            "phrases": phrases(chance, words),
            "optional sentences": optional(chance, sentences),
        }
        texts = [makers[name](chance) for _ in range(count)]
        cases[name] = (texts, [])
        cases[f"{name}, with the letter"] = (texts, [" ".join(words)] * 20)
    for every in (3, 4):
        chance = random.Random(every)
        words = " ".join(sentence(chance) for _ in range(5)).split()
        spun = [diluted(words, every)(chance) for _ in range(120)]
        cases[f"a filler word every {every}"] = (spun, [" ".join(words)] * 20)
    return cases


def measure(method: Callable[[Iterable[str]], list[str]], planted: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return recall, genuine comments joined, number of groups with planted texts, and CPU ms a text."""
    texts = [*planted, *others]
    order = list(range(len(texts)))
    random.Random(7).shuffle(order)
    before = time.process_time()
    shuffled = method([texts[at] for at in order])
    cost = time.process_time() - before
    found = [""] * len(texts)
    for at, name in zip(order, shuffled, strict=True):
        found[at] = name
    inside = Counter(name for name in found[: len(planted)] if name)
    sizes = Counter(found)
    theirs = {name for name, n in inside.items() if 2 * n > sizes[name] or n > 0.2 * len(planted)}
    recall = sum(inside[name] for name in theirs) / len(planted)
    joined = sum(name in theirs for name in found[len(planted) :])
    return [f"{recall:.3f}", str(joined), str(len(theirs)), f"{1000 * cost / len(texts):.2f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=3_000)
    parser.add_argument("--variants", type=int, default=300)
    given = parser.parse_args()
    chance = random.Random(11)
    own = (" ".join(sentence(chance) for _ in range(chance.randint(1, 6))) for _ in range(given.rows))
    source = (text for (text,) in read_rows(given.file, ["text"])) if given.file else own
    genuine = list(islice(source, given.rows))
    alone = METHODS["consult"](genuine)
    genuine = [text for text, name in zip(genuine, alone, strict=True) if not name]  # letters of the file are not asked
    names = [name for name in METHODS if name == "consult" or rivals.INSTALLED]
    table = []
    for case, (planted, letters) in write_cases(given.variants).items():
        for name in names:
            with_letters = [*genuine, *letters]
            cells = measure(METHODS[name], planted, with_letters)
            if letters:  # copies of the letter are no genuine comments
                cells[1] = str(max(0, int(cells[1]) - len(letters)))
            table.append([case if name == names[0] else "", name, *cells])
    heads = ["planted", "method", "recall", "genuine joined", "groups", "ms a text"]
    print_table(f"Rewritten letters among {len(genuine):,} comments", heads, table)


if __name__ == "__main__":
    main()
