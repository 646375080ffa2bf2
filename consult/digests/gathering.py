"""Reads what a digest is made of: a fixed number of statements, each over what is new or over counts kept ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.analysis import queries as analysis
from consult.consultations.model import Consultation, Question
from consult.core.text import excerpt
from consult.core.web import settings
from consult.digests import arguing, copying, counting
from consult.digests.body import Erratum, Facts, Material, News, Place
from consult.digests.groups import Target
from consult.digests.model import Cadence
from consult.documents import tags
from consult.documents.model import Provision
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

_FRESH = text(
    """
    SELECT DISTINCT e.subject_id FROM ledger e JOIN analysis_counted c ON c.submission_id = e.subject_id
    WHERE e.consultation_id = :consultation AND e.number >= :since AND e.number < :until
        AND e.kind = 'submission.published' AND c.state = 'published'
    """
)
"""Submissions published in the window, and not taken down again in it. The counts must stand at `until`.

Their ids are handed on as an array: its length is known to the planner, whatever the statistics say.
"""
_KINDS = text(
    """
    SELECT kind, count(DISTINCT subject_id), min(number) FROM ledger
    WHERE consultation_id = :consultation AND number >= :since AND number < :until GROUP BY kind ORDER BY min(number)
    """
)
_TEXTS = text(
    """
    SELECT count(*), count(*) FILTER (WHERE campaign_number IS NULL) FROM text_group
    WHERE consultation_id = :consultation AND first_number >= :since AND first_number < :until AND received > 0
    """
)
_SAID_NEW = text(
    """
    SELECT said, count(*), count(DISTINCT text_hash) FROM analysis_counted, unnest(places) AS said
    WHERE submission_id = ANY(:ids) GROUP BY said ORDER BY said
    """
)
_ORGANISATIONS_NEW = text(
    """
    SELECT min(s.organisation_name), count(*) OVER ()
    FROM analysis_counted c JOIN submission s ON s.id = c.submission_id
    WHERE c.submission_id = ANY(:ids) AND c.organisation IS NOT NULL
    GROUP BY c.organisation ORDER BY min(s.id) LIMIT :most
    """
)
_WORDS = text(
    """
    WITH spoken AS (
        SELECT c.id, s.id AS submission, s.reference, c.stance, coalesce(c.redacted_body, c.body) AS body, c.language,
            s.name_rule, s.organisation_name, s.person_name,
            CASE WHEN s.submitter_kind = 'organisation' THEN coalesce(o.kind, 'organisation')
                ELSE s.submitter_kind END AS kind,
            (SELECT g.received FROM text_group g JOIN analysis_counted a USING (consultation_id, text_hash)
                WHERE a.submission_id = s.id) AS copies,
            CASE WHEN c.provision_id IS NOT NULL THEN p.wid WHEN c.question_id IS NOT NULL THEN 'q' || c.question_id
                ELSE '' END AS place
        FROM submission s JOIN comment c ON c.submission_id = s.id LEFT JOIN provision p ON p.id = c.provision_id
        LEFT JOIN organisation o ON o.id = s.organisation_id
        WHERE s.id = ANY(:ids) AND c.shown AND c.body <> '' AND (c.question_id IS NULL
            OR (SELECT kind FROM question WHERE id = c.question_id) = 'text')
    ), ranked AS (
        SELECT *, row_number() OVER (
            PARTITION BY place, stance
            ORDER BY copies > 1, name_rule <> 'organisation', abs(length(body) - 160), id
        ) AS rank FROM spoken
    )
    SELECT * FROM ranked WHERE rank <= :most ORDER BY place, stance, rank
    """
)
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
    fresh = list(session.scalars(_FRESH, window))
    said_new, texts_new = _said_new(session, fresh)
    reported = ("at", "day") if cadence in (Cadence.CLOSING, Cadence.DEMAND) else ()
    counts = counting.counts(session, consultation.id, (*_COUNTED, *reported))
    return Material(
        facts=facts(consultation), cadence=cadence, edition=edition, slot_at=slot_at, from_at=from_at,
        since=since, until=until, news=_news(session, window, fresh), totals=analysis.totals(session, consultation.id),
        places=places(session, consultation, said), said=said, said_new=said_new,
        words=[copying.words(row) for row in session.execute(_WORDS, {"ids": fresh, "most": _EACH})],
        copied=copying.new_copies(session, **window), texts=counts["texts"], texts_new=texts_new,
        counts={name: found for name, found in counts.items() if name != "texts"},
        targets=targets(consultation), topics=tags.topics(session, consultation.document_id),
        smallest=settings().smallest_group, before=before,
        errata=[Erratum(*row) for row in session.execute(_ERRATA, {**window, "cadence": str(cadence)})],
        arguments=arguing.found(session, consultation.id, fresh), argued_upto=arguing.upto(session, consultation.id),
        encoders=arguing.encoders(session, consultation.id), covered=arguing.covered(session, consultation.id),
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


def _news(session: Session, window: Mapping[str, int], fresh: Sequence[int]) -> News:
    kinds = {kind: int(n) for kind, n, _first in session.execute(_KINDS, window)}
    texts, individual = session.execute(_TEXTS, window).one()
    named = session.execute(_ORGANISATIONS_NEW, {"ids": fresh, "most": _NAMES}).all()
    return News(
        received=kinds.get(Kind.RECEIVED, 0), published=len(fresh),
        returned=kinds.get(Kind.RETURNED, 0),
        amended=kinds.get(Kind.AMENDED, 0), withheld=kinds.get(Kind.WITHHELD, 0),
        withdrawn=kinds.get(Kind.WITHDRAWN, 0), erased=kinds.get(Kind.ERASED, 0), texts=int(texts),
        individual_texts=int(individual), organisations=int(named[0][1]) if named else 0,
        names=[name for name, _count in named], events=[kind for kind in kinds if kind in EVENTS],
    )  # fmt: skip


def places(session: Session, row: Consultation, said: Mapping[str, Any]) -> Sequence[Place]:
    """Provisions in the order of the draft, then the draft as a whole, then the questions."""
    known = lists.places(session, row.version_id or 0).by_id
    wids = session.execute(
        select(Provision.id, Provision.wid).where(Provision.version_id == row.version_id).order_by(Provision.position)
    )
    found = [
        Place(wid, "provision", known[id].key, known[id].name, excerpt(known[id].heading or known[id].text, 140))
        for id, wid in wids
    ]
    found.append(Place("", "whole", "", "", ""))
    asked = session.scalars(select(Question).where(Question.consultation_id == row.id).order_by(Question.position))
    found += [
        Place(f"q{question.id}", "question", str(n), str(n), excerpt(question.wording, 140))
        for n, question in enumerate(asked, start=1)
    ]
    here = {place.key for place in found}
    return found + [Place(key, "former", "", key, "") for key in said if key not in here]


def _said_new(session: Session, fresh: Sequence[int]) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """New submissions by place and stance, and the distinct texts of them by place."""
    found: dict[str, dict[str, int]] = {}
    texts: dict[str, int] = {}
    for said, n, distinct in session.execute(_SAID_NEW, {"ids": fresh}):
        place, _, stance = said.partition(" ")
        found.setdefault(place, {})[stance] = int(n)
        if stance == analysis.ANY:
            texts[place] = int(distinct)
    return found, texts
