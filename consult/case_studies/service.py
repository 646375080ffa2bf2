"""Case studies: write, send, publish, amend, withdraw, answer; where one was used. Acts leave a line in the ledger."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from consult.accounts.model import Account
from consult.accounts.organisations import service as organisations
from consult.case_studies import letters
from consult.case_studies.appraisal import service as appraisal
from consult.case_studies.appraisal.model import AppraisalRequest, FormerTie
from consult.case_studies.commitments import COLUMNS, commit_edition
from consult.case_studies.content import StudyContent, StudySource, check_complete, clean, from_json
from consult.case_studies.model import (
    MAX_ANSWER_WORDS,
    Appraiser,
    CaseStudy,
    CaseStudyAppeal,
    CaseStudyEdition,
    CaseStudyPart,
    CaseStudySource,
    CaseStudyTerm,
    CaseStudyUse,
    SourceDesign,
    StudyState,
    WithdrawnBy,
)
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.db import advisory_lock
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text, make_slug, one_line
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.moderation.recourse.model import AppealOutcome
from consult.submissions.model import Evidence, EvidenceTag
from consult.taxonomy.model import Term

MAX_USE, MAX_REASON = 1500, 1000


def begin(
    session: Session,
    *,
    by: Account,
    content: StudyContent,
    organisation_id: int | None = None,
    evidence_id: int | None = None,
    at: datetime | None = None,
) -> CaseStudy:
    """A new case study, seen by its author only. Raises a Refusal, and NotFound for an organisation of others."""
    if organisation_id is not None:
        organisations.get_for_member(session, organisation_id, by)
    row = CaseStudy(
        working=clean(content).to_json(),
        account_id=by.id,
        organisation_id=organisation_id,
        evidence_id=evidence_id,
        body_id=_find_asking_body(session, evidence_id),
        created_at=at or now(),
        touched_at=at or now(),
    )
    session.add(row)
    session.flush()
    return row


def _find_asking_body(session: Session, evidence_id: int | None) -> int | None:
    """The body whose consultation a piece of evidence was sent to."""
    asked = select(Consultation.body_id).join(Evidence, Evidence.consultation_id == Consultation.id)
    return session.scalar(asked.where(Evidence.id == evidence_id)) if evidence_id is not None else None


def draw_from_evidence(session: Session, evidence_id: int) -> StudyContent:
    """What a published piece of evidence says, to begin a case study with. Raises NotFound."""
    row = session.get(Evidence, evidence_id)
    if row is None or not row.shown:
        raise NotFound(_("This evidence is not there any more."))
    terms = session.scalars(select(EvidenceTag.term_id).where(EvidenceTag.evidence_id == row.id)).all()
    source = StudySource(SourceDesign.TESTIMONY, citation=row.reference or "", file_id=row.file_id)
    return StudyContent(
        summary=row.description[:600],
        region=row.place,
        began=row.year,
        language=row.language if row.language != "und" else "",
        sources=[source],
        terms=sorted(terms),
    )


def get_own(session: Session, number: int, *, by: Account) -> CaseStudy:
    """A case study, for its author. Raises NotFound: others need not learn that it exists."""
    row = session.get(CaseStudy, number)
    if row is None or row.account_id != by.id:
        raise NotFound(_("There is no such case study of yours."))
    return row


def edit(session: Session, row: CaseStudy, *, by: Account, revision: int, content: StudyContent) -> None:
    """Puts the author's copy in place of what it was; what is published stays. Raises Conflict, a Refusal."""
    _check_author(row, by)
    if row.state is StudyState.WITHDRAWN:
        raise Conflict(_("This case study is withdrawn. Nothing of it can be changed."))
    if row.revision != revision:
        raise Conflict(_("This was changed in another window meanwhile. Reload the page, then put in what you typed."))
    row.working, row.touched_at = clean(content).to_json(), now()
    _lapse_appeal(session, row)
    if row.next_state is not StudyState.RETURNED:
        row.next_state = StudyState.DRAFT
    try:
        session.flush()
    except StaleDataError as error:
        said = _("This was changed in another window meanwhile. Reload the page, then put in what you typed.")
        raise Conflict(said) from error


