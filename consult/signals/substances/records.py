"""Substance records: read, edit with a reason, and match names of samples to a substance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text, one_line
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.signals.likeness.substances import fold_name
from consult.signals.model import PUBLIC_STATES, Signal
from consult.signals.sample_model import DrugSample, SampleBatch, SampleFinding
from consult.signals.substances.model import SubstanceAlias, SubstanceEdit, SubstanceRecord
from consult.signals.substances.values import SubstanceControl, SubstanceStrip, SubstanceValues, find_problems
from consult.taxonomy.model import Term

MAX_UNKNOWN = 100
MAX_SIGNALS = 50


class RecordRefused(Refusal):
    """A value of a record is wrong. `field` is its form field, and `problem` a `RecordProblem`."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem, field=field)
        self.problem = problem


@dataclass(frozen=True)
class RegionFindings:
    """Findings of a substance in samples of a region. `exact` if all services publish their results themselves."""

    country: str
    region: str
    first_on: date
    samples: int
    exact: bool


def get_record(session: Session, term_id: int) -> SubstanceRecord | None:
    """Return the record of a substance, or None if nobody has entered one."""
    return session.get(SubstanceRecord, term_id)


def map_records(session: Session) -> Mapping[int, SubstanceRecord]:
    """Return all records by the id of their substance."""
    return {row.term_id: row for row in session.scalars(select(SubstanceRecord))}


def read_values(row: SubstanceRecord | None) -> SubstanceValues:
    """Return the values of a record, empty without one."""
    if row is None:
        return SubstanceValues()
    return SubstanceValues(
        row.cas,
        row.inchikey,
        row.unii,
        row.un_code,
        row.incb_code,
        row.eu_code,
        tuple(row.names),
        tuple(SubstanceControl(**each) for each in row.controls),
        tuple(SubstanceStrip(**each) for each in row.strips),
        row.source,
    )


def save_record(
    session: Session,
    term: Term,
    values: SubstanceValues,
    *,
    by: Account | None,
    reason: str,
    revision: int | None = None,
    at: datetime | None = None,
) -> bool:
    """Save the values of a substance and log the change. Return False if nothing changed.

    `revision` is that of the record that was read, 0 for none. Raises RecordRefused, Conflict, Refusal.
    """
    for field, problem in find_problems(values):
        raise RecordRefused(field, problem)
    row = session.get(SubstanceRecord, term.id, with_for_update=True)
    if revision is not None and revision != (row.revision if row else 0):
        raise Conflict(_("Another person changed this record after you opened it. Open the page again."))
    before, after = read_values(row).as_columns(), values.as_columns()
    changed = [name for name, value in after.items() if value != before[name]]
    if not changed:
        return False
    why, moment = clean_text(reason), at or now()
    if not why:
        raise Refusal(_("Give a reason in one sentence. We keep it and show it publicly."), field="reason")
    row = row or SubstanceRecord(term_id=term.id)
    for name, value in after.items():
        setattr(row, name, value)
    row.edited_at, row.edited_by_id = moment, by.id if by else None
    session.add(row)
    edit = SubstanceEdit(
        before={name: before[name] for name in changed}, after={name: after[name] for name in changed}, reason=why
    )
    _log(session, term, edit, by=by, at=moment)
    return True


def _log(session: Session, term: Term, edit: SubstanceEdit, *, by: Account | None, at: datetime) -> None:
    """Keep an edit, and record its fields and reason in the ledger."""
    edit.term_id, edit.account_id, edit.at = term.id, by.id if by else None, at
    session.add(edit)
    session.flush()
    ledger.record(
        session,
        Kind.SUBSTANCE_CHANGED,
        subject_id=term.id,
        actor=pseudonym("account", by.id) if by else None,
        reason=edit.reason,
        detail={"substance": term.notation, "fields": sorted(edit.after)},
        at=at,
    )


