"""The digest's section on topics: parts of the draft with the topic, and their comments.

Pure functions. A submission counts once for each part of the draft with the topic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from consult.digests.content.rows import CountedPlace, PlaceRow, TopicRow
from consult.documents.tags import DocumentTopic


def build_rows(topics: Sequence[DocumentTopic], places: Sequence[CountedPlace]) -> tuple[TopicRow, ...]:
    """Return the topics with comments, most distinct new texts first.

    >>> place = CountedPlace(
    ...     key="a", kind="provision", number="1", address="1", words="", position=0, submissions=7, texts=4,
    ...     stances={"concern": 7}, quotes=(),
    ... )
    >>> [row] = build_rows([DocumentTopic("rights", "health", {"en": "Right to health"}, ["a", "b"], True)], [place])
    >>> row.name, row.comments, row.new, row.keys, row.stances
    ('rights:health', 7, 0, ('a',), {'concern': 7})
    """
    by_key = {place.key: place for place in places}
    found = [_build_row(topic, [by_key[key] for key in topic.wids if key in by_key]) for topic in topics]
    order = sorted(enumerate(row for row in found if row.comments), key=_row_order)
    return tuple(row for _position, row in order)


def _row_order(pair: tuple[int, TopicRow]) -> tuple[int, int, int]:
    position, row = pair
    return (-row.texts_new, -row.texts, position)


def _build_row(topic: DocumentTopic, here: Sequence[CountedPlace]) -> TopicRow:
    stances: Counter[str] = Counter()
    for place in here:
        stances.update(place.stances)
    new = [place for place in here if isinstance(place, PlaceRow)]
    return TopicRow(
        name=f"{topic.scheme}:{topic.notation}",
        scheme=topic.scheme,
        notation=topic.notation,
        labels=dict(topic.labels),
        keys=tuple(place.key for place in here),
        direct=topic.direct,
        comments=sum(place.submissions for place in here),
        new=sum(place.new for place in new),
        texts=sum(place.texts or 0 for place in here),
        texts_new=sum(place.texts_new or 0 for place in new),
        stances=dict(stances),
    )


def find_topic(rows: Sequence[TopicRow], name: str) -> TopicRow | None:
    """Return the topic with this name, or None if it has no comments."""
    return next((row for row in rows if row.name == name), None)
