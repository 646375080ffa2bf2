"""Topics of provisions: suggested from the words of the text and assigned by a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.documents.model import Provision, ProvisionTag, Version
from consult.taxonomy import queries as taxonomy
from consult.taxonomy import term_matches
from consult.taxonomy.model import Term

_ABOUT = text(
    """
    WITH RECURSIVE about AS (
        SELECT t.wid, t.term_id, true AS direct FROM provision_tag t JOIN readable_term AS term ON term.id = t.term_id
        WHERE t.document_id = :document AND NOT term.retired
        UNION SELECT about.wid, up.id, false FROM about JOIN readable_term AS term ON term.id = about.term_id
        JOIN readable_term up ON up.id = term.broader_id WHERE NOT up.retired
    )
    SELECT s.notation AS scheme, t.notation, t.labels, array_agg(DISTINCT about.wid ORDER BY about.wid) AS wids,
        bool_or(about.direct) AS direct
    FROM about JOIN readable_term t ON t.id = about.term_id JOIN readable_scheme s ON s.id = t.scheme_id
    GROUP BY s.id, s.notation, s.position, t.id, t.notation, t.labels, t.position ORDER BY s.position, s.id, t.position
    """
)


@dataclass(frozen=True)
class DocumentTopic:
    """A topic with the permanent IDs of its provisions, including those of narrower topics."""

    scheme: str
    notation: str
    labels: Mapping[str, str]  # by language
    wids: Sequence[str]
    direct: bool  # set for a provision by itself, not only a term below it


@dataclass(frozen=True)
class TermSuggestion:
    """A topic named in a provision, and the words that name it."""

    term: Term
    words: str


@dataclass(frozen=True)
class TaggedProvision:
    """A provision with its topics and suggested topics."""

    provision: Provision
    terms: Sequence[Term]
    suggested: Sequence[TermSuggestion]


def terms_by_provision(session: Session, document_id: int) -> dict[str, list[int]]:
    """Return the topic IDs of provisions, by permanent ID."""
    terms: dict[str, list[int]] = defaultdict(list)
    rows = session.execute(
        select(ProvisionTag.wid, ProvisionTag.term_id)
        .where(ProvisionTag.document_id == document_id)
        .order_by(ProvisionTag.wid, ProvisionTag.term_id)
    )
    for wid, term_id in rows:
        terms[wid].append(term_id)
    return terms


def provisions_by_term(session: Session, version_id: int) -> dict[int, set[int]]:
    """Return the provision IDs of a version by topic ID."""
    provisions: dict[int, set[int]] = defaultdict(set)
    rows = session.execute(
        select(ProvisionTag.term_id, Provision.id)
        .join(Version, Version.document_id == ProvisionTag.document_id)
        .join(Provision, (Provision.version_id == Version.id) & (Provision.wid == ProvisionTag.wid))
        .where(Version.id == version_id)
    )
    for term_id, provision_id in rows:
        provisions[term_id].add(provision_id)
    return provisions


def list_topics(session: Session, document_id: int) -> list[DocumentTopic]:
    """Return the topics of a document in the order of the taxonomy."""
    rows = session.execute(_ABOUT, {"document": document_id})
    return [DocumentTopic(row.scheme, row.notation, row.labels, row.wids, row.direct) for row in rows]


def get_tagged(
    session: Session, provisions: Sequence[Provision], *, document_id: int, language: str
) -> list[TaggedProvision]:
    """Return provisions with assigned topics and further suggestions."""
    terms = taxonomy.list_terms(session)
    by_id, set_for = {term.id: term for term in terms}, terms_by_provision(session, document_id)
    names = term_matches.build_term_finder(((term.id, term.labels, term.others) for term in terms), language)
    return [
        _to_tagged(row, [by_id[i] for i in set_for.get(row.wid, ()) if i in by_id], by_id, names) for row in provisions
    ]


def replace_tags(session: Session, *, document_id: int, wid: str, term_ids: Iterable[int], by: int) -> None:
    """Replace the topics of a provision. Raises NotFound for an unknown topic."""
    wanted = set(term_ids)
    if len(session.scalars(select(Term.id).where(Term.id.in_(wanted))).all()) < len(wanted):
        raise NotFound(_("We cannot find this topic."))
    here = (ProvisionTag.document_id == document_id, ProvisionTag.wid == wid)
    session.execute(delete(ProvisionTag).where(*here, ProvisionTag.term_id.not_in(wanted)))
    add_tags(session, document_id=document_id, wid=wid, term_ids=wanted, by=by)


def add_tags(session: Session, *, document_id: int, wid: str, term_ids: Iterable[int], by: int) -> None:
    """Add topics to a provision. Existing ones are unchanged."""
    row = {"document_id": document_id, "wid": wid, "tagged_by": by, "tagged_at": now()}
    rows = [{**row, "term_id": term_id} for term_id in sorted(set(term_ids))]
    if rows:
        session.execute(insert(ProvisionTag).on_conflict_do_nothing(), rows)


def _to_tagged(
    provision: Provision, terms: Sequence[Term], by_id: Mapping[int, Term], names: term_matches.TermFinder
) -> TaggedProvision:
    text = provision.words
    known = {term.id for term in terms}
    found = {match.term_id: text[match.start : match.end] for match in reversed(names.find(text))}
    suggested = [TermSuggestion(by_id[term_id], words) for term_id, words in found.items() if term_id not in known]
    return TaggedProvision(provision, terms, sorted(suggested, key=lambda item: item.term.position))


def select_documents(term_id: int) -> Select[int]:
    """Return a query for documents with a provision on a topic or a narrower one."""
    below = select(Term.id).where(Term.id == term_id).cte(recursive=True)
    below = below.union(select(Term.id).where(Term.broader_id == below.c.id))
    return select(ProvisionTag.document_id).where(ProvisionTag.term_id.in_(select(below.c.id)))
