"""Data of the search pages, read in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.search import names, queries, texts
from consult.search.queries import SearchHit, SearchResults
from consult.search.query_terms import SearchQuery, is_used
from consult.search.texts import TextHit, TextResults
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments import queries as comments_queries
from consult.submissions.pages.queries import Frame

_FINDERS: Mapping[str, Callable[..., TextResults]] = {
    "draft": texts.find_in_drafts,
    "argument": texts.find_arguments,
    "case_study": texts.find_case_studies,
    "signal": texts.find_signals,
    "substance": names.find_substances,
}
_OF_CONSULTATIONS = ("draft", "argument")
TEXTS = ("draft", "argument", "case_study", "signal", *names.NAME_GROUPS, "substance")
"""Searched texts other than submissions."""
FoundTexts = Mapping[str, TextResults | None]
"""The results for each of TEXTS, None if it was not searched."""
_NO_TEXTS: FoundTexts = dict.fromkeys(TEXTS)


@dataclass(frozen=True)
class SearchPage:
    """Search results with their parts of the draft.

    `frame` is that of the searched consultation, if there is only one.
    """

    frame: Frame | None
    results: SearchResults | None
    consultations: Mapping[int, Consultation]
    places: Mapping[int, ProvisionNode]
    first_page: bool
    texts: FoundTexts = field(default_factory=lambda: _NO_TEXTS)
    sent: tuple[int | None, int | None] = (None, None)  # comments and evidence that match, and the evidence of them
    then: Mapping[int, ProvisionNode] = field(default_factory=dict)  # what amendments were made on, where reworded

    @property
    def groups(self) -> Sequence[tuple[str, int | None]]:
        """Return the number of matches by kind. None means too many to count at once."""
        count, evidence = self.sent
        comments = None if count is None or evidence is None else count - evidence
        matches = [(name, matches.count) for name, matches in self.texts.items() if matches]
        return [*matches, ("comment", comments), ("evidence", evidence)]

    @property
    def nothing(self) -> bool:
        """Return whether nothing was found."""
        texts = [matches for matches in self.texts.values() if matches and matches.count]
        return not texts and not (self.results and self.results.page.items)

    def place(self, hit: SearchHit) -> ProvisionNode | None:
        return self.places.get((hit.voice and hit.voice.provision_id) or 0)


def resolve_provision(session: Session, frame: Frame | None, query: SearchQuery) -> SearchQuery:
    """Return the query with the provision that its key names in the current draft. Raises NotFound."""
    place = frame.place(query.on) if frame and query.on else None
    return replace(query, on=queries.get_wid(session, place.id) if place else "")


def get_page(
    session: Session, frame: Frame | None, query: SearchQuery, *, after: str | None, everything: bool = True
) -> SearchPage:
    """Return a page of results, empty for an empty query.

    With `everything`, the search covers drafts and other published texts as well as comments.
    """
    wanted = resolve_provision(session, frame, query)
    if not wanted.narrowed:
        return SearchPage(frame, None, {}, {}, True)
    beside = _find_texts(session, wanted) if everything and not after else _NO_TEXTS
    elsewhere = wanted.what in TEXTS
    results = None if elsewhere else queries.find_matches(session, wanted, after=after)
    hits = results.page.items if results else []
    read: list[TextHit] = [hit for part in beside.values() if part for hit in part.items if hit.consultation_id]
    rows = {frame.consultation.id: frame.consultation} if frame else {}
    if others := ({item.consultation_id for item in hits} | {hit.consultation_id for hit in read}) - rows.keys():
        rows |= queries.get_consultations(session, others)
    on = {item.voice.provision_id for item in hits if item.voice and item.voice.provision_id}
    versions = [row.version_id for row in rows.values() if row.version_id]
    filters = {
        place: known
        for version in versions
        for place, known in comments_queries.get_provision_tree(session, version).by_id.items()
        if place in on
    }
    places = filters | _elsewhere(session, on - filters.keys())
    if everything and wanted.what:
        sent = queries.count_matches(session, replace(wanted, what=""))
    else:
        sent = (results.count, results.evidence) if results else (None, None)
    then = _then(session, hits)
    return SearchPage(frame, results, rows, places, not after, beside, sent, then)


def _find_texts(session: Session, query: SearchQuery) -> FoundTexts:
    """Return the results for each of TEXTS. If only one is wanted, return a full page of it."""
    if not query.of_texts:
        return _NO_TEXTS
    most = {
        name: texts.PAGE if query.what == name else texts.FEW
        for name in TEXTS
        if is_used(name) and (query.consultation_id is None or name in _OF_CONSULTATIONS)
    }
    by_name = names.find_names(session, query, {name: most[name] for name in names.NAME_GROUPS if name in most})
    by_text = {name: find(session, query, most=most[name]) for name, find in _FINDERS.items() if name in most}
    return {name: by_name[name] if name in by_name else by_text[name] for name in most}


def _then(session: Session, hits: Sequence[SearchHit]) -> Mapping[int, ProvisionNode]:
    """Return the provisions that suggested wordings were made on, by comment, if reworded since."""
    carried = comments_queries.original_anchors(hit.voice for hit in hits if hit.voice and hit.voice.proposes)
    return comments_queries.get_reworded_provisions(session, 0, carried)


def _elsewhere(session: Session, on: set[int]) -> dict[int, ProvisionNode]:
    """Return provisions of earlier versions that comments remained on."""
    return comments_queries.get_provisions(session, 0, on) if on else {}
