"""Reading of those who oppose a letter, by rank and estimate: `python -m benchmarks.contradiction [--test] FOLDER`.

FOLDER has the labelled sets; those that are absent are left out. A simulated person answers by the labels, in the order
that the workbench gives, and the ranking is learnt again after each ten answers. Without `--test` only the development
part of each set is read (`benchmarks.splits`).

* Key points: the letter is the key points of one side of a topic. Texts are all arguments of that side and some of the
  other, so that 2, 5 or 20 in 100 oppose. Examples are two key points of the other side, written by others.
* Farm workers: personal words beside one real letter, labelled in `tests/analysis/text/contradiction`. The examples were
  written by somebody who had read the development part.
* Title IX: the most frequent letter of each side; texts are the distinct comments of the part, with one sentence as an
  example.

`found` is the share of opposing texts among those read. `covered` is the share of moments, after each ten answers and in
several random orders, at which the interval held the true number; `width` its mean width as a share of the texts.
Peers: reading in a random order, and the same with the interval of Wilson.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from benchmarks.measure import print_table
from benchmarks.splits import is_test
from consult import ROOT
from consult.analysis.campaigns.likeness import load_encoder
from consult.analysis.kinds import StatementKind
from consult.analysis.text import residual
from consult.analysis.text.campaign_letter import CampaignLetter
from consult.cli.tables import read_rows
from consult.positions.jobs.opposition_model import Features, OwnWords, describe, rank
from consult.positions.reading_order import BATCH, Ranked, estimate_opposing, order_reading

LABELS = ROOT / "tests" / "analysis" / "text" / "contradiction" / "farmworker_labels.csv"
_SHARES = (0.02, 0.05, 0.2)
_ORDERS = 3
_STOP = 0.32


@dataclass(frozen=True)
class Reading:
    """A letter, the texts beside it with their labels, and example sentences that oppose it."""

    name: str
    letter: str
    texts: Sequence[OwnWords]
    opposes: Sequence[bool]
    examples: Sequence[str]


@dataclass(frozen=True)
class Moment:
    """The state after some answers: shares read and found, and whether the interval holds the truth."""

    read: float
    found: float
    covered: bool | None
    width: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--test", action="store_true", help="read the test part, once for a change")
    given = parser.parse_args()
    encode = load_encoder()
    table = []
    for name, readings in _list_sets(given.folder, given.test):
        for title, examples, by_rank in (
            ("by rank, with examples", True, True),
            ("by rank", False, True),
            ("at random", False, False),
        ):
            moments = [
                moment
                for one in readings
                for features in [describe(one.letter, one.texts, one.examples if examples else (), encode)]
                for order in range(_ORDERS)
                for moment in simulate(one, features, f"{order}", by_rank=by_rank)
            ]
            table.append([name, title, str(len(readings)), *_summarise(moments)])
    part = "test" if given.test else "development"
    print_table(
        f"Opposing texts, {part} part, {'meaning' if encode else 'words only'}",
        ["set", "reading", "letters", "found at 5%", "10%", "20%", "30%", "covered", "width at 10%", "30%"],
        table,
    )


def simulate(reading: Reading, features: Features, order: str, *, by_rank: bool) -> Iterator[Moment]:
    """Yield the state after each ten answers. The random order comes from hashes, as in the workbench."""
    count = len(reading.texts)
    keys = [blake2b(f"{order} {at}".encode()).digest() for at in range(count)]
    places = {at: place for place, at in enumerate(sorted(range(count), key=keys.__getitem__))}
    scores = [1 - one.share for one in reading.texts] if by_rank else [0.0] * count
    answers: dict[int, int] = {}
    truth = sum(reading.opposes)
    while len(answers) < _STOP * count:
        told = {at: reading.opposes[at] for at in answers}
        if by_rank and (answers or len(features.examples)):
            scores = rank(features, told).tolist()
        texts = [Ranked(places[at], scores[at], 1, told.get(at), answers.get(at, 0)) for at in range(count)]
        for at in order_reading(texts)[:BATCH]:
            answers[at] = len(answers) + 1
        texts = [
            Ranked(places[at], 0, 1, reading.opposes[at] if at in answers else None, answers.get(at, 0))
            for at in range(count)
        ]
        made = estimate_opposing(texts)
        found = sum(reading.opposes[at] for at in answers) / max(1, truth)
        covered = made.low <= truth <= made.high if made else None
        yield Moment(len(answers) / count, found, covered, (made.high - made.low) / count if made else 1.0)


def _summarise(moments: Sequence[Moment]) -> list[str]:
    """Return the cells of a row. A share of texts is the last moment up to it, or the first moment after."""
    cells = []
    for share in (0.05, 0.1, 0.2, 0.3):
        cells.append(f"{np.mean([one.found for one in _pick(moments, share)]):.2f}")
    held = [one.covered for one in moments if one.covered is not None]
    cells.append(f"{np.mean(held):.3f}")
    cells += [f"{np.mean([one.width for one in _pick(moments, share)]):.3f}" for share in (0.1, 0.3)]
    return cells


def _pick(moments: Sequence[Moment], share: float) -> list[Moment]:
    """Return the moment nearest to a share of texts read in each run."""
    runs: list[list[Moment]] = []
    for one in moments:
        if not runs or one.read <= runs[-1][-1].read:
            runs.append([])
        runs[-1].append(one)
    return [min(run, key=lambda one: abs(one.read - share)) for run in runs]


def _list_sets(folder: Path, test: bool) -> Iterator[tuple[str, list[Reading]]]:
    if (folder / "argkp_arguments_train.csv.gz").is_file():
        for share in _SHARES:
            yield f"key points, {share:.0%}", list(_read_key_points(folder, test, share))
    if (folder / "farmworker_h2a_2019.csv.gz").is_file():
        yield "farm workers", [_read_farm_workers(folder / "farmworker_h2a_2019.csv.gz", test)]
    if (folder / "title_ix_2022_stance.csv.gz").is_file():
        yield "Title IX", list(_read_title_ix(folder / "title_ix_2022_stance.csv.gz", test))


def _read_key_points(folder: Path, test: bool, share: float) -> Iterator[Reading]:
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    points: dict[tuple[str, str], list[str]] = defaultdict(list)
    for part in ("train", "dev"):
        for text, topic, stance in read_rows(
            folder / f"argkp_arguments_{part}.csv.gz", ["argument", "topic", "stance"]
        ):
            said[topic, stance].append(text)
        for text, topic, stance in read_rows(
            folder / f"argkp_key_points_{part}.csv.gz", ["key_point", "topic", "stance"]
        ):
            points[topic, stance].append(text)
    for (topic, stance), agreeing in sorted(said.items()):
        other = topic, {"1": "-1", "-1": "1"}[stance]
        if is_test("argkp", topic) is not test or not points[topic, stance] or not points[other]:
            continue
        against = sorted(said[other], key=lambda text: blake2b(text.encode()).digest())
        against = against[: max(1, round(share * len(agreeing) / (1 - share)))]
        letter = " ".join(one.rstrip(".") + "." for one in points[topic, stance])
        texts = [OwnWords(text) for text in (*agreeing, *against)]
        yield Reading(topic, letter, texts, [at >= len(agreeing) for at in range(len(texts))], points[other][:2])


def _read_farm_workers(file: Path, test: bool) -> Reading:
    with LABELS.open(encoding="utf-8") as stream:
        labels = {row["id"]: row["label"] for row in csv.DictReader(stream) if row["label"] != "unclear"}
    rows = list(read_rows(file, ["id", "text"]))
    letter = CampaignLetter.of(Counter(text for _, text in rows).most_common(1)[0][0])
    members = [(key, text) for key, text in rows if key in labels and is_test("farm workers", key) is test]
    found = residual.compute_residuals(letter, [text for _, text in members])
    texts, opposes = [], []
    for (key, _), each in zip(members, found, strict=True):
        own = "\n".join(one.text for one in each.statements if one.kind is StatementKind.ADDED)
        swapped = any(one.kind is StatementKind.CONTRARY for one in each.statements)
        if own or swapped:
            texts.append(OwnWords(own, swapped, each.share))
            opposes.append(labels[key] == "contradicts")
    examples = ("We need these workers. Let them in.", "I support the proposed rule.")
    return Reading("farm workers", letter.text, texts, opposes, examples)


def _read_title_ix(file: Path, test: bool) -> Iterator[Reading]:
    rows = {text: stance for stance, text in read_rows(file, ["stance", "text"]) if stance != "unknown"}
    copies = Counter(text for (text,) in read_rows(file, ["text"]))
    mine = [text for text in rows if is_test("title ix", " ".join(text.split()[:40])) is test]
    for stance, example in (
        ("opposes_too_far", "I support the proposed rule. Please finalize it."),
        ("supports_or_not_enough", "I oppose the proposed rule. Please withdraw it."),
    ):
        letter = max((text for text in mine if rows[text] == stance), key=lambda text: copies[text])
        texts = [text for text in mine if text != letter]
        yield Reading(
            stance, letter, [OwnWords(one) for one in texts], [rows[one] != stance for one in texts], [example]
        )


if __name__ == "__main__":
    main()
