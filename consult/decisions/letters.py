"""E-mails of due process for all kinds of statements: decisions, appeals, and answers to readers' reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.crypto import unseal, unseal_address
from consult.decisions import policy
from consult.decisions.model import HELD_OUTCOMES, AppealOutcome, DecisionColumns, ReaderReportColumns, ReportOutcome
from consult.decisions.process import DecisionProcess
from consult.decisions.reasons import load_names
from consult.mail import service as mail


@dataclass(frozen=True)
class AnsweredReport:
    """The answer to a reader's report, and the page that shows it."""

    outcome: ReportOutcome
    words: str
    reference: str
    endpoint: str
    values: Mapping[str, Any]


def get_appeal_deadline(session: Session, decision: Any) -> datetime:
    """Return the end of the appeal period of a decision, according to its policy version."""
    days = policy.get_version(session, decision.policy).appeal_days
    moment: datetime = decision.ended_at or decision.at
    return moment + timedelta(days=days)


def post_decided(session: Session, process: DecisionProcess, item: Any, decision: DecisionColumns) -> None:
    """Notify the author of a decision, its reason and policy, and the appeal deadline."""
    held = decision.outcome in HELD_OUTCOMES
    _post(
        session,
        process,
        item,
        f"decided:{item.id}:{decision.id}",
        process.letter,
        outcome=decision.outcome,
        reason=decision.reason,
        reasons=load_names(session, [decision.reason]),
        note=decision.note,
        policy=decision.policy,
        appeal_until=get_appeal_deadline(session, decision) if held else None,
        appeal_page="decisions.appeal",
        appeal_values={"kind": process.kind.name, "number": item.id},
    )


def post_appeal_received(session: Session, process: DecisionProcess, item: Any, appeal: Any) -> None:
    own = {"page": "decisions.appeal", "page_values": {"kind": process.kind.name, "number": item.id}}
    _post(session, process, item, f"appeal:{appeal.id}:received", "decisions/mail/appeal_received", **own)


def post_appeal_answered(
    session: Session, process: DecisionProcess, item: Any, appeal: Any, decision: DecisionColumns
) -> None:
    """Notify the author of the answer to an appeal, with the reason."""
    own = {"page": "decisions.appeal", "page_values": {"kind": process.kind.name, "number": item.id}}
    _post(
        session,
        process,
        item,
        f"appeal:{appeal.id}:{appeal.outcome}",
        "decisions/mail/appeal_answered",
        outcome=appeal.outcome,
        answer=appeal.answer,
        hidden=[],
        reasons=load_names(session, [decision.reason]),
        **(own if appeal.outcome is AppealOutcome.REJECTED else {}),
    )


def post_report_answered(session: Session, report: ReaderReportColumns, answered: AnsweredReport) -> None:
    """Notify a reader who left an address of the answer to their report."""
    if not report.contact or not report.salt:
        return
    table = type(report).__tablename__  # type: ignore[attr-defined]
    mail.post(
        session,
        key=f"{'report' if table == 'report' else table}-answered:{report.id}",
        to=unseal_address(report.contact, salt=report.salt),
        language=report.language,
        template="decisions/mail/report_answered",
        reference=answered.reference,
        outcome=answered.outcome,
        answer=answered.words,
        page=answered.endpoint,
        page_values=answered.values,
    )


def _post(session: Session, process: DecisionProcess, item: Any, key: str, template: str, **context: Any) -> None:
    """E-mail the author, once for each key, unless the account is deleted."""
    author = session.get_one(Account, item.account_id)
    if author.verified_at is None:
        return
    facts = process.describe(session, item)
    page: dict[str, Any] = {"page": facts.endpoint, "page_values": facts.values}
    mail.post(
        session,
        key=f"{process.kind.name}:{key}",
        to=unseal(author.email_sealed),
        template=template,
        language=author.language,
        kind=process.kind.name,
        number=item.id,
        title=facts.title,
        content_language=facts.language,
        reference=facts.reference,
        process_name=process.name,
        submission=False,
        zone="UTC",
        **(page | context),
    )
