"""Bulk import of comments filed elsewhere: validated one by one, written in batches.

An imported comment is an ordinary submission: counted, in the ledger and in the moderators' queue. `source` and
`source_id` identify it, so a repeated import adds nothing.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast

from babel import Locale
from babel.core import get_global
from psycopg import Cursor
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation, Phase
from consult.core.crypto import SALT_BYTES, commitment
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.text import clean_text, one_line
from consult.core.text_language import tell_by_script
from consult.documents.model import Provision
from consult.documents.outline.labels import western_digits
from consult.ledger.kinds import bind_kinds
from consult.ledger.model import LedgerEntry
from consult.ledger.service import insert_entries_sql
from consult.submissions import values as submissions_values
from consult.submissions.anchors.provisions import ProvisionTree
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content import records
from consult.submissions.content.covered_words import cover_words
from consult.submissions.fields import IMPORTED, SubmissionField
from consult.submissions.model import NO_TEXT, NameRule, State, Submission
from consult.submissions.stances import FILED, STANCE_OF_SIDE

LONGEST = 100_000
"""Maximum length of an imported comment in characters."""
STANCES = {str(word): stance for word, stance in (*STANCE_OF_SIDE.items(), *zip(FILED, FILED, strict=True))}
"""Words for a type of comment in an import: the sides, then the names under which types are stored."""
_LONGEST_ID = 200
PERSONAL_DATA = "personal_details"
"""The code of the reason to hide names, addresses and contact details; see `decisions.model.Reason`."""
FindPersonal = Callable[[str], Sequence[tuple[int, int]]]
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})([-_][A-Za-z0-9]{1,8})*")


class ImportedComment(NamedTuple):
    """A valid comment to import."""

    source_id: str
    body: str
    text_hash: bytes
    stance: str | None
    provision_id: int | None
    language: str
    said: Sequence[str | None] = ()  # values of the other imported fields, in order


class ImportLine(NamedTuple):
    """A comment with its reference, salt and commitment."""

    reference: str
    salt: bytes
    commitment: bytes
    row: ImportedComment
    public_body: str | None = None
    redactions: str | None = None  # JSON
    hidden: bytes | None = None  # the commitment to what is hidden


@dataclass(frozen=True)
class SealedBatch:
    """A batch ready to be filed: the input rows and the rows to write."""

    rows: Sequence[ImportedComment]
    lines: Sequence[ImportLine]


class RecordRejected(Refusal):
    """A record cannot be imported. The message gives the reason."""


@dataclass(frozen=True)
class ImportTarget:
    """The consultation of an import, and the initial state of its submissions."""

    consultation_id: int
    version_id: int
    code: str
    language: str
    source: str
    state: State
    opens_at: datetime
    places: ProvisionTree
    wids: Mapping[int, str]


def get_target(session: Session, *, slug: str, source: str, published: bool = False) -> ImportTarget:
    """Return the published consultation with this slug, open or closed.

    With `published`, the comments were moderated elsewhere and are shown at once. Raises NotFound and Refusal.
    """
    row = session.scalar(select(Consultation).where(Consultation.slug == slug, Consultation.phase != Phase.DRAFT))
    if row is None or row.version_id is None:
        raise NotFound(_("We cannot find a published consultation named %(slug)s.", slug=slug))
    name = one_line(source)[:_LONGEST_ID]
    if not name:
        raise Refusal(_("Enter the source of the comments."))
    rows = session.execute(select(Provision.id, Provision.wid).where(Provision.version_id == row.version_id))
    return ImportTarget(
        consultation_id=row.id,
        version_id=row.version_id,
        code=row.code,
        language=row.language,
        source=name,
        state=State.PUBLISHED if published else State.PENDING,
        opens_at=row.opens_at,
        places=comments_queries.get_provision_tree(session, row.version_id),
        wids={item.id: item.wid for item in rows},
    )


def check_record(
    into: ImportTarget,
    *,
    source_id: str,
    body: str,
    stance: str = "",
    provision: str = "",
    language: str = "",
    **fields: str,
) -> ImportedComment:
    """Return a comment from a record's cells.

    `fields` are others of `IMPORTED`. Raises RecordRejected with the reason.
    """
    name, (words, text_hash) = one_line(source_id), _words(body)
    if not name or len(name) > _LONGEST_ID:
        raise RecordRejected(
            _("the id is empty") if not name else _("the id is longer than %(n)s characters", n=_LONGEST_ID)
        )
    if not words:
        raise RecordRejected(_("the text is empty"))
    if len(words) > LONGEST:
        raise RecordRejected(_("the text has %(has)s characters, more than %(most)s", has=len(words), most=LONGEST))
    return ImportedComment(
        name,
        words,
        text_hash,
        _stance(stance),
        _provision(into, provision),
        _language(language) or tell_by_script(body, into.language),
        [_choice(field, fields.get(field.name, "")) for field in _FURTHER],
    )


@lru_cache(maxsize=512)
def _words(body: str) -> tuple[str, bytes]:
    """Return cleaned text and its hash. Cached, because a campaign letter may occur thousands of times."""
    words = clean_text(body)
    return words, submissions_values.text_hash([words])


def _stance(typed: str) -> str | None:
    if not (word := typed.strip().lower()):
        return None
    if word not in STANCES:
        raise RecordRejected(
            _("the type of comment %(word)s is not one of: %(known)s", word=word[:40], known=", ".join(STANCES))
        )
    return str(STANCES[word])


def _provision(into: ImportTarget, typed: str) -> int | None:
    if not typed or not (number := western_digits(one_line(typed).rstrip("."))):
        return None
    place = into.places.find(number)
    if place is None:
        raise RecordRejected(_("the draft has no paragraph %(number)s", number=number[:40]))
    return place.id


def _choice(field: SubmissionField, typed: str) -> str | None:
    """Return the cleaned value of a field, which must be one of its choices, if any."""
    word = field.clean(typed) or None
    if word and field.choices and word not in dict(field.choices()):
        raise RecordRejected(f"{field.name}: {_('Choose one of the options')}")
    return word


def _language(typed: str) -> str | None:
    if not (tag := typed.strip()):
        return None
    parts = _LANGUAGE.fullmatch(tag)
    code = _known(parts[1].lower()) if parts else None
    if code is None:
        raise RecordRejected(
            _("%(tag)s is not a language code such as en, pt-BR or kek (use und for others)", tag=tag[:40])
        )
    return code


@lru_cache(maxsize=512)
def _known(code: str) -> str | None:
    """Return a language code, the short one if there are two, or None if CLDR does not know it.

    CLDR has names for several hundred languages and scripts for several thousand more.
    """
    short = str(get_global("language_aliases").get(code, code)).partition("_")[0]
    return short if short in Locale(DEFAULT_LANGUAGE).languages or short in get_global("likely_subtags") else None


def seal_batch(
    into: ImportTarget, rows: Sequence[ImportedComment], find_personal: FindPersonal | None = None
) -> SealedBatch:
    """Return a batch with all values to write. If rows share an id, the first is used. Needs no database.

    What `find_personal` finds in a comment is hidden from the public, and a moderator can show it again.
    """
    fresh: dict[str, ImportedComment] = {}
    for row in rows:
        fresh.setdefault(row.source_id, row)
    lines = _lines(into, fresh.values())
    return SealedBatch(rows, [_hide(line, find_personal) for line in lines] if find_personal else lines)


def _hide(line: ImportLine, find_personal: FindPersonal) -> ImportLine:
    spans = find_personal(line.row.body)
    if not spans:
        return line
    hidden = [(0, start, end, PERSONAL_DATA) for start, end in spans]
    return line._replace(
        public_body=cover_words(line.row.body, spans),
        redactions=json.dumps([{"start": start, "end": end, "reason": PERSONAL_DATA} for start, end in spans]),
        hidden=records.hash_record(line.salt, records.redaction_record(line.reference, hidden)),
    )


def file_batch(session: Session, into: ImportTarget, batch: SealedBatch, *, at: datetime) -> int:
    """File a batch, skipping records already filed from the same source, and return the number of new ones.

    Rows, ledger entries and counts are written in the caller's transaction. Concurrent imports wait for each other.
    """
    if not batch.lines:
        return 0
    lines = _untaken(session, into, batch.lines)
    session.execute(_INCOMING)
    cursor = cast("Cursor", session.connection().connection.cursor())
    with cursor.copy(_COPY) as copy:
        for line in lines:
            copy.write_row((*line[:3], *line[4:], *line.row[:-1], *line.row.said))
    given = {
        "consultation": into.consultation_id,
        "version": into.version_id,
        "source": into.source,
        "at": at,
        "state": into.state,
        "shown": into.state is State.PUBLISHED,
        "reason": PERSONAL_DATA,
    }
    added = int(session.execute(_FILE, given).rowcount)  # type: ignore[attr-defined]
    if added:
        for statement in (_SAY, _RECEIVE, *([_PUBLISH] if into.state is State.PUBLISHED else []), _COUNT):
            session.execute(statement, given)
    return added


def list_differing(session: Session, into: ImportTarget, rows: Sequence[ImportedComment]) -> list[int]:
    """Return the indexes of rows whose id was already filed with a different text. Call after `file_batch`."""
    found = select(Submission.source_id, Submission.text_hash).where(
        Submission.consultation_id == into.consultation_id,
        Submission.source == into.source,
        Submission.source_id.in_({row.source_id for row in rows}),
    )
    there = {source_id: bytes(text_hash) for source_id, text_hash in session.execute(found)}
    return [place for place, row in enumerate(rows) if there[row.source_id] not in (row.text_hash, NO_TEXT)]


def analyze_tables(session: Session) -> None:
    """Run ANALYZE on the imported tables.

    Autovacuum does so only after a minute, and the query plans are poor until then.
    """
    session.execute(_LOOK_OVER)


def _untaken(session: Session, into: ImportTarget, lines: Sequence[ImportLine]) -> list[ImportLine]:
    """Return the lines, with a new reference for each one already taken."""
    kept: dict[str, ImportLine] = {}
    while lines:
        drawn = {line.reference: line for line in lines}
        taken = set(session.scalars(_TAKEN, {"drawn": list(drawn)})) | kept.keys() & drawn.keys()
        kept |= {reference: line for reference, line in drawn.items() if reference not in taken}
        lines = _lines(into, [drawn[reference].row for reference in taken])
    return list(kept.values())


def _lines(into: ImportTarget, rows: Collection[ImportedComment]) -> list[ImportLine]:
    references: set[str] = set()
    while len(references) < len(rows):
        references |= submissions_values.draw_references(into.code, len(rows) - len(references))
    salts = secrets.token_bytes(SALT_BYTES * len(rows))
    return [
        _line(into, row, reference, salts[SALT_BYTES * at : SALT_BYTES * (at + 1)])
        for at, (row, reference) in enumerate(zip(rows, references, strict=True))
    ]


def _line(into: ImportTarget, row: ImportedComment, reference: str, salt: bytes) -> ImportLine:
    on = into.wids[row.provision_id] if row.provision_id is not None else None
    said = {"on": on, "stance": row.stance, "language": row.language, "body": row.body}
    about: dict[str, Any] = {
        field.name: word for field, word in zip(_FURTHER, row.said, strict=True) if field.committed
    }
    record = submissions_values.canonical_bytes(
        reference=reference, name=None, comments=[said], name_rule=NameRule.NONE, language=row.language, **about
    )
    return ImportLine(reference, salt, commitment(salt, record), row)


_FURTHER = tuple(field for field in IMPORTED if field.name not in ImportedComment._fields)
_NAMES = [field.name for field in _FURTHER]
_MORE, _MORE_TEXTS = ("".join(f", {name}{of}" for name in _NAMES) for of in ("", " text"))
_COLUMNS = (*ImportLine._fields[:3], *ImportLine._fields[4:], *ImportedComment._fields[:-1], *_NAMES)
_COPY = f"COPY incoming ({', '.join(_COLUMNS)}) FROM STDIN"
_LOOK_OVER = text(f"ANALYZE submission, comment, {LedgerEntry.__tablename__}")
_TAKEN = text("SELECT reference FROM submission WHERE reference = ANY(:drawn)")
_INCOMING = text(
    f"""
    CREATE TEMPORARY TABLE IF NOT EXISTS incoming (
        reference text, source_id text, text_hash bytea, salt bytea, commitment bytea, provision_id bigint, stance text,
        language text, body text, public_body text, redactions jsonb, hidden bytea,
        place bigint GENERATED ALWAYS AS IDENTITY{_MORE_TEXTS}
    ) ON COMMIT DROP;
    CREATE TEMPORARY TABLE IF NOT EXISTS filed (submission_id bigint, source_id text) ON COMMIT DROP;
    TRUNCATE incoming, filed;
    """
)
_FILE = text(
    f"""
    WITH fresh AS (
        INSERT INTO submission (
            reference, consultation_id, version_id, state, revision, submitter_kind, name_rule, language, received_at,
            text_hash, salt, source, source_id{_MORE}
        )
        SELECT reference, :consultation, :version, :state, 1, 'unnamed', 'none', language, :at,
            text_hash, salt, :source, source_id{_MORE}
        FROM incoming ORDER BY place
        ON CONFLICT (consultation_id, source, source_id) DO NOTHING
        RETURNING id, source_id
    )
    INSERT INTO filed SELECT id, source_id FROM fresh
    """  # noqa: S608 - names of columns
)
_SAY = text(
    """
    INSERT INTO comment (
        submission_id, consultation_id, provision_id, stance, body, language, position, shown, redacted_body, redactions
    )
    SELECT submission_id, :consultation, provision_id, stance, body, language, 0, :shown, public_body, redactions
    FROM filed JOIN incoming USING (source_id) ORDER BY submission_id
    """
)
_RECEIVED = """
    SELECT :at, CAST(:RECEIVED AS text), :consultation, submission_id, commitment,
        jsonb_build_object('source', CAST(:source AS text))
    FROM filed JOIN incoming USING (source_id) ORDER BY submission_id
    """
_RECEIVE = bind_kinds(insert_entries_sql("at, kind, consultation_id, subject_id, commitment, detail", _RECEIVED))
_PUBLISHED = """
    SELECT :at, CAST(:PUBLISHED AS text), :consultation, submission_id, hidden,
        '{"was": "pending", "elsewhere": true}' || CASE WHEN hidden IS NULL THEN '{}' ELSE jsonb_build_object(
            'covered', jsonb_array_length(redactions), 'reasons', jsonb_build_array(CAST(:reason AS text))) END
    FROM filed JOIN incoming USING (source_id) ORDER BY submission_id
    """
_PUBLISH = bind_kinds(insert_entries_sql("at, kind, consultation_id, subject_id, commitment, detail", _PUBLISHED))
_COUNT = text(
    """
    INSERT INTO tally (consultation_id, provision_id, stance, state, n)
    SELECT :consultation, NULL, NULL, :state, count(*) FROM filed
    UNION ALL
    SELECT :consultation, provision_id, stance, :state, count(*)
    FROM filed JOIN incoming USING (source_id)
    WHERE provision_id IS NOT NULL GROUP BY provision_id, stance
    """
)
