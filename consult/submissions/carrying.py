"""Comments carried to a new version of the draft: by rule where that is sure, else by a person. Nothing moves silently.

`carry` goes on where it ended: what it has done is a row of `placement`, so it may be stopped and repeated at will.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, insert, select, text, update
from sqlalchemy.orm import Session, aliased

from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.db import try_lock
from consult.documents import queries as documents
from consult.documents.model import Provision, Version
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.submissions.anchors import Anchor, anchor_of
from consult.submissions.model import Comment, Placement, Placer, Stance, State, Submission
from consult.submissions.reanchoring import Carrier, Placed

BATCH = 1000
"""How many comments are carried in one transaction."""


@dataclass(frozen=True)
class Move:
    """A comment before and after; `to` is where it goes, or where it might."""

    comment_id: int
    came_from: int
    version_id: int
    was: Anchor | None
    to: Placed
    stance: Stance | None
    state: State
    filed_at: datetime


def behind(session: Session) -> Sequence[int]:
    """Consultations whose comments have not all been carried to the version that people comment on."""
    found = (
        select(Consultation.id)
        .where(
            Consultation.phase != Phase.DRAFT,
            select(Version.number).where(Version.id == Consultation.version_id).scalar_subquery() > 1,
            exists(_waiting(Consultation.id, Consultation.version_id)),
        )
        .order_by(Consultation.id)
    )
    return session.scalars(found).all()


def carry(session: Session, *, consultation_id: int, batch: int = BATCH, at: datetime | None = None) -> int:
    """Places the next comments in the present version of a consultation; gives how many, 0 where none are left.

    One transaction carries for a consultation at a time; another that comes meanwhile does nothing.
    """
    if not try_lock(session, "submissions.carry", consultation_id):
        return 0
    row = session.get_one(Consultation, consultation_id)
    version = session.get_one(Version, row.version_id)
    wanted = _waiting(consultation_id, version.id).order_by(Comment.id).limit(batch)
    ids = session.scalars(wanted).all()
    if not ids:
        return 0
    moves = _moves(session, version, _locked(session, ids))
    _write(session, version.id, moves, Placer.RULE, at or now())
    sure = sum(move.to.sure for move in moves)
    ledger.record(
        session, Kind.COMMENTS_PLACED, subject_id=version.id, consultation_id=consultation_id, at=at,
        detail={"placed": sure, "waiting": len(moves) - sure, "first": ids[0], "last": ids[-1]},
    )  # fmt: skip
    return len(moves)


def settle(
    session: Session, *, consultation: Consultation, comment_ids: Sequence[int], to: Placed | None, actor: str,
    at: datetime | None = None,
) -> int:  # fmt: skip
    """A person's decision on comments that wait: `to` where they go, None to leave them where they were said.

    Gives how many were still waiting; deciding twice does nothing the second time.
    """
    version_id = consultation.version_id or 0
    waiting = session.scalars(
        select(Placement.comment_id)
        .where(Placement.version_id == version_id, Placement.waits, Placement.comment_id.in_(comment_ids))
        .order_by(Placement.comment_id)
        .with_for_update()
    ).all()
    if not waiting:
        return 0
    stays = Placed(None)
    moves = [
        Move(c.id, c.provision_id, 0, anchor_of(c.anchor), to or stays, c.stance, s.state, s.received_at)
        for c, s in _locked(session, waiting)
    ]
    moment = at or now()
    _move(session, [move for move in moves if to is not None])
    _end_waiting(session, [move.comment_id for move in moves])
    rows = [_row(move, version_id, move.to, Placer.PERSON, moment, actor=actor) for move in moves]
    session.execute(insert(Placement), rows)
    ledger.record(
        session, Kind.COMMENTS_PLACED, subject_id=version_id, consultation_id=consultation.id, at=at, actor=actor,
        detail={"placed" if to else "left": len(moves), "first": waiting[0], "last": waiting[-1]},
    )  # fmt: skip
    return len(moves)


def _waiting(consultation_id: Any, version_id: Any) -> Any:
    """Comments on another version that no rule has looked at for this one, and that no person left where they were."""
    done, left = aliased(Placement), aliased(Placement)
    return (
        select(Comment.id)
        .join(Provision, Provision.id == Comment.provision_id)
        .where(
            Comment.consultation_id == consultation_id,
            Provision.version_id != version_id,
            ~exists().where(done.comment_id == Comment.id, done.version_id == version_id),
            ~exists().where(left.comment_id == Comment.id, left.placer == Placer.PERSON, left.provision_id.is_(None)),
        )
    )


def _locked(session: Session, ids: Sequence[int]) -> Sequence[Any]:
    """Comments with their submissions, which nobody decides meanwhile: the running counts follow both."""
    found = (
        select(Comment, Submission)
        .join(Submission, Submission.id == Comment.submission_id)
        .where(Comment.id.in_(ids))
        .order_by(Submission.id, Comment.id)
        .with_for_update(of=Submission)
        .execution_options(populate_existing=True)
    )
    return session.execute(found).all()


def _moves(session: Session, version: Version, rows: Sequence[Any]) -> list[Move]:
    wanted = {comment.provision_id for comment, _submission in rows}
    stood = session.execute(select(Provision.id, Provision.version_id).where(Provision.id.in_(wanted)))
    versions = {row.id: row.version_id for row in stood}
    carriers = {one: carrier(session, one, version) for one in set(versions.values())}
    made = []
    for comment, submission in rows:
        was, of = anchor_of(comment.anchor), versions[comment.provision_id]
        to = carriers[of].place(comment.provision_id, was)
        made.append(
            Move(
                comment.id, comment.provision_id, of, was, to, comment.stance, submission.state, submission.received_at
            )
        )
    return made


_carriers: dict[tuple[int, int], Carrier] = {}
_MOST_CARRIERS = 4


def carrier(session: Session, version_id: int, version: Version) -> Carrier:
    """Between two published versions, which never change: so what a process has found out serves the next batch too."""
    if (known := _carriers.get((version_id, version.id))) is not None:
        return known
    older = session.get_one(Version, version_id)
    became = {before: line.after for line in documents.between(session, older, version) for before in line.before}
    old, new = (
        {row.id: row.text or row.heading for row in documents.provisions(session, one)}
        for one in (older.id, version.id)
    )
    if len(_carriers) >= _MOST_CARRIERS:
        _carriers.clear()
    _carriers[version_id, version.id] = made = Carrier(old, new, became)
    return made


def _write(session: Session, version_id: int, moves: Sequence[Move], placer: Placer, at: datetime) -> None:
    known = set(session.scalars(
        select(Placement.comment_id).where(Placement.comment_id.in_([move.comment_id for move in moves])).distinct()
    ))  # fmt: skip
    filed = [
        _row(move, move.version_id, Placed(move.came_from, move.was, 1.0, True), Placer.AUTHOR, move.filed_at)
        for move in moves
        if move.comment_id not in known
    ]
    _end_waiting(session, [move.comment_id for move in moves])  # for an earlier version: this one asks anew
    rows = [_row(move, version_id, move.to, placer, at, waits=not move.to.sure) for move in moves]
    session.execute(insert(Placement), filed + rows)
    _move(session, [move for move in moves if move.to.sure])


def _row(
    move: Move, version_id: int, to: Placed, placer: Placer, at: datetime, *, waits: bool = False,
    actor: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "comment_id": move.comment_id, "version_id": version_id, "provision_id": to.provision_id,
        "anchor": to.anchor.record if to.anchor else None, "confidence": to.confidence, "placer": placer,
        "waits": waits, "actor": actor, "at": at,
    }  # fmt: skip


def _end_waiting(session: Session, comment_ids: Sequence[int]) -> None:
    ended = update(Placement).where(Placement.comment_id.in_(comment_ids), Placement.waits).values(waits=False)
    session.execute(ended)


_COUNT = text(
    "INSERT INTO tally (consultation_id, provision_id, stance, state, n) "
    "SELECT consultation_id, :provision, :stance, :state, :n FROM comment WHERE id = :comment"
)


def _move(session: Session, moves: Sequence[Move]) -> None:
    """Moves comments, and the running counts with them."""
    if not moves:
        return
    session.execute(update(Comment), [
        {"id": move.comment_id, "provision_id": move.to.provision_id,
         "anchor": move.to.anchor.record if move.to.anchor else None}
        for move in moves
    ])  # fmt: skip
    counted: Counter[tuple[int | None, str | None, str]] = Counter()
    for move in moves:
        kind = (str(move.stance) if move.stance else None, str(move.state))
        counted[move.came_from, *kind] -= 1
        counted[move.to.provision_id, *kind] += 1
    session.execute(_COUNT, [
        {"provision": place, "stance": stance, "state": state, "n": n, "comment": moves[0].comment_id}
        for (place, stance, state), n in counted.items()
        if n
    ])  # fmt: skip
