"""The search index, updated incrementally from the ledger.

Until a moderator's decision is indexed, a search finds too little rather than too much: every query checks that a
comment is public and that its text is the indexed one.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.scripts.confusables import SKELETON_SQL
from consult.core.text import DROP_SILENT_SQL
from consult.ledger.followers import Follower, Window
from consult.ledger.kinds import SUBMISSION_KINDS, bind_kinds
from consult.ledger.model import Kind
from consult.search.query_terms import CONFIGURATION_SQL

_LATE_CHECKS = timedelta(days=7)
"""Period after a check in which a file is indexed that was not clean when its submission was published."""

_TOUCHED = """touched AS MATERIALIZED (
        SELECT DISTINCT subject_id AS id FROM readable_ledger
        WHERE number >= :since AND number < :until AND kind = ANY(:SUBMISSION_KINDS)
        UNION
        SELECT c.submission_id FROM (
            SELECT subject_id, (detail ->> 'first')::bigint AS first, (detail ->> 'last')::bigint AS last
            FROM readable_ledger WHERE number >= :since AND number < :until AND kind = :COMMENTS_PLACED OFFSET 0
        ) AS l CROSS JOIN LATERAL (
            SELECT comment_id, version_id FROM readable_placement WHERE comment_id BETWEEN l.first AND l.last OFFSET 0
        ) AS p CROSS JOIN LATERAL (SELECT submission_id FROM readable_comment WHERE id = p.comment_id OFFSET 0) AS c
        WHERE p.version_id = l.subject_id
    )"""
_CHECKED = """touched AS MATERIALIZED (
        SELECT DISTINCT e.submission_id AS id FROM readable_stored_file f JOIN readable_evidence e ON e.file_id = f.id
        WHERE f.checked_at > :since AND f.state = 'clean' AND e.shown
            AND NOT EXISTS (SELECT 1 FROM search_indexed i WHERE i.evidence_id = e.id)
    )"""
"""SQL for submissions with files checked after publication, which have no ledger entry."""
_FORGET = """
    WITH {touched}, hidden AS (
        SELECT array_agg(i.id) AS ids FROM touched CROSS JOIN LATERAL (
            SELECT id, comment_id, evidence_id FROM search_indexed WHERE submission_id = touched.id OFFSET 0
        ) AS i
        WHERE (SELECT NOT shown FROM readable_comment WHERE id = i.comment_id)
            OR (SELECT NOT shown FROM readable_evidence WHERE id = i.evidence_id)
    )
    DELETE FROM search_indexed WHERE id = ANY(CAST((SELECT ids FROM hidden) AS bigint[]))
"""
_INDEX = """
    WITH RECURSIVE {touched}, said AS MATERIALIZED (
        SELECT c.id, c.provision_id, c.question_id, c.counted_as, c.language, coalesce(c.redacted_body, c.body) AS body,
            c.consultation_id, c.submission_id, c.paper, s.submitter_kind, s.country, o.kind AS organisation_kind
        FROM touched CROSS JOIN LATERAL (
            SELECT submitter_kind, country, organisation_id FROM readable_submission WHERE id = touched.id OFFSET 0
        ) AS s CROSS JOIN LATERAL (SELECT * FROM readable_comment WHERE submission_id = touched.id OFFSET 0) AS c
        LEFT JOIN readable_organisation o ON o.id = s.organisation_id
        WHERE c.shown
    ), around AS (
        SELECT DISTINCT p.id AS provision_id, p.wid, p.parent_id
        FROM said JOIN readable_provision p ON p.id = said.provision_id
        UNION
        SELECT around.provision_id, p.wid, p.parent_id FROM around JOIN readable_provision p ON p.id = around.parent_id
    ), places AS (
        SELECT provision_id, array_agg('=on:' || wid) AS marks FROM around GROUP BY provision_id
    )
    INSERT INTO search_indexed (submission_id, comment_id, paper, made_from, words)
    SELECT submission_id, said.id, paper, sha256(convert_to(body, 'UTF8')),
        to_tsvector({configuration}, {sounded}) || array_to_tsvector(array_remove(ARRAY[
            '=what:comment', '=consultation:' || consultation_id, '=language:' || language,
            '=who:' || submitter_kind, '=country:' || country, '=group:' || organisation_kind,
            '=stance:' || CASE WHEN question_id IS NOT NULL THEN 'answer' ELSE coalesce(counted_as, 'unsaid') END
        ], NULL) || coalesce(places.marks, ARRAY[]::text[]))
    FROM said LEFT JOIN places USING (provision_id)
    ORDER BY said.id
    ON CONFLICT (comment_id) DO UPDATE SET paper = excluded.paper, made_from = excluded.made_from,
        words = excluded.words
