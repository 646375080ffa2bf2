"""Reads what a digest is made of: a fixed number of statements, each over what is new or over counts kept ready."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis import queries as analysis
from consult.consultations.model import Consultation
from consult.core.text import excerpt
from consult.core.web import settings
from consult.digests import arguing, copying, counting
from consult.digests.answered import Answered
from consult.digests.body import Erratum, Facts, Material, News, Place
from consult.digests.groups import Target
from consult.digests.model import Cadence
from consult.digests.quotes import Words
from consult.documents import tags
from consult.ledger.model import Kind
from consult.submissions import lists

EVENTS = (
    Kind.DRAFT_PUBLISHED, Kind.CONSULTATION_OPENED, Kind.CONSULTATION_EXTENDED, Kind.CONSULTATION_CHANGED,
    Kind.CONSULTATION_CLOSED,
)  # fmt: skip
"""What is news beside submissions. A digest that was compiled is none."""
_NAMES = 5
_COUNTED = ("coverage", "country", "group", "kind", "language", "texts")
_EACH = 3
NONE = "{}"
"""Ids of nothing, in the form of PostgreSQL's arrays."""
_ASKED = text("SELECT id, wording FROM question WHERE consultation_id = :consultation ORDER BY position")

_NEWS = text(
    """
    WITH entries AS MATERIALIZED (
        SELECT kind, subject_id, number FROM ledger
        WHERE consultation_id = :consultation AND number >= :since AND number < :until
    ), moved AS MATERIALIZED (
        SELECT e.*, a.*, g.* FROM (
            SELECT subject_id AS id, bool_or(kind = 'submission.received') AS arrived,
                bool_or(kind = 'submission.published') AS published
            FROM entries WHERE kind IN ('submission.received', 'submission.published') GROUP BY subject_id
        ) AS e CROSS JOIN LATERAL (
            SELECT state, organisation, text_hash, places FROM analysis_counted WHERE submission_id = e.id OFFSET 0
        ) AS a CROSS JOIN LATERAL (
            SELECT received AS copies, campaign_id, contrary AS turned FROM text_group
            WHERE consultation_id = :consultation AND text_hash = a.text_hash OFFSET 0
        ) AS g
    ), fresh AS NOT MATERIALIZED (
        SELECT id, organisation, text_hash, places, copies, turned FROM moved WHERE published AND state = 'published'
    ), named AS (
        SELECT min(id) AS first FROM fresh WHERE organisation IS NOT NULL GROUP BY organisation
    ), texts AS (
        SELECT count(*) AS n, count(*) FILTER (WHERE campaign_number IS NULL) AS individual FROM text_group
        WHERE consultation_id = :consultation AND first_number >= :since AND first_number < :until AND received > 0
    ), sayings AS (
        SELECT said, count(*) AS n, count(DISTINCT text_hash) AS texts FROM fresh, unnest(places) AS said GROUP BY said
    ), letters AS (
        SELECT campaign_id AS id, count(*) AS n FROM moved WHERE arrived AND campaign_id IS NOT NULL
        GROUP BY campaign_id ORDER BY count(*) DESC, campaign_id LIMIT :letters
    ), answers AS (
        SELECT DISTINCT ON (a.id) a.*, said.outcome FROM entries e CROSS JOIN LATERAL (
            SELECT detail ->> 'outcome' AS outcome, detail ->> 'was' AS was FROM ledger WHERE number = e.number OFFSET 0
        ) AS said CROSS JOIN LATERAL (
            SELECT coalesce(merged_into_id, id) AS id FROM argument WHERE id = e.subject_id OFFSET 0
        ) AS m CROSS JOIN LATERAL (
            SELECT id, coalesce(name, '') AS name, place, voices FROM argument WHERE id = m.id OFFSET 0
        ) AS a
        WHERE e.kind LIKE 'response.%' AND said.was IS DISTINCT FROM said.outcome ORDER BY a.id, e.number DESC
    ), listed AS (
        SELECT count(*) AS published, array_agg(id) AS ids, array_agg(copies) AS copies,
            array_agg(organisation IS NULL) AS nameless, array_agg(turned) AS turned FROM fresh
    )
    SELECT texts.n AS texts, texts.individual, listed.published, (SELECT count(*) FROM named) AS organisations,
        CAST(coalesce(listed.ids, '{}') AS text) AS ids, CAST(coalesce(listed.copies, '{}') AS text) AS copies,
        CAST(coalesce(listed.nameless, '{}') AS text) AS nameless,
        CAST(coalesce(listed.turned, '{}') AS text) AS turned,
        ARRAY(SELECT (SELECT organisation_name FROM submission WHERE id = first)
            FROM named ORDER BY first LIMIT :names) AS names,
        (SELECT coalesce(json_agg(k ORDER BY k.first), '[]') FROM (
            SELECT kind, count(DISTINCT subject_id) AS n, min(number) AS first FROM entries GROUP BY kind
        ) AS k) AS kinds,
        (SELECT coalesce(json_agg(sayings), '[]') FROM sayings) AS said,
        (SELECT coalesce(json_agg(answers), '[]') FROM answers) AS answered,
        (SELECT coalesce(jsonb_object_agg(id, n), '{}') FROM letters) AS letters
    FROM texts, listed
    """
)
"""What happened in the window, and what the submissions say that were published in it and not taken down again in it.

The counts must stand at `until`. Each submission is looked up once, by its number: what statistics say of the tables
decides nothing. What the next statement needs of them is handed on in arrays, in the form that the server wrote.
"""
_WORDS = text(
    """
    WITH ranked AS (
        SELECT c.id, fresh.copies, fresh.turned, CASE WHEN c.provision_id IS NOT NULL THEN p.wid
            WHEN c.question_id IS NOT NULL THEN 'q' || c.question_id ELSE '' END AS place,
            row_number() OVER (
                PARTITION BY p.wid, c.question_id, c.stance ORDER BY fresh.turned, fresh.copies > 1,
                fresh.nameless, abs(c.length - 160), c.id
            ) AS rank
        FROM unnest(CAST(:ids AS bigint[]), CAST(:copies AS int[]), CAST(:nameless AS bool[]), CAST(:turned AS bool[]))
            AS fresh (id, copies, nameless, turned) CROSS JOIN LATERAL (
            SELECT id, provision_id, question_id, stance, length(coalesce(redacted_body, body)) AS length FROM comment
            WHERE submission_id = fresh.id AND shown AND body <> '' AND (question_id IS NULL
                OR (SELECT kind FROM question WHERE id = question_id) = 'text') OFFSET 0
        ) AS c LEFT JOIN provision p ON p.id = c.provision_id
    )
    SELECT r.id, said.submission, said.reference, r.place, said.stance, said.body, said.language, said.name,
        said.organisation, r.copies, said.kind, r.turned
    FROM ranked r CROSS JOIN LATERAL (
        SELECT s.id AS submission, s.reference, coalesce(c.stance, '') AS stance,
            coalesce(c.redacted_body, c.body) AS body, c.language,
            CASE s.name_rule WHEN 'organisation' THEN s.organisation_name WHEN 'own' THEN s.person_name END AS name,
            s.name_rule = 'organisation' AS organisation,
            CASE WHEN s.submitter_kind = 'organisation' THEN coalesce(o.kind, 'organisation')
                ELSE s.submitter_kind END AS kind
        FROM comment c JOIN submission s ON s.id = c.submission_id LEFT JOIN organisation o ON o.id = s.organisation_id
        WHERE c.id = r.id OFFSET 0
    ) AS said
    WHERE r.rank <= :most ORDER BY r.place, said.stance, r.rank
    """
)
"""Candidates to quote, in the order of the fields of `Words`."""
_ERRATA = text(
    """
    SELECT DISTINCT ON (q.comment_id) q.comment_id, s.reference, d.id, d.edition, CASE
        WHEN s.state IN ('withheld', 'withdrawn', 'erased') THEN s.state
        WHEN c.redacted_body IS NOT NULL THEN 'redacted' ELSE 'amended' END AS gone
    FROM ledger e JOIN digest_quote q ON q.submission_id = e.subject_id
    JOIN digest d ON d.id = q.digest_id AND d.cadence = :cadence AND d.until <= :until
    JOIN submission s ON s.id = q.submission_id LEFT JOIN comment c ON c.id = q.comment_id
    WHERE e.consultation_id = :consultation AND e.number >= :since AND e.number < :until
        AND e.kind LIKE 'submission.%' AND e.kind <> 'submission.received'
        AND NOT coalesce(c.shown AND sha256(convert_to(coalesce(c.redacted_body, c.body), 'UTF8')) = q.sha256, false)
    ORDER BY q.comment_id, d.id DESC
    """
)
"""Quotes of earlier editions of the series whose comment moved in the window and may not be read as quoted."""


