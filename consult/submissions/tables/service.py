"""Tables of comments: complete the columns, preview, and import in batches with an error for each rejected row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.files.records import BrokenRecord, FileRecord, RecordFile, UnreadableFile, read_names
from consult.submissions import imports
from consult.submissions.imports import FindPersonal, ImportedComment, ImportTarget, RecordRejected, SealedBatch
from consult.submissions.tables.platforms import TableMapping, propose_mapping
from consult.submissions.tables.rows import to_fields

BATCH = 2_000
PREVIEWED = 20
"""Rows of a preview."""


@dataclass(frozen=True)
class ImportBatch:
    """A batch of comments with their records, and rejected rows."""

    records: Sequence[FileRecord]
    comments: SealedBatch
    bad: Sequence[BrokenRecord]


@dataclass(frozen=True)
class PreviewRow:
    """A row as it would be imported, or the reason why it would be rejected."""

    line: int
    source_id: str = ""
    body: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ImportResult:
    """What became of the rows of a file: new comments, known ones, and rejected rows with the first reasons."""

    added: int
    known: int
    rejected: int
    reasons: Sequence[BrokenRecord]


def complete_mapping(path: Path, given: TableMapping, language: str) -> TableMapping:
    """Return the given columns, and those of the platform for what is not given. Raises UnreadableFile and a Refusal.

    If the text columns are given, the others are only used as given.
    """
    if given.is_complete:
        return given
    names = read_names(path)
    proposed = propose_mapping(names, language=language)
    changes = {name: value for name, value in vars(given).items() if value}
    mapping = replace(proposed, **changes)
    if not mapping.is_complete:
        raise Refusal(
            _(
                "We do not know these columns. Say which column has the identifier and which has the text. "
                "Columns: %(names)s.",
                names=", ".join(names)[:1000],
            )
        )
    return mapping


def preview(path: Path, mapping: TableMapping, into: ImportTarget, *, most: int = PREVIEWED) -> list[PreviewRow]:
    """Return the first rows as they would be imported. Stores nothing. Raises UnreadableFile."""
    rows = []
    for record in islice(RecordFile(path, list(mapping.columns)), most):
        comment = _check(record, mapping, into)
        if isinstance(comment, BrokenRecord):
            rows.append(PreviewRow(comment.line, reason=comment.reason))
        else:
            rows.append(PreviewRow(record.line, comment.source_id, comment.body))
    return rows


def read_batches(
    file: RecordFile, mapping: TableMapping, into: ImportTarget, find_personal: FindPersonal | None
) -> Iterator[ImportBatch]:
    """Yield batches of rows to store. Rows before an unreadable position are yielded before the error is raised."""
    good: list[tuple[FileRecord, ImportedComment]] = []
    bad: list[BrokenRecord] = []
    trouble: UnreadableFile | None = None
    try:
        for record in file:
            comment = _check(record, mapping, into)
            if isinstance(comment, BrokenRecord) or isinstance(record, BrokenRecord):
                bad.append(comment if isinstance(comment, BrokenRecord) else record)  # type: ignore[arg-type]
            else:
                good.append((record, comment))
            if len(good) + len(bad) >= BATCH:
                yield _seal(into, good, bad, find_personal)
                good, bad = [], []
    except UnreadableFile as error:
        trouble = error
    if good or bad:
        yield _seal(into, good, bad, find_personal)
    if trouble is not None:
        raise trouble


def _check(
    record: FileRecord | BrokenRecord, mapping: TableMapping, into: ImportTarget
) -> ImportedComment | BrokenRecord:
    """Return the comment of a record, or the record with the reason why it is rejected."""
    if isinstance(record, BrokenRecord):
        return record
    try:
        return imports.check_record(into, **to_fields(mapping, record.cells))
    except RecordRejected as rejected:
        return BrokenRecord(record.line, rejected.message, "", record.row)


def _seal(
    into: ImportTarget,
    good: Sequence[tuple[FileRecord, ImportedComment]],
    bad: Sequence[BrokenRecord],
    find_personal: FindPersonal | None,
) -> ImportBatch:
    sealed = imports.seal_batch(into, [new for _record, new in good], find_personal)
    return ImportBatch([record for record, _new in good], sealed, bad)


def file_batch(session: Session, into: ImportTarget, batch: ImportBatch) -> tuple[int, list[BrokenRecord]]:
    """Store a batch. Return the number of new comments and the rejected rows in order.

    A row is rejected if its identifier is already used with another text.
    """
    rows = batch.comments.rows
    added = imports.file_batch(session, into, batch.comments, at=now())
    lost = imports.list_differing(session, into, rows) if added < len(rows) else []
    differing = []
    for place in lost:
        record = batch.records[place]
        reason = _("a different text already has the id %(id)s", id=rows[place].source_id)
        differing.append(BrokenRecord(record.line, reason, "", record.row))
    return added, sorted([*batch.bad, *differing], key=lambda row: row.line)


def import_file(
    session: Session,
    path: Path,
    mapping: TableMapping,
    into: ImportTarget,
    find_personal: FindPersonal | None,
    *,
    most: int,
) -> ImportResult:
    """Store the rows in the transaction of the caller: all that are valid, or none if the server stops.

    At most `most` reasons are returned. Raises UnreadableFile.
    """
    added = known = rejected = 0
    reasons: list[BrokenRecord] = []
    for batch in read_batches(RecordFile(path, list(mapping.columns)), mapping, into, find_personal):
        new, bad = file_batch(session, into, batch)
        added, rejected = added + new, rejected + len(bad)
        known += len(batch.records) + len(batch.bad) - new - len(bad)
        reasons += bad[: most - len(reasons)]
    return ImportResult(added, known, rejected, reasons)
