"""Rewritten letters beside rensa and datasketch: `python -m benchmarks.rewritten [FILE] [--rows 3000] [--variants 300]`.

Texts spun from one template (24 slots of four words, slots of up to four words, phrases, optional sentences), alone and
with the letter that they were made from, and copies of a letter with filler words, are planted among genuine comments:
those of FILE (column text), else individual ones of `benchmarks.comments`. Recall is the share of the planted texts
that are in a campaign of which they are most; joined are the genuine comments in a campaign with planted ones.
Rivals need the extra `bench`.

The last table is of `paraphrases.txt`, a letter and fifteen texts that say it in other words, among texts of FILE of 20
words or more, each in turn taken for the letter: the extra `semantic` beside cosines of TF-IDF and shared words, by the
same rule of chance.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from zlib import crc32

import numpy as np

from benchmarks import rivals
from benchmarks.campaigns import METHODS
from benchmarks.comments import sentence
from benchmarks.measure import print_table
from consult.analysis.campaigns.likeness import MIN_WORDS, Floats, find_alike, load_encoder
from consult.analysis.text.normalise import split_words
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
    """A template of these words in which some gave way to one of four fillings of up to `width` words."""
    places = chance.sample(range(1, len(words) - 1), count)
    stock = {
        at: [words[at], *(" ".join(chance.choices(STOCK, k=chance.randint(1, width))) for _ in range(3))]
        for at in places
    }
    return lambda rng: " ".join(rng.choice(stock[at]) if at in stock else word for at, word in enumerate(words))


def phrases(chance: random.Random, words: Sequence[str]) -> Spinner:
    """Six words that stay, then one of four phrases of three to eight words, and so on."""
    kept = [" ".join(words[at : at + 6]) for at in range(0, len(words), 6)]
    stock = [[" ".join(chance.choices(STOCK, k=chance.randint(3, 8))) for _ in range(4)] for _ in kept]
    return lambda rng: " ".join(f"{one} {rng.choice(some)}" for one, some in zip(kept, stock, strict=True))


def optional(chance: random.Random, sentences: Sequence[str]) -> Spinner:
    """Eight sentences with slots, of which every other one may be left out."""
    spinners = [slots(chance, one.split(), max(2, len(one.split()) // 5), 4) for one in sentences]
    return lambda rng: " ".join(one(rng) for at, one in enumerate(spinners) if at % 2 == 0 or rng.random() < 0.5)


def diluted(words: Sequence[str], every: int) -> Spinner:
    """A letter with a filler word after every third, or fourth, of its words."""
    return lambda rng: " ".join(
        f"{word} {rng.choice(FILLERS)}" if at % every == every - 1 else word for at, word in enumerate(words)
    )


def write_cases(count: int) -> dict[str, tuple[list[str], list[str]]]:
    """For each case the planted texts, and copies of the letter that go with them."""
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
    """Recall, genuine comments joined, groups that the planted texts are in, and CPU milliseconds a text."""
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


def compare_paraphrases(genuine: Sequence[str]) -> None:
    """The share of paraphrases and of genuine texts that are unusually alike to a letter, for each in its turn."""
    written = Path(__file__).with_name("paraphrases.txt").read_text(encoding="utf-8").splitlines()
    encoders = {"consult with semantic": load_encoder(), "TF-IDF": encode_by_tfidf, "shared words": encode_by_words}
    table = []
    for name, encode in encoders.items():
        if encode is None:
            continue
        before = time.process_time()
        vectors = encode([*written, *genuine])
        cost = time.process_time() - before
        found, false = [], []
        for letter in range(len(written)):
            rows = np.delete(vectors, letter, axis=0)
            hits = find_alike(vectors[letter : letter + 1], rows).letter >= 0
            found.append(float(hits[: len(written) - 1].mean()))
            false.append(float(hits[len(written) - 1 :].mean()))
        ranges = [f"{min(some):.3f} to {max(some):.3f}, {sum(some) / len(some):.3f}" for some in (found, false)]
        table.append([name, *ranges, f"{1000 * cost / len(vectors):.1f}"])
    heads = ["method", "paraphrases: least to most, mean", "genuine texts", "ms a text"]
    print_table(f"{len(written)} paraphrases among {len(genuine):,} texts: unusually alike", heads, table)


def encode_by_words(texts: Sequence[str]) -> Floats:
    """Words as a vector, hashed to 4,096 places."""
    rows = np.zeros((len(texts), 4_096), dtype=np.float32)
    for at, text in enumerate(texts):
        for word in set(split_words(text)):
            rows[at, crc32(word.encode()) % 4_096] = 1
    return rows


def encode_by_tfidf(texts: Sequence[str]) -> Floats:
    """The same with the weight that the word has among these texts."""
    rows = encode_by_words(texts)
    weighed: Floats = rows * np.log((1 + len(texts)) / (1 + rows.sum(axis=0))).astype(np.float32)
    return weighed


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
    compare_paraphrases([text for text in genuine if len(split_words(text)) >= MIN_WORDS][:2_000])


if __name__ == "__main__":
    main()
