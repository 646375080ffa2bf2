"""`consult analyse`: find campaigns, quotes and languages in a file of comments, without a database."""

from __future__ import annotations

import gc
import sys
import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
import numpy as np

from consult.analysis.campaigns.classification import ClassifiedComment, stable_names, start_classification
from consult.analysis.campaigns.corpus import Corpus
from consult.analysis.campaigns.groups import GroupedTexts, group_texts
from consult.analysis.cluster import open_executor
from consult.analysis.kinds import StatementKind
from consult.analysis.parallel import Executor, Inline, WorkersLost
from consult.analysis.text.language import DETECTABLE_LANGUAGES, LanguageDetector
from consult.analysis.text.line_roles import read_lines
from consult.analysis.text.quotes import choose_quotes
from consult.cli.processes.numbers import WholeNumber
from consult.cli.summary import CampaignSummary
from consult.cli.tables import read_rows, require_writable, table_writer
from consult.core.web.template_filters import fraction
from consult.files.records import UnreadableFile

_BATCH = 2_000
_PLACED_TOGETHER = 10_000
_GROUPS = ["id", "campaign", "class", "share"]
_STATEMENTS = ["id", "start", "end", "text", "kind", "confidence"]
_LINES = ["id", "start", "end", "role"]
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)
P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


@click.group()
def analyse() -> None:
    """Analyse a file of comments without a database.

    The commands find campaigns, choose quotes and detect languages. FILE is CSV, gzipped CSV or JSONL. The same
    file always gives the same output, byte for byte.
    """


