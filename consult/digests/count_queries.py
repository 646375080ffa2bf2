"""Counts of contributors, parts of the draft and days that follow the ledger: see FOLLOWER."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis import service as analysis
from consult.analysis.ledger_counts import CARRIED_SUBMISSIONS, REHASHED_SUBMISSIONS
from consult.core.database.sql_files import read_sql
from consult.ledger import service as ledger
from consult.ledger.followers import Follower, Window
from consult.ledger.kinds import bind_kinds
from consult.submissions.fields import COUNTED

RULE_VERSION = 5
"""The version of the rules in this file, for the manifest. Up to 4, support of a suggested wording counted as a type.
"""
Counts = Mapping[str, Mapping[str, int]]

_FOLLOW = bind_kinds(
    read_sql(
        __file__,
        "count_contributors",
        carried_submissions=CARRIED_SUBMISSIONS,
        rehashed_submissions=REHASHED_SUBMISSIONS,
        fields=", ".join(f"'{name} ' || s.{name}" for name in COUNTED),
        columns=", ".join(COUNTED),
    )
)
_NONE_LEFT = {
    "text": text(
        "DELETE FROM heard_text WHERE consultation_id = :consultation AND place = :name "
        "AND text_hash = decode(:key, 'hex') AND n = 0"
    ),
    "count": text(
        "DELETE FROM heard_count WHERE consultation_id = :consultation AND dimension = :name AND key = :key AND n = 0"
    ),
}
"""Deletes counts of zero, because their existence reveals something about who erased a submission."""
_COUNTS = text(
    "SELECT dimension, key, n FROM heard_count WHERE consultation_id = :consultation AND dimension = ANY(:dimensions) "
    "AND n > 0 ORDER BY dimension, key"
)


def _count_window(session: Session, window: Window) -> None:
    for kind, name, key in session.execute(_FOLLOW, window.values).all():
        session.execute(_NONE_LEFT[kind], {"consultation": window.consultation_id, "name": name, "key": key})


FOLLOWER = Follower(
    "heard", analysis.FOLLOWER.kinds, _count_window, step=50_000, after=analysis.FOLLOWER, shares_lock=True
)
"""Incremental counts of contributors, places and days, updated from the ledger.

The counts are as of the same ledger entry as the analysis. A step subtracts every submission that the entries touch as
it was counted before, and adds its current state, so that withdrawn and erased ones leave their old counts. The same
applies to submissions whose text joined a campaign since. The condition that a campaign's number is above 0 makes an
index usable: a prepared statement cannot derive it from `since`, and would read all texts.
"""


def count_to_head(session: Session, consultation_id: int, numbered: int) -> int:
    """Count everything committed, first up to `numbered`, and return the entry reached.

    All processes wait for the lock on ledger numbers, so it is taken last, when most is counted. Taking it before a
    follower's lock would deadlock.
    """
    reached = FOLLOWER.follow(session, consultation_id=consultation_id, until=numbered)
    head = ledger.number_entries(session)
    return FOLLOWER.follow(session, consultation_id=consultation_id, until=head) if head > reached else reached


def get_counts(session: Session, consultation_id: int, dimensions: Sequence[str]) -> Counts:
    """Return the counts by dimension and key. Every dimension is present, and keys are ordered."""
    counts: dict[str, dict[str, int]] = {dimension: {} for dimension in dimensions}
    asked = {"consultation": consultation_id, "dimensions": list(dimensions)}
    for dimension, key, n in session.execute(_COUNTS, asked).all():
        counts[dimension][key] = n
    return counts
