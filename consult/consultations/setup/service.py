"""Optional setup steps: participation, name rules, groups, languages, preview, and copying an earlier consultation."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import service
from consult.consultations.datetimes import to_instant, to_wall_clock
from consult.consultations.model import COPIED, NAME_RULES, Consultation, ParticipationRule, Phase, Question
from consult.consultations.questions import service as questions
from consult.consultations.rights import Deed
from consult.core.clock import now
from consult.core.crypto import derive_token
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import CONTENT_LANGUAGES, _
from consult.core.text import clean_text, one_line, read_number
from consult.documents import queries as documents_queries
from consult.documents import service as documents
from consult.ledger.model import Kind

MAX_GROUPS = 20
_FIXED = ("who", "names")


def save_step(session: Session, *, number: int, by: Account, step: str, values: dict[str, Any]) -> Consultation:
    """Store the values of a step and mark it as done.

    Participation rules are fixed after publication. Groups and languages can change, which the ledger records. Raises
    AlreadyPublished.
    """
    row = service.lock_owned(session, number, by)
    if row.phase is not Phase.DRAFT and step in _FIXED:
        raise service.AlreadyPublished(_("You cannot change this after the consultation is published."))
    for name, value in values.items():
        setattr(row, name, value)
    row.settled = [*(done for done in row.settled if done != step), step]
    if row.phase is not Phase.DRAFT:
        service.record_entry(
            session, Kind.CONSULTATION_CHANGED, row, by=by, at=now(), detail={"changed": sorted(values)}
        )
    session.flush()
    return row


def participation_values(*, takes_part: ParticipationRule, eligible: str) -> dict[str, Any]:
    return {"takes_part": takes_part, "eligible": clean_text(eligible)}


def name_rule_values(chosen: Sequence[str]) -> dict[str, Any]:
    """Return the allowed ways to be named in their fixed order. Raises a Refusal if there is none."""
    allowed = [name for name in NAME_RULES if name in chosen]
    if not allowed:
        raise Refusal(_("Allow at least one name option."), field="name_rules")
    return {"name_rules": allowed}


def group_values(lines: str) -> dict[str, Any]:
    """Return target groups from lines such as `people who use drugs: 20`.

    Raises a Refusal for a line without a number.
    """
    values = []
    for number, line in enumerate(filter(None, map(one_line, lines.splitlines())), start=1):
        name, _colon, target = line.rpartition(":")
        name, target = name.strip(), target.strip()
        if not (name and 0 < (read_number(target) or 0) < 100_000 and len(name) <= 120):
            error = _(
                "Line %(n)s: enter the group, a colon and a target number, such as “%(such)s”.",
                n=number,
                such=_("people who use drugs: 20"),
            )
            raise Refusal(error, field="groups")
        values.append({"name": name, "target": int(target)})
    if len(values) > MAX_GROUPS:
        raise Refusal(_("Enter at most %(most)s groups.", most=MAX_GROUPS), field="groups")
    return {"groups": values}


def language_values(chosen: Sequence[str]) -> dict[str, Any]:
    return {"languages": [code for code in CONTENT_LANGUAGES if code in chosen]}


def paper_values(back: str) -> dict[str, Any]:
    """Return where paper forms are handed in, as text with a person and an address."""
    return {"paper_return": clean_text(back)}


def renew_preview(session: Session, *, number: int, by: Account) -> Consultation:
    """Replace the preview link, so that the old one no longer works."""
    row = service.lock_owned(session, number, by, Deed.DRAFT)
    row.preview = secrets.token_bytes(16)
    session.flush()
    return row


def preview_secret(row: Consultation) -> str | None:
    """Return the secret part of the preview link, or None if there is none."""
    return derive_token("preview", str(row.id), row.preview) if row.preview else None


def get_previewed(session: Session, *, slug: str, secret: str) -> Consultation:
    """Return the consultation of a preview link. Raises the same NotFound for a wrong slug or secret."""
    row = session.scalar(select(Consultation).where(Consultation.slug == slug))
    known = preview_secret(row) if row else None
    if row is None or known is None or not hmac.compare_digest(known.encode(), secret.encode()):
        raise NotFound(_("We cannot find this preview. The consultation owner may have made a new one."))
    return row


def duplicate(session: Session, *, number: int, by: Account, at: datetime | None = None) -> Consultation:
    """Create a consultation from an earlier one, of the same length, to open in two weeks.

    Copies the texts, the draft, the questions, and the rules on participation, names and late submissions. Does not
    copy the due date of answers or followers. All copied parts must be reviewed. Raises NoSuchTime
    if clocks change at that hour.
    """
    row, moment = service.lock_owned(session, number, by, Deed.DRAFT), at or now()
    opens, closes, late = _dates_in_two_weeks(row, moment)
    terms = replace(
        service.get_terms(row),
        title=_("%(title)s (copy)", title=row.title[:190]),
        opens_at=opens,
        closes_at=closes,
        answer_by=None,
        late_until=late,
    )
    made = service.create(session, owner=by, terms=terms, at=moment)
    for name in ("takes_part", "eligible", "name_rules", "groups", "languages", "no_identity", "paper_return"):
        setattr(made, name, getattr(row, name))
    earlier, own = (
        documents_queries.get_latest(session, row.document_id),
        documents_queries.get_latest(session, made.document_id),
    )
    if earlier is not None and own is not None and earlier.source:
        documents.replace_text(session, version_id=own.id, text=earlier.source)
    asked = select(Question).where(Question.consultation_id == row.id).order_by(Question.position)
    questions.copy_questions(session, session.scalars(asked).all(), into=made)
    made.settled = [COPIED]
    session.flush()
    return made


def _dates_in_two_weeks(row: Consultation, at: datetime) -> tuple[datetime, datetime, datetime | None]:
    """Return opening, closing and late dates with the same lengths and local times as the earlier consultation."""
    first = to_wall_clock(row.opens_at, row.timezone)
    days = (to_wall_clock(at, row.timezone).date() + timedelta(days=14) - first.date()).days

    def moved(moment: datetime) -> datetime:
        return to_instant(to_wall_clock(moment, row.timezone) + timedelta(days=days), row.timezone)

    return moved(row.opens_at), moved(row.closes_at), moved(row.late_until) if row.late_until else None
