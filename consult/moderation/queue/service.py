"""Moderation queue, updated incrementally from the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, case, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis.model import RehashedSubmission
from consult.core.clock import now
from consult.documents.model import Provision
from consult.ledger.followers import Follower, Window
from consult.ledger.kinds import SUBMISSION_KINDS, bind_kinds
from consult.ledger.model import Kind, LedgerEntry
from consult.moderation.checks import text_checks
from consult.moderation.model import Queue, QueueEntry
from consult.moderation.policy import hold_rules
from consult.moderation.policy.hold_rules import ActiveHoldRule
from consult.moderation.queue import urgency
from consult.submissions.evidence import unchecked_files as files
from consult.submissions.model import Comment, State, Submission

CLAIM_DURATION = timedelta(minutes=15)
"""How long somebody keeps what they say that they read."""
READING_DURATION = timedelta(minutes=5)
"""How long what somebody has opened is theirs; while they go on reading, the page says it again."""
CLAIMS_SHOWN = 200
LETTER = 5
"""From so many submissions with the same words on they wait as one letter."""
SAME = 1000
"""Submissions with the same words are counted up to here."""
ROUGH_WAITS = timedelta(hours=4)
STEP = 1000
_HOLDING = frozenset({"email", "phone"})
_TOUCHED = bind_kinds(
    """
    SELECT subject_id FROM readable_ledger
    WHERE number >= :since AND number < :until AND kind = ANY(:SUBMISSION_KINDS)
    """
)
_GROUPS = text(
    """
    SELECT g.consultation_id, g.text_hash, (
        SELECT count(*) FROM (
            SELECT 1 FROM readable_submission s
            WHERE s.consultation_id = g.consultation_id AND s.text_hash = g.text_hash
                AND s.state NOT IN ('withdrawn', 'erased') LIMIT :most
        ) AS bounded
    ) AS n FROM unnest(CAST(:consultations AS bigint[]), CAST(:hashes AS bytea[])) AS g (consultation_id, text_hash)
    """
)


def _requeue_window(session: Session, window: Window) -> None:
    """Looks at the submissions that the entries touch, and at those of which a new rule changed the text hash."""
    touched = set(session.scalars(_TOUCHED, window.values))
    rehashed = RehashedSubmission.number >= window.since, RehashedSubmission.number < window.until
    requeue(session, touched.union(session.scalars(select(RehashedSubmission.submission_id).where(*rehashed))))


FOLLOWER = Follower("moderation.queue", SUBMISSION_KINDS, _requeue_window, step=STEP, site=True)


def requeue(session: Session, submission_ids: Collection[int]) -> None:
    """Puts each of these where it belongs, or takes it off the docket."""
    rows = session.scalars(
        select(Submission)
        .where(Submission.id.in_(submission_ids))
        .order_by(Submission.id)
        .execution_options(populate_existing=True)
    ).all()
    waiting = [row for row in rows if row.state in (State.PENDING, State.RETURNED)]
    dequeue(session, set(submission_ids) - {row.id for row in waiting})
    if not waiting:
        return
    said, same, since = (
        _load_comments(session, waiting),
        _count_same_text(session, waiting),
        _waiting_since(session, waiting),
    )
    unchecked = files.submissions_with_pending(session, [row.id for row in waiting])
    consultations = {row.consultation_id for row in waiting}
    rules, early = hold_rules.get_active_rules(session, consultations), urgency.find_urgent(session, consultations)
    values = [
        _build_entry(
            row,
            said[row.id],
            same[row.consultation_id, row.text_hash],
            row.id in unchecked,
            rules.get(row.consultation_id, ()),
            since.get(row.id, row.received_at),
        )
        for row in waiting
    ]
    _put_first([entry for entry in values if entry["consultation_id"] in early])
    adding = insert(QueueEntry)
    fresh = {name: adding.excluded[name] for name in values[0] if name != "submission_id"}
    away = (QueueEntry.queue == Queue.SECOND) | (
        QueueEntry.queue == Queue.ASIDE
    )  # not in_(): this is sent for many rows
    keeps = away & (QueueEntry.revision == adding.excluded.revision)
    session.execute(adding.on_conflict_do_update(index_elements=["submission_id"], set_=fresh, where=~keeps), values)
    _join_letters(session, same)


def requeue_consultation(session: Session, consultation_id: int) -> None:
    """Gives all that waits of a consultation its turn anew: it became urgent, or is so no more."""
    after = 0
    query = select(QueueEntry.submission_id).where(QueueEntry.consultation_id == consultation_id)
    while ids := session.scalars(
        query.where(QueueEntry.submission_id > after).order_by(QueueEntry.submission_id).limit(STEP)
    ).all():
        requeue(session, ids)
        after = ids[-1]


def requeue_checked(session: Session) -> None:
    """Moves submissions whose files are checked to the queue they belong to."""
    held = session.scalars(select(QueueEntry.submission_id).where(QueueEntry.home == Queue.FILES).limit(STEP)).all()
    if held and (checked := set(held) - files.submissions_with_pending(session, held)):
        requeue(session, checked)


def dequeue(session: Session, submission_ids: Collection[int]) -> None:
    """They wait no longer."""
    if submission_ids:
        session.execute(delete(QueueEntry).where(QueueEntry.submission_id.in_(submission_ids)))


def move_to_queue(session: Session, submission_ids: Collection[int], queue: Queue) -> None:
    """Moves what waits to a queue, from which `move_home` brings it home."""
    session.execute(_move_statement(), {"ids": list(submission_ids), "to": queue})


@lru_cache(maxsize=1)
def _move_statement() -> Any:
    these = QueueEntry.submission_id == any_(bindparam("ids", type_=ARRAY(BigInteger)))
    moving = update(QueueEntry).where(these).values(queue=bindparam("to"))
    return moving.execution_options(synchronize_session=False)


def move_home(session: Session, submission_ids: Collection[int]) -> None:
    session.execute(
        update(QueueEntry).where(QueueEntry.submission_id.in_(submission_ids)).values(queue=QueueEntry.home)
    )


def get_home_queues(session: Session, submission_ids: Collection[int]) -> dict[int, Queue]:
    """The queue in which each of these waits, or waited before it was put aside."""
    rows = session.execute(
        select(QueueEntry.submission_id, QueueEntry.home).where(QueueEntry.submission_id.in_(submission_ids))
    )
    return {row.submission_id: row.home for row in rows}


def claim(
    session: Session,
    *,
    moderator: Account,
    submission_ids: Iterable[int],
    lasting: timedelta = CLAIM_DURATION,
    at: datetime | None = None,
) -> int:
    """Shows colleagues that this moderator reads these; gives how many were free. A claim expires, and never sooner
    for being made again."""
    moment = at or now()
    free = or_(
        QueueEntry.claimed_by == moderator.id, QueueEntry.claimed_by.is_(None), QueueEntry.claimed_until <= moment
    )
    kept = case((QueueEntry.claimed_by == moderator.id, QueueEntry.claimed_until))
    taken = session.execute(
        update(QueueEntry)
        .where(QueueEntry.submission_id.in_(list(submission_ids)), free)
        .values(claimed_by=moderator.id, claimed_until=func.greatest(kept, moment + lasting))
    )
    return int(taken.rowcount)  # type: ignore[attr-defined]


def list_claims(session: Session, *, moderator: Account, at: datetime | None = None) -> dict[int, str]:
    """What colleagues read just now, and who does. One statement, by the index of what is claimed."""
    rows = session.execute(_claims_query(), {"me": moderator.id, "at": at or now()})
    return {row.submission_id: row.display_name for row in rows}


@lru_cache(maxsize=1)
def _claims_query() -> Any:
    return (
        select(QueueEntry.submission_id, Account.display_name)
        .join(Account, Account.id == QueueEntry.claimed_by)
        .where(QueueEntry.claimed_until > bindparam("at"), QueueEntry.claimed_by != bindparam("me"))
        .order_by(QueueEntry.submission_id)
        .limit(CLAIMS_SHOWN)
    )


def release(
    session: Session,
    *,
    moderator: Account,
    submission_ids: Iterable[int],
    within: timedelta | None = None,
    at: datetime | None = None,
) -> None:
    """The moderator reads these no more; with `within` only claims that would end by then are given back."""
    theirs = [QueueEntry.submission_id.in_(list(submission_ids)), QueueEntry.claimed_by == moderator.id]
    if within is not None:
        theirs.append(QueueEntry.claimed_until <= (at or now()) + within)
    session.execute(update(QueueEntry).where(*theirs).values(claimed_by=None, claimed_until=None))


def _load_comments(session: Session, rows: Sequence[Submission]) -> dict[int, list[Any]]:
    """The comments of each, with the number of the paragraph they are about."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(
        select(
            Comment.submission_id,
            Comment.body,
            Comment.language,
            Comment.stance,
            Comment.question_id,
            Comment.answer,
            func.coalesce(Provision.number, "").label("number"),
        )
        .outerjoin(Provision, Provision.id == Comment.provision_id)
        .where(Comment.submission_id.in_([row.id for row in rows]))
        .order_by(Comment.submission_id, Comment.position)
    ):
        found[row.submission_id].append(row)
    return found


