"""What others have said already, beside what somebody is about to send: on a page that knows nothing of campaigns.

Only what is published is counted: a page that anybody can open must not tell whether some words wait for review.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from consult.analysis import campaign_queries
from consult.analysis.kinds import COPIES, Kind
from consult.analysis.model import Campaign, Counted, TextGroup
from consult.core.db import db
from consult.core.later import Later
from consult.core.text import fingerprint, normalise
from consult.submissions.model import CoSignature, NameRule, State, Submission
from consult.submissions.pages import Responding

_LEAST = 10
"""Words of a text that can be told from what anybody might write."""
_OFFERED = 3
alike = Later("consult.analysis.alike")  # needed only where there are letters; with it comes numpy


@dataclass(frozen=True)
class Signable:
    """An organisation's published submission that says the same. `asked`: the writer's has signed it, or asks to."""

    reference: str
    name: str
    asked: bool


@dataclass(frozen=True)
class Alike:
    """How many `others` have published the same text, or copies of the same letter."""

    others: int
    same: bool  # it is the letter, or that text, word for word; else nearly
    campaign_id: int | None = None
    letter: str = ""  # what the campaign is called
    reference: str = ""  # one of the others, where there is no campaign
    signable: Sequence[Signable] = ()


def said_alike(session: Session, page: Responding, signs_for: int | None = None) -> Alike | None:
    """What others say that is (nearly) what is written here; None where nobody does, or it is but a few words.

    `signs_for` is the organisation the writer may sign for: it is offered what other organisations have sent.
    """
    said = "\n".join(page.bodies)
    if len(normalise(said).split()) < _LEAST:
        return None
    consultation_id, key = page.frame.consultation.id, fingerprint(said)
    text = session.execute(
        select(TextGroup.published, TextGroup.kind, TextGroup.campaign_id, Submission.reference)
        .outerjoin(Submission, and_(Submission.id == TextGroup.sample_id, Submission.state == State.PUBLISHED))
        .where(TextGroup.consultation_id == consultation_id, TextGroup.text_hash == key)
    ).first()
    campaign = _campaign(session, consultation_id, said, text)
    same_text: ColumnElement[bool]
    if campaign is not None:
        title = campaign_queries.letters(session, [campaign], published=True)[0].title
        found = Alike(campaign.published, bool(text and text.kind is Kind.EXACT), campaign.id, title)
        same_text = TextGroup.campaign_id == campaign.id
    elif text is not None:
        found = Alike(text.published, True, reference=text.reference or "")
        same_text = TextGroup.text_hash == key
    else:
        return None
    same_text &= TextGroup.consultation_id == consultation_id
    found = replace(found, others=found.others - _own(session, page.frame.writing.amends, same_text))
    if found.others < 1:
        return None
    return replace(found, signable=_signable(session, consultation_id, same_text, signs_for)) if signs_for else found


def _campaign(session: Session, consultation_id: int, said: str, text: Any) -> Campaign | None:
    """The campaign of these words, where the public may read of it; found by the engine where no text is the same."""
    if text is not None and text.campaign_id is not None:
        row = session.get_one(Campaign, text.campaign_id)
        return row if row.published >= COPIES else None
    public = exists().where(Campaign.consultation_id == consultation_id, Campaign.published >= COPIES)
    if not session.scalar(select(public)):
        return None
    found: Campaign | None = alike.campaign_of(session, consultation_id, said)
    return found


def _counted(same_text: ColumnElement[bool]) -> Any:
    same = (TextGroup.consultation_id == Counted.consultation_id) & (TextGroup.text_hash == Counted.text_hash)
    return select(Counted.submission_id).join(TextGroup, same).where(same_text, Counted.state == State.PUBLISHED)


def _own(session: Session, submission_id: int | None, same_text: ColumnElement[bool]) -> int:
    """1 where what is being changed is itself counted among them."""
    if submission_id is None:
        return 0
    mine = _counted(same_text).where(Counted.submission_id == submission_id).subquery()
    return session.scalar(select(func.count()).select_from(mine)) or 0


def _signable(
    session: Session, consultation_id: int, same_text: ColumnElement[bool], signs_for: int
) -> list[Signable]:  # fmt: skip
    """What other organisations have sent that says the same, the first first."""
    asked = exists().where(CoSignature.submission_id == Submission.id, CoSignature.organisation_id == signs_for)
    rows = session.execute(
        select(Submission.reference, Submission.organisation_name, asked)
        .where(
            Submission.consultation_id == consultation_id, Submission.state == State.PUBLISHED,
            Submission.name_rule == NameRule.ORGANISATION, Submission.organisation_id.is_not(None),
            Submission.organisation_id != signs_for, Submission.id.in_(_counted(same_text)),
        )
        .order_by(Submission.id)
        .limit(_OFFERED)
    )  # fmt: skip
    return [Signable(reference, name or "", is_asked) for reference, name, is_asked in rows]


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(said_alike=lambda page, signs_for=None: said_alike(db.session(), page, signs_for))
