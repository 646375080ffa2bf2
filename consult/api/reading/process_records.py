"""Suggested wordings, decisions, statistics of moderation and vocabularies as records."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.api.paging import ListPage, PageQuery, make_cursor, read_cursor
from consult.api.reading.records import (
    AmendmentRecord,
    DecisionRecord,
    StatisticsGroup,
    StatisticsRecord,
    TaxonomyDetail,
    TaxonomyRecord,
    TermRecord,
)
from consult.core.web.addresses import public_url
from consult.ledger import service as ledger
from consult.moderation import decision_log
from consult.moderation.statistics import service as statistics
from consult.submissions.amendments import queries as amendments
from consult.submissions.comments.queries import get_consultation
from consult.taxonomy import queries as taxonomy
from consult.taxonomy.model import Scheme


def list_amendments(session: Session, slug: str) -> list[AmendmentRecord]:
    """Return the suggested wordings that the page of a consultation shows. Raises NotFound."""
    row = get_consultation(session, slug)
    return [_to_amendment(slug, each) for each in amendments.list_amendments(session, row)]


def _to_amendment(slug: str, each: amendments.Amendment) -> AmendmentRecord:
    comment = each.said
    return AmendmentRecord(
        comment=comment.id,
        reference=comment.reference,
        name=comment.name,
        provision=each.place.wid,
        text=each.then.text,
        proposed=each.proposed,
        reason=each.reason,
        language=comment.language,
        supporters=each.agree,
        collides_with=[other.id for other in each.collides],
        adopted=each.adopted,
        page=public_url("amendments.overview", slug=slug, _anchor=f"c{comment.id}"),
    )


def list_decisions(session: Session, asked: PageQuery) -> ListPage[DecisionRecord]:
    """Return a page of the public decision log, oldest first."""
    after, as_of = read_cursor("decisions", {}, asked.cursor), ledger.head(session) - 1
    entries = decision_log.list_entries_after(session, after, asked.limit + 1)
    listed = entries[: asked.limit]
    more = make_cursor("decisions", {}, listed[-1].number) if len(entries) > asked.limit else None
    return ListPage([_to_decision(entry) for entry in listed], as_of, more)


def _to_decision(entry: decision_log.PublicLogEntry) -> DecisionRecord:
    return DecisionRecord(
        number=entry.number,
        hour=f"{entry.at:%Y-%m-%dT%H:00:00Z}",
        decision=entry.decision,
        reason=entry.reason,
        consultation=entry.slug,
        reference=entry.reference,
        policy=entry.policy or None,
        hidden=entry.hidden,
        outcome=entry.outcome or None,
        moderated_elsewhere=entry.elsewhere,
        second_reader=entry.two,
        page=public_url("trace.public", reference=entry.reference),
    )


def get_statistics(session: Session) -> StatisticsRecord:
    """Return the public statistics of moderation: small counts left out, others rounded."""
    shown = statistics.get_statistics(session, public=True)
    groups = [
        StatisticsGroup(
            name, row.name, {kind: n for kind, n in row.counts.items() if kind in statistics.DECISION_KINDS}
        )
        for name, rows in shown.by.items()
        for row in rows
    ]
    minutes = round(shown.minutes) if shown.minutes is not None else None
    return StatisticsRecord(
        statistics.MIN_PUBLIC_COUNT, statistics.ROUNDING_STEP, dict(shown.whole.counts), minutes, groups
    )


def list_taxonomies(session: Session) -> list[TaxonomyRecord]:
    """Return the vocabularies in order."""
    return [TaxonomyRecord(*_describe(scheme)) for scheme in taxonomy.list_schemes(session)]


def get_taxonomy(session: Session, name: str) -> TaxonomyDetail:
    """Return a vocabulary with its terms in use. Raises NotFound."""
    scheme = taxonomy.get_scheme(session, name)
    terms = taxonomy.list_terms(session, scheme.id)
    ids = {term.id: term.uri for term in terms}
    described = [
        TermRecord(term.uri, term.notation, ids.get(term.broader_id or 0), term.labels, term.others) for term in terms
    ]
    return TaxonomyDetail(*_describe(scheme), terms=described)


def _describe(scheme: Scheme) -> tuple[str, str, dict[str, str], str]:
    page = public_url("taxonomy.scheme", notation=scheme.notation)
    return scheme.notation, scheme.uri, scheme.labels, page
