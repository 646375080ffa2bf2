"""Undo of the last action of a person on arguments: for an hour, and until they are changed again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.arguments import jobs, ledger_statements, service
from consult.arguments.model import FORMER_KINDS, Argument, ArgumentAct, ArgumentActKind, Claim
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import Conflict, NotFound
from consult.core.i18n import _

WITHIN = timedelta(hours=1)
_KINDS = tuple(kind for kind in ArgumentActKind if kind not in FORMER_KINDS | {ArgumentActKind.UNDONE})


class ChangedSinceAct(Conflict):
    """The arguments were changed since, or the time limit for undoing has passed."""


def find_undoable(
    session: Session, consultation_id: int, by: Account, *, at: datetime | None = None
) -> ArgumentAct | None:
    """Return the last action of a person in a consultation if it can be undone, or None. Uses one query."""
    row: ArgumentAct | None = session.scalar(
        _select_undoable(by, at or now()).where(Argument.consultation_id == consultation_id)
    )
    return row


def _select_undoable(by: Account, at: datetime) -> Any:
    later, mine = aliased(ArgumentAct), aliased(ArgumentAct)
    theirs = later.argument_id.in_([ArgumentAct.argument_id, ArgumentAct.other_id])
    last = select(mine.id).where(mine.account_id == by.id).order_by(mine.id.desc()).limit(1).scalar_subquery()
    return (
        select(ArgumentAct)
        .join(Argument, Argument.id == ArgumentAct.argument_id)
        .where(
            ArgumentAct.id == last,
            ArgumentAct.at > at - WITHIN,
            ArgumentAct.deed.in_(_KINDS),
            ~select(later.id).where(later.id > ArgumentAct.id, theirs).exists(),
        )
    )


def undo(session: Session, *, act_id: int, by: Account, at: datetime | None = None) -> Argument:
    """Undo an action and return its argument. Raises NotFound, Forbidden and ChangedSinceAct."""
    act = session.get(ArgumentAct, act_id)
    if act is None or act.account_id != by.id:
        raise NotFound(_("There is nothing to undo."))
    row = session.get_one(Argument, act.argument_id)
    service.check_may_edit(session, session.get_one(Consultation, row.consultation_id), by)
    service.lock_arguments(session, row.consultation_id)
    if session.scalar(_select_undoable(by, at or now()).where(ArgumentAct.id == act.id)) is None:
        raise ChangedSinceAct(_("You can no longer undo this, because something else has changed since."))
    other = session.get(Argument, act.other_id) if act.other_id else None
    _restore(session, act, row, other)
    for done in _list_pair(session, act):
        service.record_undo(session, session.get_one(Argument, done.argument_id), by, done, at=at)
    _restore_kept(session, act, [one for one in (row, other) if one])
    return other if act.deed is ArgumentActKind.SPLIT and other else row


def _restore(session: Session, act: ArgumentAct, row: Argument, other: Argument | None) -> None:
    if act.deed is ArgumentActKind.NAMED:
        row.name = act.before
    elif act.deed is ArgumentActKind.TAKEN_OUT:
        _move_back(session, act, None, row.id)
    elif act.deed is ArgumentActKind.MOVED:
        _move_back(session, act, row.id, other.id if other else None)
    elif other is not None and act.deed is ArgumentActKind.MERGED:
        other.merged_into_id, row.name = None, act.before
        parts = select(ArgumentAct.argument_id).where(
            ArgumentAct.deed == ArgumentActKind.MERGED, ArgumentAct.other_id == other.id
        )
        merged = Argument.id.in_(parts) & (Argument.merged_into_id == row.id) & (Argument.id != other.id)
        session.execute(update(Argument).where(merged).values(merged_into_id=other.id))
        _move_back(session, act, row.id, other.id)
    elif other is not None and act.deed is ArgumentActKind.SPLIT:
        _move_back(session, act, row.id, other.id)
        row.merged_into_id = other.id  # whoever has its address is led back
    session.flush()


def _move_back(session: Session, act: ArgumentAct, where: int | None, to: int | None) -> None:
    """Move statements back that are still where the action put them."""
    there = Claim.argument_id == where if where else Claim.argument_id.is_(None)
    claims = session.scalars(select(Claim.id).where(Claim.id.in_(act.claims), there).order_by(Claim.id)).all()
    ledger_statements.place_claims(session, dict.fromkeys(claims, to))
    jobs.recentre(session, {number for number in (where, to) if number})


def _list_pair(session: Session, act: ArgumentAct) -> Sequence[ArgumentAct]:
    """Return the action and the matching one on the other argument."""
    same = select(ArgumentAct).where(
        ArgumentAct.argument_id == act.other_id,
        ArgumentAct.other_id == act.argument_id,
        ArgumentAct.deed == act.deed,
        ArgumentAct.id < act.id,
    )
    other = session.scalar(same.order_by(ArgumentAct.id.desc()).limit(1)) if act.other_id else None
    return [one for one in (other, act) if one]


def _restore_kept(session: Session, act: ArgumentAct, rows: Sequence[Argument]) -> None:
    """Give arguments without remaining actions back to the job, with the moved statements."""
    taken = aliased(ArgumentAct)
    for row in rows:
        standing = select(ArgumentAct.id).where(
            ArgumentAct.argument_id == row.id,
            ArgumentAct.deed != ArgumentActKind.UNDONE,
            ~select(taken.id).where(taken.undoes_id == ArgumentAct.id).exists(),
        )
        row.kept = session.scalar(standing.limit(1)) is not None
        if not row.kept:
            its = Claim.id.in_(act.claims) & (Claim.argument_id == row.id)
            session.execute(update(Claim).where(its).values(kept=False))
    session.flush()
