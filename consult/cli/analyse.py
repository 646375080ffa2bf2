"""`consult analyse`: campaigns, quotes and languages of a file of comments, without a database."""

from __future__ import annotations

import sys
import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from consult.analysis.corpus import Corpus
from consult.analysis.grouping import Grouping, group
from consult.analysis.placing import Placed, names, place_all
from consult.cli.tables import Unreadable, rows, table

_BATCH = 2_000
_PLACED_TOGETHER = 10_000
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)
P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


@click.group()
def analyse() -> None:
    """Find campaigns, choose quotes and tell languages in a file of comments; no database needed.

    FILE is CSV, gzipped CSV or JSONL. The same file always gives the same bytes.
    """


def _told(command: Callable[P, R]) -> Callable[P, R]:
    """A command that tells in one sentence what is wrong with a file."""

    @wraps(command)
    def telling(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Unreadable as error:
            raise click.ClickException(str(error)) from error

    return telling


class _Progress:
    """A line on standard error: how many of what, and how fast; rewritten in place on a terminal."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._since = self._told = time.monotonic()
        self._count = 0
        self._live = sys.stderr.isatty()

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._tell(end="\n")

    def add(self, count: int) -> None:
        """So many more are done."""
        self._count += count
        if time.monotonic() - self._told > (0.2 if self._live else 5):
            self._tell(end="" if self._live else "\n")

    def _tell(self, end: str) -> None:
        self._told = time.monotonic()
        rate = self._count / max(1e-9, self._told - self._since)
        start = "\r" if self._live else ""
        click.echo(f"{start}{self._what}: {self._count:,} ({rate:,.0f} a second){end}", nl=False, err=True)


def _batches(items: Iterable[T], size: int = _BATCH) -> Iterator[list[T]]:
    stream = iter(items)
    while batch := list(islice(stream, size)):
        yield batch


@analyse.command()
@click.argument("file", type=_FILE)
@click.option("--id-column", default="id", show_default=True, help="Column with the identifier of a comment.")
@click.option("--text-column", default="text", show_default=True, help="Column with the words of a comment.")
@click.option("--out", type=_OUT, required=True, help="CSV to write: id, campaign, class, share.")
@click.option("--statements", type=_OUT, help="CSV to write: id, start, end, text, kind (added, removed, contrary).")
@_told
def campaigns(file: Path, id_column: str, text_column: str, out: Path, statements: Path | None) -> None:
    """Tell form letters, copies with changes and individual voices apart.

    class is exact (the letter itself), letter (the letter with changes or additions), shared (passages that others use
    too), individual, or attachment (points to a file, or says nothing). share is the part of a comment's words that
    are the letter's, or stand in shared passages.

    Positions in the statements count characters from 0. Of words removed, text is the letter's, and start and end are
    the place in the comment where they are missing; of all others, text is the comment's from start to end.
    """
    corpus = Corpus()
    numbers = array("q")
    with _Progress("Comments read") as progress:
        for batch in _batches(rows(file, [text_column])):
            numbers.extend(corpus.add([text for (text,) in batch]))
            progress.add(len(batch))
    click.echo(f"Distinct texts: {len(corpus):,}", err=True)
    grouping = group(corpus)
    click.echo(f"Campaigns: {len(grouping.campaigns):,}", err=True)
    source = rows(file, [id_column, text_column])
    with table(out, ["id", "campaign", "class", "share"]) as groups:
        if statements is None:
            for key, placed in _placed(corpus, grouping, numbers, source):
                groups.writerow((key, placed.campaign, placed.kind, f"{placed.share:.4f}"))
            return
        with table(statements, ["id", "start", "end", "text", "kind"]) as said:
            for key, placed in _placed(corpus, grouping, numbers, source):
                groups.writerow((key, placed.campaign, placed.kind, f"{placed.share:.4f}"))
                said.writerows((key, one.start, one.end, one.text, one.kind) for one in placed.statements)


def _placed(
    corpus: Corpus, grouping: Grouping, numbers: array[int], source: Iterable[tuple[str, ...]]
) -> Iterator[tuple[str, Placed]]:
    called = names(corpus, grouping)
    first = 0
    with _Progress("Comments placed") as progress:
        for batch in _batches(source, _PLACED_TOGETHER):
            of_batch = numbers[first : first + len(batch)]
            first += len(batch)
            placed = place_all(grouping, called, of_batch, [text for _, text in batch])
            yield from zip([key for key, _ in batch], placed, strict=True)
            progress.add(len(batch))


if __name__ == "__main__":
    analyse()
