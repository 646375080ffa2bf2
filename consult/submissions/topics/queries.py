"""Comments and evidence about a topic: tagged with a term or one below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.paging import Page
from consult.documents import tags
from consult.submissions import queries
from consult.submissions.amendments import queries as amendments
from consult.submissions.amendments.queries import SupportedAmendment
from consult.submissions.anchors.provisions import ProvisionNode, ProvisionTree
from consult.submissions.comments import queries as comments_queries
from consult.submissions.comments.published import PublishedComment
from consult.submissions.evidence import tags as evidence_tags
from consult.submissions.evidence.queries import PublicEvidence
from consult.submissions.model import Stance
from consult.taxonomy import queries as taxonomy
from consult.taxonomy.model import Scheme, Term
from consult.taxonomy.queries import TermBranch

_PIECES = 5
"""Number of pieces of evidence shown beside the comments. The list has all of them."""


@dataclass(frozen=True)
class ConsultationTopic:
    """A term with its provisions, the published comments on them by type, and its evidence."""

    term: Term
    provision_ids: frozenset[int]
    stances: Mapping[Stance | None, int]
    pieces: int = 0  # of public evidence
    with_narrower: frozenset[int] = frozenset()  # ids of the term and all below it

    @property
    def comments(self) -> int:
        return sum(self.stances.values())


@dataclass(frozen=True)
class TopicsPage:
    """The topics of a draft's provisions and of evidence, in the order of the taxonomy."""

    consultation: Consultation
    schemes: Sequence[tuple[Scheme, Sequence[TermBranch]]]
    topics: Mapping[int, ConsultationTopic]  # by term id


@dataclass(frozen=True)
class TopicPage:
    consultation: Consultation
    scheme: Scheme
    topic: ConsultationTopic
    places: Sequence[ProvisionNode]
    all_places: ProvisionTree
    voices: Page[PublishedComment]
    stance: str
    first_page: bool
    pieces: Sequence[PublicEvidence]  # newest first
    supported: Mapping[int, SupportedAmendment]  # by id of the supporting comment


def get_topics_page(session: Session, slug: str) -> TopicsPage:
    """Return the topics of a published consultation's draft. Raises NotFound."""
    row = comments_queries.get_consultation(session, slug)
    terms = taxonomy.list_terms(session)
    topics = _topics(session, row, terms)
    branches = taxonomy.build_tree(term for term in terms if term.id in topics)
    schemes = [
        (scheme, [b for b in branches if b.term.scheme_id == scheme.id]) for scheme in taxonomy.list_schemes(session)
    ]
    return TopicsPage(row, [(scheme, found) for scheme, found in schemes if found], topics)


def get_all_topics(session: Session, slug: str) -> TopicsPage:
    """Return the topics page with every term of the taxonomy, also unused ones. Raises NotFound."""
    row = comments_queries.get_consultation(session, slug)
    terms = taxonomy.list_terms(session)
    branches = taxonomy.build_tree(terms)
    schemes = [
        (scheme, [b for b in branches if b.term.scheme_id == scheme.id]) for scheme in taxonomy.list_schemes(session)
    ]
    return TopicsPage(row, schemes, _topics(session, row, terms))


def get_topic_page(
    session: Session, slug: str, scheme: str, notation: str, *, stance: str, after: str | None
) -> TopicPage:
    """Return a topic with its provisions and comments, newest first. Raises NotFound."""
    row = comments_queries.get_consultation(session, slug)
    vocabulary, term = taxonomy.get_scheme(session, scheme), taxonomy.get_term(session, scheme, notation)
    topic = _topics(session, row, taxonomy.list_terms(session)).get(term.id) or ConsultationTopic(term, frozenset(), {})
    places = comments_queries.get_provision_tree(session, row.version_id or 0)
    voices = comments_queries.list_on_provisions(session, topic.provision_ids, stance=stance, after=after)
    here = [place for place in places.by_id.values() if place.id in topic.provision_ids]
    pieces = evidence_tags.newest_evidence(session, row.id, topic.with_narrower, most=_PIECES) if topic.pieces else []
    supported = amendments.list_supported(session, voices.items)
    return TopicPage(row, vocabulary, topic, here, places, voices, stance, after is None, pieces, supported)


def _topics(session: Session, row: Consultation, terms: Sequence[Term]) -> dict[int, ConsultationTopic]:
    tagged = tags.provisions_by_term(session, row.version_id or 0)
    counts = queries.get_counts(session, row.id).by_provision
    pieces = {topic.term.id: topic.pieces for topic in evidence_tags.list_topics(session, row.id).values()}
    by_id, topics = {term.id: term for term in terms}, {}
    for term_id, narrower in taxonomy.map_narrower(terms).items():
        here: frozenset[int] = frozenset().union(*(tagged.get(i, ()) for i in narrower))
        if here or term_id in pieces:
            stances: Counter[Stance | None] = Counter()
            for provision in here:
                stances.update(counts.get(provision, {}))
            topics[term_id] = ConsultationTopic(
                by_id[term_id], here, stances, pieces.get(term_id, 0), frozenset(narrower)
            )
    return topics
