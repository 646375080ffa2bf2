"""Sample due process: policy, hold rules, appeals, an answer and content reports, in several states."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.decisions import policy
from consult.decisions.model import AppealOutcome, ReportKind, ReportOutcome
from consult.moderation.policy import hold_rules
from consult.moderation.recourse import appeals, reports
from consult.moderation.recourse.model import HoldRuleKind
from consult.submissions.model import State, Submission
from consult.submissions.private import service as private

FindSubmission = Callable[[str], Submission | None]
_POLICY = {
    "en": "We publish what people think of the draft, even if its authors find it hard to read. We hide words that "
    "could help find someone who sells, uses or grows drugs, or the person who told us.\n\n"
    "We write to you in the language you wrote in.",
    "ar": "ننشر رأي الناس في المسودة، حتى حين تصعب قراءته على من كتبها. ونحجب ما قد يُستدل به على من يبيع أو يتعاطى "
    "أو يزرع، وعلى من أخبرنا.\n\nنكتب إليك باللغة التي كتبت بها.",
}
_RULES = [
    ("Clinics by name", HoldRuleKind.WORDS, "Northgate clinic\nhospital nacional"),
    ("Document numbers", HoldRuleKind.PATTERN, r"\b[A-Z]{2}\s?\d{6,8}\b"),
]
_APPEALS: dict[str, tuple[str, AppealOutcome | None, str]] = {
    # First words of the submission: words of the appeal, outcome and reason. Without outcome it is open.
    "You want the big ones?": (
        "The number is mine and I want to be called. Nothing else in it is secret on our street.",
        AppealOutcome.REJECTED,
        "Your own number could be hidden. But the street, the garage and the hour lead to a person who cannot answer, "
        "and to you. Without them, nothing is left about paragraph 4.5.",
    ),
    "The last one should say": (
        "The consultation asks for views, not for numbers. The drafters were in the room and know what I mean.",
        AppealOutcome.ACCEPTED,
        "A text that fits no single paragraph can still be published. We publish it on the draft as a whole.",
    ),
    "Proportionate?": (
        "I was angry and I take back the last sentence. Hide it and publish the question: it is about 1.6.",
        None,
        "",
    ),
}
_REPLIES = {
    # First words of the returned submission: the author's message, without changes.
    "أخي حيدر": "سألتُ أخي في الزيارة الأخيرة، وهو يريد أن يُنشر اسمه. وقد نُقل من ذلك السجن الشهر الماضي، "
    "فلم يعد المكان يدلّ عليه.",
}
_REPORTS: dict[str, tuple[ReportKind, str, ReportOutcome | None]] = {
    # First words of the reported content: reason, words and outcome.
    "I have a conviction": (ReportKind.PERSON, "The daughter can be recognised by this.", ReportOutcome.KEPT),
    "Sixty per cent": (ReportKind.ILLEGAL, "It tells people to break the law.", None),
    "We lost the crop": (ReportKind.NOT_MINE, "Nobody in our office wrote this.", None),
}


def due_process_events(
    session: Session, *, now: datetime, admin: Account, moderators: Sequence[Account], find: FindSubmission
) -> Iterator[tuple[datetime, Callable[[], object]]]:
    """Yield the events with their times. `find` returns the submission whose first comment begins with given words."""
    yield (
        now - timedelta(days=60),
        lambda: policy.publish(
            session,
            by=admin,
            texts=_POLICY,
            appeal_days=60,
            promise_days=3,
            after=1,
            at=now - timedelta(days=60),
            change="Twice the time for an appeal, and a rule on words we hide to keep people safe.",
        ),
    )
    for begins in _APPEALS:
        made, answered = now - timedelta(hours=30), now - timedelta(hours=7)
        yield made, partial(_appeal, session, find, begins, made)
        yield answered, partial(_answer_appeal, session, find, begins, moderators, answered)
    for begins in _REPLIES:
        yield now - timedelta(hours=5), partial(_reply, session, find, begins, now - timedelta(hours=5))
    for begins in _REPORTS:
        made, answered = now - timedelta(hours=20), now - timedelta(hours=3)
        yield made, partial(_report, session, find, begins, made)
        yield answered, partial(_answer_report, session, find, begins, moderators, answered)


def add_rules(session: Session, *, owner: Account, consultation: Consultation) -> None:
    for name, kind, text in _RULES:
        hold_rules.add(session, number=consultation.id, by=owner, name=name, kind=kind, text=text)


def _appeal(session: Session, find: FindSubmission, begins: str, at: datetime) -> None:
    row = find(begins)
    if row is not None and row.state in (State.WITHHELD, State.RETURNED):
        appeals.file(session, row, words=_APPEALS[begins][0], at=at)


def _answer_appeal(
    session: Session, find: FindSubmission, begins: str, moderators: Sequence[Account], at: datetime
) -> None:
    row, (_words, outcome, reasons) = find(begins), _APPEALS[begins]
    if row is None or outcome is None:
        return
    for made in appeals.list_appeals(session, row):
        other = next(person for person in moderators if person.id not in appeals.get_involved(session, made))
        appeals.answer(session, moderator=other, appeal_id=made.id, outcome=outcome, reasons=reasons, at=at)


def _reply(session: Session, find: FindSubmission, begins: str, at: datetime) -> None:
    row = find(begins)
    if row is not None and row.state is State.RETURNED:
        private.send_reply(session, row, words=_REPLIES[begins], at=at)


def _report(session: Session, find: FindSubmission, begins: str, at: datetime) -> None:
    row, (kind, words, _answered) = find(begins), _REPORTS[begins]
    if row is not None and row.state is State.PUBLISHED:
        reports.file(session, reference=row.reference, kind=kind, key=f"sample:{begins}", words=words, at=at)


def _answer_report(
    session: Session, find: FindSubmission, begins: str, moderators: Sequence[Account], at: datetime
) -> None:
    row, (_kind, _words, answered) = find(begins), _REPORTS[begins]
    if row is None or answered is None or not reports.list_waiting(session, row.id):
        return
    other = next(person for person in moderators if person.id not in reports.get_publishers(session, row.id))
    reports.answer(
        session,
        moderator=other,
        submission_id=row.id,
        outcome=answered,
        at=at,
        words="She is of age, is not named and lives in another country.",
    )
