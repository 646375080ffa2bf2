"""The moderation queue, updated incrementally from the ledger."""

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
from consult.moderation import urgency
from consult.moderation.checks import text_checks
from consult.moderation.model import Queue, QueueEntry
from consult.moderation.policy import hold_rules
from consult.moderation.policy.hold_rules import ActiveHoldRule
from consult.submissions.evidence import unchecked_files as files
from consult.submissions.model import COUNTED_AS, Comment, State, Submission

CLAIM_DURATION = timedelta(minutes=15)
"""Duration of an explicit claim."""
READING_DURATION = timedelta(minutes=5)
"""Duration of a claim by opening a submission. The page renews it."""
CLAIMS_SHOWN = 200
LETTER = 5
"""Number of submissions with the same text from which they wait as a campaign letter."""
SAME = 1000
"""Maximum count of submissions with the same text."""
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
    """Update the submissions in these entries and those whose text hash was recalculated."""
    touched = set(session.scalars(_TOUCHED, window.values))
    rehashed = RehashedSubmission.number >= window.since, RehashedSubmission.number < window.until
    requeue(session, touched.union(session.scalars(select(RehashedSubmission.submission_id).where(*rehashed))))


FOLLOWER = Follower("moderation.queue", SUBMISSION_KINDS, _requeue_window, step=STEP, site=True)


def requeue(session: Session, submission_ids: Collection[int]) -> None:
    """Add each submission to its queue, or remove it from the queues."""
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
    """Recalculate the turns of a consultation's waiting submissions after its urgency changed."""
    after = 0
    query = select(QueueEntry.submission_id).where(QueueEntry.consultation_id == consultation_id)
    while ids := session.scalars(
        query.where(QueueEntry.submission_id > after).order_by(QueueEntry.submission_id).limit(STEP)
    ).all():
        requeue(session, ids)
        after = ids[-1]


def requeue_checked(session: Session) -> None:
    """Move submissions whose files have been checked to their queue."""
    held = session.scalars(select(QueueEntry.submission_id).where(QueueEntry.home == Queue.FILES).limit(STEP)).all()
    if held and (checked := set(held) - files.submissions_with_pending(session, held)):
        requeue(session, checked)


def dequeue(session: Session, submission_ids: Collection[int]) -> None:
    """Remove submissions from the queues."""
    if submission_ids:
        session.execute(delete(QueueEntry).where(QueueEntry.submission_id.in_(submission_ids)))


def move_to_queue(session: Session, submission_ids: Collection[int], queue: Queue) -> None:
    """Move submissions to a queue, from which `move_home` returns them."""
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
    """Return the home queue of each waiting submission."""
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
    """Claim submissions for the moderator and return how many were free.

    Claims expire. Repeating a claim does not shorten it.
    """
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
    """Return the colleagues' claims: names by submission id. One indexed statement."""
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
    """Release the moderator's claims. With `within`, only those that end within that time."""
    theirs = [QueueEntry.submission_id.in_(list(submission_ids)), QueueEntry.claimed_by == moderator.id]
    if within is not None:
        theirs.append(QueueEntry.claimed_until <= (at or now()) + within)
    session.execute(update(QueueEntry).where(*theirs).values(claimed_by=None, claimed_until=None))


def _load_comments(session: Session, rows: Sequence[Submission]) -> dict[int, list[Any]]:
    """Return the comments of each submission, with the paragraph number."""
    comments: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(
        select(
            Comment.submission_id,
            Comment.body,
            Comment.language,
            COUNTED_AS.label("kind"),
            Comment.question_id,
            Comment.answer,
            func.coalesce(Provision.number, "").label("number"),
        )
        .outerjoin(Provision, Provision.id == Comment.provision_id)
        .where(Comment.submission_id.in_([row.id for row in rows]))
        .order_by(Comment.submission_id, Comment.position)
    ):
        comments[row.submission_id].append(row)
    return comments


def _count_same_text(session: Session, rows: Sequence[Submission]) -> dict[tuple[int, bytes], int]:
    """Count the submissions with the same text as each of these."""
    keys = sorted({(row.consultation_id, row.text_hash) for row in rows})
    given = {"consultations": [key[0] for key in keys], "hashes": [key[1] for key in keys], "most": SAME}
    return {(row[0], bytes(row[1])): int(row[2]) for row in session.execute(_GROUPS, given)}


def _waiting_since(session: Session, rows: Sequence[Submission]) -> dict[int, datetime]:
    """Return the start of the wait of submissions that were returned or sent in again."""
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
        "stances": ",".join(sorted({str(comment.kind) for comment in said if comment.kind})),
        "place": said[0].number if said else "",
        "same": same,
        "score": findings.score,
        "found": codes + ruled,
        "comments": sum(comment.question_id is None for comment in said),
        "claimed_by": None,
        "claimed_until": None,
    }


def _put_first(entries: Iterable[dict[str, Any]]) -> None:
    """Move entries to the front and add the code of urgent submissions."""
    for entry in entries:
        entry["turn"], entry["found"] = entry["turn"] - urgency.AHEAD, [urgency.CODE, *entry["found"]]


def _join_letters(session: Session, same: dict[tuple[int, bytes], int]) -> None:
    """Update the copy counts of waiting submissions, and move the copies of a letter to the queue SAME.

    Counts are exact below a hundred. Rows that are already marked as copies are not read again, however many there are.
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
