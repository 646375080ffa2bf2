"""Recomputed records of stored submissions, compared with the ledger.

A comment may have been moved to a later version since it was committed to. Its original parts of the draft in
`placement` are therefore tried too. Each attempt covers all contents, so changed content does not match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.crypto import UnsealError, unseal
from consult.documents.model import Provision
from consult.files import queries as files_queries
from consult.ledger.model import Kind
from consult.submissions import fields
from consult.submissions import values as submissions_values
from consult.submissions.commitments.contents import StoredContents
from consult.submissions.content import records
from consult.submissions.content.draft import WHOLE_DRAFT, DraftContent, from_json, place_of
from consult.submissions.content.records import Record
from consult.submissions.model import FormerWords, PlacedBy, choose_public_name

Place = tuple[str | None, Any]
"""A permanent id and an anchor."""


@dataclass(frozen=True)
class FoundRecord:
    """A recomputed record. Without `fits` it is that of the current rows and differs from the ledger."""

    record: Record
    fits: bool
    certain: bool = True  # whether a mismatch proves a change. Parts of an earlier version may be missing


def find_record(contents: StoredContents) -> FoundRecord:
    """Return the record of the current text, compared with its last commitment."""
    promise = contents.promise.commitment if contents.promise else None
    first: Record | None = None
    for places in _list_trials(contents):
        record = _build_record(contents, places)
        if promise is not None and records.hash_record(contents.row.salt, record) == promise:
            return FoundRecord(record, fits=True)
        first = first or record
    return FoundRecord(first or {}, fits=False)


def list_mandates(contents: StoredContents) -> list[tuple[Any, FoundRecord]]:
    """Return mandate files attached since, each with its entry."""
    entries = contents.mandates
    mandates = []
    for entry, piece in zip(entries, contents.evidence[len(contents.evidence) - len(entries) :], strict=False):
        record = records.mandate_record(contents.row.reference, piece.sha256)
        mandates.append(
            (entry, FoundRecord(record, records.hash_record(contents.row.salt, record) == entry.commitment))
        )
    return mandates


def find_redactions(contents: StoredContents) -> Record:
    """Return the record of the hidden words."""
    hidden = [
        (comment.position, span["start"], span["end"], span["reason"])
        for comment in contents.comments
        for span in comment.redactions or ()
    ]
    return records.redaction_record(contents.row.reference, hidden)


def list_earlier(session: Session, contents: StoredContents) -> Iterator[tuple[Any, FoundRecord | None]]:
    """Yield earlier versions with a commitment, each with its entry. None if it cannot be decrypted."""
    kept = select(FormerWords).where(FormerWords.submission_id == contents.row.id).order_by(FormerWords.number)
    sealed = {row.number: row.sealed for row in session.scalars(kept)}
    last = contents.promise.id if contents.promise else 0
    for number, entry in enumerate(contents.sendings, start=1):
        if entry.commitment is None or entry.id >= last or number not in sealed:
            continue
        try:
            writing = from_json(unseal(sealed[number], salt=contents.row.salt))
        except (UnsealError, ValueError, KeyError):
            yield entry, None
            continue
        yield entry, _find_earlier(session, contents, writing, entry)


def list_records(session: Session, contents: StoredContents) -> dict[int, Record]:
    """Return the record behind each commitment by entry id: always for the current text, else if it matches."""
    made = {contents.promise.id: find_record(contents).record} if contents.promise else {}
    others = [*list_mandates(contents), *list_earlier(session, contents)]
    made |= {entry.id: found.record for entry, found in others if found is not None and found.fits}
    hidden = find_redactions(contents)
    digest = records.hash_record(contents.row.salt, hidden)
    return made | {entry.id: hidden for entry in contents.entries if entry.commitment == digest}


def _list_trials(contents: StoredContents) -> Iterator[Sequence[Place]]:
    yield [(comment.wid, comment.anchor) for comment in contents.comments]
    if contents.placements and contents.promise:
        at = contents.promise.at
        yield _choose(contents, lambda row: row.at <= at)
        yield _choose(contents, lambda row: row.placer == PlacedBy.AUTHOR)


def _choose(contents: StoredContents, fits: Callable[[Any], bool]) -> Sequence[Place]:
    places: list[Place] = []
    for comment in contents.comments:
        rows = [row for row in contents.placements.get(comment.id, ()) if fits(row)]
        places.append((rows[-1].wid, rows[-1].anchor) if rows else (comment.wid, comment.anchor))
    return places


def _build_record(contents: StoredContents, places: Sequence[Place]) -> Record:
    row, later = contents.row, len(contents.mandates)
    return submissions_values.canonical_record(
        reference=row.reference,
        name=choose_public_name(row),
        comments=[
            records.comment_record(
                on=records.place_id(wid, comment.question_id),
                stance=comment.stance,
                language=comment.language,
                body=comment.body,
                anchor=anchor,
                chosen=comment.answer and comment.answer["chosen"],
                paper=comment.paper_place,
            )
            for comment, (wid, anchor) in zip(contents.comments, places, strict=True)
        ],
        evidence=[
            records.evidence_record(
                kind=piece.kind, description=piece.description, reference=piece.reference, sha256=piece.sha256
            )
            for piece in contents.evidence[: len(contents.evidence) - later]
        ],
        **fields.committed_values(row),
    )


def _find_earlier(session: Session, contents: StoredContents, writing: DraftContent, entry: Any) -> FoundRecord:
    """Return the record of an earlier version, with the original positions of its comments or their later ones."""
    noted = [(place_of(key), note) for key, note in writing.comments.items()]
    now = [(place, note.anchor) for place, note in noted]
    then = [(note.was or place, note.chose if note.was else note.anchor) for place, note in noted]
    ids = {place for place, _anchor in [*now, *then] if place != WHOLE_DRAFT}
    wids = {
        row.id: row.wid for row in session.execute(select(Provision.id, Provision.wid).where(Provision.id.in_(ids)))
    }
    evidence, whole = _list_earlier_evidence(session, contents, writing, entry)
    first: Record | None = None
    for places in (now, then):
        on = [(wids.get(place), anchor.record if anchor else None) for place, anchor in places]
        record = _build_earlier(contents, writing, on, evidence)
        if records.hash_record(contents.row.salt, record) == entry.commitment:
            return FoundRecord(record, fits=True)
        first = first or record
    return FoundRecord(first or {}, fits=False, certain=whole and now == then)


def _list_earlier_evidence(
    session: Session, contents: StoredContents, writing: DraftContent, entry: Any
) -> tuple[list[Record], bool]:
    """Return the evidence of that version, without later mandates, and whether all its files are still known."""
    ends = next((sending.id for sending in contents.sendings if sending.id > entry.id), entry.id)
    later = [one for one in contents.entries if one.kind == Kind.MANDATE_ATTACHED and entry.id < one.id < ends]
    items = writing.evidence[: len(writing.evidence) - len(later)]
    known = files_queries.get_files(session, [item.file_id for item in items if item.file_id is not None])
    made = [
        records.evidence_record(
            kind=str(item.kind),
            description=item.description,
            reference=item.reference,
            sha256=file.sha256 if (file := known.get(item.file_id or 0)) else None,
        )
        for item in items
    ]
    return made, all(item.file_id is None or item.file_id in known for item in items)


def _build_earlier(
    contents: StoredContents, writing: DraftContent, on: Sequence[Place], evidence: Sequence[Record]
) -> Record:
    about = writing.about
    language = about.language if about else contents.row.language
    said = [
        records.comment_record(
            on=wid,
            stance=note.stance,
            language=language,
            body=note.body,
            anchor=anchor,
            paper=note.paper_place.record if note.paper_place else None,
        )
        for note, (wid, anchor) in zip(writing.comments.values(), on, strict=True)
    ]
    said += [
        records.comment_record(on=None, stance=None, language=language, body=part, anchor=None)
        for part in writing.paper
    ]
    said += [
        records.comment_record(
            on=f"q{question}", stance=None, language=language, body=body, chosen=list(writing.chosen.get(question, ()))
        )
        for question, body in writing.answers.items()
    ]
    return submissions_values.canonical_record(
        reference=contents.row.reference,
        name=choose_public_name(about) if about else None,
        comments=said,
        evidence=evidence,
        **(fields.committed_values(about) if about else {}),
    )
