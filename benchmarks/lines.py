"""Labels of lines: `python -m benchmarks.lines [FOLDER]`.

FOLDER has the public dockets and forums of `line_labels.csv`; without it that part is skipped. The CSV file has
positions and roles only, labelled by one reader. Only texts whose hash is in the unseen half were labelled. The letters
in `line_letters/` were written for this, with made-up names; each set before the rules were next changed. A line has
the label of most of its characters.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from benchmarks.measure import print_table
from consult.analysis.campaigns.classification import classify_comments, stable_names
from consult.analysis.campaigns.corpus import Corpus
from consult.analysis.campaigns.groups import group_texts
from consult.analysis.text.line_roles import LineRole, TextLine, read_lines
from consult.cli.tables import read_rows

HERE = Path(__file__).parent
MOST = 20_000
"""Rows of a file that are read."""
ROLES = {role.value[0]: role for role in LineRole} | {"t": LineRole.INSTRUCTION, "i": LineRole.IDENTIFYING}
JOINED = {
    "regulation_room_train": (["rule_name", "comment_number"], "text"),
    "cimt_german_sentences": (["document_id"], "content"),
}
"""Files with a sentence in each row: the columns that name a text, and the one with its sentences."""
Pair = tuple[LineRole, LineRole]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    folder = parser.parse_args().folder
    table = [
        _row(f"{path.parent.name} {path.stem}", _read_letters(path))
        for path in sorted(HERE.rglob("line_letters/*/*.txt"))
    ]
    if folder is None:
        print("Public dockets are skipped: no folder was given.")
    else:
        labels = _load_labels()
        english = {name: found for name, found in labels.items() if name != "cimt_german_sentences"}
        table.append(_row("dockets, English", _chain(folder, english)))
        table.append(_row("forum, German", _chain(folder, {"cimt_german_sentences": labels["cimt_german_sentences"]})))
    head = ["lines of", "lines", "identifying", "precision", "recall", "set aside: precision", "recall"]
    print_table("Lines that are no statement", head, table)


def _row(name: str, pairs: Iterable[Pair]) -> list[str]:
    counts = Counter(pairs)
    identifying = sum(n for (label, _found), n in counts.items() if label is LineRole.IDENTIFYING)
    named = _score(counts, {LineRole.IDENTIFYING})
    return [name, str(counts.total()), str(identifying), *named, *_score(counts, set(LineRole) - {LineRole.WORDS})]


def _score(counts: Counter[Pair], roles: set[LineRole]) -> list[str]:
    both = sum(n for (label, found), n in counts.items() if label in roles and found in roles)
    told = sum(n for (_label, found), n in counts.items() if found in roles)
    there = sum(n for (label, _found), n in counts.items() if label in roles)
    return [f"{both / whole:.3f}" if whole else "–" for whole in (told, there)]


def _read_letters(path: Path) -> Iterator[Pair]:
    for letter in path.read_text(encoding="utf-8").strip().split("\n\n"):
        lines = [(ROLES[line[0]], line[2:]) for line in letter.splitlines()]
        text, at = "\n".join(line for _role, line in lines), 0
        for role, line in lines:
            yield role, _most(read_lines(text), at, at + len(line))
            at += len(line) + 1


def _most(lines: Iterable[TextLine], start: int, end: int) -> LineRole:
    held: Counter[LineRole] = Counter()
    for line in lines:
        held[line.role] += max(0, min(end, line.end) - max(start, line.start))
    return max(held, key=held.__getitem__, default=LineRole.WORDS)


def _load_labels() -> dict[str, list[tuple[str, int, int, LineRole]]]:
    found = defaultdict(list)
    with (HERE / "line_labels.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            place = (row["id"], int(row["start"]), int(row["end"]), LineRole(row["role"]))
            found[row["file"]].append(place)
    return found


def _chain(folder: Path, labels: dict[str, list[tuple[str, int, int, LineRole]]]) -> Iterator[Pair]:
    for name, places in labels.items():
        path = folder / f"{name}.csv.gz"
        if not path.exists():
            print(f"{path} is not there: its lines are skipped.")
            continue
        read = _read_file(path)
        yield from ((role, _most(read[key], start, end)) for key, start, end, role in places)


def _read_file(path: Path) -> dict[str, tuple[TextLine, ...]]:
    """Return the lines of each text, read together with the others of the file."""
    texts = _load_texts(path)
    with Corpus() as corpus:
        numbers = corpus.add(list(texts.values()))
        grouping = group_texts(corpus, altered=False)
        classify = partial(classify_comments, grouping, stable_names(corpus, grouping), contradictions=False)
        placed = classify(list(numbers), list(texts.values()))
    return {key: one.lines or read_lines(text) for (key, text), one in zip(texts.items(), placed, strict=True)}


def _load_texts(path: Path) -> dict[str, str]:
    names, words = JOINED.get(path.name.removesuffix(".csv.gz"), (["id"], "text"))
    found: dict[str, list[str]] = defaultdict(list)
    for *key, text in islice(read_rows(path, [*names, words]), MOST):
        found["-".join(key)].append(text)
    return {key: "\n".join(texts) for key, texts in found.items()}


if __name__ == "__main__":
    main()
