"""Services for case studies: write, send, publish, amend, withdraw, answer. Actions are recorded in the ledger."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from consult.accounts.model import Account
from consult.accounts.organisations import service as organisations
from consult.case_studies import letters
from consult.case_studies.appraisal import service as appraisal
from consult.case_studies.appraisal.model import AppraisalRequest
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
from consult.core.text import clean_text, make_slug
from consult.decisions import appeals
from consult.decisions.model import FormerTie
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.submissions.model import Evidence, EvidenceTag
from consult.taxonomy.model import Term

MAX_REASON = 1000


def begin(
    session: Session,
    *,
    by: Account,
    content: StudyContent,
    organisation_id: int | None = None,
    evidence_id: int | None = None,
    at: datetime | None = None,
) -> CaseStudy:
    """Create a case study that only its author sees. Raises Refusal, and NotFound for another person's organisation."""
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
    """Return the body whose consultation a piece of evidence was sent to, or None."""
    asked = select(Consultation.body_id).join(Evidence, Evidence.consultation_id == Consultation.id)
    return session.scalar(asked.where(Evidence.id == evidence_id)) if evidence_id is not None else None


def draw_from_evidence(session: Session, evidence_id: int) -> StudyContent:
    """Return the content to start a case study from published evidence. Raises NotFound."""
    row = session.get(Evidence, evidence_id)
    if row is None or not row.shown:
        raise NotFound(_("We cannot find this evidence. It may have been removed."))
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
    """Return a case study for its author. Raises NotFound, so that others do not learn that it exists."""
    row = session.get(CaseStudy, number)
    if row is None or row.account_id != by.id:
        raise NotFound(_("We cannot find this case study among yours."))
    return row


def edit(session: Session, row: CaseStudy, *, by: Account, revision: int, content: StudyContent) -> None:
    """Replace the author's copy; the published text is unchanged. Raises Conflict and Refusal."""
    _check_author(row, by)
    if row.state is StudyState.WITHDRAWN:
        raise Conflict(_("This case study was withdrawn and cannot be changed."))
    if row.revision != revision:
        raise Conflict(_("The text was changed in another window. Reload the page, then enter your text again."))
    row.working, row.touched_at = clean(content).to_json(), now()
    appeals.lapse(session, CaseStudyAppeal, row.id)
    if row.next_state is not StudyState.RETURNED:
        row.next_state = StudyState.DRAFT
    try:
        session.flush()
    except StaleDataError as error:
        message = _("The text was changed in another window. Reload the page, then enter your text again.")
        raise Conflict(message) from error


def set_topics(session: Session, row: CaseStudy, *, by: Account, term_ids: Collection[int]) -> None:
    """Set the topics of the author's copy. Raises NotFound for an unknown topic, and Conflict."""
    _check_author(row, by)
    wanted = sorted(set(term_ids))
    if wanted == sorted(from_json(row.working).terms):
        return
    if len(session.scalars(select(Term.id).where(Term.id.in_(wanted))).all()) < len(wanted):
        raise NotFound(_("We cannot find this topic."))
    if row.state is StudyState.WITHDRAWN:
        raise Conflict(_("This case study was withdrawn and cannot be changed."))
    row.working, row.touched_at = {**row.working, "terms": wanted}, now()
    appeals.lapse(session, CaseStudyAppeal, row.id)
    if row.next_state is not StudyState.RETURNED:
        row.next_state = StudyState.DRAFT
    session.flush()


def send(session: Session, row: CaseStudy, *, by: Account, asked: bool, at: datetime | None = None) -> None:
    """Send the author's copy to moderators. Safe to repeat. Raises a Refusal if something is missing.

    `asked`: the author has confirmed once that nothing went wrong.
    """
    _check_author(row, by)
    if row.next_state is StudyState.WAITING:
        return
    if row.next_state is None or row.state is StudyState.WITHDRAWN:
        raise Conflict(_("Nothing has changed since this was published."))
    check_complete(from_json(row.working), asked=asked)
    row.next_state = StudyState.WAITING
    row.sent_at = row.touched_at = at or now()
    appeals.lapse(session, CaseStudyAppeal, row.id)
    if row.state is not StudyState.PUBLISHED:
        row.state = StudyState.WAITING
    session.flush()


