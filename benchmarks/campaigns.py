"""Campaigns compared with rensa and datasketch.

    python -m benchmarks.campaigns [FILE] [--rows 100000] [--rounds 3]

FILE has the columns id and text, and label and kind if the truth is known. Without FILE, `benchmarks.comments` writes
the comments. Each run is a separate process, in alternating rounds; CPU is the median, memory the peak. The other tools
need the extra `bench` and are left out above 100,000 rows. The last lines are the whole command with statements, and
the agreement for shuffled arrivals.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from benchmarks import rivals
from benchmarks.comments import Writer
from benchmarks.measure import peak_memory, print_table
from benchmarks.truth import adjusted_rand, score
from consult.analysis.campaigns.corpus import Corpus
from consult.analysis.campaigns.groups import group_texts
from consult.cli.tables import read_rows
from consult.files.records import UnreadableFile

BATCH = 2_000
MOST_FOR_RIVALS = 100_000


def ours(texts: Iterable[str]) -> list[str]:
    stream = iter(texts)
    with Corpus() as corpus:
        numbers = array("q")
        while batch := list(islice(stream, BATCH)):
            numbers.extend(corpus.add(batch))
        campaign = group_texts(corpus).campaign
        return [str(campaign[number]) if campaign[number] >= 0 else "" for number in numbers]


METHODS: dict[str, Callable[[Iterable[str]], list[str]]] = {
    "consult": ours,
    "rensa, t = .5": lambda texts: rivals.rensa(list(texts), 0.5),
    "rensa, t = .3": lambda texts: rivals.rensa(list(texts), 0.3),
    "datasketch, t = .5": lambda texts: rivals.datasketch(list(texts), 0.5),
}
WHOLE = """
from benchmarks.measure import peak_memory
from consult.cli.analyse import analyse
analyse(standalone_mode=False)
print(peak_memory())
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        _run(arguments.run, arguments.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = arguments.file or _written(Path(folder) / "comments.csv", arguments.rows)
        _compare(file, arguments.rounds)
        _whole(file, Path(folder))
        _shuffled(file)


def _written(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(("id", "label", "kind", "text"))
        table.writerows(Writer(seed=count).write(count))
    return path


def _run(method: str, file: Path) -> None:
    """Run one method once in this process, including reading the file. Print its groups and its cost."""
    before = time.process_time()
    found = METHODS[method](text for (text,) in read_rows(file, ["text"]))
    cpu = time.process_time() - before
    json.dump({"cpu": cpu, "mb": peak_memory(), "found": found}, sys.stdout)


def _compare(file: Path, rounds: int) -> None:
    head = next(csv.reader([_head(file)]))
    known = "label" in head and "kind" in head
    truth = list(read_rows(file, ["label", "kind", "text"] if known else ["text"]))
    size = len(truth)
    methods = [name for name in METHODS if name == "consult" or (rivals.INSTALLED and size <= MOST_FOR_RIVALS)]
    results: dict[str, list[dict[str, object]]] = {name: [] for name in methods}
    for _ in range(rounds):
        for name in methods:
            command = [sys.executable, "-m", "benchmarks.campaigns", str(file), "--run", name]
            results[name].append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
    base = statistics.median(float(str(one["cpu"])) for one in results["consult"])
    table = []
    for name in methods:
        cpu = statistics.median(float(str(one["cpu"])) for one in results[name])
        peak = max(float(str(one["mb"])) for one in results[name])
        line = [name, f"{size / cpu:,.0f}", f"{cpu / base:.1f}", f"{peak:,.0f}"]
        table.append(line + (score(truth, list(results[name][0]["found"])) if known else []))  # type: ignore[call-overload]
    titles = ["method", "comments/s", "CPU", "MB"]
    quality = ["precision", "recall", "B³ F1", "fused", "long personal", "prefix", "quoting joined"] if known else []
    print_table(f"Campaigns in {size:,} comments", titles + quality, table)


def _head(file: Path) -> str:
    return subprocess.run(
        ["sh", "-c", f"(zcat -f '{file}' || true) | head -n 1"], check=True, capture_output=True, text=True
    ).stdout


def _whole(file: Path, folder: Path) -> None:
    """Run the whole command: from the file to groups and statements."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out, said = folder / "groups.csv", folder / "statements.csv"
    command = [sys.executable, "-c", WHOLE, "campaigns", str(file), "--out", str(out), "--statements", str(said)]
    peak = float(subprocess.run(command, check=True, capture_output=True).stdout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    size = sum(1 for _ in read_rows(out, ["id"]))
    line = [f"{size:,}", f"{cpu:.1f}", f"{size / cpu:,.0f}", f"{peak:,.0f}"]
    print_table("The whole command, with statements", ["comments", "CPU s", "comments/s", "MB"], [line])
    _contrary(file, said)


def _contrary(file: Path, said: Path) -> None:
    try:
        kinds = dict(read_rows(file, ["id", "kind"]))
    except UnreadableFile:
        return
    flagged = {key for key, kind in read_rows(said, ["id", "kind"]) if kind == "swapped"}
    turned = [key for key, kind in kinds.items() if kind == "contrary"]
    others = [key for key, kind in kinds.items() if kind not in ("contrary", "unique", "quote", "short")]
    if turned:
        found = sum(key in flagged for key in turned) / len(turned)
        false = sum(key in flagged for key in others) / len(others)
        print_table(
            "Edits that turn the sense", ["flagged", "other copies flagged"], [[f"{found:.4f}", f"{false:.5f}"]]
        )


def _shuffled(file: Path) -> None:
    texts = [text for (text,) in read_rows(file, ["text"])][:MOST_FOR_RIVALS]
    first = ours(texts)
    order = list(range(len(texts)))
    random.Random(1).shuffle(order)
    again = ours([texts[number] for number in order])
    rand = adjusted_rand([first[number] for number in order], again)
    print_table("Shuffled arrival", ["adjusted Rand index"], [[f"{rand:.4f}"]])


if __name__ == "__main__":
    main()
