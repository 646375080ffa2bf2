"""Additions to a text spun from a template: the words before its first fixed passage and after the last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from consult.analysis.campaigns.slots import place_words
from consult.analysis.kinds import StatementKind
from consult.analysis.text.campaign_letter import CampaignLetter
from consult.analysis.text.fingerprints import word_hashes
from consult.analysis.text.kept_words import find_words
from consult.analysis.text.line_roles import read_lines
from consult.analysis.text.normalise import normal_form, split_unspaced
from consult.analysis.text.residual import Residual, ResidualStatement
from consult.analysis.text.spans import word_spans

_OWN = 8
"""Fewer words at the edge count as a slot, for example a greeting or a name."""


def compute_template_residuals(template: CampaignLetter, comments: Sequence[str]) -> list[Residual]:
    """Return the residual of each comment. Slot fillings are attributed to the template."""
    backbone = template.hashes[template.ours]
    rows = word_hashes([split_unspaced(normal_form(comment)) for comment in comments])
    residuals = []
    for row, comment in enumerate(comments):
        held = place_words(backbone, rows[row])
        held = held[held >= 0]
        count = len(rows[row])
        first, last = (int(held.min()), int(held.max())) if len(held) else (0, count - 1)
        spans = word_spans(comment)
        own = [
            (spans[start][0], _end_of_sentence(comment, spans[stop - 1][1]))
            for start, stop in ((0, first), (last + 1, count))
            if stop > start
        ]
        cuts = [spans[at][0] for at in (first, last + 1) if 0 < at < count]
        lines = read_lines(comment, tuple(cuts))
        said = [
            ResidualStatement(begin, end, comment[begin:end], StatementKind.ADDED)
            for part in own
            for begin, end in find_words(comment, *part, lines)
            if len(comment[begin:end].split()) >= _OWN
        ]
        share, kept = len(held) / max(1, count), len(held) / max(1, int(np.count_nonzero(template.ours)))
        residuals.append(Residual(tuple(said), share, kept, lines))
    return residuals


def _end_of_sentence(comment: str, end: int) -> int:
    """Return the end of the closing punctuation that follows `end`."""
    while end < len(comment) and comment[end] in ".!?…。！？؟)]\"'”’»":
        end += 1
    return end
