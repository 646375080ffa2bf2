"""The operation that imports a table of comments."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from consult.accounts.model import Account
from consult.accounts.tokens.model import Scope
from consult.analysis.text.kept_words import find_identifying
from consult.api import authorisation, limits
from consult.api.contract import operation, prepare
from consult.api.problems import ApiProblem
from consult.api.reading.queries import get_consultation
from consult.consultations import rights
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.files.records import UnreadableFile
from consult.submissions import imports
from consult.submissions.imports import ImportTarget
from consult.submissions.tables import service
from consult.submissions.tables.platforms import TableMapping

blueprint = prepare(Blueprint("api_tables", __name__))
MOST_REASONS = 1_000
"""Rejected rows in an answer."""
Column = Annotated[str, Meta(max_length=300)]


class TableQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Parameters of an import. Columns that are not named are those of a known platform."""

    source: Annotated[str, Meta(min_length=1, max_length=200, description="Where the comments come from.")]
    format: Annotated[str, Meta(pattern="^(csv|jsonl)$")] = "csv"
    look: Annotated[bool, Meta(description="Return the first rows and keep nothing.")] = False
    published: Annotated[bool, Meta(description="They were moderated elsewhere. Publish them immediately.")] = False
    id_column: Column = ""
    text_column: Column = ""
    stance_column: Column = ""
    provision_column: Column = ""
    language_column: Column = ""


class RejectedRow(msgspec.Struct):
    """A row that was not imported."""

    line: Annotated[int, Meta(description="In the file, from 1.")]
    reason: str


class TableRow(msgspec.Struct):
    """A row as it would be imported. `reason` is set if it would be rejected."""

    line: int
    id: str
    text: str
    reason: str


class TableReceipt(msgspec.Struct):
    """The columns that were read, and what became of the rows."""

    platform: Annotated[str, Meta(description="The recognised platform. Empty if the columns were named.")]
    id_column: str
    text_columns: list[str]
    added: int
    known: Annotated[int, Meta(description="Imported before from the same source.")]
    rejected: int
    rows: Annotated[list[TableRow], Meta(description="The first rows. Only with `look`.")]
    reasons: Annotated[list[RejectedRow], Meta(description="At most 1,000.")]


@operation(
    blueprint,
    "POST",
    "/consultations/<slug>/tables",
    TableReceipt,
    parameters=TableQuery,
    body=bytes,
    allow=Allow.PROGRAM,
    scope=Scope.TABLES,
)
def import_table(slug: str, query: TableQuery, body: bytes) -> TableReceipt:
    """Import comments collected elsewhere, as CSV or JSON lines. A repeated row is imported once."""
    token = authorisation.get_token(Scope.TABLES)
    session = db.session()
    consultation = get_consultation(session, slug)
    account = session.get_one(Account, token.account_id)
    if token.organisation_id is not None or not rights.may(session, account, consultation, rights.Deed.DECIDE):
        raise ApiProblem("not-allowed", _("Only a person who may publish this consultation can import comments."))
    limits.count_filing()
    into = imports.get_target(session, slug=slug, source=query.source, published=query.published)
    given = TableMapping(
        query.id_column,
        (query.text_column,) if query.text_column else (),
        query.stance_column,
        query.provision_column,
        query.language_column,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{query.format}"
        path.write_bytes(body)
        try:
            mapping = service.complete_mapping(path, given, into.language)
            return _look(path, mapping, into) if query.look else _import(path, mapping, into)
        except UnreadableFile as error:
            raise Refusal(str(error)) from error


def _look(path: Path, mapping: TableMapping, into: ImportTarget) -> TableReceipt:
    rows = service.preview(path, mapping, into)
    shown = [TableRow(row.line, row.source_id, row.body, row.reason) for row in rows]
    return _write_receipt(mapping, rows=shown)


def _import(path: Path, mapping: TableMapping, into: ImportTarget) -> TableReceipt:
    done = service.import_file(db.session(), path, mapping, into, find_identifying, most=MOST_REASONS)
    reasons = [RejectedRow(row.line, row.reason) for row in done.reasons]
    return _write_receipt(mapping, added=done.added, known=done.known, rejected=done.rejected, reasons=reasons)


def _write_receipt(
    mapping: TableMapping,
    *,
    added: int = 0,
    known: int = 0,
    rejected: int = 0,
    rows: list[TableRow] | None = None,
    reasons: list[RejectedRow] | None = None,
) -> TableReceipt:
    columns = list(mapping.bodies)
    return TableReceipt(mapping.platform, mapping.source_id, columns, added, known, rejected, rows or [], reasons or [])
