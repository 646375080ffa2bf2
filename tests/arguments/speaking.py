"""Statements and arguments in tests: who says what, and which words stand together."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.arguments import queries, service
from consult.arguments.model import Argument, Claim
from consult.consultations.model import Consultation
from tests.filing import file, numbered

PLACE = "chp_1__para_1"
NEEDLES = (
    "Needle exchange programmes prevent hepatitis and must be funded everywhere.",
    "Without needle exchange programmes hepatitis spreads among people who inject.",
    "Fund needle exchange programmes: they prevent new hepatitis infections.",
)
PRISONS = (
    "People leaving prison need naloxone in hand on the day of release.",
    "Overdose deaths peak after release from prison, so give naloxone at the gate.",
    "Give naloxone kits to everyone on release from prison.",
)


def follow(session: Session, row: Consultation) -> None:
    service.FOLLOWER.follow(session, consultation_id=row.id, until=numbered(session))
    session.commit()


def propose(session: Session, row: Consultation, place: str = PLACE) -> None:
    service.propose(session, consultation_id=row.id, place=place)
    session.commit()


def said(session: Session, row: Consultation, *texts: str) -> None:
    """Each by somebody else, published, followed and proposed."""
    for words in texts:
        file(session, row, words, published=True)
    follow(session, row)
    propose(session, row)


def groups(session: Session, row: Consultation) -> set[frozenset[str]]:
    """The words that stand together in arguments."""
    found = []
    for argument in queries.list_arguments(session, row.id, most=1_000):
        found.append(frozenset(one.text for one in queries.list_quotes(session, argument.id, most=1_000).items))
    return set(found)


def holding(session: Session, row: Consultation, words: str) -> Argument:
    """The argument that these words are in."""
    session.expire_all()
    for argument in queries.list_arguments(session, row.id, most=1_000):
        if words in {one.text for one in queries.list_quotes(session, argument.id, most=1_000).items}:
            return argument
    raise AssertionError(f"{words!r} is in no argument")


def claim(session: Session, words: str) -> Claim:
    for row in session.scalars(select(Claim).order_by(Claim.id)):
        if queries.get_words(session, [row.id]).get(row.id) == words:
            return row
    raise AssertionError(f"nobody says {words!r}")
