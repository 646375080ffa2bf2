"""The policy of moderation in its versions: the present one, what each said, and what is new in it.

Version 1 comes with Consult and has no words of its own: the page says, in every language, what the software holds
people to. An administrator adds words and sets the two promises; a version is never changed or taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.access import Allow, demand
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.documents import diff
from consult.documents.diff import Run
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.moderation.recourse import PolicyVersion

MOST_DAYS = 365


@dataclass(frozen=True)
class Policy:
    """One version. `at` is None for the one that comes with Consult."""

    number: int = 1
    texts: dict[str, str] = field(default_factory=dict)  # Markdown by language
    appeal_days: int = 30
    promise_days: int = 3
    change: str = ""
    at: datetime | None = None

    def text(self, language: str) -> tuple[str, str]:
        """Its own words and the language they are in: the one wished for, else English, else any."""
        for code in (language, "en", *sorted(self.texts)):
            if self.texts.get(code):
                return self.texts[code], code
        return "", language


@dataclass(frozen=True)
class Comparison:
    """A version beside the one before it."""

    policy: Policy
    before: Policy
    words: Sequence[Run]
    language: str


FIRST = Policy()


class PolicyRefused(Refusal):
    """This cannot be a version of the policy."""


def present(session: Session) -> Policy:
    """The version that holds now."""
    row = session.scalar(select(PolicyVersion).order_by(PolicyVersion.number.desc()).limit(1))
    return _policy(row) if row else FIRST


def number() -> ColumnElement[int]:
    """The number of the present version: a column for a statement about something else."""
    return func.coalesce(select(func.max(PolicyVersion.number)).scalar_subquery(), FIRST.number)


def promised() -> ColumnElement[int]:
    """The working days that the present version promises: a column for a statement about something else."""
    last = select(PolicyVersion.promise_days).order_by(PolicyVersion.number.desc()).limit(1)
    return func.coalesce(last.scalar_subquery(), FIRST.promise_days)


def numbered(session: Session, number: int) -> Policy:
    """The version with this number. Raises NotFound."""
    row = session.get(PolicyVersion, number) if number > 1 else None
    if row is None and number != 1:
        raise NotFound(_("There is no such version of the policy."))
    return _policy(row) if row else FIRST


def every(session: Session) -> list[Policy]:
    """All versions, the present one first."""
    rows = session.scalars(select(PolicyVersion).order_by(PolicyVersion.number.desc()))
    return [*map(_policy, rows), FIRST]


def compare(session: Session, number: int, language: str) -> Comparison:
    """What a version changed in the words of the one before, in one language. Raises NotFound."""
    policy = numbered(session, number)
    before = numbered(session, max(number - 1, 1))
    text, spoken = policy.text(language)
    return Comparison(policy, before, diff.words(before.texts.get(spoken, ""), text), spoken)


def publish(
    session: Session, *, by: Account, texts: dict[str, str], appeal_days: int, promise_days: int, change: str,
    after: int, at: datetime | None = None,
) -> Policy:  # fmt: skip
    """The next version, in force from now on. `after` is the version that was read when this was written.

    Raises Conflict where another came between, and PolicyRefused where nothing is different.
    """
    demand(Allow.ADMIN, by.role)
    last, moment = present(session), at or now()
    if last.number != after:
        raise Conflict(_("Another version was published since you began. Read it, then write yours."))
    kept = {code: text for code, text in texts.items() if text}
    if (kept, appeal_days, promise_days) == (last.texts, last.appeal_days, last.promise_days):
        raise PolicyRefused(_("Nothing is different from the present version."))
    row = PolicyVersion(
        number=last.number + 1, texts=kept, appeal_days=appeal_days, promise_days=promise_days, change=change,
        account_id=by.id, at=moment,
    )  # fmt: skip
    session.add(row)
    session.flush()
    ledger.record(
        session, Kind.POLICY_CHANGED, subject_id=row.number, actor=pseudonym("account", by.id), at=moment,
        detail={"appeal_days": appeal_days, "promise_days": promise_days},
    )  # fmt: skip
    return _policy(row)


def _policy(row: PolicyVersion) -> Policy:
    return Policy(row.number, row.texts, row.appeal_days, row.promise_days, row.change, row.at)
