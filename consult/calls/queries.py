"""Queries for calls: the public page, the organisation's pages, moderators and digests.

Numbers are shown from five submissions on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.analysis.campaigns import public_queries as campaigns
from consult.analysis.campaigns.queries import CampaignOverview
from consult.analysis.kinds import TextKind
from consult.calls.model import LEAST_TOLD, CallVoice, CommentCall
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _, current_language
from consult.documents.model import Provision
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import Comment, State, Submission

_WORDS = 100
"""The number of published comments shown to the organisation."""
_COUNTS = text(
    """
    SELECT v.call_id, count(*) AS received, count(*) FILTER (WHERE c.state = 'published') AS published,
        count(*) FILTER (WHERE c.state = 'published' AND g.kind = :own AND g.received = 1) AS own
    FROM call_voice v LEFT JOIN readable_analysis_counted c ON c.submission_id = v.submission_id
    LEFT JOIN readable_text_group g ON g.consultation_id = c.consultation_id AND g.text_hash = c.text_hash
    WHERE v.call_id = ANY(:calls) GROUP BY v.call_id
    """
).bindparams(bindparam("own", TextKind.INDIVIDUAL.value))
"""Counts as of the analysis, so that a call's numbers match the others of its consultation."""


@dataclass(frozen=True)
class CallCounts:
    """The number of submissions through a call, of published ones, and of those with a text nobody else sent."""

    received: int = 0
    published: int = 0
    own: int = 0

    @property
    def is_told(self) -> bool:
        """Return True if there are enough published submissions to show numbers."""
        return self.published >= LEAST_TOLD

    @property
    def copied(self) -> int:
        return self.published - self.own


@dataclass(frozen=True)
class CalledPlace:
    """A part of the draft that a call asks about, with its prompts in the reader's language."""

    node: ProvisionNode
    prompts: Sequence[str]


@dataclass(frozen=True)
class CallPage:
    """A call as shown: organisation, consultation, parts of the draft and counts."""

    call: CommentCall
    organisation: Organisation
    consultation: Consultation
    language: str
    why: str
    places: Sequence[CalledPlace]
    counts: CallCounts = field(default_factory=CallCounts)
    own_text: str | None = None  # reference of the organisation's own published submission

    def is_running(self, at: datetime) -> bool:
        """Return True if the call is open and the consultation accepts submissions."""
        return self.call.is_running(at) and self.consultation.takes(at)


def get_public(session: Session, slug: str, *, by_member: int | None = None) -> CallPage:
    """Return the call with this slug, also a closed one. Raises NotFound until it is opened.

    Members of the organisation `by_member` see it before.
    """
    row = session.scalar(select(CommentCall).where(CommentCall.slug == slug))
    if row is None or (row.opened_at is None and row.organisation_id != by_member):
        raise NotFound(_("We cannot find this call for comments. Check the link."))
    return get_page(session, row)


def get_page(session: Session, row: CommentCall) -> CallPage:
    """Return a call with its parts of the current draft. Parts removed from the draft are left out."""
    consultation = session.get_one(Consultation, row.consultation_id)
    organisation = session.get_one(Organisation, row.organisation_id)
    tree = comments_queries.get_provision_tree(session, consultation.version_id or 0)
    nodes = {node.wid: node for node in tree.by_id.values()}
    language = next((code for code in (current_language(), row.language) if code in row.texts), row.language)
    texts = row.texts.get(language, {})
    prompts: Mapping[str, Sequence[str]] = texts.get("prompts", {})
    first: Mapping[str, Sequence[str]] = row.texts.get(row.language, {}).get("prompts", {})
    places = [CalledPlace(nodes[wid], prompts.get(wid) or first.get(wid) or ()) for wid in row.places if wid in nodes]
    counts = count_voices(session, [row.id]).get(row.id, CallCounts())
    own_text = session.scalar(
        select(Submission.reference)
        .where(
            Submission.organisation_id == organisation.id,
            Submission.consultation_id == consultation.id,
            Submission.state == State.PUBLISHED,
        )
        .order_by(Submission.id.desc())
        .limit(1)
    )
    return CallPage(row, organisation, consultation, language, texts.get("why", ""), places, counts, own_text)


