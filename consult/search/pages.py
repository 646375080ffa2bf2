"""Data of the search pages, read in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.search import queries, texts
from consult.search.queries import SearchHit, SearchResults
from consult.search.query_terms import SearchQuery
from consult.search.texts import TextHit, TextResults
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments import queries as comments_queries
from consult.submissions.pages.queries import Frame

TEXTS = ("draft", "argument", "case_study", "signal")
"""What is looked for beside what was sent."""
FoundTexts = tuple[TextResults | None, TextResults | None, TextResults | None, TextResults | None]
"""What was found in each of TEXTS; None where it was not looked in."""
_NO_TEXTS: FoundTexts = (None, None, None, None)


@dataclass(frozen=True)
class SearchPage:
    """Results with where each was said. `frame` is that of the one consultation that is searched, if it is one."""

    frame: Frame | None
    results: SearchResults | None
    consultations: Mapping[int, Consultation]
    places: Mapping[int, ProvisionNode]
    first_page: bool
    drafts: TextResults | None = None  # None where they were not looked in
    arguments: TextResults | None = None
    studies: TextResults | None = None
    signals: TextResults | None = None
    sent: tuple[int | None, int | None] = (None, None)  # comments and evidence that match, and the evidence of them
    then: Mapping[int, ProvisionNode] = field(default_factory=dict)  # what amendments were made on, where reworded

    @property
    def groups(self) -> Sequence[tuple[str, int | None]]:
        """What matches, by what it is; None where there are more than can be counted at once."""
        count, evidence = self.sent
        comments = None if count is None or evidence is None else count - evidence
        found = [(name, found.count) for name, found in zip(TEXTS, self.texts, strict=True) if found]
        return [*found, ("comment", comments), ("evidence", evidence)]

    @property
    def texts(self) -> FoundTexts:
        """What was found in each of TEXTS."""
        return self.drafts, self.arguments, self.studies, self.signals

    @property
    def nothing(self) -> bool:
        """Whether nothing at all was found."""
        texts = [found for found in self.texts if found and found.count]
        return not texts and not (self.results and self.results.page.items)

    def place(self, found: SearchHit) -> ProvisionNode | None:
        return self.places.get((found.voice and found.voice.provision_id) or 0)


def resolve_provision(session: Session, frame: Frame | None, query: SearchQuery) -> SearchQuery:
    """The query with the provision that its key names in the present draft. Raises NotFound."""
    place = frame.place(query.on) if frame and query.on else None
    return replace(query, on=queries.get_wid(session, place.id) if place else "")


def get_page(
    session: Session, frame: Frame | None, query: SearchQuery, *, after: str | None, everything: bool = True
) -> SearchPage:
    """A page of what was found; nothing was looked for where nothing is asked for. `everything`: also in drafts."""
    wanted = resolve_provision(session, frame, query)
    if not wanted.narrowed:
        return SearchPage(frame, None, {}, {}, True)
    beside = _find_texts(session, wanted) if everything and not after else _NO_TEXTS
    elsewhere = wanted.what in TEXTS
    results = None if elsewhere else queries.find_matches(session, wanted, after=after)
    found = results.page.items if results else []
    read: list[TextHit] = [hit for part in beside[:2] if part for hit in part.items]
    rows = {frame.consultation.id: frame.consultation} if frame else {}
    if others := ({item.consultation_id for item in found} | {hit.consultation_id for hit in read}) - rows.keys():
        rows |= queries.get_consultations(session, others)
    on = {item.voice.provision_id for item in found if item.voice and item.voice.provision_id}
    versions = [row.version_id for row in rows.values() if row.version_id]
    here = {
        place: known
        for version in versions
        for place, known in comments_queries.get_provision_tree(session, version).by_id.items()
        if place in on
    }
    places = here | _elsewhere(session, on - here.keys())
    if everything and wanted.what:
        sent = queries.count_matches(session, replace(wanted, what=""))
    else:
        sent = (results.count, results.evidence) if results else (None, None)
    then = _then(session, found)
    return SearchPage(frame, results, rows, places, not after, *beside, sent, then)


def _find_texts(session: Session, query: SearchQuery) -> FoundTexts:
    """What was found in each of TEXTS, all of it where only that is asked for."""
    if not query.of_texts:
        return _NO_TEXTS
    most = {name: texts.PAGE if query.what == name else texts.FEW for name in TEXTS}
    drafts = texts.find_in_drafts(session, query, most=most["draft"])
    arguments = texts.find_arguments(session, query, most=most["argument"])
    studies = signals = None
    if query.consultation_id is None:
        studies = texts.find_case_studies(session, query, most=most["case_study"])
        signals = texts.find_signals(session, query, most=most["signal"])
    return drafts, arguments, studies, signals


def _then(session: Session, found: Sequence[SearchHit]) -> Mapping[int, ProvisionNode]:
    """The provisions that amendments were made on, by comment, where these read otherwise now."""
    carried = comments_queries.original_anchors(hit.voice for hit in found if hit.voice and hit.voice.proposed)
    return comments_queries.get_reworded_provisions(session, 0, carried)


def _elsewhere(session: Session, on: set[int]) -> dict[int, ProvisionNode]:
    """Places of earlier versions, where words were left on those."""
    return comments_queries.get_provisions(session, 0, on) if on else {}
