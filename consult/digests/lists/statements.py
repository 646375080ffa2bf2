# ruff: noqa: S608 - statements put together from constants of this file
"""SQL of the lists behind numbers, newest first, with keyset pagination.

`select_list` builds the statement of a list.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import TextClause, text

from consult.digests.lists.names import CLASS_BY_LIST, LEDGER_KINDS_BY_LIST, REST, TEXT_LISTS, ListSelector
from consult.ledger.kinds import MOVING_KINDS, bind_kinds
from consult.ledger.model import Kind
from consult.positions.items import ON_WHOLE, WANTS
from consult.submissions import stances
from consult.submissions.fields import COUNTED
from consult.submissions.model import Stance

_PLACE = """(SELECT p.wid FROM readable_provision p WHERE p.id = coalesce((
        SELECT q.provision_id FROM readable_placement q
        WHERE q.comment_id = c.id AND q.at <= :as_of AND NOT q.waits AND q.provision_id IS NOT NULL
            AND (q.placer <> 'rule' OR NOT EXISTS (SELECT 1 FROM readable_placement w
                WHERE w.comment_id = q.comment_id AND w.version_id = q.version_id AND w.placer = 'person'))
        ORDER BY q.id DESC LIMIT 1
    ), c.provision_id))"""
"""The place of a comment when it was counted. New versions of the draft carry it on."""
_ANY_SPOT = f"""CASE WHEN c.provision_id IS NOT NULL THEN {_PLACE}
    WHEN c.question_id IS NOT NULL THEN 'q' || c.question_id ELSE '' END"""
_COMPARED = f"CAST(ARRAY{[str(stance) for stance in (Stance.SUPPORT, *stances.AGAINST)]} AS text[])"
_COMPARED_CURSOR = f"e.number * {len(stances.AGAINST) + 1} + array_position({_COMPARED}, said.side::text) - 1"
_SPOT = f"{_ANY_SPOT} = :place AND (:stance = 'any' OR coalesce(c.counted_as, '') = :stance)"
_ROW = """s.id, s.reference, s.state, s.public_name, s.language"""
_NOT_SINCE = """NOT EXISTS (SELECT 1 FROM readable_ledger l WHERE l.subject_id = e.subject_id AND l.kind = ANY({kinds})
    AND l.number > e.number AND l.number < :until)"""
_IN_A_CAMPAIGN = """EXISTS (SELECT 1 FROM readable_analysis_counted a
    JOIN readable_text_group g USING (consultation_id, text_hash)
    WHERE a.submission_id = s.id AND g.campaign_number <= :until)"""
_OF_CLASS = """EXISTS (SELECT 1 FROM readable_analysis_counted a
    JOIN readable_text_group g USING (consultation_id, text_hash)
    WHERE a.submission_id = s.id AND g.kind = '{kind}')"""
_ARGUED = """EXISTS (SELECT 1 FROM readable_analysis_counted a
    JOIN readable_claim k USING (consultation_id, text_hash)
    WHERE a.submission_id = s.id AND k.argument_id IS NOT NULL)"""
_SPOKEN = """EXISTS (SELECT 1 FROM readable_comment c WHERE c.submission_id = s.id
    AND (c.provision_id IS NOT NULL OR c.question_id IS NOT NULL))"""
_UNPLACED = f"NOT {_IN_A_CAMPAIGN} AND NOT {_SPOKEN}"
_CONDITIONS = {
    "unplaced": f"AND {_UNPLACED}",
    "placed": f"AND NOT ({_UNPLACED})",
    "spoken": f"AND {_SPOKEN}",
    "by-letter": f"AND {_IN_A_CAMPAIGN} AND NOT {_SPOKEN}",
    "told": f"AND ({_IN_A_CAMPAIGN} OR {_ARGUED})",
    **{kind: f"AND NOT {_IN_A_CAMPAIGN} AND {_OF_CLASS.format(kind=of)}" for kind, of in CLASS_BY_LIST.items()},
    "individually": f"AND NOT {_IN_A_CAMPAIGN}",
    "in-campaigns": f"AND {_IN_A_CAMPAIGN}",
    "at": f"""AND EXISTS (SELECT 1 FROM readable_comment c
        WHERE c.submission_id = s.id AND {_SPOT})""",
}
_GROUP = {
    "kind": """CASE WHEN s.submitter_kind = 'organisation' THEN coalesce(
        (SELECT o.kind FROM readable_organisation o WHERE o.id = s.organisation_id), 'organisation')
        ELSE s.submitter_kind END""",
    **{name: f"s.{name}" for name in COUNTED},
}
FIRST_WORDS = text(
    """
    SELECT DISTINCT ON (submission_id) submission_id, id, counted_as AS stance,
        coalesce(redacted_body, body) AS body, language FROM readable_comment
    WHERE submission_id = ANY(:ids) AND shown ORDER BY submission_id, position
    """
)
WORDS_AT = text(
    f"""
    SELECT DISTINCT ON (c.submission_id) c.submission_id, c.id, c.counted_as AS stance,
        coalesce(c.redacted_body, c.body) AS body, c.language
    FROM readable_comment c
    WHERE c.submission_id = ANY(:ids) AND c.shown AND {_SPOT} ORDER BY c.submission_id, c.position
    """
)
WORDS_ABOUT = text(
    f"""
    SELECT DISTINCT ON (c.submission_id, side) c.submission_id, c.id, c.counted_as AS stance,
        coalesce(c.redacted_body, c.body) AS body, c.language, {_ANY_SPOT} AS side
    FROM readable_comment c
    WHERE c.submission_id = ANY(:ids) AND c.shown AND c.provision_id IS NOT NULL
    ORDER BY c.submission_id, side, c.position
    """
)
WORDS_OF_SIDES = text(
    f"""
    SELECT DISTINCT ON (c.submission_id, c.counted_as) c.submission_id, c.id, c.counted_as AS stance,
        coalesce(c.redacted_body, c.body) AS body, c.language, c.counted_as AS side
    FROM readable_comment c
    WHERE c.submission_id = ANY(:ids) AND c.shown AND c.counted_as = ANY({_COMPARED}) AND {_SPOT}
    ORDER BY c.submission_id, c.counted_as, c.position
    """
)
WORDS_OF_COMMENTS = text(
    """
    SELECT submission_id, id, counted_as AS stance, coalesce(redacted_body, body) AS body, language
    FROM readable_comment WHERE id = ANY(:comments) AND shown
    """
)
_GROUPS = """
    SELECT g.first_number AS cursor, NULL::timestamptz AS at, g.received AS copies, {row}
    FROM readable_text_group g CROSS JOIN LATERAL (
        SELECT submission_id FROM readable_analysis_counted a
        WHERE a.consultation_id = g.consultation_id AND a.text_hash = g.text_hash
        ORDER BY (a.state = 'published') DESC, a.submission_id LIMIT 1
    ) AS first JOIN readable_submission s ON s.id = first.submission_id
    WHERE g.consultation_id = :consultation AND g.first_number >= :since AND g.first_number < least(:until, :after)
        AND g.received > 0 {individual}
    ORDER BY g.first_number DESC LIMIT :most
