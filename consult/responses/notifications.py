"""E-mails about answers to the people whose words are in answered arguments, one for all answers since the last.

A round covers a consultation's ledger entries on answers since the previous round. There is at most one a day, in the
morning of the consultation's time zone. Notices are created with their round, and each is deleted with the creation of
its e-mail, so a repeated or interrupted task sends nothing twice. Changed outcomes are sent again, changed reasons are
not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.arguments import pages as arguments
from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.ledger import service as ledger
from consult.ledger.kinds import bind_kinds
from consult.mail import service as mail
from consult.mail.render import letter_language
from consult.mail.service import LetterCopy
from consult.plans.standings import ActionStatus
from consult.responses import answer_queries
from consult.responses.actions import service as actions
from consult.responses.actions.audience import CHUNK, HOUR, PEOPLE_OF_ARGUMENTS, get_story_url
from consult.responses.model import Response, ResponseNotice, ResponseRound
from consult.responses.outcomes import letters as outcome_letters
from consult.submissions.letters import load_addressed
from consult.submissions.model import State, Submission

_DUE = bind_kinds(
    """
    SELECT c.id, c.timezone, coalesce(last.until, 1) AS since, last.day
    FROM readable_consultation c
    LEFT JOIN LATERAL (
        SELECT max(until) AS until, max(day) AS day FROM response_round WHERE consultation_id = c.id
    ) last ON true
    WHERE EXISTS (
        SELECT 1 FROM response r JOIN readable_ledger e ON e.subject_id = r.argument_id
        WHERE r.consultation_id = c.id AND e.kind = ANY(:RESPONSE_KINDS) AND e.number >= coalesce(last.until, 1)
    ) ORDER BY c.id
    """
)
_ANSWERED = bind_kinds(
    """
    SELECT DISTINCT coalesce(a.merged_into_id, a.id)
    FROM response r JOIN readable_ledger e ON e.subject_id = r.argument_id
    JOIN readable_argument a ON a.id = r.argument_id
    WHERE r.consultation_id = :consultation AND e.kind = ANY(:RESPONSE_KINDS)
        AND e.number >= :since AND e.number < :until AND e.detail ->> 'was' IS DISTINCT FROM e.detail ->> 'outcome'
    """
)
_NOTICES = text(
    """
    INSERT INTO response_notice (round_id, recipient, submission_id, arguments)
    SELECT :round, coalesce(c.email_index, a.email_index), max(s.id), jsonb_agg(DISTINCT k.argument_id)
    """
    + PEOPLE_OF_ARGUMENTS
)


@dataclass(frozen=True)
class NotifiedAnswer:
    """An answer in an e-mail. `place` identifies an argument without a name."""

    argument: Argument
    response: Response
    place: str
    leads_to: ActionStatus | None = None


def begin_rounds(session: Session, *, at: datetime | None = None) -> Sequence[int]:
    """Start the rounds that are due this morning, and return their ids. Safe to repeat."""
    moment = at or now()
    made = []
    ledger.number_entries(session)
    for number, zone, since, last in session.execute(_DUE).all():
        here = moment.astimezone(ZoneInfo(zone))
        if here.hour >= HOUR and (last is None or last < here.date()):
            until = ledger.head(session)
            row = insert(ResponseRound).values(
                consultation_id=number, day=here.date(), since=since, until=until, made_at=moment
            )
            added = session.scalar(row.on_conflict_do_nothing().returning(ResponseRound.id))
            if added is not None:
                _notify(session, added, number, since, until)
                made.append(added)
    return made


def _notify(session: Session, round_id: int, consultation_id: int, since: int, until: int) -> None:
    window = {"consultation": consultation_id, "since": since, "until": until}
    rows = session.scalars(_ANSWERED, window).all()
    if rows:
        session.execute(_NOTICES, {"round": round_id, "arguments": list(rows)})
        title = session.get_one(Consultation, consultation_id).title
        outcome_letters.write_letters(session, round_id, title, rows)


def list_unfinished_rounds(session: Session) -> Sequence[int]:
    """Return the rounds with e-mails still to create."""
    return session.scalars(select(ResponseNotice.round_id).distinct().order_by(ResponseNotice.round_id)).all()


def write_letters(session: Session, round_id: int) -> bool:
    """Create some e-mails of a round and return whether more may remain.

    Notices locked by another worker are skipped.
    """
    rows = session.scalars(
        select(ResponseNotice)
        .where(ResponseNotice.round_id == round_id)
        .order_by(ResponseNotice.recipient)
        .limit(CHUNK)
        .with_for_update(skip_locked=True)
    ).all()
    if not rows:
        return False
    row = session.get_one(Consultation, session.get_one(ResponseRound, round_id).consultation_id)
    told = _answers(session, row, {number for notice in rows for number in notice.arguments})
    for (numbers, language), copies in sorted(_copies(session, rows, told).items()):
        said = [told[number] for number in numbers]
        stamp = sha256(",".join(one.response.token for one in said).encode()).hexdigest()[:20]
        mail.post_all(
            session,
            shared_key=f"answers:{round_id}:{stamp}",
            template="responses/mail/answered",
            language=language,
            copies=copies,
            title=row.title,
            body=row.body,
            slug=row.slug,
            content_language=row.language,
            answers=said,
        )
    done = [notice.recipient for notice in rows]
    session.execute(
        delete(ResponseNotice).where(ResponseNotice.round_id == round_id, ResponseNotice.recipient.in_(done))
    )
    return len(rows) == CHUNK


def _copies(
    session: Session, rows: Sequence[ResponseNotice], told: Mapping[int, NotifiedAnswer]
) -> dict[tuple[tuple[int, ...], str], list[LetterCopy]]:
    """Return the e-mails by content and language, without answers that are no longer published."""
    about = [row.submission_id for row in rows]
    found = {one.submission.id: one for one in load_addressed(session, about, Submission.state == State.PUBLISHED)}
    copies: dict[tuple[tuple[int, ...], str], list[LetterCopy]] = {}
    for row in rows:
        numbers = tuple(sorted(number for number in row.arguments if number in told))
        who = found.get(row.submission_id)
        if who and numbers:
            key = f"answers:{row.round_id}:{row.recipient.hex()}"
            copies.setdefault((numbers, letter_language(who.language)), []).append(
                LetterCopy(key, who.address, fields={"story": get_story_url(who.submission)})
            )
    return copies


def _answers(session: Session, row: Consultation, numbers: set[int]) -> dict[int, NotifiedAnswer]:
    by = answer_queries.select_answered(row.id)
    rows = session.execute(
        select(Argument, Response)
        .join(by, by.c.argument_id == Argument.id)
        .join(Response, Response.id == by.c.response_id)
        .where(Argument.id.in_(numbers))
    ).all()
    spots = arguments.load_places(session, row, {argument.place for argument, _response in rows})
    leads = actions.load_by_answer(session, [response.id for _argument, response in rows])
    return {
        argument.id: NotifiedAnswer(
            argument, response, place.name if (place := spots[argument.place].place) else "", leads.get(response.id)
        )
        for argument, response in rows
    }
