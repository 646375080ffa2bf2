"""Keeping the index: it follows the ledger by number, so what was published, redacted or hidden is found or not.

Before a moderator's decision has been followed, the index finds too little, never too much: whoever reads checks that
a comment is shown and that its words are those that were indexed.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.core.db import try_lock
from consult.search.marks import CONFIGURATION

BATCH = 2000
"""How many entries of the ledger are followed in one transaction."""

_WINDOW = text(
    """
    SELECT coalesce(max(number), :since - 1) + 1 FROM (
        SELECT number FROM ledger WHERE number >= :since ORDER BY number LIMIT :batch
    ) AS following
    """
)
_TOUCHED = """touched AS MATERIALIZED (
        SELECT DISTINCT subject_id AS id FROM ledger
        WHERE number >= :since AND number < :until AND kind LIKE 'submission.%'
        UNION
        SELECT c.submission_id FROM ledger l JOIN placement p ON p.version_id = l.subject_id
            AND p.comment_id BETWEEN (l.detail ->> 'first')::bigint AND (l.detail ->> 'last')::bigint
        JOIN comment c ON c.id = p.comment_id
        WHERE l.number >= :since AND l.number < :until AND l.kind = 'draft.comments_placed'
    )"""
_CHECKED = """touched AS MATERIALIZED (
        SELECT DISTINCT e.submission_id AS id FROM stored_file f JOIN evidence e ON e.file_id = f.id
        WHERE f.checked_at > now() - interval '7 days' AND f.state = 'clean' AND e.shown
            AND NOT EXISTS (SELECT 1 FROM search_indexed i WHERE i.evidence_id = e.id)
    )"""
"""Submissions with files that were checked after publication, of which the ledger does not tell."""
_FORGET = """
    WITH {touched}
    DELETE FROM search_indexed AS i USING touched
    WHERE i.submission_id = touched.id AND (
        EXISTS (SELECT 1 FROM comment c WHERE c.id = i.comment_id AND NOT c.shown)
        OR EXISTS (SELECT 1 FROM evidence e WHERE e.id = i.evidence_id AND NOT e.shown))
"""
_INDEX = """
    WITH RECURSIVE {touched}, said AS MATERIALIZED (
        SELECT c.id, c.provision_id, c.question_id, c.stance, c.language, coalesce(c.redacted_body, c.body) AS body,
            c.consultation_id, c.submission_id, s.submitter_kind, s.country, o.kind AS organisation_kind
        FROM touched JOIN submission s ON s.id = touched.id JOIN comment c ON c.submission_id = s.id
        LEFT JOIN organisation o ON o.id = s.organisation_id
        WHERE c.shown
    ), around AS (
        SELECT DISTINCT p.id AS provision_id, p.wid, p.parent_id FROM said JOIN provision p ON p.id = said.provision_id
        UNION
        SELECT around.provision_id, p.wid, p.parent_id FROM around JOIN provision p ON p.id = around.parent_id
    ), places AS (
        SELECT provision_id, array_agg('=on:' || wid) AS marks FROM around GROUP BY provision_id
    )
    INSERT INTO search_indexed (submission_id, comment_id, made_from, words)
    SELECT submission_id, said.id, sha256(convert_to(body, 'UTF8')),
        to_tsvector({configuration}, body) || array_to_tsvector(array_remove(ARRAY[
            '=what:comment', '=consultation:' || consultation_id, '=language:' || language,
            '=who:' || submitter_kind, '=country:' || country, '=group:' || organisation_kind,
            '=stance:' || CASE WHEN question_id IS NOT NULL THEN 'answer' ELSE coalesce(stance, 'unsaid') END
        ], NULL) || coalesce(places.marks, ARRAY[]::text[]))
    FROM said LEFT JOIN places USING (provision_id)
    ORDER BY said.id
    ON CONFLICT (comment_id) DO UPDATE SET made_from = excluded.made_from, words = excluded.words
"""
_INDEX_EVIDENCE = """
    WITH RECURSIVE {touched}, around AS (
        SELECT c.submission_id, p.wid, p.parent_id FROM touched JOIN comment c ON c.submission_id = touched.id
        JOIN provision p ON p.id = c.provision_id WHERE c.shown
        UNION
        SELECT around.submission_id, p.wid, p.parent_id FROM around JOIN provision p ON p.id = around.parent_id
    ), places AS (
        SELECT submission_id, array_agg(DISTINCT '=on:' || wid) AS marks FROM around GROUP BY submission_id
    )
    INSERT INTO search_indexed (submission_id, evidence_id, words)
    SELECT e.submission_id, e.id, to_tsvector({configuration}, concat_ws(
            E'\\n', e.description, e.place, e.method, e.reference, f.text
        )) || array_to_tsvector(array_remove(ARRAY[
            '=what:evidence', '=evidence:' || e.kind, '=consultation:' || e.consultation_id,
            '=language:' || e.language, '=who:' || s.submitter_kind, '=country:' || s.country, '=group:' || o.kind
        ], NULL) || coalesce(places.marks, ARRAY[]::text[]))
    FROM touched JOIN evidence e ON e.submission_id = touched.id JOIN submission s ON s.id = e.submission_id
    LEFT JOIN organisation o ON o.id = s.organisation_id LEFT JOIN stored_file f ON f.id = e.file_id
    LEFT JOIN places ON places.submission_id = e.submission_id
    WHERE e.shown AND (e.file_id IS NULL OR f.state = 'clean')
    ORDER BY e.id
    ON CONFLICT (evidence_id) DO UPDATE SET words = excluded.words
"""
"""A piece of evidence is about no provision by itself: it is found on those that its submission comments on."""
_OF_COMMENTS, _OF_EVIDENCE = (CONFIGURATION.format(language=column) for column in ("language", "e.language"))
_STEPS = [
    text(_FORGET.format(touched=_TOUCHED)),
    text(_INDEX.format(touched=_TOUCHED, configuration=_OF_COMMENTS)),
    text(_INDEX_EVIDENCE.format(touched=_TOUCHED, configuration=_OF_EVIDENCE)),
]
_FOLLOW_CHECKS = text(_INDEX_EVIDENCE.format(touched=_CHECKED, configuration=_OF_EVIDENCE))
_SINCE = text("SELECT upto FROM search_followed")
_MOVE = text(
    "INSERT INTO search_followed (one, upto) VALUES (true, :until) ON CONFLICT (one) DO UPDATE SET upto = excluded.upto"
)


def follow(session: Session, *, batch: int = BATCH) -> int:
    """Indexes what the next entries of the ledger are about; gives how many entries there were, 0 where none are left.

    May be repeated, and run by two at once: one of them then does nothing.
    """
    if not try_lock(session, "search.follow"):
        return 0
    since = session.scalar(_SINCE) or 1
    until = int(session.scalar(_WINDOW, {"since": since, "batch": batch}) or since)
    if until > since:
        for statement in (*_STEPS, _MOVE):
            session.execute(statement, {"since": since, "until": until})
    return until - since


def follow_checks(session: Session) -> None:
    """Indexes files that were found clean after their submission was published. May be repeated."""
    if try_lock(session, "search.follow"):
        session.execute(_FOLLOW_CHECKS)
