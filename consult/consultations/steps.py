"""The smaller steps of setting up: who may take part, names, groups, languages, preview, and an earlier one again."""

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
from consult.consultations import questions, service
from consult.consultations.model import NAMES, Consultation, Phase, Question, TakesPart
from consult.consultations.moments import instant, wall_clock
from consult.core.clock import now
from consult.core.crypto import derived
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import CONTENT_LANGUAGES, _
from consult.core.text import clean, one_line
from consult.documents import queries as documents
from consult.documents import service as drafting
from consult.ledger.model import Kind

GROUPS = 20
_FIXED = ("who", "names")


def settle(session: Session, *, number: int, by: Account, step: str, values: dict[str, Any]) -> Consultation:
    """Writes the answers of one step and marks it as gone through.

    Who may take part and how is fixed once it is published; groups and languages may change, with a line in the ledger.
    """
    row = service.own(session, number, by)
    if row.phase is not Phase.DRAFT and step in _FIXED:
        raise service.AlreadyPublished(_("This is fixed once a consultation is published."))
    for name, value in values.items():
        setattr(row, name, value)
    row.settled = [*(done for done in row.settled if done != step), step]
    if row.phase is not Phase.DRAFT:
        service.record(
            session, Kind.CONSULTATION_CHANGED, row, by=by, at=now(), detail={"changed": sorted(values)}
        )  # fmt: skip
    session.flush()
    return row


def who(*, takes_part: TakesPart, eligible: str) -> dict[str, Any]:
    return {"takes_part": takes_part, "eligible": clean(eligible)}


def names(chosen: Sequence[str]) -> dict[str, Any]:
    """The ways to be named, in their fixed order. At least one must be allowed."""
    allowed = [name for name in NAMES if name in chosen]
    if not allowed:
        raise Refusal(_("Allow at least one way to be named."), field="name_rules")
    return {"name_rules": allowed}


def groups(lines: str) -> dict[str, Any]:
    """Groups to hear, from lines such as `people who use drugs: 20`; without a number the target is one."""
    found = []
    for number, line in enumerate(filter(None, map(one_line, lines.splitlines())), start=1):
        name, _colon, target = line.rpartition(":")
        name, target = (name.strip(), target.strip()) if name else (target.strip(), "1")
        if not (target.isascii() and target.isdigit() and 0 < int(target) < 100_000 and len(name) <= 120):
            said = _("Line %(n)s: write the group, a colon and how many you set out to hear, such as “%(such)s”.",
                     n=number, such=_("people who use drugs: 20"))  # fmt: skip
            raise Refusal(said, field="groups")
        found.append({"name": name, "target": int(target)})
    if len(found) > GROUPS:
        raise Refusal(_("Name at most %(most)s groups.", most=GROUPS), field="groups")
    return {"groups": found}


def languages(chosen: Sequence[str]) -> dict[str, Any]:
    return {"languages": [code for code in CONTENT_LANGUAGES if code in chosen]}


def renew_preview(session: Session, *, number: int, by: Account) -> Consultation:
    """Makes the preview's address anew: whoever has the old one sees nothing any more."""
    row = service.own(session, number, by)
    row.preview = secrets.token_bytes(16)
    session.flush()
    return row


def preview_secret(row: Consultation) -> str | None:
    """The last part of the preview's address; None where there is no preview."""
    return derived("preview", str(row.id), row.preview) if row.preview else None


def previewed(session: Session, *, slug: str, secret: str) -> Consultation:
    """The consultation that this address shows, published or not. Raises NotFound alike for a wrong slug or secret."""
    row = session.scalar(select(Consultation).where(Consultation.slug == slug))
    known = preview_secret(row) if row else None
    if row is None or known is None or not hmac.compare_digest(known.encode(), secret.encode()):
        raise NotFound(_("There is no preview at this address. Its owner may have made a new one."))
    return row


def duplicate(session: Session, *, number: int, by: Account, at: datetime | None = None) -> Consultation:
    """A new consultation like an earlier one: words, draft, questions, rules; as long, from two weeks from now on.

    What was promised and who followed belong to the earlier one. Every step is to be looked at again. Raises
    NoSuchTime where clocks are changed at that hour.
    """
    row, moment = service.own(session, number, by), at or now()
    opens, closes = _in_two_weeks(row, moment)
    terms = replace(
        service.terms_of(row), title=_("%(title)s (copy)", title=row.title[:190]), opens_at=opens, closes_at=closes,
        answer_by=None, late_until=None,
    )  # fmt: skip
    made = service.create(session, owner=by, terms=terms, at=moment)
    for name in ("takes_part", "eligible", "name_rules", "groups", "languages"):
        setattr(made, name, getattr(row, name))
    earlier, own = documents.latest(session, row.document_id), documents.latest(session, made.document_id)
    if earlier is not None and own is not None and earlier.source:
        drafting.replace_text(session, version_id=own.id, text=earlier.source)
    asked = select(Question).where(Question.consultation_id == row.id).order_by(Question.position)
    questions.copy(session, session.scalars(asked).all(), into=made)
    session.flush()
    return made


def _in_two_weeks(row: Consultation, at: datetime) -> tuple[datetime, datetime]:
    """As long as the earlier one, at the same times of day on the clocks of its place."""
    first = wall_clock(row.opens_at, row.timezone)
    days = (wall_clock(at, row.timezone).date() + timedelta(days=14) - first.date()).days
    later = (wall_clock(moment, row.timezone) + timedelta(days=days) for moment in (row.opens_at, row.closes_at))
    opens, closes = (instant(wall, row.timezone) for wall in later)
    return opens, closes
