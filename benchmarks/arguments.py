"""Arguments beside other methods: `python -m benchmarks.arguments ARGUMENTS KEY_POINTS LABELS [--themes FILE TEXT THEME]`.

The first three files are those of the IBM key-point task (Bar-Haim and others, 2020). Its statements that make exactly
one key point are grouped three times: for each topic and stance, with the key points as themes; for each topic, as where
nobody chose a stance; and all at one place, with the topics as themes. `--themes` names more files with the columns of
text and theme; of each theme with 30 distinct statements up to 80 are put at one place.

The table has purity, normalised mutual information, F1 of pairs, groups of several statements for each theme, the share
of statements in such a group, pairs in one group that ask for opposite things or are of opposite stances, and CPU.
`meaning` is the method on vectors of meaning, `k` that it is told how many themes there are; `Consult, words` is what an
installation without these vectors has. A statement in no group counts as a group of its own.
Then the cost of grouping growing numbers of statements of one place. Peers need the extra `bench`.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np

from benchmarks.measure import print_table
from consult.arguments import encoder
from consult.arguments.jobs import clusters, embeddings, vectors
from consult.arguments.jobs.positions import Position, are_opposed, read_position
from consult.cli.tables import read_rows

try:
    from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics import normalized_mutual_info_score
except ImportError as error:
    raise SystemExit('This benchmark needs the extra "bench": uv sync --extra bench') from error

_LEAST, _EACH, _MOST = 30, 80, 1_500
embed = embeddings.embed_texts
read = cache(read_position)


@dataclass(frozen=True)
class LabelledPlace:
    """Statements on one part of the draft, with the theme of each, and the stance of each if the engine is not told."""

    texts: list[str]
    themes: list[str]
    stances: list[str] | None = None


Method = Callable[[list[str], int], Sequence[int]]
"""From statements and the number of themes to the number of each statement's group; -1 for none."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("arguments", "key_points", "labels"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--themes", nargs=3, action="append", default=[], metavar=("FILE", "TEXT", "THEME"))
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 2_000, 10_000])
    parser.add_argument("--sets", nargs="+", help="names of the sets, or how they begin; all if not given")
    given = parser.parse_args()
    warnings.filterwarnings("ignore", module="sklearn")
    sets = _read_key_points(given.arguments, given.labels)
    sets |= {
        f"themes of {Path(file).stem}": [_read_themes(Path(file), text, theme)] for file, text, theme in given.themes
    }
    for name, places in sets.items():
        if not given.sets or name.startswith(tuple(given.sets)):
            _compare(name, places)
    if given.sizes[0]:
        _print_cost(sets["all topics at one place"][0].texts, given.sizes)


def _methods() -> dict[str, Method]:
    meaning: dict[str, Method] = {
        "Consult, meaning": lambda texts, _k: _consult(texts, encoder.name()),
        "HDBSCAN, meaning": lambda texts, _k: HDBSCAN(min_cluster_size=3, copy=True).fit_predict(embed(texts)),
        "k-means, meaning, k": lambda texts, k: KMeans(k, n_init=3, random_state=1).fit_predict(embed(texts)),
    }
    return {
        **(meaning if encoder.name() else {}),
        "Consult, words": lambda texts, _k: _consult(texts, ""),
        "linkage, TF-IDF, k": _linkage,
        "k-means, TF-IDF, k": lambda texts, k: KMeans(k, n_init=3, random_state=1).fit_predict(_weigh(texts)),
        "nearest of LexRank k": _lexrank,
        "all in one": lambda texts, _k: [0] * len(texts),
        "each alone": lambda texts, _k: [-1] * len(texts),
    }


def _read_key_points(arguments: Path, labels: Path) -> dict[str, list[LabelledPlace]]:
    texts = {number: rest for number, *rest in read_rows(arguments, ["arg_id", "argument", "topic", "stance"])}
    made: dict[str, list[str]] = defaultdict(list)
    for number, point, label in read_rows(labels, ["arg_id", "key_point_id", "label"]):
        if label == "1":
            made[number].append(point)
    rows = [(*texts[number], points[0]) for number, points in sorted(made.items()) if len(points) == 1]
    by_stance, by_topic = defaultdict(list), defaultdict(list)
    for text, topic, stance, point in rows:
        by_stance[topic, stance].append((text, point))
        by_topic[topic].append((text, point, stance))
    some = sorted(rows, key=lambda row: vectors.shuffle_key(row[0]))[:_MOST]
    return {
        "key points, stances apart": [
            LabelledPlace(*map(list, zip(*group, strict=True))) for group in by_stance.values()
        ],
        "key points, no stance chosen": [
            LabelledPlace(*map(list, zip(*group, strict=True))) for group in by_topic.values()
        ],
        "all topics at one place": [LabelledPlace([row[0] for row in some], [row[1] for row in some])],
    }


def _read_themes(file: Path, text: str, theme: str) -> LabelledPlace:
    said: dict[str, set[str]] = defaultdict(set)
    for words, name in read_rows(file, [text, theme]):
        if len(words.split()) > 4:
            said[name].add(words)
    rows = [
        (words, name)
        for name, texts in sorted(said.items())
        if len(texts) >= _LEAST
        for words in sorted(texts, key=vectors.shuffle_key)[:_EACH]
    ]
    return LabelledPlace([words for words, _ in rows], [name for _, name in rows])


