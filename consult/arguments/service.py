"""Services for arguments: follow the ledger; name, merge, split and move. Each change by a person records an action."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis import service as analysis
from consult.arguments import carry_forward, jobs, ledger_statements, letter_demands, sizes
from consult.arguments.model import Argument, ArgumentAct, ArgumentActKind, Claim, StatementPart
from consult.consultations import rights
from consult.consultations.model import Consultation
from consult.consultations.rights import Deed
from consult.core.clock import now
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.queue import find_task, nudge
from consult.core.text import one_line
from consult.core.web.access import Role
from consult.ledger import service as ledger
from consult.ledger.followers import Follower, Window
from consult.ledger.model import Kind


def _renew_statements(session: Session, window: Window) -> None:
    """Update statements with a window of the ledger, and assign new ones to near arguments."""
    fresh, parted, lost = ledger_statements.renew_statements(session, window)
    left, moved = carry_forward.carry_arguments(session, parted) if parted else ([], [])
    if moved:
        jobs.recentre(session, moved)
    if fresh or left:
        jobs.place_fresh(session, consultation_id=window.consultation_id, claim_ids=[*fresh, *left])
    if lost:
        jobs.forget_statements(session, window.consultation_id, lost)
    asked = letter_demands.renew_demands(session, window.consultation_id, fresh=fresh, at=window.at)
    sizes.recount(session, window.consultation_id)
    if fresh or left or moved or asked:
        _record_change(session, window.consultation_id, window.consultation_id, window.at)


FOLLOWER = Follower("arguments", analysis.FOLLOWER.kinds, _renew_statements, step=5_000, after=analysis.FOLLOWER)


def propose(session: Session, *, consultation_id: int, place: str, at: datetime | None = None) -> None:
    """Group the statements on a part of the draft again. Statements that a person named, merged, split or moved stay.

    Safe to repeat. At most 6,000 statements of a type are compared; `place_rest` assigns the others.
    """
    lock_arguments(session, consultation_id)
    if jobs.propose(session, consultation_id=consultation_id, place=place, at=at or now()):
        _record_change(session, consultation_id, consultation_id, at)


def place_rest(session: Session, *, consultation_id: int, place: str) -> bool:
    """Assign some more statements on a part of the draft to the nearest arguments. Return True if others may remain."""
    lock_arguments(session, consultation_id)
    if not jobs.place_rest(session, consultation_id=consultation_id, place=place):
        return False
    _record_change(session, consultation_id, consultation_id, None)
    return True


def recentre(session: Session, argument_id: int) -> None:
    """Recompute the centre of an argument whose statements a person moved. Safe to repeat."""
    jobs.recentre(session, [argument_id])


def request_proposals(session: Session, *, consultation: Consultation, by: Account, places: Sequence[str]) -> None:
    """Queue a new grouping of the statements on parts of the draft. Raises Forbidden."""
    check_may_edit(session, consultation, by)
    for place in places:
        nudge(session, find_task("analysis.propose_arguments"), consultation.id, place)


def name_argument(session: Session, *, argument_id: int, by: Account, words: str) -> Argument:
    """Name an argument. Raises NotFound, Forbidden and Refusal."""
    row = _get_live(session, argument_id, by)
    said = one_line(words)
    if not said:
        raise Refusal(_("Say in a few words what the argument is."), field="name")
    if said != row.name:
        _record_act(session, row, by, ArgumentActKind.NAMED, before=row.name, after=said)
        row.name = said
        sizes.recount(session, row.consultation_id)
    return row


def merge(
    session: Session,
    *,
    argument_id: int,
    into_id: int,
    by: Account,
    words: str = "",
    part: StatementPart | None = None,
) -> Argument:
    """Merge an argument into another one on the same part of the draft, as a `part` of it if one is given.

    The result is named `words`. Without `words` it keeps its name, or takes the name of the other argument. Raises
    NotFound, Forbidden and Refusal.
    """
    row, into = _get_live(session, argument_id, by), _get_live(session, into_id, by)
    if row.id == into.id or not _is_same_place(row, into):
        raise Refusal(_("You can merge only arguments on the same part of the draft."), field="into")
    moved = session.scalars(select(Claim.id).where(Claim.argument_id == row.id).order_by(Claim.id)).all()
    name = one_line(words) or into.name or row.name
    for one, other in ((row, into), (into, row)):
        _record_act(session, one, by, ArgumentActKind.MERGED, other=other, claims=moved, before=one.name, after=name)
    into.name = name
    ledger_statements.place_claims(session, dict.fromkeys(moved, into.id), by_person=True, part=part)
    row.merged_into_id = into.id
    session.execute(update(Argument).where(Argument.merged_into_id == row.id).values(merged_into_id=into.id))
    session.flush()
    _request_centres(session, {into.id})
    return into


def split(session: Session, *, argument_id: int, claim_ids: Collection[int], by: Account, words: str) -> Argument:
    """Create an argument from some statements of another one. Raises NotFound, Forbidden and Refusal."""
    if not one_line(words):
        raise Refusal(_("Say in a few words what the new argument is."), field="words")
    row = _get_live(session, argument_id, by)
    chosen = _select_claims(session, claim_ids, row)
    made = _make_argument(session, row, words)
    _record_act(session, row, by, ArgumentActKind.SPLIT, other=made, claims=chosen)
    _record_act(session, made, by, ArgumentActKind.SPLIT, other=row, claims=chosen, after=made.name)
    _move_claims(session, chosen, made.id, {row.id, made.id})
    return made


def move_statements(
    session: Session, *, argument_id: int, claim_ids: Collection[int], to_id: int, by: Account
) -> Argument:
    """Move statements to another argument on the same part of the draft.

    Raises NotFound, Forbidden and Refusal.
    """
    row, to = _get_live(session, argument_id, by), _get_live(session, to_id, by)
    if row.id == to.id or not _is_same_place(row, to):
        raise _wrong_place()
    chosen = _select_claims(session, claim_ids, row)
    _record_act(session, row, by, ArgumentActKind.MOVED, other=to, claims=chosen)
    _record_act(session, to, by, ArgumentActKind.MOVED, other=row, claims=chosen)
    _move_claims(session, chosen, to.id, {row.id, to.id})
    return to


def remove_statements(
    session: Session, *, argument_id: int, claim_ids: Collection[int], by: Account, at: datetime | None = None
) -> Argument:
    """Remove statements from an argument, so that no job adds them to one again.

    Raises NotFound, Forbidden and Refusal.
    """
    row = _get_live(session, argument_id, by)
    chosen = _select_claims(session, claim_ids, row)
    _record_act(session, row, by, ArgumentActKind.TAKEN_OUT, claims=chosen, at=at)
    _move_claims(session, chosen, None, {row.id})
    return row


def add_statements(
    session: Session,
    *,
    consultation: Consultation,
    claim_ids: Collection[int],
    to_id: int | None,
    by: Account,
    words: str = "",
    part: StatementPart | None = None,
    at: datetime | None = None,
) -> Argument:
    """Add statements to an argument or, if `to_id` is None, to a new one. Raises NotFound, Forbidden and Refusal.

    A sentence of a letter is added for all letters that have it.
    """
    check_may_edit(session, consultation, by)
    lock_arguments(session, consultation.id)
    rows = _select_free_claims(session, claim_ids, consultation.id)
    if to_id is None and not one_line(words):
        raise Refusal(_("Say in a few words what the new argument is."), field="words")
    if to_id is None:
        to = _make_argument(session, rows[0], words, at)
    else:
        to = _get_live(session, to_id, by)
        if to.place != rows[0].place:
            raise _wrong_place()
    chosen = [row.id for row in rows]
    _record_act(session, to, by, ArgumentActKind.MOVED, claims=chosen, after=to.name, at=at)
    _move_claims(session, chosen, to.id, {to.id}, part)
    if to.name is None:
        jobs.label(session, to.consultation_id, to.place)
    return to


def may_edit(session: Session, consultation: Consultation, by: Account) -> bool:
    """Return True if a person may edit arguments of a consultation: its staff, moderators and administrators."""
    return by.role is Role.MODERATOR or rights.may(session, by, consultation, Deed.ARRANGE)


def check_may_edit(session: Session, consultation: Consultation, by: Account) -> None:
    """Raise Forbidden if the person may not edit arguments of the consultation."""
    if not may_edit(session, consultation, by):
        raise Forbidden(
            _(
                "Only the consultation owner, leads and editors of the body, moderators and administrators can edit "
                "the arguments."
            )
        )


def _get_live(session: Session, argument_id: int, by: Account) -> Argument:
    """Return an argument that is not merged, with all arguments of its consultation locked."""
    row = session.get(Argument, argument_id)
    if row is None:
        raise NotFound(_("We cannot find an argument with this number."))
    check_may_edit(session, session.get_one(Consultation, row.consultation_id), by)
    lock_arguments(session, row.consultation_id)
    session.refresh(row)
    if row.merged_into_id is not None:
        raise Refusal(_("This argument was merged into another one. Open that argument."), field="name")
    return row


def _select_claims(session: Session, claim_ids: Collection[int], row: Argument) -> list[int]:
    claims = list(
        session.scalars(select(Claim.id).where(Claim.id.in_(claim_ids), Claim.argument_id == row.id).order_by(Claim.id))
    )
    if not claims:
        raise Refusal(_("Choose at least one excerpt."), field="claims")
    return claims


def _select_free_claims(session: Session, claim_ids: Collection[int], consultation_id: int) -> Sequence[Claim]:
    """Return statements that are in no argument, all on one part of the draft. Raises Refusal."""
    free = Claim.consultation_id == consultation_id, Claim.argument_id.is_(None)
    chosen = select(Claim.key).where(*free, Claim.id.in_(claim_ids), Claim.campaign_id.is_not(None))
    same = Claim.campaign_id.is_not(None) & Claim.key.in_(chosen)
    rows = session.scalars(select(Claim).where(*free, Claim.id.in_(claim_ids) | same).order_by(Claim.id)).all()
    if not rows:
        raise Refusal(_("Choose at least one excerpt."), field="claims")
    if len({row.place for row in rows}) > 1:
        raise Refusal(_("Choose excerpts on the same part of the draft."), field="claims")
    return rows


def _make_argument(session: Session, like: Argument | Claim, words: str, at: datetime | None = None) -> Argument:
    """Create an argument on the same part of the draft and with the same type. It is kept because a person made it."""
    made = Argument(
        consultation_id=like.consultation_id,
        place=like.place,
        stance=like.stance,
        phrases=[],
        name=one_line(words) or None,
        kept=True,
        made_at=at or now(),
    )
    session.add(made)
    session.flush()
    return made


def _move_claims(
    session: Session,
    claim_ids: Sequence[int],
    to_id: int | None,
    arguments: set[int],
    part: StatementPart | None = None,
) -> None:
    ledger_statements.place_claims(session, dict.fromkeys(claim_ids, to_id), by_person=True, part=part)
    _request_centres(session, arguments)


def _request_centres(session: Session, arguments: Collection[int]) -> None:
    """Queue the recomputation of centres: only analysis workers have the memory for vectors of meaning."""
    for number in sorted(arguments):
        nudge(session, find_task("analysis.recentre_arguments"), number)


def _wrong_place() -> Refusal:
    return Refusal(
        _("You can move excerpts only between arguments on the same part of the draft."),
        field="to",
    )


def _is_same_place(one: Argument, other: Argument) -> bool:
    return (one.consultation_id, one.place) == (other.consultation_id, other.place)


def _record_act(
    session: Session,
    row: Argument,
    by: Account,
    deed: ArgumentActKind,
    *,
    other: Argument | None = None,
    claims: Sequence[int] = (),
    before: str | None = None,
    after: str | None = None,
    at: datetime | None = None,
) -> None:
    """Record a person's action on an argument, so that jobs do not regroup it."""
    session.add(
        ArgumentAct(
            argument_id=row.id,
            other_id=other.id if other else None,
            deed=deed,
            account_id=by.id,
            at=at or now(),
            claims=list(claims),
            before=before,
            after=after,
        )
    )
    row.kept = True
    row.revision += 1
    session.flush()
    _record_change(session, row.consultation_id, row.id, at)


