"""Whether a text that was not sent yet is a copy of a letter: by the rules that will count it once it is sent."""

from __future__ import annotations

import numpy as np
from sqlalchemy.orm import Session

from consult.analysis import campaign_queries
from consult.analysis.campaigns import SHORT, Cores, joins, plainly_joins, worth_a_look
from consult.analysis.engine import letter
from consult.analysis.fingerprints import fingerprint_all
from consult.analysis.model import Campaign
from consult.analysis.normalise import words

_MOST = 500
"""So many of the largest campaigns are looked at."""


def campaign_of(session: Session, consultation_id: int, said: str) -> Campaign | None:
    """The campaign whose letter a text holds, of those that the public may read of; None where it is of none.

    What answers a letter, or quotes it, is not a copy of it. Source: docs/decisions/0012.
    """
    rows = campaign_queries.largest(session, consultation_id, _MOST)
    if not rows or len(words(said)) < SHORT:
        return None
    cores, marks = Cores([np.frombuffer(bytes(row.core), dtype=np.uint64) for row in rows]), fingerprint_all([said])
    votes = cores.vote(marks)
    best = int(votes.letter[0])
    if best < 0 or votes.torn[0]:
        return None
    shared, core, own = votes.shared, cores.sizes[[best]], marks.sizes()
    if not (plainly_joins(shared, core, own) | worth_a_look(shared, core, own))[0]:
        return None
    row = rows[best]
    spelled = campaign_queries.letters(session, [row])[0].words
    return row if joins(letter(spelled, row.ours and bytes(row.ours)), [said])[0] else None
