"""Hint on the check page that others have published the same text.

Only published submissions count: a page that anyone can open must not reveal texts that await review.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from consult.analysis import jobs
from consult.analysis.campaigns import queries as campaigns_queries
from consult.analysis.kinds import MIN_COPIES, TextKind
from consult.analysis.model import Campaign, CountedSubmission, TextGroup
from consult.core import slots
from consult.core.text import fingerprint, normalise
from consult.submissions.model import CoSignature, NameRule, State, Submission
from consult.submissions.pages.queries import DraftPage
from consult.submissions.pages.slots import CheckHints

_LEAST = 10
"""The minimum number of words. Shorter texts may coincide by chance."""
_OFFERED = 3


@dataclass(frozen=True)
class SignableSubmission:
    """An organisation's published submission with the same text.

    `asked` is True if the author's organisation has co-signed it or asked to.
    """

    reference: str
    name: str
    asked: bool


@dataclass(frozen=True)
class SimilarSubmissions:
    """Published submissions with the same text as a draft, or of the same campaign.

    The submission that the draft changes is not counted.
    """

    others: int
    same: bool  # identical with the letter or text, not only similar
    campaign_id: int | None = None
    letter: str = ""  # name of the campaign
    reference: str = ""  # one of the other submissions, if there is no campaign
    signable: Sequence[SignableSubmission] = ()


def find_similar(session: Session, page: DraftPage, signs_for: int | None = None) -> SimilarSubmissions | None:
    """Return published submissions with the same text as this draft, or the same letter.

    None if there are none or the text is very short. `signs_for` is the ID of the organisation that the author may sign
    for. Submissions of other organisations are then offered for co-signing.
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
    campaign = _find_campaign(session, consultation_id, said, text)
    same_text: ColumnElement[bool]
    if campaign is not None:
        title = campaigns_queries.summarise_campaigns(session, [campaign], published=True)[0].title
        found = SimilarSubmissions(campaign.published, bool(text and text.kind is TextKind.EXACT), campaign.id, title)
        same_text = TextGroup.campaign_id == campaign.id
    elif text is not None:
        found = SimilarSubmissions(text.published, True, reference=text.reference or "")
        same_text = TextGroup.text_hash == key
    else:
        return None
    same_text &= TextGroup.consultation_id == consultation_id
    found = replace(found, others=found.others - _count_own(session, page.frame.writing.amends, same_text))
    if found.others < 1:
        return None
    return (
        replace(found, signable=_list_signable(session, consultation_id, same_text, signs_for)) if signs_for else found
    )


def _find_campaign(session: Session, consultation_id: int, said: str, text: Any) -> Campaign | None:
    """Return the public campaign of this text. If no identical text is known, match it with letters."""
    if text is not None and text.campaign_id is not None:
        row = session.get_one(Campaign, text.campaign_id)
        return row if row.published >= MIN_COPIES else None
    public = exists().where(Campaign.consultation_id == consultation_id, Campaign.published >= MIN_COPIES)
    if not session.scalar(select(public)):
        return None
    return jobs.find_campaign(session, consultation_id, said)


def _select_same_text(same_text: ColumnElement[bool]) -> Any:
    same = (TextGroup.consultation_id == CountedSubmission.consultation_id) & (
        TextGroup.text_hash == CountedSubmission.text_hash
    )
    return (
        select(CountedSubmission.submission_id)
        .join(TextGroup, same)
        .where(same_text, CountedSubmission.state == State.PUBLISHED)
    )


def _count_own(session: Session, submission_id: int | None, same_text: ColumnElement[bool]) -> int:
    """Return 1 if the submission being changed is itself among the counted ones, else 0."""
    if submission_id is None:
        return 0
    mine = _select_same_text(same_text).where(CountedSubmission.submission_id == submission_id).subquery()
    return session.scalar(select(func.count()).select_from(mine)) or 0


def _list_signable(
    session: Session, consultation_id: int, same_text: ColumnElement[bool], signs_for: int
) -> list[SignableSubmission]:
    """Return identical submissions of other organisations, oldest first."""
    asked = exists().where(CoSignature.submission_id == Submission.id, CoSignature.organisation_id == signs_for)
    rows = session.execute(
        select(Submission.reference, Submission.organisation_name, asked)
        .where(
            Submission.consultation_id == consultation_id,
            Submission.state == State.PUBLISHED,
            Submission.name_rule == NameRule.ORGANISATION,
            Submission.organisation_id.is_not(None),
            Submission.organisation_id != signs_for,
            Submission.id.in_(_select_same_text(same_text)),
        )
        .order_by(Submission.id)
        .limit(_OFFERED)
    )
    return [SignableSubmission(reference, name or "", is_asked) for reference, name, is_asked in rows]


def _fill_check_page(session: Session, given: CheckHints) -> SimilarSubmissions | None:
    return find_similar(session, given.page, given.signs_for)


def init_app(app: Flask) -> None:
    slots.fill(app, CheckHints, _fill_check_page, "analysis/similar.html")