def publish(session: Session, row: CaseStudy, *, by: Account, at: datetime | None = None) -> None:
    """Publish the waiting copy as the next edition. Earlier editions are kept. Raises Conflict.

    Moderators decide through `decisions.service`, which checks who may.
    """
    lock(session, row)
    if row.next_state is not StudyState.WAITING:
        raise Conflict(_("A decision is no longer needed."))
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


def _write_published(session: Session, row: CaseStudy, content: StudyContent) -> None:
    """Write the columns, parts, sources and topics of an edition."""
    for name in COLUMNS:
        setattr(row, name, getattr(content, name))
    row.authors, row.words = list(content.authors), content.words
    for table in (CaseStudyPart, CaseStudySource, CaseStudyTerm):
        session.execute(delete(table).where(table.case_study_id == row.id))
    study_key = {"case_study_id": row.id}
    session.add_all(CaseStudyPart(kind=kind, body=body, **study_key) for kind, body in content.parts.items())
    for position, it in enumerate(content.sources):
        fields = {"design": it.design, "citation": it.citation, "n": it.n, "independent": it.independent}
        session.add(CaseStudySource(position=position, file_id=it.file_id, **fields, **study_key))
    session.add_all(CaseStudyTerm(term_id=term, **study_key) for term in sorted(set(content.terms)))


def return_to_author(session: Session, row: CaseStudy, *, by: Account, reason: str, at: datetime | None = None) -> None:
    """Send the waiting copy back to its author with a reason. Raises Conflict and Refusal."""
    lock(session, row)
    if row.next_state is not StudyState.WAITING:
        raise Conflict(_("A decision is no longer needed."))
    row.next_state, row.returned_why = StudyState.RETURNED, check_return_reason(reason)
    row.decided_at = row.touched_at = at or now()
    row.decided_by_id = by.id
    if row.state is StudyState.WAITING:
        row.state = StudyState.RETURNED
    session.flush()


def check_return_reason(reason: str) -> str:
    """Return the reason for changes as shown to the author. Raises a Refusal."""
    return check_reason(reason, _("Enter what must be changed."))


def check_withdrawal_reason(reason: str) -> str:
    """Return the reason for a withdrawal. Raises a Refusal."""
    return check_reason(reason, _("Enter the reason for the withdrawal. Everyone can read it."))


def check_reason(reason: str, missing: str, *, field: str = "reason") -> str:
    """Return the cleaned reason of a decision. Raises a Refusal if it is missing or too long."""
    why = clean_text(reason)
    if not why:
        raise Refusal(missing, field=field)
    if len(why) > MAX_REASON:
        raise Refusal(_("Shorten this to %(most)s characters.", most=MAX_REASON), field=field)
    return why


def withdraw(
    session: Session,
    row: CaseStudy,
    *,
    by: Account,
    who: WithdrawnBy,
    reason: str,
    second: Account | None = None,
    at: datetime | None = None,
) -> None:
    """Withdraw a published case study. It stays readable, with a mark on its page and at its citations.

    Authors who cited it are e-mailed. Raises Conflict, Forbidden and Refusal.
    """
    if who is WithdrawnBy.AUTHOR:
        _check_author(row, by)
    lock(session, row)
    if row.state is not StudyState.PUBLISHED:
        raise Conflict(_("Only a published case study can be withdrawn."))
    why = check_withdrawal_reason(reason)
    if who is not WithdrawnBy.AUTHOR and second is None and row.organisation_id is not None:
        raise Forbidden(_("Two people are needed to withdraw an organisation’s case study."))
    row.state, row.next_state, row.withdrawn_by, row.withdrawn_why = StudyState.WITHDRAWN, None, who, why
    row.withdrawn_at = at or now()
    row.decided_at, row.decided_by_id = (None, None) if who is WithdrawnBy.AUTHOR else (row.withdrawn_at, by.id)
    appeals.lapse(session, CaseStudyAppeal, row.id)
    session.flush()
    letters.cancel_requests(session, row)
    detail: dict[str, Any] = {"who": who.value} | ({"second_reader": True} if second else {})
    record(session, Kind.CASE_STUDY_WITHDRAWN, row, by, row.withdrawn_at, **detail)
    letters.post_withdrawal(session, row)


