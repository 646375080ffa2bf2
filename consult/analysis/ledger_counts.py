"""SQL that counts submissions, texts, campaigns and parts of the draft by following the ledger. See COUNT_ENTRIES."""

from __future__ import annotations

from sqlalchemy import text

from consult.analysis.kinds import MIN_COPIES
from consult.core.database.sql_files import read_sql
from consult.core.scripts.confusables import SKELETON_SQL
from consult.core.text import DROP_SILENT_SQL
from consult.ledger.kinds import bind_kinds
from consult.ledger.service import HEAD_SQL

MIN_CAMPAIGN_SIZE = MIN_COPIES

CARRIED_SUBMISSIONS = """
    SELECT c.submission_id AS id FROM (
        SELECT subject_id, (detail ->> 'first')::bigint AS first, (detail ->> 'last')::bigint AS last
        FROM readable_ledger WHERE consultation_id = :consultation AND number >= :since AND number < :until
            AND kind = :COMMENTS_PLACED OFFSET 0
    ) AS l CROSS JOIN LATERAL (
        SELECT id, consultation_id, submission_id FROM readable_comment WHERE id BETWEEN l.first AND l.last OFFSET 0
    ) AS c
    WHERE c.consultation_id = :consultation
        AND EXISTS (SELECT 1 FROM readable_placement WHERE comment_id = c.id AND version_id = l.subject_id OFFSET 0)"""
"""Submissions with comments that were carried to another version of the draft in a window of the ledger.

For a statement with bound kinds: `consult.ledger.kinds`.
"""

REHASHED_SUBMISSIONS = """
    SELECT submission_id AS id FROM analysis_rehashed
    WHERE consultation_id = :consultation AND number >= :since AND number < :until"""
"""Submissions whose text hash changed with a new version of the normal form, in a window of the ledger."""
HAS_REHASHED = f"""EXISTS (SELECT 1 FROM analysis_rehashed r WHERE r.consultation_id = c.id
        AND r.number >= coalesce({{upto}}, 1) AND r.number < {HEAD_SQL})"""  # noqa: S608 - a constant
"""Condition: the consultation `c` has such submissions that are not counted yet."""

COUNT_ENTRIES = bind_kinds(
    read_sql(
        __file__,
        "count_entries",
        carried_submissions=CARRIED_SUBMISSIONS,
        rehashed_submissions=REHASHED_SUBMISSIONS,
        organisation=SKELETON_SQL.format(text=DROP_SILENT_SQL.format(text="s.organisation_name")),
    )
)
"""Counts new ledger entries and returns the organisations that have nothing published any longer.

The statement subtracts every submission that the entries touch as it was counted before, and adds its current state, so
that a text that was changed, withdrawn or erased leaves its old counts. A text counts in its current class and
campaign. A new text is individual until `engine.place_texts` has classified it, which also happens again where this
statement sets `placed` to 0. A submission whose comment was carried to another part of the draft is counted there. A
text hash that changed with a new version of the normal form is handled in the same way.

The cost is that of the new entries: rows are looked up one by one (`LATERAL … OFFSET 0`), because a join with stale
statistics may read a whole table, or the whole window, once for each of them.
"""
FORGET_ORGANISATIONS = text(
    "DELETE FROM organisation_count WHERE consultation_id = :consultation AND organisation = ANY(:names) "
    "AND published = 0"
)
"""Deletes the names of organisations with nothing published, because they may have erased their submissions."""
