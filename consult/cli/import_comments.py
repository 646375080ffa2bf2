"""`consult import comments`: imports a file of comments that were filed elsewhere."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import OperationalError

from consult.cli.records import BrokenRecord, FileRecord, RecordFile, UnreadableFile
from consult.cli.schema_check import application
from consult.cli.tables import require_writable
from consult.core.clock import now
from consult.core.db import transaction
from consult.core.errors import Refusal
from consult.submissions import imports
from consult.submissions.fields import IMPORTED
from consult.submissions.imports import ImportedComment, ImportTarget, RecordRejected, SealedBatch

BATCH = 2_000
MAX_SHOWN_ERRORS = 20
"""How many bad rows are shown; all of them go to the file of errors."""
_TOLD = ("line", "reason")
EXIT_SOME_BAD = 3
"""The exit code of a run that is complete but for bad rows: a script can tell it from one that broke off."""
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group("import")
def import_group() -> None:
    """Take in what was filed elsewhere."""


@dataclass(frozen=True)
class ImportColumns:
    """The columns of the file that hold each part of a comment."""

    source_id: str
    body: str
    stance: str | None
    provision: str | None
    fields: Mapping[str, str | None]  # of a submission

    @property
    def named(self) -> dict[str, str]:
        """The columns that were given, by what they hold."""
        asked = {**vars(self), **self.fields}
        return {what: column for what, column in asked.items() if column and what != "fields"}


def _field_options(command: Callable[..., None]) -> Callable[..., None]:
    """An option for the column of each field of a submission that is read from a file: `--language-column`."""
    for row in reversed(IMPORTED):
        command = click.option(f"--{row.name.replace('_', '-')}-column", row.name, help=row.imported)(command)
    return command


@dataclass
class ImportCount:
    """What became of the rows."""

    added: int = 0
    there: int = 0
    bad: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def read(self) -> int:
        return self.added + self.there + self.bad


@import_group.command("comments")
@click.argument("file", type=_FILE)
@click.option("--consultation", "slug", required=True, metavar="SLUG", help="The consultation, as in its address.")
@click.option("--id-column", required=True, help="What a comment is called in the file; it is taken in once.")
@click.option("--text-column", required=True, help="The words of the comment.")
@click.option("--stance-column", help="support, concern, wording, evidence, or empty.")
@click.option("--provision-column", help="The number of the paragraph it is about, such as 2.1 or 1.4(a), or empty.")
@_field_options
@click.option("--source", help="Where the comments come from; the file's name if not given.")
@click.option("--published", is_flag=True, help="They were moderated elsewhere: show them at once.")
@click.option("--anyway", is_flag=True, help="Also into a consultation that is not open yet.")
@click.option(
    "--errors", type=_NEW_FILE, help="A CSV file to write every bad row to, as it was, with its line and the reason."
)
def comments(
    file: Path,
    slug: str,
    source: str | None,
    published: bool,
    anyway: bool,
    errors: Path | None,
    id_column: str,
    text_column: str,
    stance_column: str | None,
    provision_column: str | None,
    **fields: str | None,
) -> None:
    """Take in the comments of FILE (CSV or JSONL, gzipped or not, UTF-8).

    A bad row is told and the rest goes on; the exit code is then 3 (0: all rows are in, 1: the run broke off). Taking
    a file in again adds only what is not there yet, so a run that was stopped is finished by giving the same command
    again. An id stands for what was said under it first: a row with other words is a bad one.
    """
    columns = ImportColumns(id_column, text_column, stance_column, provision_column, fields)
    with application().app_context(), ExitStack() as stack:
        try:
            require_writable(errors, file)
            with transaction() as session:
                into = imports.get_target(session, slug=slug, source=source or file.name, published=published)
            count = _import_file(file, columns, _require_open(into, anyway), _BadRowReport(errors, stack))
        except (Refusal, UnreadableFile, OSError) as error:
            raise click.ClickException(str(error)) from error
        except OperationalError as error:
            why = str(error.orig).partition("\n")[0]
            said = f"The database gave up ({why}). What was taken in stays: give the same command again later."
            raise click.ClickException(said) from error
    seconds = time.monotonic() - count.started
    click.echo(
        f"{count.read:,} rows in {seconds:.1f} s ({count.read / max(seconds, 0.001):,.0f} a second): "
        f"{count.added:,} added, {count.there:,} there already, {count.bad:,} bad."
    )
    if count.bad:
        raise click.exceptions.Exit(EXIT_SOME_BAD)


def _require_open(into: ImportTarget, anyway: bool) -> ImportTarget:
    """Raises Refusal before the consultation opens: who reads "not open yet" expects no comments in its books."""
    if now() < into.opens_at and not anyway:
        raise Refusal(
            f"This consultation is not open yet: it opens on {into.opens_at:%d %B %Y at %H:%M} UTC. Nothing was taken "
            "in. Give --anyway if you mean it."
        )
    return into


class _BadRowReport:
    """Tells of bad rows: the first few on standard error, all in the file of errors if there is one."""

    def __init__(self, path: Path | None, stack: ExitStack) -> None:
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._told = 0
        self._writer: Any = None
        if path is not None:
            self._writer = csv.writer(stack.enter_context(path.open("w", encoding="utf-8", newline="")))

    def tell(self, bad: BrokenRecord, names: Sequence[str]) -> None:
        """Adds a row to the file of errors, which can be imported once corrected: its cells as they were, or none."""
        self._told += 1
        if self._writer is not None:
            size = len(names) - 2 * (tuple(names[-2:]) == _TOLD)  # a file of errors that was corrected, but not wholly
            if self._told == 1:
                self._writer.writerow((*names[:size], *_TOLD))
            reason = bad.reason if bad.row else f"{bad.reason}: {bad.words.strip()}"
            self._writer.writerow((*(bad.row[:size] or [""] * size), bad.line, reason))
        if self._told <= MAX_SHOWN_ERRORS:
            self.console.print(f"Line {bad.line:,}: {bad.reason}.", markup=False)
        elif self._told == MAX_SHOWN_ERRORS + 1:
            rest = "the file of errors has them all" if self._writer else "give --errors FILE to see them all"
            self.console.print(f"More rows are bad; {rest}.", markup=False)


def _import_file(path: Path, columns: ImportColumns, into: ImportTarget, complaints: _BadRowReport) -> ImportCount:
    """Reads the next batch while the database writes the one before; commits each."""
    file, count = RecordFile(path, list(columns.named.values())), ImportCount()
    batches = _batches(file, columns, into)
    with _progress(complaints.console) as progress, ThreadPoolExecutor(1) as reader:
        bar = progress.add_task(path.name, total=file.size, rows=0)
        coming = reader.submit(_next(batches))
        while (batch := coming.result()) is not None:
            coming = reader.submit(_next(batches))
            added, bad = _file_batch(into, batch)
            for broken in bad:
                complaints.tell(broken, file.names)
            count.added += added
            count.bad += len(bad)
            count.there += len(batch.records) + len(batch.bad) - added - len(bad)
            progress.update(bar, completed=file.read, rows=count.read)
    if count.added >= BATCH:
        with transaction() as session:
            imports.analyze_tables(session)
    return count


@dataclass(frozen=True)
class ImportBatch:
    """Comments to import, with their records, and rows to report."""

    records: Sequence[FileRecord]
    comments: SealedBatch
    bad: Sequence[BrokenRecord]


def _file_batch(into: ImportTarget, batch: ImportBatch) -> tuple[int, list[BrokenRecord]]:
    """Files a batch: how many were new, and its bad rows in order. An id stands for what was said under it first."""
    rows = batch.comments.rows
    with transaction() as session:
        added = imports.file_batch(session, into, batch.comments, at=now())
        lost = imports.list_differing(session, into, rows) if added < len(rows) else []
    told = []
    for place in lost:
        record, said = batch.records[place], f"other words are there already under the id {rows[place].source_id}"
        told.append(BrokenRecord(record.line, said, "", record.row))
    return added, sorted([*batch.bad, *told], key=lambda one: one.line)


def _next(batches: Iterator[ImportBatch]) -> Callable[[], ImportBatch | None]:
    return lambda: next(batches, None)


def _batches(file: RecordFile, columns: ImportColumns, into: ImportTarget) -> Iterator[ImportBatch]:
    """So many rows at a time, ready to be filed. What was read before the file broke comes first."""
    good: list[tuple[FileRecord, ImportedComment]] = []
    bad: list[BrokenRecord] = []
    trouble: UnreadableFile | None = None
    try:
        for record in file:
            try:
                if isinstance(record, BrokenRecord):
                    bad.append(record)
                else:
                    good.append(
                        (record, imports.check_record(into, **dict(zip(columns.named, record.cells, strict=True))))
                    )
            except RecordRejected as rejected:
                bad.append(BrokenRecord(record.line, rejected.message, "", record.row))
            if len(good) + len(bad) >= BATCH:
                yield _batch(into, good, bad)
                good, bad = [], []
    except UnreadableFile as error:
        trouble = error
    if good or bad:
        yield _batch(into, good, bad)
    if trouble is not None:
        raise trouble


def _batch(
    into: ImportTarget, good: Sequence[tuple[FileRecord, ImportedComment]], bad: Sequence[BrokenRecord]
) -> ImportBatch:
    return ImportBatch([record for record, _new in good], imports.seal_batch(into, [new for _record, new in good]), bad)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