def set_topics(session: Session, row: CaseStudy, *, by: Account, term_ids: Collection[int]) -> None:
    """What the author's copy is about: exactly these terms. Raises NotFound for a term that there is not, Conflict."""
    _check_author(row, by)
    wanted = sorted(set(term_ids))
    if wanted == sorted(from_json(row.working).terms):
        return
    if len(session.scalars(select(Term.id).where(Term.id.in_(wanted))).all()) < len(wanted):
        raise NotFound(_("There is no such term."))
    if row.state is StudyState.WITHDRAWN:
        raise Conflict(_("This case study is withdrawn. Nothing of it can be changed."))
    row.working, row.touched_at = {**row.working, "terms": wanted}, now()
    _lapse_appeal(session, row)
    if row.next_state is not StudyState.RETURNED:
        row.next_state = StudyState.DRAFT
    session.flush()


def send(session: Session, row: CaseStudy, *, by: Account, asked: bool, at: datetime | None = None) -> None:
    """Sends the author's copy to the moderators. Safe to repeat. Raises a Refusal for what is missing.

    `asked`: its author was asked once more whether really nothing went wrong.
    """
    _check_author(row, by)
    if row.next_state is StudyState.WAITING:
        return
    if row.next_state is None or row.state is StudyState.WITHDRAWN:
        raise Conflict(_("Nothing was changed since this was published."))
    check_complete(from_json(row.working), asked=asked)
    row.next_state = StudyState.WAITING
    row.sent_at = row.touched_at = at or now()
    _lapse_appeal(session, row)
    if row.state is not StudyState.PUBLISHED:
        row.state = StudyState.WAITING
    session.flush()


def publish(session: Session, row: CaseStudy, *, by: Account, appealed: str = "", at: datetime | None = None) -> None:
    """Publishes the copy that waits, as the next edition; the editions before are kept. Raises Conflict, Forbidden.

    `appealed`: why its return was overturned.
    """
    lock(session, row)
    if row.next_state is not StudyState.WAITING:
        raise Conflict(_("This does not wait for a decision any more."))
    if row.account_id == by.id:
        raise Forbidden(_("You wrote this: another moderator decides on it."))
    moment, content = at or now(), from_json(row.working)
    first = row.edition == 0
    if first:
        row.slug, row.published_at = _free_slug(session, content), moment
    else:
        row.amended_at = moment
    row.edition += 1
    row.state, row.next_state, row.returned_why = StudyState.PUBLISHED, None, ""
    _write_published(session, row, content)
    edition = CaseStudyEdition(case_study_id=row.id, number=row.edition, content=row.working, at=moment)
    session.add(edition)
    session.flush()
    if not first:
        appraisal.grade_anew(session, row)
    record(
        session,
        Kind.CASE_STUDY_PUBLISHED if first else Kind.CASE_STUDY_AMENDED,
        row,
        by,
        moment,
        sealed=commit_edition(edition),
        edition=row.edition,
    )
    letters.post_decision(session, row, published=True, appealed=appealed)


def _write_published(session: Session, row: CaseStudy, content: StudyContent) -> None:
    """The columns, parts, sources and terms of an edition."""
    for name in COLUMNS:
        setattr(row, name, getattr(content, name))
    row.authors, row.words = list(content.authors), content.words
    for table in (CaseStudyPart, CaseStudySource, CaseStudyTerm):
        session.execute(delete(table).where(table.case_study_id == row.id))
    here = {"case_study_id": row.id}
    session.add_all(CaseStudyPart(kind=kind, body=body, **here) for kind, body in content.parts.items())
    for position, it in enumerate(content.sources):
        said = {"design": it.design, "citation": it.citation, "n": it.n, "independent": it.independent}
        session.add(CaseStudySource(position=position, file_id=it.file_id, **said, **here))
    session.add_all(CaseStudyTerm(term_id=term, **here) for term in sorted(set(content.terms)))