def gather(
    session: Session,
    consultation: Consultation,
    *,
    cadence: Cadence,
    edition: int,
    slot_at: datetime,
    from_at: datetime,
    since: int,
    until: int,
    before: Mapping[str, Any] | None = None,
) -> Material:
    """The material of one window. The counts must have followed the ledger to exactly `until`."""
    window = {"consultation": consultation.id, "since": since, "until": until}
    said = analysis.places(session, consultation.id)
    row = session.execute(_NEWS, {**window, "names": _NAMES, "letters": copying.MOST}).one()
    said_new, texts_new = _said(row.said)
    reported = ("at", "day") if cadence in (Cadence.CLOSING, Cadence.DEMAND) else ()
    counts = counting.counts(session, consultation.id, (*_COUNTED, *reported))
    stands = arguing.stands(session, consultation.id)
    return Material(
        facts=facts(consultation), cadence=cadence, edition=edition, slot_at=slot_at, from_at=from_at,
        since=since, until=until, news=_news(row), totals=stands.totals,
        places=places(session, consultation, said), said=said, said_new=said_new,
        words=_words(session, row), copied=copying.new_copies(session, row.letters), texts=counts["texts"],
        texts_new=texts_new,
        counts={name: found for name, found in counts.items() if name != "texts"},
        targets=targets(consultation), topics=tags.topics(session, consultation.document_id),
        smallest=settings().smallest_group, before=before,
        answered=[Answered(**one) for one in row.answered],
        errata=[Erratum(*row) for row in session.execute(_ERRATA, {**window, "cadence": str(cadence)})],
        arguments=arguing.found(session, consultation.id, row.ids), argued_upto=stands.upto, encoders=stands.encoders,
        covered=stands.covered,
    )  # fmt: skip


