"""Versions of the moderation policy: the current one, earlier texts, and changes.

Version 1 comes with Consult and has no text of its own: the page shows the rules that the software enforces, in the
reader's language. An administrator adds text and sets the two periods. Published versions are neither changed nor
removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.web.access import Allow, require_allowed
from consult.decisions.model import PolicyVersion
from consult.documents.versions import diff
from consult.documents.versions.diff import DiffRun
from consult.ledger import service as ledger
from consult.ledger.model import Kind

MAX_APPEAL_DAYS = 365


@dataclass(frozen=True)
class ModerationPolicy:
    """A version of the policy. `at` is None for the one that comes with Consult."""

    number: int = 1
    texts: dict[str, str] = field(default_factory=dict)  # Markdown by language
    appeal_days: int = 30
    promise_days: int = 3
    change: str = ""
    at: datetime | None = None

    def text(self, language: str) -> tuple[str, str]:
        """Return its text and the text's language: the requested one, else the default, else any."""
        for code in (language, DEFAULT_LANGUAGE, *sorted(self.texts)):
            if self.texts.get(code):
                return self.texts[code], code
        return "", language


@dataclass(frozen=True)
class PolicyComparison:
    """A version compared with the previous one."""

    policy: ModerationPolicy
    before: ModerationPolicy
    words: Sequence[DiffRun]
    language: str


FIRST = ModerationPolicy()


class PolicyRefused(Refusal):
    """The input is not a valid version of the policy."""


def get_current(session: Session) -> ModerationPolicy:
    """Return the current version."""
    row = session.scalar(select(PolicyVersion).order_by(PolicyVersion.number.desc()).limit(1))
    return _to_policy(row) if row else FIRST


def current_number() -> ColumnElement[int]:
    """Return an SQL expression for the number of the current version."""
    return func.coalesce(select(func.max(PolicyVersion.number)).scalar_subquery(), FIRST.number)


def promised_days() -> ColumnElement[int]:
    """Return an SQL expression for the working days that the current version promises."""
    last = select(PolicyVersion.promise_days).order_by(PolicyVersion.number.desc()).limit(1)
    return func.coalesce(last.scalar_subquery(), FIRST.promise_days)


def get_version(session: Session, number: int) -> ModerationPolicy:
    """Return the version with this number. Raises NotFound."""
    row = session.get(PolicyVersion, number) if number > 1 else None
    if row is None and number != 1:
        raise NotFound(_("We cannot find this version of the moderation policy."))
    return _to_policy(row) if row else FIRST


def list_versions(session: Session) -> list[ModerationPolicy]:
    """Return all versions, current one first."""
    rows = session.scalars(select(PolicyVersion).order_by(PolicyVersion.number.desc()))
    return [*map(_to_policy, rows), FIRST]


def compare(session: Session, number: int, language: str) -> PolicyComparison:
    """Compare a version with the previous one, in one language. Raises NotFound."""
    policy = get_version(session, number)
    before = get_version(session, max(number - 1, 1))
    text, spoken = policy.text(language)
    return PolicyComparison(policy, before, diff.diff_words(before.texts.get(spoken, ""), text), spoken)


def publish(
    session: Session,
    *,
    by: Account,
    texts: dict[str, str],
    appeal_days: int,
    promise_days: int,
    change: str,
    after: int,
    at: datetime | None = None,
) -> ModerationPolicy:
    """Publish the next version, effective immediately. `after` is the version that was read when it was written.

    Raises Conflict if another version was published since, and PolicyRefused if nothing changed.
    """
    require_allowed(Allow.ADMIN, by.role)
    last, moment = get_current(session), at or now()
    if last.number != after:
        raise Conflict(_("Another version has been published since you began. Read it, then write yours."))
    kept = {code: text for code, text in texts.items() if text}
    if (kept, appeal_days, promise_days) == (last.texts, last.appeal_days, last.promise_days):
        raise PolicyRefused(_("Your text is the same as the current version."))
    days = {"appeal_days": appeal_days, "promise_days": promise_days}
    row = PolicyVersion(number=last.number + 1, texts=kept, change=change, account_id=by.id, at=moment, **days)
    session.add(row)
    session.flush()
    ledger.record(
        session,
        Kind.POLICY_CHANGED,
        subject_id=row.number,
        actor=pseudonym("account", by.id),
        at=moment,
        detail=days,
    )
    return _to_policy(row)


def _to_policy(row: PolicyVersion) -> ModerationPolicy:
    return ModerationPolicy(row.number, row.texts, row.appeal_days, row.promise_days, row.change, row.at)


def load_appeal_days(session: Session) -> dict[int, int]:
    """Return the appeal period in days of each version, by number. Uses one query."""
    rows = session.execute(select(PolicyVersion.number, PolicyVersion.appeal_days))
    return {FIRST.number: FIRST.appeal_days} | {row.number: row.appeal_days for row in rows}