def list_edits(session: Session, term_id: int) -> Sequence[SubstanceEdit]:
    """Return the edits of a record, newest first."""
    rows = select(SubstanceEdit).where(SubstanceEdit.term_id == term_id).order_by(SubstanceEdit.id.desc())
    return session.scalars(rows.limit(MAX_SIGNALS)).all()


def list_findings(session: Session, term_id: int) -> list[RegionFindings]:
    """Return the findings of a substance in kept samples by region, first seen first."""
    rows = session.execute(
        select(
            DrugSample.country,
            DrugSample.region,
            func.min(DrugSample.day),
            func.count(func.distinct(DrugSample.id)),
            func.bool_and(SampleBatch.public),
        )
        .join(SampleFinding, SampleFinding.sample_id == DrugSample.id)
        .join(SampleBatch, SampleBatch.id == DrugSample.batch_id)
        .where(SampleFinding.term_id == term_id)
        .group_by(DrugSample.country, DrugSample.region)
        .order_by(func.min(DrugSample.day), DrugSample.region)
    )
    return [RegionFindings(*row) for row in rows]


def list_signals(session: Session, term_id: int) -> Sequence[Signal]:
    """Return the public signals of a substance, newest first."""
    rows = select(Signal).where(Signal.substance_id == term_id, Signal.state.in_(PUBLIC_STATES))
    return session.scalars(rows.order_by(Signal.id.desc()).limit(MAX_SIGNALS)).all()


def list_unmatched(session: Session) -> list[tuple[str, int]]:
    """Return the names of findings that no substance has, most frequent first, with their number."""
    rows = session.execute(
        select(SampleFinding.words, func.count())
        .where(SampleFinding.term_id.is_(None))
        .group_by(SampleFinding.words)
        .order_by(func.count().desc(), SampleFinding.words)
        .limit(MAX_UNKNOWN)
    )
    return [(row[0], row[1]) for row in rows]


def match_name(session: Session, words: str, term: Term, *, by: Account, at: datetime | None = None) -> int:
    """Match a name to a substance, for findings so far and later ones. Return the number of findings so far.

    Safe to repeat; the last match of a name counts.
    """
    moment, folded = at or now(), fold_name(one_line(words))
    if not folded:
        raise Refusal(_("Choose a name from the list."), field="words")
    values = {"words": one_line(words), "term_id": term.id, "account_id": by.id, "at": moment}
    session.execute(
        insert(SubstanceAlias)
        .values(folded=folded, **values)
        .on_conflict_do_update(index_elements=["folded"], set_=values)
    )
    names = [name for name, _count in list_unmatched(session) if fold_name(name) == folded]
    changed = session.execute(
        update(SampleFinding)
        .where(SampleFinding.words.in_(names), SampleFinding.term_id.is_(None))
        .values(term_id=term.id)
    )
    detail = {"substance": term.notation, "name": values["words"]}
    actor = pseudonym("account", by.id)
    ledger.record(session, Kind.SUBSTANCE_CHANGED, subject_id=term.id, actor=actor, detail=detail, at=moment)
    return int(changed.rowcount)  # type: ignore[attr-defined]


def list_aliases(session: Session, term_ids: Iterable[int] | None = None) -> Mapping[int, list[str]]:
    """Return the names that people matched, by substance."""
    rows = select(SubstanceAlias.term_id, SubstanceAlias.words).order_by(SubstanceAlias.words)
    if term_ids is not None:
        rows = rows.where(SubstanceAlias.term_id.in_(list(term_ids)))
    aliases: dict[int, list[str]] = {}
    for term_id, words in session.execute(rows):
        aliases.setdefault(term_id, []).append(words)
    return aliases


def to_json(term: Term, row: SubstanceRecord | None, aliases: Sequence[str], *, url: str) -> dict[str, Any]:
    """Return a substance as JSON data, with the same content as its page."""
    return {
        "id": term.notation,
        "uri": term.uri,
        "url": url,
        "labels": term.labels,
        "other_labels": term.others,
        "matched_names": list(aliases),
        "edited_on": row.edited_at.date().isoformat() if row else None,
        **read_values(row).as_columns(),
    }