def return_to_author(session: Session, row: CaseStudy, *, by: Account, reason: str) -> None:
    """Gives the copy that waits back with a reason. Raises Conflict, Forbidden, a Refusal."""
    lock(session, row)
    if row.next_state is not StudyState.WAITING:
        raise Conflict(_("This does not wait for a decision any more."))
    if row.account_id == by.id:
        raise Forbidden(_("You wrote this: another moderator decides on it."))
    why = clean_text(reason)
    if not why:
        raise Refusal(_("Say what has to be changed."), field="reason")
    if len(why) > MAX_REASON:
        raise Refusal(_("Shorten this to %(most)s characters.", most=MAX_REASON), field="reason")
    row.next_state, row.returned_why = StudyState.RETURNED, why
    row.decided_at = row.touched_at = now()
    row.decided_by_id = by.id
    if row.state is StudyState.WAITING:
        row.state = StudyState.RETURNED
    session.flush()
    letters.post_decision(session, row, published=False)


def withdraw(
    session: Session, row: CaseStudy, *, by: Account, who: WithdrawnBy, reason: str, at: datetime | None = None
) -> None:
    """Withdraws a published case study: it stays readable and says so, also wherever it is cited.

    Whoever cited it gets a letter. Raises Conflict, Forbidden, a Refusal.
    """
    if who is WithdrawnBy.AUTHOR:
        _check_author(row, by)
    lock(session, row)
    if row.state is not StudyState.PUBLISHED:
        raise Conflict(_("Only a case study that is published can be withdrawn."))
    why = clean_text(reason)
    if not why:
        raise Refusal(_("Say why it is withdrawn: readers of comments that cite it are told."), field="reason")
    if len(why) > MAX_REASON:
        raise Refusal(_("Shorten this to %(most)s characters.", most=MAX_REASON), field="reason")
    row.state, row.next_state, row.withdrawn_by, row.withdrawn_why = StudyState.WITHDRAWN, None, who, why
    row.withdrawn_at = at or now()
    row.decided_at, row.decided_by_id = (None, None) if who is WithdrawnBy.AUTHOR else (row.withdrawn_at, by.id)
    _lapse_appeal(session, row)
    session.flush()
    letters.cancel_requests(session, row)
    record(session, Kind.CASE_STUDY_WITHDRAWN, row, by, row.withdrawn_at, who=who.value)
    letters.post_withdrawal(session, row)


def answer_appraisals(session: Session, row: CaseStudy, *, by: Account, words: str, at: datetime | None = None) -> bool:
    """What its author says beside the appraisals, at most 500 words; they stay as they are. Raises a Refusal.

    Gives whether it is another answer than before: the same again writes nothing, to nobody.
    """
    _check_author(row, by)
    lock(session, row)
    if row.appraised == 0:
        raise Conflict(_("There is no appraisal to answer yet."))
    said = clean_text(words)
    if (n := len(re.findall(r"\S+", said))) > MAX_ANSWER_WORDS:
        raise Refusal(_("Shorten this to %(most)s words: it has %(n)s.", most=MAX_ANSWER_WORDS, n=n), field="answer")
    if not said:
        raise Refusal(_("Write your answer."), field="answer")
    if said == row.answer:
        return False
    row.answer, row.answered_at = said, at or now()
    session.flush()
    record(session, Kind.CASE_STUDY_ANSWERED, row, by, row.answered_at)
    letters.post_answer(session, row)
    return True


def report_use(
    session: Session,
    row: CaseStudy,
    *,
    by: Account,
    country: str,
    organisation: str,
    happened: str,
    at: datetime | None = None,
) -> CaseStudyUse:
    """That it was used elsewhere; a moderator reads it before others do. Raises Conflict, a Refusal."""
    if row.state is not StudyState.PUBLISHED:
        raise Conflict(_("This case study is withdrawn."))
    said, where = clean_text(happened), one_line(organisation)
    if not where:
        raise Refusal(_("Say who used it"), field="organisation")
    if not said:
        raise Refusal(_("Say what happened there"), field="happened")
    if len(said) > MAX_USE:
        raise Refusal(_("Shorten this to %(most)s characters.", most=MAX_USE), field="happened")
    use = CaseStudyUse(case_study_id=row.id, account_id=by.id, country=country, organisation=where, happened=said)
    use.at = at or now()
    session.add(use)
    session.flush()
    return use


