"""What was heard, kept ready: made anew by the clock where the ledger went on, read in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.analysis import queries as analysis
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_id, page
from consult.core.web import settings
from consult.digests import argued, arguing, copying, counting, gathering, heard, shown, topics
from consult.digests.model import HeardSummary
from consult.digests.quotes import Words
from consult.documents import tags
from consult.ledger import service as ledger
from consult.submissions import lists

PAGE = 25
_LETTERS = 10
_CANDIDATES = 40
_BEHIND = text(
    """
    SELECT c.id FROM consultation c LEFT JOIN heard_summary h ON h.consultation_id = c.id
    WHERE c.phase <> 'draft' AND EXISTS (
        SELECT 1 FROM ledger e WHERE e.consultation_id = c.id AND e.number >= coalesce(h.told, 1)
            AND e.kind <> 'digest.compiled'
    ) ORDER BY c.id
    """
)
_SPOKEN = text(
    """
    SELECT said.* FROM unnest(CAST(:places AS text[]), CAST(:stances AS text[])) AS wanted (place, stance)
    JOIN provision p ON p.version_id = :version AND p.wid = wanted.place
    CROSS JOIN LATERAL (
        SELECT c.id, s.id AS submission, s.reference, c.stance, coalesce(c.redacted_body, c.body) AS body, c.language,
            s.name_rule, s.organisation_name, s.person_name, wanted.place, '' AS kind,
            coalesce((SELECT g.received FROM text_group g
                WHERE g.consultation_id = s.consultation_id AND g.text_hash = s.text_hash), 1) AS copies,
            coalesce((SELECT g.contrary FROM text_group g
                WHERE g.consultation_id = s.consultation_id AND g.text_hash = s.text_hash), false) AS turned
        FROM comment c JOIN submission s ON s.id = c.submission_id
        WHERE c.shown AND c.provision_id = p.id AND c.stance = wanted.stance ORDER BY c.id DESC LIMIT :most
    ) AS said
    """
)
_UNPLACED = text(
    """
    SELECT s.id, s.reference, s.language,
        CASE s.name_rule WHEN 'organisation' THEN s.organisation_name WHEN 'own' THEN s.person_name END AS name,
        (SELECT coalesce(c.redacted_body, c.body) FROM comment c WHERE c.submission_id = s.id AND c.shown
            ORDER BY c.position LIMIT 1) AS words
    FROM heard_counted h JOIN submission s ON s.id = h.submission_id
    WHERE h.consultation_id = :consultation AND h.unplaced AND h.submission_id < :after AND s.state = 'published'
    ORDER BY h.submission_id DESC LIMIT :most
    """
)
_LAST = 2**62


@dataclass(frozen=True)
class WhatWeHeard:
    """The page of one consultation; `data` is None until the clock has counted for the first time."""

    consultation: Consultation
    data: Mapping[str, Any] | None
    at: datetime | None
    topic: Mapping[str, Any] | None = None  # through which it is seen

    @property
    def stamp(self) -> tuple[object, ...]:
        """What changes whenever the page does: also when a quote is taken back between two countings."""
        quoted = [(quote["comment"], quote.get("gone")) for quote in shown.quotes(self.data)] if self.data else []
        return (self.consultation.id, self.consultation.revision, self.at, quoted, bool(self.data))


def behind(session: Session) -> Sequence[int]:
    """Consultations of which something happened that is not on their page yet."""
    return session.scalars(_BEHIND).all()


def refresh(session: Session, *, consultation_id: int, at: datetime | None = None) -> HeardSummary:
    """Counts what is new and makes the page's data anew. The cost is that of the new entries; safe to repeat."""
    upto = counting.follow(session, consultation_id=consultation_id, until=ledger.number_entries(session))
    row = session.get_one(Consultation, consultation_id)
    kept = session.get_one(HeardSummary, consultation_id, populate_existing=True)
    stands, said = arguing.stands(session, consultation_id), analysis.places(session, consultation_id)
    dimensions = ("at", "country", "coverage", "day", "group", "kind", "language", "texts")
    data = heard.summary(
        heard.Heard(
            facts=gathering.facts(row), totals=stands.totals,
            smallest=settings().smallest_group, places=gathering.places(session, row, said), said=said,
            counts=counting.counts(session, consultation_id, dimensions),
            targets=gathering.targets(row), topics=tags.topics(session, row.document_id),
            copied=copying.largest(session, consultation_id, _LETTERS),
        )
    )  # fmt: skip
    data["version"] = lists.places(session, row.version_id or 0).number
    pressed = [place["key"] for place in data["places"][: heard.PRESSED]]
    found = arguing.found(session, consultation_id, gathering.NONE, places=pressed)
    data["arguments"], data["top"] = argued.rows(found, overview=True), argued.top(found)
    data["leading"] = argued.leading(found, heard.finding(data))
    data["coverage"] |= argued.coverage(stands.covered)
    kept.data, kept.told, kept.at = heard.with_quotes(data, _spoken(session, row, data)), upto, at or now()
    session.flush()
    return kept


