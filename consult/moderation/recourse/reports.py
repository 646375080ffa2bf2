"""Reports: anybody files one about published content, a moderator decides, the reporter gets an answer.

A report hides nothing by itself, and the number of reports has no effect.
See docs/decisions/0018-appeals-and-reports.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import derive_token, hash_token, pseudonym, seal, unseal, unseal_address
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.web.access import Allow, require_allowed
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail import service as mail
from consult.moderation import service
from consult.moderation.model import Decision, DecisionEnd
from consult.moderation.recourse import answers as recourse_answers
from consult.moderation.recourse.model import (
    RecourseAnswer,
    RecourseOutcome,
    Report,
    ReportKind,
    ReportOutcome,
    SenderCheck,
)
from consult.moderation.redaction import Redaction
from consult.submissions import service as submissions
from consult.submissions.model import Comment, Evidence, State, Submission


class OwnPublication(Forbidden):
    """Whoever published it does not decide alone that it stays."""


def file(
    session: Session,
    *,
    reference: str,
    kind: ReportKind,
    key: str,
    words: str = "",
    email: str | None = None,
    language: str = DEFAULT_LANGUAGE,
    comment_id: int | None = None,
    evidence_id: int | None = None,
    at: datetime | None = None,
) -> Report:
    """A report about what is published under this reference; the same `key` is the same report. Raises NotFound.

    Where somebody says that they did not send it, the address given with it is asked, once while such a report waits.
    """
    submission, key_hash, moment = get_published(session, reference), hash_token(key), at or now()
    service.lock_submission(session, submission.id)
    if (earlier := session.scalar(select(Report).where(Report.key == key_hash))) is not None:
        return earlier
    _check_part(session, submission, comment_id, evidence_id)
    if email:
        mail.check_address(email)
    before, salt = list_waiting(session, submission.id), secrets.token_bytes(32)
    report = Report(submission_id=submission.id, kind=ReportKind(kind), key=key_hash, salt=salt)
    report.comment_id, report.evidence_id = comment_id, evidence_id
    report.words = seal(words, salt=salt) if words else None
    report.contact = seal(email, salt=salt) if email else None
    report.language, report.received_at = language, moment
    report.checked = report.outcome = report.answered_at = None
    report.answer = ""
    session.add(report)
    session.flush()
    if not before:
        _record_filing(session, submission, report)
    if report.kind is ReportKind.NOT_MINE:
        _ask_author(session, submission, report, before)
    return report


def _record_filing(session: Session, submission: Submission, report: Report) -> None:
    ledger.record(
        session,
        Kind.REPORT_FILED,
        subject_id=submission.id,
        consultation_id=submission.consultation_id,
        reason=str(report.kind),
        at=report.received_at,
    )


def get_published(session: Session, reference: str) -> Submission:
    """What is published under this reference. Raises NotFound alike for what is not published and what is not there."""
    try:
        submission = submissions.get_by_reference(session, reference)
    except NotFound:
        submission = None
    if submission is None or submission.state is not State.PUBLISHED:
        raise NotFound(_("Nothing is published under this reference."))
    return submission


def list_waiting(session: Session, submission_id: int) -> Sequence[Report]:
    """The open reports on a submission, the oldest first."""
    return session.scalars(
        select(Report).where(Report.submission_id == submission_id, Report.outcome.is_(None)).order_by(Report.id)
    ).all()


def unseal_words(report: Report) -> str:
    return unseal(report.words, salt=report.salt) if report.words and report.salt else ""


def derive_check_token(report: Report) -> str:
    """The secret of the link by which the address is asked. It ends with the report."""
    return derive_token("report check", str(report.id), report.salt or b"")


def get_by_check_token(session: Session, *, report_id: int, token: str) -> Report:
    """The report that the link in the letter is about. Raises NotFound for any other link, and once it is answered."""
    report = session.get(Report, report_id)
    if report is None or report.salt is None or not compare_digest(token.encode(), derive_check_token(report).encode()):
        raise NotFound(_("This link opens nothing, or the question has been answered."))
    return report


def record_check(session: Session, *, report_id: int, token: str, mine: bool) -> Submission:
    """Records whether the submission's address confirms that its owner sent it. May be repeated, and changed."""
    report = get_by_check_token(session, report_id=report_id, token=token)
    for each in list_waiting(session, report.submission_id):
        if each.kind is ReportKind.NOT_MINE:
            each.checked = SenderCheck.MINE if mine else SenderCheck.NOT_MINE
    session.flush()
    return session.get_one(Submission, report.submission_id)


def answer(
    session: Session,
    *,
    moderator: Account,
    submission_id: int,
    outcome: ReportOutcome,
    words: str,
    covers: Sequence[Redaction] = (),
    only: Collection[int] | None = None,
    delay: timedelta | None = None,
    at: datetime | None = None,
) -> int:
    """Answers all reports that wait on a submission: it stays as it is, or some words are hidden; gives how many.

    With `delay` that happens then, to those that wait now, unless it is taken back; else at once, `only` to those.
    To withhold it is a decision like any other, after which `close_unpublished` answers them. Raises
    OwnSubmission, AlreadyAnswered, and OwnPublication where whoever published it would have it stay.
    """
    require_allowed(Allow.MODERATOR, moderator.role)
    submission, moment = service.lock_submission(session, submission_id), at or now()
    waiting = _list_answerable(session, moderator, submission, outcome, only)
    if outcome is ReportOutcome.HIDDEN:
        covers = _check_covers(session, moderator, submission, covers)
    if delay:
        recourse_answers.schedule_answer(
            session,
            moderator=moderator,
            submission=submission,
            outcome=RecourseOutcome(outcome),
            words=words.strip(),
            covers=covers,
            delay=delay,
            at=moment,
            reports=waiting,
        )
        return len(waiting)
    if outcome is ReportOutcome.HIDDEN:
        service.overrule(session, moderator=moderator, submission=submission, note=words, covers=covers, at=moment)
    _close_reports(session, submission, waiting, ReportOutcome(outcome), moderator, words.strip(), moment)
    return len(waiting)


