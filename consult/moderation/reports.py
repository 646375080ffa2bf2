"""The verbs of a report: anybody makes one about something published, a moderator looks, who reported is told.

A report takes nothing away and its number counts for nothing. See docs/decisions/0018-appeals-and-reports.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from hmac import compare_digest

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.access import Allow, demand
from consult.core.clock import now
from consult.core.crypto import derived, pseudonym, seal, token_hash, unseal
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail import service as mail
from consult.moderation import service
from consult.moderation.model import Decision, Ended
from consult.moderation.recourse import Checked, Report, ReportKind, ReportOutcome
from consult.moderation.redaction import Cover
from consult.submissions import service as submissions
from consult.submissions.model import Comment, Evidence, State, Submission


class NotForYou(Forbidden):
    """Whoever published it does not decide alone that it stays."""


def file(
    session: Session, *, reference: str, kind: ReportKind, key: str, words: str = "", email: str | None = None,
    language: str = "en", comment_id: int | None = None, evidence_id: int | None = None, at: datetime | None = None,
) -> Report:  # fmt: skip
    """A report about what is published under this reference; the same `key` is the same report. Raises NotFound.

    Where somebody says that they did not send it, the address given with it is asked, once while such a report waits.
    """
    submission, key_hash, moment = published(session, reference), token_hash(key), at or now()
    service.locked(session, submission.id)
    if (earlier := session.scalar(select(Report).where(Report.key == key_hash))) is not None:
        return earlier
    _check_part(session, submission, comment_id, evidence_id)
    if email:
        mail.check_address(email)
    before, salt = waiting_on(session, submission.id), secrets.token_bytes(32)
    report = Report(
        submission_id=submission.id, comment_id=comment_id, evidence_id=evidence_id, kind=ReportKind(kind),
        key=key_hash, salt=salt, words=seal(words, salt=salt) if words else None,
        contact=seal(email, salt=salt) if email else None, language=language, received_at=moment, checked=None,
        outcome=None, answered_at=None, answer="",
    )  # fmt: skip
    session.add(report)
    session.flush()
    if not before:
        ledger.record(
            session, Kind.REPORT_FILED, subject_id=submission.id, consultation_id=submission.consultation_id,
            reason=str(report.kind), at=moment,
        )  # fmt: skip
    if report.kind is ReportKind.NOT_MINE:
        _ask(session, submission, report, before)
    return report


def published(session: Session, reference: str) -> Submission:
    """What is published under this reference. Raises NotFound alike for what is not published and what is not there."""
    try:
        submission = submissions.by_reference(session, reference)
    except NotFound:
        submission = None
    if submission is None or submission.state is not State.PUBLISHED:
        raise NotFound(_("Nothing is published under this reference."))
    return submission


def waiting_on(session: Session, submission_id: int) -> Sequence[Report]:
    """The reports on a submission that nobody has answered, the oldest first."""
    return session.scalars(
        select(Report).where(Report.submission_id == submission_id, Report.outcome.is_(None)).order_by(Report.id)
    ).all()


def words_of(report: Report) -> str:
    return unseal(report.words, salt=report.salt) if report.words and report.salt else ""


def check_token(report: Report) -> str:
    """The secret of the link by which the address is asked. It ends with the report."""
    return derived("report check", str(report.id), report.salt or b"")


def asked(session: Session, *, report_id: int, token: str) -> Report:
    """The report that the link in the letter is about. Raises NotFound for any other link, and once it is answered."""
    report = session.get(Report, report_id)
    if report is None or report.salt is None or not compare_digest(token.encode(), check_token(report).encode()):
        raise NotFound(_("This link opens nothing, or the question has been answered."))
    return report


def check(session: Session, *, report_id: int, token: str, mine: bool) -> Submission:
    """What whoever reads the address of the submission says about having sent it. May be repeated, and changed."""
    report = asked(session, report_id=report_id, token=token)
    for each in waiting_on(session, report.submission_id):
        if each.kind is ReportKind.NOT_MINE:
            each.checked = Checked.MINE if mine else Checked.NOT_MINE
    session.flush()
    return session.get_one(Submission, report.submission_id)


def answer(
    session: Session, *, moderator: Account, submission_id: int, outcome: ReportOutcome, words: str,
    covers: Sequence[Cover] = (), at: datetime | None = None,
) -> int:  # fmt: skip
    """Answers all reports that wait on a submission: it stays as it is, or some words are hidden; gives how many.

    To withhold it is a decision like any other, after which `settle` answers them. Raises OwnWords, and NotForYou
    where whoever published it would have it stay.
    """
    demand(Allow.MODERATOR, moderator.role)
    submission, moment = service.locked(session, submission_id), at or now()
    service.check_not_own(session, submission_id, moderator)
    if outcome is ReportOutcome.KEPT and moderator.id in publishers(session, submission_id):
        raise NotForYou(_("You published it: somebody else must say that it stays. You can hide words or withhold it."))
    waiting = waiting_on(session, submission_id)
    if not waiting or submission.state is not State.PUBLISHED:
        raise service.Stale(_("No report waits on this submission any more."))
    if outcome is ReportOutcome.HIDDEN:
        if not covers:
            raise Refusal(_("Say which words to hide."), field="hide")
        service.overrule(session, moderator=moderator, submission=submission, note=words, covers=covers, at=moment)
    _close(session, submission, waiting, ReportOutcome(outcome), moderator, words.strip(), moment)
    return len(waiting)


def publishers(session: Session, submission_id: int) -> set[int]:
    """The accounts that had a part in the last decision on it."""
    row = session.execute(
        select(Decision.moderator_id, Decision.second_id)
        .where(Decision.submission_id == submission_id, Decision.ended == Ended.TOOK_EFFECT)
        .order_by(Decision.id.desc())
        .limit(1)
    ).first()
    return {person for person in row or () if person is not None}


def settle(session: Session, *, at: datetime | None = None) -> int:
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
        _close(session, submission, waiting_on(session, submission.id), outcome, None, "", at or now())
    return len(gone)


def _check_part(session: Session, submission: Submission, comment_id: int | None, evidence_id: int | None) -> None:
    comment = session.get(Comment, comment_id) if comment_id is not None else None
    piece = session.get(Evidence, evidence_id) if evidence_id is not None else None
    for number, part in ((comment_id, comment), (evidence_id, piece)):
        if number is not None and (part is None or part.submission_id != submission.id):
            raise NotFound(_("Nothing is published under this reference."))


def _ask(session: Session, submission: Submission, report: Report, before: Sequence[Report]) -> None:
    earlier = [one.checked for one in before if one.kind is ReportKind.NOT_MINE]
    if earlier:
        report.checked = earlier[0]
        return
    address = submissions.author_address(session, submission)
    report.checked = Checked.ASKED if address else Checked.NO_ADDRESS
    if address:
        consultation = session.get_one(Consultation, submission.consultation_id)
        mail.post(
            session, key=f"report-check:{report.id}", to=address[0], language=address[1],
            template="moderation/mail/report_check", reference=submission.reference, title=consultation.title,
            slug=consultation.slug, number=report.id, token=check_token(report),
        )  # fmt: skip


def _close(
    session: Session, submission: Submission, waiting: Sequence[Report], outcome: ReportOutcome,
    moderator: Account | None, words: str, at: datetime,
) -> None:  # fmt: skip
    """Answers reports, tells those who left an address, and destroys what was sealed."""
    for report in waiting:
        report.outcome, report.answered_at, report.answer = outcome, at, words
        report.moderator_id = moderator.id if moderator else None
        if report.contact and report.salt:
            mail.post(
                session, key=f"report-answered:{report.id}", to=unseal(report.contact, salt=report.salt),
                language=report.language, template="moderation/mail/report_answered", reference=submission.reference,
                outcome=outcome, answer=words,
            )  # fmt: skip
        report.salt = report.words = report.contact = None
    ledger.record(
        session, Kind.REPORT_ANSWERED, subject_id=submission.id, consultation_id=submission.consultation_id,
        actor=pseudonym("account", moderator.id) if moderator else None, reason=str(waiting[0].kind),
        detail={"outcome": str(outcome), "reports": len(waiting)}, at=at,
    )  # fmt: skip
    session.flush()
