"""The audit as a whole and in slices. Findings are stored, so that the health page need not run it.

Each check goes through its rows in order, one step at a time, and starts a new round after the last. A step replaces
earlier findings in its range, so repaired problems disappear in the next round. Unreadable rows are findings too: see
guard.py.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.audit import books, chain, promises, publications, records, seals, signals, statements, submissions
from consult.audit.findings import Finding
from consult.audit.guard import Check
from consult.audit.model import AuditFinding, AuditPosition
from consult.core.clock import now
from consult.core.db import try_advisory_lock
from consult.ledger.followers import Follower, Window
from consult.ledger.kinds import SUBMISSION_KINDS
from consult.ledger.model import Kind

PAUSE = timedelta(hours=1)
"""The time between the starts of two rounds of a check."""
_NEVER = datetime.min.replace(tzinfo=UTC)
SLICE = 1.0
"""The maximum seconds the scheduler spends on a slice, apart from its last step."""


CHECKS = (
    Check("ledger", chain.check_next),
    Check("books", books.check_next),
    Check("answers", publications.check_answers),
    Check("promises", promises.check_next),
    Check("records", records.check_next),
    Check("drafts", publications.check_drafts),
    Check("digests", publications.check_digests),
    Check("signals", signals.check_next),
    *(Check(kind.name, partial(statements.check_next, kind=kind)) for kind in statements.KINDS),
    Check("submissions", submissions.check_next),
    Check("seals", seals.check_seals),
    Check("unsealed", seals.check_unsealed),
    Check("sealed_entries", seals.check_entries),
)


@dataclass(frozen=True)
class AuditState:
    """The number of findings, and the time of the oldest completed round (None until all checks have completed one)."""

    findings: int
    checked_at: datetime | None
    oldest: datetime | None  # oldest end of a check's last round, or its start if none has ended


def run_step(
    session: Session, check: Check, after: int, *, at: datetime | None = None
) -> tuple[list[Finding], int | None]:
    """Run the next step of a check, and replace the earlier findings in its range."""
    found, reached = check.step(session, after=after)
    here = [AuditFinding.check == check.name, AuditFinding.place > after]
    _keep(session, check.name, found, [*here, *([AuditFinding.place <= reached] if reached is not None else [])], at)
    return found, reached


def run_slice(session: Session, *, seconds: float = SLICE, at: datetime | None = None) -> int:
    """Continue the checks for some seconds and return the number of steps. Only one process runs at a time.

    The check that ended longest ago comes first, so that long rounds of one check do not block the others.
    """
    if not try_advisory_lock(session, "audit.slice"):
        return 0
    moment, until, steps = at or now(), time.monotonic() + seconds, 0
    positions = [(check, _get_position(session, check, moment)) for check in CHECKS]
    for check, position in sorted(positions, key=lambda pair: pair[1].ended_at or _NEVER):
        while _is_due(position, moment) and (not steps or time.monotonic() < until):
            if position.ended_at is not None and position.ended_at >= position.began_at:
                position.began_at, position.upto = moment, 0
            _found, reached = run_step(session, check, position.upto, at=moment)
            steps += 1
            if reached is None:
                position.ended_at = moment
                position.upto = 0
                break
            position.upto = reached
        session.flush()
    return steps


def get_state(session: Session) -> AuditState:
    """Return the state for the health page, with three small queries."""
    count = int(session.scalar(select(func.count()).select_from(AuditFinding)) or 0)
    rows = session.execute(select(AuditPosition.ended_at, AuditPosition.began_at)).all()
    ended, known = [row.ended_at for row in rows], [row.ended_at or row.began_at for row in rows]
    is_whole = len(ended) == len(CHECKS) and all(ended)
    return AuditState(count, min(known) if is_whole else None, min(known, default=None))


def list_findings(session: Session) -> Sequence[Finding]:
    """Return the open findings."""
    rows = session.scalars(select(AuditFinding).order_by(AuditFinding.check, AuditFinding.place, AuditFinding.id))
    return [Finding(row.code, row.about, row.place, row.detail) for row in rows]


def _check_new(session: Session, window: Window) -> None:
    """Check the submissions that new entries are about, without waiting for the round."""
    ids = {entry.subject_id for entry in FOLLOWER.list_entries(session, window)}
    if ids:
        here = [AuditFinding.check == "submissions", AuditFinding.place.in_(ids), AuditFinding.code != "no_row"]
        _keep(session, "submissions", submissions.check(session, ids), here, None)


FOLLOWER = Follower("audit", (*SUBMISSION_KINDS, Kind.MANDATE_ATTACHED), _check_new, step=submissions.STEP, site=True)


def _keep(
    session: Session, name: str, found: Collection[Finding], here: Sequence[ColumnElement[bool]], at: datetime | None
) -> None:
    session.execute(delete(AuditFinding).where(*here))
    session.add_all(
        AuditFinding(
            check=name, place=one.place, code=one.code, about=one.about, detail=dict(one.detail), found_at=at or now()
        )
        for one in found
    )
    session.flush()


def _get_position(session: Session, check: Check, at: datetime) -> AuditPosition:
    row = insert(AuditPosition).values(check=check.name, upto=0, began_at=at)
    session.execute(row.on_conflict_do_nothing())
    return session.get_one(AuditPosition, check.name)


def _is_due(position: AuditPosition, at: datetime) -> bool:
    """Return True if a round is running or the next is due, even if the clock was wrong at the last start."""
    going_on = position.ended_at is None or position.ended_at < position.began_at
    return going_on or abs(at - position.began_at) >= PAUSE
