"""Rules on who may decide on a public statement. Each package declares who has an interest in its statements."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.errors import Forbidden
from consult.core.i18n import _
from consult.decisions.conflicts import (
    ConflictKind,
    InterestConflict,
    PersonTies,
    Stakeholder,
    StakePart,
    find_conflicts,
)
from consult.decisions.ties import get_ties

DECIDED: dict[str, DecidedKind] = {}
"""All kinds of statements that are decided on, by name."""


class InterestedDecider(Forbidden):
    """The person has a conflict of interest, so another moderator must decide."""

    def __init__(self, why: str) -> None:
        super().__init__(_("Another moderator must decide on this. %(why)s", why=why))
        self.why = why


@dataclass(frozen=True)
class DecidedKind:
    """A kind of statement on which moderators decide.

    `load_parties` returns the people with a part in each statement, by ID, in a fixed number of queries. `conflicts`
    are the kinds of connection that count, by default all visible ones.
    """

    name: str
    load_parties: Callable[[Session, Collection[int]], Mapping[int, Sequence[Stakeholder]]]
    conflicts: frozenset[ConflictKind] = frozenset(ConflictKind)

    def __post_init__(self) -> None:
        DECIDED[self.name] = self

    def list_conflicts(self, parties: Iterable[Stakeholder], ties: PersonTies) -> list[InterestConflict]:
        """Return the conflicts that count for this kind of statement."""
        return find_conflicts(parties, ties, self.conflicts)


def explain_conflicts(session: Session, kind: DecidedKind, item_ids: Collection[int], by: Account) -> dict[int, str]:
    """Return the reasons why a person may not decide, by statement ID."""
    if not item_ids:
        return {}
    ties, parties = get_ties(session, by, kind.conflicts), kind.load_parties(session, item_ids)
    conflicts_by_item = {number: kind.list_conflicts(parties.get(number, ()), ties) for number in item_ids}
    return {number: _explain(conflicts) for number, conflicts in conflicts_by_item.items() if conflicts}


def check_uninvolved(session: Session, kind: DecidedKind, item_id: int, *people: Account | None) -> None:
    """Raise InterestedDecider if any of these people has a conflict of interest."""
    for person in people:
        if person is not None and (why := explain_conflicts(session, kind, [item_id], person).get(item_id)):
            raise InterestedDecider(why)


def _explain(conflicts: Collection[InterestConflict]) -> str:
    """Return the clearest reason as a sentence."""
    kinds = {it.kind for it in conflicts if it.part is StakePart.AUTHOR}
    if ConflictKind.PERSON in kinds:
        return _("You wrote this.")
    if ConflictKind.MAILBOX in kinds:
        return _("You and the author use the same e-mail address.")
    if ConflictKind.ORGANISATION in kinds:
        return _("You belong to the author’s organisation, or left it less than a year ago.")
    if any(it.kind is ConflictKind.BODY for it in conflicts):
        return _("You work for a public body that is involved, or left it less than a year ago.")
    if any(it.kind is ConflictKind.DECLARED for it in conflicts):
        return _("You declared a conflict of interest.")
    return _("You seem to have a conflict of interest here.")