def answer_appraisals(session: Session, row: CaseStudy, *, by: Account, words: str, at: datetime | None = None) -> bool:
    """Store the author's answer to the reviews, at most 500 words. Raises Conflict and Refusal.

    Returns False, and sends no e-mail, if the answer is unchanged.
    """
    _check_author(row, by)
    lock(session, row)
    if row.appraised == 0:
        raise Conflict(_("There is no review to answer yet."))
    answer = clean_text(words)
    if (n := len(re.findall(r"\S+", answer))) > MAX_ANSWER_WORDS:
        raise Refusal(
            _("Shorten this to %(most)s words. It now has %(n)s.", most=MAX_ANSWER_WORDS, n=n), field="answer"
        )
    if not answer:
        raise Refusal(_("Write your answer."), field="answer")
    if answer == row.answer:
        return False
    row.answer, row.answered_at = answer, at or now()
    session.flush()
    record(session, Kind.CASE_STUDY_ANSWERED, row, by, row.answered_at)
    letters.post_answer(session, row)
    return True


def detach_account(session: Session, *, account_id: int) -> None:
    """Delete an account's unpublished case studies and declared interests.

    Published case studies are kept. They show the account's name until the account is erased.
    """
    is_own = (CaseStudy.account_id == account_id, CaseStudy.edition == 0)
    delete_unpublished(session, session.scalars(select(CaseStudy).where(*is_own)).all())
    session.execute(delete(AppraisalRequest).where(AppraisalRequest.account_id == account_id))
    waiting = (CaseStudyUse.account_id == account_id, CaseStudyUse.state != StudyState.PUBLISHED)
    session.execute(delete(CaseStudyUse).where(*waiting))
    row = session.get(Appraiser, account_id)
    if row is not None:
        row.interests, row.ended_at = [], row.ended_at or now()
    session.flush()


def forget_ties(session: Session, *, account_id: int) -> None:
    """Delete which organisations and bodies a person left, once the account is erased."""
    session.execute(delete(FormerTie).where(FormerTie.account_id == account_id))


def delete_unpublished(session: Session, rows: Sequence[CaseStudy]) -> None:
    """Delete case studies that were never public, and their words in e-mails."""
    for row in rows:
        letters.forget(session, row)
        session.delete(row)
    session.flush()


def restore(session: Session, row: CaseStudy, *, by: Account, at: datetime) -> None:
    """Publish a withdrawn case study again unchanged, and e-mail authors who cited it.

    A different author's copy becomes a draft again.
    """
    row.state, row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = StudyState.PUBLISHED, None, None, ""
    if row.working != get_published(session, row):
        row.next_state = StudyState.DRAFT
    session.flush()
    record(session, Kind.CASE_STUDY_RESTORED, row, by, at)
    letters.post_withdrawal(session, row, restored=True)


def get_published(session: Session, row: CaseStudy) -> Mapping[str, Any]:
    """Return the content of the public edition."""
    return session.get_one(CaseStudyEdition, (row.id, row.edition)).content


def _check_author(row: CaseStudy, by: Account) -> None:
    if row.account_id != by.id:
        raise Forbidden(_("Only the author can change a case study."))


def lock(session: Session, row: CaseStudy) -> None:
    session.refresh(row, with_for_update=True)


def _free_slug(session: Session, content: StudyContent) -> str:
    """Return an unused slug. Concurrent callers wait until this transaction ends."""
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
    by: Account | None,
    at: datetime,
    *,
    sealed: bytes | None = None,
    reason: str | None = None,
    detail: Mapping[str, object] | None = None,
    **more: object,
) -> None:
    """Record an action on a case study in the ledger."""
    ledger.record(
        session,
        kind,
        subject_id=row.id,
        actor=pseudonym("account", by.id) if by else None,
        reason=reason,
        detail={"reference": row.reference, "slug": row.slug, **(detail or {}), **more},
        commitment=sealed,
        at=at,
    )
