"""The job that learns from labels and stores what it would say of statements that have none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.arguments import coding, themes, vectors
from consult.arguments.model import Claim, Code, Label
from consult.arguments.queries import words_of
from consult.submissions.model import Stance

_ASKED = 2_000
"""Statements that something is suggested of at a time; the next are when these have been read."""
_SURE = 0.6


def learn(session: Session, *, consultation_id: int) -> None:
    """Learns every code of a consultation anew. Bounded by the labels and statements looked at; safe to repeat."""
    asked = list(session.scalars(
        select(Claim.id).where(Claim.consultation_id == consultation_id).order_by(Claim.key, Claim.id).limit(_ASKED)
    ))  # fmt: skip
    codes = session.scalars(
        select(Code.term_id).where(Code.consultation_id == consultation_id).order_by(Code.term_id)
    ).all()
    for code in map(str, codes):
        rows = session.execute(
            select(Label.claim_id, Label.value).where(Label.consultation_id == consultation_id, Label.code == code)
            .order_by(Label.at.desc(), Label.claim_id).limit(themes.MOST)
        ).all()  # fmt: skip
        said = {number: [value] for number, value in rows}
        _suggest(session, consultation_id, code, said, [number for number in asked if number not in said], [coding.YES])
    _stances(session, consultation_id)


def _stances(session: Session, consultation_id: int) -> None:
    """What submitters said, and people decided, of their statements says something of those where nobody did."""
    here = Claim.consultation_id == consultation_id
    known = select(Claim.id, Claim.stance).where(here, Claim.stance != "").order_by(Claim.key, Claim.id)
    said = {number: [stance] for number, stance in session.execute(known.limit(themes.MOST))}
    told = select(Label.claim_id).where(Label.claim_id == Claim.id, Label.code == coding.STANCE).exists()
    asked = session.scalars(
        select(Claim.id).where(here, Claim.stance == "", ~told).order_by(Claim.key, Claim.id).limit(_ASKED)
    ).all()
    _suggest(session, consultation_id, coding.STANCE, said, asked, list(Stance))


def _suggest(
    session: Session, consultation_id: int, code: str, said: dict[int, list[str]], asked: Sequence[int],
    classes: Sequence[str],
) -> None:  # fmt: skip
    words = words_of(session, said.keys() | set(asked))
    known = sorted((number for number in said if number in words), key=lambda number: (words[number], number))
    asked = [number for number in asked if number in words]
    truth = np.array([[one in said[number] for one in classes] for number in known], dtype=np.bool_)
    truth = truth.reshape(len(known), len(classes))
    usable = [n for n in range(len(classes)) if themes.enough(truth[:, n].tolist())]
    if not usable or not asked:
        coding.store(session, consultation_id, code, [], len(known), None)
        return
    space = vectors.fit([words[number] for number in (*known, *asked)])
    order = [vectors.key(words[number]) for number in known]
    vector = space.vectors([words[number] for number in known])
    found = themes.learn(vector, truth[:, usable], space.vectors([words[number] for number in asked]), order)
    best = found.sure.argmax(axis=1)
    offers = [
        (number, str(classes[usable[at]]), round(float(sure[at]), 4))
        for number, at, sure in zip(asked, best.tolist(), found.sure, strict=True)
        if sure[at] >= _SURE
    ]
    scores = [score for score in found.scores if score is not None]
    coding.store(
        session, consultation_id, code, offers, len(known), round(sum(scores) / len(scores), 3) if scores else None
    )
