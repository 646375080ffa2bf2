"""The job that learns from labels and stores suggestions for unlabelled statements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.arguments import jobs
from consult.arguments.coding import service as coding
from consult.arguments.jobs import themes, vectors
from consult.arguments.model import ArgumentCode, ArgumentLabel, Claim
from consult.arguments.queries import get_words
from consult.submissions import stances

_ASKED = 2_000
"""The number of statements with suggestions at a time. More are suggested after these have been read."""
_SURE = 0.6


@jobs.learn_codes.give
def learn_codes(session: Session, *, consultation_id: int) -> None:
    """Relearn all codes of a consultation. Bounded by the labels and statements it reads. Safe to repeat."""
    asked = list(
        session.scalars(
            select(Claim.id).where(Claim.consultation_id == consultation_id).order_by(Claim.key, Claim.id).limit(_ASKED)
        )
    )
    codes = session.scalars(
        select(ArgumentCode.term_id)
        .where(ArgumentCode.consultation_id == consultation_id)
        .order_by(ArgumentCode.term_id)
    ).all()
    for code in map(str, codes):
        rows = session.execute(
            select(ArgumentLabel.claim_id, ArgumentLabel.value)
            .where(ArgumentLabel.consultation_id == consultation_id, ArgumentLabel.code == code)
            .order_by(ArgumentLabel.at.desc(), ArgumentLabel.claim_id)
            .limit(themes.MAX_LABELS)
        ).all()
        said = {number: [value] for number, value in rows}
        _suggest(session, consultation_id, code, said, [number for number in asked if number not in said], [coding.YES])
    _suggest_stances(session, consultation_id)


def _suggest_stances(session: Session, consultation_id: int) -> None:
    """Suggest types for statements without one, learnt from the types that authors and people gave."""
    here = Claim.consultation_id == consultation_id
    known = select(Claim.id, Claim.stance).where(here, Claim.stance != "").order_by(Claim.key, Claim.id)
    said = {number: [stance] for number, stance in session.execute(known.limit(themes.MAX_LABELS))}
    told = (
        select(ArgumentLabel.claim_id)
        .where(ArgumentLabel.claim_id == Claim.id, ArgumentLabel.code == coding.STANCE_CODE)
        .exists()
    )
    asked = session.scalars(
        select(Claim.id).where(here, Claim.stance == "", ~told).order_by(Claim.key, Claim.id).limit(_ASKED)
    ).all()
    _suggest(session, consultation_id, coding.STANCE_CODE, said, asked, stances.FILED)


def _suggest(
    session: Session,
    consultation_id: int,
    code: str,
    said: dict[int, list[str]],
    asked: Sequence[int],
    classes: Sequence[str],
) -> None:
    words = get_words(session, said.keys() | set(asked))
    known = sorted((number for number in said if number in words), key=lambda number: (words[number], number))
    asked = [number for number in asked if number in words]
    truth = np.array([[class_ in said[number] for class_ in classes] for number in known], dtype=np.bool_)
    truth = truth.reshape(len(known), len(classes))
    usable = [n for n in range(len(classes)) if themes.has_enough_labels(truth[:, n].tolist())]
    if not usable or not asked:
        coding.store_suggestions(session, consultation_id, code, [], len(known), None)
        return
    space = vectors.fit_space([words[number] for number in (*known, *asked)])
    order = [vectors.shuffle_key(words[number]) for number in known]
    vector = space.vectors([words[number] for number in known])
    found = themes.learn_from_labels(
        vector, truth[:, usable], space.vectors([words[number] for number in asked]), order
    )
    best = found.sure.argmax(axis=1)
    offers = [
        (number, str(classes[usable[at]]), float(sure[at]))
        for number, at, sure in zip(asked, best.tolist(), found.sure, strict=True)
        if sure[at] >= _SURE
    ]
    scores = [score for score in found.scores if score is not None]
    coding.store_suggestions(
        session, consultation_id, code, offers, len(known), round(sum(scores) / len(scores), 3) if scores else None
    )
