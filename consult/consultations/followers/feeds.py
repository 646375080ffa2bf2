"""Feeds of a consultation: its events as Atom, its dates as iCalendar.

Sources: RFC 4287 (Atom), RFC 5545 (iCalendar), RFC 7986 (names of calendars).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation, Phase
from consult.core.i18n import N_, NP_, _
from consult.core.lazy import LazyModule
from consult.core.web.addresses import public_url
from consult.core.web.requests import settings
from consult.core.web.template_filters import format_moment
from consult.documents import tags
from consult.documents.model import Version
from consult.ledger.model import Kind, LedgerEntry

MAX_ITEMS = 100
_icalendar: Any = LazyModule("icalendar")
EVENT_LABELS = {
    Kind.CONSULTATION_PUBLISHED: N_("Announced"),
    Kind.CONSULTATION_OPENED: N_("Opened"),
    Kind.CONSULTATION_CHANGED: N_("Changed"),
    Kind.CONSULTATION_EXTENDED: N_("Extended"),
    Kind.CONSULTATION_CLOSED: NP_("consultation", "Closed"),
    # Translators: of a consultation, as the next: a wrong clock of this site had said that it was closed, or open.
    Kind.CONSULTATION_REOPENED: N_("Open (our system time was wrong)"),
    Kind.CONSULTATION_OPENING_UNDONE: N_("Not open yet (our system time was wrong)"),
    Kind.DRAFT_PUBLISHED: N_("Draft published"),
    Kind.RESPONSE_GIVEN: N_("Official answer given"),
    Kind.RESPONSE_AMENDED: N_("Official answer changed"),
    Kind.DIGEST_COMPILED: N_("Digest sent to policymakers"),
}
_PAGES = {
    Kind.RESPONSE_GIVEN: "responses.answers",
    Kind.RESPONSE_AMENDED: "responses.answers",
    Kind.DIGEST_COMPILED: "digests.heard",
    Kind.DRAFT_PUBLISHED: "submissions.reading",
}
"""The page that shows more of an event, if it is not the consultation's front page."""


_OF_PARTS = (Kind.RESPONSE_GIVEN, Kind.RESPONSE_AMENDED, Kind.DIGEST_COMPILED)
"""Events whose subject is an argument or a digest of the consultation."""


@dataclass(frozen=True)
class FeedItem:
    """An entry of an Atom feed. The title is in `language`, the words too or in `words_language`."""

    id: str
    title: str
    url: str
    at: datetime
    words: str
    language: str
    words_language: str = ""


def list_newest(session: Session, *, at: datetime) -> list[FeedItem]:
    """Return the site's consultations, newest first, each with its last event."""
    rows = session.scalars(
        select(Consultation).where(Consultation.phase != Phase.DRAFT).order_by(Consultation.id.desc()).limit(MAX_ITEMS)
    )
    return sorted((_consultation_item(row, at) for row in rows), key=lambda item: item.at, reverse=True)


def _consultation_item(row: Consultation, at: datetime) -> FeedItem:
    passed = [moment for moment in (row.created_at, row.opens_at, row.closes_at) if moment <= at]
    words = f"{row.summary}\n{_('Closes')}: {format_moment(row.closes_at, row.timezone)}"
    return FeedItem(make_tag_uri(f"consultation-{row.id}"), row.title, _url(row), max(passed), words, row.language)


def list_events(session: Session, row: Consultation) -> list[FeedItem]:
    """Return the events of one consultation, the versions of its draft, answers and digests, newest first."""
    versions = select(Version.id).where(Version.document_id == row.document_id)
    events = [kind for kind in EVENT_LABELS if kind not in (Kind.DRAFT_PUBLISHED, *_OF_PARTS)]
    rows = session.scalars(
        select(LedgerEntry)
        .where(
            or_(
                (LedgerEntry.subject_id == row.id) & LedgerEntry.kind.in_(events),
                (LedgerEntry.consultation_id == row.id) & LedgerEntry.kind.in_(_OF_PARTS),
                LedgerEntry.subject_id.in_(versions) & (LedgerEntry.kind == Kind.DRAFT_PUBLISHED),
            )
        )
        .order_by(LedgerEntry.id.desc())
        .limit(MAX_ITEMS)
    )
    return [
        FeedItem(
            make_tag_uri(f"ledger-{entry.id}"),
            f"{EVENT_LABELS[Kind(entry.kind)]}: {row.title}",
            find_event_page(Kind(entry.kind), row.slug),
            entry.at,
            str(entry.detail.get("reason") or row.summary),
            row.language,
        )
        for entry in rows
    ]


def find_event_page(kind: Kind, slug: str) -> str:
    """Return the address of the page that shows an event of a consultation."""
    return public_url(_PAGES.get(kind, "site.consultation"), slug=slug)


def list_upcoming(
    session: Session, *, at: datetime, topic: int | None = None, country: str = "", body: str = ""
) -> Sequence[Consultation]:
    """Return consultations that have not closed, by closing time, optionally filtered by topic, country or body."""
    wanted = select(Consultation).where(Consultation.phase != Phase.DRAFT, Consultation.closes_at > at)
    if topic is not None:
        wanted = wanted.where(Consultation.document_id.in_(tags.select_documents(topic)))
    if country:
        wanted = wanted.where(Consultation.countries.contains([country.upper()]))
    if body:
        wanted = wanted.where(func.lower(Consultation.body) == body.lower())
    return session.scalars(wanted.order_by(Consultation.closes_at, Consultation.id).limit(MAX_ITEMS)).all()


def build_calendar(rows: Iterable[Consultation], *, name: str, at: datetime) -> bytes:
    """Return an iCalendar file of closing times, as half hours that end then, and of due dates of answers."""
    made = _icalendar.Calendar()
    for key, value in {"prodid": "-//Consult//EN", "version": "2.0", "method": "PUBLISH", "x-wr-calname": name}.items():
        made.add(key, value)
    for row in rows:
        made.add_component(_event(row, "closes", _("Closes: %(title)s", title=row.title), at, closes=True))
        if row.answer_by:
            promised = _("Answers due: %(title)s", title=row.title)
            made.add_component(_event(row, "answers", promised, at, closes=False))
    return bytes(made.to_ical())


def _event(row: Consultation, what: str, title: str, at: datetime, *, closes: bool) -> Any:
    event = _icalendar.Event()
    event.add("uid", f"{what}-{row.id}@{settings().host}")
    event.add("dtstamp", at)
    event.add("sequence", row.revision)
    event.add("summary", title)
    event.add("url", _url(row))
    if closes:
        event.add("dtstart", row.closes_at - timedelta(minutes=30))
        event.add("dtend", row.closes_at)
        event.add("description", f"{row.summary}\n{format_moment(row.closes_at, row.timezone)}\n{_url(row)}")
    elif row.answer_by:
        event.add("dtstart", row.answer_by)
    return event


def _url(row: Consultation) -> str:
    return f"{public_url('site.home')}c/{row.slug}"


def make_tag_uri(of: str) -> str:
    """Return the permanent id of an entry."""
    return f"tag:{settings().host},2026:{of}"
