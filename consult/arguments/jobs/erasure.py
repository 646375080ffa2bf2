"""Removal of deleted statements from labels, centres and terms, which are made from published words."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.arguments import jobs
from consult.arguments.jobs import vectors
from consult.arguments.model import Argument, ArgumentGround, Claim
from consult.arguments.queries import get_words

MOST = 6_000
"""The maximum number of statements read on one part of the draft. Larger parts are cleaned when next proposed."""


@jobs.forget_statements.give
def forget_statements(session: Session, consultation_id: int, lost: Mapping[str, Collection[int]]) -> None:
    """Remove deleted words from labels and terms of parts of the draft, and from centres of their arguments.

    A term keeps its index, so that earlier vectors can still be compared.
    """
    for place, arguments in sorted(lost.items()):
        here = (Argument.consultation_id == consultation_id, Argument.place == place)
        session.execute(update(Argument).where(*here, Argument.statements == 0).values(phrases=[], centre=None))
        jobs.recentre(session, arguments)
        jobs.label(session, consultation_id, place)
        _forget_terms(session, consultation_id, place)
    session.flush()


def _forget_terms(session: Session, consultation_id: int, place: str) -> None:
    ground = session.get(ArgumentGround, (consultation_id, place))
    said = (Claim.consultation_id == consultation_id, Claim.place == place)
    if ground is None or session.scalars(select(func.count()).select_from(Claim).where(*said)).one() > MOST:
        return
    texts = get_words(session, session.scalars(select(Claim.id).where(*said)).all()).values()
    known = {term for words in texts for term in vectors.extract_features(words)}
    ground.terms = [term if term in known else "" for term in ground.terms]