def _report_unreadable(command: Callable[P, R]) -> Callable[P, R]:
    """Decorate a command so that an unreadable file, or processes that were lost, end it with a message."""

    @wraps(command)
    def telling(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (UnreadableFile, WorkersLost) as error:
            raise click.ClickException(str(error)) from error

    return telling


@contextmanager
def _cycles_uncollected() -> Iterator[None]:
    """Pause the garbage collector. No cycles are created, and each run would traverse all retained data."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


class _ProgressLine:
    """A progress line on standard error with count and speed. On a terminal it is updated in place."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._since = self._told = time.monotonic()
        self._count = 0
        self._live = sys.stderr.isatty()

    def __enter__(self) -> _ProgressLine:
        return self

    def __exit__(self, error: object, *_: object) -> None:
        if self._count or error is None:
            self._tell(end="\n")

    def add(self, count: int) -> None:
        """Add to the count of completed items."""
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


def _one_ahead(items: Iterable[T]) -> Iterator[T]:
    """Yield each item after the next has been made."""
    stream = iter(items)
    before = list(islice(stream, 1))
    for item in stream:
        yield before.pop()
        before.append(item)
    yield from before


@analyse.command()
@click.argument("file", type=_FILE)
@click.option("--id-column", default="id", show_default=True, help="Column with the identifier of a comment.")
@click.option("--text-column", default="text", show_default=True, help="Column with the text of a comment.")
@click.option("--out", type=_OUT, help="CSV to write: id, campaign, class, share. Without it, a summary is printed.")
@click.option("--statements", type=_OUT, help="CSV to write: id, start, end, text, kind, confidence.")
@click.option(
    "--quick",
    is_flag=True,
    help="Do not look for texts made from a template or for copies with filler words.",
)
@click.option(
    "--processes", type=WholeNumber(min=1), default=1, show_default=True, help="Number of processes that compare texts."
)
@click.option(
    "--scheduler",
    help="Address of a Dask scheduler whose workers compare texts, such as tls://10.0.0.5:8786. Comments go there.",
)
@_report_unreadable
def campaigns(
    file: Path,
    id_column: str,
    text_column: str,
    out: Path | None,
    statements: Path | None,
    quick: bool,
    processes: int,
    scheduler: str | None,
) -> None:
    """Separate campaign letters, changed copies and comments written individually.

    class is exact (the campaign letter itself), letter (the letter with changes or additions), shared (passages that
    others use too), individual, or attachment (points to a file, or says nothing). share is the part of a comment's
    words that come from the letter or from shared passages.

    kind of a statement is added, removed or swapped. A swapped statement is a sentence of the letter with a word
    replaced by its opposite, found by software with a confidence from 0 to 1. The comment need not oppose the letter.

    Positions in the statements count characters from 0. For removed words, text comes from the letter, and start and
    end show where they are missing in the comment. For all others, text is the comment's text from start to end.
    """
    require_writable(out, file)
    require_writable(statements, file, out)
    with _cycles_uncollected(), Corpus() as corpus, open_executor(processes, scheduler) as executor:
        numbers = _read_corpus(corpus, read_rows(file, [id_column, text_column]))
        grouping = group_texts(corpus, altered=not quick)
        click.echo(f"Campaigns: {len(grouping.campaigns):,}", err=True)
        placed = _classify(corpus, grouping, numbers, read_rows(file, [id_column, text_column]), executor)
        _write_campaigns(placed, out, statements)


def _write_campaigns(
    placed: Iterable[tuple[str, ClassifiedComment, str]], out: Path | None, statements: Path | None
) -> None:
    summary = None if out else CampaignSummary()
    with _optional_table(out, _GROUPS) as groups, _optional_table(statements, _STATEMENTS) as table:
        for key, comment, text in placed:
            if groups is not None:
                groups.writerow((key, comment.campaign, comment.kind, fraction(comment.share)))
            if summary is not None:
                summary.add(comment, text)
            if table is not None:
                table.writerows(
                    (key, each.start, each.end, each.text, _name_kind(each.kind), each.confidence or "")
                    for each in comment.statements
                )
    if summary is not None:
        click.echo("\n".join(summary.lines()))


def _name_kind(kind: StatementKind) -> str:
    """Return the kind as files name it. A swapped word does not prove that a comment contradicts the letter."""
    return "swapped" if kind is StatementKind.CONTRARY else str(kind)


def _optional_table(path: Path | None, columns: list[str]) -> AbstractContextManager[Any]:
    return table_writer(path, columns) if path else nullcontext()


def _read_corpus(corpus: Corpus, source: Iterable[tuple[str, ...]]) -> array[int]:
    """Return the corpus number of each text."""
    numbers = array("q")
    with _ProgressLine("Comments read") as progress:
        for batch in _batches(source):
            numbers.extend(corpus.add([text for _key, text in batch]))
            progress.add(len(batch))
    click.echo(f"Distinct texts: {len(corpus):,}", err=True)
    return numbers


def _classify(
    corpus: Corpus,
    grouping: GroupedTexts,
    numbers: array[int],
    source: Iterable[tuple[str, ...]],
    executor: Executor,
) -> Iterator[tuple[str, ClassifiedComment, str]]:
    """Yield identifier, classification and text of each comment. Other processes compute a batch ahead."""
    called = stable_names(corpus, grouping)
    keys = array("q")

    def start_batches() -> Iterator[tuple[list[tuple[str, ...]], Callable[[], list[ClassifiedComment]]]]:
        first = 0
        for batch in _batches(source, _PLACED_TOGETHER):
            of_batch = numbers[first : first + len(batch)]
            first += len(batch)
            keys.extend(hash(key) for key, _ in batch)
            texts = [text for _, text in batch]
            yield batch, start_classification(grouping, called, of_batch, texts, executor=executor)

    started = start_batches() if executor.chunk is None else _one_ahead(start_batches())
    with _ProgressLine("Comments classified") as progress:
        for batch, finish in started:
            yield from ((key, one, text) for (key, text), one in zip(batch, finish(), strict=True))
            progress.add(len(batch))
    again = len(keys) - len(np.unique(np.array(keys)))
    if again:
        click.echo(f"Rows that repeat an identifier: {again:,}. Each row has its own line in the output.", err=True)


@analyse.command()
@click.argument("file", type=_FILE)
@click.option("--id-column", default="id", show_default=True, help="Column with the identifier of a comment.")
@click.option("--text-column", default="text", show_default=True, help="Column with the text of a comment.")
@click.option("--out", type=_OUT, required=True, help="CSV to write: id, start, end, role.")
@_report_unreadable
def lines(file: Path, id_column: str, text_column: str, out: Path) -> None:
    """Label each line of each comment: words, greeting, courtesy, identifying, pointer, heading or instruction.

    Only words become excerpts, quotes and arguments. identifying is a name, an address or contact details, pointer says
    that the comment is in a file, and instruction is a note of a template to its sender. A line is cut where the words
    of a campaign letter end and the sender's own words begin.

    start and end count characters from 0. Lines without a letter or digit are left out.
    """
    require_writable(out, file)
    with _cycles_uncollected(), Corpus() as corpus:
        numbers = _read_corpus(corpus, read_rows(file, [id_column, text_column]))
        grouping = group_texts(corpus, altered=False)
        placed = _classify(corpus, grouping, numbers, read_rows(file, [id_column, text_column]), Inline())
        with table_writer(out, _LINES) as labelled:
            for key, comment, text in placed:
                labelled.writerows((key, line.start, line.end, line.role) for line in comment.lines or read_lines(text))


@analyse.command()
@click.argument("file", type=_FILE)
@click.option("--group-column", required=True, help="Column with the group, such as provision and stance.")
@click.option("--text-column", default="text", show_default=True, help="Column with the text of a statement.")
@click.option("--k", type=WholeNumber(min=1), required=True, help="Number of quotes for each group.")
@click.option("--out", type=_OUT, required=True, help="CSV to write: group, rank, row, text.")
@_report_unreadable
def quotes(file: Path, group_column: str, text_column: str, k: int, out: Path) -> None:
    """Choose the K statements of each group that together include most of its points.

    Quotes are verbatim, except for an apostrophe before text that a spreadsheet would run as a formula. row is the
    number of the row in FILE, from 1. Groups are in the order of their first row.
    """
    require_writable(out, file)
    groups: dict[str, list[tuple[str, int]]] = {}
    with _ProgressLine("Statements read") as progress:
        number = 0
        for batch in _batches(read_rows(file, [group_column, text_column])):
            for name, text in batch:
                number += 1
                groups.setdefault(name, []).append((text, number))
            progress.add(len(batch))
    with table_writer(out, ["group", "rank", "row", "text"]) as quoted, _ProgressLine("Groups quoted") as progress:
        for name, statements in groups.items():
            for rank, chosen in enumerate(choose_quotes([text for text, _ in statements], k), start=1):
                text, row = statements[chosen]
                quoted.writerow((name, rank, row, text))
            progress.add(1)


@analyse.command()
@click.argument("file", type=_FILE)
@click.option("--text-column", default="text", show_default=True, help="Column with the text.")
@click.option("--languages", help="Languages to choose from, such as en,fr,es,ar. Default: the 37 most used.")
@click.option("--out", type=_OUT, required=True, help="CSV to write: row, language, confidence.")
@_report_unreadable
def language(file: Path, text_column: str, languages: str | None, out: Path) -> None:
    """Detect the language of each text. For short texts, the languages of the other texts are used as a hint.

    row is the number of the row in FILE, from 1. language is an ISO 639 code, or und if the text has too few
    characters.
    """
    require_writable(out, file)
    try:
        among = LanguageDetector(languages.replace(" ", "").split(",") if languages else DETECTABLE_LANGUAGES)
    except ValueError as error:
        raise click.BadParameter(
            f"{error}. Use two-letter codes with commas between them, such as en,fr,es,ar.", param_hint="--languages"
        ) from error
    pieces = []
    with _ProgressLine("Texts read") as progress:
        for batch in _batches(read_rows(file, [text_column])):
            pieces.append(among.chances([text for (text,) in batch]))
            progress.add(len(batch))
    chances = np.concatenate(pieces) if pieces else among.chances([])
    shares = among.shares(chances)
    with table_writer(out, ["row", "language", "confidence"]) as told:
        first = 0
        for texts in _batches(read_rows(file, [text_column]), _PLACED_TOGETHER):
            decided = among.decide(chances[first : first + len(texts)], shares, [text for (text,) in texts])
            told.writerows(
                (first + row, name, fraction(float(sure))) for row, (name, sure) in enumerate(decided, start=1)
            )
            first += len(texts)


if __name__ == "__main__":
    analyse()