def record_undo(session: Session, row: Argument, by: Account, act: ArgumentAct, *, at: datetime | None = None) -> None:
    """Record that an action on an argument was undone."""
    before, after = (act.after, act.before) if act.deed is ArgumentActKind.NAMED else (None, None)
    taken = ArgumentAct(
        argument_id=row.id,
        other_id=act.other_id,
        deed=ArgumentActKind.UNDONE,
        account_id=by.id,
        at=at or now(),
        claims=list(act.claims),
        before=before,
        after=after,
        undoes_id=act.id,
    )
    session.add(taken)
    row.revision += 1
    sizes.recount(session, row.consultation_id)
    _record_change(session, row.consultation_id, row.id, at)


def _record_change(session: Session, consultation_id: int, subject_id: int, at: datetime | None) -> None:
    """Record in the ledger that arguments changed, so that cached pages with them are rendered again."""
    ledger.record(session, Kind.ARGUMENTS_CHANGED, subject_id=subject_id, consultation_id=consultation_id, at=at)


def get_consultation(session: Session, row: Argument) -> Consultation:
    return session.get_one(Consultation, row.consultation_id)


def lock_arguments(session: Session, consultation_id: int) -> None:
    """Lock the arguments of a consultation until the transaction ends."""
    FOLLOWER.lock(session, consultation_id)
