"""Background tasks that update counts, classes and campaigns as submissions arrive.

The workers share the computing of fingerprints, in windows of the ledger. One worker at a time follows each
consultation, in steps with a transaction each. A killed worker loses at most its current step.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.analysis import jobs, queries, service
from consult.analysis.model import AnalysisState
from consult.core.clock import every
from consult.core.queue import nudge, publish, task

_WINDOW = 1_000


@task("analysis.fingerprint")
def fingerprint(session: Session, consultation_id: int, since: int, until: int) -> None:
    """Compute the fingerprints of submissions received in a window of the ledger, ahead of the follower."""
    samples = queries.list_samples(session, consultation_id, since, until)
    jobs.fingerprint_samples(session, consultation_id, samples)


@task("analysis.follow")
def follow(session: Session, consultation_id: int) -> None:
    """Process one window and queue the next one. Does nothing if another worker holds the lock.

    Other workers compute the fingerprints of the next windows in the meantime.
    """
    follower = service.FOLLOWER
    if not follower.try_lock(session, consultation_id):
        return
    window, head = follower.next_window(session, consultation_id)
    queue_fingerprints(consultation_id, window.until, min(head, window.until + follower.step))
    follower.handle_window(session, window)
    state = session.get(AnalysisState, consultation_id)
    if window.until < head:
        nudge(session, follow, consultation_id)
    elif state is not None and queries.is_due(state):
        nudge(session, compare, consultation_id)


def queue_fingerprints(consultation_id: int, since: int, until: int) -> None:
    """Queue tasks that compute the fingerprints of ledger entries from `since` to `until`, in windows."""
    for start in range(since, until, _WINDOW):
        publish(fingerprint, consultation_id, start, min(until, start + _WINDOW))


@task("analysis.compare", minutes=10)
def compare(session: Session, consultation_id: int) -> None:
    """Compare all texts if due. Does nothing while another worker holds the lock, since the scheduler asks again."""
    if not service.FOLLOWER.try_lock(session, consultation_id):
        return
    state = session.get(AnalysisState, consultation_id)
    if state is not None and queries.is_due(state):
        service.compare(session, consultation_id=consultation_id)


@every(seconds=5, timeless=True)
def catch_up(session: Session) -> None:
    for consultation_id in queries.list_behind(session, service.FOLLOWER):
        publish(follow, consultation_id)


@every(seconds=60, timeless=True)
def compare_due(session: Session) -> None:
    """Queue comparisons for texts that another follower placed, such as that of a digest, or whose task was lost.

    Until then a letter is the first text that reached five copies, not the most frequent one.
    """
    for consultation_id in queries.list_due(session):
        publish(compare, consultation_id)
