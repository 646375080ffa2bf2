"""Reasons of decisions: names and meanings, available choices, and how administrators add and retire them."""

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
from consult.decisions.model import Reason, ReasonCode

NAMES: dict[str, Any] = {
    Reason.PERSONAL_DETAILS: N_("Contact details"),
    Reason.THIRD_PERSON: N_("Identifies another person"),
    Reason.HATE: N_("Hate or threats"),
    Reason.OFF_TOPIC: N_("Not about this draft"),
    Reason.REPEATED: N_("Duplicate from the same author"),
    Reason.ILLEGAL: N_("Unlawful to publish"),
    Reason.UNCLEAR: N_("Cannot be understood"),
    Reason.NOT_THEIRS: N_("Not sent by the named author"),
}
REDACTION_REASONS = frozenset({Reason.PERSONAL_DETAILS, Reason.THIRD_PERSON, Reason.HATE, Reason.ILLEGAL})
"""Reasons that can apply to some words of a submission. The others apply to all of it."""
MEANINGS: dict[str, Any] = {
    Reason.PERSONAL_DETAILS: N_(
        "The text contains a phone number, a postal or e-mail address, or other details that could help to "
        "find someone."
    ),
    Reason.THIRD_PERSON: N_("The text describes a person who can be recognised and may not have agreed to this."),
    Reason.HATE: N_("The text threatens people, or denies their dignity because of who they are."),
    Reason.OFF_TOPIC: N_("The text is not about the draft, its questions or their subject."),
    Reason.REPEATED: N_("The same author has already sent the same text. The first copy counts."),
    Reason.ILLEGAL: N_("Publication would break a law that applies here, such as the law on libel."),
    Reason.UNCLEAR: N_("The moderator could not understand the submission."),
    Reason.NOT_THEIRS: N_("The person or organisation named as the author says that they did not send the submission."),
}


_IN_USE = (
    select(ReasonCode.code, ReasonCode.name)
    .where(ReasonCode.retired_at.is_(None))
    .order_by(ReasonCode.position, ReasonCode.code)
)


class ReasonRefused(Refusal):
    """The input is not a valid reason."""


def list_choices(session: Session) -> list[tuple[str, str]]:
    """Return code and name of each reason in use, in order."""
    return [(row.code, str(NAMES.get(row.code, row.name))) for row in session.execute(_IN_USE)]


def list_reasons(session: Session) -> Sequence[ReasonCode]:
    """Return all reasons, those in use first."""
    return session.scalars(
        select(ReasonCode).order_by(ReasonCode.retired_at.is_not(None), ReasonCode.position, ReasonCode.code)
    ).all()


def add(session: Session, *, name: str, meaning: str) -> ReasonCode:
    """Add a reason. Its permanent code is made from its name, because the ledger keeps it. Raises ReasonRefused."""
    code = "_".join(re.findall(r"[a-z0-9]+", name.casefold()))[:40]
    if not code:
        number = (session.scalar(select(func.count()).select_from(ReasonCode)) or 0) + 1
        code = f"reason_{number}"
    if session.get(ReasonCode, code) is not None:
        raise ReasonRefused(_("Another reason has this name. Use that reason again, or choose another name."))
    last = session.scalar(select(func.max(ReasonCode.position))) or 0
    row = ReasonCode(code=code, name=name, meaning=meaning, position=last + 1, retired_at=None)
    session.add(row)
    session.flush()
    return row


def change(session: Session, *, code: str, name: str, meaning: str) -> ReasonCode:
    """Change the text of an added reason. Raises ReasonRefused for built-in reasons, which are translated."""
    row = _get_reason(session, code)
    if code in NAMES:
        raise ReasonRefused(_("This reason is translated, so you cannot change its text. Retire it and add your own."))
    row.name, row.meaning = name, meaning
    return row


def retire(session: Session, *, code: str) -> ReasonCode:
    """Retire a reason. Past decisions keep it. Safe to repeat. Raises ReasonRefused for the last reason in use."""
    row = _get_reason(session, code)
    left = select(func.count()).where(ReasonCode.retired_at.is_(None), ReasonCode.code != code)
    if not session.scalar(left):
        raise ReasonRefused(_("Keep at least one reason in use."))
    row.retired_at = row.retired_at or now()
    return row


def reinstate(session: Session, *, code: str) -> ReasonCode:
    row = _get_reason(session, code)
    row.retired_at = None
    return row


@dataclass(frozen=True)
class ReasonNames:
    """Names and meanings of reasons by code, in the current language. `added` are those of administrators.

    Unknown codes are shown unchanged, because the ledger keeps them permanently.
    """

    added: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def name(self, code: str | None) -> str:
        """Return the name of a reason, or an empty string for None."""
        if code is None:
            return ""
        return str(NAMES[code]) if code in NAMES else self.added.get(code, (code, ""))[0]

    def meaning(self, code: str | None) -> str:
        if code is None:
            return ""
        return str(MEANINGS[code]) if code in MEANINGS else self.added.get(code, ("", ""))[1]


def load_names(session: Session, codes: Iterable[str | None]) -> ReasonNames:
    """Return the names of a page's reasons. Runs one query if a reason was added by an administrator, else none."""
    if all(code is None or code in NAMES for code in codes):
        return ReasonNames()
    rows = session.execute(select(ReasonCode.code, ReasonCode.name, ReasonCode.meaning))
    return ReasonNames({row.code: (row.name, row.meaning) for row in rows})


def _get_reason(session: Session, code: str) -> ReasonCode:
    row = session.get(ReasonCode, code)
    if row is None:
        raise NotFound(_("We cannot find this reason."))
    return row