def _count_same_text(session: Session, rows: Sequence[Submission]) -> dict[tuple[int, bytes], int]:
    """How many submissions have the words of each."""
    keys = sorted({(row.consultation_id, row.text_hash) for row in rows})
    given = {"consultations": [key[0] for key in keys], "hashes": [key[1] for key in keys], "most": SAME}
    return {(row[0], bytes(row[1])): int(row[2]) for row in session.execute(_GROUPS, given)}


def _waiting_since(session: Session, rows: Sequence[Submission]) -> dict[int, datetime]:
    """Since when those wait that did not just come in: they were returned, or sent in again."""
    moved = [row.id for row in rows if row.revision > 1 or row.state is State.RETURNED]
    if not moved:
        return {}
    found = session.execute(
        select(LedgerEntry.subject_id, func.max(LedgerEntry.at))
        .where(LedgerEntry.subject_id.in_(moved), LedgerEntry.kind.in_((Kind.AMENDED, Kind.REPLIED, Kind.RETURNED)))
        .group_by(LedgerEntry.subject_id)
    )
    return {row[0]: row[1] for row in found}


def _build_entry(
    row: Submission, said: Sequence[Any], same: int, unchecked: bool, rules: Sequence[ActiveHoldRule], since: datetime
) -> dict[str, Any]:
    bodies = [comment.body for comment in said]
    findings = text_checks.check_texts(bodies)
    codes = findings.codes
    ruled = sorted({f"rule:{hit.rule}" for hit in hold_rules.find_matches(rules, bodies)})
    if any(text_checks.detect_other_language(comment) for comment in said):
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
        "submission_id": row.id,
        "consultation_id": row.consultation_id,
        "queue": home,
        "home": home,
        "turn": row.received_at + (ROUGH_WAITS if findings.rough else timedelta(0)),
        "received_at": since,
        "revision": row.revision,
        "text_hash": row.text_hash,
        "language": row.language,
        "stances": ",".join(sorted({str(comment.stance) for comment in said if comment.stance})),
        "place": said[0].number if said else "",
        "same": same,
        "score": findings.score,
        "found": codes + ruled,
        "comments": sum(comment.question_id is None for comment in said),
        "claimed_by": None,
        "claimed_until": None,
    }


def _put_first(entries: Iterable[dict[str, Any]]) -> None:
    """Gives these a turn before all others, and says why."""
    for entry in entries:
        entry["turn"], entry["found"] = entry["turn"] - urgency.AHEAD, [urgency.CODE, *entry["found"]]


def _join_letters(session: Session, same: dict[tuple[int, bytes], int]) -> None:
    """Updates the copy counts of waiting submissions. Beyond a hundred nobody needs the exact count.

    Found by the index of what is one of few: of a letter's copies only the first are read, however many come.
    """
    for (consultation_id, text_hash), n in same.items():
        these = [QueueEntry.consultation_id == consultation_id, QueueEntry.text_hash == text_hash]
        if n >= LETTER:
            few = [*these, QueueEntry.same < LETTER, QueueEntry.home.in_((Queue.NEW, Queue.HELD, Queue.FILES))]
            session.execute(
                update(QueueEntry).where(*few, QueueEntry.queue == QueueEntry.home).values(queue=Queue.SAME)
            )
            session.execute(update(QueueEntry).where(*few).values(home=Queue.SAME))
        if n > 1:
            session.execute(update(QueueEntry).where(*these, QueueEntry.same < 100).values(same=n))
