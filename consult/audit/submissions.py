"""Submissions against the ledger: contents, state, parts of the draft, hidden words, erasure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from consult.audit.findings import Finding
from consult.audit.guard import check_each
from consult.ledger.kinds import MOVING_KINDS
from consult.ledger.model import Kind
from consult.moderation.redaction import Redaction, redact
from consult.submissions.commitments import contents as stored
from consult.submissions.commitments import recomputation
from consult.submissions.commitments.contents import StoredContents
from consult.submissions.content import records
from consult.submissions.fields import ERASED_COLUMNS, STORED
from consult.submissions.model import NAMED_RULES, NameRule, State, SubmitterKind
from consult.submissions.service import LEDGER_KINDS

STEP = 200
"""The number of submissions read at a time."""
STATES = {
    **{str(kind): state for state, kind in LEDGER_KINDS.items()},
    str(Kind.RECEIVED): State.PENDING,
    str(Kind.REPLIED): State.PENDING,
}
"""The state of a submission after an entry of each kind."""
_MOVING = frozenset(str(kind) for kind in MOVING_KINDS)


def check_next(session: Session, *, after: int, most: int = STEP) -> tuple[list[Finding], int | None]:
    """Return the findings of the next submissions and the last ID checked, or None at the end."""
    ids = stored.list_next_ids(session, after=after, most=most)
    until = ids[-1] if len(ids) == most else None
    orphans = stored.list_orphan_entries(session, after=after, until=until)
    return [*check(session, ids), *(_lost(*row) for row in orphans)], until


def check(session: Session, ids: Collection[int]) -> list[Finding]:
    """Return the findings among some submissions."""
    return check_each(session, list(ids), _check_twice, about="Submission {}")


def _check_twice(session: Session, ids: Sequence[int]) -> Iterator[Finding]:
    """Check suspicious submissions a second time under a lock, since the author may be changing them."""
    doubtful = [one.row.id for one in stored.load(session, ids) if any(_check(session, one))]
    for one in stored.load(session, doubtful, lock=True) if doubtful else ():
        yield from _check(session, one)


def _lost(subject_id: int, number: int | None, entries: int) -> Finding:
    detail = {"entry": number, "entries": entries}
    return Finding("no_row", f"Submission {subject_id}", subject_id, detail)


def _check(session: Session, it: StoredContents) -> Iterator[Finding]:
    received = next((entry for entry in it.entries if entry.kind == Kind.RECEIVED), None)
    if received is None:
        yield _finding(it, "no_entry")
        return
    if {one.consultation_id for one in (*it.entries, *it.comments)} - {it.row.consultation_id}:
        yield _finding(it, "consultation")
    moved = STATES[[entry.kind for entry in it.entries if entry.kind in _MOVING][-1]]
    if it.row.state != moved:
        yield _finding(it, "state", state=str(it.row.state), ledger=str(moved))
    if it.row.received_at != received.at:
        yield _finding(it, "received_at", stored=str(it.row.received_at), ledger=str(received.at))
    if moved is State.ERASED:
        if left := _find_left(it):
            yield _finding(it, "not_erased", left=left)
    elif it.row.salt is None:
        yield _finding(it, "salt")
    else:
        yield from _check_contents(session, it)


def _check_contents(session: Session, it: StoredContents) -> Iterator[Finding]:
    if it.promise is None or not recomputation.find_record(it).fits:
        yield _finding(it, "contents", entry=_number(it.promise))
    for entry, found in recomputation.list_mandates(it):
        if not found.fits:
            yield _finding(it, "mandate", entry=_number(entry))
    if (kind := _kind_of(it.row.name_rule)) != it.row.submitter_kind:
        yield _finding(it, "kind", kind=str(it.row.submitter_kind), named=str(kind))
    public = it.row.state == State.PUBLISHED
    if wrong := sum(comment.shown != public for comment in it.comments):
        how = "hidden" if public else "shown"
        yield _finding(it, "shown", wrong=wrong, how=how, state=str(it.row.state))
    if not _stands_where_it_was_put(it):
        yield _finding(it, "place")
    yield from _check_redactions(it)
    yield from _check_earlier(session, it)


def _check_redactions(it: StoredContents) -> Iterator[Finding]:
    """Yield a finding if the public text does not match its hidden words, or these do not match the last decision."""
    last = next((e for e in reversed(it.entries) if e.kind in _DECIDED or e.kind in stored.WORDED), None)
    wrong = any(_public_words(comment) != comment.redacted_body for comment in it.comments)
    if last is not None and last.kind in _DECIDED and not wrong:
        record = recomputation.find_redactions(it)
        hidden = record["hidden"]
        wrong = len(hidden) != last.detail.get("covered", 0)
        if hidden and last.commitment is not None:
            wrong = wrong or records.hash_record(it.row.salt, record) != last.commitment
    if wrong:
        yield _finding(it, "redaction", entry=_number(last))


_DECIDED = frozenset({str(Kind.PUBLISHED), str(Kind.COVERED)})


def _public_words(comment: Any) -> str | None:
    """Return the text with hidden words blacked out, or None if nothing is hidden."""
    hidden = [
        Redaction(comment.id, redaction["start"], redaction["end"], redaction["reason"])
        for redaction in comment.redactions or ()
    ]
    return redact(comment.body, hidden) if hidden else None


def _check_earlier(session: Session, it: StoredContents) -> Iterator[Finding]:
    sent = len(it.sendings) - 1
    if it.former != sent:
        yield _finding(it, "earlier_missing", kept=it.former, sent=sent)
    if it.former:
        for entry, found in recomputation.list_earlier(session, it):
            if found is None or (found.certain and not found.fits):
                yield _finding(it, "earlier", entry=_number(entry))


def _find_left(it: StoredContents) -> str:
    """Return what was not deleted from an erased submission, separated by commas."""
    named = [field.name for field in STORED if field.personal] + ["submitter_kind", "salt", "contact_id"]
    left = [name for name in named if getattr(it.row, name) != ERASED_COLUMNS[name]]
    left += (
        ["words"]
        if any(comment.body or comment.redacted_body or comment.answer or comment.redactions for comment in it.comments)
        else []
    )
    left += ["evidence"] if it.evidence else []
    left += ["an earlier version"] if it.former else []
    return ", ".join(left)


def _kind_of(rule: NameRule) -> SubmitterKind:
    if rule == NameRule.ORGANISATION:
        return SubmitterKind.ORGANISATION
    return SubmitterKind.PERSON if rule in NAMED_RULES else SubmitterKind.UNNAMED


def _stands_where_it_was_put(it: StoredContents) -> bool:
    """Return True if the comments are where their commitment or later placements say."""
    return all(
        any((row.provision_id, row.anchor) == (comment.provision_id, comment.anchor) for row in rows)
        for comment in it.comments
        if (rows := it.placements.get(comment.id))
    )


def _number(entry: Any | None) -> int | None:
    return entry.number if entry is not None else None


def _finding(it: StoredContents, code: str, **detail: Any) -> Finding:
    return Finding(code, it.row.reference, it.row.id, detail)
