"""Recount of the numbers of “What we heard” from public files alone, with a list of differences.

    python -m benchmarks.recount http://127.0.0.1:8000 SLUG

It reads public data only: the page, its CSV files, the file of published comments and the decision log. It imports
nothing of Consult: rules for comparing texts, recognising letters and counting submissions are written again here. Run
it when nothing is being filed or decided, because the page may be a minute old. The exit status is 1 if a number
differs.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import unicodedata
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

Rows = list[dict[str, str]]
_SHINGLE = 5
_LEAST = 5
"""A letter is told from five senders."""
_STANCES = {"support": "support", "concern": "concern", "wording": "wording", "evidence": "evidence", "": "not_said"}


class Number(NamedTuple):
    """A number of the page, its value in the files, and the difference allowed where the rules differ."""

    name: str
    told: int
    found: int
    within: int = 0

    @property
    def agrees(self) -> bool:
        return abs(self.told - self.found) <= self.within


class Site:
    """The public data of a consultation."""

    def __init__(self, address: str, slug: str) -> None:
        self.address, self.slug = address.rstrip("/"), slug

    def read(self, path: str) -> str:
        with urllib.request.urlopen(self.address + path) as answer:
            return str(answer.read().decode("utf-8"))

    def table(self, path: str) -> Rows:
        csv.field_size_limit(10_000_000)
        return list(csv.DictReader(io.StringIO(self.read(path))))

    def heard(self, name: str) -> Rows:
        return self.table(f"/c/{self.slug}/heard/{name}.csv")


def normal(words: str) -> str:
    """Return the words of a text without case and punctuation, for comparison."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", words).casefold()))


def texts(rows: Rows) -> dict[str, str]:
    """Return the words of each submission, its comments in order."""
    said: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        if row["what"] == "comment":
            said[row["reference"]].append((int(row["page"].rpartition("#c")[2]), row["comment"]))
    return {
        reference: normal("\n".join(words for _number, words in sorted(those))) for reference, those in said.items()
    }


def shingles(words: str) -> set[str]:
    """Return all runs of five words."""
    parts = words.split()
    return {" ".join(parts[at : at + _SHINGLE]) for at in range(len(parts) - _SHINGLE + 1)}


def told_on(page: str) -> dict[str, int]:
    """Return the numbers of the page by the names of the lists that they link to."""
    found = re.findall(r'/heard/list/([\w:.-]+)">(?:<b>)?([\d,]+)', page)
    return {name: int(number.replace(",", "")) for name, number in found}


def cells(rows: Rows, places: Rows) -> Iterator[Number]:
    """Yield submissions by part of the draft and type of comment.

    Each counts once in a part, and once for each type.
    """
    at: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        if row["what"] == "comment":
            key = row["place_id"] if row["place_kind"] != "question" else f"question-{row['place_number']}"
            at[key, "submissions"].add(row["reference"])
            at[key, _STANCES[row["stance"]]].add(row["reference"])
    for place in places:
        if place["place_kind"] != "former":
            for name in ("submissions", *_STANCES.values()):
                yield Number(place["place"], int(place[name]), len(at[place["place_id"], name]))


def groups(rows: Rows, table: Rows, column: str) -> Iterator[Number]:
    """Yield submissions by group of participants. Groups too small to be shown are not compared."""
    counts = Counter({row["reference"]: row[column] for row in rows}.values())
    for line in table:
        name, told = next(iter(line.values())), int(line["submissions"])
        if name != "groups too small to show":
            yield Number(name, told, counts[name])


def letters(said: dict[str, str], table: Rows) -> Iterator[Number]:
    """Yield the senders of the largest letter: of one of its versions as it is, and of most of it.

    The files do not say which repeated text is a version. The lower limit is the copies of the example text; the upper
    one is all similar texts that five or more sent. Similarity to a letter is computed by another rule: half of it.
    """
    for line in table[:1]:
        letter = said.get(line["an_example"], "")
        core, distinct = shingles(letter), Counter(said.values())
        alike = {text: n for text, n in distinct.items() if len(core & shingles(text)) * 2 >= len(core) > 0}
        told, of_letter = int(line["word_for_word"]), int(line["submissions"])
        published = int(line.get("published") or of_letter)
        waiting = of_letter - published  # whose words nobody may read yet
        most = sum(n for n in alike.values() if n >= _LEAST)
        yield Number(
            f"letter: word for word, {distinct[letter]:,} to {most:,}",
            told,
            sorted((distinct[letter], told, most))[1],
            within=waiting,
        )
        yield Number("letter: half of it or more", published, sum(alike.values()), within=max(2, len(said) // 200))
        yield Number("letter: more in its parts than in it", max(0, told + int(line["adding"]) - of_letter), 0)


def joined(name: str, numbers: Iterator[Number]) -> Number:
    """Return many numbers as one: how many of them agree."""
    every = list(numbers)
    return Number(f"{name}: {len(every)} numbers that agree", len(every), sum(one.agrees for one in every))


def recount(site: Site) -> list[Number]:
    """Return the numbers as shown and as recounted."""
    page = site.read(f"/c/{site.slug}/said")
    told = told_on(page)
    rows = site.table(f"/c/{site.slug}/search.csv")
    log = [row for row in site.table("/log.csv") if row["consultation"] == site.slug]
    said = texts(rows)
    placed = {row["reference"] for row in rows if row["place_kind"] not in ("", "whole")}
    references = {row["reference"] for row in rows}
    published, hidden = len(references), told["all-received"] - told["all-published"]
    logged = {row["reference"] for row in log if row["decision"] in ("published", "appeal.accepted")}
    batches = Counter(row["batch"] for row in log if row["batch"])
    sizes = {row["batch"]: int(row["batch_size"]) for row in log if row["batch"]}
    return [
        Number("submissions published", told["all-published"], published),
        Number("distinct texts, with those not published", told["all-texts"], len(set(said.values())), within=hidden),
        Number("on a paragraph or a question", told.get("all-spoken", 0), len(placed)),
        Number("organisations", told.get("all-organisations", 0),
               len({row["submitter"] for row in rows if row["kind"] == "organisation"})),
        joined("by paragraph and kind", cells(rows, site.heard("paragraphs"))),
        joined("by language", groups(rows, site.heard("languages"), "language")),
        joined("by country", groups(rows, site.heard("countries"), "country")),
        *letters(said, site.heard("letters")),
        Number("with a line in the log that publishes it", published, len(references & logged)),
        joined("sizes of batches", (Number(name, sizes[name], n) for name, n in batches.items())),
    ]  # fmt: skip


def main() -> int:
    numbers = recount(Site(*sys.argv[1:3]))
    shown = Table("number", "told", "found", "", title=f"{sys.argv[2]}: told on the page, found in the public files")
    for one in numbers:
        rule = f" within {one.within}" if one.within else ""
        shown.add_row(one.name, f"{one.told:,}", f"{one.found:,}", f"agrees{rule}" if one.agrees else "DIFFERS")
    Console().print(shown)
    return 0 if all(one.agrees for one in numbers) else 1


if __name__ == "__main__":
    sys.exit(main())
