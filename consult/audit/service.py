"""The audit as a whole and in slices. What it finds is kept, so that the health page need not look itself.

Each check goes through its rows in order, a step at a time, and begins a new round when one has ended. A step replaces
what was found before where it looks, so whatever was mended is forgotten at the next round.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.audit import books, chain, promises, publications, records, signals, statements, submissions
from consult.audit.findings import Finding
from consult.audit.model import AuditFinding, AuditPosition
from consult.core.clock import now
from consult.core.db import try_advisory_lock
from consult.ledger.followers import Follower, Window
from consult.ledger.kinds import SUBMISSION_KINDS
from consult.ledger.model import Kind

PAUSE = timedelta(hours=1)
"""Between the beginnings of two rounds of a check."""
_NEVER = datetime.min.replace(tzinfo=UTC)
SLICE = 1.0
"""Seconds that the clock spends at most on each slice, but for its last step."""


@dataclass(frozen=True)
class Check:
    """`step(session, after)` gives the findings of the next step, and how far it came; None at the end."""

    name: str
    step: Callable[..., tuple[list[Finding], int | None]]


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
)


@dataclass(frozen=True)
class AuditState:
    """What the last rounds found, and when the one that is furthest behind ended; None before all have ended once."""

    findings: int
    checked_at: datetime | None
    oldest: datetime | None  # of the last ends of each check, or of the beginning where one has never ended


def run_step(
    session: Session, check: Check, after: int, *, at: datetime | None = None
) -> tuple[list[Finding], int | None]:
    """Looks at the next rows of a check, and keeps what is found there in place of what was found before."""
    found, reached = check.step(session, after=after)
    here = [AuditFinding.check == check.name, AuditFinding.place > after]
    _keep(session, check.name, found, [*here, *([AuditFinding.place <= reached] if reached is not None else [])], at)
    return found, reached


def run_slice(session: Session, *, seconds: float = SLICE, at: datetime | None = None) -> int:
    """Takes the checks up where they stopped, for so long; gives how many steps were made. One process at a time.

    The check that ended longest ago comes first, so that none waits for another whose rounds take all the time.
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
    """What the health page says: three small reads."""
    count = int(session.scalar(select(func.count()).select_from(AuditFinding)) or 0)
    rows = session.execute(select(AuditPosition.ended_at, AuditPosition.began_at)).all()
    ended, known = [row.ended_at for row in rows], [row.ended_at or row.began_at for row in rows]
    is_whole = len(ended) == len(CHECKS) and all(ended)
    return AuditState(count, min(known) if is_whole else None, min(known, default=None))


def list_findings(session: Session) -> Sequence[Finding]:
    """What was found and not found right since."""
    rows = session.scalars(select(AuditFinding).order_by(AuditFinding.check, AuditFinding.place, AuditFinding.id))
    return [Finding(row.code, row.about, row.place, row.detail) for row in rows]


def _check_new(session: Session, window: Window) -> None:
    """Looks at the submissions that new entries are about, without waiting for the round that comes to them."""
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
    """Whether a round goes on, or it is time for the next; also where the clock was wrong when the last one began."""
    going_on = position.ended_at is None or position.ended_at < position.began_at
    return going_on or abs(at - position.began_at) >= PAUSE
