"""`consult import comments`: import a file of comments filed elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import OperationalError

from consult.analysis.text.kept_words import find_identifying
from consult.cli.schema_check import application
from consult.cli.tables import require_writable
from consult.core.clock import now
from consult.core.db import transaction
from consult.core.errors import Refusal
from consult.core.text import CsvWriter
from consult.files.records import ERROR_COLUMNS, BrokenRecord, RecordFile, UnreadableFile
from consult.submissions import imports
from consult.submissions.fields import IMPORTED
from consult.submissions.imports import ImportTarget
from consult.submissions.tables import service as tables
from consult.submissions.tables.platforms import TableMapping
from consult.submissions.tables.service import ImportBatch

MAX_SHOWN_ERRORS = 20
"""The number of rejected rows shown. The file of errors has all."""
EXIT_SOME_BAD = 3
"""The exit status of a complete run with rejected rows, so that scripts can tell it from an interrupted run."""
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group("import")
def import_group() -> None:
    """Import submissions made elsewhere."""


@dataclass
class ImportCount:
    """The number of rows added, already present and rejected."""

    added: int = 0
    there: int = 0
    bad: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def read(self) -> int:
        return self.added + self.there + self.bad


def _field_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add an option such as `--language-column` for each importable field of a submission."""
    for row in reversed(IMPORTED):
        name = f"--{row.name.replace('_', '-')}-column"
        command = click.option(name, row.name, default="", help=row.imported)(command)
    return command


def _name_columns(
    fields: dict[str, str], source_id: str, bodies: tuple[str, ...], stance: str, provision: str
) -> TableMapping:
    others = tuple((name, column) for name, column in fields.items() if column and name != "language")
    return TableMapping(source_id, bodies, stance, provision, fields["language"], fields=others)


@import_group.command("comments")
@click.argument("file", type=_FILE)
@click.option("--consultation", "slug", required=True, metavar="SLUG", help="The consultation, as in its web address.")
@click.option("--id-column", default="", help="Column with the identifier of a comment. Each one is imported once.")
@click.option("--text-column", "text_columns", multiple=True, help="Column with the text. Repeat it to join several.")
@click.option(
    "--stance-column", default="", help=f"Column with what it asks for: {', '.join(imports.STANCES)}, or empty."
)
@click.option(
    "--provision-column", default="", help="Column with the paragraph number, such as 2.1 or 1.4(a), or empty."
)
@_field_options
@click.option("--preview", is_flag=True, help="Show the columns and the first rows, and import nothing.")
@click.option("--source", help="Where the comments come from. Default: the name of the file.")
@click.option(
    "--published", is_flag=True, help="Publish the comments immediately, because they were moderated elsewhere."
)
@click.option("--anyway", is_flag=True, help="Import even if the consultation is not open yet.")
@click.option(
    "--errors", type=_NEW_FILE, help="CSV file for all rejected rows, unchanged, with their line and the reason."
)
def comments(
    file: Path,
    slug: str,
    source: str | None,
    published: bool,
    anyway: bool,
    errors: Path | None,
    id_column: str,
    text_columns: tuple[str, ...],
    stance_column: str,
    provision_column: str,
    preview: bool,
    **fields: str,
) -> None:
    """Import the comments of FILE (CSV or JSONL, gzipped or not, UTF-8).

    Columns of exports of regulations.gov, Have your say, Decidim, Consul Democracy and Citizen Space are recognised.
    Name the columns of other files, or those that you want instead. Use --preview first.

    Rejected rows are listed, and the import continues. The exit status is then 3 (0: all rows imported, 1: the import
    stopped early). You can import a file again: only missing rows are added. To finish an import that stopped, run
    the same command again. A row with a known identifier but a different text is rejected. Names and addresses on lines
    of their own are hidden from the public. A moderator can show them.
    """
    given = _name_columns(fields, id_column, text_columns, stance_column, provision_column)
    with application().app_context(), ExitStack() as stack:
        try:
            require_writable(errors, file)
            with transaction() as session:
                into = imports.get_target(session, slug=slug, source=source or file.name, published=published)
            mapping = tables.complete_mapping(file, given, into.language)
            if preview:
                _show_preview(file, mapping, into)
                return
            count = _import_file(file, mapping, _require_open(into, anyway), _BadRowReport(errors, stack))
        except (Refusal, UnreadableFile, OSError) as error:
            raise click.ClickException(str(error)) from error
        except OperationalError as error:
            raise click.ClickException(_explain_stop(error)) from error
    _report(count)


