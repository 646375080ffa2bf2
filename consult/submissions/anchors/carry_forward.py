"""Transfer of comments to a new version of the draft: by rule if certain, else by a person.

`carry_batch` continues where it stopped, since each moved comment has a row in `placement`. It is safe to repeat.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, insert, select, text, update
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.db import literal_number, try_advisory_lock
from consult.documents import queries as documents
from consult.documents.model import Provision, Version
from consult.ledger import service as ledger
from consult.ledger.kinds import bind_kinds
from consult.ledger.model import Kind
from consult.submissions.anchors.relocation import AnchorRelocator, Relocation
from consult.submissions.anchors.selectors import Anchor, anchor_of
from consult.submissions.model import Comment, PlacedBy, Placement, Stance, State, Submission, Tally

BATCH = 1000
"""Number of comments moved in one transaction."""
MANY = 1000
"""Number from which pages only say that many comments are being moved."""
_LAST = bind_kinds(
    "SELECT max((detail ->> 'last')::bigint) FROM readable_ledger "
    "WHERE subject_id = :version AND kind = :COMMENTS_PLACED AND actor IS NULL"
)
"""The position of a version's batches. Earlier comments are checked again when nothing is left after it."""


@dataclass(frozen=True)
class CommentMove:
    """A comment and its new position. `to` is the decided or suggested one."""

    comment_id: int
    came_from: int
    version_id: int
    was: Anchor | None
    to: Relocation
    stance: Stance | None
    state: State
    filed_at: datetime


def list_consultations_behind(session: Session) -> Sequence[int]:
    """Return consultations with comments not yet moved to the version open for comments."""
    found = (
        select(Consultation.id)
        .where(
            Consultation.phase != Phase.DRAFT,
            select(Version.number).where(Version.id == Consultation.version_id).scalar_subquery() > 1,
            exists(_select_uncarried(Consultation.id, Consultation.version_id)),
        )
        .order_by(Consultation.id)
    )
    return session.scalars(found).all()


def carry_batch(session: Session, *, consultation_id: int, batch: int = BATCH, at: datetime | None = None) -> int:
    """Move the next comments to the current version and return their number, 0 if none are left.

    Transactions for the same consultation do not run concurrently: a second one does nothing.
    """
    if not try_advisory_lock(session, "submissions.carry", consultation_id):
        return 0
    row = session.get_one(Consultation, consultation_id)
    version = session.get_one(Version, row.version_id)
    wanted = _select_uncarried(consultation_id, version.id).order_by(Comment.id).limit(batch)
    after = session.scalar(_LAST, {"version": version.id})
    ids = (session.scalars(wanted.where(Comment.id > after)).all() if after else ()) or session.scalars(wanted).all()
    if not ids:
        return 0
    moves = _moves(session, version, _locked(session, ids))
    _write(session, version.id, moves, PlacedBy.RULE, at or now())
    sure = sum(move.to.sure for move in moves)
    ledger.record(
        session,
        Kind.COMMENTS_PLACED,
        subject_id=version.id,
        consultation_id=consultation_id,
        at=at,
        detail={"placed": sure, "waiting": len(moves) - sure, "first": ids[0], "last": ids[-1]},
    )
    return len(moves)


def count_uncarried(session: Session, consultation_id: int, version_id: int) -> int:
    """Count published comments not yet processed for a version. Pages do not count them until then.

    Counts up to `MANY`. Cheap if none are left, because the running counts show which provisions can have any.
    """
    elsewhere = (
        select(Tally.provision_id)
        .join(Provision, Provision.id == Tally.provision_id)
        .where(
            Tally.consultation_id == consultation_id,
            Tally.state == State.PUBLISHED,
            Provision.version_id != version_id,
        )
        .group_by(Tally.provision_id)
        .having(func.sum(Tally.n) > 0)
    )
    waiting = _select_uncarried(consultation_id, version_id).where(Comment.shown, Comment.provision_id.in_(elsewhere))
    return int(session.scalar(select(func.count()).select_from(waiting.limit(MANY).subquery())) or 0)


def place_manually(
    session: Session,
    *,
    consultation: Consultation,
    comment_ids: Sequence[int],
    to: Relocation | None,
    actor: str,
    at: datetime | None = None,
) -> int:
    """Apply a person's decision on waiting comments: move them to `to`, or with None leave them in the old version.

    Return how many were still waiting. Repeating has no effect.
    """
    version_id = consultation.version_id or 0
    waiting = _lock_waiting(session, version_id, comment_ids)
    if not waiting:
        return 0
    stays = Relocation(None)
    moves = [
        CommentMove(c.id, c.provision_id, 0, anchor_of(c.anchor), to or stays, c.counted_as, s.state, s.received_at)
        for c, s in _locked(session, waiting)
    ]
    moment = at or now()
    _move(session, [move for move in moves if to is not None])
    _end_waiting(session, [move.comment_id for move in moves])
    rows = [_row(move, version_id, move.to, PlacedBy.PERSON, moment, actor=actor) for move in moves]
    session.execute(insert(Placement), rows)
    ledger.record(
        session,
        Kind.COMMENTS_PLACED,
        subject_id=version_id,
        consultation_id=consultation.id,
        at=at,
        actor=actor,
        detail={"placed" if to else "left": len(moves), "first": waiting[0], "last": waiting[-1]},
    )
    return len(moves)


def _lock_waiting(session: Session, version_id: int, comment_ids: Sequence[int]) -> Sequence[int]:
    """Lock and return those of these comments that wait for a decision in a version."""
    return session.scalars(
        select(Placement.comment_id)
        .where(Placement.version_id == version_id, Placement.waits, Placement.comment_id.in_(comment_ids))
        .order_by(Placement.comment_id)
        .with_for_update()
    ).all()