"""
_INDEX_EVIDENCE = """
    WITH RECURSIVE {touched}, around AS (
        SELECT c.submission_id, p.wid, p.parent_id FROM touched CROSS JOIN LATERAL (
            SELECT submission_id, provision_id, shown FROM readable_comment WHERE submission_id = touched.id OFFSET 0
        ) AS c JOIN readable_provision p ON p.id = c.provision_id WHERE c.shown
        UNION
        SELECT around.submission_id, p.wid, p.parent_id FROM around JOIN readable_provision p ON p.id = around.parent_id
    ), places AS (
        SELECT submission_id, array_agg(DISTINCT '=on:' || wid) AS marks FROM around GROUP BY submission_id
    )
    INSERT INTO search_indexed (submission_id, evidence_id, paper, words)
    SELECT e.submission_id, e.id, e.kind = 'position_paper',
        to_tsvector({configuration}, {sounded}) || array_to_tsvector(array_remove(ARRAY[
            '=what:evidence', '=evidence:' || e.kind, '=consultation:' || e.consultation_id,
            '=language:' || e.language, '=who:' || s.submitter_kind, '=country:' || s.country, '=group:' || o.kind
        ], NULL) || coalesce(places.marks, ARRAY[]::text[]))
    FROM touched CROSS JOIN LATERAL (SELECT * FROM readable_evidence WHERE submission_id = touched.id OFFSET 0) AS e
    JOIN readable_submission s ON s.id = e.submission_id
    LEFT JOIN readable_organisation o ON o.id = s.organisation_id LEFT JOIN readable_stored_file f ON f.id = e.file_id
    LEFT JOIN places ON places.submission_id = e.submission_id
    WHERE e.shown AND (e.file_id IS NULL OR f.state = 'clean')
    ORDER BY e.id
    ON CONFLICT (evidence_id) DO UPDATE SET paper = excluded.paper, words = excluded.words
"""
"""Evidence has no provision of its own. It is found at those that its submission comments on."""
_OF_COMMENTS, _OF_EVIDENCE = (CONFIGURATION_SQL.format(language=column) for column in ("language", "e.language"))
_COMPARED = DROP_SILENT_SQL.format(text=SKELETON_SQL)
_SAID = _COMPARED.format(text="body")
_EVIDENCE = _COMPARED.format(text="concat_ws(E'\\n', e.description, e.place, e.method, e.reference, f.text)")
_STEPS = [
    bind_kinds(_FORGET.format(touched=_TOUCHED)),
    bind_kinds(_INDEX.format(touched=_TOUCHED, configuration=_OF_COMMENTS, sounded=_SAID)),
    bind_kinds(_INDEX_EVIDENCE.format(touched=_TOUCHED, configuration=_OF_EVIDENCE, sounded=_EVIDENCE)),
]
_FOLLOW_CHECKS = text(_INDEX_EVIDENCE.format(touched=_CHECKED, configuration=_OF_EVIDENCE, sounded=_EVIDENCE))


def _index_window(session: Session, window: Window) -> None:
    """Index the submissions in a window's entries."""
    for statement in _STEPS:
        session.execute(statement, {"since": window.since, "until": window.until})


FOLLOWER = Follower("search", (*SUBMISSION_KINDS, Kind.COMMENTS_PLACED), _index_window, step=2_000, site=True)


def index_checked_files(session: Session) -> None:
    """Index files found clean after their submission was published. Safe to repeat."""
    if FOLLOWER.try_lock(session):
        session.execute(_FOLLOW_CHECKS, {"since": now() - _LATE_CHECKS})
