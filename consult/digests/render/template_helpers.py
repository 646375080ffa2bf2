"""Template helpers beside `phrases.py`: phrases of several modules under one name, `tell`."""

from __future__ import annotations

from consult.digests.render.argument_phrases import (
    ArgumentLine,
    answered,
    answered_title,
    argument_name,
    because,
    largest,
    method,
    placed,
    points,
    points_title,
    voices,
)
from consult.digests.render.campaign_phrases import (
    copies,
    copies_list,
    letter_name,
)
from consult.digests.render.count_phrases import (
    a_day,
    coverage,
    how,
    peak,
    placed_share,
    reach,
)
from consult.digests.render.errata import (
    errata,
    gone,
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

__all__ = [
    "ArgumentLine",
    "a_day",
    "agreed",
    "answered",
    "answered_title",
    "argument_name",
    "because",
    "copies",
    "copies_list",
    "coverage",
    "errata",
    "evidence",
    "finding",
    "frequent_list",
    "gone",
    "how",
    "largest",
    "letter_name",
    "line_sections",
    "method",
    "most_frequent",
    "peak",
    "placed",
    "placed_share",
    "points",
    "points_title",
    "reach",
    "side_share",
    "topic_name",
    "topic_weight",
    "topics",
    "translation",
    "voices",
]
