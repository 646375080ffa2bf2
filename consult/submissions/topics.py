"""What was said about a topic: comments on the provisions, and the evidence, tagged with a term or one below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.paging import Page
from consult.documents import tags
from consult.submissions import evidence_tags, lists, queries
from consult.submissions.exhibits import Listed
from consult.submissions.lists import Voice
from consult.submissions.model import Stance
from consult.submissions.places import Place, Places
from consult.taxonomy import queries as taxonomy
from consult.taxonomy.model import Scheme, Term
from consult.taxonomy.queries import Branch

_PIECES = 5
"""How many pieces of evidence are shown beside the comments; the list has all."""


@dataclass(frozen=True)
class Topic:
    """A term with the provisions about it and the published comments on them, by stance, and the evidence about it."""

    term: Term
    provision_ids: frozenset[int]
    stances: Mapping[Stance | None, int]
    pieces: int = 0  # of public evidence
    with_narrower: frozenset[int] = frozenset()  # the numbers of all terms that count as it

    @property
    def comments(self) -> int:
        return sum(self.stances.values())


@dataclass(frozen=True)
class Topics:
    """Every topic that provisions of a draft or evidence are about, in the order of the taxonomy."""

    consultation: Consultation
    schemes: Sequence[tuple[Scheme, Sequence[Branch]]]
    topics: Mapping[int, Topic]  # by the term's number


@dataclass(frozen=True)
class OneTopic:
    consultation: Consultation
    scheme: Scheme
    topic: Topic
    places: Sequence[Place]
    all_places: Places
    voices: Page[Voice]
    stance: str
    first_page: bool
    pieces: Sequence[Listed]  # the newest of them


def overview(session: Session, slug: str) -> Topics:
    """The topics of a published consultation's draft. Raises NotFound."""
    row = lists.consultation(session, slug)
    terms = taxonomy.terms(session)
    topics = _topics(session, row, terms)
    branches = taxonomy.tree(term for term in terms if term.id in topics)
    schemes = [(scheme, [b for b in branches if b.term.scheme_id == scheme.id]) for scheme in taxonomy.schemes(session)]
    return Topics(row, [(scheme, found) for scheme, found in schemes if found], topics)


def one(session: Session, slug: str, scheme: str, notation: str, *, stance: str, after: str | None) -> OneTopic:
    """One topic: where the draft speaks of it and what was said there, newest first. Raises NotFound."""
    row = lists.consultation(session, slug)
    vocabulary, term = taxonomy.scheme(session, scheme), taxonomy.term(session, scheme, notation)
    topic = _topics(session, row, taxonomy.terms(session)).get(term.id) or Topic(term, frozenset(), {})
    places = lists.places(session, row.version_id or 0)
    voices = lists.comments_at(session, topic.provision_ids, stance=stance, after=after)
    here = [place for place in places.by_id.values() if place.id in topic.provision_ids]
    pieces = evidence_tags.newest(session, row.id, topic.with_narrower, most=_PIECES) if topic.pieces else []
    return OneTopic(row, vocabulary, topic, here, places, voices, stance, after is None, pieces)


def _topics(session: Session, row: Consultation, terms: Sequence[Term]) -> dict[int, Topic]:
    tagged = tags.provisions_by_term(session, row.version_id or 0)
    counts = queries.counts(session, row.id).by_provision
    pieces = {topic.term.id: topic.pieces for topic in evidence_tags.in_use(session, row.id).values()}
    by_id, topics = {term.id: term for term in terms}, {}
    for term_id, narrower in taxonomy.with_narrower(terms).items():
        here: frozenset[int] = frozenset().union(*(tagged.get(i, ()) for i in narrower))
        if here or term_id in pieces:
            stances: Counter[Stance | None] = Counter()
            for provision in here:
                stances.update(counts.get(provision, {}))
            topics[term_id] = Topic(by_id[term_id], here, stances, pieces.get(term_id, 0), frozenset(narrower))
    return topics
