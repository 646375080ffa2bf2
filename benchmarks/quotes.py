"""Quotes next to LexRank and chance: `python -m benchmarks.quotes ARGUMENTS KEY_POINTS LABELS [--k 4 5 8]`.

The files are those of the IBM key-point task (Bar-Haim and others, 2020): arguments with topic and stance, key points,
and the argument that makes each point. The table has the mean share of a group's key points that its quotes make, and
of the rare ones, which at most a tenth of the arguments make. LexRank needs the extra `bench`.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import rivals
from benchmarks.measure import print_table
from consult.analysis.text.quotes import choose_quotes
from consult.cli.tables import read_rows

RARE = 0.1
DRAWS = 20


class Group(NamedTuple):
    """The arguments of one topic and stance, the points that each makes, and all points."""

    texts: list[str]
    made: list[set[str]]
    points: set[str]


Method = Callable[[Sequence[str], int], list[int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("arguments", "key_points", "labels"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--k", type=int, nargs="+", default=[4, 5, 8])
    arguments = parser.parse_args()
    groups = _groups(arguments.arguments, arguments.key_points, arguments.labels)
    methods: dict[str, tuple[Method, int]] = {"consult": (choose_quotes, 1), "chance": (_by_chance(), DRAWS)}
    if rivals.INSTALLED:
        methods["LexRank (sumy)"] = (rivals.lexrank, 1)
    table = []
    for name, (method, draws) in methods.items():
        line = [name]
        before = time.process_time()
        for k in arguments.k:
            covered, rare = _score(groups, method, k, draws)
            line += [f"{covered:.3f}", f"{rare:.3f}"]
        cost = (time.process_time() - before) / len(groups) / len(arguments.k) / draws
        table.append([*line, f"{cost * 1000:.1f}"])
    head = [title for k in arguments.k for title in (f"points, k = {k}", "rare")]
    print_table(f"Quotes of {len(groups)} groups", ["method", *head, "ms a group"], table)


def _groups(arguments: Path, points: Path, labels: Path) -> list[Group]:
    made: dict[str, set[str]] = defaultdict(set)
    for argument, point, label in read_rows(labels, ["arg_id", "key_point_id", "label"]):
        if label == "1":
            made[argument].add(point)
    found: dict[tuple[str, str], Group] = defaultdict(lambda: Group([], [], set()))
    for argument, text, topic, stance in read_rows(arguments, ["arg_id", "argument", "topic", "stance"]):
        found[topic, stance].texts.append(text)
        found[topic, stance].made.append(made[argument])
    for point, topic, stance in read_rows(points, ["key_point_id", "topic", "stance"]):
        found[topic, stance].points.add(point)
    return [group for group in found.values() if group.texts and group.points]


def _by_chance() -> Method:
    chance = random.Random(1)
    return lambda texts, k: chance.sample(range(len(texts)), min(k, len(texts)))


def _score(groups: Sequence[Group], method: Method, k: int, draws: int) -> tuple[float, float]:
    shares: list[float] = []
    rare_found = rare_there = 0
    for group in groups:
        counts = Counter(point for points in group.made for point in points)
        rare = {point for point in group.points if 0 < counts[point] <= RARE * len(group.texts)}
        for _ in range(draws):
            quoted = set[str]().union(*(group.made[number] for number in method(group.texts, k)))
            shares.append(len(quoted & group.points) / len(group.points))
            rare_found += len(quoted & rare)
            rare_there += len(rare)
    return sum(shares) / len(shares), rare_found / max(1, rare_there)


if __name__ == "__main__":
    main()