"""
_ORGANISATIONS = bind_kinds(
    f"""
    SELECT a.organisation AS cursor, max(e.at) AS at, count(*) AS copies, max(s.id) AS id,
        max(s.reference) AS reference, 'published' AS state, min(s.organisation_name) AS public_name,
        min(s.language) AS language
    FROM readable_analysis_counted a JOIN readable_submission s ON s.id = a.submission_id
    JOIN readable_ledger e ON e.subject_id = s.id AND e.kind = :PUBLISHED
        AND e.number >= :since AND e.number < :until
    WHERE a.consultation_id = :consultation AND a.organisation > :after
        AND {_NOT_SINCE.format(kinds=":MOVING_KINDS")}
    GROUP BY a.organisation ORDER BY a.organisation LIMIT :most
    """
)
_COPIES = bind_kinds(
    f"""
    SELECT s.id AS cursor, e.at, 1 AS copies, {_ROW}
    FROM readable_analysis_counted a JOIN readable_submission s ON s.id = a.submission_id
    JOIN readable_ledger e ON e.subject_id = s.id AND e.kind = :RECEIVED AND e.number < :until
    WHERE a.consultation_id = :consultation AND a.text_hash = :hash AND a.submission_id < :after
    ORDER BY a.submission_id DESC LIMIT :most
    """
)

_PARTS = {
    "": "true",
    "exact": "g.kind = 'exact'",
    "own": "g.adds",
    "changed": "g.kind <> 'exact' AND NOT g.adds",
}
"""Conditions on the texts of a campaign, by how its members changed the letter."""
_LETTER = f"""
    SELECT s.id AS cursor, e.at, 1 AS copies, {_ROW} FROM readable_text_group g
    JOIN readable_analysis_counted a ON a.consultation_id = g.consultation_id AND a.text_hash = g.text_hash
    JOIN readable_submission s ON s.id = a.submission_id
    JOIN readable_ledger e ON e.subject_id = s.id AND e.kind = :RECEIVED AND e.number < :until
    WHERE g.consultation_id = :consultation AND g.campaign_id = :number AND g.campaign_number <= :until
        AND {{part}} AND a.submission_id < :after AND NOT EXISTS (
            SELECT 1 FROM readable_ledger l WHERE l.subject_id = s.id AND l.number < :until
                AND l.kind IN (:WITHDRAWN, :ERASED)
        )
    ORDER BY a.submission_id DESC LIMIT :most
