"""Description of a template from its published texts. It is computed on each request; nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis import jobs
from consult.analysis.campaigns.slots import list_fillings, list_true_runs, place_words
from consult.analysis.campaigns.template_pictures import TemplatePart, TemplatePicture, TemplateSlot
from consult.analysis.jobs.engine import build_letter
from consult.analysis.jobs.stored_texts import load_submission_texts
from consult.analysis.model import Campaign
from consult.analysis.text.campaign_letter import CampaignLetter
from consult.analysis.text.fingerprints import Ints, hash_words
from consult.analysis.text.spans import word_spans

_LOOKED_AT = 100
_SHOWN = 4
"""The number of fillings shown per slot."""
_LEADER = text(
    "SELECT sample_id FROM text_group WHERE consultation_id = :consultation AND text_hash = :hash AND standing > 0"
)
_TEXTS = text(
    """
    SELECT string_agg(c.body, E'\\n' ORDER BY c.position, c.id) FROM (
        SELECT sample_id FROM text_group WHERE campaign_id = :campaign AND published > 0
        ORDER BY text_hash LIMIT :most
    ) AS g JOIN readable_comment c ON c.submission_id = g.sample_id
    GROUP BY g.sample_id HAVING bool_and(c.shown AND c.redacted_body IS NULL) ORDER BY g.sample_id
    """
)


@jobs.describe_template.give
def describe_template(session: Session, row: Campaign) -> TemplatePicture | None:
    """Return the passages and slot fillings of a template, from its published texts.

    None if its first text or all are deleted.
    """
    where = {"consultation": row.consultation_id, "hash": row.letter_hash}
    leader = session.scalar(_LEADER, where)
    words = load_submission_texts(session, [leader]) if leader else {}
    texts = list(session.scalars(_TEXTS, {"campaign": row.id, "most": _LOOKED_AT}))
    if leader not in words or not texts:
        return None
    return draw_template(build_letter(words[leader].text, row.ours and bytes(row.ours)), texts)


def draw_template(template: CampaignLetter, texts: Sequence[str]) -> TemplatePicture:
    """Return the passages as the most complete text has them, with the fillings from all texts."""
    backbone, fixed = template.hashes[template.ours], template.ours
    places = [place_words(backbone, row) for row in _rows(texts)]
    spans = [word_spans(text_) for text_ in texts]
    fullest = max(range(len(texts)), key=lambda at: (int(np.count_nonzero(places[at] >= 0)), -at))
    slots: list[Counter[str]] = [Counter() for _ in list_true_runs(fixed)[:-1]]
    for text_, where, found in zip(texts, spans, places, strict=True):
        for slot, filling in zip(slots, list_fillings(fixed, found), strict=True):
            if filling is not None:
                start, end = filling
                slot[" ".join(text_[where[start][0] : where[end - 1][1]].split()) if start < end else ""] += 1
    parts, at = [], 0
    for number, (start, end) in enumerate(list_true_runs(fixed)):
        passage = _cut(texts[fullest], spans[fullest], places[fullest][at : at + end - start])
        parts.append(TemplatePart(passage, _to_slot(slots[number]) if number < len(slots) else None))
        at += end - start
    return TemplatePicture(parts, len(texts))


def _rows(texts: Sequence[str]) -> list[np.ndarray]:
    hashed = hash_words(texts)
    return [hashed[row] for row in range(len(texts))]


def _cut(text_: str, spans: Sequence[tuple[int, int]], places: Ints) -> str:
    held = places[places >= 0]
    return " ".join(text_[spans[int(held.min())][0] : spans[int(held.max())][1]].split()) if len(held) else "…"


def _to_slot(fillings: Counter[str]) -> TemplateSlot:
    empty = fillings.pop("", 0)
    shown = sorted(fillings.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    return TemplateSlot(shown, fillings.total() - sum(count for _words, count in shown), empty)
