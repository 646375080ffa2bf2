"""Texts put together from a stock of phrases: `python -m benchmarks.near_texts DATA [--outside FOLDER] [--test]`.

Letters in spin syntax (`{a|b}`), paraphrases and translations stand in `near_texts/`; they were written before the
detector was. `--outside` adds a folder with more, which may not be copied into this repository. Each is planted among
real texts of DATA that are in no campaign, which independent people wrote about one subject. `benchmarks/splits.py`
divides letters by file name and real texts by ID. Without `--test`, the development part of both is read.

Found is the share of the planted texts that are in a campaign of which they are most. The second table has the genuine
texts that are marked although nothing is planted: the error rate.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.measure import print_table
from benchmarks.splits import is_test
from consult.analysis.campaigns.corpus import Corpus
from consult.analysis.campaigns.groups import group_texts

HERE = Path(__file__).with_name("near_texts")
SIZES = (10, 30, 100, 300)
GENUINE = 1_000
MIN_WORDS = 20
SETS = {
    "argkp": (("argkp_arguments_train", "argkp_arguments_dev"), "argument", ("topic", "arg_id")),
    "cannabis": (("cannabis_reddit",), "text", ("id",)),
    "farm": (("farmworker_h2a_2019",), "text", ("id",)),
    "german": (("cimt_german_sentences",), "content", ("document_id",)),
    "mix": (("campaign_dev20k",), "text", ("label",)),
    "regroom": (("regulation_room_train",), "text", ("rule_name", "comment_number")),
    "titleix": (("title_ix_2022_stance",), "text", ("id",)),
}
"""Files, column of the text and columns of the key of each set. Rows with one key are one text."""


def spin(written: str, chance: random.Random) -> str:
    """Choose a phrase for each `{a|b}`, the innermost first.

    >>> spin("We {ask {you|them}|urge you} to stay", random.Random(1))
    'We ask you to stay'
    """
    slot = re.compile(r"\{([^{}]*)\}")
    while found := slot.search(written):
        written = written[: found.start()] + chance.choice(found.group(1).split("|")) + written[found.end() :]
    return written


def read_genuine(data: Path, name: str, test: bool) -> list[str]:
    """Return the texts of one set with 20 words or more."""
    files, column, key = SETS[name]
    texts: dict[tuple[str, ...], list[str]] = defaultdict(list)
    csv.field_size_limit(1 << 30)
    for file in files:
        with gzip.open(data / f"{file}.csv.gz", "rt", encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row.get("kind", "unique") == "unique":
                    texts[tuple(row[part] for part in key)].append(row[column])
    kept = [" ".join(parts) for at, parts in texts.items() if is_test(name, " ".join(at)) == test]
    return [text for text in kept if len(text.split()) >= MIN_WORDS]


def group(texts: Sequence[str], altered: bool = True) -> list[int]:
    """Return the number of the campaign of each text, or -1."""
    with Corpus() as corpus:
        numbers = corpus.add(texts)
        return [int(number) for number in group_texts(corpus, altered=altered).campaign[numbers]]


def read_letters(folders: Sequence[Path], kind: str, test: bool) -> Iterator[tuple[str, str]]:
    files = sorted(file for folder in folders for file in (folder / kind).glob("*.txt"))
    for file in files:
        if is_test("near texts", file.stem) == test:
            yield file.stem, file.read_text(encoding="utf-8").strip()


def write_planted(folders: Sequence[Path], test: bool) -> Iterator[tuple[str, list[str]]]:
    for name, written in read_letters(folders, "spun", test):
        for size in SIZES:
            chance = random.Random(size)
            yield f"{name}, spun", [spin(written, chance) for _ in range(size)]
    for kind in ("paraphrases", "languages"):
        for name, written in read_letters(folders, kind, test):
            yield f"{name}, {kind}", [line.split("\t")[-1] for line in written.splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--outside", type=Path)
    parser.add_argument("--test", action="store_true")
    given = parser.parse_args()
    genuine, table = {}, []
    for name in SETS:
        texts = read_genuine(given.data, name, given.test)
        quick, full = group(texts, altered=False), group(texts)
        alone = [text for text, number in zip(texts, quick, strict=True) if number < 0]
        marked = sum(now >= 0 > before for before, now in zip(quick, full, strict=True))
        genuine[name] = alone[:GENUINE]
        table.append([name, f"{len(alone):,}", str(marked), f"{marked / max(1, len(alone)):.4f}"])
    folders = [HERE, *([given.outside] if given.outside else [])]
    lines = []
    for name, planted in write_planted(folders, given.test):
        for among in ("german", "cannabis", "mix"):
            texts = [*planted, *genuine[among]]
            order = list(range(len(texts)))
            random.Random(7).shuffle(order)
            numbers = np.empty(len(texts), dtype=np.int64)
            numbers[order] = group([texts[at] for at in order])
            inside = Counter(numbers[: len(planted)].tolist())
            sizes = Counter(numbers.tolist())
            theirs = [number for number, count in inside.items() if number >= 0 and 2 * count > sizes[number]]
            found = sum(inside[number] for number in theirs) / len(planted)
            joined = sum(int(number in theirs) for number in numbers[len(planted) :].tolist())
            lines.append([name, str(len(planted)), among, f"{found:.3f}", str(len(theirs)), str(joined)])
    part = "test" if given.test else "development"
    print_table(f"Planted texts, {part} part", ["letter", "texts", "among", "found", "groups", "joined"], lines)
    print_table("Genuine texts, nothing planted", ["set", "texts outside campaigns", "marked", "share"], table)


if __name__ == "__main__":
    main()
