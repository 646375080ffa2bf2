"""Roles that people give to lines, which correct those that software found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis.model import LineChoice, TextGroup
from consult.analysis.text.kept_words import LineChoices, apply_choices, hash_line
from consult.analysis.text.line_roles import LineRole, read_lines
from consult.core.clock import now


def choose_role(
    session: Session, *, account: Account, consultation_id: int, text_hash: bytes, line: str, role: LineRole
) -> None:
    """Store the role that a person gives to a line, and mark the texts of the consultation to be read again.

    The role applies to the same line in all texts of the consultation. The last choice is used. Safe to repeat.
    """
    chosen = {"role": role, "chosen_by": account.id, "chosen_at": now()}
    where = {"consultation_id": consultation_id, "text_hash": text_hash, "line_hash": hash_line(line)}
    session.execute(
        insert(LineChoice).values(**where, **chosen).on_conflict_do_update(index_elements=list(where), set_=chosen)
    )
    session.execute(update(TextGroup).where(TextGroup.consultation_id == consultation_id).values(placed=0))


def load_choices(session: Session, consultation_id: int) -> LineChoices:
    """Return the roles that people gave to lines of a consultation. If a line has several, the last one is returned."""
    rows = session.execute(
        select(LineChoice.line_hash, LineChoice.role)
        .where(LineChoice.consultation_id == consultation_id)
        .order_by(LineChoice.chosen_at, LineChoice.text_hash)
    )
    return tuple(sorted({bytes(key): role for key, role in rows}.items()))


@dataclass(frozen=True)
class RoleOfLine:
    """A line of a text with its role. `chosen` is whether a person gave it the role."""

    text: str
    role: LineRole
    chosen: bool

    @property
    def key(self) -> str:
        """Return the hash of the line's words as hex digits."""
        return hash_line(self.text).hex()


def list_roles(session: Session, *, consultation_id: int, text_hash: bytes, words: str) -> list[RoleOfLine]:
    """Return the lines of a text and their roles: as the analysis stored them, or as the rules find them before it ran.

    `words` are the comments of a submission with this text, joined by line ends.
    """
    choices = load_choices(session, consultation_id)
    chosen = dict(choices)
    group = session.get(TextGroup, (consultation_id, text_hash))
    spans = group.set_aside if group is not None and group.placed else []
    stored = {words[start:end].strip(): LineRole(role) for start, end, role in spans}
    cuts = tuple(sorted(_list_cuts(words, spans)))
    lines = []
    for line in apply_choices(words, read_lines(words, cuts), choices):
        text = words[line.start : line.end]
        by_person = hash_line(text) in chosen
        lines.append(RoleOfLine(text, line.role if by_person else stored.get(text, line.role), by_person))
    return lines


def _list_cuts(words: str, spans: Sequence[tuple[int, int, str]]) -> Iterator[int]:
    """Yield the positions after a space where a stored line begins, and where the words after it begin."""
    for start, end, _role in spans:
        yield start
        yield end + len(words[end:]) - len(words[end:].lstrip())
