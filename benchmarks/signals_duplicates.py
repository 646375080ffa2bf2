"""Duplicates planted into real rows: `python -m benchmarks.signals_duplicates [FILE] [--pairs 1000] [--seed 1]`.

FILE is the public file of DrugCheckingBC, with one sample in a row. Its rows are the existing reports, each with a text
as its service may have written it. Planted are reports of the same event by another person, in several kinds (`KINDS`).
A proposed pair is right if both are of one substance in one town within seven days, by the names of the file, or copies
of one text.

Precision is the share of right pairs. Recall is the share of planted reports for which a right pair is proposed;
“first” counts those proposed first, and “shown” is the precision of the four shown in triage. For reports moved to the
next region nothing should be proposed; the last figure is the number proposed.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from benchmarks.measure import print_table
from consult import ROOT
from consult.signals.likeness.pairs import DAYS, ComparedReport, propose_likely
from consult.signals.likeness.substances import SubstanceIndex, SubstanceName, list_names
from consult.taxonomy import service, skos

FILE = ROOT.parent / "shared" / "data" / "drugchecking_bc_2018_2019.csv.gz"
_VAGUE = ("Unknown", "Down")
SHOWN = 4


def load_index() -> tuple[SubstanceIndex, dict[int, list[str]]]:
    """Return the names of the vocabulary, and the names of each number."""
    [pack] = [one for one in skos.read_pack(service.PACKS / "drug-policy.ttl") if one.notation == "substances"]
    above = {one.uri: one.broader for one in pack.concepts}

    def depth(uri: str | None) -> int:
        return 0 if uri is None else 1 + depth(above[uri])

    names = {n: list_names(one.labels, one.others) for n, one in enumerate(pack.concepts)}
    depths = [depth(one.uri) for one in pack.concepts]
    return SubstanceIndex.build(SubstanceName(n, words, depths[n]) for n, words in names.items()), names


def read_reports(file: Path, index: SubstanceIndex) -> tuple[list[ComparedReport], list[str]]:
    """Return the rows that name a substance, and the substances of each."""
    reports: list[ComparedReport] = []
    truth = []
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            name = row["Expected Substance"].strip()
            if name and not name.startswith(_VAGUE):
                on = date.fromisoformat(row["Date"][:10])
                text = _WORDED[len(reports) % len(_WORDED)].format(name=name, site=row["Site"], on=on, n=len(reports))
                reports.append(to_report(len(reports), row["City/Town"], on, name, text, index))
                truth.append(name)
    return reports, truth


def to_report(number: int, town: str, on: date, name: str, text: str, index: SubstanceIndex) -> ComparedReport:
    """Return a report of a day, with the substances that triage finds in its name."""
    named = frozenset(index.match(name).likely)
    return ComparedReport(number, "CA-BC", on, town=town, product=name, substances=named, text=text, basis="ftir")


def slip(name: str, chance: random.Random) -> str:
    """Return the word with one letter left out or doubled, or two letters exchanged."""
    if len(name) < 6:
        return name
    at = chance.randrange(1, len(name) - 2)
    return chance.choice([
        name[:at] + name[at + 1 :], name[: at + 1] + name[at:], name[:at] + name[at + 1] + name[at] + name[at + 2 :],
    ])  # fmt: skip


def spell(name: str) -> str:
    """Return the name with the same sounds in the spelling of another language."""
    for letters, other in (("ph", "f"), ("ca", "ka"), ("co", "ko"), ("cr", "kr"), ("y", "i"), ("ine", "in")):
        name = name.lower().replace(letters, other)
    return name


def word_anew(name: str, chance: random.Random) -> str:
    """Return the name with words that people put next to it."""
    return chance.choice([
        name.upper(), f"{name} HCl", f"{name.lower()} powder, white", f"sold as {name.lower()}", f"{name} {chance.randint(2, 90)} mg",
        f"{chance.randint(2, 9)} bags of {name.lower()}",
    ])  # fmt: skip


def tell_anew(row: ComparedReport, name: str, chance: random.Random) -> ComparedReport:
    """Return the report in another person's words."""
    text = f"Somebody here bought {name}, {chance.choice(_ELSEWHERE)}. We heard of it on {chance.choice(_DAYS)}."
    return replace(row, product=name, text=text)


def change_amounts(row: ComparedReport, chance: random.Random) -> ComparedReport:
    """Return the same words with other numbers and a typing error."""
    text = "".join(str(chance.randint(1, 9)) if letter.isdigit() else letter for letter in row.text)
    return replace(row, product=slip(row.product, chance), text=text)