def decide_use(session: Session, use: CaseStudyUse, *, by: Account, shown: bool, at: datetime | None = None) -> None:
    """Publishes a report of use, or leaves it out. Raises Conflict, Forbidden."""
    if use.state is not StudyState.WAITING:
        raise Conflict(_("This does not wait for a decision any more."))
    if use.account_id == by.id:
        raise Forbidden(_("You wrote this: another moderator decides on it."))
    use.state = StudyState.PUBLISHED if shown else StudyState.RETURNED
    session.flush()
    if shown:
        row = session.get_one(CaseStudy, use.case_study_id)
        record(session, Kind.CASE_STUDY_USED, row, by, at or now(), country=use.country)


def detach_account(session: Session, *, account_id: int) -> None:
    """Deletes what an account has written and nobody has published, and its interests; what is public stays.

    The name beside that is the account's: none is left once it is erased.
    """
    mine = (CaseStudy.account_id == account_id, CaseStudy.edition == 0)
    delete_unpublished(session, session.scalars(select(CaseStudy).where(*mine)).all())
    session.execute(delete(AppraisalRequest).where(AppraisalRequest.account_id == account_id))
    own = CaseStudyAppeal.case_study_id.in_(select(CaseStudy.id).where(CaseStudy.account_id == account_id))
    ended = func.coalesce(CaseStudyAppeal.outcome, AppealOutcome.LAPSED.value)
    session.execute(update(CaseStudyAppeal).where(own).values(words="", outcome=ended))
    waiting = (CaseStudyUse.account_id == account_id, CaseStudyUse.state != StudyState.PUBLISHED)
    session.execute(delete(CaseStudyUse).where(*waiting))
    row = session.get(Appraiser, account_id)
    if row is not None:
        row.interests, row.ended_at = [], row.ended_at or now()
    session.flush()


def forget_ties(session: Session, *, account_id: int) -> None:
    """Deletes which organisations and bodies somebody left, once the account is erased."""
    session.execute(delete(FormerTie).where(FormerTie.account_id == account_id))


def delete_unpublished(session: Session, rows: Sequence[CaseStudy]) -> None:
    """Destroys case studies that never were public, with the words of letters about them."""
    for row in rows:
        letters.forget(session, row)
        session.delete(row)
    session.flush()


def _lapse_appeal(session: Session, row: CaseStudy) -> None:
    """Ends an appeal that nobody has answered, as what it is about is changed or withdrawn."""
    open_one = (CaseStudyAppeal.case_study_id == row.id, CaseStudyAppeal.outcome.is_(None))
    ended = update(CaseStudyAppeal).where(*open_one)
    session.execute(ended.values(outcome=AppealOutcome.LAPSED, answered_at=now()))


def _check_author(row: CaseStudy, by: Account) -> None:
    if row.account_id != by.id:
        raise Forbidden(_("Only who wrote a case study changes it."))


def lock(session: Session, row: CaseStudy) -> None:
    session.refresh(row, with_for_update=True)


def _free_slug(session: Session, content: StudyContent) -> str:
    """An address that no case study has yet. Others who ask wait until this transaction ends."""
    advisory_lock(session, "case_studies.slug")
    base = make_slug(content.title) or "study"
    taken = set(session.scalars(select(CaseStudy.slug).where(CaseStudy.slug.startswith(base, autoescape=True))))
    slug, count = base, 1
    while slug in taken or slug in ("new", "mine"):
        count += 1
        slug = f"{base}-{count}"
    return slug


def record(
    session: Session,
    kind: Kind,
    row: CaseStudy,
    by: Account,
    at: datetime,
    *,
    sealed: bytes | None = None,
    **more: object,
) -> None:
    """A line in the public record."""
    detail: Mapping[str, object] = {"reference": row.reference, "slug": row.slug, **more}
    actor = pseudonym("account", by.id)
    ledger.record(session, kind, subject_id=row.id, actor=actor, detail=dict(detail), commitment=sealed, at=at)
