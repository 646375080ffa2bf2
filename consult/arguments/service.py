"""The verbs of arguments: follow the ledger, propose, name, merge, split, move; what a person does leaves an act."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis import service as analysis
from consult.arguments import following, moving
from consult.arguments.model import Act, Argument, ArgumentCursor, Claim, Deed
from consult.consultations.model import Consultation
from consult.core.access import Role
from consult.core.clock import now
from consult.core.db import lock
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.queue import named, nudge
from consult.core.text import one_line
from consult.ledger import service as ledger
from consult.ledger.model import Kind

STEP = 5_000


def follow(session: Session, *, consultation_id: int, until: int, at: datetime | None = None) -> int:
    """Brings statements up to date with the entries below `until`, and puts new ones where they are near enough.

    Gives the number it is now at. Serial per consultation, and safe to repeat.
    """
    reached = analysis.follow(session, consultation_id=consultation_id, until=until)
    lock_arguments(session, consultation_id)
    here = position(session, consultation_id)
    while here < reached:
        step = min(reached, here + STEP)
        fresh, parted = following.follow(session, consultation_id=consultation_id, since=here, until=step)
        left, moved = moving.resettle(session, parted) if parted else ([], [])
        if moved:
            _proposing().centre_anew(session, moved)
        if fresh or left:
            _proposing().place_fresh(session, consultation_id=consultation_id, claim_ids=[*fresh, *left])
        if fresh or left or moved:
            _tell(session, consultation_id, consultation_id, at)
        here = step
        session.merge(ArgumentCursor(consultation_id=consultation_id, upto=here))
        session.flush()
    return here


def position(session: Session, consultation_id: int) -> int:
    """The ledger number up to which a consultation was followed."""
    return session.scalar(select(ArgumentCursor.upto).where(ArgumentCursor.consultation_id == consultation_id)) or 1


def propose(session: Session, *, consultation_id: int, place: str, at: datetime | None = None) -> None:
    """Groups the statements of one place anew; what a person named, merged, split or moved stays. Safe to repeat."""
    lock_arguments(session, consultation_id)
    if _proposing().propose(session, consultation_id=consultation_id, place=place, at=at or now()):
        _tell(session, consultation_id, consultation_id, at)


def learn(session: Session, *, consultation_id: int) -> None:
    """Learns from labels what to suggest of statements that have none. Safe to repeat."""
    lock_arguments(session, consultation_id)
    import_module("consult.arguments.learning").learn(session, consultation_id=consultation_id)


def ask_to_propose(session: Session, *, consultation: Consultation, by: Account, places: Sequence[str]) -> None:
    """Has the statements of places grouped anew in the background. Raises Forbidden."""
    check_may(consultation, by)
    for place in places:
        nudge(session, named("analysis.propose_arguments"), consultation.id, place)


def name(session: Session, *, argument_id: int, by: Account, words: str) -> Argument:
    """Says in a person's words what an argument is. Raises NotFound, Forbidden."""
    row = _live(session, argument_id, by)
    said = one_line(words)
    if not said:
        raise Refusal(_("Say in a few words what the argument is."), field="name")
    if said != row.name:
        _did(session, row, by, Deed.NAMED, before=row.name, after=said)
        row.name = said
        session.flush()
    return row


def merge(session: Session, *, argument_id: int, into_id: int, by: Account) -> Argument:
    """Puts all statements of one argument into another of the same place and stance, which stays.

    Raises NotFound, Forbidden, Refusal.
    """
    row, into = _live(session, argument_id, by), _live(session, into_id, by)
    if row.id == into.id or not _alike(row, into):
        raise Refusal(_("Only arguments on the same place with the same stance can become one."), field="into")
    moved = session.scalars(select(Claim.id).where(Claim.argument_id == row.id).order_by(Claim.id)).all()
    _did(session, row, by, Deed.MERGED, other=into, claims=moved, before=row.name, after=into.name or row.name)
    _did(session, into, by, Deed.MERGED, other=row, claims=moved, before=into.name, after=into.name or row.name)
    into.name = into.name or row.name
    following.place_claims(session, dict.fromkeys(moved, into.id), by_person=True)
    row.merged_into_id = into.id
    session.execute(update(Argument).where(Argument.merged_into_id == row.id).values(merged_into_id=into.id))
    session.flush()
    _proposing().centre_anew(session, [into.id])
    return into


def split(session: Session, *, argument_id: int, claim_ids: Collection[int], by: Account, words: str) -> Argument:
    """Makes another argument of some statements of one. Raises NotFound, Forbidden, Refusal."""
    row = _live(session, argument_id, by)
    chosen = _chosen(session, claim_ids, row)
    made = Argument(consultation_id=row.consultation_id, place=row.place, stance=row.stance, phrases=[],
                    name=one_line(words) or None, kept=True, made_at=now())  # fmt: skip
    session.add(made)
    session.flush()
    _did(session, row, by, Deed.SPLIT, other=made, claims=chosen)
    _did(session, made, by, Deed.SPLIT, other=row, claims=chosen, after=made.name)
    _place(session, chosen, made.id, {row.id, made.id})
    if made.name is None:
        _proposing().label(session, made.consultation_id, made.place)
    return made


