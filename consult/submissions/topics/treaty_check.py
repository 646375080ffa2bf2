"""Which treaty articles and rights a draft and its comments touch, and which are not addressed; and its balance.

A draft touches a term where a paragraph is tagged with it or with one below it; comments are those on such paragraphs.
Nothing here reads words: an article that no paragraph is tagged with is “not addressed”, and the page says so.
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
"""Vocabularies that a draft is checked against, where the taxonomy has them."""
PILLARS = ("harm", "demand", "supply")
"""Terms of the vocabulary `pillars` that a draft is weighed by."""


@dataclass(frozen=True)
class CheckedTerm:
    """A term with where the draft touches it, and how much was said there."""

    term: Term
    places: Sequence[ProvisionNode]
    comments: int
    pieces: int
    below: Sequence[CheckedTerm] = ()

    @property
    def is_addressed(self) -> bool:
        """Whether a paragraph is tagged with it, or with a term below it."""
        return bool(self.places)


@dataclass(frozen=True)
class CheckedScheme:
    """One treaty, or a vocabulary of rights, with each of its terms."""

    scheme: Scheme
    name: str  # `treaties/1961`, or `rights`: how an address names it
    head: Term | None  # the treaty; None for a vocabulary as a whole
    rows: Sequence[CheckedTerm]
    whole: Sequence[ProvisionNode] = ()  # where the draft speaks of the treaty, by its name or by an article

    @property
    def leaves(self) -> list[CheckedTerm]:
        """The terms that have none below: articles, single rights."""
        return [one for row in self.rows for one in (row.below or (row,))]

    @property
    def addressed(self) -> int:
        return sum(row.is_addressed for row in self.leaves)

    @property
    def said(self) -> list[CheckedTerm]:
        """Those that are addressed, or on which something was said or sent all the same."""
        return [row for row in self.leaves if row.is_addressed or row.comments or row.pieces]

    @property
    def silent(self) -> list[CheckedTerm]:
        """Those that no paragraph is tagged with and on which nothing was said."""
        return [row for row in self.leaves if row not in self.said]


@dataclass(frozen=True)
class TreatyCheck:
    """What is checked of one consultation."""

    consultation: Consultation
    packs: Sequence[CheckedScheme]
    tagged: bool  # whether any paragraph has a topic at all


def get_check(session: Session, slug: str, *, pack: str = "") -> TreatyCheck:
    """The check of a published consultation's draft, of one pack or of all. Raises NotFound."""
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
        raise NotFound(_("There is no such pack of treaties or rights."))
    return TreatyCheck(page.consultation, found, any(topic.provision_ids for topic in page.topics.values()))


def _list_packs(
    scheme: Scheme,
    branches: Sequence[TermBranch],
    topics: Mapping[int, ConsultationTopic],
    here: Mapping[int, ProvisionNode],
) -> list[CheckedScheme]:
    """A treaty with articles is a pack of its own; what has no articles, and each vocabulary of rights, is one."""

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
    """How much of a draft and of what was said on it is about a pillar."""

    term: Term
    paragraphs: int
    comments: int
    stances: Mapping[str, int]


@dataclass(frozen=True)
class PillarBalance:
    """The three pillars of a draft. A paragraph that is about two counts in both."""

    consultation: Consultation
    pillars: Sequence[PillarWeight]
    paragraphs: int  # that have any topic

    @property
    def most_paragraphs(self) -> int:
        return max([1, *(one.paragraphs for one in self.pillars)])

    @property
    def most_comments(self) -> int:
        return max([1, *(one.comments for one in self.pillars)])


def get_balance(session: Session, slug: str) -> PillarBalance:
    """The balance of a published consultation's draft and of its comments. Raises NotFound."""
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