def _compare(name: str, places: Sequence[LabelledPlace]) -> None:
    table = []
    for method, group in _methods().items():
        before = time.process_time()
        said = [_number_alone(group(place.texts, len(set(place.themes)))) for place in places]
        spent = time.process_time() - before
        table.append([method, *_score(places, said), f"{spent:.1f}"])
    total, themes = sum(len(place.texts) for place in places), sum(len(set(place.themes)) for place in places)
    head = [
        "method",
        "purity",
        "NMI",
        "F1",
        "prec.",
        "recall",
        "groups/theme",
        "grouped",
        "opp. calls",
        "opp. stances",
        "CPU s",
    ]
    print_table(f"{name}: {total:,} statements, {len(places)} places, {themes} themes", head, table)


def _number_alone(said: Sequence[int]) -> list[int]:
    return [int(group) if group >= 0 else -2 - number for number, group in enumerate(said)]


def _score(places: Sequence[LabelledPlace], said: Sequence[list[int]]) -> list[str]:
    weights = [len(place.texts) for place in places]
    purity = [_measure_purity(groups, place.themes) for groups, place in zip(said, places, strict=True)]
    nmi = [normalized_mutual_info_score(place.themes, groups) for groups, place in zip(said, places, strict=True)]
    together = sum(
        _count_pairs(list(zip(groups, place.themes, strict=True))) for groups, place in zip(said, places, strict=True)
    )
    put, belong = sum(map(_count_pairs, said)), sum(_count_pairs(place.themes) for place in places)
    precision, recall = together / put if put else 1.0, together / belong
    f1 = 2 * precision * recall / (precision + recall) if put else 0.0
    several = [Counter(groups) for groups in said]
    groups = sum(n > 1 for counts in several for n in counts.values())
    grouped = sum(n for counts in several for n in counts.values() if n > 1) / sum(weights)
    themes = sum(len(set(place.themes)) for place in places)
    figures = [
        float(np.average(purity, weights=weights)),
        float(np.average(nmi, weights=weights)),
        f1,
        precision,
        recall,
    ]
    calls, stances = _count_opposites(places, said)
    return [*(f"{figure:.3f}" for figure in figures), f"{groups / themes:.2f}", f"{grouped:.0%}", calls, stances]


def _count_opposites(places: Sequence[LabelledPlace], said: Sequence[list[int]]) -> tuple[str, str]:
    """Return two shares of pairs within groups.

    The first is that of opposite requests among pairs that both request something. The second is that of two stances
    among all pairs.
    """
    asking = opposed = pairs = crossed = 0
    for place, groups in zip(places, said, strict=True):
        by_group: dict[int, list[Position]] = defaultdict(list)
        for text, group in zip(place.texts, groups, strict=True):
            if position := read(text):
                by_group[group].append(position)
        for positions in by_group.values():
            for one, other in combinations(positions, 2):
                asking += 1
                opposed += are_opposed(one, other)
        if place.stances:
            put = _count_pairs(groups)
            pairs += put
            crossed += put - _count_pairs(list(zip(groups, place.stances, strict=True)))
    return (f"{opposed / asking:.2%}" if asking else "–", f"{crossed / pairs:.1%}" if pairs else "–")


def _count_pairs(labels: Sequence[object]) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(labels).values())


def _measure_purity(groups: Sequence[int], themes: Sequence[str]) -> float:
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for group, theme in zip(groups, themes, strict=True):
        counts[group][theme] += 1
    return sum(max(each.values()) for each in counts.values()) / len(groups)


def _consult(texts: list[str], name: str) -> Sequence[int]:
    positions = [read_position(text) for text in texts]
    found = vectors.fit_space(texts, name).sided(texts, positions)
    keys = [vectors.shuffle_key(text) for text in texts]
    said = [0] * len(texts)
    limits = clusters.likeness_limits(len(texts), mixed=bool(name))
    for number, members in enumerate(clusters.group_statements(found, keys, limits, positions)):
        for member in members:
            said[member] = number
    return said


def _weigh(texts: list[str]) -> np.ndarray:
    return TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(texts).toarray()


def _linkage(texts: list[str], k: int) -> Sequence[int]:
    method = AgglomerativeClustering(k, metric="cosine", linkage="average")
    return method.fit_predict(_weigh(texts) + 1e-9)


def _lexrank(texts: list[str], k: int) -> Sequence[int]:
    """Return statements grouped by the nearest of the k that LexRank ranks first. Source: Erkan and Radev, 2004."""
    likeness = (rows := _weigh(texts)) @ rows.T
    edges = (likeness > 0.1) + 1e-12
    rank = np.full(len(texts), 1 / len(texts))
    for _round in range(50):
        rank = 0.15 / len(texts) + 0.85 * (edges / edges.sum(axis=1, keepdims=True)).T @ rank
    return likeness[:, np.argsort(-rank, kind="stable")[:k]].argmax(axis=1)


def _print_cost(base: list[str], sizes: Sequence[int]) -> None:
    table = []
    for size in sizes:
        texts = [f"{base[number % len(base)]} {base[(number * 7 + 1) % len(base)]}" for number in range(size)]
        for name in ("", *([encoder.name()] if encoder.name() else [])):
            embeddings._memory.clear()
            before = time.process_time()
            space = vectors.fit_space(texts, name)
            space.sided(texts[:1])  # loads the model
            fitted = time.process_time()
            groups = len(set(_consult(texts, name)))
            spent = time.process_time() - fitted
            embeddings._memory.clear()
            fresh = time.process_time()
            space.sided(texts[:100])
            fresh = (time.process_time() - fresh) / len(texts[:100])
            table.append(["meaning" if name else "words", f"{size:,}", f"{fitted - before:.1f}", f"{spent:.1f}",
                          f"{spent / size * 1000:.2f}", str(groups), f"{fresh * 1000:.2f}"])  # fmt: skip
    head = ["by", "statements", "fitting, CPU s", "all, CPU s", "ms each", "groups", "a new one, ms"]
    print_table("Grouping at one place", head, table)


if __name__ == "__main__":
    main()