def targets(row: Consultation) -> Sequence[Target]:
    """Groups that the owner of a consultation set out to hear: of each, how many people."""
    return [Target("group", group["name"], group["target"], group["name"]) for group in row.groups]


def facts(row: Consultation) -> Facts:
    """What a digest repeats of its consultation."""
    return Facts(
        slug=row.slug, code=row.code, title=row.title, body=row.body, language=row.language, timezone=row.timezone,
        opens_at=row.opens_at, closes_at=row.closes_at, answer_by=row.answer_by,
    )  # fmt: skip


def _news(row: Any) -> News:
    n = Counter({each["kind"]: each["n"] for each in row.kinds})
    return News(
        received=n[Kind.RECEIVED], published=row.published, returned=n[Kind.RETURNED], amended=n[Kind.AMENDED],
        withheld=n[Kind.WITHHELD], withdrawn=n[Kind.WITHDRAWN], erased=n[Kind.ERASED], texts=row.texts,
        individual_texts=row.individual, organisations=row.organisations, names=row.names,
        events=[each["kind"] for each in row.kinds if each["kind"] in EVENTS],
    )  # fmt: skip


def places(session: Session, row: Consultation, said: Mapping[str, Any]) -> Sequence[Place]:
    """Provisions in the order of the draft, then the draft as a whole, then the questions."""
    found = [
        Place(one.wid, "provision", one.key, one.name, excerpt(one.heading or one.text, 140))
        for one in lists.places(session, row.version_id or 0).by_id.values()
    ]
    found.append(Place("", "whole", "", "", ""))
    found += [
        Place(f"q{number}", "question", str(n), str(n), excerpt(wording, 140))
        for n, (number, wording) in enumerate(session.execute(_ASKED, {"consultation": row.id}), start=1)
    ]
    here = {place.key for place in found}
    return found + [Place(key, "former", "", key, "") for key in said if key not in here]


def _words(session: Session, news: Any) -> list[Words]:
    """Published words that may be quoted, the best few of each stance at each place."""
    given = {"ids": news.ids, "copies": news.copies, "nameless": news.nameless, "turned": news.turned,
             "most": _EACH}  # fmt: skip
    return [Words._make(row) for row in session.execute(_WORDS, given).all()]


def _said(rows: Sequence[Mapping[str, Any]]) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """New submissions by place and stance, and the distinct texts of them by place."""
    found: dict[str, dict[str, int]] = {}
    texts: dict[str, int] = {}
    for row in rows:
        place, _, stance = row["said"].partition(" ")
        found.setdefault(place, {})[stance] = row["n"]
        if stance == analysis.ANY:
            texts[place] = row["texts"]
    return found, texts
