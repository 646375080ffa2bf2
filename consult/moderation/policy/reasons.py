"""Reasons of decisions: names and meanings, which can be chosen, and how an administrator adds and retires them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import N_, _
from consult.moderation.model import Reason, ReasonCode

NAMES: dict[str, Any] = {
    Reason.PERSONAL_DETAILS: N_("Contact details"),
    Reason.THIRD_PERSON: N_("Identifies another person"),
    Reason.HATE: N_("Hate or threats"),
    Reason.OFF_TOPIC: N_("Not about this draft"),
    Reason.REPEATED: N_("Sent in before by the same author"),
    Reason.ILLEGAL: N_("Unlawful to publish"),
    Reason.UNCLEAR: N_("Cannot be understood"),
    Reason.NOT_THEIRS: N_("Not sent by whoever it names"),
}
REDACTION_REASONS = frozenset({Reason.PERSONAL_DETAILS, Reason.THIRD_PERSON, Reason.HATE, Reason.ILLEGAL})
"""Those that can be about some words of a submission: the others are about all of it."""
MEANINGS: dict[str, Any] = {
    Reason.PERSONAL_DETAILS: N_(
        "It holds a telephone number, an address or the like, with which somebody could be found."
    ),
    Reason.THIRD_PERSON: N_("It tells of a person who can be recognised and who may not have agreed."),
    Reason.HATE: N_("It threatens people, or denies them dignity for what they are."),
    Reason.OFF_TOPIC: N_("It says nothing on the draft, on its questions or on what they are about."),
    Reason.REPEATED: N_("The same author has sent the same words already. The first of them counts."),
    Reason.ILLEGAL: N_("To publish it would break a law that applies here, such as that on libel."),
    Reason.UNCLEAR: N_("The moderator could not find out what is meant."),
    Reason.NOT_THEIRS: N_("Whoever it speaks for has said that they did not send it."),
}


_IN_USE = (
    select(ReasonCode.code, ReasonCode.name)
    .where(ReasonCode.retired_at.is_(None))
    .order_by(ReasonCode.position, ReasonCode.code)
)


class ReasonRefused(Refusal):
    """This cannot be a reason."""


def list_choices(session: Session) -> list[tuple[str, str]]:
    """Code and name of each reason that can be given now, in order."""
    return [(row.code, str(NAMES.get(row.code, row.name))) for row in session.execute(_IN_USE)]


def list_reasons(session: Session) -> Sequence[ReasonCode]:
    """All reasons ever, those in use first."""
    return session.scalars(
        select(ReasonCode).order_by(ReasonCode.retired_at.is_not(None), ReasonCode.position, ReasonCode.code)
    ).all()


def add(session: Session, *, name: str, meaning: str) -> ReasonCode:
    """A new reason. Its code comes from its name and stays, for the ledger keeps it. Raises ReasonRefused."""
    code = "_".join(re.findall(r"[a-z0-9]+", name.casefold()))[:40]
    if not code:
        number = (session.scalar(select(func.count()).select_from(ReasonCode)) or 0) + 1
        code = f"reason_{number}"
    if session.get(ReasonCode, code) is not None:
        raise ReasonRefused(_("There is a reason with this name already. Use it again, or choose another name."))
    last = session.scalar(select(func.max(ReasonCode.position))) or 0
    row = ReasonCode(code=code, name=name, meaning=meaning, position=last + 1, retired_at=None)
    session.add(row)
    session.flush()
    return row


def change(session: Session, *, code: str, name: str, meaning: str) -> ReasonCode:
    """Other words for a reason of one's own. Those from the start are translated, and stay as they are."""
    row = _get_reason(session, code)
    if code in NAMES:
        raise ReasonRefused(_("This reason is translated, so its words cannot be changed. Retire it and add your own."))
    row.name, row.meaning = name, meaning
    return row


def retire(session: Session, *, code: str) -> ReasonCode:
    """No longer to be chosen; decisions that were made with it keep it. May be repeated. One reason always stays."""
    row = _get_reason(session, code)
    left = select(func.count()).where(ReasonCode.retired_at.is_(None), ReasonCode.code != code)
    if not session.scalar(left):
        raise ReasonRefused(_("At least one reason is needed."))
    row.retired_at = row.retired_at or now()
    return row


def reinstate(session: Session, *, code: str) -> ReasonCode:
    row = _get_reason(session, code)
    row.retired_at = None
    return row


@dataclass(frozen=True)
class ReasonNames:
    """Names and meanings of reasons by their codes, in the current language; `added` are administrators' own.

    A code that nobody knows is shown as it is: the ledger keeps it for good.
    """

    added: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def name(self, code: str | None) -> str:
        """Empty where there is none."""
        if code is None:
            return ""
        return str(NAMES[code]) if code in NAMES else self.added.get(code, (code, ""))[0]

    def meaning(self, code: str | None) -> str:
        if code is None:
            return ""
        return str(MEANINGS[code]) if code in MEANINGS else self.added.get(code, ("", ""))[1]


def load_names(session: Session, codes: Iterable[str | None]) -> ReasonNames:
    """The names of a page's reasons. One statement if one of them was added later, else none."""
    if all(code is None or code in NAMES for code in codes):
        return ReasonNames()
    rows = session.execute(select(ReasonCode.code, ReasonCode.name, ReasonCode.meaning))
    return ReasonNames({row.code: (row.name, row.meaning) for row in rows})


def _get_reason(session: Session, code: str) -> ReasonCode:
    row = session.get(ReasonCode, code)
    if row is None:
        raise NotFound(_("There is no such reason."))
    return row
