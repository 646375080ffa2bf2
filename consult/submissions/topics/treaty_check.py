"""Treaty check: articles and rights that a draft and its comments address or not, and the balance of pillars.

A draft addresses a term if a paragraph is tagged with it or one below it. Comments are those on such paragraphs. The
text itself is not analysed: an article without a tagged paragraph is “not addressed”, and the page says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments import queries as comments_queries
from consult.submissions.topics import queries as topics_queries
from consult.submissions.topics.queries import ConsultationTopic
from consult.taxonomy.model import Scheme, Term
from consult.taxonomy.queries import TermBranch

CHECKED = ("treaties", "rights")
"""Vocabularies that a draft is checked against, if the taxonomy has them."""
PILLARS = ("harm", "demand", "supply")
"""Terms of the vocabulary `pillars` used for the balance."""


@dataclass(frozen=True)
class CheckedTerm:
    """A term with the paragraphs that address it, and the number of comments on them."""

    term: Term
    places: Sequence[ProvisionNode]
    comments: int
    pieces: int
    below: Sequence[CheckedTerm] = ()

    @property
    def is_addressed(self) -> bool:
        """Return whether a paragraph is tagged with it or a term below it."""
        return bool(self.places)


@dataclass(frozen=True)
class CheckedScheme:
    """A treaty or a vocabulary of rights, with each of its terms."""

    scheme: Scheme
    name: str  # name in URLs: `treaties/1961` or `rights`
    head: Term | None  # the treaty, or None for a whole vocabulary
    rows: Sequence[CheckedTerm]
    whole: Sequence[ProvisionNode] = ()  # paragraphs tagged with the treaty or one of its articles

    @property
    def leaves(self) -> list[CheckedTerm]:
        """Return the terms without narrower ones: articles or single rights."""
        return [one for row in self.rows for one in (row.below or (row,))]

    @property
    def addressed(self) -> int:
        return sum(row.is_addressed for row in self.leaves)

    @property
    def said(self) -> list[CheckedTerm]:
        """Return the terms that are addressed or have comments or evidence."""
        return [row for row in self.leaves if row.is_addressed or row.comments or row.pieces]

    @property
    def silent(self) -> list[CheckedTerm]:
        """Return the terms without tagged paragraphs, comments or evidence."""
        return [row for row in self.leaves if row not in self.said]


@dataclass(frozen=True)
class TreatyCheck:
    """The treaty check of a consultation."""

    consultation: Consultation
    packs: Sequence[CheckedScheme]
    tagged: bool  # whether any paragraph is tagged


def get_check(session: Session, slug: str, *, pack: str = "") -> TreatyCheck:
    """Return the check of a published consultation's draft, for one pack or all. Raises NotFound."""
    page = topics_queries.get_all_topics(session, slug)
    here = comments_queries.get_provision_tree(session, page.consultation.version_id or 0).by_id
    found = [
        one
        for scheme, branches in page.schemes
        if scheme.notation in CHECKED
        for one in _list_packs(scheme, branches, page.topics, here)
        if not pack or one.name == pack
    ]
    if pack and not found:
        raise NotFound(_("We cannot find this set of treaties or rights."))
    return TreatyCheck(page.consultation, found, any(topic.provision_ids for topic in page.topics.values()))


def _list_packs(
    scheme: Scheme,
    branches: Sequence[TermBranch],
    topics: Mapping[int, ConsultationTopic],
    here: Mapping[int, ProvisionNode],
) -> list[CheckedScheme]:
    """Return a pack for each treaty with articles, one for the other treaties, and one for each rights vocabulary."""

    def to_row(branch: TermBranch) -> CheckedTerm:
        topic = topics.get(branch.term.id) or ConsultationTopic(branch.term, frozenset(), {})
        places = [place for number, place in here.items() if number in topic.provision_ids]
        below = tuple(row for one in branch.below for row in _flatten(to_row(one)))
        return CheckedTerm(branch.term, places, topic.comments, topic.pieces, below)

    if scheme.notation != CHECKED[0]:
        return [CheckedScheme(scheme, scheme.notation, None, [to_row(branch) for branch in branches])]
    treaties = [
        CheckedScheme(
            scheme,
            f"{scheme.notation}/{one.term.notation}",
            one.term,
            [to_row(it) for it in one.below],
            to_row(one).places,
        )
        for one in branches
        if one.below
    ]
    rest = [to_row(branch) for branch in branches if not branch.below]
    return [*treaties, CheckedScheme(scheme, scheme.notation, None, rest)] if rest else treaties


def _flatten(row: CheckedTerm) -> list[CheckedTerm]:
    return [row, *row.below]


@dataclass(frozen=True)
class PillarWeight:
    """The share of a draft and its comments about one pillar."""

    term: Term
    paragraphs: int
    comments: int
    stances: Mapping[str, int]


@dataclass(frozen=True)
class PillarBalance:
    """The three pillars of a draft. A paragraph about two counts for both."""

    consultation: Consultation
    pillars: Sequence[PillarWeight]
    paragraphs: int  # number of tagged paragraphs

    @property
    def most_paragraphs(self) -> int:
        return max([1, *(pillar.paragraphs for pillar in self.pillars)])

    @property
    def most_comments(self) -> int:
        return max([1, *(pillar.comments for pillar in self.pillars)])


def get_balance(session: Session, slug: str) -> PillarBalance:
    """Return the balance of a published consultation's draft and comments. Raises NotFound."""
    page = topics_queries.get_all_topics(session, slug)
    terms = {
        branch.term.notation: branch.term
        for scheme, branches in page.schemes
        if scheme.notation == "pillars"
        for branch in branches
    }
    found = []
    for name in PILLARS:
        if (term := terms.get(name)) is None:
            continue
        topic = page.topics.get(term.id) or ConsultationTopic(term, frozenset(), {})
        stances = {str(stance or ""): n for stance, n in topic.stances.items()}
        found.append(PillarWeight(term, len(topic.provision_ids), topic.comments, stances))
    tagged: frozenset[int] = frozenset().union(*(topic.provision_ids for topic in page.topics.values()))
    return PillarBalance(page.consultation, found, len(tagged))
