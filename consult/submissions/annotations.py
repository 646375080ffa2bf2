"""Published comments as W3C Web Annotations, in pages of a collection.

Source: W3C Web Annotation Data Model and Web Annotation Vocabulary, recommendations of 23 February 2017.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from consult.submissions import lists, queries
from consult.submissions.lists import Voice
from consult.submissions.model import SubmitterKind
from consult.submissions.places import Place

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
MEDIA_TYPE = f'application/ld+json; profile="{CONTEXT}"'
_FIRST = "first"
"""Stands for the first page where the cursor of a page is asked for."""
_AGENTS = {SubmitterKind.ORGANISATION: "Organization", SubmitterKind.PERSON: "Person", SubmitterKind.UNNAMED: "Person"}


@dataclass(frozen=True)
class Addresses:
    """How things are reached from outside: each gives a whole URL."""

    collection: Callable[[str | None], str]  # with the cursor of a page: that page
    annotation: Callable[[int], str]
    place: Callable[[Place], str]
    submission: Callable[[str], str]


def annotation(voice: Voice, place: Place, at: Addresses) -> dict[str, Any]:
    """One comment: its words, its kind, who said it, and the words of the draft that it was made on, where they stood.

    Times are given to the hour, as everywhere in public.
    """
    bodies: list[dict[str, Any]] = [{
        "type": "TextualBody", "purpose": "commenting", "value": voice.body, "language": voice.language,
        "format": "text/plain",
    }]  # fmt: skip
    if voice.stance:
        bodies.append({"type": "TextualBody", "purpose": "tagging", "value": str(voice.stance)})
    creator = {"type": _AGENTS[voice.kind], **({"name": voice.name} if voice.name else {})}
    return {
        "id": at.annotation(voice.id), "type": "Annotation", "motivation": "commenting", "created": _hour(voice),
        "creator": creator, "body": bodies, "target": _target(voice, place, at),
        "via": at.submission(voice.reference),
    }  # fmt: skip


def collection(label: str, total: int, at: Addresses, *, first: str) -> dict[str, Any]:
    """All published comments on the words of one draft; the comments are in its pages."""
    return {
        "@context": CONTEXT, "id": at.collection(None), "type": "AnnotationCollection", "label": label, "total": total,
        "first": at.collection(first),
    }  # fmt: skip


def page(
    voices: Iterable[Voice],
    places: Mapping[int, Place],
    at: Addresses,
    *,
    this: str,
    following: str | None,
) -> dict[str, Any]:
    """One page of the collection, newest first."""
    items = [annotation(voice, places[voice.provision_id or 0], at) for voice in voices if voice.provision_id in places]
    return {
        "@context": CONTEXT, "id": at.collection(this), "type": "AnnotationPage", "partOf": at.collection(None),
        **({"next": at.collection(following)} if following else {}), "items": items,
    }  # fmt: skip


def pages(session: Session, slug: str, cursor: str | None, at: Addresses) -> dict[str, Any]:
    """The published comments on the words of a draft as a W3C annotation collection, or one page of it."""
    row = lists.consultation(session, slug)
    if not cursor:
        total = queries.counts(session, row.id).comments
        return collection(row.title, total, at, first=_FIRST)
    found = lists.on_provisions(session, row.id, after=None if cursor == _FIRST else cursor)
    items = [_as_made(voice) for voice in found.items]
    wanted = {voice.provision_id for voice in items if voice.provision_id}
    places = lists.places_of(session, row.version_id or 0, wanted)
    return page(items, places, at, this=cursor, following=found.next_cursor)


def one(session: Session, slug: str, comment_id: int, at: Addresses) -> dict[str, Any]:
    """One published comment as a W3C annotation. Raises NotFound."""
    row = lists.consultation(session, slug)
    voice = _as_made(lists.voice(session, row.id, comment_id))
    places = lists.places_of(session, row.version_id or 0, {voice.provision_id or 0})
    return {"@context": CONTEXT, **annotation(voice, places[voice.provision_id or 0], at)}


def _as_made(voice: Voice) -> Voice:
    """On the words that its author chose, where a later version has others for them."""
    if voice.made is None or voice.anchor is None or voice.quote == voice.anchor.exact:
        return voice
    return replace(voice, provision_id=voice.made.was, anchor=voice.made.anchor)


def _target(voice: Voice, place: Place, at: Addresses) -> dict[str, Any]:
    target: dict[str, Any] = {"type": "SpecificResource", "source": at.place(place)}
    if (words := voice.anchor) is not None:
        quote = {"exact": words.exact, "prefix": words.prefix, "suffix": words.suffix}
        target["selector"] = [
            {"type": "TextQuoteSelector", **quote},
            {"type": "TextPositionSelector", "start": words.start, "end": words.end},
        ]
    return target


def _hour(voice: Voice) -> str:
    hour: datetime = voice.received_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return hour.isoformat().replace("+00:00", "Z")
