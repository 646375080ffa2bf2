"""Published comments as W3C Web Annotations, in pages of a collection.

Source: W3C Web Annotation Data Model and Web Annotation Vocabulary, recommendations of 23 February 2017.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from consult.submissions import queries
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments import queries as comments_queries
from consult.submissions.comments.published import PublishedComment
from consult.submissions.model import SubmitterKind

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
MEDIA_TYPE = f'application/ld+json; profile="{CONTEXT}"'
_FIRST = "first"
"""Cursor of the first page."""
_AGENTS = {SubmitterKind.ORGANISATION: "Organization", SubmitterKind.PERSON: "Person", SubmitterKind.UNNAMED: "Person"}


@dataclass(frozen=True)
class AnnotationUrls:
    """Functions that return absolute URLs."""

    collection: Callable[[str | None], str]  # of the collection, or of a page with its cursor
    annotation: Callable[[int], str]
    place: Callable[[ProvisionNode], str]
    submission: Callable[[str], str]


def build_annotation(voice: PublishedComment, place: ProvisionNode, at: AnnotationUrls) -> dict[str, Any]:
    """Return a comment as an annotation: text, type, author and the commented words at their original place.

    Times are given to the hour, as everywhere in public.
    """
    bodies: list[dict[str, Any]] = [
        {
            "type": "TextualBody",
            "purpose": "commenting",
            "value": voice.body,
            "language": voice.language,
            "format": "text/plain",
        }
    ]
    if kind := voice.counted_as:
        bodies.append({"type": "TextualBody", "purpose": "tagging", "value": str(kind)})
    bodies += _proposal(voice, at)
    creator = {"type": _AGENTS[voice.kind], **({"name": voice.name} if voice.name else {})}
    return {
        "id": at.annotation(voice.id),
        "type": "Annotation",
        "motivation": "commenting",
        "created": _hour(voice),
        "creator": creator,
        "body": bodies,
        "target": _target(voice, place, at),
        "via": at.submission(voice.reference),
    }


def _proposal(voice: PublishedComment, at: AnnotationUrls) -> list[dict[str, Any]]:
    """Return the suggested wording, empty for a deletion, or the supported one as annotation bodies."""
    if voice.proposes:
        return [{"type": "TextualBody", "purpose": "editing", "value": voice.proposed, "format": "text/plain"}]
    if voice.agrees_with:
        return [{"type": "SpecificResource", "purpose": "linking", "source": at.annotation(voice.agrees_with)}]
    return []


def build_collection(label: str, total: int, at: AnnotationUrls, *, first: str) -> dict[str, Any]:
    """Return the collection of all published comments on a draft. The comments are in its pages."""
    return {
        "@context": CONTEXT,
        "id": at.collection(None),
        "type": "AnnotationCollection",
        "label": label,
        "total": total,
        "first": at.collection(first),
    }


def build_page(
    voices: Iterable[PublishedComment],
    places: Mapping[int, ProvisionNode],
    at: AnnotationUrls,
    *,
    this: str,
    following: str | None,
) -> dict[str, Any]:
    """Return a page of the collection, newest first."""
    items = [
        build_annotation(voice, places[voice.provision_id or 0], at) for voice in voices if voice.provision_id in places
    ]
    return {
        "@context": CONTEXT,
        "id": at.collection(this),
        "type": "AnnotationPage",
        "partOf": at.collection(None),
        **({"next": at.collection(following)} if following else {}),
        "items": items,
    }


def get_collection(session: Session, slug: str, cursor: str | None, at: AnnotationUrls) -> dict[str, Any]:
    """Return the published comments on a draft as a W3C annotation collection, or one page of it."""
    row = comments_queries.get_consultation(session, slug)
    if not cursor:
        total = queries.get_counts(session, row.id).comments
        return build_collection(row.title, total, at, first=_FIRST)
    draft = comments_queries.list_on_draft(session, row.id, after=None if cursor == _FIRST else cursor)
    items = [_as_made(voice) for voice in draft.items]
    wanted = {voice.provision_id for voice in items if voice.provision_id}
    places = comments_queries.get_provisions(session, row.version_id or 0, wanted)
    return build_page(items, places, at, this=cursor, following=draft.next_cursor)


def get_annotation(session: Session, slug: str, comment_id: int, at: AnnotationUrls) -> dict[str, Any]:
    """Return a published comment as a W3C annotation. Raises NotFound."""
    row = comments_queries.get_consultation(session, slug)
    voice = _as_made(comments_queries.get_published_comment(session, row.id, comment_id))
    places = comments_queries.get_provisions(session, row.version_id or 0, {voice.provision_id or 0})
    return {"@context": CONTEXT, **build_annotation(voice, places[voice.provision_id or 0], at)}


def _as_made(voice: PublishedComment) -> PublishedComment:
    """Return the comment at the words selected by its author, if a later version changed them."""
    if voice.original is None or voice.anchor is None or voice.quote == voice.anchor.exact:
        return voice
    return replace(voice, provision_id=voice.original.was, anchor=voice.original.anchor)


def _target(voice: PublishedComment, place: ProvisionNode, at: AnnotationUrls) -> dict[str, Any]:
    target: dict[str, Any] = {"type": "SpecificResource", "source": at.place(place)}
    if (words := voice.anchor) is not None:
        quote = {"exact": words.exact, "prefix": words.prefix, "suffix": words.suffix}
        target["selector"] = [
            {"type": "TextQuoteSelector", **quote},
            {"type": "TextPositionSelector", "start": words.start, "end": words.end},
        ]
    return target


def _hour(voice: PublishedComment) -> str:
    hour: datetime = voice.received_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return hour.isoformat().replace("+00:00", "Z")
