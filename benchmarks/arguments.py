"""Arguments beside simpler methods: `python -m benchmarks.arguments ARGUMENTS KEY_POINTS LABELS [--sizes 500 2000 8000]`.

The files are those of the IBM key-point task (Bar-Haim and others, 2020). The statements that make exactly one key point
are grouped for each topic and stance, as at one place of a draft. The table compares the groups with the key points:
normalised mutual information, pair precision (of pairs in one group, the share that belongs together) and pair recall
(of pairs that belong together, the share in one group). k-means gets the number of key points.
Then the cost of grouping growing numbers of statements of one topic and stance, repeated with small changes.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from math import log
from pathlib import Path

import numpy as np

from benchmarks.measure import print_table
from consult.arguments import encoder
from consult.arguments.jobs import clusters, vectors
from consult.cli.tables import read_rows

Groups = dict[tuple[str, str], list[tuple[str, str]]]
Method = Callable[[list[str], list[str], int], Sequence[int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("arguments", "key_points", "labels"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 2_000, 8_000])
    given = parser.parse_args()
    groups = _groups(given.arguments, given.labels)
    methods: dict[str, Method] = {
        "consult": _consult, **({"consult with `semantic`": _mixed} if encoder.name() else {}), "average linkage on TF-IDF": _plain, "k-means on TF-IDF, told k": _k_means,
        "all in one": lambda texts, _all, _k: [0] * len(texts), "each alone": lambda texts, _all, _k: range(len(texts)),
    }  # fmt: skip
    table = []
    for name, method in methods.items():
        before = time.process_time()
        scores = _score(groups, method)
        table.append([name, *(f"{score:.3f}" for score in scores), f"{time.process_time() - before:.1f}"])
    total = sum(map(len, groups.values()))
    head = ["method", "NMI", "pair precision", "pair recall", "CPU s"]
    print_table(f"{total:,} statements in {len(groups)} topics and stances", head, table)
    _cost(max(groups.values(), key=len), given.sizes)


def _groups(arguments: Path, labels: Path) -> Groups:
    """For each topic and stance the statements that make one key point, with it."""
    texts = {number: rest for number, *rest in read_rows(arguments, ["arg_id", "argument", "topic", "stance"])}
    made: dict[str, list[str]] = defaultdict(list)
    for number, point, label in read_rows(labels, ["arg_id", "key_point_id", "label"]):
        if label == "1":
            made[number].append(point)
    found: Groups = defaultdict(list)
    for number, points in made.items():
        if len(points) == 1:
            argument, topic, stance = texts[number]
            found[topic, stance].append((argument, points[0]))
    return found


def _score(groups: Groups, method: Method) -> tuple[float, float, float]:
    shared, weights, together, put, belong = [], [], 0.0, 0.0, 0.0
    for (topic, _stance), group in groups.items():
        texts, points = [text for text, _ in group], [point for _, point in group]
        place = [text for (other, _), each in groups.items() if other == topic for text, _ in each]
        said = list(method(texts, place, len(set(points))))
        shared.append(_information(said, points))
        weights.append(len(group))
        together += _pairs(list(zip(said, points, strict=True)))
        put += _pairs(said)
        belong += _pairs(points)
    return float(np.average(shared, weights=weights)), together / put if put else 1.0, together / belong


def _pairs(labels: Sequence[object]) -> float:
    return sum(n * (n - 1) / 2 for n in Counter(labels).values())


def _information(one: Sequence[object], other: Sequence[object]) -> float:
    """Mutual information, divided by the mean of the two entropies."""
    size, ones, others = len(one), Counter(one), Counter(other)
    both = Counter(zip(one, other, strict=True))
    mutual = sum(n / size * log(n * size / (ones[a] * others[b])) for (a, b), n in both.items())
    entropy = sum(-n / size * log(n / size) for counts in (ones, others) for n in counts.values())
    return 2 * mutual / entropy if entropy else 1.0


def _consult(texts: list[str], place: list[str], _k: int) -> Sequence[int]:
    return _numbered(vectors.fit_space(place).sided(texts), texts, clusters.likeness_threshold(len(place)))


def _mixed(texts: list[str], place: list[str], _k: int) -> Sequence[int]:
    found = vectors.fit_space(place, encoder.name()).sided(texts)
    return _numbered(found, texts, clusters.likeness_threshold(len(place), mixed=True))


def _plain(texts: list[str], place: list[str], _k: int) -> Sequence[int]:
    return _numbered(vectors.fit_space(place).plain(texts), texts, clusters.likeness_threshold(len(place)))


def _numbered(found: vectors.Floats, texts: list[str], near: float) -> list[int]:
    said = [0] * len(texts)
    for number, members in enumerate(
        clusters.group_statements(found, [vectors.shuffle_key(text) for text in texts], near)
    ):
        for member in members:
            said[member] = number
    return said


def _k_means(texts: list[str], place: list[str], k: int) -> Sequence[int]:
    points = vectors.fit_space(place).plain(texts)
    chance = np.random.default_rng(1)
    centres = points[chance.choice(len(points), size=min(k, len(points)), replace=False)]
    nearest = np.zeros(len(points), dtype=np.int64)
    for _round in range(30):
        nearest = (points @ centres.T).argmax(axis=1)
        for number in range(len(centres)):
            if (nearest == number).any():
                centre = points[nearest == number].sum(axis=0)
                centres[number] = centre / max(float(np.linalg.norm(centre)), 1e-9)
    return nearest.tolist()


def _cost(group: list[tuple[str, str]], sizes: Sequence[int]) -> None:
    table = []
    base = [text for text, _ in group]
    for size in sizes:
        texts = [f"{base[number % len(base)]} {base[(number * 7 + 1) % len(base)]}" for number in range(size)]
        before = time.process_time()
        space = vectors.fit_space(texts)
        fitted = time.process_time()
        found = _numbered(space.sided(texts), texts, clusters.likeness_threshold(size))
        grouped = time.process_time()
        space.sided(texts[:100])
        fresh = (time.process_time() - grouped) / len(texts[:100])
        cost = (grouped - before) / size * 1000
        table.append([f"{size:,}", f"{fitted - before:.1f}", f"{grouped - fitted:.1f}", f"{cost:.2f}",
                      str(len(set(found))), f"{fresh * 1000:.2f}"])  # fmt: skip
    head = ["statements", "fitting, CPU s", "grouping, CPU s", "ms each", "groups", "a new one, ms"]
    print_table("Grouping at one place", head, table)


if __name__ == "__main__":
    main()