def copy_mail(row: ComparedReport, chance: random.Random) -> ComparedReport:
    """Return the same e-mail, forwarded by another organisation in another town weeks later."""
    return replace(row, product="see below", town="Elsewhere", on=row.on + timedelta(days=chance.randint(8, 40)))


def plant(kind: str, row: ComparedReport, names: Sequence[str], chance: random.Random) -> ComparedReport:
    """Return another person's report of the same event."""
    moved = replace(row, on=row.on + timedelta(days=chance.randint(-DAYS, DAYS)), basis="told", speaker=7)
    made: dict[str, Callable[[], ComparedReport]] = {
        "the same name, other words": lambda: tell_anew(moved, row.product, chance),
        "a slip of the keyboard": lambda: tell_anew(moved, slip(row.product, chance), chance),
        "another language or brand": lambda: tell_anew(moved, chance.choice(names or [row.product]), chance),
        "the sounds in other letters": lambda: tell_anew(moved, spell(row.product), chance),
        "words beside the name": lambda: tell_anew(moved, word_anew(row.product, chance), chance),
        "the town not named": lambda: replace(tell_anew(moved, row.product, chance), town=""),
        "amounts changed": lambda: change_amounts(moved, chance),
        "one mail, two organisations": lambda: copy_mail(moved, chance),
        "the region next to it": lambda: replace(tell_anew(moved, row.product, chance), region="CA-AB", town=""),
    }
    return made[kind]()


KINDS = (
    "the same name, other words", "a slip of the keyboard", "another language or brand", "the sounds in other letters",
    "words beside the name", "the town not named", "amounts changed", "one mail, two organisations", "the region next to it",
)  # fmt: skip
_WORDED = (
    "Sample {n} was brought to {site} on {on}. It was sold as {name}. The spectrometer was used, and a strip after it.",
    "{site}, {on}: somebody left a bag to be checked, which they had bought as {name}; our number for it is {n}.",
    "On {on} we checked what was said to be {name}. It was the {n}th of the year at {site}, and the person took it along.",
)
_ELSEWHERE = (
    "and slept for hours",
    "and it was not what they knew",
    "from a new seller",
    "and their friend woke up late",
)
_DAYS = ("Monday", "Tuesday evening", "the weekend", "market day")


@dataclass
class PlantedKind:
    """Proposals for the planted reports of one kind."""

    planted: int = 0
    proposed: int = 0
    right: int = 0
    shown: int = 0
    right_shown: int = 0
    found: int = 0
    first: int = 0

    def add(self, hits: Sequence[bool]) -> None:
        self.planted, self.proposed, self.right = self.planted + 1, self.proposed + len(hits), self.right + sum(hits)
        self.shown, self.right_shown = self.shown + len(hits[:SHOWN]), self.right_shown + sum(hits[:SHOWN])
        self.found, self.first = self.found + any(hits), self.first + bool(hits and hits[0])

    def row(self, name: str) -> list[str]:
        shares = (self.right / max(self.proposed, 1), self.found / self.planted, self.first / self.planted)
        shown = self.right_shown / max(self.shown, 1)
        return [name, *(f"{one:.3f}" for one in (*shares, shown)), f"{self.proposed / self.planted:.1f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=FILE)
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    index, names = load_index()
    reports, truth = read_reports(asked.file, index)
    days: dict[date, list[ComparedReport]] = defaultdict(list)
    for one in reports:
        days[one.on].append(one)
    chance = random.Random(asked.seed)
    rows, every = [], PlantedKind()
    for kind in KINDS:
        found = PlantedKind()
        for row in chance.sample(reports, max(asked.pairs // len(KINDS), 1)):
            other = plant(kind, row, names.get(next(iter(row.substances), -1), ()), chance)
            substances = frozenset(index.match(other.product).likely)
            other = replace(other, id=len(reports), substances=substances)
            known = [one for day in range(-DAYS, DAYS + 1) for one in days[other.on + timedelta(days=day)]]
            copies = [] if abs((other.on - row.on).days) <= DAYS else [row]
            hits = [
                (truth[it.id] == truth[row.id] and (not other.town or reports[it.id].town == row.town))
                or it.id == row.id
                for it in propose_likely(other, [*known, *copies])
            ]
            found.add(hits)
            if kind != KINDS[-1]:
                every.add(hits)
        rows.append(found.row(kind))
    head = ["kind", "precision", "recall", "first", "shown", "proposed for one"]
    print_table(f"Duplicates planted into {len(reports):,} reports", head, [*rows, every.row("all but the last")])


if __name__ == "__main__":
    main()
