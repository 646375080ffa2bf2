"""What waits, in which queue: it follows the ledger, so that it costs what is new and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.db import try_lock
from consult.documents.model import Provision
from consult.ledger.model import Entry, Kind
from consult.moderation import checks, holding
from consult.moderation.holding import Rule
from consult.moderation.model import Following, Queue, Waiting
from consult.submissions import waiting as files
from consult.submissions.model import Comment, State, Submission

CLAIM = timedelta(minutes=15)
LETTER = 5
"""From so many submissions with the same words on they wait as one letter."""
SAME = 1000
"""Submissions with the same words are counted up to here."""
ROUGH_WAITS = timedelta(hours=4)
STEP = 1000
_HOLDING = frozenset({"email", "phone"})
_GROUPS = text(
    """
    SELECT g.consultation_id, g.text_hash, (
        SELECT count(*) FROM (
            SELECT 1 FROM submission s WHERE s.consultation_id = g.consultation_id AND s.text_hash = g.text_hash
                AND s.state NOT IN ('withdrawn', 'erased') LIMIT :most
        ) AS bounded
    ) AS n FROM unnest(CAST(:consultations AS bigint[]), CAST(:hashes AS bytea[])) AS g (consultation_id, text_hash)
    """
)


def follow(session: Session, *, most: int = STEP) -> int:
    """Looks at what the next entries of the ledger touch; gives how many entries there were, 0 when it is level.

    Entries have numbers in the order of their commits, so nothing slips in behind. Two at once: the second gives 0.
    """
    if not try_lock(session, "moderation.follow"):
        return 0
    cursor = session.get(Following, 1)
    if cursor is None:
        cursor = Following(id=1, upto=1)
        session.add(cursor)
    entries = session.execute(
        select(Entry.number, Entry.subject_id, Entry.kind)
        .where(Entry.number >= cursor.upto)
        .order_by(Entry.number)
        .limit(most)
    ).all()
    if not entries:
        return 0
    cursor.upto = entries[-1].number + 1
    touched = {row.subject_id for row in entries if row.kind.startswith("submission.")}
    look_at(session, touched)
    return len(entries)


def look_at(session: Session, submission_ids: Collection[int]) -> None:
    """Puts each of these where it belongs, or takes it off the docket."""
    rows = session.scalars(
        select(Submission).where(Submission.id.in_(submission_ids)).order_by(Submission.id).execution_options(
            populate_existing=True
        )
    ).all()  # fmt: skip
    waiting = [row for row in rows if row.state in (State.PENDING, State.RETURNED)]
    take_off(session, set(submission_ids) - {row.id for row in waiting})
    if not waiting:
        return
    said, same, since = _said(session, waiting), _same(session, waiting), _since(session, waiting)
    unchecked = files.of(session, [row.id for row in waiting])
    rules = holding.in_use(session, {row.consultation_id for row in waiting})
    values = [
        _row(
            row, said[row.id], same[row.consultation_id, row.text_hash], row.id in unchecked,
            rules.get(row.consultation_id, ()), since.get(row.id, row.received_at),
        )
        for row in waiting
    ]  # fmt: skip
    adding = insert(Waiting)
    fresh = {name: adding.excluded[name] for name in values[0] if name != "submission_id"}
    away = (Waiting.queue == Queue.SECOND) | (Waiting.queue == Queue.ASIDE)  # not in_(): this is sent for many rows
    keeps = away & (Waiting.revision == adding.excluded.revision)
    session.execute(adding.on_conflict_do_update(index_elements=["submission_id"], set_=fresh, where=~keeps), values)
    _join_letters(session, same)


def follow_checks(session: Session) -> None:
    """What waited for its files and has them now goes where it belongs."""
    held = session.scalars(select(Waiting.submission_id).where(Waiting.home == Queue.FILES).limit(STEP)).all()
    if held and (checked := set(held) - files.of(session, held)):
        look_at(session, checked)


def take_off(session: Session, submission_ids: Collection[int]) -> None:
    """They wait no longer."""
    if submission_ids:
        session.execute(delete(Waiting).where(Waiting.submission_id.in_(submission_ids)))


def put(session: Session, submission_ids: Collection[int], queue: Queue) -> None:
    """Moves what waits to a queue, from which `put_back` brings it home."""
    session.execute(_put(), {"ids": list(submission_ids), "to": queue})


@lru_cache(maxsize=1)
def _put() -> Any:
    these = Waiting.submission_id == any_(bindparam("ids", type_=ARRAY(BigInteger)))
    moving = update(Waiting).where(these).values(queue=bindparam("to"))
    return moving.execution_options(synchronize_session=False)


def put_back(session: Session, submission_ids: Collection[int]) -> None:
    session.execute(update(Waiting).where(Waiting.submission_id.in_(submission_ids)).values(queue=Waiting.home))


def home_of(session: Session, submission_ids: Collection[int]) -> dict[int, Queue]:
    """The queue in which each of these waits, or waited before it was put aside."""
    rows = session.execute(select(Waiting.submission_id, Waiting.home).where(Waiting.submission_id.in_(submission_ids)))
    return {row.submission_id: row.home for row in rows}


def claim(session: Session, *, moderator: Account, submission_ids: Iterable[int], at: datetime | None = None) -> int:
    """Says to colleagues that this moderator reads these; gives how many nobody else had. It ends by itself."""
    moment = at or now()
    free = or_(Waiting.claimed_by == moderator.id, Waiting.claimed_by.is_(None), Waiting.claimed_until <= moment)
    taken = session.execute(
        update(Waiting)
        .where(Waiting.submission_id.in_(list(submission_ids)), free)
        .values(claimed_by=moderator.id, claimed_until=moment + CLAIM)
    )
    return int(taken.rowcount)  # type: ignore[attr-defined]


def give_back(session: Session, *, moderator: Account, submission_ids: Iterable[int]) -> None:
    """The moderator reads these no more."""
    session.execute(
        update(Waiting)
        .where(Waiting.submission_id.in_(list(submission_ids)), Waiting.claimed_by == moderator.id)
        .values(claimed_by=None, claimed_until=None)
    )


def _said(session: Session, rows: Sequence[Submission]) -> dict[int, list[Any]]:
    """The comments of each, with the number of the paragraph they are about."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(
        select(
            Comment.submission_id, Comment.body, Comment.language, Comment.stance, Comment.question_id, Comment.answer,
            func.coalesce(Provision.number, "").label("number"),
        )
        .outerjoin(Provision, Provision.id == Comment.provision_id)
        .where(Comment.submission_id.in_([row.id for row in rows]))
        .order_by(Comment.submission_id, Comment.position)
    ):  # fmt: skip
        found[row.submission_id].append(row)
    return found


