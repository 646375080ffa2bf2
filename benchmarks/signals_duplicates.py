"""Duplicates planted into real rows: `python -m benchmarks.signals_duplicates [FILE] [--pairs 1000] [--seed 1]`.

FILE is the public file of DrugCheckingBC (a row a sample); its rows are the reports that are there already. Planted is
the same thing reported by somebody else: a row again, up to six days apart, its substance named as people write it (in
another language, with a salt, a slip of the keyboard, more words) and only known where the matcher of names is certain.
Proposed pairs are right where both are of one substance in one town within seven days, by the file's own names.
Precision: right pairs of those proposed. Recall: planted reports for which the thing they repeat is proposed; "first":
for which it is proposed first. The rows have no texts, so likeness of texts has no part in it.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from benchmarks.measure import print_table
from consult import ROOT
from consult.signals.likeness.pairs import DAYS, ComparedReport, propose_likely
from consult.signals.likeness.substances import SubstanceIndex, SubstanceName, list_names
from consult.taxonomy import service, skos

FILE = ROOT.parent / "shared" / "data" / "drugchecking_bc_2018_2019.csv.gz"
_VAGUE = ("Unknown", "Down")


def load_index() -> tuple[SubstanceIndex, dict[int, list[str]]]:
    """The names of the pack, and for each number those names."""
    [pack] = [one for one in skos.read_pack(service.PACKS / "drug-policy.ttl") if one.notation == "substances"]
    above = {one.uri: one.broader for one in pack.concepts}

    def depth(uri: str | None) -> int:
        return 0 if uri is None else 1 + depth(above[uri])

    names = {n: list_names(one.labels, one.others) for n, one in enumerate(pack.concepts)}
    depths = [depth(one.uri) for one in pack.concepts]
    return SubstanceIndex.build(SubstanceName(n, words, depths[n]) for n, words in names.items()), names


def read_reports(file: Path, index: SubstanceIndex) -> tuple[list[ComparedReport], list[str]]:
    """The rows that name something, and what each names."""
    reports, truth = [], []
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            name = row["Expected Substance"].strip()
            if name and not name.startswith(_VAGUE):
                on = date.fromisoformat(row["Date"][:10])
                reports.append(to_report(len(reports), row["City/Town"], on, name, index))
                truth.append(name)
    return reports, truth


def to_report(number: int, town: str, on: date, name: str, index: SubstanceIndex) -> ComparedReport:
    """A report of a day; its substances only where the matcher is certain."""
    return ComparedReport(number, "CA-BC", on, town=town, product=name, substances=frozenset(index.match(name).certain))


def slip(name: str, chance: random.Random) -> str:
    """One letter left out, or two changed for each other."""
    if len(name) < 6:
        return name
    at = chance.randrange(1, len(name) - 2)
    return chance.choice([name[:at] + name[at + 1 :], name[:at] + name[at + 1] + name[at] + name[at + 2 :]])


def write_anew(name: str, names: Sequence[str], chance: random.Random) -> str:
    """The name as somebody else may write it."""
    ways: list[Callable[[], str]] = [
        lambda: name,
        lambda: name.upper(),
        lambda: f"{name} HCl",
        lambda: f"{name.lower()} powder, white",
        lambda: f"sold as {name.lower()}",
        lambda: slip(name, chance),
        lambda: chance.choice(names) if names else name,
    ]
    return chance.choice(ways)()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=FILE)
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    index, names = load_index()
    reports, truth = read_reports(asked.file, index)
    near: dict[str, list[ComparedReport]] = defaultdict(list)
    for one in reports:
        near[one.town].append(one)
    chance = random.Random(asked.seed)
    proposed = right = found = first = 0
    for row in chance.sample(reports, min(asked.pairs, len(reports))):
        name = write_anew(truth[row.id], names.get(next(iter(row.substances), -1), ()), chance)
        on = row.on + timedelta(days=chance.randint(1 - DAYS, DAYS - 1))
        planted = replace(to_report(len(reports), row.town, on, name, index), basis="told")
        hits = [truth[it.id] == truth[row.id] for it in propose_likely(planted, near[row.town])]
        proposed, right = proposed + len(hits), right + sum(hits)
        found, first = found + any(hits), first + bool(hits and hits[0])
    pairs = min(asked.pairs, len(reports))
    figures = [f"{right / proposed:.3f}", f"{found / pairs:.3f}", f"{first / pairs:.3f}", f"{proposed / pairs:.1f}"]
    head = ["reports", "planted", "precision", "recall", "first", "proposed for one"]
    print_table("Duplicates", head, [[f"{len(reports):,}", f"{pairs:,}", *figures]])


if __name__ == "__main__":
    main()
