"""E-mails to people whose words led to an action, when it is done and when it is overdue.

Notices are created in the transaction of the event, and each is deleted in the one that creates its e-mail. So repeated
or interrupted tasks send nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.mail import service as mail
from consult.mail.render import letter_language
from consult.mail.service import LetterCopy
from consult.plans.model import PlanAction
from consult.responses.actions.audience import CHUNK, HOUR, PEOPLE_OF_ARGUMENTS, get_story_url
from consult.responses.model import ActionNews, ActionNotice, ActionOccasion, ResponseAction
from consult.submissions.letters import load_addressed
from consult.submissions.model import State, Submission

_NOTICES = text(
    """
    INSERT INTO action_notice (action_id, occasion, recipient, submission_id, argument_id)
    SELECT :action, :occasion, coalesce(c.email_index, a.email_index), max(s.id), min(k.argument_id)
    """
    + PEOPLE_OF_ARGUMENTS
    + " ON CONFLICT DO NOTHING"
)
_ARGUMENTS = text(
    """
    SELECT coalesce(a.merged_into_id, a.id) FROM response_action l JOIN response r ON r.id = l.response_id
    JOIN readable_argument a ON a.id = r.argument_id WHERE l.action_id = :action
    """
)


def begin_news(session: Session, *, at: datetime | None = None) -> int:
    """Create notices about actions that were done or became overdue, and return their number. Safe to repeat."""
    moment, begun = at or now(), 0
    for occasion, happened in (
        (ActionOccasion.DONE, PlanAction.done_at),
        (ActionOccasion.OVERDUE, PlanAction.overdue_at),
    ):
        told = exists().where(
            ActionNews.action_id == PlanAction.id,
            ActionNews.occasion == occasion,
            ActionNews.due_on == PlanAction.due_on,
        )
        linked = exists().where(ResponseAction.action_id == PlanAction.id)
        rows = session.execute(
            select(PlanAction, Consultation.timezone)
            .join(Consultation, Consultation.id == PlanAction.consultation_id)
            .where(happened.is_not(None), linked, ~told)
            .order_by(PlanAction.id)
        ).all()
        for action, zone in rows:
            if moment.astimezone(ZoneInfo(zone)).hour >= HOUR:
                begun += _begin(session, action, occasion, moment)
    return begun


def _begin(session: Session, action: PlanAction, occasion: ActionOccasion, at: datetime) -> int:
    row = insert(ActionNews).values(action_id=action.id, occasion=occasion, due_on=action.due_on, made_at=at)
    if session.scalar(row.on_conflict_do_nothing().returning(ActionNews.action_id)) is None:
        return 0
    arguments = list(session.scalars(_ARGUMENTS, {"action": action.id}))
    session.execute(_NOTICES, {"action": action.id, "occasion": occasion.value, "arguments": arguments})
    return 1


def list_unfinished(session: Session) -> Sequence[tuple[int, ActionOccasion]]:
    """Return actions and occasions with e-mails still to create."""
    rows = session.execute(select(ActionNotice.action_id, ActionNotice.occasion).distinct().order_by(*_KEY))
    return [(row.action_id, row.occasion) for row in rows]


_KEY = ActionNotice.action_id, ActionNotice.occasion


def write_letters(session: Session, action_id: int, occasion: ActionOccasion) -> bool:
    """Create some of the e-mails and return whether more may remain. Notices locked by another worker are skipped."""
    of = ActionNotice.action_id == action_id, ActionNotice.occasion == occasion
    notices = session.scalars(
        select(ActionNotice).where(*of).order_by(ActionNotice.recipient).limit(CHUNK).with_for_update(skip_locked=True)
    ).all()
    if not notices:
        return False
    action = session.get_one(PlanAction, action_id)
    row = session.get_one(Consultation, action.consultation_id)
    key = f"promise:{action_id}:{occasion}:{action.due_on}"
    for language, copies in sorted(_build_copies(session, notices, key).items()):
        mail.post_all(
            session,
            shared_key=key,
            template="responses/mail/promise",
            language=language,
            copies=copies,
            title=row.title,
            body=row.body,
            slug=row.slug,
            action=action,
            occasion=str(occasion),
            content_language=row.language,
        )
    done = [notice.recipient for notice in notices]
    session.execute(delete(ActionNotice).where(*of, ActionNotice.recipient.in_(done)))
    return len(notices) == CHUNK


def _build_copies(session: Session, notices: Sequence[ActionNotice], key: str) -> dict[str, list[LetterCopy]]:
    """Return the e-mails by language, to authors whose submission is published."""
    recipients = {notice.submission_id: notice.recipient for notice in notices}
    copies: dict[str, list[LetterCopy]] = {}
    for submission, address, language in load_addressed(session, recipients, Submission.state == State.PUBLISHED):
        fields = {"story": get_story_url(submission)}
        copy = LetterCopy(f"{key}:{recipients[submission.id].hex()}", address, fields=fields)
        copies.setdefault(letter_language(language), []).append(copy)
    return copies
