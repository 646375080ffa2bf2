"""What a text spun from a template says beside it: the words before its first fixed passage and after the last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from consult.analysis.campaigns.letters import CampaignLetter
from consult.analysis.campaigns.templates import place_words
from consult.analysis.kinds import StatementKind
from consult.analysis.text.fingerprints import word_hashes
from consult.analysis.text.normalise import normal_form, split_unspaced
from consult.analysis.text.residual import Residual, ResidualStatement
from consult.analysis.text.spans import word_spans

_OWN = 8
"""Fewer words are a slot at the edge: a greeting, a name."""


def compute_template_residuals(template: CampaignLetter, comments: Sequence[str]) -> list[Residual]:
    """The residual of each comment; what fills the slots is the template's, whoever chose it."""
    backbone = template.hashes[template.ours]
    rows = word_hashes([split_unspaced(normal_form(comment)) for comment in comments])
    found = []
    for row, comment in enumerate(comments):
        held = place_words(backbone, rows[row])
        held = held[held >= 0]
        count = len(rows[row])
        first, last = (int(held.min()), int(held.max())) if len(held) else (0, count - 1)
        spans = word_spans(comment)
        said = [
            ResidualStatement(begin, end, comment[begin:end], StatementKind.ADDED)
            for start, stop in ((0, first), (last + 1, count))
            if stop - start >= _OWN
            for begin, end in [(spans[start][0], _end_of_sentence(comment, spans[stop - 1][1]))]
        ]
        share = len(held) / max(1, count)
        found.append(Residual(tuple(said), share, len(held) / max(1, int(np.count_nonzero(template.ours)))))
    return found


def _end_of_sentence(comment: str, end: int) -> int:
    """The end of the marks that close what ends there."""
    while end < len(comment) and comment[end] in ".!?…。！？؟)]\"'”’»":
        end += 1
    return end