def get_consultation(session: Session, row: CommentCall) -> Consultation:
    return session.get_one(Consultation, row.consultation_id)


def count_voices(session: Session, call_ids: Sequence[int]) -> dict[int, CallCounts]:
    """Return the counts of calls by ID, with one query."""
    if not call_ids:
        return {}
    rows = session.execute(_COUNTS, {"calls": list(call_ids)})
    return {row.call_id: CallCounts(row.received, row.published, row.own) for row in rows}


@dataclass(frozen=True)
class ListedCall:
    """A call in a list."""

    call: CommentCall
    consultation: Consultation
    organisation: Organisation
    counts: CallCounts


def list_by_organisation(session: Session, organisation_id: int) -> list[ListedCall]:
    """Return the calls of an organisation, newest first, with two queries."""
    return _list(session, CommentCall.organisation_id == organisation_id)


def list_running(session: Session) -> list[ListedCall]:
    """Return open calls of all consultations for moderators, with two queries."""
    return _list(
        session, CommentCall.opened_at.is_not(None), CommentCall.closed_at.is_(None), CommentCall.ends_at > now()
    )


def list_letters(session: Session, row: CommentCall, *, by: Account) -> list[CampaignOverview]:
    """Return the letters that a person may link to a call: their own in the consultation, and the linked one."""
    mine = campaigns.list_declared_by(session, row.consultation_id, by.id)
    if row.campaign_id is None or row.campaign_id in {letter.id for letter in mine}:
        return mine
    return [*campaigns.get_declared(session, row.campaign_id), *mine]


def list_by_letter(session: Session, campaign_id: int) -> list[ListedCall]:
    """Return the opened calls linked to a campaign, newest first, with two queries."""
    return _list(session, CommentCall.opened_at.is_not(None), CommentCall.campaign_id == campaign_id)


def list_opened(session: Session, consultation_id: int) -> list[ListedCall]:
    """Return the opened calls of a consultation, newest first, with two queries."""
    return _list(session, CommentCall.opened_at.is_not(None), CommentCall.consultation_id == consultation_id)


def _list(session: Session, *where: object) -> list[ListedCall]:
    rows = session.execute(
        select(CommentCall, Consultation, Organisation)
        .join(Consultation, Consultation.id == CommentCall.consultation_id)
        .join(Organisation, Organisation.id == CommentCall.organisation_id)
        .where(*where)  # type: ignore[arg-type]
        .order_by(CommentCall.id.desc())
        .limit(100)
    ).all()
    counts = count_voices(session, [row[0].id for row in rows])
    return [ListedCall(*row, counts.get(row[0].id, CallCounts())) for row in rows]


def list_open_consultations(session: Session) -> Sequence[Consultation]:
    """Return the consultations that a call can be about: published and not closed."""
    return session.scalars(
        select(Consultation)
        .where(Consultation.phase != Phase.DRAFT, Consultation.closes_at > now())
        .order_by(Consultation.closes_at, Consultation.id)
        .limit(100)
    ).all()


def list_words(session: Session, call_id: int) -> list[tuple[str, Comment]]:
    """Return published comments through a call, newest first, each with the provision's number, without authors.

    Returns nothing for fewer than five published submissions, because the reader may know who was asked.
    """
    if not count_voices(session, [call_id]).get(call_id, CallCounts()).is_told:
        return []
    rows = session.execute(
        select(Provision.number, Comment)
        .join(CallVoice, CallVoice.submission_id == Comment.submission_id)
        .outerjoin(Provision, Provision.id == Comment.provision_id)
        .where(CallVoice.call_id == call_id, Comment.shown, Comment.question_id.is_(None))
        .order_by(Comment.id.desc())
        .limit(_WORDS)
    )
    return [(number or "", comment) for number, comment in rows]