def _spoken(session: Session, it: Consultation, data: Mapping[str, Any]) -> list[Words]:
    """Words that may be quoted of what most agree on."""
    quoted = data["agreed"][: heard.QUOTED]
    values = {"version": it.version_id, "most": _CANDIDATES, "places": [one["key"] for one in quoted],
              "stances": [one["stance"] for one in quoted]}  # fmt: skip
    found = session.execute(_SPOKEN, values).all() if quoted else []
    return [copying.words(row)._replace(turned=row.turned) for row in found]


def read(session: Session, slug: str, *, about: str = "") -> WhatWeHeard:
    """The page of a published consultation, in two statements; seen through a topic, in three. Raises NotFound."""
    found = session.execute(
        select(Consultation, HeardSummary)
        .outerjoin(HeardSummary, HeardSummary.consultation_id == Consultation.id)
        .where(Consultation.slug == slug, Consultation.phase != Phase.DRAFT)
    ).first()
    if found is None:
        raise NotFound(_("There is no consultation at this address."))
    row, kept = found
    if kept is None or not kept.data:
        return WhatWeHeard(row, None, None)
    if not about:
        return WhatWeHeard(row, shown.fill(session, kept.data), kept.at)
    topic = topics.named(kept.data, about)
    if topic is None:
        raise NotFound(_("Nothing was said about this topic."))
    seen = topics.through(kept.data, topic)
    data = heard.with_quotes(seen, _spoken(session, row, seen))
    return WhatWeHeard(row, shown.fill(session, data), kept.at, topic)


@dataclass(frozen=True)
class Sum:
    """What was heard as numbers with lists: everything below `until`, in the form of a digest's body."""

    consultation_id: int
    until: int
    slot_at: datetime
    body: dict[str, Any]
    since: int = 1


def numbers(session: Session, slug: str) -> tuple[Consultation, Sum]:
    """The numbers of the page, for the lists behind them. Raises NotFound."""
    page = read(session, slug)
    if page.data is None or page.at is None:
        raise NotFound(_("Nothing has been heard yet"))
    data = dict(page.data)
    data["numbers"] = {name: {"new": n, "total": n} for name, n in data["numbers"].items()}
    data["who"] = {name: data[name] for name in ("kinds", "languages", "countries", "differ", "days")}
    return page.consultation, Sum(page.consultation.id, data["upto"], page.at, data)


def table(session: Session, slug: str, name: str) -> list[Sequence[Any]]:
    """The rows of one of the page's CSV files. Raises NotFound."""
    data = read(session, slug).data
    if data is None or name not in heard.TABLES:
        raise NotFound(_("There is no such table."))
    return list(heard.table(data, name))


def unplaced(session: Session, consultation_id: int, *, after: str | None) -> Page[Any]:
    """Published submissions that speak to no paragraph and no question, newest first."""
    values = {"consultation": consultation_id, "after": decode_id(after) or _LAST, "most": PAGE + 1}
    return page(session.execute(_UNPLACED, values).all(), PAGE, lambda row: [row.id])