def _report(count: ImportCount) -> None:
    """Print the counts. Exits with status 3 if rows were rejected."""
    seconds = time.monotonic() - count.started
    click.echo(
        f"{count.read:,} rows in {seconds:.1f} s ({count.read / max(seconds, 0.001):,.0f} a second): "
        f"{count.added:,} added, {count.there:,} already there, {count.bad:,} rejected."
    )
    if count.bad:
        raise click.exceptions.Exit(EXIT_SOME_BAD)


def _explain_stop(error: OperationalError) -> str:
    why = str(error.orig).partition("\n")[0]
    return f"The database stopped ({why}). The imported rows are kept. Run the same command again later."


def _require_open(into: ImportTarget, anyway: bool) -> ImportTarget:
    """Raise Refusal before the opening date, because a consultation that is not open should have no comments."""
    if now() < into.opens_at and not anyway:
        raise Refusal(
            f"This consultation is not open yet. It opens on {into.opens_at:%d %B %Y at %H:%M} UTC. Nothing was "
            "imported. To import anyway, use --anyway."
        )
    return into


class _BadRowReport:
    """Reports rejected rows: the first few on standard error, all in the file of errors if there is one."""

    def __init__(self, path: Path | None, stack: ExitStack) -> None:
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._told = 0
        self._writer: CsvWriter | None = None
        if path is not None:
            self._writer = CsvWriter(stack.enter_context(path.open("w", encoding="utf-8", newline="")))

    def tell(self, bad: BrokenRecord, names: Sequence[str]) -> None:
        """Add a rejected row with its original cells to the file of errors, which can be corrected and imported."""
        self._told += 1
        if self._writer is not None:
            # A file of errors may be imported again when only partly corrected.
            size = len(names) - 2 * (tuple(names[-2:]) == ERROR_COLUMNS)
            if self._told == 1:
                self._writer.writerow((*names[:size], *ERROR_COLUMNS))
            reason = bad.reason if bad.row else f"{bad.reason}: {bad.words.strip()}"
            self._writer.writerow((*(bad.row[:size] or [""] * size), bad.line, reason))
        if self._told <= MAX_SHOWN_ERRORS:
            self.console.print(f"Line {bad.line:,}: {bad.reason}.", markup=False)
        elif self._told == MAX_SHOWN_ERRORS + 1:
            rest = "the file of errors has them all" if self._writer else "use --errors FILE to see them all"
            self.console.print(f"More rows were rejected; {rest}.", markup=False)


def _show_preview(path: Path, mapping: TableMapping, into: ImportTarget) -> None:
    """Print the columns that are read, and the first rows as they would be imported."""
    click.echo(f"Platform: {mapping.platform or 'not recognised'}")
    for name in ("source_id", "bodies", "stance", "provision", "language"):
        columns = getattr(mapping, name)
        click.echo(f"{name}: {', '.join(columns) if isinstance(columns, tuple) else columns or '-'}")
    for row in tables.preview(path, mapping, into):
        click.echo(f"Line {row.line:,}: {row.reason or ' '.join(row.body.split())[:160]}")


def _import_file(path: Path, mapping: TableMapping, into: ImportTarget, complaints: _BadRowReport) -> ImportCount:
    """Import a file in batches. The next batch is read while the database writes the previous one."""
    file, count = RecordFile(path, list(mapping.columns)), ImportCount()
    batches = tables.read_batches(file, mapping, into, find_identifying)
    with _progress(complaints.console) as progress, ThreadPoolExecutor(1) as reader:
        bar = progress.add_task(path.name, total=file.size, rows=0)
        coming = reader.submit(_next(batches))
        while (batch := coming.result()) is not None:
            coming = reader.submit(_next(batches))
            with transaction() as session:
                added, bad = tables.file_batch(session, into, batch)
            for broken in bad:
                complaints.tell(broken, file.names)
            count.added += added
            count.bad += len(bad)
            count.there += len(batch.records) + len(batch.bad) - added - len(bad)
            progress.update(bar, completed=file.read, rows=count.read)
    if count.added >= tables.BATCH:
        with transaction() as session:
            imports.analyze_tables(session)
    return count


def _next(batches: Iterator[ImportBatch]) -> Callable[[], ImportBatch | None]:
    return lambda: next(batches, None)


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