def _same(session: Session, rows: Sequence[Submission]) -> dict[tuple[int, bytes], int]:
    """How many submissions have the words of each."""
    keys = sorted({(row.consultation_id, row.text_hash) for row in rows})
    given = {"consultations": [key[0] for key in keys], "hashes": [key[1] for key in keys], "most": SAME}
    return {(row[0], bytes(row[1])): int(row[2]) for row in session.execute(_GROUPS, given)}


def _since(session: Session, rows: Sequence[Submission]) -> dict[int, datetime]:
    """Since when those wait that did not just come in: they were returned, or sent in again."""
    moved = [row.id for row in rows if row.revision > 1 or row.state is State.RETURNED]
    if not moved:
        return {}
    found = session.execute(
        select(Entry.subject_id, func.max(Entry.at))
        .where(Entry.subject_id.in_(moved), Entry.kind.in_((Kind.AMENDED, Kind.RETURNED)))
        .group_by(Entry.subject_id)
    )
    return {row[0]: row[1] for row in found}


def _row(
    row: Submission, said: Sequence[Any], same: int, unchecked: bool, rules: Sequence[Rule], since: datetime
) -> dict[str, Any]:  # fmt: skip
    bodies = [comment.body for comment in said]
    findings = checks.inspect(bodies)
    codes = findings.codes
    ruled = sorted({f"rule:{hit.rule}" for hit in holding.matches(rules, bodies)})
    if any(checks.other_language(comment) for comment in said):
        codes.append("language")
    if findings.score:
        codes.append("rough")
    if row.state is State.RETURNED:
        home = Queue.RETURNED
    elif same >= LETTER:
        home = Queue.SAME
    elif unchecked:
        home = Queue.FILES
    else:
        home = Queue.HELD if ruled or _HOLDING & set(codes) else Queue.NEW
    return {
        "submission_id": row.id, "consultation_id": row.consultation_id, "queue": home, "home": home,
        "turn": row.received_at + (ROUGH_WAITS if findings.rough else timedelta(0)), "received_at": since,
        "revision": row.revision, "text_hash": row.text_hash, "language": row.language,
        "stances": ",".join(sorted({str(comment.stance) for comment in said if comment.stance})),
        "place": said[0].number if said else "", "same": same, "score": findings.score, "found": codes + ruled,
        "comments": sum(comment.question_id is None for comment in said), "claimed_by": None, "claimed_until": None,
    }  # fmt: skip


def _join_letters(session: Session, same: dict[tuple[int, bytes], int]) -> None:
    """What waited already as one of few is told of the new copies. Beyond a hundred nobody needs the exact count."""
    for (consultation_id, text_hash), n in same.items():
        if n > 1:
            these = [Waiting.consultation_id == consultation_id, Waiting.text_hash == text_hash, Waiting.same < 100]
            session.execute(update(Waiting).where(*these).values(same=n))
        if n >= LETTER:
            these = [Waiting.consultation_id == consultation_id, Waiting.text_hash == text_hash]
            few = [*these, Waiting.home.in_((Queue.NEW, Queue.HELD, Queue.FILES))]
            session.execute(update(Waiting).where(*few, Waiting.queue == Waiting.home).values(queue=Queue.SAME))
            session.execute(update(Waiting).where(*few).values(home=Queue.SAME))
