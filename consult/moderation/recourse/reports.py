"""Content reports: anyone can file one, a moderator decides, and the reporter gets an answer.

A report hides nothing by itself, and the number of reports has no effect. See
docs/decisions/0018-appeals-and-reports.md.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import derive_token, hash_token, pseudonym
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.web.access import Allow, require_allowed
from consult.decisions.letters import AnsweredReport
from consult.decisions.model import DecisionEnd, ReportKind, ReportOutcome
from consult.decisions.process import OwnPublication
from consult.decisions.reports import answer_all, fill_report
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.moderation import held_answers as recourse_answers
from consult.moderation import letters, service
from consult.moderation.model import Decision
from consult.moderation.recourse.model import RecourseAnswer, RecourseOutcome, Report, SenderCheck
from consult.moderation.redaction import Redaction
from consult.submissions import service as submissions
from consult.submissions.model import Comment, Evidence, State, Submission


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
    """File a report on published content. The same `key` returns the existing report. Raises NotFound.

    If the report says that the named author did not send the submission, its e-mail address is asked once while such a
    report is open.
    """
    submission, key_hash, moment = get_published(session, reference), hash_token(key), at or now()
    service.lock_submission(session, submission.id)
    if (earlier := session.scalar(select(Report).where(Report.key == key_hash))) is not None:
        return earlier
    _check_part(session, submission, comment_id, evidence_id)
    before, report = list_waiting(session, submission.id), Report(submission_id=submission.id)
    fill_report(report, kind=kind, key=key, words=words, email=email, language=language, at=moment)
    report.comment_id, report.evidence_id, report.checked = comment_id, evidence_id, None
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
    """Return the published submission with this reference. Raises NotFound, also for an unpublished one."""
    try:
        submission = submissions.get_by_reference(session, reference)
    except NotFound:
        submission = None
    if submission is None or submission.state is not State.PUBLISHED:
        raise NotFound(_("We cannot find a published submission with this reference."))
    return submission


def list_waiting(session: Session, submission_id: int) -> Sequence[Report]:
    """Return the open reports on a submission, oldest first."""
    return session.scalars(
        select(Report).where(Report.submission_id == submission_id, Report.outcome.is_(None)).order_by(Report.id)
    ).all()


def derive_check_token(report: Report) -> str:
    """Return the token of the link sent to the submission's address. It is valid until the report is answered."""
    return derive_token("report check", str(report.id), report.salt or b"")


def get_by_check_token(session: Session, *, report_id: int, token: str) -> Report:
    """Return the report of a confirmation link. Raises NotFound for any other link and once it is answered."""
    report = session.get(Report, report_id)
    if report is None or report.salt is None or not compare_digest(token.encode(), derive_check_token(report).encode()):
        raise NotFound(_("This link no longer works, or you have already answered the question."))
    return report


def record_check(session: Session, *, report_id: int, token: str, mine: bool) -> Submission:
    """Record whether the owner of the address sent the submission. Can be repeated with another reply."""
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
    """Answer the open reports on a submission, keeping it or hiding words, and return their number.

    With `delay` the answer covers the reports open now, takes effect later and can be undone until then. Otherwise it
    applies at once, to `only` these if given. Withholding is an ordinary decision, after which `close_unpublished`
    answers the reports. Raises InterestedDecider, AlreadyAnswered, and OwnPublication if its publisher would keep it.
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
        raise Refusal(_("Enter the words to hide."), field="hide")
    return service.check_overrule(session, moderator=moderator, submission=submission, covers=covers)


def _list_answerable(
    session: Session,
    moderator: Account,
    submission: Submission,
    outcome: ReportOutcome,
    only: Collection[int] | None,
) -> Sequence[Report]:
    """Return the reports to answer. Raises a refusal if this moderator cannot give the answer now."""
    service.check_not_own(session, submission.id, moderator)
    if outcome is ReportOutcome.KEPT and moderator.id in get_publishers(session, submission.id):
        raise OwnPublication(
            _(
                "You published this submission, so another moderator must decide to keep it. You can hide words or "
                "stop its publication."
            )
        )
    waiting = [row for row in list_waiting(session, submission.id) if only is None or row.id in only]
    if not waiting or submission.state is not State.PUBLISHED:
        raise service.SubmissionChanged(_("All reports about this submission have been answered."))
    recourse_answers.check_unanswered(session, submission.id)
    return waiting


def apply_due_answers(session: Session, *, at: datetime | None = None) -> int:
    """Apply answers whose undo delay is over, and return their number. Safe to repeat."""

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
    """Return the ids of accounts that made the last decision on the submission."""
    row = session.execute(
        select(Decision.moderator_id, Decision.second_id)
        .where(Decision.submission_id == submission_id, Decision.ended == DecisionEnd.TOOK_EFFECT)
        .order_by(Decision.id.desc())
        .limit(1)
    ).first()
    return {person for person in row or () if person is not None}


def close_unpublished(session: Session, *, at: datetime | None = None) -> int:
    """Answer reports on submissions no longer published: withheld, withdrawn or erased. Return their number."""
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
            raise NotFound(_("We cannot find a published submission with this reference."))


def _ask_author(session: Session, submission: Submission, report: Report, before: Sequence[Report]) -> None:
    earlier = [one.checked for one in before if one.kind is ReportKind.NOT_MINE]
    if earlier:
        report.checked = earlier[0]
        return
    address = submissions.author_address(session, submission)
    report.checked = SenderCheck.ASKED if address else SenderCheck.NO_ADDRESS
    letters.post_to_author(
        session,
        submission,
        f"report-check:{report.id}",
        "moderation/mail/report_check",
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
    """Close reports, notify reporters who left an address, and delete encrypted data."""
    page = {"reference": submission.reference}
    answered = AnsweredReport(outcome, words, submission.reference, "trace.public", page)
    answer_all(session, waiting, answered, by=moderator, at=at)
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
