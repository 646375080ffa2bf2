"""Answers that are being written: one for each argument and writer, sealed, and shown to nobody else.

Two who write each have their own; two windows of one writer are told of each other by the mark of what they saw.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments.model import Argument
from consult.core.clock import now
from consult.core.crypto import seal, unseal
from consult.core.db import lock
from consult.core.errors import Conflict, Refusal
from consult.core.i18n import _
from consult.responses.model import ResponseDraft
from consult.submissions.writing import mark_of

_MOST = 20_000
"""Characters in all. Reasons that are too long to be published can be kept, to be shortened later."""
Fields = Mapping[str, Sequence[str]]
"""What stands in a form, by the names of its fields."""


class ChangedElsewhere(Conflict):
    """This writer has written something else meanwhile, in another window."""


@dataclass(frozen=True)
class Draft:
    """What was written so far. `stands` is the token of the published answer that the writer had beside it."""

    fields: Fields
    stands: str
    saved_at: datetime

    @property
    def mark(self) -> str:
        """What a form says it has seen."""
        return mark_of(json.dumps(self.fields, sort_keys=True))


def kept(session: Session, argument_id: int, account_id: int) -> Draft | None:
    """What somebody has written for an argument, else for one that became part of it. One statement."""
    row = session.scalar(
        select(ResponseDraft)
        .join(Argument, Argument.id == ResponseDraft.argument_id)
        .where(
            ResponseDraft.account_id == account_id,
            or_(Argument.id == argument_id, Argument.merged_into_id == argument_id),
        )
        .order_by(Argument.merged_into_id.nulls_first(), Argument.id)
        .limit(1)
        .execution_options(populate_existing=True)
    )
    if row is None:
        return None
    written = json.loads(unseal(row.sealed))
    return Draft(written["fields"], written["stands"], row.saved_at)


def keep(
    session: Session, *, argument: Argument, by: Account, fields: Fields, standing: Fields, stands: str, seen: str
) -> str:  # fmt: skip
    """Keeps what was written; gives its mark. What says no more than the `standing` answer does is no draft.

    Raises ChangedElsewhere, and Refusal for what is far too long.
    """
    if sum(len(value) for values in fields.values() for value in values) > _MOST:
        raise Refusal(_("The reasons are too long."), field="reasons")
    check(session, argument=argument, by=by, seen=seen, fields=fields)
    if _words(fields) == _words(standing):
        drop(session, argument=argument, by=by)
        return ""
    written = Draft(fields, stands, now())
    values = {"sealed": seal(json.dumps({"fields": fields, "stands": stands})), "saved_at": written.saved_at}
    row = insert(ResponseDraft).values(argument_id=argument.id, account_id=by.id, **values)
    session.execute(row.on_conflict_do_update(index_elements=["argument_id", "account_id"], set_=values))
    return written.mark


def check(session: Session, *, argument: Argument, by: Account, seen: str, fields: Fields) -> None:
    """Raises ChangedElsewhere where something else is kept than what the form has seen, or says."""
    lock(session, "response_draft", argument.id)
    there = kept(session, argument.id, by.id)
    if there is not None and there.mark != seen and _words(there.fields) != _words(fields):
        raise ChangedElsewhere(_("Your draft was changed elsewhere after you opened this page."))


def drop(session: Session, *, argument: Argument, by: Account) -> None:
    """Deletes what somebody has written for an argument, and for those that are part of it."""
    part_of = select(Argument.id).where(or_(Argument.id == argument.id, Argument.merged_into_id == argument.id))
    gone = delete(ResponseDraft).where(ResponseDraft.account_id == by.id, ResponseDraft.argument_id.in_(part_of))
    session.execute(gone, execution_options={"synchronize_session": False})


def leave(session: Session, *, account_id: int) -> None:
    """What an account that goes had not published goes with it."""
    session.execute(delete(ResponseDraft).where(ResponseDraft.account_id == account_id))


def _words(fields: Fields) -> dict[str, list[str]]:
    """Those that say something."""
    return {name: list(values) for name, values in fields.items() if any(values)}
