"""Recognition of an unsent text as a copy of a letter, with the rules used after sending."""

from __future__ import annotations

import numpy as np
from sqlalchemy.orm import Session

from consult.analysis import jobs
from consult.analysis.campaigns import queries as campaigns_queries
from consult.analysis.campaigns.membership import (
    LetterIndex,
    clear_members,
    match_members,
    possible_members,
)
from consult.analysis.jobs.engine import build_letter
from consult.analysis.kinds import MIN_LETTER_WORDS
from consult.analysis.model import Campaign
from consult.analysis.text.fingerprints import fingerprint_texts
from consult.analysis.text.normalise import split_words

_MOST = 500
"""The number of largest campaigns that are checked."""


@jobs.find_campaign.give
def find_campaign(session: Session, consultation_id: int, said: str) -> Campaign | None:
    """Return the public campaign whose letter a text contains, or None.

    A text that replies to a letter or quotes it is not a copy. Source: docs/decisions/0012.
    """
    rows = campaigns_queries.list_largest(session, consultation_id, _MOST)
    if not rows or len(split_words(said)) < MIN_LETTER_WORDS:
        return None
    cores, marks = (
        LetterIndex([np.frombuffer(bytes(row.core), dtype=np.uint64) for row in rows]),
        fingerprint_texts([said]),
    )
    votes = cores.vote(marks)
    best = int(votes.letter[0])
    if best < 0 or votes.torn[0]:
        return None
    shared, core, own = votes.shared, cores.sizes[[best]], marks.sizes()
    if not (clear_members(shared, core, own) | possible_members(shared, core, own))[0]:
        return None
    row = rows[best]
    spelled = campaigns_queries.summarise_campaigns(session, [row])[0].words
    return row if match_members(build_letter(spelled, row.ours and bytes(row.ours)), [said])[0] else None
