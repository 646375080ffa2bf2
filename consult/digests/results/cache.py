"""Cached summary for “What we heard”, refreshed by the scheduler when the ledger grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.analysis import queries as analysis
from consult.analysis.ledger_counts import HAS_REHASHED
from consult.arguments.objections import queries as objections
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_id_cursor, make_page
from consult.core.web.requests import settings
from consult.digests import count_queries
from consult.digests.content import argument_queries, campaign_queries, collection, papers
from consult.digests.content import topics as content_topics
from consult.digests.content.quotes import QuotableComment
from consult.digests.content.rows import TopicRow
from consult.digests.figures import summary as results_summary
from consult.digests.figures.summary import Summary
from consult.digests.lists.numbers import ListNumbers
from consult.digests.model import HeardSummary
from consult.digests.render import current_quotes
from consult.digests.results import tables
from consult.documents import tags
from consult.documents import titles as short_titles
from consult.ledger import service as ledger
from consult.ledger.kinds import bind_kinds
from consult.positions import counts as positions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.fields import COUNTED

PAGE = 25
_LETTERS = 10
_CANDIDATES = 40
_BEHIND = bind_kinds(
    f"""
    SELECT c.id FROM readable_consultation c LEFT JOIN heard_summary h ON h.consultation_id = c.id
    WHERE c.phase <> 'draft' AND (EXISTS (
        SELECT 1 FROM readable_ledger e WHERE e.consultation_id = c.id AND e.number >= coalesce(h.told, 1)
            AND e.kind <> :DIGEST_COMPILED OFFSET 0
    ) OR {HAS_REHASHED.format(upto="h.told")} OR EXISTS (
        SELECT 1 FROM readable_position p WHERE p.consultation_id = c.id AND p.at > h.at
    )) ORDER BY c.id
    """  # noqa: S608 - a statement put together from constants
)
_SPOKEN = text(
    """
    SELECT said.* FROM unnest(CAST(:places AS text[]), CAST(:stances AS text[])) AS wanted (place, stance)
    JOIN readable_provision p ON p.version_id = :version AND p.wid = wanted.place
    CROSS JOIN LATERAL (
        SELECT c.id, s.id AS submission, s.reference, c.counted_as AS stance,
            coalesce(c.redacted_body, c.body) AS body, c.language,
            s.name_rule, s.public_name, wanted.place, '' AS kind,
            coalesce((SELECT g.received FROM readable_text_group g
                WHERE g.consultation_id = s.consultation_id AND g.text_hash = s.text_hash), 1) AS copies
        FROM readable_comment c JOIN readable_submission s ON s.id = c.submission_id
        WHERE c.shown AND c.provision_id = p.id AND c.counted_as = wanted.stance AND NOT EXISTS (
            SELECT 1 FROM readable_text_group g WHERE g.consultation_id = s.consultation_id
                AND g.text_hash = s.text_hash AND g.campaign_id IS NOT NULL
        ) ORDER BY c.id DESC LIMIT :most
    ) AS said
    """
)
_UNPLACED = text(
    """
    SELECT s.id, s.reference, s.language,
        s.public_name AS name,
        (SELECT coalesce(c.redacted_body, c.body) FROM readable_comment c WHERE c.submission_id = s.id AND c.shown
            ORDER BY c.position LIMIT 1) AS words
    FROM heard_counted h JOIN readable_submission s ON s.id = h.submission_id
    WHERE h.consultation_id = :consultation AND h.unplaced AND h.submission_id < :after AND s.state = 'published'
    ORDER BY h.submission_id DESC LIMIT :most
    """
)
_LAST = 2**62


@dataclass(frozen=True)
class WhatWeHeard:
    """The page of one consultation. `data` is None until the scheduler has computed it."""

    consultation: Consultation
    data: Summary | None
    at: datetime | None
    topic: TopicRow | None = None  # through which it is seen
    titles: Mapping[str, str] = field(default_factory=dict)  # short ones of provisions, by permanent id

    @property
    def stamp(self) -> tuple[object, ...]:
        """Return a stamp that changes with the page, also when a quote is removed between two refreshes."""
        quoted = (
            [(quote.comment, quote.gone) for quote in current_quotes.iterate_quotes(self.data)] if self.data else []
        )
        titles = sorted(self.titles.items())
        return (self.consultation.id, self.consultation.revision, self.at, quoted, bool(self.data), titles)


def list_outdated(session: Session) -> Sequence[int]:
    """Return the IDs of consultations with events that are not on their page yet."""
    return session.scalars(_BEHIND).all()


def refresh(
    session: Session, *, consultation_id: int, at: datetime | None = None, counted: int | None = None
) -> HeardSummary:
    """Count new entries, unless they are `counted` to this number, and rebuild the page's data. Safe to repeat."""
    moment = at or now()
    upto = counted or count_queries.count_to_head(session, consultation_id, ledger.head(session))
    row = session.get_one(Consultation, consultation_id)
    stands = argument_queries.get_snapshot(session, consultation_id)
    said = analysis.count_by_place(session, consultation_id)
    dimensions = ("at", "copied", "coverage", "day", "group", "kind", "texts", *COUNTED)
    places = collection.list_places(session, row, said)
    data = results_summary.build_summary(
        results_summary.SummaryInput(
            facts=collection.build_facts(row),
            totals=stands.totals,
            smallest=settings().smallest_group,
            places=places,
            papers=papers.find_papers(session, consultation_id, places),
            stances=said,
            counts=count_queries.get_counts(session, consultation_id, dimensions),
            targets=collection.build_targets(row),
            topics=tags.list_topics(session, row.document_id),
            copied=campaign_queries.add_sides(
                session,
                consultation_id,
                campaign_queries.list_largest(session, consultation_id, _LETTERS),
                moment,
            ),
            sides=positions.count_sides(session, consultation_id, as_of=moment),
        )
    )
    data = replace(data, version=comments_queries.get_provision_tree(session, row.version_id or 0).number)
    pressed = results_summary.list_shown_places(data)
    arguments = argument_queries.find_arguments(session, consultation_id, collection.NO_IDS, places=pressed)
    data = results_summary.add_arguments(data, arguments, stands.covered)
    data = results_summary.add_quotes(data, _list_quotable_comments(session, row, data))
    objected = objections.count_outcomes(session, consultation_id)
    method = results_summary.ArgumentMethod(objected=objected.said, moved=objected.moved, left=objected.left)
    left_out = _count_left_out(session, consultation_id, data, stands.totals.campaigns)
    return _store(session, consultation_id, replace(data, method=method, left_out=left_out), upto, moment)


