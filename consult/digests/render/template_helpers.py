"""Template helpers beside `phrases.py`: phrases of several modules under one name, `tell`."""

from __future__ import annotations

from consult.digests.render.argument_phrases import (
    ArgumentLine,
    answered,
    answered_title,
    argument_name,
    because,
    largest,
    made_by,
    method,
    placed,
    points,
    points_title,
    voices,
)
from consult.digests.render.campaign_phrases import (
    asks,
    copies,
    copies_list,
    letter_name,
    new_and_all,
    senders,
    submissions,
)
from consult.digests.render.count_phrases import (
    a_day,
    coverage,
    how,
    peak,
    reach,
)
from consult.digests.render.errata import (
    errata,
    gone,
)
from consult.digests.render.letter_headlines import (
    asked,
    letter_finding,
    main_letter,
)
from consult.digests.render.line_sections import (
    line_sections,
)
from consult.digests.render.place_phrases import (
    agreed,
    evidence,
    finding,
    frequent_list,
    most_frequent,
    side_share,
    topic_name,
    topic_weight,
    topics,
    translation,
)
from consult.digests.results.overview_phrases import (
    copies_at,
    few_to_compare,
    line_title,
    makes_it,
    most_apart,
    replies,
    reply,
    supported,
)

__all__ = [
    "ArgumentLine",
    "a_day",
    "agreed",
    "answered",
    "answered_title",
    "argument_name",
    "asked",
    "asks",
    "because",
    "copies",
    "copies_at",
    "copies_list",
    "coverage",
    "errata",
    "evidence",
    "few_to_compare",
    "finding",
    "frequent_list",
    "gone",
    "how",
    "largest",
    "letter_finding",
    "letter_name",
    "line_sections",
    "line_title",
    "made_by",
    "main_letter",
    "makes_it",
    "method",
    "most_apart",
    "most_frequent",
    "new_and_all",
    "peak",
    "placed",
    "points",
    "points_title",
    "reach",
    "replies",
    "reply",
    "senders",
    "side_share",
    "submissions",
    "supported",
    "topic_name",
    "topic_weight",
    "topics",
    "translation",
    "voices",
]
