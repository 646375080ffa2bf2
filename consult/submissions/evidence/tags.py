"""Topics of evidence: taxonomy terms, suggested by its text and set by a moderator or the owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import rights
from consult.consultations.model import Consultation
from consult.consultations.rights import Deed
from consult.core.clock import now
from consult.core.errors import Forbidden, NotFound
from consult.core.i18n import _
from consult.core.web.access import Allow, is_allowed
from consult.files.model import StoredFile
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.model import Evidence, EvidenceTag, Submission
from consult.taxonomy import queries as taxonomy
from consult.taxonomy import term_matches
from consult.taxonomy.model import Scheme, Term

_READ = 20_000
"""Maximum number of characters searched for terms, because a long text mentions everything somewhere."""


@dataclass(frozen=True)
class EvidenceTopic:
    """A taxonomy term of evidence, with the ids of all terms below it."""

    term: Term
    scheme: str  # its notation
    with_narrower: frozenset[int]
    pieces: int  # how many public ones


@dataclass(frozen=True)
class EvidenceTerm:
    """A taxonomy term of a piece of evidence, with the notation of its scheme."""

    term: Term
    scheme: str

    @property
    def key(self) -> str:
        return f"{self.scheme}/{self.term.notation}"


@dataclass(frozen=True)
class TaggedEvidence:
    """A piece of evidence with its terms, and suggested ones with the matching words."""

    row: Evidence
    reference: str  # of its submission
    about: Sequence[EvidenceTerm]
    suggested: Mapping[int, str]


def may_tag(session: Session, account: Account | None, consultation: Consultation) -> bool:
    """Return whether the account may tag evidence: moderators, and staff of the consultation."""
    if account is None:
        return False
    return is_allowed(Allow.MODERATOR, account.role) or rights.may(session, account, consultation, Deed.ARRANGE)


def terms_by_evidence(session: Session, evidence_ids: Iterable[int]) -> dict[int, list[EvidenceTerm]]:
    """Return the topics of each piece of evidence, in the order of the taxonomy."""
    terms: dict[int, list[EvidenceTerm]] = defaultdict(list)
    rows = session.execute(
        select(EvidenceTag.evidence_id, Term, Scheme.notation)
        .join(Term, Term.id == EvidenceTag.term_id)
        .join(Scheme, Scheme.id == Term.scheme_id)
        .where(EvidenceTag.evidence_id.in_(list(evidence_ids)))
        .order_by(Scheme.position, Term.scheme_id, Term.position)
    )
    for evidence_id, term, notation in rows:
        terms[evidence_id].append(EvidenceTerm(term, notation))
    return terms


def list_topics(session: Session, consultation_id: int | None) -> dict[str, EvidenceTopic]:
    """Return the terms of public evidence and their broader ones, by `scheme/notation`, of one consultation or all."""
    tagged: dict[int, set[int]] = defaultdict(set)
    shown = select(EvidenceTag.term_id, EvidenceTag.evidence_id).join(Evidence, Evidence.id == EvidenceTag.evidence_id)
    shown = shown.where(Evidence.shown)
    if consultation_id is not None:
        shown = shown.where(Evidence.consultation_id == consultation_id)
    pieces = (
        shown.with_only_columns(EvidenceTag.term_id, func.array_agg(EvidenceTag.evidence_id).label("ids"))
        .group_by(EvidenceTag.term_id)
        .subquery()
    )
    rows = session.execute(
        select(Term, Scheme.notation, pieces.c.ids)
        .join(Scheme, Scheme.id == Term.scheme_id)
        .outerjoin(pieces, pieces.c.term_id == Term.id)
        .where(~Term.retired)
        .order_by(Scheme.position, Term.scheme_id, Term.position)
    ).all()
    for term, _notation, ids in rows:
        tagged[term.id] = set(ids or ())
    known = {term.id: (term, notation) for term, notation, _ids in rows}
    topics = {}
    for term_id, narrower in taxonomy.map_narrower(term for term, *_rest in rows).items():
        term, notation = known[term_id]
        if here := set().union(*(tagged[i] for i in narrower)):
            topics[f"{notation}/{term.notation}"] = EvidenceTopic(term, notation, frozenset(narrower), len(here))
    return topics


def newest_evidence(
    session: Session, consultation_id: int, term_ids: Iterable[int], *, most: int
) -> list[evidence_queries.PublicEvidence]:
    """Return up to `most` public pieces of evidence of a consultation about any of these terms, newest first."""
    about = select(EvidenceTag.evidence_id).where(EvidenceTag.term_id.in_(list(term_ids)))
    ids = session.scalars(
        select(Evidence.id)
        .where(Evidence.consultation_id == consultation_id, Evidence.shown, Evidence.id.in_(about))
        .order_by(Evidence.id.desc())
        .limit(most)
    ).all()
    evidence = evidence_queries.get_public_evidence(session, ids)
    return [evidence[number] for number in ids if number in evidence]


def get_tagged(session: Session, consultation: Consultation, number: int, *, by: Account) -> TaggedEvidence:
    """Return a piece of evidence in any state, with current and suggested terms.

    Raises NotFound, and Forbidden if the account may not tag it.
    """
    row, text, reference = _get_evidence(session, consultation, number, by)
    words = " ".join((row.description, row.method, (text or "")[:_READ]))
    terms = taxonomy.list_terms(session)
    names = term_matches.build_term_finder(((term.id, term.labels, term.others) for term in terms), row.language)
    suggested = {match.term_id: words[match.start : match.end] for match in reversed(names.find(words))}
    set_already = terms_by_evidence(session, [row.id]).get(row.id, [])
    for about in set_already:
        suggested.pop(about.term.id, None)
    return TaggedEvidence(row, reference, set_already, suggested)


def replace_tags(
    session: Session, consultation: Consultation, number: int, *, term_ids: Iterable[int], by: Account
) -> None:
    """Replace the terms of a piece of evidence. Raises NotFound, and Forbidden if the account may not tag it."""
    row, _text, _reference = _get_evidence(session, consultation, number, by)
    wanted = set(term_ids)
    if len(session.scalars(select(Term.id).where(Term.id.in_(wanted))).all()) < len(wanted):
        raise NotFound(_("We cannot find this topic."))
    session.execute(delete(EvidenceTag).where(EvidenceTag.evidence_id == row.id, EvidenceTag.term_id.not_in(wanted)))
    given = {"evidence_id": row.id, "tagged_by": by.id, "tagged_at": now()}
    if wanted:
        rows = [{**given, "term_id": term_id} for term_id in sorted(wanted)]
        session.execute(insert(EvidenceTag).on_conflict_do_nothing(), rows)


def _get_evidence(
    session: Session, consultation: Consultation, number: int, by: Account
) -> tuple[Evidence, str | None, str]:
    """Return the row, the text of its file and its submission's reference."""
    row = session.execute(
        select(Evidence, StoredFile.text, Submission.reference)
        .join(Submission, Submission.id == Evidence.submission_id)
        .outerjoin(StoredFile, StoredFile.id == Evidence.file_id)
        .where(Evidence.id == number, Evidence.consultation_id == consultation.id)
    ).first()
    if row is None:
        raise NotFound(_("We cannot find this evidence. It may have been removed."))
    if not may_tag(session, by, consultation) or (not row[0].shown and not is_allowed(Allow.MODERATOR, by.role)):
        raise Forbidden(
            _(
                "Only the consultation owner, leads and editors of the body, moderators and administrators can choose "
                "the topics of evidence."
            )
        )
    return row[0], row[1], row[2]


@dataclass(frozen=True)
class KeptTag:
    """A tag that is kept when a submission is changed, because evidence sent again has the same topics."""

    file_id: int | None
    reference: str | None
    term_id: int
    tagged_by: int


def list_kept_tags(session: Session, submission_id: int) -> list[KeptTag]:
    """Return the tags of a submission's evidence."""
    rows = session.execute(
        select(Evidence.file_id, Evidence.reference, EvidenceTag.term_id, EvidenceTag.tagged_by)
        .join(EvidenceTag, EvidenceTag.evidence_id == Evidence.id)
        .where(Evidence.submission_id == submission_id)
    )
    return [KeptTag(*row) for row in rows]


def restore_tags(session: Session, submission_id: int, kept: Sequence[KeptTag]) -> None:
    """Tag the same files and references again."""
    if not kept:
        return
    rows = session.scalars(select(Evidence).where(Evidence.submission_id == submission_id))
    known = {(row.file_id, row.reference): row.id for row in rows}
    session.add_all(
        EvidenceTag(evidence_id=here, term_id=tag.term_id, tagged_by=tag.tagged_by, tagged_at=now())
        for tag in kept
        if (here := known.get((tag.file_id, tag.reference))) is not None
    )
