"""Data of the search pages, read in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.search import queries
from consult.search.queries import SearchHit, SearchResults
from consult.search.query_terms import SearchQuery
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments import queries as comments_queries
from consult.submissions.pages.queries import Frame


@dataclass(frozen=True)
class SearchPage:
    """Results with where each was said. `frame` is that of the one consultation that is searched, if it is one."""

    frame: Frame | None
    results: SearchResults | None
    consultations: Mapping[int, Consultation]
    places: Mapping[int, ProvisionNode]
    first_page: bool

    def place(self, found: SearchHit) -> ProvisionNode | None:
        return self.places.get((found.voice and found.voice.provision_id) or 0)


def resolve_provision(session: Session, frame: Frame | None, query: SearchQuery) -> SearchQuery:
    """The query with the provision that its key names in the present draft. Raises NotFound."""
    place = frame.place(query.on) if frame and query.on else None
    return replace(query, on=queries.get_wid(session, place.id) if place else "")


def get_page(session: Session, frame: Frame | None, query: SearchQuery, *, after: str | None) -> SearchPage:
    """A page of what was found; nothing was looked for where nothing is asked for."""
    wanted = resolve_provision(session, frame, query)
    if not wanted.narrowed:
        return SearchPage(frame, None, {}, {}, True)
    results = queries.find_matches(session, wanted, after=after)
    found = results.page.items
    rows = {frame.consultation.id: frame.consultation} if frame else {}
    if others := {item.consultation_id for item in found} - rows.keys():
        rows |= queries.get_consultations(session, others)
    on = {item.voice.provision_id for item in found if item.voice and item.voice.provision_id}
    versions = [row.version_id for row in rows.values() if row.version_id]
    here = {
        place: known
        for version in versions
        for place, known in comments_queries.get_provision_tree(session, version).by_id.items()
        if place in on
    }
    return SearchPage(frame, results, rows, here | _elsewhere(session, on - here.keys()), not after)


def _elsewhere(session: Session, on: set[int]) -> dict[int, ProvisionNode]:
    """Places of earlier versions, where words were left on those."""
    return comments_queries.get_provisions(session, 0, on) if on else {}
