"""Batches of samples: preview, keep, retract, and the alerts that samples propose."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.accounts.organisations import service as organisations
from consult.core.clock import now
from consult.core.crypto import hash_token, keyed_hash, pseudonym
from consult.core.db import advisory_lock
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.signals.model import ReportStanding, SignalLink, SignalReport
from consult.signals.reports import service as reports
from consult.signals.sample_model import DrugSample, SampleBatch, SampleFinding
from consult.signals.samples.proposals import MAX_PROPOSALS, ProposedAlert, file_proposal, find_proposals
from consult.signals.samples.table import NewSample
from consult.signals.substances.matches import load_index

TEXT_FIELDS = ("sold_as", "number", "town", "site", "form", "strips")
_CHUNK = 1_000
MAX_LISTED = 200


class SampleState(StrEnum):
    """The state of a sample before it is kept."""

    NEW = "new"
    KNOWN = "known"
    CHANGED = "changed"  # known with other content. It is not kept


@dataclass(frozen=True)
class SamplePreview:
    """The effect of keeping samples: new and known ones, those changed since, names and what would be proposed.

    `certain`, `near` and `unknown` count the names found: in the vocabulary, similar to one of its names, and neither.
    """

    new: Sequence[NewSample]
    known: int
    changed: Sequence[NewSample]
    certain: Counter[str]
    near: Counter[str]
    unknown: Counter[str]
    proposals: Sequence[ProposedAlert]


def check_member(session: Session, organisation_id: int, account: Account) -> Organisation:
    """Return the organisation of a member. Raises NotFound."""
    return organisations.get_for_member(session, organisation_id, account).organisation


def preview(session: Session, organisation_id: int, samples: Sequence[NewSample], *, at: datetime) -> SamplePreview:
    """Return the effect of keeping samples, and store nothing."""
    index = load_index(session)
    counters = {name: Counter[str]() for name in ("certain", "near", "unknown")}
    for name, times in Counter(name for it in samples for name in it.found).items():
        match = index.match(name)
        counters["certain" if match.certain else "near" if match.proposed else "unknown"][name] += times
    by_state: dict[SampleState, list[NewSample]] = {state: [] for state in SampleState}
    for it, state in zip(samples, compare(session, organisation_id, samples), strict=True):
        by_state[state].append(it)
    new = by_state[SampleState.NEW]
    proposals = find_proposals(session, organisation_id, new, at=at)
    known, changed = len(by_state[SampleState.KNOWN]), by_state[SampleState.CHANGED]
    return SamplePreview(new, known, changed, **counters, proposals=proposals)


def compare(session: Session, organisation_id: int, samples: Sequence[NewSample]) -> list[SampleState]:
    """Return the state of each sample: new, known, or known with other content."""
    contents = {bytes(row.key): bytes(row.content) for row in session.execute(_select_keys(organisation_id))}
    states = []
    for key, it in make_keys(samples):
        content = contents.get(key, b"")
        is_known = content == hash_content(it)
        states.append(SampleState.NEW if not content else SampleState.KNOWN if is_known else SampleState.CHANGED)
    return states


def list_batches(session: Session, organisation_id: int) -> Sequence[SampleBatch]:
    """Return the batches of an organisation, newest first, also retracted ones."""
    rows = select(SampleBatch).where(SampleBatch.organisation_id == organisation_id)
    return session.scalars(rows.order_by(SampleBatch.id.desc()).limit(MAX_LISTED)).all()


def get_batch(session: Session, organisation_id: int, number: int) -> SampleBatch:
    """Return a batch of an organisation. Raises NotFound."""
    batch = session.get(SampleBatch, number)
    if batch is None or batch.organisation_id != organisation_id:
        raise NotFound(_("We cannot find this batch of samples."))
    return batch


def keep(
    session: Session,
    organisation_id: int,
    samples: Sequence[NewSample],
    *,
    by: Account,
    file_name: str,
    data: bytes,
    public: bool = False,
    at: datetime | None = None,
) -> SampleBatch | None:
    """Keep the new samples as a batch, and put what they propose in the queue as reports of the organisation.

    Safe to repeat: samples that are known are not kept again, and None is returned if none is new. Known samples with
    other content stay as they were. `by` is a member. Raises NotFound, Refusal.
    """
    moment = at or now()
    check_member(session, organisation_id, by)
    advisory_lock(session, "signals.samples", organisation_id)
    known = {bytes(row.key) for row in session.execute(_select_keys(organisation_id))}
    new = [(key, sample) for key, sample in make_keys(samples) if key not in known]
    if not new:
        return None
    _check_days(new, moment)
    proposals = find_proposals(session, organisation_id, [sample for _key, sample in new], at=moment)
    batch = SampleBatch(file_name=file_name[:200], sha256=sha256(data).digest(), public=public)
    batch.organisation_id, batch.kept_by_id, batch.kept_at, batch.rows = organisation_id, by.id, moment, len(new)
    batch.commitment = sha256(b"".join(sorted(key + hash_content(sample) for key, sample in new))).digest()
    session.add(batch)
    session.flush()
    _insert(session, batch, new)
    _record_kept(session, batch, by, moment)
    for key, proposal in zip(_list_report_keys(batch), proposals, strict=False):
        file_proposal(session, organisation_id, proposal, key=key, at=moment)
    return batch


def _record_kept(session: Session, batch: SampleBatch, by: Account, at: datetime) -> None:
    actor, detail = pseudonym("account", by.id), {"rows": batch.rows}
    ledger.record(
        session,
        Kind.SAMPLES_KEPT,
        subject_id=batch.id,
        actor=actor,
        commitment=batch.commitment,
        detail=detail,
        at=at,
    )


def _check_days(new: Sequence[tuple[bytes, NewSample]], at: datetime) -> None:
    """Raise a Refusal for a day that has not begun anywhere."""
    if any(sample.day > (at + timedelta(hours=14)).date() for _key, sample in new):
        raise Refusal(_("A sample has a day in the future."))


def retract(session: Session, batch_id: int, *, by: Account, reason: str, at: datetime | None = None) -> int:
    """Delete the samples of a batch, and withdraw the reports that they put in the queue. Return their number.

    The batch keeps its row with the reason. Raises NotFound, Refusal, and Conflict if it is retracted already.
    """
    why, moment = clean_text(reason)[:1_000], at or now()
    if not why:
        raise Refusal(_("Give a reason in one sentence. We keep it and show it publicly."), field="reason")
    batch = session.get(SampleBatch, batch_id, with_for_update=True)
    if batch is None:
        raise Refusal(_("We cannot find this batch of samples."))
    check_member(session, batch.organisation_id, by)
    if batch.retracted_at is not None:
        raise Conflict(_("This batch is already retracted."))
    gone = session.scalars(delete(DrugSample).where(DrugSample.batch_id == batch.id).returning(DrugSample.id)).all()
    batch.retracted_at, batch.retracted_for = moment, why
    keys = [hash_token(key).hex() for key in _list_report_keys(batch)]
    for report in session.scalars(select(SignalReport).where(SignalReport.idempotency_key.in_(keys))):
        link = session.get_one(SignalLink, report.id)
        if link.standing in (ReportStanding.WAITING, ReportStanding.LINKED):
            reports.withdraw(session, reports.OwnReport(report, link, None), at=moment)
    ledger.record(
        session, Kind.SAMPLES_RETRACTED, subject_id=batch.id, actor=pseudonym("account", by.id), reason=why, at=moment
    )
    return len(gone)


def _list_report_keys(batch: SampleBatch) -> list[str]:
    """Return the keys of the reports that a batch may have put in the queue."""
    return [f"samples-of-batch-{batch.id}-{n}" for n in range(MAX_PROPOSALS)]


def _select_keys(organisation_id: int) -> Select[bytes, bytes]:
    return select(DrugSample.key, DrugSample.content).where(DrugSample.organisation_id == organisation_id)


def make_keys(samples: Sequence[NewSample]) -> list[tuple[bytes, NewSample]]:
    """Return the samples with their keys: the hash of the number, else of the content and its occurrence."""
    seen: Counter[bytes] = Counter()
    keyed = []
    for sample in samples:
        content = hash_content(sample)
        seen[content] += 1
        named = f"number {sample.number}" if sample.number else f"row {content.hex()} {seen[content]}"
        keyed.append((keyed_hash("sample", named.encode()), sample))
    return keyed


def hash_content(sample: NewSample) -> bytes:
    """Return the keyed hash of a sample, to recognise a changed row."""
    return keyed_hash("sample", json.dumps(asdict(sample), sort_keys=True, default=str).encode())


def _insert(session: Session, batch: SampleBatch, new: Sequence[tuple[bytes, NewSample]]) -> None:
    """Insert samples and findings, with the substances that their names certainly mean."""
    index = load_index(session)
    names = {name for _key, sample in new for name in (sample.sold_as, *sample.found)}
    meant = {name: next(iter(index.match(name).certain), None) for name in names}
    values = [
        {
            **{name: value for name, value in asdict(sample).items() if name != "found"},
            "batch_id": batch.id,
            "organisation_id": batch.organisation_id,
            "key": key,
            "content": hash_content(sample),
            "sold_as_id": meant[sample.sold_as],
        }
        for key, sample in new
    ]
    for start in range(0, len(new), _CHUNK):
        rows = insert(DrugSample).returning(DrugSample.id, sort_by_parameter_order=True)
        numbers = session.scalars(rows, values[start : start + _CHUNK]).all()
        findings = [
            {"sample_id": number, "words": name, "term_id": meant[name]}
            for number, (_key, sample) in zip(numbers, new[start : start + _CHUNK], strict=True)
            for name in sample.found
        ]
        if findings:
            session.execute(insert(SampleFinding), findings)