"""
_SIDE = bind_kinds(
    f"""
    SELECT {_COMPARED_CURSOR} AS cursor, e.at, 1 AS copies, said.side, {_ROW}
    FROM readable_ledger e JOIN readable_submission s ON s.id = e.subject_id CROSS JOIN LATERAL (
        SELECT DISTINCT c.counted_as AS side FROM readable_comment c
        WHERE c.submission_id = s.id AND c.counted_as = ANY({_COMPARED}) AND {_SPOT}
    ) AS said
    WHERE e.consultation_id = :consultation AND e.number < :until AND e.kind = :PUBLISHED
        AND {_COMPARED_CURSOR} < :after AND {_GROUP["kind"]} = ANY(:keys)
        AND {_NOT_SINCE.format(kinds=":MOVING_KINDS")}
    ORDER BY cursor DESC LIMIT :most
    """
)
_ABOUT = bind_kinds(
    f"""
    SELECT e.number * cardinality(CAST(:keys AS text[])) + array_position(CAST(:keys AS text[]), said.side) - 1
        AS cursor, e.at, 1 AS copies, said.side, said.side AS place, {_ROW}
    FROM readable_ledger e JOIN readable_submission s ON s.id = e.subject_id CROSS JOIN LATERAL (
        SELECT DISTINCT {_ANY_SPOT} AS side FROM readable_comment c
        WHERE c.submission_id = s.id AND c.provision_id IS NOT NULL
    ) AS said
    WHERE e.consultation_id = :consultation AND e.number >= :since AND e.number < :until
        AND e.number <= :after / cardinality(CAST(:keys AS text[]))
        AND e.kind = :PUBLISHED AND said.side = ANY(CAST(:keys AS text[]))
        AND e.number * cardinality(CAST(:keys AS text[])) + array_position(CAST(:keys AS text[]), said.side) - 1
            < :after
        AND {_NOT_SINCE.format(kinds=":MOVING_KINDS")}
    ORDER BY cursor DESC LIMIT :most
    """
)
"""Selects new comments on some places, one row for each submission and place."""
_MET = bind_kinds(
    f"""
    SELECT e.number AS cursor, e.at, f.present AS copies, {_ROW}
    FROM readable_facilitation f JOIN readable_submission s ON s.id = f.submission_id
    JOIN readable_ledger e ON e.subject_id = s.id
    WHERE f.consultation_id = :consultation AND f."group" = :group AND e.number < least(:until, :after)
        AND e.kind = :PUBLISHED AND {_NOT_SINCE.format(kinds=":MOVING_KINDS")}
    ORDER BY e.number DESC LIMIT :most
    """
)
_DAY = bind_kinds(
    f"""
    SELECT c.id AS cursor, s.received_at AS at, 1 AS copies, c.id AS comment, {_ROW}
    FROM readable_consultation z JOIN readable_submission s ON s.consultation_id = z.id
    JOIN readable_comment c ON c.submission_id = s.id
    WHERE z.id = :consultation AND s.state = ANY(:states) AND c.id < :after
        AND s.received_at >= CAST(:day AS date)::timestamp AT TIME ZONE z.timezone
        AND s.received_at < (CAST(:day AS date) + 1)::timestamp AT TIME ZONE z.timezone
        AND EXISTS (SELECT 1 FROM readable_ledger e WHERE e.subject_id = s.id AND e.kind = :RECEIVED
            AND e.number < :until)
    ORDER BY c.id DESC LIMIT :most
    """
)
_MAKES = """EXISTS (SELECT 1 FROM readable_claim k JOIN readable_argument a ON a.id = k.argument_id
    JOIN readable_analysis_counted n ON n.submission_id = s.id AND a.place || ' any' = ANY(n.places)
    JOIN readable_text_group g ON g.consultation_id = s.consultation_id AND g.text_hash = s.text_hash
    WHERE k.argument_id = :number AND (k.campaign_id IS NULL AND k.text_hash = s.text_hash
        OR k.campaign_id = g.campaign_id))"""
_MAKING = bind_kinds(
    f"""
    SELECT e.number AS cursor, e.at, 1 AS copies, {_ROW}
    FROM readable_ledger e JOIN readable_submission s ON s.id = e.subject_id
    WHERE e.consultation_id = :consultation AND e.number >= :since AND e.number < least(:until, :after)
        AND e.kind = :PUBLISHED AND {_MAKES} AND {_NOT_SINCE.format(kinds=":MOVING_KINDS")}
    ORDER BY e.number DESC LIMIT :most
    """
)
_OWN = {
    "organisations": _ORGANISATIONS,
    "copies": _COPIES,
    "side": _SIDE,
    "met": _MET,
    "day": _DAY,
    "argued": _MAKING,
    "about": _ABOUT,
}


def select_list(what: ListSelector) -> TextClause:
    """Return the statement of a list.

    Its columns are `cursor` (the order, descending except for organisations), `at`, `copies` and the author.
    """
    if what.kind in TEXT_LISTS:
        individual = "AND coalesce(g.campaign_number > :until, true)" if what.kind == "individual" else ""
        return text(_GROUPS.format(row=_ROW, individual=individual))
    if what.kind == "letter":
        return bind_kinds(_LETTER.format(part=_PARTS[what.part]))
    if what.kind in _OWN:
        return _OWN[what.kind]
    entering = [kind.value for kind in LEDGER_KINDS_BY_LIST.get(what.kind, (Kind.PUBLISHED,))]
    leaving = [kind.value for kind in _leaving_kinds(what)]
    among = _CONDITIONS.get(what.kind) or _is_wanted(what) or _is_in_group(what)
    statement = text(
        f"""
        SELECT e.number AS cursor, e.at, 1 AS copies, {_ROW}
        FROM readable_ledger e JOIN readable_submission s ON s.id = e.subject_id
        WHERE e.consultation_id = :consultation AND e.number >= :since AND e.number < least(:until, :after)
            AND e.kind = ANY(:entering) AND {_NOT_SINCE.format(kinds=":leaving")} {among}
        ORDER BY e.number DESC LIMIT :most
        """
    )
    return statement.bindparams(entering=entering, leaving=leaving)


def _is_wanted(what: ListSelector) -> str:
    """Return the condition that a submission takes this side on the draft as a whole."""
    if what.kind != "wants":
        return ""
    if what.key == "elsewhere":
        return f"AND NOT {ON_WHOLE}"
    return f"AND {ON_WHOLE} AND {WANTS} {'IS NULL' if what.key == 'unread' else '= :side'}"


def _is_in_group(what: ListSelector) -> str:
    """Return the condition that a submission is in one of the groups, or in none of the shown ones."""
    if not what.dimension:
        return ""
    group = _GROUP[what.dimension]
    if what.keys == (REST,):
        return f"AND {group} IS NOT NULL AND {group} <> ALL(:keys)"
    return f"AND {group} = ANY(:keys)"


def _leaving_kinds(what: ListSelector) -> Sequence[Kind]:
    """Return the later entries that remove a submission from the list. For events of a window, only the same event."""
    if what.kind == "received":
        return (Kind.RECEIVED,)
    stands = what.all or what.kind in ("published", "at")
    return MOVING_KINDS if stands else LEDGER_KINDS_BY_LIST[what.kind]