def _select_uncarried(consultation_id: Any, version_id: Any) -> Any:
    """Select comments on another version that no rule processed for this one and no person left in place."""
    of_it, once = Placement.comment_id == Comment.id, literal_number(0)
    stood = select(Provision.version_id).where(Provision.id == Comment.provision_id).scalar_subquery()
    done = select(Placement.id).where(of_it, Placement.version_id == version_id)
    left = select(Placement.id).where(of_it, Placement.placer == PlacedBy.PERSON, Placement.provision_id.is_(None))
    return select(Comment.id).where(
        Comment.consultation_id == consultation_id,
        stood != version_id,
        ~done.offset(once).exists(),
        ~left.offset(once).exists(),
    )


def _locked(session: Session, ids: Sequence[int]) -> Sequence[Any]:
    """Lock and return comments with their submissions, because the running counts depend on both."""
    found = (
        select(Comment, Submission)
        .join(Submission, Submission.id == Comment.submission_id)
        .where(Comment.id.in_(ids))
        .order_by(Submission.id, Comment.id)
        .with_for_update(of=Submission)
        .execution_options(populate_existing=True)
    )
    return session.execute(found).all()


def _moves(session: Session, version: Version, rows: Sequence[Any]) -> list[CommentMove]:
    wanted = {comment.provision_id for comment, _submission in rows}
    stood = session.execute(select(Provision.id, Provision.version_id).where(Provision.id.in_(wanted)))
    versions = {row.id: row.version_id for row in stood}
    carriers = {one: load_relocator(session, one, version) for one in set(versions.values())}
    made = []
    for comment, submission in rows:
        was, of = anchor_of(comment.anchor), versions[comment.provision_id]
        to = carriers[of].place(comment.provision_id, was)
        made.append(
            CommentMove(
                comment.id,
                comment.provision_id,
                of,
                was,
                to,
                comment.counted_as,
                submission.state,
                submission.received_at,
            )
        )
    return made


_relocators: dict[tuple[int, int], AnchorRelocator] = {}
_MOST_RELOCATORS = 4


def load_relocator(session: Session, version_id: int, version: Version) -> AnchorRelocator:
    """Return the relocator between two published versions.

    It is cached for later batches, because published versions do not change.
    """
    if (known := _relocators.get((version_id, version.id))) is not None:
        return known
    older = session.get_one(Version, version_id)
    became = {
        before: line.after for line in documents.get_map_between(session, older, version) for before in line.before
    }
    old, new = (
        {row.id: row.text or row.heading for row in documents.list_provisions(session, one)}
        for one in (older.id, version.id)
    )
    if len(_relocators) >= _MOST_RELOCATORS:
        _relocators.clear()
    _relocators[version_id, version.id] = made = AnchorRelocator(old, new, became)
    return made


def _write(session: Session, version_id: int, moves: Sequence[CommentMove], placer: PlacedBy, at: datetime) -> None:
    known = set(
        session.scalars(
            select(Placement.comment_id).where(Placement.comment_id.in_([move.comment_id for move in moves])).distinct()
        )
    )
    filed = [
        _row(move, move.version_id, Relocation(move.came_from, move.was, 1.0, True), PlacedBy.AUTHOR, move.filed_at)
        for move in moves
        if move.comment_id not in known
    ]
    # Ends questions about an earlier version, because this one asks again.
    _end_waiting(session, [move.comment_id for move in moves])
    rows = [_row(move, version_id, move.to, placer, at, waits=not move.to.sure) for move in moves]
    session.execute(insert(Placement), filed + rows)
    _move(session, [move for move in moves if move.to.sure])


def _row(
    move: CommentMove,
    version_id: int,
    to: Relocation,
    placer: PlacedBy,
    at: datetime,
    *,
    waits: bool = False,
    actor: str | None = None,
) -> dict[str, Any]:
    return {
        "comment_id": move.comment_id,
        "version_id": version_id,
        "provision_id": to.provision_id,
        "anchor": to.anchor.record if to.anchor else None,
        "confidence": to.confidence,
        "placer": placer,
        "waits": waits,
        "actor": actor,
        "at": at,
    }


def _end_waiting(session: Session, comment_ids: Sequence[int]) -> None:
    ended = update(Placement).where(Placement.comment_id.in_(comment_ids), Placement.waits).values(waits=False)
    session.execute(ended)


_COUNT = text(
    "INSERT INTO tally (consultation_id, provision_id, stance, state, n) "
    "SELECT consultation_id, :provision, :stance, :state, :n FROM comment WHERE id = :comment"
)


def _move(session: Session, moves: Sequence[CommentMove]) -> None:
    """Move comments and update the running counts."""
    if not moves:
        return
    session.execute(
        update(Comment),
        [
            {
                "id": move.comment_id,
                "provision_id": move.to.provision_id,
                "anchor": move.to.anchor.record if move.to.anchor else None,
            }
            for move in moves
        ],
    )
    counted: Counter[tuple[int | None, str | None, str]] = Counter()
    for move in moves:
        kind = (str(move.stance) if move.stance else None, str(move.state))
        counted[move.came_from, *kind] -= 1
        counted[move.to.provision_id, *kind] += 1
    session.execute(
        _COUNT,
        [
            {"provision": place, "stance": stance, "state": state, "n": n, "comment": moves[0].comment_id}
            for (place, stance, state), n in counted.items()
            if n
        ],
    )