def _count_left_out(session: Session, consultation_id: int, data: Summary, campaigns: int) -> dict[str, int] | None:
    """Return the number of campaigns and checked arguments that the page does not list. None if it lists all."""
    left_out = {
        "copied": max(campaigns - len(data.copied), 0),
        "arguments": max(argument_queries.count_checked(session, consultation_id) - len(data.arguments), 0),
    }
    return {name: n for name, n in left_out.items() if n} or None


def _store(session: Session, consultation_id: int, data: Summary, upto: int, at: datetime) -> HeardSummary:
    row = session.get(HeardSummary, consultation_id, populate_existing=True)
    if row is None:
        row = HeardSummary(consultation_id=consultation_id)
        session.add(row)
    row.data, row.told, row.at = current_quotes.key_hashes(data), upto, at
    session.flush()
    return row


def _list_quotable_comments(session: Session, it: Consultation, data: Summary) -> list[QuotableComment]:
    """Return comments that may be quoted on parts of the draft with agreement."""
    quoted = data.agreed[: results_summary.PLACES_QUOTED]
    values = {
        "version": it.version_id,
        "most": _CANDIDATES,
        "places": [one.key for one in quoted],
        "stances": [one.stance for one in quoted],
    }
    found = session.execute(_SPOKEN, values).all() if quoted else []
    return [campaign_queries.to_quotable_comment(row) for row in found]


def get_page(session: Session, slug: str, *, about: str = "") -> WhatWeHeard:
    """Return the page of a published consultation, with a fixed number of queries. Raises NotFound."""
    found = session.execute(
        select(Consultation, HeardSummary)
        .outerjoin(HeardSummary, HeardSummary.consultation_id == Consultation.id)
        .where(Consultation.slug == slug, Consultation.phase != Phase.DRAFT)
    ).first()
    if found is None:
        raise NotFound(_("We cannot find this consultation. Check the link."))
    row, kept = found
    if kept is None or not kept.data:
        return WhatWeHeard(row, None, None)
    titles = short_titles.list_titles(session, row.document_id)
    if not about:
        return WhatWeHeard(row, current_quotes.fill_quotes(session, kept.data), kept.at, titles=titles)
    topic = content_topics.find_topic(kept.data.topics, about)
    if topic is None:
        raise NotFound(_("No comments on this topic."))
    seen = results_summary.filter_by_topic(kept.data, topic)
    data = results_summary.add_quotes(seen, _list_quotable_comments(session, row, seen))
    return WhatWeHeard(row, current_quotes.fill_quotes(session, data), kept.at, topic, titles)


@dataclass(frozen=True)
class HeardNumbers:
    """The numbers of “What we heard” with their lists, as of `until`."""

    consultation_id: int
    until: int
    slot_at: datetime
    body: ListNumbers
    since: int = 1


def get_numbers(session: Session, slug: str) -> tuple[Consultation, HeardNumbers]:
    """Return the numbers of the page, for the lists behind them. Raises NotFound."""
    page = get_page(session, slug)
    if page.data is None or page.at is None:
        raise NotFound(_("No comments published yet"))
    numbers = results_summary.list_numbers(page.data)
    return page.consultation, HeardNumbers(page.consultation.id, page.data.upto, page.at, numbers)


def get_table(session: Session, slug: str, name: str) -> list[Sequence[object]]:
    """Return the rows of one of the page's CSV files. Raises NotFound."""
    data = get_page(session, slug).data
    if data is None or name not in tables.TABLES:
        raise NotFound(_("We cannot find this table."))
    version = data.version
    return list(tables.build_table(data, name, lambda place: tables.place_cells(slug, place, version)))


def list_unplaced(session: Session, consultation_id: int, *, after: str | None) -> Page[Any]:
    """Return published submissions on no paragraph and no question, newest first."""
    values = {"consultation": consultation_id, "after": decode_id_cursor(after) or _LAST, "most": PAGE + 1}
    return make_page(session.execute(_UNPLACED, values).all(), PAGE, lambda row: [row.id])
