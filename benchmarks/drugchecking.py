"""Rows of drug-checking services for benchmarks, split by year before a rule is chosen.

A row of DrugCheckingBC is one sample. Rules may be chosen on the rows before `HELD_OUT`. The rows from that day on are
used once, with the earlier rows as history.
"""

from __future__ import annotations

import ast
import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from consult import ROOT

FILE = ROOT.parent / "shared" / "data" / "drugchecking_bc_2018_2019.csv.gz"
HELD_OUT = date(2019, 1, 1)


@dataclass(frozen=True)
class CheckedSample:
    """A sample: day, town, site, the name it was sold under, and the names found in it."""

    day: date
    town: str
    site: str
    sold_as: str
    found: tuple[str, ...]


def read_samples(file: Path = FILE) -> list[CheckedSample]:
    """Return the samples by day. Rows without a day or a town are left out."""
    return sorted(_read(file), key=lambda sample: sample.day)


def _read(file: Path) -> Iterator[CheckedSample]:
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            cell = {name: (text or "").strip() for name, text in row.items()}
            if cell["Date"] and cell["City/Town"]:
                found = tuple(dict.fromkeys(_list_names(cell["FTIR Spectrometer"])))
                day = date.fromisoformat(cell["Date"][:10])
                yield CheckedSample(day, cell["City/Town"], cell["Site"], cell["Expected Substance"], found)


def _list_names(cell: str) -> list[str]:
    """Return the names in a cell such as `['MDMA', 'Caffeine']`."""
    try:
        names = ast.literal_eval(cell) if cell.startswith("[") else [cell]
    except (SyntaxError, ValueError):
        names = [cell]
    return [name.strip() for name in names if name.strip() and name.strip() != "N/A"]


def split(samples: list[CheckedSample]) -> tuple[list[CheckedSample], list[CheckedSample]]:
    """Return the samples for choosing and the held-out samples."""
    return [it for it in samples if it.day < HELD_OUT], [it for it in samples if it.day >= HELD_OUT]