def move(session: Session, *, argument_id: int, claim_ids: Collection[int], to_id: int, by: Account) -> Argument:
    """Moves some statements of an argument to another of the same place and stance.

    Raises NotFound, Forbidden, Refusal.
    """
    row, to = _live(session, argument_id, by), _live(session, to_id, by)
    if row.id == to.id or not _alike(row, to):
        raise _elsewhere()
    chosen = _chosen(session, claim_ids, row)
    _did(session, row, by, Deed.MOVED, other=to, claims=chosen)
    _did(session, to, by, Deed.MOVED, other=row, claims=chosen)
    _place(session, chosen, to.id, {row.id, to.id})
    return to


def take_out(
    session: Session, *, argument_id: int, claim_ids: Collection[int], by: Account, at: datetime | None = None
) -> Argument:
    """Takes statements out of an argument; no job puts them into one again. Raises NotFound, Forbidden, Refusal."""
    row = _live(session, argument_id, by)
    chosen = _chosen(session, claim_ids, row)
    _did(session, row, by, Deed.TAKEN_OUT, claims=chosen, at=at)
    _place(session, chosen, None, {row.id})
    return row


def put(session: Session, *, consultation: Consultation, claim_ids: Collection[int], to_id: int | None, by: Account,
        words: str = "", at: datetime | None = None) -> Argument:  # fmt: skip
    """Puts statements that are in no argument into one, or into a new one. Raises NotFound, Forbidden, Refusal."""
    check_may(consultation, by)
    lock_arguments(session, consultation.id)
    rows = session.scalars(
        select(Claim).where(Claim.id.in_(claim_ids), Claim.consultation_id == consultation.id,
                            Claim.argument_id.is_(None)).order_by(Claim.id)).all()  # fmt: skip
    if not rows:
        raise Refusal(_("Choose at least one statement."), field="claims")
    if len({(row.place, row.stance) for row in rows}) > 1:
        raise Refusal(_("Choose statements on one place with one stance."), field="claims")
    if to_id is None:
        to = Argument(consultation_id=consultation.id, place=rows[0].place, stance=rows[0].stance, phrases=[],
                      name=one_line(words) or None, kept=True, made_at=at or now())  # fmt: skip
        session.add(to)
        session.flush()
    else:
        to = _live(session, to_id, by)
        if (to.place, to.stance) != (rows[0].place, rows[0].stance):
            raise Refusal(
                _("Statements move only between arguments on the same place with the same stance."), field="to"
            )
    chosen = [row.id for row in rows]
    _did(session, to, by, Deed.MOVED, claims=chosen, after=to.name, at=at)
    _place(session, chosen, to.id, {to.id})
    if to.name is None:
        _proposing().label(session, to.consultation_id, to.place)
    return to


def may(consultation: Consultation, by: Account) -> bool:
    """Whether somebody may work on the arguments of a consultation: its owner, a moderator, an admin."""
    return by.role in (Role.MODERATOR, Role.ADMIN) or (by.role is Role.POLICYMAKER and consultation.owner_id == by.id)


def check_may(consultation: Consultation, by: Account) -> None:
    """Raises Forbidden."""
    if not may(consultation, by):
        raise Forbidden(_("Only the owner of a consultation and moderators work on its arguments."))


def _live(session: Session, argument_id: int, by: Account) -> Argument:
    """An argument that is one still, locked with all others of its consultation."""
    row = session.get(Argument, argument_id)
    if row is None:
        raise NotFound(_("There is no argument of this number."))
    check_may(session.get_one(Consultation, row.consultation_id), by)
    lock_arguments(session, row.consultation_id)
    session.refresh(row)
    if row.merged_into_id is not None:
        raise Refusal(_("This argument is part of another one by now. Open that one."), field="name")
    return row


def _chosen(session: Session, claim_ids: Collection[int], row: Argument) -> list[int]:
    found = list(
        session.scalars(select(Claim.id).where(Claim.id.in_(claim_ids), Claim.argument_id == row.id).order_by(Claim.id))
    )
    if not found:
        raise Refusal(_("Choose at least one statement."), field="claims")
    return found


def _place(session: Session, claim_ids: Sequence[int], to_id: int | None, arguments: set[int]) -> None:
    following.place_claims(session, dict.fromkeys(claim_ids, to_id), by_person=True)
    _proposing().centre_anew(session, arguments)


def _elsewhere() -> Refusal:
    return Refusal(_("Statements move only between arguments on the same place with the same stance."), field="to")


def _alike(one: Argument, other: Argument) -> bool:
    return (one.consultation_id, one.place, one.stance) == (other.consultation_id, other.place, other.stance)


def _did(
    session: Session, row: Argument, by: Account, deed: Deed, *, other: Argument | None = None,
    claims: Sequence[int] = (), before: str | None = None, after: str | None = None, at: datetime | None = None,
) -> None:  # fmt: skip
    """Writes down what a person does to an argument, which from then on is kept."""
    session.add(Act(argument_id=row.id, other_id=other.id if other else None, deed=deed, account_id=by.id,
                    at=at or now(), claims=list(claims), before=before, after=after))  # fmt: skip
    row.kept = True
    row.revision += 1
    session.flush()
    _tell(session, row.consultation_id, row.id, at)


def _tell(session: Session, consultation_id: int, subject_id: int, at: datetime | None) -> None:
    """The ledger says that arguments changed: pages that show them are made anew."""
    ledger.record(session, Kind.ARGUMENTS_CHANGED, subject_id=subject_id, consultation_id=consultation_id, at=at)


def lock_arguments(session: Session, consultation_id: int) -> None:
    """Nobody else works on a consultation's arguments until the transaction ends."""
    lock(session, "arguments", consultation_id)


def _proposing() -> Any:
    """Loaded when there is something to place: it needs numpy, which no page does."""
    return import_module("consult.arguments.proposing")