def _check_covers(
    session: Session, moderator: Account, submission: Submission, covers: Sequence[Redaction]
) -> Sequence[Redaction]:
    if not covers:
        raise Refusal(_("Say which words to hide."), field="hide")
    return service.check_overrule(session, moderator=moderator, submission=submission, covers=covers)


def _list_answerable(
    session: Session,
    moderator: Account,
    submission: Submission,
    outcome: ReportOutcome,
    only: Collection[int] | None,
) -> Sequence[Report]:
    """The reports that this answer would answer. Raises a refusal where this moderator cannot give it now."""
    service.check_not_own(session, submission.id, moderator)
    if outcome is ReportOutcome.KEPT and moderator.id in get_publishers(session, submission.id):
        raise OwnPublication(
            _("You published it: somebody else must say that it stays. You can hide words or withhold it.")
        )
    waiting = [row for row in list_waiting(session, submission.id) if only is None or row.id in only]
    if not waiting or submission.state is not State.PUBLISHED:
        raise service.SubmissionChanged(_("No report waits on this submission any more."))
    recourse_answers.check_unanswered(session, submission.id)
    return waiting


def apply_due_answers(session: Session, *, at: datetime | None = None) -> int:
    """Lets answers take effect that can be taken back no more; gives how many. May run any number of times."""

    def carry_out(held: RecourseAnswer, moment: datetime) -> None:
        answer(
            session,
            moderator=session.get_one(Account, held.moderator_id),
            submission_id=held.submission_id,
            outcome=ReportOutcome(held.outcome),
            words=held.words,
            covers=recourse_answers.load_redactions(held),
            only=held.reports or (),
            at=moment,
        )

    return recourse_answers.apply_due(session, carry_out, to_appeals=False, at=at)


def get_publishers(session: Session, submission_id: int) -> set[int]:
    """The accounts that had a part in the last decision on it."""
    row = session.execute(
        select(Decision.moderator_id, Decision.second_id)
        .where(Decision.submission_id == submission_id, Decision.ended == DecisionEnd.TOOK_EFFECT)
        .order_by(Decision.id.desc())
        .limit(1)
    ).first()
    return {person for person in row or () if person is not None}


def close_unpublished(session: Session, *, at: datetime | None = None) -> int:
    """Answers the reports on what is no longer published: it was withheld, or its author took it away."""
    gone = session.scalars(
        select(Submission)
        .where(
            Submission.state != State.PUBLISHED,
            Submission.id.in_(select(Report.submission_id).where(Report.outcome.is_(None))),
        )
        .order_by(Submission.id)
    ).all()
    for submission in gone:
        outcome = ReportOutcome.WITHHELD if submission.state is State.WITHHELD else ReportOutcome.LAPSED
        _close_reports(session, submission, list_waiting(session, submission.id), outcome, None, "", at or now())
    return len(gone)


def _check_part(session: Session, submission: Submission, comment_id: int | None, evidence_id: int | None) -> None:
    comment = session.get(Comment, comment_id) if comment_id is not None else None
    piece = session.get(Evidence, evidence_id) if evidence_id is not None else None
    for number, part in ((comment_id, comment), (evidence_id, piece)):
        if number is not None and (part is None or part.submission_id != submission.id):
            raise NotFound(_("Nothing is published under this reference."))


def _ask_author(session: Session, submission: Submission, report: Report, before: Sequence[Report]) -> None:
    earlier = [one.checked for one in before if one.kind is ReportKind.NOT_MINE]
    if earlier:
        report.checked = earlier[0]
        return
    address = submissions.author_address(session, submission)
    report.checked = SenderCheck.ASKED if address else SenderCheck.NO_ADDRESS
    if address:
        consultation = session.get_one(Consultation, submission.consultation_id)
        mail.post(
            session,
            key=f"report-check:{report.id}",
            to=address[0],
            language=address[1],
            template="moderation/mail/report_check",
            reference=submission.reference,
            title=consultation.title,
            slug=consultation.slug,
            number=report.id,
            token=derive_check_token(report),
        )


def _close_reports(
    session: Session,
    submission: Submission,
    waiting: Sequence[Report],
    outcome: ReportOutcome,
    moderator: Account | None,
    words: str,
    at: datetime,
) -> None:
    """Answers reports, writes to reporters who left an address, and destroys what was encrypted."""
    for report in waiting:
        report.outcome, report.answered_at, report.answer = outcome, at, words
        report.moderator_id = moderator.id if moderator else None
        if report.contact and report.salt:
            mail.post(
                session,
                key=f"report-answered:{report.id}",
                to=unseal_address(report.contact, salt=report.salt),
                language=report.language,
                template="moderation/mail/report_answered",
                reference=submission.reference,
                outcome=outcome,
                answer=words,
            )
        report.salt = report.words = report.contact = None
    ledger.record(
        session,
        Kind.REPORT_ANSWERED,
        subject_id=submission.id,
        consultation_id=submission.consultation_id,
        actor=pseudonym("account", moderator.id) if moderator else None,
        reason=str(waiting[0].kind),
        detail={"outcome": str(outcome), "reports": len(waiting)},
        at=at,
    )
    session.flush()
